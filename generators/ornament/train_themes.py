"""The second part of the model: which family (or style) the words of a theme mean.

A wording has two vectors: the sum of its rows in the table (which knows phrases and definitions) and that of the
small sentence encoder (which sees the words in their order), centred and reduced to the axes along which wordings
differ. Two experts on both, whose log-chances are added: a memory of every wording with a kernel over the cosine
(nearest caption, made smooth), and perceptrons trained on noisy wordings, narrower nouns of WordNet and nouns with
adjectives that do not belong to them. Figures of the parts on held-out wordings: MODEL_CARD.md.
"""

from __future__ import annotations

import random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.corpus import Source
from ringcad.generators.ornament.embedding import units
from ringcad.generators.ornament.labels import FAMILIES, NOTHING
from ringcad.generators.ornament.reading import function_class, prompt_words, unit_vector
from ringcad.generators.ornament.sentence import encode_many

HIDDEN = 320
STEPS = 900
RATE = 3e-3
NOISE = 0.9
"""Noise over the length of a wording's vector."""
WORDNET_SHARE, PAIR_SHARE = 0.2, 0.2
SMOOTHING = 0.1
SCALE = 8.0
"""Length of the vectors that the perceptron sees."""
AXES = 128
"""Dimensions that stay of the sentence encoder's 384."""
Vectors = NDArray[np.float32]


def wording_vector(text: str) -> Vectors:
    """Unit vector of a wording; function words count only where there is nothing else."""
    found = units(prompt_words(text))
    telling = [unit for unit in found if not function_class(unit.words) and unit.words[0].isalnum()] or found
    total = np.sum([unit_vector(unit.rows) for unit in telling], axis=0, dtype=np.float64)
    return np.asarray(total / (np.linalg.norm(total) + 1e-9), dtype=np.float32)


def sentence_vectors(texts: list[str]) -> Vectors:
    """(n, 384) of the sentence encoder, as the run time asks it: words without punctuation."""
    return encode_many([[word for word in prompt_words(text) if word.isalnum()] for text in texts])


def unit_rows(x: NDArray[np.floating]) -> Vectors:
    return np.asarray(x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-9), dtype=np.float32)


class Themes:
    """Vectors and classes of wordings: the memory (by hand, motif names, styles, riddles) and what only trains.

    Vectors are (n, 128 + ``AXES``): both halves of length 1 / sqrt 2.
    """

    def __init__(self, source: Source) -> None:
        self.classes = [*FAMILIES, *source.styles, NOTHING]
        memory = [(family, text) for family, texts in source.hand.items() for text in texts]
        memory += [(style, text) for style, texts in source.styles.items() for text in texts]
        memory += [(NOTHING, text) for text in source.forms["fluff"]]
        names = {" ".join(motifs.caption(name)) for name in motifs.names()}
        barred = {text for texts in source.hand.values() for text in texts}
        memory += [("motif", text) for text in sorted(names - barred)]
        self.naming = len(memory)
        memory += [(family, text) for family, texts in source.riddles.items() for text in texts]
        more = [(family, text) for family in FAMILIES for text in dict.fromkeys(source.wordnet[family])]
        more += [(family, text) for family in FAMILIES if family != "motif" for text in source.glosses[family]]
        more += [(NOTHING, text) for text in _nonsense(source, random.Random(3))]
        dice = random.Random(2)
        by_family: dict[str, list[str]] = {}
        for family, text in more:
            by_family.setdefault(family, []).append(text)
        kept = [
            (family, text) for family, texts in by_family.items() for text in dice.sample(texts, min(len(texts), 500))
        ]
        self.texts = [text for _, text in memory]
        self.memory_class = np.array([self.classes.index(name) for name, _ in memory])
        self.more_class = np.array([self.classes.index(name) for name, _ in kept])
        self.more_texts = [text for _, text in kept]
        strange = dice.sample(source.adjectives, 1200) + dice.sample(source.abstract, 800)
        told = sentence_vectors(self.texts)
        self.centre = told.mean(axis=0)
        axes = np.linalg.svd(unit_rows(told - self.centre), full_matrices=False)[2]
        self.axes = np.ascontiguousarray(axes[:AXES].T)
        self.memory = self._both(self.texts, told)
        self.more = self._both(self.more_texts)
        self.strange = self._both(strange)

    def _both(self, texts: list[str], told: Vectors | None = None) -> Vectors:
        """(n, 128 + AXES) vectors of texts."""
        table = np.stack([wording_vector(text) for text in texts])
        sentence = unit_rows((sentence_vectors(texts) if told is None else told) - self.centre)
        return np.asarray(np.hstack([table, unit_rows(sentence @ self.axes)]) / 2**0.5, dtype=np.float32)


