"""A row of stones between shared prongs on a low limb: what it asks of the shank, its prongs, scallops and seats.

Closed forms. In the plane of a girdle of radius ``R``, ``r`` from the finger axis and tilted by half the pitch against
the radius on which the prongs stand, a prong's axis is ``r tan(pitch / 2)`` along the row and ``y`` across it from the
stone's axis; its section there is an ellipse, longer along the row by ``1 / cos(pitch / 2)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.row import (
    HALF_DEG,
    STONE_STEP_MM,
    WIDTH_STEP_MM,
    RowWords,
    Stretch,
    check_request,
    distance_mm,
    least_gap_mm,
    note_request,
    pitch_for_deg,
    runs_all_round,
    scaled,
    shared_out,
)
from ringcad.resolve.seat_sides import fall_mm
from ringcad.resolve.shank import RowNeeds, resolve_shank
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import FlushSeat, FoundryLimits, RoundStone, Shank, SharedProngAccent
from ringcad.spec import Accent

WORDS = RowWords("a row of shared prongs", "an even, broad top", (1.0, 5.0), ("flat", "d", "comfort_d", "soft_cushion"))
#: Kept beyond a wall: chord error of two faces, and what the edges of the bore take.
_WALL_MARGIN_MM = 0.06
#: Kept beyond the least gap between the two prongs of a pair.
_PAIR_MARGIN_MM = 0.02
#: Prongs of small stones grow in these steps, up to this many.
_PRONG_STEP_MM, _PRONG_STEPS = 0.05, 6
#: The limb is plain from here on beyond the last prong, mm.
_END_MM = 0.3
#: Rules of a prong's diameter by the stone that they hold from, mm.
_PRONGS = ((2.5, "shared_prong_2_5"), (1.7, "shared_prong_1_7"), (1.5, "shared_prong_1_5"), (1.2, "shared_prong_1_2"))
_LINEAR_FROM_MM = 3.0


@dataclass(frozen=True)
class Prongs:
    """Prongs between two stones, mm."""

    diameter: float
    y: float
    cover: float
    clearance: float
    pair_gap: float


def table_diameter_mm(size_mm: float) -> float:
    """Diameter of a shared prong by the tables."""
    if size_mm >= _LINEAR_FROM_MM:
        return rule("shared_prong_base") + rule("shared_prong_slope") * size_mm
    return rule(next((name for least, name in _PRONGS if size_mm >= least - 1e-9), "shared_prong_small"))


def prongs(stone: RoundStone, limits: FoundryLimits, girdle_radius_mm: float, pitch_deg: float) -> Prongs:
    """Where the prongs stand for a pitch.

    Each stands over the girdles as far as the tables allow; a pair that would be too near each other stands farther
    out, and where that covers too little, prongs grow thicker.
    """
    half = math.radians(0.5 * pitch_deg)
    along, radius = girdle_radius_mm * math.tan(half), 0.5 * stone.diameter_mm
    clearance = min(rule("shared_clearance_share") * stone.diameter_mm, rule("shared_clearance_max"))
    run = 0.5 * (stone.diameter_mm - stone.table_diameter_mm)
    diameter = table_diameter_mm(stone.diameter_mm)
    for step in range(_PRONG_STEPS + 1):
        wide = diameter + step * _PRONG_STEP_MM
        most = min(rule("shared_notch_share") * wide - clearance, rule("shared_cover_share") * run)
        y = _across(along, half, radius, wide, most)
        least = 0.5 * (wide + limits.gap_min_mm + _PAIR_MARGIN_MM)
        cover = most
        if y < least:
            y = least
            cover = radius + _reach(along, half, y, wide) - math.hypot(along, y)
        if cover >= min(rule("shared_cover_min") * run, most) - 1e-9:
            break
    return Prongs(wide, y, cover, clearance, 2.0 * y - wide)


def _reach(along: float, half: float, y: float, wide: float) -> float:
    """How far a prong's section reaches towards a stone's axis in its girdle's plane."""
    turn = math.atan2(y, along)
    return 0.5 * wide * math.hypot(math.cos(turn) / math.cos(half), math.sin(turn))


def _across(along: float, half: float, radius: float, wide: float, cover: float) -> float:
    """From mid-width to the axis of a prong that stands over the girdle by ``cover``."""
    y = 0.5 * wide
    for _ in range(20):
        away = radius + _reach(along, half, y, wide) - cover
        y = math.sqrt(max(away**2 - along**2, 1e-6))
    return y


def girdle_over_crest_mm(stone: RoundStone, limits: FoundryLimits, gap_mm: float) -> float:
    """How far girdles stand over the limb: in proportion, and so that metal that can be cast is left between seats."""
    share = rule("shared_girdle_rise_share") * stone.diameter_mm
    found = min(max(share, rule("shared_girdle_rise_min")), rule("shared_girdle_rise_max"))
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    saddle = 0.5 * (limits.detail_min_mm + _WALL_MARGIN_MM - gap_mm) * slope
    return up(max(found, saddle), 0.01)


