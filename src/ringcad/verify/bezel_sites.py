"""Walls of a bezel by site, measured on the mesh: the wall beside the stone, the cup under it, its floor and rim."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import BezelRing, FancyStone, ResolvedRing, bezeled
from ringcad.stones.girdles import girdle_of, pavilion_rise
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]

_STEP_DEG = 2.0
_CLEAR_MM = 0.06
"""Lines keep so far from the ends of what they measure."""
_BELOW_SCOOP_MM = 0.35
"""The open sides of a half bezel reach so far below the ledge; the cup's upper edge there is no wall."""


def bezel_half_angle_deg(resolved: ResolvedRing) -> float:
    """Angle from the top that the bezel can take of the shank; 0 without one."""
    ring = bezeled(resolved)
    if ring is None:
        return 0.0
    outer = ring.bore_radius_mm + ring.shank.thickness_top_mm
    return math.degrees(math.asin(min(0.95, (collar_radius_mm(ring) + 0.3) / outer)))


def collar_radius_mm(ring: BezelRing) -> float:
    """Outside of the collar at its widest."""
    bezel = ring.bezel
    beside = 0.5 * ring.stone.diameter_mm + bezel.girdle_clearance_mm + bezel.wall_thickness_mm
    return beside + (bezel.top_z_mm - bezel.girdle_z_mm) * math.tan(math.radians(bezel.taper_deg))


def bezel_lines(resolved: ResolvedRing) -> dict[str, tuple[Array, Array]]:
    """Lines (starts, ways), each (k, 3), whose first metal is a wall of the bezel, by site; none without a bezel."""
    ring = bezeled(resolved)
    if ring is None:
        return {}
    if isinstance(ring.stone, FancyStone):
        return _lines_along_girdle(ring, ring.stone)
    bezel, stone = ring.bezel, ring.stone
    turn = np.radians(np.arange(0.0, 360.0, _STEP_DEG))
    out = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], axis=1)
    up = np.array([0.0, 0.0, 1.0])
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    ledge_r, ledge_z = 0.5 * stone.diameter_mm - bezel.ledge_mm, bezel.girdle_z_mm - bezel.ledge_mm * slope
    half = math.radians(0.5 * bezel.open_deg + 4.0) if bezel.open_deg else 0.0
    walled = out[np.abs(out[:, 0]) > math.sin(half)] if half else out
    beside = np.linspace(bezel.girdle_z_mm + bezel.girdle_clearance_mm * slope + 0.02,
                         bezel.girdle_z_mm + stone.girdle_mm + 0.2 * bezel.lip_height_mm, 5)  # fmt: skip
    found = {"bezel_wall": _fan(walled, beside[:, None] * up, walled)}
    # square to the relief, outward and down
    steep = math.radians(bezel.relief_deg)
    cup_top = ledge_z - (_BELOW_SCOOP_MM if half else _CLEAR_MM)
    cup_low = max(bezel.floor_z_mm, ledge_z - (ledge_r - bezel.light_radius_mm) * math.tan(steep)) + _CLEAR_MM
    height = np.linspace(min(cup_low, cup_top), cup_top, 7)
    radius = ledge_r - (ledge_z - height) / math.tan(steep)
    ways = math.sin(steep) * out - math.cos(steep) * up
    starts = [r * out + z * up - 0.1 * ways for r, z in zip(radius, height, strict=True)]
    found["bezel_cup"] = np.concatenate(starts), np.concatenate([ways] * len(starts))
    # from the finger up, beside the hole
    ring_r = np.linspace(bezel.light_radius_bore_mm + _CLEAR_MM, bezel.foot_radius_mm - 0.3, 5)
    starts = [r * out + 0.5 * ring.bore_radius_mm * up for r in ring_r]
    found["bezel_floor"] = np.concatenate(starts), np.broadcast_to(up, (len(starts) * len(out), 3))
    # from the hole outward, half way up its floor
    rim = np.array([0.5 * (bezel.foot_z_mm + bezel.floor_z_mm)])
    found["bezel_rim"] = _fan(out, rim[:, None] * up, out)
    return found


