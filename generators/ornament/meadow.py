"""Of the meadow: ears of wheat and barley, fern fronds, thistles."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament import leaves
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.blooms import Bloom, BloomLayer
from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Stroke
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.foliage import Plant
from ringcad.generators.ornament.layout import Room, bezier
from ringcad.generators.ornament.plates import Groove, Laid, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite
from ringcad.generators.ornament.shapes import (
    axis_frame,
    mirrored,
    on_band,
    simple_leaf,
    spear,
    spline,
    tapered,
    volute,
)

Rng = np.random.Generator

# ---------------------------------------------------------------- wheat


class WheatLayer(FigureLayer):
    """Ears along the band: plump grains in pairs that overlap, awns, a stalk with a blade."""

    family: Literal["wheat"] = "wheat"
    kind: Literal["wheat", "barley", "rye"] = "wheat"
    """Awns at the tip; long awns from the upper grains; a slim ear of many grains."""
    awns: bool = True
    pairs: Count = 4
    bow: Finite = 0.0
    blade: bool = True
    """Whether a leaf stands at the stalk."""


_EAR_ASPECT = 0.46
"""Height of an ear, which lies along the band, over its length."""


def _wheat_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    kinds: tuple[Literal["wheat", "barley", "rye"], ...] = ("wheat", "wheat", "barley", "rye")
    kind = kinds[int(rng.integers(4))]
    if kind == "barley" and _EAR_ASPECT * size < 8.5 * room.stroke:
        # Its awns would be as thick as its grains.
        kind = "rye"
    long = {"wheat": 0.54, "barley": 0.42, "rye": 0.62}[kind] * size
    pitch = max((0.13 + 0.03 * float(rng.uniform(-1, 1))) * 0.4 * size * 2.4, 1.55 * room.stroke)
    if kind == "rye":
        pitch = max(0.8 * pitch, 1.45 * room.stroke)
    return {
        "kind": kind,
        "awns": kind == "barley" or (kind == "wheat" and bool(rng.random() < 0.7)),
        "pairs": int(np.clip(round(long / pitch), 2, 12)),
        "bow": round(0.05 * float(rng.uniform(-1, 1)), 4),
        "blade": bool(rng.random() < 0.65),
    }


def _grain(long: float, wide: float, room: Room) -> Plate:
    """A plump grain along +x, pointed, with a crease where it is broad enough for one."""

    def half(t: Array) -> Array:
        rise = np.sin(0.5 * np.pi * np.clip(t / 0.36, 0.0, 1.0)) ** 0.8
        return np.asarray(
            np.where(t < 0.36, 0.3 + 0.7 * rise, np.cos(0.5 * np.pi * np.clip((t - 0.36) / 0.64, 0, 1)) ** 0.9)
        )

    return leaves.even_leaf(long, room, half, max(wide, 1.05 * room.stroke), 0.0, 0.36)


def _wheat(layer: WheatLayer, size: float, room: Room, k: int) -> list[Drawable]:
    r, tall, n = 0.52 * room.stroke, _EAR_ASPECT * size, layer.pairs
    foot, head = {"wheat": (-0.34, 0.28), "barley": (-0.34, 0.14), "rye": (-0.34, 0.38)}[layer.kind]
    b = layer.bow * size
    axis = spline(np.array([(-0.5, 0.0), (-0.26, 0.5 * b / size), (0.1, b / size), (0.5, 0.0)]) * size, samples=14)
    slim = 0.84 if layer.kind == "rye" else 1.0
    pitch = (head - foot) / n
    long = max(0.66 * slim * tall, 1.5 * pitch * size, 2.0 * room.stroke)
    wide = min(max(0.34 * slim * tall, 1.1 * room.stroke), 0.6 * long)
    lean = float(np.rad2deg(np.arcsin(np.clip((0.5 * slim * tall - 0.14 * wide) / long, 0.2, 0.76))))
    grains: list[Drawable] = []
    awns: list[Drawable] = []

    def at(share: float) -> tuple[Array, float]:
        p, way, _ = axis_frame(axis, np.array([share]))
        return p[0], float(np.degrees(np.arctan2(way[0, 1], way[0, 0])))

    for j in range(n - 1, -1, -1):
        x = foot + (j + 0.1) * pitch
        less = (1.0 - 0.3 * (j / max(n, 1)) ** 2) * (0.84 if j == 0 else 1.0)
        p, heading = at(x + 0.5)
        for s in (-1.0, 1.0):
            place = Placement(float(p[0]), float(p[1]), heading + s * lean, s > 0)
            grains.append(_grain(less * long, less * wide, room).moved(place))
            if layer.kind == "barley" and j >= n - 2:
                tip = place.points(np.array([[0.8 * less * long, 0.0]]))[0]
                end = np.array([0.5 * size - 0.3 * r, s * (0.34 if j == n - 2 else 0.13) * tall])
                awns.append(
                    tapered(bezier(tip, 0.5 * (tip + end) + [0.0, s * 0.04 * tall], end, 10), r, r, height=0.86)
                )
    p, heading = at(head - 0.3 * pitch + 0.5)
    grains.insert(0, _grain(0.9 * long, 0.9 * wide, room).moved(Placement(float(p[0]), float(p[1]), heading)))
    if layer.awns:
        tip, _ = at(head + 0.5)
        spread = (0.0,) if tall < 6.0 * room.stroke and layer.kind == "barley" else (-0.3, 0.0, 0.3)
        if tall < 2.2 * (room.stroke + room.gap):
            spread = (0.0,)
        for y in spread if layer.kind == "wheat" else (0.0,):
            end = np.array([0.5 * size - r, y * tall])
            knee = [0.5 * (tip[0] + end[0]), 0.3 * end[1] + 0.5 * tip[1]]
            awns.append(tapered(bezier(tip, knee, end, 10), r, r, height=0.86))
    stalk, _, _ = axis_frame(axis, np.linspace(0.0, head + 0.5, 30))
    out: list[Drawable] = [*awns, Stack((tapered(stalk, 1.1 * r, r), *grains), 1.5 * room.gap, 0.48)]
    if layer.blade and size > 10.0 * room.stroke:
        s = 1.0 if (layer.bow >= 0.0) == (k % 2 == 0) else -1.0
        line = spline(
            np.array([(-0.46, 0.0), (-0.38, s * 0.09), (-0.28, s * 0.155), (-0.2, s * 0.14)]) * size, samples=8
        )
        out.append(Laid(simple_leaf(line, 1.25 * room.stroke, room, 0.0, spear), 1.2 * room.gap, 0.4))
    # Drawn along +x; a figure that lies has its top towards +x when it is turned by a quarter.
    return [part.moved(Placement(turn_deg=-90.0)) for part in out]


WHEAT = Figure(
    "wheat",
    WheatLayer,
    _wheat,
    _wheat_own,
    lambda own: _EAR_ASPECT,
    least=8.0,
    best_mm=7.0,
    varies=0.2,
    friezes=("repeat", "mirror", "turn", "glide"),
    lies=True,
    between=("none", "ball"),
    start="round",
    finish="pointed",
    kin=("laurel",),
)

# ---------------------------------------------------------------- fern


class FernLayer(FigureLayer):
    """Fronds along the band: leaflets in pairs that overlap, shorter towards a tip that may roll in."""

    family: Literal["fern"] = "fern"
    kind: Literal["frond", "palm"] = "frond"
    """A triangle of leaflets, or leaflets of one length that droop."""
    pairs: Count = 7
    bow: Finite = 0.1
    curled: bool = True
    lean_deg: Finite = 56.0


_FROND_ASPECT = 0.5


def _fern_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    lean = float(rng.uniform(46.0, 66.0))
    # Leaflets touch, and the valleys between them are as wide as can be cast.
    pitch = max((1.02 * room.stroke + 0.5 * room.gap) / float(np.sin(np.deg2rad(lean - 6.0))), 0.05 * size)
    pitch *= 1.0 + 0.14 * float(rng.random())
    return {
        "kind": "frond" if rng.random() < 0.65 else "palm",
        "pairs": int(np.clip(round(0.8 * size / pitch), 3, 22)),
        "bow": round(0.07 * float(rng.uniform(-1, 1)), 4),
        "curled": bool(rng.random() < 0.5 and _FROND_ASPECT * size > 6.0 * room.stroke),
        "lean_deg": round(lean, 2),
    }


def _fern(layer: FernLayer, size: float, room: Room, k: int) -> list[Drawable]:
    n, r, tall, b = layer.pairs, 0.52 * room.stroke, _FROND_ASPECT * size, layer.bow
    stop = 0.5 if not layer.curled else 0.5 - 0.5 * 0.3 * _FROND_ASPECT
    axis = spline(np.array([(-0.5, 0.0), (-0.2, 0.6 * b), (0.12, b), (stop, 0.0)]) * size, samples=14)
    start, end = 0.12, 0.94
    step = (end - start) / n
    leaflets: list[Drawable] = []
    for j in range(n - 1, -1, -1):
        t = start + (j + 0.2) * step
        x = (t - start) / (end - start)
        p, way, _ = axis_frame(axis, np.array([t]))
        heading = float(np.degrees(np.arctan2(way[0, 1], way[0, 0])))
        if layer.kind == "frond":
            shape = min(1.0, 0.62 + 2.2 * x) * (1.0 - x) ** 0.72
            lean = layer.lean_deg - 12.0 * x
        else:
            shape = min(1.0, 0.5 + 1.6 * x) * (1.0 - x**3) ** 0.6
            lean = layer.lean_deg - 6.0 - 22.0 * x
        long = 0.57 * tall * shape / float(np.sin(np.deg2rad(lean)))
        if long < 1.5 * room.stroke:
            continue
        wide = max(1.0 * step * size * float(np.sin(np.deg2rad(lean))), 1.06 * room.stroke)
        for s in (-1.0, 1.0):
            place = Placement(float(p[0, 0]), float(p[0, 1]), heading + s * lean, s > 0)
            leaflets.append(leaves.even_leaf(long, room, _leaflet, wide, -0.06, 0.0).moved(place))
    rib, _, _ = axis_frame(axis, np.linspace(0.0, 1.0, 40))
    out: list[Drawable] = [*leaflets, tapered(rib, 1.15 * r, r)]
    if layer.curled:
        radius = 0.5 * (0.5 - stop) * size
        radius = max(radius, 1.5 * room.stroke + 0.5 * room.gap)
        curl = volute(radius, max(0.4 * radius, 1.05 * r), 0.85, 90.0, -1) + rib[-1] + np.array([0.0, -radius])
        out += [tapered(curl, r, r), Bead(float(curl[-1, 0]), float(curl[-1, 1]), 1.3 * r)]
    else:
        tip = leaves.even_leaf(max(0.09 * size, 2.0 * room.stroke), room, _leaflet, 1.2 * room.stroke, 0.0, 0.0)
        out.append(tip.moved(Placement(float(rib[-2, 0]) - 0.06 * size, float(rib[-2, 1]), 0.0)))
    return [Stack(tuple(out), 0.9 * room.gap, 0.36).moved(Placement(turn_deg=-90.0))]


def _leaflet(t: Array) -> Array:
    """Envelope of a leaflet: full from its foot, round at its tip."""
    return np.asarray((0.8 + 0.2 * np.sin(np.pi * np.clip(t / 0.9, 0, 1))) * np.sqrt(np.clip(1.0 - t**4, 0.0, 1.0)))


FERN = Figure(
    "fern",
    FernLayer,
    _fern,
    _fern_own,
    lambda own: _FROND_ASPECT,
    least=8.0,
    best_mm=7.5,
    varies=0.25,
    friezes=("repeat", "glide", "mirror", "turn"),
    lies=True,
    between=("none", "ball"),
    start="round",
    finish="pointed",
    kin=("laurel",),
)

# ---------------------------------------------------------------- thistle


class ThistleLayer(BloomLayer):
    """Thistles: a scaled bulb under a crown of florets, with spiny leaves; upright or on a stem."""

    family: Literal["thistle"] = "thistle"
    florets: Count = 5
    leaves: bool = True
    slim: Finite = 0.0


def _thistle_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    florets = int(np.clip(round(0.72 * size / (1.25 * room.stroke)), 3, 8))
    leafy = size / room.stroke > 8.0 and wish.leaf != "none" and rng.random() < 0.75
    return {"florets": florets, "leaves": bool(leafy), "slim": round(float(rng.uniform(-1, 1)), 3)}


def _thistle_head(layer: ThistleLayer, size: float, room: Room, low: float, high: float) -> list[Drawable]:
    """Bulb and crown between two heights of the figure: the crown flares from the neck to twice its breadth."""
    n, span = layer.florets, high - low
    neck, belly = low + 0.46 * span, (0.3 - 0.03 * layer.slim) * min(span + 0.1, 1.0)
    flare = (0.42 + 0.04 * layer.slim) * min(span + 0.1, 1.0)
    small = size * span < 7.0 * room.stroke
    if small:
        # Too small for single florets: a fan with furrows.
        n = 4 if size * span > 4.6 * room.stroke else 3
        belly, neck = 0.86 * belly, low + 0.5 * span
    florets: list[Drawable] = [] if not small else [_fan_of_florets(n, 1.02 * flare, neck, high, belly, size, room)]
    broad = max(2.1 * flare * size / n * 1.12, 1.1 * room.stroke)
    # The outer ones lie under the inner ones.
    for j in sorted(range(0 if small else n), key=lambda j: -abs(j - 0.5 * (n - 1))):
        x = 2.0 * (j - 0.5 * (n - 1)) / max(n - 1, 1)
        tip = np.array([flare * x, high - 0.1 * span * x * x])
        foot = np.array([0.3 * belly * x, neck - 0.12 * span])
        knee = 0.5 * (foot + tip) + np.array([-0.06 * x, 0.0])
        florets.append(
            simple_leaf(on_band(spline(np.array([foot, knee, tip]), samples=8), size), broad, room, 0.0, _floret)
        )
    bulb = mirrored(
        [
            (0.0, low + 0.58 * span),
            (0.55 * belly, low + 0.55 * span),
            (belly, low + 0.3 * span),
            (0.66 * belly, low + 0.07 * span),
            (0.2 * belly, low),
            (0.0, low - 0.01),
        ]
    )
    scales: list[Groove] = []
    if belly * size > 1.2 * room.stroke:
        for s in (-1.0, 1.0):
            scales += [
                Groove(
                    on_band(np.array([(s * x, low + 0.56 * span), (-s * y, low + 0.02)]), size), 0.9 * room.gap, 0.34
                )
                for x, y in ((0.72 * belly, 0.3 * belly),)
            ]
    if belly * size > 3.2 * room.stroke:
        for s in (-1.0, 1.0):
            ends = np.array([(s * 0.1 * belly, low + 0.57 * span), (-s * 0.72 * belly, low + 0.1 * span)])
            scales.append(Groove(on_band(ends, size), 0.9 * room.gap, 0.34))
    body = Plate((on_band(bulb, size),), 0.2, 1.0, 0.34, 0.2 * size, tuple(scales))
    return [Stack((*florets, body), 1.3 * room.gap, 0.46)]


def _fan_of_florets(n: int, flare: float, neck: float, high: float, belly: float, size: float, room: Room) -> Plate:
    """A crown in one piece: teeth along its top, furrows between them."""
    x = np.linspace(-1.0, 1.0, 2 * n + 1)
    drop = np.where(np.arange(2 * n + 1) % 2 == 1, 0.0, 0.1) + 0.05 * x * x
    top = np.column_stack([flare * x, high - drop * (high - neck) * 2.0])
    outline = np.vstack([top[::-1], [(-0.5 * belly, neck - 0.06), (0.5 * belly, neck - 0.06)]])
    grooves = tuple(
        Groove(on_band(np.array([top[j], (0.3 * top[j, 0], neck)]), size), 0.9 * room.gap, 0.42)
        for j in range(2, 2 * n, 2)
    )
    return Plate((on_band(outline, size),), min(0.2, 0.12 * size), 1.0, 0.2, 0.2 * size, grooves)


def _floret(t: Array) -> Array:
    """Envelope of a floret: slim at its foot, broadest near its pointed tip."""
    t = np.clip(np.asarray(t), 0.0, 1.0)
    return np.asarray(
        (0.45 + 0.55 * np.clip(t / 0.7, 0.0, 1.0))
        * np.sqrt(np.clip(1.0 - np.clip((t - 0.7) / 0.3, 0, 1) ** 1.6, 0.0, 1.0))
    )


def _thistle(layer: ThistleLayer, size: float, room: Room, k: int) -> list[Drawable]:
    r = 0.52 * room.stroke
    stem = on_band([(0.0, -0.18), (0.0, -0.5)], size) + np.array([[0.0, 0.0], [0.0, -r]])
    out: list[Drawable] = [Stroke(stem, r)]
    if layer.leaves:
        long = max(0.44 * size, 2.6 * room.stroke)
        for s in (-1.0, 1.0):
            angle = -90.0 + s * 58.0
            leaf = leaves.holly_leaf(long, room, 0.36)[0]
            out.append(Laid(leaf.moved(Placement(0.0, 0.46 * size, angle, s > 0)), 1.2 * room.gap, 0.4))
    low = -0.2 if layer.leaves else -0.34
    return [*out, *_thistle_head(layer, size, room, low, 0.5)]


def _thistle_face(layer: ThistleLayer, size: float, room: Room) -> list[Drawable]:
    return _thistle_head(layer, size, room, -0.5, 0.5)


THISTLE = Figure(
    "thistle",
    ThistleLayer,
    _thistle,
    _thistle_own,
    lambda own: 0.94 if own["leaves"] else 0.9,
    least=5.2,
    best_mm=4.4,
    friezes=("repeat", "repeat", "mirror"),
    between=("none", "ball", "none"),
    kin=("lily", "fan"),
)

FAMILIES = (
    WHEAT.family(),
    FERN.family(),
    Bloom(
        THISTLE,
        Plant(ThistleLayer, {"holly": leaves.holly_leaf}, {"": leaves.bud}, ("wave", "edge", "wave"), 0.6, True),
        1.5,
        face=_thistle_face,
    ).family(),
)
