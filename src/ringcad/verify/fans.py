"""Vertices whose triangles surely meet in nothing but the vertex and its edges.

Seen along some direction n, let the triangles round a vertex v all turn the same way (n . (a - v) x (b - v) > 0
for each, in the order of its corners v, a, b) and let their angles at v add up to one turn. Then these angles
lie side by side, so that two of the triangles, which n shows undistorted, meet at most on a common ray from v:
in v, or in the edge that they share. Both conditions are signs, and only signs that rounding cannot change count.

Where every edge at v has two faces that run along it in opposite directions, the angles at v close up to whole
turns. How many is counted on a line through v: each turn crosses it twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.exact import EPSILON, PLANE_BOUND, ExactFaces

Array = NDArray[Any]

_STEPS = 127.0
"""Directions are whole numbers up to this, so that a vector square to one is exact too."""
_ASIDE = (53.0, -71.0, 97.0)
"""Any vector: crossed with a direction it gives the line to count on. Edges of regular meshes rarely lie on it."""


def surely_simple(triangles: ExactFaces, regular: Array) -> NDArray[np.bool_]:
    """Which vertices are proven simple; the others may or may not be.

    Parameters
    ----------
    regular : (n,) bool, vertices all of whose edges have two faces that run along them in opposite directions

    Returns
    -------
    (n,) bool
    """
    count = len(regular)
    normal = triangles.normal
    length = np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(length > 0.0, 1.0 / length, 0.0)
    way = np.zeros((3, count))
    for axis in range(3):
        unit = normal[axis] * share
        for column in triangles.columns:
            way[axis] += np.bincount(column, weights=unit, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        way = np.rint(way * (_STEPS / np.abs(way).max(axis=0)))
    simple = regular & np.isfinite(way).all(axis=0)
    way[:, ~simple] = 0.0
    line = np.cross(way, np.array(_ASIDE)[:, None], axisa=0, axisb=0, axisc=0)
    ways, lines = [np.ascontiguousarray(row) for row in way], [np.ascontiguousarray(row) for row in line]
    way_size, line_size = np.abs(way).sum(axis=0), np.abs(line).sum(axis=0)
    bound = PLANE_BOUND * triangles.permanent
    corners = triangles.corners
    edges = [[end - start for start, end in zip(corners[k], corners[(k + 1) % 3], strict=True)] for k in range(3)]
    reach = [np.maximum.reduce([np.abs(component) for component in edge]) for edge in edges]
    crossings = np.zeros(count, dtype=np.int64)
    for k, vertex in enumerate(triangles.columns):
        facing = sum(row.take(vertex) * component for row, component in zip(ways, normal, strict=True))
        sure = facing > bound * way_size.take(vertex) + 1e-280
        seen = [row.take(vertex) for row in lines]
        size = line_size.take(vertex)
        sides = []
        for edge in (k, (k + 2) % 3):  # to the next corner; the other one comes from the previous
            side = sum(row * component for row, component in zip(seen, edges[edge], strict=True))
            sure &= np.abs(side) > 16.0 * EPSILON * size * reach[edge] + 1e-280
            sides.append(side)
        simple[vertex[~sure]] = False
        crossings += np.bincount(vertex[(sides[0] > 0.0) == (sides[1] > 0.0)], minlength=count)
    return np.asarray(simple & (crossings == 2))
