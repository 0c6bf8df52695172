"""What the ornament generator makes of words: table, tokeniser, glossary, attributes, model, refusals."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import generator
from ringcad.generators.ornament.attributes import Attributes, parse_attributes
from ringcad.generators.ornament.captions import CAPTIONS
from ringcad.generators.ornament.counting import figures, quoted_letters, written
from ringcad.generators.ornament.embedding import cosine, embed_words, load_table, read_safetensors, units
from ringcad.generators.ornament.generator import scheme_parts
from ringcad.generators.ornament.labels import FAMILIES, SLOTS
from ringcad.generators.ornament.model import WEIGHTS, draw_slots, load_weights, read, slot_chances
from ringcad.generators.ornament.reading import prompt_words, read_prompt
from ringcad.generators.ornament.registry import FAMILIES as GRAMMAR
from ringcad.generators.ornament.text import Scheme, understand
from ringcad.generators.ornament.wordpiece import plain_words, singular, word_pieces


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[1] / "benchmarks" / "prompts.py"
    spec = importlib.util.spec_from_file_location("benchmark_prompts", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- words


def test_every_family_of_the_language_can_be_drawn_and_has_wordings() -> None:
    assert set(FAMILIES) <= set(GRAMMAR) and set(CAPTIONS) == set(FAMILIES)
    assert len(FAMILIES) >= 40


def test_embedding_is_exact_and_order_does_not_matter() -> None:
    one, two = embed_words(["ivy", "with", "beads"]), embed_words(["beads", "ivy", "with"])
    assert one.dtype == np.int64 and (one == two).all()
    # Golden value: the same integers on every machine.
    table = load_table()
    row = table.phrases.get(("ivy",), table.tokens.get("ivy"))
    assert row is not None
    assert (embed_words(["ivy"]) == (table.codes[row].astype(np.int64) * table.scales[row]) >> 8).all()
    assert cosine(one, one) == pytest.approx(1.0, abs=1e-12)
    assert cosine(one, np.zeros(128, dtype=np.int64)) == 0.0


def test_sums_cannot_overflow() -> None:
    """Bound: longest prompt of the largest rows stays far below 2^63 after squaring and summing 128 numbers."""
    table = load_table()
    largest = int((np.abs(table.codes.astype(np.int64)).max(axis=1) * table.scales).max())
    assert 200 * (largest >> 8) < 2**28


def test_word_pieces_are_greedy_and_longest_first() -> None:
    vocabulary = {"un": 1, "##aff": 2, "##able": 3, "unaff": 4, "a": 5}
    assert word_pieces("unaffable", vocabulary) == [4, 3]
    assert word_pieces("b", vocabulary) == []
    assert plain_words("Fleur-de-Lis, ÉPÉE!") == ["fleur", "-", "de", "-", "lis", ",", "epee", "!"]


def test_phrases_are_read_whole_and_plurals_as_their_singular() -> None:
    assert [unit.words for unit in units(["art", "deco", "and", "oak"])] == [("art", "deco"), ("and",), ("oak",)]
    assert units(["four", "leaf", "clovers"])[0].rows == units(["four", "leaf", "clover"])[0].rows
    for many, one in (
        ("roses", "rose"),
        ("berries", "berry"),
        ("crosses", "cross"),
        ("foxes", "fox"),
        ("leaves", "leaf"),
    ):
        assert singular(many) == one
    assert singular("cross") == "cross" and singular("cactus") == "cactus"


def test_definitions_bring_rare_words_to_their_kind() -> None:
    """A hawser is a rope, a merganser is a duck: known from WordNet's definitions alone."""
    for rare, kind, other in (
        ("hawser", "rope", "rose"),
        ("merganser", "duck", "chain"),
        ("halberd", "axe", "daisy"),
    ):
        assert (
            cosine(embed_words([rare]), embed_words([kind])) > cosine(embed_words([rare]), embed_words([other])) + 0.1
        )


def test_damaged_table_is_noticed() -> None:
    with pytest.raises(Exception, match="damaged"):
        read_safetensors(b"\xff" * 8 + b"{}")


