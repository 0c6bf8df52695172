"""From resolved numbers and reliefs to a plan. Numpy only."""

from __future__ import annotations

from collections.abc import Mapping

from ringcad.fit import bypass, head_block
from ringcad.fit.decorate import decorate, judged
from ringcad.fit.flush import seat_obstacles
from ringcad.fit.limb import LimbNets, snap_poles
from ringcad.fit.shank_sides import side_zones, with_sides
from ringcad.fit.skin import Zone, zone, zone_size
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import Decoration, HeadedRing
from ringcad.template import RingPlan
from ringcad.templates.solitaire import block, shape


def zones(ring: HeadedRing) -> dict[str, ZoneSize]:
    """Physical size of each decorated zone."""
    if not ring.along_shank:
        return {}
    nets = shape.limb_nets(ring)
    found = {entry.id: zone_size(_place(ring, nets, entry)) for entry in ring.shank_decoration}
    return found if ring.side_decoration is None else found | side_zones(ring, nets, block.of(ring, nets))


def _place(ring: HeadedRing, nets: LimbNets, entry: Decoration) -> Zone:
    if ring.shank.bypass is not None:
        return zone(nets, entry.phi_start_deg, entry.phi_end_deg, entry.margin_mm)
    start = head_block.zone_start_deg(block.of(ring, nets), nets, entry.phi_start_deg)
    return zone(nets, start, entry.phi_end_deg, entry.margin_mm)


def plan(ring: HeadedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit all reliefs. Raises ``Refused`` with the findings when a bound is broken."""
    nets = shape.limb_nets(ring)
    if ring.shank.bypass is not None:
        return _on_arms(ring, nets, reliefs)
    junctions = [(foot, head_block.JUNCTION_RIM_MM) for foot in shape.head_obstacles(ring)]
    places = {entry.id: _place(ring, nets, entry) for entry in ring.shank_decoration}
    seats = seat_obstacles(ring, shape.crown_radius(ring))
    made = decorate(ring, nets, reliefs, places, junctions, seats)
    head = block.of(ring, nets)
    skin = head_block.skin(head, nets, made.heights_mm)
    nets, made = with_sides(ring, nets, reliefs, made, head)
    summary, findings = judged(ring, nets, skin, made)
    return RingPlan(ring, nets, skin, head_block.tile_stations(ring, head, nets), tuple(findings), summary)


def _on_arms(ring: HeadedRing, nets: LimbNets, reliefs: Mapping[str, Relief]) -> RingPlan:
    """The plan of a shank whose ends pass each other: the head leaves all of its skin free."""
    places = {entry.id: _place(ring, nets, entry) for entry in ring.shank_decoration}
    made = decorate(ring, nets, reliefs, places, [], [])
    skin = snap_poles(nets.outer + nets.normals * made.heights_mm[..., None])
    summary, findings = judged(ring, nets, skin, made)
    return RingPlan(ring, nets, skin, bypass.tile_stations(ring, nets), tuple(findings), summary)
