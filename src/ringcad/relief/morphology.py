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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

#: Half-pixel phases of disc centres, (rows, columns).
_PHASES = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
#: Rim points closer to the axis than this share of the radius are sampled along that axis.
_RIM_SHARE = 0.75
#: Relative width of a class of local metrics that share one disc.
_METRIC_STEP = 0.04


@dataclass(frozen=True)
class MetricClass:
    """Pixels that share a local metric: ``mask`` is ``None`` where one class holds everything."""

    row_slice: slice
    mask: NDArray[np.bool_] | None
    row_mm: float
    column_mm: float


@dataclass(frozen=True)
class Chart:
    """A sampled chart: its shape, whether columns wrap round, and its metric classes."""

    rows: int
    columns: int
    periodic: bool
    classes: tuple[MetricClass, ...]


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
    if np.ptp(row_mm) <= _METRIC_STEP * np.min(row_mm) and np.ptp(column_mm) <= _METRIC_STEP * np.min(column_mm):
        whole = MetricClass(slice(0, rows), None, float(np.mean(row_mm)), float(np.mean(column_mm)))
        return Chart(rows, columns, periodic, (whole,))
    v_class = np.round(np.log(np.broadcast_to(row_mm, shape)) / _METRIC_STEP).astype(np.int64)
    u_class = np.round(np.log(np.broadcast_to(column_mm, shape)) / _METRIC_STEP).astype(np.int64)
    key = (v_class - v_class.min()) * (int(np.ptp(u_class)) + 1) + (u_class - u_class.min())
    classes = []
    for value in np.unique(key):
        mask = key == value
        hit = np.flatnonzero(mask.any(axis=1))
        span = slice(int(hit[0]), int(hit[-1]) + 1)
        row, column = np.argwhere(mask)[0]
        classes.append(
            MetricClass(
                span,
                None if mask[span].all() else mask[span],
                float(np.exp(v_class[row, column] * _METRIC_STEP)),
                float(np.exp(u_class[row, column] * _METRIC_STEP)),
            )
        )
    return Chart(rows, columns, periodic, tuple(classes))


