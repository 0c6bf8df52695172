"""The trained model at run time, in numpy: what a prompt means, slot by slot, and a scheme drawn from that.

Same formulas as ``train_model.SchemeModel`` and ``train_themes``. A network's output may differ in the last digits
between machines; therefore the scheme that was drawn is stored in the program, and heights are made from that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.embedding import data_file, read_safetensors, unpack_codes
from ringcad.generators.ornament.labels import FAMILIES, ROLES, SLOTS
from ringcad.generators.ornament.reading import Reading, read_prompt
from ringcad.generators.ornament.sentence import encode
from ringcad.generators.ornament.wordpiece import plain_words, singular

Array = NDArray[np.float64]
WEIGHTS = "scheme_model.safetensors"


@dataclass(frozen=True)
class Weights:
    """Matrices by name, the length by which vectors are divided, heads and layers of the transformer."""

    by_name: dict[str, Array]
    unit_length: float
    heads: int
    layers: int
    scale: float
    classes: tuple[str, ...]
    """Families, then styles."""
    styles: dict[str, dict[str, float]]
    """Families of each style with their weights."""
    levels: dict[str, dict[str, list[str]]]
    """Words of each class of each attribute."""
    style_wants: dict[str, dict[str, str]]
    """Attributes that go with a style."""
    style_motifs: dict[str, list[str]]
    """Silhouettes, any of which is right where a style stands for a thing."""
    moods: frozenset[str]
    """Styles that are moods: seasons, feelings, places ..."""
    wordings: dict[str, list[str]]
    """Wordings of few words of each class: what names it outright."""
    naming: int
    """Rows of the memory that name something; after them stand riddles, which make no word familiar."""

    @cached_property
    def literal(self) -> dict[tuple[str, ...], frozenset[str]]:
        """Classes that each wording names, by its words in the singular."""
        found: dict[tuple[str, ...], set[str]] = {}
        for name, texts in self.wordings.items():
            for text in texts:
                words = plain_words(text.replace("-", " "))
                found.setdefault(tuple(singular(word) for word in words if word.isalnum()), set()).add(name)
        return {key: frozenset(classes) for key, classes in found.items()}


@cache
def load_weights() -> Weights:
    """Read the weights beside this module."""
    arrays, notes = read_safetensors(data_file(WEIGHTS).read_bytes())
    if json.loads(notes["slots"]) != {name: list(classes) for name, classes in SLOTS.items()}:
        raise RuntimeError(f"{WEIGHTS} was trained for other classes: run train_model.py")
    by_name = {name: value.astype(np.float64) for name, value in arrays.items()}
    for name in ("memory", "memory_sentence"):
        by_name[name] = unpack_codes(arrays[name].astype(np.uint8)).astype(np.float64)
        by_name[name] /= np.linalg.norm(by_name[name], axis=1, keepdims=True) + 1e-9
    return Weights(
        by_name,
        float(notes["unit_length"]),
        int(notes["heads"]),
        int(notes["layers"]),
        float(notes["scale"]),
        tuple(json.loads(notes["classes"])),
        json.loads(notes["styles"]),
        json.loads(notes["levels"]),
        json.loads(notes["style_wants"]),
        json.loads(notes["style_motifs"]),
        frozenset(json.loads(notes["moods"])),
        json.loads(notes["wordings"]),
        int(notes["naming"]),
    )


def scrambled(weights: Weights, seed: int) -> Weights:
    """The same weights, every matrix shuffled, wordings under wrong classes: a control that knows nothing."""
    dice = np.random.default_rng(seed)
    classes = list(weights.wordings)
    wrong = [classes[int(k)] for k in dice.permutation(len(classes))]
    wordings = dict(zip(wrong, weights.wordings.values(), strict=True))
    mixed = {name: dice.permutation(value.ravel()).reshape(value.shape) for name, value in weights.by_name.items()}
    return replace(weights, by_name=mixed, wordings=wordings)


def _linear(w: dict[str, Array], name: str, x: Array) -> Array:
    y: Array = x @ w[name + ".weight"].T + w[name + ".bias"]
    return y


def _norm(w: dict[str, Array], name: str, x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    y: Array = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return y * w[name + ".weight"] + w[name + ".bias"]


def _gelu(x: Array) -> Array:
    y: Array = 0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)))
    return y


def softmax(x: Array) -> Array:
    """Along the last axis."""
    y: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    return y / y.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Meaning:
    """What the model read: ``roles`` (units, classes) probabilities and ``pooled`` (slots, W) for writing slots."""

    reading: Reading
    roles: Array
    pooled: Array
    weights: Weights
    clues: Array
    """(units,) chance that a unit describes the main theme without naming it, a part of its chance to be main."""
    told: Array | None = None
    """(units,) factor on how much a unit counts for a theme; ``None``: each as the reader believes."""

    def role(self, k: int) -> str:
        """Likeliest role of unit ``k``."""
        return ROLES[int(self.roles[k].argmax())]


def read(reading: Reading, weights: Weights | None = None) -> Meaning:
    """Run the transformer over a prompt of at least one unit (about a millisecond)."""
    weights = weights or load_weights()
    w = weights.by_name
    vectors = reading.vectors.astype(np.float64) / weights.unit_length
    n = len(vectors)
    x = _linear(w, "enter", vectors) + w["function.weight"][reading.functions] + w["place"][1 : n + 1]
    x = np.vstack([w["place"][:1], x])
    width = x.shape[1]
    for k in range(weights.layers):
        name = f"blocks.{k}."
        qkv = _linear(w, name + "qkv", _norm(w, name + "norm1", x)).reshape(n + 1, 3, weights.heads, -1)
        q, key, value = (qkv[:, j].transpose(1, 0, 2) for j in range(3))
        attention = softmax(q @ key.transpose(0, 2, 1) / np.sqrt(q.shape[-1]))
        x = x + _linear(w, name + "out", (attention @ value).transpose(1, 0, 2).reshape(n + 1, width))
        x = x + _linear(w, name + "down", _gelu(_linear(w, name + "up", _norm(w, name + "norm2", x))))
    x = _norm(w, "norm", x)
    attention = softmax(w["query"] @ _linear(w, "key", x).T / np.sqrt(width))
    table = softmax(_linear(w, "role", x[1:]))
    roles, clues = table[:, : len(ROLES)].copy(), table[:, len(ROLES) :].sum(axis=1)
    roles[:, ROLES.index("main")] += clues
    return Meaning(reading, roles, attention @ x, weights, clues)


KERNEL = 20.0
"""Sharpness of the memory's kernel over the cosine."""
PRIOR = 0.5
"""Power of a class's number of wordings that its chance is divided by."""


