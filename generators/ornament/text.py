"""From a prompt to a scheme: which families stand where, which motif, which attributes.

The trained model (:mod:`model`) decides what each word does and what stands in each place; counts are
read by keyword (:mod:`attributes`), because embeddings are bad at numbers; the silhouette for a noun is
*retrieved* (:mod:`motifs`). What none of them could use is reported as not understood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.account import NEAR_LEVEL, POLITE, account, idle_words, refusal
from ringcad.generators.ornament.attributes import Attributes, Border, parse_attributes
from ringcad.generators.ornament.counting import WRITING, figures, quoted_letters, written
from ringcad.generators.ornament.labels import ATTRIBUTES, FAMILIES, NONE, ROLES, SOME
from ringcad.generators.ornament.model import (
    Array,
    Meaning,
    Weights,
    draw_slots,
    leading_style,
    level_nearness,
    load_weights,
    read,
    slot_chances,
    styles_chance,
    theme_chances,
    unit_nearness,
)
from ringcad.generators.ornament.reading import MOST_LETTERS, Reading, known_unit, prompt_words, read_prompt
from ringcad.generators.ornament.sampler import worded_wish
from ringcad.generators.ornament.schema import Depth
from ringcad.generators.ornament.scheme import BORDERS, Scheme, with_text
from ringcad.generators.ornament.sense import FRUITS, OUTRIGHT, says_nothing, sensible, with_roles
from ringcad.generators.ornament.wishes import (
    Wish,
    by_name,
    named_as,
    part_of,
    placed,
    softened,
    wish_of,
    without_clues,
)
from ringcad.generators.ornament.wordpiece import plain_words

__all__ = ["BORDERS", "Scheme", "Understanding", "settled", "understand"]

DRAWABLE = 0.45
"""Least sum of: the reader's chance that there is something to draw, less the chance that the theme's words
name nothing, and how familiar they are:"""
FAMILIAR, STRANGE = 2.0, 0.5
"""``FAMILIAR`` times the cosine to the nearest known wording above ``STRANGE`` (chosen on the development list)."""
NAMED_OUTRIGHT = 0.7
"""Least cosine between the words of a negation and a wording of the family that it takes out."""
SURE = 0.75
"""Least chance of an attribute's class that the prompt did not name by a keyword."""
TELLING, MUTE = 0.8, 0.55
"""Beside a word this near to a wording, one that is not even this near adds nothing to the theme."""
FRUITED = ("vine", "ivy", "oak")
"""Families that bear fruit themselves."""
A_THING = 0.1
"""Least chance that a theme is a thing of the vocabulary at all, and no style or family, to be taken by its name."""
SURELY = 0.8
"""Chance from which a family stays though a part of it is not wanted ('oak, no acorns')."""
INSTEAD = 0.02
"""Least chance of a family that is drawn where the likeliest does not fit the width ('flowers': small ones)."""
CONTENDER = 0.3
"""A family may be drawn by the seed when it has this share of the likeliest one's chance."""
MOTIF_FLOOR = 0.45
"""Least score of a motif."""
ALMOST = 0.8
"""Score from which a motif's name means the nouns themselves and not the mood that they are of."""
BY_NAME = 1.0
"""Score of a motif whose name says the very noun."""
MOTIF_TIE = 0.04
"""Motifs this near to the best are equally right; the seed takes one."""
ASKED, EMPTY = 0.62, 0.5
"""A second theme that nothing names needs a wording this near, and a chance below this that it is nothing."""
MOOD = 0.75
"""Least cosine to a wording where the words are more a style or a mood than a thing: moods are near to everything."""
A_STYLE = 0.25
"""Least chance of a style whose silhouettes are right where the prompt names none."""
LINES = frozenset({"milgrain", "bead_row", "rope"})
"""Families that are a line by themselves."""
IN_RUNES = frozenset("rune runes runic futhark elvish elven runen".split())
"""Words that want a text in runes; all other text is set in Roman capitals."""
AMOUNT = {"dense": 0.7, "sparse": -0.7, "bold": 0.7, "fine": -0.7, "large": 0.7, "small": -0.7}
"""What a class of an attribute amounts to."""
THEMES = ("main", "companion", "edges", "ground")
BEHIND = frozenset(
    """hammered stipple bark honeycomb scales starfield basket_weave facets chevron waves seigaiha damask filigree
    tracery greek_key chain""".split()
)
"""Families that can lie behind others."""


