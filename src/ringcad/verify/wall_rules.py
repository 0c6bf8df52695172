"""Findings about walls: measured sites and the map of samples against their limits."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.resolved import ResolvedRing, headed
from ringcad.verify.balls import BALL_ERROR_MM, DEPTH_ERROR_MM
from ringcad.verify.edges import feather_length, mesh_edges
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.report import WALL_CLASSES, WallClass
from ringcad.verify.sites import SiteWall
from ringcad.verify.topology import clusters
from ringcad.verify.walls import WallMap

Array = NDArray[Any]

MARGIN_MM = 0.02
"""A wall counts as thin below the limit less this: the methods' error and a chord on either side."""
HISTOGRAM_STEP_MM, HISTOGRAM_STEPS = 0.1, 30
METHODS = {
    "rays": {"what": "inward rays and a cone of 29 degrees round them, samples even by area", "error_mm": 0.01},
    "balls": {"what": "inscribed balls and openings by the wall's and the detail's ball", "error_mm": BALL_ERROR_MM},
}
"""The two methods and their errors on the calibration bodies (docs/verifier.md)."""
_LEAST_SAMPLES = 2
"""A thin place is reported as an error when at least this many samples lie on it."""
_LEAST_DETAIL_MM2 = 0.2
"""One thin stroke of this area (0.3 mm by 0.7) refuses; corners of patches are smaller and only warned of."""


def site_row(site: SiteWall) -> dict[str, Any]:
    """JSON-ready numbers of one site."""
    return {
        "min_mm": round(site.min_mm, 5),
        "limit_mm": site.limit_mm,
        "place_mm": [round(value, 4) for value in site.place_mm],
        "lines": site.lines,
    }


def wall_summary(walls: WallMap) -> dict[str, Any]:
    """Per class: area, thinnest sample and its place, each method's least, area below the limit and a histogram."""
    rows: dict[str, Any] = {}
    whole = float(walls.area_mm2.sum())
    for kind in WALL_CLASSES:
        chosen = walls.of(kind)
        thinnest = walls.minimum(kind)
        area = float(walls.area_mm2[chosen].sum())
        below = chosen & (walls.thickness_mm < walls.limit_mm - MARGIN_MM)
        rows[kind.value] = {
            "area_mm2": round(area, 4),
            "share": round(area / whole, 5) if whole > 0.0 else 0.0,
            "min_mm": None if thinnest is None else round(thinnest[0], 5),
            "place_mm": None if thinnest is None else [round(value, 4) for value in thinnest[1]],
            "rays_min_mm": _least(walls.cone_mm, chosen & (walls.limit_mm > 0.0)),
            "balls_min_mm": _least(walls.inscribed_mm, chosen & (walls.limit_mm > 0.0)),
            "below_limit_mm2": round(float(walls.area_mm2[below].sum()), 4),
            "histogram": _histogram(walls, chosen),
        }
    return rows


def _least(values: Any, chosen: Any) -> float | None:
    good = values[chosen & np.isfinite(values)]
    return round(float(good.min()), 5) if len(good) else None


def _histogram(walls: WallMap, chosen: Any) -> dict[str, float]:
    """Area in mm^2 by thickness: ``"0.8"`` is 0.8 to 0.9 mm; the last step holds everything from there on."""
    good = chosen & np.isfinite(walls.thickness_mm)
    step = np.minimum(np.floor(walls.thickness_mm[good] / HISTOGRAM_STEP_MM + 1e-6).astype(np.int64), HISTOGRAM_STEPS)
    area = np.bincount(step, weights=walls.area_mm2[good], minlength=1)
    return {f"{k * HISTOGRAM_STEP_MM:.1f}": round(float(area[k]), 3) for k in np.flatnonzero(area)}


_ARCH_DEG = 3.0
"""Beyond the first of a decorated arm the metal reaches down to the bore: its arch ends before."""

_ROW_WORDS = {
    "row_side": "the limb's side at the window",
    "row_column": "the column under the prongs",
    "row_saddle": "the metal between the prongs of a pair",
    "prong_neck": "the prong between its notches",
}
"""Sites of a row between shared prongs."""


