"""Stones as a spec orders them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from ringcad.spec.base import SpecModel
from ringcad.spec.values import (
    CenterSize,
    Degrees,
    Millimetres,
    Number,
    Percent,
    StoneSize,
    split_length_width,
    split_number,
    wrong,
)


class MeasuredStone(SpecModel):
    """Proportions of the stone at hand, as a laboratory reports them; what is left out is the reference of its cut.

    Percentages are of the girdle diameter, or of another cut's width; the girdle's thickness is taken where it is
    thickest (at the mains). Angles, culet and weight are read for round stones, lengths for all others.
    ``outline_mm`` are points (x across, y along) of an oval's or a cushion's girdle, once round.
    """

    table_percent: Annotated[Percent, Field(ge=45, le=75)] | None = None
    crown_angle_deg: Annotated[Degrees, Field(ge=20, le=42)] | None = None
    pavilion_angle_deg: Annotated[Degrees, Field(ge=36, le=45)] | None = None
    girdle_percent: Annotated[Percent, Field(ge=2.0, le=10)] | None = None
    culet_percent: Annotated[Percent, Field(ge=0, le=8)] | None = None
    depth_percent: Annotated[Percent, Field(ge=45, le=75)] | None = None
    weight_ct: Annotated[Number, Field(gt=0, le=100)] | None = None
    length_mm: Annotated[Millimetres, Field(gt=0, le=60)] | None = None
    width_mm: Annotated[Millimetres, Field(gt=0, le=60)] | None = None
    depth_mm: Annotated[Millimetres, Field(gt=0, le=40)] | None = None
    outline_mm: Annotated[tuple[tuple[Number, Number], ...], Field(max_length=400)] | None = None


#: What a measured stone can be given by: round stones by angles, other cuts by lengths.
_ROUND_ONLY, _FANCY_ONLY = ("crown_angle_deg", "pavilion_angle_deg", "culet_percent"), (
    "length_mm", "width_mm", "depth_mm",
)  # fmt: skip
_NO_CABOCHON = (*_ROUND_ONLY, "table_percent", "depth_percent", "length_mm", "width_mm")


class Stone(SpecModel):
    """The center stone by its diameter, its length and width, or its weight; one length of a fancy cut is its width."""

    cut: Literal[
        "round", "oval", "cushion", "emerald", "asscher", "radiant", "princess", "marquise", "baguette", "cabochon",
        "pear", "heart", "trillion", "tapered_baguette",
    ] = "round"  # fmt: skip
    size: CenterSize
    gem: str = "diamond"
    measured: MeasuredStone | None = None

    @field_validator("size", mode="after")
    @classmethod
    def _one_diameter_when_round(cls, size: str, info: ValidationInfo) -> str:
        if info.data.get("cut") == "round" and split_number(size) is None:
            width = min(split_length_width(size) or (6.5,))
            raise wrong("a round stone has one diameter", suggestion=f"write '{width:g} mm', or 'cut: oval'")
        return size

    @field_validator("measured", mode="after")
    @classmethod
    def _measures_of_the_cut(cls, measured: MeasuredStone | None, info: ValidationInfo) -> MeasuredStone | None:
        cut = info.data.get("cut")
        if measured is None or cut is None:
            return measured
        if cut == "cabochon":
            for name in _NO_CABOCHON:
                if getattr(measured, name) is not None:
                    raise wrong(f"{name} is not read for a cabochon", suggestion="give depth_mm, base to summit")
            return measured
        for name in _FANCY_ONLY if cut == "round" else _ROUND_ONLY:
            if getattr(measured, name) is not None:
                hint = "give the diameter as 'size', and depth_percent" if cut == "round" else "give depth_mm instead"
                raise wrong(f"{name} is not read for a stone of cut {cut}", suggestion=hint)
        if measured.outline_mm is not None and cut not in ("oval", "cushion"):
            raise wrong(
                f"outline_mm is not read for a stone of cut {cut}: its girdle has points, corners or one measure only",
                suggestion="give length_mm and width_mm, or set an oval or a cushion",
            )
        if measured.depth_mm is not None and measured.depth_percent is not None:
            raise wrong("the depth is given twice", suggestion="keep depth_mm or depth_percent")
        return measured


class AccentStone(SpecModel):
    """A small round stone in GIA reference proportions."""

    cut: Literal["round"] = "round"
    size: StoneSize
    gem: str = "diamond"
