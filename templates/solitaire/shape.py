"""Where the metal of a solitaire is, as numbers: the shank's stations, the head's posts and rails."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import shank_line
from ringcad.fit.flush import CrownRadius, flush_stones
from ringcad.fit.head_block import shank_nets, station_density
from ringcad.fit.limb import LimbNets, smooth_step, station_angles
from ringcad.fit.obstacles import Hoop, Obstacle, Post, Track
from ringcad.fit.shank_line import BRIDGE_DEG, body_line, bridge_share
from ringcad.fit.skin import net_size
from ringcad.fit.spline import clamped_knots, greville
from ringcad.fit.v_prong import POST_BELOW_MM
from ringcad.resolved import FancyStone, HeadedRing, Rail
from ringcad.seats.places import StoneInstance
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


def bore_radius(ring: HeadedRing) -> float:
    """Radius of the finger hole, mm."""
    return ring.bore_radius_mm


def crown_line(ring: HeadedRing, phi_deg: Array) -> Array:
    """Height of the shank's crown line over the bore at ``phi_deg``, mm."""
    away = np.abs(phi_deg)
    shank, head = ring.shank, ring.head
    body = body_line(shank, away)
    if head.style == "stand":
        return body
    bridge = head.bridge_thickness_mm
    if ring.gallery.shoulders == "plain":
        return bridge + (body - bridge) * bridge_share(away)
    lift, top, meet, drop_start, drop_end = cathedral_line(ring)
    rise = np.clip((lift - away) / (lift - meet), 0.0, None)
    # one concave sweep, tangent to the shank's circle where it lifts off
    sweep = body + (top - shank.thickness_top_mm) * rise**2.3
    drop = smooth_step((away - drop_end) / (drop_start - drop_end))
    peak = shank.thickness_top_mm + (top - shank.thickness_top_mm) * ((lift - drop_start) / (lift - meet)) ** 2.3
    return np.where(away >= drop_start, sweep, bridge + (peak - bridge) * drop)


def crown_radius(ring: HeadedRing) -> CrownRadius:
    """Distance of the plain crown line from the finger axis as a function of the angle from the top."""
    return lambda phi_deg: bore_radius(ring) + float(crown_line(ring, np.array([phi_deg]))[0])


def cathedral_line(ring: HeadedRing) -> tuple[float, float, float, float, float]:
    """(lift angle, height where the arm meets the rail, that angle, start and end of the drop inside)."""
    radius = bore_radius(ring)
    rail = seat_rail(ring)
    z = ring.gallery.arm_top_z_mm
    x = rail.outer_side_mm
    meet = math.degrees(math.atan2(x, z))
    top = math.hypot(x, z) - radius
    inside = rail.outer_side_mm - 0.35 * (rail.outer_radius_mm - rail.inner_radius_mm)
    drop_start = math.degrees(math.atan2(inside, z))
    foot = max(rail.inner_side_mm - 0.45, 0.5)
    drop_end = math.degrees(math.atan2(foot, radius + ring.head.bridge_thickness_mm))
    return ring.gallery.lift_phi_deg, top, meet, drop_start, min(drop_end, drop_start - 2.5)


def seat_rail(ring: HeadedRing) -> Rail:
    """The upper rail of the head."""
    return next(r for r in ring.gallery.rails if r.name == "seat_rail")


def width_line(ring: HeadedRing, phi_deg: Array) -> Array:
    """Width of the shank at ``phi_deg``, mm."""
    away = np.abs(phi_deg)
    shank = ring.shank
    body = shank_line.width_line(shank, away)
    if ring.head.style == "stand":
        return body
    bridge = shank_line.bridge_width(shank)
    if ring.gallery.shoulders == "cathedral":
        lift, _, meet, _, drop_end = cathedral_line(ring)
        arm = min(ring.gallery.arm_width_mm, shank.head_width)
        body = arm + (body - arm) * smooth_step((away - meet) / (lift + 6.0 - meet))
        return bridge + (body - bridge) * smooth_step((away - drop_end) / (meet + 3.0 - drop_end))
    return bridge + (body - bridge) * smooth_step((away - 10.0) / 24.0)


def density(ring: HeadedRing) -> Array:
    """Wanted density of stations on phi = 0 ... 180 (361 samples): fine where decorated or steep."""
    phi = np.linspace(0.0, 180.0, 361)
    least = np.zeros_like(phi)
    if ring.head.style == "basket":
        # skirts need a pitch of a quarter millimetre; more tiles under the head only slow the fuse
        near_head, until = 0.55 if ring.gallery.shoulders == "cathedral" else 0.35, BRIDGE_DEG[1]
        if ring.shank.split is not None:
            near_head, until = 1.0, ring.shank.split.end_deg + 2.0
        least = near_head * smooth_step((until + 4.0 - phi) / 4.0)
    wanted = station_density(ring, least)
    # along a rising crown line equal angles are longer
    heights = crown_line(ring, phi)
    radius = bore_radius(ring) + heights
    slope = np.gradient(radius, np.radians(phi))
    return wanted * np.hypot(radius, slope) / float(np.mean(radius))


