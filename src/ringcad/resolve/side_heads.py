"""Heads beside the center's: each is resolved as any head is, in a frame of its own, and moved until it keeps clear.

The center's numbers hold with prongs that stand steeper at their feet, so that there is room for two heads beside them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import SpecError, SpecProblem
from ringcad.fit.head_block import SKIRT_REACH_MM
from ringcad.fit.rail_section import thinnest_chord_mm
from ringcad.fit.side_shank import crown_line
from ringcad.resolve.head import resolve_head
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.side_room import HeadBodies, Placement, room_between
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import CenterStone, FoundryLimits, Gallery, Head, RoundStone, Shank, SideHeads
from ringcad.spec import Spec, Stone
from ringcad.spec.sides import SidesSpec
from ringcad.spec.values import split_number

#: Side stones of default size are never smaller than a head with two rails takes, mm.
_SMALLEST_MM = 3.0
#: What is kept beyond a wanted distance: the samples of :mod:`side_room` and the mesh's chord.
_MARGIN_MM = 0.03
#: How far a side head's axis may pass the finger axis, inward and outward, mm.
_OFFSET_MM = (-2.0, 3.2)
#: The shank drops to the bridge over this length inside the side heads' feet, mm, and rises to them over this arc.
_DROP_MM, _LIFT_DEG = 2.0, 22.0
#: As of a single head: skirts round the feet, relief's distance from them, what the join of head and hoop keeps.
_FOOT_CLEARANCE_MM, _JOIN_DEG = 0.5, 2.0
#: Beyond this from the top a side head stands beside the finger and not over it.
_FARTHEST_DEG = 62.0
#: Prongs of the center's head stand this steep at most of themselves, and a degree less is tried down to here.
_LEAN, _LEAN_LEAST_DEG, _SEAT_RAIL = "head.prong_lean_deg", 12.0, "gallery.seat_rail_height_mm"
#: A side head that would stand farther off than this leans less, by so much at a time and down to so much, degrees.
_NEAR_MM, _LESS_DEG, _LEAST_LEAN_DEG = 0.25, 2.0, 14.0
#: The shank stays so far under the seat rails of side heads: investment between them does not break off.
_UNDER_RAIL_MM = 0.40
#: Sizes that are tried below one that does not fit, and the least share of the center stone among defaults.
_SMALLER, _LEAST_SHARE = 0.95, 0.45
_SIZE, _TOO_SMALL = "sides.stone.size", "too small for a"
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
            fields = {problem.field for problem in error.problems}
            refused = fields & set(used)
            if _SEAT_RAIL in fields and _LEAN in used:  # steep prongs push the rail under the pavilion
                refused.add(_LEAN)
            if not refused:
                raise
            defaults = _less({field: entry for field, entry in defaults.items() if field in used}, refused)
            continue
        if head.v_prong is not None and _LEAN in used:  # a wall over a point thins where it leans far
            defaults = {field: entry for field, entry in defaults.items() if field != _LEAN}
            continue
        left = thinnest_chord_mm(gallery.rails[0], stone, head.girdle_z_mm, gallery.rail_clearance_mm)
        if _LEAN in used and left < limits.rail_min_mm:  # a lean that was given would be left to the finished mesh
            defaults = _less(defaults, {_LEAN})
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
    """The side heads, placed beside the center's. Raises :class:`SpecError` with everything that does not fit.

    Stones of default size are made smaller until they find room, or larger where a head would be too small.
    """
    want = ledger.spec.sides or SidesSpec()
    center = HeadBodies(stone, head, gallery)
    default = max(round(rule("side_stone_share") * stone.diameter_mm, 1), _SMALLEST_MM)
    size, first = want.stone.size or f"{default:g} mm", None
    for _ in range(12):
        trial = Ledger(ledger.spec)
        try:
            found = _of_size(trial, want, size, center, bore_mm, shank, limits)
        except SpecError as error:
            if all(problem.field == _SIZE and problem.message.startswith(_TOO_SMALL) for problem in error.problems):
                first = first or error
                number, unit = split_number(size) or (0.0, "mm")
                if unit != "mm" or number >= stone.diameter_mm:
                    raise first from None
                size = f"{max(up(number + 0.05, 0.1), _SMALLEST_MM):g} mm"
                continue
            if any((problem.suggestion or "").startswith("use '") for problem in error.problems):
                raise first or error from None  # it names a size itself
            first = first or error
            number, unit = split_number(size) or (0.0, "mm")
            size = f"{down(_SMALLER * number, 0.1 if unit == 'mm' else 0.01):g} {unit}"
            width = number if unit == "mm" else stone.diameter_mm
            room = {problem.field for problem in error.problems} <= {_SIZE, "sides.lean_deg"}
            if not room or _SMALLER * width < max(_SMALLEST_MM, _LEAST_SHARE * stone.diameter_mm):
                raise first from None
            continue
        if first is not None and want.stone.size is not None:
            raise SpecError([replace(problem, suggestion=f"use '{size}'") for problem in first.problems])
        ledger.reasons.update(trial.reasons)
        return found
    raise first or SpecError([])


def _of_size(
    ledger: Ledger,
    want: SidesSpec,
    size: str,
    center: HeadBodies,
    bore_mm: float,
    shank: Shank,
    limits: FoundryLimits,
) -> SideHeads:
    """Side heads for stones of a size; raises :class:`SpecError`."""
    side = _side_stone(ledger, want, size, center.stone)
    ledger.stop_on_problems()
    assert side is not None
    bridge = center.head.bridge_thickness_mm
    beside = "almond" if center.head.tip == "claw" else center.head.tip  # side stones are too low for claws
    own_head = want.head().model_copy(update={"tip": want.tip or beside, "bridge_thickness_mm": bridge})
    parts = {"head": own_head, "gallery": want.gallery(), "stone": Stone(size=f"{side.diameter_mm:g} mm")}
    spec = ledger.spec.model_copy(update=parts)
    ledger.rule_or("sides.lean_deg", want.lean_deg, "sides.lean_deg", "side_lean")
    place, own, bore_here, raised = Placement(0.0, 0.0), ledger, 0.0, 0.0
    found: HeadBodies | None = None
    for _ in range(4):  # the bore under a head depends on where it stands, and that on how high it is
        before, bore_here = bore_here, bore_mm if found is None else _bore_under(bore_mm, place, found)
        above = 0.0
        if found is not None and want.height_above_finger_mm is None:
            above = max(_above(center, found, place), _lacks(want, found, place, bore_mm, shank))
        if found is not None and abs(before - bore_here) < 1e-6 and above < _MARGIN_MM:
            break
        if found is not None and above >= _MARGIN_MM:
            raised = found.head.height_above_finger_mm + above
        try:
            side_head, side_gallery, own = _resolved_with(spec, _side_defaults(raised), bore_here, side, shank, limits)
        except SpecError as error:
            raise SpecError([_renamed(problem, ledger.spec) for problem in error.problems]) from None
        found = HeadBodies(side, side_head, side_gallery)
        ledger.problems.clear()  # what was said of a head that has become taller since
        place = _placed(ledger, want, center, found, limits)
    assert found is not None
    _note(ledger, own, want)
    room = room_between(center, found, place)
    end = _angle_deg(place, found, _base_half_mm(found))
    if end > _FARTHEST_DEG:
        ledger.refuse(
            _SIZE, "the side heads stand beside the finger and not over it", value=mm(side.diameter_mm),
            limit=f"heads that end {_FARTHEST_DEG:.0f} deg from the top, here {end:.0f}",
            suggestion="use smaller stones, or a larger ring",
        )  # fmt: skip
    ledger.stop_on_problems()
    line = _line(found, place)
    rise = _arm_rise(ledger, want, found, place, bore_mm, shank)
    ledger.stop_on_problems()
    return SideHeads(
        stone=side,
        head=found.head,
        gallery=found.gallery,
        lean_deg=place.lean_deg,
        offset_mm=place.offset_mm,
        bore_mm=bore_here,
        gap_mm=_gap_from_above(center, found, place),
        stones_mm=room.stones_mm,
        metal_gap_mm=room.metal_mm,
        drop_mm=_drop(center, found, place),
        bridge_deg=line.bridge_deg,
        arm_rise_mm=rise,
        lift_deg=line.lift_deg,
    )


@dataclass(frozen=True)
class _Line:
    """What of side heads the shank's crown line follows."""

    bridge_deg: tuple[float, float]
    lift_deg: float
    arm_rise_mm: float = 0.0


