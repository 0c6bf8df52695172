"""Soft cushion, ellipse and euro shanks: finished meshes against closed forms, walls, extremes, refusals."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rings_support import limb_volume
from scipy.integrate import quad
from scipy.optimize import brentq
from shank_sections import built, ring, section, volume

from ringcad.core.errors import Refused, SpecError
from ringcad.fit.limb import fit_section
from ringcad.registry import load_template
from ringcad.resolved import ResolvedRing
from ringcad.templates.band.shape import limb_nets
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM
from ringcad.verify.shank_line import even_across, plain_thickness
from ringcad.verify.sites import measure_sites

#: Chord of the mesh: a point of a section lies on a straight edge of it.
CHORD_MM = 0.012
SPECS = {
    "soft_cushion": "{profile: soft_cushion, width_mm: {top: 5.0, bottom: 5.0}, thickness_mm: 2.2}",
    "ellipse": "{profile: ellipse, width_mm: 4.0, thickness_mm: 2.0}",
    "euro": "{profile: euro, width_mm: 4.5, thickness_mm: {top: 1.9, bottom: 2.0}}",
}


@cache
def made(profile: str) -> tuple[ResolvedRing, Any, Any]:
    found = ring(SPECS[profile])
    plan, solid = built(found)
    return found, plan, solid.mesh


# -- sections and volumes in closed form -----------------------------------------------------------------------


def half_curve(width: float, rise: float, radius: float) -> tuple[float, float]:
    """Where a parabola goes over into the edge's arc, and how far below the crest the arc's centre lies."""

    def gap(y: float) -> float:
        angle = math.atan(8.0 * rise * y / width**2)
        return y - radius * math.sin(angle) - (0.5 * width - radius)

    y = brentq(gap, 0.0, 0.5 * width)
    slope = math.atan(8.0 * rise * y / width**2)
    return y, 4.0 * rise * y**2 / width**2 + radius * math.cos(slope)


def fall_at(y: float, width: float, rise: float, radius: float, join: float, centre: float) -> float:
    if abs(y) <= join:
        return 4.0 * rise * y**2 / width**2
    return centre - math.sqrt(max(radius**2 - (abs(y) - 0.5 * width + radius) ** 2, 0.0))


def test_a_soft_cushion_is_a_parabola_with_round_sides() -> None:
    found, plan, mesh = made("soft_cushion")
    shank, bore = found.shank, found.bore_radius_mm
    rise, outer, inner, comfort = (float(values[0]) for values in fit_section(plan.nets.stations))
    assert outer > 0.7, "sides are round, not eased"
    width, height = shank.width_top_mm, shank.thickness_top_mm
    crown = (width, rise, outer, *half_curve(width, rise, outer))
    hole = (width, comfort, inner, *half_curve(width, comfort, inner))
    for phi in (0.0, 33.0, 90.0, -147.0, 180.0):
        points = section(mesh, phi)
        assert np.ptp(points[:, 0]) == pytest.approx(width, abs=2e-3)
        assert points[:, 1].max() == pytest.approx(bore + height, abs=2e-3)
        off = [
            min(
                abs(h - bore - height + fall_at(y, *crown)),
                abs(h - bore - fall_at(y, *hole)),
                abs(0.5 * width - abs(y)),
            )
            for y, h in points
        ]
        assert max(off) < CHORD_MM
    exact = quad(
        lambda y: math.pi * ((bore + height - fall_at(y, *crown)) ** 2 - (bore + fall_at(y, *hole)) ** 2),
        -0.5 * width, 0.5 * width, points=(-crown[3], crown[3]), limit=200,
    )[0]  # fmt: skip
    assert limb_volume(plan.nets, plan.skin) == pytest.approx(exact, rel=2e-4)
    assert volume(mesh) == pytest.approx(exact, rel=6e-3), "less the chords"


def test_a_soft_cushion_falls_off_as_sold_ones_do() -> None:
    found = ring("{profile: soft_cushion, width_mm: 2.26}", template="solitaire")
    rise, outer, _, _ = (float(v[-1]) for v in fit_section(load_template("solitaire").plan(found, {}).nets.stations))
    crown = (2.26, rise, outer, *half_curve(2.26, rise, outer))
    thickness = found.shank.thickness_bottom_mm
    for share, low, high in ((0.8, 0.80, 0.90), (0.95, 0.65, 0.80)):
        assert low < 1.0 - fall_at(share * 1.13, *crown) / thickness < high


def test_an_ellipse_is_an_ellipse() -> None:
    found, plan, mesh = made("ellipse")
    a, b = 0.5 * found.shank.width_top_mm, 0.5 * found.shank.thickness_top_mm
    bore = found.bore_radius_mm
    for phi in (0.0, 33.0, 90.0, -147.0, 180.0):
        points = section(mesh, phi)
        y, h = points[:, 0] / a, (points[:, 1] - bore - b) / b
        # distance from the curve to first order: value over the length of its gradient
        off = (y**2 + h**2 - 1.0) / (2.0 * np.hypot(y / a, h / b))
        assert np.abs(off).max() < CHORD_MM
        assert np.ptp(points[:, 0]) == pytest.approx(2.0 * a, abs=2e-3)
        assert points[:, 1].min() == pytest.approx(bore, abs=2e-3)
    # Pappus: area of the ellipse times the way of its centre
    exact = math.pi * a * b * math.tau * (bore + b)
    assert limb_volume(plan.nets, plan.skin) == pytest.approx(exact, rel=2e-4)
    assert volume(mesh) == pytest.approx(exact, rel=6e-3), "less the chords"


def euro_corner(found: ResolvedRing) -> tuple[float, float, float, float]:
    """Distance of the flat, the corner's centre beside and below the axis, its radius."""
    base = found.shank.base
    assert base is not None
    low = base.distance_mm - base.corner_radius_mm
    circle = math.hypot(base.distance_mm, 0.5 * base.width_mm)
    return base.distance_mm, math.sqrt((circle - base.corner_radius_mm) ** 2 - low**2), low, base.corner_radius_mm


