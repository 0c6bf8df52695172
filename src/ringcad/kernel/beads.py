"""Bead-set stones in the kernel: the beads as bodies to be fused, seats and U-cuts to be cut, in any frame."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.bead_row import bead_rows
from ringcad.kernel.parts import extruded, revolve, revolve_curves
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import BeadAccent, PlacedSeat, ResolvedRing, Scallop

Array = NDArray[np.float64]

#: Cutters overrun what they cut by this, mm.
_OVERRUN_MM = 0.8


def bead_bodies(accent: BeadAccent) -> list[NamedShape]:
    """One body per bead, ``bead_<id>``: a round post from its foot with a half ball on top."""
    radius = 0.5 * accent.bead_diameter_mm
    diagonal = radius * math.sqrt(0.5)
    found = []
    for bead in accent.beads:
        base = bead.height_mm - radius
        profile = [
            [(0.0, 0.0), (radius, 0.0)],
            [(radius, 0.0), (radius, base)],
            [(radius, base), (diagonal, base + diagonal), (0.0, bead.height_mm)],
            [(0.0, bead.height_mm), (0.0, 0.0)],
        ]
        found.append(revolve_curves(profile, np.array(bead.foot_mm), np.array(bead.axis), f"bead_{bead.id}"))
    return found


def bead_cutters(accent: BeadAccent, under_mm: float = _OVERRUN_MM) -> list[NamedShape]:
    """All that is cut for the stones: each seat ``seat_<id>``, and its U-cut ``scallop_<id>`` where there is one.

    ``under_mm`` is how far seats are cut beyond the metal's underside.
    """
    seats = [seat_cutter(accent, seat, under_mm) for seat in accent.seats]
    if accent.scallop is None:
        return seats
    sides = (1, -1) if accent.scallop.both_sides else (1,)
    return seats + [
        scallop_cutter(accent.scallop, seat, accent.bead_rise_mm, side) for seat in accent.seats for side in sides
    ]


def seat_cutter(accent: BeadAccent, seat: PlacedSeat, under_mm: float = _OVERRUN_MM) -> NamedShape:
    """Opening above, bearing cone along the pavilion, azure that widens through to the underside and beyond it."""
    stone = accent.stone
    half, opening = 0.5 * stone.diameter_mm, 0.5 * accent.opening_diameter_mm
    pilot, azure = 0.5 * accent.pilot_diameter_mm, 0.5 * accent.azure_diameter_mm
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    bearing_top, bearing_low = -(half - opening) * slope, -(half - pilot) * slope
    widening = (azure - pilot) / (accent.through_mm + bearing_low)
    through = -accent.through_mm - under_mm
    profile = [
        (0.0, through),
        (azure + widening * under_mm, through),
        (pilot, bearing_low),
        (opening, bearing_top),
        (opening, accent.bead_rise_mm + _OVERRUN_MM),
        (0.0, accent.bead_rise_mm + _OVERRUN_MM),
    ]
    return revolve(profile, np.array(seat.origin_mm), np.array(seat.axis), f"seat_{seat.id}")


def scallop_cutter(scallop: Scallop, seat: PlacedSeat, top_mm: float, side: int = 1) -> NamedShape:
    """A U-cut: a round trough with upright sides across the row, open from ``top_mm`` over the girdle down.

    ``side`` -1 is that on the other side of the row.
    """
    axis, along, across = np.array(seat.axis), np.array(seat.along), side * np.array(seat.across)
    start = np.array(seat.origin_mm) + scallop.from_mm * across
    radius, level = scallop.radius_mm, scallop.radius_mm - scallop.depth_mm
    left, right = start - radius * along + level * axis, start + radius * along + level * axis
    high = (top_mm + _OVERRUN_MM + scallop.fall_mm - level) * axis
    outline = [
        [left, start - scallop.depth_mm * axis, right],
        [right, right + high],
        [right + high, left + high],
        [left + high, left],
    ]
    way = (scallop.to_mm - scallop.from_mm) * across - scallop.fall_mm * axis
    return extruded(outline, way, f"scallop_{seat.id}")


def bodies_of(ring: ResolvedRing, axes: tuple[int, ...] = ()) -> list[NamedShape]:
    """Beads of the rows on a ring's shank: those on the positive side along ``axes`` (0: x, 1: y)."""
    found = []
    for accent in bead_rows(ring):
        kept = [bead for bead in accent.beads if all(bead.foot_mm[axis] > 0.0 for axis in axes)]
        found += bead_bodies(accent.model_copy(update={"beads": tuple(kept)}))
    return found


def cutters_of(ring: ResolvedRing, axes: tuple[int, ...] = ()) -> list[NamedShape]:
    """What is cut for the rows on a ring's shank, on the positive side along ``axes``: whole seats, U-cuts by side."""
    found = []
    for accent in bead_rows(ring):
        kept = tuple(seat for seat in accent.seats if 0 not in axes or seat.origin_mm[0] > 0.0)
        if 1 not in axes or accent.scallop is None:
            found += bead_cutters(accent.model_copy(update={"seats": kept}))
            continue
        found += [seat_cutter(accent, seat) for seat in kept]
        for seat in kept:
            side = 1 if seat.across[1] > 0.0 else -1
            found.append(scallop_cutter(accent.scallop, seat, accent.bead_rise_mm, side))
    return found


def mirror_names(ring: ResolvedRing, axis: int) -> dict[str, str]:
    """What faces of the rows are called in the mirror square to ``axis`` (0: x, 1: y)."""
    names = {}
    for accent in bead_rows(ring):
        sign = np.array([-1.0, 1.0, 1.0]) if axis == 0 else np.array([1.0, -1.0, 1.0])
        places = [(f"bead_{bead.id}", np.array(bead.foot_mm)) for bead in accent.beads]
        for kind in ("seat", "scallop"):
            places += [(f"{kind}_{seat.id}", np.array(seat.origin_mm)) for seat in accent.seats]
        for name, at in places:
            alike = [(other, there) for other, there in places if other.split("_")[0] == name.split("_")[0]]
            names[name] = min((float(np.abs(sign * at - there).sum()), other) for other, there in alike)[1]
    return names
