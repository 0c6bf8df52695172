"""The wall map: the ring from two sides, coloured by the thickness measured at each vertex."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.render import develop, loops_image, views
from ringcad.render.frame import Metal, draw, metal_of
from ringcad.render.scene import Picture, RenderScene

if TYPE_CHECKING:
    from PIL import ImageDraw

Floats = NDArray[np.float32]

_STOPS = (0.0, 0.999, 1.0, 1.35, 1.9, 3.0)
"""Thickness as a multiple of the limit at each colour of the scale."""
_COLORS = (
    (0.55, 0.0, 0.05),
    (0.90, 0.08, 0.08),
    (0.98, 0.60, 0.10),
    (0.96, 0.88, 0.30),
    (0.30, 0.72, 0.45),
    (0.20, 0.40, 0.75),
)
"""Red below the limit, orange just above it, then yellow, green and blue; sRGB-coded."""
_UNKNOWN = (0.72, 0.72, 0.74)
OVERSAMPLING = 2
"""Pixels of the drawn view along each side of one of the picture."""
_BAR_MM = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Lengths of the scale bar; the longest that a quarter of a pane holds."""


def scale_color(thickness_mm: NDArray[np.float64], limit_mm: float) -> Floats:
    """sRGB-coded colours (N, 3) in 0..1; NaN is grey, everything below the limit is red."""
    share = np.asarray(thickness_mm, float) / limit_mm
    known = np.isfinite(share)
    clean = np.where(known, share, 0.0)
    color = np.stack([np.interp(clean, _STOPS, [c[i] for c in _COLORS]) for i in range(3)], axis=-1)
    return np.where(known[..., None], color, np.asarray(_UNKNOWN)).astype(np.float32)


def render_walls(
    scene: RenderScene,
    thickness_mm: NDArray[np.float64],
    limit_mm: float,
    folder: Path,
    *,
    size_px: int = 1600,
    millimetre: float = 1.0,
) -> Picture:
    """Write ``wall.png``: two views of the metal in the colours of :func:`scale_color` with a legend.

    Parameters
    ----------
    thickness_mm : (N,) float
        Wall at each vertex of the scene; NaN = not measured there (grey).
    limit_mm
        The least wall that the foundry profile allows.
    millimetre
        How long a millimetre of the body is in the scene, where it is not drawn in its own size.

    Raises
    ------
    InputError
        For a missing folder, a limit that is not positive, or an array of another length.
    """
    if not folder.is_dir():
        raise InputError(f"wall map: folder {folder} does not exist. Create it first")
    if not limit_mm > 0:
        raise InputError(f"wall map: limit_mm is {limit_mm}; it must be positive")
    if len(thickness_mm) != len(scene.vertices):
        raise InputError(f"wall map: {len(thickness_mm)} values for {len(scene.vertices)} vertices")
    half = size_px // 2
    values = np.asarray(thickness_mm, float)
    metal = metal_of(scene)
    front = views.hero(scene, half * OVERSAMPLING)
    below = views.below(scene, half * OVERSAMPLING)
    panes = [
        _with_bar(_pane(metal, view, values, limit_mm), view.pixels_per_mm / OVERSAMPLING * millimetre, size_px / 1600)
        for view in (front, below)
    ]
    picture = np.concatenate(panes, axis=1)
    known = values[np.isfinite(values)]
    pixels = _with_legend(picture, limit_mm, float(known.min()) if len(known) else None)
    path = folder / "wall.png"
    scale = front.pixels_per_mm / OVERSAMPLING * millimetre
    develop.write_png(pixels, path, scale)
    nan = float("nan")
    return Picture("wall", path, pixels.shape[1], pixels.shape[0], scale, nan, nan, nan, nan)


def _pane(metal: Metal, view: views.View, thickness_mm: NDArray[np.float64], limit_mm: float) -> NDArray[np.uint8]:
    prim = draw(view, ((metal.vertices, metal.triangles),), whole=True).prim
    return shaded_pane(metal, view, prim, thickness_mm, limit_mm)


