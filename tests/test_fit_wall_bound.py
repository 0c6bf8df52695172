"""The wall bound is below every straight way through the wall, close to it, and follows single poles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rings_support import evaluate, plain_nets

from ringcad.fit import spline
from ringcad.fit import wall_bound as module
from ringcad.fit.limb import LimbNets, snap_poles
from ringcad.fit.wall_bound import wall_bound

BORE, HEIGHT = 8.6, 2.0


ALONG, ACROSS = module._REFINE_ALONG, module._REFINE_OUTER


def ways_through(nets: LimbNets, skin: np.ndarray, per_piece: int = 3) -> np.ndarray:
    """Least length from dense samples of each span of the skin to the cylinder of the bore, (stations, spans).

    Closed form: a line meets a cylinder. Each span is cut as the bound cuts it, and the directions are the
    plain wall's normals in the middle of each piece; pieces on the edge rounding count as infinite.
    """
    count, rows = skin.shape[:2]
    spans = rows - 3
    inside = np.linspace(0.0, 1.0, per_piece)
    u = ((np.arange(count * ALONG)[:, None] + inside) / ALONG).ravel()
    v = ((np.arange(spans * ACROSS)[:, None] + inside) / ACROSS).ravel()
    points = evaluate(skin, nets.outer_knots, u, v).reshape(count * ALONG, per_piece, spans * ACROSS, per_piece, 3)
    share = (np.arange(ALONG) + 0.5) / ALONG
    step = np.diff(np.append(nets.stations.phi_deg, 180.0))
    phi = np.radians((nets.stations.phi_deg[:, None] + step[:, None] * share).ravel())[:, None]
    fraction = nets.across_mm[0] / nets.across_mm[0, -1]
    middle = 2.0 * (np.arange(spans * ACROSS) + 0.5) / (spans * ACROSS) - 1.0
    tilt = np.radians(np.interp(middle, fraction, nets.tilt_deg[0]))[None, :]  # a plain ring: all stations alike
    normal = np.stack(
        np.broadcast_arrays(np.sin(phi) * np.cos(tilt), np.sin(tilt), np.cos(phi) * np.cos(tilt)), axis=-1
    )
    n = normal[:, None, :, None, :]
    a = n[..., 0] ** 2 + n[..., 2] ** 2
    b = points[..., 0] * n[..., 0] + points[..., 2] * n[..., 2]
    c = points[..., 0] ** 2 + points[..., 2] ** 2 - BORE**2
    length = ((b - np.sqrt(np.maximum(b**2 - a * c, 0.0))) / a).min(axis=(1, 3))
    flat = np.abs(middle) * nets.across_mm[0, -1] <= nets.crown_half_mm[0]
    length = np.where(flat[None, :], length, np.inf).reshape(count, ALONG, spans, ACROSS)
    return np.asarray(length.min(axis=(1, 3)))


@given(st.integers(min_value=0, max_value=2**32 - 1), st.floats(min_value=0.0, max_value=0.6), st.booleans())
@settings(max_examples=6, deadline=None)
def test_no_way_through_the_wall_is_shorter_than_the_bound(seed: int, depth: float, rough: bool) -> None:
    nets = plain_nets(count=72, rows=40, rise=0.25)
    rng = np.random.default_rng(seed)
    heights = rng.uniform(-depth, depth, nets.outer.shape[:2])
    if not rough:
        heights = np.maximum(heights, 0.0) * (rng.random(heights.shape) < 0.2)
    skin = snap_poles(nets.outer + nets.normals * heights[..., None])
    bound = wall_bound(nets, skin)
    known = np.isfinite(bound.floor_mm)
    assert known.any(axis=1).all()
    slack = ways_through(nets, skin)[known] - bound.floor_mm[known]
    assert slack.min() > -2e-5, "the spline bore differs from the cylinder by a hundredth of that"


def test_a_plain_ring_is_bounded_by_its_thickness() -> None:
    for rise, rows in ((0.0, 40), (0.25, 48)):
        nets = plain_nets(count=360, rows=rows, rise=rise)
        bound = wall_bound(nets, nets.outer)
        exact = ways_through(nets, nets.outer)
        known = np.isfinite(bound.floor_mm)
        slack = exact[known] - bound.floor_mm[known]
        assert slack.min() > -1e-6 and slack.max() < 0.03
        middle = np.abs(bound.tilt_deg) < 2.0
        assert np.abs(bound.floor_mm[middle] - HEIGHT).max() < 0.03
        assert bound.side_mm == pytest.approx(4.0, abs=1e-5)


@given(st.integers(min_value=0, max_value=2**32 - 1))
@settings(max_examples=6, deadline=None)
def test_one_pole_moved_inward_lowers_the_bound_there_and_nowhere_else(seed: int) -> None:
    nets = plain_nets(count=288, rows=40)
    before = wall_bound(nets, nets.outer)
    rng = np.random.default_rng(seed)
    i, j = int(rng.integers(288)), int(rng.integers(8, 32))
    skin = nets.outer.copy()
    skin[i, j] -= 0.1 * nets.normals[i, j]
    after = wall_bound(nets, snap_poles(skin))
    finite = np.isfinite(before.floor_mm)
    drop = np.zeros(finite.shape)
    drop[finite] = before.floor_mm[finite] - after.floor_mm[finite]
    stations = np.array([(i + s) % 288 for s in (-2, -1, 0, 1)])
    near = np.zeros(drop.shape, dtype=bool)
    near[np.ix_(stations, np.arange(j - 3, j + 1))] = True
    # the surface itself moves by 4/9 of its pole in the middle and hardly at the rim of its reach;
    # the refined hull follows it closely
    assert drop[near & finite].min() > 0.0
    assert drop[near & finite].max() > 0.04
    assert np.all(drop[~near & finite] == 0.0)


@given(st.integers(min_value=0, max_value=2**32 - 1))
@settings(max_examples=6, deadline=None)
def test_metal_added_never_lowers_the_bound(seed: int) -> None:
    nets = plain_nets(count=72, rows=34, rise=0.2, comfort=0.15)
    rng = np.random.default_rng(seed)
    flat = np.zeros(nets.outer.shape[:2])
    low = rng.uniform(0.0, 0.3, flat.shape)
    high = low + rng.uniform(0.0, 0.2, flat.shape)
    # radially, so that nothing moves along the direction in which the inner spans are chosen
    out = nets.outer * np.array([1.0, 0.0, 1.0])
    out /= np.linalg.norm(out, axis=-1, keepdims=True)
    first, second = (wall_bound(nets, nets.outer + out * h[..., None]) for h in (low, high))
    finite = np.isfinite(first.floor_mm) & np.isfinite(second.floor_mm)
    centre = finite & (np.abs(first.tilt_deg) < 1.0)
    assert np.all(second.floor_mm[centre] >= first.floor_mm[centre] - 1e-9)


def test_sides_are_bounded_by_the_narrowest_width() -> None:
    nets = plain_nets(count=72)
    skin = nets.outer
    moved = nets.right.copy()
    moved[10, 2, 1] -= 0.3
    from dataclasses import replace

    narrowed = wall_bound(replace(nets, right=moved), skin).side_mm
    assert narrowed.min() == pytest.approx(3.7, abs=1e-5)
    assert int((narrowed < 3.9).sum()) == 4
    assert spline.DEGREE == 3


def floor_by_definition(nets: LimbNets, skin: np.ndarray) -> np.ndarray:
    """The bound of every piece of the skin against every piece of the bore, one station and piece at a time."""
    phi_deg = nets.stations.phi_deg
    count = len(phi_deg)
    to_bezier = np.array([[1, 4, 1, 0], [0, 4, 2, 0], [0, 2, 4, 0], [0, 1, 4, 1]]) / 6.0

    def hulls(net: np.ndarray, knots: np.ndarray, pieces: int) -> tuple[np.ndarray, np.ndarray]:
        matrix, fresh = spline.refine_matrix(knots, pieces)
        fine = np.einsum("ij,njk->nik", matrix, spline.subdivide_periodic(net))
        spans = fine.shape[1] - 3
        rows = np.stack([np.roll(fine, shift, axis=0) for shift in (1, 0, -1, -2)])
        rows = np.einsum("ab,bnjk->anjk", to_bezier, rows)
        points = np.empty((4, *rows.shape[:2], spans, 3))
        for j in range(spans):
            four = rows[:, :, j : j + 4]
            rounded = 3 <= j < spans - 3
            points[:, :, :, j] = np.einsum("ab,cnbk->acnk", to_bezier if rounded else np.eye(4), four)
        breaks = np.unique(fresh)
        return points.reshape(16, len(fine), spans, 3), (breaks[1:] + breaks[:-1]) / breaks[-1] - 1.0

    outer, outer_middle = hulls(skin, nets.outer_knots, ACROSS)
    inner, inner_middle = hulls(nets.inner, spline.clamped_knots(nets.inner.shape[1]), module._REFINE_INNER)
    step = np.diff(np.append(phi_deg, phi_deg[0] + 360.0))
    fraction = nets.across_mm[0] / nets.across_mm[0, -1]
    floor = np.full((count * ALONG, len(outer_middle)), np.inf)
    for row in range(count * ALONG):
        station, piece = divmod(row, ALONG)
        phi = np.radians(phi_deg[station] + step[station] * (piece + 0.5) / ALONG)
        flat = np.abs(inner_middle) * nets.inner_across_mm[station].max() <= nets.inner_half_mm[station]
        near = np.concatenate([inner[:, (row + shift) % len(floor)] for shift in (-1, 0, 1)])
        near_r, near_y = near[..., 0] * np.sin(phi) + near[..., 2] * np.cos(phi), near[..., 1]
        r_low, r_high, y_low, y_high = near_r.min(axis=0), near_r.max(axis=0), near_y.min(axis=0), near_y.max(axis=0)
        for j, middle in enumerate(outer_middle):
            if abs(middle) * nets.across_mm[station, -1] > nets.crown_half_mm[station]:
                continue
            tilt = np.radians(np.interp(middle, fraction, nets.tilt_deg[station]))
            c, s = np.cos(tilt), np.sin(tilt)
            hull = outer[:, row, j]
            r, y = hull[:, 0] * np.sin(phi) + hull[:, 2] * np.cos(phi), hull[:, 1]
            aside = y * c - r * s
            low = y_low * c - np.maximum(r_high * s, r_low * s)
            high = y_high * c - np.minimum(r_high * s, r_low * s)
            faces = flat & (low <= aside.max()) & (high >= aside.min())
            if faces.any():
                reached = r_high * c + np.maximum(y_low * s, y_high * s)
                floor[row, j] = (r * c + y * s).min() - reached[faces].max()
    return floor.reshape(count, ALONG, -1, ACROSS).min(axis=(1, 3))


@pytest.mark.parametrize(("rise", "comfort", "depth"), [(0.0, 0.0, 0.3), (0.4, 0.2, 0.5), (0.3, 0.0, 0.0)])
def test_the_bound_is_that_of_all_pairs_of_pieces(rise: float, comfort: float, depth: float) -> None:
    nets = plain_nets(count=38, rows=34, rise=rise, comfort=comfort, width=4.5)  # 76 rows: no multiple of a block
    rng = np.random.default_rng(5)
    heights = rng.uniform(-depth, depth, nets.outer.shape[:2])
    skin = snap_poles(nets.outer + nets.normals * heights[..., None])
    found, expected = wall_bound(nets, skin).floor_mm, floor_by_definition(nets, skin)
    known = np.isfinite(expected)
    assert np.array_equal(np.isfinite(found), known) and known.any()
    assert np.abs(found[known] - expected[known]).max() < 1e-12
