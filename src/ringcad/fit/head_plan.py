"""From reliefs to a plan, for any head on its block of calm shank. Numpy only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import head_block
from ringcad.fit.decorate import decorate, judged
from ringcad.fit.flush import seat_obstacles
from ringcad.fit.head_block import HeadBlock, shank_nets, station_density
from ringcad.fit.limb import LimbNets, station_angles
from ringcad.fit.shank_sides import side_zones, with_sides
from ringcad.fit.skin import Zone, net_size, zone, zone_size
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import Decoration, ResolvedRing
from ringcad.template import RingPlan

Array = NDArray[np.float64]
Line = Callable[[Array], Array]


def limb_nets(ring: ResolvedRing, least: Array, crown_line: Line, width_line: Line) -> LimbNets:
    """Base nets of a shank by its lines over the angle from the top (degrees), mm.

    ``least`` is the density of stations at 361 angles from 0 to 180 that a head wants of itself.
    """
    shank, spread = ring.shank, station_density(ring, least)
    across = max(shank.width_top_mm, shank.head_width) + 2.0 * shank.outer_edge_radius_mm * 0.57
    # the mean density says how much longer the ring would be if it were fine everywhere
    around = 2.0 * math.pi * (ring.bore_radius_mm + shank.thickness_top_mm) * float(np.mean(spread))
    along, rows = net_size(around, across, ring.foundry.detail_min_mm)
    phi = station_angles(along, spread)
    return shank_nets(ring, phi, crown_line(phi), width_line(phi), rows)


def zones(ring: ResolvedRing, nets: LimbNets, head: HeadBlock) -> dict[str, ZoneSize]:
    """Physical size of each decorated zone, by the decoration's id."""
    found = {entry.id: zone_size(_place(nets, head, entry)) for entry in ring.shank_decoration}
    return found | side_zones(ring, nets, head)


def _place(nets: LimbNets, head: HeadBlock, entry: Decoration) -> Zone:
    start = head_block.zone_start_deg(head, nets, entry.phi_start_deg)
    return zone(nets, start, entry.phi_end_deg, entry.margin_mm)


def plan(ring: ResolvedRing, nets: LimbNets, head: HeadBlock, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit all reliefs beside a head. Raises ``Refused`` with the findings when a bound is broken."""
    junctions = [(foot, head_block.JUNCTION_RIM_MM) for foot in head.feet]
    places = {entry.id: _place(nets, head, entry) for entry in ring.shank_decoration}
    made = decorate(ring, nets, reliefs, places, junctions, seat_obstacles(ring, head.crown))
    skin = head_block.skin(head, nets, made.heights_mm)
    nets, made = with_sides(ring, nets, reliefs, made, head)
    summary, findings = judged(ring, nets, skin, made)
    return RingPlan(ring, nets, skin, head_block.tile_stations(ring, head, nets), tuple(findings), summary)
