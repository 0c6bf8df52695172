"""A halo by derivation: size and number of its stones, their places between the prongs, beads, the rim's section."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.fit.shank_line import bridge_share
from ringcad.resolve.halo_beads import BeadPlace, BeadPlan, bead_plan, place_beads
from ringcad.resolve.halo_row import Row, RowLine, Wanted, all_round, prong_circles, row_line, rows, stretches
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import (
    Bead,
    BeadAccent,
    CenterStone,
    FancyStone,
    FoundryLimits,
    Gallery,
    Halo,
    Head,
    PlacedSeat,
    Rail,
    RoundStone,
    Scallop,
    Shank,
)
from ringcad.spec import AccentStone
from ringcad.stones.hoops import distance_to_path, path_points, quarter_points
from ringcad.stones.of_ring import cut_stone, row_path

Array = NDArray[np.float64]

#: Stones are sorted in twentieths; how many sizes below and above the usual one are tried; least and largest, mm.
_SIZE_STEP_MM, _SIZES_TRIED, _SIZES_MM = 0.05, (4, 2), (0.9, 3.0)
#: Steps of the gap between center stone and row that are tried, mm.
_GAP_STEP_MM = 0.02
#: The rim reaches into the seat rail by at least this, and leaves so much of the rail inside, mm.
_INTO_RAIL_MM, _RAIL_LEFT_MM = 0.25, 0.12
#: Kept beyond the least gap between two beads: chord error.
_SLIT_ROOM_MM = 0.01
#: Steps lower than this leave no slit; a bead that stands in the rail by so much leaves none either, mm.
_STEP_OVER_MM, _LEANS_MM = 0.08, 0.10
#: Rows that are tried, the best first, until every bead finds its place.
_MOST_TRIED = 120
#: What such a slit costs a row: any other row is taken before it.
_SLIT_COST = 100.0
#: Where a U-cut begins, as a share of the stone from its axis, and how far it runs out beside the rim, mm.
_SCALLOP_FROM, _OVER_SIDE_MM = 0.2, 0.4
#: Undersides of rim and rail lie at least so far apart, mm: planes that nearly meet leave slivers.
_STEP_UNDER_MM = 0.12
#: A rim may be thinner than usual by this share for that step.
_THINNER_SHARE = 0.85
#: Steps and digits of the row's line in the resolved ring.
_LINE_STEP_MM, _LINE_DIGITS = 0.1, 6


@dataclass(frozen=True)
class _Choice:
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


def _small_stone(ledger: Ledger, diameter_mm: float) -> RoundStone | None:
    want = ledger.spec.halo
    assert want is not None
    asked = AccentStone(cut="round", size=want.stone.size or f"{diameter_mm:g} mm", gem=want.stone.gem)
    return resolve_stone(asked, ledger, "halo.row.stone", "halo.stone")


def _sizes(ledger: Ledger, stone: CenterStone) -> tuple[list[float], float] | None:
    """(sizes to try, the usual one), mm."""
    want = ledger.spec.halo
    assert want is not None
    usual = min(max(rule("halo_stone_share") * stone.diameter_mm, rule("halo_stone_min")), rule("halo_stone_max"))
    if want.stone.size is not None:
        given = _small_stone(ledger, usual)
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
class _Center:
    """What a row goes round: stone, head and seat rail, the row's proportions, the least gap that casts (mm)."""

    stone: CenterStone
    head: Head
    rail: Rail
    unit: RoundStone
    gap_mm: float
    bead_reach_mm: float
    """How far beads may stand out beyond the row's girdles."""


def _choices(ledger: Ledger, center: _Center, sizes: list[float], usual: float, count: int | None) -> Iterator[_Choice]:
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
                yield _Choice(cost, diameter, gap, drop, line, row)


