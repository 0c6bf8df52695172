"""Planes of the facets of a cut, from its outline and heights.

Everything is built round the axis through the origin, where table and pavilion converge. A plane is kept as
a row ``(nx, ny, nz, offset)`` with ``n . p <= offset`` inside.

* Brilliants follow the round brilliant's recipe (:mod:`ringcad.seats.brilliant`) on any outline: a kite through the
  girdle along the outline's tangent and the table corner; stars through two table corners and the place where two
  kites meet, :data:`STAR_DROP` of the crown down; upper halves through that place and the girdle; the same below.
* Step cuts have three tiers above and three below, each parallel to its side of the outline, all sides inset alike.
* A princess's pavilion has chevrons: planes through a corner of the girdle and two points of the side's middle line.
* A radiant has a stepped crown and, below, planes that run to the culet with a break.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.stones.outline import Line, Outline

FloatArray = NDArray[np.float64]
Point3 = tuple[float, float, float]

#: How far down the crown the tips of the stars lie: (cos 22.5 (t cos 22.5 + 1) / 2 - t) / (1 - t) of the round
#: reference stone (table 0.57, star length 50 %).
STAR_DROP = 0.314
#: How far up from the culet the keel points of the lower halves lie: 20 % of the radius times cos 22.5 (lower half
#: length 80 %).
KEEL_RISE = 0.185
#: Crown tiers of a step cut: share of the inset and of the height, girdle to table; steepest at the girdle.
STEP_CROWN = ((0.0, 0.0), (0.26, 0.40), (0.60, 0.74), (1.0, 1.0))
#: Pavilion tiers of a step cut: share of the half width and of the depth, girdle to keel.
STEP_PAVILION = ((0.0, 0.0), (0.24, 0.32), (0.58, 0.68), (1.0, 1.0))
#: Middle line of a princess's pavilion: share of the half side that is left, share of the depth.
PRINCESS_MIDDLE = ((1.0, 0.0), (0.86, 0.34), (0.62, 0.64), (0.34, 0.86), (0.0, 1.0))
#: Breaks of a radiant's pavilion: share of the outline that is left, share of the depth.
RADIANT_PAVILION = ((1.0, 0.0), (0.78, 0.28), (0.42, 0.66), (0.0, 1.0))


@dataclass(frozen=True)
class Heights:
    """Table share (of the width) and heights in mm of a stone whose girdle's lower edge lies at z = 0."""

    table_share: float
    girdle_mm: float
    crown_mm: float
    pavilion_mm: float

    @property
    def top_mm(self) -> float:
        """Height of the table."""
        return self.girdle_mm + self.crown_mm


#: Running positions of the kites on the outline's segments; the halves meet the girdle half way between.
MAINS: dict[str, tuple[float, ...]] = {
    "round": tuple(0.5 * k for k in range(8)),
    "oval": tuple(0.5 * k for k in range(8)),
    "cushion": tuple(1.5 * k for k in range(8)),
    "pear": (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5),
    "marquise": tuple(0.25 * k for k in range(8)),
    "trillion": tuple(k + share for k in range(3) for share in (0.0, 1.0 / 3.0, 2.0 / 3.0)),
    # the right half of a heart: from the point up the flank and round the lobe to the cleft
    "heart": (0.0, 0.5, 1.0, 1.0 + 1.0 / 3.0, 1.0 + 2.0 / 3.0, 2.0),
}


def plane_through(a: Point3, b: Point3, c: Point3) -> tuple[float, float, float, float]:
    """Plane through three points, unit normal; the origin's side is inside.

    Raises ``ValueError`` for points in a line and for a plane through the origin.
    """
    first, second = np.subtract(b, a), np.subtract(c, a)
    normal = np.cross(first, second)
    length = float(np.linalg.norm(normal))
    if length <= 1e-12:
        raise ValueError("three points of a facet lie in one line")
    normal = normal / length
    offset = float(normal @ np.asarray(a))
    if offset < 0.0:
        normal, offset = -normal, -offset
    if offset <= 1e-12:
        raise ValueError("a facet runs through the middle of the stone")
    return (float(normal[0]), float(normal[1]), float(normal[2]), offset)


