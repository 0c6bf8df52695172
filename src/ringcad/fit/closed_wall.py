"""Relief on a wall that closes round a stone: its chart, the fit as a spline surface, its bound. Numpy only.

The chart's u runs round the stone from behind (+y) over the left side, the front and the right; v runs from the upper
border down. So a picture that reads the right way round does so on the metal, its middle in front.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding
from ringcad.fit import spline
from ringcad.fit.decorate import budget_limits, empty_finding, zone_summary
from ringcad.generation import Relief, ZoneSize
from ringcad.relief.budget import apply_budget
from ringcad.relief.castability import make_castable
from ringcad.relief.resample import resample_to_chart, sharpen_coefficients
from ringcad.resolved import Decoration, ResolvedRing
from ringcad.stones.girdles import Girdle
from ringcad.stones.outline import Arc, Segment

Array = NDArray[np.float64]
#: What is cut inside between two heights: how far its lower line reaches at each station (n,), that line's height,
#: and the same of its upper line.
Slab = tuple[Array, float, Array, float]

#: Left level along either border of the band, so that the spline ends on the plain outside, smoothly.
CALM_MM = 0.10
#: Azimuth where the chart begins: behind.
START_RAD = 0.5 * math.pi
#: Coefficients per least detail, and most of them round the stone and across the band.
_PER_DETAIL, _MOST_ROUND, _MOST_ACROSS = 4.0, 960, 96
#: Elevations of the directions in which the wall is bounded.
_BOUND_DEG = np.arange(-76.0, 77.0, 4.0)


@dataclass(frozen=True)
class Stations:
    """Sites at even distances round a stone: (n,) normals from +x, (n, 2) places that radii count from along them, and
    (n,) curvature of the chart's own line.
    """

    normal_rad: Array
    base_mm: Array
    curve_per_mm: Array


class ClosedLine(Protocol):
    """A smooth closed line beside which a wall stands at even distances: its radius, square to it."""

    def length_mm(self, radius_mm: float) -> float:
        """All round, at a radius."""

    def stations(self, radius_mm: float, count: int) -> Stations:
        """``count`` (a multiple of 4) sites, evenly at a radius, from behind over the left side."""


@dataclass(frozen=True)
class AxisLine:
    """Circles about the head's axis."""

    def length_mm(self, radius_mm: float) -> float:
        """As :class:`ClosedLine` says."""
        return math.tau * radius_mm

    def stations(self, radius_mm: float, count: int) -> Stations:
        """As :class:`ClosedLine` says."""
        turn = START_RAD + math.tau * np.arange(count) / count
        return Stations(turn, np.zeros((count, 2)), np.full(count, 1.0 / radius_mm))


