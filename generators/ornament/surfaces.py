"""Families that cover the ground: scales, hammered, rope."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.spatial import cKDTree

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Stroke
from ringcad.generators.ornament.grounds import scattered
from ringcad.generators.ornament.layers import HammeredLayer, RopeLayer, ScalesLayer
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.painting import Field, Transferred
from ringcad.generators.ornament.raster import Array, Canvas, sampled_profile, shoulder

EDGES: tuple[Literal["plain", "rimmed", "pearled", "ribbed"], ...] = ("plain", "rimmed", "pearled", "ribbed")
LIES: tuple[Literal["along", "across"], ...] = ("along", "across")
LEAST_CARRYING = {"plain": 0.0, "ribbed": 2.6, "rimmed": 3.2, "pearled": 3.6}
"""Strokes across a scale from which it carries ribs, a second edge or a pearl."""


def _field_edge(canvas: Canvas, room: Room) -> tuple[Array, Array, Array]:
    """u, v of all pixels and the rounded edge (0 outside, 1 inside) of the room's outline."""
    rows, columns = canvas.height.shape
    u, v = canvas.coordinates(np.arange(rows), np.arange(columns))
    return u, v, shoulder(room.inside(u, v), min(0.18, room.half), canvas.pixel_mm)


@dataclass(frozen=True)
class ScaleField:
    """Scales drawn from the finish backwards, so that each overlaps the next."""

    layer: ScalesLayer
    room: Room

    def discs(self) -> tuple[Array, Array]:
        return np.array([[0.5 * (self.room.u0 + self.room.u1), 0.0]]), np.array([self.room.half])

    def moved(self, place: Placement) -> Drawable:
        return Transferred(self, place, self.room.shape.band.length_mm, self.room.half)

    def _carried(self, x: Array, y: Array, inwards: Array, width: float, nose: float) -> Array:
        """Share of the height that a scale's second edge, pearl or ribs leave; furrows stay above half height.

        ``x`` is the way from the tip, ``y`` from the middle, ``inwards`` from the free edge, mm.
        """
        stroke, edge = self.room.stroke, self.layer.edge
        if edge == "rimmed":
            middle, half = max(stroke, 0.24 * width), max(0.6 * self.room.gap, 0.1 * width)
            return np.asarray(1.0 - 0.34 * np.clip(1.0 - np.abs(inwards - middle) / half, 0.0, 1.0) ** 0.7)
        if edge == "pearled":
            size = max(0.55 * stroke, 0.21 * width)
            away = np.hypot(x - (0.5 * nose + 0.35 * size + 0.5 * stroke), y) / size
            return np.asarray(0.78 + 0.22 * np.sqrt(np.clip(1.0 - away**2, 0.0, None)))
        if edge == "ribbed":
            count = max(1, int(0.5 * width / (stroke + 0.3 * self.room.gap)))
            return np.asarray(0.8 + 0.2 * np.abs(np.cos(np.pi * (count + 0.5) * 2.0 * y / width)))
        return np.ones_like(x * y)

    def draw(self, canvas: Canvas) -> None:
        layer, room = self.layer, self.room
        rising = layer.lie == "across"
        run, wide = (2.0 * room.half, room.length) if rising else (room.length, 2.0 * room.half)
        closed = room.periodic and not rising
        first = -room.half if rising else room.u0
        # Towards a side the last row runs on under the border: points on bare ground would be too slim to cast.
        pitch = run / (layer.repeats + (0.0 if closed or rising else 0.35))
        width = wide / layer.across
        radius = 0.5 * width
        reach = 2.7 * pitch
        across = radius + 2.0 * canvas.pixel_mm
        columns = canvas.height.shape[1]
        field = np.zeros_like(canvas.height)
        # From the finish to the start: a row lies over the roots of the row in front of it. Round a closed band the
        # rows beyond the seam are drawn again on either side of it, in the same order.
        order = range(layer.repeats + 6, -2, -1) if closed else range(layer.repeats - (0 if rising else 1), -1, -1)
        for k in order:
            full = k % 2 == 0 or layer.across == 1
            count = layer.across if full or (rising and room.periodic) else layer.across - 1
            tip = first + (k + 1.35) * pitch
            for m in range(count):
                middle = (room.u0 if rising else -room.half) + (m + (0.5 if full else 1.0)) * width
                if rising:
                    i, j = canvas.window(middle - across, middle + across, tip - reach - radius, tip + 0.05)
                    u, v = canvas.coordinates(i, j)
                    x, y = tip - v, u - middle
                    j = j % columns
                else:
                    i, j = canvas.window(tip - reach - radius, tip + 0.05, middle - across, middle + across)
                    j = j[(j >= 0) & (j < columns)]
                    u, v = canvas.coordinates(i, j)
                    x, y = tip - u, v - middle
                if not len(i) or not len(j):
                    continue
                index = np.ix_(i, j)
                cover, value = self._scale(x, y, width, pitch, canvas.pixel_mm)
                field[index] += cover * (value - field[index])
        _, _, edge = _field_edge(canvas, room)
        canvas.height = np.maximum(canvas.height, field * edge)

    def _scale(self, x: Array, y: Array, width: float, pitch: float, pixel: float) -> tuple[Array, Array]:
        """Cover and height of one scale at places ``x`` behind its tip and ``y`` from its middle, mm."""
        layer, radius, reach = self.layer, 0.5 * width, 2.7 * pitch
        # A strip with a rounded free end; the end is a little pointed, like a shield.
        nose = min(radius * 1.6 * layer.point, 0.97 * pitch)
        off = np.clip(np.abs(y) / radius, 0.0, 1.0)
        bulge = nose * (off**1.3 if layer.form == "dragon" else 1.0 - np.sqrt(1.0 - off**2))
        side = radius + pixel - np.abs(y)  # over its neighbour's edge, so that nothing shows between
        inwards = (x - bulge) * 0.8
        cover = np.clip(np.minimum(inwards, side) / pixel + 0.5, 0.0, 1.0)
        t = np.clip(x / reach, 0.0, 1.0)
        slope = 1.0 - layer.lift * np.minimum(1.4 * t, 1.0)
        dome = 1.0 - 0.15 * off**2
        keel = layer.keel * np.exp(-((y / (0.22 * width)) ** 2)) * (1.0 - t)
        # Only the free end is an edge: beside one another scales meet without a line.
        edge = 0.84 + 0.16 * shoulder(inwards - 0.04, 0.14, pixel)
        edge = edge * self._carried(x, y, inwards, width, nose)
        value = slope * dome * edge / (1.0 + layer.keel) * (1.0 + keel / np.maximum(slope * dome, 0.2))
        return cover, value


