"""Rules of a stone in a channel, as cast and as set."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ringcad.core.findings import FindingCode
from ringcad.resolved import ChannelAccent, FlushSeat, ResolvedRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.channel import ChannelSetting
from ringcad.verify.setting.flush_rules import WAY_MM, outward
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


def channel_rules(
    found: ChannelSetting | None,
    stone: StoneProfile,
    accent: ChannelAccent,
    seat: FlushSeat,
    number: int,
    resolved: ResolvedRing,
) -> Iterator[SettingRule]:
    """Every rule of a stone in a channel; a seat that is missing is told alone."""
    field, name = f"accents.{number}", seat.id
    bore, out = 0.5 * resolved.ring.inner_diameter_mm, outward(seat)
    if found is None:
        x, y, z = (float(part) for part in out * (bore + 0.5 * resolved.shank.thickness_top_mm))
        yield SettingRule(
            FindingCode.SEAT_BEARING, f"{name}: seat", "bearing all round", "as_cast", 0.0, "%", (x, y, z), FIT,
            SHARE_UNCERTAINTY, limits.BEARING_SHARE_SOURCE, f"no bearing was found for the stone {name}", field,
            low=limits.BEARING_SHARE_MIN,
        )  # fmt: skip
        return
    x, y, z = (float(value) for value in found.frame.origin)
    place = (x, y, z)
    yield angle_rule(found.bearing.flank_deg, stone, name, place, f"the seat of {name}", field)
    yield from _as_cast(found, stone, accent, seat, place, field)
    away = float(found.frame.origin @ out) - stone.pavilion_depth_mm
    yield culet_rule(away - bore, name, place, resolved, field)
    lip, before = found.least_lip, max(min(found.right.cut_in_mm, found.left.cut_in_mm), 0.0) / stone.crown_run_mm
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: walls", "contact of the walls along the crown, the lesser", "as_set",
        lip.contact, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.LIP_SOURCE,
        f"a wall of the channel covers {100 * lip.reach:.0f} % of the crown's slope of {name}", field,
        low=limits.LIP_CONTACT_MIN, high=limits.CONTACT_MAX, before=before,
    )  # fmt: skip
    standing = (found.table_depth_mm + stone.crown_height_mm) / stone.crown_height_mm
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: walls' tops", "finished wall, share of the table's height", "as_set",
        lip.height_share, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.LIP_HEIGHT_SOURCE,
        f"the wall beside {name} stands {100 * lip.height_share:.0f} % of the table's height above the girdle", field,
        high=1.0, before=standing,
    )  # fmt: skip
    yield from move_rules(
        found.cast, found.closed, name, place, field, limits.lip_retention_min_mm(2.0 * stone.radius_mm),
        limits.FLUSH_RETENTION_SOURCE,
    )  # fmt: skip


def _as_cast(
    found: ChannelSetting, stone: StoneProfile, accent: ChannelAccent, seat: FlushSeat, place: Place, field: str
) -> Iterator[SettingRule]:
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
        FindingCode.GIRDLE_CLEARANCE, "width of the slot", found.width_mm, "mm",
        f"the channel is {found.width_mm:.3f} mm wide at {name}, declared {accent.channel_width_mm:.3f}",
        limits.INTERFERENCE_SOURCE, low=accent.channel_width_mm - 2.0 * play, high=accent.channel_width_mm + 2.0 * play,
    )  # fmt: skip
    for side, wall in (("right", found.right), ("left", found.left)):
        yield rule(
            FindingCode.GIRDLE_CLEARANCE, f"cut-in of the {side} wall", wall.cut_in_mm, "mm",
            f"the {side} wall stands {wall.cut_in_mm:.3f} mm over the girdle of {name}, declared "
            f"{accent.cut_in_mm:.3f}",
            limits.INTERFERENCE_SOURCE, low=accent.cut_in_mm - play, high=accent.cut_in_mm + play,
        )  # fmt: skip
    uneven = max(wall.most_mm - wall.least_mm for wall in (found.right, found.left))
    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "walls, farthest from straight", uneven, "mm",
        f"a wall beside {name} is {uneven:.3f} mm off its plane at one place", limits.INTERFERENCE_SOURCE,
        high=limits.ALL_ROUND_MAX_MM,
    )  # fmt: skip
    yield rule(
        FindingCode.SEAT_BEARING, "bearing all round", found.contact_share, "%",
        f"the pavilion of {name} bears on {100 * found.contact_share:.0f} % of its circle", limits.BEARING_SHARE_SOURCE,
        low=limits.BEARING_SHARE_MIN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip
    tilt = found.bearing.tilt_deg(outward(seat))
    yield rule(
        FindingCode.SEAT_POSITION, "tilt of the seat", tilt, "deg",
        f"the seat of {name} is tilted by {tilt:.2f} degrees", limits.SEAT_SOURCE, high=limits.SEAT_TILT_MAX_DEG,
        method=FIT, uncertainty=SEAT_UNCERTAINTY_DEG,
    )  # fmt: skip
    line = np.array([math.cos(math.radians(seat.phi_deg)), 0.0, -math.sin(math.radians(seat.phi_deg))])
    aside = abs(float(found.frame.origin @ line))
    yield rule(
        FindingCode.SEAT_POSITION, "seat beside its place in the row", aside, "mm",
        f"{name} will rest {aside:.3f} mm beside its place in the row", limits.SEAT_SOURCE,
        high=limits.SEAT_PLACE_TOLERANCE_MM, method=FIT,
    )  # fmt: skip
    middle = 0.5 * abs(found.right.from_axis_mm - found.left.from_axis_mm)
    yield rule(
        FindingCode.SEAT_POSITION, "seat beside the middle of the slot", middle, "mm",
        f"{name} will rest {middle:.3f} mm beside the middle of the slot", limits.SEAT_SOURCE,
        high=limits.SEAT_PLACE_TOLERANCE_MM,
    )  # fmt: skip
    low, high = limits.FLUSH_DEPTH_RANGE_MM
    depth = found.table_depth_mm
    yield rule(
        FindingCode.SEAT_POSITION, "table below the walls", depth, "mm",
        f"the table of {name} will lie {depth:.3f} mm below the walls' tops ({low:.2f} to {high:.2f})",
        limits.CHANNEL_DEPTH_SOURCE, low=low, high=high,
    )  # fmt: skip
    yield rule(
        FindingCode.STONE_INTERFERENCE, "metal inside the stone", found.interference_mm, "mm",
        f"metal reaches {found.interference_mm:.3f} mm into {name} beyond the walls' declared cut-in",
        limits.INTERFERENCE_SOURCE, high=limits.INTERFERENCE_MAX_MM, place_mm=found.interference_place_mm,
    )  # fmt: skip
    room = min(found.blocked_mm, WAY_MM)
    yield rule(
        FindingCode.INSERTION, "free way above the table", room, "mm",
        f"metal stands {room:.2f} mm above the table of {name}, in its way in",
        "twice the stone's depth, so that it can be held", low=2.0 * (stone.table_mm + stone.pavilion_depth_mm),
    )  # fmt: skip
