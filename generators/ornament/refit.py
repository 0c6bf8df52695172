"""A program on a band of another size: as it is where that does, else with counts and sizes made for the new band."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import make_frame
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.nearness import PLACING, distance, proposals
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.scene import layer_room
from ringcad.generators.ornament.schema import Band, Frame, LayerBase

LONGER = 0.06
SHORTER = 0.02
WIDTH = 0.01
"""Shares by which the band may be longer, shorter, and another width while every layer stays as it is.
Layouts keep 6 % on strokes and 12 % on gaps, so these eat into no limit."""
LIMITS = 0.02
"""Share by which the narrowest stroke and gap may have grown meanwhile."""
_ALONG = frozenset({"repeats", "columns", "turns", "furrows"})
"""Counts along the band: they grow with its length over its width."""


def refitted(program: Program, request: GeneratorRequest) -> tuple[Program, tuple[str, ...]]:
    """The program for the request's band, and what was changed for it, in words.

    A band of the same size and limits leaves the program as it is, bit for bit.
    Raises ``InputError`` when a family does not fit the new band.
    """
    old = program.band
    new = Band(
        length_mm=request.length_mm,
        width_mm=request.width_mm,
        periodic=not request.both_ends_designed,
        stroke_mm=request.min_stroke_mm,
        gap_mm=request.min_gap_mm,
    )
    if _same(old, new):
        return program, ()
    sizes = f"{old.length_mm:.2f} x {old.width_mm:.2f} mm, now {new.length_mm:.2f} x {new.width_mm:.2f} mm"
    if _near(old, new):
        moved = program.model_copy(update={"band": new})
        return moved, (f"made for a band of {sizes}: spread over it, nothing else changed",)
    frame = _frame(program, request)
    before, after = make_room(FrameShape(old, program.frame)), make_room(FrameShape(new, frame))
    if after.half <= 0.0 or after.length < 4.0 * after.stroke:
        raise InputError(f"the program's {frame.style} border leaves no room in a band made for {sizes}")
    wish = program.asked.wish() if program.asked else Attributes()
    twins: dict[str, LayerBase] = {}
    layers = []
    for layer in program.layers:
        # Mirrored rows and edges stay each other's mirror images.
        key = repr(layer.model_dump(exclude={"slot", "flip", "reverse"}))
        if key not in twins:
            twins[key] = _layer(layer, layer_room(layer, before)[0], layer_room(layer, after)[0], wish, sizes)
        place = {name: getattr(layer, name) for name in ("slot", "flip", "reverse")}
        layers.append(twins[key].model_copy(update=place))
    changes = [text for a, b in zip(program.layers, layers, strict=True) if (text := _change(a, b))]
    notes = (f"made for a band of {sizes}: made anew for it, as near as castable", *dict.fromkeys(changes))
    return program.model_copy(update={"band": new, "frame": frame, "layers": tuple(layers)}), notes


def _same(old: Band, new: Band) -> bool:
    numbers = ("length_mm", "width_mm", "stroke_mm", "gap_mm")
    return old.periodic == new.periodic and all(abs(getattr(old, n) - getattr(new, n)) <= 1e-6 for n in numbers)


def _near(old: Band, new: Band) -> bool:
    longer = new.length_mm / old.length_mm - 1.0
    return (
        old.periodic == new.periodic
        and -SHORTER <= longer <= LONGER
        and abs(new.width_mm / old.width_mm - 1.0) <= WIDTH
        and new.stroke_mm <= old.stroke_mm * (1.0 + LIMITS)
        and new.gap_mm <= old.gap_mm * (1.0 + LIMITS)
    )


def _frame(program: Program, request: GeneratorRequest) -> Frame:
    """Frame of the same style and ends; a rail that was made bolder by hand stays so."""
    mine, old = program.frame, program.band
    then = replace(
        request,
        length_mm=old.length_mm,
        width_mm=old.width_mm,
        min_stroke_mm=old.stroke_mm,
        min_gap_mm=old.gap_mm,
        both_ends_designed=not old.periodic,
    )
    usual = make_frame(then, mine.style, mine.start, mine.finish).frame
    made = make_frame(request, mine.style, mine.start, mine.finish).frame
    bolder = max(mine.rail_mm / usual.rail_mm, request.min_stroke_mm / made.rail_mm)
    if abs(bolder - 1.0) < 1e-3:
        return made
    changed = {"rail_mm": round(made.rail_mm * bolder, 5), "pitch_mm": round(made.pitch_mm * bolder, 5)}
    return made.model_copy(update=changed)


def _layer(layer: LayerBase, before: Room, after: Room, wish: Attributes, sizes: str) -> LayerBase:
    """The proposal for the new room that comes nearest to the layer at the new scale, with the layer's shape."""
    if layer.family == "free":
        raise InputError(f"the program holds free elements, which stay where they are, made for a band of {sizes}")
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(layer.family.encode())))
    pool = proposals(layer, after, wish, rng)
    if not pool:
        name = layer.family.replace("_", " ")
        raise InputError(
            f"the program's {name} does not fit: it was made for a band of {sizes}, which leaves it "
            f"{2.0 * after.half:.2f} mm. Widen the band, or take another family in the program"
        )
    across = after.half / before.half
    along = (after.length / before.length) / across
    old = layer.model_dump()
    wanted = {name: _scaled(name, value, across, along) for name, value in old.items()}
    best = min(pool, key=lambda other: distance(wanted, other.model_dump()))
    new = best.model_dump()
    kept: dict[str, Any] = {name: old[name] for name in old if name in PLACING}
    for name, value in old.items():
        if name in PLACING or name.endswith("_mm"):
            continue
        # Numbers that only shape a form; the rest hangs together and is taken over as one.
        if isinstance(value, float):
            kept[name] = value
        elif isinstance(value, tuple) and value and all(isinstance(x, float) for x in value):
            kept[name] = tuple(value[k % len(value)] for k in range(len(new[name]))) or value
    return type(layer).model_validate({**new, **kept})


def _scaled(name: str, value: Any, across: float, along: float) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if isinstance(value, int):
        return max(1, round(value * along)) if name in _ALONG else value
    return value * across if name.endswith("_mm") else value


def _change(old: LayerBase, new: LayerBase) -> str | None:
    counts = [
        f"{name} {getattr(old, name)} to {getattr(new, name)}"
        for name in ("rows", "repeats", "columns", "turns")
        if isinstance(getattr(old, name, None), int) and getattr(old, name) != getattr(new, name)
    ]
    return f"{old.family.replace('_', ' ')}: {', '.join(counts)}" if counts else None


__all__ = ["refitted"]
