"""Builds that are killed, run into a full disk or find a folder they may not write: what was there stays whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_paths import environment, install_plugin, ringcad

from ringcad import outputs
from ringcad.core.errors import InputError
from ringcad.outputs import OutputFolder, sha256_file
from ringcad.verify.certificate import read_certificate

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")

NAMES = ("ring.stl", "resolved.json", "report.json", "pictures/top.png", "ring.cert.json")
STALE = "ring.step"


def content(version: str, name: str) -> bytes:
    return f"{version} {name} ".encode() * 500


def publish(out: Path, version: str) -> None:
    """A small build: some files, of which the report lists one that the next build does not make."""
    with OutputFolder(out) as folder:
        for name in NAMES:
            if name != "report.json":
                folder.write(name, content(version, name))
        listed = {}
        if version == "old":
            folder.write(STALE, content(version, STALE))
            listed[STALE] = sha256_file(folder.staged(STALE))
        folder.write("report.json", json.dumps({"sha256": listed, "version": version}).encode())
        folder.publish()


def versions(out: Path) -> dict[str, str]:
    """Which version of each file lies there; a file that is neither fails here."""
    found = {}
    for name in NAMES:
        data = (out / name).read_bytes()
        if name == "report.json":
            found[name] = str(json.loads(data)["version"])
            continue
        known = {content(version, name): version for version in ("old", "new")}
        found[name] = known[data]
    return found


def killed(work: Callable[[], None]) -> bool:
    """Run in a child; whether it was ended by SIGKILL."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # the child may not return into the test run
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def dying(out: Path, call: int) -> Callable[[], None]:
    """A build of the new version that is killed at the ``call``-th thing it does to the file system."""

    def work() -> None:
        calls = 0

        def counted(name: str) -> None:
            original = getattr(os, name)

            def replaced(*arguments: object, **options: object) -> object:
                nonlocal calls
                calls += 1
                if calls == call:
                    os.kill(os.getpid(), signal.SIGKILL)
                return original(*arguments, **options)

            setattr(os, name, replaced)

        for name in ("replace", "link", "mkdir", "fsync", "unlink", "rmdir"):
            counted(name)
        publish(out, "new")

    return work


def test_a_build_killed_anywhere_leaves_whole_files_and_the_next_one_works(tmp_path: Path) -> None:
    """At every single call that changes the disk: each file is old or new, and the next build mends the rest."""
    seen: set[str] = set()
    call = 0
    while True:
        call += 1
        out = tmp_path / str(call)
        publish(out, "old")
        if not killed(dying(out, call)):
            break
        state = versions(out)
        seen.add("mixed" if len(set(state.values())) > 1 else state["ring.stl"])
        with OutputFolder(out):  # the next build, before it has made anything
            mended = set(versions(out).values())
        assert len(mended) == 1, (call, mended)
        assert (out / STALE).exists() == (mended == {"old"})
        publish(out, "new")
        assert set(versions(out).values()) == {"new"} and not (out / STALE).exists()
        assert not list(out.glob(".*"))
        shutil.rmtree(out)
    assert call > 15
    assert seen == {"old", "mixed", "new"}


def test_a_journal_moves_nothing_out_of_or_into_the_folder_from_elsewhere(tmp_path: Path) -> None:
    """The folder may come from a stranger: what its journal says holds within the folder alone."""
    out = tmp_path / "out"
    publish(out, "old")
    (tmp_path / "mine.txt").write_text("mine")
    left = out / f"{outputs.STAGING_PREFIX}dead"
    left.mkdir()
    (left / "evil").write_text("evil")
    digest = sha256_file(tmp_path / "mine.txt")
    rows = {"moves": [["evil", "../mine.txt"], ["../../mine.txt", "ring.stl"]], "stale": [["../mine.txt", digest]]}
    (left / outputs.JOURNAL_NAME).write_text(json.dumps(rows))
    with OutputFolder(out):
        assert set(versions(out).values()) == {"old"}
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"moves": 3, "stale": []}', '{"moves": [["a"]], "stale": []}'])
def test_a_damaged_journal_is_no_journal(text: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, "old")
    left = out / f"{outputs.STAGING_PREFIX}dead"
    left.mkdir()
    (left / outputs.JOURNAL_NAME).write_text(text)
    publish(out, "new")
    assert set(versions(out).values()) == {"new"}


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    """As nobody, who has no rights there (root may write everywhere)."""
    out = tmp_path / "out"
    publish(out, "old")
    for path in (out, out / "pictures"):
        path.chmod(0o555)
    refused = tmp_path / "refused"
    refused.touch()
    refused.chmod(0o666)

    def work() -> None:
        if os.geteuid() == 0:
            for path in (tmp_path, *tmp_path.parents[:3]):
                path.chmod(path.stat().st_mode | 0o055)
            os.setuid(65534)
        try:
            publish(out, "new")
        except InputError as error:
            refused.write_text(str(error))

    assert not killed(work)
    assert "cannot be written" in refused.read_text()
    for path in (out, out / "pictures"):
        path.chmod(0o755)
    assert set(versions(out).values()) == {"old"}