LEARNED = 1.4
"""Power of the perceptrons' chances beside the memory's (chosen on the tuning lists)."""
KNOWN, KNOWN_SHARE = 0.95, 0.3
"""From this cosine on a wording is known word for word, and the perceptrons count this much only."""
EVOKED, ASIDE = 0.8, 0.1
"""From this cosine on a wording of a mood counts in full; below, moods keep this share (on development lists)."""
MAIN_BELIEF = {"main": 1.0, "filler": 0.8, "attribute": 0.5, "companion": 0.1, "edges": 0.1, "ground": 0.1}
"""How much a word of each role counts for the main theme (chosen on the development list)."""


SPAN = 0.6
"""Least share of the strongest belief with which a word is among those that the sentence encoder reads."""


def spoken(reading: Reading, belief: Array) -> tuple[str, ...]:
    """Words that are believed to be of a role, in order, with the function words between two of them."""
    kept = (belief >= SPAN * belief.max(initial=0.0)) & (belief > 0.0)
    content = np.flatnonzero((reading.functions == 0) | kept)
    out: list[str] = []
    for k, unit in enumerate(reading.units):
        before, after = content[content < k], content[content > k]
        between = len(before) > 0 and len(after) > 0 and kept[before[-1]] and kept[after[0]]
        if kept[k] or (reading.functions[k] and between):
            out += [word for word in unit.words if word.isalnum()]
    return tuple(out)


