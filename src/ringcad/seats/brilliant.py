"""The round brilliant as planar facets: for pictures, weights and collision.

Frame: origin on the stone's axis in the plane of the girdle's LOWER edge (where the pavilion mains start),
+z through the table. The mains (kites and pavilion mains) stand at azimuth 0, 45, 90 ... degrees.

Construction: every facet plane follows from the proportions that a laboratory reports (table, crown angle,
pavilion angle, girdle thickness at the mains, star length 50 %, lower half length 80 %: the GIA weight-ratio
reference stone), as defined in M. Tolkowsky, Diamond Design (1919), and GIA's facet nomenclature:

* a kite passes through its table corner and the girdle's upper edge at its own azimuth;
* the star tip lies on two neighbouring kites, ``star`` of the way in plan from table edge to girdle;
* an upper half passes through the star tip and through the girdle's upper edge at the azimuths on both sides;
* the pavilion side is the same with the keel point at ``lower half`` of the way from girdle to axis.

The halves meet the girdle in scallops: it is thickest at the mains and thinnest half way to the next junction.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.resolved import RoundStone
from ringcad.standards import GRAM_PER_CARAT

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Facets of the girdle; a multiple of 32, so that scallops have a vertex at their thinnest place.
GIRDLE_FACETS = 64

#: GIA weight-ratio reference stone.
STAR_LENGTH = 0.5
LOWER_HALF_LENGTH = 0.8

#: Share of the diameter below which two corners are the same point (rounding is about 1e-16).
_SAME_POINT = 1e-9


def _point(radius: float, azimuth_deg: float, z: float) -> FloatArray:
    angle = math.radians(azimuth_deg)
    return np.array([radius * math.cos(angle), radius * math.sin(angle), z], dtype=np.float64)


def _height_on(a: FloatArray, b: FloatArray, c: FloatArray, x: float, y: float) -> float:
    """z of the plane through three points at (x, y)."""
    normal = np.cross(b - a, c - a)
    return float(a[2] - (normal[0] * (x - a[0]) + normal[1] * (y - a[1])) / normal[2])


def _turned(polygon: FloatArray, degrees: float) -> FloatArray:
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    turned: FloatArray = polygon @ turn.T
    return turned


def _outward(polygon: FloatArray, inside: FloatArray) -> FloatArray:
    """The polygon, counter-clockwise as seen from outside."""
    normal = _newell(polygon)
    flipped = float(normal @ (polygon.mean(axis=0) - inside)) < 0
    return np.ascontiguousarray(polygon[::-1]) if flipped else polygon


def _newell(polygon: FloatArray) -> FloatArray:
    """Area vector of a planar polygon (twice the area along the normal); Newell's method."""
    following = np.roll(polygon, -1, axis=0)
    area: FloatArray = np.cross(polygon, following).sum(axis=0)
    return area


def _scalloped_edge(corner: FloatArray, tip: FloatArray, other: FloatArray, radius: float) -> list[FloatArray]:
    """Points of a half facet's girdle edge from azimuth 0 to 22.5, both ends included.

    ``corner``, ``tip`` and ``other`` span the half's plane; the points lie on the girdle polygon's verticals.
    """
    steps = GIRDLE_FACETS // 16
    azimuths = [22.5 * i / steps for i in range(steps + 1)]
    points = []
    for azimuth in azimuths:
        flat = _point(radius, azimuth, 0.0)
        z = _height_on(corner, tip, other, float(flat[0]), float(flat[1]))
        points.append(np.array([flat[0], flat[1], z]))
    points[0], points[-1] = corner, other
    return points


@lru_cache(maxsize=64)
def _unit_facets(table: float, crown: float, pavilion: float, girdle: float, culet: float) -> tuple[FloatArray, ...]:
    """Facets of a stone of radius 1. Lengths are shares of the radius: table radius, crown height, pavilion
    depth, girdle thickness at the mains, culet radius."""
    crown_slope = crown / (1.0 - table)
    pavilion_slope = pavilion / (1.0 - culet)
    half = math.cos(math.radians(22.5))
    top = girdle + crown

    table_corners = [_point(table, 45.0 * k, top) for k in range(8)]
    star_radius = table * half + STAR_LENGTH * (1.0 - table * half)
    star_tip = _point(star_radius, 22.5, top - crown_slope * (star_radius * half - table))
    upper_main, upper_other = _point(1.0, 0.0, girdle), _point(1.0, 22.5, girdle)
    upper_edge = _scalloped_edge(upper_main, star_tip, upper_other, 1.0)

    keel_radius = max(1.0 - LOWER_HALF_LENGTH, culet * 1.05)
    keel = _point(keel_radius, 22.5, -pavilion_slope * (1.0 - keel_radius * half))
    lower_main, lower_other = _point(1.0, 0.0, 0.0), _point(1.0, 22.5, 0.0)
    lower_edge = _scalloped_edge(lower_main, keel, lower_other, 1.0)

    thinnest = min(float(up[2] - low[2]) for up, low in zip(upper_edge, lower_edge, strict=True))
    if thinnest <= 0.0:
        needed = 50.0 * (girdle - thinnest)
        raise InputError(
            f"a girdle of {50 * girdle:.2f} % at the mains leaves none between them with these angles; "
            f"at least {needed:.2f} % is needed"
        )

    mirror = np.array([1.0, -1.0, 1.0])
    culet_ring = [_point(culet / half, 45.0 * k + 22.5, -pavilion) for k in range(8)]
    inside = np.array([0.0, 0.0, 0.5 * girdle])
    facets: list[FloatArray] = [np.array(table_corners)]
    one_eighth: list[FloatArray] = [
        np.array([table_corners[0], table_corners[1], star_tip]),  # star
        np.array([table_corners[0], star_tip, upper_main, star_tip * mirror]),  # kite
        np.array([star_tip, *upper_edge]),  # upper halves
        np.array([star_tip, *upper_edge]) * mirror,
        np.array([keel, *lower_edge]),  # lower halves
        np.array([keel, *lower_edge]) * mirror,
    ]
    if culet > 0.0:
        main = [lower_main, keel, culet_ring[0], culet_ring[-1], keel * mirror]
    else:
        main = [lower_main, keel, np.array([0.0, 0.0, -pavilion]), keel * mirror]
    one_eighth.append(np.array(main))
    for i in range(len(upper_edge) - 1):
        quad = np.array([lower_edge[i], lower_edge[i + 1], upper_edge[i + 1], upper_edge[i]])
        one_eighth += [quad, quad * mirror]
    facets += [_turned(facet, 45.0 * k) for facet in one_eighth for k in range(8)]
    if culet > 0.0:
        facets.append(np.array(culet_ring))
    return tuple(_outward(facet, inside) for facet in facets)


