"""Relief on the wall of a bezel: a closed chart round the stone, fitted as a spline surface. Numpy only.

The chart's u runs round the stone from behind (+y) over the left side, the front and the right; v runs from the lip
down to the foot. So a picture that reads the right way round does so on the metal, its middle in front.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity, has_errors
from ringcad.fit import bezel_rings, bezel_section, spline
from ringcad.fit.decorate import budget_limits, empty_finding, zone_summary
from ringcad.generation import Relief, ZoneSize
from ringcad.relief.budget import apply_budget
from ringcad.relief.castability import make_castable
from ringcad.relief.resample import resample_to_chart, sharpen_coefficients
from ringcad.resolved import BezelRing, Decoration
from ringcad.stones.girdles import Girdle, girdle_of

Array = NDArray[np.float64]
Slabs = list[tuple[bezel_section.Point, bezel_section.Point]]

#: Where such a decoration stands, the name of its faces and of their site.
WALL_REGION, WALL_FACES = "bezel.wall", "bezel_relief"
#: Left level along either border of the band, so that the spline ends on the plain outside, smoothly.
CALM_MM = 0.10
#: Azimuth where the chart begins: behind.
_START_RAD = 0.5 * math.pi
#: Coefficients per least detail, and most of them round the stone and across the band.
_PER_DETAIL, _MOST_ROUND, _MOST_ACROSS = 4.0, 960, 96
#: Elevations of the directions in which the wall is bounded.
_BOUND_DEG = np.arange(-76.0, 77.0, 4.0)


@dataclass(frozen=True)
class WallChart:
    """Sites of the net of a decorated wall: azimuths (n,) round the stone, rows (k,) from lip to foot.

    Attributes
    ----------
    azimuth_rad : (n,) about +z from +x
    section_mm : (k, 2) radius and height of each row on the plain outside
    normal : (k, 2) unit, outward
    bend_per_mm : (k,) curvature of the section, positive where it bulges
    down_mm : (k,) arc length from the band's upper border
    rows : the decorated rows
    """

    azimuth_rad: Array
    section_mm: Array
    normal: Array
    bend_per_mm: Array
    down_mm: Array
    rows: NDArray[np.int64]
    girdle: Girdle | None = None

    @cached_property
    def base_mm(self) -> Array:
        """(n, 2) from which each station's radius counts, along its normal: the axis round a round stone."""
        if self.girdle is None:
            return np.zeros((len(self.azimuth_rad), 2))
        return self.girdle.line(self.azimuth_rad, 1.0, -self.girdle.half_width_mm)

    @cached_property
    def length_mm(self) -> float:
        """Of the chart's own line, all round."""
        if self.girdle is None:
            return math.tau * self.radius_mm
        return float(self.girdle.along(self.radius_mm - self.girdle.half_width_mm, _START_RAD)[1][-1])

    def stretch(self, azimuth_rad: Array, radius_mm: Array) -> Array:
        """(rows, columns) mm round the stone per mm of the chart, at normals and radii (rows,)."""
        if self.girdle is None:
            bend = np.full(len(azimuth_rad), self.radius_mm)
        else:
            bend = self.girdle.radius(azimuth_rad) + self.radius_mm - self.girdle.half_width_mm
        return np.asarray(1.0 + (radius_mm[:, None] - self.radius_mm) / bend[None, :])

    @property
    def radius_mm(self) -> float:
        """Middle of the least and the largest radius of the decorated rows: the one whose circle the chart takes."""
        radii = self.section_mm[self.rows, 0]
        return 0.5 * float(radii.min() + radii.max())

    @property
    def size(self) -> ZoneSize:
        """What a generator is asked to fill; repeats round the stone."""
        length = self.length_mm
        width = float(self.down_mm[-1]) - 2.0 * CALM_MM
        least = float(self.round_stretch[self.rows].min())
        return ZoneSize(round(length, 3), round(width, 3), round(least, 3), closed=True)

    @property
    def round_stretch(self) -> Array:
        """(k, n) mm round the stone per mm of the chart."""
        return self.stretch(self.azimuth_rad, self.section_mm[:, 0])


