"""Leaves and ears as figures: acanthus, fern, wheat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.layout import (
    Room,
)
from ringcad.generators.ornament.plates import Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite, Share
from ringcad.generators.ornament.shapes import (
    almond,
    on_band,
    plume,
    simple_leaf,
    spear,
    spline,
    tapered,
    volute,
)

Rng = np.random.Generator

# ---------------------------------------------------------------- acanthus


class AcanthusLayer(FigureLayer):
    """Acanthus leaves: deep lobes swept to the tip, pipes between them, volutes at the foot."""

    family: Literal["acanthus"] = "acanthus"
    lobes: Count = 3
    cut: Share = 0.4
    scrolls: bool = True


def _acanthus_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    return {
        "lobes": 2 if d < 8.5 else 3 if d < 16.0 else 4,
        "cut": round(float(rng.uniform(0.4, 0.54)), 3),
        "scrolls": bool(d > 12.0 and rng.random() < 0.6),
    }


def _acanthus(layer: AcanthusLayer, size: float, room: Room, k: int) -> list[Drawable]:
    n, low = layer.lobes, -0.5
    wide = 0.43 if not layer.scrolls else 0.4
    least = 1.15 * room.stroke / size
    lobes: list[Drawable] = []
    for j in range(n):
        # From the top downwards: every pair lies over the one above it, its tips roll outwards.
        x = (j + 0.5) / n
        reach = wide * (0.78 + 0.22 * min(1.5 * x, 1.0))
        foot, top = -0.16 - 0.34 * x, 0.44 - 0.56 * x
        for s in (-1.0, 1.0):
            axis = [
                (0.0, foot),
                (s * 0.3 * reach, foot + 0.5 * (top - foot)),
                (s * 0.68 * reach, top),
                (s * reach, top - 0.04 - 0.16 * layer.cut),
            ]
            lobes.append(_tongue(axis, max(0.4 / n + 0.05, least), size, room, plume))
    # A slim leaf with a midrib runs over all of them from foot to tip.
    lobes.append(_tongue([(0.0, low), (0.0, 0.0), (0.0, 0.5)], max(0.26, 1.5 * least), size, room, spear))
    out: list[Drawable] = []
    if layer.scrolls:
        r = max(0.54 * room.stroke, 0.05 * size)
        for s in (-1.0, 1.0):
            curl = volute(0.12 * size, 0.035 * size, 0.85, -90.0, 1)
            path = np.vstack([[(-0.2 * size, -0.12 * size)], curl]) + np.array([0.24 * size, 0.0])
            path = path * [s, -1.0] + [0.0, (-low - 0.13) * size]
            out += [tapered(path, r, 0.52 * room.stroke), Bead(float(path[-1, 0]), float(path[-1, 1]), 1.25 * r)]
    return [*out, Stack(tuple(lobes), min(1.5 * room.gap, 0.14 * size), 0.44)]


def _tongue(
    points: list[tuple[float, float]], width: float, size: float, room: Room, shape: Callable[[Array], Array]
) -> Plate:
    """A lobe of a leaf through points in figure coordinates, in a given envelope."""
    return simple_leaf(on_band(spline(points, samples=10), size), width * size, room, 0.34, shape)


ACANTHUS = Figure(
    "acanthus",
    AcanthusLayer,
    _acanthus,
    _acanthus_own,
    lambda own: 0.86,
    least=4.2,
    best_mm=4.4,
    air=0.03,
    friezes=("repeat", "repeat", "glide"),
    lies=None,
    between=("none", "ball"),
    kin=("laurel",),
)

# ---------------------------------------------------------------- fern


class FernLayer(FigureLayer):
    """Fronds along the band: leaflets in pairs that grow shorter towards a curled tip."""

    family: Literal["fern"] = "fern"
    pairs: Count = 7
    bow: Finite = 0.1
    curled: bool = True


def _fern_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    # Leaflets stand aslant, so their spacing along the stalk is larger than across them.
    pitch = (1.04 * room.stroke + 1.2 * room.gap) / 0.8
    pairs = int(np.clip(0.86 * size / pitch, 3, 14))
    return {"pairs": pairs, "bow": round(0.08 * float(rng.uniform(-1, 1)), 4), "curled": bool(rng.random() < 0.6)}


def _fern(layer: FernLayer, size: float, room: Room, k: int) -> list[Drawable]:
    n, r = layer.pairs, 0.52 * room.stroke
    axis = spline(
        np.array([(0.0, -0.5), (0.5 * layer.bow, -0.2), (layer.bow, 0.12), (0.4 * layer.bow, 0.42)]) * [size, -size]
    )
    out: list[Drawable] = [tapered(axis, 1.15 * r, r)]
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(axis, axis=0).T))))
    step = 0.86 * s[-1] / n
    width = max(room.stroke, min(step * 0.8 - 1.16 * room.gap, 0.9))
    for j in range(n):
        at = 0.1 * s[-1] + (j + 0.3) * step
        share = at / s[-1]
        long = 0.29 * size * min(1.0, 0.66 + 1.4 * share) * (1.0 - share**2.4)
        p = np.array([np.interp(at, s, axis[:, 0]), np.interp(at, s, axis[:, 1])])
        q = np.array([np.interp(at + 0.05, s, axis[:, 0]), np.interp(at + 0.05, s, axis[:, 1])]) - p
        heading = float(np.degrees(np.arctan2(q[1], q[0])))
        if long < 1.3 * room.stroke:
            continue
        for side in (-1.0, 1.0):
            a = np.deg2rad(heading + side * 58.0)
            b = np.deg2rad(heading + side * 40.0)
            middle = p + 0.55 * long * np.array([np.cos(a), np.sin(a)])
            tip = middle + 0.5 * long * np.array([np.cos(b), np.sin(b)])
            out.append(simple_leaf(spline(np.array([p, middle, tip]), samples=8), width, room, 0.35, almond))
    if layer.curled:
        curl = volute(0.085 * size, 0.5 * room.stroke, 0.75, 180.0, 1) if size > 9.0 * room.stroke else None
        end = axis[-1]
        if curl is not None:
            path = curl * [1.0, 1.0] + end + [0.085 * size, 0.0]
            out += [tapered(path, r, r), Bead(float(path[-1, 0]), float(path[-1, 1]), 1.3 * r)]
            return out
    out.append(simple_leaf(np.array([axis[-2], axis[-1] + [0.0, -0.07 * size]]), room.stroke * 1.2, room, 0.0))
    return out


FERN = Figure(
    "fern",
    FernLayer,
    _fern,
    _fern_own,
    lambda own: 0.42,
    least=8.0,
    best_mm=9.0,
    friezes=("repeat", "glide", "mirror"),
    lies=True,
    between=("none", "ball"),
    start="round",
    finish="pointed",
    kin=("laurel",),
)

# ---------------------------------------------------------------- wheat


class WheatLayer(FigureLayer):
    """Ears of wheat along the band: grains in overlapping pairs, awns, a stalk."""

    family: Literal["wheat"] = "wheat"
    pairs: Count = 4
    awns: bool = True


def _wheat_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    pitch = max(0.06 * size + 0.22, 1.5 * room.stroke)
    pairs = int(np.clip(0.56 * size / pitch, 2, 8))
    return {"pairs": pairs, "awns": bool(size > 9.0 * room.stroke and rng.random() < 0.8)}


def _wheat(layer: WheatLayer, size: float, room: Room, k: int) -> list[Drawable]:
    n, r = layer.pairs, 0.52 * room.stroke
    foot, head = (-0.27, 0.32) if not layer.awns else (-0.27, 0.28)
    pitch = (head - foot) * size / n
    long, wide = max(2.2 * pitch, 0.2 * size), max(1.1 * room.stroke, 1.1 * pitch)

    def kernel(y: float, side: float) -> Plate:
        # Grains grow a little smaller towards the tip of the ear.
        less = 1.0 - 0.28 * np.clip((y / size - foot) / (head - foot), 0.0, 1.0)
        reach = long * less
        ends = np.array([(0.0, y), (side * 0.37 * reach, y + 0.34 * reach), (side * 0.58 * reach, y + 0.95 * reach)])
        broad = max(1.06 * room.stroke, wide * less)
        return simple_leaf(spline(ends if side else ends[[0, 2]]) * [1.0, -1.0], broad, room, 0.35)

    stalk = tapered(on_band(spline([(0.04, -0.5), (0.0, -0.3), (0.0, head)]), size), r, r)
    grains: list[Drawable] = [stalk]
    for j in range(n):
        y = foot * size + j * pitch
        grains += [kernel(y, -1.0), kernel(y, 1.0)]
    grains.append(kernel(head * size - 0.3 * pitch, 0.0))
    out: list[Drawable] = []
    if layer.awns:
        out += [Stroke(on_band([(0.4 * x, 0.26), (0.8 * x, 0.38), (x, 0.5)], size), r, 0.8) for x in (-0.13, 0.0, 0.13)]
    return [*out, Stack(tuple(grains), 1.6 * room.gap, 0.5)]


WHEAT = Figure(
    "wheat",
    WheatLayer,
    _wheat,
    _wheat_own,
    lambda own: 0.46,
    least=9.0,
    best_mm=7.0,
    friezes=("repeat", "repeat", "turn"),
    lies=True,
    between=("none", "ball"),
    start="round",
    finish="pointed",
    kin=("laurel",),
)

FAMILIES: tuple[Family[Any], ...] = tuple(figure.family() for figure in (ACANTHUS, FERN, WHEAT))
