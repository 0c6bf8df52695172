"""The room inside the frame, and elements placed in it.

Layouts work in mm on the axis of the band (v = 0). An element knows its outline as discs, so that
a layout can ask for the largest size that keeps every gap castable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.raster import Array, Canvas, Profile, resample, sampled_profile, shoulder, stamp

STEP_MM = 0.02
"""Spacing of the stamps of a tube: its wall is then true to 0.001 mm."""


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

    @property
    def length(self) -> float:
        return self.u1 - self.u0

    def clearance(self, points: Array) -> Array:
        """Distance from each point (n, 2) to the room's boundary, positive inside."""
        offset = self.shape.rail_half + (self.gap if self.shape.rail_half else 0.0)
        inside: Array = self.shape.inside(points[:, 0], points[:, 1]) - offset
        return inside


def make_room(shape: FrameShape) -> Room:
    """Room of a frame: one gap inside the rail; without a frame the band's own edge."""
    band = shape.band
    offset = shape.rail_half + (band.gap_mm if shape.rail_half else 0.0)
    if band.periodic:
        u0, u1, s0, s1 = 0.0, band.length_mm, 0.0, band.length_mm
    else:
        u0, u1 = shape.inset + offset, band.length_mm - shape.inset - offset
        s0 = max(u0, shape.inset + shape.end_length(shape.frame.start))
        s1 = min(u1, band.length_mm - shape.inset - shape.end_length(shape.frame.finish))
    return Room(shape, u0, u1, s0, s1, shape.half - offset, band.stroke_mm, band.gap_mm, band.periodic)


@dataclass(frozen=True)
class Stroke:
    """A tube along a polyline. ``radius`` and ``height`` per point or constant; radius at half height."""

    points: Array
    radius: Array | float
    height: Array | float = 1.0
    profile: Profile = "dome"

    def discs(self) -> tuple[Array, Array]:
        n = len(self.points)
        points, radius = resample(self.points, 0.04, np.broadcast_to(np.asarray(self.radius, float), (n,)))
        return points, radius

    def draw(self, canvas: Canvas) -> None:
        n = len(self.points)
        points, radius, height = resample(
            self.points,
            STEP_MM,
            np.broadcast_to(np.asarray(self.radius, float), (n,)),
            np.broadcast_to(np.asarray(self.height, float), (n,)),
        )
        stamp(canvas, points, radius, height, self.profile)


@dataclass(frozen=True)
class Bead:
    """A ball sunk by a third; ``radius`` at half height."""

    u: float
    v: float
    radius: float
    height: float = 1.0

    def discs(self) -> tuple[Array, Array]:
        return np.array([[self.u, self.v]]), np.array([self.radius])

    def draw(self, canvas: Canvas) -> None:
        stamp(canvas, *self.discs(), np.array([self.height]), "bead")


