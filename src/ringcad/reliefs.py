"""Gets the relief of each decorated zone: from the lock, else from the cache, else from its generator."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ringcad.cache import Cache
from ringcad.core.errors import InputError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.generation import GeneratorRequest, Relief
from ringcad.lockfile import Lock, LockedRelief, locked_relief, request_hash, request_row
from ringcad.progress import Stopwatch
from ringcad.registry import generator_version, load_generator

if TYPE_CHECKING:
    from ringcad.resolved import Decoration, ResolvedRing
    from ringcad.template import ZoneSize

HEIGHT_LEVELS = 65535
"""Heights are stored in 16 bits: at 0.5 mm depth one level is 8 nm."""


@dataclass(frozen=True)
class ZoneRelief:
    """The relief of one zone and where it came from (``lock``, ``cache`` or ``generator``)."""

    relief: Relief
    row: LockedRelief
    origin: str
    png: bytes


def quantise(height: NDArray[np.floating], name: str) -> NDArray[np.uint16]:
    """Heights as 16-bit levels. Raises ``InputError`` when they are not finite or not in [0, 1]."""
    values = np.asarray(height, dtype=np.float64)
    if values.ndim != 2 or min(values.shape) < 2:
        raise InputError(
            f"The generator {name!r} returned a relief of shape {values.shape}; rows and columns are needed."
        )
    if not np.isfinite(values).all() or values.min() < -1e-6 or values.max() > 1 + 1e-6:
        raise InputError(f"The generator {name!r} returned heights that are not finite numbers between 0 and 1.")
    return np.rint(np.clip(values, 0.0, 1.0) * HEIGHT_LEVELS).astype(np.uint16)


def relief_digest(levels: NDArray[np.uint16], length_mm: float, width_mm: float) -> str:
    """SHA-256 of the heights and the size: independent of how the picture file is compressed."""
    digest = hashlib.sha256(struct.pack("<IIdd", *levels.shape, length_mm, width_mm))
    digest.update(np.ascontiguousarray(levels, dtype="<u2").tobytes())
    return digest.hexdigest()


def encode_png(levels: NDArray[np.uint16]) -> bytes:
    """16-bit grey PNG."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(levels).save(stream, "PNG")
    return stream.getvalue()


