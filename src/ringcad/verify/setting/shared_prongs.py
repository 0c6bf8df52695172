"""A row of stones between shared prongs: each prong round its own axis, each seat in the frame of its stone.

Where to look follows from the resolved numbers; what is found there is measured on the mesh alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import ResolvedRing, SharedProngAccent
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bearings import fit_bearing
from ringcad.verify.setting.closing import CONTACT_TARGET, FINISHED_HEIGHT_TARGET, laid_over
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.flush import blocked_above, facing_metal, nearby
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame
from ringcad.verify.setting.moves import Moves, measure_moves
from ringcad.verify.setting.prongs import CONTACT_MM, PRONG_REACH_MM, STRAIGHT_SHARE, girdle_rows, interference
from ringcad.verify.setting.scan import Scan, scan_round

Array = NDArray[Any]

ANGLES, STEP_MM = 240, 0.02
"""Of a scan round a stone."""
PRONG_ANGLES, PRONG_STEP_MM = 72, 0.01
"""Of a scan round a prong."""
ROUND_SHARE = 0.02
"""A prong's level section is a circle where its radii differ by no more than this share (root mean square)."""
OUTER_DEG = 50.0
"""Neither girdle reaches a prong within this of the direction away from mid-width."""
LOWEST_FINISH = 0.60
"""A shared prong may be brought down to this share of the crown: GIA asks 60 to 80 % of the table's height."""
DOME_FILL = 0.65
"""Volume of a flattened dome half as high as its radius over that of the post of its height."""
BEARS_ROWS = 3
"""Rows of a scan on which pavilion and metal touch at an azimuth that bears."""


@dataclass(frozen=True)
class ClosedShared:
    """A shared prong after the setter's work: pressed down, its metal spread over both crowns.

    Attributes
    ----------
    contact : share of the crown's width that it covers
    height_share : its top over the girdle as a share of the crown's height
    """

    contact: float
    height_share: float


@dataclass(frozen=True)
class SharedProng:
    """One prong by rays from its own axis. Lengths in mm.

    Attributes
    ----------
    centre : (3,) on its axis at the girdles' upper edges
    axis : (3,) unit, the way up
    diameter_mm : of the circle through its section; 0 where there is no prong
    straight_mm, top_mm : above the girdles' upper edges: full metal, and the tip
    volume_mm3 : of the metal above the girdles' upper edges
    """

    centre: Array
    axis: Array
    diameter_mm: float
    straight_mm: float
    top_mm: float
    volume_mm3: float


@dataclass(frozen=True)
class Hold:
    """What one prong has of one stone. Lengths in mm.

    Attributes
    ----------
    azimuth_rad : of the prong about the stone's axis
    cover_mm : how far it stands over the girdle, in the girdle's plane
    arc_mm : of the girdle's circle under it
    notch_share : share of the prong's diameter that the girdle's notch takes; ``nan`` where it was not found
    clearance_mm : least radial room beside the girdle
    bearing_mm : length along the pavilion on which the metal of its side bears
    closed : the same prong after setting
    """

    azimuth_rad: float
    cover_mm: float
    arc_mm: float
    notch_share: float
    clearance_mm: float
    bearing_mm: float
    closed: ClosedShared


@dataclass(frozen=True)
class SharedSetting:
    """A stone between shared prongs, lengths in mm.

    Attributes
    ----------
    frame : found on the mesh: axis of the bearing cone, and the height at which the stone will rest
    bearing : cone under the pavilion
    contact_share : share of the circle on which pavilion and metal touch
    holds : of its four prongs
    interference_mm, interference_place_mm : deepest metal inside the resting stone, and where
    blocked_mm : free height over the table
    """

    frame: SeatFrame
    bearing: ConeFit
    contact_share: float
    holds: tuple[Hold, ...]
    interference_mm: float
    interference_place_mm: tuple[float, float, float]
    blocked_mm: float
    stone: StoneProfile
    cast_metal: Array
    closed_metal: Array

    @cached_property
    def cast(self) -> Moves:
        """How far the stone can move among the metal as it is."""
        return measure_moves(self.stone, self.cast_metal, directions=16)

    @cached_property
    def closed(self) -> Moves:
        """The same under the prongs as set."""
        return measure_moves(self.stone, self.closed_metal, directions=16)


