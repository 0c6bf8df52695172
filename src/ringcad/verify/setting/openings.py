"""The opening under a stone of a row, looked through from the girdle's plane down."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.frames import SeatFrame, StoneProfile
from ringcad.verify.setting.ruled import SettingRule
from ringcad.verify.setting.seat_rules import as_cast_rule

Array = NDArray[Any]

_STEP = 0.02
SHARES = np.arange(0.0, 0.80, _STEP)
"""Shares of the stone's radius at which the opening is looked through."""
_WAYS = 16
_BEYOND_MM = 0.10
"""An opening is free beyond the metal's underside by this."""
_SOURCE = "its numbers, less twice the chord of the mesh and the step of the measurement"


def open_width_mm(caster: RayCaster, frame: SeatFrame, stone: StoneProfile, through_mm: float) -> float:
    """Diameter of the circle about the seat's axis that is free all round from the girdle's plane to ``through_mm``
    below it, in steps of :data:`SHARES`; 0 where metal stands in the middle.
    """
    around = frame.directions(2.0 * np.pi * np.arange(_WAYS) / _WAYS)
    starts = (frame.origin + stone.radius_mm * SHARES[:, None, None] * around).reshape(-1, 3)
    down, face = caster.first_hit(starts, np.broadcast_to(-frame.axis, starts.shape))
    free = np.where(face >= 0, down, np.inf).reshape(len(SHARES), _WAYS).min(axis=1)
    closed = np.flatnonzero(free <= through_mm + _BEYOND_MM)
    widest = SHARES[max(int(closed[0]) - 1, 0)] if len(closed) else SHARES[-1]
    return float(widest) * 2.0 * stone.radius_mm


def opening_rule(
    caster: RayCaster,
    frame: SeatFrame,
    stone: StoneProfile,
    ordered_mm: float,
    through_mm: float,
    name: str,
    field: str,
) -> SettingRule:
    """Whether the opening under the stone ``name`` is as wide as ordered."""
    x, y, z = (float(value) for value in frame.origin)
    step = _STEP * 2.0 * stone.radius_mm
    wide = open_width_mm(caster, frame, stone, through_mm)
    return as_cast_rule(name, (x, y, z), field)(
        FindingCode.HOLE_WIDTH, "opening under the stone", wide, "mm",
        f"the opening under {name} is {wide:.2f} mm wide where least, ordered {ordered_mm:.2f}",
        _SOURCE, low=ordered_mm - step - 2.0 * limits.INTERFERENCE_MAX_MM, uncertainty=step,
    )  # fmt: skip
