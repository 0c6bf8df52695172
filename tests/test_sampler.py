"""The learned layer sampler: representation, measures, numpy twin of the network, and what a drawn program promises."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from pydantic import Field

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose_parts, make_frame
from ringcad.generators.ornament.embedding import read_safetensors, units
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.interlace import grid_paths
from ringcad.generators.ornament.layers import ChevronLayer
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.program import Program, program_from_dict
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.resampling import PLACING, learned_wish, resampled
from ringcad.generators.ornament.sampler import (
    WEIGHTS,
    Weights,
    condition,
    load_weights,
    sample_layer,
    scrambled,
    surprise,
    worded_wish,
)
from ringcad.generators.ornament.sampler_fields import (
    decode,
    encode,
    field_values,
    fit_code,
    is_driven,
    room_features,
    schema_shapes,
)
from ringcad.generators.ornament.sampler_measure import castable_change, look_of, looked_at
from ringcad.generators.ornament.scene import layer_room
from ringcad.generators.ornament.schema import Band, Frame, LayerBase
from ringcad.generators.ornament.wordpiece import plain_words

NO_WORDS = np.zeros(128)


def _request(width: float = 5.0, length: float = 16.0, closed: bool = False, seed: int = 3) -> GeneratorRequest:
    return GeneratorRequest("test", seed, length, width, 0.35, 0.35, 0.25, both_ends_designed=not closed)


def _room(width: float = 5.0, length: float = 16.0, closed: bool = False) -> Room:
    return make_room(make_frame(_request(width, length, closed), "milgrain", "square", "square"))


# ---------------------------------------------------------------- representation


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_field_of_a_schema_has_a_place_or_a_driver(family: str) -> None:
    kind = FAMILIES[family].layer
    own = set(kind.model_fields) - set(LayerBase.model_fields)
    names = {shape.name for shape in schema_shapes(kind)}
    assert names == own or (is_driven(kind) and {"dense", "bold", "large"} <= names)


def test_a_field_that_is_added_to_a_schema_is_found() -> None:
    class Longer(ChevronLayer):
        tendrils: int = Field(2, ge=0)
        curl: float = 0.3

    before = [shape.name for shape in schema_shapes(ChevronLayer)]
    after = [shape.name for shape in schema_shapes(Longer)]
    assert set(after) - set(before) == {"tendrils", "curl"}
    assert [name for name in after if name in before] == before


def test_values_come_back_from_their_code() -> None:
    """Counts and choices exactly, numbers to the rounding of the program, exact values exactly."""
    dice = np.random.default_rng(5)
    for family in ("vine", "plait", "daisy", "greek_key", "honeycomb", "scales"):
        rooms = [
            _room(float(dice.uniform(3.5, 9.0)), float(dice.uniform(6.0, 20.0)), bool(k % 3 == 0)) for k in range(40)
        ]
        layers = [FAMILIES[family].propose(room, Attributes(dense=float(dice.uniform(-1, 1))), dice) for room in rooms]
        for shape in schema_shapes(FAMILIES[family].layer):
            values = [getattr(layer, shape.name) for layer in layers]
            code = fit_code(shape, values, rooms)
            for value, room in zip(values, rooms, strict=True):
                chosen, part, _ = encode(value, code, room)
                back = decode(chosen, part, code, room)
                if shape.kind == "noise":
                    assert back == pytest.approx(max((abs(x) for x in value), default=0.0), abs=2e-4)
                elif shape.kind == "real":
                    assert back == pytest.approx(value, rel=2e-4, abs=2e-4)
                else:
                    assert back == value


def test_long_bands_look_alike_to_the_sampler() -> None:
    """What it is told of a room levels off with the length, so that closed bands need no training of their own."""
    a, b, c = (room_features(_room(5.0, length, True)) for length in (10.0, 60.0, 66.0))
    assert np.abs(b - c).max() < 0.1 * np.abs(a - c).max()


# ---------------------------------------------------------------- measures


@pytest.mark.parametrize(("wide", "period"), [(0.4, 1.0), (0.6, 1.5), (0.5, 2.0)])
def test_widths_of_strips_are_exact(wide: float, period: float) -> None:
    pixels = 40.0
    u = (np.arange(int(12.0 * pixels)) + 0.5) / pixels
    strip = (np.abs((u % period) - 0.5 * period) < 0.5 * wide).astype(float)
    look = look_of(np.tile(strip, (160, 1)), pixels, 0.3, 0.2, True)
    assert look.stroke == pytest.approx(wide, abs=0.04)
    assert look.gap == pytest.approx(period - wide, abs=0.04)
    assert look.cover == pytest.approx(wide / period, abs=0.03)
    assert look.moved < 0.02  # the square ends of the strips lose their corners


def test_the_period_of_a_wave() -> None:
    """A sine keeps half of its likeness to itself after a sixth of its period."""
    u = np.arange(1200) / 100.0
    for period in (1.0, 2.0, 3.0):
        height = np.tile(0.5 + 0.5 * np.sin(2.0 * np.pi * u / period), (50, 1))
        assert look_of(height, 100.0, 0.1, 0.1, True).period == pytest.approx(4.0 * period / 6.0, rel=0.01)


def test_thin_strokes_and_slits_are_seen() -> None:
    mask = np.zeros((200, 400), dtype=bool)
    mask[40:160, 40:360] = True
    assert castable_change(mask, 20.0, 20.0, False) < 0.01
    thin = mask.copy()
    thin[100:108, 0:400] = True
    assert castable_change(thin, 20.0, 20.0, False) > 0.01
    slit = mask.copy()
    slit[40:160, 200:208] = False
    assert castable_change(slit, 20.0, 20.0, False) == pytest.approx(8 * 120 / slit.sum(), rel=0.15)


# ---------------------------------------------------------------- the network


def _surprise(family: str, room: Room, values: list[Any], weights: Weights) -> float:
    told = condition(family, room, Attributes(), NO_WORDS, None, weights)
    return surprise(family, room, told, values, weights)


def test_numpy_and_torch_agree() -> None:
    """The surprise at some drawings, stored by the training from torch."""
    _, notes = read_safetensors(files("ringcad.generators.ornament").joinpath(WEIGHTS).read_bytes())
    rows = json.loads(notes["check"])
    assert len(rows) >= 8
    for row in rows:
        room = make_room(FrameShape(Band(**row["band"]), Frame(**row["frame"])))
        values = [tuple(value) if isinstance(value, list) else value for value in row["values"]]
        found = _surprise(row["family"], room, values, load_weights())
        assert found == pytest.approx(row["surprise"], rel=2e-3, abs=5e-3)


def test_shuffled_weights_know_less_of_proposals() -> None:
    """Over many families the trained network is less surprised by what they propose than shuffled weights are."""
    weights = load_weights()
    noise = scrambled(weights, 4)
    dice = np.random.default_rng(2)
    sums = np.zeros(2)
    for family in ("ivy", "scroll", "heart", "rope", "rose", "lily", "tracery", "facets", "fern", "daisy"):
        for _ in range(2):
            room = _room(float(dice.uniform(4.0, 7.0)), float(dice.uniform(6.0, 12.0)))
            layer = FAMILIES[family].propose(room, Attributes(), dice)
            if layer is None:
                continue
            values = field_values(layer, Attributes(), [code.shape for code in weights.codes[family]])
            sums += [_surprise(family, room, values, w) for w in (weights, noise)]
    assert sums[0] < 0.85 * sums[1]


def test_codes_fit_the_schemas_of_today() -> None:
    """A field that went since the training, or came without a default, would make every layer invalid: train again."""
    weights = load_weights()
    for family, codes in weights.codes.items():
        kind = FAMILIES[family].layer
        known = {code.shape.name for code in codes}
        now = {shape.name for shape in schema_shapes(kind)}
        assert known <= now
        assert not any(kind.model_fields[name].is_required() for name in now - known if name in kind.model_fields)


@pytest.mark.parametrize("closed", [False, True])
def test_same_seed_same_layer_other_seed_another(closed: bool) -> None:
    room = _room(5.5, 24.0, closed)
    different = 0
    for family in ("ivy", "waves", "daisy", "plait", "filigree", "tracery"):
        a, b, c = (
            sample_layer(family, room, Attributes(), NO_WORDS, np.random.default_rng(seed)) for seed in (1, 1, 2)
        )
        assert a == b
        different += a != c
    assert different >= 5


# ---------------------------------------------------------------- words


def _asked(text: str) -> Attributes:
    return worded_wish(Attributes(), units(plain_words(text)), load_weights())[0]


def test_strange_adjectives_mean_something() -> None:
    """Words that are neither keywords nor in the corpus: far more of them right than wrong."""
    said = {"bold": ("burly", "beefed up", "substantial"), "large": ("gigantic", "immense", "vast")}
    unsaid = {"bold": ("spidery", "whisper thin"), "large": ("pint sized", "microscopic", "pocket sized")}
    signs = [np.sign(getattr(_asked(text), name)) for name, texts in said.items() for text in texts]
    signs += [-np.sign(getattr(_asked(text), name)) for name, texts in unsaid.items() for text in texts]
    assert signs.count(1.0) >= 6
    assert signs.count(-1.0) <= 1


def test_keywords_are_not_overruled() -> None:
    wish = Attributes(bold=-0.7)
    found, said = worded_wish(wish, units(["burly", "gigantic"]), load_weights())
    assert found.bold == -0.7
    assert "bold" not in said


def test_plain_prompts_ask_for_nothing() -> None:
    for prompt in ("ivy", "roses for my wife", "a celtic knot", "waves", "golden laurel"):
        assert learned_wish(prompt, Attributes()) == Attributes()


# ---------------------------------------------------------------- whole programs


def _chosen(family: str, wish: Attributes, closed: bool, words: str, seed: int = 3) -> tuple[Program, Program]:
    request = _request(6.0, 20.0, closed, seed)
    parts = (Part(family),)
    program, _ = compose_parts(request, parts, wish)
    after, (places, changed) = resampled(program, parts, wish, words, seed)
    assert 0 <= changed <= places <= len(program.layers)
    assert changed == sum({repr(a): a != b for a, b in zip(program.layers, after.layers, strict=True)}.values())
    return program, after


@pytest.mark.parametrize("family", ["ivy", "scroll", "heart", "celtic_knot", "hammered", "rope"])
def test_chosen_layers_stay_in_place_and_are_castable(family: str) -> None:
    for closed in (False, True):
        before, after = _chosen(family, Attributes(), closed, family)
        assert program_from_dict(after.to_dict()) == after
        for old, new in zip(before.layers, after.layers, strict=True):
            assert all(getattr(old, name) == getattr(new, name) for name in PLACING)
            room, _ = layer_room(new, make_room(FrameShape(after.band, after.frame)))
            look = looked_at(new, room)
            assert look is not None
            assert look.moved < 0.05
        if closed and getattr(after.layers[0], "frieze", "repeat") != "repeat":
            assert after.layers[0].repeats % 2 == 0  # type: ignore[attr-defined]


def test_the_same_again_and_nothing_where_nothing_is_said() -> None:
    before, after = _chosen("heart", Attributes(), False, "hollow hearts")
    assert _chosen("heart", Attributes(), False, "hollow hearts") == (before, after)
    same, untouched = _chosen("heart", Attributes(), False, "")
    assert untouched == same == before


def test_words_of_the_theme_choose_the_form() -> None:
    """Of each pair of prompts, the first form is drawn oftener for the first prompt than for the second."""
    pairs = (
        ("scales", "dragon scales", "snake skin", "dragon", "snake"),
        ("bark", "wood grain", "tree bark", "wood", "bark"),
        ("tracery", "pointed arches", "trefoils", "lancet", "trefoil"),
        ("facets", "pyramid studs", "stepped terraces", "pyramids", "steps"),
    )
    right = wrong = 0
    for family, first, second, one, other in pairs:
        for words, wanted, barred in ((first, one, other), (second, other, one)):
            for seed in range(4):
                form = _chosen(family, Attributes(), False, words, seed)[1].layers[0].form  # type: ignore[attr-defined]
                right += form == wanted
                wrong += form == barred
    assert right >= 20
    assert wrong <= 4


def test_counts_that_were_asked_for_stay() -> None:
    for family in ("heart", "scroll", "waves"):
        before, after = _chosen(family, Attributes(repeats=4), False, f"four {family}")
        assert before.layers[0].repeats == after.layers[0].repeats  # type: ignore[attr-defined]


def test_interlace_refuses_odd_counts() -> None:
    for columns, rows in ((5, 4), (4, 3)):
        with pytest.raises(InputError, match="even"):
            grid_paths(columns, rows, False)
