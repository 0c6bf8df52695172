"""The room inside the frame, and elements placed in it.

Layouts work in mm on the axis of the band (v = 0). An element knows its outline as discs, so that
a layout can ask for the largest size that keeps every gap castable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.raster import Array, Canvas, Profile, resample, sampled_profile, shoulder, stamp

WALL_ERROR_MM = 0.0008
"""How far a tube's wall may stand off its true place between two stamps."""
STROKE_MARGIN = 1.06
GAP_MARGIN = 1.12
"""Layouts keep a little more than the limits, so that sampling and the skin cannot fall below them."""


def stamp_step(radius_mm: float) -> float:
    """Spacing of stamps: the sagitta of a chord of that length on the radius is the wall error."""
    return float(np.sqrt(8.0 * radius_mm * WALL_ERROR_MM))


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
    stroke, gap = STROKE_MARGIN * band.stroke_mm, GAP_MARGIN * band.gap_mm
    offset = shape.rail_half + (gap if shape.rail_half else 0.0)
    if band.periodic:
        u0, u1, s0, s1 = 0.0, band.length_mm, 0.0, band.length_mm
    else:
        u0, u1 = shape.inset + offset, band.length_mm - shape.inset - offset
        s0 = max(u0, shape.inset + shape.end_length(shape.frame.start))
        s1 = min(u1, band.length_mm - shape.inset - shape.end_length(shape.frame.finish))
    return Room(shape, u0, u1, s0, s1, shape.half - offset, stroke, gap, band.periodic)


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
            stamp_step(float(np.min(self.radius))),
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


GROOVED_WIDTH = 2.75
"""Strokes across a leaf from which a groove and a lobe on either side can be cast."""


@dataclass(frozen=True)
class Leaf:
    """A leaf or petal from its base (u, v) along ``angle_deg``; ``width`` and ``length`` at half height.

    The outline is the envelope of discs along a (curved) axis, none smaller than ``tip``, so it
    can be cast whatever its shape. ``belly`` is where along the axis it is widest, ``curl`` bends
    the axis (sagitta over length). ``vein`` is how deep the central groove runs, or how high the keel
    of a leaf too slim for a groove stands.
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

    def _axis(self, coarse: float = 1.6) -> tuple[Array, Array]:
        """Points and radii along the axis in the leaf's own frame (x along, y across)."""
        base = self.tip if self.base is None else self.base
        start, stop = min(base, 0.5 * self.length), max(0.5 * self.length, self.length - self.tip)
        x = np.linspace(start, stop, max(8, int(np.ceil((stop - start) / (coarse * stamp_step(self.tip))))))
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
        keep = slice(None, None, 2) if len(r) % 2 else slice(1, None, 2)
        return self._place(local[keep]), r[keep]

    def draw(self, canvas: Canvas) -> None:
        local, r = self._axis(0.5)
        placed = self._place(local)
        reach = r + 0.25
        i, j = canvas.window(
            (placed[:, 0] - reach).min(),
            (placed[:, 0] + reach).max(),
            (placed[:, 1] - reach).min(),
            (placed[:, 1] + reach).max(),
        )
        u, v = canvas.coordinates(i, j)
        a = np.deg2rad(self.angle_deg)
        x = np.cos(a) * (u - self.u) + np.sin(a) * (v - self.v)
        y = -np.sin(a) * (u - self.u) + np.cos(a) * (v - self.v)
        s = np.full(x.shape, -1.0)
        # Only pixels that the outline can reach: a leaf fills half of its upright box.
        half = np.interp(x, local[:, 0], r)
        off = np.abs(y - np.interp(x, local[:, 0], local[:, 1]))
        near = (off < r.max() + 0.12) & (x > local[0, 0] - r[0] - 0.12) & (x < local[-1, 0] + r[-1] + 0.12)
        px, py = x[near], y[near]
        inside = np.full(px.shape, -1.0)
        for (cx, cy), radius in zip(local, r, strict=True):
            np.maximum(inside, radius - np.sqrt((px - cx) ** 2 + (py - cy) ** 2), out=inside)
        s[near] = inside
        across = off / np.maximum(half, 1e-6)
        edge = shoulder(s, min(0.2, 0.5 * self.width), canvas.pixel_mm)
        t = np.clip(x / self.length, 0.0, 1.0)
        # The groove closes towards base and tip; the two lobes crest near the middle of each half.
        fade = np.clip((half / r.max() - 0.3) / 0.6, 0.0, 1.0)
        fade = fade * fade * (3.0 - 2.0 * fade)
        grooved = self.width >= GROOVED_WIDTH * 2.0 * self.tip
        furrow = 1.0 - np.sin(0.5 * np.pi * np.clip(across / 0.72, 0.0, 1.0))
        depth = self.vein * fade * furrow if grooved else 0.0
        # A leaf too slim for two lobes and a groove has a keel instead.
        flank = 0.14 * np.clip((across - 0.4) / 0.6, 0.0, 1.2) ** 2 if grooved else 0.55 * self.vein * across
        ridge = 1.0 - 0.12 * (t - 0.45) ** 2 / 0.3
        # Near the wall the edge alone decides, so that the outline at half height stays as laid out.
        inner = np.clip(s / 0.1, 0.0, 1.0)
        crown = 1.0 - inner * (1.0 - (1.0 - depth) * (1.0 - flank) * ridge)
        canvas.blend_max(i, j, self.height * edge * crown)


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


