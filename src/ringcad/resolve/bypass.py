"""Bypass shanks: the two ends pass each other on either side of the head, which a bar between them carries."""

from __future__ import annotations

import math

import numpy as np

from ringcad.fit.limb import smooth_step
from ringcad.fit.shank_line import width_line
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.shank_profile import comfort_rise_default, crown_rise_default, edge_radius_default
from ringcad.resolved import Bypass, CenterStone, FancyStone, FoundryLimits, Gallery, Head, Shank
from ringcad.resolved_bypass import FREE_DEG
from ringcad.spec.models import ShankSpec
from ringcad.spec.values import an
from ringcad.standards import setting_rule
from ringcad.stones.hoops import path_points
from ringcad.stones.of_ring import rail_path

#: Templates whose shank can pass itself.
BYPASS = ("solitaire",)
#: The bar's underside over the top of the bore: the finger does not feel it, and it meets the arms' eased edge steeply.
_BAR_BOTTOM_MM = 0.18
#: Kept between the bar's top and the arms' rounded edges, which belong to their skin, and its height at most, mm.
_UNDER_EDGE_MM, _BAR_TOP_MM = 0.05, 1.5
#: Least width of an arm where its rounded end begins, mm, and the length of that end as a share of it.
_END_LEAST_MM, _NOSE_SHARE = 1.3, 0.75
#: Where arms leave the middle of the shank, and where they run beside the head, degrees from the top.
_SWING_DEG = (115.0, 4.0)
#: What prongs, feet and rails keep from the arms, as a multiple of the mould's least gap, and a foot's flare, mm.
_GAPS, _FLARE_MM = 1.2, 0.2
#: A rail that runs so far above an arm's crown is clear of its rounded edges, mm.
_OVER_ARM_MM = 0.1
#: An arm may bend so sharply that its inner edge keeps this share of the length along its middle.
_INNER_SHARE = 0.35
#: Ends reach at most so far beyond the top: nearer than this to what an angle along the arm can tell.
_PAST_MOST_DEG = FREE_DEG - 2.0


def bar_top_mm(shank: Shank) -> float:
    """Height over the bore up to which a bar between two arms meets their flanks alone."""
    straight = shank.thickness_top_mm - shank.crown_rise_mm - shank.outer_edge_radius_mm
    return min(straight - _UNDER_EDGE_MM, _BAR_TOP_MM)


def bar_as_bridge_mm(ledger: Ledger, shank: Shank) -> float:
    """The bar's top for the thickness of a bridge under the head."""
    path, given = "head.bridge_thickness_mm", ledger.spec.head.bridge_thickness_mm
    ledger.note(path, "derived", "the bar between the arms, up to their rounded edges")
    if given is not None:
        ledger.refuse(
            path, "has no effect: a bar between the arms carries this head", value=given,
            suggestion="remove it; shank.thickness_mm.top makes the bar thicker",
        )  # fmt: skip
    return bar_top_mm(shank)


def arm_thickness_mm(want: ShankSpec, width_mm: float, narrow_mm: float) -> float:
    """Thickness at the shoulders from the rule on that leaves room for the bar, mm; the rule's where none does."""
    for step in range(31):
        thickness = rule("bypass_thickness") + 0.05 * step
        given = want.crown_rise_mm, want.comfort_rise_mm, want.outer_edge_radius_mm
        rise = crown_rise_default(want.profile, width_mm, thickness)[0] if given[0] is None else given[0]
        comfort = comfort_rise_default(want.profile, want.hollow)[0] if given[1] is None else given[1]
        left = thickness - rise - comfort
        edge = (
            edge_radius_default(want.profile, "outer_edge_radius", left, narrow_mm)[0] if given[2] is None else given[2]
        )
        if thickness - rise - edge - _UNDER_EDGE_MM >= _BAR_BOTTOM_MM + rule("bypass_joint_height"):
            return round(thickness, 2)
    return rule("bypass_thickness")


