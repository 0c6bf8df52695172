"""Pairs of a picture and the height that it shows, for training and for judging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ringcad.generators.photo.heights import Known
from ringcad.generators.photo.shading import FROM_ABOVE, drawing, photograph, silhouette

Array = NDArray[np.float32]
Kind = Literal["photo", "silhouette", "drawing"]
KINDS: tuple[Kind, ...] = ("photo", "silhouette", "drawing")
SHARES = (0.66, 0.2, 0.14)
"""How often each kind of picture is trained on."""
LEAST_RANGE = 0.35
"""A cutting with less height in it says nothing."""


@dataclass(frozen=True)
class Pair:
    """``picture`` (n, n) luminance and the ``height`` (n, n) behind it, 0 to 1 within the cutting."""

    picture: Array
    height: Array
    kind: Kind
    name: str


def cutting(item: Known, side: int, dice: np.random.Generator, calm: bool) -> tuple[Array, Array]:
    """A square part of a relief and of its inflated body, (side, side): moved, turned, mirrored, scaled.

    ``calm`` keeps it upright and nearly whole in height, as a picture of a band would show it.
    """
    rows, columns = item.height.shape
    least = min(rows, columns)
    window = least * (float(dice.uniform(0.75, 1.02)) if calm else float(dice.uniform(0.5, 1.15)))
    angle = 0.0 if calm else float(dice.choice([0.0, 0.5 * np.pi, dice.uniform(-np.pi, np.pi)]))
    middle = []
    for size in (rows, columns):
        spare = max(0.5 * (size - window), 0.04 * size)
        middle.append(0.5 * size + float(dice.uniform(-spare, spare)))
    t = (np.arange(side, dtype=np.float64) + 0.5) / side - 0.5
    y, x = np.meshgrid(window * t, window * t, indexing="ij")
    if dice.random() < 0.5:
        x = -x
    i = middle[0] + y * np.cos(angle) - x * np.sin(angle) - 0.5
    j = middle[1] + x * np.cos(angle) + y * np.sin(angle) - 0.5
    smooth = max(0.0, 0.35 * (window / side - 1.0))
    height, inflated = item.height, item.inflated
    if smooth > 0.1:
        height, inflated = (ndimage.gaussian_filter(field, smooth) for field in (height, inflated))
    mode = "nearest"
    cut, body = (ndimage.map_coordinates(field, [i, j], order=1, mode=mode) for field in (height, inflated))
    return np.asarray(cut, dtype=np.float32), np.asarray(body, dtype=np.float32)


def make_pair(
    bank: Sequence[Known],
    side: int,
    dice: np.random.Generator,
    kind: Kind | None = None,
    calm: bool = False,
    from_above: float = FROM_ABOVE,
) -> Pair:
    """A random pair of a bank, (side, side). ``from_above``: chance that a photo's main light comes from above."""
    chosen = kind or KINDS[int(dice.choice(3, p=SHARES))]
    while True:
        item = bank[int(dice.integers(len(bank)))]
        height, body = cutting(item, side, dice, calm)
        if float(np.ptp(height)) >= LEAST_RANGE and (chosen == "photo" or 0.04 < float((body > 0.15).mean()) < 0.75):
            break
    if chosen == "photo":
        picture = photograph(height, dice, from_above)
    elif chosen == "silhouette":
        # Softness at the outline, as a drawing program leaves it.
        coverage = np.clip(ndimage.gaussian_filter((body > 0.15).astype(np.float32), 0.7), 0.0, 1.0)
        picture, height = silhouette(coverage, dice), body
    else:
        picture = drawing(height, dice)
    low, high = float(height.min()), float(height.max())
    return Pair(picture, (height - low) / max(high - low, 1e-6), chosen, item.name)
