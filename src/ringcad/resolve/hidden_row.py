"""Where the stones of a hidden halo stand: in the seat rail's outside, between the prongs. Numbers only, in mm."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.bead_row import BeadSizes
from ringcad.resolve.bead_sizes import bead_sizes
from ringcad.resolve.halo_row import Row, RowLine, all_round, free_stretches, line_beside
from ringcad.resolve.hidden_beads import Place, between
from ringcad.resolve.ledger import Ledger, down, rule
from ringcad.resolved import CenterStone, FancyStone, FoundryLimits, Gallery, Head, RoundStone
from ringcad.stones.of_ring import rail_path
from ringcad.stones.outline import circular_arc

Array = NDArray[np.float64]
Circle = tuple[float, float, float]

#: Gaps of the row are tried in these steps, mm.
_GAP_STEP_MM = 0.01
#: What a row costs by this: gaps that differ, room left at either end of a stretch, mm.
_UNEVEN_MM, _SLACK_OFF_MM = 0.06, 0.12
#: A stretch of one stone is no row.
_LEAST_COUNT = 2
#: Rounds in which stones on a curve are moved on until their gaps are even.
_ROUNDS = 4


@dataclass(frozen=True)
class Collar:
    """What a row stands on: center stone, head and gallery, the foundry's limits, the stones of the row."""

    stone: CenterStone
    head: Head
    gallery: Gallery
    limits: FoundryLimits
    small: RoundStone
    slit_mm: float
    """Least gap between two beads, or between bead and prong."""

    @property
    def row_z(self) -> float:
        """Height of the row's axes: the middle of the rail."""
        return 0.5 * (self.gallery.rails[0].bottom_z_mm + self.gallery.rails[0].top_z_mm)

    @property
    def width(self) -> float:
        """Of the rail, inside to outside."""
        return self.gallery.rails[0].outer_radius_mm - self.gallery.rails[0].inner_radius_mm

    @property
    def height(self) -> float:
        """Of the rail."""
        return self.gallery.rails[0].top_z_mm - self.gallery.rails[0].bottom_z_mm

    def line(self, out_mm: float) -> RowLine:
        """The quarter of the line ``out_mm`` outside the rail's middle line."""
        rail = self.gallery.rails[0]
        if isinstance(self.stone, FancyStone):
            return line_beside(rail_path(self.stone, rail), out_mm)
        middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
        return line_beside((circular_arc((0.0, 0.0), middle, 0.0, 0.5 * math.pi),), out_mm)

    def prongs(self) -> list[Circle]:
        """Prongs as circles from above, at the lower end, the middle and the upper end of the stones."""
        radius = 0.5 * self.small.diameter_mm
        return [prong for z in (-radius, 0.0, radius) for prong in prongs_at(self.head, self.row_z + z)]


@dataclass(frozen=True)
class Choice:
    """A row that fits: what it costs, its beads, gap, what is left at prongs, places, pitch and what is drilled."""

    cost: float
    sizes: BeadSizes
    gap: float
    slack: float
    places: list[Place]
    pitch: float
    hole: float
    bar: float


def prongs_at(head: Head, z_mm: float) -> list[Circle]:
    """Straight prongs from above at a height, as circles (x, y, radius)."""
    away = head.prong_axis_radius_girdle_mm + (z_mm - head.girdle_z_mm) * math.tan(math.radians(head.prong_lean_deg))
    below = min(max((head.girdle_z_mm - z_mm) / (head.girdle_z_mm - head.prong_foot_z_mm), 0.0), 1.0)
    thick = head.prong_diameter_girdle_mm + below * (head.prong_diameter_base_mm - head.prong_diameter_girdle_mm)
    turns = [(stand, math.radians(stand.azimuth_deg)) for stand in head.stands]
    return [(s.x_mm + away * math.cos(turn), s.y_mm + away * math.sin(turn), 0.5 * thick) for s, turn in turns]


def way_in_room(line: RowLine, prongs: list[Circle], radius_mm: float) -> Array:
    """(n,) room between a stone on its way in, square to the line, and the nearest prong before it; inf without one."""
    along = np.stack([line.out[:, 1], -line.out[:, 0]], axis=1)
    found = np.full(len(line.at), np.inf)
    for x, y, radius in prongs:
        offset = np.array([x, y]) - line.points
        before = np.einsum("ij,ij->i", offset, line.out) + radius > 0.0
        aside = np.abs(np.einsum("ij,ij->i", offset, along)) - radius - radius_mm
        found = np.where(before, np.minimum(found, aside), found)
    return found


def _gaps(ledger: Ledger, collar: Collar) -> list[float]:
    want = ledger.spec.halo
    assert want is not None
    if want.gap_mm is not None:
        return [want.gap_mm]
    widest = min(widest_gap_mm(collar.small, collar.limits, collar.slit_mm), rule("hidden_gap_max"))
    first, last = round(rule("bead_gap_low") / _GAP_STEP_MM), int(widest / _GAP_STEP_MM + 1e-9)
    return [round(k * _GAP_STEP_MM, 6) for k in range(first, last + 1)]


def _turned_gap(line: RowLine, one: float, two: float, radius: float) -> float:
    """Between the girdles of two stones of the line, where they face each other."""
    (p, out_p), (q, out_q) = line.place(one), line.place(two)
    start = p + radius * np.array([-out_p[1], out_p[0]])
    end = q - radius * np.array([-out_q[1], out_q[0]])
    return float(np.hypot(*(end - start)))


