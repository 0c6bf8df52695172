"""Split shanks: legs, openings and their refusals, measured on the finished mesh."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
import trimesh
from shank_sections import assert_refused, built, ring, section

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.kernel.boolean import cut
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.parts import polyhedron
from ringcad.resolved import HeadedRing, headed
from ringcad.template import BuiltRing
from ringcad.templates.solitaire import split
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import measure_sites
from ringcad.verify.split import leg_lengths, web_findings
from ringcad.verify.wall_rules import site_findings

SPEC = "{split: true, profile: flat}"


@cache
def made() -> tuple[HeadedRing, Any]:
    found = headed(ring(SPEC, template="solitaire"))
    assert found is not None
    return found, made_whole().mesh


@cache
def made_whole() -> BuiltRing:
    """Solid and mesh of the ring with its openings."""
    found = headed(ring(SPEC, template="solitaire"))
    assert found is not None
    return built(found)[1]


def mesh_of(mesh: Any) -> TriangleMesh:
    return TriangleMesh(vertices=np.asarray(mesh.vertices), faces=np.asarray(mesh.triangles))


@cache
def whole() -> Any:
    """The mesh of the same ring without openings."""
    return built(ring("{profile: flat, taper: flared, width_mm: {top: 3}, head_width_mm: 5.4}", template="solitaire"))[
        1
    ].mesh


def legs_of(mesh: Any, found: HeadedRing) -> Any:
    read = mesh_of(mesh)
    return {site.site: site for site in measure_sites(read, RayCaster(read), found)}.get("split_leg")


def test_two_openings_go_through() -> None:
    """A whole ring has the holes of its head; each opening adds one handle."""
    found, mesh = made()
    euler = [trimesh.Trimesh(m.vertices, m.triangles, process=False).euler_number for m in (mesh, whole())]
    assert euler[1] - euler[0] == 4
    assert found.shank.taper == "flared" and found.shank.head_width == pytest.approx(5.4)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_section_shows_two_legs_as_wide_as_said(side: float) -> None:
    """In closed form: the gap between two circles' common tangents, where the cutter's way is the section's."""
    found, mesh = made()
    hole = split.opening(found)
    middle = math.degrees(math.atan2(hole.out[0], hole.out[2]))
    points = section(mesh, side * middle)
    inner = np.abs(points[:, 0])
    share = -hole.near_mm / (hole.far_mm - hole.near_mm)
    radius = hole.wide_mm + share * (hole.narrow_mm - hole.wide_mm)
    expected = radius / math.cos(hole.lean)
    across = points[np.abs(points[:, 1] - found.bore_radius_mm - 0.6) < 0.35]
    assert np.abs(across[:, 0]).min() == pytest.approx(expected, abs=0.02)
    assert not np.any(inner < expected - 0.02)


def test_the_verifier_measures_the_legs() -> None:
    found, mesh = made()
    site = legs_of(mesh, found)
    assert site is not None and site.lines > 300 and site.min_mm > found.foundry.wall_min_mm
    _, ways, lengths = leg_lengths(RayCaster(mesh_of(mesh)), found)
    width = 0.5 * (found.shank.head_width - found.shank.split.gap_mm)
    assert lengths[np.abs(ways[:, 1]) > 0.5].min() == pytest.approx(width, abs=0.06)


def test_a_leg_that_is_filed_thin_and_a_closed_opening_are_found() -> None:
    found, mesh = made()
    thin = type("Mesh", (), {})()
    thin.triangles, thin.vertices = mesh.triangles, np.array(mesh.vertices)
    x, y, z = thin.vertices.T
    phi = np.degrees(np.arctan2(x, z))
    outside = (np.abs(phi - 35.0) < 6.0) & (y > 1.5) & (np.hypot(x, z) < found.bore_radius_mm + 1.8)
    assert outside.sum() > 10
    thin.vertices[outside, 1] -= 1.2
    assert legs_of(thin, found).min_mm < found.foundry.wall_min_mm
    assert legs_of(whole(), found).min_mm == 0.0


def test_a_web_in_an_opening_is_found_by_its_own_rule() -> None:
    """A thin sheet over a part of one opening; whole openings have none, a shank without openings has two."""
    found, mesh = made()
    clean = mesh_of(mesh)
    assert not web_findings(RayCaster(clean), found)
    hole = split.opening(found)
    middle = hole.out * (found.bore_radius_mm + 1.0) + 0.5 * (hole.near_mm + hole.far_mm) * hole.along
    sheet = trimesh.creation.box(extents=(1.0, 2.4, 0.3))
    sheet.apply_transform(trimesh.geometry.align_vectors([0.0, 0.0, 1.0], hole.out))
    sheet.apply_translation(middle)
    webbed = trimesh.util.concatenate([trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False), sheet])
    closed = TriangleMesh(vertices=np.asarray(webbed.vertices), faces=np.asarray(webbed.faces))
    one = web_findings(RayCaster(closed), found)
    assert len(one) == 1 and one[0].measured == pytest.approx(0.3, abs=0.05) and one[0].place_mm[0] > 0.0
    full = mesh_of(whole())
    assert len(web_findings(RayCaster(full), found)) == 2


