"""A head from a STEP file by its mates: what can be said of it before the file's metal is looked at."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np

from ringcad.resolve.fancy import stands
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.stones import check_size
from ringcad.resolved import CenterStone, FancyStone, FoundryLimits, Gallery, Head, OwnHead, ProngStand, Shank
from ringcad.spec.mates import MatesSpec
from ringcad.spec.repertoire import repertoire
from ringcad.spec.values import an
from ringcad.stones.placed import prong_counts

#: Largest file that is read, bytes: a head of a thousand spline faces has about five million.
LARGEST_BYTES = 20_000_000
#: Kept beyond closed-form walls: chord error of bore and pocket, and rounding.
_MARGIN_MM = 0.03
#: Smallest stone of a head from a file.
_SMALLEST_MM = 2.0
#: How far a base may reach round the finger, as a share of the shank's outer radius (37 degrees either side).
_WIDEST_SHARE = 0.6
#: A declared prong may stand so far from where its cut is held, degrees about the axis.
_PLACE_DEG = 3.0
#: Overlap of base and shank below the lowest of the skin under it (``TOLERANCES.overlap_mm``, and its chord).
_OVERLAP_MM = 0.17
#: A round base and the sides of a shank meet clearly or not at all, mm.
_APART_MM = 0.1
_ROUNDING = 1e-9
_KEPT = ("file", "mates", "girdle_clearance_mm")
_HOLDERS = ("thickness_mm", "over_girdle_mm")


def resolve_own_head(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, shank: Shank, limits: FoundryLimits
) -> tuple[Head, Gallery]:
    """Head and gallery of a ring whose head is a file's. Raises :class:`SpecError` with all that does not fit."""
    _check_alone(ledger)
    mates = ledger.spec.head.mates
    content, path = _read(ledger)
    ledger.stop_on_problems()
    assert mates is not None and ledger.spec.head.file is not None
    check_size(ledger, bore_radius_mm, stone, _SMALLEST_MM, "too small for a head from a file")
    crown_z = bore_radius_mm + shank.thickness_top_mm
    girdle_z = crown_z + mates.girdle_mm
    axis, along = _frame(ledger, mates)
    clearance = ledger.rule_or(
        "head.girdle_clearance_mm", ledger.spec.head.girdle_clearance_mm, "head.girdle_clearance_mm", "notch_clearance"
    )
    play = rule("rail_clearance") / math.cos(math.radians(stone.pavilion_angle_deg))
    culet = girdle_z - stone.pavilion_depth_mm
    least = max(limits.culet_clearance_min_mm, limits.wall_min_mm + play + _MARGIN_MM)
    if culet - bore_radius_mm < least - _ROUNDING:
        ledger.refuse(
            "head.mates.girdle_mm",
            "the stone's culet comes too near to the finger",
            value=mates.girdle_mm,
            limit=f"at least {mm(up(mates.girdle_mm + least - culet + bore_radius_mm))} over this shank",
            suggestion=f"use {up(mates.girdle_mm + least - culet + bore_radius_mm):g} with a head as much taller, "
            "or a smaller stone",
        )
    sunk = _base(ledger, mates, stone, shank, limits, crown_z)
    places = _holder(ledger, mates, stone, limits)
    ledger.stop_on_problems()
    pocket = max(0.0, crown_z - (culet - play))
    thickness = mates.thickness_mm or 0.0
    over = mates.over_girdle_mm or 0.0
    table_z = girdle_z + stone.girdle_mm + stone.crown_height_mm
    own = OwnHead(
        file=ledger.spec.head.file,
        sha256=hashlib.sha256(content).hexdigest(),
        origin_mm=mates.origin_mm,
        axis=axis,
        along=along,
        base_z_mm=crown_z,
        base_diameter_mm=mates.base_diameter_mm,
        sunk_mm=sunk,
        held_by=mates.held_by,
        thickness_mm=thickness,
        over_girdle_mm=over,
    )
    own._path = str(path)
    half = 0.5 * stone.diameter_mm
    head = Head(
        style="stand",
        own=own,
        prongs=len(places),
        first_prong_azimuth_deg=places[0].azimuth_deg if places else 0.0,
        places=places,
        prong_diameter_girdle_mm=thickness,
        prong_diameter_base_mm=thickness,
        prong_lean_deg=0.0,
        prong_axis_radius_girdle_mm=half + clearance + (0.5 - rule("notch_share_default")) * thickness,
        prong_foot_radius_mm=0.5 * mates.base_diameter_mm,
        prong_foot_z_mm=crown_z,
        prong_tip_z_mm=girdle_z + over if over else table_z,
        tip="dome",
        notch_share=rule("notch_share_default"),
        girdle_clearance_mm=clearance,
        girdle_z_mm=girdle_z,
        culet_z_mm=culet,
        table_z_mm=table_z,
        height_above_finger_mm=table_z - bore_radius_mm,
        governed_by="height_above_finger_mm",
        governing_heights_mm={"head.mates.girdle_mm": table_z - bore_radius_mm},
        bridge_thickness_mm=shank.thickness_top_mm,
        culet_pocket_depth_mm=pocket,
        culet_clearance_mm=culet - bore_radius_mm,
    )
    _note(ledger)
    gallery = Gallery(
        rails=(),
        shoulders="plain",
        rail_clearance_mm=rule("rail_clearance"),
        arm_thickness_mm=shank.thickness_top_mm,
        arm_width_mm=shank.head_width,
        lift_phi_deg=0.0,
        arm_top_z_mm=crown_z,
    )
    return head, gallery


