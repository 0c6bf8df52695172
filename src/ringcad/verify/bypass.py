"""A bypass shank measured on the mesh: where its arms run by their numbers, their ends, the bar that carries the head.

The line of the arms is written from the numbers on its own: a quintic over the angle about the finger, told apart from
the angle along the arm, which runs slower near the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.resolved import ResolvedRing
from ringcad.resolved_bypass import END_DEG, FREE_DEG
from ringcad.standards import setting_rule
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.shank_line import plain_width

Array = NDArray[Any]

_STEP_DEG = 0.05
_NARROWS_DEG = 34.0
"""Where an arm begins to narrow towards its end."""
END_TOLERANCE_MM = 0.1
"""An end stands where the numbers say within this: half of what a chart step and the small flat at its tip make."""
_NEAR_MM = 0.3
"""Points within this of an arm's sides are its own."""
_RAYS_MM = 0.02


@dataclass(frozen=True)
class ArmLine:
    """The middle of the right arm: all arrays (k,), ascending along it. The left one is half a turn about +z away."""

    along_deg: Array
    place_rad: Array
    side_mm: Array
    lean_rad: Array
    scale: Array
    """Length along the arm over that of a turn by the same angle along it, at the crown line."""
    half_mm: Array


def arm_line(resolved: ResolvedRing) -> ArmLine:
    """From its end to the bottom, by the numbers."""
    shank, arms = resolved.shank, resolved.shank.bypass
    assert arms is not None
    along = np.arange(END_DEG, 180.0 + _STEP_DEG, _STEP_DEG)
    place = along - arms.slowing_deg * np.maximum(1.0 - along / FREE_DEG, 0.0) ** 3
    wide = plain_width(shank, np.radians(along))
    narrow = _quintic((_NARROWS_DEG - place) / (_NARROWS_DEG + arms.past_deg - arms.nose_deg))
    half = 0.5 * (wide + (arms.end_width_mm - wide) * narrow)
    inward = _quintic((arms.swing_start_deg - place) / (arms.swing_start_deg - arms.swing_end_deg))
    side = (arms.flank_mm + half) * inward
    outer = resolved.bore_radius_mm + shank.thickness_top_mm
    middle = resolved.bore_radius_mm + 0.5 * shank.thickness_top_mm
    turn, rise = np.gradient(np.radians(place)), np.gradient(side)
    scale = np.hypot(outer * turn, rise) / (outer * np.radians(_STEP_DEG))
    lean = np.arctan2(rise, middle * turn)
    lean[along < END_DEG + 5.0] = 0.0
    return ArmLine(along, np.radians(place), side, lean, scale, half)


def _quintic(x: Array) -> Array:
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t**3 * (10.0 - 15.0 * t + 6.0 * t**2))


def sections(resolved: ResolvedRing, along_rad: Array) -> tuple[Array, Array, Array, Array]:
    """Angle about the finger (k,), place along its axis (k,), direction across (k, 3) and scale (k,) at angles along
    the arms (radians, left negative); a plain shank's own where it is no bypass.
    """
    if resolved.shank.bypass is None:
        across = np.broadcast_to(np.array([0.0, 1.0, 0.0]), (len(along_rad), 3))
        return along_rad, np.zeros(len(along_rad)), across, np.ones(len(along_rad))
    line, away, sign = arm_line(resolved), np.degrees(np.abs(along_rad)), np.where(along_rad < 0.0, -1.0, 1.0)
    place, side, lean, scale = (
        np.interp(away, line.along_deg, values) for values in (line.place_rad, line.side_mm, line.lean_rad, line.scale)
    )
    place = sign * place
    tangent = np.stack([np.cos(place), np.zeros_like(place), -np.sin(place)], axis=1)
    across = np.cos(lean)[:, None] * np.array([0.0, 1.0, 0.0]) - np.sin(lean)[:, None] * tangent
    return place, sign * side, across, scale


