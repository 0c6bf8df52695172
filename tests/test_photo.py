"""The photo generator: its network against torch and scipy, what it learned, how pictures are laid, refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.photo import generator
from ringcad.generators.photo.heights import (
    HELD_OUT,
    TRAINED,
    Known,
    band,
    held_out_motif,
    inflate,
    motif_body,
    motif_mask,
    names,
)
from ringcad.generators.photo.network import convolve, forward, heights, load_weights, scrambled, stored_check
from ringcad.generators.photo.network import normalised as normalise
from ringcad.generators.photo.pairs import Kind, Pair, make_pair
from ringcad.generators.photo.seeing import see

Array = NDArray[np.float64]
REQUEST = GeneratorRequest(
    prompt="", seed=1, length_mm=20.0, width_mm=5.0, depth_mm=0.35, min_stroke_mm=0.35, min_gap_mm=0.25,
    border="none", pixels_per_mm=16.0,
)  # fmt: skip


def _save(path: Path, values: Array) -> str:
    Image.fromarray(np.rint(255.0 * np.clip(values, 0.0, 1.0)).astype(np.uint8)).save(path)
    return str(path)


def _disc(side: int = 160, share: float = 0.6) -> Array:
    """Coverage of a disc of this share of the picture's side."""
    y, x = np.mgrid[0:side, 0:side] + 0.5 - 0.5 * side
    return np.clip(0.5 * share * side - np.hypot(x, y) + 0.5, 0.0, 1.0)


def _correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


# --- the network ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_is_that_of_scipy(stride: int) -> None:
    dice = np.random.default_rng(3)
    x = dice.normal(size=(70, 12, 3)).astype(np.float32)
    weight, bias = dice.normal(size=(3, 3, 3, 5)).astype(np.float32), dice.normal(size=5).astype(np.float32)
    found = convolve(x, weight, bias, stride)
    for k in range(5):
        planes = [ndimage.correlate(x[..., c], weight[:, :, c, k], mode="constant") for c in range(3)]
        assert np.abs(found[..., k] - (np.sum(planes, axis=0) + bias[k])[::stride, ::stride]).max() < 1e-4


def test_numpy_and_torch_agree() -> None:
    """Training stored its own answer (torch, before rounding to 16 bits) to a fixed picture."""
    weights = load_weights()
    picture, stored = stored_check(weights)
    height, logits = forward(normalise(picture), weights)
    found = np.concatenate([height.ravel()[::97], logits])
    assert np.abs(found - np.array(stored)).max() < 0.01 * np.abs(stored).max()
    assert np.ptp(height) > 0.1


def test_exposure_does_not_matter() -> None:
    pair = _pairs("photo")[0]
    plain, _ = heights(pair.picture)
    other, _ = heights(0.4 * pair.picture + 0.3)
    assert np.abs(plain - other).max() < 0.01 * np.ptp(plain)


@pytest.mark.parametrize("shape", [(8, 8), (33, 200), (128, 65)])
def test_any_size_is_seen(shape: tuple[int, int]) -> None:
    height, chances = heights(np.random.default_rng(0).random(shape, dtype=np.float32))
    assert height.shape == shape and np.isfinite(height).all()
    assert sum(chances.values()) == pytest.approx(1.0)


@cache
def _pairs(kind: Kind) -> list[Pair]:
    """Pictures of families and motifs that training never saw."""
    dice = np.random.default_rng(4242)
    bank: list[Known] = [item for family in HELD_OUT if (item := band(family, 900_001)) is not None]
    bank += [motif_body(name, dice) for name in [name for name in names() if held_out_motif(name)][:20]]
    # single pictures scatter by 0.45: the mean of so many holds to 0.07
    return [make_pair(bank, 128, dice, kind, True) for _ in range(48)]


