"""Feathers and wings."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Placement
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Groove, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite
from ringcad.generators.ornament.shapes import axis_frame, on_band, simple_leaf, spline, tapered, volute

Rng = np.random.Generator

# ---------------------------------------------------------------- feather


class FeatherLayer(FigureLayer):
    """Feathers along the band: a curved quill between two vanes of barbs."""

    family: Literal["feather"] = "feather"
    kind: Literal["quill", "plume", "eyed"] = "quill"
    """A pinion with notches; a plume whose tip rolls over; a peacock's feather with an eye."""
    barbs: Count = 6
    bow: Finite = 0.08
    notches: bool = True
    breadth: Finite = 0.4
    """Over its length."""


_FEATHER_ASPECT = 0.5


def _feather_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    tall = _FEATHER_ASPECT * size
    kinds: tuple[Literal["quill", "plume", "eyed"], ...] = ("quill", "quill", "plume", "eyed")
    kind = kinds[int(rng.integers(4))]
    if kind == "eyed" and tall < 6.4 * room.stroke:
        kind = "quill"
    barbs = 0.72 * size / ((2.1 * room.gap + 0.75 * room.stroke) / 0.72) * float(rng.uniform(0.7, 1.05))
    return {
        "kind": kind,
        "barbs": int(np.clip(barbs, 2, 14)),
        "bow": round(0.06 * float(rng.choice([-1.0, 1.0])) * (0.5 + 1.5 * float(rng.random())), 4),
        "notches": bool(tall > 4.6 * room.stroke and rng.random() < 0.7),
        "breadth": round(float(rng.uniform(0.36, 0.54)), 3),
    }


def _feather(layer: FeatherLayer, size: float, room: Room, k: int) -> list[Drawable]:
    b = layer.bow
    axis = on_band(spline([(0.0, -0.5), (0.7 * b, -0.2), (b, 0.15), (-0.2 * b, 0.5)], samples=16), size)
    width = max(layer.breadth * size, 3.0 * room.stroke)
    start = 0.17
    t = np.linspace(start, 1.0, 120)
    p, tangent, normal = axis_frame(axis, t)
    x = (t - start) / (1.0 - start)
    if layer.kind == "eyed":
        shape = (0.5 + 0.5 * np.clip((x - 0.3) / 0.4, 0.0, 1.0)) * np.sqrt(np.clip(x / 0.14, 0.0, 1.0))
        shape = shape * np.sqrt(np.clip(1.0 - np.clip((x - 0.62) / 0.38, 0.0, 1.0) ** 2, 0.0, 1.0))
    else:
        shape = np.sqrt(np.clip(x / 0.2, 0.0, 1.0)) * (1.0 - 0.2 * (1.0 - x)) * np.sqrt(np.clip(1.0 - x**4, 0.0, 1.0))
    sides = []
    for s in (-1.0, 1.0):
        half = 0.5 * width * shape * (0.9 if s * b > 0.0 and layer.kind != "eyed" else 1.0)
        if layer.notches and layer.kind == "quill":
            # Barbs parted from their neighbours on either side, not at one height.
            for at in (0.36, 0.74) if s < 0 else (0.55,):
                half = half * (1.0 - 0.36 * np.clip(1.0 - np.abs(x - at) / 0.055, 0.0, 1.0))
        # Barbs sweep towards the tip.
        sides.append(p + s * normal * half[:, None] + tangent * (0.42 * half * (1.0 - x))[:, None])
    outline = np.vstack([sides[0], sides[1][-2:0:-1]])
    eye_at = 0.7 if layer.kind == "eyed" else 2.0
    grooves: list[Groove] = []
    for j in range(layer.barbs):
        at = 0.06 + 0.84 * (j + 0.5) / layer.barbs
        if at > eye_at - 0.16:
            continue
        root, way, across = axis_frame(axis, np.array([start + (1.0 - start) * at]))
        for s in (-1.0, 1.0):
            reach = 0.5 * width * float(np.interp(at, x, shape))
            end = root[0] + s * across[0] * reach + way[0] * 0.8 * reach
            middle = root[0] + s * across[0] * 0.42 * reach + way[0] * 0.22 * reach
            line = spline(
                np.array([root[0] + 0.2 * (middle - root[0]), middle, root[0] + 0.96 * (end - root[0])]), samples=5
            )
            grooves.append(Groove(line, 0.98 * room.gap, 0.36))
    parts: list[Drawable] = [Plate((outline,), min(0.18, 0.1 * size), 1.0, 0.26, 0.3 * width, tuple(grooves))]
    stop = 0.94 if layer.kind != "eyed" else start + (1.0 - start) * 0.56
    quill, _, _ = axis_frame(axis, np.linspace(0.0, stop, 40))
    parts.append(tapered(quill, 0.62 * room.stroke, 0.5 * room.stroke))
    if layer.kind == "eyed":
        spot, way, _ = axis_frame(axis, np.array([start + (1.0 - start) * eye_at]))
        u, v = float(spot[0, 0]), float(spot[0, 1])
        r = 0.27 * width
        heading = float(np.degrees(np.arctan2(way[0, 1], way[0, 0])))
        point = spline(
            [(-1.5 * r, 0.0), (-0.8 * r, 0.5 * r), (0.1 * r, r), (0.85 * r, 0.6 * r), (1.1 * r, 0.0)], samples=6
        )
        plate = Plate((np.vstack([point, point[-2:0:-1] * [1.0, -1.0]]),), min(0.18, 0.5 * r), 1.0, 0.2, r)
        parts.append(plate.moved(Placement(u, v, heading)))
        if r > 1.5 * room.stroke:
            parts.append(Bead(u, v, max(0.5 * r, 0.52 * room.stroke)))
    if layer.kind == "plume" and width > 5.0 * room.stroke:
        # The tip rolls over: a curl laid on the vane.
        side = -1.0 if b > 0.0 else 1.0
        radius = max(0.24 * width, 1.2 * room.stroke)
        curl = volute(radius, 0.4 * radius, 0.7, -90.0, 1) * [side, 1.0] + axis[-1] + np.array([0.0, 1.35 * radius])
        parts.append(tapered(curl, 0.56 * room.stroke, 0.56 * room.stroke, 0.1 * room.stroke))
    return [Stack(tuple(parts), 1.7 * room.gap, 0.34)]


