"""Prong heads of a resolved ring as plain numbers; others import them from :mod:`ringcad.resolved`."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, PrivateAttr

from ringcad.resolved_stones import RoundStone

Vector = tuple[float, float, float]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rail(_Frozen):
    """A closed hoop round the head's axis, taller than wide, edges rounded."""

    name: Literal["seat_rail", "base_rail"]
    inner_radius_mm: float
    outer_radius_mm: float
    bottom_z_mm: float
    top_z_mm: float
    edge_radius_mm: float
    side_mm: float = 0.0
    """How much farther out the hoop runs across the finger than where the prongs cross it (rounded corners)."""
    quarter_mm: tuple[tuple[float, float], ...] = ()
    """Beside a stone of another cut than round: points (x, y) of the hoop's middle line from +x to +y.

    Where the stone is alike about the plane x = 0 alone, from -y to +y.
    """

    @property
    def outer_side_mm(self) -> float:
        """Half its width across the finger."""
        return self.outer_radius_mm + self.side_mm

    @property
    def inner_side_mm(self) -> float:
        """Half its opening across the finger."""
        return self.inner_radius_mm + self.side_mm


class ProngStand(_Frozen):
    """Where a prong's radii count from, and the direction in which they do.

    For a round stone that is its axis; for another cut a point half a width inside the prong's place on the girdle,
    along the outline's normal there.
    """

    x_mm: float
    y_mm: float
    azimuth_deg: float
    point_mm: tuple[float, float] | None = None
    """The point of the stone that a V prong covers; ``None`` under a round prong."""
    opening_deg: float = 180.0
    """Between the two walls of a V prong."""
    bow_mm: float = 0.0
    """How far the stone's bowed sides stand out from chords as long as these walls."""


class VProng(_Frozen):
    """Two walls that meet over a point of the stone, on a round post: the pad of each V prong of a head, in mm."""

    wall_mm: float
    """Thickness of a wall, what the girdle enters of it included."""
    notch_mm: float
    """How far the girdle enters each wall."""
    length_mm: float
    """Of each wall along its side, from the stone's point."""
    ridge_radius_mm: float
    """Rounding of the edge outside the point."""
    relief_diameter_mm: float
    """Hole beside the point, which must not touch metal."""
    depth_mm: float
    """How far under the girdle the pad runs out into its post."""
    top_mm: float
    """Of the pad above the girdle's lower edge."""
    post_extra_mm: float
    """How much thicker its post is than a round prong."""


class ProngPair(_Frozen):
    """Two prongs side by side at each place of a head, parallel, in mm."""

    apart_mm: float
    """Between their axes."""
    gap_mm: float
    """Clear width between them where they are thickest."""


class ClawTip(_Frozen):
    """The upper end of every claw of a head, as cast, in mm; :class:`ringcad.fit.claw.ClawLine` is its line."""

    hook_deg: float
    """Inward lean of its end."""
    reach_mm: float
    """How far its inside reaches in over the girdle."""
    width_mm: float
    """Diameter in the middle of what bears on the crown once it is bent."""


class OwnHead(_Frozen):
    """A head from a STEP file, by what its maker declares of it; lengths in mm.

    ``origin_mm``, ``axis`` and ``along`` (unit, square to each other) are in the file's frame, all else in the ring's.
    """

    file: str
    """As the spec names it."""
    sha256: str
    """Of its bytes."""
    origin_mm: Vector
    axis: Vector
    along: Vector
    base_z_mm: float
    """Where the origin comes to lie on the head's axis: the crown of the shank."""
    base_diameter_mm: float
    """Of the circle round the axis that holds all of its metal that comes near the shank."""
    sunk_mm: float
    """How far its base reaches below ``base_z_mm`` at least, so that it overlaps the shank all round."""
    held_by: Literal["prongs", "bezel", "bench"]
    thickness_mm: float
    """Of a prong or of a bezel's wall beside the girdle, before the seat is cut; 0 where the bench sets the stone."""
    over_girdle_mm: float
    """How far the metal that holds the stone stands above the girdle's lower edge; 0 where the bench sets it."""

    _path: str = PrivateAttr(default="")

    @property
    def path(self) -> str:
        """Where the file lies on this machine; no part of the numbers, and empty where they were read back."""
        return self._path

    @property
    def notes(self) -> tuple[str, ...]:
        """What ringcad does and does not answer for, in sentences for report and certificate."""
        whose = f"The head is that of the file {self.file} (SHA-256 {self.sha256[:12]}...), not of ringcad"
        walls = "the metal is one body, and its walls and the shank under it keep the foundry profile's limits"
        if self.held_by == "bench":
            return (
                f"{whose}. Measured on the finished ring: {walls}, as far as below the girdle.",
                "Not judged: the stone's seat and what holds it, which the bench makes, and metal above the girdle.",
            )
        seat = "the seat that was cut for the stone, its bearing, its play and its way in"
        held = "every declared prong from foot to tip" if self.held_by == "prongs" else "the bezel's wall and lip"
        return (
            f"{whose}. Measured on the finished ring: {walls}; {seat}; {held}, as cast and as set.",
            "Not judged: whether the head's form suits wear beyond those walls, its gallery's openings, its polish.",
        )