def test_the_crown_line_of_a_euro_shank_is_line_arc_and_circle() -> None:
    found, _, mesh = made("euro")
    distance, aside, low, radius = euro_corner(found)
    base, bore = found.shank.base, found.bore_radius_mm
    assert base is not None
    seen = set()
    for psi in (0.0, 8.0, -14.0, 20.0, 23.0, -24.5, 26.0, 60.0, 90.0, 140.0, 180.0):
        crest = float(section(mesh, 180.0 - psi)[:, 1].max())
        x, down = crest * math.sin(math.radians(abs(psi))), crest * math.cos(math.radians(psi))
        if x <= aside and down > 0.0:
            seen.add("flat")
            assert down == pytest.approx(distance, abs=3e-3)
        elif math.degrees(math.atan2(x, down)) <= math.degrees(math.atan2(aside, low)):
            seen.add("corner")
            assert math.hypot(x - aside, down - low) == pytest.approx(radius, abs=CHORD_MM)
        else:
            assert bore + found.shank.thickness_top_mm - CHORD_MM <= crest <= bore + base.corner_thickness_mm + 3e-3
        if abs(psi) >= 90.0:
            seen.add("round")
            assert crest == pytest.approx(bore + found.shank.thickness_top_mm, abs=CHORD_MM)
    assert seen == {"flat", "corner", "round"}


@pytest.mark.parametrize("turn_deg", [2.0, -5.0, 12.0, 20.0])
def test_a_euro_ring_must_be_lifted_to_be_turned(turn_deg: float) -> None:
    """Its support from the finger axis downwards grows, by the corner's closed form, however it is turned."""
    found, _, mesh = made("euro")
    distance, aside, low, radius = euro_corner(found)
    down = -mesh.vertices[:, 2]
    assert down.max() == pytest.approx(distance, abs=1e-3)
    standing = np.abs(mesh.vertices[down > distance - 2e-3][:, 0])
    assert standing.max() == pytest.approx(aside, abs=0.25), "it stands on the whole flat"
    turn = math.radians(turn_deg)
    reach = float((down * math.cos(turn) + mesh.vertices[:, 0] * math.sin(turn)).max())
    assert reach == pytest.approx(aside * math.sin(abs(turn)) + low * math.cos(turn) + radius, abs=4e-3)
    assert reach > distance + 1e-3


