"""Relief on a bezel's wall: its stretch, the closed chart, the bound, the metal, and what the certificate measures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ringcad.core.errors import Refused, SpecError, ZoneTooNarrow
from ringcad.core.findings import FindingCode, Severity
from ringcad.export.stl import stl_bytes
from ringcad.fit import bezel_section
from ringcad.fit.bezel_wall import WALL_FACES, fit_wall, inner_lines, wall_chart
from ringcad.fit.closed_wall import CALM_MM, spline_net, wall_bounds
from ringcad.generation import Relief
from ringcad.kernel.genus import mesh_genus
from ringcad.resolve import resolve
from ringcad.resolved import BezelRing, Decoration, bezeled
from ringcad.spec import parse_spec
from ringcad.template import BuiltRing, RingPlan
from ringcad.templates.bezel_solitaire import build, shape, template
from ringcad.verify.check import verify_stl
from ringcad.verify.rays import RayCaster
from ringcad.verify.stl import read_stl
from ringcad.verify.wall_relief import SITE, measure_wall, measure_wall_detail, wall_heights
from ringcad.widening import width_that_fits

HEAD = "ringcad: 1\ntemplate: bezel_solitaire\nring_size: US 7\nmetal: 18k_yellow_gold\n"
WALL = "decoration:\n  - {region: bezel.wall, prompt: ivy}\n"
Drawn = Callable[[np.ndarray, np.ndarray], np.ndarray]


def ring(text: str) -> BezelRing:
    found = bezeled(resolve(parse_spec(HEAD + text), "wall"))
    assert found is not None
    return found


def entry_of(found: BezelRing) -> Decoration:
    return next(entry for entry in found.decoration if entry.region == "bezel.wall")


def drawn(found: BezelRing, height: Drawn) -> Relief:
    """A relief of heights over (share round the stone, mm from the upper end)."""
    size = wall_chart(found).size
    columns, rows = round(size.length_mm * 24), round(size.width_mm * 24)
    u, v = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows * size.width_mm)
    return Relief(height(u, v).astype(np.float32), size.length_mm, size.width_mm)


def bars(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Upright bars all round, at 18 of them about 0.7 mm wide, with soft flanks."""
    return np.clip(2.5 * np.sin(18.0 * math.tau * u) + 0.5, 0.0, 1.0) * np.clip(
        8.0 * np.minimum(v, 2.0) - 1.0, 0.0, 1.0
    )


# -- numbers --------------------------------------------------------------------------------------------------


def test_the_bezel_is_made_as_tall_as_its_relief_wants() -> None:
    for size, metal in ((3.0, "sterling_silver"), (6.5, "18k_yellow_gold"), (9.0, "platinum_950")):
        text = HEAD.replace("18k_yellow_gold", metal) + f"stone: {{size: {size} mm}}\n"
        found = bezeled(resolve(parse_spec(text + WALL), "wall"))
        plain = bezeled(resolve(parse_spec(text), "plain"))
        assert found is not None and plain is not None and plain.bezel.band is None
        band, bezel = found.bezel.band, found.bezel
        assert band is not None
        assert band.height_mm == pytest.approx(min(max(0.46 * size, 1.8), 3.2), abs=1e-6)
        assert bezel.governed_by == "wall_relief" and bezel.height_above_finger_mm > plain.bezel.height_above_finger_mm
        # calm beside the girdle, and clear of shank and skirt below
        assert bezel.girdle_z_mm - band.high_z_mm == pytest.approx(0.25)
        radius, z = band.section_mm[-1]
        outer = found.bore_radius_mm + found.shank.thickness_top_mm
        assert math.hypot(radius, z) == pytest.approx(outer + 0.45, abs=0.02)
        # the plain outside, as the section says it
        outline = bezel_section.outline(bezel, found.stone, 129)
        for radius, z in band.section_mm:
            assert radius == pytest.approx(float(np.interp(z, outline[:, 1], outline[:, 0])), abs=0.002)
        entry = entry_of(found)
        assert (entry.id, entry.border, entry.phi_start_deg, entry.phi_end_deg) == ("bezel_wall", "none", 0.0, 0.0)


