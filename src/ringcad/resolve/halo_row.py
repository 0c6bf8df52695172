"""Where the stones of a halo stand: a closed row that leaves each prong a gap of its own. Numbers only.

The row's line runs round the girdle at an even distance. Where a stone would come too near a prong the line is taken;
what is left of it are stretches between prongs, each with its stones at one pitch. All is symmetric about both axes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import CenterStone, Head
from ringcad.stones.of_ring import row_path
from ringcad.stones.outline import Arc, Segment

Array = NDArray[np.float64]

#: Steps of the row's line on which places are judged, mm.
_STEP_MM = 0.01
#: Counts that are tried in a stretch below the most that it holds, for a row of a given count.
_FEWER = 6


@dataclass(frozen=True)
class RowLine:
    """Quarter of a row's line from +x to +y: arc length (n,), points and unit ways out (n, 2), mm."""

    at: Array
    points: Array
    out: Array

    @property
    def length_mm(self) -> float:
        """Of the quarter."""
        return float(self.at[-1])

    def place(self, at: float) -> tuple[Array, Array]:
        """Point and way out at an arc length; beyond either axis the line is mirrored."""
        length = self.length_mm
        sign, inside = np.ones(2), at
        if at < 0.0:
            sign, inside = np.array([1.0, -1.0]), -at
        elif at > length:
            sign, inside = np.array([-1.0, 1.0]), 2.0 * length - at
        point = np.array([np.interp(inside, self.at, self.points[:, k]) for k in range(2)])
        out = np.array([np.interp(inside, self.at, self.out[:, k]) for k in range(2)])
        return sign * point, sign * out / float(np.hypot(*out))


@dataclass(frozen=True)
class Row:
    """Stones of a row in its first quarter, by arc length from +x, ascending; those on an axis stand there once.

    ``least_gap_mm`` and ``widest_gap_mm`` are of neighbours that no prong parts, ``slack_mm`` what the row's line has
    left beside a prong at most, ``count`` of the whole row.
    """

    at: tuple[float, ...]
    least_gap_mm: float
    widest_gap_mm: float
    slack_mm: float
    count: int


def row_line(stone: CenterStone, row_radius_mm: float) -> RowLine:
    """A row's line in fine steps. Raises :class:`~ringcad.core.errors.InputError` where it closes."""
    return line_beside(row_path(stone, row_radius_mm), 0.0)


def line_beside(path: Sequence[Segment], out_mm: float) -> RowLine:
    """The line ``out_mm`` outside a quarter path of arcs and lines, in fine steps."""
    rows, ways = [], []
    for segment in path:
        share = np.linspace(0.0, 1.0, max(3, math.ceil(segment.length_mm / _STEP_MM)))
        if isinstance(segment, Arc):
            turn = segment.start_rad + share * segment.sweep_rad
            way = np.stack([np.cos(turn), np.sin(turn)], axis=1)
            rows.append(np.array(segment.centre) + (segment.radius_x_mm + out_mm) * way)
        else:
            start, end = np.array(segment.start), np.array(segment.end)
            along = (end - start) / segment.length_mm
            way = np.tile([along[1], -along[0]], (len(share), 1))
            rows.append(start + share[:, None] * (end - start) + out_mm * way)
        ways.append(way)
    points, out = np.concatenate(rows), np.concatenate(ways)
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    kept = np.concatenate([[True], step > 1e-9])  # joints come twice
    at = np.concatenate([[0.0], np.cumsum(step)])
    return RowLine(at[kept], points[kept], out[kept])