def test_the_bend_of_the_crown_line_is_that_of_line_arc_and_circle() -> None:
    found, plan, _ = made("euro")
    nets = plan.nets
    distance, aside, low, radius = euro_corner(found)
    psi = 180.0 - np.abs(nets.stations.phi_deg)
    flat_end, corner_end = math.degrees(math.atan2(aside, distance)), math.degrees(math.atan2(aside, low))
    step = 720.0 / len(psi)
    bend = nets.line_curvature
    assert np.abs(bend[psi < flat_end - step]).max() < 1e-6
    corner = (psi > flat_end + step) & (psi < corner_end - step)
    assert corner.sum() >= 2
    assert bend[corner] == pytest.approx(1.0 / radius, rel=1e-3)
    top = psi > 95.0
    assert bend[top] == pytest.approx(1.0 / (found.bore_radius_mm + found.shank.thickness_top_mm), rel=1e-4)


@pytest.mark.parametrize("profile", list(SPECS))
def test_the_verifier_measures_these_walls_on_the_mesh(profile: str) -> None:
    found, plan, mesh = made(profile)
    read = TriangleMesh(vertices=np.asarray(mesh.vertices), faces=np.asarray(mesh.triangles))
    sites = {site.site: site for site in measure_sites(read, RayCaster(read), found)}
    shank = found.shank
    floor = sites["shank_floor"]
    assert floor.lines > 500
    bound = plan.summary["wall_bound_mm"]["shank_floor"]["bound_mm"]
    assert bound <= floor.min_mm + 0.002, "the bound by construction lies below what is measured"
    if profile == "ellipse":
        # thinnest at the edge, along a normal that leans: never under the chord square to the long axis there
        share = 1.0 - 2.0 * shank.outer_edge_radius_mm / shank.width_top_mm
        assert floor.min_mm > shank.thickness_top_mm * math.sqrt(1.0 - share**2) - 0.02
    else:
        assert floor.min_mm > shank.thickness_top_mm - shank.crown_rise_mm - shank.comfort_rise_mm - 0.02
    assert floor.min_mm < shank.thickness_top_mm + 0.005
    assert sites["shank_side"].min_mm == pytest.approx(shank.width_top_mm, abs=0.03)


