"""A row of stones in a channel: what it asks of the shank, how many stand in it, and its seat in numbers."""

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
from ringcad.resolve.seat_sides import border_width_mm, fall_mm, half_width_mm
from ringcad.resolve.shank import RowNeeds, resolve_shank, thickness_at_mm, width_at_mm
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import ChannelAccent, Decoration, FlushSeat, FoundryLimits, RoundStone, Shank
from ringcad.spec import Accent
from ringcad.spec.models import TopBottom

#: Kept beyond the wall under a seat: chord error of bore and seat, and the comfort bore.
_WALL_MARGIN_MM = 0.05
#: Channels are made for stones between these sizes, in sections whose crest runs evenly round the finger and is broad
#: enough for two walls; smaller and larger stones are set otherwise.
WORDS = RowWords("a channel", "an even, broad top", (0.8, 4.0), ("flat", "d", "comfort_d", "soft_cushion"))
#: Where the tops of the walls are judged beside the slot, and how far they may fall there below the crest, mm.
_RIM_AT_MM, _LEVEL_MM = 0.12, 0.03
#: A large stone has thicker walls from this size on, mm.
_LARGE_MM = 2.5
#: Least width of a border that holds one strand and a gap beside it, in least details.
_BORDER_DETAILS = 2.0


@dataclass(frozen=True)
class Seating:
    """Depths below the crest and radii of one channel seat, mm."""

    half_slot: float
    bearing: float
    pilot: float
    table: float
    girdle: float
    """Of the girdle's lower edge."""
    floor: float
    bearing_low: float
    culet: float


def seating(stone: RoundStone, shank: Shank, width_mm: float, height_mm: float) -> Seating:
    """Seat of a stone in the channel of a shank of this width and thickness."""
    diameter = stone.diameter_mm
    half = 0.5 * rule("channel_width_share") * diameter
    bearing, pilot = 0.5 * rule("channel_bearing_share") * diameter, 0.5 * rule("channel_pilot_share") * diameter
    falls = fall_mm(shank, half + _RIM_AT_MM, width_mm, height_mm)
    table = rule("channel_table_depth") + max(falls - _LEVEL_MM, 0.0)
    girdle = table + stone.crown_height_mm + stone.girdle_mm
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    return Seating(
        half_slot=half,
        bearing=bearing,
        pilot=pilot,
        table=table,
        girdle=girdle,
        floor=girdle + (0.5 * diameter - bearing) * slope,
        bearing_low=girdle + (0.5 * diameter - pilot) * slope,
        culet=table + stone.depth_mm,
    )


def wall_mm(stone: RoundStone, limits: FoundryLimits) -> tuple[float, str]:
    """What each wall of a channel should have at the girdles, and why."""
    large = stone.diameter_mm >= _LARGE_MM
    wanted = rule("channel_wall_large" if large else "channel_wall")
    if limits.wall_min_mm > wanted:
        return limits.wall_min_mm, f"least structural wall of {limits.name}"
    return wanted, f"walls of a channel for stones {'from' if large else 'under'} {_LARGE_MM:g} mm"


def wall_left_mm(shank: Shank, seat: Seating, width_mm: float, height_mm: float) -> float:
    """Metal between slot and side where the girdles lie and at the slot's floor, the thinner."""
    levels = (seat.table + 0.8 * (seat.girdle - seat.table), seat.floor)
    return min(half_width_mm(shank, level, width_mm, height_mm) for level in levels) - seat.half_slot


