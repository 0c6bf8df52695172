"""What the heights of a head follow from: its rails, the gap between them, the culet's clearance."""

from __future__ import annotations

from dataclasses import dataclass

from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolved import CenterStone, FoundryLimits, Shank

#: Kept beyond closed-form walls: chord error of bore and pocket, twice 0.01 mm, and rounding.
CONSTRUCTION_MARGIN_MM = 0.03
#: Least play between a standing head's culet cone and the shank's crown.
_STAND_CULET_MIN_MM = 0.20
#: Sums of decimal fractions differ from the decimal that a user types by about 1e-16.
_ROUNDING = 1e-9
SEAT_FIELD = "gallery.seat_rail_height_mm"
#: What makes a seat rail taller.
LEAVES = "the pavilion's clearance leaves"


@dataclass(frozen=True)
class HeadInputs:
    """What the head is derived from; lengths in mm."""

    bore_radius_mm: float
    stone: CenterStone
    shank: Shank
    limits: FoundryLimits
    bridge_mm: float
    pocket_play_mm: float
    """Drop of the pavilion's clearance cone below the culet, along the axis."""
    seat_extra_mm: float = 0.0
    """What a seat rail of default height is made taller, so that the pavilion leaves enough of it."""
    carries: tuple[float, float] | None = None
    """Of a seat rail that carries a row of stones: the girdle's lower edge over it, and its height."""
    lean_least_deg: float = 0.0
    """What prongs without a given lean lean at least, so that the base rail meets the shank."""


@dataclass(frozen=True)
class Heights:
    """Rail sizes and the table heights they lead to."""

    room: float
    seat_height: float
    base_height: float
    gap: float
    culet: float
    rails: float
    culet_least: float
    rails_least: float


def _rail_numbers(ledger: Ledger, inputs: HeadInputs) -> tuple[float, float, float]:
    """(girdle room, seat rail height, base rail height)."""
    want = ledger.spec.gallery
    share = inputs.stone.diameter_mm / 6.5
    room = min(max(rule("seat_rail_room") * share, rule("seat_rail_room_min")), rule("seat_rail_room_max"))
    room += inputs.stone.pavilion_drop_mm
    seat = ledger.rule_or(
        "gallery.rails.0.bottom_z_mm", want.seat_rail_height_mm, "gallery.seat_rail_height_mm", "seat_rail_height"
    )
    if inputs.carries is not None:
        room, seat = inputs.carries
        ledger.note("gallery.rails.0.bottom_z_mm", "derived", "the hidden halo's stones and the rail beside them")
    if inputs.seat_extra_mm:
        seat += inputs.seat_extra_mm
        ledger.note("gallery.rails.0.bottom_z_mm", "derived", f"taller, so that {LEAVES} enough of the rail")
    name = "base_rail_height" if ledger.spec.head.style == "basket" else "stand_rail_height"
    base = ledger.rule_or("gallery.rails.1.top_z_mm", want.base_rail_height_mm, "gallery.base_rail_height_mm", name)
    least = inputs.limits.rail_min_mm
    for value, field in ((seat, "gallery.seat_rail_height_mm"), (base, "gallery.base_rail_height_mm")):
        if value < least:
            ledger.refuse(
                field,
                "the rail is too thin",
                value=value,
                limit=f"at least {mm(least)} with {inputs.limits.name}",
                suggestion=f"use {up(least):g}" if field != SEAT_FIELD else f"use {rule('seat_rail_height'):g}",
            )
    return room, seat, base


def _gap(ledger: Ledger) -> tuple[float, float]:
    """(wanted gap, least gap). A given gap is not squeezed."""
    given = ledger.spec.gallery.rail_gap_mm
    least = rule("rail_gap_min")
    if given is None:
        return rule("rail_gap_default"), least
    if given < least:
        ledger.refuse(
            "gallery.rail_gap_mm",
            "openings this low fill in when cast",
            value=given,
            limit=f"at least {mm(least)}",
            suggestion=f"use {rule('rail_gap_warn'):g} or more",
        )
    return given, given


