"""The computed closing of a prong: bent over the crown about its notch, its tip cut (design 14, state ``as_set``)."""

from __future__ import annotations

import math
from dataclasses import dataclass

CONTACT_TARGET = 0.40
"""Share of the crown's slope, from girdle to table, that a finished tip covers: middle of the 30 to 50 % of GIA's
quality benchmark (setting a round center stone in platinum prongs)."""
FINISHED_HEIGHT_TARGET = 0.75
"""Top of the finished prong above the girdle as a share of the crown's height; the same benchmark asks 60 to 80 %."""


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


def close_prong(standing_mm: float, behind_mm: float, crown_angle_deg: float, crown_height_mm: float) -> ClosedProng:
    """Close a prong of ``standing_mm`` straight metal above the girdle and ``behind_mm`` behind the notch.

    The straight metal is laid on the slope of the crown without stretching. The tip keeps the thickness that gives
    the finished height, at most what the notch has left.
    """
    crown = math.radians(crown_angle_deg)
    slope = crown_height_mm / math.sin(crown)
    reach = max(standing_mm, 0.0) / slope if slope > 0.0 else 0.0
    contact = min(CONTACT_TARGET, reach)
    wanted = FINISHED_HEIGHT_TARGET * crown_height_mm
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
