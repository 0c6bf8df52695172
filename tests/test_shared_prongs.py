"""Rows between shared prongs: their numbers by other means, the metal on labelled vertices, the verifier on mutants."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

import manifold3d
import numpy as np
import pytest
from rings_support import fit_cone
from verify_ring_bodies import arrays_of

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode, Severity
from ringcad.export.report_setting import setting_rows
from ringcad.kernel.compare import compare_solids
from ringcad.kernel.genus import mesh_genus
from ringcad.kernel.shared_prongs import turned
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing, SharedProngAccent
from ringcad.spec import parse_spec
from ringcad.standards import setting_rule
from ringcad.templates.eternity import template
from ringcad.templates.eternity.shape import plan
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.frames import seat_frame, stone_profile
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.setting.shared_prongs import close_shared
from ringcad.verify.setting.spacing import stone_distance
from ringcad.verify.shared_sites import shared_sites
from ringcad.verify.sites import SiteWall
from ringcad.verify.wall_rules import site_findings

ROW = "ringcad: 1\ntemplate: eternity\nring_size: {ring}\nmetal: {metal}\naccents:\n"
STONES = "  - {{setting: shared_prong, stone: {{size: {size:g} mm}}, count: {count}, on: [{on}]}}\n"
SIZES = (1.0, 1.2, 1.5, 1.7, 2.0, 2.5, 3.0, 4.0, 5.0)


def spec(
    size: float = 2.5,
    count: int | str = "fill",
    on: str = "all_round",
    *,
    ring: str = "US 7",
    metal: str = "18k_yellow_gold",
    more: str = "",
) -> str:
    return ROW.format(ring=ring, metal=metal) + STONES.format(size=size, count=count, on=on) + more


def ring(text: str) -> ResolvedRing:
    return resolve(parse_spec(text), "eternity")


def row(found: ResolvedRing) -> SharedProngAccent:
    assert found.shared_prongs is not None
    return found.shared_prongs


def problems(text: str) -> dict[str, Any]:
    with pytest.raises(SpecError) as caught:
        ring(text)
    return {problem.field: problem for problem in caught.value.problems}


def girdle_mm(found: ResolvedRing) -> float:
    """Girdle's lower edge from the finger axis."""
    return found.bore_radius_mm + found.shank.thickness_top_mm + row(found).girdle_over_crest_mm


def out(phi_deg: float) -> np.ndarray:
    phi = math.radians(phi_deg)
    return np.array([math.sin(phi), 0.0, math.cos(phi)])


# -- numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("on", ["all_round", "top_half"])
def test_a_row_fills_its_stretch_and_keeps_every_gap(size: float, on: str) -> None:
    found = ring(spec(size, on=on))
    accent, stone = row(found), stone_profile(row(found).stone)
    angles = np.array([seat.phi_deg for seat in accent.seats])
    assert angles == pytest.approx(-angles[::-1], abs=1e-9)
    assert np.diff(angles) == pytest.approx(accent.pitch_deg, abs=1e-9)

    def gap(pitch_deg: float) -> float:
        one, two = (seat_frame(girdle_mm(found) * out(phi), out(phi)) for phi in (0.0, pitch_deg))
        return stone_distance((one, stone), (two, stone))

    assert accent.gap_mm == pytest.approx(gap(accent.pitch_deg), abs=2e-3)
    assert accent.gap_mm >= setting_rule("channel_gap").value - 1e-9
    gaps = np.array(accent.gaps_deg)
    assert len(gaps) == len(angles) + (on == "top_half")
    # half way between two stones, at the ends half a pitch beyond the last ones
    assert np.abs(gaps[:, None] - angles).min(axis=1) == pytest.approx(0.5 * accent.pitch_deg)
    if on == "all_round":
        assert len(angles) * accent.pitch_deg == pytest.approx(360.0)
        assert gap(360.0 / (len(angles) + 1)) < 0.10
    else:
        assert gaps[-1] < 90.0 and accent.end_deg < 95.0
        tip = math.degrees(0.5 * accent.prong_diameter_mm / girdle_mm(found))
        room = 180.0 - 2.0 * tip
        assert gap(room / (len(angles) + 1)) < 0.10  # one stone more has no room


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("metal", ["18k_yellow_gold", "silver", "platinum_950"])
def test_prongs_stand_over_both_girdles_as_far_as_they_say(size: float, metal: str) -> None:
    """Against the points of a prong's circle and of both girdles in space; no closed form."""
    found = ring(spec(size, metal=metal))
    accent, stone = row(found), row(found).stone
    half, radius = 0.5 * accent.pitch_deg, 0.5 * stone.diameter_mm
    turn = np.linspace(0.0, 2.0 * math.pi, 20001)
    for side in (-1.0, 1.0):
        axis = out(side * half)
        along = np.array([axis[2], 0.0, -axis[0]])
        # the prong's surface where it crosses the girdle's plane: lines along z from its circle
        x = 0.5 * accent.prong_diameter_mm * np.cos(turn)
        y = accent.prong_y_mm + 0.5 * accent.prong_diameter_mm * np.sin(turn)
        z = (girdle_mm(found) - x * axis[0]) / axis[2]
        points = np.stack([x, y, z], axis=1) - girdle_mm(found) * axis
        away = np.hypot(points @ along, points[:, 1])
        assert radius - away.min() == pytest.approx(accent.cover_mm, abs=1.5e-3)
    run = 0.5 * (stone.diameter_mm - stone.table_diameter_mm)
    assert accent.cover_mm <= 0.40 * run + 1e-9
    assert accent.cover_mm >= min(0.30 * run, 0.25 * accent.prong_diameter_mm - accent.girdle_clearance_mm) - 1e-9
    assert accent.notch_share <= 0.25 + 1e-9
    assert accent.pair_gap_mm == pytest.approx(2.0 * accent.prong_y_mm - accent.prong_diameter_mm)
    assert accent.pair_gap_mm >= found.foundry.gap_min_mm


