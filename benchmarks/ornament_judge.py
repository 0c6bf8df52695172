"""Which family a piece of relief shows, told from heights alone, and how often that is right.

A window as high as the strip is described by two layers of oriented band-pass energies (a scattering transform), the
distribution of its heights and the strip's height in mm. A small network and the nearest known windows
(``ornament_network.py``) give each family a chance, in equal parts; a strip is judged by the mean over its windows and
their mirror images, a band in turns by the half of them that is likeliest. A judge is trained on
reliefs of one family each, in any of the family's forms, in the layout that it is to judge, and measured on others
before it is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from ornament_network import Neighbours, Network, neighbours
from ornament_network import trained as train_network
from ornament_prompts import NOUNS, WORDING
from scipy import ndimage

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import make_frame, render
from ringcad.generators.ornament.figure_rows import FigureLayer
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.measure import Array, Heights
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.sampler_fields import schema_shapes
from ringcad.generators.ornament.scene import UNDRAWABLE, panel_room
from ringcad.generators.ornament.schema import Panels

Layout = Literal["edge", "strip", "piece"]
"""A slim strip along an edge; a broad one; pieces that follow one another along the band."""
HEIGHTS_MM: dict[Layout, tuple[float, ...]] = {
    "edge": (0.8, 1.0, 1.3, 1.6, 2.0),
    "strip": (1.8, 2.4, 3.0, 4.0, 5.2),
    "piece": (4.0, 4.8, 5.6),
}
"""Room across the band of the reliefs that a judge learns from; held-out ones are a tenth higher."""
LENGTH_MM, PIXELS = 9.0, 14.0
SIDE = 48
"""Rows of a window; it is as wide as high."""
SCALES = (0.32, 0.16, 0.08, 0.045)
"""Centre frequencies of the band-pass filters, cycles per pixel."""
ANGLES = 6
STEP = 0.5
"""Windows follow one another by this share of their width."""
MOST_WINDOWS = 4
"""Windows that are learned from one relief."""
SEEN = 0.15
"""A theme is seen where the mean chance of its families over the windows is at least this. Set on held-out reliefs of
known themes, where any one wrong theme is then seen in at most one of forty."""
SHARED: dict[Layout, float] = {"edge": 1.0, "strip": 1.0, "piece": 0.5}
"""Part of the windows, the likeliest for the theme, over which the mean is taken: turns are shared by two themes."""
SMALL = 0.3
"""Pieces lower than this share of the band are fillings between figures."""

SIBLINGS: tuple[frozenset[str], ...] = (
    frozenset({"milgrain", "bead_row"}),
    frozenset({"daisy", "forget_me_not", "rosette"}),
    frozenset({"plait", "celtic_knot"}),
    frozenset({"scroll", "arabesque", "filigree"}),
)
"""Families that nobody would tell apart on a ring: rows of balls, round flowers, interlace, scrollwork."""
LEAVES = frozenset({"vine", "ivy", "oak", "laurel"})
"""On an edge too slim for leaves these have one simplified form: siblings there, and nowhere else."""


def siblings(family: str, layout: Layout) -> frozenset[str]:
    """Families that count as the same theme."""
    groups = (*SIBLINGS, LEAVES) if layout == "edge" else SIBLINGS
    return next((group for group in groups if family in group), frozenset({family}))


@cache
def _filters() -> tuple[Array, Array, NDArray[np.bool_]]:
    """Oriented band-pass filters (n, SIDE, SIDE), their squares, and which pairs go to coarser scales."""
    fy, fx = np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE), indexing="ij")
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


def describe(window: Array, tall_mm: float) -> Array:
    """Features of a window (SIDE, SIDE) of a strip ``tall_mm`` high: log energies of both orders, heights, size."""
    bank, squares, coarser = _filters()
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
    return np.concatenate([energies, 3.0 * heights, 3.0 * profile, [np.log(tall_mm)]])


@cache
def _mirrored() -> NDArray[np.int64]:
    """Where each feature of a window is found in its mirror image, side for side or end for end.

    Both turn every filter into the one of the opposite angle, and change neither heights nor the symmetric profile.
    """
    bank, _, coarser = _filters()
    n = len(bank)
    turned = np.array([k - k % ANGLES + (-k % ANGLES) for k in range(n)])
    place = np.full((n, n), -1)
    place[coarser] = n + np.arange(int(coarser.sum()))
    second = place[turned][:, turned][coarser]
    rest = n + int(coarser.sum()) + np.arange(19)
    return np.concatenate([turned, second, rest])


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(int)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def pieces(field: Heights) -> list[Heights]:
    """A band cut at clear ground from edge to edge; low fillings between figures are left out."""
    covered = (field.values > 0.3).any(axis=0)
    values = field.values
    if field.periodic and not covered.all():
        start = int(np.flatnonzero(~covered)[0])
        values, covered = np.roll(values, -start, axis=1), np.roll(covered, -start)
    if covered.all():
        return [field]
    rolled = replace(field, values=values, periodic=False)
    found = [rolled.columns_cut(a, b) for a, b in _runs(covered)]
    rows = (field.values > 0.3).any(axis=1).sum()
    return [piece for piece in found if (piece.values > 0.3).any(axis=1).sum() > SMALL * rows]


def figures_of(field: Heights) -> Heights:
    """What stands above half height, with a soft edge: a low ground behind it is left out."""
    return replace(field, values=field.values * np.clip((field.values - 0.44) / 0.1, 0.0, 1.0))


def features(field: Heights, most: int | None = None) -> Array:
    """(n, 2, d) descriptions of all windows (or some) of a strip or piece and of their mirror images.

    What stands in it is scaled to be SIDE rows high.
    """
    rows = np.flatnonzero((field.values > 0.3).any(axis=1))
    if not len(rows) or rows[-1] - rows[0] < 4:
        return np.zeros((0, 2, 0))
    cut = field.values[max(0, int(rows[0]) - 1) : int(rows[-1]) + 2]
    tall = cut.shape[0] * field.dv
    columns = max(4, round(SIDE * field.length_mm / tall))
    zoomed = ndimage.zoom(cut, (SIDE / cut.shape[0], columns / cut.shape[1]), order=1, grid_mode=True, mode="nearest")
    if field.periodic and columns >= SIDE:
        zoomed = np.hstack([zoomed, zoomed[:, :SIDE]])
    short = SIDE - zoomed.shape[1]
    if short > 0:
        zoomed = np.pad(zoomed, ((0, 0), (short // 2, short - short // 2)))
    starts = range(0, zoomed.shape[1] - SIDE + 1, round(STEP * SIDE))
    found = np.stack([describe(zoomed[:SIDE, a : a + SIDE], tall) for a in starts[:most]])
    return np.stack([found, found[:, _mirrored()]], axis=1)


@dataclass(frozen=True)
class Judge:
    """What is known of the windows of some families, and of which part of them a theme must be seen."""

    names: tuple[str, ...]
    network: Network
    near: Neighbours
    shared: float = 1.0

    def chances(self, found: Array) -> Array:
        """(n, families) of windows (n, 2, d): the mean of each and its mirror image, and of both ways of telling."""
        n, flips, d = found.shape
        flat = found.reshape(n * flips, d)
        both = 0.5 * (self.network.chances(flat) + self.near.chances(flat))
        return np.asarray(both.reshape(n, flips, -1).mean(axis=1))

    def chance(self, found: Array, themes: frozenset[str]) -> float:
        """Chance that windows (n, 2, d) show one of some families; 0 without windows."""
        return self.pooled(self.chances(found), themes) if len(found) else 0.0

    def pooled(self, chances: Array, themes: frozenset[str]) -> float:
        """The same of chances (n, families)."""
        own = np.sort(chances[:, [name in themes for name in self.names]].sum(axis=1))[::-1]
        return float(own[: max(1, round(self.shared * len(own)))].mean())

    def likeliest(self, found: Array) -> str:
        """The family of all the windows together."""
        return self.names[int(self.chances(found).mean(axis=0).argmax())]


def trained(examples: Sequence[tuple[str, Array]], shared: float = 1.0) -> Judge:
    """A judge that knows (family, windows) of some reliefs."""
    names = tuple(dict.fromkeys(family for family, _ in examples))
    found = np.concatenate([part.reshape(-1, part.shape[-1]) for _, part in examples]).astype(np.float64)
    sizes = [part.shape[0] * part.shape[1] for _, part in examples]
    labels = np.repeat([names.index(family) for family, _ in examples], sizes)
    count = len(names)
    return Judge(names, train_network(found, labels, count), neighbours(found, labels, count), shared)


@cache
def _silhouettes() -> tuple[str, ...]:
    return tuple(motifs.nearest([noun.rstrip("s")], 1)[0][0] for noun in NOUNS)


def _any_form(family: str, wish: Attributes, rng: np.random.Generator) -> Attributes:
    """A wish for any of a family's forms, leaves and rows, as the generator itself proposes them."""
    if family == "motif":
        return replace(wish, form=_silhouettes()[int(rng.integers(len(_silhouettes())))])
    shapes = schema_shapes(FAMILIES[family].layer)
    forms = next((shape.options for shape in shapes if shape.name == "form" and shape.kind == "choice"), ())
    leaves = next((shape.options for shape in shapes if shape.name == "leaf"), ())
    if forms and rng.random() < 0.6:
        wish = replace(wish, form=str(forms[int(rng.integers(len(forms)))]))
    if leaves and rng.random() < 0.6:
        wish = replace(wish, leaf=leaves[int(rng.integers(len(leaves)))])
    if issubclass(FAMILIES[family].layer, FigureLayer) and rng.random() < 0.2:
        wish = replace(wish, rows=2)
    return wish


