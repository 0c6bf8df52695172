"""What stands in the finger hole is found wherever it stands, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify_ring_bodies import BORE, resolved_ring, shank_arrays

from ringcad.core.findings import FindingCode
from ringcad.verify.bore import measure_bore
from ringcad.verify.bore_clear import bore_clear_findings, nearest_metal
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster

SHANK = shank_arrays()


def dented(vertex: int, deep: float) -> tuple[np.ndarray, np.ndarray]:
    """The shank with the ``vertex``-th of those at mid-width of the bore pulled towards the axis."""
    points = SHANK[0].copy()
    inner = np.flatnonzero((np.hypot(points[:, 0], points[:, 2]) < BORE + 0.01) & (np.abs(points[:, 1]) < 0.3))
    chosen = inner[vertex % len(inner)]
    points[chosen, [0, 2]] *= (BORE - deep) / np.hypot(*points[chosen, [0, 2]])
    return points, points[chosen]


def test_a_sound_bore_is_clear() -> None:
    mesh = mesh_from_arrays(*SHANK)
    distance, _ = nearest_metal(mesh)
    assert distance == pytest.approx(BORE * np.cos(np.radians(1.0)), abs=1e-3)  # the middle of a chord of 2 degrees


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 8.0))
def test_metal_in_the_bore_is_found_where_it_is(vertex: int, deep: float) -> None:
    points, place = dented(vertex, deep)
    mesh = mesh_from_arrays(points, SHANK[1])
    distance, found = nearest_metal(mesh)
    assert distance == pytest.approx(BORE - deep, abs=1e-4)
    assert np.linalg.norm(np.array(found) - place) < 1e-3
    ring = resolved_ring()
    bore = measure_bore(mesh, RayCaster(mesh))
    assert bore is not None
    (finding,) = bore_clear_findings(mesh, bore, ring)
    assert finding.code is FindingCode.BORE_DIAMETER and "into the finger hole" in finding.message


def test_a_membrane_across_the_hole_has_no_distance() -> None:
    plate = np.array([[-30.0, 0.1, -20.0], [30.0, 0.2, -20.0], [0.0, 0.3, 40.0]])
    distance, place = nearest_metal(mesh_from_arrays(plate, np.array([[0, 1, 2]])))
    assert distance == 0.0 and abs(place[1] - 0.2) < 0.01
