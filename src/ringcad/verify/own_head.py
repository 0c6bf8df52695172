"""A head from a user's file on the finished mesh: its prongs from foot to tip, and where which limit holds.

Nothing of the file's geometry is known here but what its mates declare: azimuths, a thickness, heights.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import HeadedRing, OwnHead, ProngStand
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]

STEP_MM = 0.08
"""Between two sections of a prong."""
JOINED_SHARE = 1.7
"""A section that is longer than this share of the declared thickness is that of a rail or of the base as well."""
_TIP_SHARE = 0.68
"""Over which share of its thickness a prong's tip may close (an almond)."""
_OVER_SKIN_MM = 0.3
"""Metal nearer to the shank belongs to it and to the skirt round the base."""
_AWAY_MM = 4.0
"""From so far outside the girdle prongs are looked at."""
_SMOOTH = 3
"""Sections to either side over which a prong's way is taken."""


def prong_sections(caster: RayCaster, ring: HeadedRing, own: OwnHead, stand: ProngStand) -> tuple[Array, Array, Array]:
    """Middles (k, 3) of a prong's sections and two unit vectors (k, 3) across it, from above its foot to under its tip.

    Sections where a rail or the base joins are left out; below the lowest point at which the prong stands by itself
    nothing is told.
    """
    head, half = ring.head, 0.5 * ring.stone.diameter_mm
    azimuth = math.radians(stand.azimuth_deg)
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    aside, up = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0]), np.array([0.0, 0.0, 1.0])
    low, high = own.base_z_mm + _OVER_SKIN_MM, head.prong_tip_z_mm - _TIP_SHARE * own.thickness_mm - 0.05
    height = np.arange(low, high, STEP_MM)
    start = np.array([stand.x_mm, stand.y_mm, 0.0]) + (half + _AWAY_MM) * out + height[:, None] * up
    way = np.broadcast_to(-out, start.shape)
    distance, face = caster.first_hit(start, way)
    met = face >= 0
    length = np.zeros(len(height))
    length[met], _ = caster.thickness(start[met] + distance[met, None] * way[met], way[met])
    outside = half + _AWAY_MM - np.where(met, distance, np.nan)
    slope = np.gradient(_smooth(outside), STEP_MM) if len(height) > 2 * _SMOOTH else np.zeros(len(height))
    alone = met & np.isfinite(length) & (length * np.cos(np.arctan(slope)) < JOINED_SHARE * own.thickness_mm)
    alone &= length > 0.0
    middle = start + (distance + 0.5 * length)[:, None] * way
    along = up + slope[:, None] * out
    along = along / np.linalg.norm(along, axis=1)[:, None]
    across = np.cross(np.broadcast_to(aside, along.shape), along)
    return middle[alone], across[alone], np.broadcast_to(aside, along.shape)[alone]


def _smooth(values: Array) -> Array:
    """A running mean that leaves out what was not met."""
    padded = np.pad(values, _SMOOTH, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SMOOTH + 1)
    good = np.isfinite(windows)
    return np.asarray(np.where(good, windows, 0.0).sum(axis=1) / np.maximum(good.sum(axis=1), 1))


def limit_own_head(limit: Array, ring: HeadedRing, own: OwnHead, points: Array) -> None:
    """Writes the limits of such a head into ``limit`` (k,): those of a prong, none where tips or a lip close."""
    head = ring.head
    above = np.hypot(points[:, 0], points[:, 2]) > own.base_z_mm + _OVER_SKIN_MM
    above &= points[:, 2] > 0.0
    limit[above] = ring.foundry.prong_min_mm
    if own.held_by == "prongs":
        free = head.prong_tip_z_mm - _TIP_SHARE * own.thickness_mm - 0.05
    else:  # a lip is measured by rules of its own; what the bench bends over is not judged
        free = head.girdle_z_mm
    limit[above & (points[:, 2] > free)] = 0.0
