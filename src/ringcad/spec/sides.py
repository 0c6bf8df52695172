"""Stones beside the center's in heads of their own, as a spec orders them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ringcad.spec.base import SpecModel
from ringcad.spec.settings import GallerySpec, HeadSpec
from ringcad.spec.values import Degrees, Millimetres, Number, StoneSize


class SideStone(SpecModel):
    """A round stone on either side; its size follows the center stone's, its gem is the center's."""

    cut: Literal["round"] = "round"
    size: StoneSize | None = None
    gem: str | None = None


class SidesSpec(SpecModel):
    """Two equal heads beside the center's: their stones, how far they lean outward, and what any head is given by.

    Heights are along each head's own axis.
    """

    stone: SideStone = SideStone()
    lean_deg: Annotated[Degrees, Field(ge=5, le=50)] | None = None
    gap_mm: Annotated[Millimetres, Field(ge=0, le=3)] | None = None
    arm_rise_mm: Annotated[Millimetres, Field(ge=0, le=2)] | None = None
    prongs: Literal[4, 6] = 4
    tip: Literal["dome", "almond"] | None = None
    height_above_finger_mm: Annotated[Millimetres, Field(gt=0, le=25)] | None = None
    culet_clearance_mm: Annotated[Millimetres, Field(gt=0, le=10)] | None = None
    prong_diameter_mm: Annotated[Millimetres, Field(ge=0.3, le=4)] | None = None
    prong_base_diameter_mm: Annotated[Millimetres, Field(ge=0.3, le=5)] | None = None
    prong_lean_deg: Annotated[Degrees, Field(ge=0, le=45)] | None = None
    notch_share: Annotated[Number, Field(ge=0, le=1)] | None = None
    girdle_clearance_mm: Annotated[Millimetres, Field(ge=0, le=0.3)] | None = None
    rail_gap_mm: Annotated[Millimetres, Field(gt=0, le=8)] | None = None
    seat_rail_width_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    seat_rail_height_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    base_rail_width_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    base_rail_height_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None

    def head(self) -> HeadSpec:
        """What of it any prong head is given by; a tip that is not said is a dome."""
        return HeadSpec.model_validate(self._of(HeadSpec))

    def gallery(self) -> GallerySpec:
        """What of it any gallery is given by."""
        return GallerySpec.model_validate(self._of(GallerySpec))

    def _of(self, part: type[SpecModel]) -> dict[str, object]:
        names = set(part.model_fields) & set(type(self).model_fields)
        return {name: value for name in sorted(names) if (value := getattr(self, name)) is not None}
