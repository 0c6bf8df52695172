"""Families of rows along the band: milgrain."""

from __future__ import annotations

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Rail
from ringcad.generators.ornament.frame import LEDGE_HEIGHT
from ringcad.generators.ornament.layers import MilgrainLayer
from ringcad.generators.ornament.layout import Room


def compose_milgrain(room: Room, wish: Attributes, rng: np.random.Generator) -> MilgrainLayer | None:
    """Bead rows that fill the room, or as many as were asked for."""
    space = 2.0 * room.half
    if space < room.stroke:
        return None
    wanted = max(room.stroke, 0.62 + 0.16 * wish.bold + 0.12 * wish.large + 0.03 * float(rng.uniform(-1, 1)))
    most = max(1, int((space + room.gap) / (room.stroke + room.gap)))
    rows = wish.rows or max(1, round((space + room.gap) / (wanted + room.gap)))
    if wish.rows is None and most > 1:
        rows += int(rng.choice([-1, 0, 0, 1]))
    rows = max(1, min(rows, most))
    bead = min((space + room.gap) / rows - room.gap, _broadest(wish) * wanted, 1.6)
    return MilgrainLayer(
        rows=rows,
        bead_mm=round(max(bead, room.stroke), 4),
        pitch_mm=round((0.98 + 0.1 * float(rng.random())) * bead * (1 - 0.04 * wish.dense), 4),
    )


def _broadest(wish: Attributes) -> float:
    """Largest bead over the usual one: a single row that is to be large stands for all of the band."""
    if wish.rows == 1 and wish.large > 0.0:
        return 2.4
    return 1.7 if wish.rows else 1.25


def draw_milgrain(layer: MilgrainLayer, room: Room) -> list[Drawable]:
    """Each row on a ledge of its own, whole beads only, a larger ball at each end."""
    r = 0.5 * layer.bead_mm
    space = 2.0 * room.half
    step = 0.0 if layer.rows == 1 else (space - layer.bead_mm) / (layer.rows - 1)
    elements: list[Drawable] = []
    for row in range(layer.rows):
        v = -0.5 * space + r + row * step if layer.rows > 1 else 0.0
        ends = _row_extent(room, v, r)
        if ends is None:
            continue
        a, b = ends
        count = max(1, round((b - a) / layer.pitch_mm))
        at = a + (b - a) * np.arange(count + (0 if room.periodic else 1)) / count
        elements.append(Rail(np.array([[a, v], [b, v]]), 0.98 * r, LEDGE_HEIGHT))
        elements += [Bead(float(u), v, r) for u in at]
    return elements


def _row_extent(room: Room, v: float, r: float) -> tuple[float, float] | None:
    """First and last bead centre of a row at ``v`` that stay in the room."""
    if room.periodic:
        return room.u0, room.u1
    u = np.linspace(room.u0, room.u1, 800)
    ok = room.clearance(np.column_stack([u, np.full_like(u, v)])) >= r - 1e-3
    if not ok.any():
        return None
    inside = u[ok]
    return float(inside[0]), float(inside[-1])
