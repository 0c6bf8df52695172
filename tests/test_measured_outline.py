"""Girdles as measured: the outline through their points, what is no girdle, and a seat that follows one."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, cKDTree
from test_fancy_settings import fancy, measured, of, ordered

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.kernel.genus import mesh_genus
from ringcad.resolved import HeadedRing
from ringcad.stones.measured import arc_chain, counter_clockwise, farthest_apart, position_toward
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.outline import Arc
from ringcad.stones.placed import convex_body, prong_places
from ringcad.stones.stone import facet_polygons, reference_stone, volume_mm3
from ringcad.template import BuiltRing
from ringcad.templates.solitaire import build
from ringcad.templates.solitaire import plan as planning
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.sites import measure_sites

Array = NDArray[np.float64]


def girdle(turn: Array, width: float = 6.0, length: float = 8.0) -> Array:
    """(n, 2) points of an oval with one fuller flank and one fuller end, in closed form."""
    x = 0.5 * width * np.cos(turn) * (1.0 + 0.018 * np.sin(turn) + 0.01 * np.cos(2.0 * turn + 0.4))
    y = 0.5 * length * np.sin(turn) * (1.0 + 0.012 * np.cos(turn + 0.3))
    return np.column_stack([x, y])


def around(count: int) -> Array:
    return np.linspace(0.0, math.tau, count, endpoint=False) + 0.07


def told(points: Array, more: str = "", size: str = "8x6 mm", cut: str = "oval") -> str:
    listed = ", ".join(f"[{x:.4f}, {y:.4f}]" for x, y in points)
    return f"{{cut: {cut}, size: {size}, measured: {{outline_mm: [{listed}]{more}}}}}"


# -- the outline --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "within_mm"), [(16, 0.008), (24, 0.003), (48, 0.001)])
def test_the_outline_passes_through_every_point_and_keeps_to_the_girdle(count: int, within_mm: float) -> None:
    points = girdle(around(count))
    outline = arc_chain(tuple((x, y) for x, y in points))
    assert np.array([outline.at(float(2 * k)) for k in range(count)]) == pytest.approx(points, abs=1e-12)
    assert not outline.corners and all(isinstance(s, Arc) and s.sweep_rad > 0.0 for s in outline.segments)
    assert sum(s.sweep_rad for s in outline.segments if isinstance(s, Arc)) == pytest.approx(math.tau)
    line = girdle(np.linspace(0.0, math.tau, 60_000))
    assert cKDTree(line).query(outline.points(1e-5))[0].max() < within_mm
    twice = line[:-1, 0] * line[1:, 1] - line[1:, 0] * line[:-1, 1]
    assert outline.area_mm2 == pytest.approx(0.5 * float(twice.sum()), rel=4e-3 / count)


def test_points_on_a_circle_give_the_circle() -> None:
    turn = np.sort(np.random.default_rng(3).uniform(0.0, math.tau, 40))
    outline = arc_chain(counter_clockwise([(3.0 * math.cos(t), 3.0 * math.sin(t)) for t in turn[::-1]]))
    radii = [s.radius_x_mm for s in outline.segments if isinstance(s, Arc)]
    assert radii == pytest.approx([3.0] * len(radii), rel=1e-6)


def test_a_direction_has_one_place() -> None:
    outline = arc_chain(tuple((x, y) for x, y in girdle(around(24))))
    for azimuth in np.linspace(-math.pi, 3.0, 37):
        x, y = outline.at(position_toward(outline, float(azimuth)))
        assert (x, y) == pytest.approx(np.hypot(x, y) * np.array([math.cos(azimuth), math.sin(azimuth)]), abs=1e-9)


def test_an_ideal_girdle_that_was_measured_is_the_ideal_stone() -> None:
    for cut, width, length in (("oval", 6.0, 8.0), ("cushion", 6.0, 7.0)):
        ideal = reference_stone(cut, width, length)
        count = len(ideal.outline.segments)
        points = tuple(ideal.outline.at(count * k / 48.0) for k in range(48))
        stone = replace(ideal, outline_mm=points)
        assert volume_mm3(stone) == pytest.approx(volume_mm3(ideal), rel=1e-3)
        assert abs(farthest_apart(points, ideal.outline)[1]) < 1e-9
        for one, two in zip(prong_places(stone, 4), prong_places(ideal, 4), strict=True):
            assert math.dist(one.point, two.point) < 2e-3
            assert one.azimuth_rad == pytest.approx(two.azimuth_rad, abs=0.03)


def test_the_faceted_stone_is_convex_and_keeps_to_the_measured_girdle() -> None:
    stone = cut_stone(fancy(ordered(told(girdle(around(28))))))
    points = np.concatenate(facet_polygons(stone))
    assert volume_mm3(stone) == pytest.approx(ConvexHull(points).volume, rel=1e-7)
    body = convex_body(stone)
    belt = np.concatenate([loop for n, loop in zip(body.normals, body.facets, strict=True) if abs(n[2]) < 1e-6])
    line = girdle(np.linspace(0.0, math.tau, 60_000))
    line -= 0.5 * (line.max(axis=0) + line.min(axis=0))
    assert cKDTree(line).query(belt[:, :2])[0].max() < 0.006
    assert 0.02 < np.abs(line[np.argmax(line[:, 1])] @ [1.0, 0.0])  # the ends do not lie on the axis


def test_length_and_width_are_those_of_the_points() -> None:
    points = girdle(around(28))
    stone, ideal = fancy(ordered(told(points, ", depth_mm: 3.8, table_percent: 60"))), fancy(of("oval", "8x6 mm"))
    line = girdle(np.linspace(0.0, math.tau, 60_000))
    assert (stone.width_mm, stone.length_mm) == pytest.approx(tuple(np.ptp(line, axis=0)), abs=0.004)
    assert stone.depth_mm == pytest.approx(3.8, abs=1e-12) and stone.table_share == 0.60
    assert stone.weight_ct == pytest.approx(ideal.weight_ct * 3.8 / ideal.depth_mm, rel=0.05)
    turned = fancy(ordered(told(points[::-1] + 17.0, ", depth_mm: 3.8, table_percent: 60")))
    assert turned.weight_ct == pytest.approx(stone.weight_ct, rel=1e-6)  # clockwise, from another origin: the same


# -- what is no girdle --------------------------------------------------------------------------------------

ROUND = girdle(around(24))


def _moved(at: int, way_mm: float) -> Array:
    points = ROUND.copy()
    points[at] *= 1.0 + way_mm / np.linalg.norm(points[at])
    return points


def _exchanged(a: int, b: int) -> Array:
    points = ROUND.copy()
    points[[a, b]] = points[[b, a]]
    return points


WRONG = (
    (told(girdle(around(12))), "has too few points", "every 22 degrees"),
    (told(ROUND / 25.4), "inches", "multiply every number by 25.4"),
    (told(ROUND / 10.0), "centimetres", "multiply every number by 10"),
    (told(ROUND[:, ::-1]), "lies across", "exchange the two numbers"),
    (told(ROUND[:20]), "is open between point 20", "between the two"),
    (told(_exchanged(5, 6)), "crosses itself", "in the order"),
    (told(_moved(7, -0.25)), "dent at point 8", "leave that point out, or move it outward by 0."),
    (told(_moved(7, 0.5)), "", "leave that point out"),
    (told(girdle(around(24), 6.8, 9.2)), "", "correct 'size'"),
    (told(ROUND, cut="cushion", size="8x6 mm"), "", "'cut'"),
    (told(ROUND, ", length_mm: 8.3"), "not that of the measured outline", "leave it out, or use 8.00"),
    (told(ROUND, cut="pear", size="9x6 mm"), "is not read for a stone of cut pear", "length_mm and width_mm"),
)


@pytest.mark.parametrize(("stone", "message", "hint"), WRONG, ids=[row[2][:24] for row in WRONG])
def test_points_that_are_no_girdle_are_refused_with_what_would_do(stone: str, message: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        ordered(stone)
    found = [(problem.message, problem.suggestion or "") for problem in caught.value.problems]
    assert any(message in told and hint in fix for told, fix in found), found


def test_a_dent_is_mended_by_what_its_message_says() -> None:
    with pytest.raises(SpecError) as caught:
        ordered(told(_moved(7, -0.25)))
    out = float((caught.value.problems[0].suggestion or "").rsplit(" ", 2)[1])
    ordered(told(_moved(7, out - 0.25)))
    ordered(told(np.delete(_moved(7, -0.25), 7, axis=0)))


def test_a_template_that_does_not_follow_a_girdle_says_so() -> None:
    with pytest.raises(SpecError) as caught:
        ordered(told(ROUND), "template: halo\n")
    problem = caught.value.problems[0]
    assert problem.field == "stone.measured.outline_mm" and "template: solitaire" in (problem.suggestion or "")


# -- the finished ring --------------------------------------------------------------------------------------


@cache
def made() -> tuple[HeadedRing, BuiltRing, RayCaster]:
    """A ring round the irregular oval, by 28 points of it to a tenth of a micrometre."""
    ring = ordered(told(girdle(around(28))))
    plan = planning.plan(ring, {})
    built = build.build(plan, build.core(ring, lambda stage: None), lambda stage: None)
    sound = build.soundness(plan, built)
    assert not sound.findings and sound.expected_genus == mesh_genus(built.mesh.triangles)
    snapped = np.round(np.asarray(built.mesh.vertices) * 2**19) / 2**19
    return ring, built, RayCaster(TriangleMesh(snapped, np.asarray(built.mesh.triangles, dtype=np.int64)))


def test_the_seat_follows_the_girdle_that_was_measured() -> None:
    """Upright walls of the labelled notches against the girdle's closed form, which the program never saw."""
    ring, built, caster = made()
    labels = np.array([name == "seat_center" for name in built.mesh.face_names])
    faces = np.asarray(built.mesh.triangles)[labels[np.asarray(built.mesh.face_index)]]
    corners = np.asarray(built.mesh.vertices)[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    upright = np.abs(normals[:, 2]) < 1e-3 * np.linalg.norm(normals, axis=1)
    walls = corners[upright].reshape(-1, 3)
    line = girdle(np.linspace(0.0, math.tau, 60_000))
    line -= 0.5 * (line.max(axis=0) + line.min(axis=0))
    clear = cKDTree(line).query(walls[:, :2])[0]
    assert len(walls) > 100 and np.abs(clear - ring.head.girdle_clearance_mm).max() < 0.004
    # a seat for the ideal oval of the same size would be off by more than a seat may be
    ideal = reference_stone("oval", fancy(ring).width_mm, fancy(ring).length_mm).outline.points(1e-6)
    assert np.abs(cKDTree(ideal).query(walls[:, :2])[0] - ring.head.girdle_clearance_mm).max() > 0.02
    report = judge_settings(caster, ring)
    assert not report.findings, [finding.message for finding in report.findings]
    for site in measure_sites(caster.mesh, caster, ring):
        assert site.min_mm >= site.limit_mm - 0.01, site
    found = measured(ring, caster)
    assert found.count == 4 and found.seat is not None
    assert found.seat.tilt_deg < 1e-3 and found.seat.aside_mm < 1e-4 and abs(found.seat.height_mm) < 1e-4
    for prong in found.prongs:
        assert prong.clearance_mm == pytest.approx(ring.head.girdle_clearance_mm, abs=0.012)
        assert prong.full_mm == pytest.approx(ring.head.prong_diameter_girdle_mm, rel=0.03)


def test_the_same_metal_does_not_take_the_stone_turned_over() -> None:
    """The verifier knows the measured girdle: turned half round, the stone no longer goes in."""
    ring, _, caster = made()
    stone = fancy(ring)
    turned = stone.model_copy(update={"outline_mm": tuple((-x, -y) for x, y in stone.outline_mm)})
    fits, tight = measured(ring, caster), measured(ring, caster, turned)
    assert fits.interference_mm < 1e-4 < 0.02 < tight.interference_mm
    assert min(prong.clearance_mm for prong in tight.prongs) < 0.0
    other = ring.model_copy(update={"stone": turned})
    assert FindingCode.STONE_INTERFERENCE in {finding.code for finding in judge_settings(caster, other).findings}
