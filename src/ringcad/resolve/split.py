"""Split shoulders: the shank opens into two legs towards the head."""

from __future__ import annotations

import math

import numpy as np

from ringcad.fit.shank_line import width_line
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolved import FoundryLimits, Gallery, Head, Shank, Split
from ringcad.spec.values import an
from ringcad.standards import setting_rule

#: Templates whose shank can be split.
SPLIT = ("solitaire",)
#: Shortest opening along the finger, degrees: less reads as a hole.
_SHORTEST_DEG = 14.0
#: The tip of the opening as a share of its width at the head.
_TIP_SHARE = 0.45
#: By itself an opening gets no wider, mm: on a wider shank the legs do (sold ones keep 1.5 to 2.5 between them).
_WIDEST_MM = 2.4
#: Widest opening as a share of its length: a wider one has no flanks.
_WIDE_SHARE = 0.65
#: From the head's foot to the opening, mm: room for the skirt round the foot.
_BESIDE_FOOT_MM = 0.75
#: From the opening's tip to what is decorated or set, degrees.
AFTER_SPLIT_DEG = 5.0


def resolve_split(ledger: Ledger, width_head_mm: float, limits: FoundryLimits) -> Split | None:
    """The opening, before the head is known; ``None`` where the shank is whole or after noting a problem."""
    want = ledger.spec.shank
    ledger.choice("shank.split", "shank.split", "split" in want.model_fields_set, "whole")
    if not want.split:
        for name in ("split_gap_mm", "split_end_deg"):
            if getattr(want, name) is not None:
                ledger.refuse(
                    f"shank.{name}",
                    "has no effect: the shank is not split",
                    value=getattr(want, name),
                    suggestion="add 'split: true' to the shank, or remove it",
                )
        return None
    known = len(ledger.problems)
    for wrong, why, instead in (
        (ledger.spec.template not in SPLIT, f"the shank of this template ({ledger.spec.template}) is not split",
         f"remove it, or use one of the templates {', '.join(SPLIT)}"),
        (want.hollow, "a hollowed shank has no room for legs", "remove it, or 'hollow'"),
        (want.profile in ("ellipse", "knife_edge"), f"{an(want.profile.replace('_', ' '))} has no flat to open",
         "use 'profile: comfort_d', or remove it"),
        (ledger.spec.gallery.shoulders == "cathedral", "cathedral arms leave no legs beside the head",
         "use 'gallery: {shoulders: plain}', or remove it"),
        (ledger.spec.head.style == "stand", "a head that stands on the shank needs it whole",
         "use 'head: {style: basket}', or remove it"),
    ):  # fmt: skip
        if wrong:
            ledger.refuse("shank.split", why, value=True, suggestion=instead)
    if len(ledger.problems) > known:
        return None
    leg, least = setting_rule("split_leg"), max(rule("split_leg_min"), limits.wall_min_mm + limits.polish_allowance_mm)
    default = max(down(min(width_head_mm - 2.0 * leg.value, _WIDEST_MM), 0.05), limits.gap_min_mm)
    gap = ledger.number(
        "shank.split.gap_mm", want.split_gap_mm, "shank.split_gap_mm", default,
        f"what two legs of {leg.value:g} mm leave at the head: {leg.because}",
    )  # fmt: skip
    end_row = setting_rule("split_end_deg")
    end = ledger.number(
        "shank.split.end_deg", want.split_end_deg, "shank.split_end_deg", end_row.value, end_row.because
    )
    tip = max(_TIP_SHARE * gap, limits.gap_min_mm)
    ledger.note("shank.split.tip_mm", "derived", "the opening narrows to a round end")
    if gap < limits.gap_min_mm - 1e-9:
        ledger.refuse(
            "shank.split_gap_mm",
            "the mould cannot keep so narrow an opening",
            value=gap,
            limit=f"at least {mm(limits.gap_min_mm)} with {limits.name}",
            suggestion=f"use {up(limits.gap_min_mm, 0.05):g}",
        )
    elif width_head_mm - gap < 2.0 * least - 1e-9:
        field = "shank.split_gap_mm" if want.split_gap_mm is not None else "shank.head_width_mm"
        fix = down(width_head_mm - 2.0 * least, 0.05)
        wider = up(gap + 2.0 * least, 0.1)
        ledger.refuse(
            field,
            "the legs beside the opening would be too thin",
            value=gap if want.split_gap_mm is not None else width_head_mm,
            limit=f"two legs of {mm(least)} and an opening of {mm(gap)}",
            suggestion=f"use {fix:g}" if want.split_gap_mm is not None and fix >= limits.gap_min_mm
            else f"use 'head_width_mm: {wider:g}' with 'taper: flared'",
        )  # fmt: skip
    return Split(gap_mm=gap, tip_mm=min(tip, gap), end_deg=end)


