"""The bezel: rules by stone, metal and finger; the solid against closed forms; the verifier in both states."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rings_support import fit_cone

from ringcad.cli import main
from ringcad.core.errors import SpecError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.stl import stl_bytes
from ringcad.fit import bezel_section
from ringcad.kernel.genus import mesh_genus
from ringcad.registry import load_template
from ringcad.resolve import resolve
from ringcad.resolve.bezel import RELIEF_DEG
from ringcad.resolved import BezelRing, ResolvedRing, bezeled
from ringcad.spec import load_spec, parse_spec
from ringcad.standards import setting_rule
from ringcad.template import BuiltRing
from ringcad.templates.bezel_solitaire import build, shape, template
from ringcad.verify.check import verify_stl
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.stl import read_stl

PLAIN = "ringcad: 1\ntemplate: bezel_solitaire\nring_size: US 7\n"
GOLD = PLAIN + "metal: 18k_yellow_gold\n"
Z = np.array([0.0, 0.0, 1.0])


def ring(text: str) -> BezelRing:
    found = bezeled(resolve(parse_spec(text), "bezel"))
    assert found is not None
    return found


def made(found: BezelRing) -> BuiltRing:
    return template.build(shape.plan(found, {}), None, lambda stage: None)


def judged(built: BuiltRing, found: ResolvedRing) -> SettingReport:
    return judge_settings(RayCaster(read_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles))), found)


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def rows_of(report: SettingReport) -> dict[str, dict[str, Any]]:
    return {row["subject"]: row for row in report.rules}


# -- numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(load_template("bezel_solitaire").specs()))
def test_shipped_specs_resolve_to_a_bezel_alone(name: str) -> None:
    folder = Path(__file__).resolve().parents[1] / "templates/bezel_solitaire/specs"
    found = resolve(load_spec(folder / f"{name}.yaml"), name)
    assert isinstance(found, BezelRing)
    assert (found.head, found.gallery) == (None, None)
    for field in type(found.bezel).model_fields:
        assert f"bezel.{field}" in found.reasons, field
    assert BezelRing.model_validate_json(found.model_dump_json()) == found


def test_defaults_follow_the_stone_and_the_metal() -> None:
    for size in (2.5, 3.0, 4.0, 5.0, 6.5, 8.0, 11.0):
        by_metal = {metal: ring(PLAIN + f"metal: {metal}\nstone: {{size: {size} mm}}\n") for metal in (
            "18k_yellow_gold", "platinum_950", "sterling_silver")}  # fmt: skip
        lips = [found.bezel.lip_height_mm for found in by_metal.values()]
        gold, platinum, silver = by_metal.values()
        assert silver.bezel.wall_thickness_mm > gold.bezel.wall_thickness_mm
        assert lips[1] <= lips[0] <= lips[2] and (size < 4.5 or lips[1] < lips[0] < lips[2])
        for found in by_metal.values():
            bezel, stone, limits = found.bezel, found.stone, found.foundry
            assert bezel.wall_thickness_mm >= limits.wall_min_mm
            assert bezel.lip_height_mm == pytest.approx(max(0.4, bezel.lip_height_mm))
            assert bezel.culet_clearance_mm >= setting_rule("culet_clearance").value - 1e-9
            assert bezel.table_z_mm - bezel.culet_z_mm == pytest.approx(stone.depth_mm)
            assert bezel.top_z_mm - bezel.lip_height_mm - stone.girdle_mm == pytest.approx(bezel.girdle_z_mm)
            assert bezel.collar_bottom_z_mm >= found.bore_radius_mm + found.shank.thickness_top_mm
            assert bezel.governing_heights_mm[bezel.governed_by] == max(bezel.governing_heights_mm.values())
    assert gold.bezel.wall_thickness_mm > ring(GOLD + "stone: {size: 3 mm}\n").bezel.wall_thickness_mm
    assert platinum.bezel.girdle_clearance_mm == pytest.approx(0.08)


REFUSED = [
    ("stone: {size: 5 mm}\nbezel: {wall_thickness_mm: 0.5}\n", "bezel.wall_thickness_mm"),
    ("stone: {size: 5 mm}\nbezel: {wall_thickness_mm: 1.6}\n", "bezel.wall_thickness_mm"),
    ("stone: {size: 5 mm}\nbezel: {lip_height_mm: 0.2}\n", "bezel.lip_height_mm"),
    ("stone: {size: 5 mm}\nbezel: {lip_height_mm: 1.5}\n", "bezel.lip_height_mm"),
    ("stone: {size: 5 mm}\nbezel: {edge_radius_mm: 0.9}\n", "bezel.edge_radius_mm"),
    ("stone: {size: 5 mm}\nbezel: {ledge_mm: 0.1}\n", "bezel.ledge_mm"),
    ("stone: {size: 5 mm}\nbezel: {ledge_mm: 1.4}\n", "bezel.ledge_mm"),
    ("stone: {size: 5 mm}\nbezel: {girdle_clearance_mm: 0.2}\n", "bezel.girdle_clearance_mm"),
    ("stone: {size: 5 mm}\nbezel: {floor_thickness_mm: 0.8}\n", "bezel.floor_thickness_mm"),
    ("stone: {size: 5 mm}\nbezel: {light_diameter_mm: 0.4}\n", "bezel.light_diameter_mm"),
    ("stone: {size: 5 mm}\nbezel: {light_diameter_mm: 4.8}\n", "bezel.light_diameter_mm"),
    ("stone: {size: 5 mm}\nbezel: {culet_clearance_mm: 0.2}\n", "bezel.culet_clearance_mm"),
    ("stone: {size: 5 mm}\nbezel: {height_above_finger_mm: 3.1}\n", "bezel.height_above_finger_mm"),
]
NAMED = [
    ("stone: {size: 5 mm}\nbezel: {open_deg: 60}\n", "bezel.open_deg"),
    ("stone: {size: 1.5 mm}\n", "stone.size"),
    ("stone: {size: 16 mm}\n", "stone.size"),
    ("stone: {size: 5 mm}\nhead: {prongs: 6}\n", "head"),
    ("stone: {size: 5 mm}\ngallery: {shoulders: cathedral}\n", "gallery"),
    ("stone: {size: 5 mm}\nbezel: {wall: 1}\n", "bezel.wall"),
    ("stone: {size: 5 mm}\nbezel: {coverage: third}\n", "bezel.coverage"),
    ("stone: {cut: emerald, size: 8x6 mm}\n", "stone"),
    ("stone: {cut: oval, size: 8x6 mm}\nbezel: {coverage: half}\n", "bezel.coverage"),
    ("stone: {cut: oval, size: 20x14 mm}\n", "stone.size"),
    ("", "stone"),
]


@pytest.mark.parametrize(("text", "field"), REFUSED + NAMED)
def test_what_does_not_fit_is_named_with_its_fix(text: str, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(GOLD + text)
    problems = {problem.field: problem for problem in caught.value.problems}
    assert field in problems and problems[field].suggestion


@pytest.mark.parametrize(("text", "field"), REFUSED)
def test_the_smallest_change_is_accepted(text: str, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(GOLD + text)
    (problem,) = caught.value.problems
    proposed = re.search(r"use ([0-9.]+)", problem.suggestion or "")
    assert problem.field == field and proposed
    name = field.split(".")[1]
    ring(GOLD + re.sub(rf"{name}: [0-9.]+", f"{name}: {proposed[1]}", text))


def test_a_solitaire_has_no_bezel() -> None:
    for name, more in (("solitaire", "stone: {size: 5 mm}\n"), ("band", "")):
        text = f"ringcad: 1\ntemplate: {name}\nring_size: US 7\nmetal: silver\n{more}bezel: {{coverage: full}}\n"
        with pytest.raises(SpecError) as caught:
            resolve(parse_spec(text), "other")
        assert [problem.field for problem in caught.value.problems] == ["bezel"]
        assert "bezel_solitaire" in (caught.value.problems[0].suggestion or "")


def test_wrong_input_ends_with_two(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "thin.yaml"
    spec.write_text(GOLD + "stone: {size: 5 mm}\nbezel: {wall_thickness_mm: 0.5}\n", encoding="utf-8")
    assert main(["build", str(spec), "--out", str(tmp_path / "out"), "--no-pictures"]) == 2
    said = capfd.readouterr()
    assert "bezel.wall_thickness_mm" in said.err + said.out and "use 0.8" in said.err + said.out


def test_the_stone_touches_its_ledge_alone() -> None:
    """Everything under the ledge is steeper than the pavilion, so the pavilion hangs free."""
    for size in (2.5, 5.0, 10.0):
        found = ring(GOLD + f"stone: {{size: {size} mm}}\nshank: {{width_mm: 4}}\n")
        bezel, stone = found.bezel, found.stone
        assert RELIEF_DEG - stone.pavilion_angle_deg > 14.0
        corners = np.array(bezel_section.inside(bezel, stone, found.bore_radius_mm))
        slope = math.tan(math.radians(stone.pavilion_angle_deg))
        pavilion = bezel.girdle_z_mm - (0.5 * stone.diameter_mm - corners[:, 0]) * slope
        below = corners[:, 1] < bezel.girdle_z_mm
        free = (pavilion - corners[:, 1])[below]
        assert free.min() == pytest.approx(0.0, abs=1e-9)  # at the ledge's inner edge
        assert (free[:-1] > 0.09).all()


def test_fillets_are_tangent() -> None:
    found = ring(GOLD + "stone: {size: 6 mm}\n")
    outside = bezel_section.outline(found.bezel, found.stone, 257)
    ways = np.diff(outside, axis=0)
    turn = np.degrees(np.abs(np.diff(np.unwrap(np.arctan2(ways[:, 1], ways[:, 0])))))
    assert turn.max() < 1.0
    assert outside[:, 1].max() == pytest.approx(found.bezel.top_z_mm)


# -- metal ----------------------------------------------------------------------------------------------------

SIZES = [
    ("18k_yellow_gold", 5.0, "full", 3.4),
    ("sterling_silver", 3.0, "full", 2.2),
    ("platinum_950", 7.0, "half", 4.4),
]


@pytest.fixture(scope="module", params=SIZES, ids=[f"{metal}-{size}-{kind}" for metal, size, kind, _ in SIZES])
def one(request: pytest.FixtureRequest) -> tuple[BezelRing, BuiltRing, SettingReport]:
    metal, size, kind, width = request.param
    text = f"metal: {metal}\nstone: {{size: {size} mm}}\nbezel: {{coverage: {kind}}}\nshank: {{width_mm: {width}}}\n"
    found = ring(PLAIN + text)
    built = made(found)
    return found, built, judged(built, found)


def test_the_ring_is_sound_and_has_one_hole_more(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, report = one
    soundness = build.soundness(shape.plan(found, {}), built)
    assert not soundness.findings
    assert soundness.expected_genus == mesh_genus(built.mesh.triangles) == 2
    assert not report.findings


def _cut(built: BuiltRing, low: float, high: float) -> np.ndarray:
    """Corners (n, 3) of the seat's triangles whose normal rises by a sine between two limits."""
    chosen = np.asarray(built.mesh.face_names, dtype=object)[built.mesh.face_index] == "seat_center"
    corner = built.mesh.vertices[built.mesh.triangles[chosen]]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    rise = normal[:, 2] / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
    return np.unique(corner[(rise > low) & (rise < high)].reshape(-1, 3), axis=0)


