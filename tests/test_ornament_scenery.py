"""Things in their places: what a prompt says of facing, between, above, below, in front, sizes, measured on heights."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, compose_parts, render
from ringcad.generators.ornament.fullness import LOW_MM, filled
from ringcad.generators.ornament.generator import generator
from ringcad.generators.ornament.part import Part
from ringcad.generators.ornament.placewords import marked
from ringcad.generators.ornament.scenery import read_scenery
from ringcad.generators.ornament.staging import looks_left

PER_MM = 16.0
MARGIN_MM = 0.7
CORNER_MM = 1.3
"""More than a border takes, at the edges and with its corners at the ends."""
BAND = GeneratorRequest("", 1, 18.8, 6.0, 0.34, 0.35, 0.25, "plain", True, PER_MM)
Field = NDArray[np.float64]


@cache
def drawn(prompt: str, width_mm: float = 6.0, closed: bool = False) -> Field:
    """Heights inside the border."""
    request = replace(BAND, prompt=prompt, width_mm=width_mm, both_ends_designed=not closed)
    return cut(np.asarray(generator.generate(request).height, dtype=float), width_mm, closed)


def cut(height: Field, width_mm: float, closed: bool = False) -> Field:
    """What lies a border's width inside the edges."""
    margin, corner = round(MARGIN_MM * PER_MM), round(CORNER_MM * PER_MM)
    ends = slice(None) if closed else slice(corner, -corner)
    return height[margin:-margin, ends]


def pieces(field: Field, least_mm2: float = 0.5) -> list[tuple[float, float, float]]:
    """(centre along the band over its length, centre across over its width, area in mm2) from left to right."""
    labels, count = ndimage.label(field > 0.5, np.ones((3, 3)))
    areas = ndimage.sum_labels(np.ones(field.shape), labels, np.arange(1, count + 1)) / PER_MM**2
    centres = ndimage.center_of_mass(field > 0.5, labels, np.arange(1, count + 1))
    found = [(c[1] / field.shape[1], c[0] / field.shape[0], float(a)) for c, a in zip(centres, areas, strict=True)]
    return sorted(piece for piece in found if piece[2] >= least_mm2)


def likeness(a: Field, b: Field) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("words", ["facing each other", "back to back", "turned towards one another"])
def test_two_that_face_each_other_are_mirror_images(words: str) -> None:
    field = drawn(f"two swallows {words}, plain ground")
    half = field.shape[1] // 2
    left, right = field[:, :half], field[:, -half:]
    assert likeness(left, right[:, ::-1]) > 0.95 > 0.7 > likeness(left, right)


def test_who_faces_and_who_turns_away_look_the_other_way() -> None:
    facing, away = (drawn(f"two swallows {words}, plain ground") for words in ("facing each other", "back to back"))
    half = facing.shape[1] // 2
    # The one on the left of a pair that faces is the one on the right of a pair that turns away.
    one, other = (ndimage.center_of_mass(field[:, :half] > 0.5)[1] / half for field in (facing, away))
    a, b = facing[:, :half], away[:, -half:]
    shift = round(ndimage.center_of_mass(b > 0.5)[1] - ndimage.center_of_mass(a > 0.5)[1])
    assert likeness(np.roll(a, shift, axis=1), b) > 0.85 > 0.6 > likeness(np.roll(a[:, ::-1], shift, axis=1), b)
    assert 0.2 < one < 0.9 and 0.2 < other < 0.9


def test_silhouettes_that_look_somewhere_are_known_from_those_that_do_not() -> None:
    assert motifs.in_profile("swallow-charm") and motifs.in_profile("lion") and not motifs.in_profile("lion-charm")
    assert looks_left("horse") and not looks_left("horse-head") and not looks_left("standing-stag-charm")
    scene = read_scenery("lions facing each other", 1)
    assert scene is not None and [part.looks for part in scene.parts] == ["right", "left"]


def test_one_thing_stands_between_two() -> None:
    found = pieces(drawn("the letters A and J with a heart between them"))
    assert len(found) == 3
    (a, _, _), (heart, _, area), (j, _, _) = found
    assert abs(heart - 0.5) < 0.1 and a < heart - 0.15 and j > heart + 0.15
    assert area == max(piece[2] for piece in found)
    three = pieces(drawn("a rose between two hearts, plain ground"))
    hearts = [piece for piece in three if abs(piece[0] - 0.5) > 0.12]
    assert len(hearts) == 2 and hearts[0][2] == pytest.approx(hearts[1][2], rel=0.05)
    assert hearts[0][0] + hearts[1][0] == pytest.approx(1.0, abs=0.03)


def test_what_grows_on_both_sides_is_one_image_and_its_mirror_image() -> None:
    field = drawn("sunflower in the middle, leaves left and right, edges plain")
    third = field.shape[1] // 3
    assert likeness(field[:, :third], field[:, -third:][:, ::-1]) > 0.95
    assert abs(ndimage.center_of_mass(field[:, third:-third] > 0.5)[1] / third - 0.5) < 0.06


