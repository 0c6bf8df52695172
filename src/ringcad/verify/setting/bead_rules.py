"""Rules of a bead-set stone, as cast and as set, and its measurements as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ringcad.core.findings import FindingCode
from ringcad.resolved import BeadAccent, PlacedSeat, ResolvedRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.beads import BeadSetting
from ringcad.verify.setting.frames import StoneProfile
from ringcad.verify.setting.ruled import FIT, SHARE_UNCERTAINTY, Place, SettingRule
from ringcad.verify.setting.seat_rules import (
    Rule,
    angle_rule,
    as_cast_rule,
    culet_rule,
    missing_seat_rule,
    move_rules,
    room_rules,
    tilt_rule,
)

BEADS_PER_STONE = 4
BEARING_SHARE_MIN = 0.50
"""Share of the circle on which a bead-set pavilion must bear: U-cuts open the rest at the waist."""
BEARING_SHARE_SOURCE = "common practice: a pave seat bears between its U-cuts"
PLACE_MAX_MM = 0.02
PLACE_SOURCE = "its numbers, plus twice the chord of the mesh"
BALL = "sphere through the vertices of the bead, and rays from the stone's axis"
DIAMETER_MIN_SHARE, DIAMETER_MIN_MM = 0.29, 0.35
DIAMETER_SOURCE = "catalogue beads 0.29 to 0.42 of the stone; at least 0.35 mm as cast"
UNDERSIZE_MAX_MM = 0.02
OVERLAP_MIN_SHARE = 0.04
OVERLAP_SOURCE = "least metal over the girdle that a setter lays on the crown: 0.04 of the stone"
ROOT_MIN_MM = 0.15
ROOT_SOURCE = "Stuller CAD: parts overlap by at least 0.15 mm"
TOP_SOURCE = "catalogue: bead tops level with the table or just over it"
CONTACT_SOURCE = "GIA quality benchmark, bead setting: 30 to 40 % of the crown's slope"


def bead_rules(
    found: BeadSetting | None,
    stone: StoneProfile,
    accent: BeadAccent,
    seat: PlacedSeat,
    field: str,
    resolved: ResolvedRing,
) -> Iterator[SettingRule]:
    """Every rule of a bead-set stone; a seat that is missing is told alone."""
    name = seat.id
    if found is None:
        yield missing_seat_rule(name, seat.origin_mm, field, f"no bearing was found for the stone {name}")
        return
    x, y, z = (float(value) for value in found.frame.origin)
    place = (x, y, z)
    rule = as_cast_rule(name, place, field)
    yield angle_rule(found.bearing.flank_deg, stone, name, place, f"the seat of {name}", field)
    yield rule(
        FindingCode.SEAT_BEARING, "bearing between the U-cuts", found.contact_share, "%",
        f"the pavilion of {name} bears on {100 * found.contact_share:.0f} % of its circle", BEARING_SHARE_SOURCE,
        low=BEARING_SHARE_MIN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    yield tilt_rule(rule, found.bearing.tilt_deg(np.array(seat.axis)), name)
    off = found.frame.origin - np.array(seat.origin_mm)
    height = float(off @ np.array(seat.axis))
    aside = float(np.linalg.norm(off - height * np.array(seat.axis)))
    for what, value in (("seat beside its place", aside), ("seat above or below its place", abs(height))):
        yield rule(
            FindingCode.SEAT_POSITION, what, value, "mm", f"{name} will rest {value:.3f} mm off: {what}", PLACE_SOURCE,
            high=PLACE_MAX_MM, method=FIT,
        )  # fmt: skip
    yield from _beads_as_cast(found, stone, accent, name, rule)
    yield from room_rules(rule, found, stone, f"{name} beyond the beads' declared overlap", f" of {name}")
    culet = np.array([x, 0.0, z]) - stone.pavilion_depth_mm * found.frame.axis * np.array([1.0, 0.0, 1.0])
    yield culet_rule(float(np.linalg.norm(culet)) - resolved.bore_radius_mm, name, place, resolved, field)
    yield from _as_set(found, stone, accent, name, place, field)


def _beads_as_cast(
    found: BeadSetting, stone: StoneProfile, accent: BeadAccent, name: str, rule: Rule
) -> Iterator[SettingRule]:
    count = len(found.beads)
    yield rule(
        FindingCode.PRONG_SECTION, "beads", float(count), None, f"{count} beads stand round {name} instead of "
        f"{BEADS_PER_STONE}", "four beads hold a stone", low=BEADS_PER_STONE, high=BEADS_PER_STONE, method=BALL,
        uncertainty=0.0,
    )  # fmt: skip
    if not count:
        return
    thinnest = min(found.beads, key=lambda bead: min(bead.diameter_mm, bead.section_mm))
    thick = min(thinnest.diameter_mm, thinnest.section_mm)
    least = max(
        accent.bead_diameter_mm - UNDERSIZE_MAX_MM,
        DIAMETER_MIN_SHARE * 2.0 * stone.radius_mm,
        DIAMETER_MIN_MM - UNDERSIZE_MAX_MM,
    )
    yield rule(
        FindingCode.PRONG_SECTION, "thinnest bead", thick, "mm",
        f"a bead of {name} is {thick:.3f} mm thick, declared {accent.bead_diameter_mm:.3f}", DIAMETER_SOURCE,
        low=least, high=accent.bead_diameter_mm + UNDERSIZE_MAX_MM, place_mm=thinnest.place_mm, method=BALL,
    )  # fmt: skip
    for what, bead in (
        ("least overlap of a bead", min(found.beads, key=lambda one: one.overlap_mm)),
        ("greatest overlap of a bead", max(found.beads, key=lambda one: one.overlap_mm)),
    ):
        yield rule(
            FindingCode.GIRDLE_CLEARANCE, what, bead.overlap_mm, "mm",
            f"a bead stands {bead.overlap_mm:.3f} mm over the girdle of {name}, declared {accent.overlap_mm:.3f}",
            OVERLAP_SOURCE,
            low=max(accent.overlap_mm, OVERLAP_MIN_SHARE * 2.0 * stone.radius_mm) - limits.INTERFERENCE_MAX_MM,
            high=accent.overlap_mm + limits.INTERFERENCE_MAX_MM, place_mm=bead.place_mm, method=BALL,
        )  # fmt: skip
    low, high = (pick(found.beads, key=lambda one: one.top_mm) for pick in (min, max))
    for what, over, bead, least_mm, most_mm in (
        ("lowest bead over the table", low.top_mm - stone.table_mm, low, 0.0, None),
        (
            "highest bead over the table", high.top_mm - stone.table_mm, high, None,
            accent.bead_rise_mm - stone.table_mm + limits.ALL_ROUND_MAX_MM,
        ),
    ):  # fmt: skip
        yield rule(
            FindingCode.PRONG_HEIGHT, what, over, "mm", f"a bead of {name} ends {over:+.3f} mm from the table's height",
            TOP_SOURCE, low=least_mm, high=most_mm, place_mm=bead.place_mm, method=BALL,
        )  # fmt: skip
    rooted = min(found.beads, key=lambda bead: bead.rooted_mm)
    yield rule(
        FindingCode.PRONG_SECTION, "metal under the bead that has least", rooted.rooted_mm - accent.proud_mm, "mm",
        f"a bead of {name} goes on {rooted.rooted_mm - accent.proud_mm:.3f} mm in the metal under it", ROOT_SOURCE,
        low=ROOT_MIN_MM, place_mm=rooted.place_mm, method=BALL,
    )  # fmt: skip


def _as_set(
    found: BeadSetting, stone: StoneProfile, accent: BeadAccent, name: str, place: Place, field: str
) -> Iterator[SettingRule]:
    if not found.beads:
        return
    # the setter cuts what is over the target: metal can only be too little, and its height is judged as cast
    least = min(found.beads, key=lambda bead: bead.closed.reach)
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: contact", "contact of a bead along the crown, where least", "as_set",
        least.closed.contact, "%", place, BALL, SHARE_UNCERTAINTY, CONTACT_SOURCE,
        f"a bead of {name} covers {100 * least.closed.reach:.0f} % of the crown's slope", field,
        low=limits.CONTACT_MIN, before=max(least.overlap_mm, 0.0) / stone.crown_run_mm,
    )  # fmt: skip
    yield from move_rules(
        found.cast, found.closed, name, place, field, limits.lip_retention_min_mm(2.0 * stone.radius_mm),
        limits.FLUSH_RETENTION_SOURCE,
    )  # fmt: skip


def bead_row(found: BeadSetting) -> dict[str, Any]:
    """Plain numbers of a bead-set stone, without its moves."""

    def number(value: float, digits: int = 4) -> float | None:
        return round(float(value), digits) if math.isfinite(value) else None

    names = ("diameter_mm", "section_mm", "overlap_mm", "top_mm", "rooted_mm", "residual_mm")
    return {
        "setting": "bead",
        "beads": [
            {"azimuth_deg": number(math.degrees(bead.azimuth_rad), 2)}
            | {name: number(getattr(bead, name)) for name in names}
            | {"contact_as_set": number(bead.closed.contact), "height_as_set_mm": number(bead.closed.height_mm)}
            for bead in found.beads
        ],
        "contact_share": number(found.contact_share),
        "interference_mm": number(found.interference_mm),
        "blocked_mm": number(found.blocked_mm),
        "retention_mm": number(found.closed.hold_mm),
        "origin_mm": [number(value) for value in found.frame.origin],
    }
