"""Families of separate figures in a row: fan, honeycomb, flowers, and elements placed freely."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Leaf, Pad, Stroke
from ringcad.generators.ornament.interlace import fitted_ball
from ringcad.generators.ornament.layers import FanLayer, FlowersLayer, FreeLayer, HoneycombLayer
from ringcad.generators.ornament.layout import (
    Outline,
    Room,
    gap_between,
    largest,
    level_extent,
    near_outline,
    outline_of,
    room_left,
)
from ringcad.generators.ornament.schema import Side

# ---------------------------------------------------------------- fan


def compose_fan(room: Room, wish: Attributes, rng: np.random.Generator) -> FanLayer | None:
    """Fans as tall as the room, standing head to foot; small ones in file where that is too tight."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 1.6 * stroke:
        return None
    side: Side = 1 if rng.random() < 0.5 else -1
    half_angle = 42.0 + 7.0 * float(rng.uniform(-1, 0.6))
    if space >= 3.2 * stroke:
        arc = 2.0 * np.deg2rad(half_angle) * 0.82 * space
        flutes = int(np.clip(round(arc / max(1.5 * stroke, 0.7 + 0.15 * wish.bold - 0.1 * wish.dense)), 3, 9))
        a = np.deg2rad(half_angle)
        pitch = (gap + space * np.sin(a)) / np.cos(a)
        if room.periodic:
            repeats = max(2, int(room.length / pitch - 0.15))
            repeats += repeats % 2
        else:
            # Neighbours stand head to foot and interlock; the first and the last need their full breadth.
            repeats = max(2, 1 + int((room.length - 1.9 * space * np.sin(a)) / pitch + 0.4))
        return FanLayer(repeats=repeats, flutes=flutes, half_angle_deg=round(half_angle, 3), side=side)
    pitch = 1.15 * space + gap
    return FanLayer(form="simple", repeats=max(1, int(room.length / pitch)), flutes=3, half_angle_deg=38.0, side=side)


def _fan(u: float, v: float, direction_deg: float, size: float, layer: FanLayer, tip: float) -> list[Drawable]:
    """A fan from its hinge (u, v); flutes touch, the hinge is a ball, a web keeps the slits shut."""
    n = layer.flutes
    step = 2.0 * layer.half_angle_deg / n
    ball = max(tip, 0.11 * size)
    width = max(2.0 * tip, 2.0 * np.sin(np.deg2rad(0.5 * step)) * (size - 0.5 * size * np.deg2rad(step)) * 1.06)
    out: list[Drawable] = []
    for k in range(n):
        angle = direction_deg + (k - 0.5 * (n - 1)) * step
        a = np.deg2rad(angle)
        out.append(
            Leaf(
                u + 0.12 * size * np.cos(a),
                v + 0.12 * size * np.sin(a),
                angle,
                0.88 * size,
                width,
                0.46 * width,
                0.86,
                0.0,
                0.0,
                base=tip * 0.8,
            )
        )
    # A low web under the flutes, within the outer ones.
    arc = np.deg2rad(direction_deg + np.linspace(-1, 1, 24) * (layer.half_angle_deg - 0.8 * step))
    for share in (0.35, 0.55, 0.72):
        line = np.column_stack([u + share * size * np.cos(arc), v + share * size * np.sin(arc)])
        out.append(Stroke(line, 0.1 * size, 0.62, "flat"))
    out.append(Bead(u, v, ball))
    return out


def _rim(fan: list[Drawable]) -> list[Drawable]:
    """The outer flutes and the hinge, which alone can come near a neighbour."""
    leaves = [e for e in fan if isinstance(e, Leaf)]
    return [leaves[0], leaves[-1], fan[-1]]


