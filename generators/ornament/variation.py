"""Variations of a program: near it by a little, another of its kind by much."""

from __future__ import annotations

from typing import Any

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.scene import layer_room
from ringcad.generators.ornament.schema import LayerBase

_SIZES = ("repeats", "rows", "columns", "levels", "across", "ropes", "turns", "period", "pattern", "form", "furrows")
"""Fields that hang together: how many and how large. They are taken over all at once or not at all."""


def vary(program: Program, amount: float, seed: int, wish: Attributes | None = None) -> Program:
    """Program near another: 0 is the same, 1 a new one of the same families in the same places.

    Numbers that only shape a form move towards a newly sampled layer by ``amount``; choices are taken
    from it that often; counts and sizes, which keep strokes and gaps castable together, change as one.
    Raises ``InputError`` for an amount outside 0 to 1.
    """
    if not 0.0 <= amount <= 1.0:
        raise InputError(f"variation: {amount:g} is not between 0 and 1")
    if amount == 0.0:
        return program
    rng = np.random.Generator(np.random.PCG64(seed & 0xFFFFFFFF))
    room = make_room(FrameShape(program.band, program.frame))
    layers: list[LayerBase] = []
    twins: dict[str, LayerBase] = {}
    for layer in program.layers:
        # Mirrored rows and edges stay each other's mirror images.
        key = repr(layer.model_dump(exclude={"slot", "flip", "reverse"}))
        if key not in twins:
            twins[key] = _varied(layer, room, amount, rng, wish or Attributes())
        place = {name: getattr(layer, name) for name in ("slot", "flip", "reverse")}
        layers.append(twins[key].model_copy(update=place))
    return program.model_copy(update={"layers": tuple(layers)})


def _varied(layer: LayerBase, room: Any, amount: float, rng: np.random.Generator, wish: Attributes) -> LayerBase:
    family = FAMILIES.get(layer.family)
    if family is None:
        return layer
    own, _ = layer_room(layer, room)
    other: LayerBase | None = family.propose(own, wish, rng)
    if other is None:
        return layer
    base = set(LayerBase.model_fields)
    placed = {name: getattr(layer, name) for name in base if name != "family"}
    if rng.random() < amount**1.5:
        return other.model_copy(update=placed)
    old, new = layer.model_dump(), other.model_dump()
    changed: dict[str, Any] = {}
    for name, value in old.items():
        if name in base or name in _SIZES or name.endswith("_mm"):
            continue
        changed[name] = _between(value, new[name], amount, rng)
    return type(layer).model_validate({**old, **changed})


def _between(value: Any, other: Any, amount: float, rng: np.random.Generator) -> Any:
    """A value moved towards another of its kind."""
    if isinstance(value, bool) or isinstance(value, str) or value is None:
        return other if rng.random() < amount else value
    if isinstance(value, int):
        # Fewer is always castable; more is not.
        return other if other < value and rng.random() < amount else value
    if isinstance(value, float):
        return round(value + amount * (float(other) - value), 5)
    if isinstance(value, tuple) and value and all(isinstance(x, float) for x in value):
        if isinstance(other, tuple) and len(other) == len(value):
            return tuple(round(x + amount * (y - x), 5) for x, y in zip(value, other, strict=True))
        return value
    return value
