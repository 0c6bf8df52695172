"""Relief on a cathedral's arms, measured on the mesh: the metal under it, widths and heights of its strokes.

The arm's plain outside is written from the ring's numbers on its own: the crown line leaves the shank's circle in one
sweep up to the seat rail, the width pinches to the arm's. Rays along its normals find the metal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.resolved import Decoration, HeadedRing, ResolvedRing, headed
from ringcad.verify.detail import (
    LEAST_ERROR_MM2,
    LEAST_HEIGHT_MM,
    DetailZone,
    judge_heights,
    measure_detail,
    spec_index,
)
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM, Chart
from ringcad.verify.shank_line import plain_thickness, plain_width
from ringcad.verify.sites import SiteWall, thinnest
from ringcad.verify.wall_relief import worse

Array = NDArray[Any]

REGION, SITE = "shank.arms", "arm_relief"
SHOULDERS = ("shank.shoulders", "shank.right_shoulder", "shank.left_shoulder")
"""Regions that run up onto the arms where these carry no design of their own."""
_OVERLAP_MM = 0.4
"""So much of the shank beyond the arm lies on its chart as well: more than the widest stroke that is tested."""
_SWEEP = 2.3
"""Power of the sweep over the share of the way from lifting off to the seat rail."""
_PINCH_BEYOND_DEG = 6.0
"""The width has begun to pinch so far before the arm lifts off."""
_SIDE_MM = 0.45
"""Least straight side of a section between its roundings."""
_KNIFE_MM = 0.3
"""Radius of a knife edge's ridge."""
_OUT_MM = 0.3
"""Rays start so far outside of the highest relief that a profile allows."""
_DEEPEST_MM = 1.0
"""What lies deeper under the plain arm than this is no floor of a relief, and unknown on its chart."""
_STEP = 1e-4
"""Of differences for the plain arm's slopes, radians and mm."""


@dataclass(frozen=True)
class _Arm:
    """The plain outside of both arms: distance from the finger axis over angle from the top and place across."""

    ring: HeadedRing

    @property
    def _meet_deg(self) -> float:
        """Where the crown line meets the seat rail."""
        return math.degrees(math.atan2(self._rail_mm, self.ring.gallery.arm_top_z_mm))

    @property
    def _rail_mm(self) -> float:
        return next(rail.outer_side_mm for rail in self.ring.gallery.rails if rail.name == "seat_rail")

    def height(self, phi: Array) -> Array:
        """Crown line over the bore at angles (radians from the top), mm."""
        gallery, shank = self.ring.gallery, self.ring.shank
        top = math.hypot(self._rail_mm, gallery.arm_top_z_mm) - self.ring.bore_radius_mm
        way = (gallery.lift_phi_deg - np.degrees(np.abs(phi))) / (gallery.lift_phi_deg - self._meet_deg)
        sweep = np.clip(way, 0.0, None) ** _SWEEP
        return np.asarray(plain_thickness(shank, phi) + (top - shank.thickness_top_mm) * sweep)

    def half_width(self, phi: Array) -> Array:
        """Half of the width at angles (n,), mm."""
        gallery, shank = self.ring.gallery, self.ring.shank
        last = gallery.lift_phi_deg + _PINCH_BEYOND_DEG
        t = np.clip((np.degrees(np.abs(phi)) - self._meet_deg) / (last - self._meet_deg), 0.0, 1.0)
        arm = min(gallery.arm_width_mm, shank.head_width)
        body = plain_width(shank, phi.ravel()).reshape(phi.shape)
        return np.asarray(0.5 * (arm + (body - arm) * t**3 * (10.0 - 15.0 * t + 6.0 * t**2)))

    def radius(self, phi: Array, y: Array) -> Array:
        """Distance of the plain crown from the finger axis, mm."""
        shank = self.ring.shank
        height, half = self.height(phi), self.half_width(phi)
        share = np.clip(np.abs(y) / half, 0.0, 1.0)
        if shank.profile == "ellipse":
            fall = 0.5 * height * (1.0 - np.sqrt(1.0 - share**2))
        else:
            rise = shank.crown_rise_mm * np.clip(2.0 * half / shank.width_top_mm, 0.4, 1.0)
            # crown and roundings leave a straight side between them, and are lower where there is no room for both
            wanted = rise + shank.outer_edge_radius_mm + shank.comfort_rise_mm + shank.inner_edge_radius_mm
            rise = rise * (1.0 + (wanted / (height - _SIDE_MM)) ** 8) ** -0.125
            bend = rise * _KNIFE_MM
            crest = bend / np.sqrt(np.maximum(half**2 - 2.0 * bend, 1e-6))  # of the hyperbola that a knife edge is
            ridge = (np.hypot(share * half, crest) - crest) / (np.hypot(half, crest) - crest)
            fall = rise * (ridge if shank.profile == "knife_edge" else share**2)
        return np.asarray(self.ring.bore_radius_mm + height - fall)

    def away(self, points: Array) -> tuple[Array, Array]:
        """(distance outside of the plain arm (n,), its outward normals there (n, 3)) of points (n, 3)."""
        phi, y = np.arctan2(points[:, 0], points[:, 2]), points[:, 1]
        radius = np.hypot(points[:, 0], points[:, 2])
        along = (self.radius(phi + _STEP, y) - self.radius(phi - _STEP, y)) / (2.0 * _STEP) / radius
        across = (self.radius(phi, y + _STEP) - self.radius(phi, y - _STEP)) / (2.0 * _STEP)
        steep = np.sqrt(1.0 + along**2 + across**2)
        sine, cosine = np.sin(phi), np.cos(phi)
        normal = np.stack([sine - along * cosine, -across, cosine + along * sine], axis=1) / steep[:, None]
        return (radius - self.radius(phi, y)) / steep, normal

    def even(self, zone: Decoration) -> tuple[Array, Array]:
        """Angles (columns,) and places across (rows,) a chart step apart on the plain arm within a zone."""
        phi = np.radians(np.linspace(zone.phi_start_deg, zone.phi_end_deg, 721))
        line = self.ring.bore_radius_mm + self.height(phi)
        steps = np.hypot(np.diff(line * np.sin(phi)), np.diff(line * np.cos(phi)))
        arc = np.concatenate([[0.0], np.cumsum(steps)])
        columns = np.interp(np.arange(0.0, arc[-1], PIXEL_MM), arc, phi)
        last = float(self.half_width(columns).max()) - self.ring.shank.outer_edge_radius_mm
        y = np.linspace(0.0, max(last, PIXEL_MM), 721)
        middle = self.radius(np.full(len(y), float(np.median(columns))), y)
        arc = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(y), np.diff(middle)))])
        right = np.interp(np.arange(PIXEL_MM, arc[-1], PIXEL_MM), arc, y)
        return columns, np.concatenate([-right[::-1], [0.0], right])


