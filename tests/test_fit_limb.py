"""The shank's nets: symmetric stations, shared edges, an exact bore."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rings_support import SHIPPED, SPECS, evaluate, limb_volume, plain_nets
from shank_sections import ring

from ringcad.core.tolerances import TOLERANCES
from ringcad.fit import spline
from ringcad.fit.limb import smooth_step, station_angles
from ringcad.fit.skin import chart_stretch, zone
from ringcad.templates.band.shape import limb_nets as band_nets


@given(st.integers(min_value=5, max_value=400), st.integers(min_value=0, max_value=2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_stations_are_symmetric_about_the_head(half: int, seed: int) -> None:
    density = np.random.default_rng(seed).uniform(0.1, 1.0, 91)
    phi = station_angles(2 * half, density)
    assert phi[0] == -180.0 and phi[half] == 0.0
    assert np.array_equal(phi[1:half], -phi[:half:-1])
    assert np.all(np.diff(phi) > 0.0)


def test_stations_are_dense_where_asked() -> None:
    density = np.where(np.linspace(0.0, 180.0, 361) < 60.0, 3.0, 1.0)
    step = np.diff(station_angles(360, density))
    assert step[200] == pytest.approx(step[2] / 3.0, rel=0.02)
    with pytest.raises(ValueError, match="even"):
        station_angles(7, density)


def test_the_step_is_smooth_and_complementary() -> None:
    x = np.linspace(-0.5, 1.5, 2001)
    y = smooth_step(x)
    assert np.allclose(y + smooth_step(1.0 - x), 1.0, atol=1e-12)
    assert np.all(np.diff(y) >= 0.0) and y[0] == 0.0 and y[-1] == 1.0
    assert np.abs(np.diff(y, 2)).max() < 6.0 * (x[1] - x[0]) ** 2, "no kink: the second derivative stays below 6"


@pytest.mark.parametrize("knife", [False, True])
@pytest.mark.parametrize(("rise", "comfort"), [(0.0, 0.0), (0.4, 0.0), (0.3, 0.15)])
def test_walls_share_their_edges_exactly(knife: bool, rise: float, comfort: float) -> None:
    nets = plain_nets(rise=max(rise, 0.2) if knife else rise, comfort=comfort, knife=knife)
    loop = (nets.outer, nets.right, nets.inner, nets.left)
    for wall, following in zip(loop, loop[1:] + loop[:1], strict=True):
        assert np.array_equal(wall[:, -1], following[:, 0])
    grid = 1.0 / TOLERANCES.pole_grid_mm
    for wall in loop:
        assert np.array_equal(wall * grid, np.round(wall * grid)), "poles lie on their grid"


@pytest.mark.parametrize("comfort", [0.0, 0.15, 0.3])
def test_the_bore_is_the_ordered_circle_at_mid_width(comfort: float) -> None:
    nets = plain_nets(count=360, comfort=comfort)
    knots = spline.clamped_knots(nets.inner.shape[1])
    points = evaluate(nets.inner, knots, np.linspace(0.0, 360.0, 1801), np.array([0.5 * knots[-1]]))[:, 0]
    assert np.abs(points[:, 1]).max() < 1e-6
    assert np.abs(np.hypot(points[:, 0], points[:, 2]) - 8.6).max() < 1e-4


@pytest.mark.parametrize("spec", SHIPPED)
def test_the_bore_of_every_shipped_ring(spec: str) -> None:
    """Also with stations of uneven density and with a bridge, arms and a taper."""
    from ringcad.resolve import resolve
    from ringcad.spec import load_spec
    from ringcad.templates.solitaire.shape import limb_nets

    ring = resolve(load_spec(SPECS / f"{spec}.yaml"), spec)
    nets = limb_nets(ring)
    knots = spline.clamped_knots(nets.inner.shape[1])
    count = nets.inner.shape[0]
    points = evaluate(nets.inner, knots, np.linspace(0.0, count, 4 * count + 1), np.array([0.5 * knots[-1]]))[:, 0]
    radius = 0.5 * ring.ring.inner_diameter_mm
    assert np.abs(np.hypot(points[::4, 0], points[::4, 2]) - radius).max() < 2e-6, "exact at the stations"
    # between them the widest spacing (bottom of a slim ring) leaves 0.00025 mm, an eightieth of the tolerance
    assert np.abs(np.hypot(points[:, 0], points[:, 2]) - radius).max() < 3e-4
    # nothing of the bore reaches inside the finger hole, which comfort only widens; where a flat bore meets its
    # edge rounding the curvature jumps and the spline swings by 0.002 mm
    inner = evaluate(nets.inner, knots, np.arange(0.0, count, 0.5), np.linspace(0.0, knots[-1], 200))
    assert np.hypot(inner[..., 0], inner[..., 2]).min() > radius - 3e-3


def test_base_normals_are_the_sections() -> None:
    nets = plain_nets(count=144, rows=40, rise=0.4)
    phi = np.radians(nets.stations.phi_deg)[:, None]
    tilt = np.radians(nets.tilt_deg)
    wanted = np.stack([np.sin(phi) * np.cos(tilt), np.sin(tilt), np.cos(phi) * np.cos(tilt)], axis=-1)
    middle = np.abs(nets.across_mm) < nets.crown_half_mm[:, None] - 0.3
    error = np.degrees(np.arccos(np.clip(np.sum(nets.normals * wanted, axis=-1), -1.0, 1.0)))
    assert error[middle].max() < 1.0
    assert np.allclose(np.linalg.norm(nets.normals, axis=-1), 1.0)


def test_the_volume_of_a_flat_ring_is_pappus() -> None:
    bore, height, width, outer, inner = 8.6, 2.0, 4.0, 0.45, 0.4
    nets = plain_nets(count=216, rows=60)
    quarter, centroid = 1.0 - np.pi / 4.0, (10.0 - 3.0 * np.pi) / (12.0 - 3.0 * np.pi)
    # what a rounded corner lacks: area (1 - pi/4) r^2, its centroid (10 - 3 pi) / (12 - 3 pi) r from the sides
    moment = width * height * (bore + 0.5 * height)
    moment -= 2.0 * quarter * outer**2 * (bore + height - centroid * outer)
    moment -= 2.0 * quarter * inner**2 * (bore + centroid * inner)
    assert limb_volume(nets, nets.outer) == pytest.approx(2.0 * np.pi * moment, rel=5e-4)


@pytest.mark.parametrize(("profile", "least"), [("flat", 0.985), ("d", 0.9)])
def test_the_distortion_of_a_chart_is_that_of_its_circles(profile: str, least: float) -> None:
    """In closed form: along, the circle of each row against the crest's; across, arc length, which is drawn true."""
    found = ring(f"{{profile: {profile}, width_mm: 6}}")
    nets = band_nets(found)
    place = zone(nets, -180.0, 180.0, 0.3)
    measured = chart_stretch(nets, place)
    radius = np.hypot(nets.points[0, :, 0], nets.points[0, :, 2])[place.rows]
    assert measured["along"] == pytest.approx([radius.min() / radius.max(), 1.0], abs=2e-3)
    assert least - 0.1 < measured["along"][0] < 1.0
    assert measured["across"] == pytest.approx([1.0, 1.0], abs=0.02)


def test_a_tapering_shank_distorts_across() -> None:
    found = ring("{profile: flat, width_mm: {top: 8, bottom: 4}}")
    nets = band_nets(found)
    place = zone(nets, -180.0, 180.0, 0.3)
    low, high = chart_stretch(nets, place)["across"]
    assert [low, high] == pytest.approx([place.stretch_v.min(), place.stretch_v.max()], rel=0.01)
    assert high / low == pytest.approx(2.0, rel=0.06)
