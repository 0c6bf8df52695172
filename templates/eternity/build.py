"""From plan to metal: the closed limb, the channel with all its seats in one cut, mesh."""

from __future__ import annotations

from OCP.TopoDS import TopoDS_Face

from ringcad.fit.channel import tiles_across
from ringcad.fit.flush import flush_stones
from ringcad.fit.shared_prongs import plain_stations
from ringcad.kernel.boolean import check, cut
from ringcad.kernel.channel import channel_cutters
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.limb import joined, wall_faces
from ringcad.kernel.mesh import measured_mesh
from ringcad.kernel.shared_prongs import bodies, row_parts
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import ResolvedRing, SharedProngAccent
from ringcad.template import BuiltRing, Emit, RingPlan, Soundness
from ringcad.templates.band.shape import crown_radius
from ringcad.templates.eternity.shape import crown_radius_mm, row


def cutters(ring: ResolvedRing) -> list[NamedShape]:
    """The slot and the seats."""
    return channel_cutters(row(ring), ring.bore_radius_mm, crown_radius_mm(ring))


def plain_faces(accent: SharedProngAccent, plan: RingPlan) -> dict[str, list[TopoDS_Face]]:
    """The walls of the limb beyond the ends of a row between shared prongs; none all round."""
    if accent.all_round:
        return {}
    top = float(plan.nets.outer_knots[-1])
    return wall_faces(plan.nets, plan.skin, plain_stations(accent, plan.nets), [0.0, 0.5 * top, top])


def build(plan: RingPlan, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    emit("solids")
    shared = ring.shared_prongs
    if shared is not None:
        metal = joined(row_parts(ring, shared, plan.nets), plain_faces(shared, plan))
        emit("mesh")
        mesh, measures = measured_mesh(metal, ring.export.chord_mm, ring.export.angle_deg)
        return BuiltRing(metal, mesh, tuple(flush_stones(ring, crown_radius(ring))), (), measures)
    across = tiles_across(row(ring), plan.nets)
    metal = joined([], wall_faces(plan.nets, plan.skin, plan.tile_stations, across))
    emit("cut")
    metal = cut(metal, cutters(ring))
    emit("mesh")
    mesh, measures = measured_mesh(metal, ring.export.chord_mm, ring.export.angle_deg)
    return BuiltRing(metal, mesh, tuple(flush_stones(ring, crown_radius(ring))), (), measures)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of the bare limb and the cutters."""
    shared = plan.resolved.shared_prongs
    prongs, tools = ([], cutters(plan.resolved)) if shared is None else bodies(plan.resolved, shared)
    genus = expected_genus(plan.nets, [], prongs, tools, mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
