"""Chevrons."""

from __future__ import annotations

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.layers import ChevronLayer
from ringcad.generators.ornament.layout import (
    Room,
    gap_between,
    largest,
    level_extent,
)


def whole(value: float, least: int = 1) -> int:
    """Nearest whole count, at least ``least``."""
    return max(least, round(value))


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
