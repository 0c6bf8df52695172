"""Gets the relief of each decorated zone: from the lock, else from the cache, else from its generator."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ringcad.cache import Cache
from ringcad.core.errors import InputError, RingcadError, SpecError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.designs import ProgramFile, check_draws_programs, read_program
from ringcad.fingerprint import code_hash, hash_of
from ringcad.generation import GeneratorRequest, Relief
from ringcad.lockfile import Lock, LockedRelief, locked_relief, request_hash, request_row
from ringcad.progress import Stopwatch
from ringcad.registry import generator_version, load_generator
from ringcad.relief.store import content_hash, quantise, read_relief, store_relief

if TYPE_CHECKING:
    from ringcad.generation import ZoneSize
    from ringcad.resolved import Decoration, ResolvedRing


_CACHE = "relief"
_SIZE_SLACK = 0.02
"""Share by which a relief may miss the size asked for (whole pixels); it is then taken for the size."""
Locate = Callable[["Decoration", InputError], RingcadError]


def _cache_key(request_sha256: str, generator: Any) -> str:
    """Unlike the lock, the cache must not outlive a change of the generators' code, a third party's included."""
    return hash_of([request_sha256, code_hash(type(generator).__module__)])


@dataclass(frozen=True)
class ZoneRelief:
    """The relief of one zone on its 16-bit grid and where it came from: ``lock``, ``cache`` or ``generator``."""

    relief: Relief
    row: LockedRelief
    origin: str
    png: bytes


def make_request(
    decoration: Decoration,
    size: ZoneSize,
    resolved: ResolvedRing,
    folder: Path,
    program: Mapping[str, Any] | None = None,
) -> GeneratorRequest:
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
        both_ends_designed=not size.closed,
        image=image,
        program=program,
        variation=decoration.variation if program is not None else 0.0,
    )


class ReliefSource:
    """Looks reliefs up and has the missing ones drawn; the same request is answered once.

    Parameters
    ----------
    lock, lock_folder, reliefs_name
        What is stored beside the spec, and the name of the folder that new reliefs go to.
    folder
        What a relative path of an image or a program is relative to.
    private
        Folder for files on their way.
    fresh
        Have everything drawn again.
    unwritten
        Texts of program files that will be written with the ring, by path.
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
        unwritten: Mapping[Path, str] | None = None,
    ) -> None:
        self._lock, self._lock_folder, self._reliefs_name = lock, lock_folder, reliefs_name
        self._folder, self._private, self._cache, self._watch = folder, private, cache, watch
        self._fresh, self._unwritten = fresh, unwritten
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
                program = None
                if decoration.program is not None:
                    program = read_program(decoration.program, self._folder, self._unwritten)
                data = None if program is None else program.data
                request = make_request(decoration, sizes[decoration.id], resolved, self._folder, data)
                found[decoration.id] = self._one(decoration.generator, request, program)
            except InputError as error:
                raise locate(decoration, error) from error
        return found

    def _one(self, name: str, request: GeneratorRequest, program: ProgramFile | None) -> ZoneRelief:
        generator = load_generator(name)
        if program is not None:
            check_draws_programs(name, generator)
        row = request_row(name, generator_version(generator), request, None if program is None else program.name)
        key = request_hash(row)
        if key not in self._made:
            stored = None if self._fresh else (self._from_lock(key) or self._from_cache(key, generator))
            try:
                self._made[key] = stored or self._draw(name, generator, request, row, key)
            except SpecError as error:
                raise error if program is None else program.located(error) from error
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

    def _from_cache(self, key: str, generator: Any) -> ZoneRelief | None:
        payload = self._cache.load(_CACHE, _cache_key(key, generator))
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
        what = repr(request.prompt or request.image) if request.program is None else row["program"]["file"]
        self._watch.note("relief", f"{name} draws {what} ({size})")
        try:
            drawn = generator.generate(request)
        except (RingcadError, MemoryError):
            raise
        except Exception as error:
            raise RingcadError(
                f"The generator {name!r} ({type(generator).__module__}) failed: {type(error).__name__}: {error}. "
                "This is a fault of the generator; please report it with the log to those who made it."
            ) from error
        relief = checked(name, drawn, request)
        locked = locked_relief(relief, row=row, key=key, digest=content_hash(relief), file=self._file(key))
        path = self._private / f"{key}.png"
        store_relief(relief, path)
        png = path.read_bytes()
        head = json.dumps(asdict(locked), allow_nan=False).encode()
        self._cache.store(_CACHE, _cache_key(key, generator), struct.pack("<I", len(head)) + head + png)
        return ZoneRelief(relief, locked, "generator", png)

    def _file(self, key: str) -> str:
        return f"{self._reliefs_name}/{key[:16]}.png"


def checked(name: str, drawn: Any, request: GeneratorRequest) -> Relief:
    """What a generator answered, on the 16-bit grid and of exactly the size that was asked for.

    Raises
    ------
    InputError
        It is no relief, holds something else than numbers from 0 to 1, or was drawn for another band.
    """
    unusable = f"The generator {name!r} returned an unusable relief"
    if not isinstance(drawn, Relief):
        raise InputError(f"{unusable}: a ringcad.generation.Relief is wanted, not {type(drawn).__name__}.")
    for side in ("length_mm", "width_mm"):
        mine, asked = getattr(drawn, side), getattr(request, side)
        if not (isinstance(mine, (int, float)) and abs(mine - asked) <= _SIZE_SLACK * asked):
            raise InputError(f"{unusable}: {side} is {mine!r}, and {asked:g} was asked for.")
    rows, columns = np.shape(drawn.height) if np.ndim(drawn.height) == 2 else (0, 0)
    if rows and columns:
        squareness = (drawn.length_mm / columns) / (drawn.width_mm / rows)
        if not 0.5 <= squareness <= 2.0:
            raise InputError(
                f"{unusable}: {rows} rows and {columns} columns over {drawn.width_mm:g} x {drawn.length_mm:g} mm are "
                "no nearly square pixels; rows run across the band, columns along it."
            )
    try:
        return quantise(replace(drawn, length_mm=request.length_mm, width_mm=request.width_mm))
    except (InputError, TypeError, ValueError) as error:
        raise InputError(f"{unusable}: {error}.") from error


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
