"""The layer sampler at run time, in numpy: the numbers of a layer drawn from what a trained network thinks of them.

Given a family, a room, measured looks that are wished for and the words of a theme, the network writes a layer field by
field, each seeing those before it (``train_sampler.py`` holds the same formulas). Chances are rounded before the
dice fall, so that the last digits of a network, which differ between machines, almost never change a
program; heights are promised for the program that was drawn.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.attributes import LEVEL_WORDS, Attributes
from ringcad.generators.ornament.embedding import Unit, read_safetensors
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.reading import unit_vector
from ringcad.generators.ornament.sampler_fields import (
    MEASURES,
    Code,
    Shape,
    build_layer,
    decode,
    encode,
    is_younger,
    room_features,
)
from ringcad.generators.ornament.schema import LayerBase

Array = NDArray[np.float64]
WEIGHTS = "sampler.safetensors"
GUIDE = 1.5
"""Exaggeration of what looks and theme words change."""
GRID = 4096
"""Chances are rounded to this many parts, places in a bin to 64."""
PARTS = 64
LEVEL = 0.7
"""What a word asks for, as a keyword does."""
SURE = 0.42
"""Least chance of a look that words mean without being keywords."""


@dataclass(frozen=True)
class Weights:
    """Matrices by name, the codes of each family's fields, and the number of each field name among the heads."""

    by_name: dict[str, Array]
    families: tuple[str, ...]
    codes: dict[str, tuple[Code, ...]]
    heads: dict[str, int]
    kept: frozenset[str]
    """Families of which what it writes can mostly be cast."""
    forms: dict[str, list[str]]
    """Choices that words are known for, by ``family.field``."""

    def first_row(self, family: str) -> int:
        """Row of a family's first field among all fields of all families."""
        before = self.families[: self.families.index(family)]
        return sum(len(self.codes[name]) for name in before)


def code_data(code: Code) -> list[Any]:
    """JSON-ready form of a code without its bins."""
    shape = code.shape
    return [
        shape.name,
        shape.kind,
        list(shape.options),
        code.unit,
        code.logs,
        list(code.steps),
        code.spread,
        code.middle,
    ]


def code_from(data: list[Any], low: Array, high: Array) -> Code:
    """Inverse of :func:`code_data`; bins end at the first that is not a number."""
    name, kind, options, unit, logs, steps, spread, middle = data
    size = int(np.isfinite(low).sum())
    bins = tuple(map(float, low[:size])), tuple(map(float, high[:size]))
    return Code(Shape(name, kind, tuple(options)), unit, logs, *bins, (steps[0], steps[1]), spread, middle)


@cache
def load_weights() -> Weights:
    """Read the weights beside this module."""
    return weights_from(files(__package__).joinpath(WEIGHTS).read_bytes())


def weights_from(data: bytes) -> Weights:
    """Weights of a file's bytes."""
    arrays, notes = read_safetensors(data)
    by_name = {name: value.astype(np.float64) for name, value in arrays.items()}
    low, high = by_name.pop("bins_low"), by_name.pop("bins_high")
    codes: dict[str, tuple[Code, ...]] = {}
    row = 0
    for family, fields in json.loads(notes["codes"]).items():
        codes[family] = tuple(code_from(data, low[row + k], high[row + k]) for k, data in enumerate(fields))
        row += len(fields)
    kept = frozenset(json.loads(notes["kept"]))
    return Weights(by_name, tuple(codes), codes, json.loads(notes["heads"]), kept, json.loads(notes.get("forms", "{}")))


def scrambled(weights: Weights, seed: int) -> Weights:
    """The same weights, every matrix shuffled: a control that knows nothing."""
    dice = np.random.default_rng(seed)
    mixed = {name: dice.permutation(value.ravel()).reshape(value.shape) for name, value in weights.by_name.items()}
    return replace(weights, by_name=mixed)


# ---------------------------------------------------------------- words


def phrase_vector(units: Sequence[Unit]) -> Array:
    """(128,) mean of the units' vectors, each of length 1; zeros for none."""
    vectors = [unit_vector(unit.rows).astype(np.float64) for unit in units if unit.rows]
    if not vectors:
        return np.zeros(128)
    return np.asarray(np.mean([vector / (np.linalg.norm(vector) + 1e-9) for vector in vectors], axis=0))


def _gelu(x: Array) -> Array:
    y: Array = 0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)))
    return y


def _sigmoid(x: Array) -> Array:
    y: Array = 1.0 / (1.0 + np.exp(-x))
    return y


def _linear(w: Mapping[str, Array], name: str, x: Array) -> Array:
    y: Array = x @ w[name + ".weight"].T + w[name + ".bias"]
    return y


