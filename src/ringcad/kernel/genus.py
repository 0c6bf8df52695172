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

#: Coarse on purpose, mm and degrees: topology needs no detail, except where two bodies pass each other so closely
#: that coarse chords open a slit between them or close one.
_COARSE = (0.03, 30.0)
#: As the delivered mesh.
_FINE = (0.01, 10.0)


def _manifold(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> manifold3d.Manifold:
    return manifold3d.Manifold(manifold3d.Mesh64(vertices, triangles.astype(np.uint64)))


def _meshed(part: NamedShape, limits: tuple[float, float]) -> manifold3d.Manifold:
    mesh = tessellate(part, *limits)
    return _manifold(mesh.vertices, mesh.triangles)


def limb_mesh(
    nets: LimbNets, step: int = 3, across: int = 4, first: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The undecorated shank as a closed mesh through its coefficients.

    Of those along the limb every ``step``-th is taken, of those over the width of skin and bore every ``across``-th.
    A limb with ends begins at station ``first`` (right of the head) and runs round to its mirror image.
    """
    skin, bore = nets.outer[:, :-1:across], nets.inner[:, :-1:across]
    loop = np.concatenate([skin, nets.right[:, :-1], bore, nets.left[:, :-1]], axis=1)
    if first is None:
        loop = loop[::step]
    else:
        loop = np.roll(loop, -first, axis=0)[: 2 * (len(loop) - first) + 1 : step]
    rows, columns = loop.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index, np.roll(index, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(index, -1, axis=1)
    quads = np.stack([a, b, c, d], axis=-1).reshape(-1, 4)
    if first is not None:
        quads = quads[: (rows - 1) * columns]
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    if first is not None:  # its ends, as fans
        fan = np.stack([np.zeros(columns - 2), np.arange(1, columns - 1), np.arange(2, columns)], axis=1).astype(
            np.int32
        )
        triangles = np.concatenate([triangles, fan[:, ::-1] if False else fan, fan[:, ::-1] + (rows - 1) * columns])
    vertices = loop.reshape(-1, 3)
    corners = vertices[triangles]
    volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    return vertices, triangles if volume > 0.0 else triangles[:, ::-1]


def expected_genus(
    nets: LimbNets,
    openings: list[NamedShape],
    parts: list[NamedShape],
    cutters: list[NamedShape],
    found: int | None = None,
    first: int | None = None,
) -> int:
    """Genus of (limb - openings) + parts - cutters. -1 when the parts as meshes do not make one body.

    Where coarse meshes give another number than the one that was ``found``, fine ones decide. ``first`` as in
    :func:`limb_mesh`.
    """
    genus = _genus(limb_mesh(nets, first=first), openings, parts, cutters, _COARSE)
    if found is None or genus == found:
        return genus
    return _genus(limb_mesh(nets, 1, 1, first), openings, parts, cutters, _FINE)


def _genus(
    limb: tuple[NDArray[np.float64], NDArray[np.int32]],
    openings: list[NamedShape],
    parts: list[NamedShape],
    cutters: list[NamedShape],
    limits: tuple[float, float],
) -> int:
    body = _manifold(*limb)
    for opening in openings:
        body = body - _meshed(opening, limits)
    added, taken = ([_meshed(part, limits) for part in group] for group in (parts, cutters))
    body = manifold3d.Manifold.batch_boolean([body, *added], manifold3d.OpType.Add)
    body = manifold3d.Manifold.batch_boolean([body, *taken], manifold3d.OpType.Subtract)
    pieces = body.decompose()
    return int(pieces[0].genus()) if len(pieces) == 1 else -1


def mesh_genus(triangles: NDArray[np.int32]) -> int:
    """Genus of one closed mesh by Euler's formula."""
    start, end = triangles.ravel().astype(np.int64), np.roll(triangles, -1, axis=1).ravel()
    edges = len(np.unique(np.minimum(start, end) * (int(start.max()) + 1) + np.maximum(start, end)))
    vertices = int(np.count_nonzero(np.bincount(start)))
    return 1 - (vertices - edges + len(triangles)) // 2
