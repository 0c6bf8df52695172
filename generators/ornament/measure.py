"""Measures of a relief that look at its heights only, never at the program that drew it.

Every function takes a :class:`Heights` (values 0 to 1, a scale in mm) and answers in millimetres, shares or counts.
"Metal" is what stands above half height, as in a foundry's limits. ``inner`` erases the border first, because
most of what a prompt asks for is said of what stands inside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
BorderKind = Literal["none", "plain", "double", "milgrain", "rope"]

HALF = 0.5
"""Level at which widths are taken."""
RAIL_REACH_MM = 0.5
"""A border's outer side stands no farther from the band's edge."""
RAIL_WIDEST_MM = 1.3
"""What is broader than this along the edge is not a rail."""
RAIL_COVER, GAP_COVER = 0.93, 0.12
"""Least share of a rail's row that is metal, and most of a gap's row."""
FIELD_COVER = 0.7
"""Coverage from which a relief is a surface: its drawing is in the heights above half, not in the outline."""
TALL = 0.85
"""Figures that reach over this share of the room across the band cannot be larger."""
ROW_BLUR = 0.04
"""Blur of the profile across the band, as a share of its width, before crests are counted."""
GAP_REACH_MM = 0.5
"""Inside a rail the ground is reached within this."""
SMOOTH_STD = 0.025
"""Most standard deviation of heights along a plain rail."""
SLANT_SHARE = 0.1
"""Least shift of a rope's turns from side to side of the rail, in turns."""


@dataclass(frozen=True)
class Heights:
    """A height field (rows, columns) in 0..1 over ``length_mm`` (columns) by ``width_mm`` (rows).

    ``periodic``: the last column is followed by the first.
    """

    values: Array
    length_mm: float
    width_mm: float
    periodic: bool = False

    @property
    def du(self) -> float:
        """Millimetres per column."""
        return float(self.length_mm / self.values.shape[1])

    @property
    def dv(self) -> float:
        """Millimetres per row."""
        return float(self.width_mm / self.values.shape[0])

    @property
    def metal(self) -> Mask:
        """(rows, columns) what stands above half height."""
        return self.values > HALF

    def rows_cut(self, first: int, stop: int) -> Heights:
        """Some rows of it."""
        cut = self.values[first:stop]
        return replace(self, values=cut, width_mm=self.dv * cut.shape[0])

    def columns_cut(self, first: int, stop: int) -> Heights:
        """Some columns of it, no longer periodic."""
        cut = self.values[:, first:stop]
        return replace(self, values=cut, length_mm=self.du * cut.shape[1], periodic=False)


def middle_part(field: Heights) -> Heights:
    """What lies far from designed ends: the middle 60 % of an open zone, all of a closed band."""
    if field.periodic:
        return field
    n = field.values.shape[1]
    return field.columns_cut(round(0.2 * n), round(0.8 * n))


@dataclass(frozen=True)
class Border:
    """A border as it was found along the two long edges.

    ``inner_mm`` is the distance from the band's edge to the middle of the gap inside it, 0 without a border.
    """

    kind: BorderKind
    inner_mm: float


