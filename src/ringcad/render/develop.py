"""From radiance to a PNG: exposure, tone curve, the exposure guard, atomic writing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ringcad.core.atomic import replacing
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.render.scene import Picture

Floats = NDArray[np.float32]

REC709 = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Luma weights, ITU-R BT.709."""

MEDIAN_RANGE = (0.25, 0.80)
"""Allowed median luminance of metal pixels."""
SPREAD_MIN = 0.50
"""Least distance of the 5th and the 95th percentile of metal luminance."""

KNEE = 0.72
"""Display level where highlights begin to roll off."""


def tone(linear: Floats) -> Floats:
    """Scene light -> linear display light in [0, 1]: straight up to the knee, then rolled off by the
    largest channel (keeps the hue of gold), with strong highlights bleaching towards white."""
    peak = np.max(linear, axis=-1, keepdims=True)
    room = np.float32(1.0 - KNEE)
    over = np.maximum(peak - np.float32(KNEE), 0.0)
    rolled = np.where(over > 0, np.float32(KNEE) + room * over / (over + room), peak)
    scaled = linear * (rolled / np.maximum(peak, 1e-6))
    bleach = np.clip((peak - 1.0) * np.float32(0.14), 0.0, 0.6)
    return np.asarray(scaled + bleach * (rolled - scaled), np.float32)


_CODE_STEPS = 8192
_ROOT = np.linspace(0.0, 1.0, _CODE_STEPS, dtype=np.float32) ** 2
_CODE_TABLE = np.where(_ROOT <= 0.0031308, 12.92 * _ROOT, 1.055 * _ROOT ** (1 / 2.4) - 0.055).astype(np.float32)
"""sRGB code values over the square root of linear light: the root makes the steps even (0.03 of a grey level)."""


def encode(display: Floats) -> Floats:
    """Linear display light -> sRGB code values in [0, 1] (IEC 61966-2-1), by table."""
    root = np.sqrt(np.clip(display, 0.0, 1.0)) * np.float32(_CODE_STEPS - 1) + np.float32(0.5)
    return np.asarray(_CODE_TABLE[root.astype(np.int32)], np.float32)


def luminance(coded: Floats) -> Floats:
    """Rec. 709 luma of coded values, or luminance of linear ones."""
    red, green, blue = REC709  # a product by BLAS would wake its threads for a few thousand numbers
    return np.asarray(coded[..., 0] * red + coded[..., 1] * green + coded[..., 2] * blue, np.float32)


SAMPLES = 6000
"""Percentiles of the metal's light need no more samples, evenly taken."""