@dataclass(frozen=True)
class GirdleLine:
    """Lines parallel to a girdle; radii are half widths where it is narrowest."""

    girdle: Girdle

    def length_mm(self, radius_mm: float) -> float:
        """As :class:`ClosedLine` says."""
        return float(self.girdle.along(radius_mm - self.girdle.half_width_mm, START_RAD)[1][-1])

    def stations(self, radius_mm: float, count: int) -> Stations:
        """As :class:`ClosedLine` says."""
        out = radius_mm - self.girdle.half_width_mm
        turns, along = self.girdle.along(out, START_RAD)
        even = np.interp(np.arange(count) * along[-1] / count, along, turns)
        # quarters begin on the axes of symmetry to the last digit
        even[:: count // 4] = START_RAD + 0.5 * math.pi * np.arange(4)
        base = self.girdle.line(even, 1.0, -self.girdle.half_width_mm)
        return Stations(even, base, 1.0 / (self.girdle.radius(even) + out))


@dataclass(frozen=True)
class PathLine:
    """Lines outside a path of tangent arcs and lines from +x to +y and its mirror images; radii count from it."""

    path: tuple[Segment, ...]

    def _ends(self, radius_mm: float) -> Array:
        """(s + 1,) distances along the offset quarter at which its segments begin and end."""
        bends = [radius_mm * one.sweep_rad if isinstance(one, Arc) else 0.0 for one in self.path]
        lengths = [one.length_mm + bend for one, bend in zip(self.path, bends, strict=True)]
        return np.concatenate([[0.0], np.cumsum(lengths)])

    def length_mm(self, radius_mm: float) -> float:
        """As :class:`ClosedLine` says."""
        return 4.0 * float(self._ends(radius_mm)[-1])

    def stations(self, radius_mm: float, count: int) -> Stations:
        """As :class:`ClosedLine` says."""
        ends, quarter = self._ends(radius_mm), count // 4
        way, base, curve = np.empty((quarter + 1, 2)), np.empty((quarter + 1, 2)), np.empty(quarter + 1)
        for k, at in enumerate(np.linspace(0.0, ends[-1], quarter + 1)):
            number = min(int(np.searchsorted(ends, at + 1e-9, side="right")) - 1, len(self.path) - 1)
            one = self.path[number]
            share = float(np.clip((at - ends[number]) / (ends[number + 1] - ends[number]), 0.0, 1.0))
            x, y = one.tangent(share)
            base[k], way[k] = one.point(share), np.array([y, -x]) / math.hypot(x, y)
            curve[k] = 1.0 / (one.radius_x_mm + radius_mm) if isinstance(one, Arc) else 0.0
        for rows, axis in ((way, 1), (base, 1)):  # on the axes of symmetry to the last digit
            rows[0, axis] = rows[-1, 1 - axis] = 0.0
        # from +y over -x: the quarter backward in a mirror, then turned by half, and so on
        signs = ((-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (1.0, 1.0))

        def around(rows: Array) -> Array:
            """All four quarters of (quarter + 1, ...) rows of the first."""
            back, there = rows[:0:-1], rows[:-1]
            if rows.ndim == 1:
                return np.concatenate([back, there, back, there])
            return np.concatenate([part * sign for part, sign in zip((back, there, back, there), signs, strict=True)])

        ways = around(way)
        return Stations(np.unwrap(np.arctan2(ways[:, 1], ways[:, 0])), around(base), around(curve))


@dataclass(frozen=True)
class WallChart:
    """Sites of the net of a decorated wall: stations (n,) round the stone, rows (k,) from the upper border down.

    Attributes
    ----------
    azimuth_rad : (n,) outward normals about +z from +x
    base_mm : (n, 2) from which each station's radius counts, along its normal
    curve_per_mm : (n,) curvature of the chart's own line
    section_mm : (k, 2) radius and height of each row on the plain outside
    normal : (k, 2) unit, outward
    bend_per_mm : (k,) curvature of the section, positive where it bulges
    down_mm : (k,) arc length from the band's upper border
    rows : the decorated rows
    length_mm : of the chart's own line, all round
    """

    azimuth_rad: Array
    base_mm: Array
    curve_per_mm: Array
    section_mm: Array
    normal: Array
    bend_per_mm: Array
    down_mm: Array
    rows: NDArray[np.int64]
    length_mm: float

    def stretch(self, curve_per_mm: Array, radius_mm: Array) -> Array:
        """(rows, columns) mm round the stone per mm of the chart, at curvatures (columns,) and radii (rows,)."""
        return np.asarray(1.0 + (radius_mm[:, None] - self.radius_mm) * curve_per_mm[None, :])

    @property
    def radius_mm(self) -> float:
        """Middle of the least and the largest radius of the decorated rows: the one whose line the chart takes."""
        return _middle_radius(self.section_mm, self.rows)

    @property
    def size(self) -> ZoneSize:
        """What a generator is asked to fill; repeats round the stone."""
        width = float(self.down_mm[-1]) - 2.0 * CALM_MM
        least = float(self.round_stretch[self.rows].min())
        return ZoneSize(round(self.length_mm, 3), round(width, 3), round(least, 3), closed=True)

    @property
    def round_stretch(self) -> Array:
        """(k, n) mm round the stone per mm of the chart."""
        return self.stretch(self.curve_per_mm, self.section_mm[:, 0])

    @cached_property
    def middles_rad(self) -> Array:
        """(n,) normals half way from each station to the next."""
        after = np.append(self.azimuth_rad[1:], self.azimuth_rad[0] + math.tau)
        return self.azimuth_rad + 0.5 * (after - self.azimuth_rad)


def _middle_radius(section_mm: Array, rows: NDArray[np.int64]) -> float:
    radii = section_mm[rows, 0]
    return 0.5 * float(radii.min() + radii.max())


def chart_on(line: ClosedLine, outside: Array, detail_min_mm: float) -> WallChart:
    """The chart of a wall whose plain outside, from its upper border down, is given by points (m, 2) of (radius, z)."""
    pitch = detail_min_mm / _PER_DETAIL
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(outside, axis=0), axis=1))])
    across = int(np.clip(math.ceil(arc[-1] / pitch) + 3, 12, _MOST_ACROSS))
    knots = spline.clamped_knots(across)
    down = spline.greville(knots) / knots[-1] * arc[-1]
    section = np.stack([np.interp(down, arc, outside[:, k]) for k in (0, 1)], axis=1)
    section[0], section[-1] = outside[0], outside[-1]
    # arcs and lines as they are: differences over a tenth of a millimetre, well over the samples' own spacing
    step = 0.05
    before = np.stack([np.interp(np.maximum(down - step, 0.0), arc, outside[:, k]) for k in (0, 1)], axis=1)
    after = np.stack([np.interp(np.minimum(down + step, arc[-1]), arc, outside[:, k]) for k in (0, 1)], axis=1)
    way = after - before
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1)
    turn = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
    rows = np.nonzero((down >= CALM_MM) & (down <= arc[-1] - CALM_MM))[0]
    longest = line.length_mm(float(section[:, 0].max()))
    around = 4 * math.ceil(min(longest / pitch, _MOST_ROUND) / 4.0)
    radius = _middle_radius(section, rows)
    at = line.stations(radius, around)
    return WallChart(
        at.normal_rad, at.base_mm, at.curve_per_mm, section, normal, -np.gradient(turn, down), down, rows,
        line.length_mm(radius),
    )  # fmt: skip