def test_above_and_below() -> None:
    field = drawn("waves at the bottom, a moon and a few stars above", 8.0)
    rows = field.shape[0]
    low = (field[int(0.62 * rows) :] > 0.5).any(axis=0)
    high = (field[: int(0.5 * rows)] > 0.5).any(axis=0)
    assert low[10:-10].mean() > 0.95 and 0.1 < high.mean() < 0.8
    largest = max(pieces(field[: int(0.5 * rows)]), key=lambda piece: piece[2])
    assert abs(largest[0] - 0.5) < 0.12
    program = generator.generate(replace(BAND, prompt="hearts with laurel beneath", width_mm=8.0)).program
    assert program is not None
    slots = {layer["family"]: layer["slot"] for layer in program["layers"] if "slot" in layer}
    assert slots["laurel"][0] > slots["heart"][0] and slots["laurel"][1] == 1.0


def test_what_stands_in_front_is_higher_and_keeps_clear_of_what_lies_behind() -> None:
    parts = (Part("motif", "column", Attributes(form="pine-tree-charm"), fills=True), Part("peaks", "back"))
    request = replace(BAND, width_mm=7.0)
    program, _ = compose_parts(request, parts, Attributes(border="plain"))
    front = program.model_copy(update={"layers": tuple(layer for layer in program.layers if not layer.ground)})
    both, trees = (cut(np.asarray(render(each, PER_MM), dtype=float), 7.0) for each in (program, front))
    behind = (both - trees > 0.1) & (trees < 0.05)
    assert len(pieces(trees)) >= 2 and behind.mean() > 0.15
    assert both[behind].max() < 0.56 < 0.9 < both[trees > 0.9].mean()
    away = ndimage.distance_transform_edt(trees < 0.5) / PER_MM
    assert away[behind & (both > 0.3)].min() > 0.8 * 0.25
    # Trees stand on the ground line; summits are seen above them.
    assert np.nonzero(behind.any(axis=1))[0][0] < np.nonzero((trees > 0.5).any(axis=1))[0][0]


def test_sizes_in_their_order_and_growing_smaller_towards_the_ends() -> None:
    first, *rest = (piece[2] for piece in pieces(drawn("hearts, a big one first then two small ones, plain ground")))
    assert len(rest) == 2 and first > 1.8 * max(rest) and rest[0] == pytest.approx(rest[1], rel=0.06)
    areas = [piece[2] for piece in pieces(drawn("five hearts getting smaller towards the ends, plain ground"), 0.2)]
    assert len(areas) == 5 and areas[:3] == sorted(areas[:3]) and areas[2:] == sorted(areas[2:], reverse=True)
    assert areas[2] > 1.7 * areas[0] and areas[0] == pytest.approx(areas[4], rel=0.06)
    one = pieces(drawn("fleur-de-lis, one large in the middle and a smaller one on either side, plain ground", 6.5))
    assert len(one) == 3 and one[1][2] > 1.8 * one[0][2] and abs(one[1][0] - 0.5) < 0.02


@pytest.mark.parametrize("count", [2, 3, 5])
def test_grooves_are_as_many_as_asked_and_evenly_spaced(count: int) -> None:
    words = {2: "two", 3: "three", 5: "five"}[count]
    height = np.asarray(generator.generate(replace(BAND, prompt=f"{words} parallel grooves", width_mm=4.2)).height)
    for share in (0.3, 0.5, 0.7):
        solid = height[:, int(share * height.shape[1])] > 0.5
        ups = np.flatnonzero(np.diff(np.concatenate([[0], solid.astype(int), [0]])) == 1)
        assert len(ups) == count + 1
        assert np.ptp(np.diff(ups)) <= 2


def test_a_staff_has_five_lines_with_notes_on_them() -> None:
    program, _ = compose(replace(BAND, width_mm=8.0), "staff", Attributes(border="plain"))
    (layer,) = program.layers
    lines = layer.model_copy(update={"clef": False, "steps": (), "notes": ()})
    field = cut(np.asarray(render(program.model_copy(update={"layers": (lines,)}), PER_MM), dtype=float), 8.0)
    middle = field[:, field.shape[1] // 2] > 0.5 * field.max()
    assert int((np.diff(middle.astype(int)) == 1).sum()) == layer.lines == 5
    whole = cut(np.asarray(render(program, PER_MM), dtype=float), 8.0)
    level = np.median(whole[field > 0.9 * field.max()])
    assert level < 0.85 < whole.max() and (whole > 0.9).mean() > 0.03


@pytest.mark.parametrize(("width_mm", "closed"), [(4.5, False), (6.0, False), (6.0, True)])
def test_a_serpent_is_one_body_from_end_to_end(width_mm: float, closed: bool) -> None:
    request = replace(BAND, width_mm=width_mm, both_ends_designed=not closed)
    program, _ = compose(request, "serpent", Attributes(border="plain"))
    field = cut(np.asarray(render(program, PER_MM), dtype=float), width_mm, closed)
    labels, count = ndimage.label(field > 0.5)
    assert count == 1
    along = np.flatnonzero((field > 0.5).any(axis=0))
    assert np.ptp(along) > 0.86 * field.shape[1]
    thick = ndimage.distance_transform_edt(np.pad(field > 0.5, 2))[2:-2, 2:-2]
    tail, head = thick[:, along[0] : along[0] + 30].max(), thick[:, along[-1] - 90 : along[-1]].max()
    assert head > 1.5 * tail
    assert count == 1 and labels.max() == 1


def test_every_mesh_of_a_dotted_lattice_holds_a_dot() -> None:
    field = drawn("diamond lattice, each field with a small dot in it", 5.2)
    holes, count = ndimage.label(field < 0.5)
    edge = set(np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]])))
    meshes = [k for k in range(1, count + 1) if k not in edge and (holes == k).sum() > 0.2 * PER_MM**2]
    dots = 0
    for mesh in meshes:
        inside = ndimage.binary_fill_holes(holes == mesh) & (field > 0.5)
        dots += ndimage.label(inside)[1] == 1
    assert len(meshes) >= 4 and dots == len(meshes)


