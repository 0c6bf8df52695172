"""From radiance to a PNG: exposure, tone curve, the exposure guard, atomic writing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.render.scene import Picture

Floats = NDArray[np.float32]

REC709 = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Luma weights, ITU-R BT.709."""

MEDIAN_RANGE = (0.25, 0.80)
"""Allowed median luminance of metal pixels."""
SPREAD_MIN = 0.50
"""Least distance of the 5th and the 95th percentile of metal luminance."""

_KNEE = 0.72
"""Display level where highlights begin to roll off."""


def tone(linear: Floats) -> Floats:
    """Scene light -> linear display light in [0, 1]: straight up to the knee, then rolled off by the
    largest channel (keeps the hue of gold), with strong highlights bleaching towards white."""
    peak = np.max(linear, axis=-1, keepdims=True)
    room = np.float32(1.0 - _KNEE)
    over = np.maximum(peak - np.float32(_KNEE), 0.0)
    rolled = np.where(over > 0, np.float32(_KNEE) + room * over / (over + room), peak)
    scaled = linear * (rolled / np.maximum(peak, 1e-6))
    bleach = np.clip((peak - 1.0) * np.float32(0.14), 0.0, 0.6)
    return np.asarray(scaled + bleach * (rolled - scaled), np.float32)


def encode(display: Floats) -> Floats:
    """Linear display light -> sRGB code values in [0, 1] (IEC 61966-2-1)."""
    x = np.clip(display, 0.0, 1.0)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(x, np.float32(1 / 2.4)) - 0.055).astype(np.float32)


def luminance(coded: Floats) -> Floats:
    """Rec. 709 luma of coded values."""
    return np.asarray(coded @ REC709, np.float32)


def exposure(metal: Floats, target: float = 0.58) -> float:
    """Factor that brings the median coded luminance of the metal's radiance samples (N, 3) to the target.

    Bisection on a monotone function; 1.0 where there is no metal.
    """
    if len(metal) == 0:
        return 1.0
    sample = metal[:: max(1, len(metal) // 20000)]
    low, high = 1e-3, 1e3
    for _ in range(40):
        middle = float(np.sqrt(low * high))
        if float(np.median(luminance(encode(tone(sample * np.float32(middle)))))) < target:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def contrast(metal: Floats, least: float = SPREAD_MIN + 0.06) -> tuple[float, float]:
    """Pivot and exponent that spread exposed metal radiance so that its percentiles lie apart.

    The exponent is 1 where the light alone gives enough. Returns ``(pivot, exponent)`` for
    :func:`apply_contrast`.
    """
    if len(metal) == 0:
        return 1.0, 1.0
    sample = metal[:: max(1, len(metal) // 20000)]
    pivot = float(np.median(sample @ REC709))
    for exponent in np.arange(1.0, 2.6, 0.1):
        coded = luminance(encode(tone(apply_contrast(sample, pivot, float(exponent)))))
        low, high = np.percentile(coded, (5, 95))
        if high - low >= least:
            break
    return pivot, float(exponent)


def apply_contrast(linear: Floats, pivot: float, exponent: float) -> Floats:
    """Raise luminance to a power about the pivot, hue kept."""
    if exponent == 1.0:
        return linear
    value = np.maximum(linear @ REC709, 1e-6)[..., None]
    return np.asarray(linear * (value / np.float32(pivot)) ** np.float32(exponent - 1.0), np.float32)


def metal_percentiles(coded: Floats, metal: NDArray[np.bool_]) -> tuple[float, float, float]:
    """5th, 50th and 95th percentile of luminance under the mask; NaN where it is empty."""
    if not metal.any():
        nan = float("nan")
        return nan, nan, nan
    p05, p50, p95 = np.percentile(luminance(coded[metal]), (5, 50, 95))
    return float(p05), float(p50), float(p95)


def check_exposure(picture: Picture) -> Finding | None:
    """The automatic guard: metal neither black nor burnt out nor flat.

    Returns a ``PICTURE_EXPOSURE`` warning when the median luminance of metal pixels leaves
    0.25..0.80, when the 5th and 95th percentile are less than 0.50 apart, or when no metal is seen.
    """
    low, high = MEDIAN_RANGE
    spread = picture.metal_p95 - picture.metal_p05
    if not np.isfinite(picture.metal_median):
        message, measured, limit = f"picture {picture.name}: no metal is seen in it", 0.0, low
    elif not low <= picture.metal_median <= high:
        limit = low if picture.metal_median < low else high
        measured = picture.metal_median
        message = f"picture {picture.name}: median luminance of metal is {measured:.2f}, allowed {low:.2f} to {high:.2f}"
    elif spread < SPREAD_MIN:
        measured, limit = spread, SPREAD_MIN
        message = (
            f"picture {picture.name}: 5th and 95th percentile of metal luminance are {spread:.2f} apart, "
            f"at least {SPREAD_MIN:.2f} is wanted"
        )
    else:
        return None
    return Finding(
        code=FindingCode.PICTURE_EXPOSURE,
        severity=Severity.WARNING,
        message=message,
        measured=round(float(measured), 4),
        limit=limit,
        unit="luminance",
    )


def quantise(coded: Floats) -> NDArray[np.uint8]:
    """Coded values -> 8 bit with a fixed triangular dither of one step, which hides banding in soft gradients."""
    rng = np.random.default_rng(20240517)
    noise = rng.random(coded.shape[:2], dtype=np.float32)
    noise += rng.random(coded.shape[:2], dtype=np.float32)
    levels = coded * np.float32(255.0) + (noise[..., None] - np.float32(0.5))
    return np.clip(levels, 0.0, 255.0).astype(np.uint8)


def write_png(pixels: NDArray[np.uint8], path: Path, pixels_per_mm: float | None = None) -> None:
    """Write under a temporary name in the same folder, then rename: a reader never sees half a file."""
    from PIL import Image

    dpi = (pixels_per_mm * 25.4, pixels_per_mm * 25.4) if pixels_per_mm else None
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".png", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            image = Image.fromarray(pixels)
            if dpi:
                image.save(stream, format="PNG", compress_level=3, dpi=dpi)
            else:
                image.save(stream, format="PNG", compress_level=3)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
