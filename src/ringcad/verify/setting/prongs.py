"""A stone in prongs: each prong, its notch, the room for the girdle, what holds and what must open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bearings import NOTCH_DEPTH, fit_bearing
from ringcad.verify.setting.claws import ClawMeasure, measure_claw, round_back
from ringcad.verify.setting.closing import (
    FINISHED_HEIGHT_TARGET,
    FINISHED_TIP_MIN_MM,
    ClosedProng,
    close_prong,
    laid_over,
)
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.frames import SeatFrame, StoneProfile
from ringcad.verify.setting.moves import Moves, measure_moves
from ringcad.verify.setting.scan import Scan, intervals, scan_round

Array = NDArray[Any]

ANGLES = 720
STEP_MM = 0.02
PRONG_REACH_MM = 0.45
"""Metal that begins farther than this outside the girdle belongs to something else."""
CONTACT_MM = 0.03
"""Stone and metal closer than this bear on each other (the play that the notch is cut with)."""
STRAIGHT_SHARE = 0.9
"""Metal above the girdle counts as straight while it keeps this share of the prong's thickness."""
BESIDE_PRONG_DEG = 8.0
"""Closer to a prong than this, metal is the prong's own foot or fillet."""
POINTS_EACH, ROWS_EACH = 8, 4
"""Every how many of the scan's azimuths and heights stand for the metal that a moving stone meets: 4 deg, 0.08 mm."""
BEARING_NEAR_MM = 0.06
"""Metal under the girdle within this of the stone bears it when it moves."""
SWEEP_MM = 6.0
"""How far above the table metal is looked for that would stand in the stone's way in."""
BELOW_BEND_MM = 0.35
"""How far under the girdle's middle the lean of a claw is taken, which bends from the girdle on."""
UPRIGHT_RAD = math.radians(15.0)
"""A prong that leans further is curved, and its level section no ellipse of a known shape."""
PLAIN_SHARE = 0.97
"""Where a prong is this near its widest it has neither notch nor tip, and its flanks are carried on to the girdle."""


@dataclass(frozen=True)
class ProngMeasure:
    """One prong, measured in the plane through its middle and the stone's axis. Lengths in mm.

    Attributes
    ----------
    azimuth_deg
        Of its middle at the girdle.
    full_mm
        Thickness square to the prong at the girdle's height as it would be without the notch: the circle through a
        round prong's back, else its flanks above the notch carried on (of a prong that leans far, the larger one).
    behind_mm
        The same behind the notch.
    lean_deg
        Outward lean.
    notch_share
        1 - behind / full.
    section_mm2
        Area of metal at the girdle's height.
    clearance_mm
        Least radial room beside the girdle; negative where the prong reaches into the stone.
    straight_mm
        Metal above the girdle's upper edge that keeps its thickness, along the prong.
    top_mm
        Tip above the girdle's upper edge.
    bearing_mm
        Length along the pavilion on which the prong touches it.
    opening_mm
        How far the prong must be opened for the girdle to pass.
    closed
        The same prong after setting.
    tip
        What a claw has over the stone; ``None`` of other prongs.
    """

    azimuth_deg: float
    full_mm: float
    behind_mm: float
    lean_deg: float
    notch_share: float
    section_mm2: float
    clearance_mm: float
    straight_mm: float
    top_mm: float
    bearing_mm: float
    opening_mm: float
    closed: ClosedProng
    tip: ClawMeasure | None = None


