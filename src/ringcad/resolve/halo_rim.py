"""The decorated stretch of a halo's rim: where on its outside it lies, and how tall the rim is made for it."""

from __future__ import annotations

from dataclasses import dataclass

from ringcad.resolve.bezel_wall import LEAST_MM
from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolved import Scallop, WallBand
from ringcad.spec import Spec
from ringcad.standards import setting_rule

REGION = "halo.rim"
#: Kept calm under the deepest place of a U-cut, mm.
_UNDER_SCALLOP_MM = 0.10


@dataclass(frozen=True)
class RimRelief:
    """Where the outside of a rim is decorated: under ``high_z_mm``, above its lower edge's rounding."""

    high_z_mm: float
    edge_radius_mm: float

    def thickness_mm(self, top_z_mm: float) -> float:
        """Of a rim whose stretch is as tall as is usual, or what U-cuts leave of a rim as thick as sold ones."""
        beside = top_z_mm - self.high_z_mm + self.edge_radius_mm
        return beside + min(rule("halo_relief"), max(rule("halo_thickness_max") - beside, rule("halo_relief_min")))

    def band(self, bottom_z_mm: float, outer_mm: float) -> WallBand:
        """The stretch; radii count from the row's line."""
        low = bottom_z_mm + self.edge_radius_mm
        return WallBand(
            low_z_mm=low, high_z_mm=self.high_z_mm, section_mm=((outer_mm, self.high_z_mm), (outer_mm, low))
        )

    def check(self, ledger: Ledger, top_z_mm: float, bottom_z_mm: float) -> None:
        """Refuse a rim that is too low for any relief."""
        lacks = LEAST_MM - (self.high_z_mm - bottom_z_mm - self.edge_radius_mm)
        if lacks > 1e-9:
            thickness = top_z_mm - bottom_z_mm
            ledger.refuse(
                "halo.thickness_mm", "the rim is too low for a relief on its outside", value=mm(thickness),
                limit=f"{mm(LEAST_MM)} between its calm edges", suggestion=f"use {up(thickness + lacks):g}",
            )  # fmt: skip


def decorates_rim(spec: Spec) -> bool:
    """Whether a spec asks for relief on a halo's rim."""
    return any(one.region == REGION for one in spec.decoration)


def rim_relief(ledger: Ledger, top_z_mm: float, girdle_z_mm: float, scallop: Scallop | None) -> RimRelief | None:
    """What the spec asks for on the outside of a visible halo's rim; ``None`` for a plain one."""
    asked = [(k, one) for k, one in enumerate(ledger.spec.decoration) if one.region == REGION]
    for index, one in asked:
        if one.mode == "engrave":
            ledger.refuse(
                f"decoration.{index}.mode",
                "the rim's wall beside its stones is as thin as their seats leave it: there is nothing to engrave",
                value="engrave",
                limit=f"{mm(rule('bead_side_wall'))} outside the stones",
                suggestion="use 'mode: emboss'",
            )
    if not asked:
        return None
    edge = rule("halo_edge_radius")
    high = top_z_mm - edge
    if scallop is not None:
        high = min(high, girdle_z_mm - scallop.depth_mm - scallop.fall_mm - _UNDER_SCALLOP_MM)
    return RimRelief(high, edge)


def because() -> str:
    """Why a decorated rim is as tall as it is."""
    return f"its edges and the stretch between them: {setting_rule('halo_relief').because}"


def refuse_under_hidden(ledger: Ledger) -> None:
    """Note that a hidden halo has no rim to decorate."""
    for index, one in enumerate(ledger.spec.decoration):
        if one.region == REGION:
            ledger.refuse(
                f"decoration.{index}.region",
                "a hidden halo has no rim: its stones look out of the seat rail, which they leave no wall to decorate",
                value=REGION,
                suggestion="use 'region: shank.shoulders', or 'style: visible' under halo",
            )
