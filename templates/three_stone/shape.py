"""Where the metal of a three stone ring is: one bridge, and three heads each in its own frame. Numpy only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import head_block, side_shank
from ringcad.fit.decorate import decorate, judged
from ringcad.fit.flush import CrownRadius, flush_stones, seat_obstacles
from ringcad.fit.head_block import HeadBlock, shank_nets, station_density
from ringcad.fit.limb import LimbNets, smooth_step, station_angles
from ringcad.fit.obstacles import Hoop, Obstacle, Placed, Post, Track
from ringcad.fit.skin import Zone, net_size, zone, zone_size
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import Decoration, HeadedRing, SideHeads
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
    shank, group = ring.shank, sides(ring)[0]
    near = group.bridge_deg[1] + 6.0 - np.linspace(0.0, 180.0, 361)
    spread = station_density(ring, _NEAR_HEADS * smooth_step(near / 4.0))
    across = max(shank.width_top_mm, shank.head_width) + 2.0 * shank.outer_edge_radius_mm * 0.57
    around = 2.0 * math.pi * (ring.bore_radius_mm + shank.thickness_top_mm) * float(np.mean(spread))
    along, rows = net_size(around, across, ring.foundry.detail_min_mm)
    phi = station_angles(along, spread)
    return shank_nets(ring, phi, crown_line(ring, phi), side_shank.width_line(shank, group, phi), rows)


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
    group, alone = sides(ring)
    reach, frame = group.bridge_deg[0], group.frames[0]
    line, radii = solitaire.prong_line(alone)
    for number in range(alone.head.prongs):
        local = solitaire.prong_points(alone, number, line)
        points = local @ Placed(Hoop(0, 0, 0, 0), frame.origin_mm, frame.along, frame.axis).turn + frame.origin_mm
        away = np.hypot(points[:, 0], points[:, 2])
        outer = np.degrees(np.arctan2(points[:, 0], points[:, 2]) + np.arcsin(radii / away))
        near = away - radii < ring.bore_radius_mm + crown_line(ring, outer) + 0.2
        reach = max(reach, float(outer[near].max(initial=0.0)))
    return HeadBlock(ring.bore_radius_mm, reach, tuple(feet(ring)), crown_radius(ring))


def numbers(ring: HeadedRing) -> dict[str, Any]:
    """All that the block and the ring's genus follow from."""
    group = sides(ring)[0].model_dump(mode="json")
    return {**solitaire_block.numbers(ring), "sides": group}


def _place(ring: HeadedRing, nets: LimbNets, entry: Decoration) -> Zone:
    start = head_block.zone_start_deg(block(ring), nets, entry.phi_start_deg)
    return zone(nets, start, entry.phi_end_deg, entry.margin_mm)


def zones(ring: HeadedRing) -> dict[str, ZoneSize]:
    """Physical size of each decorated zone."""
    nets = limb_nets(ring) if ring.decoration else None
    return {} if nets is None else {entry.id: zone_size(_place(ring, nets, entry)) for entry in ring.decoration}


def plan(ring: HeadedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit all reliefs. Raises ``Refused`` with the findings when a bound is broken."""
    nets, head = limb_nets(ring), block(ring)
    junctions = [(foot, head_block.JUNCTION_RIM_MM) for foot in head.feet]
    places = {entry.id: _place(ring, nets, entry) for entry in ring.decoration}
    made = decorate(ring, nets, reliefs, places, junctions, seat_obstacles(ring, crown_radius(ring)))
    skin = head_block.skin(head, nets, made.heights_mm)
    summary, findings = judged(ring, nets, skin, made)
    return RingPlan(ring, nets, skin, head_block.tile_stations(ring, head, nets), tuple(findings), summary)


def stones(ring: HeadedRing) -> list[StoneInstance]:
    """Center stone, side stones on their heads' axes, flush stones."""
    group = sides(ring)[0]
    found = [StoneInstance("center", "center", (0.0, 0.0, ring.head.girdle_z_mm), (0.0, 0.0, 1.0))]
    for frame in group.frames:
        x, y, z = (o + group.head.girdle_z_mm * a for o, a in zip(frame.origin_mm, frame.axis, strict=True))
        found.append(StoneInstance(f"side_{frame.id}", "side", (x, y, z), frame.axis))
    return found + flush_stones(ring, crown_radius(ring))
