"""Tune the small sentence encoder to the wordings, with the rounding that it is packed with in the loop.

Half of each batch are wordings, narrower nouns and definitions with their class (families, styles, nothing), dressed
with adjectives that do not belong to them, words left out and slips of the finger; the other half are names and
definitions of WordNet, whose vectors must stay where the full encoder has them. Only the four layers move.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import nn

from ringcad.generators.ornament.corpus import Source
from ringcad.generators.ornament.reading import prompt_words
from ringcad.generators.ornament.sentence import EPSILON, HEADS, WIDTH, encode, load_encoder, token_ids, unpack
from ringcad.generators.ornament.train_sentence import GROUP, KEPT_LAYERS, LONGEST, NAME, PARTS, normal_levels, pack
from ringcad.generators.ornament.train_themes import Themes, balanced

STEPS, RATE, BATCH = 400, 1.5e-4, 40
HEAD_RATE = 3e-3
SHARPNESS = 14.0
"""Scale of the cosine to a class's direction."""
KEEPING = 6.0
"""Weight of the distance (1 - cosine) to the full encoder's vectors."""
LONGEST_SHOWN, CHUNK = 14, 20
"""Pieces of a text that training looks at, and texts of like length that go together: most themes are short."""
REFRESH = 8
"""Steps between two looks at how the matrices are rounded."""
MATRICES = ("query", "key", "value", "out", "up", "down")


