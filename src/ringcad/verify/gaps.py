"""Gaps, recesses and holes: what the investment must fill and hold.

The methods of walls, turned round: a cone of rays outward and the ball in the air. Where two faces look at each other
through less than a millimetre of air, directions square to the gap are followed from its middle: to a floor (metal),
or to a mouth, where the gap has become half as wide again. A place with a mouth on one side and a floor on the other
is a recess, one with mouths on both sides a slot, and a slot that is closed all round a hole.

Limits: openings of 0.20 mm fill at best, investment fins thinner than that break off (Morris and Watson; standards
5.1); a recess is no deeper than its opening is wide (standards 5.2, aspect rules);
holes are 0.5 mm wide, 0.8 mm when deeper than 1 mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.verify.balls import inscribed_balls
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.points import spread_points
from ringcad.verify.rays import RayCaster
from ringcad.verify.topology import clusters
from ringcad.verify.walls import cone_offsets, frames, sample_surface

Array = NDArray[Any]

WIDEST_MM = 1.0
"""Wider openings are looked at by nobody's rule."""
GAP_REFUSED_SHARE = 0.8
"""Of the profile's least gap: 0.20 of 0.25 mm."""
RECESS_WARN = 1.0
"""Depth over width; common practice, so that it warns and does not refuse."""
LEAST_DEPTH_MM = 0.10
"""What is shallower is a scar (design 5)."""
HOLE_MIN_MM, DEEP_HOLE_MIN_MM, DEEP_MM = 0.5, 0.8, 1.0
GAP_ERROR_MM = 0.02
"""Of widths; a chord on either side."""
RATIO_ERROR = 0.05
"""Of depth over width, on slots of known depth."""
_SAMPLES = 5000
_EXTRA_CELL_MM = 0.25
_MOST = 400
_AROUND = 16
_STEPS = np.concatenate([np.arange(0.125, 2.0, 0.125), np.arange(2.0, 8.01, 0.5)])
"""Way from the middle of a gap, in gap widths."""
_TRIED = 3
_MOUTH = 1.5
_OPPOSED = -float(np.cos(np.radians(20.0)))
"""Faces within 20 degrees of parallel bound a gap, as they bound a wall: a V that opens more holds its investment."""
_START_MM = 1e-4


@dataclass(frozen=True)
class Gaps:
    """Places where faces look at each other through little air; arrays (k,).

    Attributes
    ----------
    middle : (k, 3) mm, middle of each gap
    width_mm : the ball in the air
    depth_mm : from mouth to floor, or the whole length of a slot or hole; ``inf`` where neither was found
    blind : a floor on one side
    round : closed all round
    """

    middle: Array
    width_mm: Array
    depth_mm: Array
    blind: Array
    round: Array

    @property
    def ratio(self) -> Array:
        """Depth over width."""
        return np.asarray(self.depth_mm / np.maximum(self.width_mm, 1e-9))


def measure_gaps(mesh: TriangleMesh, caster: RayCaster) -> Gaps:
    """Narrow gaps of a closed mesh that is wound outward, one for each small cell, the narrowest first."""
    points, face = _samples(mesh, caster)
    normals = mesh.normals[face]
    width, other, opposite = _air(mesh, caster, points, normals)
    surface = spread_points(mesh, 0.19 * WIDEST_MM)
    balls = inscribed_balls(mesh, surface, points, -normals, WIDEST_MM, turned=True)
    nearer = balls.opposed & (balls.diameter_mm < width)
    opposite = np.where(nearer[:, None], mesh.normals[np.maximum(balls.face, 0)], opposite)
    facing = np.einsum("ij,ij->i", opposite, normals)
    other = np.where(nearer[:, None], balls.other, other)
    width = np.where(nearer, balls.diameter_mm, width)
    rows = np.flatnonzero((width < WIDEST_MM) & (facing < _OPPOSED))
    rows = rows[np.argsort(width[rows], kind="stable")]
    middle = 0.5 * (points[rows] + other[rows])
    _, first = np.unique(np.floor(middle / _EXTRA_CELL_MM).astype(np.int64), axis=0, return_index=True)
    chosen = np.sort(first)[:_MOST]
    rows, middle = rows[chosen], middle[chosen]
    across = normals[rows] - opposite[rows]
    across *= (width[rows] / np.maximum(np.sqrt((across**2).sum(axis=1)), 1e-9))[:, None]
    depth, blind, closed = _followed(caster, middle, across)
    return Gaps(middle, width[rows], depth, blind, closed)


