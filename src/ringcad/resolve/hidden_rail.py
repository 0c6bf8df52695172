"""The seat rail that carries a hidden halo: how far under the girdle, how tall and how wide. Lengths in mm."""

from __future__ import annotations

from ringcad.resolve.halo_stone import given_size
from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolved import CenterStone
from ringcad.spec import HaloSpec

#: Stones are sorted in twentieths, mm.
SIZE_STEP_MM = 0.05


def hidden(ledger: Ledger) -> HaloSpec | None:
    """The hidden halo that is asked for; ``None`` without one."""
    want = ledger.spec.halo
    return want if want is not None and want.style == "hidden" else None


def usual_stone_mm(ledger: Ledger, stone: CenterStone) -> float:
    """Of the row: as given, or a share of the center stone."""
    low, high = rule("hidden_stone_min"), rule("hidden_stone_max")
    given = given_size(ledger)
    usual = min(max(rule("hidden_stone_share") * stone.diameter_mm, low), high)
    return given if given is not None else round(round(usual / SIZE_STEP_MM) * SIZE_STEP_MM, 6)


def rail_rule(ledger: Ledger, name: str, lacking: str) -> str:
    """The rule of a seat rail: ``hidden_<name>`` under a hidden halo, else ``lacking``."""
    return lacking if hidden(ledger) is None else f"hidden_{name}"


def side_wall_mm(ledger: Ledger) -> float:
    """Rail over and under the stones, as given or by the rule; too little is refused."""
    want = hidden(ledger)
    assert want is not None
    wall = ledger.rule_or("hidden_halo.row.wall_mm", want.side_wall_mm, "halo.side_wall_mm", "hidden_rail_wall")
    least, most = rule("bead_side_wall_min"), rule("hidden_rail_wall_max")
    if not least - 1e-9 <= wall <= most + 1e-9:
        ledger.refuse(
            "halo.side_wall_mm",
            "too little of the rail stands over and under the stones" if wall < least else "the rail grows too tall",
            value=wall, limit=f"{least:g} to {most:g} mm", suggestion=f"use {least if wall < least else most:g}",
        )  # fmt: skip
    return wall


def rail_room(ledger: Ledger, stone: CenterStone, size_mm: float, lower_mm: float = 0.0) -> tuple[float, float]:
    """(girdle's lower edge over the rail, height of the rail) for stones of a size, ``lower_mm`` lower than usual."""
    want = hidden(ledger)
    assert want is not None
    wall = side_wall_mm(ledger)
    height = size_mm + 2.0 * wall
    given = ledger.spec.gallery.seat_rail_height_mm
    if given is not None:
        height = max(height, given)
    if want.drop_mm is not None:
        least = 0.5 * height + rule("seat_rail_room_min") + stone.pavilion_drop_mm
        if want.drop_mm < least - 1e-9:
            ledger.refuse(
                "halo.drop_mm", "the rail of the hidden halo would touch the center stone", value=want.drop_mm,
                limit=f"at least {mm(least)}: half the rail and what stays free under the girdle",
                suggestion=f"use {up(least):g}, or leave it out",
            )  # fmt: skip
        return max(want.drop_mm - 0.5 * height, 0.0), height
    share = stone.diameter_mm / 6.5
    low, high = rule("hidden_rail_room_min"), rule("hidden_rail_room_max")
    room = min(max(rule("hidden_rail_room") * share, low), high) + stone.pavilion_drop_mm
    return room + lower_mm, height