@dataclass(frozen=True)
class Outline:
    """Discs of other elements, taken once: something to keep clear of, not drawn."""

    points: Array
    radius: Array

    def discs(self) -> tuple[Array, Array]:
        return self.points, self.radius

    def draw(self, canvas: Canvas) -> None:
        raise NotImplementedError("an outline is not drawn")


def outline_of(elements: Sequence[Any]) -> Outline:
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


@dataclass(frozen=True)
class Pad:
    """A convex polygon with rounded corners and a slightly domed top; corners (n, 2) at half height."""

    corners: Array
    corner_radius: float
    height: float = 1.0
    dome: float = 0.25
    """How far the crest stands above the shoulder, as a share of the height."""

    def discs(self) -> tuple[Array, Array]:
        closed = np.vstack([self.corners, self.corners[:1]])
        centre = self.corners.mean(axis=0)
        r = self.corner_radius
        line, _ = resample(closed, 0.05, 1.0)
        d = np.hypot(*(line - centre).T)[:, None]
        return line - (line - centre) / d * np.minimum(r, d), np.full(len(line), r * 0.8)

    def draw(self, canvas: Canvas) -> None:
        low, high = self.corners.min(axis=0) - 0.2, self.corners.max(axis=0) + 0.2
        i, j = canvas.window(low[0], high[0], low[1], high[1])
        u, v = canvas.coordinates(i, j)
        s = polygon_inside(self.corners, self.corner_radius, u, v)
        deep = max(float(polygon_depth(self.corners)), 1e-6)
        crown = 1.0 - self.dome * np.clip(1.0 - s / deep, 0.0, 1.0) ** 2 * np.clip(s / 0.1, 0.0, 1.0)
        canvas.blend_max(i, j, self.height * shoulder(s, min(0.2, deep), canvas.pixel_mm) * crown)


def polygon_inside(corners: Array, corner_radius: float, u: Array, v: Array) -> Array:
    """Signed distance inwards of a convex counter-clockwise polygon with rounded corners."""
    nearest = np.full(u.shape, np.inf)
    inner = np.full(u.shape, np.inf)
    count = len(corners)
    edges = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    normals = np.column_stack([-edges[:, 1], edges[:, 0]]) / lengths[:, None]
    offset = (normals * corners).sum(axis=1) + corner_radius
    # Corners of the polygon moved inwards by the radius; distances outside it are taken from them.
    for k in range(count):
        np.minimum(inner, normals[k, 0] * u + normals[k, 1] * v - offset[k], out=inner)
    for k in range(count):
        a = np.linalg.solve(normals[[k - 1, k]], offset[[k - 1, k]])
        b = np.linalg.solve(normals[[k, (k + 1) % count]], offset[[k, (k + 1) % count]])
        ab = b - a
        t = np.clip(((u - a[0]) * ab[0] + (v - a[1]) * ab[1]) / max(float(ab @ ab), 1e-12), 0.0, 1.0)
        np.minimum(nearest, np.hypot(u - a[0] - t * ab[0], v - a[1] - t * ab[1]), out=nearest)
    return np.where(inner >= 0.0, inner, -nearest) + corner_radius