def _samples(mesh: TriangleMesh, caster: RayCaster) -> tuple[Array, Array]:
    """Even samples, and the triangle with the shortest outward ray of each small cell."""
    points, face = sample_surface(mesh, _SAMPLES)
    length = _outward(caster, mesh.centers, mesh.normals)[0]
    near = np.flatnonzero((length < WIDEST_MM) & (mesh.areas > 1e-7))
    near = near[np.argsort(length[near], kind="stable")]
    _, first = np.unique(np.floor(mesh.centers[near] / _EXTRA_CELL_MM).astype(np.int64), axis=0, return_index=True)
    chosen = near[np.sort(first)[:3000]]
    return np.concatenate([points, mesh.centers[chosen]]), np.concatenate([face, chosen])


def _outward(caster: RayCaster, points: Array, ways: Array) -> tuple[Array, Array]:
    """Way through air from surface points to the next face, met from outside; ``inf`` and -1 for none."""
    distance, face = caster.first_hit(points + _START_MM * ways, ways)
    front = np.einsum("ij,ij->i", caster.mesh.cross.take(np.maximum(face, 0), axis=0), ways) < 0.0
    good = (face >= 0) & front
    return np.where(good, distance + _START_MM, np.inf), np.where(good, face, -1)


def _air(mesh: TriangleMesh, caster: RayCaster, points: Array, normals: Array) -> tuple[Array, Array, Array]:
    """Ball between opposed faces by a cone of rays outward, its other point and the normal there."""
    tangent, cosine = cone_offsets()
    width, other, opposite = np.full(len(points), np.inf), points.copy(), normals.copy()
    one, two = frames(normals)
    for begin in range(0, len(points), 512):
        part = slice(begin, begin + 512)
        n = normals[part]
        ways = cosine[:, None] * n[:, None] + tangent[:, :1] * one[part, None] + tangent[:, 1:] * two[part, None]
        start = np.repeat(points[part], len(cosine), axis=0)
        length, face = _outward(caster, start, ways.reshape(-1, 3))
        length, face = length.reshape(len(n), -1), face.reshape(len(n), -1)
        across = np.einsum("krj,kj->kr", mesh.normals.take(np.maximum(face, 0), axis=0), n)
        ball = np.where((face >= 0) & (across < -0.5), length / cosine, np.inf)
        best = np.argmin(ball, axis=1)
        row = np.arange(len(n))
        found = np.isfinite(ball[row, best])
        width[part] = ball[row, best]
        opposite[part] = np.where(found[:, None], mesh.normals[np.maximum(face[row, best], 0)], n)
        step = np.where(found, length[row, best], 0.0)
        other[part] = points[part] + step[:, None] * ways[row, best]
    return width, other, opposite


