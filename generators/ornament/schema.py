"""What every ornament program is made of: bounds of numbers, the band, the frame, the base of all layers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=400)]
Side = Literal[-1, 1]
BorderStyle = Literal["plain", "milgrain", "rope", "double", "none"]
EndShape = Literal["square", "round", "pointed"]
Depth = Literal["natural", "flat", "domed", "sharp", "soft"]
"""Character of the relief: as the family draws it, level tops, round tops, ridges, or washed out."""
Frieze = Literal["repeat", "mirror", "glide", "turn"]
"""How one cell follows another: shifted; reversed along the band; flipped across it; turned half round."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(Frozen):
    """The strip that is drawn on. ``periodic`` wraps it into a closed band."""

    length_mm: Positive
    width_mm: Positive
    periodic: bool
    stroke_mm: Positive
    """Narrowest stroke (width at half height) that the layout may use."""
    gap_mm: Positive
    """Narrowest gap (at half height) that the layout may leave."""


class Frame(Frozen):
    """Border round the zone. ``rail_mm`` is its width at half height; rows 0 and last stay ground."""

    style: BorderStyle
    rail_mm: Positive
    start: EndShape
    finish: EndShape
    corner_mm: NotNegative
    """Corner radius of square ends, on the rail's middle line."""
    pitch_mm: Positive
    """Wanted spacing of beads or rope turns; the drawing takes the nearest whole number."""


class Panels(Frozen):
    """Division of the band into equal periods, of each of which a layer takes a part."""

    count: Count
    part: tuple[Share, Share] = (0.0, 1.0)
    """From where to where in each period."""
    frieze: Frieze = "repeat"
    """What happens in every second period."""


class LayerBase(Frozen):
    """What every layer has beside its family's own numbers: where it stands and how its heights run.

    ``slot`` is the part of the room's width that it takes, from -1 to 1; ``panels`` the part of its length.
    ``wreath`` bends it into a ring about the middle of its panel, between these shares of half the room's width.
    ``flip`` mirrors it about its own axis, ``reverse`` end for end. A ``ground`` layer lies behind
    the others and keeps clear of them. ``crest`` is its highest height. ``weight`` and ``air`` raise the
    band's limits for this layer: bold or airy drawings are castable like any other.
    """

    family: str
    slot: tuple[Finite, Finite] | None = None
    panels: Panels | None = None
    wreath: tuple[Share, Share] | None = None
    flip: bool = False
    reverse: bool = False
    ground: bool = False
    crest: Annotated[float, Field(gt=0, le=1)] = 1.0
    depth: Depth = "natural"
    weight: Annotated[float, Field(ge=1, le=4)] = 1.0
    """Its strokes are at least this many times as wide as the band's least."""
    air: Annotated[float, Field(ge=1, le=4)] = 1.0
    """Its gaps are at least this many times as wide as the band's least."""
    uneven: tuple[Annotated[float, Field(ge=-1, le=1)], ...] = ()
    """How much longer and higher (1) or shorter and lower (-1) it is than usual, at equal distances along it."""


def is_simple(layer: LayerBase) -> bool:
    """Whether a layer is its family's declared simplified form: a form of that name, or figures of one body each."""
    return getattr(layer, "form", "full") == "simple" or bool(getattr(layer, "simple", False))
