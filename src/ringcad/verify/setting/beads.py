"""A bead-set stone: bearing under the pavilion, the beads round it, the metal laid over its girdle.

All is measured on the mesh in the seat's own frame; numbers only say near which place to look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bearings import fit_bearing
from ringcad.verify.setting.closing import ClosedProng, close_prong, laid_over
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.flush import (
    ANGLES,
    AROUND,
    DIRECTIONS,
    STEP_MM,
    blocked_above,
    facing_metal,
    nearby,
    resting_height,
)
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame
from ringcad.verify.setting.moves import Moves, measure_moves
from ringcad.verify.setting.prongs import interference
from ringcad.verify.setting.scan import Scan, intervals, scan_round

Array = NDArray[Any]

BESIDE_SHARE = 0.12
"""Metal beside the girdle whose nearest side is no farther out than this share of the stone's radius is a bead's."""
BEARS_AT_SHARE = 0.72
"""Share of the stone's radius at which its pavilion is compared with the bearing: above the openings, under the
metal's surface."""
BEARS_WITHIN = 1.2
"""Shares of the stone's radius within which its bearing is looked for."""
BEARS_UNDER_MM = 0.03
"""How far over the height at which a stone seems to rest its bearing is looked for."""
_CHORDS = 12
"""Directions in which a bead's section is measured, over half a turn."""
_TRIM = 2.5
_ROUNDS = 6
_LEAST_POINTS = 12
_SLACK_MM = 0.015
"""Metal this far inside a bead's declared overlap is still the bead."""
_UNDER_EDGE = 1.3
"""How far below the girdle beads may reach into the stone, in depths at which it is narrower by their overlap."""
_ABOVE_MM = 3.0


@dataclass(frozen=True)
class MeasuredBead:
    """One bead beside a stone, in mm.

    Attributes
    ----------
    azimuth_rad : of its middle about the stone's axis
    place_mm : middle of its ball
    diameter_mm, residual_mm : of the sphere through the vertices of its half ball
    section_mm : thinnest chord through its middle beside the girdle
    overlap_mm : how far its metal stands over the girdle, from above
    top_mm : above the girdle's lower edge
    rooted_mm : metal down its axis below the girdle's lower edge
    closed : the same metal after it was laid over the crown
    """

    azimuth_rad: float
    place_mm: tuple[float, float, float]
    diameter_mm: float
    residual_mm: float
    section_mm: float
    overlap_mm: float
    top_mm: float
    rooted_mm: float
    closed: ClosedProng


@dataclass(frozen=True)
class BeadSetting:
    """A bead-set stone, lengths in mm.

    Attributes
    ----------
    frame
        Found on the mesh: axis of the bearing cone, and the height at which the stone will rest.
    bearing
        Cone under the pavilion.
    beads
        By azimuth.
    contact_share
        Share of the circle on which pavilion and bearing touch.
    interference_mm, interference_place_mm
        Deepest metal inside the resting stone that is not a bead's overlap, and where.
    blocked_mm
        Height above the table at which something stands in the stone's way in; ``inf`` where nothing does.
    """

    frame: SeatFrame
    bearing: ConeFit
    beads: tuple[MeasuredBead, ...]
    contact_share: float
    interference_mm: float
    interference_place_mm: tuple[float, float, float]
    blocked_mm: float
    stone: StoneProfile
    cast_metal: Array
    closed_metal: Array

    @cached_property
    def cast(self) -> Moves:
        """How far the stone can move among the metal as it is."""
        return measure_moves(self.stone, self.cast_metal, directions=DIRECTIONS)

    @cached_property
    def closed(self) -> Moves:
        """The same under the beads that were laid over the crown."""
        return measure_moves(self.stone, self.closed_metal, directions=DIRECTIONS)


