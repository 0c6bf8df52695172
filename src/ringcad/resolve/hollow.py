"""The trough hollowed out of a shank's inside: where it runs, how deep, and the wall that it leaves."""

from __future__ import annotations

from ringcad.fit.limb import TROUGH_MIDDLE_MM
from ringcad.resolve.ledger import Ledger, down, mm, up
from ringcad.resolve.shank import thickness_at_mm, width_at_mm
from ringcad.resolve.shoulders import last_phi_deg
from ringcad.resolved import Accent, Decoration, FoundryLimits, Hollow, Shank
from ringcad.standards import setting_rule

#: Templates whose shank may be hollowed.
HOLLOWED = ("solitaire", "band")
#: A shallower trough is not worth its polishing, mm.
_LEAST_DEPTH_MM = 0.3
#: Width of each flank over the depth, and at least: it deepens at up to 60 degrees.
_FLANK_SHARE, _FLANK_LEAST_MM = 1.1, 0.6
#: What a rim keeps level beside its rounded edge, mm: it carries the ring on the finger.
_LAND_MM = 0.5
#: Beyond a head's calm block, and over how much of the ring the trough deepens at either end, degrees.
_AFTER_HEAD_DEG, _FADE_DEG = 3.0, 12.0
#: Play between the numbers and the finished mesh that the wall is given: fit of the skin, chords, rounding, mm.
_PLAY_MM = 0.04


def resolve_hollow(
    ledger: Ledger,
    shank: Shank,
    limits: FoundryLimits,
    metal_family: str,
    start_deg: float,
    accents: tuple[Accent, ...],
    decoration: tuple[Decoration, ...],
) -> Hollow | None:
    """The trough of a hollowed shank, ``None`` without one; problems are noted in the ledger.

    ``start_deg`` is where the shank is its own behind a head (0 on a band).
    """
    want = ledger.spec.shank
    ledger.choice("shank.hollow", "shank.hollow", "hollow" in want.model_fields_set, "solid")
    if not want.hollow:
        for name in ("hollow_wall_mm", "hollow_rim_mm"):
            if getattr(want, name) is not None:
                ledger.refuse(
                    f"shank.{name}",
                    "has no effect: the shank is not hollowed",
                    value=getattr(want, name),
                    suggestion="add 'hollow: true' to the shank, or remove it",
                )
        return None
    if not _can_be_hollow(ledger, shank, accents):
        return None
    cast_wall = limits.wall_min_mm + limits.polish_allowance_mm + limits.bore_allowance_mm + _PLAY_MM
    row = setting_rule("hollow_wall_silver" if metal_family == "silver" else "hollow_wall")
    usual = max(row.value, up(cast_wall, 0.05))
    engraved = max((zone.depth_mm for zone in decoration if zone.mode == "engrave"), default=0.0)
    engraved = min(engraved, limits.engrave_max_mm)
    default = max(usual, up(cast_wall + engraved, 0.05)) if engraved else usual
    because = f"{row.because}; under engraving its depth more" if engraved else row.because
    wall = ledger.number("shank.hollow.wall_mm", want.hollow_wall_mm, "shank.hollow_wall_mm", default, because)
    rim_least = max(up(cast_wall, 0.05), shank.inner_edge_radius_mm + _LAND_MM)
    rim = ledger.number(
        "shank.hollow.rim_mm", want.hollow_rim_mm, "shank.hollow_rim_mm", max(usual, rim_least),
        "as thick as the wall, and level beside its rounded edge: it carries the ring",
    )  # fmt: skip
    for name, value, least in (("wall", wall, cast_wall), ("rim", rim, rim_least)):
        if value < least - 1e-9:
            ledger.refuse(
                f"shank.hollow_{name}_mm",
                f"the {name} beside the trough would be too thin",
                value=value,
                limit=f"at least {mm(up(least))} with {limits.name}",
                suggestion=f"use {up(least, 0.05):g}",
            )
    start = 0.0 if not ledger.spec.has_head else start_deg + _AFTER_HEAD_DEG
    end = last_phi_deg()
    depth = _depth(ledger, shank, wall, rim, start)
    for name, reason in (
        ("depth_mm", "what thickness and width leave beside wall, rims and flanks"),
        ("flank_mm", "1.1 of the depth, at least 0.6 mm: the trough can be polished"),
        ("phi_start_deg", "behind the head, or through the top of a band"),
        ("phi_end_deg", "the bottom stays solid for sizing"),
        ("fade_deg", "the trough ends smoothly"),
    ):
        ledger.note(f"shank.hollow.{name}", "derived", reason)
    return Hollow(
        wall_mm=wall,
        rim_mm=rim,
        flank_mm=max(_FLANK_SHARE * depth, _FLANK_LEAST_MM),
        depth_mm=depth,
        phi_start_deg=start,
        phi_end_deg=end,
        fade_deg=_FADE_DEG,
    )


def _can_be_hollow(ledger: Ledger, shank: Shank, accents: tuple[Accent, ...]) -> bool:
    known = len(ledger.problems)
    template = ledger.spec.template
    if template not in HOLLOWED:
        ledger.refuse(
            "shank.hollow",
            f"the inside of this template ({template}) is not hollowed",
            value=True,
            suggestion=f"remove it, or use one of the templates {', '.join(HOLLOWED)}",
        )
    if shank.profile == "ellipse":
        ledger.refuse(
            "shank.hollow",
            "an ellipse is round inside and has no rims to wear it on",
            value=True,
            suggestion="use profile: soft_cushion",
        )
    elif shank.comfort_rise_mm > 0.0:
        ledger.refuse(
            "shank.comfort_rise_mm",
            "a hollowed shank is worn on its rims and has no crowned bore",
            value=shank.comfort_rise_mm,
            suggestion="remove it, or use 0",
        )
    if accents:
        ledger.refuse(
            "shank.hollow",
            "stones need the metal under them",
            value=True,
            suggestion="remove it, or the accents",
        )
    return len(ledger.problems) == known


def _depth(ledger: Ledger, shank: Shank, wall: float, rim: float, start_deg: float) -> float:
    """Depth of the trough where it is deepest: what the wall leaves, in what the rims leave."""
    thickness, width = thickness_at_mm(shank, start_deg), width_at_mm(shank, start_deg)
    of_wall = thickness - wall
    room, least_room = 0.5 * width - rim, _FLANK_LEAST_MM + TROUGH_MIDDLE_MM
    of_width = (room - TROUGH_MIDDLE_MM) / _FLANK_SHARE
    if of_wall < _LEAST_DEPTH_MM - 1e-9:
        ledger.refuse(
            "shank.hollow",
            "the shank is too thin to be hollowed",
            value=mm(thickness),
            limit=f"{mm(wall)} of wall and a trough of {mm(_LEAST_DEPTH_MM)}",
            suggestion=f"use shank.thickness_mm: {up(wall + _LEAST_DEPTH_MM, 0.05):g}, or remove it",
        )
    elif room < least_room - 1e-9:
        ledger.refuse(
            "shank.hollow",
            "the shank is too narrow to be hollowed",
            value=mm(width),
            limit=f"two rims of {mm(rim)} and a trough between them",
            suggestion=f"use shank.width_mm: {up(2.0 * (rim + least_room), 0.1):g}, or remove it",
        )
    return max(down(min(of_wall, of_width)), _LEAST_DEPTH_MM)
