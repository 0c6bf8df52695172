"""Cabochons: the stone by closed forms, the lip on the dome, the ring on its mesh, mutants, and how it is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from rings_support import fit_cone

from ringcad.core.errors import SpecError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.report_setting import setting_rows
from ringcad.export.stl import stl_bytes
from ringcad.fit import bezel_section
from ringcad.kernel.genus import mesh_genus
from ringcad.render.domes import dome_light, domes, studio_harmonics
from ringcad.render.scene import StoneInstance
from ringcad.resolve import resolve
from ringcad.resolved import BezelRing, bezeled
from ringcad.seats.bodies import facet_planes, facet_polygons
from ringcad.spec import parse_spec
from ringcad.standards import cut, gem
from ringcad.stones.cabochon import arc_to_height_mm, on_dome
from ringcad.template import BuiltRing
from ringcad.templates.bezel_solitaire import build, shape, template
from ringcad.verify.check import verify_stl
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.closing import close_lip
from ringcad.verify.setting.frames import DomeProfile, stone_profile
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.stl import read_stl

HEAD = "ringcad: 1\ntemplate: bezel_solitaire\nring_size: US 7\n"
Z = np.array([0.0, 0.0, 1.0])


def ring(stone: str, more: str = "", metal: str = "18k_yellow_gold") -> BezelRing:
    found = bezeled(resolve(parse_spec(f"{HEAD}metal: {metal}\nstone: {{cut: cabochon, {stone}}}\n{more}"), "cabochon"))
    assert found is not None
    return found


# -- the stone ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [3.0, 8.0, 13.0])
def test_volume_and_weight_are_those_of_rim_and_half_ellipsoid(size: float) -> None:
    stone = ring(f"size: {size} mm, gem: opal").stone
    radius = 0.5 * size
    volume = math.pi * radius**2 * (stone.girdle_mm + 2.0 / 3.0 * stone.crown_height_mm)
    assert stone.weight_ct == pytest.approx(volume * 2.10e-3 / 0.2, rel=0.01)
    assert stone.weight_ct < volume * 2.10e-3 / 0.2  # facets lie inside
    # the trade's formula for cabochons (dendritics): length x width x depth x density x 0.0027
    assert stone.weight_ct == pytest.approx(0.0027 * size**2 * stone.depth_mm * 2.10, rel=0.10)
    back = ring(f"size: {stone.weight_ct:.9f} ct, gem: opal").stone
    assert back.diameter_mm == pytest.approx(size, rel=1e-5)
    assert stone.depth_mm == pytest.approx(0.5 * size)
    assert (stone.pavilion_depth_mm, stone.table_diameter_mm, stone.pavilion_angle_deg) == (0.0, 0.0, 0.0)


def test_the_facets_are_the_body() -> None:
    stone = ring("size: 8 mm, gem: turquoise").stone
    profile = stone_profile(stone)
    normals, offsets = facet_planes(stone)
    corners = np.concatenate(facet_polygons(stone))
    assert corners[:, 2].min() == 0.0 and corners[:, 2].max() == pytest.approx(stone.depth_mm)
    assert (normals @ corners.T - offsets[:, None]).max() < 1e-9
    inside = profile.depth_inside(*corners.T)
    assert np.abs(inside).max() < 1e-6  # every corner lies on dome, rim or base
    above = corners[corners[:, 2] > 0.0]
    assert np.hypot(above[:, 0], above[:, 1]) == pytest.approx(profile.radius_at(above[:, 2]), abs=1e-6)


def test_depth_inside_is_the_distance_near_the_surface() -> None:
    profile = stone_profile(ring("size: 8 mm, gem: turquoise").stone)
    assert isinstance(profile, DomeProfile)
    turn = np.linspace(0.05, 0.5 * math.pi - 0.05, 20)
    a, b = profile.radius_mm, profile.crown_height_mm
    normal = np.stack([np.cos(turn) / a, np.sin(turn) / b])
    normal /= np.linalg.norm(normal, axis=0)
    for off in (-0.05, 0.02, 0.1):
        x, z = a * np.cos(turn) - off * normal[0], profile.girdle_mm + b * np.sin(turn) - off * normal[1]
        assert profile.depth_inside(x, np.zeros_like(x), z) == pytest.approx(off, abs=0.004)


def test_a_measured_cabochon_and_what_no_cutter_makes() -> None:
    high = ring("size: 8 mm, gem: onyx, measured: {depth_mm: 5.2, girdle_percent: 3}").stone
    assert high.depth_mm == pytest.approx(5.2) and high.girdle_mm == pytest.approx(0.24)
    row = cut("cabochon").crown_percent
    for depth in (1.5, 7.5):
        with pytest.raises(SpecError) as caught:
            ring(f"size: 8 mm, gem: onyx, measured: {{depth_mm: {depth}}}")
        (problem,) = caught.value.problems
        proposed = re.search(r"use ([0-9.]+)", problem.suggestion or "")
        assert problem.field == "stone.measured.depth_mm" and proposed
        found = ring(f"size: 8 mm, gem: onyx, measured: {{depth_mm: {proposed[1]}}}").stone
        assert row.holds(100.0 * found.crown_height_mm / 8.0)
    with pytest.raises(SpecError) as caught:
        ring("size: 8 mm, gem: onyx, measured: {weight_ct: 9}")
    assert caught.value.problems[0].field == "stone.measured.weight_ct"


@pytest.mark.parametrize(
    ("stone", "more", "field"),
    [
        ("size: 8x10 mm", "", "stone.size"),
        ("size: 20x8 mm", "", "stone.size"),
        ("size: 10x8 mm", "bezel: {coverage: half}\n", "bezel.coverage"),
        ("size: 8 mm, measured: {table_percent: 57}", "", "stone.measured"),
        ("size: 8 mm, measured: {crown_angle_deg: 34}", "", "stone.measured"),
        ("size: 8 mm, gem: chalk", "", "stone.gem"),
        ("size: 8 mm", "bezel: {lip_height_mm: 0.6}\n", "bezel.lip_height_mm"),
        ("size: 8 mm", "bezel: {lip_height_mm: 2.4}\n", "bezel.lip_height_mm"),
    ],
)
def test_what_does_not_fit_is_named(stone: str, more: str, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(stone, more)
    problem = next(problem for problem in caught.value.problems if problem.field == field)
    assert problem.suggestion
    proposed = re.search(r"use ([0-9.]+)", problem.suggestion)
    if field == "bezel.lip_height_mm":
        assert proposed
        ring(stone, f"bezel: {{lip_height_mm: {proposed[1]}}}\n")


def test_only_bezels_take_cabochons() -> None:
    for name in ("solitaire", "halo", "three_stone"):
        with pytest.raises(SpecError) as caught:
            parse_spec(HEAD.replace("bezel_solitaire", name) + "metal: silver\nstone: {cut: cabochon, size: 8 mm}\n")
        assert caught.value.problems[0].field == "stone"


@pytest.mark.parametrize(("name", "low", "high"), [
    ("opal", 1.9, 2.3), ("moonstone", 2.5, 2.65), ("turquoise", 2.6, 2.9), ("onyx", 2.55, 2.7), ("lapis", 2.5, 3.0),
    ("carnelian", 2.55, 2.7), ("malachite", 3.6, 4.05), ("jade", 3.25, 3.4), ("labradorite", 2.65, 2.75),
])  # fmt: skip
def test_gems_that_are_cut_so(name: str, low: float, high: float) -> None:
    assert low <= gem(name).density_g_cm3 <= high
    assert 1.37 <= gem(name).refractive_index <= 1.91


# -- the lip on the dome --------------------------------------------------------------------------------------


def test_arcs_on_the_dome() -> None:
    aside, up = on_dome(3.0, 3.0, np.array([0.0, 1.0, 0.5 * math.pi * 3.0, 9.0]))
    assert aside == pytest.approx([3.0, 3.0 * math.cos(1.0 / 3.0), 0.0, 0.0], abs=1e-6)  # a hemisphere
    assert up == pytest.approx([0.0, 3.0 * math.sin(1.0 / 3.0), 3.0, 3.0], abs=1e-6)
    for height in (0.3, 1.0, 2.1):
        _, there = on_dome(4.0, 2.5, np.array([arc_to_height_mm(4.0, 2.5, height)]))
        assert there[0] == pytest.approx(height, abs=1e-5)


def test_the_default_lip_holds_every_size_in_every_metal() -> None:
    for size in (2.5, 4.0, 8.0, 13.0):
        lips = []
        for metal in ("platinum_950", "18k_yellow_gold", "sterling_silver"):
            found = ring(f"size: {size} mm, gem: opal", metal=metal)
            closed = close_lip(found.bezel.lip_height_mm, found.bezel.lip_thickness_mm,
                               -found.bezel.girdle_clearance_mm, stone_profile(found.stone), folded=True)  # fmt: skip
            assert 1.0 / 3.0 <= closed.contact <= 0.5
            assert closed.overlap_mm >= min(max(0.02 * size, 0.02), 0.10)
            lips.append(found.bezel.lip_height_mm)
        assert lips == sorted(lips)


# -- metal ----------------------------------------------------------------------------------------------------

CASES = [("18k_yellow_gold", 8.0, "full", 3.4), ("platinum_950", 5.0, "half", 4.0)]


def made(found: BezelRing) -> BuiltRing:
    return template.build(shape.plan(found, {}), None, lambda stage: None)


def judged(built: BuiltRing, found: BezelRing) -> SettingReport:
    return judge_settings(RayCaster(read_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles))), found)


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


@pytest.fixture(scope="module", params=CASES, ids=["gold-8-full", "platinum-5-half"])
def one(request: pytest.FixtureRequest) -> tuple[BezelRing, BuiltRing, SettingReport]:
    metal, size, kind, width = request.param
    more = f"bezel: {{coverage: {kind}}}\nshank: {{width_mm: {width}}}\n"
    found = ring(f"size: {size} mm, gem: onyx", more, metal)
    built = made(found)
    return found, built, judged(built, found)


def test_the_ring_is_sound(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, report = one
    soundness = build.soundness(shape.plan(found, {}), built)
    assert not soundness.findings and not report.findings
    assert soundness.expected_genus == mesh_genus(built.mesh.triangles) == 2


def _seat(built: BuiltRing) -> tuple[np.ndarray, np.ndarray]:
    """Corners (n, 3, 3) of the seat's triangles and their unit normals (n, 3)."""
    chosen = np.asarray(built.mesh.face_names, dtype=object)[built.mesh.face_index] == "seat_center"
    corner = built.mesh.vertices[built.mesh.triangles[chosen]]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    return corner, normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)[:, None]


