"""A girdle as it was measured: a smooth closed chain of circular arcs through every point of a polyline.

Neighbouring points are joined by two arcs tangent to each other, both of which turn left; at a point the outline looks
as the circle through it and its neighbours does. A convex polyline therefore gives a convex outline, smooth all round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ringcad.stones.outline import Arc, Outline, Point, Segment, directed_arc

#: Cuts whose girdle is smooth all round, so that a chain of arcs stands for it.
MEASURED_CUTS = ("oval", "cushion")
#: Steps of a search along one arc; each halves what is left.
_HALVINGS = 60
#: Directions nearer than this are the same: the ends of two arcs that meet differ by rounding.
_SAME_RAD = 1e-12


def counter_clockwise(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without a repeated first one, in counter-clockwise order, about the middle of their box."""
    chain = [(float(x), float(y)) for x, y in points]
    if len(chain) > 1 and math.dist(chain[0], chain[-1]) < 1e-9:
        chain.pop()
    if _twice_area(chain) < 0.0:
        chain.reverse()
    xs, ys = zip(*chain, strict=True)
    x, y = 0.5 * (min(xs) + max(xs)), 0.5 * (min(ys) + max(ys))
    return tuple((px - x, py - y) for px, py in chain)


def _twice_area(chain: Sequence[Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(chain, (*chain[1:], chain[0]), strict=True))


def turns_rad(chain: Sequence[Point]) -> tuple[float, ...]:
    """How far the way turns to the left at each point of a closed polyline, radians."""
    found = []
    for k, (x, y) in enumerate(chain):
        ax, ay = x - chain[k - 1][0], y - chain[k - 1][1]
        bx, by = chain[(k + 1) % len(chain)][0] - x, chain[(k + 1) % len(chain)][1] - y
        found.append(math.atan2(ax * by - ay * bx, ax * bx + ay * by))
    return tuple(found)


def arc_chain(chain: Sequence[Point]) -> Outline:
    """The outline through a convex closed polyline, counter-clockwise; its first arc begins at the first point.

    Raises ``ValueError`` for a polyline that turns to the right anywhere or more than once round.
    """
    turns, count = turns_rad(chain), len(chain)
    if min(turns) <= 0.0 or sum(turns) > math.tau + 1e-6:
        raise ValueError("the measured polyline is not convex")
    ways = []
    for k in range(count):
        (ax, ay), (x, y), (bx, by) = chain[k - 1], chain[k], chain[(k + 1) % count]
        # the tangent of the circle through three points leaves a chord by the angle that sees it from the third
        seen = math.atan2((bx - ax) * (by - y) - (by - ay) * (bx - x), (bx - ax) * (bx - x) + (by - ay) * (by - y))
        angle = math.atan2(y - ay, x - ax) + abs(seen)
        ways.append((math.cos(angle), math.sin(angle)))
    segments: list[Segment] = []
    for k, point in enumerate(chain):
        following = (k + 1) % count
        segments += _convex_biarc(point, ways[k], chain[following], ways[following])
    return Outline(tuple(segments))


def _convex_biarc(start: Point, leaving: Point, end: Point, arriving: Point) -> list[Arc]:
    """Two tangent arcs that both turn left, where the ways turn left before and after the chord.

    Where they meet they run along the chord. With legs a and b of the arcs' tangents, and the angles u and v of the
    ways against the chord: a sin u = b sin v, a (1 + cos u) + b (1 + cos v) = chord.
    """
    length = math.dist(start, end)
    chord = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    sin_u = leaving[0] * chord[1] - leaving[1] * chord[0]
    sin_v = chord[0] * arriving[1] - chord[1] * arriving[0]
    cos_u = chord[0] * leaving[0] + chord[1] * leaving[1]
    cos_v = chord[0] * arriving[0] + chord[1] * arriving[1]
    leg = length / (1.0 + cos_u + (1.0 + cos_v) * sin_u / sin_v)
    joint = (start[0] + leg * (leaving[0] + chord[0]), start[1] + leg * (leaving[1] + chord[1]))
    return [directed_arc(start, leaving, joint, chord), directed_arc(joint, chord, end, arriving)]


def position_toward(outline: Outline, azimuth_rad: float) -> float:
    """Running position where an outline round the origin is met in a direction."""
    for index, segment in enumerate(outline.segments):
        begin = _ahead(segment.point(0.0), azimuth_rad)
        end = _ahead(segment.point(1.0), azimuth_rad)
        if not begin <= _SAME_RAD < end or end - begin > math.pi:
            continue
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            if _ahead(segment.point(middle), azimuth_rad) <= 0.0:
                low = middle
            else:
                high = middle
        return index + low
    raise ValueError("the outline does not go round the origin")


def _ahead(point: Point, azimuth_rad: float) -> float:
    """By how much a point lies past a direction, -pi to pi."""
    return math.remainder(math.atan2(point[1], point[0]) - azimuth_rad, math.tau)


def like_ideal(outline: Outline, ideal: Outline, positions: tuple[float, ...]) -> tuple[float, ...]:
    """Running positions on a measured outline in the directions of those on the ideal one."""
    places = [ideal.at(position) for position in positions]
    return tuple(position_toward(outline, math.atan2(y, x)) for x, y in places)


def farthest_apart(chain: Sequence[Point], ideal: Outline) -> tuple[int, float]:
    """(point, from 0; mm by which it lies outside the ideal outline, negative inside) of the point farthest from it."""
    found = []
    for k, (x, y) in enumerate(chain):
        there = ideal.at(position_toward(ideal, math.atan2(y, x)))
        found.append((k, math.hypot(x, y) - math.hypot(*there)))
    return max(found, key=lambda row: abs(row[1]))


def least_radius_mm(outline: Outline) -> float:
    """Least radius of curvature of a chain of arcs."""
    return min(arc.radius_x_mm for arc in outline.segments if isinstance(arc, Arc))
