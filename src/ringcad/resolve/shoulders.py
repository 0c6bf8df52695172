"""What stands on the shoulders: flush stones and decorated zones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from ringcad.fit.head_block import SKIRT_REACH_MM
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.rows import resolve_row
from ringcad.resolve.seat_sides import (
    SIDE_MIN_MM,
    beside_mm,
    check_depth,
    largest_stone_mm,
    table_depth_mm,
    wide_enough_mm,
)
from ringcad.resolve.shank import thickness_at_mm, width_at_mm
from ringcad.resolve.sides import SIDES_TEMPLATE
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import Accent as ResolvedAccent
from ringcad.resolved import Decoration, FlushAccent, FlushSeat, FoundryLimits, Gallery, Head, RoundStone, Shank
from ringcad.spec import Accent, DecorationSpec, Spec
from ringcad.spec.models import IMAGE_GENERATOR, PROMPT_GENERATOR, AccentPlace
from ringcad.spec.repertoire import ROW_SETTINGS
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

Side = Literal["right", "left", "outside", "left_border", "right_border", "wall", "rim", "sides"]
_SIDES: dict[str, tuple[Side, ...]] = {
    "shank.shoulders": ("right", "left"),
    "shank.right_shoulder": ("right",),
    "shank.left_shoulder": ("left",),
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


def resolve_decoration(ledger: Ledger, limits: FoundryLimits, start_deg: float) -> tuple[Decoration, ...]:
    """Decorated zones, one entry per shoulder; problems are noted in the ledger."""
    zones: list[Decoration] = []
    taken: dict[str, int] = {}
    for index, want in enumerate(ledger.spec.decoration):
        field = f"decoration.{index}"
        region = ledger.spec.region_of(want)
        rowed = ledger.spec.has_row
        own = "shank.shoulders" if ledger.spec.has_head else "shank.borders" if rowed else "shank.outside"
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
                where = _CLOSED.get(side, f"{side} shoulder")
                ledger.refuse(
                    f"{field}.region",
                    f"the {where} is decorated twice",
                    value=region,
                    suggestion=f"keep decoration.{taken[side]} or this one"
                    + ("" if side in _CLOSED else ", or give each its own shoulder"),
                )
                continue
            taken[side] = index
            zones.append(_zone(ledger, limits, want, field, f"decoration.{len(zones)}", side, start_deg))
    return tuple(zones)


def _has(spec: Spec, side: Side, own: bool) -> bool:
    """Whether a ring has a side: its walls, of its shank shoulders beside a head, else its ``own`` closed region."""
    if side == "sides":
        return spec.template == SIDES_TEMPLATE
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
) -> Decoration:
    closed = side in _CLOSED
    longest = last_phi_deg() - start
    default = min(rule("relief_coverage_deg"), longest)
    coverage = want.coverage_deg
    if closed and coverage is not None:
        ledger.refuse(
            f"{field}.coverage_deg",
            f"has no effect: the {_CLOSED[side]} is decorated all round",
            value=coverage,
            suggestion="remove it",
        )
    elif coverage is not None and not _SHORTEST_DEG <= coverage <= longest + 1e-9:
        ledger.refuse(
            f"{field}.coverage_deg",
            "does not fit between the head and the plain bottom kept for sizing",
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
    if (side in _WALLS or side == "sides") and "border" not in want.model_fields_set:
        border = "none"
        ledger.note(f"{path}.border", "default", "plain edges frame it; it is too low for borders besides")
    sign = 1.0 if side == "right" else -1.0
    return Decoration(
        id=_WALLS[side] if side in _WALLS else side if closed else f"{side}_shoulder",
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


def resolve_accents(
    ledger: Ledger,
    bore_radius_mm: float,
    shank: Shank,
    limits: FoundryLimits,
    begin: Callable[[RoundStone], float],
) -> tuple[ResolvedAccent, ...]:
    """Rows of stones; flush ones stand on shoulders from ``begin`` (degrees, of a stone) on.

    Problems are noted in the ledger.
    """
    occupied: dict[str, list[tuple[float, float, int]]] = {"right_shoulder": [], "left_shoulder": [], "top": []}
    groups: list[ResolvedAccent] = []
    for index, want in enumerate(ledger.spec.accents):
        stone = resolve_stone(want.stone, ledger, f"accents.{index}.stone", f"accents.{index}.stone")
        if stone is not None and want.setting in ROW_SETTINGS:
            groups.append(resolve_row(ledger, bore_radius_mm, shank, limits, want, stone))
        elif stone is not None:
            groups.append(
                _flush_group(ledger, bore_radius_mm, shank, limits, want, stone, index, begin(stone), occupied)
            )
    return tuple(groups)


def _flush_group(
    ledger: Ledger,
    bore_radius: float,
    shank: Shank,
    limits: FoundryLimits,
    want: Accent,
    stone: RoundStone,
    index: int,
    begin: float,
    occupied: dict[str, list[tuple[float, float, int]]],
) -> FlushAccent:
    field = path = f"accents.{index}"
    diameter = stone.diameter_mm
    outer = bore_radius + min(shank.thickness_top_mm, shank.thickness_bottom_mm)
    least_gap = max(rule("flush_stone_gap"), limits.gap_min_mm)
    gap = want.gap_mm if want.gap_mm is not None else least_gap
    if gap < least_gap:
        ledger.refuse(
            f"{field}.gap_mm",
            "the stones stand too close",
            value=gap,
            limit=f"at least {mm(least_gap)} of metal between them",
            suggestion=f"use {up(least_gap):g}",
        )
    pitch = 2.0 * math.degrees(math.asin(min(0.5 * (diameter + gap) / outer, 1.0)))
    rim = rule("flush_rim")
    half = math.degrees((0.5 * diameter + rim) / outer)
    seats: list[FlushSeat] = []
    last = last_phi_deg()
    places: tuple[AccentPlace, ...] = ("right_shoulder", "left_shoulder") if ledger.spec.has_head else ("top",)
    for side in sorted(set(want.on or places), reverse=True):
        if side not in places:
            ledger.refuse(
                f"{field}.on",
                f"{an(ledger.spec.template)} has no such place for stones",
                value=side,
                suggestion=f"use {', '.join(places)}, or leave it out",
            )
            continue
        if side == "top":
            seats += _top_row(ledger, field, want, index, pitch, half, occupied[side])
            continue
        rows = occupied[side]
        after = max((end for _, end, _ in rows), default=None)
        start = want.start_deg
        if start is None:
            start = begin + half if after is None else after + math.degrees(least_gap / outer) + half
        end = start + (want.number - 1) * pitch
        if start - half < begin - 1e-9:
            ledger.refuse(
                f"{field}.start_deg",
                "the first stone stands on the head's foot, on the slope under it or on the cathedral arm",
                value=start,
                limit=f"at least {begin + half:.1f} deg",
                suggestion=f"use {math.ceil(begin + half)}",
            )
        if end + half > last + 1e-9:
            fits = max(math.floor((last - half - start) / pitch + 1e-9) + 1, 0)
            hint = f"use {fits} stones" if fits else "use smaller or fewer stones"
            ledger.refuse(
                f"{field}.count",
                "the row runs into the plain bottom kept for sizing",
                value=want.number,
                limit=f"it ends at {end + half:.1f} deg, the bottom begins at {last:.1f} deg",
                suggestion=hint,
            )
        for low, high, other in rows:
            if start - half < high and end + half > low:
                ledger.refuse(
                    f"{field}.start_deg",
                    f"overlaps accents.{other}",
                    value=start,
                    limit=f"that row covers {low:.1f} to {high:.1f} deg",
                    suggestion=f"leave it out, or use {math.ceil(high + half)}",
                )
        rows.append((start - half, end + half, index))
        _check_width(ledger, shank, field, stone, start, min(end, last))
        sign = 1.0 if side == "right_shoulder" else -1.0
        short = side.split("_")[0]
        seats += [
            FlushSeat(id=f"flush_{index}_{short}_{k}", phi_deg=sign * (start + k * pitch), y_mm=0.0)
            for k in range(want.number)
        ]
    first = min((abs(seat.phi_deg) for seat in seats), default=0.0)
    for phi in {abs(seat.phi_deg) for seat in seats if not ledger.spec.has_head}:
        _check_width(ledger, shank, field, stone, phi, phi)
    table = table_depth_mm(shank, stone, width_at_mm(shank, first), thickness_at_mm(shank, first))
    check_depth(ledger, shank, limits, field, stone, table)
    _note_group(ledger, path, field, want)
    opening = rule("flush_opening_share") * diameter
    return FlushAccent(
        stone=stone,
        seats=tuple(seats),
        opening_diameter_mm=opening,
        cut_in_mm=0.5 * (diameter - opening),
        table_depth_mm=table,
        pilot_diameter_mm=rule("flush_pilot_share") * diameter,
        rim_mm=rim,
    )


def _top_row(
    ledger: Ledger,
    field: str,
    want: Accent,
    index: int,
    pitch: float,
    half: float,
    rows: list[tuple[float, float, int]],
) -> list[FlushSeat]:
    """A row with its middle on the top of a band; it may run all round."""
    if want.start_deg is not None:
        ledger.refuse(
            f"{field}.start_deg",
            "has no effect: a row on the top has its middle there",
            value=want.start_deg,
            suggestion="remove it",
        )
    most = math.floor(360.0 / pitch + 1e-9)
    if want.number > most:
        ledger.refuse(
            f"{field}.count",
            "the row runs into itself at the bottom",
            value=want.number,
            limit=f"{most} stones stand all round",
            suggestion=f"use {most} stones",
        )
    if rows:
        ledger.refuse(
            f"{field}.on",
            f"overlaps accents.{rows[0][2]}",
            value="top",
            limit="one row on the top",
            suggestion=f"give accents.{rows[0][2]} more stones, or remove this one",
        )
    first = -0.5 * (want.number - 1) * pitch
    rows.append((first - half, -first + half, index))
    return [
        FlushSeat(id=f"flush_{index}_top_{k}", phi_deg=first + k * pitch, y_mm=0.0)
        for k in range(min(want.number, most))
    ]


def _check_width(ledger: Ledger, shank: Shank, field: str, stone: RoundStone, start: float, end: float) -> None:
    diameter = stone.diameter_mm
    needed = diameter + 2.0 * rule("flush_side_wall")
    narrowest = min(width_at_mm(shank, start), width_at_mm(shank, end))
    if narrowest + 1e-9 < needed:
        wide = wide_enough_mm(shank, stone, max(needed, shank.width_bottom_mm))
        # a pinched shank is narrower there than its shoulders, by the same share when they are wider
        hint = f"use shank.width_mm: {up(wide * max(shank.width_top_mm / narrowest, 1.0), 0.1):g}"
        fits = largest_stone_mm(shank, stone, narrowest)
        if fits:
            hint += f", or stones of {fits:g} mm"
        ledger.refuse(
            f"{field}.stone.size",
            "the seats leave the shank",
            value=mm(diameter),
            limit=f"stone + 2 x {rule('flush_side_wall'):g} mm = {mm(needed)}, the shank there is {mm(narrowest)} wide",
            suggestion=hint,
        )
        return
    for phi in (start, end):
        width, height = width_at_mm(shank, phi), thickness_at_mm(shank, phi)
        left = beside_mm(shank, stone, width, height)
        if left >= SIDE_MIN_MM:
            continue
        hint = f"use shank.width_mm: {wide_enough_mm(shank, stone, max(width, shank.width_bottom_mm)):g}"
        ledger.refuse(
            f"{field}.stone.size",
            "the shank's rounded edges leave too little metal beside the seats",
            value=mm(diameter),
            limit=f"{mm(SIDE_MIN_MM)} at the depth of the seat, here {mm(left)}",
            suggestion=hint,
        )


def _note_group(ledger: Ledger, path: str, field: str, want: Accent) -> None:
    ledger.note(f"{path}.setting", "given", f"given as {field}.setting")
    placed = "evenly from beyond the head, stone + gap apart"
    if want.start_deg is not None or want.gap_mm is not None:
        ledger.note(f"{path}.seats", "given", f"count, start and gap of {field}")
    else:
        ledger.note(f"{path}.seats", "derived", placed)
    ledger.note(f"{path}.opening_diameter_mm", "default", "0.97 of the stone: the setter cuts the rest")
    ledger.note(f"{path}.cut_in_mm", "derived", "half the difference of stone and opening")
    ledger.note(f"{path}.table_depth_mm", "default", "table level with its rim, 0.05 mm below; deeper on a ridge")
    ledger.note(f"{path}.pilot_diameter_mm", "default", "0.55 of the stone (bench practice 1/2 to 2/3)")
    ledger.note(f"{path}.rim_mm", "default", "the jeweler's bright rim")
