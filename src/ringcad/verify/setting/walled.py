"""A stone whose girdle is smooth but not round in a bezel: seat, wall and lip, measured square to its girdle all round.

At places evenly spaced along the girdle rays run outward from inside the opening along the girdle's normal. Lengths
count from the girdle where it was ordered; what the seat is off is the small motion of the stone that lays it on its
bearing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import BezelRing
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.closing import ClosedLip, close_lip
from ringcad.verify.setting.flush import ABOVE_MM, CLEAR_RIM_MM, RIM_AT_MM, STEP_MM
from ringcad.verify.setting.frames import DomeProfile
from ringcad.verify.setting.girdled import GirdledStone
from ringcad.verify.setting.moves import Moves, measure_moves

Array = NDArray[Any]

PLACES = 96
"""Along the girdle, evenly."""
_INSIDE_SHARE = 0.45
"""Rays begin this share of the half width inside the girdle: in the air between ledge and axis."""
_NEAR_MM = 0.5
"""Metal farther from the girdle than this is no wall of an opening for it."""
_SAME_LEDGE_MM = 0.12
"""Metal this near to the pavilion or base, up or down, is looked at as its bearing."""
_BEARS_MM = 0.03
_ROWS = 9
"""Places across the ledge where its height is taken."""
_EDGE_SHARE = 0.12
"""Of the ledge's width, left out at either edge."""
_TRIM, _ROUNDS, _FLOOR_MM = 0.6, 30, 0.002
"""Least trimmed squares as for cones: the share that surely bears, rounds, and what is always kept."""
_DIRECTIONS = 16


@dataclass(frozen=True)
class Rest:
    """How the stone lies on its bearing against where it should, mm and degrees.

    ``angle_off_deg`` is by how much the bearing's slope differs from the stone's where it does most; ``place`` there.
    """

    tilt_deg: float
    height_mm: float
    aside_mm: float
    residual_mm: float
    angle_off_deg: float
    place_mm: tuple[float, float]


@dataclass(frozen=True)
class WalledSetting:
    """Everything about the setting, by place along the girdle (k,) where an array; names as in ``FlushSetting``.

    ``places_mm`` (k, 2) lie on the girdle, ``offset_mm`` is the opening's distance outside it.
    """

    stone: GirdledStone
    places_mm: Array
    normal_rad: Array
    offset_low_mm: Array
    offset_high_mm: Array
    rest: Rest | None
    contact_share: float
    lips: tuple[ClosedLip, ...]
    standing_mm: Array
    lip_walls_mm: Array
    walls_mm: Array
    cast_metal: Array
    closed_metal: Array
    blocked_mm: float
    interference_mm: float
    interference_place_mm: tuple[float, float, float]

    @property
    def play_mm(self) -> float:
        """Beside the girdle, the median of all places."""
        return float(np.median(0.5 * (self.offset_low_mm + self.offset_high_mm)))

    @property
    def least_lip(self) -> ClosedLip:
        """Where the lip covers least."""
        return min(self.lips, key=lambda lip: lip.reach)

    @cached_property
    def cast(self) -> Moves:
        """How far the stone can move among the metal as it is."""
        return measure_moves(self.stone, self.cast_metal, directions=_DIRECTIONS)

    @cached_property
    def closed(self) -> Moves:
        """The same under the lip."""
        return measure_moves(self.stone, self.closed_metal, directions=_DIRECTIONS)


