"""Flowers seen from above and from the side: rose, daisy, forget-me-not, lily, thistle."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Groove, Laid, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Share
from ringcad.generators.ornament.shapes import (
    almond,
    arc,
    disc,
    drop,
    mirrored,
    on_band,
    plume,
    rotated,
    simple_leaf,
    spear,
    spline,
    tapered,
)

Rng = np.random.Generator


@lru_cache(maxsize=256)
def petal_outline(start: float, stop: float, width: float, kind: str) -> Array:
    """Closed outline of a petal that points along +x from ``start`` to ``stop``; kept, so not to be written to."""
    long, w = stop - start, 0.5 * width
    if kind == "heart":
        right = [(0.0, 0.3), (0.35, 0.78), (0.72, 1.0), (0.95, 0.62), (1.0, 0.28), (0.93, 0.0)]
    elif kind == "pointed":
        right = [(0.0, 0.34), (0.25, 0.86), (0.5, 1.0), (0.76, 0.66), (0.93, 0.2), (1.0, 0.0)]
    elif kind == "slim":
        right = [(0.0, 0.55), (0.3, 0.72), (0.65, 1.0), (0.87, 0.86), (0.97, 0.42), (1.0, 0.0)]
    else:
        right = [(0.0, 0.36), (0.3, 0.8), (0.62, 1.0), (0.85, 0.8), (0.97, 0.36), (1.0, 0.0)]
    side = spline([(start + long * x, w * y) for x, y in right], samples=6)
    return np.vstack([side, side[-2::-1] * [1.0, -1.0]])


def petal(
    room: Room, angle_deg: float, start: float, stop: float, width: float, kind: str, rise: float, vein: float = 0.0
) -> Plate:
    """A petal about the origin; its root lies ``rise`` lower than its rim."""
    outline = rotated(petal_outline(start, stop, width, kind), angle_deg)
    grooves: tuple[Groove, ...] = ()
    if vein > 0.0 and width > 2.7 * room.stroke:
        line = rotated([(start + 0.25 * (stop - start), 0.0), (start + 0.86 * (stop - start), 0.0)], angle_deg)
        grooves = (Groove(line, min(1.1 * room.gap, 0.36 * width), vein),)
    return Plate((outline,), min(0.2, 0.36 * width), 1.0, 0.22, 0.5 * width, grooves, (angle_deg + 180.0, rise))


# ---------------------------------------------------------------- rose


class RoseLayer(FigureLayer):
    """Roses from above: rings of petals that lie one over another about a bud."""

    family: Literal["rose"] = "rose"
    petals: Count = 5
    rings: Count = 3
    open: Share = 0.5
    """How far the bud is open."""


def _rose_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    rings = 1 if d < 12.0 else 2 if d < 16.0 else 3
    return {
        "petals": int(np.clip(wish.petals or 5 + (rng.random() < 0.35 and d > 7.0), 4, 8 if d > 9.0 else 6)),
        "rings": rings,
        "open": round(float(rng.uniform(0.2, 0.8)), 3),
    }


def _rose(layer: RoseLayer, size: float, room: Room, k: int) -> list[Drawable]:
    big, n = 0.5 * size, layer.petals
    rims = {1: (1.0,), 2: (1.0, 0.68)}.get(layer.rings, (1.0, 0.76, 0.54))
    petals: list[Drawable] = []
    for ring, rim in enumerate(rims):
        count = n if ring == 0 else max(3, n - 1 - ring)
        turn = 90.0 + 180.0 / n * ring + 31.0 * ring
        stop = big * rim
        width = 2.0 * stop * np.sin(np.pi / count) * (1.1 if ring == 0 else 1.0)
        petals += [petal(room, turn + 360.0 * j / count, 0.1 * big, stop, width, "round", 0.36) for j in range(count)]
    # The bud: a petal wound about its heart, seen as a crescent beside a ball.
    wound = big * rims[-1] * (0.52 + 0.08 * layer.open) if layer.rings > 1 else 0.48 * big
    core = max(0.5 * room.stroke, 0.5 * wound)
    if wound > core + 0.6 * room.stroke:
        off = 0.3 * wound
        petals.append(Plate((disc(wound, (0.3 * off, 0.0)),), min(0.24, 0.5 * wound), 1.0, 0.3, wound))
        heart = Bead(-0.7 * off, 0.3 * off, core)
    else:
        heart = Bead(0.0, 0.0, max(core, 0.34 * big * rims[-1]))
    return [Stack((*petals, heart), min(1.6 * room.gap, 0.24 * big), 0.46)]


ROSE = Figure(
    "rose",
    RoseLayer,
    _rose,
    _rose_own,
    lambda own: 1.0,
    least=4.2,
    best_mm=3.4,
    between=("leaves", "leaves", "ball", "none"),
    turns=36.0,
    start="round",
    finish="round",
    kin=("forget_me_not", "flowers"),
)

# ---------------------------------------------------------------- daisy


class DaisyLayer(FigureLayer):
    """Daisies: many slim petals in two rings about a broad grained heart."""

    family: Literal["daisy"] = "daisy"
    petals: Count = 10
    heart: Share = 0.36
    """Radius of the heart over that of the flower."""


def _daisy_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    heart = round(float(rng.uniform(0.25, 0.33)), 3)
    most = int(2.0 * np.pi * 0.36 * size / (1.02 * room.stroke))
    return {"petals": int(np.clip(wish.petals or rng.integers(9, 14), 5, max(most, 5))), "heart": heart}


def _daisy(layer: DaisyLayer, size: float, room: Room, k: int) -> list[Drawable]:
    big, n = 0.5 * size, layer.petals
    core = max(layer.heart * big, 0.62 * room.stroke)
    width = max(room.stroke, 2.0 * 0.74 * big * np.sin(np.pi / n) * 1.06)
    ring = [petal(room, 90.0 + 360.0 * j / n, 0.6 * core, big, width, "slim", 0.22, 0.3) for j in range(n)]
    # Every second petal lies over its two neighbours.
    order: list[Drawable] = [*ring[1::2], *ring[0::2]]
    out: list[Drawable] = [
        Stack((*order, Plate((disc(core),), 0.5 * core, 1.0, 0.3, core)), min(1.3 * room.gap, 0.2 * big), 0.42)
    ]
    grain = 0.5 * room.stroke
    if core > 3.2 * grain:
        count = int(2.0 * np.pi * (core - grain) / (2.05 * grain))
        around = np.arange(count) * 2.0 * np.pi / count
        out += [Bead((core - grain) * float(np.cos(a)), (core - grain) * float(np.sin(a)), grain) for a in around]
        out.append(Bead(0.0, 0.0, max(grain, core - 3.0 * grain)))
    return out


DAISY = Figure(
    "daisy",
    DaisyLayer,
    _daisy,
    _daisy_own,
    lambda own: 1.0,
    least=4.6,
    best_mm=3.2,
    between=("leaves", "ball", "balls", "none"),
    turns=10.0,
    start="round",
    finish="round",
    kin=("forget_me_not", "flowers"),
)

# ---------------------------------------------------------------- forget-me-not


class ForgetMeNotLayer(FigureLayer):
    """Small flowers of five round petals with a ringed eye."""

    family: Literal["forget_me_not"] = "forget_me_not"
    petals: Count = 5
    eye: Share = 0.28


def _forget_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    return {"petals": int(np.clip(wish.petals or 5, 4, 6)), "eye": round(float(rng.uniform(0.25, 0.31)), 3)}


def _forget(layer: ForgetMeNotLayer, size: float, room: Room, k: int) -> list[Drawable]:
    big, n = 0.5 * size, layer.petals
    around = 2.0 * np.sin(np.pi / n)
    # Round petals that touch have r = (big - r) sin(pi / n); these overlap a little.
    r = big * 0.5 * around / (1.0 + 0.5 * around) * 1.1
    petals: list[Drawable] = []
    for j in range(n):
        a = np.deg2rad(90.0 + 360.0 * j / n)
        c = ((big - r) * float(np.cos(a)), (big - r) * float(np.sin(a)))
        grooves: tuple[Groove, ...] = ()
        if r > 1.3 * room.stroke:
            line = np.array([c, (1.0 * np.array(c) / (big - r) * (big - 0.35 * r)).tolist()]) * [
                [0.75, 0.75],
                [1.0, 1.0],
            ]
            grooves = (Groove(line, min(1.05 * room.gap, 0.6 * r), 0.3),)
        petals.append(Plate((disc(r, c),), min(0.22, 0.6 * r), 1.0, 0.3, r, grooves, (np.rad2deg(a) + 180.0, 0.3)))
    eye = max(layer.eye * big, 0.52 * room.stroke)
    return [Stack((*petals, Bead(0.0, 0.0, eye)), min(1.6 * room.gap, 0.24 * big), 0.42)]


FORGET_ME_NOT = Figure(
    "forget_me_not",
    ForgetMeNotLayer,
    _forget,
    _forget_own,
    lambda own: 1.0,
    least=3.4,
    best_mm=2.3,
    between=("leaves", "ball", "balls", "none"),
    turns=30.0,
    start="round",
    finish="round",
)

# ---------------------------------------------------------------- lily


class LilyLayer(FigureLayer):
    """Lilies: from above six pointed petals, three over three; from the side a trumpet that curls open."""

    family: Literal["lily"] = "lily"
    form: Literal["star", "trumpet"] = "star"
    slim: Share = 0.5


def _lily_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    star = rng.random() < 0.5
    if wish.form in ("star", "trumpet"):
        star = wish.form == "star"
    # A trumpet's rim needs more room than a star's points.
    star = star or size < 6.8 * room.stroke
    return {"form": "star" if star else "trumpet", "slim": round(float(rng.uniform(0.2, 0.8)), 3)}


def _lily(layer: LilyLayer, size: float, room: Room, k: int) -> list[Drawable]:
    if layer.form == "trumpet":
        return _trumpet(size, room)
    big = 0.5 * size
    width = max(1.2 * room.stroke, big * (0.66 - 0.16 * layer.slim))
    lower = [petal(room, 30.0 + 120.0 * j, 0.0, big, 0.86 * width, "pointed", 0.4, 0.4) for j in range(3)]
    upper = [petal(room, 90.0 + 120.0 * j, 0.0, big, width, "pointed", 0.4, 0.4) for j in range(3)]
    out: list[Drawable] = [Stack((*lower, *upper), min(1.8 * room.gap, 0.22 * big), 0.42)]
    grain = 0.5 * room.stroke
    if big > 4.0 * room.stroke:
        for j in range(6):
            a = np.deg2rad(60.0 * j)
            c = np.array([np.cos(a), np.sin(a)]) * 0.34 * big
            out.append(Bead(float(c[0]), float(c[1]), grain))
    out.append(Bead(0.0, 0.0, max(grain, 0.13 * big)))
    return out


def _trumpet(size: float, room: Room) -> list[Drawable]:
    """Five petals from a slim cup: two behind, two that roll outwards, one in front; a short stem."""
    least = 1.1 * room.stroke
    behind, side, front = (max(x * size, least) for x in (0.17, 0.18, 0.24))
    petals: list[Drawable] = []
    for s in (-1.0, 1.0):
        axis = spline(np.array([(0.0, -0.26), (0.08, 0.12), (0.22, 0.5)]) * [s, 1.0], samples=8)
        petals.append(simple_leaf(on_band(axis, size), behind, room, 0.3, spear))
    for s in (-1.0, 1.0):
        points = np.array([(0.02, -0.36), (0.11, -0.06), (0.27, 0.2), (0.43, 0.24), (0.5, 0.12)])
        petals.append(simple_leaf(on_band(spline(points * [s, 1.0], samples=8), size), side, room, 0.3, plume))
    petals.append(simple_leaf(on_band([(0.0, -0.38), (0.0, 0.0), (0.0, 0.4)], size), front, room, 0.36, spear))
    foot = on_band([(0.0, -0.3), (0.0, -0.5)], size) - np.array([[0.0, 0.0], [0.0, 0.5 * room.stroke]])
    return [Stroke(foot, 0.56 * room.stroke), Stack(tuple(petals), min(1.5 * room.gap, 0.12 * size), 0.44)]


LILY = Figure(
    "lily",
    LilyLayer,
    _lily,
    _lily_own,
    lambda own: 1.0,
    least=4.4,
    best_mm=3.8,
    friezes=("repeat", "glide"),
    between=("ball", "leaves", "none"),
    turns=0.0,
    start="round",
    finish="round",
    kin=("fleur_de_lis", "flowers"),
)

# ---------------------------------------------------------------- thistle


class ThistleLayer(FigureLayer):
    """Thistle heads: a scaled bulb under a brush of florets, two toothed leaves at the stem."""

    family: Literal["thistle"] = "thistle"
    florets: Count = 5
    leaves: bool = True


def _thistle_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    florets = int(np.clip(round(0.62 * size / (1.5 * room.stroke)), 3, 7))
    return {"florets": florets, "leaves": bool(d > 7.5 and wish.leaf != "none")}


def _thistle(layer: ThistleLayer, size: float, room: Room, k: int) -> list[Drawable]:
    r = 0.5 * room.stroke
    n, low = layer.florets, -0.02
    brush: list[Drawable] = []
    order = sorted(range(n), key=lambda j: -abs(j - 0.5 * (n - 1)))
    for j in order:
        x = (j - 0.5 * (n - 1)) / max(n - 1, 1)
        tip = np.array([0.62 * x, 0.5 - 0.22 * x * x])
        foot = np.array([0.2 * x, low])
        axis = on_band(spline(np.array([foot, 0.5 * (foot + tip) + np.array([0.06 * x, 0.0]), tip])), size)
        brush.append(
            simple_leaf(
                axis, max(1.15 * room.stroke, 0.8 * size / n * 0.9 if n > 3 else 0.2 * size), room, 0.0, drop_tip
            )
        )
    bulb = mirrored([(0.0, 0.1), (0.13, 0.07), (0.21, -0.06), (0.17, -0.2), (0.07, -0.28), (0.0, -0.29)])
    grooves: list[Groove] = []
    if size > 9.5 * room.stroke:
        # Scales of the calyx, as a lattice of two furrows either way.
        for s in (-1.0, 1.0):
            grooves += [
                Groove(on_band(np.array([(s * a, 0.04), (-s * b, -0.25)]), size), 1.02 * room.gap, 0.36)
                for a, b in ((0.2, 0.02), (0.02, 0.18))
            ]
    body = Plate((on_band(bulb, size),), 0.2, 1.0, 0.3, 0.2 * size, tuple(grooves))
    out: list[Drawable] = []
    stem = on_band([(0.0, -0.24), (0.0, -0.5)], size) + np.array([[0.0, 0.0], [0.0, -r]])
    out.append(Stroke(stem, 1.04 * r))
    if layer.leaves:
        for s in (-1.0, 1.0):
            points = [(0.0, -0.47), (0.14 * s, -0.44), (0.28 * s, -0.3), (0.37 * s, -0.04)]
            leaf = max(0.17 * size, 1.2 * room.stroke)
            out.append(Laid(simple_leaf(on_band(spline(points), size), leaf, room, 0.34, almond), 1.2 * room.gap, 0.4))
    return [*out, Stack((Stack(tuple(brush), 1.8 * room.gap, 0.3), body), 1.8 * room.gap, 0.42)]


def drop_tip(t: Array) -> Array:
    """Envelope of a floret: slim at the foot, broadest near its tip."""
    return drop(1.0 - np.asarray(t))


THISTLE = Figure(
    "thistle",
    ThistleLayer,
    _thistle,
    _thistle_own,
    lambda own: 0.8 if own["leaves"] else 0.66,
    least=6.2,
    best_mm=4.4,
    friezes=("repeat", "repeat", "mirror"),
    between=("ball", "none"),
    kin=("lily", "fan"),
)

FAMILIES = tuple(figure.family() for figure in (ROSE, DAISY, FORGET_ME_NOT, LILY, THISTLE))
__all__ = ["FAMILIES", "arc", "petal", "tapered"]