def test_ledge_and_opening_on_the_mesh_are_the_numbers(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, _ = one
    bezel, radius = found.bezel, 0.5 * found.stone.diameter_mm
    corner, normal = _seat(built)
    ledge = corner[normal[:, 2] > 0.999].reshape(-1, 3)
    ledge = ledge[ledge[:, 2] > bezel.floor_z_mm + 0.2]
    assert ledge[:, 2] == pytest.approx(bezel.girdle_z_mm, abs=1e-5)
    around = np.hypot(ledge[:, 0], ledge[:, 1])
    assert around.min() == pytest.approx(radius - bezel.ledge_mm, abs=0.003)
    assert around.max() == pytest.approx(radius + bezel.girdle_clearance_mm, abs=0.003)
    upright = np.unique(corner[np.abs(normal[:, 2]) < 0.1].reshape(-1, 3), axis=0)
    upright = upright[np.hypot(upright[:, 0], upright[:, 1]) > 0.8 * radius]
    opening = fit_cone(upright, np.array([0.0, 0.0, bezel.girdle_z_mm]), Z)
    assert opening.radius_at_origin_mm == pytest.approx(radius + bezel.girdle_clearance_mm, abs=0.003)
    assert built.mesh.vertices[:, 2].max() == pytest.approx(bezel.top_z_mm, abs=1e-4)


def rows_of(report: SettingReport) -> dict[str, dict[str, Any]]:
    return {row["subject"]: row for row in report.rules}


def test_both_states_are_the_closed_forms(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, _, report = one
    bezel, stone, rows = found.bezel, found.stone, rows_of(report)
    assert {row["state"] for row in rows.values()} == {"as_cast", "as_set"}
    assert rows["center: seat angle"]["measured"] == pytest.approx(0.0, abs=0.05)
    assert rows["center: lip above the girdle"]["measured"] == pytest.approx(bezel.lip_height_mm, abs=0.005)
    assert rows["center: play beside the girdle"]["measured"] == pytest.approx(bezel.girdle_clearance_mm, abs=0.003)
    assert rows["center: base"]["measured"] == pytest.approx(bezel.girdle_z_mm - found.bore_radius_mm, abs=0.005)
    laid = np.array([bezel.lip_height_mm - bezel.girdle_clearance_mm])
    aside, up = on_dome(0.5 * stone.diameter_mm, stone.crown_height_mm, laid)
    reach = 100.0 * (stone.girdle_mm + float(up[0])) / stone.depth_mm
    assert rows["center: lip"]["measured"] == pytest.approx(reach, abs=0.5)
    bears = rows["center: bearing under the girdle"]["measured"]
    if bezel.open_deg:  # the scoop is narrower at the ledge than at the lip, where it is declared
        assert 100.0 * (1.0 - bezel.open_deg / 180.0) - 1.0 < bears < 95.0
    else:
        assert bears == pytest.approx(100.0)
    lifted = rows["center: free way lifted"]
    assert lifted["before"] > 10.0 * lifted["measured"]  # as cast it falls out, set it is held
    held = rows["center: held when lifted"]
    inward = 0.5 * stone.diameter_mm - float(aside[0])
    assert held["measured"] == pytest.approx(inward, abs=0.02)
    report_rows = {row.rule: row for row in setting_rows(found)}
    on_it = report_rows["Share of the dome's height that the lip reaches"]
    assert on_it.as_set == pytest.approx(reach, abs=0.5) and on_it.verdict == "ok"


def test_the_gate_delivers_it(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, _ = one
    report = verify_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles), found, expected_genus=2)
    assert not errors_of(report.findings)
    walls = report.measurements["walls"]
    thinnest = bezel_section.thinnest_mm(found.bezel, found.stone, found.bore_radius_mm)[0]
    for site in ("bezel_wall", "bezel_cup", "bezel_floor", "bezel_rim"):
        assert walls[site]["min_mm"] >= min(thinnest, walls[site]["limit_mm"]) - 0.01


def _moved(built: BuiltRing, found: BezelRing, way: str) -> bytes:
    """The file with its ledge tilted, sunk on one half, coned, or its lip a fifth lower."""
    vertices = built.mesh.vertices.copy()
    bezel, radius = found.bezel, 0.5 * found.stone.diameter_mm
    aside = np.hypot(vertices[:, 0], vertices[:, 1])
    ledge = (np.abs(vertices[:, 2] - bezel.girdle_z_mm) < 1e-3) & (aside < radius + 0.1)
    if way == "tilted":
        vertices[ledge, 2] += 0.03 * vertices[ledge, 0]
    elif way == "sunk":
        vertices[ledge, 2] -= 0.08
    elif way == "coned":
        vertices[ledge, 2] += 0.1 * (aside[ledge] - radius)
    else:
        top = vertices[:, 2] > bezel.girdle_z_mm + found.stone.girdle_mm
        over = vertices[top, 2] - bezel.girdle_z_mm - found.stone.girdle_mm
        vertices[top, 2] -= 0.2 * over
    return stl_bytes(vertices, built.mesh.triangles)


@pytest.mark.parametrize(("way", "code"), [
    ("tilted", FindingCode.SEAT_POSITION), ("sunk", FindingCode.SEAT_POSITION), ("coned", FindingCode.SEAT_ANGLE),
    ("lip", FindingCode.BEZEL_LIP),
])  # fmt: skip
def test_mutants_are_found(one: tuple[BezelRing, BuiltRing, SettingReport], way: str, code: FindingCode) -> None:
    found, built, _ = one
    report = judge_settings(RayCaster(read_stl(_moved(built, found, way))), found)
    assert code in {finding.code for finding in errors_of(report.findings)}


def test_a_brilliants_seat_is_none_for_a_cabochon() -> None:
    """Its ledge falls at 41 degrees: the base would ride on an edge."""
    flat = ring("size: 6 mm, gem: onyx")
    round_ring = bezeled(resolve(parse_spec(f"{HEAD}metal: 18k_yellow_gold\nstone: {{size: 6 mm}}\n"), "round"))
    assert round_ring is not None
    moved = flat.bezel.model_copy(update={"girdle_z_mm": round_ring.bezel.girdle_z_mm})
    report = judged(made(round_ring), flat.model_copy(update={"bezel": moved}))
    assert FindingCode.SEAT_BEARING in {finding.code for finding in errors_of(report.findings)}


# -- pictures -------------------------------------------------------------------------------------------------


def test_a_dome_in_an_even_studio_shows_its_colour_and_mirrors_by_its_true_normal() -> None:
    stone = ring("size: 8 mm, gem: turquoise").stone
    normals, offsets = facet_planes(stone)
    colour = (0.2, 0.5, 0.6)
    found = domes((StoneInstance(normals, offsets, 1.62, colour, (0.0, 0.0, 5.0), (0.0, 0.0, 2.0),
                                 dome_mm=(4.0, stone.crown_height_mm, stone.girdle_mm)),))  # fmt: skip
    studio = studio_harmonics(lambda way: np.ones((len(way), 3)))
    summit = np.array([[0.0, 0.0, 5.0 + stone.depth_mm + 3.0]])
    place, mirrored, share, body = dome_light(
        found, np.array([0]), summit, np.array([[0.0, 0.0, -1.0]]), np.array([3.0]), studio
    )
    fresnel = ((1.62 - 1.0) / (1.62 + 1.0)) ** 2
    assert share[0] == pytest.approx(fresnel, abs=1e-6)
    assert mirrored[0] == pytest.approx([0.0, 0.0, 1.0])
    assert body[0] == pytest.approx(np.array(colour) * (1.0 - fresnel), rel=0.01)
    assert place[0, 2] == pytest.approx(5.0 + stone.depth_mm, abs=0.01)
    # light from above alone: the side of a white body sees a quarter of what its top does and more
    lamp = studio_harmonics(lambda way: np.repeat(np.maximum(way[:, 2:], 0.0), 3, axis=1))
    top = dome_light(found, np.array([0]), summit, np.array([[0.0, 0.0, -1.0]]), np.array([3.0]), lamp)[3]
    rim = np.array([[8.0, 0.0, 5.0 + stone.girdle_mm]])
    side = dome_light(found, np.array([0]), rim, np.array([[-1.0, 0.0, 0.0]]), np.array([4.0]), lamp)[3]
    assert 0.05 < side[0, 1] / top[0, 1] < 0.6
