"""Walls of bead-set rows, found from the numbers and measured on the mesh: under the seats, beside them, between
their openings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import BeadAccent, PlacedSeat, ResolvedRing
from ringcad.verify.bead_zone import bead_rows
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import SiteWall, enter_and_leave, thinnest

Array = NDArray[Any]

BESIDE_MIN_MM = 0.25
"""Metal beside the girdle as cast (standards 3.5)."""
BAR_MIN_MM = 0.35
"""Between two openings at the finger: the least castable detail."""
_FAN_DEG = 50.0
"""To either side of across the row, where metal beside a seat is measured; beyond are the neighbours."""
_EDGE_MM = 0.05
"""Kept from edges."""


def bead_sites(caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """Metal round every seat of a ring's bead-set rows; none where there are none."""
    found: list[SiteWall] = []
    for _, row in bead_rows(resolved):
        for seat in row.seats:
            found += [
                _floor(caster, row, seat, resolved.foundry.wall_min_mm),
                _beside(caster, row, seat),
                *_bar(caster, row, seat),
            ]
    return found


def _frame(seat: PlacedSeat) -> tuple[Array, Array, Array, Array]:
    return np.array(seat.origin_mm), np.array(seat.axis), np.array(seat.along), np.array(seat.across)


def _floor(caster: RayCaster, row: BeadAccent, seat: PlacedSeat, least: float) -> SiteWall:
    """From the underside to the bearing, round the opening."""
    origin, axis, along, across = _frame(seat)
    turn = 2.0 * np.pi * np.arange(24) / 24
    around = np.cos(turn)[:, None] * along + np.sin(turn)[:, None] * across
    low, high = 0.5 * row.azure_diameter_mm, 0.5 * row.opening_diameter_mm
    radii = np.linspace(low + _EDGE_MM, high - _EDGE_MM, 4) if high - low > 2.0 * _EDGE_MM else [0.5 * (low + high)]
    below = origin - (row.through_mm + row.stone.diameter_mm) * axis
    starts = np.concatenate([below + radius * around for radius in radii])
    return thinnest(
        f"seat_floor:{seat.id}", *enter_and_leave(caster, starts, np.broadcast_to(axis, starts.shape)), least
    )


def _beside(caster: RayCaster, row: BeadAccent, seat: PlacedSeat) -> SiteWall:
    """From the seat outward to the sides, under the floors of the U-cuts or the metal's surface."""
    origin, axis, along, across = _frame(seat)
    fan = np.radians(np.linspace(-_FAN_DEG, _FAN_DEG, 11))
    way = np.cos(fan)[:, None] * across + np.sin(fan)[:, None] * along
    way = np.concatenate([way, -way])
    floor = row.proud_mm if row.scallop is None else row.scallop.depth_mm + row.scallop.fall_mm
    starts = np.broadcast_to(origin - (floor + _EDGE_MM) * axis, way.shape)
    start, ways, length = enter_and_leave(caster, starts, way)
    return thinnest(f"bead_wall:{seat.id}", start, ways, length, BESIDE_MIN_MM)


def _bar(caster: RayCaster, row: BeadAccent, seat: PlacedSeat) -> list[SiteWall]:
    """From an opening to the next one, from under the bearing to the underside; none where there is none."""
    origin, axis, along, across = _frame(seat)
    fan = np.radians(np.linspace(-15.0, 15.0, 5))
    way = np.cos(fan)[:, None] * along + np.sin(fan)[:, None] * across
    way = np.concatenate([way, -way])
    depths = np.linspace(0.5 * row.pilot_diameter_mm, row.through_mm - 2.0 * _EDGE_MM, 4)
    starts = np.repeat(origin - depths[:, None] * axis, len(way), axis=0)
    start, ways, length = enter_and_leave(caster, starts, np.tile(way, (len(depths), 1)), opposed=True)
    # Beyond the last stone the line runs on through the whole band.
    near = length < 2.0 * row.stone.diameter_mm
    if not near.any():
        return []
    return [thinnest(f"seat_bar:{seat.id}", start[near], ways[near], length[near], BAR_MIN_MM)]