def test_a_height_given_too_low_is_refused_with_the_least_that_does() -> None:
    text = "stone: {size: 4 mm}\nshank: {width_mm: 5}\nbezel: {height_above_finger_mm: 3.6}\n"
    ring(text)
    with pytest.raises(SpecError) as caught:
        ring(text + WALL)
    (problem,) = caught.value.problems
    assert problem.field == "bezel.height_above_finger_mm" and "relief" in problem.message
    proposed = re.search(r"use ([0-9.]+)", problem.suggestion or "")
    assert proposed
    band = ring(text.replace("3.6", proposed[1]) + WALL).bezel.band
    assert band is not None and 1.2 <= band.height_mm < 1.25
    with pytest.raises(SpecError):
        ring(text.replace("3.6", f"{float(proposed[1]) - 0.06:.2f}") + WALL)


def test_only_a_bezel_has_a_wall_and_it_is_decorated_once() -> None:
    text = f"ringcad: 1\ntemplate: solitaire\nring_size: US 7\nmetal: silver\nstone: {{size: 6 mm}}\n{WALL}"
    with pytest.raises(SpecError) as caught:
        resolve(parse_spec(text), "other")
    assert caught.value.problems[0].field == "decoration.0.region"
    with pytest.raises(SpecError) as caught:
        ring("stone: {size: 6 mm}\n" + WALL + "  - {region: bezel.wall, prompt: oak}\n")
    assert "decorated twice" in caught.value.problems[0].message
    with pytest.raises(SpecError) as caught:
        ring("stone: {size: 6 mm}\ndecoration:\n  - {region: bezel.wall, prompt: ivy, coverage_deg: 90}\n")
    assert caught.value.problems[0].field == "decoration.0.coverage_deg"


def test_the_relief_of_a_half_bezel_lies_under_its_open_sides() -> None:
    found = ring("stone: {size: 6.5 mm}\nbezel: {coverage: half}\n" + WALL)
    band, bezel = found.bezel.band, found.bezel
    assert band is not None
    slope = math.tan(math.radians(found.stone.pavilion_angle_deg))
    assert band.high_z_mm <= bezel.girdle_z_mm - bezel.ledge_mm * slope - 0.15 - 0.25 + 1e-9
    assert band.height_mm == pytest.approx(0.46 * 6.5, abs=1e-6)


def test_a_design_too_tall_for_the_wall_names_the_height_that_fits(tmp_path: Path) -> None:
    text = HEAD + "stone: {size: 4 mm}\nbezel: {height_above_finger_mm: 4.6}\nshank: {width_mm: 3.4}\n"
    spec = parse_spec(text + "decoration:\n  - {region: bezel.wall, prompt: peacock feathers, border: rope}\n")
    (entry,) = resolve(spec, "narrow").decoration
    needed = ZoneTooNarrow("too narrow", 2.2)
    edit = width_that_fits(spec, template, entry, needed, tmp_path)
    taller = re.fullmatch(r"bezel\.height_above_finger_mm: ([0-9.]+)", edit or "")
    assert taller
    found = bezeled(resolve(parse_spec(text.replace("4.6", taller[1]) + WALL), "taller"))
    assert found is not None and wall_chart(found).size.width_mm >= 2.2


# -- chart and net --------------------------------------------------------------------------------------------


def test_the_plain_net_is_the_plain_outside() -> None:
    found = ring("stone: {size: 6.5 mm}\n" + WALL)
    chart = wall_chart(found)
    net = spline_net(chart, np.zeros((len(chart.azimuth_rad), len(chart.down_mm))))
    around = (np.roll(net, 1, 0) + 4.0 * net + np.roll(net, -1, 0)) / 6.0
    assert np.allclose(np.hypot(around[:, 0, 0], around[:, 0, 1]), chart.section_mm[0, 0], atol=1e-9)
    outline = bezel_section.outline(found.bezel, found.stone, 257)
    from ringcad.fit import spline

    knots = spline.clamped_knots(net.shape[1])
    rows = spline.collocation(knots, np.linspace(0.0, knots[-1], 200)) @ around[7]
    off = np.hypot(rows[:, 0], rows[:, 1]) - np.interp(rows[:, 2], outline[:, 1], outline[:, 0])
    assert np.abs(off).max() < 5e-4
    # the chart's width is the meridian's length; round the stone it is stretched as the radii are
    assert chart.size.width_mm == pytest.approx(float(chart.down_mm[-1]) - 2.0 * CALM_MM, abs=1e-3)
    radii = chart.section_mm[chart.rows, 0]
    assert chart.size.length_mm == pytest.approx(math.pi * float(radii.min() + radii.max()), abs=1e-3)
    assert chart.size.least_stretch == pytest.approx(float(radii.min()) / chart.radius_mm, abs=1e-3)


