"""Relief on a cathedral's arms as the verifier measures it: the plan's skin, strokes of known width, mutants."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode, Severity
from ringcad.export.stl import stl_bytes
from ringcad.fit.display import wall_grid
from ringcad.generation import Relief, ZoneSize
from ringcad.registry import load_template
from ringcad.resolve import resolve
from ringcad.resolved import Decoration, HeadedRing, ResolvedRing, headed
from ringcad.spec import parse_spec
from ringcad.template import BuiltRing, RingPlan
from ringcad.templates.solitaire import shape
from ringcad.verify.arm_relief import (
    SITE,
    arm_heights,
    bare_findings,
    measure_arm_detail,
    measure_rises,
    measure_shoulder_detail,
    on_arm,
)
from ringcad.verify.certificate_rules import rule_rows
from ringcad.verify.check import verify_stl
from ringcad.verify.detail import WIDTH_ERROR_MM, detail_findings, measure_detail
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.report import VerifyReport
from ringcad.verify.stl import read_stl

Array = NDArray[np.float64]

LIFT_DEG, BAR_MM, PITCH_MM = 50, 0.6, 1.2
"""Where the arms of the test's rings leave the shank; bars across them, wide at half height, and their pitch."""


def spec(shank: str = "", mode: str = "emboss", depth_mm: float = 0.35) -> str:
    return (
        "ringcad: 1\ntemplate: solitaire\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {size: 6.5 mm}\n"
        f"gallery: {{shoulders: cathedral, lift_deg: {LIFT_DEG}}}\nshank: {{{shank}}}\n"
        f"decoration:\n  - {{region: shank.arms, prompt: oak, mode: {mode}, depth_mm: {depth_mm:g}}}\n"
    )


def ring(shank: str = "", mode: str = "emboss", depth_mm: float = 0.35) -> HeadedRing:
    found = headed(resolve(parse_spec(spec(shank, mode, depth_mm)), "arms"))
    assert found is not None
    return found


def zones(found: ResolvedRing) -> tuple[Decoration, Decoration]:
    right, left = found.decoration
    assert (right.id, left.id) == ("right_arm", "left_arm")
    return right, left


def bars(size: ZoneSize) -> Relief:
    """Bars across the arm with steep flanks."""
    columns, rows = round(size.length_mm * 24), round(size.width_mm * 24)
    u = (np.arange(columns) + 0.5) / 24.0 - 0.5 * size.length_mm
    off = np.abs((u + 0.5 * PITCH_MM) % PITCH_MM - 0.5 * PITCH_MM)
    height = np.broadcast_to(np.clip(0.5 + (0.5 * BAR_MM - off) / 0.1, 0.0, 1.0), (rows, columns))
    return Relief(np.ascontiguousarray(height, dtype=np.float32), size.length_mm, size.width_mm)


def planned(found: HeadedRing) -> RingPlan:
    template = load_template("solitaire")
    plan = template.plan(found, {name: bars(size) for name, size in template.zones(found).items()})
    assert isinstance(plan, RingPlan)
    return plan


def meshed(grid: Array) -> TriangleMesh:
    """Triangles over a grid that closes along its first axis."""
    count, across = grid.shape[:2]
    a = np.arange(count * across).reshape(count, across)
    b = np.roll(a, -1, axis=0)
    faces = [(a[:, :-1], a[:, 1:], b[:, 1:]), (a[:, :-1], b[:, 1:], b[:, :-1])]
    triangles = np.concatenate([np.stack(corners, axis=-1).reshape(-1, 3) for corners in faces])
    return read_stl(stl_bytes(grid.reshape(-1, 3), triangles))


def phi_deg(points: Array) -> Array:
    return np.asarray(np.degrees(np.arctan2(points[..., 0], points[..., 2])))


