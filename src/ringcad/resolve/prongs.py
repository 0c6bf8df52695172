"""Prongs: diameters, lean, and the line of their axis from foot to girdle."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ringcad.core.errors import InputError
from ringcad.resolve.fancy import least_foot_radius_mm, mean_size_mm, nearest_prongs_mm
from ringcad.resolve.hidden_rail import hidden, rail_rule
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.pairs import check_corners, least_pair_foot_mm, pair_gap_mm, pair_stands
from ringcad.resolve.v_prongs import prong_count, rails_out_mm
from ringcad.resolved import CenterStone, FancyStone, FoundryLimits
from ringcad.stones.of_ring import least_rail_radius_mm
from ringcad.stones.placed import prong_counts

#: Kept beyond the closed form: chord error of prong and notch.
_SECTION_MARGIN_MM = 0.01
#: How many prongs a round stone can have.
_ROUND_COUNTS = (3, 4, 5, 6, 8)


@dataclass(frozen=True)
class Posts:
    """The prongs' numbers. Radii are of the axis from the head's axis, z in ring coordinates, mm."""

    style: str
    diameter_girdle_mm: float
    diameter_base_mm: float
    lean_deg: float
    radius_girdle_mm: float
    girdle_z_mm: float
    radius_foot_mm: float
    foot_z_mm: float
    notch_share: float
    girdle_clearance_mm: float
    pair_apart_mm: float = 0.0
    """Between the axes of two prongs at one place; 0 where single ones stand."""
    pair_gap_mm: float = 0.0

    def axis_radius_mm(self, z_mm: float) -> float:
        """Distance of a prong's axis from the head's axis at a height.

        Straight in a basket and above the girdle; a standing head's prong is a cubic from the crest that
        starts flatter and turns into the upper part's lean (chord angle mirrored, at most 70 deg).
        """
        lean = math.radians(self.lean_deg)
        if self.style == "basket" or z_mm >= self.girdle_z_mm:
            return self.radius_girdle_mm + math.tan(lean) * (z_mm - self.girdle_z_mm)
        across = self.radius_girdle_mm - self.radius_foot_mm
        rise = self.girdle_z_mm - self.foot_z_mm
        reach = 0.35 * math.hypot(across, rise)
        steep = math.radians(min(70.0, 2.0 * math.degrees(math.atan2(across, rise)) - self.lean_deg))
        radii = (
            self.radius_foot_mm,
            self.radius_foot_mm + reach * math.sin(steep),
            self.radius_girdle_mm - reach * math.sin(lean),
            self.radius_girdle_mm,
        )
        heights = (
            self.foot_z_mm,
            self.foot_z_mm + reach * math.cos(steep),
            self.girdle_z_mm - reach * math.cos(lean),
            self.girdle_z_mm,
        )
        low, high = 0.0, 1.0
        for _ in range(60):  # height grows along the curve, so bisection finds the parameter
            middle = 0.5 * (low + high)
            if _cubic(heights, middle) < z_mm:
                low = middle
            else:
                high = middle
        return _cubic(radii, 0.5 * (low + high))

    def radius_mm(self, z_mm: float) -> float:
        """Radius of the prong itself at a height between foot and girdle: linear taper."""
        share = (z_mm - self.foot_z_mm) / (self.girdle_z_mm - self.foot_z_mm)
        share = min(max(share, 0.0), 1.0)
        return 0.5 * (self.diameter_base_mm + (self.diameter_girdle_mm - self.diameter_base_mm) * share)


def _cubic(poles: tuple[float, float, float, float], t: float) -> float:
    s = 1.0 - t
    return s**3 * poles[0] + 3.0 * s * s * t * poles[1] + 3.0 * s * t * t * poles[2] + t**3 * poles[3]


def _usual_lean(ledger: Ledger, lean_least_deg: float = 0.0) -> float:
    """Lean as given, or the rule's: the steepest that a default prong takes, degrees."""
    want = ledger.spec.head
    if want.prong_lean_deg is not None:
        return want.prong_lean_deg
    return max(rule("prong_lean_basket" if want.style == "basket" else "prong_lean_stand"), lean_least_deg)


def _left_by_notch(ledger: Ledger, lean_least_deg: float = 0.0) -> float:
    """Share of the prong's diameter that the notch leaves, square to a prong that leans.

    The girdle reaches to (1/2 - share) x diameter inside the axis, measured level; square to the prong
    that is shorter by the cosine of its lean, and the outer half stays whole.
    """
    share = ledger.spec.head.notch_share
    share = rule("notch_share_default") if share is None else min(share, rule("notch_share_max"))
    return 0.5 + (0.5 - share) * math.cos(math.radians(_usual_lean(ledger, lean_least_deg)))