def filed(inner_mm: float, over_bore_mm: float) -> TriangleMesh:
    """The ring with a file taken to its right leg at y > 0: all beyond ``inner_mm`` and over ``over_bore_mm``."""
    found, _ = made()
    hole = split.opening(found)
    file = trimesh.creation.box(bounds=[[-1.5, inner_mm, 0.0], [1.5, inner_mm + 3.0, 3.0]])
    ways = np.stack([hole.along, np.array([0.0, 1.0, 0.0]), hole.out])
    corners = file.vertices @ ways + (found.bore_radius_mm + over_bore_mm) * hole.out
    metal = cut(made_whole().solid, [polyhedron([corners[face] for face in file.faces], "file")])
    return mesh_of(tessellate(metal, found.export.chord_mm, found.export.angle_deg))


def test_a_leg_that_is_thin_near_its_crown_alone_is_refused() -> None:
    """Filed deeper than to the leg's middle, over a height at which all below is as wide as it was."""
    found, _ = made()
    thin, high = filed(1.2, 1.0), 1.0
    starts, ways, lengths = leg_lengths(RayCaster(thin), found)
    across, over = np.abs(ways[:, 1]) > 0.5, np.hypot(starts[:, 0], starts[:, 2]) - found.bore_radius_mm
    assert lengths[across & (over < high - 0.05)].min() > 1.7
    (finding,) = site_findings(measure_sites(thin, RayCaster(thin), found), found)
    assert finding.code is FindingCode.WALL_STRUCTURAL and finding.spec_field == "shank.split_gap_mm"
    assert finding.measured is not None and finding.measured < found.foundry.wall_min_mm
    assert finding.place_mm is not None and finding.place_mm[0] > 0.0 and finding.place_mm[1] > 0.0
    assert math.hypot(finding.place_mm[0], finding.place_mm[2]) > found.bore_radius_mm + high


def test_a_leg_that_is_planed_low_is_refused() -> None:
    found, _ = made()
    low = filed(0.0, 0.5)
    (finding,) = site_findings(measure_sites(low, RayCaster(low), found), found)
    assert finding.code is FindingCode.WALL_STRUCTURAL and finding.spec_field == "shank.split_gap_mm"
    assert finding.measured == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("shank", "more", "field", "words"),
    [
        ("{split: true, split_gap_mm: 3.5}", "", "shank.split_gap_mm", "use 3"),
        ("{split: true, split_gap_mm: 0.1}", "", "shank.split_gap_mm", "use 0."),
        ("{split: true, width_mm: 14, split_gap_mm: 8}", "", "shank.split_gap_mm", "use "),
        ("{split: true, split_end_deg: 28}", "", "shank.split_end_deg", "use "),
        ("{split: true, taper: straight, width_mm: 2.4}", "", "shank.head_width_mm", "flared"),
        ("{split_gap_mm: 1.5}", "", "shank.split_gap_mm", "split: true"),
        ("{split: true, profile: ellipse}", "", "shank.split", "comfort_d"),
        ("{split: true}", "gallery: {shoulders: cathedral}\n", "shank.split", "plain"),
        ("{split: true}", "head: {style: stand}\n", "shank.split", "basket"),
    ],
)
def test_what_cannot_be_split_is_named_with_a_fix(shank: str, more: str, field: str, words: str) -> None:
    assert_refused(shank, field, words, "solitaire", more)


@pytest.mark.parametrize("gap", [1.2, 1.8, 2.4])
@pytest.mark.parametrize("size", ["US 3", "US 13"])
def test_decoration_begins_behind_the_opening(gap: float, size: str) -> None:
    found = ring(f"{{split: true, split_gap_mm: {gap}}}", size, "solitaire", "decoration:\n  - prompt: ivy\n")
    assert found.shank.split is not None and found.shank.split.gap_mm == gap
    assert all(abs(zone.phi_start_deg) > found.shank.split.end_deg for zone in found.decoration)


@pytest.mark.parametrize("width", [3.0, 6.0, 14.0])
def test_an_opening_stays_an_opening_on_a_wide_shank(width: float) -> None:
    found = headed(ring(f"{{split: true, width_mm: {width}}}", template="solitaire"))
    assert found is not None and found.shank.split is not None
    hole = split.opening(found)
    assert 1.0 < found.shank.split.gap_mm <= 2.4
    assert hole.far_mm - hole.near_mm > hole.wide_mm > hole.narrow_mm


@pytest.mark.parametrize("end", [25, 26, 34, 36])
def test_the_end_that_a_short_opening_is_told_is_the_smallest_that_does(end: int) -> None:
    with pytest.raises(SpecError) as error:
        ring(f"{{split: true, split_end_deg: {end}}}", template="solitaire")
    least = int((error.value.problems[0].suggestion or "").rsplit(" ", 1)[1])
    assert ring(f"{{split: true, split_end_deg: {least}}}", template="solitaire").shank.split is not None
    with pytest.raises(SpecError):
        ring(f"{{split: true, split_end_deg: {least - 1}}}", template="solitaire")