@dataclass(frozen=True)
class FittedWall:
    """A decorated wall: its net (n, k, 3), periodic round the stone, and what became of the relief."""

    net: Array
    summary: dict[str, Any]
    bound: dict[str, float]
    findings: tuple[Finding, ...]


def fit_heights(
    ring: ResolvedRing, entry: Decoration, relief: Relief, chart: WallChart, wall_mm: Array, carrier: str
) -> tuple[Array, dict[str, Any], tuple[Finding, ...]]:
    """(heights (n, k) over the plain outside, summary, findings); ``wall_mm`` (k,) is the metal under each row."""
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
        scale_u=chart.stretch(_at_columns(chart, columns), radius + half * lean),
        scale_v=np.broadcast_to((1.0 + half * bend)[:, None], wanted.shape),
    )
    budget = apply_budget(
        cast.height_mm,
        budget_limits(ring),
        entry.mode,
        wall_mm=np.interp(v_px, chart.down_mm, wall_mm)[:, None],
        width_mm=size.width_mm,
        strict=entry.strict,
        where=carrier,
        carrier=carrier,
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
    # a periodic cubic runs inside its coefficients: those of a line through the sites
    out = np.stack([np.cos(chart.azimuth_rad), np.sin(chart.azimuth_rad)], axis=1)
    height = poles[:, 1] + heights_mm * chart.normal[:, 1]
    base, way = spline.interpolate_periodic(chart.base_mm), spline.interpolate_periodic(out)
    raised = (heights_mm * chart.normal[:, 0])[..., None] * out[:, None, :]
    flat = base[:, None, :] + poles[None, :, :1] * way[:, None, :] + raised
    return np.concatenate([flat, height[..., None]], axis=2)


def _at_columns(chart: WallChart, columns: int) -> Array:
    """(columns,) curvature of the chart's line where the middles of a relief's columns stand."""
    count = len(chart.curve_per_mm)
    curve = np.append(chart.curve_per_mm, chart.curve_per_mm[0])
    return np.asarray(np.interp((np.arange(columns) + 0.5) * count / columns, np.arange(count + 1), curve))


def wall_bounds(net: Array, chart: WallChart, slabs: list[Slab]) -> tuple[float, float]:
    """(least wall between the net and what is cut inside, azimuth in degrees where it stands).

    A span lies in the hull of its coefficients, a cone between two heights is convex: their distance is at least
    what any direction parts them by, and that of the best direction is taken.
    """
    around, across = net.shape[:2]
    middle = chart.middles_rad
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
