"""The mesh that the verifier judges: welded exactly, nothing repaired."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class TriangleMesh:
    """Triangles over shared vertices.

    Attributes
    ----------
    vertices : (n, 3) float64, mm
        Distinct points; every coordinate is a float32 value.
    faces : (m, 3) int64
    notes
        What the reader had to overlook (bytes beyond the last triangle, for one).
    byte_count
        Size of the file the mesh came from, 0 if it came from arrays.
    scale
        By what the coordinates were divided (casting scale) since they were read.
    """

    vertices: FloatArray
    faces: IntArray
    notes: tuple[str, ...] = field(default=())
    byte_count: int = 0
    scale: float = 1.0

    @cached_property
    def corners(self) -> FloatArray:
        """(m, 3, 3) corner coordinates."""
        return np.asarray(self.vertices.take(self.faces, axis=0))

    @cached_property
    def cross(self) -> FloatArray:
        """(m, 3) cross product of two edges: twice the area times the normal, mm^2."""
        corner = self.corners
        return _cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])

    @cached_property
    def areas(self) -> FloatArray:
        """(m,) mm^2."""
        x, y, z = self.cross.T
        return np.asarray(0.5 * np.sqrt(x * x + y * y + z * z))

    @cached_property
    def normals(self) -> FloatArray:
        """(m, 3) unit normals; zero for a triangle without area."""
        length = 2.0 * self.areas[:, None]
        return np.divide(self.cross, length, out=np.zeros_like(self.cross), where=length > 0.0)

    @cached_property
    def centers(self) -> FloatArray:
        """(m, 3) centroids."""
        return np.asarray(self.corners.mean(axis=1))

    @cached_property
    def bounds(self) -> FloatArray:
        """(2, 3) lower and upper corner of the box round the used vertices."""
        columns = [self.corners[:, :, k] for k in range(3)]  # one by one: much faster than along an axis of three
        return np.array([[column.min() for column in columns], [column.max() for column in columns]])

    @cached_property
    def six_volumes(self) -> FloatArray:
        """(m,) six times the signed volume between each triangle and the middle of the box, mm^3."""
        corner = self.corners - self.bounds.mean(axis=0)
        return np.asarray(np.einsum("ij,ij->i", corner[:, 0], _cross(corner[:, 1], corner[:, 2])))

    def volume(self) -> float:
        """Signed volume, mm^3 (divergence theorem); meaningful for a closed mesh."""
        return float(self.six_volumes.sum() / 6.0)

    def divided_by(self, scale: float) -> TriangleMesh:
        """The same mesh with every coordinate divided by ``scale``."""
        if scale == 1.0:
            return self
        return replace(self, vertices=self.vertices / scale, scale=self.scale * scale)


def _cross(u: FloatArray, v: FloatArray) -> FloatArray:
    """(m, 3) cross products."""
    found = np.empty(u.shape)
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        np.multiply(u[:, i], v[:, j], out=found[:, k])
        found[:, k] -= u[:, j] * v[:, i]
    return found


def sorted_with_index(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Whole numbers from 0 on in order, and the place that each came from; equal ones keep their order.

    Where key and place fit in one word together they are sorted as one, several times as fast as an argsort.
    """
    places = max(len(keys) - 1, 1).bit_length()
    if int(keys.max(initial=0)).bit_length() + places > 63:
        order = np.argsort(keys, kind="stable")
        return keys[order], order
    words = (keys << places) | np.arange(len(keys))
    words.sort()
    return words >> places, words & ((1 << places) - 1)


def weld(corners: NDArray[np.float32]) -> tuple[FloatArray, IntArray]:
    """Merge corners that are bitwise equal (a negative zero equals zero).

    Parameters
    ----------
    corners : (m, 3, 3) float32

    Returns
    -------
    vertices : (n, 3) float64, faces : (m, 3) int64
    """
    points = np.ascontiguousarray(corners.reshape(-1, 3) + np.float32(0.0), dtype=np.float32)
    bits = points.view(np.uint32).astype(np.int64).T
    x, y, z = (np.ascontiguousarray(row) for row in bits)
    hashes, order = sorted_with_index(_mixed(x, y, z, 62 - len(x).bit_length()))
    new = _changes(x, y, z, order)
    if bool((new[1:] & (hashes[1:] == hashes[:-1])).any()):  # two points with one hash, once in thousands of files
        order = np.lexsort((z, y, x))
        new = _changes(x, y, z, order)
    first, group = order[new], np.cumsum(new) - 1
    # The vertices in the order of their bits, whatever the hashes were.
    rank = np.lexsort((z[first], y[first], x[first]))
    name = np.empty(len(first), dtype=np.int64)
    name[rank] = np.arange(len(first))
    faces = np.empty(len(order), dtype=np.int64)
    faces[order] = name.take(group)
    return points.take(first[rank], axis=0).astype(np.float64), faces.reshape(-1, 3)


def _mixed(x: IntArray, y: IntArray, z: IntArray, size: int) -> IntArray:
    """A hash of three 32-bit words in ``size`` bits (multiplication by odd constants, Knuth 1973, 6.4)."""
    word = x.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for other in (y, z):
        word ^= word >> np.uint64(32)
        word += other.astype(np.uint64)
        word *= np.uint64(0xBF58476D1CE4E5B9)
    word ^= word >> np.uint64(29)
    word *= np.uint64(0x94D049BB133111EB)
    return np.asarray(word >> np.uint64(64 - size), dtype=np.int64)


def _changes(x: IntArray, y: IntArray, z: IntArray, order: IntArray) -> NDArray[np.bool_]:
    """Where, in ``order``, a point differs from the one before."""
    new = np.ones(len(order), dtype=bool)
    new[1:] = False
    for row in (x.take(order), y.take(order), z.take(order)):
        new[1:] |= row[1:] != row[:-1]
    return new


def mesh_from_arrays(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> TriangleMesh:
    """A welded mesh from plain arrays (coordinates rounded to float32, as STL would)."""
    points = np.asarray(vertices, dtype=np.float32)
    welded, index = weld(points[np.asarray(faces, dtype=np.int64)])
    return TriangleMesh(vertices=welded, faces=index)
