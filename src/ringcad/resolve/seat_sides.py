"""A flush seat in a shank's section, from numbers: how deep its table lies, and the metal left beside it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import LimbStations, section_outlines
from ringcad.fit.skin import ZONE_MAX_TILT_DEG
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolved import FoundryLimits, RoundStone, Shank

Array = NDArray[np.float64]

#: Metal that setters want beside a flush seat, and the chord of the mesh on which it is measured, mm.
SIDE_MIN_MM = 0.5 + 0.01
#: Levels at which it is measured, as shares of the depth of the girdle's lower edge (`verify/sites.py`).
LEVELS = (0.35, 0.65, 0.95)
#: Flatter skin than this beside a seat is the band's face, no side of it: degrees from level.
STEEP_DEG = 28.0
#: A rim that falls away by no more than this at its middle leaves the table level enough, mm.
_LEVEL_MM = 0.03
#: Half of the rim's circle lies within this share of its radius from mid-width.
_MEDIAN = math.sqrt(0.5)

#: Kept beyond the wall under a seat: chord error of bore and seat, and the comfort bore.
_WALL_MARGIN_MM = 0.05
#: Smaller stones are not flush set in a row.
_SMALLEST_STONE_MM = 0.8


def table_depth_mm(shank: Shank, stone: RoundStone, width_mm: float, height_mm: float) -> float:
    """How deep below the crest a flush stone's table lies: the rule's depth, and what its rim falls away on a ridge."""
    y, fall, _ = _half_section(shank, width_mm, height_mm)
    falls = float(np.interp(_MEDIAN * 0.5 * rule("flush_opening_share") * stone.diameter_mm, y, fall))
    return rule("flush_table_depth") + max(falls - _LEVEL_MM, 0.0)


def beside_mm(shank: Shank, stone: RoundStone, width_mm: float, height_mm: float) -> float:
    """Least metal between the opening of a seat at mid-width and the side of a shank of this width and height.

    Infinite where the skin falls to the side so flatly that no level of the seat meets one.
    """
    y, fall, angle = _half_section(shank, width_mm, height_mm)
    opening = 0.5 * rule("flush_opening_share") * stone.diameter_mm
    rim = float(np.interp(_MEDIAN * (opening + 0.5 * rule("flush_rim")), y, fall))
    depth = table_depth_mm(shank, stone, width_mm, height_mm) + stone.crown_height_mm + stone.girdle_mm
    found = math.inf
    for share in LEVELS:
        level = rim + share * depth
        if level >= fall[-1]:
            found = min(found, 0.5 * width_mm - opening)
        elif math.degrees(float(np.interp(level, fall, angle))) >= STEEP_DEG:
            found = min(found, float(np.interp(level, fall, y)) - opening)
    return found


def fall_mm(shank: Shank, across_mm: float, width_mm: float, height_mm: float) -> float:
    """How far the skin lies below the crest at a distance from mid-width."""
    y, fall, _ = _half_section(shank, width_mm, height_mm)
    return float(np.interp(across_mm, y, fall))


def half_width_mm(shank: Shank, depth_mm: float, width_mm: float, height_mm: float) -> float:
    """Half of the shank's width at a depth below the crest."""
    y, fall, _ = _half_section(shank, width_mm, height_mm)
    return 0.5 * width_mm if depth_mm >= fall[-1] else float(np.interp(depth_mm, fall, y))


def border_width_mm(shank: Shank, inner_mm: float, margin_mm: float, width_mm: float, height_mm: float) -> float:
    """Arc length of the skin from a distance off mid-width to where the edge is too steep for relief, less a margin."""
    y, fall, angle = _half_section(shank, width_mm, height_mm)
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(y), np.diff(fall)))])
    outer = float(np.interp(math.radians(ZONE_MAX_TILT_DEG), angle, arc))
    return outer - margin_mm - float(np.interp(inner_mm, y, arc))


