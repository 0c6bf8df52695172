"""Zigzag, tiles, lace and wire; simple figures in rows; grains in file; flowers on stems; bows: measured on heights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, compose_parts, render
from ringcad.generators.ornament.elements import Placement
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.fullness import filled
from ringcad.generators.ornament.grounds import StippleLayer
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.measure import Heights, inner, rows_seen
from ringcad.generators.ornament.painting import draw_elements
from ringcad.generators.ornament.part import Part
from ringcad.generators.ornament.raster import Canvas
from ringcad.generators.ornament.scene import layer_room
from ringcad.generators.ornament.scenery import read_scenery
from ringcad.generators.ornament.small_forms import SMALL
from ringcad.generators.ornament.stems import on_stems
from ringcad.generators.ornament.surrounding import in_full

PER_MM = 16.0
BAND = GeneratorRequest("", 1, 18.8, 5.5, 0.34, 0.35, 0.25, "none", True, PER_MM)
CLOSED = replace(BAND, length_mm=28.0, border="plain", both_ends_designed=False)
Solid = NDArray[np.bool_]


def metal(family: str, wish: Attributes, **changed: object) -> Solid:
    """Where a family's drawing without a border stands above half height; ``changed`` are fields of its layer."""
    program, _ = compose(replace(BAND, prompt=family), family, replace(wish, border="none"))
    layers = tuple(layer.model_copy(update=changed) for layer in program.layers)
    return np.asarray(render(program.model_copy(update={"layers": layers}), PER_MM) > 0.5)


def runs(column: Solid) -> int:
    return int((np.diff(np.concatenate([[0], column.astype(int), [0]])) == 1).sum())


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_zigzag_crosses_every_column_once_for_each_line(rows: int) -> None:
    solid = metal("zigzag", Attributes(rows=rows), between="none")
    counts = np.array([runs(solid[:, k]) for k in range(40, solid.shape[1] - 40)])
    assert (counts == rows).mean() > 0.97
    upper = np.array([np.flatnonzero(solid[:, k])[0] for k in range(40, solid.shape[1] - 40)])
    assert np.ptp(upper) > 0.25 * solid.shape[0]


def test_tiles_stand_a_gap_apart_and_as_many_as_they_are() -> None:
    wish = Attributes(form="stars", rows=2)
    program, _ = compose(replace(BAND, width_mm=6.0), "tiles", replace(wish, border="none"))
    (layer,) = program.layers
    solid = np.asarray(render(program, PER_MM) > 0.5)
    labels, count = ndimage.label(solid, np.ones((3, 3)))
    areas = ndimage.sum_labels(solid, labels, np.arange(1, count + 1)) / PER_MM**2
    stars, crosses = layer.rows * layer.repeats, layer.repeats - 1
    assert (areas > 1.0).sum() == stars + crosses
    for label in range(1, min(count, 6) + 1):
        away = ndimage.distance_transform_edt(labels != label) / PER_MM
        assert away[solid & (labels != label)].min() > 0.25 - 1.5 / PER_MM


def test_lace_and_wire_are_one_piece_with_holes() -> None:
    for family, holes_for_each in (("lace", 4), ("wire", 2)):
        program, _ = compose(replace(BAND, prompt=family), family, Attributes(border="none", balls=False))
        (layer,) = program.layers
        solid = np.asarray(render(program, PER_MM) > 0.5)
        labels, count = ndimage.label(solid)
        assert np.bincount(labels[labels > 0]).max() > 0.93 * solid.sum() and count < 8
        _, found = ndimage.label(~np.pad(solid, 1, constant_values=False))
        assert found - 1 >= holes_for_each * layer.repeats * 0.8


