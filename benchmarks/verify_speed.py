"""Speed of the verifier: a full check of R1 and of a million triangles, beside other programs' own checks, in one run.

    python benchmarks/verify_speed.py                     # builds R1 first (about 20 s)
    python benchmarks/verify_speed.py --ring DIR          # a folder that ``ringcad build`` wrote
    python benchmarks/verify_speed.py --triangles 200000  # a smaller big mesh

Every check runs in a process of its own, twice; the better is shown. ``check`` is the time without imports, ``cpu`` the
processor time of the whole process and its children: on a machine that others use too, only that one compares. What
docs/verifier.md says of speed belongs to this program.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
TARGET_S = {"R1": 4.0, "million": 40.0}
"""What the project asks of a full check on two idle cores, seconds."""
SAMPLES = 12_000
"""Wall samples of the verifier; the others are given as many where they measure walls."""
CALL = "import sys; from ringcad.cli import main; sys.exit(main())"
BLENDER = """
import bpy, bmesh, sys, time, json
from mathutils.bvhtree import BVHTree
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.wm.stl_import(filepath=sys.argv[-1])
start = time.perf_counter()
mesh = bmesh.new(); mesh.from_mesh(bpy.context.selected_objects[0].data)
bad = sum(not edge.is_manifold for edge in mesh.edges)
tree = BVHTree.FromBMesh(mesh, epsilon=0.00001)
pairs = sum(1 for a, b in tree.overlap(tree) if a < b)
print("RINGCAD" + json.dumps({"check_s": time.perf_counter() - start, "said": f"{bad} open, {pairs} overlaps"}))
"""


def band(triangles: int) -> tuple[np.ndarray, np.ndarray]:
    """A closed comfort band with a fine relief on its crown, as one grid of about so many triangles."""
    around = round(np.sqrt(triangles / 2.0 * 62.0 / 16.0))
    across = round(triangles / 2.0 / around)
    turn = 2.0 * np.pi * np.arange(around) / around
    way = 2.0 * np.pi * np.arange(across) / across
    phi, u = np.meshgrid(turn, way, indexing="ij")
    # A rounded section, 5 mm wide and 2 mm thick; beads and waves of 0.3 mm on its outer half.
    y, height = 2.5 * np.cos(u), np.sin(u)
    relief = (
        0.15 * np.maximum(np.sin(u), 0.0) ** 2 * (np.sin(60.0 * phi) * np.sin(9.0 * u) + np.sin(24.0 * phi + 4.0 * u))
    )
    radius = 9.66 + height + relief
    points = np.stack([radius * np.sin(phi), y, radius * np.cos(phi)], axis=-1).reshape(-1, 3)
    i, j = (part.ravel() for part in np.meshgrid(np.arange(around), np.arange(across), indexing="ij"))
    a, b = i * across + j, (i + 1) % around * across + j
    c, d = (i + 1) % around * across + (j + 1) % across, i * across + (j + 1) % across
    return points, np.concatenate([np.stack([a, c, b], 1), np.stack([a, d, c], 1)])


def check_ringcad(path: Path, resolved: Path | None) -> Callable[[], str]:
    from ringcad.resolved import ResolvedRing
    from ringcad.verify.check import check_file

    ring = None if resolved is None else ResolvedRing.model_validate_json(resolved.read_bytes())

    def run() -> str:
        report = check_file(path, ring)
        slow = sorted(report.timings_s.items(), key=lambda item: -item[1])[:4]
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in slow)
        return f"{len(report.findings)} findings; slowest stages {stages}"

    return run


def check_trimesh(path: Path, _: Path | None) -> Callable[[], str]:
    import trimesh

    def run() -> str:
        mesh = trimesh.load_mesh(path)
        closed, wound = mesh.is_watertight, mesh.is_winding_consistent
        bodies, handles = mesh.body_count, mesh.euler_number
        degenerate = int((~mesh.nondegenerate_faces()).sum())
        return f"closed {closed}, winding {wound}, bodies {bodies}, Euler {handles}, degenerate {degenerate}"

    return run


def check_trimesh_walls(path: Path, _: Path | None) -> Callable[[], str]:
    import trimesh

    def run() -> str:
        mesh = trimesh.load_mesh(path)
        points, faces = trimesh.sample.sample_surface_even(mesh, SAMPLES, seed=1)
        thickness = trimesh.proximity.thickness(mesh, points, normals=mesh.face_normals[faces], method="ray")
        return f"{len(points)} rays, least {float(thickness.min()):.4f} mm"

    return run


def check_pymeshlab(path: Path, _: Path | None) -> Callable[[], str]:
    import pymeshlab

    def run() -> str:
        meshes = pymeshlab.MeshSet()
        meshes.load_new_mesh(str(path))
        meshes.meshing_merge_close_vertices(threshold=pymeshlab.PercentageValue(0.0))
        topology = meshes.get_topological_measures()
        meshes.get_geometric_measures()
        meshes.compute_selection_by_self_intersections_per_face()
        crossing = meshes.current_mesh().selected_face_number()
        return f"open {topology['boundary_edges']}, handles {topology['genus']}, {crossing} faces that cross"

    return run


TOOLS: dict[str, tuple[str, Callable[[Path, Path | None], Callable[[], str]], str]] = {
    "ringcad": ("ringcad", check_ringcad, "everything of docs/certificate.md"),
    "trimesh": ("trimesh", check_trimesh, "edges, winding, bodies, genus"),
    "trimesh walls": ("trimesh", check_trimesh_walls, "one ray at each of 12 000 samples"),
    "PyMeshLab": ("pymeshlab", check_pymeshlab, "edges, genus, crossing faces (flags coplanar neighbours)"),
}


def one(tool: str, path: Path, resolved: Path | None) -> None:
    """In the child: run one check and print its time."""
    run = TOOLS[tool][1](path, resolved)
    start = time.perf_counter()
    said = run()
    print("RINGCAD" + json.dumps({"check_s": time.perf_counter() - start, "said": said}))


def timed(command: list[str]) -> dict[str, Any]:
    """The child's answer, with its wall and processor seconds and its peak of memory in MiB."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = [line[7:] for line in done.stdout.splitlines() if line.startswith("RINGCAD")]
    if not answer:
        return {"check_s": float("nan"), "said": (done.stderr.strip().splitlines() or ["no answer"])[-1], "cpu_s": wall}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**json.loads(answer[-1]), "cpu_s": cpu, "peak_mib": after.ru_maxrss / 1024.0}


