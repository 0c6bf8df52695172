"""Closed bands on their heights: the seam against the inside, whole repeats, and strands that alternate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.measure import Array, Heights, Mask, inner, repeats


@dataclass(frozen=True)
class Seam:
    """Root mean square jumps across the seam over the 99th percentile of the same between all other columns.

    Above 1 the seam is rougher than nearly every other place of the band.
    """

    value: float
    slope: float


def seam(field: Heights) -> Seam:
    """Jump of height and of slope at the seam of a closed band. The seam lies between the last column and the first."""
    f = field.values
    step = np.sqrt(((np.roll(f, -1, axis=1) - f) ** 2).mean(axis=0))
    second = np.roll(f, -1, axis=1) - 2.0 * f + np.roll(f, 1, axis=1)
    bend = np.sqrt((second**2).mean(axis=0))
    # step[-1] is last to first; the slope bends at the last column and at the first.
    inside, bends = np.percentile(step[:-1], 99), np.percentile(bend[1:-1], 99)
    # A band without any change along it (a plain rail) has no jump anywhere.
    return Seam(
        float(step[-1] / max(inside, 1e-4)),
        float(max(bend[-1], bend[0]) / max(bends, 1e-4)),
    )


def whole_repeats(field: Heights) -> float:
    """How exactly the pattern is a whole number of repeats: 1 where only one harmonic's multiples are there."""
    return repeats(inner(field))[1]


@dataclass(frozen=True)
class Crossings:
    """Crossings seen on the heights; how many pairs of neighbours along a strand there are, and alternate."""

    crossings: int
    pairs: int
    alternating: int


def crossings(field: Heights, radius_mm: float) -> Crossings:
    """Over and under along strands of a closed band.

    A crossing is where middle lines of the metal meet; its upper strand is the pair of opposite arms
    that stands higher at ``radius_mm`` from it. Between two neighbours along a strand over must become under.
    """
    from skimage.morphology import skeletonize

    n = field.values.shape[1]
    values = np.hstack([field.values] * 3)
    lines = skeletonize(values > 0.5)
    around = ndimage.convolve(lines.astype(np.int16), np.ones((3, 3), np.int16), mode="constant") - 1
    knots = lines & (around >= 3)
    # Two threefold knots within a strand's width are one crossing.
    reach = 0.8 * radius_mm
    sampling = (field.dv, field.du)
    zone = ndimage.distance_transform_edt(~knots, sampling=sampling) <= reach
    centres, count = ndimage.label(zone & ndimage.binary_dilation(lines, np.ones((3, 3))), np.ones((3, 3)))
    pieces, many = ndimage.label(lines & (centres == 0), np.ones((3, 3)))
    smooth = ndimage.gaussian_filter(values, 0.5)
    ends = _ends(pieces, many, centres)
    arms: dict[int, list[tuple[int, float, float]]] = {}
    where = ndimage.center_of_mass(zone, centres, np.arange(1, count + 1)) if count else []
    for piece, centre, (i, j) in ends:
        ci, cj = where[centre - 1]
        angle = float(np.arctan2((i - ci) * field.dv, (j - cj) * field.du))
        arms.setdefault(centre, []).append((piece, angle, float(smooth[i, j])))
    over: dict[tuple[int, int], list[bool]] = {}
    seen = 0
    for centre, found in arms.items():
        if len(found) != 4:
            continue
        found.sort(key=lambda arm: arm[1])
        first, second = found[0][2] + found[2][2], found[1][2] + found[3][2]
        middle = bool(n <= where[centre - 1][1] < 2 * n)
        if abs(first - second) < 0.06:
            continue
        seen += middle
        for k, (piece, _, _) in enumerate(found):
            over.setdefault((piece, centre), []).append((first > second) == (k % 2 == 0))
    pairs = alternating = 0
    by_piece: dict[int, list[int]] = {}
    for piece, centre, _ in ends:
        by_piece.setdefault(piece, []).append(centre)
    for piece, both in by_piece.items():
        if len(both) != 2 or any((piece, centre) not in over for centre in both):
            continue
        if not any(n <= where[centre - 1][1] < 2 * n for centre in both):
            continue
        pairs += 1
        # A loop comes back to its own crossing: its two ends stand beside each other there.
        alternating += over[piece, both[0]][0] != over[piece, both[1]][-1]
    return Crossings(seen, pairs, alternating)


def _ends(pieces: Array, many: int, centres: Array) -> list[tuple[int, int, tuple[int, int]]]:
    """(piece, crossing, pixel) for each end of a piece of middle line that comes into a crossing."""
    found: list[tuple[int, int, tuple[int, int]]] = []
    grown = ndimage.grey_dilation(centres, size=(3, 3))
    touching: Mask = (pieces > 0) & (grown > 0)
    labels, count = ndimage.label(touching, np.ones((3, 3)))
    for k, box in enumerate(ndimage.find_objects(labels), start=1):
        inside = np.argwhere(labels[box] == k)
        i, j = (int(x) for x in inside[len(inside) // 2] + [box[0].start, box[1].start])
        found.append((int(pieces[i, j]), int(grown[i, j]), (i, j)))
    del many, count
    return found
