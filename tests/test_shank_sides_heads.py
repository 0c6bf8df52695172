"""Relief on the flanks beside a head: where it runs, which way it reads, and what the finished meshes measure."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ringcad.core.errors import SpecError
from ringcad.export.stl import stl_bytes
from ringcad.fit import head_block
from ringcad.fit.display import Display, fine_display
from ringcad.generation import Relief, ZoneSize
from ringcad.kernel.genus import mesh_genus
from ringcad.registry import load_template
from ringcad.resolve import resolve
from ringcad.resolve.sides import flank_heights
from ringcad.resolved import ResolvedRing
from ringcad.spec import parse_spec
from ringcad.template import RingPlan
from ringcad.templates.solitaire import block, shape
from ringcad.verify.rays import RayCaster
from ringcad.verify.side_relief import measure_side_detail, measure_sides, side_heights
from ringcad.verify.stl import read_stl

SHANK = (
    "{profile: flat, width_mm: {top: 2.8, bottom: 2.4}, thickness_mm: {top: 2.4, bottom: 2.2}, "
    "outer_edge_radius_mm: 0.3, inner_edge_radius_mm: 0.3}"
)
TEXT = (
    "ringcad: 1\ntemplate: solitaire\nring_size: US 7\nmetal: 18k_yellow_gold\n"
    "stone: {cut: round, size: 6.5 mm, gem: diamond}\n"
    f"shank: {SHANK}\ndecoration:\n  - {{region: shank.sides, prompt: laurel}}\n"
)
CATHEDRAL = "gallery: {shoulders: cathedral}\n"
ROW = "accents: [{setting: bead, stone: {cut: round, size: 1.3 mm}, count: 5, on: [shoulders]}]\n"
FLUSH = (
    "accents: [{setting: flush, stone: {cut: round, size: 1.3 mm}, count: 3, on: [left_shoulder, right_shoulder]}]\n"
)
RINGS = {
    "basket": TEXT,
    "cathedral": TEXT + CATHEDRAL,
    "stand": TEXT + "head: {style: stand}\n",
    "bezel": TEXT.replace("template: solitaire", "template: bezel_solitaire"),
    "halo": TEXT.replace("template: solitaire", "template: halo").replace("6.5 mm", "5.5 mm"),
    "three_stone": TEXT.replace("template: solitaire", "template: three_stone"),
    "pave": TEXT.replace("template: solitaire", "template: pave_solitaire") + ROW,
    "flush": TEXT + FLUSH,
    "comfort_d": TEXT.replace("profile: flat", "profile: comfort_d").replace("bottom: 2.2", "bottom: 2.4"),
}


def ring(text: str = TEXT) -> ResolvedRing:
    return resolve(parse_spec(text), "flanks")


def wedges(size: ZoneSize, upright: bool = False) -> Relief:
    """Bars across the flank, 0.8 mm wide and as far apart, along the first third: unlike their mirror image."""
    columns, rows = round(size.length_mm * 24), round(size.width_mm * 24)
    u = np.broadcast_to((np.arange(columns) + 0.5) / 24.0, (rows, columns))
    height = np.clip(2.5 * np.sin(math.tau * u / 1.6) + 0.5, 0.0, 1.0) * (u < size.length_mm / 3.0)
    return Relief(height.astype(np.float32), size.length_mm, size.width_mm, upright=upright)


def planned(found: ResolvedRing, upright: bool = False) -> RingPlan:
    template = load_template(found.template)
    sizes = template.zones(found)
    made = template.plan(found, {name: wedges(size, upright) for name, size in sizes.items()})
    assert isinstance(made, RingPlan)
    return made


def seen_from_the_side(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Where a ray along the finger first meets metal, NaN for none: of the whole ring, and densely beside the head."""
    places = [np.meshgrid(np.arange(-12.0, 12.0, 0.15), np.arange(-12.0, 12.0, 0.15))]
    places.append(np.meshgrid(np.arange(2.6, 4.5, 0.02), np.arange(9.6, 12.0, 0.02)))
    x, z = (np.concatenate([place[k].ravel() for place in places]) for k in range(2))
    start = np.stack([x, np.full(x.size, -9.0), z], axis=1)
    way = np.broadcast_to(np.array([0.0, 1.0, 0.0]), start.shape)
    distance, face = RayCaster(read_stl(stl_bytes(vertices, triangles))).first_hit(start, way)
    return np.where(face >= 0, distance, np.nan)


