"""Where a stone of any cut is held: places of prongs on its girdle, and its body grown by a clearance. Numbers only."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ringcad.stones.halfspaces import facets
from ringcad.stones.measured import like_ideal
from ringcad.stones.outline import Arc, Outline
from ringcad.stones.stone import CutStone, Solid, solids, without_inner_plane

FloatArray = NDArray[np.float64]
Point = tuple[float, float]

#: Facets whose normal lies flatter than this belong to the girdle.
_UPRIGHT = 1e-6
#: Corners of an outline that are sharper are points: they chip, and want a V prong (GIA benchmark for princess cuts).
POINT_DEG = 120.0
#: Cuts that are alike about the plane across the finger's axis alone, not about the finger's own.
HALF_CUTS = ("pear", "heart", "trillion", "tapered_baguette")
#: A first tier of the pavilion steeper than this leaves a rail no room under its own slope.
STEEPEST_DEG = 60.0
#: How far a half of a heart is grown beyond the other, mm.
OVER_MIRROR_MM = 0.05
#: How far inside the outline a seat rail's middle runs, as a share of the width.
RAIL_SHARE = 0.14
#: A crown's whole slope is at most so much flatter than its first twentieth beside the girdle.
_RUN_MOST = 2.2
#: Running positions of the prongs on the girdle, by cut and count, counter-clockwise from the first quadrant. An
#: oval's four stand at 45 degrees of its ellipse's parameter, a six-prong oval has one at either end; cushions and
#: rectangles are held at their corners (Stuller's and GIA's habit for corners, standards 3.1), large cushions by two
#: prongs at each corner (Stuller: or they turn), marquises at their points and at four places of their flanks. Hearts
#: have a V prong at the point and one on each lobe or, of five, one on each lobe and one half way down each side (trade
#: habit: rockher.com, pobjoydiamonds.com); none stands in the cleft, whose edges chip.
PRONG_POSITIONS: dict[tuple[str, int], tuple[float, ...]] = {
    ("oval", 4): (0.5, 1.5, 2.5, 3.5),
    ("oval", 6): (1.0 / 3.0, 1.0, 5.0 / 3.0, 7.0 / 3.0, 3.0, 11.0 / 3.0),
    ("cushion", 4): (1.5, 4.5, 7.5, 10.5),
    ("cushion", 8): tuple(3.0 * k + share for k in range(4) for share in (1.1, 1.9)),
    ("emerald", 4): (1.5, 3.5, 5.5, 7.5),
    ("asscher", 4): (1.5, 3.5, 5.5, 7.5),
    ("radiant", 4): (1.5, 3.5, 5.5, 7.5),
    ("princess", 4): (1.0, 2.0, 3.0, 0.0),
    ("baguette", 4): (1.0, 2.0, 3.0, 0.0),
    ("marquise", 6): (0.66, 1.0, 1.34, 1.66, 0.0, 0.34),
    ("pear", 5): (1.22, 2.0, 2.78, 0.27, 0.73),
    ("pear", 3): (2.0, 0.24, 0.76),
    ("trillion", 3): (1.0, 2.0, 0.0),
    ("heart", 5): (1.62, 2.38, 3.45, 0.0, 0.55),
    ("heart", 3): (1.45, 2.55, 0.0),
    ("tapered_baguette", 4): (1.0, 2.0, 3.0, 0.0),
}


@dataclass(frozen=True)
class GirdlePlace:
    """A place on the girdle: the point, the outward normal's azimuth from +x, and the outline's radius there, mm.

    ``radius_mm`` is infinite on a straight side and 0 at a point of the stone, whose sides open by ``opening_deg``.
    """

    point: Point
    azimuth_rad: float
    radius_mm: float
    opening_deg: float | None = None


def prong_counts(cut: str) -> tuple[int, ...]:
    """How many prongs a cut can have, the usual number first; empty where none is known."""
    return tuple(count for name, count in PRONG_POSITIONS if name == cut)


def girdle_place(outline: Outline, position: float) -> GirdlePlace:
    """The place at a running position of an outline."""
    nx, ny = outline.normal_at(position)
    index = math.floor(position)
    for corner in outline.corners:
        if corner.position == position and corner.opening_deg < POINT_DEG:
            return GirdlePlace(corner.point, math.atan2(ny, nx) % math.tau, 0.0, corner.opening_deg)
    segment = outline.segments[index % len(outline.segments)]
    radius = math.inf
    if isinstance(segment, Arc):
        angle = segment.start_rad + (position - index) * segment.sweep_rad
        a, b = segment.radius_x_mm, segment.radius_y_mm
        radius = math.hypot(a * math.sin(angle), b * math.cos(angle)) ** 3 / (a * b)
    return GirdlePlace(outline.at(position), math.atan2(ny, nx) % math.tau, radius)


def prong_places(stone: CutStone, count: int) -> tuple[GirdlePlace, ...]:
    """Where the prongs of a cut meet its girdle. Raises ``KeyError`` for a number that the cut does not take."""
    outline, positions = stone.placed_outline, PRONG_POSITIONS[stone.cut, count]
    if stone.outline_mm:  # a measured girdle is held where the ideal one would be, seen from the axis
        positions = like_ideal(outline, ideal(stone).placed_outline, positions)
    return tuple(girdle_place(outline, position) for position in positions)


def ideal(stone: CutStone) -> CutStone:
    """The stone with its cut's own outline in place of a measured one."""
    return replace(stone, outline_mm=()) if stone.outline_mm else stone


