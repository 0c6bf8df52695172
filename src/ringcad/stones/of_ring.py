"""The stone of a resolved ring as a cut stone, and the rails beside it; for builder and verifier alike."""

from __future__ import annotations

import math

from ringcad.resolved import CenterStone, FancyStone, Rail
from ringcad.stones.hoops import hoop_path
from ringcad.stones.outline import Segment, circular_arc
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
    )


def rail_path(stone: FancyStone, rail: Rail) -> tuple[Segment, ...]:
    """Quarter of the middle line of a rail beside a stone of another cut than round, from +x to +y.

    Raises :class:`~ringcad.core.errors.InputError` where the stone leaves the rail no room.
    """
    middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
    least = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm) + INNER_CORNER_MM
    return hoop_path(cut_stone(stone), 0.5 * stone.width_mm - middle, least)


#: A row of stones round another may turn no more sharply than this, mm.
_ROW_TURN_MM = 0.3


def row_path(stone: CenterStone, row_radius_mm: float) -> tuple[Segment, ...]:
    """Quarter of the line of a row of stones round a center stone, from +x to +y.

    Raises :class:`~ringcad.core.errors.InputError` where it closes.
    """
    if not isinstance(stone, FancyStone):
        return (circular_arc((0.0, 0.0), row_radius_mm, 0.0, 0.5 * math.pi),)
    return hoop_path(cut_stone(stone), 0.5 * stone.width_mm - row_radius_mm, _ROW_TURN_MM)
