"""Files of heads that are not as their mates say, damaged, in other units or frames, and what the command line says."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_head_support import blocks, changed, checked, numbers, problem, run_script

import ringcad
from ringcad.core.errors import SpecError
from ringcad.kernel.own_head import _damage
from ringcad.worker import HEAD_FILE_STAGE, Worker, _Clock


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    run_script(blocks()["tulip.py"], folder)
    return folder


# -- files that do not fit their mates -----------------------------------------------------------------------------


def edited(place: Path, tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A folder with the file that the page's script writes with some of its text changed."""
    text = blocks()["tulip.py"]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    run_script(text, tmp_path)
    return tmp_path


def test_the_file_agrees_with_its_mates(place: Path) -> None:
    assert set(checked(changed(), place).names) == {"own_head"}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"girdle_mm": 4.5}, "head.mates.over_girdle_mm", "girdle_mm: 4.20"),
        ({"girdle_mm": 3.9}, "head.mates.over_girdle_mm", "girdle_mm: 4.20"),
        ({"thickness_mm": 1.4}, "head.mates.thickness_mm", "prong to 1.4 mm"),
        ({"base_diameter_mm": 3.4}, "head.mates.base_diameter_mm", "use 3.00"),
        ({"prongs_deg": [0, 90, 180, 270]}, "head.mates.prongs_deg", "no metal"),
        ({"prongs_deg": [45, 135, 225]}, "head.mates.prongs_deg", "add 3"),
        ({"origin_mm": [0, 0, -0.5]}, "head.mates.origin_mm", "longer downward"),
        ({"origin_mm": [0, 0, 9]}, "head.mates.origin_mm", "within the head"),
        ({"origin_mm": [0.6, 0, 0]}, "head.mates.origin_mm", "middle of the base"),
        ({"held_by": "bezel", "prongs_deg": None}, "head.mates.held_by", "no wall"),
    ],
)
def test_a_file_that_is_not_as_declared(place: Path, change: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        checked(changed(**change), place)
    told, text = problem(caught.value)
    assert told == field and words in text, text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ([("THICK, BASE = 1.2", "THICK, BASE = 0.6")], "head.mates.thickness_mm"),
        ([("THICK, BASE = 1.2, 3.0", "THICK, BASE = 1.2, 2.4")], "head.mates.base_diameter_mm"),
    ],
)
def test_a_mutant_head_is_refused(place: Path, tmp_path: Path, changes: list[tuple[str, str]], field: str) -> None:
    with pytest.raises(SpecError) as caught:
        checked(changed(), edited(place, tmp_path, *changes))
    assert problem(caught.value)[0] == field, str(caught.value)


@pytest.mark.slow
def test_a_gallery_in_the_stone_is_told(place: Path, tmp_path: Path) -> None:
    folder = edited(place, tmp_path, ("moveTo(2.45, 2.15)", "moveTo(2.45, 3.05)"))
    with pytest.raises(SpecError) as caught:
        checked(changed(), folder)
    field, text = problem(caught.value)
    assert field == "head.mates.girdle_mm" and "does not hold it" in text


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda cq, head: head.fuse(cq.Solid.makeSphere(1.0, cq.Vector(9, 0, 9))), "2 solids"),
        (lambda cq, head: head.Shells()[0], "0 solids"),
        (lambda cq, head: cq.Compound.makeCompound([head, cq.Face.makePlane(3, 3)]), "1 loose faces"),
        (lambda cq, head: head.scale(25.4), "in millimetres"),
        (lambda cq, head: head.scale(0.001), "in millimetres"),
    ],
)
def test_a_file_that_is_no_head(place: Path, tmp_path: Path, spoil: Callable[[Any, Any], Any], words: str) -> None:
    again(place, tmp_path, spoil)
    with pytest.raises(SpecError) as caught:
        checked(changed(), tmp_path)
    field, text = problem(caught.value)
    assert field == "head.file" and words in text, text


def again(place: Path, folder: Path, change: Callable[[Any, Any], Any]) -> None:
    """The page's head read back, changed, and written into another folder."""
    import cadquery as cq

    head = cq.importers.importStep(str(place / "tulip_head.step")).val()
    cq.exporters.export(cq.Workplane(change(cq, head)), str(folder / "tulip_head.step"))


