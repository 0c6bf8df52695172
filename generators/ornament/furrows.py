"""Lines along the band: parallel grooves between level lands, and a staff with notes."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Rail, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room, level_extent
from ringcad.generators.ornament.plates import Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, LayerBase, Positive
from ringcad.generators.ornament.shapes import disc, on_band, spline

Rng = np.random.Generator
GROOVE_SHARE = 0.42
"""Width of a groove over the distance from one to the next, where the limits leave a choice."""
BROADEST_MM = 1.5
"""Distance of grooves on broad bands of which no number was asked."""


class GroovesLayer(LayerBase):
    """Even grooves along the band. A zone of n grooves has n + 1 lands, the outer ones at its edges."""

    family: Literal["grooves"] = "grooves"
    grooves: Count
    land_mm: Positive
    form: Literal["flat", "round"] = "flat"


def _propose_grooves(room: Room, wish: Attributes, rng: Rng) -> GroovesLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    most = int((space - stroke) / (stroke + gap) + 1e-6)
    if most < 1:
        return None
    pitch = BROADEST_MM * (1.0 + 0.3 * wish.large + 0.2 * wish.bold - 0.35 * wish.dense) * float(rng.uniform(0.75, 1.1))
    count = min(wish.repeats or max(1, round(space / max(pitch, stroke + gap))), most)
    share = float(np.clip(GROOVE_SHARE - 0.12 * wish.bold + float(rng.uniform(-0.1, 0.1)), 0.25, 0.6))
    groove = max(gap, share * space / (count + 1))
    land = max((space - count * groove) / (count + 1), stroke)
    form: Literal["flat", "round"] = "round" if wish.form == "round" or rng.random() < 0.35 else "flat"
    return GroovesLayer(grooves=count, land_mm=round(land, 4), form="flat" if wish.form == "flat" else form)


def _draw_grooves(layer: GroovesLayer, room: Room) -> list[Drawable]:
    r = 0.5 * layer.land_mm
    out: list[Drawable] = []
    for v in np.linspace(-room.half + r, room.half - r, layer.grooves + 1):
        u0, u1 = (room.u0, room.u1) if room.periodic else level_extent(room, float(v), r)
        ends = np.array([[u0, v], [u1, v]])
        out.append(Rail(ends, r) if layer.form == "flat" else Stroke(ends, r))
    return out


# ---------------------------------------------------------------- staff

Note = Literal["quarter", "half", "pair"]
KINDS: tuple[Note, ...] = ("quarter", "quarter", "half", "pair")
CLEF_TALL = 1.34
"""Height of the clef over that of the staff."""
CLEF_MM = 3.6
"""Least height of a clef whose loops stay open."""
STEM = 2.7
"""Length of a stem in distances between lines."""
LINE_HEIGHT = 0.8
"""Height of the lines over that of the notes, which lie on them."""


class StaffLayer(LayerBase):
    """A staff with a clef and notes. ``steps`` count half distances of lines upwards from the middle line."""

    family: Literal["staff"] = "staff"
    lines: Annotated[int, Field(ge=3, le=5)] = 5
    pitch_mm: Positive
    clef: bool = True
    steps: tuple[Annotated[int, Field(ge=-4, le=4)], ...]
    notes: tuple[Note, ...]


def _propose_staff(room: Room, wish: Attributes, rng: Rng) -> StaffLayer | None:
    space = 2.0 * room.half
    clef = space >= CLEF_MM
    for lines in (5, 4, 3):
        pitch = (space / (CLEF_TALL if clef else 1.12) - room.stroke) / (lines - 1)
        if pitch >= room.stroke + 1.3 * room.gap:
            break
    else:
        return None
    pitch = min(pitch, 1.5)
    step = 2.1 * pitch + room.gap
    first = _clef_mm(pitch, lines, room) + room.gap if clef else 0.5 * pitch
    free = room.length - first - 0.5 * pitch
    count = max(1, int(free / (step * (1.0 + 0.5 * max(-wish.dense, 0.0)))))
    # without the clef's room above and below, heads stay between the outer lines
    highest = lines - 1 if clef else lines - 2
    notes: list[Note] = []
    steps: list[int] = []
    at, taken = 0, 0.0
    while taken < count - 0.01:
        kind = KINDS[int(rng.integers(len(KINDS)))]
        wide = 1.6 if kind == "pair" else 1.0
        if taken + wide > count + 0.01:
            kind, wide = "quarter", 1.0
        at = int(np.clip(at + rng.integers(-3, 4), -highest, highest))
        notes.append(kind)
        steps.append(int(np.clip(at, -4, 4)))
        taken += wide
    return StaffLayer(lines=lines, pitch_mm=round(pitch, 4), clef=clef, steps=tuple(steps), notes=tuple(notes))


_CLEF = [(0.05, -0.03), (0.16, -0.09), (0.18, -0.21), (0.08, -0.32), (-0.09, -0.32), (-0.2, -0.2), (-0.18, -0.04),
         (0.0, 0.13), (0.14, 0.27), (0.15, 0.42), (0.06, 0.5), (-0.04, 0.42), (-0.05, 0.27), (0.03, -0.2),
         (0.06, -0.41), (-0.02, -0.5), (-0.13, -0.46)]  # fmt: skip
"""A treble clef as a pen writes it, one high, y up: few turns, so that its loops stay open."""


def _clef(u: float, size: float, room: Room) -> list[Drawable]:
    r = max(0.5 * room.stroke, 0.042 * size)
    line = on_band(spline(_CLEF, samples=10), size - 2.0 * r) + np.array([u, 0.0])
    return [Stroke(line, r), Bead(float(line[-1, 0]), float(line[-1, 1]), 1.35 * r)]


def _clef_mm(pitch: float, lines: int, room: Room) -> float:
    size = CLEF_TALL * (lines - 1) * pitch
    return 0.38 * size + 2.0 * max(0.5 * room.stroke, 0.042 * size) + 2.0 * room.gap


def _head(u: float, v: float, pitch: float, room: Room, hollow: bool) -> Plate:
    """A note's head: a leaning oval between two lines, hollow where there is room for it."""
    a = np.deg2rad(-20.0)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    tall = max(0.52 * pitch, 0.6 * room.stroke)
    ring = disc(1.0) @ np.diag([1.32 * tall, tall]) @ turn.T + np.array([u, v])
    inner = 1.0 - 1.02 * room.stroke / tall
    rings: tuple[Array, ...] = (ring,)
    if hollow and inner * tall > 0.5 * room.gap:
        rings = (ring, ring * inner + np.array([u, v]) * (1.0 - inner))
    return Plate(rings, 0.14, 1.0, 0.3, tall)