def _nonsense(source: Source, dice: random.Random) -> list[str]:
    """Words that name nothing to be drawn: abstract nouns and adjectives alone and together, letters."""
    found: list[str] = []
    for _ in range(1500):
        one, other, quality = dice.choice(source.abstract), dice.choice(source.abstract), dice.choice(source.adjectives)
        letters = "".join(dice.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(dice.randint(3, 9)))
        found.append(
            dice.choice((one, one, f"{one} {other}", f"{quality} {one}", f"{one} and {other}", quality, letters))
        )
    return found


def balanced(classes: NDArray[np.int64], power: float) -> NDArray[np.float64]:
    """Chance of drawing each row so that large classes do not drown small ones."""
    count = np.bincount(classes).astype(np.float64)
    weight = count[classes] ** (power - 1.0)
    out: NDArray[np.float64] = weight / weight.sum()
    return out


def train_themes(themes: Themes, seeds: tuple[int, ...]) -> nn.Sequential:
    """Several perceptrons side by side, as one whose logits are their mean."""
    nets = [train_one(themes, seed) for seed in seeds]
    first = [net[0] for net in nets]
    last = [net[3] for net in nets]
    joint = nn.Sequential(
        nn.Linear(128 + AXES, HIDDEN * len(nets)),
        nn.GELU(approximate="tanh"),
        nn.Dropout(0.0),
        nn.Linear(HIDDEN * len(nets), len(themes.classes)),
    )
    state = {
        "0.weight": torch.cat([layer.weight for layer in first]),
        "0.bias": torch.cat([layer.bias for layer in first]),
        "3.weight": torch.cat([layer.weight for layer in last], 1) / len(nets),
        "3.bias": torch.stack([layer.bias for layer in last]).mean(0),
    }
    joint.load_state_dict(state)
    return joint.eval()


def train_one(themes: Themes, seed: int, steps: int = STEPS) -> nn.Sequential:
    """Perceptron from wording vectors (times ``SCALE``) to classes."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    net = nn.Sequential(
        nn.Linear(128 + AXES, HIDDEN),
        nn.GELU(approximate="tanh"),
        nn.Dropout(0.3),
        nn.Linear(HIDDEN, len(themes.classes)),
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    own, other = balanced(themes.memory_class, 0.75), balanced(themes.more_class, 0.6)
    for _ in range(steps):
        a = dice.choice(len(own), 400, p=own)
        b = dice.choice(len(other), int(400 * WORDNET_SHARE), p=other)
        x = np.vstack([themes.memory[a], themes.more[b]])
        y = torch.tensor(np.concatenate([themes.memory_class[a], themes.more_class[b]]))
        pair = dice.random(len(x)) < PAIR_SHARE
        x = x + pair[:, None] * 0.5 * themes.strange[dice.integers(0, len(themes.strange), len(x))]
        x = SCALE * x / np.linalg.norm(x, axis=1, keepdims=True)
        noisy = torch.tensor(x, dtype=torch.float32)
        noisy = noisy + NOISE * SCALE / x.shape[1] ** 0.5 * torch.randn_like(noisy)
        loss = nn.functional.cross_entropy(net(noisy), y, label_smoothing=SMOOTHING)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return net.eval()