def test_the_verifier_steps_along_an_ellipse_evenly() -> None:
    """Widths are counted in these steps: along the curve each is a pixel, along the finger axis they get shorter."""
    found = ring(SPECS["ellipse"])
    a, b = 0.5 * found.shank.width_top_mm, 0.5 * found.shank.thickness_top_mm
    y = even_across(found, np.linspace(-1.0, 1.0, 9), np.full(9, a), PIXEL_MM)
    assert np.array_equal(y, -y[::-1])
    assert a - found.shank.outer_edge_radius_mm - 2 * PIXEL_MM < y[-1] < a - found.shank.outer_edge_radius_mm + 1e-9
    at = np.arcsin(y / a)
    arcs = [quad(lambda t: math.hypot(a * math.cos(t), b * math.sin(t)), low, high)[0] for low, high in pairwise(at)]
    assert arcs == pytest.approx(np.full(len(arcs), PIXEL_MM), rel=1e-4)
    assert y[-1] - y[-2] < 0.9 * (y[len(y) // 2 + 1] - y[len(y) // 2])


# -- what follows from the numbers ------------------------------------------------------------------------------

sizes = st.sampled_from(["US 1", "US 4 1/2", "US 7", "US 11", "US 16"])
widths = st.integers(18, 140).map(lambda n: n / 10)


@given(
    st.sampled_from(list(SPECS)), sizes, widths, widths, st.sampled_from(["straight", "pinched", "flared"]),
    st.sampled_from(["", ", thickness_mm: 1.5", ", thickness_mm: {top: 2.6, bottom: 1.8}"]),
    st.sampled_from(["band", "solitaire"]),
)  # fmt: skip
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_shank_holds_its_walls_or_says_what_to_change(
    profile: str, size: str, top: float, bottom: float, taper: str, thick: str, template: str
) -> None:
    text = f"{{profile: {profile}, taper: {taper}, width_mm: {{top: {top}, bottom: {bottom}}}{thick}}}"
    try:
        found = ring(text, size, template)
        plan = load_template(template).plan(found, {})
    except SpecError as error:
        assert all(problem.suggestion for problem in error.problems)
        return
    except Refused as error:
        pytest.fail(f"a shank that resolves has walls: {error.findings}")
    least = min(row["bound_mm"] for row in plan.summary["wall_bound_mm"].values())
    assert least >= found.foundry.wall_min_mm
    # the verifier's own line agrees with the one that is built, all round
    phi = np.linspace(-math.pi, math.pi, 181)
    crown = load_template("band").plan(ring(text, size, "band"), {}) if template == "band" else plan
    angles = np.radians(crown.nets.stations.phi_deg)
    beyond = np.abs(angles) > 1.2
    assert crown.nets.stations.height_mm[beyond] == pytest.approx(
        plain_thickness(found.shank, angles[beyond]), abs=1e-9
    )
    assert np.all(
        plain_thickness(found.shank, phi) >= min(found.shank.thickness_top_mm, found.shank.thickness_bottom_mm) - 1e-9
    )


@pytest.mark.parametrize("profile", list(SPECS))
@pytest.mark.parametrize("size", ["US 1", "US 16"])
@pytest.mark.parametrize("width", [1.8, 14.0])
def test_extremes_need_no_other_number(profile: str, size: str, width: float) -> None:
    found = ring(f"{{profile: {profile}, width_mm: {width}}}", size)
    nets = limb_nets(found)
    assert nets.right[..., 1].max(axis=1) == pytest.approx(0.5 * width, rel=0.005)
    assert {"shank.crown_rise_mm", "shank.outer_edge_radius_mm", "shank.comfort_rise_mm"} <= set(found.reasons)


@pytest.mark.parametrize(
    ("shank", "field", "words"),
    [
        ("{profile: ellipse, width_mm: 14, thickness_mm: 2}", "shank.thickness_mm.top", "use 2.8"),
        ("{profile: ellipse, crown_rise_mm: 0.3}", "shank.crown_rise_mm", "soft_cushion"),
        ("{profile: ellipse, outer_edge_radius_mm: 0.3}", "shank.outer_edge_radius_mm", "soft_cushion"),
        ("{profile: d, base_flat_mm: 8}", "shank.base_flat_mm", "profile: euro"),
        ("{corner_radius_mm: 2}", "shank.corner_radius_mm", "profile: euro"),
        ("{profile: euro, base_flat_mm: 25}", "shank.base_flat_mm", "use 9.4"),
        ("{profile: euro, base_flat_mm: 1}", "shank.base_flat_mm", "use 9.4"),
        ("{profile: euro, corner_radius_mm: 9.5}", "shank.corner_radius_mm", "use "),
        ("{profile: sofa_cushion}", "shank.profile", "did you mean 'soft_cushion'"),
    ],
)
def test_what_a_profile_cannot_have_is_named_with_a_fix(shank: str, field: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(shank)
    problems = {problem.field: problem for problem in caught.value.problems}
    assert words in str(problems[field].suggestion)


def test_a_proposed_corner_is_taken() -> None:
    with pytest.raises(SpecError) as caught:
        ring("{profile: euro, corner_radius_mm: 9.5}")
    proposed = str(caught.value.problems[0].suggestion).split()[1]
    assert ring(f"{{profile: euro, corner_radius_mm: {proposed}}}").shank.base is not None


def test_stones_end_where_the_lower_half_of_a_euro_shank_begins() -> None:
    row = "accents:\n  - {{setting: flush, stone: {{size: 1.3 mm}}, count: {}}}\n"
    with pytest.raises(SpecError) as caught:
        ring("{profile: euro, width_mm: 4}", more=row.format(31))
    (problem,) = caught.value.problems
    assert problem.field == "accents.0.count"
    fits = int(str(problem.suggestion).split()[1])
    assert len(ring("{profile: euro, width_mm: 4}", more=row.format(fits)).accents[0].seats) == fits