def point_sides(outline: Outline, place: GirdlePlace, reach_mm: float) -> tuple[float, float]:
    """(half the opening, azimuth of its middle) of the chords from a point to where its sides are ``reach_mm`` away.

    Radians. Straight sides give the corner's own; bowed ones a sharper angle. Raises ``ValueError`` for a place that is
    no point of the outline.
    """
    corner = next((c for c in outline.corners if math.dist(c.point, place.point) < 1e-9), None)
    if corner is None or place.opening_deg is None:
        raise ValueError("no point of the outline")
    ways = []
    for sense in (1.0, -1.0):
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = 0.5 * (low + high)
            x, y = outline.at(corner.position + sense * middle)
            if math.dist((x, y), corner.point) < reach_mm:
                low = middle
            else:
                high = middle
        x, y = outline.at(corner.position + sense * low)
        ways.append(math.atan2(y - corner.point[1], x - corner.point[0]))
    turn = (ways[1] - ways[0]) % math.tau
    inward = ways[0] + 0.5 * turn
    return 0.5 * turn, (inward + math.pi) % math.tau


def convex_body(stone: CutStone) -> Solid:
    """The stone where it lies in its head, as one convex body with normals of unit length.

    A heart, which is two, is told by its right half (:attr:`~ringcad.stones.stone.Solid.mirrored`).
    """
    found = convex_bodies(stone)
    return found[0] if len(found) == 1 else replace(without_inner_plane(found[0]), mirrored=True)


def convex_bodies(stone: CutStone) -> tuple[Solid, ...]:
    """The convex bodies that make up a stone where it lies in its head: a heart's right and left half, or one."""
    forward = stone.forward_mm
    placed = []
    for body in solids(stone):
        length = np.linalg.norm(body.normals, axis=1)
        normals = body.normals / length[:, None]
        offsets = body.offsets / length
        facet_loops = body.facets
        if forward != 0.0:
            offsets = offsets + forward * normals[:, 1]
            facet_loops = tuple(loop + np.array([0.0, forward, 0.0]) for loop in body.facets)
        placed.append(Solid(normals, offsets, facet_loops))
    return tuple(placed)


def folded(body: Solid, points: FloatArray) -> FloatArray:
    """Points (n, 2 or 3) where a body's planes are asked about them: on the positive side of a half's mirror."""
    if not body.mirrored:
        return points
    right = np.array(points, dtype=np.float64)
    right[:, 0] = np.abs(right[:, 0])
    return right


def whole_facets(body: Solid) -> tuple[FloatArray, ...]:
    """Facets of a body and, of a half, of its mirror image; counter-clockwise from outside."""
    if not body.mirrored:
        return body.facets
    return (*body.facets, *((loop * np.array([-1.0, 1.0, 1.0]))[::-1] for loop in body.facets))


def _on_own_side(body: Solid, place: GirdlePlace) -> GirdlePlace:
    if not body.mirrored or place.point[0] >= 0.0:
        return place
    (x, y), turn = place.point, place.azimuth_rad
    return replace(place, point=(-x, y), azimuth_rad=(math.pi - turn) % math.tau)


def grown(
    body: Solid,
    *,
    girdle_mm: float = 0.0,
    all_mm: float = 0.0,
    cuts: tuple[tuple[float, float, float, float], ...] = (),
    crown: bool = True,
) -> tuple[FloatArray, ...]:
    """Facets of a body whose girdle is moved out by ``girdle_mm`` and all of whose planes by ``all_mm``.

    Crown and pavilion run on to meet the wider girdle. ``cuts`` are further planes (nx, ny, nz, offset); without its
    ``crown`` a body needs one that closes it. A half ends :data:`OVER_MIRROR_MM` beyond its mirror: with its image it
    fills the whole, and what lies at x >= 0 has no face in the mirror.
    """
    upright = np.abs(body.normals[:, 2]) < _UPRIGHT
    kept = upright | (body.normals[:, 2] < 0.0) | crown
    offsets = body.offsets + all_mm + np.where(upright, girdle_mm, 0.0)
    beyond = ((-1.0, 0.0, 0.0, OVER_MIRROR_MM),) if body.mirrored else ()
    more = np.array((*cuts, *beyond), dtype=np.float64).reshape(-1, 4)
    loops = facets(np.concatenate([body.normals[kept], more[:, :3]]), np.concatenate([offsets[kept], more[:, 3]]))
    return tuple(loop for loop in loops if len(loop))


