"""Curves and outlines that many families share: splines, spirals, petals, leaves with lobes.

Figures are drawn with x to the right and y up; a figure's up is towards smaller v.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ringcad.generators.ornament.elements import Stroke
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Groove, Plate
from ringcad.generators.ornament.raster import Array

Points = Array | Sequence[Sequence[float]]


def spline(points: Points, closed: bool = False, samples: int = 12) -> Array:
    """Centripetal Catmull-Rom curve through points (n, 2), as a polyline; a closed one does not repeat its first."""
    p = np.asarray(points, dtype=np.float64)
    if closed:
        p = np.vstack([p[-1:], p, p[:2]])
    else:
        p = np.vstack([2.0 * p[0] - p[1], p, 2.0 * p[-1] - p[-2]])
    steps = np.sqrt(np.maximum(np.hypot(*np.diff(p, axis=0).T), 1e-9))
    knots = np.concatenate(([0.0], np.cumsum(steps)))
    out: list[Array] = []
    for k in range(1, len(p) - 2):
        t0, t1, t2, t3 = knots[k - 1 : k + 3]
        p0, p1, p2, p3 = p[k - 1 : k + 3]
        t = np.linspace(t1, t2, samples, endpoint=False)[:, None]
        a1 = (t1 - t) / (t1 - t0) * p0 + (t - t0) / (t1 - t0) * p1
        a2 = (t2 - t) / (t2 - t1) * p1 + (t - t1) / (t2 - t1) * p2
        a3 = (t3 - t) / (t3 - t2) * p2 + (t - t2) / (t3 - t2) * p3
        b1 = (t2 - t) / (t2 - t0) * a1 + (t - t0) / (t2 - t0) * a2
        b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
        out.append((t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2)
    curve = np.vstack(out)
    return curve if closed else np.vstack([curve, p[-2:-1]])


def mirrored(right: Points, samples: int = 12) -> Array:
    """Closed outline whose right half runs smoothly through points from the top to the bottom, both on x = 0."""
    half = spline(right, samples=samples)
    left = half[-2:0:-1] * [-1.0, 1.0]
    return np.vstack([half, left])


def mirrored_straight(right: Points) -> Array:
    """Closed outline whose right half has corners at the points."""
    half = np.asarray(right, dtype=np.float64)
    keep = half[np.abs(half[:, 0]) > 1e-12]
    return np.vstack([half, keep[::-1] * [-1.0, 1.0]])


def rotated(points: Points, angle_deg: float, centre: tuple[float, float] = (0.0, 0.0)) -> Array:
    """Points turned counter-clockwise about the origin, then shifted."""
    a = np.deg2rad(angle_deg)
    c, s = float(np.cos(a)), float(np.sin(a))
    turned: Array = np.asarray(points, dtype=np.float64) @ np.array([[c, s], [-s, c]]) + np.asarray(centre)
    return turned


def arc(radius: float, start_deg: float, stop_deg: float, centre: tuple[float, float] = (0.0, 0.0)) -> Array:
    """Polyline on a circle."""
    n = max(4, int(abs(stop_deg - start_deg) / 5.0) + 2)
    a = np.deg2rad(np.linspace(start_deg, stop_deg, n))
    points: Array = np.column_stack([radius * np.cos(a), radius * np.sin(a)]) + np.asarray(centre)
    return points


def star(points: int, outer: float, inner: float, turn_deg: float = 90.0) -> Array:
    """Outline of a star about the origin, shape (2 ``points``, 2): tips at ``outer`` from ``turn_deg`` on, notches at
    ``inner``.
    """
    k = np.arange(2 * points)
    a = np.deg2rad(turn_deg + 180.0 / points * k)
    r = np.where(k % 2 == 0, outer, inner)
    return np.column_stack([r * np.cos(a), r * np.sin(a)])


def disc(radius: float, centre: tuple[float, float] = (0.0, 0.0), n: int = 40) -> Array:
    """Closed circle."""
    return arc_points(radius, np.linspace(0.0, 360.0, n, endpoint=False), centre)


def arc_points(radius: float, degrees: Array, centre: tuple[float, float]) -> Array:
    """Points on a circle at some angles."""
    a = np.deg2rad(degrees)
    points: Array = np.column_stack([radius * np.cos(a), radius * np.sin(a)]) + np.asarray(centre)
    return points


def volute(radius: float, core: float, turns: float, start_deg: float, side: int, ease: float = 1.0) -> Array:
    """Spiral about the origin from ``radius`` inwards to ``core``; ``side`` 1 winds counter-clockwise.

    With ``ease`` above 1 it closes in late, like a fern's tip.
    """
    t = np.linspace(0.0, 1.0, max(24, int(40 * turns)))
    a = np.deg2rad(start_deg) + side * 2.0 * np.pi * turns * t
    r = radius - (radius - core) * t**ease
    return np.column_stack([r * np.cos(a), r * np.sin(a)])


def tapered(points: Array, start: float, stop: float, swell: float = 0.0, height: float = 1.0) -> Stroke:
    """Stroke whose radius runs from ``start`` to ``stop`` along its length, ``swell`` more in the middle."""
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    t = s / s[-1]
    return Stroke(points, start + (stop - start) * t + swell * 4.0 * t * (1.0 - t), height)


def sides_of(axis: Array, half: Array) -> tuple[Array, Array]:
    """Left and right edges of a form of half-width ``half`` about a curved axis."""
    tangent = np.gradient(axis, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-12)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    return axis + normal * half[:, None], axis - normal * half[:, None]


def axis_frame(axis: Array, t: Array) -> tuple[Array, Array, Array]:
    """Points, unit tangents and left normals of a polyline at shares ``t`` of its length."""
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(axis, axis=0).T))))
    at = np.clip(t, 0.0, 1.0) * s[-1]
    points = np.column_stack([np.interp(at, s, axis[:, k]) for k in (0, 1)])
    slope = np.gradient(axis, np.maximum.accumulate(s + 1e-12 * np.arange(len(s))), axis=0)
    tangent = np.column_stack([np.interp(at, s, slope[:, k]) for k in (0, 1)])
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-12)[:, None]
    return points, tangent, np.column_stack([-tangent[:, 1], tangent[:, 0]])


def lobed_outline(
    axis: Array, width: float, envelope: Callable[[Array], Array], lobes: int, cut: float, sweep: float, pointed: float
) -> tuple[Array, list[tuple[Array, ...]]]:
    """Closed outline of a leaf with ``lobes`` on either side, and the veins to their tips (both sides).

    ``envelope`` is the half-width over ``width`` along the axis; between two lobes the outline
    comes in by ``cut`` of it. ``sweep`` draws the tips forward by so many half-widths; ``pointed``
    from 0 (round lobes) to 1.
    """
    t = np.linspace(0.0, 1.0, 24 * max(lobes, 2) + 1)
    phase = t * lobes - 0.5
    wave = np.abs(np.cos(np.pi * phase))
    shape = (1.0 - pointed) * np.sqrt(wave) + pointed * (1.0 - np.abs((t * lobes) % 1.0 - 0.5) * 2.0)
    half = 0.5 * width * envelope(t) * (1.0 - cut * (1.0 - shape))
    length = float(np.hypot(*np.diff(axis, axis=0).T).sum())
    ahead = t + sweep * half / length * shape * (1.0 - t)
    p, _, normal = axis_frame(axis, ahead)
    left, right = p + normal * half[:, None], p - normal * half[:, None]
    veins: list[tuple[Array, ...]] = []
    for k in range(lobes):
        tip = (k + 0.5) / lobes
        index = round(tip * (len(t) - 1))
        root, _, _ = axis_frame(axis, np.array([max(tip - 0.55 / lobes, 0.02)]))
        veins.append(
            (np.vstack([root, 0.2 * root + 0.8 * left[index]]), np.vstack([root, 0.2 * root + 0.8 * right[index]]))
        )
    return np.vstack([left, right[-2:0:-1]]), veins


def arch(t: Array, power: float) -> Array:
    """Half wave of the sine over [0, 1] to a power, 0 outside."""
    return np.asarray(np.clip(np.sin(np.pi * np.clip(t, 0.0, 1.0)), 0.0, 1.0) ** power)


def almond(t: Array) -> Array:
    """Envelope of a leaf that is widest a little below its middle and pointed at both ends."""
    return arch(np.clip(t, 0.0, 1.0) ** 0.85, 0.8)


def drop(t: Array) -> Array:
    """Envelope that starts broad and runs out to a point."""
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(np.sqrt(np.clip(t / 0.12, 0.0, 1.0)) * (1.0 - t**1.6) ** 0.75)


def spear(t: Array) -> Array:
    """Envelope of a slim leaf: a stalk below, broadest beyond its middle, pointed."""
    t = np.clip(np.asarray(t), 0.0, 1.0)
    return np.asarray((0.34 + 0.66 * np.sin(0.5 * np.pi * np.clip(t / 0.72, 0.0, 1.0)) ** 2) * (1.0 - t**5) ** 0.8)


def plume(t: Array) -> Array:
    """Envelope of a lobe: rises slowly from its root, full towards a round tip."""
    t = np.clip(np.asarray(t), 0.0, 1.0)
    return np.asarray((0.42 + 0.58 * np.sin(0.5 * np.pi * np.clip(t / 0.62, 0.0, 1.0))) * np.sqrt(1.0 - t**5))


def simple_leaf(
    axis: Array, width: float, room: Room, vein: float = 0.4, envelope: Callable[[Array], Array] = almond
) -> Plate:
    """Leaf with an even edge and a middle groove where it is broad enough to cast one."""
    t = np.linspace(0.0, 1.0, 40)
    p, _, normal = axis_frame(axis, t)
    least = 0.5 * room.stroke
    half = np.maximum(0.5 * width * envelope(t), least * np.sqrt(np.clip(np.minimum(t, 1.0 - t) / 0.04, 0.0, 1.0)))
    left, right = p + normal * half[:, None], p - normal * half[:, None]
    outline = np.vstack([left, right[-2:0:-1]])
    grooves: tuple[Groove, ...] = ()
    if width >= 2.8 * room.stroke and vein > 0.0:
        line, _, _ = axis_frame(axis, np.linspace(0.06, 0.84, 12))
        grooves = (Groove(line, min(max(1.05 * room.gap, 0.28 * width), 0.34 * width), vein),)
    return Plate((outline,), min(0.2, 0.4 * width), crown=0.25, reach_mm=0.45 * width, grooves=grooves)


def on_band(points: Points, size: float) -> Array:
    """Figure coordinates (y up, height 1) as mm on the band."""
    placed: Array = np.asarray(points, dtype=np.float64) * [size, -size]
    return placed


def chain_of(points: Sequence[Array]) -> Array:
    """Several polylines joined end to end, repeated joints dropped."""
    parts = [points[0]]
    for before, after in pairwise(points):
        skip = 1 if np.hypot(*(after[0] - before[-1])) < 1e-9 else 0
        parts.append(after[skip:])
    return np.vstack(parts)
