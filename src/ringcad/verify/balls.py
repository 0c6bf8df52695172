"""The second reading of walls: balls inside the metal, by distances alone (no rays, no neighbourhood of faces).

* ``inscribed``: the largest ball that touches the surface at a sample and holds no point of it. A ball with inward
  normal n at p that also touches q has the diameter |q - p|^2 / (n . (q - p)) (Ma, Bae & Choi 2012, shrinking ball);
  the least over all q near enough is exact, and every q is a point of the surface, so that it never comes out small.
* ``opening``: what balls of the limit cannot reach. A sample's depth is its distance from the nearest such ball.
  Beside a convex edge of interior angle a it is at most r (1 / sin(a / 2) - 1): less than the radius r for every
  plain edge of 60 degrees or more, whatever its faces; walls, wires, ridges and feather edges lie deeper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.points import PointGrid, SurfacePoints, nearest_on_triangles, spread_points

Array = NDArray[Any]

_EDGE_COSINE = 0.5
"""A second touching point within 60 degrees of the inward normal: facets of a blunt edge lie outside."""
_OPPOSED_COSINE = float(np.cos(np.radians(29.0)))
"""Touching points more than 122 degrees apart on the ball: the two sides of a wall, not of an edge of 60 degrees."""
_FACING = -0.53
"""And so are the normals there."""
_REFINEMENTS = 10
_STEPS = 14
_FIRST_STEP_MM = 0.2
_SLACK_MM = 0.006
"""How far a ball may stand out where points of the surface are ``pitch`` apart, and on facets."""

PITCH_SHARE = 0.19
"""Points of the surface lie this share of the limit apart: a ball then stands out by less than a hundredth of it."""
_HELD = 1.3
"""A ball holds what lies within this many radii of its centre: rounded corners of the wall too."""

BALL_ERROR_MM = 0.01
"""Of the inscribed ball's diameter, on calibration bodies."""
DEPTH_ERROR_MM = 0.03
"""Of the depth below the opening, on wedges of known angle."""


@dataclass(frozen=True)
class BallReading:
    """What balls say of samples; arrays (k,).

    Attributes
    ----------
    inscribed_mm : diameter of the largest ball that holds the place, where two sides of a wall face each other
        nearer than the limit; ``inf`` elsewhere
    held_mm : of the largest ball that holds the place, up to a little more than the limit; 0 where none does
    depth_mm : below the opening by balls of the limit, 0 where they reach
    bare_mm : below the opening by balls of the least detail, 0 where they reach
    other, opposite : (k, 3) where the sample's own ball touches the other side, and the normal there
    """

    inscribed_mm: Array
    held_mm: Array
    depth_mm: Array
    bare_mm: Array
    other: Array
    opposite: Array


def read_balls(
    mesh: TriangleMesh,
    points: Array,
    normals: Array,
    limit_mm: Array,
    detail_mm: float,
    *,
    margin_mm: float,
    relief_mm: float,
) -> BallReading:
    """Inscribed balls and both openings at samples.

    Parameters
    ----------
    points, normals : (k, 3) on the surface
    limit_mm : (k,) wall limit, 0 where none holds
    detail_mm : limit of supported detail
    margin_mm : balls are smaller than the limits by this
    relief_mm : greatest height of detail; depths are followed somewhat further
    """
    greatest = float(max(limit_mm.max(initial=0.0), detail_mm))
    surface = spread_points(mesh, PITCH_SHARE * greatest)
    balls = inscribed_balls(mesh, surface, points, normals, 1.05 * greatest)
    depth, bare = np.zeros(len(points)), np.zeros(len(points))
    for limit in np.unique(limit_mm[limit_mm > 0.0]):
        radius = 0.5 * (float(limit) - margin_mm)
        reached = balls.diameter_mm >= 2.0 * radius
        rows = np.flatnonzero(~reached & (limit_mm == limit))
        depth[rows] = opening_depth(
            surface, points, normals, reached, rows, radius, relief_mm + greatest, near_enough_mm=radius
        )
    radius = 0.5 * (detail_mm - margin_mm)
    reached = balls.diameter_mm >= 2.0 * radius
    rows = np.flatnonzero(~reached & (limit_mm > 0.0))
    bare[rows] = opening_depth(
        surface, points, normals, reached, rows, radius, relief_mm + detail_mm, near_enough_mm=radius
    )
    held = _holding(points, normals, balls, 1.05 * greatest)
    inscribed = np.where(balls.opposed, np.maximum(held, balls.diameter_mm), np.inf)
    return BallReading(inscribed, held, depth, bare, balls.other, mesh.normals[np.maximum(balls.face, 0)])


