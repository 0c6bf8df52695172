"""The head's block: the calm piece of shank under a head, the same whatever the decoration. Numpy only.

All of a head that touches the shank, its skirts and the openings beside it lie inside; decoration begins beyond. The
block is symmetric about the planes x = 0 and y = 0, so that the kernel makes a quarter and mirrors it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import flush
from ringcad.fit.flush import CrownRadius
from ringcad.fit.limb import LimbNets, LimbStations, Swing, build_nets, even_cuts, smooth_step, snap_poles
from ringcad.fit.obstacles import Obstacle
from ringcad.fit.shank_line import recess
from ringcad.fit.skin import TILE_STATIONS, skirt_height
from ringcad.resolved import ResolvedRing

Array = NDArray[np.float64]

#: The skirt stands for the fillet between skin and feet (design 9): its reach and height, mm.
SKIRT_REACH_MM = 0.45
SKIRT_HEIGHT_MM = 0.2
#: Junction rim: fillet radius + 0.2 (design 8); the skirt's reach stands for the fillet.
JUNCTION_RIM_MM = SKIRT_REACH_MM + 0.2
#: What is kept between the head's skirts and the section where the block ends.
_MARGIN_DEG = 1.0
#: Over the last degrees before that section skirts fade out.
_FADE_DEG = 1.5


@dataclass(frozen=True)
class HeadBlock:
    """What of a head its block follows from.

    Attributes
    ----------
    bore_radius_mm : of the finger hole
    reach_deg : angle from the top up to which the head can touch the shank
    feet : its bodies where they meet the skin
    crown : the plain crown line
    opened_deg : angle from the top up to which the shank is opened beside the head, margin included
    beside_openings : (n, k) share of the skirts that stays beside such an opening; ``None`` for all of them
    eased : (n, k) how far the skin falls towards the edges of an opening, mm
    tile_step : stations to a tile; seats are cut faster from short ones
    """

    bore_radius_mm: float
    reach_deg: float
    feet: tuple[Obstacle, ...]
    crown: CrownRadius
    opened_deg: float = 0.0
    beside_openings: Array | None = None
    eased: Array | None = None
    tile_step: int = TILE_STATIONS


def end_station(block: HeadBlock, nets: LimbNets) -> int:
    """The station where the block ends and the decorated hoop begins, on the right (phi > 0)."""
    need = block.reach_deg + math.degrees(SKIRT_REACH_MM / block.bore_radius_mm) + _MARGIN_DEG
    return int(np.argmax(nets.stations.phi_deg >= max(need, block.opened_deg)))


def hoop_stations(ring: ResolvedRing, block: HeadBlock, nets: LimbNets) -> list[int]:
    """Stations where the hoop's tiles meet, from the block's right end round the bottom to its left end."""
    count = len(nets.stations.phi_deg)
    end = end_station(block, nets)
    return flush.tile_stations(ring, nets, block.crown, end - count, count - end)


def tile_stations(ring: ResolvedRing, block: HeadBlock, nets: LimbNets) -> tuple[int, ...]:
    """Stations where all tiles meet, ascending once round: the hoop's, then the block's."""
    count = len(nets.stations.phi_deg)
    hoop = hoop_stations(ring, block, nets)
    right = even_cuts(count // 2, hoop[0] + count, block.tile_step)
    left = [count - station for station in reversed(right)]
    return (*hoop, *left[1:], *right[1:])


def zone_start_deg(block: HeadBlock, nets: LimbNets, start_deg: float) -> float:
    """Where decoration that should begin at ``start_deg`` does begin: beyond all that the block's end hangs on."""
    first = float(nets.stations.phi_deg[end_station(block, nets) + 2])
    return math.copysign(max(abs(start_deg), first), start_deg)


def skirt(block: HeadBlock, nets: LimbNets) -> Array:
    """Height of the skin's smooth rise towards the feet of the head, (n, k); level at the block's end and beyond."""
    height = skirt_height(nets, list(block.feet), SKIRT_REACH_MM, SKIRT_HEIGHT_MM)
    if block.beside_openings is not None:
        height = height * block.beside_openings
    if block.eased is not None:
        height = height - block.eased
    phi = np.abs(nets.stations.phi_deg)
    level_from = phi[end_station(block, nets) - 2]
    return height * smooth_step((level_from - phi) / _FADE_DEG)[:, None]


def calm(block: HeadBlock, nets: LimbNets, heights: Array) -> Array:
    """``heights`` (n, k) without those that the block's last section hangs on, and all before them."""
    middle = len(heights) // 2
    reach = end_station(block, nets) - middle + 1
    found = heights.copy()
    found[middle - reach : middle + reach + 1] = 0.0
    return found


def skin(block: HeadBlock, nets: LimbNets, heights: Array | None = None) -> Array:
    """Coefficients of the outer wall: the base, skirts round the head's feet, and ``heights`` beyond the block."""
    rise = skirt(block, nets)
    if heights is not None:
        rise = rise + calm(block, nets, heights)
    return snap_poles(nets.outer + nets.normals * rise[..., None])


def station_density(ring: ResolvedRing, least: Array) -> Array:
    """Wanted density of stations on phi = 0 ... 180 (as many samples as ``least``): fine where decorated or set."""
    phi = np.linspace(0.0, 180.0, len(least))
    wanted = np.maximum(least, 0.25)
    for zone in ring.along_shank:
        low, high = sorted((abs(zone.phi_start_deg), abs(zone.phi_end_deg)))
        inside = smooth_step((phi - low + 6.0) / 4.0) * smooth_step((high + 6.0 - phi) / 4.0)
        wanted = np.maximum(wanted, 0.25 + 0.75 * inside)
    for accent in flush.drilled(ring):
        for seat in accent.seats:
            near = smooth_step((8.0 - np.abs(phi - abs(seat.phi_deg))) / 3.0)
            wanted = np.maximum(wanted, 0.85 * near)
    return wanted


def shank_nets(
    ring: ResolvedRing, phi_deg: Array, height_mm: Array, width_mm: Array, rows: int, swing: Swing | None = None
) -> LimbNets:
    """Base nets of a shank whose crown line and width are given at its stations (n,), mm."""
    shank = ring.shank
    ones = np.ones(len(phi_deg))
    # a thin bridge is flatter and hardly eased, or its edges would be thinner than a wall may be
    thin = np.clip(height_mm / shank.thickness_top_mm, 0.0, 1.0) ** 2
    return build_nets(
        LimbStations(
            phi_deg=phi_deg,
            height_mm=height_mm,
            width_mm=width_mm,
            crown_rise_mm=shank.crown_rise_mm * np.clip(width_mm / shank.width_top_mm, 0.4, 1.0) * thin,
            outer_radius_mm=shank.outer_edge_radius_mm * ones,
            inner_radius_mm=shank.inner_edge_radius_mm * np.sqrt(thin),
            comfort_rise_mm=shank.comfort_rise_mm * thin,
            bore_radius_mm=ring.bore_radius_mm,
            knife=shank.profile == "knife_edge",
            ellipse=shank.profile == "ellipse",
            recess=recess(shank, phi_deg),
            swing=swing,
        ),
        rows,
    )
