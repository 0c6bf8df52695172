"""The plain shank by its numbers: what the sites and the decoration's ground are read against.

Written from the same numbers as the shank that is built, but on its own: the outer line of a euro shank as the
intersection of rays with a line, an arc and a circle.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import EURO_START_DEG, HEAD_TAPER_DEG, TAPER_DEG, ResolvedRing, Shank

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


def plain_width(shank: Shank, phi: Array) -> Array:
    """Width at angles ``phi`` (radians from the top), without bridge and cathedral arms, mm."""
    away = np.degrees(np.abs(phi))
    shoulders = np.full(len(phi), shank.width_top_mm)
    if shank.taper != "straight":
        first, last = HEAD_TAPER_DEG[shank.taper]
        shoulders = shank.head_width + (shank.width_top_mm - shank.head_width) * _quintic(
            (away - first) / (last - first)
        )
    blend = _quintic((away - TAPER_DEG[0]) / (TAPER_DEG[1] - TAPER_DEG[0]))
    return np.asarray(shoulders + (shank.width_bottom_mm - shoulders) * blend)


def plain_crown(resolved: ResolvedRing, y: Array, half_width: Array, semi_mm: Array) -> tuple[Array, Array]:
    """Angle (radians, signed like y) of the plain crown's normal from radial, and where the crown ends.

    The crown falls as a parabola to the tangent point of the edge rounding; a knife edge has straight
    flanks; an ellipse has ``semi_mm`` for its half height. The relief's own slopes are no direction of a wall and
    play no part.
    """
    shank = resolved.shank
    # A narrower shank keeps the crown's proportion down to 0.4 of its rise.
    rise = shank.crown_rise_mm * np.clip(2.0 * half_width / shank.width_top_mm, 0.4, 1.0)
    share = np.clip(np.abs(y) / half_width, 0.0, 1.0)
    if shank.profile == "ellipse":
        # y = a sin t, and the normal leans by tan = (b / a) tan t
        return np.sign(y) * np.arctan2(semi_mm * share, half_width * np.sqrt(1.0 - share**2)), (
            half_width - shank.outer_edge_radius_mm
        )
    straight = shank.profile == "knife_edge"
    tilt = np.arctan(rise / half_width * (np.ones_like(share) if straight else 2.0 * share))
    steepest = np.arctan(rise / half_width * (1.0 if straight else 2.0))
    end = half_width - shank.outer_edge_radius_mm * (1.0 - np.sin(steepest))
    return np.sign(y) * tilt, end


def plain_offset(resolved: ResolvedRing, phi: Array, y: Array, half_width: Array) -> Array:
    """How far the plain skin stands from a round shank of even thickness without a crown, mm.

    ``phi`` and ``half_width`` are (columns,), ``y`` (rows,); returns (rows, columns). What runs slowly along the ring
    is left out but for euro shanks, which no low polynomial follows.
    """
    shank = resolved.shank
    found = np.zeros((len(y), len(phi)))
    if shank.base is not None:
        found += (plain_thickness(shank, phi) - shank.thickness_top_mm)[None, :]
    share = np.clip(np.abs(y)[:, None] / half_width[None, :], 0.0, 1.0)
    if shank.profile != "ellipse":
        # a narrower or thinner shank is flatter; the relief's zone ends before the edges' rounding
        thin = np.clip(plain_thickness(shank, phi) / shank.thickness_top_mm, 0.0, 1.0) ** 2
        rise = shank.crown_rise_mm * np.clip(2.0 * half_width / shank.width_top_mm, 0.4, 1.0) * thin
        found -= rise[None, :] * (share if shank.profile == "knife_edge" else share**2)
    else:
        found -= 0.5 * plain_thickness(shank, phi)[None, :] * (1.0 - np.sqrt(1.0 - share**2))
    return found


def even_along(resolved: ResolvedRing, phi: Array, step_mm: float) -> Array:
    """Angles at even steps along the plain crown line between the first and the last of ``phi``."""
    radius = 0.5 * resolved.ring.inner_diameter_mm + plain_thickness(resolved.shank, phi)
    steps = np.hypot(np.diff(radius * np.sin(phi)), np.diff(radius * np.cos(phi)))
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(np.interp(np.linspace(0.0, arc[-1], int(arc[-1] / step_mm)), arc, phi))


def even_across(resolved: ResolvedRing, phi: Array, half: Array, step_mm: float) -> Array:
    """Places across an ellipse at even steps along its curve, up to where its edge begins (middle of the zone)."""
    a, b = float(np.median(half)), 0.5 * float(np.median(plain_thickness(resolved.shank, phi)))
    last = np.arcsin(np.clip(1.0 - resolved.shank.outer_edge_radius_mm / float(half.max()), 0.1, 0.98))
    t = np.linspace(0.0, last, 513)
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(a * np.diff(np.sin(t)), b * np.diff(np.cos(t))))])
    right = a * np.sin(np.interp(np.arange(step_mm, arc[-1], step_mm), arc, t))
    return np.concatenate([-right[::-1], [0.0], right])


def along_lean(resolved: ResolvedRing, phi: Array) -> Array:
    """Cosine between the radius and the plain skin's normal along the ring, (columns,)."""
    if resolved.shank.base is None:
        return np.ones(len(phi))
    radius = 0.5 * resolved.ring.inner_diameter_mm + plain_thickness(resolved.shank, phi)
    return np.asarray(1.0 / np.hypot(1.0, np.gradient(radius, phi) / radius))
