"""The command line as a script meets it: one JSON object, exit codes, interruption, bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plugin_paths import environment, install_plugin, ringcad

from ringcad.cli import main

Run = Callable[..., subprocess.CompletedProcess[str]]
FAST = ["--no-pictures", "--no-step"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    site = install_plugin(tmp_path)
    sys.path.insert(0, str(site))
    try:
        import fake_ring

        (tmp_path / "ring.yaml").write_text(fake_ring.SPEC)
    finally:
        sys.path.remove(str(site))
        sys.modules.pop("fake_ring", None)
    return tmp_path


@pytest.fixture
def run(place: Path) -> Run:
    """``run("build", "ring.yaml", FAKE_RING="hang:cut")`` in a process of its own."""

    def start(*arguments: Any, **extra: str) -> subprocess.CompletedProcess[str]:
        done = ringcad(list(arguments), environment(place / "site", place, **extra), place)
        assert "Traceback" not in done.stdout + done.stderr
        assert not list((place / "tmp").iterdir()), "temporary files were left"
        return done

    return start


def one_object(text: str) -> dict[str, Any]:
    """The one JSON object that a text is, and nothing besides."""
    value, end = json.JSONDecoder().raw_decode(text)
    assert text[end:].strip() == "" and isinstance(value, dict)
    return value


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_contract_of_a_delivery(run: Run, place: Path) -> None:
    done = run("build", "ring.yaml", "--out", "out", "--json", *FAST)
    assert done.returncode == 0, done.stderr
    row = one_object(done.stdout)
    assert row["status"] == "ok"
    assert {"files", "sha256", "findings", "timings_s", "weight_g", "stones", "reused"} <= set(row)
    assert Path(row["files"]["stl"]).parent == place / "out"
    assert row["files"]["stl"] in row["sha256"]
    assert row["weight_g"]["as_cast"] > row["weight_g"]["finished"] > 0
    assert "gate" in done.stderr  # progress


def test_the_contract_of_a_refusal(run: Run, place: Path) -> None:
    done = run("build", "ring.yaml", "--out", "out", "--json", "--quiet", *FAST, FAKE_RING="refuse:check")
    assert done.returncode == 1
    row = one_object(done.stdout)
    assert row["status"] == "refused" and row["files"] == {}
    assert row["findings"][0]["code"] == "solid_count" and row["findings"][0]["fix"]
    assert done.stderr == ""
    assert not (place / "out").exists()


def test_the_contract_of_bad_input(run: Run, place: Path) -> None:
    (place / "ring.yaml").write_text((place / "ring.yaml").read_text().replace("ring_size", "ring_sise"))
    done = run("build", "ring.yaml", "--out", "out", "--json", "--quiet", *FAST)
    assert done.returncode == 2
    row = one_object(done.stdout)
    assert row["status"] == "error" and row["exit_code"] == 2
    assert any("ring_sise" in str(problem) and problem["line"] for problem in row["problems"])
    assert "ring_size" in row["message"]
    assert not (place / "out").exists()


def test_the_contract_of_a_fault(run: Run, place: Path) -> None:
    done = run("build", "ring.yaml", "--out", "out", "--json", "--quiet", *FAST, FAKE_RING="raise:solids")
    assert done.returncode == 3
    row = one_object(done.stdout)
    assert row["status"] == "error" and "zero norm" in row["message"]
    assert "Traceback" in Path(row["log"]).read_text()
    assert not (place / "out").exists()


def test_regenerate_edits_the_spec_only_when_the_ring_passes(run: Run, place: Path) -> None:
    original = (place / "ring.yaml").read_text()
    refused = run("regenerate", "ring.yaml", "--seed", 8, "--prompt", "waves", *FAST, FAKE_RING="refuse:cut")
    assert refused.returncode == 1 and (place / "ring.yaml").read_text() == original
    assert sorted(p.name for p in place.iterdir()) == sorted(["cache", "ring.yaml", "site", "tmp"])
    done = run("regenerate", "ring.yaml", "--seed", 8, "--prompt", "waves", *FAST)
    assert done.returncode == 0, done.stderr
    edited = (place / "ring.yaml").read_text()
    wanted = original.replace("seed: 3", "seed: 8").replace("prompt: dots ", "prompt: waves ")
    assert [line.split() for line in edited.splitlines()] == [line.split() for line in wanted.splitlines()]
    assert "# the customer's" in edited and "# what the customer asked for" in edited
    assert (place / "ring" / "ring.stl").exists()
    assert run("regenerate", "ring.yaml").returncode == 2
    assert run("regenerate", "ring.yaml", "--seed", 1, "--zone", 2).returncode == 2


def interrupt(place: Path, number: signal.Signals, behaviour: str, marker: str) -> subprocess.Popen[str]:
    """Start a build that hangs, wait until it says ``marker`` on standard error, and send it a signal."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ringcad.cli", "build", "ring.yaml", "--out", "out", "--json", "--no-cache", *FAST],
        env=environment(place / "site", place, FAKE_RING=behaviour, FAKE_GATE="1"),
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if marker in line:
            break
    process.send_signal(number)
    return process