@dataclass(frozen=True)
class Understanding:
    """A scheme with its attributes and the account of it in words. ``score`` is the chance of its family."""

    scheme: Scheme
    score: float
    attributes: Attributes
    understood: tuple[str, ...]
    retrieved: tuple[str, ...]
    not_understood: tuple[str, ...]

    @property
    def family(self) -> str:
        return self.scheme.main


def understand(
    prompt: str, seed: int | None = None, weights: Weights | None = None, lenient: bool = False
) -> Understanding:
    """Read a prompt. With a seed, what the prompt leaves open is drawn by it; without, the likeliest is taken.

    Raises ``InputError`` with the families on offer when nothing in it can be drawn; ``lenient`` takes the
    likeliest even then (for measuring what the weights know).
    """
    text, said = written(prompt), prompt
    prompt = prompt if text is None else text.prompt
    reading = read_prompt(prompt)
    if not reading.units:
        raise InputError(refusal(said, None))
    weights = weights or load_weights()
    asked = wish_of(reading, weights)
    # a silhouette may be named by a word that the text table does not hold
    if not any(known_unit(reading, k) and unit.words[0].isalnum() for k, unit in enumerate(reading.units)) and not any(
        name.thing for name in asked.names
    ):
        raise InputError(refusal(said, None))
    reading = asked.reading
    meaning = read(reading, weights)
    slots = draw_slots(meaning)
    meaning, hopeful = _without_negated(meaning, asked)
    asked = without_clues(asked, meaning)
    meaning = placed(sensible(settled(meaning, slots)), asked)
    roles = [meaning.role(k) for k in range(len(reading.units))]
    chances, nearest, nothing = theme_chances(meaning, "main")
    chances = by_name(chances, named_as(meaning, asked, "main"))
    parsed = parse_attributes(_as_read(prompt, asked, weights))
    content = {role for role, function in zip(roles, reading.functions, strict=True) if not function}
    only_attributes = not parsed.segments and parsed.attributes.border is None and not asked.names
    vague = not asked.names and nearest < MOOD and styles_chance(meaning, "main") > 0.5 and hopeful < SURE
    wished = [
        word
        for k, unit in enumerate(reading.units)
        if not reading.functions[k] and not asked.negated[k]
        for word in unit.words
        if word.isalnum() and word not in POLITE
    ]
    vague = vague or says_nothing(wished)
    unfamiliar = vague or (
        not any(name.thing for name in asked.names) and hopeful - nothing + FAMILIAR * (nearest - STRANGE) < DRAWABLE
    )
    letters = all(len("".join(unit.words)) < 2 for k, unit in enumerate(reading.units) if roles[k] == "main")
    letters = letters and "main" in roles
    if not lenient and (content <= {"negated"} or only_attributes or unfamiliar or letters):
        raise InputError(refusal(said, chances))
    dice = None if seed is None else np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, 7]))
    told = _telling(meaning, roles)
    words = {role: _words(reading, told, role) for role in (*THEMES, "negated")}
    # 'no leaves' is read by keyword and takes no family out; what is excluded by other words does.
    banned = _banned(meaning, roles, list(parsed.excluded)) & (chances < SURELY)
    scheme, retrieved = _scheme(slots, _pick(chances * ~banned, dice), meaning, roles, words, dice, chances, asked)
    if text is not None:
        at = next((k for k, unit in enumerate(reading.units) if WRITING in unit.words), 0)
        scheme = with_text(scheme, not any(name.thing and name.first < at for name in asked.names))
    order = [int(k) for k in np.argsort(-chances * ~banned, kind="stable")[:4]]
    likely = [FAMILIES[k] for k in order if chances[k] >= INSTEAD and not banned[k]]
    scheme = replace(scheme, instead=tuple(name for name in likely if name not in (scheme.main, "motif")))
    wish = _attributes(parsed.attributes, meaning, slots, scheme)
    wish, manner = _in_style(wish, asked, weights)
    wish, strange = _strange_adjectives(wish, meaning, roles)
    if wish.repeats is None:
        wish = replace(wish, repeats=figures(reading.units))
    if wish.letters is None:
        wish = replace(
            wish, letters=text.letters if text else quoted_letters(prompt) if scheme.main == "runes" else None
        )
    if wish.letters and wish.form is None and any(word in IN_RUNES for unit in reading.units for word in unit.words):
        wish = replace(wish, form="runes")
    score = float(chances[FAMILIES.index(scheme.main)])
    others = ", ".join(f"{FAMILIES[k]} {chances[k]:.2f}" for k in order if FAMILIES[k] != scheme.main)
    retrieved = (f"family {scheme.main} {score:.2f} (next: {others})", *retrieved)
    notes = account(scheme, words, wish, (*parsed.notes, *manner, *strange))
    notes += tuple(f"read '{word}' as {meant}" for word, meant in reading.corrections)
    notes += (f"left aside: '{asked.aside}'",) if asked.aside else ()
    return Understanding(scheme, score, wish, notes, retrieved, idle_words(meaning, told, parsed.conflicts, notes))


