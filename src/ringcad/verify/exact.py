"""Signs of determinants, decided exactly.

Every finite float32 is an integer times a power of two, so all vertices of an STL file lie on one
integer lattice and every predicate is a sign of an integer. A float64 evaluation with a forward
error bound (after Shewchuk 1997, doi:10.1007/PL00009321) decides almost all of them; the rest are
computed in int64 limbs where the lattice is small enough, else in Python integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

EPSILON = 2.0**-53
ORIENT_BOUND = 8.0 * EPSILON
"""Shewchuk's static bound for orient3d is (7 + 56 eps) eps times the permanent; 8 eps is above it."""

PLANE_BOUND = 32.0 * EPSILON
"""Forward error of normal . (x - a) for a vector x - a that is exact or rounded once: each component of the normal
is off by at most 6 eps of its permanent and the dot product adds 4 eps of it; 32 leaves room for (1 + eps) factors."""

_SMALL_BITS = 28
"""With differences below 2^28 a 2x2 minor has 57 bits and each limb sum below stays inside int64."""
_LIMB = 26


@dataclass(frozen=True)
class Lattice:
    """Vertices as exact numbers.

    Attributes
    ----------
    points : (n, 3) float64
    integers : (n, 3) int64, or object (Python integers) when the lattice is too fine for int64
    small : whether 2x2 minors and their sums fit in int64 limbs
    spent : one number, how many signs were taken in Python integers so far
    """

    points: Array
    integers: Array
    small: bool
    spent: list[int] = field(default_factory=lambda: [0], compare=False)

    @cached_property
    def columns(self) -> tuple[Array, Array, Array]:
        """The points' coordinates, (n,) each."""
        x, y, z = (np.ascontiguousarray(self.points[:, k]) for k in range(3))
        return x, y, z


