"""The output folder: one build at a time, and a file gets its final name only after it has passed.

Everything is written into a hidden staging folder inside the output folder (same file system, so the
last step is a rename) and moved at the end, with signals held back. A failure on the way moves the
previous files back. What has to be moved is written down first, so that the next build ends what a killed
one began; at every moment each file is either the previous or the new one, whole.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ringcad.core.errors import InputError

STAGING_PREFIX = ".ringcad-staging-"
JOURNAL_NAME = "moves.json"
REPORT_NAME = "report.json"

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


def explain_os_error(error: OSError, path: Path | str | None = None) -> InputError:
    """An ``InputError`` in plain words for a file-system error."""
    place = str(path if path is not None else (error.filename or "the file"))
    if error.errno in _FULL:
        text = f"There is no room left to write {place} ({error.strerror}); free some space or choose another folder."
    elif error.errno in _DENIED:
        text = f"{place} cannot be written ({error.strerror}); choose another folder with --out."
    elif error.errno in {errno.ENOTDIR, errno.EEXIST}:
        text = f"{place} cannot be used as a folder: something of that name is a file."
    elif error.errno == errno.EISDIR:
        text = f"{place} is a folder where a file has to be written; move it away."
    elif error.errno == errno.ENAMETOOLONG:
        text = f"The name {place} is too long for this file system."
    else:
        text = f"{place} cannot be used: {error.strerror or error}."
    return InputError(text)


def sha256_file(path: Path) -> str:
    """SHA-256 of a file as hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def held_signals() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back while the body runs; they arrive right after it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class OutputFolder:
    """An exclusively held output folder. Use as a context manager.

    Raises
    ------
    InputError
        The folder cannot be made or written, or another build holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._made: list[Path] = []
        self.staging = path
        self.published = False

    def __enter__(self) -> OutputFolder:
        try:
            self._make()
            self._hold()
            for leftover in self.path.glob(STAGING_PREFIX + "*"):  # we hold the folder: their builds are dead
                _finish(leftover, self.path)
                shutil.rmtree(leftover, ignore_errors=True)
            self.staging = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=self.path))
        except OSError as error:
            self._release()
            raise explain_os_error(error, self.path) from error
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.staging != self.path:
            shutil.rmtree(self.staging, ignore_errors=True)
        self._release()

    def _make(self) -> None:
        missing = []
        folder = self.path
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for item in reversed(missing):
            item.mkdir(exist_ok=True)
            self._made.append(item)
        if not self.path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self.path))

    def _hold(self) -> None:
        try:
            import fcntl
        except ImportError:  # no flock outside POSIX: builds into one folder must not overlap there
            return
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                raise InputError(
                    f"Another build is writing into {self.path}; wait for it or choose another folder with --out."
                ) from error
            return  # a file system without locks on folders (some network shares): go on unlocked
        self._descriptor = descriptor

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if not self.published:
            for item in reversed(self._made):
                with contextlib.suppress(OSError):  # not empty: somebody else uses it
                    item.rmdir()

    def staged(self, name: str) -> Path:
        """Where to write what shall become ``name`` (relative, ``/`` for sub-folders)."""
        path = self.staging / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name: str, data: bytes) -> Path:
        """Stage ``data`` as ``name`` and force it to the disk."""
        path = self.staged(name)
        try:
            with path.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise explain_os_error(error, self.path / name) from error
        return path

    def is_full(self, need_bytes: int = 1 << 20) -> bool:
        """True when less than ``need_bytes`` are left."""
        return shutil.disk_usage(self.path).free < need_bytes

    def publish(self, extra: Mapping[Path, Path] | None = None) -> list[Path]:
        """Move everything staged to its final name; returns the final paths, sorted.

        ``extra`` maps staged files to final paths outside the folder (lock file, spec). Files of an
        earlier build that its report lists, that are unchanged since and that this build did not make
        again are removed, so that no stale STEP lies beside a new STL. On an error everything is put
        back and ``InputError`` raised.
        """
        extra = dict(extra or {})
        moves = {
            source: self.path / source.relative_to(self.staging)
            for source in sorted(self.staging.rglob("*"))
            if source.is_file() and source not in extra
        }
        moves.update(extra)
        stale = [path for path in self._previous_files() if path not in set(moves.values())]
        aside = Path(tempfile.mkdtemp(prefix="aside-", dir=self.staging))
        with held_signals():
            self._write_journal({source: target for source, target in moves.items() if source not in extra}, stale)
            _move_all(moves, stale, aside)
            self.published = True
        return sorted(moves.values())

    def _write_journal(self, moves: Mapping[Path, Path], stale: list[Path]) -> None:
        """What is to be moved within the folder, safe on the disk before the first file is touched."""
        content = {
            "moves": [
                [str(source.relative_to(self.staging)), str(t.relative_to(self.path))] for source, t in moves.items()
            ],
            "stale": [[str(path.relative_to(self.path)), sha256_file(path)] for path in stale],
        }
        self.write(JOURNAL_NAME, json.dumps(content).encode())

    def _previous_files(self) -> list[Path]:
        """Files of the last report that still have the hash it gives; never anything outside the folder."""
        try:
            report = json.loads((self.path / REPORT_NAME).read_text(encoding="utf-8"))
            recorded = report["sha256"]
            rows = [(str(name), str(digest)) for name, digest in recorded.items()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return []
        found = []
        root = self.path.resolve()
        for name, digest in rows:
            path = self.path / name
            if path.is_file() and path.resolve().is_relative_to(root) and sha256_file(path) == digest:
                found.append(path)
        return found


def _finish(leftover: Path, folder: Path) -> None:
    """End the moves that a killed build had begun: everything was staged whole before it wrote them down."""
    try:
        content = json.loads((leftover / JOURNAL_NAME).read_text(encoding="utf-8"))
        moves = [(leftover / source, folder / target) for source, target in content["moves"]]
        stale = [(folder / name, digest) for name, digest in content["stale"]]
    except (OSError, ValueError, KeyError, TypeError):
        return  # it had not got so far, and the previous files are untouched
    root = folder.resolve()
    for source, target in moves:
        inside = source.resolve().is_relative_to(leftover.resolve()) and target.resolve().is_relative_to(root)
        if inside and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)
    for path, digest in stale:
        if path.is_file() and path.resolve().is_relative_to(root) and sha256_file(path) == digest:
            path.unlink()


def _move_all(moves: Mapping[Path, Path], stale: list[Path], aside: Path) -> None:
    """Move every source over its target and every stale file aside; undo all on an error.

    A second name (else a copy) of each previous file is kept aside, so that no file is ever absent on the way.
    """
    undo: list[tuple[Path | None, Path]] = []
    target = Path()
    try:
        for target in [*moves.values(), *stale]:
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        for number, (source, target) in enumerate(moves.items()):
            target.parent.mkdir(parents=True, exist_ok=True)
            keep = _kept(target, aside / str(number)) if target.exists() else None
            undo.append((keep, target))
            _replace(source, target)
        for number, target in enumerate(stale, len(moves)):
            _replace(target, aside / str(number))
            undo.append((aside / str(number), target))
    except OSError as error:
        for keep, back in reversed(undo):
            if keep is not None:
                _replace(keep, back)
            else:
                back.unlink(missing_ok=True)
        raise explain_os_error(error, target) from error


def _kept(path: Path, keep: Path) -> Path:
    """A second name of a file, or a copy where there are no links (other file systems, some network shares)."""
    try:
        os.link(path, keep)
    except OSError:
        shutil.copy2(path, keep)
    return keep


def _replace(source: Path, target: Path) -> None:
    """Rename; across file systems copy under a temporary name first."""
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        between = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            shutil.copyfile(source, between)
            os.replace(between, target)
        finally:
            between.unlink(missing_ok=True)
        source.unlink()
