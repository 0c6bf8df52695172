"""Proposals of a family dealt out to seeds: every seed of a round has a hand of its own, unlike all the others.

A family proposes many layers, the same for all seeds of a round. Hands are the cells around layers that lie as far
from each other as they can (farthest point first, Gonzalez 1985), so that two seeds never choose among the same
designs; what the words say of forms decides how many hands a form has. Seeds take hands in steps of about the golden
section, so that neighbouring seeds lie far apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.schema import LayerBase

Array = NDArray[np.float64]
ROUND = 40
"""Seeds of a round, and hands that are dealt in it."""
STEP = 23
"""Hands from one seed to the next: prime to the round, and near the golden section of it."""
COUNTED = 5.0
"""What a doubled count weighs, up to 1: one more repeat moves every figure of a band."""
MEASURED = 1.2
"""What a doubled measure weighs, up to ``MOST_MEASURED``."""
MOST_MEASURED = 0.8
ALIKE = 0.3
"""Designs that are nearer than this are one."""
LIKELY = 6.0
"""Forms that are less likely than the likeliest by more than this factor take over no hands of others."""
PASSES = 4
CHOSEN: Mapping[str, float] = {"form": 1.6, "side": 0.1, "frieze": 0.9, "between": 0.7, "vein": 0.2}
"""What another choice weighs, where it is not 1. A design turned over is hardly another one."""
FAINT = frozenset({"vein", "dip", "keel", "lift", "floor", "depth_share"})
"""Measures that change heights and no outline: they weigh a fifth."""
PLACING = frozenset(LayerBase.model_fields)


def hand_of(seed: int, offset: int) -> int:
    """Which hand a seed takes; ``offset`` is the prompt's own."""
    return (seed * STEP + offset) % ROUND


def features(layers: Sequence[LayerBase]) -> tuple[Array, Array, Array]:
    """(layers, fields) numbers of some layers of one family, and for each field its weight and its most.

    Choices become numbers that are far apart, numbers their logarithms to base 2; noise its amplitude.
    """
    dumps = [layer.model_dump(exclude=set(PLACING)) for layer in layers]
    columns: list[Array] = []
    weights: list[float] = []
    most: list[float] = []
    for name in dumps[0]:
        values = [dump[name] for dump in dumps]
        if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values) and name != "side":
            whole = all(isinstance(v, int) for v in values)
            columns.append(np.array([math.log2(max(abs(float(v)), 1e-2)) for v in values]))
            faint = 0.2 if name in FAINT else 1.0
            weights.append(faint * (COUNTED if whole else MEASURED))
            most.append(faint * (1.0 if whole else MOST_MEASURED))
            continue
        if all(isinstance(v, tuple) and all(isinstance(x, (int, float)) for x in v) for v in values):
            columns.append(np.array([max((abs(float(x)) for x in v), default=0.0) for v in values]))
            weights.append(0.02)
            most.append(0.2)
            continue
        known = {key: 100.0 * k for k, key in enumerate(sorted({repr(v) for v in values}))}
        columns.append(np.array([known[repr(v)] for v in values]))
        weights.append(1.0)
        most.append(CHOSEN.get(name, 1.0))
    return np.column_stack(columns), np.array(weights), np.array(most)


def apart(table: Array, weights: Array, most: Array, k: int) -> Array:
    """(layers,) how far all layers are from number ``k``."""
    return np.asarray(np.minimum(np.abs(table - table[k]) * weights, most).sum(axis=1))


def hands(layers: Sequence[LayerBase], count: int, least: float = 1e-6) -> list[list[int]]:
    """Numbers of the layers of ``count`` hands, each middle first; fewer where all others are nearer than ``least``."""
    table, weights, most = features(layers)
    nearest = np.full(len(layers), np.inf)
    owner = np.zeros(len(layers), dtype=np.int64)
    middles: list[int] = []
    k = 0
    while len(middles) < count:
        distance = apart(table, weights, most, k)
        closer = distance < nearest
        owner[closer] = len(middles)
        nearest[closer] = distance[closer]
        middles.append(k)
        k = int(np.argmax(np.round(nearest, 6)))
        if nearest[k] < least:
            break
    dealt: list[list[int]] = []
    for number, middle in enumerate(middles):
        own = np.nonzero(owner == number)[0]
        order = np.argsort(np.round(apart(table, weights, most, middle)[own], 6), kind="stable")
        dealt.append([int(own[o]) for o in order])
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
        found = {key: hands([layers[k] for k in groups[key]], n, ALIKE) for key, n in wanted.items() if n}
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
    dealt = [
        [groups[key][k] for k in hand]
        for key, own in sorted(found.items(), key=lambda item: repr(item[0]))
        for hand in own
    ]
    # Fewer designs than hands: they go round.
    return [dealt[n % len(dealt)] for n in range(ROUND)]
