"""Reading an image file as heights: any grey or colour file that pillow reads, with honest refusals."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ringcad.core.errors import InputError

MAX_PIXELS = 64_000_000
"""Larger files are refused from their header: a 20 mm band at 24 px/mm uses 0.05 megapixels."""
MIN_SIDE = 8
"""A motif of fewer pixels on a side is not a picture."""

TWO_LEVELS = 0.9
"""Share of pixels near black or white from which an image counts as a silhouette."""
SIDE_MARGIN = 0.06
"""Ground beside a shape that stands alone, over its height, so that repeats do not touch."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """Grey values (rows, columns) in [0, 1] after robust scaling, and what was done to get them.

    ``outline`` is the coverage of a shape that stands on the ground, in [0, 1], or ``None`` when the
    image fills its frame; a shape is given rounded edges like metal, its grey values model its top.
    """

    grey: Array
    outline: Array | None
    sha256: str
    notes: tuple[str, ...]


def read_picture(path: str | None, invert: bool | None = None) -> Picture:
    """Read an image as heights, bright = high unless ``invert`` (or a white ground) says otherwise.

    Raises ``InputError`` for a missing, unreadable, tiny, constant or huge file and for values that
    are not numbers.
    """
    read = read_luminance(path)
    grey, outline, notes = _to_heights(read.file, read.values, read.alpha, invert)
    if outline is None and float(((grey < 0.06) | (grey > 0.94)).mean()) > TWO_LEVELS:
        outline, grey = grey, np.ones_like(grey)
        notes = (*notes, "two grey levels: read as a silhouette")
    if outline is not None:
        grey, outline = trim(grey, outline)
    return Picture(grey, outline, read.sha256, notes)


@dataclass(frozen=True)
class Luminance:
    """What an image file holds: finite ``values`` (rows, columns) in the file's own units, ``alpha`` in [0, 1]
    where it varies and is not 0 everywhere."""

    file: Path
    values: Array
    alpha: Array | None
    sha256: str


def read_luminance(path: str | None) -> Luminance:
    """Read an image file. Raises ``InputError`` as :func:`read_picture`, but lets a constant grey pass."""
    if not path:
        raise InputError("decoration.image: this generator needs an image file (PNG, TIFF or JPEG)")
    file = Path(path)
    if not file.is_file():
        kind = "is a folder" if file.is_dir() else "does not exist"
        raise InputError(f"decoration.image: {file} {kind}. Give the path relative to the spec, or an absolute one")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"decoration.image: {file} cannot be read ({error.strerror or error})") from error
    values, alpha = _decode(file)
    bad = int((~np.isfinite(values)).sum())
    if bad:
        raise InputError(
            f"decoration.image: {file} holds {bad} values that are not numbers (NaN or infinite). Fill them before use"
        )
    if alpha is not None and float(alpha.max()) <= 0.5:
        raise InputError(f"decoration.image: {file} is transparent everywhere")
    return Luminance(file, values, alpha, hashlib.sha256(data).hexdigest())


def stretched(file: Path, values: Array) -> Array:
    """Values scaled to [0, 1] between their 1st and 99th percentile. Raises ``InputError`` for a constant grey."""
    low, high = _limits(file, values)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def one_colour(solid: Array) -> bool:
    """Whether the opaque part of an image has one colour, so that its shape alone says something."""
    return float(np.percentile(solid, 95) - np.percentile(solid, 5)) < 0.1 * max(float(np.abs(solid).max()), 255.0)


def trim(grey: Array, outline: Array) -> tuple[Array, Array]:
    """Cut empty margins, but leave a little ground at the sides of a shape that stands alone."""
    rows, columns = (np.flatnonzero((outline > 0.05).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return grey, outline
    r0, r1, c0, c1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    alone = c0 > 0 or c1 < outline.shape[1]
    grey, outline = grey[r0:r1, c0:c1], outline[r0:r1, c0:c1]
    if alone:
        side = max(1, round(SIDE_MARGIN * (r1 - r0)))
        grey = np.pad(grey, ((0, 0), (side, side)), mode="edge")
        outline = np.pad(outline, ((0, 0), (side, side)))
    return grey, outline


def _decode(file: Path) -> tuple[Array, Array | None]:
    """Luminance as float64 in the file's own units, and alpha in [0, 1] when it varies."""
    try:
        with warnings.catch_warnings():
            # The size is judged below, by our own limit.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                columns, rows = image.size
                if columns * rows > MAX_PIXELS:
                    raise InputError(_too_large(file, columns, rows))
                if min(columns, rows) < MIN_SIDE:
                    raise InputError(
                        f"decoration.image: {file} is {columns} x {rows} pixels; "
                        f"at least {MIN_SIDE} x {MIN_SIDE} are needed"
                    )
                return _luminance(image)
    except Image.DecompressionBombError as error:
        raise InputError(
            f"decoration.image: {file} is larger than {MAX_PIXELS // 10**6} megapixels. Scale it down"
        ) from error
    except InputError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise InputError(
            f"decoration.image: {file} is not a readable image ({str(error)[:120]}). Use PNG, TIFF or JPEG"
        ) from error