def girdle_planes(outline: Outline, chord_mm: float) -> list[tuple[float, float, float, float]]:
    """Upright planes through neighbouring points of the outline."""
    points = outline.points(chord_mm)
    rows = []
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        length = math.hypot(x1 - x0, y1 - y0)
        nx, ny = (y1 - y0) / length, (x0 - x1) / length
        rows.append((nx, ny, 0.0, nx * x0 + ny * y0))
    return rows


def _level(z: float) -> tuple[float, float, float, float]:
    """The table, or a culet below."""
    return (0.0, 0.0, math.copysign(1.0, z), abs(z))


def brilliant_planes(
    outline: Outline,
    positions: tuple[float, ...],
    heights: Heights,
    closed: bool = True,
    halves: tuple[float, ...] | None = None,
) -> list[tuple[float, float, float, float]]:
    """Crown and pavilion of a brilliant without its girdle; ``closed``: the kites run all round.

    ``halves``: where two half facets meet the girdle after each kite, half way between kites when not said.

    Those of a half (not ``closed``) end at the plane x = 0: the first is square to it, as the point of the whole has
    one kite; the last looks along the outline's own normal, as a cleft has two.
    """
    top, girdle, deep = heights.top_mm, heights.girdle_mm, heights.pavilion_mm
    share = heights.table_share
    mains = [(outline.at(p), outline.normal_at(p)) for p in positions]
    if not closed:
        tx, ty = outline.segments[math.ceil(positions[-1]) - 1].tangent(1.0)
        mains[0], mains[-1] = (mains[0][0], (0.0, -1.0)), (mains[-1][0], (ty, -tx))
    rows = [_level(top)]
    crown, pavilion = [], []
    for (x, y), (nx, ny) in mains:
        along = (x - ny, y + nx)
        crown.append(plane_through((x, y, girdle), (*along, girdle), (share * x, share * y, top)))
        pavilion.append(plane_through((x, y, 0.0), (*along, 0.0), (0.0, 0.0, -deep)))
    rows += crown + pavilion
    star_z, keel_z = top - STAR_DROP * heights.crown_mm, -deep * (1.0 - KEEL_RISE)
    count = len(mains)
    middles = between(positions, len(outline.segments)) if halves is None else halves
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        (x0, y0), (x1, y1) = mains[i][0], mains[j][0]
        qx, qy = outline.at(middles[i])
        star, keel = _meet(crown[i], crown[j], star_z), _meet(pavilion[i], pavilion[j], keel_z)
        if star is not None:
            rows.append(plane_through((share * x0, share * y0, top), (share * x1, share * y1, top), star))
            rows += [plane_through((x, y, girdle), (qx, qy, girdle), star) for x, y in ((x0, y0), (x1, y1))]
        if keel is not None:
            rows += [plane_through((x, y, 0.0), (qx, qy, 0.0), keel) for x, y in ((x0, y0), (x1, y1))]
    return rows


def between(positions: tuple[float, ...], segments: int) -> tuple[float, ...]:
    """Running positions half way from each to the next, round an outline of so many segments."""
    return tuple(0.5 * (a + b) for a, b in zip(positions, (*positions[1:], positions[0] + segments), strict=True))


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float], z: float) -> Point3 | None:
    """Where two facets and a level meet; ``None`` when the facets are parallel in plan."""
    determinant = a[0] * b[1] - a[1] * b[0]
    if abs(determinant) < 1e-6:
        return None
    p, q = a[3] - a[2] * z, b[3] - b[2] * z
    return ((p * b[1] - q * a[1]) / determinant, (a[0] * q - b[0] * p) / determinant, z)


def _sides(outline: Outline) -> list[tuple[float, float, float]]:
    """Outward normal and distance from the axis of every straight side."""
    found = []
    for segment in outline.segments:
        assert isinstance(segment, Line)
        tx, ty = segment.tangent(0.0)
        found.append((ty, -tx, ty * segment.start[0] - tx * segment.start[1]))
    return found


