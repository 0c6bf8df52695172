"""The three pictures of a ring: one pass at the pixel centres, more samples where neighbours differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.render import develop, loops, loops_image, studio, views
from ringcad.render.scene import Picture, RenderScene
from ringcad.render.tracing import BACKDROP, METAL, NO_GROUND, Ground, Look, Tracer

Floats = NDArray[np.float32]
Quality = Literal["draft", "standard", "fine"]

GROUND_HALF_MM = 28.0
GROUND_CELLS = 144
GROUND_RAYS = 48
_BACKDROP_STEP = 3
_TABLE_GLOSS = 0.07
"""Share of light that the polished table mirrors."""


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
    ground = _ground(tracer, scene)
    standing, close = (_lights(panels, scene) for panels in (studio.RING_STUDIO, studio.MACRO_STUDIO))
    pictures = []
    for view in (views.hero(scene, size_px), views.shoulder(scene, size_px), views.front(scene, size_px)):
        table, light = (ground, standing) if view.on_table else (NO_GROUND, close)
        pictures.append(_render(tracer, scene, view, table, light, EFFORT[quality], folder))
    return pictures


def _lights(panels: tuple[studio.Panel, ...], scene: RenderScene) -> tuple[Floats, Floats]:
    """The studio as metal sees it and, with the small lamps, as stones see it."""
    for_metal = studio.veiled(panels) if scene.finish == "as_cast" else panels
    return studio.paint(for_metal), studio.paint(panels, studio.GEM_MAP_SIZE, lamps=True)


def _ground(tracer: Tracer, scene: RenderScene) -> Ground:
    """Occlusion of the table by the ring: cosine-weighted rays, turned per cell, then blurred."""
    z = float(scene.vertices[:, 2].min()) - 0.01
    n = GROUND_CELLS
    c = ((np.arange(n, dtype=np.float32) + 0.5) / n * 2.0 - 1.0) * np.float32(GROUND_HALF_MM)
    x, y = (a.ravel() for a in np.meshgrid(c, c, indexing="xy"))
    turn = np.random.default_rng(7).random(n * n, dtype=np.float32) * np.float32(2 * np.pi)
    total = np.zeros(n * n, np.float32)
    origins = np.stack([x, y, np.full_like(x, z + 1e-3)], axis=1).astype(np.float32)
    golden = np.pi * (3.0 - np.sqrt(5.0))
    for i in range(GROUND_RAYS):
        sine = np.float32(np.sqrt((i + 0.5) / GROUND_RAYS))
        angle = turn + np.float32(i * golden)
        direction = np.stack(
            [sine * np.cos(angle), sine * np.sin(angle), np.full_like(x, np.sqrt(1.0 - sine * sine))], axis=1
        ).astype(np.float32)
        total += tracer.occluded(origins, direction)
    open_share = (1.0 - total.reshape(n, n) / GROUND_RAYS).astype(np.float32)
    return Ground(z, GROUND_HALF_MM, _blurred(open_share, 1.2))


def _render(
    tracer: Tracer,
    scene: RenderScene,
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
    width, height = view.width_px, view.height_px
    box = _box(view, scene)
    rows, columns = np.mgrid[box[1] : box[3], box[0] : box[2]]
    shape = rows.shape
    column = rows.ravel(), columns.ravel()
    row, col = column[0].astype(np.float32) + 0.5, column[1].astype(np.float32) + 0.5
    radiance, kind = tracer.trace(*view.rays(col, row), look, effort.bounces)

    gain = develop.exposure(radiance[kind == METAL])
    pivot, exponent = develop.contrast(radiance[kind == METAL] * np.float32(gain))

    def show(light: Floats, what: NDArray[np.int32]) -> Floats:
        shown = np.empty_like(light)
        loops_image.expose(light, what, METAL, gain, pivot, exponent, develop.KNEE, shown)
        return shown

    display = show(radiance, kind)
    backdrop = _backdrop(tracer, view, look, gain)
    behind = backdrop[box[1] : box[3], box[0] : box[2]].reshape(-1, 3)
    display[kind == BACKDROP] = behind[kind == BACKDROP]
    at = np.flatnonzero(_uneven(display.reshape(*shape, 3), kind.reshape(shape), effort.threshold).ravel())
    total, low, high = display[at], _level(display[at]), _level(display[at])
    taken = np.ones(len(at), np.float32)
    open_ = np.arange(len(at))
    for pattern in effort.rounds:
        pixel = at[open_]
        for dx, dy in pattern:
            light, what = tracer.trace(
                *view.rays(col[pixel] + np.float32(dx), row[pixel] + np.float32(dy)), look, effort.bounces
            )
            shown = show(light, what)
            empty = what == BACKDROP
            shown[empty] = behind[pixel[empty]]
            total[open_] += shown
            taken[open_] += 1.0
            level = _level(shown)
            low[open_] = np.minimum(low[open_], level)
            high[open_] = np.maximum(high[open_], level)
        open_ = np.flatnonzero(high - low > 2.0 * effort.threshold)
    display[at] = total / taken[:, None]
    image = backdrop
    image[box[1] : box[3], box[0] : box[2]] = display.reshape(*shape, 3)
    mask = np.zeros((height, width), bool)
    mask[box[1] : box[3], box[0] : box[2]] = (kind == METAL).reshape(shape)
    pixels, (p05, p50, p95) = develop.eight_bit(image, mask)
    path = folder / f"{view.name}.png"
    develop.write_png(pixels, path, view.pixels_per_mm)
    return Picture(view.name, path, width, height, view.pixels_per_mm, float(mask.mean()), p05, p50, p95)


def _box(view: views.View, scene: RenderScene) -> tuple[int, int, int, int]:
    """Pixel box (left, top, right, bottom) that holds the ring."""
    pixel = view.project(views.outline(scene))
    low = np.floor(pixel.min(axis=0)).astype(int) - 3
    high = np.ceil(pixel.max(axis=0)).astype(int) + 3
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    return left, top, min(view.width_px, int(high[0])), min(view.height_px, int(high[1]))


def _level(display: Floats) -> Floats:
    """About even steps for the eye: the root of linear luminance."""
    return np.asarray(np.sqrt(np.clip(display @ develop.REC709, 0.0, 1.0)), np.float32)


def _uneven(display: Floats, kind: NDArray[np.int32], threshold: float) -> NDArray[np.bool_]:
    """Pixels that differ from a neighbour in kind or, on the display, by more than the threshold."""
    level = _level(display)
    out = np.zeros(kind.shape, bool)
    for axis in (0, 1):
        first = [slice(None), slice(None)]
        second = [slice(None), slice(None)]
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        a, b = tuple(first), tuple(second)
        differs = (kind[a] != kind[b]) | (np.abs(level[a] - level[b]) > threshold)
        out[a] |= differs
        out[b] |= differs
    return out


def _backdrop(tracer: Tracer, view: views.View, look: Look, gain: float) -> Floats:
    """The pale paper behind and under the ring at display scale: gradient, contact shadow, a faint mirror image.

    Computed at a third of the resolution (everything in it is soft) and enlarged.
    """
    from PIL import Image

    width, height = view.width_px, view.height_px
    w, h = -(-width // _BACKDROP_STEP), -(-height // _BACKDROP_STEP)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    u, v = (x + 0.5) / w - 0.5, (y + 0.5) / h - 0.5
    glow = np.exp(-((u / 0.62) ** 2 + ((v - 0.02) / 0.58) ** 2))
    paper = (0.58 + 0.27 * glow)[..., None] * np.array([0.988, 0.99, 1.0], np.float32)
    paper += (glow * 0.014)[..., None] * np.array([1.0, 0.7, 0.2], np.float32)
    ground = look.ground
    if ground.half_mm > 0:
        step = np.float32(_BACKDROP_STEP)
        origins, directions = view.rays(((x + 0.5) * step).ravel(), ((y + 0.5) * step).ravel())
        down = np.flatnonzero(directions[:, 2] < -1e-4)
        t = (np.float32(ground.z_mm) - origins[down, 2]) / directions[down, 2]
        at = origins[down] + t[:, None] * directions[down]
        near = np.max(np.abs(at[:, :2]), axis=1) < ground.half_mm
        down, at = down[near], at[near]
        edge = np.clip((1.0 - np.max(np.abs(at[:, :2]), axis=1) / ground.half_mm) / 0.25, 0.0, 1.0)
        shade = np.empty(len(at), np.float32)
        loops.occlusion(ground.occlusion, ground.half_mm, at, shade)
        shade = 1.0 - (1.0 - shade**1.25) * edge
        flat = paper.reshape(-1, 3)
        warmth = (0.16 * tracer.f0 / tracer.f0.max()).astype(np.float32)
        flat[down] *= shade[:, None] + (1.0 - shade[:, None]) * warmth
        mirrored = directions[down] * np.array([1.0, 1.0, -1.0], np.float32)
        seen, kind = tracer.trace(at + np.array([0.0, 0.0, 2e-3], np.float32), mirrored, look, 0)
        image, share = np.zeros_like(flat), np.zeros(len(flat), np.float32)
        ring = kind != BACKDROP
        image[down[ring]] = develop.tone(seen[ring] * np.float32(gain))
        share[down[ring]] = _TABLE_GLOSS
        soft = _blurred(share.reshape(h, w), 0.8)[..., None]
        image = _blurred(image.reshape(h, w, 3) * np.float32(_TABLE_GLOSS), 0.8)
        paper = paper * (1.0 - soft) + image
    channels = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(paper[..., c])).resize(
                (w * _BACKDROP_STEP, h * _BACKDROP_STEP), Image.Resampling.BICUBIC
            )
        )
        for c in range(3)
    ]
    return np.ascontiguousarray(np.stack(channels, axis=-1)[:height, :width], np.float32)


def _blurred(image: Floats, sigma: float) -> Floats:
    """Gaussian blur of the first two axes, edges repeated (scipy.ndimage takes half a second to import)."""
    reach = max(1, int(np.ceil(3.0 * sigma)))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    taps /= taps.sum()
    out: Floats = image.astype(np.float32)
    for axis in (0, 1):
        pad = [(reach, reach) if a == axis else (0, 0) for a in range(out.ndim)]
        wide = np.pad(out, pad, mode="edge")
        length = out.shape[axis]
        out = np.zeros_like(out)
        for k, weight in enumerate(taps):
            out += np.float32(weight) * np.take(wide, np.arange(k, k + length), axis=axis)
    return out