FEATHER = Figure(
    "feather",
    FeatherLayer,
    _feather,
    _feather_own,
    lambda own: _FEATHER_ASPECT,
    least=6.5,
    best_mm=6.4,
    varies=0.28,
    friezes=("repeat", "glide", "mirror", "turn"),
    lies=True,
    between=("none", "ball"),
    start="round",
    finish="pointed",
    kin=("laurel",),
)

# ---------------------------------------------------------------- wing


class WingLayer(FigureLayer):
    """Wings: long quills that fan out under rows of coverts; a pair about a heart, or one after another."""

    family: Literal["wing"] = "wing"
    spread_deg: Finite = 60.0
    """From the quill along the leading edge to the innermost."""
    feathers: Count = 5
    pair: bool = True
    rows_of_feathers: Count = 2
    heart: Literal["body", "ball", "heart"] = "body"
    """What a pair of wings stands about."""
    lift: Finite = 0.5
    """How steeply the wing rises, from 0 (level) to 1."""


def _wing_aspect(own: dict[str, Any]) -> float:
    if own["rows_of_feathers"] == 1:
        return 2.0 * LEVEL_LONG + 0.34 if own["pair"] else LEVEL_LONG
    return (2.0 if own["pair"] else 1.0) * (1.62 - 0.34 * float(own["lift"])) + (0.34 if own["pair"] else 0.0)


def _wing_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    hearts: tuple[Literal["body", "ball", "heart"], ...] = ("body", "ball", "heart")
    return {
        "feathers": int(np.clip(0.9 * d / 1.5, 3, 8)),
        "pair": bool(rng.random() < 0.75),
        "spread_deg": round(float(rng.uniform(48.0, 74.0)), 2),
        "rows_of_feathers": 1 if d < 9.4 else 2 if d < 13.0 else 3,
        "heart": hearts[int(rng.integers(3))] if d > 6.0 else hearts[int(rng.integers(2))],
        "lift": round(float(rng.uniform(0.2, 0.9)), 3),
    }


def _one_wing(layer: WingLayer, size: float, room: Room) -> list[Drawable]:
    """A wing that spreads to the right from the origin, between -0.5 and 0.5 of its size in height."""
    n = layer.feathers
    if layer.rows_of_feathers == 1:
        return _level_wing(layer, size, room)
    top = 10.0 + 26.0 * layer.lift
    long = 1.62 - 0.34 * layer.lift
    parts: list[Drawable] = []
    least = 1.12 * room.stroke

    def quills(count: int, reach: float, shrink: float, first: float, spread: float) -> None:
        """Feathers of one row, the lowest first, each over the one below it."""
        broad = max(least, 1.35 * reach * size * float(np.deg2rad(spread)) / max(count, 2) * 0.8)
        for j in range(count - 1, -1, -1):
            x = j / max(count - 1, 1)
            angle = np.deg2rad(first - spread * x)
            root = np.array([0.06 + 0.3 * (1.0 - x), -0.26 + 0.44 * (1.0 - x)])
            r = reach * (1.0 - shrink * x)
            tip = root + r * np.array([np.cos(angle), np.sin(angle)])
            bend = 0.5 * (root + tip) + 0.1 * r * np.array([-np.sin(angle), np.cos(angle)])
            axis = on_band(spline(np.array([root, bend, tip]), samples=12), size)
            parts.append(simple_leaf(axis, broad, room, 0.2 if broad > 3.0 * room.stroke else 0.0, _blade))

    quills(n, long - 0.36, 0.5, top, layer.spread_deg)
    if layer.rows_of_feathers > 1:
        quills(max(3, n - 1), 0.58 * (long - 0.36), 0.42, top - 4.0, layer.spread_deg - 6.0)
    if layer.rows_of_feathers > 2:
        quills(max(3, n - 2), 0.34 * (long - 0.36), 0.3, top - 6.0, layer.spread_deg - 8.0)
    # The leading edge: a plump arm from the shoulder over the roots.
    end = np.array([0.36, 0.18]) + 0.42 * (long - 0.36) * np.array(
        [np.cos(np.deg2rad(top + 4)), np.sin(np.deg2rad(top + 4))]
    )
    edge = spline([(0.04, -0.3), (0.1, 0.0), (0.34, 0.22), (float(end[0]), float(end[1]))], samples=10)
    r = max(0.58 * room.stroke, 0.075 * size)
    parts.append(tapered(on_band(edge, size), 1.15 * r, 0.52 * room.stroke))
    # Moved and scaled so that the wing fills its height whatever its lift.
    points = np.vstack([part.discs()[0] for part in parts])
    middle = 0.5 * float(points[:, 1].min() + points[:, 1].max())
    return [part.moved(Placement(0.0, -middle)) for part in parts]


