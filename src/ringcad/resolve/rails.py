"""The two rails of a head: closed hoops that the prongs cross on the outside and swallow by a third."""

from __future__ import annotations

import math

from ringcad.fit.rail_section import profile, thinnest_chord_mm
from ringcad.resolve.hidden_rail import rail_rule
from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolve.prongs import Posts
from ringcad.resolved import CenterStone, FoundryLimits, Rail, Shank
from ringcad.standards import setting_rule

#: Kept beyond the closed form: the mesh's chord.
_SECTION_MARGIN_MM = 0.01
#: Corners of a section that the pavilion leaves alone.
_RECTANGLE = 4
_ROUNDING = 1e-9


def _width(ledger: Ledger, limits: FoundryLimits, posts: Posts, name: str, index: int, middle_z: float) -> float:
    """Width of a rail: the rule's, or what leaves ``rail_inner_radius_min`` inside."""
    given = getattr(ledger.spec.gallery, f"{name}_width_mm")
    field, path = f"gallery.{name}_width_mm", f"gallery.rails.{index}.inner_radius_mm"
    share = rule("rail_swallowed_share")
    free = posts.axis_radius_mm(middle_z) - posts.radius_mm(middle_z)
    # inner = free - (1 - share) x width
    widest = (free - rule("rail_inner_radius_min")) / (1.0 - share)
    usual = rail_rule(ledger, "rail_width", f"{name}_width") if name == "seat_rail" else f"{name}_width"
    default = max(rule(usual), limits.rail_min_mm)
    if given is None and default > widest >= limits.rail_min_mm:
        ledger.note(path, "derived", "as wide as leaves the hoop open for light and tools")
        return widest
    width = ledger.number(path, given, field, default, setting_rule(usual).because)
    if width < limits.rail_min_mm:
        ledger.refuse(
            field,
            "the rail is too thin",
            value=width,
            limit=f"at least {mm(limits.rail_min_mm)} with {limits.name}",
            suggestion=f"use {up(limits.rail_min_mm):g}",
        )
    elif width > widest:
        if given is not None and widest >= limits.rail_min_mm:
            ledger.refuse(
                field,
                "the hoop closes",
                value=width,
                limit=f"at most {mm(widest)} to leave {mm(rule('rail_inner_radius_min'))} inside",
                suggestion=f"use {math.floor(widest * 100) / 100:g}",
            )
        else:
            ledger.refuse(
                "stone.size",
                f"too small for a {name.replace('_', ' ')} of {mm(limits.rail_min_mm)} inside the prongs",
                value=None if ledger.spec.stone is None else ledger.spec.stone.size,
                limit=f"a hoop open by {mm(2 * rule('rail_inner_radius_min'))}",
                suggestion="use a larger stone, thinner prongs (head.prong_diameter_mm) or a lower head",
            )
    return width


def _outer_radius(posts: Posts, middle_z: float, width: float) -> float:
    """The prongs swallow a share of the rail's width."""
    return posts.axis_radius_mm(middle_z) - posts.radius_mm(middle_z) + rule("rail_swallowed_share") * width


def _rail(
    ledger: Ledger,
    limits: FoundryLimits,
    posts: Posts,
    name: str,
    bottom_z: float,
    height: float,
) -> Rail:
    index = 0 if name == "seat_rail" else 1
    middle = bottom_z + 0.5 * height
    width = _width(ledger, limits, posts, name, index, middle)
    outer = _outer_radius(posts, middle, width)
    path = f"gallery.rails.{index}"
    ledger.note(f"{path}.name", "derived", "two rails: one under the girdle, one at the foot")
    ledger.note(f"{path}.outer_radius_mm", "derived", "the prongs swallow a third of the rail's width")
    ledger.note(f"{path}.edge_radius_mm", "default", "rounded rectangle, at most 0.3 of the smaller side")
    ledger.note(f"{path}.quarter_mm", "derived", "the girdle's outline at the rail's distance, as arcs and lines")
    ledger.note(f"{path}.side_mm", "derived", "corners that cannot bend more sharply push the sides out")
    edge = rail_rule(ledger, "edge_radius", "rail_edge_radius") if name == "seat_rail" else "rail_edge_radius"
    return Rail(
        name="seat_rail" if name == "seat_rail" else "base_rail",
        inner_radius_mm=outer - width,
        outer_radius_mm=outer,
        bottom_z_mm=bottom_z,
        top_z_mm=bottom_z + height,
        edge_radius_mm=min(rule(edge), 0.3 * min(width, height)),
    )


