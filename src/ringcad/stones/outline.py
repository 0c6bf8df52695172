"""The girdle seen from above: a closed, counter-clockwise chain of lines, circular arcs and arcs of an ellipse."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError

FloatArray = NDArray[np.float64]
Point = tuple[float, float]

#: Ends nearer than this share of the outline's size are the same point (rounding is about 1e-16).
_SAME_POINT = 1e-9
#: Directions that differ by less are smooth; the sharpest join of a smooth outline differs by rounding only.
_CORNER_DEG = 1.0


@dataclass(frozen=True)
class Line:
    """A straight side."""

    start: Point
    end: Point

    def point(self, share: float) -> Point:
        """Point at ``share`` (0 to 1) of the way."""
        return (
            self.start[0] + share * (self.end[0] - self.start[0]),
            self.start[1] + share * (self.end[1] - self.start[1]),
        )

    def tangent(self, share: float) -> Point:
        """Unit direction of travel."""
        length = self.length_mm
        return ((self.end[0] - self.start[0]) / length, (self.end[1] - self.start[1]) / length)

    @property
    def length_mm(self) -> float:
        """Length in mm."""
        return math.dist(self.start, self.end)

    @property
    def swept_mm2(self) -> float:
        """Area between the origin and the side, by Green's theorem."""
        return 0.5 * (self.start[0] * self.end[1] - self.end[0] * self.start[1])


@dataclass(frozen=True)
class Arc:
    """An arc of an axis-parallel ellipse (a circle when both radii agree), counter-clockwise.

    ``start_rad`` and ``sweep_rad`` count the ellipse's parameter, which is the polar angle for a circle.
    """

    centre: Point
    radius_x_mm: float
    radius_y_mm: float
    start_rad: float
    sweep_rad: float

    def point(self, share: float) -> Point:
        """Point at ``share`` (0 to 1) of the sweep."""
        angle = self.start_rad + share * self.sweep_rad
        return (
            self.centre[0] + self.radius_x_mm * math.cos(angle),
            self.centre[1] + self.radius_y_mm * math.sin(angle),
        )

    def tangent(self, share: float) -> Point:
        """Unit direction of travel."""
        angle = self.start_rad + share * self.sweep_rad
        x, y = -self.radius_x_mm * math.sin(angle), self.radius_y_mm * math.cos(angle)
        length = math.hypot(x, y)
        return (x / length, y / length)

    @property
    def start(self) -> Point:
        """First point."""
        return self.point(0.0)

    @property
    def end(self) -> Point:
        """Last point."""
        return self.point(1.0)

    @property
    def length_mm(self) -> float:
        """Length in mm: closed form for a circle, Gauss-Legendre with 48 nodes (far below 1e-9) for an ellipse."""
        if self.radius_x_mm == self.radius_y_mm:
            return self.radius_x_mm * self.sweep_rad
        nodes, weights = np.polynomial.legendre.leggauss(48)
        angles = self.start_rad + 0.5 * self.sweep_rad * (nodes + 1.0)
        speed = np.hypot(self.radius_x_mm * np.sin(angles), self.radius_y_mm * np.cos(angles))
        return float(0.5 * self.sweep_rad * (weights @ speed))

    @property
    def swept_mm2(self) -> float:
        """Area between the origin and the arc, by Green's theorem."""
        (x0, y0), (x1, y1) = self.start, self.end
        cx, cy = self.centre
        return 0.5 * (self.radius_x_mm * self.radius_y_mm * self.sweep_rad + cx * (y1 - y0) - cy * (x1 - x0))


Segment = Line | Arc


def circular_arc(centre: Point, radius_mm: float, start_rad: float, sweep_rad: float) -> Arc:
    """An arc of a circle."""
    return Arc(centre, radius_mm, radius_mm, start_rad, sweep_rad)


@dataclass(frozen=True)
class Corner:
    """A sharp place of an outline: ``opening_deg`` is the angle of the stone there (90 for a princess)."""

    point: Point
    opening_deg: float
    position: int