def _pavilion_mm(stone: RoundStone) -> float:
    return stone.depth_mm - stone.crown_height_mm - stone.girdle_mm


def _rail_needed_mm(shank: Shank | None, limits: FoundryLimits) -> float:
    """Metal that is kept between a scallop's floor and the bore."""
    comfort = rule("comfort_rise") if shank is None else shank.comfort_rise_mm
    return limits.wall_min_mm + comfort + _WALL_MARGIN_MM


def thickness_needed_mm(
    stone: RoundStone, limits: FoundryLimits, gap_mm: float, shank: Shank | None, *, usual: bool
) -> tuple[float, str]:
    """Thickness of the limb under its crest, and what asks for it; ``usual`` or the least that there can be."""
    over = girdle_over_crest_mm(stone, limits, gap_mm)
    culet = rule("culet_clearance") if usual else limits.culet_clearance_min_mm
    wants = [(_pavilion_mm(stone) + culet - over, f"the stone's depth and {mm(culet)} from culet to finger")]
    rail = _rail_needed_mm(shank, limits)
    wants.append((rail + rule("shared_girdle_rise_min"), f"a rail of {mm(rail)} under the scallops"))
    if usual:
        wants.append(
            (rule("eternity_thickness") - over, "girdles as high over the finger as an eternity band is thick")
        )
    return max(wants)


def _width_needed_mm(stone: RoundStone, limits: FoundryLimits, held: Prongs) -> tuple[float, str]:
    span = 2.0 * held.y + held.diameter + 2.0 * rule("shared_prong_inside")
    window = max(rule("shared_pilot_min") + _WALL_MARGIN_MM, rule("shared_pilot_want") * stone.diameter_mm)
    wants = [
        (span, f"two prongs of {mm(held.diameter)} on either side of mid-width"),
        (rule("shared_width_share") * stone.diameter_mm, "0.85 of the stone"),
        (2.0 * (limits.wall_min_mm + _WALL_MARGIN_MM) + window, f"two walls of {mm(limits.wall_min_mm)} and a window"),
    ]
    return max(wants)


def _stretch(stone: RoundStone, girdle_radius: float, crest_radius: float, gap: float, all_round: bool) -> Stretch:
    """Where the row runs and what each of its stones takes: half a gap on either side, with the prongs in it."""
    least = pitch_for_deg(girdle_radius, 0.5 * stone.diameter_mm, gap)
    end = math.degrees(0.5 * table_diameter_mm(stone.diameter_mm) / crest_radius)
    room = 360.0 if all_round else 2.0 * (HALF_DEG - end)
    diameter = stone.diameter_mm
    words, most = f"{mm(gap)} between them", WORDS.stones_mm[1]
    widest = gap + rule("shared_gap_spread") * diameter
    return Stretch(diameter, girdle_radius, all_round, room, least, words, 0, most, widest)


def row_shank(ledger: Ledger, limits: FoundryLimits, bore_radius_mm: float) -> Shank | None:
    """The shank of a ring that is made round shared prongs: what is not given follows the stones."""
    want = ledger.spec.accents[0]
    stone = resolve_stone(want.stone, ledger, "accents.0.stone", "accents.0.stone")
    if stone is None:
        return None
    silent = Ledger(ledger.spec)
    gap = least_gap_mm(silent, "accents.0", want)
    thickness, because = thickness_needed_mm(stone, limits, gap, None, usual=True)
    thickness = up(thickness, 0.05)
    given = ledger.spec.shank.thickness_mm.top
    crest = bore_radius_mm + (thickness if given is None else given)
    girdle = crest + girdle_over_crest_mm(stone, limits, gap)
    stretch = _stretch(stone, girdle, crest, gap, runs_all_round(want))
    pitch, _, _ = shared_out(silent, "accents.0", want, stretch, lambda _: "")
    width, words = _width_needed_mm(stone, limits, prongs(stone, limits, girdle, pitch))
    return resolve_shank(ledger, limits, RowNeeds(up(width, WIDTH_STEP_MM), words, thickness, because))


