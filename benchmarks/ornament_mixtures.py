"""Whether both themes of a mixture stand where the prompt asked, told from heights by a classifier of its own.

The classifier sees windows as high as the strip that it is applied to: two layers of oriented band-pass energies
(a scattering transform) and the distribution of heights, then linear discriminants with shrinkage. It is trained
on reliefs of one family each and reports its own accuracy on others first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from ornament_prompts import NOUNS, WORDING, Mixture
from scipy import ndimage

from ringcad.core.errors import InputError
from ringcad.generators.ornament.measure import Array, Heights, find_border, inner

SIDE = 48
"""Rows of a window; it is as wide as high."""
SCALES = (0.32, 0.16, 0.08, 0.045)
"""Centre frequencies of the band-pass filters, cycles per pixel."""
ANGLES = 6
SHRINKAGE = 0.25
STEP = 0.5
"""Windows follow one another by this share of their width."""


@cache
def _filters(columns: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Oriented band-pass filters (n, SIDE, columns), their squares, and which pairs go to coarser scales."""
    fy, fx = np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(columns), indexing="ij")
    radius, angle = np.hypot(fx, fy) + 1e-9, np.arctan2(fy, fx)
    found: list[Array] = []
    for centre in SCALES:
        ring = np.exp(-0.5 * (np.log2(radius / centre) / 0.45) ** 2)
        for k in range(ANGLES):
            turn = np.angle(np.exp(1j * (angle - np.pi * k / ANGLES)))
            found.append(ring * np.exp(-0.5 * (turn / (0.6 * np.pi / ANGLES)) ** 2))
    bank = np.stack(found)
    scale = np.repeat(np.arange(len(SCALES)), ANGLES)
    return bank, (bank**2).reshape(len(bank), -1), scale[None, :] > scale[:, None]


def describe(window: Array) -> Array:
    """Features of a window (SIDE, columns): log energies of first and second order, and heights."""
    bank, squares, coarser = _filters(window.shape[1])
    moduli = np.abs(np.fft.ifft2(np.fft.fft2(window - window.mean()) * bank))
    first = moduli.mean(axis=(1, 2))
    power = np.abs(np.fft.fft2(moduli)).reshape(len(bank), -1) ** 2
    # Parseval: energy of each modulus behind each coarser filter.
    second = np.sqrt(power @ squares.T)[coarser] / window.size
    heights = np.quantile(window, np.linspace(0.05, 0.95, 10))
    rows = ndimage.zoom(window.mean(axis=1), 8.0 / SIDE, order=1)
    # A strip and its mirror image are one theme.
    profile = np.concatenate([0.5 * (rows[:4] + rows[::-1][:4]), np.abs(rows[:4] - rows[::-1][:4])])
    energies = np.log(np.concatenate([first, second]) + 1e-4)
    return np.concatenate([energies, 3.0 * heights, 3.0 * profile])


def windows(strip: Heights) -> Iterator[tuple[float, Array]]:
    """(middle along the strip, mm; window) of a strip, scaled to SIDE rows."""
    rows = np.flatnonzero((strip.values > 0.3).any(axis=1))
    if not len(rows):
        return
    low, high = max(0, int(rows[0]) - 1), min(strip.values.shape[0], int(rows[-1]) + 2)
    cut = strip.values[low:high]
    if cut.shape[0] < 6:
        return
    tall = cut.shape[0] * strip.dv
    columns = max(SIDE, round(SIDE * strip.length_mm / tall))
    zoomed = ndimage.zoom(cut, (SIDE / cut.shape[0], columns / cut.shape[1]), order=1, grid_mode=True, mode="nearest")
    zoomed = zoomed[:SIDE, :columns]
    if zoomed.shape[0] < SIDE or zoomed.shape[1] < SIDE:
        return
    if strip.periodic:
        zoomed = np.hstack([zoomed, zoomed[:, :SIDE]])
    step = max(1, round(STEP * SIDE))
    for start in range(0, zoomed.shape[1] - SIDE + 1, step):
        yield (start + 0.5 * SIDE) * tall / SIDE, zoomed[:, start : start + SIDE]


