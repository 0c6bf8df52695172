"""Writing reads the right way round wherever it stands on a ring; ornament is mirrored about the head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ringcad.fit.decorate import _right_way_round
from ringcad.fit.skin import Zone, border
from ringcad.generation import GeneratorRequest, Relief
from ringcad.registry import load_generator
from ringcad.relief.store import read_relief, store_relief
from ringcad.resolve import resolve
from ringcad.resolved import Decoration, headed
from ringcad.spec import load_spec
from ringcad.templates.band import shape as band_shape
from ringcad.templates.solitaire import plan as solitaire_plan
from ringcad.templates.solitaire import shape as solitaire_shape

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def places() -> dict[str, tuple[np.ndarray, np.ndarray, Zone]]:
    """Points and outward normals (n, k, 3) of the skin, and a place on it, by name."""
    found = {}
    band = resolve(load_spec(TEMPLATES / "band/specs/celtic_band.yaml"), "band")
    nets = band_shape.limb_nets(band)
    for name, place in band_shape._places(band, nets).items():
        found[f"band {name}"] = (nets.points, nets.normals, place)
    for side in (1, -1):
        found[f"border {side}"] = (nets.points, nets.normals, border(nets, 0.8, 0.2, side))
    ring = headed(resolve(load_spec(TEMPLATES / "solitaire/specs/classic_basket.yaml"), "solitaire"))
    assert ring is not None
    nets = solitaire_shape.limb_nets(ring)
    for entry in ring.decoration:
        found[entry.id] = (nets.points, nets.normals, solitaire_plan._place(ring, nets, entry))
    return found


PLACES = places()


def entry(**changes: object) -> Decoration:
    """A decoration of a shoulder, drawn from a prompt."""
    ring = resolve(load_spec(TEMPLATES / "solitaire/specs/classic_basket.yaml"), "solitaire")
    return ring.decoration[0].model_copy(update=changes)


@pytest.mark.parametrize("name", PLACES)
def test_writing_reads_from_outside_and_ornament_lies_as_it_did(name: str) -> None:
    points, normals, place = PLACES[name]
    grid = np.ix_(place.columns, place.rows)
    length, width = len(place.columns) // 4, len(place.rows)
    along = points[grid][length + 1, width // 2] - points[grid][length, width // 2]
    outward = normals[grid][length, width // 2]
    height = np.zeros((8, 30), np.float32)
    height[0] = 1.0  # the upper edge, as the relief is looked at
    lies, turned = _right_way_round(entry(), Relief(height, 10.0, 3.0, upright=True), place)
    upper = 0 if lies.height[0, 0] == 1.0 else -1
    lower = -1 if upper == 0 else 0
    up = points[grid][length, upper] - points[grid][length, lower]
    assert np.dot(np.cross(outward, along), up) > 0.0  # along to the right, up upward: seen from outside
    assert turned == (upper == -1)
    ornament, moved = _right_way_round(entry(), Relief(height, 10.0, 3.0), place)
    assert not moved and np.array_equal(ornament.height, height)


def test_both_kinds_of_place_are_among_them() -> None:
    relief = Relief(np.ones((4, 4), np.float32), 10.0, 3.0, upright=True)
    turned = {name: _right_way_round(entry(), relief, place)[1] for name, (_, _, place) in PLACES.items()}
    assert turned["right_shoulder"] and not turned["left_shoulder"]
    assert turned["border 1"] and not turned["border -1"]


@pytest.mark.parametrize(("prompt", "upright"), [("initials M and K", True), ("ivy", False)])
def test_what_is_written_says_so_and_stays_so_when_stored(prompt: str, upright: bool, tmp_path: Path) -> None:
    request = GeneratorRequest(prompt, 1, 14.0, 5.0, 0.35, 0.35, 0.25, border="none")
    relief = load_generator("ornament").generate(request)
    assert relief.upright is upright
    store_relief(relief, tmp_path / "relief.png")
    assert read_relief(tmp_path / "relief.png").upright is upright


def test_images_on_both_shoulders_mirror_each_other_unless_told_otherwise() -> None:
    image = Relief(np.ones((4, 4), np.float32), 10.0, 3.0, upright=True)
    ornament = Relief(np.ones((4, 4), np.float32), 10.0, 3.0)
    place = PLACES["right_shoulder"][2]
    for relief, changes, turned in (
        (image, {"image": "crest.png"}, False),
        (image, {"image": "crest.png", "mirrored": False}, True),
        (image, {"image": "crest.png", "region": "shank.right_shoulder"}, True),
        (ornament, {"mirrored": False}, True),
        (ornament, {}, False),
    ):
        assert _right_way_round(entry(**changes), relief, place)[1] is turned
        assert not _right_way_round(entry(**changes), relief, PLACES["left_shoulder"][2])[1]
