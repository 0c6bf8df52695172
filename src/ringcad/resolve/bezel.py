"""Bezel by derivation: wall, lip, ledge, cup and height from the stone, the metal, the finger and the profile.

Heights in messages and in ``governing_heights_mm`` are of the table above the finger (top of the bore).
"""

from __future__ import annotations

import math
from typing import Literal

from ringcad.fit import bezel_rings, bezel_section
from ringcad.resolve import bezel_wall
from ringcad.resolve.bezel_parts import MARGIN_MM, TURN_MM, clearance_mm, edge_mm, floor_mm, ledge_mm, lip_mm, wall_mm
from ringcad.resolve.cabochon import lip_on_dome_mm
from ringcad.resolve.fancy import LENGTH_MAX_MM
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.stones import check_size
from ringcad.resolved import Bezel, CenterStone, FoundryLimits, RoundStone, Shank
from ringcad.spec import BezelSpec
from ringcad.spec.values import an
from ringcad.standards import setting_rule
from ringcad.stones.girdles import Girdle, girdle_of, pavilion_rise

#: The relief under the ledge: clearly steeper than any pavilion (36 to 45 degrees), so that the ledge alone bears.
RELIEF_DEG = 62.0
#: Under a cabochon, which has none: so that the cup is no wider at its foot than it need be.
_RELIEF_UNDER_BASE_DEG = 45.0
#: The hole for light widens by this towards the finger, mm.
_LIGHT_FLARE_MM = 0.15
#: Shank that the default hole leaves on either side.
_BESIDE_LIGHT_MM = 0.5
#: The same beside the ends of a long one: the shank swells under the cup of an oval.
_BESIDE_LONG_LIGHT_MM = 0.2
#: The hole's ends turn with at least so much less than its half width.
_LEAST_BEND = 0.6
_SMALLEST_MM = 2.5
#: The collar's lower end stands at least this far above the shank's crest.
_COLLAR_OVER_SHANK_MM = 0.05
#: How much narrower than the collar the foot is at least.
_FOOT_INSIDE_MM = 0.05
#: Kept between the pavilion and the hole's edge.
_PAVILION_FREE_MM = 0.10
#: How deep the cup's foot reaches into the shank at its border.
_OVERLAP_MM = 0.30
#: Beyond the wall: what the foot is wider than the relief at its floor, so that the cup leans outward round it.
_ROUND_RELIEF_MM = -0.1
_ROUNDING = 1e-9

Governed = Literal[
    "culet_clearance", "pavilion_over_floor", "collar_over_shank", "wall_relief", "height_above_finger_mm"
]