@dataclass(frozen=True)
class Leaf:
    """A leaf or petal from its base (u, v) along ``angle_deg``; ``width`` and ``length`` at half height.

    The outline is the envelope of discs along a (curved) axis, none smaller than ``tip``, so it
    can be cast whatever its shape. ``belly`` is where along the axis it is widest, ``curl`` bends
    the axis (sagitta over length). ``vein`` is how deep the central groove runs; the groove spans
    half of the leaf's width.
    """

    u: float
    v: float
    angle_deg: float
    length: float
    width: float
    tip: float
    belly: float = 0.38
    curl: float = 0.0
    vein: float = 0.4
    height: float = 1.0
    base: float | None = None
    """Radius at the base; ``None``: as the tip."""

    def _axis(self) -> tuple[Array, Array]:
        """Points and radii along the axis in the leaf's own frame (x along, y across)."""
        base = self.tip if self.base is None else self.base
        start, stop = min(base, 0.5 * self.length), max(0.5 * self.length, self.length - self.tip)
        x = np.linspace(start, stop, max(8, int(np.ceil((stop - start) / 0.03))))
        t = (x - start) / max(stop - start, 1e-9)
        full = max(0.5 * self.width, self.tip)
        # Two smooth quarters meeting at the belly: round towards the base, drawn out to the tip.
        rise = np.sin(0.5 * np.pi * np.clip(t / self.belly, 0, 1)) ** 0.9
        fall = np.cos(0.5 * np.pi * np.clip((t - self.belly) / (1 - self.belly), 0, 1)) ** 1.15
        swell = np.where(t < self.belly, rise, fall)
        foot = np.where(t < self.belly, base, self.tip)
        r = foot + (full - foot) * swell
        y = self.curl * self.length * 4.0 * t * (1.0 - t) * (stop - start) / self.length
        return np.column_stack([x, y]), r

    def _place(self, local: Array) -> Array:
        a = np.deg2rad(self.angle_deg)
        c, s = np.cos(a), np.sin(a)
        return np.column_stack([self.u + c * local[:, 0] - s * local[:, 1], self.v + s * local[:, 0] + c * local[:, 1]])

    def discs(self) -> tuple[Array, Array]:
        local, r = self._axis()
        return self._place(local), r

    def draw(self, canvas: Canvas) -> None:
        local, r = self._axis()
        placed = self._place(local)
        reach = r + 0.25
        i, j = canvas.window(
            (placed[:, 0] - reach).min(), (placed[:, 0] + reach).max(), (placed[:, 1] - reach).min(), (placed[:, 1] + reach).max()
        )
        u, v = canvas.coordinates(i, j)
        a = np.deg2rad(self.angle_deg)
        x = np.cos(a) * (u - self.u) + np.sin(a) * (v - self.v)
        y = -np.sin(a) * (u - self.u) + np.cos(a) * (v - self.v)
        s = np.full(x.shape, -np.inf)
        for (px, py), pr in zip(local, r, strict=True):
            np.maximum(s, pr - np.hypot(x - px, y - py), out=s)
        half = np.interp(x, local[:, 0], r)
        across = np.abs(y - np.interp(x, local[:, 0], local[:, 1])) / np.maximum(half, 1e-6)
        edge = shoulder(s, min(0.2, 0.5 * self.width), canvas.pixel_mm)
        t = np.clip(x / self.length, 0.0, 1.0)
        # The groove closes towards base and tip; the two lobes crest half way out.
        fade = np.clip((half / r.max() - 0.35) / 0.45, 0.0, 1.0)
        groove = self.vein * fade * np.clip(1.0 - across / 0.5, 0.0, 1.0) ** 1.5
        lobe = 1.0 - 0.16 * np.clip((across - 0.5) / 0.5, 0.0, 1.2) ** 2
        ridge = 1.0 - 0.12 * (t - 0.45) ** 2 / 0.3
        canvas.blend_max(i, j, self.height * edge * (1.0 - groove) * lobe * ridge)


@dataclass(frozen=True)
class Rail:
    """A straight or bent flat rail: a stroke whose profile has a flat crest."""

    points: Array
    radius: float
    height: float = 1.0

    def discs(self) -> tuple[Array, Array]:
        return Stroke(self.points, self.radius).discs()

    def draw(self, canvas: Canvas) -> None:
        replace(Stroke(self.points, self.radius, self.height), profile="flat").draw(canvas)


Element = Stroke | Bead | Leaf | Rail


def draw_elements(canvas: Canvas, elements: Sequence[Element]) -> None:
    """Draw in order, each raising the field."""
    for element in elements:
        element.draw(canvas)


def gap_between(a: Sequence[Element], b: Sequence[Element]) -> float:
    """Smallest distance between the half-height outlines of two groups of elements."""
    if not a or not b:
        return float("inf")
    pa, ra = (np.concatenate(part) for part in zip(*(e.discs() for e in a), strict=True))
    pb, rb = (np.concatenate(part) for part in zip(*(e.discs() for e in b), strict=True))
    d = np.hypot(pa[:, None, 0] - pb[None, :, 0], pa[:, None, 1] - pb[None, :, 1]) - ra[:, None] - rb[None, :]
    return float(d.min())


def room_left(room: Room, elements: Sequence[Element]) -> float:
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


def bezier(p0: Sequence[float], p1: Sequence[float], p2: Sequence[float], n: int = 24) -> Array:
    """Quadratic Bézier curve as a polyline (n, 2)."""
    t = np.linspace(0.0, 1.0, n)[:, None]
    a, b, c = np.asarray(p0, float), np.asarray(p1, float), np.asarray(p2, float)
    curve: Array = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
    return curve


__all__ = [
    "Bead",
    "Element",
    "Leaf",
    "Rail",
    "Room",
    "Stroke",
    "bezier",
    "draw_elements",
    "gap_between",
    "largest",
    "make_room",
    "room_left",
    "sampled_profile",
]