def _half_section(shank: Shank, width_mm: float, height_mm: float) -> tuple[Array, Array, Array]:
    """Half of the skin's section from mid-width to the side: y and fall, mm, and the normal's angle, radians."""
    one = np.ones(1)
    thin = min(height_mm / shank.thickness_top_mm, 1.0) ** 2
    stations = LimbStations(
        phi_deg=0.0 * one,
        height_mm=height_mm * one,
        width_mm=width_mm * one,
        crown_rise_mm=shank.crown_rise_mm * min(max(width_mm / shank.width_top_mm, 0.4), 1.0) * thin * one,
        outer_radius_mm=shank.outer_edge_radius_mm * one,
        inner_radius_mm=shank.inner_edge_radius_mm * math.sqrt(thin) * one,
        comfort_rise_mm=shank.comfort_rise_mm * thin * one,
        bore_radius_mm=1.0,
        knife=shank.profile == "knife_edge",
        ellipse=shank.profile == "ellipse",
    )
    y, fall, angle = section_outlines(stations)[0].points(np.linspace(0.0, 1.0, 801))
    return y[0], fall[0], angle[0]


def wide_enough_mm(shank: Shank, stone: RoundStone, width: float) -> float:
    """The least width of a band, in tenths, from ``width`` up, whose edges leave enough beside seats of a stone."""
    found = up(width, 0.1)
    while beside_mm(shank, stone, found, shank.thickness_top_mm) < SIDE_MIN_MM and found < width + 2.0:
        found = up(found + 0.1, 0.1)
    return found


def largest_stone_mm(shank: Shank, stone: RoundStone, width: float) -> float:
    """The largest size of a stone, in twentieths, that a band of this width carries; 0 for none."""
    size = down(width - 2.0 * rule("flush_side_wall"), 0.05)
    while size >= _SMALLEST_STONE_MM:
        share = size / stone.diameter_mm
        lengths = {name: share * getattr(stone, name) for name in ("diameter_mm", "crown_height_mm", "girdle_mm")}
        if beside_mm(shank, stone.model_copy(update=lengths), width, shank.thickness_top_mm) >= SIDE_MIN_MM:
            return size
        size = down(size - 0.05, 0.05)
    return 0.0


def check_depth(
    ledger: Ledger, shank: Shank, limits: FoundryLimits, field: str, stone: RoundStone, table: float
) -> None:
    """Metal under the stone: the bench rule, and the foundry's wall under the lowest place of the bearing."""
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    ledge = 0.5 * stone.diameter_mm * (1.0 - rule("flush_pilot_share"))
    bearing = table + stone.crown_height_mm + stone.girdle_mm + ledge * slope
    bench = stone.depth_mm + rule("flush_metal_over_depth") + table - rule("flush_table_depth")
    wall = bearing + limits.wall_min_mm + _WALL_MARGIN_MM
    needed = max(bench, wall)
    thinnest = min(shank.thickness_top_mm, shank.thickness_bottom_mm)
    if thinnest < needed:
        size = stone.diameter_mm
        per_mm = (wall - limits.wall_min_mm - _WALL_MARGIN_MM - table) / size
        largest = min(
            (thinnest - rule("flush_metal_over_depth")) * size / stone.depth_mm,
            (thinnest - limits.wall_min_mm - _WALL_MARGIN_MM - table) / per_mm,
        )
        hint = f"use shank.thickness_mm: {up(needed):g}"
        if largest >= _SMALLEST_STONE_MM:
            hint += f", or stones of {down(largest, 0.05):g} mm"
        words = f"stone depth + {rule('flush_metal_over_depth'):g} mm"
        if wall > bench:
            words = f"the bearing's depth and {mm(limits.wall_min_mm)} of wall under it"
        ledger.refuse(
            f"{field}.stone.size",
            "too deep for the shank",
            value=mm(size),
            limit=f"{words} = {mm(needed)} of metal, here {mm(thinnest)}",
            suggestion=hint,
        )
