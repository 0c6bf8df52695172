"""The ornament program: what a relief is made of, as typed values that survive YAML.

A :class:`Program` is a band, a frame and layers. Each layer is one family with its discrete
structure (repeat counts, form, handedness, rows) and continuous parameters in mm, so that a model
can learn to write programs: a categorical choice per discrete field, a density per number. A
renderer turns the program into elements (strokes, leaves, beads ...) and those into heights; it
holds no random numbers, every variation is a value in the program.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringcad.core.errors import InputError

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=400)]
Side = Literal[-1, 1]
BorderStyle = Literal["plain", "milgrain", "rope", "none"]
EndShape = Literal["square", "round", "pointed"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(_Frozen):
    """The strip that is drawn on. ``periodic`` wraps it into a closed band."""

    length_mm: Positive
    width_mm: Positive
    periodic: bool
    stroke_mm: Positive
    """Narrowest stroke (width at half height) that the layout may use."""
    gap_mm: Positive
    """Narrowest gap (at half height) that the layout may leave."""


class Frame(_Frozen):
    """Border round the zone. ``rail_mm`` is its width at half height; rows 0 and last stay ground."""

    style: BorderStyle
    rail_mm: Positive
    start: EndShape
    finish: EndShape
    corner_mm: NotNegative
    """Corner radius of square ends, on the rail's middle line."""
    pitch_mm: Positive
    """Wanted spacing of beads or rope turns; the drawing takes the nearest whole number."""


class VineLayer(_Frozen):
    """A stem in waves with a leaf in every bend, or (simple) leaves strung on a straight stem."""

    family: Literal["vine"] = "vine"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    """Half waves (full) or leaves (simple)."""
    stem_mm: Positive
    leaf: Literal["ivy", "almond", "round", "none"] = "ivy"
    leaf_scale: Positive
    leaf_angle_deg: Finite
    side: Side
    berries: bool = False
    vein: Share = 0.4
    variation: tuple[Finite, ...] = ()
    """One number in [-1, 1] per leaf: its size and angle against the mean."""


class MilgrainLayer(_Frozen):
    """Rows of beads along the band."""

    family: Literal["milgrain"] = "milgrain"
    rows: Count
    bead_mm: Positive
    """Diameter at half height."""
    pitch_mm: Positive
    graduated: bool = False
    """Beads of the middle row grow towards the middle of the band."""


Layer = Annotated[VineLayer | MilgrainLayer, Field(discriminator="family")]


class Program(_Frozen):
    """A whole relief."""

    format: Literal["ringcad-ornament"] = "ringcad-ornament"
    version: Literal[1] = 1
    band: Band
    frame: Frame
    layers: tuple[Layer, ...]

    def to_dict(self) -> dict[str, Any]:
        """YAML-ready mapping (plain dicts, lists, numbers, strings)."""
        return self.model_dump(mode="json")


def program_from_dict(data: dict[str, Any]) -> Program:
    """Inverse of :meth:`Program.to_dict`. Raises ``InputError`` naming the first wrong field."""
    try:
        return Program.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "program"
        raise InputError(f"ornament program: {place}: {first['msg']}") from error
