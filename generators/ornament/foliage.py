"""Foliage on a stem in waves: ivy and oak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.botanical import file_of_leaves
from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import (
    Outline,
    Room,
    bezier,
    gap_between,
    largest,
    near_outline,
    outline_of,
    room_left,
)
from ringcad.generators.ornament.plates import Groove, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite, LayerBase, Positive, Share, Side
from ringcad.generators.ornament.shapes import (
    arch,
    lobed_outline,
    spline,
)

Rng = np.random.Generator

# ---------------------------------------------------------------- leaves along +x, base at the origin


def lobes_through(points: Sequence[tuple[float, float]], bulge: float) -> Array:
    """Outline through tips and notches in turn; every edge bows outwards by ``bulge`` of its length."""
    p = np.asarray(points, dtype=np.float64)
    parts = []
    for a, b in pairwise(p):
        d = b - a
        parts.append(bezier(a, 0.5 * (a + b) + bulge * np.array([-d[1], d[0]]), b, 7)[:-1])
    return np.vstack([*parts, p[-1:]])


def ivy_leaf(size: float, room: Room, vein: float) -> list[Drawable]:
    """Five-lobed leaf of length ``size``, three lobes where it is small."""
    if size < 5.0 * room.stroke:
        half = [(0.06, 0.0), (-0.02, 0.24), (0.26, 0.5), (0.48, 0.27), (1.0, 0.0)]
    else:
        half = [(0.08, 0.0), (0.0, 0.14), (-0.06, 0.36), (0.16, 0.36), (0.4, 0.56), (0.5, 0.27), (1.0, 0.0)]
    side = lobes_through(half, -0.1) * size
    outline = np.vstack([side, side[-2:0:-1] * [1.0, -1.0]])
    grooves: list[Groove] = []
    if size > 5.0 * room.stroke:
        for tip in ((0.84, 0.0), (0.36, 0.42), (0.36, -0.42)):
            line = np.array([(0.1, 0.0), tip]) * size
            grooves.append(Groove(line, 1.02 * room.gap, vein))
    elif size > 3.4 * room.stroke:
        grooves.append(Groove(np.array([(0.12, 0.0), (0.8, 0.0)]) * size, 1.02 * room.gap, 0.8 * vein))
    return [Plate((outline,), min(0.18, 0.12 * size), 1.0, 0.25, 0.3 * size, tuple(grooves))]


def oak_leaf(size: float, room: Room, vein: float) -> list[Drawable]:
    """Leaf with round lobes, broadest beyond its middle."""
    axis = spline(np.array([(0.0, 0.0), (0.5, 0.04), (1.0, 0.0)]) * size)
    lobes = 3 if size < 7.5 * room.stroke else 4

    def envelope(t: Array) -> Array:
        return np.asarray((0.34 + 0.66 * arch(t**1.35, 0.9)) * np.clip((1.0 - t) / 0.08, 0, 1) ** 0.5)

    outline, veins = lobed_outline(axis, max(0.62 * size, 1.6 * room.stroke), envelope, lobes, 0.42, 0.3, 0.0)
    grooves: list[Groove] = []
    if size > 4.0 * room.stroke:
        grooves.append(Groove(axis[3:-6], 1.02 * room.gap, vein))
    if size > 8.0 * room.stroke:
        grooves += [Groove(line, 1.02 * room.gap, 0.6 * vein) for pair in veins[:-1] for line in pair]
    return [Plate((outline,), min(0.2, 0.12 * size), 1.0, 0.25, 0.3 * size, tuple(grooves))]


def acorn(size: float, room: Room) -> list[Drawable]:
    """Nut in a cup along +x from the origin."""
    nut = spline(
        [(0.3, -0.3), (0.7, -0.27), (0.95, -0.08), (1.0, 0.0), (0.95, 0.08), (0.7, 0.27), (0.3, 0.3)], samples=5
    )
    cup = spline(
        [(0.0, 0.0), (0.06, -0.25), (0.3, -0.4), (0.45, -0.36), (0.5, 0.0), (0.45, 0.36), (0.3, 0.4), (0.06, 0.25)],
        True,
        5,
    )
    return [
        Stack(
            (
                Plate((nut * size,), 0.2 * size, 0.95, 0.3, 0.3 * size),
                Plate((cup * size,), 0.16, 1.0, 0.25, 0.3 * size),
            ),
            1.6 * room.gap,
            0.5,
        )
    ]


# ---------------------------------------------------------------- ivy and oak: a stem in waves


class GrowthLayer(LayerBase):
    """A stem in waves with a leaf (or now and then a fruit) in every bend; simple: leaves in file."""

    form: Literal["full", "simple"] = "full"
    repeats: Count
    """Half waves (full) or leaves (simple)."""
    stem_mm: Positive
    side: Side
    leaf_turn_deg: Finite = 0.0
    leaf_scale: Positive = 1.0
    fruit_every: int = 0
    """Every so many bends holds a fruit instead of a leaf; 0: none."""
    vein: Share = 0.4
    variation: tuple[Finite, ...] = ()
    """One number in [-1, 1] per bend: its leaf's size and angle."""


