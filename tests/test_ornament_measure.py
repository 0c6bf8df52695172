"""The measures of reliefs against arrays whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.generators.ornament import measure as m
from ringcad.generators.ornament.measure_strokes import bending, cleanness, shaded, specks, spurs

Array = NDArray[np.float64]
PIXELS = 20.0
"""Pixels per mm."""


def grid(length: float = 24.0, width: float = 6.0) -> tuple[Array, Array]:
    """Pixel centres u, v (v from the axis), mm."""
    u = (np.arange(round(length * PIXELS)) + 0.5) / PIXELS
    v = (np.arange(round(width * PIXELS)) + 0.5) / PIXELS - 0.5 * width
    a, b = np.meshgrid(u, v)
    return a, b


def dome(distance: Array, width: float) -> Array:
    """A semi-elliptic stroke of a width at half height."""
    return np.sqrt(np.clip(1.0 - (distance / (width / np.sqrt(3.0))) ** 2, 0.0, None))


def heights(values: Array, periodic: bool = True) -> m.Heights:
    return m.Heights(values, values.shape[1] / PIXELS, values.shape[0] / PIXELS, periodic)


def rails(style: str, inset: float = 0.5, width: float = 0.4) -> Array:
    """A border of a known kind along both long edges."""
    u, v = grid()
    from_edge = 3.0 - np.abs(v)
    rail = dome(from_edge - inset, width)
    if style == "none":
        return np.zeros_like(u)
    if style == "plain":
        return rail
    if style == "double":
        return np.maximum(rail, dome(from_edge - inset - 0.75, width))
    pitch = 24.0 / 50
    if style == "milgrain":
        along = (u + 0.5 * pitch) % pitch - 0.5 * pitch
        beads = dome(np.hypot(along, from_edge - inset), 0.46)
    else:
        slanted = (u + 0.8 * from_edge + 0.5 * pitch) % pitch - 0.5 * pitch
        beads = dome(slanted / 1.3, 0.3) * (np.abs(from_edge - inset) < 0.22)
    return np.maximum(0.6 * (np.abs(from_edge - inset) < 0.23), beads)


@pytest.mark.parametrize("style", ["none", "plain", "double", "milgrain", "rope"])
@pytest.mark.parametrize("inside", ["balls", "line", "field"])
def test_border_is_told_whatever_stands_inside(style: str, inside: str) -> None:
    u, v = grid()
    figure = {
        "balls": dome(np.hypot((u % 2.0) - 1.0, v), 1.2),
        "line": dome(v - np.sin(2 * np.pi * u / 4.0), 0.4),
        "field": np.where(np.abs(v) < (1.1 if style != "none" else 3.0), 0.7 + 0.2 * np.sin(5 * u), 0.0),
    }[inside]
    found = m.find_border(heights(np.maximum(rails(style), figure)))
    assert found.kind == style
    inner = m.inner(heights(np.maximum(rails(style), figure)))
    # The figure stays, the border goes.
    assert inner.metal.sum() == pytest.approx((figure > 0.5).sum(), rel=0.02)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_rows(n: int) -> None:
    u, v = grid()
    pitch = 5.0 / n
    line = dome(((v + 2.5) % pitch) - 0.5 * pitch - 0.15 * pitch * np.sin(2 * np.pi * u / 3.0), 0.35)
    line[np.abs(v) > 2.5] = 0.0
    assert m.clear_rows(heights(line)) == n


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_rows_that_interlock(n: int) -> None:
    """Balls in quincunx, so near that no clear ground runs between their rows."""
    u, v = grid()
    pitch = 4.0 / n
    balls = np.max(
        [
            dome(np.hypot((u + 1.0 * (k % 2)) % 2.0 - 1.0, v + 2.0 - (k + 0.5) * pitch), 1.1 * pitch if n > 1 else 3.0)
            for k in range(n)
        ],
        axis=0,
    )
    assert m.rows_seen(heights(balls)) == n
    if n > 1:
        assert m.clear_rows(heights(balls)) == 1


@pytest.mark.parametrize("n", [3, 7, 12, 30])
@pytest.mark.parametrize("turned", [False, True])
def test_repeats_round_a_closed_band(n: int, turned: bool) -> None:
    u, v = grid()
    period = 24.0 / n
    cell = np.floor(u / period).astype(int)
    side = np.where(cell % 2 == 1, -1.0, 1.0) if turned and n % 2 == 0 else np.ones_like(u)
    x = u % period - 0.5 * period
    figure = np.maximum(dome(np.hypot(x, v), 0.4), dome(np.hypot(x - 0.15 * period, side * v - 0.9), 0.3))
    count, exact = m.repeats(heights(figure))
    assert count == n and exact > 0.97


def test_repeats_of_nothing_and_of_an_open_zone() -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(3).random((120, 480)), 4, mode=("nearest", "wrap"))
    assert m.repeats(heights(noise)) == (1, 0.0)
    with pytest.raises(ValueError, match="closed band"):
        m.repeats(heights(noise, periodic=False))


@pytest.mark.parametrize("width", [0.35, 0.6, 1.0])
def test_stroke_and_gap_widths(width: float) -> None:
    _, v = grid()
    # The two strokes that the edges would cut are left out.
    lines = np.where(np.abs(v) < 2.39, dome((v + 0.8) % 1.6 - 0.8, width), 0.0)
    assert m.stroke_mm(heights(lines)) == pytest.approx(width, abs=0.06)
    lines = dome((v + 0.8) % 1.6 - 0.8, width)
    assert m.gap_mm(heights(lines)) == pytest.approx(1.6 - width, abs=0.06)
    ring = dome(np.hypot(*(np.array(grid()) - np.array([12.0, 0.0])[:, None, None])) - 1.8, width)
    assert m.stroke_mm(heights(ring)) == pytest.approx(width, abs=0.08)


def test_coverage_density_and_chord_scale_as_they_should() -> None:
    u, v = grid()

    def disc(x: Array, y: Array, width: float) -> Array:
        # A soft edge one pixel wide at half the width.
        return np.clip(0.5 + PIXELS * (0.5 * width - np.hypot(x, y)), 0.0, 1.0)

    balls = disc((u % 2.0) - 1.0, (v % 2.0) - 1.0, 1.0)
    small = disc((u % 1.0) - 0.5, (v % 1.0) - 0.5, 0.5)
    assert m.coverage(heights(balls)) == pytest.approx(np.pi / 16, rel=0.02)
    assert m.coverage(heights(small)) == pytest.approx(np.pi / 16, rel=0.04)
    # One circle of circumference pi in 4 mm2, all levels within a pixel.
    assert m.contour_density(heights(balls)) == pytest.approx(np.pi / 4, rel=0.03)
    assert m.contour_density(heights(small)) == pytest.approx(np.pi / 2, rel=0.05)
    stripes = (u % 3.0 < 1.0).astype(float)
    assert m.chord_mm(heights(stripes)) == pytest.approx(1.5)


def test_broad_forms_are_told_from_stems() -> None:
    u, v = grid()
    stem = dome(v, 0.4)
    leaves = dome(np.hypot((u % 3.0) - 1.5, v - 1.0), 1.2)
    assert m.broad_share(heights(stem), 0.7) == 0.0
    # A leaf of 1.2 mm in 3 mm by 6 mm; where it touches the stem a disc reaches a little farther.
    assert m.broad_share(heights(np.maximum(stem, leaves)), 0.7) == pytest.approx(np.pi * 0.36 / 18.0, rel=0.1)


def test_profiles_by_their_plateau() -> None:
    _, v = grid()
    x = np.abs(v) / 0.5
    shapes = {
        "flat": np.clip(1.0 - (x / (1.0 - 0.5**4) ** -0.25) ** 4, 0.0, None) ** 0.25,
        "dome": np.sqrt(np.clip(1.0 - 0.75 * x * x, 0.0, None)),
        "roof": np.clip(1.0 - 0.5 * x, 0.0, None),
    }
    share = {name: m.plateau_share(heights(shape)) for name, shape in shapes.items()}
    assert share["flat"] == pytest.approx(0.735, abs=0.06)
    assert share["dome"] == pytest.approx(0.453, abs=0.06)
    assert share["roof"] == pytest.approx(0.16, abs=0.06)
    # A lower stroke has a crest of its own.
    lower = m.plateau_share(heights(np.where(grid()[0] > 12.0, 0.75, 1.0) * shapes["flat"]))
    assert lower == pytest.approx(share["flat"], abs=0.12)


def test_tallest_piece() -> None:
    u, v = grid()
    disc = np.hypot(u - 12.0, v - 0.5) < 1.5
    assert m.tallest_share(heights(disc.astype(float))) == pytest.approx(0.5, abs=0.02)
    # Two pieces, one above the other, are not one tall piece.
    two = (np.abs(np.abs(v) - 1.5) < 0.6) & (u % 4.0 < 2.0)
    assert m.tallest_share(heights(two.astype(float))) == pytest.approx(0.2, abs=0.02)


def test_soft_is_less_steep() -> None:
    _, v = grid()
    crisp = dome(v, 0.6)
    soft = ndimage.gaussian_filter(crisp, 3)
    assert m.steepness(heights(soft / soft.max())) < 0.8 * m.steepness(heights(crisp))


def test_symmetry_and_regularity() -> None:
    u, v = grid()
    period = u % 3.0
    hook = np.maximum(dome(np.hypot(period - 1.0, v - 0.5), 1.0), dome(np.hypot(period - 1.9, v - 1.4), 0.5))
    assert m.mirror_score(heights(hook)) < 0.9
    assert m.mirror_score(heights(hook[:, ::-1] + np.roll(hook, 31, axis=1))) > 0.999
    assert m.mirror_score(heights(np.maximum(hook, hook[::-1]))) > 0.999
    assert m.regularity(heights(hook)) > 0.999
    rng = np.random.default_rng(4)
    at = rng.uniform(0, 24, 8)
    loose = np.max([dome(np.hypot(u - a, v - b), 0.9) for a, b in zip(at, rng.uniform(-1.5, 1.5, 8), strict=True)], 0)
    assert m.regularity(heights(loose)) < 0.6
    # Every second one turned over is a pattern too.
    turned = np.where(u % 6.0 < 3.0, hook, hook[::-1])
    assert m.regularity(heights(turned)) > 0.99


def test_bending_of_circles_and_lines() -> None:
    u, v = grid()
    cone = np.clip(1.5 - np.hypot(u - 12.0, v), 0.0, 1.0)
    # Level lines of radius 0.5 to 1.5 mm: total curvature 2 pi each over the mean length 2 pi.
    assert bending(heights(cone), 0.06) == pytest.approx(1.0, rel=0.1)
    assert bending(heights(dome(v, 0.6)), 0.06) < 0.01


def melted(values: Array, seed: int = 0) -> Array:
    """A relief as a starved diffusion network leaves it: warped, blurred, with noise of the stroke's size."""
    rng = np.random.default_rng(seed)

    def noise(sigma: float) -> Array:
        found = ndimage.gaussian_filter(rng.standard_normal(values.shape), sigma, mode=("nearest", "wrap"))
        return np.asarray(found / found.std())

    rows, columns = np.indices(values.shape, dtype=np.float64)
    warped = ndimage.map_coordinates(values, [rows + 3.0 * noise(4), columns + 3.0 * noise(4)], order=1, mode="nearest")
    return np.clip(ndimage.gaussian_filter(warped, 1.2) + 0.1 * noise(1.5) + 0.12 * noise(4), 0.0, 1.0)


