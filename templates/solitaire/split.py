"""The openings of a split shank: two round ends and their common tangents, between two legs. Numbers only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.resolve.split import split_start_deg
from ringcad.resolved import HeadedRing
from ringcad.templates.solitaire import shape

Array = NDArray[np.float64]
#: How far the cutter reaches beyond skin and bore, mm.
_BEYOND_MM = 1.5
#: The direction of the cutter between the opening's ends: nearer to the head, where the edges are seen.
_VIEWED_SHARE = 0.4
#: The legs' edges are rounded with this radius as far as a skin can be, mm and share.
_EDGE_MM, _EDGE_SHARE = 0.4, 0.75
#: Beyond the opening the shank is calm for so long, degrees: there its rounded edge ends.
_CALM_DEG = 3.6
_FINGER = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Opening:
    """The opening on the right, seen along the way that its cutter takes.

    Attributes
    ----------
    out, along : (3,) the cutter's way, and the direction of the finger's turn square to it
    near_mm, far_mm : centers of the round ends on ``along``
    wide_mm, narrow_mm : their radii
    """

    out: Array
    along: Array
    near_mm: float
    far_mm: float
    wide_mm: float
    narrow_mm: float

    @property
    def lean(self) -> float:
        """How far the flanks lean towards each other, radians."""
        return math.asin((self.wide_mm - self.narrow_mm) / (self.far_mm - self.near_mm))


def start_deg(ring: HeadedRing) -> float:
    """Angle from the top at which the opening begins."""
    return split_start_deg(shape.bore_radius(ring), ring.shank, ring.head, ring.gallery)


def calm_deg(ring: HeadedRing) -> float:
    """Angle from the top up to which the shank is the same whatever the decoration; 0 without an opening."""
    return 0.0 if ring.shank.split is None else ring.shank.split.end_deg + _CALM_DEG


def opening(ring: HeadedRing) -> Opening:
    """Where the opening is. The far end leans outward from bore to skin: it keeps its angle at the bore."""
    split = ring.shank.split
    assert split is not None
    first, last = math.radians(start_deg(ring)), math.radians(split.end_deg)
    middle = first + _VIEWED_SHARE * (last - first)
    bore = shape.bore_radius(ring)
    crown = bore + float(shape.crown_line(ring, np.degrees(np.array([first])))[0])
    return Opening(
        out=np.array([math.sin(middle), 0.0, math.cos(middle)]),
        along=np.array([math.cos(middle), 0.0, -math.sin(middle)]),
        near_mm=crown * math.sin(first - middle) + 0.5 * split.gap_mm,
        far_mm=bore * math.sin(last - middle) - 0.5 * split.tip_mm,
        wide_mm=0.5 * split.gap_mm,
        narrow_mm=0.5 * split.tip_mm,
    )


def outline(ring: HeadedRing) -> tuple[list[list[Array]], Array]:
    """Closed outline under the bore (curves of two or three points (3,), mm) and the cutter's way through (3,)."""
    hole = opening(ring)
    reach = max(abs(hole.near_mm - hole.wide_mm), hole.far_mm + hole.narrow_mm)
    bore = shape.bore_radius(ring)
    depth = math.sqrt(bore**2 - reach**2) - _BEYOND_MM

    def point(center: float, radius: float, turn: float) -> Array:
        """On a round end, at an angle from the direction away from the head."""
        u, y = center + radius * math.cos(turn), radius * math.sin(turn)
        return np.asarray(depth * hole.out + u * hole.along + y * _FINGER)

    near, far = (hole.near_mm, hole.wide_mm), (hole.far_mm, hole.narrow_mm)
    high, low = 0.5 * math.pi - hole.lean, hole.lean - 0.5 * math.pi
    curves = [
        [point(*near, high), point(*near, math.pi), point(*near, low)],
        [point(*near, low), point(*far, low)],
        [point(*far, low), point(*far, 0.0), point(*far, high)],
        [point(*far, high), point(*near, high)],
    ]
    return curves, (bore + ring.shank.thickest + 2.0 * _BEYOND_MM - depth) * hole.out


def eased_mm(ring: HeadedRing, points: Array) -> Array:
    """How far the skin at ``points`` (..., 3) falls towards an opening's edges, mm: a rounding seen in section."""
    hole = opening(ring)
    right = np.stack([np.abs(points[..., 0]), points[..., 1], points[..., 2]], axis=-1)
    u, y = right @ hole.along, np.abs(right[..., 1])
    # the outline is a cone of circles: a point belongs to the circle that the tangent's direction leads to
    share = (u - hole.near_mm + y * math.tan(hole.lean)) / (hole.far_mm - hole.near_mm)
    share = np.clip(share, 0.0, 1.0)
    center = hole.near_mm + share * (hole.far_mm - hole.near_mm)
    radius = hole.wide_mm + share * (hole.narrow_mm - hole.wide_mm)
    # inside the opening the skin lies as at its edge
    beside = np.clip(np.hypot(u - center, y) - radius, 0.0, _EDGE_MM)
    fall = _EDGE_MM - np.sqrt(_EDGE_MM**2 - (_EDGE_MM - beside) ** 2)
    return np.asarray(np.where(right @ hole.out > 0.0, np.minimum(fall, _EDGE_SHARE * _EDGE_MM), 0.0))
