"""Walls of a row between shared prongs, found from the numbers and measured on the mesh.

Under each stone: bore to scallop or seat, beside the window to both sides of the limb, from window to window. Between
two stones: the columns under the prongs, the prongs between their notches, the saddle between two prongs of a pair.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import FlushSeat, ResolvedRing, SharedProngAccent
from ringcad.verify.channel_sites import BAR_MIN_MM
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import SiteWall, enter_and_leave, seat_axes, thinnest

Array = NDArray[np.float64]

NECK_MIN_MM = 0.30
"""Of a shared prong between the notches of its two stones: the least prong that is cast has 0.40 and loses a quarter to
a notch (prong presets by stone size; at most 25 % a notch)."""
COLUMN_SHARE = 0.95
"""Of the prong's diameter that the column under it has at least."""
_FAN_DEG = 15.0
_EDGE_MM = 0.06
"""Kept from the bore, from scallops' floors and from the edges of seats."""
_LEVELS = 4
_FINGER = np.array([0.0, 1.0, 0.0])


def shared_sites(caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """Metal round every seat and under every pair of prongs of a ring's row; none where there is no such row."""
    accent = resolved.shared_prongs
    if accent is None:
        return []
    found: list[SiteWall] = []
    last = accent.seats[-1]
    for seat in accent.seats:
        found += [_floor(caster, resolved, accent, seat), _side(caster, resolved, accent, seat)]
        if seat is last and not accent.all_round:
            continue  # beyond the last stone the limb is whole
        found += [
            _bar(caster, resolved, accent, seat),
            _column(caster, resolved, accent, seat),
            _neck(caster, resolved, accent, seat),
            _saddle(caster, resolved, accent, seat),
        ]
    return found


def _crest(resolved: ResolvedRing) -> float:
    return resolved.bore_radius_mm + resolved.shank.thickness_top_mm


def _along(out: Array) -> Array:
    """The way to the next stone, square to a seat's axis."""
    return np.array([out[2], 0.0, -out[0]])


def _floor(caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent, seat: FlushSeat) -> SiteWall:
    """Bore to scallop or bearing, beside the window, where the bore is not eased at its edges."""
    out, ring = seat_axes(seat)
    first = 0.5 * accent.pilot_diameter_mm + 0.03
    most = 0.5 * resolved.shank.width_top_mm - resolved.shank.inner_edge_radius_mm - 0.05
    inside = out * (0.3 * resolved.ring.inner_diameter_mm)
    radii = np.linspace(first, max(most, first), 5)
    # a wide limb reaches farther aside than the next stones are away: their windows are measured with themselves
    apart = _crest(resolved) * math.sin(math.radians(0.5 * accent.pitch_deg))
    beside = [ring[np.abs(ring @ _along(out)) * radius <= max(apart, first)] * radius for radius in radii]
    origin = np.concatenate([inside + one for one in beside])
    start, way, length = enter_and_leave(caster, origin, np.broadcast_to(out, origin.shape))
    return thinnest(f"seat_floor:{seat.id}", start, way, length, resolved.foundry.wall_min_mm)


def _side(caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent, seat: FlushSeat) -> SiteWall:
    """From the window out through either side of the limb, above its eased inner edge and below the scallop."""
    out, _ = seat_axes(seat)
    fan = np.radians(np.linspace(-_FAN_DEG, _FAN_DEG, 5))
    ways = np.cos(fan)[:, None] * _FINGER + np.sin(fan)[:, None] * _along(out)
    ways = np.concatenate([ways, -ways])
    high = accent.rail_mm - _EDGE_MM
    levels = resolved.bore_radius_mm + np.linspace(min(0.6 * accent.rail_mm, high), high, _LEVELS)
    origin = np.repeat(out * levels[:, None], len(ways), axis=0)
    start, way, length = enter_and_leave(caster, origin, np.tile(ways, (len(levels), 1)), opposed=True)
    return thinnest(f"row_side:{seat.id}", start, way, length, resolved.foundry.wall_min_mm)


def _bar(caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent, seat: FlushSeat) -> SiteWall:
    """From a window to the next one."""
    out, _ = seat_axes(seat)
    low = resolved.bore_radius_mm + resolved.shank.comfort_rise_mm + _EDGE_MM
    levels = np.linspace(low, max(resolved.bore_radius_mm + accent.rail_mm - _EDGE_MM, low), _LEVELS)
    fan = np.radians(np.linspace(-_FAN_DEG, _FAN_DEG, 5))
    ways = np.cos(fan)[:, None] * _along(out) + np.sin(fan)[:, None] * _FINGER
    origin = np.repeat(out * levels[:, None], len(ways), axis=0)
    start, way, length = enter_and_leave(caster, origin, np.tile(ways, (len(levels), 1)))
    return thinnest(f"seat_bar:{seat.id}", start, way, length, BAR_MIN_MM)


def _across(
    caster: RayCaster, accent: SharedProngAccent, seat: FlushSeat, levels: Array, aside: tuple[float, ...]
) -> tuple[Array, Array, Array]:
    """Square to the radius half way to the next stone, from this stone's room through the metal between both.

    ``levels`` are distances from the finger axis on that radius, ``aside`` distances from mid-width.
    """
    phi = math.radians(seat.phi_deg + 0.5 * accent.pitch_deg)
    out = np.array([math.sin(phi), 0.0, math.cos(phi)])
    back = 0.5 * accent.pitch_deg * math.pi / 180.0
    origin, ways = [], []
    for y in aside:
        for level in levels:
            origin.append(out * level - _along(out) * (level * math.tan(back)) + _FINGER * y)
            ways.append(_along(out))
    return enter_and_leave(caster, np.array(origin), np.array(ways))


def _column(caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent, seat: FlushSeat) -> SiteWall:
    """Between two scallops under a pair of prongs."""
    low, high = _crest(resolved) - accent.scallop_depth_mm + _EDGE_MM, _crest(resolved) - _EDGE_MM
    middle = low + 0.5 * (high - low)
    start, way, length = _across(
        caster, accent, seat, np.linspace(middle, high, _LEVELS), (accent.prong_y_mm, -accent.prong_y_mm)
    )
    return thinnest(f"row_column:{seat.id}", start, way, length, COLUMN_SHARE * accent.prong_diameter_mm)


def _neck(caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent, seat: FlushSeat) -> SiteWall:
    """A prong between the notches of its stones."""
    level = _crest(resolved) + accent.girdle_over_crest_mm + 0.5 * accent.stone.girdle_mm
    level /= math.cos(math.radians(0.5 * accent.pitch_deg))
    start, way, length = _across(caster, accent, seat, np.array([level]), (accent.prong_y_mm, -accent.prong_y_mm))
    return thinnest(f"prong_neck:{seat.id}", start, way, length, NECK_MIN_MM)


def _saddle(caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent, seat: FlushSeat) -> SiteWall:
    """Between two seats, between the prongs of a pair."""
    start, way, length = _across(caster, accent, seat, np.array([_crest(resolved) - _EDGE_MM]), (0.0,))
    return thinnest(f"row_saddle:{seat.id}", start, way, length, resolved.foundry.detail_min_mm)
