"""Split shanks: legs, openings and their refusals, measured on the finished mesh."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
import trimesh
from shank_sections import built, ring, section

from ringcad.core.errors import SpecError
from ringcad.resolved import HeadedRing, headed
from ringcad.templates.solitaire import split
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import measure_sites

SPEC = "{split: true, profile: flat}"


@cache
def made() -> tuple[HeadedRing, Any]:
    found = headed(ring(SPEC, template="solitaire"))
    assert found is not None
    return found, built(found)[1].mesh


@cache
def whole() -> Any:
    """The mesh of the same ring without openings."""
    return built(ring("{profile: flat, taper: flared, width_mm: {top: 3}, head_width_mm: 5.4}", template="solitaire"))[
        1
    ].mesh


def legs_of(mesh: Any, found: HeadedRing) -> Any:
    read = TriangleMesh(vertices=np.asarray(mesh.vertices), faces=np.asarray(mesh.triangles))
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
    assert site is not None and site.lines > 300
    assert site.min_mm == pytest.approx(0.5 * (found.shank.head_width - found.shank.split.gap_mm), abs=0.06)


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
    with pytest.raises(SpecError) as error:
        ring(shank, template="solitaire", more=more)
    problem = next(problem for problem in error.value.problems if problem.field == field)
    assert words in (problem.suggestion or "")


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