def _softmax(x: Array) -> Array:
    y: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(y / y.sum(axis=-1, keepdims=True))


def _word_logits(vector: Array, weights: Weights) -> Array:
    """(perceptrons, outputs) of the small perceptrons that read phrases."""
    w = weights.by_name
    x = vector / (np.linalg.norm(vector) + 1e-9)
    hidden = _gelu(np.einsum("eij,j->ei", w["words.first"], x) + w["words.first_bias"])
    logits: Array = np.einsum("eij,ej->ei", w["words.second"], hidden) + w["words.second_bias"]
    return logits


def word_chances(vector: Array, weights: Weights) -> Array:
    """(3 looks, low/unsaid/high) chances of what a phrase asks for."""
    logits = _word_logits(vector, weights)[:, : 3 * len(MEASURES)]
    return np.asarray(_softmax(logits.reshape(len(logits), len(MEASURES), 3)).mean(axis=0))


def form_chances(family: str, vector: Array, weights: Weights) -> dict[str, dict[str, float]]:
    """For each field of a family that words are known for: chances of its choices, as text."""
    found: dict[str, dict[str, float]] = {}
    if not vector.any():
        return found
    logits = _word_logits(vector, weights)
    first = 3 * len(MEASURES)
    for key, choices in weights.forms.items():
        owner, field = key.split(".")
        if owner == family:
            chances = _softmax(logits[:, first : first + len(choices)]).mean(axis=0)
            found[field] = dict(zip(choices, map(float, chances), strict=True))
        first += len(choices)
    return found


EVENNESS = frozenset("irregular uneven asymmetric asymmetrical symmetric symmetrical mirrored regular even".split())
"""Words of symmetry: read by the model, and of no look beside it."""


def worded_wish(
    wish: Attributes, asked: Sequence[Unit], weights: Weights | None = None
) -> tuple[Attributes, dict[str, str]]:
    """A wish completed by what words that are no keywords ask for, and the words by look; what keywords said stays."""
    weights = weights or load_weights()
    # 'soft' is read by keyword: it asks for a soft relief and not, since soft things are often fine, for fine strokes.
    strange = [unit for unit in asked if unit.rows and not (LEVEL_WORDS | EVENNESS).issuperset(unit.words)]
    phrases: list[tuple[Unit, ...]] = [(unit,) for unit in strange]
    if len(phrases) > 1:
        phrases.append(tuple(unit for phrase in phrases for unit in phrase))
    best: dict[str, tuple[float, float, str]] = {}
    for phrase in phrases:
        text = " ".join(word for unit in phrase for word in unit.words)
        for name, (low, _, high) in zip(MEASURES, word_chances(phrase_vector(phrase), weights), strict=True):
            sure, level = max((float(low), -LEVEL), (float(high), LEVEL))
            if sure >= SURE and not getattr(wish, name) and (name not in best or sure > best[name][0]):
                best[name] = (sure, level, text)
    found: dict[str, Any] = {name: level for name, (_, level, _) in best.items()}
    return replace(wish, **found), {name: text for name, (_, _, text) in best.items()}


# ---------------------------------------------------------------- the network


def condition(
    family: str, room: Room, wish: Attributes, theme: Array, stroke_mm: float | None, weights: Weights
) -> Array:
    """What the network is told beside the fields: family, room, looks, theme words, strokes of a neighbour."""
    w = weights.by_name
    levels = [getattr(wish, name) for name in (*MEASURES, "soft", "irregular")]
    said = [float(level != 0.0) for level in levels]
    near = [0.0, 0.0] if stroke_mm is None else [math.log(stroke_mm / room.stroke), 1.0]
    words = w["theme.weight"] @ theme
    x = np.concatenate(
        [w["family.weight"][weights.families.index(family)], room_features(room), levels, said, near, words]
    )
    return _linear(w, "enter2", _gelu(_linear(w, "enter1", x)))


def _gru(w: Mapping[str, Array], x: Array, h: Array) -> Array:
    gi = w["cell.weight_ih_l0"] @ x + w["cell.bias_ih_l0"]
    gh = w["cell.weight_hh_l0"] @ h + w["cell.bias_hh_l0"]
    n = len(h)
    reset, update = _sigmoid(gi[:n] + gh[:n]), _sigmoid(gi[n : 2 * n] + gh[n : 2 * n])
    new = np.tanh(gi[2 * n :] + reset * gh[2 * n :])
    out: Array = (1.0 - update) * new + update * h
    return out


