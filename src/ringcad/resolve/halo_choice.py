"""Which row a halo has: size and number of its stones, distance to the center stone, gaps between the prongs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.resolve.halo_beads import LEANS_MM, BeadPlace, BeadPlan, bead_plan, place_beads
from ringcad.resolve.halo_row import Row, RowLine, Wanted, all_round, prong_circles, row_line, rows, stretches
from ringcad.resolve.halo_stone import small_stone
from ringcad.resolve.ledger import Ledger, down, mm, rule
from ringcad.resolved import CenterStone, FancyStone, FoundryLimits, Head, Rail, RoundStone
from ringcad.stones.hoops import distance_to_path
from ringcad.stones.of_ring import cut_stone

Array = NDArray[np.float64]

#: Stones are sorted in twentieths; how many sizes below and above the usual one are tried; least and largest, mm.
_SIZE_STEP_MM, _SIZES_TRIED, _SIZES_MM = 0.05, (4, 2), (0.9, 3.0)
#: Steps of the gap between center stone and row that are tried, mm.
_GAP_STEP_MM = 0.02
#: Steps lower than this leave no slit, mm.
_STEP_OVER_MM = 0.08
#: Rows that are tried, the best first, until every bead finds its place.
_MOST_TRIED = 120
#: What a slit beside the seat rail costs a row: any other row is taken before it.
_SLIT_COST = 100.0
#: A row may reach over the center's girdle from above by rounding alone, mm.
_OVER_GIRDLE_MM = 1e-6
#: Shares of a stone's radius off the row's line, and every how many of its points, where empty places are looked for.
_ACROSS, _SPARSE = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0), 3


@dataclass(frozen=True)
class Choice:
    """A row that fits: cost, size of its stones, gap to the center stone, and how far below it they lie, mm."""

    cost: float
    diameter: float
    center_gap: float
    drop: float
    line: RowLine
    row: Row


@lru_cache(maxsize=512)
def _line(stone: CenterStone, radius_mm: float) -> RowLine | None:
    try:
        return row_line(stone, radius_mm)
    except InputError:
        return None


def _sizes(ledger: Ledger, stone: CenterStone) -> tuple[list[float], float] | None:
    """(sizes to try, the usual one), mm."""
    want = ledger.spec.halo
    assert want is not None
    usual = min(max(rule("halo_stone_share") * stone.diameter_mm, rule("halo_stone_min")), rule("halo_stone_max"))
    if want.stone.size is not None:
        given = small_stone(ledger, usual)
        if given is None:
            return None
        low, high = _SIZES_MM
        if not low <= given.diameter_mm <= high:
            ledger.refuse(
                "halo.stone.size", "is no size for the stones of a halo", value=mm(given.diameter_mm),
                limit=f"{mm(low)} to {mm(high)}",
                suggestion=f"use '{round(usual / _SIZE_STEP_MM) * _SIZE_STEP_MM:g} mm', or leave the size out",
            )  # fmt: skip
            return None
        return [given.diameter_mm], given.diameter_mm
    middle = round(usual / _SIZE_STEP_MM)
    steps = range(middle - _SIZES_TRIED[0], middle + _SIZES_TRIED[1] + 1)
    low, high = rule("halo_stone_min"), rule("halo_stone_max")
    return [round(k * _SIZE_STEP_MM, 6) for k in steps if low - 1e-9 <= k * _SIZE_STEP_MM <= high + 1e-9], usual


def _drop(unit: RoundStone, diameter_mm: float) -> float:
    """How far the row's girdles lie below the center's by default: its tables half a stone below that girdle."""
    share = (unit.girdle_mm + unit.crown_height_mm) / unit.diameter_mm
    return (rule("halo_above") + share) * diameter_mm


@dataclass(frozen=True)
class Center:
    """What a row goes round: stone, head and seat rail, the row's proportions, the least gap that casts (mm)."""

    stone: CenterStone
    head: Head
    rail: Rail
    unit: RoundStone
    limits: FoundryLimits
    gap_mm: float
    bead_reach_mm: float
    """How far beads may stand out beyond the row's girdles."""