def _followed(caster: RayCaster, middle: Array, across: Array) -> tuple[Array, Array, Array]:
    """Depth, whether there is a floor, whether the place is closed all round."""
    count = len(middle)
    depth, blind, closed = np.full(count, np.inf), np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    if not count:
        return depth, blind, closed
    width = np.sqrt((across**2).sum(axis=1))
    axis = across / np.maximum(width, 1e-12)[:, None]
    one, two = frames(axis)
    turn = 2.0 * np.pi * np.arange(_AROUND) / _AROUND
    ways = np.cos(turn)[:, None, None] * one + np.sin(turn)[:, None, None] * two
    free, floor = _free(caster, middle, ways)
    mouth = _mouths(caster, middle, axis, width, ways, free)
    opposite = np.roll(np.arange(_AROUND), _AROUND // 2)
    pocket = mouth + np.where(np.isfinite(mouth[opposite]), np.inf, free[opposite])
    slot = mouth + mouth[opposite]
    best_pocket, best_slot = pocket.min(axis=0), slot.min(axis=0)
    blind = np.isfinite(best_pocket) & ~(best_slot < 1.2 * best_pocket)
    row = np.arange(count)
    ranks = np.argsort(np.where(blind, pocket, slot), axis=0, kind="stable")[:_TRIED]
    out = ranks[0]
    depth = np.full(count, np.inf)
    for rank in ranks:  # mouths are known to a step so far: the best few are measured
        way = ways[rank, row]
        # straight out of the floor, where there is one
        under = floor[opposite[rank], row]
        normal = caster.mesh.normals.take(np.maximum(under, 0), axis=0)
        normal = normal - np.einsum("ij,ij->i", normal, axis)[:, None] * axis
        size = np.sqrt((normal**2).sum(axis=1))
        straight = normal / np.maximum(size, 1e-9)[:, None]
        turned = blind & (under >= 0) & (size > 0.5) & (np.einsum("ij,ij->i", straight, way) > 0.8)
        way = np.where(turned[:, None], straight, way)
        below = _free(caster, middle, -way[None])[0][0]
        beyond = np.where(blind, below, _mouth_along(caster, middle, axis, width, -way))
        depth = np.minimum(depth, _mouth_along(caster, middle, axis, width, way) + beyond)
    depth = np.where(np.isfinite(depth), depth, np.where(blind, best_pocket, best_slot))
    # a hole: square to the way out there is no other way out
    sides = (out + _AROUND // 4) % _AROUND, (out - _AROUND // 4) % _AROUND
    closed = np.all([free[side, row] < 1.5 * width for side in sides], axis=0)
    return depth, blind, closed & np.isfinite(depth)


def _mouths(caster: RayCaster, middle: Array, axis: Array, width: Array, ways: Array, free: Array) -> Array:
    """(around, k) way to where the gap is half as wide again; ``inf`` where metal comes first."""
    mouth = np.full(free.shape, np.inf)
    for step in _STEPS:
        reach = step * width
        k, i = np.nonzero((mouth == np.inf) & (free > reach))
        if not len(k):
            break
        wide = _is_wide(caster, middle[i] + reach[i, None] * ways[k, i], axis[i], width[i])
        mouth[k[wide], i[wide]] = reach[i[wide]]
    return mouth


def _is_wide(caster: RayCaster, place: Array, axis: Array, width: Array) -> Array:
    ahead, back = (caster.first_hit(place, sign * axis)[0] for sign in (1.0, -1.0))
    return np.asarray(ahead + back >= _MOUTH * width)


def _mouth_along(caster: RayCaster, middle: Array, axis: Array, width: Array, way: Array) -> Array:
    """(k,) the mouth along one way each, halved down to a hundredth of the width."""
    free = _free(caster, middle, way[None])[0]
    mouth = _mouths(caster, middle, axis, width, way[None], free)[0]
    rows = np.flatnonzero(np.isfinite(mouth))
    steps = np.concatenate([[0.0], _STEPS])
    high = mouth[rows]
    low = steps[np.maximum(np.searchsorted(steps, high / width[rows] - 1e-9) - 1, 0)] * width[rows]
    for _ in range(5):
        half = 0.5 * (low + high)
        wide = _is_wide(caster, middle[rows] + half[:, None] * way[rows], axis[rows], width[rows])
        low, high = np.where(wide, low, half), np.where(wide, half, high)
    mouth[rows] = 0.5 * (low + high)
    return np.asarray(mouth)


def _free(caster: RayCaster, middle: Array, ways: Array) -> tuple[Array, Array]:
    """(around, k) air in each direction, and the face at its end."""
    distance, face = caster.first_hit(np.broadcast_to(middle, ways.shape).reshape(-1, 3), ways.reshape(-1, 3))
    return distance.reshape(ways.shape[:2]), face.reshape(ways.shape[:2])


def gap_row(gaps: Gaps) -> dict[str, Any]:
    """JSON-ready: the narrowest gap, the deepest recess, the narrowest hole, each with its place."""

    def worst(rows: Array, key: Array, lowest: bool) -> dict[str, Any] | None:
        if not len(rows):
            return None
        best = rows[np.argmin(key[rows]) if lowest else np.argmax(key[rows])]
        return {
            "width_mm": round(float(gaps.width_mm[best]), 4),
            "depth_mm": round(float(gaps.depth_mm[best]), 3) if np.isfinite(gaps.depth_mm[best]) else None,
            "place_mm": [round(float(value), 3) for value in gaps.middle[best]],
        }

    real = gaps.depth_mm > LEAST_DEPTH_MM
    known = np.isfinite(gaps.depth_mm) & real
    return {
        "looked_for_up_to_mm": WIDEST_MM,
        "error_mm": GAP_ERROR_MM,
        "narrowest": worst(np.flatnonzero(real), gaps.width_mm, True),
        "deepest_recess": worst(np.flatnonzero(gaps.blind & known), gaps.ratio, False),
        "narrowest_hole": worst(np.flatnonzero(gaps.round & ~gaps.blind & known), gaps.width_mm, True),
    }


def gap_findings(gaps: Gaps, gap_min_mm: float, *, declared: bool) -> list[Finding]:
    """Fins of investment, recesses deeper than wide, narrow holes, by place.

    Parameters
    ----------
    declared : the ring's own numbers say what its seats, rails and pilot holes are, and rules of their own judge
        them: recesses and holes are then information, and fins are warned of
    """
    found: list[Finding] = []
    ratio = gaps.ratio
    real = gaps.depth_mm > LEAST_DEPTH_MM
    fin = real & (gaps.width_mm < gap_min_mm - GAP_ERROR_MM) & (ratio > RECESS_WARN + RATIO_ERROR)
    refused = gaps.width_mm < GAP_REFUSED_SHARE * gap_min_mm - GAP_ERROR_MM
    for near in _places(gaps, np.flatnonzero(fin)):
        worst = near[np.argmin(gaps.width_mm[near])]
        width = float(gaps.width_mm[worst])
        found.append(
            _finding(
                FindingCode.GAP_WIDTH,
                Severity.ERROR if refused[worst] and not declared else Severity.WARNING,
                f"a gap of {width:.3f} mm (limit: {gap_min_mm:.2f} mm), {_deep(gaps, worst)}: the fin of investment in "
                "it breaks off",
                gaps, worst, width, gap_min_mm, "mm", f"widen it by {max(gap_min_mm - width, 0.01):.2f} mm, or fill it",
            )
        )  # fmt: skip
    soft = Severity.INFO if declared else Severity.WARNING
    deep = real & gaps.blind & ~fin & np.isfinite(ratio) & (ratio > RECESS_WARN + RATIO_ERROR)
    for near in _places(gaps, np.flatnonzero(deep)):
        worst = near[np.argmax(ratio[near])]
        found.append(
            _finding(
                FindingCode.RECESS_DEPTH,
                soft,
                f"a recess {gaps.width_mm[worst]:.2f} mm wide and {gaps.depth_mm[worst]:.2f} mm deep, "
                f"{ratio[worst]:.1f} times as deep as wide (limit: {RECESS_WARN:.0f})",
                gaps, worst, float(ratio[worst]), RECESS_WARN, None,
                f"make it no deeper than {gaps.width_mm[worst]:.2f} mm, or wider",
            )
        )  # fmt: skip
    least = np.where(gaps.depth_mm > DEEP_MM, DEEP_HOLE_MIN_MM, HOLE_MIN_MM)
    narrow = real & gaps.round & ~gaps.blind & ~fin & (gaps.width_mm < least - GAP_ERROR_MM)
    for near in _places(gaps, np.flatnonzero(narrow)):
        worst = near[np.argmin(gaps.width_mm[near])]
        width = float(gaps.width_mm[worst])
        found.append(
            _finding(
                FindingCode.HOLE_WIDTH, soft,
                f"a hole {width:.2f} mm wide and {gaps.depth_mm[worst]:.2f} mm long (limit: {least[worst]:.1f} mm)",
                gaps, worst, width, float(least[worst]), "mm",
                f"widen it by {least[worst] - width:.2f} mm, or drill it",
            )
        )  # fmt: skip
    return found


def _deep(gaps: Gaps, row: int) -> str:
    depth = float(gaps.depth_mm[row])
    return f"{depth:.2f} mm deep" if np.isfinite(depth) else "with no mouth near"


def _places(gaps: Gaps, rows: Array) -> list[Array]:
    """Rows that lie together, at most four places."""
    found = []
    for place, count in clusters(gaps.middle[rows], reach_mm=0.8, most=4):
        away = ((gaps.middle[rows] - np.array(place)) ** 2).sum(axis=1)
        found.append(rows[np.argsort(away, kind="stable")[:count]])
    return found


def _finding(
    code: FindingCode, severity: Severity, words: str, gaps: Gaps, row: int, measured: float, limit: float,
    unit: str | None, fix: str,
) -> Finding:  # fmt: skip
    x, y, z = (float(value) for value in gaps.middle[row])
    return Finding(
        code=code,
        severity=severity,
        message=f"{words} at ({x:.2f}, {y:.2f}, {z:.2f})",
        measured=measured,
        limit=limit,
        unit=unit,
        place_mm=(x, y, z),
        spec_field=None,
        fix=fix,
    )