def resolve_bezel(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits, family: str
) -> Bezel:
    """The bezel of a stone; ``family`` is the metal's. Raises :class:`SpecError` with all that does not fit."""
    want = ledger.spec.bezel or BezelSpec()
    girdle = girdle_of(stone)
    _check_cut(ledger, want, stone, girdle)
    other = "a flush stone in 'accents' of a band"
    check_size(ledger, bore_radius_mm, stone, _SMALLEST_MM, "too small for a bezel of its own", other)
    ledger.stop_on_problems()
    wall = wall_mm(ledger, want, stone, limits, family)
    play = clearance_mm(ledger, want, stone)
    ledge = ledge_mm(ledger, want, stone, wall)
    lip = (lip_on_dome_mm if stone.domed else lip_mm)(ledger, want, stone, family, play)
    taper = ledger.rule_or("bezel.taper_deg", want.taper_deg, "bezel.taper_deg", "bezel_taper_deg")
    ledger.stop_on_problems()
    edge = edge_mm(ledger, want, wall, lip)
    floor, foot = floor_mm(ledger, want, limits)
    band = bezel_wall.Wall(ledger.spec, stone, shank, bore_radius_mm)
    upright = band.upright_mm
    if want.height_above_finger_mm is not None:  # what is upright of the relief gives way to a height that is given
        below = want.height_above_finger_mm - stone.crown_height_mm - stone.girdle_mm
        upright = min(upright, below - shank.thickness_top_mm - _COLLAR_OVER_SHANK_MM)
    share = "bezel_cabochon_collar" if stone.domed else "bezel_collar_share"
    # the flat cup of a long cabochon leans far out at its ends: its collar goes by the length
    across = stone.length_mm if stone.domed and not isinstance(stone, RoundStone) else stone.diameter_mm
    collar = max(rule(share) * across, upright)
    # the foot with the rim of the hole stays inside the wall above it
    within = 0.5 * stone.diameter_mm + play + wall - collar * math.tan(math.radians(taper)) - _FOOT_INSIDE_MM
    light = _light(ledger, want, stone, shank, min(0.5 * stone.diameter_mm - ledge - 0.3, within - _rim_mm(limits)))
    ledger.stop_on_problems()
    form, light_length = _light_form(ledger, girdle, shank, light)
    row = setting_rule("bezel_relief_upright" if band.decorated else share)
    ledger.note("bezel.collar_bottom_z_mm", "default", row.because)
    opened = _open_deg(ledger, want)
    ledger.stop_on_problems()

    def body(table: float) -> Bezel:
        """The bezel whose stone has its table so high above the finger."""
        girdle_z = bore_radius_mm + table - stone.crown_height_mm - stone.girdle_mm
        foot_radius, seat_width = _foot(
            ledger, stone, limits, ledge, light, girdle_z - bore_radius_mm - floor, light_length or light
        )
        return Bezel(
            coverage=want.coverage,
            wall_thickness_mm=wall,
            lip_height_mm=lip,
            lip_thickness_mm=0.0,
            taper_deg=taper,
            edge_radius_mm=edge,
            girdle_clearance_mm=play,
            ledge_mm=ledge,
            relief_deg=_relief_deg(stone),
            collar_bottom_z_mm=girdle_z - collar,
            foot_radius_mm=foot_radius,
            foot_z_mm=bore_radius_mm + foot,
            floor_z_mm=bore_radius_mm + floor,
            light_radius_mm=light,
            light_radius_bore_mm=light + _LIGHT_FLARE_MM,
            light_share=form,
            light_half_length_mm=light_length,
            seat_width_mm=seat_width,
            open_deg=opened,
            girdle_z_mm=girdle_z,
            culet_z_mm=girdle_z - stone.pavilion_depth_mm,
            table_z_mm=bore_radius_mm + table,
            top_z_mm=girdle_z + stone.girdle_mm + lip,
            height_above_finger_mm=table,
            governed_by="height_above_finger_mm",
            governing_heights_mm={},
            culet_clearance_mm=girdle_z - stone.pavilion_depth_mm - bore_radius_mm,
        )

    deep = (0.5 * stone.diameter_mm - light) * pavilion_rise(stone)
    if girdle is not None:
        deep = bezel_rings.pavilion_over(stone, girdle, light, form)
    candidates = _candidates(ledger, want, stone, shank, limits, floor + _PAVILION_FREE_MM + deep, collar)
    if band.decorated:
        candidates["wall_relief"] = band.table_for(body, max(candidates.values()), band.wanted_mm)
        relief_least = band.table_for(body, min(candidates.values()), bezel_wall.LEAST_MM)
    else:
        relief_least = 0.0
    table, governed = _height(ledger, want, stone, limits, candidates, relief_least)
    ledger.stop_on_problems()
    bezel = body(table).model_copy(update={"governed_by": governed, "governing_heights_mm": candidates})
    bezel = bezel.model_copy(update={"band": band.of(bezel) if band.decorated else None})
    ledger.note("bezel.band", "derived", band.because)
    bezel = bezel.model_copy(update={"lip_thickness_mm": bezel_section.lip_thickness_mm(bezel, stone)})
    _notes(ledger, want)
    _check_body(ledger, bezel, bore_radius_mm, stone, shank, limits)
    ledger.stop_on_problems()
    return bezel