@pytest.mark.parametrize(("kind", "least"), [("photo", 0.45), ("silhouette", 0.55), ("drawing", 0.3)])
def test_it_knows_more_than_luminance_and_shuffled_weights(kind: Kind, least: float) -> None:
    pairs, mixed = _pairs(kind), scrambled(load_weights(), 1)
    mine = np.mean([_correlation(heights(pair.picture)[0], pair.height) for pair in pairs])
    # The better sign is granted to what does not know which side is up.
    grey = np.mean([abs(_correlation(pair.picture, pair.height)) for pair in pairs])
    control = np.mean([abs(_correlation(heights(pair.picture, mixed)[0], pair.height)) for pair in pairs])
    assert mine > least and mine > control + 0.2
    if kind != "silhouette":
        assert mine > grey + 0.1


def test_what_is_held_out_is_held_out() -> None:
    assert not set(HELD_OUT) & set(TRAINED)
    share = np.mean([held_out_motif(name) for name in names()])
    assert 0.08 < share < 0.18


# --- known heights and their pictures --------------------------------------------------------------------------------


def test_a_disc_is_inflated_as_the_membrane_says() -> None:
    """Screened membrane on a disc: 1 - I0(r / L) / I0(R / L), to the power that makes it a body."""
    from scipy.special import iv

    from ringcad.generators.photo.heights import CREST, ROUNDNESS

    side, radius = 144, 50.0
    y, x = np.mgrid[0:side, 0:side] - 0.5 * (side - 1)
    r = np.hypot(x, y)
    found, length = inflate(r < radius), CREST * side
    exact = 1.0 - iv(0, r / length) / iv(0, radius / length)
    exact = (np.clip(exact, 0.0, None) / exact.max()) ** ROUNDNESS
    inner = r < radius - 4.0
    assert np.abs(found - exact)[inner].max() < 0.02
    assert found[r >= radius].max() == 0.0 and found.max() == 1.0


