"""The parent's side of a worker process: start it early, give it work, limit each stage, end it.

The kernel cannot be interrupted from Python and some inputs never return, so it runs in a process of
its own (:mod:`ringcad.worker_main`). Commands go to its standard input as JSON lines, events come
back on a pipe of their own (the kernel prints to standard output), arrays and plans travel as files in
a private folder. A thread reads the events and holds the clock, so that limits hold while the parent
draws pictures.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from ringcad.core.errors import InputError, KernelFault, Refused, RingcadError, SpecError, SpecProblem
from ringcad.core.findings import Finding, FindingCode, Severity, finding_from_dict
from ringcad.limits import STAGE_FIELDS, limit_of
from ringcad.progress import Stopwatch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Stages in which a crash is the boolean operation's: the spec can be changed to avoid it.
BOOLEAN_STAGES = frozenset({"fuse", "cut"})
#: In which a user's own head is read.
HEAD_FILE_STAGE = "head_file"


@dataclass(frozen=True)
class BuiltMesh:
    """What the worker hands back of a built ring.

    ``vertices`` (n, 3) float64 mm on the vertex grid, ``triangles`` (m, 3) int32, ``corner_normals``
    (m, 3, 3) float32, ``face_index`` (m,) int32 into ``face_names``.
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int32]
    corner_normals: NDArray[np.float32]
    face_index: NDArray[np.int32]
    face_names: tuple[str, ...]
    findings: tuple[Finding, ...]
    measures: dict[str, Any]


@dataclass
class _Clock:
    stage: str
    begin: float
    command: int | None


