"""V prongs over the points of stones, heads that differ fore and aft, and 3, 5 and 8 prongs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from test_fancy_settings import fancy, made, measured, of, ordered

from ringcad.core.errors import InputError, SpecError
from ringcad.core.findings import FindingCode
from ringcad.fit import v_prong
from ringcad.fit.rail_section import profile
from ringcad.resolved import FancyStone, HeadedRing
from ringcad.seats.bodies import facet_planes
from ringcad.stones.hoops import distance_to_path, hoop_path, path_points
from ringcad.stones.of_ring import cut_stone, rail_path
from ringcad.stones.placed import HALF_CUTS, convex_body, pavilion_bound, point_sides, prong_counts, prong_places
from ringcad.stones.stone import reference_stone, solids, without_inner_plane
from ringcad.template import BuiltRing
from ringcad.templates.solitaire import shape
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.pad_zone import UNDER_POINT_MM
from ringcad.verify.rail_line import rail_line
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.fancy_body import FancyBody
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.sites import local_wall_limits, measure_sites

SIZES = {
    "princess": ("6 mm", "4.5 mm", "8 mm"),
    "marquise": ("10x5 mm", "8x4 mm", "14x7 mm"),
    "baguette": ("8x4 mm", "6x3 mm", "12x4 mm"),
    "pear": ("9x6 mm", "7x5 mm", "12x8 mm"),
    "trillion": ("7 mm", "6 mm", "9 mm"),
    "heart": ("6 mm", "7x7.5 mm", "10 mm"),
    "tapered_baguette": ("11x6 mm", "12x6.5 mm", "14x7 mm"),
}
EVERY = [(cut, size) for cut, sizes in SIZES.items() for size in sizes]
ONE = [(cut, sizes[0]) for cut, sizes in SIZES.items()]
#: V prongs among the usual number.
POINTS = {"princess": 4, "marquise": 2, "baguette": 4, "pear": 1, "trillion": 3, "heart": 1, "tapered_baguette": 4}


def own_side(stone: FancyStone, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points where the planes of a stone are asked about them: a heart's are those of its right half."""
    right = points.copy()
    if stone.cut == "heart":
        right[:, 0] = np.abs(right[:, 0])
    return right


