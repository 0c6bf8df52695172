"""Proposals of a family dealt out to seeds: every seed of a round has a hand of its own, unlike all the others.

A family proposes many layers, the same for all seeds of a round. Hands are the cells around layers that lie as far
from each other as they can (farthest point first, Gonzalez 1985), so that two seeds never choose among the same
designs; what the words say of forms decides how many hands a form has. Seeds take hands in steps of about the golden
section, so that neighbouring seeds lie far apart.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.schema import LayerBase

Array = NDArray[np.float64]
ROUND = 40
"""Seeds of a round, and hands that are dealt in it."""
STEP = 23
"""Hands from one seed to the next: prime to the round, and near the golden section of it."""
ALIKE = 0.3
"""Designs that are nearer than this are one: the distance at which a twentieth of the correlation is lost."""
NEAR = 0.3
"""A hand holds designs that are nearer to its middle than this share of the way to the next middle."""
LIKELY = 6.0
"""Forms that are less likely than the likeliest by more than this factor take over no hands of others."""
PASSES = 4
COUNTED: tuple[float, float] = (5.0, 1.0)
"""What a doubled count weighs and the most, where it was not measured: one more repeat moves every figure of a band."""
NUMBERED: tuple[float, float] = (1.2, 0.8)
"""The same for other numbers."""
CHOSEN: tuple[float, float] = (1.0, 1.0)
"""The same for another choice."""
NOISE: tuple[float, float] = (0.02, 0.2)
"""The same for the amplitude of what is drawn by lot."""
FLAT = frozenset({"vein", "dip", "keel", "lift", "floor", "depth_share"})
FAINT: tuple[float, float] = (0.2, 0.1)
"""The same for numbers that change heights and no outline."""
NAMED = frozenset({"weave"})
"""Numbers that only name a design."""
PLACING = frozenset(LayerBase.model_fields)


def hand_of(seed: int, offset: int) -> int:
    """Which hand a seed takes; ``offset`` is the prompt's own."""
    return (seed * STEP + offset) % ROUND


LEADING = ("design", "form", "kind")
"""Choices by which other fields are drawn or not: fields are weighed for each value of the first that a family has."""


def leading(layer: LayerBase) -> str:
    """The design of a layer, as fields are weighed for it: ``field=value``, empty for a family that has but one."""
    name = next((name for name in LEADING if name in type(layer).model_fields), None)
    return "" if name is None else f"{name}={getattr(layer, name)}"


@cache
def weights_of(family: str, design: str = "") -> Mapping[str, tuple[float, float]]:
    """What a field's differences weigh and the most they weigh, as measured on drawings (``train_dealing.py``).

    Of a ``design``, where its own were measured, else of all of the family's together.
    """
    table = json.loads(files(__package__).joinpath("dealing.json").read_text("utf-8"))
    own = {**table.get(family, {}), **table.get(f"{family} {design}", {})}
    return {name: (float(weight), float(most)) for name, (weight, most) in own.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: float) -> float:
    return math.log2(max(abs(value), 1e-2))


def differences(name: str, a: Any, b: Any) -> float:
    """Difference of two values of a field: of logarithms to base 2 for numbers, 0 or 1 for choices."""
    if name not in NAMED and _is_number(a) and _is_number(b):
        return abs(_number(a) - _number(b)) + (0.0 if a * b >= 0.0 else 1.0)
    return float(a != b)


def features(layers: Sequence[LayerBase]) -> tuple[Array, Array, Array]:
    """(layers, fields) numbers of some layers of one family, and as many weights and most of each.

    Choices become numbers that are one apart or more; noise its amplitude.
    """
    # What a motif's name says already need not be compared point by point.
    dumps = [layer.model_dump(exclude={*PLACING, "outlines"}) for layer in layers]
    designs = [leading(layer) for layer in layers]
    known = {design: weights_of(layers[0].family, design) for design in dict.fromkeys(designs)}
    columns: list[Array] = []
    weights: list[dict[str, tuple[float, float]]] = []
    for name in dumps[0]:
        values = [dump[name] for dump in dumps]
        if name not in NAMED and all(map(_is_number, values)):
            columns.append(np.array([_number(v) + (0.0 if v >= 0.0 else 20.0) for v in values]))
            usual = COUNTED if all(isinstance(v, int) for v in values) else NUMBERED
            usual = FAINT if name in FLAT else usual
        elif all(isinstance(v, tuple) and all(map(_is_number, v)) for v in values):
            columns.append(np.array([max((abs(float(x)) for x in v), default=0.0) for v in values]))
            usual = NOISE
        else:
            numbers = {key: float(k) for k, key in enumerate(sorted({repr(v) for v in values}))}
            columns.append(np.array([numbers[repr(v)] for v in values]))
            # However far apart in the alphabet, two choices differ by one; turned over a design is hardly another.
            alone = name == "frieze" and all(dump.get("repeats") == 1 for dump in dumps)  # nothing follows it
            usual = (0.0, 0.0) if alone or name == "side" else CHOSEN
            most = {
                design: usual[1] if alone or name not in own else own[name][1] / 1.5 for design, own in known.items()
            }
            weights.append({design: (100.0, most[design]) for design in known})
            continue
        weights.append({design: own.get(name, usual) for design, own in known.items()})
    table = np.array([[column[design] for column in weights] for design in designs])
    return np.column_stack(columns), table[:, :, 0], table[:, :, 1]


