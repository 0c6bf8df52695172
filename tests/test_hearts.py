"""Hearts: two convex bodies that are one stone; their seat, their cleft, light through them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from test_fancy_settings import fancy, made, measured, of
from test_v_prongs import judged

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.kernel.parts import polyhedron
from ringcad.render import loops
from ringcad.render.gems import Gems, gems
from ringcad.render.scene import StoneInstance
from ringcad.resolved import FancyStone
from ringcad.seats.bodies import facet_polygons
from ringcad.standards import cut, gem
from ringcad.stones.halfspaces import facets
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.placed import convex_bodies, convex_body, folded, grown, prong_counts, prong_places
from ringcad.stones.stone import reference_stone, volume_mm3, weight_ct
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.fancy_body import FancyBody
from ringcad.verify.setting.rules import judge_settings

Array = NDArray[np.float64]


# -- the stone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.9, 1.0, 1.15])
def test_the_girdle_is_the_outline_and_the_cleft_is_open(ratio: float) -> None:
    """Cuts of the faceted model by level planes, by its two bodies, against the outline in closed form."""
    stone = reference_stone("heart", 6.0, 6.0 * ratio)
    x, y = np.meshgrid(np.linspace(-3.1, 3.1, 621), np.linspace(-3.6, 3.6, 721))
    points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 0.5 * stone.girdle_mm)])
    inside = np.zeros(len(points), dtype=bool)
    for body in convex_bodies(stone):
        inside |= np.all(points @ body.normals.T <= body.offsets + 1e-12, axis=1)
    assert np.count_nonzero(inside) * 1e-4 == pytest.approx(stone.outline.area_mm2, rel=3e-3)
    half = convex_body(stone)
    by_half = np.all(folded(half, points) @ half.normals.T <= half.offsets + 1e-12, axis=1)
    assert np.array_equal(inside, by_half)
    cleft = next(corner for corner in stone.placed_outline.corners if corner.opening_deg > 180.0)
    depth = stone.placed_outline.bounds_mm[3] - cleft.point[1]
    lobe = stone.shape_percent / 100.0 * stone.width_mm
    assert depth == pytest.approx(lobe - math.sqrt(lobe**2 - (0.5 * stone.width_mm - lobe) ** 2), abs=1e-9)
    assert 0.10 < depth / stone.length_mm < 0.16
    above = np.array([[0.0, cleft.point[1] + 0.05, 0.5 * stone.girdle_mm]])
    ordered = fancy(of("heart", "6 mm")).model_copy(update={"length_mm": 6.0 * ratio})
    assert FancyBody(ordered).girdle_depth(above[:, 0], above[:, 1])[0] < -0.02


def test_weight_lies_in_the_band_of_published_tables() -> None:
    """ct = 0.0059 x length x width x depth for diamonds (gemgate.com), and the fill of the table of cuts."""
    stone = reference_stone("heart", 6.0)
    box = stone.length_mm * stone.width_mm * stone.depth_mm
    assert weight_ct(stone, gem("diamond").density_g_cm3) == pytest.approx(0.0059 * box, rel=0.12)
    assert volume_mm3(stone) / box == pytest.approx(cut("heart").fill_share, rel=0.10)
    ring = of("heart", "1.5 ct")
    assert weight_ct(cut_stone(fancy(ring)), 3.52) == pytest.approx(1.5) and ring.stone.weight_ct == pytest.approx(1.5)


def test_the_facets_under_the_cleft_are_no_walls() -> None:
    stone = reference_stone("heart", 6.0)
    body = convex_body(stone)
    down = body.normals[:, 2] < -1e-6
    slopes = np.degrees(np.arctan2(np.hypot(body.normals[down, 0], body.normals[down, 1]), -body.normals[down, 2]))
    assert 35.0 < slopes.min() and slopes.max() < 72.0


def test_a_grown_half_and_its_image_keep_their_distance() -> None:
    stone = reference_stone("heart", 6.0)
    body = convex_body(stone)
    points = np.concatenate(grown(body, girdle_mm=0.04))
    assert points[:, 0].min() == pytest.approx(-0.05)
    right = points[points[:, 0] >= 0.0]
    upright = np.abs(body.normals[:, 2]) < 1e-6
    outside = right @ body.normals.T - body.offsets
    assert outside[:, ~upright].max() < 1e-9 and outside[:, upright].max() == pytest.approx(0.04, abs=1e-9)


def test_the_body_for_other_programs_is_closed_and_weighs_the_same() -> None:
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps

    stone = fancy(of("heart", "6 mm"))
    solid = polyhedron(facet_polygons(stone), "stone")
    found = GProp_GProps()
    BRepGProp.VolumeProperties_s(solid.shape, found)
    assert found.Mass() == pytest.approx(volume_mm3(cut_stone(stone)), rel=1e-6)


# -- how it is held -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", prong_counts("heart"))
def test_no_prong_stands_in_the_cleft(count: int) -> None:
    stone = reference_stone("heart", 6.0)
    cleft = next(corner for corner in stone.placed_outline.corners if corner.opening_deg > 180.0)
    places = prong_places(stone, count)
    assert sum(place.opening_deg is not None for place in places) == 1
    assert min(math.dist(place.point, cleft.point) for place in places) > 0.2 * stone.width_mm
    assert all(any(math.dist((-place.point[0], place.point[1]), other.point) < 1e-9 for other in places)
               for place in places)  # fmt: skip


def test_a_heart_sits_in_its_seat_and_its_cleft_is_free() -> None:
    """The whole ring by every rule; then by the same metal for a stone elsewhere, and by metal in the cleft."""
    ring, built, caster = judged("heart", "6 mm")
    found = measured(ring, caster)
    ((cleft, room),) = found.clefts
    assert room > 0.4 and cleft.place_mm[0] == pytest.approx(0.0, abs=1e-9)
    higher = measured(ring, caster, up=0.08).seat
    assert higher is not None and higher.height_mm == pytest.approx(-0.08, abs=0.01) and higher.aside_mm < 0.01
    aside = measured(ring, caster, aside=0.08).seat
    assert aside is not None and aside.aside_mm == pytest.approx(0.08, abs=0.01)
    turned = measured(ring, caster, turned=1.5).seat
    assert turned is not None and turned.tilt_deg == pytest.approx(1.5, abs=0.2)
    stone = fancy(ring)
    larger = stone.model_copy(update={"length_mm": stone.length_mm + 0.2, "width_mm": stone.width_mm + 0.2})
    tight = measured(ring, caster, larger)
    assert tight.interference_mm > 0.03 > 1e-4 > found.interference_mm
    # a bead of metal that the caster left in the cleft, a little below the girdle's middle
    centre = np.array([0.0, cleft.place_mm[1] + 0.13, ring.head.girdle_z_mm - 0.06])
    corners = centre + 0.1 * np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
    bead = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    vertices, triangles = caster.mesh.vertices, np.asarray(built.mesh.triangles, dtype=np.int64)
    spoilt = TriangleMesh(np.concatenate([vertices, corners]), np.concatenate([triangles, bead + len(vertices)]))
    codes = {(f.code, f.message) for f in judge_settings(RayCaster(spoilt), ring).findings}
    assert any(code == FindingCode.GIRDLE_CLEARANCE and "cleft" in message for code, message in codes)


@pytest.mark.slow
def test_a_spoilt_heart_is_found() -> None:
    """A wall of its V prong filed thin; a lobe's prong bent away: vertices are moved, nothing else."""
    ring, built, caster = made("heart", "6 mm")
    triangles = np.asarray(built.mesh.triangles, dtype=np.int64)
    plain = caster.mesh.vertices
    high = plain[:, 2] > ring.head.girdle_z_mm - 1.2
    spot = next(stand.point_mm for stand in ring.head.places if stand.point_mm is not None)
    near = high & (np.hypot(plain[:, 0] - spot[0], plain[:, 1] - spot[1]) < 2.0)
    thin = plain.copy()
    thin[:, 1] += np.where(near & (plain[:, 1] < spot[1] - 0.3), 0.3, 0.0)
    codes = {finding.code for finding in judge_settings(RayCaster(TriangleMesh(thin, triangles)), ring).findings}
    assert FindingCode.PRONG_SECTION in codes
    lobe = prong_places(cut_stone(fancy(ring)), 5)[0].point
    bent = plain.copy()
    near = high & (np.hypot(plain[:, 0] - lobe[0], plain[:, 1] - lobe[1]) < 1.2)
    bent[:, 1] += np.where(near, 0.15, 0.0)
    codes = {finding.code for finding in judge_settings(RayCaster(TriangleMesh(bent, triangles)), ring).findings}
    assert codes & {FindingCode.SEAT_POSITION, FindingCode.SEAT_BEARING, FindingCode.GIRDLE_CLEARANCE}


