"""Layers of an arranged program drawn anew among proposals, by what the trained network makes of the words.

This is the one place where the network comes in. Arranging decides which families stand where and proposes a layer for
each place. Here the family proposes some more, in any of its forms, and one of them is drawn by how much likelier
the prompt's words, the looks that are asked for and the strokes of the neighbour make it than a prompt that says
nothing (sampling by importance). So every layer keeps the layout of its family, and the words choose.
Where words say nothing, nothing changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.embedding import Unit
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.model import read
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.reading import read_prompt
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.sampler import (
    Weights,
    condition,
    form_chances,
    load_weights,
    phrase_vector,
    surprise,
    worded_wish,
)
from ringcad.generators.ornament.sampler_fields import MEASURES, field_values, schema_shapes
from ringcad.generators.ornament.sampler_measure import Look, acceptable, bare_mm, looked_at
from ringcad.generators.ornament.scene import UNDRAWABLE, layer_room
from ringcad.generators.ornament.schema import LayerBase

PROPOSALS = 20
"""Layers that a family proposes for a place beside the first."""
TRUST, FORMS = 1.0, 1.5
"""Powers of the ratios by which one is drawn: of the network's chances, and of what theme words say of forms."""
FILL = 8.0
"""Logarithm by which a proposal is less likely for each millimetre of bare ground, unless airy is asked: a chaser fills
the band, and empty corners are what one sees first in a poor one."""
FILL_TRIED = 7
"""Of so many proposals, drawn by the words, the bare ground is measured."""
FILLED_MM = 0.3
"""Ground no barer than this is none: the gap that strokes need between them."""
MOVED = 0.03
"""Most that the castability limits may move of a bold or dense layer, unless its first proposal is no better."""
YIELD = 0.04
"""A drawn layer may show what was asked for by this much less (in logarithms) than its proposal."""
PLACING = tuple(name for name in LayerBase.model_fields if name != "family")
"""Fields that say where a layer stands: they stay."""
Vector = NDArray[np.float64]


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


def learned_wish(prompt: str, wish: Attributes, weights: Weights | None = None) -> Attributes:
    """A wish completed by what the prompt's adjectives mean that are no keywords."""
    return worded_wish(wish, read_roles(prompt).attributes, weights)[0]


def resampled(
    program: Program,
    parts: Sequence[Part],
    wish: Attributes,
    prompt: str,
    seed: int,
    weights: Weights | None = None,
) -> tuple[Program, tuple[int, int]]:
    """The program with its layers drawn anew, and how many places there are and how many changed.

    Mirrored rows and edges stay each other's mirror images; the mean stroke of a layer is told to the next.
    """
    weights = weights or load_weights()
    words = read_roles(prompt)
    frame_room = make_room(FrameShape(program.band, program.frame))
    digest = int.from_bytes(hashlib.sha256(" ".join(prompt.lower().split()).encode()).digest()[:8], "big")
    rng = np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, digest, 3]))
    twins: dict[str, LayerBase] = {}
    layers: list[LayerBase] = []
    stroke: float | None = None
    changed = 0
    for layer in program.layers:
        key = repr(layer.model_dump(exclude={"slot", "flip", "reverse"}))
        if key not in twins:
            twins[key] = layer
            if layer.family in weights.kept:
                room, _ = layer_room(layer, frame_room)
                place, asked = _part_of(layer, parts, wish)
                theme = phrase_vector(list(words.themes.get(place, ())))
                found = _drawn(layer, room, asked, theme, stroke, rng, weights)
                if found is not None:
                    twins[key] = found.model_copy(update={name: getattr(layer, name) for name in PLACING})
                changed += twins[key] != layer
                if stroke is None and len(program.layers) > 1 and not layer.ground:
                    look = looked_at(twins[key], room)
                    stroke = look.stroke if look is not None else None
        layers.append(twins[key].model_copy(update={name: getattr(layer, name) for name in PLACING}))
    return program.model_copy(update={"layers": tuple(layers)}), (len(twins), changed)


def _part_of(layer: LayerBase, parts: Sequence[Part], wish: Attributes) -> tuple[str, Attributes]:
    """The place of a layer's theme in the prompt, and what is asked of it."""
    for k, part in enumerate(parts):
        if part.family == layer.family and (part.position == "ground") == layer.ground:
            if part.position in ("ground", "edges"):
                quiet = replace(part.wish or wish, rows=None, repeats=None, petals=None, letters=None)
                return part.position, quiet
            return ("main" if k == 0 or part.family == parts[0].family else "companion"), part.wish or wish
    return "main", wish


