"""The verifier's array steps against plain search: welding, sorting, connectivity, rays in parts, finer charts."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from test_verify_topology import torus

from ringcad.verify import detail, mesh, rays, walls
from ringcad.verify.mesh import mesh_from_arrays, sorted_with_index, weld
from ringcad.verify.rays import RayCaster
from ringcad.verify.topology import analyse_topology

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(0, 200), st.sampled_from([1, 3, 1000, 2**40, 2**62]))
@settings(max_examples=80, deadline=None)
def test_sorting_is_stable_whether_or_not_the_words_have_room(seed: int, count: int, limit: int) -> None:
    keys = np.random.default_rng(seed).integers(0, limit, count)
    found, order = sorted_with_index(keys)
    np.testing.assert_array_equal(order, np.argsort(keys, kind="stable"))
    np.testing.assert_array_equal(found, np.sort(keys))


@given(seeds, st.integers(1, 60), st.sampled_from([2, 5, 100]), st.booleans())
@settings(max_examples=80, deadline=None)
def test_welding_merges_equal_points_and_no_others(seed: int, count: int, limit: int, one_hash: bool) -> None:
    rng = np.random.default_rng(seed)
    corners = (rng.integers(-limit, limit, (count, 3, 3)) * rng.choice([1.0, 1e-30, 0.1])).astype(np.float32)
    corners[rng.random(corners.shape) < 0.1] = -0.0
    kept = mesh._mixed
    try:
        if one_hash:  # so that every point meets every other one
            mesh._mixed = lambda x, y, z, size: np.zeros_like(x)
        vertices, faces = weld(corners)
    finally:
        mesh._mixed = kept
    np.testing.assert_array_equal(vertices[faces], corners.astype(np.float64))
    distinct = {tuple(point) for point in (corners.reshape(-1, 3) + np.float32(0.0)).tolist()}
    assert len(vertices) == len(distinct) == len({tuple(point) for point in vertices.tolist()})
    bits = (vertices.astype(np.float32) + np.float32(0.0)).view(np.uint32).astype(np.int64)
    assert [tuple(row) for row in bits.tolist()] == sorted(tuple(row) for row in bits.tolist())


def connectivity_by_search(faces: np.ndarray) -> dict[str, object]:
    """Edges, fans and bodies with dictionaries and sets, one by one."""
    uses: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for f, face in enumerate(faces.tolist()):
        for k in range(3):
            a, b = face[k], face[(k + 1) % 3]
            if a != b:
                uses[min(a, b), max(a, b)].append((f, k))
    corner_set = {(f, k): (f, k) for f in range(len(faces)) for k in range(3)}
    face_set = {f: f for f in range(len(faces))}

    def root(tree: dict, item: object) -> object:
        while tree[item] != item:
            item = tree[item]
        return item

    def corner_at(f: int, vertex: int, edge: int) -> tuple[int, int]:
        return (f, edge) if faces[f][edge] == vertex else (f, (edge + 1) % 3)

    turned = set()
    for edge, rows in uses.items():
        for (f, _), (g, _) in pairwise(rows):
            face_set[root(face_set, f)] = root(face_set, g)
        if len(rows) == 2:
            (f, i), (g, j) = rows
            for vertex in edge:
                one, two = corner_at(f, vertex, i), corner_at(g, vertex, j)
                corner_set[root(corner_set, one)] = root(corner_set, two)
            if faces[f][i] == faces[g][j]:
                turned.add(edge)
    fans = defaultdict(set)
    for f, k in corner_set:
        fans[int(faces[f][k])].add(root(corner_set, (f, k)))
    bodies = defaultdict(list)
    for f in face_set:
        bodies[root(face_set, f)].append(f)
    euler = []
    for members in bodies.values():
        own = set(members)
        edges = [edge for edge, rows in uses.items() if rows[0][0] in own]
        euler.append(sum(1 for group in fans.values() for f, _ in group if f in own) - len(edges) + len(own))
    irregular = {v for edge, rows in uses.items() if len(rows) != 2 or edge in turned for v in edge}
    irregular |= {int(face[k]) for face in faces for k in range(3) if face[k] == face[(k + 1) % 3]}
    seen: set[tuple[int, ...]] = set()
    repeated = []
    for f, face in enumerate(faces.tolist()):
        key = tuple(sorted(face))
        if key in seen:
            repeated.append(f)
        seen.add(key)
    return {
        "open_edges": {edge for edge, rows in uses.items() if len(rows) == 1},
        "non_manifold_edges": {edge for edge, rows in uses.items() if len(rows) > 2},
        "turned_edges": turned,
        "non_manifold_vertices": {v for v, group in fans.items() if len(group) > 1},
        "duplicate_faces": repeated,
        "bodies": sorted(tuple(sorted(members)) for members in bodies.values()),
        "euler": sorted(euler),
        "regular": {int(v) for v in np.unique(faces)} - irregular,
    }


@given(seeds, st.sampled_from(["soup", "torus"]), st.integers(3, 25))
@settings(max_examples=150, deadline=None)
def test_connectivity_is_that_of_a_plain_search(seed: int, kind: str, count: int) -> None:
    rng = np.random.default_rng(seed)
    if kind == "soup":
        vertices, faces = rng.random((max(4, count // 2), 3)), rng.integers(0, max(4, count // 2), (count, 3))
    else:
        vertices, faces = torus(int(rng.integers(3, 7)), int(rng.integers(3, 6)))
        faces = np.where(rng.random(len(faces))[:, None] < 0.05, faces[:, ::-1], faces)[rng.random(len(faces)) < 0.95]
        merged = rng.integers(0, len(vertices), 2)
        faces = np.where((faces == merged[0]) & (rng.random() < 0.4), merged[1], faces)  # two places touch
    body = mesh_from_arrays(vertices, faces)
    found, expected = analyse_topology(body), connectivity_by_search(body.faces)
    for name in ("open_edges", "non_manifold_edges", "turned_edges"):
        assert {tuple(edge) for edge in getattr(found, name).tolist()} == expected[name]
    assert set(found.non_manifold_vertices.tolist()) == expected["non_manifold_vertices"]
    assert found.duplicate_faces.tolist() == expected["duplicate_faces"]
    members = defaultdict(list)
    for f, number in enumerate(found.body_of_face.tolist()):
        members[number].append(f)
    assert sorted(tuple(rows) for rows in members.values()) == expected["bodies"]
    assert sorted(found.body_euler.tolist()) == expected["euler"]
    assert set(np.flatnonzero(found.regular_vertices).tolist()) == expected["regular"]


def test_a_vertex_of_many_faces_is_one_fan() -> None:
    """Two pyramids over one polygon of a thousand sides."""
    angle = 2.0 * np.pi * np.arange(1000) / 1000
    ring = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1)
    k = np.arange(1000)
    vertices = np.concatenate([ring, [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]])
    faces = np.concatenate(
        [np.stack([k, (k + 1) % 1000, 0 * k + 1000], 1), np.stack([(k + 1) % 1000, k, 0 * k + 1001], 1)]
    )
    topology = analyse_topology(mesh_from_arrays(vertices, faces))
    assert (topology.bodies, topology.genus, topology.closed) == (1, 0, True)
    assert len(topology.non_manifold_vertices) == 0 and topology.regular_vertices.all()


@pytest.mark.parametrize("use_embree", [True, False])
def test_rays_in_parts_are_the_rays_together(monkeypatch: pytest.MonkeyPatch, use_embree: bool) -> None:
    body = mesh_from_arrays(*torus(40, 16))
    points, face = walls.sample_surface(body, 300)
    way = -body.normals[face]
    together = RayCaster(body, use_embree=use_embree)
    limits = walls.WallLimits(0.8, 0.35, 0.5, 0.8)
    expected = (*together.thickness(points, way), *together.first_hit(points - 3.0 * way, way))
    expected_map = walls.measure_walls(body, together, limits, samples=300)
    monkeypatch.setattr(rays, "_AT_ONCE", 7)
    monkeypatch.setattr(walls, "_AT_ONCE", 11)
    parts = RayCaster(body, use_embree=use_embree)
    for one, other in zip((*parts.thickness(points, way), *parts.first_hit(points - 3.0 * way, way)), expected,
                          strict=True):  # fmt: skip
        np.testing.assert_array_equal(one, other)
    found = walls.measure_walls(body, parts, limits, samples=300)
    for name in ("ray_mm", "ball_mm", "wall_class", "limit_mm"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected_map, name))
    # along the normal the way through a round bar is nearly its diameter
    assert np.median(expected[0]) == pytest.approx(2.4, rel=0.03)


@given(seeds, st.integers(2, 9), st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_finer_charts_are_scipys(seed: int, rows: int, columns: int) -> None:
    values = np.random.default_rng(seed).random((rows, columns))
    places = (detail._places(rows, 1.0), detail._places(columns, 1.0))
    np.testing.assert_allclose(
        detail._between(values, places), ndimage.zoom(values, detail._FINER, order=1), rtol=0.0, atol=1e-12
    )
    nearest = [np.floor(place + 0.5).astype(int) for place in places]
    np.testing.assert_array_equal(values[np.ix_(*nearest)], ndimage.zoom(values, detail._FINER, order=0))


@given(seeds, st.booleans())
@settings(max_examples=15, deadline=None)
def test_the_ground_is_a_weighted_fit_of_the_lower_envelope(seed: int, engraved: bool) -> None:
    """The fit that it comes to is the least-squares one with the weights that follow from it."""
    rng = np.random.default_rng(seed)
    basis = np.polynomial.chebyshev.chebvander(rng.uniform(-1.0, 1.0, 900), 5)
    target = basis @ rng.normal(size=6) + np.abs(rng.normal(size=900)) * (rng.random(900) < 0.4)
    stiff = rng.uniform(0.0, 0.2, 6)
    found = detail._lower_envelope(basis, target, stiff)
    root = np.sqrt(np.where(target - basis @ found > 0.0, 0.02, 1.0))
    held = np.concatenate([basis * root[:, None], np.diag(np.sqrt(stiff))])
    expected = np.linalg.lstsq(held, np.concatenate([target * root, np.zeros(6)]), rcond=None)[0]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    above = target > basis @ found + 0.05
    assert 0.1 < above.mean() < 0.45


def test_planning_and_judging_load_no_scipy() -> None:
    """It takes a third of a second to import, in the process that everything else waits for."""
    code = (
        "import sys\nimport numpy as np\nimport ringcad.templates.solitaire.plan\n"
        "from ringcad.export.stl import stl_bytes\nfrom ringcad.relief.castability import make_castable\n"
        "from ringcad.verify import verify_stl\n"
        "make_castable(np.random.default_rng(1).random((40, 60)) * 0.3, (0.05, 0.05), 0.35, 0.25, 0.4)\n"
        "points = np.array([[0.0, 0, 0], [20, 0, 0], [0, 20, 0], [0, 0, 20]])\n"
        "verify_stl(stl_bytes(points, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])))\n"
        "assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
