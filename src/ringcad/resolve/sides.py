"""Relief on the flanks of a shank: where it may begin, which shanks carry it, and what is refused."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import LimbStations, fit_section
from ringcad.fit.shank_line import BRIDGE_DEG, body_line, width_line
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolved import Accent, BeadAccent, Decoration, FoundryLimits, Gallery, Head, Shank, SideHeads

REGION = "shank.sides"
#: Templates whose shank has flanks that stand free; a row all round takes them.
SIDES_TEMPLATES = ("band", "solitaire", "pave_solitaire", "bezel_solitaire", "halo", "three_stone")
#: The least arc that is worth carving, degrees.
_SHORTEST_DEG = 30.0
#: Kept between the rim of a flush seat and carved sides, degrees.
_BESIDE_SEAT_DEG = 3.0
#: A flank is at least this share of its mean height all along: strokes narrow with it.
_LEAST_SHARE = 0.7
#: Play between the numbers and the finished mesh that the metal between both sides is given, mm.
_PLAY_MM = 0.03
#: A crown rises by at most this share of the thickness by default.
_CROWN_SHARE = 0.25
_STEPS = 181


def begin_deg(
    start_deg: float,
    bore_radius_mm: float,
    shank: Shank,
    head: Head | None,
    gallery: Gallery | None,
    side_heads: SideHeads | None,
    accents: tuple[Accent, ...],
) -> float:
    """Where carved sides may begin, degrees from the top: beyond what the shank does for its head, and its stones.

    ``start_deg`` is where decoration of the shoulders may begin.
    """
    found = start_deg
    if gallery is not None and gallery.shoulders == "cathedral":
        found = max(found, gallery.lift_phi_deg)
    elif head is not None and head.style == "basket":
        found = max(found, BRIDGE_DEG[1])
    if side_heads is not None:
        found = max(found, side_heads.lift_deg)
    for accent in accents:
        if isinstance(accent, BeadAccent):  # decoration begins beyond its row
            continue
        reach = 0.5 * accent.opening_diameter_mm + accent.rim_mm
        beside = math.degrees(reach / (bore_radius_mm + shank.thickness_top_mm)) + _BESIDE_SEAT_DEG
        found = max([found, *(abs(seat.phi_deg) + beside for seat in accent.seats)])
    return float(math.ceil(found))


def flank_heights(shank: Shank, phi_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of the straight flank at angles from the top, mm: what crown, comfort bore and edges leave."""
    height, width, ones = body_line(shank, phi_deg), width_line(shank, phi_deg), np.ones(len(phi_deg))
    stations = LimbStations(
        phi_deg=phi_deg,
        height_mm=height,
        width_mm=width,
        crown_rise_mm=shank.crown_rise_mm * ones,
        outer_radius_mm=shank.outer_edge_radius_mm * ones,
        inner_radius_mm=shank.inner_edge_radius_mm * ones,
        comfort_rise_mm=shank.comfort_rise_mm * ones,
        bore_radius_mm=0.0,
        knife=False,
    )
    return np.asarray(height - sum(fit_section(stations)))


def check_sides(
    ledger: Ledger,
    shank: Shank,
    decoration: tuple[Decoration, ...],
    limits: FoundryLimits,
    accents: tuple[Accent, ...],
) -> None:
    """Refuse flanks that are too low, uneven or taken by something else, and reliefs that would weaken them."""
    zone = next((one for one in decoration if one.region == REGION), None)
    if zone is None:
        return
    index = next(k for k, one in enumerate(ledger.spec.decoration) if one.region == REGION)
    field = f"decoration.{index}"
    if shank.profile in ("ellipse", "knife_edge", "euro"):
        ledger.refuse(
            "shank.profile",
            "has no even flanks for a relief on the sides",
            value=shank.profile,
            suggestion="use 'profile: flat' or 'profile: comfort_d'",
        )
        return
    whole = zone.phi_start_deg < 0.0
    taken = [
        (bool(accents) and whole, "stones all round", "leave the accents out"),
        (ledger.spec.shank.hollow, "a hollowed shank", "remove shank.hollow"),
        (shank.bypass is not None, "a bypass shank, whose ends are round,", "remove shank.bypass"),
        (shank.split is not None, "a split shank", "remove shank.split"),
    ]
    for there, what, fix in taken:
        if there:
            ledger.refuse(
                f"{field}.region", f"{what} has no metal to spare behind carved sides", value=REGION,
                suggestion=f"{fix}, or use {'shank.outside' if whole else 'shank.shoulders'}",
            )  # fmt: skip
    _check_depth(ledger, shank, zone, limits, field)
    _check_height(ledger, shank, zone)


