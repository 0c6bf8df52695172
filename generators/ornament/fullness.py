"""Bare ground: where figures leave much of a band empty, the ground is worked as a chaser would work it."""

from __future__ import annotations

import re

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import random_generator
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.grounds import StippleLayer
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.painting import draw_elements
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.raster import Canvas
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.scene import placed_elements

PIXELS_PER_MM = 12.0
OPEN_MM = 0.7
"""Ground is bare where a disc of this radius lies on it, a gap away from every figure: less is no field of its own."""
FIELD_MM2 = 3.0
"""Smaller fields between figures would look like plaques of their own."""
MUCH = 0.2
"""Share of the room that may be bare."""
LOW_MM = 0.115
"""Height of a worked ground: as low as the castability filter lets a raised detail be, and a little more."""
LEVEL_MM = 0.1
"""Grains whose distance from the nearest outline differs by less stand in one row."""
HIGHEST = 0.42
"""Shallow reliefs, in which such a ground would stand higher than this share of the figures, go without."""
GRAINS = frozenset({"starfield", "stipple"})
PLAIN = re.compile(
    r"\b(?:plain|minimal\w*|simple|simply|clean|empty|bare|airy|sparse\w*|nothing else|and nothing|polished|smooth|"
    r"shiny|mirror|single|alone|lonely|understated|discreet|subtle|light|open|modern|brutalist)\b",
    re.IGNORECASE,
)
"""Words that want the ground as it is."""


def bare_share(program: Program) -> float:
    """Share of the room inside the frame that is bare."""
    shape = FrameShape(program.band, program.frame)
    room = make_room(shape)
    band = program.band
    canvas = Canvas(band.length_mm, band.width_mm, PIXELS_PER_MM, band.periodic, outlined=True)
    for layer in program.layers:
        draw_elements(canvas, placed_elements(layer, room))
    return _bare(canvas, room)


def _bare(canvas: Canvas, room: Room) -> float:
    solid = canvas.height > 0.5
    rows, columns = solid.shape
    if canvas.periodic:
        solid = np.hstack([solid, solid, solid])
    clear = ndimage.distance_transform_edt(~solid) if solid.any() else np.full(solid.shape, np.inf)
    u, v = canvas.coordinates(np.arange(rows), np.arange(columns))
    inside = room.inside(u, v) > 0.0
    within = np.tile(inside, 3) if canvas.periodic else inside
    core = ndimage.distance_transform_edt((clear * canvas.pixel_mm > room.gap) & within) * canvas.pixel_mm > OPEN_MM
    if not core.any():
        return 0.0
    bare = ndimage.distance_transform_edt(~core) * canvas.pixel_mm <= OPEN_MM
    fields, count = ndimage.label(bare)
    areas = ndimage.sum_labels(bare, fields, np.arange(1, count + 1)) * canvas.pixel_mm**2
    bare = np.isin(fields, 1 + np.flatnonzero(areas >= FIELD_MM2))
    bare = bare[:, columns : 2 * columns] if canvas.periodic else bare
    return float((bare & inside).sum() / max(int(inside.sum()), 1))


def in_file(ground: StippleLayer, program: Program, room: Room) -> StippleLayer | None:
    """Grains as a chaser sets them: in close file along the outlines of figures and frame, row after row.

    ``None`` where none fits.
    """
    band = program.band
    canvas = Canvas(band.length_mm, band.width_mm, PIXELS_PER_MM, band.periodic, outlined=True)
    for layer in program.layers:
        if not layer.ground:
            draw_elements(canvas, placed_elements(layer, room))
    solid = canvas.height > 0.5
    rows, columns = solid.shape
    wide = np.tile(solid, 3) if band.periodic else solid
    clear = np.full(wide.shape, np.inf)
    if solid.any():
        clear = ndimage.distance_transform_edt(~wide) * canvas.pixel_mm
    clear = clear[:, columns : 2 * columns] if band.periodic else clear
    u, v = (np.ravel(x) for x in np.broadcast_arrays(*canvas.coordinates(np.arange(rows), np.arange(columns))))
    radius = 0.5 * ground.grain_mm
    # A pixel's middle may lie half a diagonal nearer to an outline than it says.
    to_figure = clear.ravel() - radius - room.gap - 0.75 * canvas.pixel_mm
    inside = room.clearance(np.column_stack([u, v])) - radius
    free = (to_figure > 0.0) & (inside > 0.0)
    u, v, to_figure, inside = u[free], v[free], to_figure[free], inside[free]
    level = np.floor(np.minimum(to_figure, inside) / LEVEL_MM)
    spacing = ground.grain_mm + room.gap
    open_, grains = np.ones(len(u), dtype=bool), []
    last = (room.u0, 0.0)
    while open_.any():
        # The next of the lowest row, nearest to the last one.
        here = np.flatnonzero(open_)
        row = here[level[here] == level[here].min()]
        k = int(row[np.argmin(np.hypot(u[row] - last[0], v[row] - last[1]))])
        last = (float(u[k]), float(v[k]))
        grains.append((round(last[0], 4), round(last[1], 4)))
        away = np.abs(u - last[0])
        away = np.minimum(away, band.length_mm - away) if band.periodic else away
        open_ &= np.hypot(away, v - last[1]) >= spacing
    return ground.model_copy(update={"grains": tuple(grains)}) if grains else None


def filed(program: Program) -> Program:
    """The program with the grains of a ground that was asked for in file about its figures."""
    room = make_room(FrameShape(program.band, program.frame))
    layers = [
        in_file(layer, program, room) or layer
        if layer.ground and isinstance(layer, StippleLayer) and layer.slot is None and layer.panels is None
        else layer
        for layer in program.layers
    ]
    return program.model_copy(update={"layers": tuple(layers)})


def filled(
    program: Program, wish: Attributes, prompt: str, seed: int, depth_mm: float
) -> tuple[Program, tuple[str, ...]]:
    """The program with a worked ground where much is bare and nothing was said against it, and what is to be said."""
    program = filed(program)
    crest = LOW_MM / max(depth_mm, 1e-6)
    if crest > HIGHEST or wish.dense < 0.0 or any(layer.ground for layer in program.layers) or PLAIN.search(prompt):
        return program, ()
    if wish.letters or any(layer.family in GRAINS or layer.wreath is not None for layer in program.layers):
        return program, ()  # writing and rings read best on bare ground, and of grains there are enough
    if bare_share(program) <= MUCH:
        return program, ()
    room = make_room(FrameShape(program.band, program.frame))
    rng = random_generator(seed, prompt + " ground")
    # Fields of facets would stand about figures like plaques; fine grains leave them their outline.
    ground = FAMILIES["stipple"].propose(room, Attributes(), rng)
    if isinstance(ground, StippleLayer):
        ground = in_file(ground, program, room)
    if ground is None:
        return program, ()
    ground = ground.model_copy(update={"ground": True, "crest": round(crest, 4)})
    return (
        program.model_copy(update={"layers": (ground, *program.layers)}),
        ("stippled ground, where it was bare (write 'plain ground' to leave it)",),
    )
