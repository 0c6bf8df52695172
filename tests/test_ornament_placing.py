"""Words that say where one thing stands to another, and what is drawn of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.bending import Bent, bent, ring_room
from ringcad.generators.ornament.compose import compose_parts, make_frame, render
from ringcad.generators.ornament.elements import Bead, Rail
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.placing import placed, read_scene
from ringcad.generators.ornament.program import program_from_dict
from ringcad.generators.ornament.raster import Canvas

BAND = GeneratorRequest("scene", 3, 30.0, 8.0, 0.35, 0.35, 0.25, both_ends_designed=False, pixels_per_mm=12.0)


def room() -> Room:
    return make_room(make_frame(BAND, "none", "square", "square"))


@pytest.mark.parametrize(
    ("prompt", "figure", "other", "relation"),
    [
        ("an anchor with rope around it", "an anchor", "rope", "around"),
        ("ivy around roses", "roses", "ivy", "around"),
        ("a skull in a wreath of laurel", "a skull", "laurel", "around"),
        ("roses surrounded by ivy", "roses", "ivy", "around"),
        ("a butterfly in the middle and little leaves above and below", "a butterfly", "little leaves", "edges"),
        ("an owl between two laurel branches", "an owl", "laurel branches", "sides"),
        ("honeycomb with a single bee", "bee", "honeycomb", "beside"),
        ("hearts on top, greek key at the bottom", "hearts", "greek key", "stacked"),
    ],
)
def test_the_two_phrases_are_told_apart(prompt: str, figure: str, other: str, relation: str) -> None:
    found = placed(prompt)
    assert found is not None and (found.figure, found.other, found.relation) == (figure, other, relation)


@pytest.mark.parametrize(
    "prompt",
    [
        "roses",
        "roses with milgrain edges around them",
        "ivy with one row of beads",
        "lilies between two rows of laurel",
    ],
)
def test_borders_and_rows_are_no_places(prompt: str) -> None:
    assert placed(prompt) is None


def test_what_surrounds_is_not_the_theme() -> None:
    scene = read_scene("an anchor with rope around it", 1)
    assert scene is not None
    figure, about = scene.parts
    assert figure.family == "motif" and figure.wish is not None and "anchor" in str(figure.wish.form)
    assert (about.family, about.position) == ("rope", "around")
    assert scene.attributes.border is None


def test_a_straight_rail_becomes_a_circle() -> None:
    inner, outer = 1.4, 2.2
    strip = ring_room(room(), inner, outer)
    assert strip.periodic and strip.length == pytest.approx(np.pi * (inner + outer))
    rail = Rail(np.array([[0.0, 0.0], [strip.length, 0.0]]), 0.2)
    canvas = Canvas(8.0, 6.0, 24.0, False, 0.35)
    (ring,) = bent([rail], strip, 4.0)
    ring.draw(canvas)
    distance = np.hypot(canvas.u[None, :] - 4.0, canvas.v[:, None])
    solid = canvas.height > 0.5
    off = np.abs(distance - 0.5 * (inner + outer))
    assert solid[off < 0.2 - 0.05].all() and not solid[off > 0.2 + 0.05].any()


def test_a_ring_runs_clockwise_from_above_with_its_upper_edge_outside() -> None:
    strip = ring_room(room(), 1.0, 2.0)
    quarter = Bead(0.25 * strip.length, -0.3, 0.2)
    ring = Bent((quarter,), 1.5, strip.half)
    points, _ = ring.discs()
    assert points[0] == pytest.approx([1.8, 0.0], abs=1e-9)
    canvas = Canvas(6.0, 6.0, 24.0, False)
    bent([quarter], strip, 3.0)[0].draw(canvas)
    i, j = np.unravel_index(int(canvas.height.argmax()), canvas.height.shape)
    assert (canvas.u[j] - 3.0, canvas.v[i]) == (pytest.approx(1.8, abs=0.06), pytest.approx(0.0, abs=0.06))


def test_rings_stand_round_each_figure_and_survive_a_file() -> None:
    parts = [Part("heart"), Part("rope", "around")]
    program, notes = compose_parts(replace(BAND, border="none"), parts, Attributes())
    heart, rope = program.layers
    assert rope.wreath is not None and rope.panels is not None and heart.panels is not None
    assert heart.panels.count == rope.panels.count and any("rings" in note for note in notes)
    again = program_from_dict(program.to_dict())
    height = render(program, 12.0)
    assert np.array_equal(render(again, 12.0), height)
    # Clear ground between a heart and its ring: no piece of metal holds both.
    alone = [render(program.model_copy(update={"layers": (layer,)}), 12.0) > 0.5 for layer in program.layers]
    assert alone[0].any() and alone[1].any() and not (alone[0] & alone[1]).any()


def test_rope_about_a_figure_on_a_slim_band_is_its_frame() -> None:
    program, _ = compose_parts(replace(BAND, width_mm=5.0), [Part("heart"), Part("rope", "around")], Attributes())
    assert program.frame.style == "rope" and [layer.family for layer in program.layers] == ["heart"]


def test_one_figure_stands_once_in_the_rest() -> None:
    program, _ = compose_parts(BAND, [Part("heart"), Part("honeycomb", "beside")], Attributes())
    heart, rest = program.layers
    assert heart.panels is not None and rest.panels is not None and heart.panels.count == 1
    assert heart.panels.part[1] == rest.panels.part[0] and rest.panels.part[1] == 1.0


# ---------------------------------------------------------------- borders


def test_the_usual_border_gives_way_and_says_so() -> None:
    slim = replace(BAND, length_mm=14.0, width_mm=3.0, both_ends_designed=True)
    program, notes = compose_parts(slim, [Part("triquetra")], Attributes())
    assert program.frame.style in ("plain", "none")
    assert any("instead of the usual milgrain border" in note for note in notes)
    with pytest.raises(InputError, match="milgrain border does not fit"):
        compose_parts(slim, [Part("triquetra")], Attributes(border="milgrain"))
    with pytest.raises(InputError, match="rope border does not fit"):
        compose_parts(replace(slim, border="rope"), [Part("triquetra")], Attributes())


def test_where_everything_fits_the_usual_border_stays() -> None:
    program, notes = compose_parts(BAND, [Part("triquetra")], Attributes())
    assert program.frame.style == "milgrain" and not any("instead" in note for note in notes)


# ---------------------------------------------------------------- told


def test_wishes_that_are_not_seen_are_told() -> None:
    _, notes = compose_parts(replace(BAND, length_mm=14.0), [Part("plait")], Attributes(irregular=0.8))
    assert any("plait is always drawn evenly" in note for note in notes)
    _, silent = compose_parts(replace(BAND, length_mm=14.0), [Part("plait")], Attributes())
    assert not any("always" in note or "not shown" in note for note in silent)
