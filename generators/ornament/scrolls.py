"""Scrolls that run along the band: rinceaux, running spirals, S and C scrolls, with what ends and accompanies them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Leaf, Stroke
from ringcad.generators.ornament.layers import ScrollDesign, ScrollFinial, ScrollLayer, ScrollSpandrel
from ringcad.generators.ornament.layout import (
    Outline,
    Room,
    gap_between,
    largest,
    near_outline,
    outline_of,
    room_left,
)
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Side

Rng = np.random.Generator
DESIGNS: tuple[ScrollDesign, ...] = get_args(ScrollDesign)
FINIALS: tuple[ScrollFinial, ...] = get_args(ScrollFinial)
SPANDRELS: tuple[ScrollSpandrel, ...] = get_args(ScrollSpandrel)
EYE = 2.2
"""Radius of an end, over that of its stroke, from which a branch winds only as far as leaves room for it."""
FOLDED = 1.3 * np.pi
"""Least angle that a branch winds, or its end would lie beside the eye of the scroll instead of in it."""
FIVE = 0.588 / 1.588
"""Radius of five balls that touch in a ring, over that of the circle around them."""


def whole(value: float, least: int = 1) -> int:
    """Nearest whole count, at least ``least``."""
    return max(least, round(value))


def even(room: Room, n: int) -> int:
    """A count that can alternate round a closed band."""
    return n + n % 2 if room.periodic else n


def compose_scroll(room: Room, wish: Attributes, rng: Rng) -> ScrollLayer | None:
    """Volutes as round as the room is wide; balls in the bends where a volute would clog."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    # All dice first, so that a wish changes the drawing and not the design.
    thin, loose, wound, turned = (float(x) for x in rng.random(4))
    side: Side = 1 if rng.random() < 0.5 else -1
    design = DESIGNS[int(rng.choice(len(DESIGNS), p=(0.36, 0.16, 0.16, 0.16, 0.16)))]
    finial = FINIALS[int(rng.integers(len(FINIALS)))]
    spandrel = SPANDRELS[int(rng.integers(len(SPANDRELS)))]
    leaves = (bool(rng.random() < 0.8) or design in ("ess", "cee", "hearts")) and wish.leaf != "none"
    if wish.leaf == "none" and finial == "leaf":
        finial = "ball"
    stem = stroke * (1.0 + 0.3 * max(0.0, wish.bold) + 0.08 * thin)
    if space > 7.0 * stroke:
        stem = max(stem, (0.1 + 0.045 * thin) * space * (1.0 + 0.2 * wish.bold))
        stem = min(stem, 0.42 + 0.12 * thin)
    radius = room.half - 0.5 * stem

    def layer(form: Literal["full", "medium", "simple"], repeats: int, turns: float, ball: float) -> ScrollLayer:
        # What is not seen is always the same, so that designs are told apart by what is seen.
        return ScrollLayer(
            form=form,
            repeats=repeats,
            stem_mm=round(stem, 4),
            turns=turns,
            ball_mm=round(ball, 4),
            side=side,
            leaves=leaves,
            design=design if form == "full" else "rinceau",
            finial=finial if form == "full" and design != "running" else "ball",
            spandrel=spandrel if leaves and form == "full" else "balls",
            alternate=turned < 0.6 if form == "full" and design in ("ess", "cee", "hearts") else True,
        )

    if radius >= 1.5 * (stem + gap):
        stretch = 0.94 + 0.34 * loose * loose
        pitch = 2.0 * room.half * 0.98 * stretch * (1.0 - 0.08 * wish.dense) * (1.0 + 0.12 * max(wish.large, 0.0))
        if design != "rinceau":
            pitch = max(pitch, 2.0 * room.half + gap) * 1.04
        repeats = whole(room.length / pitch, 2)
        if design in ("ess", "cee"):
            repeats = 2 * whole(0.5 * room.length / pitch)
        if design == "hearts":
            repeats = whole(room.length / (pitch * (0.88 + 0.42 * loose)), 2)
        # How far a branch winds; more than fits is wound in broad bands only.
        tight = radius < 2.6 * (stem + gap)
        choice = [0.45, 0.8] if tight else [0.45, 0.8, 1.5] if radius < 4.0 * (stem + gap) else [0.8, 1.5, 2.2]
        turns = choice[int(wound * len(choice))] if finial == "ball" or design == "running" else choice[1]
        if design == "rinceau" and room.length / repeats < 2.05 * room.half:
            # Close circles leave no spandrels to fill, and small eyes.
            leaves, finial = False, "flower" if finial == "flower" else "ball"
        elif design == "rinceau":
            leaves = wish.leaf != "none"
        elif design == "hearts" and repeats > 5:
            finial, spandrel = "ball", "balls"
        ball = min((1.8 if finial == "ball" else 3.4) * stem, 2.0 * (radius - 0.5 * stem - gap) * 0.62)
        return layer("full", even(room, repeats), turns, max(ball, stem))
    if space >= 2.0 * stroke + gap:
        ball = min(space - stem - gap, 2.0 * stroke)
        pitch = max(ball + stem + 2.0 * gap, 1.1 * space)
        if ball >= stroke:
            return layer("medium", even(room, whole(room.length / pitch, 2)), 1.0, ball)
    pitch = max(3.6 * room.half, 3.4 * stroke)
    return layer("simple", whole(room.length / pitch), 1.0, stroke)


