"""Cones and cylinders of revolution fitted to mesh vertices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_ROUNDS = 40
_LEAST_POINTS = 12
_LEAST_SPREAD_DEG = 30.0
_AGREEING = 0.6
"""Share of the points that a bearing surely has; the rest may be a rail's edge or a fillet."""
_CONCENTRATIONS = 30
_CLEAN_MM, _HANDFULS = 0.002, 16
"""Starts from handfuls of points are tried where the distance that is left is larger than the first."""
_TRIM = 4.0
_FLOOR_MM = 0.002
"""Points farther off than this many standard deviations of those, and than this, belong to something else."""


@dataclass(frozen=True)
class ConeFit:
    """A cone of revolution: radius = ``radius_mm`` + ``slope`` * height along ``axis`` from ``origin``.

    Attributes
    ----------
    origin, axis : (3,) float
        ``origin`` is where the axis meets the plane through the given origin square to the given axis.
    slope, radius_mm
        Growth of the radius along the axis, and the radius at ``origin``.
    residual_mm
        Root mean square distance of the points that were kept.
    worst_mm
        Largest of those distances.
    points
        How many were kept.
    spread_deg
        Share of the circle on which there are points, as an angle.
    """

    origin: Array
    axis: Array
    slope: float
    radius_mm: float
    residual_mm: float
    worst_mm: float
    points: int
    spread_deg: float

    @property
    def flank_deg(self) -> float:
        """Angle of the flank from the plane square to the axis: 90 for a cylinder."""
        return math.degrees(math.atan2(1.0, abs(self.slope)))

    def tilt_deg(self, axis: Array) -> float:
        """Angle between the fitted axis and another, degrees."""
        return math.degrees(math.atan2(float(np.linalg.norm(np.cross(self.axis, axis))), float(self.axis @ axis)))

    def offset_mm(self, origin: Array) -> float:
        """Distance of the fitted axis from a point, mm."""
        way = np.asarray(origin) - self.origin
        return float(np.linalg.norm(way - (way @ self.axis) * self.axis))

    def height_of_radius(self, radius_mm: float) -> float:
        """Height along the axis from ``origin`` at which the cone has this radius; ``nan`` for a cylinder."""
        return (radius_mm - self.radius_mm) / self.slope if abs(self.slope) > 1e-9 else math.nan


