"""Signs: fleur-de-lis, hearts, and motifs stamped from given outlines."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Groove, Plate, Stack
from ringcad.generators.ornament.schema import Finite, Share
from ringcad.generators.ornament.shapes import (
    mirrored,
    mirrored_straight,
    on_band,
    plume,
    simple_leaf,
    spear,
    spline,
    tapered,
    volute,
)
from ringcad.generators.ornament.stencils import Stencil
from ringcad.generators.ornament.writing import RUNES

Rng = np.random.Generator

# ---------------------------------------------------------------- fleur-de-lis


class FleurDeLisLayer(FigureLayer):
    """Three petals bound by a bar; small ones without the lower points."""

    family: Literal["fleur_de_lis"] = "fleur_de_lis"
    curl: Share = 0.5
    """How far the side petals roll over."""


def _fleur_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    return {"curl": round(float(rng.uniform(0.2, 0.9)), 3)}


def _fleur(layer: FleurDeLisLayer, size: float, room: Room, k: int) -> list[Drawable]:
    c = layer.curl
    if size < 7.5 * room.stroke:
        return _small_fleur(size, room)
    middle = mirrored([(0.0, 0.5), (0.075, 0.36), (0.15, 0.16), (0.1, -0.06), (0.065, -0.17), (0.0, -0.19)])
    side = spline(
        [
            (0.04, -0.17),
            (0.07, 0.0),
            (0.16, 0.17),
            (0.3, 0.24),
            (0.42, 0.15),
            (0.43, 0.0),
            (0.34 - 0.05 * c, -0.08 - 0.02 * c),
        ],
        samples=8,
    )
    back = spline(
        [
            (0.34 - 0.05 * c, -0.08 - 0.02 * c),
            (0.27 - 0.04 * c, -0.02),
            (0.3, 0.06),
            (0.25, 0.08),
            (0.19, -0.01),
            (0.15, -0.17),
        ],
        samples=8,
    )
    right = np.vstack([side, back[1:]])
    petals: list[Drawable] = [Plate((on_band(right * [s, 1.0], size),), 0.17, 1.0, 0.25, 0.3) for s in (-1.0, 1.0)]
    grooves: tuple[Groove, ...] = ()
    if size > 7.0 * room.stroke:
        grooves = (Groove(on_band([(0.0, 0.36), (0.0, -0.1)], size), 1.04 * room.gap, 0.4),)
    foot_half = spline([(0.0, -0.5), (0.06, -0.4), (0.1, -0.28), (0.07, -0.2), (0.0, -0.18)], samples=6)
    foot = np.vstack([foot_half, foot_half[-2:0:-1] * [-1.0, 1.0]])
    parts: list[Drawable] = [*petals]
    if size > 5.5 * room.stroke:
        for s in (-1.0, 1.0):
            tail = spline([(0.1, -0.2), (0.16, -0.3), (0.25, -0.36), (0.32, -0.3)], samples=6) * [s, 1.0]
            r = max(0.52 * room.stroke, 0.035 * size)
            parts.append(tapered(on_band(tail, size), 1.15 * r, r))
    parts.append(Plate((on_band(foot, size),), 0.16, 1.0, 0.25, 0.2 * size))
    parts.append(Plate((on_band(middle, size),), 0.18, 1.0, 0.3, 0.22 * size, grooves))
    bar = max(0.53 * room.stroke, 0.042 * size)
    ends = on_band([(-0.17, -0.19), (0.17, -0.19)], size)
    parts.append(Stroke(ends, bar))
    return [Stack(tuple(parts), 1.8 * room.gap, 0.45)]


def _small_fleur(size: float, room: Room) -> list[Drawable]:
    """Three petals, a bar and a foot, each as slim as can be cast."""
    least = room.stroke
    petals: list[Drawable] = []
    for s in (-1.0, 1.0):
        side = spline(np.array([(0.02, -0.3), (0.12, 0.06), (0.32, 0.18), (0.44, -0.02)]) * [s, 1.0], samples=8)
        petals.append(simple_leaf(on_band(side, size), max(1.05 * least, 0.2 * size), room, 0.0, plume))
    petals.append(simple_leaf(on_band([(0.0, -0.5), (0.0, 0.0), (0.0, 0.5)], size), 1.5 * least, room, 0.0, spear))
    petals.append(Stroke(on_band([(-0.2, -0.2), (0.2, -0.2)], size), 0.52 * least))
    return [Stack(tuple(petals), min(1.2 * room.gap, 0.14 * size), 0.45)]


FLEUR_DE_LIS = Figure(
    "fleur_de_lis",
    FleurDeLisLayer,
    _fleur,
    _fleur_own,
    lambda own: 0.87,
    least=4.6,
    best_mm=4.2,
    friezes=("repeat", "repeat", "turn"),
    between=("ball", "balls", "none", "none"),
    kin=("lily", "heart"),
)

# ---------------------------------------------------------------- heart


class HeartLayer(FigureLayer):
    """Hearts: solid, hollow, or drawn by two scrolls."""

    family: Literal["heart"] = "heart"
    form: Literal["solid", "hollow", "scrolled"] = "solid"
    slim: Share = 0.5


_HEART = [(0.0, 0.28), (0.1, 0.43), (0.25, 0.5), (0.42, 0.42), (0.5, 0.22), (0.44, -0.02), (0.26, -0.28), (0.08, -0.46)]


def _heart_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    forms = ["solid"] + ["hollow"] * (d > 5.0) + ["scrolled"] * (d > 6.5)
    form = wish.form if wish.form in forms else forms[int(rng.integers(len(forms)))]
    return {"form": form, "slim": round(float(rng.random()), 3)}


def _heart(layer: HeartLayer, size: float, room: Room, k: int) -> list[Drawable]:
    half = spline([*_HEART, (0.0, -0.5)], samples=6) * [1.06 - 0.16 * layer.slim, 1.0]
    outline = on_band(np.vstack([half, half[-2:0:-1] * [-1.0, 1.0]]), size)
    if layer.form == "solid":
        return [Plate((outline,), 0.2, 1.0, 0.42, 0.42 * size)]
    r = max(0.52 * room.stroke, 0.07 * size)
    if layer.form == "hollow":
        inset = 1.0 - 2.0 * r / size
        line = np.vstack([outline, outline[:1]]) * [inset, inset]
        inner: list[Drawable] = []
        if size > 9.0 * room.stroke:
            inner = [Plate((outline * 0.36 + [0.0, -0.02 * size],), 0.18, 0.95, 0.4, 0.2 * size)]
        return [Stroke(line, r), *inner]
    out: list[Drawable] = []
    for s in (-1.0, 1.0):
        curl = volute(0.2 * size - r, max(0.6 * r, 0.05 * size), 0.85, 0.0, 1) + np.array(
            [0.25 * size - 0.5 * r, 0.22 * size]
        )
        outer = spline(
            np.array([(0.0, -0.5 + r / size), (0.2, -0.27), (0.4, 0.0), (0.45 - 0.5 * r / size, 0.2)]) * size, samples=8
        )
        path = np.vstack([outer[:-1], curl]) * [s, -1.0]
        out += [tapered(path, 1.1 * r, 0.52 * room.stroke), Bead(float(path[-1, 0]), float(path[-1, 1]), 1.15 * r)]
    return out


HEART = Figure(
    "heart",
    HeartLayer,
    _heart,
    _heart_own,
    lambda own: 1.06 - 0.16 * own["slim"],
    least=2.6,
    best_mm=3.2,
    friezes=("repeat", "turn", "repeat"),
    between=("ball", "none", "none", "leaves"),
)

# ---------------------------------------------------------------- motif


class MotifLayer(FigureLayer):
    """Silhouettes stamped in a row. ``outlines`` are closed polygons in a unit box (y up), even-odd."""

    family: Literal["motif"] = "motif"
    name: str = ""
    outlines: tuple[tuple[tuple[Finite, Finite], ...], ...]
    dome: Share = 0.5
    """0: level like a coin's field; 1: round like a pebble."""