class Head(_Frozen):
    """Prong head for a stone on the +z axis.

    Radii of prongs and rails are those in the plane across the finger; beside another cut than round all follow the
    girdle's outline at the same distance from it.
    """

    style: Literal["basket", "stand"]
    own: OwnHead | None = None
    """Where the head is one from a file: of the numbers below those of prongs are then what its mates declare, and only
    azimuths, thickness, foot and tip are meant."""
    prongs: int
    first_prong_azimuth_deg: float
    """Of the first prong about +z from +x; the others follow at equal steps."""
    places: tuple[ProngStand, ...] = ()
    """One for each prong of another cut than round; empty for a round stone."""
    v_prong: VProng | None = None
    """Of the prongs at points; ``None`` for a stone that has none."""
    prong_diameter_girdle_mm: float
    prong_diameter_base_mm: float
    prong_lean_deg: float
    """Of the straight upper part, outward from +z."""
    prong_axis_radius_girdle_mm: float
    """Distance of the prong's axis from the head's axis at the girdle's lower edge."""
    prong_foot_radius_mm: float
    """Distance of the prong's axis from the head's axis at its foot."""
    prong_foot_z_mm: float
    prong_tip_z_mm: float
    tip: Literal["dome", "almond", "claw"]
    pair: ProngPair | None = None
    """Of a head with two prongs at each place; ``prongs`` counts both."""
    claw: ClawTip | None = None
    """Of a head whose tips are claws."""
    notch_share: float
    """Share of the prong's diameter that the girdle enters, measured radially."""
    girdle_clearance_mm: float
    """Radial play between girdle and notch."""
    girdle_z_mm: float
    """Of the girdle's lower edge (where the pavilion starts)."""
    culet_z_mm: float
    table_z_mm: float
    height_above_finger_mm: float
    """Table above the top of the bore."""
    governed_by: Literal["culet_clearance", "rails_and_gaps", "height_above_finger_mm"]
    governing_heights_mm: dict[str, float]
    """Table height that each of the candidates asks for."""
    bridge_thickness_mm: float
    """Of the shank where it passes under the head."""
    culet_pocket_depth_mm: float
    """How deep the pavilion clearance cone enters the bridge; 0 for none."""
    culet_clearance_mm: float
    """Culet to bore."""

    @property
    def stands(self) -> tuple[ProngStand, ...]:
        """Where each prong stands, in order of their numbers."""
        first, step = self.first_prong_azimuth_deg, 360.0 / max(self.prongs, 1)
        return self.places or tuple(
            ProngStand(x_mm=0.0, y_mm=0.0, azimuth_deg=first + step * k) for k in range(self.prongs)
        )

    @property
    def widest_stand(self) -> ProngStand:
        """Of the prong that stands farthest out along the shank."""

        def out(stand: ProngStand) -> float:
            return stand.x_mm + self.prong_axis_radius_girdle_mm * math.cos(math.radians(stand.azimuth_deg))

        return max(self.stands, key=lambda stand: round(out(stand), 9))


class Gallery(_Frozen):
    rails: tuple[Rail, ...]
    shoulders: Literal["plain", "cathedral"]
    rail_clearance_mm: float
    """Pavilion to seat rail."""
    arm_thickness_mm: float
    arm_width_mm: float
    """At the head; the shank's own width pinches to it."""
    lift_phi_deg: float
    """Where the cathedral's outer line leaves the shank's circle."""
    arm_top_z_mm: float
    """Height of the outer line where it meets the head."""


class SideHead(_Frozen):
    """Where one of two equal heads beside the center's stands: a frame whose z axis is the head's own.

    In that frame the head's numbers hold as those of a center head do in the ring: heights count from the foot of the
    finger axis on the head's axis.
    """

    id: Literal["right", "left"]
    origin_mm: Vector
    """That foot, in the ring."""
    axis: Vector
    """Unit; through the stone's table, away from the finger."""
    along: Vector
    """Unit; local x, in the plane of the shank. Local y is the finger's axis."""


class SideHeads(_Frozen):
    """Two equal heads beside the center's, mirrored about it, that lean outward along the shank. Lengths in mm.

    ``head`` and ``gallery`` are numbers in the frame of each (:class:`SideHead`).
    """

    stone: RoundStone
    head: Head
    gallery: Gallery
    lean_deg: float
    """Of each axis, outward from +z."""
    offset_mm: float
    """How far each axis passes the finger axis, outward."""
    bore_mm: float
    """From the foot of the finger axis to the bore along the head's axis."""
    gap_mm: float
    """Between center stone and side stone, seen from above."""
    stones_mm: float
    """Between them where they are nearest."""
    metal_gap_mm: float
    """Between the metal of the center's head and a side head, where it is nearest; without the bridge."""
    drop_mm: float
    """How much lower the side stones' girdles lie than the center's, at their axes."""
    bridge_deg: tuple[float, float]
    """The shank is a bridge up to the first angle from the top; at the second it carries the outer prongs."""
    arm_rise_mm: float
    """How much higher than its own line the shank is there."""
    lift_deg: float
    """Where that rise leaves the shank's own line."""

    @property
    def frames(self) -> tuple[SideHead, SideHead]:
        """Right and left head."""
        lean = math.radians(self.lean_deg)
        right = (math.cos(lean), 0.0, -math.sin(lean))
        left = (math.cos(lean), 0.0, math.sin(lean))
        return (
            SideHead(
                id="right",
                origin_mm=(self.offset_mm * right[0], 0.0, self.offset_mm * right[2]),
                axis=(math.sin(lean), 0.0, math.cos(lean)),
                along=right,
            ),
            SideHead(
                id="left",
                origin_mm=(-self.offset_mm * left[0], 0.0, -self.offset_mm * left[2]),
                axis=(-math.sin(lean), 0.0, math.cos(lean)),
                along=left,
            ),
        )