def whole_turn(resolved: ResolvedRing) -> Array:
    """Angles along the shank all round, a degree apart (radians): of a bypass up to its rounded ends."""
    phi = np.arange(-180.0, 180.0, 1.0)
    if resolved.shank.bypass is not None:
        phi = phi[np.abs(phi) >= resolved.shank.bypass.nose_start_deg]
    return np.asarray(np.radians(phi))


def arm_half_mm(resolved: ResolvedRing, along_rad: Array) -> Array:
    """Half of the arms' width at angles along them (radians) by the numbers: the bar that a line from side to side runs
    on into is none of it. Infinite where the shank is no bypass.
    """
    if resolved.shank.bypass is None:
        return np.full(len(along_rad), np.inf)
    line = arm_line(resolved)
    return np.asarray(np.interp(np.degrees(np.abs(along_rad)), line.along_deg, line.half_mm))


def on_arms(resolved: ResolvedRing, points: Array) -> tuple[Array, Array]:
    """Angle along the arms (k,) (radians, left negative) and distance across (k,) of points (k, 3).

    The distance is NaN on an arm's rounded end and beyond it. A plain shank's own where it is no bypass.
    """
    place, y = np.arctan2(points[:, 0], points[:, 2]), points[:, 1]
    if resolved.shank.bypass is None:
        return place, y
    line, arms = arm_line(resolved), resolved.shank.bypass
    # beside the head the right arm is at y > 0, on either side of the top
    sign = np.where(np.abs(place) < np.radians(FREE_DEG), np.sign(y), np.sign(place))
    sign = np.where(sign == 0.0, 1.0, sign)
    turned = sign * place
    middle = resolved.bore_radius_mm + 0.5 * resolved.shank.thickness_top_mm
    foot = turned.copy()
    for _ in range(4):  # the section that a point lies in stands square to the arm
        side, lean = (np.interp(foot, line.place_rad, values) for values in (line.side_mm, line.lean_rad))
        across = (sign * y - side) / np.cos(lean)
        foot = turned + across * np.sin(lean) / middle
    along = np.interp(foot, line.place_rad, line.along_deg)
    off = (along < arms.nose_start_deg) | (np.abs(across) > np.interp(along, line.along_deg, line.half_mm) + _NEAR_MM)
    return sign * np.radians(along), np.where(off, np.nan, sign * across)


def rounded_end(resolved: ResolvedRing, points: Array) -> Array:
    """(k,) whether points lie on an arm's rounded end, which closes by design."""
    arms = resolved.shank.bypass
    if arms is None:
        return np.zeros(len(points), dtype=bool)
    place = np.degrees(np.arctan2(points[:, 0], points[:, 2])) * np.sign(points[:, 1])
    return np.asarray((np.abs(points[:, 1]) > arms.flank_mm - 0.05) & (place < arms.nose_deg - arms.past_deg + 1.0)
                      & (place > -arms.past_deg - 5.0) & (points[:, 2] > 0.0))  # fmt: skip


def contact_levels(resolved: ResolvedRing, place: Array) -> Array:
    """Where along the finger axis the middle of the shank is at angles ``place`` (radians), mm; at the top that of the
    arm that comes from the same side.
    """
    line = arm_line(resolved)
    return np.asarray(np.sign(place) * np.interp(np.abs(place), line.place_rad, line.side_mm))


