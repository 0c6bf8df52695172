"""What stands where in an ornament: families by place, silhouettes by name."""

from __future__ import annotations

from dataclasses import dataclass

from ringcad.generators.ornament.labels import NONE

BORDERS = ("plain", "double", "milgrain", "rope", NONE)
"""Edges that the frame draws itself."""


@dataclass(frozen=True)
class Scheme:
    """What stands where. ``edges`` is ``None`` when nothing was said, else a border or a family."""

    main: str
    companion: str | None = None
    layout: str = "single"
    edges: str | None = None
    ground: str | None = None
    motif: str | None = None
    companion_motif: str | None = None
    instead: tuple[str, ...] = ()
    """Other families that the main theme's words may mean, likeliest first."""
