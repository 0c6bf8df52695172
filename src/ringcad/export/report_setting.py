"""The setting table: each rule judged as cast (the file) and as set (after the setter's work).

Closed forms on the resolved dimensions alone. The setter bends the straight prong over the crown
and files it; what decides is whether the metal of the file reaches, so the as-set column is computed
from the file's own lengths, not from a wish.
"""

from __future__ import annotations

import math

from ringcad.export.report_bezel import bezel_rows
from ringcad.export.setting_row import SettingRow as SettingRow
from ringcad.export.setting_row import Verdict as Verdict
from ringcad.resolved import (
    BeadAccent,
    ChannelAccent,
    FlushAccent,
    Halo,
    HeadedRing,
    HiddenHalo,
    OwnHead,
    ResolvedRing,
    SharedProngAccent,
    bezeled,
    headed,
)
from ringcad.verify.setting.beads import closed_bead
from ringcad.verify.setting.closing import (
    FINISHED_HEIGHT_TARGET,
    FINISHED_TIP_MIN_MM,
    V_FINISHED_TARGET,
    close_lip,
    close_prong,
)
from ringcad.verify.setting.frames import stone_profile
from ringcad.verify.setting.limits import (
    NOTCH_ERROR,
    NOTCH_WARNING,
    V_HEIGHT_SHARE_RANGE,
)
from ringcad.verify.setting.shared_prongs import DOME_FILL, close_shared

NOTCH_TARGET = 0.25
"""Of the prong's diameter: Stuller CAD/CAM production standards, at most 25 %."""
CONTACT_RANGE = (0.30, 0.50)
"""Contact on the crown's slope from girdle to table (GIA benchmark, round in platinum prongs)."""
FINISHED_HEIGHT_RANGE = (0.60, 0.80)
"""Top of the finished prong above the girdle, as a share of crown height (GIA benchmark)."""
V_FINISHED_RANGE = V_HEIGHT_SHARE_RANGE
"""The same of V prongs (GIA benchmark, princess)."""
RELIEF_RANGE_MM = (0.25, 0.40)
"""Relief beside a point: bench practice."""


def setting_rows(resolved: ResolvedRing) -> list[SettingRow]:
    """Rows for the center stone, for side stones, then for each accent group."""
    ring = headed(resolved)
    rows = [] if ring is None else _prong_rows(ring, "center stone")
    alone = None if ring is None else ring.side_ring
    if alone is not None:
        rows += _prong_rows(alone, "side stones")
    walled = bezeled(resolved)
    if walled is not None:
        rows += bezel_rows(walled)
    if resolved.halo is not None:
        name = f"halo, {len(resolved.halo.row.seats)} stones"
        rows += [*_halo_rows(resolved.halo, name), *bead_rows(resolved.halo.row, name)]
    if resolved.hidden_halo is not None:
        name = f"hidden halo, {len(resolved.hidden_halo.row.seats)} stones"
        rows += [*_hidden_rows(resolved.hidden_halo, name), *bead_rows(resolved.hidden_halo.row, name)]
    for number, accent in enumerate(resolved.accents, start=1):
        if isinstance(accent, ChannelAccent):
            rows += _channel_rows(accent, resolved)
        elif isinstance(accent, BeadAccent):
            rows += bead_rows(accent, f"pave, {len(accent.seats)} stones")
        elif isinstance(accent, SharedProngAccent):
            rows += _shared_rows(accent, resolved)
        else:
            rows += _flush_rows(accent, f"flush group {number}" if len(resolved.accents) > 1 else "flush stones")
    return rows


def _point_rows(resolved: HeadedRing) -> list[SettingRow]:
    """What is said of the pads over a stone's points; nothing where it has none."""
    pad, least = resolved.head.v_prong, resolved.foundry.prong_min_mm
    if pad is None:
        return []
    behind = pad.wall_mm - pad.notch_mm
    low, high = RELIEF_RANGE_MM
    return [
        SettingRow(
            "points of the center stone", "V prong's wall behind the girdle", "mm", behind, None,
            f"at least {least:.2f}", "ok" if behind >= least - 1e-9 else "error", "the foundry profile's least prong",
        ),
        SettingRow(
            "points of the center stone", "V prong's wall along the side", "mm", pad.length_mm, None, "", "info",
            "a fifth of the stone's size, or as ordered",
        ),
        SettingRow(
            "points of the center stone", "Relief beside the point, diameter", "mm", pad.relief_diameter_mm, None,
            f"{low:.2f} to {high:.2f}", "ok" if low <= pad.relief_diameter_mm <= high else "warning",
            "GIA benchmark, princess in V prongs; JCK bench tips",
        ),
    ]  # fmt: skip


