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

from ringcad.verify.mesh import mesh_from_arrays
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


def test_every_body_is_judged_as_it_was_made() -> None:
    wrong = [row for row in calibration.calibrate() if not row.ok]
    assert not wrong


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
