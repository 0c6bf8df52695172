"""Rules that seats of several settings have in common, each made in one place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from ringcad.core.findings import FindingCode, Severity
from ringcad.resolved import ResolvedRing
from ringcad.verify.setting import limits
from ringcad.verify.setting.closing import ClosedLip
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.frames import SeatFrame, StoneProfile
from ringcad.verify.setting.ruled import (
    CLOSING,
    FIT,
    MOVING,
    SCAN,
    SEAT_UNCERTAINTY_DEG,
    SEAT_UNCERTAINTY_MM,
    SHARE_UNCERTAINTY,
    Place,
    SettingRule,
)

Rule = Callable[..., SettingRule]

WAY_MM = 20.0
"""A free way is measured up to this."""


class Deep(Protocol):
    """Heights of a stone: of its table over the girdle's lower edge, and of its pavilion under it."""

    @property
    def table_mm(self) -> float: ...

    @property
    def pavilion_depth_mm(self) -> float: ...


class ScannedRoom(Protocol):
    """What scans along a stone's axis found of the metal in and over it."""

    @property
    def interference_mm(self) -> float: ...

    @property
    def interference_place_mm(self) -> Place: ...

    @property
    def blocked_mm(self) -> float: ...


class DrilledSeat(Protocol):
    """A seat round an axis: its bearing and the frame in which its stone rests."""

    @property
    def bearing(self) -> ConeFit | None: ...

    @property
    def frame(self) -> SeatFrame: ...


class ProngedRoom(ScannedRoom, Protocol):
    """The same of a stone between prongs."""

    @property
    def blocked_place_mm(self) -> Place: ...

    @property
    def pavilion_gap_mm(self) -> float: ...


def as_cast_rule(name: str, place: Place, field: str, method: str = SCAN) -> Rule:
    """Maker of the rules of one stone in the file: ``rule(code, what, value, unit, message, source, low=, high=)``."""

    def rule(
        code: FindingCode, what: str, value: float, unit: str, message: str, source: str, *,
        low: float | None = None, high: float | None = None, place_mm: Place = place, method: str = method,
        uncertainty: float = SEAT_UNCERTAINTY_MM,
    ) -> SettingRule:  # fmt: skip
        return SettingRule(
            code=code, subject=f"{name}: {what}", what=what, state="as_cast", measured=value, unit=unit,
            place_mm=place_mm, method=method, uncertainty=uncertainty, source=source, message=message, field=field,
            low=low, high=high,
        )  # fmt: skip

    return rule


def missing_seat_rule(name: str, place: Place, field: str, message: str) -> SettingRule:
    """A seat, or a part of it, that was not found."""
    return SettingRule(
        FindingCode.SEAT_BEARING, f"{name}: seat", "bearing all round", "as_cast", 0.0, "%", place, FIT,
        SHARE_UNCERTAINTY, limits.BEARING_SHARE_SOURCE, message, field, low=limits.BEARING_SHARE_MIN,
    )  # fmt: skip


def bearing_rule(rule: Rule, contact_share: float, name: str) -> SettingRule:
    """How much of its circle a pavilion bears on."""
    return rule(
        FindingCode.SEAT_BEARING, "bearing all round", contact_share, "%",
        f"the pavilion of {name} bears on {100 * contact_share:.0f} % of its circle", limits.BEARING_SHARE_SOURCE,
        low=limits.BEARING_SHARE_MIN, uncertainty=SHARE_UNCERTAINTY,
    )  # fmt: skip


def play_rule(rule: Rule, play_mm: float, ordered_mm: float) -> SettingRule:
    """What an opening leaves beside a center stone's girdle against what was ordered."""
    low, high = limits.CLEARANCE_RANGE_MM
    return rule(
        FindingCode.GIRDLE_CLEARANCE, "play beside the girdle", play_mm, "mm",
        f"the opening leaves {play_mm:.3f} mm beside the girdle, ordered {ordered_mm:.3f}", limits.CLEARANCE_SOURCE,
        low=max(low, ordered_mm - limits.INTERFERENCE_MAX_MM), high=min(high, ordered_mm + limits.INTERFERENCE_MAX_MM),
    )  # fmt: skip


def tilt_rule(rule: Rule, tilt_deg: float, name: str, method: str = FIT) -> SettingRule:
    """How far the seat of ``name`` leans from the axis that its stone was ordered on."""
    return rule(
        FindingCode.SEAT_POSITION, "tilt of the seat", tilt_deg, "deg",
        f"the seat of {name} is tilted by {tilt_deg:.2f} degrees", limits.SEAT_SOURCE, high=limits.SEAT_TILT_MAX_DEG,
        method=method, uncertainty=SEAT_UNCERTAINTY_DEG,
    )  # fmt: skip


