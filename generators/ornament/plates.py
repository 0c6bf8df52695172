"""Plates: bodies of any outline, domed and grooved; and stacks, in which one form lies over another.

Distances to an outline are taken to its own segments, not to pixels, so that an edge is as smooth
as the polygon is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.generators.ornament.elements import Drawable, Placement
from ringcad.generators.ornament.raster import Array, Canvas, resample, risen, shoulder

VALLEY = 0.52
"""Lowest height inside a stack, over that of its crest."""
MARGIN_MM = 0.3
"""Window left around a form for its foot."""


@dataclass(frozen=True)
class Grid:
    """A window of a canvas: first pixel centre, pixel sizes and shape."""

    u0: float
    v0: float
    du: float
    dv: float
    rows: int
    columns: int


def distance_to(lines: Sequence[Array], grid: Grid, reach: float) -> Array:
    """Distance of every pixel of a window to some polylines, ``reach`` where it is farther."""
    out = np.full(grid.rows * grid.columns, reach * reach)
    step = max(0.6 * reach, 2.0 * grid.du)
    starts, ends = [], []
    for line in lines:
        points = _divided(line, step)
        starts.append(points[:-1])
        ends.append(points[1:])
    a, b = np.concatenate(starts), np.concatenate(ends)
    middle = 0.5 * (a + b)
    ki, kj = (int(np.ceil((reach + 0.5 * step) / size)) + 1 for size in (grid.dv, grid.du))
    oi, oj = (o.ravel() for o in np.meshgrid(np.arange(-ki, ki + 1), np.arange(-kj, kj + 1), indexing="ij"))
    chunk = max(1, 400_000 // oi.size)
    for first in range(0, len(a), chunk):
        p, q, m = (x[first : first + chunk] for x in (a, b, middle))
        j = np.round((m[:, 0] - grid.u0) / grid.du).astype(np.int64)[:, None] + oj
        i = np.round((m[:, 1] - grid.v0) / grid.dv).astype(np.int64)[:, None] + oi
        x, y = grid.u0 + j * grid.du - p[:, :1], grid.v0 + i * grid.dv - p[:, 1:]
        d = q - p
        t = np.clip((x * d[:, :1] + y * d[:, 1:]) / np.maximum((d * d).sum(axis=1), 1e-18)[:, None], 0.0, 1.0)
        x -= t * d[:, :1]
        y -= t * d[:, 1:]
        square = x * x + y * y
        good = (i >= 0) & (i < grid.rows) & (j >= 0) & (j < grid.columns) & (square < reach * reach)
        np.minimum.at(out, (i * grid.columns + j)[good], square[good])
    distance: Array = np.sqrt(out).reshape(grid.rows, grid.columns)
    return distance


def _divided(line: Array, step: float) -> Array:
    """Polyline with its long pieces divided; every corner is kept."""
    length = np.hypot(*np.diff(line, axis=0).T)
    parts = np.maximum(1, np.ceil(length / step)).astype(np.int64)
    if (parts == 1).all():
        return line
    where = np.concatenate([k + np.arange(n) / n for k, n in enumerate(parts.tolist())] + [np.array([len(line) - 1.0])])
    return np.column_stack([np.interp(where, np.arange(len(line)), line[:, k]) for k in (0, 1)])


def inside_of(outlines: Sequence[Array], grid: Grid) -> NDArray[np.bool_]:
    """Whether each pixel of a window lies inside some closed polylines (even-odd)."""
    toggles = np.zeros((grid.rows, grid.columns + 1), dtype=np.int64)
    v = grid.v0 + grid.dv * np.arange(grid.rows)
    p = np.vstack(outlines)
    q = np.vstack([np.roll(line, -1, axis=0) for line in outlines])
    below, above = p[:, 1] <= v[:, None], q[:, 1] <= v[:, None]
    row, edge = np.nonzero(below != above)
    slope = (q[edge, 0] - p[edge, 0]) / (q[edge, 1] - p[edge, 1])
    at = p[edge, 0] + (v[row] - p[edge, 1]) * slope
    column = np.clip(np.ceil((at - grid.u0) / grid.du), 0, grid.columns).astype(np.int64)
    np.add.at(toggles, (row, column), 1)
    within: NDArray[np.bool_] = np.cumsum(toggles, axis=1)[:, :-1] % 2 == 1
    return within


def _rounded_off(within: NDArray[np.bool_], radius: float, pixel: float) -> Array:
    """Distance inwards of what a disc can reach inside an outline: tips end as round as they can be cast."""
    wide = np.pad(within, 1)
    core = (ndimage.distance_transform_edt(wide) - 0.5) * pixel > radius - 0.6 * pixel
    if not core.any():
        return np.full(within.shape, -radius)
    # Distances between pixel centres: what is not really cut stays a little inside.
    reached = radius + 0.9 * pixel - ndimage.distance_transform_edt(~core) * pixel
    smooth: Array = ndimage.gaussian_filter(reached, 0.8)[1:-1, 1:-1]
    return smooth


@dataclass(frozen=True)
class Groove:
    """A furrow with a cosine section; ``half_mm`` from its middle to its rim, ``depth`` of the height there.

    A negative depth is a ridge.
    """

    points: Array
    half_mm: float
    depth: float


@dataclass(frozen=True)
class Plate:
    """A body of closed outlines (n, 2) at half height, even-odd, with rounded edges and a domed top.

    The rim stands ``crown`` lower than places ``reach_mm`` or farther inside. ``lean`` lowers it along
    a direction: (direction in degrees, share lost from the highest to the lowest place). ``dish`` lowers it towards
    a place: (u, v, radius in mm from which nothing is lost, share lost there).
    """

    outlines: tuple[Array, ...]
    edge_mm: float = 0.18
    height: float = 1.0
    crown: float = 0.2
    reach_mm: float = 0.6
    grooves: tuple[Groove, ...] = ()
    lean: tuple[float, float] = (0.0, 0.0)
    dish: tuple[float, float, float, float] | None = None

    def discs(self) -> tuple[Array, Array]:
        closed = [resample(np.vstack([line, line[:1]]), 0.05)[0] for line in self.outlines]
        points = np.vstack(closed)
        return points, np.zeros(len(points))

    def moved(self, place: Placement) -> Plate:
        return replace(
            self,
            outlines=tuple(place.points(line) for line in self.outlines),
            grooves=tuple(replace(g, points=place.points(g.points)) for g in self.grooves),
            lean=(place.angle(self.lean[0]), self.lean[1]),
            dish=None if self.dish is None else (*_moved_point(place, self.dish[0], self.dish[1]), *self.dish[2:]),
        )

    def draw(self, canvas: Canvas) -> None:
        every = np.vstack(self.outlines)
        (u0, v0), (u1, v1) = every.min(axis=0) - MARGIN_MM, every.max(axis=0) + MARGIN_MM
        i, j = canvas.window(u0, u1, v0, v1)
        if not len(i) or not len(j):
            return
        u, v = canvas.coordinates(i, j)
        rows, columns = canvas.height.shape
        grid = Grid(float(u[0, 0]), float(v[0, 0]), canvas.length_mm / columns, canvas.width_mm / rows, len(i), len(j))
        if canvas.outlined:
            within = inside_of(self.outlines, grid)
            if canvas.least_mm > 0.0:
                within &= _rounded_off(within, 0.5 * canvas.least_mm, canvas.pixel_mm) > 0.0
            canvas.blend_max(i, j, self.height * within)
            return
        closed = [np.vstack([line, line[:1]]) for line in self.outlines]
        s = distance_to(closed, grid, self.edge_mm + 2.0 * canvas.pixel_mm)
        within = inside_of(self.outlines, grid)
        s = np.where(within, s, -s)
        if canvas.least_mm > 0.0:
            s = np.minimum(s, _rounded_off(within, 0.5 * canvas.least_mm, canvas.pixel_mm))
        edge = shoulder(s, self.edge_mm, canvas.pixel_mm)
        top = np.ones(edge.shape)
        if self.crown:
            # How full the surroundings are: a dome without the creases that distances to the edge have.
            full = ndimage.gaussian_filter(within.astype(np.float64), 0.5 * self.reach_mm * canvas.pixels_per_mm)
            top -= self.crown * (1.0 - np.clip((full - 0.35) / max(float(full.max()) - 0.35, 1e-6), 0.0, 1.0))
        if self.lean[1]:
            a = np.deg2rad(self.lean[0])
            along = u * np.cos(a) + v * np.sin(a)
            ends = every @ np.array([np.cos(a), np.sin(a)])
            top *= 1.0 - self.lean[1] * np.clip((along - ends.min()) / max(float(np.ptp(ends)), 1e-9), 0.0, 1.0)
        if self.dish is not None:
            at_u, at_v, reach, share = self.dish
            top *= 1.0 - share * np.clip(1.0 - np.hypot(u - at_u, v - at_v) / reach, 0.0, 1.0)
        alike: dict[tuple[float, float], list[Array]] = {}
        for groove in self.grooves:
            alike.setdefault((groove.half_mm, groove.depth), []).append(groove.points)
        for (half, depth), lines in alike.items():
            if len(lines) == 1 or not self.dish:
                for line in lines:
                    d = distance_to([line], grid, half)
                    top *= 1.0 - 0.5 * depth * (1.0 + np.cos(np.pi * d / half))
            else:
                # Of many petals in one body: their grooves do not meet.
                d = distance_to(lines, grid, half)
                top *= 1.0 - 0.5 * depth * (1.0 + np.cos(np.pi * d / half))
        canvas.blend_max(i, j, self.height * risen(edge, top))


def _moved_point(place: Placement, u: float, v: float) -> tuple[float, float]:
    at = place.points(np.array([[u, v]]))[0]
    return float(at[0]), float(at[1])


def box_of(element: Drawable) -> tuple[float, float, float, float]:
    """Least and greatest u and v of a form's outline: of a body by its corners, of others by their discs."""
    if isinstance(element, Plate):
        points = np.vstack(element.outlines)
        low, high = points.min(axis=0), points.max(axis=0)
    elif isinstance(element, Laid):
        return box_of(element.element)
    elif isinstance(element, Stack | Group):
        boxes = np.array([box_of(part) for part in element.elements])
        return float(boxes[:, 0].min()), float(boxes[:, 1].max()), float(boxes[:, 2].min()), float(boxes[:, 3].max())
    else:
        points, radius = element.discs()
        low, high = (points - radius[:, None]).min(axis=0), (points + radius[:, None]).max(axis=0)
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