def _too_large(file: Path, columns: int, rows: int) -> str:
    side = int((MAX_PIXELS / (columns * rows)) ** 0.5 * max(columns, rows))
    return (
        f"decoration.image: {file} is {columns} x {rows} pixels ({columns * rows / 1e6:.0f} megapixels, "
        f"limit {MAX_PIXELS / 1e6:.0f}). Scale it to {side} pixels or less on its longer side; 2000 are plenty"
    )


def _luminance(image: Image.Image) -> tuple[Array, Array | None]:
    alpha: Array | None = None
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode in ("LA", "RGBA", "La", "RGBa"):
        alpha = np.asarray(image.getchannel("A"), dtype=np.float64) / 255.0
        image = image.convert("RGB")
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        values = np.asarray(image, dtype=np.float64)
    elif image.mode in ("L", "1"):
        values = np.asarray(image.convert("L"), dtype=np.float64)
    else:
        rgb = np.asarray(image.convert("RGB"), dtype=np.float64)
        # Rec. 601 luma, as pillow's own conversion, but not rounded to 8 bits.
        values = rgb @ np.array([0.299, 0.587, 0.114])
    if values.ndim != 2:
        raise ValueError(f"unexpected shape {values.shape}")
    if alpha is not None and float(np.ptp(alpha)) < 1e-6:
        alpha = None
    return values, alpha


def _to_heights(
    file: Path, values: Array, alpha: Array | None, invert: bool | None
) -> tuple[Array, Array | None, tuple[str, ...]]:
    notes: list[str] = []
    if alpha is not None:
        solid = values[alpha > 0.5]
        if one_colour(solid):
            notes.append("one colour on transparent ground: read as a silhouette")
            return np.ones_like(alpha), 1.0 - alpha if invert else alpha, tuple(notes)
        low, high = _limits(file, solid)
        lifted = np.clip((values - low) / (high - low), 0.0, 1.0)
        if invert:
            lifted = 1.0 - lifted
        notes.append("transparent parts are ground")
        return lifted, alpha, tuple(notes)
    low, high = _limits(file, values)
    grey = np.clip((values - low) / (high - low), 0.0, 1.0)
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if invert is None and float((rim > 0.96).mean()) > 0.8 and float(grey.mean()) > 0.5:
        invert = True
        notes.append("drawing on white ground: dark is high (write 'bright is high' for the opposite)")
    elif invert:
        notes.append("dark is high")
    return (1.0 - grey if invert else grey), None, tuple(notes)


def _limits(file: Path, values: Array) -> tuple[float, float]:
    """1st and 99th percentile, or the extremes where those coincide."""
    # A sample of at most a million values is enough for two percentiles.
    sample = values.reshape(-1)[:: max(1, values.size // 1_000_000)]
    low, high = (float(x) for x in np.percentile(sample, (1.0, 99.0)))
    if high - low <= 1e-9 * max(1.0, abs(high)):
        low, high = float(values.min()), float(values.max())
    if high - low <= 1e-9 * max(1.0, abs(high)):
        raise InputError(f"decoration.image: {file} is of one constant grey ({low:g}): there is no relief in it")
    return low, high