def sentence_vector(w: dict[str, Array], words: tuple[str, ...]) -> Array:
    """Unit vector of some words by the sentence encoder, along the axes of the memory."""
    told = encode(words).astype(np.float64) - w["memory_centre"]
    v: Array = (told / (np.linalg.norm(told) + 1e-9)) @ w["memory_axes"]
    return v / (np.linalg.norm(v) + 1e-9)


def theme_chances(meaning: Meaning, role: str) -> tuple[Array, float, float]:
    """Chance of each family for the words of a role, the cosine of the nearest wording in the memory, and the
    chance that these words name nothing. A style counts for its families.
    """
    both, nearest = class_chances(meaning, role)
    weights = meaning.weights
    families = both[: len(FAMILIES)].copy()
    for k, style in enumerate(weights.classes[len(FAMILIES) : -1], len(FAMILIES)):
        shares = weights.styles[style]
        for family, share in shares.items():
            families[FAMILIES.index(family)] += both[k] * share / sum(shares.values())
    return families / families.sum(), nearest, float(both[-1])


def leading_style(meaning: Meaning, role: str) -> tuple[str, float]:
    """The likeliest style for the words of a role, and its chance among all classes."""
    both, _ = class_chances(meaning, role)
    k = len(FAMILIES) + int(both[len(FAMILIES) : -1].argmax())
    return meaning.weights.classes[k], float(both[k])


def styles_chance(meaning: Meaning, role: str) -> float:
    """Chance that the words of a role mean any style or mood."""
    return float(class_chances(meaning, role)[0][len(FAMILIES) : -1].sum())


def class_chances(meaning: Meaning, role: str) -> tuple[Array, float]:
    """Chance of each class (families, styles, nothing) for the words of a role, and the cosine of the nearest wording.

    Words count as much as the reader believes them to be of that role. For the main theme, words that it gives
    no role count nearly as much: sentences that it has not seen must not hide their noun.
    """
    weights, reading = meaning.weights, meaning.reading
    w = weights.by_name
    belief = meaning.roles @ np.array(
        [MAIN_BELIEF.get(name, 0.0) if role == "main" else name == role for name in ROLES]
    )
    belief = belief if meaning.told is None else belief * meaning.told
    telling = belief * (reading.functions == 0)
    belief = telling if telling.max(initial=0.0) > 1e-3 else belief
    if role != "main":
        belief = np.where(belief > 0.25 * belief.max(), belief, 0.0)
    total = belief @ reading.vectors.astype(np.float64)
    v = total / (np.linalg.norm(total) + 1e-9)
    told = sentence_vector(w, spoken(reading, belief))
    near = w["memory"] @ v
    both_near = 0.5 * (near + w["memory_sentence"] @ told)
    own = w["memory_class"].astype(np.int64) % len(weights.classes)
    count = np.bincount(own, minlength=len(weights.classes)) + 1e-9
    mass = np.bincount(own, np.exp(KERNEL * (both_near - 1.0)), minlength=len(weights.classes))
    memory_part = np.log(mass / count**PRIOR + 1e-12)
    hidden = _gelu(_linear(w, "themes.0", weights.scale * np.concatenate([v, told]) / np.sqrt(2.0)))
    learned = np.log(softmax(_linear(w, "themes.3", hidden)) + 1e-12)
    both = softmax(np.log(softmax(memory_part)) + (KNOWN_SHARE if both_near.max() > KNOWN else LEARNED) * learned)
    moods = np.array([name in weights.moods for name in weights.classes])
    if both_near.max() < EVOKED or not moods[own[int(both_near.argmax())]]:
        # What only reminds of a mood describes a thing: moods are near to everything.
        both = both * np.where(moods, ASIDE, 1.0)
        both = both / both.sum()
    named = np.arange(len(own)) < weights.naming
    return both, float(near[named & (own < len(weights.classes) - 1)].max())


