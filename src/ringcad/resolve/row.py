"""A row of equal stones round the finger, whatever holds it: where it runs, how many stand in it, how far apart.

Closed forms. Two equal stones on radial axes a pitch apart are nearest at their girdles' lower edges, two openings
at the bore: with ``r`` the distance from the finger axis and ``h`` half the width, the distance is
``2 (r sin(pitch / 2) - h cos(pitch / 2))``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolved import RoundStone, Shank
from ringcad.spec import Accent

#: Fewer stones are no row.
LEAST_COUNT = 3
#: Half of the ring from 9 over 12 to 3 o'clock.
HALF_DEG = 90.0
#: Steps of proposals: stones are sorted in twentieths, widths are ordered in tenths.
STONE_STEP_MM, WIDTH_STEP_MM = 0.05, 0.1


def distance_mm(radius_mm: float, half_mm: float, pitch_deg: float) -> float:
    """Least distance of two equal bodies on axes ``pitch_deg`` apart, ``half_mm`` wide to either side there."""
    half_pitch = 0.5 * math.radians(pitch_deg)
    return 2.0 * (radius_mm * math.sin(half_pitch) - half_mm * math.cos(half_pitch))


def pitch_for_deg(radius_mm: float, half_mm: float, distance: float) -> float:
    """Pitch at which :func:`distance_mm` has the given value."""
    reach = math.hypot(radius_mm, half_mm)
    return 2.0 * math.degrees(math.atan2(half_mm, radius_mm) + math.asin(min(0.5 * distance / reach, 1.0)))


def scaled(stone: RoundStone, diameter_mm: float) -> RoundStone:
    """The stone in another size (lengths only)."""
    share = diameter_mm / stone.diameter_mm
    names = [name for name in RoundStone.model_fields if name.endswith("_mm")]
    return stone.model_copy(update={name: share * getattr(stone, name) for name in names})


def runs_all_round(want: Accent) -> bool:
    """Whether a row closes on itself; it does unless it is said otherwise."""
    return (want.on or ("all_round",)) == ("all_round",)


def least_gap_mm(ledger: Ledger, field: str, want: Accent) -> float:
    """The least gap between stones as asked for, or the rule's; one that is too small is noted."""
    gap = want.gap_mm if want.gap_mm is not None else rule("channel_gap")
    if gap < rule("channel_gap_min"):
        ledger.refuse(
            f"{field}.gap_mm",
            "stones that touch chip each other",
            value=gap,
            limit=f"at least {mm(rule('channel_gap_min'))} between them",
            suggestion=f"use {rule('channel_gap_min'):g}",
        )
    return gap


@dataclass(frozen=True)
class RowWords:
    """What a row is called in messages, and what it asks of stone and shank."""

    name: str
    """With its article."""
    runs_in: str
    """What of the shank it needs."""
    stones_mm: tuple[float, float]
    profiles: tuple[str, ...]


def check_request(ledger: Ledger, field: str, want: Accent, shank: Shank, stone: RoundStone, words: RowWords) -> None:
    """What does not depend on numbers of the seat; problems are noted in the ledger."""
    places = want.on or ("all_round",)
    if len(places) != 1 or places[0] not in ("all_round", "top_half"):
        ledger.refuse(
            f"{field}.on",
            f"{words.name} has no such place",
            value=", ".join(places),
            suggestion="use [all_round] or [top_half], or leave it out",
        )
    if want.start_deg is not None:
        ledger.refuse(
            f"{field}.start_deg",
            f"has no effect: {words.name} has its middle on the top",
            value=want.start_deg,
            suggestion="remove it",
        )
    low, high = words.stones_mm
    if not low <= stone.diameter_mm <= high:
        ledger.refuse(
            f"{field}.stone.size",
            f"no stone for {words.name}",
            value=mm(stone.diameter_mm),
            limit=f"{low:g} to {high:g} mm",
            suggestion=f"use '{low if stone.diameter_mm < low else high:g} mm'",
        )
    if shank.profile not in words.profiles:
        ledger.refuse(
            "shank.profile",
            f"{words.name} runs in {words.runs_in}",
            value=shank.profile,
            limit=", ".join(words.profiles),
            suggestion="use flat",
        )
    if shank.taper != "straight":
        ledger.refuse(
            "shank.taper",
            "has no head to taper to",
            value=shank.taper,
            suggestion="remove it; shank.width_mm may have a top and a bottom",
        )
    if abs(shank.thickness_top_mm - shank.thickness_bottom_mm) > 1e-9:
        ledger.refuse(
            "shank.thickness_mm.bottom",
            f"{words.name} runs round a shank of even thickness",
            value=shank.thickness_bottom_mm,
            limit=f"as at the top, {mm(shank.thickness_top_mm)}",
            suggestion=f"use {shank.thickness_top_mm:g}",
        )


