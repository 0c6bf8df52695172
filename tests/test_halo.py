"""Halos: rows by other means, the metal on labelled vertices, the verifier blind to labels and sharp on damage."""

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
from ringcad.resolved import Halo, ResolvedRing, headed
from ringcad.spec import parse_spec
from ringcad.standards import setting_rule
from ringcad.stones.of_ring import cut_stone
from ringcad.templates.halo import template
from ringcad.verify.halo_sites import WALL_MIN_MM
from ringcad.verify.mesh import TriangleMesh, mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bead_rules import bead_rules
from ringcad.verify.setting.beads import measure_beads
from ringcad.verify.setting.frames import stone_profile
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.sites import measure_sites
from ringcad.verify.wall_rules import site_findings

Array = np.ndarray[Any, Any]


def spec(stone: str = "{cut: round, size: 6.5 mm}", ring: str = "US 7", **parts: str) -> str:
    rest = "".join(f"{name}: {{{text}}}\n" for name, text in parts.items())
    return f"ringcad: 1\ntemplate: halo\nring_size: {ring}\nmetal: 18k_yellow_gold\nstone: {stone}\n{rest}"


@cache
def ring(text: str) -> ResolvedRing:
    return resolve(parse_spec(text), "halo")


def halo_of(found: ResolvedRing) -> Halo:
    assert found.halo is not None
    return found.halo


def problems(text: str) -> dict[str, Any]:
    with pytest.raises(SpecError) as caught:
        resolve(parse_spec(text), "halo")
    return {problem.field: problem for problem in caught.value.problems}


# -- numbers -------------------------------------------------------------------------------------------------------

STONES = (
    ("{cut: round, size: 4 mm}", ""),
    ("{cut: round, size: 5 mm}", ""),
    ("{cut: round, size: 6.5 mm}", ""),
    ("{cut: round, size: 8 mm}", "prongs: 6"),
    ("{cut: round, size: 10 mm}", ""),
    ("{cut: oval, size: 8x6 mm}", ""),
    ("{cut: oval, size: 8x6 mm}", "prongs: 6"),
    ("{cut: cushion, size: 7x6.5 mm}", ""),
    ("{cut: emerald, size: 8x6 mm}", ""),
    ("{cut: asscher, size: 6 mm}", ""),
    ("{cut: radiant, size: 8x6 mm}", ""),
)


def prong_line(found: ResolvedRing, number: int, low_z: float) -> tuple[Array, Array]:
    """Centres (n, 3) and radii of a prong from a height to its tip, from its foot, its lean and its tapers."""
    head = found.head
    assert head is not None
    stand, lean = head.stands[number], math.radians(head.prong_lean_deg)
    z = np.linspace(low_z, head.prong_tip_z_mm - 0.5 * head.prong_diameter_girdle_mm, 60)
    away = head.prong_axis_radius_girdle_mm + (z - head.girdle_z_mm) * math.tan(lean)
    turn = math.radians(stand.azimuth_deg)
    below = np.clip((head.girdle_z_mm - z) / (head.girdle_z_mm - head.prong_foot_z_mm), 0.0, 1.0)
    thick = head.prong_diameter_girdle_mm + below * (head.prong_diameter_base_mm - head.prong_diameter_girdle_mm)
    centres = np.stack([stand.x_mm + away * math.cos(turn), stand.y_mm + away * math.sin(turn), z], axis=1)
    return centres, 0.5 * thick


@pytest.mark.parametrize(("stone", "head"), STONES)
def test_stones_keep_clear_of_each_other_of_the_center_and_of_every_prong(stone: str, head: str) -> None:
    found = ring(spec(stone, head=head))
    halo, center = halo_of(found), found.stone
    assert center is not None and found.head is not None
    diameter = halo.row.stone.diameter_mm
    points = np.array([seat.origin_mm for seat in halo.row.seats])[:, :2]
    # neighbours, and not only those next in the list
    apart = [float(np.hypot(*(a - b))) - diameter for a, b in combinations(points, 2)]
    assert min(apart) == pytest.approx(halo.row.gap_mm, abs=1e-5)
    assert halo.row.gap_mm >= setting_rule("halo_gap_min").value - 1e-6
    # the girdle of the center stone as a fine polygon
    if center.cut == "round":
        turn = np.linspace(0.0, math.tau, 20001)
        girdle = 0.5 * center.diameter_mm * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    else:
        girdle = cut_stone(center).outline.points(1e-5)
        steps = np.linspace(0.0, 1.0, 40)[:-1, None, None]
        girdle = (girdle + steps * (np.roll(girdle, -1, axis=0) - girdle)).reshape(-1, 2)
    beside = min(float(np.hypot(*(girdle - point).T).min()) for point in points) - 0.5 * diameter
    assert beside == pytest.approx(halo.center_gap_mm, abs=0.01)
    assert 0.0 <= beside <= setting_rule("halo_center_gap_max").value + 0.15
    # a prong takes nothing from a stone on its way in, from the rim to the tip
    for number in range(found.head.prongs):
        centres, radii = prong_line(found, number, halo.girdle_z_mm)
        room = [float((np.hypot(*(centres[:, :2] - point).T) - radii).min()) - 0.5 * diameter for point in points]
        assert min(room) >= setting_rule("halo_prong_room").value - 2e-3


