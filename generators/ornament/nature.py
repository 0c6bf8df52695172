"""Water, sky and fire: seigaiha, cloud, flame."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Drawable
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.painting import Field
from ringcad.generators.ornament.plates import VALLEY, Groove, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite, LayerBase, Positive, Share
from ringcad.generators.ornament.shapes import axis_frame, on_band, spline, tapered, volute

Rng = np.random.Generator

# ---------------------------------------------------------------- seigaiha


class SeigaihaLayer(LayerBase):
    """Waves of the blue sea: rows of arches, each of nested rings, one row over the next."""

    family: Literal["seigaiha"] = "seigaiha"
    rows: Count
    """Rows of arches across the band."""
    repeats: Count
    """Arches in a row."""
    rings: Count = 2
    """Grooves in each arch."""
    furrow: Share = 0.45


def _propose_seigaiha(room: Room, wish: Attributes, rng: Rng) -> SeigaihaLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 3.4 * stroke:
        return None
    # An arch of radius a shows half of its height; each ring takes a ridge and a furrow.
    a = (2.05 + 0.45 * wish.large - 0.35 * wish.dense) * (1.0 + 0.28 * float(rng.uniform(-1, 1)))
    a = max(a, 2.9 * (stroke + gap)) if space > 1.9 else a
    rows = wish.rows or max(1, round(space / (0.5 * a) - 1.0))
    rows = max(1, min(rows, int(space / (0.55 * (stroke + gap)) - 1.0)))
    radius = space / (0.5 * rows + 0.5)
    repeats = max(1, round(room.length / (2.0 * radius)))
    half = room.length / (2.0 * repeats)
    # Furrows between tubes stay above half height: only the tubes have to be as wide as a stroke.
    rings = int(np.clip(int(half / (1.05 * stroke + 0.75 * gap) - 0.5) - (1 if wish.dense < -0.4 else 0), 1, 4))
    furrow = round(float(rng.uniform(0.42, 0.5)), 3)
    return SeigaihaLayer(rows=rows, repeats=repeats, rings=rings, furrow=furrow)


def _draw_seigaiha(layer: SeigaihaLayer, room: Room) -> list[Drawable]:
    rows, n = layer.rows, layer.repeats
    a = room.length / (2.0 * n)
    step = 2.0 * room.half / (rows + 1.0)
    stretch = 2.0 * step / a
    pitch = a / (layer.rings + 0.5)
    furrow = min(0.8 * room.gap, 0.4 * pitch)
    tube = 0.5 * (pitch - furrow)

    def height(u: Array, v: Array) -> Array:
        out = np.full(u.shape, 0.3)
        # From the back (top of the figure, small v) to the front; the front row lies over the others.
        for row in range(-1, rows + 2):
            base = -room.half + (row + 2.0) * step
            x = (u - room.u0) / (2.0 * a) + (0.5 if row % 2 else 0.0)
            x = (x - np.floor(x) - 0.5) * 2.0 * a
            y = (base - v) / stretch
            rho = np.hypot(x, y) / a
            # A small dome in the middle and round tubes about it, a clean furrow between two of them.
            t = rho * (layer.rings + 0.5)
            across = np.abs(np.mod(t + 0.5, 1.0) - 0.5) * pitch / tube
            # The rim stands highest, so that each arch is seen over the one behind it.
            crest = 0.86 + 0.14 * np.clip(rho, 0.0, 1.0)
            bed = crest * (1.0 - layer.furrow)
            body = bed + (crest - bed) * np.sqrt(np.clip(1.0 - across**2, 0.0, 1.0))
            inside = (rho < 1.0) & (y > -0.6 * a)
            beyond = np.clip((rho - 1.0) * a / furrow, 0.0, 1.0)
            out = np.where(inside, body, np.where(beyond < 1.0, np.minimum(out, VALLEY), out))
        return out

    return [Field(room, height)]


# ---------------------------------------------------------------- cloud


class CloudLayer(FigureLayer):
    """Clouds of the east: scrolls that roll into each other on trailing bands."""

    family: Literal["cloud"] = "cloud"
    form: Literal["scrolled", "billow"] = "scrolled"
    trail: Finite = 0.5


def _cloud_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    scrolled = size > 6.0 * room.stroke and rng.random() < 0.65
    if wish.form in ("scrolled", "billow"):
        scrolled = wish.form == "scrolled" and size > 5.5 * room.stroke
    return {"form": "scrolled" if scrolled else "billow", "trail": round(float(rng.uniform(0.3, 0.8)), 3)}


def _cloud(layer: CloudLayer, size: float, room: Room, k: int) -> list[Drawable]:
    """A body of billows on a trailing foot, the billows parted by furrows; scrolled ones roll in."""
    r = 0.53 * room.stroke
    low, scrolled = -0.4, layer.form == "scrolled"
    lobes = ((-0.62, -0.25, 0.28), (-0.2, 0.04, 0.46), (0.34, -0.04, 0.36), (0.7, -0.27, 0.24))
    # The outline: the upper envelope of the billows, level below, its corners round.
    x = np.linspace(-0.9, 0.94, 140)
    heights = [y + np.sqrt(np.clip(radius**2 - (x - at) ** 2, 0.0, None)) for at, y, radius in lobes]
    inside = [np.abs(x - at) < radius for at, _, radius in lobes]
    top = np.max([np.where(near, tall, low) for near, tall in zip(inside, heights, strict=True)], axis=0)
    body = np.column_stack([x, np.maximum(top, low + 0.02)])
    outline = np.vstack([body, [(0.94, low - 0.02), (-0.9, low - 0.02)]])
    fine = 1.02 * room.gap
    furrows: list[Array] = []
    if size > 4.4 * room.stroke:
        # Each furrow follows the edge of a billow down into the body; scrolled, it winds in.
        for (at, y, radius), first in ((lobes[1], 28.0), (lobes[2], 40.0)):
            turns = 0.3
            core = radius * 0.96
            if scrolled and at < 0.0 and radius * size > 2.1 * (room.stroke + room.gap):
                turns, core = 0.92, 0.36 * radius
            furrows.append(volute(0.96 * radius, core, turns, first, -1) + np.array([at, y]))
    grooves = tuple(Groove(on_band(line, size), fine, 0.45) for line in furrows)
    plate = Plate((on_band(outline, size),), min(0.24, 0.2 * size), 1.0, 0.36, 0.4 * size, grooves)
    tail = 0.2 * layer.trail
    foot = on_band(spline([(-0.8 - tail, low - 0.02), (0.0, low - 0.04), (0.84 + tail, low - 0.02)]), size)
    return [Stack((tapered(foot, r, r, 0.5 * r), plate), min(1.4 * room.gap, 0.2 * size), 0.5)]


def _circle(x: float, y: float, r: float) -> Array:
    a = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    return np.column_stack([x + r * np.cos(a), y + r * np.sin(a)])


CLOUD = Figure(
    "cloud",
    CloudLayer,
    _cloud,
    _cloud_own,
    lambda own: 1.9 + 0.42 * own["trail"],
    least=3.8,
    best_mm=3.0,
    friezes=("repeat", "mirror"),
    between=("ball", "none"),
    kin=("waves",),
)

# ---------------------------------------------------------------- flame


class FlameLayer(FigureLayer):
    """Tongues of fire that lick upwards, a small one before a large one."""

    family: Literal["flame"] = "flame"
    tongues: Count = 3
    sway: Finite = 0.12


def _flame_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    sway = round(float(rng.uniform(0.08, 0.17)) * (1.0 if rng.random() < 0.5 else -1.0), 3)
    return {"tongues": 1 if d < 4.5 else 2 if d < 7.0 else 3, "sway": sway}


def _flame(layer: FlameLayer, size: float, room: Room, k: int) -> list[Drawable]:
    sway = layer.sway / 0.12
    left = (((-0.03, -0.5), (-0.24, -0.28), (-0.22, 0.0), (-0.3, 0.2)), 0.32)
    right = (((0.03, -0.5), (0.25, -0.26), (0.22, 0.06), (0.32, 0.34)), 0.34)
    middle = (((0.0, -0.5), (0.07 * sway, -0.24), (-0.08 * sway, 0.1), (0.07 * sway, 0.5)), 0.42)
    tongues = {1: (middle,), 2: (right, middle)}.get(layer.tongues, (left, right, middle))
    flip = -1.0 if layer.sway < 0.0 and layer.tongues == 2 else 1.0
    out = [
        _tongue(on_band(spline([(flip * x, y) for x, y in points], samples=12), size), wide * size, room)
        for points, wide in tongues
    ]
    return [Stack(tuple(out), min(1.5 * room.gap, 0.16 * size), 0.5)]


def _tongue(axis: Array, width: float, room: Room) -> Plate:
    """A tongue of fire: round below, drawn out to a long tip, a channel in its flank."""
    t = np.linspace(0.0, 1.0, 48)
    p, _, normal = axis_frame(axis, t)
    foot, tail = np.clip(t / 0.34, 0.0, 1.0), np.clip((t - 0.34) / 0.66, 0.0, 1.0)
    shape = (0.42 + 0.58 * np.sin(0.5 * np.pi * foot)) * np.sqrt(np.clip(t / 0.05, 0.0, 1.0)) * (1.0 - tail**1.5)
    half = np.maximum(0.5 * width * shape, 0.5 * room.stroke * np.sqrt(np.clip((1.0 - t) / 0.05, 0.0, 1.0)) * (t > 0.2))
    outline = np.vstack([p + normal * half[:, None], (p - normal * half[:, None])[-2:0:-1]])
    grooves: tuple[Groove, ...] = ()
    if width > 2.6 * room.stroke:
        line, _, _ = axis_frame(axis, np.linspace(0.2, 0.72, 14))
        grooves = (Groove(line, min(max(1.04 * room.gap, 0.26 * width), 0.36 * width), 0.4),)
    return Plate((outline,), min(0.2, 0.35 * width), 1.0, 0.34, 0.45 * width, grooves)


FLAME = Figure(
    "flame",
    FlameLayer,
    _flame,
    _flame_own,
    lambda own: {1: 0.5, 2: 0.7}.get(own["tongues"], 0.88),
    least=2.8,
    best_mm=4.0,
    friezes=("repeat", "repeat", "mirror"),
    between=("none", "none", "ball"),
    kin=("waves", "milgrain"),
)

FAMILIES: tuple[Family[Any], ...] = (
    Family("seigaiha", SeigaihaLayer, _propose_seigaiha, _draw_seigaiha, kin=("scales", "milgrain")),
    *(figure.family() for figure in (CLOUD, FLAME)),
)
__all__ = ["FAMILIES", "Positive"]
