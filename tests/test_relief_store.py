"""Stored reliefs: what is written comes back bit for bit, and damage is noticed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, PngImagePlugin

from ringcad.core.errors import InputError
from ringcad.generation import Relief
from ringcad.relief.store import content_hash, quantise, read_relief, store_relief


def sample(seed: int = 0) -> Relief:
    rng = np.random.default_rng(seed)
    return Relief(
        rng.uniform(0, 1, (13, 29)).astype(np.float32),
        23.456789,
        5.4321,
        understood=("Ranke mit Blättern",),
        retrieved=("vine",),
        not_understood=("blue",),
        program={"family": "vine", "repeats": 7, "layers": [{"kind": "stem", "width_mm": 0.4}]},
    )


def rewrite(path: Path, levels: np.ndarray | None = None, **changes: object) -> None:
    with Image.open(path) as image:
        image.load()
        record = json.loads(image.text["ringcad-relief"])
        pixels = np.asarray(image).astype(np.uint16) if levels is None else levels
    record.update(changes)
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("ringcad-relief", json.dumps(record))
    Image.fromarray(pixels).save(path, pnginfo=notes)


def test_round_trip_is_exact(tmp_path: Path) -> None:
    relief = sample()
    digest = store_relief(relief, tmp_path / "relief.png")
    back = read_relief(tmp_path / "relief.png", sha256=digest)
    wanted = quantise(relief)
    np.testing.assert_array_equal(back.height, wanted.height)
    assert back.height.dtype == np.float32
    assert replace(back, height=wanted.height) == replace(wanted, height=wanted.height)
    assert content_hash(back) == digest
    assert [p.name for p in tmp_path.iterdir()] == ["relief.png"]
    with Image.open(tmp_path / "relief.png") as image:
        assert image.mode.startswith("I;16")


@settings(max_examples=50)
@given(arrays(np.float32, (3, 5), elements=st.floats(0, 1, width=32)))
def test_quantising_is_idempotent_and_close(height: np.ndarray) -> None:
    relief = Relief(height, 3.0, 2.0)
    once = quantise(relief)
    assert np.max(np.abs(once.height.astype(float) - height)) <= 0.5 / 65535 + 1e-7
    np.testing.assert_array_equal(quantise(once).height, once.height)
    assert content_hash(once) == content_hash(relief)


def test_every_level_survives() -> None:
    levels = np.arange(65536).reshape(256, 256)
    height = (levels / 65535).astype(np.float32)
    np.testing.assert_array_equal(np.rint(quantise(Relief(height, 1.0, 1.0)).height * 65535.0), levels)


def test_the_hash_is_of_the_content(tmp_path: Path) -> None:
    relief = sample()
    digest = store_relief(relief, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("ringcad-relief", image.text["ringcad-relief"])
        Image.fromarray(np.asarray(image)).save(tmp_path / "b.png", pnginfo=notes, compress_level=0)
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()
    read_relief(tmp_path / "b.png", sha256=digest)
    assert content_hash(replace(relief, understood=())) == digest
    assert content_hash(replace(relief, length_mm=23.5)) != digest
    bumped = relief.height.copy()
    bumped[3, 4] = 0.0 if bumped[3, 4] > 0.5 else 1.0
    assert content_hash(replace(relief, height=bumped)) != digest
    assert content_hash(replace(relief, height=relief.height.reshape(29, 13))) != digest


def test_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "relief.png"

    def fails(words: str, sha256: str | None = None) -> None:
        with pytest.raises(InputError, match=words):
            read_relief(path, sha256=sha256)

    fails("missing")
    store_relief(sample(), path)
    good = path.read_bytes()
    fails("lock file", sha256="0" * 64)
    path.write_bytes(good[: len(good) // 2])
    fails("not a readable PNG|match|metric")
    path.write_bytes(b"no picture at all")
    fails("not a readable PNG")
    path.write_bytes(good)
    rewrite(path, levels=np.zeros((13, 29), np.uint16))
    fails("its own record")
    for changes, words in (
        ({"length_mm": 24.0}, "its own record"),
        ({"length_mm": -1.0}, "length_mm"),
        ({"width_mm": "wide"}, "width_mm"),
        ({"format": 99}, "format"),
        ({"understood": "vine"}, "understood"),
        ({"sha256": None}, "hash is missing"),
        ({"program": 3}, "program"),
    ):
        path.write_bytes(good)
        rewrite(path, **changes)
        fails(words)
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(path)
    fails("without a relief's metric")
    path.unlink()
    path.mkdir()
    fails("not a readable PNG")


def test_unwritable_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        store_relief(sample(), tmp_path / "nowhere" / "relief.png")
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(InputError, match="cannot be written"):
            store_relief(sample(), tmp_path / "relief.png")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "relief.png"
    digest = store_relief(sample(0), path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(InputError, match="No space left"):
        store_relief(sample(1), path)
    monkeypatch.undo()
    read_relief(path, sha256=digest)
    assert [p.name for p in tmp_path.iterdir()] == ["relief.png"]


@pytest.mark.parametrize(
    ("relief", "words"),
    [
        (Relief(np.full((3, 3), 1.5, np.float32), 1.0, 1.0), "between 0 and 1"),
        (Relief(np.full((3, 3), np.nan, np.float32), 1.0, 1.0), "between 0 and 1"),
        (Relief(np.zeros((3, 3), np.float32), 0.0, 1.0), "length_mm"),
        (Relief(np.zeros(3, np.float32), 1.0, 1.0), "rows x columns"),
    ],
)
def test_bad_reliefs(relief: Relief, words: str) -> None:
    with pytest.raises(InputError, match=words):
        quantise(relief)
