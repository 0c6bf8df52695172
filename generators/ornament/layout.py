"""The room inside the frame, and fitting elements into it.

Layouts work in mm on the axis of the room (v = 0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generators.ornament.elements import Leaf, Measured
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.raster import Array

STROKE_MARGIN = 1.06
GAP_MARGIN = 1.12
"""Layouts keep a little more than the limits, so that sampling and the skin cannot fall below them."""


@dataclass(frozen=True)
class Room:
    """Where motifs may stand: inside the frame less one gap.

    ``u0`` and ``u1`` bound it on the axis, ``half`` is its half-width where the sides are straight,
    which they are from ``straight0`` to ``straight1``.
    """

    shape: FrameShape
    u0: float
    u1: float
    straight0: float
    straight1: float
    half: float
    stroke: float
    gap: float
    periodic: bool
    boxed: bool = False
    """Whether it is a rectangle of its own (a slot or a panel) instead of the frame's inside."""

    @property
    def length(self) -> float:
        return self.u1 - self.u0

    def inside(self, u: Array, v: Array) -> Array:
        """Distance from each (u, v) to the room's boundary, positive inside."""
        if self.boxed:
            across = self.half - np.abs(v) + 0.0 * u
            return across if self.periodic else np.minimum(across, np.minimum(u - self.u0, self.u1 - u))
        offset = self.shape.rail_half + (self.gap if self.shape.rail_half else 0.0)
        inside: Array = self.shape.inside(u, v) - offset
        return inside

    def clearance(self, points: Array) -> Array:
        """:meth:`inside` of points (n, 2)."""
        return self.inside(points[:, 0], points[:, 1])

    def slot(self, low: float, high: float) -> tuple[Room, float]:
        """Part of the width between two shares of it (-1 to 1), in its own coordinates, and its axis' v.

        Raises ``InputError`` for a slot that is empty or outside.
        """
        if not -1.0 - 1e-9 <= low < high <= 1.0 + 1e-9:
            raise InputError(f"ornament program: slot {low:g} to {high:g} is not a part of -1 to 1")
        middle, half = 0.5 * (low + high) * self.half, 0.5 * (high - low) * self.half
        if abs(middle) < 1e-9:
            # On the axis the frame's ends stay what they are; only the sides come nearer.
            return self._narrowed(half), 0.0
        u0, u1 = self.u0, self.u1
        if not self.periodic:
            v = max(abs(low), abs(high)) * self.half
            u0, u1 = level_extent(self, v - 1e-3, 0.0)
        return replace(self, u0=u0, u1=u1, straight0=u0, straight1=u1, half=half, boxed=True), middle

    def _narrowed(self, half: float) -> Room:
        u0, u1 = self.u0, self.u1
        if not self.periodic:
            u0, u1 = level_extent(self, half - 1e-3, 0.0)
        return replace(self, u0=u0, u1=u1, straight0=u0, straight1=u1, half=half, boxed=True)

    def with_limits(self, weight: float, air: float) -> Room:
        """The same room for strokes ``weight`` times and gaps ``air`` times as wide as the least."""
        if weight == air == 1.0:
            return self
        # The frame's inside keeps one gap from the rail: a wider one makes the room smaller all round.
        less = 0.0 if self.boxed or not self.shape.rail_half else (air - 1.0) * self.gap
        ends = 0.0 if self.periodic else less
        return replace(
            self,
            u0=self.u0 + ends,
            u1=self.u1 - ends,
            straight0=max(self.straight0, self.u0 + ends),
            straight1=min(self.straight1, self.u1 - ends),
            half=self.half - less,
            stroke=weight * self.stroke,
            gap=air * self.gap,
        )

    def panel(self, u0: float, u1: float) -> Room:
        """Part of the length, with ends of its own."""
        return replace(self, u0=u0, u1=u1, straight0=u0, straight1=u1, periodic=False, boxed=True)


def make_room(shape: FrameShape) -> Room:
    """Room of a frame: one gap inside the rail; without a frame the band's own edge."""
    band = shape.band
    stroke, gap = STROKE_MARGIN * band.stroke_mm, GAP_MARGIN * band.gap_mm
    offset = shape.rail_half + (gap if shape.rail_half else 0.0)
    if band.periodic:
        u0, u1, s0, s1 = 0.0, band.length_mm, 0.0, band.length_mm
    else:
        u0, u1 = shape.inset + offset, band.length_mm - shape.inset - offset
        s0 = max(u0, shape.inset + shape.end_length(shape.frame.start))
        s1 = min(u1, band.length_mm - shape.inset - shape.end_length(shape.frame.finish))
    return Room(shape, u0, u1, s0, s1, shape.half - offset, stroke, gap, band.periodic)


