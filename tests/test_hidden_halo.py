"""Hidden halos: rows by other means, the metal on labelled vertices, the verifier sharp on damage, what is refused."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from rings_support import fit_cone

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.resolve import resolve
from ringcad.resolved import HeadedRing, HiddenHalo, RoundStone, headed
from ringcad.spec import parse_spec
from ringcad.standards import setting_rule
from ringcad.stones.of_ring import cut_stone
from ringcad.templates.halo import template
from ringcad.verify.mesh import TriangleMesh, mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.sites import measure_sites
from ringcad.verify.wall_rules import site_findings

Array = np.ndarray[Any, Any]

HIDDEN = "halo: {style: hidden}\n"


def spec(stone: str = "{cut: round, size: 7 mm}", rest: str = HIDDEN) -> str:
    return f"ringcad: 1\ntemplate: halo\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {stone}\n{rest}"


@cache
def ring(text: str) -> HeadedRing:
    found = headed(resolve(parse_spec(text), "hidden"))
    assert found is not None
    return found


def halo_of(found: HeadedRing) -> HiddenHalo:
    assert found.halo is None and found.hidden_halo is not None
    return found.hidden_halo


def problems(text: str) -> dict[str, Any]:
    with pytest.raises(SpecError) as caught:
        resolve(parse_spec(text), "hidden")
    return {problem.field: problem for problem in caught.value.problems}


# -- numbers -------------------------------------------------------------------------------------------------------

STONES = (
    "{cut: round, size: 6.5 mm}",
    "{cut: round, size: 7 mm}",
    "{cut: oval, size: 9x7 mm}",
    "{cut: cushion, size: 8x6 mm}",
    "{cut: emerald, size: 8x6 mm}",
    "{cut: asscher, size: 6 mm}",
    "{cut: radiant, size: 8x6 mm}",
)


def girdle(found: HeadedRing) -> Array:
    """The center's girdle as a fine polygon."""
    if isinstance(found.stone, RoundStone):
        turn = np.linspace(0.0, math.tau, 1201)
        return 0.5 * found.stone.diameter_mm * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return np.asarray(cut_stone(found.stone).outline.points(2e-3))


def inside(loop: Array, points: Array) -> Array:
    """By winding number."""
    a = loop[None] - points[:, None]
    b = np.roll(a, -1, axis=1)
    turn = np.arctan2(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], (a * b).sum(axis=2))
    return np.abs(turn.sum(axis=1)) > math.pi


def rim_points(found: HeadedRing, number: int, count: int = 72) -> Array:
    """Points of a stone's girdle circle, lower edge."""
    row = halo_of(found).row
    seat = row.seats[number]
    turn = np.linspace(0.0, math.tau, count, endpoint=False)
    ways = np.cos(turn)[:, None] * np.array(seat.along) + np.sin(turn)[:, None] * np.array(seat.across)
    return np.array(seat.origin_mm) + 0.5 * row.stone.diameter_mm * ways


