"""Families, styles and silhouettes that a prompt names word for word: a name wins over what the words remind of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.attributes import LEVEL_WORDS
from ringcad.generators.ornament.labels import FAMILIES, FUNCTION_WORDS
from ringcad.generators.ornament.model import Weights
from ringcad.generators.ornament.sense import COUNTING
from ringcad.generators.ornament.wordpiece import singular

LONGEST = 5
"""Words of the longest name."""
NO_NAMES = frozenset(
    """light round ring texture rough raw modern simple plain irregular uneven vintage delicate angular geometric ornate
    name word text message code symbol object figure pet tool love marriage engagement anniversary darling mum mom
    mother lover abundance grain may march august free fun flat edge border line stone rock surface band crossing point
    comma right old night day morning evening hot burn close natural nature flying box glory farm country home school
    friend family husband wife man woman boy girl child people grandmother grandfather father daughter son party music
    classic traditional wedding practical funny cute formal casual neutral brave wise power silence union king queen
    writing letter script character sign shine bright soft smooth gentle crisp sharp polished hand head eye face body
    arm leg foot mouth fold folded dark black white golden silver gold green blue red colour color sweet tough quiet
    texture organic honest primitive shape form design pattern motif style art work piece thing world life time year
    weather breath wind direction travel game food animal bird insect creature beast fruit building hobby instrument
    bond shell space heaven dream trust promise cell row leaf foliage plant flower blossom bloom floral petal tendril
    branch twig shoot stem grape berry bud emblem balance statement floor field ground edging
    corner twenty thirty forty fifty sixty seventy eighty ninety""".split()
)
"""Words that stand in a list of wordings and are too general to be a name alone."""


TEXTURES = frozenset({"chevron", "stipple", "hammered", "bark", "gadroon"})
"""Families that things only remind of ('mountains': zigzag): the thing itself comes first where it can be drawn."""


@dataclass(frozen=True)
class Name:
    """Units ``first`` to ``last`` (exclusive) name families, styles, or a silhouette; sets may hold several."""

    first: int
    last: int
    words: tuple[str, ...]
    families: frozenset[str]
    styles: frozenset[str]
    motif: bool

    @property
    def thing(self) -> bool:
        """Whether more than a style is named."""
        return self.motif or bool(self.families)

    def same(self, other: Name) -> bool:
        """Whether two names may mean one family ('oak leaves and acorns')."""
        return bool(self.families & other.families)


@cache
def silhouettes() -> frozenset[tuple[str, ...]]:
    """Names of silhouettes as words in the singular."""
    return frozenset(tuple(singular(word) for word in motifs.caption(name)) for name in motifs.names())


def names(units: Sequence[tuple[str, ...]], weights: Weights) -> list[Name]:
    """What the units of a prompt name, longest wordings first, without overlap, in order.

    Of two names side by side the first describes the second ('eagle feathers') and is left out.
    """
    owner = [k for k, words in enumerate(units) for word in words if word != "'"]
    said = [singular(word) for words in units for word in words if word != "'"]
    listed, drawn = weights.literal, silhouettes()
    found: list[Name] = []
    k = 0
    while k < len(said):
        for length in range(min(LONGEST, len(said) - k), 0, -1):
            key = tuple(said[k : k + length])
            if length == 1 and (key[0] in NO_NAMES or key[0] in LEVEL_WORDS | COUNTING or key[0] in FUNCTION_WORDS):
                continue
            classes, motif = listed.get(key, frozenset()), key in drawn
            last = k + length
            if (k and owner[k - 1] == owner[k]) or (last < len(said) and owner[last] == owner[last - 1]):
                continue  # a part of a known phrase ('compass rose')
            families = (classes & set(FAMILIES)) - {"motif"} - (TEXTURES if motif else frozenset())
            if classes or motif:
                span = (owner[k], owner[last - 1] + 1)
                styles = classes - set(FAMILIES)
                thing = motif or ("motif" in classes and not styles)
                found.append(Name(*span, key, families, styles, thing))
                k += length
                break
        else:
            k += 1
    following = [*found[1:], None][: len(found)]
    return [
        a
        for a, b in zip(found, following, strict=True)
        if (b is None or a.last != b.first or not b.thing) and (a.thing or a.styles)
    ]