def _check_alone(ledger: Ledger) -> None:
    """Refuse what a head from a file does not take: another template, numbers of our own heads, arms, legs."""
    spec, want = ledger.spec, ledger.spec.head
    if not repertoire(spec.template).own_head:
        ledger.refuse(
            "head.file",
            f"{an(spec.template.replace('_', ' '))} takes no head from a file",
            value=want.file,
            limit="solitaire, pave_solitaire",
            suggestion="remove 'file' and 'mates', or write 'template: solitaire'",
        )
    if want.file is None:
        ledger.refuse(
            "head.mates",
            "are of a head from a file, and no file is named",
            suggestion="add 'file: my_head.step' to the head, or remove the mates",
        )
    if want.mates is None:
        ledger.refuse(
            "head.mates",
            "are missing: without them a head from a file has no place",
            suggestion="add 'mates: {base_diameter_mm: 4, girdle_mm: 5, held_by: bench}' with the numbers of the head",
        )
    for name in sorted(want.model_fields_set - set(_KEPT)):
        ledger.refuse(
            f"head.{name}",
            "has no effect: the head is that of the file",
            value=getattr(want, name),
            suggestion="remove it, or change the file",
        )
    for name in sorted(spec.gallery.model_fields_set):
        ledger.refuse(
            f"gallery.{name}",
            "has no effect: a head from a file brings its own gallery",
            value=getattr(spec.gallery, name),
            suggestion="remove it, or change the file",
        )
    if spec.shank.split:
        ledger.refuse(
            "shank.split",
            "a head from a file stands on the shank and needs it whole",
            value=True,
            suggestion="remove it",
        )


def _read(ledger: Ledger) -> tuple[bytes, Path]:
    """The file's bytes and where it lies; noted where it cannot be a STEP file."""
    name = ledger.spec.head.file
    if name is None:
        return b"", Path()
    path = (ledger.spec.source.folder or Path.cwd()) / name
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        ledger.refuse(
            "head.file", f"cannot be read: {why}", value=name, suggestion="name a STEP file relative to the spec"
        )
        return b"", path
    if len(content) > LARGEST_BYTES:
        ledger.refuse(
            "head.file", "is too large for a head", value=name, limit=f"at most {LARGEST_BYTES // 1_000_000} MB",
            suggestion="export the solid alone, without its history and without meshes",
        )  # fmt: skip
    elif b"ISO-10303-21" not in content[:4096]:
        ledger.refuse(
            "head.file", "is no STEP file", value=name, limit="it begins with ISO-10303-21",
            suggestion="export the head as STEP (AP203, AP214 or AP242)",
        )  # fmt: skip
    return content, path