def depths(plan: RingPlan) -> tuple[np.ndarray, np.ndarray]:
    """How far the coefficients (stations, from the outer edge inward) of the left and the right flank lie inside."""
    nets = plan.nets
    share = np.linspace(0.0, 1.0, nets.right.shape[1])[None, :]
    right = nets.outer[:, -1:, 1] * (1.0 - share) + nets.inner[:, :1, 1] * share - nets.right[..., 1]
    left = nets.left[:, ::-1, 1] - (nets.outer[:, :1, 1] * (1.0 - share) + nets.inner[:, -1:, 1] * share)
    return left, right


@pytest.mark.parametrize("name", RINGS)
def test_it_begins_beyond_the_head_and_runs_to_the_bottom(name: str) -> None:
    found = ring(RINGS[name])
    zone = found.side_decoration
    assert zone is not None and zone.phi_end_deg == 180.0 and zone.id == "sides"
    plan = planned(found)
    left, right = depths(plan)
    away = np.abs(plan.nets.stations.phi_deg)
    for one in (left, right):
        # within the shank's width, as deep as it was asked for, plain beside the head and along both edges
        assert one.min() > -1e-4 and abs(one.max() - 0.25) < 1e-4
        assert np.abs(one[away < zone.phi_start_deg]).max() < 1e-4
        assert np.abs(one[:, [0, 1, -2, -1]]).max() < 1e-4
        # the ground of the panel goes on through the bottom
        assert one[0].max() > 0.249
    assert np.allclose(left, right, atol=1e-4)
    assert np.allclose(left[1:], left[:0:-1], atol=1e-4)  # either shoulder mirrors the other


def test_where_it_begins() -> None:
    assert ring().decoration[0].phi_start_deg == 33.0  # the bridge under a basket ends there
    found = ring(RINGS["cathedral"])
    assert found.gallery is not None
    assert found.decoration[0].phi_start_deg == math.ceil(found.gallery.lift_phi_deg)
    found = ring(RINGS["flush"])
    last = max(abs(seat.phi_deg) for accent in found.accents for seat in accent.seats)
    assert found.decoration[0].phi_start_deg > last + 3.0
    found = ring(RINGS["three_stone"])
    assert found.sides is not None and found.decoration[0].phi_start_deg >= found.sides.lift_deg


def test_the_block_ends_plain() -> None:
    found = ring()
    plan = planned(found)
    end = head_block.end_station(block.of(found, shape.limb_nets(found)), plan.nets)
    left, right = depths(plan)
    middle = len(left) // 2
    for one in (left, right):
        assert not np.abs(one[middle - (end - middle) - 1 : end + 2]).max() > 1e-4


@pytest.mark.parametrize("upright", [True, False])
def test_writing_reads_clockwise_on_all_four_flanks_and_ornament_is_mirrored(upright: bool) -> None:
    found = ring(TEXT.replace("laurel", "laurel, mode: engrave"))
    plan = planned(found, upright)
    left, right = depths(plan)
    phi = plan.nets.stations.phi_deg
    begins = 0  # flanks on which the drawing begins where a reader of clockwise writing does
    for flank, clockwise in ((left, 1.0), (right, -1.0)):  # seen from outside, angles grow clockwise on the left
        for side in (1.0, -1.0):
            stations = np.flatnonzero(side * phi > found.decoration[0].phi_start_deg)
            order = stations[np.argsort(clockwise * phi[stations])]
            carved = np.flatnonzero(flank[order].max(axis=1) > 0.1)
            begins += bool(carved.max() < 0.4 * len(order))
    assert begins == (4 if upright else 2)


def test_one_drawing_under_the_finger() -> None:
    found = ring(TEXT.replace("laurel", "laurel, mirrored: false, mode: engrave"))
    (zone,) = found.decoration
    assert zone.phi_end_deg == 360.0 - zone.phi_start_deg
    whole, half = (load_template("solitaire").zones(r)["sides"] for r in (found, ring()))
    assert 1.9 < whole.length_mm / (half.length_mm + 0.6) < 2.1
    left, _ = depths(planned(found))
    phi = shape.limb_nets(found).stations.phi_deg
    carved = phi[left.max(axis=1) > 0.1]
    assert carved.min() > zone.phi_start_deg - 1.0 and carved.max() < 132.0  # the first third, on the right shoulder


def test_coverage_leaves_the_bottom_plain() -> None:
    found = ring(TEXT.replace("laurel", "laurel, coverage_deg: 100"))
    assert found.decoration[0].phi_end_deg == 133.0
    left, right = depths(planned(found))
    low = np.abs(shape.limb_nets(found).stations.phi_deg) > 133.5
    assert max(np.abs(left[low]).max(), np.abs(right[low]).max()) < 1e-4


