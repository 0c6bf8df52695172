"""The worker process: limits, crashes, errors and its end, with a template that misbehaves on request."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plugin_paths import environment, install_plugin

from ringcad.core.errors import InputError, KernelFault, Refused
from ringcad.core.findings import FindingCode
from ringcad.limits import STAGE_LIMITS_S, limit_of, parse_limits
from ringcad.progress import ProgressEvent, Stopwatch
from ringcad.worker import Worker
from ringcad.worker_main import error_row


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The fake template's module, visible here and to workers."""
    site = install_plugin(tmp_path)
    for key, value in environment(site, tmp_path).items():
        monkeypatch.setenv(key, value)
    monkeypatch.syspath_prepend(str(site))
    import fake_ring

    yield fake_ring
    sys.modules.pop("fake_ring", None)


@pytest.fixture
def plan(plugin: Any) -> Any:
    from ringcad.resolve import resolve
    from ringcad.spec import parse_spec

    return plugin.Plan(resolve(parse_spec(plugin.SPEC), "band"), 0.5)


def gone(pid: int) -> bool:
    """True when no such process runs (a zombie does not run)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


def eventually_gone(pid: int) -> bool:
    for _ in range(2000):
        if gone(pid):
            return True
        time.sleep(0.01)
    return False


def test_a_build_reports_its_stages_and_hands_arrays_back(plan: Any, tmp_path: Path) -> None:
    events: list[ProgressEvent] = []
    with Worker(tmp_path, watch=Stopwatch(events.append)) as worker:
        mesh = worker.built_mesh(worker.build("fake_ring", plan))
        findings, expected_genus = worker.check_result(worker.check())
    started = [event.stage for event in events if event.state == "started"]
    assert started == ["solids", "fuse", "cut", "mesh", "check"]
    finished = [event.stage for event in events if event.state == "finished"]
    assert finished == ["start", *started]
    assert mesh.vertices.shape[1] == 3 and mesh.corner_normals.shape == (len(mesh.triangles), 3, 3)
    assert mesh.face_names == ("skin",)
    assert findings == [] and expected_genus == mesh.measures["genus"] >= 1
    assert eventually_gone(worker.pid)


def test_a_stage_over_its_limit_is_a_finding_with_a_fix(
    plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_RING", "hang:cut")
    with Worker(tmp_path, {"cut": 0.3}) as worker:
        with pytest.raises(Refused) as refusal:
            worker.wait(worker.build("fake_ring", plan))
        assert eventually_gone(worker.pid)
    (finding,) = refusal.value.findings
    assert finding.code is FindingCode.STAGE_TIMEOUT
    assert "'cut'" in finding.message and finding.limit == 0.3
    assert finding.spec_field == "accents" and "--stage-limit cut=" in str(finding.fix)


def test_a_crash_in_a_boolean_operation_is_a_refusal(
    plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_RING", "crash:fuse")
    with Worker(tmp_path) as worker, pytest.raises(Refused) as refusal:
        worker.wait(worker.build("fake_ring", plan))
    (finding,) = refusal.value.findings
    assert finding.code is FindingCode.BOOLEAN_FAILED
    assert "SIGSEGV" in finding.message and finding.fix


def test_a_crash_elsewhere_is_a_fault_of_ours(plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_RING", "crash:mesh")
    with Worker(tmp_path) as worker, pytest.raises(KernelFault, match="stage 'mesh'") as fault:
        worker.wait(worker.build("fake_ring", plan))
    assert "Traceback" not in str(fault.value)


def test_an_unforeseen_exception_is_a_fault_without_a_traceback_in_its_text(
    plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_RING", "raise:solids")
    with Worker(tmp_path) as worker, pytest.raises(KernelFault, match="zero norm") as fault:
        worker.wait(worker.build("fake_ring", plan))
    assert "Traceback" not in str(fault.value)
    assert "Traceback" in "".join(fault.value.__notes__)


def test_the_kernels_refusal_arrives_as_it_was(plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_RING", "refuse:check")
    with Worker(tmp_path) as worker, pytest.raises(Refused) as refusal:
        worker.wait(worker.build("fake_ring", plan))
        worker.check_result(worker.check())
    assert [f.code for f in refusal.value.findings] == [FindingCode.SOLID_COUNT]
    assert refusal.value.findings[0].fix == "lower depth_mm"


def test_an_unknown_template_is_bad_input(plan: Any, tmp_path: Path) -> None:
    with Worker(tmp_path) as worker, pytest.raises(InputError, match="fake_ring"):
        worker.wait(worker.build("fake_rink", plan))


def test_closing_ends_a_working_worker(plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_RING", "hang:fuse")
    with Worker(tmp_path) as worker:
        worker.build("fake_ring", plan)
    assert gone(worker.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_worker_dies_with_its_parent(plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_RING", "hang:fuse")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        worker = Worker(tmp_path)
        worker.build("fake_ring", plan)
        os.write(write, str(worker.pid).encode())
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert eventually_gone(int(os.read(read, 32)))


def test_every_kind_of_error_crosses_the_pipe() -> None:
    assert error_row(InputError("the image is empty")) == {"kind": "input", "message": "the image is empty"}
    assert error_row(KernelFault("x"))["kind"] == "fault"
    assert "memory" in error_row(MemoryError())["message"]
    full = error_row(OSError(errno.ENOSPC, "No space left on device", "ring.step"))
    assert full["kind"] == "input" and "no room" in full["message"]
    library = error_row(ImportError("libGL.so.1: cannot open shared object file: No such file or directory"))
    assert library["kind"] == "input" and "apt-get install -y libgl1" in library["message"]
    assert "\n" not in library["message"]


def test_limits_are_read_and_wrong_ones_named() -> None:
    assert parse_limits(["cut=20", "mesh=0.5"]) == {"cut": 20.0, "mesh": 0.5}
    assert limit_of("cut", {"cut": 1.0}) == 1.0
    assert limit_of("cut", {}) == STAGE_LIMITS_S["cut"]
    for wrong in ("cut", "cut=", "cut=-1", "cut=nan", "cut=inf", "cutt=3", "=3"):
        with pytest.raises(InputError, match="STAGE=SECONDS"):
            parse_limits([wrong])
