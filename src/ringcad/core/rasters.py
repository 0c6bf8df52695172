"""Connected pieces, extremes and distances on sampled masks, in numpy alone (scipy takes half a second to import)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def components(size: int, one: Array, two: Array) -> tuple[int, Ints]:
    """Connected components of a graph.

    Parameters
    ----------
    size : number of nodes
    one, two : (k,) int, the nodes that each edge joins

    Returns
    -------
    number : how many components
    label : (size,) int64, 0 to ``number - 1`` in the order of each component's first node

    Each round hangs every root that has a lower neighbour under it and flattens the trees (Shiloach & Vishkin
    1982, doi:10.1016/0196-6774(82)90008-6), so it takes about as many rounds as the size has bits.
    """
    root = np.arange(size)
    one, two = np.asarray(one, dtype=np.int64), np.asarray(two, dtype=np.int64)
    while True:
        one, two = root[one], root[two]
        apart = one != two
        if not apart.any():
            break
        one, two = one[apart], two[apart]
        root[np.maximum(one, two)] = np.minimum(one, two)  # of several lower neighbours the last one written
        while True:
            above = root[root]
            if np.array_equal(above, root):
                break
            root = above
    first = root == np.arange(size)
    return int(np.count_nonzero(first)), (np.cumsum(first) - 1)[root]


def pieces(mask: Array, *, periodic: bool = False) -> tuple[Ints, int]:
    """Connected pieces of a mask, with eight neighbours.

    Parameters
    ----------
    mask : (rows, columns) bool
    periodic : whether column 0 follows the last column

    Returns
    -------
    label : (rows, columns) int64, 0 off the mask, else 1 to ``number`` in the order of reading
    number : how many pieces
    """
    rows, columns = mask.shape
    width = columns + 1  # a column of false ends every row's last run
    flat = np.zeros(rows * width + 1, dtype=np.int8)
    flat[:-1].reshape(rows, width)[:, :columns] = mask
    step = np.diff(flat, prepend=np.int8(0))
    start, end = np.flatnonzero(step == 1), np.flatnonzero(step == -1)  # of each run; the end lies behind it
    first = np.searchsorted(end, start + width, side="left")  # runs of the next row from one cell before
    last = np.searchsorted(start, end + width, side="right")  # to one behind
    many = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(start)), many)
    below = np.repeat(first - (np.cumsum(many) - many), many) + np.arange(int(many.sum()))
    if periodic:
        left, right = np.full(rows + 2, -1), np.full(rows + 2, -1)  # the run that touches the seam in each row
        at = np.flatnonzero(start % width == 0)
        left[start[at] // width + 1] = at
        at = np.flatnonzero(end % width == columns)
        right[end[at] // width + 1] = at
        pairs = [(left[1:-1], right[1 + shift : rows + 1 + shift]) for shift in (-1, 0, 1)]
        seam = np.concatenate([np.stack(pair) for pair in pairs], axis=1)
        seam = seam[:, (seam >= 0).all(axis=0)]
        above, below = np.append(above, seam[0]), np.append(below, seam[1])
    number, piece = components(len(start), above, below)
    change = np.zeros(len(flat), dtype=np.int64)
    change[start] += piece + 1
    change[end] -= piece + 1
    return np.cumsum(change)[:-1].reshape(rows, width)[:, :columns], number


def piece_maximum(values: Array, label: Ints, number: int) -> Array:
    """(number + 1,) largest value of each label from 0 on; -inf for a label that nothing has."""
    found = np.full(number + 1, -np.inf, dtype=values.dtype)
    np.maximum.at(found, label.ravel(), values.ravel())
    return found


def square_maximum(values: Array, reach: int, *, beyond: str = "edge") -> Array:
    """Largest value within ``reach`` samples along both axes.

    Parameters
    ----------
    values : (rows, columns)
    reach : at least 0
    beyond : what lies behind the edges: ``edge`` repeats them, ``nothing`` is no more than what is inside,
        ``wrap`` the same for the rows while column 0 follows the last column
    """
    down = "edge" if beyond == "edge" else "nothing"
    return _line_maximum(_line_maximum(values, reach, down).T, reach, beyond).T


def _line_maximum(values: Array, reach: int, beyond: str) -> Array:
    """Running maximum of ``2 * reach + 1`` samples along axis 0, by doubling."""
    if reach < 1:
        return values
    sides = ((reach, reach), (0, 0))
    # A run across an edge that repeats, or is left out, is the run that ends there: edge samples change nothing.
    found = np.pad(values, sides, mode="wrap" if beyond == "wrap" else "edge")
    size, length = 2 * reach + 1, 1
    while length < size:
        step = min(length, size - length)
        found = np.maximum(found[:-step], found[step:])
        length += step
    return found


def box_mean(values: Array, reach: tuple[int, int], *, periodic: bool = False) -> Array:
    """Mean of the samples within ``reach`` (rows, columns) of each, in the type of ``values``.

    Zeros lie beyond the edges; with ``periodic`` column 0 follows the last column.
    """
    return _line_mean(_line_mean(values, reach[0], False).T, reach[1], periodic).T


def _line_mean(values: Array, reach: int, wrap: bool) -> Array:
    """Running mean along axis 0: each sum is the one before, plus what comes less what leaves."""
    if reach < 1:
        return values
    size = 2 * reach + 1
    long = np.pad(values, ((reach, reach), (0, 0)), mode="wrap" if wrap else "constant").astype(np.float64)
    steps = np.empty(values.shape)
    steps[0] = np.cumsum(long[:size], axis=0)[-1]
    steps[1:] = long[size:] - long[:-size]
    return (np.cumsum(steps, axis=0) / size).astype(values.dtype)


def distance_to_false(mask: Array, limit: int) -> NDArray[np.float64]:
    """Distance of each cell's centre to that of the nearest cell where ``mask`` is false, in cells.

    Parameters
    ----------
    mask : (rows, columns) bool
    limit : distances above it come out as ``inf``; the work is proportional to it

    Returns
    -------
    (rows, columns) float64, 0 where the mask is false
    """
    rows, columns = mask.shape
    far = limit + 1
    index = np.arange(rows, dtype=np.int32)[:, None]
    before = np.maximum.accumulate(np.where(mask, np.int32(-far), index), axis=0)
    after = np.minimum.accumulate(np.where(mask, np.int32(rows + far), index)[::-1], axis=0)[::-1]
    along = np.minimum(np.minimum(index - before, after - index), far) ** 2
    nearest = along.copy()
    for step in range(1, min(limit, columns - 1) + 1):
        shifted = along + np.int32(step * step)
        np.minimum(nearest[:, step:], shifted[:, :-step], out=nearest[:, step:])
        np.minimum(nearest[:, :-step], shifted[:, step:], out=nearest[:, :-step])
    return np.where(nearest <= limit * limit, np.sqrt(nearest), np.inf)
