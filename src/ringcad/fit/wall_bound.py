"""A lower bound of the wall between skin and bore, from the coefficients alone.

A B-spline lies in the convex hull of the coefficients of each span. For a direction n, every point
of an outer span lies at least min(n . P) and every point of an inner span at most max(n . Q) along n;
so a straight line along -n through the metal from that span to that inner span is at least as long
as the difference. Only inner spans whose shadow along n meets the outer span's can face it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import spline
from ringcad.fit.limb import LimbNets

Array = NDArray[np.float64]


#: Cuts per span across before bounding; hulls tighten with the square.
_REFINE_OUTER = 2
_REFINE_INNER = 3


@dataclass(frozen=True)
class WallBound:
    """Lower bounds per span of the outer net.

    ``floor_mm`` (stations, spans across) is +inf on the edge roundings;
    ``side_mm`` (stations,) bounds the wall from side to side; ``tilt_deg`` is the direction used.
    """

    floor_mm: Array
    side_mm: Array
    tilt_deg: Array
    phi_deg: Array
    """Middle of each span of stations."""


def wall_bound(nets: LimbNets, skin: Array) -> WallBound:
    """Bounds for a decorated ``skin`` (n, k, 3) over the inner wall of ``nets``.

    Directions are the normals of the undecorated wall: the relief's own slope is no direction of a wall.
    Both walls are refined across first (the same surfaces, tighter hulls).
    """
    outer = _across(spline.subdivide_periodic(skin), nets.outer_knots, _REFINE_OUTER)
    inner_knots = spline.clamped_knots(nets.inner.shape[1])
    inner = _across(spline.subdivide_periodic(nets.inner), inner_knots, _REFINE_INNER)
    stations = len(nets.stations.phi_deg)
    count = 2 * stations
    spans = outer.net.shape[1] - 3
    step = np.diff(np.concatenate([nets.stations.phi_deg, [nets.stations.phi_deg[0] + 360.0]]))
    # any direction gives a bound; the quarter points of the old spans are close to the new middles
    middle = np.radians(np.stack([nets.stations.phi_deg + 0.25 * step, nets.stations.phi_deg + 0.75 * step], 1).ravel())
    twice = np.repeat(np.arange(stations), 2)
    radial = np.stack([np.sin(middle), np.zeros(count), np.cos(middle)], axis=1)
    window = np.stack([np.roll(outer.net, s, axis=0) for s in (1, 0, -1, -2)])  # (4, n, k, 3)
    inner_window = np.stack([np.roll(inner.net, s, axis=0) for s in (2, 1, 0, -1, -2, -3)])
    p_r, p_y = np.einsum("snkc,nc->snk", window, radial), window[..., 1]
    q_r = _over_spans(np.einsum("snkc,nc->snk", inner_window, radial).max(axis=0), np.max)
    q_r_low = _over_spans(np.einsum("snkc,nc->snk", inner_window, radial).min(axis=0), np.min)
    q_high = _over_spans(inner_window[..., 1].max(axis=0), np.max)
    q_low = _over_spans(inner_window[..., 1].min(axis=0), np.min)
    # edge roundings are edges, not walls (design 13); the side-to-side bound covers what lies behind them
    inner_flat = (
        np.abs(inner.middle)[None, :] * nets.inner_across_mm.max(axis=1)[:, None] <= nets.inner_half_mm[:, None]
    )[twice]
    outer_flat = (np.abs(outer.middle)[None, :] * nets.across_mm[:, -1:] <= nets.crown_half_mm[:, None])[twice]
    # tilt at the middle of each refined span, from the plain wall's sites
    fraction = nets.across_mm[0] / nets.across_mm[0, -1]
    at = np.interp(outer.middle, fraction, np.arange(len(fraction)))
    low_site = np.clip(at.astype(int), 0, len(fraction) - 2)
    share = at - low_site
    tilt = np.radians(nets.tilt_deg[:, low_site] * (1.0 - share) + nets.tilt_deg[:, low_site + 1] * share)[twice]
    floor = np.full((count, spans), np.inf)
    for j in range(spans):
        c, s = np.cos(tilt[:, j])[:, None], np.sin(tilt[:, j])[:, None]
        part_r, part_y = p_r[:, :, j : j + 4], p_y[:, :, j : j + 4]
        low = (part_r * c[None] + part_y * s[None]).min(axis=(0, 2))
        aside = -part_r * s[None] + part_y * c[None]
        q_along = q_r * c + np.maximum(q_low * s, q_high * s)
        q_aside_low = q_low * c - np.maximum(q_r * s, q_r_low * s)
        q_aside_high = q_high * c - np.minimum(q_r * s, q_r_low * s)
        faces = (q_aside_low <= aside.max(axis=(0, 2))[:, None]) & (q_aside_high >= aside.min(axis=(0, 2))[:, None])
        high = np.where(faces & inner_flat, q_along, -np.inf).max(axis=1)
        floor[:, j] = np.where(outer_flat[:, j] & np.isfinite(high), low - high, np.inf)
    right, left = nets.right[..., 1].min(axis=1), nets.left[..., 1].max(axis=1)
    side_wall = _window_extreme(right, np.min) - _window_extreme(left, np.max)
    coarse = (stations, 2, spans // _REFINE_OUTER, _REFINE_OUTER)
    return WallBound(
        floor.reshape(coarse).min(axis=(1, 3)),
        side_wall,
        np.degrees(tilt.reshape(coarse).mean(axis=(1, 3))),
        nets.stations.phi_deg + 0.5 * step,
    )


@dataclass(frozen=True)
class _Refined:
    net: Array
    middle: Array
    """Middle of each span as a signed fraction of the wall's half length, (spans,)."""


def _across(net: Array, knots: Array, factor: int) -> _Refined:
    matrix, fresh = spline.refine_matrix(knots, factor)
    breaks = np.unique(fresh)
    middle = (breaks[1:] + breaks[:-1]) / breaks[-1] - 1.0
    return _Refined(np.einsum("jk,nkc->njc", matrix, net), middle)


def _over_spans(values: Array, pick: Callable[..., Array]) -> Array:
    """Extreme of the four coefficients of each span across, (n, m) -> (n, m - 3)."""
    spans = values.shape[1] - 3
    return pick(np.stack([values[:, k : k + spans] for k in range(4)]), axis=0)


def _window_extreme(values: Array, pick: Callable[..., Array]) -> Array:
    """Extreme of the four coefficients that govern each periodic span, (n,) -> (n,)."""
    return pick(np.stack([np.roll(values, shift) for shift in (1, 0, -1, -2)]), axis=0)
