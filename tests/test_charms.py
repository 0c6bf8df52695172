"""Silhouettes as charms: laid along the band, chosen by how they read, domed, engraved; and worked grounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import motifs, stencils
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose_parts, make_frame, render
from ringcad.generators.ornament.fullness import LOW_MM, bare_share, filled
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.matted import FORMS
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.raster import Canvas
from ringcad.generators.ornament.readable import readable_parts
from ringcad.generators.ornament.registry import FAMILIES

REQUEST = GeneratorRequest("owls", 1, 18.8, 5.2, 0.34, 0.35, 0.25, "milgrain")
STROKE, GAP = 0.37, 0.28


def box(wide: float, tall: float, turn_deg: float = 0.0, at: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    corners = 0.5 * np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]])
    c, s = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    return corners @ np.array([[c, s], [-s, c]]) + np.array(at)


@pytest.mark.parametrize("turn_deg", [40.0, 90.0, 118.0])
def test_long_figures_lie_along_the_band_with_their_top_to_the_right(turn_deg: float) -> None:
    """A bar with a knob at one end: level after turning, the end that was higher on the right, its area unchanged."""
    axis = np.array([np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))])
    knob = box(0.3, 0.36, turn_deg, tuple(0.6 * axis))
    lines = [box(1.0, 0.2, turn_deg), knob]
    laid = motifs.along_band(lines)
    bar, head = (line.mean(axis=0) for line in laid)
    assert np.ptp(laid[0][:, 1]) == pytest.approx(0.2, abs=1e-6) and np.ptp(laid[0][:, 0]) == pytest.approx(
        1.0, abs=1e-6
    )
    assert head - bar == pytest.approx([0.6, 0.0], abs=1e-6)


def test_broad_and_level_figures_stay_as_they_are() -> None:
    for lines in ([box(1.0, 0.7, 90.0)], [box(1.0, 0.3, 20.0)], [box(1.0, 0.3, 170.0)]):
        assert all(np.array_equal(a, b) for a, b in zip(motifs.along_band(lines), lines, strict=True))


def test_legibility_of_plain_and_of_lost_drawings() -> None:
    """A plate reads wholly; slits closer than a gap are lost, a lone slit of a gap is not."""
    plate = box(3.0, 3.0)
    comb = [plate, *(box(0.06, 2.4, 0.0, (x, 0.0))[::-1] for x in np.arange(-1.19, 1.2, 0.14))]
    lone = [plate, box(GAP, 2.0)[::-1]]
    assert stencils.legibility((plate,), STROKE, GAP) == pytest.approx(1.0, abs=0.02)
    assert stencils.legibility(tuple(lone), STROKE, GAP) > 0.95
    assert stencils.legibility(tuple(comb), STROKE, GAP) < 0.6


def test_a_charm_is_domed_and_engraved() -> None:
    """The crest lies inside, not at the rim; a slit too narrow to stay open is a groove that stays metal."""
    canvas = Canvas(4.0, 4.0, 40.0, False)
    slit = box(0.1, 2.6, 0.0, (2.0, 0.0))[::-1]
    stencils.Stencil((box(3.0, 3.0, 0.0, (2.0, 0.0)), slit), STROKE, GAP).draw(canvas)
    row = canvas.height[80]
    solid = canvas.height > 0.5
    assert ndimage.label(solid)[1] == 1 and ndimage.binary_fill_holes(solid).sum() == solid.sum()
    middle, beside, rim = row[80], row[80 - 28], row[22 + 4]
    assert 0.5 < middle < 0.6 and beside > 0.85 and middle < rim < beside
    below = 0.5 * (beside + middle)
    groove = np.flatnonzero(row[60:100] < below)
    assert 0.75 * GAP < len(groove) / 40.0 < 1.4 * GAP


def test_limbs_and_gaps_of_charms_keep_the_limits() -> None:
    """Opening by discs of nearly the limits takes next to nothing of metal and of ground, whatever is drawn."""
    for name in ("paw-charm", "bee-charm", "snake-charm", "lion-charm", "dragon-charm"):
        lines = motifs.along_band(motifs.outline(name))
        every = np.vstack(lines)
        low, high = every.min(axis=0), every.max(axis=0)
        placed = tuple((line - 0.5 * (low + high)) / (high - low)[1] * 3.0 + (4.0, 0.0) for line in lines)
        canvas = Canvas(8.0, 4.0, 40.0, False)
        stencils.Stencil(placed, STROKE, GAP).draw(canvas)
        solid = canvas.height > 0.5
        for mask, width in ((solid, 0.35), (~solid, 0.25)):
            radius = 0.5 * 0.9 * width * 40.0
            core = ndimage.distance_transform_edt(np.pad(mask, 8, mode="edge")) > radius
            kept = ndimage.distance_transform_edt(~core)[8:-8, 8:-8] <= radius
            assert (mask & ~kept).sum() < 0.03 * solid.sum(), name


def test_own_charms_read_at_three_millimetres() -> None:
    """What is drawn for this size keeps its lines, and better than the silhouettes drawn for screens."""
    own = [
        name
        for name, (source, _) in zip(motifs.names(), motifs.load_motifs().sources, strict=True)
        if source == motifs.OWN
    ]
    others = [name for name in motifs.names() if name not in set(own)]
    mine, theirs = ([motifs.legible(name, 11.0) for name in group] for group in (own, others))
    assert len(own) >= 40 and min(mine) > 0.7 and np.median(mine) > np.median(theirs)


def test_measured_legibility_is_that_of_the_drawing() -> None:
    """The numbers in the table are those that the renderer's own forms give today."""
    from ringcad.generators.ornament.train_charms import measure

    table = motifs.load_motifs()
    for name in ("owl", "bee-charm", "skull", "tiger-head"):
        k = motifs.names().index(name)
        assert np.abs(np.array(measure(motifs.outline(name))) - table.legible[k].astype(int)).max() <= 1


