"""Relief on the flanks of a shank, measured on the mesh: metal from flank to flank, widths and heights of strokes.

Rays along the finger meet either flank. Its rims are what stands out most; all relief lies between and behind them,
and strokes stand on what is deepest there.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Decoration, ResolvedRing
from ringcad.verify.detail import DetailZone, judge_heights
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM, Chart
from ringcad.verify.shank_line import plain_thickness
from ringcad.verify.sites import SiteWall, thinnest

Array = NDArray[Any]

REGION, SITE = "shank.sides", "side_relief"
_RIM_MM = 0.012
"""What stands out as far as the rims but for this belongs to them: the mesh's chord and a little."""
_SKIN_MM = 0.02
"""Rays keep so far from crown line and bore."""
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
    """Heights (rows from the outer edge inward, columns along) over a flank's rims (``sign`` of its y).

    One chart of each stretch; NaN beyond the rims.
    """
    found = []
    for phi in _stretches(resolved, zone):
        place, start = _met(caster, resolved, phi, sign)
        points = start.copy()
        points[..., 1] = place
        height = sign * place - np.nanmax(sign * place, axis=0)
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
    middle = resolved.bore_radius_mm + 0.5 * resolved.shank.thickness_top_mm
    if last - first >= math.tau - 1e-9:
        spans = [(first, last + _AGAIN_MM / middle)]
    elif zone.phi_end_deg >= 180.0:
        spans = [(first, math.tau - first)]
    else:
        spans = [(first, last), (math.tau - last, math.tau - first)]
    return [low + np.arange(math.floor((high - low) * middle / PIXEL_MM)) * PIXEL_MM / middle for low, high in spans]


def _met(caster: RayCaster, resolved: ResolvedRing, phi: Array, sign: float) -> tuple[Array, Array]:
    """(y where the flank is met between its rims (rows, columns), else NaN; the rays' starts (rows, columns, 3))."""
    thickness = plain_thickness(resolved.shank, np.mod(phi + math.pi, math.tau) - math.pi)
    height = thickness - 2.0 * _SKIN_MM
    down = np.arange(math.floor(float(height.max()) / PIXEL_MM) + 1) * PIXEL_MM
    radius = resolved.bore_radius_mm + thickness[None, :] - _SKIN_MM - down[:, None]
    far = 0.5 * resolved.shank.widest + _OUT_MM
    start = np.stack([radius * np.sin(phi), np.full(radius.shape, sign * far), radius * np.cos(phi)], axis=2)
    way = np.broadcast_to(np.array([0.0, -sign, 0.0]), start.shape)
    distance, face = caster.first_hit(start.reshape(-1, 3), way.reshape(-1, 3))
    out = (far - distance).reshape(radius.shape)  # from mid-width
    there = (face >= 0).reshape(radius.shape) & (out > 0.0) & (down[:, None] <= height[None, :])
    out = np.where(there, out, -np.inf)
    rim = out >= out.max(axis=0) - _RIM_MM
    between = np.logical_or.accumulate(rim, axis=0) & np.logical_or.accumulate(rim[::-1], axis=0)[::-1]
    return np.where(between & there, sign * out, np.nan), start
