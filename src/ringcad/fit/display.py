"""Finer skin and bore for the pictures: tiles as regular grids of the very splines.

The delivered mesh keeps its chord with long triangles over calm ground; normals interpolated on them
smear into shards under a mirror finish. For pictures alone, its triangles on skin and bore are replaced
by grids of the surfaces with the surfaces' normals, up to a short distance from other bodies; what is
kept there lies a hair below the grid, so that the grid shows where both are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import spline
from ringcad.fit.limb import LimbNets

Array = NDArray[np.float64]
Triangles = NDArray[np.int32]

#: A tile whose area in the delivered mesh differs by more than this share was trimmed by another body.
_TRIMMED_SHARE = 0.012
#: Grid cells end this far from other bodies' corners; triangles reach up to the second distance, mm.
_GRID_FROM_MM = 0.16
_MESH_UP_TO_MM = 0.42
#: Pitch of the samples that tell where a trimmed tile has metal, mm.
_PITCH_MM = 0.09
#: How far kept triangles sink below the grid, mm.
_SINK_MM = 0.006


@dataclass(frozen=True)
class Display:
    """Triangles for pictures: vertices (n, 3), triangles (m, 3), corner normals (m, 3, 3)."""

    vertices: Array
    triangles: Triangles
    corner_normals: NDArray[np.float32]


def wall_grid(net: Array, knots: Array, across_steps: int = 2) -> tuple[Array, Array]:
    """Points and outward unit normals of a wall, each (2 n, rows, 3): two per station, ``across_steps`` per span.

    Outward is away from the limb's spine: for the bore towards the finger.
    """
    fine = spline.evaluate_periodic_at_knots(spline.subdivide_periodic(net))
    last = knots[-1]
    sites = np.linspace(0.0, last, int(last) * across_steps + 1)
    points = np.einsum("jk,nkc->njc", spline.collocation(knots, sites), fine)
    along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normals = np.cross(along, np.gradient(points, axis=1))
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    return points, normals


def fine_display(
    mesh: Display,
    face_index: Triangles,
    face_names: tuple[str, ...],
    nets: LimbNets,
    skin: Array,
    stations: Sequence[int],
) -> Display:
    """The mesh with skin and bore drawn as grids. ``stations`` are those where tiles meet, ascending once round."""
    shown = mesh
    faces = face_index
    walls = (("skin", skin, nets.outer_knots), ("bore", nets.inner, spline.clamped_knots(nets.inner.shape[1])))
    for name, net, knots in walls:
        shown, faces = _draw_wall(shown, faces, face_names, name, wall_grid(net, knots), stations)
    return shown


def _draw_wall(
    mesh: Display,
    face_index: Triangles,
    face_names: tuple[str, ...],
    name: str,
    grid: tuple[Array, Array],
    stations: Sequence[int],
) -> tuple[Display, Triangles]:
    from scipy.spatial import cKDTree  # slow to import, wanted only with pictures

    if name not in face_names:
        return mesh, face_index
    points, normals = grid
    rows, columns = points.shape[:2]
    tiles = len(stations) - 1
    corner = mesh.vertices[mesh.triangles]
    turn = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    area = 0.5 * np.linalg.norm(turn, axis=1)
    centre = corner.mean(axis=1)
    named = np.array([label == name for label in face_names] + [False])
    ours = named[face_index]
    tile_of = _tile_of_faces(points, stations, face_index, len(named), area, centre)[face_index]
    meshed = np.bincount(np.where(ours, tile_of, tiles), weights=area, minlength=tiles + 1)[:tiles]
    # corners of other bodies that touch this wall; the limb's own sides do not trim it
    other = np.array([label not in ("skin", "bore", "shank_side") for label in face_names] + [False])[face_index]
    bodies = np.unique(mesh.triangles[other])
    near_mesh = np.full(len(mesh.vertices), np.inf)
    near_grid = np.full(rows * columns, np.inf)
    if len(bodies):
        tree = cKDTree(mesh.vertices[bodies])
        near_mesh, _ = tree.query(mesh.vertices, distance_upper_bound=1.0)
        near_grid, _ = tree.query(points.reshape(-1, 3), distance_upper_bound=1.0)
    flat_points, flat_normals = points.reshape(-1, 3), normals.reshape(-1, 3)
    number = np.arange(rows * columns).reshape(rows, columns)
    keep = np.ones(len(mesh.triangles), dtype=bool)
    sunk = np.zeros(len(mesh.triangles), dtype=bool)
    drawn = []
    for tile in range(tiles):
        patch = number[np.arange(2 * stations[tile], 2 * stations[tile + 1] + 1) % rows]
        a, b, c, d = patch[:-1, :-1], patch[1:, :-1], patch[1:, 1:], patch[:-1, 1:]
        quads = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
        local = flat_points[quads]
        facing = np.cross(local[:, 1] - local[:, 0], local[:, 2] - local[:, 0])
        whole = 0.5 * float(np.linalg.norm(facing, axis=1).sum())
        mine = ours & (tile_of == tile)
        if abs(meshed[tile] - whole) > _TRIMMED_SHARE * whole:
            # only where the delivered mesh has metal: not over an opening, not inside a foot
            covered, _ = cKDTree(_samples(corner[mine])).query(flat_points[quads].mean(axis=1))
            quads = quads[(near_grid[quads].min(axis=1) > _GRID_FROM_MM) & (covered < 1.2 * _PITCH_MM)]
            close = near_mesh[mesh.triangles].min(axis=1) < _MESH_UP_TO_MM
            keep &= ~mine | close
            sunk |= mine & close
        else:
            keep &= ~mine
        drawn.append(quads)
    cells = np.concatenate(drawn)
    local = flat_points[cells]
    facing = np.cross(local[:, 1] - local[:, 0], local[:, 2] - local[:, 0])
    if float(np.einsum("ij,ij->", facing, flat_normals[cells[:, 0]])) < 0.0:
        cells = cells[:, ::-1]
    # kept triangles of trimmed tiles get corners of their own, a hair below the grid
    low = corner[sunk] - _SINK_MM * mesh.corner_normals[sunk]
    triangles = mesh.triangles.copy()
    base = len(mesh.vertices)
    triangles[sunk] = base + np.arange(3 * int(sunk.sum())).reshape(-1, 3)
    grid_base = base + 3 * int(sunk.sum())
    shown = Display(
        np.concatenate([mesh.vertices, low.reshape(-1, 3), flat_points]),
        np.concatenate([triangles[keep], (grid_base + cells).astype(np.int32)]),
        np.concatenate([mesh.corner_normals[keep], flat_normals[cells].astype(np.float32)]),
    )
    return shown, np.concatenate([face_index[keep], np.full(len(cells), len(face_names), dtype=np.int32)])


def _tile_of_faces(
    points: Array, stations: Sequence[int], face_index: Triangles, faces: int, area: Array, centre: Array
) -> NDArray[np.int64]:
    """Each face lies in one tile: by its mean place along the limb."""
    weight = np.maximum(np.bincount(face_index, weights=area, minlength=faces), 1e-12)
    east = np.bincount(face_index, weights=area * centre[:, 0], minlength=faces) / weight
    north = np.bincount(face_index, weights=area * centre[:, 2], minlength=faces) / weight
    # turned so that the first seam is at the start, angles grow with the stations
    seams = points[np.array([2 * station % len(points) for station in stations])].mean(axis=1)
    angle = np.arctan2(seams[:, 0], seams[:, 2])
    whole = 2.0 * np.pi
    edges = np.mod(angle[:-1] - angle[0], whole)
    place = np.mod(np.arctan2(east, north) - angle[0], whole)
    return np.asarray(np.searchsorted(edges, place, side="right") - 1)


def _samples(corners: Array) -> Array:
    """Points on triangles (k, 3, 3), no further than the pitch from each other; (n, 3)."""
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    steps = np.ceil(longest / _PITCH_MM).astype(int)
    found = []
    for count in np.unique(steps):
        i, j = np.nonzero(np.tri(count + 1)[::-1])
        share = np.stack([i, j, count - i - j], axis=1) / count
        found.append(np.einsum("sk,tkc->tsc", share, corners[steps == count]).reshape(-1, 3))
    return np.concatenate(found)
