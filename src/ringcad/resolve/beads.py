"""A bead-set row on both shoulders: what it asks of the shank, how many stones stand in it, seats and beads."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.bead_row import (
    BeadSizes,
    Line,
    Place,
    bead_axis_mm,
    end_reach_deg,
    farthest_mm,
    girdle_gap_mm,
    lay_row,
    place,
    seats_and_beads,
    uneven_tops_mm,
)
from ringcad.fit.head_block import SKIRT_REACH_MM
from ringcad.fit.limb import smooth_step
from ringcad.fit.shank_line import body_line, bridge_share, bridge_width
from ringcad.resolve.bead_sizes import (
    STONE_STEP_MM,
    WALL_MARGIN_MM,
    WIDTH_STEP_MM,
    bead_accent,
    bead_sizes,
    between_mm,
    depth_needed_mm,
    gap_default_mm,
    u_cut,
    widest_gap_mm,
    width_needed_mm,
)
from ringcad.resolve.bridge import first_stone_deg
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.seat_sides import fall_mm
from ringcad.resolve.shank import thickness_at_mm, width_at_mm
from ringcad.resolve.shoulders import head_reach_deg, last_phi_deg
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import Bead, BeadAccent, FoundryLimits, Gallery, Head, PlacedSeat, RoundStone, Shank
from ringcad.spec import Accent

Array = NDArray[np.float64]

#: Beads are made for stones between these sizes; smaller and larger ones are set otherwise.
_STONES_MM = (0.8, 3.0)
#: Fewer stones are no row.
_LEAST_COUNT = 2
#: Sections whose crest runs evenly round the finger and is broad enough for a row.
_PROFILES = ("flat", "d", "comfort_d", "soft_cushion")
#: How far the metal may fall away under the outside of a bead, as a share of the stone.
_FALL_SHARE = 0.16
#: Kept between a standing head's skirt and the first beads, mm.
_BESIDE_HEAD_MM = 0.1
#: On the slope down to a bridge neighbours may turn by this much more than round the finger.
_EVEN_TURN = 1.25
#: And a bead's top lies at the same height over both of its stones but for this, mm: under the 0.03 that is measured.
_EVEN_TOPS_MM = 0.02
_STEP_DEG = 0.25
#: How far a U-cut runs out beside the shank, mm.
_OVER_SIDE_MM = 0.5


def crown_line(bore_radius_mm: float, shank: Shank, head: Head, gallery: Gallery) -> Line:
    """The shank's crown line beyond a head: over a basket's bridge it rises to the shank's own height."""

    def line(phi_deg: Array) -> Array:
        body = body_line(shank, phi_deg)
        if head.style == "stand" or gallery.shoulders == "cathedral":
            return bore_radius_mm + body
        bridge = head.bridge_thickness_mm
        return np.asarray(bore_radius_mm + bridge + (body - bridge) * bridge_share(phi_deg))

    return line


def _width_mm(shank: Shank, head: Head, gallery: Gallery, phi_deg: float) -> float:
    """Width of the shank at an angle, narrower over a basket's bridge (`templates/solitaire/shape.py`)."""
    width = width_at_mm(shank, phi_deg)
    if head.style == "stand" or gallery.shoulders == "cathedral":
        return width
    bridge = bridge_width(shank)
    return bridge + (width - bridge) * float(smooth_step(np.array([(phi_deg - 10.0) / 24.0]))[0])