@dataclass(frozen=True)
class Classifier:
    """Linear discriminants: ``score`` is the log likelihood of each family up to a constant."""

    names: tuple[str, ...]
    mean: Array
    scale: Array
    weights: Array
    offsets: Array

    def score(self, features: Array) -> Array:
        """(n, families) of features (n, d)."""
        return np.asarray(((features - self.mean) / self.scale) @ self.weights + self.offsets)


def train(features: Array, labels: NDArray[np.int64], names: Sequence[str]) -> Classifier:
    """Shrunk linear discriminant analysis with equal priors."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    z = (features - mean) / scale
    centres = np.stack([z[labels == k].mean(axis=0) for k in range(len(names))])
    within = z - centres[labels]
    covariance = within.T @ within / len(z)
    covariance = (1.0 - SHRINKAGE) * covariance + SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(
        len(covariance)
    )
    weights = np.linalg.solve(covariance, centres.T)
    offsets = -0.5 * np.einsum("kd,dk->k", centres, weights)
    return Classifier(tuple(names), mean, scale, weights, offsets)


def strip_features(field: Heights) -> Array:
    """(n, d) features of all windows of a strip."""
    found = [describe(window) for _, window in windows(field)]
    return np.stack(found) if found else np.zeros((0, 0))


def strips(field: Heights) -> list[Heights]:
    """The inside of a relief cut at clear ground from end to end, from the upper edge to the lower."""
    inside = inner(field)
    covered = (inside.values > 0.5).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], covered, [False])).astype(int)))
    pairs = list(zip(edges[::2], edges[1::2], strict=True))
    return [inside.rows_cut(max(0, a - 1), b + 1) for a, b in pairs if (b - a) * inside.dv > 0.25]


GROUNDS = ("hammered", "stipple", "honeycomb", "bark")
FALSE_FLOOR = 0.15
"""A theme is present where it is the likeliest of all families in at least this share of the windows."""
BEADED = frozenset({"milgrain", "bead_row"})
LENGTH_MM, PIXELS = 20.0, 14.0


def _drawn(prompt: str, seed: int, width_mm: float, border: str, closed: bool = True) -> Heights:
    from ringcad.generation import GeneratorRequest
    from ringcad.generators.ornament import generator

    request = GeneratorRequest(
        prompt, seed, LENGTH_MM, width_mm, 0.35, 0.35, 0.25, border, not closed, pixels_per_mm=PIXELS
    )
    relief = generator.generate(request)
    return Heights(np.asarray(relief.height, dtype=np.float64), LENGTH_MM, width_mm, closed)


def _texts(family: str) -> tuple[str, ...]:
    return NOUNS if family == "motif" else (WORDING[family],)


def single(seeds: Sequence[int], widths: Sequence[float]) -> Iterator[tuple[str, int, Array]]:
    """(family, number of the relief, features of its windows) of reliefs with one family each."""
    number = 0
    for family in WORDING:
        texts = _texts(family)
        for width in widths:
            for seed in seeds:
                try:
                    field = _drawn(texts[(seed + int(10 * width)) % len(texts)], seed, width, "none")
                except InputError:
                    continue
                features = strip_features(field)
                if len(features):
                    number += 1
                    yield family, number, features


def learned(seeds: Sequence[int], widths: Sequence[float]) -> Classifier:
    """The classifier of all families that a prompt can name."""
    names = tuple(WORDING)
    found = list(single(seeds, widths))
    features = np.concatenate([part for _, _, part in found])
    labels = np.concatenate([np.full(len(part), names.index(family)) for family, _, part in found])
    return train(features, labels, names)


@dataclass(frozen=True)
class Accuracy:
    """Share of windows and of whole reliefs (by the sum over their windows) named rightly, and of false alarms."""

    windows: float
    reliefs: float
    found: float
    false_alarms: float
    n: int
    confused: tuple[str, ...]


def accuracy(classifier: Classifier, seeds: Sequence[int], widths: Sequence[float]) -> Accuracy:
    """How the classifier does on single families drawn with other dice and widths."""
    right: list[float] = []
    whole: list[bool] = []
    found: list[bool] = []
    false: list[float] = []
    confused: list[str] = []
    for family, _, features in single(seeds, widths):
        scores = classifier.score(features)
        k = classifier.names.index(family)
        top = scores.argmax(axis=1)
        shares = np.bincount(top, minlength=len(classifier.names)) / len(top)
        right.append(float(shares[k]))
        guess = int(scores.sum(axis=0).argmax())
        whole.append(guess == k)
        if guess != k:
            confused.append(f"{family} as {classifier.names[guess]}")
        found.append(bool(shares[k] >= FALSE_FLOOR))
        false.append(float(np.delete(shares >= FALSE_FLOOR, k).mean()))
    means = (float(np.mean(part)) for part in (right, whole, found, false))
    return Accuracy(*means, len(whole), tuple(dict.fromkeys(confused)))


def present(classifier: Classifier, parts: Sequence[Heights], family: str) -> bool:
    """Whether a theme is the likeliest one in enough windows of some strips."""
    found = [strip_features(part) for part in parts]
    found = [features for features in found if len(features)]
    if not found:
        return False
    top = classifier.score(np.concatenate(found)).argmax(axis=1)
    alike = BEADED if family in BEADED else {family}
    return bool(np.isin(top, [classifier.names.index(name) for name in alike]).mean() >= FALSE_FLOOR)


def ground_part(field: Heights) -> Heights:
    """What lies low between the figures: metal and its feet are levelled to the ground's median."""
    inside = inner(field)
    far = ndimage.distance_transform_edt(~inside.metal, sampling=(inside.dv, inside.du)) > 0.3
    low = float(np.median(inside.values[far])) if far.any() else 0.0
    return Heights(np.where(far, inside.values, low) / 0.45, inside.length_mm, inside.width_mm, inside.periodic)


