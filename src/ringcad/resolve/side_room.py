"""How far heads that stand side by side keep from each other: stone to stone, metal to metal, stone to metal.

A head is its stone as one convex body, its prongs as tapered posts and its rails as hoops, in a frame of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.obstacles import Hoop, Obstacle, Post, Track, distance
from ringcad.resolved import CenterStone, FancyStone, Gallery, Head, Rail
from ringcad.seats.bodies import facet_planes, facet_polygons
from ringcad.stones.hoops import path_points
from ringcad.stones.of_ring import rail_path

Array = NDArray[np.float64]

#: How far above its foot a prong's rounded sole and its flare end, and how much it is thicker between, mm (a basket's;
#: `templates/solitaire/shape.py`).
_SOLE_MM, _FLARED_MM, _FLARE_MM = 0.2, 0.6, 0.08
_ALONG = 13
_AROUND = 48
#: Metal farther than this from what is beside it is not looked at more closely, mm.
_NEAR_MM = 1.5


@dataclass(frozen=True)
class Placement:
    """Where a head's frame lies in the ring: turned about the finger axis by ``lean_deg`` (towards +x), and moved
    outward along its own x by ``offset_mm``.
    """

    lean_deg: float
    offset_mm: float

    @property
    def turn(self) -> Array:
        """Rows: the frame's x, y and z axes in the ring."""
        lean = math.radians(self.lean_deg)
        return np.array(
            [[math.cos(lean), 0.0, -math.sin(lean)], [0.0, 1.0, 0.0], [math.sin(lean), 0.0, math.cos(lean)]]
        )

    def to_ring(self, points: Array) -> Array:
        """Points (..., 3) of the frame in the ring."""
        return np.asarray((points + np.array([self.offset_mm, 0.0, 0.0])) @ self.turn)

    def to_local(self, points: Array) -> Array:
        """Points (..., 3) of the ring in the frame."""
        return np.asarray(points @ self.turn.T - np.array([self.offset_mm, 0.0, 0.0]))


@dataclass(frozen=True)
class HeadBodies:
    """A head and its stone in the head's own frame."""

    stone: CenterStone
    head: Head
    gallery: Gallery

    @cached_property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Prongs and rails."""
        return (*(self._post(k) for k in range(self.head.prongs)), *(self._hoop(rail) for rail in self.gallery.rails))

    @cached_property
    def samples(self) -> tuple[Array, Array]:
        """Points (n, 3) on and in the metal at y >= 0, and the radius (n,) of the ball of metal about each."""
        points, radii = [], []
        share = np.linspace(0.0, 1.0, _ALONG)[:, None]
        for post in self.obstacles:
            if isinstance(post, Post):
                corner, wide = np.array(post.points), np.array(post.radii)
                for k in range(len(corner) - 1):
                    points.append(corner[k] + share * (corner[k + 1] - corner[k]))
                    radii.append(wide[k] + share[:, 0] * (wide[k + 1] - wide[k]))
        for rail in self.gallery.rails:
            loop = self._outline(rail)
            for z in (rail.bottom_z_mm, 0.5 * (rail.bottom_z_mm + rail.top_z_mm), rail.top_z_mm):
                points.append(np.pad(loop, ((0, 0), (0, 1)), constant_values=z))
                radii.append(np.zeros(len(loop)))
        found, thick = np.concatenate(points), np.concatenate(radii)
        # a head is its own mirror image about the plane of the shank
        kept = found[:, 1] > -1e-9
        return found[kept], thick[kept]

    @cached_property
    def reach_mm(self) -> float:
        """How far from its axis the head reaches at most."""
        points, radii = self.samples
        return float((np.hypot(points[:, 0], points[:, 1]) + radii).max())

    @cached_property
    def corners(self) -> Array:
        """Corners (n, 3) of the stone's facets."""
        return np.asarray(np.concatenate(facet_polygons(self.stone)) + np.array([0.0, 0.0, self.head.girdle_z_mm]))

    @cached_property
    def _planes(self) -> tuple[Array, Array]:
        return facet_planes(self.stone)

    def off_stone(self, points: Array) -> Array:
        """(n,) how far points lie outside the stone, mm: never more than they do, and on a girdle's level exactly."""
        normals, offsets = self._planes
        local = points - np.array([0.0, 0.0, self.head.girdle_z_mm])
        return np.asarray((local @ normals.T - offsets).max(axis=1))

    def _post(self, number: int) -> Post:
        head, stand = self.head, self.head.stands[number]
        turn = math.radians(stand.azimuth_deg)
        lean = math.tan(math.radians(head.prong_lean_deg))
        tip = head.prong_axis_radius_girdle_mm + lean * (head.prong_tip_z_mm - head.girdle_z_mm)
        foot, girdle = head.prong_foot_radius_mm, head.prong_axis_radius_girdle_mm
        rise = head.girdle_z_mm - head.prong_foot_z_mm
        thick, half = 0.5 * head.prong_diameter_base_mm, 0.5 * head.prong_diameter_girdle_mm
        low = [(z / rise, wide) for z, wide in ((0.0, 0.0), (_SOLE_MM, _FLARE_MM), (_FLARED_MM, 0.0))]
        line = [(foot + share * (girdle - foot), head.prong_foot_z_mm + share * rise) for share, _ in low]
        line += [(girdle, head.girdle_z_mm), (tip, head.prong_tip_z_mm)]
        radii = [thick + share * (half - thick) + wide for share, wide in low]
        points = tuple((stand.x_mm + r * math.cos(turn), stand.y_mm + r * math.sin(turn), z) for r, z in line)
        return Post(points, (*radii, half, half))

    def _hoop(self, rail: Rail) -> Obstacle:
        if not isinstance(self.stone, FancyStone):
            return Hoop(rail.inner_radius_mm, rail.outer_radius_mm, rail.bottom_z_mm, rail.top_z_mm)
        line = tuple((float(x), float(y)) for x, y in path_points(rail_path(self.stone, rail)))
        return Track(line, 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm), rail.bottom_z_mm, rail.top_z_mm)

    def _outline(self, rail: Rail) -> Array:
        """Outer edge of a rail, points (n, 2)."""
        if not isinstance(self.stone, FancyStone):
            turn = 2.0 * np.pi * np.arange(_AROUND) / _AROUND
            return rail.outer_radius_mm * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        loop = path_points(rail_path(self.stone, rail))
        along = np.roll(loop, -1, axis=0) - np.roll(loop, 1, axis=0)
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
        half = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm)
        return np.asarray(loop + half * np.stack([along[:, 1], -along[:, 0]], axis=1))


