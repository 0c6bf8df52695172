"""A stone whose girdle is smooth but not round (oval, cushion) as the verifier knows it: its section at every place.

As a round stone is a double cone, such a one is its girdle made smaller towards culet and table: the mains lie on the
cone from the culet through the girdle. A cabochon is half an ellipsoid over its girdle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.stones.cabochon import dome_section
from ringcad.stones.girdles import Girdle, girdle_of
from ringcad.verify.setting.frames import DomeProfile, FancyLengths, StoneProfile

Array = NDArray[Any]


@dataclass(frozen=True)
class GirdledStone(FancyLengths):
    """Its surfaces in its own frame: origin on the axis at the girdle's lower edge, its length along y, mm."""

    @cached_property
    def girdle(self) -> Girdle:
        """Raises ``ValueError`` for a stone with corners."""
        found = girdle_of(self.stone)
        if found is None:
            raise ValueError(f"the girdle of a stone of cut {self.stone.cut} is not smooth")
        return found

    @property
    def crown_rise_mm(self) -> float:
        """Height over the girdle at which the crown's slopes would meet on the axis."""
        return self.stone.crown_height_mm / (1.0 - self.stone.table_share)

    def depth_inside(self, x: Array, y: Array, z: Array) -> Array:
        """How deep points lie under the nearest surface, to first order in their distance, mm; negative outside."""
        share, support = self.girdle.gauge(x, y)
        over = np.asarray(z) - self.girdle_mm
        if self.stone.domed:
            height = self.stone.crown_height_mm
            up = np.maximum(over, 0.0)
            level = np.hypot(share, up / height)
            steep = np.hypot(share / support, up / height**2) / np.maximum(level, 1e-9)
            dome = (1.0 - level) / np.maximum(steep, 0.5 / max(self.radius_mm, height))
            return np.asarray(np.minimum(dome, z))
        inward = (1.0 - share) * support
        depth = np.minimum(inward, self.table_mm - np.asarray(z))
        below = self.stone.pavilion_depth_mm / support
        above = self.crown_rise_mm / support
        depth = np.minimum(depth, (below * inward + z) / np.hypot(below, 1.0))
        return np.asarray(np.minimum(depth, (above * inward - over) / np.hypot(above, 1.0)))

    def outward(self, x: Array, y: Array, below: bool) -> Array:
        """(n, 3) unit normals of the pavilion (``below``; a cabochon's base) near points inside the girdle."""
        if self.stone.domed:
            return np.broadcast_to(np.array([0.0, 0.0, -1.0]), (len(x), 3))
        rise = self.stone.pavilion_depth_mm if below else self.crown_rise_mm
        turn = self.normals_at(x, y)
        _, support = self.girdle.gauge(x, y)
        normal = np.stack([np.cos(turn), np.sin(turn), (-1.0 if below else 1.0) * support / rise], axis=1)
        return np.asarray(normal / np.linalg.norm(normal, axis=1, keepdims=True))

    def normals_at(self, x: Array, y: Array) -> Array:
        """(n,) azimuth of the girdle's normal where the axis sees it behind points."""
        turn = np.linspace(-math.pi, math.pi, 2881)
        at = self.girdle.points(turn)
        azimuth = np.unwrap(np.arctan2(at[:, 1], at[:, 0]))
        return np.interp(np.arctan2(y, x), azimuth, turn)

    def crown_height(self, x: Array, y: Array) -> Array:
        """Height of crown or dome over points inside the girdle, mm."""
        share, _ = self.girdle.gauge(x, y)
        if self.stone.domed:
            return self.girdle_mm + self.stone.crown_height_mm * np.sqrt(np.maximum(1.0 - share**2, 0.0))
        return np.minimum(self.girdle_mm + self.crown_rise_mm * (1.0 - share), self.table_mm)

    def pavilion_height(self, x: Array, y: Array) -> Array:
        """Height of pavilion or base over points, mm."""
        share, _ = self.girdle.gauge(x, y)
        return np.asarray(-self.stone.pavilion_depth_mm * (1.0 - share))

    def profile(self, normal_rad: float) -> StoneProfile:
        """Section square to the girdle where it has a normal; radii count from where a dome's section is highest."""
        if self.stone.domed:
            return self._dome(normal_rad)
        support = float(self.girdle.support(np.array([normal_rad]))[0])
        run = (1.0 - self.stone.table_share) * support
        return StoneProfile(
            radius_mm=support,
            girdle_mm=self.girdle_mm,
            pavilion_angle_deg=math.degrees(math.atan2(self.stone.pavilion_depth_mm, support)),
            crown_angle_deg=math.degrees(math.atan2(self.stone.crown_height_mm, run)),
            crown_height_mm=self.stone.crown_height_mm,
            pavilion_depth_mm=self.stone.pavilion_depth_mm,
            table_radius_mm=support - run,
        )

    def _dome(self, normal_rad: float) -> DomeProfile:
        half, height = dome_section(
            0.5 * self.stone.width_mm, 0.5 * self.stone.length_mm, self.stone.crown_height_mm, normal_rad
        )
        return DomeProfile(
            radius_mm=half,
            girdle_mm=self.girdle_mm,
            pavilion_angle_deg=0.0,
            crown_angle_deg=90.0,
            crown_height_mm=height,
            pavilion_depth_mm=0.0,
            table_radius_mm=0.0,
        )
