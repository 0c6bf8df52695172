"""How well prompts are understood: the model, and what it must beat, on the frozen list.

    python benchmarks/prompts.py [--list frozen] [--weights folder] [--markdown docs/generator.md]

Prints the table and the misses. ``--markdown`` renews the part between the marks of a page. The nearest
caption uses the same table, glossary and wordings as the training did (never a frozen prompt).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from ringcad.core.errors import InputError
from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.captions import CAPTIONS
from ringcad.generators.ornament.embedding import embed_words, read_from
from ringcad.generators.ornament.model import load_weights, scrambled
from ringcad.generators.ornament.reading import function_class, prompt_words, read_prompt
from ringcad.generators.ornament.text import Scheme, Understanding, understand
from ringcad.generators.ornament.wishes import wish_of
from ringcad.generators.ornament.wordpiece import plain_words, singular

HERE = Path(__file__).parent
CORPUS = HERE.parents[0] / "generators" / "ornament" / "corpus_captions.yaml"
RIDDLES = CORPUS.with_name("corpus_riddles.yaml")
START, END = "<!-- measured by benchmarks/prompts.py -->", "<!-- end of measured part -->"
Answer = Callable[[str], Scheme | None]
"""A prompt to its scheme, ``None`` when it is refused."""
BEADED = frozenset({"milgrain", "bead_row"})


def rows_of(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = YAML(typ="safe").load((HERE / "prompts" / f"{name}.yaml").read_text("utf-8"))[
        "prompts"
    ]
    return rows


def expected(row: dict[str, Any]) -> list[str]:
    """Families that are right as the main theme."""
    if "family" in row:
        return [row["family"]] if isinstance(row["family"], str) else list(row["family"])
    if "middle" in row:
        return [row["middle"]]
    return list(row["both"]) if "both" in row else ["motif"]


def content(text: str) -> list[str]:
    return [word for word in prompt_words(text) if not function_class((word,)) and word.isalnum()]


def corpus_captions(riddles: bool) -> list[tuple[str, str]]:
    """Wordings that the model was trained on, less the frozen prompts, which training leaves out too.

    Without ``riddles``, those alone that name a family.
    """
    frozen = {" ".join(plain_words(row["prompt"])) for row in rows_of("frozen")}
    found = [
        (family, part.strip())
        for path in ((CORPUS, RIDDLES) if riddles else (CORPUS,))
        for family, block in YAML(typ="safe").load(path.read_text("utf-8"))["families"].items()
        for part in block.split(";")
    ]
    return [(family, text) for family, text in found if " ".join(plain_words(text)) not in frozen]


def by_model(scramble: int | None = None) -> Answer:
    if scramble is None:
        return _scheme_of
    weights = scrambled(load_weights(), scramble)

    def answer(prompt: str) -> Scheme | None:
        try:
            return understand(prompt, weights=weights, lenient=True).scheme
        except InputError:
            return None

    return answer


@cache
def _read(prompt: str) -> Understanding | None:
    """What the model makes of a prompt, once for all that is measured on it; ``None`` when it is refused."""
    try:
        return understand(prompt)
    except InputError:
        return None


def _scheme_of(prompt: str) -> Scheme | None:
    found = _read(prompt)
    return None if found is None else found.scheme


def by_nearest_caption(riddles: bool = True) -> Answer:
    captions = corpus_captions(riddles) + [("motif", " ".join(motifs.caption(name))) for name in motifs.names()]
    table = np.stack([embed_words(content(text)) for _, text in captions]).astype(np.float64)
    table /= np.linalg.norm(table, axis=1, keepdims=True) + 1e-9

    def answer(prompt: str) -> Scheme | None:
        words = content(prompt)
        if not words:
            return None
        family = captions[int(np.argmax(table @ embed_words(words).astype(np.float64)))][0]
        return Scheme(family, motif=motifs.nearest(words, 1)[0][0] if family == "motif" else None)

    return answer


def by_glossary() -> Answer:
    """Families whose names or few plain wordings share a word with the prompt, translated by the glossary."""
    said = {
        family: {singular(word) for text in (family.replace("_", " "), *texts) for word in content(text)}
        for family, texts in CAPTIONS.items()
        if family != "motif"
    }

    def answer(prompt: str) -> Scheme | None:
        words = {singular(word) for word in content(prompt)}
        shared = {family: len(words & known) for family, known in said.items()}
        best = max(shared, key=lambda family: shared[family])
        return Scheme(best) if shared[best] else None

    return answer


def by_names() -> Answer:
    """What the wordings name word for word, clauses and negations set apart: every rule, nothing learned."""
    weights = load_weights()

    def answer(prompt: str) -> Scheme | None:
        found = wish_of(read_prompt(prompt), weights).names
        families = [min(name.families, default="motif" if name.motif else "") for name in found]
        places = [(family, name) for family, name in zip(families, found, strict=True) if family]
        if not places:
            return None
        (main, first), second = places[0], places[1][0] if len(places) > 1 else None
        motif = motifs.nearest(list(first.words), 1)[0][0] if main == "motif" else None
        return Scheme(main, second, "alternate" if second else "single", motif=motif)

    return answer


@dataclass(frozen=True)
class Score:
    """Shares of the list, and what went wrong."""

    top1: float
    plain: float
    mixtures: float
    nouns: float
    refused: float
    lost: float
    misses: tuple[str, ...]
    right: tuple[bool, ...]
    """Of each prompt that names something, whether the main theme is right."""


def score(rows: list[dict[str, Any]], answer: Answer) -> Score:
    """Family of the main theme, both themes of mixtures in their places, motif nouns, refusals."""
    right: list[bool] = []
    plain: list[bool] = []
    both: list[bool] = []
    nouns: list[bool] = []
    refused: list[bool] = []
    lost: list[bool] = []
    misses: list[str] = []
    for row in rows:
        scheme = answer(row["prompt"])
        if row.get("hopeless"):
            refused.append(scheme is None)
            if scheme is not None:
                misses.append(f"'{row['prompt']}': should be refused, drawn as {scheme.main}")
            continue
        lost.append(scheme is None)
        good = scheme is not None and scheme.main in expected(row)
        right.append(good)
        if "family" in row:
            plain.append(good)
        if "middle" in row or "both" in row:
            both.append(scheme is not None and mixture_right(row, scheme))
        if "motif" in row:
            nouns.append(scheme is not None and noun_right(row, scheme))
        if not good:
            got = "refused" if scheme is None else scheme.main + (f" ({scheme.motif})" if scheme.motif else "")
            misses.append(f"'{row['prompt']}': {' or '.join(expected(row))}, got {got}")
        elif ("middle" in row or "both" in row) and not both[-1]:
            misses.append(f"'{row['prompt']}': second theme or its place, got {told(scheme)}")
        elif "motif" in row and not nouns[-1]:
            misses.append(f"'{row['prompt']}': {'/'.join(row['motif'])}, got {told(scheme)}")
    share = (float(np.mean(part)) if part else 0.0 for part in (right, plain, both, nouns, refused, lost))
    return Score(*share, tuple(misses), tuple(right))


def lead(one: Score, other: Score, draws: int = 10_000) -> tuple[float, float, float]:
    """Difference of two shares of the same prompts and the bounds of its paired bootstrap (95 %)."""
    apart = np.array(one.right, dtype=float) - np.array(other.right, dtype=float)
    picked = np.random.default_rng(11).integers(0, len(apart), (draws, len(apart)))
    low, high = np.quantile(apart[picked].mean(axis=1), (0.025, 0.975))
    return float(apart.mean()), float(low), float(high)


def told(scheme: Scheme | None) -> str:
    if scheme is None:
        return "refused"
    parts = {
        "main": scheme.main,
        "motif": scheme.motif,
        "with": scheme.companion,
        "second motif": scheme.companion_motif,
        "edges": scheme.edges,
        "ground": scheme.ground,
    }
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value)


def mixture_right(row: dict[str, Any], scheme: Scheme) -> bool:
    """Both themes present; where the prompt says where, there (milgrain and a row of beads are alike)."""
    if "both" in row:
        return set(row["both"]) <= {scheme.main, scheme.companion, scheme.edges, scheme.ground}
    edges = row.get("edges")
    return (
        scheme.main == row["middle"]
        and (edges is None or edges == scheme.edges or {edges, scheme.edges} <= BEADED)
        and row.get("ground") in (None, scheme.ground)
    )


def noun_right(row: dict[str, Any], scheme: Scheme) -> bool:
    drawn = " ".join(name for name in (scheme.motif, scheme.companion_motif) if name).split("-")
    words = {singular(word) for part in drawn for word in part.split()}
    return bool(words & {singular(word) for word in row["motif"]})


def shuffled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same prompts with each other's expectations."""
    real = [row for row in rows if not row.get("hopeless")]
    order = np.random.default_rng(5).permutation(len(real))
    return [{**real[int(k)], "prompt": row["prompt"]} for row, k in zip(real, order, strict=True)]


