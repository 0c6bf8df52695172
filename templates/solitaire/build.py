"""From plan to metal: the head's block (one fuse, one cut, a quarter mirrored), the hoop, flush seats, mesh."""

from __future__ import annotations

from ringcad.core.errors import Refused
from ringcad.fit.flush import tiles_across
from ringcad.fit.skin import TILE_STATIONS
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.limb import joined, lifted, mirrored, quarter, wall_faces, without_caps
from ringcad.kernel.mesh import measured_mesh
from ringcad.kernel.seats import flush_cutters
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import HeadedRing
from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness
from ringcad.templates.solitaire import block, parts, shape

#: Bodies whose edges meet within about a micrometre by chance can defeat a boolean: then its parts are tried
#: again, moved apart by this much (of no account on metal).
_LIFTS_MM = (0.0, 0.002, -0.003, 0.012)


def center_cutters(ring: HeadedRing) -> list[NamedShape]:
    """What the centre stone needs: its seat in the prongs and room for its culet."""
    return [parts.center_cutter(ring), *parts.culet_pocket(ring)]


def flush_seats(ring: HeadedRing) -> list[NamedShape]:
    """Seats of the stones in the shoulders."""
    return flush_cutters(ring, shape.crown_radius(ring))


def core(ring: HeadedRing, emit: Emit) -> Core:
    """The head with its bridge, cut and ready to be joined: all that no decoration changes.

    Head and bridge are symmetric about x = 0 and y = 0, so the booleans work on a quarter. Raises
    ``Refused`` where one of them fails.
    """
    for lift_mm in _LIFTS_MM:
        last = lift_mm == _LIFTS_MM[-1]
        try:
            body = _quarter_head(ring, lift_mm, emit)
        except Refused:
            if last:
                raise
            continue
        faults = check(body)
        if not faults:
            break
        if last:
            raise Refused(faults)
    first = without_caps(body)
    across = mirrored(first, 1, parts.mirror_names(ring, 1))
    there = parts.mirror_names(ring, 0)
    return Core((first, across, mirrored(first, 0, there), mirrored(across, 0, there)))


def _quarter_head(ring: HeadedRing, lift_mm: float, emit: Emit) -> NamedShape:
    """A quarter of head and bridge, closed by caps; prongs stand ``lift_mm`` higher, rails and arch twice that."""
    emit("solids")
    nets = shape.limb_nets(ring)
    body = quarter(nets, block.skin(ring, nets), block.end_station(ring, nets), TILE_STATIONS)
    openings = parts.windows(ring)
    if openings:
        # the arch is cut from the bare limb: after the fuse the same prism would cut the head
        body = cut(body, [lifted(openings[0], 2.0 * lift_mm), parts.arm_clearance(ring)], "arch")
    rails = [lifted(part, 2.0 * lift_mm) for part in parts.rails(ring, quarter=True)]
    prongs = [lifted(part, lift_mm) for part in parts.quarter_prongs(ring)]
    cutters = center_cutters(ring)
    emit("fuse")
    body = fuse([body, *rails, *prongs])
    emit("cut")
    return cut(body, cutters)


def build(plan: RingPlan, made: Core, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    emit("solids")
    hoop = wall_faces(plan.nets, plan.skin, block.hoop_stations(ring, plan.nets), tiles_across(ring, plan.nets))
    metal = joined(list(made.parts), hoop)
    seats = flush_seats(ring)
    if seats:
        emit("cut")
        metal = cut(metal, seats)
    emit("mesh")
    mesh, measures = measured_mesh(metal, ring.export.chord_mm, ring.export.angle_deg)
    return BuiltRing(metal, mesh, tuple(shape.stones(ring)), (), measures)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of undecorated parts."""
    ring = plan.resolved
    head = [*parts.rails(ring), *parts.prongs(ring)]
    cutters = [*center_cutters(ring), *flush_seats(ring)]
    genus = expected_genus(plan.nets, parts.limb_cutters(ring), head, cutters, mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
