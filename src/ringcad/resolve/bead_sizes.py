"""What bead-set stones ask for: sizes of beads, gaps between stones, metal round them."""

from __future__ import annotations

import math

from ringcad.fit.bead_row import BeadSizes
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.shank import RowNeeds, resolve_shank
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import Bead, BeadAccent, FoundryLimits, PlacedSeat, RoundStone, Scallop, Shank

#: Kept beyond the wall under a seat: chord error of bore and seat, and the comfort bore.
WALL_MARGIN_MM = 0.05
#: Beads of a pair stand so high over the metal between them, and no nearer, as a share of the stone.
_BETWEEN_SHARE = 0.29
#: The upper end of a bearing cone, from where it leaves the metal (0) to where it would meet the beads (1).
_CONE_END = 0.4
#: Steps of proposals: stones are sorted in twentieths, widths are ordered in tenths.
STONE_STEP_MM, WIDTH_STEP_MM = 0.05, 0.1
#: A shank that carries ornament beyond the row is at least so wide, mm.
_DECORATED_MM = 2.8
#: Where a U-cut begins, over the opening under the stone, as a share of the stone.
_SCALLOP_FROM = 0.2
#: Width beside the row's seats that is the row's own, mm.
_RIM_MM = 0.3


def gap_default_mm(diameter_mm: float) -> float:
    """Gap between stones of this size where none is asked for."""
    return min(max(rule("bead_gap_share") * diameter_mm, rule("bead_gap_low")), rule("bead_gap_high"))


def bead_sizes(stone: RoundStone, gap_mm: float, limits: FoundryLimits, slit_mm: float | None = None) -> BeadSizes:
    """Beads for stones ``gap_mm`` apart: the rule's overlap, or what leaves a castable gap between two beads.

    ``slit_mm`` is that gap; left out it is :func:`between_mm`. The overlap may come out below its least share (of the
    stone), or negative; then the gap is too wide.
    """
    diameter = stone.diameter_mm
    radius = 0.5 * max(rule("bead_share") * diameter, rule("bead_min"))
    apart = radius + 0.5 * (between_mm(stone, limits) if slit_mm is None else slit_mm)
    most = 0.5 * diameter + radius - math.hypot(0.5 * (diameter + gap_mm), apart)
    return BeadSizes(
        girdle_radius=0.5 * diameter,
        girdle_height=stone.girdle_mm,
        proud=rule("bead_proud_share") * diameter,
        bead_radius=radius,
        rise=stone.girdle_mm + stone.crown_height_mm + rule("bead_over_table") * diameter,
        overlap=min(rule("bead_overlap_share") * diameter, most),
        root=rule("bead_root"),
    )


def between_mm(stone: RoundStone, limits: FoundryLimits) -> float:
    """Air that is left between the two beads of a pair: what investment fills; it may be narrow where it is shallow."""
    return min(limits.gap_min_mm + 0.01, max(_BETWEEN_SHARE * stone.diameter_mm, 0.8 * limits.gap_min_mm + 0.01))


def widest_gap_mm(stone: RoundStone, limits: FoundryLimits) -> float:
    """Widest gap between stones that beads still reach over on both sides, in hundredths of a millimetre."""
    radius = bead_sizes(stone, 0.0, limits).bead_radius
    away = 0.5 * stone.diameter_mm + radius - rule("bead_overlap_min") * stone.diameter_mm
    apart = radius + 0.5 * between_mm(stone, limits)
    return down(2.0 * math.sqrt(max(away**2 - apart**2, 0.0)) - stone.diameter_mm)