@pytest.mark.parametrize(("stone", "head"), STONES)
def test_a_halo_is_its_own_image_at_both_planes_of_symmetry(stone: str, head: str) -> None:
    row = halo_of(ring(spec(stone, head=head))).row
    for places in ([seat.origin_mm for seat in row.seats], [bead.foot_mm for bead in row.beads]):
        whole = np.array(places)
        for sign in ((-1.0, 1.0, 1.0), (1.0, -1.0, 1.0)):
            image = whole * sign
            nearest = np.linalg.norm(whole[:, None] - image[None], axis=2).min(axis=1)
            assert float(nearest.max()) < 1e-4
    # seats follow each other: the next one lies along, and what is across points away from the head
    for one, two in zip(row.seats, (*row.seats[1:], row.seats[0]), strict=True):
        way = np.array(two.origin_mm) - np.array(one.origin_mm)
        assert way @ np.array(one.along) > 0.5 * np.linalg.norm(way)
        assert np.dot(one.across, one.origin_mm) > 0.0


@pytest.mark.parametrize(("stone", "head"), STONES)
def test_four_beads_hold_each_stone_and_none_leaves_a_slit(stone: str, head: str) -> None:
    found = ring(spec(stone, head=head))
    halo = halo_of(found)
    row, assumed = halo.row, found.head
    assert assumed is not None
    seats = {seat.id: np.array(seat.origin_mm)[:2] for seat in row.seats}
    held: dict[str, list[float]] = {name: [] for name in seats}
    away = 0.5 * (row.stone.diameter_mm + row.bead_diameter_mm) - row.overlap_mm
    for bead in row.beads:
        for name in bead.holds:
            way = np.array(bead.foot_mm)[:2] - seats[name]
            assert float(np.hypot(*way)) == pytest.approx(away, abs=1e-6)
            held[name].append(math.degrees(math.atan2(way[1], way[0])))
    for angles in held.values():
        assert len(angles) == 4
        turned = np.sort(angles)
        assert float(np.diff(np.append(turned, turned[0] + 360.0)).max()) < 175.0  # less would let a stone slip out
    # beads and other stones, beads among themselves, beads and prongs
    least = found.foundry.gap_min_mm
    axes = np.array([bead.foot_mm for bead in row.beads])[:, :2]
    assert min(float(np.hypot(*(a - b))) for a, b in combinations(axes, 2)) - row.bead_diameter_mm >= least - 1e-6
    for bead, axis in zip(row.beads, axes, strict=True):
        for name, point in seats.items():
            assert float(np.hypot(*(axis - point))) >= away - 1e-6 or name in bead.holds
        for number in range(assumed.prongs):
            centres, radii = prong_line(found, number, halo.girdle_z_mm)
            free = float(np.hypot(*(centres[0, :2] - axis)) - radii[0]) - 0.5 * row.bead_diameter_mm
            assert free >= least - 1e-6 or free <= -0.10 + 1e-6
    assert row.overlap_mm >= setting_rule("bead_overlap_min").value * row.stone.diameter_mm - 1e-9