def _tier(
    nx: float, ny: float, outer: float, outer_z: float, inner: float, inner_z: float
) -> tuple[float, float, float, float]:
    """Facet across a side: through distance ``outer`` at one height and ``inner`` at the other."""
    rise, run = abs(inner_z - outer_z), outer - inner
    length = math.hypot(rise, run)
    up = math.copysign(run / length, inner_z - outer_z)
    out = rise / length
    return (nx * out, ny * out, up, out * outer + up * outer_z)


def step_crown(outline: Outline, width_mm: float, heights: Heights) -> list[tuple[float, float, float, float]]:
    """Table and three tiers, every side inset alike."""
    inset = 0.5 * width_mm * (1.0 - heights.table_share)
    rows = [_level(heights.top_mm)]
    for nx, ny, distance in _sides(outline):
        for (a, za), (b, zb) in itertools.pairwise(STEP_CROWN):
            z = [heights.girdle_mm + share * heights.crown_mm for share in (za, zb)]
            rows.append(_tier(nx, ny, distance - a * inset, z[0], distance - b * inset, z[1]))
    return rows


def step_pavilion(outline: Outline, width_mm: float, heights: Heights) -> list[tuple[float, float, float, float]]:
    """Three tiers that meet in a keel, every side inset alike."""
    rows = []
    for nx, ny, distance in _sides(outline):
        for (a, za), (b, zb) in itertools.pairwise(STEP_PAVILION):
            inset = 0.5 * width_mm
            rows.append(
                _tier(
                    nx, ny, distance - a * inset, -za * heights.pavilion_mm,
                    distance - b * inset, -zb * heights.pavilion_mm,
                )
            )  # fmt: skip
    return rows


def princess_pavilion(outline: Outline, heights: Heights) -> list[tuple[float, float, float, float]]:
    """Chevrons on both halves of every side."""
    rows = []
    for segment in outline.segments:
        mx, my = segment.point(0.5)
        middle = [(share * mx, share * my, -z * heights.pavilion_mm) for share, z in PRINCESS_MIDDLE]
        for corner in (segment.start, segment.end):
            for a, b in itertools.pairwise(middle[1:]):
                rows.append(plane_through((corner[0], corner[1], 0.0), a, b))
        tx, ty = segment.tangent(0.5)
        rows.append(_tier(ty, -tx, ty * mx - tx * my, 0.0, PRINCESS_MIDDLE[1][0] * (ty * mx - tx * my), middle[1][2]))
    return rows


def radiant_pavilion(outline: Outline, heights: Heights) -> list[tuple[float, float, float, float]]:
    """Facets that run to the culet with two breaks, on sides and corners alike."""
    rows = []
    for nx, ny, distance in _sides(outline):
        for (a, za), (b, zb) in itertools.pairwise(RADIANT_PAVILION):
            rows.append(_tier(nx, ny, a * distance, -za * heights.pavilion_mm, b * distance, -zb * heights.pavilion_mm))
    return rows


def dome_facets(outline: Outline, height_mm: float, girdle_mm: float, rings: int, around: int) -> list[FloatArray]:
    """A cabochon: flat base at z = 0, upright rim of ``girdle_mm``, half an ellipsoid inscribed with trapezia.

    The trapezia are planar: their parallel sides are chords over the same parameters of two similar ellipses.
    """
    x0, y0, x1, y1 = outline.bounds_mm
    turns = np.arange(around) * math.tau / around
    circle = np.column_stack([0.5 * (x1 - x0) * np.cos(turns), 0.5 * (y1 - y0) * np.sin(turns)])
    lifts = np.linspace(0.0, 0.5 * math.pi, rings + 1)[:-1]
    dome = height_mm - girdle_mm
    levels = [np.column_stack([circle, np.zeros(around)])]
    levels += [np.column_stack([circle * math.cos(a), np.full(around, girdle_mm + dome * math.sin(a))]) for a in lifts]
    faces: list[FloatArray] = [levels[0][::-1].copy()]
    for low, high in itertools.pairwise(levels):
        if float(high[0, 2]) > float(low[0, 2]):
            for k in range(around):
                j = (k + 1) % around
                faces.append(np.array([low[k], low[j], high[j], high[k]]))
    summit = np.array([0.0, 0.0, height_mm])
    faces += [np.array([levels[-1][k], levels[-1][(k + 1) % around], summit]) for k in range(around)]
    return faces