@dataclass(frozen=True)
class Stretch:
    """Where a row runs and what each of its stones takes.

    Attributes
    ----------
    diameter_mm, girdle_radius_mm : of the stones, and of their girdles' lower edges about the finger axis
    all_round : whether the row closes on itself
    room_deg : what the row has, less what its ends take
    least_deg, asks : least pitch, and what asks for it
    over : how many stones more than pitches there are
    largest_mm : stone that such a row holds at most
    widest_gap_mm : to which ``fill`` spreads the stones of a row with ends; what is left then is left at the ends
    """

    diameter_mm: float
    girdle_radius_mm: float
    all_round: bool
    room_deg: float
    least_deg: float
    asks: str
    over: int
    largest_mm: float
    widest_gap_mm: float = math.inf

    @property
    def most(self) -> int:
        """How many stones fit."""
        return math.floor(self.room_deg / self.least_deg + 1e-9) + self.over


def shared_out(
    ledger: Ledger, field: str, want: Accent, stretch: Stretch, other_ways: Callable[[int], str]
) -> tuple[float, int, str]:
    """Pitch in degrees, number of stones, and how the stretch was shared out.

    ``other_ways`` says with which stone or ring a number that is too large would fit.
    """
    least, asks, most, over = stretch.least_deg, stretch.asks, stretch.most, stretch.over
    diameter, radius = stretch.diameter_mm, stretch.girdle_radius_mm
    if want.count == "fill":
        count = max(most, LEAST_COUNT)
        pitch = stretch.room_deg / (count - over)
        widest = stretch.widest_gap_mm
        if not stretch.all_round and distance_mm(radius, 0.5 * diameter, pitch) > widest:
            pitch = pitch_for_deg(radius, 0.5 * diameter, widest)
            return pitch, count, f"{count} stones fill the stretch with {asks}, up to {mm(widest)} with what is left"
        left = math.radians(stretch.room_deg - (count - over) * least) * radius
        spread = f"{count} stones fill the stretch with {asks}; the {left:.2f} mm left are spread evenly over the gaps"
        return pitch, count, spread
    count = int(want.count)
    if count > most or count < LEAST_COUNT:
        fits = max(most, LEAST_COUNT)
        hint = f"use {fits}, or 'fill'"
        if count > most:
            hint += other_ways(count)
        ledger.refuse(
            f"{field}.count",
            "more stones than the stretch holds" if count > most else "too few stones for a row",
            value=count,
            limit=f"{LEAST_COUNT} to {most} stones of {mm(diameter)} with {asks}",
            suggestion=hint,
        )
        return stretch.room_deg / max(most - over, 1), max(most, LEAST_COUNT), ""
    if not stretch.all_round:
        return least, count, f"{count} stones with {asks}, their middle on the top"
    pitch = 360.0 / count
    wide = distance_mm(radius, 0.5 * diameter, pitch)
    if wide > rule("channel_gap_max") + 1e-9 and count < most:
        size = diameter
        while distance_mm(radius, 0.5 * size, pitch) > rule("channel_gap_max") and size < stretch.largest_mm:
            size = up(size + STONE_STEP_MM, STONE_STEP_MM)
        ledger.refuse(
            f"{field}.count",
            "the stones stand too far apart all round",
            value=count,
            limit=f"gaps of at most {mm(rule('channel_gap_max'))}, with {count} stones they are {mm(wide)}",
            suggestion=f"use {most}, stones of about {size:g} mm, or 'on: [top_half]'",
        )
    return pitch, count, f"{count} stones evenly all round, {mm(wide)} apart"


def note_request(ledger: Ledger, path: str, field: str, want: Accent, spread: str, words: RowWords) -> None:
    """Why a row has its stones, pitch and ends; ``spread`` says how it was laid out."""
    if want.count == "fill":
        ledger.note(f"{path}.seats", "derived", spread)
    else:
        ledger.note(f"{path}.seats", "given", f"given as {field}.count: {spread}")
    ledger.note(f"{path}.setting", "given", f"given as {field}.setting")
    for name in ("pitch_deg", "gap_mm"):
        ledger.note(f"{path}.{name}", "derived", spread)
    if want.on is None:
        ledger.note(f"{path}.all_round", "default", f"{words.name} runs all round unless it is said otherwise")
    else:
        ledger.given(f"{path}.all_round", f"{field}.on")
