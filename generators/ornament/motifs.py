"""The motif vocabulary: captioned silhouettes, found by the meaning of words.

``motif_table.safetensors`` holds the outlines (see ``train_motifs.py`` and ``NOTICE.md``). A motif
found for a noun is *retrieved*, not generated: callers show its name and the next ones.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.generators.ornament.embedding import embed_words, read_safetensors
from ringcad.generators.ornament.wordpiece import plain_words, singular

CODE = 32767
Polygon = NDArray[np.float64]


@dataclass(frozen=True)
class MotifTable:
    """``points`` (n, 2) int16 over ``CODE``; ``rings`` offsets into points; ``motifs`` offsets into rings."""

    names: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    """Package and author of each motif."""
    points: NDArray[np.int16]
    rings: NDArray[np.int64]
    motifs: NDArray[np.int64]
    legible: NDArray[np.uint8]
    """(n, len(SIZES)) legibility in percent, measured by ``train_charms.py``."""


SIZES = (8.0, 11.0, 16.0, 22.0)
"""Heights over the gap for which the legibility of every silhouette is known: 2, 2.8, 4 and 5.5 mm at 0.25 mm."""
OWN = "ringcad"
"""Source of the silhouettes that were drawn for small figures."""


@cache
def load_motifs() -> MotifTable:
    """Read the table beside this module."""
    arrays, metadata = read_safetensors(files(__package__).joinpath("motif_table.safetensors").read_bytes())
    rows = json.loads(metadata["rows"])
    unmeasured = np.full((len(rows), len(SIZES)), 100)  # as train_motifs.py leaves it to train_charms.py
    return MotifTable(
        tuple(row["name"] for row in rows),
        tuple((row["source"], row["author"]) for row in rows),
        arrays["points"].astype(np.int16),
        arrays["rings"].astype(np.int64),
        arrays["motifs"].astype(np.int64),
        np.asarray(arrays.get("legible", unmeasured)).astype(np.uint8),
    )


def names() -> tuple[str, ...]:
    """Every motif's name."""
    return load_motifs().names


@cache
def _index() -> dict[str, int]:
    return {name: k for k, name in enumerate(names())}


def outline(name: str) -> list[Polygon]:
    """Closed polygons (n, 2) in the unit box (longer side 1, centred on 0.5, 0.5; y up), last point not repeated.

    Outer rings run counter-clockwise, cuts clockwise; fill them even-odd or non-zero.
    Raises ``InputError`` with close names for an unknown one.
    """
    table = load_motifs()
    k = _index().get(name)
    if k is None:
        close = difflib.get_close_matches(name, names(), 3, 0.5) or [found for found, _ in nearest([name], 3)]
        raise InputError(f"motif '{name}' is not in the vocabulary. Close: {', '.join(close)}")
    return [
        table.points[table.rings[ring] : table.rings[ring + 1]].astype(np.float64) / CODE
        for ring in range(int(table.motifs[k]), int(table.motifs[k + 1]))
    ]


ELONGATED = 1.75
"""Silhouettes longer than broad by this (root of the ratio of their moments) lie along the band."""
LEVEL_DEG = 32.0
"""What lies within this of level stays as it was drawn."""


def along_band(lines: Sequence[Polygon]) -> list[Polygon]:
    """Closed polygons turned so that a long figure lies along x, its top to the right; others as they are."""
    area, first, second = 0.0, np.zeros(2), np.zeros((2, 2))
    for line in lines:
        after = np.roll(line, -1, axis=0)
        cross = line[:, 0] * after[:, 1] - line[:, 1] * after[:, 0]
        area += 0.5 * float(cross.sum())
        first += ((line + after) * cross[:, None]).sum(axis=0) / 6.0
        both = line + after
        for p in (line, after, both):
            second += (p.T * cross) @ p / 24.0
    if abs(area) < 1e-9:
        return list(lines)
    centre = first / area
    moments, axes = np.linalg.eigh(second / area - np.outer(centre, centre))
    if moments[1] < ELONGATED**2 * moments[0]:
        return list(lines)
    x, y = axes[:, 1] if axes[1, 1] >= 0.0 else -axes[:, 1]
    lean = float(np.degrees(np.arctan2(y, x)))
    if min(lean, 180.0 - lean) < LEVEL_DEG:
        return list(lines)
    turn = np.array([[x, -y], [y, x]])
    return [(line - centre) @ turn + centre for line in lines]