def _site_words(site: SiteWall, resolved: ResolvedRing) -> tuple[FindingCode, str, str, str]:
    """Code, name in words, spec field and smallest fix for a site that is too thin."""
    name, _, which = site.site.partition(":")
    missing = site.limit_mm - site.min_mm
    x, _, z = site.place_mm
    lower = abs(float(np.degrees(np.arctan2(x, z)))) > 103.0
    if name in ("shank_floor", "decorated_floor"):
        end = "bottom" if lower else "top"
        now = resolved.shank.thickness_bottom_mm if lower else resolved.shank.thickness_top_mm
        fix = f"set shank.thickness_mm.{end} to {now + missing:.2f}"
        engraved = any(zone.mode == "engrave" for zone in resolved.shank_decoration)
        if engraved:
            fix += f", or lower the engraving's depth_mm by {missing:.2f}"
        if resolved.shank.hollow is not None:
            fix += f", or set shank.hollow_wall_mm to {resolved.shank.hollow.wall_mm + missing:.2f}"
        return (
            FindingCode.WALL_STRUCTURAL,
            "the shank from the relief's floor to the bore",
            (f"shank.thickness_mm.{end}"),
            fix,
        )
    if name == "hollow_rim" and resolved.shank.hollow is not None:
        now = resolved.shank.hollow.rim_mm
        return (
            FindingCode.WALL_STRUCTURAL,
            "the rim beside the trough of the hollowed shank",
            "shank.hollow_rim_mm",
            (f"set shank.hollow_rim_mm to {now + missing:.2f}"),
        )
    if name == "side_relief":
        now = min(resolved.shank.width_top_mm, resolved.shank.width_bottom_mm)
        return (
            FindingCode.WALL_STRUCTURAL,
            "the shank between its carved sides",
            "shank.width_mm",
            (f"set shank.width_mm to {now + missing:.2f}, or lower the sides' depth_mm by {0.5 * missing:.2f}"),
        )
    if name == "arm_relief" and resolved.gallery is not None:
        # beside the arch it is the arm that is thin, farther on the shank that it leaves
        begin = min(abs(zone.phi_start_deg) for zone in resolved.shank_decoration)
        arch = abs(float(np.degrees(np.arctan2(x, z)))) < begin + _ARCH_DEG
        field = "gallery.arm_thickness_mm" if arch else "shank.thickness_mm.top"
        now = resolved.gallery.arm_thickness_mm if arch else resolved.shank.thickness_top_mm
        return (
            FindingCode.WALL_STRUCTURAL,
            "the cathedral's arm under its relief",
            field,
            f"set {field} to {now + missing:.2f}",
        )
    if name == "split_leg" and resolved.shank.split is not None:
        gap = resolved.shank.split.gap_mm
        return (
            FindingCode.WALL_STRUCTURAL,
            "a leg of the split shank",
            "shank.split_gap_mm",
            (f"set shank.split_gap_mm to {max(gap - 2.0 * missing, 0.0):.2f}, or widen shank.head_width_mm"),
        )
    if name == "bypass_joint":
        return (
            FindingCode.WALL_STRUCTURAL,
            "the bar by which an arm of the bypass shank holds the head (side of a square of its section)",
            "shank.thickness_mm.top",
            (f"set shank.thickness_mm.top to {resolved.shank.thickness_top_mm + missing:.2f}"),
        )
    if name == "bypass_end" and resolved.shank.bypass is not None:
        return (
            FindingCode.WALL_STRUCTURAL,
            "an arm of the bypass shank beside the head",
            "shank.bypass_end_width_mm",
            (f"set shank.bypass_end_width_mm to {resolved.shank.bypass.end_width_mm + missing:.2f}"),
        )
    if name == "shank_side":
        end = "bottom" if lower else "top"
        now = resolved.shank.width_bottom_mm if lower else resolved.shank.width_top_mm
        return (
            FindingCode.WALL_STRUCTURAL,
            "the shank from side to side",
            f"shank.width_mm.{end}",
            (f"set shank.width_mm.{end} to {now + missing:.2f}"),
        )
    ring = headed(resolved)
    if name == "under_center" and ring is not None:
        now = ring.head.bridge_thickness_mm
        if ring.head.own is not None:
            fix = f"raise head.mates.girdle_mm and the file's head by {missing:.2f}, or set shank.thickness_mm.top"
            return FindingCode.WALL_STRUCTURAL, "the shank under the center stone", "head.mates.girdle_mm", fix
        return (
            FindingCode.WALL_STRUCTURAL,
            "the shank under the center stone",
            "head.bridge_thickness_mm",
            (f"set head.bridge_thickness_mm to {now + missing:.2f}, or raise head.height_above_finger_mm"),
        )
    if name == "under_side" and ring is not None:
        fix = f"set head.bridge_thickness_mm to {ring.head.bridge_thickness_mm + missing:.2f}"
        words = f"the shank under the {which} side stone"
        return FindingCode.WALL_STRUCTURAL, words, "head.bridge_thickness_mm", fix
    alone = None if ring is None else ring.side_ring
    if which.startswith("side_") and alone is not None:
        _, side, own = which.split("_", 2)
        code, words, field, fix = _site_words(replace(site, site=f"{name}:{own}"), alone)
        sided = [re.sub(r"\b(head|gallery)\.", "sides.", text) for text in (field, fix)]
        return code, f"{words} of the {side} side head", sided[0], sided[1]
    if name == "rail" and ring is not None:
        row = next(rail for rail in ring.gallery.rails if rail.name == which)
        width, height = row.outer_radius_mm - row.inner_radius_mm, row.top_z_mm - row.bottom_z_mm
        side, now = ("width", width) if width <= height else ("height", height)
        return (
            FindingCode.WALL_STRUCTURAL,
            f"the {which.replace('_', ' ')}",
            f"gallery.{which}_{side}_mm",
            (f"set gallery.{which}_{side}_mm to {now + missing:.2f}"),
        )
    if name == "prong" and ring is not None and ring.head.own is not None:
        fix = f"make the file's prongs {missing:.2f} mm thicker there"
        return FindingCode.PRONG_SECTION, f"prong {which} at its thinnest section", "head.mates.thickness_mm", fix
    if name == "prong" and ring is not None:
        diameter = ring.head.prong_diameter_girdle_mm
        return (
            FindingCode.PRONG_SECTION,
            f"prong {which} at its thinnest section",
            "head.prong_diameter_mm",
            (f"set head.prong_diameter_mm to {diameter * site.limit_mm / max(site.min_mm, 0.25 * diameter):.2f}"),
        )
    if name.startswith("bezel_") and resolved.bezel is not None:
        words, field, now = {
            "bezel_wall": ("the bezel's wall beside the stone", "wall_thickness_mm", resolved.bezel.wall_thickness_mm),
            "bezel_relief": (
                "the bezel's wall under its relief",
                "wall_thickness_mm",
                resolved.bezel.wall_thickness_mm,
            ),
            "bezel_cup": ("the bezel's cup under the stone", "wall_thickness_mm", resolved.bezel.wall_thickness_mm),
            "bezel_floor": (
                "the floor of the bezel's cup",
                "floor_thickness_mm",
                resolved.bezel.floor_z_mm - resolved.bore_radius_mm,
            ),
            "bezel_rim": (
                "the metal round the hole under the stone",
                "light_diameter_mm",
                2.0 * resolved.bezel.light_radius_mm,
            ),
        }[name]
        wanted = now - 2.0 * missing if name == "bezel_rim" else now + missing
        return FindingCode.SEAT_WALL, words, f"bezel.{field}", f"set bezel.{field} to {wanted:.2f}"
    if name.startswith("halo_") and resolved.halo is not None:
        words, field, fix = {
            "halo_wall": (
                f"the halo's rim outside {which}",
                "halo.side_wall_mm",
                f"set halo.side_wall_mm to {resolved.halo.side_wall_mm + missing:.2f}",
            ),
            "halo_bar": (
                f"the halo's rim beside {which}",
                "halo.gap_mm",
                f"set halo.gap_mm to {resolved.halo.row.gap_mm + missing:.2f}",
            ),
            "halo_relief": (
                "the halo's rim under its relief",
                "halo.side_wall_mm",
                f"set halo.side_wall_mm to {resolved.halo.side_wall_mm + missing:.2f}",
            ),
            "halo_plate": (
                "the halo's rim where it meets the seat rail",
                "halo.thickness_mm",
                f"set halo.thickness_mm to {resolved.halo.top_z_mm - resolved.halo.bottom_z_mm + missing:.2f}",
            ),
        }[name]
        return FindingCode.SEAT_WALL, words, field, fix
    if name.startswith("hidden_") and resolved.hidden_halo is not None:
        words, field, now = {
            "hidden_wall": (
                f"the rail over or under {which}",
                "halo.side_wall_mm",
                resolved.hidden_halo.row.wall_mm,
            ),
            "hidden_bar": (f"the rail beside {which}", "halo.gap_mm", resolved.hidden_halo.row.gap_mm),
        }[name]
        return FindingCode.SEAT_WALL, words, field, f"set {field} to {now + missing:.2f}"
    if name == "seat_floor":
        return (
            FindingCode.SEAT_WALL,
            f"the metal under flush seat {which}",
            "shank.thickness_mm.top",
            (f"set shank.thickness_mm.top to {resolved.shank.thickness_top_mm + missing:.2f}"),
        )
    if name == "bead_wall":
        return (
            FindingCode.SEAT_WALL,
            f"the metal beside {which}",
            "shank.width_mm.top",
            (f"set shank.width_mm.top to {resolved.shank.width_top_mm + 2.0 * missing:.2f}"),
        )
    if name == "channel_wall":
        widest = max(resolved.shank.width_top_mm, resolved.shank.width_bottom_mm)
        return (
            FindingCode.SEAT_WALL,
            f"the channel's wall beside {which}",
            "shank.width_mm",
            (f"set shank.width_mm to {widest + 2.0 * missing:.2f}"),
        )
    if name in _ROW_WORDS:
        width = resolved.shank.width_top_mm
        fix = f"set shank.width_mm to {width + 2.0 * missing:.2f}" if name == "row_side" else "rebuild the ring"
        return FindingCode.SEAT_WALL, f"{_ROW_WORDS[name]} beside {which}", "shank.width_mm", fix
    if name == "seat_bar":
        return (
            FindingCode.SEAT_WALL,
            f"the cross bar beside {which}",
            "accents.0.gap_mm",
            (f"raise accents.0.gap_mm by {missing:.2f}, or use fewer stones"),
        )
    return (
        FindingCode.SEAT_WALL,
        f"the metal beside flush seat {which}",
        "accents.0.gap_mm",
        (f"raise the accents' gap_mm by {missing:.2f}, or widen the shank there by twice that"),
    )


