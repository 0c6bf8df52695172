"""Rows of small stones of a resolved ring as plain numbers; others import them from :mod:`ringcad.resolved`."""

from __future__ import annotations

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


Accent = FlushAccent | ChannelAccent
