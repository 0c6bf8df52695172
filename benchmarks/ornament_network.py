"""Chances of the class of a description: by a small network, and by the nearest known ones.

The network has two hidden layers and several members trained from other dice. The neighbours are those in the space
that tells classes apart best: whitened by the spread within classes and projected on the discriminant directions.

Written out in numpy, so that the measures need no training extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
HIDDEN = (192, 96)
ROUNDS, BATCH, RATE, DECAY, DROPPED = 20, 256, 2e-3, 0.03, 0.3
"""Passes over the examples, examples a step, first step, pull of the weights to 0, share of units left out."""
NETWORKS = 3
NOISE = 0.1
"""Standard deviation of what is added to each feature, in its own standard deviations."""
SMOOTHED = 0.05
"""Share of the wanted chance that is spread over all classes."""
SHRINKAGE = 0.1
DIRECTIONS, NEIGHBOURS = 40, 9
REACH = 0.35
"""A neighbour counts by how much farther than the nearest it lies, over this share of the nearest one's distance."""
Layers = tuple[tuple[Array, Array], ...]


@dataclass(frozen=True)
class Network:
    """Mean and scale of the features, and the weights of each member."""

    mean: Array
    scale: Array
    members: tuple[Layers, ...]

    def chances(self, found: Array) -> Array:
        """(n, classes) of descriptions (n, d)."""
        z = np.clip((found - self.mean) / self.scale, -5.0, 5.0)
        return np.asarray(np.mean([_softmax(_forward(z, layers)[-1]) for layers in self.members], axis=0))


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _forward(z: Array, layers: Layers, kept: Sequence[Array] = ()) -> list[Array]:
    out = [z]
    for k, (weights, bias) in enumerate(layers):
        z = z @ weights + bias
        if k < len(layers) - 1:
            z = np.maximum(z, 0.0)
            z = z * kept[k] if kept else z
        out.append(z)
    return out


def _trained(z: Array, labels: NDArray[np.int64], weight: Array, classes: int, seed: int) -> Layers:
    rng = np.random.default_rng(seed)
    sizes = (z.shape[1], *HIDDEN, classes)
    values = [part for a, b in pairwise(sizes) for part in (rng.normal(0.0, np.sqrt(2.0 / a), (a, b)), np.zeros(b))]
    first, second = ([np.zeros_like(v) for v in values] for _ in range(2))
    wanted = np.full((len(z), classes), SMOOTHED / classes)
    wanted[np.arange(len(z)), labels] += 1.0 - SMOOTHED
    steps = ROUNDS * (len(z) // BATCH + 1)
    done = 0
    for _ in range(ROUNDS):
        order = rng.permutation(len(z))
        for start in range(0, len(z), BATCH):
            pick = order[start : start + BATCH]
            layers = tuple(zip(values[::2], values[1::2], strict=True))
            kept = [(rng.random((len(pick), n)) > DROPPED) / (1.0 - DROPPED) for n in HIDDEN]
            noisy = z[pick] + NOISE * rng.normal(size=(len(pick), z.shape[1]))
            levels = _forward(noisy, layers, kept)
            back = (_softmax(levels[-1]) - wanted[pick]) * weight[pick, None] / len(pick)
            slopes: list[Array] = []
            for k in range(len(layers) - 1, -1, -1):
                slopes = [levels[k].T @ back, back.sum(axis=0), *slopes]
                if k:
                    back = (back @ layers[k][0].T) * (levels[k] > 0.0) * kept[k - 1]
            done += 1
            rate = RATE * 0.5 * (1.0 + np.cos(np.pi * done / steps)) + 1e-6
            for n, slope in enumerate(slopes):
                first[n] = 0.9 * first[n] + 0.1 * slope
                second[n] = 0.99 * second[n] + 0.01 * slope**2
                step = (first[n] / (1.0 - 0.9**done)) / (np.sqrt(second[n] / (1.0 - 0.99**done)) + 1e-8)
                values[n] = values[n] - rate * (step + DECAY * values[n] * (n % 2 == 0))
    return tuple(zip(values[::2], values[1::2], strict=True))


def trained(found: Array, labels: NDArray[np.int64], classes: int) -> Network:
    """A network for descriptions (n, d) of known classes; every class weighs the same."""
    mean, scale = found.mean(axis=0), found.std(axis=0) + 1e-6
    z = np.clip((found - mean) / scale, -5.0, 5.0)
    counts = np.bincount(labels, minlength=classes)
    weight = np.sqrt(len(labels) / (classes * np.maximum(counts, 1)))[labels]
    return Network(mean, scale, tuple(_trained(z, labels, weight, classes, seed) for seed in range(NETWORKS)))


@dataclass(frozen=True)
class Neighbours:
    """Known descriptions in the space that tells their classes apart."""

    mean: Array
    scale: Array
    basis: Array
    known: cKDTree
    labels: NDArray[np.int64]
    classes: int

    def chances(self, found: Array) -> Array:
        """(n, classes) of descriptions (n, d)."""
        distance, index = self.known.query(((found - self.mean) / self.scale) @ self.basis, k=NEIGHBOURS)
        nearest = distance[:, :1] + 1e-9
        weight = np.exp(-0.5 * ((distance - nearest) / (REACH * nearest)) ** 2)
        out = np.zeros((len(found), self.classes))
        for k in range(NEIGHBOURS):
            np.add.at(out, (np.arange(len(found)), self.labels[index[:, k]]), weight[:, k])
        return np.asarray(out / out.sum(axis=1, keepdims=True))


def neighbours(found: Array, labels: NDArray[np.int64], classes: int) -> Neighbours:
    """Descriptions (n, d) of known classes as neighbours of others."""
    mean, scale = found.mean(axis=0), found.std(axis=0) + 1e-6
    z = (found - mean) / scale
    centres = np.stack([z[labels == k].mean(axis=0) for k in range(classes)])
    within = z - centres[labels]
    covariance = within.T @ within / len(z)
    rest = SHRINKAGE * np.trace(covariance) / len(covariance)
    values, vectors = np.linalg.eigh((1.0 - SHRINKAGE) * covariance + rest * np.eye(len(covariance)))
    white = vectors / np.sqrt(values)
    between = centres @ white
    directions = np.linalg.svd(between - between.mean(axis=0), full_matrices=False)[2][:DIRECTIONS]
    basis = white @ directions.T
    return Neighbours(mean, scale, basis, cKDTree(z @ basis), labels, classes)
