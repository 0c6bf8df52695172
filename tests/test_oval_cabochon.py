"""Oval cabochons: their proportions, weight and dome; the lip laid on it all round; the solid and the verifier."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.report_setting import setting_rows
from ringcad.export.stl import stl_bytes
from ringcad.kernel.genus import mesh_genus
from ringcad.render.domes import dome_light, domes, studio_harmonics
from ringcad.render.scene import StoneInstance
from ringcad.resolve import resolve
from ringcad.resolved import BezelRing, FancyStone, RoundStone, bezeled
from ringcad.seats.bodies import facet_planes, facet_polygons
from ringcad.spec import parse_spec
from ringcad.standards import cut
from ringcad.stones.cabochon import dome_section, on_dome
from ringcad.template import BuiltRing
from ringcad.templates.bezel_solitaire import build, shape, template
from ringcad.verify.check import verify_stl
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.closing import close_lip
from ringcad.verify.setting.frames import stone_profile
from ringcad.verify.setting.girdled import GirdledStone
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.setting.walled import least_lip
from ringcad.verify.stl import read_stl

HEAD = "ringcad: 1\ntemplate: bezel_solitaire\nring_size: US 9\n"


def ring(stone: str, more: str = "", metal: str = "sterling_silver") -> BezelRing:
    found = bezeled(resolve(parse_spec(f"{HEAD}metal: {metal}\nstone: {{cut: cabochon, {stone}}}\n{more}"), "cabochon"))
    assert found is not None
    return found


def oval(stone: str) -> FancyStone:
    found = ring(stone).stone
    assert isinstance(found, FancyStone) and found.domed
    return found


# -- the stone ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "width"), [(8.0, 6.0), (14.0, 10.0), (9.0, 5.0)])
def test_weight_is_that_of_half_an_ellipsoid_over_its_rim(length: float, width: float) -> None:
    stone = oval(f"size: {length}x{width} mm, gem: onyx")
    row = cut("cabochon")
    assert stone.crown_height_mm == pytest.approx(row.crown_percent.default / 100.0 * width)
    base = 0.25 * math.pi * length * width
    volume = base * (stone.girdle_mm + 2.0 / 3.0 * stone.crown_height_mm)
    assert stone.weight_ct == pytest.approx(volume * stone.density_g_cm3 * 1e-3 / 0.2, rel=0.01)
    # the trade's formula for cabochons: length x width x depth x density x 0.0027
    assert stone.weight_ct == pytest.approx(0.0027 * length * width * stone.depth_mm * stone.density_g_cm3, rel=0.10)
    normals, offsets = facet_planes(stone)
    corners = np.concatenate(facet_polygons(stone))
    assert np.abs(corners).max(axis=0) == pytest.approx([0.5 * width, 0.5 * length, stone.depth_mm], rel=2e-3)
    assert (normals @ corners.T - offsets[:, None]).max() < 1e-9
    assert np.abs(GirdledStone(stone).depth_inside(*corners.T)).max() < 1e-4


def test_as_long_as_wide_is_round() -> None:
    same, round_one = ring("size: 8x8 mm, gem: opal").stone, ring("size: 8 mm, gem: opal").stone
    assert isinstance(same, RoundStone) and same == round_one
    high = oval("size: 11x9 mm, gem: onyx, measured: {depth_mm: 3.9}")
    assert high.depth_mm == pytest.approx(3.9)


def test_sections_of_the_dome_are_the_ellipsoids_own() -> None:
    a, b, c = 3.0, 4.5, 2.0
    for turn in np.linspace(0.0, 0.5 * math.pi, 7):
        half, high = dome_section(a, b, c, float(turn))
        n = np.array([math.cos(turn), math.sin(turn)])
        place = np.array([a * a, b * b]) * n / math.hypot(a * n[0], b * n[1])
        s = np.linspace(0.0, half, 9)
        flat = place - s[:, None] * n
        over = c * np.sqrt(1.0 - (flat[:, 0] / a) ** 2 - (flat[:, 1] / b) ** 2 + 1e-15)
        assert high * np.sqrt(1.0 - (1.0 - s / half) ** 2) == pytest.approx(over, abs=1e-6)
    assert dome_section(a, b, c, 0.0) == pytest.approx((a, c))
    assert dome_section(a, b, c, 0.5 * math.pi) == pytest.approx((b, c))


def test_the_default_lip_holds_every_size_all_round() -> None:
    for length, width in ((4.0, 3.0), (8.0, 6.0), (12.0, 8.0), (14.0, 7.2)):
        lips = []
        for metal in ("platinum_950", "18k_yellow_gold", "sterling_silver"):
            found = ring(f"size: {length}x{width} mm, gem: opal", "shank: {width_mm: 4}\n", metal)
            assert isinstance(found.stone, FancyStone)
            bezel = found.bezel
            lip = (bezel.lip_height_mm, bezel.lip_thickness_mm, -bezel.girdle_clearance_mm)
            closed = least_lip(GirdledStone(found.stone), *lip)
            assert 1.0 / 3.0 <= closed.contact <= 0.5
            assert closed.overlap_mm >= min(max(0.02 * width, 0.02), 0.10)
            lips.append(bezel.lip_height_mm)
        assert lips == sorted(lips)


def test_a_nearly_round_one_is_held_as_a_round_one() -> None:
    near = oval("size: 8.01x8 mm, gem: opal")
    same = ring("size: 8 mm, gem: opal").stone
    assert isinstance(same, RoundStone)
    one = least_lip(GirdledStone(near), 1.3, 0.9, -0.08)
    other = close_lip(1.3, 0.9, -0.08, stone_profile(same), folded=True)
    assert (one.contact, one.overlap_mm, one.height_share) == pytest.approx(
        (other.contact, other.overlap_mm, other.height_share), rel=2e-3
    )


# -- metal ----------------------------------------------------------------------------------------------------


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def judged(vertices: np.ndarray, built: BuiltRing, found: BezelRing) -> SettingReport:
    return judge_settings(RayCaster(read_stl(stl_bytes(vertices, built.mesh.triangles))), found)


@pytest.fixture(scope="module")
def one() -> tuple[BezelRing, BuiltRing, SettingReport]:
    found = ring("size: 10x8 mm, gem: onyx", "shank: {width_mm: 4.4}\n")
    built = template.build(shape.plan(found, {}), None, lambda stage: None)
    return found, built, judged(built.mesh.vertices, built, found)


def test_the_gate_delivers_it(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, _ = one
    soundness = build.soundness(shape.plan(found, {}), built)
    assert not soundness.findings
    assert soundness.expected_genus == mesh_genus(built.mesh.triangles) == 2
    report = verify_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles), found, expected_genus=2)
    assert not errors_of(report.findings)
    walls = report.measurements["walls"]
    assert {"bezel_wall", "bezel_cup", "bezel_floor", "bezel_rim"} <= set(walls)


def test_both_states_are_the_closed_forms(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, report = one
    bezel, stone = found.bezel, found.stone
    assert isinstance(stone, FancyStone)
    rows: dict[str, dict[str, Any]] = {row["subject"]: row for row in report.rules}
    assert not report.findings
    assert rows["center: seat angle"]["measured"] == pytest.approx(0.0, abs=0.05)
    assert rows["center: lip above the girdle"]["measured"] == pytest.approx(bezel.lip_height_mm, abs=0.005)
    assert rows["center: play beside the girdle"]["measured"] == pytest.approx(bezel.girdle_clearance_mm, abs=0.005)
    assert rows["center: base"]["measured"] == pytest.approx(bezel.girdle_z_mm - found.bore_radius_mm, abs=0.005)
    laid, least = np.array([bezel.lip_height_mm - bezel.girdle_clearance_mm]), math.inf
    for turn in np.linspace(0.0, 0.5 * math.pi, 91):
        section = dome_section(0.5 * stone.width_mm, 0.5 * stone.length_mm, stone.crown_height_mm, float(turn))
        least = min(least, stone.girdle_mm + float(on_dome(*section, laid)[1][0]))
    assert rows["center: lip"]["measured"] == pytest.approx(100.0 * least / stone.depth_mm, abs=0.5)
    on_it = {row.rule: row for row in setting_rows(found)}["Share of the dome's height that the lip reaches"]
    assert on_it.as_set == pytest.approx(100.0 * least / stone.depth_mm, abs=0.2) and on_it.verdict == "ok"
    lifted = rows["center: free way lifted"]
    assert lifted["before"] > 10.0 * lifted["measured"]
    # the ledge is level, and even all round
    chosen = np.asarray(built.mesh.face_names, dtype=object)[built.mesh.face_index] == "seat_center"
    points = np.unique(built.mesh.vertices[built.mesh.triangles[chosen]].reshape(-1, 3), axis=0)
    points = points[np.abs(points[:, 2] - bezel.girdle_z_mm) < 1e-4]
    share, support = GirdledStone(stone).girdle.gauge(points[:, 0], points[:, 1])
    assert ((share - 1.0) * support).max() == pytest.approx(bezel.girdle_clearance_mm, abs=0.004)
    assert np.hypot(*points[np.argmin(np.abs(points[:, 1]) + 9.0 * (points[:, 0] < 3.0)), :2]) > 3.0
    assert points[np.abs(points[:, 0]) < 0.02, 1].max() == pytest.approx(5.0 + bezel.girdle_clearance_mm, abs=0.004)


@pytest.mark.parametrize(("way", "code"), [
    ("tilted", FindingCode.SEAT_POSITION), ("sunk", FindingCode.SEAT_POSITION), ("coned", FindingCode.SEAT_ANGLE),
    ("lip", FindingCode.BEZEL_LIP),
])  # fmt: skip
def test_mutants_are_found(one: tuple[BezelRing, BuiltRing, SettingReport], way: str, code: FindingCode) -> None:
    found, built, _ = one
    assert isinstance(found.stone, FancyStone)
    vertices, bezel = built.mesh.vertices.copy(), found.bezel
    share, support = GirdledStone(found.stone).girdle.gauge(vertices[:, 0], vertices[:, 1])
    ledge = (np.abs(vertices[:, 2] - bezel.girdle_z_mm) < 1e-3) & ((share - 1.0) * support < 0.1)
    if way == "tilted":
        vertices[ledge, 2] += 0.03 * vertices[ledge, 0]
    elif way == "sunk":
        vertices[ledge, 2] -= 0.08
    elif way == "coned":
        vertices[ledge, 2] += 0.1 * ((share - 1.0) * support)[ledge]
    else:
        top = vertices[:, 2] > bezel.girdle_z_mm + found.stone.girdle_mm
        vertices[top, 2] -= 0.2 * (vertices[top, 2] - bezel.girdle_z_mm - found.stone.girdle_mm)
    assert code in {finding.code for finding in errors_of(judged(vertices, built, found).findings)}


# -- pictures -------------------------------------------------------------------------------------------------


def test_an_oval_dome_mirrors_by_its_own_normal() -> None:
    stone = oval("size: 9x6 mm, gem: turquoise")
    a, b, c, rim = 3.0, 4.5, stone.crown_height_mm, stone.girdle_mm
    normals, offsets = facet_planes(stone)
    found = domes((StoneInstance(normals, offsets, 1.62, (0.2, 0.5, 0.6), (0.0, 0.0, 5.0), (0.0, 0.0, 1.0),
                                 dome_mm=(a, c, rim, b)),))  # fmt: skip
    studio = studio_harmonics(lambda way: np.ones((len(way), 3)))
    x, y = 1.1, 2.3
    over = c * math.sqrt(1.0 - (x / a) ** 2 - (y / b) ** 2)
    normal = np.array([x / a**2, y / b**2, over / c**2])
    normal /= np.linalg.norm(normal)
    start, down = np.array([[x, y, 5.0 + rim + over + 3.0]]), np.array([[0.0, 0.0, -1.0]])
    _, mirrored, _, _ = dome_light(found, np.array([0]), start, down, np.array([3.0]), studio)
    assert mirrored[0] == pytest.approx(down[0] - 2.0 * float(down[0] @ normal) * normal, abs=1e-6)