@dataclass(frozen=True)
class Stack:
    """Forms that lie one over another, the last on top.

    Towards the wall of the form above, the one below goes down by ``sink`` over ``reach_mm``.
    """

    elements: tuple[Drawable, ...]
    reach_mm: float
    sink: float = 0.45

    def discs(self) -> tuple[Array, Array]:
        points, radius = (np.concatenate(part) for part in zip(*(e.discs() for e in self.elements), strict=True))
        return points, radius

    def moved(self, place: Placement) -> Stack:
        return replace(self, elements=tuple(element.moved(place) for element in self.elements))

    def draw(self, canvas: Canvas) -> None:
        if canvas.outlined:
            for element in self.elements:
                element.draw(canvas)
            return
        boxes = [self._box(canvas, element) for element in self.elements]
        i0, j0 = (min(box[k] for box in boxes) for k in (0, 2))
        i1, j1 = (max(box[k] for box in boxes) for k in (1, 3))
        if i1 <= i0 or j1 <= j0:
            return
        field = np.zeros((i1 - i0, j1 - j0))
        union = np.zeros(field.shape, dtype=bool)
        rows, columns = canvas.height.shape
        du, dv = canvas.length_mm / columns, canvas.width_mm / rows
        for element, (a, b, c, d) in zip(self.elements, boxes, strict=True):
            if b <= a or d <= c:
                continue
            own = _blank(b - a, d - c, du, dv, canvas)
            # The window's own coordinates start at its corner.
            middle = 0.5 * (a + b) * dv - 0.5 * canvas.width_mm
            element.moved(Placement(-c * du, -middle)).draw(own)
            part = field[a - i0 : b - i0, c - j0 : d - j0]
            solid = own.height > 0.5 * float(own.height.max())
            if not solid.any():
                continue
            union[a - i0 : b - i0, c - j0 : d - j0] |= solid
            away = ndimage.distance_transform_edt(~solid) * canvas.pixel_mm
            near = np.clip(1.0 - away / self.reach_mm, 0.0, 1.0)
            part *= 1.0 - self.sink * ndimage.gaussian_filter(near * near * (3.0 - 2.0 * near), 0.8)
            np.maximum(part, own.height, out=part)
        # One body of metal: its valleys stay above half height, so that they are no slits.
        inner = ndimage.binary_erosion(union, iterations=2)
        field[inner] = np.maximum(field[inner], VALLEY)
        canvas.blend_max(np.arange(i0, i1), np.arange(j0, j1), field)

    def _box(self, canvas: Canvas, element: Drawable) -> tuple[int, int, int, int]:
        reach = self.reach_mm + MARGIN_MM
        u0, u1, v0, v1 = box_of(element)
        rows, columns = canvas.height.shape
        du, dv = canvas.length_mm / columns, canvas.width_mm / rows
        i0 = int(np.floor((v0 - reach + 0.5 * canvas.width_mm) / dv))
        i1 = int(np.ceil((v1 + reach + 0.5 * canvas.width_mm) / dv))
        j0, j1 = int(np.floor((u0 - reach) / du)), int(np.ceil((u1 + reach) / du))
        if not canvas.periodic:
            j0, j1 = max(j0, 0), min(j1, columns)
        return max(i0, 0), min(i1, rows), j0, j1