def _check_cut(ledger: Ledger, want: BezelSpec, stone: CenterStone, girdle: Girdle | None) -> None:
    """Refuse the stones that no wall can be laid over all round, and what is made of round bezels alone."""
    if isinstance(stone, RoundStone):
        return
    if girdle is None:
        ledger.refuse(
            "stone.cut",
            "a lip is laid over girdles that are smooth all round: at a corner it would fold",
            value=stone.cut,
            limit="round, oval, cushion, cabochon",
            suggestion="use 'cut: oval', or 'template: solitaire' for this cut in prongs",
        )
        ledger.stop_on_problems()
    if want.coverage == "half":
        ledger.refuse(
            "bezel.coverage",
            f"half bezels are made for round stones: two arcs beside {an(stone.cut)} stone would hold it by its flat "
            "sides, along which it slides",
            value="half",
            limit="full",
            suggestion="use 'coverage: full', or 'cut: round'",
        )
    if stone.length_mm > LENGTH_MAX_MM:
        ledger.refuse(
            "stone.size", "the stone is longer than a ring carries", value=mm(stone.length_mm),
            limit=f"at most {mm(LENGTH_MAX_MM)}", suggestion="use a smaller stone",
        )  # fmt: skip


def _relief_deg(stone: CenterStone) -> float:
    return _RELIEF_UNDER_BASE_DEG if stone.domed else RELIEF_DEG


def _light(ledger: Ledger, want: BezelSpec, stone: CenterStone, shank: Shank, most: float) -> float:
    """Radius of the hole under the stone, at most ``most``."""
    row = setting_rule("bezel_light_share")
    least = rule("bezel_light_min")
    given = None if want.light_diameter_mm is None else 0.5 * want.light_diameter_mm
    default, because = row.value * stone.diameter_mm, row.because
    carried = 0.5 * shank.head_width - _BESIDE_LIGHT_MM
    if carried < default:
        default, because = max(carried, least), "as wide as the shank under it carries"
    light = ledger.number("bezel.light_radius_mm", given, "bezel.light_diameter_mm", min(default, most), because)
    if given is not None and not least - _ROUNDING <= light <= most + _ROUNDING:
        ledger.refuse(
            "bezel.light_diameter_mm",
            "too small to cast and to clean through" if light < least else "the hole leaves ledge or foot no metal",
            value=want.light_diameter_mm,
            limit=f"{mm(2.0 * least)} to {mm(2.0 * most)} under this stone",
            suggestion=f"use {2.0 * least if light < least else down(2.0 * most):g}",
        )
    return light


def _light_form(ledger: Ledger, girdle: Girdle | None, shank: Shank, light: float) -> tuple[float, float]:
    """(share of the girdle's form in the hole's, half the hole's length); (0, 0) under a round stone."""
    path, longer = "bezel.light_share", "bezel.light_half_length_mm"
    if girdle is None:
        ledger.note(path, "derived", "a round hole under a round stone")
        ledger.note(longer, "derived", "a round hole is as long as it is wide")
        return 0.0, 0.0
    lengthened = girdle.half_length_mm - girdle.half_width_mm
    share, because = 1.0, "parallel to the girdle"
    bent = _LEAST_BEND * light / max(girdle.half_width_mm - girdle.least_radius_mm, 1e-6)
    carried = max(0.5 * shank.head_width - _BESIDE_LONG_LIGHT_MM - light, 0.0) / max(lengthened, 1e-6)
    for most, why in ((bent, "rounder than the girdle, so that it turns evenly at its ends"),
                      (carried, "as long as the shank under it carries")):  # fmt: skip
        if most < share:
            share, because = most, why
    ledger.note(path, "derived", because)
    ledger.note(longer, "derived", because)
    return share, light + share * lengthened


def _rim_mm(limits: FoundryLimits) -> float:
    """Floor of the cup beside the hole: a wall is left between the hole's flare and the rounding of the foot."""
    return max(rule("bezel_rim"), limits.wall_min_mm + bezel_section.FOOT_ROUND_MM + _LIGHT_FLARE_MM)


