"""Rules of setting judged on what was measured, and the measurements as plain rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ringcad.core.findings import Finding, FindingCode
from ringcad.resolved import (
    Accent,
    BeadAccent,
    ChannelAccent,
    FancyStone,
    FlushSeat,
    PlacedSeat,
    ResolvedRing,
    RoundStone,
    SharedProngAccent,
    bezeled,
    headed,
)
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.bead_rules import bead_row, bead_rules
from ringcad.verify.setting.beads import BeadSetting, measure_beads
from ringcad.verify.setting.bezel import bezel_rules, measure_bezel
from ringcad.verify.setting.channel import ChannelSetting, ChannelWall, measure_channel
from ringcad.verify.setting.channel_rules import channel_rules
from ringcad.verify.setting.fancy import measure_fancy
from ringcad.verify.setting.fancy_body import FancyBody
from ringcad.verify.setting.fancy_rules import fancy_row, fancy_rules
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.flush import FlushSetting, measure_flush
from ringcad.verify.setting.flush_rules import flush_rules, outward
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame, stone_profile
from ringcad.verify.setting.girdled import GirdledStone
from ringcad.verify.setting.halo_rules import halo_rules, hidden_rules
from ringcad.verify.setting.moves import Moves
from ringcad.verify.setting.openings import opening_rule
from ringcad.verify.setting.own_center import measure_own_bezel, own_bezel_rules
from ringcad.verify.setting.pairs import measure_pairs, pair_rules
from ringcad.verify.setting.prong_rules import prong_rules
from ringcad.verify.setting.prongs import ProngSetting, measure_prongs
from ringcad.verify.setting.ruled import SEAT_UNCERTAINTY_MM, SEATS, SettingRule
from ringcad.verify.setting.shared_prongs import SharedSetting
from ringcad.verify.setting.shared_rules import measure_row, row_rules, shared_row
from ringcad.verify.setting.spacing import nearest_stones, nearest_to_fancy
from ringcad.verify.setting.walled import measure_walled
from ringcad.verify.setting.walled_rules import walled_row, walled_rules
from ringcad.verify.side_heads import side_rules, side_views


@dataclass(frozen=True)
class SettingReport:
    """Findings, rules and rows of all stones.

    Attributes
    ----------
    rows
        Measurements by stone id, lengths in mm.
    rules
        Every rule that was judged, as a row of a certificate.
    """

    findings: tuple[Finding, ...]
    rows: dict[str, dict[str, Any]]
    rules: tuple[dict[str, Any], ...]


def judge_settings(caster: RayCaster, resolved: ResolvedRing) -> SettingReport:
    """Measure and judge the center stone and every flush stone of a ring, from its mesh and its numbers."""
    rules: list[SettingRule] = []
    rows: dict[str, dict[str, Any]] = {}
    placed: dict[str, tuple[SeatFrame, StoneProfile]] = {}
    fields: dict[str, str] = {}
    ring = headed(resolved)
    own = None if ring is None else ring.head.own
    if ring is not None and own is not None and own.held_by == "bench":
        rows["center"] = {"setting": "bench"}  # nothing of its seat or of what holds it is made: nothing is judged
    elif ring is not None and own is not None and own.held_by == "bezel" and isinstance(ring.stone, RoundStone):
        center = stone_profile(ring.stone)
        set_in = measure_own_bezel(caster, ring, center)
        rows["center"] = {} if set_in is None else bezel_row(set_in, center)
        rules += own_bezel_rules(set_in, center, ring, own)
        if set_in is not None and set_in.bearing is not None:
            placed["center"], fields["center"] = (set_in.frame, center), "stone"
    elif ring is not None:
        rules += pair_rules(measure_pairs(caster, ring), ring)
        upright = seat_frame(np.array([0.0, 0.0, ring.head.girdle_z_mm]), np.array([0.0, 0.0, 1.0]))
        if isinstance(ring.stone, FancyStone):
            fancy = measure_fancy(caster, upright, FancyBody(ring.stone), ring.head.claw is not None)
            rows["center"] = fancy_row(fancy)
            rules += fancy_rules(fancy, ring)
        else:
            center = stone_profile(ring.stone)
            prongs = measure_prongs(caster, upright, center, ring.head.claw is not None)
            rows["center"] = prong_row(prongs, center)
            rules += prong_rules(prongs, center, ring)
            if prongs.pavilion is not None:
                cone = prongs.pavilion
                rest = cone.origin + cone.height_of_radius(center.radius_mm) * cone.axis
                placed["center"], fields["center"] = (seat_frame(rest, cone.axis), center), "stone"
    for view in side_views(caster.mesh, resolved):
        rows[view.name] = prong_row(view.setting, view.stone)
        rules += side_rules(view)
        if (side := view.seat()) is not None:
            placed[view.name], fields[view.name] = (side, view.stone), "sides"
    walled = bezeled(resolved)
    if walled is not None and isinstance(walled.stone, FancyStone):
        girdled = GirdledStone(walled.stone)
        all_round = measure_walled(caster, walled, girdled)
        rows["center"] = {} if all_round is None else walled_row(all_round)
        rules += walled_rules(all_round, girdled, walled)
    elif walled is not None and isinstance(walled.stone, RoundStone):
        center = stone_profile(walled.stone)
        set_in = measure_bezel(caster, walled, center)
        rows["center"] = {} if set_in is None else bezel_row(set_in, center)
        rules += bezel_rules(set_in, center, walled)
        if set_in is not None and set_in.bearing is not None:
            placed["center"], fields["center"] = (set_in.frame, center), "stone"
    for number, accent in enumerate(resolved.accents):
        stone = stone_profile(accent.stone)
        if isinstance(accent, BeadAccent):
            for name, beaded in _measured_beads(caster, accent, rows).items():
                rules += bead_rules(beaded, stone, accent, _seat_of(accent, name), f"accents.{number}", resolved)
                if beaded is not None:
                    placed[name], fields[name] = (beaded.frame, stone), f"accents.{number}"
            continue
        if isinstance(accent, SharedProngAccent):
            between = measure_row(caster, resolved, accent)
            rules += row_rules(between, accent, number, resolved)
            for name, pronged in between[0].items():
                rows[name] = {} if pronged is None else shared_setting_row(pronged)
                if pronged is not None:
                    placed[name], fields[name] = (pronged.frame, stone), f"accents.{number}"
            continue
        for seat in accent.seats:
            foot, out = np.array([0.0, seat.y_mm, 0.0]), outward(seat)
            found: FlushSetting | ChannelSetting | None
            if isinstance(accent, ChannelAccent):
                found = held = measure_channel(caster, foot, out, stone)
                rows[seat.id] = {} if held is None else channel_row(held)
                rules += channel_rules(held, stone, accent, seat, number, resolved)
            else:
                found = drilled = measure_flush(caster, foot, out, stone)
                rows[seat.id] = {} if drilled is None else flush_row(drilled, stone)
                rules += flush_rules(drilled, stone, accent, seat, number, resolved)
            if found is not None and found.bearing is not None:
                placed[seat.id], fields[seat.id] = (found.frame, stone), f"accents.{number}"
    if resolved.halo_row is not None:
        row, stone = resolved.halo_row, stone_profile(resolved.halo_row.stone)
        for name, beaded in _measured_beads(caster, row, rows).items():
            rules += bead_rules(beaded, stone, row, _seat_of(row, name), "halo", resolved)
            if beaded is not None:
                placed[name], fields[name] = (beaded.frame, stone), "halo"
        if ring is not None and resolved.halo is not None:
            rules += halo_rules(placed, resolved.halo, ring)
        if ring is not None and resolved.hidden_halo is not None:
            rules += hidden_rules(placed, resolved.hidden_halo, ring)
    for place, accent, field in _row_seats(resolved):
        if place.id in placed:
            frame, stone = placed[place.id]
            from_bore = math.hypot(float(frame.origin[0]), float(frame.origin[2])) - resolved.bore_radius_mm
            through = accent.through_mm if isinstance(accent, BeadAccent) else from_bore
            rules.append(opening_rule(caster, frame, stone, accent.pilot_diameter_mm, through, place.id, field))
    in_channel = {seat.id for seat in resolved.row.seats} if resolved.row is not None else set()
    for name, (neighbour, apart) in nearest_stones(placed).items():
        x, y, z = (float(value) for value in placed[name][0].origin)
        least, source = limits.STONE_GAP_MIN_MM, limits.STONE_GAP_SOURCE
        if name in in_channel and neighbour in in_channel:
            least, source = limits.CHANNEL_GAP_MIN_MM, limits.CHANNEL_GAP_SOURCE
        rows[name]["nearest_stone"] = {"id": neighbour, "distance_mm": _number(apart)}
        rules.append(
            SettingRule(
                FindingCode.STONE_SPACING, f"{name}: neighbour", "distance to the nearest stone", "as_cast", apart,
                "mm", (x, y, z), SEATS, SEAT_UNCERTAINTY_MM, source,
                f"{name} will lie {apart:.2f} mm from {neighbour}", fields[name],
                low=least - SEAT_UNCERTAINTY_MM,
            )
        )  # fmt: skip
    if (carrying := ring or walled) is not None and isinstance(carrying.stone, FancyStone) and placed:
        girdle_z = ring.head.girdle_z_mm if ring is not None else carrying.bezel.girdle_z_mm if carrying.bezel else 0.0
        upright = seat_frame(np.array([0.0, 0.0, girdle_z]), np.array([0.0, 0.0, 1.0]))
        neighbour, apart = nearest_to_fancy(FancyBody(carrying.stone), upright, placed)
        rows["center"]["nearest_stone"] = {"id": neighbour, "distance_mm": _number(apart)}
        rules.append(
            SettingRule(
                FindingCode.STONE_SPACING, "center: neighbour", "distance to the nearest stone", "as_cast", apart,
                "mm", (0.0, 0.0, girdle_z), SEATS, SEAT_UNCERTAINTY_MM, limits.STONE_GAP_SOURCE,
                f"center will lie {apart:.2f} mm from {neighbour}", "stone",
                low=limits.STONE_GAP_MIN_MM - SEAT_UNCERTAINTY_MM,
            )
        )  # fmt: skip
    findings = [finding for rule in rules if (finding := rule.finding()) is not None]
    return SettingReport(tuple(findings), rows, tuple(rule.row() for rule in rules))


def _row_seats(resolved: ResolvedRing) -> Iterator[tuple[FlushSeat | PlacedSeat, Accent, str]]:
    """Every seat of every row of small stones, with its row and the row's field."""
    rows: list[tuple[Accent, str]] = [(accent, f"accents.{number}") for number, accent in enumerate(resolved.accents)]
    if resolved.halo_row is not None:
        rows.append((resolved.halo_row, "halo"))
    for accent, field in rows:
        for seat in accent.seats:
            yield seat, accent, field