@pytest.mark.parametrize(
    ("foreign", "english"),
    [
        ("Efeu mit Perlen", "ivy with pearls"),
        ("Eichenlaubkranz", "oak wreath"),
        ("roses, hammered", "roses , hammered"),
        ("Anker für einen Seemann", "anchor for a sailor"),
        ("a fur coat", "a fur coat"),
        ("noeuds et feuilles", "knot and leaves"),
        ("ivy mit Blaettern", "ivy with leaves"),
        ("Sternenhimmel & Zickzackmuster", "stars sky & zigzag pattern"),
        ("волны и звезды", "waves and stars"),
        ("a crane in the sky", "a crane in the sky"),
        ("fleur-de-lis", "fleur de lis"),
    ],
)
def test_other_languages_go_through_the_glossary(foreign: str, english: str) -> None:
    assert " ".join(prompt_words(foreign)) == english


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("ivy, milgrain edges", {"border": "milgrain"}),
        ("ivy with a beaded border", {"border": "milgrain"}),
        ("ivy edged with beads", {"border": "milgrain"}),
        ("ivy, rope border", {"border": "rope"}),
        ("ivy, plain edge", {"border": "plain"}),
        ("ivy without border", {"border": "none"}),
        ("ivy, no borders", {"border": "none"}),
        ("borderless ivy", {"border": "none"}),
        ("two rows of beads", {"rows": 2}),
        ("3 rows of beads", {"rows": 3}),
        ("triple rope", {"rows": 3}),
        ("six-petalled daisy", {"petals": 6}),
        ("8 petals", {"petals": 8}),
        ("dense vine", {"dense": 0.7}),
        ("very dense vine", {"dense": 0.98}),
        ("sparse vine", {"dense": -0.7}),
        ("bold scroll", {"bold": 0.7}),
        ("fine scroll", {"bold": -0.7}),
        ("large scales", {"large": 0.7}),
        ("tiny scales", {"large": -0.7}),
        ("soft waves", {"soft": 0.7}),
        ("crisp waves", {"soft": -0.7}),
        ("vine with no leaves", {"leaf": "none"}),
        ("vine with round leaves", {"leaf": "round"}),
        ("vine with berries", {"berries": True}),
        ("vine, no berries", {"berries": False}),
        ("vine, pointed ends", {"end": "pointed"}),
        ("vine, rounded ends", {"end": "round"}),
    ],
)
def test_attributes_are_read(prompt: str, expected: dict[str, object]) -> None:
    attributes = parse_attributes(prompt).attributes
    for name, value in expected.items():
        assert getattr(attributes, name) == value


# ---------------------------------------------------------------- the model


def test_numpy_and_torch_agree() -> None:
    """The training stored its own logits of the roles (float32, torch) for three prompts."""
    _, notes = read_safetensors(files("ringcad.generators.ornament").joinpath(WEIGHTS).read_bytes())
    for prompt, logits in json.loads(notes["check"]).items():
        theirs = np.exp(np.array(logits) - np.max(logits, axis=1, keepdims=True))
        assert read(read_prompt(prompt)).roles == pytest.approx(theirs / theirs.sum(axis=1, keepdims=True), abs=1e-3)


def test_weights_are_small() -> None:
    parameters = sum(value.size for value in load_weights().by_name.values())
    assert parameters < 4_000_000
    folder = files("ringcad.generators.ornament")
    total = sum(
        len(folder.joinpath(name).read_bytes())
        for name in (WEIGHTS, "text_table.safetensors", "sentence_encoder.safetensors", "vocab.json")
    )
    assert total + len(folder.joinpath("motif_table.safetensors").read_bytes()) < 25_000_000


def test_slots_are_distributions_and_draws_follow_the_dice() -> None:
    meaning = read(read_prompt("something victorian"))
    slots = draw_slots(meaning)
    assert all(slots[name] in classes for name, classes in SLOTS.items())
    for slot in SLOTS:
        assert slot_chances(meaning, slot, slots).sum() == pytest.approx(1.0)
    first = draw_slots(meaning, np.random.default_rng(3))
    assert first == draw_slots(meaning, np.random.default_rng(3))
    assert draw_slots(meaning, np.random.default_rng(3), fixed={"ground": "some"})["ground"] == "some"


def test_what_a_style_leaves_open_is_drawn_by_the_seed() -> None:
    families = {understand("victorian style", seed).family for seed in range(12)}
    assert len(families) >= 2
    assert {understand("ivy", seed).family for seed in range(12)} == {"ivy"}
    assert understand("victorian style", 5) == understand("victorian style", 5)


def test_the_frozen_list_is_understood_and_only_by_the_trained_weights(bench: ModuleType) -> None:
    """Floors a little below what docs/generator.md publishes."""
    rows = bench.rows_of("frozen")
    model = bench.score(rows, bench.by_model())
    nearest = bench.score(rows, bench.by_nearest_caption())
    assert model.top1 >= FLOOR
    assert model.top1 >= nearest.top1 + MARGIN
    assert model.mixtures >= 0.7 and model.refused >= 0.75 and model.lost <= 0.06
    assert bench.score(rows, bench.by_model(scramble=1)).top1 <= 0.25
    assert bench.score(bench.shuffled(rows), bench.by_model()).top1 <= 0.12
    assert bench.score(rows, bench.by_glossary()).top1 <= model.top1 - 0.2


FLOOR, MARGIN = 0.88, 0.065