def row_shank(ledger: Ledger, limits: FoundryLimits) -> Shank | None:
    """The shank of a ring that is made round a channel: what is not given follows the stones. Problems are noted."""
    want = ledger.spec.accents[0]
    stone = resolve_stone(want.stone, ledger, "accents.0.stone", "accents.0.stone")
    if stone is None:
        return None
    wall, because = wall_mm(stone, limits)
    slot = rule("channel_width_share") * stone.diameter_mm
    side, width_because = wall, f"slot of {slot:.2f} mm and two {because}"
    if ledger.spec.decoration and rule("channel_border") > wall:
        side, width_because = rule("channel_border"), f"slot of {slot:.2f} mm and two decorated borders"
    width = up(slot + 2.0 * side, WIDTH_STEP_MM)
    thickness = rule("eternity_thickness")
    for _ in range(30):  # each step is a tenth of width or a twentieth of thickness; a few are taken
        needs = RowNeeds(width, width_because, thickness, "an eternity band, or what its stones' depth asks for")
        shank = resolve_shank(trial := Ledger(ledger.spec), limits, needs)
        if trial.problems:
            break
        seat = seating(stone, shank, shank.width_top_mm, shank.thickness_top_mm)
        deep = depth_needed_mm(seat, limits)[0]
        narrow = wall_left_mm(shank, seat, shank.width_top_mm, shank.thickness_top_mm) < wall
        if deep > thickness and ledger.spec.shank.thickness_mm.top is None:
            thickness = up(deep, 0.05)
        elif narrow and ledger.spec.shank.width_mm.top is None:
            width = up(width + WIDTH_STEP_MM, WIDTH_STEP_MM)
        else:
            break
    return resolve_shank(ledger, limits, needs)


def depth_needed_mm(seat: Seating, limits: FoundryLimits) -> tuple[float, str]:
    """Metal that a channel wants from crest to bore, and what asks for it."""
    wall = seat.bearing_low + limits.wall_min_mm + _WALL_MARGIN_MM
    culet = seat.culet + limits.culet_clearance_min_mm
    if wall >= culet:
        return wall, f"the bearing's depth and {mm(limits.wall_min_mm)} of wall under it"
    return culet, f"the stone's depth and {mm(limits.culet_clearance_min_mm)} from culet to finger"


def resolve_channel(
    ledger: Ledger, bore_radius_mm: float, shank: Shank, limits: FoundryLimits, want: Accent, stone: RoundStone
) -> ChannelAccent:
    """The one row of a channel-set ring; problems are noted in the ledger."""
    field = path = "accents.0"
    diameter = stone.diameter_mm
    check_request(ledger, field, want, shank, stone, WORDS)
    width, thickness = shank.width_top_mm, shank.thickness_top_mm
    seat = seating(stone, shank, width, thickness)
    least_gap, all_round = least_gap_mm(ledger, field, want), runs_all_round(want)
    girdle_radius = bore_radius_mm + thickness - seat.girdle
    stretch = _stretch(stone, seat, bore_radius_mm, girdle_radius, least_gap, all_round)
    pitch, count, spread = shared_out(
        ledger, field, want, stretch,
        lambda number: _other_ways(stone, seat, bore_radius_mm, girdle_radius, least_gap, number, all_round),
    )  # fmt: skip
    gap = distance_mm(girdle_radius, 0.5 * diameter, pitch)
    first = -0.5 * (count - 1) * pitch
    end = 180.0 if all_round else -first + _end_deg(girdle_radius, diameter)
    _check_depth(ledger, field, limits, shank, stone, seat)
    wall, wall_because = wall_mm(stone, limits)
    for phi in (0.0, min(end, 180.0)):
        _check_width(ledger, limits, field, shank, stone, wall, wall_because, phi)
    _note(ledger, path, field, want, spread)
    return ChannelAccent(
        setting="channel",
        stone=stone,
        seats=tuple(FlushSeat(id=f"channel_0_{k}", phi_deg=first + k * pitch, y_mm=0.0) for k in range(count)),
        all_round=all_round,
        end_deg=end,
        pitch_deg=pitch,
        gap_mm=gap,
        channel_width_mm=2.0 * seat.half_slot,
        cut_in_mm=0.5 * diameter - seat.half_slot,
        wall_mm=wall,
        floor_depth_mm=seat.floor,
        bearing_diameter_mm=2.0 * seat.bearing,
        table_depth_mm=seat.table,
        pilot_diameter_mm=2.0 * seat.pilot,
        bar_mm=distance_mm(bore_radius_mm, seat.pilot, pitch),
        rim_mm=rule("channel_rim"),
    )


