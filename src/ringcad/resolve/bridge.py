"""Where the shank beside a head is high enough for a row of stones."""

from __future__ import annotations

import math

import numpy as np

from ringcad.fit.shank_line import bridge_share
from ringcad.resolve.ledger import rule
from ringcad.resolved import Gallery, Head, Shank

#: The skin under a seat's edge may lie this far below the shank's full height, mm: the lip over a stone of 1.3 mm is
#: 0.24 mm deep, and a third of it may fall away on one side (`verify/setting/flush_rules.py` asks a fifth to be held).
_FALL_MM = 0.10


def first_stone_deg(start_deg: float, bore_radius_mm: float, shank: Shank, head: Head, gallery: Gallery) -> float:
    """Where the rim of a row's first stone may begin, degrees from the top.

    ``start_deg`` is where decoration may begin. Stones want a level shank: beyond a cathedral's arm, and beyond the
    slope that leads down to the bridge under a basket.
    """
    if gallery.shoulders == "cathedral":  # an arm is no band: stones begin where the shank's circle does
        return max(start_deg, gallery.lift_phi_deg)
    if head.style == "stand":
        return start_deg
    phi = np.linspace(0.0, 90.0, 1801)
    fall = (shank.thickness_top_mm - head.bridge_thickness_mm) * (1.0 - bridge_share(phi))
    level = float(phi[np.argmax(fall <= _FALL_MM)])
    return max(start_deg, level - math.degrees(rule("flush_rim") / (bore_radius_mm + shank.thickness_top_mm)))
