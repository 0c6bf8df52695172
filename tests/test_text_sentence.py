"""The packed sentence encoder, the packed table, misspelt words, and what becomes of prompts nobody foresaw."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import train
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose_parts
from ringcad.generators.ornament.embedding import load_table, pack_codes, unpack_codes
from ringcad.generators.ornament.model import load_weights, sentence_vector, spoken
from ringcad.generators.ornament.reading import read_prompt
from ringcad.generators.ornament.sentence import WIDTH, encode, encode_ids, encode_many, load_encoder, token_ids, unpack
from ringcad.generators.ornament.spelling import corrected, known_word, parted, slips
from ringcad.generators.ornament.text import understand

# ---------------------------------------------------------------- packed numbers


@given(
    arrays.arrays(np.int8, st.tuples(st.integers(1, 5), st.sampled_from([4, 8, 128])), elements=st.integers(-31, 31))
)
def test_six_bit_numbers_come_back(codes: np.ndarray[tuple[int, int], np.dtype[np.int8]]) -> None:
    packed = pack_codes(codes)
    assert packed.nbytes * 4 == codes.nbytes * 3
    assert (unpack_codes(packed) == codes).all()


@pytest.mark.parametrize("bits", [2, 4])
def test_small_numbers_are_unpacked_lowest_bits_first(bits: int) -> None:
    """Oracle: Python's own integers, digit by digit."""
    data = np.arange(256, dtype=np.uint8).reshape(4, 64)
    digits = [[int(byte) >> shift & (2**bits - 1) for byte in row for shift in range(0, 8, bits)] for row in data]
    assert unpack(data, bits).tolist() == digits


def test_levels_are_those_of_a_normal_distribution() -> None:
    """Lloyd and Max: four levels at 0.4528 and 1.5104 (Max 1960, table I); symmetric and rising."""
    assert load_encoder().levels == pytest.approx([-1.5104, -0.4528, 0.4528, 1.5104], abs=5e-3)


# ---------------------------------------------------------------- sentences


def test_sentences_have_unit_vectors_and_batches_change_nothing() -> None:
    texts = [("ivy",), ("oak", "leaves"), ("leaves", "of", "oak"), ("a", "ship", "at", "sea"), ("ivy",)]
    many = encode_many(texts)
    assert many.shape == (5, WIDTH)
    assert np.linalg.norm(many, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert many == pytest.approx(np.stack([encode(words) for words in texts]), abs=1e-5)


def test_order_matters_and_near_meanings_are_near() -> None:
    def cosine(a: str, b: str) -> float:
        return float(encode(tuple(a.split())) @ encode(tuple(b.split())))

    assert cosine("dog bites man", "man bites dog") < 0.999
    for text, near, far in (
        ("waves of the ocean", "ripples on the sea", "a chain of iron"),
        ("roses and other flowers", "flower petals", "steel ropes"),
        ("links of a chain", "iron chains", "flower petals"),
    ):
        assert cosine(text, near) > cosine(text, far) + 0.1


def test_long_texts_and_strange_pieces_are_read() -> None:
    assert len(token_ids(["leaf"] * 500)) == 30
    names = load_table().tokens
    assert token_ids(["葉"]) == [names["[CLS]"], names["[UNK]"], names["[SEP]"]]
    assert np.isfinite(encode_ids(np.array([token_ids(["葉"] * 40)]))).all()


def test_the_encoder_reads_the_words_of_a_role_in_order() -> None:
    reading = read_prompt("a crown of thorns with rope edges")
    words = [unit.words[0] for unit in reading.units]
    belief = np.array([1.0 if word in ("crown", "thorns") else 0.0 for word in words])
    if ("crown", "of", "thorns") in [unit.words for unit in reading.units]:
        belief = np.array([1.0 if "thorns" in unit.words else 0.0 for unit in reading.units])
    assert spoken(reading, belief) == ("crown", "of", "thorns")
    assert spoken(reading, np.zeros(len(words))) == ()
    v = sentence_vector(load_weights().by_name, ("crown", "of", "thorns"))
    assert np.linalg.norm(v) == pytest.approx(1.0, abs=1e-6)


# ---------------------------------------------------------------- slips


@given(st.text("abcdef", max_size=8), st.text("abcdef", max_size=8))
def test_slips_are_a_symmetric_distance(a: str, b: str) -> None:
    assert slips(a, b, 20) == slips(b, a, 20)
    assert (slips(a, b, 20) == 0) == (a == b)
    assert abs(len(a) - len(b)) <= slips(a, b, 20) <= max(len(a), len(b))
    assert slips(a, b, 2) == min(slips(a, b, 20), 3)


@pytest.mark.parametrize(
    ("a", "b", "count"), [("leaf", "laef", 1), ("wave", "waves", 1), ("rose", "nose", 1), ("kitten", "sitting", 3)]
)
def test_a_swap_is_one_slip(a: str, b: str, count: int) -> None:
    assert slips(a, b, 5) == count


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("acnathus", "acanthus"), ("honeycmob", "honeycomb"), ("filligree", "filigree"), ("thistel", "thistle")],
)
def test_misspelt_words_are_put_right_and_it_is_said(wrong: str, right: str) -> None:
    assert not known_word(wrong) and corrected(wrong) == right
    meaning = understand(wrong)
    assert meaning.family == understand(right).family
    assert f"read '{wrong}' as {right}" in meaning.understood


