"""Pinched and flared shanks: the width on the finished mesh, what the decoration follows, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from shank_sections import built, ring, section

from ringcad.core.errors import SpecError
from ringcad.fit.shank_line import width_line
from ringcad.registry import load_template
from ringcad.resolved import HEAD_TAPER_DEG, headed
from ringcad.templates.band.shape import limb_nets, zones
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import under_center


def quintic(x: float) -> float:
    t = min(max(x, 0.0), 1.0)
    return t**3 * (10.0 - 15.0 * t + 6.0 * t * t)


@pytest.mark.parametrize(("taper", "share"), [("pinched", 0.8), ("flared", 1.4)])
def test_the_width_on_the_mesh_is_the_lines(taper: str, share: float) -> None:
    found = ring(f"{{profile: flat, taper: {taper}, width_mm: {{top: 4.0, bottom: 3.0}}}}")
    first, last = HEAD_TAPER_DEG[taper]
    _, made = built(found)
    for phi in (0.0, 24.0, 40.0, 52.0, 75.0, -40.0, 90.0, 130.0, 180.0):
        shoulders = 4.0 * (share + (1.0 - share) * quintic((abs(phi) - first) / (last - first)))
        wanted = shoulders + (3.0 - shoulders) * quintic((abs(phi) - 60.0) / 112.0)
        y = section(made.mesh, phi)[:, 0]
        assert np.ptp(y) == pytest.approx(wanted, abs=2e-3)
        assert y.max() + y.min() == pytest.approx(0.0, abs=1e-3)


def test_a_straight_taper_is_the_widths_that_were_there_before() -> None:
    shank = ring("{width_mm: {top: 4.0, bottom: 3.0}}").shank
    assert shank.head_width == shank.width_top_mm
    assert width_line(shank, np.array([0.0, 30.0, 60.0, 172.0, -180.0])) == pytest.approx([4.0, 4.0, 4.0, 3.0, 3.0])


def test_pinched_and_flared_meet_the_shoulders_beyond_their_stretch() -> None:
    angles = np.linspace(-180.0, 180.0, 721)
    plain = width_line(ring("{width_mm: {top: 4.0, bottom: 3.0}}").shank, angles)
    for taper, sign in (("pinched", -1.0), ("flared", 1.0)):
        shank = ring(f"{{taper: {taper}, width_mm: {{top: 4.0, bottom: 3.0}}}}").shank
        width = width_line(shank, angles)
        beyond = np.abs(angles) >= HEAD_TAPER_DEG[taper][1]
        assert np.array_equal(width[beyond], plain[beyond])
        assert np.all(sign * (width - plain)[~beyond] > 0.0)
        away = width_line(ring(f"{{taper: {taper}, width_mm: 4.0}}").shank, angles)[360:]
        assert np.all(sign * np.diff(away) <= 1e-12), "narrower, or wider, all the way to the head"


@pytest.mark.parametrize("taper", ["pinched", "flared"])
def test_a_zone_follows_the_local_width(taper: str) -> None:
    found = ring(f"{{taper: {taper}, width_mm: 5}}", more="decoration:\n  - {prompt: waves}\n")
    nets = limb_nets(found)
    (size,) = zones(found).values()
    local = nets.across_mm[:, -1] / nets.across_mm[:, -1].mean()
    assert size.least_stretch == pytest.approx(min(local.min(), 1.0), abs=1e-3)
    assert size.least_stretch < 0.95


@pytest.mark.parametrize("taper", ["pinched", "flared"])
@pytest.mark.parametrize("style", ["{style: basket}", "{style: stand}"])
@pytest.mark.parametrize(("size", "width"), [("US 5", 2.2), ("US 16", 8.0)])
def test_solitaires_of_every_taper_hold_their_walls(taper: str, style: str, size: str, width: float) -> None:
    found = ring(f"{{taper: {taper}, width_mm: {width}}}", size, "solitaire", f"head: {style}\n")
    summary = load_template("solitaire").plan(found, {}).summary
    least = min(row["bound_mm"] for row in summary["wall_bound_mm"].values())
    assert least >= found.foundry.wall_min_mm
    assert found.reasons["shank.width_head_mm"].kind == "default"


@pytest.mark.parametrize(
    ("shank", "field", "words"),
    [
        ("{width_mm: 4, head_width_mm: 3}", "shank.head_width_mm", "taper: pinched"),
        ("{width_mm: 4, head_width_mm: 5}", "shank.head_width_mm", "taper: flared"),
        ("{width_mm: 4, taper: pinched, head_width_mm: 4.5}", "shank.head_width_mm", "head_width_mm: 3.2"),
        ("{width_mm: 4, taper: flared, head_width_mm: 4}", "shank.head_width_mm", "head_width_mm: 5.6"),
        ("{width_mm: 4, taper: pinched, head_width_mm: 1}", "shank.head_width_mm", "use 1.5"),
        ("{width_mm: 1.5, taper: pinched}", "shank.taper", "straight"),
        ("{width_mm: 4, taper: bulging}", "shank.taper", "straight"),
    ],
)
def test_what_does_not_fit_is_named_with_a_fix(shank: str, field: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(shank)
    (problem,) = caught.value.problems
    assert problem.field == field
    assert words in f"{problem.suggestion} {problem.limit}"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "taper"), [(3.0, "straight"), (5.2, "pinched")])
def test_an_ellipse_keeps_its_wall_under_the_stone(width: float, taper: str) -> None:
    """A bridge of the usual width had 0.3 to 0.6 mm left where a full wall is asked for."""
    shank = f"{{profile: ellipse, taper: {taper}, width_mm: {{top: {width}, bottom: 2.4}}}}"
    found = headed(ring(shank, template="solitaire"))
    assert found is not None
    mesh = built(found)[1].mesh
    caster = RayCaster(TriangleMesh(vertices=np.asarray(mesh.vertices), faces=np.asarray(mesh.triangles)))
    site = under_center(caster, found)
    assert site.lines > 500
    assert site.min_mm > found.foundry.wall_min_mm