def _slit_at_rail(center: _Center, row_radius: float, girdle_z: float, diameter: float, gap_mm: float) -> bool:
    """Whether inner beads would stand so near to the seat rail, where it rises over the rim, that a slit is left."""
    if center.rail.top_z_mm <= girdle_z - rule("bead_proud_share") * diameter + _STEP_OVER_MM:
        return False
    bead = 0.5 * max(rule("bead_share") * diameter, rule("bead_min"))
    away = 0.5 * diameter + bead - rule("bead_overlap_min") * diameter
    aside = math.sqrt(max(away**2 - 0.25 * (diameter + gap_mm) ** 2, 0.0)) + bead
    return -_LEANS_MM < row_radius - aside - center.rail.outer_radius_mm < center.gap_mm


def _best(ledger: Ledger, center: _Center) -> _Choice | None:
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
    for choice in choices[:_MOST_TRIED]:
        if _beads(center, choice) is not None:
            return choice
    if want.gap_mm is not None and want.gap_mm > rule("halo_gap_min"):
        _refuse_gap(ledger, center, "no row of such gaps closes with beads that reach both neighbours")
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


def _refuse_gap(ledger: Ledger, center: _Center, why: str) -> None:
    """Refuse the gap that was given and name the one that the row has by itself."""
    want = ledger.spec.halo
    assert want is not None
    freely = _best(Ledger(ledger.spec.model_copy(update={"halo": want.model_copy(update={"gap_mm": None})})), center)
    gap = None if freely is None else down(freely.row.least_gap_mm)
    ledger.refuse(
        "halo.gap_mm", why, value=want.gap_mm,
        limit=f"at least {mm(rule('bead_gap_low'))}" + ("" if gap is None else f"; this row closes with {mm(gap)}"),
        suggestion="leave it out" if gap is None else f"use {gap:g}, or leave it out",
    )  # fmt: skip


def _beads(center: _Center, choice: _Choice) -> tuple[BeadPlan, list[BeadPlace]] | None:
    """Beads of a row from above, and what they measure; ``None`` where one finds no place beside a prong."""
    widest = choice.diameter + choice.row.widest_gap_mm + 1e-6
    plan = bead_plan(choice.diameter, widest, center.gap_mm, 0.5 * choice.diameter + center.bead_reach_mm)
    head = center.head
    prongs = prong_circles(head, head.girdle_z_mm - choice.drop)[: head.prongs]
    found = place_beads(all_round(choice.line, choice.row), widest, prongs, plan)
    return None if found is None else (plan, found)


def _side_wall(ledger: Ledger) -> float:
    want = ledger.spec.halo
    assert want is not None
    wall = ledger.rule_or("halo.side_wall_mm", want.side_wall_mm, "halo.side_wall_mm", "bead_side_wall")
    least = rule("bead_side_wall_min")
    if wall < least - 1e-9:
        ledger.refuse(
            "halo.side_wall_mm", "too little of the rim stands outside the stones", value=wall,
            limit=f"at least {mm(least)}", suggestion=f"use {up(least):g}",
        )  # fmt: skip
    return wall


def _rim_inner(stone: CenterStone, gallery: Gallery, row_radius: float, least: float) -> tuple[float, float]:
    """(how far the rim reaches inside the row's line, how far it may at most): into the seat rail, not through it."""
    rail = gallery.rails[0]
    half = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm)
    if rail.quarter_mm:
        loop = path_points(row_path(stone, row_radius))
        inside = -distance_to_path(np.array(rail.quarter_mm), loop)
    else:
        inside = np.array([row_radius - rail.outer_radius_mm + half])
    need = max(float(inside.max()) - half + _INTO_RAIL_MM, least)
    return need, float(inside.min()) + half - _RAIL_LEFT_MM


