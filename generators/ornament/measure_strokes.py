"""How clean the strokes of a relief are: contours without tremor, no specks, no spurs.

Works on heights and, because it only follows level lines, on a shaded picture of a relief too. A melted drawing
that a classifier still names correctly fails here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.generators.ornament.measure import Array, Heights, Mask

FINE_MM, COARSE_MM = 0.06, 0.2
"""Scales at which the bending of level lines is taken: a sixth and about half of a stroke."""
SPECK_MM2 = 0.06
"""Islands and holes of a level smaller than this are specks: half of the smallest castable grain."""
SPUR_MM = 0.3
"""Side branches of a middle line shorter than this are spurs, not strokes."""
LEVELS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Cleanness:
    """Figures of one relief; for all of them smaller is cleaner.

    ``bending`` is the mean absolute curvature of all level lines at the fine scale (1/mm), ``tremor`` what it
    has over that of the same lines smoothed (0: nothing), ``specks`` and ``spurs`` are numbers per mm of contour and
    of middle line.
    """

    bending: float
    tremor: float
    specks: float
    spurs: float


def bending(field: Heights, scale_mm: float) -> float:
    """Mean absolute curvature of the level lines after a blur, 1/mm, weighted by the slope.

    By the coarea formula this is the mean over all levels of the total absolute curvature of the level's contours,
    over their length: 1/R for round forms of radius R (R well above the blur).
    """
    sigma = (scale_mm / field.dv, scale_mm / field.du)
    mode = ("nearest", "wrap" if field.periodic else "nearest")

    def d(v: int, u: int) -> Array:
        found: Array = ndimage.gaussian_filter(field.values, sigma, order=(v, u), mode=mode)
        return found / (field.dv**v * field.du**u)

    fu, fv, fuu, fuv, fvv = d(0, 1), d(1, 0), d(0, 2), d(1, 1), d(2, 0)
    square = fu * fu + fv * fv
    slope = np.sqrt(square)
    tangent = np.abs(fuu * fv * fv - 2.0 * fuv * fu * fv + fvv * fu * fu) / (square + 1e-9)
    return float(tangent.sum() / (slope.sum() + 1e-12))


def _contour_mm(mask: Mask, field: Heights) -> float:
    """Length of a mask's boundary: edges between pixels, by 4/pi too long on average for slanted lines."""
    steps = (mask[:, 1:] != mask[:, :-1]).sum() * field.dv + (mask[1:] != mask[:-1]).sum() * field.du
    return float(steps * np.pi / 4.0)


def specks(field: Heights, levels: tuple[float, ...] = LEVELS) -> float:
    """Small islands and holes of some levels (shares of the range) per mm of contour."""
    low, high = (float(x) for x in np.percentile(field.values, (0.5, 99.5)))
    count, length = 0, 0.0
    for level in levels:
        mask = field.values > low + level * (high - low)
        length += _contour_mm(mask, field)
        for part in (mask, ~mask):
            labels, n = ndimage.label(part)
            if n:
                area = np.bincount(labels.ravel())[1:] * field.du * field.dv
                count += int((area < SPECK_MM2).sum())
    return count / length if length else 0.0


def _branches(lines: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixels of each branch of a skeleton that has a free end (length in pixels), and how many free ends it has."""
    around = ndimage.convolve(lines.astype(np.int16), np.ones((3, 3), np.int16), mode="constant") - 1
    ends = lines & (around == 1)
    knots = lines & (around >= 3)
    pieces, n = ndimage.label(lines & ~ndimage.binary_dilation(knots, np.ones((3, 3))), np.ones((3, 3)))
    if not n:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    size = np.bincount(pieces.ravel(), minlength=n + 1)[1:]
    free = np.bincount(pieces[ends], minlength=n + 1)[1:]
    return size, free


def spurs(field: Heights) -> float:
    """Short side branches and crumbs of the middle lines per mm of them: what a ragged outline grows."""
    from skimage.morphology import skeletonize

    lines = skeletonize(field.metal)
    length = float(lines.sum()) * 0.5 * (field.du + field.dv) * 1.1
    if not length:
        return 0.0
    size, free = _branches(lines)
    short = (size * 0.5 * (field.du + field.dv) < SPUR_MM) & (free > 0)
    return float(short.sum()) / length


def cleanness(field: Heights) -> Cleanness:
    """All figures of a relief (or of a shaded picture, whose mid grey is then the half height)."""
    fine, coarse = bending(field, FINE_MM), bending(field, COARSE_MM)
    return Cleanness(fine, max(0.0, fine - coarse), specks(field), spurs(field))


def shaded(field: Heights, depth_mm: float = 0.6) -> Heights:
    """Lambert shading of heights under light from the upper left, 0 to 1: what pictures of reliefs show."""
    mode = ("nearest", "wrap" if field.periodic else "nearest")
    sigma = (0.5, 0.5)
    gu = ndimage.gaussian_filter(field.values, sigma, order=(0, 1), mode=mode) * depth_mm / field.du
    gv = ndimage.gaussian_filter(field.values, sigma, order=(1, 0), mode=mode) * depth_mm / field.dv
    # Row 0 is the upper edge of a picture; light falls from the upper left, 45 degrees high.
    light = np.array([-0.5, -0.5, np.sqrt(0.5)])
    shade = (-gu * light[0] - gv * light[1] + light[2]) / np.sqrt(1.0 + gu * gu + gv * gv)
    return Heights(np.clip(shade, 0.0, 1.0), field.length_mm, field.width_mm, field.periodic)
