"""Families of strokes that run: waves, chevron."""

from __future__ import annotations

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.layers import ChevronLayer, WavesLayer
from ringcad.generators.ornament.layout import (
    Room,
    gap_between,
    largest,
    level_extent,
    room_left,
)
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Side


def whole(value: float, least: int = 1) -> int:
    """Nearest whole count, at least ``least``."""
    return max(least, round(value))


# ---------------------------------------------------------------- waves


def compose_waves(room: Room, wish: Attributes, rng: np.random.Generator) -> WavesLayer | None:
    """Curling crests where a base line, a gap and a curl fit; otherwise one waving line."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    side: Side = -1  # the sea lies below, v grows downwards
    line = stroke * (1.0 + 0.25 * max(0.0, wish.bold) + 0.06 * float(rng.random()))
    curl = 0.5 * (space - line) - 0.5 * line
    if curl >= line + gap + 0.1:
        line = min(max(line, 0.15 * space), 0.5, curl - gap - 0.1)
        pitch = 2.0 * curl + line + 1.6 * gap
        repeats = whole(room.length / (pitch * (1.0 + 0.22 * float(rng.random()) - 0.06 * wish.dense)))
        # A larger curl winds once more, or it would look empty.
        most = 0.9 if curl < 2.2 * (line + gap) else 1.4 if curl < 3.4 * (line + gap) else 1.9
        turns = round(most - 0.3 * float(rng.random()), 3)
        return WavesLayer(repeats=repeats, line_mm=round(max(line, stroke), 4), turns=turns, side=side)
    repeats = whole(room.length / max(1.9 * space, 3.4 * (stroke + gap)), 1)
    return WavesLayer(form="simple", repeats=repeats, line_mm=round(stroke, 4), turns=1.0, side=side)


def draw_waves(layer: WavesLayer, room: Room) -> list[Drawable]:
    """Elements of the waves: base line at one side, crests curling over towards the finish."""
    n, r = layer.repeats, 0.5 * layer.line_mm
    if layer.form == "simple":
        a, b = (room.u0, room.u1) if room.periodic else (room.u0 + 1.2 * r, room.u1 - 1.2 * r)
        t = np.linspace(0.0, 2 * n, 64 * n + 1)

        def line(y: float) -> Array:
            return np.column_stack([a + (b - a) * t / (2 * n), layer.side * y * np.sin(np.pi * t)])

        y = largest(lambda y: room_left(room, [Stroke(line(y), r)]) >= -1e-6, 0.02, room.half) or 0.02
        waves: list[Drawable] = [Stroke(line(y), r)]
        return waves if room.periodic else [*waves, Bead(a, 0.0, 1.2 * r), Bead(b, 0.0, 1.2 * r)]
    base = -room.half + r
    a, b = (room.u0, room.u1) if room.periodic else level_extent(room, base, r)
    pitch = (b - a) / n
    top = room.half - r
    elements: list[Drawable] = [Stroke(np.array([[a, base], [b, base]]) * [1.0, layer.side], r)]
    ball = 0.5 * min(1.7 * layer.line_mm, 1.1 * (top - base))
    # The curl sits under the frame, clear of the base line and of the next crest's back.
    radius = min(0.5 * (top - base - room.gap - 2.0 * r) + 0.25 * r, 0.5 * (pitch - 2.0 * r - room.gap))
    wind = 2.0 * r + max(room.gap, 0.16 * radius)
    core = max(radius - wind * max(1.0, layer.turns - 0.25), 0.25 * r)
    for k in range(n):
        cx, cy = a + (k + 0.98) * pitch - radius - r - 0.2 * room.gap, top - radius
        if not room.periodic and k == n - 1:
            cx = min(cx, b - radius)
        phi = np.linspace(np.pi, np.pi - 2.0 * np.pi * layer.turns, 80)
        turn = (np.pi - phi) / (2.0 * np.pi)
        reach = radius - (radius - core) * np.clip(turn - 0.25, 0.0, 1.0) / max(layer.turns - 0.25, 0.1)
        curl = np.column_stack([cx + reach * np.cos(phi), cy + reach * np.sin(phi)])
        left = cx - radius
        foot = np.array([left - 0.62 * pitch if room.periodic else max(left - 0.62 * pitch, a), base])
        t = np.linspace(0.0, 1.0, 36)[:-1, None]
        # Along the base line first, then up the back of the wave.
        c1, c2 = foot + np.array([0.72 * (left - foot[0]), 0.0]), np.array([left, cy - 0.8 * (cy - base)])
        rise = (1 - t) ** 3 * foot + 3 * t * (1 - t) ** 2 * c1 + 3 * t**2 * (1 - t) * c2 + t**3 * curl[0]
        path = np.vstack([rise, curl]) * [1.0, layer.side]
        # Broad where the water rises, slim where the crest curls over.
        along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
        swell = 1.0 + 0.7 * np.sin(np.pi * np.clip(along / along[-1] / 0.56, 0.0, 1.0)) ** 2
        elements.append(Stroke(path, np.maximum(r * swell * (1.0 - 0.12 * along / along[-1]), 0.5 * room.stroke)))
        size = min(ball, max(0.5 * room.stroke, radius - r - room.gap))
        elements.append(Bead(float(path[-1, 0]), float(path[-1, 1]), max(size, r)))
    if not room.periodic:
        elements += [Bead(a, layer.side * base, 1.0 * r), Bead(b, layer.side * base, 1.0 * r)]
    return elements


# ---------------------------------------------------------------- chevron


def compose_chevron(room: Room, wish: Attributes, rng: np.random.Generator) -> ChevronLayer | None:
    """V strokes as broad as their gap, or a little broader."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 1.6 * stroke:
        return None
    line = max(stroke, min(0.17 * space, 0.6) * (1.0 + 0.25 * wish.bold + 0.15 * wish.large - 0.15 * wish.dense))
    rise = float(np.clip(0.95 + 0.35 * float(rng.uniform(-1, 1)) - 0.25 * wish.soft, 0.6, 1.3))
    slope = float(np.hypot(1.0, rise))
    pitch = (line + max(gap, (0.6 + 0.5 * float(rng.random())) * line)) * slope
    arm = rise * (room.half - 0.5 * line)
    repeats = max(1, int((room.length - (0.0 if room.periodic else line + arm)) / pitch) + (0 if room.periodic else 1))
    return ChevronLayer(repeats=repeats, line_mm=round(line, 4), rise=round(rise, 4), balls=True)


def draw_chevron(layer: ChevronLayer, room: Room) -> list[Drawable]:
    """Elements of the chevrons, tips to the finish, a ball in the first and last notch."""
    n, r = layer.repeats, 0.5 * layer.line_mm
    y = room.half - r
    arm = layer.rise * y
    elements: list[Drawable] = []
    if room.periodic:
        first, step = room.u0, room.length / n
    else:
        first = level_extent(room, y, r)[0] + arm
        step = (room.u1 - r - first) / max(n - 1, 1)
    for k in range(n):
        tip = first + k * step
        elements.append(Stroke(np.array([[tip - arm, y], [tip, 0.0], [tip - arm, -y]]), r, profile="roof"))
    if layer.balls and not room.periodic:
        near: list[Drawable] = [elements[0]]

        def ball(x: float) -> Bead:
            return Bead(room.u0 + x, 0.0, x)

        size = largest(lambda x: gap_between([ball(x)], near) >= room.gap, 0.5 * room.stroke, 0.6 * room.half)
        if size is not None:
            elements.append(ball(size))
    return elements
