"""The pad of a V prong as half-spaces: two walls over a point of the stone, running out into a round post below.

Frame of a stand: origin at the stone's point on the girdle's lower edge, ``u`` outward along the middle of the point,
``v`` aside, ``z`` up. Everything is plane, so that booleans cross it in closed form. Numbers only.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import Head, ProngStand, VProng
from ringcad.stones.halfspaces import facets

Array = NDArray[np.float64]

#: Steps in which the rounding of the outer edge turns.
_RIDGE_STEPS = 6
#: The upright part of a pad ends this far under the girdle, mm.
_UPRIGHT_MM = 0.4
#: What is taken off the edges of the top, mm, and the slope of that chamfer.
_CHAMFER_MM, _CHAMFER_SLOPE = 0.25, 1.0
#: A low pad has a smaller one: this share of its height over the girdle.
_CHAMFER_SHARE = 0.25
#: A pad's underside runs into its post at this share of the post's radius from its axis.
_IN_POST_SHARE = 0.4
#: Share of a wall's thickness that the slant of its inner end takes.
_SLANT_SHARE = 0.2
#: The opening between the walls begins in the girdle's middle; it goes on this far beyond the pad.
_BEYOND_MM = 0.4
#: A relief begins this far under the girdle and ends this far above it, mm.
_RELIEF_LOW_MM, _RELIEF_HIGH_MM = 0.30, 0.10
#: A post ends this far under the girdle, inside its pad, mm.
POST_BELOW_MM = 0.32

#: Rows (nu, nv, nz, offset): ``n . p <= offset`` inside.
Rows = list[tuple[float, float, float, float]]


def _given(head: Head, stand: ProngStand) -> tuple[VProng, float, float]:
    """(pad, half its opening in radians, tangent of the lean)."""
    assert head.v_prong is not None and stand.point_mm is not None, "a V prong has a point"
    return head.v_prong, 0.5 * math.radians(stand.opening_deg), math.tan(math.radians(head.prong_lean_deg))


def _inside_mm(head: Head, pad: VProng) -> float:
    """How far inside the stone's sides the walls' inner faces lie at the girdle."""
    return pad.notch_mm - head.girdle_clearance_mm


def outward(head: Head, stand: ProngStand) -> list[tuple[float, float]]:
    """(angle from ``u`` in radians, distance at the girdle in mm) of the faces that look away from the stone."""
    pad, half, _ = _given(head, stand)
    outer = pad.wall_mm - _inside_mm(head, pad) + stand.bow_mm
    apex = (outer - pad.ridge_radius_mm) / math.sin(half)
    found = []
    for k in range(_RIDGE_STEPS + 1):
        angle = (0.5 * math.pi - half) * (2.0 * k / _RIDGE_STEPS - 1.0)
        found.append((angle, apex * math.cos(angle) + pad.ridge_radius_mm))
    return found


def _ends(head: Head, stand: ProngStand) -> list[tuple[float, float]]:
    """The same of the walls' ends and of the plane that joins them inside."""
    pad, half, _ = _given(head, stand)
    inner = pad.length_mm * math.cos(half) + _inside_mm(head, pad) * math.sin(half)
    inner -= _SLANT_SHARE * pad.wall_mm * math.sin(half)
    return [(math.pi - half, pad.length_mm), (half - math.pi, pad.length_mm), (math.pi, inner)]


def post_axis_mm(head: Head, stand: ProngStand, z_mm: float) -> float:
    """Where (``u``) a post's axis passes at a height above the girdle's lower edge."""
    assert stand.point_mm is not None
    azimuth = math.radians(stand.azimuth_deg)
    start = (stand.x_mm - stand.point_mm[0]) * math.cos(azimuth) + (stand.y_mm - stand.point_mm[1]) * math.sin(azimuth)
    return start + head.prong_axis_radius_girdle_mm + math.tan(math.radians(head.prong_lean_deg)) * z_mm


def pad_rows(head: Head, stand: ProngStand) -> Rows:
    """Half-spaces of the pad before anything is cut from it; convex."""
    pad, _, lean = _given(head, stand)
    tip = pad.top_mm
    low, deep = -_UPRIGHT_MM, -pad.depth_mm
    post = 0.5 * head.prong_diameter_girdle_mm * _IN_POST_SHARE
    axis = post_axis_mm(head, stand, deep)
    rows: Rows = [(0.0, 0.0, 1.0, tip), (0.0, 0.0, -1.0, -deep)]
    for angle, distance in (*outward(head, stand), *_ends(head, stand)):
        nu, nv = math.cos(angle), math.sin(angle)
        rows.append((nu, nv, -nu * lean, distance))
        here, there = distance + nu * lean * low, nu * axis + post
        slope = (here - there) / (low - deep)
        if slope > nu * lean + 1e-6:
            rows.append((nu, nv, -slope, here - slope * low))
        if nu > math.cos(math.pi - 1e-6) + 1e-9:  # not the plane inside, which the opening takes away
            begin = tip - min(_CHAMFER_MM, _CHAMFER_SHARE * tip)
            rows.append((nu, nv, _CHAMFER_SLOPE, distance + nu * lean * begin + _CHAMFER_SLOPE * begin))
    return rows


def opening_rows(head: Head, stand: ProngStand, girdle_mm: float) -> Rows:
    """Half-spaces of what is open between the walls over the stone; convex."""
    pad, half, lean = _given(head, stand)
    inside = _inside_mm(head, pad)
    rows: Rows = [
        (0.0, 0.0, 1.0, pad.top_mm + 1.0),
        (0.0, 0.0, -1.0, -0.5 * girdle_mm),
        (-1.0, 0.0, 0.0, pad.length_mm * math.cos(half) + inside + _BEYOND_MM),
    ]
    for side in (1.0, -1.0):
        nu, nv = math.sin(half), side * math.cos(half)
        rows.append((nu, nv, -nu * lean, -inside))
    return rows


def relief(head: Head, girdle_mm: float) -> tuple[float, float, float]:
    """(radius, bottom, top) of the relief's upright cylinder round a point, z in ring coordinates, mm."""
    assert head.v_prong is not None
    low, high = head.girdle_z_mm - _RELIEF_LOW_MM, head.girdle_z_mm + girdle_mm + _RELIEF_HIGH_MM
    return 0.5 * head.v_prong.relief_diameter_mm, low, high


def polygons(head: Head, stand: ProngStand, rows: Rows) -> list[Array]:
    """Facets (n, 3) in ring coordinates of a body of half-spaces in the frame of a stand."""
    table = np.array(rows)
    loops = [loop for loop in facets(table[:, :3], table[:, 3]) if len(loop)]
    assert stand.point_mm is not None
    azimuth = math.radians(stand.azimuth_deg)
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    aside = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    foot = np.array([*stand.point_mm, head.girdle_z_mm])
    return [foot + loop[:, :1] * out + loop[:, 1:2] * aside + loop[:, 2:] * np.array([0.0, 0.0, 1.0]) for loop in loops]
