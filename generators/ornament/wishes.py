"""A prompt as a wish: what is said beside it left aside, what is not wanted set apart, what is named found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ringcad.generators.ornament.attributes import LEVEL_WORDS
from ringcad.generators.ornament.clauses import MARKS, asides, negations, too_much
from ringcad.generators.ornament.labels import FAMILIES, ROLES
from ringcad.generators.ornament.model import Array, Meaning, Weights
from ringcad.generators.ornament.naming import Name, names
from ringcad.generators.ornament.reading import Reading
from ringcad.generators.ornament.sense import COUNTING, with_roles

JOINTS = MARKS | frozenset(
    """and with plus over under above below on among amid between around round behind beside against & or
    flanked surrounded alternating linked joined framed edged bordered holding jumping winding through wrapped
    entwined""".split()
)
"""Words between two names that make two themes of them."""
UNNAMED, NAMED = 0.1, 0.05
"""What a family that the words do not name keeps of its chance beside one that they do, and the least for that."""
BESIDE, UNSAID = 0.5, 0.15
"""What words of the main theme, and words without a role, count beside its name."""
DESCRIBES = 0.5
"""Least share of a name's chance to be the main theme with which it only describes it."""
OPPOSITE = {"dense": "sparse", "sparse": "dense", "bold": "fine", "fine": "bold", "large": "small", "small": "large"}


@dataclass(frozen=True)
class Wish:
    """The part of a prompt that speaks of the ring, with what it names. ``aside`` are the words left out."""

    reading: Reading
    negated: tuple[bool, ...]
    names: tuple[Name, ...]
    aside: str = ""
    clues: tuple[Name, ...] = ()
    """What is named only to describe something else ('what the donkey eats')."""


def part_of(reading: Reading, kept: list[int]) -> Reading:
    """Some units of a reading, in order."""
    return Reading(
        tuple(reading.units[k] for k in kept), reading.vectors[kept], reading.functions[kept], reading.corrections
    )


def wish_of(reading: Reading, weights: Weights) -> Wish:
    """The wish in a prompt: clauses about people and places are left out where the rest names something."""
    owner = [k for k, unit in enumerate(reading.units) for _ in unit.words]
    mask = asides([word for unit in reading.units for word in unit.words])
    spoken = {k for k, left in zip(owner, mask, strict=True) if not left}
    kept = [k for k in range(len(reading.units)) if k in spoken]
    while kept and reading.units[kept[-1]].words[0] in MARKS:
        kept.pop()
    core = _wish(part_of(reading, kept), weights)
    if len(kept) == len(reading.units) or not core.names:
        return _wish(reading, weights)
    left = " ".join(
        word for k, unit in enumerate(reading.units) if k not in kept for word in unit.words if word not in MARKS
    )
    return replace(core, aside=left.replace(" ' ", "'"))


def _wish(reading: Reading, weights: Weights) -> Wish:
    words = [word for unit in reading.units for word in unit.words]
    owner = [k for k, unit in enumerate(reading.units) for _ in unit.words]
    refused = {k for k, inside in zip(owner, negations(words), strict=True) if inside}
    negated = tuple(k in refused for k in range(len(reading.units)))
    wanted = [(",",) if out else unit.words for unit, out in zip(reading.units, negated, strict=True)]
    found = names(wanted, weights)
    return Wish(reading, negated, tuple(found))


def softened(words: list[str], levels: dict[str, dict[str, list[str]]]) -> list[str]:
    """'Not too crowded' as its opposite word, for what is read by keyword."""
    meant = {
        text: OPPOSITE[v] for group in levels.values() for v, texts in group.items() if v in OPPOSITE for text in texts
    }
    out = list(words)
    for k in too_much(words):
        if words[k] in meant:
            out[k - 2 : k + 1] = ["", "", meant[words[k]]]
    return [word for word in out if word]


def without_clues(wish: Wish, meaning: Meaning) -> Wish:
    """The wish without those names that the reader takes for a part of a description: of other words than names."""
    inside = {k for name in wish.names for k in range(name.first, name.last)}
    if not any(k not in inside and _describing(meaning, wish, k) for k in range(len(meaning.reading.units))):
        return wish
    main = meaning.roles[:, ROLES.index("main")]
    clue = {
        name for name in wish.names if name.thing and meaning.clues[name.last - 1] > DESCRIBES * main[name.last - 1]
    }
    if not clue:
        return wish
    kept = tuple(name for name in wish.names if name not in clue)
    return replace(wish, names=kept, clues=tuple(name for name in wish.names if name in clue))


