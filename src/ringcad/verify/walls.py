"""Wall thickness by class of site on any closed mesh (no numbers of the ring needed).

Two methods at every surface sample:

* rays into the metal: ``ray`` along the inward normal, and ``ball``, a cone of rays round it. A ball through the
  sample with inward normal n that touches the surface at q has the diameter
  |q - p|^2 / (n . (q - p)) = t / cos(theta), t the length of the ray and theta its angle from n;
  touching points more than 120 degrees apart on the ball lie within theta = 30 degrees, so a cone of
  rays finds the ball between the sides of every wall and no plain convex edge of 60 degrees or more;
* balls by distances alone (:mod:`ringcad.verify.balls`): ``inscribed``, and how deep the sample lies below the
  openings by balls of the wall's and of the detail's limit.

What either method finds thinner than the wall limit is sorted by the shape it belongs to:

* a convex edge whose faces meet at 60 degrees or more: the edge, not a wall (never met in the cone);
* faces that run together at 20 to 60 degrees and meet where they point to: a feather edge (where
  they end blunt long before, as on the flank of a flattened bar: an edge);
* a residue of the opening by the wall ball that stands on a base at least twice as wide, no more
  than the profile's maximum relief from there to where it ends: supported detail;
* what the wall ball leaves further than its radius, with no two faces opposed: a point or feather edge;
* a bar thin both ways, on no base: free wire, which has a limit of its own;
* anything else: structural wall.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.balls import read_balls
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.points import PointGrid
from ringcad.verify.rays import RayCaster
from ringcad.verify.report import WALL_CLASSES, WallClass, WallSamples

Array = NDArray[Any]

_CONE: tuple[tuple[float, int], ...] = ((12.0, 5), (22.0, 7), (29.0, 9))
"""Rings of the ray cone: half angle in degrees, number of rays."""
_OPPOSED = -0.53
"""Cosine of 122 degrees: normals this far apart face each other; those of an edge of 60 degrees do not."""
_POINTED = 1.2
"""Radii below the opening at the crest of an edge of 54 degrees; one of 60 lies one radius deep."""
_PARALLEL = -float(np.cos(np.radians(20.0)))
"""Faces within 20 degrees of parallel bound a wall; a castable taper is a few degrees."""
_CELL_MM = 0.3
_MOST_EXTRA = 3000
"""Triangles with a short inward ray that are looked at beside the even samples: one in each cell."""
_AT_ONCE = 512
"""Samples handled together, with all of their rays."""
_AROUND = 8
"""Directions square to the thin way in which a base is looked for."""
_STEPS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of the maximum relief at which the base's width is measured."""
_HEIGHT_SLACK_MM = 0.1
"""Directions and steps are coarse: detail may measure higher than it is by this."""
_BASE_RATIO = 2.0
_WIRE_RATIO = 1.5
"""A bar is a wire when its second thickness is below this many times the wire's limit."""


@dataclass(frozen=True)
class WallLimits:
    """Lengths in mm, of the foundry profile."""

    wall_min_mm: float
    detail_min_mm: float
    relief_max_mm: float
    free_wire_min_mm: float = 0.0


@dataclass(frozen=True)
class WallMap:
    """Wall samples of a mesh; arrays of shape (k,) unless named otherwise.

    Attributes
    ----------
    points, normals : (k, 3)
    area_mm2 : surface that each sample stands for
    limit_mm : wall limit at the sample
    ray_mm : along the inward normal, ``inf`` where the mesh is open
    cone_mm : diameter of the ball between opposed surfaces by the cone of rays, no less than a ball that holds the
        place
    ball_mm : the less of ``cone_mm`` and ``inscribed_mm``
    inscribed_mm, depth_mm, bare_mm : by balls, see :class:`ringcad.verify.balls.BallReading`
    wall_class : uint8, index into ``WALL_CLASSES``
    """

    points: Array
    normals: Array
    area_mm2: Array
    limit_mm: Array
    ray_mm: Array
    cone_mm: Array
    ball_mm: Array
    inscribed_mm: Array
    depth_mm: Array
    bare_mm: Array
    wall_class: Array

    @property
    def thickness_mm(self) -> Array:
        """The ball's diameter where surfaces are opposed, else the ray."""
        return np.asarray(np.where(np.isfinite(self.ball_mm), self.ball_mm, self.ray_mm))

    def of(self, kind: WallClass) -> Array:
        """(k,) bool."""
        return np.asarray(self.wall_class == WALL_CLASSES.index(kind))

    def minimum(self, kind: WallClass) -> tuple[float, tuple[float, float, float]] | None:
        """Thinnest sample of a class under a limit and its place, or ``None`` when there is none."""
        rows = np.flatnonzero(self.of(kind) & np.isfinite(self.thickness_mm) & (self.limit_mm > 0.0))
        if not len(rows):
            return None
        best = rows[np.argmin(self.thickness_mm[rows])]
        x, y, z = (float(value) for value in self.points[best])
        return float(self.thickness_mm[best]), (x, y, z)

    def samples(self) -> WallSamples:
        """For the heat map."""
        return WallSamples(self.points, self.thickness_mm, self.wall_class)