def facet_polygons(stone: RoundStone) -> list[FloatArray]:
    """Facets of a stone, each ``(n, 3)`` float64 in mm, planar, counter-clockwise from outside.

    Order: table, 8 stars, 8 kites, 16 upper halves, 16 lower halves, 8 pavilion mains, the girdle's
    facets (``GIRDLE_FACETS``), and the culet's if it has one.

    Raises
    ------
    InputError
        The girdle is too thin for planar half facets.
    """
    radius = 0.5 * stone.diameter_mm
    return [facet * radius for facet in _unit_facets(*_ratios(stone))]


def _ratios(stone: RoundStone) -> tuple[float, float, float, float, float]:
    """Table radius, crown, pavilion, girdle and culet radius as shares of the radius.

    Rounded far below any tolerance, so that the same proportions at two sizes share their facets.
    """
    radius = 0.5 * stone.diameter_mm
    return (
        round(stone.table_diameter_mm / stone.diameter_mm, 14),
        round(stone.crown_height_mm / radius, 14),
        round(stone.pavilion_depth_mm / radius, 14),
        round(stone.girdle_mm / radius, 14),
        round(stone.culet_diameter_mm / stone.diameter_mm, 14),
    )


@lru_cache(maxsize=64)
def _unit_volume(table: float, crown: float, pavilion: float, girdle: float, culet: float) -> float:
    """Volume of a stone of radius 1, by the divergence theorem over the facets."""
    return sum(float(p[0] @ _newell(p)) for p in _unit_facets(table, crown, pavilion, girdle, culet)) / 6.0


def facet_planes(stone: RoundStone) -> tuple[FloatArray, FloatArray]:
    """Half-spaces ``normal . p <= offset`` whose intersection is the stone.

    Returns
    -------
    normals : (K, 3) float64, unit, outward
    offsets : (K,) float64, mm
    """
    polygons = facet_polygons(stone)
    areas = np.array([_newell(polygon) for polygon in polygons])
    normals = areas / np.linalg.norm(areas, axis=1, keepdims=True)
    offsets = np.array([float(n @ p.mean(axis=0)) for n, p in zip(normals, polygons, strict=True)])
    return normals, offsets


def mesh(stone: RoundStone) -> tuple[FloatArray, IntArray]:
    """Closed triangle mesh, outward.

    Returns
    -------
    vertices : (V, 3) float64, mm
    triangles : (T, 3) int64
    """
    polygons = facet_polygons(stone)
    points = np.concatenate(polygons)
    # facets meet in the same points up to rounding: the first of each cluster stands for it
    apart = np.linalg.norm(points[:, None, :] - points[None, :, :], axis=2)
    first = np.argmax(apart < _SAME_POINT * stone.diameter_mm, axis=1)
    kept, index = np.unique(first, return_inverse=True)
    triangles: list[tuple[int, int, int]] = []
    start = 0
    for polygon in polygons:
        corners = index[start : start + len(polygon)]
        triangles += [(corners[0], corners[i], corners[i + 1]) for i in range(1, len(corners) - 1)]
        start += len(polygon)
    return points[kept], np.array(triangles, dtype=np.int64)


def volume_mm3(stone: RoundStone) -> float:
    """Volume enclosed by the facets: exact for the polyhedron."""
    return _unit_volume(*_ratios(stone)) * (0.5 * stone.diameter_mm) ** 3


def weight_ct(stone: RoundStone) -> float:
    """Carats = volume x density / 0.2 g, from the facet model (not from a rule of thumb)."""
    return volume_mm3(stone) * stone.density_g_cm3 * 1e-3 / GRAM_PER_CARAT


def diameter_for_weight_mm(stone: RoundStone, carats: float) -> float:
    """Diameter of a stone of the same proportions and material that weighs ``carats``: the cube law."""
    return float(stone.diameter_mm * (carats / weight_ct(stone)) ** (1.0 / 3.0))


def scaled(stone: RoundStone, diameter_mm: float) -> RoundStone:
    """The same proportions at another diameter, weighed anew."""
    factor = diameter_mm / stone.diameter_mm
    lengths = ("table_diameter_mm", "crown_height_mm", "pavilion_depth_mm", "girdle_mm", "culet_diameter_mm")
    update: dict[str, float] = {name: getattr(stone, name) * factor for name in lengths}
    resized = stone.model_copy(update={**update, "diameter_mm": diameter_mm})
    return resized.model_copy(update={"weight_ct": weight_ct(resized)})
