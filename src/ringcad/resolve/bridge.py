"""Where the shank beside a head is high enough for a row of stones."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.shank_line import bridge_share
from ringcad.resolve.ledger import rule
from ringcad.resolve.seat_sides import LEVELS, SIDE_MIN_MM, STEEP_DEG
from ringcad.resolved import Gallery, Head, RoundStone, Shank

#: The skin under a seat's edge may lie this far below the shank's full height, mm: the lip over a stone of 1.3 mm is
#: 0.24 mm deep, and a third of it may fall away on one side (`verify/setting/flush_rules.py` asks a fifth to be held).
_FALL_MM = 0.10


#: Kept from the angle at which the slope counts as a seat's side: facets and relief lean a little more.
_ANGLE_MARGIN_DEG = 3.0


def first_stone_deg(
    start_deg: float, bore_radius_mm: float, shank: Shank, head: Head, gallery: Gallery, stone: RoundStone
) -> float:
    """Where the rim of a row's first stone may begin, degrees from the top.

    ``start_deg`` is where decoration may begin. Stones want a level shank: beyond a cathedral's arm, and beyond the
    slope that leads down to the bridge under a basket.
    """
    if gallery.shoulders == "cathedral":  # an arm is no band: stones begin where the shank's circle does
        return max(start_deg, gallery.lift_phi_deg)
    if head.style == "stand":
        return start_deg
    radius = bore_radius_mm + shank.thickness_top_mm
    phi = np.linspace(0.0, 90.0, 1801)
    fall = (shank.thickness_top_mm - head.bridge_thickness_mm) * (1.0 - bridge_share(phi))
    slope = np.degrees(np.arctan2(-np.gradient(fall), np.radians(phi[1]) * (radius - fall)))
    half = math.degrees(0.5 * rule("flush_opening_share") * stone.diameter_mm / radius)
    deepest = LEVELS[-1] * (rule("flush_table_depth") + stone.crown_height_mm + stone.girdle_mm) + _FALL_MM
    edge = float(phi[np.argmax(fall <= _FALL_MM)])
    while edge < phi[-1] and _cut_open(phi, radius - fall, slope, edge, half, deepest):
        edge += 0.1
    rim = math.degrees((rule("flush_rim") + 0.5 * stone.diameter_mm) / radius) - half
    return max(start_deg, edge - rim)


def _cut_open(
    phi: NDArray[np.float64],
    radius: NDArray[np.float64],
    slope: NDArray[np.float64],
    edge: float,
    half: float,
    deepest: float,
) -> bool:
    """Whether the slope comes too near to a seat's opening, as the verifier looks for it: level with the stone.

    ``phi``, ``radius`` and ``slope`` (k,) are of the skin, degrees and mm; the opening reaches from ``edge`` over twice
    ``half``, and is looked at down to ``deepest`` below the skin.
    """
    away = edge + half - phi
    along, out = radius * np.sin(np.radians(away)), radius * np.cos(np.radians(away))
    near = (phi < edge) & (along - float(radius.max()) * math.sin(math.radians(half)) < SIDE_MIN_MM)
    near &= out > float(radius.max()) - deepest
    return bool((slope[near] + away[near] > STEEP_DEG - _ANGLE_MARGIN_DEG).any())
