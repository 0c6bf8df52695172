"""Rows of small stones of a resolved ring as plain numbers; others import them from :mod:`ringcad.resolved`."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ringcad.resolved_stones import RoundStone


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FlushSeat(_Frozen):
    """One flush-set stone on the shank. Axis = outward normal of the plain shank there."""

    id: str
    phi_deg: float
    y_mm: float


class FlushAccent(_Frozen):
    """A group of equal flush-set stones."""

    setting: Literal["flush"] = "flush"
    stone: RoundStone
    seats: tuple[FlushSeat, ...]
    opening_diameter_mm: float
    """Cylinder above the bearing: the stone's diameter less the declared cut-in."""
    cut_in_mm: float
    """Declared radial interference that the setter cuts away."""
    table_depth_mm: float
    """How deep the table lies below the plain shank surface (0 = level)."""
    pilot_diameter_mm: float
    """Through hole to the bore."""
    rim_mm: float
    """Width of the bright rim outside the opening where the relief is level."""


class ChannelAccent(_Frozen):
    """A row of equal stones in a slot between two walls that run round the finger.

    The walls are square to the finger axis. The slot's floor lies a little below the girdles; in it each stone has
    a bearing cone along its pavilion and an opening through to the bore. What is left between two openings is a
    cross bar.
    """

    setting: Literal["channel"]
    stone: RoundStone
    seats: tuple[FlushSeat, ...]
    all_round: bool
    """Whether the slot closes on itself; otherwise it ends square at ``end_deg`` on either side of the top."""
    end_deg: float
    pitch_deg: float
    gap_mm: float
    """Between neighbours where they are nearest, at the girdles' lower edges."""
    channel_width_mm: float
    """From wall to wall."""
    cut_in_mm: float
    """How far each wall stands over the girdle: what the setter cuts away in it."""
    wall_mm: float
    """Of each wall at the girdles, at least."""
    floor_depth_mm: float
    """Slot's floor below the crest of the plain shank."""
    bearing_diameter_mm: float
    """Of the bearing cone at the floor."""
    table_depth_mm: float
    """How deep the table lies below the crest."""
    pilot_diameter_mm: float
    """Opening through to the bore."""
    bar_mm: float
    """Least metal between two openings, at the bore."""
    rim_mm: float
    """Width of the level top of each wall beside the slot."""

    @property
    def opening_diameter_mm(self) -> float:
        """How wide metal is open over a seat."""
        return self.channel_width_mm


Vector = tuple[float, float, float]


class PlacedSeat(_Frozen):
    """A small stone's seat anywhere on the ring, in the ring's frame (finger axis y, head on +z)."""

    id: str
    origin_mm: Vector
    """On the stone's axis, level with the girdle's lower edge."""
    axis: Vector
    """Unit, out of the metal: from culet to table."""
    along: Vector
    """Unit, square to the axis, towards the next stone of the row."""

    @property
    def across(self) -> Vector:
        """Unit, square to axis and row: ``axis x along``."""
        (a, b, c), (u, v, w) = self.axis, self.along
        return b * w - c * v, c * u - a * w, a * v - b * u

    @property
    def phi_deg(self) -> float:
        """Angle of the girdle's middle from the top about the finger axis."""
        return math.degrees(math.atan2(self.origin_mm[0], self.origin_mm[2]))

    @property
    def y_mm(self) -> float:
        """Its place along the finger."""
        return self.origin_mm[1]


class Bead(_Frozen):
    """A round post with a half ball on top; metal over a stone's girdle once the setter has pushed it."""

    id: str
    foot_mm: Vector
    """Lower end of its axis, inside the metal."""
    axis: Vector
    """Unit, out of the metal."""
    height_mm: float
    """From foot to the top of the half ball."""
    holds: tuple[str, ...]
    """Ids of the seats whose stones it holds."""


class Scallop(_Frozen):
    """The U-cut beside a stone: a trough across the row, round below, that opens the metal's side below the girdle."""

    radius_mm: float
    """Of the trough's round floor, half its width; it runs across the row through the seat's axis."""
    depth_mm: float
    """Trough's floor below the girdle's lower edge, where it begins."""
    from_mm: float
    """Where the trough begins and ends, along the seat's ``across`` from its axis."""
    to_mm: float
    fall_mm: float = 0.0
    """How much deeper its floor is where it ends."""
    both_sides: bool = False
    """Whether there is another one on the other side of the row."""


