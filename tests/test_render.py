"""Pictures: the optics by closed forms, the cameras by round trips, the files by what is promised of them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.core.findings import FindingCode
from ringcad.render import (
    Picture,
    RenderScene,
    StoneInstance,
    ViewHints,
    check_exposure,
    develop,
    loops,
    loops_image,
    render_views,
    render_walls,
    studio,
    views,
)
from ringcad.render.gems import dispersion, facets, frame, gems
from ringcad.render.normals import crease_normals
from ringcad.render.walls import scale_color
from ringcad.resolved import RoundStone
from ringcad.seats.brilliant import facet_planes

ALLOYS = {
    "yellow": (0.97, 0.78, 0.445),
    "white": (0.80, 0.765, 0.69),
    "rose": (0.96, 0.705, 0.53),
    "silver": (0.972, 0.96, 0.915),
    "platinum": (0.673, 0.637, 0.585),
}
CUBE = (np.concatenate([np.eye(3), -np.eye(3)]), np.ones(6))


def torus(n: int = 96, m: int = 32) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """A plain ring: major radius 9.8, tube 1.2 x 2 mm."""
    u, v = np.meshgrid(np.arange(n) / n * 2 * np.pi, np.arange(m) / m * 2 * np.pi, indexing="ij")
    radius = 9.8 + 1.2 * np.cos(v)
    points = np.stack([radius * np.sin(u), 2.0 * np.sin(v), radius * np.cos(u)], axis=-1).reshape(-1, 3)
    a = np.arange(n * m).reshape(n, m)
    b, d = np.roll(a, -1, 0), np.roll(a, -1, 1)
    c = np.roll(b, -1, 1)
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    p = points[triangles]
    volume = np.einsum("ij,ij->i", p[:, 0], np.cross(p[:, 1], p[:, 2])).sum()
    return points, (triangles if volume > 0 else triangles[:, ::-1]).astype(np.int32)


def octahedral_stone(size: float = 2.6, color: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> StoneInstance:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / np.sqrt(3.0)
    table = np.array([[0.0, 0.0, 1.0]])
    return StoneInstance(
        np.concatenate([signs, table]),
        np.concatenate([np.full(8, size / np.sqrt(3.0)), [0.5 * size]]),
        2.417,
        color,
        (0.0, 0.0, 13.0),
        (0.0, 0.0, 1.0),
    )


@pytest.fixture(scope="module")
def scene() -> RenderScene:
    vertices, triangles = torus()
    return RenderScene(vertices, triangles, ALLOYS["yellow"], stones=(octahedral_stone(),))


def test_import_is_light() -> None:
    code = (
        "import sys, ringcad.render; "
        "sys.exit(any(m in sys.modules for m in ('numba', 'embreex', 'PIL', 'scipy', 'OCP', 'vtk')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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
    stone: StoneInstance, origin: tuple[float, float, float], direction: tuple[float, float, float], bounces: int = 12
) -> tuple[NDArray[np.float32], ...]:
    """Entries (to, red, blue, weight) of one ray that meets the stone, found by brute force."""
    body = gems((stone,))
    o, d = np.array([origin], np.float32), np.array([direction], np.float32)
    d /= np.linalg.norm(d)
    normals, offsets = body.planes[:3].T, body.planes[3]
    slope = normals @ d[0]
    with np.errstate(divide="ignore"):
        t = np.where(slope < -1e-9, (offsets - normals @ o[0]) / slope, -np.inf)
    plane = int(np.argmax(t))
    facet = int(np.flatnonzero(body.plane_of == plane)[0])
    room = bounces + 1
    owner = np.empty(room, np.int64)
    at, to, red, blue, weight = (np.empty((room, 3), np.float32) for _ in range(5))
    count = loops.through_stones(
        np.zeros(1, np.int64),
        o,
        d,
        np.array([t[plane]], np.float32),
        np.array([facet], np.int32),
        body.plane_of,
        body.stone_of,
        body.planes,
        np.empty(len(offsets)),
        body.first,
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


# --- cameras -----------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.floats(1, 699), st.floats(1, 340), st.floats(5.0, 70.0), st.sampled_from(["hero", "shoulder", "front"]))
def test_rays_and_projection_are_inverse(column: float, row: float, far: float, name: str) -> None:
    vertices, triangles = torus()
    view = getattr(views, name)(RenderScene(vertices, triangles, ALLOYS["silver"]), 700)
    origin, direction = view.rays(np.array([column], np.float32), np.array([row], np.float32))
    pixel = view.project(origin.astype(float) + far * direction.astype(float))
    np.testing.assert_allclose(pixel, [[column, row]], atol=0.02)


def test_views_are_what_the_names_promise(scene: RenderScene) -> None:
    hero, front, macro = (f(scene, 1600) for f in (views.hero, views.front, views.shoulder))
    assert 30 <= np.rad2deg(np.arcsin(hero.back[2])) <= 35
    assert hero.back[1] < 0 < hero.back[0]
    assert front.back @ [0, -1, 0] > np.cos(np.deg2rad(3))
    normal = np.array([np.sin(np.deg2rad(70)), 0, np.cos(np.deg2rad(70))])
    assert 8 < np.rad2deg(np.arccos(macro.back @ normal)) < 30
    assert macro.pixels_per_mm >= 60 and macro.distance_mm == 0
    for view in (hero, front):
        pixel = view.project(scene.vertices)
        corners = view.project(gems(scene.stones).vertices.astype(float))
        pixel = np.concatenate([pixel, corners])
        assert pixel.min() > 100 and pixel.max() < 1500
        np.testing.assert_allclose(0.5 * (pixel.min(axis=0) + pixel.max(axis=0)), 800, atol=3)
    for view in (hero, front, macro):
        basis = np.stack([view.right, view.up, view.back])
        np.testing.assert_allclose(basis @ basis.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(basis) == pytest.approx(1)


# --- development -------------------------------------------------------------------------------------------


def test_the_code_table_is_srgb() -> None:
    x = np.linspace(0, 1, 5001, dtype=np.float32)
    exact = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(develop.encode(x), exact, atol=4e-4)


def test_the_compiled_tone_curve_is_the_documented_one() -> None:
    rng = np.random.default_rng(3)
    light = rng.uniform(0, 4, (500, 3)).astype(np.float32)
    out = np.empty_like(light)
    loops_image.expose(light, np.ones(500, np.int32), 1, 0.8, 0.3, 1.25, develop.KNEE, out)
    np.testing.assert_allclose(out, develop.tone(develop.apply_contrast(light * np.float32(0.8), 0.3, 1.25)), atol=2e-5)
    assert out.min() >= 0 and out.max() <= 1


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 20.0), st.integers(0, 1000))
def test_exposure_does_not_depend_on_how_bright_the_lamps_are(factor: float, seed: int) -> None:
    metal = np.random.default_rng(seed).lognormal(-1, 1, (4000, 3)).astype(np.float32)
    a, b = develop.exposure(metal), develop.exposure(metal * np.float32(factor))
    assert a == pytest.approx(b * factor, rel=2e-3)
    shown = develop.luminance(develop.encode(develop.tone(metal * np.float32(a))))
    assert np.median(shown) == pytest.approx(0.63, abs=0.01)


def picture(low: float, middle: float, high: float) -> Picture:
    return Picture("hero", Path("hero.png"), 10, 10, 60.0, 0.3, low, middle, high)


@pytest.mark.parametrize(
    ("values", "measured", "limit"),
    [
        ((0.02, 0.10, 0.70), 0.10, 0.25),
        ((0.40, 0.85, 0.99), 0.85, 0.80),
        ((0.40, 0.50, 0.80), 0.40, 0.50),
        ((float("nan"),) * 3, 0.0, 0.25),
    ],
)
def test_the_guard_speaks(values: tuple[float, float, float], measured: float, limit: float) -> None:
    finding = check_exposure(picture(*values))
    assert finding is not None
    assert finding.code is FindingCode.PICTURE_EXPOSURE
    assert finding.measured == pytest.approx(measured, abs=1e-4)
    assert finding.limit == limit


def test_the_guard_is_silent_within_the_limits() -> None:
    assert check_exposure(picture(0.2, 0.55, 0.85)) is None


# --- whole pictures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("alloy", ALLOYS)
def test_every_alloy_is_well_exposed(scene: RenderScene, alloy: str, tmp_path: Path) -> None:
    pictures = render_views(replace(scene, metal_rgb=ALLOYS[alloy]), tmp_path, size_px=200)
    assert [p.name for p in pictures] == ["hero", "shoulder", "front"]
    assert [check_exposure(p) for p in pictures] == [None, None, None]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["front.png", "hero.png", "shoulder.png"]


def test_what_the_file_shows_is_what_is_reported(scene: RenderScene, tmp_path: Path) -> None:
    from PIL import Image

    first = render_views(scene, tmp_path, size_px=240, quality="draft")
    data = [p.path.read_bytes() for p in first]
    again = render_views(scene, tmp_path, size_px=240, quality="draft")
    assert first == again
    assert data == [p.path.read_bytes() for p in again]
    for p in first:
        image = np.asarray(Image.open(p.path)).astype(float) / 255
        assert image.shape == (p.height_px, p.width_px, 3)
        corner = image[:6, :6].reshape(-1, 3)
        if p.name != "shoulder":  # pale, neutral paper
            assert corner.mean() > 0.7 and np.ptp(corner.mean(axis=0)) < 0.05
        # Gold is warm: red over blue by far, in the middle of the metal's brightness.
        level = image @ [0.2126, 0.7152, 0.0722]
        warm = (image[..., 0] - image[..., 2] > 0.12) & (level > 0.3) & (level < 0.9)
        assert warm.mean() > 0.2 * p.metal_share


def test_as_cast_metal_is_duller_than_polished(scene: RenderScene, tmp_path: Path) -> None:
    """The satin skin spreads reflections: neighbouring pixels differ more, panels have softer edges."""
    from PIL import Image

    levels = {}
    for finish in ("polished", "as_cast"):
        render_views(replace(scene, finish=finish, stones=()), tmp_path, size_px=240, quality="draft")
        levels[finish] = np.asarray(Image.open(tmp_path / "hero.png").convert("L")).astype(float)
    assert np.abs(levels["polished"] - levels["as_cast"]).mean() > 1.0


def test_a_brilliant_is_not_grey_glass(scene: RenderScene, tmp_path: Path) -> None:
    """Its facets must show dark and bright side by side, and dispersion must give some of them colour."""
    from PIL import Image

    radius = 3.25
    stone = RoundStone(
        cut="round",
        gem="diamond",
        gem_name="Diamond",
        diameter_mm=2 * radius,
        table_diameter_mm=1.14 * radius,
        crown_angle_deg=34.5,
        crown_height_mm=0.43 * radius * np.tan(np.deg2rad(34.5)),
        pavilion_angle_deg=40.75,
        pavilion_depth_mm=radius * np.tan(np.deg2rad(40.75)),
        girdle_mm=0.2,
        culet_diameter_mm=0.0,
        weight_ct=1.0,
        density_g_cm3=3.52,
        refractive_index=2.417,
        color_rgb=(1.0, 1.0, 1.0),
    )
    brilliant = StoneInstance(*facet_planes(stone), 2.417, (1, 1, 1), (0, 0, 13), (0, 0, 1))
    set_ring = replace(scene, stones=(brilliant,))
    hero = render_views(set_ring, tmp_path, size_px=500)[0]
    shown = np.asarray(Image.open(hero.path)).astype(float) / 255
    column, row = views.hero(set_ring, 500).project(np.array([[0.0, 0.0, 14.0]]))[0].astype(int)
    seen = shown[row - 12 : row + 12, column - 25 : column + 25]
    level = seen @ [0.2126, 0.7152, 0.0722]
    assert np.ptp(np.percentile(level, (5, 95))) > 0.5
    assert np.abs(np.diff(level, axis=1)).mean() > 0.05  # in small pieces, not in one gradient
    assert np.percentile(np.ptp(seen, axis=2), 90) > 0.06


def test_bad_requests(scene: RenderScene, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        render_views(scene, tmp_path / "nowhere")
    with pytest.raises(InputError, match="64 to 8000"):
        render_views(scene, tmp_path, size_px=10)
    with pytest.raises(InputError, match="draft, standard, fine"):
        render_views(scene, tmp_path, quality="best")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no triangles"):
        render_views(replace(scene, triangles=np.empty((0, 3), np.int32)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "hero.png"
    target.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(develop.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        develop.write_png(np.zeros((4, 4, 3), np.uint8), target)
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["hero.png"]


# --- wall map ----------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 5.0), st.floats(0.2, 1.5))
def test_red_means_below_the_limit(thickness: float, limit: float) -> None:
    _, green, blue = scale_color(np.array([thickness]), limit)[0]
    is_red = green < 0.2 and blue < 0.2
    if thickness < 0.998 * limit:
        assert is_red
    elif thickness >= limit * 1.001:
        assert not is_red
    grey = scale_color(np.array([np.nan]), limit)[0]
    assert np.ptp(grey) < 0.05


def test_the_wall_map(scene: RenderScene, tmp_path: Path) -> None:
    from PIL import Image

    thickness = np.where(scene.vertices[:, 2] > 0, 0.5, 2.0)
    wall = render_walls(scene, thickness, 0.8, tmp_path, size_px=400)
    assert (wall.name, wall.path.name, wall.width_px) == ("wall", "wall.png", 400)
    image = np.asarray(Image.open(wall.path)).astype(float)
    red = (image[..., 0] > 90) & (image[..., 1] < 50)
    upper, lower = red[:80, :200].sum(), red[165:200, :200].sum()
    assert upper > 500 and lower < 0.02 * upper
    with pytest.raises(InputError, match="values for"):
        render_walls(scene, thickness[:-1], 0.8, tmp_path)
    with pytest.raises(InputError, match="positive"):
        render_walls(scene, thickness, 0.0, tmp_path)


def test_view_hints_have_sensible_defaults() -> None:
    assert ViewHints().shoulder_phi_deg == 70.0
