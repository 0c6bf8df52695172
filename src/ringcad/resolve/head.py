"""Head by derivation: the stone's height, prongs and rails from the stone, the finger and the profile.

Heights in messages and in ``governing_heights_mm`` are of the table above the finger (top of the bore).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from ringcad.core.errors import SpecError
from ringcad.resolve.bypass import bar_as_bridge_mm
from ringcad.resolve.claws import resolve_claw
from ringcad.resolve.fancy import check_head, stands, tip_over_girdle_mm
from ringcad.resolve.head_heights import (
    HeadInputs,
    Heights,
    head_heights,
    table_height,
)
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.pairs import check_pairs, pair_of, pair_stands
from ringcad.resolve.point_posts import rails_at_posts
from ringcad.resolve.prongs import Posts, resolve_posts
from ringcad.resolve.rails import (
    base_reach_mm,
    check_pavilion,
    check_reach,
    resolve_rails,
    seat_rail_lacks,
    under_pavilion_mm,
)
from ringcad.resolve.shank_profile import bridge_least_mm
from ringcad.resolve.stones import check_size
from ringcad.resolve.v_prongs import prong_count, resolve_v
from ringcad.resolved import CenterStone, FoundryLimits, Gallery, Head, Rail, Shank

#: Sums of decimal fractions differ from the decimal that a user types by about 1e-16.
_ROUNDING = 1e-9
#: Rounds in which prongs lean in until the base rail meets the shank, what it is drawn in beyond that, mm, and by how
#: many times what it lacks: rails that follow posts under points run out again by a part of it.
_LEAN_TRIES, _LEAN_MARGIN_MM, _LEAN_STEP = 12, 0.005, 1.5
#: A seat rail of default height grows by at most this where the pavilion cuts into it.
_SEAT_EXTRA_MAX_MM = 1.5
#: The gate takes a rail for too thin below its limit less this, two chords (docs/verifier.md).
_RAIL_READING_MM = 0.02
#: Least stone of a head with two rails.
_SMALLEST_MM = 3.0


def _bridge(ledger: Ledger, limits: FoundryLimits, shank: Shank) -> float:
    want = ledger.spec.head.bridge_thickness_mm
    path = "head.bridge_thickness_mm"
    if ledger.spec.head.style == "stand":
        if want is not None and want != shank.thickness_top_mm:
            ledger.refuse(
                path,
                "a standing head has an unbroken shank under it",
                value=want,
                limit=f"the shank's {mm(shank.thickness_top_mm)}",
                suggestion="leave it out, or set head.style to basket",
            )
        ledger.note(path, "derived", "a standing head keeps the shank's thickness")
        return shank.thickness_top_mm
    least = bridge_least_mm(shank, limits)
    default = min(max(rule("bridge_thickness"), least), shank.thickness_top_mm)
    if ledger.spec.shank.bypass:
        return max(bar_as_bridge_mm(ledger, shank), least)
    because = "base rails of catalogue baskets are 1.0 to 1.3 mm; never under wall and finishing allowance"
    bridge = ledger.number(path, want, path, default, because)
    if bridge < least - _ROUNDING or bridge > shank.thickness_top_mm + _ROUNDING:
        ledger.refuse(
            path,
            "does not fit between the foundry's wall and the shank",
            value=bridge,
            limit=f"{mm(least)} to {mm(shank.thickness_top_mm)}",
            suggestion=f"use {up(least):g}" if bridge < least else f"use {shank.thickness_top_mm:g} or less",
        )
    return bridge


@dataclass(frozen=True)
class _Draft:
    """Heights, posts and rails of a head, mm; ``girdle_z`` in ring coordinates."""

    heights: Heights
    table: float
    governed: str
    candidates: dict[str, float]
    girdle_z: float
    posts: Posts
    rails: tuple[Rail, Rail]


def _draft(ledger: Ledger, inputs: HeadInputs) -> _Draft:
    """A head from its inputs; raises :class:`SpecError`."""
    stone, bore, top = inputs.stone, inputs.bore_radius_mm, inputs.bore_radius_mm + inputs.shank.thickness_top_mm
    heights = head_heights(ledger, inputs)
    table, governed, candidates = table_height(ledger, heights)
    ledger.stop_on_problems()
    girdle_z = bore + table - stone.crown_height_mm - stone.girdle_mm
    base_bottom = bore + rule("base_rail_over_finger")
    posts = resolve_posts(ledger, stone, inputs.limits, girdle_z, base_bottom, top, inputs.lean_least_deg)
    ledger.stop_on_problems()
    rails = resolve_rails(
        ledger,
        inputs.limits,
        posts,
        seat_top_z=girdle_z - heights.room,
        seat_height=heights.seat_height,
        base_height=heights.base_height,
        base_bottom_z=base_bottom,
        shank_top_z=top,
    )
    ledger.stop_on_problems()
    return _Draft(heights, table, governed, candidates, girdle_z, posts, rails)


def _with_sound_seat_rail(ledger: Ledger, inputs: HeadInputs) -> _Draft:
    """A head whose seat rail holds where the pavilion cuts into it: a rail of default height is made taller.

    Where nothing is left to make it taller, a rail of defaults that could not pass the gate is refused here.
    """
    draft = _draft(ledger, inputs)
    if ledger.spec.gallery.seat_rail_height_mm is None:
        extra = 0.0
        while (short := _seat_rail_lacks(draft, inputs)) > 0.0 and extra < _SEAT_EXTRA_MAX_MM:
            extra = min(extra + short, _SEAT_EXTRA_MAX_MM)
            try:
                draft = _draft(ledger, replace(inputs, seat_extra_mm=extra))
            except SpecError:
                ledger.problems.clear()
                draft = _draft(ledger, inputs)
                _check_short_rail(ledger, inputs, draft)
                return draft
    check_pavilion(ledger, inputs.stone, inputs.limits, draft.posts, draft.rails[0])
    ledger.stop_on_problems()
    return draft


def _that_meets_the_shank(ledger: Ledger, inputs: HeadInputs) -> _Draft:
    """A head whose prongs lean in far enough for the base rail under a wide stone to meet the shank.

    A lean that was given stays; so does a head that leans as far as its feet can.
    """
    draft, want = _with_sound_seat_rail(ledger, inputs), ledger.spec.head
    if want.style == "stand" or want.prong_lean_deg is not None:
        return draft
    reach, count = base_reach_mm(inputs.bore_radius_mm, inputs.shank), prong_count(ledger, inputs.stone)
    for _ in range(_LEAN_TRIES):
        rail = rails_at_posts(Ledger(ledger.spec), inputs.stone, count, draft.posts, draft.rails)[1]
        if rail.outer_side_mm <= reach:
            break
        over = (_LEAN_STEP * (rail.outer_side_mm - reach) + _LEAN_MARGIN_MM) / (
            draft.girdle_z - 0.5 * (rail.bottom_z_mm + rail.top_z_mm)
        )
        lean = math.degrees(math.atan(math.tan(math.radians(draft.posts.lean_deg)) + over))
        before = dict(ledger.reasons)
        try:
            steeper = _with_sound_seat_rail(ledger, replace(inputs, lean_least_deg=lean))
        except SpecError:
            ledger.problems.clear()
            ledger.reasons = before
            break
        if steeper.posts.lean_deg <= draft.posts.lean_deg:
            break
        draft = steeper
    return draft


def _check_short_rail(ledger: Ledger, inputs: HeadInputs, draft: _Draft) -> None:
    """Refuse a seat rail that the pavilion leaves too thin and that cannot be taller, in a head of defaults."""
    left, least = under_pavilion_mm(draft.rails[0], inputs.stone, draft.posts), inputs.limits.rail_min_mm
    want = ledger.spec.head
    if want.height_above_finger_mm is not None or want.prong_lean_deg is not None:
        return  # what was given may be what leaves no room; the finished mesh is measured
    if left < least - _RAIL_READING_MM:
        other = "head.style: basket, or " if ledger.spec.head.style == "stand" else ""
        ledger.refuse(
            "stone.size",
            "the pavilion leaves too little of the seat rail, and there is no room for a taller one",
            value=mm(left),
            limit=f"{mm(least)} of rail under the stone with {inputs.limits.name}",
            suggestion=f"use {other}a larger stone",
        )
        ledger.stop_on_problems()


def _seat_rail_lacks(draft: _Draft, inputs: HeadInputs) -> float:
    return seat_rail_lacks(draft.rails[0], inputs.stone, draft.posts, inputs.limits)


def resolve_head(
    ledger: Ledger,
    bore_radius_mm: float,
    stone: CenterStone,
    shank: Shank,
    limits: FoundryLimits,
    carries: tuple[float, float] | None = None,
) -> tuple[Head, Gallery]:
    """Head and gallery. Raises :class:`SpecError` with everything that does not fit.

    ``carries`` is of a seat rail that carries a row of stones: the girdle's lower edge over it, and its height.
    """
    want = ledger.spec.head
    check_size(ledger, bore_radius_mm, stone, _SMALLEST_MM, "too small for a head with two rails")
    check_head(stone, ledger)
    check_pairs(ledger, stone, prong_count(ledger, stone))
    if want.style == "stand" and ledger.spec.gallery.shoulders == "cathedral":
        ledger.refuse(
            "gallery.shoulders",
            "cathedral arms carry a basket; a standing head has none",
            value="cathedral",
            limit="head.style: basket",
            suggestion="use 'shoulders: plain', or head.style: basket",
        )
    ledger.stop_on_problems()
    play = rule("rail_clearance") / math.cos(math.radians(stone.pavilion_angle_deg))
    bridge = _bridge(ledger, limits, shank)
    inputs = HeadInputs(bore_radius_mm, stone, shank, limits, bridge, play, carries=carries)
    draft = _that_meets_the_shank(ledger, inputs)
    table, posts, rails, girdle_z = draft.table, draft.posts, draft.rails, draft.girdle_z
    table_z, culet_z = bore_radius_mm + table, girdle_z - stone.pavilion_depth_mm
    pocket = max(0.0, bore_radius_mm + bridge - (culet_z - play)) if want.style == "basket" else 0.0
    rails = rails_at_posts(ledger, stone, prong_count(ledger, stone), posts, rails)
    check_reach(ledger, bore_radius_mm, shank, posts, rails[1].outer_side_mm)
    count = prong_count(ledger, stone)
    v_prong = resolve_v(ledger, stone, count, limits)
    places = stands(stone, count, None if v_prong is None else v_prong.length_mm)
    if posts.pair_apart_mm:
        places = pair_stands(stone, posts.radius_girdle_mm, posts.pair_apart_mm)
    tip_mm, tip = tip_over_girdle_mm(stone, posts.lean_deg)
    claw = resolve_claw(ledger, stone, count, posts, limits)
    ledger.stop_on_problems()
    if claw is not None:
        tip_mm, tip = claw[1], "a little over the table, to be bent over the crown and filed"
    for name in ("girdle_z_mm", "culet_z_mm", "table_z_mm", "culet_clearance_mm"):
        ledger.note(f"head.{name}", "derived", "the stone's proportions below the table height")
    ledger.note("head.governed_by", "derived", "the largest candidate, or the height that was given")
    ledger.note("head.governing_heights_mm", "derived", "table height above the finger that each rule asks for")
    because = "clearance cone of the pavilion below the bridge's top" if pocket else "the pavilion hangs free"
    ledger.note("head.culet_pocket_depth_mm", "derived", because)
    head = Head(
        style=want.style,
        prongs=len(places) or count,
        pair=pair_of(ledger, posts.pair_apart_mm, posts.pair_gap_mm),
        first_prong_azimuth_deg=places[0].azimuth_deg if places else 90.0 if count % 2 else 180.0 / count,
        places=places,
        v_prong=v_prong,
        prong_diameter_girdle_mm=posts.diameter_girdle_mm,
        prong_diameter_base_mm=posts.diameter_base_mm,
        prong_lean_deg=posts.lean_deg,
        prong_axis_radius_girdle_mm=posts.radius_girdle_mm,
        prong_foot_radius_mm=posts.radius_foot_mm,
        prong_foot_z_mm=posts.foot_z_mm,
        prong_tip_z_mm=table_z - stone.crown_height_mm + tip_mm,
        tip=want.tip,
        claw=None if claw is None else claw[0],
        notch_share=posts.notch_share,
        girdle_clearance_mm=posts.girdle_clearance_mm,
        girdle_z_mm=girdle_z,
        culet_z_mm=culet_z,
        table_z_mm=table_z,
        height_above_finger_mm=table,
        governed_by=_governed(draft.governed),
        governing_heights_mm=draft.candidates,
        bridge_thickness_mm=bridge,
        culet_pocket_depth_mm=pocket,
        culet_clearance_mm=culet_z - bore_radius_mm,
    )
    ledger.choice("head.style", "head.style", "style" in want.model_fields_set)
    usual = "the format's default" if not places else "the usual number of this cut"
    ledger.note("head.v_prong", "derived", "points of the stone want V prongs; other prongs are round")
    ledger.choice("head.prongs", "head.prongs", "prongs" in want.model_fields_set, usual)
    ledger.choice("head.tip", "head.tip", "tip" in want.model_fields_set)
    ledger.note("head.own", "default", "a head made from these numbers; head.file takes one from a file")
    ledger.note("head.first_prong_azimuth_deg", "derived", "no prong stands on the x axis, where the shoulders meet")
    because = "a round stone's prongs stand evenly round its axis"
    if places:
        because = "by the habit of the cut: along the outline's normal at the prong's place on the girdle"
    if posts.pair_apart_mm:
        because = "two at each place, parallel, where the girdle enters both by the same share"
    ledger.note("head.places", "derived", because)
    ledger.note("head.prong_tip_z_mm", "default", tip)
    gallery = _gallery(ledger, bore_radius_mm, shank, limits, head, rails)
    ledger.stop_on_problems()
    return head, gallery


def _governed(name: str) -> Literal["culet_clearance", "rails_and_gaps", "height_above_finger_mm"]:
    if name == "culet_clearance":
        return "culet_clearance"
    return "rails_and_gaps" if name == "rails_and_gaps" else "height_above_finger_mm"


def _gallery(
    ledger: Ledger,
    radius: float,
    shank: Shank,
    limits: FoundryLimits,
    head: Head,
    rails: tuple[Rail, Rail],
) -> Gallery:
    want = ledger.spec.gallery
    ledger.choice("gallery.shoulders", "gallery.shoulders", "shoulders" in want.model_fields_set)
    ledger.note("gallery.rail_clearance_mm", "default", "left between pavilion and seat rail for the setter")
    seat = rails[0]
    if want.shoulders == "plain":
        for field in ("arm_thickness_mm", "arm_width_mm", "lift_deg"):
            if (value := getattr(want, field)) is not None:
                ledger.refuse(
                    f"gallery.{field}", "has no effect: plain shoulders have no arms", value=value,
                    suggestion="add 'shoulders: cathedral' to the gallery, or remove it",
                )  # fmt: skip
        for name in ("arm_thickness_mm", "arm_width_mm", "lift_phi_deg", "arm_top_z_mm"):
            ledger.note(f"gallery.{name}", "derived", "plain shoulders: the shank's own line")
        return Gallery(
            rails=rails,
            shoulders="plain",
            rail_clearance_mm=rule("rail_clearance"),
            arm_thickness_mm=shank.thickness_top_mm,
            arm_width_mm=shank.head_width,
            lift_phi_deg=0.0,
            arm_top_z_mm=radius + shank.thickness_top_mm,
        )
    thickness = ledger.rule_or(
        "gallery.arm_thickness_mm", want.arm_thickness_mm, "gallery.arm_thickness_mm", "arm_thickness"
    )
    width = ledger.number(
        "gallery.arm_width_mm",
        want.arm_width_mm,
        "gallery.arm_width_mm",
        max(rule("arm_width_share") * shank.head_width, min(shank.head_width, 1.6)),
        "0.8 of the shank's width at the head",
    )
    lift = ledger.rule_or("gallery.lift_phi_deg", want.lift_deg, "gallery.lift_deg", "arm_lift_deg")
    top = seat.top_z_mm - rule("arm_below_seat_rail")
    ledger.note("gallery.arm_top_z_mm", "derived", "just under the top of the seat rail")
    least = limits.wall_min_mm + limits.polish_allowance_mm
    if thickness < least - _ROUNDING or thickness > shank.thickness_top_mm + _ROUNDING:
        ledger.refuse(
            "gallery.arm_thickness_mm",
            "the cathedral arm does not fit between wall and shank",
            value=thickness,
            limit=f"{mm(least)} to {mm(shank.thickness_top_mm)}",
            suggestion=f"use {up(least) if thickness < least else down(shank.thickness_top_mm):g}",
        )
    if width > shank.head_width or width < 1.2:
        ledger.refuse(
            "gallery.arm_width_mm",
            "the cathedral arm is not as wide as it can be",
            value=width,
            limit=f"1.20 mm to the shank's {mm(shank.head_width)}",
            suggestion=f"use {min(max(width, 1.2), shank.head_width):g}",
        )
    meet = math.degrees(math.atan2(seat.outer_side_mm, top))
    if lift < meet + 12.0:
        ledger.refuse(
            "gallery.lift_deg",
            "the arm would climb too steeply to the head",
            value=lift,
            limit=f"at least {meet + 12.0:.0f} deg",
            suggestion=f"use {math.ceil(meet + 12.0)}",
        )
    rise = top - (radius + shank.thickness_top_mm)
    if rise < 0.8:
        table = head.height_above_finger_mm + 0.8 - rise
        ledger.refuse(
            "gallery.shoulders",
            "the head is too low for cathedral arms",
            value="cathedral",
            limit=f"the seat rail {mm(0.8)} above the shank, here {mm(rise)}",
            suggestion=f"use plain shoulders, or head.height_above_finger_mm: {up(table):g}",
        )
    return Gallery(
        rails=rails,
        shoulders="cathedral",
        rail_clearance_mm=rule("rail_clearance"),
        arm_thickness_mm=thickness,
        arm_width_mm=width,
        lift_phi_deg=lift,
        arm_top_z_mm=top,
    )