def measure_walled(caster: RayCaster, ring: BezelRing, stone: GirdledStone) -> WalledSetting | None:
    """The seat, the wall and the lip of the center stone; ``None`` where no opening stands round its place."""
    base = np.array([0.0, 0.0, ring.bezel.girdle_z_mm])
    turn = stone.girdle.spaced(PLACES)
    at = stone.girdle.points(turn)
    out = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    top = _drop(caster, base, at + RIM_AT_MM * 2.0 * out, 6.0)
    standing = np.nan_to_num(top - stone.girdle_mm, nan=0.0)
    rim = max(float(np.nanmax(top)) if np.isfinite(top).any() else 0.0, stone.table_mm)
    begin = _INSIDE_SHARE * 0.5 * ring.stone.diameter_mm
    height = np.arange(2.0 * STEP_MM, rim, STEP_MM)
    inner, outer = _scan(caster, base, at, out, height, begin)
    level = int(np.abs(height - 0.5 * stone.girdle_mm).argmin())
    if not (np.abs(inner[:, level]) < _NEAR_MM).mean() > 0.5:
        return None
    least = float(np.nanmin(top)) if np.isfinite(top).any() else stone.girdle_mm
    beside = (height > 0.5 * stone.girdle_mm) & (height < max(least - 2.0 * STEP_MM, stone.girdle_mm))
    low, high = inner[:, beside].min(axis=1), inner[:, beside].max(axis=1)
    thick = _thick(inner, outer, height, stone.girdle_mm + 0.5 * np.maximum(standing, 0.0))
    cut_in = -0.5 * (low + high)
    lips = tuple(
        _laid(float(up), float(wall), float(into), stone, float(way))
        for up, wall, into, way in zip(standing, thick, cut_in, turn, strict=True)
    )
    ledge = _ledge_points(caster, base, at, out, stone, ring.bezel.ledge_mm)
    gap = ledge[..., 2] - stone.pavilion_height(ledge[..., 0], ledge[..., 1])
    bears = np.isfinite(gap) & (np.abs(gap) < _SAME_LEDGE_MM)
    seen = _points(at, out, height[::4], inner[:, ::4], stone)
    under = ledge[bears]
    under[:, 2] = np.minimum(under[:, 2], stone.pavilion_height(under[:, 0], under[:, 1]))
    laid = _underside(stone, at, out, turn, np.array([lip.contact for lip in lips]))
    deep, where = _interference(np.concatenate([_met(at, out, height, inner), ledge[bears]]), stone, base)
    return WalledSetting(
        stone=stone,
        places_mm=at,
        normal_rad=turn,
        offset_low_mm=low,
        offset_high_mm=high,
        rest=_rest(ledge, gap, bears, stone, turn, 0.5 * (low + high)),
        contact_share=float((np.abs(gap) < _BEARS_MM).any(axis=1).mean()),
        lips=lips,
        standing_mm=standing,
        lip_walls_mm=thick,
        walls_mm=_thick(inner, outer, height, np.full(PLACES, 0.5 * stone.girdle_mm)),
        cast_metal=np.concatenate([seen, under]),
        closed_metal=np.concatenate([seen[seen[:, 2] <= stone.girdle_mm], under, laid]),
        blocked_mm=_blocked(caster, base, at, stone),
        interference_mm=deep,
        interference_place_mm=where,
    )


def _drop(caster: RayCaster, base: Array, flat: Array, above_mm: float | Array) -> Array:
    """(n,) height over the girdle's lower edge of the first metal under points (n, 2); NaN where there is none."""
    high = np.broadcast_to(np.asarray(above_mm, dtype=np.float64), len(flat))
    starts = base + np.concatenate([flat, high[:, None]], axis=1)
    distance, face = caster.first_hit(starts, np.broadcast_to(np.array([0.0, 0.0, -1.0]), starts.shape))
    return np.asarray(np.where(face >= 0, high - distance, np.nan))


def _scan(caster: RayCaster, base: Array, at: Array, out: Array, height: Array, begin: float) -> tuple[Array, Array]:
    """(k, h) from the girdle outward to the first metal and to its end, mm; ``inf`` where there is none."""
    flat = at - begin * out
    starts = (
        np.concatenate(
            [
                np.broadcast_to(flat[:, None, :], (len(at), len(height), 2)),
                np.broadcast_to(height[None, :, None], (len(at), len(height), 1)),
            ],
            axis=2,
        ).reshape(-1, 3)
        + base
    )
    ways = np.repeat(np.concatenate([out, np.zeros((len(out), 1))], axis=1), len(height), axis=0)
    distance, face = caster.first_hit(starts, ways)
    hit = face >= 0
    inner = np.where(hit, distance - begin, np.inf)
    outer = np.full(len(inner), np.inf)
    met = np.flatnonzero(hit)
    through, _ = caster.thickness(starts[met] + distance[met, None] * ways[met], ways[met])
    outer[met] = inner[met] + through
    return inner.reshape(len(at), -1), outer.reshape(len(at), -1)


