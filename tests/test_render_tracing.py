"""Following light: normals, stones and mirrors by closed forms, the shortcuts by the long way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from render_support import CUBE, diamond, octahedral_stone, set_torus, torus

from ringcad.render import StoneInstance, loops, loops_frame, studio, views
from ringcad.render.frame import draw
from ringcad.render.gems import dispersion, frame, gems
from ringcad.render.normals import crease_normals
from ringcad.render.tracing import BACKDROP, METAL, NO_GROUND, STONE, Look, Tracer
from ringcad.seats.brilliant import facet_planes
from ringcad.stones.halfspaces import facets

# --- normals ---------------------------------------------------------------------------------------------


def test_crease_normals_of_a_cube_are_its_face_normals() -> None:
    loops_of = facets(*CUBE)
    stone = gems((StoneInstance(*CUBE, 1.5, (1, 1, 1), (0, 0, 0), (0, 0, 1)),))
    normals = crease_normals(stone.vertices.astype(float), stone.triangles)
    expected = stone.planes[:3, stone.plane_of].T
    assert len(loops_of) == 6
    np.testing.assert_allclose(normals, np.repeat(expected[:, None], 3, axis=1), atol=1e-6)


def test_crease_normals_of_a_torus_follow_the_surface() -> None:
    vertices, triangles = torus(192, 64)
    normals = crease_normals(vertices, triangles)
    flat = np.hypot(vertices[:, 0], vertices[:, 2])
    v = np.arctan2(vertices[:, 1] / 2.0, (flat - 9.8) / 1.2)
    radial = np.stack([vertices[:, 0] / flat, np.zeros_like(flat), vertices[:, 2] / flat], axis=1)
    exact = radial * (2.0 * np.cos(v))[:, None] + np.array([0, 1.0, 0]) * (1.2 * np.sin(v))[:, None]
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert np.min(np.einsum("mij,mij->mi", normals, exact[triangles])) > np.cos(np.deg2rad(0.5))


# --- stones ----------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(8, 40))
def test_facets_of_random_planes_close_the_body(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    normals = np.concatenate([CUBE[0], rng.normal(size=(count, 3))])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    offsets = np.concatenate([np.full(6, 2.0), rng.uniform(0.7, 1.3, count)])
    body = facets(normals, offsets)
    area = np.zeros(3)
    for k, loop in enumerate(body):
        if len(loop) < 3:
            continue
        vector = 0.5 * np.cross(loop, np.roll(loop, -1, axis=0)).sum(axis=0)
        assert vector @ normals[k] > 0 or np.linalg.norm(vector) < 1e-9
        np.testing.assert_allclose(loop @ normals[k], offsets[k], atol=1e-9)
        assert np.max(loop @ normals.T - offsets) < 1e-9
        area += vector
    np.testing.assert_allclose(area, 0.0, atol=1e-9)


def test_planes_that_enclose_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="enclose"):
        facets(CUBE[0], np.array([1.0, 1, 1, -2, 1, 1]))


def follow(
    stone: StoneInstance,
    origin: tuple[float, ...],
    direction: tuple[float, ...],
    bounces: int = 12,
    belt: bool = True,
) -> tuple[NDArray[np.float32], ...]:
    """Entries (to, red, blue, weight) of one ray that meets the stone, found by brute force; with or without its
    belt of upright facets kept apart."""
    body = gems((stone,))
    if not belt:
        body = replace(body, belt=body.first[1:])
    o, d = np.array([origin], np.float32), np.array([direction], np.float32)
    d /= np.linalg.norm(d)
    normals, offsets = body.planes[:3].T, body.planes[3]
    slope = normals @ d[0]
    with np.errstate(divide="ignore"):
        t = np.where(slope < -1e-9, (offsets - normals @ o[0]) / slope, -np.inf)
    facet = int(np.flatnonzero(body.plane_of == int(np.argmax(t)))[0])
    room = bounces + 1
    owner = np.empty(room, np.int64)
    at, to, red, blue, weight = (np.empty((room, 3), np.float32) for _ in range(5))
    count = loops.through_stones(
        np.zeros(1, np.int64),
        o,
        d,
        np.array([facet], np.int32),
        body.plane_of,
        body.stone_of,
        body.planes,
        body.planes.astype(np.float32),
        np.empty(len(offsets) + 6, np.float32),
        body.first,
        body.belt,
        body.core,
        body.door,
        body.index,
        body.fire,
        body.loss,
        bounces,
        owner,
        at,
        to,
        red,
        blue,
        weight,
    )
    return at[:count], to[:count], red[:count], blue[:count], weight[:count]


def block(index: float, interval: float = 0.0, color: tuple[float, float, float] = (1, 1, 1)) -> StoneInstance:
    return StoneInstance(*CUBE, index, color, (0, 0, 0), (0, 0, 1), dispersion=interval)


@settings(max_examples=30, deadline=None)
@given(st.floats(1.3, 2.6), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_a_plane_parallel_block_only_shifts_the_ray(index: float, x: float, y: float) -> None:
    direction = np.array([x, y, -1.0]) / np.sqrt(1 + x * x + y * y)
    at, to, *_ = follow(block(index), tuple(np.array([0, 0, 1.0]) - 3 * direction), tuple(direction))
    np.testing.assert_allclose(at[0], [0, 0, 1.002], atol=1e-4)
    np.testing.assert_allclose(to[0], direction * [1, 1, -1], atol=1e-5)
    np.testing.assert_allclose(to[1], direction, atol=1e-5)
    inside = direction[:2] / index
    drop = np.sqrt(1 - inside @ inside)
    if np.all(np.abs(inside / drop * 2) < 1):  # leaves through the opposite face
        np.testing.assert_allclose(at[1, :2], inside / drop * 2, atol=1e-4)


def test_fresnel_at_normal_incidence_and_the_slab_series() -> None:
    n = 2.417
    _, _, _, _, weight = follow(block(n), (0.1, 0.05, 4), (0, 0, -1))
    r = ((n - 1) / (n + 1)) ** 2
    series = [r] + [(1 - r) ** 2 * r**k for k in range(len(weight) - 1)]
    np.testing.assert_allclose(weight[:, 1], series, rtol=1e-4)


def test_paths_do_not_depend_on_the_girdle_kept_apart() -> None:
    stone = StoneInstance(*facet_planes(diamond()), 2.417, (1, 1, 1), (0.3, -0.2, 9.0), (0.6, 0.0, 0.8), 20.0)
    body = gems((stone,))
    assert 50 < body.belt[0] < len(body.planes[0]) - 30
    axes = frame(stone)
    rng = np.random.default_rng(11)
    for r, angle, dx, dy in rng.uniform([0.0, 0.0, -0.9, -0.9], [3.2, 6.28, 0.9, 0.9], (200, 4)):
        aim = np.array([r * np.cos(angle), r * np.sin(angle), 0.05]) @ axes + np.array(stone.origin)
        direction = np.array([dx, dy, -0.5]) @ axes
        ray = tuple(aim - 8.0 * direction / np.linalg.norm(direction)), tuple(direction)
        for one, other in zip(follow(stone, *ray), follow(stone, *ray, belt=False), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.8, 0.8), st.floats(-0.8, 0.8), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
def test_light_is_neither_made_nor_lost_in_a_clear_stone(px: float, py: float, dx: float, dy: float) -> None:
    stone = octahedral_stone()
    direction = np.array([dx, dy, -1.0])
    start = np.array([px * 0.6, py * 0.6, 14.3]) - 2 * direction
    *_, clear = follow(replace(stone, dispersion=0.0), tuple(start), tuple(direction), 60)
    *_, tinted = follow(replace(stone, dispersion=0.0, color_rgb=(0.5, 0.7, 0.9)), tuple(start), tuple(direction), 60)
    assert clear.sum(axis=0).max() <= 1 + 1e-5
    # What is missing was cut off as too faint, or goes round and round by total reflection.
    np.testing.assert_allclose(clear[:, 0], clear[:, 2], atol=1e-6)
    assert np.all(tinted.sum(axis=0) <= clear.sum(axis=0) + 1e-6)
    assert tinted.sum(axis=0)[0] <= tinted.sum(axis=0)[2] + 1e-6


def test_color_is_what_is_left_after_one_depth() -> None:
    """Straight through a block two deep: the first exit keeps exactly the named share (Beer and Lambert)."""
    n, color = 1.6, (0.05, 0.12, 0.62)
    *_, weight = follow(block(n, color=color), (0.1, 0.05, 4), (0, 0, -1))
    r = ((n - 1) / (n + 1)) ** 2
    np.testing.assert_allclose(weight[1], (1 - r) ** 2 * np.array(color), rtol=1e-4)


@pytest.mark.parametrize(("index", "expected"), [(2.417, 0.044), (1.768, 0.018), (2.65, 0.104), (1.40, 0.013)])
def test_dispersion_follows_the_gem(index: float, expected: float) -> None:
    assert dispersion(replace(octahedral_stone(), refractive_index=index)) == pytest.approx(expected, abs=1e-6)
    assert dispersion(replace(octahedral_stone(), dispersion=0.01)) == 0.01


def test_blue_is_bent_more_than_red() -> None:
    """A 30 degree prism: deviation grows with the index (Snell in closed form)."""
    apex, n, interval = np.deg2rad(30.0), 1.6, 0.05
    normals = np.concatenate([CUBE[0], [[np.sin(apex), 0, -np.cos(apex)]]])
    offsets = np.array([3.0, 3, 1, 3, 3, 3, 0.2])
    prism = StoneInstance(normals, offsets, n, (1, 1, 1), (0, 0, 0), (0, 0, 1), dispersion=interval)
    _, to, red, blue, _ = follow(prism, (0, 0, 5), (0, 0, -1))
    step = 0.72 * interval
    for found, index in ((to, n), (red, n - step), (blue, n + step)):
        deviation = np.arcsin(index * np.sin(apex)) - apex
        assert np.arccos(-found[1, 2]) == pytest.approx(deviation, abs=2e-4)


def test_a_stone_keeps_its_shape_wherever_it_sits() -> None:
    stone = octahedral_stone()
    moved = replace(stone, origin=(3.0, -2.0, 8.0), axis=(0.6, 0.0, 0.8), azimuth_deg=33.0)
    a, b = gems((stone,)), gems((moved,))
    axes = frame(moved)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(axes[2], [0.6, 0, 0.8], atol=1e-12)
    local = (b.vertices - np.array(moved.origin)) @ axes.T
    np.testing.assert_allclose(local, (a.vertices - np.array(stone.origin)) @ frame(stone).T, atol=1e-5)
    side = b.vertices @ b.planes[:3] - b.planes[3]
    assert side.max() < 1e-5


# --- light and metal ---------------------------------------------------------------------------------------


def lookup(image: NDArray[np.float32], directions: NDArray[np.float64]) -> NDArray[np.float32]:
    out = np.zeros((len(directions), 3), np.float32)
    loops.surroundings(
        np.arange(len(directions)),
        np.zeros((len(directions), 3), np.float32),
        directions.astype(np.float32),
        image,
        np.eye(3),
        0.0,
        0.0,
        np.ones((2, 2), np.float32),
        out,
    )
    return out


def test_the_studio_shows_its_panels_where_they_hang() -> None:
    panel = studio.Panel(40.0, 30.0, 12.0, 8.0, 1.5, (1.0, 0.9, 0.8), falloff=0.0)
    image = studio.paint((panel,), 512)
    seen = lookup(image, studio.direction(40.0, 30.0)[None])[0]
    np.testing.assert_allclose(seen, [1.5, 1.35, 1.2], rtol=1e-3)
    assert lookup(image, studio.direction(-120.0, 50.0)[None]).max() < 0.2
    assert np.isfinite(image).all() and image.min() > 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_the_radiance_map_has_no_seam(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = rng.normal(size=(200, 3))
    d[:50, 1] = rng.normal(size=50) * 1e-4  # about the fold at the horizon
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    near = d + rng.normal(size=d.shape) * 1e-4
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    assert np.abs(lookup(STUDIO, d) - lookup(STUDIO, near)).max() < 0.03


STUDIO = studio.paint()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_mirror_rays_obey_the_law_of_reflection_and_stay_outside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 64
    flat = rng.normal(size=(n, 3))
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    smooth = flat + 0.1 * rng.normal(size=(n, 3))
    smooth /= np.linalg.norm(smooth, axis=1, keepdims=True)
    d = rng.normal(size=(n, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    d *= -np.sign(np.einsum("ij,ij->i", d, flat))[:, None]
    corners = np.repeat(smooth[:, None], 3, axis=1).astype(np.float32)
    start, reflected = np.empty((n, 3), np.float32), np.empty((n, 3), np.float32)
    grazing = np.empty(n, np.float32)
    loops.mirror(
        np.arange(n),
        np.zeros((n, 3), np.float32),
        d.astype(np.float32),
        np.full(n, 0.2, np.float32),
        np.full(n, 0.3, np.float32),
        (3.0 * flat).astype(np.float32),
        np.ones(n, np.float32),
        np.arange(n, dtype=np.int32),
        corners,
        0.0,
        start,
        reflected,
        grazing,
    )
    exact = d - 2 * np.einsum("ij,ij->i", d, smooth)[:, None] * smooth
    clear = np.einsum("ij,ij->i", exact, flat) > 0.011
    np.testing.assert_allclose(reflected[clear], exact[clear], atol=1e-5)
    assert np.einsum("ij,ij->i", reflected, flat).min() > 0.009
    assert np.einsum("ij,ij->i", start - d, flat).min() > 0.99 * loops.MIRROR_OFFSET_MM
    np.testing.assert_allclose(np.linalg.norm(reflected, axis=1), 1, atol=1e-5)
    assert grazing.min() >= 0 and grazing.max() <= 1


def test_fading_is_the_exponential() -> None:
    x = np.linspace(0.0, 40.0, 4001)
    np.testing.assert_allclose([loops.fading(value) for value in x], np.exp(-x), atol=1e-4)


# --- frames ------------------------------------------------------------------------------------------------

VIEWS = (views.hero, views.shoulder, views.front, views.below)


def centres(found: object, view: views.View) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rays through the pixel centres of a frame."""
    row, column = np.indices(found.prim.shape)  # type: ignore[attr-defined]
    left, top = found.left, found.top  # type: ignore[attr-defined]
    return view.rays((column.ravel() + left + 0.5).astype(np.float32), (row.ravel() + top + 0.5).astype(np.float32))