def rest_rules(
    rule: Rule, tilt_deg: float, height_mm: float, aside_mm: float, name: str, method: str = FIT
) -> Iterator[SettingRule]:
    """How the stone ``name`` will rest against where it was ordered: its tilt, over its place and beside it."""
    within = limits.SEAT_PLACE_TOLERANCE_MM
    yield tilt_rule(rule, tilt_deg, name, method)
    yield rule(
        FindingCode.SEAT_POSITION, "height of the seat", height_mm, "mm",
        f"{name} will rest {height_mm:+.3f} mm over its place", limits.SEAT_SOURCE, low=-within, high=within,
        method=method,
    )  # fmt: skip
    yield rule(
        FindingCode.SEAT_POSITION, "seat beside its place", aside_mm, "mm",
        f"{name} will rest {aside_mm:.3f} mm beside its place", limits.SEAT_SOURCE, high=within, method=method,
    )  # fmt: skip


def drilled_rules(rule: Rule, found: DrilledSeat, place: Place, name: str) -> Iterator[SettingRule]:
    """Tilt of a round center stone's bearing in an opening along z, and how far from ``place`` the stone will rest."""
    assert found.bearing is not None
    yield tilt_rule(rule, found.bearing.tilt_deg(np.array([0.0, 0.0, 1.0])), name)
    off = float(np.linalg.norm(found.frame.origin - np.array(place)))
    yield rule(
        FindingCode.SEAT_POSITION, "place of the seat", off, "mm", f"{name} will rest {off:.3f} mm from its place",
        limits.SEAT_SOURCE, high=limits.SEAT_PLACE_TOLERANCE_MM,
    )  # fmt: skip


def finished_wall_rule(least_mm: float, polish_mm: float, place: Place, field: str) -> SettingRule:
    """What burnishing and polish leave of a center stone's wall where it is thinnest."""
    finished = least_mm - polish_mm
    return SettingRule(
        FindingCode.BEZEL_LIP, "center: finished wall", "wall after burnishing and polish", "as_set", finished, "mm",
        place, SCAN, SEAT_UNCERTAINTY_MM, limits.LIP_FINISHED_SOURCE,
        f"{finished:.2f} mm of the wall will be left after polish", field,
        low=limits.LIP_FINISHED_MIN_MM - SEAT_UNCERTAINTY_MM, before=least_mm,
    )  # fmt: skip


def table_depth_rule(rule: Rule, depth_mm: float, name: str, under: str, source: str) -> SettingRule:
    """How far a table lies under what stands round it (``under``, in words)."""
    low, high = limits.FLUSH_DEPTH_RANGE_MM
    return rule(
        FindingCode.SEAT_POSITION, f"table below {under}", depth_mm, "mm",
        f"the table of {name} will lie {depth_mm:.3f} mm below {under} ({low:.2f} to {high:.2f})", source,
        low=low, high=high,
    )  # fmt: skip


def room_rules(rule: Rule, found: ScannedRoom, stone: Deep, into: str, over: str) -> Iterator[SettingRule]:
    """Metal inside a stone beyond what is declared (``into``, in words) and over its table (``over``)."""
    yield rule(
        FindingCode.STONE_INTERFERENCE, "metal inside the stone", found.interference_mm, "mm",
        f"metal reaches {found.interference_mm:.3f} mm into {into}", limits.INTERFERENCE_SOURCE,
        high=limits.INTERFERENCE_MAX_MM, place_mm=found.interference_place_mm, method=SCAN,
    )  # fmt: skip
    room = min(found.blocked_mm, WAY_MM)
    yield rule(
        FindingCode.INSERTION, "free way above the table", room, "mm",
        f"metal stands {room:.2f} mm above the table{over}, in the stone's way in",
        "twice the stone's depth, so that it can be held", low=2.0 * (stone.table_mm + stone.pavilion_depth_mm),
        method=SCAN,
    )  # fmt: skip


def pronged_room_rules(found: ProngedRoom, girdle: Place) -> Iterator[SettingRule]:
    """Metal inside the center stone, under its pavilion and in its way in, where prongs hold it."""
    yield SettingRule(
        FindingCode.STONE_INTERFERENCE, "center: interference", "metal inside the stone", "as_cast",
        found.interference_mm, "mm", found.interference_place_mm, SCAN, SEAT_UNCERTAINTY_MM,
        limits.INTERFERENCE_SOURCE, f"metal reaches {found.interference_mm:.3f} mm into the center stone", "head",
        high=limits.INTERFERENCE_MAX_MM,
    )  # fmt: skip
    if math.isfinite(found.pavilion_gap_mm):
        yield SettingRule(
            FindingCode.RAIL_CLEARANCE, "center: rail", "pavilion to the rail", "as_cast", found.pavilion_gap_mm, "mm",
            girdle, SCAN, SEAT_UNCERTAINTY_MM, limits.RAIL_SOURCE,
            f"between the prongs metal lies {found.pavilion_gap_mm:.3f} mm from the pavilion: the stone may ride on it",
            "gallery", low=limits.RAIL_GAP_MIN_MM, severity=Severity.WARNING,
        )  # fmt: skip
    yield SettingRule(
        FindingCode.INSERTION, "center: way in", "metal other than prongs in the way in", "as_cast", found.blocked_mm,
        "mm", found.blocked_place_mm, SCAN, SEAT_UNCERTAINTY_MM, limits.INTERFERENCE_SOURCE,
        f"metal that is no prong stands {found.blocked_mm:.2f} mm over the girdle: the stone cannot be put in", "head",
        high=limits.INTERFERENCE_MAX_MM,
    )  # fmt: skip


