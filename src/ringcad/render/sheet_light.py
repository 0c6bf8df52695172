"""A relief as cast metal under soft boxes, from its heights alone: for contact sheets, many in a second or two.

Polished gold mirrors a dark gap as readily as a panel; a design is judged on the skin that leaves the mould, so the
panels of the macro are blurred here as a satin blurs them. The band is bent a little, as it will be on the finger,
so that its ground runs from light to dark.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.render import backdrop, develop, loops_image, loops_sheet, studio
from ringcad.render.tracing import DEPTH_OF_COLOR, METAL

Floats = NDArray[np.float32]

OVERSAMPLING = 2
"""Samples per pixel along each axis."""
SATIN_TEXELS = 9.0
"""Blur of the studio's map: three degrees, about what an as-cast skin spreads a mirror ray by."""
TILT = 0.30
"""How far the camera leans out of the normal, as the macro of a shoulder does."""
ARC_MM, CROWN = 26.0, 0.07
"""Radius that the plate is bent to along the band; rise of its crown as a share of the width."""
_STEPS_MM = (0.04, 0.08, 0.14, 0.22, 0.34, 0.5)
"""Where a mirror ray is compared with the heights that it flies over."""
_EDGE_MM = 0.03
"""Height over which a ray passes from clear to blocked."""
SECOND_LIGHT = 0.5
"""Light from a second mirror, as a share of what it would have with a clear view of the studio."""
_TARGET = 0.63
"""Median display luminance of the metal."""


@dataclass(frozen=True)
class Softboxes:
    """The studio as satin metal sees it, and the metal. ``texels`` (n, n, 3) radiance, ``f0`` (3,) reflectance."""

    texels: Floats
    f0: NDArray[np.float64]


def softboxes(metal_rgb: tuple[float, float, float]) -> Softboxes:
    """The light for a metal of this reflectance (linear RGB at normal incidence)."""
    texels = backdrop.blurred(studio.paint(studio.veiled(studio.MACRO_STUDIO)), SATIN_TEXELS)
    return Softboxes(np.ascontiguousarray(texels), np.asarray(metal_rgb, np.float64) ** DEPTH_OF_COLOR)


def relief_picture(
    height: Floats, length_mm: float, width_mm: float, depth_mm: float, pixels_per_mm: float, light: Softboxes
) -> NDArray[np.uint8]:
    """The relief seen from above, (rows, columns, 3) sRGB; row 0 is the edge v = 0, column 0 the end u = 0.

    Parameters
    ----------
    height : (rows, columns) in 0..1
        1 stands for ``depth_mm``. Samples sit at pixel centres.
    length_mm, width_mm, depth_mm, pixels_per_mm
        All positive.
    light
        See :func:`softboxes`.

    Raises
    ------
    InputError
        For a height map that is empty or not two-dimensional, or a measure that is not positive.
    """
    if height.ndim != 2 or height.size == 0:
        raise InputError(f"relief picture: heights have shape {height.shape}; rows and columns are wanted")
    if not min(length_mm, width_mm, depth_mm, pixels_per_mm) > 0.0:
        raise InputError("relief picture: length, width, depth and pixels per mm must be positive")
    rows, columns = max(round(width_mm * pixels_per_mm), 1), max(round(length_mm * pixels_per_mm), 1)
    shape = (rows * OVERSAMPLING, columns * OVERSAMPLING)
    step = (width_mm / shape[0], length_mm / shape[1])
    surface = _resized(height, shape) * np.float32(depth_mm)
    radiance = _radiance(surface, step, light)
    exposed = np.empty_like(radiance)
    gain = develop.exposure(radiance, _TARGET)
    everything = np.full(len(radiance), METAL, np.int32)
    loops_image.expose(radiance, everything, METAL, gain, 1.0, 1.0, develop.KNEE, exposed)
    fine = exposed.reshape(rows, OVERSAMPLING, columns, OVERSAMPLING, 3)
    samples = [fine[:, i, :, j] for i in range(OVERSAMPLING) for j in range(OVERSAMPLING)]
    coded = develop.encode(np.asarray(sum(samples[1:], samples[0]) / np.float32(len(samples)), np.float32))
    return np.asarray(np.rint(coded * 255.0), np.uint8)


def _radiance(surface: Floats, step: tuple[float, float], light: Softboxes) -> Floats:
    """Light (n, 3) that the plate sends to the camera; ``surface`` in mm, ``step`` mm per row and column."""
    eye = np.array([0.0, -TILT, 1.0]) / np.hypot(1.0, TILT)
    # the studio stands upright before its camera, as it does for the macro of a shoulder
    right = np.array([1.0, 0.0, 0.0])
    basis = np.stack([right, np.cross(eye, right), eye])
    out = np.empty((surface.size, 3), np.float32)
    reaches = np.array(_STEPS_MM)
    loops_sheet.plate(
        surface, *step, ARC_MM, CROWN, eye, reaches, _EDGE_MM, SECOND_LIGHT, light.texels, basis, light.f0, out
    )
    return out


def _resized(height: Floats, shape: tuple[int, int]) -> Floats:
    """Cubic interpolation of samples at pixel centres; edges repeated."""
    from scipy.ndimage import zoom

    factors = tuple(new / old for new, old in zip(shape, height.shape, strict=True))
    out = zoom(np.asarray(height, np.float32), factors, order=3, mode="nearest", grid_mode=True, prefilter=False)
    return np.asarray(np.clip(out, 0.0, 1.0), np.float32)