@pytest.mark.parametrize(
    ("size", "diameter"),
    [(1.2, 0.50), (1.5, 0.60), (1.7, 0.70), (2.0, 0.70), (2.5, 0.80), (3.0, 0.86), (4.0, 0.93), (5.0, 1.00)],
)
def test_prongs_by_the_tables(size: float, diameter: float) -> None:
    assert row(ring(spec(size))).prong_diameter_mm == pytest.approx(diameter)


def test_prongs_of_the_smallest_stones_grow_until_pairs_stand_apart() -> None:
    found = row(ring(spec(1.0)))
    assert 0.40 < found.prong_diameter_mm <= 0.55
    assert "thicker" in ring(spec(1.0)).reasons["accents.0.prong_diameter_mm"].because
    assert "thicker" not in ring(spec(2.5)).reasons["accents.0.prong_diameter_mm"].because


@pytest.mark.parametrize("size", SIZES)
def test_the_limb_follows_stone_and_metal(size: float) -> None:
    for metal in ("18k_yellow_gold", "silver"):
        found = ring(spec(size, metal=metal))
        accent, limits, shank = row(found), found.foundry, found.shank
        assert shank.width_top_mm == shank.width_bottom_mm
        assert shank.width_top_mm >= 0.85 * size
        assert shank.width_top_mm >= 2.0 * accent.prong_y_mm + accent.prong_diameter_mm + 0.2 - 1e-9
        assert min(accent.side_mm, accent.rail_mm) >= limits.wall_min_mm
        assert accent.bar_mm >= 0.35 and accent.pilot_diameter_mm >= 0.40
        pavilion = accent.stone.depth_mm - accent.stone.crown_height_mm - accent.stone.girdle_mm
        assert girdle_mm(found) - found.bore_radius_mm - pavilion >= 0.8 - 1e-9
        assert accent.scallop_depth_mm <= 0.4 * shank.thickness_top_mm + 1e-9
        table = accent.stone.crown_height_mm
        assert accent.prong_straight_mm + accent.dome_mm >= table + 0.05 - 1e-9


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (spec(count=40), "accents.0.count"),
        (spec(count=12), "accents.0.count"),
        (spec(count=2), "accents.0.count"),
        (spec(0.9), "accents.0.stone.size"),
        (spec(5.5), "accents.0.stone.size"),
        (spec(on="top"), "accents.0.on"),
        (spec(more="shank: {width_mm: 1.8}\n"), "shank.width_mm"),
        (spec(more="shank: {thickness_mm: 1.25}\n"), "accents.0.stone.size"),
        (spec(more="shank: {thickness_mm: {top: 2.2, bottom: 2.0}}\n"), "shank.thickness_mm.bottom"),
        (spec(more="shank: {width_mm: {top: 3, bottom: 2.6}}\n"), "shank.width_mm.bottom"),
        (spec(more="shank: {profile: knife_edge}\n"), "shank.profile"),
        (spec().replace("on: [", "gap_mm: 0.02, on: ["), "accents.0.gap_mm"),
        (spec(more="decoration: [{prompt: rope}]\n"), "decoration.0.region"),
        (spec().replace("eternity", "band"), "accents"),
    ],
)
def test_what_does_not_fit_is_named_with_a_way_out(text: str, field: str) -> None:
    found = problems(text)
    assert field in found
    assert found[field].suggestion