def test_the_bound_holds_and_is_close() -> None:
    """Against distances of dense points on the surface from dense points of what is cut inside."""
    found = ring("stone: {size: 5 mm}\nbezel: {wall_thickness_mm: 1.2}\n" + WALL)
    chart = wall_chart(found)
    slabs = bezel_section.inner_slabs(found.bezel, found.stone, found.bore_radius_mm)
    rng = np.random.default_rng(5)
    heights = np.zeros((len(chart.azimuth_rad), len(chart.down_mm)))
    heights[:, chart.rows] = -0.3 * (rng.random((len(chart.azimuth_rad), len(chart.rows))) > 0.7)
    for one in (0.0 * heights, heights):
        net = spline_net(chart, one)
        bound, _ = wall_bounds(net, chart, inner_lines(found, chart, slabs))
        from ringcad.fit import spline

        fine = spline.subdivide_periodic(spline.subdivide_periodic(net))
        fine = (np.roll(fine, 1, 0) + 4.0 * fine + np.roll(fine, -1, 0)) / 6.0
        knots = spline.clamped_knots(net.shape[1])
        points = np.einsum("ab,nbc->nac", spline.collocation(knots, np.linspace(0.0, knots[-1], 150)), fine)
        flat = np.stack([np.hypot(points[..., 0], points[..., 1]), points[..., 2]], axis=-1).reshape(-1, 2)
        least = float(bezel_section.wall_at_mm(flat, slabs).min())
        assert bound <= least + 1e-9
        assert bound > least - (0.01 if not one.any() else 0.2)


def test_engraving_stops_where_the_wall_is_needed() -> None:
    found = ring(
        "stone: {size: 5 mm}\ndecoration:\n  - {region: bezel.wall, prompt: ivy, mode: engrave, depth_mm: 0.3}\n"
    )
    made = fit_wall(found, entry_of(found), drawn(found, bars))
    assert made.bound["bound_mm"] >= found.foundry.wall_min_mm
    slabs = bezel_section.inner_slabs(found.bezel, found.stone, found.bore_radius_mm)
    chart = wall_chart(found)
    thin = chart.section_mm, bezel_section.wall_at_mm(chart.section_mm, slabs)
    spend = found.foundry.wall_min_mm + found.foundry.polish_allowance_mm
    assert thin[1][chart.rows].min() < spend + 0.3  # so that it had to
    assert any(finding.code is FindingCode.RELIEF_CLIPPED for finding in made.findings)
    with pytest.raises(Refused):
        fit_wall(found, entry_of(found).model_copy(update={"strict": True}), drawn(found, bars))


# -- metal ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["emboss", "engrave"])
def one(request: pytest.FixtureRequest) -> tuple[BezelRing, RingPlan, BuiltRing]:
    text = f"decoration:\n  - {{region: bezel.wall, prompt: ivy, mode: {request.param}, depth_mm: 0.3}}\n"
    found = ring("stone: {size: 6.5 mm}\nbezel: {wall_thickness_mm: 1.2}\nshank: {width_mm: 3.4}\n" + text)
    plan = shape.plan(found, {"bezel_wall": drawn(found, bars)})
    return found, plan, template.build(plan, None, lambda stage: None)


def caster_of(built: BuiltRing) -> RayCaster:
    return RayCaster(read_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles)))


def test_the_ring_is_sound_and_the_wall_closes(one: tuple[BezelRing, RingPlan, BuiltRing]) -> None:
    _, plan, built = one
    soundness = build.soundness(plan, built)
    assert not soundness.findings
    assert soundness.expected_genus == mesh_genus(built.mesh.triangles) == 2
    assert WALL_FACES in built.solid.names


