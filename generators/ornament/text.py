"""From a prompt to a family and attributes.

Nouns go through the embedding (nearest wordings choose the family), counts and adjectives through
:mod:`attributes`. What was found by nearest wording is called retrieved; words that changed nothing
are reported as not understood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.generators.ornament.attributes import Attributes, parse_attributes
from ringcad.generators.ornament.captions import CAPTIONS
from ringcad.generators.ornament.embedding import cosine, embed_words, load_table
from ringcad.generators.ornament.glossary import GLOSSARY
from ringcad.generators.ornament.wordpiece import plain_words, word_pieces

THRESHOLD = 0.34
"""Least score of a family. Measured on 92 unseen wordings and 16 hopeless prompts (tests/test_text.py):
it keeps nine in ten of the former and refuses the latter once fillers and letter salad are taken out."""
NEAREST = 2
"""A family's score is the mean cosine of its nearest wordings; two beat one and three on the unseen wordings."""
SALAD_LETTERS = 2.2
"""A word cut into pieces shorter than this on average is not a word that the table knows."""
SUBJECT_LEAD = 0.2
"""How much better a later part of the prompt must match to displace the part before it."""
LEAFY = frozenset({"vine", "laurel", "scroll", "flowers"})
"""Families that draw leaves, so that the word is not idle there."""
ATTRIBUTE_NOUNS: dict[str, frozenset[str]] = {
    "milgrain": frozenset({"milgrain", "beads", "bead", "pearls", "granulation"}),
}


@dataclass(frozen=True)
class Understanding:
    """The family that a prompt asks for, its attributes, and the account of it in words."""

    family: str
    score: float
    attributes: Attributes
    understood: tuple[str, ...]
    retrieved: tuple[str, ...]
    not_understood: tuple[str, ...]


@cache
def _caption_vectors() -> tuple[tuple[str, tuple[NDArray[np.int64], ...]], ...]:
    return tuple(
        (family, tuple(embed_words(plain_words(text)) for text in wordings)) for family, wordings in CAPTIONS.items()
    )


@cache
def _caption_words() -> frozenset[str]:
    words = {word for wordings in CAPTIONS.values() for text in wordings for word in plain_words(text)}
    return frozenset(words.union(*load_table().phrases))


def family_scores(words: list[str]) -> list[tuple[float, str]]:
    """Score and name of every family for some words, best first; ties in the order of the list."""
    vector = embed_words(words)
    scores = []
    for family, vectors in _caption_vectors():
        nearest = sorted((cosine(vector, other) for other in vectors), reverse=True)[:NEAREST]
        scores.append((sum(nearest) / NEAREST, family))
    return sorted(scores, key=lambda row: -row[0])


def known_word(word: str) -> bool:
    """Whether the table knows a word as more than letters."""
    table = load_table()
    if (word,) in table.phrases or word in _caption_words():
        return True
    pieces = word_pieces(word, table.tokens)
    return bool(pieces) and ((len(pieces) == 1 and len(word) > 1) or len(word) / len(pieces) >= SALAD_LETTERS)