def test_proposals_are_ways_out() -> None:
    hint = problems(spec(count=30))["accents.0.count"].suggestion
    count, size = (float(part) for part in re.findall(r"\d+(?:\.\d+)?", hint))
    assert len(row(ring(spec(count=int(count)))).seats) == 25
    assert len(row(ring(spec(size, 30))).seats) == 30
    width = float(problems(spec(more="shank: {width_mm: 1.8}\n"))["shank.width_mm"].suggestion.split()[-1])
    ring(spec(more=f"shank: {{width_mm: {width}}}\n"))
    problems(spec(more=f"shank: {{width_mm: {width - 0.1:g}}}\n"))
    hint = problems(spec(more="shank: {thickness_mm: 1.25}\n"))["accents.0.stone.size"].suggestion
    thick = float(re.findall(r"thickness_mm: ([\d.]+)", hint)[0])
    ring(spec(more=f"shank: {{thickness_mm: {thick}}}\n"))
    problems(spec(more=f"shank: {{thickness_mm: {thick - 0.05:g}}}\n"))


@pytest.mark.parametrize("name", [name for name, text in template.specs().items() if "shared_prong" in text])
def test_shipped_specs_resolve_and_their_report_has_no_complaint(name: str) -> None:
    found = ring(template.specs()[name])
    own = [line for line in setting_rows(found) if line.stone.startswith("shared prongs")]
    assert len(own) > 8
    assert {line.verdict for line in own} == {"ok"}


# -- metal ---------------------------------------------------------------------------------------------------------


@cache
def built(size: float, count: int = 3, on: str = "top_half") -> tuple[ResolvedRing, Any]:
    found = ring(spec(size, count, on, more="shank: {profile: flat}\n"))
    return found, template.build(plan(found, {}), None, lambda stage: None)


def labelled(made: Any, name: str) -> np.ndarray:
    """(n, 3, 3) corners of the triangles of the faces with a name."""
    names = np.array(made.mesh.face_names)
    return np.asarray(made.mesh.vertices[made.mesh.triangles[names[made.mesh.face_index] == name]])


