"""Where the pads of V prongs are, from the numbers of the resolved ring: their walls are judged as a prong's.

A rail passes between the pads, as near to a stone's point as they reach. It is a rail there, with a rail's limit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Head, ProngStand

Array = NDArray[Any]

UNDER_POINT_MM = 0.7
"""How far under the girdle the seat of a V prong reaches."""
_UPRIGHT_MM = 0.4
"""From so far under the girdle a pad narrows to the post that carries it."""
_SLACK_MM = 0.1
"""Beyond the pad's faces: chords, and the ease of its edges."""


def pad_zone(head: Head, stand: ProngStand, points: Array) -> tuple[Array, Array]:
    """Of points (k, 3): (k,) whether each lies on a pad under its stone's seat, and (k,) whether beside the seat.

    Under the seat a pad is the hull of the V at its upright part (two walls as long as said, on either side of the
    stone's point) and of its post's section at its lower end. Beside the seat its chamfers, the way in and the relief
    leave rims that are sharp by design: all that is as near to the point as the pad reaches.
    """
    pad = head.v_prong
    if pad is None or stand.point_mm is None:
        nothing = np.zeros(len(points), dtype=bool)
        return nothing, nothing
    azimuth, half, lean = np.radians([stand.azimuth_deg, 0.5 * stand.opening_deg, head.prong_lean_deg])
    frame = np.array([[np.cos(azimuth), np.sin(azimuth)], [-np.sin(azimuth), np.cos(azimuth)]])
    at = (points[:, :2] - np.array(stand.point_mm)) @ frame.T
    under = head.girdle_z_mm - points[:, 2]
    reach = pad.length_mm + pad.wall_mm
    near = np.hypot(at[:, 0], at[:, 1]) < reach
    share = np.clip((under - _UPRIGHT_MM) / (pad.depth_mm - _UPRIGHT_MM), 0.0, 1.0)
    # along the pad's middle: the V leans as its post does, and the post's axis passes where the pad ends
    start = (np.array([stand.x_mm, stand.y_mm]) - np.array(stand.point_mm)) @ frame[0]
    axis = start + head.prong_axis_radius_girdle_mm - pad.depth_mm * np.tan(lean)
    post = 0.5 * head.prong_diameter_base_mm
    at[:, 0] -= share * axis - (1.0 - share) * np.tan(lean) * np.clip(under, 0.0, _UPRIGHT_MM)
    held = np.hypot(at[:, 0], at[:, 1]) < (1.0 - share) * reach + share * post + _SLACK_MM
    # walls end square to the stone's sides, so far from its point; a plane joins the corners of their ends
    inner = pad.length_mm * np.cos(half) + pad.notch_mm * np.sin(half)
    cosine, sine = np.cos(half), np.sin(half)
    for end, far in (((-cosine, sine), pad.length_mm), ((-cosine, -sine), pad.length_mm), ((-1.0, 0.0), inner)):
        held &= at @ np.array(end) < (1.0 - share) * far + share * post + _SLACK_MM
    return held & (under < pad.depth_mm), near & (under < UNDER_POINT_MM)