def test_the_row_lies_half_a_stone_under_the_center_s_girdle_and_the_rim_meets_the_seat_rail() -> None:
    found = ring(spec())
    halo, head, gallery = halo_of(found), found.head, found.gallery
    assert head is not None and gallery is not None
    stone, rail = halo.row.stone, gallery.rails[0]
    table = halo.girdle_z_mm + stone.girdle_mm + stone.crown_height_mm
    assert head.girdle_z_mm - table == pytest.approx(0.5 * stone.diameter_mm, abs=1e-9)
    inside = halo.row_radius_mm - halo.inner_mm
    assert rail.inner_radius_mm + 0.1 < inside < rail.outer_radius_mm - 0.2
    assert rail.bottom_z_mm < halo.top_z_mm and halo.bottom_z_mm < rail.top_z_mm
    assert abs(halo.bottom_z_mm - rail.bottom_z_mm) > 0.1  # no planes that nearly meet
    # the pavilion hangs clear of the rim's inner side
    slope = math.tan(math.radians(found.stone.pavilion_angle_deg)) if found.stone else 0.0
    at = head.girdle_z_mm - (3.25 - inside) * slope
    assert at - halo.top_z_mm > gallery.rail_clearance_mm


def test_sizes_and_counts_that_are_given_are_kept() -> None:
    halo = halo_of(ring(spec(halo="stone: {size: 1.3 mm}, count: 16")))
    assert (halo.row.stone.diameter_mm, len(halo.row.seats)) == (1.3, 16)
    given = ring(spec(halo="center_gap_mm: 0.3, drop_mm: 1.0, side_wall_mm: 0.35, thickness_mm: 1.3"))
    assert halo_of(given).center_gap_mm == pytest.approx(0.3, abs=1e-4)
    assert halo_of(given).drop_mm == 1.0
    assert halo_of(given).top_z_mm - halo_of(given).bottom_z_mm == pytest.approx(1.3)
    assert given.reasons["halo.drop_mm"].kind == "given"
    # a larger center takes more or larger stones; with the same stones a larger one takes no fewer
    counts = [len(halo_of(ring(spec(f"{{cut: round, size: {size:g} mm}}", halo="stone: {size: 1.3 mm}"))).row.seats)
              for size in (5.0, 6.5, 8.0, 10.0)]  # fmt: skip
    assert counts == sorted(counts) and counts[0] < counts[-1]


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    found = problems(spec(halo="stone: {size: 1.3 mm}, count: 21"))
    hint = found["halo.count"].suggestion
    assert hint is not None
    number = int(hint.split("'count: ")[1].split("'")[0])
    assert len(halo_of(ring(spec(halo=f"stone: {{size: 1.3 mm}}, count: {number}"))).row.seats) == number
    wall = problems(spec(halo="side_wall_mm: 0.1"))["halo.side_wall_mm"]
    assert wall.suggestion == "use 0.25"
    assert halo_of(ring(spec(halo="side_wall_mm: 0.25"))).side_wall_mm == 0.25
    low = problems(spec(halo="drop_mm: 0.2"))["halo.drop_mm"].suggestion
    assert low is not None
    assert halo_of(ring(spec(halo=f"drop_mm: {low.removeprefix('use ')}"))).drop_mm > 0.2
    assert "halo.stone.size" in problems(spec(halo="stone: {size: 5 mm}"))
    assert "gallery.shoulders" in problems(spec(gallery="shoulders: cathedral"))
    lower = problems(spec(head="height_above_finger_mm: 5.6", ring="US 12", halo="thickness_mm: 2.4"))
    assert "head.height_above_finger_mm" in lower
    assert "halo" in problems(spec(halo="count: fill").replace("template: halo", "template: solitaire"))
    assert problems(spec(halo="thickness_mm: 0.4"))["halo.thickness_mm"].suggestion == "use 0.8"
    for gap in ("0.02", "0.25", "1.5"):
        hint = problems(spec(halo=f"gap_mm: {gap}"))["halo.gap_mm"].suggestion
        assert hint is not None
        ring(spec(halo=f"gap_mm: {hint.split()[1].rstrip(',')}"))
    assert "4 to 120" in str(problems(spec(halo="count: 3")))
    alone = spec(head="prongs: 8").replace("yellow", "white")  # thicker prongs: a stone alone between two is no row
    assert problems(alone)["head.prongs"].suggestion == "use 'prongs: 4'"
    for prongs in (3, 5):  # such a head is no image of itself across the finger
        assert problems(spec(head=f"prongs: {prongs}"))["head.prongs"].suggestion == "use 'prongs: 4'"


def test_halos_of_all_usual_sizes_resolve() -> None:
    """Under 3 % of centers at default parameters may be refused; those that are name a field that exists."""
    refused = []
    for size in (4.0, 5.0, 6.0, 7.5, 9.0):
        for inside in ("US 4", "US 7", "US 12"):
            try:
                resolve(parse_spec(spec(f"{{cut: round, size: {size:g} mm}}", ring=inside)), "halo")
            except SpecError as error:
                refused.append((size, inside, [problem.field for problem in error.problems]))
    assert not refused


