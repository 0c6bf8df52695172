"""The shank under heads side by side: it rises to the outer prongs, drops inside them, and is a bridge between."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import shank_line
from ringcad.fit.limb import smooth_step
from ringcad.resolved import Shank

Array = NDArray[np.float64]

#: The bridge has widened to the shank so far behind the outer prongs, degrees.
_WIDE_BEHIND_DEG = 8.0


class SideLine(Protocol):
    """What of side heads the line follows; :class:`ringcad.resolved.SideHeads` has it."""

    @property
    def bridge_deg(self) -> tuple[float, float]: ...
    @property
    def arm_rise_mm(self) -> float: ...
    @property
    def lift_deg(self) -> float: ...


def crown_line(shank: Shank, bridge_mm: float, line: SideLine, phi_deg: Array) -> Array:
    """Height of the crown line over the bore at angles from the top, mm."""
    away, (first, last) = np.abs(phi_deg), line.bridge_deg
    # one concave sweep, tangent to the shank's own line where it lifts off
    sweep = np.clip((line.lift_deg - np.maximum(away, last)) / (line.lift_deg - last), 0.0, 1.0) ** 2.3
    body = shank_line.body_line(shank, away) + line.arm_rise_mm * sweep
    return np.asarray(bridge_mm + (body - bridge_mm) * smooth_step((away - first) / (last - first)))


def width_line(shank: Shank, line: SideLine, phi_deg: Array) -> Array:
    """Width at angles from the top, mm."""
    away, (first, last) = np.abs(phi_deg), line.bridge_deg
    bridge = shank_line.bridge_width(shank)
    wider = smooth_step((away - first) / (last + _WIDE_BEHIND_DEG - first))
    return np.asarray(bridge + (shank_line.width_line(shank, away) - bridge) * wider)