def check_bypass(ledger: Ledger, shank: Shank) -> None:
    """Refuse what a bypass shank cannot go with, before the head is known."""
    want, spec = ledger.spec.shank, ledger.spec
    ledger.choice("shank.bypass", "shank.bypass", "bypass" in want.model_fields_set, "ends that meet under the head")
    if not want.bypass:
        for name in ("bypass_overlap_mm", "bypass_end_width_mm"):
            if (given := getattr(want, name)) is not None:
                ledger.refuse(
                    f"shank.{name}", "has no effect: the shank is no bypass", value=given,
                    suggestion="add 'bypass: true' to the shank, or remove it",
                )  # fmt: skip
        return
    for wrong, why, instead in (
        (spec.template not in BYPASS, f"the shank of this template ({spec.template}) does not pass itself",
         f"remove it, or use one of the templates {', '.join(BYPASS)}"),
        (want.split, "a split shank has legs beside the head already", "remove it, or 'split'"),
        (want.hollow, "a hollowed shank has no full arms", "remove it, or 'hollow'"),
        (want.profile in ("ellipse", "knife_edge", "euro"),
         f"{an(want.profile.replace('_', ' '))} has no straight flanks that could carry the head all along",
         "use 'profile: comfort_d', or remove it"),
        (spec.gallery.shoulders == "cathedral", "cathedral arms rise to the head, which these pass",
         "use 'gallery: {shoulders: plain}', or remove it"),
        (spec.head.style == "stand", "a head that stands on the shank needs metal under it",
         "use 'head: {style: basket}', or remove it"),
        (spec.head.file is not None or spec.head.mates is not None,
         "a head from a file stands on the shank and needs metal under it", "remove it"),
        (spec.halo is not None, "the arms lie where a halo hangs", "remove it, or the halo"),
        (bool(spec.accents), "rows of stones stand in the middle of a shank, which the arms leave",
         "remove the accents, or 'bypass'"),
    ):  # fmt: skip
        if wrong:
            ledger.refuse("shank.bypass", why, value=True, suggestion=instead)
    least = rule("bypass_joint_height")
    if (short := _BAR_BOTTOM_MM + least - bar_top_mm(shank)) > 1e-9:
        ledger.refuse(
            "shank.thickness_mm.top",
            "the arms' flanks are too low for the bar that carries the head",
            value=shank.thickness_top_mm,
            limit=f"a bar {mm(least)} thick between the finger and the arms' rounded edges",
            suggestion=f"use {up(shank.thickness_top_mm + short, 0.05):g}",
        )


def resolve_bypass(
    ledger: Ledger,
    bore_radius_mm: float,
    stone: CenterStone,
    shank: Shank,
    limits: FoundryLimits,
    head: Head,
    gallery: Gallery,
) -> Bypass:
    """The arms' numbers; problems are noted in the ledger."""
    want = ledger.spec.shank
    outer = bore_radius_mm + shank.thickness_top_mm
    flank = _head_reach_mm(outer + _OVER_ARM_MM, stone, head, gallery) + _GAPS * limits.gap_min_mm
    beside = float(width_line(shank, np.array([10.0]))[0])
    row = setting_rule("bypass_end_share")
    end_width = ledger.number(
        "shank.bypass.end_width_mm", want.bypass_end_width_mm, "shank.bypass_end_width_mm",
        max(down(row.value * beside, 0.05), _END_LEAST_MM), f"{row.value:g} of the arm's width: {row.because}",
    )  # fmt: skip
    bottom, top = _BAR_BOTTOM_MM, bar_top_mm(shank)
    across = max(rule("bypass_joint_width"), up(rule("bypass_joint_side") ** 2 / (top - bottom), 0.05))
    nose = _NOSE_SHARE * end_width
    carried = 0.5 * across + nose
    usual = max(0.25 * _length_mm(stone), carried)
    because = "a quarter of the stone beyond its middle, and the whole bar between full arms (catalogue bypass rings)"
    overlap = ledger.number(
        "shank.bypass.past_deg", want.bypass_overlap_mm, "shank.bypass_overlap_mm", up(usual, 0.05), because
    )
    most = outer * math.radians(_PAST_MOST_DEG)
    if end_width < _END_LEAST_MM or end_width > beside:
        ledger.refuse(
            "shank.bypass_end_width_mm", "the ends cannot be made like this", value=end_width,
            limit=f"{mm(_END_LEAST_MM)} to the arm's {mm(down(beside))}",
            suggestion=f"use {min(max(end_width, _END_LEAST_MM), down(beside)):g}",
        )  # fmt: skip
    if overlap < carried - 1e-9 or overlap > most:
        ledger.refuse(
            "shank.bypass_overlap_mm",
            "the rounded ends would not hold the bar that carries the head" if overlap < carried
            else "the ends would run far beyond the head",
            value=overlap, limit=f"{mm(up(carried))} to {mm(down(most))}",
            suggestion=f"use {up(carried, 0.05) if overlap < carried else down(most, 0.1):g}",
        )  # fmt: skip
    for name, reason in (
        ("flank_mm", "clear of prongs and rails by the mould's gap"),
        ("nose_deg", "round in plan"),
        ("swing_start_deg", "from about 4 o'clock in one sweep: bends are the softest so"),
        ("swing_end_deg", "the arms run straight beside the head"),
        ("joint_width_mm", f"both arms carry the head by {setting_rule('bypass_joint_side').because}"),
        ("joint_bottom_mm", "clear of the finger"),
        ("joint_top_mm", "under the arms' rounded edges"),
    ):
        ledger.note(f"shank.bypass.{name}", "derived", reason)
    found = Bypass(
        flank_mm=flank,
        past_deg=math.degrees(overlap / outer),
        nose_deg=math.degrees(nose / outer),
        end_width_mm=end_width,
        swing_start_deg=_SWING_DEG[0],
        swing_end_deg=_SWING_DEG[1],
        joint_width_mm=across,
        joint_bottom_mm=bottom,
        joint_top_mm=top,
    )
    _check_bend(ledger, bore_radius_mm, shank.model_copy(update={"bypass": found}), stone)
    return found


