"""The rules of a certificate: what was measured, by what method, with what uncertainty, against what limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ringcad.core.findings import Finding, Severity
from ringcad.core.tolerances import TOLERANCES
from ringcad.resolved import ResolvedRing
from ringcad.verify.cavities import DRAIN_MIN_MM
from ringcad.verify.gaps import HOLE_MIN_MM, RATIO_ERROR, RECESS_WARN
from ringcad.verify.sections import SECTION_JUMP_MAX, SECTION_MAX_MM

Verdict = Literal["pass", "warning", "fail", "not_measured"]
Place = tuple[float, float, float]

EXACT = "counted on the welded float32 vertices; orientation and crossing in exact integer arithmetic"
ROUND = "least-squares circle through first hits of rays at mid-width"
LINES = "straight lines through metal from named sites, each from wall to wall"
OPENING = "width of the relief at half height by opening with discs on a height map taken by rays"
OFF_PLAIN = "rays along the normals of the plain arm by its numbers; the height that 0.2 mm2 of it reach"

ROOM = "rays and inscribed balls on both sides of the surface, and a grid of the space about the ring"
CLOSED = "one closed two-manifold body without self-intersections, as printers and casting houses ask"
_TOPOLOGY = {
    "open_edges": "edges with one face only",
    "non_manifold_edges": "edges with more than two faces",
    "non_manifold_vertices": "points where bodies touch",
    "winding": "edges whose faces are turned against each other",
    "degenerate_faces": "triangles without area",
    "duplicate_faces": "triangles that are there twice",
}

WALL_UNCERTAINTY_MM = 0.01
"""Chord of a delivered file; the calibration bodies are met within it (benchmarks, verifier's calibration)."""


class RuleRow(BaseModel):
    """One rule. Lengths in mm, areas in mm2, angles in degrees, shares in per cent.

    ``what`` says in words what was measured, ``source`` where the limit comes from. ``low`` and ``high`` are the
    limits; ``None`` where a side has none. ``state`` says whether the file itself is judged (``file``, ``as_cast``) or
    what the setter will make of it (``as_set``); then ``before`` is the same quantity of the file, which is not judged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    subject: str
    what: str = ""
    state: Literal["file", "as_cast", "as_set"]
    measured: float | None
    before: float | None = None
    low: float | None
    high: float | None
    unit: str | None
    place_mm: Place | None
    method: str
    uncertainty: float | None
    source: str = ""
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
        *(RuleRow.model_validate(row) for row in measurements.get("setting_rules", ())),
        *_room_rules(measurements, resolved, findings),
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
    what: str = "",
    source: str = "",
) -> RuleRow:
    good = (
        measured is not None and (low is None or measured >= low - 1e-9) and (high is None or measured <= high + 1e-9)
    )
    verdict: Verdict = "not_measured" if measured is None else "pass" if good else "fail"
    return RuleRow(
        code=code,
        subject=subject,
        what=what,
        state=state,
        measured=None if measured is None or not math.isfinite(measured) else float(measured),
        low=low,
        high=high,
        unit=unit,
        place_mm=None if place is None else (float(place[0]), float(place[1]), float(place[2])),
        method=method,
        uncertainty=uncertainty,
        source=source,
        verdict=verdict,
    )


def _file_rules(m: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    said: dict[str, Any] = {"state": "file", "source": CLOSED}
    for code, count in m.get("topology", {}).items():
        yield _row(code, "file", count, high=0.0, what=_TOPOLOGY.get(code, ""), **said)
    pairs = m.get("self_intersecting_pairs")
    yield _row("self_intersection", "file", pairs, high=0.0, what="pairs of triangles that meet", **said)
    yield _row("bodies", "file", m.get("bodies"), low=1.0, high=1.0, what="connected bodies", **said)
    size = m.get("file_bytes")
    yield _row(
        "file_too_large", "file", size, high=float(resolved.foundry.stl_max_bytes), unit="bytes", state="file",
        what="size of the file", source="foundry profile", method="counted",
    )  # fmt: skip
    genus = (m.get("kernel") or {}).get("expected_genus")
    if genus is not None:
        yield _row(
            "genus", "file", m.get("genus"), low=float(genus), high=float(genus), state="file",
            what="handles and through holes", source="what the parts and their through holes declare",
        )  # fmt: skip


def _bore_rules(m: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    ordered, tolerance = resolved.ring.inner_diameter_mm, TOLERANCES.bore_mm
    bore = m.get("bore") or {}
    yield _row(
        "bore_diameter", "bore", bore.get("diameter_mm"), low=ordered - tolerance, high=ordered + tolerance, unit="mm",
        place=(0.0, bore.get("y_mm", 0.0), -0.5 * ordered), method=ROUND, uncertainty=resolved.export.chord_mm,
        what="inner diameter at mid-width", source="ordered size; ISO 8653 reads a rounded inside at mid-width",
    )  # fmt: skip


def _wall_rules(m: Mapping[str, Any], resolved: ResolvedRing) -> Iterator[RuleRow]:
    margin = 2.0 * resolved.export.chord_mm  # as the findings about sites grant it
    for site, row in m.get("walls", {}).items():
        yield _row(
            "wall_structural", site, row["min_mm"], low=round(row["limit_mm"] - margin, 6), unit="mm",
            place=row["place_mm"], method=LINES, uncertainty=WALL_UNCERTAINTY_MM, what="thinnest wall",
            source="foundry profile, less what the chords of two faces may take off",
        )  # fmt: skip
    for zone, row in m.get("detail", {}).items():
        # Strokes are told to the grid that they are measured on.
        least = resolved.foundry.detail_min_mm - row["resolution_mm"]
        yield _row(
            "detail_width", zone, row["narrowest_mm"], low=round(least, 6), unit="mm", method=OPENING,
            uncertainty=row["resolution_mm"], what="narrowest stroke of the relief at half height",
            source="foundry profile, less the grid it is measured on",
        )  # fmt: skip
    for zone, row in m.get("arms", {}).items():
        yield _row(
            "relief_empty", zone, row["height_mm"], low=round(row["limit_mm"], 6), unit="mm", place=row["place_mm"],
            method=OFF_PLAIN, uncertainty=WALL_UNCERTAINTY_MM, what="how far the arm's relief lies off the plain arm",
            source="what is lower is a scar, not detail; ordered " + f"{row['ordered_mm']:g} mm",
        )  # fmt: skip


def _room_rules(m: Mapping[str, Any], resolved: ResolvedRing, findings: Sequence[Finding]) -> Iterator[RuleRow]:
    """Gaps, recesses, holes, hollows, edges and sections: the worst of each.

    What is past its limit is refused where the finding refuses, else warned of: seats, notches and pilot holes are
    recesses that the ring's own numbers declare.
    """
    refused = {finding.code.value for finding in findings if finding.severity is Severity.ERROR}

    def judged(code: str, what: str, value: float, error: float | None, source: str, **more: Any) -> RuleRow:
        row = _row(code, "whole ring", value, what=what, method=ROOM, uncertainty=error, source=source, **more)
        return row if row.verdict == "pass" or code in refused else row.model_copy(update={"verdict": "warning"})

    gaps = m.get("gaps")
    if gaps is not None:
        narrow, deep, hole = (gaps[name] or {} for name in ("narrowest", "deepest_recess", "narrowest_hole"))
        yield judged(
            "gap_width", "narrowest gap, looked for up to 1 mm", narrow.get("width_mm", gaps["looked_for_up_to_mm"]),
            gaps["error_mm"], "foundry profile: thinner fins of investment break", low=resolved.foundry.gap_min_mm,
            unit="mm", place=narrow.get("place_mm"),
        )  # fmt: skip
        if deep.get("depth_mm") and deep["width_mm"]:
            yield judged(
                "recess_depth", "deepest recess, depth over width", deep["depth_mm"] / deep["width_mm"], RATIO_ERROR,
                "Morris and Watson: depth at most the width of the opening", high=RECESS_WARN, place=deep["place_mm"],
            )  # fmt: skip
        if hole:
            yield judged(
                "hole_width", "narrowest hole", hole["width_mm"], gaps["error_mm"],
                "Stuller CAD/CAM standards; common practice", low=HOLE_MIN_MM, unit="mm", place=hole["place_mm"],
            )  # fmt: skip
    if "cavities" in m:
        shut = [
            row for row in m["cavities"] if row["widest_drain_mm"] is not None and row["widest_drain_mm"] < DRAIN_MIN_MM
        ]
        yield judged(
            "trapped_volume", "hollows without a drain of 1 mm", float(len(shut)), 0.0,
            "common practice: wax and investment leave through 1 mm", high=0.0,
            place=shut[0]["place_mm"] if shut else None,
        )  # fmt: skip
    edges = m.get("sharp_edges")
    if edges is not None:
        yield judged(
            "sharp_edge", "length of outer edges without a rounding", edges["length_mm"], 0.1,
            "Morris and Watson: sharp edges of the mould wash; seats and notches are cut so", high=0.0, unit="mm",
            place=edges["place_mm"],
        )  # fmt: skip
    sections = m.get("sections")
    if sections is not None:
        yield judged(
            "section_thick", "thickest section", sections["thickest_mm"], sections["error_mm"],
            "casting houses: heavy sections shrink", high=SECTION_MAX_MM, unit="mm",
            place=sections["thickest_place_mm"],
        )  # fmt: skip
        yield judged(
            "section_jump", "thick to thin of neighbours", sections["thick_to_thin"], 0.1,
            "common practice: 3 to 1", high=SECTION_JUMP_MAX, place=sections["thick_to_thin_place_mm"],
        )  # fmt: skip