def level_extent(room: Room, v: float, r: float) -> tuple[float, float]:
    """First and last u on the level ``v`` from which the room's boundary is ``r`` away."""
    u = np.linspace(room.u0, room.u1, 1200)
    ok = room.clearance(np.column_stack([u, np.full_like(u, v)])) >= r - 1e-3
    inside = u[ok] if ok.any() else u
    return float(inside[0]), float(inside[-1])


@dataclass(frozen=True)
class Outline:
    """Discs of other elements, taken once: something to keep clear of, not drawn."""

    points: Array
    radius: Array

    def discs(self) -> tuple[Array, Array]:
        return self.points, self.radius


def outline_of(elements: Sequence[Measured]) -> Outline:
    """Outline of some elements."""
    points, radius = (np.concatenate(part) for part in zip(*(e.discs() for e in elements), strict=True))
    return Outline(points, radius)


def near_outline(everything: Outline, u: float, reach: float, room: Room) -> list[Outline]:
    """The part of an outline within ``reach`` of ``u`` along the band, round the seam of a closed one."""
    points, radius = everything.points, everything.radius
    if room.periodic:
        lap = np.array([room.length, 0.0])
        points = np.vstack([points - lap, points, points + lap])
        radius = np.tile(radius, 3)
    keep = np.abs(points[:, 0] - u) < reach
    return [Outline(points[keep], radius[keep])] if keep.any() else []


def gap_between(a: Sequence[Measured], b: Sequence[Measured]) -> float:
    """Smallest distance between the half-height outlines of two groups of elements."""
    if not a or not b:
        return float("inf")
    pa, ra = (np.concatenate(part) for part in zip(*(e.discs() for e in a), strict=True))
    pb, rb = (np.concatenate(part) for part in zip(*(e.discs() for e in b), strict=True))
    # Seen from one disc of the first group, most of the second group is too far away to be the nearest.
    first = np.hypot(pb[:, 0] - pa[0, 0], pb[:, 1] - pa[0, 1]) - rb
    reach = float((np.hypot(pa[:, 0] - pa[0, 0], pa[:, 1] - pa[0, 1]) + ra).max())
    near = first - reach <= first.min() - ra[0] + 1e-9
    pb, rb = pb[near], rb[near]
    d = np.hypot(pa[:, None, 0] - pb[None, :, 0], pa[:, None, 1] - pb[None, :, 1]) - ra[:, None] - rb[None, :]
    return float(d.min())


def room_left(room: Room, elements: Sequence[Measured]) -> float:
    """Smallest distance of the elements' outlines to the room's boundary; negative outside."""
    points, radius = (np.concatenate(part) for part in zip(*(e.discs() for e in elements), strict=True))
    return float((room.clearance(points) - radius).min())


def largest(build: Callable[[float], bool], low: float, high: float, steps: int = 14) -> float | None:
    """Largest value in [low, high] for which ``build`` holds (it must hold below it); ``None`` if not at ``low``."""
    if not build(low):
        return None
    if build(high):
        return high
    for _ in range(steps):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if build(middle) else (low, middle)
    return low


def broadest_leaf(
    room: Room, build: Callable[[float, float], Leaf], lengths: Sequence[float], width: float
) -> Leaf | None:
    """The leaf of largest area among some lengths: a pointed end leaves a choice between long and broad.

    ``build`` makes a leaf of a width and a length.
    """
    best: Leaf | None = None
    for length in lengths:
        limit = min(width, 0.72 * length)

        def fits(x: float, length: float = length) -> bool:
            return room_left(room, [build(x, length)]) >= 0.0

        fitted = largest(fits, room.stroke, limit) if limit >= room.stroke else None
        if fitted is not None and (best is None or fitted * length > 1.05 * best.width * best.length):
            best = build(fitted, length)
    return best


def bezier(p0: Array | Sequence[float], p1: Array | Sequence[float], p2: Array | Sequence[float], n: int = 24) -> Array:
    """Quadratic Bézier curve as a polyline (n, 2)."""
    t = np.linspace(0.0, 1.0, n)[:, None]
    a, b, c = np.asarray(p0, float), np.asarray(p1, float), np.asarray(p2, float)
    curve: Array = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
    return curve
