"""What the shank's profiles ask of its numbers: crown, edges, the ellipse's limits, the euro shank's flat bottom."""

from __future__ import annotations

import math

from ringcad.fit.shank_line import bridge_width, euro_corner_deg
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolved import EURO_START_DEG, Accent, EuroBase, FoundryLimits, Shank
from ringcad.standards import setting_rule

#: Play between the numbers and the finished mesh that a wall is given here, mm.
_PLAY_MM = 0.03
#: Of an ellipse, this much on each side counts as its edge, which casts and wears round, at most a share.
_ELLIPSE_EDGE_SHARE = 0.3
#: The corners of a euro shank: no farther from the bottom, no thicker than this many times the bottom,
#: and a flat between them at least as long as the first share of the inner diameter.
_CORNER_MOST_DEG, _CORNER_MOST_SHARE, _FLAT_LEAST_SHARE = 42.0, 2.2, 0.2


def crown_rise_default(profile: str, width: float, thickness: float) -> tuple[float, str]:
    """How far the outside falls to its edges, and why."""
    if profile == "flat":
        return 0.0, "a flat profile has none"
    if profile == "knife_edge":
        return min(0.24 * width, 0.4 * thickness), "knife edge: 0.24 of the width, at most 0.4 of the thickness"
    if profile == "soft_cushion":
        rise = min(max(0.07 * width, 0.12), 0.5, 0.2 * thickness)
        return rise, "soft cushion: 0.07 of the width, 0.12 to 0.5 mm, at most a fifth of the thickness"
    if profile == "euro":
        rise = min(max(0.04 * width, 0.1), 0.25, 0.15 * thickness)
        return rise, "euro: nearly flat across, 0.04 of the width, 0.1 to 0.25 mm"
    rise = min(max(0.10 * width, 0.25), 0.5, 0.25 * thickness)
    return rise, "a tenth of the width, 0.25 to 0.5 mm, at most a quarter of the thickness"


def comfort_rise_default(profile: str, hollow: bool) -> tuple[float, str]:
    """How far the bore rises towards its edges, and why."""
    if hollow:
        return 0.0, "a hollowed shank is worn on its rims"
    if profile == "soft_cushion":
        row = setting_rule("comfort_rise_cushion")
        return row.value, row.because
    if profile in ("comfort_d", "euro"):
        row = setting_rule("comfort_rise")
        return row.value, row.because
    return 0.0, "only a comfort profile has a crowned bore"


def edge_radius_default(profile: str, name: str, edge: float, narrow: float) -> tuple[float, str]:
    """Radius of the ``outer_edge_radius`` or ``inner_edge_radius`` and why.

    ``edge`` is the thickness that crown and comfort bore leave there, ``narrow`` the least width, mm.
    """
    soft = profile == "soft_cushion" and name == "outer_edge_radius"
    row = setting_rule("outer_edge_radius_cushion" if soft else name)
    of_edge, of_width = (0.45, 0.38) if soft else (0.4, 0.3)
    found = min(row.value, max(of_edge * edge, rule("outer_edge_radius_min")), of_width * narrow)
    if found == row.value:
        return found, row.because
    return found, f"{of_edge:g} of the edge's thickness, at most {of_width:g} of the width"


def ellipse_numbers(ledger: Ledger, thickness: float, narrow: float) -> tuple[float, float, float, float]:
    """Crown rise, comfort rise, outer and inner edge of an ellipse, which all follow from its two axes."""
    want = ledger.spec.shank
    for name in ("crown_rise_mm", "comfort_rise_mm", "outer_edge_radius_mm", "inner_edge_radius_mm"):
        given = getattr(want, name)
        if given is not None:
            ledger.refuse(
                f"shank.{name}",
                "has no effect: an ellipse is round throughout",
                value=given,
                suggestion="remove it, or use profile: soft_cushion",
            )
    for name in ("crown_rise_mm", "comfort_rise_mm"):
        ledger.note(f"shank.{name}", "derived", "ellipse: half of its thickness, inside as outside")
    edge = _ellipse_edge_mm(narrow)
    for name in ("outer_edge_radius_mm", "inner_edge_radius_mm"):
        ledger.note(f"shank.{name}", "derived", "ellipse: so much of its width on each side counts as its edge")
    return 0.5 * thickness, 0.5 * thickness, edge, edge


