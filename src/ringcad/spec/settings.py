"""What holds a center stone, as a spec orders it: prong head, its gallery, bezel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, ValidatorFunctionWrapHandler, WrapValidator

from ringcad.spec.base import SpecModel
from ringcad.spec.mates import MatesSpec
from ringcad.spec.values import Degrees, Millimetres, Number, StoneSize, wrong


class HeadSpec(SpecModel):
    """The prong head: a basket let into the shank, or a head that stands on it, or that of a ``file`` by its mates.

    With ``prong_pairs`` two prongs stand at each of its places, side by side.
    """

    file: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    mates: MatesSpec | None = None
    style: Literal["basket", "stand"] = "basket"
    prongs: Literal[3, 4, 5, 6, 8] = 4
    prong_pairs: StrictBool = False
    pair_gap_mm: Annotated[Millimetres, Field(gt=0, le=2)] | None = None
    v_length_mm: Annotated[Millimetres, Field(ge=0.5, le=4)] | None = None
    v_wall_mm: Annotated[Millimetres, Field(ge=0.4, le=3)] | None = None
    tip: Literal["dome", "almond", "claw"] = "dome"
    height_above_finger_mm: Annotated[Millimetres, Field(gt=0, le=25)] | None = None
    culet_clearance_mm: Annotated[Millimetres, Field(gt=0, le=10)] | None = None
    prong_diameter_mm: Annotated[Millimetres, Field(ge=0.3, le=4)] | None = None
    prong_base_diameter_mm: Annotated[Millimetres, Field(ge=0.3, le=5)] | None = None
    prong_lean_deg: Annotated[Degrees, Field(ge=0, le=45)] | None = None
    notch_share: Annotated[Number, Field(ge=0, le=1)] | None = None
    girdle_clearance_mm: Annotated[Millimetres, Field(ge=0, le=0.3)] | None = None
    bridge_thickness_mm: Annotated[Millimetres, Field(gt=0, le=6)] | None = None


class GallerySpec(SpecModel):
    """The rails of the head and the shoulders that meet it."""

    rails: Literal[2] = 2
    shoulders: Literal["plain", "cathedral"] = "plain"
    rail_gap_mm: Annotated[Millimetres, Field(gt=0, le=8)] | None = None
    seat_rail_width_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    seat_rail_height_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    base_rail_width_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    base_rail_height_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    arm_thickness_mm: Annotated[Millimetres, Field(gt=0, le=6)] | None = None
    arm_width_mm: Annotated[Millimetres, Field(gt=0, le=15)] | None = None
    lift_deg: Annotated[Degrees, Field(ge=20, le=80)] | None = None


class BezelSpec(SpecModel):
    """The wall of metal round the stone, whose lip is laid over the girdle; ``open_deg`` is of each side of a half."""

    coverage: Literal["full", "half"] = "full"
    wall_thickness_mm: Annotated[Millimetres, Field(gt=0, le=3)] | None = None
    lip_height_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    taper_deg: Annotated[Degrees, Field(ge=0, le=20)] | None = None
    edge_radius_mm: Annotated[Millimetres, Field(ge=0.05, le=2)] | None = None
    ledge_mm: Annotated[Millimetres, Field(gt=0, le=2)] | None = None
    girdle_clearance_mm: Annotated[Millimetres, Field(ge=0, le=0.3)] | None = None
    height_above_finger_mm: Annotated[Millimetres, Field(gt=0, le=25)] | None = None
    culet_clearance_mm: Annotated[Millimetres, Field(gt=0, le=10)] | None = None
    floor_thickness_mm: Annotated[Millimetres, Field(gt=0, le=6)] | None = None
    light_diameter_mm: Annotated[Millimetres, Field(gt=0, le=15)] | None = None
    open_deg: Annotated[Degrees, Field(ge=20, le=120)] | None = None


def _whole_or_fill(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    if value == "fill":
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("a whole number of stones is wanted, or 'fill'", suggestion="write 'count: fill'")
    if not 4 <= value <= 120:
        raise wrong("is out of range", limit="4 to 120", suggestion="write 'count: fill'")
    return handler(value)


class HaloStone(SpecModel):
    """The stones of a halo: round, of a size that follows the center stone unless it is given."""

    cut: Literal["round"] = "round"
    size: StoneSize | None = None
    gem: str = "diamond"


class HaloSpec(SpecModel):
    """The row of small stones round the center; ``gap_mm`` is between them, ``drop_mm`` down from the center's girdle.

    ``center_gap_mm`` is between the girdles of center and row, as seen from above. A ``hidden`` row looks sideways out
    of the seat rail, under the center's girdle.
    """

    style: Literal["visible", "hidden"] = "visible"
    stone: HaloStone = HaloStone()
    count: Annotated[StrictInt | Literal["fill"], WrapValidator(_whole_or_fill)] = "fill"
    gap_mm: Annotated[Millimetres, Field(ge=0, le=2)] | None = None
    center_gap_mm: Annotated[Millimetres, Field(ge=0, le=3)] | None = None
    drop_mm: Annotated[Millimetres, Field(gt=0, le=6)] | None = None
    side_wall_mm: Annotated[Millimetres, Field(gt=0, le=2)] | None = None
    thickness_mm: Annotated[Millimetres, Field(gt=0, le=4)] | None = None
    edge: Literal["bright", "milgrain", "scalloped"] = "bright"
