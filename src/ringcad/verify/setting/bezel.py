"""A stone in a bezel: the drilled seat, and the wall round it whose lip is laid over the girdle."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode
from ringcad.resolved import BezelRing
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.cabochon import dome_lip_rules, measure_cabochon
from ringcad.verify.setting.flush import FlushSetting, measure_flush
from ringcad.verify.setting.frames import DomeProfile, StoneProfile
from ringcad.verify.setting.ruled import (
    FIT,
    SCAN,
    SEAT_UNCERTAINTY_MM,
    SHARE_UNCERTAINTY,
    SettingRule,
)
from ringcad.verify.setting.seat_rules import (
    angle_rule,
    as_cast_rule,
    culet_rule,
    drilled_rules,
    finished_wall_rule,
    lip_rules,
    missing_seat_rule,
    move_rules,
    play_rule,
    room_rules,
)

Array = NDArray[Any]

FIELD = "bezel"


class WallMeasures(Protocol):
    """Wall and lip as measured, by place round the stone."""

    @property
    def walls_mm(self) -> Array: ...
    @property
    def lip_walls_mm(self) -> Array: ...
    @property
    def standing_mm(self) -> Array: ...


_END_DEG = 4.0
"""Beside an open side the wall ends aslant: this much of it is left out of what is measured."""


def wall_azimuths(ring: BezelRing, azimuth_rad: Array) -> Array:
    """(k,) whether a bezel has its wall at azimuths about the head's axis: all but the sides of a half one."""
    if not ring.bezel.open_deg:
        return np.ones(len(azimuth_rad), dtype=bool)
    half = math.radians(0.5 * ring.bezel.open_deg + _END_DEG)
    return np.asarray(np.abs(np.cos(azimuth_rad)) > math.sin(half))


def measure_bezel(caster: RayCaster, ring: BezelRing, stone: StoneProfile) -> FlushSetting | None:
    """The seat and the wall of the center stone; ``None`` where no opening lies on the head's axis."""
    if isinstance(stone, DomeProfile):
        return measure_cabochon(caster, stone, ring.bezel.ledge_mm, lambda azimuth: wall_azimuths(ring, azimuth))
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    return measure_flush(
        caster,
        np.zeros(3),
        np.array([0.0, 0.0, 1.0]),
        stone,
        wall_at=lambda azimuth: wall_azimuths(ring, azimuth),
        bearing_at_mm=-0.5 * ring.bezel.ledge_mm * slope,
        folded=True,
    )


def bezel_rules(found: FlushSetting | None, stone: StoneProfile, ring: BezelRing) -> Iterator[SettingRule]:
    """Every rule of a stone in a bezel; a seat that is missing is told alone."""
    girdle = (0.0, 0.0, ring.bezel.girdle_z_mm)
    if found is None or found.opening is None or found.bearing is None or not found.lips:
        part = "opening" if found is None else "bearing" if found.bearing is None else "lip"
        yield missing_seat_rule("center", girdle, FIELD, f"no {part} was found for the center stone")
        return
    under = "base" if isinstance(stone, DomeProfile) else "pavilion"
    yield angle_rule(found.bearing.flank_deg, stone, "center", girdle, "the seat of the center stone", FIELD, under)
    yield from _seat(found, stone, ring)
    yield from wall_rules(found, ring)
    culet = float(found.frame.origin[2]) - stone.pavilion_depth_mm
    yield culet_rule(
        culet - ring.bore_radius_mm, "center", (0.0, 0.0, culet), ring, FIELD, "base" if under == "base" else "culet"
    )
    if isinstance(stone, DomeProfile):
        yield from dome_lip_rules(found, girdle, stone.girdle_mm, stone.table_mm)
    else:
        highest = max(found.lips, key=lambda one: one.height_share)
        standing = float(found.standing_mm.max()) / stone.crown_height_mm
        yield from lip_rules(
            found.least_lip, highest, "center", "lip", "lip's top", girdle, "bezel.lip_height_mm", before=0.0,
            standing=standing,
        )  # fmt: skip
    yield from move_rules(
        found.cast, found.closed, "center", girdle, FIELD, limits.lip_retention_min_mm(2.0 * stone.radius_mm),
        limits.RETENTION_SOURCE,
    )  # fmt: skip


def _seat(found: FlushSetting, stone: StoneProfile, ring: BezelRing) -> Iterator[SettingRule]:
    assert found.opening is not None and found.bearing is not None
    girdle = (0.0, 0.0, ring.bezel.girdle_z_mm)

    rule = as_cast_rule("center", girdle, FIELD, FIT)
    yield play_rule(rule, -found.cut_in_mm, ring.bezel.girdle_clearance_mm)
    wide = stone.radius_mm + ring.bezel.girdle_clearance_mm
    widest = max(found.opening_high_mm - wide, wide - found.opening_low_mm)
    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "opening all round, farthest from ordered", widest, "mm",
        f"the opening is {widest:.3f} mm off its circle at one place", limits.INTERFERENCE_SOURCE,
        high=limits.ALL_ROUND_MAX_MM, method=SCAN,
    )  # fmt: skip
    share, under = 1.0 - ring.bezel.open_deg / 180.0, "base" if isinstance(stone, DomeProfile) else "pavilion"
    yield rule(
        FindingCode.SEAT_BEARING, "bearing under the girdle", found.contact_share, "%",
        f"the {under} bears on {100 * found.contact_share:.0f} % of its circle, the wall takes {100 * share:.0f} %",
        limits.BEARING_SHARE_SOURCE, low=limits.BEARING_SHARE_MIN * share, method=SCAN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    yield from drilled_rules(rule, found, girdle, "the center stone")
    yield from room_rules(rule, found, stone, "the center stone", "")


def wall_rules(found: WallMeasures, ring: BezelRing) -> Iterator[SettingRule]:
    """Wall and lip as cast against what was ordered."""
    bezel = ring.bezel
    girdle = (0.0, 0.0, bezel.girdle_z_mm)
    for what, values, ordered, field in (
        ("wall beside the girdle", found.walls_mm, bezel.wall_thickness_mm, "bezel.wall_thickness_mm"),
        ("lip's thickness half way up", found.lip_walls_mm, bezel.lip_thickness_mm, "bezel.wall_thickness_mm"),
        ("lip above the girdle", found.standing_mm, bezel.lip_height_mm, "bezel.lip_height_mm"),
    ):
        least = float(values.min())
        yield SettingRule(
            FindingCode.BEZEL_LIP, f"center: {what}", f"{what}, where least", "as_cast", least, "mm", girdle, SCAN,
            SEAT_UNCERTAINTY_MM, limits.LIP_SIZE_SOURCE, f"the {what} is {least:.3f} mm, ordered {ordered:.3f}", field,
            low=(1.0 - limits.LIP_UNDERSIZE_MAX) * ordered - SEAT_UNCERTAINTY_MM,
        )  # fmt: skip
    yield finished_wall_rule(
        float(found.walls_mm.min()), ring.foundry.polish_allowance_mm, girdle, "bezel.wall_thickness_mm"
    )
