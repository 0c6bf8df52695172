"""The relief budget: closed forms of both modes, what is reported, what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringcad.core.errors import InputError, Refused
from ringcad.core.findings import FindingCode, Severity
from ringcad.relief.budget import BudgetLimits, apply_budget, budget_map

LIMITS = BudgetLimits(
    wall_min_mm=0.8,
    polish_allowance_mm=0.1,
    fit_error_mm=0.005,
    chord_error_mm=0.01,
    relief_max_mm=0.45,
    engrave_max_mm=0.35,
)


def test_engraving_leaves_the_minimum_wall_and_every_allowance() -> None:
    wall = np.linspace(0.7, 1.6, 40)[:, None] * np.ones(30)
    result = apply_budget(np.full((40, 30), 0.3), LIMITS, "engrave", wall_mm=wall)
    expected = np.clip(np.minimum(wall - 0.915, 0.35), 0.0, 0.3)
    np.testing.assert_allclose(result.height_mm, expected, atol=1e-12)
    left = wall - result.height_mm
    assert np.all(left[result.height_mm > 0] >= 0.915 - 1e-12)
    assert result.max_clipped_mm == pytest.approx(0.3)
    assert result.clipped_area_share == pytest.approx(np.mean(expected < 0.3 - 1e-3))


def test_embossing_stays_under_width_profile_and_clearance() -> None:
    width = np.full((5, 6), 0.4)
    clearance = np.full((5, 6), 1.0)
    clearance[2, 3] = 0.12
    result = apply_budget(np.full((5, 6), 0.6), LIMITS, "emboss", width_mm=width, clearance_mm=clearance)
    assert result.height_mm[0, 0] == pytest.approx(0.4)
    assert result.height_mm[2, 3] == pytest.approx(0.12)
    plain = apply_budget(np.full((5, 6), 0.6), LIMITS, "emboss")
    assert np.all(plain.height_mm == 0.45)


@given(
    heights=st.lists(st.floats(0, 1), min_size=4, max_size=12),
    walls=st.lists(st.floats(0.3, 2.0), min_size=4, max_size=12),
)
def test_never_above_the_budget_never_raised_and_idempotent(heights: list[float], walls: list[float]) -> None:
    n = min(len(heights), len(walls))
    field, wall = np.array([heights[:n]]), np.array([walls[:n]])
    result = apply_budget(field, LIMITS, "engrave", wall_mm=wall)
    assert np.all(result.height_mm <= budget_map(field.shape, LIMITS, "engrave", wall_mm=wall))
    assert np.all((result.height_mm >= 0) & (result.height_mm <= field))
    again = apply_budget(result.height_mm, LIMITS, "engrave", wall_mm=wall)
    np.testing.assert_array_equal(again.height_mm, result.height_mm)
    assert again.findings == ()


@pytest.mark.parametrize("mode", ["emboss", "engrave"])
def test_the_fix_named_really_fits(mode) -> None:
    field = np.linspace(0, 0.6, 50)[None, :]
    maps = {"wall_mm": 1.1} if mode == "engrave" else {"clearance_mm": 0.3}
    result = apply_budget(field, LIMITS, mode, **maps)
    (finding,) = result.findings
    assert finding.code is FindingCode.RELIEF_CLIPPED
    assert finding.severity is Severity.WARNING
    depth = float(finding.fix.split("depth_mm to ")[1].split(",")[0])
    assert 0.0 < depth < 0.6
    assert apply_budget(field * depth / 0.6, LIMITS, mode, **maps).findings == ()
    assert apply_budget(field * (depth + 0.02) / 0.6, LIMITS, mode, **maps).findings != ()


def test_strict_refuses_with_the_finding() -> None:
    with pytest.raises(Refused) as caught:
        apply_budget(np.full((4, 4), 0.5), LIMITS, "engrave", wall_mm=0.8, strict=True)
    (finding,) = caught.value.findings
    assert finding.severity is Severity.ERROR
    assert "Leave the engraving out" in finding.fix
    assert apply_budget(np.full((4, 4), 0.2), LIMITS, "engrave", wall_mm=1.5, strict=True).findings == ()


def test_area_weights_the_share() -> None:
    field = np.array([[0.6, 0.1]])
    assert apply_budget(field, LIMITS, "emboss").clipped_area_share == 0.5
    assert apply_budget(field, LIMITS, "emboss", area=[[3.0, 1.0]]).clipped_area_share == 0.75


@pytest.mark.parametrize(
    ("field", "mode", "maps", "words"),
    [
        (np.zeros((3, 3)), "engrave", {}, "wall"),
        (np.zeros((3, 3)), "carve", {}, "carve"),
        (np.full((3, 3), np.nan), "emboss", {}, "numbers"),
        (np.full((3, 3), -1.0), "emboss", {}, "numbers"),
        (np.zeros(3), "emboss", {}, "rows x columns"),
        (np.zeros((3, 3)), "emboss", {"width_mm": np.zeros((2, 3))}, "width_mm"),
        (np.zeros((3, 3)), "engrave", {"wall_mm": np.nan}, "wall_mm"),
    ],
)
def test_bad_input(field, mode, maps, words: str) -> None:
    with pytest.raises(InputError, match=words):
        apply_budget(field, LIMITS, mode, **maps)


def test_a_larger_allowance_never_allows_more() -> None:
    for name in ("wall_min_mm", "polish_allowance_mm", "fit_error_mm", "chord_error_mm"):
        stricter = replace(LIMITS, **{name: getattr(LIMITS, name) + 0.05})
        loose = budget_map((1, 1), LIMITS, "engrave", wall_mm=1.2)
        tight = budget_map((1, 1), stricter, "engrave", wall_mm=1.2)
        assert float((loose - tight)[0, 0]) == pytest.approx(0.05)
