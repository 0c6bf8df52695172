"""Keeps the files of a finished build by the hash of everything they follow from, and stages them again."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from typing import Any

from ringcad.cache import Cache
from ringcad.outputs import OutputFolder

_KIND = "result"


def flat(files: Mapping[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    """Kind and name of every file."""
    for kind, value in files.items():
        for name in [value] if isinstance(value, str) else value:
            yield kind, name


def store_result(
    cache: Cache, key: str, folder: OutputFolder, files: Mapping[str, str | list[str]], state: dict[str, Any]
) -> None:
    """Keep the staged ``files`` and the picklable ``state`` under ``key``."""
    if not cache.enabled:
        return
    blobs = {name: folder.staged(name).read_bytes() for kind, name in flat(files) if kind != "resolved"}
    cache.store(_KIND, key, pickle.dumps({"files": dict(files), "blobs": blobs, "state": state}, protocol=5))


def load_result(
    cache: Cache, key: str, folder: OutputFolder
) -> tuple[dict[str, str | list[str]], dict[str, Any]] | None:
    """Stage what :func:`store_result` kept; ``None`` when there is nothing or it cannot be read.

    The cache verifies the payload's hash, and the folder belongs to the user, so unpickling it runs
    nothing that the user's own ringcad did not write.
    """
    payload = cache.load(_KIND, key)
    if payload is None:
        return None
    try:
        stored = pickle.loads(payload)
        files, blobs, state = stored["files"], stored["blobs"], stored["state"]
    except Exception:
        return None
    for name, data in blobs.items():
        folder.write(name, data)
    return files, state
