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
    source = _Source(padded, frame, outside)
    result = np.zeros(padded.shape, np.float32)
    for box, mask, row_mm, column_mm in _boxes(chart, reach_row, reach_column):
        fit = _radii(diameter_mm, row_mm, column_mm, -slack_px)
        paint = _radii(diameter_mm, row_mm, column_mm, 1.0 - slack_px if fine else slack_px)
        for phase in _PHASES if fine else _PHASES[:1]:
            fitted = _fit(source, fit, phase, box, rim=fine)
            if mask is not None:
                fitted = np.where(mask, fitted, np.float32(0.0))
            _paint(result, fitted, paint, phase, box)
    core = result[reach_row : reach_row + chart.rows, reach_column : reach_column + chart.columns]
    return np.minimum(core, height)


def paint_discs(height: Field, diameter_mm: float, chart: Chart) -> Field:
    """Dilation of ``height`` (>= 0) by discs about pixel centres in which :func:`flat_opening` fits ``diameter_mm``."""
    reach_row = max(_reach(diameter_mm, size[0]) for size in chart.pixel_mm)
    reach_column = max(_reach(diameter_mm, size[1]) for size in chart.pixel_mm)
    padded = _pad(height, reach_row, reach_column, chart.periodic, 0.0)
    result = padded.copy()
    for box, mask, row_mm, column_mm in _boxes(chart, reach_row, reach_column):
        source = padded[box]
        if mask is not None:
            source = np.where(mask, source, np.float32(0.0))
        _paint(result, source, _radii(diameter_mm, row_mm, column_mm, 1.0 - FIT_SLACK_PX), (0.0, 0.0), box)
    return result[reach_row : reach_row + chart.rows, reach_column : reach_column + chart.columns]


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


def _runs(radii: tuple[float, float], phase: tuple[float, float]) -> list[tuple[int, int, int]]:
    """Integer samples inside a disc about ``phase``: (row offset, first column, last column)."""
    radius_row, radius_column = radii
    runs = []
    for i in range(int(np.ceil(phase[0] - radius_row)), int(np.floor(phase[0] + radius_row)) + 1):
        half = radius_column * np.sqrt(max(0.0, 1.0 - ((i - phase[0]) / radius_row) ** 2))
        first, last = int(np.ceil(phase[1] - half - 1e-9)), int(np.floor(phase[1] + half + 1e-9))
        if first <= last:
            runs.append((i, first, last))
    return runs


def _rim(
    radii: tuple[float, float], phase: tuple[float, float]
) -> tuple[list[tuple[int, float]], list[tuple[float, int]]]:
    """Rim points on sample rows (row, fractional column) and on sample columns (fractional row, column)."""
    on_rows: list[tuple[int, float]] = []
    on_columns: list[tuple[float, int]] = []
    for axis in (0, 1):
        across, along = radii[axis], radii[1 - axis]
        for i in range(int(np.ceil(phase[axis] - across)), int(np.floor(phase[axis] + across)) + 1):
            share = (i - phase[axis]) / across
            if abs(share) > _RIM_SHARE:
                continue
            half = along * np.sqrt(1.0 - share * share)
            for end in (phase[1 - axis] - half, phase[1 - axis] + half):
                if abs(end - round(end)) < 1e-6:
                    continue
                if axis == 0:
                    on_rows.append((i, float(end)))
                else:
                    on_columns.append((float(end), i))
    return on_rows, on_columns


class _Source:
    """A padded field in one more frame, with its running minima, for shifted views."""

    def __init__(self, padded: Field, frame: int, outside: float) -> None:
        self.frame = frame
        self.field = np.pad(padded, frame, constant_values=np.float32(outside))
        self.running: dict[int, Field] = {}

    def view(self, box: Box, i: int, j: int, power: int = 0) -> Field:
        """The minimum of ``2**power`` samples from (row + i, column + j) on, for all centres of a box."""
        top, left = box[0].start + self.frame + i, box[1].start + self.frame + j
        table = _table(self.field, power, self.running)
        return table[top : top + box[0].stop - box[0].start, left : left + box[1].stop - box[1].start]


def _fit(source: _Source, radii: tuple[float, float], phase: tuple[float, float], box: Box, rim: bool) -> Field:
    """Minimum of the field over the disc about each centre ``(row + phase, column + phase)`` of the box."""
    lowest = np.full((box[0].stop - box[0].start, box[1].stop - box[1].start), np.inf, np.float32)
    for i, first, last in _runs(radii, phase):
        # Minimum of a run of samples from two overlapping runs of a power of two (sparse table).
        power = (last - first + 1).bit_length() - 1
        for start in {first, last + 1 - (1 << power)}:
            np.minimum(lowest, source.view(box, i, start, power), out=lowest)
    if not rim:
        return lowest
    spare = np.empty_like(lowest)
    on_rows, on_columns = _rim(radii, phase)
    for i, column in on_rows:
        j = int(np.floor(column))
        _lerp(source.view(box, i, j), source.view(box, i, j + 1), column - j, spare)
        np.minimum(lowest, spare, out=lowest)
    for row, j in on_columns:
        i = int(np.floor(row))
        _lerp(source.view(box, i, j), source.view(box, i + 1, j), row - i, spare)
        np.minimum(lowest, spare, out=lowest)
    return lowest


def _table(field: Field, power: int, cache: dict[int, Field]) -> Field:
    """Minimum of ``2**power`` samples to the right; the last ``2**power - 1`` columns are never used."""
    if power == 0:
        return field
    if power not in cache:
        half = _table(field, power - 1, cache)
        step = 1 << (power - 1)
        wider = np.empty_like(half)
        np.minimum(half[:, :-step], half[:, step:], out=wider[:, :-step])
        wider[:, -step:] = half[:, -step:]
        cache[power] = wider
    return cache[power]


def _lerp(a: Field, b: Field, share: float, out: Field) -> None:
    np.subtract(b, a, out=out)
    out *= np.float32(share)
    out += a


def _paint(result: Field, fitted: Field, radii: tuple[float, float], phase: tuple[float, float], box: Box) -> None:
    """Raise ``result`` to each disc's level over the samples that the disc holds (in place).

    ``fitted`` holds the levels of the discs centred at ``(row + phase, column + phase)`` of the box.
    """
    total_rows, total_columns = result.shape
    margin = int(np.ceil(radii[1])) + 1
    left, right = max(box[1].start - margin, 0), min(box[1].stop + margin, total_columns)
    # Running maxima through the running minima of the negative; framed so that every run fits.
    negative = np.pad(-fitted, ((0, 0), (2 * margin, 2 * margin)))
    cache: dict[int, Field] = {}
    for i, first, last in _runs(radii, phase):
        power = (last - first + 1).bit_length() - 1
        table = _table(negative, power, cache)
        # Sample (y + i, x + j) is covered by the disc of centre (y, x): y = row - i, x = column - j.
        low, high = max(box[0].start + i, 0), min(box[0].stop + i, total_rows)
        if low >= high:
            continue
        rows = slice(low - i - box[0].start, high - i - box[0].start)
        target = result[low:high, left:right]
        for start in {-last, -first + 1 - (1 << power)}:
            begin = 2 * margin + start + left - box[1].start
            np.maximum(target, -table[rows, begin : begin + right - left], out=target)
