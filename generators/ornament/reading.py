"""A prompt as the model reads it: words of other languages put into English, units, function words, roles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.embedding import SCALE_BITS, Unit, load_table, units
from ringcad.generators.ornament.glossary import translate
from ringcad.generators.ornament.labels import FUNCTION_WORDS
from ringcad.generators.ornament.spelling import corrected, parted
from ringcad.generators.ornament.wordpiece import plain_words

LONGEST = 28
"""Units of a prompt that the model reads; what follows is dropped."""
MOST_LETTERS = 600
"""Letters of a prompt that are looked at: far more than its units can hold."""
LETTERS = 2.2
"""A word cut into pieces shorter than this on average is not a word that the table knows."""
NUMBER = len(FUNCTION_WORDS) + 1
"""Class of digits among the function words; 0 is any other word."""
_FUNCTION = {word: k + 1 for k, word in enumerate(FUNCTION_WORDS)}


def prompt_words(text: str) -> list[str]:
    """Lower-case English words and punctuation marks; hyphens part words. Known phrases are not translated."""
    out: list[str] = []
    foreign: list[str] = []
    for unit in units(plain_words(text.replace("-", " "))):
        if len(unit.words) > 1:
            out += [*translate(foreign), *unit.words]
            foreign = []
        else:
            foreign += unit.words
    return [*out, *translate(foreign)]


@dataclass(frozen=True)
class Reading:
    """Units of a prompt with their vectors ``(n, 128)`` float32 and function classes ``(n,)``."""

    units: tuple[Unit, ...]
    vectors: NDArray[np.float32]
    functions: NDArray[np.int64]
    corrections: tuple[tuple[str, str], ...] = ()
    """Words that were taken for misspelt, with what they were read as."""


def function_class(words: tuple[str, ...]) -> int:
    """0 for a word with a meaning of its own, else its place among the function words."""
    if len(words) != 1:
        return 0
    return NUMBER if words[0].isdecimal() else _FUNCTION.get(words[0], 0)


def unit_vector(rows: tuple[int, ...]) -> NDArray[np.float32]:
    """(128,) sum of a unit's rows in the table, exact before rounding to float32."""
    table = load_table()
    if not rows:
        return np.zeros(table.codes.shape[1], dtype=np.float32)
    picked = list(rows)
    total = (table.codes[picked].astype(np.int64) * table.scales[picked][:, None]).sum(axis=0)
    vector: NDArray[np.float32] = (total * 2.0**-SCALE_BITS).astype(np.float32)
    return vector


def read_units(found: list[Unit], corrections: tuple[tuple[str, str], ...] = ()) -> Reading:
    """Vectors and classes of units, at most ``LONGEST``."""
    kept = tuple(found[:LONGEST])
    vectors = np.stack([unit_vector(unit.rows) for unit in kept]) if kept else np.zeros((0, 128), np.float32)
    functions = np.array([function_class(unit.words) for unit in kept], dtype=np.int64)
    return Reading(kept, vectors, functions, corrections)


def read_prompt(text: str) -> Reading:
    """The units of a prompt: words written as one parted, misspelt ones put right."""
    words = prompt_words(text[:MOST_LETTERS])
    apart = [parted(word) for word in words]
    right = [parts if len(parts) > 1 else (corrected(parts[0]),) for parts in apart]
    changed = dict.fromkeys((a, " ".join(b)) for a, b in zip(words, right, strict=True) if (a,) != b)
    return read_units(units([word for parts in right for word in parts]), tuple(changed))


def known_unit(reading: Reading, k: int) -> bool:
    """Whether the table knows a unit as more than letters."""
    unit = reading.units[k]
    if len(unit.words) > 1:
        return True
    word = unit.words[0]
    if not word.isalpha():
        return word.isdigit() or not word.isalnum()
    return bool(unit.rows) and (len(unit.rows) == 1 or len(word) / len(unit.rows) >= LETTERS)
