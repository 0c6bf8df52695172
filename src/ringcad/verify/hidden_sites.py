"""Walls of the seat rail round a hidden halo's seats, found from the numbers and measured on the mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import HiddenHalo, PlacedSeat, Rail, ResolvedRing
from ringcad.verify.rail_line import off_rail
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]
Lines = tuple[Array, Array, Array]

BESIDE_MIN_MM = 0.25
"""Rail over and under an opening as cast, to its edges and to the pavilion's clearance (standards 3.5)."""
BAR_MIN_MM = 0.35
"""Between two openings: the least castable detail."""
_FAN_DEG = (-30.0, -15.0, 0.0, 15.0, 30.0)
_BAR_FAN_DEG = (-15.0, 0.0, 15.0)
_DEPTHS = 5
_EDGE_MM = 0.05
"""Kept from edges."""
_UPPER_SHARE = 0.35
"""Within this share of a stone from its girdle bearing cones meet the rail's outside: sites measure there, no balls."""


def hidden_lines(caster: RayCaster, resolved: ResolvedRing) -> dict[str, tuple[Lines, float]]:
    """By site: starts, ways and lengths of straight lines through metal, and the limit, mm; none without the halo."""
    halo = resolved.hidden_halo
    if halo is None or resolved.gallery is None:
        return {}
    rail, row = resolved.gallery.rails[0], halo.row
    found: dict[str, tuple[Lines, float]] = {}
    for seat in row.seats:
        across, along = np.array(seat.across), np.array(seat.along)
        last = row.through_mm - _EDGE_MM
        # over and under an opening the rail is thinnest at its outside; bars are thinnest at its inside
        depths = (row.proud_mm + _EDGE_MM, last - rail.edge_radius_mm)
        wall = _from_seat(caster, seat, _fan(across, along, _FAN_DEG), depths)
        found[f"hidden_wall:{seat.id}"] = wall, BESIDE_MIN_MM
        bars = _from_seat(caster, seat, _fan(along, across, _BAR_FAN_DEG), (0.5 * row.pilot_diameter_mm, last))
        start, way, length = bars
        # beyond the last stone before a prong the line runs on through rail and prong
        near = length < row.stone.diameter_mm
        if near.any():
            found[f"hidden_bar:{seat.id}"] = (start[near], way[near], length[near]), BAR_MIN_MM
    return found


def _fan(way: Array, aside: Array, degrees: tuple[float, ...]) -> Array:
    """(2 k, 3) directions about a way and about its opposite."""
    turn = np.radians(np.array(degrees))
    ways = np.cos(turn)[:, None] * way + np.sin(turn)[:, None] * aside
    return np.concatenate([ways, -ways])


def _from_seat(caster: RayCaster, seat: PlacedSeat, ways: Array, between_mm: tuple[float, float]) -> Lines:
    """From a seat's axis through the metal beside it, at depths between two below the girdle."""
    depths = np.linspace(*between_mm, _DEPTHS)
    origins = np.array(seat.origin_mm) - depths[:, None] * np.array(seat.axis)
    start = np.repeat(origins, len(ways), axis=0)
    way = np.tile(ways, (len(origins), 1))
    distance, face = caster.first_hit(start, way)
    met = face >= 0
    start = start + np.where(met, distance, 0.0)[:, None] * way
    length, _ = caster.thickness(start, way)
    return start, way, np.where(met & np.isfinite(length), length, 0.0)


def beside_openings(resolved: ResolvedRing, rail: Rail, points: Array, ways: Array) -> tuple[Array, Array]:
    """Those of points (k, 3) of a rail, with their ways, that lie beside the openings of the row that it carries."""
    halo = resolved.hidden_halo
    if halo is None or rail.name != "seat_rail":
        return points, ways
    kept = np.ones(len(points), dtype=bool)
    for seat in halo.row.seats:
        along, out = _in_seat(seat, points)
        kept &= (along > 0.5 * halo.row.stone.diameter_mm) | (out > 0.0) | (out < -2.0 * halo.row.through_mm)
    return points[kept], ways[kept]


def _in_seat(seat: PlacedSeat, points: Array) -> tuple[Array, Array]:
    """(k,) distance of points from a seat's upright plane, and how far out they lie beyond its girdle."""
    offset = points - np.array(seat.origin_mm)
    return np.abs(offset @ np.array(seat.along)), offset @ np.array(seat.axis)


def limit_hidden(limit: Array, resolved: ResolvedRing, points: Array) -> None:
    """Writes the limits of a rail with a hidden halo into ``limit`` (k,): of its walls, 0 round beads and bearings."""
    halo = resolved.hidden_halo
    if halo is None or resolved.gallery is None:
        return
    rail = resolved.gallery.rails[0]
    rows = np.flatnonzero((points[:, 2] > rail.bottom_z_mm - _EDGE_MM) & (points[:, 2] < rail.top_z_mm + _EDGE_MM))
    near = off_rail(rail, points[rows]) < _reach(halo)
    rows = rows[near]
    limit[rows] = np.minimum(limit[rows], BESIDE_MIN_MM)
    upper = _UPPER_SHARE * halo.row.stone.diameter_mm
    beside = 0.5 * halo.row.stone.diameter_mm + halo.row.bead_diameter_mm
    for seat in halo.row.seats:
        along, out = _in_seat(seat, points[rows])
        limit[rows[(along < beside) & (out > -upper) & (out < halo.row.bead_rise_mm + _EDGE_MM)]] = 0.0


def _reach(halo: HiddenHalo) -> float:
    """From the rail's middle line to beyond the row's beads."""
    return 0.5 * halo.row.through_mm + halo.row.bead_rise_mm + 2.0 * _EDGE_MM