def apart(table: Array, weights: Array, most: Array, k: int) -> Array:
    """(layers,) how far all layers are from number ``k``; of two designs, a field tells what it tells of both."""
    parts = np.minimum(np.abs(table - table[k]) * np.minimum(weights, weights[k]), np.minimum(most, most[k]))
    return np.asarray(parts.sum(axis=1))


def hands(
    layers: Sequence[LayerBase], count: int, least: float = 1e-6, taken: Sequence[LayerBase] = ()
) -> list[list[int]]:
    """Numbers of the layers of ``count`` hands, each middle first; fewer where all others are nearer than ``least``.

    What is near to layers that others have ``taken`` is not dealt again, as far as there is something else.
    """
    table, weights, most = features([*layers, *taken])
    n = len(layers)
    nearest = np.full(n, np.inf)
    for k in range(n, len(table)):
        nearest = np.minimum(nearest, apart(table, weights, most, k)[:n])
    # Of hands among themselves only: a layer belongs to the hand that it is nearest to.
    own_nearest = np.full(n, np.inf)
    owner = np.zeros(n, dtype=np.int64)
    middles: list[int] = []
    k = int(np.argmax(np.round(nearest, 6))) if taken else 0
    while len(middles) < count and (nearest[k] >= least or not middles):
        distance = apart(table, weights, most, k)[:n]
        closer = distance < own_nearest
        owner[closer] = len(middles)
        own_nearest[closer] = distance[closer]
        nearest = np.minimum(nearest, distance)
        middles.append(k)
        k = int(np.argmax(np.round(nearest, 6)))
    dealt: list[list[int]] = []
    for number, middle in enumerate(middles):
        distance = np.round(apart(table, weights, most, middle)[:n], 6)
        near = NEAR * min((distance[k] for k in middles if k != middle), default=np.inf)
        own = np.nonzero((owner == number) & (distance <= near))[0]
        dealt.append([int(own[o]) for o in np.argsort(distance[own], kind="stable")])
    return dealt


def shares(gains: Mapping[Any, float], count: int) -> dict[Any, int]:
    """How many of ``count`` hands each form has, by the logarithms of their chances; largest remainders first."""
    top = max(gains.values())
    chances = {key: math.exp(gain - top) for key, gain in gains.items()}
    total = sum(chances.values())
    exact = {key: count * chance / total for key, chance in chances.items()}
    found = {key: int(value) for key, value in exact.items()}
    rest = sorted(exact, key=lambda key: (-round(exact[key] - found[key], 9), repr(key)))
    for key in rest[: count - sum(found.values())]:
        found[key] += 1
    return found


def _dealt_to(
    counts: Mapping[Any, int], groups: Mapping[Any, list[int]], layers: Sequence[LayerBase], least: float
) -> dict[Any, list[list[int]]]:
    """Hands of each form, numbers of its own layers: forms that look alike are not dealt the same design twice."""
    found: dict[Any, list[list[int]]] = {}
    taken: list[LayerBase] = []
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], repr(item[0]))):
        if count:
            own = [layers[k] for k in groups[key]]
            found[key] = hands(own, count, least, taken)
            taken += [own[hand[0]] for hand in found[key]]
    return found


def deal(
    layers: Sequence[LayerBase], kind: Callable[[LayerBase], Any], gain: Callable[[LayerBase], float]
) -> list[list[int]]:
    """Hands of a round: numbers of layers, those of one kind side by side.

    ``kind`` is what words choose, ``gain`` how much likelier they make it, as a logarithm.
    """
    groups: dict[Any, list[int]] = {}
    for k, layer in enumerate(layers):
        groups.setdefault(kind(layer), []).append(k)
    gains = {key: gain(layers[own[0]]) for key, own in groups.items()}
    wanted = shares(gains, ROUND)
    found: dict[Any, list[list[int]]] = {}
    for _ in range(PASSES):
        found = _dealt_to(wanted, groups, layers, ALIKE)
        left = ROUND - sum(len(own) for own in found.values())
        free = {
            key: gains[key]
            for key in groups
            if len(found.get(key, ())) == wanted[key] and gains[key] >= max(gains.values()) - math.log(LIKELY)
        }
        if not left or not free:
            break
        # A form that has no more designs that differ leaves its hands to forms that are nearly as likely.
        more = shares(free, left)
        wanted = {key: len(found.get(key, ())) + more.get(key, 0) for key in groups}
    left = ROUND - sum(len(own) for own in found.values())
    if left:
        # Rather designs that differ little than the same ones.
        more = shares({key: gains[key] for key, own in found.items() if own}, left)
        counts = {key: len(own) + more.get(key, 0) for key, own in found.items()}
        found = _dealt_to(counts, groups, layers, 1e-6)
    dealt = [
        [groups[key][k] for k in hand]
        for key, own in sorted(found.items(), key=lambda item: repr(item[0]))
        for hand in own
    ]
    # Fewer designs than hands: they go round.
    return [dealt[n % len(dealt)] for n in range(ROUND)]
