"""Convex bodies from the planes of their facets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: How far outside a plane a vertex counts as outside, in mm.
_OUTSIDE_MM = 1e-12


def facets(normals: FloatArray, offsets: FloatArray) -> tuple[FloatArray, ...]:
    """Vertex loops (n, 3), one per plane ``normal . p <= offset``, counter-clockwise from outside.

    Each plane starts as a large square and is cut by the plane that it violates most until none is left.
    A plane that touches nothing has an empty loop. Raises ``ValueError`` when the planes enclose nothing.
    """
    reach = 4.0 * float(np.max(np.abs(offsets))) + 1.0
    loops = []
    for k in range(len(normals)):
        n = normals[k] / np.linalg.norm(normals[k])
        helper = np.eye(3)[int(np.argmin(np.abs(n)))]
        u = np.cross(n, helper)
        u /= np.linalg.norm(u)
        v = np.cross(n, u)
        centre = n * offsets[k] / np.linalg.norm(normals[k])
        loop = centre + reach * np.array([u + v, -u + v, -u - v, u - v])
        left = np.arange(len(normals)) != k
        while len(loop):
            outside = np.where(left, (loop @ normals.T - offsets).max(axis=0), 0.0)
            j = int(np.argmax(outside))
            if outside[j] <= _OUTSIDE_MM:
                break
            left[j] = False
            loop = _cut(loop, normals[j], float(offsets[j]))
        if len(loop) >= 3:
            distinct = np.linalg.norm(loop - np.roll(loop, 1, axis=0), axis=1) > 1e-9 * reach
            loop = loop[distinct]
        loops.append(loop if len(loop) >= 3 else loop[:0])
    if sum(len(loop) >= 3 for loop in loops) < 4:
        raise ValueError("the planes of the stone enclose no body")
    return tuple(loops)


def _cut(loop: FloatArray, normal: FloatArray, offset: float) -> FloatArray:
    """The part of a convex loop inside a plane; empty when nothing is."""
    side = loop @ normal - offset
    inside = side <= _OUTSIDE_MM
    if not inside.any():
        return loop[:0]
    after, side_after = np.roll(loop, -1, axis=0), np.roll(side, -1)
    crossing = inside != (side_after <= _OUTSIDE_MM)
    share = np.divide(side, side - side_after, out=np.zeros_like(side), where=crossing)
    at = loop + share[:, None] * (after - loop)
    both = np.stack([loop, at], axis=1).reshape(-1, 3)
    kept: FloatArray = both[np.stack([inside, crossing], axis=1).ravel()]
    return kept
