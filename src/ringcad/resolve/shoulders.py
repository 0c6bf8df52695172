"""Decorated zones of the shoulders, of a cathedral's arms, and of what else carries relief."""

from __future__ import annotations

import math
from typing import Literal

from ringcad.fit.head_block import SKIRT_REACH_MM
from ringcad.resolve.ledger import Ledger, down, mm, rule
from ringcad.resolve.sides import SIDES_TEMPLATES
from ringcad.resolved import Decoration, FoundryLimits, Gallery, Head, Shank
from ringcad.spec import DecorationSpec, Spec
from ringcad.spec.models import IMAGE_GENERATOR, PROMPT_GENERATOR
from ringcad.spec.values import an

#: Relief and rims end this far from the feet of the head: fillet and skirt.
_FOOT_CLEARANCE_MM = 0.5
#: The feet's own flare, and what the join of head and hoop keeps beyond the skirts.
_FLARE_MM = 0.2
_JOIN_DEG = 2.0
#: A basket's shank regains its height over this arc beyond the head's foot.
_BRIDGE_BLEND_DEG = 10.0
#: A cathedral's arm is calm over its last degrees, where it meets the rail and the arch opens under it.
_ARM_CALM_DEG = 5.0
#: Below this the relief would lie in the shadow of a standing head.
_STAND_START_DEG = 18.0
#: The least arc that is worth decorating.
_SHORTEST_DEG = 15.0

#: An arm's design covers at least so much of it, and ornament of the shoulder begins so far beyond it, bright between.
_SHORTEST_ARM_DEG = 12.0
_BEYOND_ARM_DEG = 5.0

Side = Literal[
    "right", "left", "right_arm", "left_arm", "outside", "left_border", "right_border", "wall", "rim", "sides"
]
_SIDES: dict[str, tuple[Side, ...]] = {
    "shank.shoulders": ("right", "left"),
    "shank.right_shoulder": ("right",),
    "shank.left_shoulder": ("left",),
    "shank.arms": ("right_arm", "left_arm"),
    "shank.outside": ("outside",),
    "shank.borders": ("right_border", "left_border"),
    "shank.sides": ("sides",),
    "bezel.wall": ("wall",),
    "halo.rim": ("rim",),
}
#: Sides that stand beside the shank, and their zones.
_WALLS = {"wall": "bezel_wall", "rim": "halo_rim"}
#: Sides that run all round, in a jeweler's words.
_CLOSED: dict[Side, str] = {
    "outside": "outside of the band",
    "left_border": "left border",
    "right_border": "right border",
    "wall": "bezel's wall",
    "rim": "halo's rim",
    "sides": "shank's pair of sides",
}


def last_phi_deg() -> float:
    """Where the plain bottom, kept for sizing, begins."""
    return 180.0 - 0.5 * rule("plain_bottom_deg")


def first_phi_deg(bore_radius_mm: float, shank: Shank, head: Head, gallery: Gallery) -> float:
    """Where decoration may begin: beyond the head's footprint on the shank and the skirts round it, whole degrees."""
    calm = head_reach_deg(head, gallery) + math.degrees(SKIRT_REACH_MM / bore_radius_mm) + _JOIN_DEG
    if head.own is not None:
        return float(math.ceil(max(calm, _STAND_START_DEG)))
    first = head.widest_stand
    azimuth = math.radians(first.azimuth_deg)
    foot = first.x_mm + head.prong_foot_radius_mm * math.cos(azimuth) + 0.5 * head.prong_diameter_base_mm
    if gallery.shoulders == "cathedral":
        reach = gallery.rails[0].outer_side_mm + _FOOT_CLEARANCE_MM
        start = math.degrees(math.atan2(reach, gallery.arm_top_z_mm)) + _ARM_CALM_DEG
        return float(math.ceil(max(start, calm)))
    outer = bore_radius_mm + shank.thickness_top_mm
    if head.style == "stand":
        start = math.degrees(math.asin(min(foot / outer, 1.0)) + _FOOT_CLEARANCE_MM / outer)
        return float(math.ceil(max(start, calm, _STAND_START_DEG)))
    foot = max(foot, gallery.rails[1].outer_side_mm)
    start = math.degrees(math.asin(min(foot / outer, 1.0)) + _FOOT_CLEARANCE_MM / outer)
    return float(math.ceil(max(start + _BRIDGE_BLEND_DEG, calm)))


