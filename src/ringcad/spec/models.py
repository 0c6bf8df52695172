"""The spec as pydantic models. A field left out is ``None`` and gets its default in ``ringcad.resolve``.

Ranges here are what makes sense at all; what fits the stone, the metal and the foundry is judged by
``ringcad.resolve``. Unknown keys are refused everywhere.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    StrictInt,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from ringcad.spec.source import SourceMap
from ringcad.spec.values import (
    CenterSize,
    Degrees,
    Millimetres,
    Number,
    Percent,
    StoneSize,
    an,
    split_length_width,
    split_number,
    wrong,
)


class _SpecModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TopBottom(_SpecModel):
    """A dimension at the shoulders and at the bottom of the shank; a single number stands for both."""

    top: Annotated[Millimetres, Field(gt=0, le=20)] | None = None
    bottom: Annotated[Millimetres, Field(gt=0, le=20)] | None = None


def _both(value: Any) -> Any:
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        return {"top": value, "bottom": value}
    return value


def _one_line(value: Any) -> Any:
    """Line breaks that only some readers of YAML know (NEL, LS, PS) are spaces: a prompt is words."""
    return re.sub("[\x85\u2028\u2029]", " ", value) if isinstance(value, str) else value


TopBottomMm = Annotated[TopBottom, BeforeValidator(_both)]


class MeasuredStone(_SpecModel):
    """Proportions of the stone at hand, as a laboratory reports them; what is left out is the reference of its cut.

    Percentages are of the girdle diameter, or of another cut's width; the girdle's thickness is taken where it is
    thickest (at the mains). Angles, culet and weight are read for round stones, lengths for all others.
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


#: What a measured stone can be given by: round stones by angles, other cuts by lengths.
_ROUND_ONLY, _FANCY_ONLY = ("crown_angle_deg", "pavilion_angle_deg", "culet_percent"), (
    "length_mm", "width_mm", "depth_mm",
)  # fmt: skip


class Stone(_SpecModel):
    """The center stone by its diameter, its length and width, or its weight; one length of a fancy cut is its width."""

    cut: Literal["round", "oval", "cushion", "emerald", "asscher", "radiant"] = "round"
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
        for name in _FANCY_ONLY if cut == "round" else _ROUND_ONLY:
            if getattr(measured, name) is not None:
                hint = "give the diameter as 'size', and depth_percent" if cut == "round" else "give depth_mm instead"
                raise wrong(f"{name} is not read for a stone of cut {cut}", suggestion=hint)
        if measured.depth_mm is not None and measured.depth_percent is not None:
            raise wrong("the depth is given twice", suggestion="keep depth_mm or depth_percent")
        return measured


class AccentStone(_SpecModel):
    """A small round stone in GIA reference proportions."""

    cut: Literal["round"] = "round"
    size: StoneSize
    gem: str = "diamond"


class ShankSpec(_SpecModel):
    """The band round the finger."""

    profile: Literal["flat", "d", "comfort_d", "knife_edge", "soft_cushion", "ellipse", "euro"] = "comfort_d"
    width_mm: TopBottomMm = TopBottom()
    taper: Literal["straight", "pinched", "flared"] = "straight"
    head_width_mm: Annotated[Millimetres, Field(gt=0, le=20)] | None = None
    thickness_mm: TopBottomMm = TopBottom()
    outer_edge_radius_mm: Annotated[Millimetres, Field(ge=0.05, le=3)] | None = None
    inner_edge_radius_mm: Annotated[Millimetres, Field(ge=0.05, le=3)] | None = None
    comfort_rise_mm: Annotated[Millimetres, Field(ge=0, le=1)] | None = None
    crown_rise_mm: Annotated[Millimetres, Field(ge=0, le=3)] | None = None
    base_flat_mm: Annotated[Millimetres, Field(gt=0, le=30)] | None = None
    corner_radius_mm: Annotated[Millimetres, Field(ge=0.5, le=10)] | None = None
    hollow: StrictBool = False
    hollow_wall_mm: Annotated[Millimetres, Field(gt=0, le=5)] | None = None
    hollow_rim_mm: Annotated[Millimetres, Field(gt=0, le=5)] | None = None