@pytest.mark.parametrize("stone", STONES)
def test_the_row_keeps_clear_of_itself_of_the_prongs_and_of_the_center_and_never_shows_from_above(stone: str) -> None:
    found = ring(spec(stone))
    halo, head, loop = halo_of(found), found.head, girdle(found)
    row = halo.row
    rims = [rim_points(found, k) for k in range(len(row.seats))]
    apart = min(
        float(np.linalg.norm(a[:, None] - b[None], axis=2).min())
        for a, b in combinations(rims, 2)
        if np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)) < 2.0 * row.stone.diameter_mm
    )
    assert apart == pytest.approx(row.gap_mm, abs=4e-3) and apart >= 0.1 - 1e-3
    up = np.array([0.0, 0.0, 1.0])
    least = math.inf
    for k, seat in enumerate(row.seats):
        out = np.array(seat.axis)
        assert abs(float(out @ up)) < 1e-12 and float(out[:2] @ np.array(seat.origin_mm[:2])) > 0.0
        high = row.stone.girdle_mm + row.stone.crown_height_mm
        table = (
            rims[k].mean(axis=0)
            + high * out
            + row.stone.table_diameter_mm / row.stone.diameter_mm * (rims[k] - rims[k].mean(axis=0))
        )
        upper = rims[k] + row.stone.girdle_mm * out
        assert bool(inside(loop, np.concatenate([table, upper])[:, :2]).all())
        # prongs as cones about their axes, before the stone on its way in
        for stand in head.stands:
            turn = math.radians(stand.azimuth_deg)
            for z in np.linspace(-0.5, 0.5, 7) * row.stone.diameter_mm:
                level = halo.row_z_mm + float(z)
                away = head.prong_axis_radius_girdle_mm + (level - head.girdle_z_mm) * math.tan(
                    math.radians(head.prong_lean_deg)
                )
                middle = np.array([stand.x_mm + away * math.cos(turn), stand.y_mm + away * math.sin(turn), level])
                offset = middle - np.array(seat.origin_mm)
                below = (head.girdle_z_mm - level) / (head.girdle_z_mm - head.prong_foot_z_mm)
                thick = head.prong_diameter_girdle_mm
                thick += below * (head.prong_diameter_base_mm - head.prong_diameter_girdle_mm)
                if float(offset @ out) + 0.5 * thick > 0.0:
                    aside = abs(float(offset @ np.array(seat.along))) - 0.5 * row.stone.diameter_mm
                    least = min(least, aside - 0.5 * thick)
        culet = np.array(seat.origin_mm) - row.stone.pavilion_depth_mm * out
        assert bool(inside(loop, culet[None, :2])[0])
    assert halo.prong_gap_mm == pytest.approx(least, abs=2e-3)
    assert least >= setting_rule("hidden_prong_room").value - 1e-3
    assert halo.culet_gap_mm > 0.1 and halo.bar_mm >= 0.35 - 1e-6


@pytest.mark.parametrize("stone", STONES)
def test_four_beads_hold_each_stone_and_all_is_its_own_image_at_both_planes(stone: str) -> None:
    found = ring(spec(stone))
    row = halo_of(found).row
    middles = np.array([bead.foot_mm for bead in row.beads]) + np.array(
        [(bead.height_mm - 0.5 * row.bead_diameter_mm) * np.array(bead.axis) for bead in row.beads]
    )
    away = 0.5 * (row.stone.diameter_mm + row.bead_diameter_mm) - row.overlap_mm
    held: dict[str, list[float]] = {seat.id: [] for seat in row.seats}
    for seat in row.seats:
        for bead, middle in zip(row.beads, middles, strict=True):
            offset = middle - np.array(seat.origin_mm)
            flat = np.array([offset @ np.array(seat.along), offset @ np.array(seat.across)])
            if seat.id in bead.holds:
                assert float(np.hypot(*flat)) == pytest.approx(away, abs=2e-3)
                assert float(offset @ np.array(seat.axis)) >= row.bead_rise_mm - 0.5 * row.bead_diameter_mm - 1e-6
                held[seat.id].append(math.degrees(math.atan2(flat[1], flat[0])))
    for angles in held.values():
        turned = np.sort(angles)
        assert len(turned) == 4
        assert float(np.diff(np.append(turned, turned[0] + 360.0)).max()) < 175.0
    gaps = [float(np.linalg.norm(a - b)) for a, b in combinations(middles, 2)]
    assert min(gaps) - row.bead_diameter_mm >= 0.8 * found.foundry.gap_min_mm - 1e-6
    for places in (np.array([seat.origin_mm for seat in row.seats]), middles):
        for sign in ((-1.0, 1.0, 1.0), (1.0, -1.0, 1.0)):
            image = places * sign
            assert float(np.linalg.norm(places[:, None] - image[None], axis=2).min(axis=1).max()) < 1e-4