def bridged(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outline with a straight line over its cleft, where there is one."""
    return np.asarray(outline[ConvexHull(outline).vertices])


# -- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cut", "size"), ONE)
def test_v_prongs_stand_over_points_and_the_others_on_the_girdle(cut: str, size: str) -> None:
    ring = of(cut, size)
    stone, head = fancy(ring), ring.head
    outline = cut_stone(stone).placed_outline
    pad = head.v_prong
    assert pad is not None and head.prongs == prong_counts(cut)[0] == len(head.places)
    points = [stand for stand in head.places if stand.point_mm is not None]
    assert len(points) == POINTS[cut]
    corners = {corner.point: corner.opening_deg for corner in outline.corners}
    for stand in points:
        assert stand.point_mm in corners
        # a chord's angle is no wider than the tangents'; of straight sides it is the corner's own
        assert stand.opening_deg <= corners[stand.point_mm] + 1e-6
        assert stand.opening_deg > corners[stand.point_mm] - 25.0
        # the post stands under the point, on the line that halves it
        way = np.array([math.cos(math.radians(stand.azimuth_deg)), math.sin(math.radians(stand.azimuth_deg))])
        off = np.array([stand.x_mm, stand.y_mm]) - np.array(stand.point_mm)
        assert abs(off[0] * way[1] - off[1] * way[0]) < 1e-9
        assert abs(v_prong.post_axis_mm(head, stand, 0.0)) < 0.5 * head.prong_diameter_girdle_mm + 0.1
    line = outline.points(1e-5)
    for stand in head.places:
        if stand.point_mm is None:
            way = np.array([math.cos(math.radians(stand.azimuth_deg)), math.sin(math.radians(stand.azimuth_deg))])
            girdle = np.array([stand.x_mm, stand.y_mm]) + 0.5 * stone.width_mm * way
            assert abs(distance_to_path(girdle[None], line)[0]) < 2e-5
            beside = line if cut != "heart" else line[line[:, 0] * girdle[0] >= 0.0]  # each lobe is convex
            assert np.max((beside - girdle) @ way) < 1e-9
    # every head is its own mirror image about x = 0, and about y = 0 where the stone is
    spots = {(round(p.x_mm, 6) + 0.0, round(p.y_mm, 6) + 0.0) for p in head.places}
    assert {(-x + 0.0, y) for x, y in spots} == spots
    assert ({(x, -y + 0.0) for x, y in spots} == spots) == (cut not in HALF_CUTS) == shape.alike_across(ring)
    low, high = outline.bounds_mm[1], outline.bounds_mm[3]
    assert low == pytest.approx(-high, abs=1e-9)


@pytest.mark.parametrize(("cut", "size"), ONE)
def test_pads_are_as_thick_and_long_as_said(cut: str, size: str) -> None:
    """Distances of the pad's faces from the stone's own sides, on the polygons that the kernel gets."""
    ring = of(cut, size)
    head, pad = ring.head, ring.head.v_prong
    assert pad is not None
    for stand in head.places:
        if stand.point_mm is None:
            continue
        polygons = v_prong.polygons(head, stand, v_prong.pad_rows(head, stand))
        points = np.concatenate(polygons)
        areas = np.array([np.cross(loop, np.roll(loop, -1, axis=0)).sum(axis=0) for loop in polygons])
        assert np.abs(areas.sum(axis=0)).max() < 1e-9 * np.abs(areas).sum()  # closed
        assert points[:, 2].max() == pytest.approx(head.girdle_z_mm + pad.top_mm)
        assert points[:, 2].min() == pytest.approx(head.girdle_z_mm - pad.depth_mm)
        half, lean = 0.5 * math.radians(stand.opening_deg), math.tan(math.radians(head.prong_lean_deg))
        turn = math.radians(stand.azimuth_deg)
        body = [v_prong.pad_rows(head, stand), v_prong.opening_rows(head, stand, ring.stone.girdle_mm)]
        for side in (1.0, -1.0):
            normal = (math.sin(half), side * math.cos(half))
            leaning = pytest.approx((*normal, -lean * normal[0]))
            outer, inner = (next(row[3] for row in rows if row[:3] == leaning) for rows in body)
            assert outer - inner == pytest.approx(pad.wall_mm + stand.bow_mm)
            assert -inner == pytest.approx(pad.notch_mm - head.girdle_clearance_mm)
            # the stone's side between the point and the wall's end: inside the chord's line by none, outside by the bow
            along = np.array([math.cos(turn - side * (math.pi - half)), math.sin(turn - side * (math.pi - half))])
            out = np.array(
                [math.cos(turn + side * (0.5 * math.pi - half)), math.sin(turn + side * (0.5 * math.pi - half))]
            )
            outline = cut_stone(fancy(ring)).placed_outline.points(1e-5) - np.array(stand.point_mm)
            beside = outline[(np.hypot(*outline.T) < pad.length_mm) & (outline @ along * side**2 > 0.0)]
            rises = beside @ out
            assert rises.max(initial=0.0) < stand.bow_mm + 2e-3


@pytest.mark.parametrize(("cut", "size"), ONE)
def test_rails_run_inside_the_girdle_and_clear_of_the_pavilion(cut: str, size: str) -> None:
    ring = of(cut, size)
    stone = fancy(ring)
    normals, offsets = facet_planes(stone)
    outline = cut_stone(stone).placed_outline.points(1e-4)
    for rail in ring.gallery.rails:
        path = rail_path(stone, rail)
        for one, two in itertools.pairwise(path):
            assert math.dist(one.point(1.0), two.point(0.0)) < 1e-9
            assert math.dist(one.tangent(1.0), two.tangent(0.0)) < 1e-9
        line = path_points(path, step_mm=0.05)
        inward = 0.5 * stone.width_mm - 0.5 * (rail.outer_radius_mm + rail.inner_radius_mm)
        inset = -distance_to_path(line, bridged(outline))
        assert inset.min() == pytest.approx(inward, abs=2e-3)
        assert 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm) - inward < 0.1  # hardly seen from above
        for r, z in profile(rail, stone, ring.head.girdle_z_mm, ring.gallery.rail_clearance_mm):
            swept = path_points(path, r - 0.5 * (rail.outer_radius_mm + rail.inner_radius_mm), 0.05)
            points = np.column_stack([own_side(stone, swept), np.full(len(swept), z - ring.head.girdle_z_mm)])
            assert float((points @ normals.T - offsets).max(axis=1).min()) >= ring.gallery.rail_clearance_mm - 0.01


@pytest.mark.parametrize("cut", [*HALF_CUTS, "princess", "marquise", "baguette"])
def test_hoops_keep_their_distance_and_close_when_there_is_none(cut: str) -> None:
    stone = reference_stone(cut, 8.0)
    path = hoop_path(stone, 0.6, 0.4)
    loop = path_points(path, step_mm=0.05)
    following = np.roll(loop, -1, axis=0)
    assert float(np.sum(loop[:, 0] * following[:, 1] - following[:, 0] * loop[:, 1])) > 0.0
    line = bridged(stone.placed_outline.points(1e-4))  # over a heart's cleft a hoop runs straight
    assert -distance_to_path(loop, line).max() == pytest.approx(0.6, abs=1e-3)
    assert np.abs(np.hypot(*(following - loop).T)).max() < 0.06
    with pytest.raises(InputError):
        hoop_path(stone, 3.9, 0.4)


def test_a_stone_is_centred_by_its_length_and_keeps_its_shape() -> None:
    for cut in HALF_CUTS:
        stone = reference_stone(cut, 6.0)
        placed = convex_body(stone)
        points = np.concatenate(placed.facets)
        plain = np.concatenate(without_inner_plane(solids(stone)[0]).facets)
        assert points - plain == pytest.approx(np.broadcast_to([0.0, stone.forward_mm, 0.0], points.shape))
        assert (points @ placed.normals.T - placed.offsets).max() < 1e-9
        assert points[:, 1].max() == pytest.approx(-points[:, 1].min(), abs=0.02)


def test_a_roof_over_a_steep_pavilion_clears_it() -> None:
    stone = reference_stone("princess", 6.0)
    body = convex_body(stone)
    slope, drop = pavilion_bound(stone, body)
    assert 50.0 < slope < 60.0 and drop > 0.3
    points = np.concatenate([loop for n, loop in zip(body.normals, body.facets, strict=True) if n[2] < -1e-6])
    inset = 3.0 - np.abs(points[:, :2]).max(axis=1)
    assert (-points[:, 2] - inset * math.tan(math.radians(slope)) - drop).max() < 1e-9
    flat = reference_stone("oval", 6.0)
    assert pavilion_bound(flat, convex_body(flat))[1] == 0.0


def test_the_sides_of_a_point_by_chords() -> None:
    square = reference_stone("princess", 6.0)
    place = prong_places(square, 4)[0]
    half, turn = point_sides(square.placed_outline, place, 1.2)
    assert (math.degrees(half), math.degrees(turn)) == pytest.approx((45.0, 45.0))
    lens = reference_stone("marquise", 5.0)
    place = prong_places(lens, 6)[1]
    half, turn = point_sides(lens.placed_outline, place, 1.2)
    radius = (4.75**2 + 2.5**2) / 5.0
    # tangent and chord differ by half the angle of the arc, whose chord this is
    tangent = 0.5 * math.radians(place.opening_deg or 0.0)
    assert half == pytest.approx(tangent - math.asin(0.6 / radius), abs=1e-6)
    assert math.degrees(turn) == pytest.approx(90.0)


WRONG = (
    ("{cut: marquise, size: 10x5 mm}", "head: {prongs: 4}\n", "head.prongs", "prongs: 6"),
    ("{cut: pear, size: 9x6 mm}", "head: {prongs: 4}\n", "head.prongs", "prongs: 5"),
    ("{cut: heart, size: 7x7 mm}", "head: {prongs: 4}\n", "head.prongs", "prongs: 5"),
    ("{cut: heart, size: 9x7 mm}", "", "stone.size", "8x7 mm"),
    ("{cut: princess, size: 6 mm}", "head: {v_length_mm: 2.8}\n", "head.v_length_mm", "1.2"),
    ("{cut: princess, size: 6 mm}", "head: {v_wall_mm: 0.7}\n", "head.v_wall_mm", "0.98"),
    ("{cut: princess, size: 6 mm}", "head: {v_wall_mm: 3}\n", "head.v_wall_mm", "use 1.96, or leave it out for 0.98"),
    ("{cut: cushion, size: 7 mm}", "head: {prongs: 8}\n", "head.prong_diameter_mm", "use 'prongs: 4'"),
    ("{cut: heart, size: 3.5 mm}", "", "head.prong_diameter_mm", "use 'prongs: 3'"),
    ("{cut: round, size: 4.2 mm}", "head: {prongs: 6, prong_diameter_mm: 1.7}\n", "head.prong_diameter_mm", "use 1.43"),
    ("{cut: princess, size: 6 mm}", "head: {style: stand}\n", "head.style", "basket"),
    ("{cut: round, size: 6 mm}", "head: {v_length_mm: 1.2}\n", "head.v_length_mm", "remove it"),
    ("{cut: oval, size: 8x6 mm}", "head: {v_wall_mm: 1.0}\n", "head.v_wall_mm", "remove it"),
)


@pytest.mark.parametrize(("stone", "more", "field", "hint"), WRONG)
def test_what_cannot_be_is_refused_with_what_would_do(stone: str, more: str, field: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        ordered(stone, more)
    problem = next(problem for problem in caught.value.problems if problem.field == field)
    assert hint in (problem.suggestion or "")


@pytest.mark.parametrize("count", [3, 4, 5, 6, 8])
def test_any_number_of_prongs_is_alike_left_and_right(count: int) -> None:
    ring = ordered("{cut: round, size: 7 mm}", f"head: {{prongs: {count}}}\n")
    turns = np.radians([stand.azimuth_deg for stand in ring.head.stands])
    assert len(turns) == count
    away = np.exp(1j * turns)
    assert np.abs(-np.conj(away)[:, None] - away).min(axis=1).max() < 1e-9
    assert shape.alike_across(ring) == (count % 2 == 0)
    assert np.abs(np.sin(turns)).min() > 0.1  # none on the plane in which the shoulders meet


# -- finished rings -----------------------------------------------------------------------------------------


def judged(cut: str, size: str, more: str = "") -> tuple[HeadedRing, BuiltRing, RayCaster]:
    """A whole ring: sound, its seat on the stone's planes, no rule broken in either state, no wall too thin."""
    ring, built, caster = made(cut, size, more)
    pad = ring.head.v_prong
    assert pad is not None
    stone = fancy(ring)
    labels = np.array([name == "seat_center" for name in built.mesh.face_names])
    faces = np.asarray(built.mesh.triangles)[labels[np.asarray(built.mesh.face_index)]]
    points = np.asarray(built.mesh.vertices)[np.unique(faces)] - np.array([0.0, 0.0, ring.head.girdle_z_mm])
    points = own_side(stone, points)
    normals, offsets = facet_planes(stone)
    upright = np.abs(normals[:, 2]) < 1e-6
    slanted = (points @ normals[~upright].T - offsets[~upright]).max(axis=1)
    beside = (points @ normals[upright].T - offsets[upright]).max(axis=1)
    assert slanted.max() < 1e-5 and beside.max() < ring.head.girdle_clearance_mm + 1e-5
    assert np.all((np.abs(slanted) < 1e-5) | (np.abs(beside - ring.head.girdle_clearance_mm) < 1e-5))
    report = judge_settings(caster, ring)
    assert not report.findings, [finding.message for finding in report.findings]
    for site in measure_sites(caster.mesh, caster, ring):
        assert site.min_mm >= site.limit_mm - 0.01, site
    found = measured(ring, caster)
    assert found.count == ring.head.prongs and len(found.points) == POINTS[cut]
    assert len(found.prongs) == found.count + len(found.points)
    for number, prong, at in zip(found.numbers, found.prongs, found.profiles, strict=True):
        assert prong.clearance_mm == pytest.approx(ring.head.girdle_clearance_mm, abs=0.012)
        if number in found.points:
            bow = max(stand.bow_mm for stand in ring.head.places)
            assert -0.03 * pad.wall_mm < prong.full_mm - pad.wall_mm < bow + 0.03 * pad.wall_mm
            assert prong.behind_mm > pad.wall_mm - pad.notch_mm - 0.02
            assert prong.bearing_mm > 0.1 and at.place.opening_deg is None
        else:
            assert prong.full_mm == pytest.approx(ring.head.prong_diameter_girdle_mm, rel=0.03)
    spots = [stand.point_mm for stand in ring.head.places if stand.point_mm is not None]
    for point in found.points.values():
        assert min(math.dist(point.place_mm, spot) for spot in spots) < 1e-9
        assert point.room_mm == pytest.approx(0.5 * pad.relief_diameter_mm, abs=0.02)
        assert min(point.behind_mm, point.under_mm) > ring.foundry.prong_min_mm
        assert point.covered_mm == pytest.approx((pad.length_mm, pad.length_mm), abs=0.08)
    seat = found.seat
    assert seat is not None and seat.tilt_deg < 1e-3 and abs(seat.height_mm) < 1e-4 and seat.aside_mm < 1e-4
    return ring, built, caster


def test_a_princess_sits_in_v_prongs() -> None:
    judged("princess", "6 mm")


@pytest.mark.parametrize(("cut", "size"), EVERY)
def test_a_pad_has_a_prong_s_limit_and_the_rail_inside_it_its_own(cut: str, size: str) -> None:
    # a trillion of 6 mm in silver: the rail of 0.98 mm, 1.4 mm from the posts, was held to a prong's 1.00
    ring, rail_mm, prong_mm = of(cut, size), 0.9, 1.0
    walls = {"wall_min_mm": 0.7, "rail_min_mm": rail_mm, "prong_min_mm": prong_mm}
    ring = ring.model_copy(update={"foundry": ring.foundry.model_copy(update=walls)})
    head, rail, random = ring.head, ring.gallery.rails[0], np.random.default_rng(5)
    assert head.v_prong is not None
    stands = [stand for stand in head.stands if stand.point_mm is not None]
    faces = [loop for s in stands for loop in v_prong.polygons(head, s, v_prong.pad_rows(head, s))]
    skin = np.concatenate([np.concatenate([loop, random.dirichlet(np.ones(len(loop)), 100) @ loop]) for loop in faces])
    under = head.girdle_z_mm - skin[:, 2]
    skin = skin[(under > UNDER_POINT_MM) & (under < head.v_prong.depth_mm - 1e-6)]
    assert len(skin) > 500 and set(local_wall_limits(ring, skin)) == {prong_mm}
    line, out = rail_line(rail)
    inner = line - out * (0.5 * (rail.outer_radius_mm - rail.inner_radius_mm))
    # of the lower half of the inside, which the pavilion leaves alone; posts lie on the outside
    for z in np.linspace(rail.bottom_z_mm, 0.5 * (rail.bottom_z_mm + rail.top_z_mm), 9):
        found = local_wall_limits(ring, np.column_stack([inner, np.full(len(inner), z)]))
        assert set(found) == {rail_mm}


@pytest.mark.slow
@pytest.mark.parametrize(("cut", "size"), EVERY)
def test_every_cut_with_points_sits_in_its_seat(cut: str, size: str) -> None:
    judged(cut, size)


@pytest.mark.slow
def test_a_pear_in_three_prongs_and_a_princess_in_a_cathedral() -> None:
    judged("pear", "9x6 mm", "head: {prongs: 3}\n")
    judged("princess", "6 mm", "gallery: {shoulders: cathedral}\n")


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 5, 8])
def test_a_round_stone_sits_in_any_number_of_prongs(count: int) -> None:
    ring, _, caster = made("round", "7 mm", f"head: {{prongs: {count}}}\n")
    report = judge_settings(caster, ring)
    assert not report.findings, [finding.message for finding in report.findings]
    for site in measure_sites(caster.mesh, caster, ring):
        assert site.min_mm >= site.limit_mm - 0.01, site


