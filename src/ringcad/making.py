"""From numbers and reliefs to staged files: plan, solid, mesh, STL, gate, pictures, STEP, report.

The kernel works in one process and the pictures are drawn in another, both beside this one, which judges
the file. Everything is written to the staging folder only.
"""

from __future__ import annotations

import pickle
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.core.errors import InputError, Refused
from ringcad.core.findings import Finding, FindingCode, Severity, has_errors
from ringcad.fingerprint import code_hash, hash_of, library_versions
from ringcad.outputs import OutputFolder
from ringcad.registry import TEMPLATE_GROUP, entries
from ringcad.state import Build, Content
from ringcad.worker import Worker

if TYPE_CHECKING:
    from ringcad.verify.report import VerifyReport, WallSamples

PICTURES = "pictures"
WALL_MAP_PX = 1200
REMESH_SHARES = (0.5, 0.3)
"""Shares of the chord that are tried, in this order, when the gate refuses nothing but triangles."""
MESHERS_DEFECTS = frozenset(
    {
        FindingCode.SELF_INTERSECTION,
        FindingCode.OPEN_EDGES,
        FindingCode.NON_MANIFOLD_EDGES,
        FindingCode.NON_MANIFOLD_VERTICES,
        FindingCode.DEGENERATE_FACES,
        FindingCode.DUPLICATE_FACES,
    }
)
RESOLVED_NAME = "resolved.json"


def _target(build: Build) -> str:
    name = build.source.spec.template
    return next((row.target for row in entries(TEMPLATE_GROUP) if row.name == name), "")


def plan_key(build: Build) -> str:
    """Everything a plan follows from: the numbers, the reliefs, the program."""
    numbers = build.resolved.model_dump(mode="json", exclude={"reasons", "name"})
    digests = {zone: item.row.relief_sha256 for zone, item in build.reliefs.items()}
    return hash_of({"resolved": numbers, "reliefs": digests, "code": code_hash(_target(build))})


def result_key(build: Build) -> str:
    """Everything the delivered bytes follow from."""
    return hash_of(
        {
            "plan": plan_key(build),
            "name": build.source.name,
            "step": build.wants_step,
            "pictures": build.wants_pictures,
            "size": build.options.picture_size_px,
        }
    )


def _plan(build: Build) -> Any:
    """The plan, from the cache if the same numbers and reliefs were planned before."""
    from ringcad.template import RingPlan

    key = plan_key(build)
    payload = build.cache.load("plan", key)
    if payload is not None:
        try:
            plan = pickle.loads(payload)  # the user's own folder, written by the same code (hashed in the key)
            if isinstance(plan, RingPlan):
                plan = replace(plan, resolved=build.resolved)  # the same numbers; a head's file may lie elsewhere now
            build.reused.append("plan")
            return plan
        except Exception:
            build.watch.note("plan", "the cached plan is unreadable and is made again")
    with build.watch.stage("plan"):
        plan = build.template.plan(build.resolved, {zone: item.relief for zone, item in build.reliefs.items()})
    build.cache.store("plan", key, pickle.dumps(plan, protocol=5))
    return plan


@dataclass(frozen=True)
class CoreOrder:
    """The core of a ring in the making: the worker's command, the cache's key, whether it was there already."""

    command: int
    key: str
    stored: bool


def order_core(build: Build, worker: Worker) -> CoreOrder:
    """Have the part of the metal made, or fetched, that waits for no decoration."""
    name = build.source.spec.template
    numbers = {"template": name, "numbers": build.template.core_numbers(build.resolved)}
    key = hash_of({**numbers, "code": code_hash(_target(build))})
    stored = build.cache.load("core", key)
    return CoreOrder(worker.core(name, build.resolved, stored), key, stored is not None)


def _keep_core(build: Build, worker: Worker, order: CoreOrder) -> None:
    """Wait for the core and keep it for the next ring that shares it."""
    made = worker.core_bytes(order.command)
    if order.stored:
        build.reused.append("head")
    elif made is not None:
        build.cache.store("core", order.key, made)


