"""The frozen prompt list keeps its bytes: it was written before the captions and nothing is tuned on it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FROZEN = Path(__file__).parents[1] / "benchmarks" / "prompts" / "frozen.yaml"
SHA256 = "3b88edec81ce8afe7a03cc9d070d16a39f0f04296b0f49ea4c9764d38c3a0511"
PLACES = ("family", "middle", "edges", "ground", "both")
KEYS = {*PLACES, "prompt", "motif", "want", "hopeless"}


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = YAML(typ="safe").load(FROZEN.read_text(encoding="utf-8"))["prompts"]
    return rows


def test_the_frozen_list_is_the_one_that_was_frozen() -> None:
    assert hashlib.sha256(FROZEN.read_bytes()).hexdigest() == SHA256


def test_the_frozen_list_is_broad() -> None:
    rows = _rows()
    assert len({row["prompt"] for row in rows}) == len(rows) >= 300
    assert all(set(row) <= KEYS for row in rows)
    assert sum("middle" in row or "both" in row for row in rows) >= 40
    assert sum("motif" in row for row in rows) >= 40
    assert sum(bool(row.get("hopeless")) for row in rows) >= 15
    assert sum("want" in row for row in rows) >= 40
    named = {
        name
        for row in rows
        for place in PLACES
        for name in ([row[place]] if isinstance(row.get(place), str) else row.get(place, []))
    }
    assert len(named) >= 40
