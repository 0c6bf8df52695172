"""Distances to posts, hoops and bores against closed forms, and what the skin makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rings_support import plain_nets

from ringcad.fit.obstacles import Bore, Hoop, Post, distance, nearest, nearest_within
from ringcad.fit.skin import net_size, platform_mask, skirt_height, zone

seeds = st.integers(min_value=0, max_value=2**32 - 1)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_a_straight_post_is_a_capsule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=3), rng.normal(size=3)
    points = rng.normal(size=(200, 3)) * 3.0
    found = distance(points, Post((tuple(a), tuple(b)), (0.4, 0.4)))
    line = a + np.linspace(0.0, 1.0, 20001)[:, None] * (b - a)
    brute = np.array([np.linalg.norm(line - p, axis=1).min() for p in points[:20]]) - 0.4
    assert np.allclose(found[:20], brute, atol=1e-4)
    # splitting the post changes nothing
    middle = 0.5 * (a + b)
    split = distance(points, Post((tuple(a), tuple(middle), tuple(b)), (0.4, 0.4, 0.4)))
    assert np.allclose(split, found, atol=1e-12)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_a_hoop_is_a_rectangle_turned_about_z(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hoop = Hoop(1.5, 2.5, 4.0, 5.2)
    points = rng.uniform(-4.0, 7.0, size=(300, 3))
    found = distance(points, hoop)
    radius = np.hypot(points[:, 0], points[:, 1])
    inside = (radius > 1.5) & (radius < 2.5) & (points[:, 2] > 4.0) & (points[:, 2] < 5.2)
    assert np.array_equal(found < 0.0, inside)
    nearest_r, nearest_z = np.clip(radius, 1.5, 2.5), np.clip(points[:, 2], 4.0, 5.2)
    assert np.allclose(found[~inside], np.hypot(radius - nearest_r, points[:, 2] - nearest_z)[~inside], atol=1e-12)
    turn = rng.uniform(0.0, 2.0 * np.pi)
    c, s = np.cos(turn), np.sin(turn)
    turned = points @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    assert np.allclose(distance(turned, hoop), found, atol=1e-9)


def test_a_bore_counts_on_its_own_side_only() -> None:
    bore = Bore((0.0, 0.0, 10.0), (0.0, 0.0, 2.0), 0.6)
    points = np.array([[0.0, 0.0, 10.0], [1.6, 0.0, 9.0], [0.0, 0.6, 30.0], [0.0, 0.0, -10.0]])
    assert np.allclose(distance(points, bore), [-0.6, 1.0, 0.0, np.inf])
    assert np.all(np.isinf(nearest(points, [])))
    both = nearest(points, [bore, Hoop(1.0, 2.0, 8.0, 9.5)])
    assert np.array_equal(both, np.minimum(distance(points, bore), distance(points, Hoop(1.0, 2.0, 8.0, 9.5))))


def test_platforms_are_level_at_the_rim_and_free_beyond_the_blend() -> None:
    bore = Bore((0.0, 0.0, 10.0), (0.0, 0.0, 1.0), 0.6)
    x = np.linspace(0.0, 3.0, 601)
    points = np.stack([x, 0 * x, 10.0 + 0 * x], axis=1)
    mask = platform_mask(points, [(bore, 0.3)], 0.35)
    assert np.all(mask[x <= 0.8999] == 0.0) and np.all(mask[x >= 1.2501] == 1.0)
    assert np.all(np.diff(mask) >= 0.0)
    assert mask[np.argmin(np.abs(x - 1.075))] == pytest.approx(0.5, abs=0.02)
    wider = platform_mask(points, [(bore, 0.5)], 0.35)
    assert np.all(wider <= mask)
    assert np.array_equal(platform_mask(points, [], 0.35), np.ones_like(x))


def test_the_skirt_rises_to_the_foot_and_ends_before_the_edge() -> None:
    nets = plain_nets(count=360, rows=60, width=5.0)
    post = Post(((0.0, 0.0, 9.0), (0.0, 0.0, 14.0)), (0.6, 0.6))
    skirt = skirt_height(nets, [post], 0.45, 0.2)
    gap = distance(nets.points, post)
    assert skirt.max() == pytest.approx(0.2, abs=1e-9) and skirt.min() == 0.0
    assert np.all(skirt[gap >= 0.45] == 0.0) and np.all(skirt[gap <= 0.0] == pytest.approx(0.2))
    between = (gap > 0.0) & (gap < 0.45) & (np.abs(nets.across_mm) < 1.5)
    assert np.allclose(skirt[between], 0.2 * (1.0 - gap[between] / 0.45) ** 2)
    assert np.all(
        skirt_height(nets, [Post(((0.0, 2.5, 9.0), (0.0, 2.5, 14.0)), (0.6, 0.6))], 0.45, 0.2)[:, [0, -1]] == 0
    )


def test_mirrored_zones_are_mirrored() -> None:
    nets = plain_nets(count=360, rows=60, rise=0.3)
    right, left = zone(nets, 30.0, 90.0, 0.3), zone(nets, -30.0, -90.0, 0.3)
    assert np.allclose(nets.stations.phi_deg[right.columns], -nets.stations.phi_deg[left.columns])
    assert np.all(np.diff(right.u_mm) > 0.0) and np.all(np.diff(left.u_mm) > 0.0)
    assert np.allclose(right.u_mm, left.u_mm, atol=1e-9) and np.allclose(right.v_mm, left.v_mm)
    assert right.length_mm == pytest.approx(np.radians(60.0) * 10.6, rel=1e-3)
    assert right.width_mm == pytest.approx(left.width_mm)
    # the band keeps its margin from where the normal leaves 60 degrees
    assert np.abs(nets.tilt_deg[np.ix_(right.columns, right.rows)]).max() < 60.0
    narrow = zone(nets, 30.0, 90.0, 0.5)
    assert right.width_mm - narrow.width_mm == pytest.approx(0.4, abs=1e-6)


@pytest.mark.parametrize(("length", "across"), [(10.0, 2.0), (55.0, 4.0), (63.0, 5.0), (200.0, 30.0)])
def test_net_sizes_divide_into_tiles_and_stay_in_bounds(length: float, across: float) -> None:
    along, rows = net_size(length, across, 0.35)
    assert along % 72 == 0 and 360 <= along <= 1080 and 34 <= rows <= 128 and rows % 2 == 0
    if along < 1080:
        assert length / along <= 0.35 / 4.0 + 1e-12


@given(seeds, st.floats(min_value=0.0, max_value=1.5))
@settings(max_examples=40, deadline=None)
def test_distances_within_reach_are_those_of_all_points(seed: int, reach: float) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(-3.0, 9.0, size=(40, 50, 3))
    a, b, c = (tuple(float(x) for x in rng.uniform(-1.0, 7.0, 3)) for _ in range(3))
    bodies = [
        Post((a, b, c), (0.5, float(rng.uniform(0.1, 1.0)), 0.2)),
        Hoop(1.5, 2.5, 4.0, 5.2),
        Bore(a, tuple(float(x) for x in rng.normal(size=3)), 0.6),
    ]
    for chosen in (bodies[:1], bodies[1:2], bodies[2:], bodies, []):
        exact, found = nearest(points, chosen), nearest_within(points, chosen, reach)
        near = exact <= reach
        assert np.array_equal(found[near], exact[near])
        assert np.all(found[~near] >= np.minimum(exact[~near], np.nextafter(reach, np.inf)))