def wall_chart(ring: BezelRing) -> WallChart:
    """The chart of a decorated wall. Raises :class:`ValueError` for a wall without decoration."""
    pitch = ring.foundry.detail_min_mm / _PER_DETAIL
    dense = bezel_section.band_outline(ring.bezel, ring.stone, 257)[::-1]
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    across = int(np.clip(math.ceil(arc[-1] / pitch) + 3, 12, _MOST_ACROSS))
    knots = spline.clamped_knots(across)
    down = spline.greville(knots) / knots[-1] * arc[-1]
    section = np.stack([np.interp(down, arc, dense[:, k]) for k in (0, 1)], axis=1)
    section[0], section[-1] = dense[0], dense[-1]
    # arcs and lines as they are: differences over a tenth of a millimetre, well over the samples' own spacing
    step = 0.05
    before = np.stack([np.interp(np.maximum(down - step, 0.0), arc, dense[:, k]) for k in (0, 1)], axis=1)
    after = np.stack([np.interp(np.minimum(down + step, arc[-1]), arc, dense[:, k]) for k in (0, 1)], axis=1)
    way = after - before
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1)
    turn = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
    rows = np.nonzero((down >= CALM_MM) & (down <= arc[-1] - CALM_MM))[0]
    girdle, bends = girdle_of(ring.stone), -np.gradient(turn, down)
    longest = math.tau * float(section[:, 0].max())
    if girdle is not None:
        longest = float(girdle.along(float(section[:, 0].max()) - girdle.half_width_mm, _START_RAD)[1][-1])
    around = 4 * math.ceil(min(longest / pitch, _MOST_ROUND) / 4.0)
    chart = WallChart(_START_RAD + math.tau * np.arange(around) / around, section, normal, bends, down, rows, girdle)
    if girdle is None:
        return chart
    turns, along = girdle.along(chart.radius_mm - girdle.half_width_mm, _START_RAD)
    even = np.interp(np.arange(around) * along[-1] / around, along, turns)
    # quarters begin on the axes of symmetry to the last digit
    even[:: around // 4] = _START_RAD + 0.5 * math.pi * np.arange(4)
    return replace(chart, azimuth_rad=even)


@dataclass(frozen=True)
class FittedWall:
    """A decorated wall: its net (n, k, 3), periodic round the stone, and what became of the relief."""

    net: Array
    summary: dict[str, Any]
    bound: dict[str, float]
    findings: tuple[Finding, ...]


def fit_wall(ring: BezelRing, entry: Decoration, relief: Relief) -> FittedWall:
    """Filter, budget, coefficients and bound. Raises ``Refused`` where the wall would be too thin."""
    chart = wall_chart(ring)
    slabs = bezel_section.inner_slabs(ring.bezel, ring.stone, ring.bore_radius_mm)
    # round an oval too: at its ends ledge and relief lie farther inside than at its sides
    heights, summary, findings = _fit(ring, entry, relief, chart, bezel_section.wall_at_mm(chart.section_mm, slabs))
    sign = 1.0 if entry.mode == "emboss" else -1.0
    net = spline_net(chart, sign * heights)
    walls, at = wall_bounds(net, chart, inner_lines(ring, chart, slabs))
    least = walls - ring.export.chord_mm
    bound = {"bound_mm": least, "azimuth_deg": at}
    if least < ring.foundry.wall_min_mm:
        findings = (*findings, _thin_finding(ring, entry, least))
    if has_errors(list(findings)):
        raise Refused(list(findings))
    return FittedWall(net, summary, bound, findings)


def _fit(
    ring: BezelRing, entry: Decoration, relief: Relief, chart: WallChart, wall_mm: Array
) -> tuple[Array, dict[str, Any], tuple[Finding, ...]]:
    """(heights (n, k) over the plain outside, summary, findings)."""
    limits = ring.foundry
    deepest = limits.relief_max_mm if entry.mode == "emboss" else limits.engrave_max_mm
    depth = min(entry.depth_mm, deepest)
    size = chart.size
    rows, columns = relief.height.shape
    v_px = (np.arange(rows) + 0.5) * size.width_mm / rows + CALM_MM
    half = 0.5 * depth if entry.mode == "emboss" else -0.5 * depth
    # widths count at half height; both the ring's own bend and that of the section open strokes up there
    bend = np.interp(v_px, chart.down_mm, chart.bend_per_mm)
    lean = np.interp(v_px, chart.down_mm, chart.normal[:, 0])
    radius = np.interp(v_px, chart.down_mm, chart.section_mm[:, 0])
    wanted = relief.height.astype(np.float64) * depth
    cast = make_castable(
        wanted,
        (relief.length_mm / columns, relief.width_mm / rows),
        min_detail_mm=limits.detail_min_mm,
        min_gap_mm=limits.gap_min_mm,
        max_height_mm=deepest,
        mode=entry.mode,
        periodic=True,
        scale_u=chart.stretch(_column_normals(chart, columns), radius + half * lean),
        scale_v=np.broadcast_to((1.0 + half * bend)[:, None], wanted.shape),
    )
    budget = apply_budget(
        cast.height_mm,
        budget_limits(ring),
        entry.mode,
        wall_mm=np.interp(v_px, chart.down_mm, wall_mm)[:, None],
        width_mm=size.width_mm,
        strict=entry.strict,
        where="the bezel's wall",
        carrier="the bezel's wall",
    )

    def shares(height: Array) -> Array:
        """Coefficients (decorated rows, n) of heights at the pixels, as shares of the depth."""
        drawn = Relief((height / depth).clip(0.0, 1.0).astype(np.float32), size.length_mm, size.width_mm)
        around = np.arange(len(chart.azimuth_rad)) * size.length_mm / len(chart.azimuth_rad)
        return resample_to_chart(drawn, around, chart.down_mm[chart.rows] - CALM_MM, periodic_u=True)

    share = sharpen_coefficients(shares(budget.height_mm), periodic_u=True, ceiling=shares(budget.limit_mm))
    heights = np.zeros((len(chart.azimuth_rad), len(chart.down_mm)))
    heights[:, chart.rows] = np.clip(share.T, 0.0, 1.0) * depth
    findings = (*cast.findings, *budget.findings)
    if float(heights.max(initial=0.0)) < 0.05:
        findings = (*findings, empty_finding(entry))
    round_stretch = chart.round_stretch[chart.rows]
    # the section is drawn by its arc length
    stretched = {"along": [float(round_stretch.min()), float(round_stretch.max())], "across": [1.0, 1.0]}
    summary = zone_summary(size, stretched, cast, budget, heights, 0.0)
    return heights, summary, findings


def spline_net(chart: WallChart, heights_mm: Array) -> Array:
    """Coefficients (n, k, 3) of the outside, raised by ``heights_mm`` (n, k) along the plain outside's normals."""
    knots = spline.clamped_knots(len(chart.down_mm))
    poles = spline.interpolate_clamped(chart.section_mm[None], knots)[0]
    poles[0], poles[-1] = chart.section_mm[0], chart.section_mm[-1]
    # a periodic cubic runs inside its coefficients: those of a circle through the sites
    wider = 6.0 / (4.0 + 2.0 * math.cos(math.tau / len(chart.azimuth_rad)))
    out = np.stack([np.cos(chart.azimuth_rad), np.sin(chart.azimuth_rad)], axis=1)
    height = poles[:, 1] + heights_mm * chart.normal[:, 1]
    if chart.girdle is not None:
        base, way = spline.interpolate_periodic(chart.base_mm), spline.interpolate_periodic(out)
        raised = (heights_mm * chart.normal[:, 0])[..., None] * out[:, None, :]
        flat = base[:, None, :] + poles[None, :, :1] * way[:, None, :] + raised
        return np.concatenate([flat, height[..., None]], axis=2)
    aside = wider * poles[:, 0] + heights_mm * chart.normal[:, 0]
    return np.concatenate([out[:, None, :] * aside[..., None], height[..., None]], axis=2)


def _column_normals(chart: WallChart, columns: int) -> Array:
    """(columns,) normals where the middles of a relief's columns stand."""
    count = len(chart.azimuth_rad)
    turn = np.append(chart.azimuth_rad, chart.azimuth_rad[0] + math.tau)
    return np.asarray(np.interp((np.arange(columns) + 0.5) * count / columns, np.arange(count + 1), turn))


def inner_lines(ring: BezelRing, chart: WallChart, slabs: Slabs) -> list[tuple[Array, float, Array, float]]:
    """What is cut inside between two heights each: how far its lower and its upper line reach at each station (n,)."""
    middle = _middles(chart)
    if chart.girdle is None:
        ones = np.ones(len(middle))
        return [(low[0] * ones, low[1], high[0] * ones, high[1]) for low, high in slabs]
    rings = bezel_rings.inside_rings(ring.bezel, ring.stone, chart.girdle, ring.bore_radius_mm)
    reach = rings[:, :1] * chart.girdle.support(middle)[None] + rings[:, 1:2]
    return [
        (reach[k], float(rings[k, 2]), reach[k + 1], float(rings[k + 1, 2]))
        for k in range(len(rings) - 1)
        if rings[k + 1, 2] > rings[k, 2] + 1e-9
    ]


def _middles(chart: WallChart) -> Array:
    """(n,) normals half way from each station to the next."""
    return chart.azimuth_rad + 0.5 * (
        np.append(chart.azimuth_rad[1:], chart.azimuth_rad[0] + math.tau) - chart.azimuth_rad
    )


def wall_bounds(net: Array, chart: WallChart, slabs: list[tuple[Array, float, Array, float]]) -> tuple[float, float]:
    """(least wall between the net and what is cut inside, azimuth in degrees where it stands).

    A span lies in the hull of its coefficients, a cone between two heights is convex: their distance is at least
    what any direction parts them by, and that of the best direction is taken.
    """
    around, across = net.shape[:2]
    middle = _middles(chart)
    way = np.radians(_BOUND_DEG)
    flat, steep = np.cos(way), np.sin(way)
    index = (np.arange(around)[:, None] + np.arange(-1, 3)) % around
    governing = np.lib.stride_tricks.sliding_window_view(net[index], 4, axis=2)  # (n, 4, k - 3, 3, 4)
    aside = np.einsum("najcd,nc->njad", governing[..., :2, :], np.stack([np.cos(middle), np.sin(middle)], axis=1))
    height = np.moveaxis(governing[..., 2, :], 1, 2)
    aside, height = (values.reshape(around, across - 3, 16) for values in (aside, height))
    reach = np.stack([(a * aside + b * height).min(axis=2) for a, b in zip(flat, steep, strict=True)], axis=-1)
    walls = np.full((around, across - 3), np.inf)
    for low, low_z, high, high_z in slabs:
        lower, upper = (flat * r[:, None, None] + steep * z for r, z in ((low, low_z), (high, high_z)))
        walls = np.minimum(walls, (reach - np.maximum(lower, upper)).max(axis=2))
    thinnest = int(np.argmin(walls.min(axis=1)))
    return float(walls.min()), math.degrees(float(middle[thinnest])) % 360.0


def _thin_finding(ring: BezelRing, entry: Decoration, bound_mm: float) -> Finding:
    limit = ring.foundry.wall_min_mm
    need = limit - bound_mm + 0.01
    return Finding(
        FindingCode.WALL_BOUND,
        Severity.ERROR,
        f"the bezel's decorated wall can be as thin as {bound_mm:.2f} mm; {ring.foundry.name} asks for {limit:.2f} mm",
        measured=bound_mm,
        limit=limit,
        unit="mm",
        spec_field="bezel.wall_thickness_mm",
        fix=f"raise bezel.wall_thickness_mm by {need:.2f} mm or lower decoration.depth_mm by as much"
        if entry.mode == "engrave"
        else f"raise bezel.wall_thickness_mm by {need:.2f} mm",
    )