def head_reach_deg(head: Head, gallery: Gallery) -> float:
    """Angle from the top that the prongs' outsides reach where they can touch the shank: at the foot, and up to the
    top of a cathedral's arms.
    """
    if head.own is not None:
        return math.degrees(math.asin(min(0.5 * head.own.base_diameter_mm / head.own.base_z_mm, 1.0)))
    first = head.widest_stand
    azimuth = math.radians(first.azimuth_deg)
    heights = [head.prong_foot_z_mm]
    if gallery.shoulders == "cathedral":
        heights.append(gallery.arm_top_z_mm)
    rise = max(head.girdle_z_mm - head.prong_foot_z_mm, 1e-6)
    found = 0.0
    for z in heights:
        share = (z - head.prong_foot_z_mm) / rise
        axis = head.prong_foot_radius_mm + share * (head.prong_axis_radius_girdle_mm - head.prong_foot_radius_mm)
        x = first.x_mm + axis * math.cos(azimuth)
        radius = 0.5 * head.prong_diameter_base_mm + _FLARE_MM
        found = max(found, math.atan2(x, z) + math.asin(min(radius / math.hypot(x, z), 1.0)))
    return math.degrees(found)


def resolve_decoration(
    ledger: Ledger,
    limits: FoundryLimits,
    start_deg: float,
    arm_deg: tuple[float, float] | None = None,
    flank_deg: float = 0.0,
) -> tuple[Decoration, ...]:
    """Decorated zones, one entry per shoulder; problems are noted in the ledger.

    ``start_deg`` is where ornament of the shoulders may begin, ``arm_deg`` the stretch of a cathedral's arm that may be
    decorated, from the head to where the shank's circle begins, ``flank_deg`` where the sides beside a head may
    begin; all in degrees from the top.
    """
    zones: list[Decoration] = []
    head_deg = start_deg
    if arm_deg is not None and any(one.region == "shank.arms" for one in ledger.spec.decoration):
        start_deg = max(start_deg, arm_deg[1] + _BEYOND_ARM_DEG)
    taken: dict[str, int] = {}
    for index, want in enumerate(ledger.spec.decoration):
        field = f"decoration.{index}"
        region = ledger.spec.region_of(want)
        rowed = ledger.spec.has_row
        own = "shank.shoulders" if ledger.spec.has_head else "shank.borders" if rowed else "shank.outside"
        if region == "shank.arms" and (
            ledger.spec.has_head and (arm_deg is None or not _arm_fits(ledger, field, arm_deg))
        ):
            if arm_deg is None:
                _refuse_arms(ledger, field)
            continue
        for side in _SIDES[region]:
            if not _has(ledger.spec, side, region == own):
                ledger.refuse(
                    f"{field}.region",
                    f"{an(ledger.spec.template)} has no such region",
                    value=region,
                    suggestion=f"use {own}, or leave the region out",
                )
                continue
            if side in taken:
                where = _CLOSED.get(side, "cathedral's arm" if region == "shank.arms" else f"{side} shoulder")
                ledger.refuse(
                    f"{field}.region",
                    f"the {where} is decorated twice",
                    value=region,
                    suggestion=f"keep decoration.{taken[side]} or this one"
                    + ("" if side in _CLOSED or region == "shank.arms" else ", or give each its own shoulder"),
                )
                continue
            taken[side] = index
            stretch = arm_deg if arm_deg is not None and region == "shank.arms" else (start_deg, head_deg)
            if side == "sides" and ledger.spec.has_head:
                stretch = flank_deg, flank_deg
            zones.append(_zone(ledger, limits, want, field, f"decoration.{len(zones)}", side, *stretch))
    return tuple(zones)


