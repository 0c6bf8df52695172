"""Facets and planes of a resolved stone of any cut; girdle's lower edge at z = 0, +z through the table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import CenterStone, FancyStone, Rail
from ringcad.seats import brilliant
from ringcad.stones.hoops import hoop_path
from ringcad.stones.outline import Segment
from ringcad.stones.placed import convex_body
from ringcad.stones.stone import CutStone

FloatArray = NDArray[np.float64]

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


def facet_polygons(stone: CenterStone) -> list[FloatArray]:
    """Facets (n, 3) in mm, planar, counter-clockwise from outside."""
    if isinstance(stone, FancyStone):
        return list(convex_body(cut_stone(stone)).facets)
    return brilliant.facet_polygons(stone)


def facet_planes(stone: CenterStone) -> tuple[FloatArray, FloatArray]:
    """Unit normals (k, 3) and offsets (k,) in mm of the half-spaces whose intersection is the stone."""
    if isinstance(stone, FancyStone):
        body = convex_body(cut_stone(stone))
        return body.normals, body.offsets
    return brilliant.facet_planes(stone)


def rail_path(stone: FancyStone, rail: Rail) -> tuple[Segment, ...]:
    """Quarter of the middle line of a rail beside a stone of another cut than round, from +x to +y.

    Raises :class:`~ringcad.core.errors.InputError` where the stone leaves the rail no room.
    """
    middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
    least = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm) + INNER_CORNER_MM
    return hoop_path(cut_stone(stone), 0.5 * stone.width_mm - middle, least)
