"""Variations of a program: near it by a little, another of its kind by much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.nearness import PLACING, distance, proposals, what
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.scene import layer_room
from ringcad.generators.ornament.schema import Frieze, LayerBase

_NEAREST = 3
SQUARE = 1.15
"""Length of a family's turn over the room's width below which an arrangement makes none."""


def vary(program: Program, amount: float, seed: int, wish: Attributes | None = None) -> Program:
    """Program near another: 0 is the same, 1 a new one of the same families in the same places.

    Each layer's family proposes layers for its place. Those within ``amount`` of the way to the farthest
    of them are near enough; one of these gives counts, sizes and choices, which keep strokes and gaps castable
    together. Numbers that only shape a form move towards it by ``amount``. Where families follow one another along
    the band, their number of turns and every second one's direction change that often. ``wish`` is what was asked
    for (default: what the program says it was asked as); band and frame stay.
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
    turned = _in_other_turns(program.layers, room, amount, wish, rng)
    for layer in turned or program.layers:
        # Mirrored rows and edges stay each other's mirror images.
        key = repr(layer.model_dump(exclude={"slot", "flip", "reverse"}))
        if key not in twins:
            twins[key] = _varied(layer, layer_room(layer, room)[0], amount, wish, rng, turned is not None)
        place = {name: getattr(layer, name) for name in ("slot", "flip", "reverse")}
        layers.append(twins[key].model_copy(update=place))
    return program.model_copy(update={"layers": tuple(layers)})


def _in_other_turns(
    layers: Sequence[LayerBase], room: Room, amount: float, wish: Attributes, rng: np.random.Generator
) -> list[LayerBase] | None:
    """Layers with another number of turns along the band, or every second turn reversed; ``None``: as they are.

    Turns get no shorter than the arrangement makes them at first (about a square for each family).
    """
    panels = next((layer.panels for layer in layers if layer.panels is not None), None)
    if panels is None or rng.random() >= amount:
        return None
    families = len({layer.panels.part for layer in layers if layer.panels is not None})
    most = int(room.length / (families * 2.0 * room.half * SQUARE))
    choices = [panels.model_copy(update={"count": k}) for k in (panels.count - 1, panels.count + 1) if 1 <= k <= most]
    if panels.frieze in ("repeat", "mirror"):
        other: Frieze = "mirror" if panels.frieze == "repeat" else "repeat"
        choices += [choice.model_copy(update={"frieze": other}) for choice in (panels, *choices)]
    choices = [choice for choice in choices if not room.periodic or choice.frieze == "repeat" or choice.count % 2 == 0]
    if not choices:
        return None
    chosen = choices[int(rng.integers(len(choices)))]
    found = [
        layer
        if layer.panels is None
        else layer.model_copy(update={"panels": chosen.model_copy(update={"part": layer.panels.part})})
        for layer in layers
    ]
    fits = all(layer.panels is None or proposals(layer, layer_room(layer, room)[0], wish, rng) for layer in found)
    return found if fits else None


def _varied(
    layer: LayerBase, room: Room, amount: float, wish: Attributes, rng: np.random.Generator, turned: bool
) -> LayerBase:
    pool = proposals(layer, room, wish, rng)
    old = layer.model_dump()
    gaps = [distance(old, other.model_dump()) for other in pool]
    # The layer itself is no variation of it.
    ranked = [k for _, k in sorted((gap, k) for k, gap in enumerate(gaps)) if what(pool[k]) != what(layer)]
    if not ranked:
        return layer
    near = [k for k in ranked if gaps[k] <= amount * max(gaps)]
    if turned and layer.panels is not None and not near:
        near = ranked[:_NEAREST]  # its sizes were for another room
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