def _without_negated(meaning: Meaning, asked: Wish) -> tuple[Meaning, float]:
    """Roles as they are read without what is not wanted, and the chance that there is something to draw.

    What is wished for, apart from what is not, alone says whether there is something to draw.
    """
    reading = meaning.reading
    kept = [k for k, out in enumerate(asked.negated) if not out]
    table = meaning.roles.copy()
    table[kept, ROLES.index("negated")] = 0.0
    meaning = replace(meaning, roles=table / (table.sum(axis=1, keepdims=True) + 1e-9))
    if len(kept) == len(reading.units) or reading.functions[kept].all():
        return meaning, float(slot_chances(meaning, "drawable", {})[1])
    wished = read(part_of(reading, kept), meaning.weights)
    table, clues = meaning.roles.copy(), meaning.clues.copy()
    table[kept], clues[kept] = wished.roles, wished.clues
    table[kept, ROLES.index("negated")] = 0.0
    return replace(meaning, roles=table, clues=clues), float(slot_chances(wished, "drawable", {})[1])


def _as_read(prompt: str, asked: Wish, weights: Weights) -> str:
    """The wish for what is read by keyword: in English, with misspelt words put right and no more than was meant."""
    right = dict(asked.reading.corrections)
    words = [word for unit in asked.reading.units for word in unit.words]
    if not asked.aside:
        words = " ".join(right.get(word, word) for word in prompt_words(prompt[:MOST_LETTERS])).split()
    meant = softened(words, weights.levels)
    return prompt if meant == plain_words(prompt.replace("-", " ")) else " ".join(meant)


def settled(meaning: Meaning, slots: dict[str, str]) -> Meaning:
    """Roles that agree with the slots: a companion that is there has words, and so has the main theme."""
    reading = meaning.reading
    roles = [meaning.role(k) for k in range(len(reading.units))]
    content = [
        k for k, function in enumerate(reading.functions) if not function and reading.units[k].words[0].isalnum()
    ]
    changed: dict[int, str] = {}
    mains = [k for k in content if roles[k] == "main"]
    companions = [k for k in content if roles[k] == "companion"]
    if not mains and companions:
        # Whoever comes first is the main theme.
        changed = {k: "main" for j, k in enumerate(companions) if k == companions[0] + j}
    elif slots["companion"] == SOME and not companions:
        # Two groups of words with something between them: the later one is the companion.
        breaks = [k for a, k in pairwise(mains) if k - a > 1]
        changed = {k: "companion" for k in mains if breaks and k >= breaks[-1]}
    return with_roles(meaning, changed)


def _pick(chances: Array, dice: np.random.Generator | None) -> str:
    """The likeliest family, or one that is nearly as likely by the dice."""
    if dice is None:
        return FAMILIES[int(chances.argmax())]
    likely = np.where(chances >= CONTENDER * chances.max(), chances, 0.0)
    return FAMILIES[int(dice.choice(len(FAMILIES), p=likely / likely.sum()))]


def _banned(meaning: Meaning, roles: list[str], words: list[str]) -> NDArray[np.bool_]:
    """Families that a negation names outright."""
    out = np.zeros(len(FAMILIES), dtype=bool)
    if words and "negated" in roles:
        chances, nearest, _ = theme_chances(meaning, "negated")
        if nearest >= NAMED_OUTRIGHT:
            out[int(chances.argmax())] = True
    return out


