"""Foliage along the band: vine, ivy, oak and laurel, each in several layouts.

A stem in waves with a leaf in every bend; two stems that cross over and under; a stem along one edge; pairs on a straight
stem; a wreath that meets in the middle; leaves that overlap like scales about a garland; or leaves in file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament import leaves
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.botanical import file_of_leaves
from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.growing import Growth, Seat, border_points, fitted_stem, over_and_under
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.leaves import Maker
from ringcad.generators.ornament.plates import Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite, LayerBase, Positive, Share, Side

Rng = np.random.Generator
Form = Literal["wave", "twin", "edge", "spray", "torus", "simple"]
Fill = Literal["none", "pearls", "shoots"]
Course = Literal["along", "meet", "part"]


class GrowthLayer(LayerBase):
    """Leaves, and now and then a fruit, on one stem or two."""

    form: Form = "wave"
    repeats: Count
    """Bends, meshes, pairs or leaves along the band."""
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


class VineLayer(GrowthLayer):
    """Vine: grape leaves and bunches, or plain leaves and berries."""

    family: Literal["vine"] = "vine"
    leaf: Literal["ivy", "almond", "round", "none"] = "ivy"


class IvyLayer(GrowthLayer):
    """Ivy: lobed leaves and berries."""

    family: Literal["ivy"] = "ivy"
    leaf: Literal["common", "young", "heart"] = "common"


class OakLayer(GrowthLayer):
    """Oak: leaves with round lobes and acorns."""

    family: Literal["oak"] = "oak"


class LaurelLayer(GrowthLayer):
    """Evergreen leaves with an even edge, and berries: bay, olive, mistletoe, holly."""

    family: Literal["laurel"] = "laurel"
    leaf: Literal["bay", "olive", "mistletoe", "holly"] = "bay"


@dataclass(frozen=True)
class Plant:
    """What grows in a family: leaves by name, fruit, layouts by how often they are drawn, and its leaves' breadth."""

    layer: type[GrowthLayer]
    leaves: Mapping[str, Maker]
    fruit: Mapping[str, Maker]
    """Fruit by leaf; ``""`` for all others."""
    forms: Sequence[Form]
    broad: float
    """Breadth of a leaf over its length."""

    def leaf(self, layer: GrowthLayer) -> Maker:
        """The maker of a layer's leaves, with its vein."""
        name = getattr(layer, "leaf", "")
        return self.leaves.get(name) or next(iter(self.leaves.values()))

    def fruit_of(self, layer: GrowthLayer) -> Maker:
        return self.fruit.get(getattr(layer, "leaf", "")) or self.fruit[""]

    # ------------------------------------------------------------ proposing

    def propose(self, room: Room, wish: Attributes, rng: Rng) -> Any:
        """A layer for a room; ``None`` where not even leaves in file fit."""
        space, stroke = 2.0 * room.half, room.stroke
        if space < stroke:
            return None
        side: Side = 1 if rng.random() < 0.5 else -1
        stem = max(stroke, min(0.09 * space, 0.5)) * (1.0 + 0.2 * max(0.0, wish.bold))
        fields: dict[str, Any] = {"side": side, "vein": 0.3 if wish.soft > 0 else 0.45}
        if len(self.leaves) > 1:
            names = [name for name in self.leaves if name != "none"]
            picked = names[int(rng.integers(len(names)))]
            fields["leaf"] = wish.leaf if wish.leaf in self.leaves else picked
        forms = [form for form in self.forms if self._fits(form, room, stem)]
        if not forms:
            n = max(1, round(room.length / (max(2.2 * space, 3.4 * stroke) * (1.0 - 0.15 * wish.dense))))
            fields |= {"form": "simple", "repeats": n, "stem_mm": round(stroke, 4)}
            return self.layer(**fields, variation=_jitter(rng, n))
        form = forms[int(rng.integers(len(forms)))]
        if wish.form in forms:
            form = wish.form  # type: ignore[assignment]
        n = self._repeats(form, room, wish, rng)
        fruit = 0
        wanted = wish.berries or getattr(wish, "leaf", None) == "none"
        if wanted or (rng.random() < 0.55 and n > 3 and wish.balls is not False):
            fruit = 1 if wish.leaf == "none" else int(rng.integers(2, 4))
        fills: tuple[Fill, ...] = ("shoots", "pearls", "shoots", "none")
        fill = fills[int(rng.integers(4))] if wish.dense <= 0.0 else "shoots"
        if (wish.balls is False and fill == "pearls") or wish.dense < 0.0 or wish.leaf == "none":
            fill = "none"
        courses: tuple[Course, ...] = ("along", "meet", "part") if form != "twin" else ("along",)
        course = courses[int(rng.integers(len(courses)))]
        if room.periodic or wish.repeats or n < 4:
            course = "along"
        fields |= {
            "form": form,
            "repeats": n,
            "stem_mm": round(stem, 4),
            "leaf_turn_deg": round(9.0 * float(rng.uniform(-1, 1)), 3),
            "leaf_scale": round(1.0 + 0.12 * min(0.0, wish.large), 3),
            "sway": round(float(rng.uniform(0.3, 0.72)), 3),
            "fruit_every": fruit,
            "fill": fill,
            "crowd": round(float(rng.choice([0.0, 0.16, 0.32])), 3),
            "opposed": bool(rng.random() < 0.6),
            "course": course,
        }
        return self.layer(**fields, variation=_jitter(rng, n))

    def _fits(self, form: Form, room: Room, stem: float) -> bool:
        half, stroke, gap = room.half, room.stroke, room.gap
        least = {
            "wave": 0.5 * (stem + gap + 3.0 * stroke),
            "edge": 0.5 * (stem + gap + 3.4 * stroke),
            "twin": stem + gap + 0.5 * max(2.4 * stroke, 2.6 * self.broad * stroke),
            "spray": 0.5 * stroke + (2.3 if self.broad < 0.55 else 4.4) * stroke,
            "torus": 2.7 * stroke,
        }
        return form == "simple" or half >= least[form]

    def _repeats(self, form: Form, room: Room, wish: Attributes, rng: Rng) -> int:
        space, stroke, gap = 2.0 * room.half, room.stroke, room.gap
        dice = 1.0 + 0.16 * float(rng.uniform(-1, 1))
        if form == "wave":
            step = max((0.72 + 0.3 * self.broad) * space, 3.4 * stroke + 2.0 * gap)
        elif form == "twin":
            step = max(0.95 * space, 4.4 * stroke + 2.0 * gap)
        elif form == "edge":
            step = max(min((0.92 * self.broad * space + 1.25 * gap) / 0.8, 1.15 * space), 2.4 * stroke + 1.6 * gap)
        elif form == "torus":
            step = max(0.44 * space, 2.6 * stroke)
        else:
            step = (max(self.broad * 1.5 * room.half, stroke) + APART_SPRAY * gap) / 0.62
        step *= (1.0 - 0.14 * wish.dense) * (1.0 + 0.12 * wish.large) * dice
        n = max(2, round(room.length / step))
        if wish.repeats:
            n = max(2, min(wish.repeats, round(room.length / (0.7 * step))))
        return n + n % 2 if room.periodic else n

    # ------------------------------------------------------------ drawing

    def draw(self, layer: Any, room: Room) -> list[Drawable]:
        """Elements of a layer."""
        if layer.form == "simple":
            return file_of_leaves(room, layer.repeats, 2.0 * room.half, layer.stem_mm, layer.vein, layer.variation)
        if layer.course == "along" or room.periodic:
            return self._grown(layer, room)
        middle, apart = 0.5 * (room.u0 + room.u1), max(0.34 * room.half, 0.8 * room.stroke) + 0.5 * room.gap
        if layer.course == "meet":
            own = replace(room, u1=middle - apart, straight1=middle)
        else:
            own = replace(room, u0=middle + apart, straight0=middle)
        half = self._grown(layer.model_copy(update={"repeats": max(1, round(0.5 * layer.repeats))}), own)
        mirror = Placement(2.0 * middle, 0.0, 180.0, True)
        return [*half, *(element.moved(mirror) for element in half), *_heart(room, middle, apart - 0.5 * room.gap)]

    def _grown(self, layer: Any, room: Room) -> list[Drawable]:
        growth = Growth(room)
        make = self.leaf(layer)
        if getattr(layer, "leaf", "") == "none":
            make = self.fruit_of(layer)
        _DRAWERS[layer.form](layer, growth, make, self.fruit_of(layer))
        if layer.fill == "shoots" and layer.form != "torus":
            growth.shoots(make, 1.5 * room.half, 3 * layer.repeats)
        if layer.fill != "none":
            growth.pearls(max(0.75 * room.stroke, 0.2 * room.half), 3 * layer.repeats)
        return [*growth.stems, *growth.elements]

    def family(self, widest_mm: float) -> Family[Any]:
        """The family of the grammar."""
        name = self.layer.model_fields["family"].default
        kin = tuple(k for k in ("vine", "laurel", "ivy") if k != name)[:2]
        return Family(name, self.layer, self.propose, self.draw, "round", "pointed", kin, False, widest_mm)