def _thick(inner: Array, outer: Array, height: Array, at_mm: Array) -> Array:
    """(k,) thickness of the first metal at each place's own height; 0 for none."""
    rows = np.abs(height[None, :] - at_mm[:, None]).argmin(axis=1)
    places = np.arange(len(inner))
    first, last = inner[places, rows], outer[places, rows]
    met = np.isfinite(first) & np.isfinite(last)
    return np.where(met, last, 0.0) - np.where(met, first, 0.0)


def _laid(standing: float, wall: float, cut_in: float, stone: GirdledStone, normal_rad: float) -> ClosedLip:
    profile = stone.profile(normal_rad)
    lip = close_lip(standing, wall, cut_in, profile, folded=True)
    if not isinstance(profile, DomeProfile):
        return lip
    # shares of the section's height here, of the stone's own there
    share = profile.table_mm / stone.table_mm
    return replace(lip, reach=share * lip.reach, contact=share * lip.contact, height_share=share * lip.height_share)


def least_lip(stone: GirdledStone, standing_mm: float, wall_mm: float, cut_in_mm: float) -> ClosedLip:
    """An even lip once it is laid over, where it covers least."""
    turns = stone.girdle.spaced(PLACES)
    return min(
        (_laid(standing_mm, wall_mm, cut_in_mm, stone, float(turn)) for turn in turns), key=lambda lip: lip.reach
    )


def _ledge_points(caster: RayCaster, base: Array, at: Array, out: Array, stone: GirdledStone, ledge_mm: float) -> Array:
    """(k, r, 3) metal under rays from above across the ledge, NaN where there is none."""
    if stone.stone.domed:
        wide = np.full(len(at), ledge_mm)
    else:  # the ledge is the girdle made smaller
        support = (at * out).sum(axis=1)
        wide = ledge_mm / (0.5 * stone.stone.width_mm) * support
    share = np.linspace(_EDGE_SHARE, 1.0 - _EDGE_SHARE, _ROWS)
    flat = at[:, None, :] - (share[None, :, None] * wide[:, None, None]) * out[:, None, :]
    flat = flat.reshape(-1, 2)
    height = _drop(caster, base, flat, 0.5 * stone.girdle_mm)
    return np.concatenate([flat, height[:, None]], axis=1).reshape(len(at), _ROWS, 3)


def _rest(ledge: Array, gap: Array, bears: Array, stone: GirdledStone, turn: Array, offset: Array) -> Rest | None:
    """The motion that lays the stone on its bearing; ``None`` where less than half of the girdle has one."""
    there = bears.sum(axis=1) >= 4
    if there.mean() < 0.5:
        return None
    points = ledge[bears]
    normal = stone.outward(points[:, 0], points[:, 1], below=True)
    # a gap is a height; its distance is along the stone's own normal
    residual = -gap[bears] * np.abs(normal[:, 2])
    slopes = np.concatenate([normal, np.cross(points, normal)], axis=1)
    motion, left = _least_trimmed(slopes, residual)
    worst, place = 0.0, (0.0, 0.0)
    for row in np.flatnonzero(there):
        kept = bears[row]
        x, y, z = ledge[row, kept].T
        inward = np.hypot(x - x[0], y - y[0])
        if np.ptp(inward) < 0.05:
            continue
        # along the same way inward, which leaves the steepest one where the girdle bends
        both = np.stack([z, stone.pavilion_height(x, y)], axis=1)
        found, wanted = np.degrees(np.arctan(-np.polyfit(inward, both, 1)[0]))
        off = float(found - wanted)
        if abs(off) > abs(worst):
            worst, place = off, (float(x[0]), float(y[0]))
    aside = math.hypot(motion[0], motion[1])
    if stone.stone.domed:  # on a level ledge the opening alone says where the stone lies
        met = np.isfinite(offset)
        terms = np.stack([np.ones(len(turn)), np.cos(turn), np.sin(turn)], axis=1)[met]
        aside = float(np.hypot(*np.linalg.lstsq(terms, offset[met], rcond=None)[0][1:]))
    return Rest(
        tilt_deg=math.degrees(math.hypot(motion[3], motion[4])),
        height_mm=float(motion[2]),
        aside_mm=aside,
        residual_mm=left,
        angle_off_deg=worst,
        place_mm=place,
    )