def measure_beads(
    caster: RayCaster, origin: Array, axis: Array, stone: StoneProfile, overlap_mm: float
) -> BeadSetting | None:
    """Find and measure a bead-set stone's seat and beads.

    Parameters
    ----------
    origin, axis : (3,) near where the girdle's lower edge meets the stone's axis, and the way out of the metal
    overlap_mm : what the setting declares that the setter cuts into the beads

    Returns
    -------
    ``None`` where no bearing lies there.
    """
    rough = seat_frame(np.asarray(origin) - 2.0 * stone.radius_mm * np.asarray(axis), axis)
    mesh = nearby(caster.mesh, rough, 2.2 * stone.radius_mm)
    rest = resting_height(mesh, rough, stone)
    if rest is None:
        return None
    # metal farther out than the stone (a line of balls beside the row) or over its girdle (beads) bears nothing
    inside = _below(nearby(mesh, rough, BEARS_WITHIN * stone.radius_mm), rough, rest + BEARS_UNDER_MM)
    cone = fit_bearing(inside, seat_frame(rough.origin + rest * rough.axis, rough.axis), stone, "pavilion")
    if cone is None:
        return None
    # Where the cone is as wide as the girdle, there the girdle's lower edge comes to rest.
    frame = seat_frame(cone.origin + cone.height_of_radius(stone.radius_mm) * cone.axis, cone.axis)
    scan = scan_round(caster, frame, -0.6 * stone.pavilion_depth_mm, stone.table_mm, STEP_MM, ANGLES)
    groups = _groups(scan, stone)
    measured = [(group, _bead(caster, mesh, frame, scan, group, stone)) for group in groups]
    row = scan.row((BEARS_AT_SHARE - 1.0) * stone.radius_mm * math.tan(math.radians(stone.pavilion_angle_deg)))
    gap = (scan.inner_mm[:, row] - stone.radius_at(scan.height_mm[row : row + 1])[0]) * math.sin(
        math.radians(stone.pavilion_angle_deg)
    )
    # What the beads overlap is theirs to declare, beside the girdle and under its edge where they lean in on a round
    # row; everything else must keep out of the stone.
    beside = np.zeros(len(scan.azimuth_rad), dtype=bool)
    for group in groups:
        beside[group] = True
    deep = stone.radius_at(scan.height_mm) - scan.inner_mm
    lowest = -_UNDER_EDGE * overlap_mm * math.tan(math.radians(stone.pavilion_angle_deg))
    theirs = beside[:, None] & (deep < overlap_mm + _SLACK_MM) & (scan.height_mm > lowest)
    depth, place = interference(replace(scan, inner_mm=np.where(theirs, np.inf, scan.inner_mm)), frame, stone)
    cast = facing_metal(scan, stone)
    each = len(scan.azimuth_rad) // AROUND
    contact = np.zeros(len(scan.azimuth_rad))
    for group, bead in measured:
        contact[group] = 0.0 if bead is None else bead.closed.contact
    laid = laid_over(stone, scan.azimuth_rad[::each], contact[::each])
    return BeadSetting(
        frame=frame,
        bearing=cone,
        beads=tuple(bead for _, bead in measured if bead is not None),
        contact_share=float((np.abs(gap) <= 0.03).mean()),
        interference_mm=depth,
        interference_place_mm=place,
        blocked_mm=blocked_above(caster, frame, stone),
        stone=stone,
        cast_metal=cast,
        closed_metal=np.concatenate([cast[cast[:, 2] <= stone.girdle_mm], laid]),
    )


def _below(mesh: TriangleMesh, frame: SeatFrame, height_mm: float) -> TriangleMesh:
    """The triangles whose middles lie below a height."""
    return replace(mesh, faces=mesh.faces[(mesh.centers - frame.origin) @ frame.axis < height_mm])


def _groups(scan: Scan, stone: StoneProfile) -> list[Array]:
    """Azimuths (as indices of the scan) of each body that stands beside the girdle, in order."""
    beside = (scan.height_mm > 0.0) & (scan.height_mm < stone.girdle_mm + 0.5 * stone.crown_height_mm)
    nearest = scan.inner_mm[:, beside].min(axis=1)
    return intervals(nearest < (1.0 + BESIDE_SHARE) * stone.radius_mm)