def drawn_alone(family: str, layout: Layout, tall_mm: float, seed: int) -> Heights | None:
    """One family in a closed strip, or as one turn of a band; ``None`` where it does not fit.

    Half of them with wishes for density, strokes and size by the dice.
    """
    rng = np.random.default_rng([seed, round(100 * tall_mm), sum(map(ord, family))])
    wish = Attributes()
    if rng.random() < 0.5:
        wish = Attributes(**{name: float(rng.uniform(-0.6, 0.6)) for name in ("dense", "bold", "large")})
    wish = _any_form(family, wish, rng)
    length = 2.6 * tall_mm if layout == "piece" else LENGTH_MM
    request = GeneratorRequest(
        family, seed, length, tall_mm + 0.26, 0.35, 0.35, 0.25, "none", False, pixels_per_mm=PIXELS
    )
    shape = make_frame(request, "none", "square", "square")
    room = make_room(shape)
    panels = None
    if layout == "piece":
        panels = Panels(count=1, part=(0.02, round(0.02 + float(rng.uniform(0.3, 0.66)), 4)))
        if rng.random() < 0.5:
            wish = replace(wish, repeats=1)
    try:
        layer = FAMILIES[family].propose(room if panels is None else panel_room(room, panels), wish, rng)
        if layer is None:
            return None
        program = Program(band=shape.band, frame=shape.frame, layers=(layer.model_copy(update={"panels": panels}),))
        heights = np.asarray(render(program, PIXELS), dtype=np.float64)
    except UNDRAWABLE:
        return None
    return Heights(heights, length, request.width_mm, True)