def rises(corners: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """(n,) cosine of each triangle's normal and an axis."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(normal @ axis / np.maximum(np.linalg.norm(normal, axis=1), 1e-12))


SLOW = pytest.mark.slow
sizes = pytest.mark.parametrize(
    "size", [pytest.param(1.0, marks=SLOW), 2.5, pytest.param(1.7, marks=SLOW), pytest.param(5.0, marks=SLOW)]
)


@sizes
def test_seats_and_prongs_on_labelled_vertices(size: float) -> None:
    found, made = built(size)
    accent, stone = row(found), row(found).stone
    for seat in accent.seats:
        axis = out(seat.phi_deg)
        corners = labelled(made, f"seat_{seat.id}")
        rise = rises(corners, axis)
        slope = math.cos(math.radians(stone.pavilion_angle_deg))
        low = (corners @ axis).max(axis=1) <= girdle_mm(found) + 1e-6
        cone_at = np.unique(corners[(np.abs(rise - slope) < 0.05) & low].reshape(-1, 3), axis=0)
        cone = fit_cone(cone_at, girdle_mm(found) * axis, axis)
        assert 90.0 - cone.half_angle_deg == pytest.approx(stone.pavilion_angle_deg, abs=0.1)
        assert 2.0 * cone.radius_at_origin_mm == pytest.approx(stone.diameter_mm, abs=5e-3)
        hole = np.unique(corners[(np.abs(rise) < 0.1) & low].reshape(-1, 3), axis=0)
        radii = np.linalg.norm(hole - (hole @ axis)[:, None] * axis, axis=1)
        assert radii == pytest.approx(0.5 * accent.pilot_diameter_mm, abs=1e-4)
    points = np.unique(labelled(made, "shared_prong").reshape(-1, 3), axis=0)
    phi = np.degrees(np.arctan2(points[:, 0], points[:, 2]))
    nearest = np.array(accent.gaps_deg)[np.abs(phi[:, None] - np.array(accent.gaps_deg)).argmin(axis=1)]
    along = np.stack([np.cos(np.radians(nearest)), -np.sin(np.radians(nearest))], axis=1)
    aside = np.einsum("ij,ij->i", points[:, [0, 2]], along)
    away = np.hypot(aside, np.abs(points[:, 1]) - accent.prong_y_mm)
    assert away.max() == pytest.approx(0.5 * accent.prong_diameter_mm, abs=1e-5)
    crest = found.bore_radius_mm + found.shank.thickness_top_mm
    assert np.hypot(points[:, 0], points[:, 2]).max() == pytest.approx(crest + accent.prong_rise_mm, abs=1e-4)


@pytest.mark.parametrize(
    ("count", "on"),
    [(3, "top_half"), pytest.param(4, "top_half", marks=SLOW), pytest.param(8, "all_round", marks=SLOW)],
)
def test_topology_and_the_mirror(count: int, on: str) -> None:
    """A handle for each window and one for the finger; a row is its own mirror image about the top."""
    size = 5.0 if on == "all_round" else 2.5
    text = spec(size, count, on, ring="10.5 mm" if on == "all_round" else "US 7")
    if on == "all_round":
        found = ring(text.replace(f"count: {count}", "count: fill"))
        made = template.build(plan(found, {}), None, lambda stage: None)
    else:
        found, made = built(size, count)
    seats = len(row(found).seats)
    sound = template.soundness(plan(found, {}), made)
    assert not sound.findings
    assert sound.expected_genus == mesh_genus(made.mesh.triangles) == 1 + seats
    assert {f"seat_{seat.id}" for seat in row(found).seats} < set(made.solid.names)
    if on == "all_round":  # turned by a stone the metal is itself
        one, two = (labelled(made, f"seat_{row(found).seats[k].id}").reshape(-1, 3) for k in (0, 1))
        turn = math.radians(row(found).pitch_deg)
        back = np.array(
            [[math.cos(turn), 0.0, -math.sin(turn)], [0.0, 1.0, 0.0], [math.sin(turn), 0.0, math.cos(turn)]]
        )
        assert np.sort(two @ back.T @ [1.0, 0.3, 0.7]) == pytest.approx(np.sort(one @ [1.0, 0.3, 0.7]), abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "inside", "metal", "profile"),
    [(3.5, "US 13", "platinum_950", "soft_cushion"), (4.0, "US 3", "silver", "d")],
)
def test_notches_that_the_kernel_once_lost(size: float, inside: str, metal: str, profile: str) -> None:
    """Where the edge of a notch met no seam of its prong, a cut went round the prong; the kernel's check tells."""
    found = ring(spec(size, 3, "top_half", ring=inside, metal=metal, more=f"shank: {{profile: {profile}}}\n"))
    made = template.build(plan(found, {}), None, lambda stage: None)
    assert not template.soundness(plan(found, {}), made).findings
    assert not judged(found, made.mesh.vertices, made.mesh.triangles)[0].findings


def test_a_turned_part_is_the_part() -> None:
    _, made = built(2.5)
    there_and_back = turned(turned(made.solid, 33.0), -33.0)
    assert compare_solids(made.solid, there_and_back).same


# -- the verifier --------------------------------------------------------------------------------------------------


def judged(found: ResolvedRing, vertices: np.ndarray, triangles: np.ndarray) -> tuple[SettingReport, list[SiteWall]]:
    caster = RayCaster(mesh_from_arrays(vertices, triangles))
    return judge_settings(caster, found), shared_sites(caster, found)


def errors(found: ResolvedRing, report: SettingReport, walls: list[SiteWall]) -> set[FindingCode]:
    findings = (*report.findings, *site_findings(walls, found))
    return {finding.code for finding in findings if finding.severity is Severity.ERROR}


@sizes
def test_the_verifier_passes_what_the_kernel_made(size: float) -> None:
    found, made = built(size)
    accent = row(found)
    report, walls = judged(found, made.mesh.vertices, made.mesh.triangles)
    assert not errors(found, report, walls)
    assert not report.findings
    assert {rule["state"] for rule in report.rules} == {"as_cast", "as_set"}
    diameters = [rule["measured"] for rule in report.rules if rule["what"] == "diameter"]
    assert len(diameters) == 2 * len(accent.gaps_deg)
    assert diameters == pytest.approx([accent.prong_diameter_mm] * len(diameters), abs=0.012)
    for name, values in report.rows.items():
        assert len(values["prongs"]) == 4, name
        for prong in values["prongs"]:
            assert prong["cover_mm"] == pytest.approx(accent.cover_mm, abs=0.02)
            assert prong["notch_share"] == pytest.approx(accent.notch_share, abs=0.03)
            assert 0.30 <= prong["contact_as_set"] <= 0.50
            assert 0.60 - 1e-9 <= prong["height_share_as_set"] <= 0.80
        assert values["retention_mm"] >= 0.02 * accent.stone.diameter_mm
        assert values["nearest_stone"]["distance_mm"] == pytest.approx(accent.gap_mm, abs=0.01)
    thin = {kind: min(wall.min_mm for wall in walls if wall.site.startswith(kind)) for kind in ("row_side", "seat_bar")}
    assert thin["row_side"] == pytest.approx(accent.side_mm, abs=0.02)
    assert thin["seat_bar"] >= accent.bar_mm - 0.02


def _body(made: Any) -> Any:
    mesh = manifold3d.Mesh64(made.mesh.vertices, made.mesh.triangles.astype(np.uint64))
    return manifold3d.Manifold(mesh)


def _box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], phi_deg: float) -> Any:
    """A box in the frame at an angle from the top: along the row, across it, away from the finger axis."""
    size = [high - low for low, high in (x, y, z)]
    box = manifold3d.Manifold.cube(size).translate([x[0], y[0], z[0]])
    return box.rotate([0.0, phi_deg, 0.0])


