"""The castability filter, judged by widths measured independently on sub-pixel profiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.core.findings import FindingCode, Severity
from ringcad.relief.castability import make_castable, stretch

Array = NDArray[np.float64]
PIXEL = 1.0 / 24.0
DETAIL, GAP, TOP = 0.35, 0.25, 0.45
FINE = 16


def band(profile, rows: int = 72, columns: int = 12, shift: float = 0.0) -> Array:
    """A relief that varies across the band only: exact pixel means of ``profile(v)``, v = 0 in the middle."""
    v = ((np.arange(rows * FINE) + 0.5) / FINE - rows / 2) * PIXEL + shift
    means = profile(v).reshape(rows, FINE).mean(axis=1)
    return np.repeat(means[:, None], columns, axis=1)


def box(width: float, height: float = 0.3):
    return lambda v: np.where(np.abs(v) <= 0.5 * width, height, 0.0)


def hump(width: float, height: float = 0.3):
    """A raised cosine whose width at half height is ``width``."""
    return lambda v: np.where(np.abs(v) < width, 0.5 * height * (1.0 + np.cos(np.pi * v / width)), 0.0)


def slot(width: float, height: float = 0.24):
    """A gap in a broad strip."""
    return lambda v: np.where((np.abs(v) > 0.5 * width) & (np.abs(v) < 1.1), height, 0.0)


def run(height: Array, **options):
    """The filter with the limits above, on a closed band (a stroke across an open end would be rounded off there)."""
    given_options = {"min_detail_mm": DETAIL, "min_gap_mm": GAP, "max_height_mm": TOP, "periodic": True, **options}
    pixel = given_options.pop("pixel_mm", (PIXEL, PIXEL))
    return make_castable(height, pixel, **given_options)


def widths_at_half_height(line: Array, pixel: float = PIXEL) -> list[float]:
    """Widths of the strokes of a profile on flat ground, each at half of its own crest (sub-pixel)."""
    fine = np.interp(np.arange(0, len(line) - 1, 1 / 32), np.arange(len(line)), line)
    above = np.concatenate(([False], fine > 1e-4, [False]))
    edges = np.flatnonzero(np.diff(above.astype(int)))
    widths = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        piece = fine[start:stop]
        widths.append(float(np.sum(piece >= 0.5 * piece.max())) / 32 * pixel)
    return widths


SHIFTS = (0.0, 0.25 * PIXEL, 0.5 * PIXEL, 0.75 * PIXEL)


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("detail", [0.25, 0.30, 0.35, 0.40])
@pytest.mark.parametrize("shape", [box, hump])
def test_ridges_of_the_wanted_width_keep_their_height(shape, detail: float, shift: float) -> None:
    for factor in (1.0, 1.1, 1.4):
        drawn = band(shape(factor * detail, 0.24), shift=shift)
        result = run(drawn, min_detail_mm=detail)
        assert result.converged
        # Half a pixel of tolerance: nothing at all may be taken from a clean ridge.
        assert result.max_removed_mm < 0.01
        assert result.height_mm.max() == pytest.approx(drawn.max(), abs=1e-3)


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("detail", [0.25, 0.30, 0.35, 0.40])
@pytest.mark.parametrize("factor", [0.5, 0.6, 0.7])
def test_thin_walls_vanish(detail: float, shift: float, factor: float) -> None:
    result = run(band(box(factor * detail, 0.24), shift=shift), min_detail_mm=detail)
    assert not result.height_mm.any()
    assert result.removed_pieces == 1


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("detail", [0.25, 0.30, 0.35, 0.40])
@pytest.mark.parametrize("factor", [0.6, 0.7, 0.8, 0.9, 1.0, 1.2])
@pytest.mark.parametrize("shape", [box, hump])
def test_what_is_left_is_wide_enough_at_its_own_half_height(shape, detail: float, shift: float, factor: float) -> None:
    result = run(band(shape(factor * detail, 0.3), shift=shift), min_detail_mm=detail)
    for width in widths_at_half_height(result.height_mm[:, 5].astype(float)):
        assert width >= detail - PIXEL


@pytest.mark.parametrize("radius_mm", [np.inf, 3.0, 10.0, -6.0, -2.0])
def test_widths_count_on_the_metal_not_on_the_chart(radius_mm: float) -> None:
    """On a bulge strokes are wider at half height than on the chart, in a hollow narrower."""
    depth = 0.3
    scale = float(stretch(radius_mm, 0.5 * depth))
    assert scale == pytest.approx(1.0 + (0.0 if np.isinf(radius_mm) else 0.5 * depth / radius_mm))
    kept = run(band(box(1.01 * DETAIL / scale, depth)), scale_v=scale)
    lost = run(band(box(0.75 * DETAIL / scale, depth)), scale_v=scale)
    assert kept.height_mm.max() == pytest.approx(depth, abs=1e-3)
    assert not lost.height_mm.any()
    # The same along the band: the transposed relief with the transposed metric.
    drawn = band(box(1.01 * DETAIL / scale, depth))
    turned, straight = run(drawn.T, scale_u=scale, periodic=False), run(drawn, scale_v=scale, periodic=False)
    np.testing.assert_allclose(turned.height_mm, straight.height_mm.T, atol=1e-6)


def test_a_metric_that_varies_acts_where_it_varies() -> None:
    """One stroke of constant chart width: kept where the metric makes it wide, gone where narrow."""
    drawn = band(box(0.8 * DETAIL), rows=48, columns=144)
    scale = np.where(np.arange(144) < 72, 1.3, 0.9)
    result = run(drawn, scale_v=np.broadcast_to(scale, drawn.shape))
    assert result.height_mm[:, :60].max(axis=0).min() == pytest.approx(0.3, abs=0.01)
    assert not result.height_mm[:, 84:132].any()
    rows = np.linspace(1.0, 1.3, 48)
    np.testing.assert_array_equal(
        run(drawn, scale_u=rows).height_mm, run(drawn, scale_u=np.repeat(rows[:, None], 144, axis=1)).height_mm
    )


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("gap", [0.25, 0.30, 0.35])
def test_gaps(gap: float, shift: float) -> None:
    for factor in (1.0, 1.1, 1.4):
        drawn = band(slot(factor * gap), shift=shift)
        open_gap = run(drawn, min_gap_mm=gap)
        assert open_gap.max_added_mm < 0.01
    for factor in (0.5, 0.6, 0.7):
        closed = run(band(slot(factor * gap), shift=shift), min_gap_mm=gap)
        middle = closed.height_mm[30:42, 5]
        # A scar of a fifth of its depth may stay: the drawn edge pixels are half filled.
        assert middle.min() >= 0.8 * 0.24


def test_engrave_swaps_the_roles() -> None:
    """0.27 wide: far below the detail limit, above the gap limit."""
    stroke, slit = band(box(0.27, 0.25)), band(slot(0.27))
    assert not run(stroke, min_detail_mm=0.4).height_mm.any()
    assert run(stroke, min_detail_mm=0.4, mode="engrave").max_removed_mm < 0.01
    assert run(slit, min_detail_mm=0.4).max_added_mm < 0.01
    ridge_gone = run(slit, min_detail_mm=0.4, mode="engrave")
    assert ridge_gone.height_mm[30:42].min() >= 0.8 * 0.24
    assert "grooves" not in ridge_gone.findings[0].message  # nothing vanished, a ridge was taken down


@pytest.mark.parametrize("width", [0.36, 0.45, 0.6])
def test_a_stroke_is_no_higher_than_wide(width: float) -> None:
    result = run(band(box(width, 0.7)), max_height_mm=0.7)
    assert result.height_mm.max() <= width + PIXEL
    assert result.height_mm.max() >= width - 0.12  # one rung of the ladder


@pytest.mark.parametrize("width", [0.26, 0.35, 0.5])
def test_a_gap_is_no_deeper_than_wide(width: float) -> None:
    line = run(band(slot(width, 0.6)), max_height_mm=0.6).height_mm[:, 5]
    depth = 0.6 - line[30:42].min()
    assert depth <= width + PIXEL
    assert depth >= width - 0.13


def test_a_thin_rib_on_a_broad_leaf_goes_and_the_leaf_stays() -> None:
    leaf = band(lambda v: np.where(np.abs(v) < 0.8, 0.2, 0.0))
    rib = band(lambda v: np.where(np.abs(v) < 0.06, 0.15, 0.0))
    result = run(leaf + rib)
    np.testing.assert_allclose(result.height_mm, leaf, atol=0.01)


def test_a_low_piece_goes_whole_and_a_tall_piece_keeps_its_low_parts() -> None:
    drawn = band(hump(0.5, 0.08), shift=-0.7) + band(
        lambda v: np.interp(v, [-1.2, -0.9, 0.1], [0, 0.06, 0.3]) * (v < 0.1)
    )
    result = run(drawn)
    low = run(band(hump(0.5, 0.08)))
    assert not low.height_mm.any()
    assert low.removed_pieces == 1
    line = result.height_mm[:, 5]
    assert np.any((line > 0.02) & (line < 0.08))
    assert line.max() == pytest.approx(drawn.max(), abs=0.02)


def test_a_low_piece_across_the_seam_is_one_piece() -> None:
    dome = np.hypot(*np.mgrid[-36:36, -36:36]) * PIXEL
    drawn = np.clip(0.2 * (1 - (dome / 0.8) ** 2), 0, None)
    rolled = np.roll(drawn, 36, axis=1)
    for field in (drawn, rolled):
        assert run(field, periodic=True).removed_pieces == 0
        assert run(0.4 * field, periodic=True).removed_pieces == 1


def strokes(seed: int, count: int, columns: int = 96, rows: int = 60) -> Array:
    """Random round-ended strokes of random widths and heights, periodic along the band."""
    rng = np.random.default_rng(seed)
    v, u = np.mgrid[0:rows, 0:columns] * PIXEL
    field = np.zeros((rows, columns))
    for _ in range(count):
        a = rng.uniform([0.3, 0.0], [rows * PIXEL - 0.3, columns * PIXEL])
        b = a + rng.uniform(-1.0, 1.0, 2)
        width, height = rng.uniform(0.15, 0.7), rng.uniform(0.05, 0.45)
        for turn in (-1, 0, 1):
            p = np.stack([v - a[0], u - a[1] + turn * columns * PIXEL])
            d = b - a
            t = np.clip((p[0] * d[0] + p[1] * d[1]) / (d @ d), 0.0, 1.0)
            distance = np.hypot(p[0] - t * d[0], p[1] - t * d[1])
            field = np.maximum(field, height * np.clip(0.5 + (0.5 * width - distance) / (2 * PIXEL), 0.0, 1.0))
    return field


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 12), mode=st.sampled_from(["emboss", "engrave"]))
@example(seed=422, count=8, mode="engrave")  # a neck lacked less than twice what counts as settled
@example(seed=3055, count=7, mode="emboss")  # less than that, and its soft edge was taken for a scar
@example(seed=6870, count=1, mode="emboss")  # too tall for its width after necks had grown
def test_random_strokes_settle_and_stay(seed: int, count: int, mode: str) -> None:
    drawn = strokes(seed, count)
    once = run(drawn, mode=mode, periodic=True)
    assert once.converged
    assert once.height_mm.min() >= 0.0
    assert once.height_mm.max() <= drawn.max() + 1e-6  # the filter never adds a new crest
    positive = once.height_mm[once.height_mm > 0]
    assert positive.size == 0 or positive.max() >= 0.10 - 1e-6
    twice = run(once.height_mm, mode=mode, periodic=True)
    assert max(twice.max_removed_mm, twice.max_added_mm) < 0.01
    assert twice.changed_area_share == 0.0
    assert twice.removed_pieces == 0


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.integers(1, 95))
def test_rolling_a_closed_band_rolls_the_result(seed: int, shift: int) -> None:
    drawn = strokes(seed, 6)
    rolled = run(np.roll(drawn, shift, axis=1), periodic=True)
    np.testing.assert_allclose(rolled.height_mm, np.roll(run(drawn, periodic=True).height_mm, shift, axis=1), atol=1e-5)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_mirroring_mirrors(seed: int) -> None:
    drawn = strokes(seed, 6)
    result = run(drawn, periodic=True).height_mm
    np.testing.assert_allclose(run(drawn[::-1], periodic=True).height_mm[::-1], result, atol=0.011)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_flat_opening_is_monotone_and_below(seed: int) -> None:
    from ringcad.relief.morphology import flat_opening, make_chart

    low = strokes(seed, 5).astype(np.float32)
    high = np.maximum(low, strokes(seed + 1, 5).astype(np.float32))
    chart = make_chart(low.shape, np.array([[PIXEL]]), np.array([[PIXEL]]), True)
    small, large = flat_opening(low, 0.35, chart), flat_opening(high, 0.35, chart)
    assert np.all(small <= low) and np.all(large <= high)
    assert np.all(small <= large)


def test_wider_limits_never_leave_more_strokes() -> None:
    """A row of strokes 0.20 to 0.55 wide: what survives are the wide ones, the more the laxer the limit."""
    centres = np.arange(6) * 1.2 - 3.0
    widths = np.linspace(0.20, 0.55, 6)
    drawn = band(
        lambda v: sum(np.where(np.abs(v - c) < w / 2, 0.2, 0.0) for c, w in zip(centres, widths, strict=True)), rows=192
    )
    survivors = []
    for detail in (0.25, 0.35, 0.45):
        line = run(drawn, min_detail_mm=detail).height_mm[:, 5].astype(float)
        left = widths_at_half_height(line)
        survivors.append(len(left))
        assert int(np.sum(widths >= detail)) <= len(left) <= int(np.sum(widths >= detail - 1.5 * PIXEL))
        assert min(left) >= detail - PIXEL
    assert survivors == sorted(survivors, reverse=True)


def test_findings() -> None:
    clean = run(band(box(0.6)))
    assert clean.findings == ()
    some = run(band(lambda v: box(0.6)(v) + box(0.2)(v - 0.9)))
    assert [f.code for f in some.findings] == [FindingCode.RELIEF_FILTERED]
    assert some.findings[0].severity is Severity.WARNING
    assert "1 strokes too small" in some.findings[0].message
    assert "% of the drawn relief is gone" in some.findings[0].message
    nothing = run(band(box(0.2)))
    assert FindingCode.RELIEF_EMPTY in {f.code for f in nothing.findings}
    blank = run(np.zeros((40, 40)))
    assert [f.code for f in blank.findings] == [FindingCode.RELIEF_EMPTY]
    shallow = run(band(box(0.6, 0.06)))
    empty = next(f for f in shallow.findings if f.code is FindingCode.RELIEF_EMPTY)
    assert empty.fix == "Set depth_mm to at least 0.10"


@pytest.mark.parametrize(
    ("height", "options", "words"),
    [
        (np.zeros((1, 1)), {}, "at least 4 x 4"),
        (np.full((8, 8), np.nan), {}, "not numbers"),
        (np.full((8, 8), -0.1), {}, "at least 0"),
        (np.zeros((8, 8)), {"min_detail_mm": 0.0}, "min_detail_mm"),
        (np.zeros((8, 8)), {"mode": "carve"}, "carve"),
        (np.zeros((8, 8)), {"pixel_mm": (0.2, 0.2)}, "pixels per mm"),
        (np.zeros((8, 8)), {"scale_u": np.ones(7)}, "8 values"),
        (np.zeros((8, 8)), {"scale_u": np.zeros(8)}, "above 0"),
    ],
)
def test_bad_input(height: Array, options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        run(height, **options)


def test_a_hollow_tighter_than_the_relief_is_refused() -> None:
    with pytest.raises(InputError, match="curvature radius"):
        stretch(-0.2, 0.3)
