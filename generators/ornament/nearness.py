"""How near two layers of one family are, and proposals of a family that are near a layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.schema import LayerBase

PROPOSALS = 48
"""Layers that a family is asked for; each takes well under a millisecond, scattered grounds 3 to 5 ms."""
_FEWER = 12
_SCATTERED = frozenset({"hammered", "stipple", "starfield"})
_SIZES = frozenset(
    {"repeats", "rows", "columns", "levels", "across", "ropes", "period", "rings", "arches", "grid", "furrows"}
)
_SIMPLIFIED = frozenset({"full", "medium", "simple"})
_CHOICE = 1.5
"""What another choice (a form, a kind of leaf) counts, against 1 for a number twice as large."""
PLACING = frozenset(LayerBase.model_fields)
"""Fields that say where a layer stands, not what it is."""


def own_wish(layer: LayerBase, wish: Attributes) -> Attributes:
    """The wish with what makes this layer what it is: its form by name or its silhouette; no counts of another."""
    form = getattr(layer, "name", None) or getattr(layer, "form", None)
    return replace(
        wish,
        form=None if form in _SIMPLIFIED else form,
        rows=None,
        repeats=None,
        petals=None,
    )


def what(layer: LayerBase) -> dict[str, Any]:
    """What a layer is, wherever it stands."""
    return layer.model_dump(exclude=set(PLACING))


def proposals(layer: LayerBase, room: Room, wish: Attributes, rng: np.random.Generator) -> list[LayerBase]:
    """What the layer's family proposes for a room; empty for free elements and where nothing fits.

    Its form stays, unless that leaves no other layer than this one.
    """
    family = FAMILIES.get(layer.family)
    if family is None:
        return []
    count = _FEWER if layer.family in _SCATTERED else PROPOSALS
    asked = own_wish(layer, wish)
    found: list[LayerBase] = []
    for free in (asked, replace(asked, form=None)):
        asked_for = (family.propose(room, free, rng) for _ in range(count))
        found = [other for other in asked_for if other is not None]
        if any(what(other) != what(layer) for other in found) or hasattr(layer, "outlines"):
            break
    return found


def distance(old: Mapping[str, Any], new: Mapping[str, Any]) -> float:
    """0 for equal layers; about 1 where every number is twice as large or half.

    Takes ``model_dump`` mappings. Where scattered grains stand does not count, how large they are does.
    """
    total = weights = 0.0
    for name, value in old.items():
        if name in PLACING:
            continue
        weight = 2.0 if name in _SIZES or name.endswith("_mm") else 1.0
        found = _field_distance(value, new.get(name))
        if found is not None:
            total += weight * found
            weights += weight
    return total / weights if weights else 0.0


def _field_distance(a: Any, b: Any) -> float | None:
    if isinstance(a, (bool, str)) or a is None or b is None:
        return 0.0 if a == b else _CHOICE
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        if a > 0 and b > 0:
            return abs(math.log2(b / a))
        return min(abs(b - a) / (abs(a) + abs(b) + 1e-9), 1.0)
    if isinstance(a, tuple) and any(isinstance(item, str) for item in a):  # runes by name
        return 0.0 if a == b else _CHOICE
    return None