def spiral_band() -> Array:
    u, v = grid()
    x, y = u % 6.0 - 3.0, v
    radius = np.hypot(x, y)
    turns = np.abs((radius - 0.9 * np.arctan2(y, x) / (2 * np.pi)) % 0.9 - 0.45)
    return np.where((radius > 0.4) & (radius < 2.5), dome(turns, 0.38), 0.0)


def test_cleanness_tells_melted_from_clean_on_heights_and_on_shading() -> None:
    clean = heights(spiral_band())
    for seed in range(3):
        bad = heights(melted(clean.values, seed))
        good, worse = cleanness(clean), cleanness(bad)
        assert worse.tremor > 1.5 * good.tremor + 0.5
        assert worse.spurs > 1.5 * good.spurs
        assert worse.specks > 1.3 * good.specks
        assert cleanness(shaded(bad)).tremor > 1.5 * cleanness(shaded(clean)).tremor


def test_specks_and_spurs_are_counted() -> None:
    u, v = grid()
    line = dome(v, 0.4)
    assert specks(heights(line)) == 0.0 and spurs(heights(line)) == 0.0
    dots = line.copy()
    dots[10, ::48] = 1.0
    # Ten dots at each of three levels over three pairs of contours of 24 mm (and the dots' own).
    assert specks(heights(dots)) == pytest.approx(30 / (3 * (2 * 24 * np.pi / 4 + 10 * 0.2 * np.pi / 4)), rel=0.02)
    thorny = np.maximum(line, ((u % 2.4 < 0.1) & (v > 0) & (v < 0.42)).astype(float))
    assert spurs(heights(thorny)) > 0.2


def test_a_cut_keeps_its_scale() -> None:
    field = heights(np.zeros((60, 200)), periodic=True)
    part = field.rows_cut(10, 40).columns_cut(20, 120)
    assert (part.width_mm, part.length_mm, part.periodic) == (pytest.approx(1.5), pytest.approx(5.0), False)
    assert m.middle_part(field) is field
    assert m.middle_part(part).values.shape == (30, 60)