def test_paired_bootstrap_of_a_lead(bench: ModuleType) -> None:
    """No spread where one is right wherever the other is wrong; the normal interval where prompts differ by chance."""

    def of(right: list[bool]) -> object:
        return bench.Score(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, (), tuple(right))

    assert bench.lead(of([True] * 50), of([False] * 50)) == (1.0, 1.0, 1.0)
    assert bench.lead(of([True, False] * 50), of([True, False] * 50)) == (0.0, 0.0, 0.0)
    mean, low, high = bench.lead(of([True] * 40 + [False] * 360), of([False] * 400))
    assert mean == pytest.approx(0.1)
    assert (high - low) / 2 == pytest.approx(1.96 * (0.1 * 0.9 / 400) ** 0.5, rel=0.1)


def test_what_is_said_about_a_prompt() -> None:
    meaning = understand("bold ivy and skulls, milgrain edges, quarterly")
    assert meaning.family == "ivy" and meaning.scheme.companion == "motif"
    assert meaning.attributes.border == "milgrain" and meaning.attributes.bold > 0
    assert "skull" in (meaning.scheme.companion_motif or "")
    assert "quarterly" in meaning.not_understood
    assert any(line.startswith("theme: ivy") for line in meaning.understood)
    assert any(line.startswith("motif") and "next:" in line for line in meaning.retrieved)
    assert meaning.retrieved[0].startswith("family ivy") and "next:" in meaning.retrieved[0]


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("twelve lilies", 12),
        ("waves, 14 of them around", 14),
        ("a dozen roses", 12),
        ("three rows of beads", None),
        ("six petalled daisies", None),
        ("four-leaf clovers", None),
        ("ivy", None),
        ("999 stars", None),
    ],
)
def test_figures_are_counted(prompt: str, count: int | None) -> None:
    assert figures(read_prompt(prompt).units) == count


def test_letters_between_quotation_marks_go_to_the_runes() -> None:
    assert understand('runes "ANNA"').attributes.letters == "ANNA"
    assert quoted_letters("ivy for o'neill's bar") is None


@pytest.mark.parametrize(
    ("prompt", "letters", "rest"),
    [
        ("the letters A and J with a heart between them", "A J", "the letters with a heart between them"),
        ("initials M and K", "M K", "letters"),
        ("our initials are M & K, in ivy", "M K", "letters , in ivy"),
        ("A & J monogram", "A J", "letters"),
        ("monogram A.B. and roses", "A.B", "letters and roses"),
        ("Roman numerals XII IV MMXX", "XII IV MMXX", "letters"),
        ("XII.IV.MMXX between laurel", "XII.IV.MMXX", "letters between laurel"),
        ("the word AMOR", "AMOR", "the letters"),
        ("the word love, beaded edges", "love", "letters , beaded edges"),
        ("date 12.06.2020", "12.06.2020", "letters"),
        ("the names Anna and Ben with hearts", "Anna Ben", "the letters with hearts"),
        ("Buchstaben A und B", "A B", "letters"),
        ('engraved "Ti amo", milgrain edges', "Ti amo", "engraved letters , milgrain edges"),
        ('"ANNA"', "ANNA", "letters"),
    ],
)
def test_text_that_is_announced_is_written(prompt: str, letters: str, rest: str) -> None:
    found = written(prompt)
    assert found is not None and (found.letters, found.prompt) == (letters, rest)
    meaning = understand(prompt)
    assert meaning.attributes.letters == letters and f"letters: {letters}" in meaning.understood
    assert "runes" in (meaning.scheme.main, meaning.scheme.companion)


@pytest.mark.parametrize(
    "prompt",
    """letters in a vine|her name in the old northern script|a "lucky" clover|the words of a poem|ROSES AND IVY
    I and my wife like ivy|letters like on a rune stone|wedding date|7 stars|art deco fans""".replace("\n", "|").split(
        "|"
    ),
)
def test_what_announces_no_text_is_left_as_it_is(prompt: str) -> None:
    assert written(prompt.strip()) is None


def test_text_stands_beside_what_is_named_with_it() -> None:
    first = understand("the letters A and J with a heart between them").scheme
    assert (first.main, first.companion) == ("runes", "heart")
    last = understand("oak leaves, our initials M and K").scheme
    assert (last.main, last.companion) == ("oak", "runes")


def test_a_style_beside_a_name_says_how_it_looks() -> None:
    meaning = understand("ivy in art nouveau style")
    assert meaning.family == "ivy" and meaning.attributes.soft > 0 and not meaning.not_understood
    assert understand("roses, bright-cut").attributes.soft < 0


def test_holly_is_a_leaf_and_a_finish_alone_is_a_style() -> None:
    assert understand("holly").family == understand("holly leaves and berries").family == "laurel"
    assert understand("bright cut").family == "facets"
    request = GeneratorRequest("holly", 3, 24.0, 5.0, 0.35, 0.3, 0.25, pixels_per_mm=8.0)
    program = generator.generate(request).program
    assert program is not None and program["layers"][0]["leaf"] == "holly"


