"""Rows of bead-set stones along a crown line: where stones and beads stand, with the gaps between them. Numpy only.

The crown line lies in the plane of the finger hole (xz); a stone's axis is the line's normal, its girdle lies ``proud``
over the line. Whatever the line's curvature, a stone is moved on until its girdle is a given gap away from the last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Bead, BeadAccent, PlacedSeat, ResolvedRing

Array = NDArray[np.float64]

#: Distance of the crown line from the finger axis, mm, at angles (k,) from the top, degrees.
Line = Callable[[Array], Array]

#: Half of the step over which the line's direction is taken, degrees.
_STEP_DEG = 0.05
#: A place is found in so many steps at most, to this, mm.
_ROUNDS, _EXACT_MM = 60, 1e-7


@dataclass(frozen=True)
class BeadSizes:
    """What stones and beads of a row measure, mm.

    Attributes
    ----------
    girdle_radius, girdle_height : of the stones
    proud : girdle's lower edge over the crown line
    bead_radius, rise : of the beads; their top over the girdle's lower edge
    overlap : how far a bead stands over the girdle, from above
    root : how deep a bead's foot lies under the crown line
    """

    girdle_radius: float
    girdle_height: float
    proud: float
    bead_radius: float
    rise: float
    overlap: float
    root: float


@dataclass(frozen=True)
class Place:
    """A point of the crown line in its plane (x, z), with unit normal (outward) and tangent (towards growing angle)."""

    phi_deg: float
    point: Array
    normal: Array
    tangent: Array

    def over(self, height_mm: float) -> Array:
        """The point on the normal ``height_mm`` over the line."""
        return np.asarray(self.point + height_mm * self.normal)


def place(line: Line, phi_deg: float) -> Place:
    """The line's frame at an angle."""
    angles = phi_deg + _STEP_DEG * np.array([-1.0, 0.0, 1.0])
    points = line(angles)[:, None] * np.stack([np.sin(np.radians(angles)), np.cos(np.radians(angles))], axis=1)
    tangent = points[2] - points[0]
    tangent = tangent / np.linalg.norm(tangent)
    return Place(phi_deg, points[1], np.array([-tangent[1], tangent[0]]), tangent)


def girdle_gap_mm(one: Place, two: Place, sizes: BeadSizes) -> float:
    """Least distance of the girdles of two neighbours, ``two`` beyond ``one``: of their facing edges in the plane."""
    low, high = sizes.proud, sizes.proud + sizes.girdle_height
    here = [one.over(h) + sizes.girdle_radius * one.tangent for h in (low, high)]
    there = [two.over(h) - sizes.girdle_radius * two.tangent for h in (low, high)]
    if float((there[0] - here[0]) @ one.tangent) < 0.0 or float((there[1] - here[1]) @ one.tangent) < 0.0:
        return -1.0
    return min(
        *(_from_segment(point, there[0], there[1]) for point in here),
        *(_from_segment(point, here[0], here[1]) for point in there),
    )


def _from_segment(point: Array, start: Array, end: Array) -> float:
    way = end - start
    share = min(max(float((point - start) @ way) / float(way @ way), 0.0), 1.0)
    return float(np.linalg.norm(point - start - share * way))


def next_place(line: Line, last: Place, sizes: BeadSizes, gap_mm: float) -> Place:
    """Where the next stone stands so that its girdle is ``gap_mm`` from the last one's."""
    away = float(np.linalg.norm(last.point))
    phi = last.phi_deg + math.degrees((2.0 * sizes.girdle_radius + gap_mm) / away)
    for _ in range(_ROUNDS):
        found = place(line, phi)
        # never less than asked for, and more by no more than this
        missing = gap_mm + 0.5 * _EXACT_MM - girdle_gap_mm(last, found, sizes)
        if abs(missing) < 0.5 * _EXACT_MM:
            break
        phi += math.degrees(missing / away)
    return found


def lay_row(
    line: Line, first_deg: float, sizes: BeadSizes, gap_mm: float, *, count: int | None = None, last_deg: float = 360.0
) -> list[Place]:
    """Stones from ``first_deg`` on, each ``gap_mm`` from the last: ``count`` of them, or what ends by ``last_deg``.

    What ends by ``last_deg`` is the outer edge of the end beads.
    """
    found = [place(line, first_deg)]
    while len(found) < (count or 10_000):
        following = next_place(line, found[-1], sizes, gap_mm)
        if count is None and following.phi_deg + end_reach_deg(line, following, sizes, gap_mm) > last_deg:
            break
        found.append(following)
    return found


def bead_axis_mm(sizes: BeadSizes, gap_mm: float) -> float:
    """From the middle of a row to the axes of its beads, for a straight row; ``nan`` where gap and beads do not fit."""
    away = sizes.girdle_radius + sizes.bead_radius - sizes.overlap
    square = away**2 - (sizes.girdle_radius + 0.5 * gap_mm) ** 2
    return math.sqrt(square) if square > 0.0 else math.nan


def end_reach_deg(line: Line, end: Place, sizes: BeadSizes, gap_mm: float) -> float:
    """Angle from an end stone's axis to the outside of the beads beyond it."""
    away = sizes.girdle_radius + 0.5 * gap_mm + sizes.bead_radius
    return math.degrees(math.asin(min(away / float(line(np.array([end.phi_deg]))[0]), 1.0)))


