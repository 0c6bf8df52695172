"""How a halo's stones, where their seats were found, stand to the center stone: beside it from above, and below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode
from ringcad.resolved import FancyStone, Halo, HeadedRing
from ringcad.stones.hoops import distance_to_path
from ringcad.verify.setting.fancy_body import FancyBody
from ringcad.verify.setting.frames import SeatFrame, StoneProfile
from ringcad.verify.setting.ruled import SEAT_UNCERTAINTY_MM, SEATS, SettingRule

Array = NDArray[Any]

OVER_CENTER_SOURCE = "the row's stones go in from above: catalogue gaps 0 to 0.45 mm from above"
PLACE_SOURCE = "its numbers, plus twice the chord of the mesh"
PLACE_MAX_MM = 0.02
_CHORD_MM = 0.002


def halo_rules(
    placed: Mapping[str, tuple[SeatFrame, StoneProfile]], halo: Halo, ring: HeadedRing
) -> Iterator[SettingRule]:
    """The row's least gap to the center stone from above, and how far below its girdle the row lies."""
    found = [(name, *placed[name]) for name in (seat.id for seat in halo.row.seats) if name in placed]
    if not found:
        return
    axes = np.array([frame.origin for _, frame, _ in found])
    gaps = _from_center(ring, axes[:, :2]) - np.array([stone.radius_mm for _, _, stone in found])
    drops = ring.head.girdle_z_mm - axes[:, 2]
    off = np.abs(drops - halo.drop_mm)
    nearest, farthest = int(np.argmin(gaps)), int(np.argmax(off))
    gap, drop = float(gaps[nearest]), float(drops[farthest])
    x, y, z = axes[nearest].tolist()
    yield SettingRule(
        FindingCode.STONE_SPACING, "halo: beside the center stone", "gap to the center stone from above", "as_cast",
        gap, "mm", (x, y, z), SEATS, SEAT_UNCERTAINTY_MM, OVER_CENTER_SOURCE,
        f"{found[nearest][0]} will lie {gap:.3f} mm from the center stone from above, declared "
        f"{halo.center_gap_mm:.3f}", "halo",
        low=max(halo.center_gap_mm - 2.0 * PLACE_MAX_MM, -SEAT_UNCERTAINTY_MM),
        high=halo.center_gap_mm + 2.0 * PLACE_MAX_MM,
    )  # fmt: skip
    x, y, z = axes[farthest].tolist()
    yield SettingRule(
        FindingCode.SEAT_POSITION, "halo: below the center stone", "girdle below the center's", "as_cast", drop, "mm",
        (x, y, z), SEATS, SEAT_UNCERTAINTY_MM, PLACE_SOURCE,
        f"{found[farthest][0]} will lie {drop:.3f} mm below the center's girdle, declared {halo.drop_mm:.3f}", "halo",
        low=halo.drop_mm - PLACE_MAX_MM, high=halo.drop_mm + PLACE_MAX_MM,
    )  # fmt: skip


def _from_center(ring: HeadedRing, points: Array) -> Array:
    """(k,) distance of points (k, 2) from the center stone's girdle, from above."""
    if not isinstance(ring.stone, FancyStone):
        return np.asarray(np.hypot(points[:, 0], points[:, 1]) - 0.5 * ring.stone.diameter_mm)
    return np.asarray(distance_to_path(points, FancyBody(ring.stone).outline.points(_CHORD_MM)))