def ellipse_thickness_mm(width: float, edge: float, wall: float) -> float:
    """Least height of an ellipse that is ``wall`` thick ``edge`` from its sides and whose edges do not wash away."""
    share = math.sqrt(1.0 - (1.0 - 2.0 * edge / width) ** 2)
    return max((wall + _PLAY_MM) / share, math.sqrt(2.0 * width * rule("outer_edge_radius_min")))


def ellipse_thickness_default(
    limits: FoundryLimits, width: float, narrow: float, usual: float, because: str
) -> tuple[float, str]:
    """The usual thickness, or the least of an ellipse of that width, and why."""
    needed = up(ellipse_thickness_mm(width, _ellipse_edge_mm(narrow), _cast_wall_mm(limits)), 0.05)
    if needed <= usual:
        return usual, because
    return needed, f"an ellipse {width:g} mm wide keeps the foundry's wall up to its edges"


def bridge_least_mm(shank: Shank, limits: FoundryLimits) -> float:
    """Least thickness of the bridge under a basket: the foundry's wall, and for an ellipse up to its edges."""
    wall = _cast_wall_mm(limits)
    if shank.profile != "ellipse":
        return wall
    return max(wall, up(ellipse_thickness_mm(bridge_width(shank), shank.outer_edge_radius_mm, wall), 0.05))


def _cast_wall_mm(limits: FoundryLimits) -> float:
    return limits.wall_min_mm + limits.bore_allowance_mm + limits.polish_allowance_mm


def _ellipse_edge_mm(narrow: float) -> float:
    return min(rule("outer_edge_radius"), _ELLIPSE_EDGE_SHARE * narrow)


def check_ellipse(ledger: Ledger, shank: Shank, limits: FoundryLimits) -> None:
    """An ellipse that is flat for its width has edges like a blade."""
    wall = _cast_wall_mm(limits)
    places = (("top", max(shank.width_top_mm, shank.head_width)), ("bottom", shank.width_bottom_mm))
    for place, width in places:
        thickness = getattr(shank, f"thickness_{place}_mm")
        needed = ellipse_thickness_mm(width, shank.outer_edge_radius_mm, wall)
        if thickness < needed - 1e-9:
            ledger.refuse(
                f"shank.thickness_mm.{place}",
                f"an ellipse {width:g} mm wide is too thin towards its edges",
                value=thickness,
                limit=f"at least {mm(up(needed))}: {mm(wall)} of wall {mm(shank.outer_edge_radius_mm)} from its edge",
                suggestion=f"use {up(needed, 0.05):g}, or profile: soft_cushion",
            )


