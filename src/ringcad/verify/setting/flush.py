"""A stone in a drilled seat (flush, bezel): opening, bearing, pilot hole, and the metal laid over its girdle."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bearings import fit_bearing
from ringcad.verify.setting.closing import BEZEL_WALL_MM, ClosedLip, close_lip, laid_over
from ringcad.verify.setting.fits import ConeFit, fit_cone
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame
from ringcad.verify.setting.moves import Moves, measure_moves
from ringcad.verify.setting.prongs import interference
from ringcad.verify.setting.scan import Scan, scan_round

Array = NDArray[Any]

ANGLES = 240
STEP_MM = 0.02
WALL_TURN_DEG = 12.0
"""How far a wall may lean and still be that of an opening drilled along the axis."""
AROUND = 72
"""Azimuths at which rim and lip are judged."""
DIRECTIONS = 8
"""Directions in which a stone in a seat of revolution is moved."""
RIM_AT_MM = 0.12
"""How far outside the opening the rim's height is taken."""
FREE_WALL_SHARE, FREE_ROUND = 0.25, 0.7
"""The opening is in a wall of its own (a bezel) where the metal outside lies this share of the stone's radius below the
girdle on this share of the circle."""
ABOVE_MM, CLEAR_RIM_MM = 20.0, 0.35
"""How far along a stone's way in metal is looked for, and from what height above its table: a sunk seat's own rim ends
below it."""


@dataclass(frozen=True)
class FlushSetting:
    """A stone in a drilled seat, lengths in mm.

    Attributes
    ----------
    frame
        Found on the mesh: the opening's axis, and the height at which the stone will rest.
    opening, bearing, pilot
        Cylinder above the bearing, cone under the pavilion, cylinder of the hole below; ``None`` where absent.
    cut_in_mm
        Stone's radius less the opening's: what the setter cuts away, and what then holds the stone.
    contact_share
        Share of the circle on which pavilion and bearing touch.
    opening_low_mm, opening_high_mm
        Least and greatest radius of the wall beside the stone, all round.
    lips
        The metal above the girdle after setting, by azimuth, where there is a lip.
    standing_mm, lip_walls_mm, walls_mm
        By the same azimuths, as cast: height of the metal above the girdle, its thickness half way up, and beside the
        middle of the girdle.
    stone
        The stone.
    cast_metal, closed_metal : (p, 3)
        Metal that looks at the stone, once it is cut in, in its own frame: as it is, and under the lip.
    blocked_mm
        Height above the table at which something stands in the stone's way in; ``inf`` where nothing does.
    table_depth_mm
        Table below the rim (negative: it stands proud); ``nan`` where no rim was found.
    interference_mm, interference_place_mm
        Deepest metal inside the resting stone beyond what the opening cuts in, and where.
    """

    frame: SeatFrame
    opening: ConeFit | None
    bearing: ConeFit | None
    pilot: ConeFit | None
    cut_in_mm: float
    contact_share: float
    opening_low_mm: float
    opening_high_mm: float
    lips: tuple[ClosedLip, ...]
    standing_mm: Array
    lip_walls_mm: Array
    walls_mm: Array
    stone: StoneProfile
    cast_metal: Array
    closed_metal: Array
    blocked_mm: float
    table_depth_mm: float
    interference_mm: float
    interference_place_mm: tuple[float, float, float]

    @cached_property
    def cast(self) -> Moves:
        """How far the stone can move among the metal as it is."""
        return measure_moves(self.stone, self.cast_metal, directions=DIRECTIONS)

    @cached_property
    def closed(self) -> Moves:
        """The same under the lip."""
        return measure_moves(self.stone, self.closed_metal, directions=DIRECTIONS)

    @property
    def least_lip(self) -> ClosedLip:
        """Where the lip covers least."""
        return min(self.lips, key=lambda lip: lip.reach)

    @property
    def retention_mm(self) -> float:
        """What holds the set stone in the motion in which least does."""
        return self.closed.hold_mm


