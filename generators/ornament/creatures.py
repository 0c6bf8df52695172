"""Things as long as the band: a serpent that winds along it, and a range of mountains."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room, level_extent
from ringcad.generators.ornament.plates import Groove, Laid, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite, LayerBase, Positive, Share, Side
from ringcad.generators.ornament.shapes import axis_frame, rotated, sides_of, spline

Rng = np.random.Generator

# ---------------------------------------------------------------- serpent


class SerpentLayer(LayerBase):
    """A snake in windings, its tail at the start of the band and its head at the finish."""

    family: Literal["serpent"] = "serpent"
    windings: Count
    body_mm: Positive
    side: Side = 1
    scaled: bool = True
    """Whether the body is scored with scales."""


HEAD_LONG, HEAD_WIDE = 1.9, 1.55
"""Length and width of the head over the width of the body."""


def _propose_serpent(room: Room, wish: Attributes, rng: Rng) -> SerpentLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 3.2 * stroke + gap:
        return None
    share = 0.24 * (1.0 + 0.25 * wish.bold + 0.15 * wish.large) * float(rng.uniform(0.88, 1.1))
    body = float(np.clip(share * space, 1.25 * stroke, 1.9))
    if HEAD_WIDE * body > space:
        return None
    # Two windings keep a body's width and a gap between them.
    least = 2.0 * (body + 1.6 * gap)
    wave = max(least, (1.25 - 0.3 * wish.dense) * space * float(rng.uniform(0.85, 1.2)), 3.0 * body)
    windings = wish.repeats or max(1, round((room.length - HEAD_LONG * body) / wave))
    most = max(1, int((room.length - HEAD_LONG * body) / least))
    scaled = body >= 2.1 * stroke
    return SerpentLayer(
        windings=min(windings, most),
        body_mm=round(body, 4),
        side=1 if rng.random() < 0.5 else -1,
        scaled=scaled,
    )


def _spine(layer: SerpentLayer, room: Room) -> Array:
    """The middle line from the tail's tip to the neck, which runs level."""
    body = layer.body_mm
    long = HEAD_LONG * body
    tongue = 0.75 * body
    first = room.u0 + (0.5 * room.gap if room.periodic else 0.5 * body)
    last = room.u1 - (0.5 * room.gap if room.periodic else 0.25 * body) - long - tongue
    t = np.linspace(0.0, 1.0, 64 * layer.windings + 64)
    swing = np.minimum(np.clip(t / 0.06, 0.0, 1.0), np.clip((1.0 - t) / (0.5 / layer.windings + 0.04), 0.0, 1.0))
    swing = swing * swing * (3.0 - 2.0 * swing)
    high = (room.half - 0.5 * body) * (0.35 + 0.65 * swing) * np.where(t > 0.5, swing, 1.0)
    v = layer.side * high * np.sin(2.0 * np.pi * layer.windings * t)
    return np.column_stack([first + (last - first) * t, v])


def _draw_serpent(layer: SerpentLayer, room: Room) -> list[Drawable]:
    body, stroke, gap = layer.body_mm, room.stroke, room.gap
    spine = _spine(layer, room)
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(spine, axis=0).T))))
    t = s / s[-1]
    half = 0.5 * np.maximum(body * np.clip(0.25 + 1.7 * t, 0.0, 1.0), stroke)
    half *= 1.0 - 0.12 * np.clip((t - 0.9) / 0.1, 0.0, 1.0)
    half = np.maximum(half, 0.5 * stroke)
    left, right = sides_of(spine, half)
    outline = np.vstack([left, right[::-1]])
    grooves: list[Groove] = []
    if layer.scaled:
        pitch = 1.15 * (stroke + gap)
        turn = np.abs(np.gradient(np.unwrap(np.arctan2(*np.gradient(spine, axis=0).T[::-1])), s))
        count = int(s[-1] * 0.92 / pitch)
        for at in 0.1 + 0.86 * (np.arange(count) + 0.5) / max(count, 1):
            p, _, normal = axis_frame(spine, np.array([at]))
            wide = float(np.interp(at, t, half))
            # Inside a tight turn the lines of scales would run together.
            if wide < 0.95 * stroke or float(np.interp(at, t, turn)) * wide > 0.5:
                continue
            ends = np.array([p[0] + k * 0.9 * wide * normal[0] for k in (-1.0, 1.0)])
            grooves.append(Groove(ends, 0.62 * gap, 0.34))
    elements: list[Drawable] = [Plate((outline,), 0.2, 0.9, 0.4, 0.5 * body, tuple(grooves))]
    _, tangents, _ = axis_frame(spine, np.array([1.0]))
    lean = float(np.degrees(np.arctan2(tangents[0, 1], tangents[0, 0])))
    neck = spine[-1]
    long, wide = HEAD_LONG * body, HEAD_WIDE * body
    jaw = spline(
        [(-0.3, 0.24), (0.0, 0.34), (0.3, 0.5), (0.62, 0.42), (0.9, 0.24), (1.0, 0.0)],
        samples=8,
    )
    shape = np.vstack([jaw, jaw[-2::-1] * [1.0, -1.0]]) * [long, wide]
    head = rotated(shape, lean, (float(neck[0]), float(neck[1])))
    eyes: tuple[Groove, ...] = ()
    if wide > 3.4 * stroke:
        eyes = tuple(
            Groove(
                rotated(np.array([[0.5, y], [0.62, 0.9 * y]]) * [long, wide], lean, (neck[0], neck[1])), 1.04 * gap, 0.5
            )
            for y in (-0.24, 0.24)
        )
    fork = []
    for y in (-1.0, 1.0):
        line = np.array([[0.92 * long, 0.0], [long + 0.25 * body, 0.0], [long + 0.7 * body, y * 0.42 * body]])
        fork.append(Stroke(rotated(line, lean, (float(neck[0]), float(neck[1]))), 0.5 * stroke, 0.8))
    elements = [*fork, *elements, Plate((head,), 0.2, 1.0, 0.35, 0.4 * wide, eyes)]
    return [Stack(tuple(elements), 1.2 * gap, 0.4)]


