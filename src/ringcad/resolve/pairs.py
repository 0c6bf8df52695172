"""Double prongs: two prongs side by side where a single one would stand, parallel, with a gap that can be cleaned.

A pair leans along the diagonal of its place. Where the axes pass the girdle they are as far from the nearest side of
the outline as a single prong's, so that the girdle enters both by the same share.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.resolve.fancy import FOOT_ROOM_MM, LENGTH_MAX_MM, stands
from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolved import CenterStone, FancyStone, FoundryLimits, ProngPair, ProngStand
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.outline import Line, Outline
from ringcad.stones.placed import POINT_DEG, PRONG_POSITIONS

Array = NDArray[np.float64]

#: Places that pairs stand at.
PLACES = 4
#: Kept beyond the foundry's least gap: chord error of two prongs.
_MARGIN_MM = 0.02
_ROUND_STEPS, _SEGMENT_STEPS = 2880, 400


def check_pairs(ledger: Ledger, stone: CenterStone, count: int) -> None:
    """Refuse pairs where they cannot stand; ``count`` is of places."""
    want = ledger.spec.head
    if not want.prong_pairs:
        if want.pair_gap_mm is not None:
            ledger.refuse(
                "head.pair_gap_mm", "has no effect: the prongs of this head are single", value=want.pair_gap_mm,
                suggestion="add 'prong_pairs: true' to the head, or remove it",
            )  # fmt: skip
        return
    if isinstance(stone, FancyStone) and any(
        corner.opening_deg < POINT_DEG for corner in cut_stone(stone).outline.corners
    ):
        ledger.refuse(
            "head.prong_pairs", f"a {stone.cut.replace('_', ' ')} stone's points are held by V prongs", value=True,
            limit="round, oval, cushion, emerald, asscher or radiant", suggestion="remove it",
        )  # fmt: skip
    elif count != PLACES:
        ledger.refuse(
            "head.prongs", "pairs of prongs stand at four places", value=count, limit=f"{PLACES} places",
            suggestion="use 'prongs: 4' (with 'prong_pairs: true' that is eight prongs, two at each place)",
        )  # fmt: skip
    elif want.style == "stand":
        ledger.refuse(
            "head.prong_pairs", "the prongs of a standing head meet on the shank's crest: pairs would close their gap",
            value=True, limit="head.style: basket", suggestion="use 'style: basket', or remove it",
        )  # fmt: skip
    elif ledger.spec.halo is not None:
        ledger.refuse(
            "head.prong_pairs", "a halo's stones leave room for single prongs", value=True,
            suggestion="remove it, or use 'template: solitaire'",
        )  # fmt: skip


def pair_gap_mm(ledger: Ledger, limits: FoundryLimits) -> float:
    """Clear width between the two prongs of a pair; 0 for single prongs. Problems are noted in the ledger."""
    want = ledger.spec.head
    if not want.prong_pairs:
        return 0.0
    least = limits.gap_min_mm + _MARGIN_MM
    default = max(rule("pair_gap"), least)
    gap = ledger.number(
        "head.pair.gap_mm", want.pair_gap_mm, "head.pair_gap_mm", default, "so that it is cast clear and can be cleaned"
    )
    if gap < least - 1e-9:
        ledger.refuse(
            "head.pair_gap_mm", "the gap between two prongs of a pair would not be cast clear", value=gap,
            limit=f"at least {mm(least)} with {limits.name}", suggestion=f"use {up(least):g}",
        )  # fmt: skip
    return gap


def check_corners(ledger: Ledger, stone: CenterStone, apart_mm: float) -> None:
    """Refuse a pair that is wider than the cut corner where it stands: each prong would straddle an edge of it."""
    if not isinstance(stone, FancyStone):
        return
    outline = cut_stone(stone).placed_outline
    corners = [
        side.length_mm
        for side in (outline.segments[math.floor(at)] for at in PRONG_POSITIONS[stone.cut, PLACES])
        if isinstance(side, Line)
    ]
    if corners and min(corners) < apart_mm:
        longer = up(stone.length_mm * apart_mm / min(corners), 0.1)
        larger = f"set a stone at least {longer:g} mm long, or " if longer <= LENGTH_MAX_MM else "set "
        ledger.refuse(
            "head.prong_pairs", "the stone's cut corners are too short for two prongs side by side", value=True,
            limit=f"corners of at least {mm(apart_mm)}, here {mm(min(corners))}",
            suggestion=f"remove it, or {larger}one of cut cushion",
        )  # fmt: skip


def pair_of(ledger: Ledger, apart_mm: float, gap_mm: float) -> ProngPair | None:
    """What is resolved of a head's pairs; ``None`` for single prongs."""
    if apart_mm <= 0.0:
        ledger.note("head.pair", "default", "one prong at each place")
        return None
    ledger.note("head.pair", "given", "given as head.prong_pairs")
    ledger.note("head.pair.apart_mm", "derived", "the prongs' diameter at their foot, and the gap between them")
    return ProngPair(apart_mm=apart_mm, gap_mm=gap_mm)