def compose_scales(room: Room, wish: Attributes, rng: np.random.Generator) -> ScalesLayer | None:
    """Few large scales across; each at least three strokes wide."""
    space = 2.0 * room.half
    if space < 1.6 * room.stroke:
        return None
    # All dice first, so that a wish changes the drawing and not the design.
    many, long, shape, ridge = (float(x) for x in rng.random(4))
    edge = EDGES[int(rng.integers(len(EDGES)))]
    lie = LIES[int(rng.choice(len(LIES), p=(0.6, 0.4)))]
    wanted = (1.25 + 0.35 * wish.large - 0.3 * wish.dense) * (0.62 + 0.86 * many)
    least = 2.0 * room.stroke
    if wish.form == "snake" or space < 2.6 * wanted:
        lie = "along"
    run, wide = (space, room.length) if lie == "across" else (room.length, space)
    across = max(1, min(round(wide / wanted), int(wide / least)))
    pitch = max(0.56 * (0.8 + 0.55 * long) * wide / across, 1.25 * room.stroke)
    repeats = max(2, round(run / pitch))
    if room.periodic and lie != "across":
        repeats += repeats % 2
    # Whose scales they are is for the prompt to say.
    form: Literal["fish", "dragon", "snake"] = "fish"
    if wish.form == "dragon":
        form = "dragon"
    elif wish.form == "snake":
        form = "snake"
    keel = 0.06 if wish.soft > 0 else round((0.3 if form == "dragon" else 0.16) + 0.08 * ridge, 4)
    if form == "snake":
        # A lozenge takes two of the rows that a round scale would, and they must alternate in a closed band.
        across = max(1, min(across, int(space / (2.0 * room.stroke + room.gap))))
        lozenge = max(1.25 * (0.85 + 0.5 * long) * space / across, 2.0 * (room.stroke + room.gap))
        repeats = max(4, 2 * round(room.length / lozenge))
        return ScalesLayer(form=form, across=across, repeats=repeats, keel=keel)
    if wide / across < LEAST_CARRYING[edge] * room.stroke:
        edge = "plain"
    if edge == "pearled" and run / repeats < 0.52 * wide / across:
        # The next row would lie over half of the pearl.
        edge = "rimmed" if wide / across > LEAST_CARRYING["rimmed"] * room.stroke else "plain"
    if edge != "plain":
        keel = min(keel, 0.12)
    return ScalesLayer(
        form=form, across=across, repeats=repeats, keel=keel, edge=edge, point=round(0.72 + 0.6 * shape, 3), lie=lie
    )