def _angles(zone: Decoration) -> NDArray[np.float64]:
    """From the top along the decorated arc: all of a half of the ring where it runs all round."""
    return np.linspace(max(zone.phi_start_deg, 0.0), min(zone.phi_end_deg, 180.0), _STEPS)


def _check_depth(ledger: Ledger, shank: Shank, zone: Decoration, limits: FoundryLimits, field: str) -> None:
    edge = down(min(shank.outer_edge_radius_mm, shank.inner_edge_radius_mm))
    most = min(rule("side_relief"), edge)
    if zone.depth_mm > most + 1e-9:
        ledger.refuse(
            f"{field}.depth_mm",
            "the sides would be cut in under the outside, or over the bore, beyond the edges' roundings",
            value=mm(zone.depth_mm),
            limit=f"at most {mm(most)} on each side",
            suggestion=f"use {most:g}",
        )
        return
    keep = limits.wall_min_mm + limits.polish_allowance_mm + limits.bore_allowance_mm + _PLAY_MM
    width = float(width_line(shank, _angles(zone)).min())
    lacks = keep + 2.0 * zone.depth_mm - width
    if lacks > 1e-9:
        even = shank.width_top_mm == shank.width_bottom_mm
        ends = "" if even else ".bottom" if shank.width_bottom_mm < shank.width_top_mm else ".top"
        ledger.refuse(
            f"shank.width_mm{ends}",
            "too narrow for a relief on both sides",
            value=mm(width),
            limit=f"{mm(keep)} of metal between the floors, {mm(zone.depth_mm)} deep each",
            suggestion=f"use {up(width + lacks, 0.05):g}",
        )


def _check_height(ledger: Ledger, shank: Shank, zone: Decoration) -> None:
    angles = _angles(zone)
    heights = flank_heights(shank, angles)
    low = int(np.argmin(heights))
    lacks = 2.0 * zone.margin_mm + rule("side_height") - float(heights[low])
    even = shank.thickness_top_mm == shank.thickness_bottom_mm
    thickness = shank.thickness_top_mm if even else float(body_line(shank, angles)[low])
    ends = "" if even else ".bottom" if shank.thickness_bottom_mm < shank.thickness_top_mm else ".top"
    if lacks > 1e-9:
        # edges follow the thickness where they are not given, so a little more than what lacks is needed
        ledger.refuse(
            f"shank.thickness_mm{ends}",
            "the flanks are too low for a relief",
            value=mm(thickness),
            limit=f"{mm(rule('side_height'))} between the calm rims of the edges",
            suggestion=f"use {up(_enough(ledger, shank, thickness, lacks), 0.05):g}",
        )
        return
    uneven = _LEAST_SHARE * float(heights.mean()) - float(heights.min())
    if uneven > 1e-9:
        ledger.refuse(
            f"shank.thickness_mm{ends}",
            "the flanks grow too uneven for one drawing",
            value=mm(thickness),
            limit=f"a flank at least {_LEAST_SHARE:g} of its mean height all along, {mm(float(heights.mean()))}",
            suggestion=f"use {up(thickness + 2.0 * uneven, 0.05):g}",  # the mean grows with it
        )


def _enough(ledger: Ledger, shank: Shank, thickness_mm: float, lacks_mm: float) -> float:
    """A thickness that gives a flank what it lacks, where edges and crown may grow with it."""
    grow = 0.0
    for name, edge in (("outer", shank.outer_edge_radius_mm), ("inner", shank.inner_edge_radius_mm)):
        if getattr(ledger.spec.shank, f"{name}_edge_radius_mm") is None:
            grow += max(rule(f"{name}_edge_radius") - edge, 0.0)
    grown = lacks_mm + grow
    if ledger.spec.shank.crown_rise_mm is None and shank.crown_rise_mm >= _CROWN_SHARE * shank.thickness_top_mm - 1e-6:
        grown /= 1.0 - _CROWN_SHARE
    return thickness_mm + grown