def _own_rows(resolved: HeadedRing, own: OwnHead) -> list[SettingRow]:
    """What the mates of a head from a file declare; what the finished mesh shows stands in the certificate."""
    head, limits, name = resolved.head, resolved.foundry, "center stone"
    rows: list[SettingRow] = []
    if own.held_by != "bench":
        part = "Prong" if own.held_by == "prongs" else "Wall"
        least = limits.prong_min_mm if own.held_by == "prongs" else limits.wall_min_mm
        play, thick, over = head.girdle_clearance_mm, own.thickness_mm, own.over_girdle_mm - resolved.stone.girdle_mm
        rows = [
            SettingRow(name, "Girdle clearance, per side", "mm", play, 0.0, "0 to 0.10",
                       "ok" if 0 <= play <= 0.10 else "warning", "Stuller CAD; bench practice"),
            SettingRow(name, f"{part} beside the girdle, declared", "mm", thick, None, f"at least {least:.2f}",
                       "ok" if thick >= least - 1e-9 else "error", "the foundry profile"),
            SettingRow(name, f"{part} above the girdle, declared", "mm", over, None, "", "info",
                       "measured in the certificate, as cast and as set"),
        ]  # fmt: skip
    culet, low = head.culet_clearance_mm, limits.culet_clearance_min_mm
    rows.append(
        SettingRow(name, "Culet to finger", "mm", culet, culet, f"at least {low:.2f}",
                   "ok" if culet >= low - 1e-9 else "error", "Stuller CAD")
    )  # fmt: skip
    return rows


def _prong_rows(resolved: HeadedRing, name: str) -> list[SettingRow]:
    if resolved.head.own is not None:
        return _own_rows(resolved, resolved.head.own)
    head, stone, limits = resolved.head, resolved.stone, resolved.foundry
    diameter = head.prong_diameter_girdle_mm
    notch = head.notch_share
    pad = head.v_prong if all(stand.point_mm is not None for stand in head.stands) else None
    if pad is not None:  # no round prong among them
        diameter, notch = pad.wall_mm, pad.notch_mm / pad.wall_mm
    standing = head.prong_tip_z_mm - (head.girdle_z_mm + stone.girdle_mm)
    if pad is not None:
        standing = pad.top_mm - stone.girdle_mm
    along = standing / math.cos(math.radians(head.prong_lean_deg))
    finished, heights = FINISHED_HEIGHT_TARGET, FINISHED_HEIGHT_RANGE
    if pad is not None:
        finished, heights = V_FINISHED_TARGET, V_FINISHED_RANGE
    closed = close_prong(along, (1 - notch) * diameter, stone.crown_angle_deg, stone.crown_height_mm, finished=finished)
    contact, reach, tip, height, share = (
        closed.contact,
        closed.reach,
        closed.tip_mm,
        closed.height_mm,
        closed.height_share,
    )
    low, high = CONTACT_RANGE
    return [
        *_point_rows(resolved),
        SettingRow(
            name,
            "Girdle clearance, per side",
            "mm",
            head.girdle_clearance_mm,
            0.0,
            "0 to 0.10",
            "ok" if 0 <= head.girdle_clearance_mm <= 0.10 else "warning",
            "Stuller CAD; bench practice",
        ),
        SettingRow(
            name,
            "Notch, share of the prong",
            "%",
            100 * notch,
            None,
            "at most 25, refused above 50",
            "error"
            if notch > NOTCH_ERROR
            else "warning"
            if notch > NOTCH_WARNING
            else "ok"
            if notch <= NOTCH_TARGET + 1e-9
            else "info",
            "Stuller CAD; Professional Jeweler 2004",
        ),
        SettingRow(
            name,
            "Prong behind the notch",
            "mm",
            (1 - notch) * diameter,
            None,
            f"at least {0.5 * limits.prong_min_mm:.2f}",
            "ok" if (1 - notch) * diameter >= 0.5 * limits.prong_min_mm else "error",
            "half of the least prong",
        ),
        SettingRow(
            name,
            "Prong above the girdle",
            "mm",
            standing,
            height,
            "as cast not below as set",
            "ok" if standing >= height - 1e-9 else "warning",
            "sold rings: 84 % of the crown",
        ),
        SettingRow(
            name,
            "Contact along the crown",
            "%",
            None,
            100 * contact,
            f"{100 * low:.0f} to {100 * high:.0f}",
            "ok" if reach >= low else "error",
            "GIA benchmark, round in prongs",
        ),
        SettingRow(
            name,
            "Finished height, share of crown",
            "%",
            None,
            100 * share,
            f"{100 * heights[0]:.0f} to {100 * heights[1]:.0f}",
            "ok" if heights[0] <= share + 1e-9 and share <= heights[1] + 1e-9 else "warning",
            "GIA benchmark, round in prongs" if pad is None else "GIA benchmark, princess in V prongs",
        ),
        SettingRow(
            name,
            "Tip thickness",
            "mm",
            None,
            tip,
            f"at least {FINISHED_TIP_MIN_MM:.2f}",
            "ok" if tip >= FINISHED_TIP_MIN_MM else "warning",
            "common practice",
        ),
        SettingRow(
            name,
            "Culet to finger",
            "mm",
            head.culet_clearance_mm,
            head.culet_clearance_mm,
            f"at least {limits.culet_clearance_min_mm:.2f}",
            "ok" if head.culet_clearance_mm >= limits.culet_clearance_min_mm - 1e-9 else "error",
            "Stuller CAD",
        ),
    ]