def fit_cone(points: Array, origin: Array, axis: Array, *, cylinder: bool = False) -> ConeFit | None:
    """Least-squares cone (or cylinder) by distance, axis free in direction and place (Gauss and Newton).

    Parameters
    ----------
    points : (n, 3) float, mm
    origin, axis : (3,) float; where to begin, within some 20 degrees and a quarter of the radius
    cylinder : hold the slope at 0

    Returns
    -------
    ``None`` where fewer than 12 points, or points on less than 30 degrees of the circle, leave the axis open.
    """
    axis = np.asarray(axis, dtype=np.float64) / np.linalg.norm(axis)
    helper = np.array([0.0, 1.0, 0.0]) if abs(axis[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    one = np.cross(helper, axis)
    one /= np.linalg.norm(one)
    two = np.cross(axis, one)
    frame = np.stack([one, two, axis])
    local = (np.asarray(points, dtype=np.float64) - origin) @ frame.T
    if len(local) < _LEAST_POINTS or _spread_deg(local) < _LEAST_SPREAD_DEG:
        return None
    # Least trimmed squares (Rousseeuw 1984, doi:10.1080/01621459.1984.10477105): what most points agree on.
    half = max(_LEAST_POINTS, round(_AGREEING * len(local)))
    # Strays may pull the plain fit to themselves; the given axis with the middle radius is the other start, and
    # where neither finds a clean surface, small handfuls of the points are.
    level = np.array([0.0, 0.0, 0.0, 0.0, float(np.median(np.hypot(local[:, 0], local[:, 1]))), 0.0])
    least, values = min(
        (_concentrated(local, half, start, cylinder) for start in (None, level)), key=lambda row: row[0]
    )
    if least > _CLEAN_MM**2:
        rng = np.random.Generator(np.random.PCG64(len(local)))
        for _ in range(_HANDFULS):
            few = _solved(local[rng.choice(len(local), _LEAST_POINTS, replace=False)], cylinder, level)
            least, values = min((least, values), _concentrated(local, half, few, cylinder), key=lambda row: row[0])
    kept = np.abs(_residual(values, local)) <= max(_TRIM * math.sqrt(least), _FLOOR_MM)
    if kept.sum() < _LEAST_POINTS or _spread_deg(local[kept]) < _LEAST_SPREAD_DEG:
        return None
    values = _solved(local[kept], cylinder, values)
    off = _residual(values, local[kept])
    direction = values[0] * one + values[1] * two + axis
    return ConeFit(
        origin=np.asarray(origin) + values[2] * one + values[3] * two,
        axis=direction / np.linalg.norm(direction),
        slope=float(values[5]),
        radius_mm=float(values[4]),
        residual_mm=float(np.sqrt(np.mean(off**2))),
        worst_mm=float(np.abs(off).max()),
        points=int(kept.sum()),
        spread_deg=_spread_deg(local[kept]),
    )


def _concentrated(local: Array, half: int, start: Array | None, cylinder: bool) -> tuple[float, Array]:
    """Mean squared distance of the best ``half`` of the points and the cone through them, from one start."""
    values = _solved(local, cylinder) if start is None else start
    for _ in range(_CONCENTRATIONS):
        inner = np.argsort(np.abs(_residual(values, local)), kind="stable")[:half]
        before, values = values, _solved(local[inner], cylinder, values)
        if np.abs(values - before).max() < 1e-9:
            break
    return float(np.mean(np.sort(np.abs(_residual(values, local)))[:half] ** 2)), values


def _spread_deg(local: Array) -> float:
    bins = np.floor(np.degrees(np.arctan2(local[:, 1], local[:, 0])) % 360.0 / 5.0).astype(np.int64)
    return 5.0 * len(np.unique(bins))


def _residual(values: Array, local: Array) -> Array:
    """(n,) signed distances from the cone; values: tilt (2), centre (2), radius, slope."""
    direction = np.array([values[0], values[1], 1.0])
    direction /= np.linalg.norm(direction)
    offset = local - np.array([values[2], values[3], 0.0])
    height = offset @ direction
    radius = np.linalg.norm(offset - height[:, None] * direction, axis=1)
    return np.asarray((radius - values[4] - values[5] * height) / math.hypot(1.0, values[5]))


def _slopes(values: Array, local: Array, residual: Array) -> Array:
    """(n, 6) derivatives of :func:`_residual` by its values."""
    tilted = np.array([values[0], values[1], 1.0])
    size = float(np.linalg.norm(tilted))
    direction = tilted / size
    offset = local - np.array([values[2], values[3], 0.0])
    height = offset @ direction
    square = offset - height[:, None] * direction
    radius = np.linalg.norm(square, axis=1)
    away = square[:, :2] / np.maximum(radius, 1e-300)[:, None]
    slope = values[5]
    found = np.empty((len(local), 6))
    found[:, :2] = -(height + slope * radius)[:, None] * away / size
    found[:, 2:4] = slope * direction[:2] - away
    found[:, 4] = -1.0
    scale = math.hypot(1.0, slope)
    found[:, 5] = -height - residual * slope / scale
    return np.asarray(found / scale)


def _solved(local: Array, cylinder: bool, values: Array | None = None) -> Array:
    if values is None:
        radius, height = np.hypot(local[:, 0], local[:, 1]), local[:, 2]
        slope, start = (0.0, float(np.median(radius)))
        if not cylinder and np.ptp(height) > 1e-3:
            slope, start = (float(v) for v in np.polyfit(height, radius, 1))
        values = np.array([0.0, 0.0, 0.0, 0.0, start, slope])
    free = np.arange(5 if cylinder else 6)
    damping, now = 1e-6, _residual(values, local)
    for _ in range(_ROUNDS):
        jacobian = _slopes(values, local, now)[:, free]
        normal = jacobian.T @ jacobian
        normal[np.diag_indices(len(free))] *= 1.0 + damping
        try:
            move = np.linalg.solve(normal, -jacobian.T @ now)
        except np.linalg.LinAlgError:
            break
        trial = values.copy()
        trial[free] += move
        then = _residual(trial, local)
        if then @ then <= now @ now:
            done = float(np.abs(move).max()) < 1e-12
            values, now, damping = trial, then, max(damping / 10.0, 1e-12)
            if done:
                break
        else:
            damping *= 100.0
            if damping > 1e6:
                break
    return values