def resolve_shared_prongs(
    ledger: Ledger, bore_radius_mm: float, shank: Shank, limits: FoundryLimits, want: Accent, stone: RoundStone
) -> SharedProngAccent:
    """The one row of a ring of shared prongs; problems are noted in the ledger."""
    field = path = "accents.0"
    check_request(ledger, field, want, shank, stone, WORDS)
    refused = len(ledger.problems) > 0
    for index, zone in enumerate(ledger.spec.decoration):
        ledger.refuse(
            f"decoration.{index}.region",
            f"{WORDS.name} leaves no even skin beside it for a decoration",
            value=ledger.spec.region_of(zone),
            suggestion="remove the decoration, or use 'setting: channel'",
        )
    least_gap, all_round = least_gap_mm(ledger, field, want), runs_all_round(want)
    thickness, width = shank.thickness_top_mm, shank.width_top_mm
    over = girdle_over_crest_mm(stone, limits, least_gap)
    crest, girdle = bore_radius_mm + thickness, bore_radius_mm + thickness + over
    stretch = _stretch(stone, girdle, crest, least_gap, all_round)
    pitch, count, spread = shared_out(
        ledger, field, want, stretch,
        lambda number: _other_ways(stone, limits, girdle, crest, least_gap, number, all_round),
    )  # fmt: skip
    held = prongs(stone, limits, girdle, pitch)
    half = math.radians(0.5 * pitch)
    window = _window_mm(stone, limits, bore_radius_mm, width, pitch)
    if not refused:  # of a stone that is none of such a row they would say nothing that holds
        _check_thickness(ledger, limits, field, shank, stone, least_gap)
        _check_width(ledger, limits, shank, stone, held, window)
    depth = min(
        rule("shared_scallop_share") * thickness,
        rule("shared_scallop_stone_share") * stone.diameter_mm,
        thickness - _rail_needed_mm(shank, limits),
    )
    column = 0.5 * held.diameter + rule("shared_column_beside")
    dome = rule("shared_dome_share") * held.diameter
    straight = max(
        stone.crown_height_mm + rule("shared_tip_over_table") - dome,
        rule("shared_straight_min") * stone.crown_height_mm,
    )
    first = -0.5 * (count - 1) * pitch
    last_prong = 0.5 * count * pitch
    _note(ledger, path, field, want, spread, held)
    return SharedProngAccent(
        stone=stone,
        seats=tuple(FlushSeat(id=f"shared_0_{k}", phi_deg=first + k * pitch, y_mm=0.0) for k in range(count)),
        all_round=all_round,
        end_deg=180.0 if all_round else last_prong + math.degrees((0.5 * held.diameter + _END_MM) / crest),
        pitch_deg=pitch,
        gap_mm=distance_mm(girdle, 0.5 * stone.diameter_mm, pitch),
        girdle_over_crest_mm=over,
        table_depth_mm=-(over + stone.girdle_mm + stone.crown_height_mm),
        prong_diameter_mm=held.diameter,
        prong_y_mm=held.y,
        prong_rise_mm=(girdle + stone.girdle_mm + straight + dome) / math.cos(half) - crest,
        prong_straight_mm=straight,
        dome_mm=dome,
        prong_foot_mm=rule("shared_foot")
        + fall_mm(shank, min(held.y + 0.5 * held.diameter, 0.5 * width), width, thickness),
        pair_gap_mm=held.pair_gap,
        cover_mm=held.cover,
        girdle_clearance_mm=held.clearance,
        notch_share=(held.cover + held.clearance) / held.diameter,
        scallop_half_mm=(crest * math.sin(half) - column) / math.cos(half),
        scallop_depth_mm=depth,
        rail_mm=thickness - depth,
        pilot_diameter_mm=window,
        side_mm=0.5 * (width - window),
        bar_mm=distance_mm(bore_radius_mm, 0.5 * window, pitch),
    )


def _window_mm(stone: RoundStone, limits: FoundryLimits, bore_radius: float, width: float, pitch: float) -> float:
    """Diameter of the opening under each stone: what walls and bars leave of half the stone."""
    half = math.radians(0.5 * pitch)
    between = (2.0 * bore_radius * math.sin(half) - rule("channel_bar_min") - _WALL_MARGIN_MM) / math.cos(half)
    beside = width - 2.0 * (limits.wall_min_mm + _WALL_MARGIN_MM)
    return min(rule("shared_pilot_share") * stone.diameter_mm, between, beside)


def _check_thickness(
    ledger: Ledger, limits: FoundryLimits, field: str, shank: Shank, stone: RoundStone, gap: float
) -> None:
    needed, words = thickness_needed_mm(stone, limits, gap, shank, usual=False)
    if shank.thickness_top_mm >= needed - 1e-9:
        return
    size = down(stone.diameter_mm - 1e-6, STONE_STEP_MM)
    while size >= WORDS.stones_mm[0] and (
        thickness_needed_mm(scaled(stone, size), limits, gap, shank, usual=False)[0] > shank.thickness_top_mm
    ):
        size = down(size - STONE_STEP_MM, STONE_STEP_MM)
    hint = f"use shank.thickness_mm: {up(needed, 0.05):g}"
    if size >= WORDS.stones_mm[0]:
        hint += f", or stones of {size:g} mm"
    ledger.refuse(
        f"{field}.stone.size",
        "too deep for the shank",
        value=mm(stone.diameter_mm),
        limit=f"{words}: {mm(needed)} of metal under the crest, here {mm(shank.thickness_top_mm)}",
        suggestion=hint,
    )


