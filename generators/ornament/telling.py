"""What is told of wishes that a drawing does not show: each is held against the heights and told where missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.loosening import loosened
from ringcad.generators.ornament.measure import Heights, inner, regularity, rows_seen
from ringcad.generators.ornament.obeying import PIXELS_PER_MM, compared, count_of, draw_alone, fills, gauge, seen
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.scene import layer_room, render
from ringcad.generators.ornament.schema import LayerBase

SHOWN = 0.5
"""How clearly a wish must be seen, from 0 to 1, not to be told as missed."""
LOOSE = ("uneven", "variation", "turn_deg", "dents", "grains", "stars", "waves", "breaks")
"""Fields that make a layer irregular."""
LESS_REGULAR = 0.015
"""Least loss of likeness to itself, one step on, that is seen as irregular."""
COUNTED_ROWS = frozenset({"zigzag", "tiles"})
"""Families whose rows reach into each other: they are known by their lines, not by the ground between them."""
_MORE = {"dense": ("airier", "denser"), "bold": ("finer", "bolder"), "large": ("smaller", "larger")}


def _name(layer: LayerBase) -> str:
    return layer.family.replace("_", " ")


def not_shown(program: Program, unasked: Program, wish: Attributes) -> list[str]:
    """What is said of comparative wishes that the first layer does not show beside the same one without any wish."""
    asked = compared(wish)
    if not asked or not program.layers or not unasked.layers:
        return []
    layer, base = program.layers[0], unasked.layers[0]
    if layer.family != base.family or layer.family not in FAMILIES or layer.wreath is not None:
        return []
    rooms = [_room(each, of) for each, of in ((layer, program), (base, unasked))]
    got, reference = (gauge(each, FAMILIES[each.family], room) for each, room in zip((layer, base), rooms, strict=True))
    counts = (count_of(layer), count_of(base))
    said = []
    for name, value in asked.items():
        if name == "large" and value > 0 and fills(base, rooms[1]) and fills(layer, rooms[0]):
            said.append(f"{_name(layer)} as large as the band is wide")
            continue
        if seen(name, value, got, reference, counts, rooms[1]) < SHOWN:
            word = _MORE[name][value > 0]
            said.append(f"{_name(layer)} {word} than usual is not shown: none was found that can be cast on this band")
    return said


def _room(layer: LayerBase, program: Program) -> Room:
    placed = layer.model_copy(update={"weight": 1.0, "air": 1.0})
    return layer_room(placed, make_room(FrameShape(program.band, program.frame)))[0]


def drawn_evenly(program: Program, wish: Attributes) -> list[str]:
    """What is said of an irregular drawing where a family shows only an even one."""
    if wish.irregular <= 0.0:
        return []
    even = [
        _name(layer) for layer in program.layers if layer.family in FAMILIES and is_even(layer, _room(layer, program))
    ]
    return [f"{name} is always drawn evenly" for name in dict.fromkeys(even)]


def is_even(layer: LayerBase, room: Room) -> bool:
    """Whether a layer is as like itself, one step on, as it would be without what makes it irregular."""
    loose = [name for name in LOOSE if getattr(layer, name, ())]
    if not loose:
        return True
    taken = [name for name in ("variation", "turn_deg", "uneven") if name in loose]
    if not taken:
        return False
    even = layer.model_copy(update=dict.fromkeys(taken, ()))
    own = room.with_limits(layer.weight, layer.air)
    draw = FAMILIES[layer.family].draw
    drawn = (draw_alone(loosened(list(draw(each, own)), own, each.uneven), own) for each in (layer, even))
    likeness, usual = (regularity(field) for field in drawn)
    return likeness > usual - LESS_REGULAR


def fewer_than_asked(program: Program, wish: Attributes) -> list[str]:
    """What is said where fewer rows or figures stand on the band than were asked for, or rows are not to be seen."""
    layers: Sequence[LayerBase] = program.layers
    if not layers:
        return []
    first = layers[0]
    alike = [layer for layer in layers if layer.family == first.family]
    said = []
    if wish.rows:
        rows = sum(int(getattr(layer, "rows", 1)) for layer in alike)
        if (hasattr(first, "size_mm") or first.family in COUNTED_ROWS) and rows < wish.rows:
            said.append(f"{wish.rows} rows of {_name(first)} asked, {rows} drawn: more do not fit")
        elif first.family in COUNTED_ROWS:
            pass
        elif len(alike) == len(layers) and (found := _rows(program)) != wish.rows:
            said.append(f"{wish.rows} rows of {_name(first)} are not shown as such: {found} can be told apart")
    count = int(getattr(first, "repeats", 0))
    figures = hasattr(first, "size_mm")
    if wish.repeats and figures and first.panels is None and count < wish.repeats:
        said.append(f"{wish.repeats} along the band asked, {count} drawn: more do not fit")
    return said


def _rows(program: Program) -> int:
    height = np.asarray(render(program, PIXELS_PER_MM), dtype=np.float64)
    band = program.band
    return rows_seen(inner(Heights(height, band.length_mm, band.width_mm, band.periodic)))


def unasked(wish: Attributes) -> Attributes:
    """A wish without what is said in comparison with the usual."""
    return replace(wish, dense=0.0, bold=0.0, large=0.0)


__all__ = ["drawn_evenly", "fewer_than_asked", "is_even", "not_shown", "unasked"]
