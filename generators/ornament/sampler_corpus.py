"""Programs for the layer sampler to learn from: proposed, mutated, drawn and measured; and wordings for all that.

A layer's label is what its drawing *is* against other layers of its family in such a room, not what was
asked for: every castable drawing teaches something, and the sampler learns what must be written to look bold or airy.
Only used for training and evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from ruamel.yaml import YAML

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.sampler_fields import field_values, is_driven, room_features, schema_shapes
from ringcad.generators.ornament.sampler_measure import Look, acceptable, looked_at
from ringcad.generators.ornament.schema import Band, BorderStyle, Frame, LayerBase
from ringcad.generators.ornament.wordpiece import plain_words

HERE = Path(__file__).parent
LONGEST_MM = 20.0
"""Longer bands look like these: what the sampler is told of a room levels off with its length."""
VARIANTS = 5
"""Variants of each of two plain proposals in a room."""
Dice = np.random.Generator


@dataclass(frozen=True)
class Drawn:
    """A layer in a room, what it looks like, and the wish that its first proposal was made for."""

    layer: LayerBase
    room: Room
    look: Look
    wish: Attributes
    plain: bool
    """Whether it is the family's own proposal, unasked and unchanged."""


def sample_room(dice: Dice) -> Room:
    """A room as bands, slots and panels offer them: 1.6 to 10 mm wide, a panel to a closed band long."""
    stroke = float(dice.choice([0.25, 0.3, 0.35, 0.35, 0.35, 0.4, 0.5]))
    gap = float(np.clip(stroke * dice.uniform(0.65, 1.0), 0.2, 0.4))
    width = float(np.exp(dice.uniform(np.log(2.8), np.log(9.0))))
    style: BorderStyle = ("plain", "milgrain", "rope", "double", "none")[int(dice.integers(5))]
    kind = dice.choice(["zone", "long", "closed", "panel"], p=[0.45, 0.07, 0.28, 0.2])
    length = float(np.exp(dice.uniform(np.log(4.0), np.log(11.0))))
    if kind == "long":
        length = float(dice.uniform(11.0, LONGEST_MM))
    rail = max(1.06 * stroke, min(0.09 * width, 0.55))
    band = Band(length_mm=length, width_mm=width, periodic=bool(kind == "closed"), stroke_mm=stroke, gap_mm=gap)
    corner = min(0.22 * width, 0.9, 0.2 * length)
    frame = Frame(style=style, rail_mm=rail, start="square", finish="square", corner_mm=corner, pitch_mm=rail)
    room = make_room(FrameShape(band, frame))
    if room.half < 0.4:
        return sample_room(dice)
    if dice.random() < 0.25:
        share = float(dice.uniform(0.3, 0.85))
        low = float(dice.choice([-1.0, -share, 1.0 - 2.0 * share]))
        room = room.slot(low, low + 2.0 * share)[0]
    if kind == "panel":
        long = min(float(dice.uniform(0.8, 2.4)) * 2.0 * room.half, room.length)
        room = room.panel(room.u0, room.u0 + long)
    if dice.random() < 0.3:
        # Bold and airy layers raise the band's limits for themselves.
        weight, air = np.exp(dice.uniform(0.0, 0.8, 2))
        room = replace(room, stroke=float(weight) * room.stroke, gap=float(air) * room.gap)
    return room if room.half >= 0.25 and room.length > 4.0 * room.stroke else sample_room(dice)


def random_wish(dice: Dice, forms: tuple[Any, ...]) -> Attributes:
    """A wish for some attributes, farther out than words ask."""
    levels = {
        name: round(float(dice.uniform(-1.4, 1.4)), 2) if dice.random() < 0.6 else 0.0
        for name in ("dense", "bold", "large", "soft")
    }
    wish = Attributes(**cast(Any, levels))
    if dice.random() < 0.15:
        wish = replace(wish, irregular=round(float(dice.uniform(0.2, 1.0)), 2))
    if forms and dice.random() < 0.7:
        wish = replace(wish, form=str(forms[int(dice.integers(len(forms)))]))
    return wish


def mutated(layer: LayerBase, other: LayerBase, dice: Dice) -> LayerBase:
    """A layer with some numbers of another of its kind and the others moved a little; counts and widths may change.

    Raises ``ValueError`` where the schema says no.
    """
    data, twin = layer.model_dump(), other.model_dump()
    strength = 0.25 * float(dice.random())
    for shape in schema_shapes(type(layer)):
        value = data[shape.name]
        if dice.random() < 0.3 and (shape.kind != "count" or (value - twin[shape.name]) % 2 == 0):
            value = twin[shape.name]
        if shape.kind == "count" and dice.random() < 0.5:
            # Interlace closes for even counts only: a count keeps its parity.
            value += 2 * round(0.5 * value * (math.exp(strength * float(dice.normal())) - 1.0))
            value = value if value >= 1 else data[shape.name]
        elif shape.kind == "real":
            factor = math.exp(strength * float(dice.normal())) if dice.random() < 0.5 else 1.0
            value = round(value * factor, 4)
        data[shape.name] = value
    sized = data.get("repeats", 0)
    for shape in schema_shapes(type(layer)):
        if shape.kind == "noise" and data[shape.name]:
            most = max(abs(x) for x in data[shape.name])
            size = sized * data.get("rows", 1)
            data[shape.name] = tuple(round(most * float(x), 4) for x in dice.uniform(-1, 1, size))
    return type(layer).model_validate(data)


