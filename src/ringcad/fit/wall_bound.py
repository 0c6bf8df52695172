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

from ringcad.fit.limb import LimbNets

Array = NDArray[np.float64]


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
    """
    inner, phi_deg, tilt_deg = nets.inner, nets.stations.phi_deg, nets.tilt_deg
    count, across = skin.shape[:2]
    spans = across - 3
    half_step = 0.5 * np.diff(np.concatenate([phi_deg, [phi_deg[0] + 360.0]]))
    middle = np.radians(phi_deg + half_step)
    radial = np.stack([np.sin(middle), np.zeros(count), np.cos(middle)], axis=1)
    window = np.stack([np.roll(skin, s, axis=0) for s in (1, 0, -1, -2)])  # (4, n, k, 3)
    inner_window = np.stack([np.roll(inner, s, axis=0) for s in (2, 1, 0, -1, -2, -3)])
    p_r, p_y = np.einsum("snkc,nc->snk", window, radial), window[..., 1]
    q_r, q_y = np.einsum("snkc,nc->snk", inner_window, radial), inner_window[..., 1]
    inner_spans = inner.shape[1] - 3
    q_r = np.stack([q_r[:, :, k : k + inner_spans] for k in range(4)])  # (4, 6, n, inner spans)
    q_y = np.stack([q_y[:, :, k : k + inner_spans] for k in range(4)])
    span_tilt = np.radians(0.5 * (tilt_deg[:, 1 : spans + 1] + tilt_deg[:, 2 : spans + 2]))
    # edge roundings are edges, not walls (design 13); the side-to-side bound covers what lies behind them
    inner_flat = _span_inside(nets.inner_across_mm, nets.inner_half_mm)
    outer_flat = _span_inside(nets.across_mm, nets.crown_half_mm)
    floor = np.full((count, spans), np.inf)
    for j in range(spans):
        c, s = np.cos(span_tilt[:, j]), np.sin(span_tilt[:, j])
        part_r, part_y = p_r[:, :, j : j + 4], p_y[:, :, j : j + 4]
        low = (part_r * c[None, :, None] + part_y * s[None, :, None]).min(axis=(0, 2))
        aside = -part_r * s[None, :, None] + part_y * c[None, :, None]
        q_along = q_r * c[None, None, :, None] + q_y * s[None, None, :, None]
        q_aside = -q_r * s[None, None, :, None] + q_y * c[None, None, :, None]
        faces = (q_aside.min(axis=(0, 1)) <= aside.max(axis=(0, 2))[:, None]) & (
            q_aside.max(axis=(0, 1)) >= aside.min(axis=(0, 2))[:, None]
        )
        faces &= inner_flat
        high = np.where(faces, q_along.max(axis=(0, 1)), -np.inf).max(axis=1)
        floor[:, j] = np.where(outer_flat[:, j] & np.isfinite(high), low - high, np.inf)
    right, left = nets.right[..., 1].min(axis=1), nets.left[..., 1].max(axis=1)
    side_wall = _window_extreme(right, np.min) - _window_extreme(left, np.max)
    return WallBound(floor, side_wall, np.degrees(span_tilt), np.degrees(middle))


def _span_inside(across_mm: Array, half_mm: Array) -> NDArray[np.bool_]:
    """Spans whose two middle sites lie inside the flat part, (n, sites - 3)."""
    reach = np.abs(across_mm)
    spans = across_mm.shape[1] - 3
    return np.asarray(np.maximum(reach[:, 1 : spans + 1], reach[:, 2 : spans + 2]) <= half_mm[:, None])


def _window_extreme(values: Array, pick: Callable[..., Array]) -> Array:
    """Extreme of the four coefficients that govern each periodic span, (n,) -> (n,)."""
    return pick(np.stack([np.roll(values, shift) for shift in (1, 0, -1, -2)]), axis=0)
