"""STL: what is written comes back bit for bit, and what is broken is said to be."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.errors import InputError
from ringcad.export.stl import snap_and_weld, snap_vertices, stl_bytes, write_stl
from ringcad.verify.stl import read_stl

TETRAHEDRON = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])


def ascii_stl(vertices: np.ndarray, faces: np.ndarray) -> bytes:
    lines = ["solid thing"]
    for face in faces:
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += [f"vertex {x:.9g} {y:.9g} {z:.9g}" for x, y, z in vertices[face]]
        lines += ["endloop", "endfacet"]
    return "\n".join([*lines, "endsolid thing"]).encode()


def triangles_of(mesh: object) -> np.ndarray:
    return mesh.corners  # type: ignore[attr-defined]


coordinates = st.floats(-31.9, 31.9, allow_nan=False)


@given(st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=3, max_size=30))
@settings(max_examples=60, deadline=None)
def test_written_vertices_come_back_exactly(points: list[tuple[float, float, float]]) -> None:
    vertices = np.array(points)
    faces = np.array([[i, (i + 1) % len(points), (i + 2) % len(points)] for i in range(len(points))])
    mesh = read_stl(stl_bytes(vertices, faces))
    snapped = snap_vertices(vertices).astype(np.float64)
    assert np.array_equal(triangles_of(mesh), snapped[faces])
    grid = snapped * 2.0**19
    assert np.array_equal(grid, np.rint(grid))
    assert np.abs(snapped - vertices).max() <= 2.0**-20
    # No two welded vertices are equal, and writing what was read gives the same bytes.
    assert len(np.unique(mesh.vertices, axis=0)) == len(mesh.vertices)
    assert stl_bytes(mesh.vertices, mesh.faces) == stl_bytes(vertices, faces)


@given(st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=4, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_snap_and_weld_keeps_the_triangles(points: list[tuple[int, int, int]], data: st.DataObject) -> None:
    base = np.array(points, dtype=float)
    noise = np.array(data.draw(st.lists(st.floats(-4e-7, 4e-7), min_size=base.size, max_size=base.size)))
    index = st.integers(0, len(points) - 1)
    faces = np.array(data.draw(st.lists(st.tuples(index, index, index), min_size=1, max_size=8)))
    vertices, welded = snap_and_weld(base + noise.reshape(base.shape), faces)
    expected = [base[f] for f in faces if len({tuple(p) for p in base[f]}) == 3]
    assert np.array_equal(vertices[welded].astype(float), np.array(expected).reshape(-1, 3, 3))
    assert len({tuple(row) for row in vertices.tolist()}) == len(vertices)


def test_same_mesh_same_bytes_and_binary_header() -> None:
    data = stl_bytes(TETRAHEDRON, FACES)
    assert data == stl_bytes(TETRAHEDRON.copy(), FACES.copy())
    assert len(data) == 84 + 50 * 4
    assert struct.unpack("<I", data[80:84]) == (4,)
    assert data[:5].lower() != b"solid"
    first = np.frombuffer(data, dtype="<f4", count=3, offset=84)
    assert first.tolist() == [0.0, 0.0, -1.0]


def test_ascii_and_binary_agree() -> None:
    rng = np.random.default_rng(3)
    vertices = snap_vertices(rng.uniform(-20, 20, (40, 3))).astype(float)
    faces = rng.permuted(np.tile(np.arange(40), (30, 1)), axis=1)[:, :3]
    assert np.array_equal(
        triangles_of(read_stl(ascii_stl(vertices, faces))), triangles_of(read_stl(stl_bytes(vertices, faces)))
    )


def test_binary_that_begins_with_solid_and_has_extra_bytes() -> None:
    data = bytearray(stl_bytes(TETRAHEDRON, FACES))
    data[:12] = b"solid facets"
    assert np.array_equal(triangles_of(read_stl(bytes(data))), TETRAHEDRON[FACES])
    mesh = read_stl(bytes(data) + b"\n")
    assert np.array_equal(triangles_of(mesh), TETRAHEDRON[FACES])
    assert mesh.notes == ("1 byte after the last triangle were overlooked",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"solid", "too few"),
        (b"\0" * 84, "no triangles"),
        (b"\0" * 90, "0 triangles"),
        (b"\0" * 80 + b"\xff\xff\xff\xff" + b"\0" * 50, "claims 4294967295 triangles"),
        (stl_bytes(TETRAHEDRON, FACES)[:-1], "cut short"),
        (ascii_stl(TETRAHEDRON, FACES)[:-60], "cut short"),
        (ascii_stl(TETRAHEDRON, FACES).replace(b"vertex 0 1 0", b"vertex 0 x 0"), "not a number"),
        (ascii_stl(TETRAHEDRON, FACES).replace(b"vertex 0 1 0", b"vertex 0 nan 0"), "finite"),
        (ascii_stl(TETRAHEDRON, FACES).replace(b"vertex 0 1 0", b"vertex 0 1e99 0"), "finite"),
        (b"solid empty\nendsolid empty\n" + b" " * 90, "no triangles"),
        (b"%PDF-1.4 " * 30, "cut short or is no STL"),
    ],
)
def test_unreadable_files_are_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_stl(data)


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_random_bytes_never_fault(data: bytes) -> None:
    try:
        mesh = read_stl(data)
    except InputError:
        return
    assert len(mesh.faces) >= 1


def test_writer_refuses_what_float32_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="32 mm"):
        snap_vertices(np.array([[32.0, 0, 0]]))
    with pytest.raises(InputError, match="finite"):
        snap_vertices(np.array([[np.nan, 0, 0]]))
    with pytest.raises(InputError, match="solid"):
        stl_bytes(TETRAHEDRON, FACES, header="Solid ring")
    with pytest.raises(InputError, match="index"):
        stl_bytes(TETRAHEDRON, FACES + 1)
    with pytest.raises(InputError, match="non-empty"):
        stl_bytes(TETRAHEDRON, FACES[:0])


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "ring.stl"
    size = write_stl(target, TETRAHEDRON, FACES)
    before = target.read_bytes()
    assert len(before) == size
    with pytest.raises(InputError):
        write_stl(target, TETRAHEDRON * 100.0, FACES)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["ring.stl"]
    with pytest.raises(InputError, match="cannot be written"):
        write_stl(tmp_path / "missing" / "ring.stl", TETRAHEDRON, FACES)
    with pytest.raises(InputError, match="cannot be read"):
        read_stl(tmp_path / "nothing.stl")
