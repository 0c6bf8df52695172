"""A stone set flush: its opening, bearing and pilot hole, and the metal that will be burnished over it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bearings import fit_bearing
from ringcad.verify.setting.fits import ConeFit, fit_cone
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame
from ringcad.verify.setting.prongs import interference
from ringcad.verify.setting.scan import scan_round

Array = NDArray[Any]

ANGLES = 240
STEP_MM = 0.02
WALL_TURN_DEG = 12.0
"""How far a wall may lean and still be that of an opening drilled along the axis."""


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
    table_depth_mm: float
    interference_mm: float
    interference_place_mm: tuple[float, float, float]


def measure_flush(caster: RayCaster, foot: Array, axis: Array, stone: StoneProfile) -> FlushSetting | None:
    """Find and measure a flush seat.

    Parameters
    ----------
    foot, axis : (3,) a point under the seat in the bore, and the way out; within half a stone of the seat's axis

    Returns
    -------
    ``None`` where no opening lies there.
    """
    rough = seat_frame(foot, axis)
    mesh = _nearby(caster.mesh, rough, 1.8 * stone.radius_mm)
    opening = _wall(mesh, rough, stone.radius_mm, 0.82, 1.12)
    if opening is None:
        return None
    frame = seat_frame(opening.origin, opening.axis)
    bearing = _bearing(mesh, frame, stone)
    if bearing is not None:
        frame = seat_frame(frame.origin + bearing * frame.axis, frame.axis)
    cone = fit_bearing(mesh, frame, stone, "pavilion") if bearing is not None else None
    if cone is not None:
        # Where the cone is as wide as the girdle, there the girdle's lower edge comes to rest.
        frame = seat_frame(frame.origin + cone.height_of_radius(stone.radius_mm) * frame.axis, frame.axis)
    scan = scan_round(caster, frame, -0.6 * stone.pavilion_depth_mm, stone.table_mm, STEP_MM, ANGLES)
    cut_in = stone.radius_mm - opening.radius_mm
    relaxed = StoneProfile(
        stone.radius_mm - max(cut_in, 0.0),
        stone.girdle_mm,
        stone.pavilion_angle_deg,
        stone.crown_angle_deg,
        stone.crown_height_mm,
        stone.pavilion_depth_mm,
        stone.table_radius_mm,
    )
    depth, place = interference(scan, frame, relaxed)
    row = scan.row(-0.5 * (stone.radius_mm - opening.radius_mm * 0.8))
    gap = (scan.inner_mm[:, row] - stone.radius_at(scan.height_mm[row : row + 1])[0]) * math.sin(
        math.radians(stone.pavilion_angle_deg)
    )
    rim = _rim_height(caster, frame, opening.radius_mm)
    return FlushSetting(
        frame=frame,
        opening=opening,
        bearing=cone,
        pilot=_wall(mesh, frame, stone.radius_mm, 0.25, 0.78),
        cut_in_mm=cut_in,
        contact_share=float((np.abs(gap) <= 0.03).mean()),
        table_depth_mm=rim - stone.table_mm,
        interference_mm=depth,
        interference_place_mm=place,
    )


def _nearby(mesh: TriangleMesh, frame: SeatFrame, reach_mm: float) -> TriangleMesh:
    """The triangles along one side of an axis, so that what follows need not look at the whole ring."""
    offset = mesh.centers - frame.origin
    height = offset @ frame.axis
    square = np.einsum("ij,ij->i", offset, offset) - height**2
    return replace(mesh, faces=mesh.faces[(square < reach_mm**2) & (height > 0.0)])


def _wall(mesh: TriangleMesh, frame: SeatFrame, radius_mm: float, low: float, high: float) -> ConeFit | None:
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


def _bearing(mesh: TriangleMesh, frame: SeatFrame, stone: StoneProfile) -> float | None:
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


def _rim_height(caster: RayCaster, frame: SeatFrame, opening_radius_mm: float) -> float:
    """Median height of the metal just outside the opening, above the frame's origin."""
    high = 6.0
    azimuth = 2.0 * np.pi * np.arange(72) / 72
    starts = frame.origin + high * frame.axis + (opening_radius_mm + 0.12) * frame.directions(azimuth)
    distance, face = caster.first_hit(starts, np.broadcast_to(-frame.axis, starts.shape))
    met = face >= 0
    return float(high - np.median(distance[met])) if met.any() else math.nan
