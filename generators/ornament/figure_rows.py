"""Figures in a row: how large, how many, how they follow one another, and what stands between them.

A family of figures gives only the drawing of one; this module does the rest for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Leaf, Measured, Placement, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import (
    Outline,
    Room,
    gap_between,
    largest,
    near_outline,
    outline_of,
    room_left,
)
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, EndShape, Finite, Frieze, LayerBase, Positive
from ringcad.generators.ornament.small_forms import LEAST, SMALL

Between = Literal["none", "ball", "balls", "leaves", "bar"]


class FigureLayer(LayerBase):
    """Figures one after another, in one or more rows."""

    repeats: Count
    """Figures in each row."""
    rows: Count = 1
    size_mm: Positive
    """Height of a figure; across the band, or along it where it lies."""
    frieze: Frieze = "repeat"
    lying: bool = False
    """Whether its top points along the band instead of across it."""
    between: Between = "none"
    turn_deg: tuple[Finite, ...] = ()
    """Turning of each figure in its place."""
    simple: bool = False
    """Whether each is drawn as one body: there is no room for its own drawing."""


F = TypeVar("F", bound=FigureLayer)


@dataclass(frozen=True)
class Figure(Generic[F]):
    """One kind of figure.

    ``draw`` makes figure number k of a layer about the origin, ``size_mm`` high (its top towards
    smaller v), in a room that gives stroke and gap. ``own`` samples the family's own fields from the
    wishes, the size in mm and the room. ``aspect`` is its width over its height, ``least`` the
    smallest size in strokes, ``best_mm`` the size at which it looks best.
    """

    name: str
    layer: type[F]
    draw: Callable[[F, float, Room, int], Sequence[Drawable]]
    own: Callable[[Attributes, np.random.Generator, float, Room], dict[str, Any]]
    aspect: Callable[[dict[str, Any]], float]
    least: float
    best_mm: float = 3.6
    friezes: tuple[Frieze, ...] = ("repeat",)
    lies: bool | None = False
    """Whether it lies along the band; ``None``: either."""
    between: tuple[Between, ...] = ("ball", "none")
    spacing: float = 0.0
    """Least distance between two figures over their size; at least one gap is kept."""
    air: float = 0.08
    """Distance between two figures over their size where nothing was said of density."""
    shrinks: float = 0.72
    """How much smaller figures may be drawn so that one more fills a hole."""
    turns: float = 0.0
    """Largest turning of a figure, degrees."""
    varies: float = 0.08
    """How much larger or smaller than its best size a figure may be wanted."""
    start: EndShape = "square"
    finish: EndShape = "square"
    kin: tuple[str, ...] = ("milgrain",)
    reads_mm: Callable[[Attributes, Room], float] = lambda wish, room: 0.0
    """Size from which a figure is taken for what it is: no rows smaller than that."""

    def family(self) -> Family[F]:
        """The family of the grammar that this figure makes."""
        return Family(self.name, self.layer, self._propose, self._draw, self.start, self.finish, self.kin)

    def _propose(self, room: Room, wish: Attributes, rng: np.random.Generator) -> F | None:
        lies = self.lies if self.lies is not None else bool(rng.random() < 0.4)
        best = self.best_mm * (1.0 + 0.35 * wish.large) * (1.0 - 0.15 * max(wish.dense, 0.0))
        best *= 1.0 + self.varies * float(rng.uniform(-1, 1))
        between: Between = self.between[int(rng.integers(len(self.between)))]
        if (wish.balls is False or wish.dense > 0.5) and between in ("ball", "balls"):
            between = "none"
        frieze = wish.frieze or self.friezes[int(rng.integers(len(self.friezes)))]
        shape_seed = int(rng.integers(2**32))
        aspect = self.aspect(self.own(wish, np.random.default_rng(shape_seed), min(best, 2.0 * room.half), room))
        plan = self._plan(room, wish, lies, best, between, aspect)
        own: dict[str, Any] = {}
        for _ in range(2):
            # The shape may follow from the size, and the size from the shape: twice is enough.
            if plan is None:
                break
            own = self.own(wish, np.random.default_rng(shape_seed), plan[0], room)
            if abs(self.aspect(own) - aspect) < 1e-9:
                break
            aspect = self.aspect(own)
            plan = self._plan(room, wish, lies, best, between, aspect)
        fewer = plan is None or bool(wish.rows and plan[1] < wish.rows)
        if fewer and ((wish.rows or 1) > 1 or not room.boxed):
            simplified = self._simplified(room, wish, best, between, shape_seed)
            if simplified is not None and (plan is None or simplified.rows > plan[1]):
                return simplified
        if plan is None:
            return None
        size, rows, repeats = plan
        if room.periodic and frieze != "repeat" and repeats % 2:
            # Every second figure is another: one more where they may be a little smaller, else one less.
            smaller = size * repeats / (repeats + 1)
            if smaller >= max(0.7 * size, self.least * room.stroke):
                size, repeats = smaller, repeats + 1
                own = self.own(wish, np.random.default_rng(shape_seed), size, room)
            elif repeats > 1:
                repeats -= 1
            else:
                frieze = "repeat"
        most = max(self.turns, 14.0 * wish.irregular)
        turn = tuple(round(most * float(x), 3) for x in rng.uniform(-1, 1, repeats * rows)) if most else ()
        return self.layer(
            repeats=repeats,
            rows=rows,
            size_mm=round(size, 4),
            frieze=frieze,
            lying=lies,
            between=between,
            turn_deg=turn,
            **own,
        )

    def _simplified(self, room: Room, wish: Attributes, best: float, between: Between, shape_seed: int) -> F | None:
        """The family's declared simplified form in as many rows as asked; ``None`` where it has none or it is too
        small, or where its own drawing has room.
        """
        if self.name not in SMALL:
            return None
        _, aspect = SMALL[self.name]
        plan = self._plan(room, wish, False, best, "none", aspect, LEAST)
        if plan is None or plan[0] >= self.least * room.stroke or (wish.rows and plan[1] < wish.rows):
            return None
        size, rows, repeats = plan
        own = self.own(wish, np.random.default_rng(shape_seed), size, room)
        between = "ball" if between != "none" and rows == 1 else "none"
        return self.layer(
            repeats=repeats, rows=rows, size_mm=round(size, 4), between=between, **{**own, "simple": True}
        )

    def _plan(
        self,
        room: Room,
        wish: Attributes,
        lies: bool,
        best: float,
        between: Between,
        aspect: float,
        least: float | None = None,
    ) -> tuple[float, int, int] | None:
        """Size in mm, rows and figures a row; ``None`` where the smallest does not fit."""
        stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
        least = self.least if least is None else least
        # Across the band a figure takes its height, or its width where it lies.
        tall, along = (aspect, 1.0) if lies else (1.0, aspect)
        fill = 0.6 if lies else 1.0
        rows = wish.rows or max(1, int(fill * (space + gap) / (best * tall + gap) + 0.35))
        reads = self.reads_mm(wish, room) if rows > 1 else 0.0
        while rows > 1 and (space + gap) / rows - gap < max(least * stroke, reads) * tall:
            rows -= 1
        across = ((space + gap) / rows - gap) / tall
        small = across * (1.0 + 0.4 * min(0.0, wish.large) + 0.2 * min(0.0, wish.bold))
        size = min(max(small, min(across, least * stroke)), 1.9 * best, room.length / along)
        if size < least * stroke:
            return None
        spare = max(gap, self.spacing * size, self.air * min(size, 4.0) * (1.0 - wish.dense))
        if between != "none":
            spare = max(spare, (stroke if between != "leaves" else 1.5 * stroke) + 2.0 * gap)
        if wish.dense < 0.0:
            spare *= 1.0 - 0.9 * wish.dense
        run = room.length + (0.0 if room.periodic else spare)
        repeats = max(1, int(run / (size * along + spare) + (0.5 if lies else 0.0)))
        if wish.repeats:
            repeats = max(1, min(wish.repeats, int(run / (least * stroke * along + spare))))
            size = min(size, (run / repeats - spare) / along)
        elif lies:
            # What lies along the band may be a little longer or shorter to fill it.
            size = min(max(run / repeats - spare, least * stroke), 1.5 * size, across)
        elif run / repeats > 1.3 * (size * along + spare):
            # Rather one more and a little smaller than a hole.
            smaller = (run / (repeats + 1) - spare) / along
            if smaller >= max(self.shrinks * size, least * stroke):
                size, repeats = smaller, repeats + 1
        return size, rows, repeats

    def _draw(self, layer: F, room: Room) -> list[Drawable]:
        def make(k: int, size: float) -> Sequence[Drawable]:
            return SMALL[self.name][0](size, room) if layer.simple else self.draw(layer, size, room, k)

        return draw_rows(layer, room, make)


Make = Callable[[int, float], Sequence[Drawable]]


def draw_rows(layer: FigureLayer, room: Room, make: Make) -> list[Drawable]:
    """Figures of a layer in their places, and what stands between them.

    Where figures turn out broader than their places they are drawn that much smaller.
    """
    n, rows = layer.repeats, layer.rows
    laid = Placement(turn_deg=90.0 if layer.lying else 0.0)
    size = layer.size_mm
    place_u = (room.length - (n if room.periodic else n - 1) * room.gap) / n
    place_v = (2.0 * room.half - (rows - 1) * room.gap) / rows
    for _ in range(2):
        low, high = _box([element.moved(laid) for element in make(0, size)])
        wide, tall = high - low
        fits = min(1.0, place_u / wide, place_v / tall)
        if fits > 0.999:
            break
        size *= fits
    low, high = _box([element.moved(laid) for element in make(0, size)])
    wide, tall = 0.5 * (high - low)
    if not layer.turn_deg:
        # Centred by its box; round flowers that may turn keep their heart in the middle.
        centre = 0.5 * (low + high)
        laid = Placement(-float(centre[0]), -float(centre[1])).after(laid)
    step_v = 0.0 if rows == 1 else (2.0 * room.half - 2.0 * tall) / (rows - 1)
    out: list[Drawable] = []
    for row in range(rows):
        v = 0.0 if rows == 1 else -room.half + float(tall) + row * float(step_v)
        # Few figures a row stand in columns, or the corners would be bald; seven and more in quincunx.
        shifted = rows > 1 and row % 2 == 1 and (room.periodic or n > 6)
        out += _one_row(layer, room, lambda k: make(k, size), v, float(wide), shifted, row * n, laid)
    return out


def _box(elements: Sequence[Measured]) -> tuple[Array, Array]:
    points, radius = outline_of(elements).discs()
    return (points - radius[:, None]).min(axis=0), (points + radius[:, None]).max(axis=0)


def _one_row(
    layer: FigureLayer,
    room: Room,
    make: Callable[[int], Sequence[Drawable]],
    v: float,
    wide: float,
    shifted: bool,
    first: int,
    laid: Placement,
) -> list[Drawable]:
    n = layer.repeats
    if room.periodic:
        step = room.length / n
        centres = [room.u0 + (k + (0.75 if shifted else 0.25)) * step for k in range(n)]
    else:
        if shifted and n > 1:
            n -= 1
        spare = max(room.length - 2.0 * wide * layer.repeats, 0.0)
        margin = min(spare / (layer.repeats + 1), 0.5 * wide)
        step = (room.length - 2.0 * (margin + wide)) / max(layer.repeats - 1, 1)
        start = room.u0 + margin + wide + (0.5 * step if shifted else 0.0)
        centres = [start + k * step for k in range(n)]
        if layer.repeats == 1:
            centres = [0.5 * (room.u0 + room.u1)]
    out: list[Drawable] = []
    for k, u in enumerate(centres):
        turn = layer.turn_deg[(first + k) % len(layer.turn_deg)] if layer.turn_deg else 0.0
        place = Placement(u, v, turn).after(_odd(layer.frieze) if k % 2 else Placement()).after(laid)
        figure = [element.moved(place) for element in make(first + k)]
        if not room.periodic and k in (0, n - 1):
            figure = _drawn_in(room, figure, 1.0 if k == 0 else -1.0, wide)
        out += figure
    if layer.between == "none":
        return out
    middles = [0.5 * (a + b) for a, b in pairwise(centres)]
    if room.periodic:
        middles.append(centres[-1] + 0.5 * step)
    elif not shifted:
        middles += [0.5 * (room.u0 + centres[0] - wide), 0.5 * (room.u1 + centres[-1] + wide)]
    figures = outline_of(out)
    half = room.half if layer.rows == 1 else room.half / layer.rows
    for u in middles:
        near = near_outline(figures, u, 2.5 * wide + room.gap, room)
        out += _filling(layer.between, room, u, v, half, near)
    return out


def _odd(frieze: Frieze) -> Placement:
    return {
        "repeat": Placement(),
        "mirror": Placement(0.0, 0.0, 180.0, True),
        "glide": Placement(mirrored=True),
        "turn": Placement(turn_deg=180.0),
    }[frieze]


def _drawn_in(room: Room, figure: list[Drawable], direction: float, most: float) -> list[Drawable]:
    """A figure at an end moved inwards until it is inside the room."""
    if room_left(room, figure) >= -1e-3:
        return figure

    def outside(x: float) -> bool:
        moved = [element.moved(Placement(direction * x)) for element in figure]
        return room_left(room, moved) < -1e-3

    x = largest(outside, 0.0, most, 8) or 0.0
    x = min(x * 1.0 + most / 256.0, most) if x < most else 0.0
    return [element.moved(Placement(direction * x)) for element in figure]


def _filling(kind: Between, room: Room, u: float, v: float, half: float, near: Sequence[Measured]) -> list[Drawable]:
    """What stands between two figures, as large as its gaps allow."""

    def fits(elements: list[Drawable]) -> bool:
        return room_left(room, elements) >= -1e-6 and gap_between(elements, near) >= room.gap

    low = 0.5 * room.stroke
    if kind == "bar":

        def bar(y: float) -> list[Drawable]:
            ends = np.array([[u, v - y + low], [u, v + y - low]])
            return [Stroke(ends, low)]

        size = largest(lambda y: fits(bar(y)), 2.0 * low, half)
        return [] if size is None else bar(size)
    if kind == "leaves":

        def pair(x: float) -> list[Drawable]:
            return [Leaf(u, v, s * 90.0, x, max(room.stroke, 0.44 * x), low, 0.5, base=low) for s in (-1.0, 1.0)]

        size = largest(lambda x: fits(pair(x)), 1.6 * room.stroke, half)
        if size is not None:
            return [*pair(size), Bead(u, v, 1.2 * low)]
    out: list[Drawable] = []
    levels = (0.0, -0.62, 0.62) if kind == "balls" else (0.0,)
    for level in levels:
        at = v + level * half

        def ball(x: float, at: float = at) -> list[Drawable]:
            return [Bead(u, at, x)]

        # A ball grows into its gaps by as much as its radius: they are measured once, from its middle.
        point = ball(0.0)
        most = min(room_left(room, point) + 1e-6, *(gap_between(point, others) - room.gap for others in (near, out)))
        size = largest(most.__ge__, low, min(0.3 * half, 1.5 * room.stroke) if 0.3 * half > low else low)
        if size is not None:
            out += ball(size)
    return out


__all__ = ["Between", "Figure", "FigureLayer", "Outline", "draw_rows"]