class Worker:
    """One worker process. Use as a context manager; leaving it ends the process at once.

    Parameters
    ----------
    folder
        Private folder for plans, arrays and the worker's log.
    limits_s
        Seconds per stage; see :mod:`ringcad.limits`.
    watch
        Receives the stages' progress and seconds.
    task
        What it loads ahead: ``kernel`` for :meth:`build`, :meth:`step` and :meth:`brep`, ``pictures`` for
        :meth:`pictures`.
    """

    def __init__(
        self,
        folder: Path,
        limits_s: Mapping[str, float] | None = None,
        watch: Stopwatch | None = None,
        task: Literal["kernel", "pictures"] = "kernel",
    ) -> None:
        self._folder = folder
        self._limits = dict(limits_s or {})
        self._watch = watch or Stopwatch()
        self._changed = threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        self._next = 0
        self._failure: RingcadError | None = None
        self._closing = False
        self._what = "geometry kernel" if task == "kernel" else "renderer"
        self.log_path = folder / f"{task}.log"
        read, write = os.pipe()
        self._events = read
        try:
            with self.log_path.open("wb") as log:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-P",
                        "-X",
                        "faulthandler",
                        "-m",
                        "ringcad.worker_main",
                        str(write),
                        str(os.getpid()),
                        task,
                    ],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    pass_fds=(write,),
                    start_new_session=True,  # a terminal's Ctrl-C goes to the parent, which ends the worker
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )
        except OSError as error:
            os.close(read)
            raise KernelFault(f"The {self._what}'s process cannot be started: {error}.") from error
        finally:
            os.close(write)
        self._clock: _Clock | None = _Clock("start" if task == "kernel" else "start_pictures", time.monotonic(), None)
        self._thread = threading.Thread(target=self._listen, name="ringcad-worker-events", daemon=True)
        self._thread.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    # -- work ---------------------------------------------------------------------------------

    def core(self, template: str, resolved: Any, stored: bytes | None = None) -> int:
        """Ask for the core of a ring, or hand over a stored one; the next :meth:`build` joins it to its hoop."""
        path = self._folder / "resolved.pickle"
        with path.open("wb") as stream:
            pickle.dump(resolved, stream, protocol=5)
        target = self._folder / "core.bin"
        if stored is not None:
            target.write_bytes(stored)
        return self._send(
            command="core", template=template, resolved=str(path), core=str(target), stored=stored is not None
        )

    def core_bytes(self, number: int) -> bytes | None:
        """Wait for :meth:`core`: the core as bytes that can be handed over again, ``None`` when the template
        has none. Raises as :meth:`built_mesh`.
        """
        path = self.wait(number)["core"]
        return None if path is None else Path(path).read_bytes()

    def build(self, template: str, plan: Any) -> int:
        """Ask for the solid and the mesh of ``plan``, after :meth:`core`; :meth:`built_mesh` waits for them."""
        path = self._folder / "plan.pickle"
        with path.open("wb") as stream:
            pickle.dump(plan, stream, protocol=5)
        return self._send(command="build", template=template, plan=str(path), mesh=str(self._folder / "mesh.npz"))

    def remesh(self, share: float) -> int:
        """Ask for a mesh of the same solid with ``share`` of the chord; :meth:`built_mesh` waits for it."""
        return self._send(command="remesh", share=share, mesh=str(self._folder / "mesh.npz"))

    def built_mesh(self, number: int) -> BuiltMesh:
        """Wait for a build.

        Raises
        ------
        Refused
            A stage ran over its limit, a boolean operation failed, or a rule of the kernel refuses.
        InputError, KernelFault
            As the worker says.
        """
        import numpy as np

        answer = self.wait(number)
        with np.load(answer["mesh"], allow_pickle=False) as arrays:
            return BuiltMesh(
                vertices=arrays["vertices"],
                triangles=arrays["triangles"],
                corner_normals=arrays["corner_normals"],
                face_index=arrays["face_index"],
                face_names=tuple(answer["face_names"]),
                findings=tuple(finding_from_dict(row) for row in answer["findings"]),
                measures=dict(answer["measures"]),
            )

    def check(self) -> int:
        """Ask what the kernel says of the built solid."""
        return self._send(command="check")

    def check_result(self, number: int) -> tuple[list[Finding], int | None]:
        """Wait for :meth:`check`: its findings, and the genus that the metal must have."""
        answer = self.wait(number)
        return [finding_from_dict(row) for row in answer["findings"]], answer["expected_genus"]

    def step(self, path: Path) -> int:
        """Ask for the STEP file of the built ring, written and re-read."""
        return self._send(command="step", path=str(path))

    def step_result(self, number: int) -> tuple[dict[str, Any], list[Finding]]:
        """Wait for :meth:`step`: what the re-read found, and its findings."""
        answer = self.wait(number)
        return dict(answer["measures"]), [finding_from_dict(row) for row in answer["findings"]]

    def brep(self, path: Path) -> int:
        """Ask for the solid in the kernel's own format (for the Python API)."""
        return self._send(command="brep", path=str(path))

    def pictures(self, scene: Any, target: Path, size_px: int) -> int:
        """Ask for the pictures of a :class:`ringcad.render.RenderScene` in the folder ``target``."""
        path = self._folder / "scene.pickle"
        with path.open("wb") as stream:
            pickle.dump(scene, stream, protocol=5)
        return self._send(command="pictures", scene=str(path), target=str(target), size_px=size_px)

    def walls(self, thickness_mm: NDArray[np.float64], limit_mm: float, target: Path, size_px: int) -> int:
        """Ask for the wall map of the scene that :meth:`pictures` was given; ``thickness_mm`` (n,) by vertex."""
        import numpy as np

        path = self._folder / "walls.npy"
        np.save(path, thickness_mm)
        return self._send(command="walls", thickness=str(path), limit_mm=limit_mm, target=str(target), size_px=size_px)

    def picture_result(self, number: int) -> tuple[list[str], list[Finding]]:
        """Wait for :meth:`pictures` or :meth:`walls`: file names and what the exposure guard says."""
        answer = self.wait(number)
        return list(answer["names"]), [finding_from_dict(row) for row in answer["findings"]]

    def _send(self, **command: Any) -> int:
        with self._changed:
            self._next += 1
            number = self._next
        line = json.dumps({"number": number, **command}) + "\n"
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it is dead: wait() says why
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        return number

    def wait(self, number: int) -> dict[str, Any]:
        """Block until command ``number`` is answered; an answer that is an error is raised."""
        with self._changed:
            while number not in self._answers and self._failure is None:
                self._changed.wait(0.2)  # a limit, so that a signal is served at once
            if number not in self._answers:
                assert self._failure is not None
                raise self._failure
            answer = self._answers.pop(number)
        if "error" in answer:
            raise _error_from(answer["error"])
        return answer

    # -- end ----------------------------------------------------------------------------------

    def close(self) -> None:
        """End the process now; no-op when it is gone."""
        self._closing = True
        self._kill()
        self._thread.join(timeout=2.0)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5.0)

    # -- events -------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Thread: read events until the pipe ends, and end the process when a stage is over its limit."""
        rest = b""
        try:
            while True:
                ready, _, _ = select.select([self._events], [], [], self._patience())
                if not ready:
                    if self._over_limit():
                        return
                    continue
                chunk = os.read(self._events, 1 << 16)
                if not chunk:
                    break
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
            self._process.wait()
            if not self._closing:
                self._fail(self._crash())
        except Exception as error:
            self._kill()
            self._fail(KernelFault(f"The {self._what}'s process sent something unreadable: {error}."))
        finally:
            os.close(self._events)

    def _patience(self) -> float:
        clock = self._clock
        if clock is None:
            return 1.0
        return min(1.0, max(0.0, clock.begin + limit_of(clock.stage, self._limits) - time.monotonic()))

    def _over_limit(self) -> bool:
        clock = self._clock
        if clock is None or time.monotonic() - clock.begin < limit_of(clock.stage, self._limits):
            return False
        self._kill()
        self._fail(_timeout(self._what, clock.stage, limit_of(clock.stage, self._limits)))
        return True

    def _take(self, event: dict[str, Any]) -> None:
        self._end_stage()
        if "stage" in event:
            self._clock = _Clock(str(event["stage"]), time.monotonic(), event.get("number"))
            self._watch.started(self._clock.stage)
        if "answer" in event:
            with self._changed:
                self._answers[int(event["answer"])] = event
                self._changed.notify_all()
        elif "error" in event:  # outside any command: the start failed
            self._fail(_error_from(event["error"]))

    def _end_stage(self) -> None:
        clock, self._clock = self._clock, None
        if clock is not None:
            self._watch.finished(clock.stage, time.monotonic() - clock.begin)

    def _fail(self, error: RingcadError) -> None:
        with self._changed:
            self._failure = self._failure or error
            self._changed.notify_all()

    def _crash(self) -> RingcadError:
        code = self._process.returncode
        stage = self._clock.stage if self._clock else "idle"
        if code is not None and code < 0:
            try:
                how = f"was ended by {signal.Signals(-code).name}"
            except ValueError:
                how = f"was ended by signal {-code}"
            if -code == signal.SIGKILL:
                how += " (often: the machine ran out of memory)"
        else:
            how = f"ended with code {code}"
        if stage == HEAD_FILE_STAGE and code != -signal.SIGKILL:
            return _head_file_problem(f"breaks the geometry kernel (its process {how})")
        if stage in BOOLEAN_STAGES and code != -signal.SIGKILL:
            spec_field, fix = STAGE_FIELDS[stage]
            return Refused(
                [
                    Finding(
                        FindingCode.BOOLEAN_FAILED,
                        Severity.ERROR,
                        f"The geometry kernel broke down while it worked on the stage '{stage}' of this ring "
                        f"(its process {how}).",
                        spec_field=spec_field,
                        fix=fix,
                    )
                ]
            )
        fault = KernelFault(f"The {self._what} broke down in the stage '{stage}': its process {how}.")
        fault.add_note(self.log_tail())
        return fault

    def log_tail(self, characters: int = 4000) -> str:
        """The end of what the worker printed (for a log file, never for the screen)."""
        try:
            return self.log_path.read_bytes()[-characters:].decode("utf-8", "replace")
        except OSError:
            return ""


