"""Families of strokes that grow or run: scroll, waves, Greek key, chevron."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Leaf, Pad, Stroke
from ringcad.generators.ornament.layers import ChevronLayer, GreekKeyLayer, ScrollLayer, WavesLayer
from ringcad.generators.ornament.layout import (
    Outline,
    Room,
    gap_between,
    largest,
    level_extent,
    near_outline,
    outline_of,
    room_left,
)
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Side


def whole(value: float, least: int = 1) -> int:
    """Nearest whole count, at least ``least``."""
    return max(least, round(value))


# ---------------------------------------------------------------- scroll


def compose_scroll(room: Room, wish: Attributes, rng: np.random.Generator) -> ScrollLayer | None:
    """Volutes as round as the room is wide; balls in the bends where a volute would clog."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    stem = stroke * (1.0 + 0.3 * max(0.0, wish.bold) + 0.08 * float(rng.random()))
    if space > 7.0 * stroke:
        stem = max(stem, 0.135 * space * (1.0 + 0.2 * wish.bold))
        stem = min(stem, 0.5)
    radius = room.half - 0.5 * stem
    side: Side = 1 if rng.random() < 0.5 else -1
    leaves = wish.leaf != "none" and bool(rng.random() < 0.8)

    def layer(form: Literal["full", "medium", "simple"], repeats: int, turns: float, ball: float) -> ScrollLayer:
        return ScrollLayer(
            form=form,
            repeats=repeats,
            stem_mm=round(stem, 4),
            turns=turns,
            ball_mm=round(ball, 4),
            side=side,
            leaves=leaves,
        )

    if radius >= 1.5 * (stem + gap):
        stretch = 1.0 + 0.16 * float(rng.uniform(-0.4, 1.0))
        repeats = whole(room.length / (2.0 * room.half * 0.98 * stretch * (1.0 - 0.08 * wish.dense)), 2)
        turns = (
            1.1
            if radius < 2.1 * (stem + gap)
            else float(rng.choice([1.1, 1.5, 1.9] if radius < 4.0 * (stem + gap) else [1.6, 2.0, 2.4]))
        )
        ball = min(1.8 * stem, 2.0 * (radius - 0.5 * stem - gap) * 0.62)
        return layer("full", _even(room, repeats), turns, max(ball, stem))
    if space >= 2.0 * stroke + gap:
        ball = min(space - stem - gap, 2.0 * stroke)
        pitch = max(ball + stem + 2.0 * gap, 1.1 * space)
        if ball >= stroke:
            repeats = _even(room, whole(room.length / pitch, 2))
            return layer("medium", repeats, 1.0, ball)
    pitch = max(3.6 * room.half, 3.4 * stroke)
    return layer("simple", whole(room.length / pitch), 1.0, stroke)


def _even(room: Room, n: int) -> int:
    return n + n % 2 if room.periodic else n


def draw_scroll(layer: ScrollLayer, room: Room) -> list[Drawable]:
    """Elements of a scroll."""
    if layer.form == "simple":
        return _drops(layer, room)
    if layer.form == "medium":
        return _bends_with_balls(layer, room)
    n, r = layer.repeats, 0.5 * layer.stem_mm
    a, b = (room.u0, room.u1) if room.periodic else (room.u0 + r, room.u1 - r)
    stretch = (b - a) / n
    radius = room.half - r
    ball = 0.5 * layer.ball_mm
    branch, ball = _volute(radius, r, ball, room.gap * 1.1, stretch / (2.0 * radius), 2.0 * np.pi * layer.turns)
    elements: list[Drawable] = []
    stem: list[Array] = []
    angle = np.linspace(np.pi, 0.0, 48)
    for k in range(n):
        s = layer.side * (-1) ** k
        centre = a + (k + 0.5) * stretch
        stem.append(np.column_stack([centre + 0.5 * stretch * np.cos(angle), s * radius * np.sin(angle)]))
        placed = branch * [1.0, float(-s)] + [centre, 0.0]
        elements += [Stroke(placed, r), Bead(float(placed[-1, 0]), float(placed[-1, 1]), ball)]
    line = np.vstack(stem)
    elements.append(Stroke(line, r))
    if not room.periodic:
        elements.append(Bead(a, 0.0, 1.2 * r))
    if layer.leaves:
        elements += _husks(layer, room, elements, a, stretch, r)
    return elements


