"""Double prongs: the clear gap between the two prongs of each pair, below the girdle and where they are bent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode
from ringcad.resolved import HeadedRing, ProngStand
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.ruled import SCAN, SEAT_UNCERTAINTY_MM, Place, SettingRule

Array = NDArray[np.float64]

HEIGHT_STEP_MM = 0.05
ACROSS_SHARES = np.linspace(-0.1, 0.3, 5)
"""Where rays run outside the line between two axes, as shares of the prong's diameter: prongs are nearest there."""
BESIDE_RAIL_MM = 0.05
"""Between a pair the seat rail runs on: nearer to its height no gap is looked for."""
UNDER_TIP_MM = 0.1
"""Rays end this far under the tips."""
FAR_MM = 3.0
"""A prong that rays do not meet this near is not there."""


@dataclass(frozen=True)
class PairMeasure:
    """The gap between two prongs of a pair, mm: the least of the straight part, and of what is bent over the stone."""

    place_mm: Place
    azimuth_deg: float
    straight_mm: float
    bent_mm: float


def measure_pairs(caster: RayCaster, ring: HeadedRing) -> tuple[PairMeasure, ...]:
    """Rays from between the prongs of every pair to both of them, from the base rail's top up to the tips."""
    head = ring.head
    if head.pair is None:
        return ()
    low = next(rail.top_z_mm for rail in ring.gallery.rails if rail.name == "base_rail") + 0.05
    height = np.arange(low, head.prong_tip_z_mm - UNDER_TIP_MM, HEIGHT_STEP_MM)
    seat = next(rail for rail in ring.gallery.rails if rail.name == "seat_rail")
    height = height[(height < seat.bottom_z_mm - BESIDE_RAIL_MM) | (height > seat.top_z_mm + BESIDE_RAIL_MM)]
    stands = head.stands
    return tuple(
        _measured(caster, ring, one, other, height) for one, other in zip(stands[::2], stands[1::2], strict=True)
    )


def _measured(caster: RayCaster, ring: HeadedRing, one: ProngStand, other: ProngStand, height: Array) -> PairMeasure:
    head = ring.head
    turn = math.radians(one.azimuth_deg)
    out, aside = np.array([math.cos(turn), math.sin(turn), 0.0]), np.array([-math.sin(turn), math.cos(turn), 0.0])
    middle = np.array([0.5 * (one.x_mm + other.x_mm), 0.5 * (one.y_mm + other.y_mm), 0.0])
    lean = math.tan(math.radians(head.prong_lean_deg))
    along = head.prong_axis_radius_girdle_mm + lean * (height - head.girdle_z_mm)
    across = ACROSS_SHARES * head.prong_diameter_girdle_mm
    starts = middle + (along[:, None] + across)[..., None] * out + height[:, None, None] * np.array([0.0, 0.0, 1.0])
    flat = starts.reshape(-1, 3)
    gap = np.zeros(len(flat))
    for way in (aside, -aside):
        distance, face = caster.first_hit(flat, np.broadcast_to(way, flat.shape))
        met = face >= 0
        leaving = np.zeros(len(flat), dtype=bool)
        leaving[met] = caster.mesh.normals[face[met]] @ way > 0.0
        gap += np.where(leaving, 0.0, np.where(met, distance, FAR_MM))
    least = gap.reshape(len(height), -1).min(axis=1)
    bent = height > head.girdle_z_mm + ring.stone.girdle_mm
    place = middle + head.prong_axis_radius_girdle_mm * out
    return PairMeasure(
        (float(place[0]), float(place[1]), head.girdle_z_mm),
        one.azimuth_deg,
        float(least[~bent].min(initial=FAR_MM)),
        float(least[bent].min(initial=FAR_MM)),
    )


def pair_rules(found: tuple[PairMeasure, ...], ring: HeadedRing) -> Iterator[SettingRule]:
    """Both gaps of every pair: the straight part as cast, and once the prongs are bent side by side over the crown."""
    least = ring.foundry.gap_min_mm
    for number, pair in enumerate(found, start=1):
        name = f"center pair {number}"
        where = f"the pair of prongs at {pair.azimuth_deg:.0f} degrees"
        yield SettingRule(
            FindingCode.GAP_WIDTH, f"{name}: gap", "gap between two prongs", "as_cast", pair.straight_mm, "mm",
            pair.place_mm, SCAN, SEAT_UNCERTAINTY_MM, limits.PAIR_SOURCE,
            f"{where} has a gap of {pair.straight_mm:.2f} mm below its girdle", "head.pair_gap_mm", low=least,
        )  # fmt: skip
        yield SettingRule(
            FindingCode.GAP_WIDTH, f"{name}: gap over the crown", "gap between two bent prongs", "as_set",
            pair.bent_mm, "mm", pair.place_mm, SCAN, SEAT_UNCERTAINTY_MM, limits.PAIR_SOURCE,
            f"{where} has a gap of {pair.bent_mm:.2f} mm over the girdle, which it keeps as its prongs are bent side "
            "by side", "head.pair_gap_mm", low=least, before=pair.bent_mm,
        )  # fmt: skip