def _note(kind: Note, step: int, u: float, layer: StaffLayer, room: Room) -> list[Drawable]:
    pitch, r = layer.pitch_mm, 0.53 * room.stroke
    reach = 0.5 * (layer.lines - 1) * pitch
    up = step <= 0
    side = 1.0 if up else -1.0
    apart = 1.75 * pitch
    heads = [(u, step)] if kind != "pair" else [(u - 0.5 * apart, step), (u + 0.5 * apart, step + (1 if up else -1))]
    end = -side * (STEM * pitch) - 0.5 * step * pitch
    end = float(np.clip(end, -reach - 0.2 * pitch, reach + 0.2 * pitch))
    out: list[Drawable] = []
    tips: list[float] = []
    for x, at in heads:
        v = -0.5 * at * pitch
        foot = x + side * (0.62 * pitch - 0.2 * r)
        out.append(Stroke(np.array([[foot, v], [foot, end]]), r))
        out.append(_head(x, v, pitch, room, kind == "half"))
        tips.append(foot)
    if kind == "pair":
        out.append(Rail(np.array([[tips[0], end], [tips[1], end]]), 1.15 * r))
    return out


def _draw_staff(layer: StaffLayer, room: Room) -> list[Drawable]:
    pitch, r = layer.pitch_mm, 0.5 * room.stroke
    tall = (layer.lines - 1) * pitch
    first, last = room.u0, room.u1
    if not room.periodic:
        first, last = level_extent(room, min(0.5 * tall, room.half - 1e-3), r)
    out: list[Drawable] = []
    if layer.clef:
        # The lines begin behind the clef: between its loops they would fill them.
        wide = _clef_mm(pitch, layer.lines, room)
        out += _clef(first + 0.5 * wide, min(CLEF_TALL * tall, 2.0 * room.half), room)
        first += wide + r
    elements: list[Drawable] = [
        Stroke(np.array([[first, v], [last, v]]), r, LINE_HEIGHT, "flat")
        for v in np.linspace(-0.5 * tall, 0.5 * tall, layer.lines)
    ]
    at = first + 0.3 * pitch
    widths = [1.6 if kind == "pair" else 1.0 for kind in layer.notes]
    unit = (last - at - 0.4 * pitch) / max(sum(widths), 1.0)
    for kind, step, wide in zip(layer.notes, layer.steps, widths, strict=False):
        elements += _note(kind, step, at + 0.5 * wide * unit, layer, room)
        at += wide * unit
    return [*out, Stack(tuple(elements), 1.3 * room.gap, 0.45)]


FAMILIES: tuple[Family[GroovesLayer] | Family[StaffLayer], ...] = (
    Family("grooves", GroovesLayer, _propose_grooves, _draw_grooves, "square", "square", ("milgrain",)),
    Family("staff", StaffLayer, _propose_staff, _draw_staff, "square", "square", ("grooves",)),
)