class Layers(nn.Module):
    """Transformer layers of BERT (post-norm) with some of the weights of all-MiniLM-L6-v2."""

    def __init__(self, weights: dict[str, torch.Tensor], kept: Sequence[int], rounded: bool) -> None:
        super().__init__()
        self.count, self.rounded = len(kept), rounded
        self.parts = nn.ParameterDict()
        for k, layer in enumerate(kept):
            for short, long in PARTS.items():
                for kind in ("weight", "bias"):
                    value = weights[f"encoder.layer.{layer}.{long}.{kind}"].clone()
                    self.parts[f"{k}_{short}_{kind}"] = nn.Parameter(value)
        self.error: dict[str, torch.Tensor] = {}
        levels = torch.tensor(normal_levels(4), dtype=torch.float32)
        self.levels, self.middles = levels, (levels[1:] + levels[:-1]) / 2.0

    @torch.no_grad()
    def look(self) -> None:
        """Note by how much packing moves each matrix now."""
        for name, value in self.parts.items():
            if not self.rounded or name.split("_", 1)[1] not in {f"{part}_weight" for part in MATRICES}:
                continue
            parts = value.reshape(-1, GROUP)
            scale = parts.square().mean(1, keepdim=True).sqrt() + 1e-9
            for _ in range(2):
                near = self.levels[torch.bucketize(parts / scale, self.middles)]
                scale = (parts * near).sum(1, keepdim=True) / near.square().sum(1, keepdim=True)
            near = self.levels[torch.bucketize(parts / scale, self.middles)]
            self.error[name] = (near * scale - parts).reshape(value.shape)

    def _linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        weight = self.parts[name + "_weight"]
        if name + "_weight" in self.error:
            weight = weight + self.error[name + "_weight"]
        return nn.functional.linear(x, weight, self.parts[name + "_bias"])

    def _norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.layer_norm(x, (WIDTH,), self.parts[name + "_weight"], self.parts[name + "_bias"], EPSILON)

    def forward(self, x: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """Entered pieces (n, L, 384) and which are there (n, L) to unit vectors (n, 384)."""
        n, length, _ = x.shape
        bias = torch.zeros(n, 1, 1, length).masked_fill(~there[:, None, None], -1e4)
        for k in range(self.count):
            q, key, value = (
                self._linear(f"{k}_{part}", x).view(n, length, HEADS, -1).transpose(1, 2)
                for part in ("query", "key", "value")
            )
            weight = (q @ key.transpose(-1, -2) / math.sqrt(WIDTH / HEADS) + bias).softmax(-1)
            seen = (weight @ value).transpose(1, 2).reshape(n, length, WIDTH)
            x = self._norm(f"{k}_norm1", x + self._linear(f"{k}_out", seen))
            inner = nn.functional.gelu(self._linear(f"{k}_up", x), approximate="tanh")
            x = self._norm(f"{k}_norm2", x + self._linear(f"{k}_down", inner))
        mean = (x * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        return nn.functional.normalize(mean, dim=-1)


class Pieces:
    """Token rows as the packed encoder has them, and as the full one had them, entered and normed."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        encoder = load_encoder()
        rows = encoder.levels[unpack(encoder.tokens, 2)] * encoder.token_scales[:, None]
        self.row_of = torch.tensor(encoder.row_of)
        self.packed = torch.tensor(rows, dtype=torch.float32)
        self.full = weights["embeddings.word_embeddings.weight"]
        self.places = weights["embeddings.position_embeddings.weight"][:LONGEST]
        self.places = self.places + weights["embeddings.token_type_embeddings.weight"][0]
        self.norm = weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"]

    def enter(self, texts: Sequence[Sequence[str]], full: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, L, 384) and which pieces are there (n, L)."""
        rows = [token_ids(words)[:LONGEST_SHOWN] for words in texts]
        length = max(len(row) for row in rows)
        ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
        there = torch.tensor([[k < len(row) for k in range(length)] for row in rows])
        x = self.full[ids] if full else self.packed[self.row_of[ids].clamp(min=0)]
        return nn.functional.layer_norm(x + self.places[:length], (WIDTH,), *self.norm, EPSILON), there


def vectors_of(net: Layers, pieces: Pieces, texts: Sequence[Sequence[str]], full: bool) -> torch.Tensor:
    """(n, 384) unit vectors, texts of like length together."""
    order = sorted(range(len(texts)), key=lambda k: len(token_ids(texts[k])))
    parts = [net(*pieces.enter([texts[k] for k in order[j : j + CHUNK]], full)) for j in range(0, len(order), CHUNK)]
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]


def said(text: str) -> tuple[str, ...]:
    """Words of a text as the run time asks the encoder."""
    return tuple(word for word in prompt_words(text) if word.isalnum())


def dressed(words: tuple[str, ...], strange: Sequence[str], dice: random.Random) -> tuple[str, ...]:
    """Some words as somebody else might say them: a word more or fewer, a slip in a long one."""
    out = list(words)
    if len(out) > 2 and dice.random() < 0.15:
        out.pop(dice.randrange(len(out)))
    if dice.random() < 0.15:
        out.insert(0, dice.choice(strange))
    if dice.random() < 0.06:
        k = dice.randrange(len(out))
        if len(out[k]) > 5:
            j = dice.randrange(1, len(out[k]) - 1)
            out[k] = out[k][:j] + dice.choice((out[k][j + 1 :], out[k][j] + out[k][j:]))
    return tuple(out)


def tuned(
    folder: Path,
    source: Source,
    themes: Themes,
    seed: int = 1,
    steps: int = STEPS,
    held_out: frozenset[str] = frozenset(),
) -> dict[str, NDArray[np.float32]]:
    """Matrices of the four layers by their names in the full encoder; ``held_out`` wordings are not shown."""
    torch.manual_seed(seed)
    dice, draw = random.Random(seed), np.random.default_rng(seed)
    weights = {n.removeprefix("bert."): v.float() for n, v in load_file(str(folder / "model.safetensors")).items()}
    pieces, whole = Pieces(weights), Layers(weights, range(6), rounded=False).requires_grad_(False)
    naming = zip(themes.texts[: themes.naming], themes.memory_class[: themes.naming], strict=True)  # no riddles
    own = [(said(t), k) for t, k in naming if t not in held_out]
    more = [(said(t), k) for t, k in zip(themes.more_texts, themes.more_class, strict=True) if t not in held_out]
    own, more = [row for row in own if row[0]], [row for row in more if row[0]]
    chance = [balanced(np.array([k for _, k in part]), power) for part, power in ((own, 0.75), (more, 0.6))]
    names = [text for texts in source.wordnet.values() for text in texts]
    plain = [words for text in (*names, *source.abstract, *source.adjectives) if (words := said(text))]
    told = [words for texts in source.glosses.values() for text in texts if (words := said(text))]
    strange = source.adjectives
    net, head = Layers(weights, KEPT_LAYERS, rounded=True), nn.Linear(WIDTH, len(themes.classes), bias=False)
    groups = [{"params": net.parameters(), "lr": RATE}, {"params": head.parameters(), "lr": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda k: min(1.0, (k + 1) / 40) * 0.5 * (1.0 + math.cos(math.pi * k / steps))
    )
    for step in range(steps):
        if step % REFRESH == 0:
            net.look()
        picked = [own[k] for k in draw.choice(len(own), BATCH * 3 // 4, p=chance[0])]
        picked += [more[k] for k in draw.choice(len(more), BATCH // 4, p=chance[1])]
        keep = dice.sample(plain, BATCH // 2) + dice.sample(told, BATCH // 8) + [row[0] for row in picked[: BATCH // 8]]
        with torch.no_grad():
            goal = vectors_of(whole, pieces, keep, full=True)
        v = vectors_of(net, pieces, [dressed(words, strange, dice) for words, _ in picked], full=False)
        near = vectors_of(net, pieces, keep, full=False)
        logits = SHARPNESS * v @ nn.functional.normalize(head.weight, dim=-1).T
        loss = nn.functional.cross_entropy(logits, torch.tensor([int(k) for _, k in picked]), label_smoothing=0.1)
        away = (1.0 - (near * goal).sum(-1)).mean()
        optimiser.zero_grad()
        (loss + KEEPING * away).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if (step + 1) % 50 == 0:
            print(
                f"encoder step {step + 1}: classes {float(loss.detach()):.3f}, away {float(away.detach()):.4f}",
                flush=True,
            )
    found: dict[str, NDArray[np.float32]] = {}
    for k, layer in enumerate(KEPT_LAYERS):
        for short, long in PARTS.items():
            for kind in ("weight", "bias"):
                value = net.parts[f"{k}_{short}_{kind}"].detach().numpy()
                found[f"encoder.layer.{layer}.{long}.{kind}"] = value
    return found


def write_tuned(
    folder: Path, source: Source, themes: Themes, out: Path, steps: int = STEPS, held_out: frozenset[str] = frozenset()
) -> None:
    """Tune the encoder and pack it to ``out``, a folder that the training reads from (``embedding.read_from``)."""
    pack(folder, out / NAME, tuned(folder, source, themes, steps=steps, held_out=held_out))
    load_encoder.cache_clear()
    encode.cache_clear()
