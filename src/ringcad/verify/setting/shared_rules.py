"""Rules of stones between shared prongs, as cast and as set, and what was measured as plain rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ringcad.core.findings import FindingCode, Severity
from ringcad.resolved import FlushSeat, ResolvedRing, SharedProngAccent
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.flush_rules import outward
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, stone_profile
from ringcad.verify.setting.ruled import CLOSING, SCAN, SHARE_UNCERTAINTY, Place, SettingRule
from ringcad.verify.setting.seat_rules import (
    angle_rule,
    as_cast_rule,
    culet_rule,
    missing_seat_rule,
    move_rules,
    rest_rules,
    room_rules,
)
from ringcad.verify.setting.shared_prongs import (
    Hold,
    SharedProng,
    SharedSetting,
    measure_shared,
    prongs_of_row,
    room_of_pair,
)

COVER_TOLERANCE_MM = 0.03
"""Twice the chord on the prong and once on the stone's seat."""
PAIR_GAP_SHARE = 0.8
"""Of the foundry's least gap, as for every gap of the file."""
BEARS_MIN = 0.25
"""Share of the circle: four sides of a stone with an eighth of a quarter each are the least that a setter cuts."""
BEARS_SOURCE = "common practice: a stone between prongs bears on all four of their seats"
NOTCH_SOURCE = "Professional Jeweler: a girdle enters a shared prong by at most 25 %; refused as any prong from half on"
NOTCH_SHARE_MAX = 0.25
TIP_UNDER_TABLE_MM = 0.10
TIP_SOURCE = "catalogue beads between stones end level with the table or a little over it"

Measured = tuple[dict[str, SharedSetting | None], dict[tuple[int, int], SharedProng], list[float]]


def measure_row(caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent) -> Measured:
    """All stones of a row by id, all of its prongs, and the room between the prongs of each pair."""
    stone = stone_profile(accent.stone)
    prongs = prongs_of_row(caster, resolved, accent, stone)
    gaps, found = len(accent.gaps_deg), {}
    level = resolved.bore_radius_mm + resolved.shank.thickness_top_mm + accent.girdle_over_crest_mm
    for k, seat in enumerate(accent.seats):
        before, after = ((k - 1) % gaps, k) if accent.all_round else (k, k + 1)
        own = [prongs[gap, side] for gap in (before, after) for side in (1, -1)]
        axis = outward(seat)
        found[seat.id] = measure_shared(caster, level * axis, axis, stone, own)
    return found, prongs, [room_of_pair(caster, prongs[gap, 1], prongs[gap, -1]) for gap in range(gaps)]


def row_rules(measured: Measured, accent: SharedProngAccent, number: int, resolved: ResolvedRing) -> list[SettingRule]:
    """Every rule of a row: of its prongs, then of its stones."""
    field, stone = f"accents.{number}", stone_profile(accent.stone)
    found, prongs, rooms = measured
    rules: list[SettingRule] = []
    for (gap, side), prong in prongs.items():
        rules += _prong_rules(prong, f"prong {gap + 1}{'right' if side > 0 else 'left'}", accent, stone, field)
    for gap, room in enumerate(rooms):
        middle = 0.5 * (prongs[gap, 1].centre + prongs[gap, -1].centre)
        rules.append(_pair_rule(room, _place(middle), gap, resolved, field))
    for seat in accent.seats:
        rules += _stone_rules(found[seat.id], stone, accent, seat, field, resolved)
    return rules


def _place(point: Any) -> Place:
    x, y, z = (float(value) for value in point)
    return (x, y, z)