def _thinned(metal: Floats) -> Floats:
    return np.ascontiguousarray(metal[:: max(1, len(metal) // SAMPLES)])


def exposure(metal: Floats, target: float = 0.63) -> float:
    """Factor that brings the median coded luminance of the metal's radiance samples (N, 3) to the target.

    Bisection on a monotone function; 1.0 where there is no metal.
    """
    if len(metal) == 0:
        return 1.0
    sample = _thinned(metal)
    low, high = 1e-3, 1e3
    for _ in range(20):
        middle = float(np.sqrt(low * high))
        if float(np.median(luminance(encode(tone(sample * np.float32(middle)))))) < target:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def contrast(metal: Floats, least: float = SPREAD_MIN + 0.09) -> tuple[float, float]:
    """Pivot and exponent that spread exposed metal radiance so that its percentiles lie apart.

    The exponent is 1 where the light alone gives enough. Returns ``(pivot, exponent)`` for
    :func:`apply_contrast`.
    """
    if len(metal) == 0:
        return 1.0, 1.0
    sample = _thinned(metal)
    pivot = float(np.median(luminance(sample)))
    exponent = 1.0
    for exponent in (1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.4):
        coded = luminance(encode(tone(apply_contrast(sample, pivot, exponent))))
        low, high = np.percentile(coded, (5, 95))
        if high - low >= least:
            break
    return pivot, exponent


def apply_contrast(linear: Floats, pivot: float, exponent: float) -> Floats:
    """Raise luminance to a power about the pivot, hue kept."""
    if exponent == 1.0:
        return linear
    value = np.maximum(luminance(linear), 1e-6)[..., None]
    return np.asarray(linear * (value / np.float32(pivot)) ** np.float32(exponent - 1.0), np.float32)


def eight_bit(display: Floats, metal: NDArray[np.uint8], top: int, histogram: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Linear display light (H, W, 3), rows of a picture from ``top`` on, -> sRGB bytes.

    A fixed triangular dither of one grey level hides banding in soft gradients. The luminance of pixels that
    ``metal`` (H, W) marks is counted in the histogram's bins over 0..1.
    """
    from ringcad.render import loops_image

    pixels = np.empty(display.shape, np.uint8)
    loops_image.eight_bit(display, metal, _CODE_TABLE, top, pixels, histogram)
    return pixels


def spread(histogram: NDArray[np.int64]) -> tuple[float, float, float]:
    """Luminance at 5, 50 and 95 % of a histogram over 0..1; NaN for an empty one."""
    count = int(histogram.sum())
    if count == 0:
        nan = float("nan")
        return nan, nan, nan
    share = np.cumsum(histogram) / count
    p05, p50, p95 = (float(np.searchsorted(share, q) + 0.5) / len(histogram) for q in (0.05, 0.50, 0.95))
    return p05, p50, p95


def check_exposure(picture: Picture) -> Finding | None:
    """The automatic guard: metal neither black nor burnt out nor flat.

    Returns a ``PICTURE_EXPOSURE`` warning when the median luminance of metal pixels leaves
    0.25..0.80, when the 5th and 95th percentile are less than 0.50 apart, or when no metal is seen.
    """
    low, high = MEDIAN_RANGE
    apart = picture.metal_p95 - picture.metal_p05
    if not np.isfinite(picture.metal_median):
        message, measured, limit = f"picture {picture.name}: no metal is seen in it", 0.0, low
    elif not low <= picture.metal_median <= high:
        limit = low if picture.metal_median < low else high
        measured = picture.metal_median
        message = (
            f"picture {picture.name}: median luminance of metal is {measured:.2f}, allowed {low:.2f} to {high:.2f}"
        )
    elif apart < SPREAD_MIN:
        measured, limit = apart, SPREAD_MIN
        message = (
            f"picture {picture.name}: 5th and 95th percentile of metal luminance are {apart:.2f} apart, "
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


def write_png(pixels: NDArray[np.uint8], path: Path, pixels_per_mm: float | None = None) -> None:
    """Write (H, W, 3) as :func:`write_strips` does."""
    write_strips((pixels,), pixels.shape[1], pixels.shape[0], path, pixels_per_mm)


def write_strips(
    strips: Iterable[NDArray[np.uint8]], width: int, height: int, path: Path, pixels_per_mm: float | None = None
) -> None:
    """Write strips of whole rows (n, width, 3) as a PNG (ISO/IEC 15948) under a temporary name in the same folder,
    then rename: a reader never sees half a file."""
    with replacing(path) as stream:
        stream.write(b"\x89PNG\r\n\x1a\n")
        _chunk(stream, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        if pixels_per_mm:
            per_metre = round(1000.0 * pixels_per_mm)
            _chunk(stream, b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
        pack = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
        for strip in strips:
            _chunk(stream, b"IDAT", pack.compress(_filtered(strip)))
        _chunk(stream, b"IDAT", pack.flush())
        _chunk(stream, b"IEND", b"")


def _filtered(strip: NDArray[np.uint8]) -> memoryview:
    """Rows as a PNG holds them, each byte less that of the pixel to its left (filter 1): smaller than unfiltered
    and twice as fast as trying all filters."""
    rows = strip.reshape(len(strip), -1)
    coded = np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
    coded[:, 0] = 1
    coded[:, 1:4] = rows[:, :3]
    np.subtract(rows[:, 3:], rows[:, :-3], out=coded[:, 4:])
    return coded.data


def _chunk(stream: BinaryIO, kind: bytes, data: bytes) -> None:
    check = zlib.crc32(data, zlib.crc32(kind))
    stream.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check))