def test_seat_and_wall_on_the_mesh_are_the_numbers(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, built, _ = one
    bezel, stone = found.bezel, found.stone
    at = np.array([0.0, 0.0, bezel.girdle_z_mm])
    radius = 0.5 * stone.diameter_mm
    ledge = fit_cone(_cut(built, 0.65, 0.85), at, Z)
    assert ledge.residual_mm < 0.002
    assert 90.0 - ledge.half_angle_deg == pytest.approx(stone.pavilion_angle_deg, abs=0.05)
    assert ledge.radius_at_origin_mm == pytest.approx(radius, abs=0.005)
    points = _cut(built, -0.1, 0.1)
    opening = fit_cone(points[np.hypot(points[:, 0], points[:, 1]) > 0.8 * radius], at, Z)
    assert opening.radius_at_origin_mm == pytest.approx(radius + bezel.girdle_clearance_mm, abs=0.003)
    corners = _cut(built, 0.65, 0.85)
    inner = np.hypot(corners[:, 0], corners[:, 1])
    assert inner.min() == pytest.approx(radius - bezel.ledge_mm, abs=0.003)
    depth = bezel.girdle_z_mm - corners[:, 2].min()
    assert depth == pytest.approx(bezel.ledge_mm * math.tan(math.radians(stone.pavilion_angle_deg)), abs=0.003)
    assert built.mesh.vertices[:, 2].max() == pytest.approx(bezel.top_z_mm, abs=1e-4)
    aside = np.hypot(built.mesh.vertices[:, 0], built.mesh.vertices[:, 1])
    beside = np.abs(built.mesh.vertices[:, 2] - bezel.top_z_mm) < bezel.lip_height_mm
    widest = bezel_section.collar_radius(bezel, stone, bezel.top_z_mm)
    assert bezel_section.outline(bezel, stone, 65)[:, 0].max() - 0.003 < aside[beside].max() < widest


def test_both_states_are_the_closed_forms(one: tuple[BezelRing, BuiltRing, SettingReport]) -> None:
    found, _, report = one
    bezel, stone, rows = found.bezel, found.stone, rows_of(report)
    assert {row["state"] for row in rows.values()} == {"as_cast", "as_set"}
    assert rows["center: lip above the girdle"]["measured"] == pytest.approx(bezel.lip_height_mm, abs=0.005)
    assert rows["center: wall beside the girdle"]["measured"] == pytest.approx(bezel.wall_thickness_mm, abs=0.01)
    half_way = rows["center: lip's thickness half way up"]["measured"]
    assert half_way == pytest.approx(bezel.lip_thickness_mm, abs=0.02)
    assert rows["center: play beside the girdle"]["measured"] == pytest.approx(bezel.girdle_clearance_mm, abs=0.003)
    assert rows["center: culet"]["measured"] == pytest.approx(bezel.culet_clearance_mm, abs=0.01)
    bears = rows["center: bearing under the girdle"]["measured"]
    if bezel.open_deg:  # the scoop is narrower at the ledge than at the lip, where it is declared
        assert 100.0 * (1.0 - bezel.open_deg / 180.0) - 1.0 < bears < 90.0
    else:
        assert bears == pytest.approx(100.0)
    # the lip laid on the crown without stretching, less what bridges the play
    slope = stone.crown_height_mm / math.sin(math.radians(stone.crown_angle_deg))
    reach = (bezel.lip_height_mm - bezel.girdle_clearance_mm) / slope
    assert rows["center: lip"]["measured"] == pytest.approx(100.0 * min(reach, 0.40), abs=1.0)
    assert 0.0 < rows["center: lip's top"]["measured"] <= 100.0
    loose = rows["center: free way lifted"]
    assert loose["before"] > 10.0 * loose["measured"]  # as cast it falls out, set it is held
    assert rows["center: held when lifted"]["measured"] > rows["center: held when lifted"]["low"]


@pytest.mark.parametrize("kind", [pytest.param("full", marks=pytest.mark.slow), "half"])
def test_the_gate_delivers_it(kind: str) -> None:
    found = ring(GOLD + f"stone: {{size: 6 mm}}\nbezel: {{coverage: {kind}}}\n")
    built = made(found)
    report = verify_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles), found, expected_genus=2)
    assert not errors_of(report.findings)
    walls = report.measurements["walls"]
    assert {"bezel_wall", "bezel_cup", "bezel_floor", "bezel_rim", "shank_floor"} <= set(walls)
    assert walls["bezel_wall"]["min_mm"] == pytest.approx(found.bezel.wall_thickness_mm, abs=0.01)
    thinnest = bezel_section.thinnest_mm(found.bezel, found.stone, found.bore_radius_mm)[0]
    for site in ("bezel_wall", "bezel_cup"):
        assert walls[site]["min_mm"] >= thinnest - 0.01
    assert all(row["min_mm"] >= row["limit_mm"] for row in walls.values())