@pytest.mark.parametrize("word", ["ivy", "roses", "asdfgh", "zzyzx", "efeu", "hawser", "qwertz", "плющ"])
def test_known_and_hopeless_words_stay_as_they_are(word: str) -> None:
    assert corrected(word) == word


# ---------------------------------------------------------------- prompts nobody foresaw


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " \n\t ",
        "🙂🙃",
        "🌿🌿",
        "。、",
        "zzzz qqqq xxxx",
        "9999",
        "-" * 2000,
        "zzzzq " * 400,
        "ปลา",
        "鷹",
        "\x00\x01",
    ],
)
def test_what_cannot_be_read_is_refused_with_suggestions(prompt: str) -> None:
    with pytest.raises(InputError, match=r"Name|Try") as caught:
        understand(prompt)
    assert "vine" in str(caught.value) and len(str(caught.value)) < 1500


def test_a_long_prompt_is_read_from_its_beginning() -> None:
    long = "ivy leaves, " + "and so on and on " * 120
    assert len(long) > 2000 and understand(long).family == "ivy"


@pytest.mark.parametrize(
    ("prompt", "family"),
    [
        ("vine no leaves", "vine"),
        ("ivy without berries", "ivy"),
        ("oak no acorns dense", "oak"),
        ("Efeu ohne Beeren", "ivy"),
    ],
)
def test_negations_need_no_comma(prompt: str, family: str) -> None:
    assert understand(prompt).family == family


def test_the_account_names_all_three_kinds() -> None:
    meaning = understand("melancholic beetle, double border, dense")
    assert meaning.family == "motif" and meaning.scheme.motif is not None and "beetle" in meaning.scheme.motif
    assert any("border" in note for note in meaning.understood) and any("dense" in n for n in meaning.understood)
    assert any(note.startswith("motif") and "next:" in note for note in meaning.retrieved)
    assert "melancholic" in meaning.not_understood


# ---------------------------------------------------------------- width


def _request(width_mm: float, stroke_mm: float) -> GeneratorRequest:
    return GeneratorRequest("a row of flowers", 1, 14.0, width_mm, 0.35, stroke_mm, 0.9 * stroke_mm, pixels_per_mm=8.0)


def test_where_a_flower_does_not_fit_another_that_the_words_mean_is_drawn() -> None:
    wish = Attributes()
    request = _request(2.0, 0.4)
    with pytest.raises(InputError, match="does not fit"):
        compose_parts(request, (Part("fleur_de_lis"),), wish)
    program, notes = compose_parts(request, (Part("fleur_de_lis", instead=("damask", "lily")),), wish)
    assert [layer.family for layer in program.layers] == ["lily"]
    assert any("instead of fleur de lis" in note for note in notes)
    roomy, said = compose_parts(_request(6.0, 0.4), (Part("fleur_de_lis", instead=("lily",)),), wish)
    assert {layer.family for layer in roomy.layers} == {"fleur_de_lis"} and not any("instead" in note for note in said)


def test_general_words_leave_a_choice_and_names_do_not() -> None:
    assert len(understand("a row of flowers").scheme.instead) >= 1
    assert understand("daisies").scheme.instead == ()


# ---------------------------------------------------------------- training


def test_training_is_one_command_of_named_steps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without an encoder the table and the sentence encoder stay; every step says its time."""
    wordnet, out = tmp_path / "dict", tmp_path / "out"
    wordnet.mkdir()
    out.mkdir()
    (wordnet / "data.noun").touch()
    monkeypatch.setattr(train.importlib.util, "find_spec", lambda name: object())  # torch, which these steps do not use
    train.main([str(wordnet), "--only", "sentence", "table", "--out", str(out)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["table", "sentence"]
    assert all("kept" in line and "of the processor" in line for line in lines)
    assert not list(out.iterdir())
    with pytest.raises(SystemExit):
        train.main([str(wordnet), "--only", "everything"])


# ---------------------------------------------------------------- size


def test_weights_and_tables_together_are_under_25_megabytes() -> None:
    folder = Path(str(files("ringcad.generators.ornament"))).parent
    found = {path.name: path.stat().st_size for path in folder.rglob("*") if path.suffix in (".safetensors", ".json")}
    assert {"text_table.safetensors", "sentence_encoder.safetensors", "vocab.json"} <= set(found)
    assert sum(found.values()) < 25_000_000


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("oakleaves", ("oak", "leaves")),
        ("fleurdelis", ("fleur", "de", "lis")),
        ("peacockfeathers", ("peacock", "feathers")),
        ("butterfly", ("butterfly",)),
        ("ironwork", ("ironwork",)),
        ("parliamentary", ("parliamentary",)),
    ],
)
def test_words_written_as_one_are_parted(word: str, parts: tuple[str, ...]) -> None:
    assert parted(word) == parts


def test_a_parted_word_is_read_as_its_parts_and_said() -> None:
    one, two = read_prompt("oakleaves"), read_prompt("oak leaves")
    assert [unit.words for unit in one.units] == [unit.words for unit in two.units]
    assert one.corrections == (("oakleaves", "oak leaves"),)
    meaning = understand("oakleaves with acorns")
    assert meaning.family == "oak" and "read 'oakleaves' as oak leaves" in meaning.understood


def test_slips_in_a_plural_are_put_right_by_the_singular() -> None:
    assert corrected("bycicles") == "bicycle"