def draw_fan(layer: FanLayer, room: Room) -> list[Drawable]:
    """Elements of the fans; the corners left at the ends take a ball."""
    tip = 0.5 * room.stroke
    pitch = room.length / layer.repeats
    elements: list[Drawable] = []
    if layer.form == "simple":
        for k in range(layer.repeats):
            u = room.u0 + k * pitch + tip

            def small_fits(x: float, u: float = u) -> bool:
                return room_left(room, _fan(u, 0.0, 0.0, x, layer, tip)) >= -1e-3

            size = largest(small_fits, 1.6 * room.stroke, pitch - room.gap - tip)
            elements += _fan(u, 0.0, 0.0, size or 1.6 * room.stroke, layer, tip)
        return elements

    broad = 0.0 if room.periodic else 1.9 * room.half * float(np.sin(np.deg2rad(layer.half_angle_deg)))
    step = pitch if room.periodic else max((room.length - 2.0 * broad) / max(layer.repeats - 1, 1), 0.5 * pitch)
    start = room.u0 + (0.5 * pitch if room.periodic else 0.5 * (room.length - step * (layer.repeats - 1)))

    def fan(k: int, size: float) -> list[Drawable]:
        s = layer.side * (-1) ** k
        hinge = room.half - max(tip, 0.11 * size)
        return _fan(start + k * step, -s * hinge, s * 90.0, size, layer, tip)

    # All fans are alike: the size that fits at both ends and beside a neighbour fits everywhere.
    def fits(size: float) -> bool:
        first, last = fan(0, size), fan(layer.repeats - 1, size)
        return room_left(room, [*first, *last]) >= -1e-3 and gap_between(_rim(first), _rim(fan(1, size))) >= room.gap

    size = largest(fits, 1.6 * room.stroke, 2.0 * room.half, 10) or 1.6 * room.stroke
    for k in range(layer.repeats):
        elements += fan(k, size)
    if not room.periodic:
        everything = outline_of(elements)
        for finish in (False, True):
            k = layer.repeats - 1 if finish else 0
            s = layer.side * (-1) ** k
            edge = room.u1 if finish else room.u0
            near = near_outline(everything, edge, 1.5 * pitch, room)
            best: Bead | None = None
            for y in np.linspace(0.25, 0.8, 5):
                for x in np.linspace(0.14, 0.44, 5) * pitch:
                    u, v = edge + (-x if finish else x), -s * y * room.half
                    bead = fitted_ball(room, float(u), float(v), 0.5 * room.stroke, 0.28 * room.half)
                    if bead is None or gap_between([bead], near) < room.gap:
                        continue
                    if best is None or bead.radius > best.radius:
                        best = bead
            if best is not None:
                elements.append(best)
    return elements


# ---------------------------------------------------------------- honeycomb


def compose_honeycomb(room: Room, wish: Attributes, rng: np.random.Generator) -> HoneycombLayer | None:
    """One to three rows of whole cells; domed hexagons where no cell would stay open."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    wall = max(stroke, min(0.13 * space, 0.45) * (1.0 + 0.25 * wish.bold)) * (1.0 + 0.12 * float(rng.random()))
    wanted = wish.rows or (int(rng.choice([1, 2, 2, 3])) if space > 2.3 and wish.large <= 0 else 1)
    if wish.dense > 0:
        wanted += 1
    for rows in range(wanted, 0, -1):
        height = space - wall
        flat = height / (2.0 / np.sqrt(3.0) + (rows - 1) * np.sqrt(3.0) / 2.0)
        if flat - wall < 1.1 * gap:
            continue
        run = room.length - (0.0 if room.periodic else wall)
        repeats = max(1, round(run / flat))
        while repeats > 1 and run / repeats - wall < 1.1 * gap:
            repeats -= 1
        if run / repeats - wall < 1.1 * gap:
            continue
        balls = wish.balls is not False and flat - wall > 2.0 * gap + 1.3 * stroke and rng.random() < 0.7
        return HoneycombLayer(rows=rows, repeats=repeats, wall_mm=round(wall, 4), balls=bool(balls))
    pitch = space + gap
    return HoneycombLayer(form="simple", rows=1, repeats=max(1, round(room.length / pitch)), wall_mm=round(stroke, 4))


def _hexagon(u: float, v: float, x: float, y: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Corners of a hexagon with upright sides: half-width ``x``, half-height ``y``, counter-clockwise."""
    return np.array(
        [[u, v - y], [u + x, v - 0.5 * y], [u + x, v + 0.5 * y], [u, v + y], [u - x, v + 0.5 * y], [u - x, v - 0.5 * y]]
    )


