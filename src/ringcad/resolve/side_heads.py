"""Heads beside the center's: each is resolved as any head is, in a frame of its own, and moved until it keeps clear.

The center's numbers hold with prongs that stand steeper at their feet, so that there is room for two heads beside them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import SpecError, SpecProblem
from ringcad.resolve.head import resolve_head
from ringcad.resolve.ledger import Ledger, mm, rule, up
from ringcad.resolve.side_room import HeadBodies, Placement, Room, room_between
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import CenterStone, FoundryLimits, Gallery, Head, RoundStone, Shank, SideHeads
from ringcad.spec import Spec, Stone
from ringcad.spec.sides import SidesSpec

#: Side stones of default size are never smaller than a head with two rails takes, mm.
_SMALLEST_MM = 3.0
#: What is kept beyond a wanted distance: the samples of :mod:`side_room` and the mesh's chord.
_MARGIN_MM = 0.03
#: How far a side head's axis may pass the finger axis, inward and outward, mm.
_OFFSET_MM = (-2.0, 3.2)
#: The shank drops to the bridge over this length inside the side heads' feet, mm, and rises to them over this arc.
_DROP_MM, _LIFT_DEG = 2.0, 22.0
#: As of a single head: skirts round the feet, relief's distance from them, what the join of head and hoop keeps.
_SKIRT_MM, _FOOT_CLEARANCE_MM, _JOIN_DEG = 0.45, 0.5, 2.0
#: Beyond this from the top a side head stands beside the finger and not over it.
_FARTHEST_DEG = 62.0
#: Prongs of the center's head stand this steep at most of themselves, and a degree less is tried down to here.
_LEAN, _LEAN_LEAST_DEG = "head.prong_lean_deg", 12.0
_FIELD = re.compile(r"\b(?:head|gallery)\.(?=[a-z_]+)")

Array = NDArray[np.float64]
Filled = Mapping[str, tuple[float, str]]
"""Defaults of a three stone ring: field of the spec -> value and reason."""


def _filled(spec: Spec, defaults: Filled) -> tuple[Spec, Filled]:
    """The spec with defaults in the place of fields left out, and those that were."""
    used, parts = {}, {"head": spec.head, "gallery": spec.gallery}
    for field, (value, because) in defaults.items():
        part, name = field.split(".")
        if getattr(parts[part], name) is None:
            parts[part] = parts[part].model_copy(update={name: value})
            used[field] = (value, because)
    return spec.model_copy(update=parts), used


def _resolved_with(
    spec: Spec, defaults: Filled, bore_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits
) -> tuple[Head, Gallery, Ledger]:
    """A head with these defaults, or without those that do not fit it; its own ledger. Raises :class:`SpecError`."""
    while True:
        full, used = _filled(spec, defaults)
        ledger = Ledger(full)
        try:
            head, gallery = resolve_head(ledger, bore_mm, stone, shank, limits)
        except SpecError as error:
            refused = {problem.field for problem in error.problems} & set(used)
            if not refused:
                raise
            defaults = _less({field: entry for field, entry in defaults.items() if field in used}, refused)
            continue
        for path, reason in ledger.reasons.items():
            for field, (_, because) in used.items():
                if reason.because == f"given as {field}":
                    ledger.note(path, "default", because)
        return head, gallery, ledger


def _less(defaults: Filled, refused: set[str]) -> Filled:
    """Defaults without those refused; a lean is tried a degree less first."""
    found = {field: entry for field, entry in defaults.items() if field not in refused}
    if _LEAN in refused and defaults[_LEAN][0] > _LEAN_LEAST_DEG:
        found[_LEAN] = (defaults[_LEAN][0] - 1.0, defaults[_LEAN][1])
    return found


def resolve_center_head(
    ledger: Ledger, bore_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits
) -> tuple[Head, Gallery]:
    """The head between two others. Raises :class:`SpecError`."""
    want = ledger.spec
    if want.head.style == "stand":
        ledger.refuse(
            "head.style", "heads side by side stand on one bridge; a standing head has none", value="stand",
            limit="basket", suggestion="use 'style: basket', or leave it out",
        )  # fmt: skip
    if want.gallery.shoulders == "cathedral":
        ledger.refuse(
            "gallery.shoulders", "cathedral arms carry a single head", value="cathedral", limit="plain",
            suggestion="use 'shoulders: plain', or leave it out",
        )  # fmt: skip
    ledger.stop_on_problems()
    defaults = {
        "head.culet_clearance_mm": (rule("three_stone_culet"), "three stone rings carry the center stone higher"),
        "head.prong_lean_deg": (rule("three_stone_prong_lean"), "feet close together leave room for the side heads"),
    }
    head, gallery, own = _resolved_with(want, defaults, bore_mm, stone, shank, limits)
    ledger.reasons.update(own.reasons)
    return head, gallery


def resolve_sides(
    ledger: Ledger,
    bore_mm: float,
    stone: CenterStone,
    head: Head,
    gallery: Gallery,
    shank: Shank,
    limits: FoundryLimits,
) -> SideHeads:
    """The side heads, placed beside the center's. Raises :class:`SpecError` with everything that does not fit."""
    want = ledger.spec.sides or SidesSpec()
    side = _side_stone(ledger, want, stone)
    ledger.stop_on_problems()
    assert side is not None
    spec = ledger.spec.model_copy(
        update={
            "head": want.head().model_copy(
                update={"tip": want.tip or head.tip, "bridge_thickness_mm": head.bridge_thickness_mm}
            ),
            "gallery": want.gallery(),
            "stone": Stone(size=f"{side.diameter_mm:g} mm"),
        }
    )
    lean = ledger.rule_or("sides.lean_deg", want.lean_deg, "sides.lean_deg", "side_lean")
    center = HeadBodies(stone, head, gallery)
    place, own, bore_here = Placement(lean, 0.0), ledger, 0.0
    found: HeadBodies | None = None
    for _ in range(3):  # the bore under a head depends on where it stands, and that on how high it is
        before, bore_here = bore_here, bore_mm if found is None else _bore_under(bore_mm, place, found)
        if found is not None and abs(before - bore_here) < 1e-6:
            break
        try:
            side_head, side_gallery, own = _resolved_with(spec, _side_defaults(), bore_here, side, shank, limits)
        except SpecError as error:
            raise SpecError([_renamed(problem, ledger.spec) for problem in error.problems]) from None
        found = HeadBodies(side, side_head, side_gallery)
        place = _placed(ledger, want, center, found, lean, limits)
        lean = place.lean_deg
    assert found is not None
    _note(ledger, own, want)
    room = room_between(center, found, place)
    end = _angle_deg(place, found, _base_half_mm(found))
    rise = ledger.rule_or("sides.arm_rise_mm", want.arm_rise_mm, "sides.arm_rise_mm", "side_arm_rise")
    if end > _FARTHEST_DEG:
        ledger.refuse(
            "sides.stone.size", "the side heads stand beside the finger and not over it", value=mm(side.diameter_mm),
            limit=f"heads that end {_FARTHEST_DEG:.0f} deg from the top, here {end:.0f}",
            suggestion="use smaller stones, or a larger ring",
        )  # fmt: skip
    ledger.stop_on_problems()
    girdle = place.to_ring(_point(found.head.girdle_z_mm))[2]
    return SideHeads(
        stone=side,
        head=found.head,
        gallery=found.gallery,
        lean_deg=lean,
        offset_mm=place.offset_mm,
        bore_mm=bore_here,
        gap_mm=_gap_from_above(center, found, place),
        stones_mm=room.stones_mm,
        metal_gap_mm=room.metal_mm,
        drop_mm=head.girdle_z_mm - float(girdle),
        bridge_deg=(_angle_deg(place, found, _base_half_mm(found) - _DROP_MM), end),
        arm_rise_mm=rise,
        lift_deg=end + _LIFT_DEG,
    )


