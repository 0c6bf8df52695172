"""The shank's lines round the finger: its width and the height of its crown line, from resolved numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import smooth_step
from ringcad.resolved import HEAD_TAPER_DEG, TAPER_DEG, Shank

Array = NDArray[np.float64]

#: Under a basket the shank is a bridge to the first angle and full height from the second on:
#: sold baskets lose half their depth over the last 15-20 degrees (proportions 2, Basket).
BRIDGE_DEG = (15.0, 33.0)


def _towards_bottom(phi_deg: Array) -> Array:
    """0 at the shoulders to 1 at the bottom."""
    return smooth_step((np.abs(phi_deg) - TAPER_DEG[0]) / (TAPER_DEG[1] - TAPER_DEG[0]))


def width_line(shank: Shank, phi_deg: Array) -> Array:
    """Width of the shank at angles from the top, mm (without bridge and cathedral arms)."""
    shoulders: Array | float = shank.width_top_mm
    if shank.taper != "straight":
        first, last = HEAD_TAPER_DEG[shank.taper]
        away = smooth_step((np.abs(phi_deg) - first) / (last - first))
        shoulders = shank.head_width + (shank.width_top_mm - shank.head_width) * away
    blend = _towards_bottom(phi_deg)
    return np.asarray(shoulders + (shank.width_bottom_mm - shoulders) * blend)


def body_line(shank: Shank, phi_deg: Array) -> Array:
    """Height of the crown line over the bore at angles from the top, mm (without bridge and cathedral)."""
    rise = shank.thickness_bottom_mm - shank.thickness_top_mm
    return shank.thickness_top_mm + rise * _towards_bottom(phi_deg)


def bridge_share(phi_deg: Array) -> Array:
    """0 on the bridge under a basket between plain shoulders to 1 where the shank has its own height again."""
    return smooth_step((np.abs(phi_deg) - BRIDGE_DEG[0]) / (BRIDGE_DEG[1] - BRIDGE_DEG[0]))
