"""What a layer looks like, measured on its drawn heights: strokes, gaps, period, what castability limits would take.

Used by the sampler's corpus (labels are measured, never asked), by its check of a drawn layer, and by its benchmark.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from ringcad.generators.ornament.elements import Placement
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.painting import draw_elements, fill_corners
from ringcad.generators.ornament.raster import Array, Canvas
from ringcad.generators.ornament.registry import drawn
from ringcad.generators.ornament.scene import UNDRAWABLE
from ringcad.generators.ornament.schema import LayerBase

PIXELS_PER_MM = 10.0
"""Resolution at which layers are judged; masks are judged at :data:`FINE` times this."""
FINE = 2
"""Masks are judged this much finer, by interpolation."""
LEAST_MM = 0.05
"""Widths are not told apart below this."""


WORST_MOVED = 0.05
"""Drawings of which the castability limits would move more than this are thrown away ..."""
WORST_EXCESS = 0.01
"""... unless the family's own proposal in the same room is no better than this much less."""
REACH_MM = 0.06
"""Drawings that stand farther out of their room than this and than the family's own proposal are thrown away."""
LEAST_COVER = 0.03
"""Drawings with less metal than this are empty."""


BARE_STEP_MM = 0.2
"""Pitch of the points at which bare ground is looked for."""


@dataclass(frozen=True)
class Look:
    """Measures of a drawn layer. Widths in mm, at half height.

    ``stroke`` and ``gap`` are mean widths of metal and of open ground (four times the mean distance to the
    edge, exact for strips), ``period`` is four times the lag along the band at which the heights lose half
    of their likeness to themselves, ``cover`` the share of the room's area, ``moved`` the share
    of the metal that opening and closing with the foundry's discs take away and add, ``reach`` how far
    elements stand out of the room, mm.
    """

    stroke: float
    gap: float
    period: float
    cover: float
    moved: float
    reach: float = 0.0

    def logs(self) -> tuple[float, float, float]:
        """How dense, bold and large it is: narrow gaps, broad strokes, long periods, in logarithms."""
        return -math.log(self.gap), math.log(self.stroke), math.log(self.period)


def draw_alone(
    layer: LayerBase, room: Room, pixels_per_mm: float = PIXELS_PER_MM, outlined: bool = False
) -> tuple[Array, float]:
    """(rows, columns) heights of one layer in its own room, without placing, frame or neighbours, and its reach, mm.

    ``outlined``: bodies without their tops, in a fraction of the time.
    """
    pad = 2.0 / pixels_per_mm
    ends = 0.0 if room.periodic else pad
    canvas = Canvas(
        room.length + 2.0 * ends,
        2.0 * room.half + 2.0 * pad,
        pixels_per_mm,
        room.periodic,
        room.shape.band.stroke_mm,
        outlined,
    )
    elements = drawn(layer, room)
    reach = 0.0
    for element in elements:
        points, radius = element.discs()
        if len(points):
            reach = max(reach, -float((room.clearance(points) - radius).min()))
    draw_elements(canvas, [element.moved(Placement(u=ends - room.u0)) for element in elements])
    fill_corners(canvas, room.shape.band.gap_mm)
    return np.clip(canvas.height, 0.0, 1.0), reach


def bare_mm(layer: LayerBase, room: Room) -> float:
    """How far the emptiest twentieth of a room lies from any element and from the room's edge, mm.

    By the discs that elements are made of, so that nothing need be drawn; 0 for a field without outline. Raises
    whatever the family raises for numbers that cannot be drawn.
    """
    discs = [element.discs() for element in drawn(layer, room)]
    centres = np.concatenate([np.zeros((0, 2)), *(points for points, _ in discs)])
    if not len(centres):
        return 0.0
    radii = np.concatenate([np.zeros(0), *(np.broadcast_to(radius, len(points)) for points, radius in discs)])
    u, v = np.meshgrid(np.arange(room.u0, room.u1, BARE_STEP_MM), np.arange(-room.half, room.half, BARE_STEP_MM))
    grid = np.stack([u.ravel(), v.ravel()], axis=-1)
    edge = room.clearance(grid)
    grid, edge = grid[edge > 0.0], edge[edge > 0.0]
    if not len(grid):
        return 0.0
    count = min(12, len(centres))
    distance, which = cKDTree(centres).query(grid, k=[*range(1, count + 1)])
    free = np.minimum((distance - radii[which]).min(axis=1), edge)
    return max(float(np.quantile(free, 0.95)), 0.0)