def drawn_in(family: str, room: Room, dice: Dice) -> Iterator[Drawn]:
    """Castable layers of a family in a room: two plain proposals, then wished and mutated ones."""
    own = FAMILIES[family]
    forms = next((s.options for s in schema_shapes(own.layer) if s.name == "form" and s.kind == "choice"), ())
    reference: Look | None = None
    known: list[LayerBase] = []
    for k in range(2 + VARIANTS):
        wish = Attributes() if k < 2 else random_wish(dice, forms)
        layer: LayerBase | None = own.propose(room, wish, dice)
        if layer is None:
            return
        changed = k >= 3 and dice.random() < 0.5 and not is_driven(own.layer)
        if changed:
            try:
                layer = mutated(layer, known[int(dice.integers(len(known)))], dice)
            except ValueError:
                continue
        look = looked_at(layer, room)
        if look is None:
            continue
        if reference is None and k < 2:
            reference = look
        known.append(layer)
        if reference is not None and acceptable(look, reference):
            yield Drawn(layer, room, look, wish, k < 2)


def make_corpus(
    seed: int, rooms: int, families: Iterable[str] = tuple(FAMILIES), first: int = 0
) -> dict[str, list[Drawn]]:
    """``rooms`` rooms for each family with what could be drawn in them; every room has dice of its own."""
    found: dict[str, list[Drawn]] = {}
    for n, family in enumerate(families):
        found[family] = []
        for k in range(first, first + rooms):
            dice = np.random.default_rng([seed, n, k])
            found[family] += drawn_in(family, sample_room(dice), dice)
    return found


# ---------------------------------------------------------------- labels: how it looks against its kind


@dataclass(frozen=True)
class Usual:
    """What is usual in a family: measures by room features (least squares), and their spread."""

    weights: np.ndarray[Any, np.dtype[np.float64]]
    spread: np.ndarray[Any, np.dtype[np.float64]]

    def levels(self, look: Look, room: Room) -> np.ndarray[Any, np.dtype[np.float64]]:
        """(3,) levels from about -1 to 1: 0.7 is one standard deviation from the usual."""
        usual = np.append(room_features(room), 1.0) @ self.weights
        return np.asarray(np.clip(0.7 * (np.array(look.logs()) - usual) / self.spread, -1.6, 1.6))


def usual_of(drawn: list[Drawn]) -> Usual:
    """Fit :class:`Usual`: the level 0 is the middle of the family's own proposals, the spread is that of all."""
    features = np.array([np.append(room_features(d.room), 1.0) for d in drawn])
    measured = np.array([d.look.logs() for d in drawn])
    weight = np.array([1.0 if d.plain else 0.3 for d in drawn])[:, None]
    ridge = 0.3 * np.eye(features.shape[1])
    weights = np.linalg.solve((features * weight).T @ features + ridge, (features * weight).T @ measured)
    spread = np.maximum(np.std(measured - features @ weights, axis=0), 0.03)
    return Usual(weights, spread)


def tokens_of(drawn: Drawn) -> list[Any]:
    """Field values of a drawn layer."""
    return field_values(drawn.layer, drawn.wish, schema_shapes(type(drawn.layer)))


# ---------------------------------------------------------------- wordings


def read_words(without: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, dict[str, list[str]]], list[str]]:
    """Wordings of the levels, of the families' choices (by ``family.field``), and words that ask for nothing."""
    yaml = YAML(typ="safe")
    own = yaml.load((HERE / "sampler_words.yaml").read_text(encoding="utf-8"))
    captions = yaml.load((HERE / "corpus_captions.yaml").read_text(encoding="utf-8"))["attributes"]
    barred = {" ".join(plain_words(text)) for text in without}

    def split(block: str) -> list[str]:
        parts = (part.strip() for part in block.split(";"))
        return [part for part in dict.fromkeys(parts) if part and " ".join(plain_words(part)) not in barred]

    shared = {name: value for kind in ("density", "stroke", "size") for name, value in captions[kind].items()}
    shared = {"dense": "", "sparse": "", "bold": "", "fine": "", "large": "", "small": "", **shared}
    levels = {name: split(f"{shared[name]}; {own['levels'][name]}") for name in shared}
    forms = {key: {value: split(block) for value, block in choices.items()} for key, choices in own["forms"].items()}
    return levels, forms, split(own["plain"])


def family_words(without: Iterable[str]) -> dict[str, list[str]]:
    """Wordings of every family that has some."""
    yaml = YAML(typ="safe")
    barred = {" ".join(plain_words(text)) for text in without}
    families = yaml.load((HERE / "corpus_captions.yaml").read_text(encoding="utf-8"))["families"]
    return {
        name: [p.strip() for p in block.split(";") if p.strip() and " ".join(plain_words(p)) not in barred]
        for name, block in families.items()
    }
