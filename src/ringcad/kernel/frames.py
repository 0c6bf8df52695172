"""Bodies that were made in a frame of their own, where that frame lies in the ring."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.gp import gp_Trsf

from ringcad.kernel.surfaces import NamedShape

Vector = tuple[float, float, float]


class Frame(Protocol):
    """A right-handed frame: its origin, and its unit axes along x and z."""

    @property
    def origin_mm(self) -> Vector: ...
    @property
    def along(self) -> Vector: ...
    @property
    def axis(self) -> Vector: ...


def placed(part: NamedShape, frame: Frame, prefix: str = "") -> NamedShape:
    """The part where its frame lies; ``prefix`` goes before the names of its faces."""
    along, axis, origin = np.array(frame.along), np.array(frame.axis), np.array(frame.origin_mm)
    rows = np.stack([along, np.cross(axis, along), axis, origin], axis=1)
    move = gp_Trsf()
    move.SetValues(*(float(value) for value in rows.ravel()))
    shape = BRepBuilderAPI_Transform(part.shape, move, True).Shape()
    return NamedShape(shape, tuple(f"{prefix}{name}" for name in part.names))
