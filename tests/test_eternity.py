"""Rows of stones in a channel: their numbers by other means, the metal on labelled vertices, the verifier blind."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rings_support import fit_cone
from verify_ring_bodies import arrays_of

from ringcad.cli import main
from ringcad.core.errors import SpecError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.fit.limb import LimbNets
from ringcad.resolve import resolve
from ringcad.resolved import ChannelAccent, ResolvedRing
from ringcad.spec import parse_spec
from ringcad.standards import setting_rule
from ringcad.templates.eternity import template
from ringcad.templates.eternity.shape import crown_radius_mm, plan, zones
from ringcad.verify.channel_sites import channel_sites
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.frames import seat_frame, stone_profile
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.setting.spacing import stone_distance
from ringcad.verify.wall_rules import site_findings

ROW = "ringcad: 1\ntemplate: eternity\nring_size: {ring}\nmetal: 18k_yellow_gold\naccents:\n"
STONES = "  - {{setting: channel, stone: {{cut: round, size: {size:g} mm}}, count: {count}, on: [{on}]}}\n"


def spec(
    size: float = 1.5, count: int | str = "fill", on: str = "all_round", ring: str = "US 7", more: str = ""
) -> str:
    return ROW.format(ring=ring) + STONES.format(size=size, count=count, on=on) + more


def ring(text: str) -> ResolvedRing:
    return resolve(parse_spec(text), "eternity")


def row(found: ResolvedRing) -> ChannelAccent:
    assert found.channel is not None
    return found.channel


def problems(text: str) -> dict[str, Any]:
    with pytest.raises(SpecError) as caught:
        ring(text)
    return {problem.field: problem for problem in caught.value.problems}


# -- numbers -------------------------------------------------------------------------------------------------------


def gap_by_bodies(found: ResolvedRing, pitch_deg: float) -> float:
    """Least distance of two stones a pitch apart, by the points of their edges; no closed form."""
    accent = row(found)
    stone = stone_profile(accent.stone)
    out = crown_radius_mm(found) - accent.table_depth_mm - stone.table_mm
    frames = []
    for phi in (0.0, math.radians(pitch_deg)):
        axis = np.array([math.sin(phi), 0.0, math.cos(phi)])
        frames.append(seat_frame(out * axis, axis))
    return stone_distance((frames[0], stone), (frames[1], stone))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([0.8, 1.0, 1.25, 1.5, 1.7, 2.0, 2.5, 3.0]),
    st.sampled_from(["US 1", "US 4 1/2", "US 7", "US 12", "US 16"]),
    st.sampled_from(["all_round", "top_half"]),
)
def test_a_row_fills_its_stretch_and_keeps_every_gap(size: float, inside: str, on: str) -> None:
    found = ring(spec(size, on=on, ring=inside))
    accent = row(found)
    angles = np.array([seat.phi_deg for seat in accent.seats])
    assert np.diff(angles) == pytest.approx(accent.pitch_deg, abs=1e-9)
    assert angles == pytest.approx(-angles[::-1], abs=1e-9)
    assert accent.gap_mm == pytest.approx(gap_by_bodies(found, accent.pitch_deg), abs=2e-3)
    assert accent.gap_mm >= setting_rule("channel_gap").value - 1e-9
    assert accent.bar_mm >= setting_rule("channel_bar_min").value - 1e-9
    # one stone more would come too near, by its girdle or by its opening
    count = len(angles)
    if on == "all_round":
        tighter = 360.0 / (count + 1)
        assert count * accent.pitch_deg == pytest.approx(360.0)
    else:
        tighter = (angles[-1] - angles[0]) / count
        assert accent.end_deg == pytest.approx(90.0)
    bore = found.bore_radius_mm
    half = math.radians(0.5 * tighter)
    bar = 2.0 * (bore * math.sin(half) - 0.5 * accent.pilot_diameter_mm * math.cos(half))
    assert gap_by_bodies(found, tighter) < 0.10 or bar < setting_rule("channel_bar_min").value


def test_the_report_says_how_the_rest_is_spread() -> None:
    found = ring(spec())
    words = found.reasons["accents.0.seats"].because
    left = float(re.findall(r"the ([\d.]+) mm left", words)[0])
    least = ring(spec(count=3, on="top_half"))
    pitches = len(row(found).seats) * (row(found).pitch_deg - row(least).pitch_deg)
    accent = row(found)
    girdle = crown_radius_mm(found) - accent.table_depth_mm - accent.stone.crown_height_mm - accent.stone.girdle_mm
    assert left == pytest.approx(math.radians(pitches) * girdle, abs=0.006)
    assert words.startswith(f"{len(accent.seats)} stones")


def test_walls_thickness_and_culet_follow_stone_and_metal() -> None:
    small, large = ring(spec(1.5)), ring(spec(2.5))
    assert (row(small).wall_mm, row(large).wall_mm) == (0.8, 1.0)
    assert row(ring(spec(1.5).replace("18k_yellow_gold", "silver"))).wall_mm == 0.9
    assert (small.shank.thickness_top_mm, small.shank.thickness_bottom_mm) == (1.9, 1.9)
    for found in (small, large):
        accent, stone = row(found), row(found).stone
        assert found.shank.width_top_mm >= accent.channel_width_mm + 2.0 * accent.wall_mm
        assert accent.channel_width_mm == pytest.approx(0.9 * stone.diameter_mm)
        culet = found.shank.thickness_top_mm - accent.table_depth_mm - stone.depth_mm
        assert culet >= found.foundry.culet_clearance_min_mm


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (spec(count=41), "accents.0.count"),
        (spec(count=30), "accents.0.count"),
        (spec(count=2), "accents.0.count"),
        (spec(count=0), "accents.0.count"),
        (spec(count="full"), "accents.0.count"),
        (spec(0.5), "accents.0.stone.size"),
        (spec(6.0), "accents.0.stone.size"),
        (spec(on="top"), "accents.0.on"),
        (spec(more="shank: {width_mm: 2.5}\n"), "accents.0.stone.size"),
        (spec(more="shank: {thickness_mm: 1.3}\n"), "accents.0.stone.size"),
        (spec(more="shank: {thickness_mm: {top: 2.2, bottom: 2.0}}\n"), "shank.thickness_mm.bottom"),
        (spec(more="shank: {width_mm: 3.4}\ndecoration: [{prompt: rope}]\n"), "decoration.0.region"),
        (spec(more="decoration: [{prompt: rope, region: shank.outside}]\n"), "decoration.0.region"),
        (spec(more="decoration: [{prompt: rope, coverage_deg: 90}]\n"), "decoration.0.coverage_deg"),
        (spec(more="stone: {size: 6 mm}\n"), "stone"),
        (spec(more="shank: {profile: knife_edge}\n"), "shank.profile"),
        (spec(more="shank: {taper: flared}\n"), "shank.taper"),
        (spec().replace("setting: channel", "setting: flush").replace("fill", "5"), "accents"),
        (spec().replace("setting: channel", "setting: flush"), "accents.0"),
        (spec().replace("eternity", "band"), "accents"),
        (spec().replace("on: [", "gap_mm: 0.02, on: ["), "accents.0.gap_mm"),
        (spec().replace("on: [", "start_deg: 10, on: ["), "accents.0.start_deg"),
        (spec().split("accents")[0], "accents"),
    ],
)
def test_what_does_not_fit_is_named_with_a_way_out(text: str, field: str, tmp_path: Path) -> None:
    found = problems(text)
    assert field in found
    assert found[field].suggestion
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["build", str(path), "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert not (tmp_path / "out").exists()


def test_every_proposal_for_too_many_stones_is_a_way_out() -> None:
    hint = problems(spec(count=41))["accents.0.count"].suggestion
    count, size, inside = (float(part) for part in re.findall(r"\d+(?:\.\d+)?", hint))
    assert len(row(ring(spec(count=int(count)))).seats) == 40
    assert len(row(ring(spec(size, 41))).seats) == 41
    assert len(row(ring(spec(count=41, ring=f"{inside} mm"))).seats) == 41
    with pytest.raises(SpecError):  # the next larger stone and the next smaller ring are none
        ring(spec(size + 0.05, 41))
    with pytest.raises(SpecError):
        ring(spec(count=41, ring=f"{inside - 0.2:g} mm"))


@pytest.mark.parametrize("key", ["width_mm", "thickness_mm"])
def test_a_proposed_shank_is_the_least_that_does(key: str) -> None:
    poor = {"width_mm": 2.5, "thickness_mm": 1.3}[key]
    hint = problems(spec(more=f"shank: {{{key}: {poor}}}\n"))["accents.0.stone.size"].suggestion
    value = float(re.findall(rf"{key}: ([\d.]+)", hint)[0])
    ring(spec(more=f"shank: {{{key}: {value}}}\n"))
    step = {"width_mm": 0.1, "thickness_mm": 0.05}[key]
    problems(spec(more=f"shank: {{{key}: {value - step:g}}}\n"))
    smaller = float(re.findall(r"stones of ([\d.]+)", hint)[0]) if "stones of" in hint else None
    if smaller is not None:
        ring(spec(smaller, more=f"shank: {{{key}: {poor}}}\n"))


@pytest.mark.parametrize("name", [name for name, text in template.specs().items() if "setting: channel" in text])
def test_shipped_specs_resolve(name: str) -> None:
    found = ring(template.specs()[name])
    assert row(found).gap_mm < setting_rule("channel_gap_max").value
    assert {f"accents.0.{part}" for part in ("seats", "wall_mm", "gap_mm", "channel_width_mm")} <= set(found.reasons)


def test_borders_are_mirror_images_beside_the_rim() -> None:
    found = ring(spec(more="decoration: [{prompt: rope, border: none}]\n"))
    sizes = zones(found)
    assert set(sizes) == {"left_border", "right_border"}
    assert sizes["left_border"] == sizes["right_border"]
    made = plan(found, {name: _ramp(size.length_mm, size.width_mm) for name, size in sizes.items()})
    nets: LimbNets = made.nets
    heights = np.einsum("nkc,nkc->nk", made.skin - nets.outer, nets.normals)
    assert heights.max() > 0.2
    assert heights == pytest.approx(heights[:, ::-1], abs=1e-5)
    calm = np.abs(nets.points[:, :, 1]) < 0.5 * row(found).channel_width_mm + row(found).rim_mm - 0.02
    assert np.abs(heights[calm]).max() < 1e-5


def _ramp(length: float, width: float) -> Any:
    from ringcad.generation import Relief

    x, y = (np.arange(1200) + 0.5) / 1200, (np.arange(48) + 0.5) / 48
    field = np.clip(np.sin(math.tau * 24 * x)[None, :] + 0.5 * y[:, None], 0.0, 1.0)
    return Relief(field.astype(np.float32), length, width)


# -- metal ---------------------------------------------------------------------------------------------------------


@cache
def built(size: float, profile: str = "comfort_d") -> tuple[ResolvedRing, Any]:
    """Three stones on the top, plain."""
    found = ring(spec(size, 3, "top_half", more=f"shank: {{profile: {profile}}}\n"))
    return found, template.build(plan(found, {}), None, lambda stage: None)


def labelled(made: Any, name: str) -> np.ndarray:
    """(n, 3, 3) corners of the triangles of the faces with a name."""
    names = np.array(made.mesh.face_names)
    return np.asarray(made.mesh.vertices[made.mesh.triangles[names[made.mesh.face_index] == name]])


sizes = pytest.mark.parametrize("size", [0.8, 1.5, pytest.param(2.5, marks=pytest.mark.slow), 4.0])


@sizes
def test_seats_on_labelled_vertices(size: float) -> None:
    """Cone along the pavilion, on the seat's axis, where the girdle then lies; opening through to the bore."""
    found, made = built(size)
    accent, stone = row(found), row(found).stone
    for seat in accent.seats:
        corners = labelled(made, f"seat_{seat.id}")
        turn = math.radians(seat.phi_deg)
        axis = np.array([math.sin(turn), 0.0, math.cos(turn)])
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        rise = normal @ axis / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
        girdle = crown_radius_mm(found) - accent.table_depth_mm - stone.crown_height_mm - stone.girdle_mm
        cone = fit_cone(np.unique(corners[rise > 0.4].reshape(-1, 3), axis=0), girdle * axis, axis)
        assert 90.0 - cone.half_angle_deg == pytest.approx(stone.pavilion_angle_deg, abs=0.1)
        assert np.degrees(np.arccos(min(1.0, cone.axis @ axis))) < 0.1
        assert 2.0 * cone.radius_at_origin_mm == pytest.approx(stone.diameter_mm, abs=5e-3)
        assert np.linalg.norm(np.cross(cone.origin, axis)) < 2e-3
        hole = fit_cone(np.unique(corners[np.abs(rise) < 0.15].reshape(-1, 3), axis=0), girdle * axis, axis)
        assert 2.0 * hole.radius_at_origin_mm == pytest.approx(0.55 * stone.diameter_mm, abs=5e-3)