def _length_mm(stone: CenterStone) -> float:
    return stone.length_mm if isinstance(stone, FancyStone) else stone.diameter_mm


def _head_reach_mm(up_to_z: float, stone: CenterStone, head: Head, gallery: Gallery) -> float:
    """How far the head reaches to either side of the finger's middle, at heights up to ``up_to_z``."""
    rise = head.girdle_z_mm - head.prong_foot_z_mm
    share = min(max((up_to_z - head.prong_foot_z_mm) / rise, 0.0), 1.0)
    axis = head.prong_foot_radius_mm + share * (head.prong_axis_radius_girdle_mm - head.prong_foot_radius_mm)
    thick = head.prong_diameter_base_mm + share * (head.prong_diameter_girdle_mm - head.prong_diameter_base_mm)
    lean = math.cos(math.radians(head.prong_lean_deg))
    found = 0.0
    for stand in head.stands:
        sine = math.sin(math.radians(stand.azimuth_deg))
        for radius, half in (
            (head.prong_foot_radius_mm, 0.5 * head.prong_diameter_base_mm + _FLARE_MM),
            (axis, 0.5 * thick / lean),
        ):
            found = max(found, abs(stand.y_mm + radius * sine) + half)
    for rail in gallery.rails:
        if rail.bottom_z_mm < up_to_z:
            reach = rail.outer_radius_mm
            if isinstance(stone, FancyStone):
                half = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm)
                reach = float(np.abs(path_points(rail_path(stone, rail))[:, 1]).max()) + half
            found = max(found, reach)
    return found


def _check_bend(ledger: Ledger, bore_radius_mm: float, shank: Shank, stone: CenterStone) -> None:
    """Refuse arms whose inner edge would fold where they swing out."""
    arms = shank.bypass
    assert arms is not None
    radius = bore_radius_mm + 0.5 * shank.thickness_top_mm
    turn = np.linspace(0.0, 1.0, 2001)
    along = radius * math.radians(arms.swing_start_deg - arms.swing_end_deg)
    aside = (arms.flank_mm + 0.5 * shank.head_width) * smooth_step(turn)
    slope = np.gradient(aside, along * turn[1])
    bend = np.abs(np.gradient(slope, along * turn[1])) / (1.0 + slope**2) ** 1.5
    widest = 2.0 * (1.0 - _INNER_SHARE) / float(bend.max())
    if shank.widest > widest:
        ledger.refuse(
            "shank.width_mm.top",
            f"the arms are too wide to swing round a stone of {mm(stone.diameter_mm)} on this finger",
            value=shank.widest,
            limit=f"at most {mm(down(widest))}: their inner edge keeps {_INNER_SHARE:g} of its length",
            suggestion=f"use {down(widest, 0.1):g} at most, or a smaller stone",
        )


def arm_start_deg(arms: Bypass) -> float:
    """Where decoration may begin: behind the rounded end, whole degrees along the arm."""
    return float(math.ceil(arms.nose_start_deg))