def _culet_clearance(ledger: Ledger, inputs: HeadInputs) -> tuple[float, float]:
    """(wanted, least) height of the culet above the bore (basket) or the shank's top (stand)."""
    stand = ledger.spec.head.style == "stand"
    if stand:
        least = max(_STAND_CULET_MIN_MM, inputs.pocket_play_mm)
        reason = "the pavilion must not enter the shank of a standing head"
    else:
        wall = inputs.limits.wall_min_mm + inputs.pocket_play_mm + CONSTRUCTION_MARGIN_MM
        least = max(inputs.limits.culet_clearance_min_mm, wall)
        reason = "the wall under the culet pocket" if wall >= least else "the profile's culet clearance"
    given = ledger.spec.head.culet_clearance_mm
    if given is None:
        return max(rule("culet_clearance"), least), least
    if given < least - _ROUNDING:
        ledger.refuse(
            "head.culet_clearance_mm",
            f"too small for {reason}",
            value=given,
            limit=f"at least {mm(least)} with {inputs.limits.name}",
            suggestion=f"use {up(least):g}",
        )
    return given, given


def head_heights(ledger: Ledger, inputs: HeadInputs) -> Heights:
    """Rail sizes, and the table heights that culet and rails want and need at least."""
    stone, shank = inputs.stone, inputs.shank
    above = stone.girdle_mm + stone.crown_height_mm
    room, seat, base = _rail_numbers(ledger, inputs)
    gap, gap_least = _gap(ledger)
    culet, culet_least = _culet_clearance(ledger, inputs)
    if ledger.spec.head.style == "basket":
        foot = rule("base_rail_over_finger") + base + seat + room + above
        culet_foot = stone.pavilion_depth_mm + above
        return Heights(
            room, seat, base, gap, culet_foot + culet, foot + gap, culet_foot + culet_least, foot + gap_least
        )
    # a standing head: the lower rail floats between shank and seat rail and may be thinner
    given_base = ledger.spec.gallery.base_rail_height_mm
    base_least = given_base if given_base is not None else inputs.limits.rail_min_mm
    given_gap = ledger.spec.gallery.rail_gap_mm
    upper = given_gap if given_gap is not None else rule("rail_gap_min")
    rails = shank.thickness_top_mm + rule("rail_gap_min") + base_least + upper + seat + room + above
    culet_foot = shank.thickness_top_mm + stone.pavilion_depth_mm + above
    return Heights(room, seat, base, upper, culet_foot + culet, rails, culet_foot + culet_least, rails)


def table_height(ledger: Ledger, heights: Heights) -> tuple[float, str, dict[str, float]]:
    """(height above the finger, what governs it, every candidate)."""
    candidates = {"culet_clearance": heights.culet, "rails_and_gaps": heights.rails}
    given = ledger.spec.head.height_above_finger_mm
    governed = max(candidates, key=lambda name: candidates[name])
    if given is None:
        names = {"culet_clearance": "culet clearance", "rails_and_gaps": "rails, gap and girdle room"}
        ledger.note("head.height_above_finger_mm", "derived", f"largest of the candidates: {names[governed]}")
        return candidates[governed], governed, candidates
    candidates["height_above_finger_mm"] = given
    ledger.given("head.height_above_finger_mm", "head.height_above_finger_mm")
    least = max(heights.culet_least, heights.rails_least)
    if given < least - _ROUNDING:
        reason = "the culet" if heights.culet_least >= heights.rails_least else "two rails and the gap between them"
        ledger.refuse(
            "head.height_above_finger_mm",
            f"too low for {reason}",
            value=given,
            limit=f"at least {mm(up(least))}",
            suggestion=f"use {up(least):g}, or a smaller stone",
        )
    return given, "height_above_finger_mm", candidates
