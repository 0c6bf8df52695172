"""Parts of a bezel by themselves: wall, play, ledge, lip, rounded edge and floor, from the stone and the metal."""

from __future__ import annotations

import math

from ringcad.resolve.fancy import mean_size_mm
from ringcad.resolve.ledger import Ledger, down, mm, rule, rule_of_metal, up
from ringcad.resolved import CenterStone, FancyStone, FoundryLimits
from ringcad.spec import BezelSpec
from ringcad.standards import setting_rule

#: Stones from these sizes on have the middle and the large wall, mm.
_MIDDLE_MM, _LARGE_MM = 4.0, 6.0
#: Least contact of the lip along the crown, as the verifier asks for it, and what is kept beyond.
_CONTACT_MIN = 0.20 + 0.02
#: What a wall loses where collar bends into cup.
TURN_MM = 0.02
#: Kept beyond closed-form walls: the mesh's chord on either side, and rounding.
MARGIN_MM = 0.03
_ROUNDING = 1e-9


def wall_mm(ledger: Ledger, want: BezelSpec, stone: CenterStone, limits: FoundryLimits, family: str) -> float:
    """Wall beside the stone."""
    size = mean_size_mm(stone)
    row = setting_rule(
        "bezel_wall_small" if size < _MIDDLE_MM else "bezel_wall_middle" if size < _LARGE_MM else "bezel_wall_large"
    )
    default, because = row.value, row.because
    if family == "silver":
        soft = setting_rule("bezel_wall_soft")
        default, because = default + soft.value, f"{because}; {soft.because}"
    least = max(limits.wall_min_mm, rule("bezel_finished_wall_min") + limits.polish_allowance_mm)
    safe = up(least + TURN_MM, 0.05)
    if default < safe:
        default, because = safe, f"the least wall of {limits.name} for this metal, and a little where it bends"
    field = "bezel.wall_thickness_mm"
    wall = ledger.number(field, want.wall_thickness_mm, field, default, because)
    thin = "the wall round the stone is too thin to cast and to burnish"
    ledger.at_least(field, wall, least, thin, f" with {limits.name}")
    ledger.at_most(field, wall, rule("bezel_wall_max"), "so thick a wall cannot be laid over the girdle")
    return wall


def clearance_mm(ledger: Ledger, want: BezelSpec, stone: CenterStone) -> float:
    """Play beside the girdle, per side."""
    row = setting_rule("bezel_clearance_share")
    most = rule("bezel_clearance_max")
    default = min(max(row.value * mean_size_mm(stone), rule("bezel_clearance_min")), most)
    field = "bezel.girdle_clearance_mm"
    play = ledger.number(field, want.girdle_clearance_mm, field, default, row.because)
    ledger.at_most(field, play, most, "the stone would lie loose in its opening before it is set", " per side")
    return min(play, most)  # what follows is judged as if it were mended


def ledge_mm(ledger: Ledger, want: BezelSpec, stone: CenterStone, wall: float) -> float:
    """Width of the bearing where the stone is narrowest."""
    row = setting_rule("bezel_ledge_share")
    low, high = rule("bezel_ledge_min"), rule("bezel_ledge_max")
    field = "bezel.ledge_mm"
    # no ledge takes more than a third of a small stone's radius from the light
    most = max(stone.diameter_mm / 6.0, low)
    ledge = ledger.number(field, want.ledge_mm, field, min(max(row.value * wall, low), high, most), row.because)
    if ledge < 0.2 - _ROUNDING or ledge > most + _ROUNDING:
        small = ledge < 0.2
        ledger.refuse(
            field,
            "too narrow for a stone to rest on" if small else "so wide a ledge keeps light from the stone",
            value=ledge,
            limit=f"0.20 mm to {mm(most)} under this stone",
            suggestion=f"use {0.2 if small else down(most):g}",
        )
    return ledge


def lip_mm(ledger: Ledger, want: BezelSpec, stone: CenterStone, family: str, play: float) -> float:
    """Height of the lip above the girdle's upper edge."""
    row = rule_of_metal("bezel_lip_share", family)
    default, because = row.value * stone.crown_height_mm, row.because
    least_default = setting_rule("bezel_lip_min")
    if default < least_default.value:
        default, because = least_default.value, least_default.because
    steep, flat = crown_slopes_mm(stone)
    # straight metal laid on the crown: what bridges the play beside the girdle covers nothing
    least = _CONTACT_MIN * flat + play
    if default < least and flat > steep:
        default, because = up(least), "a fifth of the crown's slope over the stone's ends, where it is widest"
    field = "bezel.lip_height_mm"
    lip = ledger.number(field, want.lip_height_mm, field, default, because)
    low = "the lip covers too little of the crown once it is laid over"
    ledger.at_least(field, lip, least, low, " for a fifth of the crown's slope")
    most = max(stone.crown_height_mm, steep * 0.5, default)
    ledger.at_most(field, lip, most, "the lip stands above the table", " above the girdle")
    return lip


def edge_mm(ledger: Ledger, want: BezelSpec, wall: float, lip: float) -> float:
    """Rounding of the lip's outer edge."""
    row = setting_rule("bezel_edge_share")
    field = "bezel.edge_radius_mm"
    most = min(0.6 * wall, 0.8 * lip)
    edge = ledger.number(field, want.edge_radius_mm, field, min(row.value * wall, most), row.because)
    ledger.at_most(field, edge, most, "the rounding takes the lip away", " on this wall and lip")
    return edge


def floor_mm(ledger: Ledger, want: BezelSpec, limits: FoundryLimits) -> tuple[float, float]:
    """(upper side of the floor, underside of the cup) above the top of the bore."""
    foot = rule("bezel_foot_over_finger")
    least = foot + limits.wall_min_mm + limits.polish_allowance_mm + limits.bore_allowance_mm + MARGIN_MM
    row = setting_rule("bezel_floor_thickness")
    default, because = row.value, row.because
    if default < least:
        default, because = least, f"the least wall of {limits.name} and its finishing above the cup's underside"
    field = "bezel.floor_thickness_mm"
    floor = ledger.number("bezel.floor_z_mm", want.floor_thickness_mm, field, default, because)
    ledger.at_least(field, floor, least, "the floor of the cup is too thin", f" with {limits.name}")
    ledger.note("bezel.foot_z_mm", "default", setting_rule("bezel_foot_over_finger").because)
    return floor, foot


def crown_slopes_mm(stone: CenterStone) -> tuple[float, float]:
    """The crown's slope from girdle to table where it is shortest and where it is longest, mm."""
    if isinstance(stone, FancyStone):
        runs = (1.0 - stone.table_share) * 0.5 * stone.width_mm, (1.0 - stone.table_share) * 0.5 * stone.length_mm
        return math.hypot(stone.crown_height_mm, runs[0]), math.hypot(stone.crown_height_mm, runs[1])
    slope = stone.crown_height_mm / math.sin(math.radians(stone.crown_angle_deg))
    return slope, slope
