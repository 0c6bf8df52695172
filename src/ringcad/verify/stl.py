"""STL reader for files from anywhere: binary, ASCII, binary that begins with ``solid``, odd lengths.

A reader that guesses wrong reads zeros, so what cannot be read for certain is refused.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.verify.mesh import TriangleMesh, weld

HEADER_BYTES = 84
RECORD_BYTES = 50
MAX_FILE_BYTES = 1 << 30
"""Beyond 1 GiB (21 million triangles) a ring file is a mistake; refused before it is read."""

_RECORD = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_VERTEX = re.compile(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)
_FACET = re.compile(rb"\bfacet\s+normal\b", re.IGNORECASE)
_FACET_END = re.compile(rb"\bendfacet\b|\bend\s+facet\b", re.IGNORECASE)


def read_stl(source: str | Path | bytes) -> TriangleMesh:
    """Read STL bytes or a file.

    Raises
    ------
    InputError
        When the file is missing, empty, truncated, holds numbers that are not finite, or is not STL.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _parse(bytes(source), "STL")
    path = Path(source)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise InputError(f"{path}: {size / 1e6:.0f} MB (limit: {MAX_FILE_BYTES / 1e6:.0f} MB)")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    return _parse(data, str(path))


def _parse(data: bytes, name: str) -> TriangleMesh:
    if not data:
        raise InputError(f"{name}: the file is empty")
    claimed = int.from_bytes(data[80:84], "little") if len(data) >= HEADER_BYTES else None
    expected = HEADER_BYTES + RECORD_BYTES * claimed if claimed is not None else None
    if expected == len(data):
        corners, notes = _binary(data, claimed or 0), ()
        return _checked(corners, notes, len(data), name)
    if _looks_ascii(data):
        return _checked(_ascii(data, name), (), len(data), name)
    if claimed is None or expected is None:
        raise InputError(f"{name}: {len(data)} bytes are too few for an STL file (a binary one has at least 84)")
    if expected > len(data):
        held = (len(data) - HEADER_BYTES) // RECORD_BYTES
        raise InputError(
            f"{name}: the file is cut short or is no STL: it claims {claimed} triangles ({expected} bytes) "
            f"but holds {len(data)} bytes ({held} triangles); export or download it again"
        )
    if claimed == 0:
        raise InputError(f"{name}: the file claims 0 triangles and is no ASCII STL")
    extra = len(data) - expected
    note = f"{extra} byte{'s' if extra > 1 else ''} after the last triangle were overlooked"
    return _checked(_binary(data, claimed), (note,), len(data), name)


def _looks_ascii(data: bytes) -> bool:
    """ASCII STL begins with ``solid``, has facets, and has no zero bytes (a binary file always does)."""
    return (
        data[:512].lstrip()[:5].lower() == b"solid"
        and (_FACET.search(data) is not None or b"endsolid" in data[-256:].lower())
        and data.find(b"\0") < 0
    )


def _binary(data: bytes, count: int) -> NDArray[np.float32]:
    records = np.frombuffer(data, dtype=_RECORD, count=count, offset=HEADER_BYTES)
    return np.ascontiguousarray(records["corners"], dtype=np.float32)


def _ascii(data: bytes, name: str) -> NDArray[np.float32]:
    rows = _VERTEX.findall(data)
    facets, ends = len(_FACET.findall(data)), len(_FACET_END.findall(data))
    if len(rows) != 3 * facets or facets != ends:
        raise InputError(
            f"{name}: the ASCII STL is cut short or damaged: {facets} facets begin, {ends} end, "
            f"{len(rows)} vertices (3 per facet expected)"
        )
    try:
        values = np.array(rows, dtype="S").astype(np.float64) if rows else np.zeros((0, 3))
    except ValueError as error:
        raise InputError(f"{name}: the ASCII STL holds a coordinate that is not a number ({error})") from error
    with np.errstate(over="ignore"):
        return values.astype(np.float32).reshape(-1, 3, 3)


def _checked(corners: NDArray[np.float32], notes: tuple[str, ...], size: int, name: str) -> TriangleMesh:
    if len(corners) == 0:
        raise InputError(f"{name}: the file holds no triangles")
    bad = ~np.isfinite(corners).all(axis=(1, 2))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{name}: {int(bad.sum())} triangles have a coordinate that is not a finite number "
            f"(the first is triangle {first})"
        )
    vertices, faces = weld(corners)
    return TriangleMesh(vertices=vertices, faces=faces, notes=notes, byte_count=size)
