"""Plain sense about roles: what a jeweler's customer surely means, whatever the reader made of a sentence's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ringcad.generators.ornament.attributes import LEVEL_WORDS
from ringcad.generators.ornament.labels import FAMILIES, ROLES
from ringcad.generators.ornament.model import Meaning

COUNTING = frozenset(
    """one two three four five six seven eight nine ten single double triple row rows line lines band bands strand
    strands
    just only simply mirrored symmetrical asymmetrical irregular long short high low""".split()
)
"""Words that say how many, how long or how, and never what."""

OUTRIGHT = {
    **{name.replace("_", " "): name for name in FAMILIES if name != "motif"},
    **{name.replace("_", " ") + "s": name for name in FAMILIES if name != "motif"},
    "lilies": "lily",
    "daisies": "daisy",
    "forget-me-not": "forget_me_not",
    "forget-me-nots": "forget_me_not",
}
"""Families by their plain names."""

PLANTS = frozenset(
    """vine vines ivy laurel laurels oak rose roses lily lilies daisy daisies thistle thistles fern ferns acanthus
    flower flowers blossom blossoms forget-me-not forget-me-nots sunflower sunflowers poppy poppies orchid orchids
    holly""".split()
)
"""Plants by name: they bear leaves by themselves."""

PARTS = frozenset("leaf leaves foliage stem stems tendril tendrils twig twigs petal petals".split())
"""Parts of plants: beside a plant they say how it should look and are no theme of their own."""

FRUITS = frozenset("berry berries grape grapes fruit fruits acorn acorns".split())
"""What grows on a plant and is no theme of its own beside it."""


TRADE = frozenset(
    """gold silver platinum palladium white yellow size sizes millimetre millimetres millimeter millimeters mm inch
    inches wide width comfortable comfort price cheap expensive weight delivery quote order guarantee rhodium plated
    plating gram grams carat carats karat ct kt alloy hallmark diameter thickness tax taxes including
    included invoice receipt deposit shipping budget euro euros
    dollars pounds""".split()
)
"""Words of metal, measure and trade: they order a ring and no ornament."""


def says_nothing(words: Sequence[str]) -> bool:
    """Whether words speak of metal, measure, number and degree alone."""
    plain = all(word in TRADE or word in LEVEL_WORDS or word in COUNTING or word.isdecimal() for word in words)
    return plain and any(word in TRADE for word in words)


def sensible(meaning: Meaning) -> Meaning:
    """Roles as plain sense has them.

    A word of count or degree is no theme beside another, and a family that is named outright, where no other is, is
    the main theme, and what the reader took for it beside that says how it should look.
    """
    units = meaning.reading.units
    roles = [meaning.role(k) for k in range(len(units))]
    changed: dict[int, str] = {}
    for k, unit in enumerate(units):
        if roles[k] in ("companion", "edges", "ground") and all(
            word in LEVEL_WORDS or word in COUNTING for word in unit.words
        ):
            changed[k] = "attribute"
    said = {word for k, unit in enumerate(units) if roles[k] == "main" for word in unit.words}
    if said & PLANTS:
        for k, unit in enumerate(units):
            words = set(unit.words)
            if roles[k] == "companion" and words & PARTS and words <= PARTS | set(LEVEL_WORDS) | COUNTING:
                changed[k] = "attribute"
    named = {k for k, unit in enumerate(units) if " ".join(unit.words) in OUTRIGHT}
    if not any(roles[k] in ("main", "companion") for k in named):
        found = [k for k in named if roles[k] in ("attribute", "filler")]
        if len(found) == 1:
            changed |= {k: "filler" for k, role in enumerate(roles) if role == "main"}
            changed[found[0]] = "main"
    return with_roles(meaning, changed)


def with_roles(meaning: Meaning, changed: Mapping[int, str]) -> Meaning:
    """The meaning with the roles of some units, by index, settled."""
    if not changed:
        return meaning
    table = meaning.roles.copy()
    for k, role in changed.items():
        table[k] = 0.0
        table[k, ROLES.index(role)] = 1.0
    return replace(meaning, roles=table)
