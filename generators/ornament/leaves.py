"""Leaves, fruit and tendrils as makers: what grows along +x from a foot at the origin, of a given length in mm.

Outlines are drawn for the length that they get: a lobe or a tooth that could not be cast is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.layout import Room, bezier
from ringcad.generators.ornament.plates import Groove, Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.shapes import arch, lobed_outline, spline, tapered, volute

Maker = Callable[[float, Room], list[Drawable]]
Corners = Sequence[tuple[float, float]]
VEIN = 0.45
"""Depth of a midrib's groove, as a share of the leaf's height."""


def lobes_through(points: Corners, bulge: float) -> Array:
    """Outline through tips and notches in turn; every edge bows outwards by ``bulge`` of its length."""
    p = np.asarray(points, dtype=np.float64)
    parts = []
    for a, b in pairwise(p):
        d = b - a
        parts.append(bezier(a, 0.5 * (a + b) + bulge * np.array([-d[1], d[0]]), b, 7)[:-1])
    return np.vstack([*parts, p[-1:]])


def mirrored_across(points: Corners) -> Array:
    """Points, and the same back on the other side of the x axis."""
    one = np.asarray(points, dtype=np.float64)
    return np.vstack([one, one[::-1] * [1.0, -1.0]])


def _both(side: Array) -> Array:
    return np.vstack([side, side[-2:0:-1] * [1.0, -1.0]])


def _leaf(outline: Array, size: float, room: Room, veins: Sequence[Corners], vein: float) -> list[Drawable]:
    """Plate of an outline for a length of one: the first vein runs along the middle, the others on both sides."""
    fine = min(1.02 * room.gap, 0.12 * size)
    grooves = [Groove(np.asarray(veins[0]) * size, fine, 1.1 * vein)] if vein > 0.0 and size > 3.0 * room.stroke else []
    if vein > 0.0:
        for line in veins[1:]:
            grooves += [Groove(np.asarray(line) * [size, s * size], fine, 0.75 * vein) for s in (-1.0, 1.0)]
    return [Plate((outline * size,), min(0.2, 0.15 * size), 1.0, 0.36, 0.34 * size, tuple(grooves))]


def ivy_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Ivy: five lobes about a deep foot, three where it is small."""
    if size < 6.0 * room.stroke:
        half = [(0.14, 0.0), (-0.02, 0.2), (0.06, 0.42), (0.24, 0.66), (0.44, 0.36), (0.7, 0.24), (1.0, 0.0)]
        tips: list[Corners] = [[(0.17, 0.0), (0.24, 0.44)]]
    else:
        half = [
            (0.16, 0.0), (0.0, 0.1), (-0.12, 0.34), (0.06, 0.44), (0.12, 0.5), (0.3, 0.7), (0.42, 0.5),
            (0.48, 0.34), (0.72, 0.24), (1.0, 0.0),
        ]  # fmt: skip
        tips = [[(0.18, 0.0), (0.28, 0.5)], [(0.16, 0.02), (0.0, 0.3)]]
    return _leaf(_both(lobes_through(half, 0.1)), size, room, [[(0.16, 0.0), (0.82, 0.0)], *tips], vein)


def young_ivy_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Young ivy: a shield with two shallow lobes."""
    half = [(0.14, 0.0), (-0.03, 0.22), (0.1, 0.48), (0.36, 0.6), (0.5, 0.42), (0.74, 0.27), (1.0, 0.0)]
    veins: list[Corners] = [[(0.16, 0.0), (0.84, 0.0)], [(0.18, 0.02), (0.34, 0.4)]]
    return _leaf(_both(lobes_through(half, 0.14)), size, room, veins, vein)


def heart_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Heart-shaped leaf, drawn out to a point."""
    side = spline([(0.12, 0.0), (-0.02, 0.18), (0.1, 0.4), (0.36, 0.42), (0.66, 0.24), (1.0, 0.0)], samples=6)
    veins: list[Corners] = [[(0.12, 0.0), (0.84, 0.0)]]
    if size > 6.0 * room.stroke:
        veins += [[(0.2, 0.02), (0.36, 0.26)]]
    return _leaf(_both(side), size, room, veins, vein)