def _flush_rows(accent: FlushAccent, name: str) -> list[SettingRow]:
    stone = accent.stone
    overlap = 0.5 * (stone.diameter_mm - accent.opening_diameter_mm)
    above = accent.table_depth_mm + stone.crown_height_mm
    pilot = accent.pilot_diameter_mm / stone.diameter_mm
    return [
        SettingRow(
            name,
            "Opening, share of the stone",
            "%",
            100 * accent.opening_diameter_mm / stone.diameter_mm,
            100.0,
            "90 to 100",
            "ok" if 0.90 <= accent.opening_diameter_mm / stone.diameter_mm <= 1.0 else "warning",
            "bench practice: 5-10 % under size",
        ),
        SettingRow(
            name,
            "Cut-in, per side",
            "mm",
            accent.cut_in_mm,
            overlap,
            "as declared",
            "ok" if abs(overlap - accent.cut_in_mm) < 5e-3 or overlap <= accent.cut_in_mm else "warning",
            "declared in the spec's rules",
        ),
        SettingRow(
            name,
            "Metal above the girdle",
            "mm",
            above,
            above,
            "table level with the metal or below",
            "ok" if accent.table_depth_mm >= -1e-9 else "warning",
            "trade guides on flush setting",
        ),
        SettingRow(
            name,
            "Pilot hole, share of the stone",
            "%",
            100 * pilot,
            None,
            "50 to 67",
            "ok" if 0.49 <= pilot <= 0.68 else "info",
            "trade guides on flush setting",
        ),
        SettingRow(
            name,
            "Bright rim",
            "mm",
            accent.rim_mm,
            accent.rim_mm,
            "at least 0.30",
            "ok" if accent.rim_mm >= 0.30 - 1e-9 else "warning",
            "design rule 8",
        ),
    ]