def castable_change(solid: NDArray[np.bool_], stroke_px: float, gap_px: float, wrap: bool) -> float:
    """Share of the metal's area taken by opening with a disc of the stroke and added by closing with one of the gap."""
    area = int(solid.sum())
    if area == 0:
        return 1.0
    margin = int(np.ceil(max(stroke_px, gap_px))) + 2
    mask = np.pad(solid, ((margin, margin), (0, 0)))
    mask = np.pad(mask, ((0, 0), (margin, margin)), mode="wrap" if wrap else "constant")

    def opened(values: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
        core = ndimage.distance_transform_edt(values) > radius
        grown: NDArray[np.bool_] = ndimage.distance_transform_edt(~core) <= radius if core.any() else core
        return grown & values

    # Half a pixel off the radius: what the pixels themselves leave undecided.
    kept = opened(mask, 0.5 * stroke_px - 0.5)
    closed = ~opened(~kept, 0.5 * gap_px - 0.5)
    inner = (slice(margin, -margin), slice(margin, -margin))
    return float(((mask & ~kept)[inner].sum() + (closed & ~kept)[inner].sum()) / area)


def look_of(height: Array, pixels_per_mm: float, stroke_mm: float, gap_mm: float, wrap: bool) -> Look:
    """Measures of heights (rows across the band, columns along it)."""
    fine = ndimage.zoom(height, FINE, order=1, grid_mode=True, mode="grid-wrap" if wrap else "nearest")
    scale = pixels_per_mm * FINE
    solid = fine > 0.5

    def mean_width(mask: NDArray[np.bool_]) -> float:
        if not mask.any() or mask.all():
            return LEAST_MM if not mask.any() else height.shape[0] / pixels_per_mm
        return max(LEAST_MM, 4.0 * float(ndimage.distance_transform_edt(mask)[mask].mean()) / scale)

    return Look(
        mean_width(solid),
        mean_width(~solid),
        _period(height, pixels_per_mm, wrap),
        float(solid.mean()),
        castable_change(solid, stroke_mm * scale, gap_mm * scale, wrap),
    )


def _period(height: Array, pixels_per_mm: float, wrap: bool) -> float:
    columns = height.shape[1]
    own = height - height.mean(axis=1, keepdims=True)
    size = columns if wrap else 2 * columns
    spectrum = np.abs(np.fft.rfft(own, size, axis=1)) ** 2
    likeness = np.fft.irfft(spectrum.sum(axis=0), size)[: max(2, columns // 2)]
    if likeness[0] <= 1e-9:
        return float(columns / pixels_per_mm)
    likeness /= likeness[0]
    below = np.nonzero(likeness < 0.5)[0]
    if len(below) == 0:
        return float(columns / pixels_per_mm)
    k = int(below[0])
    part = (likeness[k - 1] - 0.5) / max(likeness[k - 1] - likeness[k], 1e-9)
    return 4.0 * float(k - 1 + part) / pixels_per_mm


def layer_look(layer: LayerBase, room: Room, outlined: bool = False) -> Look:
    """Measures of a layer drawn alone in its room; ``outlined``: all but the period, by outlines alone.

    Raises whatever the drawing raises for numbers that cannot be drawn.
    """
    band = room.shape.band
    height, reach = draw_alone(layer, room, outlined=outlined)
    return replace(look_of(height, PIXELS_PER_MM, band.stroke_mm, band.gap_mm, room.periodic), reach=reach)


def looked_at(layer: LayerBase, room: Room, outlined: bool = False) -> Look | None:
    """Measures of a layer, or ``None`` where it cannot be drawn."""
    try:
        return layer_look(layer, room, outlined)
    except UNDRAWABLE:
        return None


def acceptable(look: Look, reference: Look | None, worst_moved: float = WORST_MOVED) -> bool:
    """Whether a drawing is castable and stays in its room, or does so as well as a reference: the family's proposal."""
    moved, reach = worst_moved, REACH_MM
    if reference is not None:
        moved = max(moved, min(reference.moved + WORST_EXCESS, 0.2))
        reach = max(reach, reference.reach + 0.01)
    return look.cover > LEAST_COVER and look.moved <= moved and look.reach <= reach