def make_lattice(points: Array) -> Lattice:
    """The integer lattice of float32-valued points.

    Parameters
    ----------
    points : (n, 3) float64 whose values are float32 values
    """
    values = np.asarray(points, dtype=np.float64)
    if not np.array_equal(values, values.astype(np.float32)):
        raise ValueError("the lattice needs float32 values")
    mantissa, exponent = np.frexp(values)
    whole = np.rint(np.ldexp(mantissa, 24)).astype(np.int64)
    lowest = whole & -whole
    _, trailing = np.frexp(lowest.astype(np.float64))
    needed = np.where(whole != 0, 24 - exponent - (trailing - 1), -(10**6))
    power = int(needed.max(initial=0)) if (whole != 0).any() else 0
    span = float(np.ptp(values, axis=0).max()) if len(values) else 0.0
    largest = float(np.abs(values).max(initial=0.0))
    if np.ldexp(span, power) < 2.0**_SMALL_BITS and np.ldexp(largest, power) < 2.0**62:
        return Lattice(values, np.ldexp(values, power).astype(np.int64), True)
    # The denominator of a finite float32 is a power of two, so the product below is a whole number.
    scale = 1 << max(power, 0)
    flat = [int(n * (scale // d)) for n, d in (float(v).as_integer_ratio() for v in values.ravel())]
    integers = np.empty(len(flat), dtype=object)
    integers[:] = flat
    return Lattice(values, integers.reshape(values.shape), False)


@dataclass(frozen=True)
class ExactFaces:
    """Triangles over a lattice with their float64 normals and what these are off by at most.

    Attributes
    ----------
    lattice : of the vertices
    faces : (m, 3) int64
    """

    lattice: Lattice
    faces: Array

    @cached_property
    def columns(self) -> tuple[Array, Array, Array]:
        """The three corners' vertices, (m,) each."""
        one, two, three = (np.ascontiguousarray(self.faces[:, k]) for k in range(3))
        return one, two, three

    @cached_property
    def corners(self) -> list[list[Array]]:
        """Coordinates [corner][axis], (m,) each."""
        return [[self.lattice.columns[k].take(column) for k in range(3)] for column in self.columns]

    @cached_property
    def _edges(self) -> list[list[Array]]:
        """Vectors [edge][axis] from corner 0 to 1 and from corner 0 to 2, (m,) each."""
        first, second, third = self.corners
        return [[end - start for start, end in zip(first, ends, strict=True)] for ends in (second, third)]

    @cached_property
    def _products(self) -> list[tuple[Array, Array]]:
        u, v = self._edges
        return [(u[(k + 1) % 3] * v[(k + 2) % 3], u[(k + 2) % 3] * v[(k + 1) % 3]) for k in range(3)]

    @cached_property
    def normal(self) -> list[Array]:
        """Twice the area times the normal, by axis, (m,) each."""
        return [a - b for a, b in self._products]

    @cached_property
    def permanent(self) -> Array:
        """(m,) largest sum of magnitudes behind a component of the normal."""
        return np.asarray(np.maximum.reduce([np.abs(a) + np.abs(b) for a, b in self._products]))

    @cached_property
    def zero_area(self) -> NDArray[np.bool_]:
        """(m,) true where a triangle's three corners are collinear or coincide, exactly."""
        size = self.permanent
        largest = np.maximum.reduce([np.abs(component) for component in self.normal])
        result = np.zeros(len(self.faces), dtype=bool)
        # A component is off by less than 6 eps of its permanent.
        unsure = np.flatnonzero((largest <= 16.0 * EPSILON * size) | (size < 1e-280))
        if len(unsure):
            exact = cross_exact(self.lattice, *(column[unsure] for column in self.columns))
            result[unsure] = (exact == 0).all(axis=1)
        return result

    def part(self, rows: Array) -> ExactFaces:
        """Some of the faces."""
        return ExactFaces(self.lattice, self.faces.take(rows, axis=0))


def exact_faces(vertices: Array, faces: Array) -> ExactFaces:
    """See :func:`make_lattice` for the vertices; ``faces`` (m, 3) int."""
    return ExactFaces(make_lattice(vertices), np.ascontiguousarray(faces, dtype=np.int64))


def orient3d(lattice: Lattice, a: Array, b: Array, c: Array, d: Array) -> NDArray[np.int8]:
    """Sign of det[a - d; b - d; c - d] for arrays of vertex indices; odd permutations flip it."""
    last = [column.take(d) for column in lattice.columns]
    u, v, w = ([column.take(p) - q for column, q in zip(lattice.columns, last, strict=True)] for p in (a, b, c))
    first, second = v[1] * w[2], v[2] * w[1]
    third, fourth = v[2] * w[0], v[0] * w[2]
    fifth, sixth = v[0] * w[1], v[1] * w[0]
    value = u[0] * (first - second) + u[1] * (third - fourth) + u[2] * (fifth - sixth)
    size = (
        np.abs(u[0]) * (np.abs(first) + np.abs(second))
        + np.abs(u[1]) * (np.abs(third) + np.abs(fourth))
        + np.abs(u[2]) * (np.abs(fifth) + np.abs(sixth))
    )
    sign = np.sign(value).astype(np.int8)
    # An underflowing product has lost its bits; 1e-280 is far above where that begins.
    unsure = np.flatnonzero((np.abs(value) <= ORIENT_BOUND * size) | (size < 1e-280))
    if len(unsure):
        sign[unsure] = orient3d_exact(lattice, a[unsure], b[unsure], c[unsure], d[unsure])
    return np.asarray(sign)


def orient3d_exact(lattice: Lattice, a: Array, b: Array, c: Array, d: Array) -> NDArray[np.int8]:
    """:func:`orient3d` by integers alone."""
    whole = lattice.integers
    last = whole[d]
    u, v, w = whole[a] - last, whole[b] - last, whole[c] - last
    minors = (
        v[:, 1] * w[:, 2] - v[:, 2] * w[:, 1],
        v[:, 2] * w[:, 0] - v[:, 0] * w[:, 2],
        v[:, 0] * w[:, 1] - v[:, 1] * w[:, 0],
    )
    if not lattice.small:
        lattice.spent[0] += len(u)
        return _sign(u[:, 0] * minors[0] + u[:, 1] * minors[1] + u[:, 2] * minors[2])
    mask = (1 << _LIMB) - 1
    high = sum(u[:, k] * (minors[k] >> _LIMB) for k in range(3))
    low = sum(u[:, k] * (minors[k] & mask) for k in range(3))
    high = high + (low >> _LIMB)
    low = low & mask
    return _sign(np.where(high != 0, high, low))


def cross_exact(lattice: Lattice, a: Array, b: Array, c: Array) -> Array:
    """(k, 3) cross product (b - a) x (c - a) in lattice units, exact."""
    whole = lattice.integers
    u, v = whole[b] - whole[a], whole[c] - whole[a]
    return np.stack(
        [
            u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1],
            u[:, 2] * v[:, 0] - u[:, 0] * v[:, 2],
            u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0],
        ],
        axis=1,
    )


def drop_axes(cross: Array) -> tuple[Array, Array]:
    """Two coordinate axes that keep a plane's triangles two-dimensional, and that stay right-handed.

    Parameters
    ----------
    cross : (k, 3) exact normals, none of them zero
    """
    largest = np.where(cross[:, 0] != 0, 0, np.where(cross[:, 1] != 0, 1, 2))
    return (largest + 1) % 3, (largest + 2) % 3


def orient2d_exact(lattice: Lattice, axes: tuple[Array, Array], a: Array, b: Array, c: Array) -> NDArray[np.int8]:
    """Sign of the area of a, b, c projected on ``axes`` (one pair of axes per row)."""
    whole = lattice.integers
    x, y = axes
    ax, ay = whole[a, x], whole[a, y]
    return _sign((whole[b, x] - ax) * (whole[c, y] - ay) - (whole[b, y] - ay) * (whole[c, x] - ax))


def _sign(values: Array) -> NDArray[np.int8]:
    return np.asarray((values > 0).astype(np.int8) - (values < 0).astype(np.int8))