@dataclass(frozen=True)
class ProngSetting:
    """A stone in prongs, lengths in mm.

    Attributes
    ----------
    pavilion, crown, girdle
        Cones through the bearings; ``None`` where there is too little of one.
    interference_mm, interference_place_mm
        Deepest metal inside the stone, square to the stone's surface, and where.
    play_mm
        How far the stone can slide across its axis before a prong stops it.
    lift_mm
        How far it can rise between the prongs as they are cast; ``inf`` where nothing is above the girdle.
    pavilion_gap_mm
        Least distance from the pavilion to metal between the prongs (rails); ``inf`` where there is none.
    culet_gap_mm, culet_metal_mm
        From the culet down to the first metal, and the thickness of that metal; ``inf`` where there is none.
    blocked_mm, blocked_place_mm
        How far metal other than prongs stands in the way of the girdle as the stone is put in along its axis, and
        where; no setter can open that.
    stone, slide_mm
        The stone, and how far it may slide while it rises.
    cast_metal, closed_metal : (p, 3)
        Metal that looks at the stone in the frame of the seat, as it is and after the prongs are closed.
    """

    prongs: tuple[ProngMeasure, ...]
    pavilion: ConeFit | None
    crown: ConeFit | None
    girdle: ConeFit | None
    interference_mm: float
    interference_place_mm: tuple[float, float, float]
    play_mm: float
    lift_mm: float
    pavilion_gap_mm: float
    culet_gap_mm: float
    culet_metal_mm: float
    blocked_mm: float
    blocked_place_mm: tuple[float, float, float]
    stone: StoneProfile
    slide_mm: float
    cast_metal: Array
    closed_metal: Array

    @cached_property
    def cast(self) -> Moves:
        """How far the stone can move among the metal as it is."""
        return measure_moves(self.stone, self.cast_metal, play_mm=self.slide_mm)

    @cached_property
    def closed(self) -> Moves:
        """The same after the prongs are closed."""
        return measure_moves(self.stone, self.closed_metal, play_mm=self.slide_mm)

    @property
    def retention_mm(self) -> float:
        """What holds the closed stone in the motion in which least does."""
        return self.closed.hold_mm


