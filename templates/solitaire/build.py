"""From plan to metal: the head's block (one fuse, one cut, a quarter mirrored), the hoop, flush seats, mesh."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ringcad.fit import bypass as bypass_line
from ringcad.fit import head_block
from ringcad.kernel import beads
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.head_block import LIFTS_MM, core_of, first_sound, whole_ring
from ringcad.kernel.limb import half, lifted, mirrored, quarter, without_caps
from ringcad.kernel.own_head import own_head
from ringcad.kernel.seats import flush_cutters
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import FancyStone, HeadedRing
from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness
from ringcad.templates.solitaire import block, bypass, halves, openings, own, pads, parts, shape


def center_cutters(ring: HeadedRing) -> list[NamedShape]:
    """What the centre stone needs: its seat in the prongs and room for its culet; of a heart what lies at x >= 0."""
    return [parts.center_cutter(ring), *pads.cutters(ring), *parts.culet_pocket(ring)]


def flush_seats(ring: HeadedRing) -> list[NamedShape]:
    """Seats of the stones in the shoulders."""
    return flush_cutters(ring, shape.crown_radius(ring))


def core(ring: HeadedRing, emit: Emit) -> Core:
    """The head with its bridge: all that no decoration changes. Raises ``Refused`` where a boolean fails."""
    if ring.head.own is not None:
        return own.core(ring, emit)
    if ring.shank.bypass is not None:
        return bypass.core(ring, halves.both_halves(ring, center_cutters(ring)), emit)
    if measured_outline(ring):
        whole = first_sound([partial(whole_head, ring, lift_mm, emit) for lift_mm in LIFTS_MM])
        return Core((without_caps(whole),))
    names = partial(parts.mirror_names, ring)
    return core_of(lambda lift_mm: quarter_head(ring, lift_mm, emit), names, not shape.alike_across(ring))


def measured_outline(ring: HeadedRing) -> bool:
    """Whether the stone's girdle is as measured, and so like no mirror image of itself."""
    return isinstance(ring.stone, FancyStone) and bool(ring.stone.outline_mm)


def whole_head(ring: HeadedRing, lift_mm: float, emit: Emit) -> NamedShape:
    """The whole head and bridge of a stone that is like no mirror image of itself; ``lift_mm`` as in a quarter."""
    emit("solids")
    body = own.whole_ground(ring)
    if cutters := openings.limb_cutters(ring):
        body = cut(body, [lifted(cutter, 2.0 * lift_mm) for cutter in cutters], "split" if ring.shank.split else "arch")
    rails = [lifted(part, 2.0 * lift_mm) for part in parts.rails(ring, out_mm=3.0 * lift_mm)]
    prongs = [lifted(part, lift_mm) for part in parts.prongs(ring)]
    emit("fuse")
    body = fuse([body, *rails, *prongs])
    emit("cut")
    return cut(body, center_cutters(ring))


def quarter_head(ring: HeadedRing, lift_mm: float, emit: Emit) -> NamedShape:
    """A quarter of head and bridge (of a stone alike about x = 0 alone the half x >= 0), closed by caps.

    Prongs stand ``lift_mm`` higher, rails and arch twice that.
    """
    emit("solids")
    nets = shape.limb_nets(ring)
    head = block.of(ring, nets)
    alike = shape.alike_across(ring)
    part = quarter if alike else half
    body = part(nets, head_block.skin(head, nets), head_block.end_station(head, nets), head.tile_step)
    axes = (0, 1) if alike else (0,)
    windows = openings.windows(ring)
    if windows:
        # the arch is cut from the bare limb: after the fuse the same prism would cut the head
        body = cut(body, [lifted(windows[0], 2.0 * lift_mm), openings.arm_clearance(ring)], "arch")
    if ring.shank.split is not None:
        body = cut(body, openings.splits(ring)[:1], "split")
    row = beads.bodies_of(ring, axes)
    if row:
        body = cut(fuse([body, *row]), beads.cutters_of(ring, axes), "seats")
    rails = [lifted(part, 2.0 * lift_mm) for part in parts.rails(ring, quarter=True, out_mm=3.0 * lift_mm)]
    if not alike and not isinstance(ring.stone, FancyStone):
        rails += [mirrored(part, 1, {}) for part in rails]
    prongs = [lifted(part, lift_mm) for part in parts.quarter_prongs(ring, axes)]
    cutters = center_cutters(ring)
    emit("fuse")
    body = fuse([body, *rails, *prongs])
    emit("cut")
    return cut(body, cutters)


def build(plan: RingPlan, made: Core, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    if ring.shank.bypass is not None:
        return bypass.build(plan, made, emit)
    stations = head_block.hoop_stations(ring, block.of(ring, plan.nets), plan.nets)
    return whole_ring(plan, made, stations, flush_seats(ring), shape.stones(ring), emit)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of undecorated parts."""
    ring = plan.resolved
    if ring.head.own is not None:
        head, center = [own_head(ring)], own.stone_cutters(ring)
    else:
        head, center = [*parts.rails(ring), *parts.prongs(ring)], halves.both_halves(ring, center_cutters(ring))
    head += beads.bodies_of(ring)
    cutters = [*center, *flush_seats(ring), *beads.cutters_of(ring)]
    if ring.shank.bypass is not None:
        first, found = bypass_line.first_station(plan.nets.stations.phi_deg), mesh_genus(built.mesh.triangles)
        genus = expected_genus(plan.nets, [], [bypass.bar(ring), *head], cutters, found, first)
        return Soundness(tuple(check(built.solid)), genus)
    # the skirts round the feet count: beside a narrow shank they close what is open between two feet
    skirted = replace(plan.nets, outer=head_block.skin(block.of(ring, plan.nets), plan.nets))
    genus = expected_genus(skirted, openings.limb_cutters(ring), head, cutters, mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
