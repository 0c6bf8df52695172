"""Relief on the flanks of a shank, measured on the mesh: metal from flank to flank, widths and heights of strokes.

Rays along the finger meet either flank; its calm rims, on the mesh itself, are the ground that heights count from.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Decoration, ResolvedRing
from ringcad.verify.detail import DetailZone, judge_heights
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM, Chart
from ringcad.verify.sites import SiteWall, thinnest

Array = NDArray[Any]

REGION, SITE = "shank.sides", "side_relief"
_RIM_MM = 0.05
"""The rims are met so far inside the flank's edges."""
_OUT_MM = 1.0
"""Rays start so far outside of the shank."""
_AGAIN_MM = 1.0
"""So much of the beginning comes again at the chart's end, for strokes across its join."""


def measure_sides(caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """The metal from flank to flank at every pixel of the chart; none without such a relief."""
    if all(zone.region != REGION for zone in resolved.decoration):
        return []
    (left, start), (right, _) = (_met(caster, resolved, sign) for sign in (-1.0, 1.0))
    length = (right - left).ravel()
    begin = start.reshape(-1, 3).copy()
    begin[:, 1] = left.ravel()
    met = np.isfinite(length)
    way = np.broadcast_to(np.array([0.0, 1.0, 0.0]), begin.shape)
    return [thinnest(SITE, begin[met], way[met], length[met], resolved.foundry.wall_min_mm)]


def side_heights(caster: RayCaster, resolved: ResolvedRing, sign: float) -> tuple[Array, Chart]:
    """Heights (rows from the outer edge inward, columns round the finger) over the rims of the flank at ``sign`` y."""
    place, points = _met(caster, resolved, sign)
    ground = 0.5 * (place[:1] + place[-1:])
    height = sign * (place - ground)
    points = points.copy()
    points[..., 1] = place
    down = np.arange(len(place)) * PIXEL_MM
    return height, Chart(height, points, down, np.full(place.shape[1], 0.5 * float(down[-1])), PIXEL_MM)


def measure_side_detail(caster: RayCaster, resolved: ResolvedRing, zone: Decoration) -> DetailZone | None:
    """Widths and heights of the relief, of the flank with the narrower stroke."""
    found = []
    for sign in (-1.0, 1.0):
        height, chart = side_heights(caster, resolved, sign)
        if zone.mode == "engrave":  # ridges between the grooves stand on the grooves' floor
            height = height - float(np.nanpercentile(height, 2.0))
        found.append(judge_heights(zone.id, height, chart, resolved.foundry.detail_min_mm))
    return min(found, key=lambda one: (not one.refused, one.narrowest_mm))


def _met(caster: RayCaster, resolved: ResolvedRing, sign: float) -> tuple[Array, Array]:
    """(y where the flank is met (rows, columns), NaN where none is; the rays' starts (rows, columns, 3))."""
    shank = resolved.shank
    outer = resolved.bore_radius_mm + shank.thickness_top_mm - shank.crown_rise_mm - shank.outer_edge_radius_mm
    inner = resolved.bore_radius_mm + shank.comfort_rise_mm + shank.inner_edge_radius_mm
    height = outer - inner - 2.0 * _RIM_MM
    radius = outer - _RIM_MM - np.linspace(0.0, height, max(round(height / PIXEL_MM), 8) + 1)
    middle = 0.5 * (outer + inner)
    phi = np.arange(round((math.tau * middle + _AGAIN_MM) / PIXEL_MM)) * PIXEL_MM / middle - math.pi
    far = 0.5 * shank.widest + _OUT_MM
    shape = (len(radius), len(phi))
    start = np.stack([radius[:, None] * np.sin(phi), np.full(shape, sign * far), radius[:, None] * np.cos(phi)], axis=2)
    way = np.broadcast_to(np.array([0.0, -sign, 0.0]), start.shape)
    distance, face = caster.first_hit(start.reshape(-1, 3), way.reshape(-1, 3))
    place = np.where(face >= 0, sign * (far - distance), np.nan).reshape(shape)
    return np.where(sign * place > 0.0, place, np.nan), start
