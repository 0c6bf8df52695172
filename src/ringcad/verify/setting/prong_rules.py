"""Rules of a stone in prongs, as cast and as set."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ringcad.core.findings import FindingCode, Severity
from ringcad.resolved import Head, HeadedRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.closing import FINISHED_TIP_MIN_MM
from ringcad.verify.setting.frames import StoneProfile
from ringcad.verify.setting.prongs import ProngMeasure, ProngSetting
from ringcad.verify.setting.ruled import (
    CLOSING,
    FIT,
    SCAN,
    SEAT_UNCERTAINTY_MM,
    SHARE_UNCERTAINTY,
    Place,
    SettingRule,
)
from ringcad.verify.setting.seat_rules import (
    angle_rule,
    as_cast_rule,
    culet_rule,
    move_rules,
    pronged_room_rules,
    rest_rules,
)

_OWN_THICK_FIELD = "head.mates.thickness_mm"


def thick_field(head: Head) -> str:
    """What governs the thickness of a round prong."""
    return "head.prong_diameter_mm" if head.own is None else _OWN_THICK_FIELD


def count_field(head: Head) -> str:
    """What says how many prongs there are."""
    return "head.prongs" if head.own is None else "head.mates.prongs_deg"


def section_beside_girdle_mm2(diameter_mm: float, notch_share: float, girdle_radius_mm: float) -> float:
    """Area that a round prong keeps where a girdle's circle enters it by a share of its diameter.

    A circle less the lens that two circles share (closed form).
    """
    one, two = 0.5 * diameter_mm, girdle_radius_mm
    apart = two - notch_share * diameter_mm + one
    if apart >= one + two:
        return math.pi * one**2
    at_one = math.acos(np.clip((apart**2 + one**2 - two**2) / (2.0 * apart * one), -1.0, 1.0))
    at_two = math.acos(np.clip((apart**2 + two**2 - one**2) / (2.0 * apart * two), -1.0, 1.0))
    lens = one**2 * (at_one - 0.5 * math.sin(2.0 * at_one)) + two**2 * (at_two - 0.5 * math.sin(2.0 * at_two))
    return math.pi * one**2 - lens


def prong_rules(found: ProngSetting, stone: StoneProfile, resolved: HeadedRing) -> Iterator[SettingRule]:
    """Every rule of the center stone; a wrong number of prongs is told alone."""
    head = resolved.head
    girdle = (0.0, 0.0, head.girdle_z_mm)
    count = len(found.prongs)
    yield SettingRule(
        FindingCode.PRONG_COUNT, "center", "prongs beside the girdle", "as_cast", float(count), None, girdle, SCAN, 0.0,
        "ordered", f"{count} prongs stand beside the center stone's girdle, ordered {head.prongs}",
        count_field(head),
        low=float(head.prongs), high=float(head.prongs),
    )  # fmt: skip
    if count != head.prongs:
        return
    if head.own is not None:
        yield from _declared_places(found, stone, head)
    for number, prong in enumerate(found.prongs, start=1):
        turn = math.radians(prong.azimuth_deg)
        place = (stone.radius_mm * math.cos(turn), stone.radius_mm * math.sin(turn), head.girdle_z_mm)
        yield from one_prong_rules(prong, f"center prong {number}", place, stone, resolved)
    yield from _seat(found, stone, girdle)
    yield from _room(found, girdle, stone, resolved)
    yield from move_rules(
        found.cast, found.closed, "center", girdle, thick_field(head),
        limits.RETENTION_MIN_MM, limits.RETENTION_SOURCE,
    )  # fmt: skip


def _declared_places(found: ProngSetting, stone: StoneProfile, head: Head) -> Iterator[SettingRule]:
    """Every prong of a head from a file stands where its mates declare it."""
    for number, prong in enumerate(found.prongs, start=1):
        turn = math.radians(prong.azimuth_deg)
        away = min(abs(math.remainder(turn - math.radians(stand.azimuth_deg), math.tau)) for stand in head.stands)
        place = (stone.radius_mm * math.cos(turn), stone.radius_mm * math.sin(turn), head.girdle_z_mm)
        off = away * stone.radius_mm
        yield SettingRule(
            FindingCode.SEAT_POSITION, f"center prong {number}: place", "prong beside its declared place", "as_cast",
            off, "mm", place, SCAN, SEAT_UNCERTAINTY_MM, limits.PRONG_PLACE_SOURCE,
            f"the prong stands {off:.2f} mm along the girdle from where the mates declare it", "head.mates.prongs_deg",
            high=limits.PRONG_PLACE_MAX_MM,
        )  # fmt: skip


def one_prong_rules(
    prong: ProngMeasure, name: str, place: Place, stone: StoneProfile, resolved: HeadedRing, wall: bool = False
) -> Iterator[SettingRule]:
    """Rules of a round prong, or of a ``wall`` of a V prong."""
    head = resolved.head
    pad = head.v_prong if wall else None
    ordered = head.prong_diameter_girdle_mm if pad is None else pad.wall_mm
    where = f"the {'prong' if pad is None else 'wall of the V prong'} at {prong.azimuth_deg:.0f} degrees"
    least = max(ordered, resolved.foundry.prong_min_mm) * (1.0 - limits.PRONG_UNDERSIZE_MAX)

    def rule(
        code: FindingCode, what: str, value: float, unit: str | None, message: str, source: str, **limit: Any
    ) -> SettingRule:
        settings: dict[str, Any] = {"field": "head", "state": "as_cast", "method": SCAN}
        settings |= {"uncertainty": SHARE_UNCERTAINTY if unit == "%" else SEAT_UNCERTAINTY_MM} | limit
        return SettingRule(
            code=code, subject=f"{name}: {what}", what=what, measured=value, unit=unit, place_mm=place, source=source,
            message=message, **settings,
        )  # fmt: skip

    yield rule(
        FindingCode.PRONG_SECTION, "prong's thickness at the girdle", prong.full_mm, "mm",
        f"{where} is {prong.full_mm:.2f} mm thick at the girdle, {100 * (1 - prong.full_mm / ordered):.0f} % under the "
        f"ordered {ordered:.2f}",
        limits.PRONG_SOURCE, low=least, field=thick_field(head) if pad is None else "head.v_wall_mm",
    )  # fmt: skip
    if pad is None and head.own is None:
        yield _section_rule(rule, prong, where, stone, head)
    else:  # of a prong from a file no more is known of its section than its thickness
        what = "wall behind the notch" if head.own is None else "prong behind the notch"
        yield rule(
            FindingCode.PRONG_SECTION, what, prong.behind_mm, "mm",
            f"{where} keeps {prong.behind_mm:.2f} mm behind the girdle", limits.POINT_METAL_SOURCE,
            low=resolved.foundry.prong_min_mm * (1.0 - limits.PRONG_UNDERSIZE_MAX),
            field="head.v_wall_mm" if head.own is None else _OWN_THICK_FIELD,
        )  # fmt: skip
    yield rule(
        FindingCode.NOTCH_DEPTH, "notch, share of the prong", prong.notch_share, "%",
        f"the notch takes {100 * prong.notch_share:.0f} % of {where}", limits.NOTCH_SOURCE, high=limits.NOTCH_ERROR,
        advised_high=limits.NOTCH_WARNING,
        field="head.notch_share" if head.own is None else "head.mates.girdle_mm",
    )  # fmt: skip
    low, high = limits.CLEARANCE_RANGE_MM
    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "girdle clearance", prong.clearance_mm, "mm",
        f"the girdle has {prong.clearance_mm:.3f} mm of play beside {where} (0 to {high:.2f})",
        limits.CLEARANCE_SOURCE, low=low, high=high,
    )  # fmt: skip
    yield rule(
        FindingCode.SEAT_BEARING, "bearing along the pavilion", prong.bearing_mm, "mm",
        f"the pavilion bears on {where} along {prong.bearing_mm:.2f} mm", limits.BEARING_SOURCE,
        low=limits.BEARING_MIN_MM,
    )  # fmt: skip
    slope = stone.crown_height_mm / math.sin(math.radians(stone.crown_angle_deg))
    yield rule(
        FindingCode.PRONG_HEIGHT, "straight metal above the girdle, share of the crown's slope",
        prong.straight_mm / slope, "%",
        f"{where} keeps its thickness for {prong.straight_mm:.2f} mm above the girdle, "
        f"{100 * prong.straight_mm / slope:.0f} % of the crown's slope",
        limits.STRAIGHT_SOURCE, low=limits.STRAIGHT_MIN,
    )  # fmt: skip
    heights = (limits.HEIGHT_SHARE_RANGE, limits.HEIGHT_SOURCE)
    if pad is not None:
        heights = (limits.V_HEIGHT_SHARE_RANGE, limits.V_HEIGHT_SOURCE)
    (low, high), source = heights
    share = prong.top_mm / stone.crown_height_mm
    yield rule(
        FindingCode.PRONG_HEIGHT, "top above the girdle, share of the table's height", share, "%",
        f"{where} ends {prong.top_mm:.2f} mm above the girdle, {100 * share:.0f} % of the table's height",
        source, low=low,
    )  # fmt: skip
    yield rule(
        FindingCode.INSERTION, "opened to let the girdle in, share of the prong", prong.opening_mm / prong.full_mm, "%",
        f"{where} has to be opened by {prong.opening_mm:.2f} mm for the stone to go in, "
        f"{100 * prong.opening_mm / prong.full_mm:.0f} % of its thickness",
        limits.OPENING_SOURCE, high=limits.OPENING_SHARE_MAX,
    )  # fmt: skip
    if head.claw is not None and pad is None:
        yield from _claw_rules(rule, prong, where, head)
    closed = prong.closed
    set_by: dict[str, Any] = {"state": "as_set", "method": CLOSING}
    yield rule(
        FindingCode.PRONG_HEIGHT, "contact along the crown", closed.contact, "%",
        f"bent over, {where} covers {100 * closed.reach:.0f} % of the crown's slope", limits.CONTACT_SOURCE,
        low=limits.CONTACT_MIN, high=limits.CONTACT_MAX, before=prong.opening_mm / stone.crown_run_mm, **set_by,
    )  # fmt: skip
    yield rule(
        FindingCode.PRONG_HEIGHT, "finished top, share of the table's height", closed.height_share, "%",
        f"cut, {where} stands {closed.height_mm:.2f} mm above the girdle, {100 * closed.height_share:.0f} % of the "
        "table's height",
        source, low=low, high=high, before=share, severity=Severity.WARNING, **set_by,
    )  # fmt: skip


def _claw_rules(rule: Callable[..., SettingRule], prong: ProngMeasure, where: str, head: Head) -> Iterator[SettingRule]:
    """What a claw has over the stone, as cast and once it is bent and filed."""
    ordered, tip, closed = head.claw, prong.tip, prong.closed
    assert ordered is not None
    if tip is None:
        return
    least = 1.0 - limits.CLAW_UNDERSIZE_MAX
    yield rule(
        FindingCode.PRONG_SECTION, "claw's width in the middle of its contact", tip.width_mm, "mm",
        f"the claw of {where} is {tip.width_mm:.2f} mm wide where it will bear on the crown, ordered "
        f"{ordered.width_mm:.2f}", limits.CLAW_SOURCE, low=ordered.width_mm * least, field="head.prong_diameter_mm",
    )  # fmt: skip
    area = limits.CLAW_SECTION_SHARE * 0.25 * math.pi * ordered.width_mm**2
    yield rule(
        FindingCode.PRONG_SECTION, "claw's section in the middle of its contact", tip.section_mm2, "mm2",
        f"the claw of {where} has {tip.section_mm2:.2f} mm2 of metal where it will bear on the crown, at least "
        f"{area:.2f} of its round section", limits.CLAW_SECTION_SOURCE, low=area, field="head.prong_diameter_mm",
        uncertainty=2.0 * SEAT_UNCERTAINTY_MM * ordered.width_mm,
    )  # fmt: skip
    yield rule(
        FindingCode.PRONG_HEIGHT, "claw's reach over the girdle", tip.reach_mm, "mm",
        f"the claw of {where} reaches {tip.reach_mm:.2f} mm over the girdle, ordered {ordered.reach_mm:.2f}",
        limits.CLAW_REACH_SOURCE, low=ordered.reach_mm - limits.CLAW_REACH_TOLERANCE_MM,
        high=ordered.reach_mm + limits.CLAW_REACH_TOLERANCE_MM, field="head.tip",
    )  # fmt: skip
    section = 0.25 * math.pi * tip.width_mm * max(closed.tip_mm, 0.0)
    low = 0.25 * math.pi * ordered.width_mm * least * FINISHED_TIP_MIN_MM
    yield rule(
        FindingCode.PRONG_SECTION, "finished claw's section in the middle of its contact", section, "mm2",
        f"filed, the claw of {where} keeps {closed.tip_mm:.2f} mm of metal over the crown, {section:.2f} mm2 in the "
        "middle of its contact", limits.CLAW_FINISHED_SOURCE, low=low, field="head.tip", state="as_set",
        method=CLOSING, before=tip.section_mm2, uncertainty=SEAT_UNCERTAINTY_MM * ordered.width_mm,
    )  # fmt: skip
    yield rule(
        FindingCode.PRONG_HEIGHT, "finished claw's reach over the girdle", closed.overlap_mm, "mm",
        f"bent over, the claw of {where} reaches {closed.overlap_mm:.2f} mm in over the girdle",
        limits.CONTACT_SOURCE, low=limits.CONTACT_MIN * closed.overlap_mm / max(closed.contact, 1e-9),
        field="head.tip", state="as_set", method=CLOSING, before=tip.reach_mm,
    )  # fmt: skip


def _section_rule(
    rule: Callable[..., SettingRule], prong: ProngMeasure, where: str, stone: StoneProfile, head: Head
) -> SettingRule:
    """What is left of a round prong beside its notch."""
    ordered = head.prong_diameter_girdle_mm
    area = section_beside_girdle_mm2(ordered, head.notch_share, stone.radius_mm + head.girdle_clearance_mm)
    return rule(
        FindingCode.PRONG_SECTION, "section behind the notch", prong.section_mm2, "mm2",
        f"{where} has {prong.section_mm2:.2f} mm2 of metal at the girdle, {area:.2f} as ordered", limits.SECTION_SOURCE,
        low=area * (1.0 - limits.SECTION_UNDERSIZE_MAX), field="head.prong_diameter_mm",
        uncertainty=2.0 * SEAT_UNCERTAINTY_MM * ordered,
    )  # fmt: skip


def _seat(found: ProngSetting, stone: StoneProfile, girdle: Place) -> Iterator[SettingRule]:
    cone = found.pavilion
    if cone is None:
        yield SettingRule(
            FindingCode.SEAT_BEARING, "center: bearing", "bearing for the pavilion", "as_cast", 0.0, "mm", girdle, FIT,
            SEAT_UNCERTAINTY_MM, limits.BEARING_SOURCE, "no bearing for the center stone's pavilion was found", "head",
            low=limits.BEARING_MIN_MM,
        )  # fmt: skip
        return
    yield angle_rule(cone.flank_deg, stone, "center", girdle, "the center stone's seat", "stone")
    yield from rest_rules(
        as_cast_rule("center", girdle, "head"), cone.tilt_deg(np.array([0.0, 0.0, 1.0])),
        cone.height_of_radius(stone.radius_mm), cone.offset_mm(np.array(girdle)), "the center stone",
    )  # fmt: skip


def _room(found: ProngSetting, girdle: Place, stone: StoneProfile, resolved: HeadedRing) -> Iterator[SettingRule]:
    yield from pronged_room_rules(found, girdle)
    bore = 0.5 * resolved.ring.inner_diameter_mm
    culet = resolved.head.girdle_z_mm - stone.pavilion_depth_mm
    if found.pavilion is not None:
        culet += found.pavilion.height_of_radius(stone.radius_mm)
    yield culet_rule(culet - bore, "center", (0.0, 0.0, culet), resolved, "head")