def _over_shank(bore: float, shank: Shank, head: Head, gallery: Gallery, bottom_z: float, outside: float) -> float:
    """Clear height between the rim's underside and the crown of a plain shank below it."""
    away = np.radians(np.linspace(0.0, 75.0, 751))
    low = head.bridge_thickness_mm
    height = low + (shank.thickness_top_mm - low) * bridge_share(np.degrees(away))
    if head.style != "basket":
        height = np.full_like(away, shank.thickness_top_mm)
    x, z = (bore + height) * np.sin(away), (bore + height) * np.cos(away)
    under = (x >= gallery.rails[0].outer_side_mm) & (x <= outside)
    return float(np.min(bottom_z - z[under], initial=math.inf))


def resolve_halo(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits, head: Head,
    gallery: Gallery,
) -> Halo:  # fmt: skip
    """The halo round a head. Raises :class:`~ringcad.core.errors.SpecError` with everything that does not fit."""
    want = ledger.spec.halo
    assert want is not None
    unit = _small_stone(ledger, rule("halo_stone_min"))
    ledger.stop_on_problems()
    assert unit is not None
    if gallery.shoulders == "cathedral":
        ledger.refuse(
            "gallery.shoulders", "cathedral arms would run through the halo's rim", value="cathedral", limit="plain",
            suggestion="use 'shoulders: plain'",
        )  # fmt: skip
    wall, apart = _side_wall(ledger), limits.gap_min_mm + _SLIT_ROOM_MM
    # balls of a milgrain edge stand clear of the beads too
    reach = wall - (apart if want.edge == "milgrain" else 0.0)
    center = _Center(stone, head, gallery.rails[0], unit, apart, reach)
    best = _best(ledger, center)
    ledger.stop_on_problems()
    assert best is not None
    beads = _beads(center, best)
    assert beads is not None
    small = _small_stone(ledger, best.diameter)
    assert small is not None
    diameter = small.diameter_mm
    row_radius = 0.5 * stone.diameter_mm + best.center_gap + 0.5 * diameter
    places = all_round(best.line, best.row)
    proud = rule("bead_proud_share") * diameter
    ball = rule("milgrain_ball") if want.edge == "milgrain" else 0.0
    outer = 0.5 * diameter + wall + ball
    inner, most = _rim_inner(stone, gallery, row_radius, 0.5 * diameter + wall)
    if inner > most:
        ledger.refuse(
            "halo.center_gap_mm", "the rim does not meet the seat rail at an even depth round this stone",
            value=best.center_gap, suggestion="use a smaller halo.center_gap_mm or a wider gallery.seat_rail_width_mm",
        )  # fmt: skip
    best = _clear_of_pavilion(ledger, stone, gallery, best, inner - 0.5 * diameter - best.center_gap, proud)
    girdle_z = head.girdle_z_mm - best.drop
    bottom_z = _bottom(ledger, gallery, girdle_z - proud, limits.wall_min_mm)
    clear = _over_shank(bore_radius_mm, shank, head, gallery, bottom_z, row_radius + outer)
    if clear < rule("halo_over_shank") - 1e-9:
        table = head.height_above_finger_mm + rule("halo_over_shank") - clear
        ledger.refuse(
            "head.height_above_finger_mm", "the halo's rim comes too near to the shank",
            value=mm(head.height_above_finger_mm),
            limit=f"{mm(rule('halo_over_shank'))} between them, here {mm(max(clear, 0.0))}",
            suggestion=f"use {up(table):g}",
        )  # fmt: skip
    ledger.stop_on_problems()
    row = _accent(small, places, best, beads, girdle_z, bottom_z, wall, want.edge)
    _note(ledger, best, want.count == "fill")
    line: tuple[tuple[float, float], ...] = ()
    if isinstance(stone, FancyStone):
        points = np.round(quarter_points(row_path(stone, row_radius), _LINE_STEP_MM), _LINE_DIGITS).tolist()
        line = tuple((x, y) for x, y in points)
    balls = 4 * round((best.line.length_mm + 0.5 * math.pi * (outer - 0.5 * ball)) / (rule("milgrain_pitch") * ball)) \
        if ball else 0  # fmt: skip
    return Halo(
        inner_mm=inner,
        outer_mm=outer,
        bottom_z_mm=bottom_z,
        top_z_mm=girdle_z - proud,
        edge_radius_mm=rule("halo_edge_radius"),
        line_mm=line,
        row=row,
        row_radius_mm=row_radius,
        center_gap_mm=_center_gap(stone, places, 0.5 * diameter),
        prong_gap_mm=_prong_gap(places, prong_circles(head, girdle_z), 0.5 * diameter),
        widest_gap_mm=best.row.widest_gap_mm,
        drop_mm=best.drop,
        girdle_z_mm=girdle_z,
        side_wall_mm=wall,
        edge=want.edge,
        ball_mm=ball,
        balls=balls,
    )


