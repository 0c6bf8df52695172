"""A folder of results by content hash. It only ever saves time: a missing, damaged or unwritable cache is no error.

An entry is one file: 32 bytes of SHA-256, then the payload that it is the hash of. Entries are written
under a temporary name and renamed, so that two processes may share the folder. When the folder grows
over its limit the entries that were not used for longest go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from ringcad.core.atomic import replacing

CACHE_VARIABLE = "RINGCAD_CACHE"
LIMIT_BYTES = 1 << 30
_DIGEST = 32


def default_cache_folder() -> Path:
    """``RINGCAD_CACHE``, or ``ringcad`` in the user's cache folder (XDG base directory specification)."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ringcad"


class Cache:
    """Entries by kind and key. ``folder=None`` keeps nothing and finds nothing."""

    def __init__(self, folder: Path | None, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes

    @property
    def enabled(self) -> bool:
        """False when nothing is kept."""
        return self._folder is not None

    def _path(self, kind: str, key: str) -> Path | None:
        return None if self._folder is None else self._folder / kind / key

    def load(self, kind: str, key: str) -> bytes | None:
        """The payload, or ``None``; a damaged entry is removed."""
        path = self._path(kind, key)
        if path is None:
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return data[_DIGEST:]

    def store(self, kind: str, key: str, payload: bytes) -> None:
        """Keep ``payload``; does nothing when it cannot."""
        path = self._path(kind, key)
        if path is None or len(payload) > self._limit // 4:
            return
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with replacing(path, mode=0o600) as stream:
                stream.write(hashlib.sha256(payload).digest())
                stream.write(payload)
            self._evict()

    def _evict(self) -> None:
        assert self._folder is not None
        rows = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                rows.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in rows)
        for _, size, path in sorted(rows, key=lambda row: row[0]):
            if total <= self._limit:
                break
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size
