"""Relief on both flanks of a shank: chart, heights and the nets that carry them. Numpy only.

All of it lies within the shank's width. Raised relief stands on the floor of a panel that is let into the flank as
deep as the relief is high, between rims that stay as they are; engraved relief is cut into the flank. The chart's v
runs from the outer edge inward. Its u runs clockwise, seen from the left (-y): all round from the bottom, or beside a
head down the right shoulder, to the bottom for the mirror image to go on, or under the finger up to the left shoulder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, has_errors
from ringcad.fit import head_block, spline
from ringcad.fit.decorate import Decorated, budget_limits, empty_finding, zone_summary
from ringcad.fit.head_block import HeadBlock
from ringcad.fit.limb import LimbNets, smooth_step, snap_poles
from ringcad.generation import Relief, ZoneSize
from ringcad.relief.budget import apply_budget
from ringcad.relief.castability import FilterResult, make_castable
from ringcad.relief.resample import resample_to_chart, sharpen_coefficients
from ringcad.resolved import Decoration, ResolvedRing

Array = NDArray[np.float64]

#: Coefficients per least detail, and most of them over a flank's height.
_PER_DETAIL, _MOST_ACROSS = 4.0, 96
#: A panel's corners are round by at most so much, mm; the drawing begins where they end.
_CORNER_MM = 0.5
#: A panel's end rises to the flank over this, mm.
_RAMP_MM = 0.12
#: So much of either rim takes part in the castability filter of a panel, mm: it is broad, whatever its width.
_RIM_MM = 0.5


@dataclass(frozen=True)
class SideChart:
    """Where on a flank its relief lies.

    Attributes
    ----------
    stations : (n,) of the net, as u increases
    u_mm : (n,) from where the drawing begins, along the flank's middle; negative in a panel's round end
    length_mm : of the drawing
    share : (k,) of the flank's height from its outer edge inward, at the net's coefficients
    height_mm : (n,) of the flank
    radius_mm : of the flank's middle on average, from the finger axis
    margin_mm : calm rim along both edges where the flank is lowest
    corner_mm : by which a panel goes beyond the drawing, rounded; 0 where there are no ends, or no panel
    closed : all round
    mirrored : the other half of the ring carries the mirror image
    joins : the drawing ends at the bottom, where its mirror image begins
    """

    stations: NDArray[np.int64]
    u_mm: Array
    length_mm: float
    share: Array
    height_mm: Array
    radius_mm: float
    margin_mm: float
    corner_mm: float
    closed: bool
    mirrored: bool
    joins: bool

    @property
    def mean_mm(self) -> float:
        """Height of the flank that the drawing is made for."""
        return float(self.height_mm.mean())

    @property
    def calm_share(self) -> float:
        """Of the height, at either edge."""
        return self.margin_mm / float(self.height_mm.min())

    @property
    def rows(self) -> NDArray[np.int64]:
        """The decorated rows; two at either edge stay, so that the spline leaves the edges flat."""
        inside = np.flatnonzero((self.share >= self.calm_share) & (self.share <= 1.0 - self.calm_share))
        return inside[(inside > 1) & (inside < len(self.share) - 2)]

    @property
    def width_mm(self) -> float:
        """Between the calm rims, of a flank of mean height."""
        return self.mean_mm * (1.0 - 2.0 * self.calm_share)

    @property
    def stretch_v(self) -> Array:
        """(n,) mm of metal per mm drawn, across."""
        return np.asarray(self.height_mm / self.mean_mm)

    def stretch_u(self, v_mm: Array) -> Array:
        """Mm of metal per mm drawn, along, at places across the drawing."""
        return np.asarray(1.0 + (0.5 * self.width_mm - v_mm) / self.radius_mm)

    @property
    def size(self) -> ZoneSize:
        """What a generator is asked to fill."""
        least = min(float(self.stretch_u(np.array([self.width_mm])).min()), float(self.stretch_v.min()))
        return ZoneSize(round(self.length_mm, 3), round(self.width_mm, 3), round(least, 3), closed=self.closed)


def side_chart(ring: ResolvedRing, nets: LimbNets, entry: Decoration, head: HeadBlock | None = None) -> SideChart:
    """The chart of a decoration of the flanks beside a ``head``, or all round."""
    outer, inner = nets.right[:, 0], nets.right[:, -1]
    middle = 0.5 * (outer + inner)[:, [0, 2]]
    height = np.linalg.norm(outer - inner, axis=1)
    phi, count = nets.stations.phi_deg, len(nets.stations.phi_deg)
    knots = spline.clamped_knots(_coefficients(ring, height))
    share = spline.greville(knots) / knots[-1]
    closed = entry.phi_end_deg - entry.phi_start_deg >= 360.0
    if closed:
        stations = np.arange(count)
    else:
        start = entry.phi_start_deg if head is None else head_block.zone_start_deg(head, nets, entry.phi_start_deg)
        way = np.where(phi < 0.0, phi + 360.0, phi)
        inside = np.flatnonzero((way >= start) & (way <= entry.phi_end_deg + 1e-9) & (way > 0.0))
        if head is not None and entry.phi_end_deg > 180.0:
            inside = inside[way[inside] <= 360.0 - start]
        stations = inside[np.argsort(way[inside])]
    steps = np.linalg.norm(np.diff(middle[stations], axis=0), axis=1)
    u_mm = np.concatenate([[0.0], np.cumsum(steps)])
    length = float(u_mm[-1])
    if closed:
        length += float(np.linalg.norm(middle[0] - middle[-1]))
    joins, corner = entry.phi_end_deg == 180.0 and not closed, 0.0
    if not closed and entry.mode == "emboss":
        width = float(height[stations].min()) - 2.0 * entry.margin_mm
        corner = min(_CORNER_MM, 0.5 * width) + _RAMP_MM
        length -= corner * (1 if joins else 2)
        u_mm = u_mm - corner
    radius = float(np.linalg.norm(middle[stations], axis=1).mean())
    return SideChart(
        stations=stations,
        u_mm=u_mm,
        length_mm=length,
        share=share,
        height_mm=height[stations],
        radius_mm=radius,
        margin_mm=entry.margin_mm,
        corner_mm=corner,
        closed=closed,
        mirrored=not closed and entry.phi_end_deg <= 180.0,
        joins=joins,
    )


def _coefficients(ring: ResolvedRing, height_mm: Array) -> int:
    pitch = ring.foundry.detail_min_mm / _PER_DETAIL
    return int(np.clip(math.ceil(float(height_mm.mean()) / pitch) + 3, 12, _MOST_ACROSS))


def side_zones(ring: ResolvedRing, nets: LimbNets, head: HeadBlock | None = None) -> dict[str, ZoneSize]:
    """Size of the decoration of the flanks by its id; empty without one."""
    entry = ring.side_decoration
    return {} if entry is None else {entry.id: side_chart(ring, nets, entry, head).size}


def with_sides(
    ring: ResolvedRing, nets: LimbNets, reliefs: Mapping[str, Relief], made: Decorated, head: HeadBlock | None = None
) -> tuple[LimbNets, Decorated]:
    """Nets with decorated sides, and what became of all zones; both as they are without a decoration there.

    Raises ``Refused`` where nothing of the relief is left.
    """
    entry = ring.side_decoration
    if entry is None:
        return nets, made
    chart, relief = side_chart(ring, nets, entry, head), reliefs[entry.id]
    drawn, summary, findings = _heights(ring, chart, entry, relief)
    if has_errors(list(findings)):
        raise Refused(list(findings))
    turned = drawn
    if relief.upright or (entry.image is not None and not entry.mirrored):
        backward = replace(relief, height=np.ascontiguousarray(relief.height[:, ::-1]))
        turned, _, _ = _heights(ring, chart, entry, backward)
    share = chart.share[None, :, None]
    right = nets.outer[:, -1:] * (1.0 - share) + nets.inner[:, :1] * share
    left = nets.outer[:, :1] * (1.0 - share) + nets.inner[:, -1:] * share
    # clockwise as seen on either flank runs down one shoulder and up the other
    other = -chart.stations if chart.mirrored else chart.stations[:0]
    left[chart.stations, :, 1] += drawn
    right[chart.stations, :, 1] -= turned
    beyond = other % len(right) != chart.stations[: len(other)]  # the bottom is its own mirror image
    left[other[beyond], :, 1] += turned[beyond]
    right[other[beyond], :, 1] -= drawn[beyond]
    right, left = snap_poles(right), snap_poles(left)[:, ::-1].copy()
    right[:, 0], right[:, -1] = nets.outer[:, -1], nets.inner[:, 0]
    left[:, 0], left[:, -1] = nets.inner[:, -1], nets.outer[:, 0]
    zones, noted = made.zones | {entry.id: summary}, (*made.findings, *findings)
    return replace(nets, right=right, left=left, carved=True), replace(made, zones=zones, findings=noted)


def _heights(
    ring: ResolvedRing, chart: SideChart, entry: Decoration, relief: Relief
) -> tuple[Array, dict[str, Any], tuple[Finding, ...]]:
    """(Depth below the flank (stations of the chart, rows of the net) in mm, summary, findings)."""
    size = chart.size
    rows, columns = relief.height.shape
    v_px = (np.arange(rows) + 0.5) * size.width_mm / rows
    u_px = (np.arange(columns) + 0.5) * size.length_mm / columns
    cast = _castable(ring, chart, entry, relief, chart.stretch_u(v_px), np.interp(u_px, chart.u_mm, chart.stretch_v))
    kept = apply_budget(
        cast.height_mm,
        budget_limits(ring),
        "emboss",  # the numbers leave the metal between both floors
        width_mm=size.width_mm,
        strict=entry.strict,
        where="the shank's sides",
    )

    def shares(height: Array) -> Array:
        """Coefficients (decorated rows, n) of heights at the pixels, as shares of the depth."""
        drawn = Relief((height / entry.depth_mm).clip(0.0, 1.0).astype(np.float32), size.length_mm, size.width_mm)
        across = (chart.share[chart.rows] - chart.calm_share) * chart.mean_mm
        return resample_to_chart(drawn, chart.u_mm, across, periodic_u=chart.closed)

    share = sharpen_coefficients(
        shares(kept.height_mm), periodic_u=chart.closed, ceiling=shares(np.minimum(kept.limit_mm, entry.depth_mm))
    )
    drawn = np.clip(share.T, 0.0, 1.0)
    depth = np.zeros((len(chart.stations), len(chart.share)))
    depth[:, chart.rows] = drawn if entry.mode == "engrave" else _panel(chart) * (1.0 - drawn)
    findings = (*cast.findings, *kept.findings)
    if float(drawn.max(initial=0.0)) * entry.depth_mm < 0.05:
        findings = (*findings, empty_finding(entry))
    along = chart.stretch_u(np.array([0.0, chart.width_mm]))
    stretched = {
        "along": [float(along.min()), float(along.max())],
        "across": [float(chart.stretch_v.min()), float(chart.stretch_v.max())],
    }
    return depth * entry.depth_mm, zone_summary(size, stretched, cast, kept, drawn * entry.depth_mm, 0.0), findings


def _castable(
    ring: ResolvedRing, chart: SideChart, entry: Decoration, relief: Relief, scale_u: Array, scale_v: Array
) -> FilterResult:
    """The drawing as it can be cast; one in a panel together with the rims beside it.

    ``scale_u`` (rows,) and ``scale_v`` (columns,) are mm of metal per mm drawn.
    """
    limits = ring.foundry
    rows, columns = relief.height.shape
    pixel = (relief.length_mm / columns, relief.width_mm / rows)
    wanted = relief.height.astype(np.float64) * entry.depth_mm
    pad = math.ceil(_RIM_MM / pixel[1]) if entry.mode == "emboss" else 0
    wanted = np.pad(wanted, ((pad, pad), (0, 0)), constant_values=entry.depth_mm)
    found = make_castable(
        wanted,
        pixel,
        min_detail_mm=limits.detail_min_mm,
        min_gap_mm=limits.gap_min_mm,
        max_height_mm=entry.depth_mm,
        mode=entry.mode,
        periodic=chart.closed,
        scale_u=np.broadcast_to(np.pad(scale_u, pad, mode="edge")[:, None], wanted.shape),
        scale_v=np.broadcast_to(scale_v[None, :], wanted.shape),
    )
    return replace(found, height_mm=found.height_mm[pad : pad + rows])


def _panel(chart: SideChart) -> Array:
    """Share (stations, decorated rows) of its depth that the panel has: all of it but beyond its rounded ends."""
    if not chart.corner_mm:
        return np.ones((len(chart.stations), len(chart.rows)))
    corner = chart.corner_mm - _RAMP_MM
    v_mm = (chart.share[chart.rows] - chart.calm_share) * chart.mean_mm
    aside = np.maximum(np.abs(v_mm - 0.5 * chart.width_mm) - (0.5 * chart.width_mm - corner), 0.0)[None, :]
    ends = -chart.u_mm if chart.joins else np.maximum(-chart.u_mm, chart.u_mm - chart.length_mm)
    past = np.hypot(np.maximum(ends, 0.0)[:, None], aside) - corner
    return np.asarray(smooth_step(1.0 - past / _RAMP_MM))