def _telling(meaning: Meaning, roles: list[str]) -> list[str]:
    """Roles in which a word that names nothing known is no part of the theme ('melancholic') beside one that does."""
    functions = meaning.reading.functions
    open_to = [k for k, role in enumerate(roles) if role in ("main", "filler") and not functions[k]]
    near = {k: unit_nearness(meaning, k) for k in open_to}
    out = list(roles)
    if max(near.values(), default=0.0) > TELLING:
        for k in open_to:
            out[k] = "filler" if near[k] < MUTE else roles[k]
        if not any(out[k] == "main" for k in open_to):
            for k in open_to:
                out[k] = "main" if near[k] > TELLING else out[k]
    return out


def _words(reading: Reading, roles: list[str], role: str) -> list[str]:
    """Words of a role that mean something by themselves."""
    return [
        word
        for k, unit in enumerate(reading.units)
        if roles[k] == role and not reading.functions[k]
        for word in unit.words
        if word.isalnum()
    ]


def _between(roles: list[str], reading: Reading) -> bool:
    """Whether the companion's words follow a 'between' ('anchors between two ropes')."""
    said = [k for k, unit in enumerate(reading.units) if unit.words[0] == "between"]
    return bool(said) and any(role == "companion" for role in roles[said[-1] :])


def _scheme(
    slots: dict[str, str],
    main: str,
    meaning: Meaning,
    roles: list[str],
    words: dict[str, list[str]],
    dice: np.random.Generator | None,
    chances: Array,
    asked: Wish,
) -> tuple[Scheme, tuple[str, ...]]:
    retrieved: list[str] = []
    sure = float(chances.max())

    def told(name: str, found: list[tuple[str, float]], why: str) -> str:
        rest = ", ".join(f"{other} {score:.2f}" for other, score in found if other != name)
        retrieved.append(f"motif {name} {dict(found)[name]:.2f} for '{why}' (next: {rest})")
        return name

    def silhouette(role: str) -> str | None:
        named = [name for name in (*asked.names, *asked.clues) if name.motif and roles[name.last - 1] == role]
        nouns = words[role] or words["main"] or _words(meaning.reading, roles, "filler")
        nouns = list(named[0].words) if named else nouns
        style, chance = leading_style(meaning, role)
        moods = meaning.weights.style_motifs.get(style, [])
        found = motifs.nearest(nouns, 6) if nouns else []
        if moods and chance >= A_STYLE and not named and (not found or found[0][1] < ALMOST):
            # 'Christmas': one of the things that stand for it.
            taken = moods[0] if dice is None else moods[int(dice.integers(len(moods)))]
            return told(taken, [(mood, chance) for mood in moods], style.replace("_", " "))
        if not found or found[0][1] < MOTIF_FLOOR:
            return None
        equal = [name for name, score in found if score >= found[0][1] - MOTIF_TIE]
        return told(equal[0] if dice is None else equal[int(dice.integers(len(equal)))], found, " ".join(nouns))

    def family(role: str) -> str | None:
        """Family of a place that has words of its own which name something or come near to it."""
        if not words[role]:
            return None
        likely, nearest, nothing = theme_chances(meaning, role)
        name = named_as(meaning, asked, role)
        return None if name is None and (nearest < ASKED or nothing > EMPTY) else _pick(by_name(likely, name), None)

    companion = family("companion") if slots["companion"] == SOME or "companion" in roles else None
    ground = family("ground") if slots["ground"] == SOME or "ground" in roles else None
    edges: str | None = slots["edges"] if slots["edges"] in (NONE, "plain", "double") else None
    if slots["edges"] == SOME or (edges is None and "edges" in roles):
        edges = family("edges")
    if ground == main and words["main"] and words["main"] != words["ground"]:
        # 'bees on honeycomb': the thing itself, if the vocabulary has it by name.
        found = motifs.nearest(words["main"], 1)
        main = "motif" if found[0][1] >= BY_NAME else main
    if ground is not None and ground not in BEHIND:
        # Only surfaces lie behind figures; anything else stands beside them.
        companion, ground = companion or ground, None
        words = {**words, "companion": words["companion"] or words["ground"]}
    if companion is not None and main in FRUITED and words["companion"] and set(words["companion"]) <= FRUITS:
        companion = None  # they grow on it
    thing = float(chances[FAMILIES.index("motif")]) >= A_THING
    if main != "motif" and thing and sure < SURELY and len(words["main"]) == 1 and words["main"][0] not in OUTRIGHT:
        # 'anchors': the thing itself, where the family is no more than a guess.
        found = motifs.nearest(words["main"], 1)
        main = "motif" if found and found[0][1] >= BY_NAME else main
    if (
        companion in LINES
        and companion != main
        and edges is None
        and (slots["layout"] == "flanked" or _between(roles, meaning.reading))
    ):
        companion, edges = None, companion  # a line 'on either side' runs along the edges
    motif = silhouette("main") if main == "motif" else None
    beside = silhouette("companion") if companion == "motif" else None
    if companion == main and beside == motif:
        # 'honeycomb and bees': what is meant beside it has a name of its own in the vocabulary.
        found = (
            motifs.nearest(words["companion"], 1) if words["companion"] and not FRUITS & set(words["companion"]) else []
        )
        own = main != "motif" and bool(found) and found[0][1] >= BY_NAME
        companion, beside = ("motif", silhouette("companion")) if own else (None, None)
    scheme = Scheme(
        main=main,
        companion=companion,
        layout=(slots["layout"] if slots["layout"] != "single" else "alternate") if companion else "single",
        edges=None if edges == "motif" else edges,
        ground=None if ground == main else ground,
        motif=motif,
        companion_motif=beside,
    )
    return scheme, tuple(retrieved)


