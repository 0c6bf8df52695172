"""All pairs of triangles whose boxes overlap, by a level-by-level descent of one box tree with itself.

The tree is implicit: triangles sorted along a Morton curve (Morton 1966) are paired, then the
pairs, and so on, so that each level is one array operation. Boxes are rounded to a grid of a
millionth of the body's size, in a way that keeps their order, so that boxes which overlap or touch
always count as overlapping; boxes less than a cell apart may. A box is two 64-bit words, one with
its three lower and one with its three upper sides, and two boxes are compared by one subtraction each way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Words = NDArray[np.int64]

_CHUNK = 1 << 17
"""Pairs handled at once: arrays of this length stay in the cache."""
_BITS = 20
"""Of a side on the grid; one more bit of each field guards the neighbouring one."""
_FIELD = _BITS + 1
_LAST = (1 << _BITS) - 2
"""Largest side on the grid; the one above is that of no box."""
GUARDS = np.int64(sum(1 << (_BITS + _FIELD * k) for k in range(3)))


def pack(columns: Array) -> Words:
    """Three fields of 20 bits, with a guard bit each, in one word.

    Parameters
    ----------
    columns : (3, n) integers from 0 to 2**20 - 1
    """
    x, y, z = (np.asarray(column, dtype=np.int64) for column in columns)
    return np.asarray(x | (y << np.int64(_FIELD)) | (z << np.int64(2 * _FIELD)))


class TooManyPairs(Exception):
    """More boxes overlap than may be looked at."""


def overlapping_pairs(triangles: Array, most: int | None = None) -> Iterator[tuple[Array, Array]]:
    """Chunks of index pairs (i, j), each unordered pair once at most; all whose axis-parallel boxes meet are in them.

    Parameters
    ----------
    triangles : (m, 3, 3) float64
    most : pairs of boxes, of whatever level of the tree, that are looked at

    Raises
    ------
    TooManyPairs
        When there are more than ``most``; what was found until then has been handed out.
    """
    if len(triangles) < 2:
        return
    seen = 0
    low, high = _on_grid(triangles)
    order = _morton_order(low, high)
    levels = [_level(low.take(order, axis=1), high.take(order, axis=1))]
    while levels[-1].count > 1:
        levels.append(levels[-1].parents())
    # Depth first over chunks: the memory stays bounded on bodies with many overlaps. The last chunk of the
    # stack's bottom row brings the pairs of siblings of each level in.
    none = np.zeros(0, dtype=np.int64)
    stack = [(len(levels) - 1, none, none, True)]
    while stack:
        depth, first, second, with_siblings = stack.pop()
        if depth == 0:
            if len(first):
                yield order.take(first), order.take(second)
            continue
        first, second = levels[depth - 1].children(first, second, with_siblings)
        seen += len(first)
        if most is not None and seen > most:
            raise TooManyPairs
        parts = max(1, -(-len(first) // _CHUNK))
        pieces = zip(np.array_split(first, parts), np.array_split(second, parts), strict=True)
        stack.extend((depth - 1, a, b, with_siblings and k == 0) for k, (a, b) in enumerate(pieces))


def _on_grid(triangles: Array) -> tuple[Array, Array]:
    """Lower and upper sides (3, m) of the boxes on the grid, int64; monotone in the coordinates."""
    corners = [triangles[:, k].T for k in range(3)]
    low = np.minimum(np.minimum(corners[0], corners[1]), corners[2])
    high = np.maximum(np.maximum(corners[0], corners[1]), corners[2])
    start = low.min(axis=1, keepdims=True)
    span = float((high.max(axis=1, keepdims=True) - start).max())
    scale = _LAST / span if span > 0.0 and np.isfinite(_LAST / span) else 0.0
    return tuple(np.minimum((side - start) * scale, _LAST).astype(np.int64) for side in (low, high))


class _Level:
    """Boxes of one level in packed words, the even and the odd ones apart: they are the two children of a node."""

    def __init__(self, low: Array, high: Array) -> None:
        self.low, self.high = low, high
        self.count = low.shape[1]
        if self.count % 2:  # the last node has one child: an empty box meets nothing
            low = np.append(low, np.full((3, 1), _LAST + 1), axis=1)
            high = np.append(high, np.zeros((3, 1), dtype=high.dtype), axis=1)
        self.lows = [pack(low[:, k::2]) for k in range(2)]
        self.highs = [pack(high[:, k::2]) | GUARDS for k in range(2)]

    def parents(self) -> _Level:
        even, odd = slice(0, self.count - self.count % 2, 2), slice(1, None, 2)
        low, high = np.minimum(self.low[:, even], self.low[:, odd]), np.maximum(self.high[:, even], self.high[:, odd])
        if self.count % 2:
            low, high = np.append(low, self.low[:, -1:], axis=1), np.append(high, self.high[:, -1:], axis=1)
        return _Level(low, high)

    def children(self, first: Words, second: Words, with_siblings: bool) -> tuple[Words, Words]:
        """Pairs of this level that overlap: children of pairs of nodes, and siblings if asked for."""
        one, two = [], []
        lows = [[words.take(nodes) for words in self.lows] for nodes in (first, second)]
        highs = [[words.take(nodes) for words in self.highs] for nodes in (first, second)]
        for i in range(2):
            for j in range(2):
                meets = _meet(lows[0][i], highs[0][i], lows[1][j], highs[1][j])
                one.append(2 * first.compress(meets) + i)
                two.append(2 * second.compress(meets) + j)
        if with_siblings:
            even = 2 * np.flatnonzero(_meet(self.lows[0], self.highs[0], self.lows[1], self.highs[1]))
            one.append(even)
            two.append(even + 1)
        return np.concatenate(one), np.concatenate(two)


def _level(low: Array, high: Array) -> _Level:
    return _Level(low, high)


def _meet(low_a: Words, high_a: Words, low_b: Words, high_b: Words) -> NDArray[np.bool_]:
    """A guard bit of an upper side outlives the subtraction of a lower side that is not above it."""
    kept = high_a - low_b
    kept &= high_b - low_a
    kept &= GUARDS
    return np.asarray(kept == GUARDS)


def _morton_order(low: Array, high: Array) -> Words:
    """Triangles in the order of their box centres along a space-filling curve."""
    code = np.zeros(low.shape[1], dtype=np.int64)
    for axis in range(3):
        code |= _spread((low[axis] + high[axis]) >> 1) << np.int64(axis)
    # The curve's finest steps matter least: they give way to the triangle's number, and one sort does it all.
    places = max(len(code) - 1, 1).bit_length()
    code >>= np.int64(max(0, 3 * _BITS + places - 63))
    code = (code << np.int64(places)) | np.arange(len(code))
    code.sort()
    return np.asarray(code & np.int64((1 << places) - 1))


def _spread(values: Array) -> Words:
    """21 bits spread so that two zero bits follow each."""
    x = np.asarray(values, dtype=np.int64)
    for shift, mask in (
        (32, 0x1F00000000FFFF),
        (16, 0x1F0000FF0000FF),
        (8, 0x100F00F00F00F00F),
        (4, 0x10C30C30C30C30C3),
        (2, 0x1249249249249249),
    ):
        x = (x | (x << np.int64(shift))) & np.int64(mask)
    return x