# -- the plain arm --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shank",
    ["", "profile: d", "profile: flat", "profile: knife_edge, width_mm: 4", "profile: ellipse, width_mm: 5",
     "profile: soft_cushion", "profile: euro", "taper: pinched, width_mm: 4", "taper: flared, width_mm: 3.4"],
)  # fmt: skip
def test_the_plain_arm_by_its_numbers_is_that_of_the_nets(shank: str) -> None:
    found = ring(shank, depth_mm=0.2)
    nets = shape.limb_nets(found)
    caster = RayCaster(meshed(wall_grid(nets.outer, nets.outer_knots)[0]))
    for zone in zones(found):
        height, chart = arm_heights(caster, found, zone)
        assert np.nanmax(np.abs(height)) < 0.001
        assert np.isfinite(height).mean() > 0.7 and np.isfinite(height[len(height) // 2]).all()
        along = np.linalg.norm(np.diff(chart.points[len(height) // 2], axis=0), axis=1)
        assert np.abs(along - chart.step_mm).max() < 0.001
    assert [finding.code for finding in bare_findings(measure_rises(caster, found), found)] == [
        FindingCode.RELIEF_EMPTY
    ] * 2


# -- relief on the skin of the plan ---------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["emboss", "engrave"])
@pytest.mark.parametrize("shank", ["", "profile: knife_edge, width_mm: 4", "profile: flat"])
def test_depth_and_bars_are_those_of_the_plan_on_both_arms(shank: str, mode: str) -> None:
    found = ring(shank, mode, 0.35 if mode == "emboss" else 0.25)
    plan = planned(found)
    caster = RayCaster(meshed(wall_grid(plan.skin, plan.nets.outer_knots)[0]))
    sign = 1.0 if mode == "emboss" else -1.0
    for zone in zones(found):
        wanted = plan.summary["zones"][zone.id]["height_max_mm"]
        assert wanted > 0.2
        height, _ = arm_heights(caster, found, zone)
        assert np.nanmax(sign * height) == pytest.approx(wanted, abs=0.01)
        assert np.nanmin(sign * height) > -0.01
        line = sign * height[len(height) // 2] > 0.5 * wanted
        rises = np.count_nonzero(np.diff(line.astype(int)) == 1)
        assert rises == pytest.approx(plan.summary["zones"][zone.id]["length_mm"] / PITCH_MM, abs=1.5)
        detail = measure_arm_detail(caster, found, zone)
        assert detail is not None and detail.depth_mm == pytest.approx(wanted, abs=0.03)
        assert not detail.refused and detail.narrow_mm2 == 0
    assert not bare_findings(measure_rises(caster, found), found)


def test_an_arm_that_is_bare_is_named_and_the_other_is_not() -> None:
    found = ring()
    plan = planned(found)
    full, bare = (wall_grid(net, plan.nets.outer_knots)[0] for net in (plan.skin, plan.nets.outer))
    for zone, sign in zip(zones(found), (1.0, -1.0), strict=True):
        there = sign * phi_deg(full)[..., None] > 0.0
        caster = RayCaster(meshed(np.where(there, bare, full)))
        (finding,) = bare_findings(measure_rises(caster, found), found)
        assert (finding.code, finding.severity) == (FindingCode.RELIEF_EMPTY, Severity.ERROR)
        assert zone.id in finding.message and finding.measured is not None and finding.measured < 0.01
        assert finding.spec_field == "decoration.0"
        assert finding.place_mm is not None and sign * finding.place_mm[0] > 0.0


@pytest.mark.parametrize("width_mm", [0.20, 0.24, 0.32, 0.45])
def test_strokes_of_a_known_width(width_mm: float) -> None:
    """Bars raised on the plain arm by hand: the measured width, and which of them are too thin."""
    found = ring("profile: flat")
    caster = barred(found, width_mm)
    for zone in zones(found):
        detail = measure_arm_detail(caster, found, zone)
        assert detail is not None and detail.id == zone.id
        assert detail.depth_mm == pytest.approx(0.3, abs=0.01)
        findings = detail_findings(detail, 0, found.foundry.detail_min_mm)
        thin = [finding for finding in findings if finding.code is FindingCode.DETAIL_WIDTH]
        if width_mm > found.foundry.detail_min_mm:
            assert not thin
        else:
            worst = Severity.ERROR if width_mm < found.foundry.detail_min_mm - WIDTH_ERROR_MM else Severity.WARNING
            assert [finding.severity for finding in thin] == [worst]
            assert detail.narrowest_mm == pytest.approx(width_mm, abs=0.04)


def test_ornament_of_the_shoulders_that_runs_up_onto_the_arms_is_measured_there() -> None:
    """Thin bars on the arms alone, which the unrolled shank below does not show."""
    found = headed(resolve(parse_spec(spec("profile: flat").replace("shank.arms", "shank.shoulders")), "arms"))
    assert found is not None
    for zone in found.decoration:
        part = on_arm(found, zone)
        assert part is not None and part.phi_start_deg == zone.phi_start_deg
        assert LIFT_DEG < abs(part.phi_end_deg) < LIFT_DEG + 3.0 and abs(zone.phi_end_deg) > 100.0
    caster = barred(found, 0.2, last_deg=LIFT_DEG - 2.0)
    for zone in found.decoration:
        below, whole = measure_detail(caster, found, zone), measure_shoulder_detail(caster, found, zone)
        assert below is None or not below.narrow_mm2
        assert whole is not None and whole.refused and whole.narrowest_mm == pytest.approx(0.2, abs=0.04)
        assert whole.narrow_place_mm is not None
        assert abs(float(phi_deg(np.array(whole.narrow_place_mm)))) < LIFT_DEG
    assert not bare_findings(
        measure_rises(caster, found), found
    )  # only arms with a design of their own have to carry one


def barred(found: HeadedRing, width_mm: float, last_deg: float = 180.0) -> RayCaster:
    """The plain skin with bars across it, 0.3 mm high, up to an angle from the top."""
    nets = shape.limb_nets(found)
    points, normals = wall_grid(nets.outer, nets.outer_knots)
    for _ in range(3):  # eight times as fine along: midpoints
        points, normals = (finer(values) for values in (points, normals))
    arc = np.cumsum(np.linalg.norm(points - np.roll(points, 1, axis=0), axis=2), axis=0)[:, points.shape[1] // 2]
    off = np.abs(arc % PITCH_MM - 0.5 * PITCH_MM)
    height = 0.3 * np.clip(0.5 + (0.5 * width_mm - off) / 0.06, 0.0, 1.0)
    height = height * (np.abs(phi_deg(points)[:, points.shape[1] // 2]) < last_deg)
    return RayCaster(meshed(points + height[:, None, None] * normals))


def finer(values: Array) -> Array:
    """Twice as many rows of what closes along its first axis."""
    return np.stack([values, 0.5 * (values + np.roll(values, -1, axis=0))], axis=1).reshape(-1, *values.shape[1:])


# -- the finished ring ----------------------------------------------------------------------------------------


Built = tuple[HeadedRing, RingPlan, BuiltRing]


@pytest.fixture(scope="module")
def built() -> Built:
    found = ring()
    plan = planned(found)
    made = load_template("solitaire").build(plan, None, lambda _: None)
    assert isinstance(made, BuiltRing)
    return found, plan, made


def judged(one: Built, change: Callable[[Array], Array] = lambda vertices: vertices) -> VerifyReport:
    found, _, made = one
    return verify_stl(stl_bytes(change(made.mesh.vertices.copy()), made.mesh.triangles), found)


def errors(report: VerifyReport, *codes: FindingCode) -> list[str]:
    wanted = (finding for finding in report.findings if finding.severity is Severity.ERROR)
    return [finding.message for finding in wanted if not codes or finding.code in codes]


def over_arm(found: HeadedRing, points: Array) -> Array:
    """How far points lie outside of the crown line, radially, mm (n,)."""
    return np.asarray(np.hypot(points[:, 0], points[:, 2]) - found.bore_radius_mm) - shape.crown_line(
        found, phi_deg(points)
    )


def moved(points: Array, there: Array, to: Array) -> Array:
    """Points with the distance from the finger axis of those that are ``there`` set."""
    radius = np.hypot(points[:, 0], points[:, 2])
    points[there] *= np.where([True, False, True], (to / radius)[there, None], 1.0)
    return points


@pytest.mark.slow
def test_the_finished_ring_holds_and_both_arms_are_in_its_report(built: Built) -> None:
    found, plan, _ = built
    report = judged(built)
    assert not errors(report)
    for zone in zones(found):
        row = report.measurements["detail"][zone.id]
        assert row["depth_mm"] == pytest.approx(plan.summary["zones"][zone.id]["height_max_mm"], abs=0.03)
        assert row["narrow_mm2"] == 0
        rise = report.measurements["arms"][zone.id]
        assert rise["height_mm"] == pytest.approx(row["depth_mm"], abs=0.03) and rise["ordered_mm"] == zone.depth_mm
    rules = {row.key: row for row in rule_rows(report.measurements, found, report.findings)}
    for key in ("relief_empty right_arm", "relief_empty left_arm", "detail_width left_arm", f"wall_structural {SITE}"):
        assert rules[key].verdict == "pass"
    wall, gallery = report.measurements["walls"][SITE], found.gallery
    # the arch ends before the relief: thinnest beside it, from where on metal reaches down to the bore
    assert gallery.arm_thickness_mm - 0.02 < wall["min_mm"] < found.shank.thickness_top_mm
    assert wall["limit_mm"] == found.foundry.wall_min_mm


@pytest.mark.slow
def test_a_flattened_arm_is_found(built: Built) -> None:
    found = built[0]

    def flattened(points: Array) -> Array:
        """A file drawn over the left arm down to the plain crown of its section."""
        away = phi_deg(points)
        half = 0.5 * shape.width_line(found, away)
        rise = found.shank.crown_rise_mm * 2.0 * half / found.shank.width_top_mm
        plain = found.bore_radius_mm + shape.crown_line(found, away) - rise * (points[:, 1] / half) ** 2
        there = (away < -24.0) & (away > -LIFT_DEG) & (np.abs(points[:, 1]) < half - 0.3)
        there &= np.hypot(points[:, 0], points[:, 2]) > plain + 0.01
        return moved(points, there, plain)

    report = judged(built, flattened)
    (message,) = errors(report, FindingCode.RELIEF_EMPTY)
    assert "left_arm" in message
    rules = {row.key: row.verdict for row in rule_rows(report.measurements, found, report.findings)}
    assert rules["relief_empty left_arm"] == "fail" and rules["relief_empty right_arm"] == "pass"
    rows = report.measurements["detail"]
    assert rows["left_arm"]["depth_mm"] < 0.08 and rows["right_arm"]["depth_mm"] > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("at_deg", "deep_mm", "field"), [(41.0, 1.8, "shank.thickness_mm.top"), (24.6, 1.1, "gallery.arm_thickness_mm")]
)
def test_a_gouge_into_an_arm_is_found_where_it_is(
    built: Built, sign: float, at_deg: float, deep_mm: float, field: str
) -> None:
    found = built[0]
    phi = math.radians(at_deg)
    line = found.bore_radius_mm + float(shape.crown_line(found, np.array([at_deg]))[0])
    place = line * np.array([sign * math.sin(phi), 0.0, math.cos(phi)])

    def gouged(points: Array) -> Array:
        near = np.linalg.norm(points - place, axis=1)
        there = (near < 1.2) & (over_arm(found, points) > -0.3)
        radius = np.hypot(points[:, 0], points[:, 2])
        return moved(points, there, radius - deep_mm * np.clip(1.5 - near / 0.8, 0.0, 1.0))

    report = judged(built, gouged)
    (finding,) = (one for one in report.findings if "the cathedral's arm under its relief" in one.message)
    assert (finding.code, finding.severity) == (FindingCode.WALL_STRUCTURAL, Severity.ERROR)
    floor = place * (1.0 - deep_mm / line)  # the finding's place is half way through what is left under it
    assert finding.place_mm is not None and np.linalg.norm(np.array(finding.place_mm) - floor) < 1.0
    least = report.measurements["walls"][SITE]["min_mm"]
    assert least < 0.75 and finding.measured == pytest.approx(least, abs=1e-4)
    assert finding.spec_field == field and finding.fix is not None and finding.fix.startswith(f"set {field} to ")


@pytest.mark.slow
def test_a_stroke_made_thinner_in_the_file_is_found(built: Built) -> None:
    """One bar of the right arm drawn together to a third of its width: its neighbours and the left arm stay."""
    found, _, _ = built
    zone = zones(found)[0]
    height, chart = arm_heights(RayCaster(judged_mesh(built)), found, zone)
    line = height[len(height) // 2] > 0.17
    begin, end = (np.flatnonzero(np.diff(line.astype(int)) == step) for step in (1, -1))
    first = begin[len(begin) // 2]
    last = end[end > first][0]
    middle = phi_deg(0.5 * (chart.points[len(height) // 2, first] + chart.points[len(height) // 2, last]))
    half = 0.5 * (last - first) * chart.step_mm

    def thinned(points: Array) -> Array:
        away, over = phi_deg(points), over_arm(found, points)
        line_mm = found.bore_radius_mm + shape.crown_line(found, away)
        off = np.radians(away - middle) * line_mm
        to = np.sign(off) * np.interp(np.abs(off), [0.0, half + 0.05, half + 0.3], [0.0, 0.11, half + 0.3])
        there = (np.abs(off) < half + 0.3) & (over > -0.8)
        turned = np.radians(middle) + to / line_mm
        radius = found.bore_radius_mm + shape.crown_line(found, np.degrees(turned)) + over
        points[there, 0], points[there, 2] = (radius * np.sin(turned))[there], (radius * np.cos(turned))[there]
        return points

    report = judged(built, thinned)
    assert not errors(judged(built), FindingCode.DETAIL_WIDTH)
    (message,) = errors(report, FindingCode.DETAIL_WIDTH)
    assert "right_arm" in message
    rows = report.measurements["detail"]
    assert rows["right_arm"]["narrowest_mm"] < 0.28 and rows["left_arm"]["narrow_mm2"] == 0


def judged_mesh(one: Built) -> TriangleMesh:
    made = one[2]
    return read_stl(stl_bytes(made.mesh.vertices, made.mesh.triangles))