def draw_scales(layer: ScalesLayer, room: Room) -> list[Drawable]:
    """The scale field as one element."""
    if layer.form == "snake":
        return [Field(room, lambda u, v: _snake_skin(layer, room, u, v))]
    return [ScaleField(layer, room)]


def _snake_skin(layer: ScalesLayer, room: Room, u: Array, v: Array) -> Array:
    """Lozenges, each a low dome with a keel, a little higher at the end that overlaps the next."""
    wide, tall = 2.0 * room.length / layer.repeats, 2.0 * room.half / layer.across
    x, y = (u - room.u0) / wide, (v + room.half) / tall
    # Staggered lozenges are squares of a grid turned by an eighth.
    a, b = x + y, x - y
    p, q = a - np.floor(a) - 0.5, b - np.floor(b) - 0.5
    along, across = 0.5 * (p + q) * 2.0, 0.5 * (p - q) * 2.0
    rim = 2.0 * np.maximum(np.abs(p), np.abs(q))
    dome = np.sqrt(np.clip(1.0 - 0.72 * rim**4, 0.0, None))
    keel = 1.0 - layer.keel + layer.keel * np.exp(-((across / 0.22) ** 2))
    return np.asarray(dome * keel * (0.86 + 0.14 * along) * 0.98 + 0.02)


@dataclass(frozen=True)
class DentField:
    """Round dents: the height is that of the nearest dent's bowl, ridges are softened."""

    layer: HammeredLayer
    room: Room

    def discs(self) -> tuple[Array, Array]:
        return np.array([[0.5 * (self.room.u0 + self.room.u1), 0.0]]), np.array([self.room.half])

    def moved(self, place: Placement) -> Drawable:
        return Transferred(self, place, self.room.shape.band.length_mm, self.room.half)

    def draw(self, canvas: Canvas) -> None:
        layer, room = self.layer, self.room
        u, v, edge = _field_edge(canvas, room)
        centres = np.array(layer.dents, dtype=np.float64)
        if room.periodic:
            lap = np.array([room.length, 0.0])
            centres = np.vstack([centres, centres + lap, centres - lap])
        distance, _ = cKDTree(centres).query(np.column_stack([u.ravel(), v.ravel()]), k=2)
        near, second = (distance[:, k].reshape(u.shape) for k in (0, 1))
        # Soft minimum of the two nearest bowls rounds the ridge between them over about a pixel or two.
        soft = 0.07 * layer.dent_mm
        bowl = near - soft * np.log1p(np.exp(-np.clip((second - near) / soft, 0.0, 30.0)))
        depth = np.clip(bowl / (0.62 * layer.dent_mm), 0.0, 1.0)
        height = layer.floor + (1.0 - layer.floor) * depth**2
        canvas.height = np.maximum(canvas.height, height * edge)


def compose_hammered(room: Room, wish: Attributes, rng: np.random.Generator) -> HammeredLayer | None:
    """Dents at random but nowhere crowded; one row on a slim band."""
    space = 2.0 * room.half
    if space < room.stroke:
        return None
    wanted = max(2.4 * room.gap, 1.15 + 0.35 * wish.large - 0.3 * wish.dense)
    if space < 1.7 * wanted:
        # One row of blows, a little out of line.
        along = max(2, round(room.length / max(0.9 * wanted, 0.8 * space)))
        shift = rng.uniform(-0.24, 0.24, (along, 2))
        dents = [
            (round(room.u0 + (k + 0.5 + float(du)) * room.length / along, 4), round(float(dv) * space, 4))
            for k, (du, dv) in enumerate(shift)
        ]
    else:
        # Blows wherever the last ones left room: no rows, as a hammer falls.
        dents = scattered(room, 0.6 * wanted, rng)
    return HammeredLayer(
        dents=tuple(dents), dent_mm=round(min(wanted, 1.2 * space), 4), floor=0.6 if wish.soft > 0 else 0.52
    )


def draw_hammered(layer: HammeredLayer, room: Room) -> list[Drawable]:
    """The dent field as one element."""
    return [DentField(layer, room)]