class BeadAccent(_Frozen):
    """Equal stones held by beads; cutters and bodies follow from these numbers alone, wherever the seats are."""

    setting: Literal["bead"] = "bead"
    stone: RoundStone
    seats: tuple[PlacedSeat, ...]
    beads: tuple[Bead, ...]
    bead_diameter_mm: float
    bead_rise_mm: float
    """Top of the beads over the girdle's lower edge."""
    overlap_mm: float
    """How far a bead stands over the girdle, from above: the setter cuts it and lays what is over it on the crown."""
    gap_mm: float
    """Between neighbouring girdles, at least."""
    opening_diameter_mm: float
    """Upper end of the bearing cone, over the metal and clear of the beads; above it the cutter is a cylinder."""
    pilot_diameter_mm: float
    """Lower end of the bearing cone."""
    azure_diameter_mm: float
    """Of the opening from the pilot to the underside, ``through_mm`` below the girdle, where it is widest."""
    through_mm: float
    """Underside of the metal below the girdle's lower edge, on the seat's axis."""
    proud_mm: float
    """Girdle's lower edge over the plain metal between the stones."""
    scallop: Scallop | None
    wall_mm: float
    """Metal beside the stone's girdle from above, at least."""
    rim_mm: float
    """Width beside the row that keeps level."""


class SharedProngAccent(_Frozen):
    """A row of equal stones on a low limb: between two neighbours stand two prongs that hold both. Lengths in mm.

    Prongs stand along the ring's radius half way between two stones, one towards either side of the finger axis; at the
    ends of a row that does not close they hold one stone. Each stone has a bearing cone along its pavilion; a scallop
    runs under it from side to side, so that columns are left under the prongs, and an opening goes on to the bore.
    """

    setting: Literal["shared_prong"] = "shared_prong"
    stone: RoundStone
    seats: tuple[FlushSeat, ...]
    all_round: bool
    end_deg: float
    """Where the plain limb begins on either side of the top; 180 all round."""
    pitch_deg: float
    gap_mm: float
    """Between neighbours where they are nearest, at the girdles' lower edges."""
    girdle_over_crest_mm: float
    """Girdle's lower edge over the limb's crest, on the stone's axis."""
    table_depth_mm: float
    """How deep the table lies below the limb's crest: negative, since it stands over it."""
    prong_diameter_mm: float
    prong_y_mm: float
    """Of a prong's axis from mid-width."""
    prong_rise_mm: float
    """Tip over the limb's crest."""
    prong_straight_mm: float
    """Of the full prong over the girdle's upper edge, as cast."""
    dome_mm: float
    """Height of its rounded tip."""
    prong_foot_mm: float
    """How deep it goes on in the limb, from the crest."""
    pair_gap_mm: float
    """Between the two prongs of a pair."""
    cover_mm: float
    """How far a prong stands over a girdle, in the girdle's plane."""
    girdle_clearance_mm: float
    """Radial play of the girdle in its notch."""
    notch_share: float
    """What each girdle takes of a prong's diameter, with its play."""
    scallop_half_mm: float
    """Half of a scallop's width at the crest."""
    scallop_depth_mm: float
    """Below the crest."""
    rail_mm: float
    """From the scallop's floor to the bore at mid-width."""
    pilot_diameter_mm: float
    """Opening through to the bore."""
    side_mm: float
    """Metal beside that opening, towards either side of the limb."""
    bar_mm: float
    """Least metal between two openings, at the bore."""

    @property
    def opening_diameter_mm(self) -> float:
        """How wide metal is open over a seat."""
        return self.stone.diameter_mm

    @property
    def rim_mm(self) -> float:
        """There is no bright rim round a seat between prongs."""
        return 0.0

    @property
    def gaps_deg(self) -> tuple[float, ...]:
        """Angles from the top at which pairs of prongs stand, ascending."""
        count = len(self.seats) + (0 if self.all_round else 1)
        first = self.seats[0].phi_deg + (0.5 if self.all_round else -0.5) * self.pitch_deg
        return tuple(first + k * self.pitch_deg for k in range(count))


Accent = FlushAccent | ChannelAccent | SharedProngAccent | BeadAccent
