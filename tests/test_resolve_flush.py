"""Rows of flush stones that do not fit: each proposal works when typed in."""

from __future__ import annotations

import re

import pytest
from test_resolve import BASE, check, refusal, ring

from ringcad.core.errors import SpecError


def test_seats_that_leave_the_shank() -> None:
    accent = "accents: [{setting: flush, stone: {size: 1.5 mm}, count: 3}]\n"
    problem = refusal("shank: {width_mm: 2.2}\n" + accent).problems[0]
    assert problem.field == "accents.0.stone.size" and "2.70 mm" in (problem.limit or "")
    width = float(re.findall(r"width_mm: ([\d.]+)", problem.suggestion or "")[0])
    smaller = float(re.findall(r"stones of ([\d.]+) mm", problem.suggestion or "")[0])
    check(ring(f"shank: {{width_mm: {width}}}\n" + accent))
    check(ring("shank: {width_mm: 2.2}\n" + accent.replace("1.5 mm", f"{smaller} mm")))


def test_rows_that_do_not_fit() -> None:
    wide = "shank: {width_mm: 5}\n"
    row = "{setting: flush, stone: {size: 1.5 mm}, count: COUNT}"
    problem = refusal(wide + f"accents: [{row.replace('COUNT', '30')}]\n").problems[0]
    assert problem.field == "accents.0.count"
    fits = re.findall(r"use (\d+) stones", problem.suggestion or "")[0]
    check(ring(wide + f"accents: [{row.replace('COUNT', fits)}]\n"))
    with pytest.raises(SpecError):
        ring(wide + f"accents: [{row.replace('COUNT', str(int(fits) + 1))}]\n")
    # two rows follow each other; one that is sent into the other is refused
    two = row.replace("COUNT", "3")
    check(ring(wide + f"accents: [{two}, {two}]\n"))
    clash = two.replace("count", "start_deg: 45, count")
    problem = refusal(wide + f"accents: [{two}, {clash}]\n").problems[0]
    assert problem.field == "accents.1.start_deg" and "overlaps accents.0" in problem.message


@pytest.mark.parametrize("metal", ["18k_yellow_gold", "silver"])
def test_stones_too_deep_for_the_shank(metal: str) -> None:
    base = BASE.replace("18k_yellow_gold", metal)
    wide = "shank: {width_mm: 5}\naccents: [{setting: flush, stone: {size: 3.4 mm}, count: 2}]\n"
    problem = refusal(wide, base).problems[0]
    assert "too deep" in problem.message
    thickness = re.findall(r"thickness_mm: ([\d.]+)", problem.suggestion or "")[0]
    smaller = re.findall(r"stones of ([\d.]+) mm", problem.suggestion or "")[0]
    check(ring(wide.replace("width_mm: 5", f"width_mm: 5, thickness_mm: {thickness}"), base))
    check(ring(wide.replace("3.4 mm", f"{smaller} mm"), base))
