"""The rules of a certificate: what was measured, by what method, with what uncertainty, against what limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ringcad.core.findings import Finding, Severity
from ringcad.core.tolerances import TOLERANCES
from ringcad.resolved import ResolvedRing
from ringcad.verify.setting.rules import (
    BEARING_MIN_MM,
    CLEARANCE_RANGE_MM,
    CONTACT_MIN,
    FLUSH_DEPTH_RANGE_MM,
    INTERFERENCE_MAX_MM,
    NOTCH_ERROR,
    PRONG_UNDERSIZE_MAX,
    RAIL_GAP_MIN_MM,
    RETENTION_MIN_MM,
    SEAT_ANGLE_TOLERANCE_DEG,
    SEAT_PLACE_TOLERANCE_MM,
    SEAT_TILT_MAX_DEG,
)

Verdict = Literal["pass", "warning", "fail", "not_measured"]
Place = tuple[float, float, float]

EXACT = "counted on the welded float32 vertices; orientation and crossing in exact integer arithmetic"
ROUND = "least-squares circle through first hits of rays at mid-width"
LINES = "straight lines through metal from named sites, each from wall to wall"
OPENING = "width of the relief at half height by opening with discs on a height map taken by rays"
FIT = "least trimmed squares cone through the vertices that face the stone"
SCAN = "rays from the stone's axis, every half degree and 0.02 mm"
CLOSING = "computed closing of the measured prong (straight metal laid on the crown)"

SEAT_UNCERTAINTY_MM, SEAT_UNCERTAINTY_DEG = 0.02, 0.2
"""On bodies of known seats at the chord of delivered files (tests of the setting metrology)."""
WALL_UNCERTAINTY_MM = 0.01
"""Chord of a delivered file; the calibration bodies are met within it (benchmarks, verifier's calibration)."""


class RuleRow(BaseModel):
    """One rule. Lengths in mm, angles in degrees, shares as plain numbers.

    ``low`` and ``high`` are the limits; ``None`` where a side has none. ``state`` says whether the file itself is
    judged (``file``, ``as_cast``) or what the setter will make of it (``as_set``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    subject: str
    state: Literal["file", "as_cast", "as_set"]
    measured: float | None
    low: float | None
    high: float | None
    unit: str | None
    place_mm: Place | None
    method: str
    uncertainty: float | None
    verdict: Verdict

    @property
    def key(self) -> str:
        """Code and subject: unique in a certificate."""
        return f"{self.code} {self.subject}"


def rule_rows(
    measurements: Mapping[str, Any], resolved: ResolvedRing, findings: Sequence[Finding]
) -> tuple[RuleRow, ...]:
    """Every rule that the measurements allow to be judged, with the findings' warnings on them."""
    rows = [
        *_file_rules(measurements, resolved),
        *_bore_rules(measurements, resolved),
        *_wall_rules(measurements, resolved),
        *_prong_rules(measurements.get("setting", {}).get("center") or {}, resolved),
        *_flush_rules(measurements.get("setting", {}), resolved),
    ]
    warned = {finding.code.value for finding in findings if finding.severity is Severity.WARNING}
    return tuple(
        row.model_copy(update={"verdict": "warning"}) if row.verdict == "fail" and row.code in warned else row
        for row in rows
    )


def _row(
    code: str,
    subject: str,
    measured: float | None,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str | None = None,
    place: Sequence[float] | None = None,
    method: str = EXACT,
    uncertainty: float | None = 0.0,
    state: Literal["file", "as_cast", "as_set"] = "as_cast",
) -> RuleRow:
    good = (
        measured is not None and (low is None or measured >= low - 1e-9) and (high is None or measured <= high + 1e-9)
    )
    verdict: Verdict = "not_measured" if measured is None else "pass" if good else "fail"
    return RuleRow(
        code=code,
        subject=subject,
        state=state,
        measured=None if measured is None or not math.isfinite(measured) else float(measured),
        low=low,
        high=high,
        unit=unit,
        place_mm=None if place is None else (float(place[0]), float(place[1]), float(place[2])),
        method=method,
        uncertainty=uncertainty,
        verdict=verdict,
    )


def _file_rules(m: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    for code, count in m.get("topology", {}).items():
        yield _row(code, "file", count, high=0.0, state="file")
    yield _row("self_intersection", "file", m.get("self_intersecting_pairs"), high=0.0, state="file")
    yield _row("bodies", "file", m.get("bodies"), low=1.0, high=1.0, state="file")
    size = m.get("file_bytes")
    yield _row("file_too_large", "file", size, high=float(resolved.foundry.stl_max_bytes), unit="bytes", state="file")
    genus = (m.get("kernel") or {}).get("expected_genus")
    if genus is not None:
        yield _row("genus", "file", m.get("genus"), low=float(genus), high=float(genus), state="file")


def _bore_rules(m: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    ordered, tolerance = resolved.ring.inner_diameter_mm, TOLERANCES.bore_mm
    bore = m.get("bore") or {}
    yield _row(
        "bore_diameter", "bore", bore.get("diameter_mm"), low=ordered - tolerance, high=ordered + tolerance, unit="mm",
        place=(0.0, bore.get("y_mm", 0.0), -0.5 * ordered), method=ROUND, uncertainty=resolved.export.chord_mm,
    )  # fmt: skip


def _wall_rules(m: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    for site, row in m.get("walls", {}).items():
        yield _row(
            "wall_structural", site, row["min_mm"], low=row["limit_mm"], unit="mm", place=row["place_mm"], method=LINES,
            uncertainty=WALL_UNCERTAINTY_MM,
        )  # fmt: skip
    for zone, row in m.get("detail", {}).items():
        # Strokes are told to the grid that they are measured on.
        least = resolved.foundry.detail_min_mm - row["resolution_mm"]
        yield _row(
            "detail_width", zone, row["narrowest_mm"], low=round(least, 6), unit="mm", method=OPENING,
            uncertainty=row["resolution_mm"],
        )  # fmt: skip


def _prong_rules(center: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    head, stone = resolved.head, resolved.stone
    prongs = center.get("prongs")
    yield _row(
        "prong_count", "center", None if prongs is None else float(len(prongs)), low=float(head.prongs),
        high=float(head.prongs), method=SCAN,
    )  # fmt: skip
    least = max(head.prong_diameter_girdle_mm, resolved.foundry.prong_min_mm) * (1.0 - PRONG_UNDERSIZE_MAX)
    low, high = CLEARANCE_RANGE_MM
    for k, prong in enumerate(prongs or ()):
        turn = math.radians(prong["azimuth_deg"] or 0.0)
        place = (
            0.5 * stone.diameter_mm * math.cos(turn), 0.5 * stone.diameter_mm * math.sin(turn), head.girdle_z_mm
        )  # fmt: skip
        name = f"center prong {k + 1}"
        scan: dict[str, Any] = {"place": place, "method": SCAN, "uncertainty": SEAT_UNCERTAINTY_MM, "unit": "mm"}
        yield _row("prong_section", name, prong["full_mm"], low=round(least, 6), **scan)
        yield _row("notch_depth", name, prong["notch_share"], high=NOTCH_ERROR, **(scan | {"unit": None}))
        yield _row("girdle_clearance", name, prong["clearance_mm"], low=low, high=high, **scan)
        yield _row("seat_bearing", name, prong["bearing_mm"], low=BEARING_MIN_MM, **scan)
        yield _row(
            "prong_height", name, prong["contact_as_set"], low=CONTACT_MIN, place=place, method=CLOSING,
            uncertainty=SEAT_UNCERTAINTY_MM, state="as_set",
        )  # fmt: skip
    place = (0.0, 0.0, head.girdle_z_mm)
    cone = center.get("pavilion") or {}
    angle, wide = stone.pavilion_angle_deg, SEAT_ANGLE_TOLERANCE_DEG
    fit: dict[str, Any] = {"place": place, "method": FIT}
    degrees: dict[str, Any] = {"unit": "deg", "uncertainty": SEAT_UNCERTAINTY_DEG}
    yield _row("seat_angle", "center", cone.get("flank_deg"), low=angle - wide, high=angle + wide, **fit, **degrees)
    yield _row("seat_position", "center tilt", cone.get("tilt_deg"), high=SEAT_TILT_MAX_DEG, **fit, **degrees)
    yield _row(
        "seat_position", "center height", center.get("seat_height_mm"), low=-SEAT_PLACE_TOLERANCE_MM,
        high=SEAT_PLACE_TOLERANCE_MM, unit="mm", uncertainty=SEAT_UNCERTAINTY_MM, **fit,
    )  # fmt: skip
    scan = {"place": place, "method": SCAN, "uncertainty": SEAT_UNCERTAINTY_MM, "unit": "mm"}
    yield _row("stone_interference", "center", center.get("interference_mm"), high=INTERFERENCE_MAX_MM, **scan)
    if center.get("pavilion_gap_mm") is not None:
        yield _row("rail_clearance", "center", center["pavilion_gap_mm"], low=RAIL_GAP_MIN_MM, **scan)
    yield _row(
        "retention", "center", center.get("retention_mm"), low=RETENTION_MIN_MM, unit="mm", place=place, method=CLOSING,
        uncertainty=SEAT_UNCERTAINTY_MM, state="as_set",
    )  # fmt: skip


def _flush_rules(setting: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    for accent in resolved.accents:
        for seat in accent.seats:
            found = setting.get(seat.id) or {}
            place = found.get("origin_mm")
            cone, opening = found.get("bearing") or {}, found.get("opening") or {}
            angle, wide = accent.stone.pavilion_angle_deg, SEAT_ANGLE_TOLERANCE_DEG
            radius = 0.5 * accent.opening_diameter_mm
            yield _row(
                "seat_angle", seat.id, cone.get("flank_deg"), low=angle - wide, high=angle + wide, unit="deg",
                place=place, method=FIT, uncertainty=SEAT_UNCERTAINTY_DEG,
            )  # fmt: skip
            yield _row(
                "girdle_clearance", seat.id, opening.get("radius_mm"), low=round(radius - INTERFERENCE_MAX_MM, 6),
                high=round(radius + INTERFERENCE_MAX_MM, 6), unit="mm", place=place, method=FIT,
                uncertainty=SEAT_UNCERTAINTY_MM,
            )  # fmt: skip
            low, high = FLUSH_DEPTH_RANGE_MM
            yield _row(
                "seat_position", seat.id, found.get("table_depth_mm"), low=low, high=high, unit="mm", place=place,
                method=SCAN, uncertainty=SEAT_UNCERTAINTY_MM,
            )  # fmt: skip
            yield _row(
                "stone_interference", seat.id, found.get("interference_mm"), high=INTERFERENCE_MAX_MM, unit="mm",
                place=place, method=SCAN, uncertainty=SEAT_UNCERTAINTY_MM,
            )  # fmt: skip
