"""Variations of a program: near it by a little, another of its kind by much."""

from __future__ import annotations

from typing import Any

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.nearness import PLACING, distance, proposals, what
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.scene import layer_room
from ringcad.generators.ornament.schema import LayerBase

_NEAREST = 3


def vary(program: Program, amount: float, seed: int, wish: Attributes | None = None) -> Program:
    """Program near another: 0 is the same, 1 a new one of the same families in the same places.

    Each layer's family proposes layers for its place. Those within ``amount`` of the way to the farthest
    of them are near enough; one of these gives counts, sizes and choices, which keep strokes and gaps castable
    together. Numbers that only shape a form move towards it by ``amount``. ``wish`` is what was asked for
    (default: what the program says it was asked as); band and frame stay.
    Raises ``InputError`` for an amount outside 0 to 1.
    """
    if not 0.0 <= amount <= 1.0:
        raise InputError(f"variation: {amount:g} is not between 0 and 1")
    if amount == 0.0:
        return program
    if wish is None:
        wish = program.asked.wish() if program.asked else Attributes()
    rng = np.random.Generator(np.random.PCG64(seed))
    room = make_room(FrameShape(program.band, program.frame))
    layers: list[LayerBase] = []
    twins: dict[str, LayerBase] = {}
    for layer in program.layers:
        # Mirrored rows and edges stay each other's mirror images.
        key = repr(layer.model_dump(exclude={"slot", "flip", "reverse"}))
        if key not in twins:
            twins[key] = _varied(layer, layer_room(layer, room)[0], amount, wish, rng)
        place = {name: getattr(layer, name) for name in ("slot", "flip", "reverse")}
        layers.append(twins[key].model_copy(update=place))
    return program.model_copy(update={"layers": tuple(layers)})


def _varied(layer: LayerBase, room: Room, amount: float, wish: Attributes, rng: np.random.Generator) -> LayerBase:
    pool = proposals(layer, room, wish, rng)
    old = layer.model_dump()
    gaps = [distance(old, other.model_dump()) for other in pool]
    # The layer itself is no variation of it.
    ranked = [k for _, k in sorted((gap, k) for k, gap in enumerate(gaps)) if what(pool[k]) != what(layer)]
    if not ranked:
        return layer
    near = [k for k in ranked if gaps[k] <= amount * max(gaps)]
    if near:
        return _between(layer, pool[near[int(rng.integers(len(near)))]], amount, True)
    # Unlike anything the family proposes: counts, sizes and choices stay, or go to the nearest that there are.
    pick = int(rng.integers(min(_NEAREST, len(ranked))))
    kept = _between(layer, pool[ranked[pick]], amount, False)
    return kept if kept != layer else _between(layer, pool[ranked[pick]], amount, True)


def _between(layer: LayerBase, other: LayerBase, amount: float, takes_sizes: bool) -> LayerBase:
    """The layer with its shaping numbers moved towards another's, and with that one's sizes and choices if wanted."""
    old, new = layer.model_dump(), other.model_dump()
    base = new if takes_sizes else old
    changed = {
        name: base[name] if name.endswith("_mm") else _moved(old[name], new[name], base[name], amount)
        for name in old
        if name not in PLACING
    }
    return type(layer).model_validate({**old, **changed})


def _moved(old: Any, new: Any, base: Any, amount: float) -> Any:
    """A shaping number between old and new; anything else as the base has it."""
    if isinstance(old, float) and isinstance(new, float):
        return round(old + amount * (new - old), 5)
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new) == len(base) > 0:
        if all(isinstance(x, float) for x in (*old, *new)):
            return tuple(round(x + amount * (y - x), 5) for x, y in zip(old, new, strict=True))
    return base


__all__ = ["vary"]
