"""Heights that are known: what the network learns from and is judged by.

Three sources: bands of the ornament families, silhouettes of the motif vocabulary inflated to bodies,
and scenes of plain solids and fields. Families, motifs and seeds of the test never occur in training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import spsolve

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import ALL_FAMILIES, Part, compose_parts, render
from ringcad.generators.ornament.motifs import names, outline
from ringcad.generators.ornament.plates import Grid, inside_of

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

HELD_OUT = (
    "vine", "ivy", "laurel", "celtic_knot", "triquetra", "plait", "scales", "seigaiha", "daisy", "flowers",
    "rosette", "greek_key",
)  # fmt: skip
"""Families that are never trained on, each with its nearest kin: vines, interlace, scales, open flowers, a meander."""
TRAINED = tuple(name for name in ALL_FAMILIES if name not in HELD_OUT)
MOTIF_SIDE = 144
"""Pixels of a motif's grid."""
CREST = 0.11
"""Width, over the picture's side, from which an inflated body grows no higher."""
ROUNDNESS = 0.32
"""Power of the inflated membrane: 1/2 is a half circle across a thin stroke, less has a broader crown."""


@dataclass(frozen=True)
class Known:
    """A relief whose height is known: ``height`` (rows, columns) in [0, 1]; ``inflated``, the body that its
    silhouette at half height would be blown up to; ``name`` of the family, motif or scene."""

    height: Array
    inflated: Array
    name: str


def held_out_motif(name: str) -> bool:
    """Whether a motif belongs to the test: one of eight, by the hash of its name."""
    return hashlib.sha256(name.encode()).digest()[0] < 32