@pytest.mark.parametrize("camera", VIEWS)
def test_a_frame_shows_what_rays_meet(camera: object) -> None:
    """Oracle: Embree, ray by ray."""
    scene = set_torus(192, 64)
    tracer, view = Tracer(scene), camera(scene, 400)  # type: ignore[operator]
    found = tracer.frame(view)
    hit = tracer.embree.run(*centres(found, view), output=True)
    met = np.where(hit["primID"] < 0, -1, hit["primID"] + np.where(hit["geomID"] == 1, len(scene.triangles), 0))
    seen = found.prim.ravel()
    assert (seen >= 0).sum() > 5000
    assert np.mean(seen != met) < 1e-3  # centres on an edge
    assert np.mean((seen < 0) != (met < 0)) < 1e-4
    if camera is not views.shoulder:  # the macro cuts the ring
        whole = draw(view, ((tracer.metal.vertices, tracer.metal.triangles),), whole=True)
        assert whole.prim.shape == (view.height_px, view.width_px)
        part = whole.prim[found.top : found.top + found.height, found.left : found.left + found.width].ravel()
        metal = (seen >= 0) & (seen < len(scene.triangles))
        np.testing.assert_array_equal(part[metal], seen[metal])
        assert (whole.prim >= 0).sum() == (part >= 0).sum() and np.all(part[seen < 0] < 0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
@example(88484330)  # a centre on an edge
def test_no_pixel_falls_between_triangles(seed: int) -> None:
    """A jittered grid of triangles over the whole picture leaves no pixel empty, and each has the nearest."""
    rng = np.random.default_rng(seed)
    n = 24
    x, y = np.meshgrid(np.linspace(-3, 43, n), np.linspace(-3, 33, n), indexing="ij")
    jitter = rng.uniform(-0.6, 0.6, (2, n, n))
    x, y = x + jitter[0], y + jitter[1]
    a = np.arange(n * n).reshape(n, n)
    b, c, d = a[1:, :-1].ravel(), a[1:, 1:].ravel(), a[:-1, 1:].ravel()
    a = a[:-1, :-1].ravel()
    sheet = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]).astype(np.int32)
    sheet[::2] = sheet[::2, ::-1]  # whichever way they are wound
    points = np.stack([x.ravel(), y.ravel(), np.zeros(n * n)], -1).astype(np.float32)
    prim = np.full((30, 40), -1, np.int32)
    near = np.full((30, 40), -np.inf, np.float32)
    loops_frame.visible(points, sheet, 5, 0, 0, near, prim)
    assert prim.min() >= 5
    before = prim.copy()
    behind = points - np.array([0, 0, 1], np.float32)
    loops_frame.visible(behind, sheet, 9000, 0, 0, near, prim)
    np.testing.assert_array_equal(prim, before)
    loops_frame.visible(behind + np.array([0, 0, 2], np.float32), sheet, 9000, 0, 0, near, prim)
    # On an edge both triangles are equally near, and rounding at another depth may choose the other one.
    corners = points[:, :2].astype(float)[sheet]
    rows, columns = np.indices(prim.shape)
    centre = np.stack([columns + 0.5, rows + 0.5], -1)
    for first, seen in ((5, before), (9000, prim)):
        assert seen.min() >= first
        shape = corners[seen - first]
        area = cross(shape[..., 1, :] - shape[..., 0, :], shape[..., 2, :] - shape[..., 0, :])
        for k in range(3):
            edge = shape[..., (k + 1) % 3, :] - shape[..., k, :]
            assert np.all(cross(edge, centre - shape[..., k, :]) / area > -1e-6)
    assert (prim - before == 8995).mean() > 0.99


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """z of the cross product of plane vectors (..., 2)."""
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


