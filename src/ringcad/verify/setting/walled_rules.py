"""Rules of an oval or cushion in a bezel, as cast and as set all round, and its measurements as plain rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ringcad.core.findings import FindingCode
from ringcad.resolved import BezelRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.bezel import FIELD, wall_rules
from ringcad.verify.setting.cabochon import dome_lip_rules
from ringcad.verify.setting.girdled import GirdledStone
from ringcad.verify.setting.moves import Moves
from ringcad.verify.setting.ruled import (
    SEAT_UNCERTAINTY_DEG,
    SHARE_UNCERTAINTY,
    Place,
    SettingRule,
)
from ringcad.verify.setting.seat_rules import (
    as_cast_rule,
    culet_rule,
    lip_rules,
    missing_seat_rule,
    move_rules,
    play_rule,
    rest_rules,
    room_rules,
)
from ringcad.verify.setting.walled import Rest, WalledSetting

METHOD = "rays square to the girdle at 96 places; least trimmed squares motion that lays the stone on its ledge"


def walled_rules(found: WalledSetting | None, stone: GirdledStone, ring: BezelRing) -> Iterator[SettingRule]:
    """Every rule of the stone; a seat that is missing is told alone."""
    girdle = (0.0, 0.0, ring.bezel.girdle_z_mm)
    if found is None or found.rest is None:
        part = "opening" if found is None else "bearing"
        yield missing_seat_rule("center", girdle, FIELD, f"no {part} was found for the center stone")
        return
    under = "base" if stone.stone.domed else "pavilion"
    yield from _seat(found.rest, ring, under)
    yield from _opening(found, ring, under)
    yield from wall_rules(found, ring)
    culet = ring.bezel.girdle_z_mm - stone.pavilion_depth_mm + found.rest.height_mm
    yield culet_rule(
        culet - ring.bore_radius_mm, "center", (0.0, 0.0, culet), ring, FIELD, "base" if under == "base" else "culet"
    )
    if stone.stone.domed:
        yield from dome_lip_rules(found, girdle, stone.girdle_mm, stone.table_mm)
    else:
        highest = max(found.lips, key=lambda one: one.height_share)
        yield from lip_rules(
            found.least_lip, highest, "center", "lip", "lip's top", girdle, "bezel.lip_height_mm", before=0.0,
            standing=float(found.standing_mm.max()) / stone.stone.crown_height_mm,
        )  # fmt: skip
    yield from move_rules(
        found.cast, found.closed, "center", girdle, FIELD, limits.lip_retention_min_mm(stone.stone.width_mm),
        limits.RETENTION_SOURCE,
    )  # fmt: skip


def _seat(rest: Rest, ring: BezelRing, under: str) -> Iterator[SettingRule]:
    z = ring.bezel.girdle_z_mm
    girdle: Place = (0.0, 0.0, z)
    rule = as_cast_rule("center", girdle, FIELD, METHOD)
    wide = limits.SEAT_ANGLE_TOLERANCE_DEG
    yield rule(
        FindingCode.SEAT_ANGLE, "seat angle", rest.angle_off_deg, "deg",
        f"the seat of the center stone is cut {abs(rest.angle_off_deg):.1f} degrees off its {under} at one place",
        limits.SEAT_SOURCE, low=-wide, high=wide, uncertainty=SEAT_UNCERTAINTY_DEG, place_mm=(*rest.place_mm, z),
    )  # fmt: skip
    yield from rest_rules(rule, rest.tilt_deg, rest.height_mm, rest.aside_mm, "the center stone", METHOD)


def _opening(found: WalledSetting, ring: BezelRing, under: str) -> Iterator[SettingRule]:
    girdle: Place = (0.0, 0.0, ring.bezel.girdle_z_mm)
    rule = as_cast_rule("center", girdle, FIELD)
    ordered = ring.bezel.girdle_clearance_mm
    yield play_rule(rule, found.play_mm, ordered)
    off = np.maximum(np.abs(found.offset_low_mm - ordered), np.abs(found.offset_high_mm - ordered))
    worst = int(np.argmax(off))
    x, y = (float(value) for value in found.places_mm[worst])
    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "opening all round, farthest from ordered", float(off[worst]), "mm",
        f"the opening is {off[worst]:.3f} mm off the girdle's line at one place", limits.INTERFERENCE_SOURCE,
        high=limits.ALL_ROUND_MAX_MM, place_mm=(x, y, girdle[2]),
    )  # fmt: skip
    yield rule(
        FindingCode.SEAT_BEARING, "bearing under the girdle", found.contact_share, "%",
        f"the {under} bears on {100 * found.contact_share:.0f} % of its girdle", limits.BEARING_SHARE_SOURCE,
        low=limits.BEARING_SHARE_MIN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    yield from room_rules(rule, found, found.stone, "the center stone", "")


def _number(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _moves_row(moves: Moves) -> dict[str, Any]:
    return {name: _number(getattr(moves, name)) for name in moves.__dataclass_fields__}


def walled_row(found: WalledSetting) -> dict[str, Any]:
    """Plain numbers of such a stone in a bezel."""
    rest, least = found.rest, found.least_lip
    return {
        "setting": "bezel",
        "cut": found.stone.stone.cut,
        "places": len(found.places_mm),
        "girdle_clearance_mm": _number(found.play_mm),
        "opening_off_girdle_mm": [_number(found.offset_low_mm.min()), _number(found.offset_high_mm.max())],
        "seat": None
        if rest is None
        else {
            name: _number(getattr(rest, name), 5)
            for name in ("tilt_deg", "height_mm", "aside_mm", "residual_mm", "angle_off_deg")
        },
        "contact_share": _number(found.contact_share),
        "lip_height_mm": [_number(found.standing_mm.min()), _number(found.standing_mm.max())],
        "lip_thickness_mm": [_number(found.lip_walls_mm.min()), _number(found.lip_walls_mm.max())],
        "wall_mm": [_number(found.walls_mm.min()), _number(found.walls_mm.max())],
        "lip_as_set": {
            "contact_least": _number(least.contact),
            "reach_least": _number(least.reach),
            "height_mm": _number(least.height_mm),
            "folded": True,
        },
        "interference_mm": _number(found.interference_mm),
        "blocked_mm": _number(found.blocked_mm),
        "retention_mm": _number(found.closed.hold_mm),
        "moves_as_cast": _moves_row(found.cast),
        "moves_as_set": _moves_row(found.closed),
        "origin_mm": None if rest is None else [0.0, 0.0, _number(rest.height_mm)],
    }
