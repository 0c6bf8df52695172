"""The spec as pydantic models. A field left out is ``None`` and gets its default in ``ringcad.resolve``.

Ranges here are what makes sense at all; what fits the stone, the metal and the foundry is judged by
``ringcad.resolve``. Unknown keys are refused everywhere.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
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

from ringcad.spec.base import SpecModel
from ringcad.spec.repertoire import ROW_SETTINGS, repertoire, template_with_row
from ringcad.spec.settings import BezelSpec, GallerySpec, HaloSpec, HeadSpec
from ringcad.spec.sides import SidesSpec
from ringcad.spec.source import SourceMap
from ringcad.spec.stones import AccentStone, Stone
from ringcad.spec.values import (
    Degrees,
    Millimetres,
    Number,
    an,
    split_length_width,
    wrong,
)


class TopBottom(SpecModel):
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


class ShankSpec(SpecModel):
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
    split: StrictBool = False
    split_gap_mm: Annotated[Millimetres, Field(gt=0, le=8)] | None = None
    split_end_deg: Annotated[Degrees, Field(ge=25, le=85)] | None = None
    bypass: StrictBool = False
    bypass_overlap_mm: Annotated[Millimetres, Field(gt=0, le=8)] | None = None
    bypass_end_width_mm: Annotated[Millimetres, Field(gt=0, le=8)] | None = None
    hollow: StrictBool = False
    hollow_wall_mm: Annotated[Millimetres, Field(gt=0, le=5)] | None = None
    hollow_rim_mm: Annotated[Millimetres, Field(gt=0, le=5)] | None = None


#: Draws an image where no generator is named: a trained network reads what it shows. Heightmap takes greys for heights.
IMAGE_GENERATOR = "photo"
PROMPT_GENERATOR = "ornament"
#: Generators that draw nothing without an image.
_NEED_AN_IMAGE = ("heightmap", "photo")

AccentPlace = Literal["left_shoulder", "right_shoulder", "shoulders", "top", "all_round", "top_half"]
Region = Literal[
    "shank.shoulders",
    "shank.right_shoulder",
    "shank.left_shoulder",
    "shank.arms",
    "shank.outside",
    "shank.borders",
    "shank.sides",
    "bezel.wall",
    "halo.rim",
]
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


class Accent(SpecModel):
    """A row of equal stones; ``count`` is for each place. Without ``on``: both shoulders, or the top of a band.

    A channel or a row of shared prongs runs ``all_round`` (its default) or over the ``top_half``, a bead-set row along
    both ``shoulders``; there ``count: fill`` sets as many stones as the stretch holds.
    """

    setting: Literal["flush", "channel", "shared_prong", "bead"]
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
            raise wrong(f"only a row set in {' or '.join(ROW_SETTINGS)} can fill", suggestion="give 'count' a number")
        return self

    @property
    def number(self) -> int:
        """``count`` where it is a number; 0 for ``fill``."""
        return self.count if isinstance(self.count, int) else 0


class DecorationSpec(SpecModel):
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


class ExportSpec(SpecModel):
    """What is delivered. ``casting_scale`` enlarges the delivered file for houses that do not scale themselves."""

    stl: Literal["normal", "fine"] = "normal"
    step: StrictBool = True
    pictures: StrictBool = True
    casting_scale: Annotated[Number, Field(ge=1.0, le=1.05)] | None = None


class Spec(SpecModel):
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
    halo: HaloSpec | None = Field(default=None, validate_default=True)
    sides: SidesSpec | None = None
    accents: tuple[Accent, ...] = Field(default=(), max_length=8, validate_default=True)
    decoration: tuple[DecorationSpec, ...] = Field(default=(), max_length=4)
    export: ExportSpec = ExportSpec()

    _source: SourceMap = PrivateAttr(default_factory=SourceMap)

    @field_validator("stone", mode="after")
    @classmethod
    def _stone_where_there_is_a_head(cls, stone: Stone | None, info: ValidationInfo) -> Stone | None:
        template = info.data.get("template") or ""
        known = repertoire(template)
        if stone is None and known.mount is not None:
            raise wrong(
                f"is missing: a {template} sets a stone in its head",
                suggestion="add 'stone: {cut: round, size: 6.5 mm}', or write 'template: band' for a ring without one",
            )
        if stone is not None and not known.cuts:
            raise wrong(f"{an(template)} has no head for it", suggestion="remove it; stones of a band are 'accents'")
        if stone is not None and stone.cut not in known.cuts:
            both, fix = split_length_width(stone.size), f"use 'cut: {known.cuts[0]}'"
            if both:  # a cut that takes a length and a width, where there is one
                fix = "use 'cut: oval'" if "oval" in known.cuts else f"{fix} with 'size: {min(both):g} mm'"
            raise wrong(
                f"{an(template)} sets no stone of cut {stone.cut}",
                limit=", ".join(known.cuts),
                suggestion=fix,
            )
        return stone

    @field_validator("head", "gallery", mode="after")
    @classmethod
    def _only_with_a_head(cls, part: HeadSpec | GallerySpec, info: ValidationInfo) -> HeadSpec | GallerySpec:
        template = info.data.get("template") or ""
        known = repertoire(template)
        if known.mount == "bezel":
            raise wrong(
                f"{an(template)} has neither prongs nor rails",
                suggestion="remove it; the wall round the stone is 'bezel'. For prongs write 'template: solitaire'",
            )
        if not known.cuts:
            raise wrong(f"{an(template)} has no head", suggestion="remove it, or write 'template: solitaire'")
        return part

    @field_validator("bezel", mode="after")
    @classmethod
    def _only_with_a_bezel(cls, part: BezelSpec | None, info: ValidationInfo) -> BezelSpec | None:
        template = info.data.get("template") or ""
        if part is not None and repertoire(template).mount != "bezel":
            raise wrong(f"{an(template)} has no bezel", suggestion="remove it, or write 'template: bezel_solitaire'")
        return part

    @field_validator("halo", mode="after")
    @classmethod
    def _where_there_is_a_halo(cls, part: HaloSpec | None, info: ValidationInfo) -> HaloSpec | None:
        template = info.data.get("template") or ""
        if repertoire(template).halo:
            return part or HaloSpec()
        if part is not None:
            raise wrong(f"{an(template)} has no halo", suggestion="remove it, or write 'template: halo'")
        return None

    @field_validator("sides", mode="after")
    @classmethod
    def _only_beside_a_center(cls, part: SidesSpec | None, info: ValidationInfo) -> SidesSpec | None:
        template = info.data.get("template") or ""
        if part is not None and not repertoire(template).sides:
            raise wrong(
                f"{an(template)} has no stones beside its center",
                suggestion="remove it, or write 'template: three_stone'",
            )
        return part

    @field_validator("accents", mode="after")
    @classmethod
    def _one_row_where_there_must_be_one(cls, accents: tuple[Accent, ...], info: ValidationInfo) -> tuple[Accent, ...]:
        template = info.data.get("template") or ""
        known = repertoire(template)
        rows = [accent for accent in accents if accent.setting in ROW_SETTINGS]
        if known.rows and (len(accents) != 1 or rows[0:1] == [] or rows[0].setting not in known.rows):
            example = f"accents: [{{setting: {known.rows[0]}, stone: {{cut: round, size: 1.5 mm}}, count: fill}}]"
            raise wrong(f"{an(template)} is made round one row of stones", suggestion=f"write '{example}'")
        if rows and not known.any_row and not known.rows:
            instead = template_with_row(rows[0].setting)
            raise wrong(
                f"{an(template)} has no room for a row of setting {rows[0].setting}",
                suggestion=f"use 'setting: flush', or write 'template: {instead}'",
            )
        return accents

    @property
    def has_head(self) -> bool:
        """Whether the ring carries a stone in a head."""
        return self.stone is not None

    @property
    def has_bezel(self) -> bool:
        """Whether that stone sits in a bezel."""
        return repertoire(self.template).mount == "bezel"

    @property
    def has_sides(self) -> bool:
        """Whether that stone has one on either side of it."""
        return repertoire(self.template).sides

    @property
    def has_row(self) -> bool:
        """Whether the ring is made round a row of stones."""
        return bool(repertoire(self.template).rows)

    def region_of(self, given: DecorationSpec) -> Region:
        """Where a decoration stands; by itself on both shoulders, all round a band, beside a row on both borders."""
        if given.region is not None:
            return given.region
        if self.has_head:
            return "shank.shoulders"
        return "shank.borders" if self.has_row else "shank.outside"

    @property
    def source(self) -> SourceMap:
        """Where each field stands in the file it was read from."""
        return self._source
