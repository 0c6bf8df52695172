"""The computed closing of a setting (design 14, state ``as_set``): prongs bent over the crown about their notch and
their tips cut, a lip of metal laid or burnished over the girdle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.stones.cabochon import on_dome
from ringcad.verify.setting.frames import DomeProfile, StoneProfile

CONTACT_TARGET = 0.40
"""Share of the crown's slope, from girdle to table, that a finished tip covers: middle of the 30 to 50 % of GIA's
quality benchmark (setting a round center stone in platinum prongs)."""
FINISHED_HEIGHT_TARGET = 0.75
"""Top of the finished prong above the girdle as a share of the crown's height; the same benchmark asks 60 to 80 %."""
V_FINISHED_TARGET = 0.95
"""The same of a V prong: GIA's benchmark for princess cuts asks 90 to 100 % of the table's height."""
FINISHED_TIP_MIN_MM = 0.25
"""Thickness that a finished tip keeps; the rounding above it is cut away (common practice: thinner wears through)."""
BURNISHED_RIM_MM = 0.30
"""Width of metal round an opening that a burnisher presses inward: the bright rim (common practice)."""
BEZEL_WALL_MM = 1.2
"""Thickest wall round a stone that is laid over as a whole (bezels have 0.7 to 1.2); thicker metal is burnished."""


@dataclass(frozen=True)
class ClosedProng:
    """A prong after the setter's work.

    Attributes
    ----------
    reach
        What the metal above the girdle could cover at most, as a share of the crown's slope.
    contact
        What is covered: the target, or all that there is.
    tip_mm
        Thickness of the tip, square to the crown.
    height_mm
        Top of the prong above the girdle's upper edge.
    height_share
        The same as a share of the crown's height.
    overlap_mm
        How far the tip reaches in over the girdle, measured square to the stone's axis.
    """

    reach: float
    contact: float
    tip_mm: float
    height_mm: float
    height_share: float
    overlap_mm: float


def close_prong(
    standing_mm: float,
    behind_mm: float,
    crown_angle_deg: float,
    crown_height_mm: float,
    gap_mm: float = 0.0,
    finished: float = FINISHED_HEIGHT_TARGET,
) -> ClosedProng:
    """Close a prong of ``standing_mm`` straight metal above the girdle and ``behind_mm`` behind the notch.

    The straight metal is laid on the slope of the crown without stretching; what bridges ``gap_mm`` of play beside the
    girdle covers nothing. The tip keeps the thickness that gives the ``finished`` height (a share of the crown's), at
    most what the notch has left.
    """
    crown = math.radians(crown_angle_deg)
    slope = crown_height_mm / math.sin(crown)
    reach = max(standing_mm - max(gap_mm, 0.0), 0.0) / slope if slope > 0.0 else 0.0
    contact = min(CONTACT_TARGET, reach)
    wanted = finished * crown_height_mm
    tip = min((wanted - contact * slope * math.sin(crown)) / math.cos(crown), behind_mm)
    height = contact * slope * math.sin(crown) + tip * math.cos(crown)
    return ClosedProng(
        reach=reach,
        contact=contact,
        tip_mm=tip,
        height_mm=height,
        height_share=height / crown_height_mm if crown_height_mm > 0.0 else 0.0,
        overlap_mm=contact * slope * math.cos(crown),
    )


@dataclass(frozen=True)
class ClosedLip:
    """A lip after the setter's work; numbers as for :class:`ClosedProng`.

    Attributes
    ----------
    folded
        A free wall laid over as a whole (bezel); otherwise the rim of solid metal is burnished (flush).
    """

    reach: float
    contact: float
    overlap_mm: float
    height_mm: float
    height_share: float
    folded: bool


