"""Compiled loops: they do what their Python says, are kept whole, and need no compiler once kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ringcad.render import compiled, loops, loops_frame, loops_image


def test_a_kept_file_needs_no_compiler() -> None:
    compiled.load()
    code = (
        "import sys, numpy as np, ringcad.render.pictures; from ringcad.render import loops; "
        "light = np.ones((2, 3), np.float32); loops.dim(light, np.array([-1, 4], np.int32), 0.25); "
        "assert light.tolist() == [[1, 1, 1], [0.25, 0.25, 0.25]]; "
        "sys.exit(any(m in sys.modules for m in ('numba', 'scipy', 'OCP')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_machine_code_and_python_agree() -> None:
    rng = np.random.default_rng(5)
    vertices = rng.normal(size=(9, 3)).astype(np.float32)
    camera = np.concatenate([np.zeros(3), np.eye(3).ravel(), [40.0, 30.0, 8.0, 120.0]])
    triangles = np.arange(9, dtype=np.int32).reshape(3, 3)
    results = []
    for project, visible in (
        (loops_frame.project, loops_frame.visible),
        (loops_frame.project.function, loops_frame.visible.function),
    ):
        points, bounds = np.zeros((9, 3), np.float32), np.array([np.inf, np.inf, -np.inf, -np.inf])
        project(vertices, camera, points, bounds)
        prim, near = np.full((30, 40), -1, np.int32), np.full((30, 40), -np.inf, np.float32)
        visible(points, triangles, 0, 0, 0, near, prim)
        assert (prim >= 0).sum() > 50
        results.append((points, bounds, prim))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    display = rng.random((12, 3)).astype(np.float32)
    kind = (rng.random(12) > 0.5).astype(np.int32)
    listed = []
    for run in (loops_image.uneven, loops_image.uneven.function):
        level, out = np.empty(12, np.float32), np.zeros(12, np.int64)
        listed.append((run(display, kind, 4, 0.1, level, out), out.tolist()))
    assert listed[0] == listed[1]


@pytest.mark.parametrize("light", [np.ones((2, 3)), np.ones((2, 3), np.float32)[:, ::-1], np.ones(6, np.float32)])
def test_other_arrays_are_refused(light: np.ndarray) -> None:
    with pytest.raises(TypeError, match="float32"):
        loops.dim(light, np.zeros(2, np.int32), 0.5)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        loops.dim(np.ones((2, 3), np.float32))


def test_a_damaged_file_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(compiled, "_folders", lambda: [tmp_path / "file" / "below", tmp_path / "kept"])
    objects = {"one": b"machine code", "two": b""}
    compiled._keep("key", objects)
    assert compiled._kept("key") == objects
    assert compiled._kept("other") is None
    path = tmp_path / "kept" / "loops-key.bin"
    data = path.read_bytes()
    for damaged in (data[:-1], data[:40] + bytes([data[40] ^ 1]) + data[41:], b""):
        path.write_bytes(damaged)
        assert compiled._kept("key") is None
    for k in range(6):
        compiled._keep(f"later{k}", objects)
    assert len(list(path.parent.iterdir())) <= 5
    assert compiled._kept("later5") == objects


MODULE = """
declare double @exp(double)
declare void @PyErr_Clear()
define internal double @helper(double %0) {
  %2 = call double @exp(double %0)
  ret double %2
}
define void @python() {
  call void @PyErr_Clear()
  ret void
}
define i32 @main(double %0) {
  %2 = call double @helper(double %0)
  call void @NRT_decref(ptr null)
  ret i32 0
}
define linkonce_odr void @NRT_decref(ptr %0) {
  call void @PyErr_Clear()
  ret void
}
"""


def test_only_what_a_loop_comes_by_is_kept() -> None:
    kept = compiled._reachable(MODULE, "main")
    assert "define internal double @helper" in kept and "define i32 @main" in kept
    assert "call void @PyErr_Clear" not in kept
    with pytest.raises(ValueError, match="PyErr_Clear"):
        compiled._reachable(MODULE, "python")