@pytest.mark.parametrize(
    ("name", "size", "fix"),
    [("heart", "6x8 mm", "use '7.2x8 mm'"), ("oval", "6x8 mm", "write '8x6 mm'"), ("princess", "5x5.1 mm", "5.1x5")],
)
def test_a_stone_is_wider_than_long_where_its_cut_is(name: str, size: str, fix: str) -> None:
    """Hearts of the trade are 0.90 to 1.15 times as long as wide; what no cut is has the smallest fix."""
    wide = of("heart", "7x7.5 mm").stone
    assert isinstance(wide, FancyStone) and (wide.length_mm, wide.width_mm) == (7.0, 7.5)
    with pytest.raises(SpecError) as error:
        of(name, size)
    (problem,) = (one for one in error.value.problems if one.field == "stone.size")
    assert fix in (problem.suggestion or "")


@pytest.mark.slow
@pytest.mark.parametrize(("size", "more"), [("7x7.5 mm", ""), ("7 mm", "head: {prongs: 3}\n"),
                                            ("7 mm", "gallery: {shoulders: cathedral}\n")])  # fmt: skip
def test_hearts_in_three_prongs_and_in_a_cathedral(size: str, more: str) -> None:
    judged("heart", size, more)


# -- light --------------------------------------------------------------------------------------------------


