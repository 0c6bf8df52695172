"""Self-intersection against an oracle in rational arithmetic that shares no formula with it."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.verify.exact import exact_faces, make_lattice, orient3d, orient3d_exact
from ringcad.verify.intersections import self_intersections
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.pairs import overlapping_pairs

Point = tuple[Fraction, Fraction, Fraction]


def minus(a: Point, b: Point) -> Point:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def dot(a: Point, b: Point) -> Fraction:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Point, b: Point) -> Point:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def clip(p: Point, q: Point, triangle: tuple[Point, Point, Point]) -> list[Point]:
    """Ends of the part of segment pq inside the closed triangle."""
    normal = cross(minus(triangle[1], triangle[0]), minus(triangle[2], triangle[0]))
    low, high = Fraction(0), Fraction(1)
    start, end = dot(normal, minus(p, triangle[0])), dot(normal, minus(q, triangle[0]))
    if start == end:
        if start != 0:
            return []
    else:
        low = high = start / (start - end)
        if not 0 <= low <= 1:
            return []
    for k in range(3):
        inward = cross(normal, minus(triangle[(k + 1) % 3], triangle[k]))
        a, b = dot(inward, minus(p, triangle[k])), dot(inward, minus(q, triangle[k]))
        if a == b:
            if a < 0:
                return []
            continue
        at = a / (a - b)
        low, high = (max(low, at), high) if b > a else (low, min(high, at))
    if low > high:
        return []
    way = minus(q, p)
    return [(p[0] + t * way[0], p[1] + t * way[1], p[2] + t * way[2]) for t in (low, high)]


def oracle(vertices: np.ndarray, faces: np.ndarray) -> set[tuple[int, int]]:
    exact: list[Point] = [tuple(Fraction(float(x)) for x in row) for row in vertices]  # type: ignore[misc]
    bad = set()
    for i, j in combinations(range(len(faces)), 2):
        one = tuple(exact[v] for v in faces[i])
        two = tuple(exact[v] for v in faces[j])
        if any(not any(cross(minus(t[1], t[0]), minus(t[2], t[0]))) for t in (one, two)):
            continue
        meeting: list[Point] = []
        for k in range(3):
            meeting += clip(one[k], one[(k + 1) % 3], two)  # type: ignore[arg-type]
            meeting += clip(two[k], two[(k + 1) % 3], one)  # type: ignore[arg-type]
        shared = [exact[v] for v in set(faces[i].tolist()) & set(faces[j].tolist())]
        if len(shared) == 0:
            improper = bool(meeting)
        elif len(shared) == 1:
            improper = any(point != shared[0] for point in meeting)
        elif len(shared) == 2:
            edge = minus(shared[1], shared[0])
            improper = any(any(cross(minus(point, shared[0]), edge)) for point in meeting)
        else:
            improper = True
        if improper:
            bad.add((i, j))
    return bad


def found(vertices: np.ndarray, faces: np.ndarray) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in self_intersections(vertices, faces).pairs}


def soup(points: list[tuple[int, ...]], picks: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    vertices = np.unique(np.array(points, dtype=float), axis=0)
    faces = np.array(picks) % len(vertices)
    return vertices, faces


def small_soup(limit: int, depth: int) -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    """Triangles over few integer points: coplanar, touching and folded cases come up often."""
    point = st.tuples(st.integers(0, limit), st.integers(0, limit), st.integers(0, depth))
    pick = st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
    return st.builds(soup, st.lists(point, min_size=4, max_size=9), st.lists(pick, min_size=2, max_size=6))


@given(small_soup(3, 3))
@settings(max_examples=250, deadline=None)
def test_agrees_with_the_oracle_in_space(case: tuple[np.ndarray, np.ndarray]) -> None:
    assert found(*case) == oracle(*case)


@given(small_soup(4, 0))
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_oracle_in_a_plane(case: tuple[np.ndarray, np.ndarray]) -> None:
    assert found(*case) == oracle(*case)


@given(small_soup(3, 2), st.integers(0, 2**31), st.sampled_from([2.0**-19, 2.0**-40]))
@settings(max_examples=150, deadline=None)
def test_agrees_when_almost_coplanar(case: tuple[np.ndarray, np.ndarray], seed: int, step: float) -> None:
    """Coordinates one lattice step off degenerate ones; the fine step needs Python integers."""
    vertices, faces = case
    nudge = np.random.default_rng(seed).integers(-1, 2, vertices.shape) * step
    base = vertices * (16.0 if step > 1e-7 else 1.0)
    mesh = mesh_from_arrays(base + nudge, faces)
    fine = np.where(vertices == 0.0, nudge, base).astype(np.float32).astype(float)
    for points in (mesh.vertices, fine):
        if len(np.unique(points, axis=0)) == len(points):
            index = mesh.faces if points is mesh.vertices else faces
            assert found(points, index) == oracle(points, index)


@given(
    st.lists(st.tuples(*[st.integers(-(2**24) + 1, 2**24 - 1)] * 3), min_size=5, max_size=5, unique=True),
    st.tuples(*[st.integers(-4, 4)] * 2),
)
@settings(max_examples=150, deadline=None)
def test_orientation_is_exact_on_the_whole_lattice(points: list[tuple[int, ...]], weights: tuple[int, int]) -> None:
    """The limb arithmetic against Python integers, also for points moved into a plane of three others."""
    rows = [list(p) for p in points]
    a, b, c = rows[:3]
    rows[3] = [a[k] + ((weights[0] * (b[k] - a[k]) + weights[1] * (c[k] - a[k])) >> 4) for k in range(3)]
    vertices = np.array(rows, dtype=float) * 2.0**-19
    if np.abs(vertices).max() >= 32.0:
        vertices /= 4.0
    vertices = vertices.astype(np.float32).astype(float)
    lattice = make_lattice(vertices)
    exact = [[int(x) for x in row] for row in lattice.integers]
    for quad in ((0, 1, 2, 3), (1, 0, 2, 3), (0, 1, 2, 4), (3, 4, 0, 1)):
        index = [np.array([v]) for v in quad]
        rows_u = [[exact[v][k] - exact[quad[3]][k] for k in range(3)] for v in quad[:3]]
        u, v, w = rows_u
        det = (
            u[0] * (v[1] * w[2] - v[2] * w[1]) + u[1] * (v[2] * w[0] - v[0] * w[2]) + u[2] * (v[0] * w[1] - v[1] * w[0])
        )
        sign = (det > 0) - (det < 0)
        assert orient3d(lattice, *index)[0] == sign
        assert orient3d_exact(lattice, *index)[0] == sign


def test_zero_area_is_exact() -> None:
    step = 2.0**-19
    vertices = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2], [2, 2, 2 + step], [30, 30, 30], [-31, -31, -31]])
    faces = np.array([[0, 1, 2], [0, 1, 3], [4, 5, 0], [4, 5, 3]])
    assert exact_faces(vertices, faces).zero_area.tolist() == [True, False, True, False]


@given(st.integers(0, 2**31), st.integers(2, 60))
@settings(max_examples=40, deadline=None)
def test_pair_finder_finds_every_pair_once(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    triangles = rng.integers(0, 40, (count, 1, 3)) + rng.integers(0, 9, (count, 3, 3)).astype(float)
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    expected = {
        (i, j) for i, j in combinations(range(count), 2) if (low[i] <= high[j]).all() and (low[j] <= high[i]).all()
    }
    pairs = [
        (min(i, j), max(i, j))
        for first, second in overlapping_pairs(triangles)
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
    ]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected


def torus(ring: int, section: int, major: float, minor: float, bump: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Round the y axis; with ``minor > major`` it is a spindle that passes through itself."""
    u, v = np.meshgrid(2 * np.pi * np.arange(ring) / ring, 2 * np.pi * np.arange(section) / section, indexing="ij")
    tube = minor + bump * np.sin(9 * u) * np.sin(4 * v)
    points = np.stack(
        [(major + tube * np.cos(v)) * np.cos(u), tube * np.sin(v), (major + tube * np.cos(v)) * np.sin(u)], axis=-1
    ).reshape(-1, 3)
    i, j = (x.ravel() for x in np.meshgrid(np.arange(ring), np.arange(section), indexing="ij"))
    a, b = i * section + j, (i + 1) % ring * section + j
    c, d = (i + 1) % ring * section + (j + 1) % section, i * section + (j + 1) % section
    return points, np.concatenate([np.stack([a, d, c], 1), np.stack([a, c, b], 1)])


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    corner = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = np.array(low) + corner * (np.array(high) - np.array(low))
    faces = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1)]
    faces += [(2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)]
    return points.astype(float), np.array(faces)


