"""V prongs: the pads over the points of a stone, from its size and the metal's limits."""

from __future__ import annotations

import math

from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolved import CenterStone, FancyStone, FoundryLimits, VProng
from ringcad.stones.of_ring import INNER_CORNER_MM, cut_stone
from ringcad.stones.outline import Line
from ringcad.stones.placed import (
    GirdlePlace,
    convex_body,
    crown_run_mm,
    girdle_place,
    pavilion_bound,
    prong_counts,
    prong_places,
)

#: Middle of the 30 to 50 % of the crown's slope that a finished prong covers (GIA benchmark).
CONTACT_WANTED = 0.40
#: The same of a wall of a V prong, which runs longer along a flatter slope: pads stand no taller than they must.
_V_CONTACT = 0.34
#: Rounded end of a tip that is cut away, and how far above the table a prong may stand uncut (standards 3.1).
TIP_ROUND_MM, OVER_TABLE_MM = 0.12, 0.25

#: A wall thicker than so many times the rule's is none: the chamfer of its top begins before its length ends, and it is
#: not as thick as ordered all along (measured: 6 % less at three times the rule's).
_THICKEST = 2.0
#: Kept beyond the closed form: chord error of wall and notch.
_SECTION_MARGIN_MM = 0.01
#: How far inside the girdle the seat rail's outside runs along a side, as a rule; enough to place the posts by.
_RAIL_INSET_MM = 0.25


def prong_count(ledger: Ledger, stone: CenterStone) -> int:
    """How many prongs the head has: as ordered, or the usual number of the cut."""
    want = ledger.spec.head
    if "prongs" in want.model_fields_set or not isinstance(stone, FancyStone):
        return want.prongs
    return prong_counts(stone.cut)[0]


def points_among(stone: CenterStone, count: int) -> tuple[GirdlePlace, ...]:
    """The places of V prongs."""
    if not isinstance(stone, FancyStone) or count not in prong_counts(stone.cut):
        return ()
    return tuple(place for place in prong_places(cut_stone(stone), count) if place.opening_deg is not None)


def all_points(stone: CenterStone, count: int) -> bool:
    """Whether every prong is a V prong."""
    return len(points_among(stone, count)) == count


def rails_out_mm(stone: CenterStone, count: int) -> float:
    """How much farther out rails run than inside round prongs: beside a steep pavilion held at its points alone."""
    if not isinstance(stone, FancyStone) or not all_points(stone, count):
        return 0.0
    shape = cut_stone(stone)
    return rule("v_rail_out") if pavilion_bound(shape, convex_body(shape))[1] > 0.0 else 0.0


def usual_length_mm(stone: FancyStone) -> float:
    """Length of a V prong's walls by the rule, mm."""
    size = math.sqrt(stone.length_mm * stone.width_mm)
    share = rule("v_length_share")
    wanted = min(max(share * min(size, 1.2 * stone.width_mm), rule("v_length_min")), rule("v_length_max"))
    sides = [s.length_mm for s in cut_stone(stone).placed_outline.segments if isinstance(s, Line)]
    return min(wanted, rule("v_length_side") * min(sides, default=stone.width_mm))


