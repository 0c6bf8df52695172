"""Bypass shanks: arms, ends and the bar that carries the head, measured on the finished mesh; refusals."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
import trimesh
from shank_sections import assert_refused, built, ring

from ringcad.core.errors import SpecError
from ringcad.resolved import HeadedRing, headed
from ringcad.verify.bypass import end_findings, on_arms, sections
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import measure_sites


@cache
def made() -> tuple[HeadedRing, Any]:
    found = headed(ring("{bypass: true}", template="solitaire"))
    assert found is not None
    return found, built(found)[1].mesh


def read(mesh: Any, move: Any = None) -> TriangleMesh:
    vertices = np.array(mesh.vertices)
    return TriangleMesh(vertices=vertices if move is None else move(vertices), faces=np.asarray(mesh.triangles))


def sites(mesh: TriangleMesh) -> dict[str, float]:
    return {site.site: site.min_mm for site in measure_sites(mesh, RayCaster(mesh), made()[0])}


def test_half_a_turn_about_the_head_takes_one_arm_to_the_other() -> None:
    found, mesh = made()
    body = trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)
    assert body.is_watertight and body.body_count == 1
    assert abs(body.center_mass[0]) < 0.01 and abs(body.center_mass[1]) < 0.01
    assert body.moment_inertia[0, 1] < -10.0 or body.moment_inertia[0, 1] > 10.0
    assert found.shank.bypass is not None and found.shank.bypass.past_deg > 0.0


def test_no_metal_lies_under_the_head_but_bar_and_rails() -> None:
    """From the finger outward beside the bar, half way to the arms: nothing up to the base rail."""
    found, mesh = made()
    arms = found.shank.bypass
    assert arms is not None
    looked = read(mesh)
    y = arms.flank_mm - 0.12
    x = np.concatenate([np.linspace(-0.5, -0.4, 5), np.linspace(0.4, 0.5, 5)]) * found.bore_radius_mm * 0.9
    origin = np.stack([x, np.full_like(x, y), np.zeros_like(x)], axis=1)
    met, _ = RayCaster(looked).first_hit(origin, np.broadcast_to([0.0, 0.0, 1.0], origin.shape))
    assert np.all(met > found.bore_radius_mm * 0.8)


def test_places_on_the_arms_are_found_again() -> None:
    found, _ = made()
    arms = found.shank.bypass
    assert arms is not None
    along = np.radians(np.concatenate([np.linspace(-179.0, -10.0, 60), np.linspace(10.0, 179.0, 60)]))
    place, side, across, scale = sections(found, along)
    radius = found.bore_radius_mm + 0.5 * found.shank.thickness_top_mm
    points = np.stack([radius * np.sin(place), side, radius * np.cos(place)], axis=1) + 0.3 * across
    again, beside = on_arms(found, points)
    np.testing.assert_allclose(again, along, atol=math.radians(0.6))
    np.testing.assert_allclose(beside, 0.3, atol=0.03)
    assert np.all(scale > 0.99) and scale.max() < 4.0


def test_the_verifier_measures_arms_and_bar() -> None:
    found, mesh = made()
    arms, measured = found.shank.bypass, sites(read(mesh))
    assert arms is not None
    assert measured["bypass_end"] == pytest.approx(arms.end_width_mm, abs=0.05)
    section = arms.joint_width_mm * (arms.joint_top_mm - arms.joint_bottom_mm)
    assert 1.5 < measured["bypass_joint"] < math.sqrt(section) + 0.02
    assert not end_findings(read(mesh), found)


def test_an_end_is_round_from_above_and_from_below() -> None:
    """Towards the very end the crown falls and the bore's side rises: no lip lies on the finger."""
    found, mesh = made()
    arms = found.shank.bypass
    assert arms is not None
    full = arms.past_deg - arms.nose_deg
    degrees = full + np.array([-1.0 / arms.nose_deg, 0.5, 0.8, 0.95]) * arms.nose_deg
    turn = np.radians(degrees)
    way = np.stack([-np.sin(turn), np.zeros(4), np.cos(turn)], axis=1)
    aside = np.array([0.0, arms.flank_mm + 0.5 * arms.end_width_mm, 0.0])
    caster = RayCaster(read(mesh))
    low, _ = caster.first_hit(np.broadcast_to(aside, way.shape), way)
    high, _ = caster.first_hit(aside + 20.0 * way, -way)
    assert low[0] == pytest.approx(found.bore_radius_mm, abs=0.02)
    assert np.all(np.diff(low) > 0.02) and low[-1] - found.bore_radius_mm > 0.25
    assert np.all(np.diff(20.0 - high) < -0.05)


def test_a_bar_filed_thin_and_an_end_that_is_cut_short_are_found() -> None:
    found, mesh = made()
    arms = found.shank.bypass
    assert arms is not None
    top = found.bore_radius_mm + arms.joint_top_mm

    def thin(points: Any) -> Any:
        bar = (np.abs(points[:, 0]) < 0.5 * arms.joint_width_mm + 0.01) & (np.abs(points[:, 2] - top) < 0.4)
        bar &= points[:, 1] > arms.flank_mm - 0.6
        bar &= points[:, 1] < arms.flank_mm + 0.4
        assert bar.any()
        points[bar, 2] -= 0.7
        return points

    def short(points: Any) -> Any:
        end = (points[:, 1] > arms.flank_mm + 0.1) & (points[:, 0] < -1.0) & (points[:, 2] > 0.0)
        points[end, 0] = -1.0
        return points

    assert sites(read(mesh, thin))["bypass_joint"] < 1.5
    assert [finding.spec_field for finding in end_findings(read(mesh, short), found)] == ["shank.bypass_overlap_mm"]


@pytest.mark.parametrize(
    ("shank", "more", "field", "words"),
    [
        ("{bypass: true, split: true}", "", "shank.bypass", "split"),
        ("{bypass: true, hollow: true, width_mm: 5}", "", "shank.bypass", "hollow"),
        ("{bypass: true, profile: ellipse}", "", "shank.bypass", "comfort_d"),
        ("{bypass: true}", "gallery: {shoulders: cathedral}\n", "shank.bypass", "plain"),
        ("{bypass: true}", "head: {style: stand}\n", "shank.bypass", "basket"),
        ("{bypass: true}", "head: {bridge_thickness_mm: 1.3}\n", "head.bridge_thickness_mm", "remove"),
        ("{bypass: true, thickness_mm: 1.8}", "", "shank.thickness_mm.top", "use 2."),
        ("{bypass: true, bypass_overlap_mm: 0.5}", "", "shank.bypass_overlap_mm", "use "),
        ("{bypass: true, bypass_end_width_mm: 0.6}", "", "shank.bypass_end_width_mm", "use 1.3"),
        ("{bypass_overlap_mm: 2}", "", "shank.bypass_overlap_mm", "bypass: true"),
    ],
)
def test_what_cannot_pass_itself_is_named_with_a_fix(shank: str, more: str, field: str, words: str) -> None:
    assert_refused(shank, field, words, "solitaire", more)


def test_a_band_has_no_head_to_pass() -> None:
    with pytest.raises(SpecError) as error:
        ring("{bypass: true}")
    assert "solitaire" in (error.value.problems[0].suggestion or "")
