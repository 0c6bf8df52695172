"""Files replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ringcad.core.atomic import replacing


def test_the_new_content_takes_the_name(tmp_path: Path) -> None:
    path = tmp_path / "ring.bin"
    path.write_bytes(b"old")
    with replacing(path, mode=0o640, synced=True) as stream:
        stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["ring.bin"]


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_the_block_leaves_the_old_content_alone(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "ring.bin"
    path.write_bytes(b"old")
    with pytest.raises(error), replacing(path) as stream:
        stream.write(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["ring.bin"]


def test_a_failing_rename_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError), replacing(tmp_path / "ring.bin") as stream:
        stream.write(b"new")
    assert os.listdir(tmp_path) == []
