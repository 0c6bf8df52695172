"""The small sentence encoder: some words in their order to a vector, in numpy.

Four of the six layers of all-MiniLM-L6-v2, packed by ``train_sentence.py``: matrices in 4 bits, rows of tokens
in 2, levels of both as for a normal distribution. It sees what a sum of words does not: order, and words whose
meaning hangs on their neighbours. Its last digits may differ between machines; the scheme drawn from it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.embedding import data_file, load_table, read_safetensors
from ringcad.generators.ornament.wordpiece import word_pieces

Array = NDArray[np.float32]
FILE = "sentence_encoder.safetensors"
WIDTH, HEADS = 384, 12
LONGEST = 30
"""Pieces of a text that are read, the marks of beginning and end among them."""
EPSILON = 1e-12
"""Of the layer norm, as the encoder was trained."""


@dataclass(frozen=True)
class Encoder:
    """Matrices by name (out, in), rows of tokens still packed, and the row of each token (-1: none)."""

    by_name: dict[str, Array]
    tokens: NDArray[np.uint8]
    token_scales: Array
    levels: Array
    row_of: NDArray[np.int64]
    layers: int


def unpack(packed: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """(..., n) bytes to (..., n * 8 / bits) small numbers, lowest bits first."""
    parts = [(packed >> shift) & ((1 << bits) - 1) for shift in range(0, 8, bits)]
    return np.stack(parts, axis=-1).reshape(*packed.shape[:-1], -1)


@cache
def load_encoder() -> Encoder:
    """Read the packed encoder beside this module (about 0.1 s, once)."""
    arrays, notes = read_safetensors(data_file(FILE).read_bytes())
    by_name: dict[str, Array] = {}
    levels = arrays["levels4"].astype(np.float32)
    for name, value in arrays.items():
        if name.endswith(".codes"):
            scales = arrays[name.removesuffix("codes") + "scales"].astype(np.float32)
            matrix = levels[unpack(value.astype(np.uint8), 4)].reshape(len(value), scales.shape[1], -1)
            by_name[name.removesuffix(".codes")] = (matrix * scales[..., None]).reshape(len(value), -1)
        elif value.dtype == np.float16:
            by_name[name] = value.astype(np.float32)
    kept = np.unpackbits(arrays["kept"].astype(np.uint8)).astype(bool)
    row_of = np.where(kept, np.cumsum(kept) - 1, -1)
    return Encoder(
        by_name,
        arrays["tokens"].astype(np.uint8),
        by_name["token_scales"],
        by_name["levels2"],
        row_of,
        int(notes["layers"]),
    )


def _norm(encoder: Encoder, name: str, x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    y: Array = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
    return y * encoder.by_name[name + ".weight"] + encoder.by_name[name + ".bias"]


def _linear(encoder: Encoder, name: str, x: Array) -> Array:
    # One product for the whole batch: a stack of small ones reads every matrix again for each text.
    flat = x.reshape(-1, x.shape[-1]) @ encoder.by_name[name + ".weight"].T
    y: Array = flat.reshape(*x.shape[:-1], -1) + encoder.by_name[name + ".bias"]
    return y


def _gelu(x: Array) -> Array:
    y: Array = np.float32(0.5) * x * (1.0 + np.tanh(x * (np.float32(0.7978845608) + np.float32(0.03567741) * (x * x))))
    return y


def token_ids(words: Sequence[str]) -> list[int]:
    """Numbers of the pieces of words between the marks of beginning and end; pieces without a row become unknown."""
    encoder, names = load_encoder(), load_table().tokens
    pieces = [k for word in words for k in (word_pieces(word, names) or [names["[UNK]"]])]
    known = [k if encoder.row_of[k] >= 0 else names["[UNK]"] for k in pieces]
    return [names["[CLS]"], *known[: LONGEST - 2], names["[SEP]"]]


def encode_ids(ids: NDArray[np.int64]) -> Array:
    """Pieces (n, length) to unit vectors (n, 384)."""
    encoder = load_encoder()
    n, length = ids.shape
    rows = encoder.row_of[ids]
    x = encoder.levels[unpack(encoder.tokens[rows], 2)] * encoder.token_scales[rows][..., None]
    x = _norm(encoder, "enter", x + encoder.by_name["places"][:length])
    for k in range(encoder.layers):
        q, key, value = (
            _linear(encoder, f"{k}.{part}", x).reshape(n, length, HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        a = q @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(WIDTH / HEADS))
        a = np.exp(a - a.max(axis=-1, keepdims=True))
        a = a / a.sum(axis=-1, keepdims=True)
        seen = (a @ value).transpose(0, 2, 1, 3).reshape(n, length, WIDTH)
        x = _norm(encoder, f"{k}.norm1", x + _linear(encoder, f"{k}.out", seen))
        x = _norm(encoder, f"{k}.norm2", x + _linear(encoder, f"{k}.down", _gelu(_linear(encoder, f"{k}.up", x))))
    mean = x.mean(axis=1)
    unit: Array = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return unit


@lru_cache(maxsize=4096)
def encode(words: tuple[str, ...]) -> Array:
    """(384,) unit vector of words in their order (some milliseconds)."""
    return encode_ids(np.array([token_ids(words)]))[0]


def encode_many(texts: Sequence[Sequence[str]], batch: int = 64) -> Array:
    """(n, 384); texts of equal length go together."""
    rows = [token_ids(words) for words in texts]
    out = np.zeros((len(rows), WIDTH), dtype=np.float32)
    by_length: dict[int, list[int]] = {}
    for k, row in enumerate(rows):
        by_length.setdefault(len(row), []).append(k)
    for members in by_length.values():
        for first in range(0, len(members), batch):
            part = members[first : first + batch]
            out[part] = encode_ids(np.array([rows[k] for k in part]))
    return out
