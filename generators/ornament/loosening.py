"""Strips drawn by a hand that is not quite even: longer and shorter, higher and lower from one stretch to the next.

For families that know only an even drawing. What is drawn is stretched along the band and pressed together across it by
smooth factors; its own limits are raised by the most that it is pressed (``LIMIT``), so that it stays castable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.elements import STAY, Drawable, Placement
from ringcad.generators.ornament.layout import Room, outline_of
from ringcad.generators.ornament.painting import draw_elements
from ringcad.generators.ornament.raster import Array, Canvas

SHORTER = 0.8
"""Least stretch along the band where the values are -1 ..."""
LOWER = 0.86
"""... and height of a strip there, over its usual one."""
LIMIT = 1.0 / SHORTER
"""How much the least stroke and gap of a strip are raised before it is stretched."""
STRETCH_MM = 1.5
"""Distance between two places with a value of their own, in widths of the room."""
FOOT_MM = 0.3
"""Feet of strokes reach this far out of a strip's room."""
FINE = 400
"""Points between which stretched positions are interpolated."""


def unevenness(room: Room, rng: np.random.Generator) -> tuple[float, ...]:
    """Values of a room, from -1 (shorter and lower) to 1, at equal distances along it; none follows its like."""
    n = max(4, round(room.length / max(STRETCH_MM * 2.0 * room.half, 4.0 * room.stroke)))
    found = rng.uniform(0.35, 1.0, n) * np.where(np.arange(n) % 2, -1.0, 1.0)
    if n > 5:
        # Here and there two of a kind, or long and short would follow each other like waves.
        found[rng.permutation(n)[: n // 4]] *= -1.0
    return tuple(round(float(x), 3) for x in found)


@dataclass(frozen=True)
class Loosened:
    """Elements of a room, stretched along it and pressed together across it. Ends and axis stay where they are."""

    elements: tuple[Drawable, ...]
    room: Room
    values: tuple[float, ...]
    place: Placement = STAY

    def _levels(self, u: Array) -> Array:
        """The values, smoothly interpolated, at positions before stretching, from the room's start."""
        known = np.asarray(self.values, dtype=np.float64)
        at = np.clip(u / self.room.length, 0.0, 1.0) * len(known)
        first = np.floor(at).astype(int)
        share = at - first
        share = share * share * (3.0 - 2.0 * share)
        levels: Array = known[first % len(known)] * (1.0 - share) + known[(first + 1) % len(known)] * share
        return levels

    def _table(self) -> tuple[Array, Array, Array]:
        """Positions before and after stretching, and the strip's height there over its usual one."""
        u = np.linspace(0.0, self.room.length, FINE * len(self.values) + 1)
        levels = self._levels(u)
        # By the logarithm: as much longer as shorter, and never below the least.
        stretch = SHORTER ** (-levels)
        middle = 0.5 * (stretch[1:] + stretch[:-1])
        moved = np.concatenate([[0.0], np.cumsum(middle)])
        height = LOWER + (1.0 - LOWER) * np.clip(0.5 + 0.5 * levels, 0.0, 1.0)
        return u, moved * (self.room.length / moved[-1]), height

    def discs(self) -> tuple[Array, Array]:
        points, radius = outline_of(self.elements).discs()
        before, after, height = self._table()
        u = points[:, 0] - self.room.u0
        lap = np.floor(u / self.room.length) if self.room.periodic else 0.0 * u
        inside = u - lap * self.room.length
        shift = np.interp(inside, before, after) - np.clip(inside, 0.0, self.room.length)
        moved = np.column_stack([points[:, 0] + shift, points[:, 1] * np.interp(inside, before, height)])
        return self.place.points(moved), radius

    def moved(self, place: Placement) -> Loosened:
        return replace(self, place=place.after(self.place))

    def draw(self, canvas: Canvas) -> None:
        room = self.room
        pad = 0.0 if room.periodic else FOOT_MM
        long, tall = room.length + 2.0 * pad, 2.0 * (room.half + FOOT_MM)
        # Twice as fine, so that taking heights between the pixels loses nothing.
        own = Canvas(long, tall, 2.0 * canvas.pixels_per_mm, room.periodic, canvas.least_mm)
        draw_elements(own, [element.moved(Placement(u=pad - room.u0)) for element in self.elements])
        corners = self.place.points(
            np.array([[u, v] for u in (room.u0 - pad, room.u1 + pad) for v in (-0.5 * tall, 0.5 * tall)])
        )
        (u0, v0), (u1, v1) = corners.min(axis=0), corners.max(axis=0)
        i, j = canvas.window(float(u0), float(u1), float(v0), float(v1))
        u, v = self.place.back(*canvas.coordinates(i, j))
        before, after, height = self._table()
        u = u - room.u0
        if room.periodic:
            u = np.mod(u, room.length)
        inside = np.clip(u, 0.0, room.length)
        at = np.interp(inside, after, before)
        v = v / np.interp(at, before, height)
        rows, columns = own.height.shape
        wrapped = np.pad(own.height, ((1, 1), (0, 0)))
        i_at = np.clip((v / tall + 0.5) * rows + 0.5, 0.0, rows + 1.0)
        j_at = (at + (u - inside) + pad) / long * columns - 0.5
        mode = "grid-wrap" if room.periodic else "constant"
        canvas.blend_max(i, j, ndimage.map_coordinates(wrapped, [i_at, j_at], order=1, mode=mode))


def loosened(elements: Sequence[Drawable], room: Room, values: Sequence[float]) -> list[Drawable]:
    """Elements as they are, or as one stretched form where there are values."""
    return [Loosened(tuple(elements), room, tuple(values))] if len(values) and elements else list(elements)
