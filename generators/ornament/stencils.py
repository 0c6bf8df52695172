"""Silhouettes of any outline made castable: opened and closed by discs on a fine grid, then domed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse import linalg as sparse_linalg

from ringcad.generators.ornament.elements import STAY, Placement
from ringcad.generators.ornament.plates import MARGIN_MM, Grid, inside_of
from ringcad.generators.ornament.raster import LEAST_TOP, Array, Canvas, risen, shoulder

GRID_PER_MM = 48.0
"""Resolution of the grid on which a silhouette is opened and closed."""
MOST_CELLS = 640
"""Longest side of that grid; larger motifs take a coarser one, their details are larger too."""


GROOVE_SPREAD = 0.42
"""Blur of a line that is too narrow for a gap, over the gap: its groove is a gap wide at half of its own depth."""
GROOVE_GAIN = 2.2
"""A line of a quarter of the gap becomes a groove of half the depth; lines closer than a gap run together."""
RIM_TOP = 0.58
"""Height of a top just inside its edge: what rises from there to the crest is the dome."""


@dataclass(frozen=True)
class Stencil:
    """A silhouette of closed outlines (mm, even-odd) drawn like a small cast charm.

    Its parts and gaps are wide enough to cast; inner lines too narrow to stay open are engraved in it. ``dome`` from
    0 (a nearly level top with a rounded edge) to 1 (inflated like a pebble).
    """

    outlines: tuple[Array, ...]
    stroke: float
    gap: float
    dome: float = 0.5
    place: Placement = STAY

    def discs(self) -> tuple[Array, Array]:
        points = self.place.points(_discs(_Key(self.outlines)))
        return points, np.zeros(len(points))

    def moved(self, place: Placement) -> Stencil:
        return replace(self, place=place.after(self.place))

    def draw(self, canvas: Canvas) -> None:
        points, _ = self.discs()
        (u0, v0), (u1, v1) = points.min(axis=0) - MARGIN_MM, points.max(axis=0) + MARGIN_MM
        i, j = canvas.window(u0, u1, v0, v1)
        if not len(i) or not len(j):
            return
        form, domed = _prepared(_Key(self.outlines), self.stroke, self.gap)
        x, y = self.place.back(*canvas.coordinates(i, j))
        at = [(y - form.origin[1]) / form.step, (x - form.origin[0]) / form.step]
        s, dome, groove = (
            ndimage.map_coordinates(field, at, order=1, mode="nearest") for field in (form.distance, domed, form.groove)
        )
        rim = 1.0 - (1.0 - RIM_TOP) * (0.55 + 0.6 * self.dome)
        top = rim + (1.0 - rim) * dome
        top -= groove * (top - LEAST_TOP)
        canvas.blend_max(i, j, risen(shoulder(s, EDGE_MM, canvas.pixel_mm), top))


EDGE_MM = 0.15
"""Rounding of a silhouette's edge: crisp, so that it reads."""


@dataclass(frozen=True)
class Form:
    """A silhouette made castable, on a grid: arrays (rows, columns), the grid's origin and step in mm.

    ``distance`` inwards from the outline, mm; ``groove`` 0 to 1, how deep the engraved lines are; ``solid`` where
    metal is; ``drawn`` the silhouette as it was given.
    """

    distance: Array
    groove: Array
    solid: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    origin: tuple[float, float]
    step: float


def _walked(line: Array, step_mm: float = 0.06) -> Array:
    """A closed polygon's corners, and points between them so that none is farther than a step from the next."""
    closed = np.vstack([line, line[:1]])
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))))
    between = np.arange(0.0, arc[-1], step_mm)
    return np.vstack([line, np.column_stack([np.interp(between, arc, closed[:, k]) for k in (0, 1)])])


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


@lru_cache(maxsize=64)
def _discs(key: _Key) -> Array:
    return np.vstack([_walked(line) for line in key.outlines])


@lru_cache(maxsize=64)
def _prepared(key: _Key, stroke: float, gap: float) -> tuple[Form, Array]:
    """What a silhouette becomes, and its dome: 0 at the outline, 1 at the crest."""
    form = castable(key.outlines, stroke, gap, GRID_PER_MM)
    if not form.solid.any():
        return form, np.zeros(form.solid.shape)
    dome = 0.62 * _inflated(form.solid, form.step) + 0.38 * _pillow(
        form.solid & (form.groove < 0.5), PAD_MM / form.step
    )
    return form, dome / max(float(dome.max()), 1e-6)