@dataclass(frozen=True)
class Room:
    """Least distances between two heads, mm; negative where they lie in each other."""

    stones_mm: float
    metal_mm: float
    stone_to_metal_mm: float


def room_between(center: HeadBodies, side: HeadBodies, place: Placement) -> Room:
    """Distances of a side head at ``place`` from the center's."""
    there, back = place.to_local, place.to_ring
    return Room(
        stones_mm=_sections_apart(center.corners[:, [0, 2]], back(side.corners)[:, [0, 2]]),
        metal_mm=min(_metal_apart(center, side, there), _metal_apart(side, center, back)),
        stone_to_metal_mm=min(_stone_apart(center, side, back), _stone_apart(side, center, there)),
    )


def _metal_apart(one: HeadBodies, two: HeadBodies, into_two: Callable[[Array], Array]) -> float:
    points, radii = one.samples
    local = into_two(points)
    near = np.hypot(local[:, 0], local[:, 1]) < two.reach_mm + _NEAR_MM
    if not near.any():
        return _NEAR_MM
    return min(float((distance(local[near], obstacle) - radii[near]).min()) for obstacle in two.obstacles)


def _stone_apart(one: HeadBodies, two: HeadBodies, into_one: Callable[[Array], Array]) -> float:
    """Metal of ``two`` from the stone of ``one``."""
    points, radii = two.samples
    return float((one.off_stone(into_one(points)) - radii).min())


def _sections_apart(one: Array, two: Array) -> float:
    """Distance of two stones that are each their own mirror image about the plane of the shank, from points (n, 2).

    The pair of points that are nearest can be taken in that plane, where a section is the hull of what lies beside it.
    Where they overlap, how far they must be moved apart (largest over the directions of the hulls' sides).
    """
    hulls = [_hull(one), _hull(two)]
    least, apart = math.inf, -math.inf
    for a, b in ((hulls[0], hulls[1]), (hulls[1], hulls[0])):
        start, edge = a, np.roll(a, -1, axis=0) - a
        square = np.maximum((edge**2).sum(axis=1), 1e-18)
        share = np.clip(np.einsum("pej,ej->pe", b[:, None] - start, edge) / square, 0.0, 1.0)
        nearest = start + share[..., None] * edge
        least = min(least, float(np.linalg.norm(b[:, None] - nearest, axis=2).min()))
        out = np.stack([edge[:, 1], -edge[:, 0]], axis=1) / np.sqrt(square)[:, None]
        side = (b @ out.T).min(axis=0) - (start * out).sum(axis=1)
        apart = max(apart, float(side.max()))
    return least if apart > 0.0 else apart


def _hull(points: Array) -> Array:
    """Corners (k, 2) of the convex hull, counter-clockwise (Andrew 1979, doi:10.1016/0020-0190(79)90072-3)."""
    rows = np.unique(np.round(points, 9), axis=0)
    chains = []
    for ordered in (rows, rows[::-1]):
        chain: list[Array] = []
        for point in ordered:
            while len(chain) > 1 and _turns_right(chain[-2], chain[-1], point):
                chain.pop()
            chain.append(point)
        chains += chain[:-1]
    return np.array(chains)


def _turns_right(a: Array, b: Array, c: Array) -> bool:
    return bool((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0.0)
