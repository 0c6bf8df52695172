"""Where the head's block ends: the calm piece of shank with the head on it, the same whatever the decoration.

Everything of the head that touches the shank, its arches and its skirts lie inside; the block is
symmetric about the planes x = 0 and y = 0. Numpy only.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import flush
from ringcad.fit.limb import LimbNets, even_cuts, smooth_step, snap_poles
from ringcad.fit.skin import TILE_STATIONS, skirt_height
from ringcad.resolved import HeadedRing
from ringcad.templates.solitaire import arch, shape

Array = NDArray[np.float64]

#: The skirt stands for the fillet between skin and feet (design 9): its reach and height, mm.
SKIRT_REACH_MM = 0.45
SKIRT_HEIGHT_MM = 0.2
#: What is kept between the head's skirts, or an arch, and the section where the block ends.
_MARGIN_DEG = 1.0
_ARCH_MARGIN_DEG = 0.4
#: Over the last degrees before that section skirts fade out.
_FADE_DEG = 1.5
#: Over this height above an arch's roof skirts come back, mm.
_OVER_ROOF_MM = 0.4


def head_reach_deg(ring: HeadedRing) -> float:
    """Angle from the top up to which prongs and rails can touch the shank."""
    reach = 0.0
    line, radii = shape.prong_line(ring)
    bore = shape.bore_radius(ring)
    for azimuth in shape.prong_azimuths(ring):
        points = shape.turned(line, azimuth)
        away = np.hypot(points[:, 0], points[:, 2])
        outer = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2]) + np.arcsin(radii / away))
        near = away - radii < bore + shape.crown_line(ring, outer) + 0.2
        reach = max(reach, float(outer[near].max(initial=0.0)))
    for rail in ring.gallery.rails:
        angle = math.degrees(math.atan2(rail.outer_radius_mm, rail.bottom_z_mm))
        crown = bore + float(shape.crown_line(ring, np.array([angle]))[0])
        if math.hypot(rail.outer_radius_mm, rail.bottom_z_mm) < crown + 0.2:
            reach = max(reach, angle)
    return reach


def end_station(ring: HeadedRing, nets: LimbNets) -> int:
    """The station where the block ends and the decorated hoop begins, on the right (phi > 0)."""
    phi = nets.stations.phi_deg
    need = head_reach_deg(ring) + math.degrees(SKIRT_REACH_MM / shape.bore_radius(ring)) + _MARGIN_DEG
    need = max(need, arch.end_deg(ring) + _ARCH_MARGIN_DEG)
    return int(np.argmax(phi >= need))


def hoop_stations(ring: HeadedRing, nets: LimbNets) -> list[int]:
    """Stations where the hoop's tiles meet, from the block's right end round the bottom to its left end."""
    count = len(nets.stations.phi_deg)
    end = end_station(ring, nets)
    return flush.tile_stations(ring, nets, shape.crown_radius(ring), end - count, count - end)


def tile_stations(ring: HeadedRing, nets: LimbNets) -> tuple[int, ...]:
    """Stations where all tiles meet, ascending once round: the hoop's, then the block's."""
    count = len(nets.stations.phi_deg)
    hoop = hoop_stations(ring, nets)
    right = even_cuts(count // 2, hoop[0] + count, TILE_STATIONS)
    left = [count - station for station in reversed(right)]
    return (*hoop, *left[1:], *right[1:])


def zone_start_deg(ring: HeadedRing, nets: LimbNets, start_deg: float) -> float:
    """Where decoration that should begin at ``start_deg`` does begin: beyond all that the block's end hangs on."""
    first = float(nets.stations.phi_deg[end_station(ring, nets) + 2])
    return math.copysign(max(abs(start_deg), first), start_deg)


def skirt(ring: HeadedRing, nets: LimbNets) -> Array:
    """Height of the skin's smooth rise towards the feet of the head, (n, k); level at the block's end and beyond."""
    height = skirt_height(nets, shape.head_obstacles(ring), SKIRT_REACH_MM, SKIRT_HEIGHT_MM)
    phi = np.abs(nets.stations.phi_deg)
    if arch.opens(ring):
        height = height * _beside_arch(ring, nets)
    level_from = phi[end_station(ring, nets) - 2]
    return height * smooth_step((level_from - phi) / _FADE_DEG)[:, None]


def _beside_arch(ring: HeadedRing, nets: LimbNets) -> Array:
    """Share (n, k) of the skirts that stays in a cathedral: none in the corner of bridge and arm that the arch opens.

    There the arm rises steeply out of the bridge, and a rise of both along their normals would fold the skin.
    """
    corners = np.array([point for curve in arch.outline(ring, 1.0) for point in curve])
    roof = float(corners[:, 1].max())
    inner = corners[corners[:, 0] <= corners[:, 0].min() + 1e-9]
    start = math.degrees(math.atan2(float(inner[0, 0]), float(inner[:, 1].min())))
    phi = np.abs(nets.stations.phi_deg)
    over = smooth_step((nets.points[..., 2] - roof) / _OVER_ROOF_MM)
    fade = math.degrees(SKIRT_REACH_MM / shape.bore_radius(ring))
    under_head = smooth_step((start - phi) / fade)[:, None]
    return np.maximum(over, under_head)


def calm(ring: HeadedRing, nets: LimbNets, heights: Array) -> Array:
    """``heights`` (n, k) without those that the block's last section hangs on, and all before them."""
    middle = len(heights) // 2
    reach = end_station(ring, nets) - middle + 1
    found = heights.copy()
    found[middle - reach : middle + reach + 1] = 0.0
    return found


def skin(ring: HeadedRing, nets: LimbNets, heights: Array | None = None) -> Array:
    """Coefficients of the outer wall: the base, skirts round the head's feet, and ``heights`` beyond the block."""
    rise = skirt(ring, nets)
    if heights is not None:
        rise = rise + calm(ring, nets, heights)
    return snap_poles(nets.outer + nets.normals * rise[..., None])


def numbers(ring: HeadedRing) -> dict[str, Any]:
    """All that the block and the ring's genus follow from: everything but what the decoration shows."""
    found = ring.model_dump(mode="json", include={"ring", "stone", "shank", "head", "gallery", "accents"})
    # where the limb's stations are dense
    found["zones"] = [(zone.phi_start_deg, zone.phi_end_deg) for zone in ring.decoration]
    found["detail_min_mm"] = ring.foundry.detail_min_mm
    return found
