"""Walls of a halo's rim, found from its numbers and measured on the mesh: outside the seats, between them, through."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Halo, PlacedSeat, ResolvedRing
from ringcad.verify.hidden_sites import hidden_lines, limit_hidden
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]

WALL_MIN_MM = 0.40
"""Between an opening and what is outside or beside it: supported walls from 0.40 mm (Morris and Watson)."""
_FAN_DEG = (-50.0, -25.0, -10.0, 0.0, 10.0, 25.0, 50.0)
"""Directions off the way out in which the outside wall is measured."""
_BAR_FAN_DEG = (-20.0, -10.0, 0.0, 10.0, 20.0)
_EDGE_MM = 0.05
"""Kept from the roundings of the rim and from its upper side."""
_INTO_RAIL_MM = 0.12
"""Where the join of rim and seat rail is looked for, inside the rim's inner side."""
_LINE_STEP_DEG = 2.0
_UPPER_SHARE = 0.30
"""Above this share of a stone below its girdle the bearing cones meet the surface: sites measure there, no balls."""

Lines = tuple[Array, Array, Array]


def row_loop(halo: Halo) -> tuple[Array, Array]:
    """(k, 2) points of the row's line all round, counter-clockwise, and the unit ways out of it."""
    if not halo.line_mm:
        azimuth = np.radians(np.arange(0.0, 360.0, _LINE_STEP_DEG))
        out = np.stack([np.cos(azimuth), np.sin(azimuth)], axis=1)
        return out * halo.row_radius_mm, out
    first = np.array(halo.line_mm)
    half = np.concatenate([first, (first * [-1.0, 1.0])[-2::-1]])
    loop = np.concatenate([half, -half[1:-1]])
    along = np.roll(loop, -1, axis=0) - np.roll(loop, 1, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return loop, np.stack([along[:, 1], -along[:, 0]], axis=1)


def off_row(halo: Halo, points: Array) -> Array:
    """(k,) how far points (k, 3) lie outside the upright surface through the row's line, mm; negative inside."""
    if not halo.line_mm:
        return np.asarray(np.hypot(points[:, 0], points[:, 1]) - halo.row_radius_mm)
    loop, out = row_loop(halo)
    found = np.full(len(points), np.inf)
    for start, end, way in zip(loop, np.roll(loop, -1, axis=0), out, strict=True):
        edge, away = end - start, points[:, :2] - start
        share = np.clip(away @ edge / (edge @ edge), 0.0, 1.0)
        aside = away - share[:, None] * edge
        length = np.linalg.norm(aside, axis=1)
        nearer = length < np.abs(found)
        found[nearer] = np.where(aside[nearer] @ way < 0.0, -length[nearer], length[nearer])
    return found


def halo_lines(caster: RayCaster, resolved: ResolvedRing) -> dict[str, tuple[Lines, float]]:
    """By site: starts, ways and lengths of straight lines through metal, and the limit, mm; none without a halo."""
    halo = resolved.halo
    if halo is None:
        return hidden_lines(caster, resolved)
    found: dict[str, tuple[Lines, float]] = {}
    for seat in halo.row.seats:
        found[f"halo_wall:{seat.id}"] = (_from_seat(caster, halo, seat, _FAN_DEG, outward=True), WALL_MIN_MM)
        for name, lines in _bars(caster, halo, seat).items():
            found[name] = (lines, WALL_MIN_MM)
    found["halo_plate"] = (_plate(caster, halo), resolved.foundry.wall_min_mm)
    return found


def _levels(halo: Halo) -> Array:
    """Heights at which openings are measured: between the roundings of the rim's edges."""
    room = halo.edge_radius_mm + _EDGE_MM
    scallop = halo.row.scallop
    top = halo.top_z_mm if scallop is None else halo.girdle_z_mm - scallop.depth_mm - scallop.fall_mm
    return np.linspace(halo.bottom_z_mm + room, max(top - room, halo.bottom_z_mm + room), 7)


def _from_seat(caster: RayCaster, halo: Halo, seat: PlacedSeat, fan_deg: tuple[float, ...], *, outward: bool) -> Lines:
    """From a seat's axis through the metal beside its opening, at several heights."""
    axis, along = np.array(seat.axis), np.array(seat.along)
    way = np.array(seat.across) if outward else along
    aside = along if outward else np.array(seat.across)
    turn = np.radians(np.array(fan_deg))
    ways = np.cos(turn)[:, None] * way + np.sin(turn)[:, None] * aside
    origins = np.array(seat.origin_mm) + (_levels(halo) - halo.girdle_z_mm)[:, None] * axis
    start = np.repeat(origins, len(ways), axis=0)
    way = np.tile(ways, (len(origins), 1))
    distance, face = caster.first_hit(start, way)
    met = face >= 0
    start = start + np.where(met, distance, 0.0)[:, None] * way
    length, _ = caster.thickness(start, way)
    return start, way, np.where(met & np.isfinite(length), length, 0.0)


def _bars(caster: RayCaster, halo: Halo, seat: PlacedSeat) -> dict[str, Lines]:
    """Towards the next opening; none where a prong or much metal stands before it."""
    start, way, length = _from_seat(caster, halo, seat, _BAR_FAN_DEG, outward=False)
    near = length < halo.row.stone.diameter_mm
    return {f"halo_bar:{seat.id}": (start[near], way[near], length[near])} if near.any() else {}


def _plate(caster: RayCaster, halo: Halo) -> Lines:
    """Through the rim from below, all round: inside the openings, and where it stands in the seat rail."""
    loop, out = row_loop(halo)
    beside = 0.5 * halo.row.stone.diameter_mm + _EDGE_MM
    offsets = np.linspace(beside, max(halo.inner_mm - _INTO_RAIL_MM, beside), 5)
    flat = np.concatenate([loop - offset * out for offset in offsets])
    middle = np.concatenate([flat, np.full((len(flat), 1), 0.5 * (halo.bottom_z_mm + halo.top_z_mm))], axis=1)
    up = np.broadcast_to(np.array([0.0, 0.0, 1.0]), middle.shape)
    ahead, _ = caster.thickness(middle, up, start_mm=0.0)
    back, _ = caster.thickness(middle, -up, start_mm=0.0)
    inside = np.isfinite(ahead) & np.isfinite(back)
    length = np.where(inside, ahead + back, 0.0)
    return middle - np.where(inside, back, 0.0)[:, None] * up, up, length


def limit_halo(limit: Array, resolved: ResolvedRing, points: Array) -> None:
    """Writes the limits of a halo's rim into ``limit`` (k,): that of its walls, 0 round beads and bearings."""
    halo = resolved.halo
    if halo is None:
        limit_hidden(limit, resolved, points)
        return
    rows = np.flatnonzero(
        (points[:, 2] > halo.bottom_z_mm - _EDGE_MM)
        & (points[:, 2] < halo.girdle_z_mm + halo.row.bead_rise_mm + _EDGE_MM)
    )
    off = off_row(halo, points[rows])
    reach = 0.5 * halo.row.stone.diameter_mm + halo.side_wall_mm
    relief = 0.0 if halo.band is None else resolved.foundry.relief_max_mm
    rows = rows[(off > -reach) & (off < halo.outer_mm + relief + _EDGE_MM)]
    scallop = halo.row.scallop
    upper = _UPPER_SHARE * halo.row.stone.diameter_mm
    low = halo.girdle_z_mm - (upper if scallop is None else max(upper, scallop.depth_mm + scallop.fall_mm))
    limit[rows] = np.minimum(limit[rows], np.where(points[rows, 2] > low, 0.0, WALL_MIN_MM))
