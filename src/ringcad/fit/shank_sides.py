"""Relief on both flanks of a shank: chart, heights and the nets that carry them. Numpy only.

The chart's u runs round the finger from the bottom, v from the outer edge inward: on the left flank (-y) what is drawn
reads the right way round. The right flank mirrors it about the ring's middle plane; writing is turned over there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, has_errors
from ringcad.fit import spline
from ringcad.fit.decorate import budget_limits, empty_finding, zone_summary
from ringcad.fit.limb import LimbNets, snap_poles
from ringcad.generation import Relief, ZoneSize
from ringcad.relief.budget import apply_budget
from ringcad.relief.castability import make_castable
from ringcad.relief.resample import resample_to_chart, sharpen_coefficients
from ringcad.resolved import Decoration, ResolvedRing

Array = NDArray[np.float64]

SIDES_REGION = "shank.sides"
#: Coefficients per least detail, and most of them over a flank's height.
_PER_DETAIL, _MOST_ACROSS = 4.0, 96


@dataclass(frozen=True)
class SideChart:
    """Sites of a flank: ``phi_rad`` (n,) round the finger, ``down_mm`` (k,) from the outer edge inward, calm
    ``margin_mm`` along both edges; ``outer_radius_mm`` is that of the flank's outer edge.
    """

    phi_rad: Array
    down_mm: Array
    outer_radius_mm: float
    margin_mm: float

    @property
    def radius_mm(self) -> float:
        """Of the line that the chart takes: the flank's middle."""
        return self.outer_radius_mm - 0.5 * float(self.down_mm[-1])

    @property
    def rows(self) -> NDArray[np.int64]:
        """The decorated rows; two at either edge stay, so that the spline leaves the edges flat."""
        low, high = self.margin_mm, float(self.down_mm[-1]) - self.margin_mm
        inside = np.flatnonzero((self.down_mm >= low) & (self.down_mm <= high))
        return inside[(inside > 1) & (inside < len(self.down_mm) - 2)]

    @property
    def size(self) -> ZoneSize:
        """What a generator is asked to fill."""
        width = float(self.down_mm[-1]) - 2.0 * self.margin_mm
        least = 1.0 - 0.5 * width / self.radius_mm
        return ZoneSize(round(math.tau * self.radius_mm, 3), round(width, 3), round(least, 3), closed=True)


def side_chart(ring: ResolvedRing, nets: LimbNets, margin_mm: float) -> SideChart:
    """The chart of a shank that is as thick all round."""
    outer = np.hypot(nets.outer[:, -1, 0], nets.outer[:, -1, 2])
    inner = np.hypot(nets.inner[:, 0, 0], nets.inner[:, 0, 2])
    height = float((outer - inner).mean())
    pitch = ring.foundry.detail_min_mm / _PER_DETAIL
    count = int(np.clip(math.ceil(height / pitch) + 3, 12, _MOST_ACROSS))
    knots = spline.clamped_knots(count)
    down = spline.greville(knots) / knots[-1] * height
    return SideChart(np.radians(nets.stations.phi_deg), down, float(outer.mean()), margin_mm)


def carve_sides(
    ring: ResolvedRing, nets: LimbNets, entry: Decoration, relief: Relief
) -> tuple[LimbNets, dict[str, Any], tuple[Finding, ...]]:
    """(nets with decorated sides, summary, findings). Raises ``Refused`` where nothing of the relief is left."""
    chart = side_chart(ring, nets, entry.margin_mm)
    heights, summary, findings = _heights(ring, nets, chart, entry, relief)
    if has_errors(list(findings)):
        raise Refused(list(findings))
    other = heights
    if relief.upright or (entry.image is not None and not entry.mirrored):
        turned = replace(relief, height=np.ascontiguousarray(relief.height[:, ::-1]))
        other, _, _ = _heights(ring, nets, chart, entry, turned)
    sign = 1.0 if entry.mode == "emboss" else -1.0
    share = (chart.down_mm / chart.down_mm[-1])[None, :, None]
    right = nets.outer[:, -1:] * (1.0 - share) + nets.inner[:, :1] * share
    left = nets.outer[:, :1] * (1.0 - share) + nets.inner[:, -1:] * share
    right[..., 1] += sign * other
    left[..., 1] -= sign * heights
    right, left = snap_poles(right), snap_poles(left)[:, ::-1].copy()
    right[:, 0], right[:, -1] = nets.outer[:, -1], nets.inner[:, 0]
    left[:, 0], left[:, -1] = nets.inner[:, -1], nets.outer[:, 0]
    return replace(nets, right=right, left=left), summary, findings


def _heights(
    ring: ResolvedRing, nets: LimbNets, chart: SideChart, entry: Decoration, relief: Relief
) -> tuple[Array, dict[str, Any], tuple[Finding, ...]]:
    limits, size = ring.foundry, chart.size
    budget = budget_limits(ring)
    rows, columns = relief.height.shape
    v_px = (np.arange(rows) + 0.5) * size.width_mm / rows + chart.margin_mm
    stretch = (chart.outer_radius_mm - v_px) / chart.radius_mm
    wanted = relief.height.astype(np.float64) * entry.depth_mm
    cast = make_castable(
        wanted,
        (relief.length_mm / columns, relief.width_mm / rows),
        min_detail_mm=limits.detail_min_mm,
        min_gap_mm=limits.gap_min_mm,
        max_height_mm=entry.depth_mm,
        mode=entry.mode,
        periodic=True,
        scale_u=np.broadcast_to(stretch[:, None], wanted.shape),
        scale_v=np.ones(wanted.shape),
    )
    spend = budget.wall_min_mm + budget.polish_allowance_mm + budget.fit_error_mm + budget.chord_error_mm
    # both flanks are carved towards each other; no groove reaches in under the crown or over the bore's flat
    half = 0.5 * (float(nets.stations.width_mm.min()) + spend)
    edge = spend + min(ring.shank.outer_edge_radius_mm, ring.shank.inner_edge_radius_mm)
    kept = apply_budget(
        cast.height_mm,
        budget,
        entry.mode,
        wall_mm=min(half, edge),
        width_mm=size.width_mm,
        strict=entry.strict,
        where="the shank's sides",
    )

    def shares(height: Array) -> Array:
        """Coefficients (decorated rows, n) of heights at the pixels, as shares of the depth."""
        drawn = Relief((height / entry.depth_mm).clip(0.0, 1.0).astype(np.float32), size.length_mm, size.width_mm)
        around = (chart.phi_rad - chart.phi_rad[0]) * chart.radius_mm
        return resample_to_chart(drawn, around, chart.down_mm[chart.rows] - chart.margin_mm, periodic_u=True)

    share = sharpen_coefficients(shares(kept.height_mm), periodic_u=True, ceiling=shares(kept.limit_mm))
    heights = np.zeros((len(chart.phi_rad), len(chart.down_mm)))
    heights[:, chart.rows] = np.clip(share.T, 0.0, 1.0) * entry.depth_mm
    findings = (*cast.findings, *kept.findings)
    if float(heights.max(initial=0.0)) < 0.05:
        findings = (*findings, empty_finding(entry))
    stretched = {"along": [float(stretch.min()), float(stretch.max())], "across": [1.0, 1.0]}
    return heights, zone_summary(size, stretched, cast, kept, heights, 0.0), findings