def measure_flush(
    caster: RayCaster,
    foot: Array,
    axis: Array,
    stone: StoneProfile,
    *,
    wall_at: Callable[[Array], Array] | None = None,
    bearing_at_mm: float | None = None,
    folded: bool | None = None,
) -> FlushSetting | None:
    """Find and measure a drilled seat: flush, or in a bezel.

    Parameters
    ----------
    foot, axis : (3,) a point under the seat in the bore, and the way out; within half a stone of the seat's axis
    wall_at : of azimuths (k,) about the axis, where metal stands beside the stone; everywhere without it
    bearing_at_mm : height (negative) in the girdle's frame at which the bearing is looked for
    folded : whether the metal is laid over as a whole; by its shape when it is not said

    Returns
    -------
    ``None`` where no opening lies there.
    """
    rough = seat_frame(foot, axis)
    mesh = nearby(caster.mesh, rough, 1.8 * stone.radius_mm)
    opening = drilled_wall(mesh, rough, stone.radius_mm, 0.82, 1.3)
    if opening is None:
        return None
    frame = seat_frame(opening.origin, opening.axis)
    bearing = resting_height(mesh, frame, stone)
    if bearing is not None:
        frame = seat_frame(frame.origin + bearing * frame.axis, frame.axis)
    cone = fit_bearing(mesh, frame, stone, "pavilion") if bearing is not None else None
    if cone is not None:
        # Where the cone is as wide as the girdle, there the girdle's lower edge comes to rest.
        frame = seat_frame(frame.origin + cone.height_of_radius(stone.radius_mm) * frame.axis, frame.axis)
    rims = heights_round(caster, frame, opening.radius_mm + RIM_AT_MM)
    around = 2.0 * np.pi * np.arange(AROUND) / AROUND
    there = np.ones(AROUND, dtype=bool) if wall_at is None else wall_at(around)
    rims = np.where(there, rims, np.nan)
    rim = float(np.nanmedian(rims)) if np.isfinite(rims).any() else math.nan
    top = max(stone.table_mm, rim if math.isfinite(rim) else 0.0)
    scan = scan_round(caster, frame, -0.6 * stone.pavilion_depth_mm, top, STEP_MM, ANGLES)
    cut_in = stone.radius_mm - opening.radius_mm
    relaxed = replace(stone, radius_mm=stone.radius_mm - max(cut_in, 0.0))
    depth, place = interference(scan, frame, relaxed)
    row = scan.row(-0.5 * (stone.radius_mm - opening.radius_mm * 0.8) if bearing_at_mm is None else bearing_at_mm)
    gap = (scan.inner_mm[:, row] - stone.radius_at(scan.height_mm[row : row + 1])[0]) * math.sin(
        math.radians(stone.pavilion_angle_deg)
    )
    beside = np.ones(len(scan.azimuth_rad), dtype=bool) if wall_at is None else wall_at(scan.azimuth_rad)
    low, high = opening_range(scan, stone, rims, beside)
    outside = heights_round(caster, frame, opening.radius_mm + BEZEL_WALL_MM)
    fallen = ~(outside > -FREE_WALL_SHARE * stone.radius_mm)
    standing = np.nan_to_num(rims - stone.girdle_mm, nan=0.0)
    thick = thick_round(scan, stone.girdle_mm + 0.5 * np.maximum(standing, 0.0))
    laid_over_whole = float(fallen.mean()) > FREE_ROUND if folded is None else folded
    lips = [
        close_lip(float(height), float(wall), cut_in, stone, folded=laid_over_whole)
        for height, wall in zip(standing, thick, strict=True)
    ]
    cast = facing_metal(scan, stone)
    below = cast[cast[:, 2] <= stone.girdle_mm]
    laid = laid_over(stone, around[::3], np.array([lip.contact for lip in lips])[::3] * there[::3])
    return FlushSetting(
        frame=frame,
        opening=opening,
        bearing=cone,
        pilot=drilled_wall(mesh, frame, stone.radius_mm, 0.25, 0.78),
        cut_in_mm=cut_in,
        contact_share=float((np.abs(gap) <= 0.03).mean()),
        opening_low_mm=low,
        opening_high_mm=high,
        lips=tuple(lip for lip, kept in zip(lips, there, strict=True) if kept),
        standing_mm=standing[there],
        lip_walls_mm=thick[there],
        walls_mm=thick_round(scan, np.full(AROUND, 0.5 * stone.girdle_mm))[there],
        stone=stone,
        cast_metal=cast,
        closed_metal=np.concatenate([below, laid]),
        blocked_mm=blocked_above(caster, frame, stone),
        table_depth_mm=rim - stone.table_mm,
        interference_mm=depth,
        interference_place_mm=place,
    )


def nearby(mesh: TriangleMesh, frame: SeatFrame, reach_mm: float) -> TriangleMesh:
    """The triangles along one side of an axis, so that what follows need not look at the whole ring."""
    offset = mesh.centers - frame.origin
    height = offset @ frame.axis
    square = np.einsum("ij,ij->i", offset, offset) - height**2
    return replace(mesh, faces=mesh.faces[(square < reach_mm**2) & (height > 0.0)])


def drilled_wall(mesh: TriangleMesh, frame: SeatFrame, radius_mm: float, low: float, high: float) -> ConeFit | None:
    """Cylinder through the vertices of walls about the axis whose radius is between two shares of the stone's."""
    offset = mesh.centers - frame.origin
    height = offset @ frame.axis
    square = np.einsum("ij,ij->i", offset, offset) - height**2
    near = np.flatnonzero((square < (1.6 * radius_mm) ** 2) & (height > -6.0 * radius_mm))
    if not len(near):
        return None
    radius, azimuth, _ = frame.to_local(mesh.centers[near])
    normal = mesh.normals[near]
    inward = -np.einsum("ij,ij->i", normal, frame.directions(azimuth))
    wall = (inward > math.cos(math.radians(WALL_TURN_DEG))) & (radius > low * radius_mm) & (radius < high * radius_mm)
    if not wall.any():
        return None
    return fit_cone(mesh.vertices[np.unique(mesh.faces[near[wall]])], frame.origin, frame.axis, cylinder=True)