def _attributes(wish: Attributes, meaning: Meaning, slots: dict[str, str], scheme: Scheme) -> Attributes:
    """What keywords said, completed by what the model is sure of and what its words come near to."""
    has_attribute_words = any(meaning.role(k) == "attribute" for k in range(len(meaning.reading.units)))
    said: dict[str, str] = {}
    for name in ATTRIBUTES:
        sure = slots[name] != "unsaid" and slot_chances(meaning, name, slots).max() >= SURE
        near = sure and (level_nearness(meaning, name, slots[name]) >= NEAR_LEVEL or not has_attribute_words)
        said[name] = slots[name] if near else "unsaid"
    wish = replace(
        wish,
        dense=wish.dense or AMOUNT.get(said["density"], 0.0),
        bold=wish.bold or AMOUNT.get(said["stroke"], 0.0),
        large=wish.large or AMOUNT.get(said["size"], 0.0),
        soft=wish.soft or {"soft": 0.7, "sharp": -0.7}.get(said["relief"], 0.0),
    )
    if wish.depth is None and said["relief"] != "unsaid":
        wish = replace(wish, depth=cast(Depth, said["relief"]))
    if said["symmetry"] == "mirror" and wish.frieze is None:
        wish = replace(wish, frieze="mirror")
    if said["symmetry"] == NONE and not wish.irregular:
        wish = replace(wish, irregular=0.8)
    if wish.border is None and scheme.edges in BORDERS:
        wish = replace(wish, border=cast(Border, scheme.edges))
    if scheme.motif and wish.form is None:
        wish = replace(wish, form=scheme.motif)
    return wish


def _in_style(wish: Attributes, asked: Wish, weights: Weights) -> tuple[Attributes, tuple[str, ...]]:
    """A wish completed by what goes with the styles that are named beside a thing; what was said stays."""
    notes: list[str] = []
    for name in asked.names if any(name.thing for name in asked.names) else ():
        for style in sorted(name.styles) if not name.thing else ():
            goes = {part: how for part, how in weights.style_wants.get(style, {}).items() if part in ATTRIBUTES}
            wish = replace(
                wish,
                dense=wish.dense or AMOUNT.get(goes.get("density", ""), 0.0),
                bold=wish.bold or AMOUNT.get(goes.get("stroke", ""), 0.0),
                soft=wish.soft or {"soft": 0.7, "sharp": -0.7}.get(goes.get("relief", ""), 0.0),
                frieze=wish.frieze or ("mirror" if goes.get("symmetry") == "mirror" else None),
            )
            if goes:
                notes.append(f"style: {' '.join(name.words)} ({', '.join(goes.values())})")
    return wish, tuple(dict.fromkeys(notes))


def _strange_adjectives(wish: Attributes, meaning: Meaning, roles: list[str]) -> tuple[Attributes, tuple[str, ...]]:
    """A wish completed by words that are no keywords and near to none, and how they were taken."""
    reading = meaning.reading
    asked = [
        unit
        for k, unit in enumerate(reading.units)
        if roles[k] in ("attribute", "filler")
        and not reading.functions[k]
        and known_unit(reading, k)
        and not set(unit.words) <= POLITE
    ]
    wish, said = worded_wish(wish, asked)
    return wish, tuple(f"{name} {getattr(wish, name):+.1f} ('{text}')" for name, text in said.items())