def first_bead_deg(
    start_deg: float,
    bore_radius_mm: float,
    shank: Shank,
    head: Head,
    gallery: Gallery,
    stone: RoundStone,
    needed_mm: float,
) -> float:
    """Where the beads of a row may begin, degrees from the top.

    ``start_deg`` is where decoration may begin. The row comes up to the skirts round the head's feet; on the slope that
    leads down to a basket's bridge, as far as the metal is thick enough. An arm of a cathedral carries none.
    """
    if gallery.shoulders == "cathedral":
        return first_stone_deg(start_deg, bore_radius_mm, shank, head, gallery, stone)
    reach = head_reach_deg(head, gallery)
    if head.style == "basket":
        rail = gallery.rails[-1].outer_side_mm / (bore_radius_mm + head.bridge_thickness_mm)
        reach = max(reach, math.degrees(math.asin(min(rail, 1.0))))
    begin = reach + math.degrees((SKIRT_REACH_MM + _BESIDE_HEAD_MM) / bore_radius_mm)
    phi = np.linspace(begin, 90.0, 900)
    thick = crown_line(bore_radius_mm, shank, head, gallery)(phi) - bore_radius_mm >= needed_mm - 1e-9
    return float(phi[np.argmax(thick)]) if thick.any() else begin


def row_end_deg(accents: tuple[object, ...], bore_radius_mm: float, shank: Shank) -> float:
    """Angle from the top where what a bead-set row takes of the shank ends; 0 without one."""
    found = 0.0
    for accent in accents:
        if isinstance(accent, BeadAccent) and accent.beads:
            outer = math.degrees((0.5 * accent.bead_diameter_mm + _BESIDE_HEAD_MM) / bore_radius_mm)
            found = max(found, max(abs(_angle_deg(bead)) for bead in accent.beads) + outer)
    return found


def _angle_deg(bead: Bead) -> float:
    return math.degrees(math.atan2(bead.foot_mm[0], bead.foot_mm[2]))