def resting_height(mesh: TriangleMesh, frame: SeatFrame, stone: StoneProfile) -> float | None:
    """Height along the axis at which the stone's girdle would lie on the ring of metal that looks at its pavilion."""
    offset = mesh.centers - frame.origin
    height = offset @ frame.axis
    square = np.einsum("ij,ij->i", offset, offset) - height**2
    near = np.flatnonzero((square < (1.1 * stone.radius_mm) ** 2) & (mesh.areas > 0.0))
    if not len(near):
        return None
    radius, azimuth, height = frame.to_local(mesh.centers[near])
    flank = math.radians(stone.pavilion_angle_deg)
    inward = -np.einsum("ij,ij->i", mesh.normals[near], frame.directions(azimuth))
    looks = inward * math.sin(flank) + (mesh.normals[near] @ frame.axis) * math.cos(flank) > math.cos(
        math.radians(14.0)
    )
    if not looks.any():
        return None
    rest = height[looks] + (stone.radius_mm - radius[looks]) / 1.0 * math.tan(flank)
    order = np.argsort(rest)
    weight = np.cumsum(mesh.areas[near[looks]][order])
    return float(rest[order][int(np.searchsorted(weight, 0.5 * weight[-1]))])


def heights_round(caster: RayCaster, frame: SeatFrame, radius_mm: float, above_mm: float = 6.0) -> Array:
    """(AROUND,) height of the metal on a circle about the axis, above the frame's origin; NaN where there is none.

    Looked for from ``above_mm`` down.
    """
    high = above_mm
    azimuth = 2.0 * np.pi * np.arange(AROUND) / AROUND
    starts = frame.origin + high * frame.axis + radius_mm * frame.directions(azimuth)
    distance, face = caster.first_hit(starts, np.broadcast_to(-frame.axis, starts.shape))
    return np.asarray(np.where(face >= 0, high - distance, np.nan))


def _rows_beside(scan: Scan, stone: StoneProfile, rim_mm: float) -> Array:
    """Heights at which the opening's wall stands beside the stone, clear of bearing and rim."""
    top = min(rim_mm if math.isfinite(rim_mm) else stone.table_mm, stone.table_mm) - 2.0 * STEP_MM
    rows = np.flatnonzero((scan.height_mm > 0.5 * stone.girdle_mm) & (scan.height_mm < top))
    return rows if len(rows) else np.array([scan.row(stone.girdle_mm)])


def opening_range(scan: Scan, stone: StoneProfile, rims: Array, there: Array) -> tuple[float, float]:
    """Least and greatest radius of the wall beside the stone at the azimuths ``there`` of the scan."""
    least = float(np.nanmin(rims)) if np.isfinite(rims).any() else math.nan
    beside = scan.inner_mm[there][:, _rows_beside(scan, stone, least)]
    return float(beside.min()), float(beside.max(axis=1).max())


def thick_round(scan: Scan, height_mm: Array) -> Array:
    """(AROUND,) thickness of the first metal from the axis outward, at each azimuth's own height; 0 for none."""
    rays = np.arange(AROUND) * len(scan.azimuth_rad) // AROUND
    rows = np.array([scan.row(float(height)) for height in height_mm])
    inner, outer = scan.inner_mm[rays, rows], scan.outer_mm[rays, rows]
    met = np.isfinite(inner) & np.isfinite(outer)
    return np.where(met, outer, 0.0) - np.where(met, inner, 0.0)


def facing_metal(scan: Scan, stone: StoneProfile) -> Array:
    """(p, 3) wall and bearing in the frame of the seat, cut to the stone where it reaches into it."""
    each = len(scan.azimuth_rad) // (AROUND // 3)
    rows = np.arange(len(scan.height_mm))
    kept_rows = (rows % 4 == 0) | (np.abs(scan.height_mm - 0.5 * stone.girdle_mm) < STEP_MM)
    inner = scan.inner_mm[::each][:, kept_rows]
    height = np.broadcast_to(scan.height_mm[kept_rows], inner.shape)
    turn = np.broadcast_to(scan.azimuth_rad[::each, None], inner.shape)
    near = (inner > 0.0) & (inner < stone.radius_at(np.minimum(height, stone.girdle_mm)) + 0.1)
    radius = np.maximum(inner, stone.radius_at(height))[near]
    return np.stack([radius * np.cos(turn[near]), radius * np.sin(turn[near]), height[near]], axis=1)


def blocked_above(caster: RayCaster, frame: SeatFrame, stone: StoneProfile) -> float:
    """Free height above the table over the whole width of the stone; ``inf`` where nothing stands in the way."""
    azimuth = 2.0 * np.pi * np.arange(AROUND) / AROUND
    rays = np.concatenate([share * stone.radius_mm * frame.directions(azimuth) for share in (0.5, 0.95)])
    starts = frame.origin + rays + (stone.table_mm + CLEAR_RIM_MM) * frame.axis
    distance, face = caster.first_hit(starts, np.broadcast_to(frame.axis, starts.shape))
    near = (face >= 0) & (distance < ABOVE_MM)
    return float(distance[near].min(initial=math.inf)) + CLEAR_RIM_MM if near.any() else math.inf
