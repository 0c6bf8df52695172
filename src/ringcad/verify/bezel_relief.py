"""Relief on a bezel's wall, measured on the mesh: the wall under it, widths and heights of its strokes.

The plain outside comes as numbers with the ring; rays along its normals find the metal.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import BezelRing, Decoration, ResolvedRing, bezeled
from ringcad.stones.girdles import girdle_of
from ringcad.verify.detail import DetailZone, judge_heights
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM, Chart
from ringcad.verify.sites import SiteWall, thinnest

Array = NDArray[Any]

REGION, SITE = "bezel.wall", "bezel_relief"
_END_MM = 0.03
"""Vertices on the band's borders belong to the calm wall beside it as well."""
_OUT_MM = 0.05
"""Rays start so far outside of the highest relief ordered."""
_SPREAD = 0.04
"""A strip of the chart is so narrow that the ring's radius changes by no more of itself."""
_OVERLAP_MM = 0.4
"""Strips overlap by more than the widest stroke that is tested is wide."""


def measure_wall(mesh: TriangleMesh, caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """The wall under the relief, from every vertex of the band along the plain outside's normal; none without one."""
    ring = bezeled(resolved)
    if ring is None or ring.bezel.band is None:
        return []
    points = mesh.vertices
    radius, ways = _out(ring, points)
    band, reach = ring.bezel.band, ring.foundry.relief_max_mm + _OUT_MM
    widest = max(r for r, _ in band.section_mm) + reach
    near = np.flatnonzero(
        (points[:, 2] > band.low_z_mm - reach) & (points[:, 2] < band.high_z_mm + reach) & (radius < widest)
    )
    section, normal, down = _section(ring, 0.02)
    share, offset = _on_section(np.stack([radius[near], points[near, 2]], axis=1), section, normal)
    inside = (down[share] > _END_MM) & (down[share] < down[-1] - _END_MM) & (np.abs(offset) < reach)
    near, share = near[inside], share[inside]
    out = ways[near]
    way = -np.concatenate([normal[share, :1] * out, normal[share, 1:]], axis=1)
    length, _ = caster.thickness(points[near], way)
    met = np.isfinite(length)
    return [thinnest(SITE, points[near][met], way[met], length[met], ring.foundry.wall_min_mm)]


def _out(ring: BezelRing, points: Array) -> tuple[Array, Array]:
    """(radius (n,), level outward normals (n, 2)) of points; round an oval the radius is that at its narrowest, and
    counts square to its girdle.
    """
    girdle = girdle_of(ring.stone)
    if girdle is None:
        radius = np.hypot(points[:, 0], points[:, 1])
        return radius, points[:, :2] / np.maximum(radius, 1e-9)[:, None]
    turn, out = girdle.nearest(points[:, 0], points[:, 1])
    # inside the girdle, where there is no such wall, the nearest normal is not sure: far from every wall
    share, _ = girdle.gauge(points[:, 0], points[:, 1])
    radius = np.where(share > 1.0, girdle.half_width_mm + out, 0.0)
    return radius, np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _columns(ring: BezelRing, crest_mm: float) -> tuple[Array, Array]:
    """(level normals (n, 2), places (n, 2) that radii count from) a pixel apart along a line; the last millimetre is
    the first again.
    """
    girdle = girdle_of(ring.stone)
    if girdle is None:
        count = round((math.tau * crest_mm + 1.0) / PIXEL_MM)
        turn = np.arange(count) * PIXEL_MM / crest_mm
        out = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return out, np.zeros_like(out)
    turns, along = girdle.along(crest_mm - girdle.half_width_mm, 0.0)
    way = np.arange(round((along[-1] + 1.0) / PIXEL_MM)) * PIXEL_MM
    turn = np.interp(way, np.append(along, along[1:] + along[-1]), np.append(turns, turns[1:] + math.tau))
    return np.stack([np.cos(turn), np.sin(turn)], axis=1), girdle.line(turn, 1.0, -girdle.half_width_mm)


def _section(ring: BezelRing, step_mm: float) -> tuple[Array, Array, Array]:
    """The plain outside from the band's upper border down: points (k, 2), outward normals (k, 2), arc length (k,)."""
    assert ring.bezel.band is not None
    given = np.array(ring.bezel.band.section_mm)
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


def wall_heights(caster: RayCaster, ring: BezelRing, zone: Decoration, rows: slice) -> tuple[Array, Chart]:
    """Heights over the plain outside (rows down, columns round the stone) of a strip; NaN where no metal is met.

    ``rows`` are those of the section at the chart's step. A millimetre of the strip comes twice, once at either end.
    """
    section, normal, _ = _section(ring, PIXEL_MM)
    section, normal = section[rows], normal[rows]
    sign = 1.0 if zone.mode == "emboss" else -1.0
    deepest = ring.foundry.relief_max_mm if zone.mode == "emboss" else ring.foundry.engrave_max_mm
    depth = min(zone.depth_mm, deepest)
    reach = _OUT_MM + (depth if zone.mode == "emboss" else 0.0)
    crest = float(np.mean(section[:, 0] + 0.5 * sign * depth * normal[:, 0]))
    out, places = _columns(ring, crest)
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
    """Widths and heights of the relief on a bezel's wall; ``None`` where there is no such wall."""
    ring = bezeled(resolved)
    if ring is None or ring.bezel.band is None:
        return None
    section, _, down = _section(ring, PIXEL_MM)
    girdle = girdle_of(ring.stone)
    bend = section[:, 0] - (0.0 if girdle is None else girdle.half_width_mm - girdle.least_radius_mm)
    strips = max(math.ceil((float(bend.max()) / float(bend.min()) - 1.0) / _SPREAD), 1)
    ends = np.linspace(0, len(down), strips + 1).astype(int)
    overlap = round(_OVERLAP_MM / PIXEL_MM)
    found: DetailZone | None = None
    for first, last in pairwise(ends.tolist()):
        rows = slice(max(first - overlap, 0), last + overlap)
        height, chart = wall_heights(caster, ring, zone, rows)
        if not np.isfinite(height).any():
            continue
        if zone.mode == "engrave":  # ridges between the grooves stand on the grooves' floor
            height = height - float(np.nanpercentile(height, 2.0))
        one = judge_heights(zone.id, height, chart, ring.foundry.detail_min_mm)
        found = one if found is None else _worse(found, one)
    return found


def _worse(one: DetailZone, other: DetailZone) -> DetailZone:
    """What is worst of two strips that overlap: areas of the worse one, since both see the same strokes."""
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