def resolve_v(ledger: Ledger, stone: CenterStone, count: int, limits: FoundryLimits) -> VProng | None:
    """The pads of a head's V prongs; ``None`` where there are none. Problems are noted in the ledger."""
    places = points_among(stone, count)
    if not isinstance(stone, FancyStone) or not places:
        for name in ("v_length_mm", "v_wall_mm"):
            if (value := getattr(ledger.spec.head, name)) is not None:
                ledger.refuse(
                    f"head.{name}", "has no effect: no prong of this head stands over a point of the stone",
                    value=value, suggestion="remove it, or set a stone with points, for example 'cut: princess'",
                )  # fmt: skip
        return None
    want, notch = ledger.spec.head, rule("v_notch")
    size = math.sqrt(stone.length_mm * stone.width_mm)
    behind, because = rule("v_wall_base") + rule("v_wall_slope") * size, "0.55 + 0.035 x stone size behind the girdle"
    least = limits.prong_min_mm + _SECTION_MARGIN_MM
    if behind < least:
        behind, because = least, f"so that the notch leaves {mm(limits.prong_min_mm)} ({limits.name})"
    wall = ledger.number("head.v_prong.wall_mm", want.v_wall_mm, "head.v_wall_mm", up(behind + notch), because)
    if wall - notch < limits.prong_min_mm:
        ledger.refuse(
            "head.v_wall_mm", "the walls of the V prongs are too thin", value=wall,
            limit=f"at least {mm(up(least + notch))}, of which the notch leaves {mm(limits.prong_min_mm)} "
            f"({limits.name})", suggestion=f"use {up(least + notch):g}",
        )  # fmt: skip
    thickest = _THICKEST * up(behind + notch)
    if wall > thickest:
        ledger.refuse(
            "head.v_wall_mm", "the walls of the V prongs are blocks beside the stone", value=wall,
            limit=f"at most {mm(thickest)}, {_THICKEST:g} x what this stone and metal ask for",
            suggestion=f"use {down(thickest):g}, or leave it out for {up(behind + notch):g}",
        )  # fmt: skip
    usual = usual_length_mm(stone)
    length = ledger.number(
        "head.v_prong.length_mm", want.v_length_mm, "head.v_length_mm", down(usual),
        "a fifth of the stone's size or of 1.2 widths from each point, at most 0.3 of its shorter side",
    )  # fmt: skip
    sides = [s.length_mm for s in cut_stone(stone).placed_outline.segments if isinstance(s, Line)]
    most = 0.4 * min(sides, default=stone.width_mm)
    if length > most:
        ledger.refuse(
            "head.v_length_mm", "the walls of the V prongs hide the stone", value=length, limit=f"at most {mm(most)}",
            suggestion=f"use {down(usual):g}",
        )  # fmt: skip
    for name, source in (
        ("notch_mm", "v_notch"), ("ridge_radius_mm", "v_ridge_radius"), ("relief_diameter_mm", "v_relief"),
        ("depth_mm", "v_depth"),
    ):  # fmt: skip
        ledger.rule_or(f"head.v_prong.{name}", None, "head", source)
    ledger.note("head.v_prong.post_extra_mm", "default", "0.15 mm from 5 mm of width on, in proportion down to 3 mm")
    ledger.note("head.v_prong.top_mm", "derived", f"so that a bent wall covers {100 * _V_CONTACT:.0f} % of the crown")
    return VProng(
        wall_mm=wall,
        notch_mm=notch,
        length_mm=length,
        ridge_radius_mm=rule("v_ridge_radius"),
        relief_diameter_mm=rule("v_relief"),
        depth_mm=rule("v_depth"),
        top_mm=_top_mm(stone, places, length),
        post_extra_mm=rule("v_post_extra") * min(max(0.5 * (stone.width_mm - 3.0), 0.0), 1.0),
    )


def _top_mm(stone: FancyStone, places: tuple[GirdlePlace, ...], length_mm: float) -> float:
    """Top of the pads above the girdle's lower edge: level with the table at least, and so that a bent wall
    covers :data:`_V_CONTACT` of the crown.

    The crown's slope is taken square to the girdle in the walls' middle; no pad stands more than
    :data:`OVER_TABLE_MM` above the table.
    """
    cut_body = cut_stone(stone)
    body, outline = convex_body(cut_body), cut_body.placed_outline
    longest = 0.0
    for place in places:
        position = next(c.position for c in outline.corners if math.dist(c.point, place.point) < 1e-9)
        for sense in (1.0, -1.0):
            at = position + sense * 1e-3
            while math.dist(outline.at(at), place.point) < 0.5 * length_mm:
                at += sense * 1e-3
            run = crown_run_mm(body, girdle_place(outline, at), stone.girdle_mm, stone.crown_height_mm)
            longest = max(longest, math.hypot(run, stone.crown_height_mm))
    wanted = max(_V_CONTACT * longest + TIP_ROUND_MM, stone.crown_height_mm)
    return stone.girdle_mm + min(wanted, stone.crown_height_mm + OVER_TABLE_MM)


def post_inward_mm(half_opening_rad: float, apart_mm: float) -> float:
    """How much farther in the post under a V prong stands than a round prong's, mm.

    A rail that turns round a point lies farther inside it than inside a side: the post follows it, by as much as the
    corner of the rail's outside recedes. ``apart_mm``: how much farther out the rails run.
    """
    corner = rule("seat_rail_width") + INNER_CORNER_MM
    return (max(_RAIL_INSET_MM - apart_mm, 0.0) + corner) * (1.0 / math.sin(half_opening_rad) - 1.0)