def _drill(radius: float, z: tuple[float, float], phi_deg: float) -> Any:
    hole = manifold3d.Manifold.cylinder(z[1] - z[0], radius, radius, 96).translate([0.0, 0.0, z[0]])
    return hole.rotate([0.0, phi_deg, 0.0])


MUTANTS = {
    "a prong shaved at its back": {FindingCode.PRONG_SECTION},
    "a prong cut off": {FindingCode.PRONG_SECTION, FindingCode.PRONG_HEIGHT},
    "a prong cut down": {FindingCode.PRONG_HEIGHT},
    "a seat sunk": {FindingCode.SEAT_POSITION},
    "a seat drilled aside": {FindingCode.SEAT_POSITION, FindingCode.SEAT_ANGLE, FindingCode.SEAT_BEARING},
    "a drop of metal in the seat": {FindingCode.STONE_INTERFERENCE},
    "a window too wide": {FindingCode.SEAT_WALL},
    "a scallop too deep": {FindingCode.SEAT_WALL},
    "a column thinned": {FindingCode.SEAT_WALL},
    "a pair grown together": {FindingCode.GAP_WIDTH, FindingCode.PRONG_SECTION},
}


def _mutant(name: str, found: ResolvedRing, body: Any) -> Any:
    accent, stone = row(found), row(found).stone
    crest, girdle, gap = girdle_mm(found) - accent.girdle_over_crest_mm, girdle_mm(found), 0.5 * accent.pitch_deg
    y, radius, high = accent.prong_y_mm, 0.5 * accent.prong_diameter_mm, (crest, crest + 3.0)
    beside = 0.5 * found.shank.width_top_mm + 1.0
    if name == "a prong shaved at its back":
        return body - _box((-1.0, 1.0), (y + 0.6 * radius, beside), (crest + 0.05, crest + 3.0), gap)
    if name == "a prong cut off":
        return body - _box((-0.6, 0.6), (0.2 * y, beside), (girdle - 0.05, crest + 3.0), gap)
    if name == "a prong cut down":
        return body - _box((-0.6, 0.6), (0.2 * y, beside), (girdle + 0.6 * stone.crown_height_mm, crest + 3.0), gap)
    if name in ("a seat sunk", "a seat drilled aside"):
        slope = math.tan(math.radians(stone.pavilion_angle_deg))
        cone = manifold3d.Manifold.cylinder(2.0 * slope, 0.0, 2.0, 180)
        aside, down = (0.12, 0.02) if name.endswith("aside") else (0.0, 0.08)
        zero = girdle - 0.5 * stone.diameter_mm * slope - down
        return body - (cone ^ _drill(0.5 * stone.diameter_mm, (-1.0, 9.0), 0.0)).translate([aside, 0.0, zero])
    if name == "a drop of metal in the seat":
        wide = accent.scallop_half_mm
        return body + _box((wide - 0.15, wide + 0.3), (-0.2, 0.2), (crest - 0.6, crest - 0.02), 0.0)
    if name == "a window too wide":
        return body - _drill(0.5 * accent.pilot_diameter_mm + 0.12, (5.0, crest), 0.0)
    if name == "a scallop too deep":
        low = crest - accent.scallop_depth_mm - (accent.rail_mm - found.foundry.wall_min_mm) - 0.1
        return body - _box((-0.3, 0.3), (-beside, beside), (low, high[1]), 0.0)
    if name == "a column thinned":
        return body - _box((0.5 * radius, 1.5), (0.0, beside), (crest - 0.4, crest - 0.02), gap)
    assert name == "a pair grown together"
    return body + _box((-0.1, 0.1), (-y, y), (girdle - 0.1, girdle + 0.2 + 0.3 * stone.crown_height_mm), gap)


