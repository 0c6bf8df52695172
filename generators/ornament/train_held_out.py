"""Which family unseen wordings mean: five-fold over the wordings by hand, part by part of the themes model.

    python -m ringcad.generators.ornament.train_held_out package/dict

Every fifth wording is held out in turn and read as an unseen prompt would be: its own row as a phrase, if it has
one, is taken out of the table. Nothing is chosen by the frozen list.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ringcad.generators.ornament.corpus import Source, read_source
from ringcad.generators.ornament.embedding import load_table
from ringcad.generators.ornament.labels import FAMILIES
from ringcad.generators.ornament.train_model import prompts_of
from ringcad.generators.ornament.train_text_table import caption_phrases
from ringcad.generators.ornament.train_themes import SCALE, Themes, train_one, wording_vector
from ringcad.generators.ornament.train_wordnet import entry_words, read_nouns, read_senses

FOLDS = 5
KERNEL, PRIOR = 20.0, 0.5
"""As in ``model.theme_chances``."""
Array = NDArray[np.float64]


@contextmanager
def without_phrases(phrases: set[tuple[str, ...]]) -> Iterator[None]:
    """The table without rows of some phrases."""
    table = load_table()
    taken = {phrase: table.phrases.pop(phrase) for phrase in phrases if phrase in table.phrases}
    try:
        yield
    finally:
        table.phrases.update(taken)


def own_phrases(wordnet: Path) -> set[tuple[str, ...]]:
    """Phrases that are in the table only because they are wordings."""
    entries = entry_words(read_nouns(wordnet), read_senses(wordnet))
    return {tuple(text.split()) for text in caption_phrases() if text not in entries}


def log_softmax(x: Array) -> Array:
    x = x - x.max(axis=1, keepdims=True)
    out: Array = x - np.log(np.exp(x).sum(axis=1, keepdims=True))
    return out


def memory_part(memory: Array, own: NDArray[np.int64], asked: Array, classes: int) -> Array:
    """Log-chances of the smooth nearest wording (asked, classes)."""
    weight = np.exp(KERNEL * (asked @ memory.T - 1.0))
    mass = np.stack([weight[:, own == k].sum(axis=1) for k in range(classes)], axis=1)
    count = np.bincount(own, minlength=classes) + 1e-9
    return log_softmax(np.log(mass / count**PRIOR + 1e-12))


def cross_validate(source: Source, wordnet: Path, folds: int, steps: int) -> dict[str, float]:
    """Share of held-out wordings whose family is found, by part of the model."""
    themes = Themes(source)
    hand = [k for k, own in enumerate(themes.memory_class) if own < FAMILIES.index("motif")]
    by_hand = np.array([k for k in hand if themes.texts[k] in set(source.hand[FAMILIES[themes.memory_class[k]]])])
    fold = np.random.default_rng(0).integers(0, folds, len(by_hand))
    with without_phrases(own_phrases(wordnet)):
        unseen = themes.memory.copy()
        for k in by_hand:
            unseen[k, :128] = wording_vector(themes.texts[k]) / 2**0.5
    classes = len(themes.classes)
    right: dict[str, list[bool]] = {}
    whole, texts = (themes.memory, themes.memory_class), np.array(themes.more_texts)
    more = (themes.more, themes.more_class)
    for k in range(folds):
        out = by_hand[fold == k]
        kept = np.setdiff1d(np.arange(len(whole[0])), out)
        other = ~np.isin(texts, [themes.texts[j] for j in out])
        themes.memory, themes.memory_class = whole[0][kept], whole[1][kept]
        themes.more, themes.more_class = more[0][other], more[1][other]
        asked, truth = unseen[out].astype(np.float64), whole[1][out]
        memory, own = themes.memory.astype(np.float64), themes.memory_class
        net = train_one(themes, k, steps)
        with torch.no_grad():
            learned = log_softmax(net(torch.tensor(SCALE * asked, dtype=torch.float32)).double().numpy())
        smooth = memory_part(memory, own, asked, classes)
        table = 2**0.5 * asked[:, :128], 2**0.5 * memory[:, :128]
        found = {
            "nearest wording by the table (nearest caption)": own[(table[0] @ table[1].T).argmax(axis=1)],
            "smooth memory by the table": memory_part(table[1], own, table[0], classes).argmax(axis=1),
            "smooth memory by table and sentence": smooth.argmax(axis=1),
            "one perceptron": learned.argmax(axis=1),
            "memory and perceptron": (smooth + learned).argmax(axis=1),
        }
        for name, answer in found.items():
            right.setdefault(name, []).extend(answer == truth)
    return {name: float(np.mean(values)) for name, values in right.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wordnet", type=Path)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--steps", type=int, default=900)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    source = read_source(arguments.wordnet, [row["prompt"] for row in prompts_of("frozen.yaml")])
    for name, share in cross_validate(source, arguments.wordnet, arguments.folds, arguments.steps).items():
        print(f"{name}: {share:.3f}")


if __name__ == "__main__":
    main()
