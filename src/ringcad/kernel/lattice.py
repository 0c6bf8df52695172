"""Adaptive triangles on lattices of sampled patches: right triangles halved where a surface needs it.

Every patch of a surface is cut into square *cells* of ``SIDE`` x ``SIDE`` lattice steps. A cell is two right
triangles, and every triangle is halved at the middle of its longest side again and again (W. Evans,
D. Kirkpatrick, G. Townsend, *Right-Triangulated Irregular Networks*, Algorithmica 30 (2001),
doi:10.1007/s00453-001-0006-x). The middle of a longest side belongs to at most two triangles, and
both are halved together or not at all, across cells and patches that share their vertices: the mesh
has no gaps by construction. A triangle stays whole only where *every* lattice point that it covers
lies within the chord of its plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Halvings along one side of a cell, and its lattice steps.
DEPTH = 4
SIDE = 2**DEPTH


@dataclass(frozen=True)
class Lattice:
    """Sampled cells of all patches.

    Attributes
    ----------
    cells : (c, (SIDE + 1)^2) vertex numbers of each cell's points, row by row
    normals : (c, (SIDE + 1)^2, 3) unit normals of the cell's own surface there
    points : (v, 3), mm, by vertex number
    chord_mm : (c,) how far a point of the surface may lie from the triangle that stands for it
    bend : (c,) cosine of the largest angle between a triangle's plane and the normals at its corners
    curve_chord_mm : (v,) the same for the segment of an edge's polygon beside this vertex;
        infinite for points inside of patches
    """

    cells: Index
    normals: Array
    points: Array
    chord_mm: Array
    bend: Array
    curve_chord_mm: Array


@dataclass(frozen=True)
class _Level:
    """Triangles of one cell after ``n`` halvings, as positions in the cell's row-by-row points.

    ``corners`` (t, 3): right angle first, then the longest side, counter-clockwise in (u, v);
    ``middle`` (t,); ``covered`` (t, k): all other points, the middle among them, well mixed. Triangle ``t`` is halved
    into triangles ``2 t`` and ``2 t + 1`` of the next level. ``sides`` (t, s, n): all points from end to end of those
    sides that run along u or v, which can be sides of a cell: the two short ones or the longest.
    """

    corners: Index
    middle: Index
    covered: Index
    sides: Index


@cache
def _levels() -> tuple[_Level, ...]:
    wide = SIDE + 1
    grid = np.stack(np.meshgrid(np.arange(wide), np.arange(wide), indexing="ij"), axis=-1).reshape(-1, 2)
    corners = np.array([[[SIDE, 0], [SIDE, SIDE], [0, 0]], [[0, SIDE], [0, 0], [SIDE, SIDE]]])
    found = []
    for number in range(2 * DEPTH):
        apex, first, last = corners[:, 0], corners[:, 1], corners[:, 2]
        middle = (first + last) // 2
        covered = np.array([_covered(grid, triangle) for triangle in corners])
        flat = corners @ np.array([wide, 1])
        mixed = np.random.default_rng(0).permutation(covered.shape[1])
        count = 2 ** (DEPTH - number // 2)
        sides = np.stack([_between(a, b, count) for a, b in _SIDES[number % 2](apex, first, last)], axis=1)
        found.append(_Level(flat, middle @ np.array([wide, 1]), covered[:, mixed], sides @ np.array([wide, 1])))
        halves = np.stack([np.stack([middle, apex, first], axis=1), np.stack([middle, last, apex], axis=1)], axis=1)
        corners = halves.reshape(-1, 3, 2)
    flat = corners @ np.array([wide, 1])
    found.append(_Level(flat, flat[:0, 0], flat[:, :0], flat[:, :0, None]))
    return tuple(found)


#: Sides along u or v of triangles after an even and after an odd number of halvings.
_SIDES = (lambda apex, first, last: [(apex, first), (apex, last)], lambda apex, first, last: [(first, last)])


def _between(start: Index, end: Index, count: int) -> Index:
    """Lattice points (t, count + 1, 2) from ``start`` to ``end`` (t, 2)."""
    points: Index = start[:, None] + (end - start)[:, None] // count * np.arange(count + 1)[None, :, None]
    return points


def _covered(grid: Index, triangle: Index) -> Index:
    """Positions of the points of ``grid`` in the closed triangle, its corners left out."""
    inside = np.ones(len(grid), dtype=bool)
    for k in range(3):
        start, end = triangle[k], triangle[(k + 1) % 3]
        side, away = end - start, grid - start
        inside &= side[0] * away[:, 1] - side[1] * away[:, 0] >= 0
    inside[triangle @ np.array([SIDE + 1, 1])] = False
    return np.nonzero(inside)[0]


def triangulate(lattice: Lattice) -> tuple[Index, Index, Index]:
    """Triangles that keep every limit of the lattice.

    Returns ``(triangles, cell, corner)``: vertex numbers (m, 3), counter-clockwise in (u, v); the cell of each
    triangle (m,); and the positions of its corners in that cell (m, 3).
    """
    levels = _levels()
    halved = np.zeros(len(lattice.points), dtype=bool)
    seen = [np.zeros((len(lattice.cells), len(level.corners)), dtype=bool) for level in levels]
    while True:
        leaves = _descend(lattice, halved, seen)
        if not _close(lattice.cells, halved):
            break
    cell = np.concatenate([rows for rows, _ in leaves])
    corner = np.concatenate([level.corners[which] for level, (_, which) in zip(levels, leaves, strict=True)])
    order = np.argsort(cell, kind="stable")
    cell, corner = cell[order], corner[order]
    return lattice.cells[cell[:, None], corner], cell, corner


def _descend(lattice: Lattice, halved: NDArray[np.bool_], seen: list[NDArray[np.bool_]]) -> list[tuple[Index, Index]]:
    """Halve from the largest triangles down, where ``halved`` says so or a triangle not ``seen`` yet breaks a limit.

    Marks both arrays; returns the triangles that stay whole: per level their cells and positions in the level.
    """
    leaves = []
    cell, which = np.divmod(np.arange(2 * len(lattice.cells)), 2)
    for level, known in zip(_levels(), seen, strict=True):
        if not level.middle.size:
            leaves.append((cell, which))
            break
        fresh = np.nonzero(~known[cell, which])[0]
        known[cell[fresh], which[fresh]] = True
        middle = lattice.cells[cell, level.middle[which]]
        fresh = fresh[~halved[middle[fresh]]]
        bad = fresh[_bad(lattice, level, cell[fresh], which[fresh])]
        halved[middle[bad]] = True
        split = halved[middle]
        leaves.append((cell[~split], which[~split]))
        cell, which = np.repeat(cell[split], 2), np.repeat(2 * which[split], 2)
        which[1::2] += 1
    return leaves


def _close(cells: Index, halved: NDArray[np.bool_]) -> bool:
    """Halve what must be halved for the halved sides to be there at all; whether that was anything."""
    before = int(halved.sum())
    levels = _levels()
    for below, level in zip(levels[-2:0:-1], levels[-3::-1], strict=True):
        wanted = halved[cells[:, below.middle]]
        either = wanted[:, 0::2] | wanted[:, 1::2]
        halved[cells[:, level.middle][either]] = True
    return int(halved.sum()) > before


def _bad(lattice: Lattice, level: _Level, cell: Index, which: Index) -> NDArray[np.bool_]:
    """Which of the triangles ``which`` of a level in cells ``cell`` break a limit."""
    wide = lattice.cells.shape[1]
    corners = cell[:, None] * wide + level.corners[which]
    apex, first, last = (lattice.points[lattice.cells.ravel()[corners[:, k]]] for k in range(3))
    plane = np.cross(first - apex, last - apex)
    plane /= np.maximum(np.sqrt(_dot(plane, plane)), 1e-30)[:, None]
    normals = lattice.normals.reshape(-1, 3)
    bad = np.zeros(len(cell), dtype=bool)
    for k in range(3):
        bad |= _dot(plane, normals[corners[:, k]]) < lattice.bend[cell]
    for side in range(level.sides.shape[1]):
        bad |= _off_curve(lattice, cell, level.sides[which, side])
    height, chord = _dot(plane, apex), lattice.chord_mm[cell]
    left = np.nonzero(~bad)[0]
    # most triangles that are too large show it at the first few points
    for block in np.array_split(np.arange(level.covered.shape[1]), range(4, level.covered.shape[1], 24)):
        place = lattice.cells[cell[left, None], level.covered[which[left]][:, block]]
        away = np.einsum("nkc,nc->nk", lattice.points[place], plane[left]) - height[left, None]
        out = np.abs(away).max(axis=1, initial=0.0) > chord[left]
        bad[left[out]] = True
        left = left[~out]
    return bad


def _off_curve(lattice: Lattice, cell: Index, side: Index) -> NDArray[np.bool_]:
    """Whether points along a side (n, k) of triangles in cells (n,) stray from it by more than their curve's chord."""
    chord = lattice.curve_chord_mm[lattice.cells[cell, side[:, side.shape[1] // 2]]]
    on_curve = np.nonzero(np.isfinite(chord))[0]
    places = lattice.points[lattice.cells[cell[on_curve, None], side[on_curve]]]
    run = places[:, -1] - places[:, 0]
    length = np.maximum(np.sqrt(_dot(run, run)), 1e-30)
    off = np.cross(run[:, None], places[:, 1:-1] - places[:, :1])
    off = np.sqrt(np.einsum("nkc,nkc->nk", off, off)).max(axis=1, initial=0.0)
    found = np.zeros(len(cell), dtype=bool)
    found[on_curve] = off > chord[on_curve] * length
    return found


def _dot(a: Array, b: Array) -> Array:
    """Row by row."""
    result: Array = np.einsum("ij,ij->i", a, b)
    return result