@pytest.mark.parametrize(
    ("number", "behaviour", "marker"),
    [
        (signal.SIGINT, "hang:cut", "fuse"),
        (signal.SIGTERM, "hang:mesh", "cut"),
        (signal.SIGINT, "hang:start", "spec"),
    ],
)
def test_an_interruption_leaves_everything_as_it_was(
    number: signal.Signals, behaviour: str, marker: str, run: Run, place: Path
) -> None:
    assert run("build", "ring.yaml", "--out", "out", *FAST).returncode == 0
    before = {name: data for name, data in files_below(place).items() if not name.startswith("cache")}
    process = interrupt(place, number, behaviour, marker)
    assert process.stdout is not None
    text = process.stdout.read()
    if behaviour == "hang:start" and process.wait() == 0:
        return  # it had delivered before the signal came
    assert process.wait() == 130
    assert one_object(text)["exit_code"] == 130
    after = {name: data for name, data in files_below(place).items() if not name.startswith("cache")}
    assert after == before
    assert not list((place / "tmp").iterdir())
    assert not list((place / "out").glob(".*"))
    assert not processes_of(str(place))


def processes_of(word: str) -> list[int]:
    """Processes whose environment names ``word`` and that still run, after a moment to end in."""
    if sys.platform != "linux":
        return []
    for _ in range(200):
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if word.encode() in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        if not found:
            return []
        time.sleep(0.05)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE through prlimit")
def test_a_full_disk(run: Run, place: Path) -> None:
    assert run("build", "ring.yaml", "--out", "out", "--no-cache", *FAST).returncode == 0
    before = files_below(place / "out")
    text = (place / "ring.yaml").read_text().replace("US 7", "US 8")
    (place / "ring.yaml").write_text(text)
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from ringcad.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "build", "ring.yaml", "--out", "out", "--json", "--no-cache", *FAST],
        env=environment(place / "site", place, FAKE_GATE="1"), cwd=place, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert "no room left" in one_object(done.stdout)["message"]
    assert files_below(place / "out") == before