def sample_surface(mesh: TriangleMesh, count: int) -> tuple[Array, Array]:
    """``count`` points spread evenly by area, the same for the same mesh.

    Returns
    -------
    points : (count, 3), face : (count,)
    """
    total = np.cumsum(mesh.areas)
    at = (np.arange(count) + 0.5) * (total[-1] / count)
    face = np.minimum(np.searchsorted(total, at), len(mesh.faces) - 1)
    # Additive recurrence of the plastic number (Roberts 2018): even in the square, folded to the triangle.
    step = np.arange(1, count + 1)
    u, v = (0.5 + step * 0.7548776662466927) % 1.0, (0.5 + step * 0.5698402909980532) % 1.0
    over = u + v > 1.0
    u, v = np.where(over, 1.0 - u, u), np.where(over, 1.0 - v, v)
    corner = mesh.corners[face]
    points = corner[:, 0] + u[:, None] * (corner[:, 1] - corner[:, 0]) + v[:, None] * (corner[:, 2] - corner[:, 0])
    return points, face


@lru_cache(maxsize=1)
def cone_offsets() -> tuple[Array, Array]:
    """(c, 2) tangential parts and (c,) cosines of the cone's rays; the first is the axis."""
    tangent, cosine = [(0.0, 0.0)], [1.0]
    for k, (angle, number) in enumerate(_CONE):
        for i in range(number):
            turn = 2.0 * np.pi * (i + 0.31 * (k + 1)) / number
            tangent.append((np.sin(np.radians(angle)) * np.cos(turn), np.sin(np.radians(angle)) * np.sin(turn)))
            cosine.append(float(np.cos(np.radians(angle))))
    return np.array(tangent), np.array(cosine)


def frames(normals: Array) -> tuple[Array, Array]:
    """Two unit vectors square to each normal (Duff et al. 2017, continuous but for one pole)."""
    x, y, z = normals.T
    sign = np.where(z >= 0.0, 1.0, -1.0)
    a = -1.0 / (sign + z)
    b = x * y * a
    one = np.stack([1.0 + sign * x * x * a, sign * b, -sign * x], axis=1)
    two = np.stack([b, sign + y * y * a, -y], axis=1)
    return one, two