@dataclass(frozen=True)
class _Met:
    """Where rays along the plain arm's normals meet metal: ``shape`` is (rows across, columns), the rest is flat."""

    shape: tuple[int, int]
    across_mm: Array
    half_width_mm: Array
    base: Array
    normal: Array
    height: Array
    """Over the plain arm."""
    face: Array
    """-1 beyond the crown and where there is no metal."""


def _meet(caster: RayCaster, arm: _Arm, zone: Decoration) -> _Met:
    resolved = arm.ring
    phi, y = arm.even(zone)
    half = arm.half_width(phi)
    over, aside = (value.ravel() for value in np.broadcast_arrays(phi[None, :], y[:, None]))
    radius = arm.radius(over, aside)
    base = np.stack([radius * np.sin(over), aside, radius * np.cos(over)], axis=1)
    _, normal = arm.away(base)
    reach = resolved.foundry.relief_max_mm + _OUT_MM
    distance, face = caster.first_hit(base + reach * normal, -normal)
    inside = (np.abs(y)[:, None] < half[None, :] - resolved.shank.outer_edge_radius_mm).ravel()
    return _Met((len(y), len(phi)), y, half, base, normal, reach - distance, np.where(inside, face, -1))


def on_arm(resolved: ResolvedRing, zone: Decoration) -> Decoration | None:
    """What lies on an arm of a zone, and a little beyond for strokes across the end; ``None`` where nothing does."""
    ring = headed(resolved)
    if zone.region not in (REGION, *SHOULDERS) or ring is None or ring.gallery.shoulders != "cathedral":
        return None
    outer = ring.bore_radius_mm + ring.shank.thickness_top_mm
    last = ring.gallery.lift_phi_deg + math.degrees(_OVERLAP_MM / outer)
    if zone.region == REGION or abs(zone.phi_end_deg) <= last:
        return zone
    if abs(zone.phi_start_deg) >= ring.gallery.lift_phi_deg:
        return None
    return zone.model_copy(update={"phi_end_deg": math.copysign(last, zone.phi_end_deg)})


def arm_heights(caster: RayCaster, resolved: ResolvedRing, zone: Decoration) -> tuple[Array, Chart]:
    """Heights over the plain arm (rows across, columns from the zone's start) and their chart.

    NaN beyond the crown and where there is no metal. Raises :class:`ValueError` where the ring has no arms.
    """
    ring = headed(resolved)
    if ring is None or ring.gallery.shoulders != "cathedral":
        raise ValueError("the ring has no cathedral arms")
    met = _meet(caster, _Arm(ring), zone)
    height = np.where((met.face >= 0) & (met.height > -_DEEPEST_MM), met.height, np.nan)
    points = met.base + np.where(np.isfinite(height), height, 0.0)[:, None] * met.normal
    chart = Chart(height.reshape(met.shape), points.reshape(*met.shape, 3), met.across_mm, met.half_width_mm, PIXEL_MM)
    return chart.radius_mm, chart


