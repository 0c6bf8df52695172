"""The three pictures of a ring: one pass at the pixel centres, more samples where neighbours differ."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.render import backdrop, compiled, develop, loops_frame, loops_image, studio, views
from ringcad.render.scene import Picture, RenderScene
from ringcad.render.tracing import METAL, NO_GROUND, Ground, Look, Tracer

Floats = NDArray[np.float32]
Quality = Literal["draft", "standard", "fine"]

_AMID_CONE = 0.96
"""Cosine between mirror rays of neighbouring pixels up to which samples between them may be told from them."""

_BEND_PX = 0.7
"""A surface is one where places three pixels apart lie on a line within this many pixels."""

Offsets = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Effort:
    """``bounces`` = reflections of the ring in itself. Where neighbouring pixels differ by more than
    ``threshold`` the first of ``rounds`` adds samples at these offsets; each further round only where the
    samples so far still disagree by twice the threshold."""

    bounces: int
    rounds: tuple[Offsets, ...]
    threshold: float


EFFORT: dict[str, _Effort] = {
    "draft": _Effort(1, (), 1.0),
    "standard": _Effort(2, (((-0.25, -0.375), (0.25, 0.375)), ((0.375, -0.25), (-0.375, 0.25))), 0.065),
    "fine": _Effort(
        3,
        (
            ((-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125)),
            ((-0.3125, -0.1875), (0.1875, -0.3125), (0.3125, 0.1875), (-0.1875, 0.3125)),
            ((-0.4375, -0.4375), (0.4375, -0.4375), (0.4375, 0.4375), (-0.4375, 0.4375)),
        ),
        0.035,
    ),
}


def render_views(
    scene: RenderScene, folder: Path, *, size_px: int = 1600, quality: Quality = "standard"
) -> list[Picture]:
    """Render ``hero.png``, ``shoulder.png`` and ``front.png`` into ``folder``; the same scene gives the same pixels.

    Parameters
    ----------
    scene
        See :class:`RenderScene`.
    folder
        Must exist.
    size_px
        Width of each picture (hero and front are square), 64 to 8000.
    quality
        ``draft`` (no anti-aliasing), ``standard``, ``fine``.

    Raises
    ------
    InputError
        For a missing folder, a size out of range, an unknown quality or an empty mesh.
    """
    if not folder.is_dir():
        raise InputError(f"pictures: folder {folder} does not exist. Create it first")
    if not 64 <= size_px <= 8000:
        raise InputError(f"pictures: size_px is {size_px}; limit: 64 to 8000. Use 1600")
    if quality not in EFFORT:
        raise InputError(f"pictures: quality is {quality!r}; choose one of {', '.join(EFFORT)}")
    if len(scene.triangles) == 0:
        raise InputError("pictures: the mesh has no triangles")
    tracer = Tracer(scene)
    ground = backdrop.ground_of(tracer, scene)
    standing, close = (_lights(panels, scene) for panels in (studio.RING_STUDIO, studio.MACRO_STUDIO))

    def render(view: views.View) -> Picture:
        table, light = (ground, standing) if view.on_table else (NO_GROUND, close)
        return _render(tracer, view, table, light, EFFORT[quality], folder)

    wanted = [views.hero(scene, size_px), views.shoulder(scene, size_px), views.front(scene, size_px)]
    # the compiled loops and zlib let other threads run; each view is its own, so that their order does not matter
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        return list(pool.map(render, wanted))


def _lights(panels: tuple[studio.Panel, ...], scene: RenderScene) -> tuple[Floats, Floats]:
    """The studio as metal sees it and, with the small lamps, as stones see it."""
    for_metal = studio.veiled(panels) if scene.finish == "as_cast" else panels
    return studio.paint(for_metal), studio.paint(panels, studio.GEM_MAP_SIZE, lamps=True)


def _render(
    tracer: Tracer,
    view: views.View,
    ground: Ground,
    lights: tuple[Floats, Floats],
    effort: _Effort,
    folder: Path,
) -> Picture:
    look = Look(
        metal=studio.Environment(lights[0], view.studio),
        gems=studio.Environment(lights[1], view.studio),
        gem_gain=1.8,
        ground=ground,
        eye=view.back,
    )
    frame = tracer.frame(view)
    first = tracer.first(frame, view, look, effort.bounces)
    light, kind = first.light, first.kind
    metal = np.flatnonzero(kind == METAL)
    sample = light[metal[:: max(1, len(metal) // develop.SAMPLES)]]
    gain = develop.exposure(sample)
    pivot, exponent = develop.contrast(sample * np.float32(gain))
    image = backdrop.paper(tracer, view, look, gain)
    box = slice(frame.top, frame.top + frame.height), slice(frame.left, frame.left + frame.width)
    display = image[box].copy().reshape(-1, 3)

    def show(seen: Floats, what: NDArray[np.int32], out: Floats) -> None:
        loops_image.expose(seen, what, METAL, gain, pivot, exponent, develop.KNEE, out)

    show(light, kind, display)
    level, listed = np.empty(len(kind), np.float32), np.empty(len(kind), np.int64)
    count = loops_image.uneven(display, kind, frame.width, effort.threshold, level, listed)
    at = listed[:count]
    row, column = np.divmod(at, frame.width)
    row, column = row + frame.top, column + frame.left
    amid = np.zeros(len(at), np.uint8)
    if tracer.roughness == 0.0:  # as-cast metal is rough from pixel to pixel
        bend_mm = _BEND_PX / view.pixels_per_mm
        loops_frame.smooth_places(at, first.state, frame.width, first.start, first.reflected, _AMID_CONE, bend_mm, amid)
    total, low, high = display[at], level[at], level[at]
    taken = np.ones(len(at), np.float32)
    open_ = np.arange(len(at))
    for pattern in effort.rounds:
        smooth = amid[open_] == 1
        inside, other = open_[smooth], open_[~smooth]
        for dx, dy in pattern:
            place = (column[other] + (0.5 + dx)).astype(np.float32), (row[other] + (0.5 + dy)).astype(np.float32)
            samples = (
                (other, *tracer.trace(*view.rays(*place), look, effort.bounces, sky=False)),
                (
                    inside,
                    tracer.between(at[inside], (dx, dy), frame.width, first, look),
                    np.full(len(inside), METAL, np.int32),
                ),
            )
            for which, seen, what in samples:
                shown = image[row[which], column[which]]
                show(seen, what, shown)
                loops_image.add_samples(which, shown, total, taken, low, high)
        open_ = np.flatnonzero(high - low > 2.0 * effort.threshold)
    display[at] = total / taken[:, None]
    image[box] = display.reshape(frame.height, frame.width, 3)
    mask = np.zeros(image.shape[:2], bool)
    mask[box] = (kind == METAL).reshape(frame.height, frame.width)
    pixels, (p05, p50, p95) = develop.eight_bit(image, mask)
    path = folder / f"{view.name}.png"
    develop.write_png(pixels, path, view.pixels_per_mm)
    return Picture(
        view.name, path, view.width_px, view.height_px, view.pixels_per_mm, float(mask.mean()), p05, p50, p95
    )


compiled.load()  # with the import, so that a worker is through with the compiler before its first picture
