"""How plants grow along the band: stems in waves, on two stems, along an edge, in sprays, as garlands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament import leaves
from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Stroke
from ringcad.generators.ornament.growing import Growth, Seat, border_points, fitted_stem, over_and_under
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.leaves import Maker
from ringcad.generators.ornament.plates import Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite, LayerBase, Positive, Share, Side

Form = Literal["wave", "twin", "edge", "spray", "torus", "simple"]
Fill = Literal["none", "pearls", "shoots"]
Course = Literal["along", "meet", "part"]


class GrowthLayer(LayerBase):
    """Leaves, and now and then a fruit, on one stem or two."""

    form: Form = "wave"
    repeats: Count
    """Half waves, meshes, pairs or leaves along the band."""
    stem_mm: Positive
    side: Side
    """The side that the stem starts towards, or that it keeps to."""
    leaf_turn_deg: Finite = 0.0
    leaf_scale: Positive = 1.0
    sway: Share = 0.5
    """Amplitude of the stem over the largest that the room allows."""
    fruit_every: int = 0
    """Every so many places hold a fruit instead of a leaf; 0: none."""
    fill: Fill = "none"
    """What stands in the gaps that are left."""
    opposed: bool = True
    """Leaves in pairs, or left and right in turn."""
    crowd: Share = 0.0
    """How much larger leaves are than gaps between them allow: they lie over each other."""
    course: Course = "along"
    """It grows along the band, from both ends to its middle, or from the middle to both ends."""
    vein: Share = 0.45
    variation: tuple[Finite, ...] = ()
    """One number in [-1, 1] per place: its leaf's size and angle."""


FRUIT_MOST: dict[Maker, float] = {leaves.acorn: 1.5, leaves.grapes: 1.5, leaves.berries: 0.85, leaves.berry: 0.8}
"""Longest fruit over half the room's width."""


def _most(layer: GrowthLayer, make: Maker, leaf: Maker, room: Room) -> float:
    """Largest length of a fruit; leaves take what they get."""
    if make is leaf and getattr(layer, "leaf", "") != "none":
        return float("inf")
    size: float | None = getattr(layer, "size_mm", None)
    return size or max(FRUIT_MOST.get(make, 1.0) * room.half, 2.6 * room.stroke)


def _is_fruit(layer: GrowthLayer, k: int) -> bool:
    return bool(layer.fruit_every) and k % layer.fruit_every == layer.fruit_every - 1


def _extent(room: Room, r: float, tail: float) -> tuple[float, float]:
    """Where a stem starts and ends: all round a closed band, else a ball and a last leaf away from the ends."""
    return (room.u0, room.u1) if room.periodic else (room.u0 + 1.4 * r, room.u1 - tail)


def _tip(growth: Growth, u: float, v: float, angle: float, make: Maker) -> None:
    """The leaf in which a stem ends."""
    growth.grow([Seat(u, v, angle, make, "tip", most=2.2 * growth.room.half)])


def _wave(layer: GrowthLayer, growth: Growth, leaf: Maker, fruit: Maker) -> None:
    """A stem in waves, a leaf in every bend that lies over it."""
    room, n, r = growth.room, layer.repeats, 0.5 * layer.stem_mm
    tail = min(0.95 * room.half, 0.16 * room.length)
    a, b = _extent(room, r, tail)
    step = (b - a) / n

    def stem(amplitude: float) -> Array:
        t = np.linspace(0.0, n, 24 * n + 1)
        # The wave dies out towards open ends, so that the stem ends on the axis.
        fade = 1.0 if room.periodic else np.clip(np.minimum(t, n - t) / 0.5, 0.0, 1.0)
        return np.column_stack([a + t * step, layer.side * amplitude * np.sin(np.pi * t) * fade])

    amplitude = layer.sway * fitted_stem(room, stem, r, room.half)
    line = stem(amplitude)
    growth.stems = [Stroke(line, r)]
    if not room.periodic:
        growth.stems.append(Bead(a, 0.0, min(1.35 * r, a - room.u0)))
        _tip(growth, b - 0.4 * r, 0.0, 0.0, leaf)

    def seats(angle: float, back: float) -> list[Seat]:
        found = []
        for k in range(n):
            s = layer.side * (-1.0) ** k
            u, v = a + (k + 0.5 - back) * step, s * amplitude * np.cos(np.pi * back)
            way = -s * (angle + layer.leaf_turn_deg)
            make = fruit if _is_fruit(layer, k) else leaf
            found.append(
                Seat(u, v, way, make, "leaf", most=_most(layer, make, leaf, room), stalk=1.5 * r, mirrored=s > 0.0)
            )
        return found

    middle = n // 2 - (1 if n > 2 and _is_fruit(layer, n // 2) else 0)
    tries = [seats(angle, back) for angle in (34.0, 52.0, 70.0) for back in (0.05, 0.3)]

    def size(found: Sequence[Seat]) -> float:
        near = found[max(middle - 2, 0) : middle + 3]
        return growth.fitted(found[middle], near, 5)

    flowers = _flower_seats(layer, fruit, line, n)
    if flowers:
        growth.grow(flowers)
    tried = [[seat for seat in found if seat.make is not fruit] if flowers else found for found in tries]
    if flowers:
        middle = min(middle, max(len(tried[0]) - 1, 0))
    if tried[0]:
        growth.grow(max(tried, key=size), layer.variation, layer.leaf_scale, 0.0 if flowers else layer.crowd)


