"""Section of a bezel in a plane through its axis: collar, cup and foot outside, seat and light inside. Numbers only."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Bezel, CenterStone
from ringcad.stones.girdles import pavilion_rise

Array = NDArray[np.float64]
Point = tuple[float, float]
#: A line (two points) or an arc (three) of (radius, z), mm.
Curve = list[Point]

#: Rounding of the foot's lower edge and of the bend from collar to cup, mm.
FOOT_ROUND_MM, _BEND_MM = 0.25, 3.0
#: How far the cutter overruns the lip and the bore, mm.
_OVER_MM, _THROUGH_MM = 1.0, 1.5


def collar_radius(bezel: Bezel, stone: CenterStone, z: float) -> float:
    """Radius of the collar's outside at a height, without the rounding of its edge."""
    beside = 0.5 * stone.diameter_mm + bezel.girdle_clearance_mm + bezel.wall_thickness_mm
    return beside + (z - bezel.girdle_z_mm) * math.tan(math.radians(bezel.taper_deg))


def outside(bezel: Bezel, stone: CenterStone, lift_mm: float = 0.0) -> list[Curve]:
    """Closed section of the bezel before its seat is cut, from the axis at the foot round to the axis at the top.

    Where the wall is decorated its curves end at the band's borders, and a lift (of no account on metal) stretches
    what lies below, so that the borders stay where they are.
    """
    curves = plain(bezel, stone)
    band = bezel.band
    if band is None:
        return [[(r, z + lift_mm) for r, z in curve] for curve in curves]
    # the foot's rounding to the lip's edge rise all the way
    flank = [piece for curve in curves[1:-2] for piece in _split(curve, (band.low_z_mm, band.high_z_mm))]
    deep = band.low_z_mm - bezel.foot_z_mm

    def lifted(point: Point) -> Point:
        return point[0], point[1] + lift_mm * min(max((band.low_z_mm - point[1]) / deep, 0.0), 1.0)

    return [[lifted(point) for point in curve] for curve in (curves[0], *flank, *curves[-2:])]


def plain(bezel: Bezel, stone: CenterStone) -> list[Curve]:
    """The section of a bezel without decoration, closed, from the axis at the foot."""
    low, high = bezel.foot_z_mm, bezel.top_z_mm
    corners = [
        (0.0, low),
        (bezel.foot_radius_mm, low),
        (collar_radius(bezel, stone, bezel.collar_bottom_z_mm), bezel.collar_bottom_z_mm),
        (collar_radius(bezel, stone, high), high),
        (0.0, high),
    ]
    return filleted(corners, [0.0, FOOT_ROUND_MM, _BEND_MM, bezel.edge_radius_mm, 0.0])


def _split(curve: Curve, heights: tuple[float, ...]) -> list[Curve]:
    """A rising curve in pieces that meet at the heights inside it."""
    points = np.array(curve)
    shape = _arc if len(curve) == 3 else _line
    shares = [0.0]
    for height in sorted(heights):
        if points[0, 1] + 1e-6 < height < points[-1, 1] - 1e-6:
            low, high = shares[-1], 1.0
            for _ in range(60):
                middle = 0.5 * (low + high)
                above = shape(points, np.array([middle]))[0, 1] > height
                low, high = (low, middle) if above else (middle, high)
            shares.append(0.5 * (low + high))
    shares.append(1.0)
    pieces = []
    for first, last in pairwise(shares):
        at = np.linspace(first, last, len(curve))
        pieces.append([_pair(point) for point in shape(points, at)])
    return pieces


def filleted(corners: list[Point], radii: list[float]) -> list[Curve]:
    """A closed polygon with each corner rounded by its radius, at most what 0.45 of its shorter side holds."""
    points = np.array(corners)
    starts, ends, arcs = [], [], []
    for before, corner, after, wanted in zip(
        np.roll(points, 1, axis=0), points, np.roll(points, -1, axis=0), radii, strict=True
    ):
        a, b = before - corner, after - corner
        la, lb = float(np.hypot(*a)), float(np.hypot(*b))
        a, b = a / la, b / lb
        half = 0.5 * math.acos(float(np.clip(a @ b, -1.0, 1.0)))
        back = min(wanted / math.tan(half), 0.45 * min(la, lb))
        radius = back * math.tan(half)
        middle = corner + (a + b) / np.hypot(*(a + b)) * (radius / math.sin(half) - radius)
        starts.append(corner + back * a)
        ends.append(corner + back * b)
        arcs.append(middle if wanted > 0.0 else None)
    curves: list[Curve] = []
    for k, arc in enumerate(arcs):
        if arc is not None:
            curves.append([_pair(starts[k]), _pair(arc), _pair(ends[k])])
        curves.append([_pair(ends[k]), _pair(starts[(k + 1) % len(arcs)])])
    return curves


def _pair(point: Array) -> Point:
    return float(point[0]), float(point[1])