def resolve_beads(
    ledger: Ledger,
    bore_radius_mm: float,
    shank: Shank,
    limits: FoundryLimits,
    want: Accent,
    stone: RoundStone,
    begin_deg: float,
    last_deg: float,
    head: Head,
    gallery: Gallery,
) -> BeadAccent | None:
    """The row on both shoulders of a pave solitaire; problems are noted in the ledger.

    ``begin_deg`` is where its first beads may begin, ``last_deg`` where the plain bottom does.
    """
    field = path = "accents.0"
    line = crown_line(bore_radius_mm, shank, head, gallery)
    _check_request(ledger, field, want, shank, stone)
    gap = _gap(ledger, field, want, stone, limits)
    sizes = bead_sizes(stone, gap, limits)
    if math.isnan(bead_axis_mm(sizes, gap)) or ledger.problems:
        return None
    reach = end_reach_deg(line, place(line, begin_deg), sizes, gap)
    while begin_deg < last_deg:
        begun = lay_row(line, begin_deg + reach, sizes, gap, count=_LEAST_COUNT + 1)
        if _runs_evenly(begun, stone, bore_radius_mm) and uneven_tops_mm(line, begun, sizes) <= _EVEN_TOPS_MM:
            break
        begin_deg += _STEP_DEG
    start = want.start_deg if want.start_deg is not None else begin_deg + reach
    if start - reach < begin_deg - 1e-9:
        ledger.refuse(
            f"{field}.start_deg",
            "the first beads stand on the head's foot, on the slope under it or on the cathedral arm",
            value=start,
            limit=f"at least {begin_deg + reach:.1f} deg",
            suggestion=f"use {math.ceil(begin_deg + reach)}, or leave it out",
        )
        return None
    end = min(rule("bead_reach_decorated_deg" if ledger.spec.decoration else "bead_reach_deg"), last_deg)
    fills = lay_row(line, start, sizes, gap, last_deg=end)
    most = len(lay_row(line, start, sizes, gap, last_deg=last_deg))
    count = max(len(fills), _LEAST_COUNT) if want.count == "fill" else want.number
    if not _LEAST_COUNT <= count <= most:
        ledger.refuse(
            f"{field}.count",
            "the row runs into the plain bottom kept for sizing" if count > most else "too few stones for a row",
            value=count,
            limit=f"{_LEAST_COUNT} to {most} stones of {mm(stone.diameter_mm)} on each shoulder, {mm(gap)} apart",
            suggestion=f"use {max(most, _LEAST_COUNT)}, or 'fill'" if most >= _LEAST_COUNT else "use smaller stones",
        )
        return None
    row = lay_row(line, start, sizes, gap, count=count)
    # on a round row the beads stand a little farther from the stones than on a straight one
    away = math.hypot(farthest_mm(line, row, sizes), sizes.bead_radius + 0.5 * between_mm(stone, limits))
    overlap = min(sizes.overlap, sizes.girdle_radius + sizes.bead_radius - away)
    if overlap < rule("bead_overlap_min") * stone.diameter_mm:
        ledger.refuse(
            f"{field}.gap_mm",
            "on so round a shank the beads between two stones do not reach both",
            value=mm(gap),
            limit=f"{mm(rule('bead_overlap_min') * stone.diameter_mm)} over each girdle, here {mm(max(overlap, 0.0))}",
            suggestion=f"use {max(down(gap - 0.03), rule('bead_gap_low')):g}, or smaller stones",
        )
    sizes = replace(sizes, overlap=overlap)
    seats: list[PlacedSeat] = []
    beads: list[Bead] = []
    for side, sign in (("right", 1), ("left", -1)):
        here, round_here = seats_and_beads(line, row, sizes, f"bead_0_{side}", sign)
        seats += here
        beads += round_here
    walls = [_check_width(ledger, field, shank, head, gallery, stone, sizes, gap, stood.phi_deg) for stood in row]
    _check_depth(ledger, field, limits, stone, min(float(np.linalg.norm(at.point)) for at in row) - bore_radius_mm)
    opening, azure, bar = _openings(row, stone, sizes, bore_radius_mm)
    if opening < rule("bead_pilot_least") * stone.diameter_mm - 1e-9:
        wider = up(gap + rule("bead_pilot_least") * stone.diameter_mm - opening)
        ledger.refuse(
            f"{field}.gap_mm",
            "too little metal is left between the openings at the finger",
            value=mm(gap),
            limit=f"{mm(rule('bead_bar_min'))} between openings of {rule('bead_pilot_least'):g} of the stone",
            suggestion=f"use {wider:g}, or larger stones",
        )
    widest = max(width_at_mm(shank, stood.phi_deg) for stood in row)
    _note(ledger, path, field, want, len(fills), bar)
    return bead_accent(
        stone,
        sizes,
        min((girdle_gap_mm(one, two, sizes) for one, two in pairwise(row)), default=gap),
        seats,
        beads,
        through_mm=max(float(np.linalg.norm(stood.point)) for stood in row) - bore_radius_mm + sizes.proud,
        opening_mm=opening,
        azure_mm=azure,
        wall_mm=min(walls),
        scallop=u_cut(stone, 0.5 * widest, _OVER_SIDE_MM, both_sides=True),
    )


def _at_bore_mm(row: list[Place], bore_radius_mm: float) -> float:
    """Least distance of neighbouring axes where they meet the bore."""
    ends = []
    for stood in row:
        along = float(stood.point @ stood.normal)
        deep = along - math.sqrt(max(along**2 - float(stood.point @ stood.point) + bore_radius_mm**2, 0.0))
        ends.append(stood.point - deep * stood.normal)
    return min(float(np.linalg.norm(two - one)) for one, two in pairwise(ends))


def _runs_evenly(row: list[Place], stone: RoundStone, bore_radius_mm: float) -> bool:
    """Whether neighbours turn little against each other, and metal is left between their openings at the finger."""
    room = _at_bore_mm(row, bore_radius_mm) - rule("bead_bar_min")
    if room < rule("bead_pilot_least") * stone.diameter_mm:
        return False
    return all(_turn_deg(one, two) <= _EVEN_TURN * abs(two.phi_deg - one.phi_deg) + 1e-9 for one, two in pairwise(row))


def _turn_deg(one: Place, two: Place) -> float:
    return abs(math.degrees(math.asin(float(one.normal[0] * two.normal[1] - one.normal[1] * two.normal[0]))))