def _diameters(ledger: Ledger, stone: CenterStone, limits: FoundryLimits, lean_least_deg: float) -> tuple[float, float]:
    want = ledger.spec.head
    size = mean_size_mm(stone)
    default = rule("prong_diameter_base") + rule("prong_diameter_slope") * size
    default = min(max(default, rule("prong_diameter_min")), rule("prong_diameter_max"))
    because = "0.83 + 0.053 x stone diameter, 1.0 to 1.6 mm (76 catalogue rings)"
    count = prong_count(ledger, stone)
    if count >= 6:
        default *= rule("prong_six_factor")
        because += ", six prongs or more x 0.9"
    elif hidden(ledger) is not None:
        default *= rule("hidden_prong_factor")
        because += f", x {rule('hidden_prong_factor'):g} over a hidden halo"
    if want.prong_pairs:
        default *= rule("pair_prong_factor")
        because += f", x {rule('pair_prong_factor'):g} in pairs"
    left = _left_by_notch(ledger, lean_least_deg)
    least = (limits.prong_min_mm + _SECTION_MARGIN_MM) / left
    if default < least:
        default, because = up(least), f"so that the notch leaves {mm(limits.prong_min_mm)} ({limits.name})"
    diameter = ledger.number(
        "head.prong_diameter_girdle_mm", want.prong_diameter_mm, "head.prong_diameter_mm", default, because
    )
    if diameter < least:
        hint = f"use {up(least):g}"
        share = (
            0.5
            - (limits.prong_min_mm / diameter - 0.5) / math.cos(math.radians(_usual_lean(ledger, lean_least_deg)))
            - 0.01
        )
        if want.notch_share is not None and share >= 0.1:
            hint += f", or head.notch_share: {math.floor(100 * share) / 100:g}"
        ledger.refuse(
            "head.prong_diameter_mm",
            "the prongs are too thin where the girdle enters them",
            value=diameter,
            limit=f"at least {mm(up(least))}, of which the notch leaves {mm(limits.prong_min_mm)} ({limits.name})",
            suggestion=hint,
        )
    base = ledger.number(
        "head.prong_diameter_base_mm",
        want.prong_base_diameter_mm,
        "head.prong_base_diameter_mm",
        diameter + rule(rail_rule(ledger, "prong_base_extra", "prong_base_extra")),
        f"{rule(rail_rule(ledger, 'prong_base_extra', 'prong_base_extra')):g} mm thicker than at the girdle",
    )
    if want.prong_pairs and want.prong_base_diameter_mm is None:
        base = diameter + rule("pair_base_extra")
        ledger.note("head.prong_diameter_base_mm", "derived", "hardly thicker, so that the gap of a pair stays open")
    if base < diameter:
        ledger.refuse(
            "head.prong_base_diameter_mm",
            "a prong is not thinner at its foot than at the girdle",
            value=base,
            limit=f"at least {mm(diameter)}",
            suggestion=f"use {up(diameter):g}",
        )
    return diameter, base


def resolve_posts(
    ledger: Ledger,
    stone: CenterStone,
    limits: FoundryLimits,
    girdle_z: float,
    base_bottom_z: float,
    shank_top_z: float,
    lean_least_deg: float = 0.0,
) -> Posts:
    """Prongs for a girdle at ``girdle_z``; problems are noted in the ledger.

    ``lean_least_deg`` is what prongs of a basket lean at least where no lean was given.
    """
    want = ledger.spec.head
    diameter, base = _diameters(ledger, stone, limits, lean_least_deg)
    share = ledger.rule_or("head.notch_share", want.notch_share, "head.notch_share", "notch_share_default")
    clearance = ledger.rule_or(
        "head.girdle_clearance_mm", want.girdle_clearance_mm, "head.girdle_clearance_mm", "notch_clearance"
    )
    if share > rule("notch_share_max"):
        ledger.refuse(
            "head.notch_share",
            "the girdle would cut too deep into the prongs",
            value=share,
            limit=f"at most {rule('notch_share_max'):g} of the prong, {rule('notch_share_warn'):g} advised",
            suggestion=f"use {rule('notch_share_default'):g}",
        )
    count = prong_count(ledger, stone)
    gap = pair_gap_mm(ledger, limits)
    apart = base + gap if want.prong_pairs else 0.0
    around = nearest_prongs_mm(stone, count) - apart
    if base > 0.8 * around:
        ledger.refuse(
            "head.prong_diameter_mm",
            "the prongs leave no light between them",
            value=diameter,
            limit=f"at most {mm(0.8 * around - (base - diameter))} with {count} prongs",
            suggestion="leave out head.prong_pairs, or use a larger stone"
            if apart
            else _more_light(ledger, stone, limits, count, diameter, base),
        )
    radius = 0.5 * stone.diameter_mm + clearance - share * diameter + 0.5 * diameter
    because = "the girdle enters the prong by notch_share of its diameter"
    if (out := rails_out_mm(stone, count)) > 0.0:
        radius += out
        because = "as round prongs would stand, farther out by rails that clear the pavilion; posts stand under points"
    ledger.note("head.prong_axis_radius_girdle_mm", "derived", because)
    if apart:
        check_corners(ledger, stone, apart)
    pairs = pair_stands(stone, radius, apart) if apart else ()
    if want.style == "basket":
        # the base rail must find room inside the feet
        inside = rule("rail_inner_radius_min") + (1.0 - rule("rail_swallowed_share")) * limits.rail_min_mm
        least = max(rule("prong_foot_radius_min"), inside + 0.5 * base)
        least = max(least, least_foot_radius_mm(stone, count, base), _foot_over_rail_mm(ledger, stone, limits, base))
        least = max(least, least_pair_foot_mm(pairs, base))
        lean, foot_radius, foot_z = _basket_foot(ledger, radius, girdle_z, base_bottom_z, least, lean_least_deg)
    else:
        lean, foot_radius, foot_z = _stand_foot(ledger, stone, radius, girdle_z, shank_top_z)
    return Posts(want.style, diameter, base, lean, radius, girdle_z, foot_radius, foot_z, share, clearance, apart, gap)


