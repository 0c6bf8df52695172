"""Misspelt words: the word of the wordings that is one slip of the finger away from a word nobody knows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

from ringcad.generators.ornament.embedding import data_file, load_table, read_safetensors
from ringcad.generators.ornament.glossary import GLOSSARY
from ringcad.generators.ornament.labels import FUNCTION_WORDS
from ringcad.generators.ornament.wordpiece import singular

WEIGHTS = "scheme_model.safetensors"
SHORTEST = 5
"""Letters of the shortest word that is corrected: shorter ones have too many neighbours."""
TWO_SLIPS = 8
"""Letters from which two slips are forgiven."""


ByLength = dict[int, tuple[str, ...]]


def by_length(words: Iterable[str]) -> ByLength:
    """Words in order, by their number of letters."""
    found: dict[int, list[str]] = {}
    for word in words:
        found.setdefault(len(word), []).append(word)
    return {length: tuple(group) for length, group in found.items()}


@cache
def _noted(name: str) -> tuple[str, ...]:
    """A list of words noted with the weights; empty before the first training."""
    file = data_file(WEIGHTS)
    notes = read_safetensors(file.read_bytes())[1] if file.is_file() else {}
    return tuple(json.loads(notes.get(name, "[]")))


@cache
def _wanted() -> ByLength:
    """Words of the wordings."""
    return by_length(_noted("words"))


@cache
def _proper() -> frozenset[str]:
    """English words ('burly') that the table lacks and that look like slips of a wording ('burl')."""
    return frozenset(_noted("proper"))


def tabled_word(word: str) -> bool:
    """Whether the table, the glossary or the list of function words has a word, or its singular, whole."""
    table = load_table()
    return any(
        form in table.tokens or (form,) in table.phrases or form in GLOSSARY or form in FUNCTION_WORDS
        for form in (word, singular(word))
    )


def known_word(word: str) -> bool:
    """Whether a word is right as it stands: it is in a table, or in the dictionary."""
    return word in _proper() or tabled_word(word)


def slips(a: str, b: str, most: int) -> int:
    """Letters left out, added, changed or swapped with their neighbour between two words; ``most + 1`` if more."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        rows.append(row)
    return min(rows[-1][-1], most + 1)


def corrected(word: str) -> str:
    """The word that was probably meant: itself when it is known, short, not of plain letters or like no wording.

    The first letter is taken to be right; of several equally near words none is taken.
    """
    if len(word) < SHORTEST or not (word.isascii() and word.isalpha()) or known_word(word):
        return word
    found = nearest_wanted(word, _wanted())
    one = singular(word)
    if found == word and one != word and len(one) >= SHORTEST:
        other = nearest_wanted(one, _wanted(), 2 if len(word) >= TWO_SLIPS else 1)
        found = word if other == one else other
    return found


@cache
def _joined() -> dict[str, tuple[str, ...]]:
    """Phrases of the table by their letters without spaces."""
    found: dict[str, tuple[str, ...]] = {}
    for phrase in load_table().phrases:
        if len(phrase) > 1 and all(word.isalpha() for word in phrase):
            found.setdefault("".join(phrase), phrase)
    return found


def parted(word: str) -> tuple[str, ...]:
    """The words that were written as one ('forgetmenots', 'oakleaves'): a phrase of the table, or two words of the
    wordings. The word itself where it is known or nothing fits; of several cuts the most even one is taken.
    """
    if len(word) < SHORTEST + 2 or not (word.isascii() and word.isalpha()) or known_word(word):
        return (word,)
    for form in (word, singular(word)):
        if form in _joined():
            return _joined()[form]
    listed = {other for group in _wanted().values() for other in group}
    cuts = [
        (word[:k], word[k:])
        for k in range(3, len(word) - 2)
        if {word[:k], singular(word[:k])} & listed and {word[k:], singular(word[k:])} & listed
    ]
    return min(cuts, key=lambda cut: abs(len(cut[0]) - len(cut[1]))) if cuts else (word,)


def nearest_wanted(word: str, wanted: ByLength, most: int | None = None) -> str:
    """The one word of a list that is a slip or two (or at ``most`` so many) away from a word, or the word itself."""
    most = most or (2 if len(word) >= TWO_SLIPS else 1)
    near: dict[int, list[str]] = {}
    for length in range(len(word) - most, len(word) + most + 1):
        for other in wanted.get(length, ()):
            if other[0] == word[0] and (count := slips(word, other, most)) <= most:
                near.setdefault(count, []).append(other)
    best = near[min(near)] if near else []
    roots = {singular(other) for other in best}
    return best[0] if len(roots) == 1 else word