# ---------------------------------------------------------------- peaks


class PeaksLayer(LayerBase):
    """A range of mountains: overlapping peaks with snow, every second one behind its neighbours."""

    family: Literal["peaks"] = "peaks"
    repeats: Count
    heights: tuple[Share, ...]
    """Height of each peak over the room's; they go round."""
    lean: Finite = 0.0
    """How far the summits lie off the middle of their feet, over a foot's half width."""


def _propose_peaks(room: Room, wish: Attributes, rng: Rng) -> PeaksLayer | None:
    space = 2.0 * room.half
    if space < 3.0 * room.stroke:
        return None
    step = max(
        space * (0.62 + 0.2 * float(rng.random())) * (1.0 + 0.25 * wish.large - 0.2 * wish.dense), 4.0 * room.stroke
    )
    count = max(2, round(room.length / step))
    count = wish.repeats or count
    count += count % 2 if room.periodic else 0
    heights = [
        round(float(rng.uniform(0.84, 1.0) if k % 2 else rng.uniform(0.55, 0.75)), 3) for k in range(min(count, 24))
    ]
    return PeaksLayer(repeats=count, heights=tuple(heights), lean=round(float(rng.uniform(-0.18, 0.18)), 3))


def _draw_peaks(layer: PeaksLayer, room: Room) -> list[Drawable]:
    n, space = layer.repeats, 2.0 * room.half
    first, last = (room.u0, room.u1) if room.periodic else level_extent(room, room.half - 1e-3, 0.0)
    step = (last - first) / n
    peaks: list[tuple[bool, Drawable]] = []
    for k in range(n):
        share = layer.heights[k % len(layer.heights)]
        far = k % 2 == 1
        half = step * (1.0 if far else 0.84)
        centre = first + (k + 0.5) * step
        low, high = centre - half, centre + half
        if not room.periodic:
            low, high = max(low, first), min(high, last)
        top, foot = room.half - share * space, room.half
        summit = centre + layer.lean * half * (1.0 if far else -1.0)
        outline = np.array([[low, foot], [summit, top], [high, foot]])
        grooves: tuple[Groove, ...] = ()
        tall = foot - top
        if tall > 6.0 * room.stroke:
            # The snow line runs in zigzag across both flanks.
            x = np.linspace(-0.2, 0.2, 5) * 2.0 * half * 0.92
            level = top + tall * (0.36 + 0.08 * np.array([-1.0, 1.0, -1.0, 1.0, -1.0]))
            grooves = (Groove(np.column_stack([summit + x, level]), 0.9 * room.gap, 0.4),)
        peaks.append((far, Plate((outline,), 0.2, 0.86 if far else 1.0, 0.25, 0.3 * half, grooves)))
    behind = [peak for far, peak in peaks if far]
    return [*behind, *(Laid(peak, 1.5 * room.gap, 0.45) for far, peak in peaks if not far)]


FAMILIES: tuple[Family[SerpentLayer] | Family[PeaksLayer], ...] = (
    Family("serpent", SerpentLayer, _propose_serpent, _draw_serpent, "square", "square", ("scales",)),
    Family("peaks", PeaksLayer, _propose_peaks, _draw_peaks, "square", "square", ("chevron",)),
)
