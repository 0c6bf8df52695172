"""A split shank measured on the mesh: the legs beside its openings, found by looking through them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import ResolvedRing
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]

_STEP_DEG = 0.5
_HEIGHTS_MM = (0.4, 0.55, 0.7)
"""Over the bore at which legs are measured: above its eased edge, below the rounded edges of a thin bridge."""


def leg_lengths(caster: RayCaster, resolved: ResolvedRing) -> tuple[Array, Array, Array]:
    """Starts (k, 3), directions (k, 3) and lengths (k,) through the legs along the finger axis, both sides of both
    openings; none where no opening is found.

    An opening is where the line from the finger's axis meets nothing up to the outside of the shank.
    """
    shank, bore = resolved.shank, 0.5 * resolved.ring.inner_diameter_mm
    none = np.empty((0, 3)), np.empty((0, 3)), np.empty(0)
    if shank.split is None:
        return none
    away = np.arange(5.0, shank.split.end_deg + 10.0, _STEP_DEG)
    phi = np.radians(np.concatenate([away, -away]))
    out = np.stack([np.sin(phi), np.zeros_like(phi), np.cos(phi)], axis=1)
    met, _ = caster.first_hit(np.zeros_like(out), out)
    through = out[met > bore + shank.thickest]
    if not (np.any(through[:, 0] > 0.0) and np.any(through[:, 0] < 0.0)):
        return none
    starts, ways, lengths = [], [], []
    for height in _HEIGHTS_MM:
        origin = through * (bore + height)
        for sign in (1.0, -1.0):
            way = np.broadcast_to(np.array([0.0, sign, 0.0]), origin.shape)
            flank, _ = caster.first_hit(origin, way)
            there = np.isfinite(flank) & (flank < shank.split.gap_mm)
            start = origin[there] + flank[there, None] * way[there]
            length, _ = caster.thickness(start, way[there])
            starts.append(start)
            ways.append(way[there])
            lengths.append(np.where(np.isfinite(length), length, 0.0))
    return np.concatenate(starts), np.concatenate(ways), np.concatenate(lengths)