def test_what_is_given_is_kept_and_what_does_not_fit_is_refused_with_what_would() -> None:
    found = ring(spec(rest="halo: {style: hidden, stone: {size: 1.05 mm}, side_wall_mm: 0.3, drop_mm: 2.1}\n"))
    halo = halo_of(found)
    assert halo.row.stone.diameter_mm == 1.05 and halo.drop_mm == pytest.approx(2.1)
    assert halo.row.wall_mm == pytest.approx(0.3)
    count = len(halo.row.seats)
    few = problems(spec(rest=f"halo: {{style: hidden, count: {count + 1}}}\n"))["halo.count"].suggestion
    number = int(few.split("'count: ")[1].split("'")[0])
    assert len(halo_of(ring(spec(rest=f"halo: {{style: hidden, count: {number}}}\n"))).row.seats) == number
    for field, value, other in (
        ("edge", "scalloped", "bright"), ("center_gap_mm", "0.3", ""), ("thickness_mm", "1.2", ""),
        ("side_wall_mm", "0.1", "use 0.25"), ("side_wall_mm", "1.9", "use 0.6"), ("gap_mm", "0.02", "use 0.1"),
    ):  # fmt: skip
        problem = problems(spec(rest=f"halo: {{style: hidden, {field}: {value}}}\n"))[f"halo.{field}"]
        assert problem.suggestion and (other in problem.suggestion or other in str(problem.limit))
    small = problems(spec(rest="halo: {style: hidden, stone: {size: 0.5 mm}}\n"))["halo.stone.size"]
    assert small.suggestion == "use '0.8 mm', or leave it out"
    assert problems(spec(rest=HIDDEN + "gallery: {shoulders: cathedral}\n"))["gallery.shoulders"]
    assert problems(spec(rest=HIDDEN + "head: {style: stand}\n"))["head.style"]
    high = problems(spec(rest="halo: {style: hidden, drop_mm: 1.0}\n"))["halo.drop_mm"]
    assert float(high.suggestion.split()[1].rstrip(",")) > 1.0
    low = problems(spec(rest=HIDDEN + "gallery: {seat_rail_height_mm: 1.0}\n"))["gallery.seat_rail_height_mm"]
    ring(spec(rest=HIDDEN + f"gallery: {{seat_rail_height_mm: {float(low.suggestion.split()[1].rstrip(',')):g}}}\n"))
    assert "hidden" in str(problems(spec(rest="halo: {style: secret}\n"))).lower()


# -- the metal -----------------------------------------------------------------------------------------------------


@cache
def built(text: str) -> tuple[HeadedRing, Any]:
    found = ring(text)
    return found, template.build(template.plan(found, {}), None, lambda stage: None)


def mesh_of(made: Any, moved: Array | None = None) -> TriangleMesh:
    return mesh_from_arrays(made.mesh.vertices if moved is None else moved, made.mesh.triangles)


def of_face(made: Any, name: str) -> Array:
    """Numbers of the vertices of a named face."""
    names = np.asarray(made.mesh.face_names, dtype=object)[made.mesh.face_index]
    return np.unique(made.mesh.triangles[names == name])


def test_seats_and_beads_lie_where_the_numbers_say_and_open_to_the_rail_s_inside() -> None:
    found, made = built(spec())
    row = halo_of(found).row
    vertices = np.asarray(made.mesh.vertices)
    pilot, opening = 0.5 * row.pilot_diameter_mm, 0.5 * row.opening_diameter_mm
    for seat in row.seats:
        points, axis = vertices[of_face(made, f"seat_{seat.id}")], np.array(seat.axis)
        offset = points - np.array(seat.origin_mm)
        height = offset @ axis
        radius = np.linalg.norm(offset - height[:, None] * axis, axis=1)
        deep = (0.5 * row.stone.diameter_mm - pilot) * math.tan(math.radians(row.stone.pavilion_angle_deg))
        cone = fit_cone(points[(radius > pilot + 0.01) & (radius < opening - 0.002) & (height > -deep)],
                        np.array(seat.origin_mm), axis)  # fmt: skip
        assert math.degrees(math.atan2(1.0, cone.slope)) == pytest.approx(row.stone.pavilion_angle_deg, abs=0.2)
        assert cone.radius_at_origin_mm == pytest.approx(0.5 * row.stone.diameter_mm, abs=0.005)
        assert float(np.linalg.norm(cone.origin - np.array(seat.origin_mm))) < 0.005
        assert float(height.min()) == pytest.approx(-row.through_mm, abs=0.06)
    for bead in row.beads:
        middle = np.array(bead.foot_mm) + (bead.height_mm - 0.5 * row.bead_diameter_mm) * np.array(bead.axis)
        points = vertices[of_face(made, f"bead_{bead.id}")]
        ball = points[(points - middle) @ np.array(bead.axis) > 1e-3]
        assert np.linalg.norm(ball - middle, axis=1) == pytest.approx(0.5 * row.bead_diameter_mm, abs=2e-3)