def placed(meaning: Meaning, wish: Wish) -> Meaning:
    """Roles that agree with what is named: a name is a theme, two that are joined are two, a style says how it looks.

    Beside a name for the main theme other words count less for it, and a style's nothing.
    """
    units = meaning.reading.units
    roles = [meaning.role(k) for k in range(len(units))]
    changed = {k: "negated" for k in range(len(units)) if wish.negated[k] and not meaning.reading.functions[k]}
    things = [name for name in wish.names if name.thing]
    told = np.ones(len(units))
    if things:
        head = {name: roles[name.last - 1] for name in things}
        if not any(role in ("main", "companion") for role in head.values()):
            free = [name for name in things if head[name] in ("attribute", "filler", "negated", "count")]
            free = free or ([] if "main" in roles else things[:1])
            for name in free[:1]:
                changed |= {k: "filler" for k, role in enumerate(roles) if role == "main"}
                head[name] = "main"
                changed |= dict.fromkeys(range(name.first, name.last), "main")
        mains = [name for name in things if head[name] == "main"]
        if mains and "companion" not in head.values():
            for other in [name for name in things if head[name] in ("main", "filler") and name.first > mains[0].first]:
                between = {word for unit in units[mains[0].last : other.first] for word in unit.words}
                if JOINTS & between and not other.same(mains[0]):
                    changed |= dict.fromkeys(range(other.first, other.last), "companion")
                    head[other] = "companion"
                    break
        # Described by a neighbour ('leafy column top') it is a riddle, whose words all count.
        if any(not _described(meaning, wish, name) for name in mains):
            inside = {k for name in things for k in range(name.first, name.last)}
            for k, role in enumerate(roles):
                if k not in inside and not _beside(meaning, wish, k):
                    told[k] = BESIDE if changed.get(k, role) == "main" else UNSAID
            for name in wish.names:
                if not name.thing:
                    told[name.first : name.last] = 0.0
    return replace(with_roles(meaning, changed), told=told)


def _describing(meaning: Meaning, wish: Wish, k: int) -> bool:
    """Whether unit ``k`` is there and has a meaning of its own that belongs to what stands beside it."""
    if not 0 <= k < len(meaning.reading.units) or meaning.reading.functions[k] or wish.negated[k]:
        return False
    words = meaning.reading.units[k].words
    told = all(word in LEVEL_WORDS or word in COUNTING or not word.isalnum() for word in words)
    return not told and meaning.role(k) not in ("attribute", "negated", "count")


def _described(meaning: Meaning, wish: Wish, name: Name) -> bool:
    """Whether a name makes one phrase with the word before or after it."""
    after = meaning.reading.units[name.last].words[-1] if name.last < len(meaning.reading.units) else ""
    doing = after.endswith("ing") and len(after) > len("spring")  # 'snowflakes falling' are snowflakes
    return _describing(meaning, wish, name.first - 1) or (not doing and _describing(meaning, wish, name.last))


def _beside(meaning: Meaning, wish: Wish, k: int) -> bool:
    """Whether unit ``k`` makes one phrase with a name ('victor's crown', 'cobra skin')."""
    return _describing(meaning, wish, k) and any(k in (name.first - 1, name.last) for name in wish.names)


def named_as(meaning: Meaning, wish: Wish, role: str) -> Name | None:
    """The first name among the words of a role that is more than a style; none where others make a phrase with it."""
    name = next((name for name in wish.names if name.thing and meaning.role(name.last - 1) == role), None)
    return None if name is None or _described(meaning, wish, name) else name


def by_name(chances: Array, name: Name | None) -> Array:
    """Chances of the families (F,) after what is named: others keep next to nothing."""
    if name is None or not name.thing:
        return chances
    right = name.families or {"motif"}  # what is drawn for it comes before the silhouette of that name
    kept = np.array([1.0 if family in right else UNNAMED for family in FAMILIES])
    floor = np.array([NAMED if family in right else 0.0 for family in FAMILIES])
    both: Array = (chances + floor) * kept
    return both / both.sum()