def resolve_rails(
    ledger: Ledger,
    limits: FoundryLimits,
    posts: Posts,
    *,
    seat_top_z: float,
    seat_height: float,
    base_height: float,
    base_bottom_z: float,
    shank_top_z: float,
) -> tuple[Rail, Rail]:
    """(seat rail, base rail). ``base_bottom_z`` counts for a basket, ``shank_top_z`` for a standing head."""
    seat = _rail(ledger, limits, posts, "seat_rail", seat_top_z - seat_height, seat_height)
    ledger.note(
        "gallery.rails.0.top_z_mm", "default", "0.68 mm under the girdle for 6.5 mm, in proportion, 0.48 to 0.93"
    )
    if posts.style == "basket":
        bottom, height = base_bottom_z, base_height
        ledger.note("gallery.rails.1.bottom_z_mm", "default", "0.10 mm above the top of the bore")
    else:
        bottom, height = _floating(ledger, seat.bottom_z_mm, shank_top_z, base_height)
        because = "half way between shank and seat rail, thinner where needed"
        ledger.note("gallery.rails.1.bottom_z_mm", "derived", because)
    return seat, _rail(ledger, limits, posts, "base_rail", bottom, height)


def _floating(ledger: Ledger, seat_bottom: float, shank_top: float, height: float) -> tuple[float, float]:
    """(bottom, height) of a standing head's lower rail; the head's height has made room for it."""
    want = ledger.spec.gallery
    room = seat_bottom - shank_top
    if want.rail_gap_mm is not None:
        if want.base_rail_height_mm is None:
            height = min(height, room - want.rail_gap_mm - rule("rail_gap_min"))
        return seat_bottom - want.rail_gap_mm - height, height
    if want.base_rail_height_mm is None and height > room - 2.0 * rule("rail_gap_min"):
        height = room - 2.0 * rule("rail_gap_min")
        ledger.note("gallery.rails.1.top_z_mm", "derived", "thinner, so that both openings stay 0.4 mm high")
    return shank_top + 0.5 * (room - height), height


def _lowered(seat: Rail, posts: Posts, by_mm: float) -> Rail:
    """The rail with its underside lower; it follows the prongs, which lean."""
    width = seat.outer_radius_mm - seat.inner_radius_mm
    bottom = seat.bottom_z_mm - by_mm
    outer = _outer_radius(posts, 0.5 * (bottom + seat.top_z_mm), width)
    return seat.model_copy(update={"bottom_z_mm": bottom, "outer_radius_mm": outer, "inner_radius_mm": outer - width})


def seat_rail_lacks(seat: Rail, stone: CenterStone, posts: Posts, limits: FoundryLimits) -> float:
    """By how much a seat rail must reach lower for the pavilion's clearance cone to leave enough of it, mm.

    In hundredths; 0 when it is thick enough, infinite when 2 mm would not do.
    """
    clearance, girdle_z = rule("rail_clearance"), posts.girdle_z_mm
    if len(profile(seat, stone, girdle_z, clearance)) == _RECTANGLE:
        return 0.0
    # no section is thicker than it is wide
    least = min(limits.rail_min_mm + _SECTION_MARGIN_MM, seat.outer_radius_mm - seat.inner_radius_mm - 1e-6)
    for step in range(201):
        if thinnest_chord_mm(_lowered(seat, posts, 0.01 * step), stone, girdle_z, clearance) >= least:
            return 0.01 * step
    return math.inf


def under_pavilion_mm(seat: Rail, stone: CenterStone, posts: Posts) -> float:
    """What the pavilion's clearance leaves of a seat rail where it is thinnest, mm."""
    return thinnest_chord_mm(seat, stone, posts.girdle_z_mm, rule("rail_clearance"))


def check_pavilion(ledger: Ledger, stone: CenterStone, limits: FoundryLimits, posts: Posts, seat: Rail) -> None:
    """Refuse a seat rail that the pavilion's clearance cone leaves too thin; propose the height that would do."""
    short = seat_rail_lacks(seat, stone, posts, limits)
    if short <= 0.0:
        return
    left = under_pavilion_mm(seat, stone, posts)
    height = seat.top_z_mm - seat.bottom_z_mm
    ledger.refuse(
        "gallery.seat_rail_height_mm",
        "the pavilion leaves too little of the seat rail",
        value=height,
        limit=f"{mm(limits.rail_min_mm)} under the stone, here {mm(left)}",
        suggestion=f"use {up(height + short):g}" if short < math.inf else "use a narrower gallery.seat_rail_width_mm",
    )


def base_reach_mm(radius: float, shank: Shank) -> float:
    """How far from the head's axis a basket's base rail still meets the shank, mm.

    The finger falls away under it: 0.3 mm of its height lie in the shank out there.
    """
    top = radius + shank.thickness_top_mm
    low = radius + rule("base_rail_over_finger") + 0.3
    return math.sqrt(top * top - low * low)


def check_reach(ledger: Ledger, radius: float, shank: Shank, posts: Posts, base_outer: float) -> None:
    """The base rail of a basket must still meet the shank where the finger falls away under it."""
    if ledger.spec.head.style == "stand":
        return
    reach = base_reach_mm(radius, shank)
    if base_outer > reach + _ROUNDING:
        ledger.refuse(
            "stone.size",
            "the head is too wide for this finger: its base rail leaves the shank",
            value=mm(2.0 * base_outer),
            limit=f"at most {mm(2.0 * reach)} across at the base",
            suggestion=f"use a smaller stone, a larger ring, or head.prong_lean_deg {posts.lean_deg + 4:.0f}",
        )
