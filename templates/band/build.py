"""From plan to metal: the closed limb, seats, mesh."""

from __future__ import annotations

from ringcad.fit.flush import flush_stones, tiles_across
from ringcad.kernel.boolean import check, cut
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.limb import joined, wall_faces
from ringcad.kernel.mesh import measured_mesh
from ringcad.kernel.seats import flush_cutters
from ringcad.template import BuiltRing, Emit, RingPlan, Soundness
from ringcad.templates.band.shape import crown_radius


def build(plan: RingPlan, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    emit("solids")
    metal = joined([], wall_faces(plan.nets, plan.skin, plan.tile_stations, tiles_across(ring, plan.nets)))
    seats = flush_cutters(ring, crown_radius(ring))
    if seats:
        emit("cut")
        metal = cut(metal, seats)
    emit("mesh")
    mesh, measures = measured_mesh(metal, ring.export.chord_mm, ring.export.angle_deg)
    return BuiltRing(metal, mesh, tuple(flush_stones(ring, crown_radius(ring))), (), measures)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of the bare limb and the cutters."""
    cutters = flush_cutters(plan.resolved, crown_radius(plan.resolved))
    genus = expected_genus(plan.nets, [], [], cutters, mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
