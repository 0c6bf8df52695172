"""Flowers of which stems are said to be seen grow on stems, whatever their family draws unasked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.blooms import BloomLayer
from ringcad.generators.ornament.part import Part
from ringcad.generators.ornament.registry import FAMILIES

GROWING = "wave"
"""Form of all families of flowers that stand on a stem."""
_STEMS = re.compile(
    r"\b(?:stems?|stalks?|tendrils?|trailing|climbing|rambling|winding|meandering|garlands?|runners?)\b", re.IGNORECASE
)
_NONE = re.compile(r"\b(?:no|without|not|without any|no long) (?:\w+ )?(?:stems?|stalks?|tendrils?)\b", re.IGNORECASE)


_PLANTS = re.compile(r"\b(?:vines?|ivy|lea(?:f|ves)|grapes?|foliage)\b", re.IGNORECASE)


def _blooms(part: Part) -> bool:
    return issubclass(FAMILIES[part.family].layer, BloomLayer)


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
