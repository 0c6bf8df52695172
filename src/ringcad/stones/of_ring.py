"""The stone of a resolved ring as a cut stone, and the rails beside it; for builder and verifier alike."""

from __future__ import annotations

import math

from ringcad.core.errors import InputError
from ringcad.resolved import CenterStone, FancyStone, Rail
from ringcad.stones.hoops import hoop_path
from ringcad.stones.outline import Arc, Line, Segment, circular_arc
from ringcad.stones.stone import CutStone

#: Least radius of a hoop's inner corner, mm: light, tools and investment pass.
INNER_CORNER_MM = 0.2


def cut_stone(stone: FancyStone) -> CutStone:
    """The plain lengths of a stone of another cut than round."""
    return CutStone(
        cut=stone.cut,
        width_mm=stone.width_mm,
        length_mm=stone.length_mm,
        table_share=stone.table_share,
        crown_mm=stone.crown_height_mm,
        girdle_mm=stone.girdle_mm,
        pavilion_mm=stone.pavilion_depth_mm,
        shape_percent=stone.shape_percent,
        outline_mm=stone.outline_mm,
    )


def rail_path(stone: FancyStone, rail: Rail) -> tuple[Segment, ...]:
    """Quarter of the middle line of a rail beside a stone of another cut than round, from +x to +y.

    Raises :class:`~ringcad.core.errors.InputError` where the stone leaves the rail no room.
    """
    middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
    least = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm) + INNER_CORNER_MM
    return hoop_path(cut_stone(stone), 0.5 * stone.width_mm - middle, least)


def least_rail_radius_mm(stone: CenterStone, width_mm: float) -> float:
    """Least radius, under the stone's sides, of the middle line of a rail of this width that runs inside its outline.

    In hundredths of a millimetre; 0 for a round stone. Raises :class:`~ringcad.core.errors.InputError` where not even
    a rail under the girdle has room.
    """
    if not isinstance(stone, FancyStone):
        return 0.0
    shape, least = cut_stone(stone), 0.5 * width_mm + INNER_CORNER_MM
    hoop_path(shape, 0.0, least)
    closed, free = 0, math.ceil(50.0 * stone.width_mm)
    while free - closed > 1:
        middle = (free + closed) // 2
        try:
            hoop_path(shape, 0.5 * stone.width_mm - 0.01 * middle, least)
            free = middle
        except InputError:
            closed = middle
    return 0.01 * free


#: A row of stones round another may turn no more sharply than this, mm.
_ROW_TURN_MM = 0.3
#: Cuts whose corners are cut off, and how much wider than at an even distance a row turns round them, mm: their corners
#: hold a prong and no stone, and would else stand empty outside it.
CUT_CORNERS, _ROW_SOFTER_MM = ("emerald", "asscher", "radiant"), 0.55


def row_path(stone: CenterStone, row_radius_mm: float) -> tuple[Segment, ...]:
    """Quarter of the line of a row of stones round a center stone, from +x to +y.

    Raises :class:`~ringcad.core.errors.InputError` where it closes.
    """
    if not isinstance(stone, FancyStone):
        return (circular_arc((0.0, 0.0), row_radius_mm, 0.0, 0.5 * math.pi),)
    path = hoop_path(cut_stone(stone), 0.5 * stone.width_mm - row_radius_mm, _ROW_TURN_MM)
    return _softened(path) if stone.cut in CUT_CORNERS else path


def _softened(path: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Two sides and their fillet with a larger one: the row passes near the prong that stands in the corner."""
    side, fillet, end = path
    assert isinstance(fillet, Arc)
    x, y = side.point(0.0)[0], end.point(1.0)[1]
    radius = max(fillet.radius_x_mm, min(fillet.radius_x_mm + _ROW_SOFTER_MM, min(x, y) - _ROW_TURN_MM))
    wider = circular_arc((x - radius, y - radius), radius, 0.0, 0.5 * math.pi)
    return Line((x, 0.0), wider.start), wider, Line(wider.end, (0.0, y))