def _bead(
    caster: RayCaster, mesh: TriangleMesh, frame: SeatFrame, scan: Scan, group: Array, stone: StoneProfile
) -> MeasuredBead | None:
    """The bead that stands at a group of azimuths; ``None`` where too little of a ball is there."""
    beside = (scan.height_mm >= 0.0) & (scan.height_mm < stone.girdle_mm + 0.5 * stone.crown_height_mm)
    nearest = scan.inner_mm[np.ix_(group, np.flatnonzero(beside))].min(axis=1)
    inner = float(nearest.min())
    azimuth = float(np.angle(np.exp(1j * scan.azimuth_rad[group]).mean()))
    way = frame.directions(np.array([azimuth]))[0]
    # as far across as the group is wide, at most
    guess = min(0.5 * stone.radius_mm, inner * math.sin(0.5 * len(group) * 2.0 * math.pi / len(scan.azimuth_rad)) + 0.1)
    start = frame.origin + (inner + guess) * way + stone.girdle_mm * frame.axis
    ball = _sphere(mesh, frame, start, guess)
    if ball is None:
        return None
    middle, radius, residual = ball
    local = frame.to_local(middle[None])
    away, turn = float(local[0][0]), float(local[1][0])
    over = frame.origin + away * frame.directions(np.array([turn]))[0]
    down, face = caster.first_hit((over + _ABOVE_MM * frame.axis)[None], -frame.axis[None])
    height = float(local[2][0])
    # what is met over a bead that leans on a prong is the prong: the bead ends where its own ball does
    top = min(_ABOVE_MM - float(down[0]), height + radius) if face[0] >= 0 else 0.0
    solid, _ = caster.thickness(middle[None], -frame.axis[None])
    through = float(solid[0]) if math.isfinite(float(solid[0])) else 0.0
    return MeasuredBead(
        azimuth_rad=turn,
        place_mm=(float(middle[0]), float(middle[1]), float(middle[2])),
        diameter_mm=2.0 * radius,
        residual_mm=residual,
        section_mm=_section(caster, frame, over + stone.girdle_mm * frame.axis),
        overlap_mm=stone.radius_mm - inner,
        top_mm=top,
        rooted_mm=through - height,
        closed=closed_bead(top, 2.0 * radius, stone.radius_mm - inner, stone),
    )


def closed_bead(top_mm: float, diameter_mm: float, overlap_mm: float, stone: StoneProfile) -> ClosedProng:
    """A bead laid over the crown: its half ball counts as a post of the same volume, a third of the radius shorter."""
    standing = top_mm - stone.girdle_mm - diameter_mm / 6.0
    behind = diameter_mm - max(overlap_mm, 0.0)
    return close_prong(standing, behind, stone.crown_angle_deg, stone.crown_height_mm, max(-overlap_mm, 0.0))


def _sphere(mesh: TriangleMesh, frame: SeatFrame, start: Array, radius: float) -> tuple[Array, float, float] | None:
    """Centre, radius and residual (mm) of the ball through the vertices near a place, above the girdle's lower edge.

    Least squares in closed form, with what lies off the ball left out round by round.
    """
    corners = mesh.faces[np.linalg.norm(mesh.centers - start, axis=1) < 2.2 * radius + 0.1]
    points = mesh.vertices[np.unique(corners)]
    points = points[(points - frame.origin) @ frame.axis > 0.02]
    if len(points) < _LEAST_POINTS:
        return None
    off = np.abs(np.linalg.norm(points - start, axis=1) - radius)
    kept = off <= max(0.5 * radius, float(np.sort(off)[_LEAST_POINTS - 1]))
    for _ in range(_ROUNDS):
        near = points[kept]
        solved, *_ = np.linalg.lstsq(
            np.column_stack([2.0 * near, np.ones(len(near))]), (near**2).sum(axis=1), rcond=None
        )
        middle = solved[:3]
        square = float(solved[3] + middle @ middle)
        if square <= 0.0:
            return None
        radius = math.sqrt(square)
        off = np.abs(np.linalg.norm(points - middle, axis=1) - radius)
        spread = float(np.sqrt(np.mean(off[kept] ** 2)))
        kept = off <= max(_TRIM * spread, 0.004)
        if kept.sum() < _LEAST_POINTS:
            return None
    return middle, radius, float(np.sqrt(np.mean(off[kept] ** 2)))


def _section(caster: RayCaster, frame: SeatFrame, middle: Array) -> float:
    """Thinnest chord through a bead's middle, square to the stone's axis; 0 where it is not in metal."""
    ways = frame.directions(np.pi * np.arange(_CHORDS) / _CHORDS)
    starts = np.broadcast_to(middle, ways.shape)
    ahead, _ = caster.thickness(starts, ways, start_mm=0.0)
    back, _ = caster.thickness(starts, -ways, start_mm=0.0)
    chords = np.where(np.isfinite(ahead) & np.isfinite(back), ahead + back, 0.0)
    return float(chords.min())