FRUIT_MOST: dict[Maker, float] = {leaves.acorn: 1.5, leaves.grapes: 1.5, leaves.berries: 0.85, leaves.berry: 0.8}
"""Longest fruit over half the room's width."""
APART_SPRAY = 1.4
"""Gaps between the leaves of a spray."""


def _jitter(rng: Rng, n: int) -> tuple[float, ...]:
    return tuple(round(float(x), 4) for x in rng.uniform(-1, 1, n))


def _most(layer: GrowthLayer, make: Maker, leaf: Maker, room: Room) -> float:
    """Largest length of a fruit; leaves take what they get."""
    if make is leaf and getattr(layer, "leaf", "") != "none":
        return float("inf")
    return max(FRUIT_MOST.get(make, 1.0) * room.half, 2.6 * room.stroke)


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
    growth.stems = [Stroke(stem(amplitude), r)]
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

    def size(found: list[Seat]) -> float:
        near = found[max(middle - 2, 0) : middle + 3]
        return growth.fitted(found[middle], near, 5)

    growth.grow(max(tries, key=size), layer.variation, layer.leaf_scale, layer.crowd)


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
            v = v * np.clip(np.minimum(t, n - t) / 0.8, 0.0, 1.0) ** 0.7
        return np.column_stack([u, v])

    low = fitted_stem(room, stem, r, room.half)
    line = stem(low)
    growth.stems = [Stroke(line, r)]
    if not room.periodic:
        growth.stems.append(Bead(float(line[0, 0]), float(line[0, 1]), 1.35 * r))
        _tip(growth, float(line[-1, 0]), float(line[-1, 1]), 0.0, leaf)

    def seats(lean: float) -> list[Seat]:
        found = []
        for k in range(n):
            i = int((k + 0.3) * 20)
            angle = -s * (lean + 0.6 * layer.leaf_turn_deg + (5.0 if k % 2 else -5.0))
            make = fruit if _is_fruit(layer, k) else leaf
            most = _most(layer, make, leaf, room)
            scale = 0.88 if k % 2 else 1.0
            u, v = float(line[i, 0]), float(line[i, 1])
            found.append(Seat(u, v, angle, make, "tall", most=most, stalk=1.6 * r, mirrored=s > 0.0, scale=scale))
        return found

    middle = n // 2 - (1 if n > 2 and _is_fruit(layer, n // 2) else 0)
    best = max((seats(lean) for lean in (36.0, 50.0, 66.0)), key=lambda found: growth.fitted(found[middle], found, 5))
    growth.grow(best, layer.variation, layer.leaf_scale, layer.crowd)


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


