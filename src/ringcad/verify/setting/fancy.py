"""A stone of another cut than round in prongs, measured against its own facets.

Rays from the axis find the prongs; each is then measured as beside a round stone, in the plane square to the outline
where it stands, with rays from the outline's centre of curvature. The seat's place is the small motion of the stone
that lays its pavilion facets on the vertices of the bearings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.stones.placed import GirdlePlace
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bearings import NEAR_MM, NOTCH_DEPTH, TURN_DEG
from ringcad.verify.setting.closing import FINISHED_HEIGHT_TARGET, V_FINISHED_TARGET
from ringcad.verify.setting.fancy_body import FancyBody, PlaceProfile, StonePoint
from ringcad.verify.setting.frames import SeatFrame
from ringcad.verify.setting.moves import Moves, measure_moves
from ringcad.verify.setting.points import PointMeasure, measure_cleft, measure_point
from ringcad.verify.setting.prongs import (
    ANGLES,
    BEARING_NEAR_MM,
    BESIDE_PRONG_DEG,
    POINTS_EACH,
    PRONG_REACH_MM,
    ROWS_EACH,
    STEP_MM,
    SWEEP_MM,
    ProngMeasure,
    girdle_rows,
    measure_prong,
)
from ringcad.verify.setting.scan import Scan, intervals, scan_round

Array = NDArray[Any]

_INWARD_MM = 1.0
"""Rays of a prong begin this far inside the girdle, or half way to the axis."""
_ASIDE_MM = 2.2
"""Half the width beside a prong's middle on which rays look for it."""
_CENTRINGS = 3
_WALL_INWARD_MM = 0.35
"""Rays of a wall begin this far inside the girdle: beyond the point they then begin in the other wall, and stop."""
_CLEAR_MM = 0.35
"""Nearer to a point than this the other wall and the relief stand in the way of a wall's own section."""
_WALL_MM = 0.5
"""Walls of V prongs are looked for this far from the point, along its sides."""
_TRIM, _ROUNDS, _FLOOR_MM = 0.6, 30, 0.002
"""Least trimmed squares as for cones: the share that surely bears, rounds, and what is always kept."""


@dataclass(frozen=True)
class SeatFit:
    """How a stone lies on its bearings against where it should, mm and degrees.

    ``angle_off_deg`` is by how much the bearings' slope differs from that of the facets they bear, the worst prong's.
    """

    tilt_deg: float
    height_mm: float
    aside_mm: float
    residual_mm: float
    points: int
    angle_off_deg: float


@dataclass(frozen=True)
class FancySetting:
    """Everything about a stone of another cut between prongs; names as in ``ProngSetting``."""

    body: FancyBody
    prongs: tuple[ProngMeasure, ...]
    """Round prongs, and each wall of the V prongs."""
    profiles: tuple[PlaceProfile, ...]
    numbers: tuple[int, ...]
    """Of the prong that each of these is or belongs to, from 1, round the stone."""
    points: dict[int, PointMeasure]
    """V prongs beside their points, by number."""
    clefts: tuple[tuple[StonePoint, float], ...]
    """A heart's cleft and the room in it."""
    count: int
    """Prongs that stand beside the girdle."""
    seat: SeatFit | None
    interference_mm: float
    interference_place_mm: tuple[float, float, float]
    play_mm: float
    pavilion_gap_mm: float
    blocked_mm: float
    blocked_place_mm: tuple[float, float, float]
    cast_metal: Array
    closed_metal: Array

    @property
    def _slide_mm(self) -> float:
        return self.play_mm if math.isfinite(self.play_mm) else self.body.half_width_mm

    @cached_property
    def cast(self) -> Moves:
        """How far the stone can move among the metal as it is."""
        return measure_moves(self.body, self.cast_metal, play_mm=self._slide_mm)

    @cached_property
    def closed(self) -> Moves:
        """The same after the prongs are closed."""
        return measure_moves(self.body, self.closed_metal, play_mm=self._slide_mm)


