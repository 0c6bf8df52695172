"""What lies over what: bodies that rise into their tops, forms laid over what was drawn before them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, render
from ringcad.generators.ornament.elements import Drawable, Placement, Stroke
from ringcad.generators.ornament.painting import draw_elements
from ringcad.generators.ornament.plates import VALLEY, Laid, Plate
from ringcad.generators.ornament.raster import Canvas, risen
from ringcad.generators.ornament.shapes import disc
from ringcad.generators.ornament.stencils import Stencil

STEM = Stroke(np.array([[1.0, 0.0], [9.0, 0.0]]), 0.3)
COIN = Plate((disc(0.9, (5.0, 0.2)),), 0.18, 1.0, 0.3, 0.6)
LAID = Laid(COIN, 0.4, 0.45)


def canvas(periodic: bool = False) -> Canvas:
    return Canvas(10.0, 4.0, 20.0, periodic, 0.35)


def drawn(elements: list[Drawable], field: Canvas | None = None) -> np.ndarray:
    field = field or canvas()
    draw_elements(field, elements)
    return field.height


@given(top=st.floats(0.0, 1.0), low=st.floats(0.0, 1.0), high=st.floats(0.0, 1.0))
def test_a_wall_rises_into_its_top_without_a_lip(top: float, low: float, high: float) -> None:
    """Half height stays where the wall puts it; above it the height grows with the wall and ends at the top."""
    low, high = min(low, high), max(low, high)
    a, b, end = (float(risen(np.array(x), np.array(top))) for x in (low, high, 1.0))
    assert a <= b + 1e-12
    assert (a <= 0.5) == (low <= 0.5) and (low > 0.5 or a == low)
    assert end == pytest.approx(max(top, 0.54))


def test_what_is_laid_over_presses_down_only_beside_itself() -> None:
    alone, coin, both = drawn([STEM]), drawn([COIN]), drawn([STEM, LAID])
    away = ndimage.distance_transform_edt(coin <= 0.5 * coin.max()) / 20.0
    beside = (away > 0.05) & (away < 0.3) & (alone > 0.9)
    assert beside.sum() > 20 and (both[beside] < alone[beside] - 0.05).all()
    # No slit: where metal stood above half height it still does, and farther away nothing has moved.
    assert (both[alone > VALLEY] >= VALLEY - 1e-12).all()
    far = away > 0.6
    assert np.array_equal(both[far], alone[far])
    assert (both >= coin - 1e-12).all()
    assert (both <= np.maximum(alone, coin) + 1e-12).all()


def test_the_order_of_a_list_does_not_hide_what_is_laid_over() -> None:
    assert np.array_equal(drawn([LAID, STEM]), drawn([STEM, LAID]))


def test_another_list_is_not_pressed_down() -> None:
    field = canvas()
    before = drawn([STEM], field).copy()
    assert (drawn([LAID], field) >= before).all()


@pytest.mark.parametrize("shift", [2.5, 5.0, 7.3])
def test_laid_over_across_the_seam(shift: float) -> None:
    """On a closed band the drawing is the same wherever the seam falls."""
    ring = Stroke(np.array([[0.0, 0.0], [10.0, 0.0]]), 0.3)
    here = drawn([ring, LAID], canvas(True))
    there = drawn([ring, LAID.moved(Placement(u=shift))], canvas(True))
    assert np.abs(np.roll(here, round(20.0 * shift), axis=1) - there).max() < 0.02


@pytest.mark.parametrize("family", ["vine", "ivy", "oak", "laurel"])
@pytest.mark.parametrize("seed", [1, 2])
def test_foliage_fills_its_band(family: str, seed: int) -> None:
    """Leaves that lie over the stem are large: metal on a third of the ground inside the frame, most in one piece."""
    request = GeneratorRequest(family, seed, 15.0, 5.0, 0.35, 0.35, 0.25, border="plain")
    program, _ = compose(request, family, Attributes())
    solid = render(program, 16.0) > 0.5
    inside = solid[16:-16, 16:-16]
    assert 0.22 < inside.mean() < 0.7
    # The plant, or its two halves that mirror each other; pearls are small.
    pieces, count = ndimage.label(inside)
    sizes = np.sort(np.bincount(pieces.ravel())[1:])
    assert count >= 1 and sizes[-2:].sum() > 0.7 * inside.sum()


def test_a_slim_limb_of_a_silhouette_grows_instead_of_vanishing() -> None:
    """A note's stem a third as broad as the stroke is drawn one stroke broad; a triangle's tips grow no knobs."""
    stroke, px = 0.4, 50.0
    field = Canvas(4.0, 4.0, px, False, stroke)
    stem = np.array([(1.93, -1.5), (2.07, -1.5), (2.07, 1.0), (1.93, 1.0)])
    Stencil((stem, disc(0.5, (1.6, 1.0))), stroke, 0.25).draw(field)
    rows = np.flatnonzero((field.v > -1.2) & (field.v < 0.2))
    breadth = (field.height[rows] > 0.5).sum(axis=1) / px
    assert breadth.min() > 0.9 * stroke and breadth.max() < 1.15 * stroke + 0.5 / px
    wide = Canvas(4.0, 4.0, px, False, stroke)
    corners = np.array([(0.5, 1.5), (2.0, -1.5), (3.5, 1.5)])
    Stencil((corners,), stroke, 0.25).draw(wide)
    area = 0.5 * 3.0 * 3.0
    assert 0.93 * area < (wide.height > 0.5).sum() / px**2 < 1.0 * area
