"""The static token table: text to an exact integer vector.

``text_table.safetensors`` holds one row of 6-bit numbers and one float16 scale per token and phrase, distilled
from all-MiniLM-L6-v2 and the definitions of WordNet (see MODEL_CARD.md). Rows are summed in integers,
so that an embedding has the same bits on every machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import RingcadError
from ringcad.generators.ornament.wordpiece import plain_words, singular, word_pieces

SCALE_BITS = 24
"""Scales are turned into integers of 2^-24."""
KEEP_BITS = 8
"""Low bits dropped from a sum, so that dot products of 128 numbers stay exact in 53 bits."""
LONGEST_PHRASE = 4


@dataclass(frozen=True)
class Table:
    """``codes`` (n, 128) of -31..31, ``scales`` (n,) int64, ``tokens`` and ``phrases`` to row numbers."""

    codes: NDArray[np.int8]
    scales: NDArray[np.int64]
    tokens: dict[str, int]
    phrases: dict[tuple[str, ...], int]


_trained: list[Path] = []
"""Folder of a training that is under way, empty otherwise."""


def data_file(name: str) -> Traversable:
    """A data file of the generator: beside this module, or what a training under way has written already."""
    found = [folder / name for folder in _trained if (folder / name).exists()]
    return found[-1] if found else files(__package__).joinpath(name)


def read_from(folder: Path) -> None:
    """Let later steps of a training read what its earlier ones wrote."""
    _trained[:] = [folder]
    load_table.cache_clear()


def read_safetensors(data: bytes) -> tuple[dict[str, NDArray[np.generic]], dict[str, str]]:
    """Arrays and metadata of a safetensors file: 8 bytes of header length, JSON, raw little-endian data."""
    size = int.from_bytes(data[:8], "little")
    if not 0 < size <= len(data) - 8:
        raise RingcadError("text_table.safetensors is damaged: reinstall ringcad")
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    kinds = {"U8": "|u1", "I8": "<i1", "I16": "<i2", "F16": "<f2", "F32": "<f4", "I64": "<i8"}
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, entry in header.items():
        first, last = (8 + size + offset for offset in entry["data_offsets"])
        arrays[name] = np.frombuffer(data[first:last], dtype=kinds[entry["dtype"]]).reshape(entry["shape"])
    return arrays, metadata


def pack_codes(codes: NDArray[np.int8]) -> NDArray[np.uint8]:
    """(n, 4 m) numbers of -31..31 as (n, 3 m) bytes, four in three."""
    a, b, c, d = ((codes[:, k::4].astype(np.int16) + 32).astype(np.uint8) for k in range(4))
    out = np.empty((len(codes), codes.shape[1] * 3 // 4), dtype=np.uint8)
    out[:, 0::3], out[:, 1::3], out[:, 2::3] = a | b << 6, b >> 2 | c << 4, c >> 4 | d << 2
    return out


def unpack_codes(packed: NDArray[np.uint8]) -> NDArray[np.int8]:
    """The numbers that ``pack_codes`` packed."""
    x, y, z = packed[:, 0::3], packed[:, 1::3], packed[:, 2::3]
    out = np.empty((len(packed), packed.shape[1] * 4 // 3), dtype=np.uint8)
    out[:, 0::4], out[:, 1::4] = x & 63, x >> 6 | (y & 15) << 2
    out[:, 2::4], out[:, 3::4] = y >> 4 | (z & 3) << 4, z >> 2
    return (out.view(np.int8) - np.int8(32)).astype(np.int8)


@cache
def load_table() -> Table:
    """Read the table beside this module (about 0.2 s, once)."""
    arrays, metadata = read_safetensors(data_file("text_table.safetensors").read_bytes())
    names = json.loads(data_file("vocab.json").read_text(encoding="utf-8"))
    count = len(names) - int(metadata["phrases"])
    scales = np.rint(arrays["scales"].astype(np.float64) * 2.0**SCALE_BITS).astype(np.int64)
    tokens = {token: k for k, token in enumerate(names[:count])}
    phrases = {tuple(plain_words(text)): count + k for k, text in enumerate(names[count:])}
    return Table(unpack_codes(arrays["codes"].astype(np.uint8)), scales, tokens, phrases)


@dataclass(frozen=True)
class Unit:
    """One word or known phrase of a text: its words and its rows in the table (none for a word without pieces)."""

    words: tuple[str, ...]
    rows: tuple[int, ...]


def units(words: list[str]) -> list[Unit]:
    """Words and longest known phrases in order; a plural that has no row of its own is read as its singular."""
    table = load_table()
    found: list[Unit] = []
    k = 0
    while k < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - k), 0, -1):
            span = tuple(words[k : k + length])
            row = table.phrases.get(span)
            if row is None and (length > 1 or span[0] not in table.tokens):
                row = table.phrases.get((*span[:-1], singular(span[-1])))
            if row is not None:
                found.append(Unit(span, (row,)))
                k += length
                break
        else:
            word = words[k]
            if word not in table.tokens and singular(word) in table.tokens:
                word = singular(word)
            found.append(Unit((words[k],), tuple(word_pieces(word, table.tokens))))
            k += 1
    return found


def sum_rows(rows: list[int]) -> NDArray[np.int64]:
    """(128,) exact sum of rows of the table, low bits dropped."""
    table = load_table()
    if not rows:
        return np.zeros(table.codes.shape[1], dtype=np.int64)
    total: NDArray[np.int64] = (table.codes[rows].astype(np.int64) * table.scales[rows][:, None]).sum(axis=0)
    return np.right_shift(total, KEEP_BITS)


def embed_words(words: list[str]) -> NDArray[np.int64]:
    """(128,) exact sum of the rows of the words; the longest known phrase takes its words' place."""
    return sum_rows([row for unit in units(words) for row in unit.rows])


def cosine(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Cosine of two exact vectors; 0 when one is empty. Same bits everywhere: integer sums, one division."""
    aa, bb = int(a @ a), int(b @ b)
    if aa == 0 or bb == 0:
        return 0.0
    return float(int(a @ b) / (np.sqrt(float(aa)) * np.sqrt(float(bb))))
