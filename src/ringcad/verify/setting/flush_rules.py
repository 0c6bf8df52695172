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
from ringcad.verify.setting.prong_rules import angle_rule, culet_rule, move_rules
from ringcad.verify.setting.ruled import (
    CLOSING,
    FIT,
    SCAN,
    SEAT_UNCERTAINTY_DEG,
    SEAT_UNCERTAINTY_MM,
    SHARE_UNCERTAINTY,
    Place,
    SettingRule,
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
        yield SettingRule(
            FindingCode.SEAT_BEARING, f"{name}: seat", "bearing all round", "as_cast", 0.0, "%",
            (float(out[0]), seat.y_mm, float(out[2])), FIT, SHARE_UNCERTAINTY, limits.BEARING_SHARE_SOURCE,
            f"no {part} was found for the flush stone {name}", field, low=limits.BEARING_SHARE_MIN,
        )  # fmt: skip
        return
    x, y, z = (float(value) for value in found.frame.origin)
    place = (x, y, z)
    yield angle_rule(found.bearing.flank_deg, stone, name, place, f"the seat of {name}", field)
    yield from _as_cast(found, stone, accent, seat, place, field)
    away = float(found.frame.origin @ outward(seat)) - stone.pavilion_depth_mm
    yield culet_rule(away - 0.5 * resolved.ring.inner_diameter_mm, name, place, resolved, field)
    lip = found.least_lip
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: lip", "contact of the lip along the crown, where least", "as_set",
        lip.contact, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.LIP_SOURCE,
        f"the lip of {name} covers {100 * lip.reach:.0f} % of the crown's slope where it is least", field,
        low=limits.LIP_CONTACT_MIN, high=limits.CONTACT_MAX, before=max(found.cut_in_mm, 0.0) / stone.crown_run_mm,
    )  # fmt: skip
    standing = (found.table_depth_mm + stone.crown_height_mm) / stone.crown_height_mm
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: lip's top", "finished lip, share of the table's height", "as_set",
        lip.height_share, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.LIP_HEIGHT_SOURCE,
        f"the lip of {name} stands {100 * lip.height_share:.0f} % of the table's height above the girdle", field,
        high=1.0, before=standing,
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

    def rule(
        code: FindingCode, what: str, value: float, unit: str, message: str, source: str, **more: Any
    ) -> SettingRule:
        settings: dict[str, Any] = {"place_mm": place, "method": SCAN, "uncertainty": SEAT_UNCERTAINTY_MM} | more
        return SettingRule(
            code=code, subject=f"{name}: {what}", what=what, state="as_cast", measured=value, unit=unit, source=source,
            message=message, field=field, **settings,
        )  # fmt: skip

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
    yield rule(
        FindingCode.SEAT_BEARING, "bearing all round", found.contact_share, "%",
        f"the pavilion of {name} bears on {100 * found.contact_share:.0f} % of its circle", limits.BEARING_SHARE_SOURCE,
        low=limits.BEARING_SHARE_MIN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    tilt = found.bearing.tilt_deg(found.opening.axis)
    yield rule(
        FindingCode.SEAT_POSITION, "bearing against opening", tilt, "deg",
        f"bearing and opening of {name} are {tilt:.2f} degrees apart", limits.SEAT_SOURCE,
        high=limits.SEAT_TILT_MAX_DEG, method=FIT, uncertainty=SEAT_UNCERTAINTY_DEG,
    )  # fmt: skip
    low, high = limits.FLUSH_DEPTH_RANGE_MM
    depth = found.table_depth_mm
    yield rule(
        FindingCode.SEAT_POSITION, "table below the rim", depth, "mm",
        f"the table of {name} will lie {depth:.3f} mm below its rim ({low:.2f} to {high:.2f})",
        limits.FLUSH_DEPTH_SOURCE, low=low, high=high,
    )  # fmt: skip
    yield rule(
        FindingCode.STONE_INTERFERENCE, "metal inside the stone", found.interference_mm, "mm",
        f"metal reaches {found.interference_mm:.3f} mm into {name} beyond its declared cut-in",
        limits.INTERFERENCE_SOURCE, high=limits.INTERFERENCE_MAX_MM, place_mm=found.interference_place_mm,
    )  # fmt: skip
    room = min(found.blocked_mm, WAY_MM)
    yield rule(
        FindingCode.INSERTION, "free way above the table", room, "mm",
        f"metal stands {room:.2f} mm above the table of {name}, in its way in",
        "twice the stone's depth, so that it can be held", low=2.0 * (stone.table_mm + stone.pavilion_depth_mm),
    )  # fmt: skip


WAY_MM = 20.0
"""A free way is measured up to this."""