@sizes
def test_the_slot_on_labelled_vertices(size: float) -> None:
    found, made = built(size)
    accent = row(found)
    points = np.unique(labelled(made, "channel").reshape(-1, 3), axis=0)
    half = 0.5 * accent.channel_width_mm
    assert np.abs(points[:, 1]).max() == pytest.approx(half, abs=1e-5)
    floor = np.hypot(points[:, 0], points[:, 2]).min()
    assert floor == pytest.approx(crown_radius_mm(found) - accent.floor_depth_mm, abs=2e-3)
    angles = np.degrees(np.arctan2(points[:, 0], points[:, 2]))
    assert (angles.min(), angles.max()) == pytest.approx((-accent.end_deg, accent.end_deg), abs=1e-3)
    soundness = template.soundness(plan(found, {}), made)
    assert not soundness.findings
    assert soundness.expected_genus == 1 + len(accent.seats)


@pytest.mark.parametrize(
    ("size", "profile"),
    [
        (0.8, "comfort_d"),
        (1.5, "comfort_d"),
        (4.0, "comfort_d"),
        pytest.param(2.5, "comfort_d", marks=pytest.mark.slow),
        pytest.param(1.5, "flat", marks=pytest.mark.slow),
        pytest.param(1.5, "soft_cushion", marks=pytest.mark.slow),
    ],
)
def test_the_verifier_passes_what_the_kernel_made(size: float, profile: str) -> None:
    found, made = built(size, profile)
    report, walls = judged(found, made.mesh.vertices, made.mesh.triangles)
    assert not errors(report, walls)
    assert {row["state"] for row in report.rules} == {"as_cast", "as_set"}
    accent = row(found)
    for name, values in report.rows.items():
        assert values["width_mm"] == pytest.approx(accent.channel_width_mm, abs=0.01), name
        assert values["contact_share"] > 0.95
        # GIA's 0.30 to 0.50 of the crown for prongs is the closing's aim for walls too
        assert 0.30 <= values["right_wall"]["contact_as_set"] <= 0.50
        assert values["retention_mm"] >= 0.02 * accent.stone.diameter_mm
        assert values["nearest_stone"]["distance_mm"] == pytest.approx(accent.gap_mm, abs=0.02)


