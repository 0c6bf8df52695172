"""From a program to heights: layers in their slots and panels, grounds behind figures, then the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import ndimage

from ringcad.core.errors import InputError, RingcadError
from ringcad.generators.ornament.bending import bent, ring_room
from ringcad.generators.ornament.elements import Bead, Drawable, Placement
from ringcad.generators.ornament.figures import draw_free
from ringcad.generators.ornament.frame import FrameShape, draw_frame
from ringcad.generators.ornament.layers import FreeLayer
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.loosening import loosened
from ringcad.generators.ornament.measure import Heights, plateau_share
from ringcad.generators.ornament.painting import draw_elements, fill_corners
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.raster import Array, Canvas
from ringcad.generators.ornament.registry import FAMILIES, drawn
from ringcad.generators.ornament.schema import Depth, LayerBase, Panels

SOFT_BLUR_MM = 0.07
"""Blur of a soft relief: straight walls keep their place at half height, crests lose their edge."""


UNDRAWABLE = (
    RingcadError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    RuntimeError,
    MemoryError,
    np.linalg.LinAlgError,
)
"""What drawing raises for numbers that a family's own sampler would never give."""


def render(program: Program, pixels_per_mm: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Heights of a program, (rows, columns) float32 in [0, 1], crest exactly 1."""
    band = program.band
    canvas = Canvas(band.length_mm, band.width_mm, pixels_per_mm, band.periodic, band.stroke_mm)
    shape = FrameShape(band, program.frame)
    room = make_room(shape)
    for layer in program.layers:
        if not layer.ground:
            _draw_layer(canvas, layer, room)
    grounds = [layer for layer in program.layers if layer.ground]
    if grounds:
        _draw_grounds(canvas, grounds, room)
    fill_corners(canvas, band.gap_mm)
    draw_frame(canvas, shape)
    clear_edges(canvas)
    top = canvas.height.max()
    if top > 0:
        canvas.height /= top
    heights: np.ndarray[Any, np.dtype[np.float32]] = np.clip(canvas.height, 0.0, 1.0).astype(np.float32)
    return heights


def clear_edges(canvas: Canvas) -> None:
    """Ground on the band's boundary: feet that reach it run out over two pixels."""
    for distance, axis in (
        (0.5 * canvas.width_mm - np.abs(canvas.v), 0),
        (canvas.u, 1),
        (canvas.length_mm - canvas.u, 1),
    ):
        if axis == 1 and canvas.periodic:
            continue
        fade = np.clip(distance / canvas.pixel_mm - 0.5, 0.0, 2.0) / 2.0
        canvas.height *= fade[:, None] if axis == 0 else fade


def layer_room(layer: LayerBase, room: Room) -> tuple[Room, float]:
    """The room that a layer draws in (its first panel, if it has panels) and the v of that room's axis.

    Of a ring it is the closed strip that is bent. Raises ``InputError`` for a ring without width.
    """
    axis = 0.0
    if layer.slot is not None:
        room, axis = room.slot(*layer.slot)
    if layer.panels is not None:
        room = panel_room(room, layer.panels)
    if layer.wreath is not None:
        if not 0.0 < layer.wreath[0] < layer.wreath[1]:
            raise InputError(f"ornament program: wreath {layer.wreath[0]:g} to {layer.wreath[1]:g} has no width")
        room = ring_room(room, layer.wreath[0] * room.half, layer.wreath[1] * room.half)
    return room.with_limits(layer.weight, layer.air), axis


def panel_room(room: Room, panels: Panels) -> Room:
    """Room of the first panel: half a gap away from its neighbours on either side."""
    period = room.length / panels.count
    low, high = panels.part
    return room.panel(room.u0 + low * period + 0.5 * room.gap, room.u0 + high * period - 0.5 * room.gap)


def placed_elements(layer: LayerBase, room: Room) -> list[Drawable]:
    """Elements of a layer where they belong in the room of the frame."""
    own, axis = layer_room(layer, room)
    elements: Sequence[Drawable] = draw_free(layer, own) if isinstance(layer, FreeLayer) else drawn(layer, own)
    elements = loosened(elements, own, layer.uneven)
    if layer.wreath is not None:
        at = room if layer.panels is None else panel_room(room, layer.panels)
        elements = bent(elements, own, 0.5 * (at.u0 + at.u1))
        own = at
    places = [Placement(v=axis)]
    if layer.flip:
        places = [place.after(Placement(mirrored=True)) for place in places]
    if layer.reverse:
        middle = 0.5 * (own.u0 + own.u1)
        places = [place.after(Placement(2.0 * middle, 0.0, 180.0, True)) for place in places]
    if layer.panels is not None:
        places = [place.after(step) for step in _panel_places(own, room.length, layer.panels) for place in places]
    if places == [Placement()]:
        return list(elements)
    return [element.moved(place) for place in places for element in elements]


def _panel_places(own: Room, length: float, panels: Panels) -> list[Placement]:
    period, middle = length / panels.count, 0.5 * (own.u0 + own.u1)
    odd = {
        "repeat": Placement(),
        "mirror": Placement(2.0 * middle, 0.0, 180.0, True),
        "glide": Placement(mirrored=True),
        "turn": Placement(2.0 * middle, 0.0, 180.0),
    }[panels.frieze]
    return [Placement(u=k * period).after(odd if k % 2 else Placement()) for k in range(panels.count)]


def _draw_layer(canvas: Canvas, layer: LayerBase, room: Room) -> None:
    elements = placed_elements(layer, room)
    if layer.depth == "natural" and layer.crest == 1.0:
        draw_elements(canvas, elements)
        return
    own = replace(canvas)
    draw_elements(own, elements)
    canvas.height = np.maximum(canvas.height, layer.crest * with_character(own, layer.depth))


def with_character(canvas: Canvas, depth: Depth) -> Array:
    """Heights with another character; places at half height stay there, so widths do not change."""
    h = np.clip(canvas.height, 0.0, 1.0)
    upper = np.clip(2.0 * h - 1.0, 0.0, 1.0)
    if depth == "flat":
        return np.asarray(np.where(h > 0.5, 0.5 + 0.5 * (1.0 - (1.0 - upper) ** 3), h))
    if depth == "domed":
        return _domed(canvas, h)
    if depth == "sharp":
        # A semi-ellipse turns into two straight flanks.
        return np.asarray(np.where(h > 0.5, 1.0 - 0.5 * np.sqrt(np.clip(1.0 - h * h, 0.0, None) / 0.75), h))
    if depth == "soft":
        mode = ("nearest", "wrap" if canvas.periodic else "nearest")
        smooth = ndimage.gaussian_filter(h, SOFT_BLUR_MM * canvas.pixels_per_mm, mode=mode)
        # Only the part above half height is stretched back to the full crest.
        stretch = 0.5 / max(float(smooth.max()) - 0.5, 0.05)
        soft: Array = np.where(smooth > 0.5, np.minimum(0.5 + (smooth - 0.5) * stretch, 1.0), smooth)
        return soft
    return canvas.height


SPOT = 0.75
"""Radius of the smallest spot of a ground between figures, over a stroke."""
SPECK_MM2 = 0.4
"""Fields of a ground with less inside (a spot's radius from the edge) are left out beside larger ones."""


def _moat(canvas: Canvas, room: Room) -> tuple[Array, Array]:
    """Distance of every pixel to the figures, mm, and what is left of a surface behind them, 0 to 1.

    It stays away by a gap, and out of corners between figures that are too narrow to hold a spot of it.
    """
    rows, columns = canvas.height.shape
    u, v = canvas.coordinates(np.arange(rows), np.arange(columns))
    solid, inside = canvas.height > 0.5, room.inside(u, v) > 0.0
    if canvas.periodic:
        solid, inside = np.tile(solid, 3), np.tile(inside, 3)
    clear = np.full(solid.shape, np.inf)
    if solid.any():
        clear = ndimage.distance_transform_edt(~solid) * canvas.pixel_mm
    core = ndimage.distance_transform_edt((clear > room.gap) & inside) * canvas.pixel_mm > SPOT * room.stroke
    fields, count = ndimage.label(core)
    if count > 1:
        areas = ndimage.sum_labels(core, fields, np.arange(1, count + 1)) * canvas.pixel_mm**2
        core = np.isin(fields, 1 + np.flatnonzero(areas >= SPECK_MM2))
    left = np.full(solid.shape, -np.inf)
    if core.any():
        left = SPOT * room.stroke - ndimage.distance_transform_edt(~core) * canvas.pixel_mm
    moat = np.clip((np.minimum(clear - room.gap, left) + 0.25 * room.gap) / (0.5 * room.gap), 0.0, 1.0)
    moat = moat * moat * (3.0 - 2.0 * moat)
    if canvas.periodic:
        clear, moat = clear[:, columns : 2 * columns], moat[:, columns : 2 * columns]
    return clear, moat


DOME_SHARES = (0.34, 0.7)
"""Share of the metal near its own crest of what is domed: more than a ridge has, less than a level top. A semi-ellipse
has 0.45."""


def _domed(canvas: Canvas, h: Array) -> Array:
    """Round tops: ridges are swollen until they are round, level tops fall away towards their edges."""
    found = Heights(h, canvas.length_mm, canvas.width_mm, canvas.periodic)
    if plateau_share(found) > DOME_SHARES[1]:
        solid = h > 0.5
        wide = np.hstack([solid, solid, solid]) if canvas.periodic else solid
        inside = ndimage.distance_transform_edt(np.pad(wide, 1))[1:-1, 1:-1] * canvas.pixel_mm
        # Half the width of the stroke that each point belongs to, from the nearest middle line.
        ridge = wide & (inside >= ndimage.maximum_filter(inside, 5) - 1e-9)
        half = inside[tuple(ndimage.distance_transform_edt(~ridge, return_distances=False, return_indices=True))]
        fallen = np.sqrt(1.0 - 0.75 * (1.0 - np.clip(inside / np.maximum(half, 1e-9), 0.0, 1.0)) ** 2)
        if canvas.periodic:
            n = h.shape[1]
            fallen = fallen[:, n : 2 * n]
        return np.asarray(np.where(solid, np.maximum(0.5, h * fallen), h))
    for _ in range(4):
        h = np.asarray(np.where(h > 0.5, 0.5 + 0.5 * np.sin(np.pi * np.clip(h - 0.5, 0.0, 0.5)), h))
        if plateau_share(replace(found, values=h)) >= DOME_SHARES[0]:
            break
    return h


def _draw_grounds(canvas: Canvas, grounds: Sequence[LayerBase], room: Room) -> None:
    """Grounds keep one gap clear of the figures: whole grains are left out, surfaces fade."""
    rows, columns = canvas.height.shape
    clear, moat = _moat(canvas, room)
    for layer in grounds:
        whole, parts = replace(canvas), replace(canvas)
        for element in placed_elements(layer, room):
            if isinstance(element, Bead):
                i = int(np.clip((element.v / canvas.width_mm + 0.5) * rows, 0, rows - 1))
                j = int(element.u / canvas.length_mm * columns) % columns
                if clear[i, j] >= element.radius + room.gap:
                    draw_elements(whole, [element])
            else:
                element.draw(parts)
        field = replace(canvas)
        field.height = np.maximum(whole.height, parts.height * moat)
        canvas.height = np.maximum(canvas.height, layer.crest * with_character(field, layer.depth))


__all__ = ["FAMILIES", "clear_edges", "layer_room", "placed_elements", "render", "with_character"]