def _holding(points: Array, normals: Array, balls: Balls, most_mm: float) -> Array:
    """Diameter of the largest ball that holds each place, edges beside it included; 0 where none does.

    Balls between two sides and those of the greatest size count; what an edge pushes into a corner does not.
    """
    radius = 0.5 * np.minimum(balls.diameter_mm, most_mm)
    rows = np.flatnonzero(balls.opposed | (balls.diameter_mm >= most_mm))
    if not len(rows):
        return np.zeros(len(points))
    centers = points[rows] - radius[rows, None] * normals[rows]
    size = radius[rows]

    def wider(query: Array, point: Array, gap: Array) -> Array:
        return np.asarray(np.where(gap <= (_HELD * size[point]) ** 2, -2.0 * size[point], 0.0))

    thin = np.flatnonzero(balls.diameter_mm < most_mm)
    found = np.full(len(points), most_mm)
    best, _ = PointGrid(centers, 0.3).least(points[thin], wider, _HELD * float(size.max()))
    found[thin] = np.where(np.isfinite(best), -best, 0.0)
    return found


@dataclass(frozen=True)
class Balls:
    """Inscribed balls at samples; arrays (k,).

    Attributes
    ----------
    diameter_mm : of the largest ball up to the greatest that was asked for, ``inf`` beyond
    opposed : whether it touches two sides of a wall (more than 120 degrees apart)
    other, face : (k, 3), (k,) int, the second touching point and its face; NaN and -1 where there is none
    """

    diameter_mm: Array
    opposed: Array
    other: Array
    face: Array


def inscribed_balls(
    mesh: TriangleMesh, surface: SurfacePoints, points: Array, normals: Array, most_mm: float, *, turned: bool = False
) -> Balls:
    """Largest balls that touch ``points`` from the side that ``normals`` look away from.

    Parameters
    ----------
    points, normals : (k, 3), on the surface; unit outward normals
    most_mm : diameters up to this are found
    turned : the normals are those of the faces turned round: balls in the air
    """
    radius = 0.5 * most_mm
    found, nearest = surface.grid.least(points - radius * normals, _touches(surface, points, normals), radius)
    rows = np.flatnonzero(np.isfinite(found))
    other, face = np.full(points.shape, np.nan), np.full(len(points), -1, dtype=np.int64)
    other[rows], face[rows] = surface.points[nearest[rows]], surface.face[nearest[rows]]
    _settle(mesh, points, normals, found, other, face, rows)
    _look_across(mesh, surface, points, normals, found, other, face, turned)
    rows = np.flatnonzero(np.isfinite(found))
    for last in (False, True):
        _settle(mesh, points, normals, found, other, face, rows)
        if last or not len(rows):
            break
        # another face may touch the shrunken ball first
        size = found[rows]
        again, which = surface.grid.least(
            points[rows] - size[:, None] * normals[rows],
            _touches(surface, points[rows], normals[rows]),
            float(size.max()),
        )
        moved = again < size - 1e-9
        rows, which = rows[moved], which[moved]
        found[rows], other[rows], face[rows] = again[moved], surface.points[which], surface.face[which]
    way = other - points
    with np.errstate(invalid="ignore"):
        cosine = -np.einsum("ij,ij->i", way, normals) / np.sqrt((way**2).sum(axis=1))
    across = mesh.normals[np.maximum(face, 0)] * (-1.0 if turned else 1.0)
    facing = np.einsum("ij,ij->i", across, normals) <= _FACING
    return Balls(2.0 * found, (face >= 0) & facing & (np.nan_to_num(cosine) >= _OPPOSED_COSINE), other, face)


def _look_across(
    mesh: TriangleMesh, surface: SurfacePoints, points: Array, normals: Array, found: Array, other: Array,
    face: Array, turned: bool,
) -> None:  # fmt: skip
    """Faces that look back at a sample from less than the points' pitch, in place: a sheet far thinner than that."""
    ways = mesh.normals[surface.face] * (-1.0 if turned else 1.0)

    def away(query: Array, point: Array, gap: Array) -> Array:
        way = ways[point]
        depth = np.einsum("ij,ij->i", surface.points[point] - points[query], way)
        facing = np.einsum("ij,ij->i", way, normals[query]) <= _FACING
        return np.where(facing & (depth > 0.0), gap, np.inf)

    _, nearest = surface.grid.least(points, away, 1.2 * surface.pitch_mm)
    rows = np.flatnonzero(nearest >= 0)
    there = surface.face[nearest[rows]]
    spot = nearest_on_triangles(points[rows], mesh.corners[there])
    size = _touching(points[rows], normals[rows], spot)
    closer = size < found[rows]
    rows, there, spot = rows[closer], there[closer], spot[closer]
    found[rows], other[rows], face[rows] = size[closer], spot, there