@pytest.mark.parametrize(
    ("part", "subject"),
    [
        ("wall_thickness_mm", "center: wall beside the girdle"),
        ("lip_height_mm", "center: lip above the girdle"),
    ],
)
def test_a_fifth_too_little_is_refused(part: str, subject: str) -> None:
    found = ring(GOLD + "stone: {size: 6.5 mm}\nbezel: {wall_thickness_mm: 1.1}\nshank: {width_mm: 3}\n")
    less = 0.2 * getattr(found.bezel, part)
    change = {part: getattr(found.bezel, part) - less}
    if part == "lip_height_mm":
        change["top_z_mm"] = found.bezel.top_z_mm - less
    thin = found.model_copy(update={"bezel": found.bezel.model_copy(update=change)})
    built = made(thin)
    report = judged(built, found)
    assert FindingCode.BEZEL_LIP in {finding.code for finding in errors_of(report.findings)}
    row = rows_of(report)[subject]
    assert row["verdict"] == "fail" and row["measured"] == pytest.approx(change[part], abs=0.01)
    # judged by its own numbers it is a sound bezel: what was refused is the difference from the order
    half_way = bezel_section.lip_thickness_mm(thin.bezel, thin.stone)
    own = thin.bezel.model_copy(update={"lip_thickness_mm": half_way})
    assert not judged(built, thin.model_copy(update={"bezel": own})).findings


def test_decoration_leaves_bezel_and_seat_alone() -> None:
    one, other = (
        ring(GOLD + f"stone: {{size: 5 mm}}\ndecoration:\n  - {{prompt: {prompt}, depth_mm: 0.3}}\n")
        for prompt in ("ivy", "waves")
    )
    assert one.bezel == other.bezel and shape.numbers(one) == shape.numbers(other)
    assert min(abs(zone.phi_start_deg) for zone in one.decoration) > shape.cup_reach_deg(one)
    wider = one.model_copy(update={"bezel": one.bezel.model_copy(update={"wall_thickness_mm": 1.0})})
    assert shape.numbers(wider) != shape.numbers(one)
