"""Progress and timings of a build as plain events. Imports nothing heavy."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ProgressEvent:
    """One thing to tell the user. ``seconds`` is set when ``state`` is ``finished``."""

    stage: str
    state: Literal["started", "finished", "note"]
    text: str = ""
    seconds: float | None = None


ProgressCallback = Callable[[ProgressEvent], None]


def silent(_event: ProgressEvent) -> None:
    """Show nothing."""


class Stopwatch:
    """Collects seconds per stage and passes events on. Safe to call from several threads.

    A stage that runs twice adds up. Stages may overlap (the worker writes STEP while the parent
    draws pictures), so the sum of the stages is not the total.
    """

    def __init__(self, callback: ProgressCallback = silent) -> None:
        self._callback = callback
        self._lock = threading.Lock()
        self._start = time.perf_counter()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the body as stage ``name``; nothing is recorded when the body raises."""
        self.started(name)
        begin = time.perf_counter()
        yield
        self.finished(name, time.perf_counter() - begin)

    def started(self, name: str) -> None:
        """Announce a stage."""
        self._callback(ProgressEvent(name, "started"))

    def finished(self, name: str, seconds: float) -> None:
        """Record ``seconds`` of stage ``name`` and announce its end."""
        with self._lock:
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds
        self._callback(ProgressEvent(name, "finished", seconds=seconds))

    def note(self, stage: str, text: str) -> None:
        """Say something about a stage."""
        self._callback(ProgressEvent(stage, "note", text))

    def timings(self) -> dict[str, float]:
        """Seconds by stage, rounded to milliseconds, with ``total`` since the stopwatch was made."""
        with self._lock:
            rows = {name: round(value, 3) for name, value in self._seconds.items()}
        rows["total"] = round(time.perf_counter() - self._start, 3)
        return rows
