"""A girdle given as measured points: whether they are one, and the stone with it in place of its cut's own outline."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from ringcad.resolve.ledger import Ledger, mm, up
from ringcad.spec import MeasuredStone
from ringcad.spec.repertoire import repertoire
from ringcad.spec.values import split_length_width
from ringcad.standards import Cut
from ringcad.stones.measured import arc_chain, counter_clockwise, farthest_apart, turns_rad
from ringcad.stones.outline import Point
from ringcad.stones.stone import CutStone

#: Fewer points leave chords of which nobody knows what lies between them.
POINTS_LEAST = 16
#: Longest gap between neighbours, as a share of the way round.
_GAP_MOST = 0.125
#: A smooth girdle of so many points turns less at each, degrees.
_TURN_MOST_DEG = 50.0
#: How far a point may lie from the cut's own outline, as a share of the width: rails follow that one.
_APART_MOST = 0.04
#: Lengths given beside an outline agree with it within this, mm.
_AGREE_MM = 0.05
#: Other units that points come in, in mm, and how far off the size may then be.
_UNITS = (("inches", 25.4), ("centimetres", 10.0), ("micrometres", 0.001))
_UNIT_SHARE = 0.25


def with_lengths(
    measured: MeasuredStone, size: str, ledger: Ledger, field: str
) -> tuple[MeasuredStone, tuple[Point, ...]] | None:
    """The measures with length and width of the outline, and its points about its middle; ``None`` after a problem.

    Without an outline both are as they were: the measures, and no points.
    """
    if measured.outline_mm is None:
        return measured, ()
    where = f"{field}.measured.outline_mm"
    if not repertoire(ledger.spec.template).measured_outline:
        ledger.refuse(
            where, f"is not followed by the template {ledger.spec.template}",
            value=f"{len(measured.outline_mm)} points",
            limit="solitaire and pave_solitaire", suggestion="give length_mm and width_mm, or 'template: solitaire'",
        )  # fmt: skip
        return None
    if not _is_girdle(measured.outline_mm, size, ledger, where):
        return None
    chain = counter_clockwise(measured.outline_mm)
    low_x, low_y, high_x, high_y = arc_chain(chain).bounds_mm
    x, y = 0.5 * (low_x + high_x), 0.5 * (low_y + high_y)
    found = {"length_mm": high_y - low_y, "width_mm": high_x - low_x}
    for name, value in found.items():
        given = getattr(measured, name)
        if given is not None and abs(given - value) > _AGREE_MM:
            ledger.refuse(
                f"{field}.measured.{name}", "is not that of the measured outline", value=mm(given),
                limit=f"within {mm(_AGREE_MM)} of {mm(value)}", suggestion=f"leave it out, or use {value:.2f}",
            )  # fmt: skip
            return None
    return measured.model_copy(update=found), tuple((px - x, py - y) for px, py in chain)


def _is_girdle(points: tuple[Point, ...], size: str, ledger: Ledger, field: str) -> bool:
    """Whether points go round a convex girdle of the ordered size; the first thing that is wrong is noted."""

    def wrong(message: str, value: str, limit: str, suggestion: str) -> bool:
        ledger.refuse(field, message, value=value, limit=limit, suggestion=suggestion)
        return False

    distinct = [p for k, p in enumerate(points) if math.dist(p, points[k - 1]) > 1e-9]
    if len(distinct) < POINTS_LEAST:
        return wrong(
            "has too few points", f"{len(distinct)} points", f"at least {POINTS_LEAST}, all round",
            f"measure a point every {360 // POINTS_LEAST} degrees or closer",
        )  # fmt: skip
    chain = counter_clockwise(distinct)
    xs, ys = zip(*chain, strict=True)
    wide, long = max(xs) - min(xs), max(ys) - min(ys)
    both = split_length_width(size)
    for unit, factor in _UNITS if both else ():
        assert both is not None
        if all(abs(value * factor / sold - 1.0) < _UNIT_SHARE for value, sold in zip((long, wide), both, strict=True)):
            return wrong(
                f"is given in {unit}, it seems", f"{long:g} x {wide:g}", "millimetres",
                f"multiply every number by {factor:g}",
            )  # fmt: skip
    if wide > long * 1.02:
        return wrong(
            "lies across: the length runs along y", f"{long:.2f} mm along y, {wide:.2f} mm along x",
            "at least as long as wide", "exchange the two numbers of every point",
        )  # fmt: skip
    round_mm = sum(math.dist(chain[k - 1], chain[k]) for k in range(len(chain)))
    gap, at = max((math.dist(chain[k], chain[(k + 1) % len(chain)]), k) for k in range(len(chain)))
    if gap > _GAP_MOST * round_mm:
        return wrong(
            f"is open between {_said(points, chain, at)} and {_said(points, chain, (at + 1) % len(chain))}", mm(gap),
            f"at most {mm(_GAP_MOST * round_mm)} from point to point", "measure points between the two",
        )  # fmt: skip
    if crossing := _crossing(chain):
        first, second = (_said(points, chain, k) for k in crossing)
        return wrong(
            f"crosses itself after {first} and after {second}", f"{len(points)} points", "once round, in order",
            "give the points in the order in which they follow each other round the girdle",
        )  # fmt: skip
    turns = turns_rad(chain)
    least, at = min((turn, k) for k, turn in enumerate(turns))
    if least <= 0.0:
        depth = _inside_mm(chain, at)
        # out to where a girdle of this size bows, half way: a point just outside the chord would leave a flat there
        chord = math.dist(chain[at - 1], chain[(at + 1) % len(chain)])
        outward = up(depth + 0.5 * chord**2 / (2.0 * (wide + long)))
        return wrong(
            f"has a dent at {_said(points, chain, at)}", mm(max(depth, 0.0)), "convex all round",
            f"leave that point out, or move it outward by {mm(outward)}",
        )  # fmt: skip
    most, at = max((turn, k) for k, turn in enumerate(turns))
    if math.degrees(most) > _TURN_MOST_DEG:
        return wrong(
            f"has a corner at {_said(points, chain, at)}", f"{math.degrees(most):.0f} degrees",
            f"at most {_TURN_MOST_DEG:g} degrees from chord to chord",
            "measure more points beside it, or measure that point again",
        )  # fmt: skip
    return True


def _said(points: tuple[Point, ...], chain: tuple[Point, ...], at: int) -> str:
    """A point of the chain as it was given: its number, from 1, and its place."""
    low = [min(p[axis] for p in points) - min(p[axis] for p in chain) for axis in (0, 1)]
    place = (chain[at][0] + low[0], chain[at][1] + low[1])
    number = min(range(len(points)), key=lambda k: math.dist(points[k], place))
    return f"point {number + 1} ({points[number][0]:g}, {points[number][1]:g})"


def _inside_mm(chain: tuple[Point, ...], at: int) -> float:
    """How far a point lies inside the chord of its neighbours."""
    (ax, ay), (x, y), (bx, by) = chain[at - 1], chain[at], chain[(at + 1) % len(chain)]
    return ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / math.dist((ax, ay), (bx, by))


def _crossing(chain: tuple[Point, ...]) -> tuple[int, int] | None:
    """The first two chords that cross, by the points that they begin at."""
    count = len(chain)

    def side(a: Point, b: Point, p: Point) -> float:
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])

    for i, j in itertools.combinations(range(count), 2):
        if j - i < 2 or (i == 0 and j == count - 1):
            continue
        a, b, c, d = chain[i], chain[i + 1], chain[j], chain[(j + 1) % count]
        if side(a, b, c) * side(a, b, d) < 0.0 and side(c, d, a) * side(c, d, b) < 0.0:
            return i, j
    return None


def with_outline(
    stone: CutStone, points: tuple[Point, ...], measured: MeasuredStone, row: Cut, ledger: Ledger, field: str
) -> CutStone | None:
    """The stone with its measured girdle, where that is near its cut's own; ``None`` after noting a problem."""
    if not points or measured.outline_mm is None:
        return stone
    at, apart = farthest_apart(points, stone.outline)
    if abs(apart) > _APART_MOST * stone.width_mm:
        given = _said(measured.outline_mm, points, at)
        ledger.refuse(
            f"{field}.measured.outline_mm",
            f"is no {row.name.lower()}: {given} lies {abs(apart):.2f} mm {'out' if apart > 0.0 else 'in'}side the cut",
            value=mm(abs(apart)), limit=f"at most {mm(_APART_MOST * stone.width_mm)}, 4 % of the width",
            suggestion="measure that point again, or correct 'cut'",
        )  # fmt: skip
        return None
    return replace(stone, outline_mm=points)