def prong_circles(head: Head, low_z_mm: float) -> list[tuple[float, float, float]]:
    """Prongs from above as circles (x, y, radius): at the height of the row, of the girdle and under their tips."""
    lean = math.tan(math.radians(head.prong_lean_deg))
    girdle, foot = head.girdle_z_mm, head.prong_foot_z_mm
    r_girdle, r_base = 0.5 * head.prong_diameter_girdle_mm, 0.5 * head.prong_diameter_base_mm
    found = []
    for z in (low_z_mm, girdle, head.prong_tip_z_mm - 0.5 * head.prong_diameter_girdle_mm, head.prong_tip_z_mm):
        away = head.prong_axis_radius_girdle_mm + (z - girdle) * lean
        below = min(max((girdle - z) / max(girdle - foot, 1e-6), 0.0), 1.0)
        radius = r_girdle + (r_base - r_girdle) * below
        if z == head.prong_tip_z_mm:
            radius *= 0.5  # the tip is closed by a dome
        for stand in head.stands:
            turn = math.radians(stand.azimuth_deg)
            found.append((stand.x_mm + away * math.cos(turn), stand.y_mm + away * math.sin(turn), radius))
    return found


def prong_room_mm(points: Array, circles: Sequence[tuple[float, float, float]], radius_mm: float) -> Array:
    """(k,) room between stones of a radius at points (k, 2) and the nearest prong, from above."""
    rows = [np.hypot(points[:, 0] - x, points[:, 1] - y) - radius - radius_mm for x, y, radius in circles]
    return np.asarray(np.min(rows, axis=0))


def stretches(
    line: RowLine, circles: Sequence[tuple[float, float, float]], radius_mm: float, room_mm: float
) -> list[tuple[float, float]]:
    """Stretches in which axes of stones may stand, so far from prongs as seen from above: :func:`free_stretches`."""
    return free_stretches(line, prong_room_mm(line.points, circles, radius_mm) >= room_mm)