def _openings(
    row: list[Place], stone: RoundStone, sizes: BeadSizes, bore_radius_mm: float
) -> tuple[float, float, float]:
    """Diameters of the hole under the bearing and at the finger, and the metal left between two holes there, mm."""
    at_bore = _at_bore_mm(row, bore_radius_mm)
    room = at_bore - rule("bead_bar_min")
    pilot = min(rule("bead_pilot_share") * stone.diameter_mm, room)
    azure = max(min(rule("bead_azure_share") * stone.diameter_mm, room), pilot)
    return pilot, azure, at_bore - azure


def _check_request(ledger: Ledger, field: str, want: Accent, shank: Shank, stone: RoundStone) -> None:
    """What does not depend on numbers of the row."""
    if (want.on or ("shoulders",)) != ("shoulders",):
        ledger.refuse(
            f"{field}.on",
            "a bead-set row stands on both shoulders alike",
            value=", ".join(want.on or ()),
            suggestion="use [shoulders], or leave it out",
        )
    low, high = _STONES_MM
    if not low <= stone.diameter_mm <= high:
        ledger.refuse(
            f"{field}.stone.size",
            "no stone for beads",
            value=mm(stone.diameter_mm),
            limit=f"{low:g} to {high:g} mm",
            suggestion=f"use '{low if stone.diameter_mm < low else high:g} mm'",
        )
    if shank.profile not in _PROFILES:
        ledger.refuse(
            "shank.profile",
            "a bead-set row runs on an even, broad top",
            value=shank.profile,
            limit=", ".join(_PROFILES),
            suggestion="use flat",
        )


def _gap(ledger: Ledger, field: str, want: Accent, stone: RoundStone, limits: FoundryLimits) -> float:
    default, widest = gap_default_mm(stone.diameter_mm), widest_gap_mm(stone, limits)
    gap = want.gap_mm if want.gap_mm is not None else min(default, widest)
    least = rule("bead_gap_low")
    if not least - 1e-9 <= gap <= widest + 1e-9:
        ledger.refuse(
            f"{field}.gap_mm",
            "stones so close chip each other" if gap < least else "the beads between two stones do not reach both",
            value=mm(gap),
            limit=f"{least:g} to {widest:g} mm for stones of {mm(stone.diameter_mm)}",
            suggestion=f"use {least if gap < least else widest:g}, or leave it out",
        )
        return default
    return gap


def _check_width(
    ledger: Ledger,
    field: str,
    shank: Shank,
    head: Head,
    gallery: Gallery,
    stone: RoundStone,
    sizes: BeadSizes,
    gap: float,
    phi_deg: float,
) -> float:
    """Metal beside the girdle from above at an angle; too little, or too round a top under the beads, is refused."""
    width, height = _width_mm(shank, head, gallery, phi_deg), thickness_at_mm(shank, phi_deg)
    left = 0.5 * (width - stone.diameter_mm)
    if left < rule("bead_side_wall_min") - 1e-9:
        ledger.refuse(
            f"{field}.stone.size",
            "the stones are too wide for the shank",
            value=mm(stone.diameter_mm),
            limit=f"{rule('bead_side_wall_min'):g} mm of metal beside them, here {mm(max(left, 0.0))}",
            suggestion=f"use shank.width_mm: {up(width_needed_mm(stone), WIDTH_STEP_MM):g}"
            + _smaller(width - 2.0 * rule("bead_side_wall_min")),
        )
        return left
    outside = bead_axis_mm(sizes, gap) + sizes.bead_radius
    falls = fall_mm(shank, min(outside, 0.499 * width), width, height)
    if falls > _FALL_SHARE * stone.diameter_mm:
        ledger.refuse(
            f"{field}.stone.size",
            "the shank's top falls away under the beads",
            value=mm(stone.diameter_mm),
            limit=f"{mm(falls)} lower under their outside, at most {mm(_FALL_SHARE * stone.diameter_mm)}",
            suggestion=f"use profile: flat, or shank.width_mm: {up(width + 0.3, WIDTH_STEP_MM):g}",
        )
    return left