def understand(prompt: str) -> Understanding:
    """Read a prompt. Raises ``InputError`` with the families on offer when nothing in it can be drawn."""
    parsed = parse_attributes(" ".join(GLOSSARY.get(word, word) for word in plain_words(prompt)))
    unknown = [word for segment in parsed.segments for word in segment if not known_word(word)]
    segments = [[word for word in segment if known_word(word)] for segment in parsed.segments]
    segments = [segment for segment in segments if segment]
    banned = {
        family_scores([word])[0][1]
        for word in parsed.excluded
        if known_word(word) and family_scores([word])[0][0] >= 0.6
    }
    wish = parsed.attributes
    best: tuple[float, str, list[str]] | None = None
    ranking: list[tuple[float, str]] = []
    everything = [word for segment in segments for word in segment]
    for words in segments if len(segments) < 2 else [*segments, everything]:
        scores = [row for row in family_scores(words) if row[1] not in banned]
        # The first thing named is the subject; what follows 'with' is more often an attribute.
        if best is None or scores[0][0] > best[0] + (SUBJECT_LEAD if best[0] >= THRESHOLD else 0.0):
            best, ranking = (scores[0][0], scores[0][1], words), scores
    if best is None or ranking[0][0] < THRESHOLD:
        raise InputError(_refusal(prompt, ranking, unknown))
    _, family, subject = best
    if wish.border is None:
        wish, segments = _border_from_nouns(family, wish, segments)
    not_understood = [
        *unknown,
        *parsed.conflicts,
        *(f"no {word}" for word in parsed.excluded if not _excluded_is_known(word, banned)),
    ]
    not_understood += _idle_words(family, subject, segments, wish)
    notes = [*parsed.notes]
    if wish.border and not any(note.startswith("border") for note in notes):
        notes.append(f"border: {wish.border}")
    nearest = ", ".join(f"{name} {score:.2f}" for score, name in ranking[1:3])
    retrieved = f"retrieved family: {family} {ranking[0][0]:.2f} for '{' '.join(subject)}' (nearest: {nearest})"
    return Understanding(family, ranking[0][0], wish, tuple(notes), (retrieved,), tuple(dict.fromkeys(not_understood)))


def _excluded_is_known(word: str, banned: set[str]) -> bool:
    return bool(banned) and known_word(word) and family_scores([word])[0][1] in banned


def _border_from_nouns(family: str, wish: Attributes, segments: list[list[str]]) -> tuple[Attributes, list[list[str]]]:
    """'ivy with milgrain' asks for a milgrain border, 'milgrain' alone for the family."""
    if family == "milgrain":
        return wish, segments
    for words in segments:
        if set(words) & ATTRIBUTE_NOUNS["milgrain"]:
            rest = [[w for w in s if w not in ATTRIBUTE_NOUNS["milgrain"]] for s in segments]
            return replace(wish, border="milgrain"), [s for s in rest if s]
    return wish, segments


def _idle_words(family: str, subject: list[str], segments: list[list[str]], wish: Attributes) -> list[str]:
    """Words that neither helped to choose the family nor set an attribute."""
    chosen = next(vectors for name, vectors in _caption_vectors() if name == family)

    def score(words: list[str]) -> float:
        vector = embed_words(words)
        return sum(sorted((cosine(vector, other) for other in chosen), reverse=True)[:NEAREST]) / NEAREST

    whole = score(subject)
    idle: list[str] = []
    for words in segments:
        for word in words:
            alone = score([word])
            if word in subject:
                rest = [w for w in subject if w != word]
                helped = not rest or alone >= THRESHOLD or score(rest) < whole - 0.01
            else:
                helped = alone >= 0.6
            berry = wish.berries and word in ("berries", "berry", "grapes", "fruit", "fruits")
            leafy = (wish.leaf is not None or family in LEAFY) and word in (
                "leaves",
                "leaf",
                "ivy",
                "oak",
                "maple",
                "olive",
                "bay",
                "willow",
            )
            if not helped and not berry and not leafy:
                idle.append(word)
    return idle


def _refusal(prompt: str, ranking: list[tuple[float, str]], unknown: list[str]) -> str:
    families = ", ".join(name.replace("_", " ") for name in CAPTIONS)
    if not prompt.strip():
        return f"decoration prompt is empty. Name one of: {families}"
    text = f"decoration prompt '{prompt.strip()[:80]}' matches no family"
    if ranking:
        text += f" (best: {ranking[0][1].replace('_', ' ')} {ranking[0][0]:.2f}, needs {THRESHOLD:.2f})"
    if unknown:
        text += f"; unknown words: {', '.join(unknown[:6])}"
    near = " or ".join(f"'{name.replace('_', ' ')}'" for _, name in ranking[:2])
    return f"{text}. Try {near}, or one of: {families}" if near else f"{text}. Try one of: {families}"
