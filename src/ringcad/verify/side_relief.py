"""Relief on the flanks of a shank, measured on the mesh: metal from flank to flank, widths and heights of strokes.

Rays along the finger meet either flank. All relief lies behind its calm rims; strokes stand on what is deepest there.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Decoration, ResolvedRing, Shank
from ringcad.verify.detail import DetailZone, judge_heights
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM, Chart
from ringcad.verify.shank_line import plain_thickness
from ringcad.verify.sites import SiteWall, thinnest

Array = NDArray[Any]

REGION, SITE = "shank.sides", "side_relief"
_RIM_MM = 0.01
"""The rims are met so far inside the flank's edges."""
_OUT_MM = 1.0
"""Rays start so far outside of the shank."""
_AGAIN_MM = 1.0
"""So much of the beginning comes again at the end of a chart that runs all round, for strokes across its join."""
_FLOOR_PERCENT = 2.0
"""Of a chart lie below its floor, at most."""


def measure_sides(caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """The metal from flank to flank at every pixel of the charts; none without such a relief."""
    zone = next((zone for zone in resolved.decoration if zone.region == REGION), None)
    if zone is None:
        return []
    begins, lengths = [], []
    for phi in _stretches(resolved, zone):
        (left, start), (right, _) = (_met(caster, resolved, phi, sign) for sign in (-1.0, 1.0))
        begin = start.reshape(-1, 3).copy()
        begin[:, 1] = left.ravel()
        begins.append(begin)
        lengths.append((right - left).ravel())
    begin, length = np.concatenate(begins), np.concatenate(lengths)
    met = np.isfinite(length)
    way = np.broadcast_to(np.array([0.0, 1.0, 0.0]), begin.shape)
    return [thinnest(SITE, begin[met], way[met], length[met], resolved.foundry.wall_min_mm)]


def side_heights(caster: RayCaster, resolved: ResolvedRing, zone: Decoration, sign: float) -> list[tuple[Array, Chart]]:
    """Heights (rows from the outer edge inward, columns along) over a flank's outer rim (``sign`` of its y).

    One chart of each stretch; NaN beyond the flank's inner rim.
    """
    found = []
    for phi in _stretches(resolved, zone):
        place, start = _met(caster, resolved, phi, sign)
        points = start.copy()
        points[..., 1] = place
        height = sign * (place - place[:1])
        down = np.arange(len(place)) * PIXEL_MM
        found.append((height, Chart(height, points, down, np.full(len(phi), 0.5 * float(down[-1])), PIXEL_MM)))
    return found


def measure_side_detail(caster: RayCaster, resolved: ResolvedRing, zone: Decoration) -> DetailZone | None:
    """Widths and heights of the relief, of the flank with the narrower stroke."""
    found = []
    for sign in (-1.0, 1.0):
        for height, chart in side_heights(caster, resolved, zone, sign):
            # the rims are broad: what lies beyond them is unknown, which cuts no stroke off
            beyond = ((round(1.0 / PIXEL_MM),) * 2, (0, 0))
            padded = np.pad(height - float(np.nanpercentile(height, _FLOOR_PERCENT)), beyond, constant_values=np.nan)
            points = np.pad(chart.points, (*beyond, (0, 0)), mode="edge")
            across = np.arange(len(padded)) * PIXEL_MM
            wide = replace(chart, radius_mm=padded, points=points, across_mm=across)
            found.append(judge_heights(zone.id, padded, wide, resolved.foundry.detail_min_mm))
    return min(found, key=lambda one: (not one.refused, one.narrowest_mm))


def _stretches(resolved: ResolvedRing, zone: Decoration) -> list[Array]:
    """Angles (radians from the top) of the columns of each stretch of a flank that is decorated."""
    first, last = math.radians(zone.phi_start_deg), math.radians(zone.phi_end_deg)
    outer, inner = _edges(resolved, np.array([math.pi]))
    middle = 0.5 * float(outer[0] + inner[0])
    if last - first >= math.tau - 1e-9:
        spans = [(first, last + _AGAIN_MM / middle)]
    elif zone.phi_end_deg >= 180.0:
        spans = [(first, math.tau - first)]
    else:
        spans = [(first, last), (math.tau - last, math.tau - first)]
    return [low + np.arange(math.floor((high - low) * middle / PIXEL_MM)) * PIXEL_MM / middle for low, high in spans]


def _edges(resolved: ResolvedRing, phi: Array) -> tuple[Array, Array]:
    """Distances (n,) from the finger axis of the flank's outer and inner edge, by the numbers: beyond any rounding."""
    shank, turned = resolved.shank, np.mod(phi + math.pi, math.tau) - math.pi
    thickness = plain_thickness(shank, turned)
    outer = resolved.bore_radius_mm + thickness - shank.crown_rise_mm - shank.outer_edge_radius_mm
    return outer, np.full(len(phi), inner_edge_mm(resolved.bore_radius_mm, shank))


def inner_edge_mm(bore_radius_mm: float, shank: Shank) -> float:
    """Distance of the flank's inner edge from the finger axis, at most."""
    return bore_radius_mm + shank.comfort_rise_mm + shank.inner_edge_radius_mm


def _met(caster: RayCaster, resolved: ResolvedRing, phi: Array, sign: float) -> tuple[Array, Array]:
    """(y where the flank is met (rows, columns), NaN where none is; the rays' starts (rows, columns, 3))."""
    outer, inner = _edges(resolved, phi)
    height = outer - inner - 2.0 * _RIM_MM
    down = np.arange(max(math.floor(float(height.max()) / PIXEL_MM), 8) + 1) * PIXEL_MM
    radius = outer[None, :] - _RIM_MM - down[:, None]
    far = 0.5 * resolved.shank.widest + _OUT_MM
    start = np.stack([radius * np.sin(phi), np.full(radius.shape, sign * far), radius * np.cos(phi)], axis=2)
    way = np.broadcast_to(np.array([0.0, -sign, 0.0]), start.shape)
    distance, face = caster.first_hit(start.reshape(-1, 3), way.reshape(-1, 3))
    place = np.where(face >= 0, sign * (far - distance), np.nan).reshape(radius.shape)
    return np.where((sign * place > 0.0) & (down[:, None] <= height[None, :] + 1e-9), place, np.nan), start