def union(*parts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *(len(p) for p, _ in parts)])
    return np.concatenate([p for p, _ in parts]), np.concatenate(
        [f + o for (_, f), o in zip(parts, offsets, strict=False)]
    )


def crossings(body: tuple[np.ndarray, np.ndarray]) -> int:
    mesh = mesh_from_arrays(*body)
    return len(self_intersections(mesh.vertices, mesh.faces).pairs)


def test_clean_bodies_have_none() -> None:
    assert crossings(torus(90, 24, 9.0, 1.2, 0.2)) == 0
    assert crossings(box((0, 0, 0), (1, 2, 3))) == 0
    assert crossings(union(box((0, 0, 0), (1, 1, 1)), box((1.001, 0, 0), (2, 1, 1)))) == 0


def test_spindle_torus_is_caught() -> None:
    assert crossings(torus(60, 24, 1.0, 1.4)) > 0


def test_overlapping_and_touching_shells_are_caught() -> None:
    assert crossings(union(box((0, 0, 0), (1, 1, 1)), box((0.5, 0.25, 0.25), (2, 0.75, 0.75)))) > 0
    # A common face, a common edge line and a single touching corner: the file is not one clean surface.
    assert crossings(union(box((0, 0, 0), (1, 1, 1)), box((1, 0.25, 0.25), (2, 0.75, 0.75)))) > 0
    assert crossings(union(box((0, 0, 0), (1, 1, 1)), box((1, 0.25, 1), (2, 0.75, 2)))) > 0
    corner_on_face = np.array([[1.0, 0.5, 0.5], [2, 0.25, 0.5], [2, 0.75, 0.5], [2, 0.5, 0.75]])
    spike = (corner_on_face, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
    assert crossings(union(box((0, 0, 0), (1, 1, 1)), spike)) > 0


def test_nested_shells_do_not_meet() -> None:
    assert crossings(union(box((0, 0, 0), (3, 3, 3)), box((1, 1, 1), (2, 2, 2)))) == 0


@pytest.mark.parametrize("lift", [0.0, 2.0**-19, 2.0**-10])
def test_fold_over_an_edge(lift: float) -> None:
    """Two faces on a common edge folded flat onto each other; lifted by one lattice step they are clean."""
    vertices = np.array([[0.0, 0, 0], [4, 0, 0], [2, 3, 0], [1, 2, lift]])
    faces = np.array([[0, 1, 2], [1, 0, 3]])
    assert found(vertices, faces) == ({(0, 1)} if lift == 0.0 else set())


@given(st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_result_does_not_depend_on_order_winding_or_axes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vertices, faces = torus(14, 8, 1.0, 1.3)
    vertices = np.rint(vertices * 2**12) / 2**12
    vertices, faces = (lambda mesh: (mesh.vertices, mesh.faces))(mesh_from_arrays(vertices, faces))
    expected = found(vertices, faces)
    order = rng.permutation(len(faces))
    turned = np.where(rng.random(len(faces))[:, None] < 0.5, faces, faces[:, ::-1])
    axes = rng.permutation(3)
    back = {tuple(sorted((int(order[a]), int(order[b])))) for a, b in found(vertices[:, axes] * 2.0, turned[order])}
    assert back == expected