def test_the_flanks_height_is_the_nets() -> None:
    found = ring(RINGS["cathedral"])
    nets = shape.limb_nets(found)
    away = np.abs(nets.stations.phi_deg)
    there = away > found.decoration[0].phi_start_deg + 6.0
    measured = np.linalg.norm(nets.right[:, 0] - nets.right[:, -1], axis=1)[there]
    # roundings take a little less of a flat crown than their radius
    assert np.all(np.abs(measured - flank_heights(found.shank, away[there])) < 0.05)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("{profile: flat, ", "{profile: ellipse, ", "shank.outer_edge_radius_mm"),
        (SHANK, "{profile: ellipse, width_mm: 2.8, thickness_mm: 2.4}", "shank.profile"),
        (SHANK, SHANK.replace("bottom: 2.2", "bottom: 1.6"), "shank.thickness_mm.bottom"),
        (SHANK, SHANK.replace("flat,", "flat, split: true, head_width_mm: 5.0,"), "decoration.0.region"),
        (SHANK, SHANK.replace("flat,", "flat, bypass: true,"), "decoration.0.region"),
        (
            SHANK,
            SHANK.replace("flat,", "flat, hollow: true,").replace("2.8", "5").replace("2.4}", "5}"),
            "decoration.0.region",
        ),
        ("laurel", "laurel, depth_mm: 0.3", "decoration.0.depth_mm"),
        ("laurel", "laurel, coverage_deg: 160", "decoration.0.coverage_deg"),
        ("laurel", "laurel, mirrored: false, coverage_deg: 90", "decoration.0.coverage_deg"),
    ],
)
def test_refusals(old: str, new: str, field: str) -> None:
    assert old in TEXT
    with pytest.raises(SpecError) as refused:
        ring(TEXT.replace(old, new))
    problems = {problem.field: problem for problem in refused.value.problems}
    assert field in problems, problems
    assert problems[field].suggestion


def test_the_bottom_a_refusal_names_is_enough() -> None:
    low = TEXT.replace("bottom: 2.2", "bottom: 1.6")
    with pytest.raises(SpecError) as refused:
        ring(low)
    fix = next(p.suggestion for p in refused.value.problems if p.field == "shank.thickness_mm.bottom")
    assert fix is not None
    assert ring(low.replace("bottom: 1.6", f"bottom: {fix.split()[-1]}")).side_decoration is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", RINGS)
def test_finished_rings(name: str) -> None:
    """One sound solid; metal between the floors, strokes and depth as planned; no wider than its width."""
    found = ring(RINGS[name])
    template, plan = load_template(found.template), planned(found)
    built = template.build(plan, None, lambda _: None)
    sound = template.soundness(plan, built)
    assert not sound.findings and sound.expected_genus == mesh_genus(built.mesh.triangles)
    mesh = read_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles))
    caster = RayCaster(mesh)
    zone = found.side_decoration
    assert zone is not None
    (site,) = measure_sides(caster, found)
    assert site.min_mm >= plan.summary["wall_bound_mm"]["shank_side"]["bound_mm"]
    assert abs(site.min_mm - 1.9) < 0.03  # 2.4 at the bottom, less both floors
    detail = measure_side_detail(caster, found, zone)
    assert detail is not None and abs(detail.depth_mm - 0.25) < 0.03 and not detail.refused
    for sign in (-1.0, 1.0):
        for height, _ in side_heights(caster, found, zone, sign):
            assert -0.26 < np.nanmin(height) < -0.24 and np.nanmax(height) < 0.01
    # pictures show the flanks' own splines, and the same body
    delivered = Display(built.mesh.vertices, built.mesh.triangles, built.mesh.corner_normals)
    shown = fine_display(
        delivered, built.mesh.face_index, built.mesh.face_names, plan.nets, plan.skin, plan.tile_stations
    )
    assert len(shown.triangles) > len(delivered.triangles)
    first, second = (seen_from_the_side(one.vertices, one.triangles) for one in (delivered, shown))
    assert np.sum(np.isfinite(first) != np.isfinite(second)) < 40  # outlines alone; an arch drawn over has hundreds
    assert np.nanquantile(np.abs(first - second), 0.95) < 0.015
    below = mesh.vertices[mesh.vertices[:, 2] < 0.0]
    assert np.ptp(below[:, 1]) <= 2.8 + 1e-4
