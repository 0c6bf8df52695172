"""Bezels round ovals and cushions: lines beside the girdle, the solid against closed forms, the verifier all round."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from ringcad.core.errors import SpecError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.report_setting import setting_rows
from ringcad.export.stl import stl_bytes
from ringcad.fit import bezel_rings, bezel_section
from ringcad.fit.obstacles import Cup, distance
from ringcad.kernel.genus import mesh_genus
from ringcad.resolve import resolve
from ringcad.resolved import BezelRing, FancyStone, bezeled
from ringcad.spec import parse_spec
from ringcad.stones.girdles import Girdle, girdle_of, girdle_of_outline
from ringcad.stones.outlines import outline_of
from ringcad.stones.placed import convex_body
from ringcad.stones.stone import reference_stone
from ringcad.template import BuiltRing
from ringcad.templates.bezel_solitaire import build, shape, template
from ringcad.verify.check import verify_stl
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.girdled import GirdledStone
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.setting.walled import measure_walled
from ringcad.verify.stl import read_stl

PLAIN = "ringcad: 1\ntemplate: bezel_solitaire\nring_size: US 7\n"


def ring(stone: str, more: str = "", metal: str = "18k_yellow_gold") -> BezelRing:
    found = bezeled(resolve(parse_spec(f"{PLAIN}metal: {metal}\nstone: {{{stone}}}\n{more}"), "oval"))
    assert found is not None
    return found


def girdle(found: BezelRing) -> Girdle:
    one = girdle_of(found.stone)
    assert one is not None
    return one


def made(found: BezelRing) -> BuiltRing:
    return template.build(shape.plan(found, {}), None, lambda stage: None)


def judged(vertices: np.ndarray, built: BuiltRing, found: BezelRing) -> SettingReport:
    return judge_settings(RayCaster(read_stl(stl_bytes(vertices, built.mesh.triangles))), found)


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def rows_of(report: SettingReport) -> dict[str, dict[str, Any]]:
    return {row["subject"]: row for row in report.rules}


# -- girdles --------------------------------------------------------------------------------------------------

SMOOTH = [("oval", 6.0, 8.0), ("oval", 5.0, 8.4), ("cushion", 6.0, 6.0), ("cushion", 6.0, 7.4)]


@pytest.mark.parametrize(("name", "width", "length"), SMOOTH)
def test_a_girdle_is_its_outline(name: str, width: float, length: float) -> None:
    outline = reference_stone(name, width, length).outline
    found = girdle_of_outline(outline)
    assert found is not None
    low_x, low_y, high_x, high_y = outline.bounds_mm
    assert (found.half_width_mm, found.half_length_mm) == pytest.approx((high_x, high_y))
    assert (low_x, low_y) == pytest.approx((-high_x, -high_y))
    positions = np.linspace(0.0, len(outline.segments), 211)[:-1]
    at = np.array([outline.at(float(p)) for p in positions])
    turn = np.array([math.atan2(y, x) for x, y in (outline.normal_at(float(p)) for p in positions)])
    assert found.points(turn) == pytest.approx(at, abs=1e-7)
    share, support = found.gauge(at[:, 0], at[:, 1])
    assert share == pytest.approx(1.0, abs=3e-6)
    assert support == pytest.approx(found.support(turn), abs=3e-6)
    half, _ = found.gauge(0.5 * at[:, 0], 0.5 * at[:, 1])
    assert half == pytest.approx(0.5, abs=3e-6)
    # Cauchy: the mean of the support over all directions, times 2 pi, is the length
    even = found.support(np.linspace(0.0, math.tau, 3600, endpoint=False))
    assert math.tau * float(even.mean()) == pytest.approx(outline.length_mm, rel=1e-5)
    spaced = found.points(found.spaced(40))
    steps = np.hypot(*(np.roll(spaced, -1, axis=0) - spaced).T)
    assert steps.max() / steps.min() < 1.03


def test_stones_with_corners_have_no_smooth_girdle() -> None:
    for name, width, length in (
        ("emerald", 6.0, 8.0),
        ("princess", 6.0, 6.0),
        ("pear", 6.0, 9.0),
        ("marquise", 5.0, 10.0),
    ):
        assert girdle_of_outline(reference_stone(name, width, length).outline) is None


@pytest.mark.parametrize(("name", "width", "length"), SMOOTH)
def test_the_verifiers_cone_is_the_stones_own_pavilion(name: str, width: float, length: float) -> None:
    """The mains lie on it: the ledge in it nowhere enters the stone by more than the mesh's chord."""
    stone = reference_stone(name, width, length)
    body, found = convex_body(stone), girdle_of_outline(stone.outline)
    assert found is not None
    turn = np.linspace(0.0, math.tau, 721)
    for share in (0.0, 0.04, 0.08, 0.13):
        flat = (1.0 - share) * found.points(turn)
        points = np.concatenate([flat, np.full((len(turn), 1), -share * stone.pavilion_mm)], axis=1)
        inside = (body.offsets - points @ body.normals.T).min(axis=1)
        assert -1e-9 < inside.max() < 0.006
        assert inside.min() > -0.1  # where girdle facets are scalloped


