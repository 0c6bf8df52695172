"""Strips bent into rings: what a family draws round a closed band, drawn round a figure instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.elements import STAY, Drawable, Placement
from ringcad.generators.ornament.layout import Room, outline_of
from ringcad.generators.ornament.painting import draw_elements
from ringcad.generators.ornament.raster import Array, Canvas

FOOT_MM = 0.3
"""Feet of strokes reach this far out of a strip's room."""


def ring_room(room: Room, inner: float, outer: float) -> Room:
    """The closed strip that is bent into a ring between two radii in mm; its limits hold on the ring's inside.

    Along the strip everything is pressed together there by the inner over the middle radius.
    """
    middle = 0.5 * (inner + outer)
    half = 0.5 * (outer - inner)
    length = 2.0 * np.pi * middle
    pressed = middle / max(inner, 0.5 * middle)
    return replace(
        room,
        u0=0.0,
        u1=length,
        straight0=0.0,
        straight1=length,
        half=half,
        stroke=min(room.stroke * pressed, max(2.0 * half, room.stroke)),
        gap=room.gap * pressed,
        periodic=True,
        boxed=True,
    )


@dataclass(frozen=True)
class Bent:
    """Elements of a closed strip, bent so that its axis is a circle of ``radius_mm`` about the origin.

    The strip's start lies above the centre (smaller v), it runs clockwise, and its upper edge is the outer one.
    """

    elements: tuple[Drawable, ...]
    radius_mm: float
    half_mm: float
    place: Placement = STAY

    def discs(self) -> tuple[Array, Array]:
        points, radius = outline_of(self.elements).discs()
        angle = points[:, 0] / self.radius_mm
        out = self.radius_mm - points[:, 1]
        round_about = np.column_stack([out * np.sin(angle), -out * np.cos(angle)])
        return self.place.points(round_about), radius

    def moved(self, place: Placement) -> Bent:
        return replace(self, place=place.after(self.place))

    def draw(self, canvas: Canvas) -> None:
        length, tall = 2.0 * np.pi * self.radius_mm, 2.0 * (self.half_mm + FOOT_MM)
        # Twice as fine, so that taking heights between the pixels loses nothing.
        own = Canvas(length, tall, 2.0 * canvas.pixels_per_mm, True, canvas.least_mm)
        draw_elements(own, self.elements)
        reach = self.radius_mm + self.half_mm + FOOT_MM
        i, j = canvas.window(self.place.u - reach, self.place.u + reach, self.place.v - reach, self.place.v + reach)
        x, y = self.place.back(*canvas.coordinates(i, j))
        u = self.radius_mm * np.mod(np.arctan2(x, -y), 2.0 * np.pi)
        v = self.radius_mm - np.hypot(x, y)
        rows, columns = own.height.shape
        at = [(v / tall + 0.5) * rows - 0.5, u / length * columns - 0.5]
        wrapped = np.pad(own.height, ((1, 1), (0, 0)))
        at[0] = np.clip(at[0] + 1.0, 0.0, rows + 1.0)
        heights = ndimage.map_coordinates(wrapped, at, order=1, mode="grid-wrap")
        canvas.blend_max(i, j, heights)


def bent(elements: Sequence[Drawable], ring: Room, u: float) -> list[Drawable]:
    """A closed strip's elements as a ring about (``u``, 0)."""
    radius = ring.length / (2.0 * np.pi)
    return [Bent(tuple(elements), radius, ring.half, Placement(u=u))] if elements else []