def learned_grounds(seeds: Sequence[int], widths: Sequence[float]) -> Classifier:
    """A classifier of what lies behind figures; one class is bare ground."""
    names = (*GROUNDS, "bare")
    features: list[Array] = []
    labels: list[int] = []
    for k, name in enumerate(names):
        for figure in ("daisies", "scrolls", "oak leaves"):
            for width in widths:
                for seed in seeds:
                    text = figure if name == "bare" else f"{figure} on a {WORDING[name]} ground"
                    try:
                        part = _ground_features(_drawn(text, seed, width, "plain"))
                    except InputError:
                        continue
                    features += list(part)
                    labels += [k] * len(part)
    return train(np.stack(features), np.array(labels), names)


def _ground_features(field: Heights) -> Array:
    part = ground_part(field)
    # All rows, however low what stands in them.
    framed = Heights(np.maximum(part.values, 0.0), part.length_mm, part.width_mm, part.periodic)
    framed.values[[0, -1]] = 1.0
    return strip_features(framed)


@dataclass(frozen=True)
class Seen:
    """What was found of a mixture."""

    main: bool
    other: bool
    note: str = ""


def look(mixture: Mixture, classifier: Classifier, grounds: Classifier, seed: int, width_mm: float) -> Seen | None:
    """Draw a mixture and look for both themes where they should stand; ``None`` where it is refused with a proposal."""
    try:
        field = _drawn(mixture.text, seed, width_mm, "plain")
    except InputError as error:
        return None if "does not fit" in str(error) else Seen(False, False, str(error)[:80])
    parts = strips(field)
    if mixture.layout == "ground":
        figures = Heights(
            np.where(inner(field).metal, inner(field).values, 0.0), LENGTH_MM, inner(field).width_mm, True
        )
        scores = grounds.score(_ground_features(field)).sum(axis=0)
        return Seen(present(classifier, [figures], mixture.main), grounds.names[int(scores.argmax())] == mixture.other)
    if mixture.layout == "edges":
        kind = find_border(field).kind
        if mixture.other in ("milgrain", "rope"):
            if kind == mixture.other:
                return Seen(present(classifier, parts, mixture.main), True)
        if len(parts) < 3:
            return Seen(present(classifier, parts, mixture.main), False, f"{len(parts)} strips")
        beside = present(classifier, [parts[0]], mixture.other) and present(classifier, [parts[-1]], mixture.other)
        return Seen(present(classifier, parts[1:-1], mixture.main), beside)
    if mixture.layout == "stacked":
        inside = inner(field)
        half = inside.values.shape[0] // 2
        upper, lower = inside.rows_cut(0, half), inside.rows_cut(half, inside.values.shape[0])
        return Seen(present(classifier, [upper], mixture.main), present(classifier, [lower], mixture.other))
    whole = [inner(field)]
    return Seen(present(classifier, whole, mixture.main), present(classifier, whole, mixture.other))
