"""Points spread over a mesh's surface and their search by place, in numpy alone (scipy takes long to import)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh

Array = NDArray[Any]

_MOST_CELLS = 4_000_000
_MOST_POINTS = 400_000
"""Above this many the pitch grows (area over pitch squared)."""
_QUERIES_AT_ONCE = 512


@dataclass(frozen=True)
class SurfacePoints:
    """Points of the surface, about ``pitch_mm`` apart, and the faces they lie on.

    Attributes
    ----------
    points : (k, 3) float, mm
    face : (k,) int
    pitch_mm : no place of the surface is further than this from a point of the same sheet
    """

    points: Array
    face: Array
    pitch_mm: float

    @cached_property
    def grid(self) -> PointGrid:
        """The points by place."""
        return PointGrid(self.points, 1.5 * self.pitch_mm)


def spread_points(mesh: TriangleMesh, pitch_mm: float) -> SurfacePoints:
    """Middles of strips along each triangle's longest side, thinned where triangles are smaller than the pitch.

    Of the points that share a cell of half the pitch and look the same way (one of six) one stays, so that the
    two faces of the thinnest sheet keep theirs.
    """
    pitch = max(pitch_mm, float(np.sqrt(mesh.areas.sum() / _MOST_POINTS)))
    corner = mesh.corners
    sides = np.stack([((corner[:, (k + 1) % 3] - corner[:, k]) ** 2).sum(axis=1) for k in range(3)], axis=1)
    longest = np.argmax(sides, axis=1)
    length = np.sqrt(sides.max(axis=1))
    row = np.arange(len(corner))
    a, b, c = (corner[row, (longest + k) % 3] for k in range(3))
    height = 2.0 * mesh.areas / np.maximum(length, 1e-12)
    along = np.clip(np.ceil(length / pitch), 1, 4000).astype(np.int64)
    up = np.clip(np.ceil(height / pitch), 1, 4000).astype(np.int64)
    many = along * up
    face = np.repeat(row, many)
    rank = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    s = (rank % along[face] + 0.5) / along[face]
    t = (rank // along[face] + 0.5) / up[face]
    t = np.where(many[face] == 1, 1.0 / 3.0, t)
    foot = a[face] + s[:, None] * (b - a)[face]
    points = foot + t[:, None] * (c[face] - foot)
    kept = _thinned(points, mesh.normals[face], 0.5 * pitch)
    return SurfacePoints(points[kept], face[kept], pitch)


def _thinned(points: Array, normals: Array, cell: float) -> Array:
    """Indices of one point for each cell and way that it looks."""
    place = np.floor((points - points.min(axis=0)) / cell).astype(np.int64)
    size = place.max(axis=0) + 1
    axis = np.argmax(np.abs(normals), axis=1)
    way = 2 * axis + (normals[np.arange(len(normals)), axis] > 0.0)
    key = ((place[:, 0] * size[1] + place[:, 1]) * size[2] + place[:, 2]) * 6 + way
    order = np.argsort(key, kind="stable")
    first = np.append(True, key[order][1:] != key[order][:-1])
    return np.asarray(np.sort(order[first]))


class PointGrid:
    """Points in cubic cells, for all points within a distance of others."""

    def __init__(self, points: Array, cell_mm: float) -> None:
        self.points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        if not len(self.points):
            self.points = np.full((1, 3), 1e9)
        self.low = self.points.min(axis=0) - 1e-9
        span = self.points.max(axis=0) - self.low + 1e-9
        self.cell = max(cell_mm, float(np.cbrt(span.prod() / _MOST_CELLS)), float(span.max()) / 2000.0)
        self.shape = np.floor(span / self.cell).astype(np.int64) + 1
        place = np.floor((self.points - self.low) / self.cell).astype(np.int64)
        flat = (place[:, 0] * self.shape[1] + place[:, 1]) * self.shape[2] + place[:, 2]
        self.order = np.argsort(flat, kind="stable")
        self._columns = [np.ascontiguousarray(self.points[self.order, axis]) for axis in range(3)]
        self.begin = np.searchsorted(flat[self.order], np.arange(int(self.shape.prod()) + 1))

    def near(self, centers: Array, radius: float) -> Iterator[tuple[Array, Array, Array]]:
        """Pairs of a centre and a point within ``radius`` of it, some centres at a time.

        Yields
        ------
        query : (k,) int, in order; point : (k,) int; squared distance : (k,) float
        """
        centers = np.asarray(centers, dtype=np.float64).reshape(-1, 3)
        for start in range(0, len(centers), _QUERIES_AT_ONCE):
            part = centers[start : start + _QUERIES_AT_ONCE]
            query, at = self._expand(part, radius)
            gap = np.zeros(len(at))
            for axis in range(3):  # one by one: much faster than along an axis of three
                away = self._columns[axis].take(at)
                away -= part[:, axis].take(query)
                away *= away
                gap += away
            good = np.flatnonzero(gap <= radius * radius)
            yield query.take(good) + start, self.order.take(at.take(good)), gap.take(good)

    def _expand(self, centers: Array, radius: float) -> tuple[Array, Array]:
        """Candidates: cells along the last axis lie one after another, so each row of cells is one range."""
        first = np.floor((centers - radius - self.low) / self.cell).astype(np.int64)
        last = np.floor((centers + radius - self.low) / self.cell).astype(np.int64)
        reach = int((last - first).max(initial=0)) + 1
        i, j = (x.ravel() for x in np.meshgrid(np.arange(reach), np.arange(reach), indexing="ij"))
        x, y = first[:, :1] + i, first[:, 1:2] + j
        z_low = np.clip(first[:, 2], 0, self.shape[2])[:, None]
        z_high = np.clip(last[:, 2] + 1, 0, self.shape[2])[:, None]
        there = (x >= 0) & (y >= 0) & (x < self.shape[0]) & (y < self.shape[1])
        there &= (x <= last[:, :1]) & (y <= last[:, 1:2]) & (z_low < z_high)
        row, which = np.divmod(np.flatnonzero(there), there.shape[1])
        line = (x[row, which] * self.shape[1] + y[row, which]) * self.shape[2]
        begin = self.begin[line + z_low[row, 0]]
        many = self.begin[line + z_high[row, 0]] - begin
        total = int(many.sum())
        at = np.arange(total) + np.repeat(begin - (np.cumsum(many) - many), many)
        return np.repeat(row, many), at

    def least(
        self, centers: Array, values_of: Callable[[Array, Array, Array], Array], radius: float
    ) -> tuple[Array, Array]:
        """Per centre the least of ``values_of(query, point, squared distance)`` over points within ``radius``.

        Returns
        -------
        value : (n,) float, ``inf`` where there is none; point : (n,) int, -1 there
        """
        value = np.full(len(centers), np.inf)
        best = np.full(len(centers), -1, dtype=np.int64)
        for query, point, gap in self.near(centers, radius):
            if not len(query):
                continue
            found = values_of(query, point, gap)
            begins = np.flatnonzero(np.append(True, query[1:] != query[:-1]))
            least = np.minimum.reduceat(found, begins)
            value[query[begins]] = least
            length = np.diff(np.append(begins, len(query)))
            hit = np.flatnonzero(found == np.repeat(least, length))
            best[query[hit]] = point[hit]
        best[~np.isfinite(value)] = -1
        return value, best


def nearest_on_triangles(points: Array, corners: Array) -> Array:
    """(k, 3) nearest points of triangles (k, 3, 3) to points (k, 3) (Ericson 2005, 5.1.5)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac = b - a, c - a

    def dot(u: Array, v: Array) -> Array:
        return np.asarray(np.einsum("ij,ij->i", u, v))

    d1, d2 = dot(ab, points - a), dot(ac, points - a)
    d3, d4 = dot(ab, points - b), dot(ac, points - b)
    d5, d6 = dot(ab, points - c), dot(ac, points - c)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    with np.errstate(divide="ignore", invalid="ignore"):
        total = va + vb + vc
        found = a + ab * (vb / total)[:, None] + ac * (vc / total)[:, None]
        cases = (
            (
                (va <= 0.0) & (d4 - d3 >= 0.0) & (d5 - d6 >= 0.0),
                b + (c - b) * ((d4 - d3) / ((d4 - d3) + (d5 - d6)))[:, None],
            ),
            ((vb <= 0.0) & (d2 >= 0.0) & (d6 <= 0.0), a + ac * (d2 / (d2 - d6))[:, None]),
            ((vc <= 0.0) & (d1 >= 0.0) & (d3 <= 0.0), a + ab * (d1 / (d1 - d3))[:, None]),
            ((d6 >= 0.0) & (d5 <= d6), c),
            ((d3 >= 0.0) & (d4 <= d3), b),
            ((d1 <= 0.0) & (d2 <= 0.0), a),
        )
        for case, value in cases:
            found = np.where(case[:, None], value, found)
    return np.where(np.isfinite(found), found, a)