def test_a_motif_stands_upright() -> None:
    """Row 0 is the top: an anchor's ring is above its arms, so the lower half is wider."""
    anchor = motif_mask("anchor")
    rows = np.flatnonzero(anchor.any(axis=1))
    width = anchor[rows].sum(axis=1)
    assert width[: len(rows) // 2].sum() < width[len(rows) // 2 :].sum()


@pytest.mark.parametrize("elevation_deg", [25.0, 45.0, 60.0])
def test_a_wall_casts_its_shadow(elevation_deg: float) -> None:
    from ringcad.generators.photo.shading import cast_shadow

    z = np.zeros((64, 96), dtype=np.float32)
    z[:, 60:] = 10.0
    elevation = np.deg2rad(elevation_deg)
    towards = np.array([np.cos(elevation), 0.0, np.sin(elevation)], dtype=np.float32)
    lit = cast_shadow(z, towards, steps=60)
    dark = 60 - int(np.flatnonzero(lit[32] < 0.5)[0])
    # Half light where the wall stands 0.5 (0.35 + 0.12 t) above the ray: a penumbra that grows with the distance t.
    assert abs(dark - (10.0 - 0.175) / (np.tan(elevation) + 0.06)) < 1.5
    assert dark < 10.0 / np.tan(elevation)
    assert (lit[:, 60:] > 0.99).all() and (lit[:, :20] > 0.99).all()


def test_pairs_repeat_with_their_seed() -> None:
    bank = [motif_body("anchor", np.random.default_rng(1))]
    for kind in ("photo", "silhouette", "drawing"):
        one, two, other = (make_pair(bank, 64, np.random.default_rng(s), kind) for s in (5, 5, 6))
        assert np.array_equal(one.picture, two.picture) and np.array_equal(one.height, two.height)
        assert not np.array_equal(one.picture, other.picture)
        assert 0.0 <= one.picture.min() and one.picture.max() <= 1.0 and np.ptp(one.height) == pytest.approx(1.0)


# --- laying it into a band -----------------------------------------------------------------------------------------


def _extent(relief: Relief) -> tuple[list[int], list[int]]:
    """Rows and columns where metal stands at half height."""
    solid = relief.height > 0.5
    return [int(k) for k in np.flatnonzero(solid.any(axis=1))], [int(k) for k in np.flatnonzero(solid.any(axis=0))]


def test_a_lone_motif_keeps_its_shape_and_repeats(tmp_path: Path) -> None:
    path = _save(tmp_path / "disc.png", 1.0 - _disc())
    relief = generator.generate(replace(REQUEST, image=path))
    assert relief.program is not None and relief.program["kind"] == "silhouette" and relief.program["alone"]
    labels, count = ndimage.label(relief.height > 0.5)
    assert count == relief.program["repeats"] >= 3
    for rows, columns in ndimage.find_objects(labels):
        assert abs((rows.stop - rows.start) - (columns.stop - columns.start)) <= 2
    assert relief.height.shape == (80, 320) and relief.height.dtype == np.float32
    assert relief.height.max() == 1.0 and relief.height.min() == 0.0
    assert np.concatenate([relief.height[0], relief.height[-1], relief.height[:, 0], relief.height[:, -1]]).max() < 0.01


def test_once_stands_in_the_middle(tmp_path: Path) -> None:
    path = _save(tmp_path / "disc.png", 1.0 - _disc())
    relief = generator.generate(replace(REQUEST, image=path, prompt="once"))
    assert ndimage.label(relief.height > 0.5)[1] == 1
    rows, columns = _extent(relief)
    assert abs(rows[0] + rows[-1] - 79) <= 2 and abs(columns[0] + columns[-1] - 319) <= 2


def test_a_disc_is_blown_up_to_a_dome(tmp_path: Path) -> None:
    relief = generator.generate(replace(REQUEST, image=_save(tmp_path / "d.png", 1.0 - _disc()), prompt="once"))
    y, x = np.mgrid[0:80, 0:320] + 0.5
    r = np.hypot(x - 160.0, y - 40.0)
    rings = [float(relief.height[(r >= a) & (r < a + 5.0)].mean()) for a in (0.0, 12.0, 24.0)]
    assert rings[0] > rings[1] > rings[2] > 0.4


@pytest.mark.parametrize("kind", ["white on black", "alpha", "grey"])
def test_how_a_silhouette_is_painted_does_not_matter(tmp_path: Path, kind: str) -> None:
    disc = np.maximum(_disc(160, 0.5), np.roll(_disc(160, 0.25), 45, axis=1))
    black = generator.generate(replace(REQUEST, image=_save(tmp_path / "black.png", 1.0 - disc))).height
    target = tmp_path / "other.png"
    if kind == "alpha":
        rgba = np.zeros((160, 160, 4), dtype=np.uint8)
        rgba[..., 3] = np.rint(255.0 * disc)
        Image.fromarray(rgba).save(target)
    else:
        _save(target, disc if kind == "white on black" else 0.8 - 0.5 * disc)
    other = generator.generate(replace(REQUEST, image=str(target))).height
    assert np.mean((black > 0.5) == (other > 0.5)) > 0.98
    assert _correlation(black, other) > 0.97


def test_dark_or_bright_can_be_asked_for(tmp_path: Path) -> None:
    """A black frame round a white middle: the words decide which of the two is metal."""
    path = _save(tmp_path / "disc.png", 1.0 - _disc(160, 0.7))
    ground = see(path, None, "silhouette")
    dark, bright = see(path, True, "silhouette"), see(path, False, "silhouette")
    assert ground.picture.outline is not None and dark.picture.outline is not None
    assert bright.picture.outline is not None
    assert np.array_equal(ground.picture.outline, dark.picture.outline)
    assert bright.picture.outline[0, 0] > 0.9 and bright.picture.outline[80, 80] < 0.1


@pytest.mark.parametrize("closed", [False, True])
def test_a_field_fills_the_band_undistorted(tmp_path: Path, closed: bool) -> None:
    """Studs lit from above, everywhere in the picture: as round in the band as in the photo."""
    y, x = np.mgrid[0:120, 0:150].astype(float)
    z = np.sqrt(np.clip(1.0 - ((x % 30 - 15) ** 2 + (y % 30 - 15) ** 2) / 169.0, 0.0, 1.0))
    gy, gx = np.gradient(8.0 * z)
    photo = 0.1 + 0.8 * np.clip((gy + 0.3 * gx + 0.9) / (1.4 * np.sqrt(gx * gx + gy * gy + 1.0)), 0.0, 1.0)
    request = replace(REQUEST, image=_save(tmp_path / "studs.png", photo), prompt="mirrored photo")
    relief = generator.generate(replace(request, both_ends_designed=not closed))
    assert relief.program is not None and not relief.program["alone"]
    assert "read as a photo of a relief (known, not guessed)" in relief.understood
    if closed:
        assert relief.program["repeats"] % 2 == 0
        step = np.abs(relief.height[:, 0] - relief.height[:, -1]).max()
        assert step <= np.abs(np.diff(relief.height, axis=1)).max() + 1e-6
    seen = see(request.image).picture.grey
    studs = ndimage.zoom(z, np.array(seen.shape) / z.shape, order=1)
    assert _correlation(seen, studs) > 0.6


def test_same_request_same_relief(tmp_path: Path) -> None:
    request = replace(REQUEST, image=_save(tmp_path / "disc.png", 1.0 - _disc()), prompt="milgrain edges, purple")
    one, two = generator.generate(request), generator.generate(request)
    assert np.array_equal(one.height, two.height) and one.program == two.program
    assert one.not_understood == ("purple",)
    assert any("border milgrain" in note for note in one.understood)
    assert any(note.startswith("read as a silhouette") for note in one.understood)


BAD = {
    "missing": "does not exist",
    "folder": "folder",
    "text": "not a readable image",
    "one pixel": "at least 8",
    "constant": "constant grey",
    "nan": "not numbers",
    "transparent": "transparent everywhere",
    "huge": "megapixels",
}


@pytest.mark.parametrize("case", BAD)
def test_unusable_images_are_refused_with_the_reason(tmp_path: Path, case: str) -> None:
    path = tmp_path / "bad.png"
    if case == "folder":
        path.mkdir()
    elif case == "text":
        path.write_text("no picture")
    elif case == "one pixel":
        _save(path, np.zeros((1, 1)))
    elif case == "constant":
        _save(path, np.full((40, 40), 0.4))
    elif case == "nan":
        path = tmp_path / "bad.tiff"
        Image.fromarray(np.where(np.eye(40) > 0, np.nan, 1.0).astype(np.float32)).save(path)
    elif case == "transparent":
        faint = np.zeros((20, 20, 4), dtype=np.uint8)
        faint[..., 3] = np.arange(20)
        Image.fromarray(faint).save(path)
    elif case == "huge":
        Image.new("1", (10_000, 10_000)).save(path)
    with pytest.raises(InputError, match=BAD[case]) as caught:
        generator.generate(replace(REQUEST, image=str(path)))
    assert str(caught.value).startswith("decoration.image")


def test_without_an_image_it_asks_for_one() -> None:
    with pytest.raises(InputError, match="needs an image"):
        generator.generate(REQUEST)


def test_an_image_without_a_generator_is_read_by_it() -> None:
    from ringcad.registry import load_generator
    from ringcad.spec.models import DecorationSpec

    assert load_generator(DecorationSpec(image="lion.jpg").drawn_by) is generator
    assert DecorationSpec(image="lion.jpg", generator="heightmap").drawn_by == "heightmap"
    assert DecorationSpec(prompt="ivy").drawn_by == "ornament"


def test_a_ring_is_read_without_torch(tmp_path: Path) -> None:
    path = _save(tmp_path / "disc.png", 1.0 - _disc(64))
    code = (
        "import sys; from ringcad.generation import GeneratorRequest; from ringcad.generators.photo import generator;"
        f"generator.generate(GeneratorRequest('', 1, 12.0, 4.0, 0.3, 0.35, 0.25, image={path!r}));"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
