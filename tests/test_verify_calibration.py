"""The calibration table that the benchmark prints: every body is judged as it was made."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.verify.balls import inscribed_balls, opening_depth
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.points import PointGrid, nearest_on_triangles, spread_points
from ringcad.verify.rays import RayCaster
from ringcad.verify.report import WallClass
from ringcad.verify.walls import measure_walls, sample_surface


def load() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "verify_calibration.py"
    spec = importlib.util.spec_from_file_location("verify_calibration", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_calibration"] = module
    spec.loader.exec_module(module)
    return module


calibration = load()


@pytest.mark.slow
def test_every_body_is_judged_as_it_was_made_at_every_tessellation() -> None:
    wrong = [row for row in calibration.calibrate() if not row.ok]
    assert not wrong


def test_every_body_is_judged_as_it_was_made() -> None:
    wrong = [row for row in calibration.calibrate(((64, None),), samples=2500) if not row.ok]
    assert not wrong


@given(st.floats(0.05, 0.75), st.floats(-180, 180), st.floats(-90, 90))
@settings(max_examples=8, deadline=None)
def test_the_inscribed_ball_of_a_plate_is_its_thickness_in_any_pose(thickness: float, turn: float, tilt: float) -> None:
    """By distances alone, to a micrometre; turned round, the same ball fills the gap between two blocks."""
    plate = calibration.box(4.0, 3.0, thickness).rotate([tilt, 0.0, turn])
    mesh = calibration.as_mesh(plate, None)
    points, face = sample_surface(mesh, 300)
    balls = inscribed_balls(mesh, spread_points(mesh, 0.15), points, mesh.normals[face], 0.85)
    assert balls.opposed.any()
    assert balls.diameter_mm[balls.opposed] == pytest.approx(min(thickness, 3.0), abs=1e-4)
    pair = calibration.box(4, 3, 1, (0, 0, 0.5 + 0.5 * thickness)) + calibration.box(
        4, 3, 1, (0, 0, -0.5 - 0.5 * thickness)
    )
    mesh = calibration.as_mesh(pair.rotate([tilt, 0.0, turn]), None)
    points, face = sample_surface(mesh, 600)
    air = inscribed_balls(mesh, spread_points(mesh, 0.15), points, -mesh.normals[face], 0.85, turned=True)
    assert air.diameter_mm[air.opposed] == pytest.approx(thickness, abs=1e-4)


@pytest.mark.parametrize("thickness", [1e-4, 0.002, 0.03])
def test_a_sheet_far_thinner_than_the_points_are_apart_is_found(thickness: float) -> None:
    """Rays start a ten-thousandth inside; balls see the other side all the same."""
    mesh = calibration.as_mesh(calibration.box(6.0, 5.0, thickness), None)
    points, face = sample_surface(mesh, 300)
    balls = inscribed_balls(mesh, spread_points(mesh, 0.15), points, mesh.normals[face], 0.85)
    flat = np.abs(mesh.normals[face][:, 2]) > 0.5
    assert balls.diameter_mm[flat] == pytest.approx(thickness, rel=0.02)
    walls = measure_walls(mesh, RayCaster(mesh), calibration.LIMITS, samples=300)
    assert calibration.verdict_of(walls) == "thin"


@pytest.mark.parametrize("angle", [40.0, 60.0, 90.0])
def test_the_crest_of_a_wedge_lies_as_deep_as_its_angle_says(angle: float) -> None:
    """r (1 / sin(a / 2) - 1) below the opening by balls of radius r (closed form)."""
    mesh = calibration.as_mesh(calibration.wedge(angle), 0.5)
    crest = np.stack([np.zeros(5), np.zeros(5), np.linspace(3.0, 7.0, 5)], axis=1)
    points, face = sample_surface(mesh, 3000)
    normals = mesh.normals[face]
    surface = spread_points(mesh, 0.12)
    reached = inscribed_balls(mesh, surface, points, normals, 0.85).diameter_mm >= 0.8
    everything = np.concatenate([points, crest])
    depth = opening_depth(
        surface, everything, np.concatenate([normals, crest]), np.append(reached, np.zeros(5, dtype=bool)),
        len(points) + np.arange(5), 0.4, 1.2,
    )  # fmt: skip
    expected = 0.4 * (1.0 / np.sin(np.radians(0.5 * angle)) - 1.0)
    assert depth == pytest.approx(expected, abs=0.05)
    assert depth.min() == pytest.approx(expected, abs=0.03)


def test_points_are_found_by_place_as_by_brute_force() -> None:
    rng = np.random.default_rng(5)
    points, centers = rng.random((800, 3)) * [3.0, 2.0, 1.0], rng.random((60, 3)) * 4.0 - 0.5
    away = ((centers[:, None] - points) ** 2).sum(axis=2)
    pairs = {
        (int(q), int(p))
        for query, point, _ in PointGrid(points, 0.2).near(centers, 0.4)
        for q, p in zip(query, point, strict=True)
    }
    assert pairs == {(int(q), int(p)) for q, p in np.argwhere(away <= 0.16)}
    value, best = PointGrid(points, 0.3).least(centers, lambda query, point, gap: gap, 5.0)
    assert np.allclose(value, away.min(axis=1)) and np.array_equal(best, away.argmin(axis=1))


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_nearest_point_of_a_triangle_is_no_further_than_any_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners, points = rng.normal(size=(40, 3, 3)), rng.normal(size=(40, 3)) * 2.0
    near = nearest_on_triangles(points, corners)
    share = rng.dirichlet(np.ones(3), size=(200, 1))
    others = np.einsum("sk,tkd->std", share[:, 0], corners)
    best = ((others - points) ** 2).sum(axis=2).min(axis=0)
    gap = ((near - points) ** 2).sum(axis=1)
    assert (gap <= best + 1e-12).all()
    # and it lies in the triangle: in its plane, inside its three sides
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.allclose(np.einsum("ij,ij->i", near - corners[:, 0], normal), 0.0, atol=1e-9)


@given(st.floats(0.3, 1.5), st.floats(-180, 180), st.floats(-90, 90))
@settings(max_examples=12, deadline=None)
def test_plate_thickness_in_any_pose(thickness: float, turn: float, tilt: float) -> None:
    """Thickness is the same however the plate lies, and scales with it."""
    solid = calibration.box(6.0, 5.0, thickness).rotate([tilt, 0.0, turn])
    mesh = calibration.as_mesh(solid, None)
    walls = measure_walls(mesh, RayCaster(mesh), calibration.LIMITS, samples=400)
    chosen = walls.of(WallClass.STRUCTURAL)
    assert walls.thickness_mm[chosen].min() == pytest.approx(min(thickness, 5.0), abs=2e-4)
    thin = chosen & (walls.thickness_mm < 0.78)
    assert thin.any() == (thickness < 0.7799) or abs(thickness - 0.78) < 1e-3


def test_grid_and_embree_agree() -> None:
    """The fallback without Embree meets the same faces."""
    mesh = calibration.as_mesh(calibration.tube(6.0, 0.7, 4.0, 48), 1.0)
    points, face = sample_surface(mesh, 1500)
    ways = -mesh.normals[face]
    fast = RayCaster(mesh, use_embree=True).thickness(points, ways)[0]
    slow = RayCaster(mesh, use_embree=False).thickness(points, ways)[0]
    assert np.allclose(fast, slow, atol=1e-6)


def test_samples_are_even_by_area() -> None:
    """Samples on a box fall on its faces in proportion to their areas, and repeat exactly."""
    mesh = calibration.as_mesh(calibration.box(4.0, 2.0, 1.0), None)
    points, face = sample_surface(mesh, 2800)
    share = np.bincount(face, weights=np.ones(2800), minlength=len(mesh.faces)) / 2800
    assert np.allclose(share, mesh.areas / mesh.areas.sum(), atol=1e-3)
    again, _ = sample_surface(mesh_from_arrays(mesh.vertices, mesh.faces), 2800)
    assert np.array_equal(np.sort(points, axis=0), np.sort(again, axis=0))
    assert (np.abs(np.abs(points) - np.array([2.0, 1.0, 0.5])).min(axis=1) < 1e-12).all()
