"""Train the small perceptrons that read phrases for the layer sampler: adjectives to looks, theme words to forms."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ringcad.generators.ornament.embedding import units
from ringcad.generators.ornament.reading import function_class, prompt_words
from ringcad.generators.ornament.sampler import phrase_vector

SEED = 20
PHRASES, NOISE = 4, 1.0
"""Perceptrons over phrases; length of the noise on their vectors (chosen on a sixth of the wordings, kept aside)."""
Array = NDArray[np.float32]
LEVELS = {"dense": (0, 2), "sparse": (0, 0), "bold": (1, 2), "fine": (1, 0), "large": (2, 2), "small": (2, 0)}
"""Level to its look and class: 0 less, 1 nothing said, 2 more."""


def vector_of(phrase: str) -> Array:
    """(128,) vector of a phrase without its function words."""
    found = units(prompt_words(phrase))
    content = [unit for unit in found if not function_class(unit.words)]
    return phrase_vector(content or found).astype(np.float32)


class Words(nn.Module):
    """Several perceptrons from a phrase to (looks, less/unsaid/more), then to the choices of every family's forms."""

    def __init__(self, choices: int) -> None:
        super().__init__()
        outputs = 9 + choices
        self.first = nn.Parameter(torch.randn(PHRASES, 64, 128) * 128**-0.5 * 2.0)
        self.first_bias = nn.Parameter(torch.zeros(PHRASES, 64))
        self.second = nn.Parameter(torch.randn(PHRASES, outputs, 64) * 64**-0.5)
        self.second_bias = nn.Parameter(torch.zeros(PHRASES, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(perceptrons, n, 9 + choices) logits for (n, 128) vectors of length 1."""
        hidden = torch.einsum("eij,nj->eni", self.first, x) + self.first_bias[:, None]
        hidden = functional.dropout(functional.gelu(hidden, approximate="tanh"), 0.3, self.training)
        return torch.einsum("eij,enj->eni", self.second, hidden) + self.second_bias[:, None]


def _unit(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=-1)


def _vectors(texts: list[str]) -> Tensor:
    return torch.tensor(np.array([vector_of(text) for text in texts]))


def train_words(
    levels: dict[str, list[str]],
    forms: dict[str, dict[str, list[str]]],
    captions: dict[str, list[str]],
    plain: list[str],
    steps: int = 500,
) -> Words:
    """Perceptrons trained on level words, on words for forms, and on words that ask for none of them."""
    torch.manual_seed(SEED)
    dice = np.random.default_rng(SEED)
    nothing = [*plain, *(text for texts in captions.values() for text in texts[:25])]
    said = [(text, *LEVELS[name]) for name in LEVELS for text in levels[name]]
    x = _vectors([text for text, _, _ in said] + nothing)
    y = torch.ones(len(x), 3, dtype=torch.long)
    for k, (_, look, side) in enumerate(said):
        y[k, look] = side
    blocks = []
    first = 9
    for key, choices in forms.items():
        known = {text for texts in choices.values() for text in texts}
        own = [text for text in captions.get(key.split(".")[0], []) if text not in known][:25]
        rows = [(_vectors(texts), k) for k, texts in enumerate(choices.values())]
        blocks.append((first, len(choices), rows, _vectors([*own, *plain[:12]])))
        first += len(choices)
    model = Words(first - 9)
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.05)
    for step in range(steps):
        pick = np.concatenate([dice.integers(0, len(said), 160), dice.integers(len(said), len(x), 96)])
        vectors, goals = [x[pick]], []
        for start, count, rows, none in blocks:
            for table, k in rows:
                chosen = table[dice.integers(0, len(table), 3)].clone()
                chosen[1] = 0.5 * (chosen[1] + none[int(dice.integers(len(none)))])
                vectors.append(chosen)
                goals.append((start, count, functional.one_hot(torch.tensor([k] * 3), count).float()))
            vectors.append(none[dice.integers(0, len(none), 4)])
            goals.append((start, count, torch.full((4, count), 1.0 / count)))
        clean = torch.cat(vectors)
        logits = model(_unit(_unit(clean) + NOISE * torch.randn(clean.shape) * 128**-0.5))
        looks = logits[:, : len(pick), :9].reshape(-1, 3)
        loss = functional.cross_entropy(looks, y[pick].expand(PHRASES, -1, -1).reshape(-1))
        row = len(pick)
        for start, count, goal in goals:
            part = logits[:, row : row + len(goal), start : start + count]
            row += len(goal)
            loss = loss - (goal * functional.log_softmax(part, dim=-1)).sum(dim=-1).mean() / len(goals)
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * min(1.0, 2.0 * (1.0 - step / steps))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval()