def _instance(normals: Array, offsets: Array, door: int | None = None, beyond: int = 0) -> StoneInstance:
    polygons = tuple(loop[:0] if k == door else loop for k, loop in enumerate(facets(normals, offsets)))
    return StoneInstance(normals, offsets, 1.77, (0.8, 0.1, 0.2), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0),
                         polygons=polygons, door=door, beyond=beyond)  # fmt: skip


def _light(made_of: Gems, rays: Array) -> list[list[tuple[float, ...]]]:
    """Where each ray's light comes from: place, direction and weight, strongest first; rays fall along -z."""
    corners = made_of.vertices[made_of.triangles].astype(np.float64)
    facet = []
    for x, y in rays[:, :2]:
        best = (-math.inf, -1)
        for k, (a, b, c) in enumerate(corners):
            area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
            if area <= 1e-12:
                continue
            u = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
            v = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
            if min(u, v, 1.0 - u - v) >= 0.0:
                best = max(best, (float(a[2] + u * (b[2] - a[2]) + v * (c[2] - a[2])), k))
        facet.append(best[1])
    count, bounces = len(rays), 24
    room = count * (bounces + 1)
    owner = np.empty(room, np.int64)
    at, to, red, blue, weight = (np.empty((room, 3), np.float32) for _ in range(5))
    found = loops.through_stones(
        np.arange(count), rays.astype(np.float32), np.tile(np.array([[0.0, 0.0, -1.0]], np.float32), (count, 1)),
        np.array(facet, np.int32), made_of.plane_of, made_of.stone_of, made_of.planes,
        made_of.planes.astype(np.float32), np.empty(int(np.diff(made_of.first).max()) + 6, np.float32), made_of.first,
        made_of.belt, made_of.core, made_of.door, made_of.index, made_of.fire, made_of.loss, bounces, owner, at, to,
        red, blue, weight,
    )  # fmt: skip
    return [
        sorted(
            ((*at[k].tolist(), *to[k].tolist(), *weight[k].tolist()) for k in range(found) if owner[k] == ray),
            key=lambda row: -row[6],
        )
        for ray in range(count)
    ]


def test_light_passes_from_one_half_to_the_other_as_if_there_were_none() -> None:
    """A pear, once whole and once as two bodies with a door between them: every ray brings the same light."""
    body = convex_body(reference_stone("pear", 6.0))
    doors = [np.array([[side, 0.0, 0.0]]) for side in (-1.0, 1.0)]
    k = len(body.normals)
    halves = tuple(
        _instance(np.concatenate([body.normals, door]), np.append(body.offsets, 0.0), k, 1 - 2 * number)
        for number, door in enumerate(doors)
    )
    rng = np.random.default_rng(5)
    rays = np.column_stack([rng.uniform(-2.0, 2.0, 60), rng.uniform(-2.5, 2.0, 60), np.full(60, 20.0)])
    one, two = (_light(gems(stones), rays) for stones in ((_instance(body.normals, body.offsets),), halves))
    strong = 0
    for whole, parted in zip(one, two, strict=True):
        rows = [row for row in whole if row[6] > 0.02]
        for row, other in zip(rows, parted, strict=False):
            assert other[3:6] == pytest.approx(row[3:6], abs=2e-3)
            assert other[6:9] == pytest.approx(row[6:9], rel=0.05, abs=2e-3)
            strong += 1
    assert strong > 150
