"""Counts, adjectives and border words of a prompt: read by keyword, because embeddings are bad at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Attributes:
    """What the prompt asks for beside its nouns. Numbers run from -1 to 1, 0 when nothing was said."""

    dense: float = 0.0
    bold: float = 0.0
    large: float = 0.0
    soft: float = 0.0
    rows: int | None = None
    border: Literal["plain", "milgrain", "rope", "none"] | None = None
    end: Literal["square", "round", "pointed"] | None = None
    leaf: Literal["ivy", "almond", "round", "none"] | None = None
    berries: bool = False
    petals: int | None = None
