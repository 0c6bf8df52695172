"""Where the arms of a bypass shank run: from the middle of the shank to either side of the head. Numpy only."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import shank_line
from ringcad.fit.head_block import shank_nets, station_density
from ringcad.fit.limb import LimbNets, Swing, even_cuts, smooth_step, station_angles
from ringcad.fit.skin import TILE_STATIONS, net_size
from ringcad.resolved import ResolvedRing
from ringcad.resolved_bypass import END_DEG, FREE_DEG, Bypass

Array = NDArray[np.float64]

#: Share of a rounded end's length at which it closes with a small flat.
_CLOSED_SHARE = 0.985
#: Height that is left at the very end, as a share.
_END_HEIGHT = 0.5
#: What the bore's wall rises from the finger up to the very end, as a share of the height there.
_END_RISE = 0.2
#: Where an arm begins to narrow towards its end, degrees about the finger.
_NARROWS_DEG = 34.0
#: Sections turn square to the arm from its end on over so many degrees along it.
_TURN_DEG = (2.0, 8.0)


def _hermite(t: Array, value: float, slope: float) -> Array:
    """Cubic through 0 at t = 0 and ``value`` with ``slope`` at t = 1, straight enough at 0."""
    start = 1.5 * value - 0.5 * slope
    return (t**3 - 2.0 * t**2 + t) * start + (3.0 * t**2 - 2.0 * t**3) * value + (t**3 - t**2) * slope


def place_deg(arms: Bypass, along_deg: Array) -> Array:
    """Angle about the finger at angles along the arms, signed alike. Before an arm's end no metal is: the line there
    only leads from one end to the other.
    """
    away = np.abs(along_deg)
    slower = np.clip((FREE_DEG - away) / FREE_DEG, 0.0, None)
    place = away - arms.slowing_deg * slower**3
    slope = 1.0 + 3.0 * arms.slowing_deg * ((FREE_DEG - END_DEG) / FREE_DEG) ** 2 / FREE_DEG
    beyond = _hermite(np.clip(away / END_DEG, 0.0, 1.0), -arms.past_deg, slope * END_DEG)
    return np.asarray(np.sign(along_deg) * np.where(away < END_DEG, beyond, place))


def _narrowed(ring: ResolvedRing, arms: Bypass, along_deg: Array) -> Array:
    """Width of an arm without the rounding of its end, mm."""
    width = shank_line.width_line(ring.shank, np.maximum(np.abs(along_deg), END_DEG))
    place = place_deg(arms, np.maximum(np.abs(along_deg), END_DEG))
    share = smooth_step((_NARROWS_DEG - place) / (_NARROWS_DEG + arms.past_deg - arms.nose_deg))
    return np.asarray(width + (arms.end_width_mm - width) * share)


def _rounding(arms: Bypass, along_deg: Array) -> Array:
    """Share (n,) of a circle's half chord that a rounded end keeps at angles along the arm: 1 before it."""
    place = place_deg(arms, np.maximum(np.abs(along_deg), END_DEG))
    into = np.clip((arms.nose_deg - arms.past_deg - place) / arms.nose_deg, 0.0, 1.0) * _CLOSED_SHARE
    return np.asarray(np.sqrt(1.0 - into**2))


def width_line(ring: ResolvedRing, along_deg: Array) -> Array:
    """Width at angles along the arms, mm."""
    arms = ring.shank.bypass
    assert arms is not None
    return _narrowed(ring, arms, along_deg) * _rounding(arms, along_deg)


def height_line(ring: ResolvedRing, along_deg: Array) -> Array:
    """Height of the crown line over the bore, mm."""
    arms = ring.shank.bypass
    assert arms is not None
    body = shank_line.body_line(ring.shank, along_deg)
    return body * (_END_HEIGHT + (1.0 - _END_HEIGHT) * _rounding(arms, along_deg))


def off_finger_line(ring: ResolvedRing, along_deg: Array) -> Array:
    """What the bore's wall stands off the finger hole at angles along the arms, mm: a rounded end is so from below."""
    arms = ring.shank.bypass
    assert arms is not None
    return shank_line.body_line(ring.shank, along_deg) * _END_RISE * (1.0 - _rounding(arms, along_deg))