def draw_honeycomb(layer: HoneycombLayer, room: Room) -> list[Drawable]:
    """Elements of the comb: every second row has one cell less, so that no cell is cut."""
    n, r = layer.repeats, 0.5 * layer.wall_mm
    elements: list[Drawable] = []
    if layer.form == "simple":
        pitch = room.length / n
        for k in range(n):
            x = 0.5 * (pitch - room.gap)
            corners = _hexagon(room.u0 + (k + 0.5) * pitch, 0.0, x, room.half)
            elements.append(Pad(corners, 0.45 * room.stroke, dome=0.3))
        return elements
    y = (2.0 * room.half - layer.wall_mm) / (2.0 + 1.5 * (layer.rows - 1))
    a, b = (room.u0, room.u1) if room.periodic else level_extent(room, room.half - r - 0.5 * y, r)
    x = 0.5 * (b - a) / n
    for row in range(layer.rows):
        v = -room.half + r + y + 1.5 * row * y
        odd = row % 2 == 1
        count = n if room.periodic or not odd else n - 1
        for k in range(count):
            u = a + (2 * k + (2 if odd else 1)) * x
            ring = _hexagon(u, v, x, y)
            elements.append(Stroke(np.vstack([ring, ring[:1]]), r))
            if layer.balls:
                size = min(x - r - room.gap, 0.5 * (x - r))
                if size >= 0.5 * room.stroke:
                    elements.append(Bead(u, v, size))
    return elements


# ---------------------------------------------------------------- flowers


def compose_flowers(room: Room, wish: Attributes, rng: np.random.Generator) -> FlowersLayer | None:
    """Flowers as large as the room, four petals on slim bands."""
    stroke, gap = room.stroke, room.gap
    radius = room.half * (1.0 - 0.08 * float(rng.random())) * (1.0 + 0.12 * min(0.0, wish.large))
    radius = min(radius, 0.48 * room.length)
    if radius < 0.95 * stroke:
        return None
    if radius < 2.1 * stroke:
        petals = 4
    else:
        petals = wish.petals or int(rng.integers(5, 7 if radius < 3.2 * stroke else 9))
        petals = max(4, min(petals, int(2.0 * np.pi * 0.62 * radius / (1.05 * stroke))))
    leaf_room = 0.0 if wish.dense > 0.5 else max(stroke + 2.0 * gap, 0.9 * radius)
    pitch = 2.0 * radius + leaf_room
    repeats = max(1, int((room.length + (0.0 if room.periodic else leaf_room)) / pitch))
    between: Literal["leaves", "ball", "none"] = "none"
    if leaf_room:
        between = "leaves" if radius > 2.4 * stroke and wish.leaf != "none" else "ball"
    # A petal straight up or straight down: every flower is then as broad on its left as on its right.
    first = 90.0 if rng.random() < 0.5 else 90.0 + 180.0 / petals
    other = first + (180.0 / petals if petals % 2 and rng.random() < 0.5 else 0.0)
    turn = tuple(round(first if k % 2 == 0 else other, 4) for k in range(repeats))
    return FlowersLayer(
        repeats=repeats,
        petals=petals,
        radius_mm=round(radius, 4),
        heart=0.34 if radius > 2.1 * stroke else 0.3,
        between=between,
        turn_deg=turn if radius > 2.1 * stroke else tuple(45.0 for _ in range(repeats)),
    )


def _flower(
    u: float, v: float, radius: float, petals: int, turn_deg: float, heart: float, tip: float
) -> list[Drawable]:
    """A rosette; a low calyx under it closes the slits between the petals."""
    broad = radius * np.sin(np.pi / petals) * 1.28
    width = max(2.0 * tip, min(broad, 0.82 * radius))
    out: list[Drawable] = []
    for k in range(petals):
        angle = turn_deg + 360.0 * k / petals
        a = np.deg2rad(angle)
        start = 0.26 * radius
        out.append(
            Leaf(
                u + start * np.cos(a),
                v + start * np.sin(a),
                angle,
                radius - start,
                width,
                0.42 * width,
                0.58,
                0.0,
                0.22,
                height=0.86,
                base=0.3 * width,
            )
        )
    calyx = 0.76 if petals > 4 else 1.02
    out.append(Stroke(np.array([[u, v], [u + 1e-6, v]]), calyx * radius, 0.6, "flat"))
    out.append(Bead(u, v, max(tip, heart * radius)))
    return out


