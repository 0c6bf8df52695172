"""Rules of a stone in a drilled seat, as cast and as set."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ringcad.core.findings import FindingCode
from ringcad.resolved import FlushAccent, FlushSeat, ResolvedRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.flush import FlushSetting
from ringcad.verify.setting.frames import StoneProfile
from ringcad.verify.setting.ruled import (
    FIT,
    SEAT_UNCERTAINTY_DEG,
    Place,
    SettingRule,
)
from ringcad.verify.setting.seat_rules import (
    angle_rule,
    as_cast_rule,
    bearing_rule,
    culet_rule,
    lip_rules,
    missing_seat_rule,
    move_rules,
    room_rules,
    table_depth_rule,
)


def outward(seat: FlushSeat) -> Any:
    """(3,) the way out of a seat on the shank, by its numbers."""
    phi = math.radians(seat.phi_deg)
    return np.array([math.sin(phi), 0.0, math.cos(phi)])


def flush_rules(
    found: FlushSetting | None,
    stone: StoneProfile,
    accent: FlushAccent,
    seat: FlushSeat,
    number: int,
    resolved: ResolvedRing,
) -> Iterator[SettingRule]:
    """Every rule of a stone in a drilled seat; a seat that is missing is told alone."""
    field, name = f"accents.{number}", seat.id
    if found is None or found.opening is None or found.bearing is None:
        part = "opening" if found is None else "bearing"
        bore = 0.5 * resolved.ring.inner_diameter_mm
        out = outward(seat) * (bore + 0.5 * (resolved.shank.thickness_top_mm + resolved.shank.thickness_bottom_mm))
        place = (float(out[0]), seat.y_mm, float(out[2]))
        yield missing_seat_rule(name, place, field, f"no {part} was found for the flush stone {name}")
        return
    x, y, z = (float(value) for value in found.frame.origin)
    place = (x, y, z)
    yield angle_rule(found.bearing.flank_deg, stone, name, place, f"the seat of {name}", field)
    yield from _as_cast(found, stone, accent, seat, place, field)
    away = float(found.frame.origin @ outward(seat)) - stone.pavilion_depth_mm
    yield culet_rule(away - 0.5 * resolved.ring.inner_diameter_mm, name, place, resolved, field)
    lip = found.least_lip
    standing = (found.table_depth_mm + stone.crown_height_mm) / stone.crown_height_mm
    yield from lip_rules(
        lip, lip, name, "lip", "lip's top", place, field, before=max(found.cut_in_mm, 0.0) / stone.crown_run_mm,
        standing=standing,
    )  # fmt: skip
    yield from move_rules(
        found.cast, found.closed, name, place, field, limits.lip_retention_min_mm(2.0 * stone.radius_mm),
        limits.FLUSH_RETENTION_SOURCE,
    )  # fmt: skip


def _as_cast(
    found: FlushSetting, stone: StoneProfile, accent: FlushAccent, seat: FlushSeat, place: Place, field: str
) -> Iterator[SettingRule]:
    assert found.opening is not None and found.bearing is not None
    name = seat.id

    rule = as_cast_rule(name, place, field)
    play = limits.INTERFERENCE_MAX_MM
    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "cut-in of the opening", found.cut_in_mm, "mm",
        f"the opening of {name} is {2 * found.opening.radius_mm:.3f} mm wide, "
        f"declared {accent.opening_diameter_mm:.3f}",
        limits.INTERFERENCE_SOURCE, low=accent.cut_in_mm - play, high=accent.cut_in_mm + play, method=FIT,
    )  # fmt: skip
    widest = max(
        found.opening_high_mm - (stone.radius_mm - accent.cut_in_mm),
        (stone.radius_mm - accent.cut_in_mm) - found.opening_low_mm,
    )
    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "opening all round, farthest from declared", widest, "mm",
        f"the opening of {name} is {widest:.3f} mm off its declared circle at one place", limits.INTERFERENCE_SOURCE,
        high=limits.ALL_ROUND_MAX_MM,
    )  # fmt: skip
    yield bearing_rule(rule, found.contact_share, name)
    tilt = found.bearing.tilt_deg(found.opening.axis)
    yield rule(
        FindingCode.SEAT_POSITION, "bearing against opening", tilt, "deg",
        f"bearing and opening of {name} are {tilt:.2f} degrees apart", limits.SEAT_SOURCE,
        high=limits.SEAT_TILT_MAX_DEG, method=FIT, uncertainty=SEAT_UNCERTAINTY_DEG,
    )  # fmt: skip
    yield table_depth_rule(rule, found.table_depth_mm, name, "the rim", limits.FLUSH_DEPTH_SOURCE)
    yield from room_rules(rule, found, stone, f"{name} beyond its declared cut-in", f" of {name}")
