"""How different the designs of one prompt are over many seeds, and how far programs lie from others of their family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import generator
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.measure import Array, Heights, inner
from ringcad.generators.ornament.nearness import distance, proposals
from ringcad.generators.ornament.program import program_from_dict
from ringcad.generators.ornament.scene import layer_room

PROMPTS: tuple[str, ...] = (
    "ivy", "roses", "celtic knot", "scrolls", "waves", "dragon scales", "hearts", "art deco fans", "filigree",
    "hammered surface", "laurel", "daisies with milgrain edges", "victorian flowers", "viking", "greek key",
    "feathers", "delicate vine", "gothic tracery", "skulls and roses", "starry sky",
)  # fmt: skip
LENGTH_MM, WIDTH_MM, PIXELS = 18.0, 5.5, 8.0
SAME = 0.95
"""Correlation from which two reliefs are near-duplicates."""
REFERENCES = 64


@dataclass(frozen=True)
class Spread:
    """Of the designs of one prompt: pairs that are near-duplicates, correlations, and distances of programs.

    ``nearest`` is the median distance of a main layer to the nearest reference proposal of its family, ``among`` the
    same between the references themselves.
    """

    prompt: str
    designs: int
    same_pairs: int
    distinct: int
    median: float
    highest: float
    nearest: float
    among: float


def aligned(fields: Sequence[Array]) -> Array:
    """(n, n) largest correlation of each pair over shifts along and across by up to a quarter, and the four flips."""
    stack = np.stack([(f - f.mean()) / (np.linalg.norm(f - f.mean()) + 1e-12) for f in fields])
    n, rows, columns = stack.shape
    shape = (2 * rows, 2 * columns)
    spectra = np.fft.rfft2(stack, shape)
    best = np.full((n, n), -1.0)
    near = [*range(rows // 4 + 1), *range(-(rows // 4), 0)]
    along = [*range(columns // 4 + 1), *range(-(columns // 4), 0)]
    for flipped in (stack, stack[:, ::-1], stack[:, :, ::-1], stack[:, ::-1, ::-1]):
        other = np.fft.rfft2(flipped, shape)
        for i in range(n):
            found = np.fft.irfft2(spectra[i] * np.conj(other), shape)
            best[i] = np.maximum(best[i], found[:, near][:, :, along].max(axis=(1, 2)))
    return np.maximum(best, best.T)


def spread(prompt: str, seeds: int = 32) -> Spread:
    """Draw a prompt with many seeds and compare all pairs; borders are taken off first."""
    fields: list[Array] = []
    nearest: list[float] = []
    among: list[float] = []
    for seed in range(seeds):
        request = GeneratorRequest(
            prompt, seed, LENGTH_MM, WIDTH_MM, 0.35, 0.35, 0.25, "plain", False, pixels_per_mm=PIXELS
        )
        relief = generator.generate(request)
        inside = inner(Heights(np.asarray(relief.height, dtype=np.float64), LENGTH_MM, WIDTH_MM, True)).values
        fields.append(ndimage.zoom(inside, (24 / inside.shape[0], 80 / inside.shape[1]), order=1))
        if seed < 8:
            program = program_from_dict(relief.program or {})
            main = next((layer for layer in program.layers if not layer.ground), program.layers[0])
            room = layer_room(main, make_room(FrameShape(program.band, program.frame)))[0]
            dice = np.random.default_rng(900 + seed)
            pool: list[dict[str, object]] = []
            while len(pool) < REFERENCES:
                found = proposals(main, room, Attributes(), dice)
                if not found:
                    break
                pool += [layer.model_dump() for layer in found]
            pool = pool[:REFERENCES]
            own = main.model_dump()
            if len(pool) > 1:
                nearest.append(min(distance(own, other) for other in pool))
                among += [min(distance(pool[k], o) for j, o in enumerate(pool) if j != k) for k in range(8)]
    likeness = aligned(fields)
    pairs = likeness[np.triu_indices(len(fields), 1)]
    kept: list[int] = []
    for k in range(len(fields)):
        if all(likeness[k, j] < SAME for j in kept):
            kept.append(k)
    return Spread(
        prompt,
        len(fields),
        int((pairs >= SAME).sum()),
        len(kept),
        float(np.median(pairs)),
        float(pairs.max()),
        float(np.median(nearest)) if nearest else float("nan"),
        float(np.median(among)) if among else float("nan"),
    )