def check_borders(
    ledger: Ledger, shank: Shank, accents: tuple[object, ...], zones: tuple[Decoration, ...], limits: FoundryLimits
) -> None:
    """Refuse a decorated border that holds no strand."""
    accent = next((found for found in accents if isinstance(found, ChannelAccent)), None)
    if accent is None or not zones:
        return
    inner = 0.5 * accent.channel_width_mm + accent.rim_mm
    needed = _BORDER_DETAILS * limits.detail_min_mm
    phi = 180.0
    found = border_width_mm(shank, inner, zones[0].margin_mm, width_at_mm(shank, phi), thickness_at_mm(shank, phi))
    if found < needed:
        wide = up(min(shank.width_top_mm, shank.width_bottom_mm) + 2.0 * (needed - found), WIDTH_STEP_MM)
        ledger.refuse(
            "decoration.0.region",
            "the borders beside the channel are too narrow for ornament",
            value=mm(max(found, 0.0)),
            limit=f"at least {mm(needed)} beside the wall's level rim",
            suggestion=f"use shank.width_mm: {wide:g}, or leave the decoration out",
        )


def _end_deg(girdle_radius_mm: float, diameter_mm: float) -> float:
    """Angle from the last stone's axis to the square end of the slot."""
    return math.degrees(math.asin(min((0.5 * diameter_mm + rule("channel_end")) / girdle_radius_mm, 1.0)))


def _least_pitch_deg(
    seat: Seating, diameter: float, bore_radius: float, girdle_radius: float, gap: float
) -> tuple[float, str]:
    """The least pitch and what asks for it."""
    by_gap = pitch_for_deg(girdle_radius, 0.5 * diameter, gap)
    by_bar = pitch_for_deg(bore_radius, seat.pilot, rule("channel_bar_min"))
    if by_bar > by_gap:
        return by_bar, f"{mm(rule('channel_bar_min'))} of cross bar between their openings"
    return by_gap, f"{mm(gap)} between them"


def _stretch(
    stone: RoundStone, seat: Seating, bore_radius: float, girdle_radius: float, gap: float, all_round: bool
) -> Stretch:
    """Where the row runs and what each of its stones takes."""
    diameter = stone.diameter_mm
    least, asks = _least_pitch_deg(seat, diameter, bore_radius, girdle_radius, gap)
    room = 360.0 if all_round else 2.0 * (HALF_DEG - _end_deg(girdle_radius, diameter))
    return Stretch(diameter, girdle_radius, all_round, room, least, asks, 0 if all_round else 1, WORDS.stones_mm[1])


def _other_ways(
    stone: RoundStone, seat: Seating, bore_radius: float, girdle_radius: float, gap: float, count: int, all_round: bool
) -> str:
    """The largest stone and the least ring with which a number of stones would fit."""

    def fits(size: float, wider: float) -> bool:
        share = size / stone.diameter_mm
        trial = Seating(*(share * getattr(seat, name) for name in Seating.__dataclass_fields__))
        radius = girdle_radius + wider + seat.girdle - trial.girdle
        least, _ = _least_pitch_deg(trial, size, bore_radius + wider, radius, gap)
        if all_round:
            return count * least <= 360.0 + 1e-9
        return (count - 1) * least <= 2.0 * (HALF_DEG - _end_deg(radius, size)) + 1e-9

    hint = ""
    sizes = np.arange(down(stone.diameter_mm - 1e-6, STONE_STEP_MM), WORDS.stones_mm[0] - 1e-9, -STONE_STEP_MM)
    size = next((float(value) for value in sizes if fits(float(value), 0.0)), None)
    if size is not None:
        hint += f", or stones of {size:g} mm"
    wider = next((0.05 * step for step in range(1, 80) if fits(stone.diameter_mm, 0.05 * step)), None)
    if wider is not None:
        hint += f", or a ring of {2.0 * (bore_radius + wider):.1f} mm inside"
    return hint


def _check_depth(
    ledger: Ledger, field: str, limits: FoundryLimits, shank: Shank, stone: RoundStone, seat: Seating
) -> None:
    needed, words = depth_needed_mm(seat, limits)
    thickness = shank.thickness_top_mm
    if thickness >= needed - 1e-9:
        return
    size = stone.diameter_mm
    fits = down(size - 1e-6, STONE_STEP_MM)
    while fits >= WORDS.stones_mm[0] and _depth_with(ledger, limits, fits) > thickness:
        fits = down(fits - STONE_STEP_MM, STONE_STEP_MM)
    hint = f"use shank.thickness_mm: {up(needed, 0.05):g}"
    if fits >= WORDS.stones_mm[0]:
        hint += f", or stones of {fits:g} mm"
    ledger.refuse(
        f"{field}.stone.size",
        "too deep for the shank",
        value=mm(size),
        limit=f"{words} = {mm(needed)} of metal, here {mm(thickness)}",
        suggestion=hint,
    )


