"""Relief on the wall round an oval: its chart and stretch, the closed net, the bound, and what the gate measures."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from ringcad.core.findings import Severity
from ringcad.export.stl import stl_bytes
from ringcad.fit import bezel_rings, bezel_section, spline
from ringcad.fit.bezel_wall import WALL_FACES, inner_lines, wall_chart
from ringcad.fit.closed_wall import spline_net, wall_bounds
from ringcad.generation import Relief
from ringcad.kernel.boolean import check
from ringcad.kernel.genus import mesh_genus
from ringcad.resolve import resolve
from ringcad.resolved import BezelRing, Decoration, bezeled
from ringcad.spec import parse_spec
from ringcad.stones.girdles import Girdle, girdle_of
from ringcad.template import BuiltRing, RingPlan
from ringcad.templates.bezel_solitaire import build, shape, template
from ringcad.verify.check import verify_stl
from ringcad.verify.rays import RayCaster
from ringcad.verify.stl import read_stl
from ringcad.verify.wall_relief import SITE, measure_wall, wall_heights

HEAD = "ringcad: 1\ntemplate: bezel_solitaire\nring_size: US 7\nmetal: 18k_yellow_gold\n"
WALL = "decoration:\n  - {region: bezel.wall, prompt: ivy, depth_mm: 0.3}\n"
BARS = 20


def ring(stone: str, more: str = "") -> BezelRing:
    found = bezeled(resolve(parse_spec(f"{HEAD}stone: {{{stone}}}\n{more}{WALL}"), "wall"))
    assert found is not None
    return found


def girdle(found: BezelRing) -> Girdle:
    one = girdle_of(found.stone)
    assert one is not None
    return one


def entry_of(found: BezelRing) -> Decoration:
    return next(entry for entry in found.decoration if entry.region == "bezel.wall")


def bars(found: BezelRing) -> Relief:
    """Upright bars all round, evenly, with soft flanks and ends."""
    size = wall_chart(found).size
    columns, rows = round(size.length_mm * 24), round(size.width_mm * 24)
    u, v = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows * size.width_mm)
    high = np.clip(2.5 * np.sin(BARS * math.tau * u) + 0.5, 0.0, 1.0) * np.clip(
        8.0 * np.minimum(v, 2.0) - 1.0, 0.0, 1.0
    )
    return Relief(high.astype(np.float32), size.length_mm, size.width_mm)


@pytest.mark.parametrize(
    "stone",
    [
        "cut: oval, size: 9x7 mm",
        "cut: oval, size: 5x4 mm",
        "cut: cabochon, size: 10x8 mm",
        "cut: cushion, size: 7x6.5 mm",
    ],
)
def test_the_chart_follows_the_girdle_and_tells_its_stretch(stone: str) -> None:
    found = ring(stone)
    chart, line = wall_chart(found), girdle(found)
    # stations lie at even distances along a line parallel to the girdle, whose length is the girdle's and 2 pi out
    out = chart.radius_mm - line.half_width_mm
    at = line.line(chart.azimuth_rad, 1.0, out)
    steps = np.hypot(*(np.roll(at, -1, axis=0) - at).T)
    assert steps.max() / steps.min() < 1.001
    around = line.along(0.0, 0.0)[1][-1]
    assert chart.size.length_mm == pytest.approx(around + math.tau * out, abs=1e-3) and chart.size.closed
    assert at[0] == pytest.approx([0.0, line.half_length_mm + out], abs=1e-9)  # begins behind
    # rows above and below it are longer and shorter as their distance from the centre of curvature is
    stretch = chart.round_stretch
    for row in (chart.rows[0], chart.rows[-1]):
        other = line.line(chart.azimuth_rad, 1.0, float(chart.section_mm[row, 0]) - line.half_width_mm)
        longer = np.hypot(*(np.roll(other, -1, axis=0) - other).T) / steps
        # but across the few spans where a cushion's arcs meet
        off = np.sort(np.abs(stretch[row] - longer))
        assert off[-13] < 2e-3 and (not line.even or off[-1] < 2e-3)
    assert 0.93 < stretch[chart.rows].min() < 1.0 < stretch[chart.rows].max() < 1.07
    assert chart.size.least_stretch == pytest.approx(float(stretch[chart.rows].min()), abs=1e-3)
    # without relief the spline is the plain outside, and its borders the lines that the kernel leaves open for it
    net = spline_net(chart, np.zeros((len(chart.azimuth_rad), len(chart.down_mm))))
    knots = spline.clamped_knots(net.shape[1])
    surface = (np.roll(net, 1, 0) + 4.0 * net + np.roll(net, -1, 0)) / 6.0
    rows = np.einsum("ab,nbc->nac", spline.collocation(knots, np.linspace(0.0, knots[-1], 40)), surface)
    _, off = line.nearest(rows[..., 0].ravel(), rows[..., 1].ravel())
    outline = bezel_section.outline(found.bezel, found.stone, 257)
    plain = np.interp(rows[..., 2].ravel(), outline[:, 1], outline[:, 0]) - line.half_width_mm
    assert np.abs(off - plain).max() < 5e-4
    ends = off.reshape(rows.shape[:2])[:, [0, -1]] + line.half_width_mm
    assert ends == pytest.approx(np.broadcast_to(chart.section_mm[[0, -1], 0], ends.shape), abs=2e-6)


def test_a_wall_that_bends_by_steps_stands_on_the_spline_of_its_relief() -> None:
    """Between the stations too the kernel's outside is within two micrometres of the girdle's own lines."""
    found = ring("cut: cushion, size: 7x6 mm")
    chart, line = wall_chart(found), girdle(found)
    net = spline_net(chart, np.zeros((len(chart.azimuth_rad), len(chart.down_mm))))
    fine = spline.subdivide_periodic(spline.subdivide_periodic(net))
    border = ((np.roll(fine, 1, 0) + 4.0 * fine + np.roll(fine, -1, 0)) / 6.0)[:, 0]
    _, off = line.nearest(border[:, 0], border[:, 1])
    away = off + line.half_width_mm - chart.section_mm[0, 0]
    assert 1e-5 < np.abs(away).max() < 2e-3  # more than sewing closes, less than a chord
    body = build.bezel(found, quarter=True)
    from ringcad.kernel.closed_net import closed_faces
    from ringcad.kernel.limb import joined, mirrored, without_caps

    first = without_caps(body)
    across = mirrored(first, 1, {})
    parts = [first, across, mirrored(first, 0, {}), mirrored(across, 0, {})]
    assert not check(joined(parts, {"relief": closed_faces(net)}))


def test_the_nearest_normal_parts_a_point_from_the_girdle() -> None:
    line = girdle(ring("cut: oval, size: 9x7 mm"))
    turn = np.linspace(-3.0, 3.0, 25)
    x, y = line.line(turn, 1.0, 0.9).T
    found, out = line.nearest(x, y)
    assert np.angle(np.exp(1j * (found - turn))) == pytest.approx(0.0, abs=1e-9)
    assert out == pytest.approx(0.9, abs=1e-9)


def test_the_bound_holds() -> None:
    """Against distances of dense points on the surface from dense points of what is cut inside."""
    found = ring("cut: oval, size: 7x5 mm", "bezel: {wall_thickness_mm: 1.2}\n")
    chart, line = wall_chart(found), girdle(found)
    rng = np.random.default_rng(5)
    heights = np.zeros((len(chart.azimuth_rad), len(chart.down_mm)))
    heights[:, chart.rows] = -0.3 * (rng.random((len(chart.azimuth_rad), len(chart.rows))) > 0.7)
    net = spline_net(chart, heights)
    slabs = bezel_section.inner_slabs(found.bezel, found.stone, found.bore_radius_mm)
    bound, _ = wall_bounds(net, chart, inner_lines(found, chart, slabs))
    knots = spline.clamped_knots(net.shape[1])
    surface = (np.roll(net, 1, 0) + 4.0 * net + np.roll(net, -1, 0)) / 6.0
    points = np.einsum("ab,nbc->nac", spline.collocation(knots, np.linspace(0.0, knots[-1], 60)), surface)
    rings = bezel_rings.inside_rings(found.bezel, found.stone, line, found.bore_radius_mm)
    share = np.linspace(0.0, 1.0, 25)[:, None]
    lines = np.concatenate([low + share * (high - low) for low, high in pairwise(rings)])
    inner = bezel_rings.points_on(line, lines, np.linspace(0.0, math.tau, 240)).reshape(-1, 3)
    from scipy.spatial import cKDTree

    apart = float(cKDTree(inner).query(points[::3].reshape(-1, 3))[0].min())
    assert apart - 0.25 < bound <= apart + 1e-3


@pytest.fixture(scope="module", params=["cut: oval, size: 8x6 mm", "cut: cushion, size: 7x6.5 mm"])
def one(request: pytest.FixtureRequest) -> tuple[BezelRing, RingPlan, BuiltRing]:
    found = ring(request.param, "bezel: {wall_thickness_mm: 1.2}\nshank: {width_mm: 3.4}\n")
    plan = shape.plan(found, {"bezel_wall": bars(found)})
    return found, plan, template.build(plan, None, lambda stage: None)


def test_the_gate_measures_the_wall_all_round(one: tuple[BezelRing, RingPlan, BuiltRing]) -> None:
    found, plan, built = one
    soundness = build.soundness(plan, built)
    assert not soundness.findings and WALL_FACES in built.solid.names
    assert soundness.expected_genus == mesh_genus(built.mesh.triangles) == 2
    data = stl_bytes(built.mesh.vertices, built.mesh.triangles)
    report = verify_stl(data, found, expected_genus=2)
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]
    walls, detail = report.measurements["walls"], report.measurements["detail"]["bezel_wall"]
    bound = plan.summary["wall_bound_mm"][WALL_FACES]["bound_mm"]
    assert found.foundry.wall_min_mm <= bound <= walls[SITE]["min_mm"] + 0.01
    assert detail["depth_mm"] == pytest.approx(0.3, abs=0.04) and detail["narrow_mm2"] == 0
    low, high = plan.summary["zones"]["bezel_wall"]["stretch"]["along"]
    assert 0.95 < low < 1.0 < high < 1.05
    height, _ = wall_heights(RayCaster(read_stl(data)), found, entry_of(found), slice(18, 30))
    assert np.isfinite(height).all()
    highest = plan.summary["zones"]["bezel_wall"]["height_max_mm"]
    assert height.max() == pytest.approx(highest, abs=0.02) and abs(height.min()) < 0.015
    crossings = np.count_nonzero(np.diff((height[6] > 0.5 * highest).astype(int)) == 1)
    assert crossings in (BARS, BARS + 1)


def test_a_wall_shaved_off_the_file_at_its_end_is_found(one: tuple[BezelRing, RingPlan, BuiltRing]) -> None:
    found, _, built = one
    vertices, band = built.mesh.vertices.copy(), found.bezel.band
    assert band is not None
    _, out = girdle(found).nearest(vertices[:, 0], vertices[:, 1])
    there = (np.abs(vertices[:, 2] - band.high_z_mm + 0.6) < 0.3) & (out > 0.6)
    there &= vertices[:, 1] > girdle(found).half_length_mm + 0.4
    vertices[there, 1] -= 1.0
    mesh = read_stl(stl_bytes(vertices, built.mesh.triangles))
    wide = found.model_copy(update={"foundry": found.foundry.model_copy(update={"relief_max_mm": 1.4})})
    (site,) = measure_wall(mesh, RayCaster(mesh), wide)
    sound = read_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles))
    (whole,) = measure_wall(sound, RayCaster(sound), found)
    assert whole.min_mm > site.limit_mm > site.min_mm