class HeadSpec(_SpecModel):
    """The prong head: a basket let into the shank, or a head that stands on it."""

    style: Literal["basket", "stand"] = "basket"
    prongs: Literal[4, 6] = 4
    tip: Literal["dome", "almond"] = "dome"
    height_above_finger_mm: Annotated[Millimetres, Field(gt=0, le=25)] | None = None
    culet_clearance_mm: Annotated[Millimetres, Field(gt=0, le=10)] | None = None
    prong_diameter_mm: Annotated[Millimetres, Field(ge=0.3, le=4)] | None = None
    prong_base_diameter_mm: Annotated[Millimetres, Field(ge=0.3, le=5)] | None = None
    prong_lean_deg: Annotated[Degrees, Field(ge=0, le=45)] | None = None
    notch_share: Annotated[Number, Field(ge=0, le=1)] | None = None
    girdle_clearance_mm: Annotated[Millimetres, Field(ge=0, le=0.3)] | None = None
    bridge_thickness_mm: Annotated[Millimetres, Field(gt=0, le=6)] | None = None


class GallerySpec(_SpecModel):
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


class BezelSpec(_SpecModel):
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


#: Draws an image where no generator is named: a trained network reads what it shows. Heightmap takes greys for heights.
IMAGE_GENERATOR = "photo"
PROMPT_GENERATOR = "ornament"
#: Generators that draw nothing without an image.
_NEED_AN_IMAGE = ("heightmap", "photo")

AccentPlace = Literal["left_shoulder", "right_shoulder", "top", "all_round", "top_half"]
Region = Literal["shank.shoulders", "shank.right_shoulder", "shank.left_shoulder", "shank.outside", "shank.borders"]
#: Templates whose ring has a head with a stone, and templates whose ring has none; any other may do either.
HEADED, HEADLESS = ("solitaire", "bezel_solitaire"), ("band", "eternity")
#: Templates whose stone sits in a bezel, which has neither prongs nor rails.
BEZELED = ("bezel_solitaire",)
#: Cuts of center stones that a template sets; any other template sets round ones.
CENTER_CUTS: dict[str, tuple[str, ...]] = {"solitaire": ("round", "oval", "cushion", "emerald", "asscher", "radiant")}
#: Templates that are made round a row of stones, and the settings of such rows.
ROWED, ROW_SETTINGS = ("eternity",), ("channel",)
#: No ring holds more stones in a row (0.8 mm all round US 16: 88).
_MOST_STONES = 120