def make(
    build: Build, folder: OutputFolder, worker: Worker, core: CoreOrder, private: Path, keep: Path | None
) -> Content:
    """Make and judge the ring; every file is staged. Raises ``Refused`` at the first stage with an error."""
    plan = _plan(build)
    build.summary = dict(plan.summary)
    build.take(plan.findings)
    ring = worker.build(build.source.spec.template, plan)
    with ExitStack() as stack:
        painter = _painter(build, private, stack)  # it loads while the kernel works
        _import_ahead(build)
        _keep_core(build, worker, core)
        build.mesh = worker.built_mesh(ring)
        build.take(build.mesh.findings)
        soundness = worker.check()
        step = worker.step(folder.staged(build.step_name)) if build.wants_step else None
        brep = worker.brep(keep / "solid.brep") if keep is not None and build.options.keep_solid else None
        drawings = _start_drawing(build, folder, painter, plan)
        verdict = _judge(build, folder)
        for share in REMESH_SHARES:
            if not _is_meshers(verdict):
                break
            build.watch.note("mesh", f"{verdict.findings[0].message}; meshed again with {share:g} of the chord")
            painter = _painter(build, private, stack, before=painter)
            build.mesh = worker.built_mesh(worker.remesh(share))
            drawings = _start_drawing(build, folder, painter, plan)
            verdict = _judge(build, folder)
        build.measurements["kernel"] = dict(build.mesh.measures)
        build.measurements.update(verdict.measurements)
        build.measurements["gate_timings_s"] = verdict.timings_s
        build.take(verdict.findings)
        _take_soundness(build, *worker.check_result(soundness))
        if painter is not None:
            drawings.append(_start_wall_map(build, folder, painter, verdict.wall_samples))
        pictures = [] if painter is None else _take_pictures(build, folder, painter, drawings)
        if step is not None:
            _take_step(build, folder, *worker.step_result(step))
        if brep is not None:
            worker.wait(brep)
    write_resolved(build, folder)
    files: dict[str, str | list[str]] = {"stl": build.stl_name}
    if step is not None:
        files["step"] = build.step_name
    files["resolved"] = RESOLVED_NAME
    files["pictures"] = pictures
    return Content(files, make_report(build), pictures)


def write_resolved(build: Build, folder: OutputFolder) -> None:
    """Stage ``resolved.json``."""
    folder.write(RESOLVED_NAME, (build.resolved.model_dump_json(indent=2) + "\n").encode())


def _import_ahead(build: Build) -> None:
    """Import what comes next while the kernel works."""
    import importlib

    with build.watch.stage("imports"):
        for module in ("ringcad.verify.check", "ringcad.export.stl", "ringcad.export.report_html", "ringcad.scene"):
            importlib.import_module(module)


def _write_stl(build: Build, folder: OutputFolder) -> None:
    from ringcad.export.stl import stl_bytes

    assert build.mesh is not None
    with build.watch.stage("stl"):
        scale = build.resolved.foundry.casting_scale
        vertices = build.mesh.vertices if scale == 1.0 else build.mesh.vertices * scale
        header = f"ringcad, mm, {'finished size' if scale == 1.0 else f'scaled by {scale:.4f}'}"
        folder.write(build.stl_name, stl_bytes(vertices, build.mesh.triangles, header=header))


def _judge(build: Build, folder: OutputFolder) -> VerifyReport:
    """Write the mesh as STL and judge the bytes on the disk."""
    from ringcad.verify import check

    _write_stl(build, folder)
    assert build.mesh is not None
    with build.watch.stage("gate"):
        return check.verify_stl(folder.staged(build.stl_name), build.resolved)