def _frame(ledger: Ledger, mates: MatesSpec) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Unit axis and unit way along the shank, square to each other."""
    axis, along = np.array(mates.axis), np.array(mates.along)
    length = float(np.linalg.norm(axis))
    if length > 0.0:
        axis = axis / length
        along = along - (along @ axis) * axis
    aside = float(np.linalg.norm(along))
    if length == 0.0 or aside < 1e-3 * max(float(np.linalg.norm(mates.along)), 1e-9) or aside == 0.0:
        field = "head.mates.axis" if length == 0.0 else "head.mates.along"
        ledger.refuse(
            field,
            "shows no way" if length == 0.0 else "must not lie along the axis",
            value=list(mates.axis if length == 0.0 else mates.along),
            suggestion="use [0, 0, 1]" if length == 0.0 else "use a way that is square to the axis",
        )
        return (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
    along = along / aside
    return (
        (float(axis[0]), float(axis[1]), float(axis[2])),
        (float(along[0]), float(along[1]), float(along[2])),
    )


def _base(
    ledger: Ledger, mates: MatesSpec, stone: CenterStone, shank: Shank, limits: FoundryLimits, crown_z: float
) -> float:
    """How far the base must reach below the crown to overlap the shank all round, mm; notes a base of wrong size."""
    least = max(rule("own_base_share") * stone.diameter_mm, 2.0 * limits.wall_min_mm)
    most = 2.0 * _WIDEST_SHARE * crown_z
    if not least - _ROUNDING <= mates.base_diameter_mm <= most + _ROUNDING:
        small = mates.base_diameter_mm < least
        ledger.refuse(
            "head.mates.base_diameter_mm",
            "is too small to carry this stone" if small else "reaches too far round the finger",
            value=mates.base_diameter_mm,
            limit=f"{mm(up(least))} to {mm(down(most))}",
            suggestion=f"use {up(least) if small else down(most):g} or {'more' if small else 'less'}, in the file too",
        )
        return _OVERLAP_MM
    beside = mates.base_diameter_mm - shank.head_width
    if abs(beside) < _APART_MM - _ROUNDING:
        wide = up(mates.base_diameter_mm + _APART_MM)
        ledger.refuse(
            "head.mates.base_diameter_mm",
            "touches the sides of the shank just so, which no cast keeps",
            value=mates.base_diameter_mm,
            limit=f"{mm(_APART_MM)} more or less than the shank's {mm(shank.head_width)} at the head",
            suggestion=f"use 'shank: {{width_mm: {{top: {wide:g}}}}}'",
        )
    radius, half = 0.5 * mates.base_diameter_mm, 0.5 * shank.head_width
    along = crown_z - math.sqrt(crown_z**2 - radius**2)
    # where a base is wider than the shank it hangs beside it, and nothing is under it there
    across = shank.crown_rise_mm * min(1.0, radius / half)
    return up(along + across + _OVERLAP_MM)


def _holder(ledger: Ledger, mates: MatesSpec, stone: CenterStone, limits: FoundryLimits) -> tuple[ProngStand, ...]:
    """Where prongs stand; notes what does not fit what is to hold the stone."""
    wanted = {"prongs": ("prongs_deg", *_HOLDERS), "bezel": _HOLDERS, "bench": ()}[mates.held_by]
    for name in ("prongs_deg", *_HOLDERS):
        value = getattr(mates, name)
        if value is None and name in wanted:
            ledger.refuse(
                f"head.mates.{name}", f"is missing: {mates.held_by} hold the stone" if mates.held_by == "prongs"
                else "is missing: a bezel holds the stone",
                suggestion={"prongs_deg": "add for example 'prongs_deg: [45, 135, 225, 315]'"}.get(
                    name, f"add '{name}: 1.2' with the number of the head"),
            )  # fmt: skip
        elif value is not None and name not in wanted:
            ledger.refuse(
                f"head.mates.{name}", f"has no effect with 'held_by: {mates.held_by}'",
                value=list(value) if isinstance(value, tuple) else value, suggestion="remove it",
            )  # fmt: skip
    if mates.thickness_mm is not None and wanted:
        least = limits.prong_min_mm if mates.held_by == "prongs" else limits.wall_min_mm
        if mates.thickness_mm < least - _ROUNDING:
            what = "prongs are" if mates.held_by == "prongs" else "bezel is"
            ledger.refuse(
                "head.mates.thickness_mm", f"the {what} too thin to be cast", value=mates.thickness_mm,
                limit=f"at least {mm(least)} with {limits.name}",
                suggestion=f"use {up(least):g} or more, in the file too",
            )  # fmt: skip
    if mates.held_by == "bezel" and (isinstance(stone, FancyStone) or stone.domed):
        ledger.refuse(
            "head.mates.held_by", f"a bezel from a file is measured round a round stone, not {an(stone.cut)}",
            value="bezel", limit="stone.cut: round", suggestion="use 'held_by: bench', or a round stone",
        )  # fmt: skip
    if mates.held_by != "prongs" or mates.prongs_deg is None:
        return ()
    return _prong_stands(ledger, mates.prongs_deg, stone)


def _prong_stands(ledger: Ledger, azimuths_deg: tuple[float, ...], stone: CenterStone) -> tuple[ProngStand, ...]:
    """One stand for each declared prong, in the order in which they are declared."""
    if not isinstance(stone, FancyStone):
        turned = sorted(azimuth % 360.0 for azimuth in azimuths_deg)
        apart = [b - a for a, b in zip(turned, [*turned[1:], turned[0] + 360.0], strict=True)]
        if min(apart) < 15.0 or max(apart) > 180.0 + 1e-6:
            ledger.refuse(
                "head.mates.prongs_deg", "leave the stone a way out, or stand in each other's place",
                value=list(azimuths_deg), limit="15 to 180 deg from one to the next",
                suggestion="use for example [45, 135, 225, 315]",
            )  # fmt: skip
        return tuple(ProngStand(x_mm=0.0, y_mm=0.0, azimuth_deg=azimuth) for azimuth in azimuths_deg)
    usual = {count: stands(stone, count) for count in prong_counts(stone.cut)}
    round_ones = {count: found for count, found in usual.items() if all(one.point_mm is None for one in found)}
    if not round_ones:
        ledger.refuse(
            "head.mates.held_by", f"{an(stone.cut)} stone has points, and V prongs of a file are not measured",
            value="prongs", limit="bench", suggestion="use 'held_by: bench', or a head of ours",
        )  # fmt: skip
        return ()
    half = 0.5 * stone.diameter_mm
    for found in round_ones.values():
        if len(found) != len(azimuths_deg):
            continue
        wanted = {_azimuth_deg(one, half): one for one in found}
        near = [min(wanted, key=lambda one: _between_deg(one, azimuth)) for azimuth in azimuths_deg]
        if len(set(near)) == len(near) and all(
            _between_deg(one, azimuth) <= _PLACE_DEG for one, azimuth in zip(near, azimuths_deg, strict=True)
        ):
            return tuple(wanted[one] for one in near)
    places = "; ".join(
        ", ".join(f"{azimuth:.1f}" for azimuth in sorted(_azimuth_deg(one, half) for one in found))
        for found in round_ones.values()
    )
    ledger.refuse(
        "head.mates.prongs_deg", f"are not where {an(stone.cut)} stone is held", value=list(azimuths_deg),
        limit=f"within {_PLACE_DEG:g} deg of {places}",
        suggestion="move the prongs of the file, or use 'held_by: bench'",
    )  # fmt: skip
    return ()


def _azimuth_deg(stand: ProngStand, half_mm: float) -> float:
    """Of a stand's place on the girdle, about the head's axis."""
    turn = math.radians(stand.azimuth_deg)
    return (
        math.degrees(math.atan2(stand.y_mm + half_mm * math.sin(turn), stand.x_mm + half_mm * math.cos(turn))) % 360.0
    )


def _between_deg(one: float, other: float) -> float:
    return abs((one - other + 180.0) % 360.0 - 180.0)


def _note(ledger: Ledger) -> None:
    ledger.given("head.own", "head.file and head.mates")
    ledger.note("head.own.sunk_mm", "derived", "fall of the skin under the base, and the overlap of two bodies")
    ledger.note("head.own.base_z_mm", "derived", "the crown of the shank")
    ledger.note("head", "derived", "of a head from a file: its mates, the stone and the shank; its metal is measured")
    ledger.note("gallery", "derived", "that of the head's file")
