"""The middle line of a rail from the numbers of the resolved ring: points, ways out, distances from it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Rail

Array = NDArray[Any]

_STEP_DEG = 2.0


def rail_line(rail: Rail) -> tuple[Array, Array]:
    """(k, 2) points of a rail's middle line all round, and the unit ways out of it.

    A circle, or beside a stone of another cut the quarter or half that the resolved ring lists and its mirror images.
    """
    if not rail.quarter_mm:
        azimuth = np.radians(np.arange(0.0, 360.0, _STEP_DEG))
        out = np.stack([np.cos(azimuth), np.sin(azimuth)], axis=1)
        return out * (0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)), out
    first = np.array(rail.quarter_mm)
    half = np.concatenate([first, (first * [-1.0, 1.0])[-2::-1]])
    # of a stone alike about one plane alone the list is the half from -y to +y
    loop = half[:-1] if abs(first[0, 0]) < abs(first[0, 1]) else np.concatenate([half, -half[1:-1]])
    along = np.roll(loop, -1, axis=0) - np.roll(loop, 1, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return loop, np.stack([along[:, 1], -along[:, 0]], axis=1)


def off_rail(rail: Rail, points: Array) -> Array:
    """(k,) distance of points (k, 3) from the upright surface through a rail's middle line, mm.

    Beside a stone of another cut it is infinite for points that lie well above or below the rail.
    """
    if not rail.quarter_mm:
        middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
        return np.asarray(np.abs(np.hypot(points[:, 0], points[:, 1]) - middle))
    found = np.full(len(points), np.inf)
    rows = np.flatnonzero((points[:, 2] > rail.bottom_z_mm - 0.1) & (points[:, 2] < rail.top_z_mm + 0.1))
    loop, _ = rail_line(rail)
    for start, end in zip(loop, np.roll(loop, -1, axis=0), strict=True):
        edge, away = end - start, points[rows, :2] - start
        share = np.clip(away @ edge / (edge @ edge), 0.0, 1.0)
        found[rows] = np.minimum(found[rows], np.linalg.norm(away - share[:, None] * edge, axis=1))
    return found
