"""Claws: prongs that bend inward over the stone as cast, by how far a setter can open them again."""

from __future__ import annotations

import math

import numpy as np

from ringcad.fit.claw import ClawLine
from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolve.prongs import Posts
from ringcad.resolve.v_prongs import CONTACT_WANTED, all_points
from ringcad.resolved import CenterStone, ClawTip, FancyStone, FoundryLimits

_HALVINGS = 40


def resolve_claw(
    ledger: Ledger, stone: CenterStone, count: int, posts: Posts, limits: FoundryLimits
) -> tuple[ClawTip, float] | None:
    """A head's claws and how far they stand above the girdle's upper edge (mm); ``None`` for other tips.

    Problems are noted in the ledger.
    """
    ledger.note("head.claw", "derived", "as far over the stone as its setter may open a prong for the girdle to pass")
    if ledger.spec.head.tip != "claw":
        return None
    if all_points(stone, count):
        ledger.refuse(
            "head.tip", "has no effect: every prong of this head is a V prong over a point of the stone", value="claw",
            suggestion="remove it, or set a stone without points, for example 'cut: radiant'",
        )  # fmt: skip
        return None
    crown = math.radians(stone.crown_angle_deg)
    left = (rule("claw_finished_height") - CONTACT_WANTED) * stone.crown_height_mm / math.cos(crown)
    least = rule("claw_finished_min")
    if left < least:
        size = math.sqrt(stone.length_mm * stone.width_mm) if isinstance(stone, FancyStone) else stone.diameter_mm
        ledger.refuse(
            "head.tip", "the crown is too low for claws: bent over it and filed they would be too thin", value="claw",
            limit=f"{mm(least)} of metal over the crown, here {mm(left)}",
            suggestion=f"use 'tip: dome', or a stone of about {up(size * least / left, 0.1):g} mm",
        )  # fmt: skip
        return None
    over_girdle = stone.crown_height_mm + rule("claw_over_table")
    height = stone.girdle_mm + over_girdle
    lean = math.radians(posts.lean_deg)
    outside = posts.radius_girdle_mm - 0.5 * stone.diameter_mm
    wanted = rule("claw_reach_share") * posts.diameter_girdle_mm

    def line(hook: float) -> ClawLine:
        return ClawLine(lean, hook, 0.5 * posts.diameter_girdle_mm, height)

    low, high = 0.0, math.radians(rule("claw_hook_max"))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if line(middle).inmost_mm() - outside < wanted else (low, middle)
    found = line(low)
    slope = stone.crown_height_mm / math.sin(crown)
    at = np.array([stone.girdle_mm / math.cos(lean) + 0.5 * CONTACT_WANTED * slope])
    width = 2.0 * float(found.radius(at)[0])
    if width < limits.prong_min_mm:
        share = width / posts.diameter_girdle_mm
        ledger.refuse(
            "head.prong_diameter_mm", "the claws are too thin where they bear on the crown",
            value=posts.diameter_girdle_mm, limit=f"{mm(limits.prong_min_mm)} with {limits.name}, here {mm(width)}",
            suggestion=f"use {up(limits.prong_min_mm / share):g}, or 'tip: dome'",
        )  # fmt: skip
        return None
    tip = ClawTip(hook_deg=math.degrees(low), reach_mm=found.inmost_mm() - outside, width_mm=width)
    return tip, over_girdle
