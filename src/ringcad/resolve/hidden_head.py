"""A head whose seat rail carries a hidden halo: the rail follows the stones, the stones stand in the rail.

Stones of the usual size come first, then others; the rail goes down until the row keeps clear of the center stone.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringcad.resolve.halo_rim import refuse_under_hidden
from ringcad.resolve.halo_stone import given_size, small_stone
from ringcad.resolve.head import resolve_head
from ringcad.resolve.hidden import LaidOut, lay_out
from ringcad.resolve.hidden_rail import SIZE_STEP_MM, rail_room, usual_stone_mm
from ringcad.resolve.hidden_row import Collar, widest_gap_mm
from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolved import CenterStone, FoundryLimits, Gallery, Head, HiddenHalo, Shank

#: Sizes that are tried on either side of the usual one.
_SIZES = 8
#: What a row costs whose stones are larger or smaller than usual by this, mm.
_SIZE_OFF_MM = 0.12
#: Gaps between beads as shares of the foundry's: where a row fits so alone, investment in a shallow gap may be thinner;
#: kept beyond it: chord error, mm.
_SLIT_SHARES, _SLIT_ROOM_MM = (1.0, 0.8), 0.01
#: The rail goes down in so many rounds, by this in all at most, mm.
_ROUNDS, _LOWER_MAX_MM = 4, 1.5
#: Stones of a hidden halo, mm.
_STONES_MM = (0.8, 2.0)


def resolve_hidden_head(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits
) -> tuple[Head, Gallery, HiddenHalo]:
    """Head, gallery and the row. Raises :class:`~ringcad.core.errors.SpecError` with everything that does not fit."""
    _check_request(ledger, limits)
    ledger.stop_on_problems()
    tried: list[tuple[LaidOut, Head]] = []
    best: _Best | None = None
    for share in _SLIT_SHARES:
        slit = share * limits.gap_min_mm + _SLIT_ROOM_MM
        for size in _sizes(ledger, stone):
            found = _try(ledger, bore_radius_mm, stone, shank, limits, size, slit, tried)
            if found is not None and (best is None or found.cost < best.cost):
                best = found
        if best is not None:
            break
    if best is None:
        if ledger.spec.gallery.seat_rail_height_mm is not None:
            _refuse_rail(ledger, bore_radius_mm, stone, shank, limits)
        else:
            _refuse(ledger, stone, tried)
        ledger.stop_on_problems()
    assert best is not None
    _note(best.ledger)
    ledger.reasons.update(best.ledger.reasons)
    return best.head, best.gallery, best.halo


@dataclass(frozen=True)
class _Best:
    """A row that fits, with its head, the reasons of both, and what it costs."""

    cost: float
    ledger: Ledger
    head: Head
    gallery: Gallery
    halo: HiddenHalo


def _try(
    ledger: Ledger,
    bore_radius_mm: float,
    stone: CenterStone,
    shank: Shank,
    limits: FoundryLimits,
    size_mm: float,
    slit_mm: float,
    tried: list[tuple[LaidOut, Head]],
) -> _Best | None:
    """Rail and row of one size, lowered until it keeps clear of the center stone; ``None`` is noted in ``tried``."""
    lower = 0.0
    for _ in range(_ROUNDS):
        trial = Ledger(ledger.spec)
        carries = rail_room(trial, stone, size_mm, lower)
        trial.stop_on_problems()
        head, gallery = resolve_head(trial, bore_radius_mm, stone, shank, limits, carries)
        small = small_stone(trial, size_mm)
        trial.stop_on_problems()
        assert small is not None
        found = lay_out(trial, Collar(stone, head, gallery, limits, small, slit_mm))
        if found.halo is not None and found.lower_mm <= 0.0:
            off = (size_mm - usual_stone_mm(ledger, stone)) / _SIZE_OFF_MM
            return _Best(found.cost + off * off, trial, head, gallery, found.halo)
        lower = up(lower + found.lower_mm + 0.01, SIZE_STEP_MM)
        if found.halo is None or _given_drop(ledger) or lower > _LOWER_MAX_MM:
            break
    tried.append((found, head))
    return None


def _given_drop(ledger: Ledger) -> bool:
    return ledger.spec.halo is not None and ledger.spec.halo.drop_mm is not None


def _sizes(ledger: Ledger, stone: CenterStone) -> list[float]:
    """Sizes to try, the usual one first; one that is given stands alone."""
    usual = usual_stone_mm(ledger, stone)
    if given_size(ledger) is not None:
        return [usual]
    low, high = rule("hidden_stone_min"), rule("hidden_stone_max")
    steps = sorted(range(-_SIZES, _SIZES + 1), key=lambda step: (abs(step), step))
    sizes = [round(usual + step * SIZE_STEP_MM, 6) for step in steps]
    sizes = [size for size in sizes if low - 1e-9 <= size <= high + 1e-9]
    height, want = ledger.spec.gallery.seat_rail_height_mm, ledger.spec.halo
    if height is None or want is None:
        return sizes
    wall = rule("hidden_rail_wall") if want.side_wall_mm is None else want.side_wall_mm
    # a rail of a given height takes no larger ones
    return [size for size in sizes if size + 2.0 * wall <= height + 1e-9]


def _check_request(ledger: Ledger, limits: FoundryLimits) -> None:
    """What does not depend on the row."""
    want = ledger.spec.halo
    assert want is not None
    refuse_under_hidden(ledger)
    path = "remove it, or write 'style: visible'"
    for field, value in (("center_gap_mm", want.center_gap_mm), ("thickness_mm", want.thickness_mm)):
        if value is not None:
            ledger.refuse(
                f"halo.{field}", "has no effect: a hidden halo stands in the seat rail", value=value,
                limit="gallery.seat_rail_width_mm", suggestion=path,
            )  # fmt: skip
    if want.edge != "bright":
        ledger.refuse(
            "halo.edge", "the rail of a hidden halo has a bright edge", value=want.edge, limit="bright", suggestion=path
        )
    if ledger.spec.gallery.shoulders == "cathedral":
        ledger.refuse(
            "gallery.shoulders", "cathedral arms would cover the hidden halo", value="cathedral", limit="plain",
            suggestion="use 'shoulders: plain'",
        )  # fmt: skip
    if ledger.spec.head.style == "stand":
        ledger.refuse(
            "head.style", "a standing head has no room for a hidden halo between its curved prongs", value="stand",
            limit="basket", suggestion="use 'style: basket'",
        )  # fmt: skip
    given = given_size(ledger)
    low, high = _STONES_MM
    if given is not None and not low <= given <= high:
        ledger.refuse(
            "halo.stone.size", "is no size for the stones of a hidden halo", value=mm(given),
            limit=f"{mm(low)} to {mm(high)}", suggestion=f"use '{low if given < low else high:g} mm', or leave it out",
        )  # fmt: skip
        return
    small = None if given is None else small_stone(Ledger(ledger.spec), given)
    least = rule("bead_gap_low")
    if want.gap_mm is None:
        return
    widest = (
        rule("hidden_gap_max")
        if small is None
        else widest_gap_mm(small, limits, _SLIT_SHARES[-1] * limits.gap_min_mm + _SLIT_ROOM_MM)
    )
    if not least - 1e-9 <= want.gap_mm <= widest + 1e-9:
        ledger.refuse(
            "halo.gap_mm",
            "stones so close chip each other" if want.gap_mm < least else "no beads reach over so wide a gap",
            value=want.gap_mm, limit=f"{least:g} to {widest:g} mm",
            suggestion=f"use {least if want.gap_mm < least else widest:g}, or leave it out",
        )  # fmt: skip


def _refuse_rail(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits
) -> None:
    """Refuse a rail of a given height that carries no row, naming that of the row which fits."""
    spec = ledger.spec
    freely = spec.model_copy(update={"gallery": spec.gallery.model_copy(update={"seat_rail_height_mm": None})})
    _, gallery, halo = resolve_hidden_head(Ledger(freely), bore_radius_mm, stone, shank, limits)
    height = up(gallery.rails[0].top_z_mm - gallery.rails[0].bottom_z_mm)
    ledger.refuse(
        "gallery.seat_rail_height_mm", "no hidden halo fits a rail of this height",
        value=spec.gallery.seat_rail_height_mm,
        limit=f"stones of {mm(halo.row.stone.diameter_mm)} and {mm(halo.row.wall_mm)} over and under them",
        suggestion=f"use {height:g}, or leave it out",
    )  # fmt: skip


def _refuse(ledger: Ledger, stone: CenterStone, tried: list[tuple[LaidOut, Head]]) -> None:
    """Refuse a row that finds no place, naming what would do."""
    want = ledger.spec.halo
    assert want is not None
    _, head = tried[0]
    high = next((found for found, _ in tried if found.halo is not None), None)
    counts = sorted({count for found, _ in tried for count in found.counts})
    why = [reason for found, _ in tried for reason in found.why]
    if isinstance(want.count, int) and counts and want.count not in counts:
        nearest = min(counts, key=lambda number: abs(number - int(want.count)))
        ledger.refuse(
            "halo.count", "so many stones do not stand between the prongs with even gaps", value=want.count,
            limit=", ".join(map(str, counts)), suggestion=f"use 'count: {nearest}', or 'count: fill'",
        )  # fmt: skip
    elif high is not None and high.halo is not None:
        ledger.refuse(
            "halo.drop_mm", "the hidden halo lies too high under the center stone", value=mm(high.halo.drop_mm),
            limit=high.what, suggestion=f"use {up(high.halo.drop_mm + high.lower_mm, 0.05):g}",
        )  # fmt: skip
    elif want.gap_mm is not None or want.stone.size is not None:
        field, value = ("gap_mm", str(want.gap_mm)) if want.gap_mm is not None else ("stone.size", want.stone.size)
        ledger.refuse(
            f"halo.{field}", "no such row stands between the prongs with even gaps", value=value,
            limit=f"at most {rule('hidden_slack_share'):g} of a stone left empty beside a prong",
            suggestion="leave it out",
        )  # fmt: skip
    elif "bar" in why:
        ledger.refuse(
            "stone.size", "the openings of a hidden halo would run into each other under so small a center stone",
            value=mm(stone.diameter_mm), suggestion="use a larger stone, or 'style: visible'",
            limit=f"openings of {mm(rule('hidden_pilot_least'))}, {mm(rule('bead_bar_min'))} apart inside the rail",
        )  # fmt: skip
    elif head.prongs > 4:
        ledger.refuse(
            "head.prongs", "the prongs leave no even row of a hidden halo between them", value=head.prongs,
            limit=_even_row(), suggestion="use 'prongs: 4'",
        )  # fmt: skip
    else:
        ledger.refuse(
            "stone.size", "the prongs leave no even row of a hidden halo between them", value=mm(stone.diameter_mm),
            limit=_even_row(), suggestion="use another size of stone, or 'style: visible'",
        )  # fmt: skip


def _even_row() -> str:
    share = rule("hidden_slack_share")
    return f"{mm(rule('hidden_prong_room'))} to each prong, at most {share:g} of a stone left empty beside it"


def _note(ledger: Ledger) -> None:
    want = ledger.spec.halo
    assert want is not None
    if want.stone.size is None:
        because = "about a sixth of the center stone, so that the row fills the rail between the prongs"
        ledger.note("hidden_halo.row.stone.diameter_mm", "default", because)
    because = "as many as stand in the rail between the prongs with even gaps"
    ledger.choice("hidden_halo.row.seats", "halo.count", want.count != "fill", because)
    if want.gap_mm is None:
        ledger.note("hidden_halo.row.gap_mm", "default", "even, with the least room left beside prongs")
    else:
        ledger.given("hidden_halo.row.gap_mm", "halo.gap_mm")
    ledger.note("hidden_halo.row", "derived", "the row's stones, beads and openings: rules of bead-set stones")
    ledger.note("hidden_halo", "derived", "follows the seat rail's outside between the prongs")
    if want.drop_mm is None:
        ledger.note("hidden_halo.drop_mm", "default", "the middle of a seat rail that lies 1.1 mm under the girdle")
    else:
        ledger.given("hidden_halo.drop_mm", "halo.drop_mm")
