"""Corner normals of a triangle mesh, split at creases, for meshes that come without a B-rep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CREASE_DEG = 35.0
"""Neighbouring facets that turn by more than this are an edge, not a curved surface."""

_WIDE_VALENCE = 96
"""Vertices with more corners than this (fans on caps) are treated one at a time."""


def face_normals(
    vertices: NDArray[np.float64], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit normals (M, 3) and interior angles (M, 3, radians); a degenerate triangle gets zeros."""
    p = vertices[triangles]
    edges = np.roll(p, -1, axis=1) - p
    cross = np.cross(edges[:, 0], -edges[:, 2])
    length = np.linalg.norm(cross, axis=1, keepdims=True)
    normals = np.divide(cross, length, out=np.zeros_like(cross), where=length > 0)
    unit = edges / np.maximum(np.linalg.norm(edges, axis=2, keepdims=True), 1e-30)
    cosine = -np.einsum("mij,mij->mi", unit, np.roll(unit, 1, axis=1))
    return normals, np.where(length > 0, np.arccos(np.clip(cosine, -1.0, 1.0)), 0.0)


def crease_normals(
    vertices: NDArray[np.float64], triangles: NDArray[np.int32], crease_deg: float = CREASE_DEG
) -> NDArray[np.float32]:
    """Unit normal per corner: the angle-weighted mean over the facets at that vertex within the crease angle.

    Angle weights after Thurmer and Wuthrich (1998), doi:10.1080/10867651.1998.10487487. Vertices
    with identical coordinates count as one. Returns (M, 3, 3) float32.
    """
    _, welded = np.unique(vertices, axis=0, return_inverse=True)
    normals, angles = face_normals(vertices, triangles)
    corner_vertex = welded.ravel()[triangles].ravel()
    order = np.argsort(corner_vertex, kind="stable")
    face = order // 3
    counts = np.bincount(corner_vertex[order])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    weighted = normals[face] * angles.ravel()[order, None]
    own = normals[face]
    limit = np.cos(np.deg2rad(crease_deg))
    out = np.empty((len(order), 3))
    for valence in np.unique(counts[counts > 0]):
        first = starts[counts == valence]
        if valence > _WIDE_VALENCE:
            groups = [first[i : i + 1] for i in range(len(first))]
        else:
            step = max(1, 4_000_000 // int(valence) ** 2)
            groups = [first[i : i + step] for i in range(0, len(first), step)]
        for group in groups:
            index = group[:, None] + np.arange(valence)
            mine = own[index]
            smooth = (mine @ mine.transpose(0, 2, 1)) >= limit
            out[index] = smooth @ weighted[index]
    length = np.linalg.norm(out, axis=1, keepdims=True)
    out = np.where(length > 1e-12, out / np.maximum(length, 1e-12), own)
    result = np.empty((len(order), 3), np.float32)
    result[order] = out
    return result.reshape(-1, 3, 3)
