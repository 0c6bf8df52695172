"""Pictures: the cameras by round trips, development by its documented curves, the files by what is promised of them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render_support import ALLOYS, diamond, set_torus, torus

from ringcad.core.errors import InputError
from ringcad.core.findings import FindingCode
from ringcad.render import (
    Picture,
    RenderScene,
    StoneInstance,
    ViewHints,
    check_exposure,
    develop,
    loops_image,
    render_views,
    render_walls,
    views,
)
from ringcad.render.backdrop import blurred
from ringcad.render.gems import gems
from ringcad.render.walls import scale_color
from ringcad.seats.brilliant import facet_planes


@pytest.fixture(scope="module")
def scene() -> RenderScene:
    return set_torus()


def test_import_is_light() -> None:
    code = (
        "import sys, ringcad.render; "
        "sys.exit(any(m in sys.modules for m in ('numba', 'embreex', 'PIL', 'scipy', 'OCP', 'vtk')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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


@pytest.mark.parametrize("finish", ["polished", "as_cast"])
def test_bands_do_not_show(scene: RenderScene, finish: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture made in narrow bands is, pixel by pixel, the one made in wide ones."""
    from PIL import Image

    from ringcad.render import pictures

    shown = []
    for rows in (20, 1000):
        monkeypatch.setattr(pictures, "_BAND_ROWS", rows)
        made = render_views(replace(scene, finish=finish), tmp_path, size_px=200)  # type: ignore[arg-type]
        shown.append([np.asarray(Image.open(p.path)) for p in made] + [np.array([p.metal_share for p in made])])
    for narrow, wide in zip(*shown, strict=True):
        np.testing.assert_array_equal(narrow, wide)


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

    stone = diamond()
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

    monkeypatch.setattr("ringcad.core.atomic.os.replace", full)
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


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 4.0), st.floats(0.3, 1.2))
def test_metal_of_one_thickness_has_its_one_colour(thickness: float, limit: float) -> None:
    """Whole pixels of metal: the scale's colour, shaded; the compiled scale is the documented one."""
    from ringcad.render.frame import metal_of
    from ringcad.render.walls import _pane

    small = RenderScene(*torus(64, 24), ALLOYS["yellow"])
    view = views.hero(small, 120)
    shown = _pane(metal_of(small), view, np.full(len(small.vertices), thickness), limit).astype(float) / 255
    color = scale_color(np.array([thickness]), limit)[0].astype(float)
    height, width = shown.shape[:2]
    assert (height, width) == (60, 60)
    shade = shown.max(axis=-1) / color.max()
    plain = np.abs(shown / np.maximum(shade, 1e-9)[..., None] - color).max(axis=-1) < 0.02
    ground = np.abs(shown - 0.97).max(axis=-1) < 0.01
    assert plain.sum() > 300 and (plain | ground).mean() > 0.85
    assert shade[plain & ~ground].min() > 0.55 and shade[plain & ~ground].max() < 1.02


# --- images ------------------------------------------------------------------------------------------------


def test_enlarging_is_bicubic() -> None:
    """Oracle: Pillow's. Parts and single pixels are those of the whole."""
    from PIL import Image

    image = np.random.default_rng(2).random((30, 41, 3), np.float32)
    band = np.empty((1, 41, 3), np.float32)
    out = np.empty((89, 122, 3), np.float32)
    loops_image.enlarge(image, 3, 0, 0, band, out)
    for c in range(3):
        channel = Image.fromarray(np.ascontiguousarray(image[..., c]))
        expected = np.asarray(channel.resize((123, 90), Image.Resampling.BICUBIC))[:89, :122]
        np.testing.assert_allclose(out[6:-6, 6:-6, c], expected[6:-6, 6:-6], atol=2e-6)
    for top, left in ((0, 0), (1, 4), (17, 50), (60, 2)):
        part = np.empty((20, 33, 3), np.float32)
        loops_image.enlarge(image, 3, top, left, band, part)
        np.testing.assert_allclose(part, out[top : top + 20, left : left + 33], atol=1e-6)
    rows, columns = (a.ravel() for a in np.indices(out.shape[:2]))
    single = np.empty((len(rows), 3), np.float32)
    loops_image.enlarged_at(image, 3, rows, columns, single)
    np.testing.assert_allclose(single.reshape(out.shape), out, atol=1e-6)