def parts_of(field: Heights, layout: Layout) -> list[Heights]:
    """What is judged of a strip: all that stands in it, or its pieces."""
    field = figures_of(field)
    return pieces(field) if layout == "piece" else [field]


def described(field: Heights, layout: Layout, most: int | None = None) -> Array:
    """(n, d) descriptions of what is judged."""
    found = [some for part in parts_of(field, layout) if len(some := features(part, most))]
    return np.concatenate(found) if found else np.zeros((0, 2, 0))


def examples(
    layout: Layout, seeds: Sequence[int], taller: float = 1.0, most: int | None = None
) -> Iterator[tuple[str, Array]]:
    """(family, descriptions) of reliefs with one family each."""
    for family in WORDING:
        for tall in HEIGHTS_MM[layout]:
            for seed in seeds:
                field = drawn_alone(family, layout, taller * tall, seed)
                found = np.zeros((0, 2, 0)) if field is None else described(field, layout, most)
                if len(found):
                    yield family, found


def kept_examples(
    layout: Layout, seeds: Sequence[int], taller: float, folder: Path | None, most: int | None = None
) -> list[tuple[str, Array]]:
    """Examples, from a folder where an earlier run left them there."""
    path = None if folder is None else folder / f"{layout}-{seeds[0]}-{seeds[-1]}-{taller:g}.npz"
    if path is not None and path.exists():
        with np.load(path) as stored:
            cuts = np.cumsum(stored["sizes"])[:-1]
            return list(zip(stored["names"].tolist(), np.split(stored["found"], cuts), strict=True))
    made = [(name, found.astype(np.float32)) for name, found in examples(layout, seeds, taller, most)]
    if path is not None:
        names, parts = zip(*made, strict=True)
        np.savez(path, names=np.array(names), found=np.concatenate(parts), sizes=[len(part) for part in parts])
    return made


