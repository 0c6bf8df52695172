"""The mutation table of the benchmark: every way to break a good ring is found, by its name and in its place."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def load() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "verify_mutations.py"
    spec = importlib.util.spec_from_file_location("verify_mutations", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_mutations"] = module
    spec.loader.exec_module(module)
    return module


TABLE = load()
ALWAYS = (
    *TABLE.FILE_MUTATIONS,
    "one face deleted",
    "all faces turned",
    "crack of 0.00001 mm",
    "T-junction",
    "vertex through the wall",
    "nested shell",
    "wall at 95 % of the limit",
    "a prong 15 % thinner",
    "seat tilted by 3 degrees",
    "stone raised by 0.1 mm",
)
"""Run by default, on one ring; the others, on all rings, are slow."""


def test_the_table_is_as_long_as_it_says_it_is() -> None:
    assert len(TABLE.MUTATIONS) >= 60
    assert set(ALWAYS) <= set(TABLE.MUTATIONS)


def good(rings: Any, spec: str) -> Any:
    return TABLE.read_ring(spec, rings.get(spec).folder / "out")


@pytest.mark.parametrize("spec", ["slim"])
def test_a_good_ring_raises_no_alarm_and_a_broken_one_does(rings: Any, spec: str) -> None:
    ring = good(rings, spec)
    assert TABLE.false_alarms(ring) == []
    missed = {name: seen for name, _, seen in TABLE.run([ring], ALWAYS) if not seen.caught}
    assert not missed


@pytest.mark.slow
@pytest.mark.parametrize("spec", TABLE.SHIPPED)
def test_every_mutation_of_every_shipped_ring(rings: Any, spec: str) -> None:
    ring = good(rings, spec)
    assert TABLE.false_alarms(ring) == []
    missed = {name: seen for name, _, seen in TABLE.run([ring], TABLE.MUTATIONS) if not seen.caught}
    assert not missed


def test_the_table_can_fail(rings: Any) -> None:
    """A file that nobody broke is caught as nothing, and harm in another place does not count."""
    ring = good(rings, "slim")
    deleted = TABLE.MUTATIONS["one face deleted"](ring)
    assert not TABLE.judge(ring, TABLE.Mutant(ring.data, deleted.codes, deleted.place)).caught
    elsewhere = TABLE.Mutant(deleted.data, deleted.codes, -deleted.place)
    assert not TABLE.judge(ring, elsewhere).caught
