"""Splines against scipy's independent implementation, and exactness of the pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rings_support import evaluate
from scipy.interpolate import BSpline

from ringcad.fit import spline
from ringcad.fit.limb import even_cuts
from ringcad.kernel.surfaces import tile_coefficients

counts = st.integers(min_value=5, max_value=40)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


@given(counts, seeds)
@settings(max_examples=60, deadline=None)
def test_collocation_is_scipys_basis(count: int, seed: int) -> None:
    knots = spline.clamped_knots(count)
    sites = np.random.default_rng(seed).uniform(0.0, knots[-1], 20)
    matrix = spline.collocation(knots, sites)
    assert np.allclose(matrix, BSpline.design_matrix(sites, knots, 3).toarray(), atol=1e-13)
    assert np.allclose(matrix.sum(axis=1), 1.0, atol=1e-13)


@given(st.integers(min_value=6, max_value=40), seeds, st.data())
@settings(max_examples=80, deadline=None)
def test_a_segment_is_the_same_curve(count: int, seed: int, data: st.DataObject) -> None:
    knots = spline.clamped_knots(count)
    last = int(knots[-1])
    start = data.draw(st.integers(min_value=0, max_value=last - 1))
    end = data.draw(st.integers(min_value=start + 1, max_value=last))
    old = np.random.default_rng(seed).normal(size=(count, 3))
    matrix, first, fresh = spline.segment_matrix(knots, float(start), float(end))
    new = matrix @ old[first : first + matrix.shape[1]]
    x = np.linspace(start, end, 50)
    assert np.allclose(BSpline(fresh, new, 3)(x), BSpline(knots, old, 3)(x), atol=1e-12)
    assert np.allclose(matrix.sum(axis=1), 1.0, atol=1e-12)
    # a convex combination: the hull of a tile lies in the hull of the net, on which the wall bound stands
    assert matrix.min() >= -1e-12


@given(st.integers(min_value=5, max_value=200), seeds)
@settings(max_examples=40, deadline=None)
def test_periodic_interpolation_passes_through_its_values(count: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(count, 2, 3))
    coefficients = spline.interpolate_periodic(values)
    assert np.allclose(spline.evaluate_periodic_at_knots(coefficients), values, atol=1e-11)
    turned = spline.interpolate_periodic(np.roll(values, 3, axis=0))
    assert np.allclose(turned, np.roll(coefficients, 3, axis=0), atol=1e-11)


def test_periodic_interpolation_of_a_circle_is_of_fourth_order() -> None:
    errors = []
    for count in (24, 48):
        angle = 2.0 * np.pi * np.arange(count) / count
        net = np.repeat(
            spline.interpolate_periodic(np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1))[:, None],
            5, axis=1)  # fmt: skip
        points = evaluate(net, spline.clamped_knots(5), np.linspace(0.0, count, 997), np.array([0.7]))
        errors.append(float(np.abs(np.linalg.norm(points, axis=-1) - 1.0).max()))
    assert errors[0] / errors[1] == pytest.approx(16.0, rel=0.1)


@given(counts, seeds)
@settings(max_examples=40, deadline=None)
def test_clamped_interpolation_passes_through_its_values(count: int, seed: int) -> None:
    knots = spline.clamped_knots(count)
    values = np.random.default_rng(seed).normal(size=(3, count, 2))
    coefficients = spline.interpolate_clamped(values, knots)
    there = BSpline(knots, np.moveaxis(coefficients, 1, 0), 3)(spline.greville(knots))
    assert np.allclose(np.moveaxis(there, 0, 1), values, atol=1e-10)


@given(st.integers(min_value=1, max_value=12), seeds)
@settings(max_examples=30, deadline=None)
def test_a_periodic_window_is_the_same_curve(spans: int, seed: int) -> None:
    old = np.random.default_rng(seed).normal(size=spans + 3)
    matrix, knots = spline.periodic_window(spans)
    x = np.linspace(0.0, spans, 40)
    wanted = BSpline(np.arange(-3.0, spans + 4.0), old, 3)(x)
    assert np.allclose(BSpline(knots, matrix @ old, 3)(x), wanted, atol=1e-12)


@pytest.mark.parametrize(("tiles_u", "tiles_v"), [(1, 1), (4, 2), (6, 3)])
def test_tiles_are_the_net_and_share_their_edges_exactly(tiles_u: int, tiles_v: int) -> None:
    rng = np.random.default_rng(5)
    count, rows = 36, 20
    net, knots = rng.normal(size=(count, rows, 3)), spline.clamped_knots(rows)
    stations = even_cuts(-4, count - 4, count // tiles_u)
    assert len(stations) == tiles_u + 1
    across = np.linspace(0.0, knots[-1], tiles_v + 1)  # between knots too
    tiles = tile_coefficients(net, knots, stations, across)
    for i in range(tiles_u):
        for j in range(tiles_v):
            poles, knots_u, knots_v = tiles[i][j]
            u, v = np.linspace(0.0, stations[i + 1] - stations[i], 7), np.linspace(knots_v[0], knots_v[-1], 7)
            strip = BSpline(knots_u, poles, 3)(u)
            found = np.moveaxis(BSpline(knots_v, np.moveaxis(strip, 1, 0), 3)(v), 0, 1)
            assert np.allclose(found, evaluate(net, knots, np.mod(stations[i] + u, count), v), atol=1e-8)
            assert np.array_equal(poles[-1], tiles[(i + 1) % tiles_u][j][0][0])
            if j + 1 < tiles_v:
                assert np.array_equal(poles[:, -1], tiles[i][j + 1][0][:, 0])


def test_even_cuts_meet_the_ends_and_keep_the_step() -> None:
    for first, last, step in ((0, 36, 9), (-7, 100, 18), (3, 5, 18)):
        cuts = even_cuts(first, last, step)
        gaps = np.diff(cuts)
        assert (cuts[0], cuts[-1]) == (first, last) and gaps.min() > 0 and gaps.max() - gaps.min() <= 1
        assert gaps.max() <= 1.5 * step
