"""Prongs and rails of a head as numbers: axes and radii of posts from foot to tip, and what stands on the skin."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.claw import ClawLine
from ringcad.fit.obstacles import Hoop, Obstacle, Post, Track
from ringcad.fit.spline import clamped_knots, greville
from ringcad.fit.v_prong import POST_BELOW_MM
from ringcad.resolved import FancyStone, HeadedRing, Rail
from ringcad.stones.hoops import path_points
from ringcad.stones.of_ring import rail_path

Array = NDArray[np.float64]

#: Height of the flare at a prong's foot and of the rounding of its sole, mm; blunt end of the tip as
#: a share of its radius. Drawn after sold heads (proportions 1.4): slightly conical, thickest below.
_FLARE_MM = 0.6
_SOLE_MM = 0.2
_TIP_BLUNT = 0.22
#: A tip begins at least this far above the girdle, along the prong, mm.
_TIP_OVER_GIRDLE_MM = 0.1
#: A prong that ends less than the first above the girdle begins its tip at least the second above the girdle's top, mm.
_SHORT_ALMOND_MM, _TIP_OVER_NOTCH_MM = 0.95, 0.08
#: A prong that ends less than this above the girdle keeps its section up to the girdle's top, mm along the prong.
_SHORT_MM = 0.75
#: How far the round base of a head from a file is taken to reach above and below the crown, mm.
_BASE_MM = 2.0


def _prong_axis(ring: HeadedRing) -> tuple[Array, float]:
    """Fine polyline (n, 2) of (radius, z) of a prong's axis from foot to tip, and the length above the girdle."""
    head = ring.head
    lean = math.radians(head.prong_lean_deg)
    foot = np.array([head.prong_foot_radius_mm, head.prong_foot_z_mm])
    girdle = np.array([head.prong_axis_radius_girdle_mm, head.girdle_z_mm])
    up = np.array([math.sin(lean), math.cos(lean)])
    above = (head.prong_tip_z_mm - head.girdle_z_mm) / math.cos(lean)
    tip = girdle + above * up
    upper = girdle + np.linspace(0.0, 1.0, 401)[1:, None] * (tip - girdle)
    if (claw := claw_line(ring)) is not None:
        above = claw.length_mm
        upper = girdle + np.stack(claw.axis(np.linspace(0.0, above, 401)[1:]), axis=1)
    if head.style == "basket":
        return np.concatenate([foot + np.linspace(0.0, 1.0, 1601)[:, None] * (girdle - foot), upper]), above
    # a flower stalk: steep outward from the crest, then upright past the girdle
    reach = float(np.linalg.norm(girdle - foot))
    chord = math.degrees(math.atan2(girdle[0] - foot[0], girdle[1] - foot[1]))
    steep = math.radians(min(70.0, 2.0 * chord - head.prong_lean_deg))
    start = np.array([math.sin(steep), math.cos(steep)])
    t = np.linspace(0.0, 1.0, 1601)[:, None]
    a, b = foot + 0.35 * reach * start, girdle - 0.35 * reach * up
    curve = (1 - t) ** 3 * foot + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * girdle
    return np.concatenate([curve, upper]), above


def claw_line(ring: HeadedRing) -> ClawLine | None:
    """The upper end of the head's claws; ``None`` for other tips."""
    head = ring.head
    if head.claw is None:
        return None
    lean, hook = math.radians(head.prong_lean_deg), math.radians(head.claw.hook_deg)
    return ClawLine(lean, hook, 0.5 * head.prong_diameter_girdle_mm, head.prong_tip_z_mm - head.girdle_z_mm)


def _prong_radius(ring: HeadedRing, s: Array, total: float, above: float) -> Array:
    """Radius of a prong at arc length ``s`` from its foot, mm."""
    head = ring.head
    r_girdle, r_base = 0.5 * head.prong_diameter_girdle_mm, 0.5 * head.prong_diameter_base_mm
    at_girdle = total - above
    below = np.clip((at_girdle - s) / max(at_girdle, 1e-6), 0.0, 1.0)
    # beside a small stone the girdle takes much of the prong's upper end: it narrows from the girdle's top on
    beside = ring.stone.girdle_mm * float(np.clip((_SHORT_MM - above) / 0.1, 0.0, 1.0))
    narrowing = np.clip((s - at_girdle - beside) / (above - beside), 0.0, 1.0)
    claw = claw_line(ring)
    radius = r_girdle + (r_base - r_girdle) * below - (0.06 * narrowing if claw is None else 0.0)
    # flared foot: a concave sweep over the lowest part
    flare = np.clip(1.0 - s / _FLARE_MM, 0.0, 1.0)
    if head.pair is None:  # between two prongs of a pair it would close their gap
        radius = radius + (0.16 if head.style == "basket" else 0.22) * flare**2
    if claw is not None:
        radius = np.where(s > at_girdle, claw.radius(s - at_girdle), radius)
    else:
        # the tip closes as an ellipse: flat dome or longer almond (proportions 1.4, claw and post tips)
        crown = _tip_length(ring)
        x = np.clip((s - (total - crown)) / crown, 0.0, 1.0)
        radius = radius * np.sqrt(np.clip(1.0 - (1.0 - _TIP_BLUNT**2) * x**2, 0.0, 1.0))
    if head.style == "basket":
        # the foot's lower end is rounded too: it shows from below beside a narrow bridge
        y = np.clip((_SOLE_MM - s) / _SOLE_MM, 0.0, 1.0)
        radius = radius * np.sqrt(1.0 - (1.0 - 0.55**2) * y**2)
    return radius


