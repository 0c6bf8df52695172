"""Hollowed shanks: the trough's walls on the finished mesh, the metal saved, the bore on its rims, what is refused."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from rings_support import limb_volume
from shank_sections import built, ring, volume

from ringcad.core.errors import SpecError
from ringcad.export.report_weights import weigh
from ringcad.fit.shank_line import hollow_volume_mm3
from ringcad.registry import load_template
from ringcad.relief.budget import BudgetLimits
from ringcad.resolved import ResolvedRing
from ringcad.verify.bore import measure_bore
from ringcad.verify.hollow import contact_levels
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.ring import find_ring, measure_hole
from ringcad.verify.sites import measure_sites

HOLLOW = "{profile: d, hollow: true, width_mm: 6.0, thickness_mm: 2.2}"
ENGRAVED = "decoration:\n  - {prompt: waves, mode: engrave, depth_mm: 0.25}\n"


@cache
def made() -> tuple[ResolvedRing, Any, Any, Any]:
    found = ring(HOLLOW)
    plan, solid = built(found)
    read = TriangleMesh(vertices=np.asarray(solid.mesh.vertices), faces=np.asarray(solid.mesh.triangles))
    return found, plan, solid.mesh, read


def test_the_trough_leaves_its_wall_and_its_rims() -> None:
    found, _, _, read = made()
    hollow, bore, shank = found.shank.hollow, found.bore_radius_mm, found.shank
    assert hollow is not None
    caster = RayCaster(read)
    half = 0.5 * shank.width_top_mm

    def inside_at(phi_deg: float, y: np.ndarray) -> np.ndarray:
        phi = math.radians(phi_deg)
        way = np.tile([math.sin(phi), 0.0, math.cos(phi)], (len(y), 1))
        distance, _ = caster.first_hit(y[:, None] * np.array([0.0, 1.0, 0.0]), way)
        return np.asarray(distance)

    flat = np.linspace(-1.0, 1.0, 41) * (half - hollow.rim_mm - hollow.flank_mm)
    land = np.linspace(half - hollow.rim_mm, half - shank.inner_edge_radius_mm, 9)
    for phi in (0.0, 60.0, -100.0, 128.0):
        # the crown falls as a parabola and the trough with it: an even wall
        wanted = bore + shank.thickness_top_mm - shank.crown_rise_mm * (flat / half) ** 2 - hollow.wall_mm
        assert inside_at(phi, flat) == pytest.approx(wanted, abs=0.02)
        for side in (land, -land):
            assert inside_at(phi, side) == pytest.approx(bore, abs=0.012)
    assert inside_at(160.0, flat) == pytest.approx(bore, abs=0.012), "the bottom is solid"


def test_what_is_saved_is_what_the_solid_ring_weighs_more() -> None:
    found, plan, mesh, _ = made()
    plain = ring(HOLLOW.replace("hollow: true", "hollow: false"))
    whole = load_template("band").plan(plain, {})
    saved = hollow_volume_mm3(found)
    more = limb_volume(whole.nets, whole.skin) - limb_volume(plan.nets, plan.skin)
    assert more == pytest.approx(saved, rel=2e-3)
    assert hollow_volume_mm3(plain) == 0.0
    weights = weigh(found, volume(mesh), {"skin": 100.0})
    assert weights.hollow_saved_g == pytest.approx(more * found.metal.density_g_cm3 / 1000.0, rel=2e-3)
    assert 0.1 < weights.hollow_saved_g / (weights.as_cast_g + weights.hollow_saved_g) < 0.35


def test_the_bore_is_read_on_the_rims() -> None:
    found, _, _, read = made()
    caster = RayCaster(read)
    bore = measure_bore(read, caster, levels=lambda phi: contact_levels(found, phi))
    assert bore is not None
    assert bore.diameter_mm == pytest.approx(found.ring.inner_diameter_mm, abs=2e-3)
    assert bore.coverage > 0.98
    # without its numbers, and at mid-width it would be a ring of another size
    hole = measure_hole(read, np.array([0.0, 1.0, 0.0]), np.zeros(3))
    assert hole is not None
    assert hole.inside == "hollowed"
    assert hole.size_diameter_mm == pytest.approx(found.ring.inner_diameter_mm, abs=0.03)
    blind = find_ring(read, caster)
    assert blind is not None and blind.inside == "hollowed"
    assert blind.size_diameter_mm == pytest.approx(found.ring.inner_diameter_mm, abs=0.02)
    middle = measure_bore(read, caster)
    assert middle is not None
    assert middle.diameter_mm > found.ring.inner_diameter_mm + 1.0


def test_the_verifier_measures_wall_and_rim_on_the_mesh() -> None:
    found, plan, _, read = made()
    hollow = found.shank.hollow
    assert hollow is not None
    sites = {site.site: site for site in measure_sites(read, RayCaster(read), found)}
    assert sites["shank_floor"].min_mm == pytest.approx(hollow.wall_mm, abs=0.03)
    assert sites["hollow_rim"].lines > 400
    assert sites["hollow_rim"].min_mm > hollow.rim_mm
    assert sites["hollow_rim"].min_mm == pytest.approx(hollow.rim_mm + 0.5 * hollow.flank_mm, abs=0.12)
    bound = plan.summary["wall_bound_mm"]["shank_floor"]["bound_mm"]
    assert found.foundry.wall_min_mm <= bound <= sites["shank_floor"].min_mm + 0.002


def test_engraving_counts_on_the_wall_that_is_left() -> None:
    """By itself the wall grows by the engraving; a wall that is given is what the budget sees."""
    plain, deep = ring(HOLLOW).shank.hollow, ring(HOLLOW, more=ENGRAVED).shank.hollow
    assert plain is not None and deep is not None
    limits = ring(HOLLOW).foundry
    play = BudgetLimits(limits.wall_min_mm, limits.polish_allowance_mm, 0.005, 0.01, 0.5, 0.3)
    spend = play.wall_min_mm + play.polish_allowance_mm + play.fit_error_mm + play.chord_error_mm
    assert deep.wall_mm - spend >= 0.25 > plain.wall_mm - spend
    thin = ring(HOLLOW.replace("hollow: true", "hollow: true, hollow_wall_mm: 1.0"), more=ENGRAVED)
    nets = load_template("band").plan(thin, {"outside": _full_depth(thin)}).nets
    over = np.abs(nets.across_mm) < 0.4
    round_the_top = np.abs(nets.stations.phi_deg) < 100.0
    assert nets.wall_mm[round_the_top][over[round_the_top]] == pytest.approx(1.0, abs=0.02)
    summary = load_template("band").plan(thin, {"outside": _full_depth(thin)}).summary
    assert summary["zones"]["outside"]["budget_clipped_share"] > 0.2
    assert summary["wall_bound_mm"]["decorated_floor"]["bound_mm"] >= thin.foundry.wall_min_mm


def _full_depth(found: ResolvedRing) -> Any:
    from ringcad.generation import Relief

    (size,) = load_template("band").zones(found).values()
    return Relief(np.ones((128, 1280), dtype=np.float32), size.length_mm, size.width_mm)


@pytest.mark.parametrize("head", ["head: {style: basket}\n", "head: {style: stand}\n",
                                  "head: {style: basket}\ngallery: {shoulders: cathedral}\n"])  # fmt: skip
@pytest.mark.parametrize(("size", "shank"), [
    ("US 3", "{profile: soft_cushion, hollow: true, width_mm: 5.5}"),
    ("US 16", "{profile: flat, hollow: true, width_mm: {top: 14, bottom: 8}, thickness_mm: 2.6}"),
    ("US 7", "{profile: euro, hollow: true, taper: pinched, width_mm: 6, thickness_mm: 2.2}"),
    ("US 7", "{profile: knife_edge, hollow: true, width_mm: 6, thickness_mm: 2.6}"),
])  # fmt: skip
def test_behind_every_head_the_trough_holds_its_walls(head: str, size: str, shank: str) -> None:
    found = ring(shank, size, "solitaire", head)
    hollow = found.shank.hollow
    assert hollow is not None and hollow.phi_start_deg > 20.0
    plan = load_template("solitaire").plan(found, {})
    assert min(row["bound_mm"] for row in plan.summary["wall_bound_mm"].values()) >= found.foundry.wall_min_mm
    radius = np.hypot(plan.nets.inner[..., 0], plan.nets.inner[..., 2])
    before = np.abs(plan.nets.stations.phi_deg) < hollow.phi_start_deg - 2.0
    middle = radius.shape[1] // 2
    assert radius[before, middle].max() < found.bore_radius_mm + 0.01, "under the head the bore is whole"
    assert hollow_volume_mm3(found) > 3.0


@pytest.mark.parametrize(
    ("shank", "more", "field", "words"),
    [
        ("{width_mm: 3, hollow: true}", "", "shank.hollow", "use shank.width_mm: 3.8"),
        ("{width_mm: 6, hollow: true, thickness_mm: 1.2}", "", "shank.hollow", "use shank.thickness_mm: 1.3"),
        ("{width_mm: 6, hollow: true, hollow_wall_mm: 0.5}", "", "shank.hollow_wall_mm", "use 1"),
        ("{width_mm: 6, hollow: true, hollow_rim_mm: 0.4}", "", "shank.hollow_rim_mm", "use 1"),
        ("{width_mm: 6, hollow_wall_mm: 1.2}", "", "shank.hollow_wall_mm", "hollow: true"),
        ("{width_mm: 6, hollow_rim_mm: 1.2}", "", "shank.hollow_rim_mm", "hollow: true"),
        ("{width_mm: 6, hollow: true, comfort_rise_mm: 0.2}", "", "shank.comfort_rise_mm", "use 0"),
        ("{width_mm: 5, hollow: true, profile: ellipse}", "", "shank.hollow", "soft_cushion"),
        ("{width_mm: 6, hollow: true}", "accents:\n  - {setting: flush, stone: {size: 1.3 mm}, count: 3}\n",
         "shank.hollow", "accents"),
        ("{width_mm: 6, hollow: perhaps}", "", "shank.hollow", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_hollowed_is_named_with_a_fix(shank: str, more: str, field: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(shank, more=more)
    problems = {problem.field: problem for problem in caught.value.problems}
    assert words in str(problems[field].suggestion)


def test_what_is_proposed_can_be_hollowed() -> None:
    for text in ("{width_mm: 3.8, hollow: true}", "{width_mm: 6, hollow: true, thickness_mm: 1.35}"):
        hollow = ring(text).shank.hollow
        assert hollow is not None and hollow.depth_mm >= 0.3
