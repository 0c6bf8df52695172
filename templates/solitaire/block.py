"""Where the head's block ends: the calm piece of shank with the head on it, the same whatever the decoration.

Everything of the head that touches the shank, its arches and its skirts lie inside; the block is
symmetric about the planes x = 0 and y = 0. Numpy only.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import head_block
from ringcad.fit.bead_row import bead_rows, reach_deg
from ringcad.fit.head_block import HeadBlock
from ringcad.fit.limb import LimbNets, smooth_step
from ringcad.fit.skin import TILE_STATIONS
from ringcad.resolved import HeadedRing
from ringcad.templates.solitaire import arch, shape, split

Array = NDArray[np.float64]

#: Stations to a tile of a block that carries a row of stones.
_ROW_STATIONS = 8
#: What is kept between an arch and the section where the block ends.
_ARCH_MARGIN_DEG = 0.4
#: Over this height above an arch's roof skirts come back, mm.
_OVER_ROOF_MM = 0.4


def head_reach_deg(ring: HeadedRing) -> float:
    """Angle from the top up to which prongs and rails can touch the shank."""
    if ring.head.own is not None:
        return math.degrees(math.asin(0.5 * ring.head.own.base_diameter_mm / ring.head.own.base_z_mm))
    reach = 0.0
    line, radii = shape.prong_line(ring)
    bore = shape.bore_radius(ring)
    for number in range(ring.head.prongs):
        points = shape.prong_points(ring, number, line)
        away = np.hypot(points[:, 0], points[:, 2])
        outer = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2]) + np.arcsin(radii / away))
        near = away - radii < bore + shape.crown_line(ring, outer) + 0.2
        reach = max(reach, float(outer[near].max(initial=0.0)))
    for rail in ring.gallery.rails:
        angle = math.degrees(math.atan2(rail.outer_side_mm, rail.bottom_z_mm))
        crown = bore + float(shape.crown_line(ring, np.array([angle]))[0])
        if math.hypot(rail.outer_side_mm, rail.bottom_z_mm) < crown + 0.2:
            reach = max(reach, angle)
    return reach


def of(ring: HeadedRing, nets: LimbNets) -> HeadBlock:
    """The block of a solitaire's head on its shank."""
    opens = arch.opens(ring)
    return HeadBlock(
        bore_radius_mm=shape.bore_radius(ring),
        tile_step=_ROW_STATIONS if bead_rows(ring) else TILE_STATIONS,
        reach_deg=max([head_reach_deg(ring), *(reach_deg(row) for row in bead_rows(ring))]),
        feet=tuple(shape.head_obstacles(ring)),
        crown=shape.crown_radius(ring),
        opened_deg=max(arch.end_deg(ring) + _ARCH_MARGIN_DEG, split.calm_deg(ring)),
        beside_openings=_beside_arch(ring, nets) if opens else None,
        eased=split.eased_mm(ring, nets.points) if ring.shank.split is not None else None,
    )


def _beside_arch(ring: HeadedRing, nets: LimbNets) -> Array:
    """Share (n, k) of the skirts that stays in a cathedral: none in the corner of bridge and arm that the arch opens.

    There the arm rises steeply out of the bridge, and a rise of both along their normals would fold the skin.
    """
    corners = np.array([point for curve in arch.outline(ring, 1.0) for point in curve])
    roof = float(corners[:, 1].max())
    inner = corners[corners[:, 0] <= corners[:, 0].min() + 1e-9]
    start = math.degrees(math.atan2(float(inner[0, 0]), float(inner[:, 1].min())))
    phi = np.abs(nets.stations.phi_deg)
    over = smooth_step((nets.points[..., 2] - roof) / _OVER_ROOF_MM)
    fade = math.degrees(head_block.SKIRT_REACH_MM / shape.bore_radius(ring))
    under_head = smooth_step((start - phi) / fade)[:, None]
    return np.maximum(over, under_head)


def numbers(ring: HeadedRing) -> dict[str, Any]:
    """All that the block and the ring's genus follow from: everything but what the decoration shows."""
    found = ring.model_dump(mode="json", include={"ring", "stone", "shank", "head", "gallery", "accents"})
    # where the limb's stations are dense
    found["zones"] = [(zone.phi_start_deg, zone.phi_end_deg) for zone in ring.along_shank]
    found["detail_min_mm"] = ring.foundry.detail_min_mm
    return found
