"""Openings of a height field by discs of a given size in mm, on a sampled chart with a local metric.

A height field h on a chart is the stack of its level sets {h >= t}. Its flat opening by a disc B,
``(h o B)(x) = max over discs B_c that hold x of min over B_c of h``, is at x the highest level at
which a disc of that size fits inside the level set and covers x (Serra, *Image Analysis and
Mathematical Morphology*, 1982, ch. XII; Matheron's granulometry). Here the disc is a disc in
millimetres *on the metal*, hence an ellipse of pixels that may change from place to place.

Discretisation. Samples sit at pixel centres and h is linear between them. Disc centres lie on the
half-pixel grid (four phases), and the minimum over a disc includes interpolated points of its
rim, so a disc has its true size to a fraction of a pixel instead of an odd number of pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

#: Half-pixel phases of disc centres, (rows, columns).
_PHASES = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
#: Rim points closer to the axis than this share of the radius are sampled along that axis.
_RIM_SHARE = 0.75
#: Taken off the radius when a disc is fitted: half of the half-pixel grid, so that a ridge of exactly
#: the wanted width always holds a disc. Painting back covers the samples that the rim was read from.
FIT_SLACK_PX = 0.25
#: Relative width of a class of local metrics that share one disc.
_METRIC_STEP = 0.04


Box = tuple[slice, slice]


@dataclass(frozen=True)
class Chart:
    """A sampled chart: its shape, whether columns wrap round, and its classes of local metric.

    ``pixel_mm`` lists the (row, column) pixel size of each class; ``class_of`` holds each pixel's
    class, or is ``None`` when there is one class only.
    """

    rows: int
    columns: int
    periodic: bool
    pixel_mm: tuple[tuple[float, float], ...]
    class_of: NDArray[np.int64] | None

    @property
    def mean_pixel_mm(self) -> tuple[float, float]:
        """Mean of the classes' pixel sizes (rows, columns)."""
        row, column = np.mean(np.asarray(self.pixel_mm), axis=0)
        return float(row), float(column)


