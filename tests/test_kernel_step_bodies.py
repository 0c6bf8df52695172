"""Anybody's STEP file as triangle bodies."""

from __future__ import annotations

import json
from pathlib import Path

import cadquery as cq
import numpy as np
import pytest

from ringcad.cli import main
from ringcad.core.errors import InputError
from ringcad.kernel.step_bodies import CHORD_MM, step_bodies
from ringcad.verify.files import scene_from_corners


def hoop() -> cq.Workplane:
    return cq.Workplane("XZ").circle(10.0).circle(8.5).extrude(2.0, both=True)


def test_an_assembly_is_opened_named_and_placed(tmp_path: Path) -> None:
    stone = cq.Workplane("XY").sphere(2.0)
    ring = cq.Assembly(name="ring")
    ring.add(hoop(), name="shank")
    ring.add(stone, name="diamond", loc=cq.Location((0, 0, 12)))
    ring.add(stone, name="ruby", loc=cq.Location((0, 5, -12)))
    path = tmp_path / "ring.step"
    ring.save(str(path))
    scene = scene_from_corners(step_bodies(path), "mm", path.stat().st_size)
    bodies = {body.name.split("_")[0]: body.mesh for body in scene.bodies}
    assert len(bodies) == 3
    ball = 4.0 / 3.0 * np.pi * 8.0
    assert bodies["shank"].volume() == pytest.approx(np.pi * (100.0 - 8.5**2) * 4.0, rel=4.0 * CHORD_MM)
    for name, place in (("diamond", (0, 0, 12)), ("ruby", (0, 5, -12))):
        assert bodies[name].volume() == pytest.approx(ball, rel=4.0 * CHORD_MM)
        np.testing.assert_allclose(bodies[name].bounds.mean(axis=0), place, atol=0.02)


def test_inches_become_millimetres(tmp_path: Path) -> None:
    path = tmp_path / "ring.step"
    cq.exporters.export(hoop(), str(path), outputUnit="INCH")
    assert "INCH" in path.read_text()
    scene = scene_from_corners(step_bodies(path), "mm", 0)
    assert np.ptp(scene.bodies[0].mesh.bounds, axis=0).max() == pytest.approx(20.0, rel=1e-4)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"solid ring", "no STEP file"),
        (b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=CARTESIAN_POINT('',(0.,0.", "damaged|no surface|failed"),
        (b"ISO-10303-21;" + bytes(range(256)) * 40, "damaged|no surface|failed"),
    ],
)
def test_a_bad_step_file_is_told_in_words(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "ring.step"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        step_bodies(path)
    assert main(["check", str(path)]) == 2


def test_check_reads_step_and_says_which_body_is_metal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ring = cq.Assembly(name="ring")
    ring.add(hoop(), name="band")
    ring.add(cq.Workplane("XY").sphere(1.0), name="diamond", loc=cq.Location((0, 0, 14)))
    path = tmp_path / "ring.step"
    ring.save(str(path))
    assert main(["check", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "ok" and said["measurements"]["genus"] == 1 and said["measurements"]["bodies"] == 1
    assert [name.split("_")[0] for name in said["measurements"]["stone_bodies"]] == ["diamond"]
    assert said["measurements"]["bore"]["diameter_mm"] == pytest.approx(17.0, abs=0.02)
    assert main(["check", str(path), "--stone-body", "cork"]) == 2