@pytest.mark.parametrize("camera", VIEWS)
def test_projection_in_bulk_is_that_of_the_view(camera: object) -> None:
    scene = set_torus()
    view = camera(scene, 700)  # type: ignore[operator]
    points, bounds = np.empty((len(scene.vertices), 3), np.float32), np.array([np.inf, np.inf, -np.inf, -np.inf])
    loops_frame.project(scene.vertices.astype(np.float32), view.camera, points, bounds)
    expected = view.project(scene.vertices)
    np.testing.assert_allclose(points[:, :2], expected, atol=2e-3)
    np.testing.assert_allclose(bounds, [*expected.min(axis=0), *expected.max(axis=0)], atol=2e-3)
    depth = (scene.vertices - view.target) @ view.back
    assert np.all(np.diff(points[np.argsort(depth), 2]) >= -1e-6)


def look_of(view: views.View) -> Look:
    light = studio.paint(), studio.paint(size=studio.GEM_MAP_SIZE, lamps=True)
    return Look(
        studio.Environment(light[0], view.studio), studio.Environment(light[1], view.studio), 1.8, NO_GROUND, view.back
    )


@pytest.mark.parametrize("camera", VIEWS[:3])
@pytest.mark.parametrize("finish", ["polished", "as_cast"])
def test_first_light_is_that_of_rays_through_the_pixels(camera: object, finish: str) -> None:
    """The frame and the mirror rays left out on calm metal change nothing but a few pixels on edges."""
    scene = replace(set_torus(384, 128), finish=finish)  # type: ignore[arg-type]
    tracer, view = Tracer(scene), camera(scene, 600)  # type: ignore[operator]
    found, look = tracer.frame(view), look_of(view)
    first = tracer.first(found, view, look, 2)
    light, kind = tracer.trace(*centres(found, view), look, 2, sky=False)
    assert np.mean(first.kind != kind) < 1e-4
    assert set(np.unique(first.kind)) == {BACKDROP, METAL, STONE} or camera is views.shoulder
    shown = (first.kind == kind) & (kind != BACKDROP)
    off = np.abs(first.light[shown] - light[shown]).max(axis=1)
    assert np.mean(off > 0.02) < 2e-3
    metal = first.kind == METAL
    assert np.isin(first.state[metal], (loops_frame.OPEN, loops_frame.MET)).all()
    assert not first.state[~metal].any()