def make_chart(
    shape: tuple[int, int], row_mm: NDArray[np.float64], column_mm: NDArray[np.float64], periodic: bool
) -> Chart:
    """Group pixels by local pixel size.

    Parameters
    ----------
    shape : (rows, columns)
    row_mm, column_mm : arrays that broadcast to ``shape``
        Size of one pixel on the metal along v (rows) and u (columns), in mm.
    periodic
        Whether column 0 follows the last column.
    """
    rows, columns = shape
    v_class, v_mm = _bins(row_mm)
    u_class, u_mm = _bins(column_mm)
    if len(v_mm) == 1 and len(u_mm) == 1:
        return Chart(rows, columns, periodic, ((v_mm[0], u_mm[0]),), None)
    key = np.broadcast_to(v_class, shape) * len(u_mm) + np.broadcast_to(u_class, shape)
    used, class_of = np.unique(key, return_inverse=True)
    sizes = tuple((v_mm[int(k) // len(u_mm)], u_mm[int(k) % len(u_mm)]) for k in used)
    return Chart(rows, columns, periodic, sizes, None if len(sizes) == 1 else class_of.reshape(shape))


def _bins(size_mm: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[float]]:
    """The class of each size on an even logarithmic scale between the extremes, and each class's size."""
    low, high = float(np.min(size_mm)), float(np.max(size_mm))
    count = max(1, int(np.ceil(np.log(high / low) / _METRIC_STEP - 1e-9)))
    if count == 1:
        return np.zeros(np.shape(size_mm), np.int64), [float(np.mean(size_mm))]
    width = np.log(high / low) / count
    classes = np.clip(np.floor(np.log(size_mm / low) / width), 0, count - 1).astype(np.int64)
    return classes, [float(low * np.exp((k + 0.5) * width)) for k in range(count)]


def flat_opening(
    height: Field,
    diameter_mm: float,
    chart: Chart,
    outside: float = 0.0,
    *,
    fine: bool = True,
    slack_px: float = FIT_SLACK_PX,
) -> Field:
    """Flat opening of ``height`` by discs of ``diameter_mm`` on the metal; never above ``height``.

    Parameters
    ----------
    height : (rows, columns) float32, nowhere below 0
    outside
        Height beyond the edges that do not wrap.
    fine
        Centres on the half-pixel grid and interpolated rims; otherwise pixel centres and samples
        only (a fifth of the time, the disc's size to half a pixel).
    slack_px
        Taken off the radius when a disc is fitted. A ridge's axis lies at most 0.25 px (fine) or
        0.5 px from a centre, so with that slack a ridge of exactly the wanted width always holds a
        disc. Painting back covers every sample that the fit has read, which keeps the opening
        idempotent in spite of interpolation.
    """
    reach_row = max(_reach(diameter_mm, size[0]) for size in chart.pixel_mm)
    # A disc whose centre lies a radius past the seam looks another radius further round.
    turns = 2.0 if chart.periodic else 1.0
    reach_column = max(_reach(turns * diameter_mm, size[1]) for size in chart.pixel_mm)
    padded = _pad(height, reach_row, reach_column, chart.periodic, outside)
    # One more frame, so that centres in the padding can look outwards too.
    frame = max(reach_row, reach_column) + 1
    framed = np.pad(padded, frame, constant_values=np.float32(outside))
    result = np.zeros(framed.shape, np.float32)
    for box, mask, row_mm, column_mm in _boxes(chart, reach_row, reach_column):
        fit = _radii(diameter_mm, row_mm, column_mm, -slack_px)
        paint = _radii(diameter_mm, row_mm, column_mm, 1.0 - slack_px if fine else slack_px)
        around = _around(box, frame)
        source, canvas = _Source(framed[around], frame), _Canvas(box, frame)
        for phase in _PHASES if fine else _PHASES[:1]:
            lowest = source.lowest_in_disc(fit, phase, rim=fine)
            if np.isposinf(lowest[0, 0]):  # a disc so small that, centred between samples, it rests on none
                continue
            canvas.take(lowest, mask)
            canvas.paint(paint, phase)
        np.maximum(result[around], canvas.painted, out=result[around])
    top, left = frame + reach_row, frame + reach_column
    return np.minimum(result[top : top + chart.rows, left : left + chart.columns], height)


def paint_discs(height: Field, diameter_mm: float, chart: Chart) -> Field:
    """Dilation of ``height`` (>= 0) by discs about pixel centres in which :func:`flat_opening` fits ``diameter_mm``."""
    reach_row = max(_reach(diameter_mm, size[0]) for size in chart.pixel_mm)
    reach_column = max(_reach(diameter_mm, size[1]) for size in chart.pixel_mm)
    padded = _pad(height, reach_row, reach_column, chart.periodic, 0.0)
    frame = max(reach_row, reach_column) + 1
    result = np.pad(padded, frame)
    for box, mask, row_mm, column_mm in _boxes(chart, reach_row, reach_column):
        around = _around(box, frame)
        canvas = _Canvas(box, frame)
        canvas.take(padded[box], mask)
        canvas.paint(_radii(diameter_mm, row_mm, column_mm, 1.0 - FIT_SLACK_PX), (0.0, 0.0))
        np.maximum(result[around], canvas.painted, out=result[around])
    top, left = frame + reach_row, frame + reach_column
    return result[top : top + chart.rows, left : left + chart.columns]


def _around(box: Box, frame: int) -> Box:
    """A box of the padded field with a frame round it, in the padded field that has that frame."""
    return slice(box[0].start, box[0].stop + 2 * frame), slice(box[1].start, box[1].stop + 2 * frame)


def _reach(diameter_mm: float, pixel_mm: float) -> int:
    return int(np.ceil(0.5 * diameter_mm / pixel_mm)) + 2


def _radii(diameter_mm: float, row_mm: float, column_mm: float, slack_px: float) -> tuple[float, float]:
    radius = 0.5 * diameter_mm
    return max(radius / row_mm + slack_px, 0.5), max(radius / column_mm + slack_px, 0.5)


def _pad(height: Field, reach_row: int, reach_column: int, periodic: bool, outside: float) -> Field:
    fill = np.float32(outside)
    tall = np.pad(height.astype(np.float32), ((reach_row, reach_row), (0, 0)), constant_values=fill)
    if periodic:
        return np.pad(tall, ((0, 0), (reach_column, reach_column)), mode="wrap")
    return np.pad(tall, ((0, 0), (reach_column, reach_column)), constant_values=fill)


def _boxes(
    chart: Chart, reach_row: int, reach_column: int
) -> Iterator[tuple[Box, NDArray[np.bool_] | None, float, float]]:
    """Each metric class on the padded grid: bounding box, mask in it, pixel size (rows, columns).

    The padding takes the class of the nearest pixel, across the seam where there is one.
    """
    if chart.class_of is None:
        whole = (slice(0, chart.rows + 2 * reach_row), slice(0, chart.columns + 2 * reach_column))
        yield whole, None, *chart.pixel_mm[0]
        return
    tall = np.pad(chart.class_of, ((reach_row, reach_row), (0, 0)), mode="edge")
    sides = ((0, 0), (reach_column, reach_column))
    padded = np.pad(tall, sides, mode="wrap") if chart.periodic else np.pad(tall, sides, mode="edge")
    for index, (row_mm, column_mm) in enumerate(chart.pixel_mm):
        mask = padded == index
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        box = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
        yield box, None if mask[box].all() else mask[box], row_mm, column_mm


@dataclass(frozen=True)
class _Line:
    """Sample lines at one distance from a disc's centre, all of them cut by the disc in the same way.

    ``offsets`` lists one or two lines; ``first`` to ``last`` are the samples inside (none when ``first > last``),
    ``ends`` the rim's places on the line that lie between samples.
    """

    offsets: tuple[int, ...]
    first: int
    last: int
    ends: tuple[float, ...]


@lru_cache(maxsize=512)
def _lines(across: float, along: float, phase_across: float, phase_along: float) -> tuple[_Line, ...]:
    """The sample lines (rows, or columns with the arguments exchanged) that a disc of these radii meets."""
    found: dict[float, _Line] = {}
    for i in range(int(np.ceil(phase_across - across)), int(np.floor(phase_across + across)) + 1):
        share = (i - phase_across) / across
        known = found.get(abs(share))
        if known is not None:
            found[abs(share)] = _Line((*known.offsets, i), known.first, known.last, known.ends)
            continue
        half = along * np.sqrt(max(0.0, 1.0 - share**2))
        low, high = float(phase_along - half), float(phase_along + half)
        # near the pole of an axis the rim is nearly a line itself and is sampled along the other one
        ends = [] if abs(share) > _RIM_SHARE else [end for end in (low, high) if abs(end - round(end)) >= 1e-6]
        first, last = int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9))
        if first <= last or ends:
            found[abs(share)] = _Line((i,), first, last, tuple(ends))
    return tuple(found.values())


class _Source:
    """One box of a field with a frame round it, laid out flat: a shift by (i, j) is an offset ``i * width + j``.

    Flat pieces are several times as fast as shifted views of a field. What is computed between the rows
    of the box, across the frame, is never looked at.
    """

    def __init__(self, framed: Field, frame: int) -> None:
        self.rows, self.columns = framed.shape[0] - 2 * frame, framed.shape[1] - 2 * frame
        self.width = framed.shape[1]
        self.begin = frame * self.width + frame
        self.length = (self.rows - 1) * self.width + self.columns
        self.field = np.ascontiguousarray(framed).ravel()
        self.to_right = self.field[1:] - self.field[:-1]
        self.to_below = self.field[self.width :] - self.field[: -self.width]
        self.running: dict[int, Field] = {}

    def lowest_in_disc(self, radii: tuple[float, float], phase: tuple[float, float], rim: bool) -> Field:
        """Minimum of the field over the disc about each centre ``(row + phase, column + phase)`` of the box."""
        lowest = np.full(self.rows * self.width, np.inf, np.float32)
        within = lowest[: self.length]
        for line in _lines(*radii, *phase):
            self._take(within, line, self._on_row(line, rim), self.width)
        if rim:
            for line in _lines(radii[1], radii[0], phase[1], phase[0]):
                self._take(within, line, self._on_column(line), 1)
        return lowest.reshape(self.rows, self.width)[:, : self.columns]

    def _take(self, lowest: Field, line: _Line, found: Field | None, step: int) -> None:
        if found is not None:
            start = min(line.offsets)
            for i in line.offsets:
                at = (i - start) * step
                np.minimum(lowest, found[at : at + self.length], out=lowest)

    def _on_row(self, line: _Line, rim: bool) -> Field | None:
        """Minimum over the samples and ends of a row's line, for the centres seen from all of its offsets."""
        start = self.begin + min(line.offsets) * self.width
        stop = self.begin + max(line.offsets) * self.width + self.length
        lowest: Field | None = None
        if line.first <= line.last:
            lowest = _run(self.field, line.first, line.last, start, stop, self.running, np.minimum)
        for end in line.ends if rim else ():
            lowest = _lower(lowest, self._between(self.to_right, end, 1, start, stop))
        return lowest

    def _on_column(self, line: _Line) -> Field | None:
        """The same for the ends on a column, whose samples the rows hold already."""
        start, stop = self.begin + min(line.offsets), self.begin + max(line.offsets) + self.length
        lowest: Field | None = None
        for end in line.ends:
            lowest = _lower(lowest, self._between(self.to_below, end, self.width, start, stop))
        return lowest

    def _between(self, steps: Field, end: float, stride: int, start: int, stop: int) -> Field:
        """The field ``end`` samples further on, linear between two samples."""
        whole = int(np.floor(end))
        start, stop = start + whole * stride, stop + whole * stride
        found: Field = steps[start:stop] * np.float32(end - whole)
        found += self.field[start:stop]
        return found


def _lower(one: Field | None, other: Field) -> Field:
    return other if one is None else np.minimum(one, other, out=other)


def _run(
    field: Field, first: int, last: int, start: int, stop: int, tables: dict[int, Field], extreme: np.ufunc
) -> Field:
    """Minimum (or maximum) of the samples ``first`` to ``last`` further on, for ``start`` to ``stop`` of a flat field.

    From two overlapping runs of a power of two, kept in ``tables`` (a sparse table).
    """
    power = (last - first + 1).bit_length() - 1
    table, second = _table(field, power, tables, extreme), last + 1 - (1 << power)
    one: Field = table[start + first : stop + first]
    if second == first:
        return one
    found: Field = extreme(one, table[start + second : stop + second])
    return found


def _table(field: Field, power: int, tables: dict[int, Field], extreme: np.ufunc) -> Field:
    """Extreme of ``2**power`` samples from each on; the last ``2**power - 1`` are never used."""
    if power == 0:
        return field
    if power not in tables:
        half = _table(field, power - 1, tables, extreme)
        step = 1 << (power - 1)
        wider = half.copy()
        extreme(half[:-step], half[step:], out=wider[:-step])
        tables[power] = wider
    return tables[power]


class _Canvas:
    """What discs about the centres of a box cover, with the frame they reach into. Heights are at least 0."""

    def __init__(self, box: Box, frame: int) -> None:
        rows, columns = (part.stop - part.start for part in box)
        self.frame, self.width = frame, columns + 2 * frame
        self.levels = np.zeros((rows + 2 * frame, self.width), np.float32)
        self.painted = np.zeros_like(self.levels)

    def take(self, levels: Field, mask: NDArray[np.bool_] | None) -> None:
        """Set the levels of the discs about the centres, none where ``mask`` is false."""
        inside = self.levels[self.frame : -self.frame, self.frame : -self.frame]
        inside[:] = levels
        if mask is not None:
            inside[~mask] = 0.0

    def paint(self, radii: tuple[float, float], phase: tuple[float, float]) -> None:
        """Raise what is painted to each disc's level over the samples that the disc holds.

        The discs are centred at ``(row + phase, column + phase)``.
        """
        levels, painted = self.levels.ravel(), self.painted.ravel()
        start, stop = self.frame * self.width, len(levels) - self.frame * self.width
        tables: dict[int, Field] = {}
        for line in _lines(*radii, *phase):
            if line.first <= line.last:
                # Sample (y + i, x + j) is covered by the disc of centre (y, x): y = row - i, x = column - j.
                found = _run(levels, -line.last, -line.first, start, stop, tables, np.maximum)
                for i in line.offsets:
                    target = painted[start + i * self.width : stop + i * self.width]
                    np.maximum(target, found, out=target)