def measure_fancy(caster: RayCaster, frame: SeatFrame, body: FancyBody, claws: bool = False) -> FancySetting:
    """Measure a stone between prongs from the mesh and its own numbers alone; ``frame`` is where it should sit.

    ``claws``: its round prongs bend inward over it.
    """
    high = max(_tallest(caster, frame, body), body.table_mm) + 0.1
    low = -0.6 * body.stone.pavilion_depth_mm
    scan = scan_round(caster, frame, low, high, STEP_MM, ANGLES)
    ways = np.stack([np.cos(scan.azimuth_rad), np.sin(scan.azimuth_rad)], axis=1)
    rows = girdle_rows(scan, body.girdle_mm)
    middle = rows[len(rows) // 2]
    edge = body.reach(ways, np.array([0.5 * body.girdle_mm]))[:, 0]
    inner = scan.inner_mm[:, middle]
    met = np.where(np.isfinite(inner), inner, 1e3)
    outside = -body.girdle_depth(met * ways[:, 0], met * ways[:, 1])
    near = (inner > 0.3 * edge) & (outside < PRONG_REACH_MM)
    found = [part for part in intervals(near) if len(part) >= 3] if near.any() else []
    measured: list[tuple[int, ProngMeasure, PlaceProfile]] = []
    laid: list[Array] = []
    points: dict[int, PointMeasure] = {}
    for number, part in enumerate(found, start=1):
        point = _point_among(body, scan.azimuth_rad[part])
        centre = part[len(part) // 2]
        starts = [(float(met[centre] * ways[centre, 0]), float(met[centre] * ways[centre, 1]))]
        if point is not None:
            starts = [body.along(point, way) for way in (_WALL_MM, -_WALL_MM)]
        covered = []
        for x, y in starts:
            local, columns, profile = _centred(
                caster, frame, body, x, y, low, high, _INWARD_MM if point is None else _WALL_INWARD_MM
            )
            if not len(columns):
                continue
            beside = girdle_rows(local, body.girdle_mm)
            row = beside[len(beside) // 2]
            if point is not None:
                covered.append(_covered(local, columns, row, profile, point))
                columns = _clear_of(local, columns, profile, point)
            finished = FINISHED_HEIGHT_TARGET if point is None else V_FINISHED_TARGET
            prong = measure_prong(local, columns, profile, beside, finished, claws and point is None)
            prong = replace(prong, clearance_mm=_clearance(local, columns, row, profile))
            measured.append((number, prong, profile))
            laid.append(_laid(body, profile, local.azimuth_rad[columns], prong.closed.contact))
        if point is not None and len(covered) == 2:
            points[number] = measure_point(caster, frame, body, point, (covered[0], covered[1]))
    held = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    depth, place = _interference(caster.mesh, scan, ways, frame, body)
    blocked, where = _blocked(scan, ways, held, frame, body)
    cast = _cast_metal(scan, ways, body)
    return FancySetting(
        body=body,
        prongs=tuple(prong for _, prong, _ in measured),
        profiles=tuple(profile for _, _, profile in measured),
        numbers=tuple(number for number, _, _ in measured),
        points=points,
        clefts=tuple((cleft, measure_cleft(caster, frame, body, cleft)) for cleft in body.clefts),
        count=len({number for number, _, _ in measured}),
        seat=fit_seat(caster.mesh, frame, body, [profile.place for _, _, profile in measured]),
        interference_mm=depth,
        interference_place_mm=place,
        play_mm=_play(scan, ways, held, rows[len(rows) // 2], body),
        pavilion_gap_mm=_pavilion_gap(scan, ways, held, body),
        blocked_mm=blocked,
        blocked_place_mm=where,
        cast_metal=cast,
        closed_metal=np.concatenate([cast[cast[:, 2] <= body.girdle_mm], *laid]),
    )


def _point_among(body: FancyBody, azimuth_rad: Array) -> StonePoint | None:
    """The point of the stone that lies among some azimuths; ``None`` where none does."""
    for point in body.points:
        x, y = point.place_mm
        apart = np.angle(np.exp(1j * (azimuth_rad - math.atan2(y, x))))
        if apart.min() <= 0.0 <= apart.max() and apart.max() - apart.min() < math.pi:
            return point
    return None


def _clear_of(scan: Scan, columns: Array, profile: PlaceProfile, point: StonePoint) -> Array:
    """The columns of a wall that pass clear of the other wall and of the relief beside a point."""
    cx, cy = profile.centre
    turn = scan.azimuth_rad[columns]
    x, y = cx + profile.radius_mm * np.cos(turn), cy + profile.radius_mm * np.sin(turn)
    return np.asarray(columns[np.hypot(x - point.place_mm[0], y - point.place_mm[1]) > _CLEAR_MM])


def _covered(scan: Scan, columns: Array, row: int, profile: PlaceProfile, point: StonePoint) -> float:
    """How far from a point metal stands beside the girdle, as seen by a scan of one side."""
    radius, turn = scan.inner_mm[columns, row], scan.azimuth_rad[columns]
    cx, cy = profile.centre
    x, y = cx + radius * np.cos(turn), cy + radius * np.sin(turn)
    return float(np.hypot(x - point.place_mm[0], y - point.place_mm[1]).max())


def _tallest(caster: RayCaster, frame: SeatFrame, body: FancyBody) -> float:
    """Height up to which metal stands in or beside the stone's way in."""
    x, y, z = _local(caster.mesh.vertices, frame)
    near = (z < body.table_mm + SWEEP_MM) & (z > 0.0)
    near &= (np.abs(x) < body.half_width_mm + PRONG_REACH_MM) & (np.abs(y) < body.radius_mm + PRONG_REACH_MM)
    turn = 2.0 * np.pi * np.arange(72) / 72
    ways = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    edge = body.reach(ways, np.array([0.5 * body.girdle_mm]))
    flat = np.concatenate([share * edge * ways for share in (0.3, 0.6, 0.95)])
    top = body.table_mm + SWEEP_MM
    starts = frame.origin + flat[:, :1] * frame.across + flat[:, 1:] * frame.along + top * frame.axis
    distance, face = caster.first_hit(starts, np.broadcast_to(-frame.axis, starts.shape))
    spans = top - distance[face >= 0]
    return max(float(z[near].max(initial=0.0)), float(spans.max(initial=0.0)))


def _local(points: Array, frame: SeatFrame) -> tuple[Array, Array, Array]:
    offset = np.asarray(points) - frame.origin
    return offset @ frame.across, offset @ frame.along, offset @ frame.axis


def _world(x: float, y: float, z: float, frame: SeatFrame) -> tuple[float, float, float]:
    at = frame.origin + x * frame.across + y * frame.along + z * frame.axis
    return (float(at[0]), float(at[1]), float(at[2]))


def _centred(
    caster: RayCaster,
    frame: SeatFrame,
    body: FancyBody,
    x: float,
    y: float,
    low: float,
    high: float,
    inward: float = _INWARD_MM,
) -> tuple[Scan, Array, PlaceProfile]:
    """Scan of the prong near a point from the outline's centre of curvature where it stands, and its columns."""
    profile = body.profile(body.place_at(x, y))
    level = np.array([0.5 * body.girdle_mm])
    for _ in range(_CENTRINGS):
        scan = _place_scan(caster, frame, profile, level, inward)
        columns = _columns(scan, 0, profile)
        if not len(columns):
            break
        turn = float(np.angle(np.exp(1j * scan.azimuth_rad[columns]).mean()))
        cx, cy = profile.centre
        profile = body.profile(
            body.place_at(cx + profile.radius_mm * math.cos(turn), cy + profile.radius_mm * math.sin(turn))
        )
    count = max(round((high - low) / STEP_MM), 1) + 1
    scan = _place_scan(caster, frame, profile, np.linspace(low, high, count), inward)
    rows = girdle_rows(scan, body.girdle_mm)
    return scan, _columns(scan, int(rows[len(rows) // 2]), profile), profile


def _columns(scan: Scan, row: int, profile: PlaceProfile) -> Array:
    """Columns of the metal beside the girdle nearest to the middle of a scan of one place; none where there is none."""
    inner = scan.inner_mm[:, row]
    near = (inner > profile.radius_mm - 2.0 * PRONG_REACH_MM) & (inner < profile.radius_mm + PRONG_REACH_MM)
    runs = [run for run in intervals(near) if len(run) >= 3] if near.any() else []
    middle = len(inner) // 2
    return min(runs, key=lambda run: float(np.abs(run - middle).min()), default=np.zeros(0, dtype=np.int64))


def _place_scan(
    caster: RayCaster, frame: SeatFrame, profile: PlaceProfile, heights: Array, inward: float = _INWARD_MM
) -> Scan:
    """Rays square to the outline beside one place; azimuths about its centre of curvature, even round the circle.

    Away from the place nothing is looked for (``inf``).
    """
    radius = profile.radius_mm
    count = max(ANGLES, round(2.0 * math.pi * radius / 0.02))
    azimuth = profile.place.azimuth_rad + 2.0 * np.pi * (np.arange(count) - count // 2) / count
    aside = np.flatnonzero(np.abs(azimuth - profile.place.azimuth_rad) * radius < min(_ASIDE_MM, 1.4 * radius))
    begin = radius - min(inward, 0.5 * profile.body.half_width_mm)
    turn = azimuth[aside]
    level = np.cos(turn)[:, None] * frame.across + np.sin(turn)[:, None] * frame.along
    cx, cy = profile.centre
    foot = frame.origin + cx * frame.across + cy * frame.along
    starts = (foot + begin * level)[:, None, :] + heights[None, :, None] * frame.axis
    ways = np.broadcast_to(level[:, None, :], starts.shape)
    starts, ways = starts.reshape(-1, 3), ways.reshape(-1, 3)
    distance, face = caster.first_hit(starts, ways)
    hit = face >= 0
    leaving = np.zeros(len(hit), dtype=bool)
    leaving[hit] = np.einsum("ij,ij->i", caster.mesh.normals[face[hit]], ways[hit]) > 0.0
    inner = np.where(leaving, 0.0, begin + distance)
    outer = np.where(leaving, begin + distance, np.inf)
    met = np.flatnonzero(hit & ~leaving)
    through, _ = caster.thickness(starts[met] + distance[met, None] * ways[met], ways[met])
    outer[met] = begin + distance[met] + through
    whole = [np.full((count, len(heights)), np.inf) for _ in range(2)]
    for grid, values in zip(whole, (inner, outer), strict=True):
        grid[aside] = values.reshape(len(aside), len(heights))
    return Scan(azimuth, heights, whole[0], whole[1])


def _clearance(scan: Scan, columns: Array, row: int, profile: PlaceProfile) -> float:
    """Least room between the girdle's own facets and a prong, all along it, mm.

    At the girdle's middle: its edges are scalloped, and there crown and pavilion bear already.
    """
    radius, turn = scan.inner_mm[columns, row], scan.azimuth_rad[columns]
    radius = np.where(np.isfinite(radius), radius, 1e3)
    cx, cy = profile.centre
    return -float(profile.body.girdle_depth(cx + radius * np.cos(turn), cy + radius * np.sin(turn)).max())


def _laid(body: FancyBody, profile: PlaceProfile, azimuth: Array, contact: float) -> Array:
    """(p, 3) underside of a closed prong: points on the crown from the girdle's edge inward."""
    if contact <= 0.0:
        return np.zeros((0, 3))
    share = np.linspace(0.0, 1.0, 6)[None, :] * contact
    radius = profile.radius_mm - share * profile.crown_run_mm
    turn = np.linspace(azimuth.min(), azimuth.max(), 7)[:, None]
    cx, cy = profile.centre
    x, y = cx + radius * np.cos(turn), cy + radius * np.sin(turn)
    z = np.maximum(np.minimum(body.crown_height(x, y), body.table_mm), body.girdle_mm)
    return np.stack([x, y, z], axis=-1).reshape(-1, 3)


def _cast_metal(scan: Scan, ways: Array, body: FancyBody) -> Array:
    """(p, 3) first metal round the axis in the frame of the seat, out of the stone where its setting is cut in."""
    inner, turned = scan.inner_mm[::POINTS_EACH], ways[::POINTS_EACH]
    height = np.broadcast_to(scan.height_mm, inner.shape)
    edge = body.reach(turned, scan.height_mm)
    at = np.where(np.isfinite(inner), inner, 1e3)
    x, y = at * turned[:, :1], at * turned[:, 1:]
    away = -body.depth_inside(x, y, np.minimum(height, body.girdle_mm))
    kept = away < np.where(height < -NOTCH_DEPTH * body.half_width_mm, BEARING_NEAR_MM, PRONG_REACH_MM)
    kept &= inner > 0.0
    kept &= (np.arange(len(scan.height_mm)) % ROWS_EACH == 0) | (np.abs(height - 0.5 * body.girdle_mm) < STEP_MM)
    radius = np.maximum(at, edge)[kept]
    rows = np.nonzero(kept)[0]
    return np.stack([radius * turned[rows, 0], radius * turned[rows, 1], height[kept]], axis=1)


def _interference(
    mesh: TriangleMesh, scan: Scan, ways: Array, frame: SeatFrame, body: FancyBody
) -> tuple[float, tuple[float, float, float]]:
    """Deepest metal inside the stone (mm; 0 where there is none), and where: first metal on the rays, and vertices."""
    at = np.where(np.isfinite(scan.inner_mm), scan.inner_mm, 1e3)
    x, y = at * ways[:, :1], at * ways[:, 1:]
    z = np.broadcast_to(scan.height_mm, x.shape)
    vx, vy, vz = _local(mesh.vertices, frame)
    x, y, z = (np.concatenate([a.ravel(), b]) for a, b in ((x, vx), (y, vy), (z, vz)))
    depth = body.depth_inside(x, y, z)
    worst = int(depth.argmax())
    return max(float(depth[worst]), 0.0), _world(float(x[worst]), float(y[worst]), float(z[worst]), frame)


def _free(scan: Scan, held: Array) -> Array:
    """Azimuths away from every prong."""
    apart = np.cos(scan.azimuth_rad[:, None] - scan.azimuth_rad[held]).max(axis=1, initial=-1.0)
    return np.flatnonzero(apart < math.cos(math.radians(BESIDE_PRONG_DEG)))


def _blocked(
    scan: Scan, ways: Array, held: Array, frame: SeatFrame, body: FancyBody
) -> tuple[float, tuple[float, float, float]]:
    free, above = _free(scan, held), np.flatnonzero(scan.height_mm > body.girdle_mm)
    if not len(free) or not len(above):
        return 0.0, (0.0, 0.0, 0.0)
    at = np.minimum(scan.inner_mm[np.ix_(free, above)], 1e3)
    x, y = at * ways[free, :1], at * ways[free, 1:]
    depth = body.girdle_depth(x, y)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    place = _world(float(x[row, column]), float(y[row, column]), float(scan.height_mm[above[column]]), frame)
    return max(float(depth[row, column]), 0.0), place


def _pavilion_gap(scan: Scan, ways: Array, held: Array, body: FancyBody) -> float:
    """From the pavilion to metal at azimuths away from every prong; ``inf`` where there is none."""
    free, below = _free(scan, held), np.flatnonzero(scan.height_mm < 0.0)
    inner = scan.inner_mm[np.ix_(free, below)]
    at = np.where(np.isfinite(inner), inner, 1e3)
    gap = -body.depth_inside(at * ways[free, :1], at * ways[free, 1:], scan.height_mm[below][None, :])
    return float(gap.min(initial=math.inf))


def _play(scan: Scan, ways: Array, held: Array, row: int, body: FancyBody) -> float:
    """How far the girdle can slide in its freest direction; ``inf`` where it can leave between the prongs."""
    inner = scan.inner_mm[held, row]
    met = np.isfinite(inner)
    if not met.any():
        return math.inf
    points = inner[met, None] * ways[held[met]]
    widest = 0.0
    sides = [(normals, points @ normals.T - offsets) for normals, offsets in body.girdles]
    for turn in np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False):
        free = math.inf
        for normals, room in sides:
            pace = normals @ np.array([math.cos(turn), math.sin(turn)])
            with np.errstate(divide="ignore", invalid="ignore"):
                enters = np.where(pace > 1e-6, room / pace, -np.inf).max(axis=1)
                leaves = np.where(pace < -1e-6, room / pace, np.inf).min(axis=1)
            hit = (enters <= leaves) & (leaves >= 0.0)
            free = min(free, float(np.maximum(enters[hit], 0.0).min(initial=math.inf)))
        widest = max(widest, free)
    return widest


def fit_seat(mesh: TriangleMesh, frame: SeatFrame, body: FancyBody, places: list[GirdlePlace]) -> SeatFit | None:
    """The small motion of the stone that lays its pavilion on the bearings; ``None`` where too little bears.

    Least trimmed squares over the vertices of faces that look at a pavilion facet from close by, beside the prongs.
    """
    x, y, z = _local(mesh.centers, frame)
    rows = np.flatnonzero((z < 0.5 * NEAR_MM) & (z > -NOTCH_DEPTH * body.half_width_mm))
    if not len(rows) or not places:
        return None
    at = np.array([place.point for place in places])
    beside = np.hypot(x[rows, None] - at[:, 0], y[rows, None] - at[:, 1])
    rows, which = rows[beside.min(axis=1) < _ASIDE_MM], beside.argmin(axis=1)[beside.min(axis=1) < _ASIDE_MM]
    down = np.flatnonzero(body.solid.normals[:, 2] < -1e-6)
    normals, offsets = body.solid.normals[down], body.solid.offsets[down]
    # left of a heart's mirror its right half is turned over
    own = np.ones((len(rows), 3))
    own[:, 0] = np.where(body.own_side(x[rows]) == x[rows], 1.0, -1.0)
    centers = own * np.stack([x[rows], y[rows], z[rows]], axis=1)
    off = centers @ normals.T - offsets
    facet = off.argmax(axis=1)
    turned = own * np.stack([mesh.normals[rows] @ axis for axis in (frame.across, frame.along, frame.axis)], axis=1)
    facing = np.einsum("ij,ij->i", turned, -normals[facet]) > math.cos(math.radians(TURN_DEG))
    kept = facing & (np.abs(off[np.arange(len(rows)), facet]) < NEAR_MM)
    rows, which, facet, turned, own = rows[kept], which[kept], facet[kept], turned[kept], own[kept]
    if len(rows) < 4 or len(np.unique(which)) < 3:
        return None
    left = np.repeat(own[:, 0] < 0.0, 3)
    corners = np.unique(np.stack([mesh.faces[rows].ravel(), np.repeat(facet, 3), left], axis=1), axis=0)
    points = np.stack(_local(mesh.vertices[corners[:, 0]], frame), axis=1)
    normal = normals[corners[:, 1]] * np.where(corners[:, 2:] == 1, [[-1.0, 1.0, 1.0]], 1.0)
    residual = np.einsum("ij,ij->i", points, normal) - offsets[corners[:, 1]]
    motion, used = _least_trimmed(points, normal, residual)
    unmoved = residual - _slopes(points, normal) @ motion
    # the stone rests where its own motion is undone at the axis
    slope = np.degrees(np.arctan2(np.hypot(turned[:, 0], turned[:, 1]), turned[:, 2]))
    wanted = np.degrees(np.arctan2(np.hypot(normals[facet, 0], normals[facet, 1]), -normals[facet, 2]))
    area = np.linalg.norm(mesh.cross[rows], axis=1)
    turns = [
        float(np.average((slope - wanted)[which == k], weights=area[which == k])) for k in np.unique(which)
    ]  # fmt: skip
    return SeatFit(
        tilt_deg=math.degrees(math.hypot(motion[3], motion[4])),
        height_mm=float(motion[2]),
        aside_mm=math.hypot(motion[0], motion[1]),
        residual_mm=float(np.sqrt(np.mean(unmoved[used] ** 2))),
        points=int(used.sum()),
        angle_off_deg=max(turns, key=abs),
    )


def _slopes(points: Array, normal: Array) -> Array:
    """(n, 6) how far each facet moves out at its point for a unit shift and turn of the stone."""
    return np.concatenate([normal, np.cross(points, normal)], axis=1)


def _least_trimmed(points: Array, normal: Array, residual: Array) -> tuple[Array, Array]:
    """Motion (6,) of shift and small turn, and which points it was fitted to."""
    slopes = _slopes(points, normal)
    half = max(8, round(_TRIM * len(points)))
    motion = np.zeros(6)
    for _ in range(_ROUNDS):
        inner = np.argsort(np.abs(residual - slopes @ motion), kind="stable")[:half]
        before, motion = motion, _solved(slopes[inner], residual[inner])
        if np.abs(motion - before).max() < 1e-9:
            break
    spread = float(np.sqrt(np.mean(np.sort(np.abs(residual - slopes @ motion))[:half] ** 2)))
    used = np.abs(residual - slopes @ motion) <= max(4.0 * spread, _FLOOR_MM)
    return _solved(slopes[used], residual[used]), used


def _solved(slopes: Array, residual: Array) -> Array:
    """Least squares, a little stiff: a nearly square stone's turn about its axis is hardly felt by its bearings."""
    stiff = 1e-4 * len(slopes)
    return np.asarray(np.linalg.solve(slopes.T @ slopes + stiff * np.diag([0, 0, 0, 0, 0, 1.0]), slopes.T @ residual))
