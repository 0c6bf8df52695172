"""The three pictures of a ring: one pass at the pixel centres, more samples where neighbours differ."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.render import backdrop, compiled, develop, loops_frame, loops_image, studio, views
from ringcad.render.frame import Frame
from ringcad.render.scene import Picture, RenderScene
from ringcad.render.tracing import BACKDROP, METAL, NO_GROUND, Ground, Look, Tracer

Floats = NDArray[np.float32]
Quality = Literal["draft", "standard", "fine"]

_AMID_CONE = 0.96
"""Cosine between mirror rays of neighbouring pixels up to which samples between them may be told from them."""

_BEND_PX = 0.7
"""A surface is one where places three pixels apart lie on a line within this many pixels."""

_BAND_ROWS = 440
"""Rows of a picture that are followed, coded and written at a time: memory is used again and stays in the cache."""

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
    scene: RenderScene,
    folder: Path,
    *,
    size_px: int = 1600,
    quality: Quality = "standard",
    names: Collection[str] = ("hero", "shoulder", "front"),
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
    names
        Which of the three.

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
    wanted = [view(scene, size_px) for view in (views.hero, views.shoulder, views.front) if view.__name__ in names]
    ground = backdrop.ground_of(tracer, scene) if any(view.on_table for view in wanted) else NO_GROUND
    standing, close = (_lights(panels, scene) for panels in (studio.RING_STUDIO, studio.MACRO_STUDIO))

    def render(view: views.View) -> Picture:
        table, light = (ground, standing) if view.on_table else (NO_GROUND, close)
        return _render(tracer, view, table, light, EFFORT[quality], folder)

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
    prim = frame.prim.ravel()
    metal = np.flatnonzero((prim >= 0) & (prim < len(tracer.metal.triangles)))
    row, column = np.divmod(metal[:: max(1, len(metal) // develop.SAMPLES)], frame.width)
    sample, _ = tracer.trace(*_rays(view, column + frame.left, row + frame.top), look, effort.bounces)
    gain = develop.exposure(sample)
    pivot, exponent = develop.contrast(sample * np.float32(gain))
    paper = backdrop.paper(tracer, view, look, gain)
    histogram = np.zeros(1024, np.int64)

    def show(seen: Floats, what: NDArray[np.int32], out: Floats) -> None:
        loops_image.expose(seen, what, METAL, gain, pivot, exponent, develop.KNEE, out)

    def strips() -> Iterator[NDArray[np.uint8]]:
        for top, bottom in _cuts(view.height_px, frame.top, frame.top + frame.height):
            shown = np.empty((bottom - top, view.width_px, 3), np.float32)
            marked = np.zeros(shown.shape[:2], np.uint8)
            if frame.top <= top < frame.top + frame.height:
                rows = top - frame.top, bottom - frame.top
                box = slice(frame.left, frame.left + frame.width)
                shown[:, box], marked[:, box] = _band(tracer, view, look, effort, frame, rows, paper, show)
                backdrop.part(paper, top, 0, shown[:, : box.start])
                backdrop.part(paper, top, box.stop, shown[:, box.stop :])
            else:
                backdrop.part(paper, top, 0, shown)
            yield develop.eight_bit(shown, marked, top, histogram)

    path = folder / f"{view.name}.png"
    develop.write_strips(strips(), view.width_px, view.height_px, path, view.pixels_per_mm)
    share = len(metal) / (view.width_px * view.height_px)
    return Picture(
        view.name, path, view.width_px, view.height_px, view.pixels_per_mm, share, *develop.spread(histogram)
    )


def _cuts(height: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Strips (top, bottom) of a picture, cut at the rows ``first`` and ``last`` between which the ring is."""
    for begin, end in ((0, first), (first, last), (last, height)):
        rows = -(-(end - begin) // max(1, -(-(end - begin) // _BAND_ROWS)))
        for top in range(begin, end, rows + rows % 2 or 1):
            yield top, min(top + rows + rows % 2, end)


def _rays(
    view: views.View, column: NDArray[Any], row: NDArray[Any], dx: float = 0.0, dy: float = 0.0
) -> tuple[Floats, Floats]:
    """Rays through pixels, at their centres or a little off."""
    return view.rays((column + (0.5 + dx)).astype(np.float32), (row + (0.5 + dy)).astype(np.float32))


def _band(
    tracer: Tracer,
    view: views.View,
    look: Look,
    effort: _Effort,
    frame: Frame,
    rows: tuple[int, int],
    paper: Floats,
    show: Callable[[Floats, NDArray[np.int32], Floats], None],
) -> tuple[Floats, NDArray[np.bool_]]:
    """Display light (n, width, 3) of some rows of the frame, the first of them even, and where they show metal.

    A few rows more are followed, so that it does not matter where bands begin.
    """
    begin, end = max(rows[0] - 2, 0), min(rows[1] + 3, frame.height)
    part = Frame(frame.left, frame.top + begin, frame.prim[begin:end])
    first = tracer.first(part, view, look, effort.bounces)
    image = np.empty((part.height, part.width, 3), np.float32)
    backdrop.part(paper, part.top, part.left, image)
    display = image.reshape(-1, 3)
    show(first.light, first.kind, display)
    level, listed = np.empty(len(display), np.float32), np.empty(len(display), np.int64)
    count = loops_image.uneven(display, first.kind, part.width, effort.threshold, level, listed)
    inner = slice(*np.searchsorted(listed[:count], ((rows[0] - begin) * part.width, (rows[1] - begin) * part.width)))
    at = listed[:count][inner]
    row, column = np.divmod(at, part.width)
    row, column = row + part.top, column + part.left
    amid = np.zeros(len(at), np.uint8)
    if tracer.roughness == 0.0:  # as-cast metal is rough from pixel to pixel
        bend_mm = _BEND_PX / view.pixels_per_mm
        loops_frame.smooth_places(at, first.state, part.width, first.start, first.reflected, _AMID_CONE, bend_mm, amid)
    total, low, high = display[at], level[at], level[at]
    taken = np.ones(len(at), np.float32)
    open_ = np.arange(len(at))
    for pattern in effort.rounds:
        smooth = amid[open_] == 1
        inside, other = open_[smooth], open_[~smooth]
        for dx, dy in pattern:
            seen, what = tracer.trace(*_rays(view, column[other], row[other], dx, dy), look, effort.bounces, sky=False)
            shown = np.empty_like(seen)
            empty = np.flatnonzero(what == BACKDROP)
            shown[empty] = backdrop.places(paper, row[other[empty]], column[other[empty]])
            show(seen, what, shown)
            loops_image.add_samples(other, shown, total, taken, low, high)
            seen = tracer.between(at[inside], (dx, dy), part.width, first, look)
            shown = np.empty_like(seen)
            show(seen, np.full(len(inside), METAL, np.int32), shown)
            loops_image.add_samples(inside, shown, total, taken, low, high)
        open_ = np.flatnonzero(high - low > 2.0 * effort.threshold)
    display[at] = total / taken[:, None]
    kept = slice(rows[0] - begin, rows[1] - begin)
    return image[kept], (first.kind == METAL).reshape(image.shape[:2])[kept]


compiled.load()  # with the import, so that a worker is through with the compiler before its first picture
