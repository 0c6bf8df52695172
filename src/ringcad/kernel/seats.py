"""Cutters of seats; they depend on stones and setting alone, never on the decoration."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.flush import CrownRadius, seat_frame
from ringcad.kernel.parts import revolve
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import FlushAccent, ResolvedRing

Array = NDArray[np.float64]


def flush_cutters(ring: ResolvedRing, crown_radius: CrownRadius) -> list[NamedShape]:
    """Seats of all flush stones."""
    return [
        flush_cutter(ring, accent, *seat_frame(seat, crown_radius), f"seat_{seat.id}")
        for accent in ring.accents
        if isinstance(accent, FlushAccent)
        for seat in accent.seats
    ]


def flush_cutter(ring: ResolvedRing, accent: FlushAccent, point: Array, axis: Array, name: str) -> NamedShape:
    """Opening, bearing cone along the pavilion, pilot hole through to the bore."""
    stone = accent.stone
    opening, pilot = 0.5 * accent.opening_diameter_mm, 0.5 * accent.pilot_diameter_mm
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    girdle = -(accent.table_depth_mm + stone.crown_height_mm + stone.girdle_mm)
    bearing_top = girdle - (0.5 * stone.diameter_mm - opening) * slope
    bearing_low = bearing_top - (opening - pilot) * slope
    through = -(float(np.hypot(point[0], point[2])) - ring.bore_radius_mm) - 1.2
    profile = [
        (0.0, through),
        (pilot, through),
        (pilot, bearing_low),
        (opening, bearing_top),
        (opening, 1.5),
        (0.0, 1.5),
    ]
    return revolve(profile, point, axis, name)
