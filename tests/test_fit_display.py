"""The finer display of skin and bore lies on the delivered mesh and closes over nothing that is open."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from ringcad.fit import spline
from ringcad.fit.display import Display, _samples, calm_cells, fine_display, wall_grid
from ringcad.fit.limb import LimbNets, LimbStations, build_nets, station_angles


@pytest.fixture(scope="module")
def nets() -> LimbNets:
    count = 288
    ones = np.ones(count)
    return build_nets(
        LimbStations(
            phi_deg=station_angles(count, np.ones(181)),
            height_mm=2.0 * ones,
            width_mm=4.0 * ones,
            crown_rise_mm=0.3 * ones,
            outer_radius_mm=0.45 * ones,
            inner_radius_mm=0.4 * ones,
            comfort_rise_mm=0.1 * ones,
            bore_radius_mm=8.66,
            knife=False,
        ),
        40,
    )


def test_grid_of_the_skin_points_outward_and_lies_on_the_crown(nets: LimbNets) -> None:
    points, normals = wall_grid(nets.outer, nets.outer_knots)
    middle = points.shape[1] // 2
    assert np.hypot(points[:, middle, 0], points[:, middle, 2]) == pytest.approx(10.66, abs=2e-4)
    radial = points[:, middle] * [1.0, 0.0, 1.0] / 10.66
    assert np.einsum("ij,ij->i", radial, normals[:, middle]).min() > 0.9999


def test_grid_of_the_bore_points_to_the_finger(nets: LimbNets) -> None:
    points, normals = wall_grid(nets.inner, spline.clamped_knots(nets.inner.shape[1]))
    middle = points.shape[1] // 2
    radial = points[:, middle] * [1.0, 0.0, 1.0] / 8.66
    assert np.einsum("ij,ij->i", radial, normals[:, middle]).max() < -0.9999


def test_samples_cover_triangles_at_the_pitch() -> None:
    triangle = np.array([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.7, 0.0]]])
    found = _samples(triangle)
    assert found[:, 0].min() == 0.0 and found[:, 0].max() == pytest.approx(1.0)
    rng = np.random.default_rng(1)
    u, v = rng.random(200), rng.random(200)
    u, v = np.where(u + v > 1.0, 1.0 - u, u), np.where(u + v > 1.0, 1.0 - v, v)
    inside = np.stack([u, 0.7 * v, np.zeros(200)], axis=1)
    gap = np.linalg.norm(inside[:, None] - found[None], axis=2).min(axis=1)
    assert gap.max() < 0.09


def opened(nets: LimbNets, phi: float) -> tuple[Display, np.ndarray, np.ndarray, int]:
    """The skin with a round opening at an angle, its rim another body's: as shown, the opening's middle, the whole
    grid's points, and the rows of a tile."""
    points, normals = wall_grid(nets.outer, nets.outer_knots)
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:, :-1], np.roll(index, -1, axis=0)[:, :-1]
    c, d = np.roll(index, -1, axis=0)[:, 1:], index[:, 1:]
    quads = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    flat = points.reshape(-1, 3)
    tiles = 16
    tile_of = (quads[:, 0] // columns) // (rows // tiles)
    centre = flat[quads].mean(axis=1)
    hole = np.array([10.66 * np.sin(phi), 0.0, 10.66 * np.cos(phi)])
    away = np.linalg.norm(centre - hole, axis=1)
    open_part, rim = away < 0.6, (away >= 0.6) & (away < 0.7)
    names = (*["skin"] * tiles, "seat_1")
    faces = np.where(rim, tiles, tile_of)
    triangles = quads[~open_part].astype(np.int32)
    shown = fine_display(
        Display(flat, triangles, normals.reshape(-1, 3)[triangles].astype(np.float32)),
        faces[~open_part].astype(np.int32),
        names,
        nets,
        nets.outer,
        range(0, rows // 2 + 1, rows // 2 // tiles),
    )
    return shown, hole, flat, rows // tiles


def test_an_opening_stays_open(nets: LimbNets) -> None:
    """A ring whose skin lacks a hole's triangles is drawn with that hole still open."""
    shown, hole, flat, _ = opened(nets, 0.9)
    corner = shown.vertices[shown.triangles]
    skin = np.hypot(corner[..., 0], corner[..., 2]).mean(axis=1) > 9.9
    middle = corner.mean(axis=1)[skin]
    assert np.linalg.norm(middle - hole, axis=1).min() > 0.5
    far = np.linalg.norm(flat - hole, axis=1)
    probe = flat[(far > 0.9) & (far < 1.2)]
    gap = np.linalg.norm(probe[:, None] - middle[None, np.linalg.norm(middle - hole, axis=1) < 1.6], axis=2).min(axis=1)
    assert gap.max() < 0.12, "the skin round the opening is drawn without gaps"


def test_no_gap_at_a_seam_beside_an_opening(nets: LimbNets) -> None:
    """Where an opening's rim nearly reaches the next tile, the mesh that is kept round it goes on beyond the seam."""
    points, _ = wall_grid(nets.outer, nets.outer_knots)
    seam = points[2 * len(points) // 16, points.shape[1] // 2]
    phi = float(np.arctan2(seam[0], seam[2])) - 0.78 / 10.66
    shown, hole, _, _ = opened(nets, phi)
    corner = np.round(shown.vertices[shown.triangles], 7)
    begin, end = corner.reshape(-1, 3), np.roll(corner, -1, axis=1).reshape(-1, 3)
    place = np.arctan2(0.5 * (begin + end)[:, 0], 0.5 * (begin + end)[:, 2])
    at_seam = np.abs(place - np.arctan2(seam[0], seam[2])) < 1e-4
    at_seam &= np.abs(begin - end)[:, [0, 2]].max(axis=1) < 0.01
    at_seam &= np.linalg.norm(0.5 * (begin + end) - hole, axis=1) < 0.82
    edges = np.sort(np.stack([begin, end], axis=1)[at_seam].view("f8,f8,f8").reshape(-1, 2), axis=1)
    assert len(edges) >= 4
    _, count = np.unique(edges, axis=0, return_counts=True)
    assert np.all(count == 2)


@pytest.fixture(scope="module")
def grid(nets: LimbNets) -> tuple[np.ndarray, np.ndarray]:
    """The plain skin with a relief of ripples on a part of it."""
    points, normals = wall_grid(nets.outer, nets.outer_knots)
    wave = np.zeros(points.shape[:2])
    wave[100:220, 20:40] = 0.1 * np.sin(np.arange(120) * 0.9)[:, None]
    return points + wave[..., None] * normals, normals


def edges_of(triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Undirected edges and how many triangles have each."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    return np.unique(edges, axis=0, return_counts=True)


@pytest.mark.parametrize("holes", [False, True])
def test_joined_cells_leave_no_gap(grid: tuple[np.ndarray, np.ndarray], holes: bool) -> None:
    """Each edge has two triangles, but for those on the rims; so nothing can be seen through between cells."""
    points, normals = grid
    rows, columns = points.shape[:2]
    left_out = np.zeros((rows, columns - 1), bool)
    if holes:
        left_out[36:72] = True
        left_out[300, 17] = True
    triangles = calm_cells(points, normals, left_out)
    assert len(triangles) < 0.75 * 2 * rows * (columns - 1)
    edges, count = edges_of(triangles)
    assert count.max() == 2
    rim = edges[count == 1]
    row, column = np.divmod(rim, columns)
    outside = np.all(column == 0, axis=1) | np.all(column == columns - 1, axis=1)
    if not holes:
        assert outside.all()
    # beside left-out cells the full grid is kept, so that whatever is drawn there fits
    inner = rim[~outside]
    step = np.abs(np.diff(row[~outside], axis=1)).ravel() + np.abs(np.diff(column[~outside], axis=1)).ravel()
    assert np.all((step == 1) | (step == rows - 1))
    assert len(inner) == (2 * (columns - 1) + 4 if holes else 0)


def test_joined_cells_are_the_surface(grid: tuple[np.ndarray, np.ndarray]) -> None:
    """Drawn areas agree, ripples keep their vertices, and left-out vertices lie within the tolerance."""
    points, normals = grid
    rows, columns = points.shape[:2]
    triangles = calm_cells(points, normals, np.zeros((rows, columns - 1), bool))
    flat = points.reshape(-1, 3)
    number = np.arange(rows * columns).reshape(rows, columns)
    assert np.isin(number[102:218, 22:38], triangles).mean() > 0.95
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    assert (
        np.einsum("ij,ij->i", facing, normals.reshape(-1, 3)[triangles[:, 0]]).min()
        * np.sign(np.einsum("ij,ij->", facing, normals.reshape(-1, 3)[triangles[:, 0]]))
        > 0.0
    )
    skipped = np.setdiff1d(np.arange(rows * columns), triangles)
    assert len(skipped) > 0.2 * rows * columns
    centre = (a + b + c) / 3.0
    tree = cKDTree(centre)
    unit = facing / np.linalg.norm(facing, axis=1, keepdims=True)
    _, near = tree.query(flat[skipped], k=8)
    off = np.abs(np.einsum("ijk,ijk->ij", flat[skipped][:, None] - a[near], unit[near])).min(axis=1)
    assert off.max() < 0.006
