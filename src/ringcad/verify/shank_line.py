"""The plain shank by its numbers: what the sites and the decoration's ground are read against.

Written from the same numbers as the shank that is built, but on its own: the outer line of a euro shank as the
intersection of rays with a line, an arc and a circle.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import EURO_START_DEG, TAPER_DEG, ResolvedRing, Shank

Array = NDArray[Any]

_CIRCLE_DEG = 2.0
"""How long a euro shank runs on the circle through its corners beyond them."""


def _quintic(x: Array) -> Array:
    t = np.clip(x, 0.0, 1.0)
    return t**3 * (10.0 - 15.0 * t + 6.0 * t**2)


def plain_thickness(shank: Shank, phi: Array) -> Array:
    """Thickness at mid-width at angles ``phi`` (radians from the top), without bridge and cathedral, mm."""
    away = np.degrees(np.abs(phi))
    if shank.base is None:
        blend = _quintic((away - TAPER_DEG[0]) / (TAPER_DEG[1] - TAPER_DEG[0]))
        return np.asarray(shank.thickness_top_mm + (shank.thickness_bottom_mm - shank.thickness_top_mm) * blend)
    base = shank.base
    bore = base.distance_mm - shank.thickness_bottom_mm
    corner = bore + base.corner_thickness_mm
    radius = base.corner_radius_mm
    low = base.distance_mm - radius
    aside = np.sqrt((corner - radius) ** 2 - low**2)
    x, down = np.sin(np.pi - np.abs(phi)), np.cos(np.pi - np.abs(phi))
    # along the ray: the flat, and the far side of the corner's circle
    flat = base.distance_mm / np.maximum(down, 0.2)
    near = x * aside + down * low
    arc = near + np.sqrt(np.maximum(near**2 - (corner - radius) ** 2 + radius**2, 0.0))
    ends = np.degrees(np.arctan2(aside, low))
    blend = _quintic((away - EURO_START_DEG) / (180.0 - EURO_START_DEG - ends - _CIRCLE_DEG))
    body = shank.thickness_top_mm + (base.corner_thickness_mm - shank.thickness_top_mm) * blend
    on_flat, on_arc = flat * x <= aside, np.degrees(np.arctan2(x, down)) <= ends
    return np.asarray(np.where(on_flat & (down > 0.2), flat - bore, np.where(on_arc, arc - bore, body)))


def plain_offset(resolved: ResolvedRing, phi: Array, y: Array, half_width: Array) -> Array:
    """How far the plain skin stands from where a round, gently crowned shank of even thickness would, mm.

    ``phi`` and ``half_width`` are (columns,), ``y`` (rows,); returns (rows, columns). Zero but for euro shanks and
    ellipses, whose ground no low polynomial follows.
    """
    shank = resolved.shank
    found = np.zeros((len(y), len(phi)))
    if shank.base is not None:
        found += (plain_thickness(shank, phi) - shank.thickness_top_mm)[None, :]
    if shank.profile == "ellipse":
        share = np.clip(np.abs(y)[:, None] / half_width[None, :], 0.0, 1.0)
        found -= 0.5 * plain_thickness(shank, phi)[None, :] * (1.0 - np.sqrt(1.0 - share**2))
    return found