def _least_trimmed(slopes: Array, residual: Array) -> tuple[Array, float]:
    """Motion (6,) of shift and small turn, and what it leaves, root mean square.

    A little stiff: a turn about the axis is hardly felt, nor is a shift along a level ledge.
    """
    half = max(8, round(_TRIM * len(residual)))
    stiff = 1e-4 * len(residual) * np.diag([1.0, 1.0, 0.0, 0.0, 0.0, 1.0])

    def solved(rows: Array) -> Array:
        part = slopes[rows]
        return np.asarray(np.linalg.solve(part.T @ part + stiff, part.T @ residual[rows]))

    motion = solved(np.arange(len(residual)))
    for _ in range(_ROUNDS):
        inner = np.argsort(np.abs(residual - slopes @ motion), kind="stable")[:half]
        before, motion = motion, solved(inner)
        if np.abs(motion - before).max() < 1e-9:
            break
    spread = float(np.sqrt(np.mean(np.sort(np.abs(residual - slopes @ motion))[:half] ** 2)))
    used = np.flatnonzero(np.abs(residual - slopes @ motion) <= max(4.0 * spread, _FLOOR_MM))
    motion = solved(used)
    return motion, float(np.sqrt(np.mean((residual - slopes @ motion)[used] ** 2)))


def _met(at: Array, out: Array, height: Array, inner: Array) -> Array:
    """(p, 3) first metal at each place and height."""
    rows, columns = np.nonzero(np.isfinite(inner))
    flat = at[rows] + inner[rows, columns][:, None] * out[rows]
    return np.concatenate([flat, height[columns][:, None]], axis=1)


def _points(at: Array, out: Array, height: Array, inner: Array, stone: GirdledStone) -> Array:
    """(p, 3) metal that looks at the stone, out of it where its setting is cut in."""
    points = _met(at[::2], out[::2], height, np.where(np.abs(inner[::2]) < _NEAR_MM, inner[::2], np.inf))
    depth = np.maximum(stone.depth_inside(*points.T), 0.0)
    share = 1.0 + depth / np.maximum(np.hypot(points[:, 0], points[:, 1]), 1e-9)
    return points * np.stack([share, share, np.ones_like(share)], axis=1)


def _underside(stone: GirdledStone, at: Array, out: Array, turn: Array, contact: Array) -> Array:
    """(p, 3) underside of the laid lip: points on crown or dome from the girdle's edge inward."""
    found = []
    for place, way, normal, covered in zip(at[::2], out[::2], turn[::2], contact[::2], strict=True):
        if covered <= 0.0:
            continue
        profile = stone.profile(float(normal))
        share = np.linspace(0.0, 1.0, 6)
        if isinstance(profile, DomeProfile):
            up = np.clip((covered * stone.table_mm - stone.girdle_mm) * share / profile.crown_height_mm, 0.0, 1.0)
            inward = profile.radius_mm * (1.0 - np.sqrt(1.0 - up**2))
        else:
            inward = share * covered * profile.crown_run_mm
        flat = place - inward[:, None] * way
        found.append(np.concatenate([flat, stone.crown_height(flat[:, 0], flat[:, 1])[:, None]], axis=1))
    return np.concatenate(found) if found else np.zeros((0, 3))


def _interference(points: Array, stone: GirdledStone, base: Array) -> tuple[float, tuple[float, float, float]]:
    depth = stone.depth_inside(*points.T)
    worst = int(depth.argmax())
    x, y, z = points[worst] + base
    return max(float(depth[worst]), 0.0), (float(x), float(y), float(z))


def _blocked(caster: RayCaster, base: Array, at: Array, stone: GirdledStone) -> float:
    """Free height above the table over the whole stone; ``inf`` where nothing stands in the way."""
    flat = np.concatenate([0.5 * at, 0.95 * at])
    starts = base + np.concatenate([flat, np.full((len(flat), 1), stone.table_mm + CLEAR_RIM_MM)], axis=1)
    distance, face = caster.first_hit(starts, np.broadcast_to(np.array([0.0, 0.0, 1.0]), starts.shape))
    near = (face >= 0) & (distance < ABOVE_MM)
    return float(distance[near].min()) + CLEAR_RIM_MM if near.any() else math.inf
