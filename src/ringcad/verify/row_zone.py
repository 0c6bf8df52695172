"""Where a row of stones takes the limb: its walls are measured as sites of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import ResolvedRing

Array = NDArray[Any]


def in_row(resolved: ResolvedRing, points: Array, beside_mm: float | None) -> Array:
    """(k,) whether points (k, 3) lie in the stretch of a ring's row.

    Beside a channel no farther than ``beside_mm`` from its slot (``None``: than the level tops of its walls); between
    shared prongs over the limb's whole width.
    """
    channel, shared = resolved.channel, resolved.shared_prongs
    phi = np.degrees(np.arctan2(points[:, 0], points[:, 2]))
    radius = np.maximum(np.hypot(points[:, 0], points[:, 2]), 1e-9)
    if channel is not None:
        beside = channel.rim_mm if beside_mm is None else beside_mm
        inside = np.abs(phi) <= channel.end_deg + np.degrees(beside / radius)
        return np.asarray(inside & (np.abs(points[:, 1]) <= 0.5 * channel.channel_width_mm + beside))
    if shared is not None:
        return np.asarray(np.abs(phi) <= shared.end_deg + np.degrees((beside_mm or 0.0) / radius))
    return np.zeros(len(points), dtype=bool)
