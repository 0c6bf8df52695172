"""Comparative words show on the heights, stay castable, and other wishes change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import measure as m
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, make_frame, render
from ringcad.generators.ornament.layout import Outline, gap_between, make_room
from ringcad.generators.ornament.obeying import moved_share

REQUEST = GeneratorRequest("x", 1, 14.0, 5.5, 0.35, 0.35, 0.25, "plain", False, 14.0)


def relief(family: str, wish: Attributes) -> m.Heights:
    program, _ = compose(REQUEST, family, wish)
    return m.inner(m.Heights(render(program, 14.0).astype(np.float64), 14.0, 5.5, True))


def told(family: str, wish: Attributes) -> bool:
    """Whether the report says that the wish is not shown."""
    return any("is not shown" in note for note in compose(REQUEST, family, wish)[1])


@pytest.mark.parametrize("family", ["arabesque", "greek_key", "filigree", "fern"])
def test_bold_and_airy_show_on_the_heights_or_are_told(family: str) -> None:
    base = relief(family, Attributes())
    bold, airy = relief(family, Attributes(bold=0.7)), relief(family, Attributes(dense=-0.7))
    assert m.stroke_mm(bold) > 1.04 * m.stroke_mm(base) or told(family, Attributes(bold=0.7))
    looser = m.coverage(airy) < 0.97 * m.coverage(base) or m.contour_density(airy) < 0.97 * m.contour_density(base)
    assert looser or told(family, Attributes(dense=-0.7))


@pytest.mark.parametrize("family", ["arabesque", "chain", "scales", "vine"])
def test_tiny_is_smaller_or_told(family: str) -> None:
    base, tiny = relief(family, Attributes()), relief(family, Attributes(large=-0.7))
    smaller = m.chord_mm(tiny) < 0.97 * m.chord_mm(base) or m.repeats(tiny)[0] > m.repeats(base)[0]
    assert smaller or told(family, Attributes(large=-0.7))


def test_most_wishes_are_shown_and_not_only_told() -> None:
    assert sum(told(family, Attributes(large=-0.7)) for family in ("arabesque", "chain", "vine", "heart")) <= 1


def test_limits_of_a_layer_move_the_room_and_nothing_else() -> None:
    room = make_room(make_frame(replace(REQUEST, both_ends_designed=True), "plain", "square", "square"))
    assert room.with_limits(1.0, 1.0) is room
    wide = room.with_limits(1.5, 2.0)
    assert wide.stroke == pytest.approx(1.5 * room.stroke) and wide.gap == pytest.approx(2.0 * room.gap)
    # The frame's inside keeps the wider gap from the rail on all sides.
    for point in ([[room.u0 + 2.0, wide.half]], [[wide.u0, 0.0]], [[wide.u1, 0.0]]):
        assert wide.clearance(np.array(point)) == pytest.approx(0.0, abs=1e-6)
    boxed = room.panel(2.0, 6.0)
    assert boxed.with_limits(1.0, 2.0).half == boxed.half


def test_moved_share_sees_what_is_too_thin_and_too_near() -> None:
    values = np.zeros((80, 240))
    values[30:50] = 1.0
    field = m.Heights(values, 20.0, 80 / 12, True)
    assert moved_share(field, 0.35, 0.25) < 0.03
    thin = values.copy()
    thin[10:12] = 1.0
    assert moved_share(m.Heights(thin, 20.0, 80 / 12, True), 0.35, 0.25) == pytest.approx(2 / 22, abs=0.03)
    near = values.copy()
    near[52:72] = 1.0
    assert moved_share(m.Heights(near, 20.0, 80 / 12, True), 0.35, 0.25) == pytest.approx(2 / 40, abs=0.02)


def test_what_is_not_drawn_is_said() -> None:
    _, notes = compose(REQUEST, "rose", Attributes(repeats=40))
    assert any("40 along the band asked" in note and "more do not fit" in note for note in notes)
    _, notes = compose(REQUEST, "rose", Attributes(repeats=2))
    assert not any("asked" in note for note in notes)
    _, notes = compose(REQUEST, "greek_key", Attributes(irregular=0.8))
    assert any("always drawn evenly" in note for note in notes)
    _, notes = compose(REQUEST, "heart", Attributes(irregular=0.8))
    assert not any("evenly" in note for note in notes)


def test_gap_between_groups_is_that_of_the_nearest_pair() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        a, b = (
            Outline(rng.uniform(0, 4, (n, 2)) + shift, rng.uniform(0, 0.6, n)) for n, shift in ((7, 0.0), (40, 1.5))
        )
        every = np.hypot(*(a.points[:, None] - b.points[None]).transpose(2, 0, 1)) - a.radius[:, None] - b.radius
        assert gap_between([a], [b]) == pytest.approx(every.min(), abs=1e-12)
