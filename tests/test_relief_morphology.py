"""Flat openings against the definition, disc by disc and sample by sample."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ringcad.relief.morphology import FIT_SLACK_PX, Chart, flat_opening, make_chart, paint_discs

Array = NDArray[np.float64]


def height_at(field: Array, row: float, column: float, periodic: bool, outside: float) -> float:
    """The field at a sample, or between two samples of one row or column (single precision, as the filter works)."""
    low = (int(np.floor(row)), int(np.floor(column)))

    def sample(i: int, j: int) -> np.float32:
        j = j % field.shape[1] if periodic else j
        inside = 0 <= i < field.shape[0] and 0 <= j < field.shape[1]
        return np.float32(field[i, j] if inside else outside)

    here = sample(*low)
    if row != low[0]:
        return float((sample(low[0] + 1, low[1]) - here) * np.float32(row - low[0]) + here)
    if column != low[1]:
        return float((sample(low[0], low[1] + 1) - here) * np.float32(column - low[1]) + here)
    return float(here)


def places_of_disc(radii: tuple[float, float], phase: tuple[float, float], rim: bool) -> list[tuple[float, float]]:
    """Samples inside the disc about ``phase`` and, on the lines near an axis, where its rim crosses them."""
    found: list[tuple[float, float]] = []
    wide = [int(np.ceil(radius)) + 1 for radius in radii]
    for i, j in itertools.product(range(-wide[0], wide[0] + 1), range(-wide[1], wide[1] + 1)):
        if abs(i - phase[0]) <= radii[0]:
            half = radii[1] * np.sqrt(max(0.0, 1.0 - ((i - phase[0]) / radii[0]) ** 2))
            if abs(j - phase[1]) <= half + 1e-9:
                found.append((i, j))
    if rim:
        for axis in (0, 1):
            for i in range(-wide[axis], wide[axis] + 1):
                share = (i - phase[axis]) / radii[axis]
                if abs(share) <= 0.75:
                    half = radii[1 - axis] * np.sqrt(1.0 - share * share)
                    ends = (phase[1 - axis] - half, phase[1 - axis] + half)
                    between = [end for end in ends if abs(end - round(end)) >= 1e-6]
                    found.extend((i, end) if axis == 0 else (end, i) for end in between)
    return found


def opening_by_definition(field: Array, diameter: float, chart: Chart, outside: float, fine: bool) -> Array:
    """Every disc of every centre of the padded chart (one metric), fitted and painted on its own."""
    (size,) = chart.pixel_mm
    slack = FIT_SLACK_PX if fine else 0.0
    fit = [max(0.5 * diameter / mm - slack, 0.5) for mm in size]
    paint = [max(0.5 * diameter / mm + (1.0 - slack if fine else slack), 0.5) for mm in size]
    result = np.zeros_like(field)
    wide = [int(np.ceil(radius)) + 2 for radius in paint]
    for phase in [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)] if fine else [(0.0, 0.0)]:
        places = places_of_disc((fit[0], fit[1]), phase, fine)
        covered = places_of_disc((paint[0], paint[1]), phase, False)
        if not places:  # so small a disc, centred between samples, rests on none
            continue
        for i in range(-wide[0], field.shape[0] + wide[0]):
            for j in range(-wide[1], field.shape[1] + wide[1]):
                level = min(height_at(field, i + a, j + b, chart.periodic, outside) for a, b in places)
                for a, b in covered:
                    row, column = i + int(a), j + int(b)
                    column = column % field.shape[1] if chart.periodic else column
                    if 0 <= row < field.shape[0] and 0 <= column < field.shape[1]:
                        result[row, column] = max(result[row, column], level)
    return np.minimum(result, field)


@given(
    st.integers(min_value=0, max_value=2**32 - 1),
    st.tuples(st.integers(4, 9), st.integers(4, 9)),
    st.floats(min_value=0.13, max_value=0.32),
    st.tuples(st.floats(0.05, 0.09), st.floats(0.05, 0.09)),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 0.7]),
)
@example(0, (4, 4), 0.140625, (0.078125, 0.078125), False, True, 0.0)
@settings(max_examples=12, deadline=None)
def test_the_opening_is_the_highest_disc_that_fits(
    seed: int,
    shape: tuple[int, int],
    diameter: float,
    pixel: tuple[float, float],
    periodic: bool,
    fine: bool,
    outside: float,
) -> None:
    rng = np.random.default_rng(seed)
    field = (rng.random(shape) * (rng.random(shape) < 0.8)).astype(np.float32)
    chart = make_chart(shape, np.full(shape, pixel[0]), np.full(shape, pixel[1]), periodic)
    found = flat_opening(field, diameter, chart, outside, fine=fine, slack_px=FIT_SLACK_PX if fine else 0.0)
    np.testing.assert_array_equal(found, opening_by_definition(field, diameter, chart, outside, fine))


@given(st.integers(min_value=0, max_value=2**32 - 1), st.floats(min_value=0.1, max_value=0.5), st.booleans())
@settings(max_examples=25, deadline=None)
def test_classes_of_metric_act_each_on_its_own_pixels(seed: int, diameter: float, periodic: bool) -> None:
    """A chart of two metrics: far from the border between them each half is as on a chart of its own."""
    rng = np.random.default_rng(seed)
    shape = (14, 60)
    field = rng.random(shape).astype(np.float32)
    column_mm = np.where(np.arange(60) < 30, 0.05, 0.08) * np.ones(shape)
    both = flat_opening(field, diameter, make_chart(shape, np.full(shape, 0.06), column_mm, periodic))
    reach = 2 * (int(np.ceil(0.5 * diameter / 0.05)) + 3)
    for part, size in ((slice(reach, 30 - reach), 0.05), (slice(30 + reach, 60 - reach), 0.08)):
        width = make_chart(shape, np.full(shape, 0.06), column_mm, periodic)
        (near,) = {mm for row in width.pixel_mm for mm in row[1:] if abs(mm / size - 1.0) < 0.03}
        alone = flat_opening(field, diameter, make_chart(shape, np.full(shape, 0.06), np.full(shape, near), periodic))
        np.testing.assert_array_equal(both[:, part], alone[:, part])


@given(st.integers(min_value=0, max_value=2**32 - 1), st.floats(min_value=0.1, max_value=0.4), st.booleans())
@settings(max_examples=25, deadline=None)
def test_painted_discs_are_the_union_of_single_ones(seed: int, diameter: float, periodic: bool) -> None:
    rng = np.random.default_rng(seed)
    shape = (11, 13)
    field = (rng.random(shape) * (rng.random(shape) < 0.05)).astype(np.float32)
    chart = make_chart(shape, np.full(shape, 0.05), np.full(shape, 0.06), periodic)
    expected = np.zeros_like(field)
    radii = [0.5 * diameter / mm + 1.0 - FIT_SLACK_PX for mm in chart.pixel_mm[0]]
    for i, j in itertools.product(*map(range, shape)):
        for a, b in places_of_disc((radii[0], radii[1]), (0.0, 0.0), False):
            row, column = i + int(a), j + int(b)
            column = column % shape[1] if periodic else column
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                expected[row, column] = max(expected[row, column], field[i, j])
    np.testing.assert_array_equal(paint_discs(field, diameter, chart), expected)
