"""Relief on a band's flanks: what is refused, the nets, and what the verifier measures on the finished mesh."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ringcad.core.errors import SpecError
from ringcad.export.stl import stl_bytes
from ringcad.fit.shank_sides import side_chart
from ringcad.generation import Relief
from ringcad.kernel.boolean import check
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.spec import parse_spec
from ringcad.templates.band import build, shape
from ringcad.verify.rays import RayCaster
from ringcad.verify.side_relief import SITE, measure_side_detail, measure_sides, side_heights
from ringcad.verify.stl import read_stl

TEXT = (
    "ringcad: 1\ntemplate: band\nring_size: US 7\nmetal: 18k_yellow_gold\nfoundry: workshop\n"
    "shank: {profile: flat, width_mm: 4.5, thickness_mm: 2.6}\n"
    "decoration:\n  - {region: shank.sides, prompt: laurel}\n"
)


def ring(text: str = TEXT) -> ResolvedRing:
    return resolve(parse_spec(text), "sides")


def bars(found: ResolvedRing, upright: bool = False) -> Relief:
    """Bars across the flank, 0.8 mm wide and as far apart, but for one sixth of the round from a quarter on."""
    size = side_chart(found, shape.limb_nets(found), found.decoration[0]).size
    columns, rows = round(size.length_mm * 24), round(size.width_mm * 24)
    u, v = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows * size.width_mm)
    height = np.clip(2.5 * np.sin(38.0 * math.tau * u) + 0.5, 0.0, 1.0)
    height *= np.clip(6.0 * np.minimum(v, size.width_mm - v), 0.0, 1.0) * ((u < 0.25) | (u > 0.25 + 1.0 / 6.0))
    return Relief(height.astype(np.float32), size.length_mm, size.width_mm, upright=upright)


def test_numbers_of_a_carved_flank() -> None:
    found = ring()
    (zone,) = found.decoration
    assert (zone.id, zone.depth_mm, zone.margin_mm, zone.border) == ("sides", 0.25, 0.12, "none")
    size = shape.zones(found)["sides"]
    outer = found.bore_radius_mm + 2.6 - found.shank.outer_edge_radius_mm
    inner = found.bore_radius_mm + found.shank.inner_edge_radius_mm
    assert size.closed and abs(size.width_mm - (outer - inner - 0.24)) < 0.01
    assert abs(size.length_mm - math.pi * (outer + inner)) < 0.05


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("thickness_mm: 2.6", "thickness_mm: 1.9", "shank.thickness_mm"),
        ("thickness_mm: 2.6", "thickness_mm: {top: 2.6, bottom: 2.0}", "shank.thickness_mm.bottom"),
        ("thickness_mm: 2.6", "thickness_mm: {top: 4.0, bottom: 2.6}", "shank.thickness_mm.bottom"),
        (
            "18k_yellow_gold\nfoundry: workshop\nshank: {profile: flat, width_mm: 4.5",
            "925_silver\nfoundry: workshop\nshank: {profile: flat, width_mm: {top: 4.5, bottom: 1.5}",
            "shank.width_mm.bottom",
        ),
        ("profile: flat", "profile: euro", "shank.profile"),
        ("profile: flat", "profile: knife_edge", "shank.profile"),
        ("prompt: laurel", "prompt: laurel, depth_mm: 0.4", "decoration.0.depth_mm"),
        ("prompt: laurel", "prompt: laurel, coverage_deg: 60", "decoration.0.coverage_deg"),
        (
            "decoration:",
            "accents: [{setting: flush, stone: {cut: round, size: 1.3 mm}, count: 3}]\ndecoration:",
            "decoration.0.region",
        ),
        (
            "template: band",
            "template: eternity\n"
            "accents: [{setting: channel, stone: {cut: round, size: 1.7 mm}, count: 9, on: [top_half]}]",
            "decoration.0.region",
        ),
    ],
)
def test_refusals(old: str, new: str, field: str) -> None:
    assert old in TEXT
    with pytest.raises(SpecError) as refused:
        ring(TEXT.replace(old, new))
    assert field in {problem.field for problem in refused.value.problems}


def test_the_thickness_a_refusal_names_is_enough() -> None:
    with pytest.raises(SpecError) as refused:
        ring(TEXT.replace("2.6", "1.9"))
    fix = next(p.suggestion for p in refused.value.problems if p.field == "shank.thickness_mm")
    assert ring(TEXT.replace("2.6", fix.split()[-1])).side_decoration is not None


def test_writing_is_turned_over_on_the_right_and_ornament_mirrored() -> None:
    found = ring()
    for upright in (False, True):
        plan = shape.plan(found, {"sides": bars(found, upright)})
        right, left = plan.nets.right[..., 1], -plan.nets.left[:, ::-1, 1]
        assert np.allclose(right, left, atol=1e-5) is not upright
        # all of it within the plain flank, none of it on its edges
        for one in (right, left):
            assert 2.0 - 1e-5 <= one.min() < 2.01 and one.max() <= 2.25 + 1e-5
            assert np.allclose(one[:, [0, 1, -2, -1]], 2.25, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["emboss", "engrave"])
def test_depth_and_metal_on_the_mesh(mode: str) -> None:
    found = ring(TEXT.replace("prompt: laurel", f"prompt: laurel, mode: {mode}"))
    plan = shape.plan(found, {"sides": bars(found)})
    made = build.build(plan, lambda _: None)
    assert check(made.solid) == []
    mesh = read_stl(stl_bytes(made.mesh.vertices, made.mesh.triangles))
    caster = RayCaster(mesh)
    (site,) = measure_sides(caster, found)
    assert site.site == SITE
    assert abs(site.min_mm - 4.0) < 0.03
    assert site.min_mm >= plan.summary["wall_bound_mm"]["shank_side"]["bound_mm"]
    detail = measure_side_detail(caster, found, found.decoration[0])
    assert detail is not None and abs(detail.depth_mm - 0.25) < 0.03 and not detail.refused
    for sign in (-1.0, 1.0):
        ((height, _),) = side_heights(caster, found, found.decoration[0], sign)
        assert np.isfinite(height).mean() > 0.6
        assert -0.26 < np.nanmin(height) < -0.24 and np.nanmax(height) < 0.01
    # the ring is as wide as it was ordered, and the bore as broad
    assert abs(np.ptp(mesh.vertices[:, 1]) - 4.5) < 0.001
    # a mutant: one flank pushed in behind the numbers' back is found
    struck = made.mesh.vertices.copy()
    struck[:, 1] = np.where(struck[:, 1] > 1.5, struck[:, 1] - 3.6, struck[:, 1])
    (thin,) = measure_sides(RayCaster(read_stl(stl_bytes(struck, made.mesh.triangles))), found)
    assert thin.min_mm < site.min_mm - 3.0