def _volute(radius: float, r: float, ball: float, gap: float, stretch: float, most: float) -> tuple[Array, float]:
    """Branch that winds inwards from (``radius``, 0), and the radius of the ball at its end.

    Half a turn brings it one pitch inside the stem, then it loses a pitch a turn; it winds as far (up to
    ``most`` radians) as a ball larger than the stroke still stands a gap clear of every earlier turn.
    """
    pitch = 2.0 * r + gap
    stem_angle = np.linspace(0.0, np.pi, 40)
    stem = np.column_stack([stretch * radius * np.cos(stem_angle), -radius * np.sin(stem_angle)])
    best: tuple[Array, float] | None = None
    for turn in np.arange(0.6 * np.pi, most + np.pi, 0.1 * np.pi):
        phi = np.linspace(0.0, turn, 90)
        first = radius - pitch * (1.0 - np.cos(np.minimum(phi, np.pi))) / 2.0
        reach = first - pitch * np.maximum(phi - np.pi, 0.0) / (2.0 * np.pi)
        if reach[-1] <= 0.1 * r:
            break
        path = np.column_stack([stretch * reach * np.cos(phi), reach * np.sin(phi)])
        arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))

        def clear(size: float, path: Array = path, arc: Array = arc) -> bool:
            # The stroke's own last part runs into the ball.
            others = np.vstack([stem, path[arc < arc[-1] - size - 2.0 * r - 1.7 * gap]])
            return float(np.hypot(*(others - path[-1]).T).min()) >= size + r + gap

        size = largest(clear, 1.2 * r, max(ball, 1.25 * r), 10)
        if size is not None:
            best = (path, size)
    if best is not None:
        return best
    phi = np.linspace(0.0, 0.75 * np.pi, 60)
    reach = radius - pitch * (1.0 - np.cos(phi)) / 2.0
    return np.column_stack([stretch * reach * np.cos(phi), reach * np.sin(phi)]), r


def _husks(
    layer: ScrollLayer, room: Room, others: list[Drawable], a: float, stretch: float, r: float
) -> list[Drawable]:
    """A small leaf in each spandrel where two circles meet, as large as its gap allows."""
    out: list[Drawable] = []
    radius = room.half - r
    everything = outline_of(others)
    for k in range(0 if room.periodic else 1, layer.repeats):
        s = layer.side * (-1) ** k
        at = a + k * stretch
        near = near_outline(everything, at, stretch, room)
        for side in (s, -s):
            # Pointing away from the axis between the two circles.
            def drop(size: float, side: float = side, at: float = at) -> Bead:
                return Bead(at, side * (room.half - size), size)

            def clear(size: float, near: list[Outline] = near, drop: Callable[[float], Bead] = drop) -> bool:
                return gap_between([drop(size)], near) >= room.gap

            size = largest(clear, 0.52 * room.stroke, 0.45 * radius)
            if size is not None:
                out.append(drop(size))
    return out


def _bends_with_balls(layer: ScrollLayer, room: Room) -> list[Drawable]:
    n, r = layer.repeats, 0.5 * layer.stem_mm
    ball = 0.5 * layer.ball_mm
    a, b = (room.u0, room.u1) if room.periodic else (room.u0 + 1.2 * r, room.u1 - 1.2 * r)
    t = np.linspace(0.0, n, 32 * n + 1)

    def stem(y: float) -> Array:
        return np.column_stack([a + (b - a) * t / n, layer.side * y * np.sin(np.pi * t)])

    y = largest(lambda y: room_left(room, [Stroke(stem(y), r)]) >= -1e-6, 0.02, room.half) or 0.02
    line = stem(y)
    elements: list[Drawable] = [Stroke(line, r)]
    for k in range(n):
        s = layer.side * (-1) ** k
        at = a + (k + 0.5) * (b - a) / n

        def clear(x: float, s: float = s, at: float = at) -> bool:
            return gap_between([Bead(at, -s * (room.half - x), x)], [Stroke(line, r)]) >= room.gap

        size = largest(clear, 0.5 * room.stroke, ball)
        if size is not None:
            elements.append(Bead(at, -s * (room.half - size), size))
    if not room.periodic:
        elements += [Bead(a, 0.0, 1.2 * r), Bead(b, 0.0, 1.2 * r)]
    return elements


