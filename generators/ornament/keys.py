"""Greek keys: square spirals, alone or facing, turned over, with squares or beads, interlocking T's and steps.

A design is drawn on a grid whose lines lie one unit apart, so that strokes and gaps are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Pad, Stroke
from ringcad.generators.ornament.layers import GreekKeyLayer, KeyDesign
from ringcad.generators.ornament.layout import Room, level_extent
from ringcad.generators.ornament.schema import Side
from ringcad.generators.ornament.scrolls import whole

Rng = np.random.Generator
Line = tuple[tuple[float, float], ...]
DESIGNS: tuple[KeyDesign, ...] = get_args(KeyDesign)
SPIRALS: dict[int, tuple[Line, int]] = {
    5: (((0, 0), (0, 4), (3, 4), (3, 1), (1, 1), (1, 3), (2, 3), (2, 2)), 4),
    4: (((0, 0), (0, 3), (2, 3), (2, 1), (1, 1), (1, 2)), 3),
    3: (((0, 0), (0, 2), (1, 2), (2, 2), (2, 1)), 3),
    2: (((0, 0), (0, 1), (1, 1), (1, 0), (2, 0)), 2),
}
"""Levels to (grid points of one spiral, columns of one)."""
LEAST_LEVELS: dict[KeyDesign, int] = {
    "spiral": 2, "facing": 3, "turned": 3, "beads": 3, "squares": 4, "tees": 4, "steps": 4, "boxes": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One period of a design: lines in grid points (x along, y up from the base), beads, columns, level lines."""

    lines: tuple[Line, ...]
    columns: int
    rails: tuple[int, ...] = ()
    """Rows along which a line runs the whole band."""
    beads: tuple[tuple[float, float], ...] = ()


def key_cell(design: KeyDesign, levels: int) -> Cell:
    """The period of a design on so many rows."""
    spiral, columns = SPIRALS[levels]
    top = levels - 1
    if design == "facing":
        mirrored = tuple((2 * columns - 1 - x, y) for x, y in spiral)
        return Cell((spiral, mirrored), 2 * columns, (0,))
    if design == "turned":
        hanging = tuple((columns + x, top - y) for x, y in spiral)
        return Cell((((0, 0), (columns, 0)), ((columns, top), (2 * columns, top)), spiral, hanging), 2 * columns)
    if design == "beads":
        beads = ((columns, 1.0 + 0.5 * (top - 1)),) if levels < 5 else ((columns, 1.25), (columns, 3.0))
        return Cell((spiral,), columns + 1, (0,), beads)
    if design == "squares":
        left, right = columns, columns + 2
        square: Line = ((left, 1), (left, top), (right, top), (right, 1), (left, 1))
        return Cell((spiral, square), columns + 3, (0,), ((left + 1.0, 0.5 * (1 + top)),))
    if design == "tees":
        high, low = (top - 1, 1)
        standing: tuple[Line, ...] = (((1, 0), (1, high)), ((0, high), (2, high)))
        hanging_tee: tuple[Line, ...] = (((3, top), (3, low)), ((2, low), (4, low)))
        return Cell((*standing, *hanging_tee), 4, (0, top))
    if design == "steps":
        return Cell(tuple(_stairs(top, shift) for shift in (-2, 0, 2) if abs(shift) < top), 2 * top)
    if design == "boxes":
        frame: Line = ((0, 0), (0, top), (top, top), (top, 0), (0, 0))
        if levels == 5:
            inner: Line = ((1, 1), (1, 3), (3, 3), (3, 1), (1, 1))
            return Cell((frame, inner), 5, (), ((2.0, 2.0),))
        return Cell((frame,), 4, (), ((1.5, 1.5),))
    return Cell((spiral,), columns, (0,) if levels > 2 else ())


def _stairs(top: int, shift: int) -> Line:
    """Stairs up and down again, moved up by ``shift`` rows, level where that leaves the band."""
    points: list[tuple[float, float]] = []
    for x in range(2 * top + 1):
        for step in (x, x + 1) if x < 2 * top else (x,):
            height = min(step, 2 * top - step)
            y = min(max(height + shift, 0), top)
            if not points or points[-1] != (x, y):
                points.append((x, y))
    return tuple(points)


