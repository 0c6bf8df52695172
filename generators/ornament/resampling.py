"""Layers of an arranged program written anew by the learned sampler, each checked before it is taken.

This is the one place where the sampler comes in. Arranging decides which families stand where and proposes a layer for
each place; here the numbers of that layer are drawn again from what the sampler learned of the prompt's words, the
room and the neighbours. What cannot be cast or leaves its room is drawn again, at last the proposal stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.embedding import Unit
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.model import read
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.reading import read_prompt
from ringcad.generators.ornament.sampler import Weights, load_weights, phrase_vector, sample_layer, worded_wish
from ringcad.generators.ornament.sampler_fields import is_driven, schema_shapes
from ringcad.generators.ornament.sampler_measure import Look, acceptable, looked_at
from ringcad.generators.ornament.scene import layer_room
from ringcad.generators.ornament.schema import LayerBase

TRIES = 4
"""Layers drawn for a place before its proposal stays."""
MOVED = 0.03
"""Most that the castability limits may move of a drawn layer, unless its proposal is no better."""
PLACING = tuple(name for name in LayerBase.model_fields if name != "family")
"""Fields that say where a layer stands: they stay."""


@dataclass(frozen=True)
class Reading:
    """Units of a prompt by what they do: attributes, and the words of each place's theme."""

    attributes: tuple[Unit, ...]
    themes: dict[str, tuple[Unit, ...]]


def read_roles(prompt: str) -> Reading:
    """What each unit of a prompt does, by the scheme model's reader."""
    reading = read_prompt(prompt)
    if not reading.units:
        return Reading((), {})
    meaning = read(reading)
    roles = [meaning.role(k) for k in range(len(reading.units))]
    content = [
        (role, unit)
        for role, unit, function in zip(roles, reading.units, reading.functions, strict=True)
        if not function
    ]
    asked = tuple(unit for role, unit in content if role in ("attribute", "filler"))
    themes = {place: tuple(u for role, u in content if role == place) for place in ("companion", "edges", "ground")}
    themes["main"] = tuple(unit for role, unit in content if role in ("main", "attribute", "filler"))
    return Reading(asked, themes)


def learned_wish(
    prompt: str, wish: Attributes, weights: Weights | None = None
) -> tuple[Attributes, tuple[str, ...], frozenset[str]]:
    """A wish completed by what the prompt's adjectives mean that are no keywords; in words; the words that did it."""
    wish, said = worded_wish(wish, read_roles(prompt).attributes, weights or load_weights())
    ends = {"dense": ("airy", "dense"), "bold": ("fine", "bold"), "large": ("small", "large")}
    notes = tuple(f"{ends[name][getattr(wish, name) > 0]} ('{text}')" for name, text in said.items())
    return wish, notes, frozenset(word for text in said.values() for word in text.split())


def resampled(
    program: Program,
    parts: Sequence[Part],
    wish: Attributes,
    prompt: str,
    seed: int,
    weights: Weights | None = None,
    heat: float = 1.0,
) -> tuple[Program, tuple[int, int]]:
    """The program with its layers' numbers drawn by the sampler, and how many places it was asked for and filled.

    Mirrored rows and edges stay each other's mirror images; the broadest strokes of a layer are told to the next.
    """
    weights = weights or load_weights()
    words = read_roles(prompt)
    frame_room = make_room(FrameShape(program.band, program.frame))
    digest = int.from_bytes(hashlib.sha256(" ".join(prompt.lower().split()).encode()).digest()[:8], "big")
    rng = np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, digest, 3]))
    twins: dict[str, LayerBase] = {}
    layers: list[LayerBase] = []
    stroke: float | None = None
    filled = 0
    for layer in program.layers:
        key = repr(layer.model_dump(exclude={"slot", "flip", "reverse"}))
        if key not in twins:
            twins[key] = layer
            if layer.family in weights.kept:
                room, _ = layer_room(layer, frame_room)
                place, asked = _part_of(layer, parts, wish)
                theme = phrase_vector(list(words.themes.get(place, ())))
                found = _written(layer, room, asked, theme, stroke, rng, weights, heat)
                if found is not None:
                    twins[key], look = found
                    stroke = stroke or (None if layer.ground else look.stroke)
                    filled += 1
        layers.append(twins[key].model_copy(update={name: getattr(layer, name) for name in PLACING}))
    return program.model_copy(update={"layers": tuple(layers)}), (len(twins), filled)


def _part_of(layer: LayerBase, parts: Sequence[Part], wish: Attributes) -> tuple[str, Attributes]:
    """The place of a layer's theme in the prompt, and what is asked of it."""
    for k, part in enumerate(parts):
        if part.family == layer.family and (part.position == "ground") == layer.ground:
            if part.position in ("ground", "edges"):
                quiet = replace(part.wish or wish, rows=None, repeats=None, petals=None, letters=None)
                return part.position, quiet
            return ("main" if k == 0 or part.family == parts[0].family else "companion"), part.wish or wish
    return "main", wish


def _pinned(layer: LayerBase, wish: Attributes) -> dict[str, Any]:
    """Structure that the proposal took from the prompt by keyword: with one such wish, all of it stays."""
    named = (wish.rows, wish.petals, wish.repeats, wish.leaf, wish.frieze, wish.letters, wish.balls, wish.form)
    if is_driven(type(layer)) or (all(value is None for value in named) and not wish.berries):
        return {}
    shapes = schema_shapes(type(layer))
    return {shape.name: getattr(layer, shape.name) for shape in shapes if shape.kind in ("choice", "count")}


def _written(
    layer: LayerBase,
    room: Room,
    wish: Attributes,
    theme: np.ndarray[Any, np.dtype[np.float64]],
    stroke: float | None,
    rng: np.random.Generator,
    weights: Weights,
    heat: float,
) -> tuple[LayerBase, Look] | None:
    """The first drawn layer that can be cast and stays in its room, with what it looks like."""
    fixed = _pinned(layer, wish)
    reference: Look | None = None
    for _ in range(TRIES):
        drawn = sample_layer(layer.family, room, wish, theme, rng, weights, stroke, fixed, heat)
        if drawn is None or not _closes(drawn, room):
            continue
        look = looked_at(drawn, room)
        if look is None:
            continue
        if acceptable(look, None, MOVED):
            return drawn, look
        reference = reference or looked_at(layer, room)
        if reference is not None and acceptable(look, reference, MOVED):
            return drawn, look
    return None


def _closes(layer: LayerBase, room: Room) -> bool:
    """Whether every second figure is another only where they come in pairs, so that a closed band has no seam."""
    return not room.periodic or getattr(layer, "frieze", "repeat") == "repeat" or getattr(layer, "repeats", 2) % 2 == 0
