"""What the verifier hands back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, has_errors


class WallClass(StrEnum):
    """Class of a wall sample: each has its own limit (or none)."""

    STRUCTURAL = "structural"
    """Metal between two faces that must carry."""
    DETAIL = "detail"
    """Relief on a base at least twice as wide, no higher than the profile's maximum relief."""
    FREE_WIRE = "free_wire"
    """A bar that is thin both ways and stands on no base."""
    EDGE = "edge"
    """Beside a plain convex edge of 60 degrees or more: the edge, not a wall."""
    FEATHER_EDGE = "feather_edge"
    """Beside a convex edge sharper than 60 degrees."""
    OPEN = "open"
    """No opposite face (the mesh is not closed there)."""


WALL_CLASSES: tuple[WallClass, ...] = tuple(WallClass)
"""Index of each class in :attr:`WallSamples.wall_class`."""


@dataclass(frozen=True)
class WallSamples:
    """Samples of the surface for a heat map.

    Attributes
    ----------
    points : (k, 3) float, mm, in ring coordinates at finished size
    thickness_mm : (k,) float, ``inf`` where no opposite face was met
    wall_class : (k,) uint8, index into :data:`WALL_CLASSES`
    """

    points: NDArray[np.float64]
    thickness_mm: NDArray[np.float64]
    wall_class: NDArray[np.uint8]

    @staticmethod
    def empty() -> WallSamples:
        return WallSamples(np.zeros((0, 3)), np.zeros(0), np.zeros(0, dtype=np.uint8))


@dataclass(frozen=True)
class VerifyReport:
    """Everything measured on one file.

    Attributes
    ----------
    findings
        Rules that spoke, errors first.
    measurements
        Plain JSON-ready numbers by name; lengths in mm with ``_mm`` in the name.
    wall_samples
        For the heat map.
    timings_s
        Seconds by stage.
    """

    findings: tuple[Finding, ...]
    measurements: dict[str, Any]
    wall_samples: WallSamples
    timings_s: dict[str, float]

    @property
    def ok(self) -> bool:
        """No finding refuses delivery."""
        return not has_errors(self.findings)
