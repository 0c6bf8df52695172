"""Relief to gated STL in this one process, stage by stage; run by :mod:`workloads`.

    python benchmarks/workloads_kernel.py SPEC [--bare-mesh]

With ``--bare-mesh`` the same ring is also made as a bare mesh: the plan's own decorated grid as triangles,
head and cutters tessellated coarsely, united and cut by manifold3d, written and judged by the same gate.
That is the floor: it yields neither B-rep nor STEP, its seats and rails are facets of 30 degrees. Imports,
the drawing of the relief and the first call of compiled functions come before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ringcad.cache import Cache
from ringcad.export.stl import stl_bytes
from ringcad.fit.limb import LimbNets
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.surfaces import NamedShape
from ringcad.lockfile import Lock
from ringcad.progress import Stopwatch
from ringcad.registry import load_template
from ringcad.reliefs import ReliefSource
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.sources import read_source
from ringcad.template import RingPlan
from ringcad.templates.solitaire import openings, parts
from ringcad.templates.solitaire.build import center_cutters, flush_seats
from ringcad.verify.check import verify_stl
from ringcad.verify.report import VerifyReport

Array = NDArray[np.float64]
COARSE_CHORD_MM = 0.03
COARSE_ANGLE_DEG = 30.0


class Laps:
    """Wall and processor seconds between calls."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        self._name: str | None = None
        self._at = (time.perf_counter(), time.process_time())

    def stage(self, name: str | None) -> None:
        """End the running stage and begin ``name``."""
        now = (time.perf_counter(), time.process_time())
        if self._name is not None:
            self.wall[self._name] = self.wall.get(self._name, 0.0) + now[0] - self._at[0]
            self.processor[self._name] = self.processor.get(self._name, 0.0) + now[1] - self._at[1]
        self._name, self._at = name, now

    def row(self, verdict: VerifyReport, triangles: int) -> dict[str, Any]:
        """JSON-ready."""
        severities = [finding.severity.value for finding in verdict.findings]
        return {
            "wall_s": self.wall,
            "processor_s": self.processor,
            "triangles": triangles,
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
            "findings": [finding.message for finding in verdict.findings],
        }


def gated(path: Path, vertices: Array, triangles: NDArray[np.int32], ring: ResolvedRing, laps: Laps) -> VerifyReport:
    """Write the STL, read it back and judge it."""
    laps.stage("stl")
    path.write_bytes(stl_bytes(vertices, triangles, header="benchmark"))
    laps.stage("gate")
    verdict = verify_stl(path, ring)
    laps.stage(None)
    return verdict


def decorated_mesh(nets: LimbNets, skin: Array) -> tuple[Array, NDArray[np.int32]]:
    """The decorated limb as a closed mesh through all poles: what displacing a grid gives."""
    loop = np.concatenate([skin[:, :-1], nets.right[:, :-1], nets.inner[:, :-1], nets.left[:, :-1]], axis=1)
    rows, columns = loop.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    along = np.roll(index, -1, axis=0)
    quads = np.stack([index, along, np.roll(along, -1, axis=1), np.roll(index, -1, axis=1)], axis=-1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    vertices = loop.reshape(-1, 3)
    corners = vertices[triangles]
    volume = float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])))
    return vertices, triangles if volume > 0.0 else triangles[:, ::-1]


def manifold(vertices: Array, triangles: NDArray[np.int32]) -> manifold3d.Manifold:
    """A manifold3d body."""
    body = manifold3d.Manifold(manifold3d.Mesh64(vertices, triangles.astype(np.uint64)))
    if body.status() != manifold3d.Error.NoError:
        raise SystemExit(f"the mesh of a part is not closed: {body.status()}")
    return body


def coarse(part: NamedShape) -> manifold3d.Manifold:
    """A kernel part as a coarse body."""
    mesh = tessellate(part, COARSE_CHORD_MM, COARSE_ANGLE_DEG)
    return manifold(mesh.vertices, mesh.triangles)