def test_depth_inside_is_the_distance_near_the_surface() -> None:
    stone = ring("cut: oval, size: 8x6 mm").stone
    assert isinstance(stone, FancyStone)
    body = GirdledStone(stone)
    turn = np.linspace(0.1, 6.2, 40)
    at, out = body.girdle.points(turn), np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for off in (-0.04, 0.03):
        x, y = (at - off * out).T
        assert body.depth_inside(x, y, np.full(40, 0.5 * stone.girdle_mm)) == pytest.approx(off, abs=5e-4)
    flat = 0.9 * at
    z = body.pavilion_height(*flat.T)
    normal = body.outward(*flat.T, below=True)
    moved = np.concatenate([flat, z[:, None]], axis=1) - 0.03 * normal
    assert body.depth_inside(*moved.T) == pytest.approx(0.03, abs=5e-4)
    assert body.depth_inside(*flat.T, z) == pytest.approx(0.0, abs=1e-6)


# -- numbers --------------------------------------------------------------------------------------------------


def test_a_circle_is_the_limit_of_ovals() -> None:
    """Round a girdle that is a circle every line is one, at the corners of a round bezel's section."""
    least = 1.2
    oval = ring(f"cut: oval, size: {5.0 * least}x5 mm")
    size = girdle(oval)
    assert size.half_length_mm - size.half_width_mm == pytest.approx(2.5 * (least - 1.0))
    outline = girdle_of_outline(outline_of("round", 5.0, 5.0, 0.0))
    assert outline is not None
    bezel, stone = oval.bezel, oval.stone
    rings = bezel_rings.inside_rings(bezel, stone, outline, oval.bore_radius_mm)
    corners = np.array(bezel_section.inside(bezel, stone, oval.bore_radius_mm)[1:-1])
    reach = np.hypot(*np.moveaxis(bezel_rings.points_on(outline, rings, np.linspace(0.0, 6.0, 13)), 2, 0)[:2])
    assert np.ptp(reach, axis=1) == pytest.approx(0.0, abs=1e-9)
    for radius, z in corners:
        assert np.hypot(reach[:, 0] - radius, rings[:, 2] - z).min() < 1e-9
    strips = bezel_rings.inside_strips(bezel, stone, outline, oval.bore_radius_mm)
    assert np.concatenate([strip[[0, -1]] for strip in strips])[1:-1:2] == pytest.approx(
        np.concatenate([strip[[0, -1]] for strip in strips])[2::2]
    )