def _level_wing(layer: WingLayer, size: float, room: Room) -> list[Drawable]:
    """A long wing of few quills, nearly level, for little height: each lies over the shorter one below it."""
    n = min(layer.feathers, 3 if size < 8.0 * room.stroke else 4)
    broad = max(1.12 * room.stroke, 1.16 * size / (n + 0.9))
    parts: list[Drawable] = []
    for j in range(n - 1, -1, -1):
        x = j / max(n - 1, 1)
        low, long = 0.2 - 0.52 * x, LEVEL_LONG * (1.0 - 0.5 * x)
        tip = (long, low + 0.2 + 0.1 * layer.lift - 0.3 * x)
        points = [(0.05 + 0.06 * (1.0 - x), low - 0.06), (0.5 * long, low + 0.08 * (1.0 - x)), tip]
        parts.append(simple_leaf(on_band(spline(np.array(points), samples=12), size), broad, room, 0.0, _blade))
    edge = spline([(0.04, -0.36), (0.1, 0.06), (0.3, 0.33), (0.33 * LEVEL_LONG, 0.4)], samples=10)
    r = max(0.58 * room.stroke, 0.08 * size)
    parts.append(tapered(on_band(edge, size), 1.1 * r, 0.52 * room.stroke))
    return parts


LEVEL_LONG = 2.1
"""Length of a level wing over its height."""


def _blade(t: Array) -> Array:
    """Envelope of a quill feather: slim at its root, broad to the end, the end a slanting round."""
    t = np.clip(np.asarray(t), 0.0, 1.0)
    rise = 0.5 + 0.5 * np.sin(0.5 * np.pi * np.clip(t / 0.7, 0.0, 1.0))
    return np.asarray(rise * np.sqrt(np.clip(1.0 - np.clip((t - 0.76) / 0.24, 0.0, 1.0) ** 2.2, 0.0, 1.0)))


def _wing(layer: WingLayer, size: float, room: Room, k: int) -> list[Drawable]:
    sink, reach = 0.28, min(1.5 * room.gap, 0.14 * size)
    wing = _one_wing(layer, size, room)
    if not layer.pair:
        points = np.vstack([part.discs()[0] for part in wing])
        shift = -0.5 * float(points[:, 0].min() + points[:, 0].max())
        return [Stack(tuple(part.moved(Placement(shift)) for part in wing), reach, sink)]
    body = max(0.62 * room.stroke, 0.1 * size)
    right = [part.moved(Placement(0.5 * body)) for part in wing]
    left = [part.moved(Placement(0.0, 0.0, 180.0, True)) for part in right]
    middle: list[Drawable] = []
    if layer.heart == "ball":
        middle.append(Bead(0.0, 0.06 * size, max(0.15 * size, 0.7 * room.stroke)))
    elif layer.heart == "heart":
        half = spline([(0.0, 0.13), (0.12, 0.25), (0.25, 0.14), (0.17, -0.1), (0.0, -0.32)], samples=8)
        outline = on_band(np.vstack([half, half[-2:0:-1] * [-1.0, 1.0]]), 1.1 * size)
        middle.append(Plate((outline,), min(0.24, 0.12 * size), 1.0, 0.4, 0.22 * size))
    else:
        trunk = np.array([(0.0, -0.2 * size), (0.0, 0.1 * size), (0.0, 0.4 * size)])
        middle += [tapered(trunk, 1.2 * body, 0.54 * room.stroke), Bead(0.0, -0.3 * size, 1.05 * body)]
    return [Stack((*left, *right, *middle), reach, sink)]


WING = Figure(
    "wing",
    WingLayer,
    _wing,
    _wing_own,
    _wing_aspect,
    least=4.2,
    best_mm=3.8,
    friezes=("repeat", "mirror"),
    between=("none", "ball", "none"),
    kin=("feather", "laurel"),
)


FAMILIES: tuple[Family[Any], ...] = (FEATHER.family(), WING.family())
