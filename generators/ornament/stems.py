"""Flowers of which stems are said to be seen grow on stems, whatever their family draws unasked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.blooms import BloomLayer
from ringcad.generators.ornament.habits import GrowthLayer
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.part import Part
from ringcad.generators.ornament.registry import FAMILIES

GROWING = "wave"
"""Form of all families of flowers that stand on a stem."""
_STEMS = re.compile(
    r"\b(?:stems?|stalks?|tendrils?|trailing|climbing|rambling|winding|meandering|garlands?|runners?)\b", re.IGNORECASE
)
_NONE = re.compile(r"\b(?:no|without|not|without any|no long) (?:\w+ )?(?:stems?|stalks?|tendrils?)\b", re.IGNORECASE)


HEADS = "heads"
"""Form of all families of flowers whose blossoms stand by themselves."""
SLIM = 4.5
"""Half the width of a strip, in strokes, up to which what stands only on its edge would be too small to be known."""
ROOMY = 10.0
"""Half the width of a turn, in strokes, from which a spray of several blossoms is known by them."""


_PLANTS = re.compile(r"\b(?:vines?|ivy|lea(?:f|ves)|grapes?|foliage)\b", re.IGNORECASE)


def _blooms(part: Part) -> bool:
    return issubclass(FAMILIES[part.family].layer, BloomLayer)


def in_place(family: str, room: Room, wish: Attributes, alone: bool) -> Attributes:
    """A wish for a family that shares the band with others, by what can be known of it there.

    A blossom that is ``alone`` in its turn, or in a slim strip, stands by itself, as large as its place: on a stem
    among leaves it would be a third of that. Foliage winds through a slim strip instead of standing on its edge.
    """
    if wish.form is not None:
        return wish
    layer = FAMILIES[family].layer
    if issubclass(layer, BloomLayer):
        small = room.half < (ROOMY if alone else SLIM) * room.stroke
        return replace(wish, form=HEADS) if small else wish
    if issubclass(layer, GrowthLayer) and not alone and room.half < SLIM * room.stroke:
        return replace(wish, form=GROWING)
    return wish


def on_stems(parts: Sequence[Part], wish: Attributes, prompt: str) -> tuple[Part, ...]:
    """Parts of flowers in a row, asked to grow where the prompt speaks of stems; all others as they are."""
    if not _STEMS.search(prompt) or _NONE.search(prompt):
        return tuple(parts)

    if not _PLANTS.search(prompt) and any(_blooms(part) for part in parts):
        parts = [part for part in parts if part.family != "vine"]  # the stems are the flowers' own

    def grown(part: Part) -> Part:
        asked = part.wish or wish
        if not _blooms(part) or part.position != "middle" or asked.form or asked.rows:
            return part
        return replace(part, wish=replace(asked, form=GROWING))

    return tuple(grown(part) for part in parts)