def compose_greek_key(room: Room, wish: Attributes, rng: Rng) -> GreekKeyLayer | None:
    """As many levels as strokes and gaps fit across, five at most."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    # All dice first, so that a wish changes the drawing and not the design.
    fewer, long, broad = (float(x) for x in rng.random(3))
    side: Side = 1 if rng.random() < 0.5 else -1
    design = DESIGNS[int(rng.integers(len(DESIGNS)))]
    clear = 1.45 * gap  # a groove no deeper than wide is cast clean
    levels = min(5, int((space + clear + 1e-9) / (stroke + clear)))
    if wish.bold > 0.6 or wish.dense < -0.3:
        levels = max(min(levels, 3), levels - 1)
    elif levels > 3 and fewer < 0.5:
        levels -= 2 if levels == 5 and fewer < 0.16 else 1
    levels = max(levels, 1)
    if levels == 1:
        size = space
        return GreekKeyLayer(
            levels=1, repeats=whole(room.length / (size + max(gap, 0.5 * size))), line_mm=round(size, 4), side=side
        )
    if levels < LEAST_LEVELS[design]:
        design = "spiral"
    unit = (space - stroke) / (levels - 1)
    columns = key_cell(design, levels).columns
    most = max(unit - 1.4 * gap, stroke)
    # A flat line of the least width loses its corners to the foundry: a little more, where the gaps allow it.
    line = float(np.clip((0.42 + 0.16 * broad + 0.08 * wish.bold) * unit, min(1.15 * stroke, most), most))
    run = room.length - (0.0 if room.periodic else line)
    wide = unit * (0.9 + 0.6 * long - 0.1 * wish.dense + 0.08 * wish.large)
    repeats = max(1, int(run / (columns * wide) + 0.3))
    while repeats > 1 and run / (repeats * columns) < line + 1.1 * gap:
        repeats -= 1
    if run / (repeats * columns) > 1.75 * unit and design != "spiral":
        # One long period would stretch its squares: the short one fits oftener.
        design = "spiral"
        columns = key_cell(design, levels).columns
        repeats = max(1, int(run / (columns * wide) + 0.3))
    return GreekKeyLayer(levels=levels, repeats=repeats, line_mm=round(line, 4), side=side, design=design)


def draw_greek_key(layer: GreekKeyLayer, room: Room) -> list[Drawable]:
    """Elements of the key: whole periods only, the base line closes with an upright."""
    n, r = layer.repeats, 0.5 * layer.line_mm
    if layer.levels == 1:
        return _blocks(layer, room)
    cell = key_cell(layer.design, layer.levels)
    top = layer.levels - 1
    a, b = (room.u0, room.u1) if room.periodic else level_extent(room, room.half - r, r)
    # An open band ends where its last period's lines do.
    last = max(x for line in cell.lines for x, _ in line)
    open_end = not room.periodic and (layer.design in ("boxes", "facing") or cell.rails == (0, top))
    columns = n * cell.columns - (cell.columns - last if open_end else 0.0)
    ux = (b - a) / columns
    uy = (2.0 * room.half - layer.line_mm) / top
    y0 = -room.half + r

    def place(points: Sequence[tuple[float, float]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        grid = np.asarray(points, dtype=np.float64)
        return np.column_stack([a + grid[:, 0] * ux, layer.side * (y0 + grid[:, 1] * uy)])

    elements: list[Drawable] = []
    for k in range(n):
        shift = k * cell.columns
        shifted = (place([(x + shift, y) for x, y in line]) for line in cell.lines)
        elements += [Stroke(line, r, profile="flat") for line in shifted]
        for x, y in cell.beads:
            free = 1.5 if layer.design == "boxes" and layer.levels == 4 else 1.0
            size = min(free * min(ux, uy) - r - room.gap, 1.3 * free * room.stroke)
            if size >= 0.5 * room.stroke and (room.periodic or x + shift < columns):
                u, v = place([(x + shift, y)])[0]
                elements.append(Bead(float(u), float(v), size))
    elements += [Stroke(place([(0.0, row), (columns, row)]), r, profile="flat") for row in cell.rails]
    if not room.periodic and not open_end:
        ends = place([(columns, 0.0), (columns, top)])
        elements.append(Stroke(ends, r, profile="flat"))
    return elements


def _blocks(layer: GreekKeyLayer, room: Room) -> list[Drawable]:
    """Square blocks in a row."""
    pitch = room.length / layer.repeats
    x, y = 0.5 * max(pitch - max(room.gap, 0.3 * pitch), room.stroke), 0.5 * layer.line_mm
    blocks: list[Drawable] = []
    for k in range(layer.repeats):
        c = room.u0 + (k + 0.5) * pitch
        corners = np.array([[c - x, -y], [c + x, -y], [c + x, y], [c - x, y]])
        blocks.append(Pad(corners, 0.5 * room.stroke, dome=0.12))
    return blocks