def _more_light(
    ledger: Ledger, stone: CenterStone, limits: FoundryLimits, count: int, diameter: float, base: float
) -> str:
    """The smallest change that leaves light between prongs: thinner, where the metal allows, fewer, a larger stone."""
    around = nearest_prongs_mm(stone, count)
    thinner = down(0.8 * around - (base - diameter))
    if thinner >= (limits.prong_min_mm + _SECTION_MARGIN_MM) / _left_by_notch(ledger):
        return f"use {thinner:g}"
    counts = prong_counts(stone.cut) if isinstance(stone, FancyStone) else _ROUND_COUNTS
    for fewer in sorted((other for other in counts if other < count), reverse=True):
        if base <= 0.8 * nearest_prongs_mm(stone, fewer):
            return f"use 'prongs: {fewer}'"
    wider = up(stone.diameter_mm * base / (0.8 * around), 0.1)
    return f"use a larger stone, from about {wider:g} mm of width on"


def _foot_over_rail_mm(ledger: Ledger, stone: CenterStone, limits: FoundryLimits, base: float) -> float:
    """Least radius of the feet at which a base rail inside them still finds a path under a narrow stone, mm."""
    width = ledger.spec.gallery.base_rail_width_mm or max(rule("base_rail_width"), limits.rail_min_mm)
    try:
        middle = least_rail_radius_mm(stone, width)
    except InputError:
        return 0.0  # no rail at all fits; the rails' own check says so
    return middle + 0.5 * base + (0.5 - rule("rail_swallowed_share")) * width if middle > 0.0 else 0.0


def _basket_foot(
    ledger: Ledger, radius: float, girdle_z: float, bottom_z: float, least: float, lean_least_deg: float
) -> tuple[float, float, float]:
    """(lean, foot radius, foot z): straight prongs that stand in the base rail."""
    foot_z = bottom_z + rule("basket_foot_lift")
    height = girdle_z - foot_z
    given = ledger.spec.head.prong_lean_deg
    lean = ledger.rule_or("head.prong_lean_deg", given, "head.prong_lean_deg", "prong_lean_basket")
    if given is None and lean_least_deg > lean:
        lean = lean_least_deg
        ledger.note("head.prong_lean_deg", "derived", "so that the base rail under a wide stone meets the shank")
    foot = radius - math.tan(math.radians(lean)) * height
    steepest = math.degrees(math.atan2(max(radius - least, 0.0), height))
    if foot < least and given is None:
        lean, foot = steepest, radius - math.tan(math.radians(steepest)) * height
        ledger.note("head.prong_lean_deg", "derived", f"so that the feet stay {mm(least)} from the axis")
    elif foot < least:
        ledger.refuse(
            "head.prong_lean_deg",
            "the prongs' feet come too close together",
            value=given,
            limit=f"at most {steepest:.1f} deg at this height",
            suggestion=f"use {math.floor(10 * steepest) / 10:g}",
        )
    ledger.note("head.prong_foot_radius_mm", "derived", "follows the lean from the girdle down")
    ledger.note("head.prong_foot_z_mm", "derived", "just above the underside of the base rail")
    return lean, foot, foot_z


def _stand_foot(
    ledger: Ledger, stone: CenterStone, radius: float, girdle_z: float, shank_top_z: float
) -> tuple[float, float, float]:
    """(lean, foot radius, foot z): prongs that meet on the crest of the shank."""
    foot_z = shank_top_z - rule("stand_foot_depth")
    foot = rule("stand_foot_radius_base") + rule("stand_foot_radius_slope") * stone.diameter_mm
    foot = min(foot, 1.3)
    height = girdle_z - foot_z
    given = ledger.spec.head.prong_lean_deg
    lean = ledger.rule_or("head.prong_lean_deg", given, "head.prong_lean_deg", "prong_lean_stand")
    chord = math.degrees(math.atan2(max(radius - foot, 0.0), height))
    if lean > chord and given is None:
        lean = chord
        ledger.note("head.prong_lean_deg", "derived", "straight from the crest to the girdle")
    elif lean > chord:
        ledger.refuse(
            "head.prong_lean_deg",
            "leans more than the line from the crest to the girdle",
            value=given,
            limit=f"at most {chord:.1f} deg at this height",
            suggestion=f"use {math.floor(10 * chord) / 10:g}",
        )
    ledger.note("head.prong_foot_radius_mm", "default", "prongs meet on the crest: neck of about 3.2 mm")
    ledger.note("head.prong_foot_z_mm", "derived", "half a millimetre inside the shank")
    return lean, foot, foot_z
