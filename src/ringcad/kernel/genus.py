"""Genus of a ring from its parts as coarse meshes: an oracle that shares no boolean with the kernel.

The parts are united and cut by manifold3d, whose results are manifold by construction, so the
number of handles it finds is what a sound boolean of the same parts must have (design 10).
"""

from __future__ import annotations

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import LimbNets
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.surfaces import NamedShape

#: Coarse on purpose: topology needs no detail.
_CHORD_MM = 0.03
_ANGLE_DEG = 30.0


def _manifold(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> manifold3d.Manifold:
    return manifold3d.Manifold(manifold3d.Mesh64(vertices, triangles.astype(np.uint64)))


def _coarse(part: NamedShape) -> manifold3d.Manifold:
    mesh = tessellate(part, _CHORD_MM, _ANGLE_DEG)
    return _manifold(mesh.vertices, mesh.triangles)


def limb_mesh(nets: LimbNets, step: int = 3) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The undecorated shank as a closed mesh through every ``step``-th station of its coefficients."""
    loop = np.concatenate([nets.outer[:, :-1:4], nets.right[:, :-1], nets.inner[:, :-1:4], nets.left[:, :-1]], axis=1)
    loop = loop[::step]
    rows, columns = loop.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index, np.roll(index, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(index, -1, axis=1)
    quads = np.stack([a, b, c, d], axis=-1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    vertices = loop.reshape(-1, 3)
    corners = vertices[triangles]
    volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    return vertices, triangles if volume > 0.0 else triangles[:, ::-1]


def expected_genus(
    nets: LimbNets, openings: list[NamedShape], parts: list[NamedShape], cutters: list[NamedShape]
) -> int:
    """Genus of (limb - openings) + parts - cutters. -1 when the coarse parts do not make one body."""
    body = _manifold(*limb_mesh(nets))
    for opening in openings:
        body = body - _coarse(opening)
    body = manifold3d.Manifold.batch_boolean([body, *map(_coarse, parts)], manifold3d.OpType.Add)
    body = manifold3d.Manifold.batch_boolean([body, *map(_coarse, cutters)], manifold3d.OpType.Subtract)
    pieces = body.decompose()
    return int(pieces[0].genus()) if len(pieces) == 1 else -1


def mesh_genus(triangles: NDArray[np.int32]) -> int:
    """Genus of one closed mesh by Euler's formula."""
    start, end = triangles.ravel().astype(np.int64), np.roll(triangles, -1, axis=1).ravel()
    edges = len(np.unique(np.minimum(start, end) * (int(start.max()) + 1) + np.maximum(start, end)))
    vertices = int(np.count_nonzero(np.bincount(start)))
    return 1 - (vertices - edges + len(triangles)) // 2