def holds(wish: Attributes, name: str, value: Any) -> bool:
    """Whether attributes say what a row wants."""
    if name in ("rows", "repeats", "petals", "border"):
        return bool(getattr(wish, name) == value)
    if name == "relief":
        return wish.depth == value or wish.soft * {"soft": 1.0, "sharp": -1.0}.get(value, 0.0) > 0.0
    if name == "symmetry":
        return wish.frieze == "mirror" if value == "mirror" else wish.irregular > 0.0
    if name == "without":
        return wish.leaf == "none" if value == ["leaves"] else not wish.berries
    field, sign = {"dense": ("dense", 1), "sparse": ("dense", -1), "bold": ("bold", 1), "fine": ("bold", -1),
                   "large": ("large", 1), "small": ("large", -1)}[value]  # fmt: skip
    return bool(getattr(wish, field) * sign > 0.0)


def attribute_share(rows: list[dict[str, Any]]) -> tuple[float, list[str]]:
    """Wanted attributes that the understanding holds (whether they are drawn is measured on heights elsewhere)."""
    checks: list[bool] = []
    misses: list[str] = []
    for row in rows:
        for name, value in row.get("want", {}).items():
            found = _read(row["prompt"])
            checks.append(found is not None and holds(found.attributes, name, value))
            if not checks[-1]:
                misses.append(f"'{row['prompt']}': {'refused' if found is None else f'{name} {value}'}")
    return float(np.mean(checks)) if checks else 1.0, misses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", default="frozen")
    parser.add_argument("--weights", type=Path, help="a folder whose weights are read instead of the shipped ones")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--quiet", action="store_true", help="figures only, no misses")
    arguments = parser.parse_args()
    if arguments.weights:
        read_from(arguments.weights)
    rows = rows_of(arguments.list)
    answers: list[tuple[str, Answer, list[dict[str, Any]]]] = [
        ("the model", by_model(), rows),
        ("nearest caption, same table and wordings", by_nearest_caption(), rows),
        ("nearest caption, without the riddles among the wordings", by_nearest_caption(riddles=False), rows),
        ("glossary and plain names alone", by_glossary(), rows),
        ("names found word for word, nothing learned", by_names(), rows),
        ("the model, prompts shuffled", by_model(), shuffled(rows)),
        ("the model, weights shuffled", by_model(scramble=1), rows),
    ]
    lines = [
        "| | family first | plain prompts | both themes, in place | motif noun | hopeless refused | others refused |",
        "|---|---|---|---|---|---|---|",
    ]
    scores: list[Score] = []
    for name, answer, some in answers:
        result = score(some, answer)
        scores.append(result)
        figures = (result.top1, result.plain, result.mixtures, result.nouns, result.refused, result.lost)
        lines.append(f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |")
        print(f"{name}: family first {result.top1:.4f}", file=sys.stderr, flush=True)
    share, unread = attribute_share(rows)
    leads = [
        f"- over {name}: {100 * mean:.1f} points (95 % of a paired bootstrap: {100 * low:.1f} to {100 * high:.1f})"
        for (name, _, _), (mean, low, high) in zip(answers[1:3], (lead(scores[0], s) for s in scores[1:3]), strict=True)
    ]
    lines += ["", "Lead of the model, family first:", "", *leads]
    lines += ["", f"Attributes read from the words: {share:.2f} of those asked for."]
    page = [*lines, "", f"### Misses ({len(scores[0].misses)})", "", *(f"- {miss}" for miss in scores[0].misses)]
    page += ["", f"### Attributes not read ({len(unread)})", "", *(f"- {miss}" for miss in unread)]
    print("\n".join(lines if arguments.quiet else page))
    if arguments.markdown:
        text = arguments.markdown.read_text("utf-8")
        renewed = START + "\n\n" + "\n".join(page) + "\n\n" + END
        arguments.markdown.write_text(
            re.sub(re.escape(START) + ".*" + re.escape(END), lambda _: renewed, text, flags=re.S), "utf-8"
        )


if __name__ == "__main__":
    main()
