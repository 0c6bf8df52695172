"""Fans proven simple are simple, and leaving them out changes no verdict on any body."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_verify_intersections import box, oracle, torus, union

from ringcad.verify.exact import exact_faces
from ringcad.verify.fans import surely_simple
from ringcad.verify.intersections import improper_contacts, self_intersections
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.topology import analyse_topology

seeds = st.integers(0, 2**32 - 1)


def fan(link: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangles from vertex 0, at the origin, to the edges of a closed polygon (k, 3)."""
    count = len(link)
    ends = np.arange(count)
    return np.concatenate([np.zeros((1, 3)), link]), np.stack([0 * ends, 1 + ends, 1 + (ends + 1) % count], axis=1)


def is_simple(vertices: np.ndarray, faces: np.ndarray) -> bool:
    regular = np.zeros(len(vertices), dtype=bool)
    regular[0] = True
    return bool(surely_simple(exact_faces(vertices, faces), regular)[0])


@given(seeds, st.integers(3, 8), st.sampled_from([2, 3, 8]))
@settings(max_examples=300, deadline=None)
def test_a_fan_called_simple_has_no_improper_pair(seed: int, count: int, limit: int) -> None:
    """Points of a small lattice about a cone: folds, flat pieces, straight angles and two turns all come up."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.random(count)) * 2.0 * np.pi * rng.integers(1, 3)
    link = np.stack([np.cos(angle), np.sin(angle), 0.5 * rng.normal(size=count)], axis=1) * limit
    vertices, faces = fan(np.rint(link) @ np.roll(np.eye(3), int(rng.integers(3)), axis=0))
    if len(np.unique(vertices, axis=0)) == len(vertices) and is_simple(vertices, faces):
        assert not oracle(vertices, faces)


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("slope", [-2.0, -0.3, 0.0, 0.3, 2.0])
def test_fans_of_one_turn_are_recognised_and_those_of_several_are_not(turns: int, slope: float) -> None:
    rng = np.random.default_rng(turns)
    for count in (7, 11, 40):
        if count <= 2 * turns:
            continue
        angle = 2.0 * np.pi * turns * np.arange(count) / count + 0.1
        link = np.stack([np.cos(angle), np.sin(angle), slope + 0.05 * rng.normal(size=count)], axis=1)
        vertices, faces = fan(link.astype(np.float32).astype(float))
        assert is_simple(vertices, faces) == (turns == 1)
        assert is_simple(vertices, faces[:, ::-1]) == (turns == 1)


def test_what_overhangs_or_does_not_close_is_left_to_the_pairs() -> None:
    angle = np.array([0.0, 1.2, 2.4, 1.8, 3.3, 4.6, 5.5])  # one step back
    link = np.stack([np.cos(angle), np.sin(angle), 0.1 * np.arange(7)], axis=1)
    assert not is_simple(*fan(link.astype(np.float32).astype(float)))
    vertices, faces = torus(12, 8, 9.0, 2.0)
    for broken in (faces[1:], np.concatenate([faces, faces[:1]]), np.concatenate([faces[:1, ::-1], faces[1:]])):
        mesh = mesh_from_arrays(vertices, broken)
        topology = analyse_topology(mesh)
        regular = topology.regular_vertices
        simple = surely_simple(exact_faces(mesh.vertices, mesh.faces), regular)
        assert int((~regular).sum()) == 3 and np.array_equal(simple, regular)


def verdicts(vertices: np.ndarray, faces: np.ndarray) -> tuple[set[tuple[int, int]], set[tuple[int, int]], float]:
    """Improper pairs with and without the proof, and the share of vertices that it took out."""
    mesh = mesh_from_arrays(vertices, faces)
    exact = exact_faces(mesh.vertices, mesh.faces)
    regular = analyse_topology(mesh, exact).regular_vertices
    quick, slow = improper_contacts(exact, regular), self_intersections(mesh.vertices, mesh.faces)
    share = float(surely_simple(exact, regular).mean())
    return *({(int(a), int(b)) for a, b in found.pairs} for found in (quick, slow)), share


@given(seeds, st.sampled_from([0.0, 0.02, 0.1, 0.4]), st.sampled_from([0.4, 1.0, 1.3]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_proof_changes_no_verdict(seed: int, noise: float, minor: float, coarse: bool) -> None:
    rng = np.random.default_rng(seed)
    vertices, faces = torus(24, 12, 1.0, minor)
    vertices = vertices + noise * rng.normal(size=vertices.shape)
    if coarse:  # coordinates that meet by chance, faces without area
        vertices = np.rint(vertices * 8.0) / 8.0
    faces = np.where(rng.random(len(faces))[:, None] < 0.02, faces[:, ::-1], faces)
    kept = rng.random(len(faces)) > 0.01
    quick, slow, _ = verdicts(vertices, faces[kept])
    assert quick == slow


@given(seeds)
@settings(max_examples=12, deadline=None)
def test_small_closed_bodies_agree_with_the_oracle(seed: int) -> None:
    """Tori of 12 vertices on a small lattice, most of them through themselves."""
    rng = np.random.default_rng(seed)
    vertices, faces = torus(4, 3, 4.0, 2.0)
    mesh = mesh_from_arrays(np.rint(vertices + rng.normal(size=vertices.shape) * rng.choice([0.0, 0.5, 2.0])), faces)
    regular = analyse_topology(mesh).regular_vertices
    found = {(int(a), int(b)) for a, b in self_intersections(mesh.vertices, mesh.faces, regular=regular).pairs}
    assert found == oracle(mesh.vertices, mesh.faces)


def test_smooth_bodies_are_proven_nearly_everywhere() -> None:
    quick, slow, share = verdicts(*torus(90, 30, 9.0, 1.2, 0.2))
    assert quick == slow == set() and share == 1.0
    quick, slow, share = verdicts(*union(box((0, 0, 0), (2, 2, 2)), box((1, 1, 1), (3, 3, 3))))
    assert quick == slow and len(quick) > 0 and share == 1.0
