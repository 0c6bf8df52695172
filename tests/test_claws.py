"""Claws: prongs that bend inward over the stone, from their line to what the finished mesh says of them."""

from __future__ import annotations

import json
import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.fit.claw import BEND_SHARE, BLUNT_SHARE, ClawLine
from ringcad.kernel.genus import mesh_genus
from ringcad.resolve import resolve
from ringcad.resolved import HeadedRing, headed
from ringcad.spec import parse_spec
from ringcad.templates.solitaire import build
from ringcad.templates.solitaire import plan as planning
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.sites import measure_sites

Array = NDArray[np.float64]
OVAL = "{cut: oval, size: 8x6 mm}"


def of(stone: str, head: str = "{tip: claw}") -> HeadedRing:
    text = f"ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {stone}\nhead: {head}\n"
    ring = headed(resolve(parse_spec(text), "ring"))
    assert ring is not None
    return ring


@cache
def made(stone: str, head: str) -> tuple[HeadedRing, Array, Array]:
    """A plain ring and its mesh as delivered."""
    ring = of(stone, head)
    plan = planning.plan(ring, {})
    built = build.build(plan, build.core(ring, lambda stage: None), lambda stage: None)
    sound = build.soundness(plan, built)
    assert not sound.findings and sound.expected_genus == mesh_genus(built.mesh.triangles)
    vertices = np.round(np.asarray(built.mesh.vertices) * 2**19) / 2**19
    return ring, vertices, np.asarray(built.mesh.triangles, dtype=np.int64)


def judged(ring: HeadedRing, vertices: Array, faces: Array) -> SettingReport:
    return judge_settings(RayCaster(TriangleMesh(vertices, faces)), ring)


def values(report: SettingReport, what: str) -> list[float]:
    found = [float(row["measured"]) for row in report.rules if row["subject"].endswith(f": {what}")]
    assert found, what
    return found


@pytest.mark.parametrize("hook", [10.0, 40.0, 60.0])
@pytest.mark.parametrize("height", [0.7, 1.2, 2.1])
def test_a_claws_line_is_an_arc_and_a_tangent(hook: float, height: float) -> None:
    line = ClawLine(math.radians(11.0), math.radians(hook), 0.6, height)
    s = np.linspace(0.0, line.length_mm, 20001)
    out, up = line.axis(s)
    assert float(np.hypot(np.diff(out), np.diff(up)).sum()) == pytest.approx(line.length_mm, abs=1e-6)
    assert up[-1] == pytest.approx(height, abs=1e-9)
    # its direction is its lean everywhere, and turns no faster than its bend
    ways = np.arctan2(np.diff(out), np.diff(up))
    assert np.allclose(ways, 0.5 * (line.lean(s[1:]) + line.lean(s[:-1])), atol=1e-4)
    assert math.degrees(ways[-1]) == pytest.approx(-hook, abs=0.01)
    turn = np.abs(np.diff(ways)).max() / (s[1] - s[0])
    if line.arc_mm * BEND_SHARE * 0.6 > 0.0 and line.arc_mm < line.length_mm:
        assert turn <= 1.0 / (BEND_SHARE * 0.6) + 1e-3
    radius = line.radius(s)
    assert np.all(np.diff(radius) < 1e-12) and radius[0] == pytest.approx(0.6, abs=1e-9)
    assert radius[-1] == pytest.approx(0.9 * BLUNT_SHARE * 0.6, rel=1e-6)


@pytest.mark.parametrize(
    ("stone", "head"),
    [(OVAL, "{tip: claw}"), ("{cut: round, size: 6.5 mm}", "{tip: claw, style: stand}"),
     ("{cut: round, size: 12 mm}", "{tip: claw, prongs: 6}"), ("{cut: pear, size: 9x6 mm}", "{tip: claw}"),
     ("{cut: cushion, size: 8 mm}", "{tip: claw, prongs: 8}")],
)  # fmt: skip
def test_a_claw_reaches_as_far_as_a_setter_may_open_it(stone: str, head: str) -> None:
    ring = of(stone, head)
    claw = ring.head.claw
    assert claw is not None and claw.hook_deg <= 60.0
    assert claw.reach_mm == pytest.approx(0.42 * ring.head.prong_diameter_girdle_mm, rel=0.01)
    assert ring.foundry.prong_min_mm <= claw.width_mm < ring.head.prong_diameter_girdle_mm
    assert ring.head.prong_tip_z_mm == pytest.approx(ring.head.table_z_mm + 0.10)


@pytest.mark.parametrize(
    ("stone", "field", "hint"),
    [("{cut: round, size: 3.2 mm}", "head.tip", "a stone of about 4.1 mm"),
     ("{cut: emerald, size: 6x4 mm}", "head.tip", "tip: dome"),
     ("{cut: princess, size: 6 mm}", "head.tip", "cut: radiant")],
)  # fmt: skip
def test_where_claws_cannot_be_it_is_said(stone: str, field: str, hint: str) -> None:
    with pytest.raises(SpecError) as refused:
        of(stone)
    problem = next(p for p in refused.value.problems if p.field == field)
    assert hint in str(problem.suggestion)


