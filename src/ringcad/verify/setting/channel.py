"""A stone in a channel: two walls over its girdle, a bearing cone in the slot's floor, neighbours to either side."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bearings import fit_bearing
from ringcad.verify.setting.closing import ClosedLip, close_lip, laid_over
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.flush import (
    ANGLES,
    AROUND,
    DIRECTIONS,
    RIM_AT_MM,
    STEP_MM,
    blocked_above,
    facing_metal,
    nearby,
    resting_height,
)
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame
from ringcad.verify.setting.moves import Moves, measure_moves
from ringcad.verify.setting.prongs import interference
from ringcad.verify.setting.scan import Scan, scan_round

Array = NDArray[Any]

FINGER = np.array([0.0, 1.0, 0.0])
"""The walls of a channel are square to the finger's axis."""
FACING_DEG = 20.0
"""Where a wall is measured: this far to either side of the middle of its side."""
HELD_DEG = 10.0
"""Where the lip of a wall is judged: beside the stone's widest place."""
_BEARS_AT_SHARE = 0.75
"""Share of the stone's radius at which its pavilion is compared with the bearing."""
_WALL_SLACK_MM = 0.015
"""Metal this far inside a wall's plane is no longer the wall."""
_ABOVE_MM = 6.0


@dataclass(frozen=True)
class ChannelWall:
    """One wall beside a stone. Lengths in mm.

    Attributes
    ----------
    from_axis_mm, least_mm, most_mm
        From the seat's axis to the wall: median, and range over its height and along the stone.
    cut_in_mm
        How far it stands over the girdle, which the setter cuts away.
    rim_mm
        Its top above the girdle's lower edge; ``nan`` where there is none.
    lip
        The same metal after it was burnished over the crown, where it covers least.
    """

    from_axis_mm: float
    least_mm: float
    most_mm: float
    cut_in_mm: float
    rim_mm: float
    lip: ClosedLip


@dataclass(frozen=True)
class ChannelSetting:
    """A stone in a channel, lengths in mm.

    Attributes
    ----------
    frame
        Found on the mesh: axis of the bearing cone, and the height at which the stone will rest.
    bearing
        Cone under the pavilion.
    right, left
        The walls towards +y and -y.
    contact_share
        Share of the circle on which pavilion and bearing touch.
    table_depth_mm
        Table below the walls' tops.
    interference_mm, interference_place_mm
        Deepest metal inside the resting stone that is not a wall's cut-in, and where.
    blocked_mm
        Height above the table at which something stands in the stone's way in.
    """

    frame: SeatFrame
    bearing: ConeFit
    right: ChannelWall
    left: ChannelWall
    contact_share: float
    table_depth_mm: float
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
        """The same under the burnished walls."""
        return measure_moves(self.stone, self.closed_metal, directions=DIRECTIONS)

    @property
    def width_mm(self) -> float:
        """From wall to wall."""
        return self.right.from_axis_mm + self.left.from_axis_mm

    @property
    def least_lip(self) -> ClosedLip:
        """The lip of the wall that covers less."""
        return min((self.right.lip, self.left.lip), key=lambda lip: lip.reach)


def measure_channel(caster: RayCaster, foot: Array, axis: Array, stone: StoneProfile) -> ChannelSetting | None:
    """Find and measure a channel seat.

    Parameters
    ----------
    foot, axis : (3,) a point under the seat in the bore, and the way out; within half a stone of the seat's axis

    Returns
    -------
    ``None`` where no bearing lies there.
    """
    rough = seat_frame(foot, axis)
    mesh = nearby(caster.mesh, rough, 1.8 * stone.radius_mm)
    rest = resting_height(mesh, rough, stone)
    if rest is None:
        return None
    cone = fit_bearing(mesh, seat_frame(rough.origin + rest * rough.axis, rough.axis), stone, "pavilion")
    if cone is None:
        return None
    # Where the cone is as wide as the girdle, there the girdle's lower edge comes to rest.
    frame = seat_frame(cone.origin + cone.height_of_radius(stone.radius_mm) * cone.axis, cone.axis)
    rims = {side: _rim(caster, frame, stone, side) for side in (1, -1)}
    found = [height for height in rims.values() if math.isfinite(height)]
    rim = float(np.mean(found)) if found else math.nan
    scan = scan_round(caster, frame, -0.6 * stone.pavilion_depth_mm, max([stone.table_mm, *found]), STEP_MM, ANGLES)
    turned = scan.azimuth_rad - math.atan2(float(FINGER @ frame.along), float(FINGER @ frame.across))
    across = np.cos(turned)
    walls = {side: _wall(scan, side * across, rims[side], stone) for side in (1, -1)}
    half = np.where(across > 0.0, walls[1].from_axis_mm, walls[-1].from_axis_mm)
    contact, cast = _contacts(walls, turned, half, stone), facing_metal(scan, stone)
    row = scan.row(-(1.0 - _BEARS_AT_SHARE) * stone.radius_mm * math.tan(math.radians(stone.pavilion_angle_deg)))
    gap = (scan.inner_mm[:, row] - stone.radius_at(scan.height_mm[row : row + 1])[0]) * math.sin(
        math.radians(stone.pavilion_angle_deg)
    )
    # What the walls cut in is theirs to declare; everything else must keep out of the stone.
    wall = scan.inner_mm * np.abs(across)[:, None] > half[:, None] - _WALL_SLACK_MM
    depth, place = interference(replace(scan, inner_mm=np.where(wall, np.inf, scan.inner_mm)), frame, stone)
    each = len(turned) // AROUND
    laid = laid_over(stone, scan.azimuth_rad[::each], contact[::each])
    return ChannelSetting(
        frame=frame,
        bearing=cone,
        right=walls[1],
        left=walls[-1],
        contact_share=float((np.abs(gap) <= 0.03).mean()),
        table_depth_mm=rim - stone.table_mm,
        interference_mm=depth,
        interference_place_mm=place,
        blocked_mm=blocked_above(caster, frame, stone),
        stone=stone,
        cast_metal=cast,
        closed_metal=np.concatenate([cast[cast[:, 2] <= stone.girdle_mm], laid]),
    )