def _flower_seats(layer: GrowthLayer, flower: Maker, line: Array, n: int) -> list[Seat]:
    """Flowers that stand with their hearts on a stem, a little inside its bends."""
    size = getattr(layer, "size_mm", None)  # flowers have one, what bears leaves alone does not
    if size is None:
        return []
    found = []
    for k in range(n):
        if _is_fruit(layer, k):
            at = line[min(int((k + 0.5) * 24), len(line) - 1)]
            found.append(Seat(float(at[0]), 0.15 * float(at[1]), 0.0, flower, "flower", most=size))
    return found


def _twin(layer: GrowthLayer, growth: Growth, leaf: Maker, fruit: Maker) -> None:
    """Two stems that cross over and under; a leaf in every mesh."""
    room, n, r = growth.room, layer.repeats, 0.5 * layer.stem_mm
    a, b = _extent(room, r, 1.4 * r)
    step = (b - a) / n

    def stem(amplitude: float, side: float = 1.0) -> Array:
        t = np.linspace(0.0, n, 24 * n + 1)
        return np.column_stack([a + t * step, side * amplitude * np.sin(np.pi * t)])

    amplitude = fitted_stem(room, stem, r, room.half)
    crossings = [(a + k * step, 0.0) for k in range(0 if room.periodic else 1, n)]
    reach = 1.5 * layer.stem_mm + room.gap
    for side in (1.0, -1.0):
        line = stem(amplitude, side)
        growth.stems.append(Stroke(line, r, over_and_under(line, crossings, reach, side > 0.0)))
    if not room.periodic:
        growth.stems += [Bead(u, 0.0, 1.35 * r) for u in (a, b)]
    seats = []
    for k in range(0 if room.periodic else 1, n):
        s = layer.side * (-1.0) ** k
        if getattr(layer, "size_mm", None) is not None:
            # Flowers stand on all crossings.
            seats.append(Seat(a + k * step, 0.0, 0.0, fruit, "flower", most=_most(layer, fruit, leaf, room)))
            continue
        make = fruit if _is_fruit(layer, k) else leaf
        most = _most(layer, make, leaf, room)
        # A leaf lies over every crossing, aslant.
        lean = s * (24.0 + layer.leaf_turn_deg)
        long = min(most, 0.5 * step + 0.4 * room.half)
        away = 0.5 * long * np.array([np.cos(np.deg2rad(lean)), np.sin(np.deg2rad(lean))])
        seats.append(Seat(a + k * step - away[0], -away[1], lean, make, "leaf", most=most, mirrored=s > 0.0))
    growth.grow(seats, layer.variation, layer.leaf_scale, 0.5 * layer.crowd)


def _edge(layer: GrowthLayer, growth: Growth, leaf: Maker, fruit: Maker) -> None:
    """A stem that keeps to one edge, leaves rising from it, long and short in turn."""
    room, n, r, s = growth.room, layer.repeats, 0.5 * layer.stem_mm, float(layer.side)
    a, b = _extent(room, r, 0.5 * room.half)
    t = np.linspace(0.0, n, 20 * n + 1)

    def stem(low: float) -> Array:
        rise = 0.1 * room.half * (1.0 + np.cos(2.0 * np.pi * t / 2.0))
        u = a + (b - a) * t / n
        v = s * np.maximum(low - rise, 0.0)
        if not room.periodic:
            # Towards open ends the stem comes to the axis, where the room is longest.
            x = np.clip(np.minimum(t, n - t) / min(1.3, 0.5 * n), 0.0, 1.0)
            v = v * x * x * (3.0 - 2.0 * x)
        return np.column_stack([u, v])

    low = fitted_stem(room, stem, r, room.half)
    line = stem(low)
    growth.stems = [Stroke(line, r)]
    if not room.periodic:
        growth.stems.append(Bead(float(line[0, 0]), float(line[0, 1]), 1.35 * r))
        _tip(growth, float(line[-1, 0]), float(line[-1, 1]), 0.0, leaf)

    flowers: list[Seat] = []

    def seats(lean: float) -> list[Seat]:
        found = []
        for k in range(n):
            i = int((k + 0.3) * 20)
            angle = -s * (lean + 0.6 * layer.leaf_turn_deg + (5.0 if k % 2 else -5.0))
            make = fruit if _is_fruit(layer, k) else leaf
            most = _most(layer, make, leaf, room)
            scale = 0.88 if k % 2 else 1.0
            u, v = float(line[i, 0]), float(line[i, 1])
            if make is fruit and getattr(layer, "size_mm", None) is not None:
                # A flower's heart stands on its stalk, high and low in turn.
                top = (0.34 if k % 2 else 0.14) * room.half
                seat = Seat(u, v, -s * 90.0, make, "flower", min(most, 1.32 * room.half), stalk=abs(v + s * top))
                if seat not in flowers:
                    flowers.append(seat)
                continue
            found.append(Seat(u, v, angle, make, "tall", most=most, stalk=1.6 * r, mirrored=s > 0.0, scale=scale))
        return found

    middle = n // 2 - (1 if n > 2 and _is_fruit(layer, n // 2) else 0)
    tries = [seats(lean) for lean in (36.0, 50.0, 66.0)]
    growth.grow(flowers)
    if tries[0]:
        middle = min(middle, len(tries[0]) - 1)

        def fit(found: Sequence[Seat]) -> float:
            return growth.fitted(found[middle], found, 5)

        best = max(tries, key=fit)
        growth.grow(best, layer.variation, layer.leaf_scale, 0.0 if flowers else layer.crowd)