def test_a_full_disk(tmp_path: Path) -> None:
    """A file system that the new files do not fit into beside the old ones."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("may not mount a small file system")
    try:
        out = disk / "out"
        publish(out, "old")
        filler = shutil.disk_usage(disk).free - (24 << 10)
        (disk / "filler").write_bytes(bytes(filler))
        with pytest.raises(InputError, match="no room left"):
            publish(out, "new")
        assert set(versions(out).values()) == {"old"} and not list(out.glob(".*"))
        (disk / "filler").unlink()
        publish(out, "new")
        assert set(versions(out).values()) == {"new"}
    finally:
        subprocess.run(["umount", disk], check=False)


# -- whole builds -----------------------------------------------------------------------------------------------

FAST = ("--no-pictures", "--no-step")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a spec of the fake template and one delivered ring."""
    site = install_plugin(tmp_path)
    sys.path.insert(0, str(site))
    try:
        import fake_ring

        (tmp_path / "ring.yaml").write_text(fake_ring.SPEC)
    finally:
        sys.path.remove(str(site))
        sys.modules.pop("fake_ring", None)
    done = ringcad(["build", "ring.yaml", "--out", "out", *FAST], environment(site, tmp_path), tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "ring.yaml").write_text(fake_ring.SPEC.replace("US 7", "US 8"))
    return tmp_path


def whole(out: Path) -> dict[str, str]:
    """Digests of the delivered files, each as its certificate says."""
    certificate = read_certificate(next(out.glob("*.cert.json")))
    assert {row.name: row.sha256 for row in certificate.files} == {
        row.name: sha256_file(out / row.name) for row in certificate.files
    }
    return {row.name: row.sha256 for row in certificate.files}


def start(place: Path) -> subprocess.Popen[bytes]:
    """A build with its processes in a group of their own."""
    return subprocess.Popen(
        [sys.executable, "-m", "ringcad.cli", "build", "ring.yaml", "--out", "out", "--no-cache", *FAST],
        env=environment(place / "site", place, FAKE_GATE="1"), cwd=place,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def rebuilt(place: Path, before: dict[str, str]) -> None:
    """The next build works, and what it delivers is new and whole."""
    done = ringcad(
        ["build", "ring.yaml", "--out", "out", "--no-cache", *FAST], environment(place / "site", place), place
    )
    assert done.returncode == 0, done.stderr
    after = whole(place / "out")
    assert after["ring.stl"] != before["ring.stl"] and not list((place / "out").glob(".*"))


@pytest.mark.slow
@pytest.mark.parametrize("everything", [True, False], ids=["all its processes", "the first process"])
@pytest.mark.parametrize("seed", range(4))
def test_kill_9_at_a_random_moment(place: Path, seed: int, everything: bool) -> None:
    before = whole(place / "out")
    process = start(place)
    if seed:
        time.sleep(random.Random(seed).uniform(0.1, 6.0))
    else:  # as soon as it has begun to write
        while process.poll() is None and not list((place / "out").glob(f"{outputs.STAGING_PREFIX}*")):
            time.sleep(0.01)
    (os.killpg if everything else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    while not everything and _held(place / "out"):  # its children end themselves
        time.sleep(0.1)
    assert whole(place / "out") in (before, _new(place, before))
    if whole(place / "out") == before:
        rebuilt(place, before)


def _held(out: Path) -> bool:
    try:
        with OutputFolder(out):
            return False
    except InputError:
        return True


def _new(place: Path, before: dict[str, str]) -> dict[str, str]:
    """What lies there if it is a whole new ring."""
    now = whole(place / "out")
    return now if now["ring.stl"] != before["ring.stl"] else {}


@pytest.mark.slow
def test_two_builds_at_once(place: Path) -> None:
    before = whole(place / "out")
    both = [start(place), start(place)]
    codes = sorted(process.wait() for process in both)
    assert codes in ([0, 2], [0, 0])  # refused at once, or begun when the other had ended
    assert whole(place / "out")["ring.stl"] != before["ring.stl"]
    rebuilt(place, before)