def draw_scroll(layer: ScrollLayer, room: Room) -> list[Drawable]:
    """Elements of a scroll."""
    if layer.form == "simple":
        return _drops(layer, room)
    if layer.form == "medium":
        return _bends_with_balls(layer, room)
    if layer.design == "running":
        return _running(layer, room)
    if layer.design in ("ess", "cee"):
        return _pairs(layer, room)
    if layer.design == "hearts":
        return _hearts(layer, room)
    n, r = layer.repeats, 0.5 * layer.stem_mm
    a, b = (room.u0, room.u1) if room.periodic else (room.u0 + r, room.u1 - r)
    stretch = (b - a) / n
    radius = room.half - r
    branch, ball = _volute(
        radius, r, 0.5 * layer.ball_mm, room.gap * 1.1, stretch / (2.0 * radius), 2.0 * np.pi * layer.turns
    )
    elements: list[Drawable] = []
    stem: list[Array] = []
    angle = np.linspace(np.pi, 0.0, 48)
    for k in range(n):
        s = layer.side * (-1) ** k
        centre = a + (k + 0.5) * stretch
        stem.append(np.column_stack([centre + 0.5 * stretch * np.cos(angle), s * radius * np.sin(angle)]))
        placed = branch * [1.0, float(-s)] + [centre, 0.0]
        elements += [Stroke(placed, r), *_finial(layer.finial, placed, ball, room)]
    line = np.vstack(stem)
    elements.append(Stroke(line, r))
    if not room.periodic:
        elements.append(Bead(a, 0.0, 1.2 * r))
    if layer.leaves:
        joints = [(a + k * stretch, up) for k in range(0 if room.periodic else 1, n) for up in (-1.0, 1.0)]
        elements += fillings(layer.spandrel, room, elements, joints, stretch)
    return elements


# ---------------------------------------------------------------- what ends and accompanies a scroll