def legible(name: str, size: float) -> float:
    """How much of a motif can still be read where it is ``size`` gaps high, 0 to 1; 1 for one outside the table."""
    k = _index().get(name)
    return 1.0 if k is None else float(np.interp(size, SIZES, load_motifs().legible[k] / 100.0))


READS = 0.85
"""Legibility from which a figure is taken for what it is."""


def least_size(name: str) -> float | None:
    """Height in gaps from which a motif reads; ``None`` where no size that is known is enough."""
    k = _index().get(name)
    if k is None:
        return SIZES[0]
    known = load_motifs().legible[k] / 100.0
    for size in np.arange(SIZES[0], SIZES[-1] + 0.25, 0.5):
        if np.all(np.interp([size, *(s for s in SIZES if s > size)], SIZES, known) >= READS):
            return float(size)
    return None


PROFILE = 0.86
"""Share of a silhouette that its mirror image covers, below which it is seen from the side."""
_RASTER = 40


@cache
def in_profile(name: str) -> bool:
    """Whether a silhouette is another one in a mirror: seen from the side, it looks somewhere."""
    from ringcad.generators.ornament.plates import Grid, inside_of

    lines = along_band(outline(name))
    every = np.vstack(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    step = float((high - low).max()) / _RASTER
    middle = 0.5 * (low + high)
    grid = Grid(
        middle[0] - 0.5 * (_RASTER - 1) * step, middle[1] - 0.5 * (_RASTER - 1) * step, step, step, _RASTER, _RASTER
    )
    solid = inside_of(lines, grid)
    both = solid & solid[:, ::-1]
    return bool(both.sum() < PROFILE * solid.sum())


WEIGHT, OWN_WEIGHT, ALIKE = 0.4, 0.1, 0.03
"""What legibility, and being drawn for this size, count beside the score; less than the last is no difference."""


def best_read(names: Sequence[str], size: float) -> list[str]:
    """Those of some equally meant motifs that read best ``size`` gaps high, best first; all that are alike."""
    sources, index = load_motifs().sources, _index()
    worth = {
        name: WEIGHT * min(legible(name, size), 0.97) + OWN_WEIGHT * (name in index and sources[index[name]][0] == OWN)
        for name in names
    }
    order = sorted(names, key=lambda name: -worth[name])
    return [name for name in order if worth[name] >= worth[order[0]] - ALIKE]


_WEAK = {"charm", "emblem", "symbol", "alt", "2", "1", "glyph", "3", "six", "faces", "five", "with", "in", "the", "of"}


def caption(name: str) -> list[str]:
    """The words that a motif answers to: its name without counting and drawing words."""
    words = plain_words(re.sub(r"-", " ", name))
    return [word for word in words if word not in _WEAK] or words


@cache
def _vectors() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    vectors = np.stack([embed_words(caption(name)) for name in names()]).astype(np.float64)
    return vectors, np.maximum(np.sqrt((vectors * vectors).sum(axis=1)), 1e-9)


NAMED = 0.25
"""Added to the cosine when the noun itself stands in the motif's name, half of it when among others."""


def nearest(words: list[str], k: int = 4) -> list[tuple[str, float]]:
    """Names and scores of the motifs whose names mean most nearly what the words mean, best first.

    The score is the cosine of the exact integer vectors plus ``NAMED`` for a name that says the very
    word. It ranks; it does not tell right from wrong.
    """
    said = {singular(word) for word in words} | set(words)
    vector = embed_words([singular(w) if singular(w) in _spoken() else w for w in words]).astype(np.float64)
    length = float(np.sqrt(vector @ vector))
    matrix, lengths = _vectors()
    scores = matrix @ vector / (lengths * max(length, 1e-9))
    for row, found in enumerate(_captions()):
        shared = len(said & found)
        if shared:
            scores[row] += NAMED * shared / len(found)
    order = np.argsort(-scores, kind="stable")[:k]
    return [(names()[int(row)], float(scores[row])) for row in order]


@cache
def _captions() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(singular(word) for word in caption(name)) for name in names())


def alike(name: str) -> list[str]:
    """Motifs whose names say the same as that of one, itself among them."""
    wanted = _captions()[_index()[name]]
    return [other for other, found in zip(names(), _captions(), strict=True) if found == wanted]


@cache
def _spoken() -> frozenset[str]:
    return frozenset(word for found in _captions() for word in found)