def _drops(layer: ScrollLayer, room: Room) -> list[Drawable]:
    """Curled drops, tail to head, alternately up and down."""
    n = layer.repeats
    pitch = room.length / n
    tip = 0.5 * room.stroke
    length = pitch - room.gap
    out: list[Drawable] = []
    for k in range(n):
        s = layer.side * (-1) ** k

        def drop(x: float, k: int = k, s: float = s) -> Leaf:
            width = max(room.stroke, 0.45 * x)
            lift = 0.1 * s * room.half
            return Leaf(
                room.u0 + k * pitch + 0.5 * (length - x),
                lift,
                0.0,
                x,
                width,
                tip,
                0.3,
                -s * 0.12,
                0.0,
                base=0.42 * width,
            )

        def fits(x: float, drop: Callable[[float], Leaf] = drop) -> bool:
            return room_left(room, [drop(x)]) >= -1e-3

        size = largest(fits, 1.3 * room.stroke, length)
        out.append(drop(size or 1.3 * room.stroke))
    return out


# ---------------------------------------------------------------- waves


def compose_waves(room: Room, wish: Attributes, rng: np.random.Generator) -> WavesLayer | None:
    """Curling crests where a base line, a gap and a curl fit; otherwise one waving line."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    side: Side = -1  # the sea lies below, v grows downwards
    line = stroke * (1.0 + 0.25 * max(0.0, wish.bold) + 0.06 * float(rng.random()))
    curl = 0.5 * (space - line) - 0.5 * line
    if curl >= line + gap + 0.1:
        line = min(max(line, 0.15 * space), 0.5, curl - gap - 0.1)
        pitch = 2.0 * curl + line + 1.6 * gap
        repeats = whole(room.length / (pitch * (1.0 + 0.22 * float(rng.random()) - 0.06 * wish.dense)))
        # A larger curl winds once more, or it would look empty.
        most = 0.9 if curl < 2.2 * (line + gap) else 1.4 if curl < 3.4 * (line + gap) else 1.9
        turns = round(most - 0.3 * float(rng.random()), 3)
        return WavesLayer(repeats=repeats, line_mm=round(max(line, stroke), 4), turns=turns, side=side)
    repeats = whole(room.length / max(1.9 * space, 3.4 * (stroke + gap)), 1)
    return WavesLayer(form="simple", repeats=repeats, line_mm=round(stroke, 4), turns=1.0, side=side)


def draw_waves(layer: WavesLayer, room: Room) -> list[Drawable]:
    """Elements of the waves: base line at one side, crests curling over towards the finish."""
    n, r = layer.repeats, 0.5 * layer.line_mm
    if layer.form == "simple":
        a, b = (room.u0, room.u1) if room.periodic else (room.u0 + 1.2 * r, room.u1 - 1.2 * r)
        t = np.linspace(0.0, 2 * n, 64 * n + 1)

        def line(y: float) -> Array:
            return np.column_stack([a + (b - a) * t / (2 * n), layer.side * y * np.sin(np.pi * t)])

        y = largest(lambda y: room_left(room, [Stroke(line(y), r)]) >= -1e-6, 0.02, room.half) or 0.02
        waves: list[Drawable] = [Stroke(line(y), r)]
        return waves if room.periodic else [*waves, Bead(a, 0.0, 1.2 * r), Bead(b, 0.0, 1.2 * r)]
    base = -room.half + r
    a, b = (room.u0, room.u1) if room.periodic else level_extent(room, base, r)
    pitch = (b - a) / n
    top = room.half - r
    elements: list[Drawable] = [Stroke(np.array([[a, base], [b, base]]) * [1.0, layer.side], r)]
    ball = 0.5 * min(1.7 * layer.line_mm, 1.1 * (top - base))
    # The curl sits under the frame, clear of the base line and of the next crest's back.
    radius = min(0.5 * (top - base - room.gap - 2.0 * r) + 0.25 * r, 0.5 * (pitch - 2.0 * r - room.gap))
    wind = 2.0 * r + max(room.gap, 0.16 * radius)
    core = max(radius - wind * max(1.0, layer.turns - 0.25), 0.25 * r)
    for k in range(n):
        cx, cy = a + (k + 0.98) * pitch - radius - r - 0.2 * room.gap, top - radius
        if not room.periodic and k == n - 1:
            cx = min(cx, b - radius)
        phi = np.linspace(np.pi, np.pi - 2.0 * np.pi * layer.turns, 80)
        turn = (np.pi - phi) / (2.0 * np.pi)
        reach = radius - (radius - core) * np.clip(turn - 0.25, 0.0, 1.0) / max(layer.turns - 0.25, 0.1)
        curl = np.column_stack([cx + reach * np.cos(phi), cy + reach * np.sin(phi)])
        left = cx - radius
        foot = np.array([left - 0.62 * pitch if room.periodic else max(left - 0.62 * pitch, a), base])
        t = np.linspace(0.0, 1.0, 36)[:-1, None]
        # Along the base line first, then up the back of the wave.
        c1, c2 = foot + np.array([0.72 * (left - foot[0]), 0.0]), np.array([left, cy - 0.8 * (cy - base)])
        rise = (1 - t) ** 3 * foot + 3 * t * (1 - t) ** 2 * c1 + 3 * t**2 * (1 - t) * c2 + t**3 * curl[0]
        path = np.vstack([rise, curl]) * [1.0, layer.side]
        # Broad where the water rises, slim where the crest curls over.
        along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
        swell = 1.0 + 0.7 * np.sin(np.pi * np.clip(along / along[-1] / 0.56, 0.0, 1.0)) ** 2
        elements.append(Stroke(path, np.maximum(r * swell * (1.0 - 0.12 * along / along[-1]), 0.5 * room.stroke)))
        size = min(ball, max(0.5 * room.stroke, radius - r - room.gap))
        elements.append(Bead(float(path[-1, 0]), float(path[-1, 1]), max(size, r)))
    if not room.periodic:
        elements += [Bead(a, layer.side * base, 1.0 * r), Bead(b, layer.side * base, 1.0 * r)]
    return elements


# ---------------------------------------------------------------- Greek key

_KEYS: dict[int, tuple[tuple[tuple[int, int], ...], int]] = {
    5: (((0, 0), (0, 4), (3, 4), (3, 1), (1, 1), (1, 3), (2, 3), (2, 2)), 4),
    4: (((0, 0), (0, 3), (2, 3), (2, 1), (1, 1), (1, 2)), 3),
    3: (((0, 0), (0, 2), (1, 2), (2, 2), (2, 1)), 3),
    2: (((0, 0), (0, 1), (1, 1), (1, 0), (2, 0)), 2),
}
"""Levels to (grid points of one key, columns of one key). Neighbouring strokes are one unit apart."""


def compose_greek_key(room: Room, wish: Attributes, rng: np.random.Generator) -> GreekKeyLayer | None:
    """As many levels as strokes and gaps fit across, five at most."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    clear = 1.45 * gap  # a groove no deeper than wide is cast clean
    levels = min(5, int((space + clear + 1e-9) / (stroke + clear)))
    if wish.bold > 0 or wish.dense < 0:
        levels = max(min(levels, 3), levels - 1)
    elif levels > 3 and rng.random() < 0.4:
        levels -= 1
    levels = max(levels, 1)
    side: Side = 1 if rng.random() < 0.5 else -1
    if levels == 1:
        size = space
        return GreekKeyLayer(
            levels=1, repeats=whole(room.length / (size + max(gap, 0.5 * size))), line_mm=round(size, 4), side=side
        )
    unit = (space - stroke) / (levels - 1)
    columns = _KEYS[levels][1]
    line = float(np.clip(0.5 * unit, stroke, max(unit - 1.4 * gap, stroke)))
    repeats = max(1, int((room.length - line) / (columns * unit * (1.0 + 0.2 * float(rng.random()))) + 0.25))
    while repeats > 1 and (room.length - line) / (repeats * columns) < line + gap:
        repeats -= 1
    return GreekKeyLayer(levels=levels, repeats=repeats, line_mm=round(line, 4), side=side)


