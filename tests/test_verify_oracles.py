"""Other people's checkers agree that a delivered ring is clean, and see what is broken; and the exact judge between us.

``benchmarks/verify_oracles.py`` asks them about many rings. An oracle that is not installed is skipped here and named
loudly by ``.ci/run``.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringcad.verify.intersections import self_intersections
from ringcad.verify.mesh import mesh_from_arrays


def load() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "verify_oracles.py"
    spec = importlib.util.spec_from_file_location("verify_oracles", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_oracles"] = module
    spec.loader.exec_module(module)
    return module


BENCH = load()
OTHERS = [name for name in BENCH.ORACLES if name != "ringcad"]


def ask(name: str, path: Path) -> Any:
    if not BENCH.present(name):
        pytest.skip(f"{name} is not installed")
    return BENCH.ORACLES[name](path)


@pytest.mark.parametrize("oracle", OTHERS)
def test_an_oracle_finds_a_delivered_ring_clean(oracle: str, rings: Any) -> None:
    path = next((rings.get("slim").folder / "out").glob("*.stl"))
    opinion = ask(oracle, path)
    if opinion.faces:  # what it accuses must be wrong in exact arithmetic
        tried, met = BENCH.exact_crossings(path, opinion.faces)
        assert tried and not met and opinion.defects == len(opinion.faces), opinion.words
    else:
        assert opinion.defects == 0, opinion.words


@pytest.mark.parametrize("oracle", OTHERS)
def test_an_oracle_can_say_no(oracle: str, rings: Any, tmp_path: Path) -> None:
    """A missing face is for those that look at edges, crossing bodies for those that look at crossings."""
    good = next((rings.get("slim").folder / "out").glob("*.stl"))
    files = BENCH.broken_files(good, tmp_path)
    seen = {name for name, path in files.items() if ask(oracle, path).defects}
    wanted = {"libigl (CGAL)": "two overlapping cubes"}.get(oracle, "a face missing")
    assert wanted in seen


def test_broken_files_are_broken_for_the_verifier_too(rings: Any, tmp_path: Path) -> None:
    good = next((rings.get("slim").folder / "out").glob("*.stl"))
    for path in BENCH.broken_files(good, tmp_path).values():
        assert BENCH.verifier(path).defects
        assert BENCH.exact_crossings(path, ()) == (0, 0)
    tried, met = BENCH.exact_crossings(path, tuple(range(24)))
    assert tried > met > 0


corner = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
FLAT = [(0, 0, 0), (2, 0, 0), (0, 2, 0)]


@given(st.lists(corner, min_size=3, max_size=3, unique=True), st.lists(corner, min_size=3, max_size=3, unique=True))
@settings(max_examples=120, deadline=None)
@example(FLAT, [(0, 0, 0), (2, 0, 0), (2, 2, 0)])  # coplanar, one edge shared, on the same side
@example(FLAT, [(0, 0, 0), (2, 0, 0), (2, 0, 2)])  # one edge shared, standing up
@example(FLAT, [(0, 0, 0), (1, 1, 0), (1, 1, 2)])  # one corner shared, an edge inside
@example(FLAT, [(1, 0, 0), (1, 0, 2), (0, 0, 2)])  # a corner on an edge
def test_the_judge_in_rationals_and_the_verifier_in_signs_agree(one: list[Any], two: list[Any]) -> None:
    """Two independent exact tests on triangles that touch in every way a small grid allows."""
    rows = np.array([one, two], dtype=float)
    if any(not np.cross(row[1] - row[0], row[2] - row[0]).any() for row in rows):
        return
    mesh = mesh_from_arrays(rows.reshape(-1, 3), np.arange(6).reshape(2, 3))
    meet = len(self_intersections(mesh.vertices, mesh.faces).pairs) > 0
    assert BENCH.really_meet(*rows) == meet
