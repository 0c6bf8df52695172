"""A stone of another cut than round as the verifier knows it: its facets, its outline, its section where a prong is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.stones.of_ring import cut_stone
from ringcad.stones.outline import Outline
from ringcad.stones.placed import POINT_DEG, GirdlePlace, convex_body, crown_run_mm, girdle_place, reach_along
from ringcad.stones.stone import Solid
from ringcad.verify.setting.frames import FancyLengths, StoneProfile

Array = NDArray[Any]

_UPRIGHT = 1e-6
_OUTLINE_CHORD_MM = 2e-5
"""Chord of the outline on which a place is looked for: steps of a few hundredths of a millimetre."""
STRAIGHT_RADIUS_MM = 20.0
"""Stands for the radius of a straight side: over a prong's width the circle leaves it by less than 0.01 mm."""
_NOTCH_SHARE = 0.03
"""How far below the girdle the bearing's slope is taken, as a share of the width: a notch's middle."""


@dataclass(frozen=True)
class StonePoint:
    """A sharp corner of a girdle: its place, the azimuth of its middle, and its running position on the outline."""

    place_mm: tuple[float, float]
    azimuth_rad: float
    position: int


@dataclass(frozen=True)
class FancyBody(FancyLengths):
    """Facets and lengths of a stone in its own frame (origin on the axis at the girdle's lower edge), mm."""

    @cached_property
    def solid(self) -> Solid:
        """The convex body; of a heart its right half, which :meth:`own_side` is asked about."""
        return convex_body(cut_stone(self.stone))

    def own_side(self, x: Array) -> Array:
        """Where the planes of :attr:`solid` are asked about a place: on the right of a heart's mirror."""
        return np.abs(x) if self.solid.mirrored else x

    @cached_property
    def outline(self) -> Outline:
        return cut_stone(self.stone).placed_outline

    @cached_property
    def points(self) -> tuple[StonePoint, ...]:
        """The sharp corners, which want V prongs."""
        return self._corners(0.0, POINT_DEG)

    @cached_property
    def clefts(self) -> tuple[StonePoint, ...]:
        """The corners that look inward, where nothing may touch the stone."""
        return self._corners(180.0, 360.0)

    def _corners(self, above_deg: float, below_deg: float) -> tuple[StonePoint, ...]:
        found = []
        for corner in self.outline.corners:
            if above_deg < corner.opening_deg < below_deg:
                nx, ny = self.outline.normal_at(corner.position)
                found.append(StonePoint(corner.point, math.atan2(ny, nx), corner.position))
        return tuple(found)

    def along(self, point: StonePoint, way_mm: float) -> tuple[float, float]:
        """Where a side is ``way_mm`` from a point, counter-clockwise for positive ways."""
        step = math.copysign(0.02, way_mm)
        at = float(point.position)
        while math.dist(self.outline.at(at), point.place_mm) < abs(way_mm):
            at += step
        return self.outline.at(at)

    @property
    def half_width_mm(self) -> float:
        return 0.5 * self.stone.width_mm

    def depth_inside(self, x: Array, y: Array, z: Array) -> Array:
        """How deep points lie under the nearest facet's plane, mm; negative outside."""
        shape = np.shape(x)
        x, y, z = (np.ravel(value) for value in np.broadcast_arrays(x, y, z))
        found = np.full(len(x), -np.inf)
        # outside a box round the stone there is nothing to ask
        reach = 0.5
        near = np.flatnonzero(
            (np.abs(x) < self.half_width_mm + reach) & (np.abs(y) < self.radius_mm + reach)
            & (z < self.table_mm + reach) & (z > -self.stone.pavilion_depth_mm - reach)
        )  # fmt: skip
        best = np.full(len(near), np.inf)
        a, b, c = self.own_side(x[near]), y[near], z[near]
        for (nx, ny, nz), offset in zip(self.solid.normals, self.solid.offsets, strict=True):
            np.minimum(best, offset - nx * a - ny * b - nz * c, out=best)
        found[near] = best
        return found.reshape(shape)

    def girdle_depth(self, x: Array, y: Array) -> Array:
        """How deep points lie inside the girdle's upright wall, mm."""
        upright = np.abs(self.solid.normals[:, 2]) < _UPRIGHT
        best = np.full(np.shape(x), np.inf)
        x = self.own_side(x)
        for (nx, ny, _), offset in zip(self.solid.normals[upright], self.solid.offsets[upright], strict=True):
            best = np.minimum(best, offset - nx * x - ny * y)
        return best

    @cached_property
    def girdles(self) -> tuple[tuple[Array, Array], ...]:
        """(normals (k, 2), offsets (k,)) of each convex figure that the girdle is made of: one, or a heart's halves."""
        upright = np.abs(self.solid.normals[:, 2]) < _UPRIGHT
        normals, offsets = self.solid.normals[upright, :2], self.solid.offsets[upright]
        if not self.solid.mirrored:
            return ((normals, offsets),)
        right, bound = np.concatenate([normals, [[-1.0, 0.0]]]), np.append(offsets, 0.0)
        return ((right, bound), (right * [-1.0, 1.0], bound))

    def reach(self, ways: Array, heights: Array) -> Array:
        """(a, h) distance from the axis to the stone's surface along level ways (a, 2) at heights (h,); 0 beyond it."""
        pace = self.solid.normals[:, :2] @ np.stack([self.own_side(ways[:, 0]), ways[:, 1]])
        room = self.solid.offsets[:, None] - self.solid.normals[:, 2:] * heights[None, :]
        ahead = np.full((len(ways), len(heights)), np.inf)
        for k in range(len(room)):
            out = pace[k] > 1e-9
            ahead[out] = np.minimum(ahead[out], room[k][None, :] / pace[k][out, None])
        ahead[:, (heights > self.table_mm) | (heights < -self.stone.pavilion_depth_mm)] = 0.0
        return np.asarray(np.maximum(ahead, 0.0))

    def crown_height(self, x: Array, y: Array) -> Array:
        """Height of the crown's surface over points inside the girdle, mm."""
        up = self.solid.normals[:, 2] > _UPRIGHT
        best = np.full(np.shape(x), np.inf)
        x = self.own_side(x)
        for (nx, ny, nz), offset in zip(self.solid.normals[up], self.solid.offsets[up], strict=True):
            best = np.minimum(best, (offset - nx * x - ny * y) / nz)
        return best

    @cached_property
    def _places(self) -> tuple[Array, Array]:
        positions = np.array(self.outline.positions(_OUTLINE_CHORD_MM))
        # a straight side has but its ends: fill it
        filled = np.concatenate([np.linspace(a, b, 33)[:-1] if abs(b - a) >= 0.2 else [a] for a, b in zip(
            positions, np.append(positions[1:], len(self.outline.segments)), strict=True)])  # fmt: skip
        return filled, np.array([self.outline.at(float(p)) for p in filled])

    def place_at(self, x: float, y: float) -> GirdlePlace:
        """The place on the girdle nearest to a point."""
        positions, points = self._places
        best = int(np.hypot(points[:, 0] - x, points[:, 1] - y).argmin())
        inside = float(positions[best])
        # beside a joint the nearer side's own normal, not the mean of both
        if inside == math.floor(inside):
            inside = min(((inside + d) % len(self.outline.segments) for d in (1e-6, -1e-6)),
                         key=lambda p: math.dist(self.outline.at(p), (x, y)))  # fmt: skip
        return girdle_place(self.outline, inside)

    def profile(self, place: GirdlePlace) -> PlaceProfile:
        """The stone's section square to its girdle at a place."""
        low = _NOTCH_SHARE * self.stone.width_mm
        below = float(reach_along(self.solid, place, np.array([-low]))[0])
        radius = min(place.radius_mm, STRAIGHT_RADIUS_MM)
        run = crown_run_mm(self.solid, place, self.girdle_mm, self.stone.crown_height_mm)
        return PlaceProfile(
            radius_mm=radius,
            girdle_mm=self.girdle_mm,
            pavilion_angle_deg=math.degrees(math.atan2(low, -below)),
            crown_angle_deg=math.degrees(math.atan2(self.stone.crown_height_mm, run)),
            crown_height_mm=self.stone.crown_height_mm,
            pavilion_depth_mm=self.stone.pavilion_depth_mm,
            table_radius_mm=radius - run,
            body=self,
            place=place,
        )


@dataclass(frozen=True)
class PlaceProfile(StoneProfile):
    """Section of a stone square to its girdle at one place; radii count from the outline's centre of curvature."""

    body: FancyBody
    place: GirdlePlace

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of curvature, in the stone's frame."""
        turn = self.place.azimuth_rad
        return (
            self.place.point[0] - self.radius_mm * math.cos(turn),
            self.place.point[1] - self.radius_mm * math.sin(turn),
        )

    def radius_at(self, height_mm: Array) -> Array:
        """Of the true facets, along the outline's normal."""
        reach = reach_along(self.body.solid, self.place, np.asarray(height_mm, dtype=np.float64))
        return np.asarray(np.maximum(self.radius_mm + np.where(np.isfinite(reach), reach, -np.inf), 0.0))
