"""Solitaires around stones of other cuts: places, paths, seats on labelled vertices, both states, refusals."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ringcad.cli import main
from ringcad.core.errors import SpecError
from ringcad.kernel.genus import mesh_genus
from ringcad.resolve import resolve
from ringcad.resolved import FancyStone, HeadedRing, headed
from ringcad.seats.bodies import facet_planes
from ringcad.spec import parse_spec
from ringcad.stones.hoops import distance_to_path, hoop_path, path_points
from ringcad.stones.of_ring import cut_stone, rail_path
from ringcad.stones.placed import convex_body, grown, prong_places, reach_along, slope_deg
from ringcad.stones.stone import reference_stone
from ringcad.template import BuiltRing
from ringcad.templates.solitaire import build
from ringcad.templates.solitaire import plan as planning
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.fancy import FancySetting, measure_fancy
from ringcad.verify.setting.fancy_body import FancyBody
from ringcad.verify.setting.frames import seat_frame
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.sites import measure_sites

HEAD = "ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\n"
SIZES = {
    "oval": ("8x6 mm", "5x4 mm", "12x8 mm"),
    "cushion": ("7x6.5 mm", "5 mm", "9x8 mm"),
    "emerald": ("8x6 mm", "7x5 mm", "10x8 mm"),
    "asscher": ("6 mm", "5 mm", "8 mm"),
    "radiant": ("7x6 mm", "6x5 mm", "9x7 mm"),
}
EVERY = [(cut, size) for cut, sizes in SIZES.items() for size in sizes]


@cache
def ordered(stone: str, more: str = "") -> HeadedRing:
    """The resolved ring of a stone and further lines of a spec."""
    ring = headed(resolve(parse_spec(f"{HEAD}stone: {stone}\n{more}"), "ring"))
    assert ring is not None
    return ring


def of(cut: str, size: str, more: str = "") -> HeadedRing:
    return ordered(f"{{cut: {cut}, size: {size}}}", more)


def fancy(ring: HeadedRing) -> FancyStone:
    assert isinstance(ring.stone, FancyStone)
    return ring.stone


@cache
def made(cut: str, size: str, more: str = "") -> tuple[HeadedRing, BuiltRing, RayCaster]:
    """A plain ring with its mesh as delivered."""
    ring = of(cut, size, more)
    plan = planning.plan(ring, {})
    built = build.build(plan, build.core(ring, lambda stage: None), lambda stage: None)
    sound = build.soundness(plan, built)
    assert not sound.findings and sound.expected_genus == mesh_genus(built.mesh.triangles)
    snapped = np.round(np.asarray(built.mesh.vertices) * 2**19) / 2**19
    return ring, built, RayCaster(TriangleMesh(snapped, np.asarray(built.mesh.triangles, dtype=np.int64)))


def measured(ring: HeadedRing, caster: RayCaster, stone: FancyStone | None = None, **moved: Any) -> FancySetting:
    """The setting for a stone that should sit ``up`` or ``aside`` (mm) or ``turned`` (degrees) from its place."""
    tilt = math.radians(moved.get("turned", 0.0))
    origin = np.array([moved.get("aside", 0.0), 0.0, ring.head.girdle_z_mm + moved.get("up", 0.0)])
    frame = seat_frame(origin, np.array([math.sin(tilt), 0.0, math.cos(tilt)]))
    return measure_fancy(caster, frame, FancyBody(stone or fancy(ring)))


# -- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cut", "size"), EVERY)
def test_prongs_stand_on_the_girdle_square_to_it(cut: str, size: str) -> None:
    ring = of(cut, size)
    stone, head = fancy(ring), ring.head
    outline = cut_stone(stone).outline
    assert len(head.places) == head.prongs
    for place, stand in zip(prong_places(cut_stone(stone), head.prongs), head.places, strict=True):
        way = np.array([math.cos(math.radians(stand.azimuth_deg)), math.sin(math.radians(stand.azimuth_deg))])
        girdle = np.array([stand.x_mm, stand.y_mm]) + 0.5 * stone.width_mm * way
        assert math.dist(girdle, place.point) < 1e-12
        # the outline's own points lie behind the tangent there: it is convex
        points = outline.points(1e-4)
        assert np.max((points - girdle) @ way) < 1e-9 and abs(distance_to_path(girdle[None], points)[0]) < 2e-4
        # the girdle enters by the ordered share of the prong
        inside = 0.5 * stone.width_mm + head.girdle_clearance_mm - head.prong_axis_radius_girdle_mm
        assert inside + 0.5 * head.prong_diameter_girdle_mm == pytest.approx(
            head.notch_share * head.prong_diameter_girdle_mm
        )
    # mirror images of each other about both axes
    spots = {(round(p.x_mm, 9), round(p.y_mm, 9), round(p.azimuth_deg % 360.0, 9)) for p in head.places}
    for x, y, turn in spots:
        assert (-x + 0.0, y, round((180.0 - turn) % 360.0, 9)) in spots
        assert (x, -y + 0.0, round(-turn % 360.0, 9)) in spots


@pytest.mark.parametrize(("cut", "size"), EVERY)
def test_rails_run_inside_the_girdle_and_clear_of_the_pavilion(cut: str, size: str) -> None:
    ring = of(cut, size)
    stone = fancy(ring)
    normals, offsets = facet_planes(stone)
    clearance = ring.gallery.rail_clearance_mm
    for rail in ring.gallery.rails:
        path = rail_path(stone, rail)
        for one, two in itertools.pairwise(path):
            assert math.dist(one.point(1.0), two.point(0.0)) < 1e-9
            assert math.dist(one.tangent(1.0), two.tangent(0.0)) < 1e-9
        assert abs(path[0].point(0.0)[1]) < 1e-9 and abs(path[-1].point(1.0)[0]) < 1e-9
        half = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm)
        assert path[0].point(0.0)[0] + half == pytest.approx(rail.outer_side_mm, abs=1e-9)
        # where the prongs cross it, the rail lies as far inside the girdle as its numbers say
        line = path_points(path, step_mm=0.02)
        inward = 0.5 * stone.width_mm - 0.5 * (rail.outer_radius_mm + rail.inner_radius_mm)
        for place in prong_places(cut_stone(stone), ring.head.prongs):
            way = np.array([math.cos(place.azimuth_rad), math.sin(place.azimuth_rad)])
            off = -distance_to_path(np.array([np.array(place.point) - inward * way]), line)[0]
            assert -0.012 < off < (0.012 if cut in ("oval", "cushion") else 0.03 * stone.width_mm)
        # its section, swept: no corner nearer to the pavilion than the clearance
        from ringcad.fit.rail_section import profile

        for r, z in profile(rail, stone, ring.head.girdle_z_mm, clearance):
            swept = path_points(path, r - 0.5 * (rail.outer_radius_mm + rail.inner_radius_mm), 0.05)
            points = np.column_stack([swept, np.full(len(swept), z - ring.head.girdle_z_mm)])
            assert float((points @ normals.T - offsets).max(axis=1).min()) >= clearance - 0.01


def test_a_hoop_inside_a_circle_is_a_circle() -> None:
    stone = replace(reference_stone("oval", 6.0, 8.0), length_mm=6.0)
    line = path_points(hoop_path(stone, 0.8, 0.3), 0.2)
    assert np.allclose(np.hypot(*line.T), 2.4, atol=1e-9)
    twice = np.roll(line, -1, axis=0)
    area = 0.5 * float(np.sum(line[:, 0] * twice[:, 1] - line[:, 1] * twice[:, 0]))
    assert area == pytest.approx(math.pi * 2.4**2, rel=1e-3)  # closed, counter-clockwise, once round


@pytest.mark.parametrize("cut", SIZES)
def test_a_grown_body_keeps_its_distance(cut: str) -> None:
    body = convex_body(reference_stone(cut, 6.0))
    points = np.concatenate(grown(body, girdle_mm=0.04))
    upright = np.abs(body.normals[:, 2]) < 1e-6
    outside = points @ body.normals.T - body.offsets
    assert outside[:, ~upright].max() < 1e-9 and outside[:, upright].max() == pytest.approx(0.04, abs=1e-9)
    assert (np.concatenate(grown(body, all_mm=0.2)) @ body.normals.T - body.offsets).max() == pytest.approx(0.2)
    # along a prong's place the body ends where its own corners say
    stone = reference_stone(cut, 6.0)
    for place in prong_places(stone, 4):
        reach = reach_along(body, place, np.array([-0.5 * stone.pavilion_mm, 0.0, stone.girdle_mm]))
        assert -0.01 < reach[1] <= 1e-9 and -0.02 < reach[2] <= 1e-9 and reach[0] < -0.3
    assert 20.0 < slope_deg(body, below=False) < 60.0 and slope_deg(body, below=True) > 38.0


def test_what_was_measured_stands_for_the_ideal() -> None:
    ideal = fancy(of("oval", "8x6 mm"))
    stone = fancy(
        ordered(
            "{cut: oval, size: 8x6 mm, measured: {length_mm: 8.12, width_mm: 5.94, depth_mm: 3.9, table_percent: 60,"
            " girdle_percent: 4}}"
        )
    )
    assert (stone.length_mm, stone.width_mm) == (8.12, 5.94) and stone.depth_mm == pytest.approx(3.9, abs=1e-12)
    assert stone.table_share == 0.60 and stone.girdle_mm == pytest.approx(0.04 * 5.94)
    assert stone.weight_ct > ideal.weight_ct
    # a heavier gem of the same weight is smaller, by the cube root of the densities
    diamond, ruby = (fancy(ordered(f"{{cut: oval, size: 1.2 ct, gem: {gem}}}")) for gem in ("diamond", "ruby"))
    ratio = (diamond.density_g_cm3 / ruby.density_g_cm3) ** (1 / 3)
    assert ruby.length_mm / diamond.length_mm == pytest.approx(ratio, rel=1e-9)
    assert diamond.weight_ct == pytest.approx(1.2) and diamond.length_mm / diamond.width_mm == pytest.approx(1.35)


WRONG = (
    ("{cut: oval, size: 6x8 mm}", "", "stone.size", "8x6 mm"),
    ("{cut: oval, size: 7x6.8 mm}", "", "stone.size", "8.2x6.8 mm"),
    ("{cut: oval, size: 12x6 mm}", "", "stone.size", "10.2x6 mm"),
    ("{cut: asscher, size: 8x6 mm}", "", "stone.size", "6.4x6 mm"),
    ("{cut: round, size: 8x6 mm}", "", "stone.size", "cut: oval"),
    ("{cut: hart, size: 6 mm}", "", "stone.cut", "did you mean"),
    ("{cut: emerald, size: 8x6 mm}", "head: {prongs: 6}\n", "head.prongs", "prongs: 4"),
    ("{cut: oval, size: 8x6 mm}", "head: {style: stand}\n", "head.style", "basket"),
    ("{cut: oval, size: 8x6 mm, measured: {length_mm: 9.2}}", "", "stone.measured.length_mm", "correct"),
    ("{cut: oval, size: 8x6 mm, measured: {depth_mm: 2.2}}", "", "stone.measured.depth_mm", "measure"),
    ("{cut: oval, size: 8x6 mm, measured: {pavilion_angle_deg: 41}}", "", "stone.measured", "depth_mm"),
    ("{cut: round, size: 6 mm, measured: {length_mm: 6}}", "", "stone.measured", "size"),
)


@pytest.mark.parametrize(("stone", "more", "field", "hint"), WRONG)
def test_what_cannot_be_is_refused_with_what_would_do(stone: str, more: str, field: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(parse_spec(f"{HEAD}stone: {stone}\n{more}"), "ring")
    problem = next(problem for problem in caught.value.problems if problem.field == field)
    assert hint in (problem.suggestion or "")


def test_the_command_line_says_so_and_returns_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "ring.yaml"
    spec.write_text(HEAD + "stone: {cut: oval, size: 6x8 mm}\n", encoding="utf-8")
    assert main(["build", str(spec), "--json", "--no-pictures"]) == 2
    told = json.loads(capfd.readouterr().out)
    assert "8x6 mm" in json.dumps(told)
    spec.write_text(HEAD.replace("US 7", "US 7\ntemplate: bezel_solitaire") + "stone: {cut: emerald, size: 8x6 mm}\n",
                    encoding="utf-8")  # fmt: skip
    assert main(["build", str(spec), "--json", "--no-pictures"]) == 2
    assert "sets no stone of cut emerald" in capfd.readouterr().out


# -- finished rings -----------------------------------------------------------------------------------------


def seat_stands(ring: HeadedRing, built: BuiltRing) -> None:
    """The labelled seat against the stone's own planes: on the pavilion and crown, clear of the girdle all along."""
    stone = fancy(ring)
    labels = np.array([name == "seat_center" for name in built.mesh.face_names])
    faces = np.asarray(built.mesh.triangles)[labels[np.asarray(built.mesh.face_index)]]
    points = np.asarray(built.mesh.vertices)[np.unique(faces)] - np.array([0.0, 0.0, ring.head.girdle_z_mm])
    normals, offsets = facet_planes(stone)
    upright = np.abs(normals[:, 2]) < 1e-6
    slanted = (points @ normals[~upright].T - offsets[~upright]).max(axis=1)
    beside = (points @ normals[upright].T - offsets[upright]).max(axis=1)
    assert slanted.max() < 1e-5 and beside.max() < ring.head.girdle_clearance_mm + 1e-5
    bears = np.abs(slanted) < 1e-5
    assert np.all(bears | (np.abs(beside - ring.head.girdle_clearance_mm) < 1e-5))
    # every prong has both, at its place and no deeper than a notch of its share reaches
    for place in prong_places(cut_stone(stone), ring.head.prongs):
        near = np.hypot(*(points[:, :2] - np.array(place.point)).T) < 0.75 * ring.head.prong_diameter_girdle_mm
        assert np.count_nonzero(near & bears & (points[:, 2] < 0.0)) >= 3
        assert np.count_nonzero(near & ~bears) >= 2
    girdle = np.array([p.point for p in prong_places(cut_stone(stone), ring.head.prongs)])
    away = np.hypot(*(points[:, None, :2] - girdle).transpose(2, 0, 1)).min(axis=1)
    assert away.max() < 1.1 * ring.head.prong_diameter_base_mm


