"""Elements: metal forms that know their outline as discs, can be moved, and draw themselves.

A layout asks for the discs, so that it can find the largest size that keeps every gap castable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from ringcad.generators.ornament.raster import Array, Canvas, Profile, resample, risen, shoulder, stamp

WALL_ERROR_MM = 0.0008
"""How far a tube's wall may stand off its true place between two stamps."""


def stamp_step(radius_mm: float) -> float:
    """Spacing of stamps: the sagitta of a chord of that length on the radius is the wall error."""
    return float(np.sqrt(8.0 * radius_mm * WALL_ERROR_MM))


@dataclass(frozen=True)
class Placement:
    """A rigid motion: mirrored about the u axis (if so), turned, then shifted to (u, v)."""

    u: float = 0.0
    v: float = 0.0
    turn_deg: float = 0.0
    mirrored: bool = False

    @property
    def matrix(self) -> Array:
        """(2, 2) orthogonal part."""
        a = np.deg2rad(self.turn_deg)
        c, s = float(np.cos(a)), float(np.sin(a))
        if self.turn_deg % 90.0 == 0.0:
            c, s = float(round(c)), float(round(s))
        k = -1.0 if self.mirrored else 1.0
        return np.array([[c, -s * k], [s, c * k]])

    def points(self, points: Array) -> Array:
        """Moved points (n, 2)."""
        moved: Array = points @ self.matrix.T + np.array([self.u, self.v])
        return moved

    def angle(self, angle_deg: float) -> float:
        """Moved direction."""
        return self.turn_deg + (-angle_deg if self.mirrored else angle_deg)

    def back(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Where points (u, v) come from."""
        m = self.matrix
        x, y = u - self.u, v - self.v
        return m[0, 0] * x + m[1, 0] * y, m[0, 1] * x + m[1, 1] * y

    def after(self, first: Placement) -> Placement:
        """This motion done after another."""
        at = self.points(np.array([[first.u, first.v]]))[0]
        return Placement(float(at[0]), float(at[1]), self.angle(first.turn_deg), self.mirrored != first.mirrored)


STAY = Placement()
"""The motion that moves nothing."""


class Measured(Protocol):
    """Something with an outline at half height."""

    def discs(self) -> tuple[Array, Array]:
        """Centres (n, 2) and radii (n,) in mm whose union is the outline."""
        ...


@runtime_checkable
class Drawable(Measured, Protocol):
    """A form that can be moved and drawn."""

    def moved(self, place: Placement) -> Drawable:
        """The same form elsewhere."""
        ...

    def draw(self, canvas: Canvas) -> None:
        """Raise the canvas to the form's height."""
        ...


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

    def moved(self, place: Placement) -> Stroke:
        return replace(self, points=place.points(self.points))

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

    def moved(self, place: Placement) -> Bead:
        at = place.points(np.array([[self.u, self.v]]))[0]
        return replace(self, u=float(at[0]), v=float(at[1]))

    def draw(self, canvas: Canvas) -> None:
        stamp(canvas, *self.discs(), np.array([self.height]), "bead")


GROOVED_WIDTH = 2.75
"""Strokes across a leaf from which a groove and a lobe on either side can be cast."""

VEINED_WIDTH = 4.2
"""Strokes across a leaf from which side veins are drawn too."""


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

    def moved(self, place: Placement) -> Leaf:
        at = place.points(np.array([[self.u, self.v]]))[0]
        curl = -self.curl if place.mirrored else self.curl
        return replace(self, u=float(at[0]), v=float(at[1]), angle_deg=place.angle(self.angle_deg), curl=curl)

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
        if self.vein > 0.0 and self.width >= VEINED_WIDTH * 2.0 * self.tip:
            # Side veins run from the groove forwards to the edge.
            count = self.length / (2.6 * self.tip)
            phase = count * t - 0.55 * count * half / self.length * across
            side = (0.5 + 0.5 * np.cos(2.0 * np.pi * phase)) ** 2
            depth = np.maximum(depth, 0.3 * self.vein * fade * side * np.clip((0.92 - across) / 0.3, 0.0, 1.0))
        # A leaf too slim for two lobes and a groove has a keel instead.
        flank = 0.14 * np.clip((across - 0.4) / 0.6, 0.0, 1.2) ** 2 if grooved else 0.55 * self.vein * across
        ridge = 1.0 - 0.12 * (t - 0.45) ** 2 / 0.3
        canvas.blend_max(i, j, self.height * risen(edge, (1.0 - depth) * (1.0 - flank) * ridge))


@dataclass(frozen=True)
class Rail:
    """A straight or bent flat rail: a stroke whose profile has a flat crest."""

    points: Array
    radius: float
    height: float = 1.0

    def discs(self) -> tuple[Array, Array]:
        return Stroke(self.points, self.radius).discs()

    def moved(self, place: Placement) -> Rail:
        return replace(self, points=place.points(self.points))

    def draw(self, canvas: Canvas) -> None:
        replace(Stroke(self.points, self.radius, self.height), profile="flat").draw(canvas)


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

    def moved(self, place: Placement) -> Pad:
        corners = place.points(self.corners)
        return replace(self, corners=corners[::-1] if place.mirrored else corners)

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
