"""Walls of a channel, found from the numbers and measured on the mesh: under the seats, beside the slot, cross bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import ChannelAccent, FlushSeat, ResolvedRing
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import SiteWall, enter_and_leave, floor_of_seat, seat_axes, thinnest

Array = NDArray[np.float64]

BAR_MIN_MM = 0.35
"""Cross bar under a gap, as cast: 0.8 mm every two to three stones (bench practice), divided among the gaps."""
_LEVELS = (0.8, 1.0)
"""Where a wall is measured, as shares of the way from its top to the slot's floor: beside the girdle and below."""
_ALONG = (-0.4, 0.0, 0.4)
"""Where along the slot, as shares of the distance between stones."""
_FAN_DEG = 15.0
"""Bars are looked for in this much to either side of the row's direction."""
_EDGE_MM = 0.06
"""Kept from the bore and the bearing's edge."""


def channel_sites(caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """Metal round every seat of a ring's channel; none where there is no channel."""
    accent = resolved.channel
    found: list[SiteWall] = []
    for seat in accent.seats if accent is not None else ():
        assert accent is not None
        found += [floor_of_seat(caster, resolved, accent, seat), _beside(caster, resolved, accent, seat)]
        bar = _bar(caster, resolved, accent, seat)
        if bar is not None:
            found.append(bar)
    return found


def _beside(caster: RayCaster, resolved: ResolvedRing, accent: ChannelAccent, seat: FlushSeat) -> SiteWall:
    """From the slot outward through either wall."""
    crest = resolved.bore_radius_mm + resolved.shank.thickness_top_mm
    outer, first, way = [], [], []
    for share in _ALONG:
        turn = np.radians(seat.phi_deg + share * accent.pitch_deg)
        out = np.array([np.sin(turn), 0.0, np.cos(turn)])
        for side in (1.0, -1.0):
            finger = np.array([0.0, side, 0.0])
            outer.append(out * (crest + 3.0) + finger * (0.5 * accent.channel_width_mm + 0.5 * accent.rim_mm))
            first.append(out)
            way.append(finger)
    starts, axes, ways = np.array(outer), np.array(first), np.array(way)
    down, face = caster.first_hit(starts, -axes)
    top = np.where(face >= 0, crest + 3.0 - down, crest)
    floor = crest - accent.floor_depth_mm
    origin = np.concatenate([axes * (top + share * (floor + 0.02 - top))[:, None] for share in _LEVELS])
    start, along, length = enter_and_leave(caster, origin, np.concatenate([ways] * len(_LEVELS)))
    return thinnest(f"channel_wall:{seat.id}", start, along, length, accent.wall_mm)


def _bar(caster: RayCaster, resolved: ResolvedRing, accent: ChannelAccent, seat: FlushSeat) -> SiteWall | None:
    """From an opening to the next one; ``None`` where there is none."""
    crest = resolved.bore_radius_mm + resolved.shank.thickness_top_mm
    ledge = 0.5 * (accent.bearing_diameter_mm - accent.pilot_diameter_mm)
    low = resolved.bore_radius_mm + resolved.shank.comfort_rise_mm + _EDGE_MM
    high = crest - accent.floor_depth_mm - ledge * np.tan(np.radians(accent.stone.pavilion_angle_deg)) - _EDGE_MM
    out, _ = seat_axes(seat)
    along = np.array([out[2], 0.0, -out[0]])
    fan = np.radians(np.linspace(-_FAN_DEG, _FAN_DEG, 5))
    ways = np.cos(fan)[:, None] * along + np.sin(fan)[:, None] * np.array([0.0, 1.0, 0.0])
    ways = np.concatenate([ways, -ways])
    levels = np.linspace(low, max(high, low), 4)
    origin = np.repeat(out * levels[:, None], len(ways), axis=0)
    start, way, length = enter_and_leave(caster, origin, np.tile(ways, (len(levels), 1)), opposed=True)
    # Beyond the last stone the line runs on through the whole band.
    near = length < 2.0 * accent.stone.diameter_mm
    if not near.any():
        return None
    return thinnest(f"seat_bar:{seat.id}", start[near], way[near], length[near], BAR_MIN_MM)
