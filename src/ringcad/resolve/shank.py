"""The shank: widths, thicknesses and edge radii."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ringcad.fit.shank_line import body_line, width_line
from ringcad.resolve.bypass import arm_thickness_mm, check_bypass
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.shank_profile import (
    check_ellipse,
    comfort_rise_default,
    crown_rise_default,
    edge_radius_default,
    ellipse_numbers,
    ellipse_thickness_default,
    euro_base,
)
from ringcad.resolve.split import resolve_split
from ringcad.resolved import FoundryLimits, Shank
from ringcad.spec.values import split_number
from ringcad.standards import ring_size, setting_rule


def width_at_mm(shank: Shank, phi_deg: float) -> float:
    """Width of the shank at an angle from the top (without the bridge under a head)."""
    return float(width_line(shank, np.array([phi_deg]))[0])


def thickness_at_mm(shank: Shank, phi_deg: float) -> float:
    """Thickness at mid-width at an angle from the top (without bridge and cathedral)."""
    return float(body_line(shank, np.array([phi_deg]))[0])


@dataclass(frozen=True)
class RowNeeds:
    """Width and thickness that a row of stones asks for, with the reasons, mm."""

    width_mm: float
    width_because: str
    thickness_mm: float
    thickness_because: str


def resolve_shank(ledger: Ledger, limits: FoundryLimits, needs: RowNeeds | None = None) -> Shank:
    """Shank with a reason for each number; problems are noted in the ledger.

    ``needs`` of a ring that is made round its row of stones are the defaults.
    """
    spec = ledger.spec
    want = spec.shank
    decorated = bool(spec.decoration)
    widths = want.width_mm
    top_rule = setting_rule("shank_width_decorated_top" if decorated else "shank_width_plain")
    bottom_rule = setting_rule("shank_width_decorated_bottom" if decorated else "shank_width_plain")
    if not spec.has_head:
        top_rule = bottom_rule = setting_rule("band_width")
    if want.split and not decorated:
        top_rule = setting_rule("split_width")
    top_default, top_because = top_rule.value, top_rule.because
    bottom_default, bottom_because = bottom_rule.value, bottom_rule.because
    if needs is not None:
        top_default = bottom_default = needs.width_mm
        top_because = bottom_because = needs.width_because
    elif spec.accents:
        sizes = [split_number(accent.stone.size) for accent in spec.accents]
        largest = max((s[0] for s in sizes if s is not None and s[1] == "mm"), default=0.0)
        needed = up(largest + 2.0 * rule("flush_side_wall"), 0.1)
        if needed > top_default:
            top_default, top_because = needed, "stone + 2 x 0.6 mm for the flush stones"
        if not spec.has_head:
            bottom_default, bottom_because = top_default, top_because
        elif decorated:
            bottom_default = max(bottom_default, down(0.63 * top_default, 0.1))
    if widths.top is not None and widths.bottom is None and bottom_default > widths.top:
        bottom_default, bottom_because = widths.top, "no wider than the shoulders"
    if widths.bottom is not None and widths.top is None and top_default < widths.bottom:
        top_default, top_because = widths.bottom, "no narrower than the bottom"
    width_top = ledger.number("shank.width_top_mm", widths.top, "shank.width_mm.top", top_default, top_because)
    width_bottom = ledger.number(
        "shank.width_bottom_mm", widths.bottom, "shank.width_mm.bottom", bottom_default, bottom_because
    )
    width_head = _head_width(ledger, width_top)
    narrow = min(width_top, width_bottom, width_head)
    thick = want.thickness_mm
    rules = ("shank_thickness_top", "shank_thickness_bottom") if spec.has_head else ("band_thickness",) * 2
    if want.bypass:
        rules = ("bypass_thickness", rules[1])
    thicknesses = []
    for place, name in zip(("top", "bottom"), rules, strict=True):
        row, field = setting_rule(name), f"shank.thickness_mm.{place}"
        default, because = (row.value, row.because)
        if needs is not None:
            default, because = needs.thickness_mm, needs.thickness_because
            if place == "bottom" and thick.top is not None:
                default, because = thick.top, "as at the top: a row of stones runs on even metal"
        if want.bypass and place == "top":
            default = max(default, arm_thickness_mm(want, width_top, narrow))
        if want.profile == "ellipse":
            wide = max(width_top, width_head) if place == "top" else width_bottom
            default, because = ellipse_thickness_default(limits, wide, narrow, default, because)
        thicknesses.append(ledger.number(f"shank.thickness_{place}_mm", getattr(thick, place), field, default, because))
    thickness_top, thickness_bottom = thicknesses
    ledger.choice("shank.profile", "shank.profile", "profile" in want.model_fields_set)
    base = euro_base(ledger, 0.5 * ring_size(spec.ring_size).inner_diameter_mm, thickness_bottom)
    thinnest = min(thickness_top, thickness_bottom)
    if want.profile == "ellipse":
        section = ellipse_numbers(ledger, thinnest, narrow)
    else:
        section = _section(ledger, thinnest, narrow, width_top)
    shank = Shank(
        profile=want.profile,
        width_top_mm=width_top,
        width_bottom_mm=width_bottom,
        thickness_top_mm=thickness_top,
        thickness_bottom_mm=thickness_bottom,
        outer_edge_radius_mm=section[2],
        inner_edge_radius_mm=section[3],
        comfort_rise_mm=section[1],
        crown_rise_mm=section[0],
        taper=_taper(ledger),
        width_head_mm=width_head,
        base=base,
        split=resolve_split(ledger, width_head, limits),
    )
    _check(shank, ledger, limits)
    check_bypass(ledger, shank)
    return shank


def _taper(ledger: Ledger) -> Literal["straight", "pinched", "flared"]:
    """As given; a split shank flares by itself."""
    want = ledger.spec.shank
    return "flared" if want.split and "taper" not in want.model_fields_set else want.taper


def _head_width(ledger: Ledger, width_top: float) -> float:
    """Width at the head: the shoulders' own, or what the taper makes of it."""
    want = ledger.spec.shank
    taper, given, field = _taper(ledger), want.head_width_mm, "shank.head_width_mm"
    because = "two legs need room beside the head" if want.split else "width even up to the head"
    ledger.choice("shank.taper", "shank.taper", "taper" in want.model_fields_set, because)
    if taper == "straight":
        if given is not None:
            way = "pinched" if given < width_top else "flared"
            ledger.refuse(
                field,
                "has no effect: a straight shank is as wide at the head as at its shoulders",
                value=given,
                suggestion=f"add 'taper: {way}' to the shank, or remove it",
            )
        ledger.note("shank.width_head_mm", "derived", "as at the shoulders: the taper is straight")
        return width_top
    row = setting_rule(f"taper_{taper}_share")
    least = rule("shank_width_min")
    default, because = max(down(row.value * width_top, 0.05), least), f"{row.value:g} of the shoulders: {row.because}"
    if want.split and taper == "flared" and default < rule("split_head_width"):
        default, because = rule("split_head_width"), setting_rule("split_head_width").because
    width = ledger.number("shank.width_head_mm", given, field, default, because)
    if width < least:
        ledger.refuse(
            field,
            "the shank is too narrow",
            value=width,
            limit=f"at least {mm(least)}",
            suggestion=f"use {least:g}",
        )
    elif (width < width_top) is not (taper == "pinched") or width == width_top:
        relation = "narrower" if taper == "pinched" else "wider"
        ledger.refuse(
            field if given is not None else "shank.taper",
            f"a {taper} shank is {relation} at the head than at its shoulders",
            value=width if given is not None else taper,
            limit=f"the shoulders are {mm(width_top)} wide",
            suggestion="use 'taper: straight'" + (f", or head_width_mm: {default:g}" if default != width_top else ""),
        )
    return width


