"""Relief on a wall that closes round a stone (a bezel's, a halo's rim), measured on the mesh: the wall under it, widths
and heights of its strokes.

The plain outside comes as numbers with the ring; rays along its normals find the metal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Decoration, Halo, ResolvedRing, WallBand, bezeled
from ringcad.stones.girdles import Girdle, girdle_of
from ringcad.verify.detail import DetailZone, judge_heights
from ringcad.verify.halo_sites import WALL_MIN_MM, row_loop
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM, Chart
from ringcad.verify.sites import SiteWall, thinnest

Array = NDArray[Any]

SITE, RIM_SITE = "bezel_relief", "halo_relief"
REGIONS = ("bezel.wall", "halo.rim")
_END_MM = 0.03
"""Vertices on the band's borders belong to the calm wall beside it as well."""
_OUT_MM = 0.05
"""Rays start so far outside of the highest relief ordered."""
_SPREAD = 0.04
"""A strip of the chart is so narrow that the ring's radius changes by no more of itself."""
_OVERLAP_MM = 0.4
"""Strips overlap by more than the widest stroke that is tested is wide."""
_AGAIN_MM = 1.0
"""So much of the beginning comes again at the end of a chart, for strokes across its join."""
_LOOP_STEP_MM = 0.01
"""Steps in which a row's line is searched."""


class _Line(Protocol):
    """A closed line that radii of a wall's section count from, square to it."""

    @property
    def least_bend_mm(self) -> float:
        """What a radius is over the least radius of curvature there."""

    def out(self, points: Array) -> tuple[Array, Array]:
        """(radius (n,), level outward normals (n, 2)) of points (n, 3)."""

    def columns(self, crest_mm: float) -> tuple[Array, Array]:
        """(level normals (n, 2), places (n, 2) that radii count from) a pixel apart at a radius, once round and
        :data:`_AGAIN_MM` more.
        """


@dataclass(frozen=True)
class _Circle:
    """Circles about the head's axis; radii count from ``radius_mm``."""

    radius_mm: float = 0.0

    @property
    def least_bend_mm(self) -> float:
        return -self.radius_mm

    def out(self, points: Array) -> tuple[Array, Array]:
        radius = np.hypot(points[:, 0], points[:, 1])
        return radius - self.radius_mm, points[:, :2] / np.maximum(radius, 1e-9)[:, None]

    def columns(self, crest_mm: float) -> tuple[Array, Array]:
        around = self.radius_mm + crest_mm
        turn = np.arange(round((math.tau * around + _AGAIN_MM) / PIXEL_MM)) * PIXEL_MM / around
        out = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return out, self.radius_mm * out


@dataclass(frozen=True)
class _Girdle:
    """Lines parallel to a girdle; radii are those at its narrowest."""

    girdle: Girdle

    @property
    def least_bend_mm(self) -> float:
        return self.girdle.half_width_mm - self.girdle.least_radius_mm

    def out(self, points: Array) -> tuple[Array, Array]:
        turn, out = self.girdle.nearest(points[:, 0], points[:, 1])
        # inside the girdle, where there is no such wall, the nearest normal is not sure: far from every wall
        share, _ = self.girdle.gauge(points[:, 0], points[:, 1])
        radius = np.where(share > 1.0, self.girdle.half_width_mm + out, 0.0)
        return radius, np.stack([np.cos(turn), np.sin(turn)], axis=1)

    def columns(self, crest_mm: float) -> tuple[Array, Array]:
        turns, along = self.girdle.along(crest_mm - self.girdle.half_width_mm, 0.0)
        way = np.arange(round((along[-1] + _AGAIN_MM) / PIXEL_MM)) * PIXEL_MM
        turn = np.interp(way, np.append(along, along[1:] + along[-1]), np.append(turns, turns[1:] + math.tau))
        return np.stack([np.cos(turn), np.sin(turn)], axis=1), self.girdle.line(turn, 1.0, -self.girdle.half_width_mm)


