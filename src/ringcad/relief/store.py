"""A relief as a file beside the spec: 16-bit PNG with its metric, and a hash of what it means.

The build always uses quantised heights, whether they come fresh from a generator or from the file,
so that a cold and a warm build see the same numbers. The hash is of the heights and the metric,
not of the file: another PNG encoder may write other bytes for the same relief.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.atomic import replacing
from ringcad.core.errors import InputError
from ringcad.generation import Relief

_LEVELS = 65535
_FORMAT = 1
_KEY = "ringcad-relief"
#: A 24 mm band at 200 pixels/mm is 4.8 M pixels per 5 mm of width; beyond this the file is no relief.
MAX_PIXELS = 50_000_000


def quantise(relief: Relief) -> Relief:
    """The relief with heights on the 16-bit grid k / 65535 (float32). Idempotent.

    Raises :class:`InputError` for heights that are not numbers in [0, 1] (1e-6 forgiven) or a
    metric without area.
    """
    return replace(relief, height=_heights(_levels(relief)))


def content_hash(relief: Relief) -> str:
    """SHA-256 (hex) of the quantised heights and the metric."""
    levels = _levels(relief)
    head = json.dumps([_FORMAT, *levels.shape, float(relief.length_mm), float(relief.width_mm)])
    digest = hashlib.sha256(head.encode("ascii"))
    digest.update(np.ascontiguousarray(levels, dtype=">u2").tobytes())
    return digest.hexdigest()


def store_relief(relief: Relief, path: str | os.PathLike[str]) -> str:
    """Write a relief as one 16-bit grey PNG; returns its :func:`content_hash`.

    The metric, the generator's notes and its program travel in a text chunk. The file appears
    whole or not at all. Raises :class:`InputError` when it cannot be written.
    """
    from PIL import Image, PngImagePlugin

    target = Path(path)
    levels = _levels(relief)
    digest = content_hash(relief)
    notes = PngImagePlugin.PngInfo()
    record = {
        "format": _FORMAT,
        "length_mm": float(relief.length_mm),
        "width_mm": float(relief.width_mm),
        "sha256": digest,
        "understood": list(relief.understood),
        "retrieved": list(relief.retrieved),
        "not_understood": list(relief.not_understood),
        "program": relief.program,
        "upright": relief.upright,
    }
    notes.add_itxt(_KEY, json.dumps(record, sort_keys=True, ensure_ascii=False))
    try:
        with replacing(target) as stream:
            Image.fromarray(levels).save(stream, format="PNG", pnginfo=notes)
    except OSError as error:
        raise InputError(f"relief cannot be written to {target}: {error.strerror or error}") from error
    return digest


def read_relief(path: str | os.PathLike[str], *, sha256: str | None = None) -> Relief:
    """Read what :func:`store_relief` wrote, and check it.

    ``sha256`` is the hash that a lock file expects. Raises :class:`InputError` when the file is
    missing, damaged, no relief of ours, or not the one expected.
    """
    from PIL import Image

    source = Path(path)
    try:
        with Image.open(source, formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(f"{source}: {image.width} x {image.height} pixels are too many for a relief")
            image.load()
            text = getattr(image, "text", {}).get(_KEY)
            levels = np.asarray(image)
    except FileNotFoundError as error:
        raise InputError(f"{source}: the stored relief is missing. Run regenerate to draw it again") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{source}: not a readable PNG ({error}). Run regenerate to draw it again") from error
    record = _record(source, text)
    if levels.ndim != 2 or levels.dtype.kind not in "ui" or levels.max(initial=0) > _LEVELS:
        raise InputError(f"{source}: a relief is one channel of 16 bits, this is {levels.dtype} {levels.shape}")
    relief = Relief(
        height=_heights(levels.astype(np.uint16)),
        length_mm=record["length_mm"],
        width_mm=record["width_mm"],
        understood=tuple(record["understood"]),
        retrieved=tuple(record["retrieved"]),
        not_understood=tuple(record["not_understood"]),
        program=record["program"],
        upright=record["upright"],
    )
    found = content_hash(relief)
    for expected, origin in ((record["sha256"], "its own record"), (sha256, "the lock file")):
        if expected is not None and found != expected:
            raise InputError(
                f"{source}: the heights do not match {origin} (sha256 {found[:12]}, expected {str(expected)[:12]}). "
                "Restore the file or run regenerate"
            )
    return relief


def _record(source: Path, text: object) -> dict[str, Any]:
    if not isinstance(text, str):
        raise InputError(f"{source}: a PNG without a relief's metric. Use the heightmap generator for plain images")
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{source}: the relief's metric cannot be read ({error})") from error
    if not isinstance(record, dict):
        raise InputError(f"{source}: the relief's metric is not a mapping")
    if record.get("format") != _FORMAT:
        raise InputError(f"{source}: relief format {record.get('format')!r}; this program reads {_FORMAT}")
    for key in ("length_mm", "width_mm"):
        value = record.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
            raise InputError(f"{source}: {key} is {value!r}; a length above 0 is needed")
        record[key] = float(value)
    for key in ("understood", "retrieved", "not_understood"):
        words = record.setdefault(key, [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise InputError(f"{source}: {key} is not a list of words")
    if not isinstance(record.get("sha256"), str):
        raise InputError(f"{source}: the relief's hash is missing")
    program = record.setdefault("program", None)
    if program is not None and not isinstance(program, dict):
        raise InputError(f"{source}: the relief's program is not a mapping")
    if not isinstance(record.setdefault("upright", False), bool):
        raise InputError(f"{source}: upright is neither true nor false")
    return record


def _levels(relief: Relief) -> NDArray[np.uint16]:
    height = np.asarray(relief.height, dtype=np.float64)
    if height.ndim != 2 or height.size == 0:
        raise InputError(f"relief of shape {height.shape}; rows x columns are needed")
    if not np.isfinite(height).all() or height.min() < -1e-6 or height.max() > 1.0 + 1e-6:
        raise InputError("relief heights must be numbers between 0 and 1")
    if height.size > MAX_PIXELS:
        raise InputError(f"relief of {height.shape[0]} x {height.shape[1]} pixels; at most {MAX_PIXELS} are kept")
    for name, value in (("length_mm", relief.length_mm), ("width_mm", relief.width_mm)):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"relief {name} is {value}; a length above 0 is needed")
    return np.rint(np.clip(height, 0.0, 1.0) * _LEVELS).astype(np.uint16)


def _heights(levels: NDArray[np.uint16]) -> NDArray[np.float32]:
    return (levels.astype(np.float64) / _LEVELS).astype(np.float32)