def _foot(
    ledger: Ledger,
    stone: CenterStone,
    limits: FoundryLimits,
    ledge: float,
    light: float,
    girdle_over_floor: float,
    light_length: float,
) -> tuple[float, float]:
    """(radius of the cup's foot, least width of the shank under it)."""
    wall = limits.wall_min_mm + limits.polish_allowance_mm + MARGIN_MM
    foot, because = light + _rim_mm(limits), f"the hole and its rim: {setting_rule('bezel_rim').because}"
    slope = pavilion_rise(stone)
    inner = 0.5 * stone.diameter_mm - ledge
    relief = inner - (girdle_over_floor - ledge * slope) / math.tan(math.radians(_relief_deg(stone)))
    if relief + wall + _ROUND_RELIEF_MM > foot:
        foot, because = relief + wall + _ROUND_RELIEF_MM, "a wall round the relief where it meets the floor"
    ledger.note("bezel.foot_radius_mm", "derived", because)
    ledger.note("bezel.seat_width_mm", "derived", "a wall of shank on either side of the hole")
    # under a long stone the shank is as wide as the cup's foot: no flange stands out beside it
    beside = foot + light_length - light if light_length > light else 0.0
    return foot, 2.0 * max(light_length + _LIGHT_FLARE_MM + wall, beside)


def _candidates(
    ledger: Ledger,
    want: BezelSpec,
    stone: CenterStone,
    shank: Shank,
    limits: FoundryLimits,
    over_floor: float,
    collar: float,
) -> dict[str, float]:
    """Table above the finger that each rule asks for; ``over_floor`` is what the girdle needs above it."""
    least_culet = limits.culet_clearance_min_mm
    culet = want.culet_clearance_mm
    if culet is not None:
        low = "the culet comes too near to the finger"
        ledger.at_least("bezel.culet_clearance_mm", culet, least_culet, low, f" with {limits.name}")
    given_culet = max(rule("culet_clearance"), least_culet) if culet is None else culet
    above = stone.girdle_mm + stone.crown_height_mm
    return {
        "culet_clearance": stone.depth_mm + given_culet,
        "pavilion_over_floor": over_floor + above,
        "collar_over_shank": shank.thickness_top_mm + _COLLAR_OVER_SHANK_MM + collar + above,
    }


_GOVERNED: dict[str, tuple[Governed, str]] = {
    "culet_clearance": ("culet_clearance", "the culet"),
    "pavilion_over_floor": ("pavilion_over_floor", "the pavilion over the edge of the hole under it"),
    "collar_over_shank": ("collar_over_shank", "the wall to stand clear of the shank"),
    "wall_relief": ("wall_relief", "the relief on the wall"),
}


def _height(
    ledger: Ledger,
    want: BezelSpec,
    stone: CenterStone,
    limits: FoundryLimits,
    candidates: dict[str, float],
    relief_least: float,
) -> tuple[float, Governed]:
    """(table above the finger, what governs it); a given height is added to the candidates."""
    governed = max(candidates, key=lambda name: candidates[name])
    given = want.height_above_finger_mm
    path = "bezel.height_above_finger_mm"
    if given is None:
        name, words = _GOVERNED[governed]
        ledger.note(path, "derived", f"largest of the candidates: room for {words}")
        return candidates[governed], name
    ledger.given(path, path)
    least = dict(candidates)
    if want.culet_clearance_mm is None:
        least["culet_clearance"] = stone.depth_mm + limits.culet_clearance_min_mm
    if "wall_relief" in least:
        least["wall_relief"] = relief_least
    tightest = max(least, key=lambda name: least[name])
    if given < least[tightest] - _ROUNDING:
        ledger.refuse(
            path,
            f"too low for {_GOVERNED[tightest][1]}",
            value=given,
            limit=f"at least {mm(up(least[tightest]))}",
            suggestion=f"use {up(least[tightest]):g}, or a smaller stone",
        )
    candidates["height_above_finger_mm"] = given
    return given, "height_above_finger_mm"


def _open_deg(ledger: Ledger, want: BezelSpec) -> float:
    """Azimuth of each open side."""
    if want.coverage == "full":
        if want.open_deg is not None:
            ledger.refuse(
                "bezel.open_deg",
                "has no effect: a full bezel has no open sides",
                value=want.open_deg,
                suggestion="add 'coverage: half' to the bezel, or remove it",
            )
        ledger.note("bezel.open_deg", "derived", "a full bezel has no open sides")
        return 0.0
    return float(ledger.rule_or("bezel.open_deg", want.open_deg, "bezel.open_deg", "bezel_open_deg"))


