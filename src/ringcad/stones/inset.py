"""Hoops inside outlines that are alike about x = 0 alone: pears, hearts, trillions, tapered baguettes.

The right half of the outline, from the axis below to the axis above, is moved inward; its corners and points turn with
a least radius. All is lines and arcs tangent to each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ringcad.core.errors import InputError
from ringcad.stones.outline import Arc, Line, Outline, Point, Segment, circular_arc

#: Directions that differ by less are smooth, radians.
_SMOOTH = math.radians(1.0)
_SAME_MM = 1e-9


@dataclass(frozen=True)
class _Carrier:
    """The line or circle on which a moved segment lies: a point and direction, or a centre and radius (> 0)."""

    centre: Point
    way: Point
    radius_mm: float

    def further(self, inward_mm: float) -> _Carrier:
        if self.radius_mm > 0.0:
            if self.radius_mm - inward_mm <= _SAME_MM:
                raise InputError("a hoop inside this stone closes")
            return _Carrier(self.centre, self.way, self.radius_mm - inward_mm)
        (x, y), (dx, dy) = self.centre, self.way
        return _Carrier((x - inward_mm * dy, y + inward_mm * dx), self.way, 0.0)

    def touched_from(self, centre: Point, radius_mm: float) -> Point:
        """Where a fillet of ``radius_mm`` about ``centre`` inside touches it."""
        if self.radius_mm > 0.0:
            away = math.dist(centre, self.centre)
            share = self.radius_mm / away
            return (
                self.centre[0] + share * (centre[0] - self.centre[0]),
                self.centre[1] + share * (centre[1] - self.centre[1]),
            )
        dx, dy = self.way
        return (centre[0] + radius_mm * dy, centre[1] - radius_mm * dx)


def right_half(outline: Outline) -> tuple[Segment, ...]:
    """The segments of an outline at x >= 0 from the axis below to the axis above; those that cross it are halved.

    Raises ``ValueError`` for an outline that does not cross the axis in joints and in the middle of segments alone.
    """
    found: list[tuple[float, Segment]] = []
    for segment in outline.segments:
        (x0, y0), (x1, _) = segment.start, segment.end
        if x0 >= -_SAME_MM and x1 >= -_SAME_MM and segment.point(0.5)[0] > _SAME_MM:
            found.append((math.atan2(segment.point(0.5)[0], -segment.point(0.5)[1]), segment))
        elif abs(segment.point(0.5)[0]) <= _SAME_MM * 10.0:  # crosses in its middle
            lower = segment.point(0.5)[1] < 0.0
            part: Segment
            if isinstance(segment, Line):
                middle = segment.point(0.5)
                part = Line(middle, segment.end) if lower else Line(segment.start, middle)
            else:
                begin = segment.start_rad + (0.5 * segment.sweep_rad if lower else 0.0)
                part = circular_arc(segment.centre, segment.radius_x_mm, begin, 0.5 * segment.sweep_rad)
            found.append((0.0 if lower else math.pi, part))
        elif x0 > _SAME_MM or x1 > _SAME_MM:
            raise ValueError(f"the outline crosses its axis at {(x0, y0)}")
    return tuple(segment for _, segment in sorted(found, key=lambda item: item[0]))


def _carrier(segment: Segment) -> _Carrier:
    if isinstance(segment, Arc):
        return _Carrier(segment.centre, (0.0, 0.0), segment.radius_x_mm)
    return _Carrier(segment.start, segment.tangent(0.0), 0.0)


def inset_half(half: tuple[Segment, ...], inward_mm: float, least_radius_mm: float) -> tuple[Segment, ...]:
    """The half of a hoop ``inward_mm`` inside a half outline; corners and points turn with ``least_radius_mm``.

    Raises :class:`InputError` where no hoop is left.
    """
    moved = [_carrier(segment).further(inward_mm) for segment in half]
    joints: list[tuple[Point, Point, Point | None]] = []  # where a segment ends, the next begins, fillet's centre
    first, last = half[0].tangent(0.0), half[-1].tangent(1.0)
    begin: tuple[Point, Point | None] = (_shifted(half[0], 0.0, inward_mm), None)
    if abs(math.atan2(first[1], first[0])) > _SMOOTH:
        centre = _on_axis(moved[0].further(least_radius_mm), upper=False)
        begin = (moved[0].touched_from(centre, least_radius_mm), centre)
    end: tuple[Point, Point | None] = (_shifted(half[-1], 1.0, inward_mm), None)
    if abs(math.atan2(last[1], -last[0])) > _SMOOTH:
        centre = _on_axis(moved[-1].further(least_radius_mm), upper=True)
        end = (moved[-1].touched_from(centre, least_radius_mm), centre)
    for one, two, a, b in zip(half[:-1], half[1:], moved[:-1], moved[1:], strict=True):
        u, v = one.tangent(1.0), two.tangent(0.0)
        if abs(math.atan2(u[0] * v[1] - u[1] * v[0], u[0] * v[0] + u[1] * v[1])) <= _SMOOTH:
            place = _shifted(two, 0.0, inward_mm)
            joints.append((place, place, None))
            continue
        centre = _crossing(a.further(least_radius_mm), b.further(least_radius_mm), one.end)
        joints.append((a.touched_from(centre, least_radius_mm), b.touched_from(centre, least_radius_mm), centre))
    path: list[Segment] = []
    if begin[1] is not None:
        path.append(_turn(begin[1], (begin[1][0], begin[1][1] - least_radius_mm), begin[0]))
    starts = [begin[0], *(joint[1] for joint in joints)]
    ends = [*(joint[0] for joint in joints), end[0]]
    for k, carrier in enumerate(moved):
        path.append(_along(carrier, starts[k], ends[k]))
        if k < len(joints) and joints[k][2] is not None:
            path.append(_turn(joints[k][2] or (0.0, 0.0), ends[k], starts[k + 1]))
    if end[1] is not None:
        path.append(_turn(end[1], end[0], (end[1][0], end[1][1] + least_radius_mm)))
    return tuple(path)


def _shifted(segment: Segment, share: float, inward_mm: float) -> Point:
    (x, y), (tx, ty) = segment.point(share), segment.tangent(share)
    return (x - inward_mm * ty, y + inward_mm * tx)


def _on_axis(carrier: _Carrier, *, upper: bool) -> Point:
    """Where a carrier meets x = 0."""
    if carrier.radius_mm > 0.0:
        room = carrier.radius_mm**2 - carrier.centre[0] ** 2
        if room <= 0.0:
            raise InputError("a hoop inside this stone closes")
        return (0.0, carrier.centre[1] + math.copysign(math.sqrt(room), 1.0 if upper else -1.0))
    (x, y), (dx, dy) = carrier.centre, carrier.way
    return (0.0, y - x * dy / dx)


def _crossing(one: _Carrier, two: _Carrier, near: Point) -> Point:
    """Where two carriers meet nearest to a point."""
    if one.radius_mm == 0.0 and two.radius_mm == 0.0:
        (x, y), (dx, dy), (u, v), (ex, ey) = one.centre, one.way, two.centre, two.way
        share = ((u - x) * ey - (v - y) * ex) / (dx * ey - dy * ex)
        return (x + share * dx, y + share * dy)
    if one.radius_mm == 0.0 or two.radius_mm == 0.0:
        raise ValueError("corners between a straight and a bowed side are not known")
    apart = math.dist(one.centre, two.centre)
    along = (one.radius_mm**2 - two.radius_mm**2 + apart**2) / (2.0 * apart)
    square = one.radius_mm**2 - along**2
    if square <= 0.0:
        raise InputError("a hoop inside this stone closes")
    dx, dy = (two.centre[0] - one.centre[0]) / apart, (two.centre[1] - one.centre[1]) / apart
    high = math.sqrt(square)
    both = [
        (one.centre[0] + along * dx - side * high * dy, one.centre[1] + along * dy + side * high * dx)
        for side in (1.0, -1.0)
    ]
    return min(both, key=lambda place: math.dist(place, near))


def _along(carrier: _Carrier, start: Point, end: Point) -> Segment:
    if carrier.radius_mm > 0.0:
        return _turn(carrier.centre, start, end)
    if (end[0] - start[0]) * carrier.way[0] + (end[1] - start[1]) * carrier.way[1] <= _SAME_MM:
        raise InputError("a hoop inside this stone closes")
    return Line(start, end)


def _turn(centre: Point, start: Point, end: Point) -> Arc:
    """The arc about a centre from one point to another, counter-clockwise by less than 3/4 of a turn."""
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    sweep = (math.atan2(end[1] - centre[1], end[0] - centre[0]) - first) % math.tau
    if not 1e-9 < sweep < 1.5 * math.pi:
        raise InputError("a hoop inside this stone closes")
    return circular_arc(centre, math.dist(start, centre), first, sweep)