def castable(outlines: tuple[Array, ...], stroke: float, gap: float, per_mm: float) -> Form:
    """What a silhouette becomes at limits of ``stroke`` and ``gap`` mm, on a grid of ``per_mm`` cells in a mm."""
    every = np.vstack(outlines)
    margin = gap + MARGIN_MM
    low, high = every.min(axis=0) - margin, every.max(axis=0) + margin
    step = max(1.0 / per_mm, float((high - low).max()) / MOST_CELLS)
    columns, rows = (int(np.ceil(size / step)) + 1 for size in high - low)
    grid = Grid(float(low[0]), float(low[1]), step, step, rows, columns)
    drawn = inside_of(outlines, grid)
    # Gaps first: what a casting would close is metal, and may make a thin part wide enough.
    solid = ~_opened(~drawn, 0.5 * gap / step)
    lines = solid & ~drawn
    solid = _thickened(solid, 0.5 * stroke / step)
    # Limbs that grew may have come too near to one another.
    solid = _opened(~_opened(~solid, 0.5 * gap / step), 0.5 * stroke / step)
    inside, outside = (ndimage.distance_transform_edt(mask) for mask in (solid, ~solid))
    distance = ndimage.gaussian_filter(np.where(solid, inside - 0.5, 0.5 - outside), 0.04 / step) * step
    spread = ndimage.gaussian_filter((lines & solid).astype(np.float64), GROOVE_SPREAD * gap / step)
    groove = np.clip(GROOVE_GAIN * spread, 0.0, 1.0)
    return Form(distance, groove * groove * (3.0 - 2.0 * groove), solid, drawn, (grid.u0, grid.v0), step)


PAD_MM = 0.4
"""How far in from a groove or an outline the metal between grooves still rises."""
LIMB_MM = 0.22
"""Limbs of twice this width rise half as high as a broad body."""
SOLVED_CELLS = 72
"""Longest side of the grid on which a body is inflated."""


def _inflated(solid: NDArray[np.bool_], step: float) -> Array:
    """A skin blown up over a silhouette (pixels of ``step`` mm), 0 at its outline, 1 at its crest.

    The square root of the solution of Poisson's equation: half a circle over a strip, without creases elsewhere.
    """
    coarse = max(1, int(np.ceil(max(solid.shape) / SOLVED_CELLS)))
    rows, columns = (-(-size // coarse) for size in solid.shape)
    padded = np.zeros((rows * coarse, columns * coarse))
    padded[: solid.shape[0], : solid.shape[1]] = solid
    share = padded.reshape(rows, coarse, columns, coarse).mean(axis=(1, 3))
    cells = np.flatnonzero(share.ravel() > 0.3)
    number = np.full(rows * columns, -1)
    number[cells] = np.arange(len(cells))
    first, second = [], []
    for jump in (1, columns):
        ahead = np.minimum(cells + jump, rows * columns - 1)
        there = number[ahead] >= 0
        first.append(number[cells][there])
        second.append(number[ahead][there])
    a, b = np.concatenate(first), np.concatenate(second)
    ones = np.full(len(a), -1.0)
    matrix = sparse.coo_matrix((ones, (a, b)), shape=(len(cells), len(cells)))
    matrix = (matrix + matrix.T + 4.0 * sparse.identity(len(cells))).tocsc()
    bulge = np.zeros(rows * columns)
    bulge[cells] = sparse_linalg.spsolve(matrix, np.full(len(cells), (coarse * step) ** 2))
    high = np.sqrt(np.maximum(bulge.reshape(rows, columns), 0.0))
    high = high / (high + LIMB_MM)
    at = np.meshgrid(*((np.arange(size) + 0.5) / coarse - 0.5 for size in solid.shape), indexing="ij")
    fine = ndimage.map_coordinates(high, at, order=1, mode="nearest")
    smooth: Array = ndimage.gaussian_filter(fine, 0.7 * coarse)
    return smooth / max(float(smooth.max()), 1e-6)


def _pillow(solid: NDArray[np.bool_], reach: float) -> Array:
    """A quarter of a circle from every edge to ``reach`` pixels inside it, 0 to 1."""
    inside = np.minimum(ndimage.distance_transform_edt(solid), reach) / reach
    round_: Array = ndimage.gaussian_filter(np.sqrt(1.0 - (1.0 - inside) ** 2), 2.0)
    return round_


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


READ_PER_MM = 36.0
"""Grid on which legibility is judged."""
READ_AS = 0.36
"""How far a line may be from where it was drawn and still read as it, over the gap."""


def legibility(outlines: tuple[Array, ...], stroke: float, gap: float) -> float:
    """How much of a silhouette can still be read when it is cast, 0 to 1.

    The share of its lines, outer and inner, that lie near a line of the casting, and the share of the casting's
    lines that lie as near to one of the silhouette: their harmonic mean.
    """
    form = castable(outlines, stroke, gap, READ_PER_MM)
    mine, cast = _lines(form.drawn), _lines((form.distance > 0.0) & (form.groove < 0.5))
    if not mine.any() or not cast.any():
        return 0.0
    reach = READ_AS * gap / form.step
    kept = float(np.mean(ndimage.distance_transform_edt(~cast)[mine] <= reach))
    meant = float(np.mean(ndimage.distance_transform_edt(~mine)[cast] <= reach))
    return 2.0 * kept * meant / max(kept + meant, 1e-9)


def _lines(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    edge: NDArray[np.bool_] = mask & ~ndimage.binary_erosion(mask)
    return edge