def _line(found: HeadBodies, place: Placement) -> _Line:
    end = _angle_deg(place, found, _base_half_mm(found))
    return _Line((_angle_deg(place, found, _base_half_mm(found) - _DROP_MM), end), end + _LIFT_DEG)


def _under_rails(
    found: HeadBodies, place: Placement, bore_mm: float, bridge_mm: float, shank: Shank
) -> tuple[Array, Array]:
    """Room (k,) between the shank and places under a side head's seat rail, mm, and what a rise of 1 mm takes of it."""
    rail, line = found.gallery.rails[0], _line(found, place)
    turn = np.radians(np.arange(-90.0, 91.0, 5.0))
    loop = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], axis=1)
    points = np.concatenate([r * loop for r in np.linspace(rail.inner_radius_mm, rail.outer_radius_mm, 5)])
    points = place.to_ring(points[np.abs(points[:, 1]) < 0.5 * shank.widest] + _point(rail.bottom_z_mm))
    phi = np.degrees(np.arctan2(points[:, 0], points[:, 2]))
    low = crown_line(shank, bridge_mm, line, phi)
    takes = crown_line(shank, bridge_mm, replace(line, arm_rise_mm=1.0), phi) - low
    return np.hypot(points[:, 0], points[:, 2]) - bore_mm - _UNDER_RAIL_MM - low, np.maximum(takes, 1e-9)