def bead_accent(
    stone: RoundStone,
    sizes: BeadSizes,
    gap_mm: float,
    seats: list[PlacedSeat],
    beads: list[Bead],
    *,
    through_mm: float,
    opening_mm: float,
    azure_mm: float,
    wall_mm: float,
    scallop: Scallop | None,
) -> BeadAccent:
    """The row in numbers; ``opening_mm`` and ``azure_mm`` are the hole's diameters under the bearing and below."""
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    leaves, beads_from = sizes.proud / slope, sizes.overlap
    return BeadAccent(
        stone=stone,
        seats=tuple(seats),
        beads=tuple(beads),
        bead_diameter_mm=2.0 * sizes.bead_radius,
        bead_rise_mm=sizes.rise,
        overlap_mm=sizes.overlap,
        gap_mm=gap_mm,
        opening_diameter_mm=stone.diameter_mm - 2.0 * (leaves + _CONE_END * (beads_from - leaves)),
        pilot_diameter_mm=opening_mm,
        azure_diameter_mm=max(azure_mm, opening_mm),
        through_mm=through_mm,
        proud_mm=sizes.proud,
        scallop=scallop,
        wall_mm=wall_mm,
        rim_mm=_RIM_MM,
    )


def u_cut(stone: RoundStone, side_mm: float, over_mm: float, *, both_sides: bool) -> Scallop:
    """The U-cut beside a stone whose metal ends ``side_mm`` from its axis; it runs out ``over_mm`` beyond."""
    diameter = stone.diameter_mm
    begins, ends = _SCALLOP_FROM * diameter, side_mm + over_mm
    return Scallop(
        radius_mm=0.5 * rule("scallop_width_share") * diameter,
        depth_mm=rule("scallop_depth_share") * diameter,
        from_mm=begins,
        to_mm=ends,
        fall_mm=rule("scallop_fall_share") * diameter * (ends - begins) / (side_mm - begins),
        both_sides=both_sides,
    )


def depth_needed_mm(stone: RoundStone, limits: FoundryLimits) -> tuple[float, str]:
    """Metal that a bead-set stone wants from crest to bore, and what asks for it."""
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    proud = rule("bead_proud_share") * stone.diameter_mm
    bearing = 0.5 * (1.0 - rule("bead_pilot_least")) * stone.diameter_mm * slope
    floor = max(bearing, (rule("scallop_depth_share") + rule("scallop_fall_share")) * stone.diameter_mm) - proud
    wall = floor + limits.wall_min_mm + WALL_MARGIN_MM
    culet = stone.pavilion_depth_mm - proud + limits.culet_clearance_min_mm
    if wall >= culet:
        return wall, f"the bearing's depth and {mm(limits.wall_min_mm)} of wall under it"
    return culet, f"the stone's depth and {mm(limits.culet_clearance_min_mm)} from culet to finger"


def width_needed_mm(stone: RoundStone) -> float:
    """Least width of the shank beside a row."""
    return stone.diameter_mm + 2.0 * rule("bead_side_wall_min")


def bead_shank(ledger: Ledger, limits: FoundryLimits) -> Shank | None:
    """The shank of a ring with a bead-set row: what is not given follows the stones. Problems are noted."""
    want = ledger.spec.accents[0]
    stone = resolve_stone(want.stone, ledger, "accents.0.stone", "accents.0.stone")
    if stone is None:
        return None
    diameter = stone.diameter_mm
    wide = max(rule("bead_width_share") * diameter, diameter + 2.0 * rule("bead_side_wall"), rule("bead_width_min"))
    because = f"{rule('bead_width_share'):g} of the row's stones, {rule('bead_side_wall'):g} mm beside them at least"
    if ledger.spec.decoration and wide < _DECORATED_MM:
        wide, because = _DECORATED_MM, "room for the ornament beyond the row"
    thick = max(rule("bead_thickness"), up(depth_needed_mm(stone, limits)[0], STONE_STEP_MM))
    needs = RowNeeds(
        max(round(round(wide / WIDTH_STEP_MM) * WIDTH_STEP_MM, 6), up(width_needed_mm(stone), WIDTH_STEP_MM)),
        because,
        thick,
        "a pave shank, or its stones' depth",
    )
    return resolve_shank(ledger, limits, needs)