@pytest.mark.parametrize("seed", range(2))
def test_any_size_resolves_sound_or_says_why(seed: int) -> None:
    """Over sizes, ratios, metals and shanks: convex lines all the way, walls, and room for the pavilion."""
    draw = np.random.default_rng(seed)
    for _ in range(4):
        cut = ("oval", "cushion")[int(draw.integers(2))]
        width = float(np.round(draw.uniform(2.6, 11.0), 1))
        length = float(np.round(width * draw.uniform(1.2, 1.7) if cut == "oval" else width * draw.uniform(1.0, 1.2), 1))
        metal = ("18k_yellow_gold", "sterling_silver", "platinum_950")[int(draw.integers(3))]
        more = f"shank: {{width_mm: {draw.uniform(2.2, 4.4):.1f}}}\n"
        try:
            found = ring(f"cut: {cut}, size: {length}x{width} mm", more, metal)
        except SpecError as error:
            assert all(problem.suggestion for problem in error.problems), (cut, width, length)
            assert {problem.field for problem in error.problems} <= {"stone.size"}, (cut, width, length, error)
            continue
        bezel, stone, one = found.bezel, found.stone, girdle(found)
        assert bezel.culet_clearance_mm >= found.foundry.culet_clearance_min_mm
        rings = np.concatenate([
            bezel_rings.outside_ring(bezel, stone, one, bezel_section.outline(bezel, stone, 33)),
            bezel_rings.inside_rings(bezel, stone, one, found.bore_radius_mm),
        ])  # fmt: skip
        bend = rings[:, :1] * one.radius(np.linspace(0.0, math.tau, 181))[None] + rings[:, 1:2]
        assert bend.min() > 0.2, (cut, width, length)  # no line turns sharply, let alone folds
        thinnest, _ = bezel_rings.thinnest_mm(bezel, stone, one, found.bore_radius_mm)
        assert thinnest >= found.foundry.wall_min_mm - 0.021
        row = {row.rule: row for row in setting_rows(found)}["Contact along the crown"]
        assert row.as_set is not None and row.as_set >= 21.9 and row.verdict == "ok"
        # what is cut inside comes away from the pavilion under the ledge
        inner = bezel_rings.inside_rings(bezel, stone, one, found.bore_radius_mm)
        ledge_z = bezel.girdle_z_mm - bezel.ledge_mm * stone.pavilion_depth_mm / one.half_width_mm
        below = inner[inner[:, 2] < ledge_z - 1e-6]
        points = bezel_rings.points_on(one, below, np.linspace(0.0, math.tau, 61))
        assert isinstance(stone, FancyStone)
        over = GirdledStone(stone).pavilion_height(points[..., 0], points[..., 1]) + bezel.girdle_z_mm
        # by what is kept over the hole's edge, or less while it is still near the ledge
        least = np.minimum(0.1 * (ledge_z - points[..., 2]), 0.09)
        assert (over - points[..., 2] > least).all(), (cut, width, length)