def test_calm_cells_save_most_mirror_rays() -> None:
    scene = set_torus(192, 64)
    tracer, view = Tracer(scene), views.hero(scene, 600)
    found = tracer.frame(view)
    first = tracer.first(found, view, look_of(view), 1)
    metal = len(scene.triangles)
    state = np.zeros_like(first.state)
    listed = np.empty(state.size, np.int64)
    count = loops_frame.lattice(found.prim, metal, listed)
    state[listed[:count]] = first.state[listed[:count]]
    more = loops_frame.calm(found.prim, metal, first.reflected, 0.9, state, listed)
    total = int((first.kind == METAL).sum())
    assert count + more < 0.6 * total
    told = np.setdiff1d(np.flatnonzero(first.kind == METAL), listed[:more])
    assert np.all(state[told] != loops_frame.UNKNOWN)


def test_samples_between_pixels_are_the_rays_there() -> None:
    """On smooth metal a sample off the centre is, without a ray, what a ray through its place brings."""
    scene = set_torus(384, 128)
    tracer, view = Tracer(scene), views.hero(scene, 800)
    found, look = tracer.frame(view), look_of(view)
    first = tracer.first(found, view, look, 2)
    metal = np.flatnonzero(first.kind == METAL)
    good = np.zeros(len(metal), np.uint8)
    loops_frame.smooth_places(
        metal, first.state, found.width, first.start, first.reflected, 0.96, 0.7 / view.pixels_per_mm, good
    )
    chosen = metal[good == 1]
    assert 0.5 < len(chosen) / len(metal) < 0.99
    kinds = np.pad(first.kind.reshape(found.prim.shape), 1)
    row, column = np.divmod(chosen, found.width)
    for down in range(3):
        for right in range(3):
            assert np.all(kinds[row + down, column + right] == METAL)
    for dx, dy in ((0.25, 0.375), (-0.375, 0.25), (0.0, 0.0)):
        seen = tracer.between(chosen, (dx, dy), found.width, first, look)
        place = (column + found.left + 0.5 + dx).astype(np.float32), (row + found.top + 0.5 + dy).astype(np.float32)
        light, _ = tracer.trace(*view.rays(*place), look, 2)
        off = np.abs(seen - light).max(axis=1)
        assert np.mean(off > 0.03) < 5e-3
        assert np.median(off) < 1e-3