def _lines_along_girdle(ring: BezelRing, stone: FancyStone) -> dict[str, tuple[Array, Array]]:
    """The same round a stone that is not round: square to its girdle at every place."""
    bezel, girdle = ring.bezel, girdle_of(stone)
    if girdle is None:
        return {}
    turn = girdle.spaced(round(360.0 / _STEP_DEG))
    at, out = girdle.points(turn), np.stack([np.cos(turn), np.sin(turn)], axis=1)
    flat = np.concatenate([out, np.zeros((len(out), 1))], axis=1)
    half, up = 0.5 * stone.width_mm, np.array([0.0, 0.0, 1.0])

    def ring_points(share: float, out_mm: float, z_mm: float) -> Array:
        return np.concatenate([share * at + out_mm * out, np.full((len(at), 1), z_mm)], axis=1)

    def hole(half_width_mm: float, z_mm: float) -> Array:
        return ring_points(bezel.light_share, half_width_mm - bezel.light_share * half, z_mm)

    rise = stone.pavilion_depth_mm / half
    beside = np.linspace(bezel.girdle_z_mm + bezel.girdle_clearance_mm * rise + 0.02,
                         bezel.girdle_z_mm + stone.girdle_mm + 0.2 * bezel.lip_height_mm, 5)  # fmt: skip
    starts = [ring_points(1.0, -0.4 * half, float(z)) for z in beside]
    found = {"bezel_wall": (np.concatenate(starts), np.tile(flat, (len(beside), 1)))}
    # the relief runs from the ledge's inner line to the hole, or to the floor round it
    ledge_z = bezel.girdle_z_mm - bezel.ledge_mm * rise
    inner = half - bezel.ledge_mm
    share, moved = (1.0, -bezel.ledge_mm) if stone.domed else (inner / half, 0.0)
    top = ring_points(share, moved, ledge_z)
    steep = math.tan(math.radians(bezel.relief_deg))
    at_floor = inner - (ledge_z - bezel.floor_z_mm) / steep
    low_z = bezel.floor_z_mm if at_floor > bezel.light_radius_mm else ledge_z - (inner - bezel.light_radius_mm) * steep
    low = hole(max(at_floor, bezel.light_radius_mm), low_z)
    along = np.roll(top, -1, axis=0) - np.roll(top, 1, axis=0)
    ways = np.cross(along, top - low)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    clear = min(_CLEAR_MM / max(ledge_z - low_z, _CLEAR_MM), 0.5)
    starts = [low + s * (top - low) - 0.4 * ways for s in np.linspace(clear, 1.0 - clear, 7)]
    found["bezel_cup"] = np.concatenate(starts), np.tile(ways, (len(starts), 1))
    reach = np.linspace(bezel.light_radius_bore_mm + _CLEAR_MM, bezel.foot_radius_mm - 0.3, 5)
    starts = [hole(float(radius), 0.5 * ring.bore_radius_mm) for radius in reach]
    found["bezel_floor"] = np.concatenate(starts), np.broadcast_to(up, (len(starts) * len(out), 3))
    found["bezel_rim"] = hole(0.0, 0.5 * (bezel.foot_z_mm + bezel.floor_z_mm)), flat
    return found


def _fan(out: Array, centres: Array, ways: Array) -> tuple[Array, Array]:
    starts = np.repeat(centres, len(out), axis=0)
    return starts, np.tile(ways, (len(centres), 1))


def near_bezel(resolved: ResolvedRing, points: Array) -> Array:
    """(k,) whether points belong to the bezel or what is cut inside it, and not to the shank's own skin."""
    ring = bezeled(resolved)
    if ring is None:
        return np.zeros(len(points), dtype=bool)
    return np.asarray(_within_collar(ring, points) & (points[:, 2] > ring.bezel.foot_z_mm - 0.5))


def _within_collar(ring: BezelRing, points: Array) -> Array:
    """(k,) whether points lie inside the collar's outside and a little, as seen from above."""
    reach, girdle = collar_radius_mm(ring) + 0.1, girdle_of(ring.stone)
    if girdle is None:
        return np.asarray(np.hypot(points[:, 0], points[:, 1]) < reach)
    share, support = girdle.gauge(points[:, 0], points[:, 1])
    return np.asarray((share - 1.0) * support < reach - 0.5 * ring.stone.diameter_mm)


def lip_zone(resolved: ResolvedRing, points: Array) -> Array:
    """(k,) whether points lie on the wall beside the stone and above, which is judged as a site and by the setting's
    rules, or on the edges of the seat.
    """
    ring = bezeled(resolved)
    if ring is None:
        return np.zeros(len(points), dtype=bool)
    bezel = ring.bezel
    slope = pavilion_rise(ring.stone)
    low = bezel.girdle_z_mm - bezel.ledge_mm * slope - (_BELOW_SCOOP_MM if bezel.open_deg else 0.1)
    return np.asarray(_within_collar(ring, points) & (points[:, 2] > low))


def first_metal(caster: RayCaster, origin: Array, way: Array) -> tuple[Array, Array, Array]:
    """From the air into metal and out again: starts, ways and lengths; what is not met has length 0."""
    first, face = caster.first_hit(origin, way)
    met = face >= 0
    start = origin + np.where(met, first, 0.0)[:, None] * way
    length, _ = caster.thickness(start, np.asarray(way))
    return start, np.asarray(way), np.where(met & np.isfinite(length), length, 0.0)
