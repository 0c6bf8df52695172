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
        return np.asarray(self.vertices[self.faces])

    @cached_property
    def cross(self) -> FloatArray:
        """(m, 3) cross product of two edges: twice the area times the normal, mm^2."""
        corner = self.corners
        return np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])

    @cached_property
    def areas(self) -> FloatArray:
        """(m,) mm^2."""
        return np.asarray(0.5 * np.sqrt((self.cross**2).sum(axis=1)))

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
        used = self.corners.reshape(-1, 3)
        return np.stack([used.min(axis=0), used.max(axis=0)])

    def volume(self) -> float:
        """Signed volume, mm^3 (divergence theorem); meaningful for a closed mesh."""
        corner = self.corners - self.bounds.mean(axis=0)
        return float(np.einsum("ij,ij->", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])) / 6.0)

    def divided_by(self, scale: float) -> TriangleMesh:
        """The same mesh with every coordinate divided by ``scale``."""
        if scale == 1.0:
            return self
        return replace(self, vertices=self.vertices / scale, scale=self.scale * scale)


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
    bits = points.view(np.uint32).astype(np.uint64)
    _, pair = np.unique((bits[:, 0] << np.uint64(32)) | bits[:, 1], return_inverse=True)
    triple = (pair.astype(np.uint64) << np.uint64(32)) | bits[:, 2]
    _, first, inverse = np.unique(triple, return_index=True, return_inverse=True)
    return points[first].astype(np.float64), inverse.reshape(-1, 3).astype(np.int64)


def mesh_from_arrays(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> TriangleMesh:
    """A welded mesh from plain arrays (coordinates rounded to float32, as STL would)."""
    points = np.asarray(vertices, dtype=np.float32)
    welded, index = weld(points[np.asarray(faces, dtype=np.int64)])
    return TriangleMesh(vertices=welded, faces=index)
