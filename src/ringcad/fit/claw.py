"""The upper end of a claw as numbers: a prong that bends inward over the stone and is drawn to a point.

From the girdle's lower edge on a claw's axis turns inward in a circular arc that touches the prong's straight part, and
goes on straight to its end. Lengths in mm along the axis from the girdle's lower edge; ``out`` is away from the stone,
``up`` along its axis. Numpy only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Radius of a claw's bend as a share of the prong's: tighter, its inside would fold (bent wire: at least its half).
BEND_SHARE = 1.25
#: Blunt end of a claw as a share of the radius that its taper begins with: no needle, which would not be cast and
#: would catch (sold claws end in a blunt almond).
BLUNT_SHARE = 0.22
#: A claw's taper as a share of the prong's radius, and how full it is (1/2: an ellipse, 1: a parabola): between a drawn
#: point and 30 sold claws after filing, which have half their diameter 0.16 radii below the tip (proportions 1.4).
TAPER_SHARE, _FULLNESS = 2.0, 0.65
#: How much less than at the girdle its radius would be at the end without the taper: sold claws 1.20 mm, 1.08 above.
_NARROWING = 0.10


@dataclass(frozen=True)
class ClawLine:
    """A claw above the girdle's lower edge.

    Attributes
    ----------
    lean_rad, hook_rad : outward lean below, inward lean of the end
    radius_mm : of the prong at the girdle
    height_mm : of its end above the girdle's lower edge
    """

    lean_rad: float
    hook_rad: float
    radius_mm: float
    height_mm: float

    @property
    def _bend_mm(self) -> float:
        """Radius of the bend; smaller where the claw is too low for all of it."""
        rise = math.sin(self.lean_rad) + math.sin(self.hook_rad)
        wanted = BEND_SHARE * self.radius_mm
        return wanted if rise * wanted <= self.height_mm else self.height_mm / rise

    @property
    def arc_mm(self) -> float:
        """Length of the bend."""
        return self._bend_mm * (self.lean_rad + self.hook_rad)

    @property
    def length_mm(self) -> float:
        rise = self._bend_mm * (math.sin(self.lean_rad) + math.sin(self.hook_rad))
        return self.arc_mm + max(self.height_mm - rise, 0.0) / math.cos(self.hook_rad)

    @property
    def taper_mm(self) -> float:
        """Length over which it is drawn to its point."""
        return min(TAPER_SHARE * self.radius_mm, self.length_mm)

    def lean(self, s_mm: Array) -> Array:
        """Outward lean (radians) of the axis at lengths (n,)."""
        return np.asarray(self.lean_rad - np.clip(s_mm, 0.0, self.arc_mm) / self._bend_mm)

    def axis(self, s_mm: Array) -> tuple[Array, Array]:
        """(out, up) of the axis at lengths (n,), counted from where it passes the girdle's lower edge."""
        here, beyond = self.lean(s_mm), np.maximum(s_mm - self.arc_mm, 0.0)
        out = self._bend_mm * (np.cos(here) - math.cos(self.lean_rad)) - beyond * math.sin(self.hook_rad)
        up = self._bend_mm * (math.sin(self.lean_rad) - np.sin(here)) + beyond * math.cos(self.hook_rad)
        return out, up

    def radius(self, s_mm: Array) -> Array:
        """Radius of the claw at lengths (n,)."""
        full = self.radius_mm * (1.0 - _NARROWING * np.clip(s_mm / self.length_mm, 0.0, 1.0))
        x = np.clip((s_mm - (self.length_mm - self.taper_mm)) / self.taper_mm, 0.0, 1.0)
        return np.asarray(full * (1.0 - (1.0 - BLUNT_SHARE ** (1.0 / _FULLNESS)) * x**2) ** _FULLNESS)

    def inmost_mm(self) -> float:
        """How far inward of where its axis passes the girdle's lower edge its upper half reaches."""
        s = np.linspace(0.5 * self.length_mm, self.length_mm, 201)
        return float((self.radius(s) * np.cos(self.lean(s)) - self.axis(s)[0]).max())