def _shared_rows(accent: SharedProngAccent, resolved: ResolvedRing) -> list[SettingRow]:
    stone, size = accent.stone, accent.prong_diameter_mm
    profile, name = stone_profile(stone), f"shared prongs, {len(accent.seats)} stones"
    volume = 0.25 * math.pi * size**2 * (accent.prong_straight_mm + DOME_FILL * accent.dome_mm)
    closed = close_shared(size, accent.prong_straight_mm + accent.dome_mm, volume, accent.cover_mm, profile)

    def row(
        rule: str, unit: str, cast: float | None, done: float | None, limit: str, good: bool, source: str
    ) -> SettingRow:
        return SettingRow(name, rule, unit, cast, done, limit, "ok" if good else "warning", source)

    notch, cover = 100 * accent.notch_share, 100 * accent.cover_mm / profile.crown_run_mm
    tip, table = accent.prong_straight_mm + accent.dome_mm, stone.crown_height_mm
    top, finished, contact = table * closed.height_share, 100 * closed.height_share, 100 * closed.contact
    gap, pair, apart = accent.gap_mm, accent.pair_gap_mm, resolved.foundry.gap_min_mm
    side, rail, least = accent.side_mm, accent.rail_mm, resolved.foundry.wall_min_mm
    even, tables = resolved.reasons["accents.0.seats"].because, resolved.reasons["accents.0.prong_diameter_mm"].because
    pilot, bar = accent.pilot_diameter_mm, accent.bar_mm
    return [
        row("Prong diameter", "mm", size, size, "by the stone", True, tables),
        row("Notch, share of the prong", "%", notch, notch, "at most 25", notch <= 25.0 + 1e-6, "Professional Jeweler"),
        row("Prong over the girdle, share of the crown", "%", cover, contact, "as set 30 to 50", contact >= 30, "GIA"),
        row("Tip above the girdle", "mm", tip, top, "as cast over the table", tip >= table, "catalogue beads"),
        row("Finished height, share of the table", "%", None, finished, "60 to 80", 59.9 <= finished <= 80, "GIA"),
        row("Gap between stones", "mm", gap, gap, "0.05 to 0.30", 0.05 - 1e-9 <= gap <= 0.30, even),
        row("Between the prongs of a pair", "mm", pair, pair, f"at least {apart:.2f}", pair >= apart - 1e-9, "foundry"),
        row("Limb beside the window", "mm", side, side, f"at least {least:.2f}", side >= least - 1e-9, "foundry"),
        row("Limb under the scallops", "mm", rail, rail, f"at least {least:.2f}", rail >= least - 1e-9, "foundry"),
        row("Bar between two windows", "mm", bar, bar, "at least 0.35", bar >= 0.35 - 1e-9, "bench practice"),
        row("Window under the stone", "mm", pilot, None, "at least 0.40", pilot >= 0.40 - 1e-9, "Stuller CAD"),
    ]  # fmt: skip


def _channel_rows(accent: ChannelAccent, resolved: ResolvedRing) -> list[SettingRow]:
    stone, diameter = accent.stone, accent.stone.diameter_mm
    above = accent.table_depth_mm + stone.crown_height_mm
    closed = close_lip(above, accent.wall_mm, accent.cut_in_mm, stone_profile(stone), folded=False)
    name = f"channel, {len(accent.seats)} stones"

    def row(
        rule: str, unit: str, cast: float | None, done: float | None, limit: str, good: bool, source: str
    ) -> SettingRow:
        return SettingRow(name, rule, unit, cast, done, limit, "ok" if good else "warning", source)

    width, pilot = 100 * accent.channel_width_mm / diameter, 100 * accent.pilot_diameter_mm / diameter
    contact, wall, least = 100 * closed.contact, accent.wall_mm, resolved.foundry.wall_min_mm
    gap, bar = accent.gap_mm, accent.bar_mm
    even = resolved.reasons["accents.0.seats"].because
    return [
        row("Slot, share of the stone", "%", width, None, "80 to 95", 80 <= width <= 95, "Professional Jeweler 2001"),
        row("Cut-in of each wall", "mm", accent.cut_in_mm, closed.overlap_mm, "as declared", True, "from the slot"),
        row("Wall at the girdle", "mm", wall, wall, f"at least {least:.2f}", wall >= least - 1e-9, "foundry profile"),
        row("Gap between stones", "mm", gap, gap, "0.05 to 0.30", 0.05 - 1e-9 <= gap <= 0.30, even),
        row("Cross bar under each gap", "mm", bar, bar, "at least 0.35", bar >= 0.35 - 1e-9, "0.8 every 2-3 stones"),
        row(
            "Metal above the girdle", "mm", above, closed.height_mm, "table level with the walls or below",
            accent.table_depth_mm >= -1e-9, "common practice",
        ),
        row("Contact along the crown", "%", None, contact, "20 to 50", 20 <= contact <= 50, "10-15 % of the width"),
        row("Opening under the stone", "%", pilot, None, "50 to 67", 49 <= pilot <= 68, "bench practice"),
    ]  # fmt: skip