def _refuse_arms(ledger: Ledger, field: str) -> None:
    """Only a cathedral's shoulders climb to the head on arms, which are free where no row of stones stands on them."""
    spec = ledger.spec
    reason, fix = "only a cathedral's shoulders are arms", "use shank.shoulders"
    if spec.template == "pave_solitaire":
        reason = "the row of stones stands where arms would carry ornament"
    elif spec.template != "solitaire":
        reason, fix = f"{an(spec.template)} has no arms", f"{fix}, or leave the region out"
    elif not (spec.shank.split or spec.shank.bypass):
        fix += ", or add 'gallery: {shoulders: cathedral}'"
    ledger.refuse(f"{field}.region", reason, value="shank.arms", suggestion=fix)


def _arm_fits(ledger: Ledger, field: str, arm_deg: tuple[float, float]) -> bool:
    """Whether a cathedral's arm is long enough for a design; noted in the ledger where it is not."""
    begin, lift = arm_deg
    if lift - begin >= _SHORTEST_ARM_DEG - 1e-9:
        return True
    ledger.refuse(
        "gallery.lift_deg",
        "the arms are too short for a design of their own",
        value=lift,
        limit=f"{field}.region is shank.arms: {_SHORTEST_ARM_DEG:g} deg beyond {begin:.0f} deg, where the head ends",
        suggestion=f"use {math.ceil(begin + _SHORTEST_ARM_DEG)}, or decorate shank.shoulders",
    )
    return False


def _has(spec: Spec, side: Side, own: bool) -> bool:
    """Whether a ring has a side: its walls, of its shank shoulders beside a head, else its ``own`` closed region."""
    if side == "sides":
        return spec.template in SIDES_TEMPLATES
    if side in _WALLS:
        return spec.has_bezel if side == "wall" else spec.halo is not None
    return own if side in _CLOSED and not spec.has_head else spec.has_head and side not in _CLOSED


