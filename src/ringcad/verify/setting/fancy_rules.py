"""Rules of a stone of another cut than round in prongs, as cast and as set, and its measurements as plain rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ringcad.core.findings import FindingCode
from ringcad.resolved import HeadedRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.fancy import FancySetting
from ringcad.verify.setting.moves import Moves
from ringcad.verify.setting.points import cleft_rule, point_row, point_rules
from ringcad.verify.setting.prong_rules import count_field, one_prong_rules, thick_field
from ringcad.verify.setting.ruled import SCAN, SEAT_UNCERTAINTY_DEG, SEAT_UNCERTAINTY_MM, Place, SettingRule
from ringcad.verify.setting.seat_rules import as_cast_rule, culet_rule, move_rules, pronged_room_rules, rest_rules

FACETS = "least trimmed squares motion that lays the stone's pavilion facets on the vertices that face them"


def fancy_rules(found: FancySetting, resolved: HeadedRing) -> Iterator[SettingRule]:
    """Every rule of the center stone; a wrong number of prongs is told alone."""
    head = resolved.head
    girdle = (0.0, 0.0, head.girdle_z_mm)
    count = found.count
    yield SettingRule(
        FindingCode.PRONG_COUNT, "center", "prongs beside the girdle", "as_cast", float(count), None, girdle, SCAN, 0.0,
        "ordered", f"{count} prongs stand beside the center stone's girdle, ordered {head.prongs}", count_field(head),
        low=float(head.prongs), high=float(head.prongs),
    )  # fmt: skip
    if count != head.prongs:
        return
    for (_, name, wall), prong, profile in zip(_named(found), found.prongs, found.profiles, strict=True):
        place = (*profile.place.point, head.girdle_z_mm)
        yield from one_prong_rules(prong, name, place, profile, resolved, wall)
    for number, point in found.points.items():
        yield from point_rules(point, f"center prong {number}", resolved)
    for cleft, room in found.clefts:
        yield cleft_rule(room, cleft, resolved)
    yield from _places(found, resolved)
    yield from _seat(found, girdle)
    yield from _room(found, girdle, resolved)
    yield from move_rules(
        found.cast, found.closed, "center", girdle, thick_field(head), limits.RETENTION_MIN_MM,
        limits.RETENTION_SOURCE,
    )  # fmt: skip


def _named(found: FancySetting) -> Iterator[tuple[int, str, bool]]:
    """Number, name and whether it is a wall of a V prong, of everything measured as a prong."""
    before = 0
    for number in found.numbers:
        wall = number in found.points
        side = "" if not wall else " second wall" if number == before else " first wall"
        before = number
        yield number, f"center prong {number}{side}", wall


def _places(found: FancySetting, resolved: HeadedRing) -> Iterator[SettingRule]:
    """Each prong stands where the cut wants it on the girdle."""
    reach = resolved.head.prong_axis_radius_girdle_mm
    ordered = [
        found.body.place_at(
            stand.x_mm + reach * math.cos(math.radians(stand.azimuth_deg)),
            stand.y_mm + reach * math.sin(math.radians(stand.azimuth_deg)),
        ).point
        for stand in resolved.head.stands
    ]
    for (_, name, wall), profile in zip(_named(found), found.profiles, strict=True):
        if wall:
            continue  # told by its room beside the point and by both walls' lengths
        off = min(math.dist(profile.place.point, place) for place in ordered)
        yield SettingRule(
            FindingCode.SEAT_POSITION, f"{name}: place", "prong beside its place on the girdle",
            "as_cast", off, "mm", (*profile.place.point, resolved.head.girdle_z_mm), SCAN, SEAT_UNCERTAINTY_MM,
            limits.PRONG_PLACE_SOURCE, f"the prong stands {off:.2f} mm along the girdle from where this cut is held",
            "head", high=limits.PRONG_PLACE_MAX_MM,
        )  # fmt: skip


def _seat(found: FancySetting, girdle: Place) -> Iterator[SettingRule]:
    seat = found.seat
    if seat is None:
        yield SettingRule(
            FindingCode.SEAT_BEARING, "center: bearing", "bearing for the pavilion", "as_cast", 0.0, "mm", girdle,
            FACETS, SEAT_UNCERTAINTY_MM, limits.BEARING_SOURCE,
            "no bearing for the center stone's pavilion was found", "head", low=limits.BEARING_MIN_MM,
        )  # fmt: skip
        return
    wide = limits.SEAT_ANGLE_TOLERANCE_DEG
    rule = as_cast_rule("center", girdle, "head", FACETS)
    yield rule(
        FindingCode.SEAT_ANGLE, "seat angle", seat.angle_off_deg, "deg",
        f"the center stone's seat is cut {abs(seat.angle_off_deg):.1f} degrees off the pavilion's facets",
        limits.SEAT_SOURCE, low=-wide, high=wide, uncertainty=SEAT_UNCERTAINTY_DEG,
    )  # fmt: skip
    yield from rest_rules(rule, seat.tilt_deg, seat.height_mm, seat.aside_mm, "the center stone", FACETS)


def _room(found: FancySetting, girdle: Place, resolved: HeadedRing) -> Iterator[SettingRule]:
    yield from pronged_room_rules(found, girdle)
    culet = resolved.head.girdle_z_mm - resolved.stone.pavilion_depth_mm
    culet += 0.0 if found.seat is None else found.seat.height_mm
    yield culet_rule(culet - resolved.bore_radius_mm, "center", (0.0, 0.0, culet), resolved, "head")


def _number(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _moves_row(moves: Moves) -> dict[str, Any]:
    return {name: _number(getattr(moves, name)) for name in moves.__dataclass_fields__}


def fancy_row(found: FancySetting) -> dict[str, Any]:
    """Plain numbers of a stone of another cut in prongs."""
    names = ("azimuth_deg", "full_mm", "behind_mm", "notch_share", "section_mm2", "clearance_mm", "straight_mm",
             "top_mm", "bearing_mm", "opening_mm")  # fmt: skip
    seat = found.seat
    return {
        "setting": "prongs",
        "cut": found.body.stone.cut,
        "prongs": [
            {name: _number(getattr(prong, name)) for name in names}
            | {
                "prong": number,
                "place_mm": [_number(value) for value in profile.place.point],
                "contact_as_set": _number(prong.closed.contact),
                "height_as_set_mm": _number(prong.closed.height_mm),
                "height_share_as_set": _number(prong.closed.height_share),
            }
            for number, prong, profile in zip(found.numbers, found.prongs, found.profiles, strict=True)
        ],
        "points": {str(number): point_row(point) for number, point in found.points.items()},
        "cleft_room_mm": [_number(room) for _, room in found.clefts],
        "seat": None if seat is None else {name: _number(getattr(seat, name), 5) for name in seat.__dataclass_fields__},
        "interference_mm": _number(found.interference_mm),
        "play_mm": _number(found.play_mm),
        "pavilion_gap_mm": _number(found.pavilion_gap_mm),
        "blocked_mm": _number(found.blocked_mm),
        "retention_mm": _number(found.closed.hold_mm),
        "moves_as_cast": _moves_row(found.cast),
        "moves_as_set": _moves_row(found.closed),
    }