def measure_arms(mesh: TriangleMesh, caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """The metal under the relief of both arms along the plain arm's normal.

    From every pixel of the charts, and from every vertex of what they show. It ends at the arch under the arm, or at
    the bore; none where nothing of an arm is decorated.
    """
    zones = [part for zone in resolved.decoration if (part := on_arm(resolved, zone)) is not None]
    ring = headed(resolved)
    if not zones or ring is None:
        return []
    arm = _Arm(ring)
    starts, ways = [], []
    for zone in zones:
        met = _meet(caster, arm, zone)
        hit = met.face >= 0
        points = mesh.vertices[np.unique(mesh.faces[np.unique(met.face[hit])])]
        low, high = sorted((zone.phi_start_deg, zone.phi_end_deg))
        phi = np.arctan2(points[:, 0], points[:, 2])
        kept = (np.degrees(phi) >= low) & (np.degrees(phi) <= high)
        kept &= np.abs(points[:, 1]) < arm.half_width(phi) - resolved.shank.outer_edge_radius_mm
        starts += [met.base[hit] + met.height[hit, None] * met.normal[hit], points[kept]]
        ways += [-met.normal[hit], -arm.away(points[kept])[1]]
    start, way = np.concatenate(starts), np.concatenate(ways)
    length, _ = caster.thickness(start, way)
    known = np.isfinite(length)
    return [thinnest(SITE, start[known], way[known], length[known], resolved.foundry.wall_min_mm)]


def measure_arm_detail(caster: RayCaster, resolved: ResolvedRing, zone: Decoration) -> DetailZone | None:
    """Widths and heights of what a zone has on an arm; ``None`` where that is nothing."""
    part = on_arm(resolved, zone)
    if part is None:
        return None
    height, chart = arm_heights(caster, resolved, part)
    if zone.mode == "engrave" and np.isfinite(height).any():  # ridges between the grooves stand on the grooves' floor
        height = height - float(np.nanpercentile(height, 2.0))
    return judge_heights(zone.id, height, chart, resolved.foundry.detail_min_mm)


def measure_shoulder_detail(caster: RayCaster, resolved: ResolvedRing, zone: Decoration) -> DetailZone | None:
    """Widths and heights of a zone of the unrolled shank, with what it has on an arm."""
    parts = [measure(caster, resolved, zone) for measure in (measure_detail, measure_arm_detail)]
    known = [part for part in parts if part is not None]
    return worse(*known) if len(known) == 2 else known[0] if known else None


@dataclass(frozen=True)
class ArmRise:
    """How far the relief of an arm lies off the plain arm (above it, or below where it is engraved), mm."""

    zone: Decoration
    reached_mm: float
    """Of the highest :data:`LEAST_ERROR_MM2`; 0 where there is no metal."""
    least_mm: float
    place_mm: tuple[float, float, float]
    """In the middle of the arm."""

    @property
    def row(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "height_mm": round(self.reached_mm, 4),
            "ordered_mm": self.zone.depth_mm,
            "limit_mm": self.least_mm,
            "place_mm": [round(value, 4) for value in self.place_mm],
        }


def measure_rises(caster: RayCaster, resolved: ResolvedRing) -> list[ArmRise]:
    """Of each arm that carries a design of its own."""
    found = []
    for zone in resolved.decoration:
        if zone.region == REGION:
            height, chart = arm_heights(caster, resolved, zone)
            off = np.sort((height if zone.mode == "emboss" else -height)[np.isfinite(height)])
            cells = round(LEAST_ERROR_MM2 / PIXEL_MM**2)
            reached = max(float(off[-cells]), 0.0) if len(off) >= cells else 0.0
            x, y, z = (float(value) for value in chart.points[chart.points.shape[0] // 2, chart.points.shape[1] // 2])
            found.append(ArmRise(zone, reached, min(LEAST_HEIGHT_MM, 0.5 * zone.depth_mm), (x, y, z)))
    return found


def bare_findings(rises: Sequence[ArmRise], resolved: ResolvedRing) -> list[Finding]:
    """Arms that were ordered with a relief and carry none: no area that matters lies off the plain arm."""
    found: list[Finding] = []
    for rise in rises:
        if rise.reached_mm >= rise.least_mm:
            continue
        x, y, z = rise.place_mm
        found.append(
            Finding(
                code=FindingCode.RELIEF_EMPTY,
                severity=Severity.ERROR,
                message=f"relief {rise.zone.id}: no {LEAST_ERROR_MM2:g} mm^2 of it lie over {rise.reached_mm:.2f} mm "
                f"off the plain arm (limit: {rise.least_mm:.2f} mm, ordered {rise.zone.depth_mm:.2f} mm) "
                f"at ({x:.2f}, {y:.2f}, {z:.2f})",
                measured=rise.reached_mm,
                limit=rise.least_mm,
                unit="mm",
                place_mm=rise.place_mm,
                spec_field=f"decoration.{spec_index(resolved, rise.zone.id)}",
                fix="build the ring again from its spec, or leave the region out",
            )
        )
    return found