def site_findings(sites: list[SiteWall], resolved: ResolvedRing) -> list[Finding]:
    """Sites thinner than their limit, less what chords may take off (two faces)."""
    margin = 2.0 * resolved.export.chord_mm
    found: list[Finding] = []
    thinnest_floor = min((site.min_mm for site in sites if site.site == "shank_floor"), default=0.0)
    for site in sites:
        if site.min_mm >= site.limit_mm - margin:
            continue
        if site.site == "decorated_floor" and site.min_mm <= thinnest_floor:
            continue  # the same place as the floor's
        code, words, spec_field, fix = _site_words(site, resolved)
        x, y, z = site.place_mm
        measured = f"is {site.min_mm:.3f} mm" if site.min_mm > 0.0 else "is missing"
        found.append(
            Finding(
                code=code,
                severity=Severity.ERROR,
                message=f"{words} {measured} (limit: {site.limit_mm:.2f} mm) at ({x:.2f}, {y:.2f}, {z:.2f})",
                measured=site.min_mm,
                limit=site.limit_mm,
                unit="mm",
                place_mm=site.place_mm,
                spec_field=spec_field,
                fix=fix,
            )
        )
    return found


def wall_map_findings(
    walls: WallMap, *, named_sites: bool, mesh: TriangleMesh, detail_min_mm: float, margin_mm: float = MARGIN_MM
) -> list[Finding]:
    """Thin structural samples, thin detail and feather edges, by place.

    Parameters
    ----------
    named_sites : the ring's own sites are measured beside this; feather edges, which every notch and
        seat has, are then information only, and its relief is judged on charts
    """
    found: list[Finding] = []
    thickness = walls.thickness_mm
    wire = walls.of(WallClass.FREE_WIRE)
    thin = np.flatnonzero((walls.of(WallClass.STRUCTURAL) | wire) & (thickness < walls.limit_mm - margin_mm))
    inferred = "" if named_sites else "; class inferred from the shape"
    for near in _places(walls, thin):
        worst = near[np.argmin(thickness[near])]
        limit, measured = float(walls.limit_mm[worst]), float(thickness[worst])
        is_wire = float(wire[near].mean()) > 0.5
        what = "free wire" if is_wire else "wall"
        found.append(
            _wall_finding(
                FindingCode.WALL_FREE_WIRE if is_wire else FindingCode.WALL_STRUCTURAL,
                Severity.ERROR if len(near) >= _LEAST_SAMPLES else Severity.WARNING,
                f"a {what} of {measured:.3f} mm (limit: {limit:.2f} mm{inferred})",
                walls, near, worst, measured, limit, f"thicken the part there by {limit - measured:.2f} mm",
            )
        )  # fmt: skip
    if not named_sites:
        found += _bare_detail(walls, detail_min_mm, margin_mm)
    feather = walls.of(WallClass.FEATHER_EDGE)
    if feather.any():
        places = clusters(walls.points[feather], reach_mm=0.8)
        x, y, z = places[0][0]
        length = feather_length(mesh, mesh_edges(mesh), walls.points[feather], 0.8)
        area = float(walls.area_mm2[feather].sum())
        found.append(
            Finding(
                code=FindingCode.FEATHER_EDGE,
                severity=Severity.INFO if named_sites else Severity.WARNING,
                message=f"edges sharper than 60 degrees at {len(places)} places, {length:.1f} mm long, {area:.2f} mm^2 "
                f"of surface beside them, the largest near ({x:.2f}, {y:.2f}, {z:.2f})",
                measured=length,
                limit=0.0,
                unit="mm",
                place_mm=(x, y, z),
                spec_field=None,
                fix="round or blunt the edge to at least 60 degrees",
            )
        )
    return found