def grape_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Vine leaf: broad, five toothed lobes."""
    if size < 5.6 * room.stroke:
        half = [(0.14, 0.0), (-0.08, 0.24), (0.16, 0.4), (0.34, 0.7), (0.5, 0.38), (0.76, 0.34), (1.0, 0.0)]
        tips: list[Corners] = [[(0.16, 0.0), (0.3, 0.46)]]
    else:
        half = [
            (0.18, 0.0), (-0.04, 0.1), (-0.12, 0.4), (0.12, 0.44), (0.18, 0.62), (0.4, 0.76), (0.46, 0.56),
            (0.5, 0.38), (0.66, 0.42), (0.78, 0.24), (1.0, 0.0),
        ]  # fmt: skip
        tips = [[(0.18, 0.0), (0.36, 0.56)], [(0.17, 0.02), (-0.02, 0.32)]]
    return _leaf(_both(lobes_through(half, 0.14)), size, room, [[(0.17, 0.0), (0.84, 0.0)], *tips], vein)


def oak_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Oak: round lobes, broadest beyond the middle, a slim foot."""
    axis = spline(np.array([(0.0, 0.0), (0.5, 0.04), (1.0, 0.0)]) * size)
    lobes = 3 if size < 9.0 * room.stroke else 4

    def envelope(t: Array) -> Array:
        return np.asarray((0.34 + 0.66 * arch(t**1.3, 0.9)) * np.clip((1.0 - t) / 0.12, 0, 1) ** 0.5)

    wide = max(0.74 * size, 2.2 * room.stroke)
    outline, veins = lobed_outline(axis, wide, envelope, lobes, 0.46, 0.3, 0.0)
    fine = min(1.02 * room.gap, 0.11 * size)
    grooves = [Groove(axis[2:-5], fine, 1.1 * vein)] if size > 3.2 * room.stroke else []
    if size > 5.6 * room.stroke:
        grooves += [Groove(line, fine, 0.7 * vein) for pair in veins[:-1] for line in pair]
    return [Plate((outline,), min(0.2, 0.14 * size), 1.0, 0.34, 0.32 * size, tuple(grooves))]


def even_leaf(size: float, room: Room, half: Callable[[Array], Array], wide: float, curl: float, vein: float) -> Plate:
    """Leaf of an even edge; ``half`` is its half-width over ``wide`` mm along it, never below a stroke."""
    t = np.linspace(0.0, 1.0, 28)
    # The ends are half circles of a stroke, so that nothing of a tip is lost in casting.
    least = 0.5 * room.stroke
    round_ = np.sqrt(
        np.clip(1.0 - (np.clip(least / size - np.minimum(t, 1.0 - t), 0.0, 1.0) * size / least) ** 2, 0.0, 1.0)
    )
    h = np.maximum(0.5 * wide * half(t), least) * round_
    y = curl * size * 4.0 * t * (1.0 - t)
    outline = np.vstack([np.column_stack([size * t, y + h]), np.column_stack([size * t, y - h])[-2:0:-1]])
    grooves: tuple[Groove, ...] = ()
    if vein > 0.0 and wide > 2.3 * room.stroke:
        inner = (t > 0.1) & (t < 0.86)
        grooves = (Groove(np.column_stack([size * t, y])[inner], min(1.0 * room.gap, 0.3 * wide), vein),)
    return Plate((outline,), min(0.2, 0.4 * wide), 1.0, 0.3, 0.45 * wide, grooves)


def bay_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Bay: a pointed oval with a midrib, bent a little."""
    return [even_leaf(size, room, lambda t: arch(t**0.9, 0.75), max(0.42 * size, 1.7 * room.stroke), 0.03, vein)]


def olive_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Olive or willow: slim, pointed."""
    return [even_leaf(size, room, lambda t: arch(t**0.95, 0.7), max(0.3 * size, 1.35 * room.stroke), 0.05, vein)]


def spoon_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Mistletoe: a spoon, broad and blunt at its end."""

    def half(t: Array) -> Array:
        rise = 0.2 + 0.8 * np.sin(0.5 * np.pi * np.clip(t / 0.7, 0.0, 1.0)) ** 1.4
        return np.asarray(rise * np.sqrt(np.clip(1.0 - np.clip((t - 0.7) / 0.3, 0.0, 1.0) ** 2, 0.0, 1.0)))

    return [even_leaf(size, room, half, max(0.42 * size, 1.5 * room.stroke), 0.05, vein)]


def round_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Round leaf on a short foot."""
    return [even_leaf(size, room, lambda t: arch(t**1.2, 0.6), max(0.72 * size, room.stroke), 0.0, vein)]


