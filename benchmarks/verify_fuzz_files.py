"""Hostile and damaged files into the verifier: never a traceback, bounded time and memory.

    python benchmarks/verify_fuzz_files.py [--damaged 300] [--faces 2000000] [--markdown docs/verifier.md]

Three parts: shapes that are worst for one stage or another, whole files with bytes changed or lost, and a sound ring of
``--faces`` triangles under a memory limit of 4 GiB. Each large file is read in a process of its own; processor seconds
and the largest resident size are printed.
"""

from __future__ import annotations

import argparse
import json
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ringcad.core.errors import InputError
from ringcad.verify.check import verify_stl

Array = NDArray[Any]
MEMORY_BYTES = 4 << 30
START, END = "<!-- measured by benchmarks/verify_fuzz_files.py -->", "<!-- end of damaged files -->"
_RECORD = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def stl(corners: Array) -> bytes:
    """Binary STL of (m, 3, 3) corners."""
    records = np.zeros(len(corners), dtype=_RECORD)
    with np.errstate(over="ignore"):
        records["corners"] = corners
    return b"hostile".ljust(80) + struct.pack("<I", len(corners)) + records.tobytes()


def torus(count: int) -> Array:
    """A sound ring of about ``count`` triangles."""
    around = max(8, int((2 * count) ** 0.5))
    across = max(6, count // (2 * around))
    i, j = (x.ravel() for x in np.meshgrid(np.arange(around), np.arange(across), indexing="ij"))
    t, u = 2 * np.pi * i / around, 2 * np.pi * j / across
    r = 9.7 + 1.05 * np.cos(u)
    points = np.stack([r * np.sin(t), 1.8 * np.sin(u), r * np.cos(t)], axis=1)
    a, b = i * across + j, (i + 1) % around * across + j
    c, d = (i + 1) % around * across + (j + 1) % across, i * across + (j + 1) % across
    return points[np.concatenate([np.stack([a, c, b], 1), np.stack([a, d, c], 1)])][:, ::-1]


def shape(name: str, count: int, seed: int = 1) -> Array:
    """(count, 3, 3) corners of a shape that is hard on one stage or another."""
    draw = np.random.default_rng(seed)
    if name == "sound ring":
        return torus(count)
    if name == "soup of large triangles":
        return draw.uniform(-12, 12, (count, 3, 3))
    if name == "soup of small triangles":
        return draw.uniform(-12, 12, (count, 1, 3)) + draw.uniform(-0.05, 0.05, (count, 3, 3))
    if name == "one triangle, many times":
        return np.broadcast_to(draw.uniform(-12, 12, (1, 3, 3)), (count, 3, 3))
    if name == "all round one vertex":
        rim = draw.normal(size=(count, 2, 3))
        rim *= 12 / np.linalg.norm(rim, axis=2, keepdims=True)
        return np.concatenate([np.zeros((count, 1, 3)), rim], axis=1)
    if name == "all on one edge":
        tip = draw.normal(size=(count, 1, 3)) * 8
        return np.concatenate([np.zeros((count, 1, 3)), np.tile([[[0.0, 0.0, 9.0]]], (count, 1, 1)), tip], axis=1)
    if name == "diagonal slivers":
        middle = draw.uniform(-3, 3, (count, 3))
        corners = np.stack([middle - 9.0, middle + 9.0, middle + 9.0], axis=1)
        corners[:, 2, 0] += 1e-4
        return corners
    if name == "stack of slanted plates":
        z = np.linspace(-10, 10, count)
        return np.stack(
            [np.stack([0 * z + x, 0 * z + y, z + 0.3 * x], axis=1) for x, y in ((-9, -9), (9, -9), (0, 9))], axis=1
        )
    if name == "points":
        return np.repeat(draw.uniform(-12, 12, (count, 1, 3)), 3, axis=1)
    if name == "one point":
        return np.zeros((count, 3, 3))
    if name == "flat":
        return draw.uniform(-12, 12, (count, 3, 3)) * [1.0, 1.0, 0.0]
    if name == "numbers of every size":
        return draw.uniform(-1, 1, (count, 3, 3)) * 10.0 ** draw.uniform(-40, 37, (count, 3, 1))
    if name == "smallest numbers":
        return draw.uniform(-1, 1, (count, 3, 3)) * 1e-43
    raise KeyError(name)


SHAPES = (
    "sound ring", "soup of large triangles", "soup of small triangles", "one triangle, many times",
    "all round one vertex", "all on one edge", "diagonal slivers", "stack of slanted plates", "points", "one point",
    "flat", "numbers of every size", "smallest numbers",
)  # fmt: skip


def damaged(data: bytes, seed: int) -> bytes:
    """A file with bytes changed, runs of bytes lost, doubled or overwritten, or nothing but noise."""
    draw = np.random.default_rng(seed)
    way = seed % 6
    content = bytearray(data)
    at = int(draw.integers(len(content)))
    if way == 0:
        for place in draw.integers(0, len(content), draw.integers(1, 40)):
            content[place] = draw.integers(256)
    elif way == 1:
        del content[at:]
    elif way == 2:
        content[at : at + int(draw.integers(1, 4000))] = b""
    elif way == 3:
        content[at:at] = content[at : at + int(draw.integers(1, 4000))]
    elif way == 4:
        size = int(draw.integers(1, 4000))
        content[at : at + size] = draw.bytes(len(content[at : at + size]))
    else:
        count = int(draw.integers(0, 60))
        content = bytearray(draw.bytes(80) + struct.pack("<I", count) + draw.bytes(50 * count))
    if way in (2, 3) and len(content) >= 84:  # a file that a tool wrote anew: its count fits again
        content = content[: 84 + (len(content) - 84) // 50 * 50]
        content[80:84] = struct.pack("<I", (len(content) - 84) // 50)
    return bytes(content)


def outcome(data: bytes, resolved: Any = None) -> str:
    """``unreadable``, ``findings`` or ``clean``; anything else that is raised goes on up."""
    try:
        report = verify_stl(data, resolved)
    except InputError:
        return "unreadable"
    return "clean" if report.ok else "findings"


def in_process(name: str, count: int) -> dict[str, Any]:
    """Write one large file and judge it in a process of its own under the memory limit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.stl"
        path.write_bytes(stl(shape(name, count)))
        begin = time.perf_counter()
        run = subprocess.run(
            [sys.executable, __file__, "--one", str(path)], capture_output=True, text=True, check=False
        )
        wall = time.perf_counter() - begin
    if run.returncode:
        return {"outcome": "FAULT: " + (run.stderr.strip().splitlines() or ["no word"])[-1][:120], "wall_s": wall}
    row: dict[str, Any] = json.loads(run.stdout)
    return row | {"wall_s": wall}


def one(path: Path) -> int:
    """In the process of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    kind = outcome(path.read_bytes())
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps({"outcome": kind, "processor_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024})
    )
    return 0


def damaged_table(number: int, progress: Callable[[str], None]) -> str:
    """What became of ``number`` damaged files."""
    good = stl(torus(4000))
    kinds: Counter[str] = Counter()
    slowest = 0.0
    for seed in range(number):
        begin = time.process_time()
        try:
            kinds[outcome(damaged(good, seed))] += 1
        except Exception as error:  # whatever escapes the reader is the fault that is counted here
            kinds["FAULT"] += 1
            progress(f"FAULT at seed {seed}: {error!r}")
        slowest = max(slowest, time.process_time() - begin)
    words = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return f"{number} files with bytes changed, lost, doubled or random: {words}; the slowest took {slowest:.1f} s."


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; 1 when anything raised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--damaged", type=int, default=300)
    parser.add_argument("--faces", type=int, default=2_000_000)
    parser.add_argument("--hostile-faces", type=int, metavar="N", help="of the unsound shapes (default: --faces)")
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--markdown", type=Path, metavar="PAGE")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.one:
        return one(chosen.one)
    lines = [damaged_table(chosen.damaged, print), ""]
    lines += ["| file | triangles | ended in | processor s | peak MiB |", "|---|---|---|---|---|"]
    for name in chosen.shapes:
        count = chosen.faces if name == "sound ring" else chosen.hostile_faces or chosen.faces
        row = in_process(name, count)
        seconds, memory = row.get("processor_s"), row.get("peak_mib")
        tail = "- | -" if seconds is None else f"{seconds:.0f} | {memory:.0f}"
        lines.append(f"| {name} | {count} | {row['outcome']} | {tail} |")
        print(lines[-1], file=sys.stderr, flush=True)
    text = "\n".join(lines)
    print(text)
    if chosen.markdown:
        from verify_mutations import renew

        renew(chosen.markdown, START, END, text)
    return int("FAULT" in text)


if __name__ == "__main__":
    raise SystemExit(main())