class IvyLayer(GrowthLayer):
    """Ivy: lobed leaves and berries."""

    family: Literal["ivy"] = "ivy"


class OakLayer(GrowthLayer):
    """Oak: leaves with round lobes and acorns."""

    family: Literal["oak"] = "oak"


def _growth(room: Room, wish: Attributes, rng: Rng) -> dict[str, Any] | None:
    """Fields of a growth layer for a room."""
    space = 2.0 * room.half
    side: Side = 1 if rng.random() < 0.5 else -1
    stem = max(room.stroke, min(0.1 * space, 0.5)) * (1.0 + 0.2 * max(0.0, wish.bold))
    vein = 0.3 if wish.soft > 0 else 0.45
    if space >= stem + room.gap + 3.0 * room.stroke:
        half_wave = max(1.02 * space, 3.6 * room.stroke + 2.0 * room.gap)
        half_wave *= (1.0 - 0.12 * wish.dense) * (1.0 + 0.1 * wish.large) * (1.0 + 0.06 * float(rng.uniform(-1, 1)))
        repeats = max(2, round(room.length / half_wave))
        if wish.repeats:
            repeats = max(2, min(wish.repeats, round(room.length / (0.7 * half_wave))))
        if room.periodic:
            repeats += repeats % 2
        fruit = 0
        if wish.leaf == "none":
            fruit = 1
        elif wish.berries or (rng.random() < 0.4 and repeats > 4 and wish.leaf is None):
            fruit = int(rng.integers(2, 4))
        jitter = tuple(round(float(x), 4) for x in rng.uniform(-1, 1, repeats))
        return {
            "repeats": repeats,
            "stem_mm": round(stem, 4),
            "side": side,
            "leaf_turn_deg": round(8.0 * float(rng.uniform(-1, 1)), 3),
            "leaf_scale": round(1.0 + 0.12 * min(0.0, wish.large), 3),
            "fruit_every": fruit,
            "vein": vein,
            "variation": jitter,
        }
    if space < room.stroke:
        return None
    pitch = max(2.2 * space, 3.4 * room.stroke) * (1.0 - 0.15 * wish.dense)
    n = max(1, round(room.length / pitch))
    jitter = tuple(round(float(x), 4) for x in rng.uniform(-1, 1, n))
    return {
        "form": "simple",
        "repeats": n,
        "stem_mm": round(room.stroke, 4),
        "side": side,
        "vein": vein,
        "variation": jitter,
    }


Maker = Callable[[float, Room, float], list[Drawable]]


def _draw_growth(layer: GrowthLayer, room: Room, leaf: Maker, fruit: Maker) -> list[Drawable]:
    if layer.form == "simple":
        return file_of_leaves(room, layer.repeats, 2.0 * room.half, layer.stem_mm, layer.vein, layer.variation)
    n, r = layer.repeats, 0.5 * layer.stem_mm
    height = 2.0 * room.half
    tail = 0.0 if room.periodic else min(0.6 * height, 0.2 * room.length)
    a, b = (room.u0, room.u1) if room.periodic else (room.u0 + 1.3 * r, room.u1 - tail)
    half_wave = (b - a) / n

    def stem(amplitude: float) -> Array:
        t = np.linspace(0.0, n, 28 * n + 1)
        return np.column_stack([a + t * half_wave, layer.side * amplitude * np.sin(np.pi * t)])

    amplitude = largest(lambda y: room_left(room, [Stroke(stem(y), r)]) >= -1e-6, 0.05, room.half, 14) or 0.05
    # A gentle wave leaves every bend open for a leaf that reaches across the axis.
    amplitude *= 0.52
    line = stem(amplitude)
    out: list[Drawable] = [Stroke(line, r)]
    bends = _Bends(layer, room, a, half_wave, amplitude, r, outline_of(out))
    middle = n // 2
    best = max(_SEATS, key=lambda seat: bends.fitted(middle, seat, leaf, 6))
    usual: dict[bool, float] = {}
    for k in range(n):
        vary = layer.variation[k % len(layer.variation)] if layer.variation else 0.0
        is_fruit = bool(layer.fruit_every) and k % layer.fruit_every == layer.fruit_every - 1
        make = fruit if is_fruit else leaf
        x0 = a + (k + 0.5) * half_wave
        inner = room.periodic or room.straight0 + half_wave < x0 < room.straight1 - half_wave
        size = usual.get(is_fruit, 0.0) if inner else 0.0
        if size <= 0.0:
            size = bends.fitted(k, best, make, 11)
        if inner:
            usual.setdefault(is_fruit, size)
        if size > 0.0:
            out += bends.grown(k, best, make, 0.97 * size * layer.leaf_scale * (1.0 - 0.04 * (1.0 + vary)), 4.0 * vary)
    if not room.periodic:
        out += _tip(layer, room, b, leaf, r)
        out.append(Bead(a, 0.0, min(1.3 * r, a - room.u0)))
    return out