def _runs(flags: Mask) -> list[tuple[int, int]]:
    """First and one past last index of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _rails(rows: Array, dv: float) -> list[tuple[int, int]]:
    """Rails from the edge (row 0) inwards: runs of covered rows, each with ground on its inner side."""
    covered = (rows > HALF).mean(axis=1)
    found: list[tuple[int, int]] = []
    start = 0
    for a, b in _runs(covered > RAIL_COVER):
        if (a - start) * dv > (RAIL_REACH_MM if not found else 2.0 * GAP_REACH_MM) or (b - a) * dv > RAIL_WIDEST_MM:
            break
        after = covered[b : b + max(1, round(GAP_REACH_MM / dv))]
        if not len(after) or after.min() > GAP_COVER:
            break
        found.append((a, b))
        start = b
    return found


def _waviness(rows: Array) -> float:
    """Standard deviation of heights along a rail, the mean over its rows of metal."""
    return float(rows.std(axis=1).mean())


def _slant(rows: Array) -> float:
    """Shift of what is on a rail between a quarter and three quarters of its width, in periods of the pattern."""
    n = rows.shape[0]
    low, high = rows[n // 4], rows[n - 1 - n // 4]
    low, high = low - low.mean(), high - high.mean()
    spectrum = np.abs(np.fft.rfft(low) * np.fft.rfft(high))
    spectrum[: max(2, rows.shape[1] // 200)] = 0.0
    k = int(spectrum.argmax())
    phase = np.angle(np.fft.rfft(high)[k] / (np.fft.rfft(low)[k] + 1e-12))
    return float(abs(phase) / (2.0 * np.pi))


def find_border(field: Heights) -> Border:
    """The border along both long edges, from the edges' profile alone."""
    part = middle_part(field)
    sides = [part.values, part.values[::-1]]
    rails = [_rails(side, part.dv) for side in sides]
    if not all(rails):
        return Border("none", 0.0)
    first = [side[a:b] for side, ((a, b), *_) in zip(sides, rails, strict=True)]
    count = 1
    if all(len(found) > 1 for found in rails):
        second = [side[a:b] for side, (_, (a, b), *_) in zip(sides, rails, strict=True)]
        alike = all(abs(len(s) - len(f)) <= 2 + 0.3 * len(f) for s, f in zip(second, first, strict=True))
        if alike and max(map(_waviness, [*first, *second])) < SMOOTH_STD:
            count = 2
    end = max(found[count - 1][1] for found in rails)
    covered = np.max([(side > HALF).mean(axis=1) for side in sides], axis=0)
    gap = end + next((k for k, share in enumerate(covered[end:]) if share <= GAP_COVER), 0)
    inner_mm = gap * part.dv
    if count == 2:
        return Border("double", inner_mm)
    if max(map(_waviness, first)) < SMOOTH_STD:
        return Border("plain", inner_mm)
    return Border("rope" if float(np.mean([_slant(rows) for rows in first])) > SLANT_SHARE else "milgrain", inner_mm)


def inner(field: Heights) -> Heights:
    """What stands inside the border: its rows, without the pieces of metal that the border is made of."""
    border = find_border(field)
    if border.kind == "none":
        return field
    values = field.values.copy()
    labels, _ = ndimage.label(field.metal)
    cut = max(1, round(border.inner_mm / field.dv))
    edge = np.concatenate([labels[:cut].ravel(), labels[-cut:].ravel()])
    mask = np.isin(labels, np.unique(edge[edge > 0]))
    # The border's foot goes with it.
    near = ndimage.distance_transform_edt(~mask, sampling=(field.dv, field.du)) < 0.12
    values[near] = 0.0
    found = replace(field, values=values).rows_cut(cut, len(values) - cut)
    if field.periodic:
        return found
    columns = np.flatnonzero((found.values > 0.25).any(axis=0))
    return found if not len(columns) else found.columns_cut(int(columns[0]), int(columns[-1]) + 1)


def coverage(field: Heights) -> float:
    """Share of the area that is metal."""
    return float(field.metal.mean())


def contour_density(field: Heights) -> float:
    """Length of contours per area, mean over all levels, 1/mm: the integral of the slope (coarea formula).

    A pattern of half the size has twice as much.
    """
    return float(_slope(field).mean())


def _slope(field: Heights) -> Array:
    values = np.hstack([field.values[:, -1:], field.values, field.values[:, :1]]) if field.periodic else field.values
    gv, gu = np.gradient(values, field.dv, field.du)
    slope: Array = np.hypot(gu, gv)
    return slope[:, 1:-1] if field.periodic else slope


def drawn_level(field: Heights) -> float:
    """Level at which the drawing is seen: half height, or the median height of a surface that is metal all over."""
    metal = field.values > HALF
    return float(np.median(field.values[metal])) if metal.mean() > FIELD_COVER else HALF