def _laid(line: RowLine, stretch: tuple[float, float], gap: float, radius: float) -> tuple[list[float], float]:
    """(places of a stretch, room left at either end): as many as fit with this gap, in its middle."""
    low, high = stretch
    count = int((high - low) / (2.0 * radius + gap) + 1e-9) + 1
    middle = 0.5 * (low + high)
    while True:
        places = [middle + (k - 0.5 * (count - 1)) * (2.0 * radius + gap) for k in range(count)]
        for _ in range(_ROUNDS):  # on a curve the girdles come nearer than their places along it: each is moved on
            for k in range(1, count):
                places[k] += gap - _turned_gap(line, places[k - 1], places[k], radius)
            shift = middle - 0.5 * (places[0] + places[-1])
            places = [place + shift for place in places]
        if count == 1 or places[0] >= low - 1e-6:
            return places, places[0] - low
        count -= 1


def choices(ledger: Ledger, collar: Collar) -> tuple[list[Choice], list[str]]:
    """Rows that fit, with what each costs, and why others do not: ``prongs``, ``slack``, ``bar``, ``beads``."""
    small = collar.small
    radius = 0.5 * small.diameter_mm
    proud = rule("bead_proud_share") * small.diameter_mm
    line = collar.line(0.5 * collar.width + proud)
    free = way_in_room(line, collar.prongs(), radius) >= rule("hidden_prong_room")
    found: list[Choice] = []
    why: list[str] = []
    stretches = free_stretches(line, free)
    gaps = _gaps(ledger, collar)
    laid_at = [[_laid(line, stretch, gap, radius) for gap in gaps] for stretch in stretches]
    for number, gap in enumerate(gaps):
        # each stretch with gaps of its own, which leave least beside the prongs
        laid = [min(tried[: number + 1], key=lambda one: one[1]) for tried in laid_at]
        if not laid or all(len(places) < _LEAST_COUNT for places, _ in laid):
            why.append("prongs")
            continue
        slack = max(left for _, left in laid)
        if slack > rule("hidden_slack_share") * small.diameter_mm:
            why.append("slack")
            continue
        pairs = [pair for places, _ in laid for pair in itertools.pairwise(places)]
        drilled = _drilled(collar, line, pairs, small, proud)
        if drilled is None:
            why.append("bar")
            continue
        sizes = _bead_sizes(collar, line, pairs, gap)
        if sizes.overlap < rule("bead_overlap_min") * small.diameter_mm - 1e-9:
            why.append("beads")
            continue
        at = [place for places, _ in laid for place in places]
        at = sorted(min(max(one, 0.0), line.length_mm) for one in at if -1e-6 <= one <= line.length_mm + 1e-6)
        left = [_turned_gap(line, a, b, radius) for a, b in pairs]
        cost = ((max(left) - min(left)) / _UNEVEN_MM) ** 2 + sum((left / _SLACK_OFF_MM) ** 2 for _, left in laid)
        widest = max(math.dist(line.place(a)[0], line.place(b)[0]) for a, b in pairs)
        places = all_round(line, Row(tuple(at), gap, gap, slack, 0))
        found.append(Choice(cost, sizes, round(min(left), 6), slack, places, widest, *drilled))
    return sorted(found, key=lambda one: one.cost), why


def _drilled(
    collar: Collar, line: RowLine, pairs: list[tuple[float, float]], small: RoundStone, proud: float
) -> tuple[float, float] | None:
    """(diameter of the openings, least metal between two at the rail's inside); ``None`` where that is too little."""
    deep = collar.width + proud
    ends = [[place[0] - deep * place[1] for place in map(line.place, pair)] for pair in pairs]
    apart = min((math.dist(one, two) for one, two in ends), default=math.inf)
    hole = min(rule("bead_pilot_share") * small.diameter_mm, apart - rule("bead_bar_min"))
    return None if hole < rule("hidden_pilot_least") else (hole, apart - hole)


def _bead_sizes(collar: Collar, line: RowLine, pairs: list[tuple[float, float]], gap: float) -> BeadSizes:
    """Beads of the row: they stand over the girdles by the rule's overlap, or by what the widest pair leaves."""
    sizes = bead_sizes(collar.small, gap, collar.limits)
    aside = max(between(line.place(a), line.place(b), sizes)[1] for a, b in pairs)
    away = math.hypot(aside, sizes.bead_radius + 0.5 * collar.slit_mm)
    usual = rule("bead_overlap_share") * collar.small.diameter_mm
    return replace(sizes, overlap=min(usual, sizes.girdle_radius + sizes.bead_radius - away))


def widest_gap_mm(small: RoundStone, limits: FoundryLimits, slit_mm: float) -> float:
    """Widest gap of a straight row that beads ``slit_mm`` apart reach over, in hundredths of a millimetre."""
    radius = bead_sizes(small, 0.0, limits).bead_radius
    away = 0.5 * small.diameter_mm + radius - rule("bead_overlap_min") * small.diameter_mm
    return down(2.0 * math.sqrt(max(away**2 - (radius + 0.5 * slit_mm) ** 2, 0.0)) - small.diameter_mm)
