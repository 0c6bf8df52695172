"""Finer skin, bore and carved sides for the pictures: tiles as regular grids of the very splines.

The delivered mesh keeps its chord with long triangles over calm ground; normals interpolated on them
smear into shards under a mirror finish. For pictures alone, its triangles on skin and bore are replaced
by grids of the surfaces with the surfaces' normals, up to a short distance from other bodies; what is
kept there lies a hair below the grid, so that the grid shows where both are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
#: Cells are joined where the surface lies this close to what is drawn of them (0.3 pixel of the macro), mm, and no
#: part of its unit normal differs by more than this (0.3 degrees).
_FLAT_MM = 0.003
_FLAT_TURN = 0.005


@dataclass(frozen=True)
class Display:
    """Triangles for pictures: vertices (n, 3), triangles (m, 3), corner normals (m, 3, 3)."""

    vertices: Array
    triangles: Triangles
    corner_normals: NDArray[np.float32]


def wall_grid(net: Array, knots: Array, across_steps: int = 2, along_steps: int = 2) -> tuple[Array, Array]:
    """Points and outward unit normals of a wall, each (rows, columns, 3), along and across the limb.

    ``along_steps`` rows (1 or 2) per station, ``across_steps`` columns per span. Outward is away from the limb's
    spine: for the bore towards the finger.
    """
    fine = spline.evaluate_periodic_at_knots(net if along_steps == 1 else spline.subdivide_periodic(net))
    last = knots[-1]
    sites = np.linspace(0.0, last, int(last) * across_steps + 1)
    points = np.matmul(spline.collocation(knots, sites), fine)
    along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normals = _cross(along, np.gradient(points, axis=1))
    normals /= np.maximum(_length(normals), 1e-12)[..., None]
    return points, normals


@dataclass(frozen=True)
class _Wall:
    """A wall drawn anew: its grid, the cells drawn of it, and the mesh's own triangles that they replace; of those
    the ``near`` ones remain, a hair below the grid."""

    points: Array
    normals: NDArray[np.float32]
    cells: NDArray[np.int64]
    mine: NDArray[np.int64]
    near: NDArray[np.bool_]


def fine_display(
    mesh: Display,
    face_index: Triangles,
    face_names: tuple[str, ...],
    nets: LimbNets,
    skin: Array,
    stations: Sequence[int],
) -> Display:
    """The mesh with skin, bore and carved sides drawn as grids.

    ``stations`` are those where tiles meet, ascending once round.
    """
    bore_knots = spline.clamped_knots(nets.inner.shape[1])
    # the bore is plain along the limb
    grids = [("skin", 0, wall_grid(skin, nets.outer_knots)), ("bore", 0, wall_grid(nets.inner, bore_knots, 2, 1))]
    if nets.carved:
        knots = spline.clamped_knots(nets.right.shape[1])
        grids += [("shank_side", 1, wall_grid(nets.right, knots)), ("shank_side", -1, wall_grid(nets.left, knots))]
    walls = []
    for name, side, grid in grids:
        if name in face_names:
            mine = np.flatnonzero(np.array([label == name for label in face_names] + [False])[face_index])
            if side:  # both sides have one name
                mine = mine[side * mesh.vertices[mesh.triangles[mine], 1].sum(axis=1) > 0.0]
            seams = np.asarray(stations) * (len(grid[0]) // len(skin))
            walls.append(_draw_wall(mesh, face_index, face_names, mine, *grid, seams, whole_tiles=bool(side)))
    keep = np.ones(len(mesh.triangles), dtype=bool)
    for wall in walls:
        keep[wall.mine] = False
    vertices, corner_normals = [mesh.vertices], [mesh.corner_normals[keep]]
    triangles: list[NDArray[np.int64]] = [mesh.triangles[keep].astype(np.int64)]
    count = len(mesh.vertices)
    for wall in walls:
        # kept triangles of trimmed tiles get corners of their own, a hair below the grid
        sunk = wall.mine[wall.near]
        turned = mesh.corner_normals[sunk]
        vertices += [(mesh.vertices[mesh.triangles[sunk]] - _SINK_MM * turned).reshape(-1, 3), wall.points]
        triangles += [count + np.arange(3 * len(sunk)).reshape(-1, 3), count + 3 * len(sunk) + wall.cells]
        corner_normals += [turned, wall.normals[wall.cells]]
        count += 3 * len(sunk) + len(wall.points)
    corners = np.concatenate(triangles)
    used = np.zeros(count, dtype=bool)
    used[corners] = True
    place = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Display(np.concatenate(vertices)[used], place[corners], np.concatenate(corner_normals, dtype=np.float32))


def _draw_wall(
    mesh: Display,
    face_index: Triangles,
    face_names: tuple[str, ...],
    mine: NDArray[np.int64],
    points: Array,
    normals: Array,
    seams: NDArray[np.int64],
    *,
    whole_tiles: bool,
) -> _Wall:
    """``mine`` are the wall's triangles in the mesh, ``seams`` the rows where tiles meet.

    ``whole_tiles``: what is trimmed is plain, and stays as it is in the mesh.
    """
    rows, columns = points.shape[:2]
    tiles = len(seams) - 1
    corner = mesh.vertices[mesh.triangles[mine]]
    area = 0.5 * _length(_cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]))
    tile_of = _tile_of_faces(points, seams, face_index[mine], area, corner)
    meshed = np.bincount(tile_of, weights=area, minlength=tiles)
    closed = np.concatenate([points, points[:1]])
    across = closed[1:, 1:] - closed[:-1, :-1]
    lower = _cross(closed[1:, :-1] - closed[:-1, :-1], across)
    upper = _cross(across, closed[:-1, 1:] - closed[:-1, :-1])
    tile_of_row = np.searchsorted(seams, np.mod(np.arange(rows) - seams[0], rows) + seams[0], side="right") - 1
    whole = np.bincount(tile_of_row, weights=0.5 * (_length(lower) + _length(upper)).sum(axis=1), minlength=tiles)
    trimmed = np.abs(meshed - whole) > _TRIMMED_SHARE * whole
    left_out = np.zeros((rows, columns - 1), dtype=bool)
    near = np.zeros(len(mine), dtype=bool)
    if whole_tiles:
        kept = ~trimmed[tile_of]
        left_out[trimmed[tile_of_row]], mine, near = True, mine[kept], near[kept]
    elif trimmed.any():
        bodies = _touching(mesh, face_index, face_names)
        # the mesh goes on beyond a seam that lies close to a body: no hair's breadth may open there
        close = _within(bodies, points[seams % rows].reshape(-1, 3), _GRID_FROM_MM).reshape(tiles + 1, -1)
        beside = np.asarray(np.any(close, axis=1))
        trimmed |= beside[:-1] | beside[1:]
        there, band = trimmed[tile_of], trimmed[tile_of_row]
        reach = max(_MESH_UP_TO_MM, _GRID_FROM_MM + 1.5 * float(_length(across[band]).max()))
        left_out[band], near[there] = _trimmed_cells(mesh, bodies, closed, band, mine[there], reach)
    cells = calm_cells(points, normals, left_out)
    if float(np.vdot(lower, normals[:, :-1])) < 0.0:
        cells = cells[:, ::-1]
    return _Wall(points.reshape(-1, 3), normals.reshape(-1, 3).astype(np.float32), cells, mine, near)


def _touching(mesh: Display, face_index: Triangles, face_names: tuple[str, ...]) -> Any:
    """Vertices of other bodies that touch skin and bore, as a tree; the limb's own sides do not trim them."""
    from scipy.spatial import cKDTree  # slow to import, wanted only with pictures

    other = np.array([label not in ("skin", "bore", "shank_side") for label in face_names] + [False])[face_index]
    return cKDTree(mesh.vertices[np.unique(mesh.triangles[other])])


