"""Distances from points to the bodies that stand on or enter the skin.

Platforms (where the relief lies level) and skirts (where the skin rises to meet a foot) are shaped
by these distances. Each obstacle is plain numbers; :func:`distance` is exact for straight round
posts of constant radius and hoops, and within the taper's slope for conical posts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.stones.hoops import distance_to_path

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Post:
    """A round post through ``points`` (k, 3) with radii (k,): prong or pilot. Lengths in mm."""

    points: tuple[tuple[float, float, float], ...]
    radii: tuple[float, ...]


@dataclass(frozen=True)
class Hoop:
    """A rail: a rectangle in (radius, z) revolved about the head's axis. Lengths in mm."""

    inner_radius_mm: float
    outer_radius_mm: float
    bottom_z_mm: float
    top_z_mm: float


@dataclass(frozen=True)
class Track:
    """A rail along a closed line round the head's axis, ``half_width_mm`` to either side. Lengths in mm."""

    line: tuple[tuple[float, float], ...]
    half_width_mm: float
    bottom_z_mm: float
    top_z_mm: float


@dataclass(frozen=True)
class Bore:
    """An endless cylinder: a seat's opening. Lengths in mm."""

    origin: tuple[float, float, float]
    axis: tuple[float, float, float]
    radius_mm: float


@dataclass(frozen=True)
class Cup:
    """Closed convex lines about +z, one above the other: ``(z, share, out)`` of a line's height and form, rising.

    A line is ``share`` times one whose tangents with the unit normals ``ways`` lie ``support_mm`` from the axis, moved
    out by ``out``. Lengths in mm.
    """

    levels: tuple[tuple[float, float, float], ...]
    ways: tuple[tuple[float, float], ...]
    support_mm: tuple[float, ...]


@dataclass(frozen=True)
class Placed:
    """An obstacle in a frame of its own: where its origin lies, and its unit axes along x and z (y is the ring's)."""

    part: Post | Hoop | Track | Cup
    origin: tuple[float, float, float]
    along: tuple[float, float, float]
    axis: tuple[float, float, float]

    @property
    def turn(self) -> Array:
        """Rows: the frame's x, y and z axes."""
        along, axis = np.array(self.along), np.array(self.axis)
        return np.stack([along, np.cross(axis, along), axis])

    def to_ring(self, points: Array) -> Array:
        """Points (..., 3) of the frame in the ring."""
        return np.asarray(points @ self.turn + np.array(self.origin))


Obstacle = Post | Hoop | Track | Cup | Bore | Placed


def distance(points: Array, obstacle: Obstacle) -> Array:
    """Signed distance (negative inside) of ``points`` (..., 3) to an obstacle, mm."""
    if isinstance(obstacle, Placed):
        return distance((points - np.array(obstacle.origin)) @ obstacle.turn.T, obstacle.part)
    if isinstance(obstacle, Bore):
        axis = np.array(obstacle.axis) / np.linalg.norm(obstacle.axis)
        offset = points - np.array(obstacle.origin)
        along = offset @ axis
        out = np.linalg.norm(offset - along[..., None] * axis, axis=-1) - obstacle.radius_mm
        # the endless axis crosses the ring twice: only the near crossing counts
        return np.where(along > -2.0, out, np.inf)
    if isinstance(obstacle, Hoop):
        radius = np.hypot(points[..., 0], points[..., 1])
        dr = np.maximum(obstacle.inner_radius_mm - radius, radius - obstacle.outer_radius_mm)
        dz = np.maximum(obstacle.bottom_z_mm - points[..., 2], points[..., 2] - obstacle.top_z_mm)
        outside = np.hypot(np.maximum(dr, 0.0), np.maximum(dz, 0.0))
        return outside + np.minimum(np.maximum(dr, dz), 0.0)
    if isinstance(obstacle, Track):
        flat = points[..., :2].reshape(-1, 2)
        across = np.abs(distance_to_path(flat, np.array(obstacle.line))).reshape(points.shape[:-1])
        across = across - obstacle.half_width_mm
        dz = np.maximum(obstacle.bottom_z_mm - points[..., 2], points[..., 2] - obstacle.top_z_mm)
        return np.hypot(np.maximum(across, 0.0), np.maximum(dz, 0.0)) + np.minimum(np.maximum(across, dz), 0.0)
    if isinstance(obstacle, Cup):
        z, share, out = np.array(obstacle.levels).T
        height = np.clip(points[..., 2], z[0], z[-1])
        here, moved = np.interp(height, z, share), np.interp(height, z, out)
        level = np.full(points.shape[:-1], -np.inf)
        for (nx, ny), support in zip(obstacle.ways, obstacle.support_mm, strict=True):
            np.maximum(level, points[..., 0] * nx + points[..., 1] * ny - here * support, out=level)
        level -= moved
        dz = np.abs(points[..., 2] - height)
        return np.where(dz > 0.0, np.hypot(np.maximum(level, 0.0), dz), level)
    best = np.full(points.shape[:-1], np.inf)
    line = np.array(obstacle.points)
    for a, b, ra, rb in zip(line[:-1], line[1:], obstacle.radii[:-1], obstacle.radii[1:], strict=True):
        edge = b - a
        t = np.clip((points - a) @ edge / float(edge @ edge), 0.0, 1.0)
        gap = np.linalg.norm(points - (a + t[..., None] * edge), axis=-1) - (ra + t * (rb - ra))
        best = np.minimum(best, gap)
    return best


