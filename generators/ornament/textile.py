"""Figures of textiles and ceilings: rosettes, paisleys, damask."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.flowers import petal
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Groove, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Positive, Share
from ringcad.generators.ornament.shapes import axis_frame, disc, mirrored, on_band, plume, simple_leaf, spline

Rng = np.random.Generator

# ---------------------------------------------------------------- rosette


class RosetteLayer(FigureLayer):
    """Classical rosettes: two crowns of leaves about a button, within a fine ring of beads where it fits."""

    family: Literal["rosette"] = "rosette"
    petals: Count = 8
    beads: bool = False


def _rosette_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    most = int(np.pi * 0.7 * size / (1.1 * room.stroke))
    petals = int(np.clip(wish.petals or rng.choice([6, 8, 8, 12]), 4, max(most, 4)))
    return {"petals": petals, "beads": bool(size > 10.0 * room.stroke and rng.random() < 0.6)}


def _rosette(layer: RosetteLayer, size: float, room: Room, k: int) -> list[Drawable]:
    big, n = 0.5 * size, layer.petals
    out: list[Drawable] = []
    bead = 0.5 * room.stroke
    if layer.beads:
        around = max(8, int(2.0 * np.pi * (big - bead) / (2.04 * bead)))
        ring = disc(big - bead, n=around)
        out += [Bead(float(x), float(y), bead) for x, y in ring]
        circle = disc(big - bead, n=60)
        out.append(Stroke(np.vstack([circle, circle[:1]]), 0.9 * bead, 0.6, "flat"))
        big -= 2.0 * bead + 0.9 * room.gap
    step = 360.0 / n
    width = max(1.02 * room.stroke, 2.0 * 0.62 * big * np.sin(np.pi / n) * 1.1)
    lower: list[Drawable] = [
        petal(room, 90.0 + step * (j + 0.5), 0.2 * big, 0.98 * big, width, "pointed", 0.25) for j in range(n)
    ]
    upper: list[Drawable] = [
        petal(room, 90.0 + step * j, 0.15 * big, big if n < 7 else 0.94 * big, width, "round", 0.25, 0.35)
        for j in range(n)
    ]
    button = max(bead, 0.22 * big)
    if big < 3.2 * room.stroke:
        return [*out, Stack((*upper, Bead(0.0, 0.0, button)), min(1.5 * room.gap, 0.2 * big), 0.4)]
    inner: list[Drawable] = [
        petal(room, 90.0 + 2.0 * step * (j + 0.25), 0.1 * big, 0.56 * big, max(width, 1.1 * room.stroke), "round", 0.3)
        for j in range(n // 2)
    ]
    more = inner if big > 5.5 * room.stroke else []
    return [*out, Stack((*lower, *upper, *more, Bead(0.0, 0.0, button)), min(1.5 * room.gap, 0.2 * big), 0.4)]


ROSETTE = Figure(
    "rosette",
    RosetteLayer,
    _rosette,
    _rosette_own,
    lambda own: 1.0,
    least=4.2,
    best_mm=3.6,
    between=("ball", "none", "leaves", "balls"),
    kin=("flowers", "forget_me_not"),
)

# ---------------------------------------------------------------- paisley


class PaisleyLayer(FigureLayer):
    """Paisley drops: a curled outline about a smaller drop, scallops or beads between."""

    family: Literal["paisley"] = "paisley"
    line_mm: Positive
    filled: Literal["drop", "beads", "solid"] = "drop"


_PAISLEY = [(-0.04, -0.5), (-0.07, -0.2), (-0.1, 0.06), (-0.02, 0.3), (0.14, 0.42), (0.28, 0.36), (0.32, 0.24)]
"""Spine of a paisley: from the foot of its bulb to the tip that curls over."""
_BULB = 0.34
"""Radius of the bulb over the height."""


def _boteh(size: float, inset_mm: float, least_mm: float) -> Array:
    """Outline of a paisley, moved inwards; no part is slimmer than ``least_mm``."""
    axis = spline(_PAISLEY, samples=16) * size
    long = float(np.hypot(*np.diff(axis, axis=0).T).sum())
    bulb = _BULB * size
    s = np.linspace(inset_mm, long, 120)
    tail = np.clip((s - bulb) / (long - bulb), 0.0, 1.0)
    outer = bulb * (1.0 - tail**0.9) ** 0.75
    cap = np.sqrt(np.clip((bulb - inset_mm) ** 2 - (s - bulb) ** 2, 0.0, None))
    half = np.where(s < bulb, cap, outer - inset_mm)
    if inset_mm > 0.0:
        s, half = s[half > 0.5 * least_mm * (s > bulb)], half[half > 0.5 * least_mm * (s > bulb)]
    end = np.sqrt(np.clip((s[-1] - s) / (0.5 * least_mm), 0.0, 1.0))
    half = np.where(s > bulb, np.maximum(half, 0.5 * least_mm) * end, half)
    p, _, normal = axis_frame(axis, s / long)
    left, right = p + normal * half[:, None], p - normal * half[:, None]
    outline = np.vstack([left, right[-2:0:-1]])
    # Even steps, then smoothed: the spine's own bends leave corners in an offset line.
    closed = np.vstack([outline, outline[:1]])
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))))
    at = np.linspace(0.0, arc[-1], 160, endpoint=False)
    even = np.column_stack([np.interp(at, arc, closed[:, k]) for k in (0, 1)])
    smooth: Array = ndimage.gaussian_filter1d(even, 2.2, axis=0, mode="wrap")
    return smooth * [1.0, -1.0]


def _paisley_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    line = max(room.stroke, 0.08 * size)
    half = _BULB * size - line - room.gap
    filled = "solid"
    if half >= 0.55 * room.stroke:
        filled = "beads" if size > 8.0 * room.stroke and rng.random() < 0.3 else "drop"
    return {"line_mm": round(line, 4), "filled": filled}


def _paisley(layer: PaisleyLayer, size: float, room: Room, k: int) -> list[Drawable]:
    line, least = layer.line_mm, room.stroke
    outer = _boteh(size, 0.0, least)
    inner_half = _BULB * size - line - room.gap
    if layer.filled == "solid" or inner_half < 0.5 * least:
        spine = spline(_PAISLEY, samples=8)[6:28] * [size, -size]
        wide = min(max(1.02 * room.gap, 0.1 * size), 0.2 * size)
        groove = Groove(spine, wide, 0.42)
        return [Plate((outer,), 0.2, 1.0, 0.35, 0.3 * size, (groove,) if size > 3.4 * least else ())]
    rim = Plate((outer, _boteh(size, line, 0.6 * room.gap)), 0.18, 1.0, 0.2, line)
    out: list[Drawable] = [rim]
    low = np.array([-0.045 * size, (0.5 - _BULB) * size])
    if layer.filled == "beads":
        # A grain in the bulb within a ring of smaller ones where they fit, and one above it.
        ball = min(inner_half, 0.2 * size)
        out.append(Bead(float(low[0]), float(low[1]), ball))
        small = min(0.5 * ball, 0.08 * size)
        if small >= 0.5 * least:
            out.append(Bead(float(low[0]) - 0.04 * size, float(low[1]) - ball - room.gap - small, small))
        return out
    seed = _boteh(size, line + room.gap, 0.9 * least)
    return [*out, Plate((seed,), 0.18, 1.0, 0.35, max(inner_half, 0.2))]


PAISLEY = Figure(
    "paisley",
    PaisleyLayer,
    _paisley,
    _paisley_own,
    lambda own: 0.78,
    least=3.0,
    best_mm=3.8,
    friezes=("repeat", "turn", "mirror"),
    between=("ball", "balls", "none"),
    kin=("scroll", "heart"),
)

# ---------------------------------------------------------------- damask


class DamaskLayer(FigureLayer):
    """Damask: an ogee palmette with side leaves and a bud, repeated in half drop."""

    family: Literal["damask"] = "damask"
    leaves: Count = 2
    spread: Share = 0.5
    """How far the leaves reach out."""
    bud: Share = 0.5
    """How plump the bud is."""


def _damask_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    leaves = 1 if d < 7.0 else 2 if d < 12.0 else 3
    if leaves > 1 and rng.random() < 0.3:
        leaves -= 1
    return {"leaves": leaves, "spread": round(float(rng.random()), 3), "bud": round(float(rng.random()), 3)}


def _damask(layer: DamaskLayer, size: float, room: Room, k: int) -> list[Drawable]:
    s, b = layer.spread, layer.bud
    reach = 0.36 + 0.07 * s
    ogee = spline([(0.0, -0.5), (0.62 * reach, -0.38), (reach, -0.06), (0.6 * reach, 0.26), (0.0, 0.5)], samples=14)
    width = max(1.1 * room.stroke, 0.1 * size)
    t = np.linspace(0.0, 1.0, 60)
    # The frame swells like a leaf on either side and is pointed above.
    half = np.maximum(0.5 * width * (0.7 + 0.6 * np.sin(np.pi * t)), 0.52 * room.stroke)
    line = on_band(_even(ogee, 60), size)
    out: list[Drawable] = [Stroke(line * [side, 1.0], half) for side in (-1.0, 1.0)]
    inner = (reach * size - 0.65 * width - room.gap) / size
    if inner * size < 0.55 * room.stroke:
        return out
    leaf = max(1.05 * room.stroke / size, 0.1)
    sprays = layer.leaves > 1 and inner > leaf + (1.3 * room.stroke + room.gap) / size
    plump = min(inner if not sprays else inner - leaf - 0.8 * room.gap / size, 0.17 + 0.07 * b)
    bud = mirrored([(0.0, 0.24), (0.5 * plump, 0.12), (plump, -0.08), (0.75 * plump, -0.22), (0.0, -0.3)])
    grooves: list[Groove] = []
    if 2.0 * plump * size > 3.6 * room.stroke:
        grooves.append(Groove(on_band([(0.0, 0.14), (0.0, -0.2)], size), 1.04 * room.gap, 0.4))
    if 2.0 * plump * size > 6.5 * room.stroke:
        for side in (-1.0, 1.0):
            rib = spline([(0.1 * side * plump, 0.14), (0.55 * side * plump, -0.02), (0.4 * side * plump, -0.2)])
            grooves.append(Groove(on_band(rib, size), 1.04 * room.gap, 0.32))
    stalk = Stroke(on_band([(0.0, -0.48), (0.0, -0.2)], size), 0.52 * room.stroke)
    if sprays:
        # Two leaves spring from the stalk and roll outwards about the bud.
        turned = inner - 0.45 * leaf
        for side in (-1.0, 1.0):
            axis = spline(np.array([(0.0, -0.42), (0.5 * turned, -0.34), (turned, -0.12), (0.92 * turned, 0.08)]))
            out.append(simple_leaf(on_band(axis * [side, 1.0], size), leaf * size, room, 0.0, plume))
    heart = Plate((on_band(bud, size),), 0.2, 1.0, 0.35, plump * size, tuple(grooves))
    return [*out, Stack((stalk, heart), 1.6 * room.gap)]


def _even(line: Array, count: int) -> Array:
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    at = np.linspace(0.0, s[-1], count)
    return np.column_stack([np.interp(at, s, line[:, k]) for k in (0, 1)])


DAMASK = Figure(
    "damask",
    DamaskLayer,
    _damask,
    _damask_own,
    lambda own: 0.86 + 0.14 * own["spread"],
    least=4.6,
    best_mm=4.2,
    friezes=("repeat", "turn"),
    between=("none", "ball", "balls"),
    kin=("fleur_de_lis", "scroll"),
)

FAMILIES: tuple[Family[Any], ...] = tuple(figure.family() for figure in (ROSETTE, PAISLEY, DAMASK))
