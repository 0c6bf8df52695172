"""Flush seats in a section, from numbers: beside round edges, and on a ridge."""

from __future__ import annotations

import json

import pytest
from rings_support import SPECS

from ringcad.core.errors import SpecError
from ringcad.resolve import resolve
from ringcad.resolve.seat_sides import SIDE_MIN_MM, beside_mm
from ringcad.resolved import ResolvedRing
from ringcad.spec import load_spec, parse_spec


def ring(profile: str, width: float, stone_mm: float) -> ResolvedRing:
    spec = {
        "ringcad": 1, "ring_size": "US 7", "metal": "18k_yellow_gold", "stone": {"size": "6.5 mm"},
        "shank": {"profile": profile, "width_mm": width},
        "accents": [{"setting": "flush", "stone": {"size": f"{stone_mm} mm"}, "count": 2}],
    }  # fmt: skip
    return resolve(parse_spec(json.dumps(spec), "seats.yaml"), "seats")


def test_a_narrow_band_is_refused_with_a_width_that_does() -> None:
    with pytest.raises(SpecError) as caught:
        ring("flat", 2.3, 1.0)
    problem = caught.value.problems[0]
    assert problem.field == "accents.0.stone.size" and "edges" in problem.message
    width = float((problem.suggestion or "").split("width_mm: ")[1].split(",")[0])
    found = ring("flat", width, 1.0)
    assert beside_mm(found.shank, found.accents[0].stone, width, found.shank.thickness_top_mm) >= SIDE_MIN_MM


def test_stones_on_a_ridge_lie_deeper_and_on_a_plane_band_as_the_rule_says() -> None:
    shipped = resolve(load_spec(SPECS / "flush_shoulders.yaml"), "flush_shoulders")
    assert shipped.accents[0].table_depth_mm == ring("flat", 5.0, 1.5).accents[0].table_depth_mm == 0.05
    assert 0.1 < ring("knife_edge", 5.0, 1.5).accents[0].table_depth_mm < 0.4