def _drawn(
    layer: LayerBase,
    room: Room,
    wish: Attributes,
    theme: Vector,
    stroke: float | None,
    rng: np.random.Generator,
    weights: Weights,
) -> LayerBase | None:
    """A proposal drawn by how much likelier words, looks and neighbour make it; ``None``: the layer stays."""
    asks = any(getattr(wish, name) for name in MEASURES)
    fills = not layer.ground and wish.dense >= 0.0
    if not asks and stroke is None and not theme.any() and not fills:
        return None
    pool = [(layer, wish), *_proposals(layer, room, wish, rng)]
    unasked = replace(wish, dense=0.0, bold=0.0, large=0.0)
    told = condition(layer.family, room, wish, theme, stroke, weights)
    plain = condition(layer.family, room, unasked, 0.0 * theme, None, weights)
    shapes = schema_shapes(type(layer))
    forms = form_chances(layer.family, theme, weights)
    scores = []
    for found, own in pool:
        values = field_values(found, own, shapes)
        gain = surprise(layer.family, room, plain, values, weights) - surprise(
            layer.family, room, told, values, weights
        )
        scores.append(TRUST * gain + FORMS * _form_gain(found, forms))
    # Rounded, so that the last digits of a network do not decide which proposal is drawn.
    ratios = np.round(np.array(scores) - max(scores), 3)
    # The largest of the logarithms plus Gumbel noise is a draw by the ratios (Gumbel 1954, Maddison et al. 2014).
    keys = ratios - np.log(-np.log(rng.uniform(1e-12, 1.0, len(pool))))
    best = [int(k) for k in np.argsort(-keys, kind="stable")[: FILL_TRIED if fills else 1]]
    if fills:
        best.sort(key=lambda k: FILL * _bareness(pool[k][0], room) - float(keys[k]))
    chosen = pool[best[0]][0]
    if chosen is layer:
        return None
    if asks:
        before, after = looked_at(layer, room), looked_at(chosen, room)
        if (
            before is None
            or after is None
            or not acceptable(after, before, MOVED)
            or not _as_obedient(after, before, wish)
        ):
            return None
    return chosen


def _bareness(layer: LayerBase, room: Room) -> float:
    """Bare ground of a layer beyond what its gaps need, mm; as much as the band is wide where it cannot be drawn."""
    try:
        return max(bare_mm(layer, room) - FILLED_MM, 0.0)
    except UNDRAWABLE:
        return 2.0 * room.half


def _form_gain(layer: LayerBase, forms: dict[str, dict[str, float]]) -> float:
    """How much likelier than even the words make a layer's forms, as a logarithm."""
    gain = 0.0
    for field, chances in forms.items():
        value = str(getattr(layer, field))
        chance = chances.get(value.lower() if value in ("True", "False") else value)
        gain += np.log(max(chance, 1e-4) * len(chances)) if chance is not None else 0.0
    return float(gain)


def _proposals(
    layer: LayerBase, room: Room, wish: Attributes, rng: np.random.Generator
) -> list[tuple[LayerBase, Attributes]]:
    """Layers that the family itself proposes for a room, for wishes about the asked one and any of its forms."""
    family = FAMILIES[layer.family]
    shapes = schema_shapes(family.layer)
    forms = next((s.options for s in shapes if s.name == "form" and s.kind == "choice"), ())
    leaves = next((s.options for s in shapes if s.name == "leaf"), ())
    counted = (wish.rows, wish.petals, wish.repeats, wish.letters)
    found: list[tuple[LayerBase, Attributes]] = []
    for _ in range(PROPOSALS):
        own = wish
        for name in MEASURES:
            level = getattr(wish, name)
            own = replace(
                own, **{name: round(float(level * rng.uniform(0.7, 1.4) if level else 0.2 * rng.normal()), 3)}
            )
        if wish.form is None and forms and rng.random() < 0.8:
            own = replace(own, form=str(forms[int(rng.integers(len(forms)))]))
        if wish.leaf is None and leaves and rng.random() < 0.8:
            own = replace(own, leaf=leaves[int(rng.integers(len(leaves)))])
        other: LayerBase | None = family.propose(room, own, rng)
        if other is None or not _closes(other, room):
            continue
        if any(value is not None for value in counted) and _structure(other) != _structure(layer):
            continue
        found.append((other, own))
    return found


def _structure(layer: LayerBase) -> dict[str, Any]:
    """Counts of a layer."""
    return {s.name: getattr(layer, s.name, None) for s in schema_shapes(type(layer)) if s.kind == "count"}


def _as_obedient(look: Look, reference: Look, wish: Attributes) -> bool:
    """Whether a drawing shows every look that was asked for at least nearly as much as another does."""
    asked = np.sign([getattr(wish, name) for name in MEASURES])
    return bool(np.all(asked * (np.array(look.logs()) - np.array(reference.logs())) >= -YIELD))


def _closes(layer: LayerBase, room: Room) -> bool:
    """Whether every second figure is another only where they come in pairs, so that a closed band has no seam."""
    return not room.periodic or getattr(layer, "frieze", "repeat") == "repeat" or getattr(layer, "repeats", 2) % 2 == 0