def euro_base(ledger: Ledger, bore_radius: float, thickness_bottom: float) -> EuroBase | None:
    """The flat bottom of a euro shank; ``None`` for any other profile. Problems are noted in the ledger."""
    want = ledger.spec.shank
    if want.profile != "euro":
        for name in ("base_flat_mm", "corner_radius_mm"):
            if getattr(want, name) is not None:
                ledger.refuse(
                    f"shank.{name}",
                    "has no effect: only a euro shank has a flat bottom",
                    value=getattr(want, name),
                    suggestion="remove it, or use profile: euro",
                )
        ledger.note("shank.base", "derived", "round: only a euro shank has a flat bottom")
        return None
    distance = bore_radius + thickness_bottom
    row = setting_rule("euro_corner_share")

    def flat_for(corner: float) -> float:
        return 2.0 * math.sqrt(max((bore_radius + corner) ** 2 - distance**2, 0.0))

    default = down(flat_for(row.value * thickness_bottom), 0.05)
    flat = ledger.number(
        "shank.base.width_mm", want.base_flat_mm, "shank.base_flat_mm", default,
        f"corners {row.value:g} times as thick as the bottom: {row.because}",
    )  # fmt: skip
    radius_row = setting_rule("euro_corner_radius")
    radius = ledger.number(
        "shank.base.corner_radius_mm", want.corner_radius_mm, "shank.corner_radius_mm",
        radius_row.value, radius_row.because,
    )  # fmt: skip
    for name, because in (("distance_mm", "bore and thickness at the bottom"), ("corner_thickness_mm", "of the flat")):
        ledger.note(f"shank.base.{name}", "derived", because)
    widest = 2.0 * distance * math.tan(math.radians(_CORNER_MOST_DEG))
    most = down(min(widest, flat_for(_CORNER_MOST_SHARE * thickness_bottom)), 0.05)
    least = up(_FLAT_LEAST_SHARE * 2.0 * bore_radius, 0.05)
    base = EuroBase(
        distance_mm=distance,
        width_mm=flat,
        corner_radius_mm=radius,
        corner_thickness_mm=math.hypot(distance, 0.5 * flat) - bore_radius,
    )
    if not least <= flat <= most:
        ledger.refuse(
            "shank.base_flat_mm",
            "the flat bottom does not suit this ring",
            value=flat,
            limit=f"{mm(least)} to {mm(most)} at this size and thickness",
            suggestion=f"use {default:g}",
        )
        return base
    # what the rounded corners leave of the flat: it must still carry the ring
    left = 2.0 * distance * math.tan(math.radians(euro_corner_deg(base)[0]))
    if left < 0.5 * flat:
        largest = radius
        while largest > 0.5 and _flat_left(base, largest) < 0.5 * flat:
            largest -= 0.1
        ledger.refuse(
            "shank.corner_radius_mm",
            "the rounded corners leave too little of the flat",
            value=radius,
            limit=f"at least half of {mm(flat)} flat, here {mm(left)}",
            suggestion=f"use {down(largest, 0.1):g}",
        )
    return base


def _flat_left(base: EuroBase, radius: float) -> float:
    end, _ = euro_corner_deg(base.model_copy(update={"corner_radius_mm": radius}))
    return 2.0 * base.distance_mm * math.tan(math.radians(end))


def check_accents(ledger: Ledger, shank: Shank, accents: tuple[Accent, ...], bore_radius: float) -> None:
    """Rows of stones need the round part of a euro shank, and a channel more side than an ellipse has."""
    for index, accent in enumerate(accents):
        if shank.profile == "ellipse" and accent.setting != "flush":
            ledger.refuse(
                "shank.profile",
                f"the sides of an ellipse fall away beside the row of accents.{index}",
                value="ellipse",
                suggestion="use profile: flat",
            )
        if shank.base is None or not accent.seats:
            continue
        reach = math.degrees((0.5 * accent.stone.diameter_mm + accent.rim_mm) / (bore_radius + shank.thickness_top_mm))
        last = max(abs(seat.phi_deg) for seat in accent.seats) + reach
        if last > EURO_START_DEG + 1e-9:
            fits = sum(abs(seat.phi_deg) + reach <= EURO_START_DEG for seat in accent.seats)
            sides = len({seat.phi_deg > 0.0 for seat in accent.seats}) if ledger.spec.has_head else 1
            ledger.refuse(
                f"accents.{index}.count",
                "the row runs onto the thicker lower half of the euro shank",
                value=len(accent.seats) // sides,
                limit=f"stones end at {EURO_START_DEG:g} deg from the top, these at {last:.0f} deg",
                suggestion=f"use {max(fits // sides, 1)} stones, or profile: flat",
            )
