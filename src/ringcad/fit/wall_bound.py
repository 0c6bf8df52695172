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
#: Stations worked on at once, so that what belongs to them stays in the processor's cache.
_BLOCK = 32


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
    Both walls are refined first (the same surfaces, tighter hulls).
    """
    outer = _points_across(nets.outer_knots, _REFINE_OUTER)
    inner = _points_across(spline.clamped_knots(nets.inner.shape[1]), _REFINE_INNER)
    stations, pieces = len(nets.stations.phi_deg), _REFINE_ALONG
    spans = len(outer.middle)
    step = np.diff(np.concatenate([nets.stations.phi_deg, [nets.stations.phi_deg[0] + 360.0]]))
    place = nets.stations.place_deg
    turn = np.diff(np.concatenate([place, [place[0] + 360.0]]))
    # any direction gives a bound; equal angles within an old span are close to the middles of the pieces
    share = (np.arange(pieces) + 0.5) / pieces
    middle = np.radians((place[:, None] + turn[:, None] * share).ravel())
    again = np.repeat(np.arange(stations), pieces)
    # edge roundings are edges, not walls (design 13); the side-to-side bound covers what lies behind them
    inner_flat = np.abs(inner.middle)[:, None] * nets.inner_across_mm.max(axis=1) <= nets.inner_half_mm
    outer_flat = np.abs(outer.middle)[:, None] * nets.across_mm[:, -1] <= nets.crown_half_mm
    # tilt at the middle of each refined span, from the plain wall's sites
    fraction = nets.across_mm[0] / nets.across_mm[0, -1]
    at = np.interp(outer.middle, fraction, np.arange(len(fraction)))
    low_site = np.clip(at.astype(int), 0, len(fraction) - 2)
    share = at - low_site
    tilt = np.radians(nets.tilt_deg[:, low_site] * (1.0 - share) + nets.tilt_deg[:, low_site + 1] * share).T
    fine_skin, fine_bore = _along(skin), _along(nets.inner)
    floor = np.full((spans, pieces * stations), np.inf)
    for begin in range(0, pieces * stations, _BLOCK):
        rows = np.arange(begin, min(begin + _BLOCK, pieces * stations))
        flat = outer_flat[:, again[rows]]
        used = outer.old_spans(np.flatnonzero(flat.any(axis=1)))
        if not len(used):
            continue
        band = slice(used.start * _REFINE_OUTER, used.stop * _REFINE_OUTER)
        here = tilt[band, again[rows]]
        way = np.cos(here), np.sin(here)
        shadow = _outer_extremes(fine_skin, outer, used, rows, middle[rows], *way)
        bore = _inner_extremes(fine_bore, inner, rows, middle[rows])
        high = _highest_facing(bore, inner_flat[:, again[rows]], shadow, *way)
        floor[band, rows] = np.where(flat[band] & np.isfinite(high), shadow.lowest - high, np.inf)
    right, left = nets.right[..., 1].min(axis=1), nets.left[..., 1].max(axis=1)
    side_wall = _window_extreme(right, np.min) - _window_extreme(left, np.max)
    return WallBound(
        floor.reshape(spans // _REFINE_OUTER, _REFINE_OUTER, stations, pieces).min(axis=(1, 3)).T,
        side_wall,
        np.degrees(tilt.reshape(spans // _REFINE_OUTER, _REFINE_OUTER, stations).mean(axis=1).T),
        nets.stations.phi_deg + 0.5 * step,
    )


def _along(net: Array) -> Array:
    """The same surface with every periodic span cut into equal pieces."""
    for _ in range(_REFINE_ALONG.bit_length() - 1):
        net = spline.subdivide_periodic(net)
    return net


#: Bezier points of a span of a uniform cubic from its four coefficients.
_TO_BEZIER = np.array([[1.0, 4.0, 1.0, 0.0], [0.0, 4.0, 2.0, 0.0], [0.0, 2.0, 4.0, 0.0], [0.0, 1.0, 4.0, 1.0]]) / 6.0


@dataclass(frozen=True)
class _Across:
    """Points whose hull holds each piece of a wall's spans across, from the wall's coefficients.

    ``weights`` (old spans, 4 points * pieces, 4): point ``l`` of piece ``t`` of old span ``j`` is
    ``weights[j, l * pieces + t] @ coefficients[j : j + 4]``. ``middle`` (old spans * pieces,) is each piece's
    middle as a signed fraction of the wall's half length.
    """

    weights: Array
    middle: Array

    def old_spans(self, wanted: NDArray[np.int64]) -> range:
        """The old spans from that of the first to that of the last of the ``wanted`` pieces."""
        found = wanted // (len(self.middle) // len(self.weights))
        return range(int(found[0]), int(found[-1]) + 1) if len(found) else range(0)

    def points(self, values: Array, old: range) -> Array:
        """The points (old spans, 4, pieces, ...) of quantities (coefficients, ...) that are linear in them."""
        flat = np.ascontiguousarray(values).reshape(len(values), -1)
        window = np.lib.stride_tricks.sliding_window_view(flat, 4, axis=0)[old.start : old.stop]
        found: Array = self.weights[old.start : old.stop] @ window.swapaxes(1, 2)
        return found.reshape(len(old), 4, -1, *values.shape[1:])


def _points_across(knots: Array, pieces: int) -> _Across:
    """Bezier points; where knots are repeated, in the last span at either end, the refined coefficients."""
    matrix, fresh = spline.refine_matrix(knots, pieces)
    breaks = np.unique(fresh)
    spans = len(breaks) - 1
    window = np.stack([matrix[k : k + spans] for k in range(4)])
    points = window.copy()
    points[:, 3:-3] = np.tensordot(_TO_BEZIER, window[:, 3:-3], axes=(1, 0))
    old = spans // pieces
    cut = points.reshape(4, old, pieces, -1).swapaxes(0, 1).reshape(old, 4 * pieces, -1)
    weights = np.stack([row[:, j : j + 4] for j, row in enumerate(cut)])
    return _Across(weights, (breaks[1:] + breaks[:-1]) / breaks[-1] - 1.0)


def _bezier_along(net: Array, rows: NDArray[np.int64]) -> Array:
    """Points (k, 3, 4, len(rows)) along the ring of the spans that start at ``rows`` of a periodic net (n, k, 3)."""
    window = [net[(rows + shift) % len(net)].transpose(1, 2, 0) for shift in (-1, 0, 1, 2)]
    found = np.empty((*window[0].shape[:2], 4, len(rows)))
    for point, weights in enumerate(_TO_BEZIER):
        np.multiply(window[1], weights[1], out=found[:, :, point])
        for k in (0, 2, 3):
            if weights[k]:
                found[:, :, point] += weights[k] * window[k]
    return found


def _radially(points: Array, phi: Array) -> Array:
    """Distance of points (k, 3, 4, n) from the finger axis along the radial direction of row n, (k, 4, n)."""
    return points[:, 0] * np.sin(phi) + points[:, 2] * np.cos(phi)


@dataclass(frozen=True)
class _Shadow:
    """Outer pieces (pieces, rows): least value along the direction, least and largest aside from it."""

    lowest: Array
    aside_low: Array
    aside_high: Array


def _outer_extremes(
    net: Array, across: _Across, old: range, rows: NDArray[np.int64], phi: Array, cosine: Array, sine: Array
) -> _Shadow:
    hull = _bezier_along(net, rows)
    radial = across.points(_radially(hull, phi), old)  # (old spans, 4 across, pieces, 4 along, rows)
    lateral = across.points(hull[:, 1], old)
    shape = (len(old), 1, -1, 1, len(rows))
    c, s = cosine.reshape(shape), sine.reshape(shape)
    along = radial * c
    along += lateral * s
    lateral *= c
    radial *= s
    lateral -= radial
    lowest, low, high = along.min(axis=(1, 3)), lateral.min(axis=(1, 3)), lateral.max(axis=(1, 3))
    return _Shadow(lowest.reshape(cosine.shape), low.reshape(cosine.shape), high.reshape(cosine.shape))


@dataclass(frozen=True)
class _BoreBox:
    """Inner pieces with their neighbours round the ring, seen from each row: extremes (pieces, rows)."""

    radial_low: Array
    radial_high: Array
    lateral_low: Array
    lateral_high: Array


def _inner_extremes(net: Array, across: _Across, rows: NDArray[np.int64], phi: Array) -> _BoreBox:
    count, all_spans = len(rows), range(len(across.weights))
    hull = _bezier_along(net, np.concatenate([rows[:1] - 1, rows, rows[-1:] + 1]))  # one row more at either end
    seen = np.concatenate([_radially(hull[..., shift : shift + count], phi) for shift in range(3)], axis=1)
    radial, lateral = across.points(seen, all_spans), across.points(hull[:, 1], all_spans)
    low, high = lateral.min(axis=(1, 3)), lateral.max(axis=(1, 3))
    around = [slice(shift, shift + count) for shift in range(3)]
    shape = (-1, count)
    return _BoreBox(
        radial.min(axis=(1, 3)).reshape(shape),
        radial.max(axis=(1, 3)).reshape(shape),
        np.min([low[..., part] for part in around], axis=0).reshape(shape),
        np.max([high[..., part] for part in around], axis=0).reshape(shape),
    )


def _highest_facing(bore: _BoreBox, flat: NDArray[np.bool_], shadow: _Shadow, cosine: Array, sine: Array) -> Array:
    """Largest value along each outer piece's direction of the inner pieces that can face it, (outer pieces, rows).

    -inf where none can.
    """
    outer, inner = np.nonzero(_may_face(bore, shadow, cosine, sine) & flat.any(axis=1))
    result = np.full(cosine.shape, -np.inf)
    if not len(outer):
        return result
    c, s = cosine[outer], sine[outer]
    radial_one, radial_two = bore.radial_high[inner] * s, bore.radial_low[inner] * s
    lateral_low, lateral_high = bore.lateral_low[inner], bore.lateral_high[inner]
    aside_low = lateral_low * c - np.maximum(radial_one, radial_two)
    aside_high = lateral_high * c - np.minimum(radial_one, radial_two)
    faces = (aside_low <= shadow.aside_high[outer]) & (aside_high >= shadow.aside_low[outer]) & flat[inner]
    along = bore.radial_high[inner] * c + np.maximum(lateral_low * s, lateral_high * s)
    begin = np.flatnonzero(np.append(True, outer[1:] != outer[:-1]))
    result[outer[begin]] = np.maximum.reduceat(np.where(faces, along, -np.inf), begin, axis=0)
    return result


def _may_face(bore: _BoreBox, shadow: _Shadow, cosine: Array, sine: Array) -> NDArray[np.bool_]:
    """(outer pieces, inner pieces) true wherever an inner piece may face an outer one in any row (by intervals)."""
    if float(cosine.min()) <= 0.0 or float(bore.radial_low.min()) <= 0.0:
        return np.ones((len(cosine), len(bore.radial_low)), dtype=bool)
    c_low, c_high = cosine.min(axis=1)[:, None], cosine.max(axis=1)[:, None]
    s_low, s_high = sine.min(axis=1)[:, None], sine.max(axis=1)[:, None]
    r_low, r_high = bore.radial_low.min(axis=1), bore.radial_high.max(axis=1)
    y_low, y_high = bore.lateral_low.min(axis=1), bore.lateral_high.max(axis=1)
    slack = 1e-9  # rounding of the products
    least = np.minimum(y_low * c_low, y_low * c_high) - np.where(s_high > 0.0, r_high, r_low) * s_high - slack
    most = np.maximum(y_high * c_low, y_high * c_high) - np.where(s_low > 0.0, r_low, r_high) * s_low + slack
    meets = (least <= shadow.aside_high.max(axis=1)[:, None]) & (most >= shadow.aside_low.min(axis=1)[:, None])
    return np.asarray(meets)


def _window_extreme(values: Array, pick: Callable[..., Array]) -> Array:
    """Extreme of the four coefficients that govern each periodic span, (n,) -> (n,)."""
    return pick(np.stack([np.roll(values, shift) for shift in (1, 0, -1, -2)]), axis=0)