def polygon_depth(corners: Array) -> float:
    """Distance from the centre of a convex polygon to its nearest side."""
    centre = corners.mean(axis=0)
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.column_stack([-edges[:, 1], edges[:, 0]]) / np.hypot(edges[:, 0], edges[:, 1])[:, None]
    return float((normals * (centre - corners)).sum(axis=1).min())


Element = Stroke | Bead | Leaf | Rail | Pad | Outline


def draw_elements(canvas: Canvas, elements: Sequence[Any]) -> None:
    """Draw elements, each raising the field. Tubes and balls of one crest height are drawn together."""
    tubes: dict[tuple[Profile, float], list[tuple[Array, Array]]] = {}
    for element in elements:
        if isinstance(element, Bead):
            tubes.setdefault(("bead", element.height), []).append(element.discs())
        elif isinstance(element, Stroke | Rail) and np.ndim(element.height) == 0:
            profile = "flat" if isinstance(element, Rail) else element.profile
            radius = np.broadcast_to(np.asarray(element.radius, float), (len(element.points),))
            points, radius = resample(element.points, stamp_step(float(radius.min())), radius)
            tubes.setdefault((profile, float(element.height)), []).append((points, radius))
        else:
            element.draw(canvas)
    for (profile, height), parts in tubes.items():
        points, radii = (np.concatenate(part) for part in zip(*parts, strict=True))
        stamp(canvas, points, radii, height, profile)


WEB_HEIGHT = 0.57
"""Crest of a web: just over half height, so that it closes a corner without drawing the eye."""


def fill_corners(canvas: Canvas, gap_mm: float) -> None:
    """Put a low web where forms meet at an angle too narrow for the gap, as a caster's fillet would.

    The outline at half height is closed by a disc of the gap's diameter (distances, exact to half a
    pixel); what that adds is raised to just over half height.
    """
    if gap_mm <= 0.0:
        return
    # Distances between pixel centres are half a pixel short of the middle of a gap, so work twice as fine.
    pixel = 0.5 * canvas.pixel_mm
    reach = max(0.5 * gap_mm - 0.6 * pixel, 0.0)
    rows, columns = canvas.height.shape
    pad = 2 * (int(np.ceil(gap_mm / canvas.pixel_mm)) + 2)
    field = np.pad(_doubled(canvas.height, canvas.periodic), ((pad, pad), (0, 0)))
    field = np.pad(field, ((0, 0), (pad, pad)), mode="wrap" if canvas.periodic else "constant")
    solid = field > 0.5
    if not solid.any():
        return
    free = (ndimage.distance_transform_edt(~solid) - 0.5) * pixel > reach
    inside = (ndimage.distance_transform_edt(~free) - 0.5) * pixel - reach
    added = (inside > 0.0) & ~solid
    if not added.any():
        return
    # Only where something was added, with a rim that lets it run into its neighbours.
    near = ndimage.binary_dilation(added, iterations=max(1, round(0.08 / pixel)))
    web = np.where(near, WEB_HEIGHT * shoulder(inside - 0.25 * pixel, 0.06, 2.0 * pixel), 0.0)[pad:-pad, pad:-pad]
    coarse = web.reshape(rows, 2, columns, 2).mean(axis=(1, 3))
    canvas.height = np.maximum(canvas.height, coarse)


def _doubled(field: Array, periodic: bool) -> Array:
    """Field at twice the resolution, linear between pixel centres."""

    def along(values: Array, wrap: bool) -> Array:
        before = np.roll(values, 1, axis=0)
        after = np.roll(values, -1, axis=0)
        if not wrap:
            before[0], after[-1] = values[0], values[-1]
        pair = np.stack([0.75 * values + 0.25 * before, 0.75 * values + 0.25 * after], axis=1)
        return pair.reshape(2 * values.shape[0], -1)

    return along(along(field, False).T, periodic).T


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


__all__ = [
    "Bead",
    "Element",
    "Leaf",
    "Outline",
    "Pad",
    "Rail",
    "Room",
    "Stroke",
    "bezier",
    "broadest_leaf",
    "draw_elements",
    "fill_corners",
    "gap_between",
    "largest",
    "make_room",
    "near_outline",
    "outline_of",
    "room_left",
    "sampled_profile",
]