def swing(ring: ResolvedRing, along_deg: Array) -> Swing:
    """Where the sections stand at angles along the arms (n,), ascending from -180."""
    arms = ring.shank.bypass
    assert arms is not None
    place, away = place_deg(arms, along_deg), np.abs(along_deg)
    here = place_deg(arms, np.maximum(away, END_DEG))
    full = arms.flank_mm + 0.5 * _narrowed(ring, arms, along_deg)
    side = full * smooth_step((arms.swing_start_deg - here) / (arms.swing_start_deg - arms.swing_end_deg))
    # before the ends, over to the other arm
    over = np.clip(away / END_DEG, 0.0, 1.0)
    side = np.sign(along_deg) * np.where(away < END_DEG, _hermite(over, 1.0, 0.0) * side, side)
    radius = ring.bore_radius_mm + 0.5 * ring.shank.thickness_top_mm
    step = np.radians(np.gradient(place)) * radius
    square = smooth_step((away - END_DEG - _TURN_DEG[0]) / (_TURN_DEG[1] - _TURN_DEG[0]))
    lean = np.where(away > END_DEG, np.arctan2(np.gradient(side), np.abs(step)) * square, 0.0)
    return Swing(place, side, lean, radius, off_finger_line(ring, along_deg))


def limb_nets(ring: ResolvedRing) -> LimbNets:
    """Base nets of the shank: metal from the right arm's end (:func:`first_station`) round to the left one's."""
    shank, arms = ring.shank, ring.shank.bypass
    assert arms is not None
    spread = np.maximum(station_density(ring, np.zeros(361)), density(arms, 361))
    across = max(shank.width_top_mm, shank.head_width) + 2.0 * shank.outer_edge_radius_mm * 0.57
    around = 2.0 * math.pi * (ring.bore_radius_mm + shank.thickness_top_mm) * float(np.mean(spread))
    along, rows = net_size(around, across, ring.foundry.detail_min_mm)
    phi = station_angles(along, spread)
    return shank_nets(ring, phi, height_line(ring, phi), width_line(ring, phi), rows, swing(ring, phi))


def density(arms: Bypass, count: int) -> Array:
    """Least density of stations on 0 ... 180 degrees along an arm: fine on its end, and where it swings."""
    along = np.linspace(0.0, 180.0, count)
    slope = 1.0 + 3.0 * arms.slowing_deg * np.clip((FREE_DEG - along) / FREE_DEG, 0.0, 1.0) ** 2 / FREE_DEG
    start = arms.nose_start_deg
    nose = smooth_step((start + 1.5 - along) / 1.5) * smooth_step((along - END_DEG + 2.0) / 2.0)
    swings = smooth_step((arms.swing_start_deg + 6.0 - along) / 6.0)
    return np.asarray(slope * (0.45 * swings + 2.0 * nose))


def first_station(along_deg: Array) -> int:
    """The station of the right arm's end."""
    return int(np.argmax(along_deg >= END_DEG))


def last_station(arms: Bypass, along_deg: Array) -> int:
    """The station on the right behind which the shank runs in its middle plane: sections are plane again."""
    return int(np.argmax(along_deg >= arms.swing_start_deg)) + 8


def block_stations(ring: ResolvedRing, nets: LimbNets) -> tuple[list[int], list[int]]:
    """Stations of the arms where tiles meet, right and left, both ascending, up to where the shank is in its middle."""
    arms, along = ring.shank.bypass, nets.stations.phi_deg
    assert arms is not None
    right = even_cuts(first_station(along), last_station(arms, along), TILE_STATIONS)
    return right, [len(along) - station for station in reversed(right)]


def tile_stations(ring: ResolvedRing, nets: LimbNets) -> tuple[int, ...]:
    """Stations where all tiles meet, ascending once round: the hoop's, then those of either arm."""
    right, left = block_stations(ring, nets)
    return (*even_cuts(right[-1] - len(nets.stations.phi_deg), left[0], TILE_STATIONS), *left[1:], *right)