# -- the metal -----------------------------------------------------------------------------------------------------


@cache
def built(text: str) -> tuple[ResolvedRing, Any]:
    found = ring(text)
    made = template.build(template.plan(found, {}), None, lambda stage: None)
    return found, made


def mesh_of(made: Any, moved: Array | None = None) -> TriangleMesh:
    return mesh_from_arrays(made.mesh.vertices if moved is None else moved, made.mesh.triangles)


def labelled(made: Any, name: str) -> Array:
    names = np.asarray(made.mesh.face_names, dtype=object)[made.mesh.face_index]
    return np.asarray(made.mesh.vertices[np.unique(made.mesh.triangles[names == name])])


SCALLOPED = spec(halo="edge: scalloped", head="prong_lean_deg: 7")


def test_seats_and_beads_lie_where_the_numbers_say() -> None:
    found, made = built(SCALLOPED)
    halo = halo_of(found)
    row, up = halo.row, np.array([0.0, 0.0, 1.0])
    pilot, opening = 0.5 * row.pilot_diameter_mm, 0.5 * row.opening_diameter_mm
    for seat in row.seats:
        points = labelled(made, f"seat_{seat.id}")
        offset = points - np.array(seat.origin_mm)
        radius = np.hypot(offset[:, 0], offset[:, 1])
        # the bearing cone alone: between the hole and the upper end of the cone
        deep = (0.5 * row.stone.diameter_mm - pilot) * math.tan(math.radians(row.stone.pavilion_angle_deg))
        on_cone = (radius > pilot + 0.01) & (radius < opening - 0.002) & (offset[:, 2] > -deep)
        cone = fit_cone(points[on_cone], np.array(seat.origin_mm), up)
        assert math.degrees(math.atan2(1.0, cone.slope)) == pytest.approx(row.stone.pavilion_angle_deg, abs=0.2)
        # where the cone is as wide as the girdle the stone rests: at the origin
        assert cone.radius_at_origin_mm == pytest.approx(0.5 * row.stone.diameter_mm, abs=0.005)
        assert float(np.linalg.norm(cone.origin - np.array(seat.origin_mm))) < 0.005
        # open to the underside
        assert float(points[:, 2].min()) == pytest.approx(halo.bottom_z_mm, abs=1e-3)
    for bead in row.beads:
        points = labelled(made, f"bead_{bead.id}")
        top = np.array(bead.foot_mm) + (bead.height_mm - 0.5 * row.bead_diameter_mm) * up
        ball = points[points[:, 2] > top[2] + 1e-3]
        assert np.linalg.norm(ball - top, axis=1) == pytest.approx(0.5 * row.bead_diameter_mm, abs=2e-3)


def test_a_sound_halo_has_no_finding_and_every_wall_is_measured() -> None:
    found, made = built(SCALLOPED)
    whole = headed(found) or found
    mesh = mesh_of(made)
    caster = RayCaster(mesh)
    report = judge_settings(caster, whole)
    assert [finding.message for finding in report.findings] == []
    halo = halo_of(found)
    for seat in halo.row.seats:
        measured = report.rows[seat.id]
        assert len(measured["beads"]) == 4
        assert measured["origin_mm"] == pytest.approx(seat.origin_mm, abs=0.01)
        assert measured["retention_mm"] > 0.03
    center = report.rows["center"]["nearest_stone"]
    assert center["id"].startswith("halo_")
    judged = {rule["what"]: rule for rule in report.rules if str(rule["subject"]).startswith("halo: ")}
    assert judged["gap to the center stone from above"]["measured"] == pytest.approx(halo.center_gap_mm, abs=2e-3)
    assert judged["girdle below the center's"]["measured"] == pytest.approx(halo.drop_mm, abs=2e-3)
    sites = measure_sites(mesh, caster, whole)
    assert site_findings(sites, whole) == []
    walls = {site.site: site.min_mm for site in sites}
    assert sum(name.startswith("halo_wall:") for name in walls) == len(halo.row.seats)
    # where the rim is thinnest outside: at its underside, beside the opening there
    azure = 0.5 * halo.row.azure_diameter_mm
    for seat in halo.row.seats:
        assert WALL_MIN_MM < walls[f"halo_wall:{seat.id}"] == pytest.approx(halo.outer_mm - azure, abs=0.05)
    assert walls["halo_plate"] == pytest.approx(halo.top_z_mm - halo.bottom_z_mm, abs=0.01)


