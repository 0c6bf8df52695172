"""Where a stone should sit, and its profile of revolution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import FancyStone, RoundStone

Array = NDArray[Any]


@dataclass(frozen=True)
class SeatFrame:
    """Axis frame of a stone: origin in the plane of the girdle's lower edge, ``axis`` through the table.

    Attributes
    ----------
    origin, axis, across, along : (3,) float
        ``across`` and ``along`` complete a right-handed frame; azimuths count from ``across``.
    """

    origin: Array
    axis: Array
    across: Array
    along: Array

    def to_local(self, points: Array) -> tuple[Array, Array, Array]:
        """Radius (mm), azimuth (rad) and height (mm) of points (..., 3)."""
        offset = np.asarray(points) - self.origin
        x, y, z = offset @ self.across, offset @ self.along, offset @ self.axis
        return np.hypot(x, y), np.arctan2(y, x), z

    def directions(self, azimuth_rad: Array) -> Array:
        """(k, 3) unit vectors square to the axis."""
        turned: Array = np.cos(azimuth_rad)[:, None] * self.across + np.sin(azimuth_rad)[:, None] * self.along
        return turned


def seat_frame(origin: Array, axis: Array) -> SeatFrame:
    """Frame about ``axis`` (any length); azimuth 0 lies towards +x, or +z for an axis along x."""
    axis = np.asarray(axis, dtype=np.float64) / np.linalg.norm(axis)
    helper = np.array([1.0, 0.0, 0.0]) if abs(axis[0]) < 0.9 else np.array([0.0, 0.0, 1.0])
    across = helper - (helper @ axis) * axis
    across /= np.linalg.norm(across)
    return SeatFrame(np.asarray(origin, dtype=np.float64), axis, across, np.cross(axis, across))


@dataclass(frozen=True)
class StoneProfile:
    """Outline of a round stone in a plane through its axis; heights from the girdle's lower edge, mm."""

    radius_mm: float
    girdle_mm: float
    pavilion_angle_deg: float
    crown_angle_deg: float
    crown_height_mm: float
    pavilion_depth_mm: float
    table_radius_mm: float

    @property
    def table_mm(self) -> float:
        """Height of the table."""
        return self.girdle_mm + self.crown_height_mm

    @property
    def crown_run_mm(self) -> float:
        """Width of the crown from girdle to table, square to the axis."""
        return self.crown_height_mm / math.tan(math.radians(self.crown_angle_deg))

    @property
    def round(self) -> bool:
        """Turning it about its axis moves nothing."""
        return True

    def depth_inside(self, x: Array, y: Array, z: Array) -> Array:
        """How deep points of the stone's frame lie under its nearest surface, mm; negative outside."""
        below, above = math.radians(self.pavilion_angle_deg), math.radians(self.crown_angle_deg)
        side = self.radius_mm - np.sqrt(x**2 + y**2)
        depth = np.minimum(side, self.table_mm - z)
        depth = np.minimum(depth, math.sin(below) * side + math.cos(below) * z)
        return np.asarray(np.minimum(depth, math.sin(above) * side - math.cos(above) * (z - self.girdle_mm)))

    def radius_at(self, height_mm: Array) -> Array:
        """Radius of the enclosing double cone, mm; 0 above the table and below the culet."""
        height = np.asarray(height_mm, dtype=np.float64)
        below = self.radius_mm + height / math.tan(math.radians(self.pavilion_angle_deg))
        above = self.radius_mm - (height - self.girdle_mm) / math.tan(math.radians(self.crown_angle_deg))
        radius = np.where(height < 0.0, below, np.where(height > self.girdle_mm, above, self.radius_mm))
        radius = np.where(height > self.table_mm, 0.0, radius)
        return np.asarray(np.maximum(radius, 0.0))


@dataclass(frozen=True)
class DomeProfile(StoneProfile):
    """A cabochon: flat base at height 0, upright rim, half an ellipsoid over it; ``table_mm`` is its summit."""

    @property
    def crown_run_mm(self) -> float:
        """Width of the dome from rim to summit, square to the axis."""
        return self.radius_mm

    def depth_inside(self, x: Array, y: Array, z: Array) -> Array:
        """As of any stone; over the rim to first order in the distance from the dome."""
        aside = np.sqrt(x**2 + y**2)
        over = np.maximum(z - self.girdle_mm, 0.0)
        level = np.sqrt((aside / self.radius_mm) ** 2 + (over / self.crown_height_mm) ** 2)
        steep = np.hypot(aside / self.radius_mm**2, over / self.crown_height_mm**2) / np.maximum(level, 1e-9)
        dome = (1.0 - level) / np.maximum(steep, 0.5 / max(self.radius_mm, self.crown_height_mm))
        return np.asarray(np.minimum(dome, z))

    def radius_at(self, height_mm: Array) -> Array:
        """Radius at a height, mm; 0 above the summit and below the base."""
        height = np.asarray(height_mm, dtype=np.float64)
        over = np.clip((height - self.girdle_mm) / self.crown_height_mm, 0.0, 1.0)
        radius = self.radius_mm * np.sqrt(1.0 - over**2)
        return np.asarray(np.where(height < 0.0, 0.0, radius))


def stone_profile(stone: RoundStone) -> StoneProfile:
    """The profile of a resolved stone."""
    return (DomeProfile if stone.domed else StoneProfile)(
        radius_mm=0.5 * stone.diameter_mm,
        girdle_mm=stone.girdle_mm,
        pavilion_angle_deg=stone.pavilion_angle_deg,
        crown_angle_deg=stone.crown_angle_deg,
        crown_height_mm=stone.crown_height_mm,
        pavilion_depth_mm=stone.pavilion_depth_mm,
        table_radius_mm=0.5 * stone.table_diameter_mm,
    )


@dataclass(frozen=True)
class FancyLengths:
    """Lengths of a stone of another cut than round, over the lower edge of its girdle, mm."""

    stone: FancyStone

    @property
    def radius_mm(self) -> float:
        """Half the length: where a turned stone moves most."""
        return 0.5 * self.stone.length_mm

    @property
    def girdle_mm(self) -> float:
        return self.stone.girdle_mm

    @property
    def table_mm(self) -> float:
        """Height of the table, of a cabochon its summit."""
        return self.stone.girdle_mm + self.stone.crown_height_mm

    @property
    def pavilion_depth_mm(self) -> float:
        return self.stone.pavilion_depth_mm

    @property
    def round(self) -> bool:
        return False
