"""A worker process: ``python -m ringcad.worker_main EVENTS_FD PARENT_PID TASK``, started by :mod:`ringcad.worker`.

Loads its task at once (the kernel takes about 2 s, while the parent reads the spec), then works commands off its
standard input. It ends with its parent: the kernel of the operating system is asked for a signal
(Linux), and a thread waits for the end of standard input (everywhere).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import pkgutil
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ringcad.core.errors import InputError, KernelFault, Refused, RingcadError, SpecError

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """Ask Linux to end this process when its parent ends; on other systems the pipe's end does it."""
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request
        os._exit(0)


class Events:
    """The pipe back to the parent."""

    def __init__(self, descriptor: int) -> None:
        self._stream = os.fdopen(descriptor, "wb", buffering=0)

    def send(self, **event: Any) -> None:
        """One JSON line."""
        self._stream.write((json.dumps(event, default=_plain) + "\n").encode())


def _plain(value: Any) -> Any:
    """numpy scalars and arrays, paths, enums as JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value)


def error_row(error: BaseException) -> dict[str, Any]:
    """An exception as plain data that the parent turns back into its own error."""
    if isinstance(error, Refused):
        return {"kind": "refused", "findings": [finding.to_dict() for finding in error.findings]}
    if isinstance(error, SpecError):
        return {"kind": "spec", "problems": [asdict(problem) for problem in error.problems]}
    if isinstance(error, RingcadError) and not isinstance(error, KernelFault):
        return {"kind": "input", "message": str(error)}
    details = "".join(traceback.format_exception(error))
    if isinstance(error, KernelFault):
        return {"kind": "fault", "message": str(error), "details": details}
    if isinstance(error, MemoryError):
        return {"kind": "fault", "message": "The geometry kernel ran out of memory.", "details": details}
    if isinstance(error, ImportError):
        from ringcad.system_libraries import explain_import_error

        explained = explain_import_error(error)
        if isinstance(explained, InputError):
            return {"kind": "input", "message": str(explained)}
        return {"kind": "fault", "message": str(explained), "details": details}
    if isinstance(error, OSError):
        from ringcad.outputs import explain_os_error

        return {"kind": "input", "message": str(explain_os_error(error))}
    text = str(error).strip().splitlines()
    return {
        "kind": "fault",
        "message": f"The geometry kernel failed in a way no rule foresees ({type(error).__name__}"
        + (f": {text[0]}" if text else "")
        + ").",
        "details": details,
    }


def _read_commands(commands: queue.Queue[dict[str, Any]]) -> None:
    """Thread: the parent's lines; their end is the parent's end."""
    for line in sys.stdin:
        commands.put(json.loads(line))
    os._exit(0)


def _warm(task: str) -> None:
    """Import what every build needs, unless ``RINGCAD_PRELOAD=0`` asks to wait for the first command."""
    if os.environ.get("RINGCAD_PRELOAD") == "0":
        return
    importlib.import_module("numpy")
    if task == "pictures":
        importlib.import_module("ringcad.render.pictures")
        return
    kernel = importlib.import_module("ringcad.kernel")
    warm: Callable[[], None] | None = getattr(kernel, "warm", None)
    if warm is not None:
        warm()
    else:
        for module in pkgutil.iter_modules(kernel.__path__):
            importlib.import_module(f"ringcad.kernel.{module.name}")


class Session:
    """Holds the built ring between commands."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._built: Any = None
        self._plan: Any = None
        self._template: Any = None
        self._core: Any = None
        self._scene: Any = None

    def run(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry one command out and return its answer."""
        return {
            "core": self._make_core,
            "build": self._build,
            "check": self._check,
            "step": self._step,
            "brep": self._brep,
            "pictures": self._pictures,
            "walls": self._walls,
            "remesh": self._remesh,
        }[command["command"]](command)

    def _emit(self, stage: str) -> None:
        self._events.send(stage=stage)

    def _make_core(self, command: dict[str, Any]) -> dict[str, Any]:
        from ringcad.kernel.shapes import core_bytes, core_from_bytes
        from ringcad.registry import load_template

        target = Path(command["core"])
        if not command["stored"]:
            template: Any = load_template(command["template"])
            with Path(command["resolved"]).open("rb") as stream:
                resolved = pickle.load(stream)  # our parent's file in a folder that only this user can enter
            made = template.core(resolved, self._emit)
            if made is None:
                return {"core": None}
            target.write_bytes(core_bytes(made))
        self._core = core_from_bytes(target.read_bytes())
        return {"core": str(target)}

    def _build(self, command: dict[str, Any]) -> dict[str, Any]:
        from ringcad.registry import load_template

        template: Any = load_template(command["template"])
        with Path(command["plan"]).open("rb") as stream:
            self._plan = pickle.load(stream)  # our parent's file in a folder that only this user can enter
        self._template = template
        self._built = template.build(self._plan, self._core, self._emit)
        return self._hand_over(command["mesh"])

    def _remesh(self, command: dict[str, Any]) -> dict[str, Any]:
        """Mesh the same solid again with a chord of ``share`` of the wanted one."""
        share = float(command["share"])
        self._emit("mesh")
        own = getattr(self._template, "remesh", None)
        if own is not None:  # a template that makes its meshes itself
            self._built = own(self._plan, self._built, share)
        else:
            from ringcad.kernel.mesh import tessellate

            export = self._plan.resolved.export
            chord = share * export.chord_mm
            mesh = tessellate(self._built.solid, chord, export.angle_deg)
            measures = {**self._built.measures, "chord_mm": chord, "triangles": len(mesh.triangles)}
            self._built = replace(self._built, mesh=mesh, measures=measures)
        return self._hand_over(command["mesh"])

    def _hand_over(self, path: str) -> dict[str, Any]:
        import numpy as np

        mesh = self._built.mesh
        np.savez(
            path,
            vertices=np.asarray(mesh.vertices, np.float64),
            triangles=np.asarray(mesh.triangles, np.int32),
            corner_normals=np.asarray(mesh.corner_normals, np.float32),
            face_index=np.asarray(mesh.face_index, np.int32),
        )
        return {
            "mesh": path,
            "face_names": list(mesh.face_names),
            "findings": [finding.to_dict() for finding in self._built.findings],
            "measures": {**self._built.measures, "worker_peak_memory_mib": _peak_memory_mib()},
        }

    def _check(self, _command: dict[str, Any]) -> dict[str, Any]:
        self._emit("check")
        found = self._template.soundness(self._plan, self._built)
        return {
            "findings": [finding.to_dict() for finding in found.findings],
            "expected_genus": found.expected_genus,
        }

    def _step(self, command: dict[str, Any]) -> dict[str, Any]:
        from ringcad.kernel.step import reread_step, write_step

        path = Path(command["path"])
        self._emit("step")
        write_step(self._built, self._plan, path)
        self._emit("reread")
        measures, findings = reread_step(path, self._built)
        return {
            "measures": {**measures, "worker_peak_memory_mib": _peak_memory_mib()},
            "findings": [finding.to_dict() for finding in findings],
        }

    def _brep(self, command: dict[str, Any]) -> dict[str, Any]:
        from ringcad.kernel.shapes import save_brep

        self._emit("brep")
        save_brep(self._built, Path(command["path"]))
        return {}

    def _pictures(self, command: dict[str, Any]) -> dict[str, Any]:
        from ringcad.render.develop import check_exposure
        from ringcad.render.pictures import render_views

        with Path(command["scene"]).open("rb") as stream:
            self._scene = pickle.load(stream)  # as in _build
        self._emit("pictures")
        pictures = render_views(self._scene, Path(command["target"]), size_px=int(command["size_px"]))
        found = [check_exposure(picture) for picture in pictures]
        return {
            "names": [picture.path.name for picture in pictures],
            "findings": [finding.to_dict() for finding in found if finding is not None],
        }

    def _walls(self, command: dict[str, Any]) -> dict[str, Any]:
        import numpy as np

        from ringcad.render.walls import render_walls

        self._emit("pictures")
        picture = render_walls(
            self._scene,
            np.load(command["thickness"], allow_pickle=False),
            float(command["limit_mm"]),
            Path(command["target"]),
            size_px=int(command["size_px"]),
        )
        return {"names": [picture.path.name], "findings": []}


def _peak_memory_mib() -> float | None:
    """Largest resident size of this process so far, MiB."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024.0 if sys.platform != "darwin" else 1024.0**2), 1)


def main(arguments: list[str]) -> int:
    """Serve commands until the parent goes."""
    descriptor, parent = int(arguments[0]), int(arguments[1])
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    events = Events(descriptor)
    commands: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_commands, args=(commands,), daemon=True).start()
    try:
        _warm(arguments[2])
    except BaseException as error:
        events.send(error=error_row(error))
        return 1
    events.send(ready=True)
    session = Session(events)
    while True:
        command = commands.get()
        try:
            answer = session.run(command)
        except BaseException as error:
            events.send(answer=command["number"], error=error_row(error))
        else:
            events.send(answer=command["number"], **answer)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
