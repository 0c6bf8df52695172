"""Relief on the flanks of a shank: which shanks carry it, and what is refused."""

from __future__ import annotations

from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolved import Decoration, Shank

REGION = "shank.sides"
#: The template whose shank stands free all round.
SIDES_TEMPLATE = "band"


def check_sides(ledger: Ledger, shank: Shank, decoration: tuple[Decoration, ...]) -> None:
    """Refuse flanks that are too low, uneven or taken by something else, and reliefs that neighbouring fingers feel."""
    zone = next((one for one in decoration if one.region == REGION), None)
    if zone is None:
        return
    index = next(k for k, one in enumerate(ledger.spec.decoration) if one.region == REGION)
    field = f"decoration.{index}"
    if shank.profile in ("ellipse", "knife_edge"):
        ledger.refuse(
            "shank.profile",
            "has no even flanks for a relief on the sides",
            value=shank.profile,
            suggestion="use 'profile: flat' or 'profile: comfort_flat'",
        )
        return
    if ledger.spec.accents or shank.hollow is not None:
        ledger.refuse(
            f"{field}.region",
            "seats and hollows take the metal behind carved sides",
            value=REGION,
            suggestion="leave the accents and shank.hollow_wall_mm out, or use 'region: shank.outside'",
        )
    if shank.thickness_top_mm != shank.thickness_bottom_mm:
        ledger.refuse(
            "shank.thickness_mm.bottom",
            "carved sides need a shank that is as thick all round",
            value=mm(shank.thickness_bottom_mm),
            limit=f"{mm(shank.thickness_top_mm)}, as at the top",
            suggestion=f"use {shank.thickness_top_mm:g}",
        )
    most = min(rule("side_relief"), shank.outer_edge_radius_mm, shank.inner_edge_radius_mm)
    if zone.depth_mm > most + 1e-9:
        ledger.refuse(
            f"{field}.depth_mm",
            "neighbouring fingers rub on the sides, and the edges' roundings are to stand in front of the relief",
            value=mm(zone.depth_mm),
            limit=f"at most {mm(most)} on each side",
            suggestion=f"use {down(most):g}",
        )
    rims = shank.crown_rise_mm + shank.comfort_rise_mm + shank.outer_edge_radius_mm + shank.inner_edge_radius_mm
    lacks = rims + 2.0 * zone.margin_mm + rule("side_height") - shank.thickness_top_mm
    if lacks > 1e-9:
        ledger.refuse(
            "shank.thickness_mm",
            "the flanks are too low for a relief",
            value=mm(shank.thickness_top_mm),
            limit=f"{mm(rule('side_height'))} between the calm rims of the edges",
            suggestion=f"use {up(shank.thickness_top_mm + lacks, 0.05):g}",
        )