def close_lip(height_mm: float, wall_mm: float, cut_in_mm: float, stone: StoneProfile, *, folded: bool) -> ClosedLip:
    """Close metal that stands ``height_mm`` above the girdle and is ``wall_mm`` thick outside the opening.

    A wall is laid on the crown without stretching; what bridges the play beside the girdle covers nothing. A rim is
    pressed to a plain bevel from its outer border down to the lip's edge on the crown, and its section keeps its
    area: with t the crown's slope, w the rim's width (no more than a burnisher moves) and c the metal that the
    opening leaves over the girdle, the lip reaches h (w + 2 c) / (h + t w) in over the girdle.
    """
    if isinstance(stone, DomeProfile):
        return _over_dome(height_mm, wall_mm, cut_in_mm, stone)
    crown = math.radians(stone.crown_angle_deg)
    run = stone.crown_run_mm
    height = max(height_mm, 0.0)
    if folded:
        possible = max(height - max(-cut_in_mm, 0.0), 0.0) * math.cos(crown)
    else:
        rim = min(max(wall_mm, 0.0), BURNISHED_RIM_MM)
        room = height + math.tan(crown) * rim
        possible = height * (rim + 2.0 * max(cut_in_mm, 0.0)) / room if room > 0.0 else 0.0
    reach = possible / run if run > 0.0 else 0.0
    contact = min(CONTACT_TARGET, reach)
    over = contact * run
    top = over * math.tan(crown)
    if folded:
        top += min(max(wall_mm, 0.0) * math.cos(crown), max(FINISHED_HEIGHT_TARGET * stone.crown_height_mm - top, 0.0))
    return ClosedLip(
        reach=reach,
        contact=contact,
        overlap_mm=over,
        height_mm=top,
        height_share=top / stone.crown_height_mm if stone.crown_height_mm > 0.0 else 0.0,
        folded=folded,
    )


def _over_dome(height_mm: float, wall_mm: float, cut_in_mm: float, stone: DomeProfile) -> ClosedLip:
    """A wall laid on a dome without stretching, less what bridges the play beside the rim.

    All of it is laid: ``reach`` and ``contact`` are the share of the stone's height, base to summit, that it ends at.
    """
    arc = max(height_mm, 0.0) - max(-cut_in_mm, 0.0)
    if arc <= 0.0:
        return ClosedLip(0.0, 0.0, 0.0, 0.0, 0.0, True)
    aside, up = (float(value[0]) for value in on_dome(stone.radius_mm, stone.crown_height_mm, np.array([arc])))
    share = (stone.girdle_mm + up) / stone.table_mm
    over = stone.radius_mm - aside
    # its end is cut square to the dome and stands out by its thickness
    lean = math.atan2(aside / stone.radius_mm**2, up / stone.crown_height_mm**2)
    top = up + max(wall_mm, 0.0) * math.cos(lean)
    return ClosedLip(share, share, over, top, (stone.girdle_mm + top) / stone.table_mm, True)


def laid_over(
    stone: StoneProfile, azimuth_rad: NDArray[np.float64], contact: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Underside of closed metal: points (n, 3) on the crown from the girdle's edge inward.

    They cover ``contact`` (k,) of the crown's slope at each azimuth (k,), nothing where it is 0; of a dome they end
    at that share of the stone's height.
    """
    there = contact > 0.0
    if isinstance(stone, DomeProfile):
        up = np.maximum(contact[there] * stone.table_mm - stone.girdle_mm, 0.0)
        level = np.linspace(0.0, 1.0, 6)[None, :] * up[:, None]
        aside = stone.radius_mm * np.sqrt(1.0 - np.minimum(level / stone.crown_height_mm, 1.0) ** 2)
        turn = np.broadcast_to(azimuth_rad[there, None], aside.shape)
        points = np.stack([aside * np.cos(turn), aside * np.sin(turn), stone.girdle_mm + level], axis=-1)
        return points.reshape(-1, 3)
    share = np.linspace(0.0, 1.0, 6)[None, :] * contact[there, None]
    radius = stone.radius_mm - share * stone.crown_run_mm
    height = stone.girdle_mm + share * stone.crown_height_mm
    turn = np.broadcast_to(azimuth_rad[there, None], radius.shape)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=-1).reshape(-1, 3)