def test_three_rows_of_what_is_too_small_are_drawn_in_its_simple_form_and_said_so() -> None:
    for family in ("rosette", "thistle", "sunburst", "acanthus", "triquetra"):
        program, notes = compose(replace(CLOSED, prompt=family), family, Attributes(rows=3, border="plain"))
        height = np.asarray(render(program, PER_MM), dtype=np.float64)
        assert rows_seen(inner(Heights(height, 28.0, 5.5, True))) == 3
        assert all(layer.simple for layer in program.layers) and not any(in_full(layer) for layer in program.layers)
        assert any("simple form" in note and "3 rows" in note for note in notes)
        alone, _ = compose(replace(CLOSED, prompt=family), family, Attributes(rows=1, border="plain"))
        assert not any(getattr(layer, "simple", False) for layer in alone.layers)


@pytest.mark.parametrize(("rows", "width_mm"), [(2, 3.6), (3, 4.9)])
def test_width_from_which_rows_of_simple_figures_fit(rows: int, width_mm: float) -> None:
    """The widths that docs/ornament-grammar.md tells, for families that have a simplified form."""
    band = replace(CLOSED, depth_mm=0.35, width_mm=width_mm)
    for family in sorted(SMALL)[::3]:
        wish = Attributes(rows=rows, border="plain")
        (layer,) = compose(band, family, wish)[0].layers
        assert layer.rows == rows and layer.simple
        try:
            narrower, notes = compose(replace(band, width_mm=width_mm - 0.15), family, wish)
        except InputError:
            continue
        assert sum(getattr(layer, "rows", 1) for layer in narrower.layers) < rows and notes


@pytest.mark.parametrize("family", sorted(SMALL))
def test_simple_figures_are_castable_bodies(family: str) -> None:
    """One piece as high as was asked and hardly broader than declared, of which a disc of the stroke reaches most."""
    program, _ = compose(CLOSED, "heart", Attributes(border="plain"))
    room = make_room(FrameShape(program.band, program.frame))
    draw, aspect = SMALL[family]
    size = 3.0 * room.stroke
    canvas = Canvas(4.0, 3.0, 40.0, False, room.shape.band.stroke_mm)
    draw_elements(canvas, [element.moved(Placement(u=2.0)) for element in draw(size, room)])
    solid = canvas.height > 0.5
    assert ndimage.label(solid)[1] == 1
    tall, wide = (np.ptp(np.flatnonzero(solid.any(axis=axis))) / 40.0 for axis in (1, 0))
    assert 0.8 * size < tall < 1.03 * size and wide == pytest.approx(aspect * size, rel=0.3)
    core = ndimage.distance_transform_edt(solid) > 0.5 * 0.35 * 40.0 - 0.7
    reached = ndimage.distance_transform_edt(~core) <= 0.5 * 0.35 * 40.0
    assert (solid & ~reached).sum() < 0.06 * solid.sum()


def test_grains_stand_in_file_a_gap_from_each_other_and_from_the_figures() -> None:
    request = replace(BAND, width_mm=7.0, border="plain")
    program, _ = compose_parts(request, (Part("motif", "column", Attributes(form="swallow-charm")),), Attributes())
    worked, _ = filled(program, Attributes(), "a swallow", 1, BAND.depth_mm)
    (ground,) = [layer for layer in worked.layers if layer.ground]
    assert isinstance(ground, StippleLayer)
    points = np.array(ground.grains)
    near = cKDTree(points).query(points, k=2)[0][:, 1]
    room = make_room(FrameShape(program.band, program.frame))
    assert near.min() >= ground.grain_mm + room.gap - 1e-3
    # In file: most have their neighbour as near as it may stand.
    assert np.median(near) < 1.12 * (ground.grain_mm + room.gap)
    assert room.clearance(points).min() >= 0.5 * ground.grain_mm - 1e-3
    figure = np.asarray(render(program, PER_MM) > 0.5)
    clear = ndimage.distance_transform_edt(~figure) / PER_MM
    i = np.clip(((points[:, 1] / 7.0 + 0.5) * figure.shape[0]).astype(int), 0, figure.shape[0] - 1)
    assert clear[i, (points[:, 0] * PER_MM).astype(int)].min() > 0.5 * ground.grain_mm + 0.25 - 1.5 / PER_MM
    # None more would fit: wherever one could stand clear of figure and edge, one stands nearer than two may.
    u, v = np.meshgrid(np.arange(0.05, 18.8, 0.1), np.arange(-3.45, 3.5, 0.1))
    spots = np.column_stack([u.ravel(), v.ravel()])
    i = np.clip(((spots[:, 1] / 7.0 + 0.5) * figure.shape[0]).astype(int), 0, figure.shape[0] - 1)
    open_ = clear[i, (spots[:, 0] * PER_MM).astype(int)] > 0.5 * ground.grain_mm + room.gap + 2.5 / PER_MM
    open_ &= room.clearance(spots) > 0.5 * ground.grain_mm + 1.5 / PER_MM
    assert open_.sum() > 1000
    assert cKDTree(points).query(spots[open_])[0].max() < ground.grain_mm + room.gap + 1.5 / PER_MM


