"""Facets and planes of a resolved stone of any cut; girdle's lower edge at z = 0, +z through the table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import CenterStone, FancyStone
from ringcad.seats import brilliant
from ringcad.stones.cabochon import cabochon_body
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.placed import convex_bodies, convex_body, whole_facets
from ringcad.stones.stone import Solid

FloatArray = NDArray[np.float64]


def facet_polygons(stone: CenterStone) -> list[FloatArray]:
    """Facets (n, 3) in mm, planar, counter-clockwise from outside."""
    if isinstance(stone, FancyStone):
        return list(whole_facets(convex_body(cut_stone(stone))))
    if stone.domed:
        return list(convex_body(cabochon_body(stone)).facets)
    return brilliant.facet_polygons(stone)


def facet_planes(stone: CenterStone) -> tuple[FloatArray, FloatArray]:
    """Unit normals (k, 3) and offsets (k,) in mm of the half-spaces whose intersection is the stone.

    Of a heart those of the half at x >= 0, without the plane x = 0.
    """
    if isinstance(stone, FancyStone):
        body = convex_body(cut_stone(stone))
        return body.normals, body.offsets
    if stone.domed:
        body = convex_body(cabochon_body(stone))
        return body.normals, body.offsets
    return brilliant.facet_planes(stone)


def stone_halves(stone: CenterStone) -> tuple[Solid, ...]:
    """The convex bodies of a stone: a heart's two, which share the plane x = 0; none of a round stone, which is one."""
    return convex_bodies(cut_stone(stone)) if isinstance(stone, FancyStone) else ()
