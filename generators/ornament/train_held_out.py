"""Which family unseen wordings mean: five-fold over the wordings by hand, part by part of the themes model.

    python -m ringcad.generators.ornament.train_held_out package/dict

Every fifth wording is held out in turn and read as an unseen prompt would be: its own row as a phrase, if it has
one, is taken out of the table. Nothing is chosen by the frozen list.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from ringcad.generators.ornament.corpus import Source
from ringcad.generators.ornament.embedding import load_table, read_from
from ringcad.generators.ornament.labels import FAMILIES
from ringcad.generators.ornament.train_encoder import write_tuned
from ringcad.generators.ornament.train_model import source_of
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


def cross_validate(
    source: Source, wordnet: Path, folds: int, steps: int, encoder: Path | None = None, most: int = FOLDS
) -> dict[str, float]:
    """Share of held-out wordings whose family is found, by part of the model, over the first ``most`` folds.

    The shipped sentence encoder knows every wording: with the folder of the full ``encoder`` it is tuned anew for
    each fold, without the wordings that are held out.
    """
    themes = Themes(source)
    hand = [k for k, own in enumerate(themes.memory_class) if own < FAMILIES.index("motif")]
    by_hand = np.array([k for k in hand if themes.texts[k] in set(source.hand[FAMILIES[themes.memory_class[k]]])])
    fold = np.random.default_rng(0).integers(0, folds, len(by_hand))
    right: dict[str, list[bool]] = {}
    for k in range(min(folds, most)):
        out = by_hand[fold == k]
        with TemporaryDirectory() as folder:
            if encoder is not None:
                read_from(Path(folder))
                write_tuned(encoder, source, themes, Path(folder), held_out=frozenset(themes.texts[j] for j in out))
                themes = Themes(source)
            one_fold(themes, wordnet, by_hand, out, steps, k, right)
    return {name: float(np.mean(values)) for name, values in right.items()}


def one_fold(
    whole: Themes,
    wordnet: Path,
    by_hand: NDArray[np.int64],
    out: NDArray[np.int64],
    steps: int,
    seed: int,
    right: dict[str, list[bool]],
) -> None:
    """Add to ``right``, by part, which of the wordings ``out`` are found by what the others teach."""
    themes = copy(whole)
    with without_phrases(own_phrases(wordnet)):
        unseen = whole.memory.copy()
        for k in by_hand:
            unseen[k, :128] = wording_vector(whole.texts[k]) / 2**0.5
    classes = len(whole.classes)
    kept = np.setdiff1d(np.arange(len(whole.memory)), out)
    other = ~np.isin(np.array(whole.more_texts), [whole.texts[j] for j in out])
    themes.memory, themes.memory_class = whole.memory[kept], whole.memory_class[kept]
    themes.more, themes.more_class = whole.more[other], whole.more_class[other]
    asked, truth = unseen[out].astype(np.float64), whole.memory_class[out]
    memory, own = themes.memory.astype(np.float64), themes.memory_class
    net = train_one(themes, seed, steps)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wordnet", type=Path)
    parser.add_argument("--encoder", type=Path, help="folder of the full encoder: tune it anew for each fold")
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--most", type=int, default=FOLDS, help="folds that are run")
    parser.add_argument("--steps", type=int, default=900)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    source = source_of(arguments.wordnet)
    shares = cross_validate(
        source, arguments.wordnet, arguments.folds, arguments.steps, arguments.encoder, arguments.most
    )
    for name, share in shares.items():
        print(f"{name}: {share:.3f}")


if __name__ == "__main__":
    main()