def decode_png(data: bytes, name: str) -> NDArray[np.uint16]:
    """Inverse of :func:`encode_png`. Raises ``InputError`` for anything else."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                levels = np.asarray(image)
    except Exception as error:
        text = f"The stored relief {name} is not a readable 16-bit PNG; delete it to have it drawn again."
        raise InputError(text) from error
    if levels.ndim != 2 or levels.dtype.kind not in "ui" or levels.min(initial=0) < 0:
        raise InputError(f"The stored relief {name} is not a 16-bit grey picture; delete it to have it drawn again.")
    return levels.astype(np.uint16)


def _relief_from_levels(levels: NDArray[np.uint16], row: LockedRelief) -> Relief:
    return Relief(
        height=(levels.astype(np.float64) / HEIGHT_LEVELS).astype(np.float32),
        length_mm=float(row.request["length_mm"]),
        width_mm=float(row.request["width_mm"]),
        understood=tuple(row.understood),
        retrieved=tuple(row.retrieved),
        not_understood=tuple(row.not_understood),
        program=row.program,
    )


def make_request(decoration: Decoration, size: ZoneSize, resolved: ResolvedRing, folder: Path) -> GeneratorRequest:
    """What a zone asks of its generator. ``folder`` is what a relative image path is relative to."""
    image = decoration.image
    if image is not None and not Path(image).is_absolute():
        image = str(folder / image)
    return GeneratorRequest(
        prompt=decoration.prompt,
        seed=decoration.seed,
        length_mm=round(float(size.length_mm), 6),
        width_mm=round(float(size.width_mm), 6),
        depth_mm=decoration.depth_mm,
        min_stroke_mm=resolved.foundry.detail_min_mm,
        min_gap_mm=resolved.foundry.gap_min_mm,
        border=decoration.border,
        image=image,
    )


class ReliefSource:
    """Looks reliefs up and has the missing ones drawn; the same request is answered once.

    Parameters
    ----------
    lock, lock_folder
        What is stored beside the spec.
    folder
        What a relative image path is relative to.
    fresh
        Have everything drawn again.
    """

    def __init__(
        self,
        *,
        lock: Lock,
        lock_folder: Path,
        reliefs_name: str,
        folder: Path,
        cache: Cache,
        watch: Stopwatch,
        fresh: bool = False,
    ) -> None:
        self._lock, self._lock_folder, self._reliefs_name = lock, lock_folder, reliefs_name
        self._folder, self._cache, self._watch, self._fresh = folder, cache, watch, fresh
        self._made: dict[str, ZoneRelief] = {}

    def gather(self, resolved: ResolvedRing, sizes: Mapping[str, ZoneSize]) -> dict[str, ZoneRelief]:
        """A relief for every decoration of the ring, by its id."""
        found: dict[str, ZoneRelief] = {}
        for decoration in resolved.decoration:
            if decoration.id not in sizes:
                continue  # the template has no such zone on this ring and says so in its plan
            generator = decoration.generator
            request = make_request(decoration, sizes[decoration.id], resolved, self._folder)
            found[decoration.id] = self._one(generator, request)
        return found

    def _one(self, name: str, request: GeneratorRequest) -> ZoneRelief:
        generator = load_generator(name)
        row = request_row(name, generator_version(generator), request)
        key = request_hash(row)
        if key not in self._made:
            stored = None if self._fresh else (self._from_lock(key) or self._from_cache(key))
            self._made[key] = stored or self._draw(name, generator, request, row, key)
        return self._made[key]

    def _from_lock(self, key: str) -> ZoneRelief | None:
        row = self._lock.by_request(key)
        if row is None:
            return None
        path = self._lock_folder / row.file
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            self._watch.note("relief", f"{row.file} is missing and is drawn again")
            return None
        except OSError as error:
            raise InputError(f"The stored relief {path} cannot be read: {error.strerror}.") from error
        levels = decode_png(data, str(path))
        if relief_digest(levels, float(row.request["length_mm"]), float(row.request["width_mm"])) != row.relief_sha256:
            raise InputError(
                f"The stored relief {path} was changed since it was locked. To use an edited picture set "
                f"generator: heightmap and image: {row.file} in the spec; to have it drawn again use --fresh-relief."
            )
        return ZoneRelief(_relief_from_levels(levels, row), row, "lock", data)

    def _from_cache(self, key: str) -> ZoneRelief | None:
        payload = self._cache.load("relief", key)
        if payload is None:
            return None
        (size,) = struct.unpack_from("<I", payload)
        data = json.loads(payload[4 : 4 + size])
        for name in ("understood", "retrieved", "not_understood"):
            data[name] = tuple(data[name])
        row = LockedRelief(**{**data, "file": self._file(key)})
        png = payload[4 + size :]
        return ZoneRelief(_relief_from_levels(decode_png(png, "in the cache"), row), row, "cache", png)

    def _draw(self, name: str, generator: Any, request: GeneratorRequest, row: dict[str, Any], key: str) -> ZoneRelief:
        size = f"{request.length_mm:.1f} x {request.width_mm:.1f} mm"
        self._watch.note("relief", f"{name} draws {request.prompt!r} ({size})")
        relief = generator.generate(request)
        levels = quantise(relief.height, name)
        digest = relief_digest(levels, request.length_mm, request.width_mm)
        locked = locked_relief(relief, row=row, key=key, digest=digest, file=self._file(key))
        png = encode_png(levels)
        head = json.dumps({k: getattr(locked, k) for k in LockedRelief.__dataclass_fields__}, allow_nan=False).encode()
        self._cache.store("relief", key, struct.pack("<I", len(head)) + head + png)
        return ZoneRelief(_relief_from_levels(levels, locked), locked, "generator", png)

    def _file(self, key: str) -> str:
        return f"{self._reliefs_name}/{key[:16]}.png"


def prompt_findings(resolved: ResolvedRing, found: Mapping[str, ZoneRelief]) -> list[Finding]:
    """Words of the prompts that no generator understood, each said once."""
    rows: dict[str, Finding] = {}
    for decoration in resolved.decoration:
        item = found.get(decoration.id)
        if item is None or not item.relief.not_understood:
            continue
        words = ", ".join(item.relief.not_understood)
        message = f"Of the prompt {decoration.prompt!r} this was not understood and left out: {words}."
        rows.setdefault(
            message,
            Finding(
                FindingCode.PROMPT_NOT_UNDERSTOOD,
                Severity.WARNING,
                message,
                spec_field="decoration.prompt",
                fix="say it in other words (ringcad generators lists what is understood)",
            ),
        )
    return list(rows.values())
