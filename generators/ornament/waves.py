"""Waves: crests that curl over, in file, large and small, facing; ribbons that wave side by side."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.layers import WavesLayer
from ringcad.generators.ornament.layout import Room, largest, level_extent, room_left
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Side
from ringcad.generators.ornament.scrolls import fillings, whole

Rng = np.random.Generator
Foam = Literal["none", "balls", "leaves", "trefoils"]
DESIGNS: tuple[Literal["crests", "swell", "facing", "ribbons"], ...] = ("crests", "swell", "facing", "ribbons")
FOAM: tuple[Foam, ...] = ("none", "balls", "leaves", "trefoils")
SMALL = 0.68
"""Height of every second crest of a swell."""


def compose_waves(room: Room, wish: Attributes, rng: Rng) -> WavesLayer | None:
    """Curling crests where a base line, a gap and a curl fit; otherwise one waving line."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    side: Side = -1  # the sea lies below, v grows downwards
    # All dice first, so that a wish changes the drawing and not the design.
    broad, long, wound, many, small = (float(x) for x in rng.random(5))
    design = DESIGNS[int(rng.choice(4, p=(0.35, 0.2, 0.15, 0.3)))]
    foam = FOAM[int(rng.integers(4))] if wish.balls is not False else "none"
    line = stroke * (1.0 + 0.25 * max(0.0, wish.bold) + 0.06 * broad)
    curl = 0.5 * (space - line) - 0.5 * line
    if curl >= line + gap + 0.1:
        line = min(max(line, (0.1 + 0.045 * broad) * space), 0.5, curl - gap - 0.1)
        if design == "ribbons":
            return _ribbons_layer(room, wish, line, long, many, foam)
        if design == "swell" and SMALL * (space - line) - line < 2.0 * (line + gap):
            design = "crests"
        pitch = 2.0 * curl + line + 1.6 * gap
        # Long troughs want something over them.
        pitch *= 1.0 + (0.12 if foam == "none" else 0.34) * long - 0.06 * wish.dense + 0.08 * max(wish.large, 0.0)
        if design == "swell":
            pitch *= 0.5 * (1.0 + SMALL) * 1.06
        repeats = whole(room.length / pitch)
        if design != "crests":
            repeats = max(2, 2 * round(0.5 * room.length / pitch))
        if design in ("crests", "swell") and room.length / repeats < 1.12 * (2.0 * curl + line + 1.6 * gap):
            # Between close crests foam would be crumbs.
            foam = "none"
        # A larger curl winds once more, or it would look empty.
        most = 0.9 if curl < 2.2 * (line + gap) else 1.4 if curl < 3.4 * (line + gap) else 1.9
        return WavesLayer(
            repeats=repeats,
            line_mm=round(max(line, stroke), 4),
            turns=round(most - 0.22 * wound, 3),
            side=side,
            design=design,
            foam=foam,
            curl=round(1.0 - 0.3 * small, 3) if curl > 1.7 * (line + gap) else 1.0,
        )
    repeats = whole(room.length / max(1.9 * space, 3.4 * (stroke + gap)), 1)
    return WavesLayer(form="simple", repeats=repeats, line_mm=round(stroke, 4), turns=1.0, side=side)


def _ribbons_layer(
    room: Room,
    wish: Attributes,
    line: float,
    long: float,
    many: float,
    foam: Literal["none", "balls", "leaves", "trefoils"],
) -> WavesLayer:
    """As many ribbons as leave a wave worth the name."""
    space = 2.0 * room.half
    line = max(room.stroke, 0.88 * line)
    most = max(1, int(0.62 * space / (line + room.gap)))
    lines = wish.rows or int(np.clip(round(0.6 + 3.8 * many - 0.5 * wish.bold), 1, max(most, 1)))
    period = space * (0.85 + 0.95 * long - 0.15 * wish.dense + 0.2 * wish.large)
    return WavesLayer(
        repeats=whole(room.length / period, 1),
        line_mm=round(line, 4),
        turns=1.0,
        side=-1,
        design="ribbons",
        lines=min(lines, max(most, 1)),
        foam=(foam if foam != "none" or lines > 1 else "leaves") if lines < 3 else "none",
    )


def draw_waves(layer: WavesLayer, room: Room) -> list[Drawable]:
    """Elements of the waves: base line at one side, crests curling over towards the finish."""
    if layer.form == "simple":
        return _ribbons(layer, room, 1)
    if layer.design == "ribbons":
        found = _ribbons(layer, room, layer.lines)
        if layer.foam != "none":
            step = room.length / layer.repeats
            spots = [(room.u0 + (k + 0.25) * step, 1.0) for k in range(layer.repeats)]
            spots += [(room.u0 + (k + 0.75) * step, -1.0) for k in range(layer.repeats)]
            found += fillings(layer.foam, room, found, [(u, -layer.side * up) for u, up in spots], step)
        return found
    n, r = layer.repeats, 0.5 * layer.line_mm
    base = -room.half + r
    a, b = (room.u0, room.u1) if room.periodic else level_extent(room, base, r)
    elements: list[Drawable] = [Stroke(np.array([[a, base], [b, base]]) * [1.0, layer.side], r)]
    places: list[tuple[float, float]] = []
    swell = layer.design == "swell"
    at = a
    for k in range(n):
        tall = SMALL if swell and k % 2 else 1.0
        pitch = (b - a) / n * (2.0 * tall / (1.0 + SMALL) if swell else 1.0)
        turned = layer.design == "facing" and k % 2 == 1
        if turned:
            # Mirrored in its own place.
            crest = [(path * [-1.0, 1.0] + [2.0 * at + pitch, 0.0], width) for path, width in
                     _crest(layer, room, at, pitch, tall, a - (b - at - pitch) + at, None)]  # fmt: skip
        else:
            crest = _crest(layer, room, at, pitch, tall, a, b if not room.periodic and k == n - 1 else None)
        for path, width in crest:
            placed = path * [1.0, layer.side]
            if len(placed) == 1:
                elements.append(Bead(float(placed[0, 0]), float(placed[0, 1]), float(width[0])))
            else:
                elements.append(Stroke(placed, width))
        places.append((at, pitch))
        at += pitch
    if not room.periodic:
        elements += [Bead(a, layer.side * base, 1.0 * r), Bead(b, layer.side * base, 1.0 * r)]
    if layer.foam != "none":
        step = (b - a) / n
        spots = []
        for k, (left, pitch) in enumerate(places):
            if layer.design == "facing":
                spots.append((left, float(layer.side)))
            elif not swell:
                spots.append((left + 0.02 * pitch, float(layer.side)))
            elif k % 2:
                spots.append((left + 0.3 * pitch, float(layer.side)))
        elements += fillings(layer.foam, room, elements, spots, 1.5 * step)
    return elements


