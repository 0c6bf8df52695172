"""A hidden halo by derivation: stones that look sideways out of the seat rail, their beads, the metal round them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import rail_section
from ringcad.resolve.bead_sizes import bead_accent
from ringcad.resolve.halo_row import RowLine
from ringcad.resolve.hidden_beads import Levels, hidden_beads
from ringcad.resolve.hidden_row import Collar, choices, prongs_at, way_in_room
from ringcad.resolve.ledger import Ledger, mm, rule
from ringcad.resolved import CenterStone, FancyStone, Head, HiddenHalo, PlacedSeat, RoundStone
from ringcad.stones.hoops import distance_to_path
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.placed import convex_body

Array = NDArray[np.float64]

#: Points across a stone that are looked at from above, and chord of the center's girdle, mm.
_ACROSS, _CHORD_MM = 25, 0.005
#: Heights off the row's axes at which prongs are looked at.
_LEVELS = 5


@dataclass(frozen=True)
class LaidOut:
    """A row in a rail; or ``None`` and why not. ``lower_mm``: so much lower it must lie, because of ``what``.

    ``counts`` are the numbers of stones that rows of this rail have.
    """

    halo: HiddenHalo | None
    why: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    lower_mm: float = 0.0
    what: str = ""
    cost: float = 0.0
    """Of gaps that differ and of room left at prongs."""


def lay_out(ledger: Ledger, collar: Collar) -> LaidOut:
    """The best row that a rail carries."""
    want = ledger.spec.halo
    assert want is not None
    rows, why = choices(ledger, collar)
    counts = set()
    for choice in rows:
        beads = hidden_beads(
            choice.places, collar.row_z, choice.pitch, choice.sizes, _levels(collar), collar.slit_mm, collar.height
        )
        if beads is None:
            why.append("beads")
            continue
        counts.add(len(choice.places))
        if isinstance(want.count, int) and len(choice.places) != want.count:
            why.append("count")
            continue
        seats = [_seat(f"halo_{k + 1}", place, collar.row_z) for k, place in enumerate(choice.places)]
        small, radius = collar.small, 0.5 * collar.small.diameter_mm
        row = bead_accent(
            small, choice.sizes, choice.gap, seats, beads,
            through_mm=collar.width + choice.sizes.proud, opening_mm=choice.hole, azure_mm=choice.hole,
            wall_mm=0.5 * collar.height - radius, scallop=None,
        )  # fmt: skip
        points, ways = (np.array(part) for part in zip(*choice.places, strict=True))
        room = way_in_room(RowLine(np.zeros(len(points)), points, ways), collar.prongs(), radius)
        culets = points - small.pavilion_depth_mm * ways
        halo = HiddenHalo(
            row=row,
            drop_mm=collar.head.girdle_z_mm - collar.row_z,
            row_z_mm=collar.row_z,
            inside_mm=inside_mm(collar.stone, points, ways, small, choice.sizes.rise),
            prong_gap_mm=float(room.min()),
            slack_mm=choice.slack,
            culet_gap_mm=culet_gap_mm(collar.stone, collar.head, culets, collar.row_z),
            bar_mm=choice.bar,
        )
        lower, what = _lower(collar, halo)
        return LaidOut(halo, (), tuple(sorted(counts)), lower, what, choice.cost)
    return LaidOut(None, tuple(why), tuple(sorted(counts)))


def _levels(collar: Collar) -> Levels:
    """Prongs at heights over and under the row's axes where beads stand."""
    heights = (np.linspace(-0.5, 0.5, _LEVELS) * collar.height).tolist()
    return [(z, prongs_at(collar.head, collar.row_z + z)) for z in heights]


def _seat(name: str, place: tuple[Array, Array], z: float) -> PlacedSeat:
    (x, y), (u, v) = place[0].tolist(), place[1].tolist()
    return PlacedSeat(id=name, origin_mm=(x, y, z), axis=(u, v, 0.0), along=(v, -u, 0.0))


def inside_mm(stone: CenterStone, points: Array, ways: Array, small: RoundStone, rise_mm: float) -> float:
    """How far stones and beads of a row stay inside the center's girdle from above, at least; negative: they show."""
    along = np.stack([ways[:, 1], -ways[:, 0]], axis=1)
    table, half = 0.5 * small.table_diameter_mm, 0.5 * small.diameter_mm
    rims = ((small.girdle_mm, half), (small.girdle_mm + small.crown_height_mm, table), (rise_mm, table))
    across = np.linspace(-1.0, 1.0, _ACROSS)
    whole = np.concatenate([points + high * ways + share * wide * along for high, wide in rims for share in across])
    if isinstance(stone, FancyStone):
        return -float(distance_to_path(whole, cut_stone(stone).outline.points(_CHORD_MM)).max())
    return 0.5 * stone.diameter_mm - float(np.hypot(whole[:, 0], whole[:, 1]).max())


def culet_gap_mm(stone: CenterStone, head: Head, culets: Array, row_z: float) -> float:
    """Between points (k, 2) at a height and the center stone, at least."""
    if isinstance(stone, FancyStone):
        body = convex_body(cut_stone(stone))
        local = np.column_stack([culets, np.full(len(culets), row_z - head.girdle_z_mm)])
        return float((local @ body.normals.T - body.offsets).max(axis=1).min())
    slope = math.radians(stone.pavilion_angle_deg)
    at = 0.5 * stone.diameter_mm - (head.girdle_z_mm - row_z) / math.tan(slope)
    return float((np.hypot(culets[:, 0], culets[:, 1]) - at).min()) * math.sin(slope)


def _back_wall_mm(collar: Collar, hole_mm: float) -> float:
    """Metal over an opening where it ends at the rail's inside, under the pavilion's clearance."""
    rail = collar.gallery.rails[0]
    corners = rail_section.profile(rail, collar.stone, collar.head.girdle_z_mm, collar.gallery.rail_clearance_mm)
    upper = collar.row_z + 0.5 * hole_mm
    (r, z), (s, w) = corners[-2], corners[-1]  # along the pavilion, or along the rail's top
    inner = max(s, min(corner[0] for corner in corners))
    away = math.hypot(s - r, w - z)
    return ((s - r) * (upper - z) - (w - z) * (inner - r)) / away


def _lower(collar: Collar, found: HiddenHalo) -> tuple[float, str]:
    """How much lower a row must lie, mm, and why: it shows beyond the girdle, or comes too near the pavilion."""
    lower, what = 0.0, ""
    level = math.cos(math.radians(collar.stone.pavilion_angle_deg))
    if found.inside_mm < 0.0:
        lower = -found.inside_mm / max(math.tan(math.radians(collar.head.prong_lean_deg)), 0.05)
        what = f"{mm(-found.inside_mm)} of it shows beyond the center stone from above"
    back, least = _back_wall_mm(collar, found.row.pilot_diameter_mm), rule("hidden_back_wall")
    if back < least - 1e-6 and (least - back) / level > lower:
        lower = (least - back) / level
        what = f"{mm(least)} of rail between opening and pavilion, here {mm(max(back, 0.0))}"
    short = rule("hidden_culet_room") - found.culet_gap_mm
    if short > 1e-6 and short / level > lower:
        lower, what = short / level, f"{mm(found.culet_gap_mm)} from its culets to the center's pavilion"
    return lower, what
