"""The pale paper on which the ring stands, with its shade and a faint mirror image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.render import develop, loops_image
from ringcad.render.scene import RenderScene
from ringcad.render.tracing import BACKDROP, Ground, Look, Tracer
from ringcad.render.views import View

Floats = NDArray[np.float32]

GROUND_HALF_MM = 28.0
GROUND_CELLS = 144
GROUND_RAYS = 48
_FAN = 8
"""Rays per cell that are followed at a time."""

_STEP = 3
"""The paper is computed on every third row and column (everything in it is soft) and enlarged."""
_GLOSS = 0.07
"""Share of light that the polished table mirrors."""


def ground_of(tracer: Tracer, scene: RenderScene) -> Ground:
    """Occlusion of the table by the ring: cosine-weighted rays, turned per cell, then blurred."""
    z = float(scene.vertices[:, 2].min()) - 0.01
    n = GROUND_CELLS
    turn = np.random.default_rng(7).random(n * n, dtype=np.float32) * np.float32(2 * np.pi)
    step = np.arange(GROUND_RAYS)
    low, angle = np.sqrt((step + 0.5) / GROUND_RAYS), step * (np.pi * (3.0 - np.sqrt(5.0)))
    fan = np.stack([low * np.cos(angle), low * np.sin(angle), np.sqrt(1.0 - low * low)], axis=1)
    bodies = [tracer.metal.vertices] + ([tracer.gems.vertices] if tracer.gems is not None else [])
    bounds = np.concatenate(
        [np.min([body.min(axis=0) for body in bodies], axis=0), np.max([body.max(axis=0) for body in bodies], axis=0)]
    ).astype(np.float64)
    covered = np.zeros(n * n)
    origins, directions = (np.empty((n * n * _FAN, 3), np.float32) for _ in range(2))
    which = np.empty(n * n * _FAN, np.int64)
    for first in range(0, GROUND_RAYS, _FAN):
        count = loops_image.shade_rays(
            n, GROUND_HALF_MM, z + 1e-3, turn, fan[first : first + _FAN], bounds, origins, directions, which
        )
        hit = tracer.occluded(origins[:count], directions[:count])
        covered += np.bincount(which[:count][hit], minlength=n * n)
    open_share = (1.0 - covered.reshape(n, n, 1) / GROUND_RAYS).astype(np.float32)
    return Ground(z, GROUND_HALF_MM, np.ascontiguousarray(blurred(open_share, 1.2)[..., 0]))


def paper(tracer: Tracer, view: View, look: Look, gain: float) -> Floats:
    """The paper behind and under the ring at display scale: gradient, shade, mirror image; every third row and
    column (:func:`part`)."""
    width, height = view.width_px, view.height_px
    w, h = -(-width // _STEP), -(-height // _STEP)
    ground = look.ground
    image = np.empty((h, w, 3), np.float32)
    room = h * w if ground.half_mm > 0 else 0
    at, mirrored = np.empty((room, 3), np.float32), np.empty((room, 3), np.float32)
    which = np.empty(room, np.int64)
    warmth = 0.16 * tracer.f0 / tracer.f0.max()
    count = loops_image.paper(
        view.camera, float(_STEP), ground.z_mm, ground.half_mm, ground.occlusion, warmth, image, at, mirrored, which
    )
    if count:
        seen, kind = tracer.trace(at[:count], mirrored[:count], look, 0, sky=False)
        ring = np.flatnonzero(kind != BACKDROP)
        if len(ring):
            # light times gloss, and the gloss itself, which takes the place of as much paper
            gloss = np.zeros((h * w, 4), np.float32)
            gloss[which[ring], :3] = develop.tone(seen[ring] * np.float32(gain)) * np.float32(_GLOSS)
            gloss[which[ring], 3] = _GLOSS
            first, last = which[ring[0]] // w, which[ring[-1]] // w
            rows = slice(max(int(first) - 3, 0), int(last) + 4)
            soft = blurred(gloss.reshape(h, w, 4)[rows], 0.8)
            image[rows] = image[rows] * (1.0 - soft[..., 3:]) + soft[..., :3]
    return image


def part(paper: Floats, top: int, left: int, out: Floats) -> None:
    """Fill ``out`` (H, W, 3) with the paper's pixels from (top, left) on."""
    whole = out if out.flags.c_contiguous else np.empty(out.shape, np.float32)
    loops_image.enlarge(paper, _STEP, top, left, np.empty((1, *paper.shape[1:]), np.float32), whole)
    if whole is not out:
        out[...] = whole


def places(paper: Floats, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
    """Single pixels of the paper, (n, 3)."""
    out = np.empty((len(rows), 3), np.float32)
    loops_image.enlarged_at(paper, _STEP, rows, columns, out)
    return out


def blurred(image: Floats, sigma: float) -> Floats:
    """Gaussian blur of the first two axes of (height, width, channels), edges repeated."""
    reach = max(1, int(np.ceil(3.0 * sigma)))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    image = np.ascontiguousarray(image, np.float32)
    out, work = np.empty_like(image), np.empty_like(image)
    loops_image.blur(image, (taps / taps.sum()).astype(np.float32), work, out)
    return out