@pytest.mark.parametrize(
    ("stone", "more", "field"),
    [
        ("cut: emerald, size: 8x6 mm", "", "stone"),
        ("cut: oval, size: 8x6 mm", "bezel: {coverage: half}\n", "bezel.coverage"),
        ("cut: oval, size: 8x6 mm", "bezel: {lip_height_mm: 0.4}\n", "bezel.lip_height_mm"),
        ("cut: oval, size: 8x6 mm", "bezel: {lip_height_mm: 1.2}\n", "bezel.lip_height_mm"),
        ("cut: oval, size: 8x6 mm", "bezel: {height_above_finger_mm: 3.9}\n", "bezel.height_above_finger_mm"),
    ],
)
def test_what_does_not_fit_is_named_with_its_fix(stone: str, more: str, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(stone, more)
    problem = next(problem for problem in caught.value.problems if problem.field == field)
    proposed = re.search(r"use ([0-9.]+)", problem.suggestion or "")
    assert problem.suggestion
    if proposed:
        ring(stone, re.sub(r": [0-9.]+}", f": {proposed[1]}}}", more))


def test_the_skirt_knows_the_cup() -> None:
    """Distances from the cup's lines are those from a fine polygon of them."""
    found = ring("cut: oval, size: 8x6 mm")
    cup = bezel_rings.cup(found.bezel, found.stone, girdle(found))
    assert isinstance(cup, Cup)
    z, share, out = cup.levels[len(cup.levels) // 2]
    line = girdle(found).line(np.linspace(0.0, math.tau, 2000), share, out)
    draw = np.random.default_rng(1)
    flat = draw.uniform(-6.0, 6.0, (60, 2))
    points = np.concatenate([flat, np.full((60, 1), z)], axis=1)
    apart = np.hypot(*np.moveaxis(flat[:, None] - line[None], 2, 0)).min(axis=1)
    assert np.abs(distance(points, cup)) == pytest.approx(apart, abs=0.01)


# -- metal ----------------------------------------------------------------------------------------------------

CASES = [
    ("18k_yellow_gold", "cut: oval, size: 8x6 mm, gem: sapphire", 3.0),
    ("platinum_950", "cut: cushion, size: 6.5x5.5 mm", 3.4),
]


@pytest.fixture(scope="module", params=CASES, ids=["gold-oval", "platinum-cushion"])
def one(request: pytest.FixtureRequest) -> tuple[BezelRing, BuiltRing, SettingReport]:
    metal, stone, width = request.param
    found = ring(stone, f"shank: {{width_mm: {width}}}\n", metal)
    built = made(found)
    return found, built, judged(built.mesh.vertices, built, found)


def test_the_ring_is_sound_and_has_one_hole_more(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, report = one
    soundness = build.soundness(shape.plan(found, {}), built)
    assert not soundness.findings and not report.findings
    assert soundness.expected_genus == mesh_genus(built.mesh.triangles) == 2


def test_seat_and_wall_on_the_mesh_are_the_numbers(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    """Fitted to the labelled vertices: the opening lies beside the girdle, the ledge on the pavilion, all round."""
    found, built, _ = one
    bezel, stone, line = found.bezel, found.stone, girdle(found)
    assert isinstance(stone, FancyStone)
    chosen = np.asarray(built.mesh.face_names, dtype=object)[built.mesh.face_index] == "seat_center"
    corner = built.mesh.vertices[built.mesh.triangles[chosen]]
    middle = corner.mean(axis=1)
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    rise = normal[:, 2] / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
    share, support = line.gauge(middle[:, 0], middle[:, 1])
    upright = (np.abs(rise) < 0.05) & (middle[:, 2] > bezel.girdle_z_mm) & (share > 0.9)
    points = np.unique(corner[upright].reshape(-1, 3), axis=0)
    share, support = line.gauge(points[:, 0], points[:, 1])
    assert (share - 1.0) * support == pytest.approx(bezel.girdle_clearance_mm, abs=0.004)
    deep = stone.pavilion_depth_mm * bezel.ledge_mm / line.half_width_mm
    ledge = (rise > 0.5) & (rise < 0.95) & (middle[:, 2] > bezel.girdle_z_mm - deep)
    points = np.unique(corner[ledge].reshape(-1, 3), axis=0)
    points = points[points[:, 2] <= bezel.girdle_z_mm + 1e-6]
    share, _ = line.gauge(points[:, 0], points[:, 1])
    assert points[:, 2] - bezel.girdle_z_mm == pytest.approx(-stone.pavilion_depth_mm * (1.0 - share), abs=0.003)
    assert share.min() == pytest.approx(1.0 - bezel.ledge_mm / line.half_width_mm, abs=0.002)
    assert built.mesh.vertices[:, 2].max() == pytest.approx(bezel.top_z_mm, abs=1e-4)
    high = built.mesh.vertices[built.mesh.vertices[:, 2] > bezel.girdle_z_mm]
    share, support = line.gauge(high[:, 0], high[:, 1])
    widest = bezel_section.outline(bezel, stone, 65)[:, 0].max() - line.half_width_mm
    assert ((share - 1.0) * support).max() == pytest.approx(widest, abs=0.02)


def test_both_states_are_the_closed_forms(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, _, report = one
    bezel, stone, rows = found.bezel, found.stone, rows_of(report)
    assert isinstance(stone, FancyStone)
    assert {row["state"] for row in rows.values()} == {"as_cast", "as_set"}
    assert rows["center: lip above the girdle"]["measured"] == pytest.approx(bezel.lip_height_mm, abs=0.005)
    assert rows["center: wall beside the girdle"]["measured"] == pytest.approx(bezel.wall_thickness_mm, abs=0.015)
    half_way = rows["center: lip's thickness half way up"]["measured"]
    assert half_way == pytest.approx(bezel.lip_thickness_mm, abs=0.03)
    assert rows["center: play beside the girdle"]["measured"] == pytest.approx(bezel.girdle_clearance_mm, abs=0.004)
    assert rows["center: culet"]["measured"] == pytest.approx(bezel.culet_clearance_mm, abs=0.01)
    assert rows["center: bearing under the girdle"]["measured"] == pytest.approx(100.0)
    assert abs(rows["center: seat angle"]["measured"]) < 0.6
    # the lip laid on the crown where its slope is longest, less what bridges the play
    run = (1.0 - stone.table_share) * float(girdle(found).support(np.linspace(0.0, math.tau, 721)).max())
    reach = (bezel.lip_height_mm - bezel.girdle_clearance_mm) / math.hypot(stone.crown_height_mm, run)
    assert rows["center: lip"]["measured"] == pytest.approx(100.0 * reach, abs=1.0)
    on_paper = {row.rule: row for row in setting_rows(found)}["Contact along the crown"]
    assert on_paper.as_set == pytest.approx(100.0 * reach, abs=0.5)
    loose = rows["center: free way lifted"]
    assert loose["before"] > 10.0 * loose["measured"]
    assert rows["center: held when lifted"]["measured"] > rows["center: held when lifted"]["low"]


def test_the_gate_delivers_it(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, _ = one
    report = verify_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles), found, expected_genus=2)
    assert not errors_of(report.findings)
    walls = report.measurements["walls"]
    assert walls["bezel_wall"]["min_mm"] == pytest.approx(found.bezel.wall_thickness_mm, abs=0.015)
    thinnest = bezel_rings.thinnest_mm(found.bezel, found.stone, girdle(found), found.bore_radius_mm)[0]
    for site in ("bezel_wall", "bezel_cup"):
        assert walls[site]["min_mm"] >= thinnest - 0.01
    assert {"bezel_floor", "bezel_rim"} <= set(walls)
    assert all(row["min_mm"] >= row["limit_mm"] for row in walls.values())


def _moved(found: BezelRing, built: BuiltRing, way: str) -> np.ndarray:
    """The mesh's vertices with one part of its setting spoilt."""
    vertices, bezel, line = built.mesh.vertices.copy(), found.bezel, girdle(found)
    share, support = line.gauge(vertices[:, 0], vertices[:, 1])
    out = (share - 1.0) * support
    ledge = (np.abs(vertices[:, 2] - bezel.girdle_z_mm) < 0.6) & (out < 0.1) & (share > 0.8)
    ledge &= vertices[:, 2] <= bezel.girdle_z_mm + 0.1
    above = vertices[:, 2] > bezel.girdle_z_mm + found.stone.girdle_mm
    at_end = vertices[:, 1] > 0.75 * line.half_length_mm
    if way == "tilted":
        vertices[ledge, 2] += 0.03 * vertices[ledge, 1]
    elif way == "sunk":
        vertices[ledge, 2] -= 0.09
    elif way == "flat":  # a round bur's angle at the ends, where the stone is flatter
        rows = ledge & at_end
        vertices[rows, 2] += 0.06 * out[rows] / 0.4
    elif way == "lip":
        vertices[above & at_end, 2] -= 0.2 * (vertices[above & at_end, 2] - bezel.girdle_z_mm - found.stone.girdle_mm)
    elif way == "wall":  # a fifth of the wall is gone at one end
        rows = at_end & (vertices[:, 2] > bezel.girdle_z_mm - 0.5) & (out > 0.5 * bezel.wall_thickness_mm)
        vertices[rows, 1] -= 0.2 * bezel.wall_thickness_mm
    else:  # the opening is oval by another ratio
        rows = (np.abs(out - bezel.girdle_clearance_mm) < 0.02) & (vertices[:, 2] > bezel.girdle_z_mm) & at_end
        vertices[rows, 1] -= 0.06
    return vertices


@pytest.mark.parametrize(("way", "code"), [
    ("tilted", FindingCode.SEAT_POSITION), ("sunk", FindingCode.SEAT_POSITION), ("flat", FindingCode.SEAT_ANGLE),
    ("lip", FindingCode.BEZEL_LIP), ("wall", FindingCode.BEZEL_LIP), ("opening", FindingCode.GIRDLE_CLEARANCE),
])  # fmt: skip
def test_mutants_are_found(one: tuple[BezelRing, BuiltRing, SettingReport], way: str, code: FindingCode) -> None:
    found, built, _ = one
    report = judged(_moved(found, built, way), built, found)
    assert code in {finding.code for finding in errors_of(report.findings)}


def test_another_stones_seat_is_none_for_it(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    """A longer stone of the same width finds its opening too short."""
    found, built, _ = one
    stone = found.stone
    assert isinstance(stone, FancyStone)
    longer = found.model_copy(update={"stone": stone.model_copy(update={"length_mm": stone.length_mm + 0.3})})
    codes = {finding.code for finding in errors_of(judged(built.mesh.vertices, built, longer).findings)}
    assert FindingCode.GIRDLE_CLEARANCE in codes
    turned = measure_walled(
        RayCaster(read_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles))), found,
        GirdledStone(stone.model_copy(update={"width_mm": 1.9 * stone.width_mm, "length_mm": 1.9 * stone.length_mm})),
    )  # fmt: skip
    assert turned is None
