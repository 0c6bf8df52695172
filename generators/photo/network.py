"""The trained network at run time, in numpy: a picture's luminance to heights and to its kind.

Same formulas as ``train.ReliefNet`` with its batch normalisation folded into the convolutions. The last digits
differ between machines and numbers of threads: what a ring is built from is the stored relief, not this.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.embedding import read_safetensors
from ringcad.generators.photo.pairs import KINDS, Kind

Array = NDArray[np.float32]
WEIGHTS = "photo_net.safetensors"
LEVELS = 4
"""Halvings after the first one, which is a regrouping of 2 x 2 pixels."""
MULTIPLE = 2 ** (LEVELS + 1)
MARGIN = 32
"""Mirrored pixels round a picture, so that its edge is no edge to the network."""
BLOCK = 64
"""Rows of a convolution that are unrolled at once: keeps the unrolled copy in the processor's cache."""


@dataclass(frozen=True)
class Weights:
    """Folded convolutions by name: ``.weight`` (3, 3, in, out) or (in, out), ``.bias`` (out,)."""

    by_name: dict[str, Array]
    notes: dict[str, str]


@cache
def load_weights() -> Weights:
    """Read the weights beside this module."""
    arrays, notes = read_safetensors(files(__package__).joinpath(WEIGHTS).read_bytes())
    return Weights({name: np.ascontiguousarray(value, dtype=np.float32) for name, value in arrays.items()}, notes)


def scrambled(weights: Weights, seed: int) -> Weights:
    """The same weights, every array shuffled: a control that knows nothing."""
    dice = np.random.default_rng(seed)
    mixed = {name: dice.permutation(value.ravel()).reshape(value.shape) for name, value in weights.by_name.items()}
    return replace(weights, by_name=mixed)


def normalised(picture: Array) -> Array:
    """Luminance with mean 0 and deviation 1, cut off at 4."""
    values = np.asarray(picture, dtype=np.float32)
    scaled: Array = (values - values.mean()) / (float(values.std()) + 1e-4)
    return np.clip(scaled, -4.0, 4.0)


def convolve(x: Array, weight: Array, bias: Array, stride: int = 1) -> Array:
    """3 x 3 convolution of (rows, columns, in), zeros beyond the edge; (rows / stride, columns / stride, out)."""
    rows, columns, channels = x.shape
    padded = np.zeros((rows + 2, columns + 2, channels), dtype=np.float32)
    padded[1:-1, 1:-1] = x
    high, wide, out_channels = rows // stride, columns // stride, weight.shape[3]
    kernel = weight.reshape(9 * channels, out_channels)
    out = np.empty((high, wide, out_channels), dtype=np.float32)
    for top in range(0, high, BLOCK):
        count = min(BLOCK, high - top)
        unrolled = np.empty((count, wide, 9, channels), dtype=np.float32)
        for k in range(9):
            dy, dx = divmod(k, 3)
            first = top * stride + dy
            unrolled[:, :, k] = padded[first : first + count * stride : stride, dx : dx + wide * stride : stride]
        out[top : top + count] = (unrolled.reshape(count * wide, -1) @ kernel).reshape(count, wide, out_channels)
    out += bias
    return out


def forward(x: Array, weights: Weights) -> tuple[Array, Array]:
    """Normalised luminance (rows, columns), both multiples of ``MULTIPLE``; heights of that shape, logits of kinds."""
    w = weights.by_name

    def block(name: str, y: Array, stride: int = 1) -> Array:
        return np.maximum(convolve(y, w[name + ".weight"], w[name + ".bias"], stride), 0.0)

    rows, columns = x.shape
    y = x.reshape(rows // 2, 2, columns // 2, 2).transpose(0, 2, 1, 3).reshape(rows // 2, columns // 2, 4)
    y = block("enter.1", block("enter.0", y))
    kept = []
    for level in range(LEVELS):
        kept.append(y)
        y = block(f"down.{level}.1", block(f"down.{level}.0", y, 2))
    logits: Array = y.mean(axis=(0, 1)) @ w["kind.weight"] + w["kind.bias"]
    for level in reversed(range(LEVELS)):
        small = y @ w[f"up.{level}.weight"] + w[f"up.{level}.bias"]
        y = block(f"merge.{level}", small.repeat(2, axis=0).repeat(2, axis=1) + kept[level])
    y = convolve(block("last", y), w["leave.weight"], w["leave.bias"])
    high, wide = y.shape[:2]
    height: Array = y.reshape(high, wide, 2, 2).transpose(0, 2, 1, 3).reshape(rows, columns)
    return height, logits


def heights(picture: Array, weights: Weights | None = None) -> tuple[Array, dict[Kind, float]]:
    """Heights that a picture shows, on its own grid and in no fixed range, and the chance of each kind.

    ``picture`` (rows, columns) luminance in any range, at least 2 pixels a side.
    """
    weights = weights or load_weights()
    rows, columns = picture.shape
    below, right = (-(size + 2 * MARGIN) % MULTIPLE for size in (rows, columns))
    padded = np.pad(normalised(picture), ((MARGIN, MARGIN + below), (MARGIN, MARGIN + right)), mode="reflect")
    height, logits = forward(padded, weights)
    chances = np.exp(logits - logits.max())
    chances /= chances.sum()
    inner = height[MARGIN : MARGIN + rows, MARGIN : MARGIN + columns]
    return inner, {kind: float(chance) for kind, chance in zip(KINDS, chances, strict=True)}


def stored_check(weights: Weights) -> tuple[Array, list[float]]:
    """The picture that training left its own answer for, and that answer: every 97th height, then the logits."""
    side = 64
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    picture = np.sin(0.31 * x) * np.cos(0.17 * y) + 0.02 * x
    return picture.astype(np.float32), json.loads(weights.notes["check"])