def as_brep(plan: RingPlan, template: Any, path: Path) -> dict[str, Any]:
    """The way of the product: solid, mesh, STL, gate."""
    laps = Laps()
    core = template.core(plan.resolved, laps.stage)
    built = template.build(plan, core, laps.stage)
    verdict = gated(path, built.mesh.vertices, built.mesh.triangles, plan.resolved, laps)
    return laps.row(verdict, len(built.mesh.triangles))


def as_mesh(plan: RingPlan, path: Path) -> dict[str, Any]:
    """The bare mesh: displace, unite, cut, STL, gate."""
    ring, laps = plan.resolved, Laps()
    laps.stage("displace")
    body = manifold(*decorated_mesh(plan.nets, plan.skin))
    laps.stage("parts")
    head = [coarse(part) for part in (*parts.rails(ring), *parts.prongs(ring))]
    opened = [coarse(part) for part in openings.windows(ring)]
    cutters = [coarse(part) for part in (*center_cutters(ring), *flush_seats(ring))]
    laps.stage("fuse")
    for opening in opened:
        body = body - opening
    body = manifold3d.Manifold.batch_boolean([body, *head], manifold3d.OpType.Add)
    laps.stage("cut")
    body = manifold3d.Manifold.batch_boolean([body, *cutters], manifold3d.OpType.Subtract)
    mesh = body.to_mesh64()
    vertices = np.asarray(mesh.vert_properties, np.float64)[:, :3]
    triangles = np.asarray(mesh.tri_verts).astype(np.int32)
    return laps.row(gated(path, vertices, triangles, ring, laps), len(triangles))


def ratios(brep: dict[str, Any], mesh: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
    """B-rep over mesh, with the plan (filter, budget, coefficients) on both sides, on ours alone, on neither."""
    found = {}
    for name, ours, theirs in (
        ("plan on both sides", 1.0, 1.0),
        ("plan on our side alone", 1.0, 0.0),
        ("without the plan", 0.0, 0.0),
    ):
        row = {}
        for clock, key in (("wall", "wall_s"), ("processor", "processor_s")):
            plan = planned[key]["plan"]
            row[clock] = (sum(brep[key].values()) + ours * plan) / (sum(mesh[key].values()) + theirs * plan)
        found[name] = row
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", type=Path)
    parser.add_argument("--bare-mesh", action="store_true", help="the same ring with manifold3d too")
    chosen = parser.parse_args(arguments)
    source = read_source(chosen.spec)
    template = load_template(source.spec.template)
    ring = resolve(source.spec, source.name)
    with tempfile.TemporaryDirectory(prefix="ringcad-benchmark-") as name:
        folder = Path(name)
        reliefs = ReliefSource(
            lock=Lock(),
            lock_folder=folder,
            reliefs_name="reliefs",
            folder=source.folder,
            private=folder,
            cache=Cache(None),
            watch=Stopwatch(),
            fresh=True,
        ).gather(ring, template.zones(ring))
        drawn = {zone: item.relief for zone, item in reliefs.items()}
        template.plan(ring, drawn)  # imports and first calls
        laps = Laps()
        laps.stage("plan")
        plan = template.plan(ring, drawn)
        laps.stage(None)
        planned = {"wall_s": laps.wall, "processor_s": laps.processor}
        answer: dict[str, Any] = {"plan": planned}
        if chosen.bare_mesh:  # first, so that what the gate compiles at its first call is not on the mesh's side
            as_mesh(plan, folder / "warm.stl")
        answer["brep"] = as_brep(plan, template, folder / "brep.stl")
        if chosen.bare_mesh:
            answer["mesh"] = as_mesh(plan, folder / "mesh.stl")
            answer["ratio"] = ratios(answer["brep"], answer["mesh"], planned)
    json.dump(answer, sys.stdout, indent=2)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
