"""The shank's lines round the finger: its width and the height of its crown line, from resolved numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import LimbStations, Recess, recess_depth, smooth_step
from ringcad.resolved import EURO_START_DEG, HEAD_TAPER_DEG, TAPER_DEG, EuroBase, ResolvedRing, Shank

Array = NDArray[np.float64]

#: Beyond its corner a euro shank runs on a circle for so long before it grows thinner, degrees.
EURO_CIRCLE_DEG = 2.0

#: Under a basket the shank is a bridge to the first angle and full height from the second on:
#: sold baskets lose half their depth over the last 15-20 degrees (proportions 2, Basket).
BRIDGE_DEG = (15.0, 33.0)


def _towards_bottom(phi_deg: Array) -> Array:
    """0 at the shoulders to 1 at the bottom."""
    return smooth_step((np.abs(phi_deg) - TAPER_DEG[0]) / (TAPER_DEG[1] - TAPER_DEG[0]))


def width_line(shank: Shank, phi_deg: Array) -> Array:
    """Width of the shank at angles from the top, mm (without bridge and cathedral arms)."""
    shoulders: Array | float = shank.width_top_mm
    if shank.taper != "straight":
        first, last = HEAD_TAPER_DEG[shank.taper]
        away = smooth_step((np.abs(phi_deg) - first) / (last - first))
        shoulders = shank.head_width + (shank.width_top_mm - shank.head_width) * away
    blend = _towards_bottom(phi_deg)
    return np.asarray(shoulders + (shank.width_bottom_mm - shoulders) * blend)


def recess(shank: Shank, phi_deg: Array) -> Recess | None:
    """The trough of a hollowed shank at its stations (n,)."""
    cut = shank.hollow
    if cut is None:
        return None
    away = np.abs(phi_deg)
    share = smooth_step((cut.phi_end_deg - away) / cut.fade_deg)
    if cut.phi_start_deg > 0.0:
        share = share * smooth_step((away - cut.phi_start_deg) / cut.fade_deg)
    return Recess(share, cut.wall_mm, cut.rim_mm, cut.flank_mm, cut.depth_mm)


def plain_stations(ring: ResolvedRing, phi_deg: Array) -> LimbStations:
    """The shank by its own lines all round, without bridge and cathedral."""
    shank, ones = ring.shank, np.ones(len(phi_deg))
    return LimbStations(
        phi_deg=phi_deg,
        height_mm=body_line(shank, phi_deg),
        width_mm=width_line(shank, phi_deg),
        crown_rise_mm=shank.crown_rise_mm * ones,
        outer_radius_mm=shank.outer_edge_radius_mm * ones,
        inner_radius_mm=shank.inner_edge_radius_mm * ones,
        comfort_rise_mm=shank.comfort_rise_mm * ones,
        bore_radius_mm=ring.bore_radius_mm,
        knife=shank.profile == "knife_edge",
        ellipse=shank.profile == "ellipse",
        recess=recess(shank, phi_deg),
    )


def hollow_volume_mm3(ring: ResolvedRing) -> float:
    """Metal that hollowing takes out of the shank."""
    if ring.shank.hollow is None:
        return 0.0
    phi = np.linspace(-180.0, 180.0, 1441)[:-1]
    y = np.linspace(-0.5 * ring.shank.widest, 0.5 * ring.shank.widest, 401)
    depth = recess_depth(plain_stations(ring, phi), np.broadcast_to(y, (len(phi), len(y))))
    square = (ring.bore_radius_mm + depth) ** 2 - ring.bore_radius_mm**2
    return float(np.sum(square) * 0.5 * (y[1] - y[0]) * np.radians(phi[1] - phi[0]))


#: How far from mid-width a full wall is asked for under a center stone: mm, and share of the shank's width.
_UNDER_STONE_MM, _UNDER_STONE_SHARE = 1.2, 0.3


def bridge_width(shank: Shank) -> float:
    """Width of the bridge that a basket lets into the shank, mm.

    An ellipse is thin towards its edges: its bridge keeps them out of what must be a full wall under the stone.
    """
    if shank.split is not None:
        return shank.head_width
    width = max(2.2, 0.62 * shank.head_width)
    if shank.profile == "ellipse":
        far = min(_UNDER_STONE_MM, _UNDER_STONE_SHARE * min(shank.width_top_mm, shank.head_width))
        width = max(width, 2.0 * (far + shank.outer_edge_radius_mm))
    return min(width, shank.head_width)


def euro_corner_deg(base: EuroBase) -> tuple[float, float]:
    """Angles from the bottom where the flat of a euro shank ends and where its rounded corner does."""
    reach, depth, _ = _corner(base)
    return math.degrees(math.atan2(reach, base.distance_mm)), math.degrees(math.atan2(reach, depth))


def _corner(base: EuroBase) -> tuple[float, float, float]:
    """The rounding's centre beside and below the finger axis, and the radius of the circle through the corners."""
    circle = math.hypot(base.distance_mm, 0.5 * base.width_mm)
    depth = base.distance_mm - base.corner_radius_mm
    return math.sqrt(max((circle - base.corner_radius_mm) ** 2 - depth**2, 0.0)), depth, circle


def _euro_line(shank: Shank, base: EuroBase, psi_deg: Array) -> Array:
    """Height of a euro shank at angles from the bottom: flat, rounded corner, circle, then smoothly the shoulders'."""
    bore = base.distance_mm - shank.thickness_bottom_mm
    flat_end, corner_end = euro_corner_deg(base)
    reach, depth, _ = _corner(base)
    psi = np.radians(psi_deg)
    flat = base.distance_mm / np.cos(np.minimum(psi, math.radians(flat_end)))
    away = math.hypot(reach, depth)
    turned = np.clip(math.radians(corner_end) - psi, 0.0, math.radians(corner_end - flat_end))
    corner = away * np.cos(turned) + np.sqrt(base.corner_radius_mm**2 - (away * np.sin(turned)) ** 2)
    last = 180.0 - EURO_START_DEG
    blend = smooth_step((last - psi_deg) / (last - corner_end - EURO_CIRCLE_DEG))
    body = shank.thickness_top_mm + (base.corner_thickness_mm - shank.thickness_top_mm) * blend
    return np.where(psi_deg <= flat_end, flat - bore, np.where(psi_deg <= corner_end, corner - bore, body))


def body_line(shank: Shank, phi_deg: Array) -> Array:
    """Height of the crown line over the bore at angles from the top, mm (without bridge and cathedral)."""
    rise = shank.thickness_bottom_mm - shank.thickness_top_mm
    if shank.base is not None:
        return _euro_line(shank, shank.base, 180.0 - np.abs(phi_deg))
    return shank.thickness_top_mm + rise * _towards_bottom(phi_deg)


def bridge_share(phi_deg: Array) -> Array:
    """0 on the bridge under a basket between plain shoulders to 1 where the shank has its own height again."""
    return smooth_step((np.abs(phi_deg) - BRIDGE_DEG[0]) / (BRIDGE_DEG[1] - BRIDGE_DEG[0]))