def measured(command: list[str], times: int) -> dict[str, Any]:
    return min((timed(command) for _ in range(times)), key=lambda item: item["cpu_s"])


def built(folder: Path) -> Path:
    """Build R1 into a folder."""
    out = folder / "r1"
    spec = str(HERE / "specs" / "r1.yaml")
    options = ["--out", str(out), "--no-step", "--no-pictures", "--quiet", "--cache", str(folder / "cache")]
    shutil.copy(spec, folder / "r1.yaml")
    subprocess.run([sys.executable, "-c", CALL, "build", str(folder / "r1.yaml"), *options], check=True)
    return out


def table(name: str, path: Path, resolved: Path | None, triangles: int, times: int) -> None:
    print(f"\n{name}: {triangles} triangles, {path.stat().st_size / 1e6:.1f} MB; a full check is asked in "
          f"{TARGET_S[name]:g} s on two idle cores")  # fmt: skip
    print(f"{'tool':<15}{'check s':>9}{'cpu s':>8}{'to ours':>9}  what it looks at / what it said")
    own = float("nan")
    for tool, (module, _, about) in TOOLS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{tool:<15}{'absent':>9}")
            continue
        extra = ["--resolved", str(resolved)] if resolved is not None else []
        found = measured([sys.executable, __file__, "--one", tool, "--file", str(path), *extra], times)
        own = found["cpu_s"] if tool == "ringcad" else own
        print(f"{tool:<15}{found['check_s']:>9.2f}{found['cpu_s']:>8.2f}{found['cpu_s'] / own:>8.2f}x  {about}")
        print(f"{'':<43}{found['said']}")
    if (blender := shutil.which("blender")) is None:
        print(f"{'Blender':<15}{'absent':>9}")
        return
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(BLENDER)
        script.flush()
        found = measured([blender, "-b", "--python", script.name, "--", str(path)], times)
    print(
        f"{'Blender':<15}{found['check_s']:>9.2f}{found['cpu_s']:>8.2f}{found['cpu_s'] / own:>8.2f}x  {found['said']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ring", type=Path, help="folder with the STL and resolved.json of R1")
    parser.add_argument("--triangles", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--one", choices=list(TOOLS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--resolved", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        one(options.one, options.file, options.resolved)
        return
    from ringcad.export.stl import stl_bytes
    from ringcad.verify.stl import read_stl

    with tempfile.TemporaryDirectory() as place:
        ring = options.ring or built(Path(place))
        path = next(ring.glob("*.stl"))
        table("R1", path, ring / "resolved.json", len(read_stl(path).faces), options.times)
        vertices, faces = band(options.triangles)
        big = Path(place) / "band.stl"
        big.write_bytes(stl_bytes(vertices, faces))
        table("million", big, None, len(faces), options.times)


if __name__ == "__main__":
    main()
