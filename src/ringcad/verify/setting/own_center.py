"""A center stone in a head from a user's file that holds it by a bezel, or leaves all of it to the bench."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ringcad.core.findings import FindingCode
from ringcad.resolved import HeadedRing, OwnHead
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.flush import FlushSetting, measure_flush
from ringcad.verify.setting.frames import StoneProfile
from ringcad.verify.setting.ruled import FIT, SCAN, SEAT_UNCERTAINTY_MM, Place, SettingRule
from ringcad.verify.setting.seat_rules import (
    angle_rule,
    as_cast_rule,
    bearing_rule,
    culet_rule,
    drilled_rules,
    finished_wall_rule,
    lip_rules,
    missing_seat_rule,
    move_rules,
    play_rule,
    room_rules,
)

FIELD = "head"
_BEARING_IN_MM = 0.15
"""How far inside the girdle a bearing is looked for: as much must be there whatever the ledge."""


def measure_own_bezel(caster: RayCaster, ring: HeadedRing, stone: StoneProfile) -> FlushSetting | None:
    """The seat and the wall of a round stone; ``None`` where no opening lies on the head's axis."""
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    foot = np.array([0.0, 0.0, ring.head.girdle_z_mm - stone.pavilion_depth_mm])
    return measure_flush(
        caster, foot, np.array([0.0, 0.0, 1.0]), stone, bearing_at_mm=-_BEARING_IN_MM * slope, folded=True
    )


def own_bezel_rules(
    found: FlushSetting | None, stone: StoneProfile, ring: HeadedRing, own: OwnHead
) -> Iterator[SettingRule]:
    """Every rule of such a stone; a seat that is missing is told alone."""
    girdle = (0.0, 0.0, ring.head.girdle_z_mm)
    if found is None or found.opening is None or found.bearing is None or not found.lips:
        part = "opening" if found is None else "bearing" if found.bearing is None else "lip"
        yield missing_seat_rule("center", girdle, FIELD, f"no {part} was found for the center stone")
        return
    rule = as_cast_rule("center", girdle, FIELD, FIT)
    yield angle_rule(found.bearing.flank_deg, stone, "center", girdle, "the seat of the center stone", FIELD)
    yield play_rule(rule, -found.cut_in_mm, ring.head.girdle_clearance_mm)
    yield from drilled_rules(rule, found, girdle, "the center stone")
    yield bearing_rule(rule, found.contact_share, "the center stone")
    yield from room_rules(rule, found, stone, "the center stone", "")
    yield from _wall(found, ring, own, girdle)
    culet = float(found.frame.origin[2]) - stone.pavilion_depth_mm
    yield culet_rule(culet - ring.bore_radius_mm, "center", (0.0, 0.0, culet), ring, FIELD)
    highest = max(found.lips, key=lambda one: one.height_share)
    standing = float(found.standing_mm.max()) / stone.crown_height_mm
    yield from lip_rules(
        found.least_lip, highest, "center", "lip", "lip's top", girdle, "head.mates.over_girdle_mm", before=0.0,
        standing=standing,
    )  # fmt: skip
    yield from move_rules(
        found.cast, found.closed, "center", girdle, FIELD, limits.lip_retention_min_mm(2.0 * stone.radius_mm),
        limits.RETENTION_SOURCE,
    )  # fmt: skip


def _wall(found: FlushSetting, ring: HeadedRing, own: OwnHead, girdle: Place) -> Iterator[SettingRule]:
    """The wall beside the girdle against what is declared and against the profile; what polish leaves of it."""
    least = float(found.walls_mm.min())
    declared = (1.0 - limits.LIP_UNDERSIZE_MAX) * own.thickness_mm
    yield SettingRule(
        FindingCode.BEZEL_LIP, "center: wall beside the girdle", "wall beside the girdle, where least", "as_cast",
        least, "mm", girdle, SCAN, SEAT_UNCERTAINTY_MM, limits.LIP_SIZE_SOURCE,
        f"the wall beside the girdle is {least:.3f} mm, declared {own.thickness_mm:.3f}", "head.mates.thickness_mm",
        low=max(declared, ring.foundry.wall_min_mm) - SEAT_UNCERTAINTY_MM,
    )  # fmt: skip
    yield finished_wall_rule(least, ring.foundry.polish_allowance_mm, girdle, "head.mates.thickness_mm")