def measure_prongs(caster: RayCaster, frame: SeatFrame, stone: StoneProfile, claws: bool = False) -> ProngSetting:
    """Measure everything about a stone between prongs (or ``claws``, which bend inward) from the mesh alone."""
    low = -0.6 * stone.pavilion_depth_mm
    high = max(_tallest(caster, frame, stone), stone.table_mm) + 0.1
    scan = scan_round(caster, frame, low, high, STEP_MM, ANGLES)
    rows = girdle_rows(scan, stone.girdle_mm)
    middle = rows[len(rows) // 2]
    near = (scan.inner_mm[:, middle] > 0.3 * stone.radius_mm) & (
        scan.inner_mm[:, middle] < stone.radius_mm + PRONG_REACH_MM
    )
    found = intervals(near) if near.any() else []
    prongs = tuple(measure_prong(scan, part, stone, rows, claw=claws) for part in found if len(part) >= 3)
    depth, place = interference(scan, frame, stone)
    held = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    around = scan.azimuth_rad[held]
    play = _play(scan, held, stone, rows)
    gap, metal = _below_culet(caster, frame, stone)
    blocked, where = _blocked(scan, held, frame, stone)
    cast = _cast_metal(scan, stone)
    below = cast[cast[:, 2] <= stone.girdle_mm]
    tips = np.zeros(len(scan.azimuth_rad))
    for part, prong in zip([part for part in found if len(part) >= 3], prongs, strict=True):
        tips[part] = prong.closed.contact
    laid = laid_over(stone, scan.azimuth_rad[::POINTS_EACH], tips[::POINTS_EACH])
    return ProngSetting(
        prongs=prongs,
        pavilion=fit_bearing(caster.mesh, frame, stone, "pavilion", around),
        crown=fit_bearing(caster.mesh, frame, stone, "crown", around),
        girdle=fit_bearing(caster.mesh, frame, stone, "girdle", around),
        interference_mm=depth,
        interference_place_mm=place,
        play_mm=play,
        lift_mm=_lift(scan, held, stone),
        pavilion_gap_mm=_pavilion_gap(scan, held, stone),
        culet_gap_mm=gap,
        culet_metal_mm=metal,
        blocked_mm=blocked,
        blocked_place_mm=where,
        stone=stone,
        slide_mm=play if math.isfinite(play) else stone.radius_mm,
        cast_metal=cast,
        closed_metal=np.concatenate([below, laid]),
    )


def _tallest(caster: RayCaster, frame: SeatFrame, stone: StoneProfile) -> float:
    """Height up to which metal stands in or beside the stone's way in: the highest vertex, or what spans the way."""
    offset = caster.mesh.vertices - frame.origin
    height = offset @ frame.axis
    square = np.einsum("ij,ij->i", offset, offset) - height**2
    near = (square < (stone.radius_mm + PRONG_REACH_MM) ** 2) & (height < stone.table_mm + SWEEP_MM)
    turn = 2.0 * np.pi * np.arange(72) / 72
    across = np.concatenate([share * stone.radius_mm * frame.directions(turn) for share in (0.3, 0.6, 0.95)])
    starts = frame.origin + across + (stone.table_mm + SWEEP_MM) * frame.axis
    distance, face = caster.first_hit(starts, np.broadcast_to(-frame.axis, starts.shape))
    spans = stone.table_mm + SWEEP_MM - distance[face >= 0]
    return max(float(height[near].max(initial=0.0)), float(spans.max(initial=0.0)))


def _cast_metal(scan: Scan, stone: StoneProfile) -> Array:
    """(p, 3) first metal round the axis in the frame of the seat, out of the stone where its setting is cut in."""
    inner = scan.inner_mm[::POINTS_EACH]
    turn = np.broadcast_to(scan.azimuth_rad[::POINTS_EACH, None], inner.shape)
    height = np.broadcast_to(scan.height_mm, inner.shape)
    # What lies deep under the stone and does not bear on it stops no motion that matters.
    near = np.where(height < -NOTCH_DEPTH * stone.radius_mm, BEARING_NEAR_MM, PRONG_REACH_MM)
    kept = (inner < stone.radius_at(np.minimum(scan.height_mm, stone.girdle_mm)) + near) & (inner > 0.0)
    kept &= (np.arange(len(scan.height_mm)) % ROWS_EACH == 0) | (np.abs(height - 0.5 * stone.girdle_mm) < STEP_MM)
    radius = np.maximum(inner, stone.radius_at(scan.height_mm))[kept]
    return np.stack([radius * np.cos(turn[kept]), radius * np.sin(turn[kept]), height[kept]], axis=1)


def _blocked(
    scan: Scan, held: Array, frame: SeatFrame, stone: StoneProfile
) -> tuple[float, tuple[float, float, float]]:
    apart = np.cos(scan.azimuth_rad[:, None] - scan.azimuth_rad[held]).max(axis=1, initial=-1.0)
    free = np.flatnonzero(apart < math.cos(math.radians(BESIDE_PRONG_DEG)))
    above = np.flatnonzero(scan.height_mm > stone.girdle_mm)
    if not len(free) or not len(above):
        return 0.0, (0.0, 0.0, 0.0)
    depth = stone.radius_mm - scan.inner_mm[np.ix_(free, above)]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    at = frame.origin + scan.height_mm[above[column]] * frame.axis
    reach = max(stone.radius_mm - max(float(depth[row, column]), 0.0), 0.0)
    at = at + reach * frame.directions(scan.azimuth_rad[free[row] : free[row] + 1])[0]
    return max(float(depth[row, column]), 0.0), (float(at[0]), float(at[1]), float(at[2]))


def girdle_rows(scan: Scan, girdle_mm: float) -> Array:
    """Rows of a scan in the middle half of the girdle: a seat's flanks run on a little past its edges to meet it."""
    inside = np.abs(scan.height_mm - 0.5 * girdle_mm) <= 0.25 * girdle_mm
    rows = np.flatnonzero(inside)
    return rows if len(rows) else np.array([scan.row(0.5 * girdle_mm)])


def measure_prong(
    scan: Scan,
    part: Array,
    stone: StoneProfile,
    girdle_rows: Array,
    finished: float = FINISHED_HEIGHT_TARGET,
    claw: bool = False,
) -> ProngMeasure:
    """One prong from its columns of a scan about the stone's axis, or about the centre of its outline there.

    ``finished`` is the share of the crown's height at which its closed tip is cut. A ``claw`` bends from the girdle on.
    """
    middle = girdle_rows[len(girdle_rows) // 2]
    step = 2.0 * math.pi / len(scan.azimuth_rad)
    centre = part[max(len(part) // 2 - 1, 0) : len(part) // 2 + 2]
    inner, outer = scan.inner_mm[centre].mean(axis=0), scan.outer_mm[centre].mean(axis=0)
    with np.errstate(invalid="ignore"):
        thick = np.where(np.isfinite(inner) & np.isfinite(outer), outer - inner, 0.0)
    z = scan.height_mm
    above = z > stone.girdle_mm
    standing = above & (np.cumsum((thick <= 0.0) & above) == 0)
    widest = float(thick[standing].max(initial=0.0))
    straight = float(z[standing & (thick >= STRAIGHT_SHARE * widest)].max(initial=stone.girdle_mm)) - stone.girdle_mm
    plain = standing & (thick >= PLAIN_SHARE * widest)
    if straight < 0.1 or plain.sum() < 3:  # nothing plain above the notch: take the prong below it
        below = (z < 0.0) & (z > -stone.radius_mm) & (thick > 0.0) & (thick < 3.0 * max(widest, 0.1))
        widest = max(widest, float(thick[below].max(initial=0.0)))
        plain = below & (thick >= PLAIN_SHARE * widest)
    level = float(z[middle])
    full = _line_at(z[plain], outer[plain], level) - _line_at(z[plain], inner[plain], level)
    around = (np.abs(z - level + (BELOW_BEND_MM if claw else 0.0)) < 0.3) & np.isfinite(outer)
    lean = math.atan(np.polyfit(z[around], outer[around], 1)[0]) if around.sum() > 3 else 0.0
    round_mm = round_back(scan, part, girdle_rows, lean)
    if round_mm is not None:  # beside small stones the flanks above the notch end in the tip
        full = max(0.0 if claw or abs(lean) <= UPRIGHT_RAD else full, round_mm / math.cos(lean))
    behind = float(thick[girdle_rows].min(initial=math.inf))
    inner_part, outer_part = scan.inner_mm[part][:, girdle_rows], scan.outer_mm[part][:, girdle_rows]
    metal = np.isfinite(inner_part) & np.isfinite(outer_part)
    rows = 0.5 * step * (np.where(metal, outer_part, 0.0) ** 2 - np.where(metal, inner_part, 0.0) ** 2)
    gap = (inner - stone.radius_at(z)) * math.sin(math.radians(stone.pavilion_angle_deg))
    bearing = (z < 0.0) & (z > -0.5 * stone.pavilion_depth_mm) & (np.abs(gap) <= CONTACT_MM)
    passing = scan.inner_mm[part][:, standing]
    opening = max(stone.radius_mm - float(passing.min(initial=math.inf)), 0.0)
    room = float(inner[girdle_rows].min()) - stone.radius_mm
    usable = float(z[standing & (thick >= min(FINISHED_TIP_MIN_MM, widest))].max(initial=stone.girdle_mm))
    usable -= stone.girdle_mm
    top = float(z[standing].max(initial=stone.girdle_mm)) - stone.girdle_mm
    tip = measure_claw(scan, part, stone, full, usable + stone.girdle_mm) if claw else None
    return ProngMeasure(
        azimuth_deg=float(np.degrees(np.angle(np.exp(1j * scan.azimuth_rad[part]).mean()))),
        full_mm=full * math.cos(lean),
        behind_mm=behind * math.cos(lean),
        lean_deg=math.degrees(lean),
        notch_share=1.0 - behind / full if full > 0.0 else 1.0,
        section_mm2=float(rows[:, len(girdle_rows) // 2].sum()),
        clearance_mm=float(scan.inner_mm[part][:, girdle_rows].min() - stone.radius_mm),
        straight_mm=straight / math.cos(lean),
        top_mm=top,
        bearing_mm=float(bearing.sum()) * STEP_MM / math.sin(math.radians(stone.pavilion_angle_deg)),
        opening_mm=opening,
        tip=tip,
        closed=close_prong(
            usable / math.cos(lean) if tip is None else tip.length_mm,
            behind * math.cos(lean),
            stone.crown_angle_deg,
            stone.crown_height_mm,
            room,
            finished,
        )
        if math.isfinite(float(scan.inner_mm[centre[0], middle]))
        else close_prong(0.0, 0.0, stone.crown_angle_deg, stone.crown_height_mm),
    )


def _line_at(z: Array, values: Array, level: float) -> float:
    """A straight line through values by height, carried on to a level."""
    if len(z) < 2:
        return float(values.mean()) if len(z) else 0.0
    return float(np.polyfit(z - level, values, 1)[1])


def interference(scan: Scan, frame: SeatFrame, stone: StoneProfile) -> tuple[float, tuple[float, float, float]]:
    """Deepest metal inside the stone's envelope, square to its surface (mm; 0 where there is none), and where."""
    z = scan.height_mm
    radius = stone.radius_at(z)
    lean = np.where(
        z < 0.0,
        math.sin(math.radians(stone.pavilion_angle_deg)),
        np.where(z > stone.girdle_mm, math.sin(math.radians(stone.crown_angle_deg)), 1.0),
    )
    depth = (radius - scan.inner_mm) * lean
    # Beside a corner of the outline the way to the other flank may be shorter; the table is the crown's.
    depth = np.minimum(depth, np.maximum(stone.table_mm - z, 0.0))
    worst = np.unravel_index(int(depth.argmax()), depth.shape)
    at = frame.origin + z[worst[1]] * frame.axis
    at = (
        at
        + min(float(scan.inner_mm[worst]), stone.radius_mm)
        * frame.directions(scan.azimuth_rad[worst[0] : worst[0] + 1])[0]
    )
    return max(float(depth[worst]), 0.0), (float(at[0]), float(at[1]), float(at[2]))


def _play(scan: Scan, held: Array, stone: StoneProfile, girdle_rows: Array) -> float:
    """How far the girdle can slide in its freest direction; ``inf`` where it can leave between the prongs."""
    if not len(held):
        return math.inf
    room = scan.inner_mm[held][:, girdle_rows].min(axis=1) - stone.radius_mm
    ways = np.linspace(0.0, 2.0 * np.pi, 360, endpoint=False)
    towards = np.cos(ways[:, None] - scan.azimuth_rad[held])
    with np.errstate(divide="ignore"):
        free = np.where(towards > 0.15, room / np.maximum(towards, 1e-9), np.inf)
    return float(free.min(axis=1).max())


def _lift(scan: Scan, held: Array, stone: StoneProfile) -> float:
    """Least way up from the crown to metal above it."""
    if not len(held):
        return math.inf
    above = scan.height_mm > stone.girdle_mm
    inner, z = scan.inner_mm[held][:, above], scan.height_mm[above]
    slope = math.tan(math.radians(stone.crown_angle_deg))
    crown = stone.girdle_mm + np.maximum(stone.radius_mm - inner, 0.0) * slope
    way = np.where((inner < stone.radius_mm) & (inner > stone.table_radius_mm), z - crown, np.inf)
    return float(np.maximum(way, 0.0).min(initial=math.inf))


def _pavilion_gap(scan: Scan, held: Array, stone: StoneProfile) -> float:
    """Square to the pavilion, at azimuths away from every prong."""
    apart = np.cos(scan.azimuth_rad[:, None] - scan.azimuth_rad[held]).max(axis=1, initial=-1.0)
    free = apart < math.cos(math.radians(BESIDE_PRONG_DEG))
    below = scan.height_mm < 0.0
    gap = scan.inner_mm[free][:, below] - stone.radius_at(scan.height_mm[below])
    return float(gap.min(initial=math.inf)) * math.sin(math.radians(stone.pavilion_angle_deg))


def _below_culet(caster: RayCaster, frame: SeatFrame, stone: StoneProfile) -> tuple[float, float]:
    start = frame.origin - (stone.pavilion_depth_mm - 1e-3) * frame.axis
    way = -frame.axis[None]
    distance, face = caster.first_hit(start[None], way)
    if face[0] < 0:
        return math.inf, math.inf
    if float(caster.mesh.normals[face[0]] @ way[0]) > 0.0:  # the culet lies in metal
        return 0.0, float(distance[0])
    metal, _ = caster.thickness(start[None] + distance[0] * way, way)
    return float(distance[0]), float(metal[0])
