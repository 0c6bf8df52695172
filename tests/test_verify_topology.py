"""Topology: closed forms for good bodies, the right code and place for each way to break one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.findings import Finding, FindingCode
from ringcad.export.stl import stl_bytes
from ringcad.verify import check_file, verify_stl
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.mesh_rules import topology_findings, unit_findings
from ringcad.verify.topology import analyse_topology, clusters

Arrays = tuple[np.ndarray, np.ndarray]


def torus(ring: int = 40, section: int = 16, major: float = 9.0, minor: float = 1.2) -> Arrays:
    u, v = np.meshgrid(2 * np.pi * np.arange(ring) / ring, 2 * np.pi * np.arange(section) / section, indexing="ij")
    points = np.stack(
        [(major + minor * np.cos(v)) * np.cos(u), minor * np.sin(v), (major + minor * np.cos(v)) * np.sin(u)], axis=-1
    )
    i, j = (x.ravel() for x in np.meshgrid(np.arange(ring), np.arange(section), indexing="ij"))
    a, b = i * section + j, (i + 1) % ring * section + j
    c, d = (i + 1) % ring * section + (j + 1) % section, i * section + (j + 1) % section
    return points.reshape(-1, 3), np.concatenate([np.stack([a, d, c], 1), np.stack([a, c, b], 1)])


def tetrahedron(at: tuple[float, float, float] = (0, 0, 0), size: float = 1.0) -> Arrays:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) * size + np.array(at)
    return points, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])


def union(*parts: Arrays) -> Arrays:
    offsets = np.cumsum([0, *(len(p) for p, _ in parts)])
    faces = [f + o for (_, f), o in zip(parts, offsets, strict=False)]
    return np.concatenate([p for p, _ in parts]), np.concatenate(faces)


def findings_of(body: Arrays, genus: int | None = None) -> dict[FindingCode, Finding]:
    mesh = mesh_from_arrays(*body)
    return {f.code: f for f in topology_findings(mesh, analyse_topology(mesh), expected_genus=genus)}


def test_closed_forms() -> None:
    vertices, faces = torus(60, 40)
    mesh = mesh_from_arrays(vertices, faces)
    topology = analyse_topology(mesh)
    assert (topology.bodies, topology.closed, topology.genus) == (1, True, 1)
    assert topology.body_euler.tolist() == [0]
    # A polyhedral torus of revolution: polygon area times the path of its centroid, both by chords.
    section = 0.5 * 40 * np.sin(2 * np.pi / 40) * 1.2**2
    path = 60 * np.sin(2 * np.pi / 60) * 9.0
    assert mesh.volume() == pytest.approx(section * path, rel=2e-3)
    assert not topology_findings(mesh, topology, expected_genus=1)


@given(st.integers(3, 30), st.integers(3, 20), st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_genus_does_not_depend_on_the_order_of_faces(ring: int, section: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vertices, faces = union(torus(ring, section), tetrahedron((20, 0, 0)))
    order = rng.permutation(len(faces))
    turned = np.stack([np.roll(face, rng.integers(0, 3)) for face in faces[order]])
    topology = analyse_topology(mesh_from_arrays(vertices, turned))
    assert (topology.bodies, topology.genus) == (2, 1)
    assert sorted(topology.body_euler.tolist()) == [0, 2]
    assert (topology.body_volume_mm3 > 0).all()


def test_missing_face() -> None:
    vertices, faces = torus()
    found = findings_of((vertices, np.delete(faces, 100, axis=0)))
    assert set(found) == {FindingCode.OPEN_EDGES}
    finding = found[FindingCode.OPEN_EDGES]
    assert finding.measured == 3.0
    assert np.linalg.norm(np.array(finding.place_mm) - vertices[faces[100]].mean(axis=0)) < 0.5


def test_flipped_face_and_inside_out_body() -> None:
    vertices, faces = torus()
    flipped = faces.copy()
    flipped[100] = flipped[100, ::-1]
    found = findings_of((vertices, flipped))
    assert set(found) == {FindingCode.WINDING}
    assert found[FindingCode.WINDING].measured == 3.0
    found = findings_of((vertices, faces[:, ::-1]))
    assert set(found) == {FindingCode.WINDING}
    assert "inside out" in found[FindingCode.WINDING].message


def test_enclosed_void() -> None:
    inner, inner_faces = tetrahedron((9.0, 0.0, 0.0), 0.3)
    found = findings_of(union(torus(), (inner, inner_faces[:, ::-1])))
    assert set(found) == {FindingCode.WINDING, FindingCode.BODIES}
    assert "0.005 mm^3" in found[FindingCode.WINDING].message  # 0.3^3 / 6 = 0.0045


def test_duplicate_degenerate_and_stray() -> None:
    vertices, faces = torus()
    found = findings_of((vertices, np.concatenate([faces, faces[:1]])))
    assert {FindingCode.DUPLICATE_FACES, FindingCode.NON_MANIFOLD_EDGES} <= set(found)
    assert found[FindingCode.DUPLICATE_FACES].measured == 1.0
    # A vertex in the middle of an edge, used by one side only: three open edges, one of the faces flat.
    middle = vertices[faces[0, :2]].mean(axis=0)
    flat = np.array([[faces[0, 0], faces[0, 1], len(vertices)]])
    points = np.concatenate([vertices, [middle]])
    points = np.rint(points * 2**18) / 2**18
    points[-1] = 0.5 * (points[faces[0, 0]] + points[faces[0, 1]])
    found = findings_of((points, np.concatenate([faces, flat])))
    assert FindingCode.DEGENERATE_FACES in found
    found = findings_of(union(torus(), tetrahedron((0.0, 0.0, 0.0))))
    assert set(found) == {FindingCode.BODIES}
    assert found[FindingCode.BODIES].place_mm == pytest.approx((0.25, 0.25, 0.25), abs=1e-6)


def test_touching_in_a_vertex_and_along_an_edge() -> None:
    point = union(tetrahedron(), tetrahedron((0, 0, 0), -1.0))
    points, faces = point
    faces = np.concatenate([faces[:4], faces[4:, ::-1]])
    found = findings_of((points, faces))
    assert {FindingCode.NON_MANIFOLD_VERTICES, FindingCode.BODIES} <= set(found)
    assert found[FindingCode.NON_MANIFOLD_VERTICES].place_mm == (0.0, 0.0, 0.0)
    mirrored = points[:4] * np.array([1.0, -1.0, -1.0])
    edge = union((points[:4], faces[:4]), (mirrored, faces[:4]))
    assert FindingCode.NON_MANIFOLD_EDGES in findings_of(edge)


def test_genus_against_the_expected_one() -> None:
    found = findings_of(torus(), genus=7)
    assert set(found) == {FindingCode.GENUS}
    assert (found[FindingCode.GENUS].measured, found[FindingCode.GENUS].limit) == (1.0, 7.0)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (0.1, "centimetres"),
        (1 / 25.4, "inches"),
        (0.001, "metres"),
        (25.4, "multiplied by 25.4"),
        (1000.0, "micrometres"),
    ],
)
def test_units(factor: float, words: str) -> None:
    vertices, faces = torus()
    mesh = mesh_from_arrays(vertices * factor, faces)
    for expected in (None, 20.4):
        (finding,) = unit_findings(mesh, expected)
        assert finding.code is FindingCode.UNITS
        assert words in finding.message
    assert not unit_findings(mesh_from_arrays(vertices, faces))


def test_file_too_large_and_unknown_formats(tmp_path: object) -> None:
    from verify_ring_bodies import resolved_ring

    from ringcad.core.errors import InputError

    limits = resolved_ring().foundry.model_copy(update={"stl_max_bytes": 1000})
    data = stl_bytes(*torus())
    report = verify_stl(data, limits=limits)
    codes = {f.code for f in report.findings}
    assert FindingCode.FILE_TOO_LARGE in codes
    assert not report.ok
    with pytest.raises(InputError, match="not a format"):
        check_file("ring.png")


def test_clusters_count_every_point_once() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(0, 0.05, (30, 3)), rng.normal(5, 0.05, (20, 3)), [[9.0, 9, 9]]])
    found = clusters(points)
    assert [count for _, count in found] == [30, 20, 1]
    assert np.allclose(found[1][0], 5.0, atol=0.05)