@dataclass(frozen=True)
class RopeField:
    """One rope seen from above: strands as helices on a half cylinder."""

    u0: float
    u1: float
    v: float
    radius: float
    turns: int
    slant: float
    periodic: bool

    def discs(self) -> tuple[Array, Array]:
        u = np.arange(self.u0 + self.radius, self.u1 - self.radius, 0.1)
        return np.column_stack([u, np.full_like(u, self.v)]), np.full(len(u), self.radius)

    def moved(self, place: Placement) -> Drawable:
        if place.turn_deg == 0.0 and not self.periodic:
            slant = -self.slant if place.mirrored else self.slant
            v = place.v + (-self.v if place.mirrored else self.v)
            return replace(self, u0=self.u0 + place.u, u1=self.u1 + place.u, v=v, slant=slant)
        return Transferred(self, place, self.u1, abs(self.v) + self.radius)

    def draw(self, canvas: Canvas) -> None:
        base = self.radius * 1.06
        i, j = canvas.window(self.u0, self.u1 - 1e-9, self.v - base - 0.1, self.v + base + 0.1)
        u, v = canvas.coordinates(i, j)
        y = np.clip((v - self.v) / base, -1.0, 1.0)
        pitch = (self.u1 - self.u0) / self.turns
        phase = (u - self.u0) / pitch - self.slant * np.arcsin(0.98 * y) / np.pi
        f = np.abs(phase - np.floor(phase) - 0.5) * 2.0
        strand = np.sqrt(np.clip(1.0 - (0.93 * (1.0 - f)) ** 2, 0.0, None))
        body = sampled_profile("flat", y * base / self.radius, canvas.pixel_mm / self.radius)
        round_body = np.sqrt(np.clip(1.0 - 0.55 * y * y, 0.0, None))
        height = body * round_body * (0.42 + 0.58 * strand)
        if not self.periodic:
            height = height * shoulder(np.minimum(u - self.u0, self.u1 - u), 0.12, canvas.pixel_mm)
        canvas.blend_max(i, j, height)


def compose_rope(room: Room, wish: Attributes, rng: np.random.Generator) -> RopeLayer | None:
    """One rope, or two of opposite lay where the band is broad."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 1.3 * stroke:
        return None
    most = max(1, int((space + gap) / (2.2 * stroke + gap)))
    ropes = min(
        wish.rows
        or (1 if space < 2.0 else int(rng.choice([1, 2, 2])) if space < 4.4 else int(rng.choice([2, 3, 3, 4]))),
        most,
    )
    width = min((space + gap) / ropes - gap, 2.2)
    pitch = max(1.3 * stroke, (0.46 + 0.22 * float(rng.random())) * width) * (
        1.0 - 0.12 * wish.dense + 0.12 * wish.bold
    )
    side = 1.0 if rng.random() < 0.5 else -1.0
    run = room.length - (0.0 if room.periodic else 1.6 * width)
    return RopeLayer(
        ropes=ropes,
        rope_mm=round(width, 4),
        turns=max(2, round(run / pitch)),
        slant=round(side * (1.3 + 0.9 * float(rng.random())), 4),
    )


def draw_rope(layer: RopeLayer, room: Room) -> list[Drawable]:
    """Ropes side by side with opposite lay, a ball at each end of each rope."""
    r = 0.5 * layer.rope_mm
    step = 0.0 if layer.ropes == 1 else (2.0 * room.half - layer.rope_mm) / (layer.ropes - 1)
    elements: list[Drawable] = []
    for k in range(layer.ropes):
        v = 0.0 if layer.ropes == 1 else -room.half + r + k * step
        slant = layer.slant * (-1) ** k
        if room.periodic:
            elements.append(RopeField(room.u0, room.u1, v, r, layer.turns, slant, True))
            continue
        ball = 1.06 * r if layer.ropes == 1 else r
        u = np.linspace(room.u0, room.u1, 1200)
        ok = room.clearance(np.column_stack([u, np.full_like(u, v)])) >= ball - 1e-3
        a, b = (float(u[ok][0]), float(u[ok][-1])) if ok.any() else (room.u0 + ball, room.u1 - ball)
        # The rope runs into a collar at each end, before the ball.
        collar = max(0.5 * room.stroke, 0.3 * r)
        elements.append(RopeField(a + 0.8 * ball, b - 0.8 * ball, v, r, layer.turns, slant, False))
        for at, way in ((a, 1.0), (b, -1.0)):
            u0, tall = at + way * 0.86 * ball, r - collar
            elements += [Bead(at, v, ball), Stroke(np.array([[u0, v - tall], [u0, v + tall]]), collar, 1.0, "flat")]
    return elements