def _finial(kind: ScrollFinial, path: Array, size: float, room: Room) -> list[Drawable]:
    """What stands at the end of a branch, within a circle of radius ``size`` about its last point."""
    u, v = float(path[-1, 0]), float(path[-1, 1])
    least = 0.5 * room.stroke
    way = path[-1] - path[-3]
    angle = float(np.arctan2(way[1], way[0]))
    if kind in ("flower", "bud") and size * FIVE >= 0.98 * least:
        count, part = (5, FIVE) if kind == "flower" else (3, 0.866 / 1.866)
        petal = size * part
        # A bud's three balls stand away from the stem; a flower's five about its heart.
        out: list[Drawable] = [Bead(u, v, max(size - 1.7 * petal, 0.45 * size) if kind == "flower" else 0.5 * size)]
        for k in range(count):
            a = angle + 2.0 * np.pi * (k + (0.5 if kind == "flower" else 0.0)) / count
            if kind == "bud":
                a = angle + np.deg2rad(100.0) * (k - 1)
            out.append(Bead(u + (size - petal) * float(np.cos(a)), v + (size - petal) * float(np.sin(a)), petal, 0.86))
        return out
    if kind == "leaf" and size >= 1.5 * room.stroke:
        long = 1.85 * size
        foot = np.array([u, v]) - 0.85 * size * np.array([np.cos(angle), np.sin(angle)])
        return [
            Leaf(float(foot[0]), float(foot[1]), float(np.rad2deg(angle)), long, max(room.stroke, 1.1 * size), least,
                 0.42, 0.0, 0.4, base=least)
        ]  # fmt: skip
    return [Bead(u, v, size)]


def fillings(
    kind: ScrollSpandrel, room: Room, others: list[Drawable], joints: list[tuple[float, float]], reach: float
) -> list[Drawable]:
    """A ball, a leaf or a trefoil in each spandrel at the edge, as large as its gap allows.

    ``joints`` are where the spandrels are: u, and -1 or 1 for the side.
    """
    out: list[Drawable] = []
    everything = outline_of(others)
    low = 0.52 * room.stroke
    for at, up in joints:
        near = near_outline(everything, at, reach, room)

        def ball(x: float, at: float = at, up: float = up) -> list[Drawable]:
            return [Bead(at, up * (room.half - x), x)]

        def flower(x: float, at: float = at, up: float = up) -> list[Drawable]:
            v = up * (room.half - x)
            return _finial("flower", np.array([[at, v + up], [at, v + 0.5 * up], [at, v]]), x, room)

        def leaf(x: float, at: float = at, up: float = up) -> list[Drawable]:
            # Its foot on the edge, its tip between the two scrolls.
            wide = max(room.stroke, 0.6 * x)
            return [Leaf(at, up * room.half, -up * 90.0, x, wide, 0.5 * room.stroke, 0.3, base=0.4 * wide)]

        def trefoil(x: float, at: float = at, up: float = up) -> list[Drawable]:
            v = room.half - x
            return [
                Bead(at - 1.05 * x, up * v, x),
                Bead(at + 1.05 * x, up * v, x),
                Bead(at, up * (v - 1.75 * x), x),
            ]

        tries: dict[ScrollSpandrel, list[tuple[Callable[[float], list[Drawable]], float, float]]] = {
            "balls": [(flower, 1.45 * room.stroke, 0.5 * room.half), (ball, low, 1.3 * room.stroke)],
            "leaves": [(leaf, 1.5 * room.stroke, 1.1 * room.half), (ball, low, 1.3 * room.stroke)],
            "trefoils": [(trefoil, low, 0.19 * room.half), (ball, low, 1.3 * room.stroke)],
        }
        for make, least, most in tries[kind]:

            def clear(x: float, make: Callable[[float], list[Drawable]] = make, near: list[Outline] = near) -> bool:
                return gap_between(make(x), near) >= room.gap and room_left(room, make(x)) >= -1e-3

            size = largest(clear, least, most, 9)
            if size is not None:
                out += make(size)
                break
    return out


# ---------------------------------------------------------------- running spirals, S and C scrolls