def lip_rules(
    least: ClosedLip, highest: ClosedLip, name: str, part: str, top: str, place: Place, field: str, *,
    before: float, standing: float,
) -> Iterator[SettingRule]:  # fmt: skip
    """A lip or wall that was laid over the crown: its contact where ``least``, its height where ``highest``.

    ``part`` and ``top`` name it; ``before`` and ``standing`` are both values in the file.
    """
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: {part}", f"contact of the {part} along the crown, where least", "as_set",
        least.contact, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.LIP_SOURCE,
        f"the {part} of {name} covers {100 * least.reach:.0f} % of the crown's slope where it is least", field,
        low=limits.LIP_CONTACT_MIN, high=limits.CONTACT_MAX, before=before,
    )  # fmt: skip
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, f"{name}: {top}", f"finished {part}, share of the table's height", "as_set",
        highest.height_share, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.LIP_HEIGHT_SOURCE,
        f"the {part} of {name} stands {100 * highest.height_share:.0f} % of the table's height above the girdle",
        field, high=1.0, before=standing,
    )  # fmt: skip


def angle_rule(
    flank_deg: float, stone: StoneProfile, name: str, place: Place, what: str, field: str, under: str = "pavilion"
) -> SettingRule:
    """The bearing's angle against that of what lies ``under`` the girdle."""
    wanted, wide = stone.pavilion_angle_deg, limits.SEAT_ANGLE_TOLERANCE_DEG
    return SettingRule(
        FindingCode.SEAT_ANGLE, f"{name}: seat angle", "angle of the bearing", "as_cast", flank_deg, "deg", place, FIT,
        SEAT_UNCERTAINTY_DEG, limits.SEAT_SOURCE,
        f"{what} is cut at {flank_deg:.1f} degrees, the {under} has {wanted:.1f}", field, low=wanted - wide,
        high=wanted + wide,
    )  # fmt: skip


def culet_rule(
    value: float, name: str, place: Place, resolved: ResolvedRing, field: str, part: str = "culet"
) -> SettingRule:
    """From where the culet (or the lowest ``part`` of the stone) will be to the finger."""
    least = resolved.foundry.culet_clearance_min_mm
    return SettingRule(
        FindingCode.CULET_CLEARANCE, f"{name}: {part}", f"{part} to the finger", "as_cast", value, "mm", place, FIT,
        SEAT_UNCERTAINTY_MM, limits.CULET_SOURCE,
        f"the {part} of {name} will lie {value:.2f} mm from the finger", field, low=least - SEAT_UNCERTAINTY_MM,
    )  # fmt: skip


def move_rules(
    cast: Any, closed: Any, name: str, place: Place, field: str, hold_min_mm: float, source: str
) -> Iterator[SettingRule]:
    """How far the set stone can move each way, and what holds it; beside it the same among the metal as cast.

    ``cast`` and ``closed`` are :class:`ringcad.verify.setting.moves.Moves`.
    """
    ways = (
        ("lifted", "lift_mm", "lift_hold_mm"),
        ("pressed down", "drop_mm", None),
        ("tilted", "tilt_mm", "tilt_hold_mm"),
        ("pushed aside", "shift_mm", "shift_hold_mm"),
        ("turned", "turn_mm", None),
    )
    settings: dict[str, Any] = {"state": "as_set", "unit": "mm", "place_mm": place, "field": field}
    settings |= {"method": f"{CLOSING}; {MOVING}", "uncertainty": SEAT_UNCERTAINTY_MM, "code": FindingCode.RETENTION}
    for way, free, hold in ways:
        value = float(getattr(closed, free))
        yield SettingRule(
            subject=f"{name}: free way {way}", what=f"free way when {way}", measured=value,
            before=float(getattr(cast, free)), source=limits.MOVE_SOURCE, high=limits.MOVE_MAX_MM,
            message=f"closed, {name} can be {way} by {value:.2f} mm", **settings,
        )  # fmt: skip
        if hold is not None:
            value = float(getattr(closed, hold))
            yield SettingRule(
                subject=f"{name}: held when {way}", what=f"metal that must give way when {way}", measured=value,
                before=float(getattr(cast, hold)), source=source, low=hold_min_mm,
                message=f"closed, {name} is free once metal gives way by {value:.2f} mm when it is {way}", **settings,
            )  # fmt: skip
