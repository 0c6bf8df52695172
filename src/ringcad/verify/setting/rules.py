"""Rules of setting judged on what was measured, and the measurements as plain rows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.resolved import FlushAccent, FlushSeat, ResolvedRing
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.flush import FlushSetting, measure_flush
from ringcad.verify.setting.frames import StoneProfile, seat_frame, stone_profile
from ringcad.verify.setting.prongs import ProngSetting, measure_prongs

SEAT_ANGLE_TOLERANCE_DEG = 1.0
SEAT_TILT_MAX_DEG = 1.0
SEAT_PLACE_TOLERANCE_MM = 0.05
"""A setter sees a table that lies a degree or a twentieth of a millimetre off (common practice)."""
CLEARANCE_RANGE_MM = (-0.01, 0.10)
"""Girdle play per side: 0 to 0.05 cut to fit, 0.10 in production seats (notes on standards, girdle clearance); the
hundredth below zero is the chord of the mesh."""
INTERFERENCE_MAX_MM = 0.02
"""Metal inside the stone beyond what the setting declares that its setter cuts away: twice the chord of the mesh."""
PRONG_UNDERSIZE_MAX = 0.03
"""Share by which a prong may be thinner than ordered: the chord of its facets and the fit."""
NOTCH_WARNING, NOTCH_ERROR = 0.35, 0.50
"""Bench opinions reach 33 to 40 %; Professional Jeweler (July 2004): prong setting removes at most half."""
BEARING_MIN_MM = 0.10
"""Length of pavilion that a prong must bear; less wears or chips the girdle (common practice)."""
CONTACT_MIN = 0.30
"""Least share of the crown's slope under a finished tip (GIA benchmark, round center stone in platinum prongs)."""
RETENTION_MIN_MM = 0.10
"""How much farther a closed tip must reach in over the girdle than the stone can slide (common practice)."""
RAIL_GAP_MIN_MM = 0.05
"""Between pavilion and rail; closer, the stone may ride on the rail instead of the prongs (half the built 0.10)."""
FLUSH_DEPTH_RANGE_MM = (-0.05, 0.30)
"""Table below the rim of a flush seat: level within a twentieth, not sunk."""


@dataclass(frozen=True)
class SettingReport:
    """Findings and rows of all stones; ``rows`` by stone id with lengths in mm."""

    findings: tuple[Finding, ...]
    rows: dict[str, dict[str, Any]]


def judge_settings(caster: RayCaster, resolved: ResolvedRing) -> SettingReport:
    """Measure and judge the center stone and every flush stone of a ring, from its mesh and its numbers."""
    findings: list[Finding] = []
    rows: dict[str, dict[str, Any]] = {}
    center = stone_profile(resolved.stone)
    origin = np.array([0.0, 0.0, resolved.head.girdle_z_mm])
    prongs = measure_prongs(caster, seat_frame(origin, np.array([0.0, 0.0, 1.0])), center)
    rows["center"] = prong_row(prongs, center)
    findings += prong_findings(prongs, center, resolved)
    for number, accent in enumerate(resolved.accents):
        stone = stone_profile(accent.stone)
        for seat in accent.seats:
            found = measure_flush(caster, np.array([0.0, seat.y_mm, 0.0]), _outward(seat), stone)
            rows[seat.id] = {} if found is None else flush_row(found, stone)
            findings += flush_findings(found, stone, accent, seat, number)
    return SettingReport(tuple(findings), rows)


def _outward(seat: FlushSeat) -> Any:
    phi = math.radians(seat.phi_deg)
    return np.array([math.sin(phi), 0.0, math.cos(phi)])