def _trimmed_cells(
    mesh: Display,
    bodies: Any,
    closed: Array,
    band: NDArray[np.bool_],
    mine: NDArray[np.int64],
    reach_mm: float,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells of the grid's rows ``band`` are not drawn, (n, columns - 1), since another body is near or the mesh
    has no metal there; and which of the mesh's own triangles ``mine`` remain round those bodies."""
    from scipy.spatial import cKDTree

    if len(mine) == 0:
        return np.ones((int(band.sum()), closed.shape[1] - 1), dtype=bool), np.zeros(0, dtype=bool)
    blocked = np.zeros(closed.shape[:2], dtype=bool)
    asked = np.zeros(len(closed), dtype=bool)
    asked[:-1] |= band
    asked[1:] |= band
    places = closed[asked]
    blocked[asked] = _within(bodies, places.reshape(-1, 3), _GRID_FROM_MM).reshape(places.shape[:2])
    corners, place = np.unique(mesh.triangles[mine], return_inverse=True)
    near = np.asarray(np.any(_within(bodies, mesh.vertices[corners], reach_mm)[place.reshape(-1, 3)], axis=1))
    left_out = blocked[:-1, :-1] | blocked[1:, :-1] | blocked[1:, 1:] | blocked[:-1, 1:]
    left_out = left_out[band]
    centre = (0.25 * (closed[:-1, :-1] + closed[1:, :-1] + closed[1:, 1:] + closed[:-1, 1:]))[band]
    # only where the delivered mesh has metal: not over an opening, not inside a foot
    metal = cKDTree(_samples(mesh.vertices[mesh.triangles[mine]]), balanced_tree=False, compact_nodes=False)
    left_out[~left_out] = ~_within(metal, centre[~left_out], 1.2 * _PITCH_MM)
    return left_out, near


def _within(tree: Any, places: Array, reach_mm: float) -> NDArray[np.bool_]:
    if tree.n == 0:
        return np.zeros(len(places), dtype=bool)
    distance, _ = tree.query(places, distance_upper_bound=reach_mm)
    return np.asarray(np.isfinite(distance))


def calm_cells(points: Array, normals: Array, left_out: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Triangles (n, 3) over a grid that closes along its rows, but for the cells (rows, columns - 1) left out.

    Where 2 x 2 or 4 x 4 cells are calm they are drawn as one square, with the vertices of smaller neighbours on
    its sides, so that no gap opens (Von Herzen and Barr 1987, doi:10.1145/37402.37415). Rows that are no
    multiple of 4 are all drawn.
    """
    rows, columns = points.shape[:2]
    across = (columns - 1) // 4 * 4 if rows % 4 == 0 else 0
    if across == 0:
        return _squares(~left_out, 1, columns, [np.zeros_like(left_out)] * 4)
    surface = np.concatenate([points[:, : across + 1] / _FLAT_MM, normals[:, : across + 1] / _FLAT_TURN], axis=-1)
    last = across == columns - 1
    two = _calm(surface) & ~_any_of_four(left_out[:, :across])
    four = _calm(surface[::2, ::2]) & ~_any_of_four(~two)
    for beside in _beside(two, last):  # no square beside cells of a quarter of its side
        four &= ~_any_of_four(~beside)
    whole = _doubled(four)
    single = ~left_out
    single[:, :across] &= ~_doubled(two)
    drawn = [_squares(single, 1, columns, [np.zeros_like(single)] * 4)]
    drawn.append(_squares(two & ~whole, 2, columns, [~beside for beside in _beside(two, last)]))
    # beyond a side of a large square lie two small ones or another large one, but for the end of the grid
    large = [~beside for beside in _beside(whole, last)]
    ends = (np.s_[::2, ::2], np.s_[1::2, ::2], np.s_[::2, 1::2], np.s_[::2, ::2])
    drawn.append(_squares(four, 4, columns, [split[end] for split, end in zip(large, ends, strict=True)]))
    return np.concatenate(drawn)


def _calm(surface: Array) -> NDArray[np.bool_]:
    """Squares of 2 x 2 cells whose five other vertices lie within 1 of the plane between the corners, (n, m)."""
    even, odd = surface[::2], surface[1::2]
    next_even = np.roll(even, -1, axis=0)
    upright = np.abs(odd[:, ::2] - 0.5 * (even[:, ::2] + next_even[:, ::2])).max(axis=-1) < 1.0
    level = np.abs(even[:, 1::2] - 0.5 * (even[:, :-1:2] + even[:, 2::2])).max(axis=-1) < 1.0
    corners = even[:, :-1:2] + even[:, 2::2] + next_even[:, :-1:2] + next_even[:, 2::2]
    middle = np.abs(odd[:, 1::2] - 0.25 * corners).max(axis=-1) < 1.0
    return np.asarray(upright[:, :-1] & upright[:, 1:] & level & np.roll(level, -1, axis=0) & middle)


def _any_of_four(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(cells[::2, ::2] | cells[1::2, ::2] | cells[::2, 1::2] | cells[1::2, 1::2])


def _doubled(squares: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.repeat(np.repeat(squares, 2, axis=0), 2, axis=1)


def _beside(squares: NDArray[np.bool_], last: bool) -> list[NDArray[np.bool_]]:
    """The squares' own mark at the neighbour beyond each side: before it in its row, in the next row, after it,
    in the row before. The grid's first column has none (marked), nor its last one where ``last`` says so."""
    before, after = np.ones_like(squares), np.ones_like(squares)
    before[:, 1:] = squares[:, :-1]
    after[:, :-1] = squares[:, 1:]
    after[:, -1:] = last
    return [before, np.roll(squares, -1, axis=0), after, np.roll(squares, 1, axis=0)]


def _squares(squares: NDArray[np.bool_], step: int, columns: int, split: list[NDArray[np.bool_]]) -> NDArray[np.int64]:
    """Triangles of the marked squares of ``step`` cells; one with a split side is a fan about its middle."""
    row, column = np.nonzero(squares)
    rows = step * squares.shape[0]
    row, column, half = step * row, step * column, step // 2

    def vertex(down: int, right: int) -> NDArray[np.int64]:
        return np.asarray((row + down) % rows * columns + column + right)

    corners = [vertex(0, 0), vertex(step, 0), vertex(step, step), vertex(0, step)]
    marks = [side[squares] for side in split]
    fan = np.any(marks, axis=0)
    a, b, c, d = (corner[~fan] for corner in corners)
    drawn = [np.stack([a, b, c], -1), np.stack([a, c, d], -1)]
    middles = [vertex(half, 0), vertex(step, half), vertex(half, step), vertex(0, half)]
    centre = vertex(half, half)
    for k, mark in enumerate(marks):
        begin, end = corners[k], corners[(k + 1) % 4]
        for chosen, first, second in ((fan & ~mark, begin, end), (mark, begin, middles[k]), (mark, middles[k], end)):
            drawn.append(np.stack([first[chosen], second[chosen], centre[chosen]], -1))
    return np.concatenate(drawn)


def _cross(u: Array, v: Array) -> Array:
    """Cross products of vectors (..., 3); several times faster than numpy's."""
    x, y, z = u[..., 0], u[..., 1], u[..., 2]
    a, b, c = v[..., 0], v[..., 1], v[..., 2]
    out = np.empty(u.shape)
    out[..., 0], out[..., 1], out[..., 2] = y * c - z * b, z * a - x * c, x * b - y * a
    return out


def _length(u: Array) -> Array:
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", u, u)))


def _tile_of_faces(
    points: Array, seams: NDArray[np.int64], face_index: Triangles, area: Array, corner: Array
) -> NDArray[np.int64]:
    """Tile of each triangle's face, which lies in one: by the face's mean place along the limb."""
    weight = np.maximum(np.bincount(face_index, weights=area), 1e-12)
    centre = (corner[:, 0] + corner[:, 1] + corner[:, 2]) / 3.0
    east = np.bincount(face_index, weights=area * centre[:, 0]) / weight
    north = np.bincount(face_index, weights=area * centre[:, 2]) / weight
    # turned so that the first seam is at the start, angles grow with the rows
    middle = points[seams % len(points)].mean(axis=1)
    angle = np.arctan2(middle[:, 0], middle[:, 2])
    edges = np.mod(angle[:-1] - angle[0], 2.0 * np.pi)
    place = np.mod(np.arctan2(east, north) - angle[0], 2.0 * np.pi)
    return np.asarray(np.searchsorted(edges, place, side="right") - 1)[face_index]


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
