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

from ringcad.spec import parse_spec


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
    texts = [json.dumps(FUZZ.random_spec(number)) for number in range(60)]
    assert len(set(texts)) == len(texts)
    assert texts == [json.dumps(FUZZ.random_spec(number)) for number in range(60)]
    parsed = [parse_spec(text, "random.yaml") for text in texts]
    assert {spec.spec.template if hasattr(spec, "spec") else spec.template for spec in parsed} == {"solitaire", "band"}


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


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_a_random_spec_ends_in_a_certificate_or_a_refusal(number: int, tmp_path: Path) -> None:
    row = FUZZ.build(number, tmp_path)
    assert row["kind"] in ("certified", "refused", "bad input"), row