def _number(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _cone_row(cone: ConeFit | None, axis: Any) -> dict[str, Any] | None:
    if cone is None:
        return None
    return {
        "flank_deg": _number(cone.flank_deg, 3),
        "radius_mm": _number(cone.radius_mm),
        "tilt_deg": _number(cone.tilt_deg(axis), 3),
        "residual_mm": _number(cone.residual_mm, 5),
        "points": cone.points,
    }


def prong_row(found: ProngSetting, stone: StoneProfile) -> dict[str, Any]:
    """Plain numbers of a stone in prongs."""
    axis = np.array([0.0, 0.0, 1.0])
    names = ("azimuth_deg", "full_mm", "behind_mm", "notch_share", "section_mm2", "clearance_mm", "straight_mm",
             "top_mm", "bearing_mm", "opening_mm")  # fmt: skip
    return {
        "setting": "prongs",
        "prongs": [
            {name: _number(getattr(prong, name)) for name in names}
            | {
                "contact_as_set": _number(prong.closed.contact),
                "height_share_as_set": _number(prong.closed.height_share),
            }
            for prong in found.prongs
        ],
        "pavilion": _cone_row(found.pavilion, axis),
        "crown": _cone_row(found.crown, axis),
        "girdle": _cone_row(found.girdle, axis),
        "seat_height_mm": None if found.pavilion is None else _number(found.pavilion.height_of_radius(stone.radius_mm)),
        "interference_mm": _number(found.interference_mm),
        "play_mm": _number(found.play_mm),
        "pavilion_gap_mm": _number(found.pavilion_gap_mm),
        "culet_gap_mm": _number(found.culet_gap_mm),
        "culet_metal_mm": _number(found.culet_metal_mm),
        "retention_mm": _number(found.retention_mm),
    }


def flush_row(found: FlushSetting, stone: StoneProfile) -> dict[str, Any]:
    """Plain numbers of a flush stone."""
    return {
        "setting": "flush",
        "opening": _cone_row(found.opening, found.frame.axis),
        "bearing": _cone_row(found.bearing, found.frame.axis),
        "pilot": _cone_row(found.pilot, found.frame.axis),
        "cut_in_mm": _number(found.cut_in_mm),
        "contact_share": _number(found.contact_share),
        "table_depth_mm": _number(found.table_depth_mm),
        "interference_mm": _number(found.interference_mm),
        "origin_mm": [_number(value) for value in found.frame.origin],
    }


def prong_findings(found: ProngSetting, stone: StoneProfile, resolved: ResolvedRing) -> list[Finding]:
    """Rules of a center stone in prongs, in the state that the file has (``as_cast``) and closed (``as_set``)."""
    head = resolved.head
    girdle = (0.0, 0.0, head.girdle_z_mm)
    if len(found.prongs) != head.prongs:
        return [
            _finding(
                FindingCode.PRONG_COUNT,
                f"{len(found.prongs)} prongs stand beside the center stone's girdle, ordered {head.prongs}",
                float(len(found.prongs)), float(head.prongs), None, girdle, "head.prongs",
            )
        ]  # fmt: skip
    findings: list[Finding] = []
    for prong in found.prongs:
        turn = math.radians(prong.azimuth_deg)
        place = (stone.radius_mm * math.cos(turn), stone.radius_mm * math.sin(turn), head.girdle_z_mm)
        findings += list(_prong_rules(prong, place, resolved))
    findings += _seat_rules(found, stone, girdle)
    if found.interference_mm > INTERFERENCE_MAX_MM:
        findings.append(
            _finding(
                FindingCode.STONE_INTERFERENCE,
                f"metal reaches {found.interference_mm:.3f} mm into the center stone",
                found.interference_mm, INTERFERENCE_MAX_MM, "mm", found.interference_place_mm, "head",
            )
        )  # fmt: skip
    if found.retention_mm < RETENTION_MIN_MM:
        findings.append(
            _finding(
                FindingCode.RETENTION,
                f"closed, the tips reach {max(found.retention_mm, -9.99):.2f} mm farther over the girdle than the "
                "stone can slide",
                found.retention_mm if math.isfinite(found.retention_mm) else None,
                RETENTION_MIN_MM, "mm", girdle, "head.prong_diameter_mm",
            )
        )  # fmt: skip
    if found.pavilion_gap_mm < RAIL_GAP_MIN_MM:
        findings.append(
            _finding(
                FindingCode.RAIL_CLEARANCE,
                f"between the prongs metal lies {found.pavilion_gap_mm:.3f} mm from the pavilion: the stone may ride "
                "on it",
                found.pavilion_gap_mm, RAIL_GAP_MIN_MM, "mm", girdle, "gallery", Severity.WARNING,
            )
        )  # fmt: skip
    return findings


def _prong_rules(prong: Any, place: tuple[float, float, float], resolved: ResolvedRing) -> Iterable[Finding]:
    head = resolved.head
    ordered = head.prong_diameter_girdle_mm
    least = max(ordered * (1.0 - PRONG_UNDERSIZE_MAX), resolved.foundry.prong_min_mm * (1.0 - PRONG_UNDERSIZE_MAX))
    where = f"the prong at {prong.azimuth_deg:.0f} degrees"
    if prong.full_mm < least:
        yield _finding(
            FindingCode.PRONG_SECTION,
            f"{where} is {prong.full_mm:.2f} mm thick at the girdle, {100 * (1 - prong.full_mm / ordered):.0f} % under "
            f"the ordered {ordered:.2f}",
            prong.full_mm, least, "mm", place, "head.prong_diameter_mm",
        )  # fmt: skip
    if prong.notch_share > NOTCH_WARNING:
        yield _finding(
            FindingCode.NOTCH_DEPTH,
            f"the notch takes {100 * prong.notch_share:.0f} % of {where}",
            100 * prong.notch_share, 100 * NOTCH_WARNING, "%", place, "head.notch_share",
            Severity.ERROR if prong.notch_share > NOTCH_ERROR else Severity.WARNING,
        )  # fmt: skip
    low, high = CLEARANCE_RANGE_MM
    if not low <= prong.clearance_mm <= high:
        yield _finding(
            FindingCode.GIRDLE_CLEARANCE,
            f"the girdle has {prong.clearance_mm:.3f} mm of play beside {where} (0 to {high:.2f})",
            prong.clearance_mm, low if prong.clearance_mm < low else high, "mm", place, "head",
        )  # fmt: skip
    if prong.bearing_mm < BEARING_MIN_MM:
        yield _finding(
            FindingCode.SEAT_BEARING,
            f"the pavilion bears on {where} along {prong.bearing_mm:.2f} mm",
            prong.bearing_mm, BEARING_MIN_MM, "mm", place, "head",
        )  # fmt: skip
    if prong.closed.reach < CONTACT_MIN:
        yield _finding(
            FindingCode.PRONG_HEIGHT,
            f"bent over, {where} covers {100 * prong.closed.reach:.0f} % of the crown's slope",
            100 * prong.closed.reach, 100 * CONTACT_MIN, "%", place, "head",
        )  # fmt: skip


def _seat_rules(found: ProngSetting, stone: StoneProfile, girdle: tuple[float, float, float]) -> Iterable[Finding]:
    cone = found.pavilion
    if cone is None:
        yield _finding(
            FindingCode.SEAT_BEARING, "no bearing for the center stone's pavilion was found", 0.0, BEARING_MIN_MM, "mm",
            girdle, "head",
        )  # fmt: skip
        return
    yield from _angle_rule(cone, stone, girdle, "the center stone's seat")
    axis = np.array([0.0, 0.0, 1.0])
    tilt, height = cone.tilt_deg(axis), cone.height_of_radius(stone.radius_mm)
    aside = cone.offset_mm(np.array(girdle))
    if tilt > SEAT_TILT_MAX_DEG:
        yield _finding(
            FindingCode.SEAT_POSITION, f"the center stone's seat is tilted by {tilt:.2f} degrees", tilt,
            SEAT_TILT_MAX_DEG, "deg", girdle, "head",
        )  # fmt: skip
    for value, way in ((abs(height), "above or below"), (aside, "beside")):
        if value > SEAT_PLACE_TOLERANCE_MM:
            yield _finding(
                FindingCode.SEAT_POSITION,
                f"the center stone will rest {value:.3f} mm {way} its place",
                value, SEAT_PLACE_TOLERANCE_MM, "mm", girdle, "head",
            )  # fmt: skip


def _angle_rule(cone: ConeFit, stone: StoneProfile, place: tuple[float, float, float], what: str) -> Iterable[Finding]:
    off = abs(cone.flank_deg - stone.pavilion_angle_deg)
    if off > SEAT_ANGLE_TOLERANCE_DEG:
        yield _finding(
            FindingCode.SEAT_ANGLE,
            f"{what} is cut at {cone.flank_deg:.1f} degrees, the pavilion has {stone.pavilion_angle_deg:.1f}",
            cone.flank_deg, stone.pavilion_angle_deg, "deg", place, "stone",
        )  # fmt: skip


def flush_findings(
    found: FlushSetting | None, stone: StoneProfile, accent: FlushAccent, seat: FlushSeat, number: int
) -> list[Finding]:
    """Rules of a flush stone."""
    field = f"accents.{number}"
    if found is None or found.opening is None or found.bearing is None:
        part = "opening" if found is None else "bearing"
        out = _outward(seat) * 10.0
        return [
            _finding(
                FindingCode.SEAT_BEARING, f"no {part} was found for the flush stone {seat.id}", 0.0, BEARING_MIN_MM,
                "mm", (float(out[0]), seat.y_mm, float(out[2])), field,
            )
        ]  # fmt: skip
    x, y, z = (float(value) for value in found.frame.origin)
    place = (x, y, z)
    findings = list(_angle_rule(found.bearing, stone, place, f"the seat of {seat.id}"))
    if abs(found.cut_in_mm - accent.cut_in_mm) > INTERFERENCE_MAX_MM:
        findings.append(
            _finding(
                FindingCode.GIRDLE_CLEARANCE,
                f"the opening of {seat.id} is {2 * found.opening.radius_mm:.3f} mm wide, declared "
                f"{accent.opening_diameter_mm:.3f}",
                2 * found.opening.radius_mm, accent.opening_diameter_mm, "mm", place, field,
            )
        )  # fmt: skip
    tilt = found.bearing.tilt_deg(found.opening.axis)
    if tilt > SEAT_TILT_MAX_DEG:
        findings.append(
            _finding(
                FindingCode.SEAT_POSITION, f"bearing and opening of {seat.id} are {tilt:.2f} degrees apart", tilt,
                SEAT_TILT_MAX_DEG, "deg", place, field,
            )
        )  # fmt: skip
    low, high = FLUSH_DEPTH_RANGE_MM
    if not low <= found.table_depth_mm <= high:
        findings.append(
            _finding(
                FindingCode.SEAT_POSITION,
                f"the table of {seat.id} will lie {found.table_depth_mm:.3f} mm below its rim "
                f"({low:.2f} to {high:.2f})",
                _number(found.table_depth_mm), low if found.table_depth_mm < low else high, "mm", place, field,
            )
        )  # fmt: skip
    if found.interference_mm > INTERFERENCE_MAX_MM:
        findings.append(
            _finding(
                FindingCode.STONE_INTERFERENCE,
                f"metal reaches {found.interference_mm:.3f} mm into {seat.id} beyond its declared cut-in",
                found.interference_mm, INTERFERENCE_MAX_MM, "mm", found.interference_place_mm, field,
            )
        )  # fmt: skip
    return findings


def _finding(
    code: FindingCode,
    message: str,
    measured: float | None,
    limit: float,
    unit: str | None,
    place: tuple[float, float, float],
    field: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        message=message,
        measured=measured,
        limit=limit,
        unit=unit,
        place_mm=place,
        spec_field=field,
        fix="rebuild the ring from its spec; a file that was changed by hand has to be mended there",
    )
