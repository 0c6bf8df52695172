"""Programs of several layers: slots, panels, friezes, grounds, borders, variations, squares and rims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import Part, compose, compose_parts, render
from ringcad.generators.ornament.program import Program, program_from_dict
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.schema import Panels
from ringcad.generators.ornament.variation import vary
from ringcad.relief.castability import make_castable

REQUEST = GeneratorRequest("scene", 4, 16.0, 7.0, 0.35, 0.35, 0.25, border="plain")
PIXELS = 12.0


def drawn(parts: list[Part], wish: Attributes, **changes: object) -> tuple[Program, NDArray[np.float32]]:
    request = replace(REQUEST, **changes)  # type: ignore[arg-type]
    program, _ = compose_parts(request, parts, wish)
    assert program_from_dict(program.to_dict()) == program
    return program, render(program, PIXELS)


@pytest.mark.parametrize("closed", [False, True])
def test_edges_are_mirrored_about_the_middle(closed: bool) -> None:
    parts = [Part("rose"), Part("gadroon", "edges")]
    program, height = drawn(parts, Attributes(border="none"), both_ends_designed=not closed)
    low, high, middle = program.layers
    assert low.slot is not None and high.slot is not None and middle.slot is not None
    assert low.slot[0] == -1.0 and high.slot[1] == 1.0 and low.slot[1] < middle.slot[0] < middle.slot[1] < high.slot[0]
    rows = height.shape[0]
    edge = slice(0, rows // 8)
    assert np.abs(height - height[::-1])[edge].mean() < 0.01
    assert (height[edge] > 0.5).mean() > 0.3 and (height[rows // 3 : -rows // 3] > 0.5).mean() > 0.2
    # A gap of ground runs all along between an edge and the middle.
    profile = (height > 0.5).mean(axis=1)
    assert profile[rows // 8 : rows // 3].min() < 0.15


def test_top_and_bottom_take_a_half_each() -> None:
    program, height = drawn([Part("waves", "top"), Part("ivy")], Attributes())
    waves, ivy = program.layers
    assert waves.slot is not None and waves.slot[1] < 0.0
    assert ivy.slot is not None and ivy.slot[0] > 0.0
    alone = render(program.model_copy(update={"layers": (waves,)}), PIXELS)
    half = height.shape[0] // 2
    assert np.array_equal(alone[: half - 2], height[: half - 2])
    assert (alone[half + 2 : -12] < 0.01).mean() > 0.9


@pytest.mark.parametrize("frieze", ["repeat", "mirror", "glide", "turn"])
def test_families_in_turns_keep_their_frieze(frieze: str) -> None:
    wish = Attributes(frieze=frieze, repeats=4, border="none")  # type: ignore[arg-type]
    program, height = drawn([Part("lily"), Part("heart")], wish, width_mm=4.0, both_ends_designed=False)
    assert [layer.family for layer in program.layers] == ["lily", "heart"]
    assert all(layer.panels is not None and layer.panels.count == 4 for layer in program.layers)
    columns = height.shape[1]
    period = columns // 4
    lily = render(program.model_copy(update={"layers": program.layers[:1]}), PIXELS)
    # a figure is turned in its own part of the panel
    panels = program.layers[0].panels
    assert panels is not None
    begin, end = (round(share * period) for share in panels.part)
    first, second = (lily[:, k * period + begin : k * period + end] for k in (0, 1))
    moved = {
        "repeat": first,
        "mirror": first[:, ::-1],
        "glide": first[::-1],
        "turn": first[::-1, ::-1],
    }[frieze]
    assert np.abs(second - moved).mean() < 0.01
    # Two periods on, everything is the same again.
    assert np.abs(np.roll(height, 2 * period, axis=1) - height).mean() < 0.01


def test_rows_of_a_strand_answer_each_other() -> None:
    program, height = drawn([Part("scroll")], Attributes(rows=2, border="none"), width_mm=8.0, both_ends_designed=False)
    assert len(program.layers) == 2 and program.layers[1].flip
    assert np.abs(height - height[::-1]).mean() < 0.01
    three, _ = drawn([Part("vine")], Attributes(rows=3, border="none"), width_mm=12.0)
    assert len(three.layers) == 3


def test_a_ground_lies_low_and_keeps_clear() -> None:
    program, height = drawn(
        [Part("stipple", "ground"), Part("heart")], Attributes(border="none", balls=False), width_mm=6.0
    )
    figure = render(program.model_copy(update={"layers": program.layers[1:]}), PIXELS)
    ground = height - figure
    assert ground.max() > 0.25 and height[figure < 0.01].max() <= 0.46
    away = ndimage.distance_transform_edt(figure < 0.5) / PIXELS
    assert away[ground > 0.1].min() > 0.2


def test_a_double_border_has_two_rails() -> None:
    program, _ = compose(replace(REQUEST, width_mm=6.0), "heart", Attributes(border="double"))
    bare = program.model_copy(update={"layers": ()})
    column = render(bare, 40.0)[:, 320] > 0.5
    edges = np.flatnonzero(np.diff(column.astype(int)))
    assert len(edges) == 8
    widths = np.diff(edges) / 40.0
    assert widths[0] == pytest.approx(program.frame.rail_mm, abs=0.04) and widths[1] >= 0.25


def test_what_does_not_fit_says_what_would() -> None:
    with pytest.raises(InputError, match=r"damask.*Smallest width.*ask for"):
        compose(replace(REQUEST, width_mm=2.6), "damask", Attributes())
    with pytest.raises(InputError, match="does not fit"):
        drawn([Part("rose"), Part("greek_key", "edges")], Attributes(), width_mm=3.0)
    with pytest.raises(InputError, match="is not one of"):
        drawn([Part("unicorn")], Attributes())
    with pytest.raises(InputError, match="at least one"):
        drawn([], Attributes())


def test_slots_and_panels_are_judged() -> None:
    program, _ = drawn([Part("heart")], Attributes())
    layer = program.layers[0].model_copy(update={"slot": (0.5, 1.5)})
    with pytest.raises(InputError, match="slot"):
        render(program.model_copy(update={"layers": (layer,)}), PIXELS)
    with pytest.raises(InputError, match="panels"):
        data = program.to_dict()
        data["layers"][0]["panels"] = {"count": 0}
        program_from_dict(data)
    assert "panels" not in program.to_dict()["layers"][0] and Panels(count=2).frieze == "repeat"


def test_variation_runs_from_the_same_to_another() -> None:
    program, height = drawn([Part("ivy")], Attributes(), width_mm=5.0)
    assert vary(program, 0.0, 1) == program
    assert vary(program, 0.4, 1) == vary(program, 0.4, 1) != vary(program, 0.4, 2)

    def distance(amount: float) -> float:
        changes = [render(vary(program, amount, seed), PIXELS) - height for seed in range(6)]
        return float(np.mean([np.abs(change).mean() for change in changes]))

    little, much = distance(0.15), distance(1.0)
    assert 0.0 < little < 0.7 * much
    with pytest.raises(InputError, match="variation"):
        vary(program, 1.2, 1)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_variations_stay_castable_programs(family: str) -> None:
    program, _ = compose(replace(REQUEST, prompt=family, width_mm=5.0), family, Attributes())
    near = vary(program, 0.5, 7)
    assert [layer.family for layer in near.layers] == [layer.family for layer in program.layers]
    height = render(near, 16.0) * 0.3
    assert make_castable(height, (1 / 16, 1 / 16), 0.35, 0.25, 0.3).changed_area_share < 0.14


@pytest.mark.parametrize(
    "family", ["rosette", "tracery", "celtic_knot", "damask", "facets", "scales", "starfield", "ivy"]
)
def test_squares_and_closed_rims(family: str) -> None:
    _, square = drawn([Part(family)], Attributes(), length_mm=9.0, width_mm=9.0)
    assert (square[12:-12, 12:-12] > 0.5).mean() > 0.12
    # A halo's rim: long, narrow and closed.
    try:
        _, rim = drawn(
            [Part(family)], Attributes(border="none"), length_mm=30.0, width_mm=2.2, both_ends_designed=False
        )
    except InputError:
        return
    assert (rim > 0.5).mean() > 0.1
    shift = np.abs(rim[:, 0] - rim[:, -1]).max()
    assert shift <= np.abs(np.diff(rim, axis=1)).max() + 1e-6


def test_borders_are_obeyed() -> None:
    for border in ("plain", "milgrain", "rope", "double", "none"):
        program, height = drawn([Part("heart")], Attributes(border=border))  # type: ignore[arg-type]
        assert program.frame.style == border
        along = (height[: round(0.8 * PIXELS)] > 0.4).any(axis=0)[12:-12]
        assert (along.mean() > 0.95) == (border != "none")