def _side_stone(ledger: Ledger, want: SidesSpec, center: CenterStone) -> RoundStone | None:
    size = want.stone.size
    if size is None:
        size = f"{max(round(rule('side_stone_share') * center.diameter_mm, 1), _SMALLEST_MM):g} mm"
    given = Stone(size=size, gem=want.stone.gem or center.gem)
    found = resolve_stone(given, ledger, "sides.stone", "sides.stone")
    if want.stone.size is None:
        ledger.note("sides.stone.diameter_mm", "default", "0.65 of the center stone's width, 3 mm or more")
    if want.stone.gem is None:
        ledger.note("sides.stone.gem", "default", "as the center stone")
    if found is not None and found.diameter_mm > center.diameter_mm + 1e-9:
        ledger.refuse(
            "sides.stone.size", "a side stone is not larger than the center stone", value=mm(found.diameter_mm),
            limit=f"at most {mm(center.diameter_mm)}", suggestion=f"use '{center.diameter_mm:g} mm' or less",
        )  # fmt: skip
    return found


def _side_defaults() -> Filled:
    because = "so that the side stones hang lower than the center's"
    return {
        "gallery.base_rail_height_mm": (rule("side_base_rail_height"), because),
        "gallery.rail_gap_mm": (rule("side_rail_gap"), because),
    }