def _running(layer: ScrollLayer, room: Room) -> list[Drawable]:
    """Spirals of two arms, each arm going on into the next spiral, along the top and the bottom in turn."""
    n, r = layer.repeats, 0.5 * layer.stem_mm
    a, b = (room.u0, room.u1) if room.periodic else (room.u0 + r, room.u1 - r)
    pitch = (b - a) / n
    radius = room.half - r
    arm = (2.0 * r + 1.06 * room.gap) / np.pi
    # The arms reach the circle after whole half turns, as many as their gap allows.
    swept = max(1.5 * np.pi, np.floor(radius / arm / (0.5 * np.pi)) * 0.5 * np.pi)
    swept = min(swept, (1.0 + layer.turns) * np.pi)
    phi = np.linspace(0.0, swept, 90)
    reach = radius * phi / swept
    wide = min(0.5 * (pitch - 2.0 * r - room.gap) / radius, 1.4)
    # One arm ends on top, heading for the finish; the other is the same turned half round.
    spiral = np.column_stack([wide * reach * np.sin(phi - swept), -reach * np.cos(phi - swept)])
    elements: list[Drawable] = []
    for k in range(n):
        s = layer.side * (-1) ** k
        centre = np.array([a + (k + 0.5) * pitch, 0.0])
        one = spiral * [1.0, s] + centre
        # The other arm goes on to the next spiral as well: its mirror image closes the chain.
        elements.append(Stroke(np.vstack([(2.0 * centre - one)[::-1], one[1:]]), r))
        if k < n - 1 or room.periodic:
            elements.append(Stroke(np.vstack([one[-1], one[-1] + [pitch, 0.0]]), r))
    elements += [Bead(float(a + (k + 0.5) * pitch), 0.0, 1.25 * r) for k in range(n)]
    if layer.leaves:
        joints = [(a + k * pitch, float(layer.side * (-1) ** k)) for k in range(0 if room.periodic else 1, n)]
        elements += fillings(layer.spandrel, room, elements, [*joints, *((at, -up) for at, up in joints)], pitch)
    return elements


