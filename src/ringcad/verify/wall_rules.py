"""Findings about walls: measured sites and the map of samples against their limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.resolved import ResolvedRing, headed
from ringcad.verify.report import WALL_CLASSES, WallClass
from ringcad.verify.sites import SiteWall
from ringcad.verify.topology import clusters
from ringcad.verify.walls import WallMap

_LEAST_SAMPLES = 2
"""A thin place is reported as an error when at least this many samples lie on it."""


def site_row(site: SiteWall) -> dict[str, Any]:
    """JSON-ready numbers of one site."""
    return {
        "min_mm": round(site.min_mm, 5),
        "limit_mm": site.limit_mm,
        "place_mm": [round(value, 4) for value in site.place_mm],
        "lines": site.lines,
    }


def wall_summary(walls: WallMap) -> dict[str, Any]:
    """Per class: share of the surface, area, thinnest sample and its place."""
    rows: dict[str, Any] = {}
    for kind in WALL_CLASSES:
        chosen = walls.of(kind)
        thinnest = walls.minimum(kind)
        rows[kind.value] = {
            "area_mm2": round(float(walls.area_mm2[chosen].sum()), 4),
            "share": round(float(chosen.mean()), 5),
            "min_mm": None if thinnest is None else round(thinnest[0], 5),
            "place_mm": None if thinnest is None else [round(value, 4) for value in thinnest[1]],
        }
    return rows


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
        engraved = any(zone.mode == "engrave" for zone in resolved.decoration)
        if engraved:
            fix += f", or lower the engraving's depth_mm by {missing:.2f}"
        return (
            FindingCode.WALL_STRUCTURAL,
            "the shank from the relief's floor to the bore",
            (f"shank.thickness_mm.{end}"),
            fix,
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
        return (
            FindingCode.WALL_STRUCTURAL,
            "the shank under the center stone",
            "head.bridge_thickness_mm",
            (f"set head.bridge_thickness_mm to {now + missing:.2f}, or raise head.height_above_finger_mm"),
        )
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
    if name == "prong" and ring is not None:
        diameter = ring.head.prong_diameter_girdle_mm
        return (
            FindingCode.PRONG_SECTION,
            f"prong {which} at its thinnest section",
            "head.prong_diameter_mm",
            (f"set head.prong_diameter_mm to {diameter * site.limit_mm / max(site.min_mm, 0.25 * diameter):.2f}"),
        )
    if name == "seat_floor":
        return (
            FindingCode.SEAT_WALL,
            f"the metal under flush seat {which}",
            "shank.thickness_mm.top",
            (f"set shank.thickness_mm.top to {resolved.shank.thickness_top_mm + missing:.2f}"),
        )
    return (
        FindingCode.SEAT_WALL,
        f"the metal beside flush seat {which}",
        "accents.0.gap_mm",
        (f"raise the accents' gap_mm by {missing:.2f}, or widen the shank there by twice that"),
    )


def _accent_of(resolved: ResolvedRing, seat_id: str) -> int:
    """Index of the group of accents that a seat belongs to."""
    return next((k for k, accent in enumerate(resolved.accents) if any(s.id == seat_id for s in accent.seats)), 0)


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


def wall_map_findings(walls: WallMap, *, named_sites: bool, margin_mm: float = 0.02) -> list[Finding]:
    """Thin structural samples, thin detail and feather edges, by place.

    Parameters
    ----------
    named_sites : the ring's own sites are measured beside this; feather edges, which every notch and
        seat has, are then information only
    """
    found: list[Finding] = []
    thickness = walls.thickness_mm
    wire = walls.of(WallClass.FREE_WIRE)
    thin = np.flatnonzero((walls.of(WallClass.STRUCTURAL) | wire) & (thickness < walls.limit_mm - margin_mm))
    for place, count in clusters(walls.points[thin], reach_mm=0.8, most=4):
        near = thin[np.argsort(((walls.points[thin] - np.array(place)) ** 2).sum(axis=1))[:count]]
        worst = near[np.argmin(thickness[near])]
        x, y, z = (float(value) for value in walls.points[worst])
        limit, measured = float(walls.limit_mm[worst]), float(thickness[worst])
        area = float(walls.area_mm2[near].sum())
        found.append(
            Finding(
                code=FindingCode.WALL_FREE_WIRE if wire[worst] else FindingCode.WALL_STRUCTURAL,
                severity=Severity.ERROR if count >= _LEAST_SAMPLES else Severity.WARNING,
                message=f"a {'free wire' if wire[worst] else 'wall'} of {measured:.3f} mm (limit: {limit:.2f} mm) "
                f"at ({x:.2f}, {y:.2f}, {z:.2f}), about {area:.2f} mm^2 of its surface",
                measured=measured,
                limit=limit,
                unit="mm",
                place_mm=(x, y, z),
                spec_field=None,
                fix=f"thicken the part there by {limit - measured:.2f} mm",
            )
        )
    feather = walls.of(WallClass.FEATHER_EDGE)
    if feather.any():
        places = clusters(walls.points[feather], reach_mm=0.8)
        x, y, z = places[0][0]
        # Both faces of a wedge are thin to the same depth, so half the area is length times that depth.
        area = float(walls.area_mm2[feather].sum())
        found.append(
            Finding(
                code=FindingCode.WALL_STRUCTURAL,
                severity=Severity.INFO if named_sites else Severity.WARNING,
                message=f"edges sharper than 60 degrees at {len(places)} places, {area:.2f} mm^2 of surface beside "
                f"them, the largest near ({x:.2f}, {y:.2f}, {z:.2f})",
                measured=area,
                unit="mm^2",
                place_mm=(x, y, z),
                spec_field=None,
                fix="round or blunt the edge to at least 60 degrees",
            )
        )
    return found


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