def test_two_builds_into_one_folder_at_once(run: Run, place: Path) -> None:
    slow = subprocess.Popen(
        [sys.executable, "-m", "ringcad.cli", "build", "ring.yaml", "--out", "out", *FAST],
        env=environment(place / "site", place, FAKE_RING="slow:cut", FAKE_GATE="1"),
        cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert slow.stderr is not None
    for line in slow.stderr:
        if "fuse" in line:
            break
    second = ringcad(["build", "ring.yaml", "--out", "out", *FAST], environment(place / "site", place), place)
    rest = slow.stderr.read()
    assert slow.wait() == 0, rest
    assert second.returncode == 2 and "Another build is writing into" in second.stderr
    assert (place / "out" / "ring.stl").exists() and not list((place / "out").glob(".*"))


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in "new build regenerate check sizes stones metals templates generators schema".split():
        assert command in text
    assert "exit codes" in text
    for wrong in ([], ["biuld"], ["build"], ["build", "a.yaml", "--sed", "4"], ["regenerate", "a.yaml", "--seed", "x"]):
        assert main(wrong) == 2
        assert "usage" in capsys.readouterr().err
    assert main(["build", "a.yaml", "--stage-limit", "cutt=3"]) == 2


def quick(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, JSON object and standard error of a quick command."""
    code = main([*arguments, "--json"])
    captured = capfd.readouterr()
    return code, one_object(captured.out), captured.err


def test_new_writes_a_ready_spec_and_never_over_a_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, row, _ = quick(capfd, "templates")
    solitaire = next(item for item in row["templates"] if item["name"] == "solitaire")
    assert code == 0 and len(solitaire["examples"]) >= 5
    from ringcad.resolve import resolve
    from ringcad.spec import load_spec

    for example in solitaire["examples"]:
        code, row, _ = quick(capfd, "new", f"rings/{example}.yaml", "--example", example)
        assert code == 0
        assert resolve(load_spec(row["files"]["spec"])).name == example
    assert main(["new"]) == 0
    capfd.readouterr()
    first = Path(f"{solitaire['examples'][0]}.yaml")
    first.write_text("mine")
    code, row, _ = quick(capfd, "new")
    assert code == 2 and "exists already" in row["message"] and first.read_text() == "mine"
    assert quick(capfd, "new", "a.yaml", "--example", "nothing")[0] == 2
    code, row, _ = quick(capfd, "new", "a.yaml", "--template", "solitair")
    assert code == 2 and "Did you mean 'solitaire'" in row["message"]


def test_the_tables(capfd: pytest.CaptureFixture[str]) -> None:
    code, row, _ = quick(capfd, "sizes")
    assert code == 0 and len(row["sizes"]) > 20
    code, row, _ = quick(capfd, "sizes", "US", "7")
    assert row["inner_diameter_mm"] == pytest.approx(17.32, abs=0.03)
    assert {"US", "UK", "EU", "JP", "CH"} <= set(row["nearest"])
    code, row, _ = quick(capfd, "sizes", "US", "77")
    assert code == 2 and row["message"]
    code, row, _ = quick(capfd, "stones", "1.00 ct")
    (stone,) = row["stones"]
    assert stone["weight_ct"] == pytest.approx(1.0) and stone["diameter_mm"] == pytest.approx(6.5, abs=0.15)
    assert quick(capfd, "stones", "6.5 inches")[0] == 2
    assert quick(capfd, "stones", "--gem", "diamont")[0] == 2
    code, row, _ = quick(capfd, "metals")
    assert {"workshop", "seed_minimum"} <= set(row["profiles"]) and len(row["metals"]) > 5
    code, row, _ = quick(capfd, "generators")
    assert {"ornament", "heightmap"} <= {item["name"] for item in row["generators"]}
    assert main(["schema"]) == 0
    schema = one_object(capfd.readouterr().out)
    assert schema["additionalProperties"] is False and "ring_size" in schema["properties"]
    for command in ("sizes", "stones", "metals", "templates", "generators"):
        assert main([command]) == 0
        assert capfd.readouterr().out.strip()


def test_check(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import trimesh

    good, bad = tmp_path / "good.stl", tmp_path / "bad.STL"
    ball = trimesh.creation.icosphere(2, 9.0)
    ball.export(good)
    ball.update_faces(list(range(5, len(ball.faces))))
    bad.write_bytes(ball.export(file_type="stl"))
    code, row, _ = quick(capfd, "check", str(good))
    assert code == 0 and row["status"] == "ok" and row["measurements"]["bodies"] == 1
    code, row, _ = quick(capfd, "check", str(bad), "--profile", "seed_minimum")
    assert code == 1 and row["status"] == "refused"
    assert "open_edges" in {finding["code"] for finding in row["findings"]}
    (tmp_path / "no.stl").write_bytes(b"solid nothing")
    (tmp_path / "ring.obj").write_bytes(b"v 0 0 0")
    for wrong in (["no.stl"], ["ring.obj"], ["missing.stl"], ["good.stl", "--profile", "nobody"]):
        code, row, _ = quick(capfd, "check", str(tmp_path / wrong[0]), *wrong[1:])
        assert code in {1, 2} and row["status"] in {"error", "refused"}
    (tmp_path / "resolved.json").write_text("{}")
    assert quick(capfd, "check", str(good), "--spec", str(tmp_path / "resolved.json"))[0] == 2
    assert quick(capfd, "check", str(good), "--spec", str(tmp_path / "none.yaml"))[0] == 2


def test_a_missing_system_library_is_one_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ringcad import cli_lists

    def fail(_options: Any) -> int:
        raise ImportError("libX11.so.6: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(cli_lists, "check_command", fail)
    assert main(["check", "a.stl"]) == 2
    (line,) = capfd.readouterr().err.strip().splitlines()
    assert "libX11.so.6" in line and "apt-get install -y libgl1 libx11-6" in line


def test_an_unforeseen_fault_writes_a_log_and_shows_no_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ringcad import cli_lists

    def fail(_options: Any) -> int:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setenv("RINGCAD_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(cli_lists, "check_command", fail)
    assert main(["check", "a.stl"]) == 3
    captured = capfd.readouterr()
    assert "Traceback" not in captured.err and "deep inside" not in captured.err
    (log,) = (tmp_path / "kept" / "logs").iterdir()
    assert "deep inside" in log.read_text()
    assert main(["check", "a.stl", "--debug"]) == 3
    assert "Traceback" in capfd.readouterr().err