def _crest(
    layer: WavesLayer, room: Room, at: float, pitch: float, tall: float, first: float, last: float | None
) -> list[tuple[Array, Array]]:
    """Lines of one crest between ``at`` and ``at + pitch``, y up from the axis, and their radii; its last is a ball.

    ``first`` is where the base line starts, ``last`` where the zone ends, if it does.
    """
    r = 0.5 * layer.line_mm
    base, top = -room.half + r, -room.half + r + tall * (2.0 * room.half - 2.0 * r)
    ball = 0.5 * min(1.7 * layer.line_mm, 1.1 * (top - base))
    # The curl sits under the frame, clear of the base line and of the next crest's back.
    radius = min(0.5 * (top - base - room.gap - 2.0 * r) + 0.25 * r, 0.5 * (pitch - 2.0 * r - room.gap))
    largest_radius = radius
    radius = max(layer.curl * radius, min(radius, 2.2 * r + room.gap))
    wind = 2.0 * r + max(room.gap, 0.16 * radius)
    # The first quarter turn keeps the radius; after a whole one the curl lies a gap within itself.
    turns = min(layer.turns if tall == 1.0 else 0.95, max(0.7, 0.25 + 0.75 * (radius - r) / wind), layer.turns)
    core = max(radius - wind * max(1.0, (turns - 0.25) / 0.75), 0.25 * r)
    cx, cy = at + 0.98 * pitch - largest_radius - r - 0.2 * room.gap, top - radius
    if last is not None:
        cx = min(cx, last - radius)
    phi = np.linspace(np.pi, np.pi - 2.0 * np.pi * turns, 80)
    turn = (np.pi - phi) / (2.0 * np.pi)
    reach = radius - (radius - core) * np.clip(turn - 0.25, 0.0, 1.0) / max(turns - 0.25, 0.1)
    curl = np.column_stack([cx + reach * np.cos(phi), cy + reach * np.sin(phi)])
    left = cx - radius
    foot = np.array([left - 0.62 * pitch if room.periodic else max(left - 0.62 * pitch, first), base])
    t = np.linspace(0.0, 1.0, 36)[:-1, None]
    # Along the base line first, then up the back of the wave.
    c1, c2 = foot + np.array([0.72 * (left - foot[0]), 0.0]), np.array([left, cy - 0.8 * (cy - base)])
    rise = (1 - t) ** 3 * foot + 3 * t * (1 - t) ** 2 * c1 + 3 * t**2 * (1 - t) * c2 + t**3 * curl[0]
    path = np.vstack([rise, curl])
    # Broad where the water rises, slim where the crest curls over.
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
    swell = 1.0 + 0.7 * np.sin(np.pi * np.clip(along / along[-1] / 0.56, 0.0, 1.0)) ** 2
    width = np.maximum(r * swell * (1.0 - 0.12 * along / along[-1]), 0.5 * room.stroke)
    size = max(min(ball, max(0.5 * room.stroke, radius - r - room.gap)), r)
    return [(path, width), (path[-1:], np.array([size]))]


def _ribbons(layer: WavesLayer, room: Room, count: int) -> list[Drawable]:
    """Lines that wave side by side, as high as their gaps and the room allow."""
    n, r = layer.repeats, 0.5 * layer.line_mm
    a, b = (room.u0, room.u1) if room.periodic else (room.u0 + 1.2 * r, room.u1 - 1.2 * r)
    t = np.linspace(0.0, 2 * n, 64 * n + 1)
    wave = np.sin(np.pi * t)

    def apart(y: float) -> float:
        """Distance of two lines across the band that leaves a gap where they are steepest."""
        slope = np.pi * y * 2.0 * n / (b - a)
        return (2.0 * r + 1.06 * room.gap) * float(np.hypot(1.0, slope)) if count > 1 else 0.0

    def lines(y: float) -> list[Drawable]:
        d = apart(y)
        return [
            Stroke(
                np.column_stack([a + (b - a) * t / (2 * n), layer.side * (y * wave + (k - 0.5 * (count - 1)) * d)]), r
            )
            for k in range(count)
        ]

    y = largest(lambda y: room_left(room, lines(y)) >= -1e-6, 0.02, room.half) or 0.02
    ends = [] if room.periodic else [Bead(u, layer.side * (k - 0.5 * (count - 1)) * apart(y), 1.2 * r) for u in (a, b)
                                     for k in range(count)]  # fmt: skip
    return [*lines(y), *ends]