@dataclass(frozen=True)
class _Seat:
    """Where a leaf stands in its bend: lean, where its stalk leaves the stem, length of the stalk."""

    angle_deg: float
    back: float
    stalk: float


_SEATS = tuple(_Seat(x, y, z) for x in (34.0, 50.0, 66.0, 84.0) for y in (0.0, 0.16, 0.3) for z in (0.12, 0.3))


@dataclass(frozen=True)
class _Bends:
    """The bends of a stem, and what grows in them."""

    layer: GrowthLayer
    room: Room
    a: float
    half_wave: float
    amplitude: float
    r: float
    stem: Outline

    def _root(self, k: int, seat: _Seat, turn: float) -> tuple[Array, Array, float]:
        """Foot of the stalk, foot of the leaf, and the leaf's direction."""
        s = self.layer.side * (-1) ** k
        x0 = self.a + (k + 0.5 - seat.back) * self.half_wave
        root = np.array([x0, s * self.amplitude * np.cos(np.pi * seat.back)])
        angle = -s * (seat.angle_deg + self.layer.leaf_turn_deg + turn)
        way = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        return root, root + (seat.stalk * self.room.half + 1.3 * self.r) * way, angle

    def _body(self, k: int, seat: _Seat, make: Maker, size: float, turn: float) -> list[Drawable]:
        _, base, angle = self._root(k, seat, turn)
        place = Placement(float(base[0]), float(base[1]), angle, angle < 0.0)
        return [element.moved(place) for element in make(size, self.room, self.layer.vein)]

    def fitted(self, k: int, seat: _Seat, make: Maker, steps: int) -> float:
        """Largest leaf in a bend that keeps its gap to the stem and the room; 0 where none does."""
        room = self.room
        root, base, _ = self._root(k, seat, 0.0)
        near = near_outline(self.stem, float(root[0]), 1.2 * self.half_wave, room)
        if near:
            keep = np.hypot(*(near[0].points - root).T) > float(np.hypot(*(base - root))) + 0.5 * self.r
            near = [Outline(near[0].points[keep], near[0].radius[keep])]

        def fits(size: float) -> bool:
            body = self._body(k, seat, make, size, 0.0)
            return room_left(room, body) >= 0.0 and gap_between(body, near) >= room.gap

        return largest(fits, 1.8 * room.stroke, 2.4 * room.half, steps) or 0.0

    def grown(self, k: int, seat: _Seat, make: Maker, size: float, turn: float) -> list[Drawable]:
        """Stalk and leaf."""
        root, base, _ = self._root(k, seat, turn)
        long = float(np.hypot(*(base - root)))
        stalk = Stroke(
            np.vstack([root, base + 0.16 * size * (base - root) / long]), min(self.r, 0.53 * self.room.stroke)
        )
        return [stalk, *self._body(k, seat, make, size, turn)]


def _tip(layer: GrowthLayer, room: Room, b: float, leaf: Maker, r: float) -> list[Drawable]:
    """The leaf in which the stem ends."""

    def last(size: float) -> list[Drawable]:
        return [element.moved(Placement(b - 0.05 * size, 0.0)) for element in leaf(size, room, layer.vein)]

    size = largest(lambda x: room_left(room, last(x)) >= 0.0, 1.5 * room.stroke, 1.6 * (room.u1 - b))
    return last(size) if size is not None else [Bead(b, 0.0, 1.3 * r)]


def _berries(size: float, room: Room, vein: float) -> list[Drawable]:
    """Three berries about the end of the stalk."""
    r = max(0.5 * room.stroke, 0.2 * size)
    return [Bead(0.95 * r, -1.02 * r, r), Bead(0.95 * r, 1.02 * r, r), Bead(2.6 * r, 0.0, r)]


def _acorn(size: float, room: Room, vein: float) -> list[Drawable]:
    return acorn(0.95 * size, room)


def _draw_ivy(layer: IvyLayer, room: Room) -> list[Drawable]:
    return _draw_growth(layer, room, ivy_leaf, _berries)


def _draw_oak(layer: OakLayer, room: Room) -> list[Drawable]:
    return _draw_growth(layer, room, oak_leaf, _acorn)


def _propose_ivy(room: Room, wish: Attributes, rng: Rng) -> IvyLayer | None:
    own = _growth(room, wish, rng)
    return None if own is None else IvyLayer(**own)


def _propose_oak(room: Room, wish: Attributes, rng: Rng) -> OakLayer | None:
    own = _growth(room, wish, rng)
    return None if own is None else OakLayer(**own)


FAMILIES: tuple[Family[Any], ...] = (
    Family("ivy", IvyLayer, _propose_ivy, _draw_ivy, "round", "pointed", ("vine", "laurel"), False, 6.2),
    Family("oak", OakLayer, _propose_oak, _draw_oak, "round", "pointed", ("vine", "laurel"), False, 6.2),
)