@pytest.mark.parametrize("name", [pytest.param(name, marks=[SLOW] if k % 3 else []) for k, name in enumerate(MUTANTS)])
def test_mutants_are_caught(name: str) -> None:
    found, made = built(2.5)
    body = _body(made)
    assert body.status() == manifold3d.Error.NoError
    report, walls = judged(found, *arrays_of(_mutant(name, found, body)))
    assert MUTANTS[name] & errors(found, report, walls)


def test_a_body_that_was_not_changed_has_no_fault() -> None:
    found, made = built(2.5)
    report, walls = judged(found, *arrays_of(_body(made)))
    assert not errors(found, report, walls)


def test_small_stones_on_a_wide_limb_have_the_floor_of_a_narrow_one() -> None:
    """Rays beside a seat reach no farther along the row than half way to the next one, however wide the limb is."""
    floors = []
    for more in ("", "shank: {width_mm: 14}\n"):
        found = ring(spec(1.0, 6, "top_half", more=more))
        made = template.build(plan(found, {}), None, lambda stage: None)
        report, walls = judged(found, made.mesh.vertices, made.mesh.triangles)
        assert not errors(found, report, walls)
        floors.append(min(wall.min_mm for wall in walls if wall.site.startswith("seat_floor")))
    assert floors[1] == pytest.approx(floors[0], abs=0.15)


def test_a_seat_that_is_not_there_is_told() -> None:
    found, made = built(2.5)
    accent = row(found)
    far = accent.seats[-1].model_copy(update={"id": "shared_0_9", "phi_deg": accent.seats[-1].phi_deg + 60.0})
    more = accent.model_copy(update={"seats": (*accent.seats[:-1], far)})
    report, _ = judged(found.model_copy(update={"accents": (more,)}), made.mesh.vertices, made.mesh.triangles)
    assert {finding.code for finding in report.findings if "shared_0_9" in finding.message} == {
        FindingCode.SEAT_BEARING
    }


def test_a_closed_prong_keeps_its_volume() -> None:
    stone = stone_profile(row(ring(spec(5.0))).stone)
    volume = 0.25 * math.pi * 0.65
    closed = close_shared(1.0, 0.78, volume, 0.22, stone)
    spread = 2.0 * (closed.contact * stone.crown_run_mm - 0.22) + 1.0
    height = closed.height_share * stone.crown_height_mm
    assert closed.contact < 0.40  # all that there is
    assert 0.25 * math.pi * spread**2 * height == pytest.approx(volume, rel=1e-6)
    assert closed.height_share == pytest.approx(0.60)
    plenty = close_shared(1.0, 0.9, 2.0 * volume, 0.22, stone)
    assert (plenty.contact, plenty.height_share) == (0.40, pytest.approx(0.75))
    assert close_shared(0.0, 0.0, 0.0, 0.0, stone).contact == 0.0
