"""A channel on a limb: where its tiles meet, so that each opening lies in a tile of its own."""

from __future__ import annotations

import math

import numpy as np

from ringcad.fit.limb import LimbNets, even_cuts
from ringcad.fit.skin import TILE_STATIONS
from ringcad.resolved import ChannelAccent

#: Kept between the slot and the edge of the tiles that it is cut from, mm.
_ROOM_MM = 0.15
#: Kept beyond the square end of a slot, mm.
_END_ROOM_MM = 0.4


def tile_stations(accent: ChannelAccent, nets: LimbNets) -> list[int]:
    """Stations where tiles meet, once round: between the stones of a channel, and evenly where there are none."""
    phi, count = nets.stations.phi_deg, len(nets.stations.phi_deg)
    seats = [seat.phi_deg for seat in accent.seats]
    between = [seat + 0.5 * accent.pitch_deg for seat in seats[:-1]]
    if not accent.all_round:
        outer = nets.stations.bore_radius_mm + float(nets.stations.height_mm[0])
        beyond = accent.end_deg + math.degrees(_END_ROOM_MM / outer)
        between = [-beyond, *between, beyond]
    at = [round(float(np.interp(angle, phi, np.arange(count)))) for angle in between]
    found = [0]
    for station in (*at, count):
        gap = station - found[-1]
        wide = gap > 2 * TILE_STATIONS and station in (at[0], count) and not accent.all_round
        found += even_cuts(found[-1], station, TILE_STATIONS)[1:] if wide else [station]
    return found


def tiles_across(accent: ChannelAccent, nets: LimbNets) -> list[float]:
    """Parameters over the skin's width where tiles meet: beside the slot."""
    last = float(nets.outer_knots[-1])
    share = (0.5 * accent.channel_width_mm + _ROOM_MM) / float(nets.across_mm[:, -1].min())
    return [0.0, 0.5 * last * (1.0 - share), 0.5 * last * (1.0 + share), last]