class _Writing:
    """State of the network while a layer is written: what it has seen, and its chances for the next field."""

    def __init__(self, family: str, room: Room, context: Array, weights: Weights) -> None:
        self.room, self.weights, self.context = room, weights, context
        self.codes = weights.codes[family]
        self.row = weights.first_row(family)
        self.h = np.tanh(context)
        self.previous = np.zeros(weights.by_name["bin.weight"].shape[1])
        self.number = 0.0

    def chances(self, k: int) -> Array:
        """Logits of field ``k``; the fields before it have been :meth:`seen`."""
        w, code = self.weights.by_name, self.codes[k]
        head = self.weights.heads[code.shape.name]
        x = np.concatenate([self.previous, [self.number], w["name.weight"][head], self.context])
        self.h = _gru(w, x, self.h)
        logits: Array = w["out"][head, : code.size] @ self.h + w["bias.weight"][self.row + k, : code.size]
        return logits

    def value(self, k: int, chosen: int) -> Any:
        """Value of a class of field ``k``, at the place in its bin that the network expects."""
        w, code = self.weights.by_name, self.codes[k]
        token = self._token(k, chosen)
        place = w["place.weight"][token] @ _gelu(_linear(w, "inner", self.h))
        part = float(_sigmoid(np.array(place + w["place_bias.weight"][self.row + k, chosen])))
        return decode(chosen, round(part * PARTS) / PARTS, code, self.room)

    def see(self, k: int, value: Any) -> int:
        """Take note of the value of field ``k``; its class."""
        code = self.codes[k]
        plain = (value,) if code.shape.kind == "noise" and not isinstance(value, tuple) else value
        chosen, _, number = encode(plain, code, self.room)
        self.number = float(np.clip(number, -4.0, 4.0))
        self.previous = self.weights.by_name["bin.weight"][self._token(k, chosen)]
        return chosen

    def _token(self, k: int, chosen: int) -> int:
        w = self.weights
        return w.heads[self.codes[k].shape.name] * int(w.by_name["bias.weight"].shape[1]) + chosen


def surprise(family: str, room: Room, told: Array, values: Sequence[Any], weights: Weights) -> float:
    """How little the network, told a :func:`condition`, expects some field values: minus the log of their chance."""
    writing = _Writing(family, room, told, weights)
    total = 0.0
    for k, value in enumerate(values[: len(writing.codes)]):
        chances = _softmax(writing.chances(k))
        seen = writing.see(k, value)
        # What the network has never heard of is neither expected nor surprising.
        if not is_younger(value, writing.codes[k]):
            total -= math.log(max(float(chances[seen]), 1e-6))
    return total


def sample_fields(
    family: str,
    room: Room,
    wish: Attributes,
    theme: Array,
    rng: np.random.Generator,
    weights: Weights,
    stroke_mm: float | None = None,
    fixed: Mapping[str, Any] | None = None,
    heat: float = 1.0,
    guide: float = GUIDE,
) -> dict[str, Any]:
    """Values of a family's fields, one after another; those in ``fixed`` are taken over and seen by the later ones.

    ``stroke_mm`` is the mean stroke of a neighbour, ``heat`` below 1 sharpens the chances. ``guide`` exaggerates
    what looks and theme change against a prompt that says nothing (classifier-free guidance).
    """
    writing = _Writing(family, room, condition(family, room, wish, theme, stroke_mm, weights), weights)
    unasked = replace(wish, dense=0.0, bold=0.0, large=0.0)
    plain: _Writing | None = None
    if guide and (unasked != wish or theme.any()):
        plain = _Writing(family, room, condition(family, room, unasked, 0.0 * theme, stroke_mm, weights), weights)
    values: dict[str, Any] = {}
    for k, code in enumerate(weights.codes[family]):
        logits = writing.chances(k)
        if plain is not None:
            logits = logits + guide * (logits - plain.chances(k))
        if fixed is not None and code.shape.name in fixed:
            value = fixed[code.shape.name]
        else:
            parts = np.rint(_softmax(logits / heat) * GRID).astype(np.int64)
            chosen = int(np.searchsorted(np.cumsum(parts), rng.integers(int(parts.sum())), side="right"))
            value = writing.value(k, chosen)
        values[code.shape.name] = value
        writing.see(k, value)
        if plain is not None:
            plain.see(k, value)
    return values


def sample_layer(
    family: str,
    room: Room,
    wish: Attributes,
    theme: Array,
    rng: np.random.Generator,
    weights: Weights | None = None,
    stroke_mm: float | None = None,
    fixed: Mapping[str, Any] | None = None,
    heat: float = 1.0,
) -> LayerBase | None:
    """A layer that the schema accepts, or ``None``. Whether it can be cast is for the caller to see."""
    weights = weights or load_weights()
    values = sample_fields(family, room, wish, theme, rng, weights, stroke_mm, fixed, heat)
    try:
        return build_layer(family, values, room, wish, rng)
    except ValueError:
        return None
