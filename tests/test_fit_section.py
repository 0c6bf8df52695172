"""Sections of a shank against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.fit.section import KNIFE_CREST_RADIUS_MM, Crown, outline

_HALF = np.linspace(0.0, 1.0, 201)
FRACTIONS = np.concatenate([-_HALF[:0:-1], _HALF])
widths = st.floats(min_value=1.5, max_value=8.0)
rises = st.floats(min_value=0.0, max_value=1.2)
radii = st.floats(min_value=0.15, max_value=0.6)


def crown(width: float, rise: float, radius: float, knife: bool = False) -> Crown:
    return Crown(np.array([width]), np.array([rise]), np.array([radius]), knife)


@given(widths, radii)
@settings(max_examples=50, deadline=None)
def test_a_flat_section_is_a_rounded_rectangle(width: float, radius: float) -> None:
    found = outline(crown(width, 0.0, radius))
    assert found.length[0] == pytest.approx(0.5 * width - radius + 0.5 * np.pi * radius, abs=1e-9)
    assert found.crown_length[0] == pytest.approx(0.5 * width - radius, abs=1e-9)
    assert found.side_fall[0] == pytest.approx(radius, abs=1e-9)
    y, fall, angle = found.points(np.array([-1.0, 0.0, 1.0]))
    assert np.allclose(y[0], [-0.5 * width, 0.0, 0.5 * width], atol=1e-9)
    assert np.allclose(fall[0], [radius, 0.0, radius], atol=1e-9)
    assert np.allclose(np.degrees(angle[0]), [-90.0, 0.0, 90.0], atol=1e-6)


@given(widths, st.floats(min_value=0.05, max_value=1.2), radii)
@settings(max_examples=50, deadline=None)
def test_arc_length_of_the_crown_is_the_parabolas(width: float, rise: float, radius: float) -> None:
    found = outline(crown(width, rise, radius))
    end = float(found.tangent_y[0])
    slope = 8.0 * rise / width**2  # d fall / dy = slope * y
    s = slope * end
    exact = 0.5 * (end * np.hypot(1.0, s) + np.arcsinh(s) / slope)
    assert found.crown_length[0] == pytest.approx(exact, rel=2e-5)


@pytest.mark.parametrize("knife", [False, True])
@given(widths, st.floats(min_value=0.1, max_value=1.2), radii)
@settings(max_examples=40, deadline=None)
def test_normals_stand_square_and_both_halves_are_equal(knife: bool, width: float, rise: float, radius: float) -> None:
    found = outline(crown(width, rise, radius, knife))
    y, fall, angle = (values[0] for values in found.points(FRACTIONS))
    assert np.array_equal(y, -y[::-1]) and np.array_equal(fall, fall[::-1]) and np.array_equal(angle, -angle[::-1])
    assert np.all(np.diff(angle) > -1e-9), "the section is convex"
    # a chord's normal lies between the normals at its ends
    chord = np.arctan2(np.diff(fall), np.diff(y))
    assert np.all(chord >= angle[:-1] - 2e-3) and np.all(chord <= angle[1:] + 2e-3)
    steps = np.hypot(np.diff(y), np.diff(fall))
    arc = found.length[0] / 200
    assert steps.max() <= arc * (1.0 + 2e-3), "arc length comes from a table of 257 rows"
    # equal steps of arc; a chord of the sharpest arc is shorter by its angle squared over 24
    assert steps.min() >= arc * (1.0 - (arc / min(radius, KNIFE_CREST_RADIUS_MM)) ** 2 / 20.0 - 2e-3)


@given(widths, st.floats(min_value=0.1, max_value=0.3))
@settings(max_examples=30, deadline=None)
def test_a_knife_edge_has_the_crest_radius(width: float, share: float) -> None:
    rise = share * width  # flanks of 11 to 31 degrees; a steeper wedge than 45 degrees has no such crest
    shape = crown(width, rise, 0.3, knife=True)
    y = np.array([[-1e-3, 0.0, 1e-3]])
    fall = shape.fall(y)[0][0]
    curvature = (fall[0] - 2.0 * fall[1] + fall[2]) / 1e-6
    assert 1.0 / curvature == pytest.approx(KNIFE_CREST_RADIUS_MM, rel=0.02)
    assert shape.fall(np.array([[0.5 * width]]))[0][0, 0] == pytest.approx(rise, rel=1e-6)


@given(widths, rises, radii)
@settings(max_examples=40, deadline=None)
def test_scaling_a_section_scales_its_outline(width: float, rise: float, radius: float) -> None:
    small, large = outline(crown(width, rise, radius)), outline(crown(2 * width, 2 * rise, 2 * radius))
    assert large.length[0] == pytest.approx(2.0 * small.length[0], rel=1e-9)
    assert np.allclose(large.points(FRACTIONS)[2], small.points(FRACTIONS)[2], atol=1e-7)