def test_the_silhouette_that_reads_best_is_taken_and_told() -> None:
    assert set(motifs.alike("snake-2")) == {"snake", "snake-2", "snake-charm"}
    parts, notes = readable_parts([Part("motif", "middle", Attributes(form="snake-2"))], REQUEST, Attributes())
    assert parts[0].wish is not None and parts[0].wish.form == "snake-charm"
    assert any("snake-charm instead of snake-2" in note for note in notes)
    kept, nothing = readable_parts([Part("rose")], REQUEST, Attributes())
    assert kept == (Part("rose"),) and nothing == ()


def test_what_cannot_be_read_says_which_width_it_needs() -> None:
    part = Part("motif", "middle", Attributes(form="tiger-head"))
    _, notes = readable_parts([part], replace(REQUEST, width_mm=4.5), Attributes())
    assert any("tiger-head loses some of its lines" in note for note in notes)
    least = {name: motifs.least_size(name) for name in motifs.names()[:200]}
    for name, size in least.items():
        if size is not None:
            assert motifs.legible(name, size) >= motifs.READS
            wide = replace(REQUEST, width_mm=REQUEST.width_mm + 6.0)
            _, told = readable_parts([Part("motif", "middle", Attributes(form=name))], wide, Attributes())
            assert not any(f"{name} loses" in note for note in told) or size > 20.0


def _program(family: str, width_mm: float, form: str | None = None) -> Program:
    request = replace(REQUEST, width_mm=width_mm)
    return compose_parts(request, (Part(family, "middle", Attributes(form=form)),), Attributes(form=form))[0]


def test_bare_ground_is_worked_only_where_there_is_much_and_nothing_speaks_against_it() -> None:
    arabesque, scales = _program("arabesque", 7.0), _program("scales", 7.0)
    assert bare_share(scales) < 0.02 < bare_share(arabesque)
    empty = arabesque.model_copy(update={"layers": ()})
    assert bare_share(empty) > 0.8
    worked, notes = filled(empty, Attributes(), "roses", 1, 0.34)
    assert [layer.family for layer in worked.layers] == ["stipple"] and worked.layers[0].ground and notes
    assert worked.layers[0].crest * 0.34 == pytest.approx(LOW_MM, abs=1e-4)
    for wish, prompt, depth in (
        (Attributes(), "minimalist roses", 0.34),
        (Attributes(), "a rose and nothing else", 0.34),
        (Attributes(dense=-0.7), "roses", 0.34),
        (Attributes(), "roses", 0.2),
    ):
        assert filled(empty, wish, prompt, 1, depth) == (empty, ())
    assert filled(scales, Attributes(), "scales", 1, 0.34) == (scales, ())


@pytest.mark.parametrize("form", FORMS)
def test_worked_grounds_lie_low_and_close_round_the_finger(form: str) -> None:
    request = replace(REQUEST, both_ends_designed=False)
    program = compose_parts(request, (Part("matted", "middle", Attributes(form=form)),), Attributes(form=form))[0]
    ground = program.layers[0].model_copy(update={"ground": True, "crest": 0.34})
    worked = render(program.model_copy(update={"layers": (ground,)}), 20.0)
    inside = worked[36:-36]
    assert inside.max() <= 0.34 + 1e-3 and inside.min() > 0.1
    assert np.ptp(inside) > 0.1
    steps = np.abs(np.diff(np.hstack([inside, inside[:, :1]]), axis=1))
    assert steps[:, -1].max() <= steps[:, :-1].max() + 1e-6


def test_no_rows_of_things_that_are_too_small_to_be_read() -> None:
    request = GeneratorRequest("", 1, 18.0, 7.0, 0.35, 0.35, 0.25, "plain", True)
    room = make_room(make_frame(request, "plain", "square", "square"))
    rows = set()
    for name in ("swallow-charm", "scarab-charm", "gear-charm", "skull-charm"):
        least = motifs.least_size(name)
        assert least is not None
        layer = FAMILIES["motif"].propose(room, Attributes(form=name, rows=2), np.random.default_rng(1))
        assert layer is not None
        across = (2.0 * room.half + room.gap) / 2.0 - room.gap
        assert layer.rows == (2 if across >= least * room.gap else 1), name
        rows.add(layer.rows)
    assert rows == {1, 2}
