"""A halo by derivation: the rim under the row that was chosen, its section, its walls, and why each is what it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.shank_line import bridge_share
from ringcad.resolve.bead_sizes import bead_accent, u_cut
from ringcad.resolve.halo_beads import BeadPlace, BeadPlan
from ringcad.resolve.halo_choice import Center, Choice, best_row, center_gap_mm, row_beads
from ringcad.resolve.halo_rim import RimRelief, because, decorates_rim, rim_relief
from ringcad.resolve.halo_row import all_round, prong_circles
from ringcad.resolve.halo_stone import small_stone
from ringcad.resolve.head import resolve_head
from ringcad.resolve.ledger import Ledger, mm, rule, up
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
    RoundStone,
    Scallop,
    Shank,
)
from ringcad.stones.hoops import distance_to_path, path_points, quarter_points
from ringcad.stones.of_ring import row_path

Array = NDArray[np.float64]

#: The rim reaches into the seat rail by at least this, and leaves so much of the rail inside, mm.
_INTO_RAIL_MM, _RAIL_LEFT_MM = 0.25, 0.12
#: Kept beyond the least gap between two beads: chord error.
_SLIT_ROOM_MM = 0.01
#: How far a U-cut runs out beside the rim, mm.
_OVER_SIDE_MM = 0.4
#: Of the mesh on both sides of a wall, and what balls in it read short, mm.
_CHORDS_MM = 0.05
#: Times that a head is made taller under a decorated rim; each time another row may fit.
_TALLER_TRIES = 6
#: Undersides of rim and rail lie at least so far apart, mm: planes that nearly meet leave slivers.
_STEP_UNDER_MM = 0.12
#: A rim may be thinner than usual by this share for that step.
_THINNER_SHARE = 0.85
#: Steps and digits of the row's line in the resolved ring.
_LINE_STEP_MM, _LINE_DIGITS = 0.1, 6


def _side_wall(ledger: Ledger) -> float:
    want = ledger.spec.halo
    assert want is not None
    wall = ledger.rule_or("halo.side_wall_mm", want.side_wall_mm, "halo.side_wall_mm", "bead_side_wall")
    least, most = rule("bead_side_wall_min"), rule("halo_side_wall_max")
    if not least - 1e-9 <= wall <= most + 1e-9:
        much = "too little of the rim stands" if wall < least else "a rim so wide hides the row: too much of it stands"
        ledger.refuse(
            "halo.side_wall_mm", f"{much} outside the stones", value=wall, limit=f"{least:g} to {most:g} mm",
            suggestion=f"use {least if wall < least else most:g}",
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


class _RimTooNear(Exception):
    """A decorated rim stands too near to the shank under a head of default height; ``table_mm`` would do."""

    def __init__(self, table_mm: float) -> None:
        super().__init__(table_mm)
        self.table_mm = table_mm


def resolve_halo_head(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits
) -> tuple[Head, Gallery, Halo]:
    """Head and visible halo: a head of default height stands as much taller as a decorated rim needs over the shank.

    Raises :class:`~ringcad.core.errors.SpecError` with everything that does not fit.
    """
    tried, tries = ledger, 0
    while True:
        head, gallery = resolve_head(tried, bore_radius_mm, stone, shank, limits)
        try:
            grows = ledger.spec.head.height_above_finger_mm is None and tries < _TALLER_TRIES
            halo = resolve_halo(tried, bore_radius_mm, stone, shank, limits, head, gallery, grows)
        except _RimTooNear as near:
            tries += 1
            taller = ledger.spec.head.model_copy(update={"height_above_finger_mm": near.table_mm})
            tried = Ledger(ledger.spec.model_copy(update={"head": taller}))
            continue
        if tried is not ledger:
            ledger.reasons.update(tried.reasons)
            because = f"so that the decorated rim is clear of the shank by {mm(rule('halo_over_shank'))}"
            ledger.note("head.height_above_finger_mm", "derived", because)
        return head, gallery, halo


def resolve_halo(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits, head: Head,
    gallery: Gallery, grows: bool,
) -> Halo:  # fmt: skip
    """The halo round a head. Raises :class:`~ringcad.core.errors.SpecError` with everything that does not fit.

    ``grows``: a head too low for a decorated rim raises :class:`_RimTooNear`.
    """
    want = ledger.spec.halo
    assert want is not None
    unit = small_stone(ledger, rule("halo_stone_min"))
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
    center = Center(stone, head, gallery.rails[0], unit, limits, apart, reach)
    best = best_row(ledger, center)
    ledger.stop_on_problems()
    assert best is not None
    small = small_stone(ledger, best.diameter)
    assert small is not None
    beads = row_beads(replace(center, unit=small), best)
    assert beads is not None
    diameter = small.diameter_mm
    row_radius = 0.5 * stone.diameter_mm + best.center_gap + 0.5 * diameter
    places = all_round(best.line, best.row)
    proud = rule("bead_proud_share") * diameter
    ball = rule("milgrain_ball") if want.edge == "milgrain" else 0.0
    outer = 0.5 * diameter + wall + ball
    inner, most = _rim_inner(stone, gallery, row_radius, 0.5 * diameter + min(wall, rule("bead_side_wall")))
    if want.thickness_mm is not None or decorates_rim(ledger.spec):
        # where it hangs under the seat rail it is a wall of its own inside the openings
        beside = 0.5 * min(rule("bead_azure_share") * diameter, diameter + 2.0 * (wall - rule("halo_wall_min")))
        inner = max(inner, min(beside + limits.wall_min_mm + _CHORDS_MM, most))
    if inner > most:
        ledger.refuse(
            "halo.center_gap_mm", "the rim does not meet the seat rail at an even depth round this stone",
            value=best.center_gap, suggestion="use a smaller halo.center_gap_mm or a wider gallery.seat_rail_width_mm",
        )  # fmt: skip
    best = _clear_of_pavilion(ledger, stone, gallery, best, inner - 0.5 * diameter - best.center_gap, proud)
    girdle_z = head.girdle_z_mm - best.drop
    scallop = u_cut(small, 0.5 * diameter + wall, _OVER_SIDE_MM, both_sides=False) if want.edge == "scalloped" else None
    relief = rim_relief(ledger, girdle_z - proud, girdle_z, scallop)
    bottom_z = _bottom(ledger, gallery, girdle_z - proud, limits.wall_min_mm, relief)
    clear = _over_shank(bore_radius_mm, shank, head, gallery, bottom_z, row_radius + outer)
    if clear < rule("halo_over_shank") - 1e-9:
        table = head.height_above_finger_mm + rule("halo_over_shank") - clear
        if relief is not None and grows and not ledger.problems:
            raise _RimTooNear(up(table))
        ledger.refuse(
            "head.height_above_finger_mm", "the halo's rim comes too near to the shank",
            value=mm(head.height_above_finger_mm),
            limit=f"{mm(rule('halo_over_shank'))} between them, here {mm(max(clear, 0.0))}",
            suggestion=f"use {up(table):g}",
        )  # fmt: skip
    ledger.stop_on_problems()
    row = _accent(small, places, best, beads, girdle_z, bottom_z, wall, scallop)
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
        center_gap_mm=center_gap_mm(stone, places, 0.5 * diameter),
        prong_gap_mm=_prong_gap(places, prong_circles(head, girdle_z), 0.5 * diameter),
        widest_gap_mm=best.row.widest_gap_mm,
        drop_mm=best.drop,
        girdle_z_mm=girdle_z,
        side_wall_mm=wall,
        edge=want.edge,
        ball_mm=ball,
        balls=balls,
        band=None if relief is None else relief.band(bottom_z, outer),
    )


def _bottom(ledger: Ledger, gallery: Gallery, top_z: float, least_mm: float, relief: RimRelief | None) -> float:
    """Underside of the rim: as thick as asked, or a clear step over or under the seat rail's underside."""
    want = ledger.spec.halo
    assert want is not None
    if want.thickness_mm is not None and want.thickness_mm < least_mm - 1e-9:
        ledger.refuse(
            "halo.thickness_mm", "the rim is thinner than the foundry's wall", value=want.thickness_mm,
            limit=f"at least {mm(least_mm)}", suggestion=f"use {up(least_mm):g}",
        )  # fmt: skip
    thickness = ledger.rule_or("halo.bottom_z_mm", want.thickness_mm, "halo.thickness_mm", "halo_thickness")
    if relief is not None and want.thickness_mm is None:
        thickness = relief.thickness_mm(top_z)
        ledger.note("halo.bottom_z_mm", "default", because())
    bottom, rail = top_z - thickness, gallery.rails[0].bottom_z_mm
    if relief is not None:
        relief.check(ledger, top_z, bottom)
    if want.thickness_mm is None and abs(bottom - rail) < _STEP_UNDER_MM:
        over = relief is None and top_z - rail - _STEP_UNDER_MM >= _THINNER_SHARE * thickness
        ledger.note("halo.bottom_z_mm", "derived", "a clear step away from the seat rail's underside")
        return rail + _STEP_UNDER_MM if over else rail - _STEP_UNDER_MM
    return bottom


