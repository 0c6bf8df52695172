"""A halo of a resolved ring as plain numbers; others import it from :mod:`ringcad.resolved`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ringcad.resolved_accents import BeadAccent
from ringcad.resolved_bezel import WallBand


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
    band: WallBand | None = None
    """Where its outside is decorated; radii of its section count from the row's line."""


class HiddenHalo(BaseModel):
    """A row of bead-set stones that look sideways out of the seat rail, under the center's girdle. Lengths in mm.

    The stones stand between the prongs, their axes along the rail's ways out; each opening goes on through the rail to
    its inside.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: BeadAccent
    """The stones, clockwise from above, with their beads; the first bead of a pair is the upper one."""
    drop_mm: float
    """How much lower the row's axes lie than the center stone's girdle."""
    row_z_mm: float
    """Height of the row's axes."""
    inside_mm: float
    """How far the row stays inside the center's girdle, as seen from above, at least."""
    prong_gap_mm: float
    """Between the row's stones and the prongs on the way in, at least."""
    slack_mm: float
    """What the row leaves empty beside a prong beyond its room, at most."""
    culet_gap_mm: float
    """Between the row's culets and the center stone's pavilion, at least."""
    bar_mm: float
    """Least metal between two openings, at the rail's inside."""
