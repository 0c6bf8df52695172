"""Flush seats on a limb: where they stand, what they keep level, and the tiles that each lies in alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import LimbNets, even_cuts
from ringcad.fit.obstacles import Bore, Obstacle
from ringcad.fit.skin import TILE_STATIONS
from ringcad.resolved import (
    BeadAccent,
    ChannelAccent,
    FlushAccent,
    FlushSeat,
    ResolvedRing,
    SharedProngAccent,
)
from ringcad.seats.places import StoneInstance

Array = NDArray[np.float64]

DrilledAccent = FlushAccent | ChannelAccent | SharedProngAccent

#: Distance of the plain crown line from the finger axis, mm, at an angle from the top, degrees.
CrownRadius = Callable[[float], float]

#: A net with more coefficients across takes three tiles over the skin's width instead of two.
_WIDE_NET = 80
#: Kept between a flush seat's opening and the edge of its tile, mm.
_SEAT_ROOM_MM = 0.15
#: No tile between two seats is narrower than this many stations.
_NARROW_STATIONS = 6
#: A middle tile that would take more than this share of the width is the only one.
_WIDEST_SHARE = 0.8


def seat_frame(seat: FlushSeat, crown_radius: CrownRadius) -> tuple[Array, Array]:
    """(point on the plain skin, outward axis) of a flush seat. The axis is radial, square to the finger."""
    phi = math.radians(seat.phi_deg)
    axis = np.array([math.sin(phi), 0.0, math.cos(phi)])
    return axis * crown_radius(seat.phi_deg) + np.array([0.0, seat.y_mm, 0.0]), axis


def drilled(ring: ResolvedRing) -> list[DrilledAccent]:
    """Rows whose seats open the shank's own skin; bead-set ones stand on plain metal of their own."""
    return [accent for accent in ring.accents if not isinstance(accent, BeadAccent)]


def seat_obstacles(ring: ResolvedRing, crown_radius: CrownRadius) -> list[tuple[Obstacle, float]]:
    """Openings of flush seats with the width of their bright rim, mm."""
    found: list[tuple[Obstacle, float]] = []
    for accent in drilled(ring):
        for seat in accent.seats:
            point, axis = seat_frame(seat, crown_radius)
            (x, y, z), (a, b, c) = point.tolist(), axis.tolist()
            bore = Bore((x, y, z), (a, b, c), 0.5 * accent.opening_diameter_mm)
            found.append((bore, accent.rim_mm))
    return found


def flush_stones(ring: ResolvedRing, crown_radius: CrownRadius) -> list[StoneInstance]:
    """Small stones where they sit when set, on their seats' axes."""
    found = []
    for index, accent in enumerate(ring.accents):
        if isinstance(accent, BeadAccent):
            found += [StoneInstance(seat.id, str(index), seat.origin_mm, seat.axis) for seat in accent.seats]
            continue
        stone = accent.stone
        below = accent.table_depth_mm + stone.crown_height_mm + stone.girdle_mm
        for seat in accent.seats:
            point, axis = seat_frame(seat, crown_radius)
            x, y, z = (point - below * axis).tolist()
            a, b, c = axis.tolist()
            found.append(StoneInstance(seat.id, str(index), (x, y, z), (a, b, c)))
    return found


def tile_stations(ring: ResolvedRing, nets: LimbNets, crown_radius: CrownRadius, first: int, last: int) -> list[int]:
    """Stations from ``first`` to ``last`` where a limb's tiles meet; below 0 and beyond the count they count on.

    Tiles meet between flush seats, not under them: a seat that lies in one tile is cut several times faster.
    """
    found = [first]
    for begin, end in _seat_stretches(ring, nets, crown_radius, first, last):
        if begin > found[-1]:
            found.extend(even_cuts(found[-1], begin, TILE_STATIONS)[1:])
        found.append(end)
    return found if found[-1] >= last else [*found, *even_cuts(found[-1], last, TILE_STATIONS)[1:]]


def _seat_stretches(
    ring: ResolvedRing, nets: LimbNets, crown_radius: CrownRadius, first: int, last: int
) -> list[tuple[int, int]]:
    """First and last station of each flush seat's own tiles between two stations, ascending; neighbours share one."""
    phi = nets.stations.phi_deg
    count = len(phi)
    rows = []
    for accent in drilled(ring):
        for seat in accent.seats:
            point, _ = seat_frame(seat, crown_radius)
            reach = 0.5 * accent.opening_diameter_mm + _SEAT_ROOM_MM
            half = math.degrees(math.asin(reach / math.hypot(point[0], point[2])))
            middle = float(np.interp(seat.phi_deg, phi, np.arange(count)))
            turn = 0 if first <= middle <= last else count
            low, high = np.interp([seat.phi_deg - half, seat.phi_deg + half], phi, np.arange(count)) - turn
            rows.append([max(float(low), float(first)), min(float(high), float(last))])
    rows.sort()
    for before, after in pairwise(rows):
        if after[0] - before[1] < _NARROW_STATIONS:
            before[1] = after[0] = 0.5 * (before[1] + after[0])
    return [(round(begin), round(end)) for begin, end in rows]


def tiles_across(ring: ResolvedRing, nets: LimbNets) -> list[float]:
    """Parameters over the skin's width where tiles meet: beside flush seats, else evenly."""
    last = float(nets.outer_knots[-1])
    accents = drilled(ring)
    if not accents:
        parts = 2 if nets.outer.shape[1] < _WIDE_NET else 3
        return [float(round(last * k / parts)) for k in range(parts + 1)]
    reach = max(
        abs(seat.y_mm) + 0.5 * accent.opening_diameter_mm + _SEAT_ROOM_MM for accent in accents for seat in accent.seats
    )
    seats = [abs(seat.phi_deg) for accent in accents for seat in accent.seats]
    away = np.abs(nets.stations.phi_deg)
    beside = nets.across_mm[(away >= min(seats) - 5.0) & (away <= max(seats) + 5.0), -1]
    share = reach / float(beside.min())
    if share > _WIDEST_SHARE:
        return [0.0, last]
    return [0.0, 0.5 * last * (1.0 - share), 0.5 * last * (1.0 + share), last]