def _renamed(problem: SpecProblem, spec: Spec) -> SpecProblem:
    """A problem of a side head in the words of the spec, where it stands under ``sides``."""
    field = problem.field
    field = f"sides.{field}" if field.startswith("stone") else _FIELD.sub("sides.", field)
    hint = None if problem.suggestion is None else _FIELD.sub("sides.", problem.suggestion)
    return replace(
        spec.source.problem(field, problem.message, limit=problem.limit, suggestion=hint), value=problem.value
    )


def _point(z_mm: float) -> Array:
    return np.array([0.0, 0.0, z_mm])


def _base_half_mm(found: HeadBodies) -> float:
    """How far from its axis a head reaches along the shank at its base, mm."""
    head, stand = found.head, found.head.stands[0]
    foot = stand.x_mm + head.prong_foot_radius_mm * math.cos(math.radians(stand.azimuth_deg))
    return max(foot + 0.5 * head.prong_diameter_base_mm, found.gallery.rails[1].outer_radius_mm)


def _bore_under(bore_mm: float, place: Placement, found: HeadBodies) -> float:
    """Height in a head's frame of the bore where it is highest under the head's base, mm."""
    nearest = max(abs(place.offset_mm) - _base_half_mm(found), 0.0)
    return math.sqrt(bore_mm**2 - nearest**2)


def _angle_deg(place: Placement, found: HeadBodies, x_mm: float) -> float:
    """Angle from the top of a place beside a head's axis, at its base."""
    x, _, z = place.to_ring(np.array([x_mm, 0.0, found.gallery.rails[1].bottom_z_mm]))
    return math.degrees(math.atan2(float(x), float(z)))


def _gap_from_above(center: HeadBodies, side: HeadBodies, place: Placement) -> float:
    return float(place.to_ring(side.corners)[:, 0].min() - center.corners[:, 0].max())