def _choices(ledger: Ledger, center: Center, sizes: list[float], usual: float, count: int | None) -> Iterator[Choice]:
    """Every row that fits, with what it costs: gaps off the usual, room left at prongs, distance to the center."""
    stone, head = center.stone, center.head
    want = ledger.spec.halo
    assert want is not None
    least = rule("halo_gap_min") if want.gap_mm is None else want.gap_mm
    usual_gap = max(rule("halo_gap"), least)
    nearest = rule("halo_center_gap")
    last = rule("halo_center_gap_max") if count is None else 3.0 * rule("halo_center_gap_max")
    center_gaps = (
        [want.center_gap_mm]
        if want.center_gap_mm is not None
        else [round(k * _GAP_STEP_MM, 6) for k in range(round(nearest / _GAP_STEP_MM), round(last / _GAP_STEP_MM) + 1)]
    )
    for diameter in sizes:
        drop = _drop(center.unit, diameter) if want.drop_mm is None else want.drop_mm
        circles = prong_circles(head, head.girdle_z_mm - drop)
        for gap in center_gaps:
            line_radius = round(0.5 * stone.diameter_mm + gap + 0.5 * diameter, 6)
            line = _line(stone, line_radius)
            if line is None:
                continue
            free = stretches(line, circles, 0.5 * diameter, rule("halo_prong_room"))
            for row in rows(line, free, Wanted(diameter, least, usual_gap), count):
                if math.isinf(row.least_gap_mm):
                    continue  # a stone alone between every two prongs: no row
                off = [(found - usual_gap) / 0.05 for found in (row.least_gap_mm, row.widest_gap_mm)]
                cost = sum(value * value for value in off) + (row.slack_mm / 0.10) ** 2
                cost += ((gap - nearest) / 0.12) ** 2 + ((diameter - usual) / 0.10) ** 2
                if _slit_at_rail(center, line_radius, head.girdle_z_mm - drop, diameter, row.widest_gap_mm):
                    cost += _SLIT_COST
                yield Choice(cost, diameter, gap, drop, line, row)


def _slit_at_rail(center: Center, row_radius: float, girdle_z: float, diameter: float, gap_mm: float) -> bool:
    """Whether inner beads would stand so near to the seat rail, where it rises over the rim, that a slit is left."""
    if center.rail.top_z_mm <= girdle_z - rule("bead_proud_share") * diameter + _STEP_OVER_MM:
        return False
    bead = 0.5 * max(rule("bead_share") * diameter, rule("bead_min"))
    away = 0.5 * diameter + bead - rule("bead_overlap_min") * diameter
    aside = math.sqrt(max(away**2 - 0.25 * (diameter + gap_mm) ** 2, 0.0)) + bead
    return -LEANS_MM < row_radius - aside - center.rail.outer_radius_mm < center.gap_mm


def best_row(ledger: Ledger, center: Center) -> Choice | None:
    want = ledger.spec.halo
    assert want is not None
    found = _sizes(ledger, center.stone)
    if found is None:
        return None
    sizes, usual = found
    if want.gap_mm is not None and want.gap_mm < rule("bead_gap_low") - 1e-9:
        _refuse_gap(ledger, center, "stones so close chip each other")
        return None
    count = want.count if isinstance(want.count, int) else None
    choices = sorted(_choices(ledger, center, sizes, usual, count), key=lambda one: one.cost)
    emptiest = math.inf
    for choice in choices[:_MOST_TRIED]:
        places = all_round(choice.line, choice.row)
        if center_gap_mm(center.stone, places, 0.5 * choice.diameter) < -_OVER_GIRDLE_MM:
            continue
        empty = pocket_mm(center, choice, places) / choice.diameter
        emptiest = min(emptiest, empty)
        if empty <= rule("halo_pocket_share") and row_beads(center, choice) is not None:
            return choice
    if want.gap_mm is not None and want.gap_mm > rule("halo_gap_min"):
        _refuse_gap(ledger, center, "no row of such gaps closes with beads that reach both neighbours")
        return None
    if rule("halo_pocket_share") < emptiest < math.inf:
        ledger.refuse(
            "halo.center_gap_mm" if want.center_gap_mm is not None else "halo.stone.size",
            "the row leaves a place beside a prong empty", value=f"{emptiest:.2f} of a stone",
            limit=f"at most {rule('halo_pocket_share'):g} of a stone across",
            suggestion="leave it out" if want.center_gap_mm is not None or want.stone.size is not None else
            "use another size of center stone, or 'style: hidden'",
        )  # fmt: skip
        return None
    if choices:
        ledger.refuse(
            "halo.stone.size", "no bead finds a place between the row and a prong", value=mm(choices[0].diameter),
            limit=f"{mm(center.gap_mm)} between beads and prong",
            suggestion="use another size, or thinner prongs (head.prong_diameter_mm)",
        )  # fmt: skip
        return None
    freely = min(_choices(ledger, center, sizes, usual, None), key=lambda one: one.cost, default=None)
    if count is not None and freely is not None:
        ledger.refuse(
            "halo.count", value=count,
            message="so many stones do not stand round this center with even gaps, each prong in a gap of its own",
            limit=f"{freely.row.count} of {mm(freely.diameter)} fill it",
            suggestion=f"use 'count: {freely.row.count}', or 'count: fill' without a size",
        )  # fmt: skip
        return None
    given = "halo.center_gap_mm" if want.center_gap_mm is not None else "halo.stone.size"
    hint = "leave out halo.center_gap_mm and the size of the halo's stones, or use thinner prongs"
    if want.center_gap_mm is None and want.stone.size is None and center.head.prongs > 4:
        given, hint = "head.prongs", "use 'prongs: 4'"
    ledger.refuse(
        given, "no stones of a row stand clear of the prongs and of their neighbours", suggestion=hint,
        value=center.head.prongs if given == "head.prongs" else None,
        limit=f"{mm(rule('halo_prong_room'))} to each prong",
    )  # fmt: skip
    return None