def _take_soundness(build: Build, findings: list[Finding], expected_genus: int | None) -> None:
    """What the kernel says of the solid, and whether the file has the handles that its parts declare."""
    from ringcad.verify.mesh_rules import genus_findings

    genus = build.measurements.get("genus")
    build.measurements["kernel"]["expected_genus"] = expected_genus
    if expected_genus is not None and genus is not None:
        findings = [*findings, *genus_findings(int(genus), expected_genus)]
    build.take(findings)


def _is_meshers(verdict: VerifyReport) -> bool:
    """True when all that refuses the file are defects of its triangles, which a finer mesh of a sound solid lacks."""
    codes = {finding.code for finding in verdict.findings if finding.severity is Severity.ERROR}
    return bool(codes) and codes <= MESHERS_DEFECTS


def _painter(build: Build, private: Path, stack: ExitStack, before: Worker | None = None) -> Worker | None:
    """A process for the pictures, in place of ``before``; ``None`` when none are wanted."""
    if before is not None:
        before.close()
    if not build.wants_pictures:
        return None
    return stack.enter_context(Worker(private, build.options.stage_limits_s, build.watch, "pictures"))


def _take_step(build: Build, folder: OutputFolder, measures: dict[str, Any], findings: list[Finding]) -> None:
    build.measurements["step"] = measures
    if folder.is_full():  # the kernel's writer does not always notice
        raise InputError(f"There is no room left in {folder.path} for the STEP file; free some space.")
    build.take(findings)


def _start_drawing(build: Build, folder: OutputFolder, painter: Worker | None, plan: Any) -> list[int]:
    from ringcad.scene import make_scene

    if painter is None:
        return []
    assert build.mesh is not None
    target = folder.staged(f"{PICTURES}/x").parent
    scene = build.scene = make_scene(build.resolved, build.template, build.mesh, plan)
    return [painter.pictures(scene, target, build.options.picture_size_px)]


def _start_wall_map(build: Build, folder: OutputFolder, painter: Worker, samples: WallSamples) -> int:
    from ringcad.scene import walls_at_vertices

    assert build.scene is not None
    return painter.walls(
        walls_at_vertices(build.scene.vertices, samples),
        build.resolved.foundry.wall_min_mm,
        folder.staged(f"{PICTURES}/x").parent,
        min(WALL_MAP_PX, build.options.picture_size_px),
    )


def _take_pictures(build: Build, folder: OutputFolder, painter: Worker, drawings: list[int]) -> list[str]:
    """Names of the pictures. A ring is not refused for its pictures: without them it is delivered with a warning."""
    from ringcad.export.report_pictures import embed_ahead

    names: list[str] = []
    try:
        for drawing in drawings:
            drawn, findings = painter.picture_result(drawing)
            build.take(findings)
            # what the report's page shows is made ready while the next picture is drawn
            embed_ahead([folder.staged(f"{PICTURES}/{name}") for name in drawn], first=len(names))
            names.extend(drawn)
    except Refused as refused:
        build.take([replace(finding, severity=Severity.WARNING) for finding in refused.findings])
        for leftover in folder.staged(f"{PICTURES}/x").parent.iterdir():
            leftover.unlink()
        return []
    return [f"{PICTURES}/{name}" for name in names]


def make_report(build: Build) -> dict[str, Any]:
    """The report without files, digests and timings."""
    from ringcad import reporting
    from ringcad.export import report

    weights = None
    if build.mesh is not None:
        weights = reporting.weights_of(build.resolved, build.mesh, build.measurements.get("volume_mm3"))
    return report.make_report(
        build.resolved,
        status="refused" if has_errors(build.findings) else "ok",
        findings=build.findings,
        walls=(),
        relief=reporting.relief_rows(build.resolved, build.reliefs),
        weights=weights,
        measurements=build.measurements,
        timings_s={},
        files={},
        sha256={},
        plan_summary=build.summary,
        platform_share=build.summary.get("platform_share"),
        spec_file=build.source.path.name if build.source.path else None,
        spec_sha256=build.source.sha256,
        versions=library_versions(),
    )
