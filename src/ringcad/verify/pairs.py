"""All pairs of triangles whose boxes overlap, by a level-by-level descent of one box tree with itself.

The tree is implicit: triangles sorted along a Morton curve (Morton 1966) are paired, then the
pairs, and so on, so that each level is one array operation. Boxes are float32, which is exact for
STL coordinates, and closed: boxes that only touch count as overlapping.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_CHUNK = 1 << 18
"""Pairs handled at once: arrays of this length stay in the second-level cache."""


def overlapping_pairs(triangles: Array) -> Iterator[tuple[Array, Array]]:
    """Chunks of index pairs (i, j), each unordered pair once, whose axis-parallel boxes meet.

    Parameters
    ----------
    triangles : (m, 3, 3) float64 whose values are float32 values
    """
    count = len(triangles)
    if count < 2:
        return
    low = triangles.min(axis=1).astype(np.float32)
    high = triangles.max(axis=1).astype(np.float32)
    order = _morton_order(low, high)
    levels = [_columns(low[order], high[order])]
    while len(levels[-1][0]) > 1:
        levels.append(_parents(levels[-1]))
    # Depth first over chunks: the memory stays bounded on bodies with many overlaps.
    root = np.zeros(1, dtype=np.int32)
    stack = [(len(levels) - 1, root, root)]
    while stack:
        depth, first, second = stack.pop()
        if depth == 0:
            yield order[first], order[second]
            continue
        below = levels[depth - 1]
        first, second = _children(first, second, len(below[0]), leaf=depth == 1)
        first, second = _overlap(below, first, second)
        if len(first) > 2 * _CHUNK:
            parts = -(-len(first) // _CHUNK)
            stack.extend(
                (depth - 1, a, b)
                for a, b in zip(np.array_split(first, parts), np.array_split(second, parts), strict=True)
            )
        elif len(first):
            stack.append((depth - 1, first, second))


def _columns(low: Array, high: Array) -> tuple[Array, ...]:
    return tuple(np.ascontiguousarray(low[:, k]) for k in range(3)) + tuple(
        np.ascontiguousarray(high[:, k]) for k in range(3)
    )


def _parents(level: tuple[Array, ...]) -> tuple[Array, ...]:
    size = len(level[0])
    columns = level if size % 2 == 0 else tuple(np.append(c, c[-1]) for c in level)
    return tuple(np.minimum(c[0::2], c[1::2]) if k < 3 else np.maximum(c[0::2], c[1::2]) for k, c in enumerate(columns))


def _children(first: Array, second: Array, size: int, *, leaf: bool) -> tuple[Array, Array]:
    """Pairs of children; a node paired with itself gives three (two and one once they are leaves)."""
    same = first == second
    own = first[same]
    other_first, other_second = first[~same] * 2, second[~same] * 2
    parts_first = [own * 2, other_first, other_first, other_first + 1, other_first + 1]
    parts_second = [own * 2 + 1, other_second, other_second + 1, other_second, other_second + 1]
    if not leaf:
        parts_first += [own * 2, own * 2 + 1]
        parts_second += [own * 2, own * 2 + 1]
    a, b = np.concatenate(parts_first), np.concatenate(parts_second)
    inside = (a < size) & (b < size)  # the last node of an odd level has one child
    return a[inside], b[inside]


def _overlap(level: tuple[Array, ...], first: Array, second: Array) -> tuple[Array, Array]:
    for axis in range(3):
        low, high = level[axis], level[axis + 3]
        meets = (low[first] <= high[second]) & (low[second] <= high[first])
        first, second = first[meets], second[meets]
    return first, second


def _morton_order(low: Array, high: Array) -> Array:
    """Triangles in the order of their box centres along a space-filling curve."""
    center = low.astype(np.float64) + high
    start, span = center.min(axis=0), np.ptp(center, axis=0).max()
    cells = ((center - start) * ((2.0**21 - 1) / span if span > 0.0 else 0.0)).astype(np.uint64)
    code = np.zeros(len(center), dtype=np.uint64)
    for axis in range(3):
        code |= _spread(cells[:, axis]) << np.uint64(axis)
    return np.argsort(code, kind="stable").astype(np.int32)


def _spread(values: Array) -> Array:
    """21 bits spread so that two zero bits follow each."""
    x = values.astype(np.uint64)
    for shift, mask in (
        (32, 0x1F00000000FFFF),
        (16, 0x1F0000FF0000FF),
        (8, 0x100F00F00F00F00F),
        (4, 0x10C30C30C30C30C3),
        (2, 0x1249249249249249),
    ):
        x = (x | (x << np.uint64(shift))) & np.uint64(mask)
    return x