def free_stretches(line: RowLine, free: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Stretches (from, to) of arc length whose points are free (n,), and whose middles lie in the quarter.

    One stretch from -length to 3 length stands for a line that no prong comes near.
    """
    length = line.length_mm
    if bool(free.all()):
        return [(-length, 3.0 * length)]
    at = np.concatenate([-line.at[:0:-1], line.at, 2.0 * length - line.at[-2::-1]])
    free = np.concatenate([free[:0:-1], free, free[-2::-1]])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
    found = []
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        low, high = float(at[first]), float(at[last])
        whole = first > 0 and last < len(at) - 1
        if whole and -1e-6 <= 0.5 * (low + high) <= length + 1e-6:
            found.append((low, high))
    return found


@dataclass(frozen=True)
class Wanted:
    """What a row is laid out with, mm: stones, least gap between them, and the gap not exceeded beside prongs."""

    diameter_mm: float
    gap_mm: float
    usual_gap_mm: float


def rows(line: RowLine, found: list[tuple[float, float]], want: Wanted, count: int | None) -> Iterator[Row]:
    """Rows with the least gap or more: the fullest, or all that have ``count`` stones, fullest stretches first."""
    length, diameter_mm, gap_mm = line.length_mm, want.diameter_mm, want.gap_mm
    if found == [(-length, 3.0 * length)]:
        yield from _even_rows(line, diameter_mm, gap_mm, count)
        return
    if not found:
        return
    taken = _taken(found, length)
    most = [_most(line, stretch, over, want) for stretch, over in zip(found, taken, strict=True)]
    if min(most) < 1:
        return
    if count is None:
        yield _row(line, found, taken, most, want)
        return
    for less in itertools.product(range(_FEWER), repeat=len(found)):
        numbers = [most[k] - less[k] for k in range(len(found))]
        if min(numbers) >= 1 and _whole_count(found, numbers, length) == count:
            yield _row(line, found, taken, numbers, want)


def _taken(found: list[tuple[float, float]], length: float) -> list[float]:
    """Length of the line that prongs take beside each stretch: half of what lies before and behind it."""
    around: list[tuple[float, float]] = []
    for low, high in found:
        around += [(low, high), (-high, -low), (2.0 * length - high, 2.0 * length - low)]
    result = []
    for low, high in found:
        before = max((end for _, end in around if end < low - 1e-6), default=low)
        behind = min((start for start, _ in around if start > high + 1e-6), default=high)
        result.append(0.5 * (low - before) + 0.5 * (behind - high))
    return result


def _places(stretch: tuple[float, float], taken: float, count: int, want: Wanted) -> list[float]:
    """Evenly over stretch and what prongs take; where those take more than the pitch, in its middle, at the usual gap
    if there is room.
    """
    low, high = stretch
    pitch = (high - low + taken) / count
    if pitch < taken and count > 1:
        pitch = min((high - low) / (count - 1), want.diameter_mm + want.usual_gap_mm)
    first = 0.5 * (low + high) - 0.5 * pitch * (count - 1)
    return [first + pitch * k for k in range(count)]


def _gaps(line: RowLine, places: list[float], diameter_mm: float) -> list[float]:
    points = [line.place(at)[0] for at in places]
    return [float(np.hypot(*(b - a))) - diameter_mm for a, b in itertools.pairwise(points)]


def _most(line: RowLine, stretch: tuple[float, float], taken: float, want: Wanted) -> int:
    """Most stones of a stretch."""
    count = int((stretch[1] - stretch[0] + taken) / (want.diameter_mm + want.gap_mm)) + 1
    while count > 1:
        places = _places(stretch, taken, count, want)
        fits = places[0] >= stretch[0] - 1e-9
        if fits and min(_gaps(line, places, want.diameter_mm)) >= want.gap_mm - 1e-9:
            break
        count -= 1
    return count


def _symmetric(stretch: tuple[float, float], length: float) -> bool:
    """Whether a stretch is its own mirror image about an axis."""
    middle = 0.5 * (stretch[0] + stretch[1])
    return min(abs(middle), abs(middle - length)) < 1e-6


def _whole_count(found: list[tuple[float, float]], numbers: list[int], length: float) -> int:
    return sum(
        (2 if _symmetric(stretch, length) else 4) * number for stretch, number in zip(found, numbers, strict=True)
    )


def _row(line: RowLine, found: list[tuple[float, float]], taken: list[float], numbers: list[int], want: Wanted) -> Row:
    length = line.length_mm
    at: list[float] = []
    gaps: list[float] = []
    slack = 0.0
    for stretch, over, number in zip(found, taken, numbers, strict=True):
        places = _places(stretch, over, number, want)
        gaps += _gaps(line, places, want.diameter_mm)
        slack = max(slack, places[0] - stretch[0])
        at += [min(max(place, 0.0), length) for place in places if -1e-6 <= place <= length + 1e-6]
    least, widest = min(gaps, default=math.inf), max(gaps, default=0.0)
    return Row(tuple(sorted(at)), least, widest, slack, _whole_count(found, numbers, length))


def _even_rows(line: RowLine, diameter_mm: float, gap_mm: float, count: int | None) -> Iterator[Row]:
    """Rows evenly round a line that no prong comes near; of an even number, so that both axes mirror them."""
    around = 4.0 * line.length_mm
    numbers = [count] if count is not None else range(2 * int(0.5 * around / (diameter_mm + gap_mm)), 3, -2)
    for number in numbers:
        if number % 2:
            continue
        pitch = around / number
        places = [pitch * k for k in range(int(line.length_mm / pitch + 1e-9) + 1)]
        gaps = _gaps(line, [*places, places[-1] + pitch], diameter_mm)
        if min(gaps) >= gap_mm - 1e-9:
            yield Row(tuple(places), min(gaps), max(gaps), 0.0, number)
            return


def all_round(line: RowLine, row: Row) -> list[tuple[Array, Array]]:
    """Points and ways out (2,) of all stones, clockwise from above: what is across the row then points outward."""
    length = line.length_mm
    first = [line.place(at) for at in row.at]
    # up to -x, both ends included where a stone stands there
    half = first + [
        (point * [-1.0, 1.0], out * [-1.0, 1.0])
        for at, (point, out) in reversed(list(zip(row.at, first, strict=True)))
        if at < length - 1e-6
    ]
    if float(half[0][0][1]) < 1e-6:  # on +x: its mirror image on -x belongs to the other half
        half = half[:-1]
    return (half + [(-point, -out) for point, out in half])[::-1]
