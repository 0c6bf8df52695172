"""From plan to metal: the closed limb, the channel with all its seats in one cut, mesh."""

from __future__ import annotations

from ringcad.fit.channel import tiles_across
from ringcad.fit.flush import flush_stones
from ringcad.kernel.boolean import check, cut
from ringcad.kernel.channel import channel_cutters
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.limb import joined, wall_faces
from ringcad.kernel.mesh import measured_mesh
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import ResolvedRing
from ringcad.template import BuiltRing, Emit, RingPlan, Soundness
from ringcad.templates.band.shape import crown_radius
from ringcad.templates.eternity.shape import crown_radius_mm, row


def cutters(ring: ResolvedRing) -> list[NamedShape]:
    """The slot and the seats."""
    return channel_cutters(row(ring), ring.bore_radius_mm, crown_radius_mm(ring))


def build(plan: RingPlan, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    emit("solids")
    across = tiles_across(row(ring), plan.nets)
    metal = joined([], wall_faces(plan.nets, plan.skin, plan.tile_stations, across))
    emit("cut")
    metal = cut(metal, cutters(ring))
    emit("mesh")
    mesh, measures = measured_mesh(metal, ring.export.chord_mm, ring.export.angle_deg)
    return BuiltRing(metal, mesh, tuple(flush_stones(ring, crown_radius(ring))), (), measures)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of the bare limb and the cutters."""
    genus = expected_genus(plan.nets, [], [], cutters(plan.resolved), mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
