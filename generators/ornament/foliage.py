"""Foliage on a stem in waves: ivy and oak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.botanical import file_of_leaves
from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import (
    Room,
    bezier,
    largest,
    outline_of,
    room_left,
)
from ringcad.generators.ornament.plates import Groove, Laid, Plate, Stack
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
    """Heart-shaped leaf of three or five lobes, length ``size``; veins run from its foot to the tips."""
    small = size < 5.2 * room.stroke
    if small:
        half = [(0.1, 0.0), (-0.04, 0.16), (0.0, 0.38), (0.3, 0.56), (0.44, 0.33), (0.72, 0.22), (1.0, 0.0)]
    else:
        half = [
            (0.12, 0.0),
            (-0.02, 0.08),
            (-0.1, 0.26),
            (-0.02, 0.46),
            (0.12, 0.4),
            (0.24, 0.52),
            (0.42, 0.6),
            (0.5, 0.34),
            (0.74, 0.22),
            (1.0, 0.0),
        ]
    side = lobes_through(half, 0.1) * size
    outline = np.vstack([side, side[-2:0:-1] * [1.0, -1.0]])
    grooves: list[Groove] = []
    fine = min(1.02 * room.gap, 0.13 * size)
    if size > 3.0 * room.stroke:
        grooves.append(Groove(np.array([(0.16, 0.0), (0.8, 0.0)]) * size, fine, 1.1 * vein))
    if size > 4.2 * room.stroke:
        tip = (0.3, 0.4) if small else (0.36, 0.44)
        grooves += [Groove(np.array([(0.17, 0.0), (tip[0], s * tip[1])]) * size, fine, 0.8 * vein) for s in (-1.0, 1.0)]
    if size > 7.0 * room.stroke:
        grooves += [Groove(np.array([(0.15, 0.0), (0.0, s * 0.34)]) * size, fine, 0.7 * vein) for s in (-1.0, 1.0)]
    return [Plate((outline,), min(0.2, 0.16 * size), 1.0, 0.34, 0.36 * size, tuple(grooves))]


def oak_leaf(size: float, room: Room, vein: float) -> list[Drawable]:
    """Leaf with round lobes, broadest beyond its middle."""
    axis = spline(np.array([(0.0, 0.0), (0.5, 0.05), (1.0, 0.0)]) * size)
    lobes = 3 if size < 8.5 * room.stroke else 4

    def envelope(t: Array) -> Array:
        return np.asarray((0.4 + 0.6 * arch(t**1.25, 0.9)) * np.clip((1.0 - t) / 0.1, 0, 1) ** 0.5)

    outline, veins = lobed_outline(axis, max(0.72 * size, 1.7 * room.stroke), envelope, lobes, 0.4, 0.34, 0.0)
    grooves: list[Groove] = []
    fine = min(1.02 * room.gap, 0.11 * size)
    if size > 3.2 * room.stroke:
        grooves.append(Groove(axis[2:-5], fine, 1.1 * vein))
    if size > 5.4 * room.stroke:
        grooves += [Groove(line, fine, 0.7 * vein) for pair in veins[:-1] for line in pair]
    return [Plate((outline,), min(0.2, 0.14 * size), 1.0, 0.34, 0.32 * size, tuple(grooves))]


def mirrored_across(points: Sequence[tuple[float, float]]) -> Array:
    """Points, and the same back on the other side of the x axis."""
    one = np.asarray(points, dtype=np.float64)
    return np.vstack([one, one[::-1] * [1.0, -1.0]])


def acorn(size: float, room: Room) -> list[Drawable]:
    """Pointed nut in a grained cup along +x from the origin."""
    nut = spline(
        mirrored_across([(0.24, -0.24), (0.5, -0.29), (0.74, -0.24), (0.9, -0.1), (1.0, -0.03)]),
        samples=5,
    )
    cup = spline(
        mirrored_across([(0.0, -0.06), (0.05, -0.22), (0.2, -0.36), (0.36, -0.38), (0.41, -0.3), (0.35, -0.1)]),
        True,
        5,
    )
    grooves: tuple[Groove, ...] = ()
    if size > 5.0 * room.stroke:
        lines = [spline([(0.02, y), (0.18, 1.5 * y), (0.36, 1.8 * y)]) for y in (-0.12, 0.0, 0.12)]
        grooves = tuple(Groove(line * size, min(0.8 * room.gap, 0.07 * size), 0.3) for line in lines)
    body = Plate((nut * size,), 0.24 * size, 0.92, 0.4, 0.34 * size)
    return [Stack((body, Plate((cup * size,), 0.16, 1.0, 0.25, 0.3 * size, grooves)), 1.3 * room.gap, 0.5)]


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
    amplitude *= 0.58
    line = stem(amplitude)
    out: list[Drawable] = [Stroke(line, r)]
    end = [] if room.periodic else _tip(layer, room, b, leaf, r)
    units = {make: _unit(make, 1.1 * room.half, room) for make in (leaf, fruit)}
    bends = _Bends(layer, room, a, half_wave, amplitude, r, units, outline_of(end).points[::3] if end else None)
    middle = n // 2
    best = max(_SEATS, key=lambda seat: bends.fitted(middle, seat, leaf, 5))
    before: tuple[Array, ...] = ()
    usual: dict[bool, float] = {}
    for k in range(n):
        vary = layer.variation[k % len(layer.variation)] if layer.variation else 0.0
        is_fruit = bool(layer.fruit_every) and k % layer.fruit_every == layer.fruit_every - 1
        make = fruit if is_fruit else leaf
        x0 = a + (k + 0.5) * half_wave
        inner = room.periodic or (k < n - 1 and room.straight0 + half_wave < x0 < room.straight1 - half_wave)
        seat = best
        if k == n - 1 and not room.periodic:
            # The last leaf stands as it can between the one before it and the tip.
            beside = (*before, bends.tip) if bends.tip is not None else before
            bends = replace(bends, beside=beside)
            seat = max(_SEATS, key=lambda seat: bends.fitted(n - 1, seat, make, 5))
        size = usual.get(is_fruit, 0.0) if inner else 0.0
        if size <= 0.0:
            size = bends.fitted(k, seat, make, 9)
        if inner:
            usual.setdefault(is_fruit, size)
        if size > 0.64 * usual.get(is_fruit, 0.0):
            before = (bends.outline(k, seat, make, size),)
            out += bends.grown(k, seat, make, 0.95 * size * layer.leaf_scale * (1.0 - 0.04 * (1.0 + vary)), 4.0 * vary)
    if not room.periodic:
        out += [Laid(element, 1.5 * room.gap, 0.42) for element in end]
        out.append(Bead(a, 0.0, min(1.3 * r, a - room.u0)))
    return out


@dataclass(frozen=True)
class _Seat:
    """Where a leaf stands in its bend: lean, where its stalk leaves the stem, length of the stalk."""

    angle_deg: float
    back: float
    stalk: float


_SEATS = tuple(_Seat(x, y, z) for x in (30.0, 44.0, 58.0, 74.0) for y in (-0.1, 0.1, 0.26, 0.4) for z in (0.06, 0.24))


@dataclass(frozen=True)
class _Bends:
    """The bends of a stem, and what grows in them."""

    layer: GrowthLayer
    room: Room
    a: float
    half_wave: float
    amplitude: float
    r: float
    units: dict[Maker, Array]
    """Outlines of leaf and fruit for a length of one."""
    tip: Array | None = None
    """Outline of the leaf in which the stem ends."""
    beside: tuple[Array, ...] | None = None
    """What the leaf must keep clear of, if it is not leaves like it in the next bends."""

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
        foot, unit = self._spread(k, seat, make)
        next_to = () if self.beside is not None else tuple(self._spread(k + step, seat, make) for step in (1, -1))
        apart = min((float(np.hypot(*(foot - other[0]))) for other in next_to), default=float("inf"))

        def fits(size: float) -> bool:
            # The leaf lies over the stem; towards the next leaves and the room's edge it keeps its gap.
            body = foot + size * unit
            if size > 0.94 * apart or float(room.clearance(body).min()) < 0.0:
                return False
            others = self.beside if self.beside is not None else [at + size * line for at, line in next_to]
            return all(_away(body, other) >= 1.4 * room.gap + 0.1 * size for other in others)

        return largest(fits, 1.8 * room.stroke, 2.4 * room.half, steps) or 0.0

    def _spread(self, k: int, seat: _Seat, make: Maker) -> tuple[Array, Array]:
        """Foot of a leaf, and its outline about the foot for a length of one as it stands."""
        _, base, angle = self._root(k, seat, 0.0)
        return base, Placement(0.0, 0.0, angle, angle < 0.0).points(self.units[make])

    def outline(self, k: int, seat: _Seat, make: Maker, size: float) -> Array:
        """Outline points of a leaf of a size in a bend."""
        foot, unit = self._spread(k, seat, make)
        return foot + size * unit

    def grown(self, k: int, seat: _Seat, make: Maker, size: float, turn: float) -> list[Drawable]:
        """Stalk and leaf."""
        root, base, _ = self._root(k, seat, turn)
        long = float(np.hypot(*(base - root)))
        stalk = Stroke(
            np.vstack([root, base + 0.16 * size * (base - root) / long]), min(self.r, 0.53 * self.room.stroke)
        )
        body = self._body(k, seat, make, size, turn)
        return [stalk, *(Laid(element, 1.5 * self.room.gap, 0.42) for element in body)]


def _unit(make: Maker, probe_mm: float, room: Room) -> Array:
    """Outline points (about 40) of a leaf or fruit of a typical length, divided by that length."""
    points, radius = outline_of(make(probe_mm, room, 0.0)).discs()
    if float(radius.max()) > 0.0:
        # Balls: eight points on each.
        ring = np.deg2rad(np.arange(0.0, 360.0, 45.0))
        around = np.column_stack([np.cos(ring), np.sin(ring)])
        points = (points[:, None, :] + radius[:, None, None] * around).reshape(-1, 2)
    return points[:: max(1, len(points) // 40)] / probe_mm


def _away(a: Array, b: Array) -> float:
    """Smallest distance between two sets of points."""
    d = a[:, None, :] - b[None, :, :]
    return float(np.sqrt(np.einsum("ijk,ijk->ij", d, d).min()))


def _tip(layer: GrowthLayer, room: Room, b: float, leaf: Maker, r: float) -> list[Drawable]:
    """The leaf in which the stem ends."""

    def last(size: float) -> list[Drawable]:
        return [element.moved(Placement(b - 0.05 * size, 0.0)) for element in leaf(size, room, layer.vein)]

    probe = room.u1 - b
    spread = outline_of(leaf(probe, room, 0.0)).points[::4] / probe - [0.05, 0.0]

    def fits(size: float) -> bool:
        return float(room.clearance(size * spread + [b, 0.0]).min()) >= 0.0

    size = largest(fits, 1.5 * room.stroke, 1.6 * probe)
    return last(size) if size is not None else [Bead(b, 0.0, 1.3 * r)]


def _berries(size: float, room: Room, vein: float) -> list[Drawable]:
    """Berries about the end of the stalk: six in a bunch where it is large enough, else three."""
    small = max(0.5 * room.stroke, 0.15 * size)
    if 6.0 * small < 1.15 * size:
        # A bunch: three, two and one.
        rows = ((0.95, (-2.1, 0.0, 2.1)), (2.8, (-1.05, 1.05)), (4.6, (0.0,)))
        return [Bead(x * small, y * small, small) for x, across in rows for y in across]
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