def motif_mask(name: str, side: int = MOTIF_SIDE, dice: np.random.Generator | None = None) -> Mask:
    """A motif's silhouette on a (side, side) grid with some ground round it, upright; turned and sized by ``dice``."""
    scale, angle = (0.86, 0.0) if dice is None else (float(dice.uniform(0.6, 0.92)), float(dice.normal(0.0, 0.25)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lines = [0.5 + scale * (line - 0.5) @ turn.T for line in outline(name)]
    step = 1.0 / side
    return inside_of(lines, Grid(0.5 * step, 0.5 * step, step, step, side, side))[::-1]


def inflate(mask: Mask, side: float | None = None) -> Array:
    """Body over a silhouette: a screened membrane under pressure, (rows, columns) in [0, 1], 0 outside.

    Solves f - L^2 div grad f = 1 inside and f = 0 outside with L = ``CREST`` x ``side`` (pixels, default the
    longer side), so that there are no creases along middle lines; its power ``ROUNDNESS`` is the height.
    """
    height = np.zeros(mask.shape, dtype=np.float32)
    if not mask.any():
        return height
    square = (CREST * (side or max(mask.shape))) ** 2
    padded = np.pad(mask, 1)
    number = np.full(padded.shape, -1, dtype=np.int64)
    count = int(padded.sum())
    number[padded] = np.arange(count)
    row, column = np.nonzero(padded)
    own = np.arange(count)
    first, second = [], []
    for other in (number[row, column + 1], number[row + 1, column]):
        near = other >= 0
        first.append(own[near])
        second.append(other[near])
    one, two = np.concatenate(first), np.concatenate(second)
    entries = np.concatenate([np.full(count, 1.0 + 4.0 * square), np.full(2 * len(one), -square)])
    places = (np.concatenate([own, one, two]), np.concatenate([own, two, one]))
    system = csc_matrix((entries, places), shape=(count, count))
    body = np.clip(spsolve(system, np.ones(count)), 0.0, None)
    height[mask] = (body / max(float(body.max()), 1e-9)) ** ROUNDNESS
    return height


def inflate_coarsely(coverage: Array, factor: int) -> Array:
    """:func:`inflate` at half height on a grid ``factor`` times coarser, enlarged again."""
    rows, columns = coverage.shape
    coarse = ndimage.zoom(coverage, 1.0 / factor, order=1, grid_mode=True, mode="nearest")
    body = inflate(coarse > 0.5, min(coarse.shape)) ** (1.0 / ROUNDNESS)
    fine = ndimage.zoom(body, (rows / body.shape[0], columns / body.shape[1]), order=1, grid_mode=True, mode="nearest")
    inside = coverage > 0.5
    lifted = np.where(inside, np.maximum(fine, 0.5 * float(body[body > 0].min(initial=1.0))), 0.0)
    return np.asarray(np.clip(lifted, 0.0, 1.0) ** ROUNDNESS, dtype=np.float32)


def band(family: str, seed: int, pixels_per_mm: float = 20.0) -> Known | None:
    """A band of one family with size, border, stroke and character by the seed; ``None`` where it does not fit."""
    dice = np.random.default_rng([seed, int.from_bytes(hashlib.sha256(family.encode()).digest()[:4], "big")])
    wish = Attributes(
        dense=float(dice.uniform(-0.8, 0.8)),
        bold=float(dice.uniform(-0.8, 0.8)),
        depth=dice.choice(["natural", "natural", "flat", "domed", "sharp", "soft"]),
        irregular=float(dice.choice([0.0, 0.6])),
    )
    parts = [Part(family)]
    if dice.random() < 0.15 and family not in ("hammered", "stipple", "bark"):
        parts.append(Part(str(dice.choice(["hammered", "stipple"])), "ground"))
    width = float(dice.uniform(4.0, 8.5))
    request = GeneratorRequest(
        prompt="",
        seed=int(dice.integers(2**31)),
        length_mm=float(dice.uniform(1.6, 2.6)) * width,
        width_mm=width,
        depth_mm=0.4,
        min_stroke_mm=0.33,
        min_gap_mm=0.22,
        border=str(dice.choice(["none", "none", "none", "plain", "milgrain", "rope"])),
        pixels_per_mm=pixels_per_mm,
    )
    try:
        program, _ = compose_parts(request, parts, wish)
    except InputError:
        return None
    height = render(program, pixels_per_mm)
    return Known(height, inflate_coarsely(height, 2), family)


def motif_body(name: str, dice: np.random.Generator) -> Known:
    """A motif as a relief: blown up, or a level top with a rounded edge, alone or on a disc with a rim."""
    mask = motif_mask(name, MOTIF_SIDE, dice)
    inflated = inflate(mask)
    body = inflated
    if dice.random() < 0.35:
        inside = ndimage.distance_transform_edt(mask).astype(np.float32)
        edge = float(dice.uniform(2.0, 7.0))
        level = np.sqrt(1.0 - (1.0 - np.clip(inside / edge, 0.0, 1.0)) ** 2)
        body = level * (0.75 + 0.25 * inflated)
    if dice.random() < 0.3:
        body = np.maximum(0.75 * body, 0.35 * coin(MOTIF_SIDE, dice))
        body = np.where(mask, np.maximum(body, 0.35 + 0.6 * inflated), body)
    # The silhouette's grid leaves stairs, which no relief has.
    smooth = float(dice.uniform(0.6, 1.0))
    body, inflated = (np.clip(ndimage.gaussian_filter(field, smooth), 0.0, 1.0) for field in (body, inflated))
    return Known(body.astype(np.float32), inflated.astype(np.float32), name)


def coin(side: int, dice: np.random.Generator) -> Array:
    """A disc with a raised rim, (side, side) in [0, 1]."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1.0) - 0.5
    r = np.hypot(x, y)
    radius, rim = float(dice.uniform(0.42, 0.49)), float(dice.uniform(0.02, 0.05))
    plate = np.clip((radius - r) * side / 3.0, 0.0, 1.0) * 0.6
    ring = np.sqrt(np.clip(1.0 - ((r - radius + rim) / rim) ** 2, 0.0, 1.0))
    return np.asarray(np.maximum(plate, ring), dtype=np.float32)


def scene(seed: int, side: int = 160) -> Known:
    """Plain solids and fields: pebbles, solids strewn on a ground, rolling ground, bricks, strokes."""
    dice = np.random.default_rng([seed, 77])
    kind = ("pebbles", "solids", "rolling", "bricks", "strokes")[int(dice.integers(5))]
    draw = {"pebbles": _pebbles, "solids": _solids, "rolling": _rolling, "bricks": _bricks, "strokes": _strokes}[kind]
    height = ndimage.gaussian_filter(draw(dice, side), float(dice.uniform(0.0, 1.5)))
    height = ((height - height.min()) / max(float(np.ptp(height)), 1e-9)).astype(np.float32)
    return Known(height, inflate_coarsely(height, 2), kind)


def _grid(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[0:side, 0:side].astype(np.float64)
    return y, x


def _pebbles(dice: np.random.Generator, side: int) -> NDArray[np.float64]:
    y, x = _grid(side)
    count = int(dice.integers(8, 90))
    points = dice.uniform(-10, side + 10, (count, 2))
    d = np.sort(np.hypot(y[..., None] - points[:, 0], x[..., None] - points[:, 1]), axis=2)
    gap = np.clip((d[..., 1] - d[..., 0]) / (side / np.sqrt(count)), 0.0, 1.0)
    return np.asarray(gap ** float(dice.uniform(0.3, 0.8)))


def _solids(dice: np.random.Generator, side: int) -> NDArray[np.float64]:
    y, x = _grid(side)
    height = np.zeros((side, side))
    for _ in range(int(dice.integers(3, 30))):
        cy, cx = dice.uniform(0, side, 2)
        a = float(dice.uniform(0.03, 0.2)) * side
        b = a * float(dice.uniform(0.4, 1.0))
        t = float(dice.uniform(0, np.pi))
        p, q = (x - cx) * np.cos(t) + (y - cy) * np.sin(t), (y - cy) * np.cos(t) - (x - cx) * np.sin(t)
        # Ellipse, rhombus or rounded box in plan; cone, dome or mesa in section.
        n = float(dice.choice([2.0, 2.0, 1.0, 6.0]))
        r = (np.abs(p / a) ** n + np.abs(q / b) ** n) ** (1.0 / n)
        shape = float(dice.choice([1.0, 2.0, 6.0]))
        top = np.clip(1.0 - r**shape, 0.0, 1.0) ** (0.5 if shape > 1 else 1.0)
        height = np.maximum(height, float(dice.uniform(0.4, 1.0)) * top)
    return height


def _rolling(dice: np.random.Generator, side: int) -> NDArray[np.float64]:
    height = np.zeros((side, side))
    for sigma in (24.0, 10.0, 4.0):
        field = ndimage.gaussian_filter(dice.normal(size=(side, side)), sigma, mode="wrap")
        height += float(dice.uniform(0.0, 1.0)) * field / field.std()
    if dice.random() < 0.5:
        height = np.clip(height, np.percentile(height, float(dice.uniform(20, 60))), None)
    return height


def _bricks(dice: np.random.Generator, side: int) -> NDArray[np.float64]:
    y, x = _grid(side)
    h, w = float(dice.uniform(14, 50)), float(dice.uniform(14, 80))
    shift = float(dice.choice([0.0, 0.5]))
    row = np.floor(y / h)
    p = np.abs((x / w + shift * (row % 2)) % 1.0 - 0.5) * w
    q = np.abs((y / h) % 1.0 - 0.5) * h
    gap, edge = float(dice.uniform(1, 4)), float(dice.uniform(1.5, 10))
    inside = np.minimum(0.5 * w - gap - p, 0.5 * h - gap - q)
    return np.asarray(np.sqrt(1.0 - (1.0 - np.clip(inside / edge, 0.0, 1.0)) ** 2))


def _strokes(dice: np.random.Generator, side: int) -> NDArray[np.float64]:
    height = np.zeros((side, side))
    for _ in range(int(dice.integers(2, 9))):
        points = np.cumsum(np.vstack([dice.uniform(0, side, 2), dice.normal(0, 0.22 * side, (3, 2))]), axis=0)
        t = np.linspace(0, 1, 90)[:, None]
        a, b, c, d = points
        curve = (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d
        line = np.ones((side, side), dtype=bool)
        at = np.clip(np.rint(curve).astype(int), 0, side - 1)
        line[at[:, 0], at[:, 1]] = False
        near = ndimage.gaussian_filter(ndimage.distance_transform_edt(line), 0.7)
        radius = float(dice.uniform(3, 11))
        tube = np.sqrt(np.clip(1.0 - (near / radius) ** 2, 0.0, 1.0))
        height = np.maximum(height, float(dice.uniform(0.6, 1.0)) * tube)
    return height


def bank(families: tuple[str, ...], each: int, motifs: int, scenes: int, first_seed: int, test: bool) -> list[Known]:
    """Bands of each family, motifs and scenes with seeds from ``first_seed`` on; ``test`` picks the held-out motifs."""
    return list(_bank(families, each, motifs, scenes, first_seed, test))


def _bank(
    families: tuple[str, ...], each: int, motifs: int, scenes: int, first_seed: int, test: bool
) -> Iterator[Known]:
    for family in families:
        found = 0
        # A wish may not fit its band: the next seed is tried, up to twice as many.
        for seed in range(first_seed, first_seed + 2 * each):
            item = band(family, seed) if found < each else None
            if item is not None:
                found += 1
                yield item
    dice = np.random.default_rng([first_seed, 5])
    known = [name for name in names() if held_out_motif(name) == test]
    for k in range(motifs):
        yield motif_body(known[int(dice.integers(len(known)))] if motifs < len(known) else known[k % len(known)], dice)
    for k in range(scenes):
        yield scene(first_seed + k)