def unit_nearness(meaning: Meaning, k: int) -> float:
    """Cosine between unit ``k`` alone and the nearest wording of the memory that names something."""
    w, v, naming = meaning.weights.by_name, meaning.reading.vectors[k].astype(np.float64), meaning.weights.naming
    drawn = w["memory_class"][:naming].astype(np.int64) < len(meaning.weights.classes) - 1
    return float((w["memory"][:naming] @ v)[drawn].max() / (np.linalg.norm(v) + 1e-9))


def slot_chances(meaning: Meaning, slot: str, before: dict[str, str]) -> Array:
    """Probability of each class of a slot, given the classes of the slots that come before it."""
    w = meaning.weights.by_name
    names = list(SLOTS)
    k = names.index(slot)
    told = np.zeros(w["place"].shape[1])
    for j, name in enumerate(names[:k]):
        told = told + w[f"chosen.{j}.weight"][SLOTS[name].index(before[name])]
    return softmax(_linear(w, f"choose.{k}", _gelu(_linear(w, f"hidden.{k}", meaning.pooled[k]) + told)))


def draw_slots(
    meaning: Meaning,
    dice: np.random.Generator | None = None,
    sharpness: float = 1.0,
    fixed: dict[str, str] | None = None,
) -> dict[str, str]:
    """A class for every slot, one after another: the likeliest, or drawn by ``dice``.

    ``sharpness`` is the power to which chances are raised before drawing; ``fixed`` slots keep their class.
    """
    chosen: dict[str, str] = {}
    for slot, classes in SLOTS.items():
        if fixed and slot in fixed:
            chosen[slot] = fixed[slot]
            continue
        chances = slot_chances(meaning, slot, chosen)
        if dice is None:
            chosen[slot] = classes[int(chances.argmax())]
            continue
        powers = chances**sharpness
        chosen[slot] = classes[int(dice.choice(len(classes), p=powers / powers.sum()))]
    return chosen


def level_nearness(meaning: Meaning, attribute: str, value: str) -> float:
    """Cosine between the words that the reader takes for attributes and the nearest word known for a class.

    A word that is itself known for another attribute says that and no more: 'soft' is near to 'delicate', and means
    the relief.
    """
    reading = meaning.reading
    others = {
        text
        for name, classes in meaning.weights.levels.items()
        for words in classes.values()
        for text in words
        if name != attribute
    } - set(meaning.weights.levels[attribute][value])
    table = _level_vectors(json.dumps(meaning.weights.levels[attribute][value]))
    best, run = 0.0, np.zeros(reading.vectors.shape[1])
    for k in range(len(reading.units)):
        other = " ".join(reading.units[k].words) in others
        if meaning.role(k) != "attribute" or reading.functions[k] or other:
            run = np.zeros(reading.vectors.shape[1])
            continue
        run = run + reading.vectors[k]
        for v in (run, reading.vectors[k]):
            best = max(best, float((table @ v).max() / (np.linalg.norm(v) + 1e-9)))
    return best


def adjective_nearness(meaning: Meaning, k: int) -> float:
    """Cosine between unit ``k`` and the nearest word that is known for any class of any attribute."""
    v = meaning.reading.vectors[k].astype(np.float64)
    tables = [
        _level_vectors(json.dumps(words)) for classes in meaning.weights.levels.values() for words in classes.values()
    ]
    return max(float((table @ v).max()) for table in tables) / (float(np.linalg.norm(v)) + 1e-9)


@cache
def _level_vectors(words: str) -> Array:
    vectors = [read_prompt(text).vectors.sum(axis=0, dtype=np.float64) for text in json.loads(words)]
    table: Array = np.stack(vectors)
    return table / (np.linalg.norm(table, axis=1, keepdims=True) + 1e-9)