def _placed(
    ledger: Ledger, want: SidesSpec, center: HeadBodies, side: HeadBodies, lean_deg: float, limits: FoundryLimits
) -> Placement:
    """As near as stones and metal allow; a gap that was given is kept or refused, a lean that was not grows."""
    apart = limits.gap_min_mm + _MARGIN_MM
    reach = rule("side_metal_room") + _MARGIN_MM

    def clear(room: Room) -> float:
        return min(room.metal_mm - apart, room.stone_to_metal_mm - reach)

    def at(offset: float) -> Placement:
        return Placement(lean_deg, offset)

    low, high = _OFFSET_MM
    wanted = rule("side_gap") if want.gap_mm is None else want.gap_mm
    by_gap = _first(lambda offset: _gap_from_above(center, side, at(offset)) - wanted, low, high)
    by_metal = _first(lambda offset: clear(room_between(center, side, at(offset))), low, high)
    if want.gap_mm is not None and by_metal > by_gap and by_gap < high:
        least = _gap_from_above(center, side, at(by_metal))
        ledger.refuse(
            "sides.gap_mm", "the heads come too close together", value=want.gap_mm,
            limit=f"{mm(apart)} between their metal, {mm(reach)} from it to the other's stone",
            suggestion=f"use {up(least):g}, or leave it out",
        )  # fmt: skip
    offset = max(by_gap, by_metal)
    if offset >= high - 1e-6 and want.lean_deg is None and lean_deg < rule("side_lean_most"):
        ledger.note("sides.lean_deg", "derived", "more than usual, so that the side heads reach past the center's")
        return _placed(ledger, want, center, side, lean_deg + 1.0, limits)
    if offset >= high - 1e-6:
        ledger.refuse(
            "sides.lean_deg", "the side heads would stand too far out for their lean", value=lean_deg,
            limit=f"axes that pass the finger's by {mm(high)} at most",
            suggestion=_more_lean(center, side, wanted, clear, lean_deg),
        )  # fmt: skip
    return at(offset)


def _more_lean(
    center: HeadBodies, side: HeadBodies, wanted: float, clear: Callable[[Room], float], lean_deg: float
) -> str:
    """The nearest lean, in whole degrees, at which a side head finds its place."""
    high = _OFFSET_MM[1]
    for lean in range(math.ceil(lean_deg + 1e-6), 51):
        place = Placement(float(lean), high - 0.05)
        if _gap_from_above(center, side, place) >= wanted and clear(room_between(center, side, place)) >= 0.0:
            return f"use {lean}, or smaller stones"
    return "use smaller stones"


def _first(keeps: Callable[[float], float], low: float, high: float) -> float:
    """The least offset, rounded up to hundredths, from which on ``keeps`` is not negative; ``high`` if it never is."""
    if keeps(high) < 0.0:
        return high
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if keeps(middle) >= 0.0 else (middle, high)
    return min(up(high), _OFFSET_MM[1])


def _note(ledger: Ledger, own: Ledger, want: SidesSpec) -> None:
    """Reasons of a side head's numbers under ``sides``, in the words of its own fields."""
    for path, reason in own.reasons.items():
        if path.startswith(("head.", "gallery.")):
            ledger.note(f"sides.{path}", reason.kind, _FIELD.sub("sides.", reason.because))
    ledger.note("sides.head.bridge_thickness_mm", "derived", "the center's: one bridge carries all heads")
    ledger.choice("sides.head.prongs", "sides.prongs", "prongs" in want.model_fields_set)
    ledger.choice("sides.head.tip", "sides.tip", want.tip is not None, "as the center's")
    because = "as near to the center's head as stones, metal and the setter's tool allow"
    for name in ("offset_mm", "gap_mm", "stones_mm", "metal_gap_mm"):
        ledger.note(f"sides.{name}", "derived", because)
    if want.gap_mm is not None:
        ledger.given("sides.gap_mm", "sides.gap_mm")
    ledger.note("sides.bore_mm", "derived", "where the bore is highest under the head's base")
    ledger.note("sides.drop_mm", "derived", "heights of both heads, and the lean")
    ledger.note("sides.bridge_deg", "derived", "the shank carries the side heads' outer prongs, and drops inside them")
    ledger.note("sides.lift_deg", "derived", "22 deg behind the side heads: sold three stone rings lift at 2 o'clock")


def sides_start_deg(bore_mm: float, sides: SideHeads) -> float:
    """Where decoration may begin: beyond the side heads' outer feet and the skirts round them, whole degrees."""
    skirt = math.degrees((_SKIRT_MM + _FOOT_CLEARANCE_MM) / bore_mm)
    return float(math.ceil(sides.bridge_deg[1] + skirt + _JOIN_DEG))


def level_from_deg(sides: SideHeads, stone: RoundStone) -> float:
    """Where the rim of a row's first stone may begin: stones want the shank's own line."""
    return sides.lift_deg