def measure_walls(
    mesh: TriangleMesh,
    caster: RayCaster,
    limits: WallLimits,
    *,
    samples: int = 12_000,
    margin_mm: float = 0.02,
    local_limit: Callable[[Array], Array] | None = None,
) -> WallMap:
    """Thickness and class at samples of the surface.

    Parameters
    ----------
    mesh : closed and wound outward; elsewhere samples come out as ``open``
    samples : how many; a feature is found when a sample falls on it (area over ``samples``)
    margin_mm : a wall counts as thin below the limit less this (chord and sampling error)
    local_limit : wall limit at given (k, 3) points, in place of ``limits.wall_min_mm``
    """
    points, face, area = wall_samples(mesh, caster, samples, limits.wall_min_mm)
    normals = mesh.normals[face]
    ray, ball, other, opposite = _cone(mesh, caster, points, normals)
    code = {kind: WALL_CLASSES.index(kind) for kind in WALL_CLASSES}
    kind = np.full(len(points), code[WallClass.STRUCTURAL], dtype=np.uint8)
    kind[~np.isfinite(ray)] = code[WallClass.OPEN]
    kind[np.isfinite(ray) & ~np.isfinite(ball)] = code[WallClass.EDGE]
    limit = local_limit(points) if local_limit is not None else np.full(len(points), limits.wall_min_mm)
    reading = read_balls(
        mesh, points, normals, limit, limits.detail_min_mm, margin_mm=margin_mm, relief_mm=limits.relief_max_mm
    )
    # A cone in the corner of a section reads short: a ball that holds the place is the wall there.
    cone = np.maximum(ball, reading.held_mm)
    nearer = reading.inscribed_mm < cone
    ball = np.where(nearer, reading.inscribed_mm, cone)
    other = np.where(nearer[:, None], reading.other, other)
    opposite = np.where(nearer[:, None], reading.opposite, opposite)
    kind[nearer] = code[WallClass.STRUCTURAL]
    # A rail or prong (or a place with a rule of its own) is no free wire.
    own_limit = limit != limits.wall_min_mm
    limit_wire = np.where(own_limit, limit, np.maximum(limit, limits.free_wire_min_mm))
    thin = np.flatnonzero(np.isfinite(ball) & (ball < limit_wire - margin_mm))
    supported, across = _on_base(caster, points[thin], other[thin], limits)
    kind[thin[supported]] = code[WallClass.DETAIL]
    # A drafted ridge has a crest of the least detail's width; what runs to nothing is an edge.
    angled = np.einsum("ij,ij->i", normals[thin], opposite[thin]) > _PARALLEL
    pointed = angled & (~supported | (ball[thin] < 0.5 * limits.detail_min_mm))
    sharp = np.zeros(len(thin), dtype=bool)
    at = np.flatnonzero(pointed)
    sharp[at] = _runs_out(caster, points[thin[at]], other[thin[at]], normals[thin[at]], opposite[thin[at]])
    wire = ~supported & ~own_limit[thin] & (across < _WIRE_RATIO * limit_wire[thin])
    kind[thin[wire]] = code[WallClass.FREE_WIRE]
    kind[thin[pointed]] = code[WallClass.EDGE]
    kind[thin[sharp]] = code[WallClass.FEATHER_EDGE]
    # What the wall ball leaves deeper than any plain edge is pointed; where it leaves no more, the edge is plain.
    deep = (reading.depth_mm > _POINTED * 0.5 * (limit - margin_mm)) & (limit > 0.0)
    kind[deep & (kind == code[WallClass.EDGE])] = code[WallClass.FEATHER_EDGE]
    steep = thin[angled & (kind[thin] == code[WallClass.DETAIL])]
    kind[steep[_beside(points[steep], points[deep], 0.5 * limits.wall_min_mm)]] = code[WallClass.FEATHER_EDGE]
    feather = np.flatnonzero(kind == code[WallClass.FEATHER_EDGE])
    kind[feather[~_beside(points[feather], points[deep], limits.wall_min_mm)]] = code[WallClass.EDGE]
    limit = np.where(kind == code[WallClass.FREE_WIRE], limit_wire, limit)
    return WallMap(
        points, normals, area, limit, ray, cone, ball, reading.inscribed_mm, reading.depth_mm, reading.bare_mm, kind
    )


def _beside(points: Array, others: Array, reach_mm: float) -> NDArray[np.bool_]:
    """Whether each point has one of the others within reach."""
    if not len(points) or not len(others):
        return np.zeros(len(points), dtype=bool)
    nearest, _ = PointGrid(others, reach_mm).least(points, lambda query, point, square: square, reach_mm)
    return np.asarray(np.isfinite(nearest))


def wall_samples(mesh: TriangleMesh, caster: RayCaster, count: int, limit_mm: float) -> tuple[Array, Array, Array]:
    """Samples even by area, and beside them the thinnest triangle of each small cell, so that no sliver is missed.

    Returns
    -------
    points : (k, 3); face : (k,); area : (k,) mm^2 that each stands for, 0 for those beside
    """
    points, face = sample_surface(mesh, count)
    area = np.full(count, float(mesh.areas.sum()) / count)
    length, _ = caster.thickness(mesh.centers, -mesh.normals)
    thin = np.flatnonzero((length < 0.9 * limit_mm) & (mesh.areas > 1e-7))
    thin = thin[np.argsort(length[thin], kind="stable")]
    cell = np.floor(mesh.centers[thin] / _CELL_MM).astype(np.int64)
    _, first = np.unique(cell, axis=0, return_index=True)
    chosen = thin[np.sort(first)[:_MOST_EXTRA]]
    return (
        np.concatenate([points, mesh.centers[chosen]]),
        np.concatenate([face, chosen]),
        np.concatenate([area, np.zeros(len(chosen))]),
    )


