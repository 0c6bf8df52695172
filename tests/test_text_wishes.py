"""Long wishes: what is left aside, what is named, what stands beside it, and what no word asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringcad.generators.ornament import embedding, motifs
from ringcad.generators.ornament.clauses import asides, negations, too_much
from ringcad.generators.ornament.labels import FAMILIES
from ringcad.generators.ornament.model import load_weights, scrambled
from ringcad.generators.ornament.naming import names
from ringcad.generators.ornament.reading import read_prompt
from ringcad.generators.ornament.text import understand
from ringcad.generators.ornament.wishes import softened, wish_of
from ringcad.generators.ornament.wordpiece import plain_words


def _kept(prompt: str) -> str:
    words = plain_words(prompt)
    return " ".join(word for word, left in zip(words, asides(words), strict=True) if not left).strip(" ,")


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("an anchor with rope around it, he was in the navy", "an anchor with rope around it"),
        ("oak leaves, my husband is a forester", "oak leaves"),
        ("thistles, for a Scottish family", "thistles"),
        ("roses for my grandmother with a rope border", "roses with a rope border"),
        ("flames, since he is a fireman in New York", "flames"),
        ("ivy because it covers the house where we live", "ivy"),
        ("a herringbone pattern like on my grandfather's tweed jacket", "a herringbone pattern"),
        ("fleur-de-lis, leave the rest plain", "fleur - de - lis"),
        ("one large lily on each shoulder, nothing else", "one large lily"),
        ("honeycomb, and a single bee on it if there is room", "honeycomb , and a single bee on it"),
        ("I'd like roses", "i ' d like roses"),
        ("something like lace", "something like lace"),
        ("it should look like ivy", "it should look like ivy"),
        ("milgrain for the edges, roses", "milgrain for the edges , roses"),
        ("rays coming out from the stone", "rays"),
        ("waves below, stars above", "waves below , stars above"),
    ],
)
def test_clauses_about_people_and_places_are_left_aside(prompt: str, kept: str) -> None:
    assert _kept(prompt) == kept


@given(st.lists(st.sampled_from("roses ivy he was for my , . so it like on the ring nothing else if not too".split())))
def test_clauses_are_masks_of_the_words(words: list[str]) -> None:
    assert len(asides(words)) == len(negations(words)) == len(words)
    assert all(words[k - 1] in ("too", "so") and words[k - 2] in ("not", "nothing") for k in too_much(words))


def test_an_aside_alone_is_the_theme() -> None:
    """Nothing is left aside where the rest names nothing."""
    weights = load_weights()
    for prompt in ("he is a sailor and ties ropes all day", "for a nurse"):
        wish = wish_of(read_prompt(prompt), weights)
        assert wish.aside == "" and len(wish.reading.units) == len(read_prompt(prompt).units)


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("no leaves, roses", "no leaves"),
        ("roses without thorns but with rope", "without thorns"),
        ("not flowers, not hearts, chevrons", "not flowers not hearts"),
        ("waves, nothing sharp", "nothing sharp"),
        ("not too crowded scrolls", ""),
    ],
)
def test_what_is_not_wanted_ends_where_the_next_wish_begins(prompt: str, wanted: str) -> None:
    words = plain_words(prompt)
    assert " ".join(word for word, inside in zip(words, negations(words), strict=True) if inside) == wanted


def test_too_much_is_read_as_its_opposite() -> None:
    levels = load_weights().levels
    assert softened(["scrolls", "not", "too", "crowded"], levels) == ["scrolls", "sparse"]
    wish = understand("scrolls, but not too crowded").attributes
    assert wish.dense < 0.0 and understand("scrolls, crowded").attributes.dense > 0.0


def test_names_are_whole_and_their_describing_neighbours_are_none() -> None:
    weights = load_weights()

    def found(prompt: str) -> list[tuple[str, ...]]:
        return [name.words for name in names([unit.words for unit in read_prompt(prompt).units], weights)]

    assert found("anchors and roses") == [("anchor",), ("rose",)]
    assert found("eagle feathers") in ([("feather",)], [("eagle", "feather")])
    assert found("quarterly melancholic dither") == []
    for family in FAMILIES:
        if family not in ("motif", "starfield"):
            plain = names([tuple(family.split("_"))], weights)
            assert plain and family in plain[0].families, family


def test_scrambled_weights_know_no_names_either() -> None:
    weights, mixed = load_weights(), scrambled(load_weights(), 1)
    same = [name for name, texts in weights.wordings.items() if mixed.wordings.get(name) == texts]
    assert set(mixed.wordings) == set(weights.wordings) and len(same) <= 5


@pytest.mark.parametrize(
    ("prompt", "main", "companion"),
    [
        ("I'd like it to look Victorian, lots of scrolls, but not too crowded", "scroll", None),
        ("fleur-de-lis, one at the top only, leave the rest plain", "fleur_de_lis", None),
        ("an anchor with rope around it, he was in the navy", "motif", "rope"),
        ("mountains with a sun coming up behind them", "motif", "sunburst"),
        ("rays coming out from the stone, nineteen-twenties look", "sunburst", None),
        ("brushed so it looks like fine straight grain, along the ring", "bark", None),
        ("music notes on a stave, with a treble clef at the beginning", "motif", None),
        ("simple and elegant, a few curved lines getting thinner towards the back", "scroll", None),
    ],
)
def test_long_wishes_draw_what_they_name_and_nothing_else(prompt: str, main: str, companion: str | None) -> None:
    scheme = understand(prompt, 1).scheme
    beside = scheme.companion if scheme.companion != "motif" or main != "motif" else None
    assert (scheme.main, beside) == (main, companion)
    assert scheme.ground is None and scheme.edges in (None, "plain", "double", "none")


def test_soft_says_the_relief_and_not_the_stroke() -> None:
    wish = understand("a soft vine").attributes
    assert wish.soft > 0.0 and wish.bold == 0.0


def test_real_words_are_not_taken_for_slips() -> None:
    meaning = understand("burly oak leaves")
    assert meaning.family == "oak" and not any(note.startswith("read ") for note in meaning.understood)


def test_moods_have_silhouettes_that_exist_and_are_drawn() -> None:
    weights = load_weights()
    known = set(motifs.names())
    assert weights.style_motifs and all(set(found) <= known for found in weights.style_motifs.values())
    drawn = {understand("something for Halloween", seed).scheme.motif for seed in range(6)}
    assert len(drawn) >= 2 and drawn <= set(weights.style_motifs["halloween"])
    assert understand("something that makes me think of autumn").family in weights.styles["autumn"]
    assert (
        understand("not flowers, not hearts, something a man would wear every day").family
        in weights.styles["masculine"]
    )


def test_a_later_step_of_training_reads_what_an_earlier_one_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "_trained", [])
    shipped = embedding.data_file("vocab.json").read_bytes()
    embedding.read_from(tmp_path)
    assert embedding.data_file("vocab.json").read_bytes() == shipped
    (tmp_path / "vocab.json").write_text("[]")
    assert embedding.data_file("vocab.json").read_text(encoding="utf-8") == "[]"
