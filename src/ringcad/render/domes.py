"""Cabochons in pictures: a polished dome over a body that scatters light, smooth whatever its facets.

Light is followed to the dome's mirror image and to the body under the polish, which takes what comes from all sides of
the studio alike (Lambert), as its second order in spherical harmonics: R. Ramamoorthi, P. Hanrahan, SIGGRAPH 2001,
doi:10.1145/383259.383317.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.render.gems import frame
from ringcad.render.scene import StoneInstance

Array = NDArray[np.float64]

#: Directions that the studio is sampled in.
_SAMPLES = 2000
#: What a hemisphere's cosine keeps of each order of the harmonics, over pi.
_KEPT = np.array([1.0] + [2.0 / 3.0] * 3 + [0.25] * 5)
#: Light that the wall of a bezel keeps from the dome's foot.
_SHADE, _SHADE_SHARE = 0.45, 0.35
_OFFSET_MM = 1e-3


@dataclass(frozen=True)
class Domes:
    """Per stone: whether it is a cabochon, its rim's half width, dome, girdle and half length in mm, frame, index and
    body colour; ``along`` is the way of its length.
    """

    there: NDArray[np.bool_]
    size_mm: Array
    origin: Array
    axis: Array
    along: Array
    index: Array
    body: Array


def domes(stones: tuple[StoneInstance, ...]) -> Domes:
    """The cabochons among stones."""
    axis = np.array([stone.axis for stone in stones], dtype=np.float64)
    return Domes(
        np.array([stone.dome_mm is not None for stone in stones]),
        np.array([(*size, size[0])[:4] for size in (stone.dome_mm or (1.0, 1.0, 0.0) for stone in stones)]),
        np.array([stone.origin for stone in stones], dtype=np.float64),
        axis / np.linalg.norm(axis, axis=1, keepdims=True),
        np.array([frame(stone)[1] for stone in stones]),
        np.array([stone.refractive_index for stone in stones]),
        np.array([stone.color_rgb for stone in stones]),
    )


def harmonics(way: Array) -> Array:
    """Real spherical harmonics of orders 0 to 2 at unit directions (n, 3): (n, 9)."""
    x, y, z = way.T
    return np.stack(
        [
            np.full_like(x, 0.5 * math.sqrt(1.0 / math.pi)),
            *(math.sqrt(3.0 / (4.0 * math.pi)) * part for part in (y, z, x)),
            *(0.5 * math.sqrt(15.0 / math.pi) * part for part in (x * y, y * z, x * z)),
            0.25 * math.sqrt(5.0 / math.pi) * (3.0 * z**2 - 1.0),
            0.25 * math.sqrt(15.0 / math.pi) * (x**2 - y**2),
        ],
        axis=1,
    )


def studio_harmonics(light: Callable[[Array], Array]) -> Array:
    """What a white body under a studio shows, in harmonics of its normal (9, 3); ``light`` is that from directions."""
    k = np.arange(_SAMPLES) + 0.5
    z, turn = 1.0 - 2.0 * k / _SAMPLES, math.pi * (1.0 + math.sqrt(5.0)) * k
    ring = np.sqrt(1.0 - z**2)
    way = np.stack([ring * np.cos(turn), ring * np.sin(turn), z], axis=1)
    found = harmonics(way).T @ light(way) * (4.0 * math.pi / _SAMPLES)
    return np.asarray(found * _KEPT[:, None])


def dome_light(
    found: Domes, stone: NDArray[np.int64], origins: Array, directions: Array, distance_mm: Array, studio: Array
) -> tuple[Array, Array, Array, Array]:
    """Of rays (n, 3) that meet cabochons: place and way of the mirror image, its share (n,), the body's light."""
    place = origins + distance_mm[:, None] * directions
    size, axis = found.size_mm[stone], found.axis[stone]
    offset = place - found.origin[stone]
    along = np.einsum("ij,ij->i", offset, axis)
    aside = offset - along[:, None] * axis
    over = np.maximum(along - size[:, 2], 0.0)
    along_mm = np.einsum("ij,ij->i", aside, found.along[stone])
    # across its length as for a round one; along it the ellipsoid falls by its own half axis
    longer = along_mm * (1.0 / size[:, 3] ** 2 - 1.0 / size[:, 0] ** 2)
    normal = aside / size[:, :1] ** 2 + longer[:, None] * found.along[stone] + axis * (over / size[:, 1] ** 2)[:, None]
    under = along < 1e-3 * size[:, 0]
    normal[under] = -axis[under]
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    cosine = np.clip(-np.einsum("ij,ij->i", normal, directions), 1e-3, 1.0)
    behind = np.sqrt(1.0 - (1.0 - cosine**2) / found.index[stone] ** 2)
    n = found.index[stone]
    share = 0.5 * (
        ((cosine - n * behind) / (cosine + n * behind)) ** 2 + ((n * cosine - behind) / (n * cosine + behind)) ** 2
    )
    mirrored = directions + 2.0 * cosine[:, None] * normal
    shade = 1.0 - _SHADE * np.clip(1.0 - over / (_SHADE_SHARE * size[:, 1]), 0.0, 1.0) ** 2
    body = found.body[stone] * np.maximum(harmonics(normal) @ studio, 0.0) * ((1.0 - share) * shade)[:, None]
    return place + _OFFSET_MM * normal, mirrored, share, body
