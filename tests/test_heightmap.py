"""The heightmap generator: files of every kind, repeats, frames, refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.heightmap import generator
from ringcad.generators.heightmap.generator import thicken
from ringcad.generators.heightmap.image import MAX_PIXELS, read_picture

REQUEST = GeneratorRequest("", 1, 16.0, 4.0, 0.35, 0.35, 0.25, border="plain", pixels_per_mm=16.0)


def _waves(rows: int = 60, columns: int = 90) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    y, x = np.mgrid[0:rows, 0:columns]
    return 0.5 + 0.3 * np.sin(2 * np.pi * x / columns) + 0.2 * np.cos(np.pi * y / rows)


def _save(path: Path, grey: np.ndarray[tuple[int, ...], np.dtype[np.float64]], kind: str) -> str:
    """Grey in [0, 1] as a file of a kind."""
    if kind == "png8":
        Image.fromarray(np.rint(grey * 255).astype(np.uint8)).save(path.with_suffix(".png"))
    elif kind == "png16":
        Image.fromarray(np.rint(grey * 65535).astype(np.uint16)).save(path.with_suffix(".png"))
    elif kind == "tiff32":
        Image.fromarray(grey.astype(np.float32)).save(path.with_suffix(".tif"))
    elif kind == "rgb":
        eight = np.rint(grey * 255).astype(np.uint8)
        Image.fromarray(np.stack([eight] * 3, axis=-1)).save(path.with_suffix(".png"))
    elif kind == "jpeg":
        Image.fromarray(np.rint(grey * 255).astype(np.uint8)).save(path.with_suffix(".jpg"), quality=97)
    elif kind == "palette":
        Image.fromarray(np.rint(grey * 255).astype(np.uint8)).convert("P").save(path.with_suffix(".png"))
    else:
        raise AssertionError(kind)
    return str(next(path.parent.glob(path.stem + ".*")))


@pytest.mark.parametrize("kind", ["png8", "png16", "tiff32", "rgb", "jpeg", "palette"])
def test_all_kinds_give_the_same_relief(tmp_path: Path, kind: str) -> None:
    exact = generator.generate(replace(REQUEST, image=_save(tmp_path / "reference", _waves(), "tiff32"))).height
    relief = generator.generate(replace(REQUEST, image=_save(tmp_path / "other", _waves(), kind)))
    assert relief.height.shape == (64, 256) and relief.height.dtype == np.float32
    assert relief.height.max() == 1.0 and relief.height.min() == 0.0
    assert np.abs(relief.height - exact).max() < 0.05
    edge = np.concatenate([relief.height[0], relief.height[-1], relief.height[:, 0], relief.height[:, -1]])
    assert edge.max() < 0.01


def test_sixteen_bits_are_used(tmp_path: Path) -> None:
    """A ramp over 200 of 65,536 levels is a full relief, not one step."""
    ramp = np.tile(np.linspace(0.5, 0.503, 120), (60, 1))
    heights = read_picture(_save(tmp_path / "ramp", ramp, "png16")).grey
    assert len(np.unique(heights)) > 100


def test_scale_and_offset_of_the_greys_do_not_matter(tmp_path: Path) -> None:
    plain = generator.generate(replace(REQUEST, image=_save(tmp_path / "a", _waves(), "tiff32"))).height
    other = generator.generate(replace(REQUEST, image=_save(tmp_path / "b", 1000.0 * _waves() - 70.0, "tiff32"))).height
    assert np.abs(plain - other).max() < 1e-5


def test_outliers_do_not_flatten_the_relief(tmp_path: Path) -> None:
    spiked = _waves()
    spiked[10, 10], spiked[20, 30] = 500.0, -500.0
    assert np.std(read_picture(_save(tmp_path / "spike", spiked, "tiff32")).grey) > 0.15


def test_repeats_are_whole_and_keep_proportions(tmp_path: Path) -> None:
    path = _save(tmp_path / "wave", _waves(60, 60), "tiff32")
    relief = generator.generate(replace(REQUEST, image=path, prompt="tiled"))
    assert relief.program is not None
    assert relief.program["mode"] == "periodic" and relief.program["repeats"] in (4, 5, 6, 7)
    closed = generator.generate(replace(REQUEST, image=path, prompt="mirrored", both_ends_designed=False))
    assert closed.program is not None and closed.program["repeats"] % 2 == 0
    inside = closed.height[24:40].astype(np.float64)
    steps = np.abs(np.diff(inside, axis=1)).mean(axis=0)
    assert np.abs(inside[:, 0] - inside[:, -1]).mean() <= 1.2 * steps.max()
    once = generator.generate(replace(REQUEST, image=path, prompt="stretched"))
    assert once.program is not None and once.program["repeats"] == 1
    assert any("stretched" in note for note in once.understood)


def test_an_unseamed_image_is_mirrored(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0.0, 1.0, 60), (60, 1))
    relief = generator.generate(replace(REQUEST, image=_save(tmp_path / "ramp", ramp, "tiff32")))
    assert relief.program is not None and relief.program["mode"] == "mirrored"


def test_bright_is_high_unless_told_or_drawn_on_white(tmp_path: Path) -> None:
    spot = np.zeros((80, 80))
    y, x = np.mgrid[0:80, 0:80]
    spot = np.exp(-((x - 40) ** 2 + (y - 40) ** 2) / 300.0)
    bright = read_picture(_save(tmp_path / "bright", spot, "png8"))
    assert (bright.grey[40, 40] > 0.9) and bright.grey[0, 0] < 0.1
    flipped = read_picture(_save(tmp_path / "flip", spot, "png8"), invert=True)
    assert flipped.grey[40, 40] < 0.1
    paper = read_picture(_save(tmp_path / "paper", 1.0 - spot, "png8"))
    assert paper.grey[40, 40] > 0.9 and any("white ground" in note for note in paper.notes)
    kept = read_picture(_save(tmp_path / "kept", 1.0 - spot, "png8"), invert=False)
    assert kept.grey[40, 40] < 0.1


def test_silhouettes_become_rounded_metal(tmp_path: Path) -> None:
    image = np.zeros((200, 200, 4), dtype=np.uint8)
    y, x = np.mgrid[0:200, 0:200]
    image[..., 3] = np.where((x - 100) ** 2 + (y - 100) ** 2 < 80**2, 255, 0)
    path = tmp_path / "disc.png"
    Image.fromarray(image).save(path)
    relief = generator.generate(replace(REQUEST, image=str(path), pixels_per_mm=24.0))
    assert any("silhouette" in note for note in relief.understood)
    inner = relief.height[24:-24, 24:-24]
    # A rounded form has many heights between ground and crest.
    assert ((inner > 0.1) & (inner < 0.9)).mean() > 0.1


def test_thin_lines_get_a_castable_width() -> None:
    solid = np.zeros((120, 200), dtype=bool)
    solid[58:61, 30:170] = True
    solid[20:40, 40:70] = True
    thick = thicken(solid, 6.0)
    assert thick[:, 100].sum() >= 11
    # What is broad enough stays as it is.
    assert (thick[15:45, 35:75] == solid[15:45, 35:75]).all()


@pytest.mark.parametrize("case", ["none", "missing", "folder", "text", "truncated", "one", "constant", "nan", "clear"])
def test_unusable_images_are_refused(tmp_path: Path, case: str) -> None:
    path = tmp_path / "image.png"
    words = {
        "none": "needs an image",
        "missing": "does not exist",
        "folder": "is a folder",
        "text": "not a readable image",
        "truncated": "not a readable image",
        "one": "1 x 1 pixels",
        "constant": "constant grey",
        "nan": "not numbers",
        "clear": "transparent everywhere",
    }
    target: str | None = str(path)
    if case == "none":
        target = None
    elif case == "folder":
        target = str(tmp_path)
    elif case == "text":
        path.write_text("this is not a picture")
    elif case == "truncated":
        Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200), dtype=np.uint8)).save(path)
        path.write_bytes(path.read_bytes()[:5000])
    elif case == "one":
        Image.new("L", (1, 1)).save(path)
    elif case == "constant":
        Image.new("L", (50, 50), 90).save(path)
    elif case == "nan":
        grey = _waves().astype(np.float32)
        grey[3, 4] = np.nan
        target = str(tmp_path / "nan.tif")
        Image.fromarray(grey).save(target)
    elif case == "clear":
        # Varying alpha that never reaches half.
        image = np.zeros((40, 40, 4), dtype=np.uint8)
        image[:20, :, 3] = 20
        Image.fromarray(image).save(path)
    with pytest.raises(InputError, match=words[case]) as caught:
        generator.generate(replace(REQUEST, image=target))
    assert "decoration.image" in str(caught.value)


@pytest.mark.parametrize(("columns", "rows"), [(10_000, 10_000), (20_000, 16_000)])
def test_huge_images_are_refused_from_their_header(tmp_path: Path, columns: int, rows: int) -> None:
    path = tmp_path / "huge.png"
    # The header alone says how large it is; were the rest decoded, this file would be unreadable instead.
    small = tmp_path / "small.png"
    Image.new("L", (9, 9)).save(small)
    data = bytearray(small.read_bytes())
    data[16:24] = columns.to_bytes(4, "big") + rows.to_bytes(4, "big")
    import zlib

    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(bytes(data))
    assert columns * rows > MAX_PIXELS
    with pytest.raises(InputError, match="megapixels") as caught:
        generator.generate(replace(REQUEST, image=str(path)))
    assert "Scale it" in str(caught.value)


def test_a_band_without_room_is_refused(tmp_path: Path) -> None:
    path = _save(tmp_path / "wave", _waves(), "png8")
    with pytest.raises(InputError, match="no border"):
        generator.generate(replace(REQUEST, image=path, width_mm=1.6))


def test_words_that_say_nothing_are_reported(tmp_path: Path) -> None:
    path = _save(tmp_path / "wave", _waves(), "png8")
    relief = generator.generate(replace(REQUEST, image=path, prompt="mirrored, milgrain edges, purple"))
    assert relief.not_understood == ("purple",)
    assert any("milgrain" in note for note in relief.understood)
