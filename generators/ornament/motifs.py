"""The motif vocabulary: captioned silhouettes, found by the meaning of words.

``motif_table.safetensors`` holds the outlines (see ``train_motifs.py`` and ``NOTICE.md``). A motif
found for a noun is *retrieved*, not generated: callers show its name and the next ones.
"""

from __future__ import annotations

import difflib
import json
import re
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


@cache
def load_motifs() -> MotifTable:
    """Read the table beside this module."""
    arrays, metadata = read_safetensors(files(__package__).joinpath("motif_table.safetensors").read_bytes())
    rows = json.loads(metadata["rows"])
    return MotifTable(
        tuple(row["name"] for row in rows),
        tuple((row["source"], row["author"]) for row in rows),
        arrays["points"].astype(np.int16),
        arrays["rings"].astype(np.int64),
        arrays["motifs"].astype(np.int64),
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


_WEAK = {"emblem", "symbol", "alt", "2", "1", "glyph", "3", "six", "faces", "five", "with", "in", "the", "of"}


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


@cache
def _spoken() -> frozenset[str]:
    return frozenset(word for found in _captions() for word in found)
