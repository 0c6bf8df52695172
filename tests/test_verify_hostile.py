"""Files that nobody should send: the verifier answers in words, and never looks at them without end."""

from __future__ import annotations

import importlib.util
import struct
import sys
import tracemalloc
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from verify_ring_bodies import resolved_ring

from ringcad.core.errors import InputError
from ringcad.core.findings import FindingCode
from ringcad.verify import intersections
from ringcad.verify.check import verify_stl
from ringcad.verify.pairs import TooManyPairs, overlapping_pairs
from ringcad.verify.stl import read_stl


def load() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "verify_fuzz_files.py"
    spec = importlib.util.spec_from_file_location("verify_fuzz_files", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_fuzz_files"] = module
    spec.loader.exec_module(module)
    return module


FILES = load()


def codes(corners: np.ndarray) -> set[FindingCode]:
    return {row.code for row in verify_stl(FILES.stl(corners)).findings}


@pytest.mark.parametrize("name", FILES.SHAPES)
def test_a_hostile_shape_is_judged_and_refused(name: str) -> None:
    kind = FILES.outcome(FILES.stl(FILES.shape(name, 120)))
    assert kind == ("clean" if name == "sound ring" else "findings")


@pytest.mark.parametrize("seed", range(18))
def test_a_damaged_file_is_unreadable_or_judged(seed: int) -> None:
    """With and without the numbers of a ring; anything but an ``InputError`` fails here."""
    data = FILES.damaged(FILES.stl(FILES.torus(800)), seed)
    assert FILES.outcome(data, resolved_ring() if seed % 2 else None) in ("unreadable", "findings", "clean")


def test_a_file_that_claims_four_billion_triangles_takes_no_memory() -> None:
    data = bytes(80) + struct.pack("<I", 4_000_000_000) + bytes(50)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="claims 4000000000 triangles"):
            read_stl(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_search_without_end_is_given_up_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plates that all overlap in their boxes and cross nowhere: refused as undecided, not passed."""
    monkeypatch.setattr(intersections, "_BOXES_AT_LEAST", 1000)
    corners = FILES.shape("stack of slanted plates", 400)
    found = verify_stl(FILES.stl(corners)).findings
    row = next(row for row in found if row.code is FindingCode.SELF_INTERSECTION)
    assert "not decided" in row.message and row.place_mm is not None
    monkeypatch.undo()
    assert FindingCode.SELF_INTERSECTION not in codes(corners)


def test_long_integers_are_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    corners = FILES.shape("numbers of every size", 60)
    whole = {row.code for row in verify_stl(FILES.stl(corners)).findings}
    monkeypatch.setattr(intersections, "_EXACT_AT_MOST", -1)
    assert FindingCode.SELF_INTERSECTION in whole
    assert FindingCode.SELF_INTERSECTION in codes(corners)


@pytest.mark.parametrize("count", [2_000, 60_000])
def test_an_even_mesh_stays_far_within_the_budget(count: int) -> None:
    corners = FILES.torus(count)
    budget = 20 * len(corners)
    assert budget < intersections._BOXES_PER_FACE * len(corners)
    assert sum(len(first) for first, _ in overlapping_pairs(corners, budget)) > len(corners)
    with pytest.raises(TooManyPairs):
        list(overlapping_pairs(corners, len(corners)))


@pytest.mark.slow
def test_two_million_triangles_within_a_minute_and_four_gibibytes() -> None:
    row = FILES.in_process("sound ring", 2_000_000)
    assert row["outcome"] in ("clean", "findings"), row  # over the size limit of a print service
    assert row["processor_s"] < 60.0 and row["peak_mib"] < 4096.0, row
