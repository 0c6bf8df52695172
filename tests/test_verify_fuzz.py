"""The fuzz of whole builds: its specs are well-formed and the same every time, and its judge trusts nobody."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from verify_ring_bodies import resolved_ring

from ringcad.spec import parse_spec
from ringcad.verify.certificate_rules import _wall_rules
from ringcad.verify.sites import SiteWall
from ringcad.verify.wall_rules import site_findings, site_row


def load() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "verify_fuzz.py"
    spec = importlib.util.spec_from_file_location("verify_fuzz", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_fuzz"] = module
    spec.loader.exec_module(module)
    return module


FUZZ = load()


def test_specs_are_well_formed_different_and_the_same_in_every_run() -> None:
    texts = [json.dumps(FUZZ.random_spec(number)) for number in range(300)]
    assert len(set(texts)) == len(texts)
    assert texts == [json.dumps(FUZZ.random_spec(number)) for number in range(300)]
    parsed = [parse_spec(text, "random.yaml") for text in texts[:60]]
    drawn = {spec.spec.template if hasattr(spec, "spec") else spec.template for spec in parsed}
    assert drawn == {path.parents[1].name for path in FUZZ.TEMPLATES.glob("*/specs/*.yaml")}


def certified(out: Path, verdict: str = "pass", digest: str | None = None) -> None:
    out.mkdir(exist_ok=True)
    (out / "ring.stl").write_bytes(b"ring")
    row = {"name": "ring.stl", "sha256": digest or hashlib.sha256(b"ring").hexdigest()}
    content = {"verdict": "certified", "files": [row], "rules": [{"code": "bodies", "verdict": verdict}]}
    (out / "ring.cert.json").write_text(json.dumps(content))


REFUSED: dict[str, Any] = {"findings": [{"code": "units", "severity": "error", "message": "m", "fix": "f"}]}


def test_what_ended_well(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert FUZZ.judge(1, json.dumps(REFUSED), "", out) == ("refused", "units")
    assert FUZZ.judge(2, json.dumps({"problems": [{"field": "stone.size"}]}), "", out) == ("bad input", "stone.size")
    certified(out)
    assert FUZZ.judge(0, "{}", "", out) == ("certified", "")


@pytest.mark.parametrize(
    ("code", "output", "errors", "lies"),
    [
        (0, "{}", "", "nothing"),
        (0, "{}", "", "another"),
        (0, "{}", "", "failed"),
        (0, "", "", "ring"),
        (0, "{}", "Traceback (most recent call last):\nKeyError", "ring"),
        (1, json.dumps(REFUSED), "", "ring"),
        (1, '{"findings": []}', "", "nothing"),
        (1, json.dumps(REFUSED).replace('"fix": "f"', '"fix": ""'), "", "nothing"),
        (3, '{"message": "a fault"}', "", "nothing"),
        (-9, "", "", "nothing"),
    ],
)
def test_what_did_not(code: int, output: str, errors: str, lies: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if lies != "nothing":
        certified(out, "fail" if lies == "failed" else "pass", "0" * 64 if lies == "another" else None)
    assert FUZZ.judge(code, output, errors, out)[0] == "FAULT"


@pytest.mark.parametrize("thickness", [0.7, 0.7799, 0.7801, 0.79, 0.8, 1.0])
def test_the_certificate_and_the_gate_grant_a_wall_the_same_margin(thickness: float) -> None:
    """Found by the fuzz: a wall within the mesh's chords of its limit was delivered with a failed rule."""
    ring = resolved_ring()
    site = SiteWall("shank_side", thickness, (0.0, 0.0, -9.0), ring.foundry.wall_min_mm, 1)
    (row,) = _wall_rules({"walls": {site.site: site_row(site)}}, ring)
    assert (row.verdict == "pass") == (not site_findings([site], ring)) == (thickness >= 0.78)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_a_random_spec_ends_in_a_certificate_or_a_refusal(number: int, tmp_path: Path) -> None:
    row = FUZZ.build(number, tmp_path)
    assert row["kind"] in ("certified", "refused", "bad input"), row
