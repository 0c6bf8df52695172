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

Array = NDArray[np.float64]

#: Normals further from radial than this look past the bore; the side-to-side bound covers them.
_MAX_TILT_DEG = 60.0


@dataclass(frozen=True)
class WallBound:
    """Lower bounds per span of the outer net.

    ``floor_mm`` (stations, spans across) is +inf where the normal looks past the bore;
    ``side_mm`` (stations,) bounds the wall from side to side.
    """

    floor_mm: Array
    side_mm: Array
    tilt_deg: Array


def wall_bound(skin: Array, inner: Array, right: Array, left: Array, phi_deg: Array, tilt_deg: Array) -> WallBound:
    """Bounds for coefficient nets (n, k, 3) that share spine knots (periodic along axis 0).

    ``phi_deg`` (n,) are the stations, ``tilt_deg`` (n, k) the angle of the undecorated wall's normal
    from radial (the relief's own slope is no direction of a wall).
    """
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
        high = np.where(faces, q_along.max(axis=(0, 1)), -np.inf).max(axis=1)
        looks_in = (np.abs(np.degrees(span_tilt[:, j])) < _MAX_TILT_DEG) & np.isfinite(high)
        floor[:, j] = np.where(looks_in, low - high, np.inf)
    side_wall = _window_extreme(right[..., 1].min(axis=1), np.min) - _window_extreme(left[..., 1].max(axis=1), np.max)
    return WallBound(floor, side_wall, np.degrees(span_tilt))


def _window_extreme(values: Array, pick: Callable[..., Array]) -> Array:
    """Extreme of the four coefficients that govern each periodic span, (n,) -> (n,)."""
    return pick(np.stack([np.roll(values, shift) for shift in (1, 0, -1, -2)]), axis=0)
