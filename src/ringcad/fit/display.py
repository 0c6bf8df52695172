"""A finer skin for the pictures: whole tiles of the relief as regular grids of the very spline.

The delivered mesh keeps its chord with long triangles over calm ground; normals interpolated on them
smear into shards under a mirror finish. Where no prong, rail or seat meets a tile, its triangles are
replaced by a grid of the tile's own surface with the surface's normals. Only pictures use it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import spline
from ringcad.fit.limb import LimbNets

Array = NDArray[np.float64]

#: A tile whose area in the delivered mesh differs by more than this share was trimmed by another body.
_TRIMMED_SHARE = 0.012
_SKIN = "skin"


def skin_grid(nets: LimbNets, skin: Array, across_steps: int = 2) -> tuple[Array, Array]:
    """Points and unit normals of the skin, each (2 n, rows, 3): two per station, ``across_steps`` per span."""
    fine = spline.evaluate_periodic_at_knots(spline.subdivide_periodic(skin))
    last = nets.outer_knots[-1]
    sites = np.linspace(0.0, last, int(last) * across_steps + 1)
    points = np.einsum("jk,nkc->njc", spline.collocation(nets.outer_knots, sites), fine)
    along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normals = np.cross(np.gradient(points, axis=1), along)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    radial = points * np.array([1.0, 0.0, 1.0])
    return points, normals if float(np.mean(np.sum(normals * radial, axis=-1))) > 0.0 else -normals


def with_fine_skin(
    vertices: Array,
    triangles: NDArray[np.int32],
    corner_normals: NDArray[np.float32],
    face_index: NDArray[np.int32],
    face_names: tuple[str, ...],
    nets: LimbNets,
    skin: Array,
    tiles: int,
) -> tuple[Array, NDArray[np.int32], NDArray[np.float32]]:
    """The mesh (vertices, triangles, corner normals) with whole skin tiles drawn as grids.

    ``tiles`` is the number of equal tiles along the limb. Arrays as in ``RingMesh``.
    """
    points, normals = skin_grid(nets, skin)
    rows, columns = points.shape[:2]
    per_tile = rows // tiles
    corner = vertices[triangles]
    area = 0.5 * np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    centre = corner.mean(axis=1)
    is_skin = np.array([name == _SKIN for name in face_names])[face_index]
    # each face lies in one tile: by its mean place along the limb, from the plain crown line's angles
    faces = len(face_names)
    weight = np.bincount(face_index, weights=area, minlength=faces)
    east = np.bincount(face_index, weights=area * centre[:, 0], minlength=faces) / np.maximum(weight, 1e-12)
    north = np.bincount(face_index, weights=area * centre[:, 2], minlength=faces) / np.maximum(weight, 1e-12)
    tile_middle = points[per_tile // 2 :: per_tile].mean(axis=1)[:tiles]
    gap = (east[:, None] - tile_middle[None, :, 0]) ** 2 + (north[:, None] - tile_middle[None, :, 2]) ** 2
    tile_of = np.where([name == _SKIN for name in face_names], np.argmin(gap, axis=1), -1)[face_index]
    meshed = np.bincount(np.where(is_skin, tile_of, tiles), weights=area, minlength=tiles + 1)[:tiles]
    keep = np.ones(len(triangles), dtype=bool)
    new_triangles, base = [triangles], len(vertices)
    corner_rows = [corner_normals]
    grid = base + np.arange(rows * columns).reshape(rows, columns)
    flat_normals = normals.reshape(-1, 3)
    for tile in range(tiles):
        index = np.arange(tile * per_tile, (tile + 1) * per_tile + 1) % rows
        patch = grid[index]
        a, b, c, d = patch[:-1, :-1], patch[1:, :-1], patch[1:, 1:], patch[:-1, 1:]
        quads = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
        local = points.reshape(-1, 3)[quads - base]
        turn = np.cross(local[:, 1] - local[:, 0], local[:, 2] - local[:, 0])
        whole = 0.5 * float(np.linalg.norm(turn, axis=1).sum())
        if abs(meshed[tile] - whole) > _TRIMMED_SHARE * whole:
            continue
        if float(np.einsum("ij,ij->", turn, flat_normals[quads[:, 0] - base])) < 0.0:
            quads = quads[:, ::-1]
        keep &= ~(is_skin & (tile_of == tile))
        new_triangles.append(quads.astype(np.int32))
        corner_rows.append(flat_normals[quads - base].astype(np.float32))
    new_triangles[0], corner_rows[0] = triangles[keep], corner_normals[keep]
    return np.concatenate([vertices, points.reshape(-1, 3)]), np.concatenate(new_triangles), np.concatenate(corner_rows)