def _arm_rise(
    ledger: Ledger, want: SidesSpec, found: HeadBodies, place: Placement, bore_mm: float, shank: Shank
) -> float:
    """How far the shank rises to the outer prongs under the seat rails of the side heads, mm."""
    room, takes = _under_rails(found, place, bore_mm, found.head.bridge_thickness_mm, shank)
    lacks, most = -float(room.min()), float(np.floor(100.0 * (room / takes).min()) / 100.0)
    if lacks > 0.0:
        height = found.head.height_above_finger_mm + lacks
        ledger.refuse(
            "sides.height_above_finger_mm", "the shank leaves no room under the side heads' seat rails",
            value=found.head.height_above_finger_mm, limit=f"at least {mm(height)}", suggestion=f"use {up(height):g}",
        )  # fmt: skip
        return 0.0
    if want.arm_rise_mm is None and most < rule("side_arm_rise"):
        ledger.note("sides.arm_rise_mm", "derived", "less than usual, so that the shank stays clear of the seat rails")
        return most
    rise = ledger.rule_or("sides.arm_rise_mm", want.arm_rise_mm, "sides.arm_rise_mm", "side_arm_rise")
    if rise > most:
        ledger.refuse(
            "sides.arm_rise_mm", "the shank would meet the side heads' seat rails", value=rise,
            limit=f"at most {mm(most)}, which leaves {mm(_UNDER_RAIL_MM)}", suggestion=f"use {most:g}",
        )  # fmt: skip
    return rise


def _lacks(want: SidesSpec, found: HeadBodies, place: Placement, bore_mm: float, shank: Shank) -> float:
    """How much taller a side head is to be for the shank to rise under its rails as was asked, or half of usual, mm."""
    rise = 0.5 * rule("side_arm_rise") if want.arm_rise_mm is None else min(want.arm_rise_mm, rule("side_arm_rise"))
    room, takes = _under_rails(found, place, bore_mm, found.head.bridge_thickness_mm, shank)
    return float((rise * takes - room).max())


def _drop(center: HeadBodies, side: HeadBodies, place: Placement) -> float:
    return center.head.girdle_z_mm - float(place.to_ring(_point(side.head.girdle_z_mm))[2])


def _above(center: HeadBodies, side: HeadBodies, place: Placement) -> float:
    """How much taller along its axis a side head is to hang no lower than sold ones do, mm."""
    return (_drop(center, side, place) - rule("side_drop_most")) / math.cos(math.radians(place.lean_deg))


def _side_stone(ledger: Ledger, want: SidesSpec, size: str, center: CenterStone) -> RoundStone | None:
    given = Stone(size=size, gem=want.stone.gem or center.gem)
    found = resolve_stone(given, ledger, "sides.stone", "sides.stone")
    if want.stone.size is None:
        ledger.note(
            "sides.stone.diameter_mm",
            "default",
            "0.65 of the center stone's width, 3 mm or more, less where no room is",
        )
    if want.stone.gem is None:
        ledger.note("sides.stone.gem", "default", "as the center stone")
    if found is not None and found.diameter_mm > center.diameter_mm + 1e-9:
        ledger.refuse(
            "sides.stone.size", "a side stone is not larger than the center stone", value=mm(found.diameter_mm),
            limit=f"at most {mm(center.diameter_mm)}", suggestion=f"use '{center.diameter_mm:g} mm' or less",
        )  # fmt: skip
    return found


