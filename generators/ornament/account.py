"""What is told about a prompt: what was understood, which words said nothing, why it was refused."""

from __future__ import annotations

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.captions import CAPTIONS
from ringcad.generators.ornament.labels import FAMILIES
from ringcad.generators.ornament.model import Array, Meaning, adjective_nearness
from ringcad.generators.ornament.reading import known_unit
from ringcad.generators.ornament.scheme import BORDERS, Scheme
from ringcad.generators.ornament.sense import PARTS
from ringcad.generators.ornament.wordpiece import plain_words

NEAR_LEVEL = 0.55
"""Least cosine of an adjective to a word that is known for the class: strange adjectives are not guessed."""


def account(scheme: Scheme, words: dict[str, list[str]], wish: Attributes, notes: tuple[str, ...]) -> tuple[str, ...]:
    """What was understood, in words."""

    def quoted(role: str) -> str:
        return f" ('{' '.join(words[role])}')" if words[role] else ""

    lines = [f"theme: {scheme.main.replace('_', ' ')}{quoted('main')}"]
    if scheme.companion:
        lines.append(f"with: {scheme.companion.replace('_', ' ')}, {scheme.layout}{quoted('companion')}")
    if scheme.ground:
        lines.append(f"ground: {scheme.ground.replace('_', ' ')}{quoted('ground')}")
    if scheme.edges and scheme.edges not in BORDERS:
        lines.append(f"edges: {scheme.edges.replace('_', ' ')}{quoted('edges')}")
    lines += notes
    if wish.border and not any(note.startswith("border") for note in notes):
        lines.append(f"border: {wish.border}")
    for name, low, high in (("dense", "sparse", "dense"), ("bold", "fine", "bold"), ("large", "small", "large")):
        value = getattr(wish, name)
        if value and not any(note.startswith(name) for note in notes):
            lines.append(high if value > 0 else low)
    if wish.repeats:
        lines.append(f"{wish.repeats} along the band")
    if wish.letters:
        lines.append(f"letters: {wish.letters}")
    if wish.depth and not any(wish.depth in note for note in notes):
        lines.append(f"relief: {wish.depth}")
    return tuple(lines)


POLITE = frozenset(
    """ring rings band bands make makes made making please wife husband partner nice beautiful pretty lovely look looks
    looking looked design pattern style motif ornament decoration decorated relief jewelry jewellery wedding engagement
    something anything thing things would could can do did are was were be been have has had me us you them so maybe
    very really just also too like want wants love loves feel walking think thinking someone somebody man woman get
    getting perhaps d know day lots plenty wear theme reminds remind inspired shape form
    texture""".split()
)
"""Words that ask for nothing by themselves and are not worth reporting."""


def idle_words(
    meaning: Meaning, roles: list[str], conflicts: tuple[str, ...], notes: tuple[str, ...]
) -> tuple[str, ...]:
    """Words that changed nothing: without a role, unknown to the table, or adjectives like none that is known."""
    reading = meaning.reading
    said = {word for note in notes if not note.startswith("theme") for word in plain_words(note)}
    out: list[str] = []
    for k, unit in enumerate(reading.units):
        text = " ".join(unit.words)
        if not any(word.isalnum() for word in unit.words) or reading.functions[k] or set(unit.words) <= POLITE | said:
            continue
        if roles[k] == "attribute" and PARTS.intersection(unit.words):
            continue  # the plant bears them anyway
        strange = roles[k] == "attribute" and adjective_nearness(meaning, k) < NEAR_LEVEL
        if roles[k] == "filler" or strange or not known_unit(reading, k):
            out.append(text)
    return tuple(dict.fromkeys([*out, *conflicts]))


def refusal(prompt: str, chances: Array | None) -> str:
    offer = ", ".join(name.replace("_", " ") for name in CAPTIONS if name != "motif")
    tail = f"one of: {offer}, or an animal, a plant or a thing by its name"
    if not prompt.strip():
        return f"decoration prompt is empty. Name {tail}"
    text = f"decoration prompt '{prompt.strip()[:80]}' names nothing that can be drawn"
    order = [] if chances is None else [FAMILIES[int(k)] for k in np.argsort(-chances, kind="stable")[:3]]
    near = [CAPTIONS[name][0] for name in order if name != "motif"]
    return f"{text}. Try '{near[0]}' or '{near[1]}', or {tail}" if len(near) > 1 else f"{text}. Try {tail}"