def _with_bar(pane: NDArray[np.uint8], pixels_per_mm: float, unit: float) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw

    image = Image.fromarray(pane)
    draw_scale_bar(ImageDraw.Draw(image), image.width, image.height, pixels_per_mm, unit)
    return np.asarray(image)


def shaded_pane(
    metal: Metal, view: views.View, prim: NDArray[np.int32], thickness_mm: NDArray[np.float64], limit_mm: float
) -> NDArray[np.uint8]:
    """One view in the colours of :func:`scale_color`, sRGB; ``prim`` is what each pixel of the drawn view shows."""
    light = view.back + 0.45 * view.up - 0.3 * view.right
    shown = np.empty((view.height_px // OVERSAMPLING, view.width_px // OVERSAMPLING, 3), np.uint8)
    loops_image.walls(
        prim,
        view.camera,
        metal.vertices,
        metal.triangles,
        metal.corners,
        thickness_mm,
        float(limit_mm),
        np.array(_STOPS),
        np.array(_COLORS),
        np.array(_UNKNOWN),
        light / np.linalg.norm(light),
        shown,
    )
    return shown


def draw_scale_bar(pen: ImageDraw.ImageDraw, right: int, bottom: int, pixels_per_mm: float, unit: float) -> None:
    """A bar of a round number of millimetres in the lower right corner of a pane."""
    from PIL import ImageFont

    length = max((mm for mm in _BAR_MM if mm * pixels_per_mm <= 0.25 * right), default=_BAR_MM[0])
    x, y, half = right - int(30 * unit), bottom - int(26 * unit), int(7 * unit)
    start = x - int(length * pixels_per_mm)
    for line in ([(start, y), (x, y)], [(start, y - half), (start, y + half)], [(x, y - half), (x, y + half)]):
        pen.line(line, fill=(60, 60, 60), width=max(1, int(2 * unit)))
    font = ImageFont.load_default(size=max(9, int(22 * unit)))
    pen.text((0.5 * (start + x), y - half), f"{length:g} mm", fill=(60, 60, 60), font=font, anchor="mb")


def _with_legend(picture: NDArray[np.uint8], limit_mm: float, least_mm: float | None) -> NDArray[np.uint8]:
    """Add a strip with the colour scale, its ticks in mm, the limit and the least value found."""
    from PIL import Image, ImageDraw, ImageFont

    height, width = picture.shape[:2]
    unit = max(width / 1600.0, 0.25)
    strip = int(150 * unit)
    image = Image.new("RGB", (width, height + strip), (247, 247, 247))
    image.paste(Image.fromarray(picture), (0, 0))
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=max(10, int(26 * unit)))
    left, right = int(0.12 * width), int(0.88 * width)
    top, bottom = height + int(50 * unit), height + int(82 * unit)
    span = _STOPS[-1] * limit_mm
    values = (np.arange(right - left) + 0.5) / (right - left) * span
    bar = (scale_color(values, limit_mm) * 255).astype(np.uint8)
    image.paste(Image.fromarray(np.broadcast_to(bar, (bottom - top, *bar.shape)).copy()), (left, top))
    for multiple in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
        x = left + int(multiple / _STOPS[-1] * (right - left))
        pen.line([(x, bottom), (x, bottom + int(8 * unit))], fill=(60, 60, 60), width=max(1, int(2 * unit)))
        text = f"{multiple * limit_mm:.2f}" + ("+" if multiple == _STOPS[-1] else "")
        pen.text((x, bottom + int(12 * unit)), text, fill=(60, 60, 60), font=font, anchor="ma")
    x = left + int((right - left) / _STOPS[-1])
    pen.line([(x, top - int(8 * unit)), (x, bottom)], fill=(20, 20, 20), width=max(1, int(3 * unit)))
    pen.text((x, top - int(12 * unit)), f"least allowed {limit_mm:.2f} mm", fill=(20, 20, 20), font=font, anchor="ms")
    if least_mm is not None:
        text = f"wall in mm, least found {least_mm:.2f}"
        pen.text((right, top - int(12 * unit)), text, fill=(20, 20, 20), font=font, anchor="rs")
    return np.asarray(image)