def judged(cut: str, size: str, more: str = "") -> None:
    """A whole ring: sound, its seat on the stone's planes, no rule broken in either state, no wall too thin."""
    ring, built, caster = made(cut, size, more)
    seat_stands(ring, built)
    report = judge_settings(caster, ring)
    assert not report.findings, [finding.message for finding in report.findings]
    states = {row["state"] for row in report.rules}
    assert states == {"as_cast", "as_set"}
    for site in measure_sites(caster.mesh, caster, ring):
        assert site.min_mm >= site.limit_mm - 0.01, site
    found = measured(ring, caster)
    for prong, profile in zip(found.prongs, found.profiles, strict=True):
        assert prong.notch_share == pytest.approx(ring.head.notch_share, abs=0.035)
        assert prong.clearance_mm == pytest.approx(ring.head.girdle_clearance_mm, abs=0.012)
        assert prong.full_mm == pytest.approx(ring.head.prong_diameter_girdle_mm, rel=0.03)
        spots = [place.point for place in prong_places(cut_stone(fancy(ring)), ring.head.prongs)]
        assert min(math.dist(profile.place.point, spot) for spot in spots) < 0.03
    assert found.seat is not None and found.seat.tilt_deg < 1e-3 and abs(found.seat.angle_off_deg) < 0.01
    assert abs(found.seat.height_mm) < 1e-4 and found.seat.aside_mm < 1e-4