def test_the_ground_about_a_silhouette_is_low_and_finer_than_it() -> None:
    request = replace(BAND, width_mm=7.0)
    parts = (Part("motif", "column", Attributes(form="swallow-charm")),)
    program, _ = compose_parts(request, parts, Attributes(border="plain"))
    worked, notes = filled(program, Attributes(), "a swallow", 1, BAND.depth_mm)
    assert notes
    figure, both = (cut(np.asarray(render(each, PER_MM), dtype=float), 7.0) for each in (program, worked))
    ground = np.where(figure < 0.02, both, 0.0)
    assert ground.max() * BAND.depth_mm <= LOW_MM + 0.005
    labels, count = ndimage.label(ground > 0.5 * ground.max())
    areas = ndimage.sum_labels(np.ones(ground.shape), labels, np.arange(1, count + 1))
    assert count > 8 and areas.max() < 0.05 * (figure > 0.5).sum()
    away = ndimage.distance_transform_edt(figure < 0.5) / PER_MM
    assert away[ground > 0.5 * ground.max()].min() > 0.25


def test_a_scene_goes_round_a_closed_band_whole() -> None:
    field = drawn("a rose between two hearts, plain ground", closed=True)
    jumps = np.abs(np.diff(np.hstack([field, field[:, :1]]), axis=1)).max(axis=0)
    assert jumps[-1] <= jumps[:-1].max()
    assert not (field[:, 0] > 0.5).any() or not (field[:, -1] > 0.5).any()


@pytest.mark.parametrize(
    ("prompt", "families"),
    [
        ("a wolf biting its own tail", ["motif"]),
        ("treble clef and some notes on a staff", ["staff"]),
        ("garden trellis", ["lattice"]),
        ("a serpent slithering around the ring", ["serpent"]),
        ("a range of mountains", ["peaks"]),
        ("trellis with roses", ["lattice", "rose"]),
        ("hearts on a cross-hatched ground", ["heart", "matted"]),
        ("an anchor at one end, a star at the other", ["motif", "motif"]),
        ("thistle for the Scottish side and shamrock for the Irish side", ["thistle", "motif"]),
    ],
)
def test_what_is_named_outright_and_where_it_stands(prompt: str, families: list[str]) -> None:
    scene = read_scenery(prompt, 1)
    assert scene is not None and [part.family for part in scene.parts] == families


@pytest.mark.parametrize(
    "prompt",
    [
        "roses",
        "ivy and skulls",
        "paw prints, four of them, walking around the ring",
        "a butterfly in the middle and little leaves above and below",
        "an anchor with rope around it",
        "organic grooves like bark",
        "milgrain along both edges, nothing in between",
        "roses, ivy on a rope border",
    ],
)
def test_what_other_readings_know_is_left_to_them(prompt: str) -> None:
    assert read_scenery(prompt, 1) is None


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("a stag in the middle", "a stag @mid"),
        ("in the middle of roses", "in the middle of roses"),
        ("ivy to the left and right of it", "ivy @sides"),
        ("stars along the upper edge , waves beneath", "stars @top , waves @bottom"),
        ("an owl at one end , a mouse at the other end", "an owl @near , a mouse @far"),
        ("wolves looking at each other", "wolves @facing"),
        ("wolves facing away from one another", "wolves @away"),
        ("hearts graduated in size", "hearts @graded"),
    ],
)
def test_words_of_place(text: str, marks: str) -> None:
    assert marked(text) == marks


def test_a_scene_that_needs_more_width_is_drawn_in_turns_and_says_so() -> None:
    prompt = "a stag standing between fir trees under a crescent moon, a line of small leaves along the lower edge"
    relief = generator.generate(replace(BAND, prompt=prompt, width_mm=6.99, min_stroke_mm=0.43, min_gap_mm=0.31))
    assert relief.height.max() == 1.0
    assert any("drawn in turns" in note and "mm wide" in note for note in relief.understood)
