"""What of a ring belongs to its bead-set rows, by their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import BeadAccent, ResolvedRing

Array = NDArray[Any]

_EDGE_MM = 0.06
"""Kept beyond the outside of beads and U-cuts."""


def bead_rows(resolved: ResolvedRing) -> list[tuple[int, BeadAccent]]:
    """The bead-set rows of the shank with their places among the accents."""
    return [(number, row) for number, row in enumerate(resolved.accents) if isinstance(row, BeadAccent)]


def in_bead_rows(resolved: ResolvedRing, points: Array) -> Array:
    """(k,) whether points lie in the stretch of a row: along it as far as its beads reach, across it everywhere."""
    found = np.zeros(len(points), dtype=bool)
    for _, row in bead_rows(resolved):
        reach = 0.5 * row.stone.diameter_mm + 0.5 * row.gap_mm + row.bead_diameter_mm + _EDGE_MM
        for seat in row.seats:
            offset = points - np.array(seat.origin_mm)
            above = offset @ np.array(seat.axis) > -row.through_mm - row.stone.diameter_mm
            found |= above & (np.abs(offset @ np.array(seat.along)) <= reach)
    return found
