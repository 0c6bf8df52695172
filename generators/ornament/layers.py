"""Layers of the families that run along the band or cover it: one class each, numbers in mm."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ringcad.generators.ornament.schema import Count, Finite, Frozen, LayerBase, Positive, Share, Side


class MilgrainLayer(LayerBase):
    """Rows of beads along the band."""

    family: Literal["milgrain"] = "milgrain"
    rows: Count
    bead_mm: Positive
    """Diameter at half height."""
    pitch_mm: Positive


ScrollDesign = Literal["rinceau", "running", "ess", "cee", "hearts"]
ScrollFinial = Literal["ball", "leaf", "flower", "bud"]
ScrollSpandrel = Literal["balls", "leaves", "trefoils"]


class ScrollLayer(LayerBase):
    """A stem in half circles with a volute in each; medium: balls instead; simple: curled drops."""

    family: Literal["scroll"] = "scroll"
    form: Literal["full", "medium", "simple"] = "full"
    repeats: Count
    stem_mm: Positive
    turns: Positive
    ball_mm: Positive
    side: Side
    leaves: bool = True
    """Whether something stands in the spandrels along the edges."""
    design: ScrollDesign = "rinceau"
    """Full only: a waving stem with branches, spirals that run into each other, S scrolls, C scrolls, pairs of volutes
    that meet in a point."""
    finial: ScrollFinial = "ball"
    """What ends a branch."""
    spandrel: ScrollSpandrel = "balls"
    alternate: bool = True
    """Whether every second S, C or heart is turned over."""


class PlaitLayer(LayerBase):
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
    flank: Literal["none", "lines", "balls"] = "none"
    """What runs beside it on either side: it is that much narrower."""


class LatticeLayer(LayerBase):
    """Straight bars crossing at one height, with balls on the crossings or in the meshes."""

    family: Literal["lattice"] = "lattice"
    form: Literal["full", "simple"] = "full"
    rows: Count
    columns: Count
    bar_mm: Positive
    balls: Literal["crossings", "meshes", "none"] = "crossings"


class ScalesLayer(LayerBase):
    """Overlapping scales in staggered rows, free edges towards the finish."""

    family: Literal["scales"] = "scales"
    form: Literal["fish", "dragon", "snake"] = "fish"
    """Round, pointed with a high keel, or small lozenges that meet in grooves."""
    across: Count
    """Scales in the fuller rows."""
    repeats: Count
    """Rows along the band."""
    keel: Share = 0.15
    lift: Share = 0.5
    """Rise from a scale's root to its free edge."""
    edge: Literal["plain", "rimmed", "pearled", "ribbed"] = "plain"
    """What fish and dragon scales carry: nothing, a second edge, a pearl near the tip, ribs along them."""
    point: Annotated[float, Field(gt=0, le=3)] = 1.0
    """How far the free end reaches out, over its usual length."""
    lie: Literal["along", "across"] = "along"
    """Free ends towards the finish, or towards one side."""


class WavesLayer(LayerBase):
    """Crests that rise from a base line and curl over, or ribbons in waves; simple: one line in waves."""

    family: Literal["waves"] = "waves"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    line_mm: Positive
    turns: Positive
    side: Side
    design: Literal["crests", "swell", "facing", "ribbons"] = "crests"
    """Full only: crests in file, large and small in turn, facing in pairs; lines that wave side by side."""
    lines: Count = 1
    """Ribbons side by side."""
    foam: Literal["none", "balls", "leaves", "trefoils"] = "none"
    """What stands over the troughs."""
    curl: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Size of a crest's curl, over the largest that fits."""


KeyDesign = Literal["spiral", "facing", "turned", "beads", "squares", "tees", "steps", "boxes"]


class GreekKeyLayer(LayerBase):
    """Square spirals on a base line; two levels: a battlement; one level: square blocks."""

    family: Literal["greek_key"] = "greek_key"
    levels: Count
    repeats: Count
    line_mm: Positive
    side: Side
    design: KeyDesign = "spiral"
    """Spirals in file, facing in pairs, every second one hanging, with beads or squares between; interlocking T's,
    stairs, boxes in boxes."""


class HammeredLayer(LayerBase):
    """Shallow round dents whose rims meet in soft ridges."""

    family: Literal["hammered"] = "hammered"
    dents: tuple[tuple[Finite, Finite], ...]
    """(u, v) of each dent's centre, v from the axis."""
    dent_mm: Positive
    """Typical spacing."""
    floor: Share = 0.52


class RopeLayer(LayerBase):
    """Ropes along the band, twisted of strands, a ball at each end."""

    family: Literal["rope"] = "rope"
    ropes: Count
    rope_mm: Positive
    turns: Count
    """Strands that are seen along the band."""
    slant: Finite
    """Advance of a strand from side to side, in strand spacings; its sign is the lay."""


class ChevronLayer(LayerBase):
    """Nested V strokes that point to the finish."""

    family: Literal["chevron"] = "chevron"
    repeats: Count
    line_mm: Positive
    rise: Positive
    """Advance of the tip over half of the width."""
    balls: bool = False


class FanLayer(LayerBase):
    """Fluted fans standing on alternate sides; simple: small fans in file."""

    family: Literal["fan"] = "fan"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    flutes: Count
    half_angle_deg: Positive
    side: Side


class HoneycombLayer(LayerBase):
    """Walls of whole hexagons; simple: a row of domed hexagons."""

    family: Literal["honeycomb"] = "honeycomb"
    form: Literal["full", "simple"] = "full"
    rows: Count
    repeats: Count
    wall_mm: Positive
    balls: bool = False


class FlowersLayer(LayerBase):
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


class FreeStroke(Frozen):
    points_mm: Annotated[tuple[tuple[Finite, Finite], ...], Field(min_length=2, max_length=4000)]
    width_mm: Positive
    height: Share = 1.0


class FreeBall(Frozen):
    at_mm: tuple[Finite, Finite]
    diameter_mm: Positive
    height: Share = 1.0


class FreeLeaf(Frozen):
    at_mm: tuple[Finite, Finite]
    angle_deg: Finite
    length_mm: Positive
    width_mm: Positive
    curl: Finite = 0.0
    vein: Share = 0.4


class FreeLayer(LayerBase):
    """Elements placed one by one (u from the start, v from the axis): what no family draws."""

    family: Literal["free"] = "free"
    strokes: tuple[FreeStroke, ...] = ()
    balls: tuple[FreeBall, ...] = ()
    leaves: tuple[FreeLeaf, ...] = ()