def _pairs(layer: ScrollLayer, room: Room) -> list[Drawable]:
    """Pairs of volutes: S scrolls joined across, or C scrolls joined along the top and the bottom in turn."""
    r = 0.5 * layer.stem_mm
    n = max(2, layer.repeats // 2 * 2)
    a, b = room.u0, room.u1
    pitch = (b - a) / n
    radius = room.half - r
    wide = float(np.clip(0.5 * (pitch - 2.0 * r - room.gap) / radius, 0.6, 1.3))
    branch, ball = _volute(radius, r, 0.5 * layer.ball_mm, room.gap * 1.1, wide, 2.0 * np.pi * layer.turns)
    # Turned so that it starts on top and winds back towards the start.
    curl = _on_top(branch, wide)
    elements: list[Drawable] = []
    joints: list[tuple[float, float]] = []
    for k in range(0, n, 2):
        left, right = a + (k + 0.5) * pitch, a + (k + 1.5) * pitch
        s = float(layer.side * (-1) ** (k // 2)) if layer.alternate and n % 4 == 0 else float(layer.side)
        if layer.design == "cee":
            one = curl * [1.0, s] + [left, 0.0]
            two = curl * [-1.0, s] + [right, 0.0]
            path = np.vstack([one[::-1], two])
            joints += [(0.5 * (left + right), s), (a + k * pitch, s), (a + k * pitch, -s)]
        else:
            one = curl * [1.0, s] + [left, 0.0]
            two = curl * [-1.0, -s] + [right, 0.0]
            path = np.vstack([one[::-1], _across(wide * radius, radius, left, right, s), two])
            joints += [(a + k * pitch, s), (a + k * pitch, -s), (0.5 * (left + right), -s), (0.5 * (left + right), s)]
        elements.append(Stroke(path, r))
        elements += [*_finial(layer.finial, one, ball, room), *_finial(layer.finial, two, ball, room)]
    if layer.leaves:
        if not room.periodic:
            joints = [joint for joint in joints if joint[0] > a + 0.2 * pitch]
        elements += fillings(layer.spandrel, room, elements, joints, pitch)
    return elements


def _hearts(layer: ScrollLayer, room: Room) -> list[Drawable]:
    """Two volutes side by side whose stems meet in a point below; every second heart turned over."""
    n, r = layer.repeats, 0.5 * layer.stem_mm
    pitch = room.length / n
    # A half of a heart is a circle and its stem, a gap from the other half and from the next heart.
    radius = min(0.25 * (pitch - 4.0 * r - 2.2 * room.gap), 0.62 * room.half - r)
    branch, ball = _volute(radius, r, 0.5 * layer.ball_mm, room.gap * 1.1, 1.0, 2.0 * np.pi * layer.turns)
    middle = radius + r + 0.55 * room.gap
    low, tip = -room.half + r + radius, room.half - r
    t = np.linspace(0.0, 1.0, 40)[1:, None]
    start, end = np.array([-middle - radius, low]), np.array([0.0, tip])
    c1 = np.array([-middle - radius, low + 0.55 * (tip - low)])
    c2 = np.array([-0.45 * (middle + radius), tip - 0.3 * (tip - low)])
    stem = (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * c1 + 3 * t**2 * (1 - t) * c2 + t**3 * end
    half = np.vstack([(branch * [-1.0, -1.0] + [-middle, low])[::-1], stem])
    elements: list[Drawable] = []
    joints: list[tuple[float, float]] = []
    for k in range(n):
        s = (
            float(layer.side * (-1) ** k)
            if layer.alternate and (n % 2 == 0 or not room.periodic)
            else float(layer.side)
        )
        centre = room.u0 + (k + 0.5) * pitch
        heart: list[Drawable] = []
        for hand in (1.0, -1.0):
            placed = half * [hand, s] + [centre, 0.0]
            heart += [Stroke(placed, r), *_finial(layer.finial, placed[::-1], ball, room)]
        elements += [*heart, *_heart_leaf(room, centre, s, tip - 3.2 * r - room.gap, heart)]
        joints.append((centre, -s))
        if k or room.periodic:
            joints += [(room.u0 + k * pitch, 1.0), (room.u0 + k * pitch, -1.0)]
    return [*elements, *(fillings(layer.spandrel, room, elements, joints, pitch) if layer.leaves else ())]


def _heart_leaf(room: Room, u: float, s: float, foot: float, near: list[Drawable]) -> list[Drawable]:
    """A leaf that stands in the point of a heart."""

    def leaf(x: float) -> list[Drawable]:
        wide = max(room.stroke, 0.55 * x)
        return [Leaf(u, s * foot, -s * 90.0, x, wide, 0.5 * room.stroke, 0.4, base=0.5 * room.stroke)]

    size = largest(lambda x: gap_between(leaf(x), near) >= room.gap, 1.4 * room.stroke, 0.8 * room.half, 9)
    return [] if size is None else leaf(size)


def _on_top(branch: Array, wide: float) -> Array:
    """A branch that starts at the right of its circle, turned so that it starts on top and winds to the left."""
    x, y = branch[:, 0] / wide, branch[:, 1]
    return np.column_stack([-wide * y, -x])


def _across(wide: float, tall: float, left: float, right: float, s: float) -> Array:
    """From the top of one ellipse round to the bottom of the next, straight in between: their inner tangent."""
    half = 0.5 * (right - left)
    # Affinely two circles of radius 1 whose centres are 2 half / wide apart.
    bend = np.arccos(min(wide / half, 1.0))
    t = np.linspace(0.0, max(0.5 * np.pi - bend, 0.0), 24)[1:]
    first = np.column_stack([left + wide * np.sin(t), -s * tall * np.cos(t)])
    second = np.column_stack([right - wide * np.sin(t), s * tall * np.cos(t)])[::-1]
    return np.vstack([first, second])


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
        if size is not None and (best is None or ball < EYE * r or turn < FOLDED or size >= min(best[1], 0.86 * ball)):
            best = (path, size)
    if best is not None:
        return best
    phi = np.linspace(0.0, 0.75 * np.pi, 60)
    reach = radius - pitch * (1.0 - np.cos(phi)) / 2.0
    return np.column_stack([stretch * reach * np.cos(phi), reach * np.sin(phi)]), r


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
