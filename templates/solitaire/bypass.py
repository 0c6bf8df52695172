"""A solitaire whose shank ends pass each other: two arms, the bar between them that carries the head, the head.

The head never touches the arms' skin, so that decoration runs to their ends: the block is all but the skin.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import bypass
from ringcad.fit.limb import even_cuts
from ringcad.fit.skin import TILE_STATIONS
from ringcad.kernel.boolean import cut, fuse
from ringcad.kernel.head_block import LIFTS_MM, first_sound, whole_ring
from ringcad.kernel.limb import lifted, stretch, without_caps
from ringcad.kernel.parts import extruded
from ringcad.kernel.surfaces import CAP, NamedShape
from ringcad.resolved import Bypass, HeadedRing
from ringcad.template import BuiltRing, Core, Emit, RingPlan
from ringcad.templates.solitaire import parts, shape

Array = NDArray[np.float64]
#: How deep the bar reaches into each arm, and the rounding of its edges, mm.
_INTO_ARM_MM, _BAR_EDGE_MM = 0.6, 0.3


def arms_of(ring: HeadedRing) -> Bypass:
    """The arms' numbers."""
    assert ring.shank.bypass is not None, "resolve gives a bypass ring its arms"
    return ring.shank.bypass


def bar(ring: HeadedRing) -> NamedShape:
    """What joins both arms under the head: a straight bar with rounded edges, clear of the finger."""
    arms, edge = arms_of(ring), _BAR_EDGE_MM
    x, y = 0.5 * arms.joint_width_mm, arms.flank_mm + _INTO_ARM_MM
    low, high = ring.bore_radius_mm + arms.joint_bottom_mm, ring.bore_radius_mm + arms.joint_top_mm

    def at(px: float, pz: float) -> Array:
        return np.array([px, -y, pz])

    corners = ((x, high, 45.0), (-x, high, 135.0), (-x, low, 225.0), (x, low, 315.0))
    curves: list[list[Array]] = []
    for px, pz, turn in corners:
        center = np.array([px - np.sign(px) * edge, pz - edge if pz == high else pz + edge])
        arc = [center + edge * np.array([np.cos(a), np.sin(a)]) for a in np.radians([turn - 45.0, turn, turn + 45.0])]
        if curves:
            curves.append([curves[-1][-1], at(*arc[0])])
        curves.append([at(*point) for point in arc])
    curves.append([curves[-1][-1], curves[0][0]])
    return extruded(curves, np.array([0.0, 2.0 * y, 0.0]), "bridge")


def core(ring: HeadedRing, cutters: list[NamedShape], emit: Emit) -> Core:
    """Both arms without their skin, the bar and the head. Raises ``Refused`` where a boolean fails."""
    block = first_sound([partial(_block, ring, cutters, lift_mm, emit) for lift_mm in LIFTS_MM])
    return Core((without_caps(block),))


def _block(ring: HeadedRing, cutters: list[NamedShape], lift_mm: float, emit: Emit) -> NamedShape:
    """The block, what makes way for the decorated skin named as caps; prongs and rails as much higher as asked."""
    emit("solids")
    nets = bypass.limb_nets(ring)
    right, left = bypass.block_stations(ring, nets)
    arms = [
        stretch(nets, nets.outer, stations[0], stations[-1], TILE_STATIONS, whole=True, end_names={end: "shank_side"})
        for stations, end in ((right, "begin"), (left, "end"))
    ]
    rails = [lifted(part, 2.0 * lift_mm) for part in parts.rails(ring)]
    prongs = [lifted(part, lift_mm) for part in parts.prongs(ring)]
    emit("fuse")
    body = fuse([*arms, bar(ring), *rails, *prongs])
    emit("cut")
    body = cut(body, cutters)
    return NamedShape(body.shape, tuple(CAP if name == "skin" else name for name in body.names))


def build(plan: RingPlan, made: Core, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    right, left = bypass.block_stations(ring, plan.nets)
    count = len(plan.nets.stations.phi_deg)
    hoop = even_cuts(right[-1] - count, left[0], TILE_STATIONS)
    return whole_ring(plan, made, hoop, [], shape.stones(ring), emit, (right, left))