def _measured_beads(
    caster: RayCaster, accent: BeadAccent, rows: dict[str, dict[str, Any]]
) -> dict[str, BeadSetting | None]:
    """Every stone of a bead-set row by its seat's id; writes their rows."""
    found: dict[str, BeadSetting | None] = {}
    for seat in accent.seats:
        origin, axis = np.array(seat.origin_mm), np.array(seat.axis)
        one = measure_beads(caster, origin, axis, stone_profile(accent.stone), accent.overlap_mm)
        rows[seat.id] = {} if one is None else bead_set_row(one)
        found[seat.id] = one
    return found


def _seat_of(accent: BeadAccent, name: str) -> PlacedSeat:
    return next(seat for seat in accent.seats if seat.id == name)


def _moves_row(moves: Moves) -> dict[str, Any]:
    return {name: _number(getattr(moves, name)) for name in moves.__dataclass_fields__}


def _number(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _cone_row(cone: ConeFit | None, axis: Any) -> dict[str, Any] | None:
    if cone is None:
        return None
    return {
        "flank_deg": _number(cone.flank_deg, 3),
        "radius_mm": _number(cone.radius_mm),
        "tilt_deg": _number(cone.tilt_deg(axis), 3),
        "residual_mm": _number(cone.residual_mm, 5),
        "points": cone.points,
    }


def prong_row(found: ProngSetting, stone: StoneProfile) -> dict[str, Any]:
    """Plain numbers of a stone in prongs."""
    axis = np.array([0.0, 0.0, 1.0])
    names = ("azimuth_deg", "full_mm", "behind_mm", "notch_share", "section_mm2", "clearance_mm", "straight_mm",
             "top_mm", "bearing_mm", "opening_mm")  # fmt: skip
    return {
        "setting": "prongs",
        "prongs": [
            {name: _number(getattr(prong, name)) for name in names}
            | {
                "contact_as_set": _number(prong.closed.contact),
                "height_as_set_mm": _number(prong.closed.height_mm),
                "height_share_as_set": _number(prong.closed.height_share),
            }
            for prong in found.prongs
        ],
        "pavilion": _cone_row(found.pavilion, axis),
        "crown": _cone_row(found.crown, axis),
        "girdle": _cone_row(found.girdle, axis),
        "seat_height_mm": None if found.pavilion is None else _number(found.pavilion.height_of_radius(stone.radius_mm)),
        "interference_mm": _number(found.interference_mm),
        "play_mm": _number(found.play_mm),
        "pavilion_gap_mm": _number(found.pavilion_gap_mm),
        "culet_gap_mm": _number(found.culet_gap_mm),
        "culet_metal_mm": _number(found.culet_metal_mm),
        "blocked_mm": _number(found.blocked_mm),
        "retention_mm": _number(found.retention_mm),
        "moves_as_cast": _moves_row(found.cast),
        "moves_as_set": _moves_row(found.closed),
    }


def flush_row(found: FlushSetting, stone: StoneProfile) -> dict[str, Any]:
    """Plain numbers of a flush stone."""
    return {
        "setting": "flush",
        "opening": _cone_row(found.opening, found.frame.axis),
        "bearing": _cone_row(found.bearing, found.frame.axis),
        "pilot": _cone_row(found.pilot, found.frame.axis),
        "cut_in_mm": _number(found.cut_in_mm),
        "contact_share": _number(found.contact_share),
        "table_depth_mm": _number(found.table_depth_mm),
        "opening_range_mm": [_number(found.opening_low_mm), _number(found.opening_high_mm)],
        "interference_mm": _number(found.interference_mm),
        "blocked_mm": _number(found.blocked_mm),
        "lip_as_set": {
            "contact_least": _number(found.least_lip.contact),
            "reach_least": _number(found.least_lip.reach),
            "height_mm": _number(found.least_lip.height_mm),
            "folded": found.least_lip.folded,
        },
        "retention_mm": _number(found.retention_mm),
        "moves_as_cast": _moves_row(found.cast),
        "moves_as_set": _moves_row(found.closed),
        "origin_mm": [_number(value) for value in found.frame.origin],
    }


def bead_set_row(found: BeadSetting) -> dict[str, Any]:
    """Plain numbers of a bead-set stone."""
    return bead_row(found) | {
        "bearing": _cone_row(found.bearing, found.frame.axis),
        "moves_as_cast": _moves_row(found.cast),
        "moves_as_set": _moves_row(found.closed),
    }


def shared_setting_row(found: SharedSetting) -> dict[str, Any]:
    """Plain numbers of a stone between shared prongs."""
    return shared_row(found) | {
        "bearing": _cone_row(found.bearing, found.frame.axis),
        "moves_as_cast": _moves_row(found.cast),
        "moves_as_set": _moves_row(found.closed),
    }


def channel_row(found: ChannelSetting) -> dict[str, Any]:
    """Plain numbers of a stone in a channel."""
    return {
        "setting": "channel",
        "bearing": _cone_row(found.bearing, found.frame.axis),
        "width_mm": _number(found.width_mm),
        "right_wall": _wall_row(found.right),
        "left_wall": _wall_row(found.left),
        "contact_share": _number(found.contact_share),
        "table_depth_mm": _number(found.table_depth_mm),
        "interference_mm": _number(found.interference_mm),
        "blocked_mm": _number(found.blocked_mm),
        "retention_mm": _number(found.closed.hold_mm),
        "moves_as_cast": _moves_row(found.cast),
        "moves_as_set": _moves_row(found.closed),
        "origin_mm": [_number(value) for value in found.frame.origin],
    }


def _wall_row(wall: ChannelWall) -> dict[str, Any]:
    return {
        "from_axis_mm": _number(wall.from_axis_mm),
        "range_mm": [_number(wall.least_mm), _number(wall.most_mm)],
        "cut_in_mm": _number(wall.cut_in_mm),
        "top_above_girdle_mm": _number(wall.rim_mm),
        "contact_as_set": _number(wall.lip.contact),
        "height_as_set_mm": _number(wall.lip.height_mm),
    }


def bezel_row(found: FlushSetting, stone: StoneProfile) -> dict[str, Any]:
    """Plain numbers of a stone in a bezel."""
    return flush_row(found, stone) | {
        "setting": "bezel",
        "girdle_clearance_mm": _number(-found.cut_in_mm),
        "lip_height_mm": [
            _number(found.standing_mm.min(initial=math.inf)),
            _number(found.standing_mm.max(initial=0.0)),
        ],
        "lip_thickness_mm": _number(found.lip_walls_mm.min(initial=math.inf)),
        "wall_mm": _number(found.walls_mm.min(initial=math.inf)),
    }