def _halo_rows(halo: Halo, name: str) -> list[SettingRow]:
    """Where a halo stands beside its center stone."""
    source = "sold rings, 8 single rows"
    rules = (
        ("Gap to the center stone, from above", halo.center_gap_mm, "0 to 0.50", 0.0 <= halo.center_gap_mm <= 0.5),
        ("Girdles below the center's", halo.drop_mm, "0.7 to 1.4", 0.7 <= halo.drop_mm <= 1.4),
        ("Room to the prongs, from above", halo.prong_gap_mm, "at least 0.05", halo.prong_gap_mm >= 0.05 - 1e-9),
        ("Rim under the beads", halo.top_z_mm - halo.bottom_z_mm, "0.9 to 2.1", True),
    )
    return [
        SettingRow(name, rule, "mm", value, value, limit, "ok" if good else "info", source)
        for rule, value, limit, good in rules
    ]


def _hidden_rows(halo: HiddenHalo, name: str) -> list[SettingRow]:
    """Where a hidden halo stands under its center stone."""
    source = "sold rings, 25 hidden halos"
    rules = (
        ("Axes below the center's girdle", halo.drop_mm, "1.3 to 2.9", 1.3 <= halo.drop_mm <= 2.9),
        ("Inside the girdle, from above", halo.inside_mm, "0 or more", halo.inside_mm >= -1e-9),
        ("Culets to the center stone", halo.culet_gap_mm, "at least 0.10", halo.culet_gap_mm >= 0.1 - 1e-9),
        ("Room to the prongs, on the way in", halo.prong_gap_mm, "at least 0.10", halo.prong_gap_mm >= 0.1 - 1e-6),
        ("Metal between two openings", halo.bar_mm, "at least 0.35", halo.bar_mm >= 0.35 - 1e-6),
    )
    return [
        SettingRow(name, rule, "mm", value, value, limit, "ok" if good else "info", source)
        for rule, value, limit, good in rules
    ]


def bead_rows(accent: BeadAccent, name: str) -> list[SettingRow]:
    """Rows of equal bead-set stones."""
    stone, diameter = accent.stone, accent.stone.diameter_mm
    closed = closed_bead(accent.bead_rise_mm, accent.bead_diameter_mm, accent.overlap_mm, stone_profile(stone))

    def row(
        rule: str, unit: str, cast: float | None, done: float | None, limit: str, good: bool, source: str
    ) -> SettingRow:
        return SettingRow(name, rule, unit, cast, done, limit, "ok" if good else "warning", source)

    bead, share = accent.bead_diameter_mm, 100 * accent.bead_diameter_mm / diameter
    above, contact = accent.bead_rise_mm - stone.girdle_mm, 100 * closed.contact
    over, least = 100 * accent.overlap_mm / diameter, 0.35
    opening = 100 * accent.pilot_diameter_mm / diameter
    beside, gap = accent.wall_mm, accent.gap_mm
    rows = [
        row("Bead, share of the stone", "%", share, None, "29 to 44", 28.9 <= share <= 44, "sold rings 29 to 42"),
        row("Bead diameter", "mm", bead, None, f"at least {least:.2f}", bead >= least - 1e-9, "bench practice"),
        row("Bead over the girdle, share of the stone", "%", over, None, "at least 4", over >= 4, "bench practice"),
        row(
            "Bead above the girdle", "mm", above, closed.height_mm, "as cast not below the table",
            above >= stone.crown_height_mm - 1e-9, "sold rings: 1.14 crown heights",
        ),
        row("Contact along the crown", "%", None, contact, "30 to 50", 30 <= contact <= 50, "GIA benchmark, beads"),
        row("Gap between stones", "mm", gap, gap, "0.10 to 0.30", 0.10 - 1e-9 <= gap <= 0.30, "GIA: about 0.10"),
        row("Metal beside the girdle", "mm", beside, beside, "at least 0.25", beside >= 0.25 - 1e-9, "as cast"),
        row("Opening under the stone", "%", opening, None, "40 to 67", 39.9 <= opening <= 68, "bench practice"),
    ]  # fmt: skip
    if accent.scallop is not None:
        depth = accent.scallop.depth_mm
        rows.append(row("U-cut below the girdle", "mm", depth, depth, "0.04 to 0.60", True, "sold rings 0.04 to 0.48"))
    return rows
