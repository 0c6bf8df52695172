"""Answers an interruption at once, whatever the build is doing.

Python serves a signal only between two of its own instructions, and a picture or a wall test may spend
seconds inside one. So the command runs in a forked child, and this process does nothing but wait for it:
on Ctrl-C or SIGTERM it asks the child to end, waits a moment for it to tidy up, then ends it and removes
its private folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from ringcad.core.errors import EXIT_FAULT

EXIT_INTERRUPTED = 130  #: 128 + SIGINT, as shells report it
GRACE_S = 1.2
"""How long the child may tidy up; together with the rest an answer comes within 2 s."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def supervised(work: Callable[[Path], int], on_interrupt: Callable[[], None]) -> int:
    """Run ``work(private_folder)`` in a child and return its exit code.

    ``on_interrupt`` is called here after an interrupted child is gone. Without ``fork`` the work runs
    in this process.
    """
    private = Path(tempfile.mkdtemp(prefix="ringcad-"))
    try:
        if not hasattr(os, "fork"):
            try:
                return work(private)
            except KeyboardInterrupt:
                on_interrupt()
                return EXIT_INTERRUPTED
        return _forked(work, on_interrupt, private)
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _forked(work: Callable[[Path], int], on_interrupt: Callable[[], None], private: Path) -> int:
    interrupted = False
    child = 0
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        if child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)

    signal.pthread_sigmask(signal.SIG_BLOCK, watched)  # none may arrive between fork and handler
    before = {number: signal.signal(number, note) for number in watched}
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _run_child(work, private, parent, watched)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
    try:
        code = _wait(child, lambda: interrupted)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if interrupted and code != 0:  # 0: everything was published before the signal came
        on_interrupt()
        return EXIT_INTERRUPTED
    return code


def _wait(child: int, interrupted: Callable[[], bool]) -> int:
    """Exit code of the child; once interrupted it has :data:`GRACE_S` to end by itself."""
    deadline = None
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else EXIT_FAULT
        if interrupted():
            deadline = deadline or time.monotonic() + GRACE_S
            if time.monotonic() >= deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return EXIT_INTERRUPTED
        time.sleep(0.02)


def _run_child(work: Callable[[Path], int], private: Path, parent: int, watched: tuple[signal.Signals, ...]) -> None:
    """In the child: run and leave without returning."""
    code = EXIT_FAULT
    try:
        for number in watched:
            signal.signal(number, _interrupt)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(EXIT_INTERRUPTED)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
        code = work(private)
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else EXIT_FAULT
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # once: the tidying up is not to be interrupted
        signal.signal(number, _pass)  # not SIG_IGN: Python complains when one of them is pending already
    raise KeyboardInterrupt


def _pass(_number: int, _frame: FrameType | None) -> None:
    """Take no notice."""