def slope_deg(body: Solid, *, below: bool) -> float:
    """Steepest slope from the girdle's plane among the facets that meet the girdle: pavilion (``below``) or crown."""
    upright = np.abs(body.normals[:, 2]) < _UPRIGHT
    belt = np.concatenate([loop for loop, girdle in zip(body.facets, upright, strict=True) if girdle])
    low, high = float(belt[:, 2].min()), float(belt[:, 2].max())
    found = []
    for normal, loop, girdle in zip(body.normals, body.facets, upright, strict=True):
        side = -1.0 if below else 1.0
        if girdle or side * float(normal[2]) < 0.0:
            continue
        # a scalloped girdle meets its facets at various heights
        if np.any((loop[:, 2] > low - 1e-9) & (loop[:, 2] < high + 1e-9)):
            found.append(math.degrees(math.atan2(math.hypot(normal[0], normal[1]), abs(float(normal[2])))))
    return max(found)


def pavilion_bound(stone: CutStone, body: Solid) -> tuple[float, float]:
    """(slope in degrees, drop in mm) of a roof under the girdle's outline that clears the whole pavilion.

    It falls from the outline inward, ``drop`` lower than the girdle. As a rule it is the steepest facet's and begins at
    the girdle; where that would leave no room for a rail (a princess's first tier is steeper than
    :data:`STEEPEST_DEG`), that of the facet whose roof lies highest where a rail's middle runs.
    """
    steepest = slope_deg(body, below=True)
    if steepest <= STEEPEST_DEG:
        return steepest, 0.0
    points = np.concatenate([loop for n, loop in zip(body.normals, body.facets, strict=True) if n[2] < -_UPRIGHT])
    upright = np.abs(body.normals[:, 2]) < _UPRIGHT
    normals, offsets = body.normals[upright, :2], body.offsets[upright]
    if body.mirrored:  # a rail runs straight over the cleft
        outer = normals[:, 0] >= 0.0
        normals = np.concatenate([normals[outer], [[0.0, 1.0]]])
        offsets = np.append(offsets[outer], stone.placed_outline.bounds_mm[3])
    inset = (offsets - points[:, :2] @ normals.T).min(axis=1)
    best = (math.inf, steepest, 0.0)
    for n in body.normals[body.normals[:, 2] < -_UPRIGHT]:
        slope = math.hypot(n[0], n[1]) / -float(n[2])
        # depth less inset x slope is convex over a facet: its corners bound it
        drop = max(float((-points[:, 2] - inset * slope).max()), 0.0)
        best = min(best, (drop + RAIL_SHARE * stone.width_mm * slope, math.degrees(math.atan(slope)), drop))
    return best[1], best[2]


def crown_run_mm(body: Solid, place: GirdlePlace, girdle_mm: float, crown_mm: float) -> float:
    """Width of the crown from girdle to table, square to the girdle at a place, mm.

    Beside a point the way inward leaves the crown before it meets the table: the slope is carried on as it is. Where
    the sides part from each other it meets the crown again far inside, which counts for nothing.
    """
    rises = crown_mm * np.linspace(1.0, 0.05, 20)
    reach = reach_along(body, place, np.concatenate([[girdle_mm], girdle_mm + rises - 1e-9]))
    runs = float(reach[0]) - reach[1:]
    near = np.isfinite(runs) & (runs <= _RUN_MOST * float(runs[-1]) * rises / rises[-1])
    met = int(np.argmax(near))
    return float(runs[met]) * crown_mm / float(rises[met])


def reach_along(body: Solid, place: GirdlePlace, heights_mm: FloatArray) -> FloatArray:
    """How far the body reaches along the normal of a place at each height, mm from the place (0 on the girdle).

    ``-inf`` where the body is not met at all.
    """
    place = _on_own_side(body, place)
    way = np.array([math.cos(place.azimuth_rad), math.sin(place.azimuth_rad)])
    pace = body.normals[:, :2] @ way
    room = (
        body.offsets[None, :]
        - body.normals[None, :, 2] * np.asarray(heights_mm)[:, None]
        - (body.normals[:, :2] @ np.array(place.point))[None, :]
    )
    ahead = np.where(pace > 1e-9, room / np.where(pace > 1e-9, pace, 1.0), np.inf).min(axis=1)
    behind = np.where(pace < -1e-9, room / np.where(pace < -1e-9, pace, -1.0), -np.inf).max(axis=1)
    blocked = np.any((np.abs(pace) <= 1e-9)[None, :] & (room < 0.0), axis=1)
    return np.where((ahead < behind) | blocked, -np.inf, ahead)
