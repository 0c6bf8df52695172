"""WordPiece tokenisation as BERT's uncased vocabulary expects it, in plain Python."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+|[^\w\s]")
MAX_WORD = 60
"""Longer words are cut: nobody writes one, and the greedy match is quadratic in it."""


def plain_words(text: str) -> list[str]:
    """Lower-case words and single punctuation marks, accents taken off."""
    folded = text.lower()
    if not folded.isascii():
        folded = unicodedata.normalize("NFD", folded)
        folded = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return _WORD.findall(folded)


def word_pieces(word: str, vocabulary: dict[str, int]) -> list[int]:
    """Greedy longest-match pieces of one word; empty when no piece fits."""
    word = word[:MAX_WORD]
    ids: list[int] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        for stop in range(len(word), start, -1):
            index = vocabulary.get(prefix + word[start:stop])
            if index is not None:
                ids.append(index)
                start = stop
                break
        else:
            return []
    return ids


_PLURALS = (
    ("eaves", "eaf", 1),
    ("oaves", "oaf", 1),
    ("lves", "lf", 2),
    ("arves", "arf", 2),
    ("ies", "y", 2),
    ("sses", "ss", 2),
    ("xes", "x", 2),
    ("ches", "ch", 2),
    ("shes", "sh", 2),
    ("s", "", 3),
)
"""Ending, what replaces it, least letters before it."""


def singular(word: str) -> str:
    """A guess at the singular of an English noun; the word itself when nothing fits."""
    for ending, replacement, least in _PLURALS:
        if word.endswith(ending) and len(word) >= len(ending) + least and not word.endswith(("ss", "us", "is")):
            return word[: -len(ending)] + replacement
    return word
