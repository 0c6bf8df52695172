"""A head from a user's own file on the solitaire's shank: the whole block at once, since nothing says it is alike."""

from __future__ import annotations

from functools import partial

import numpy as np

from ringcad.fit import head_block
from ringcad.kernel import beads
from ringcad.kernel.boolean import cut, fuse
from ringcad.kernel.head_block import first_sound
from ringcad.kernel.limb import lifted, quarter, stretch, whole_of_quarter, without_caps
from ringcad.kernel.own_head import as_splines, own_head
from ringcad.kernel.parts import revolve
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import HeadedRing
from ringcad.template import Core, Emit
from ringcad.templates.solitaire import block, halves, parts, shape

#: How far a bezel's way in is cut beyond its lip, mm.
_OVERRUN_MM = 1.0
#: Ways to join head and shank and to cut the seat, tried in turn: how much the head is lifted (mm, of no account on
#: metal), whether it and the seat's cutters are turned into splines. Where faces of a file and of a cutter meet almost
#: along a line one form can defeat the kernel and the other not.
_WAYS = ((0.0, False, False), (0.0, False, True), (0.0, True, False), (-0.02, False, False), (0.012, True, True))
_ORIGIN, _Z = np.zeros(3), np.array([0.0, 0.0, 1.0])


def core(ring: HeadedRing, emit: Emit) -> Core:
    """The head with the shank under it, cut and ready to be joined. Raises ``Refused`` and ``SpecError``."""
    emit("head_file")
    head = own_head(ring)
    emit("solids")
    ground, cutters = whole_ground(ring), stone_cutters(ring)
    tries = [partial(_joined, ground, head, cutters, *way, emit) for way in _WAYS]
    return Core((without_caps(first_sound(tries)),))


def whole_ground(ring: HeadedRing) -> NamedShape:
    """The calm piece of shank under the head, with its row of stones, closed at both ends."""
    nets = shape.limb_nets(ring)
    ground = block.of(ring, nets)
    end = head_block.end_station(ground, nets)
    skin = head_block.skin(ground, nets)
    row = beads.bodies_of(ring, (0, 1))
    if not row:
        return stretch(nets, skin, len(skin) - end, end, ground.tile_step, whole=True)
    # a quarter of the shank with its row, mirrored: the head alone is like none of its images
    part = quarter(nets, skin, end, ground.tile_step)
    part = cut(fuse([part, *row]), beads.cutters_of(ring, (0, 1)), "seats")
    return whole_of_quarter(part, [beads.mirror_names(ring, axis) for axis in (0, 1)])


def _joined(
    ground: NamedShape,
    head: NamedShape,
    cutters: list[NamedShape],
    lift_mm: float,
    head_splines: bool,
    seat_splines: bool,
    emit: Emit,
) -> NamedShape:
    emit("fuse")
    head = lifted(as_splines(head) if head_splines else head, lift_mm)
    body = fuse([ground, head])
    emit("cut")
    return cut(body, [as_splines(part) if seat_splines else part for part in cutters])


def stone_cutters(ring: HeadedRing) -> list[NamedShape]:
    """What the stone takes of head and shank: its seat, a bezel's way in, and room for a culet in the shank."""
    own = ring.head.own
    assert own is not None, "the ring's head is a file's"
    pocket = parts.culet_pocket(ring)
    if own.held_by == "bench":
        return pocket
    seat = [*halves.both_halves(ring, [parts.center_cutter(ring)]), *pocket]
    if own.held_by == "prongs":
        return seat
    wide = 0.5 * ring.stone.diameter_mm + ring.head.girdle_clearance_mm
    low, high = ring.head.girdle_z_mm + 0.5 * ring.stone.girdle_mm, ring.head.prong_tip_z_mm + _OVERRUN_MM
    way_in = revolve([(0.0, low), (wide, low), (wide, high), (0.0, high)], _ORIGIN, _Z, "seat_center")
    return [*seat, way_in]