def pair_stands(stone: CenterStone, radius_girdle_mm: float, apart_mm: float) -> tuple[ProngStand, ...]:
    """Two stands for each of a head's four places, in order round the stone.

    ``radius_girdle_mm`` is the prongs' axis from the head's axis at the girdle's lower edge, where a single one stands.
    """
    outside = radius_girdle_mm - 0.5 * stone.diameter_mm
    normals, offsets = _half_planes(stone)
    found = []
    round_ones = tuple(ProngStand(x_mm=0.0, y_mm=0.0, azimuth_deg=45.0 + 90.0 * k) for k in range(PLACES))
    for single in stands(stone, PLACES) or round_ones:
        turn = math.radians(single.azimuth_deg)
        out, aside = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
        middle = np.array([single.x_mm, single.y_mm])
        for side in (-0.5, 0.5):
            foot = middle + side * apart_mm * aside
            pace = normals @ out
            ahead = pace > 1e-9
            reach = float(((outside + offsets - normals @ foot)[ahead] / pace[ahead]).min())
            x, y = foot + (reach - radius_girdle_mm) * out
            found.append(ProngStand(x_mm=float(x), y_mm=float(y), azimuth_deg=single.azimuth_deg))
    return tuple(found)


def least_pair_foot_mm(pairs: tuple[ProngStand, ...], base_mm: float) -> float:
    """Least radius of the prongs' feet at which none reaches over the planes between the pairs, mm."""
    need, least = 0.5 * base_mm + FOOT_ROOM_MM, 0.0
    for stand in pairs:
        turn = math.radians(stand.azimuth_deg)
        for start, way in ((stand.x_mm, math.cos(turn)), (stand.y_mm, math.sin(turn))):
            least = max(least, (need - math.copysign(1.0, way) * start) / abs(way))
    return least


def _half_planes(stone: CenterStone) -> tuple[Array, Array]:
    """Normals (n, 2) and distances (n,) of lines that touch a convex outline all round."""
    if not isinstance(stone, FancyStone):
        turn = 2.0 * np.pi * np.arange(_ROUND_STEPS) / _ROUND_STEPS
        return np.stack([np.cos(turn), np.sin(turn)], axis=1), np.full(_ROUND_STEPS, 0.5 * stone.diameter_mm)
    outline: Outline = cut_stone(stone).placed_outline
    rows = []
    for number in range(len(outline.segments)):
        for share in (np.arange(_SEGMENT_STEPS) + 0.5) / _SEGMENT_STEPS:
            nx, ny = outline.normal_at(number + float(share))
            x, y = outline.at(number + float(share))
            rows.append((nx, ny, nx * x + ny * y))
    table = np.array(rows)
    return table[:, :2], table[:, 2]
