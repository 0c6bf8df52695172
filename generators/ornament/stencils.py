"""Silhouettes of any outline made castable: opened and closed by discs on a fine grid, then domed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.generators.ornament.elements import STAY, Placement
from ringcad.generators.ornament.plates import MARGIN_MM, Grid, inside_of
from ringcad.generators.ornament.raster import Array, Canvas, resample, risen, shoulder

GRID_PER_MM = 64.0
"""Resolution of the grid on which a silhouette is opened and closed."""
MOST_CELLS = 640
"""Longest side of that grid; larger motifs take a coarser one, their details are larger too."""


@dataclass(frozen=True)
class Stencil:
    """A silhouette of closed outlines (mm, even-odd) whose parts and gaps are wide enough to cast.

    ``dome`` from 0 (a level top with a rounded edge) to 1 (inflated like a pebble).
    """

    outlines: tuple[Array, ...]
    stroke: float
    gap: float
    dome: float = 0.5
    place: Placement = STAY

    def discs(self) -> tuple[Array, Array]:
        closed = [resample(np.vstack([line, line[:1]]), 0.05)[0] for line in self.outlines]
        points = self.place.points(np.vstack(closed))
        return points, np.zeros(len(points))

    def moved(self, place: Placement) -> Stencil:
        return replace(self, place=place.after(self.place))

    def draw(self, canvas: Canvas) -> None:
        points, _ = self.discs()
        (u0, v0), (u1, v1) = points.min(axis=0) - MARGIN_MM, points.max(axis=0) + MARGIN_MM
        i, j = canvas.window(u0, u1, v0, v1)
        if not len(i) or not len(j):
            return
        distance, crown, origin, step = _prepared(self.outlines, self.stroke, self.gap)
        x, y = self.place.back(*canvas.coordinates(i, j))
        at = [(y - origin[1]) / step, (x - origin[0]) / step]
        s = ndimage.map_coordinates(distance, at, order=1, mode="nearest")
        full = ndimage.map_coordinates(crown, at, order=1, mode="nearest")
        edge = 0.16 + 0.1 * self.dome
        body = shoulder(s, edge, canvas.pixel_mm)
        canvas.blend_max(i, j, risen(body, 1.0 - (0.1 + 0.5 * self.dome) * (1.0 - full)))


class _Key:
    """Outlines with a hash of their numbers, so that prepared grids can be kept."""

    def __init__(self, outlines: tuple[Array, ...]) -> None:
        self.outlines = outlines
        joined = b"|".join(np.ascontiguousarray(line).tobytes() for line in outlines)
        self.digest = hashlib.sha256(joined).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.digest == self.digest


def _prepared(
    outlines: tuple[Array, ...], stroke: float, gap: float
) -> tuple[Array, Array, tuple[float, float], float]:
    return _prepared_key(_Key(outlines), stroke, gap)


@lru_cache(maxsize=64)
def _prepared_key(key: _Key, stroke: float, gap: float) -> tuple[Array, Array, tuple[float, float], float]:
    """Distance inwards, how full the surroundings are, the grid's origin and step."""
    every = np.vstack(key.outlines)
    margin = gap + MARGIN_MM
    low, high = every.min(axis=0) - margin, every.max(axis=0) + margin
    step = max(1.0 / GRID_PER_MM, float((high - low).max()) / MOST_CELLS)
    columns, rows = (int(np.ceil(size / step)) + 1 for size in high - low)
    grid = Grid(float(low[0]), float(low[1]), step, step, rows, columns)
    solid = inside_of(key.outlines, grid)
    # Gaps first: what a casting would close is metal, and may make a thin part wide enough.
    solid = ~_opened(~solid, 0.5 * gap / step)
    solid = _thickened(solid, 0.5 * stroke / step)
    # Limbs that grew may have come too near to one another.
    solid = _opened(~_opened(~solid, 0.5 * gap / step), 0.5 * stroke / step)
    if not solid.any():
        return np.full((rows, columns), -1.0), np.zeros((rows, columns)), (grid.u0, grid.v0), step
    inside, outside = (ndimage.distance_transform_edt(mask) for mask in (solid, ~solid))
    distance = ndimage.gaussian_filter(np.where(solid, inside - 0.5, 0.5 - outside), 2.6) * step
    crown = np.zeros((rows, columns))
    # Two widths of dome: limbs are round as well as the whole body.
    for share, width in ((0.5, 0.22), (0.5, 0.6)):
        full = ndimage.gaussian_filter(solid.astype(np.float64), width / step)
        crown += share * np.clip((full - 0.35) / max(float(full.max()) - 0.35, 1e-6), 0.0, 1.0)
    return distance, crown, (grid.u0, grid.v0), step


def _thickened(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """A silhouette whose slim limbs (pixels) have grown to twice the radius about their middle line.

    Opening alone would lose the stem of a note or the leg of a beetle. Tips of broad parts, which it rounds off,
    stay rounded.
    """
    kept = _opened(mask, radius)
    pieces, count = ndimage.label(mask & ~kept)
    if not count:
        return kept
    inside = ndimage.distance_transform_edt(mask)
    sizes = ndimage.sum_labels(np.ones(mask.shape), pieces, np.arange(1, count + 1))
    reach = ndimage.maximum(inside, pieces, np.arange(1, count + 1))
    # A limb is longer than it is broad; a tip that the opening rounds off is not.
    limb = (sizes > 4.0 * np.asarray(reach) ** 2 + 1.2 * radius**2) & (np.asarray(reach) > 0.24 * radius)
    ridge = np.isin(pieces, 1 + np.flatnonzero(limb)) & (inside >= ndimage.maximum_filter(inside, 3) - 0.3)
    ridge &= inside > 0.24 * radius
    if not ridge.any():
        return kept
    grown: NDArray[np.bool_] = ndimage.distance_transform_edt(~ridge) <= radius + 0.5
    return grown | kept


def _opened(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    core = ndimage.distance_transform_edt(np.pad(mask, 1, constant_values=bool(mask[0, 0])))[1:-1, 1:-1] > radius
    if not core.any():
        return np.zeros_like(mask)
    grown: NDArray[np.bool_] = (ndimage.distance_transform_edt(~core) <= radius) & mask
    return grown