def _prong_rules(
    prong: SharedProng, name: str, accent: SharedProngAccent, stone: StoneProfile, field: str
) -> Iterator[SettingRule]:
    rule = as_cast_rule(name, _place(prong.centre), field, SCAN)
    ordered = accent.prong_diameter_mm
    under = limits.PRONG_UNDERSIZE_MAX
    yield rule(
        FindingCode.PRONG_SECTION, "diameter", prong.diameter_mm, "mm",
        f"{name} has a diameter of {prong.diameter_mm:.3f} mm, ordered {ordered:.3f}", limits.PRONG_SOURCE,
        low=ordered * (1.0 - under) - limits.INTERFERENCE_MAX_MM, high=ordered * (1.0 + under) + 0.02,
    )  # fmt: skip
    if prong.diameter_mm <= 0.0:
        return
    slope = stone.crown_height_mm / math.sin(math.radians(stone.crown_angle_deg))
    yield rule(
        FindingCode.PRONG_HEIGHT, "straight metal above the girdle, share of the crown's slope",
        prong.straight_mm / slope, "%",
        f"{name} keeps its thickness for {prong.straight_mm:.2f} mm above the girdles", limits.STRAIGHT_SOURCE,
        low=limits.STRAIGHT_MIN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    over = prong.top_mm - stone.crown_height_mm
    yield rule(
        FindingCode.PRONG_HEIGHT, "tip over the table", over, "mm",
        f"{name} ends {over:.2f} mm over the tables", TIP_SOURCE, low=-TIP_UNDER_TABLE_MM, high=0.5,
    )  # fmt: skip


def _pair_rule(apart: float, place: Place, gap: int, resolved: ResolvedRing, field: str) -> SettingRule:
    """Room between the two prongs of a pair."""
    least = resolved.foundry.gap_min_mm
    rule = as_cast_rule(f"pair {gap + 1}", place, field, SCAN)
    return rule(
        FindingCode.GAP_WIDTH, "between the two prongs", apart, "mm",
        f"the prongs of pair {gap + 1} stand {apart:.3f} mm apart (foundry: {least:.2f})",
        "foundry profile: thinner fins of investment break", low=PAIR_GAP_SHARE * least,
    )  # fmt: skip


def _stone_rules(
    found: SharedSetting | None,
    stone: StoneProfile,
    accent: SharedProngAccent,
    seat: FlushSeat,
    field: str,
    resolved: ResolvedRing,
) -> Iterator[SettingRule]:
    name, out = seat.id, outward(seat)
    level = resolved.bore_radius_mm + resolved.shank.thickness_top_mm + accent.girdle_over_crest_mm
    if found is None:
        yield missing_seat_rule(name, _place(level * out), field, f"no bearing was found for the stone {name}")
        return
    place = _place(found.frame.origin)
    rule = as_cast_rule(name, place, field)
    yield angle_rule(found.bearing.flank_deg, stone, name, place, f"the seat of {name}", field)
    yield rule(
        FindingCode.SEAT_BEARING, "bearing, share of the circle", found.contact_share, "%",
        f"the pavilion of {name} bears on {100 * found.contact_share:.0f} % of its circle", BEARS_SOURCE,
        low=BEARS_MIN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    off = found.frame.origin - level * out
    height = float(off @ out)
    aside = float(np.linalg.norm(off - height * out))
    yield from rest_rules(rule, found.bearing.tilt_deg(out), height, aside, name)
    for number, hold in enumerate(found.holds, start=1):
        yield from _hold_rules(hold, f"{name} prong {number}", found.frame, stone, accent, field)
    yield culet_rule(
        float(found.frame.origin @ out) - stone.pavilion_depth_mm - resolved.bore_radius_mm,
        name,
        place,
        resolved,
        field,
    )
    yield from room_rules(rule, found, stone, name, f" of {name}")
    yield from move_rules(
        found.cast, found.closed, name, place, field, limits.lip_retention_min_mm(2.0 * stone.radius_mm),
        limits.FLUSH_RETENTION_SOURCE,
    )  # fmt: skip


def _hold_rules(
    hold: Hold, name: str, frame: SeatFrame, stone: StoneProfile, accent: SharedProngAccent, field: str
) -> Iterator[SettingRule]:
    at = frame.origin + stone.radius_mm * frame.directions(np.array([hold.azimuth_rad]))[0]
    place = _place(at)
    rule = as_cast_rule(name, place, field, SCAN)
    yield rule(
        FindingCode.PRONG_HEIGHT, "stands over the girdle", hold.cover_mm, "mm",
        f"{name} stands {hold.cover_mm:.3f} mm over the girdle, declared {accent.cover_mm:.3f}",
        "declared cover, twice the chord on the prong and once on the seat",
        low=accent.cover_mm - COVER_TOLERANCE_MM, high=accent.cover_mm + COVER_TOLERANCE_MM,
    )  # fmt: skip
    wide = SHARE_UNCERTAINTY + limits.INTERFERENCE_MAX_MM / accent.prong_diameter_mm
    share = hold.notch_share
    yield SettingRule(
        FindingCode.NOTCH_DEPTH, f"{name}: notch", "notch, share of the prong", "as_cast", share, "%", place, SCAN,
        SHARE_UNCERTAINTY, NOTCH_SOURCE, f"the notch takes {100 * share:.0f} % of {name}", field,
        low=0.5 * accent.notch_share, high=limits.NOTCH_ERROR, advised_high=NOTCH_SHARE_MAX + wide,
    )  # fmt: skip
    low, high = limits.CLEARANCE_RANGE_MM
    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "girdle clearance", hold.clearance_mm, "mm",
        f"the girdle has {hold.clearance_mm:.3f} mm of play beside {name}", limits.CLEARANCE_SOURCE, low=low, high=high,
    )  # fmt: skip
    yield rule(
        FindingCode.SEAT_BEARING, "bearing along the pavilion", hold.bearing_mm, "mm",
        f"the pavilion bears beside {name} along {hold.bearing_mm:.2f} mm", limits.BEARING_SOURCE,
        low=limits.BEARING_MIN_MM,
    )  # fmt: skip
    opened = hold.cover_mm / accent.prong_diameter_mm
    yield rule(
        FindingCode.INSERTION, "opened to let the girdle in, share of the prong", opened, "%",
        f"{name} has to be opened by {hold.cover_mm:.2f} mm for the stone to go in", limits.OPENING_SOURCE,
        high=limits.OPENING_SHARE_MAX, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    closed = hold.closed
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: contact", "contact along the crown", "as_set", closed.contact, "%", place,
        CLOSING, SHARE_UNCERTAINTY, limits.CONTACT_SOURCE,
        f"pressed down, {name} covers {100 * closed.contact:.0f} % of the crown", field, low=limits.CONTACT_MIN,
        high=limits.CONTACT_MAX, before=hold.cover_mm / stone.crown_run_mm,
    )  # fmt: skip
    low, high = limits.HEIGHT_SHARE_RANGE
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: finished top", "finished top, share of the table's height", "as_set",
        closed.height_share, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.HEIGHT_SOURCE,
        f"pressed down, {name} stands {100 * closed.height_share:.0f} % of the table's height above the girdle", field,
        low=low - 1e-6, high=high, severity=Severity.WARNING,
    )  # fmt: skip


def shared_row(found: SharedSetting) -> dict[str, Any]:
    """Plain numbers of a stone between shared prongs."""

    def number(value: float) -> float | None:
        return round(float(value), 4) if math.isfinite(value) else None

    return {
        "setting": "shared_prong",
        "prongs": [
            {
                "azimuth_deg": number(math.degrees(hold.azimuth_rad)),
                "cover_mm": number(hold.cover_mm),
                "girdle_arc_mm": number(hold.arc_mm),
                "notch_share": number(hold.notch_share),
                "clearance_mm": number(hold.clearance_mm),
                "bearing_mm": number(hold.bearing_mm),
                "contact_as_set": number(hold.closed.contact),
                "height_share_as_set": number(hold.closed.height_share),
            }
            for hold in found.holds
        ],
        "contact_share": number(found.contact_share),
        "interference_mm": number(found.interference_mm),
        "blocked_mm": number(found.blocked_mm),
        "retention_mm": number(found.closed.hold_mm),
        "origin_mm": [number(value) for value in found.frame.origin],
    }