def _section(ledger: Ledger, thickness: float, narrow: float, width_top: float) -> tuple[float, float, float, float]:
    """Crown rise, comfort rise, outer and inner edge radius of a section with sides, mm.

    ``thickness`` and ``narrow`` are the least thickness and width, ``width_top`` that of the shoulders.
    """
    want = ledger.spec.shank
    rise_default, rise_because = crown_rise_default(want.profile, width_top, thickness)
    crown_rise = ledger.number(
        "shank.crown_rise_mm", want.crown_rise_mm, "shank.crown_rise_mm", rise_default, rise_because
    )
    comfort_default, comfort_because = comfort_rise_default(want.profile, want.hollow)
    comfort = ledger.number(
        "shank.comfort_rise_mm", want.comfort_rise_mm, "shank.comfort_rise_mm", comfort_default, comfort_because
    )
    radii = []
    for name in ("outer_edge_radius", "inner_edge_radius"):
        default, because = edge_radius_default(want.profile, name, thickness - crown_rise - comfort, narrow)
        field = f"shank.{name}_mm"
        radii.append(ledger.number(field, getattr(want, f"{name}_mm"), field, default, because))
    return crown_rise, comfort, radii[0], radii[1]


def _check(shank: Shank, ledger: Ledger, limits: FoundryLimits) -> None:
    allowance = limits.polish_allowance_mm + limits.bore_allowance_mm
    thickness_min = max(rule("shank_thickness_min"), limits.wall_min_mm + allowance)
    for place in ("top", "bottom"):
        width = getattr(shank, f"width_{place}_mm")
        thickness = getattr(shank, f"thickness_{place}_mm")
        width_min = rule("shank_width_min")
        if width < width_min:
            ledger.refuse(
                f"shank.width_mm.{place}",
                "the shank is too narrow",
                value=width,
                limit=f"at least {mm(width_min)}",
                suggestion=f"use {up(width_min):g}",
            )
        if thickness < thickness_min - 1e-9:
            ledger.refuse(
                f"shank.thickness_mm.{place}",
                "the shank is too thin",
                value=thickness,
                limit=f"at least {mm(thickness_min)} with {limits.name}",
                suggestion=f"use {up(thickness_min):g}",
            )
    if shank.profile == "ellipse":
        check_ellipse(ledger, shank, limits)
        return
    if shank.outer_edge_radius_mm < rule("outer_edge_radius_min"):
        least = rule("outer_edge_radius_min")
        ledger.refuse(
            "shank.outer_edge_radius_mm",
            "sharper edges wash away in the investment",
            value=shank.outer_edge_radius_mm,
            limit=f"at least {least:g} mm",
            suggestion=f"use {least:g}",
        )
    taken = shank.crown_rise_mm + shank.comfort_rise_mm + shank.outer_edge_radius_mm + shank.inner_edge_radius_mm
    thinnest = min(shank.thickness_top_mm, shank.thickness_bottom_mm)
    if taken + 0.1 > thinnest:
        place = "top" if shank.thickness_top_mm <= shank.thickness_bottom_mm else "bottom"
        ledger.refuse(
            f"shank.thickness_mm.{place}",
            "crown, comfort bore and edge radii leave no side wall",
            value=thinnest,
            limit=f"more than {mm(taken + 0.1)}",
            suggestion=f"use {up(taken + 0.1):g}, or smaller edge radii",
        )
    narrow = min(shank.width_top_mm, shank.width_bottom_mm, shank.head_width)
    if shank.outer_edge_radius_mm + shank.inner_edge_radius_mm > narrow - 0.4:
        ledger.refuse(
            "shank.outer_edge_radius_mm",
            "the edge radii meet across the width",
            value=shank.outer_edge_radius_mm,
            limit=f"both radii together at most {mm(narrow - 0.4)}",
            suggestion=f"use {down(0.5 * (narrow - 0.4)):g} for each",
        )