@pytest.mark.parametrize(("cut", "size"), [("oval", "8x6 mm"), ("emerald", "8x6 mm")])
def test_a_stone_sits_in_its_seat(cut: str, size: str) -> None:
    judged(cut, size)


@pytest.mark.slow
@pytest.mark.parametrize(("cut", "size"), EVERY)
def test_every_cut_and_size_sits_in_its_seat(cut: str, size: str) -> None:
    judged(cut, size)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cut", "size", "more"),
    [
        ("oval", "8x6 mm", "head: {prongs: 6}\n"),
        ("cushion", "9x8 mm", "head: {prongs: 8}\n"),
        ("oval", "7x5 mm", "gallery: {shoulders: cathedral}\n"),
        ("cushion", "7x6.5 mm", "gallery: {shoulders: cathedral}\nhead: {tip: almond}\n"),
        ("radiant", "7x6 mm", "gallery: {shoulders: cathedral}\n"),
        ("emerald", "9x6.5 mm", "gallery: {shoulders: cathedral}\n"),
    ],
)
def test_six_prongs_and_cathedrals_hold_other_cuts(cut: str, size: str, more: str) -> None:
    judged(cut, size, more)


@pytest.mark.parametrize("cut", ["oval", "emerald"])
def test_a_seat_elsewhere_is_found_elsewhere(cut: str) -> None:
    """The same metal asked for a stone that should sit higher, aside or tilted says by how much it is off."""
    ring, _, caster = made(cut, "8x6 mm")
    higher = measured(ring, caster, up=0.08).seat
    assert higher is not None and higher.height_mm == pytest.approx(-0.08, abs=0.01) and higher.aside_mm < 0.01
    aside = measured(ring, caster, aside=0.08).seat
    assert aside is not None and aside.aside_mm == pytest.approx(0.08, abs=0.01)
    turned = measured(ring, caster, turned=1.5).seat
    assert turned is not None and turned.tilt_deg == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize("cut", ["oval", "emerald"])
def test_a_larger_stone_does_not_go_in(cut: str) -> None:
    ring, _, caster = made(cut, "8x6 mm")
    stone = fancy(ring)
    grown_stone = stone.model_copy(update={"length_mm": stone.length_mm + 0.2, "width_mm": stone.width_mm + 0.2})
    fits, tight = measured(ring, caster), measured(ring, caster, grown_stone)
    assert fits.interference_mm < 1e-4 < 0.03 < tight.interference_mm
    assert min(prong.clearance_mm for prong in tight.prongs) < -0.03
    # closed, the prongs hold the stone in every motion, and more than they did as cast
    assert fits.closed.loose_mm < 0.05 and fits.closed.hold_mm > max(0.3, fits.cast.hold_mm)
