"""A family and where it stands on the band."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ringcad.generators.ornament.attributes import Attributes

Position = Literal["middle", "edges", "top", "bottom", "ground", "around", "beside", "column", "sky", "floor", "back"]
"""``around``: in rings about each figure of the middle, or else along both edges; ``beside``: on the rest of a band
on which the middle's figure stands once. ``column``: side by side from left to right; ``sky`` and ``floor``: strips
above and below those; ``back``: low behind them."""


@dataclass(frozen=True)
class Part:
    """A family and where it stands. Two or more in the middle follow one another along the band.

    ``wish`` holds what is asked of this part alone; ``None``: what is asked of the whole. ``instead`` are
    families that the same words may mean, likeliest first: taken where this one does not fit.
    """

    family: str
    position: Position = "middle"
    wish: Attributes | None = None
    instead: tuple[str, ...] = ()
    scale: float = 1.0
    """Height in a column over that of its neighbours."""
    count: int = 1
    """How often a column stands side by side."""
    fills: bool = False
    """Whether a column may be repeated outwards: it was named in the plural."""
    mirrored: bool = False
    """Whether a column is drawn end for end."""
    looks: Literal["left", "right"] | None = None
    """Where a column's figure is to look."""
    ends: bool = False
    """Whether columns stand as far apart as the band allows."""
    strict: bool = False
    """Whether it was asked to take turns one by one."""


_TURNS = re.compile(
    r"\b(?:alternat\w+|by turns|in turns?|every (?:other|second)|one by one|one after (?:the other|another))\b",
    re.IGNORECASE,
)


def by_turns(parts: Sequence[Part], prompt: str) -> tuple[Part, ...]:
    """Parts with what the prompt says of their turns."""
    return tuple(replace(part, strict=True) for part in parts) if _TURNS.search(prompt) else tuple(parts)
