"""From plan to metal: the solitaire's quarter head with rim and beads on it and the row's seats cut, hoop, mesh."""

from __future__ import annotations

from ringcad.fit import head_block
from ringcad.kernel import beads
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.head_block import core_of, whole_ring
from ringcad.kernel.limb import lifted
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import HeadedRing, ResolvedRing
from ringcad.seats.places import StoneInstance
from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness
from ringcad.templates.halo import parts
from ringcad.templates.solitaire import block, openings, shape
from ringcad.templates.solitaire import build as solitaire
from ringcad.templates.solitaire import parts as head_parts


def stones(center: list[StoneInstance], resolved: ResolvedRing) -> list[StoneInstance]:
    """The solitaire's stones, and those of the row."""
    assert resolved.halo_row is not None, "resolve gives this template its halo"
    row = [StoneInstance(seat.id, "halo", seat.origin_mm, seat.axis) for seat in resolved.halo_row.seats]
    return [*center, *row]


def core(ring: HeadedRing, emit: Emit) -> Core:
    """The head with its rim: all that no decoration changes. Raises ``Refused`` where a boolean fails."""
    return core_of(lambda lift_mm: _quarter_head(ring, lift_mm, emit), lambda axis: _mirror_names(ring, axis))


def _quarter_head(ring: HeadedRing, lift_mm: float, emit: Emit) -> NamedShape:
    """A quarter of the head with its rim, closed by caps; beads and rim stand higher by multiples of ``lift_mm``."""
    head = solitaire.quarter_head(ring, lift_mm, emit)
    emit("fuse")
    # a decorated rim meets its relief: it stays where it is, and the others move
    up = 1.5 if ring.halo is None or ring.halo.band is None else 0.0
    rims = [lifted(rim, up * lift_mm) for rim in parts.rims(ring, quarter=True)]
    metal = fuse([head, *rims, *(lifted(body, 2.5 * lift_mm) for body in parts.quarter_bodies(ring))])
    emit("cut")
    return cut(metal, parts.cutters(ring, quarter=True), "seats")


def _mirror_names(ring: HeadedRing, axis: int) -> dict[str, str]:
    row = ring.model_copy(update={"accents": (parts.row_of(ring),)})
    return {**head_parts.mirror_names(ring, axis), **beads.mirror_names(row, axis)}


def build(plan: RingPlan, made: Core, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    stations = head_block.hoop_stations(ring, block.of(ring, plan.nets), plan.nets)
    placed = stones(shape.stones(ring), ring)
    return whole_ring(plan, made, stations, solitaire.flush_seats(ring), placed, emit)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of undecorated parts."""
    ring = plan.resolved
    head = [*head_parts.rails(ring), *head_parts.prongs(ring), *parts.rims(ring), *parts.bodies(ring)]
    cutters = [*solitaire.center_cutters(ring), *solitaire.flush_seats(ring), *parts.cutters(ring)]
    genus = expected_genus(plan.nets, openings.limb_cutters(ring), head, cutters, mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