@pytest.mark.parametrize("kind", ["cut_off", "empty_data", "noise", "nothing"])
def test_a_damaged_file_is_told(place: Path, tmp_path: Path, kind: str) -> None:
    good = (place / "tulip_head.step").read_bytes()
    data = {
        "cut_off": good[: len(good) // 2],
        "empty_data": b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n",
        "noise": b"ISO-10303-21;\n" + bytes(np.random.default_rng(1).integers(0, 256, 4000, dtype=np.uint8)),
        "nothing": b"ISO-10303-21",
    }[kind]
    (tmp_path / "tulip_head.step").write_bytes(data)
    with pytest.raises(SpecError) as caught:
        checked(changed(), tmp_path)
    assert caught.value.problems[0].field == "head.file"


@pytest.mark.parametrize("kind", ["construction", "library", "ours"])
def test_what_the_kernel_raises_is_damage_and_a_fault_of_ours_is_not(place: Path, kind: str) -> None:
    from OCP.gp import gp_Dir

    own = numbers(changed(), place).head.own
    assert own is not None
    expected = KeyError if kind == "ours" else SpecError
    with pytest.raises(expected) as caught, _damage("is damaged", own, "export it again"):
        if kind == "construction":
            gp_Dir(0.0, 0.0, 0.0)  # no class above this failure's own says that it is the kernel's
        raise KeyError if kind == "ours" else RuntimeError
    if isinstance(caught.value, SpecError):
        assert problem(caught.value)[0] == "head.file"


def test_a_file_in_inches_is_read_at_its_size(place: Path, tmp_path: Path) -> None:
    """The reader turns the file's unit into millimetres, so that the mates hold as they stand."""
    text = (place / "tulip_head.step").read_text()
    unit = "( CONVERSION_BASED_UNIT('INCH',#900001) LENGTH_UNIT() NAMED_UNIT(#900003) )"
    extra = (
        "#900001 = LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE(25.4),#900002);\n"
        "#900002 = ( LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.) );\n"
        "#900003 = DIMENSIONAL_EXPONENTS(1.,0.,0.,0.,0.,0.,0.);\n"
    )
    turned = re.sub(r"\( LENGTH_UNIT\(\) NAMED_UNIT\(\*\) SI_UNIT\(\.MILLI\.,\.METRE\.\)\s*\)", unit, text, count=1)
    assert turned != text
    turned = turned.replace("DATA;\n", "DATA;\n" + extra, 1)
    (tmp_path / "tulip_head.step").write_text(turned)
    with pytest.raises(SpecError) as caught:
        checked(changed(), tmp_path)
    field, text = problem(caught.value)
    assert field == "head.file" and "millimetres" in text  # 25.4 times the size of a head


def test_a_head_modelled_in_another_frame_comes_to_the_same(place: Path, tmp_path: Path) -> None:
    """Its axis along x, its origin elsewhere: the mates bring it back."""
    again(place, tmp_path, lambda cq, head: head.rotate((0, 0, 0), (0, 1, 0), 90).translate(cq.Vector(5, -2, 7)))
    there = checked(changed(origin_mm=[5, -2, 7], axis=[2, 0, 0], along=[0, 0, -1]), tmp_path)
    here = checked(changed(), place)
    from ringcad.kernel.mesh import tessellate

    one, two = (tessellate(part, 0.01, 10.0).vertices for part in (there, here))
    assert one.min(axis=0) == pytest.approx(two.min(axis=0), abs=1e-3)
    assert one.max(axis=0) == pytest.approx(two.max(axis=0), abs=1e-3)


# -- the same ring again, and the command line ------------------------------------------------------------------------


def test_the_bytes_are_part_of_the_ring_and_their_place_is_not(place: Path, tmp_path: Path) -> None:
    here = numbers(changed(), place)
    shutil.copy(place / "tulip_head.step", tmp_path)
    moved_to = numbers(changed(), tmp_path)
    assert here.model_dump_json() == moved_to.model_dump_json()
    assert here.head.own is not None and moved_to.head.own is not None
    assert here.head.own.path != moved_to.head.own.path
    with (tmp_path / "tulip_head.step").open("a") as stream:
        stream.write("\n")
    other = numbers(changed(), tmp_path).head.own
    assert other is not None and other.sha256 != here.head.own.sha256


def test_the_file_is_never_overwritten(place: Path, tmp_path: Path) -> None:
    shutil.copy(place / "tulip_head.step", tmp_path / "ring.step")
    data = changed()
    data["head"]["file"] = "ring.step"
    (tmp_path / "ring.yaml").write_text(json.dumps(data))
    with pytest.raises(SpecError) as caught:
        ringcad.build(tmp_path / "ring.yaml", tmp_path, cache=False)
    assert problem(caught.value)[0] == "head.file"
    assert (tmp_path / "ring.step").read_bytes() == (place / "tulip_head.step").read_bytes()


@pytest.mark.parametrize("kind", ["girdle", pytest.param("damaged", marks=pytest.mark.slow)])
def test_the_command_line_ends_with_code_2_and_the_line(place: Path, tmp_path: Path, kind: str) -> None:
    good = (place / "tulip_head.step").read_bytes()
    (tmp_path / "tulip_head.step").write_bytes(good[: len(good) // 3] if kind == "damaged" else good)
    text = blocks()["tulip.yaml"].split("decoration:")[0]
    (tmp_path / "tulip.yaml").write_text(text.replace("girdle_mm: 4.2", "girdle_mm: 4.5") if kind == "girdle" else text)
    command = [sys.executable, "-m", "ringcad.cli", "build", "tulip.yaml", "--out", "out", "--no-pictures", "--no-step"]
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 2, done.stderr[-800:]
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()
    field = "head.mates.over_girdle_mm" if kind == "girdle" else "head.file"
    name = field.split(".")[-1]
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.strip().startswith(name))
    assert f"tulip.yaml:{line}: {field}" in done.stderr


@pytest.mark.parametrize("end", [signal.SIGSEGV, signal.SIGABRT, None])
def test_a_file_that_the_kernel_does_not_survive_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: signal.Signals | None
) -> None:
    """Its process dies, or never answers, while the file is read: a field of the spec, no fault of ours."""
    monkeypatch.setenv("RINGCAD_PRELOAD", "0")
    with Worker(tmp_path, {HEAD_FILE_STAGE: 0.2 if end is None else 60.0}) as worker:
        while worker._clock is not None:  # it is still starting
            time.sleep(0.02)
        worker._clock = _Clock(HEAD_FILE_STAGE, time.monotonic(), 1)
        if end is not None:
            os.kill(worker.pid, end)
        with pytest.raises(SpecError) as caught:
            worker.wait(1)
    field, text = problem(caught.value)
    assert field == "head.file" and ("more than 0.2 s" if end is None else end.name) in text
