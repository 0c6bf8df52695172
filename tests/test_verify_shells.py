"""Shells in each other and edges that only look closed: told apart in words, and placed."""

from __future__ import annotations

import manifold3d
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.findings import Finding, FindingCode
from ringcad.verify.mesh import TriangleMesh, mesh_from_arrays
from ringcad.verify.mesh_rules import topology_findings
from ringcad.verify.shells import lies_inside, t_junctions, winding_number
from ringcad.verify.topology import analyse_topology


def corners(radius: float, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> np.ndarray:
    mesh = manifold3d.Manifold.sphere(radius, 24).translate(at).to_mesh()
    return np.asarray(mesh.vert_properties, dtype=float)[:, :3][np.asarray(mesh.tri_verts)]


def mesh_of(*parts: np.ndarray) -> TriangleMesh:
    rows = np.concatenate(parts)
    return mesh_from_arrays(rows.reshape(-1, 3), np.arange(3 * len(rows)).reshape(-1, 3))


def said(mesh: TriangleMesh) -> dict[FindingCode, Finding]:
    return {row.code: row for row in topology_findings(mesh, analyse_topology(mesh))}


@settings(max_examples=30, deadline=None)
@given(st.tuples(*[st.floats(-4, 4)] * 3))
def test_winding_numbers_tell_inside_from_outside(point: tuple[float, float, float]) -> None:
    distance = float(np.linalg.norm(point))
    if 1.8 < distance < 2.1:  # between the ball and its facets
        return
    mesh = mesh_of(corners(2.0))
    everything = np.arange(len(mesh.faces))
    expected = 1.0 if distance < 2.0 else 0.0
    assert winding_number(mesh, everything, np.array(point)) == pytest.approx(expected, abs=1e-9)
    turned = mesh_of(corners(2.0)[:, ::-1])
    assert winding_number(turned, everything, np.array(point)) == pytest.approx(-expected, abs=1e-9)


def test_void_nested_shell_neighbour_and_inside_out_are_told_apart() -> None:
    outer, small, aside = corners(2.0), corners(0.5, (0.7, 0.0, 0.0)), corners(0.5, (5.0, 0.0, 0.0))
    void = said(mesh_of(outer, small[:, ::-1]))[FindingCode.WINDING]
    assert "an enclosed void" in void.message
    assert void.place_mm == pytest.approx((0.7, 0.0, 0.0), abs=1e-3)
    nested = said(mesh_of(outer, small))
    assert "a nested shell" in nested[FindingCode.BODIES].message and FindingCode.WINDING not in nested
    assert "a nested shell" not in said(mesh_of(outer, aside))[FindingCode.BODIES].message
    assert "turned inside out" in said(mesh_of(outer[:, ::-1]))[FindingCode.WINDING].message
    beside = said(mesh_of(outer, aside[:, ::-1]))[FindingCode.WINDING]
    assert "turned inside out" in beside.message and beside.place_mm == pytest.approx((5.0, 0.0, 0.0), abs=1e-3)
    mesh = mesh_of(outer, small)
    topology = analyse_topology(mesh)
    assert [lies_inside(mesh, topology, body) for body in range(2)].count(True) == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 200), st.floats(0.1, 0.9))
def test_a_vertex_on_a_neighbours_edge_is_a_t_junction(face: int, share: float) -> None:
    rows = corners(2.0)
    a, b, c = rows[face]
    middle = a + share * (b - a)
    rows[face] = [a, middle, c]
    mesh = mesh_of(rows, np.array([[middle, b, c]]))
    found = t_junctions(mesh, analyse_topology(mesh))
    assert len(found) == 1 and np.linalg.norm(found[0] - middle) < 1e-5
    assert "1 vertices lie on them (T-junctions)" in said(mesh)[FindingCode.OPEN_EDGES].message


def test_a_hole_is_no_t_junction() -> None:
    mesh = mesh_of(corners(2.0)[1:])
    assert not len(t_junctions(mesh, analyse_topology(mesh)))
    assert "T-junction" not in said(mesh)[FindingCode.OPEN_EDGES].message