def test_initials_that_explain_are_no_text() -> None:
    assert written("chevrons, my initials are V and W") is None
    told = written("our initials are M and K")
    assert told is not None and told.letters == "M K"


def test_places_are_understood() -> None:
    scheme = understand("rope edges, roses in the middle").scheme
    assert (scheme.main, scheme.edges) == ("rose", "rope")
    assert understand("laurel on a hammered ground").scheme.ground == "hammered"
    assert understand("milgrain").family == "milgrain"


HOPELESS = """asdf qwerty zxcv|please make it nice|quarterly tax report|something special|insurance policy
database migration|parliamentary election|fine, small, dense|no ivy|?!|12345|the|   |""".replace("\n", "|").split("|")


@pytest.mark.parametrize("prompt", HOPELESS)
def test_hopeless_prompts_are_refused_with_suggestions(prompt: str) -> None:
    with pytest.raises(InputError) as caught:
        understand(prompt)
    assert all(name.replace("_", " ") in str(caught.value) for name in CAPTIONS if name != "motif")


def test_attributes_reach_the_drawing() -> None:
    def relief(prompt: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        request = GeneratorRequest(prompt, 3, 18.0, 5.0, 0.35, 0.3, 0.25, pixels_per_mm=16.0)
        return generator.generate(request).height

    def program(prompt: str) -> dict[str, object]:
        request = GeneratorRequest(prompt, 3, 18.0, 5.0, 0.35, 0.3, 0.25, pixels_per_mm=8.0)
        relief = generator.generate(request)
        assert relief.program is not None
        layer: dict[str, object] = relief.program["layers"][0]
        return layer

    assert program("three rows of beads")["rows"] == 3
    assert program("vine without leaves")["leaf"] == "none"
    assert program("beetle")["family"] == "motif"
    assert not np.array_equal(relief("vine, plain edge"), relief("vine, rope border"))
    assert len(program("laurel")) > 3


def test_schemes_become_parts_in_their_places() -> None:
    wish = Attributes(rows=3)
    places = [
        (p.family, p.position) for p in scheme_parts(Scheme("waves", "motif", "stacked", "rope", "stipple"), wish)
    ]
    assert places == [("waves", "top"), ("motif", "bottom"), ("stipple", "ground")]
    flanked = scheme_parts(Scheme("heart", "wing", "flanked", "greek_key"), wish)
    assert [part.family for part in flanked] == ["wing", "heart", "wing", "greek_key"]
    assert flanked[0].wish is not None and flanked[0].wish.rows is None and flanked[1].wish is None
    both = scheme_parts(Scheme("motif", "motif", "alternate", motif="owl", companion_motif="bat"), wish)
    assert [part.wish.form for part in both if part.wish] == ["owl", "bat"]


def test_a_mixture_is_drawn_with_both_themes() -> None:
    request = GeneratorRequest("ivy and skulls, rope border", 1, 24.0, 6.0, 0.35, 0.25, 0.2, pixels_per_mm=10.0)
    relief = generator.generate(request)
    assert relief.program is not None
    assert {layer["family"] for layer in relief.program["layers"]} == {"ivy", "motif"}
    assert relief.program["frame"]["style"] == "rope"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        meaning = understand(text)
    except InputError:
        return
    assert meaning.family in FAMILIES and 0.0 < meaning.score <= 1.0


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("ivy with berries", {"main": "ivy", "companion": None}),
        ("oak leaves and acorns with rope edges", {"main": "oak", "companion": None, "edges": "rope"}),
        ("filigree like in old Portuguese jewelry", {"main": "filigree"}),
        ("edwardian lace, very fine", {"companion": None}),
        ("lilies with long stems, no leaves", {"main": "lily", "companion": None}),
        ("arabesque tendrils, two rows, mirrored", {"main": "arabesque", "companion": None}),
        ("anchors between two ropes", {"main": "motif", "edges": "rope"}),
        ("honeycomb and bees", {"main": "honeycomb", "companion": "motif", "companion_motif": "bee-charm"}),
        ("roses on hammered ground", {"main": "rose", "ground": "hammered"}),
        ("hammered hearts", {"main": "heart"}),
        ("ivy vine with small leaves", {"main": "ivy", "companion": None}),
        ("roses with leaves", {"main": "rose", "companion": None}),
    ],
)
def test_plain_sense_of_a_sentence(prompt: str, wanted: dict[str, str | None]) -> None:
    """Counts and degrees are no theme, a family named outright is the theme, fruit grows on its plant."""
    scheme = understand(prompt, 1).scheme
    assert {name: getattr(scheme, name) for name in wanted} == wanted