def _depth_with(ledger: Ledger, limits: FoundryLimits, size_mm: float) -> float:
    """Metal that the channel would want with stones of another size, mm."""
    spec = ledger.spec
    want = spec.accents[0]
    other = want.model_copy(update={"stone": want.stone.model_copy(update={"size": f"{size_mm:g} mm"})})
    trial = Ledger(spec.model_copy(update={"accents": (other,)}))
    shank = row_shank(trial, limits)
    stone = resolve_stone(other.stone, trial, "accents.0.stone", "accents.0.stone")
    if shank is None or stone is None:
        return math.inf
    return depth_needed_mm(seating(stone, shank, shank.width_top_mm, shank.thickness_top_mm), limits)[0]


def _check_width(
    ledger: Ledger,
    limits: FoundryLimits,
    field: str,
    shank: Shank,
    stone: RoundStone,
    wall: float,
    because: str,
    phi_deg: float,
) -> None:
    width, height = width_at_mm(shank, phi_deg), thickness_at_mm(shank, phi_deg)
    left = _wall_of(shank, stone, width, height)
    if left >= wall - 1e-9:
        return
    wide = up(width, WIDTH_STEP_MM)
    while _wall_of(_widened(ledger, limits, shank, wide), stone, wide, height) < wall and wide < width + 5.0:
        wide = up(wide + WIDTH_STEP_MM, WIDTH_STEP_MM)
    size = down(stone.diameter_mm - 1e-6, STONE_STEP_MM)
    while size >= WORDS.stones_mm[0] and _wall_of(shank, scaled(stone, size), width, height) < wall:
        size = down(size - STONE_STEP_MM, STONE_STEP_MM)
    hint = f"use shank.width_mm: {wide:g}"
    if size >= WORDS.stones_mm[0]:
        hint += f", or stones of {size:g} mm"
    ledger.refuse(
        f"{field}.stone.size",
        "the walls of the channel are too thin",
        value=mm(stone.diameter_mm),
        limit=f"{because}: {mm(wall)}; in a shank of {mm(width)} they have {mm(left)}",
        suggestion=hint,
    )


def _widened(ledger: Ledger, limits: FoundryLimits, shank: Shank, width_mm: float) -> Shank:
    """The shank as it would be with another width: a wider one is higher in its middle."""
    spec = ledger.spec
    given = spec.shank.model_copy(update={"width_mm": TopBottom(top=width_mm, bottom=width_mm)})
    needs = RowNeeds(width_mm, "", shank.thickness_top_mm, "")
    return resolve_shank(Ledger(spec.model_copy(update={"shank": given})), limits, needs)


def _wall_of(shank: Shank, stone: RoundStone, width_mm: float, height_mm: float) -> float:
    return wall_left_mm(shank, seating(stone, shank, width_mm, height_mm), width_mm, height_mm)


def _note(ledger: Ledger, path: str, field: str, want: Accent, spread: str) -> None:
    note_request(ledger, path, field, want, spread, WORDS)
    ledger.note(f"{path}.end_deg", "derived", "last stone and the gap beyond it; the end is square")
    ledger.note(f"{path}.channel_width_mm", "default", "0.90 of the stone: Professional Jeweler 2001, below 3 mm")
    ledger.note(f"{path}.cut_in_mm", "derived", "half the difference of stone and slot: the setter cuts it")
    ledger.note(f"{path}.wall_mm", "default", "0.8, from 2.5 mm stones on 1.0, and the foundry's wall at least")
    ledger.note(f"{path}.floor_depth_mm", "derived", "where the bearing cone is 0.86 of the stone wide")
    ledger.note(f"{path}.bearing_diameter_mm", "default", "0.86 of the stone, inside the slot")
    ledger.note(f"{path}.table_depth_mm", "default", "table 0.05 mm below the walls' tops; deeper on a round top")
    ledger.note(f"{path}.pilot_diameter_mm", "default", "0.55 of the stone (bench practice 1/2 to 2/3)")
    ledger.note(f"{path}.bar_mm", "derived", "pitch at the bore less the opening")
    ledger.note(f"{path}.rim_mm", "default", "what a burnisher moves")
