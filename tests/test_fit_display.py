"""The finer display of skin and bore lies on the delivered mesh and closes over nothing that is open."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from ringcad.fit import spline
from ringcad.fit.display import Display, _samples, wall_grid
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


def test_an_opening_stays_open(nets: LimbNets) -> None:
    """A ring whose skin lacks a hole's triangles is drawn with that hole still open."""
    from ringcad.fit.display import fine_display

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
    hole = np.array([10.66 * np.sin(0.9), 0.0, 10.66 * np.cos(0.9)])
    away = np.linalg.norm(centre - hole, axis=1)
    open_part, rim = away < 0.6, (away >= 0.6) & (away < 0.7)
    names = (*["skin"] * tiles, "seat_1")
    faces = np.where(rim, tiles, tile_of)
    mesh = SimpleNamespace(triangles=quads[~open_part].astype(np.int32), faces=faces[~open_part].astype(np.int32))
    shown = fine_display(
        Display(flat, mesh.triangles, normals.reshape(-1, 3)[mesh.triangles].astype(np.float32)),
        mesh.faces,
        names,
        nets,
        nets.outer,
        range(0, rows // 2 + 1, rows // 2 // tiles),
    )
    corner = shown.vertices[shown.triangles]
    skin = np.hypot(corner[..., 0], corner[..., 2]).mean(axis=1) > 9.9
    middle = corner.mean(axis=1)[skin]
    assert np.linalg.norm(middle - hole, axis=1).min() > 0.5
    far = np.linalg.norm(flat - hole, axis=1)
    probe = flat[(far > 0.9) & (far < 1.2)]
    gap = np.linalg.norm(probe[:, None] - middle[None, np.linalg.norm(middle - hole, axis=1) < 1.6], axis=2).min(axis=1)
    assert gap.max() < 0.12, "the skin round the opening is drawn without gaps"
