"""From plan to metal: three heads on one bridge (a quarter of them, mirrored), the hoop, flush seats, mesh."""

from __future__ import annotations

import numpy as np

from ringcad.fit import head_block
from ringcad.fit.skin import TILE_STATIONS
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.frames import placed
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.head_block import core_of, whole_ring
from ringcad.kernel.limb import halved, lifted, quarter
from ringcad.kernel.seats import flush_cutters
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import HeadedRing
from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness
from ringcad.templates.solitaire import build as solitaire
from ringcad.templates.solitaire import parts
from ringcad.templates.solitaire import shape as solitaire_shape
from ringcad.templates.three_stone import shape


def side_metal(ring: HeadedRing, which: int, lift_mm: float = 0.0, half: bool = False) -> list[NamedShape]:
    """Prongs and rails of a side head (0: right), or what of them stands at y >= 0."""
    group, alone = shape.sides(ring)
    frame, prongs = group.frames[which], range(alone.head.prongs)
    line, radii = solitaire_shape.prong_line(alone)
    found = [lifted(rail, 2.0 * lift_mm) for rail in parts.rails(alone)]
    crossing = [True] * len(found)
    for number in prongs:
        beside = solitaire_shape.prong_points(alone, number, line)[:, 1]
        if not half or float(np.max(beside)) > 0.0:
            found.append(lifted(parts.prong(alone, number), lift_mm))
            crossing.append(float(np.min(beside - radii)) < 0.0)
    moved = [placed(part, frame, f"side_{frame.id}_") for part in found]
    return [halved(part, 1) if half and cross else part for part, cross in zip(moved, crossing, strict=True)]


def side_cutters(ring: HeadedRing, which: int) -> list[NamedShape]:
    """Seat and room for the culet of a side stone."""
    group, alone = shape.sides(ring)
    return [
        placed(part, group.frames[which], f"side_{group.frames[which].id}_") for part in solitaire.center_cutters(alone)
    ]


def mirror_names(ring: HeadedRing, axis: int) -> dict[str, str]:
    """What faces are called in the mirror square to ``axis`` (0: x, 1: y)."""
    found, alone = parts.mirror_names(ring, axis), shape.sides(ring)[1]
    twins = parts.mirror_names(alone, axis)
    others = ("seat_rail", "base_rail", "seat_center", "culet_pocket") if axis == 0 else ()
    there = {"right": "left", "left": "right"} if axis == 0 else {"right": "right", "left": "left"}
    for side, other in there.items():
        found |= {f"side_{side}_{name}": f"side_{other}_{twin}" for name, twin in twins.items()}
        found |= {f"side_{side}_{name}": f"side_{other}_{name}" for name in others}
    return found


def core(ring: HeadedRing, emit: Emit) -> Core:
    """The heads with their bridge: all that no decoration changes. Raises ``Refused`` where a boolean fails."""
    return core_of(lambda lift_mm: _quarter(ring, lift_mm, emit), lambda axis: mirror_names(ring, axis))


def _quarter(ring: HeadedRing, lift_mm: float, emit: Emit) -> NamedShape:
    """A quarter of the center's head, half of a side head and their bridge, closed by caps."""
    emit("solids")
    nets, head = shape.limb_nets(ring), shape.block(ring)
    body = quarter(nets, head_block.skin(head, nets), head_block.end_station(head, nets), TILE_STATIONS)
    metal = [lifted(part, 2.0 * lift_mm) for part in parts.rails(ring, quarter=True, out_mm=3.0 * lift_mm)]
    metal += [lifted(part, lift_mm) for part in parts.quarter_prongs(ring)]
    metal += side_metal(ring, 0, lift_mm, half=True)
    cutters = [*solitaire.center_cutters(ring), *side_cutters(ring, 0)]
    emit("fuse")
    body = fuse([body, *metal])
    emit("cut")
    return cut(body, cutters)


def build(plan: RingPlan, made: Core, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    stations = head_block.hoop_stations(ring, shape.block(ring), plan.nets)
    return whole_ring(plan, made, stations, flush_cutters(ring, shape.crown_radius(ring)), shape.stones(ring), emit)


def soundness(plan: RingPlan, built: BuiltRing) -> Soundness:
    """The kernel's check of the whole metal, and its genus by meshes of undecorated parts."""
    ring = plan.resolved
    metal, cutters = [*parts.rails(ring), *parts.prongs(ring)], solitaire.center_cutters(ring)
    for which in (0, 1):
        metal, cutters = metal + side_metal(ring, which), cutters + side_cutters(ring, which)
    cutters += flush_cutters(ring, shape.crown_radius(ring))
    genus = expected_genus(plan.nets, [], metal, cutters, mesh_genus(built.mesh.triangles))
    return Soundness(tuple(check(built.solid)), genus)
