"""Gets the relief of each decorated zone: from the lock, else from the cache, else from its generator."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.cache import Cache
from ringcad.core.errors import InputError, RingcadError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.fingerprint import code_hash, hash_of
from ringcad.generation import GeneratorRequest, Relief
from ringcad.lockfile import Lock, LockedRelief, locked_relief, request_hash, request_row
from ringcad.progress import Stopwatch
from ringcad.registry import generator_version, load_generator
from ringcad.relief.store import content_hash, quantise, read_relief, store_relief

if TYPE_CHECKING:
    from ringcad.resolved import Decoration, ResolvedRing
    from ringcad.template import ZoneSize


_CACHE = "relief"
Locate = Callable[["Decoration", InputError], RingcadError]


def _cache_key(request_sha256: str) -> str:
    """Unlike the lock, the cache must not outlive a change of the generators' code."""
    return hash_of([request_sha256, code_hash()])


@dataclass(frozen=True)
class ZoneRelief:
    """The relief of one zone on its 16-bit grid and where it came from: ``lock``, ``cache`` or ``generator``."""

    relief: Relief
    row: LockedRelief
    origin: str
    png: bytes


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
        min_stroke_mm=resolved.foundry.detail_min_mm / size.least_stretch,
        min_gap_mm=resolved.foundry.gap_min_mm / size.least_stretch,
        border=decoration.border,
        image=image,
    )


class ReliefSource:
    """Looks reliefs up and has the missing ones drawn; the same request is answered once.

    Parameters
    ----------
    lock, lock_folder, reliefs_name
        What is stored beside the spec, and the name of the folder that new reliefs go to.
    folder
        What a relative image path is relative to.
    private
        Folder for files on their way.
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
        private: Path,
        cache: Cache,
        watch: Stopwatch,
        fresh: bool = False,
    ) -> None:
        self._lock, self._lock_folder, self._reliefs_name = lock, lock_folder, reliefs_name
        self._folder, self._private, self._cache, self._watch = folder, private, cache, watch
        self._fresh = fresh
        self._made: dict[str, ZoneRelief] = {}

    def gather(
        self, resolved: ResolvedRing, sizes: Mapping[str, ZoneSize], locate: Locate = lambda _decoration, error: error
    ) -> dict[str, ZoneRelief]:
        """A relief for every decoration of the ring that the template has a zone for, by its id.

        ``locate`` turns a complaint about a decoration into one that names its place in the spec.
        """
        found = {}
        for decoration in resolved.decoration:
            if decoration.id not in sizes:
                continue
            try:
                request = make_request(decoration, sizes[decoration.id], resolved, self._folder)
                found[decoration.id] = self._one(decoration.generator, request)
            except InputError as error:
                raise locate(decoration, error) from error
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
        if not path.exists():
            self._watch.note("relief", f"{row.file} is missing and is drawn again")
            return None
        try:
            relief = read_relief(path, sha256=row.relief_sha256)
            return ZoneRelief(relief, row, "lock", path.read_bytes())
        except InputError as error:
            raise InputError(
                f"{error}. To use an edited picture set generator: heightmap and image: {row.file} in the spec; "
                "to have the relief drawn again use --fresh-relief."
            ) from error

    def _from_cache(self, key: str) -> ZoneRelief | None:
        payload = self._cache.load(_CACHE, _cache_key(key))
        if payload is None:
            return None
        (size,) = struct.unpack_from("<I", payload)
        data = json.loads(payload[4 : 4 + size])
        for name in ("understood", "retrieved", "not_understood"):
            data[name] = tuple(data[name])
        row = LockedRelief(**{**data, "file": self._file(key)})
        path = self._private / f"{key}.png"
        path.write_bytes(payload[4 + size :])
        return ZoneRelief(read_relief(path, sha256=row.relief_sha256), row, "cache", payload[4 + size :])

    def _draw(self, name: str, generator: Any, request: GeneratorRequest, row: dict[str, Any], key: str) -> ZoneRelief:
        size = f"{request.length_mm:.1f} x {request.width_mm:.1f} mm"
        self._watch.note("relief", f"{name} draws {request.prompt or request.image!r} ({size})")
        drawn = generator.generate(request)
        try:
            relief = quantise(replace(drawn, length_mm=request.length_mm, width_mm=request.width_mm))
        except InputError as error:
            raise InputError(f"The generator {name!r} returned an unusable relief: {error}.") from error
        locked = locked_relief(relief, row=row, key=key, digest=content_hash(relief), file=self._file(key))
        path = self._private / f"{key}.png"
        store_relief(relief, path)
        png = path.read_bytes()
        head = json.dumps(asdict(locked), allow_nan=False).encode()
        self._cache.store(_CACHE, _cache_key(key), struct.pack("<I", len(head)) + head + png)
        return ZoneRelief(relief, locked, "generator", png)

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