def flat_opening(
    height: Field, diameter_mm: float, chart: Chart, outside: float = 0.0, *, fine: bool = True, slack_px: float = 0.25
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
        Taken off the radius when a disc is fitted and added when it is painted back. A ridge's axis
        lies at most 0.25 px (fine) or 0.5 px from a centre, so with that slack a ridge of exactly
        the wanted width always holds a disc.
    """
    reach_row = max(_reach(diameter_mm, c.row_mm) for c in chart.classes)
    # A disc whose centre lies a radius past the seam looks another radius further round.
    turns = 2.0 if chart.periodic else 1.0
    reach_column = max(_reach(turns * diameter_mm, c.column_mm) for c in chart.classes)
    padded = _pad(height, reach_row, reach_column, chart.periodic, outside)
    # One more frame, so that centres in the padding can look outwards too.
    frame = max(reach_row, reach_column) + 1
    source = _Source(padded, frame, outside)
    result = np.zeros(padded.shape, np.float32)
    for span, mask, row_mm, column_mm in _edge_classes(chart, reach_row, reach_column):
        fit = _radii(diameter_mm, row_mm, column_mm, -slack_px)
        paint = _radii(diameter_mm, row_mm, column_mm, slack_px)
        for phase in _PHASES if fine else _PHASES[:1]:
            fitted = _fit(source, fit, phase, span, rim=fine)
            if mask is not None:
                fitted = np.where(mask, fitted, np.float32(0.0))
            _paint(result, fitted, paint, phase, span)
    core = result[reach_row : reach_row + chart.rows, reach_column : reach_column + chart.columns]
    return np.minimum(core, height)


def paint_discs(height: Field, diameter_mm: float, chart: Chart) -> Field:
    """Dilation of ``height`` (>= 0) by discs of ``diameter_mm`` on the metal centred on pixels."""
    reach_row = max(_reach(diameter_mm, c.row_mm) for c in chart.classes)
    reach_column = max(_reach(diameter_mm, c.column_mm) for c in chart.classes)
    padded = _pad(height, reach_row, reach_column, chart.periodic, 0.0)
    result = padded.copy()
    for span, mask, row_mm, column_mm in _edge_classes(chart, reach_row, reach_column):
        source = padded[span]
        if mask is not None:
            source = np.where(mask, source, np.float32(0.0))
        _paint(result, source, _radii(diameter_mm, row_mm, column_mm, 0.0), (0.0, 0.0), span)
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


def _edge_classes(
    chart: Chart, reach_row: int, reach_column: int
) -> list[tuple[slice, NDArray[np.bool_] | None, float, float]]:
    """The metric classes on the padded grid: the border takes the class of the nearest pixel."""
    if len(chart.classes) == 1:
        only = chart.classes[0]
        return [(slice(0, chart.rows + 2 * reach_row), None, only.row_mm, only.column_mm)]
    grown = []
    for item in chart.classes:
        start, stop = item.row_slice.start, item.row_slice.stop
        below = reach_row if start == 0 else 0
        above = reach_row if stop == chart.rows else 0
        span = slice(start + reach_row - below, stop + reach_row + above)
        mask = None
        if item.mask is not None:
            mode = "wrap" if chart.periodic else "edge"
            mask = np.pad(item.mask, ((0, 0), (reach_column, reach_column)), mode=mode)  # type: ignore[call-overload]
            mask = np.pad(mask, ((below, above), (0, 0)), mode="edge")
        grown.append((span, mask, item.row_mm, item.column_mm))
    return grown


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
        self.columns = padded.shape[1]
        self.running: dict[int, Field] = {}

    def view(self, span: slice, i: int, j: int, power: int = 0) -> Field:
        """The minimum of ``2**power`` samples from (row + i, column + j) on, for all centres of a span."""
        top, left = span.start + self.frame + i, self.frame + j
        table = _table(self.field, power, self.running)
        return table[top : top + span.stop - span.start, left : left + self.columns]


def _fit(source: _Source, radii: tuple[float, float], phase: tuple[float, float], span: slice, rim: bool) -> Field:
    """Minimum of the field over the disc about each centre ``(row + phase, column + phase)`` of the span."""
    lowest = np.full((span.stop - span.start, source.columns), np.inf, np.float32)
    for i, first, last in _runs(radii, phase):
        # Minimum of a run of samples from two overlapping runs of a power of two (sparse table).
        power = (last - first + 1).bit_length() - 1
        for start in {first, last + 1 - (1 << power)}:
            np.minimum(lowest, source.view(span, i, start, power), out=lowest)
    if not rim:
        return lowest
    spare = np.empty_like(lowest)
    on_rows, on_columns = _rim(radii, phase)
    for i, column in on_rows:
        j = int(np.floor(column))
        _lerp(source.view(span, i, j), source.view(span, i, j + 1), column - j, spare)
        np.minimum(lowest, spare, out=lowest)
    for row, j in on_columns:
        i = int(np.floor(row))
        _lerp(source.view(span, i, j), source.view(span, i + 1, j), row - i, spare)
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


def _paint(result: Field, fitted: Field, radii: tuple[float, float], phase: tuple[float, float], span: slice) -> None:
    """Raise ``result`` to each disc's level over the samples that the disc holds (in place)."""
    total_rows, columns = result.shape
    margin = int(np.ceil(radii[1])) + 1
    framed = np.pad(fitted, ((0, 0), (margin, margin)))
    cache: dict[int, Field] = {}
    negative = -framed  # running maxima through the running minima above
    for i, first, last in _runs(radii, phase):
        length = last - first + 1
        power = length.bit_length() - 1
        table = _table(negative, power, cache)
        # Sample (y + i, x + j) is covered by the disc of centre (y, x): y = row - i, x = column - j.
        low = max(span.start + i, 0)
        high = min(span.stop + i, total_rows)
        if low >= high:
            continue
        rows = slice(low - i - span.start, high - i - span.start)
        for start in {-last, -first + 1 - (1 << power)}:
            left = margin + start
            target = result[low:high]
            np.maximum(target, -table[rows, left : left + columns], out=target)