def _check_depth(ledger: Ledger, field: str, limits: FoundryLimits, stone: RoundStone, thickness: float) -> None:
    needed, words = depth_needed_mm(stone, limits)
    if thickness >= needed - 1e-9:
        return
    per_mm = (needed - limits.wall_min_mm - WALL_MARGIN_MM) / stone.diameter_mm
    fits = (thickness - limits.wall_min_mm - WALL_MARGIN_MM) / per_mm
    ledger.refuse(
        f"{field}.stone.size",
        "too deep for the shank",
        value=mm(stone.diameter_mm),
        limit=f"{words} = {mm(needed)} of metal, here {mm(thickness)}",
        suggestion=f"use shank.thickness_mm: {up(needed, 0.05):g}" + _smaller(fits),
    )


def _smaller(size_mm: float) -> str:
    size = down(size_mm, STONE_STEP_MM)
    return f", or stones of {size:g} mm" if size >= _STONES_MM[0] else ""


def _note(ledger: Ledger, path: str, field: str, want: Accent, fills: int, bar_mm: float) -> None:
    ledger.note(f"{path}.setting", "given", f"given as {field}.setting")
    if want.count == "fill":
        ledger.note(f"{path}.seats", "derived", f"{fills} whole stones fill each shoulder up to the row's end")
    else:
        ledger.note(f"{path}.seats", "given", f"given as {field}.count, on each shoulder")
    ledger.note(f"{path}.beads", "derived", "two between neighbours and two beyond either end: four hold a stone")
    if want.gap_mm is not None:
        ledger.given(f"{path}.gap_mm", f"{field}.gap_mm")
    else:
        ledger.note(f"{path}.gap_mm", "default", "0.12 of the stone, 0.10 to 0.20 mm (catalogue pitch 1.14 stones)")
    for name, because in (
        ("bead_diameter_mm", "0.40 of the stone, 0.35 mm at least"),
        ("bead_rise_mm", "a little over the table: 1.14 crown heights in catalogue rings"),
        ("overlap_mm", "what covers 30 to 40 % of the crown once it is laid on it"),
        ("proud_mm", "stones stand over the metal between them: 0.07 of the stone"),
        ("pilot_diameter_mm", "0.55 of the stone, less where the metal between two openings asks for it"),
    ):
        ledger.note(f"{path}.{name}", "default", because)
    for name, because in (
        ("opening_diameter_mm", "where the bearing cone leaves the metal, clear of the beads"),
        ("azure_diameter_mm", f"0.66 of the stone at most; {mm(bar_mm)} of metal are left between two at the finger"),
        ("through_mm", "from the girdle to the finger"),
        (
            "scallop",
            "a U-cut 0.62 of the stone wide, 0.17 below the girdle, 0.20 more at the side: clear of the beads",
        ),
        ("wall_mm", "the shank's width less the stone"),
        ("rim_mm", "the row's own"),
    ):
        ledger.note(f"{path}.{name}", "derived", because)


def resolve_bead_row(
    ledger: Ledger,
    bore_radius_mm: float,
    shank: Shank,
    limits: FoundryLimits,
    head: Head,
    gallery: Gallery,
    start_deg: float,
) -> tuple[BeadAccent, ...]:
    """The one row of a ring with a head and bead-set shoulders; problems are noted in the ledger.

    ``start_deg`` is where decoration may begin beside the head.
    """
    want = ledger.spec.accents[0]
    stone = resolve_stone(want.stone, ledger, "accents.0.stone", "accents.0.stone")
    if stone is None:
        return ()
    begin = first_bead_deg(start_deg, bore_radius_mm, shank, head, gallery, stone, depth_needed_mm(stone, limits)[0])
    found = resolve_beads(ledger, bore_radius_mm, shank, limits, want, stone, begin, last_phi_deg(), head, gallery)
    return () if found is None else (found,)
