"""Where the stones of a ring sit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoneInstance:
    """Where a stone sits: ``origin`` is the axis point at the girdle's lower edge."""

    id: str
    stone_key: str
    """``center`` or the accent group's index as text; equal keys share one stone model."""
    origin: tuple[float, float, float]
    axis: tuple[float, float, float]
