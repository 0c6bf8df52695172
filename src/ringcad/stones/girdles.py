"""Girdles that are smooth all round (ovals, cushions): the closed lines beside them, by the direction of their normal.

Every line round a bezel is ``share`` times the girdle moved out by ``out`` mm along its normals. Such lines are convex
and smooth, are parallel to the girdle where the share is 1, and circles where it is 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.resolved import CenterStone, RoundStone
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.outline import Arc, Outline

FloatArray = NDArray[np.float64]

#: Steps of the table of the outline by azimuth: chords of it are off by less than 1e-6 mm.
_STEPS = 7200
#: Normals nearer than this are the same, radians.
_SAME_RAD = 1e-9
#: Steps towards the tangent that parts a point from the girdle; each squares the distance that is left.
_NEARER = 5


@dataclass(frozen=True)
class Girdle:
    """A smooth convex outline symmetric about both axes; its width runs along x, its length along y, mm."""

    arcs: tuple[Arc, ...]

    @property
    def half_width_mm(self) -> float:
        """Along +x."""
        return float(self.support(np.array([0.0]))[0])

    @property
    def half_length_mm(self) -> float:
        """Along +y."""
        return float(self.support(np.array([0.5 * math.pi]))[0])

    @property
    def even(self) -> bool:
        """Whether its curvature changes without steps, as an ellipse's does and a chain of arcs' does not."""
        return len({(arc.centre, arc.radius_x_mm, arc.radius_y_mm) for arc in self.arcs}) == 1

    @cached_property
    def least_radius_mm(self) -> float:
        """Of curvature, all round."""
        return float(self.radius(np.linspace(0.0, math.tau, 721)).min())

    def _arc_of(self, normal_rad: FloatArray) -> NDArray[np.int64]:
        """Index of the arc that has each normal."""
        begin = np.array([_normal_of(arc, arc.start_rad) for arc in self.arcs])
        ends = np.array([_normal_of(arc, arc.start_rad + arc.sweep_rad) for arc in self.arcs])
        sweep = (ends - begin) % math.tau
        past = (normal_rad[:, None] - begin[None, :] + _SAME_RAD) % math.tau
        over = np.maximum(past - sweep[None, :], 0.0)
        return np.asarray(over.argmin(axis=1), dtype=np.int64)

    def _halves(self, normal_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(centres (n, 2), squared half axes (n, 2)) of the arcs that have normals."""
        of = self._arc_of(normal_rad)
        centres = np.array([arc.centre for arc in self.arcs])
        squares = np.array([(arc.radius_x_mm**2, arc.radius_y_mm**2) for arc in self.arcs])
        return centres[of], squares[of]

    def points(self, normal_rad: FloatArray) -> FloatArray:
        """(n, 2) where the outline has outward normals at these azimuths from +x."""
        turn = np.asarray(normal_rad, dtype=np.float64)
        normal = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        centres, squares = self._halves(turn)
        return np.asarray(centres + squares * normal / np.sqrt((squares * normal**2).sum(axis=1))[:, None])

    def support(self, normal_rad: FloatArray) -> FloatArray:
        """(n,) distance of the tangents with these normals from the axis."""
        turn = np.asarray(normal_rad, dtype=np.float64)
        return np.asarray((self.points(turn) * np.stack([np.cos(turn), np.sin(turn)], axis=1)).sum(axis=1))

    def radius(self, normal_rad: FloatArray) -> FloatArray:
        """(n,) radius of curvature where the outline has these normals."""
        turn = np.asarray(normal_rad, dtype=np.float64)
        normal = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        _, squares = self._halves(turn)
        return np.asarray(squares.prod(axis=1) / (squares * normal**2).sum(axis=1) ** 1.5)

    @property
    def joints_rad(self) -> tuple[float, ...]:
        """Normals at which arcs meet, from 0 up to a whole turn; an ellipse's four quarters meet on the axes."""
        return tuple(sorted(_normal_of(arc, arc.start_rad) % math.tau for arc in self.arcs))

    def line(self, normal_rad: FloatArray, share: float, out_mm: float) -> FloatArray:
        """(n, 2) points of a line beside the girdle."""
        turn = np.asarray(normal_rad, dtype=np.float64)
        return np.asarray(share * self.points(turn) + out_mm * np.stack([np.cos(turn), np.sin(turn)], axis=1))

    def spaced(self, count: int) -> FloatArray:
        """(count,) normals of points at even distances along the girdle, from half a step past +x."""
        turn, along = self.along(0.0, 0.0)
        return np.asarray(np.interp((np.arange(count) + 0.5) * along[-1] / count, along, turn))

    def along(self, out_mm: float, start_rad: float) -> tuple[FloatArray, FloatArray]:
        """(normals (n,), distance (n,) from the first) once round a line parallel to the girdle, from a normal on."""
        turn = start_rad + np.linspace(0.0, math.tau, _STEPS + 1)
        steps = np.hypot(*np.diff(self.line(turn, 1.0, out_mm), axis=0).T)
        return turn, np.concatenate([[0.0], np.cumsum(steps)])

    def nearest(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(normals (n,), distance outside the girdle (n,)) of points near it or outside: of those whose tangent parts
        them farthest.
        """
        turn = np.linspace(-math.pi, math.pi, 721)
        at = self.points(turn)
        seen = np.unwrap(np.arctan2(at[:, 1], at[:, 0]))
        found = np.interp(np.arctan2(y, x), seen, turn)
        for _ in range(_NEARER):
            at, way = self.points(found), np.stack([np.cos(found), np.sin(found)], axis=1)
            aside = -(x - at[:, 0]) * way[:, 1] + (y - at[:, 1]) * way[:, 0]
            out = (x - at[:, 0]) * way[:, 0] + (y - at[:, 1]) * way[:, 1]
            found = found + aside / np.maximum(out + self.radius(found), 1e-3)
        return found, out

    @cached_property
    def _by_azimuth(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Azimuths of the outline from -pi to pi, its distance from the axis there, and its support."""
        turn = np.linspace(-math.pi, math.pi, _STEPS + 1)
        if len(self.arcs) > 4:  # arcs that meet bend differently: as dense on the sharp ones
            turn = np.unique(np.concatenate([turn, *(at + np.linspace(-0.01, 0.01, 41) for at in self.joints_rad)]))
            turn = turn[(turn >= -math.pi) & (turn <= math.pi)]
        at = self.points(turn)
        azimuth = np.arctan2(at[:, 1], at[:, 0])
        azimuth[0], azimuth[-1] = -math.pi, math.pi
        order = np.argsort(azimuth, kind="stable")
        return azimuth[order], np.hypot(at[:, 0], at[:, 1])[order], self.support(turn)[order]

    def gauge(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(share of the girdle on which points lie: 1 on it, 0 on the axis; the girdle's support there, mm).

        The share falls inward by 1 / support per mm, square to the girdle.
        """
        azimuth, reach, support = self._by_azimuth
        turn = np.arctan2(y, x)
        return np.hypot(x, y) / np.interp(turn, azimuth, reach), np.interp(turn, azimuth, support)


def _normal_of(arc: Arc, parameter: float) -> float:
    return math.atan2(arc.radius_x_mm * math.sin(parameter), arc.radius_y_mm * math.cos(parameter))


def girdle_of_outline(outline: Outline) -> Girdle | None:
    """The outline as a girdle; ``None`` where it has corners or straight sides."""
    arcs = tuple(segment for segment in outline.segments if isinstance(segment, Arc))
    if len(arcs) < len(outline.segments) or outline.corners:
        return None
    return Girdle(arcs)


def girdle_of(stone: CenterStone) -> Girdle | None:
    """The girdle of a stone that is smooth all round and not round; ``None`` for round ones and any other cut."""
    if isinstance(stone, RoundStone):
        return None
    try:
        return girdle_of_outline(cut_stone(stone).outline)
    except InputError:
        return None


def pavilion_rise(stone: CenterStone) -> float:
    """Rise of the pavilion per mm towards the girdle, where the stone is narrowest; 0 under a cabochon.

    The pavilion is the cone from the culet through the girdle's lower edge, on which its mains lie.
    """
    if isinstance(stone, RoundStone):
        return math.tan(math.radians(stone.pavilion_angle_deg))
    return stone.pavilion_depth_mm / (0.5 * stone.width_mm)