@lru_cache(maxsize=64)
def _laid_outline(name: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    from ringcad.generators.ornament import motif_outlines
    from ringcad.generators.ornament.motifs import along_band

    drawn = motif_outlines.outline(name)
    # What stands on its feet is not laid along the band, however it leans.
    lines = drawn if name.startswith("standing-") else along_band(drawn)
    return tuple(tuple((round(float(x), 5), round(float(y), 5)) for x, y in line) for line in lines)


def _motif_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    from ringcad.generators.ornament import motif_outlines

    name = wish.form or motif_outlines.DEFAULT
    return {"name": name, "outlines": _laid_outline(name), "dome": round(float(rng.uniform(0.35, 0.65)), 3)}


def _motif_aspect(own: dict[str, Any]) -> float:
    return _aspect_of(own["outlines"])


@lru_cache(maxsize=64)
def _aspect_of(outlines: tuple[tuple[tuple[float, float], ...], ...]) -> float:
    wide, tall = np.ptp(np.array([point for line in outlines for point in line]), axis=0)
    return float(wide / max(tall, 1e-6))


def _motif(layer: MotifLayer, size: float, room: Room, k: int) -> list[Drawable]:
    every = np.array([point for line in layer.outlines for point in line])
    low, high = every.min(axis=0), every.max(axis=0)
    lines = tuple((np.array(line) - 0.5 * (low + high)) / (high[1] - low[1]) for line in layer.outlines)
    return [Stencil(tuple(on_band(line, size) for line in lines), room.stroke, room.gap, layer.dome)]


def _motif_reads(wish: Attributes, room: Room) -> float:
    from ringcad.generators.ornament import motifs

    gaps = motifs.least_size(wish.form or "")
    return (motifs.SIZES[-1] if gaps is None else gaps) * room.gap


MOTIF = Figure(
    "motif",
    MotifLayer,
    _motif,
    _motif_own,
    _motif_aspect,
    least=3.5,
    best_mm=6.5,
    friezes=("repeat", "mirror"),
    between=("leaves", "ball", "balls", "none"),
    shrinks=0.93,
    reads_mm=_motif_reads,
)

FAMILIES: tuple[Family[Any], ...] = (
    FLEUR_DE_LIS.family(),
    HEART.family(),
    RUNES,
    MOTIF.family(),
)
__all__ = ["FAMILIES", "mirrored_straight"]
