"""Where the metal of a bezel solitaire is, as numbers, and the relief on its shoulders. Numpy only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import bezel_rings, bezel_section, head_block, shank_line
from ringcad.fit.bezel_wall import WALL_FACES, WALL_REGION, fit_wall, wall_chart
from ringcad.fit.decorate import decorate, judged
from ringcad.fit.flush import CrownRadius, flush_stones, seat_obstacles
from ringcad.fit.head_block import HeadBlock
from ringcad.fit.limb import LimbNets, smooth_step, snap_poles, station_angles
from ringcad.fit.obstacles import Obstacle, Post
from ringcad.fit.shank_sides import side_zones, with_sides
from ringcad.fit.skin import Zone, net_size, zone, zone_size
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import BezelRing, Decoration
from ringcad.seats.places import StoneInstance
from ringcad.stones.girdles import girdle_of
from ringcad.template import RingPlan

Array = NDArray[np.float64]

#: A shank that is narrower than the bezel's foot widens to it between these angles from the top.
_WIDENS_DEG = (6.0, 32.0)
#: Density of stations under and beside the cup, whose skirt needs a pitch of a quarter millimetre.
_NEAR_CUP = 0.5


def crown_radius(ring: BezelRing) -> CrownRadius:
    """Distance of the plain crown line from the finger axis as a function of the angle from the top."""
    return lambda phi_deg: ring.bore_radius_mm + float(shank_line.body_line(ring.shank, np.array([phi_deg]))[0])


def width_line(ring: BezelRing, phi_deg: Array) -> Array:
    """Width of the shank at ``phi_deg``, mm: its own, and under the bezel at least what carries the foot."""
    own = shank_line.width_line(ring.shank, phi_deg)
    seat = np.maximum(own, ring.bezel.seat_width_mm)
    return seat + (own - seat) * smooth_step((np.abs(phi_deg) - _WIDENS_DEG[0]) / (_WIDENS_DEG[1] - _WIDENS_DEG[0]))


def limb_nets(ring: BezelRing) -> LimbNets:
    """Base nets of the shank."""
    shank = ring.shank
    outer = ring.bore_radius_mm + shank.thickness_top_mm
    angles = np.linspace(0.0, 180.0, 361)
    spread = head_block.station_density(ring, _NEAR_CUP * smooth_step((cup_reach_deg(ring) + 8.0 - angles) / 4.0))
    length = 2.0 * math.pi * outer * float(np.mean(spread))
    across = max(shank.widest, ring.bezel.seat_width_mm) + 2.0 * shank.outer_edge_radius_mm * 0.57
    along, rows = net_size(length, across, ring.foundry.detail_min_mm)
    phi = station_angles(along, spread)
    return head_block.shank_nets(ring, phi, shank_line.body_line(shank, phi), width_line(ring, phi), rows)


def cup_reach_deg(ring: BezelRing) -> float:
    """Angle from the top up to which the cup can touch the shank."""
    outside = bezel_section.outline(ring.bezel, ring.stone, 33)
    angle = np.degrees(np.arctan2(outside[:, 0], outside[:, 1]))
    crown = ring.bore_radius_mm + shank_line.body_line(ring.shank, angle)
    return float(angle[np.hypot(outside[:, 0], outside[:, 1]) < crown + 0.2].max(initial=0.0))


def block(ring: BezelRing) -> HeadBlock:
    """The calm piece of shank under the bezel."""
    outside, girdle = bezel_section.outline(ring.bezel, ring.stone), girdle_of(ring.stone)
    cup: Obstacle = Post(
        tuple((0.0, 0.0, float(z)) for z in outside[:, 1]), tuple(float(radius) for radius in outside[:, 0])
    )
    if girdle is not None:
        cup = bezel_rings.cup(ring.bezel, ring.stone, girdle)
    return HeadBlock(ring.bore_radius_mm, cup_reach_deg(ring), (cup,), crown_radius(ring))


def numbers(ring: BezelRing) -> dict[str, Any]:
    """All that the block and the ring's genus follow from: everything but what the decoration shows."""
    found = ring.model_dump(mode="json", include={"ring", "stone", "shank", "bezel", "accents"})
    # where the limb's stations are dense
    found["zones"] = [(zone.phi_start_deg, zone.phi_end_deg) for zone in ring.along_shank]
    found["detail_min_mm"] = ring.foundry.detail_min_mm
    return found


def stones(ring: BezelRing) -> list[StoneInstance]:
    """All stones where they sit when set: the centre on +z, flush stones on their seats' axes."""
    center = StoneInstance("center", "center", (0.0, 0.0, ring.bezel.girdle_z_mm), (0.0, 0.0, 1.0))
    return [center, *flush_stones(ring, crown_radius(ring))]


def _place(ring: BezelRing, nets: LimbNets, entry: Decoration) -> Zone:
    start = head_block.zone_start_deg(block(ring), nets, entry.phi_start_deg)
    return zone(nets, start, entry.phi_end_deg, entry.margin_mm)


def zones(ring: BezelRing) -> dict[str, ZoneSize]:
    """Physical size of each decorated zone."""
    found = {entry.id: wall_chart(ring).size for entry in ring.decoration if entry.region == WALL_REGION}
    if not ring.along_shank:
        return found
    nets = limb_nets(ring)
    found |= {entry.id: zone_size(_place(ring, nets, entry)) for entry in ring.shank_decoration}
    return found | side_zones(ring, nets, block(ring))


def plan(ring: BezelRing, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit all reliefs. Raises ``Refused`` with the findings when a bound is broken."""
    nets, head = limb_nets(ring), block(ring)
    junctions = [(foot, head_block.JUNCTION_RIM_MM) for foot in head.feet]
    places = {entry.id: _place(ring, nets, entry) for entry in ring.shank_decoration}
    made = decorate(ring, nets, reliefs, places, junctions, seat_obstacles(ring, head.crown))
    skin = head_block.skin(head, nets, made.heights_mm)
    nets, made = with_sides(ring, nets, reliefs, made, head)
    summary, findings = judged(ring, nets, skin, made)
    closed = {}
    for entry in ring.decoration:
        if entry.region == WALL_REGION:
            wall = fit_wall(ring, entry, reliefs[entry.id])
            closed[WALL_FACES] = snap_poles(wall.net)
            summary["zones"][entry.id] = wall.summary
            summary["wall_bound_mm"][WALL_FACES] = wall.bound
            findings += wall.findings
    stations = head_block.tile_stations(ring, head, nets)
    return RingPlan(ring, nets, skin, stations, tuple(findings), summary, closed)