@dataclass(frozen=True)
class _Row:
    """Lines beside a halo's row; the section stands upright, so that one radius is that of all its rows."""

    halo: Halo
    least_bend_mm: float = 0.0

    @cached_property
    def _fine(self) -> tuple[Array, Array]:
        """(n, 2) points of the row's line all round and its ways out, the first again at the end."""
        loop, out = row_loop(self.halo)
        loop, out = (np.concatenate([rows, rows[:1]]) for rows in (loop, out))
        at = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(loop, axis=0), axis=1))])
        fine = np.linspace(0.0, at[-1], math.ceil(at[-1] / _LOOP_STEP_MM) + 1)
        points, ways = (np.stack([np.interp(fine, at, rows[:, k]) for k in (0, 1)], axis=1) for rows in (loop, out))
        return points, ways / np.linalg.norm(ways, axis=1, keepdims=True)

    def out(self, points: Array) -> tuple[Array, Array]:
        line, ways = self._fine
        from scipy.spatial import cKDTree  # slow to import, wanted only where a wall follows a girdle

        _, nearest = cKDTree(line).query(points[:, :2])
        way = ways[nearest]
        return np.einsum("ij,ij->i", points[:, :2] - line[nearest], way), way

    def columns(self, crest_mm: float) -> tuple[Array, Array]:
        line, ways = self._fine
        beside = line + crest_mm * ways
        at = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(beside, axis=0), axis=1))])
        round_mm = np.arange(round((at[-1] + _AGAIN_MM) / PIXEL_MM)) * PIXEL_MM % at[-1]
        found = [np.stack([np.interp(round_mm, at, rows[:, k]) for k in (0, 1)], axis=1) for rows in (ways, line)]
        return found[0] / np.linalg.norm(found[0], axis=1, keepdims=True), found[1]


@dataclass(frozen=True)
class Carrier:
    """A decorated wall: its stretch, the line it goes round, the name and the limit of its site."""

    band: WallBand
    line: _Line
    site: str
    limit_mm: float


def carrier_of(resolved: ResolvedRing, region: str) -> Carrier | None:
    """What carries the relief of a region; ``None`` where the ring has no such wall."""
    ring, halo = bezeled(resolved), resolved.halo
    if region == "bezel.wall" and ring is not None and ring.bezel.band is not None:
        girdle = girdle_of(ring.stone)
        return Carrier(
            ring.bezel.band, _Circle() if girdle is None else _Girdle(girdle), SITE, resolved.foundry.wall_min_mm
        )
    if region == "halo.rim" and halo is not None and halo.band is not None:
        return Carrier(halo.band, _Row(halo) if halo.line_mm else _Circle(halo.row_radius_mm), RIM_SITE, WALL_MIN_MM)
    return None


