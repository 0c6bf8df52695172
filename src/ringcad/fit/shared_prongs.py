"""A row between shared prongs on a limb: stations that it repeats on, and where its parts end. Numpy only.

From seat to seat the metal is the same: stations lie evenly over the row and a little beyond it, with one in the plane
of every seat and of every pair of prongs, so that one stretch can be made and turned about the finger.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import LimbNets, even_cuts
from ringcad.fit.skin import TILE_STATIONS
from ringcad.resolved import SharedProngAccent

Array = NDArray[np.float64]

#: Even stations beyond the row's end: what is uneven farther on dies away by 0.27 a station.
_CALM = 12
#: Distance of stations on plain metal, mm: a cubic through them keeps within a tenth of a micrometre of the circle.
PLAIN_STEP_MM = 0.5


def stations_deg(accent: SharedProngAccent, crest_radius_mm: float, step_mm: float) -> Array:
    """(n,) angles of the limb's stations, ascending from the bottom; the middle one is the top."""
    half = 0.5 * accent.pitch_deg
    step = half / max(2, math.ceil(math.radians(half) * crest_radius_mm / step_mm))
    if accent.all_round:
        count = round(360.0 / step)
        return np.asarray(step * (np.arange(count) - count // 2))
    even = math.ceil(accent.end_deg / step) + _CALM
    edge = even * step
    rest = max(round((180.0 - edge) / step), 2)
    right = np.concatenate([step * np.arange(even + 1), edge + (180.0 - edge) * np.arange(1, rest + 1) / rest])
    return np.concatenate([-right[::-1], right[1:-1]])


def station_at(nets: LimbNets, phi_deg: float) -> int:
    """The station at an angle; beyond the last one it counts on."""
    phi = nets.stations.phi_deg
    return round(float(np.interp(phi_deg, np.append(phi, 180.0), np.arange(len(phi) + 1))))


def end_station(accent: SharedProngAccent, nets: LimbNets) -> int:
    """Where the row's last part ends on the right and the plain limb begins."""
    return int(np.argmax(nets.stations.phi_deg >= accent.end_deg))


def plain_stations(accent: SharedProngAccent, nets: LimbNets) -> list[int]:
    """Stations where the tiles of the plain limb meet, from the row's right end round the bottom to its left end."""
    count, end = len(nets.stations.phi_deg), end_station(accent, nets)
    return even_cuts(end - count, count - end, TILE_STATIONS) if not accent.all_round else []


def tile_stations(accent: SharedProngAccent, nets: LimbNets) -> tuple[int, ...]:
    """Stations where all tiles meet, ascending once round."""
    seats = [station_at(nets, seat.phi_deg) for seat in accent.seats]
    if accent.all_round:
        return (*seats, seats[0] + len(nets.stations.phi_deg))
    count, end = len(nets.stations.phi_deg), end_station(accent, nets)
    found = [*plain_stations(accent, nets), *seats, end]
    assert all(one < two for one, two in pairwise(found)), count
    return tuple(found)
