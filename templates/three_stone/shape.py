"""Where the metal of a three stone ring is: one bridge, and three heads each in its own frame. Numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import head_plan, side_shank
from ringcad.fit.flush import CrownRadius, flush_stones
from ringcad.fit.head_block import HeadBlock
from ringcad.fit.limb import LimbNets, smooth_step
from ringcad.fit.obstacles import Hoop, Obstacle, Placed, Post, Track
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import HeadedRing, SideHeads
from ringcad.seats.places import StoneInstance
from ringcad.template import RingPlan
from ringcad.templates.solitaire import block as solitaire_block
from ringcad.templates.solitaire import shape as solitaire

Array = NDArray[np.float64]

#: Stations under the heads are this dense, so that skirts keep their shape; as beside a single basket.
_NEAR_HEADS = 0.35


def sides(ring: HeadedRing) -> tuple[SideHeads, HeadedRing]:
    """The side heads, and one of them as the head of a ring of its own."""
    alone = ring.side_ring
    assert ring.sides is not None and alone is not None, "resolve gives a three stone ring its side heads"
    return ring.sides, alone


def crown_line(ring: HeadedRing, phi_deg: Array) -> Array:
    """Height of the shank's crown line over the bore at ``phi_deg``, mm."""
    return side_shank.crown_line(ring.shank, ring.head.bridge_thickness_mm, sides(ring)[0], phi_deg)


def crown_radius(ring: HeadedRing) -> CrownRadius:
    """Distance of the plain crown line from the finger axis as a function of the angle from the top."""
    return lambda phi_deg: ring.bore_radius_mm + float(crown_line(ring, np.array([phi_deg]))[0])


def limb_nets(ring: HeadedRing) -> LimbNets:
    """Base nets of the shank."""
    group = sides(ring)[0]
    near = smooth_step((group.bridge_deg[1] + 6.0 - np.linspace(0.0, 180.0, 361)) / 4.0)
    return head_plan.limb_nets(
        ring, _NEAR_HEADS * near, partial(crown_line, ring), partial(side_shank.width_line, ring.shank, group)
    )


def feet(ring: HeadedRing) -> list[Obstacle]:
    """Posts and rails of all three heads as distances for platforms and skirts; side seat rails hang clear of it."""
    found, (group, alone) = solitaire.head_obstacles(ring), sides(ring)
    clear = alone.gallery.rails[0].bottom_z_mm
    for part in solitaire.head_obstacles(alone):
        assert isinstance(part, Post | Hoop | Track)
        if isinstance(part, Hoop) and part.bottom_z_mm >= clear:
            continue
        found += [Placed(part, frame.origin_mm, frame.along, frame.axis) for frame in group.frames]
    return found


def block(ring: HeadedRing) -> HeadBlock:
    """The calm piece of shank under the heads."""
    found, reach = feet(ring), sides(ring)[0].bridge_deg[0]
    for foot in found:
        if isinstance(foot, Placed) and isinstance(foot.part, Post):
            points, radii = foot.to_ring(np.array(foot.part.points)), np.array(foot.part.radii)
            away = np.hypot(points[:, 0], points[:, 2])
            outer = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2]) + np.arcsin(radii / away))
            near = away - radii < ring.bore_radius_mm + crown_line(ring, outer) + 0.2
            reach = max(reach, float(outer[near].max(initial=0.0)))
    return HeadBlock(ring.bore_radius_mm, reach, tuple(found), crown_radius(ring))


def numbers(ring: HeadedRing) -> dict[str, Any]:
    """All that the block and the ring's genus follow from."""
    group = sides(ring)[0].model_dump(mode="json")
    return {**solitaire_block.numbers(ring), "sides": group}


def zones(ring: HeadedRing) -> dict[str, ZoneSize]:
    """Physical size of each decorated zone."""
    return head_plan.zones(ring, limb_nets(ring), block(ring)) if ring.decoration else {}


def plan(ring: HeadedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit all reliefs. Raises ``Refused`` with the findings when a bound is broken."""
    return head_plan.plan(ring, limb_nets(ring), block(ring), reliefs)


def stones(ring: HeadedRing) -> list[StoneInstance]:
    """Center stone, side stones on their heads' axes, flush stones."""
    group = sides(ring)[0]
    found = [StoneInstance("center", "center", (0.0, 0.0, ring.head.girdle_z_mm), (0.0, 0.0, 1.0))]
    for frame in group.frames:
        x, y, z = (o + group.head.girdle_z_mm * a for o, a in zip(frame.origin_mm, frame.axis, strict=True))
        found.append(StoneInstance(f"side_{frame.id}", "side", (x, y, z), frame.axis))
    return found + flush_stones(ring, crown_radius(ring))