def draw_greek_key(layer: GreekKeyLayer, room: Room) -> list[Drawable]:
    """Elements of the key: whole keys only, the base line closes with an upright."""
    n, r = layer.repeats, 0.5 * layer.line_mm
    if layer.levels == 1:
        pitch = room.length / n
        wide = pitch - max(room.gap, 0.3 * pitch)
        corner = 0.5 * room.stroke
        blocks: list[Drawable] = []
        for k in range(n):
            c = room.u0 + (k + 0.5) * pitch
            x, y = 0.5 * max(wide, room.stroke), 0.5 * layer.line_mm
            blocks.append(Pad(np.array([[c - x, -y], [c + x, -y], [c + x, y], [c - x, y]]), corner, dome=0.12))
        return blocks
    points, columns = _KEYS[layer.levels]
    a, b = (room.u0, room.u1) if room.periodic else level_extent(room, room.half - r, r)
    ux = (b - a) / (n * columns)
    uy = (2.0 * room.half - layer.line_mm) / (layer.levels - 1)
    grid = np.array(points, dtype=np.float64)
    y0 = -room.half + r
    elements: list[Drawable] = []
    for k in range(n):
        path = np.column_stack([a + (k * columns + grid[:, 0]) * ux, layer.side * (y0 + grid[:, 1] * uy)])
        elements.append(Stroke(path, r, profile="flat"))
    if layer.levels > 2:
        elements.append(Stroke(np.array([[a, y0], [b, y0]]) * [1.0, layer.side], r, profile="flat"))
    if not room.periodic:
        elements.append(Stroke(np.array([[b, y0], [b, -y0]]) * [1.0, layer.side], r, profile="flat"))
    return elements