def center_gap_mm(stone: CenterStone, places: Sequence[tuple[Array, Array]], radius: float) -> float:
    """Between the girdles of the center stone and of a row's stones, from above, at least."""
    points = np.array([point for point, _ in places])
    if not isinstance(stone, FancyStone):
        return float(np.hypot(points[:, 0], points[:, 1]).min()) - 0.5 * stone.diameter_mm - radius
    return float(distance_to_path(points, cut_stone(stone).outline.points(0.005)).min()) - radius


def pocket_mm(center: Center, choice: Choice, places: Sequence[tuple[Array, Array]]) -> float:
    """Diameter of the largest circle on the row's band that touches neither stone nor prong nor the rim's edge."""
    radius, head = 0.5 * choice.diameter, center.head
    stones = np.array([point for point, _ in places])
    outside = radius + rule("bead_side_wall")
    prongs = prong_circles(head, head.girdle_z_mm - choice.drop)[: head.prongs]
    widest = 0.0
    for share in _ACROSS:
        points = (choice.line.points + share * radius * choice.line.out)[::_SPARSE]
        free = np.hypot(*(points[:, None] - stones[None]).transpose(2, 0, 1)).min(axis=1) - radius
        for x, y, thick in prongs:
            free = np.minimum(free, np.hypot(points[:, 0] - x, points[:, 1] - y) - thick)
        widest = max(widest, float(np.minimum(free, outside - share * radius).max()))
    return 2.0 * widest


def _refuse_gap(ledger: Ledger, center: Center, why: str) -> None:
    """Refuse the gap that was given and name the one that the row has by itself."""
    want = ledger.spec.halo
    assert want is not None
    freely = best_row(Ledger(ledger.spec.model_copy(update={"halo": want.model_copy(update={"gap_mm": None})})), center)
    gap = None if freely is None else down(freely.row.least_gap_mm)
    ledger.refuse(
        "halo.gap_mm", why, value=want.gap_mm,
        limit=f"at least {mm(rule('bead_gap_low'))}" + ("" if gap is None else f"; this row closes with {mm(gap)}"),
        suggestion="leave it out" if gap is None else f"use {gap:g}, or leave it out",
    )  # fmt: skip


def row_beads(center: Center, choice: Choice) -> tuple[BeadPlan, list[BeadPlace]] | None:
    """Beads of a row from above, and what they measure; ``None`` where one finds no place beside a prong."""
    widest = choice.diameter + choice.row.widest_gap_mm + 1e-6
    plan = bead_plan(
        center.unit, choice.diameter, widest, center.gap_mm, 0.5 * choice.diameter + center.bead_reach_mm, center.limits
    )
    head = center.head
    prongs = prong_circles(head, head.girdle_z_mm - choice.drop)[: head.prongs]
    found = place_beads(all_round(choice.line, choice.row), widest, prongs, plan)
    return None if found is None else (plan, found)