def test_flowers_of_which_stems_are_asked_grow_on_them() -> None:
    wish = Attributes()
    (grown,) = on_stems([Part("lily")], wish, "lilies with long curling stems")
    assert grown.wish is not None and grown.wish.form == "wave"
    for prompt in ("lilies", "lilies without stems"):
        assert on_stems([Part("lily")], wish, prompt) == (Part("lily"),)
    assert on_stems([Part("heart")], wish, "hearts on stems") == (Part("heart"),)
    program, _ = compose_parts(replace(BAND, border="plain"), [grown], wish)
    assert program.layers[0].form == "wave"


@pytest.mark.parametrize(
    ("prompt", "families"),
    [
        ("Moorish tiles, eight-pointed stars", ["tiles"]),
        ("something like lace, but without flowers", ["lace"]),
        ("razor wire", ["wire"]),
        ("a zigzag on a stippled background", ["zigzag", "stipple"]),
        ("roses climbing on a trellis", ["rose", "lattice"]),
        ("laurel wreath tied with a ribbon", ["laurel", "motif", "laurel"]),
        ("a plain ring with one small star", ["motif"]),
        ("three rows of beads, the middle one larger", ["bead_row", "bead_row"]),
    ],
)
def test_what_is_read(prompt: str, families: list[str]) -> None:
    scene = read_scenery(prompt, 1)
    assert scene is not None and [part.family for part in scene.parts] == families


def test_words_beside_what_is_named_outright_are_not_swallowed() -> None:
    scene = read_scenery("melancholic barbed wire", 1)
    assert scene is not None and "melancholic" in scene.not_understood
    thin = read_scenery("one thin zigzag line", 1)
    assert thin is not None and not thin.not_understood
    assert thin.parts[0].wish is not None and thin.parts[0].wish.bold < 0.0


def test_the_middle_of_three_rows_is_the_larger_one() -> None:
    scene = read_scenery("three rows of milgrain, the middle one bigger", 1)
    assert scene is not None
    program, _ = compose_parts(replace(BAND, border="milgrain"), scene.parts, scene.attributes)
    tall = [2.0 * layer_room(layer, make_room(FrameShape(program.band, program.frame)))[0].half
            for layer in program.layers]  # fmt: skip
    beads = [layer.bead_mm for layer in program.layers]
    assert len(beads) == 3 and beads[0] == beads[1] and beads[2] > 1.6 * beads[0] and tall[2] > tall[0]


def test_what_is_tied_is_one_image_and_its_mirror_image() -> None:
    scene = read_scenery("laurel tied with a ribbon", 1)
    assert scene is not None
    program, _ = compose_parts(replace(BAND, width_mm=4.5, border="plain"), scene.parts, scene.attributes)
    solid = render(program, PER_MM) > 0.5
    third = solid.shape[1] // 3
    left, right = solid[:, :third], solid[:, -third:][:, ::-1]
    assert 0.15 < left.mean() < 0.85 and (left == right).mean() > 0.97
    assert (left == right[:, ::-1]).mean() < 0.9, "a third that is its own mirror image would say nothing"
