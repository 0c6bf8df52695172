"""A figure in the middle of something: in rings of it, or once with the rest of the band full of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.bending import ring_room
from ringcad.generators.ornament.figure_rows import FigureLayer
from ringcad.generators.ornament.layout import Room, outline_of
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.schema import LayerBase, Panels, is_simple

RING_SHARES = (0.26, 0.32, 0.38, 0.44, 0.5)
"""Widths of a ring tried, as shares of half the room's width."""
RING_MM = 1.9
"""Width from which a ring's flames or leaves are drawn with their own shapes."""
LEAST_FIGURE = 0.42
"""A figure in a ring is at least this share of the ring's outer diameter ..."""
LEAST_FIGURE_MM = 2.3
"""... and as large as this, or nobody would know it ..."""
SQUARES = (1.0, 0.9, 0.8, 0.71)
"""... and stands in a square whose half side is one of these shares of the free radius: few figures have corners."""
FEWEST_CELLS, SMALL_CELLS = 6, -0.9
"""A pattern about a figure is known from so many cells on either side; the level of size at which it is drawn else."""
Propose = Callable[[str, Room, Attributes], LayerBase | None]
"""A family's layer for a room and a wish; always with the same dice."""


def ringed(
    room: Room, figure: str, asked: Attributes, about: str, beside: Attributes, propose: Propose
) -> list[LayerBase] | None:
    """Layers of figures in rings of another family; ``None`` where either does not fit so.

    As many rings follow one another as fit, or as many as were asked for.
    """
    pitch = 2.0 * room.half + 1.5 * room.gap
    count = max(1, int((room.length + (0.0 if room.periodic else 1.5 * room.gap)) / pitch))
    count = min(asked.repeats or count, count)
    if room.length < 2.0 * room.half:
        return None
    period = room.length / count
    # Of wide bands a ring takes as much as its family needs to be known; of others as little as it can.
    broad = [share for share in RING_SHARES if share * room.half >= RING_MM]
    for share in (*broad, *(share for share in RING_SHARES if share not in broad)):
        inner = 1.0 - share
        free = inner * room.half - room.gap
        if 2.0 * free < max(2.0 * LEAST_FIGURE * room.half, LEAST_FIGURE_MM):
            continue
        middle = 0.5 * (room.u0 + room.u0 + period)
        one, half = None, 0.0
        for square in SQUARES:
            half = square * free
            own = room.slot(-half / room.half, half / room.half)[0].panel(middle - half, middle + half)
            one = propose(figure, own, replace(asked, repeats=1, rows=1))
            if one is not None and _reach(one, own, middle) <= free:
                break
            one = None
        ring = propose(about, ring_room(room, inner * room.half, room.half), replace(beside, rows=None, repeats=None))
        # A simplified form is a line, and as a ring it says nothing of its family.
        if one is None or ring is None or not in_full(ring):
            continue
        low = half / room.half
        panels = Panels(count=count, part=_about_the_middle(2.0 * half + room.gap, period))
        return [
            one.model_copy(update={"slot": (round(-low, 5), round(low, 5)), "panels": panels}),
            ring.model_copy(update={"wreath": (round(inner, 5), 1.0), "panels": Panels(count=count)}),
        ]
    return None


def _reach(layer: LayerBase, own: Room, middle: float) -> float:
    """Farthest that a figure reaches from the middle of its place, mm."""
    points, radius = outline_of(FAMILIES[layer.family].draw(layer, own)).discs()
    return float((np.hypot(points[:, 0] - middle, points[:, 1]) + radius).max())


def in_full(layer: LayerBase) -> bool:
    """Whether a layer is drawn as its family is, and not in a simplified form (a key of fewer levels than three)."""
    return not is_simple(layer) and int(getattr(layer, "levels", 3)) >= 3


def _about_the_middle(length_mm: float, period_mm: float) -> tuple[float, float]:
    half = min(0.5 * length_mm / period_mm, 0.5)
    return (round(0.5 - half, 5), round(0.5 + half, 5))


def set_in(
    room: Room, figure: str, asked: Attributes, around: str, beside: Attributes, propose: Propose
) -> list[LayerBase] | None:
    """Layers of a figure that stands once (or as often as asked) in a band of another family."""
    count = asked.repeats or 1
    period = room.length / count
    simple = replace(asked, repeats=1, rows=1)
    for wide in (2.0, 1.5, 2.8, 1.15):
        length = wide * room.half + room.gap
        if length > 0.6 * period:
            continue
        low, high = _about_the_middle(length, period)
        parts = [(0.0, low), (high, 1.0)]
        if room.periodic:
            # The seam lies beside the figure: what surrounds it runs on without a break.
            low, high = 0.0, round(length / period, 5)
            parts = [(high, 1.0)]
        middle = _panel(room, (low, high), period)
        one = propose(figure, middle, simple)
        own = _panel(room, parts[0], period)
        plain = replace(beside, repeats=None)
        rest = propose(around, own, plain)
        if rest is not None and cells(rest) < FEWEST_CELLS:
            fine = replace(plain, large=SMALL_CELLS, dense=max(beside.dense, 0.0))
            rest = propose(around, own, fine) or rest
        if one is None or rest is None or getattr(one, "repeats", 1) != 1:
            continue
        layers = [one.model_copy(update={"panels": Panels(count=count, part=(low, high))})]
        layers += [
            rest.model_copy(update={"panels": Panels(count=count, part=part), "reverse": k == 1})
            for k, part in enumerate(parts)
        ]
        return layers
    return None


def cells(layer: LayerBase) -> float:
    """Cells of a pattern on one side of a figure; of what has none, as many as are enough."""
    if isinstance(layer, FigureLayer) or not hasattr(layer, "repeats"):
        return FEWEST_CELLS
    return float(layer.repeats * getattr(layer, "rows", 1))


def _panel(room: Room, part: tuple[float, float], period: float) -> Room:
    return room.panel(room.u0 + part[0] * period + 0.5 * room.gap, room.u0 + part[1] * period - 0.5 * room.gap)
