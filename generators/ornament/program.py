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


class LaurelLayer(_Frozen):
    """Leaves in pairs along a straight stem, one at the tip; simple: a single file of leaves."""

    family: Literal["laurel"] = "laurel"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    """Pairs (full) or leaves (simple)."""
    stem_mm: Positive
    leaf_width_mm: Positive
    leaf_angle_deg: Positive
    vein: Share = 0.4


class ScrollLayer(_Frozen):
    """A stem in half circles with a volute in each; medium: balls instead; simple: curled drops."""

    family: Literal["scroll"] = "scroll"
    form: Literal["full", "medium", "simple"] = "full"
    repeats: Count
    stem_mm: Positive
    turns: Positive
    ball_mm: Positive
    side: Side
    leaves: bool = True


class PlaitLayer(_Frozen):
    """Strands that run diagonally, turn at all four sides and pass over and under in turn."""

    family: Literal["plait"] = "plait"
    form: Literal["full", "simple"] = "full"
    """Simple: the meshes are too small to stay open and are filled by a low web."""
    rows: Count
    """Grid rows between the sides, even; half as many strands run each way."""
    columns: Count
    """Grid columns between the ends, even."""
    strand_mm: Positive
    dip: Share = 0.45
    """How far a strand sinks where it passes under."""
    balls: bool = False
    side: Side = 1


class LatticeLayer(_Frozen):
    """Straight bars crossing at one height, with balls on the crossings or in the meshes."""

    family: Literal["lattice"] = "lattice"
    form: Literal["full", "simple"] = "full"
    rows: Count
    columns: Count
    bar_mm: Positive
    balls: Literal["crossings", "meshes", "none"] = "crossings"


class ScalesLayer(_Frozen):
    """Overlapping scales in staggered rows, free edges towards the finish."""

    family: Literal["scales"] = "scales"
    across: Count
    """Scales in the fuller rows."""
    repeats: Count
    """Rows along the band."""
    keel: Share = 0.15
    lift: Share = 0.5
    """Rise from a scale's root to its free edge."""


class WavesLayer(_Frozen):
    """Crests that rise from a base line and curl over; simple: one line in waves."""

    family: Literal["waves"] = "waves"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    line_mm: Positive
    turns: Positive
    side: Side


class GreekKeyLayer(_Frozen):
    """Square spirals on a base line; two levels: a battlement; one level: square blocks."""

    family: Literal["greek_key"] = "greek_key"
    levels: Count
    repeats: Count
    line_mm: Positive
    side: Side


class HammeredLayer(_Frozen):
    """Shallow round dents whose rims meet in soft ridges."""

    family: Literal["hammered"] = "hammered"
    dents: tuple[tuple[Finite, Finite], ...]
    """(u, v) of each dent's centre, v from the axis."""
    dent_mm: Positive
    """Typical spacing."""
    floor: Share = 0.52


class RopeLayer(_Frozen):
    """Ropes along the band, twisted of strands, a ball at each end."""

    family: Literal["rope"] = "rope"
    ropes: Count
    rope_mm: Positive
    turns: Count
    """Strands that are seen along the band."""
    slant: Finite
    """Advance of a strand from side to side, in strand spacings; its sign is the lay."""


class ChevronLayer(_Frozen):
    """Nested V strokes that point to the finish."""

    family: Literal["chevron"] = "chevron"
    repeats: Count
    line_mm: Positive
    rise: Positive
    """Advance of the tip over half of the width."""
    balls: bool = False


class FanLayer(_Frozen):
    """Fluted fans standing on alternate sides; simple: small fans in file."""

    family: Literal["fan"] = "fan"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    flutes: Count
    half_angle_deg: Positive
    side: Side


class HoneycombLayer(_Frozen):
    """Walls of whole hexagons; simple: a row of domed hexagons."""

    family: Literal["honeycomb"] = "honeycomb"
    form: Literal["full", "simple"] = "full"
    rows: Count
    repeats: Count
    wall_mm: Positive
    balls: bool = False


class FlowersLayer(_Frozen):
    """Rosettes with a ball in the middle and leaves or balls between them."""

    family: Literal["flowers"] = "flowers"
    repeats: Count
    petals: Count
    radius_mm: Positive
    heart: Share = 0.34
    """Radius of the middle ball over that of the flower."""
    between: Literal["leaves", "ball", "none"] = "leaves"
    turn_deg: tuple[Finite, ...] = ()
    """Rotation of each flower."""


class FreeStroke(_Frozen):
    points_mm: Annotated[tuple[tuple[Finite, Finite], ...], Field(min_length=2, max_length=4000)]
    width_mm: Positive
    height: Share = 1.0


class FreeBall(_Frozen):
    at_mm: tuple[Finite, Finite]
    diameter_mm: Positive
    height: Share = 1.0


class FreeLeaf(_Frozen):
    at_mm: tuple[Finite, Finite]
    angle_deg: Finite
    length_mm: Positive
    width_mm: Positive
    curl: Finite = 0.0
    vein: Share = 0.4


class FreeLayer(_Frozen):
    """Elements placed one by one (u from the start, v from the axis): what no family draws."""

    family: Literal["free"] = "free"
    strokes: tuple[FreeStroke, ...] = ()
    balls: tuple[FreeBall, ...] = ()
    leaves: tuple[FreeLeaf, ...] = ()


Layer = Annotated[
    VineLayer
    | MilgrainLayer
    | LaurelLayer
    | ScrollLayer
    | PlaitLayer
    | LatticeLayer
    | ScalesLayer
    | WavesLayer
    | GreekKeyLayer
    | HammeredLayer
    | RopeLayer
    | ChevronLayer
    | FanLayer
    | HoneycombLayer
    | FlowersLayer
    | FreeLayer,
    Field(discriminator="family"),
]


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