def joint_lengths(caster: RayCaster, resolved: ResolvedRing) -> tuple[Array, Array, Array]:
    """Starts, directions and lengths: of the square as large as the bar's section, half way between head and each arm.

    The section is added up from upright lines; metal that is not joined to the bar over the whole gap counts as none.
    """
    arms = resolved.shank.bypass
    assert arms is not None
    low = resolved.bore_radius_mm + arms.joint_bottom_mm
    middle = 0.5 * (low + resolved.bore_radius_mm + arms.joint_top_mm)
    x = np.arange(-arms.joint_width_mm, arms.joint_width_mm + 1e-9, _RAYS_MM)
    starts, lengths = [], []
    for side in (1.0, -1.0):
        least = np.inf
        for y in side * (arms.flank_mm + np.array([-0.2, -0.1, 0.0, 0.15])):
            origin = np.stack([x, np.full_like(x, y), np.full_like(x, middle)], axis=1)
            rise = np.broadcast_to(np.array([0.0, 0.0, 1.0]), origin.shape)
            above, below = (caster.thickness(origin, way, start_mm=0.0)[0] for way in (rise, -rise))
            solid = np.isfinite(above) & np.isfinite(below)
            # in the arm, metal above and below the bar is the arm's own
            cut = 0.5 * (arms.joint_top_mm - arms.joint_bottom_mm)
            height = np.where(solid, np.minimum(np.nan_to_num(above), cut) + np.minimum(np.nan_to_num(below), cut), 0.0)
            inside = np.abs(x) <= 0.5 * arms.joint_width_mm + 0.05
            least = min(least, float((height * inside).sum() * _RAYS_MM))
        starts.append([0.0, side * arms.flank_mm, middle])
        lengths.append(np.sqrt(max(least, 0.0)))
    return np.array(starts), np.tile([0.0, 0.0, 1.0], (2, 1)), np.array(lengths)


def end_lengths(caster: RayCaster, resolved: ResolvedRing) -> tuple[Array, Array, Array]:
    """Starts, directions and lengths through both arms from side to side, up to their rounded ends."""
    arms, line = resolved.shank.bypass, arm_line(resolved)
    assert arms is not None
    along = np.radians(np.arange(arms.nose_start_deg, FREE_DEG, 0.5))
    along = np.concatenate([along, -along])
    place, side, across, _ = sections(resolved, along)
    radius = resolved.bore_radius_mm + 0.5 * resolved.shank.thickness_top_mm
    middle = np.stack([radius * np.sin(place), side, radius * np.cos(place)], axis=1)
    ahead, back = (caster.thickness(middle, way, start_mm=0.0)[0] for way in (across, -across))
    # the bar runs on from an arm's flank: no more than the arm's own half width counts
    half = np.interp(np.degrees(np.abs(along)), line.along_deg, line.half_mm)
    solid = np.isfinite(ahead) & np.isfinite(back)
    length = np.where(solid, np.fmin(ahead, half) + np.fmin(back, half), 0.0)
    return middle - np.where(solid, np.fmin(back, half), 0.0)[:, None] * across, across, length


def end_findings(mesh: TriangleMesh, resolved: ResolvedRing) -> list[Finding]:
    """Each arm's end against the place that the numbers give it."""
    arms = resolved.shank.bypass
    if arms is None:
        return []
    found = []
    outer = resolved.bore_radius_mm + resolved.shank.thickness_top_mm
    wanted = -outer * np.radians(arms.past_deg)
    for name, sign in (("right", 1.0), ("left", -1.0)):
        x, y, z = sign * mesh.vertices[:, 0], sign * mesh.vertices[:, 1], mesh.vertices[:, 2]
        own = (y > arms.flank_mm + 0.25 * arms.end_width_mm) & (z > 0.0)
        reach = float(outer * np.arctan2(x[own], z[own]).min()) if own.any() else np.inf
        if abs(reach - wanted) > END_TOLERANCE_MM:
            place = (float(sign * x[own][np.argmin(x[own])]), sign * arms.flank_mm, float(outer)) if own.any() else None
            found.append(
                Finding(
                    code=FindingCode.WALL_STRUCTURAL,
                    severity=Severity.ERROR,
                    message=f"the end of the {name} arm does not stand where it should beside the head",
                    measured=round(-reach, 3) if np.isfinite(reach) else None,
                    limit=round(-wanted, 3),
                    unit="mm",
                    place_mm=place,
                    spec_field="shank.bypass_overlap_mm",
                    fix="build the ring anew; the file is not the ring of these numbers",
                )
            )
    return found


def joint_limit_mm() -> float:
    """Side of the square that the bar's section must have at least, as cast."""
    return setting_rule("bypass_joint_side").value