def test_the_size_that_is_named_for_claws_will_do() -> None:
    assert of("{cut: round, size: 4.1 mm}").head.claw is not None


def test_other_tips_are_no_claws() -> None:
    assert of(OVAL, "{tip: almond}").head.claw is None
    text = (
        "ringcad: 1\ntemplate: three_stone\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {cut: round, size: 6 mm}\n"
        "head: {tip: claw}\n"
    )
    ring = resolve(parse_spec(text), "ring")
    assert ring.sides is not None and ring.sides.head.tip == "almond"
    assert "claw" in json.dumps(ring.model_dump(mode="json")["head"])


def test_claws_of_an_oval_measure_as_ordered() -> None:
    ring, vertices, faces = made(OVAL, "{tip: claw}")
    report = judged(ring, vertices, faces)
    assert not report.findings, [finding.message for finding in report.findings]
    claw = ring.head.claw
    assert claw is not None
    assert values(report, "claw's reach over the girdle") == pytest.approx([claw.reach_mm] * 4, abs=0.02)
    assert values(report, "claw's width in the middle of its contact") == pytest.approx([claw.width_mm] * 4, rel=0.03)
    states = {row["state"] for row in report.rules if "claw" in row["subject"]}
    assert states == {"as_cast", "as_set"}
    caster = RayCaster(TriangleMesh(vertices, faces))
    assert all(site.min_mm >= site.limit_mm - 0.01 for site in measure_sites(caster.mesh, caster, ring))


def first_prong(ring: HeadedRing, vertices: Array) -> tuple[NDArray[np.bool_], Array, Array]:
    """Which vertices belong to the first prong over the girdle's top, and its outward and sideways directions."""
    head = ring.head
    turn = math.radians(head.stands[0].azimuth_deg)
    out, aside = np.array([math.cos(turn), math.sin(turn), 0.0]), np.array([-math.sin(turn), math.cos(turn), 0.0])
    foot = np.array([head.stands[0].x_mm, head.stands[0].y_mm, 0.0]) + head.prong_axis_radius_girdle_mm * out
    over = head.girdle_z_mm + ring.stone.girdle_mm
    near = (np.abs((vertices - foot) @ aside) < 0.8) & (np.abs((vertices - foot) @ out) < 1.2) & (vertices[:, 2] > over)
    return near, out, aside


@pytest.mark.parametrize(
    ("fault", "code", "what"),
    [("upright", FindingCode.PRONG_HEIGHT, "claw's reach over the girdle"),
     ("narrow", FindingCode.PRONG_SECTION, "claw's width in the middle of its contact"),
     pytest.param(
         "flat", FindingCode.PRONG_SECTION, "claw's section in the middle of its contact", marks=pytest.mark.slow
     )],
)  # fmt: skip
def test_a_spoilt_claw_is_found(fault: str, code: FindingCode, what: str) -> None:
    ring, vertices, faces = made(OVAL, "{tip: claw}")
    near, out, aside = first_prong(ring, vertices)
    head = ring.head
    foot = np.array([head.stands[0].x_mm, head.stands[0].y_mm, 0.0]) + head.prong_axis_radius_girdle_mm * out
    over = vertices[near, 2] - head.girdle_z_mm - ring.stone.girdle_mm
    spoilt = vertices.copy()
    if fault == "upright":
        spoilt[near] += 0.35 * over[:, None] * out
    elif fault == "narrow":
        spoilt[near] -= 0.15 * ((vertices[near] - foot) @ aside)[:, None] * aside
    else:  # filed from the back
        back = (vertices[near] - foot) @ out
        spoilt[near] -= 0.45 * np.maximum(back + 0.2 + 0.4 * over, 0.0)[:, None] * out
    report = judged(ring, spoilt, faces)
    failed = [row for row in report.rules if row["subject"].endswith(f": {what}") and row["verdict"] == "fail"]
    assert failed and any(finding.code == code for finding in report.findings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stone", "head"),
    [("{cut: round, size: 6.5 mm}", "{tip: claw, prongs: 6}"),
     ("{cut: round, size: 9 mm}", "{tip: claw, style: stand}"),
     ("{cut: round, size: 4.2 mm}", "{tip: claw}"), ("{cut: round, size: 12 mm}", "{tip: claw}"),
     ("{cut: cushion, size: 7x6.5 mm}", "{tip: claw}"), ("{cut: radiant, size: 8x6 mm}", "{tip: claw}"),
     ("{cut: emerald, size: 9x7 mm}", "{tip: claw}"), ("{cut: marquise, size: 10x5 mm}", "{tip: claw}"),
     ("{cut: pear, size: 9x6 mm}", "{tip: claw}")],
)  # fmt: skip
def test_claws_hold_every_cut(stone: str, head: str) -> None:
    ring, vertices, faces = made(stone, head)
    report = judged(ring, vertices, faces)
    assert not report.findings, [finding.message for finding in report.findings]