def nearest(points: Array, obstacles: list[Obstacle]) -> Array:
    """Least signed distance to any of the obstacles; +inf where there is none."""
    best = np.full(points.shape[:-1], np.inf)
    for obstacle in obstacles:
        best = np.minimum(best, distance(points, obstacle))
    return best


def nearest_within(points: Array, obstacles: list[Obstacle], reach_mm: float) -> Array:
    """:func:`nearest` where it is at most ``reach_mm`` (at least 0), +inf or the distance beyond.

    Each obstacle is measured inside its box only.
    """
    flat = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 3)
    columns = [np.ascontiguousarray(flat[:, k]) for k in range(3)]
    best = np.full(len(flat), np.inf)
    for obstacle in obstacles:
        inside = np.ones(len(flat), dtype=bool)
        for column, low, high in zip(columns, *_box(obstacle, reach_mm), strict=True):
            if low > -np.inf:
                inside &= (column >= low) & (column <= high)
        rows = np.flatnonzero(inside)
        best[rows] = np.minimum(best[rows], distance(flat[rows], obstacle))
    return best.reshape(points.shape[:-1])


def _box(obstacle: Obstacle, reach_mm: float) -> tuple[Array, Array]:
    """Lower and upper corner of all that lies within ``reach_mm`` of an obstacle (infinite for a bore)."""
    if isinstance(obstacle, Bore):
        return np.full(3, -np.inf), np.full(3, np.inf)
    if isinstance(obstacle, Placed):
        corners = np.stack(np.meshgrid(*zip(*_box(obstacle.part, reach_mm), strict=True), indexing="ij"), axis=-1)
        placed = corners.reshape(-1, 3) @ obstacle.turn + np.array(obstacle.origin)
        return placed.min(axis=0), placed.max(axis=0)
    reach = reach_mm + 1e-6  # the distance is rounded
    if isinstance(obstacle, Hoop):
        wide = obstacle.outer_radius_mm
        return np.array([-wide, -wide, obstacle.bottom_z_mm]) - reach, np.array([wide, wide, obstacle.top_z_mm]) + reach
    if isinstance(obstacle, Track):
        wide = np.abs(np.array(obstacle.line)).max(axis=0) + obstacle.half_width_mm
        low = np.array([-wide[0], -wide[1], obstacle.bottom_z_mm])
        return low - reach, np.array([wide[0], wide[1], obstacle.top_z_mm]) + reach
    if isinstance(obstacle, Cup):
        farthest = max(share * max(obstacle.support_mm) + out for _, share, out in obstacle.levels)
        low_z, high_z = obstacle.levels[0][0], obstacle.levels[-1][0]
        corner = np.array([farthest, farthest, high_z])
        return np.array([-farthest, -farthest, low_z]) - reach, corner + reach
    line, thick = np.array(obstacle.points), max(obstacle.radii)
    return line.min(axis=0) - thick - reach, line.max(axis=0) + thick + reach
