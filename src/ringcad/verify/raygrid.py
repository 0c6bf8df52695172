"""First hits of rays by a uniform grid, in numpy alone: the fallback where Embree is not installed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_RAYS_AT_ONCE = 1 << 15
_EDGE_SLACK = 1e-9
"""A ray along a common edge must meet one of the two triangles: barycentric slack, relative."""


class TriangleGrid:
    """Triangles sorted into cubic cells; rays walk the cells (Amanatides & Woo 1987)."""

    def __init__(self, corners: Array) -> None:
        self.corners = np.asarray(corners, dtype=np.float64)
        self.edge_one = self.corners[:, 1] - self.corners[:, 0]
        self.edge_two = self.corners[:, 2] - self.corners[:, 0]
        low, high = self.corners.min(axis=1), self.corners.max(axis=1)
        margin = 1e-6 * max(float(np.ptp(self.corners)), 1e-9)
        self.low = low.min(axis=0) - margin
        span = high.max(axis=0) + margin - self.low
        # About one cell per triangle over the surface: cells of twice the typical triangle, at most 128 a side.
        typical = 2.0 * float(np.median((high - low).max(axis=1)))
        self.cell = max(typical, float(span.max()) / 128.0, 1e-9)
        self.shape = np.maximum(np.ceil(span / self.cell).astype(np.int64), 1)
        first = np.floor((low - margin - self.low) / self.cell).astype(np.int64).clip(0, self.shape - 1)
        last = np.floor((high + margin - self.low) / self.cell).astype(np.int64).clip(0, self.shape - 1)
        extent = last - first + 1
        many = extent.prod(axis=1)
        face = np.repeat(np.arange(len(low)), many)
        rank = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        wide = extent[face]
        step = np.stack([rank % wide[:, 0], (rank // wide[:, 0]) % wide[:, 1], rank // (wide[:, 0] * wide[:, 1])], 1)
        cell = self._flat(first[face] + step)
        order = np.argsort(cell, kind="stable")
        self.face = face[order]
        self.begin = np.searchsorted(cell[order], np.arange(int(self.shape.prod()) + 1))

    def _flat(self, cell: Array) -> Array:
        return np.asarray((cell[..., 0] * self.shape[1] + cell[..., 1]) * self.shape[2] + cell[..., 2])

    def first_hit(self, origins: Array, directions: Array) -> Array:
        """(k,) index of the first triangle met in front of each origin, -1 for none."""
        parts = [
            self._walk(origins[i : i + _RAYS_AT_ONCE], directions[i : i + _RAYS_AT_ONCE])
            for i in range(0, len(origins), _RAYS_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def _walk(self, origins: Array, directions: Array) -> Array:
        safe = np.where(np.abs(directions) < 1e-300, 1e-300, directions)
        upper = self.low + self.shape * self.cell
        one, two = (self.low - origins) / safe, (upper - origins) / safe
        enter = np.maximum(np.minimum(one, two).max(axis=1), 0.0)
        leave = np.maximum(one, two).min(axis=1)
        best = np.full(len(origins), np.inf)
        result = np.full(len(origins), -1, dtype=np.int64)
        ray = np.flatnonzero(enter <= leave)
        here = origins[ray] + directions[ray] * enter[ray, None]
        cell = np.floor((here - self.low) / self.cell).astype(np.int64).clip(0, self.shape - 1)
        turn = np.where(directions[ray] >= 0.0, 1, -1)
        border = self.low + (cell + (turn > 0)) * self.cell
        next_at = (border - origins[ray]) / safe[ray]
        stride = self.cell / np.abs(safe[ray])
        while len(ray):
            self._test(origins, directions, ray, self._flat(cell), best, result)
            axis = np.argmin(next_at, axis=1)
            row = np.arange(len(ray))
            past = next_at[row, axis]
            cell[row, axis] += turn[row, axis]
            next_at[row, axis] += stride[row, axis]
            going = (past < best[ray]) & (cell[row, axis] >= 0) & (cell[row, axis] < self.shape[axis])
            ray, cell, turn, next_at, stride = (x[going] for x in (ray, cell, turn, next_at, stride))
        return result

    def _test(self, origins: Array, directions: Array, ray: Array, cell: Array, best: Array, result: Array) -> None:
        """Triangles of each ray's cell (Moeller & Trumbore 1997); keeps the nearest."""
        many = self.begin[cell + 1] - self.begin[cell]
        if not many.any():
            return
        which = np.repeat(ray, many)
        at = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(self.begin[cell], many)
        face = self.face[at]
        way, one, two = directions[which], self.edge_one[face], self.edge_two[face]
        across = np.cross(way, two)
        det = np.einsum("ij,ij->i", one, across)
        with np.errstate(divide="ignore", invalid="ignore"):
            offset = origins[which] - self.corners[face, 0]
            u = np.einsum("ij,ij->i", offset, across) / det
            turned = np.cross(offset, one)
            v = np.einsum("ij,ij->i", way, turned) / det
            distance = np.einsum("ij,ij->i", two, turned) / det
            good = (det != 0.0) & (u >= -_EDGE_SLACK) & (v >= -_EDGE_SLACK) & (u + v <= 1.0 + _EDGE_SLACK)
            good &= distance >= 0.0
        which, face, distance = which[good], face[good], distance[good]
        order = np.lexsort((face, distance, which))
        which, face, distance = which[order], face[order], distance[order]
        nearest = np.append(True, which[1:] != which[:-1]) if len(which) else np.zeros(0, dtype=bool)
        which, face, distance = which[nearest], face[nearest], distance[nearest]
        closer = distance < best[which]
        best[which[closer]] = distance[closer]
        result[which[closer]] = face[closer]