def learned(layout: Layout, seeds: Sequence[int], folder: Path | None = None) -> Judge:
    """A judge for a layout."""
    known = kept_examples(layout, seeds, 1.0, folder, MOST_WINDOWS)
    return trained([(family, found[:MOST_WINDOWS]) for family, found in known], SHARED[layout])


@dataclass(frozen=True)
class Accuracy:
    """How a judge does on single themes that it was not trained on, in ``n`` reliefs.

    ``exact`` is the share of reliefs that are named rightly, ``named`` the same with siblings as one theme, ``seen``
    the share in which the theme is seen by the rule, ``false`` that in which any one other is. ``both`` and ``third``
    are the same of two reliefs of different themes looked at as one band in turns: both seen, any one third seen.
    """

    n: int
    exact: float
    named: float
    seen: float
    false: float
    both: float
    third: float
    confused: tuple[tuple[str, str, int], ...]


def accuracy(judge: Judge, layout: Layout, seeds: Sequence[int], folder: Path | None = None) -> Accuracy:
    """Measured on reliefs with other dice and a tenth higher."""
    rows = [(family, judge.chances(found)) for family, found in kept_examples(layout, seeds, 1.1, folder)]
    exact: list[bool] = []
    named: list[bool] = []
    seen: list[bool] = []
    false: list[float] = []
    confused: dict[tuple[str, str], int] = {}

    def seen_of(chances: Array, family: str) -> bool:
        return judge.pooled(chances, siblings(family, layout)) >= SEEN

    def others(chances: Array, *families: str) -> float:
        own = frozenset().union(*(siblings(family, layout) for family in families))
        return float(np.mean([seen_of(chances, name) for name in judge.names if name not in own]))

    for family, chances in rows:
        best = judge.names[int(chances.mean(axis=0).argmax())]
        exact.append(best == family)
        named.append(best in siblings(family, layout))
        if not named[-1]:
            confused[family, best] = confused.get((family, best), 0) + 1
        seen.append(seen_of(chances, family))
        false.append(others(chances, family))
    both: list[bool] = []
    third: list[float] = []
    order = np.random.default_rng(7).permutation(len(rows))
    for (one, a), (two, b) in ((rows[i], rows[j]) for i, j in pairwise(order)):
        if two in siblings(one, layout):
            continue
        # Each takes half of the band, however many windows it gave.
        n = max(len(a), len(b))
        band = np.concatenate([part[np.arange(n) % len(part)] for part in (a, b)])
        both.append(seen_of(band, one) and seen_of(band, two))
        third.append(others(band, one, two))
    worst = sorted(((a, b, n) for (a, b), n in confused.items()), key=lambda item: (-item[2], item))
    means = (float(np.mean(part)) for part in (exact, named, seen, false, both, third))
    return Accuracy(len(exact), *means, tuple(worst))