def draw_flowers(layer: FlowersLayer, room: Room) -> list[Drawable]:
    """Elements of the flowers; what stands between them also closes both ends when there is room."""
    n, tip, radius = layer.repeats, 0.5 * room.stroke, layer.radius_mm
    if room.periodic:
        first, step = room.u0 + 0.5 * room.length / n, room.length / n
    else:
        spare = room.length - 2.0 * radius * n
        margin = spare / (n + 1) if spare / (n + 1) >= 1.5 * room.stroke else 0.0
        first = room.u0 + margin + radius
        step = (room.length - 2.0 * (margin + radius)) / max(n - 1, 1)
        if n == 1:
            first = 0.5 * (room.u0 + room.u1)
    centres = [first + k * step for k in range(n)]
    elements: list[Drawable] = []
    for k, u in enumerate(centres):
        turn = layer.turn_deg[k % len(layer.turn_deg)] if layer.turn_deg else 0.0
        elements += _flower(u, 0.0, radius, layer.petals, turn, layer.heart, tip)
    if layer.between == "none":
        return elements
    gaps = [(u + radius, v - radius) for u, v in pairwise(centres)]
    if room.periodic:
        gaps.append((centres[-1] + radius, centres[0] + room.length - radius))
    else:
        gaps += [(room.u0 - room.gap, centres[0] - radius), (centres[-1] + radius, room.u1 + room.gap)]
    flowers = outline_of(elements)
    for left, right in gaps:
        elements += _filling(layer, room, left, right, flowers, tip)
    return elements


def _filling(layer: FlowersLayer, room: Room, left: float, right: float, others: Outline, tip: float) -> list[Drawable]:
    """A ball, or a pair of leaves with a ball, between two flowers."""
    middle = 0.5 * (left + right)
    near = near_outline(others, middle, 2.0 * layer.radius_mm + 0.5 * abs(right - left), room)
    if layer.between == "leaves":

        def pair(x: float) -> list[Drawable]:
            return [
                Leaf(
                    middle,
                    s * 0.0,
                    s * 90.0,
                    x,
                    max(room.stroke, 0.44 * x),
                    tip,
                    0.5,
                    0.0,
                    0.4,
                    base=tip,
                )
                for s in (-1.0, 1.0)
            ]

        size = largest(
            lambda x: room_left(room, pair(x)) >= 0.0 and gap_between(pair(x), near) >= room.gap,
            1.6 * room.stroke,
            room.half,
        )
        if size is not None:
            return [*pair(size), Bead(middle, 0.0, 1.15 * tip)]

    def ball(x: float) -> list[Drawable]:
        return [Bead(middle, 0.0, x)]

    size = largest(
        lambda x: room_left(room, ball(x)) >= 0.0 and gap_between(ball(x), near) >= room.gap, tip, 0.4 * room.half
    )
    return [] if size is None else ball(size)


# ---------------------------------------------------------------- free


def draw_free(layer: FreeLayer, room: Room) -> list[Drawable]:
    """Elements as the program lists them."""
    elements: list[Drawable] = []
    for stroke in layer.strokes:
        elements.append(Stroke(np.array(stroke.points_mm), 0.5 * stroke.width_mm, stroke.height))  # noqa: PERF401
    elements += [Bead(b.at_mm[0], b.at_mm[1], 0.5 * b.diameter_mm, b.height) for b in layer.balls]
    for leaf in layer.leaves:
        tip = min(0.5 * room.stroke, 0.5 * leaf.width_mm)
        elements.append(
            Leaf(
                leaf.at_mm[0],
                leaf.at_mm[1],
                leaf.angle_deg,
                leaf.length_mm,
                leaf.width_mm,
                tip,
                curl=leaf.curl,
                vein=leaf.vein,
            )
        )
    return elements
