"""What is taken from the bare limb beside the head: windows under cathedral arms, openings of a split shank."""

from __future__ import annotations

import math

import numpy as np

from ringcad.kernel.limb import mirrored
from ringcad.kernel.parts import extruded, prism, revolve
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import FancyStone, HeadedRing
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.placed import convex_body, grown
from ringcad.templates.solitaire import arch, halves, split
from ringcad.templates.solitaire.parts import over_girdle

_Z = np.array([0.0, 0.0, 1.0])
_ORIGIN = np.zeros(3)


def limb_cutters(ring: HeadedRing) -> list[NamedShape]:
    """What is taken from the bare limb: windows under cathedral arms, and the clearance of the arms."""
    arches = windows(ring)
    return [*arches, *halves.both_halves(ring, [arm_clearance(ring)])] if arches else splits(ring)


def arm_clearance(ring: HeadedRing) -> NamedShape:
    """The stone with the rail's clearance round it: what cathedral arms must leave free, so that only prongs bear."""
    stone = ring.stone
    if isinstance(stone, FancyStone):
        top = (0.0, 0.0, 1.0, stone.girdle_mm + stone.crown_height_mm)
        body = convex_body(cut_stone(stone))
        return over_girdle(
            ring, grown(body, all_mm=ring.gallery.rail_clearance_mm, cuts=(top,), crown=False), "arch_right"
        )
    low, high = ring.head.girdle_z_mm, ring.head.girdle_z_mm + stone.girdle_mm + stone.crown_height_mm
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    clearance = ring.gallery.rail_clearance_mm
    r = 0.5 * stone.diameter_mm
    bottom = low - r * slope - clearance / math.cos(math.radians(stone.pavilion_angle_deg))
    wide = r + clearance
    profile = [(0.0, bottom), (wide, bottom + wide * slope), (wide, high), (0.0, high)]
    return revolve(profile, _ORIGIN, _Z, "arch_right")


def splits(ring: HeadedRing) -> list[NamedShape]:
    """What opens a split shank into two legs on both sides, the right one first."""
    if ring.shank.split is None:
        return []
    curves, way = split.outline(ring)
    right = extruded(curves, way, "split_right")
    return [right, mirrored(right, 0, {"split_right": "split_left"})]


def windows(ring: HeadedRing) -> list[NamedShape]:
    """Prisms that open the cathedral's arches on both sides, the right one first."""
    if not arch.opens(ring):
        return []
    half = 0.5 * ring.shank.width_top_mm + 0.6
    return [prism(arch.outline(ring, sign), half, name) for sign, name in ((1.0, "arch_right"), (-1.0, "arch_left"))]