def chord_mm(field: Heights) -> float:
    """Mean distance along the band between two edges of the drawing; the band's length where there is none."""
    metal = field.values > drawn_level(field)
    ahead = np.roll(metal, -1, axis=1) if field.periodic else metal[:, 1:]
    edges = int((metal[:, : ahead.shape[1]] != ahead).sum())
    rows = int(metal.any(axis=1).sum())
    return field.length_mm * max(rows, 1) / max(edges, max(rows, 1))


def stroke_mm(field: Heights) -> float:
    """Usual width of the drawing's raised parts along their middle lines; 0 without any."""
    return _medial_width(field, field.values > drawn_level(field))


def gap_mm(field: Heights) -> float:
    """Usual width of ground along its middle lines."""
    return _medial_width(field, ~field.metal)


def _medial_width(field: Heights, mask: Mask) -> float:
    from skimage.morphology import skeletonize

    n = mask.shape[1]
    wide = np.hstack([mask, mask, mask]) if field.periodic else mask
    wide = np.pad(wide, 1)
    distance = ndimage.distance_transform_edt(wide, sampling=(field.dv, field.du))[1:-1, 1:-1]
    lines = skeletonize(wide)[1:-1, 1:-1]
    if field.periodic:
        distance, lines = distance[:, n : 2 * n], lines[:, n : 2 * n]
    if not lines.any():
        return 0.0
    # The middle half of all widths: as robust as the median, and not in steps of whole pixels.
    low, high = np.percentile(distance[lines], (25, 75))
    found = distance[lines & (distance >= low) & (distance <= high)]
    # The distance counts to the next pixel's centre: half a pixel too much on either side.
    return float(2.0 * found.mean() - 0.5 * (field.du + field.dv))


def broad_share(field: Heights, width_mm: float) -> float:
    """Share of the area that is metal broader than ``width_mm``: what a disc of that width reaches."""
    core = ndimage.distance_transform_edt(np.pad(field.metal, 1), sampling=(field.dv, field.du)) > 0.5 * width_mm
    grown = ndimage.distance_transform_edt(~core, sampling=(field.dv, field.du)) <= 0.5 * width_mm
    return float((grown[1:-1, 1:-1] & field.metal).mean()) if core.any() else 0.0


def plateau_share(field: Heights) -> float:
    """Share of the metal within 8 % of the crest of its own stroke or form.

    Of a straight stroke: 0.74 for the flat profile, 0.45 for a semi-ellipse, 0.16 for two straight flanks.
    """
    surface = coverage(field) > FIELD_COVER
    # A surface has no strokes with crests of their own: its highest height is the crest of all.
    crest = np.full_like(field.values, np.percentile(field.values, 99.5)) if surface else local_crest(field)
    metal = field.metal & (crest > 0.6)
    return float((field.values[metal] > 0.92 * crest[metal]).mean()) if metal.any() else 0.0


def local_crest(field: Heights) -> Array:
    """(rows, columns) highest height of the stroke that each point belongs to: spread from middle lines."""
    metal = field.metal
    if not metal.any():
        return np.zeros_like(field.values)
    distance = ndimage.distance_transform_edt(np.pad(metal, 1), sampling=(field.dv, field.du))[1:-1, 1:-1]
    ridge = metal & (distance >= ndimage.maximum_filter(distance, 5, mode=("nearest", "nearest")) - 1e-9)
    near = ndimage.distance_transform_edt(~ridge, return_distances=False, return_indices=True)
    top: Array = ndimage.maximum_filter(field.values, 3)[tuple(near)]
    return np.maximum(top, field.values)


def steepness(field: Heights) -> float:
    """90th percentile of the slope on the metal's upper half, height per mm: what a soft relief has less of."""
    upper = field.values > HALF
    return float(np.percentile(_slope(field)[upper], 90)) if upper.any() else 0.0


def clear_rows(field: Heights, least_mm: float = 0.2) -> int:
    """Strips of metal across the band with ground between them from end to end."""
    covered = ndimage.binary_closing(np.pad((field.values > HALF).any(axis=1), 3))[3:-3]
    return sum((b - a) * field.dv >= least_mm for a, b in _runs(covered))


