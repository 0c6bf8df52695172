"""How a halo's stones, where their seats were found, stand to the center stone: beside it or inside it from above, how
far below its girdle, and how near to its pavilion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode
from ringcad.resolved import FancyStone, Halo, HeadedRing, HiddenHalo
from ringcad.stones.hoops import distance_to_path
from ringcad.verify.setting.fancy_body import FancyBody
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame, stone_profile
from ringcad.verify.setting.ruled import SEAT_UNCERTAINTY_MM, SEATS, SettingRule
from ringcad.verify.setting.spacing import distance_to_stone

Array = NDArray[Any]

OVER_CENTER_SOURCE = "the row's stones go in from above: catalogue gaps 0 to 0.45 mm from above"
PLACE_SOURCE = "its numbers, plus twice the chord of the mesh"
PLACE_MAX_MM = 0.02
HIDDEN_SOURCE = "sold hidden halos never show from above (25 rings: 0.92 of the center's length)"
CULET_MIN_MM = 0.10
CULET_SOURCE = "as the rail's clearance of the pavilion"
_AROUND = 72
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


def hidden_rules(
    placed: Mapping[str, tuple[SeatFrame, StoneProfile]], halo: HiddenHalo, ring: HeadedRing
) -> Iterator[SettingRule]:
    """That the row does not show from above, how far below the center's girdle it lies, and its culets' room."""
    found = [(name, *placed[name]) for name in (seat.id for seat in halo.row.seats) if name in placed]
    if not found:
        return
    origins = np.array([frame.origin for _, frame, _ in found])
    drops = ring.head.girdle_z_mm - origins[:, 2]
    shows = np.array([_from_center(ring, _rims(frame, stone)[:, :2]).max() for _, frame, stone in found])
    culets = np.array([frame.origin - stone.pavilion_depth_mm * frame.axis for _, frame, stone in found])
    rooms = _off_center(ring, culets)
    farthest, outmost, nearest = (
        int(np.argmax(np.abs(drops - halo.drop_mm))),
        int(np.argmax(shows)),
        int(np.argmin(rooms)),
    )
    drop, shown, room = float(drops[farthest]), float(shows[outmost]), float(rooms[nearest])

    def rule(
        code: FindingCode, what: str, value: float, at: int, source: str, message: str, low: float | None,
        high: float | None,
    ) -> SettingRule:  # fmt: skip
        x, y, z = origins[at].tolist()
        return SettingRule(
            code, f"hidden halo: {what}", what, "as_cast", value, "mm", (x, y, z), SEATS, SEAT_UNCERTAINTY_MM, source,
            f"{found[at][0]} {message}", "halo", low=low, high=high,
        )  # fmt: skip

    yield rule(
        FindingCode.STONE_SPACING, "beyond the center's girdle from above", shown, outmost, HIDDEN_SOURCE,
        f"will stand {shown:+.3f} mm beyond the center's girdle, as seen from above", None, SEAT_UNCERTAINTY_MM,
    )  # fmt: skip
    yield rule(
        FindingCode.SEAT_POSITION, "axis below the center's girdle", drop, farthest, PLACE_SOURCE,
        f"will lie {drop:.3f} mm below the center's girdle, declared {halo.drop_mm:.3f}", halo.drop_mm - PLACE_MAX_MM,
        halo.drop_mm + PLACE_MAX_MM,
    )  # fmt: skip
    yield rule(
        FindingCode.STONE_SPACING, "culet to the center stone", room, nearest, CULET_SOURCE,
        f"will have its culet {room:.3f} mm from the center stone", CULET_MIN_MM - SEAT_UNCERTAINTY_MM, None,
    )  # fmt: skip


def _rims(frame: SeatFrame, stone: StoneProfile) -> Array:
    """Points of a stone's girdle and table, (k, 3)."""
    around = frame.directions(2.0 * np.pi * np.arange(_AROUND) / _AROUND)
    rims = ((stone.girdle_mm, stone.radius_mm), (stone.table_mm, stone.table_radius_mm))
    return np.concatenate([frame.origin + height * frame.axis + radius * around for height, radius in rims])


def _off_center(ring: HeadedRing, points: Array) -> Array:
    """(k,) distance of points (k, 3) from the center stone, mm, or less; negative inside."""
    local = points - np.array([0.0, 0.0, ring.head.girdle_z_mm])
    if isinstance(ring.stone, FancyStone):
        body = FancyBody(ring.stone)
        local[:, 0] = body.own_side(local[:, 0])
        return np.asarray((local @ body.solid.normals.T - body.solid.offsets).max(axis=1))
    upright = seat_frame(np.zeros(3), np.array([0.0, 0.0, 1.0]))
    return distance_to_stone(upright, stone_profile(ring.stone), local)


def _from_center(ring: HeadedRing, points: Array) -> Array:
    """(k,) distance of points (k, 2) from the center stone's girdle, from above."""
    if not isinstance(ring.stone, FancyStone):
        return np.asarray(np.hypot(points[:, 0], points[:, 1]) - 0.5 * ring.stone.diameter_mm)
    return np.asarray(distance_to_path(points, FancyBody(ring.stone).outline.points(_CHORD_MM)))
