"""Section of a head's rail: a rectangle less the pavilion's clearance cone, with eased edges. Numbers only."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import CenterStone, Rail

Array = NDArray[np.float64]

RAIL_TOP_MIN_MM = 0.25
"""Flat that a rail keeps on top beside the pavilion's clearance cone, before its edges are rounded."""
#: Directions in which a section is measured, as the verifier does it (`verify/sites.py`), and more of them.
_CHORDS = 90


def profile(rail: Rail, stone: CenterStone, girdle_z_mm: float, clearance_mm: float) -> list[tuple[float, float]]:
    """Corners (radius, z) of a rail's section, counter-clockwise, mm: a rectangle, less the cone of the pavilion."""
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    clearance = clearance_mm / math.cos(math.radians(stone.pavilion_angle_deg))

    start_z = girdle_z_mm - stone.pavilion_drop_mm

    def cone_z(radius: float) -> float:
        return start_z - (0.5 * stone.diameter_mm - radius) * slope - clearance

    inner, outer, bottom, top = rail.inner_radius_mm, rail.outer_radius_mm, rail.bottom_z_mm, rail.top_z_mm
    if cone_z(inner) >= top:
        return [(inner, bottom), (outer, bottom), (outer, top), (inner, top)]
    # the cone meets the top at this radius and the inner wall at this height; a rail whose top would be an edge
    # ends lower, since nothing of it may stand in the clearance
    top = min(top, cone_z(outer - RAIL_TOP_MIN_MM))
    at_top = 0.5 * stone.diameter_mm - (start_z - clearance - top) / slope
    at_inner = cone_z(inner)
    room = 2.2 * rail.edge_radius_mm
    if at_inner < bottom + room:
        inner = inner + (bottom + room - at_inner) / slope
        at_inner = bottom + room
    return [(inner, bottom), (outer, bottom), (outer, top), (at_top, top), (inner, at_inner)]


def rounded(polygon: list[tuple[float, float]], radius: float, steps: int = 2) -> list[tuple[float, float]]:
    """Corners of a convex polygon replaced by ``steps`` chords of an arc; plane faces, cones and
    cylinders alone cross the other bodies in closed form, tori do not.
    """
    points = np.array(polygon)
    found: list[tuple[float, float]] = []
    for before, corner, after in zip(np.roll(points, 1, axis=0), points, np.roll(points, -1, axis=0), strict=True):
        a, b = before - corner, after - corner
        la, lb = float(np.linalg.norm(a)), float(np.linalg.norm(b))
        a, b = a / la, b / lb
        half = 0.5 * math.acos(float(np.clip(a @ b, -1.0, 1.0)))
        r = min(radius, 0.45 * min(la, lb) * math.tan(half))
        centre = corner + (a + b) / np.linalg.norm(a + b) * r / math.sin(half)
        start = corner + a * r / math.tan(half) - centre
        end = corner + b * r / math.tan(half) - centre
        turn = math.atan2(start[0] * end[1] - start[1] * end[0], float(start @ end))
        for k in range(steps + 1):
            c, s = math.cos(turn * k / steps), math.sin(turn * k / steps)
            point = centre + np.array([c * start[0] - s * start[1], s * start[0] + c * start[1]])
            found.append((float(point[0]), float(point[1])))
    return found


def thinnest_chord_mm(rail: Rail, stone: CenterStone, girdle_z_mm: float, clearance_mm: float) -> float:
    """Shortest chord of a rail's finished section through the middle of its rectangle; 0 if that is cut away.

    This is how the delivered mesh is judged. The middle is given by the rail's own numbers.
    """
    corners = np.array(rounded(profile(rail, stone, girdle_z_mm, clearance_mm), rail.edge_radius_mm))
    middle = 0.5 * np.array([rail.inner_radius_mm + rail.outer_radius_mm, rail.bottom_z_mm + rail.top_z_mm])
    angle = np.pi * np.arange(_CHORDS) / _CHORDS
    way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    sides = np.roll(corners, -1, axis=0) - corners
    away = corners - middle
    normal = np.stack([sides[:, 1], -sides[:, 0]], axis=1)  # outward
    height = np.einsum("sc,sc->s", normal, away)
    if np.any(height <= 0.0):
        return 0.0
    pace = way @ normal.T
    # a convex section is left where the first of its sides is reached
    ahead = np.where(pace > 1e-12, height / np.where(pace > 1e-12, pace, 1.0), np.inf).min(axis=1)
    behind = np.where(pace < -1e-12, height / np.where(pace < -1e-12, -pace, 1.0), np.inf).min(axis=1)
    return float((ahead + behind).min())
