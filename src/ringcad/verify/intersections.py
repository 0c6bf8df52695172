"""Exact self-intersection: which pairs of triangles meet anywhere but in the corners and edges they share.

Two triangles without a common vertex must not touch at all. With one common vertex they must meet
in it alone; with two, in the common edge alone. Every decision is a sign of an exact determinant
(:mod:`ringcad.verify.exact`), so there are neither false alarms on nearly coplanar neighbours nor
misses. Triangles of zero area are left to the degenerate-face check. Pairs with a common vertex are looked at only
where the whole fan of triangles round it is not proven simple at once (:mod:`ringcad.verify.fans`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.exact import (
    EPSILON,
    PLANE_BOUND,
    ExactFaces,
    Lattice,
    cross_exact,
    drop_axes,
    exact_faces,
    orient2d_exact,
    orient3d,
)
from ringcad.verify.fans import surely_simple
from ringcad.verify.pairs import GUARDS, TooManyPairs, overlapping_pairs, pack

Array = NDArray[Any]

_AT_ONCE = 1 << 15
"""Pairs tested together at least, when few of those found are left to test."""
_FEW = 1 << 13
_EXACT_AT_MOST = 400_000
"""Signs taken in Python integers before the search gives up: some seconds. A delivered ring needs none."""
_BOXES_AT_LEAST = 20_000_000
_BOXES_PER_FACE = 60
"""Pairs of boxes looked at, of all levels of the tree together, before the search gives up. The shipped rings and
even meshes of a million triangles need 16 per face (tests/test_verify_hostile.py)."""


@dataclass(frozen=True)
class SelfIntersections:
    """Pairs of triangles that meet where they must not.

    Attributes
    ----------
    pairs : (k, 2) int, indices into the faces; at most ``max_pairs`` of them
    complete : false when the search stopped before its end: at ``max_pairs``, or because more boxes of triangles
        overlap, or more signs need long integers, than on any surface (``crowded``)
    crowded : whether it stopped for the latter
    """

    pairs: Array
    complete: bool
    crowded: bool = False


def self_intersections(
    vertices: Array, faces: Array, *, regular: Array | None = None, max_pairs: int = 100_000
) -> SelfIntersections:
    """All improper contacts of a welded mesh.

    Parameters
    ----------
    vertices : (n, 3) float64 with float32 values, no two rows equal
    faces : (m, 3) int
    regular : (n,) bool, vertices known to be so (:attr:`ringcad.verify.topology.Topology.regular_vertices`);
        saves time and changes nothing
    """
    return improper_contacts(exact_faces(vertices, faces), regular, max_pairs=max_pairs)


def improper_contacts(
    triangles: ExactFaces, regular: Array | None = None, *, max_pairs: int = 100_000
) -> SelfIntersections:
    """:func:`self_intersections` of faces whose exact numbers are at hand."""
    usable = np.flatnonzero(~triangles.zero_area)
    simple = None if regular is None else surely_simple(triangles, regular)
    chosen = triangles if len(usable) == len(triangles.faces) else triangles.part(usable)
    test = _PairTest(chosen)
    apart = None if simple is None else _Apart(chosen, simple)
    found: list[Array] = []
    total = 0
    budget = _BOXES_AT_LEAST + _BOXES_PER_FACE * len(chosen.faces)
    pairs = overlapping_pairs(triangles.lattice.points.take(chosen.faces, axis=0), budget)
    crowded = False
    try:
        chunks = pairs if apart is None else _gathered(apart.of(pairs))
        for first, second in chunks if triangles.lattice.small else _in_small_parts(chunks):
            if triangles.lattice.spent[0] > _EXACT_AT_MOST:
                raise TooManyPairs
            bad = test.improper(first, second)
            if bad.any():
                rows = np.stack([usable[first[bad]], usable[second[bad]]], axis=1)
                found.append(np.sort(rows, axis=1))
                total += len(rows)
                if total > max_pairs:
                    break
    except TooManyPairs:
        crowded = True
    merged = np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)
    merged = merged[np.lexsort((merged[:, 1], merged[:, 0]))]
    return SelfIntersections(merged[:max_pairs], total <= max_pairs and not crowded, crowded)


class _Apart:
    """Sorts out the pairs that have a common vertex which is proven simple.

    A face is one word of its three vertices (:func:`ringcad.verify.pairs.pack`), which is compared with the
    three rotations of another's at once. Vertices that are not simple, or have no room in a field, are left
    out: they become two numbers that never meet.
    """

    def __init__(self, triangles: ExactFaces, simple: Array) -> None:
        most = (1 << 20) - 2
        number = np.arange(len(simple))
        known = simple & (number < most)
        mine, theirs = np.where(known, number, most), np.where(known, number, most + 1)
        self.own = pack(np.stack([mine.take(column) for column in triangles.columns]))
        turned = [theirs.take(column) for column in triangles.columns]
        self.others = [pack(np.stack(turned[k:] + turned[:k])) for k in range(3)]
        self.ones = pack(np.ones((3, 1), dtype=np.int64))[0]

    def of(self, pairs: Iterable[tuple[Array, Array]]) -> Iterator[tuple[Array, Array]]:
        """The pairs that have no simple vertex in common."""
        for first, second in pairs:
            rows = self.rows(first, second)
            yield first.take(rows), second.take(rows)

    def rows(self, first: Array, second: Array) -> Array:
        """Which of the pairs have no simple vertex in common."""
        own = self.own.take(first)
        kept = np.full(len(first), GUARDS)
        for other in self.others:
            # A field that is zero borrows its guard bit when one is taken off.
            differs = other.take(second)
            differs ^= own
            differs |= GUARDS
            differs -= self.ones
            kept &= differs
        return np.flatnonzero(kept == GUARDS)


def _gathered(pairs: Iterable[tuple[Array, Array]]) -> Iterator[tuple[Array, Array]]:
    """The same pairs in chunks of about ``_AT_ONCE`` or more."""
    waiting: list[tuple[Array, Array]] = []
    count = 0
    for first, second in pairs:
        waiting.append((first, second))
        count += len(first)
        if count >= _AT_ONCE:
            yield np.concatenate([one for one, _ in waiting]), np.concatenate([two for _, two in waiting])
            waiting, count = [], 0
    if count:
        yield np.concatenate([one for one, _ in waiting]), np.concatenate([two for _, two in waiting])


def _in_small_parts(pairs: Iterable[tuple[Array, Array]]) -> Iterator[tuple[Array, Array]]:
    """The same pairs, a few at a time: signs in Python integers take a thousand times as long."""
    for first, second in pairs:
        for begin in range(0, len(first), _FEW):
            yield first[begin : begin + _FEW], second[begin : begin + _FEW]


class _PairTest:
    """The test of index pairs, with what every chunk needs of the planes."""

    def __init__(self, triangles: ExactFaces) -> None:
        self.lattice = triangles.lattice
        self.faces = triangles.faces
        self.normal = triangles.normal
        self.bound = PLANE_BOUND * triangles.permanent
        self.origin = triangles.corners[0]
        self.points = triangles.lattice.columns
        self.columns = triangles.columns

    def improper(self, first: Array, second: Array) -> NDArray[np.bool_]:
        """(k,) whether triangles ``first`` and ``second`` meet outside what they share."""
        own = [column.take(first) for column in self.columns]
        other = [column.take(second) for column in self.columns]
        in_own = [np.zeros(len(first), dtype=bool) for _ in range(3)]
        in_other = [np.zeros(len(first), dtype=bool) for _ in range(3)]
        for i in range(3):
            for j in range(3):
                same = own[i] == other[j]
                in_own[i] |= same
                in_other[j] |= same
        shared = in_own[0].astype(np.int8) + in_own[1] + in_own[2]
        result = shared == 3  # the same three vertices twice: a duplicate, which overlaps fully
        rows = np.flatnonzero(shared == 0)
        if len(rows):
            result[rows] = self._apart(first[rows], second[rows])
        # Corner that alone is shared (or alone is not) in either triangle.
        for count, alone, test in ((1, True, self._one_vertex), (2, False, self._one_edge)):
            rows = np.flatnonzero(shared == count)
            if len(rows):
                at_own, at_other = _which(in_own, rows, alone), _which(in_other, rows, alone)
                result[rows] = test(first[rows], second[rows], at_own, at_other)
        return np.asarray(result)

    def _one_side(self, plane: Array, triangle: Array, shared: int) -> NDArray[np.bool_]:
        """Rows where all corners of ``triangle`` (but ``shared`` of them, on the plane) are surely on one side."""
        origin = [c.take(plane) for c in self.origin]
        normal = [c.take(plane) for c in self.normal]
        bound = self.bound.take(plane)
        above = np.zeros(len(plane), dtype=np.int8)
        below = np.zeros(len(plane), dtype=np.int8)
        for column in self.columns:
            vertex = column.take(triangle)
            x = self.points[0].take(vertex) - origin[0]
            y = self.points[1].take(vertex) - origin[1]
            z = self.points[2].take(vertex) - origin[2]
            height = x * normal[0] + y * normal[1] + z * normal[2]
            slack = bound * (np.abs(x) + np.abs(y) + np.abs(z)) + 1e-280
            above += height > slack
            below += height < -slack
        clear = 3 - shared
        return (above >= clear) | (below >= clear)

    def _apart(self, first: Array, second: Array) -> NDArray[np.bool_]:
        result = np.zeros(len(first), dtype=bool)
        rows = np.flatnonzero(~self._one_side(first, second, 0))
        rows = rows[~self._one_side(second[rows], first[rows], 0)]
        if not len(rows):
            return result
        a, b = self.faces[first[rows]], self.faces[second[rows]]
        side_b = [orient3d(self.lattice, a[:, 0], a[:, 1], a[:, 2], b[:, k]) for k in range(3)]
        flat = (side_b[0] == 0) & (side_b[1] == 0) & (side_b[2] == 0)
        cut = np.flatnonzero(~flat & ~_strictly_one_side(side_b))
        if len(cut):
            result[rows[cut]] = self._crossing(a[cut], b[cut], [side[cut] for side in side_b])
        level = np.flatnonzero(flat)
        if len(level):
            result[rows[level]] = _coplanar_meet(self.lattice, a[level], b[level])
        return result

    def _crossing(self, a: Array, b: Array, side_b: list[Array]) -> NDArray[np.bool_]:
        """Triangles in different planes: does an edge of one pass through the other?"""
        lattice = self.lattice
        side_a = [orient3d(lattice, b[:, 0], b[:, 1], b[:, 2], a[:, k]) for k in range(3)]
        result = np.zeros(len(a), dtype=bool)
        rows = np.flatnonzero(~_strictly_one_side(side_a))
        if not len(rows):
            return result
        a, b = a[rows], b[rows]
        side_a, side_b = [side[rows] for side in side_a], [side[rows] for side in side_b]
        edges = [
            [orient3d(lattice, a[:, i], a[:, (i + 1) % 3], b[:, j], b[:, (j + 1) % 3]) for j in range(3)]
            for i in range(3)
        ]
        hit = np.zeros(len(rows), dtype=bool)
        for k in range(3):
            following = (k + 1) % 3
            hit |= _passes(side_a[k], side_a[following], edges[k])
            hit |= _passes(side_b[k], side_b[following], [edges[i][k] for i in range(3)])
        result[rows] = hit
        return result

    def _one_vertex(self, first: Array, second: Array, at_a: Array, at_b: Array) -> NDArray[np.bool_]:
        """Common vertex v (corner ``at_a`` of one, ``at_b`` of the other).

        They meet elsewhere iff the edge opposite v of one meets the other triangle.
        """
        result = np.zeros(len(first), dtype=bool)
        rows = np.flatnonzero(~self._one_side(first, second, 1))
        rows = rows[~self._one_side(second[rows], first[rows], 1)]
        if not len(rows):
            return result
        a, b = self.faces[first[rows]], self.faces[second[rows]]
        at_a, at_b = at_a[rows], at_b[rows]
        v, p, q = (_take(a, at_a + k) for k in range(3))
        c, d = (_take(b, at_b + k) for k in (1, 2))
        lattice = self.lattice
        side_c, side_d = orient3d(lattice, v, p, q, c), orient3d(lattice, v, p, q, d)
        flat = (side_c == 0) & (side_d == 0)
        cut = np.flatnonzero(~flat & (side_c * side_d <= 0))
        if len(cut):
            side_p = orient3d(lattice, v[cut], c[cut], d[cut], p[cut])
            side_q = orient3d(lattice, v[cut], c[cut], d[cut], q[cut])
            edge = orient3d(lattice, p[cut], q[cut], c[cut], d[cut])
            hit = _passes(side_p, side_q, [side_c[cut], edge, -side_d[cut]])
            hit |= _passes(side_c[cut], side_d[cut], [side_p, edge, -side_q])
            result[rows[cut]] = hit
        level = np.flatnonzero(flat)
        if len(level):
            result[rows[level]] = _coplanar_fans_meet(lattice, *(x[level] for x in (v, p, q, c, d)))
        return result

    def _one_edge(self, first: Array, second: Array, at_a: Array, at_b: Array) -> NDArray[np.bool_]:
        """Common edge: they meet elsewhere iff they are coplanar with both apexes on one side of it.

        ``at_a`` and ``at_b`` are the corners that are not on the edge.
        """
        a, b = self.faces[first], self.faces[second]
        apex_a, start, end = (_take(a, at_a + k) for k in range(3))
        apex_b = _take(b, at_b)
        points = self.lattice.points
        edge = points[end] - points[start]
        to_a, to_b = points[apex_a] - points[start], points[apex_b] - points[start]
        dot = np.zeros(len(a))
        size = np.zeros(len(a))
        for k in range(3):
            i, j = (k + 1) % 3, (k + 2) % 3
            a1, a2 = edge[:, i] * to_a[:, j], edge[:, j] * to_a[:, i]
            b1, b2 = edge[:, i] * to_b[:, j], edge[:, j] * to_b[:, i]
            dot += (a1 - a2) * (b1 - b2)
            size += (np.abs(a1) + np.abs(a2)) * (np.abs(b1) + np.abs(b2))
        result = np.zeros(len(a), dtype=bool)
        # Apexes on opposite sides (a dihedral angle above 90 degrees): no fold. 64 eps is over four
        # times the forward error of the sum above.
        rows = np.flatnonzero(~(dot < -64.0 * EPSILON * size - 1e-280))
        if not len(rows):
            return result
        apex_a, start, end, apex_b = apex_a[rows], start[rows], end[rows], apex_b[rows]
        flat = np.flatnonzero(orient3d(self.lattice, apex_a, start, end, apex_b) == 0)
        if len(flat):
            apex_a, start, end, apex_b = apex_a[flat], start[flat], end[flat], apex_b[flat]
            axes = drop_axes(cross_exact(self.lattice, apex_a, start, end))
            side_a = orient2d_exact(self.lattice, axes, start, end, apex_a)
            side_b = orient2d_exact(self.lattice, axes, start, end, apex_b)
            result[rows[flat]] = side_a * side_b > 0
        return result


def _take(rows: Array, column: Array) -> Array:
    return np.asarray(rows[np.arange(len(rows)), column % 3])


def _which(marked: list[Array], rows: Array, value: bool) -> Array:
    """Position 0, 1 or 2 whose mark is ``value``."""
    return np.where(marked[0][rows] == value, 0, np.where(marked[1][rows] == value, 1, 2))


def _strictly_one_side(side: list[Array]) -> NDArray[np.bool_]:
    above = (side[0] > 0) & (side[1] > 0) & (side[2] > 0)
    below = (side[0] < 0) & (side[1] < 0) & (side[2] < 0)
    return np.asarray(above | below)


def _passes(start: Array, end: Array, around: list[Array]) -> NDArray[np.bool_]:
    """A segment whose ends lie on sides ``start`` and ``end`` of a plane, and whose line turns round
    the triangle's edges with the signs ``around``, meets the closed triangle."""
    reaches = (start * end <= 0) & ((start != 0) | (end != 0))
    left = (around[0] < 0) | (around[1] < 0) | (around[2] < 0)
    right = (around[0] > 0) | (around[1] > 0) | (around[2] > 0)
    return np.asarray(reaches & ~(left & right))


