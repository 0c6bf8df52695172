"""Rules of a stone in a channel, as cast and as set."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ringcad.core.findings import FindingCode
from ringcad.resolved import ChannelAccent, FlushSeat, ResolvedRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.channel import ChannelSetting
from ringcad.verify.setting.flush_rules import outward
from ringcad.verify.setting.frames import StoneProfile
from ringcad.verify.setting.ruled import (
    FIT,
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
    tilt_rule,
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
        yield missing_seat_rule(name, (x, y, z), field, f"no bearing was found for the stone {name}")
        return
    x, y, z = (float(value) for value in found.frame.origin)
    place = (x, y, z)
    yield angle_rule(found.bearing.flank_deg, stone, name, place, f"the seat of {name}", field)
    yield from _as_cast(found, stone, accent, seat, place, field)
    away = float(found.frame.origin @ out) - stone.pavilion_depth_mm
    yield culet_rule(away - bore, name, place, resolved, field)
    lip, before = found.least_lip, max(min(found.right.cut_in_mm, found.left.cut_in_mm), 0.0) / stone.crown_run_mm
    standing = (found.table_depth_mm + stone.crown_height_mm) / stone.crown_height_mm
    yield from lip_rules(lip, lip, name, "lesser wall", "walls' tops", place, field, before=before, standing=standing)
    yield from move_rules(
        found.cast, found.closed, name, place, field, limits.lip_retention_min_mm(2.0 * stone.radius_mm),
        limits.FLUSH_RETENTION_SOURCE,
    )  # fmt: skip


def _as_cast(
    found: ChannelSetting, stone: StoneProfile, accent: ChannelAccent, seat: FlushSeat, place: Place, field: str
) -> Iterator[SettingRule]:
    name = seat.id

    rule = as_cast_rule(name, place, field)
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
    yield bearing_rule(rule, found.contact_share, name)
    yield tilt_rule(rule, found.bearing.tilt_deg(outward(seat)), name)
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
    yield table_depth_rule(rule, found.table_depth_mm, name, "the walls' tops", limits.CHANNEL_DEPTH_SOURCE)
    yield from room_rules(rule, found, stone, f"{name} beyond the walls' declared cut-in", f" of {name}")
