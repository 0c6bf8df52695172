"""Flush stones: in the shoulders beside a head, or in the top of a band."""

from __future__ import annotations

import math
from collections.abc import Callable

from ringcad.resolve.ledger import Ledger, mm, rule, up
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
from ringcad.resolve.shoulders import last_phi_deg
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import Accent as ResolvedAccent
from ringcad.resolved import FlushAccent, FlushSeat, FoundryLimits, RoundStone, Shank
from ringcad.spec import Accent
from ringcad.spec.models import AccentPlace
from ringcad.spec.repertoire import ROW_SETTINGS
from ringcad.spec.values import an


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
