"""Flowers seen from above and from the side: rose, daisy, forget-me-not, lily."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament import leaves
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.blooms import Bloom, BloomLayer
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.figure_rows import Figure
from ringcad.generators.ornament.foliage import Plant
from ringcad.generators.ornament.habits import Form
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Groove, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Share
from ringcad.generators.ornament.shapes import (
    arc,
    disc,
    on_band,
    plume,
    rotated,
    simple_leaf,
    spear,
    spline,
    tapered,
    volute,
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


def ring_of(petals: Sequence[Plate], dish: tuple[float, float, float, float]) -> list[Drawable]:
    """Petals round a heart as few bodies: those that do not touch each other are one, every second over its neighbours.

    All fall towards the ``dish``'s middle instead of leaning each for itself.
    """
    n = len(petals)
    groups = [petals[1 : n - n % 2 : 2], petals[0 : n - n % 2 : 2]]
    if n % 2:
        groups.insert(1, petals[n - 1 :])
    first = petals[0]
    return [
        replace(
            first,
            outlines=tuple(line for one in group for line in one.outlines),
            grooves=tuple(groove for one in group for groove in one.grooves),
            lean=(0.0, 0.0),
            dish=dish,
        )
        for group in groups
        if group
    ]


# ---------------------------------------------------------------- rose


class RoseLayer(BloomLayer):
    """Roses: wound about a bud, or open with petals about a seeded heart, or a bud from the side."""

    family: Literal["rose"] = "rose"
    kind: Literal["wound", "tudor"] = "wound"
    petals: Count = 5
    rings: Count = 3
    open: Share = 0.5
    """How far the bud is open."""


def _rose_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    rings = 1 if d < 11.0 else 2 if d < 15.0 else 3
    return {
        "kind": "wound" if rng.random() < 0.65 else "tudor",
        "petals": int(np.clip(wish.petals or 5 + (rng.random() < 0.35 and d > 7.0), 4, 8 if d > 9.0 else 6)),
        "rings": rings,
        "open": round(float(rng.uniform(0.2, 0.8)), 3),
    }


def _rose(layer: RoseLayer, size: float, room: Room, k: int = 0) -> list[Drawable]:
    return _tudor(layer, size, room) if layer.kind == "tudor" else _wound(layer, size, room)


def _wound(layer: RoseLayer, size: float, room: Room) -> list[Drawable]:
    """Petals that lie over each other about a bud with a spiral furrow."""
    big, n = 0.5 * size, layer.petals
    rims = {1: (1.0,), 2: (1.0, 0.76)}.get(layer.rings, (1.0, 0.8, 0.62))
    parts: list[Drawable] = []
    for ring, rim in enumerate(rims):
        count = n if ring == 0 else max(3, n - 1 - ring)
        r = big * rim
        # Round petals whose rims roll outwards; their middles lie on a circle inside.
        wide = min(0.92 * r * np.sin(np.pi / count) * 1.25, 0.62 * r)
        round_ = []
        for j in range(count):
            a = np.deg2rad(90.0 + 47.0 * ring + 360.0 * j / count)
            c = ((r - wide) * float(np.cos(a)), (r - wide) * float(np.sin(a)))
            round_.append(Plate((disc(wide, c, 26),), min(0.2, 0.5 * wide), 1.0, 0.16, 0.8 * wide))
        parts += ring_of(round_, (0.0, 0.0, r, 0.55))
    bud = max(big * rims[-1] * (0.52 + 0.08 * layer.open), 1.0 * room.stroke)
    furrow: tuple[Groove, ...] = ()
    pitch = 1.0 * room.stroke + 1.0 * room.gap
    turns = float(np.clip((bud - 0.4 * room.stroke) / pitch, 0.0, 2.2))
    if turns > 0.45:
        line = volute(bud - 0.25 * room.stroke, max(bud - turns * pitch, 0.12 * bud), max(turns, 0.8), 200.0, 1)
        furrow = (Groove(line, min(1.0 * room.gap, 0.42 * bud), 0.38),)
    parts.append(Plate((disc(bud, (0.0, 0.0), 32),), min(0.24, 0.5 * bud), 1.0, 0.34, 0.9 * bud, furrow))
    return [Stack(tuple(parts), min(1.5 * room.gap, 0.24 * big), 0.46)]


def _tudor(layer: RoseLayer, size: float, room: Room) -> list[Drawable]:
    """An open rose: notched petals, sepals between them, a ring of small petals about the heart."""
    big, n = 0.5 * size, layer.petals
    slim = max(0.3 * big, 1.1 * room.stroke)
    turned = [90.0 + 180.0 / n + 360.0 * j / n for j in range(n)]
    sepals = [petal(room, angle, 0.45 * big, 0.96 * big, slim, "pointed", 0.0) for angle in turned]
    parts: list[Drawable] = ring_of(sepals, (0.0, 0.0, big, 0.1))
    wide = 2.0 * 0.72 * big * np.sin(np.pi / n) * 1.08
    outer = [petal(room, 90.0 + 360.0 * j / n, 0.1 * big, big, wide, "heart", 0.0) for j in range(n)]
    parts += ring_of(outer, (0.0, 0.0, big, 0.48))
    if layer.rings > 1:
        inner = 0.6 * big
        wide = 2.0 * 0.66 * inner * np.sin(np.pi / n) * 1.1
        small = [petal(room, angle, 0.1 * big, inner, wide, "heart", 0.0) for angle in turned]
        parts += ring_of(small, (0.0, 0.0, inner, 0.46))
    parts.append(Bead(0.0, 0.0, max((0.24 if layer.rings > 1 else 0.32) * big, 0.6 * room.stroke)))
    return [Stack(tuple(parts), min(1.4 * room.gap, 0.2 * big), 0.44)]


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


class DaisyLayer(BloomLayer):
    """Daisies, sunflowers and poppies: petals about a broad heart; poppies have few, and theirs are cupped."""

    family: Literal["daisy"] = "daisy"
    kind: Literal["daisy", "sunflower", "poppy"] = "daisy"
    petals: Count = 10
    heart: Share = 0.36
    """Radius of the heart over that of the flower."""


def _daisy_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    dice = rng.random()
    kind = "daisy" if dice < 0.55 else "sunflower" if dice < 0.8 else "poppy"
    kind = next((known for known in ("daisy", "sunflower", "poppy") if known == wish.form), kind)
    heart = {"daisy": (0.25, 0.33), "sunflower": (0.4, 0.48), "poppy": (0.26, 0.34)}[kind]
    most = int(2.0 * np.pi * 0.36 * size / (1.02 * room.stroke))
    count = wish.petals or (int(rng.integers(4, 6)) if kind == "poppy" else int(rng.integers(8, 14)))
    least = 4 if kind == "poppy" else 5
    return {
        "kind": kind,
        "petals": int(np.clip(count, least, max(most, 5))),
        "heart": round(float(rng.uniform(*heart)), 3),
    }


def _daisy(layer: DaisyLayer, size: float, room: Room, k: int = 0) -> list[Drawable]:
    big, n = 0.5 * size, layer.petals
    core = max(layer.heart * big, 0.62 * room.stroke)
    at = 0.66 if layer.kind == "poppy" else 0.74
    width = max(room.stroke, 2.0 * at * big * np.sin(np.pi / n) * (1.22 if layer.kind == "poppy" else 1.06))
    outline = {"daisy": "slim", "sunflower": "pointed", "poppy": "round"}[layer.kind]
    rise = 0.42 if layer.kind == "poppy" else 0.22
    ring = [petal(room, 90.0 + 360.0 * j / n, 0.6 * core, big, width, outline, rise, 0.3) for j in range(n)]
    body: list[Drawable] = [*ring_of(ring, (0.0, 0.0, big, rise)), Plate((disc(core),), 0.5 * core, 1.0, 0.3, core)]
    out: list[Drawable] = [Stack(tuple(body), min(1.3 * room.gap, 0.2 * big), 0.42)]
    grain = 0.5 * room.stroke
    if core > 3.2 * grain:
        count = int(2.0 * np.pi * (core - grain) / (2.05 * grain))
        around = np.arange(count) * 2.0 * np.pi / count
        out += [Bead((core - grain) * float(np.cos(a)), (core - grain) * float(np.sin(a)), grain) for a in around]
        if core - 3.0 * grain > 0.6 * grain or layer.kind != "sunflower":
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


class ForgetMeNotLayer(BloomLayer):
    """Small flowers of five petals: round about a ringed eye, or notched about stamens like blossom of fruit trees."""

    family: Literal["forget_me_not"] = "forget_me_not"
    kind: Literal["round", "blossom"] = "round"
    petals: Count = 5
    eye: Share = 0.28


def _forget_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    return {
        "kind": "round" if rng.random() < 0.6 else "blossom",
        "petals": int(np.clip(wish.petals or 5, 4, 6)),
        "eye": round(float(rng.uniform(0.25, 0.31)), 3),
    }


def _forget(layer: ForgetMeNotLayer, size: float, room: Room, k: int = 0) -> list[Drawable]:
    big, n = 0.5 * size, layer.petals
    eye = max(layer.eye * big, 0.52 * room.stroke)
    if layer.kind == "blossom":
        return _blossom(big, n, room)
    around = 2.0 * np.sin(np.pi / n)
    # Round petals that touch have r = (big - r) sin(pi / n); these overlap a little.
    r = big * 0.5 * around / (1.0 + 0.5 * around) * 1.1
    petals: list[Plate] = []
    for j in range(n):
        a = np.deg2rad(90.0 + 360.0 * j / n)
        c = ((big - r) * float(np.cos(a)), (big - r) * float(np.sin(a)))
        # Cupped: each is hollow in its middle and falls towards the eye.
        hollow = (Groove(np.array([c, (1.02 * c[0], 1.02 * c[1])]), min(0.72 * r, 1.6 * room.gap), 0.22),)
        petals.append(Plate((disc(r, c, 26),), min(0.22, 0.6 * r), 1.0, 0.2, r, hollow))
    parts: list[Drawable] = ring_of(petals, (0.0, 0.0, big, 0.42))
    if eye > 1.1 * room.stroke:
        parts.append(Plate((disc(eye, (0.0, 0.0), 24),), 0.5 * eye, 0.9, 0.1, eye))
        parts.append(Bead(0.0, 0.0, max(0.5 * eye, 0.5 * room.stroke)))
    else:
        parts.append(Bead(0.0, 0.0, eye))
    return [Stack(tuple(parts), min(1.6 * room.gap, 0.24 * big), 0.42)]


def _blossom(big: float, n: int, room: Room) -> list[Drawable]:
    """Notched petals that fall towards a small heart, stamens on them where there is room."""
    wide = 2.0 * 0.74 * big * np.sin(np.pi / n) * 1.06
    petals = [petal(room, 90.0 + 360.0 * j / n, 0.06 * big, big, wide, "heart", 0.0) for j in range(n)]
    parts = ring_of(petals, (0.0, 0.0, big, 0.5))
    out: list[Drawable] = [Stack(tuple(parts), min(1.4 * room.gap, 0.2 * big), 0.42)]
    grain = 0.5 * room.stroke
    out.append(Bead(0.0, 0.0, max(0.17 * big, 1.1 * grain)))
    if big > 5.4 * grain + 2.0 * room.gap:
        for j in range(n):
            a = np.deg2rad(90.0 + 360.0 * j / n)
            out.append(Bead(0.46 * big * float(np.cos(a)), 0.46 * big * float(np.sin(a)), 0.9 * grain))
    return out


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


class LilyLayer(BloomLayer):
    """Lilies: from above six pointed petals, three over three; from the side a trumpet that curls open."""

    family: Literal["lily"] = "lily"
    form: Literal["star", "trumpet", "wave", "twin", "edge"] = "star"  # type: ignore[assignment]  # other rows than its base has; pydantic goes by this line
    """Stars or trumpets in a row, or what ``kind`` says on stems."""
    kind: Literal["star", "trumpet"] = "star"
    slim: Share = 0.5


def _lily_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    star = rng.random() < 0.5
    if wish.form in ("star", "trumpet"):
        star = wish.form == "star"
    # A trumpet's rim needs more room than a star's points.
    star = star or size < 6.8 * room.stroke
    kind = "star" if star else "trumpet"
    return {"form": kind, "kind": kind, "slim": round(float(rng.uniform(0.2, 0.8)), 3)}


def _lily(layer: LilyLayer, size: float, room: Room, k: int = 0) -> list[Drawable]:
    if layer.kind == "trumpet":
        return _trumpet(size, room)
    big = 0.5 * size
    width = max(1.2 * room.stroke, big * (0.66 - 0.16 * layer.slim))
    lower = [petal(room, 30.0 + 120.0 * j, 0.1 * big, big, 0.86 * width, "pointed", 0.0, 0.4) for j in range(3)]
    upper = [petal(room, 90.0 + 120.0 * j, 0.1 * big, big, width, "pointed", 0.0, 0.4) for j in range(3)]
    six = [one for pair in zip(upper, lower, strict=True) for one in pair]
    out: list[Drawable] = [Stack(tuple(ring_of(six, (0.0, 0.0, big, 0.44))), min(1.8 * room.gap, 0.22 * big), 0.42)]
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
    between=("ball", "leaves", "none"),
    turns=0.0,
    start="round",
    finish="round",
    kin=("fleur_de_lis", "flowers"),
)

_STEMS: tuple[Form, ...] = ("wave", "wave", "edge", "edge", "twin")
BLOOMS = (
    Bloom(ROSE, Plant(RoseLayer, {"rose": leaves.rose_leaf}, {"": leaves.bud}, _STEMS, 0.8, True)),
    Bloom(DAISY, Plant(DaisyLayer, {"daisy": leaves.bay_leaf}, {"": leaves.bud}, _STEMS, 0.5, True)),
    Bloom(
        FORGET_ME_NOT,
        Plant(ForgetMeNotLayer, {"leaf": leaves.bay_leaf}, {"": leaves.bud}, _STEMS, 0.5, True),
        1.6,
        hangs=True,
    ),
    Bloom(LILY, Plant(LilyLayer, {"leaf": leaves.olive_leaf}, {"": leaves.bud}, _STEMS, 0.45, True)),
)
FAMILIES = tuple(bloom.family() for bloom in BLOOMS)
__all__ = ["FAMILIES", "arc", "petal", "tapered"]