def measure_wall(mesh: TriangleMesh, caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """The wall under each relief, from every vertex of its band along the plain outside's normal; none without one."""
    carriers = [carrier_of(resolved, region) for region in REGIONS]
    reach = resolved.foundry.relief_max_mm + _OUT_MM
    return [_measured(mesh, caster, carrier, reach) for carrier in carriers if carrier is not None]


def _measured(mesh: TriangleMesh, caster: RayCaster, carrier: Carrier, reach: float) -> SiteWall:
    points, band = mesh.vertices, carrier.band
    level = np.flatnonzero((points[:, 2] > band.low_z_mm - reach) & (points[:, 2] < band.high_z_mm + reach))
    radius, ways = carrier.line.out(points[level])
    kept = radius < max(r for r, _ in band.section_mm) + reach
    near, out, radius = level[kept], ways[kept], radius[kept]
    section, normal, down = _section(band, 0.02)
    share, offset = _on_section(np.stack([radius, points[near, 2]], axis=1), section, normal)
    inside = (down[share] > _END_MM) & (down[share] < down[-1] - _END_MM) & (np.abs(offset) < reach)
    near, share, out = near[inside], share[inside], out[inside]
    way = -np.concatenate([normal[share, :1] * out, normal[share, 1:]], axis=1)
    length, _ = caster.thickness(points[near], way)
    met = np.isfinite(length)
    return thinnest(carrier.site, points[near][met], way[met], length[met], carrier.limit_mm)


def _section(band: WallBand, step_mm: float) -> tuple[Array, Array, Array]:
    """The plain outside from the band's upper border down: points (k, 2), outward normals (k, 2), arc length (k,)."""
    given = np.array(band.section_mm)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(given, axis=0), axis=1))])
    down = np.linspace(0.0, arc[-1], max(round(float(arc[-1]) / step_mm), 8) + 1)
    points = np.stack([np.interp(down, arc, given[:, k]) for k in (0, 1)], axis=1)
    way = np.gradient(points, down, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    return points, np.stack([-way[:, 1], way[:, 0]], axis=1), down


def _on_section(points: Array, section: Array, normal: Array) -> tuple[Array, Array]:
    """Of points (n, 2): the nearest row of the section, and how far outside of it they lie."""
    nearest = np.zeros(len(points), dtype=np.int64)
    least = np.full(len(points), np.inf)
    for row, place in enumerate(section):
        square = (points[:, 0] - place[0]) ** 2 + (points[:, 1] - place[1]) ** 2
        closer = square < least
        least[closer], nearest[closer] = square[closer], row
    return nearest, np.einsum("ij,ij->i", points - section[nearest], normal[nearest])


def wall_heights(caster: RayCaster, ring: ResolvedRing, zone: Decoration, rows: slice) -> tuple[Array, Chart]:
    """Heights over the plain outside (rows down, columns round the stone) of a strip; NaN where no metal is met.

    ``rows`` are those of the section at the chart's step. A millimetre of the strip comes twice, once at either end.
    Raises :class:`ValueError` where the ring has no such wall.
    """
    carrier = carrier_of(ring, zone.region)
    if carrier is None:
        raise ValueError(f"the ring has no {zone.region}")
    section, normal, _ = _section(carrier.band, PIXEL_MM)
    section, normal = section[rows], normal[rows]
    sign = 1.0 if zone.mode == "emboss" else -1.0
    deepest = ring.foundry.relief_max_mm if zone.mode == "emboss" else ring.foundry.engrave_max_mm
    depth = min(zone.depth_mm, deepest)
    reach = _OUT_MM + (depth if zone.mode == "emboss" else 0.0)
    crest = float(np.mean(section[:, 0] + 0.5 * sign * depth * normal[:, 0]))
    out, places = carrier.line.columns(crest)
    columns = len(out)
    ways = np.concatenate([
        normal[:, None, :1] * out[None], np.broadcast_to(normal[:, None, 1:], (len(section), columns, 1))
    ], axis=2)  # fmt: skip
    base = np.concatenate([
        places[None] + section[:, None, :1] * out[None],
        np.broadcast_to(section[:, None, 1:], (len(section), columns, 1)),
    ], axis=2)  # fmt: skip
    starts = base + reach * ways
    distance, face = caster.first_hit(starts.reshape(-1, 3), -ways.reshape(-1, 3))
    height = np.where(face >= 0, reach - distance, np.nan).reshape(len(section), columns)
    height = np.where(np.abs(height) < depth + 2.0 * _OUT_MM, height, np.nan)
    points = base + np.where(np.isfinite(height), height, 0.0)[..., None] * ways
    across = np.arange(len(section)) * PIXEL_MM
    return height, Chart(height, points, across, np.full(columns, 0.5 * float(across[-1])), PIXEL_MM)


def measure_wall_detail(caster: RayCaster, resolved: ResolvedRing, zone: Decoration) -> DetailZone | None:
    """Widths and heights of the relief on a wall; ``None`` where there is no such wall."""
    carrier = carrier_of(resolved, zone.region)
    if carrier is None:
        return None
    section, _, down = _section(carrier.band, PIXEL_MM)
    bend = section[:, 0] - carrier.line.least_bend_mm
    strips = max(math.ceil((float(bend.max()) / float(bend.min()) - 1.0) / _SPREAD), 1)
    ends = np.linspace(0, len(down), strips + 1).astype(int)
    overlap = round(_OVERLAP_MM / PIXEL_MM)
    found: DetailZone | None = None
    for first, last in pairwise(ends.tolist()):
        rows = slice(max(first - overlap, 0), last + overlap)
        height, chart = wall_heights(caster, resolved, zone, rows)
        if not np.isfinite(height).any():
            continue
        if zone.mode == "engrave":  # ridges between the grooves stand on the grooves' floor
            height = height - float(np.nanpercentile(height, 2.0))
        one = judge_heights(zone.id, height, chart, resolved.foundry.detail_min_mm)
        found = one if found is None else worse(found, one)
    return found


def worse(one: DetailZone, other: DetailZone) -> DetailZone:
    """What is worst of two charts that overlap: areas of the worse one, since both see the same strokes."""
    thin = min(one, other, key=lambda zone: (not zone.refused, zone.narrowest_mm))
    steep = max(one, other, key=lambda zone: zone.steepest)
    return replace(
        thin,
        depth_mm=max(one.depth_mm, other.depth_mm),
        narrowest_mm=min(one.narrowest_mm, other.narrowest_mm),
        narrow_mm2=max(one.narrow_mm2, other.narrow_mm2),
        steepest=steep.steepest,
        steep_place_mm=steep.steep_place_mm,
    )
