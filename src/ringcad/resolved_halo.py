"""A halo of a resolved ring as plain numbers; others import it from :mod:`ringcad.resolved`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ringcad.resolved_accents import BeadAccent


class Halo(BaseModel):
    """A rim round the center stone's head that carries a closed row of bead-set stones. Lengths in mm.

    The rim is a plate let into the seat rail, which the prongs cross on their way up: they stand between the center
    stone and the row, each in a gap of the row of its own. Every stone is open to the underside.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    inner_mm: float
    """How far the rim reaches inside the row's line: into the seat rail."""
    outer_mm: float
    """How far it reaches outside that line."""
    bottom_z_mm: float
    top_z_mm: float
    """Of the metal between the stones."""
    edge_radius_mm: float
    """Of the rim's outer edges."""
    line_mm: tuple[tuple[float, float], ...] = ()
    """Beside a stone of another cut than round: points (x, y) of the row's line from +x to +y."""
    row: BeadAccent
    """The stones, clockwise from above, with their beads."""
    row_radius_mm: float
    """From the head's axis to the row's line across the finger."""
    center_gap_mm: float
    """Between the girdles of center stone and row, from above, at least."""
    prong_gap_mm: float
    """Between the row's girdles and the prongs up to their tips, from above, at least."""
    widest_gap_mm: float
    """Largest gap between neighbours that no prong stands between."""
    drop_mm: float
    """How much lower the row's girdles lie than the center stone's."""
    girdle_z_mm: float
    """Of the row's girdles' lower edges."""
    side_wall_mm: float
    """Rim outside the row's girdles, from above."""
    edge: Literal["bright", "milgrain", "scalloped"]
    """Of the rim's outer side: plain and bright, with a line of balls, or with a U-cut beside each stone."""
    ball_mm: float = 0.0
    """Diameter of the balls of a milgrain edge."""
    balls: int = 0
    """How many of them stand round the rim."""