def _spray(layer: GrowthLayer, growth: Growth, leaf: Maker, fruit: Maker) -> None:
    """Leaves in pairs or in turn on a straight stem."""
    room, n, r = growth.room, layer.repeats, 0.5 * layer.stem_mm
    a, b = _extent(room, r, min(1.1 * room.half, 0.2 * room.length))
    growth.stems.append(Stroke(np.array([[a, 0.0], [b, 0.0]]), r))
    pitch = (b - a) / (n if room.periodic else n - 0.2)
    if not room.periodic:
        _tip(growth, b, 0.0, 0.0, leaf)
        growth.stems.append(Bead(a, 0.0, min(1.35 * r, a - room.u0)))
    seats: list[Seat] = []
    for k in range(n):
        for s in (-1.0, 1.0):
            u = a + (k + (0.0 if layer.opposed or s < 0 else 0.5)) * pitch
            if not room.periodic and u > b - 0.35 * pitch:
                continue
            make = fruit if layer.fruit_every > 2 and _is_fruit(layer, 2 * k + (s > 0)) else leaf
            angle = s * (40.0 + layer.leaf_turn_deg)
            seats.append(Seat(u, 0.0, angle, make, "leaf", _most(layer, make, leaf, room), mirrored=s > 0))
    growth.grow(seats, layer.variation, layer.leaf_scale)


def heart(room: Room, u: float, r: float) -> list[Drawable]:
    """Three balls, or one, where two halves meet or part."""
    small = 0.6 * r
    if small <= 0.56 * room.stroke:
        return [Bead(u, 0.0, r)]
    centres = [(u, -1.1 * small), (u - 0.95 * small, 0.55 * small), (u + 0.95 * small, 0.55 * small)]
    return [Stack(tuple(Bead(x, y, small) for x, y in centres), min(small, room.gap), 0.4)]


def _torus(layer: GrowthLayer, growth: Growth, leaf: Maker, fruit: Maker) -> None:
    """A garland of leaves that overlap like scales, three abreast, bound with ribbons."""
    room, n = growth.room, layer.repeats
    pitch = room.length / n
    lean = 27.0 + 0.4 * layer.leaf_turn_deg
    foot = 0.1 * room.half
    long = growth.in_room(Seat(0.5 * (room.u0 + room.u1), foot, lean, leaf, "leaf", most=2.0 * room.half))
    parts: list[Drawable] = []
    # Feet lie under the leaves before them: what is nearer to the start lies on top.
    for k in range(n if room.periodic else n + 2, -1 if room.periodic else -3, -1):
        for row, angle in ((0.5, -lean), (0.5, lean), (0.0, 0.0)):
            u = room.u0 + (k + row) * pitch - (0.0 if room.periodic else 0.4 * long)
            seat = Seat(u, float(np.sign(angle)) * foot, angle, leaf, "leaf", mirrored=angle > 0.0)
            if growth.in_room(seat) >= 0.999 * long:
                place = Placement(seat.u, seat.v, angle, angle > 0.0)
                parts += [part.moved(place) for part in leaf(long, room)]
    r = 0.56 * room.stroke
    tall = room.half - 1.1 * r
    ribbons = max(1, round(room.length / (8.0 * room.half)))
    for k in range(ribbons):
        u = room.u0 + (k + 0.5) * room.length / ribbons
        if layer.fruit_every != 2:
            # one slanting ribbon: crossed ones hide the leaves at these sizes
            parts.append(Stroke(np.array([[u - 0.3 * tall, -tall], [u + 0.3 * tall, tall]]), r))
        else:
            parts += [Bead(u, y * 2.1 * r, 1.15 * r) for y in ((-1.0, 1.0) if tall < 3.4 * r else (-1.0, 0.0, 1.0))]
    growth.elements.append(Stack(tuple(parts), 1.5 * room.gap, 0.46))
    growth.placed += [border_points([part]) for part in parts]


HABITS: dict[str, Callable[[Any, Growth, Maker, Maker], None]] = {
    "wave": _wave,
    "twin": _twin,
    "edge": _edge,
    "spray": _spray,
    "torus": _torus,
}