def test_a_sound_hidden_halo_has_no_finding_and_every_wall_is_measured() -> None:
    found, made = built(spec())
    halo, mesh = halo_of(found), mesh_of(made)
    caster = RayCaster(mesh)
    report = judge_settings(caster, found)
    assert [finding.message for finding in report.findings] == []
    for seat in halo.row.seats:
        measured = report.rows[seat.id]
        assert len(measured["beads"]) == 4 and measured["retention_mm"] > 0.03
        assert measured["origin_mm"] == pytest.approx(seat.origin_mm, abs=0.01)
    judged = {rule["what"]: rule for rule in report.rules if str(rule["subject"]).startswith("hidden halo: ")}
    assert judged["axis below the center's girdle"]["measured"] == pytest.approx(halo.drop_mm, abs=2e-3)
    assert judged["culet to the center stone"]["measured"] == pytest.approx(halo.culet_gap_mm, abs=2e-3)
    assert judged["beyond the center's girdle from above"]["measured"] <= 0.0
    sites = measure_sites(mesh, caster, found)
    assert site_findings(sites, found) == []
    walls = {site.site: site.min_mm for site in sites}
    assert sum(name.startswith("hidden_wall:") for name in walls) == len(halo.row.seats)
    bars = [value for name, value in walls.items() if name.startswith("hidden_bar:")]
    assert min(bars) == pytest.approx(halo.bar_mm, abs=0.05) and min(bars) >= 0.35
    sound = template.soundness(template.plan(found, {}), made)
    assert sound.findings == ()
    edges = {tuple(sorted(pair)) for t in made.mesh.triangles.tolist() for pair in zip(t, t[1:] + t[:1], strict=True)}
    genus = 1 - (len(np.unique(made.mesh.triangles)) - len(edges) + len(made.mesh.triangles)) // 2
    assert genus == sound.expected_genus >= len(halo.row.seats)


def codes(found: HeadedRing, mesh: TriangleMesh) -> set[FindingCode]:
    report = judge_settings(RayCaster(mesh), found)
    return {finding.code for finding in report.findings}


def test_a_moved_seat_shaved_and_tall_beads_and_a_planed_rail_are_caught() -> None:
    found, made = built(spec())
    halo, vertices = halo_of(found), np.asarray(made.mesh.vertices)
    row = halo.row
    seat = row.seats[1]
    moved = vertices.copy()
    moved[of_face(made, f"seat_{seat.id}")] += 0.04 * np.array(seat.along)
    assert FindingCode.SEAT_POSITION in codes(found, mesh_of(made, moved))
    bead = next(bead for bead in row.beads if seat.id in bead.holds)
    axis, rows = np.array(bead.axis), of_face(made, f"bead_{bead.id}")
    height = (vertices[rows] - np.array(seat.origin_mm)) @ np.array(seat.axis)
    shaved = vertices.copy()
    shaved[rows] -= np.maximum(height - 0.02, 0.0)[:, None] * np.array(seat.axis)
    assert FindingCode.PRONG_HEIGHT in codes(found, mesh_of(made, shaved))
    tall = vertices.copy()
    tall[rows] += 0.12 * np.clip(height / 0.02, 0.0, 1.0)[:, None] * axis
    assert FindingCode.PRONG_HEIGHT in codes(found, mesh_of(made, tall))
    # the rail's upper edge planed down by 0.2 mm: too little is left over the openings
    rail = found.gallery.rails[0]
    planed = vertices.copy()
    radius = np.hypot(vertices[:, 0], vertices[:, 1])
    top = (vertices[:, 2] > rail.top_z_mm - 0.2) & (vertices[:, 2] < rail.top_z_mm + 0.01)
    top &= (radius > rail.inner_radius_mm - 0.01) & (radius < rail.outer_radius_mm + 0.01)
    planed[top, 2] = rail.top_z_mm - 0.2
    mesh = mesh_of(made, planed)
    messages = {finding.message for finding in site_findings(measure_sites(mesh, RayCaster(mesh), found), found)}
    assert any("rail over or under halo_" in message for message in messages)


@pytest.mark.slow
@pytest.mark.parametrize("stone", [*STONES[2:], "{cut: round, size: 10 mm}"])
def test_hidden_halos_of_other_cuts_are_sound(stone: str) -> None:
    found, made = built(spec(stone))
    mesh = mesh_of(made)
    caster = RayCaster(mesh)
    assert [finding.message for finding in judge_settings(caster, found).findings] == []
    assert site_findings(measure_sites(mesh, caster, found), found) == []
    assert template.soundness(template.plan(found, {}), made).findings == ()
