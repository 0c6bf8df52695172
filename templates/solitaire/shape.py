"""Where the metal of a solitaire is, as numbers: the shank's stations, the head's posts and rails."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import bypass, shank_line
from ringcad.fit.flush import CrownRadius, flush_stones
from ringcad.fit.head_block import shank_nets, station_density
from ringcad.fit.limb import LimbNets, smooth_step, station_angles
from ringcad.fit.prong_line import alike_across as alike_across
from ringcad.fit.prong_line import head_obstacles as head_obstacles
from ringcad.fit.prong_line import prong_azimuths as prong_azimuths
from ringcad.fit.prong_line import prong_line as prong_line
from ringcad.fit.prong_line import prong_points as prong_points
from ringcad.fit.shank_line import BRIDGE_DEG, body_line, bridge_share
from ringcad.fit.skin import net_size
from ringcad.resolved import HeadedRing, Rail
from ringcad.seats.places import StoneInstance

Array = NDArray[np.float64]


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
    if shank.bypass is not None:
        return bypass.limb_nets(ring)
    outer = bore_radius(ring) + shank.thickness_top_mm
    across = max(shank.width_top_mm, shank.head_width) + 2.0 * shank.outer_edge_radius_mm * 0.57
    spread = density(ring)
    # the mean density says how much longer the ring would be if it were fine everywhere
    length = 2.0 * math.pi * outer * float(np.mean(spread))
    along, rows = net_size(length, across, ring.foundry.detail_min_mm)
    phi = station_angles(along, spread)
    return shank_nets(ring, phi, crown_line(ring, phi), width_line(ring, phi), rows)


def stones(ring: HeadedRing) -> list[StoneInstance]:
    """All stones where they sit when set: the centre on +z, flush stones on their seats' axes."""
    center = StoneInstance("center", "center", (0.0, 0.0, ring.head.girdle_z_mm), (0.0, 0.0, 1.0))
    return [center, *flush_stones(ring, crown_radius(ring))]
