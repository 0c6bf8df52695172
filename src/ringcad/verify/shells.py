"""Where the shells of a mesh lie to each other, and open edges that only look closed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.topology import Topology

Array = NDArray[Any]

_MOST_PAIRS = 4_000_000
"""Edges times vertices looked at for T-junctions; a mesh with more open edges than that is a wreck anyway."""
_ON_EDGE_MM = 2e-5
"""A vertex this near to an edge lies on it: a float32 coordinate of a ring is off by up to 1e-6 mm, three of them by
2e-6, and programs write midpoints with six digits."""


def winding_number(mesh: TriangleMesh, faces: Array, point: Array) -> float:
    """How often closed shells go round a point: 1 inside one that looks outward, 0 outside.

    Sum of solid angles (Van Oosterom & Strackee 1983, doi:10.1109/TBME.1983.325207) over 4 pi.

    Parameters
    ----------
    faces : (k,) indices of the shells' faces
    point : (3,) mm, not on them
    """
    a, b, c = (mesh.corners[faces, k] - point for k in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    below = la * lb * lc + np.einsum("ij,ij->i", a, b) * lc
    below += np.einsum("ij,ij->i", b, c) * la + np.einsum("ij,ij->i", c, a) * lb
    return float(2.0 * np.arctan2(above, below).sum() / (4.0 * np.pi))


def lies_inside(mesh: TriangleMesh, topology: Topology, body: int) -> bool:
    """Whether a body of a closed mesh lies in the metal of the others (or in a hollow of theirs: in something)."""
    own = topology.body_of_face == body
    first = int(np.argmax(own))
    others = np.flatnonzero(~own)
    return bool(len(others)) and abs(winding_number(mesh, others, mesh.centers[first])) > 0.5


def t_junctions(mesh: TriangleMesh, topology: Topology) -> Array:
    """(k, 3) vertices of open edges that lie within another open edge: closed to the eye, open to a slicer."""
    edges = topology.open_edges
    ends = np.unique(edges)
    if not len(edges) or len(edges) * len(ends) > _MOST_PAIRS:
        return np.zeros((0, 3))
    start, way = mesh.vertices[edges[:, 0]], mesh.vertices[edges[:, 1]] - mesh.vertices[edges[:, 0]]
    square = np.maximum(np.einsum("ij,ij->i", way, way), 1e-300)
    found = np.zeros(len(ends), dtype=bool)
    for k, vertex in enumerate(ends):
        offset = mesh.vertices[vertex] - start
        along = np.einsum("ij,ij->i", offset, way) / square
        aside = np.linalg.norm(offset - along[:, None] * way, axis=1)
        foreign = (edges != vertex).all(axis=1)
        found[k] = bool((foreign & (along > 0.0) & (along < 1.0) & (aside <= _ON_EDGE_MM)).any())
    return np.asarray(mesh.vertices[ends[found]])
