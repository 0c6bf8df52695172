"""Pictures of a judged file: findings where they lie, walls in their colours, whatever the file's axes and size."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ringcad.checking import placing, split_large, thickness_at, write_coloured_ply
from ringcad.cli import main
from ringcad.core.errors import InputError
from ringcad.render import views
from ringcad.render.marks import Mark, render_marks
from ringcad.render.scene import RenderScene
from ringcad.render.walls import scale_color
from ringcad.verify.report import WALL_CLASSES, WallClass, WallSamples

TURNS = {"x": [[0, 1, 0], [0, 0, 1], [1, 0, 0]], "y": np.eye(3), "z": [[0, 0, 1], [1, 0, 0], [0, 1, 0]]}
RED, PALE = np.array([190, 30, 24]), 240


def ring_with_top() -> Any:
    """A tube along y with a knob towards +z."""
    tube = trimesh.creation.annulus(8.0, 10.0, 4.0, sections=96)
    tube.apply_transform(trimesh.geometry.align_vectors([0, 0, 1], [0, 1, 0]))
    knob = trimesh.creation.cylinder(1.0, 3.0, sections=32)
    knob.apply_translation((0, 0, 11.0))
    return trimesh.boolean.union([tube, knob], engine="manifold")


def scene_of(mesh: Any) -> RenderScene:
    return RenderScene(np.array(mesh.vertices, float), np.array(mesh.faces, np.int32), (0.8, 0.8, 0.8))


@pytest.mark.parametrize("turn", ["x", "y", "z", "askew"])
def test_a_ring_is_drawn_upright_whatever_its_axes(turn: str) -> None:
    from scipy.spatial.transform import Rotation

    from ringcad.verify.mesh import mesh_from_arrays
    from ringcad.verify.rays import RayCaster
    from ringcad.verify.ring import find_ring

    mesh = ring_with_top()
    matrix = Rotation.from_rotvec([0.4, -0.9, 0.3]).as_matrix() if turn == "askew" else np.array(TURNS[turn], float)
    vertices = np.array(mesh.vertices) @ matrix.T + np.array([3.0, -2.0, 1.0])
    judged = mesh_from_arrays(vertices, mesh.faces)
    found = find_ring(judged, RayCaster(judged))
    assert found is not None
    put = placing(vertices, found.axis, found.center)
    drawn = put(vertices)
    assert np.linalg.det(put.turn) == pytest.approx(1.0) and put.factor == 1.0
    assert np.abs(np.ptp(drawn[:, 1])) == pytest.approx(4.0, abs=0.05)
    assert np.ptp(drawn[:, 2]) == pytest.approx(22.5, abs=0.05)
    top = drawn[drawn[:, 2] > drawn[:, 2].max() - 0.1]
    assert np.ptp(top[:, 0]) < 2.1
    back = drawn / put.factor @ put.turn + put.middle
    assert np.abs(back - vertices).max() < 1e-9


def test_a_body_of_any_size_is_drawn_as_large_as_a_ring() -> None:
    box = np.array(trimesh.creation.box((300.0, 200.0, 1.0)).vertices)
    put = placing(box)
    assert np.ptp(put(box), axis=0).max() == pytest.approx(22.0) and put.factor == pytest.approx(22.0 / 300.0)


def test_marks_lie_on_their_places_full_in_front_and_hollow_behind(tmp_path: Path) -> None:
    mesh = trimesh.creation.icosphere(4, 9.0)
    scene = scene_of(mesh)
    size = 800
    view = views.turned(scene, size, 33.0, 40.0)  # the first pane, at twice its size
    front = 9.0 * view.back
    place = tuple(float(v) for v in front)
    behind = tuple(float(v) for v in -front)
    pixels = {}
    for name, at in (("front", place), ("behind", behind)):
        render_marks(scene, [Mark((at,), "error", "one")], tmp_path / f"{name}.png", size_px=size)
        pixels[name] = np.asarray(Image.open(tmp_path / f"{name}.png").convert("RGB")).astype(int)
    column, row = view.project(np.array([place]))[0] / 2.0
    red = np.abs(pixels["front"] - RED).sum(axis=2) < 30
    assert red[round(row) - 1 : round(row) + 2, round(column) - 1 : round(column) + 2].all()
    hollow = np.abs(pixels["behind"] - RED).sum(axis=2) < 30
    assert 0 < hollow[:400, :400].sum() < 0.6 * red[:400, :400].sum()


def test_the_list_grows_with_the_findings_and_says_when_there_are_none(tmp_path: Path) -> None:
    scene = scene_of(trimesh.creation.box((10.0, 10.0, 10.0)))
    heights = []
    for count in (0, 1, 3, 60):
        marks = [Mark((), "warning", f"finding number {k}") for k in range(count)]
        heights.append(render_marks(scene, marks, tmp_path / "list.png", size_px=400).height_px)
    assert heights[0] == heights[1] < heights[2] < heights[3]
    long = [Mark((), "info", "words " * 60)]
    assert render_marks(scene, long, tmp_path / "list.png", size_px=400).height_px > heights[2]
    with pytest.raises(InputError, match="does not exist"):
        render_marks(scene, [], tmp_path / "none" / "list.png")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), longest=st.floats(0.3, 5.0))
def test_splitting_keeps_the_surface(seed: int, longest: float) -> None:
    rng = np.random.default_rng(seed)
    vertices, faces = rng.normal(size=(12, 3)) * 3.0, np.arange(12).reshape(4, 3)
    points, parts = split_large(vertices, faces, longest, 10**6)

    def cross(v: np.ndarray, f: np.ndarray) -> np.ndarray:
        corner = v[f]
        return np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])

    assert cross(points, parts).sum(axis=0) == pytest.approx(cross(vertices, faces).sum(axis=0))  # none is turned over
    area = np.linalg.norm(cross(points, parts), axis=1).sum()
    assert area == pytest.approx(np.linalg.norm(cross(vertices, faces), axis=1).sum())
    sides = points[parts] - np.roll(points[parts], 1, axis=1)
    assert np.linalg.norm(sides, axis=2).max() <= longest + 1e-9
    few, cut = split_large(vertices, faces, 1e-4, 500)
    assert 4 <= len(cut) <= 500 and np.isfinite(few).all()


def test_the_coloured_mesh_says_the_thickness_at_each_vertex(tmp_path: Path) -> None:
    box = trimesh.creation.box((6.0, 6.0, 0.6))
    vertices, faces = split_large(np.array(box.vertices), np.array(box.faces), 0.5, 10**5)
    wall = np.full(2, WALL_CLASSES.index(WallClass.STRUCTURAL), dtype=np.uint8)
    samples = WallSamples(np.array([[0.0, 0.0, 0.3], [0.1, 0.0, 0.3]]), np.array([0.6, 0.6]), wall)
    thickness = thickness_at(vertices, samples)
    near = np.linalg.norm(vertices - [0.05, 0, 0.3], axis=1) < 0.3
    assert near.any() and (thickness[near] == 0.6).all() and np.isnan(thickness[vertices[:, 2] < 0]).all()
    write_coloured_ply(vertices, faces, thickness, 0.8, tmp_path / "wall.ply")
    read = trimesh.load(tmp_path / "wall.ply", process=False)
    assert np.abs(np.asarray(read.vertices) - vertices).max() < 1e-6 and (np.asarray(read.faces) == faces).all()
    colors = np.asarray(read.visual.vertex_colors)[:, :3]
    assert np.abs(colors - scale_color(thickness, 0.8) * 255.0).max() <= 0.51
    assert (colors[near][:, 0] > 2 * colors[near][:, 2]).all()  # red: under the limit
    text = (tmp_path / "wall.ply").read_bytes().split(b"end_header")[0].decode()
    assert "property float thickness_mm" in text and "red below 0.800" in text


def test_check_draws_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mesh = ring_with_top()
    mesh.apply_transform(trimesh.geometry.align_vectors([0, 1, 0], [0, 0, 1]))
    mesh.export(tmp_path / "good.stl")
    mesh.update_faces(np.arange(len(mesh.faces)) != 7)
    mesh.export(tmp_path / "open.stl")
    said = {}
    for name in ("good", "open"):
        out = tmp_path / "drawn" / name
        assert main(["check", str(tmp_path / f"{name}.stl"), "--pictures", str(out), "--json"]) in (0, 1)
        said[name] = json.loads(capsys.readouterr().out)
        assert sorted(said[name]["pictures"]) == sorted(str(path.resolve()) for path in out.iterdir())
    assert {Path(item).name for item in said["good"]["pictures"]} == {"findings.png", "wall.png", "wall.ply"}
    # Inside and outside of an open surface are not told apart: no walls, and no map of them.
    assert {Path(item).name for item in said["open"]["pictures"]} == {"findings.png"}
    codes = [finding["code"] for finding in said["open"]["findings"]]
    assert "open_edges" in codes
    picture = np.asarray(Image.open(tmp_path / "drawn" / "open" / "findings.png").convert("RGB")).astype(int)
    assert ((np.abs(picture[:1600] - RED).sum(axis=2) < 30).sum()) > 100
    clean = np.asarray(Image.open(tmp_path / "drawn" / "good" / "wall.png").convert("RGB")).astype(int)
    body = clean[:800]
    assert (body[..., 2] > body[..., 0] + 60).sum() > 5000  # a wall of 2 mm is blue to green
    header = (tmp_path / "drawn" / "good" / "wall.ply").read_bytes()[:400].decode("latin-1")
    assert int(re.findall(r"element vertex (\d+)", header)[0]) > 1000