def after_split_deg(
    ledger: Ledger, bore_radius_mm: float, shank: Shank, head: Head, gallery: Gallery, start_deg: float
) -> float:
    """Where decoration and stones may begin, ``start_deg`` for a whole shank, after checking the opening."""
    if shank.split is None:
        return start_deg
    _check(ledger, bore_radius_mm, shank, shank.split, head, gallery)
    return max(start_deg, math.ceil(shank.split.end_deg + AFTER_SPLIT_DEG))


def _check(ledger: Ledger, bore_radius_mm: float, shank: Shank, split: Split, head: Head, gallery: Gallery) -> None:
    """Refuse an opening that the head leaves no room for, or whose legs get too thin towards its tip."""
    start = split_start_deg(bore_radius_mm, shank, head, gallery)
    # the least end whose opening is long enough for its width as well
    least_end = math.ceil(start + _SHORTEST_DEG)
    while split.gap_mm > down(_WIDE_SHARE * bore_radius_mm * math.radians(least_end - start), 0.05):
        least_end += 1
    if split.end_deg < start + _SHORTEST_DEG:
        ledger.refuse(
            "shank.split_end_deg",
            "the head leaves no room for the opening",
            value=split.end_deg,
            limit=f"at least {math.ceil(start + _SHORTEST_DEG)} degrees: the head reaches to {start:.0f}",
            suggestion=f"use {least_end}",
        )
        return
    widest = down(_WIDE_SHARE * bore_radius_mm * math.radians(split.end_deg - start), 0.05)
    if split.gap_mm > widest:
        ledger.refuse(
            "shank.split_gap_mm",
            "the opening would be a hole and no split",
            value=split.gap_mm,
            limit=f"at most {mm(widest)}, which is {_WIDE_SHARE:g} of its length",
            suggestion=f"use {widest:g}, or split_end_deg: {least_end}",
        )
    phi = np.linspace(start, split.end_deg, 60)
    share = (phi - start) / (split.end_deg - start)
    legs = 0.5 * (width_line(shank, phi) - (split.gap_mm + (split.tip_mm - split.gap_mm) * share))
    least = rule("split_leg_min")
    thinnest = int(np.argmin(legs))
    if legs[thinnest] < least - 1e-9:
        wider = up(shank.width_top_mm + 2.0 * (least - float(legs[thinnest])) + 0.1, 0.1)
        ledger.refuse(
            "shank.width_mm.top",
            f"the legs are too thin at {phi[thinnest]:.0f} degrees from the head",
            value=mm(float(legs[thinnest])),
            limit=f"at least {mm(least)}",
            suggestion=f"use {wider:g}, or a smaller split_end_deg",
        )


def split_start_deg(bore_radius_mm: float, shank: Shank, head: Head, gallery: Gallery) -> float:
    """Where the opening begins, beyond the head's foot and the skirt round it: degrees from the top."""
    first = head.widest_stand
    foot = first.x_mm + head.prong_foot_radius_mm * math.cos(math.radians(first.azimuth_deg))
    foot = max(foot + 0.5 * head.prong_diameter_base_mm, gallery.rails[1].outer_side_mm)
    crown = bore_radius_mm + head.bridge_thickness_mm
    return math.degrees(math.asin(min((foot + _BESIDE_FOOT_MM) / crown, 0.9)))