def codes_of_seat(found: ResolvedRing, mesh: TriangleMesh, number: int) -> set[FindingCode]:
    row = halo_of(found).row
    seat, stone = row.seats[number], stone_profile(row.stone)
    caster = RayCaster(mesh)
    one = measure_beads(caster, np.array(seat.origin_mm), np.array(seat.axis), stone, row.overlap_mm)
    rules = bead_rules(one, stone, row, seat, "halo", found)
    return {finding.code for rule in rules if (finding := rule.finding()) is not None}


def test_a_moved_seat_a_shaved_bead_and_a_thin_rim_are_caught() -> None:
    found, made = built(SCALLOPED)
    halo, vertices = halo_of(found), np.asarray(made.mesh.vertices)
    row = halo.row
    assert codes_of_seat(found, mesh_of(made), 2) == set()
    seat = row.seats[2]
    offset = vertices - np.array(seat.origin_mm)
    near = (np.hypot(offset[:, 0], offset[:, 1]) < 0.5 * row.opening_diameter_mm + 1e-3) & (abs(offset[:, 2]) < 1.0)
    moved = vertices.copy()
    moved[near] += 0.04 * np.array(seat.along)
    assert FindingCode.SEAT_POSITION in codes_of_seat(found, mesh_of(made, moved), 2)
    # every bead that holds it filed down to the girdle
    shaved = vertices.copy()
    for bead in row.beads:
        if seat.id in bead.holds:
            aside = np.hypot(*(vertices - np.array(bead.foot_mm))[:, :2].T)
            over = (aside < 0.5 * row.bead_diameter_mm + 1e-3) & (vertices[:, 2] < halo.girdle_z_mm + 0.4)
            shaved[over, 2] = np.minimum(shaved[over, 2], halo.girdle_z_mm + 0.02)
    assert FindingCode.PRONG_HEIGHT in codes_of_seat(found, mesh_of(made, shaved), 2)
    # the rim's outer side turned down by 0.15 mm
    thin = vertices.copy()
    radius = np.hypot(vertices[:, 0], vertices[:, 1])
    low, high = halo.bottom_z_mm - 0.01, halo.top_z_mm + 0.01
    outside = (radius > halo.row_radius_mm + halo.outer_mm - 0.16) & (vertices[:, 2] > low) & (vertices[:, 2] < high)
    thin[outside, :2] *= (1.0 - 0.15 / radius[outside])[:, None]
    mesh, whole = mesh_of(made, thin), headed(found) or found
    found_walls = {finding.message for finding in site_findings(measure_sites(mesh, RayCaster(mesh), whole), whole)}
    assert any("rim outside halo_" in message for message in found_walls)


def test_kernel_and_parts_agree_on_the_handles_of_the_metal() -> None:
    found, made = built(SCALLOPED)
    sound = template.soundness(template.plan(found, {}), made)
    assert sound.findings == ()
    edges = {tuple(sorted(pair)) for t in made.mesh.triangles.tolist() for pair in zip(t, t[1:] + t[:1], strict=True)}
    vertices = len(np.unique(made.mesh.triangles))
    genus = 1 - (vertices - len(edges) + len(made.mesh.triangles)) // 2
    assert genus == sound.expected_genus
    # each stone's opening is a handle of its own beside those of the same head without its halo
    assert genus >= len(halo_of(found).row.seats)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        spec(halo="edge: milgrain", head="prong_lean_deg: 7"),
        spec("{cut: oval, size: 8x6 mm}"),
        spec("{cut: cushion, size: 7x6.5 mm}", halo="edge: scalloped"),
        spec("{cut: emerald, size: 8x6 mm}"),
        spec("{cut: round, size: 8 mm}", head="prongs: 6"),
    ],
)
def test_halos_of_other_cuts_and_edges_are_sound(text: str) -> None:
    found, made = built(text)
    whole, mesh = headed(found) or found, mesh_of(made)
    caster = RayCaster(mesh)
    assert [finding.message for finding in judge_settings(caster, whole).findings] == []
    assert site_findings(measure_sites(mesh, caster, whole), whole) == []
    assert template.soundness(template.plan(found, {}), made).findings == ()
