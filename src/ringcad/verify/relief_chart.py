"""The outer surface of a decorated zone, unrolled into a chart by rays towards the finger axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import BeadAccent, Decoration, ResolvedRing
from ringcad.verify.bead_zone import in_bead_rows
from ringcad.verify.bypass import sections
from ringcad.verify.rays import RayCaster
from ringcad.verify.shank_line import along_lean, even_across, even_along, plain_offset
from ringcad.verify.sites import half_widths, head_half_angle_deg

Array = NDArray[Any]

PIXEL_MM = 0.05
"""Chart step."""
CLOSED = ("shank.outside", "shank.borders")
"""Regions that run all round."""


@dataclass(frozen=True)
class Chart:
    """Heights over a zone: (rows across, columns along)."""

    radius_mm: Array
    """Distance of the surface from the finger axis; NaN where nothing of the shank was met."""
    points: Array
    """(rows, columns, 3)"""
    across_mm: Array
    """(rows,) along the finger axis from mid-width."""
    half_width_mm: Array
    """(columns,)"""
    step_mm: float
    offset_mm: Array | float = 0.0
    """What was taken off the radius: the plain skin of a euro shank or an ellipse, (rows, columns)."""
    lean: Array | float = 1.0
    """Cosine between the radius and the plain skin's normal along the ring, (columns,)."""
    stretch: Array | None = None
    """How much further apart the columns are than a step, where the ground climbs along the ring, (columns,)."""


def unroll(caster: RayCaster, resolved: ResolvedRing, zone: Decoration, beyond_mm: float = 0.0) -> Chart | None:
    """The zone's outer surface by rays towards the axis; ``None`` when the head covers the zone.

    ``beyond_mm`` of the shank past the zone's end away from the head come with it, as the last columns.
    """
    bore = 0.5 * resolved.ring.inner_diameter_mm
    outer = bore + resolved.shank.thickness_top_mm
    sign = np.sign(zone.phi_start_deg + zone.phi_end_deg)
    low, high = sorted((abs(zone.phi_start_deg), abs(zone.phi_end_deg)))
    low = max(low, head_half_angle_deg(resolved))
    if zone.region in CLOSED:
        sign, low, high = 1.0, -180.0, 180.0
    if high - low < 2.0:
        return None
    if zone.region not in CLOSED:
        high += float(np.degrees(beyond_mm / outer))
    phi = sign * np.radians(np.linspace(low, high, int(np.radians(high - low) * outer / PIXEL_MM)))
    if resolved.shank.base is not None:
        phi = even_along(resolved, phi, PIXEL_MM)
    columns = len(phi)
    right, left, _ = half_widths(caster, resolved, phi)
    half = np.fmin(right, left)
    solid = np.isfinite(half)
    widest = float(half[solid].max(initial=0.0))
    if solid.any():  # across a through hole at mid-width the sides run on; its seat is left out below
        half = np.interp(np.abs(phi - phi[0]), np.abs(phi - phi[0])[solid], half[solid])
    rows = 2 * int(widest / PIXEL_MM) + 1
    if rows < 9:
        return None
    y = (np.arange(rows) - rows // 2) * PIXEL_MM
    if resolved.shank.profile == "ellipse":
        y = even_across(resolved, phi, half, PIXEL_MM)
        rows = len(y)
    top = bore + resolved.shank.thickest + resolved.foundry.relief_max_mm + 2.0
    place, beside, aslant, scale = sections(resolved, phi)
    # across an arm that swings, sections turn about the finger; a straight one's stay
    middle = bore + 0.5 * resolved.shank.thickness_top_mm
    tangent = np.stack([np.cos(place), np.zeros_like(place), -np.sin(place)], axis=1)
    turn = place + y[:, None] * (aslant * tangent).sum(axis=1) / middle
    way = np.stack([np.sin(turn), np.zeros_like(turn), np.cos(turn)], axis=2)
    origin = way * top + (beside + y[:, None] * aslant[:, 1])[:, :, None] * np.array([0.0, 1.0, 0.0])
    down = -way
    distance, _ = caster.first_hit(origin.reshape(-1, 3), down.reshape(-1, 3))
    distance = distance.reshape(rows, columns)
    radius = top - distance
    inside = np.abs(y)[:, None] < half[None, :] - resolved.shank.outer_edge_radius_mm
    if zone.region == "shank.borders" and resolved.channel is not None:  # beside the slot and its level rim
        side = 1.0 if zone.id == "right_border" else -1.0
        inside &= (side * y > 0.5 * resolved.channel.channel_width_mm + 0.5 * resolved.channel.rim_mm)[:, None]
    radius = np.where(inside & (radius > bore + 0.3), radius, np.nan)
    points = origin + np.where(np.isfinite(distance), distance, 0.0)[:, :, None] * down
    flat = points.reshape(-1, 3)
    radius = np.where(in_bead_rows(resolved, flat).reshape(radius.shape), np.nan, radius)
    for accent in resolved.accents:
        for seat in () if isinstance(accent, BeadAccent) else accent.seats:
            angle = np.radians(seat.phi_deg)
            axis = np.array([np.sin(angle), 0.0, np.cos(angle)])
            offset = points - np.array([0.0, seat.y_mm, 0.0])
            along = offset @ axis
            aside = np.sqrt(np.maximum((offset**2).sum(axis=2) - along**2, 0.0))
            near = (along > 0.0) & (aside < 0.5 * accent.opening_diameter_mm + accent.rim_mm + 0.1)
            radius = np.where(near, np.nan, radius)
    offset = plain_offset(resolved, phi, y, half)
    wider = scale if resolved.shank.bypass is not None else None
    return Chart(radius - offset, points, y, half, PIXEL_MM, offset, along_lean(resolved, phi), wider)
