"""Drawing of element lists, and the webs that close corners too narrow to cast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.elements import STAY, Bead, Drawable, Placement, Rail, Stroke, stamp_step
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import VALLEY, Laid
from ringcad.generators.ornament.raster import Array, Canvas, Profile, resample, shoulder, stamp


def draw_elements(canvas: Canvas, elements: Sequence[Drawable]) -> None:
    """Draw elements, each raising the field; tubes and balls of one crest height together, what is laid over last."""
    whole, laid = canvas, [element for element in elements if isinstance(element, Laid)]
    if laid:
        # What is laid over others presses down only what belongs to the same list.
        canvas = replace(canvas)
    tubes: dict[tuple[Profile, float], list[tuple[Array, Array]]] = {}
    for element in elements:
        if isinstance(element, Bead):
            tubes.setdefault(("bead", element.height), []).append(element.discs())
        elif isinstance(element, Stroke | Rail) and np.ndim(element.height) == 0:
            profile = "flat" if isinstance(element, Rail) else element.profile
            radius = np.broadcast_to(np.asarray(element.radius, float), (len(element.points),))
            points, radius = resample(element.points, stamp_step(float(radius.min())), radius)
            tubes.setdefault((profile, float(element.height)), []).append((points, radius))
        elif not isinstance(element, Laid):
            element.draw(canvas)
    for (profile, height), parts in tubes.items():
        points, radii = (np.concatenate(part) for part in zip(*parts, strict=True))
        stamp(canvas, points, radii, height, profile)
    if laid:
        for element in laid:
            element.draw(canvas)
        whole.height = np.maximum(whole.height, canvas.height)


@dataclass(frozen=True)
class Transferred:
    """A field that covers (0 to ``length``, -``half`` to ``half``), drawn there and carried over by a motion."""

    field: Drawable
    place: Placement
    length: float
    half: float

    def discs(self) -> tuple[Array, Array]:
        points, radius = self.field.discs()
        return self.place.points(points), radius

    def moved(self, place: Placement) -> Transferred:
        return replace(self, place=place.after(self.place))

    def draw(self, canvas: Canvas) -> None:
        rows, columns = canvas.height.shape
        # Twice as fine, so that taking heights between the pixels loses nothing.
        own = Canvas(self.length, 2.0 * self.half + 0.6, 2.0 * canvas.pixels_per_mm, canvas.periodic, canvas.least_mm)
        self.field.draw(own)
        u, v = self.place.back(*canvas.coordinates(np.arange(rows), np.arange(columns)))
        n, m = own.height.shape
        i = (v + 0.5 * own.width_mm) * (n / own.width_mm) - 0.5
        j = u * (m / own.length_mm) - 0.5
        mode = "grid-wrap" if canvas.periodic else "constant"
        tall = np.pad(own.height, ((2, 2), (0, 0)))
        carried = ndimage.map_coordinates(tall, [np.clip(i + 2.0, 0.0, n + 3.0), j], order=1, mode=mode)
        canvas.height = np.maximum(canvas.height, carried)


@dataclass(frozen=True)
class Field:
    """A surface given by its height at (u, v) that covers a room up to its rounded edge."""

    room: Room
    height_at: Callable[[Array, Array], Array]
    edge_mm: float = 0.18
    place: Placement = STAY

    def discs(self) -> tuple[Array, Array]:
        middle = np.array([[0.5 * (self.room.u0 + self.room.u1), 0.0]])
        return self.place.points(middle), np.array([self.room.half])

    def moved(self, place: Placement) -> Field:
        return replace(self, place=place.after(self.place))

    def draw(self, canvas: Canvas) -> None:
        rows, columns = canvas.height.shape
        u, v = self.place.back(*canvas.coordinates(np.arange(rows), np.arange(columns)))
        edge = shoulder(self.room.inside(u, v), min(self.edge_mm, self.room.half), canvas.pixel_mm)
        # One body of metal with a clean outline: its furrows stay above half height, its edge is the lower of both.
        body = np.clip(self.height_at(u, v), VALLEY, 1.0)
        canvas.height = np.maximum(canvas.height, np.minimum(body, edge))


WEB_HEIGHT = 0.57
"""Crest of a web: just over half height, so that it closes a corner without drawing the eye."""


def fill_corners(canvas: Canvas, gap_mm: float) -> None:
    """Put a low web where forms meet at an angle too narrow for the gap, as a caster's fillet would.

    The outline at half height is closed by a disc of the gap's diameter (distances, exact to half a
    pixel); what that adds is raised to just over half height.
    """
    if gap_mm <= 0.0:
        return
    # Distances between pixel centres are half a pixel short of the middle of a gap, so work twice as fine.
    pixel = 0.5 * canvas.pixel_mm
    reach = max(0.5 * gap_mm - 0.6 * pixel, 0.0)
    rows, columns = canvas.height.shape
    pad = 2 * (int(np.ceil(gap_mm / canvas.pixel_mm)) + 2)
    field = np.pad(_doubled(canvas.height, canvas.periodic), ((pad, pad), (0, 0)))
    field = np.pad(field, ((0, 0), (pad, pad)), mode="wrap" if canvas.periodic else "constant")
    solid = field > 0.5
    if not solid.any():
        return
    free = (ndimage.distance_transform_edt(~solid) - 0.5) * pixel > reach
    inside = (ndimage.distance_transform_edt(~free) - 0.5) * pixel - reach
    added = (inside > 0.0) & ~solid
    if not added.any():
        return
    # Only where something was added, with a rim that lets it run into its neighbours.
    near = ndimage.binary_dilation(added, iterations=max(1, round(0.08 / pixel)))
    web = np.where(near, WEB_HEIGHT * shoulder(inside - 0.25 * pixel, 0.06, 2.0 * pixel), 0.0)[pad:-pad, pad:-pad]
    coarse = web.reshape(rows, 2, columns, 2).mean(axis=(1, 3))
    canvas.height = np.maximum(canvas.height, coarse)


def _doubled(field: Array, periodic: bool) -> Array:
    """Field at twice the resolution, linear between pixel centres."""

    def along(values: Array, wrap: bool) -> Array:
        before = np.roll(values, 1, axis=0)
        after = np.roll(values, -1, axis=0)
        if not wrap:
            before[0], after[-1] = values[0], values[-1]
        pair = np.stack([0.75 * values + 0.25 * before, 0.75 * values + 0.25 * after], axis=1)
        return pair.reshape(2 * values.shape[0], -1)

    return along(along(field, False).T, periodic).T
