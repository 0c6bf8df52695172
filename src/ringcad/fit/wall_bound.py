"""A lower bound of the wall between skin and bore, from the coefficients alone.

Each span of a B-spline surface lies in the convex hull of its Bezier points, which are convex
combinations of the coefficients and lie closer to the surface than those. For a direction n, every
point of an outer span lies at least min(n . P) and every point of an inner span at most max(n . Q)
along n; so a straight line along -n through the metal from that span to that inner span is at least
as long as the difference. Only inner spans whose shadow along n meets the outer span's can face it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import spline
from ringcad.fit.limb import LimbNets

Array = NDArray[np.float64]


#: Pieces per span before bounding, along the ring (a power of two) and across; hulls tighten with the square.
_REFINE_ALONG = 2
_REFINE_OUTER = 3
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
    outer = _across(_along(skin), nets.outer_knots, _REFINE_OUTER)
    inner = _across(_along(nets.inner), spline.clamped_knots(nets.inner.shape[1]), _REFINE_INNER)
    stations, pieces = len(nets.stations.phi_deg), _REFINE_ALONG
    count = pieces * stations
    spans = outer.net.shape[1] - 3
    step = np.diff(np.concatenate([nets.stations.phi_deg, [nets.stations.phi_deg[0] + 360.0]]))
    # any direction gives a bound; equal angles within an old span are close to the middles of the pieces
    share = (np.arange(pieces) + 0.5) / pieces
    middle = np.radians((nets.stations.phi_deg[:, None] + step[:, None] * share).ravel())
    again = np.repeat(np.arange(stations), pieces)
    hulls = _hulls(outer.net)
    p_r, p_y = _radially(hulls, middle), hulls[..., 1]
    bore = _hulls(inner.net)
    neighbours = [np.roll(bore, shift, axis=1) for shift in (1, 0, -1)]
    heights = np.stack([_radially(hull, middle) for hull in neighbours])
    q_r, q_r_low = heights.max(axis=(0, 1)), heights.min(axis=(0, 1))
    q_high = np.max([hull[..., 1].max(axis=0) for hull in neighbours], axis=0)
    q_low = np.min([hull[..., 1].min(axis=0) for hull in neighbours], axis=0)
    # edge roundings are edges, not walls (design 13); the side-to-side bound covers what lies behind them
    inner_flat = (
        np.abs(inner.middle)[None, :] * nets.inner_across_mm.max(axis=1)[:, None] <= nets.inner_half_mm[:, None]
    )[again]
    outer_flat = (np.abs(outer.middle)[None, :] * nets.across_mm[:, -1:] <= nets.crown_half_mm[:, None])[again]
    # tilt at the middle of each refined span, from the plain wall's sites
    fraction = nets.across_mm[0] / nets.across_mm[0, -1]
    at = np.interp(outer.middle, fraction, np.arange(len(fraction)))
    low_site = np.clip(at.astype(int), 0, len(fraction) - 2)
    share = at - low_site
    tilt = np.radians(nets.tilt_deg[:, low_site] * (1.0 - share) + nets.tilt_deg[:, low_site + 1] * share)[again]
    floor = np.full((count, spans), np.inf)
    for j in range(spans):
        c, s = np.cos(tilt[:, j])[:, None], np.sin(tilt[:, j])[:, None]
        along = p_r[:, :, j] * c[:, 0] + p_y[:, :, j] * s[:, 0]
        aside = p_y[:, :, j] * c[:, 0] - p_r[:, :, j] * s[:, 0]
        q_along = q_r * c + np.maximum(q_low * s, q_high * s)
        q_aside_low = q_low * c - np.maximum(q_r * s, q_r_low * s)
        q_aside_high = q_high * c - np.minimum(q_r * s, q_r_low * s)
        faces = (q_aside_low <= aside.max(axis=0)[:, None]) & (q_aside_high >= aside.min(axis=0)[:, None])
        high = np.where(faces & inner_flat, q_along, -np.inf).max(axis=1)
        floor[:, j] = np.where(outer_flat[:, j] & np.isfinite(high), along.min(axis=0) - high, np.inf)
    right, left = nets.right[..., 1].min(axis=1), nets.left[..., 1].max(axis=1)
    side_wall = _window_extreme(right, np.min) - _window_extreme(left, np.max)
    coarse = (stations, pieces, spans // _REFINE_OUTER, _REFINE_OUTER)
    return WallBound(
        floor.reshape(coarse).min(axis=(1, 3)),
        side_wall,
        np.degrees(tilt.reshape(coarse).mean(axis=(1, 3))),
        nets.stations.phi_deg + 0.5 * step,
    )


def _radially(points: Array, phi: Array) -> Array:
    """Distance of points (h, n, j, 3) from the finger axis along the radial direction of station n, (h, n, j)."""
    return points[..., 0] * np.sin(phi)[:, None] + points[..., 2] * np.cos(phi)[:, None]


def _along(net: Array) -> Array:
    """The same surface with every periodic span cut into equal pieces."""
    for _ in range(_REFINE_ALONG.bit_length() - 1):
        net = spline.subdivide_periodic(net)
    return net


@dataclass(frozen=True)
class _Refined:
    net: Array
    middle: Array
    """Middle of each span as a signed fraction of the wall's half length, (spans,)."""


def _across(net: Array, knots: Array, factor: int) -> _Refined:
    matrix, fresh = spline.refine_matrix(knots, factor)
    breaks = np.unique(fresh)
    middle = (breaks[1:] + breaks[:-1]) / breaks[-1] - 1.0
    return _Refined(matrix @ net, middle)


#: Bezier points of a span of a uniform cubic from its four coefficients.
_TO_BEZIER = np.array([[1.0, 4.0, 1.0, 0.0], [0.0, 4.0, 2.0, 0.0], [0.0, 2.0, 4.0, 0.0], [0.0, 1.0, 4.0, 1.0]]) / 6.0


def _hulls(net: Array) -> Array:
    """Points (16, n, spans, 3) whose convex hull holds each span of a net (n, spans + 3, 3).

    Bezier points; across, the three spans at each clamped end, where knots are repeated, keep their coefficients.
    """
    spans = net.shape[1] - 3
    window = np.stack([np.roll(net, shift, axis=0) for shift in (1, 0, -1, -2)])
    along = np.tensordot(_TO_BEZIER, window, axes=(1, 0))
    both = np.stack([along[:, :, k : k + spans] for k in range(4)])
    both[:, :, :, 3:-3] = np.tensordot(_TO_BEZIER, both[:, :, :, 3:-3], axes=(1, 0))
    return both.reshape(16, net.shape[0], spans, 3)


def _window_extreme(values: Array, pick: Callable[..., Array]) -> Array:
    """Extreme of the four coefficients that govern each periodic span, (n,) -> (n,)."""
    return pick(np.stack([np.roll(values, shift) for shift in (1, 0, -1, -2)]), axis=0)