def _count(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    if value == "fill":
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("a whole number of stones is wanted, or 'fill'", suggestion="write for example 'count: 7'")
    if not 1 <= value <= _MOST_STONES:
        raise wrong("is out of range", limit=f"1 to {_MOST_STONES}", suggestion="use a number in that range")
    return handler(value)


class Accent(_SpecModel):
    """A row of equal stones; ``count`` is for each place. Without ``on``: both shoulders, or the top of a band.

    A channel runs ``all_round`` (its default) or over the ``top_half``; there ``count: fill`` sets as many stones as
    the stretch holds.
    """

    setting: Literal["flush", "channel"]
    stone: AccentStone
    count: Annotated[StrictInt | Literal["fill"], WrapValidator(_count)]
    on: tuple[AccentPlace, ...] | None = Field(default=None, min_length=1, max_length=2)
    start_deg: Annotated[Degrees, Field(ge=0, le=180)] | None = None
    gap_mm: Annotated[Millimetres, Field(ge=0, le=10)] | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Accent:
        if self.on is not None and len(set(self.on)) != len(self.on):
            raise wrong("the same shoulder is named twice", suggestion="name each shoulder once")
        if self.setting not in ROW_SETTINGS and self.count == "fill":
            raise wrong(f"only a row in a {' or '.join(ROW_SETTINGS)} can fill", suggestion="give 'count' a number")
        return self

    @property
    def number(self) -> int:
        """``count`` where it is a number; 0 for ``fill``."""
        return self.count if isinstance(self.count, int) else 0


class DecorationSpec(_SpecModel):
    """One decorated region; without ``region``: both shoulders, or all round a band.

    ``coverage_deg`` is the arc of each shoulder.

    It is drawn from a ``prompt`` and a ``seed``, from an ``image``, or from a ``program``: a design that was saved
    as YAML. ``variation`` goes from that program by so much: 0 is the design itself, 1 a new one of its theme;
    the seed then says which one. A prompt beside a program is the program's own and draws nothing.
    """

    region: Region | None = None
    prompt: Annotated[str, BeforeValidator(_one_line)] = Field(default="", max_length=2000)
    seed: Annotated[StrictInt, Field(ge=0, lt=2**63)] = 1
    generator: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")
    image: str | None = Field(default=None, min_length=1)
    program: str | None = Field(default=None, min_length=1)
    variation: Annotated[Number, Field(ge=0, le=1)] | None = None
    depth_mm: Annotated[Millimetres, Field(gt=0, le=3)] | None = None
    mode: Literal["emboss", "engrave"] = "emboss"
    border: Literal["plain", "milgrain", "rope", "none"] = "milgrain"
    mirrored: StrictBool = True
    coverage_deg: Annotated[Degrees, Field(ge=10, le=150)] | None = None
    margin_mm: Annotated[Millimetres, Field(ge=0.1, le=2)] | None = None
    strict: StrictBool = False

    @model_validator(mode="after")
    def _something_to_draw(self) -> DecorationSpec:
        if not self.prompt.strip() and self.image is None and self.program is None:
            raise wrong(
                "neither a prompt nor an image nor a program",
                suggestion="add for example 'prompt: ivy vine with small leaves'",
            )
        if self.image is not None and self.program is not None:
            raise wrong("both an image and a program", suggestion="keep the one that is to be drawn")
        if self.generator in _NEED_AN_IMAGE and self.image is None:
            raise wrong(f"the {self.generator} generator needs an image", suggestion="add 'image: my-relief.png'")
        if self.generator == PROMPT_GENERATOR and self.image is not None:
            raise wrong(
                "the ornament generator draws no image",
                suggestion=f"leave 'generator' out, or write 'generator: {IMAGE_GENERATOR}'",
            )
        if self.variation is not None and self.program is None:
            raise wrong(
                "variation needs the design that it is to stay near",
                suggestion="'ringcad regenerate SPEC --variation 0.2' saves the present one and names it as 'program'",
            )
        return self

    @property
    def drawn_by(self) -> str:
        """The generator: the one that is named, or the one for what is to be drawn."""
        return self.generator or (PROMPT_GENERATOR if self.image is None else IMAGE_GENERATOR)


class ExportSpec(_SpecModel):
    """What is delivered. ``casting_scale`` enlarges the delivered file for houses that do not scale themselves."""

    stl: Literal["normal", "fine"] = "normal"
    step: StrictBool = True
    pictures: StrictBool = True
    casting_scale: Annotated[Number, Field(ge=1.0, le=1.05)] | None = None


class Spec(_SpecModel):
    """A ring as a jeweler orders it. ``ringcad`` is the version of this format."""

    ringcad: Literal[1]
    template: str = Field(default="solitaire", pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    ring_size: str
    metal: str
    foundry: str = "workshop"
    finish: Literal["as_cast", "polished"] = "as_cast"
    stone: Stone | None = Field(default=None, validate_default=True)
    shank: ShankSpec = ShankSpec()
    head: HeadSpec = HeadSpec()
    gallery: GallerySpec = GallerySpec()
    bezel: BezelSpec | None = None
    accents: tuple[Accent, ...] = Field(default=(), max_length=8, validate_default=True)
    decoration: tuple[DecorationSpec, ...] = Field(default=(), max_length=4)
    export: ExportSpec = ExportSpec()

    _source: SourceMap = PrivateAttr(default_factory=SourceMap)

    @field_validator("stone", mode="after")
    @classmethod
    def _stone_where_there_is_a_head(cls, stone: Stone | None, info: ValidationInfo) -> Stone | None:
        template = info.data.get("template")
        if stone is None and template in HEADED:
            raise wrong(
                f"is missing: a {template} sets a stone in its head",
                suggestion="add 'stone: {cut: round, size: 6.5 mm}', or write 'template: band' for a ring without one",
            )
        if stone is not None and template in HEADLESS:
            raise wrong(
                f"{an(template or '')} has no head for it", suggestion="remove it; stones of a band are 'accents'"
            )
        if stone is not None and stone.cut not in CENTER_CUTS.get(template or "", ("round",)):
            known = ", ".join(CENTER_CUTS.get(template or "", ("round",)))
            raise wrong(
                f"{an(template or '')} sets no stone of cut {stone.cut}", limit=known, suggestion="use 'cut: round'"
            )
        return stone

    @field_validator("head", "gallery", mode="after")
    @classmethod
    def _only_with_a_head(cls, part: HeadSpec | GallerySpec, info: ValidationInfo) -> HeadSpec | GallerySpec:
        template = info.data.get("template")
        if template in HEADLESS:
            raise wrong(f"{an(template or '')} has no head", suggestion="remove it, or write 'template: solitaire'")
        if template in BEZELED:
            raise wrong(
                f"{an(template)} has neither prongs nor rails",
                suggestion="remove it; the wall round the stone is 'bezel'. For prongs write 'template: solitaire'",
            )
        return part

    @field_validator("bezel", mode="after")
    @classmethod
    def _only_with_a_bezel(cls, part: BezelSpec | None, info: ValidationInfo) -> BezelSpec | None:
        template = info.data.get("template")
        if part is not None and template not in BEZELED:
            raise wrong(
                f"{an(template or '')} has no bezel", suggestion="remove it, or write 'template: bezel_solitaire'"
            )
        return part

    @field_validator("accents", mode="after")
    @classmethod
    def _one_row_where_there_must_be_one(cls, accents: tuple[Accent, ...], info: ValidationInfo) -> tuple[Accent, ...]:
        template = info.data.get("template")
        rows = [accent for accent in accents if accent.setting in ROW_SETTINGS]
        example = "accents: [{setting: channel, stone: {cut: round, size: 1.5 mm}, count: fill}]"
        if template in ROWED and (len(accents) != 1 or not rows):
            raise wrong(f"{an(template)} is made round one row of stones", suggestion=f"write '{example}'")
        if rows and template in (*HEADED, *HEADLESS) and template not in ROWED:
            raise wrong(
                f"{an(template)} has no room for a row set in a {rows[0].setting}",
                suggestion="use 'setting: flush', or write 'template: eternity'",
            )
        return accents

    @property
    def has_head(self) -> bool:
        """Whether the ring carries a stone in a head."""
        return self.stone is not None

    @property
    def has_bezel(self) -> bool:
        """Whether that stone sits in a bezel."""
        return self.template in BEZELED

    def region_of(self, given: DecorationSpec) -> Region:
        """Where a decoration stands; by itself on both shoulders, all round a band, beside a row on both borders."""
        if given.region is not None:
            return given.region
        if self.has_head:
            return "shank.shoulders"
        return "shank.borders" if self.template in ROWED else "shank.outside"

    @property
    def source(self) -> SourceMap:
        """Where each field stands in the file it was read from."""
        return self._source