def _counter_clockwise(lattice: Lattice, axes: tuple[Array, Array], triangle: Array) -> Array:
    turned = orient2d_exact(lattice, axes, triangle[:, 0], triangle[:, 1], triangle[:, 2]) < 0
    result = triangle.copy()
    result[turned, 1], result[turned, 2] = triangle[turned, 2], triangle[turned, 1]
    return result


def _coplanar_meet(lattice: Lattice, a: Array, b: Array) -> NDArray[np.bool_]:
    """Closed coplanar triangles: apart iff an edge line of one has the other strictly outside."""
    axes = drop_axes(cross_exact(lattice, a[:, 0], a[:, 1], a[:, 2]))
    a, b = _counter_clockwise(lattice, axes, a), _counter_clockwise(lattice, axes, b)
    apart = np.zeros(len(a), dtype=bool)
    for one, other in ((a, b), (b, a)):
        for i in range(3):
            outside = np.ones(len(a), dtype=bool)
            for j in range(3):
                outside &= orient2d_exact(lattice, axes, one[:, i], one[:, (i + 1) % 3], other[:, j]) < 0
            apart |= outside
    return ~apart


def _coplanar_fans_meet(lattice: Lattice, v: Array, p: Array, q: Array, c: Array, d: Array) -> NDArray[np.bool_]:
    """Coplanar triangles v p q and v c d: they meet outside v iff their angles at v do."""
    axes = drop_axes(cross_exact(lattice, v, p, q))
    a = _counter_clockwise(lattice, axes, np.stack([v, p, q], axis=1))
    b = _counter_clockwise(lattice, axes, np.stack([v, c, d], axis=1))
    meet = np.zeros(len(v), dtype=bool)
    for one, other in ((a, b), (b, a)):
        for k in (1, 2):
            ray = other[:, k]
            meet |= (orient2d_exact(lattice, axes, v, one[:, 1], ray) >= 0) & (
                orient2d_exact(lattice, axes, v, ray, one[:, 2]) >= 0
            )
    return meet