# -- the verifier, blind -------------------------------------------------------------------------------------------


def judged(found: ResolvedRing, vertices: np.ndarray, triangles: np.ndarray) -> tuple[SettingReport, list[Finding]]:
    caster = RayCaster(mesh_from_arrays(vertices, triangles))
    return judge_settings(caster, found), site_findings(channel_sites(caster, found), found)


def errors(report: SettingReport, walls: list[Finding]) -> set[FindingCode]:
    return {finding.code for finding in (*report.findings, *walls) if finding.severity is Severity.ERROR}


def body(
    found: ResolvedRing,
    *,
    slot: float = 1.0,
    wall: float = 1.0,
    stone: float = 1.0,
    hole: float = 1.0,
    above: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """A flat ring with a channel by boolean of meshes; shares scale the slot, the walls, the seats and the openings,
    ``above`` (mm) is taken off the walls' tops."""
    accent, crest = row(found), crown_radius_mm(found)
    opening = accent.channel_width_mm * slot
    width = opening + (found.shank.width_top_mm - accent.channel_width_mm) * wall

    def washer(low: float, high: float, thick: float) -> Any:
        y = 0.5 * thick
        section = manifold3d.CrossSection([[(low, -y), (high, -y), (high, y), (low, y)]])
        return section.revolve(720).rotate([90.0, 0.0, 0.0])

    floor = crest - accent.floor_depth_mm
    made = washer(found.bore_radius_mm, crest - above, width) - washer(floor, crest + 2.0, opening)
    bearing, pilot = 0.5 * accent.bearing_diameter_mm * stone, 0.5 * accent.pilot_diameter_mm * hole
    low = floor - (bearing - pilot) * math.tan(math.radians(accent.stone.pavilion_angle_deg))
    profile = [(0.0, 5.0), (pilot, 5.0), (pilot, low), (bearing, floor), (bearing, floor + 0.01), (0.0, floor + 0.01)]
    seat = manifold3d.CrossSection([profile]).revolve(144)
    for place in accent.seats:
        made = made - seat.rotate([0.0, place.phi_deg, 0.0])
    return arrays_of(made)


FLAT = "shank: {profile: flat, outer_edge_radius_mm: 0.125}\n"


@pytest.mark.parametrize("size", [1.0, 2.5])
def test_a_body_right_by_construction_passes_and_undersizes_do_not(size: float) -> None:
    found = ring(spec(size, 3, "top_half", more=FLAT))
    # the mesh's own slot runs all round: the numbers say the same
    found = found.model_copy(update={"accents": (row(found).model_copy(update={"end_deg": 180.0}),)})
    assert not errors(*judged(found, *body(found)))
    assert FindingCode.GIRDLE_CLEARANCE in errors(*judged(found, *body(found, slot=0.8)))
    assert FindingCode.SEAT_WALL in errors(*judged(found, *body(found, wall=0.8)))
    small = errors(*judged(found, *body(found, stone=0.8, hole=0.8)))
    assert small & {FindingCode.SEAT_BEARING, FindingCode.SEAT_POSITION, FindingCode.STONE_INTERFERENCE}
    low = 0.2 * row(found).stone.crown_height_mm + row(found).table_depth_mm
    assert FindingCode.SEAT_POSITION in errors(*judged(found, *body(found, above=low + 0.05)))


def test_openings_that_run_together_are_caught() -> None:
    found = ring(spec(1.5, 3, "top_half", more=FLAT))
    found = found.model_copy(update={"accents": (row(found).model_copy(update={"end_deg": 180.0}),)})
    wide = 0.5 * (row(found).bar_mm - 0.25) * 2.0 / row(found).pilot_diameter_mm
    assert FindingCode.SEAT_WALL in errors(*judged(found, *body(found, hole=1.0 + wide)))


def test_a_seat_that_is_not_there_is_told() -> None:
    found = ring(spec(1.5, 3, "top_half", more=FLAT))
    accent = row(found)
    more = accent.model_copy(
        update={"seats": (*accent.seats, accent.seats[0].model_copy(update={"id": "channel_0_5", "phi_deg": 90.0}))}
    )
    vertices, triangles = body(found)
    report, _ = judged(found.model_copy(update={"accents": (more,)}), vertices, triangles)
    told = {finding.code for finding in report.findings if "channel_0_5" in finding.message}
    assert told == {FindingCode.SEAT_BEARING}