def holly_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Holly: hollow edges between spines."""
    if size < 6.5 * room.stroke:
        half = [(0.0, 0.0), (0.16, 0.3), (0.44, 0.2), (0.62, 0.36), (0.78, 0.15), (1.0, 0.0)]
    else:
        half = [(0.0, 0.0), (0.12, 0.28), (0.28, 0.17), (0.42, 0.38), (0.57, 0.19), (0.72, 0.32), (0.82, 0.13)]
        half.append((1.0, 0.0))
    return _leaf(_both(lobes_through(half, -0.08)), size, room, [[(0.08, 0.0), (0.86, 0.0)]], vein)


def rose_leaf(size: float, room: Room, vein: float = VEIN) -> list[Drawable]:
    """Three leaflets on a stalk, toothed where they are large."""
    long = 0.56 * size
    if long < 3.4 * room.stroke:
        return bay_leaf(size, room, vein)
    out: list[Drawable] = []
    for angle, foot in ((56.0, 0.3), (-56.0, 0.3), (0.0, 0.42)):
        a = np.deg2rad(angle)
        turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        part = even_leaf(long, room, lambda t: arch(t**0.9, 0.7), max(0.6 * long, room.stroke), 0.0, vein)
        points = part.outlines[0] @ turn + [foot * size, 0.0]
        grooves = tuple(Groove(g.points @ turn + [foot * size, 0.0], g.half_mm, g.depth) for g in part.grooves)
        out.append(Plate((points,), part.edge_mm, 1.0, part.crown, part.reach_mm, grooves))
    stalk = Stroke(np.array([(0.0, 0.0), (0.5 * size, 0.0)]), 0.5 * room.stroke)
    return [Stack((stalk, *out), 1.4 * room.gap, 0.42)]


# ---------------------------------------------------------------- fruit


def acorn(size: float, room: Room) -> list[Drawable]:
    """Pointed nut in a grained cup along +x from the origin."""
    nut = spline(mirrored_across([(0.24, -0.26), (0.5, -0.31), (0.74, -0.25), (0.9, -0.1), (1.0, -0.03)]), samples=5)
    cup = spline(
        mirrored_across([(0.0, -0.06), (0.05, -0.24), (0.2, -0.39), (0.36, -0.41), (0.41, -0.32), (0.35, -0.1)]),
        True,
        5,
    )
    grooves: tuple[Groove, ...] = ()
    if size > 5.0 * room.stroke:
        lines = [spline([(0.02, y), (0.18, 1.5 * y), (0.36, 1.8 * y)]) for y in (-0.12, 0.0, 0.12)]
        grooves = tuple(Groove(line * size, min(0.8 * room.gap, 0.07 * size), 0.3) for line in lines)
    body = Plate((nut * size,), 0.24 * size, 0.92, 0.4, 0.34 * size)
    return [Stack((body, Plate((cup * size,), 0.16, 1.0, 0.25, 0.3 * size, grooves)), 1.3 * room.gap, 0.5)]


def _balls(centres: Sequence[tuple[float, float]], r: float, room: Room) -> list[Drawable]:
    """Balls that lie one over another, the last on top, on a web that keeps them one body."""
    return [Stack(tuple(Bead(x * r, y * r, r) for x, y in centres), min(0.9 * r, 1.2 * room.gap), 0.4)]


def berries(size: float, room: Room) -> list[Drawable]:
    """Three berries about the end of a stalk."""
    r = max(0.55 * room.stroke, 0.24 * size)
    return _balls([(0.9, -0.96), (0.9, 0.96), (2.3, 0.0)], r, room)


def berry(size: float, room: Room) -> list[Drawable]:
    """One berry on a stalk."""
    r = max(0.6 * room.stroke, 0.3 * size)
    foot = max(size - r, r)
    return [Stroke(np.array([(0.0, 0.0), (foot, 0.0)]), 0.5 * room.stroke), Bead(foot, 0.0, r)]


def grapes(size: float, room: Room) -> list[Drawable]:
    """A bunch that hangs along +x: rows of four, three, two and one, of fewer where it is small."""
    broad = 4 if size > 8.4 * 0.55 * room.stroke * 2.0 else 3
    step = 1.55
    r = size / (2.0 + step * (broad - 1))
    if r < 0.5 * room.stroke:
        broad, r = 2, size / (2.0 + step)
    centres: list[tuple[float, float]] = []
    # From the tip back to the stalk, so that the upper grapes lie over the lower ones.
    for row in range(broad - 1, -1, -1):
        count = broad - row
        centres += [(1.0 + step * row, 1.72 * (k - 0.5 * (count - 1))) for k in range(count)]
    return _balls(centres, max(r, 0.5 * room.stroke), room)


def hook(size: float, room: Room) -> list[Drawable]:
    """A tendril that rolls up towards a ball."""
    r = 0.5 * room.stroke
    ball = 1.3 * r
    radius = 0.5 * size
    if radius < 2.0 * r + 0.5 * room.gap + ball:
        path = bezier((0.0, 0.0), (0.7 * size, 0.1 * size), (0.75 * size, 0.62 * size), 12)
        return [tapered(path, r, r), Bead(float(path[-1, 0]), float(path[-1, 1]), ball)]
    curl = volute(radius, max(0.42 * radius, 0.2 * radius + ball), 0.8, -90.0, 1) + np.array([0.5 * size, radius])
    return [tapered(np.vstack([[(0.0, 0.0)], curl]), r, r), Bead(float(curl[-1, 0]), float(curl[-1, 1]), ball)]


def bud(size: float, room: Room) -> list[Drawable]:
    """A closed flower: two sepals about a pointed heart."""
    heart = even_leaf(size, room, lambda t: arch(t**0.7, 0.8), max(0.5 * size, 1.1 * room.stroke), 0.0, 0.0)
    if size < 4.0 * room.stroke:
        return [heart]
    out: list[Drawable] = [heart]
    for s in (-1.0, 1.0):
        path = bezier((0.0, 0.0), (0.28 * size, s * 0.4 * size), (0.62 * size, s * 0.3 * size), 10)
        out.append(tapered(path, 0.62 * room.stroke, 0.5 * room.stroke))
    return [Stack(tuple(out), 1.2 * room.gap, 0.42)]