def _codes(vertices: NDArray[np.float64], built: BuiltRing, ring: HeadedRing) -> set[tuple[FindingCode, str]]:
    mesh = TriangleMesh(vertices, np.asarray(built.mesh.triangles, dtype=np.int64))
    return {(finding.code, finding.message) for finding in judge_settings(RayCaster(mesh), ring).findings}


def test_a_v_prong_that_was_spoilt_is_found() -> None:
    """A wall filed thin, a wall cut short, a point without room: vertices of one pad are moved, nothing else."""
    ring, built, caster = made("princess", "6 mm")
    stand, pad = ring.head.places[0], ring.head.v_prong
    assert pad is not None and stand.point_mm is not None
    plain = caster.mesh.vertices
    offset = plain - np.array([*stand.point_mm, ring.head.girdle_z_mm])
    high = (offset[:, 2] > -1.2) & (np.abs(offset[:, :2]).max(axis=1) < 2.5)
    thin = plain.copy()
    thin[:, 0] -= np.where(high & (offset[:, 0] > 0.4), 0.2, 0.0)
    found = _codes(thin, built, ring)
    assert any(code == FindingCode.PRONG_SECTION and "wall" in message for code, message in found)
    short = plain.copy()
    ends = high & (offset[:, 1] < -0.6) & (offset[:, 0] > -0.3) & (offset[:, 2] > -0.5)
    short[:, 1] += np.where(ends, 0.3, 0.0)
    found = _codes(short, built, ring)
    assert any("covers" in message or "differ" in message for code, message in found)
    stone = fancy(ring)
    larger = stone.model_copy(update={"length_mm": stone.length_mm + 0.2, "width_mm": stone.width_mm + 0.2})
    point = measured(ring, caster, larger).points[1]
    assert point.room_mm < 0.1 < measured(ring, caster).points[1].room_mm


def test_a_seat_elsewhere_is_found_elsewhere() -> None:
    ring, _, caster = made("princess", "6 mm")
    higher = measured(ring, caster, up=0.08).seat
    assert higher is not None and higher.height_mm == pytest.approx(-0.08, abs=0.01) and higher.aside_mm < 0.01
    aside = measured(ring, caster, aside=0.08).seat
    assert aside is not None and aside.aside_mm == pytest.approx(0.08, abs=0.01)
    assert len(FancyBody(fancy(ring)).points) == 4