def _head_file_problem(message: str) -> SpecError:
    """A user's own file that the kernel does not survive is bad input, not a fault of ours."""
    field, fix = STAGE_FIELDS[HEAD_FILE_STAGE]
    return SpecError([SpecProblem(field, message, suggestion=fix)])


def _timeout(what: str, stage: str, limit_s: float) -> RingcadError:
    if stage.startswith("start"):
        return KernelFault(f"The {what} did not start within {limit_s:g} s.")
    if stage == HEAD_FILE_STAGE:
        return _head_file_problem(f"takes the geometry kernel more than {limit_s:g} s")
    spec_field, fix = STAGE_FIELDS.get(stage, (None, None))
    return Refused(
        [
            Finding(
                FindingCode.STAGE_TIMEOUT,
                Severity.ERROR,
                f"The stage '{stage}' did not end within {limit_s:g} s, so the {what} was stopped.",
                measured=limit_s,
                limit=limit_s,
                unit="s",
                spec_field=spec_field,
                fix=f"{fix}, or allow more time with --stage-limit {stage}=SECONDS" if fix else None,
            )
        ]
    )


def _error_from(row: dict[str, Any]) -> RingcadError:
    """The error that the worker wrote as plain data."""
    kind, message = row["kind"], str(row.get("message", ""))
    if kind == "refused":
        return Refused([finding_from_dict(item) for item in row["findings"]])
    if kind == "spec":
        return SpecError([SpecProblem(**problem) for problem in row["problems"]])
    if kind == "input":
        return InputError(message)
    fault = KernelFault(message)
    if row.get("details"):
        fault.add_note(str(row["details"]))
    return fault
