"""Where the lock file of a build lies, and how it is published with the ring."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.lockfile import Lock, lock_path, lock_text, read_lock, reliefs_folder

if TYPE_CHECKING:
    from ringcad.outputs import OutputFolder
    from ringcad.reliefs import ZoneRelief
    from ringcad.resolved import ResolvedRing
    from ringcad.sources import Source


@dataclass(frozen=True)
class LockTarget:
    """The lock that was read and the path that the next one is written to.

    Beside the spec; in the output folder when there is no spec file, or its folder is read-only or the
    installed package's.
    """

    lock: Lock
    read_from: Path
    path: Path
    reliefs_name: str

    def stage(
        self, folder: OutputFolder, reliefs: Mapping[str, ZoneRelief], head: Mapping[str, str] | None = None
    ) -> dict[Path, Path]:
        """Stage lock and reliefs; final path by staged path. What is there already is left alone.

        ``head`` is the row of a user's own head.
        """
        moves: dict[Path, Path] = {}
        if not reliefs and head is None:
            return moves
        for item in reliefs.values():
            target = self.path.parent / item.row.file
            if not _holds(target, item.png):
                moves[folder.write(f"lock/{target.name}", item.png)] = target
        text = lock_text(Lock({zone: item.row for zone, item in reliefs.items()}, head)).encode()
        if not _holds(self.path, text):
            moves[folder.write("lock/lock.yaml", text)] = self.path
        return moves

    def clean(self, reliefs: Mapping[str, ZoneRelief]) -> None:
        """Remove reliefs that the lock that was read named and that the new one does not."""
        if not reliefs or self.read_from != self.path:
            return
        used = {item.row.file for item in reliefs.values()}
        for row in self.lock.reliefs.values():
            if row.file not in used and Path(row.file).parent.name == self.reliefs_name:
                with contextlib.suppress(OSError):
                    (self.path.parent / self.reliefs_name / Path(row.file).name).unlink()


def own_head_row(resolved: ResolvedRing) -> dict[str, str] | None:
    """What a lock holds of a user's own head; ``None`` where the head is ringcad's."""
    own = None if resolved.head is None else resolved.head.own
    return None if own is None else {"file": own.file, "sha256": own.sha256}


def changed_head(lock: Lock, resolved: ResolvedRing) -> list[Finding]:
    """A note where the file of the head is not the one that the lock was written with."""
    now = own_head_row(resolved)
    if lock.head is None or now is None or lock.head["sha256"] == now["sha256"]:
        return []
    text = f"the head's file {now['file']} is another than the ring was last built with"
    return [Finding(FindingCode.OWN_HEAD, Severity.INFO, text, spec_field="head.file")]


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _is_shipped(spec_path: Path) -> bool:
    """True for a spec inside the installed templates: what a build stores does not belong into the package."""
    from importlib.util import find_spec

    found = find_spec("ringcad.templates")
    folders = [] if found is None else list(found.submodule_search_locations or [])
    return any(spec_path.resolve().is_relative_to(Path(folder).resolve()) for folder in folders)


def lock_target(source: Source, out: Path) -> LockTarget:
    """Find the lock of a spec. Raises ``InputError`` when a lock is there and cannot be read."""
    in_out = out / f"{source.name}.yaml"
    spec_path = source.path or in_out
    beside, fallback = lock_path(spec_path), lock_path(in_out)
    read_from = beside if beside.exists() or not fallback.exists() else fallback
    writable = os.access(spec_path.parent, os.W_OK) and not _is_shipped(spec_path)
    path = beside if writable else fallback
    return LockTarget(read_lock(read_from), read_from, path, reliefs_folder(spec_path).name)