def _bottom(ledger: Ledger, gallery: Gallery, top_z: float, least_mm: float) -> float:
    """Underside of the rim: as thick as asked, or a clear step over or under the seat rail's underside."""
    want = ledger.spec.halo
    assert want is not None
    if want.thickness_mm is not None and want.thickness_mm < least_mm - 1e-9:
        ledger.refuse(
            "halo.thickness_mm", "the rim is thinner than the foundry's wall", value=want.thickness_mm,
            limit=f"at least {mm(least_mm)}", suggestion=f"use {up(least_mm):g}",
        )  # fmt: skip
    thickness = ledger.rule_or("halo.bottom_z_mm", want.thickness_mm, "halo.thickness_mm", "halo_thickness")
    bottom, rail = top_z - thickness, gallery.rails[0].bottom_z_mm
    if want.thickness_mm is None and abs(bottom - rail) < _STEP_UNDER_MM:
        over = top_z - rail - _STEP_UNDER_MM >= _THINNER_SHARE * thickness
        ledger.note("halo.bottom_z_mm", "derived", "a clear step away from the seat rail's underside")
        return rail + _STEP_UNDER_MM if over else rail - _STEP_UNDER_MM
    return bottom


def _clear_of_pavilion(
    ledger: Ledger, stone: CenterStone, gallery: Gallery, best: _Choice, under_mm: float, proud_mm: float
) -> _Choice:
    """The row so low that the rim's inner side, ``under_mm`` under the center's girdle, is clear of its pavilion."""
    slope = math.radians(stone.pavilion_angle_deg)
    play = gallery.rail_clearance_mm / math.cos(slope)
    least = up(max(under_mm, 0.0) * math.tan(slope) + play - proud_mm)
    if best.drop >= least - 1e-9:
        return best
    want = ledger.spec.halo
    assert want is not None
    if want.drop_mm is not None:
        ledger.refuse(
            "halo.drop_mm", "the halo's rim would touch the center stone's pavilion", value=mm(best.drop),
            limit=f"at least {mm(least)}", suggestion=f"use {least:g}",
        )  # fmt: skip
    return replace(best, drop=least)