def _places(walls: WallMap, rows: Array) -> list[Array]:
    """Samples that lie together, at most four places, the largest first."""
    found = []
    for place, count in clusters(walls.points[rows], reach_mm=0.8, most=4):
        away = ((walls.points[rows] - np.array(place)) ** 2).sum(axis=1)
        found.append(rows[np.argsort(away, kind="stable")[:count]])
    return found


def _bare_detail(walls: WallMap, detail_min_mm: float, margin_mm: float) -> list[Finding]:
    """Supported detail that the ball of the least detail does not reach: too narrow to cast."""
    radius = 0.5 * (detail_min_mm - margin_mm)
    bare = np.flatnonzero(walls.of(WallClass.DETAIL) & (walls.bare_mm > radius + DEPTH_ERROR_MM))
    found = []
    for near in _places(walls, bare):
        worst = near[np.argmin(walls.thickness_mm[near])]
        measured = float(walls.thickness_mm[worst])
        large = len(near) >= _LEAST_SAMPLES and float(walls.area_mm2[near].sum()) >= _LEAST_DETAIL_MM2
        found.append(
            _wall_finding(
                FindingCode.DETAIL_WIDTH, Severity.ERROR if large else Severity.WARNING,
                f"supported detail of {measured:.3f} mm (limit: {detail_min_mm:.2f} mm; class inferred from the shape)",
                walls, near, worst, measured, detail_min_mm,
                f"widen the detail there by {max(detail_min_mm - measured, 0.01):.2f} mm",
            )
        )  # fmt: skip
    return found


