"""From plan to metal: the bezel on its piece of shank (one fuse, one cut, a quarter mirrored), the hoop, mesh."""

from __future__ import annotations

import math

import numpy as np

from ringcad.fit import bezel_rings, bezel_section, head_block
from ringcad.fit.bezel_wall import wall_chart
from ringcad.fit.skin import TILE_STATIONS
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.closed_net import open_between
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.head_block import core_of, whole_ring
from ringcad.kernel.limb import quarter
from ringcad.kernel.parts import prism, revolve, revolve_curves
from ringcad.kernel.rings import ring_body, station_body
from ringcad.kernel.seats import flush_cutters
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import BezelRing
from ringcad.stones.girdles import girdle_of, pavilion_rise
from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness
from ringcad.templates.bezel_solitaire import shape

_Z, _ORIGIN = np.array([0.0, 0.0, 1.0]), np.zeros(3)
#: An open side goes this far below the ledge, so that the stone is seen from the side, and past lip and wall, mm.
_BELOW_LEDGE_MM, _OVER_MM = 0.15, 1.0


def bezel(ring: BezelRing, quarter: bool = False, lift_mm: float = 0.0) -> NamedShape:
    """Collar and cup, still full; the foot reaches into the shank. A quarter makes way for a decorated wall."""
    girdle, band = girdle_of(ring.stone), ring.bezel.band
    if girdle is None:
        curves = bezel_section.outside(ring.bezel, ring.stone, lift_mm)
        body = revolve_curves(curves, _ORIGIN, _Z, "bezel", quarter)
    else:
        strips = bezel_rings.outside_strips(ring.bezel, ring.stone, girdle, lift_mm)
        if quarter and band is not None and not girdle.even:  # its relief's one spline does not follow steps of bend
            chart = wall_chart(ring)
            ways = np.stack([np.cos(chart.azimuth_rad), np.sin(chart.azimuth_rad)], axis=1)
            body = station_body(chart.base_mm + girdle.half_width_mm * ways, ways, strips, "bezel", quarter)
        else:
            body = ring_body(girdle, strips, "bezel", quarter)
    return body if band is None or not quarter else open_between(body, band.low_z_mm, band.high_z_mm)


def seat(ring: BezelRing) -> NamedShape:
    """Opening, ledge along the pavilion, relief under it and the hole for light, through to the finger."""
    girdle = girdle_of(ring.stone)
    if girdle is not None:
        strips = bezel_rings.inside_strips(ring.bezel, ring.stone, girdle, ring.bore_radius_mm)
        return ring_body(girdle, strips, "seat_center")
    return revolve(bezel_section.inside(ring.bezel, ring.stone, ring.bore_radius_mm), _ORIGIN, _Z, "seat_center")


def open_sides(ring: BezelRing) -> list[NamedShape]:
    """The scoop along y that leaves two opposed arcs of a half bezel; none of a full one."""
    found, stone = ring.bezel, ring.stone
    if not found.open_deg:
        return []
    wide = bezel_section.collar_radius(found, stone, found.top_z_mm)
    across = 0.5 * stone.diameter_mm * math.sin(math.radians(0.5 * found.open_deg))
    slope = pavilion_rise(stone)
    low = found.girdle_z_mm - found.ledge_mm * slope - _BELOW_LEDGE_MM
    # the scoop's bottom is an arc that ends upright at the arcs' ends
    bend = min(across, 0.8 * (found.top_z_mm - low))
    top = found.top_z_mm + _OVER_MM
    curves = [
        [(-across, top), (-across, low + bend)],
        [(-across, low + bend), (0.0, low), (across, low + bend)],
        [(across, low + bend), (across, top)],
        [(across, top), (-across, top)],
    ]
    return [prism(curves, wide + _OVER_MM, "bezel")]


def flush_seats(ring: BezelRing) -> list[NamedShape]:
    """Seats of the stones in the shoulders."""
    return flush_cutters(ring, shape.crown_radius(ring))


def core(ring: BezelRing, emit: Emit) -> Core:
    """The bezel with the shank under it: all that no decoration changes. Raises ``Refused`` where a boolean fails."""
    return core_of(lambda lift_mm: _quarter_bezel(ring, lift_mm, emit), lambda axis: {})


def _quarter_bezel(ring: BezelRing, lift_mm: float, emit: Emit) -> NamedShape:
    """A quarter of bezel and shank, closed by caps; the full bezel stands ``lift_mm`` higher."""
    emit("solids")
    nets, head = shape.limb_nets(ring), shape.block(ring)
    shank = quarter(nets, head_block.skin(head, nets), head_block.end_station(head, nets), TILE_STATIONS)
    emit("fuse")
    body = fuse([shank, bezel(ring, quarter=True, lift_mm=lift_mm)])
    emit("cut")
    return cut(body, [seat(ring), *open_sides(ring)])


def build(plan: RingPlan, made: Core, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    stations = head_block.hoop_stations(ring, shape.block(ring), plan.nets)
    return whole_ring(plan, made, stations, flush_seats(ring), shape.stones(ring), emit)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of undecorated parts."""
    ring = plan.resolved
    cutters = [seat(ring), *open_sides(ring), *flush_seats(ring)]
    genus = expected_genus(plan.nets, [], [bezel(ring)], cutters, mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