def _cone(mesh: TriangleMesh, caster: RayCaster, points: Array, normals: Array) -> tuple[Array, Array, Array, Array]:
    """Ray, ball, the ball's other touching point, and the normal there."""
    parts = [
        _cone_part(mesh, caster, points[i : i + _AT_ONCE], normals[i : i + _AT_ONCE])
        for i in range(0, len(points), _AT_ONCE)
    ]
    ray, ball, other, opposite = (np.concatenate(rows) for rows in zip(*parts, strict=True))
    return ray, ball, other, opposite


def _cone_part(mesh: TriangleMesh, caster: RayCaster, points: Array, normals: Array) -> tuple[Array, ...]:
    tangent, cosine = cone_offsets()
    one, two = frames(normals)
    count, rays = len(points), len(cosine)
    # Sample by sample: rays that start together stay together.
    ways = -cosine[:, None] * normals[:, None] + tangent[:, :1] * one[:, None] + tangent[:, 1:] * two[:, None]
    length, hit = caster.thickness(np.repeat(points, rays, axis=0), ways.reshape(-1, 3))
    length, hit = length.reshape(count, rays), hit.reshape(count, rays)
    there = mesh.normals.take(np.maximum(hit, 0), axis=0)
    facing = np.einsum("krj,kj->kr", there, normals)
    opposed = (hit >= 0) & (facing <= _OPPOSED)
    diameter = np.where(opposed, length / cosine, np.inf)
    best = np.argmin(diameter, axis=1)
    row = np.arange(count)
    ball = diameter[row, best]
    with np.errstate(invalid="ignore"):
        other = points + np.where(np.isfinite(ball), length[row, best], 0.0)[:, None] * ways[row, best]
    return length[:, 0], ball, other, there[row, best]


def _runs_out(caster: RayCaster, points: Array, other: Array, normals: Array, opposite: Array) -> NDArray[np.bool_]:
    """Whether the two faces meet about where they point to; a round or blunt bar ends long before."""
    if not len(points):
        return np.zeros(0, dtype=bool)
    way = normals + opposite
    spread = np.sqrt((way**2).sum(axis=1))  # 2 sin(half the wedge angle)
    way = way / np.maximum(spread, 1e-9)[:, None]
    half = np.clip(0.5 * spread, 1e-6, 1.0)
    apex = 0.5 * np.sqrt(((other - points) ** 2).sum(axis=1)) * np.sqrt(1.0 - half**2) / half
    length, _ = caster.thickness(0.5 * (points + other), way, start_mm=0.0)
    return np.asarray(np.isfinite(length) & (length > 0.6 * apex))


def _on_base(caster: RayCaster, points: Array, other: Array, limits: WallLimits) -> tuple[NDArray[np.bool_], Array]:
    """Thin places that stand on a base twice as wide and end no more than the maximum relief from it.

    The floor between two pits has metal all round: it stands on nothing. Also the least width square to the thin way,
    which tells a wire from a wall.
    """
    count = len(points)
    result = np.zeros(count, dtype=bool)
    if not count:
        return result, np.zeros(0)
    way = other - points
    width = np.sqrt((way**2).sum(axis=1))
    axis = way / np.maximum(width, 1e-12)[:, None]
    middle = 0.5 * (points + other)
    one, two = frames(axis)
    turn = 2.0 * np.pi * (np.arange(_AROUND) + 0.25) / _AROUND
    aside = np.cos(turn)[:, None, None] * one + np.sin(turn)[:, None, None] * two  # (around, count, 3)
    free, _ = caster.first_hit(np.broadcast_to(middle, aside.shape).reshape(-1, 3), aside.reshape(-1, 3))
    free = free.reshape(_AROUND, count)
    for share in _STEPS:
        reach = share * limits.relief_max_mm
        rows = np.flatnonzero(~result)
        ends = np.roll(free[:, rows], _AROUND // 2, axis=0) + reach <= limits.relief_max_mm + _HEIGHT_SLACK_MM
        inside = (free[:, rows] > reach) & ends
        spot, which = np.nonzero(inside)
        if not len(spot):
            continue
        index = rows[which]
        origin = middle[index] + reach * aside[spot, index]
        there = caster.thickness(origin, axis[index], start_mm=0.0)[0]
        back = caster.thickness(origin, -axis[index], start_mm=0.0)[0]
        wide = np.isfinite(there) & np.isfinite(back) & (there + back >= _BASE_RATIO * width[index])
        result[index[wide]] = True
    half = _AROUND // 2
    return result, np.asarray((free[:half] + free[half:]).min(axis=0))