def _check_width(
    ledger: Ledger, limits: FoundryLimits, shank: Shank, stone: RoundStone, held: Prongs, window: float
) -> None:
    width = shank.width_top_mm
    if abs(width - shank.width_bottom_mm) > 1e-9:
        ledger.refuse(
            "shank.width_mm.bottom",
            f"{WORDS.name} runs round a shank of even width",
            value=shank.width_bottom_mm,
            limit=f"as at the top, {mm(width)}",
            suggestion=f"use {width:g}",
        )
    span = 2.0 * held.y + held.diameter + 2.0 * rule("shared_prong_inside")
    walls = 2.0 * (limits.wall_min_mm + _WALL_MARGIN_MM) + rule("shared_pilot_min")
    if width < span - 1e-9 or window < rule("shared_pilot_min") - 1e-9:
        words = "the limb is too narrow for the prongs" if width < span else "the limb is too narrow for its windows"
        ledger.refuse(
            "shank.width_mm",
            words,
            value=width,
            limit=f"prongs to {mm(span)}, two walls of {mm(limits.wall_min_mm)} and a window of at least "
            f"{mm(rule('shared_pilot_min'))}",
            suggestion=f"use {up(max(span, walls), WIDTH_STEP_MM):g}",
        )


def _other_ways(
    stone: RoundStone, limits: FoundryLimits, girdle: float, crest: float, gap: float, count: int, all_round: bool
) -> str:
    """The largest stone with which a number of stones is sure to fit."""

    def fits(size: float, wider: float) -> bool:
        other = scaled(stone, size)
        radius = crest + wider + girdle_over_crest_mm(other, limits, gap)
        return _stretch(other, radius, crest + wider, gap, all_round).most >= count

    hint = ""
    sizes = np.arange(down(stone.diameter_mm - 1e-6, STONE_STEP_MM), WORDS.stones_mm[0] - 1e-9, -STONE_STEP_MM)
    size = next((float(value) for value in sizes if fits(float(value), 0.0)), None)
    if size is not None:
        # thinner limbs of smaller stones lie nearer to the finger: the next smaller size is sure to fit
        hint += f", or stones of {max(down(size - STONE_STEP_MM, STONE_STEP_MM), WORDS.stones_mm[0]):g} mm"
    return hint


def _note(ledger: Ledger, path: str, field: str, want: Accent, spread: str, held: Prongs) -> None:
    note_request(ledger, path, field, want, spread, WORDS)
    reasons = {
        "end_deg": "beyond the last pair of prongs",
        "girdle_over_crest_mm": "0.08 of the stone, 0.12 to 0.30, and metal between the seats that can be cast",
        "table_depth_mm": "girdle over the crest, girdle and crown",
        "prong_y_mm": "so that a prong stands over both girdles as far as it may",
        "prong_rise_mm": "tip 0.05 mm over the table, as catalogue beads between stones",
        "prong_straight_mm": "what the rounded tip leaves; 0.55 of the crown at least",
        "dome_mm": "a quarter of the prong's diameter",
        "prong_foot_mm": "so that limb and prong are one solid",
        "pair_gap_mm": "what is left between the two prongs of a pair; at least the foundry's gap",
        "cover_mm": "a quarter of the prong with the girdle's play, at most 0.40 of the crown (GIA 30 to 50 %)",
        "girdle_clearance_mm": "1 % of the stone, at most 0.03 mm",
        "notch_share": "Professional Jeweler: at most 25 % of a shared prong",
        "scallop_half_mm": "columns under the prongs are 0.05 mm wider than these on either side",
        "scallop_depth_mm": "0.40 of the limb's height, half the stone at most; a full wall stays under it",
        "rail_mm": "the limb less the scallop",
        "pilot_diameter_mm": "half the stone, or what walls and bars beside it leave",
        "side_mm": "the limb's width less the opening",
        "bar_mm": "pitch at the bore less the opening",
    }
    for name, because in reasons.items():
        ledger.note(f"{path}.{name}", "derived", because)
    tables = "JewelCraft's prongs by stone size, from 3 mm on 0.65 + 0.07 x stone"
    thicker = held.diameter > table_diameter_mm(_size(want)) + 1e-9 if _size(want) else False
    ledger.note(
        f"{path}.prong_diameter_mm",
        "default",
        tables + (", thicker so that pairs stand apart and cover enough" if thicker else ""),
    )


def _size(want: Accent) -> float:
    """Diameter as written, in mm; 0 where it is a weight."""
    number, _, unit = want.stone.size.partition(" ")
    return float(number) if unit == "mm" else 0.0