def _wall_finding(
    code: FindingCode,
    severity: Severity,
    words: str,
    walls: WallMap,
    near: Array,
    worst: int,
    measured: float,
    limit: float,
    fix: str,
) -> Finding:
    x, y, z = (float(value) for value in walls.points[worst])
    area = float(walls.area_mm2[near].sum())
    about = f"about {area:.2f} mm^2" if area > 0.0 else f"less than {float(walls.area_mm2.max()):.2f} mm^2"
    return Finding(
        code=code,
        severity=severity,
        message=f"{words} at ({x:.2f}, {y:.2f}, {z:.2f}), {about} of its surface",
        measured=measured,
        limit=limit,
        unit="mm",
        place_mm=(x, y, z),
        spec_field=None,
        fix=fix,
    )


def unnamed(found: list[Finding], named: list[Finding], *, reach_mm: float = 1.5) -> list[Finding]:
    """Findings of the map that no named site within ``reach_mm`` already explains."""

    def explained(finding: Finding) -> bool:
        if finding.severity is Severity.INFO or finding.place_mm is None:
            return False
        here = np.array(finding.place_mm)
        return any(
            site.place_mm is not None and float(np.linalg.norm(here - np.array(site.place_mm))) < reach_mm
            for site in named
        )

    return [finding for finding in found if not explained(finding)]