def inside(bezel: Bezel, stone: CenterStone, bore_radius_mm: float) -> list[Point]:
    """What is cut from the bezel and the shank under it: (radius, z) of opening, bearing, relief, floor, hole.

    The bearing runs along the pavilion through the girdle's lower edge, on to the opening.
    """
    radius, play = 0.5 * stone.diameter_mm, bezel.girdle_clearance_mm
    slope = pavilion_rise(stone)
    ledge = (radius - bezel.ledge_mm, bezel.girdle_z_mm - bezel.ledge_mm * slope)
    steep = math.tan(math.radians(bezel.relief_deg))
    light, wide = bezel.light_radius_mm, bezel.light_radius_bore_mm
    at_floor = ledge[0] - (ledge[1] - bezel.floor_z_mm) / steep
    low = bore_radius_mm - _THROUGH_MM
    # the hole's taper is reached at the bore and kept below it
    well = [(0.0, low), (wide, low), (wide, bore_radius_mm - 0.2)]
    if at_floor > light + 1e-3:
        well += [(light, bezel.floor_z_mm), (at_floor, bezel.floor_z_mm)]
    else:
        well += [(light, ledge[1] - (ledge[0] - light) * steep)]
    top = bezel.top_z_mm + _OVER_MM
    return [*well, ledge, (radius + play, bezel.girdle_z_mm + play * slope), (radius + play, top), (0.0, top)]


def along(curve: Curve, share: Array) -> Array:
    """(n, 2) points at shares of the way along a curve."""
    points = np.array(curve)
    return _arc(points, share) if len(curve) == 3 else _line(points, share)


def outline(bezel: Bezel, stone: CenterStone, samples: int = 9) -> Array:
    """Points (n, 2) of (radius, z) along the plain outside from the foot's edge to the lip's top."""
    share = np.linspace(0.0, 1.0, samples)
    found: list[Array] = []
    for curve in plain(bezel, stone)[1:-2]:  # from the foot's rounding to that of the lip's edge
        points = along(curve, share)
        found.append(points[1:] if found else points)
    return np.concatenate(found)


def band_outline(bezel: Bezel, stone: CenterStone, samples: int = 65) -> Array:
    """Points (n, 2) of (radius, z) of the decorated stretch of the plain outside, from its lower border to its upper.

    Raises :class:`ValueError` for a bezel without one.
    """
    if bezel.band is None:
        raise ValueError("the bezel's wall is not decorated")
    low, high = bezel.band.low_z_mm - 1e-9, bezel.band.high_z_mm + 1e-9
    share = np.linspace(0.0, 1.0, samples)
    found: list[Array] = []
    for curve in outside(bezel, stone)[1:-2]:
        if low <= curve[0][1] and curve[-1][1] <= high:
            points = along(curve, share)
            found.append(points[1:] if found else points)
    return np.concatenate(found)


def inner_slabs(bezel: Bezel, stone: CenterStone, bore_radius_mm: float) -> list[tuple[Point, Point]]:
    """What is cut from the bezel as cones between two heights, each by its lower and its upper (radius, z)."""
    corners = inside(bezel, stone, bore_radius_mm)[1:-1]
    return [(low, high) for low, high in pairwise(corners) if high[1] > low[1] + 1e-9]


def wall_at_mm(points: Array, slabs: list[tuple[Point, Point]]) -> Array:
    """Distance of points (n, 2) of (radius, z) outside from what is cut inside, mm."""
    found = np.full(len(points), np.inf)
    for low, high in slabs:
        a, b = np.array(low), np.array(high)
        share = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
        found = np.minimum(found, np.linalg.norm(points - a - share[:, None] * (b - a), axis=1))
    return found


def _line(curve: Array, share: Array) -> Array:
    return np.asarray(curve[0] + share[:, None] * (curve[1] - curve[0]))


def _arc(curve: Array, share: Array) -> Array:
    """Points on the circle through three points, from the first to the last."""
    first, middle, last = curve
    matrix = 2.0 * np.array([middle - first, last - first])
    centre = np.linalg.solve(matrix, [middle @ middle - first @ first, last @ last - first @ first])
    a, b = first - centre, last - centre
    turn = math.atan2(a[0] * b[1] - a[1] * b[0], float(a @ b))
    cos, sin = np.cos(turn * share), np.sin(turn * share)
    return np.asarray(centre + np.stack([cos * a[0] - sin * a[1], sin * a[0] + cos * a[1]], axis=1))


def lip_thickness_mm(bezel: Bezel, stone: CenterStone) -> float:
    """Metal outside the opening half way up the lip, the rounding of its edge taken off."""
    z = bezel.girdle_z_mm + stone.girdle_mm + 0.5 * bezel.lip_height_mm
    points = outline(bezel, stone, 65)
    upper = points[points[:, 1] > bezel.girdle_z_mm]
    return float(np.interp(z, upper[:, 1], upper[:, 0])) - 0.5 * stone.diameter_mm - bezel.girdle_clearance_mm


def thinnest_mm(bezel: Bezel, stone: CenterStone, bore_radius_mm: float) -> tuple[float, Point]:
    """Least distance of the cup's outside from seat, relief and hole below the girdle, and where on the outside, mm."""
    outer = outline(bezel, stone, 33)
    outer = outer[outer[:, 1] <= bezel.girdle_z_mm]
    corners = np.array(inside(bezel, stone, bore_radius_mm)[2:-2])
    inner = np.concatenate([_line(corners[k : k + 2], np.linspace(0.0, 1.0, 33)) for k in range(len(corners) - 1)])
    # below the foot the shank carries the rim of the hole
    inner = inner[inner[:, 1] >= bezel.foot_z_mm]
    apart = np.linalg.norm(outer[:, None] - inner[None], axis=2)
    least = apart.min(axis=1)
    place = int(np.argmin(least))
    return float(least[place]), _pair(outer[place])