def limb_nets(ring: HeadedRing) -> LimbNets:
    """Base nets of the shank."""
    shank = ring.shank
    outer = bore_radius(ring) + shank.thickness_top_mm
    across = max(shank.width_top_mm, shank.head_width) + 2.0 * shank.outer_edge_radius_mm * 0.57
    spread = density(ring)
    # the mean density says how much longer the ring would be if it were fine everywhere
    length = 2.0 * math.pi * outer * float(np.mean(spread))
    along, rows = net_size(length, across, ring.foundry.detail_min_mm)
    phi = station_angles(along, spread)
    return shank_nets(ring, phi, crown_line(ring, phi), width_line(ring, phi), rows)


def _prong_axis(ring: HeadedRing) -> tuple[Array, float]:
    """Fine polyline (n, 2) of (radius, z) of a prong's axis from foot to tip, and the length above the girdle."""
    head = ring.head
    lean = math.radians(head.prong_lean_deg)
    foot = np.array([head.prong_foot_radius_mm, head.prong_foot_z_mm])
    girdle = np.array([head.prong_axis_radius_girdle_mm, head.girdle_z_mm])
    up = np.array([math.sin(lean), math.cos(lean)])
    above = (head.prong_tip_z_mm - head.girdle_z_mm) / math.cos(lean)
    tip = girdle + above * up
    if head.style == "basket":
        return foot + np.linspace(0.0, 1.0, 2001)[:, None] * (tip - foot), above
    # a flower stalk: steep outward from the crest, then upright past the girdle
    reach = float(np.linalg.norm(girdle - foot))
    chord = math.degrees(math.atan2(girdle[0] - foot[0], girdle[1] - foot[1]))
    steep = math.radians(min(70.0, 2.0 * chord - head.prong_lean_deg))
    start = np.array([math.sin(steep), math.cos(steep)])
    t = np.linspace(0.0, 1.0, 1601)[:, None]
    a, b = foot + 0.35 * reach * start, girdle - 0.35 * reach * up
    curve = (1 - t) ** 3 * foot + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * girdle
    return np.concatenate([curve, girdle + np.linspace(0.0, 1.0, 401)[1:, None] * (tip - girdle)]), above


def _prong_radius(ring: HeadedRing, s: Array, total: float, above: float) -> Array:
    """Radius of a prong at arc length ``s`` from its foot, mm."""
    head = ring.head
    r_girdle, r_base = 0.5 * head.prong_diameter_girdle_mm, 0.5 * head.prong_diameter_base_mm
    at_girdle = total - above
    below = np.clip((at_girdle - s) / max(at_girdle, 1e-6), 0.0, 1.0)
    # beside a small stone the girdle takes much of the prong's upper end: it narrows from the girdle's top on
    beside = ring.stone.girdle_mm * float(np.clip((_SHORT_MM - above) / 0.1, 0.0, 1.0))
    narrowing = np.clip((s - at_girdle - beside) / (above - beside), 0.0, 1.0)
    radius = r_girdle + (r_base - r_girdle) * below - 0.06 * narrowing
    # flared foot: a concave sweep over the lowest part
    flare = np.clip(1.0 - s / _FLARE_MM, 0.0, 1.0)
    radius = radius + (0.16 if head.style == "basket" else 0.22) * flare**2
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

    A straight prong (basket) comes as the corners of its silhouette, to be turned into cones; a
    curved one at the Greville sites of a clamped spline with ``samples`` coefficients, at equal
    arc length of the silhouette. ``post``: that of a V prong, which ends inside its pad.
    """
    fine, above = _prong_axis(ring)
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    total = float(s[-1])
    if ring.head.style == "basket":
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
    return points + np.array([place.x_mm, place.y_mm, 0.0])


def turned(line: Array, azimuth: float) -> Array:
    """Points (n, 3) of a line (n, 2) of (radius, z) in the half plane at ``azimuth`` (radians)."""
    return np.stack([line[:, 0] * math.cos(azimuth), line[:, 0] * math.sin(azimuth), line[:, 1]], axis=1)


def head_obstacles(ring: HeadedRing) -> list[Obstacle]:
    """Posts and rails of the head as distances for platforms and skirts."""
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


def stones(ring: HeadedRing) -> list[StoneInstance]:
    """All stones where they sit when set: the centre on +z, flush stones on their seats' axes."""
    center = StoneInstance("center", "center", (0.0, 0.0, ring.head.girdle_z_mm), (0.0, 0.0, 1.0))
    return [center, *flush_stones(ring, crown_radius(ring))]