def _notes(ledger: Ledger, want: BezelSpec) -> None:
    ledger.choice("bezel.coverage", "bezel.coverage", "coverage" in want.model_fields_set, "a wall all round")
    for name in ("girdle_z_mm", "culet_z_mm", "table_z_mm", "culet_clearance_mm"):
        ledger.note(f"bezel.{name}", "derived", "the stone's proportions below the table height")
    ledger.note("bezel.top_z_mm", "derived", "the lip above the girdle")
    ledger.note("bezel.lip_thickness_mm", "derived", "wall, taper and rounding of the edge half way up the lip")
    ledger.note("bezel.relief_deg", "default", "steeper than any pavilion, so that the ledge alone bears")
    ledger.note("bezel.light_radius_bore_mm", "derived", "the hole widens by 0.15 mm towards the finger")
    ledger.note("bezel.governed_by", "derived", "the largest candidate, or the height that was given")
    ledger.note("bezel.governing_heights_mm", "derived", "table height above the finger that each rule asks for")


def _check_body(
    ledger: Ledger, bezel: Bezel, bore_radius: float, stone: CenterStone, shank: Shank, limits: FoundryLimits
) -> None:
    """The cup must be wider above than at its foot, thick enough throughout, and end inside the shank."""
    collar = bezel_section.collar_radius(bezel, stone, bezel.collar_bottom_z_mm)
    if bezel.foot_radius_mm > collar - _FOOT_INSIDE_MM + _ROUNDING:
        least = 2.0 * rule("bezel_light_min")
        ledger.refuse(
            "bezel.light_diameter_mm" if ledger.spec.bezel and ledger.spec.bezel.light_diameter_mm else "stone.size",
            "the foot would be wider than the wall above it",
            value=mm(2.0 * bezel.foot_radius_mm),
            limit=f"less than {mm(2.0 * (collar - _FOOT_INSIDE_MM))} across",
            suggestion=f"use a larger stone, or light_diameter_mm: {least:g}",
        )
        return
    girdle = girdle_of(stone)
    if girdle is None:
        thinnest, _ = bezel_section.thinnest_mm(bezel, stone, bore_radius)
    else:
        thinnest, _ = bezel_rings.thinnest_mm(bezel, stone, girdle, bore_radius)
    least = limits.wall_min_mm - TURN_MM
    if thinnest < least - _ROUNDING:
        ledger.refuse(
            "bezel.wall_thickness_mm",
            "the cup under the stone is too thin",
            value=bezel.wall_thickness_mm,
            limit=f"{mm(least)} everywhere, here {mm(thinnest)}",
            suggestion=f"use {up(bezel.wall_thickness_mm + least - thinnest):g}, or a narrower ledge_mm",
        )
    top = bore_radius + shank.thickness_top_mm
    low = bezel.foot_z_mm + _OVERLAP_MM
    reach = math.sqrt(max(top * top - low * low, 0.0))
    if bezel.foot_radius_mm > reach:
        ledger.refuse(
            "stone.size",
            "the bezel is too wide for this finger: its foot leaves the shank",
            value=mm(2.0 * bezel.foot_radius_mm),
            limit=f"at most {mm(2.0 * reach)} across at the foot",
            suggestion="use a smaller stone, a larger ring, or a smaller light_diameter_mm",
        )


def bezel_start_deg(bore_radius_mm: float, stone: CenterStone, shank: Shank, bezel: Bezel) -> float:
    """Where decoration may begin: beyond the cup on the shank and the skirt round it, whole degrees."""
    outer = bore_radius_mm + shank.thickness_top_mm
    reach = 0.0
    for radius, z in bezel_section.outline(bezel, stone, 17).tolist():
        if math.hypot(radius, z) < outer + 0.2:
            reach = max(reach, math.degrees(math.atan2(radius, z)))
    # the skirt's reach, and what the join of head and hoop keeps beyond it
    return float(math.ceil(reach + math.degrees(0.5 / bore_radius_mm) + 2.0))
