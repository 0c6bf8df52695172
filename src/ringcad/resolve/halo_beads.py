"""Beads of a halo: a pair in each gap between neighbours, and where a prong parts them one on either side of it.

A bead's axis lies the stone's and the bead's radius, less the overlap, from the axis of each stone that it holds.
Where a prong stands in the gap each neighbour has beads of its own: outside one that keeps clear of the prong, inside
one that leans on it or keeps clear. Numbers only; all as seen from above, mm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.bead_row import BeadSizes
from ringcad.resolve.bead_sizes import bead_sizes
from ringcad.resolve.ledger import rule
from ringcad.resolved import FoundryLimits, RoundStone

Array = NDArray[np.float64]
Circle = tuple[float, float, float]

#: Angles off the row at which a bead beside a prong is tried, the usual one of a pair first, degrees.
ANGLES_DEG = tuple(sorted(range(12, 79, 2), key=lambda angle: abs(angle - 30)))
#: How deep a bead stands in the prong that it leans on, at least, mm.
LEANS_MM = 0.10


@dataclass(frozen=True)
class BeadPlan:
    """Stones and beads of a row, the least gap between beads, and their reach outside the row, from above, mm."""

    sizes: BeadSizes
    gap: float
    reach: float

    @property
    def bead_radius(self) -> float:
        """Of the beads."""
        return self.sizes.bead_radius

    @property
    def away(self) -> float:
        """From a stone's axis to those of its beads."""
        return self.sizes.girdle_radius + self.sizes.bead_radius - self.sizes.overlap


@dataclass(frozen=True)
class BeadPlace:
    """A bead's axis from above and the numbers of the stones that it holds."""

    point: tuple[float, float]
    holds: tuple[int, ...]


def bead_plan(
    unit: RoundStone, diameter_mm: float, pitch_mm: float, gap_mm: float, reach_mm: float, limits: FoundryLimits
) -> BeadPlan:
    """What beads of stones of a diameter measure, the widest ``pitch_mm`` apart; ``unit`` has their proportions.

    They stand over the girdles by the rule's overlap, or by less where a pair would leave a slit too thin to cast, but
    no less than its least.
    """
    grown = diameter_mm / unit.diameter_mm
    stone = unit.model_copy(
        update={
            "diameter_mm": diameter_mm,
            "girdle_mm": grown * unit.girdle_mm,
            "crown_height_mm": grown * unit.crown_height_mm,
        }
    )
    sizes = bead_sizes(stone, pitch_mm - diameter_mm, limits, gap_mm)
    least = min(rule("bead_overlap_min"), rule("bead_overlap_share")) * diameter_mm
    return BeadPlan(replace(sizes, overlap=max(sizes.overlap, least)), gap_mm, reach_mm)


def place_beads(
    places: Sequence[tuple[Array, Array]], widest_mm: float, prongs: Sequence[Circle], plan: BeadPlan
) -> list[BeadPlace] | None:
    """Beads of a closed row of (point, way out); ``None`` where one finds no place.

    Neighbours no farther apart than ``widest_mm`` share a pair. The inner bead of each gap comes first.
    """
    if plan.away < 0.5 * widest_mm:
        return None  # beads in so wide a gap reach neither stone
    count = len(places)
    found: list[BeadPlace] = []
    for one in range(count):
        two = (one + 1) % count
        (a, out_a), (b, out_b) = places[one], places[two]
        way = b - a
        pitch = float(np.hypot(*way))
        if pitch <= widest_mm:
            out = np.array([way[1], -way[0]]) / pitch
            out *= math.copysign(1.0, float(out @ (out_a + out_b)))
            aside = math.sqrt(max(plan.away**2 - 0.25 * pitch**2, 0.0))
            for sign in (-1.0, 1.0):
                x, y = (0.5 * (a + b) + sign * aside * out).tolist()
                found.append(BeadPlace((x, y), (one, two)))
            continue
        pair = _beside_prong(a, out_a, b, out_b, prongs, plan)
        if pair is None:
            return None
        found += [BeadPlace(point, ((one, two)[side],)) for point, side in pair]
    return found


def _beside_prong(
    a: Array, out_a: Array, b: Array, out_b: Array, prongs: Sequence[Circle], plan: BeadPlan
) -> list[tuple[tuple[float, float], int]] | None:
    """Two beads of each of two stones that a prong parts: (point, which of the two)."""
    # from each stone towards the other along the row
    ahead = [np.array([-out[1], out[0]]) for out in (out_a, out_b)]
    ahead = [way * math.copysign(1.0, float(way @ to)) for way, to in zip(ahead, (b - a, a - b), strict=True)]
    found: list[tuple[tuple[float, float], int]] = []
    for sign in (-1.0, 1.0):
        for angle in ANGLES_DEG:
            turn = math.radians(angle)
            points = [
                stone + plan.away * (math.cos(turn) * way + sign * math.sin(turn) * out)
                for stone, way, out in ((a, ahead[0], out_a), (b, ahead[1], out_b))
            ]
            others = [np.array(point) for point, _ in found]
            if _stand(points, angle, sign, others, prongs, plan):
                found += [((float(point[0]), float(point[1])), side) for side, point in enumerate(points)]
                break
        else:
            return None
    return found


def _stand(
    points: list[Array], angle_deg: float, sign: float, others: list[Array], prongs: Sequence[Circle], plan: BeadPlan
) -> bool:
    """Whether two beads stand clear of each other and of others, and each clear of the prongs or leaning on one."""
    if sign > 0.0 and plan.away * math.sin(math.radians(angle_deg)) + plan.bead_radius > plan.reach + 1e-9:
        return False
    apart = 2.0 * plan.bead_radius + plan.gap
    if float(np.hypot(*(points[1] - points[0]))) < apart:
        return False
    for point in points:
        if any(float(np.hypot(*(point - other))) < apart for other in others):
            return False
        free = min(math.hypot(point[0] - x, point[1] - y) - radius for x, y, radius in prongs) - plan.bead_radius
        leans = sign < 0.0 and free <= -LEANS_MM
        if not leans and free < plan.gap:
            return False
    return True
