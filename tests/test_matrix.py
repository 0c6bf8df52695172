"""The matrix of templates, cuts and sizes asks for what ringcad says it sets, and counts what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import matrix

from ringcad.registry import entries
from ringcad.spec.repertoire import repertoire

RINGS = matrix.rings()
SAMPLE = matrix.sample(RINGS, 17)


def test_every_template_with_every_cut_and_row_in_three_sizes() -> None:
    assert len(RINGS) >= 120
    for template in (entry.name for entry in entries("ringcad.templates")):
        known = repertoire(template)
        mine = [spec for spec in RINGS.values() if spec["template"] == template]
        cuts = {(spec["stone"]["cut"], spec["stone"]["size"]) for spec in mine if "stone" in spec}
        assert len(cuts) == 3 * len(known.cuts)
        if not known.cuts:
            settings = {spec["accents"][0]["setting"] for spec in mine if "accents" in spec}
            assert settings == set(known.rows)
        assert len({spec["ring_size"] for spec in mine}) == 3
        assert len({spec["metal"] for spec in mine}) >= 3
        if known.rows != ("shared_prong",):
            prompts = {spec["decoration"][0]["prompt"] for spec in mine if "decoration" in spec}
            assert prompts == set(matrix.PROMPTS)


def test_the_sample_holds_every_template_and_enough_rings() -> None:
    assert len(SAMPLE) >= 16
    assert {spec["template"] for spec in SAMPLE.values()} == {spec["template"] for spec in RINGS.values()}
    assert matrix.sample(RINGS, 1) == RINGS
    assert {name.split("-")[-1] for name in SAMPLE} == {"0", "1"}
    assert {name.split("-")[-2] for name in SAMPLE} == {"0", "1", "2"}


def row(name: str, code: int, *reasons: str) -> dict[str, Any]:
    return {"name": name, "code": code, "reasons": list(reasons)}


def test_refusals_are_counted_with_their_reason_and_faults_apart() -> None:
    found = [
        row("halo-oval-0-0", 0), row("halo-oval-1-0", 2, "stone.size: 9 mm is too large"),
        row("halo-oval-2-0", 3, "did not end"), row("band-band-0-1", 0),
    ]  # fmt: skip
    text = matrix.table({item["name"]: item for item in found})
    assert "4 rings: 2 delivered, 1 refused (25.0 %), 1 faults." in text
    assert "- `halo-oval-1-0`: stone.size: 9 mm is too large" in text
    assert "- fault: `halo-oval-2-0`" in text
    assert "| `halo` | oval | 3 | 1 |" in text and "| `band` | band | 1 | 1 |" in text


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (2, 0), (3, 1)])
def test_a_run_fails_by_its_faults_alone(
    code: int, ends: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matrix, "build", lambda name, spec, folder: row(name, code, "why"))
    arguments = ["--folder", str(tmp_path), "--every", "100"]
    assert matrix.main(arguments) == ends
    assert f"{len(matrix.sample(RINGS, 100))} rings" in capsys.readouterr().out
    monkeypatch.delattr(matrix, "build")  # a second run builds nothing again
    assert matrix.main(arguments) == ends