def test_shade_is_what_a_disc_above_the_table_hides() -> None:
    """A horizontal disc hides r^2 / (r^2 + h^2) of the cosine-weighted sky from the point below its centre."""
    from ringcad.render.backdrop import GROUND_CELLS, GROUND_HALF_MM, ground_of
    from ringcad.render.tracing import Tracer

    angle = np.arange(360) / 360 * 2 * np.pi
    radius, height = 9.0, 6.0
    rim = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.full(360, height)], axis=1)
    vertices = np.concatenate([rim, [[0, 0, height], [0, 0, 0.01], [1e-3, 0, 0.01], [0, 1e-3, 0.01]]])
    fan = np.stack([np.full(360, 360), np.arange(360), np.roll(np.arange(360), -1)], axis=1)
    disc = RenderScene(vertices, np.concatenate([fan, [[361, 362, 363]]]).astype(np.int32), ALLOYS["silver"])
    ground = ground_of(Tracer(disc), disc)
    assert ground.z_mm == pytest.approx(0.0, abs=1e-6)
    middle = GROUND_CELLS // 2
    shown = ground.occlusion[middle - 3 : middle + 3, middle - 3 : middle + 3].mean()
    assert 1.0 - shown == pytest.approx(radius**2 / (radius**2 + height**2), abs=0.015)
    assert ground.occlusion.max() <= 1.0 and ground.occlusion[0, 0] > 0.95
    assert GROUND_HALF_MM == ground.half_mm


@pytest.mark.parametrize("channels", [1, 4])
def test_blur_is_gaussian(channels: int) -> None:
    from scipy.ndimage import gaussian_filter

    image = np.random.default_rng(4).random((40, 31, channels), np.float32)
    expected = gaussian_filter(image, (1.2, 1.2, 0.0), mode="nearest", radius=(4, 4, 0))
    np.testing.assert_allclose(blurred(image, 1.2), expected, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_uneven_pixels_are_those_that_differ(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = 9, 14
    display = rng.random((height, width, 3)).astype(np.float32) * np.float32(0.1)
    kind = (rng.random((height, width)) > 0.8).astype(np.int32)
    level, listed = np.empty(height * width, np.float32), np.empty(height * width, np.int64)
    count = loops_image.uneven(display.reshape(-1, 3), kind.ravel(), width, 0.05, level, listed)
    tone = np.sqrt(display @ develop.REC709)
    np.testing.assert_allclose(level, tone.ravel(), atol=1e-5)
    level = level.reshape(height, width)
    expected = np.zeros((height, width), bool)
    for axis in (0, 1):
        differs = (np.diff(kind, axis=axis) != 0) | (np.abs(np.diff(level, axis=axis)) > np.float32(0.05))
        pad = [(0, 1) if a == axis else (0, 0) for a in (0, 1)]
        expected |= np.pad(differs, pad) | np.pad(differs, [(b, a) for a, b in pad])
    np.testing.assert_array_equal(listed[:count], np.flatnonzero(expected))


def test_paper_stays_where_nothing_was_met() -> None:
    out = np.full((2, 3), 0.9, np.float32)
    loops_image.expose(np.full((2, 3), 0.5, np.float32), np.array([0, 1], np.int32), 1, 1.0, 0.3, 1.0, 0.72, out)
    np.testing.assert_allclose(out, [[0.9] * 3, [0.5] * 3], atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 2**31))
def test_a_png_reads_back_as_it_was_written(height: int, width: int, seed: int) -> None:
    import tempfile

    from PIL import Image

    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.png"
        develop.write_png(pixels, path, 60.0)
        with Image.open(path) as image:
            assert image.mode == "RGB"
            assert image.info["dpi"] == pytest.approx((1524.0, 1524.0), rel=1e-4)
            np.testing.assert_array_equal(np.asarray(image), pixels)
        develop.write_png(pixels[::-1], path)
        with Image.open(path) as image:
            assert "dpi" not in image.info
            np.testing.assert_array_equal(np.asarray(image), pixels[::-1])