# ---------------------------------------------------------------- chevron


def compose_chevron(room: Room, wish: Attributes, rng: np.random.Generator) -> ChevronLayer | None:
    """V strokes as broad as their gap, or a little broader."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 1.6 * stroke:
        return None
    line = max(stroke, min(0.17 * space, 0.6) * (1.0 + 0.25 * wish.bold + 0.15 * wish.large - 0.15 * wish.dense))
    rise = float(np.clip(0.95 + 0.35 * float(rng.uniform(-1, 1)) - 0.25 * wish.soft, 0.6, 1.3))
    slope = float(np.hypot(1.0, rise))
    pitch = (line + max(gap, (0.6 + 0.5 * float(rng.random())) * line)) * slope
    arm = rise * (room.half - 0.5 * line)
    repeats = max(1, int((room.length - (0.0 if room.periodic else line + arm)) / pitch) + (0 if room.periodic else 1))
    return ChevronLayer(repeats=repeats, line_mm=round(line, 4), rise=round(rise, 4), balls=True)


def draw_chevron(layer: ChevronLayer, room: Room) -> list[Drawable]:
    """Elements of the chevrons, tips to the finish, a ball in the first and last notch."""
    n, r = layer.repeats, 0.5 * layer.line_mm
    y = room.half - r
    arm = layer.rise * y
    elements: list[Drawable] = []
    if room.periodic:
        first, step = room.u0, room.length / n
    else:
        first = level_extent(room, y, r)[0] + arm
        step = (room.u1 - r - first) / max(n - 1, 1)
    for k in range(n):
        tip = first + k * step
        elements.append(Stroke(np.array([[tip - arm, y], [tip, 0.0], [tip - arm, -y]]), r, profile="roof"))
    if layer.balls and not room.periodic:
        near: list[Drawable] = [elements[0]]

        def ball(x: float) -> Bead:
            return Bead(room.u0 + x, 0.0, x)

        size = largest(lambda x: gap_between([ball(x)], near) >= room.gap, 0.5 * room.stroke, 0.6 * room.half)
        if size is not None:
            elements.append(ball(size))
    return elements
