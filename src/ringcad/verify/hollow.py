"""A shank that is hollowed from inside: where it touches the finger, and how thick its rims are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import ResolvedRing
from ringcad.verify import bypass
from ringcad.verify.rays import RayCaster
from ringcad.verify.shank_line import plain_width

Array = NDArray[Any]

_LEAST_TROUGH_MM = 0.25
"""A shallower place has no rims of its own."""


def contact_levels(resolved: ResolvedRing, phi: Array) -> Array | None:
    """Where along the finger axis the bore touches the finger at angles ``phi`` (radians), mm; ``None``: at mid-width.

    A hollowed ring is read on its rims, by turns on either; where it is solid, at mid-width.
    """
    shank, hollow = resolved.shank, resolved.shank.hollow
    if shank.bypass is not None:
        return bypass.contact_levels(resolved, phi)
    if hollow is None:
        return None
    away = np.degrees(np.abs(phi))
    level = 0.5 * plain_width(shank, phi) - 0.5 * (hollow.rim_mm + shank.inner_edge_radius_mm)
    side = np.where(np.arange(len(phi)) % 2 == 0, 1.0, -1.0)
    within = (away >= hollow.phi_start_deg) & (away <= hollow.phi_end_deg)
    return np.asarray(np.where(within, side * level, 0.0))


def rim_lengths(caster: RayCaster, resolved: ResolvedRing) -> tuple[Array, Array, Array]:
    """Starts (k, 3), directions (k, 3) and lengths (k,) through both rims at half of the trough's depth, all round."""
    bore = 0.5 * resolved.ring.inner_diameter_mm
    phi = np.radians(np.arange(-180.0, 180.0, 1.0))
    out = np.stack([np.sin(phi), np.zeros_like(phi), np.cos(phi)], axis=1)
    floor, _ = caster.first_hit(np.zeros_like(out), out)
    depth = np.where(np.isfinite(floor), floor - bore, 0.0)
    there = depth > _LEAST_TROUGH_MM
    origin = out[there] * (bore + 0.5 * depth[there])[:, None]
    starts, ways, lengths = [], [], []
    for sign in (1.0, -1.0):
        way = np.broadcast_to(np.array([0.0, sign, 0.0]), origin.shape)
        flank, _ = caster.first_hit(origin, way)
        start = origin + np.where(np.isfinite(flank), flank, 0.0)[:, None] * way
        length, _ = caster.thickness(start, way)
        starts.append(start)
        ways.append(way)
        lengths.append(np.where(np.isfinite(flank) & np.isfinite(length), length, 0.0))
    return np.concatenate(starts), np.concatenate(ways), np.concatenate(lengths)