def _tip_length(ring: HeadedRing) -> float:
    head = ring.head
    above = (head.prong_tip_z_mm - head.girdle_z_mm) / math.cos(math.radians(head.prong_lean_deg))
    beyond_notch = ring.stone.girdle_mm + _TIP_OVER_NOTCH_MM
    length = (0.62 if head.tip == "dome" else 1.25) * 0.5 * head.prong_diameter_girdle_mm
    # under a small stone the prong keeps its full section at the girdle, and no edge of it meets the notch's corner
    over = beyond_notch if above < _SHORT_ALMOND_MM else _TIP_OVER_GIRDLE_MM
    return min(length, above - over)


def prong_line(ring: HeadedRing, samples: int = 41, post: bool = False) -> tuple[Array, Array]:
    """Axis and radius of a prong in its own plane: (n, 2) of (radius, z) and (n,) radii, mm.

    A straight prong (basket, no claw) comes as the corners of its silhouette, to be turned into cones; a
    curved one at the Greville sites of a clamped spline with ``samples`` coefficients, at equal
    arc length of the silhouette. ``post``: that of a V prong, which ends inside its pad.
    """
    fine, above = _prong_axis(ring)
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    total = float(s[-1])
    if ring.head.style == "basket" and (post or ring.head.claw is None):
        low = np.array([0.0, _SOLE_MM, _FLARE_MM])
        tip = total - _tip_length(ring)
        if post:
            at = np.array([*low, total - above - POST_BELOW_MM / math.cos(math.radians(ring.head.prong_lean_deg))])
            centres = np.stack([np.interp(at, s, fine[:, 0]), np.interp(at, s, fine[:, 1])], axis=1)
            extra = 0.0 if ring.head.v_prong is None else 0.5 * ring.head.v_prong.post_extra_mm
            return centres, _prong_radius(ring, at, total, above) + extra
        at = np.concatenate([low, [total - above], tip + _tip_length(ring) * np.sin(np.linspace(0.0, 0.5 * np.pi, 8))])
        at = np.unique(np.round(at, 9))
    else:
        radius = _prong_radius(ring, s, total, above)
        silhouette = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(s), np.diff(radius)))])
        sites = greville(clamped_knots(samples))
        at = np.interp(sites / sites[-1] * silhouette[-1], silhouette, s)
    centres = np.stack([np.interp(at, s, fine[:, 0]), np.interp(at, s, fine[:, 1])], axis=1)
    return centres, _prong_radius(ring, at, total, above)


def prong_azimuths(ring: HeadedRing) -> list[float]:
    """Azimuths of the prongs about +z from +x, radians."""
    if ring.head.places:
        return [math.radians(place.azimuth_deg) for place in ring.head.places]
    first = math.radians(ring.head.first_prong_azimuth_deg)
    return [first + 2.0 * math.pi * k / ring.head.prongs for k in range(ring.head.prongs)]


def alike_across(ring: HeadedRing) -> bool:
    """Whether the head is its own mirror image about y = 0 (as about x = 0, which every head is)."""
    spots = [(stand.x_mm, stand.y_mm, math.radians(stand.azimuth_deg)) for stand in ring.head.stands]
    return all(
        any(math.dist((x, -y), other[:2]) < 1e-6 and math.cos(turn + other[2]) > 1.0 - 1e-9 for other in spots)
        for x, y, turn in spots
    )


def prong_points(ring: HeadedRing, number: int, line: Array) -> Array:
    """Points (n, 3) of a prong's line (n, 2) of (radius, z) where prong ``number`` (from 0) stands."""
    points = turned(line, prong_azimuths(ring)[number])
    if not ring.head.places:
        return points
    place = ring.head.places[number]
    return np.asarray(points + np.array([place.x_mm, place.y_mm, 0.0]))


def turned(line: Array, azimuth: float) -> Array:
    """Points (n, 3) of a line (n, 2) of (radius, z) in the half plane at ``azimuth`` (radians)."""
    return np.stack([line[:, 0] * math.cos(azimuth), line[:, 0] * math.sin(azimuth), line[:, 1]], axis=1)


def head_obstacles(ring: HeadedRing) -> list[Obstacle]:
    """Posts and rails of the head as distances for platforms and skirts; of a head from a file its base."""
    if ring.head.own is not None:
        radius, crown = 0.5 * ring.head.own.base_diameter_mm, ring.head.own.base_z_mm
        return [Post(((0.0, 0.0, crown - _BASE_MM), (0.0, 0.0, crown + _BASE_MM)), (radius, radius))]
    found: list[Obstacle] = []
    line, radii = prong_line(ring)
    for number in range(ring.head.prongs):
        points = prong_points(ring, number, line)
        found.append(Post(tuple((float(x), float(y), float(z)) for x, y, z in points), tuple(float(r) for r in radii)))
    found.extend(_rail_obstacle(ring, rail) for rail in ring.gallery.rails)
    return found


def _rail_obstacle(ring: HeadedRing, rail: Rail) -> Obstacle:
    if not isinstance(ring.stone, FancyStone):
        return Hoop(rail.inner_radius_mm, rail.outer_radius_mm, rail.bottom_z_mm, rail.top_z_mm)
    loop = path_points(rail_path(ring.stone, rail))
    half = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm)
    return Track(tuple((float(x), float(y)) for x, y in loop), half, rail.bottom_z_mm, rail.top_z_mm)
