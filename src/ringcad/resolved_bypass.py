"""A bypass shank's numbers: two arms that pass each other on either side of the head."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

#: Angles along an arm are those about the finger beyond the first; nearer the head they run slower, so that an end
#: that lies beyond the top has the second, in degrees.
FREE_DEG, END_DEG = 30.0, 4.0


class Bypass(BaseModel):
    """Two arms beside the head. The right shoulder's passes at y > 0, the left one's at y < 0; half a turn about the
    head's axis takes one to the other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    flank_mm: float
    """From the middle plane to the flank of each arm that faces the head."""
    past_deg: float
    """How far beyond the top each end reaches."""
    nose_deg: float
    """Over which an end is rounded."""
    end_width_mm: float
    """Of an arm where its rounded end begins."""
    swing_start_deg: float
    """From the top, where an arm leaves the middle of the shank."""
    swing_end_deg: float
    """Where it runs beside the head."""
    joint_width_mm: float
    """Of the bar that carries the head from arm to arm, round the finger."""
    joint_bottom_mm: float
    """Its underside over the top of the bore."""
    joint_top_mm: float

    @property
    def slowing_deg(self) -> float:
        """What an arm at ``END_DEG`` is beyond its angle along the arm: that grows with the third power."""
        return (END_DEG + self.past_deg) / ((FREE_DEG - END_DEG) / FREE_DEG) ** 3

    @property
    def nose_start_deg(self) -> float:
        """Angle along an arm at which its rounded end begins."""
        low, high = END_DEG, FREE_DEG
        for _ in range(50):
            middle = 0.5 * (low + high)
            place = middle - self.slowing_deg * ((FREE_DEG - middle) / FREE_DEG) ** 3
            low, high = (low, middle) if place > self.nose_deg - self.past_deg else (middle, high)
        return 0.5 * (low + high)