def _accent(
    small: RoundStone, places: Sequence[tuple[Array, Array]], best: _Choice, beads: tuple[BeadPlan, list[BeadPlace]],
    girdle_z: float, bottom_z: float, wall: float, edge: str,
) -> BeadAccent:  # fmt: skip
    """Seats and beads of the row."""
    diameter, radius = small.diameter_mm, 0.5 * small.diameter_mm
    (_, found), bead, overlap = beads, 2.0 * beads[0].bead_radius, beads[0].overlap
    proud = rule("bead_proud_share") * diameter
    rise = small.girdle_mm + small.crown_height_mm + rule("bead_over_table") * diameter
    slope = math.tan(math.radians(small.pavilion_angle_deg))
    through = girdle_z - bottom_z
    bearing = radius - 0.5 * (proud / slope + overlap)
    pilot = max(rule("bead_pilot_share") * diameter, rule("bead_pilot_least"))
    pitch = diameter + best.row.least_gap_mm
    thin = rule("halo_wall_min")
    azure = min(rule("bead_azure_share") * diameter, pitch - thin, 2.0 * (radius + wall - thin))
    seats = [_seat(f"halo_{k + 1}", place, girdle_z) for k, place in enumerate(places)]
    scallop = None
    if edge == "scalloped":
        begins, side = _SCALLOP_FROM * diameter, radius + wall
        ends = side + _OVER_SIDE_MM
        scallop = Scallop(
            radius_mm=0.5 * rule("scallop_width_share") * diameter,
            depth_mm=rule("scallop_depth_share") * diameter, from_mm=begins, to_mm=ends,
            fall_mm=rule("scallop_fall_share") * diameter * (ends - begins) / (side - begins),
        )  # fmt: skip
    root = rule("bead_root")
    return BeadAccent(
        stone=small,
        seats=tuple(seats),
        beads=tuple(_bead(k, one, seats, girdle_z - proud - root, rise + proud + root) for k, one in enumerate(found)),
        bead_diameter_mm=bead,
        bead_rise_mm=rise,
        overlap_mm=overlap,
        gap_mm=best.row.least_gap_mm,
        opening_diameter_mm=2.0 * bearing,
        pilot_diameter_mm=pilot,
        azure_diameter_mm=max(azure, pilot + 0.04),
        through_mm=through,
        proud_mm=proud,
        scallop=scallop,
        wall_mm=wall,
        rim_mm=wall,
    )


def _seat(name: str, place: tuple[Array, Array], girdle_z: float) -> PlacedSeat:
    (x, y), (u, v) = place[0].tolist(), place[1].tolist()
    return PlacedSeat(id=name, origin_mm=(x, y, girdle_z), axis=(0.0, 0.0, 1.0), along=(v, -u, 0.0))


def _bead(number: int, place: BeadPlace, seats: Sequence[PlacedSeat], foot_z: float, height: float) -> Bead:
    x, y = place.point
    return Bead(
        id=f"halo_{number + 1}",
        foot_mm=(x, y, foot_z),
        axis=(0.0, 0.0, 1.0),
        height_mm=height,
        holds=tuple(seats[k].id for k in place.holds),
    )


def _center_gap(stone: CenterStone, places: Sequence[tuple[Array, Array]], radius: float) -> float:
    points = np.array([point for point, _ in places])
    if not isinstance(stone, FancyStone):
        return float(np.hypot(points[:, 0], points[:, 1]).min()) - 0.5 * stone.diameter_mm - radius
    return float(distance_to_path(points, cut_stone(stone).outline.points(0.005)).min()) - radius


def _prong_gap(
    places: Sequence[tuple[Array, Array]], circles: Sequence[tuple[float, float, float]], radius: float
) -> float:
    return min(
        math.hypot(float(point[0]) - x, float(point[1]) - y) - prong - radius
        for point, _ in places
        for x, y, prong in circles
    )


def _note(ledger: Ledger, best: _Choice, filled: bool) -> None:
    want = ledger.spec.halo
    assert want is not None
    if want.stone.size is None:
        because = "about a fifth of the center stone, so that the row closes with even gaps"
        ledger.note("halo.row.stone.diameter_mm", "default", because)
    because = "as many as stand round the center with even gaps, each prong in a gap of its own"
    ledger.choice("halo.row.seats", "halo.count", not filled, because)
    ledger.note("halo.row", "derived", "the row's stones, beads and openings: rules of bead-set stones")
    ledger.note("halo", "derived", "follows the girdle's outline, the prongs and the seat rail")
    if want.center_gap_mm is None:
        ledger.note("halo.center_gap_mm", "default", "as near to the center stone as row and prongs allow")
    else:
        ledger.given("halo.center_gap_mm", "halo.center_gap_mm")
    if want.drop_mm is None:
        ledger.note("halo.drop_mm", "default", "the center's girdle half a halo stone over the halo's tables")
    else:
        ledger.given("halo.drop_mm", "halo.drop_mm")
    ledger.choice("halo.edge", "halo.edge", "edge" in want.model_fields_set)
