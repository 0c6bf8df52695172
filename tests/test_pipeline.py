"""Builds through the whole pipeline with the fake template: delivery, refusal, reuse, folders, bad input."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from plugin_paths import environment, install_plugin

import ringcad
from ringcad.core.errors import InputError, SpecError
from ringcad.core.findings import FindingCode
from ringcad.lockfile import lock_path, lock_text, read_lock
from ringcad.options import BuildOptions
from ringcad.outputs import OutputFolder, sha256_file
from ringcad.pipeline import build_ring
from ringcad.result import BuildResult
from ringcad.verify.certificate import verify_certificate

Builder = Callable[..., BuildResult]
VERDICTS: dict[tuple[Any, ...], Any] = {}
"""The gate is a function of the file's bytes and the numbers: the same ring is judged once in this file."""


@pytest.fixture(autouse=True)
def judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from ringcad.verify import check

    original = check.verify_stl

    def verify(path: Path, resolved: Any, *, expected_genus: int | None = None) -> Any:
        key = (path.read_bytes(), resolved.model_dump_json(), expected_genus)
        if key not in VERDICTS:
            import fake_ring

            VERDICTS[key] = fake_ring.mesh_rules_only(original(path, resolved, expected_genus=expected_genus))
        return VERDICTS[key]

    monkeypatch.setattr(check, "verify_stl", verify)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with ``ring.yaml`` in it, and the plugin in sight."""
    site = install_plugin(tmp_path)
    for key, value in environment(site, tmp_path, FAKE_DOTS_LOG=str(tmp_path / "drawn.log")).items():
        monkeypatch.setenv(key, value)
    monkeypatch.syspath_prepend(str(site))
    import fake_ring

    (tmp_path / "drawn.log").write_text("")
    (tmp_path / "ring.yaml").write_text(fake_ring.SPEC)
    yield tmp_path
    sys.modules.pop("fake_ring", None)


@pytest.fixture
def build(place: Path) -> Builder:
    """Build ``ring.yaml`` into ``out`` without pictures, STEP and cache; keywords change the options."""

    def run(text: str | None = None, write_spec: bool = False, **changes: Any) -> BuildResult:
        options = {"out": place / "out", "pictures": False, "step": False, "cache": None, **changes}
        return build_ring(place / "ring.yaml", BuildOptions(**options), text=text, write_spec=write_spec)

    return run


def drawn(place: Path) -> list[str]:
    return (place / "drawn.log").read_text().splitlines()


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, hidden ones too."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_delivery_is_complete_and_its_digests_are_true(build: Builder, place: Path) -> None:
    result = build()
    assert result.status == "ok", result.findings
    written = {"ring.stl", "resolved.json", "report.json", "report.html", "ring.cert.json", "ring.cert.html"}
    assert set(snapshot(place / "out")) == written
    assert verify_certificate(place / "out" / "ring.cert.json") == []
    for path, digest in result.sha256.items():
        assert sha256_file(Path(path)) == digest
    report = json.loads((place / "out" / "report.json").read_text())
    assert report["sha256"]["ring.stl"] == result.sha256[str(result.files["stl"])]
    assert report["weight"]["as_cast_g"] == pytest.approx(result.mesh.volume * 15.5e-3, rel=0.05)
    row = result.to_json()
    assert row["weight_g"]["finished"] < row["weight_g"]["as_cast"]
    assert row["stones"][0]["diameter_mm"] == 6.5
    assert {"spec", "relief", "plan", "fuse", "mesh", "gate", "publish", "total"} <= set(result.timings_s)
    assert not list((place / "tmp").iterdir())


def test_the_stored_relief_is_used_and_no_generator_runs(build: Builder, place: Path) -> None:
    first = build()
    assert drawn(place) == ["dots 3"]  # both shoulders ask for the same
    again = build(out=place / "again")
    assert drawn(place) == ["dots 3"]
    assert {"relief right_shoulder", "relief left_shoulder"} <= set(again.reused)
    assert (place / "out" / "ring.stl").read_bytes() == (place / "again" / "ring.stl").read_bytes()
    assert first.sha256[str(first.files["lock"])] == again.sha256[str(again.files["lock"])]
    build(fresh_relief=True)
    assert drawn(place) == ["dots 3"] * 2


def test_cold_and_warm_builds_give_the_same_bytes_with_and_without_the_cache(build: Builder, place: Path) -> None:
    cold = build()
    filled = build(out=place / "b", cache=place / "kept")
    warm = build(out=place / "c", cache=place / "kept")
    assert "solid" in warm.reused and "solid" not in filled.reused and "fuse" not in warm.timings_s
    for result in (filled, warm):
        assert Path(str(result.files["stl"])).read_bytes() == Path(str(cold.files["stl"])).read_bytes()
    assert warm.findings == filled.findings and warm.report["weight"] == filled.report["weight"]
    assert warm.mesh.volume == cold.mesh.volume
    for entry in (place / "kept" / "result").iterdir():  # a damaged entry is not used
        data = bytearray(entry.read_bytes())
        data[len(data) // 2] ^= 1
        entry.write_bytes(data)
    damaged = build(out=place / "d", cache=place / "kept")
    assert "solid" not in damaged.reused
    assert Path(str(damaged.files["stl"])).read_bytes() == Path(str(cold.files["stl"])).read_bytes()


def test_a_changed_seed_or_generator_version_draws_again(
    build: Builder, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    before = read_lock(place / "ring.lock.yaml")
    spec = (place / "ring.yaml").read_text().replace("seed: 3", "seed: 4")
    (place / "ring.yaml").write_text(spec)
    build()
    after = read_lock(place / "ring.lock.yaml")
    assert drawn(place) == ["dots 3", "dots 4"]
    assert before.reliefs["left_shoulder"].relief_sha256 != after.reliefs["left_shoulder"].relief_sha256
    assert {p.name for p in (place / "ring.reliefs").iterdir()} == {
        Path(row.file).name for row in after.reliefs.values()
    }
    import fake_ring

    monkeypatch.setattr(fake_ring.FakeDots, "version", "1.1")
    build()
    assert drawn(place) == ["dots 3", "dots 4", "dots 4"]


def test_an_edited_stored_relief_is_an_error_and_a_missing_one_is_drawn_again(build: Builder, place: Path) -> None:
    build()
    (picture,) = (place / "ring.reliefs").iterdir()
    original = picture.read_bytes()
    from PIL import Image

    with Image.open(picture) as image:
        edited = image.point(lambda value: value * 0.5)
        edited.save(picture)
    with pytest.raises(SpecError, match=r"decoration.0: .*heightmap.*--fresh-relief"):
        build()
    picture.write_bytes(b"not a picture")
    with pytest.raises(SpecError, match="not a readable PNG"):
        build()
    picture.unlink()
    assert build().ok
    assert picture.read_bytes() == original


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("refuse:plan", FindingCode.WALL_BOUND),
        ("refuse:check", FindingCode.SOLID_COUNT),
        ("crash:cut", FindingCode.BOOLEAN_FAILED),
        ("hang:fuse", FindingCode.STAGE_TIMEOUT),
        ("open", FindingCode.OPEN_EDGES),
        ("narrow", FindingCode.BORE_DIAMETER),
    ],
)
def test_a_refusal_changes_nothing(
    behaviour: str, code: FindingCode, build: Builder, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    before = snapshot(place)
    edited = (place / "ring.yaml").read_text().replace("seed: 3", "seed: 9")
    monkeypatch.setenv("FAKE_RING", behaviour)
    limits = {"fuse": 0.3} if behaviour.startswith("hang") else {}
    result = build(text=edited, write_spec=True, stage_limits_s=limits)
    assert result.status == "refused" and not result.ok
    assert code in {finding.code for finding in result.findings}
    assert result.findings[0].severity.value == "error"
    assert result.report["status"] == "refused" and not result.files
    after = snapshot(place)
    after.pop("drawn.log"), before.pop("drawn.log")
    assert after == before
    fresh = build(out=place / "never" / "made", stage_limits_s=limits)
    assert fresh.status == "refused"
    assert not (place / "never").exists()


def test_defects_of_the_mesh_alone_are_meshed_away(
    build: Builder, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = build()
    monkeypatch.setenv("FAKE_RING", "open until:0.3")
    again = build(out=place / "again")
    assert again.ok
    assert (place / "again" / "ring.stl").read_bytes() == Path(str(sound.files["stl"])).read_bytes()


def test_an_edited_spec_is_published_with_its_ring(build: Builder, place: Path) -> None:
    build()
    edited = (place / "ring.yaml").read_text().replace("seed: 3", "seed: 9")
    result = build(text=edited, write_spec=True)
    assert result.ok
    assert (place / "ring.yaml").read_text() == edited
    assert read_lock(place / "ring.lock.yaml").reliefs["left_shoulder"].request["seed"] == 9


def test_a_spec_that_changed_meanwhile_is_not_overwritten(build: Builder, place: Path) -> None:
    edited = (place / "ring.yaml").read_text().replace("seed: 3", "seed: 9")
    original = ringcad.pipeline._stage_spec

    def change_first(source: Any, folder: Any, text: str) -> Any:
        (place / "ring.yaml").write_text("# the user is typing\n")
        return original(source, folder, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ringcad.pipeline, "_stage_spec", change_first)
        with pytest.raises(InputError, match="was changed while its ring was built"):
            build(text=edited, write_spec=True)
    assert (place / "ring.yaml").read_text() == "# the user is typing\n"
    assert not (place / "out").exists()


def test_two_builds_into_one_folder(build: Builder, place: Path) -> None:
    with OutputFolder(place / "out"), pytest.raises(InputError, match="Another build is writing into"):
        build()
    assert build().ok


def test_leftovers_of_a_killed_build_are_removed(build: Builder, place: Path) -> None:
    (place / "out" / ".ringcad-staging-dead").mkdir(parents=True)
    (place / "out" / ".ringcad-staging-dead" / "ring.stl").write_text("half")
    (place / "out" / "notes.txt").write_text("mine")
    assert build().ok
    assert not list((place / "out").glob(".*"))
    assert (place / "out" / "notes.txt").read_text() == "mine"


def test_a_file_that_this_build_does_not_make_does_not_stay_beside_the_new_ring(build: Builder, place: Path) -> None:
    build()
    out = place / "out"
    report = json.loads((out / "report.json").read_text())
    (out / "ring.step").write_text("an older ring")
    (out / "ring.3mf").write_text("not ours")
    report["sha256"]["ring.step"] = sha256_file(out / "ring.step")
    report["sha256"]["../drawn.log"] = sha256_file(place / "drawn.log")
    (out / "report.json").write_text(json.dumps(report))
    assert build().ok
    assert not (out / "ring.step").exists()
    assert (out / "ring.3mf").exists() and (place / "drawn.log").exists()


def test_folders_that_cannot_be_written(build: Builder, place: Path) -> None:
    (place / "file").write_text("x")
    with pytest.raises(InputError, match="folder"):
        build(out=place / "file")
    with pytest.raises(InputError, match="folder"):
        build(out=place / "file" / "below")
    (place / "out" / "ring.stl").mkdir(parents=True)
    with pytest.raises(InputError, match="is a folder where a file has to be written"):
        build()
    assert snapshot(place / "out") == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(build: Builder, place: Path) -> None:
    (place / "out").mkdir(mode=0o500)
    with pytest.raises(InputError, match="cannot be written"):
        build()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_folder_that_fails_while_publishing_gets_everything_back(
    code: int, build: Builder, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    before = snapshot(place)
    edited = (place / "ring.yaml").read_text().replace("seed: 3", "seed: 9")
    original, calls = os.replace, []

    def failing(source: Any, target: Any) -> None:
        calls.append(target)
        if len(calls) == 5:
            raise OSError(code, os.strerror(code), str(target))
        original(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(InputError, match=r"no room left|cannot be written"):
        build(text=edited, write_spec=True)
    monkeypatch.undo()
    after = snapshot(place)
    after.pop("drawn.log"), before.pop("drawn.log")
    assert len(calls) > 5 and after == before


def test_the_casting_scale_stands_in_the_file_name(build: Builder, place: Path) -> None:
    plain = build()
    text = (place / "ring.yaml").read_text() + "export: {casting_scale: 1.015}\n"
    scaled = build(text=text)
    assert scaled.ok, scaled.findings
    assert Path(str(scaled.files["stl"])).name == "ring.scale-1.0150.stl"
    assert not (place / "out" / "ring.stl").exists()  # the one of the earlier build
    import trimesh

    assert trimesh.load(str(scaled.files["stl"])).extents == pytest.approx(plain.mesh.extents * 1.015, abs=1e-5)
    assert scaled.report["weight"]["as_cast_g"] == pytest.approx(plain.report["weight"]["as_cast_g"], rel=1e-6)


def test_pictures_are_delivered_and_a_ring_is_not_refused_for_them(build: Builder, place: Path) -> None:
    from PIL import Image

    result = build(pictures=True, picture_size_px=96)
    assert result.ok
    names = [Path(path).name for path in result.files["pictures"]]
    assert names == ["hero.png", "shoulder.png", "front.png", "wall.png"]
    with Image.open(str(result.files["pictures"][0])) as image:
        assert image.size == (96, 96)
    assert (place / "out" / "report.html").stat().st_size > 10_000
    late = build(pictures=True, picture_size_px=96, stage_limits_s={"pictures": 1e-3})
    assert late.ok and late.files["pictures"] == []
    assert [f.severity.value for f in late.findings if f.code is FindingCode.STAGE_TIMEOUT] == ["warning"]
    assert not (place / "out" / "pictures" / "hero.png").exists()  # those of the earlier ring


def test_the_python_api(place: Path) -> None:
    result = ringcad.build(place / "ring.yaml", cache=False, solid=False)
    assert result.ok and result.mesh.is_watertight
    assert set(result.mesh.face_attributes["origin"]) == {"skin"}
    folder = Path(str(result.files["stl"])).parent
    assert folder.exists() and result.report["status"] == "ok"
    with pytest.raises(ValueError, match="kept no solid"):
        _ = result.solid
    spec = ringcad.spec.load_spec(place / "ring.yaml")
    mapping = {"ringcad": 1, "template": "fake_ring", "ring_size": "US 7", "metal": "18k_yellow_gold",
               "stone": {"cut": "round", "size": "6.5 mm", "gem": "diamond"}}  # fmt: skip
    assert ringcad.build(spec, place / "spec", pictures=False, step=False, name="mine").name == "mine"
    other = ringcad.build(mapping, place / "mapping", pictures=False, step=False, cache=place / "kept")
    assert other.ok and (place / "mapping" / "ring.stl").exists()
    with pytest.raises(SpecError, match="ring_size"):
        ringcad.build({**mapping, "ring_sise": "US 7"})
    with pytest.raises(InputError, match="a path, a mapping or a Spec"):
        ringcad.build(7)  # type: ignore[arg-type]
    del result
    assert not folder.exists()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("ringcad_lock: 99\n", "version 99"),
        ("- a list\n", "not a ringcad lock file"),
        ("ringcad_lock: 1\nreliefs: {left: {file: x}}\n", "not a ringcad lock file"),
        ("ringcad_lock: [\n", "not a ringcad lock file"),
    ],
)
def test_a_damaged_lock_file(content: str, match: str, build: Builder, place: Path) -> None:
    (place / "ring.lock.yaml").write_text(content)
    with pytest.raises(InputError, match=match):
        build()


def test_a_lock_reads_back_as_written(build: Builder, place: Path) -> None:
    build()
    path = lock_path(place / "ring.yaml")
    lock = read_lock(path)
    assert lock_text(lock) == path.read_text()
    path.write_text(lock_text(lock))
    assert read_lock(path) == lock