def _heart(room: Room, u: float, r: float) -> list[Drawable]:
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
    for k in range(3):
        u = room.u0 + (k + 0.5) * room.length / 3.0
        if layer.fruit_every != 2:
            parts += [Stroke(np.array([[u - x * tall, -tall], [u + x * tall, tall]]), r) for x in (-0.3, 0.3)]
        else:
            parts += [Bead(u, y * 2.1 * r, 1.15 * r) for y in ((-1.0, 1.0) if tall < 3.4 * r else (-1.0, 0.0, 1.0))]
    growth.elements.append(Stack(tuple(parts), 1.5 * room.gap, 0.46))
    growth.placed += [border_points([part]) for part in parts]


_DRAWERS: dict[str, Callable[[Any, Growth, Maker, Maker], None]] = {
    "wave": _wave,
    "twin": _twin,
    "edge": _edge,
    "spray": _spray,
    "torus": _torus,
}

IVY = Plant(
    IvyLayer,
    {"common": leaves.ivy_leaf, "young": leaves.young_ivy_leaf, "heart": leaves.heart_leaf},
    {"": leaves.berries},
    ("wave", "wave", "twin", "edge"),
    1.2,
)
OAK = Plant(OakLayer, {"oak": leaves.oak_leaf}, {"": leaves.acorn}, ("wave", "wave", "twin", "edge", "torus"), 0.74)
VINE = Plant(
    VineLayer,
    {"ivy": leaves.grape_leaf, "almond": leaves.bay_leaf, "round": leaves.heart_leaf, "none": leaves.grape_leaf},
    {"": leaves.berries, "ivy": leaves.grapes, "none": leaves.grapes},
    ("wave", "wave", "twin", "edge"),
    0.9,
)
LAUREL = Plant(
    LaurelLayer,
    {
        "bay": leaves.bay_leaf,
        "olive": leaves.olive_leaf,
        "mistletoe": leaves.spoon_leaf,
        "holly": leaves.holly_leaf,
    },
    {"": leaves.berry, "mistletoe": leaves.berries, "holly": leaves.berries},
    ("spray", "spray", "torus", "wave", "edge"),
    0.42,
)
FAMILIES: tuple[Family[Any], ...] = (VINE.family(6.2), IVY.family(6.2), OAK.family(6.2), LAUREL.family(6.2))