def _rim(caster: RayCaster, frame: SeatFrame, stone: StoneProfile, side: int) -> float:
    """Height of the top of the wall on one side above the girdle's lower edge, beside where the slot opens; NaN where
    there is no wall.

    The slot's own border is found first: from well outside the stone inward, metal ends where the slot begins.
    """
    way = FINGER - (FINGER @ frame.axis) * frame.axis
    way = side * way / np.linalg.norm(way)
    along = np.linspace(-0.5, 0.5, 9)[:, None] * stone.radius_mm * np.cross(frame.axis, way)
    # the wall beside the upper half of the crown gives the border
    level = frame.origin + (stone.girdle_mm + 0.5 * stone.crown_height_mm) * frame.axis + along
    distance, face = caster.first_hit(level, np.broadcast_to(way, level.shape))
    near = (face >= 0) & (distance < 1.5 * stone.radius_mm)
    if not near.any():
        return math.nan
    border = float(np.median(distance[near]))
    starts = frame.origin + along + (border + RIM_AT_MM) * way + _ABOVE_MM * frame.axis
    down, face = caster.first_hit(starts, np.broadcast_to(-frame.axis, starts.shape))
    return _ABOVE_MM - float(np.median(down[face >= 0])) if (face >= 0).any() else math.nan


def _wall(scan: Scan, towards: Array, rim_mm: float, stone: StoneProfile) -> ChannelWall:
    """The wall on the side where ``towards``, the cosine of the azimuth from its middle, is 1."""
    top = min(rim_mm if math.isfinite(rim_mm) else stone.table_mm, stone.table_mm) - 2.0 * STEP_MM
    rows = np.flatnonzero((scan.height_mm > 0.5 * stone.girdle_mm) & (scan.height_mm < top))
    rows = rows if len(rows) else np.array([scan.row(stone.girdle_mm)])
    facing = np.flatnonzero(towards > math.cos(math.radians(FACING_DEG)))
    away = scan.inner_mm[np.ix_(facing, rows)] * towards[facing, None]
    away = np.where(np.isfinite(away), away, 2.0 * stone.radius_mm)  # no wall at all
    middle = float(np.median(away))
    held = np.flatnonzero(towards > math.cos(math.radians(HELD_DEG)))
    level = scan.row(stone.girdle_mm + 0.5 * max(rim_mm - stone.girdle_mm, 0.0) if math.isfinite(rim_mm) else 0.0)
    inner, outer = scan.inner_mm[held, level], scan.outer_mm[held, level]
    solid = np.isfinite(inner) & np.isfinite(outer)
    thick = float(((outer - inner) * towards[held])[solid].min()) if solid.all() else 0.0
    cut_in = stone.radius_mm - middle
    standing = rim_mm - stone.girdle_mm if math.isfinite(rim_mm) else 0.0
    over = stone.radius_mm - middle / math.cos(math.radians(HELD_DEG))
    return ChannelWall(
        from_axis_mm=middle,
        least_mm=float(away.min()),
        most_mm=float(away.max()),
        cut_in_mm=cut_in,
        rim_mm=rim_mm,
        lip=close_lip(standing, thick, max(over, 0.0), stone, folded=False),
    )


def _contacts(walls: dict[int, ChannelWall], turned: Array, half: Array, stone: StoneProfile) -> Array:
    """Share of the crown's slope that is covered at each azimuth: by a wall where it stands over the girdle."""
    over = stone.radius_mm - half / np.maximum(np.abs(np.cos(turned)), 1e-9)
    contact = np.where(np.cos(turned) > 0.0, walls[1].lip.contact, walls[-1].lip.contact)
    # a wall is burnished as a whole: it lies on the crown as far in as at its middle, and ends where it leaves it
    reach = contact * stone.crown_run_mm
    deepest = stone.radius_mm - reach
    left = stone.radius_mm - deepest / np.maximum(np.abs(np.cos(turned)), 1e-9)
    share = np.clip(left / stone.crown_run_mm, 0.0, 1.0) if stone.crown_run_mm > 0.0 else 0.0 * left
    return np.asarray(np.where((over > 0.0) & (contact > 0.0), share, 0.0))