def _touches(surface: SurfacePoints, points: Array, normals: Array) -> Callable[[Array, Array, Array], Array]:
    """Radius of the ball at each of some points that passes through a point of the surface."""

    def radius(query: Array, point: Array, gap: Array) -> Array:
        del gap
        return _touching(points[query], normals[query], surface.points[point])

    return radius


def _settle(
    mesh: TriangleMesh, points: Array, normals: Array, found: Array, other: Array, face: Array, rows: Array
) -> None:
    """Shrink the balls of some rows until they touch the face of their second point, in place."""
    for _ in range(_REFINEMENTS):
        center = points[rows] - found[rows, None] * normals[rows]
        spot = nearest_on_triangles(center, mesh.corners[face[rows]])
        better = _touching(points[rows], normals[rows], spot)
        smaller = better < found[rows] - 1e-7
        rows = rows[smaller]
        if not len(rows):
            return
        found[rows], other[rows] = better[smaller], spot[smaller]


def _touching(points: Array, normals: Array, others: Array) -> Array:
    """Radius of the ball that touches at a point and passes through another; ``inf`` aslant by more than 60 degrees."""
    way = others - points
    square = np.einsum("ij,ij->i", way, way)
    inward = -np.einsum("ij,ij->i", way, normals)
    aside = inward < _EDGE_COSINE * np.sqrt(square)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(aside | (square < 1e-12), np.inf, 0.5 * square / inward)


def opening_depth(
    surface: SurfacePoints,
    points: Array,
    normals: Array,
    reached: Array,
    which: Array,
    radius: float,
    most_mm: float,
    near_enough_mm: float = 0.0,
) -> Array:
    """How deep samples lie below the opening by balls of ``radius``.

    Parameters
    ----------
    points, normals : (k, 3) samples
    reached : (k,) bool, where a ball of the radius touches the sample itself
    which : (n,) int, the samples whose depth is wanted
    most_mm : depths beyond this come out as ``inf``
    near_enough_mm : depths found to be no more than this are not improved on

    Returns
    -------
    depth : (n,) float, mm
    """
    depth = np.full(len(which), np.inf)
    if not len(which) or not reached.any():
        return depth
    centers = (points - radius * normals)[reached]
    grid = PointGrid(centers, max(0.25, 0.5 * radius))
    wanted = points[which]
    gap, nearest = grid.least(wanted, lambda query, point, square: square, radius + most_mm + 0.3)
    rows = np.flatnonzero(np.isfinite(gap))
    if not len(rows):
        return depth
    depth[rows] = np.maximum(np.sqrt(gap[rows]) - radius, 0.0)
    rows = rows[depth[rows] > near_enough_mm]
    distance = _approach(surface, wanted[rows], grid.points[nearest[rows]], radius)
    depth[rows] = np.maximum(distance - radius, 0.0)
    depth[depth > most_mm] = np.inf
    return depth


def _approach(surface: SurfacePoints, wanted: Array, centers: Array, radius: float) -> Array:
    """Distances that are left when centres of balls that fit move towards points as far as they still fit."""
    here = centers.copy()
    distance = np.sqrt(((wanted - here) ** 2).sum(axis=1))
    step = np.full(len(here), _FIRST_STEP_MM)
    going = np.arange(len(here))
    for _ in range(_STEPS):
        going = going[(step[going] > 0.008) & (distance[going] > radius + 0.004)]
        if not len(going):
            break
        way = (wanted[going] - here[going]) / np.maximum(distance[going], 1e-9)[:, None]
        trial = here[going] + step[going, None] * way
        for _ in range(3):
            trial, short = _pushed(surface, trial, radius)
        there = np.sqrt(((wanted[going] - trial) ** 2).sum(axis=1))
        good = (short <= _SLACK_MM) & (there < distance[going] - 1e-4)
        here[going[good]], distance[going[good]] = trial[good], there[good]
        step[going[~good]] *= 0.5
    return np.asarray(distance)


def _pushed(surface: SurfacePoints, centers: Array, radius: float) -> tuple[Array, Array]:
    """Centres moved off the nearest point of the surface until it is ``radius`` away; how much was missing."""
    square, nearest = surface.grid.least(centers, lambda query, point, gap: gap, radius)
    short = np.where(np.isfinite(square), radius - np.sqrt(np.where(np.isfinite(square), square, 0.0)), 0.0)
    rows = np.flatnonzero(short > 0.0)
    moved = centers.copy()
    away = centers[rows] - surface.points[nearest[rows]]
    away /= np.maximum(np.sqrt((away**2).sum(axis=1)), 1e-9)[:, None]
    moved[rows] += short[rows, None] * away
    return moved, short
