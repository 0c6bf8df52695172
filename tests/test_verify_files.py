"""Mesh files of other programs: read exactly, or refused with a sentence."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringcad.cli import main
from ringcad.core.errors import InputError
from ringcad.verify import formats
from ringcad.verify.files import UNIT_MM, read_file, select_metal

TORUS = trimesh.creation.torus(9.4, 0.9, major_sections=24, minor_sections=8)
STONE = trimesh.creation.icosphere(subdivisions=1, radius=3.2).apply_translation([0, 0, 13.0])
EXPORTS = (".stl", ".obj", ".ply", ".glb", ".gltf", ".3mf")


def written(folder: Path, suffix: str, scene: trimesh.Scene | trimesh.Trimesh) -> Path:
    path = folder / f"ring{suffix}"
    if suffix == ".gltf":
        for name, data in trimesh.exchange.gltf.export_gltf(trimesh.Scene(scene)).items():
            (folder / (path.name if name.endswith(".gltf") else name)).write_bytes(data)
    else:
        scene.export(path)
    return path


def test_every_format_gives_the_same_body(tmp_path: Path) -> None:
    expected = TORUS.volume
    for suffix in EXPORTS:
        scene = read_file(written(tmp_path, suffix, TORUS))
        (body,) = scene.bodies
        assert len(body.mesh.faces) == len(TORUS.faces) and len(body.mesh.vertices) == len(TORUS.vertices), suffix
        assert body.mesh.volume() == pytest.approx(expected, rel=1e-5)
        assert body.mesh.byte_count == scene.byte_count > 0


def test_units_are_those_that_the_format_states_or_the_user_gives(tmp_path: Path) -> None:
    found = {suffix: read_file(written(tmp_path, suffix, TORUS)) for suffix in EXPORTS}
    assert {(found[s].unit, found[s].unit_source) for s in (".stl", ".obj", ".ply")} == {("mm", "assumed")}
    assert {(found[s].unit, found[s].unit_source) for s in (".glb", ".gltf")} == {("m", "stated")}
    assert (found[".3mf"].unit, found[".3mf"].unit_source) == ("mm", "stated")
    given_unit = read_file(tmp_path / "ring.glb", "mm")
    assert (given_unit.unit, given_unit.unit_source) == ("mm", "given")
    with pytest.raises(InputError, match="unit: 'parsec' is unknown"):
        read_file(tmp_path / "ring.glb", "parsec")


@pytest.mark.parametrize(
    ("word", "unit"), [("inch", "in"), ("micron", "um"), ("centimeter", "cm"), ("meter", "m"), ("foot", "ft")]
)
def test_3mf_says_its_unit(tmp_path: Path, word: str, unit: str) -> None:
    path = written(tmp_path, ".3mf", TORUS)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data.replace(b'unit="millimeter"', f'unit="{word}"'.encode()))
    scene = read_file(path)
    assert (scene.unit, scene.unit_source) == (unit, "stated") and unit in UNIT_MM


def test_a_mirrored_node_keeps_metal_inside(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    mirror[0, 3] = 40.0
    scene.add_geometry(TORUS, node_name="right", geom_name="a")
    scene.add_geometry(TORUS, node_name="left", geom_name="a", transform=mirror)
    read = read_file(written(tmp_path, ".glb", scene))
    assert [body.mesh.volume() > 0 for body in read.bodies] == [True, True]
    np.testing.assert_allclose(sorted(body.mesh.centers[:, 0].mean() for body in read.bodies), [0, 40], atol=1e-5)


@pytest.mark.parametrize("suffix", [".glb", ".3mf", ".obj"])
def test_stones_are_told_from_metal_by_name(tmp_path: Path, suffix: str) -> None:
    scene = trimesh.Scene({"diamond_01": STONE, "shank": TORUS})
    read = read_file(written(tmp_path, suffix, scene))
    by_rule = select_metal(read)
    assert by_rule.metal.volume() == pytest.approx(TORUS.volume, rel=1e-5)
    assert [stone.mesh.volume() for stone in by_rule.stones] == [pytest.approx(STONE.volume, rel=1e-5)]
    assert "speaks of no stone" in by_rule.rule
    stone_name = by_rule.stones[0].name
    swapped = select_metal(read, metal=[stone_name])
    assert swapped.metal_names == (stone_name,) and swapped.metal.volume() == pytest.approx(STONE.volume, rel=1e-5)
    everything = select_metal(read, metal=["1", "2"])
    assert everything.stones == () and len(everything.metal.faces) == len(STONE.faces) + len(TORUS.faces)
    with pytest.raises(InputError, match="no body is called 'cork'"):
        select_metal(read, stones=["cork"])
    with pytest.raises(InputError, match="as metal and as a stone"):
        select_metal(read, metal=["1"], stones=["1"])


def test_a_ring_of_stones_only_asks_which_is_metal(tmp_path: Path) -> None:
    scene = trimesh.Scene({"ruby": STONE, "sapphire": TORUS})
    with pytest.raises(InputError, match="--metal-body"):
        select_metal(read_file(written(tmp_path, ".glb", scene)))


def glb(document: dict[str, object], binary: bytes) -> bytes:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


def triangle_document() -> dict[str, object]:
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}
        ],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
    }


TRIANGLE = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["accessors"][0].update(sparse={"count": 1}), "sparse"),
        (lambda d: d["accessors"][0].pop("bufferView"), "sparse or empty"),
        (lambda d: d["accessors"][0].update(count=4_000_000_000), "beyond its buffer view"),
        (lambda d: d["buffers"][0].update(byteLength=4_000_000_000), "cut short"),
        (lambda d: d["bufferViews"][0].update(byteLength=99), "beyond its buffer"),
        (lambda d: d["meshes"][0]["primitives"][0].update(mode=6), "triangle fans"),
        (lambda d: d.update(extensionsRequired=["EXT_meshopt_compression"]), "EXT_meshopt_compression"),
        (lambda d: d["accessors"][0].update(bufferView=7), "damaged"),
        (lambda d: d.pop("asset"), "asset"),
    ],
)
def test_a_gltf_that_would_be_read_as_zeros_is_refused(tmp_path: Path, change: object, said: str) -> None:
    document = triangle_document()
    path = tmp_path / "ring.glb"
    path.write_bytes(glb(document, TRIANGLE))
    assert len(read_file(path).bodies[0].mesh.faces) == 1  # whole before the change
    change(document)  # type: ignore[operator]
    path.write_bytes(glb(document, TRIANGLE))
    with pytest.raises(InputError, match=said):
        read_file(path)


def test_draco_is_decoded_or_refused_by_name(tmp_path: Path) -> None:
    document = triangle_document()
    extension = {"KHR_draco_mesh_compression": {"bufferView": 0, "attributes": {"POSITION": 0}}}
    path = tmp_path / "ring.glb"
    decoder = pytest.importorskip("DracoPy") if trimesh.util.has_module("DracoPy") else None
    blob = TRIANGLE
    if decoder is not None:
        blob = decoder.encode(np.asarray(TORUS.vertices, np.float32), np.asarray(TORUS.faces, np.uint32))
    document["meshes"][0]["primitives"][0] |= {"extensions": extension, "indices": 1}  # type: ignore[index]
    document["accessors"] = [
        {"componentType": 5126, "count": len(TORUS.vertices), "type": "VEC3"},
        {"componentType": 5125, "count": 3 * len(TORUS.faces), "type": "SCALAR"},
    ]
    document["bufferViews"] = [{"buffer": 0, "byteLength": len(blob)}]
    document["buffers"] = [{"byteLength": len(blob)}]
    document["extensionsRequired"] = document["extensionsUsed"] = ["KHR_draco_mesh_compression"]
    path.write_bytes(glb(document, blob))
    if decoder is None:
        with pytest.raises(InputError, match="Draco-compressed"):
            read_file(path)
    else:
        (body,) = read_file(path).bodies
        assert body.mesh.volume() == pytest.approx(TORUS.volume, rel=0.02)


@pytest.mark.parametrize("form", ["ascii", "binary_little_endian"])
def test_a_ply_that_claims_four_billion_faces_is_refused_at_once(tmp_path: Path, form: str) -> None:
    header = (
        f"ply\nformat {form} 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
        "element face 4000000000\nproperty list uchar int vertex_indices\nend_header\n"
    )
    path = tmp_path / "ring.ply"
    path.write_bytes(header.encode() + TRIANGLE)
    with pytest.raises(InputError, match="claims 3 vertices and 4000000000 faces"):
        read_file(path)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("ring.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "damaged"),
        ("ring.obj", b"v 0 0 0\nv 1 0 nan\nv 0 1 0\nf 1 2 3\n", "not a finite number"),
        ("ring.obj", b"v 0 0 0\nv 1 0 0\n", "no triangles|damaged"),
        ("ring.ply", b"plyx", "no PLY"),
        ("ring.3mf", b"PK not a zip", "no 3MF"),
        ("ring.glb", b"glTF\2\0\0\0\xff\xff\xff\x7f", "cut short"),
        ("ring.gltf", b"[" * 100_000, "no glTF"),
        ("ring.png", b"\x89PNG", "not a format"),
        ("ring.ply", b"", "empty"),
    ],
)
def test_damaged_files_are_told_in_words(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said):
        read_file(tmp_path / name)


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_FILE_BYTES", 1 << 20)
    path = tmp_path / "ring.3mf"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("3D/3dmodel.model", bytes((1 << 20) + 1))
    assert path.stat().st_size < 1 << 12
    with pytest.raises(InputError, match="unpacks to"):
        read_file(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([".obj", ".ply", ".glb", ".3mf"]), st.integers(0, 2**32), st.floats(0, 1))
def test_mutated_bytes_never_give_a_traceback(tmp_path: Path, suffix: str, seed: int, cut: float) -> None:
    """Bytes changed, or the end cut off: read, or an ``InputError``; nothing else."""
    buffer = io.BytesIO()
    trimesh.creation.box((1, 2, 3)).export(buffer, file_type=suffix[1:])
    data = bytearray(buffer.getvalue())
    rng = np.random.default_rng(seed)
    if seed % 3:
        for place in rng.integers(0, len(data), rng.integers(1, 9)):
            data[place] = rng.integers(0, 256)
    else:
        del data[int(cut * len(data)) :]
    path = tmp_path / f"ring{suffix}"
    path.write_bytes(bytes(data))
    try:
        scene = read_file(path)
    except InputError as error:
        assert len(str(error)) < 600
    else:
        assert all(np.isfinite(body.mesh.vertices).all() for body in scene.bodies)


@pytest.mark.parametrize("suffix", EXPORTS)
def test_check_judges_every_format_alike(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    ring = trimesh.creation.annulus(8.5, 10.0, 4.0, sections=200)
    ring.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0]))
    path = written(tmp_path, suffix, ring)
    unit = ["--unit", "mm"] if suffix in (".glb", ".gltf") else []
    assert main(["check", str(path), "--json", *unit]) == 0
    said = json.loads(capsys.readouterr().out)["measurements"]
    assert (said["bodies"], said["genus"], said["unit"]) == (1, 1, "mm")
    assert said["bore"]["diameter_mm"] == pytest.approx(17.0, abs=0.02)
    assert said["volume_mm3"] == pytest.approx(ring.volume, rel=1e-5)


def test_a_unit_is_asked_for_and_its_name_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A glTF whose numbers are millimetres is 20 m wide as read; the finding names the option that mends it."""
    path = written(tmp_path, ".glb", TORUS)
    assert main(["check", str(path), "--json"]) == 1
    (finding,) = [row for row in json.loads(capsys.readouterr().out)["findings"] if row["code"] == "units"]
    assert "--unit mm" in finding["fix"] and "20600 mm wide" in finding["message"].replace("2.06e+04", "20600")
    inches = trimesh.Trimesh(TORUS.vertices / 25.4, TORUS.faces)
    path = written(tmp_path, ".stl", inches)
    assert main(["check", str(path), "--json"]) == 1
    (finding,) = [row for row in json.loads(capsys.readouterr().out)["findings"] if row["code"] == "units"]
    assert "--unit in" in finding["fix"]
    main(["check", str(path), "--json", "--unit", "in"])
    said = json.loads(capsys.readouterr().out)
    assert not [row for row in said["findings"] if row["code"] == "units"]
    assert said["measurements"]["volume_mm3"] == pytest.approx(TORUS.volume, rel=1e-5)
