"""Where the metal of a band is, as numbers, and the relief on it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.decorate import decorate, judged
from ringcad.fit.flush import CrownRadius, seat_obstacles, tile_stations
from ringcad.fit.limb import LimbNets, build_nets, snap_poles, station_angles
from ringcad.fit.shank_line import body_line, plain_stations
from ringcad.fit.shank_sides import side_zones, with_sides
from ringcad.fit.skin import Zone, net_size, zone, zone_size
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import ResolvedRing
from ringcad.template import RingPlan

Array = NDArray[np.float64]

#: Density of stations where nothing is decorated, as a share of what strokes need.
_PLAIN_DENSITY = 0.5


def crown_radius(ring: ResolvedRing) -> CrownRadius:
    """Distance of the plain crown line from the finger axis as a function of the angle from the top."""
    return lambda phi_deg: ring.bore_radius_mm + float(body_line(ring.shank, np.array([phi_deg]))[0])


def limb_nets(ring: ResolvedRing) -> LimbNets:
    """Base nets of the band."""
    shank = ring.shank
    outer = ring.bore_radius_mm + shank.thickest
    width = shank.widest
    length = 2.0 * math.pi * outer * (1.0 if ring.decoration else _PLAIN_DENSITY)
    along, rows = net_size(length, width + 2.0 * shank.outer_edge_radius_mm * 0.57, ring.foundry.detail_min_mm)
    phi = station_angles(along, np.ones(361))
    return build_nets(plain_stations(ring, phi), rows)


def _places(ring: ResolvedRing, nets: LimbNets) -> dict[str, Zone]:
    return {
        entry.id: zone(nets, entry.phi_start_deg, entry.phi_end_deg, entry.margin_mm) for entry in ring.shank_decoration
    }


def zones(ring: ResolvedRing) -> dict[str, ZoneSize]:
    """Physical size of the decorated outside and sides."""
    if not ring.decoration:
        return {}
    nets = limb_nets(ring)
    found = {name: zone_size(place) for name, place in _places(ring, nets).items()}
    return found | side_zones(ring, nets)


def plan(ring: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit the relief. Raises ``Refused`` with the findings when a bound is broken."""
    nets = limb_nets(ring)
    crown = crown_radius(ring)
    made = decorate(ring, nets, reliefs, _places(ring, nets), [], seat_obstacles(ring, crown))
    skin = snap_poles(nets.outer + nets.normals * made.heights_mm[..., None])
    nets, made = with_sides(ring, nets, reliefs, made)
    summary, findings = judged(ring, nets, skin, made)
    stations = tuple(tile_stations(ring, nets, crown, 0, len(skin)))
    return RingPlan(ring, nets, skin, stations, tuple(findings), summary)
