"""The openings of a cathedral head as outlines: where an arch lies between arm and bridge. Numpy only."""

from __future__ import annotations

import math

import numpy as np

from ringcad.resolved import HeadedRing
from ringcad.templates.solitaire import shape

#: An arch ends this far before the decoration, so that the head's block stays calm.
_BEFORE_DECORATION_DEG = 2.2
#: Where an arch gets lower than this it ends, mm.
_LOWEST_MM = 0.3


def outline(ring: HeadedRing, sign: float) -> list[list[tuple[float, float]]]:
    """Closed outline of an arch in xz as a list of lines and arcs, from the cage along the bridge and back.

    The arm keeps at least its thickness square to the outer line; the bridge keeps following the finger.
    """
    radius = shape.bore_radius(ring)
    # a little over the bridge's crown, so that the prism crosses the arm's inner end steeply
    bridge = radius + ring.head.bridge_thickness_mm + 0.12
    lift, _, meet, _, drop_end = shape.cathedral_line(ring)
    phi = np.linspace(meet, lift + 8.0, 400)
    away = np.radians(phi)
    line = radius + shape.crown_line(ring, phi)
    x, z = line * np.sin(away), line * np.cos(away)
    tangent = np.stack([np.gradient(x), np.gradient(z)], axis=1)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    under = np.stack([x, z], axis=1) + ring.gallery.arm_thickness_mm * np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    height = np.hypot(under[:, 0], under[:, 1]) - bridge
    end = int(np.argmax(height < _LOWEST_MM)) if bool(np.any(height < _LOWEST_MM)) else len(phi) - 1
    if ring.decoration:
        decorated = min(abs(zone.phi_start_deg) for zone in ring.decoration)
        end = min(
            end,
            int(np.searchsorted(np.degrees(np.arctan2(under[:, 0], under[:, 1])), decorated - _BEFORE_DECORATION_DEG)),
        )
    # the roof stays clear of the seat rail, whose underside would else be split into slivers
    ceiling = shape.seat_rail(ring).bottom_z_mm - 0.22
    inner = int(np.argmax(under[:, 1] < ceiling))
    roof = under[[end, (end + inner) // 2, inner]]
    last = math.atan2(roof[0, 0], roof[0, 1])
    start_x = bridge * math.sin(math.radians(drop_end)) - 0.08
    first = math.asin(start_x / bridge)
    base = [(sign * bridge * math.sin(a), bridge * math.cos(a)) for a in (first, 0.5 * (first + last), last)]
    arm = [(sign * float(px), float(pz)) for px, pz in roof]
    inside = (sign * start_x, arm[-1][1])
    return [base, [base[-1], arm[0]], arm, [arm[-1], inside], [inside, base[0]]]


def opens(ring: HeadedRing) -> bool:
    """Whether the ring has arches at all."""
    return ring.gallery.shoulders == "cathedral" and ring.head.style == "basket"


def end_deg(ring: HeadedRing) -> float:
    """Angle from the top at which an arch ends; 0 when there is none."""
    if not opens(ring):
        return 0.0
    return max(math.degrees(math.atan2(x, z)) for curve in outline(ring, 1.0) for x, z in curve)