def _zone(
    ledger: Ledger,
    limits: FoundryLimits,
    want: DecorationSpec,
    field: str,
    path: str,
    side: Side,
    start: float,
    beyond: float,
) -> Decoration:
    """One zone. ``start`` is where it begins; an arm ends at ``beyond``, the head of a shoulder's at the latter."""
    arm, flank = side in ("right_arm", "left_arm"), side == "sides" and ledger.spec.has_head
    closed = side in _CLOSED and not flank
    longest = (180.0 if flank else last_phi_deg()) - start
    # ornament that begins beyond decorated arms ends where it would without them
    default = (
        beyond - start if arm else longest if flank else min(rule("relief_coverage_deg") + beyond - start, longest)
    )
    coverage = want.coverage_deg
    if arm and coverage is not None:
        ledger.refuse(
            f"{field}.coverage_deg",
            "has no effect: an arm is decorated up to where the shank's circle begins",
            value=coverage,
            suggestion="remove it, or give gallery.lift_deg",
        )
    elif closed and coverage is not None:
        ledger.refuse(
            f"{field}.coverage_deg",
            f"has no effect: the {_CLOSED[side]} is decorated all round",
            value=coverage,
            suggestion="remove it",
        )
    elif flank and coverage is not None and not want.mirrored:
        ledger.refuse(
            f"{field}.coverage_deg",
            "has no effect: sides that are not mirrored run from shoulder to shoulder under the finger",
            value=coverage,
            suggestion="remove it, or use 'mirrored: true'",
        )
    elif coverage is not None and not _SHORTEST_DEG <= coverage <= longest + 1e-9:
        ledger.refuse(
            f"{field}.coverage_deg",
            "does not fit between the head and the " + ("bottom" if flank else "plain bottom kept for sizing"),
            value=coverage,
            limit=f"{_SHORTEST_DEG:g} to {longest:.1f} deg",
            suggestion=f"use {down(longest, 1.0):g}" if coverage > longest else f"use {_SHORTEST_DEG:g}",
        )
    arc = coverage if coverage is not None else default
    ledger.note(f"{path}.phi_start_deg", "derived", "footprint of the head on the shank, fillet and skirt")
    if closed:
        for name in ("phi_start_deg", "phi_end_deg"):
            because = "none: it is not on the shank" if side in _WALLS else "the design closes on itself at the bottom"
            ledger.note(f"{path}.{name}", "derived", f"all round; {because}")
    elif arm:
        ledger.note(f"{path}.phi_end_deg", "derived", "where the arm leaves the shank's circle, gallery.lift_deg")
    elif flank and not want.mirrored:
        ledger.note(f"{path}.phi_end_deg", "derived", "not mirrored: under the finger to the other shoulder")
    elif flank and coverage is None:
        ledger.note(f"{path}.phi_end_deg", "default", "under the finger, to meet its mirror image")
    elif coverage is None:
        ledger.note(f"{path}.phi_end_deg", "default", "105 deg of each shoulder; the bottom 75 deg stay plain")
    else:
        ledger.given(f"{path}.phi_end_deg", f"{field}.coverage_deg")
    depth = ledger.rule_or(
        f"{path}.depth_mm", want.depth_mm, f"{field}.depth_mm", "side_relief" if side == "sides" else "relief_depth"
    )
    if want.mode == "engrave" and want.depth_mm is None:
        depth = min(depth, limits.engrave_max_mm)
    deepest = limits.relief_max_mm if want.mode == "emboss" else limits.engrave_max_mm
    if depth > deepest:
        if want.strict:
            ledger.refuse(
                f"{field}.depth_mm",
                f"deeper than {limits.name} allows, and the decoration is strict",
                value=depth,
                limit=f"at most {mm(deepest)} for {want.mode}",
                suggestion=f"use {down(deepest):g}, or set strict to false to have it lowered",
            )
        because = f"given as {field}.depth_mm; lowered to {mm(deepest)} on the metal, the most of {limits.name}"
        ledger.note(f"{path}.depth_mm", "given", because)
    margin = ledger.rule_or(
        f"{path}.margin_mm", want.margin_mm, f"{field}.margin_mm", "side_margin" if side == "sides" else "relief_margin"
    )
    ledger.choice(
        f"{path}.generator",
        f"{field}.generator",
        want.generator is not None,
        f"{IMAGE_GENERATOR} for images, else {PROMPT_GENERATOR}",
    )
    for name in ("prompt", "seed", "image", "program", "variation", "mode", "border", "mirrored", "strict"):
        ledger.choice(f"{path}.{name}", f"{field}.{name}", name in want.model_fields_set)
    ledger.choice(f"{path}.region", f"{field}.region", "region" in want.model_fields_set)
    ledger.note(f"{path}.id", "derived", "where it stands")
    border = want.border
    if flank and not want.mirrored:
        arc = 360.0 - 2.0 * start
    if (side in _WALLS or side == "sides") and "border" not in want.model_fields_set:
        border = "none"
        ledger.note(f"{path}.border", "default", "plain edges frame it; it is too low for borders besides")
    sign = 1.0 if flank or side.startswith("right") else -1.0
    return Decoration(
        id=_WALLS[side] if side in _WALLS else side if closed or arm or flank else f"{side}_shoulder",
        region=ledger.spec.region_of(want),
        generator=want.drawn_by,
        prompt=want.prompt,
        seed=want.seed,
        image=want.image,
        program=want.program,
        variation=want.variation or 0.0,
        depth_mm=depth,
        mode=want.mode,
        border=border,
        mirrored=want.mirrored,
        strict=want.strict,
        phi_start_deg=0.0 if side in _WALLS else -180.0 if closed else sign * start,
        phi_end_deg=0.0 if side in _WALLS else 180.0 if closed else sign * (start + arc),
        margin_mm=margin,
    )
