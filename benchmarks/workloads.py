"""Speed and size of whole builds: the reference workloads R1 to R4 as a table, and as JSON.

    python benchmarks/workloads.py                    # everything, about five minutes
    python benchmarks/workloads.py --only builds      # cold builds, changed stone, changed prompt, R2 to R4
    python benchmarks/workloads.py --only ratio seats # against a bare mesh; cost of a flush seat
    python benchmarks/workloads.py --json out.json

Every build is a process of its own with an empty cache, so imports count. Beside the wall clock stands the
processor time of the whole tree of processes: on a machine that others use too, only that one compares.
Peak memory is the largest sum of resident sizes of the tree, seen ten times a second; pages that two
processes share count twice. What docs/benchmarks.md says about each line belongs to this program.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
SPECS = HERE / "specs"
PARTS = ("builds", "ratio", "seats")
#: What the ``ringcad`` command runs.
CALL = "import sys; from ringcad.cli import main; sys.exit(main())"

#: What the project asks of two idle cores: seconds of a cold build by workload, of groups of its stages, and
#: the rest of the limits. Printed beside what was measured; nothing is refused for them.
TARGET_TOTAL_S = {"R1": 15.0, "R2": 22.0, "R3": 45.0, "R4": 60.0}
TARGET_GROUPS_S = {
    "relief to solid": (("plan", "solids", "fuse", "cut"), 4.0),
    "mesh and gate": (("mesh", "stl", "gate"), 3.0),
    "STEP and re-read": (("step", "reread"), 3.0),
    "report and pictures": (("report", "pictures"), 3.0),
}
TARGET_MEMORY_MIB = 2560.0
TARGET_RATIO = 4.0
TARGET_SEAT_S = 0.2


@dataclass
class Run:
    """One build in a process of its own."""

    label: str
    status: str
    wall_s: float
    processor_s: float
    peak_mib: float
    stages_s: dict[str, float] = field(default_factory=dict)
    spans_s: list[tuple[str, float, float]] = field(default_factory=list)
    """Stage, begin and end since the process was started; stages run side by side."""
    reused: list[str] = field(default_factory=list)
    triangles: int | None = None
    errors: list[str] = field(default_factory=list)


def tree_memory_mib(root: int) -> float:
    """Resident sizes of ``root`` and of all its descendants, MiB (Linux; 0 elsewhere)."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            pid = int(entry.name)
            parents[pid] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            sizes[pid] = int((entry / "statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):  # it ended meanwhile
            continue
    family = {root}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    pages = sum(sizes.get(pid, 0) for pid in family)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Timed:
    """What one process tree printed and took."""

    output: str
    errors: list[tuple[float, str]]
    """Lines of standard error, each with the second at which it came."""
    wall_s: float
    processor_s: float
    peak_mib: float


def run_timed(command: list[str], environment: dict[str, str]) -> Timed:
    """Run a command to its end and watch its whole tree of processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.1):
            peak = max(peak, tree_memory_mib(process.pid))

    lines: list[tuple[float, str]] = []

    def listen() -> None:
        assert process.stderr is not None
        lines.extend((time.perf_counter() - begin, line.rstrip()) for line in process.stderr)

    threads = [threading.Thread(target=watch, daemon=True), threading.Thread(target=listen, daemon=True)]
    for thread in threads:
        thread.start()
    assert process.stdout is not None
    output = process.stdout.read()
    process.wait()
    wall = time.perf_counter() - begin
    done.set()
    for thread in threads:
        thread.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Timed(output, lines, wall, processor, peak)


def run_build(label: str, spec: Path, out: Path, cache: Path) -> Run:
    """``ringcad build`` of one spec."""
    command = [sys.executable, "-c", CALL, "build", str(spec), "--out", str(out), "--json"]
    timed = run_timed(command, {"RINGCAD_CACHE": str(cache)})
    clocks = (timed.wall_s, timed.processor_s, timed.peak_mib)
    try:
        answer = json.loads(timed.output)
    except json.JSONDecodeError:
        return Run(label, "failed", *clocks, errors=[line for _, line in timed.errors[-3:]])
    run = Run(label, str(answer.get("status")), *clocks, dict(answer.get("timings_s") or {}))
    run.spans_s = list(spans(timed.errors))
    run.reused = list(answer.get("reused") or [])
    run.errors = [row["message"] for row in answer.get("findings") or [] if row["severity"] == "error"]
    report = out / "report.json"
    if run.status == "ok" and report.exists():
        measures = json.loads(report.read_text(encoding="utf-8")).get("measurements") or {}
        run.triangles = (measures.get("kernel") or {}).get("triangles")
    return run


def spans(lines: list[tuple[float, str]]) -> Iterator[tuple[str, float, float]]:
    """Stage, begin and end of every line that says how long a stage took."""
    for at, line in lines:
        match = re.fullmatch(r"\s+(\w+)\s+([\d.]+) s", line)
        if match:
            yield match[1], at - float(match[2]), at


def by_the_clock(run: Run, stages: tuple[str, ...]) -> float:
    """Seconds in which at least one of ``stages`` was at work."""
    total = until = 0.0
    for begin, end in sorted((begin, end) for stage, begin, end in run.spans_s if stage in stages):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def edited(source: Path, target: Path, **changes: Any) -> Path:
    """A copy of a spec with changes given as ``stone__size="6.8 mm"`` (``__`` steps into a mapping or a list)."""
    yaml = YAML()
    content = yaml.load(source.read_text(encoding="utf-8"))
    for path, value in changes.items():
        place = content
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        for step in steps:
            place = place[step]
        place[last] = value
    with target.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    return target


def measure_builds(folder: Path) -> list[Run]:
    """R1 cold, again, with another stone, with another prompt; R2, R3 and R4 cold."""
    runs = []
    spec = Path(shutil.copy(SPECS / "r1.yaml", folder / "r1.yaml"))
    out, cache = folder / "r1", folder / "cache"

    def build(label: str) -> Run:
        run = run_build(label, spec, out, cache)
        runs.append(run)
        show_run(run)
        return run

    build("R1, nothing stored: the relief is drawn")
    shutil.rmtree(cache, ignore_errors=True)
    build("R1, cold process, stored relief, empty cache")
    build("R1, unchanged, once more")
    edited(spec, spec, stone__size="6.7 mm")
    build("R1 after changing the stone size alone (6.5 to 6.7 mm)")
    edited(SPECS / "r1.yaml", spec)
    edited(spec, spec, decoration__0__prompt="celtic plait of two strands")
    build("R1 after changing the prompt alone")
    for name in ("r2", "r3", "r4"):
        spec = Path(shutil.copy(SPECS / f"{name}.yaml", folder / f"{name}.yaml"))
        out, cache = folder / name, folder / f"cache_{name}"
        build(f"{name.upper()}, nothing stored: the relief is drawn")
        shutil.rmtree(cache, ignore_errors=True)
        build(f"{name.upper()}, cold process, stored relief, empty cache")
    return runs


def run_kernel(spec: Path, *options: str) -> dict[str, Any]:
    """One run of :mod:`workloads_kernel` in a process of its own."""
    command = [sys.executable, str(HERE / "workloads_kernel.py"), str(spec), *options]
    timed = run_timed(command, {})
    try:
        answer: dict[str, Any] = json.loads(timed.output)
    except json.JSONDecodeError:
        told = "\n".join(line for _, line in timed.errors)
        raise SystemExit(f"{spec.name}: the kernel's run failed:\n{told}") from None
    answer["peak_mib"] = timed.peak_mib
    return answer


def measure_ratio(spec: Path) -> dict[str, Any]:
    """Relief to gated STL, as B-rep and as a bare mesh, in one process."""
    answer = run_kernel(spec, "--bare-mesh")
    show_ratio(answer)
    return answer


def measure_seats(folder: Path) -> dict[str, Any]:
    """What each further flush seat costs: R2 with 4 and with 20 seats."""
    rows = {}
    for each in (2, 10):
        spec = edited(SPECS / "r2.yaml", folder / f"seats_{2 * each}.yaml", accents__0__count=each)
        rows[2 * each] = run_kernel(spec)["brep"]
    few, many = rows[4], rows[20]
    stages = ("cut", "mesh", "stl", "gate")
    cost = {
        clock: {stage: (many[clock][stage] - few[clock][stage]) / 16.0 for stage in stages}
        for clock in ("wall_s", "processor_s")
    }
    answer = {"seats_4": few, "seats_20": many, "per_seat": cost}
    print("\nCost of each further flush seat (R2 with 20 against 4), s")
    for clock, values in cost.items():
        parts = "  ".join(f"{stage} {value:+.3f}" for stage, value in values.items())
        kernel = values["cut"] + values["mesh"]
        name = clock.removesuffix("_s")
        print(
            f"  {name:<10} {kernel:+.3f} in the kernel (target {TARGET_SEAT_S}), "
            f"{sum(values.values()):+.3f} in all: {parts}"
        )
    return answer


def show_run(run: Run) -> None:
    """Print one build."""
    target = TARGET_TOTAL_S.get(run.label[:2]) if "cold" in run.label else None
    print(f"\n{run.label}")
    aim = f" (target {target:g})" if target else ""
    memory = f"peak {run.peak_mib:.0f} MiB (target {TARGET_MEMORY_MIB:.0f})"
    print(f"  {run.status}: {run.wall_s:.1f} s wall{aim}, {run.processor_s:.1f} s processor, {memory}")
    if run.triangles:
        print(f"  {run.triangles} triangles")
    for message in run.errors:
        print(f"  error: {message}")
    stages = {name: value for name, value in run.stages_s.items() if name != "total"}
    for name, value in stages.items():
        print(f"    {name:<16}{value:7.2f} s")
    if target:
        for name, (members, limit) in TARGET_GROUPS_S.items():
            print(f"    = {name:<20}{by_the_clock(run, members):7.2f} s by the clock (target {limit:g})")
    print(f"  reused: {', '.join(run.reused) or 'nothing'}")


def show_ratio(answer: dict[str, Any]) -> None:
    """Print the comparison with the bare mesh."""
    print("\nRelief to gated STL on R1, B-rep against a bare mesh with manifold3d, one process")
    for way in ("brep", "mesh"):
        row = answer[way]
        print(f"  {way}: {row['triangles']} triangles, gate: {row['errors']} errors, {row['warnings']} warnings")
        for stage, wall in row["wall_s"].items():
            print(f"    {stage:<10}{wall:7.2f} s wall {row['processor_s'][stage]:7.2f} s processor")
    for name, row in answer["ratio"].items():
        print(f"  ratio, {name}: {row['wall']:.1f} wall, {row['processor']:.1f} processor (target {TARGET_RATIO:g})")


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to run (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    chosen = parser.parse_args(arguments)
    load = os.getloadavg()
    print(f"{os.cpu_count()} cores, load {load[0]:.1f} at the start, Python {platform.python_version()}")
    result: dict[str, Any] = {"cores": os.cpu_count(), "load_at_start": load[0], "python": platform.python_version()}
    with tempfile.TemporaryDirectory(prefix="ringcad-benchmark-") as name:
        folder = Path(name)
        if "builds" in chosen.only:
            result["builds"] = [vars(run) for run in measure_builds(folder)]
        if "ratio" in chosen.only:
            result["ratio"] = measure_ratio(SPECS / "r1.yaml")
        if "seats" in chosen.only:
            result["seats"] = measure_seats(folder)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
