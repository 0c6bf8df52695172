"""Stones of a resolved ring as plain numbers; part of :mod:`ringcad.resolved`, which is where others import them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoundStone(_Frozen):
    """A round brilliant by its proportions, or a round cabochon. Lengths in mm.

    A cabochon's base lies in the plane of the girdle's lower edge: it has neither pavilion nor table, its crown is the
    dome, half an ellipsoid that rises upright from its rim.
    """

    cut: Literal["round", "cabochon"]
    gem: str
    gem_name: str
    diameter_mm: float
    table_diameter_mm: float
    crown_angle_deg: float
    crown_height_mm: float
    pavilion_angle_deg: float
    pavilion_depth_mm: float
    girdle_mm: float
    culet_diameter_mm: float
    weight_ct: float
    density_g_cm3: float
    refractive_index: float
    color_rgb: tuple[float, float, float]
    """Transmission colour per mm-scale path, 1 1 1 for colourless."""

    @property
    def depth_mm(self) -> float:
        return self.crown_height_mm + self.girdle_mm + self.pavilion_depth_mm

    @property
    def pavilion_drop_mm(self) -> float:
        """The slope of ``pavilion_angle_deg`` begins at the girdle."""
        return 0.0

    @property
    def domed(self) -> bool:
        """Whether it is a cabochon."""
        return self.cut == "cabochon"


FancyCut = Literal[
    "oval", "cushion", "emerald", "asscher", "radiant", "princess", "marquise", "baguette", "pear", "heart",
    "trillion", "tapered_baguette", "cabochon",
]  # fmt: skip


class FancyStone(_Frozen):
    """A stone of another cut than round, or an oval cabochon; its length runs along the finger (y). Lengths in mm.

    A cabochon has neither pavilion nor table: its base lies in the plane of the girdle's lower edge, its crown is half
    an ellipsoid.
    """

    cut: FancyCut
    gem: str
    gem_name: str
    length_mm: float
    width_mm: float
    table_share: float
    """Table as a share of the outline."""
    crown_angle_deg: float
    """From girdle to table where the prongs stand."""
    crown_height_mm: float
    pavilion_angle_deg: float
    """Of a slope that clears the whole pavilion: the steepest facet's, or a gentler one's that begins lower."""
    pavilion_drop_mm: float = 0.0
    """How far under the girdle's lower edge that slope begins."""
    pavilion_depth_mm: float
    girdle_mm: float
    shape_percent: float
    """Of the cut's outline: its corners, for example."""
    weight_ct: float
    density_g_cm3: float
    refractive_index: float
    color_rgb: tuple[float, float, float]
    """Transmission colour per mm-scale path, 1 1 1 for colourless."""
    outline_mm: tuple[tuple[float, float], ...] = ()
    """Points (x, y) of the girdle as measured, counter-clockwise; empty for the cut's own outline."""

    @property
    def depth_mm(self) -> float:
        return self.crown_height_mm + self.girdle_mm + self.pavilion_depth_mm

    @property
    def diameter_mm(self) -> float:
        """Across the finger's plane: that of the round stone whose head has the same section there."""
        return self.width_mm

    @property
    def domed(self) -> bool:
        """Whether it is a cabochon."""
        return self.cut == "cabochon"


CenterStone = RoundStone | FancyStone


def size_text(stone: CenterStone) -> str:
    """Size as the trade writes it: ``6.50 mm`` or ``8.00 x 6.00 mm``."""
    if isinstance(stone, RoundStone):
        return f"{stone.diameter_mm:.2f} mm"
    return f"{stone.length_mm:.2f} x {stone.width_mm:.2f} mm"