def prongs_of_row(
    caster: RayCaster, resolved: ResolvedRing, accent: SharedProngAccent, stone: StoneProfile
) -> dict[tuple[int, int], SharedProng]:
    """All prongs by gap (counted from the row's first) and side (1 towards +y, -1 towards -y)."""
    crest = resolved.bore_radius_mm + resolved.shank.thickness_top_mm
    level = crest + accent.girdle_over_crest_mm + stone.girdle_mm
    level /= math.cos(math.radians(0.5 * accent.pitch_deg))
    found = {}
    for gap, phi_deg in enumerate(accent.gaps_deg):
        phi = math.radians(phi_deg)
        axis = np.array([math.sin(phi), 0.0, math.cos(phi)])
        for side in (1, -1):
            centre = level * axis + np.array([0.0, side * accent.prong_y_mm, 0.0])
            found[gap, side] = measure_shared_prong(caster, centre, axis, side, accent.girdle_over_crest_mm)
    return found


def measure_shared_prong(caster: RayCaster, centre: Array, axis: Array, side: int, below_mm: float) -> SharedProng:
    """A prong that should stand at ``centre`` (3,) in the plane of the girdles' upper edges.

    Where its section is whole a circle goes through all of it; beside the notches through the part that looks away
    from mid-width (``side``).
    """
    frame = seat_frame(centre, axis)
    high = 3.0
    down, face = caster.first_hit((centre + high * axis)[None], -axis[None])
    top = high - float(down[0]) if face[0] >= 0 else 0.0
    none = SharedProng(centre, frame.axis, 0.0, 0.0, max(top, 0.0), 0.0)
    if top < 2.0 * PRONG_STEP_MM:
        return none
    scan = scan_round(caster, frame, -below_mm, top - PRONG_STEP_MM, PRONG_STEP_MM, PRONG_ANGLES)
    radii = np.where(scan.inner_mm > 0.0, 0.0, scan.outer_mm)  # (angles, heights), 0 where the axis is in air
    radii = np.where(np.isfinite(radii), radii, 0.0)
    away = frame.directions(scan.azimuth_rad) @ np.array([0.0, float(side), 0.0]) > math.cos(math.radians(OUTER_DEG))
    above = scan.height_mm >= 0.0
    fits = [_circle(scan.azimuth_rad, radii[:, row]) for row in np.flatnonzero(above)]
    whole = [fit for fit in fits if fit is not None]
    if not whole:
        rows = np.flatnonzero(np.abs(scan.height_mm) < 0.5 * below_mm)
        whole = [fit for row in rows if (fit := _circle(scan.azimuth_rad[away], radii[away, row])) is not None]
    if not whole:
        return none
    widest = sorted(whole, key=lambda fit: fit[2])[-max(len(whole) // 3, 1) :]
    x, y, radius = (float(np.median([fit[k] for fit in widest])) for k in range(3))
    mean = np.sqrt((radii[away] ** 2).mean(axis=0))
    full = above & (mean >= STRAIGHT_SHARE * radius) & (np.cumsum((mean < STRAIGHT_SHARE * radius) & above) == 0)
    areas = 0.5 * (radii**2).sum(axis=0) * (2.0 * math.pi / PRONG_ANGLES)
    return SharedProng(
        centre=centre + x * frame.across + y * frame.along,
        axis=frame.axis,
        diameter_mm=2.0 * radius,
        straight_mm=float(scan.height_mm[full].max(initial=0.0)),
        top_mm=top,
        volume_mm3=float(areas[above].sum()) * PRONG_STEP_MM,
    )


def room_of_pair(caster: RayCaster, one: SharedProng, two: SharedProng) -> float:
    """Least clear way between the two prongs of a pair above the girdles; 0 where metal is in its middle."""
    across = two.centre - one.centre
    across /= max(float(np.linalg.norm(across)), 1e-9)
    levels = np.linspace(0.0, 0.8, 4)[:, None] * max(min(one.straight_mm, two.straight_mm), PRONG_STEP_MM) * one.axis
    starts = np.concatenate([0.5 * (one.centre + two.centre) + levels] * 2)
    ways = np.repeat(np.stack([across, -across]), len(levels), axis=0)
    distance, face = caster.first_hit(starts, ways)
    inside = (face < 0) | (np.einsum("ij,ij->i", caster.mesh.normals[np.maximum(face, 0)], ways) > 0.0)
    clear = np.where(inside, 0.0, distance).reshape(2, -1)
    return float(np.where(clear.min(axis=0) > 0.0, clear.sum(axis=0), 0.0).min())


def _circle(azimuth: Array, radii: Array) -> tuple[float, float, float] | None:
    """Centre and radius of the circle through a level section about an axis; ``None`` where it is none."""
    if (radii <= 0.0).any():
        return None
    x, y = radii * np.cos(azimuth), radii * np.sin(azimuth)
    terms = np.stack([2.0 * x, 2.0 * y, np.ones_like(x)], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(terms, x**2 + y**2, rcond=None)
    radius = math.sqrt(max(c + a * a + b * b, 0.0))
    off = np.hypot(x - a, y - b) - radius
    return (float(a), float(b), radius) if math.sqrt(float((off**2).mean())) <= ROUND_SHARE * radius else None


def measure_shared(
    caster: RayCaster, girdle: Array, axis: Array, stone: StoneProfile, prongs: list[SharedProng]
) -> SharedSetting | None:
    """Measure one stone.

    Parameters
    ----------
    girdle, axis : (3,) where the girdle's lower edge should lie on the stone's axis, and the way out
    prongs : its four

    Returns
    -------
    ``None`` where no bearing lies there.
    """
    rough = seat_frame(girdle, axis)
    mesh = nearby(caster.mesh, seat_frame(np.zeros(3), axis), 1.8 * stone.radius_mm)
    cone = fit_bearing(mesh, rough, stone, "pavilion")
    if cone is None:
        return None
    # Where the cone is as wide as the girdle, there the girdle's lower edge comes to rest.
    frame = seat_frame(cone.origin + cone.height_of_radius(stone.radius_mm) * cone.axis, cone.axis)
    high = max([stone.table_mm, *(stone.girdle_mm + prong.top_mm for prong in prongs)]) + 0.1
    scan = scan_round(caster, frame, -0.6 * stone.pavilion_depth_mm, high, STEP_MM, ANGLES)
    holds = tuple(_hold(scan, frame, stone, prong, caster) for prong in prongs)
    depth, place = interference(scan, frame, stone)
    below = (scan.height_mm < 0.0) & (scan.height_mm > -0.5 * stone.pavilion_depth_mm)
    gap = (scan.inner_mm - stone.radius_at(scan.height_mm))[:, below] * math.sin(math.radians(stone.pavilion_angle_deg))
    touching = (np.abs(gap) <= CONTACT_MM).sum(axis=1) >= BEARS_ROWS
    cast = facing_metal(scan, stone)
    laid = laid_over(stone, scan.azimuth_rad[::2], _covered(scan.azimuth_rad[::2], stone, prongs, holds))
    return SharedSetting(
        frame=frame,
        bearing=cone,
        contact_share=float(touching.mean()),
        holds=holds,
        interference_mm=depth,
        interference_place_mm=place,
        blocked_mm=blocked_above(caster, frame, stone),
        stone=stone,
        cast_metal=cast,
        closed_metal=np.concatenate([cast[cast[:, 2] <= stone.girdle_mm], laid]),
    )


def _hold(scan: Scan, frame: SeatFrame, stone: StoneProfile, prong: SharedProng, caster: RayCaster) -> Hold:
    """What a prong has of a stone."""
    away, azimuth, reach, towards, point = _reach(frame, 0.0, prong)
    radius = 0.5 * prong.diameter_mm
    cover = stone.radius_mm + reach - away if radius > 0.0 else 0.0
    across = (away**2 + stone.radius_mm**2 - reach**2) / max(2.0 * away * stone.radius_mm, 1e-9)
    arc = 2.0 * stone.radius_mm * math.acos(min(max(across, -1.0), 1.0)) if cover > 0.0 else 0.0
    upper, _, wide, *_ = _reach(frame, stone.girdle_mm, prong)
    over = stone.radius_mm + wide - upper if radius > 0.0 else 0.0
    rows = girdle_rows(scan, stone.girdle_mm)
    width = math.asin(min(reach / max(away, 1e-9), 1.0))
    turn = np.angle(np.exp(1j * (scan.azimuth_rad - azimuth)))
    near = np.abs(turn) <= width
    inner = scan.inner_mm[np.ix_(near, rows)]
    met = np.isfinite(inner) & (inner < stone.radius_mm + PRONG_REACH_MM)
    clearance = float(inner[met].min() - stone.radius_mm) if met.any() else math.inf
    middle = np.abs(turn) <= max(0.4 * width, 2.0 * math.pi / ANGLES)
    slant = math.sin(math.radians(stone.pavilion_angle_deg))
    off = (scan.inner_mm[middle] - stone.radius_at(scan.height_mm)) * slant
    below = (scan.height_mm < 0.0) & (scan.height_mm > -0.5 * stone.pavilion_depth_mm)
    bearing = float((below & (np.abs(off) <= CONTACT_MM)).sum(axis=1).mean()) * STEP_MM / slant
    return Hold(
        azimuth_rad=azimuth,
        cover_mm=cover,
        arc_mm=arc,
        notch_share=_notch_share(caster, frame, stone, point, -towards, reach),
        clearance_mm=clearance,
        bearing_mm=bearing,
        closed=close_shared(prong.diameter_mm, prong.top_mm, prong.volume_mm3, over, stone),
    )


def _reach(frame: SeatFrame, height_mm: float, prong: SharedProng) -> tuple[float, float, float, Array, Array]:
    """A prong in the plane square to a stone's axis at a height: distance and azimuth of its axis, how far its section
    reaches towards the stone, the way from stone to prong (3,), and its axis there (3,).
    """
    level = frame.origin + height_mm * frame.axis
    lean = float(prong.axis @ frame.axis)
    point = prong.centre + ((level - prong.centre) @ frame.axis) / lean * prong.axis
    away, azimuth, _ = (float(value) for value in frame.to_local(point))
    towards = (point - level) / max(away, 1e-9)
    # a leaning round post has an ellipse for its section: half of its width towards the stone
    reach = 0.5 * prong.diameter_mm * math.sqrt(1.0 + (float(prong.axis @ towards) / lean) ** 2)
    return away, azimuth, reach, towards, point


def _notch_share(
    caster: RayCaster, frame: SeatFrame, stone: StoneProfile, point: Array, towards: Array, reach: float
) -> float:
    """Share of a prong's diameter that is missing beside the girdle, from its axis towards the stone."""
    start = point + 0.5 * stone.girdle_mm * frame.axis
    left, face = caster.first_hit(start[None], towards[None])
    if reach <= 0.0 or face[0] < 0 or float(caster.mesh.normals[face[0]] @ towards) <= 0.0:
        return math.nan
    return max(reach - float(left[0]), 0.0) / (2.0 * reach)


def close_shared(
    diameter_mm: float, top_mm: float, volume_mm3: float, cover_mm: float, stone: StoneProfile
) -> ClosedShared:
    """Press a prong down: its metal above the girdles keeps its volume and spreads over both crowns.

    It is pressed until it covers what is wanted, from three quarters of the crown's height down to 0.60 of it at most.
    """
    radius = 0.5 * diameter_mm
    run = stone.crown_run_mm
    if radius <= 0.0 or volume_mm3 <= 0.0 or run <= 0.0:
        return ClosedShared(0.0, 0.0)

    def contact(height: float) -> float:
        spread = math.sqrt(volume_mm3 / (math.pi * max(height, 1e-9)))
        return max(cover_mm + max(spread - radius, 0.0), 0.0) / run

    standing = min(top_mm, FINISHED_HEIGHT_TARGET * stone.crown_height_mm)
    low = LOWEST_FINISH * stone.crown_height_mm
    heights = np.linspace(standing, min(low, standing), 31)
    height = next((float(h) for h in heights if contact(float(h)) >= CONTACT_TARGET), float(heights[-1]))
    return ClosedShared(min(CONTACT_TARGET, contact(height)), height / stone.crown_height_mm)


def _covered(azimuth: Array, stone: StoneProfile, prongs: list[SharedProng], holds: tuple[Hold, ...]) -> Array:
    """(k,) share of the crown's width that is covered at each azimuth once the prongs are closed.

    Each spread tip is a circle about its prong's axis that reaches over the girdle as far as it covers.
    """
    found = np.zeros(len(azimuth))
    for prong, hold in zip(prongs, holds, strict=True):
        over = hold.closed.contact * stone.crown_run_mm
        radius = 0.5 * prong.diameter_mm + max(over - hold.cover_mm, 0.0)
        away = stone.radius_mm + radius - over
        turn = np.angle(np.exp(1j * (azimuth - hold.azimuth_rad)))
        aside = away * np.abs(np.sin(turn))
        seen = (aside < radius) & (np.cos(turn) > 0.0)
        first = away * np.cos(turn) - np.sqrt(np.maximum(radius**2 - aside**2, 0.0))
        share = np.where(seen, (stone.radius_mm - first) / stone.crown_run_mm, 0.0)
        found = np.maximum(found, np.clip(share, 0.0, 1.0))
    return found