def test_heights_on_the_mesh_are_those_of_the_plan(one: tuple[BezelRing, RingPlan, BuiltRing]) -> None:
    found, plan, built = one
    entry = entry_of(found)
    height, _ = wall_heights(caster_of(built), found, entry, slice(20, 32))
    assert np.isfinite(height).all()
    signed = height if entry.mode == "emboss" else -height
    highest = plan.summary["zones"]["bezel_wall"]["height_max_mm"]
    assert signed.max() == pytest.approx(highest, abs=0.02) and abs(signed.min()) < 0.015
    # 18 bars a turn: the strip is a turn and a millimetre long
    crossings = np.count_nonzero(np.diff((signed[10] > 0.5 * highest).astype(int)) == 1)
    assert crossings in (18, 19)


def test_the_certificate_measures_the_wall(one: tuple[BezelRing, RingPlan, BuiltRing]) -> None:
    found, plan, built = one
    data = stl_bytes(built.mesh.vertices, built.mesh.triangles)
    report = verify_stl(data, found, expected_genus=2)
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]
    walls, detail = report.measurements["walls"], report.measurements["detail"]["bezel_wall"]
    bound = plan.summary["wall_bound_mm"][WALL_FACES]["bound_mm"]
    assert found.foundry.wall_min_mm <= bound <= walls[SITE]["min_mm"] + 0.01
    assert detail["depth_mm"] == pytest.approx(0.3, abs=0.04) and detail["narrow_mm2"] == 0
    # every rule of the seat as on a plain bezel
    assert not [row for row in report.measurements["setting_rules"] if row["verdict"] == "fail"]


def test_a_wall_shaved_off_the_file_is_found(one: tuple[BezelRing, RingPlan, BuiltRing]) -> None:
    found, _, built = one
    vertices = built.mesh.vertices.copy()
    band = found.bezel.band
    assert band is not None
    radius = np.hypot(vertices[:, 0], vertices[:, 1])
    low = np.interp(vertices[:, 2], [z for _, z in band.section_mm[::-1]], [r for r, _ in band.section_mm[::-1]])
    turn = np.arctan2(vertices[:, 1], vertices[:, 0])
    there = (np.abs(vertices[:, 2] - band.high_z_mm + 0.5) < 0.25) & (np.abs(turn) < 0.4) & (radius > low - 0.5)
    vertices[there, :2] *= ((radius[there] - 1.0) / radius[there])[:, None]
    mesh = read_stl(stl_bytes(vertices, built.mesh.triangles))
    (site,) = measure_wall(mesh, RayCaster(mesh), found.model_copy(update={"foundry": found.foundry.model_copy(
        update={"relief_max_mm": 1.4})}))  # fmt: skip
    (whole,) = measure_wall(
        (sound := read_stl(stl_bytes(built.mesh.vertices, built.mesh.triangles))), RayCaster(sound), found
    )
    assert whole.min_mm > site.limit_mm > site.min_mm


def test_strokes_that_are_too_thin_are_found_on_the_wall(one: tuple[BezelRing, RingPlan, BuiltRing]) -> None:
    """The same file under a foundry that asks for wider strokes than the bars are."""
    found, _, built = one
    caster = caster_of(built)
    entry = entry_of(found)
    fine = measure_wall_detail(caster, found, entry)
    strict = found.model_copy(update={"foundry": found.foundry.model_copy(update={"detail_min_mm": 0.9})})
    coarse = measure_wall_detail(caster, strict, entry)
    assert fine is not None and coarse is not None and not fine.refused and coarse.refused
    # a sine over a 36th of the turn, half its height at 0 of 2.5 sin + 0.5
    share = 0.5 * (coarse.narrowest_mm / (math.tau * wall_chart(found).radius_mm / 18.0))
    assert 0.15 < share < 0.32


def test_several_regions_at_once_and_the_core_is_kept() -> None:
    shoulders = "  - {region: shank.shoulders, prompt: oak}\n"
    first, second = (ring("stone: {size: 5 mm}\n" + WALL.replace("ivy", word) + shoulders) for word in ("ivy", "waves"))
    assert [entry.id for entry in first.decoration] == ["bezel_wall", "right_shoulder", "left_shoulder"]
    assert set(template.zones(first)) == {"bezel_wall", "right_shoulder", "left_shoulder"}
    assert shape.numbers(first) == shape.numbers(second)
    plain = ring("stone: {size: 5 mm}\ndecoration:\n  - {region: shank.shoulders, prompt: oak}\n")
    assert shape.numbers(plain) != shape.numbers(first)