def _side_defaults(height_mm: float) -> Filled:
    because = "so that the side stones hang lower than the center's"
    found = {
        "gallery.base_rail_height_mm": (rule("side_base_rail_height"), because),
        "gallery.rail_gap_mm": (rule("side_rail_gap"), because),
    }
    if height_mm:
        found["head.height_above_finger_mm"] = (
            height_mm,
            "taller, so that the stones hang as in sold rings and the shank clears the rails",
        )
    return found


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


def _placed(ledger: Ledger, want: SidesSpec, center: HeadBodies, side: HeadBodies, limits: FoundryLimits) -> Placement:
    """As near as stones and metal allow; a gap that was given is kept or refused.

    Of itself a head leans as usual, or less where it would stand far off, or more where it would not reach out.
    """
    apart, reach = limits.gap_min_mm + _MARGIN_MM, rule("side_metal_room") + _MARGIN_MM
    wanted = rule("side_gap") if want.gap_mm is None else want.gap_mm
    high, usual = _OFFSET_MM[1], rule("side_lean")

    def clear(place: Placement) -> float:
        room = room_between(center, side, place)
        return min(room.metal_mm - apart, room.stone_to_metal_mm - reach)

    def nearest(lean: float) -> tuple[float, float]:
        """Offsets from which on the gap, and the room round the metal, are kept."""
        return (
            _first(lambda offset: _gap_from_above(center, side, Placement(lean, offset)) - wanted, *_OFFSET_MM),
            _first(lambda offset: clear(Placement(lean, offset)), *_OFFSET_MM),
        )

    lean = usual if want.lean_deg is None else want.lean_deg
    by_gap, by_metal = nearest(lean)
    while want.lean_deg is None and max(by_gap, by_metal) >= high and usual <= lean < rule("side_lean_most"):
        lean += 1.0
        by_gap, by_metal = nearest(lean)
    while want.lean_deg is None and want.gap_mm is None and by_metal > by_gap + _NEAR_MM and lean > _LEAST_LEAN_DEG:
        less = nearest(lean - _LESS_DEG)
        if max(less) >= high:
            break
        lean, (by_gap, by_metal) = lean - _LESS_DEG, less
    if lean != usual and want.lean_deg is None:
        ledger.note("sides.lean_deg", "derived", "so that the side stones come near and reach past the center's head")
    if want.gap_mm is not None and by_metal > by_gap and by_gap < high:
        least = _gap_from_above(center, side, Placement(lean, by_metal))
        ledger.refuse(
            "sides.gap_mm", "the heads come too close together", value=want.gap_mm,
            limit=f"{mm(apart)} between their metal, {mm(reach)} from it to the other's stone",
            suggestion=f"use {up(least):g}, or leave it out",
        )  # fmt: skip
    if max(by_gap, by_metal) >= high:
        ledger.refuse(
            "sides.lean_deg", "the side heads would stand too far out for their lean", value=lean,
            limit=f"axes that pass the finger's by {mm(high)} at most",
            suggestion=_more_lean(center, side, wanted, clear, lean),
        )  # fmt: skip
    return Placement(lean, max(by_gap, by_metal))


def _more_lean(
    center: HeadBodies, side: HeadBodies, wanted: float, clear: Callable[[Placement], float], lean_deg: float
) -> str:
    """The nearest lean, in whole degrees, at which a side head finds its place."""
    high = _OFFSET_MM[1]
    for lean in range(math.ceil(lean_deg + 1e-6), 51):
        place = Placement(float(lean), high - 0.05)
        if _gap_from_above(center, side, place) >= wanted and clear(place) >= 0.0:
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
    ledger.choice("sides.head.tip", "sides.tip", want.tip is not None, "as the center's, beside claws almonds")
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
    skirt = math.degrees((SKIRT_REACH_MM + _FOOT_CLEARANCE_MM) / bore_mm)
    return float(math.ceil(sides.bridge_deg[1] + skirt + _JOIN_DEG))


def level_from_deg(sides: SideHeads, stone: RoundStone) -> float:
    """Where the rim of a row's first stone may begin: stones want the shank's own line."""
    return sides.lift_deg
