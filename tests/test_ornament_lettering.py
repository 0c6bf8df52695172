"""Letters: as many holes and pieces as the alphabet has, none like another, wide enough to cast, in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import lettering
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import make_frame
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.raster import Canvas
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.writing import RunesLayer

STROKE, GAP, PER_MM = 0.35, 0.25, 40.0
HOLES = dict.fromkeys("ADOPQR0469", 1) | dict.fromkeys("B8&", 2)
"""What every schoolbook says; all other signs have none."""


def sign(name: str, size: float) -> NDArray[np.float64]:
    canvas = Canvas(8.0, 6.0, PER_MM, False)
    for part in lettering.drawn(name, 2.0, size, STROKE, GAP):
        part.draw(canvas)
    return np.asarray(canvas.height)


@pytest.mark.parametrize("size", [lettering.LEAST * STROKE, 2.6, 4.0])
def test_signs_have_the_pieces_and_holes_that_the_alphabet_has(size: float) -> None:
    for name in lettering.GLYPHS:
        metal = sign(name, size) > 0.5
        pieces = ndimage.label(metal, np.ones((3, 3)))[1]
        holes = ndimage.label(~metal)[1] - 1
        assert (pieces, holes) == (1, HOLES.get(name, 0)), name


@pytest.mark.parametrize("size", [lettering.LEAST * STROKE, 3.0])
def test_no_sign_is_taken_for_another(size: float) -> None:
    names = [name for name in lettering.GLYPHS if name not in "-.0"]  # an O is a broad nought
    shapes = np.array([ndimage.zoom(_cut(sign(name, size)), 1.0).ravel() for name in names])
    shapes = shapes - shapes.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    likeness = shapes @ shapes.T - np.eye(len(names))
    worst = np.unravel_index(likeness.argmax(), likeness.shape)
    assert likeness.max() < 0.93, (names[int(worst[0])], names[int(worst[1])])


def _cut(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = np.nonzero(heights > 0.5)
    box = heights[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return np.asarray(ndimage.zoom(box, (48 / box.shape[0], 40 / box.shape[1]), order=1))


def test_strokes_are_at_least_a_stroke_wide_and_horizontals_narrower_than_stems() -> None:
    assert lettering.pens(2.0, STROKE) == (STROKE, STROKE)
    stem, hair = lettering.pens(5.0, STROKE)
    assert stem == pytest.approx(0.825) and hair == pytest.approx(0.45)
    metal = sign("E", 5.0) > 0.5
    rows, columns = np.nonzero(metal)
    bar = metal[:, columns.max() - int(0.3 * PER_MM)]  # through the arms, in from their ends
    assert bar.sum() / PER_MM == pytest.approx(2 * hair, abs=0.1)  # the middle arm is shorter
    row = metal[rows.min() + int(1.6 * PER_MM)]
    assert row.sum() / PER_MM == pytest.approx(stem, abs=0.06)


def room(length_mm: float, width_mm: float, closed: bool) -> Room:
    request = GeneratorRequest("", 1, length_mm, width_mm, STROKE, STROKE, GAP, "plain", not closed)
    return make_room(make_frame(request, "plain", "square", "square"))


def proposed(text: str, board: Room, **more: Any) -> RunesLayer | None:
    wish = Attributes(letters=text, **more)
    layer = FAMILIES["runes"].propose(board, wish, np.random.default_rng(3))
    assert layer is None or isinstance(layer, RunesLayer)
    return layer


def test_texts_are_spelled_out_whole_and_stay_in_their_room() -> None:
    assert lettering.spelled("Größe Zoë") == (tuple("GROSSE ZOE"), "")
    assert lettering.spelled("m  k")[0] == tuple("M.K")
    assert lettering.spelled("XII IV")[0] == tuple("XII IV")
    assert lettering.spelled("愛 AB") == (tuple("AB"), "愛")
    for width in (3.5, 4.5, 6.0):
        board = room(18.0, width, False)
        layer = proposed("MMXIX", board)
        assert layer is not None and layer.text == tuple("MMXIX") and layer.script == "roman"
        for part in FAMILIES["runes"].draw(layer, board):
            points, radius = part.discs()
            assert np.all(np.abs(points[:, 1]) + radius <= board.half + 0.02)
            assert np.all(points[:, 0] - radius >= board.u0 - 0.02) and np.all(points[:, 0] + radius <= board.u1 + 0.02)


def test_a_text_goes_round_a_closed_band_a_whole_number_of_times() -> None:
    layer = proposed("AMOR", room(54.0, 4.0, True))
    assert layer is not None and layer.times >= 2
    twice = proposed("AMOR", room(54.0, 4.0, True), repeats=2)
    assert twice is not None and twice.times == 2


def test_what_does_not_fit_or_cannot_be_written_is_told() -> None:
    with pytest.raises(InputError, match="letters fit"):
        proposed("FOREVER AND EVER AND EVER", room(16.0, 4.0, False))
    with pytest.raises(InputError, match="愛"):
        proposed("愛", room(18.0, 5.0, False))


def test_runes_stay_runes() -> None:
    layer = proposed("ODIN", room(18.0, 5.0, False), form="runes")
    assert layer is not None and layer.script == "runes" and layer.text == ("o", "d", "i", "n")