def farthest_mm(line: Line, row: Sequence[Place], sizes: BeadSizes) -> float:
    """How far the middles of a row's pairs of beads are from the axes beside them, along the row, at most."""
    found = []
    for one, two in pairwise(row):
        center, _ = _bead_centers(one, two, place(line, 0.5 * (one.phi_deg + two.phi_deg)), sizes)
        found.append(_away_mm(center, one, two))
    return max(found)


def _away_mm(center: Array, one: Place, two: Place) -> float:
    return max(abs(float((center - stone.point) @ stone.tangent)) for stone in (one, two))


def _bead_centers(one: Place, two: Place, middle: Place, sizes: BeadSizes) -> tuple[Array, float]:
    """Middle of a pair of beads' balls in the plane, and how far each lies off it across the row."""
    center = middle.over(max(_heights(one, two, middle, sizes)))
    away = _away_mm(center, one, two)
    square = (sizes.girdle_radius + sizes.bead_radius - sizes.overlap) ** 2 - away**2
    return center, math.sqrt(max(square, 0.0))


def _heights(one: Place, two: Place, middle: Place, sizes: BeadSizes) -> tuple[float, float]:
    """How high over the line a bead's middle lies when its top is level with what either stone asks for, mm.

    Over the stones' own girdles, not over the line between them, which a round row carries lower or higher.
    """
    level = sizes.rise - sizes.bead_radius
    first, second = (
        (level - float((middle.point - stone.over(sizes.proud)) @ stone.normal)) / float(middle.normal @ stone.normal)
        for stone in (one, two)
    )
    return first, second


def uneven_tops_mm(line: Line, row: Sequence[Place], sizes: BeadSizes) -> float:
    """How much higher a shared bead's top lies over one of its two stones than over the other, at most."""
    middles = [place(line, 0.5 * (one.phi_deg + two.phi_deg)) for one, two in pairwise(row)]
    heights = [_heights(*stones, middle, sizes) for stones, middle in zip(pairwise(row), middles, strict=True)]
    return max((abs(first - second) for first, second in heights), default=0.0)


def seats_and_beads(
    line: Line, row: Sequence[Place], sizes: BeadSizes, name: str, sign: int = 1
) -> tuple[list[PlacedSeat], list[Bead]]:
    """Seats and beads of a row, in the ring's frame: a pair of beads between neighbours and beyond either end.

    ``sign`` -1 mirrors the row at the plane x = 0. Ids are ``<name>_<k>``, of beads with ``a`` (y > 0) or ``b``.
    """
    seats = [
        PlacedSeat(
            id=f"{name}_{k}",
            origin_mm=_in_ring(stone.over(sizes.proud), sign),
            axis=_in_ring(stone.normal, sign),
            along=_in_ring(stone.tangent, sign),
        )
        for k, stone in enumerate(row)
    ]
    pairs: list[tuple[Array, Array, float, tuple[str, ...]]] = []
    for k in range(len(row) - 1):
        middle = place(line, 0.5 * (row[k].phi_deg + row[k + 1].phi_deg))
        center, aside = _bead_centers(row[k], row[k + 1], middle, sizes)
        pairs.append((center, middle.normal, aside, (seats[k].id, seats[k + 1].id)))
    first, last = (_reflected(pairs[0], row[0], seats[0].id), _reflected(pairs[-1], row[-1], seats[-1].id))
    beads = []
    for k, (center, axis, aside, holds) in enumerate((first, *pairs, last)):
        nearest = min(row, key=lambda stone: float(np.linalg.norm(stone.point - center)))
        down = float((center - nearest.point) @ axis) + sizes.root
        foot = center - down * axis
        for side, letter in ((1.0, "a"), (-1.0, "b")):
            x, _, z = _in_ring(foot, sign)
            beads.append(
                Bead(
                    id=f"{name}_{k}{letter}",
                    foot_mm=(x, side * aside, z),
                    axis=_in_ring(axis, sign),
                    height_mm=down + sizes.bead_radius,
                    holds=holds,
                )
            )
    return seats, beads


def _reflected(
    pair: tuple[Array, Array, float, tuple[str, ...]], end: Place, seat: str
) -> tuple[Array, Array, float, tuple[str, ...]]:
    """A pair of beads on the other side of an end stone, as far from it as the given one."""
    center, axis, aside, _ = pair
    across = end.tangent
    there = center - 2.0 * float((center - end.point) @ across) * across
    return there, axis - 2.0 * float(axis @ across) * across, aside, (seat,)


def _in_ring(vector: Array, sign: int) -> tuple[float, float, float]:
    return (sign * float(vector[0]), 0.0, float(vector[1]))


def bead_rows(ring: ResolvedRing) -> list[BeadAccent]:
    """The ring's bead-set rows on the shank."""
    return [accent for accent in ring.accents if isinstance(accent, BeadAccent)]


def reach_deg(accent: BeadAccent) -> float:
    """Angle from the top up to which a row takes the shank: the outside of its last beads."""
    angles = [(bead, math.hypot(bead.foot_mm[0], bead.foot_mm[2])) for bead in accent.beads]
    return max(
        abs(math.degrees(math.atan2(bead.foot_mm[0], bead.foot_mm[2])))
        + math.degrees(0.5 * accent.bead_diameter_mm / away)
        for bead, away in angles
    )