def _clear_of_pavilion(
    ledger: Ledger, stone: CenterStone, gallery: Gallery, best: Choice, under_mm: float, proud_mm: float
) -> Choice:
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
    small: RoundStone, places: Sequence[tuple[Array, Array]], best: Choice, beads: tuple[BeadPlan, list[BeadPlace]],
    girdle_z: float, bottom_z: float, wall: float, scallop: Scallop | None,
) -> BeadAccent:  # fmt: skip
    """Seats and beads of the row."""
    plan, found = beads
    sizes, diameter = plan.sizes, small.diameter_mm
    pilot = rule("bead_pilot_share") * diameter
    thin = rule("halo_wall_min")
    azure = min(rule("bead_azure_share") * diameter, diameter + best.row.least_gap_mm - thin)
    azure = min(azure, diameter + 2.0 * (wall - thin))
    seats = [_seat(f"halo_{k + 1}", place, girdle_z) for k, place in enumerate(places)]
    foot, height = girdle_z - sizes.proud - sizes.root, sizes.rise + sizes.proud + sizes.root
    return bead_accent(
        small, sizes, best.row.least_gap_mm, seats, [_bead(k, one, seats, foot, height) for k, one in enumerate(found)],
        through_mm=girdle_z - bottom_z, opening_mm=pilot, azure_mm=max(azure, pilot + 0.04), wall_mm=wall,
        scallop=scallop,
    )  # fmt: skip


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


def _prong_gap(
    places: Sequence[tuple[Array, Array]], circles: Sequence[tuple[float, float, float]], radius: float
) -> float:
    return min(
        math.hypot(float(point[0]) - x, float(point[1]) - y) - prong - radius
        for point, _ in places
        for x, y, prong in circles
    )


def _note(ledger: Ledger, best: Choice, filled: bool) -> None:
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