def rows_seen(field: Heights) -> int:
    """Rows across the band: strips with clear ground between, or the crests of the profile where rows interlock."""
    clear = clear_rows(field)
    if clear > 1:
        return clear
    from scipy.signal import find_peaks

    if not field.values.size:  # the borders take all of so narrow a band
        return 0
    profile = ndimage.gaussian_filter1d(np.pad(field.values.mean(axis=1), 2), ROW_BLUR * field.values.shape[0])
    peaks, _ = find_peaks(profile, prominence=0.08 * float(np.ptp(profile)))
    return max(clear, len(peaks))


def tallest_share(field: Heights) -> float:
    """Extent across the band of the tallest connected piece of metal, over the width. 0 without metal."""
    labels, _ = ndimage.label(np.hstack([field.metal, field.metal]) if field.periodic else field.metal)
    boxes = ndimage.find_objects(labels)
    return max((box[0].stop - box[0].start for box in boxes), default=0) / field.values.shape[0]


def _centred(field: Heights) -> Array:
    return np.asarray(field.values - field.values.mean())


def _correlations(a: Array, b: Array, periodic: bool) -> Array:
    """Correlation coefficient of ``a`` with ``b`` shifted by each number of columns.

    Periodic: shifts 0 to columns - 1. Otherwise the overlap alone is correlated, for shifts that leave at least
    half of the columns; shift k stands at place k + columns // 2.
    """
    n = a.shape[1]
    if periodic:
        cross = np.fft.irfft((np.fft.rfft(a, axis=1) * np.conj(np.fft.rfft(b, axis=1))).sum(axis=0), n)
        return np.asarray(cross / (np.sqrt((a * a).sum() * (b * b).sum()) + 1e-12))
    out = []
    for k in range(-(n // 2), n // 2 + 1):
        x, y = (a[:, k:], b[:, : n - k]) if k >= 0 else (a[:, : n + k], b[:, -k:])
        x, y = x - x.mean(), y - y.mean()
        out.append(float((x * y).sum() / (np.sqrt((x * x).sum() * (y * y).sum()) + 1e-12)))
    return np.array(out)


def mirror_score(field: Heights) -> float:
    """Best correlation with its own mirror image: end for end about any place, or side for side. 1: symmetric."""
    f = _centred(field)
    across = float((f * f[::-1]).sum() / ((f * f).sum() + 1e-12))
    ends = _correlations(f, f[:, ::-1], field.periodic)
    return max(across, float(ends.max()))


def regularity(field: Heights) -> float:
    """Best correlation with itself moved along by at least 0.6 mm, as it is or turned over. 1: it repeats exactly."""
    f = _centred(field)
    skip = max(1, round(0.6 / field.du))
    best = 0.0
    for other in (f, f[::-1]):
        found = _correlations(f, other, field.periodic)
        if field.periodic:
            found = found[skip : len(found) - skip]
        else:
            found = found[len(found) // 2 + skip :]
        best = max(best, float(found.max(initial=0.0)))
    return best


def repeats(field: Heights, most: int = 90) -> tuple[int, float]:
    """Number of repeats round a closed band and how exact they are (1: only multiples of that harmonic).

    A cell may be turned over from one to the next: the field is folded about its axis first. Raises
    ``ValueError`` for an open zone.
    """
    if not field.periodic:
        raise ValueError("repeats are counted round a closed band")
    folded = np.vstack([field.values + field.values[::-1], field.values * field.values[::-1]])
    power = (np.abs(np.fft.rfft(folded, axis=1)) ** 2).sum(axis=0)
    power[0] = 0.0
    total = power.sum() + 1e-12
    shares = np.array([power[n::n].sum() / total for n in range(1, min(most, len(power) - 1) + 1)])
    # What a pattern without any order would have.
    by_chance = 1.0 / np.arange(1, len(shares) + 1)
    score = (shares - by_chance) / (1.0 - by_chance + 1e-9)
    score[0] = 0.0
    best = float(score.max())
    if best < 0.3:
        return 1, 0.0
    n = int(np.flatnonzero(score >= 0.8 * best)[-1]) + 1
    return n, float(score[n - 1])