@dataclass(frozen=True)
class Group:
    """Forms that are one to whatever lies under or over them; none presses the others down."""

    elements: tuple[Drawable, ...]

    def discs(self) -> tuple[Array, Array]:
        points, radius = (np.concatenate(part) for part in zip(*(e.discs() for e in self.elements), strict=True))
        return points, radius

    def moved(self, place: Placement) -> Group:
        return replace(self, elements=tuple(element.moved(place) for element in self.elements))

    def draw(self, canvas: Canvas) -> None:
        for element in self.elements:
            element.draw(canvas)


@dataclass(frozen=True)
class Laid:
    """A form that lies over what was drawn before it: that goes down by ``sink`` towards the form's wall.

    Lists of elements draw it last (:func:`~ringcad.generators.ornament.painting.draw_elements`).
    """

    element: Drawable
    reach_mm: float
    sink: float = 0.45

    def discs(self) -> tuple[Array, Array]:
        return self.element.discs()

    def moved(self, place: Placement) -> Laid:
        return replace(self, element=self.element.moved(place))

    def draw(self, canvas: Canvas) -> None:
        if canvas.outlined:
            self.element.draw(canvas)
            return
        reach = self.reach_mm + MARGIN_MM
        u0, u1, v0, v1 = box_of(self.element)
        i, j = canvas.window(u0 - reach, u1 + reach, v0 - reach, v1 + reach)
        if not len(i) or not len(j):
            return
        rows, columns = canvas.height.shape
        du, dv = canvas.length_mm / columns, canvas.width_mm / rows
        own = _blank(len(i), len(j), du, dv, canvas)
        middle = 0.5 * (i[0] + i[-1] + 1) * dv - 0.5 * canvas.width_mm
        self.element.moved(Placement(-j[0] * du, -float(middle))).draw(own)
        solid = own.height > 0.5 * float(own.height.max())
        if not solid.any():
            return
        away = ndimage.distance_transform_edt(~solid) * canvas.pixel_mm
        near = np.clip(1.0 - away / self.reach_mm, 0.0, 1.0)
        index = np.ix_(i, j % columns)
        field = canvas.height[index]
        lowered = field * (1.0 - self.sink * ndimage.gaussian_filter(near * near * (3.0 - 2.0 * near), 0.8))
        # What was metal stays metal: a valley beside the form, no slit.
        lowered = np.where(field > 0.5, np.maximum(lowered, np.minimum(field, VALLEY)), lowered)
        canvas.height[index] = np.maximum(lowered, own.height)


def _blank(rows: int, columns: int, du: float, dv: float, like: Canvas) -> Canvas:
    """A canvas of exactly so many pixels of the given sizes."""
    canvas = Canvas(columns * du, rows * dv, like.pixels_per_mm, False, like.least_mm)
    if canvas.height.shape != (rows, columns):
        canvas.height = np.zeros((rows, columns))
    return canvas
