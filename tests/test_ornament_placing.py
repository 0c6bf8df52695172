"""Words that say where one thing stands to another, and what is drawn of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.bending import Bent, bent, ring_room
from ringcad.generators.ornament.compose import compose_parts, make_frame, render
from ringcad.generators.ornament.elements import Bead, Placement, Rail
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.loosening import LIMIT, LOWER, loosened, unevenness
from ringcad.generators.ornament.measure import Heights, inner, rows_seen
from ringcad.generators.ornament.placing import placed, read_scene
from ringcad.generators.ornament.program import program_from_dict
from ringcad.generators.ornament.raster import Canvas
from ringcad.generators.ornament.telling import drawn_evenly

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
    program, notes = compose_parts(slim, [Part("damask")], Attributes())
    assert program.frame.style in ("plain", "none")
    assert any("instead of the usual milgrain border" in note for note in notes)
    with pytest.raises(InputError, match="milgrain border does not fit"):
        compose_parts(slim, [Part("damask")], Attributes(border="milgrain"))
    with pytest.raises(InputError, match="rope border does not fit"):
        compose_parts(replace(slim, border="rope"), [Part("damask")], Attributes())


def test_where_everything_fits_the_usual_border_stays() -> None:
    program, notes = compose_parts(BAND, [Part("triquetra")], Attributes())
    assert program.frame.style == "milgrain" and not any("instead" in note for note in notes)


# ---------------------------------------------------------------- told


def test_wishes_that_are_not_seen_are_told() -> None:
    asked = Attributes(irregular=0.8)
    program, silent = compose_parts(replace(BAND, length_mm=14.0), [Part("plait")], asked)
    assert not any("always" in note or "not shown" in note for note in silent)
    even = program.model_copy(update={"layers": tuple(x.model_copy(update={"uneven": ()}) for x in program.layers)})
    assert drawn_evenly(even, asked) == ["plait is always drawn evenly"]
    assert drawn_evenly(even, Attributes()) == []
    alike = program.model_copy(
        update={"layers": tuple(x.model_copy(update={"uneven": (0.0,)}) for x in program.layers)}
    )
    assert drawn_evenly(alike, asked) == ["plait is always drawn evenly"]


# ---------------------------------------------------------------- uneven


def balls(values: tuple[float, ...]) -> tuple[Canvas, list[float]]:
    """Twelve balls round a band, loosened, with the places of their crests."""
    own = room()
    step = own.length / 12
    elements = [Bead((k + 0.5) * step, 0.0, 0.6) for k in range(12)]
    canvas = Canvas(BAND.length_mm, BAND.width_mm, 24.0, True, 0.35)
    for element in loosened(elements, own, values):
        element.draw(canvas)
    row = canvas.height[canvas.height.shape[0] // 2]
    crests = np.flatnonzero((row > np.roll(row, 1)) & (row >= np.roll(row, -1)) & (row > 0.9))
    return canvas, [float(k) / 24.0 for k in crests]


def test_equal_values_stretch_nothing() -> None:
    same, usual = balls((1.0, 1.0, 1.0))[0], balls(())[0]
    assert np.abs(same.height - usual.height).max() < 0.06
    lower = balls((-1.0, -1.0))[0]
    rows = [int((field.height > 0.5).any(axis=1).sum()) for field in (usual, lower)]
    assert rows[1] == pytest.approx(LOWER * rows[0], abs=2)
    assert np.allclose(lower.height.max(axis=0), usual.height.max(axis=0), atol=0.06)


def test_stretched_balls_keep_their_number_their_least_width_and_the_seam() -> None:
    values = unevenness(room(), np.random.default_rng(5))
    canvas, at = balls(values)
    assert len(at) == 12
    steps = np.diff([*at, at[0] + BAND.length_mm])
    assert steps.sum() == pytest.approx(BAND.length_mm) and steps.max() > 1.12 * steps.min()
    # No ball narrower, along or across, than the raised limits make up for.
    labels, count = ndimage.label(np.hstack([canvas.height] * 2) > 0.5)
    boxes = [box for box in ndimage.find_objects(labels) if 0 < box[1].start and box[1].stop < labels.shape[1]]
    sides = [min(box[0].stop - box[0].start, box[1].stop - box[1].start) / 24.0 for box in boxes]
    assert count >= 12 and min(sides) >= 1.2 / LIMIT - 0.09
    # Drawn from another start it is the same, turned: nothing happens at the seam.
    jump = np.abs(np.diff(np.hstack([canvas.height[:, -1:], canvas.height[:, :1]]), axis=1)).max()
    assert jump <= np.abs(np.diff(canvas.height, axis=1)).max() + 1e-9


def test_outlines_follow_the_stretched_drawing() -> None:
    own = room()
    values = unevenness(own, np.random.default_rng(5))
    (form,) = loosened([Rail(np.array([[3.0, 0.0], [27.0, 0.0]]), 0.5, 1.0)], own, values)
    canvas = Canvas(BAND.length_mm, BAND.width_mm, 24.0, True, 0.35)
    form.draw(canvas)
    points, radius = form.discs()
    columns = np.flatnonzero((canvas.height > 0.5).any(axis=0)) / 24.0
    assert float((points[:, 0] - radius).min()) == pytest.approx(columns.min(), abs=0.15)
    assert float((points[:, 0] + radius).max()) == pytest.approx(columns.max(), abs=0.15)


def test_moved_uneven_strips_are_the_same_elsewhere() -> None:
    own = room()
    (form,) = loosened([Bead(4.0, 0.4, 0.6)], own, unevenness(own, np.random.default_rng(2)))
    here, there = (Canvas(BAND.length_mm, BAND.width_mm, 16.0, True, 0.35) for _ in range(2))
    form.draw(here)
    form.moved(Placement(5.0, 1.0)).draw(there)
    moved = np.roll(np.roll(here.height, 80, axis=1), 16, axis=0)
    assert np.abs(moved - there.height).max() < 0.05


# ---------------------------------------------------------------- rows and grounds


@pytest.mark.parametrize(("family", "rows"), [("plait", 2), ("plait", 3), ("seigaiha", 2)])
def test_rows_that_interlock_stand_above_each_other_instead(family: str, rows: int) -> None:
    wide = replace(BAND, length_mm=14.0, border="plain")
    program, notes = compose_parts(wide, [Part(family)], Attributes(rows=rows))
    assert not any("asked" in note or "not shown" in note for note in notes)
    field = Heights(np.asarray(render(program, 12.0), dtype=float), 14.0, 8.0, True)
    assert rows_seen(inner(field)) == rows


@pytest.mark.parametrize("ground", ["hammered", "stipple", "honeycomb"])
def test_a_ground_is_seen_between_figures(ground: str) -> None:
    parts = [Part("heart"), Part(ground, "ground")]
    program, _ = compose_parts(replace(BAND, width_mm=6.5), parts, Attributes(), learned=True)
    assert all(getattr(layer, "between", "none") == "none" for layer in program.layers)
    alone = program.model_copy(update={"layers": tuple(layer for layer in program.layers if not layer.ground)})
    both, figures = (np.asarray(render(each, 12.0), dtype=float) for each in (program, alone))
    free = ndimage.distance_transform_edt(figures < 0.3) / 12.0 > 0.35
    assert ((both - figures)[free] > 0.1).mean() > 0.12