@dataclass(frozen=True)
class Outline:
    """A closed, counter-clockwise chain of segments in mm.

    Raises ``ValueError`` for a chain that is open or runs clockwise.
    """

    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        size = max(abs(value) for segment in self.segments for value in (*segment.start, *segment.end))
        for segment, following in zip(self.segments, (*self.segments[1:], self.segments[0]), strict=True):
            if math.dist(segment.end, following.start) > _SAME_POINT * max(size, 1.0):
                raise ValueError(f"the outline is open between {segment.end} and {following.start}")
        if self.area_mm2 <= 0.0:
            raise ValueError("the outline runs clockwise or encloses nothing")

    @cached_property
    def area_mm2(self) -> float:
        """Enclosed area, exact."""
        return sum(segment.swept_mm2 for segment in self.segments)

    @cached_property
    def length_mm(self) -> float:
        """Length all round."""
        return sum(segment.length_mm for segment in self.segments)

    def at(self, position: float) -> Point:
        """Point at a running position: 2.25 is a quarter of the way along the third segment."""
        index = math.floor(position)
        return self.segments[index % len(self.segments)].point(position - index)

    def normal_at(self, position: float) -> Point:
        """Outward unit normal; at a joint, half way between those of its two sides."""
        index = math.floor(position)
        share = position - index
        count = len(self.segments)
        x, y = self.segments[index % count].tangent(share)
        if share == 0.0:
            before = self.segments[(index - 1) % count].tangent(1.0)
            x, y = x + before[0], y + before[1]
        length = math.hypot(x, y)
        return (y / length, -x / length)

    @cached_property
    def corners(self) -> tuple[Corner, ...]:
        """Places where the direction jumps, a heart's cleft included (its opening is over 180 degrees)."""
        found = []
        count = len(self.segments)
        for index, segment in enumerate(self.segments):
            a, b = self.segments[index - 1].tangent(1.0), segment.tangent(0.0)
            turn = math.degrees(math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]))
            if abs(turn) > _CORNER_DEG:
                found.append(Corner(segment.start, 180.0 - turn, index % count))
        return tuple(found)

    def points(self, chord_mm: float) -> FloatArray:
        """Vertices (n, 2) on the outline, every joint among them, no chord further off than ``chord_mm``."""
        return np.array([self.at(position) for position in self.positions(chord_mm)])

    def positions(self, chord_mm: float) -> tuple[float, ...]:
        """Running positions of :meth:`points`."""
        found: list[float] = []
        for index, segment in enumerate(self.segments):
            if isinstance(segment, Line):
                steps = 1
            else:
                # the sagitta of a chord over an angle t is r (1 - cos(t / 2)); the flattest radius of an
                # ellipse belongs to its largest parameter step, so the larger half axis bounds it
                radius = max(segment.radius_x_mm, segment.radius_y_mm)
                step = 2.0 * math.acos(max(1.0 - chord_mm / radius, 0.0))
                steps = max(2, math.ceil(abs(segment.sweep_rad) / step))
            found += [index + i / steps for i in range(steps)]
        return tuple(found)

    @cached_property
    def bounds_mm(self) -> tuple[float, float, float, float]:
        """Least x, least y, largest x, largest y; exact."""
        xs, ys = zip(*self._extremes(), strict=True)
        return (min(xs), min(ys), max(xs), max(ys))

    def _extremes(self) -> Iterator[Point]:
        for segment in self.segments:
            yield segment.start
            if isinstance(segment, Arc):
                for quarter in range(-8, 17):
                    share = (quarter * math.pi / 2.0 - segment.start_rad) / segment.sweep_rad
                    if 0.0 < share < 1.0:
                        yield segment.point(share)


def biarc(start: Point, leaving: Point, end: Point, arriving: Point) -> list[Arc]:
    """Two tangent arcs between two directed points, both with legs of the same length."""
    vx, vy = end[0] - start[0], end[1] - start[1]
    along = vx * (leaving[0] + arriving[0]) + vy * (leaving[1] + arriving[1])
    bent = 2.0 * (1.0 - leaving[0] * arriving[0] - leaving[1] * arriving[1])
    leg = (math.sqrt(along * along + bent * (vx * vx + vy * vy)) - along) / bent
    one = (start[0] + leg * leaving[0], start[1] + leg * leaving[1])
    two = (end[0] - leg * arriving[0], end[1] - leg * arriving[1])
    joint = (0.5 * (one[0] + two[0]), 0.5 * (one[1] + two[1]))
    width = math.dist(one, two)
    through = ((two[0] - one[0]) / width, (two[1] - one[1]) / width)
    return [directed_arc(start, leaving, joint, through), directed_arc(joint, through, end, arriving)]


def directed_arc(start: Point, leaving: Point, end: Point, arriving: Point) -> Arc:
    """The arc between two points that leaves the first in a direction; ``arriving`` is its direction at the second."""
    turn = math.atan2(
        leaving[0] * arriving[1] - leaving[1] * arriving[0], leaving[0] * arriving[0] + leaving[1] * arriving[1]
    )
    radius = math.dist(start, end) / (2.0 * math.sin(0.5 * turn))
    centre = (start[0] - radius * leaving[1], start[1] + radius * leaving[0])
    return circular_arc(centre, radius, math.atan2(-leaving[0], leaving[1]), turn)


def moved_outline(outline: Outline, x_mm: float, y_mm: float) -> Outline:
    """The outline at another place."""
    found: list[Segment] = []
    for segment in outline.segments:
        if isinstance(segment, Line):
            (x0, y0), (x1, y1) = segment.start, segment.end
            found.append(Line((x0 + x_mm, y0 + y_mm), (x1 + x_mm, y1 + y_mm)))
        else:
            x0, y0 = segment.centre
            found.append(replace(segment, centre=(x0 + x_mm, y0 + y_mm)))
    return Outline(tuple(found))


def polygon_outline(points: FloatArray) -> Outline:
    """Outline through measured points (n, 2) in mm, in either sense of turning.

    Raises :class:`InputError` for fewer than three points or a figure without area.
    """
    chain = [(float(x), float(y)) for x, y in points]
    if len(chain) > 1 and math.dist(chain[0], chain[-1]) < _SAME_POINT:
        chain.pop()
    if len(chain) < 3:
        raise InputError(f"an outline needs at least three points; there are {len(chain)}")
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(chain, (*chain[1:], chain[0]), strict=True))
    if twice < 0.0:
        chain.reverse()
    try:
        return Outline(tuple(Line(a, b) for a, b in zip(chain, (*chain[1:], chain[0]), strict=True)))
    except ValueError as error:
        raise InputError(f"the measured outline does not work: {error}") from error
