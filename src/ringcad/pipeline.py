"""The one function that turns a spec into a gated, published ring.

Order: spec -> resolved numbers -> reliefs -> plan (numbers) -> worker: solid and mesh -> STL bytes ->
gate -> pictures here while the worker writes and re-reads the STEP -> report -> publish. Nothing lies
under a final name before everything has passed; a refusal leaves the folder as it was.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.cache import Cache
from ringcad.core.errors import InputError, Refused
from ringcad.core.findings import Finding, Severity, has_errors
from ringcad.fingerprint import code_hash, hash_of, library_versions
from ringcad.options import BuildOptions
from ringcad.outputs import REPORT_NAME, OutputFolder, explain_os_error, sha256_file
from ringcad.progress import ProgressCallback, Stopwatch, silent
from ringcad.registry import TEMPLATE_GROUP, entries, load_template
from ringcad.result import BuildResult
from ringcad.reuse import flat, load_result, store_result
from ringcad.sources import Source, read_source
from ringcad.stored import LockTarget, lock_target
from ringcad.worker import Worker

if TYPE_CHECKING:
    from ringcad.reliefs import ZoneRelief
    from ringcad.resolved import ResolvedRing
    from ringcad.spec import Spec
    from ringcad.template import Template
    from ringcad.worker import BuiltMesh

TEMPORARY_PREFIX = "ringcad-"
PICTURES = "pictures"
RESOLVED_NAME = "resolved.json"


@contextmanager
def private_folder(parent: Path | None = None) -> Iterator[Path]:
    """A temporary folder that only this user can enter, removed at the end."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=parent))
    except OSError as error:
        raise explain_os_error(error, parent or tempfile.gettempdir()) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Build:
    """State of one build on its way through the stages."""

    source: Source
    options: BuildOptions
    watch: Stopwatch
    cache: Cache
    resolved: ResolvedRing
    template: Template
    reliefs: dict[str, ZoneRelief] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    measurements: dict[str, Any] = field(default_factory=dict)
    reused: list[str] = field(default_factory=list)
    mesh: BuiltMesh | None = None

    @property
    def stl_name(self) -> str:
        """The scale of a file that is not at finished size stands in its name (design, Standards are data)."""
        scale = self.resolved.foundry.casting_scale
        return f"{self.source.name}.stl" if scale == 1.0 else f"{self.source.name}.scale-{scale:.4f}.stl"

    @property
    def step_name(self) -> str:
        return f"{self.source.name}.step"

    @property
    def wants_step(self) -> bool:
        return self.options.step and self.resolved.export.step

    @property
    def wants_pictures(self) -> bool:
        return self.options.pictures and self.resolved.export.pictures


def build_ring(
    source: Spec | Mapping[str, Any] | str | Path,
    options: BuildOptions | None = None,
    progress: ProgressCallback = silent,
    *,
    text: str | None = None,
    name: str | None = None,
    temporary: Path | None = None,
    write_spec: bool = False,
) -> BuildResult:
    """Build a ring from a spec.

    Parameters
    ----------
    source, text, name
        See :func:`ringcad.sources.read_source`.
    temporary
        Where to make the private folder (default: the system's).
    write_spec
        Publish ``text`` as the spec file together with the outputs: all of it or nothing.

    Returns
    -------
    BuildResult
        With status ``ok`` or ``refused``; a refused ring has written nothing.

    Raises
    ------
    SpecError, InputError
        Bad input (exit code 2).
    KernelFault
        A fault of ours (exit code 3).
    """
    options = options or BuildOptions()
    watch = Stopwatch(progress)
    with ExitStack() as stack:
        private = stack.enter_context(private_folder(temporary))
        worker = stack.enter_context(Worker(private, options.stage_limits_s, watch))  # it imports while we read
        with watch.stage("spec"):
            read = read_source(source, text, name)
            template = load_template(read.spec.template)
        with watch.stage("resolve"):
            from ringcad.resolve import advice, resolve

            resolved = resolve(read.spec, read.name)
        build = _Build(read, options, watch, Cache(options.cache), resolved, template)
        build.findings.extend(advice(resolved))
        keep = None if options.out is not None else Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX))
        out = options.out if options.out is not None else keep
        assert out is not None
        try:
            with OutputFolder(out) as folder:
                result = _run(build, folder, worker, private, text if write_spec else None, keep)
        except BaseException:
            if keep is not None:
                shutil.rmtree(keep, ignore_errors=True)
            raise
    if keep is not None:
        result.own_folder(keep)
    result.timings_s = watch.timings()
    return result


def _run(
    build: _Build,
    folder: OutputFolder,
    worker: Worker,
    private: Path,
    new_spec_text: str | None,
    keep: Path | None,
) -> BuildResult:
    try:
        locks = _gather_reliefs(build, folder, private)
        key = _result_key(build)
        content = None if build.options.keep_solid or build.options.fresh_relief else _reuse(build, folder, key)
        if content is None:
            content = _make(build, folder, worker, keep)
            store_result(build.cache, key, folder, content.files, _state(build))
    except Refused as refused:
        build.findings.extend(f for f in refused.findings if f not in build.findings)
        return _refusal(build)
    return _publish(build, folder, content, locks, new_spec_text)


# -- reliefs and plan ---------------------------------------------------------------------------------------


def _gather_reliefs(build: _Build, folder: OutputFolder, private: Path) -> LockTarget:
    """Relief of every zone; returns where the lock file is to be written."""
    from ringcad.reliefs import ReliefSource, prompt_findings

    with build.watch.stage("relief"):
        locks = lock_target(build.source, folder.path)
        sizes = build.template.zones(build.resolved)
        source = ReliefSource(
            lock=locks.lock,
            lock_folder=locks.read_from.parent,
            reliefs_name=locks.reliefs_name,
            folder=build.source.folder,
            private=private,
            cache=build.cache,
            watch=build.watch,
            fresh=build.options.fresh_relief,
        )
        build.reliefs = source.gather(build.resolved, sizes)
        build.findings.extend(prompt_findings(build.resolved, build.reliefs))
        build.reused.extend(f"relief {zone}" for zone, item in build.reliefs.items() if item.origin != "generator")
    return locks


def _target(build: _Build) -> str:
    name = build.source.spec.template
    return next((row.target for row in entries(TEMPLATE_GROUP) if row.name == name), "")


def _plan_key(build: _Build) -> str:
    """Everything a plan follows from: the numbers, the reliefs, the program."""
    numbers = build.resolved.model_dump(mode="json", exclude={"reasons", "name"})
    digests = {zone: item.row.relief_sha256 for zone, item in build.reliefs.items()}
    return hash_of({"resolved": numbers, "reliefs": digests, "code": code_hash(_target(build))})


def _result_key(build: _Build) -> str:
    """Everything the delivered bytes follow from."""
    return hash_of(
        {
            "plan": _plan_key(build),
            "name": build.source.name,
            "step": build.wants_step,
            "pictures": build.wants_pictures,
            "size": build.options.picture_size_px,
        }
    )


def _plan(build: _Build) -> Any:
    """The plan, from the cache if the same numbers and reliefs were planned before."""
    key = _plan_key(build)
    payload = build.cache.load("plan", key)
    if payload is not None:
        try:
            plan = pickle.loads(payload)  # the user's own folder, written by the same code (hashed in the key)
            build.reused.append("plan")
            return plan
        except Exception:
            build.watch.note("plan", "the cached plan is unreadable and is made again")
    with build.watch.stage("plan"):
        plan = build.template.plan(build.resolved, {zone: item.relief for zone, item in build.reliefs.items()})
    build.cache.store("plan", key, pickle.dumps(plan, protocol=5))
    return plan


# -- the ring ----------------------------------------------------------------------------------------------


@dataclass
class _Content:
    """What is delivered besides the report: staged names by kind, report parts."""

    files: dict[str, str | list[str]]
    report: dict[str, Any]
    pictures: list[str]


def _make(build: _Build, folder: OutputFolder, worker: Worker, keep: Path | None) -> _Content:
    plan = _plan(build)
    build.summary = dict(plan.summary)
    _take(build, plan.findings)
    ring = worker.build(build.source.spec.template, plan)
    _warm_parent(build)
    build.mesh = worker.built_mesh(ring)
    build.measurements["kernel"] = dict(build.mesh.measures)
    _take(build, build.mesh.findings)
    step = worker.step(folder.staged(build.step_name)) if build.wants_step else None
    brep = worker.brep(keep / "solid.brep") if keep is not None and build.options.keep_solid else None
    _write_stl(build, folder)
    _gate(build, folder)
    pictures = _draw(build, folder) if build.wants_pictures else []
    if step is not None:
        measures, findings = worker.step_result(step)
        build.measurements["step"] = measures
        if folder.is_full():
            raise InputError(f"There is no room left in {folder.path} for the STEP file; free some space.")
        _take(build, findings)
    if brep is not None:
        worker.wait(brep)
    _write_resolved(build, folder)
    files: dict[str, str | list[str]] = {"stl": build.stl_name}
    if step is not None:
        files["step"] = build.step_name
    files["resolved"] = RESOLVED_NAME
    files["pictures"] = pictures
    return _Content(files, _report(build), pictures)


def _write_resolved(build: _Build, folder: OutputFolder) -> None:
    folder.write(RESOLVED_NAME, (build.resolved.model_dump_json(indent=2) + "\n").encode())


def _take(build: _Build, findings: tuple[Finding, ...] | list[Finding]) -> None:
    """Add findings; the first stage that has an error ends the build."""
    build.findings.extend(findings)
    if has_errors(findings):
        raise Refused([f for f in findings if f.severity is Severity.ERROR])


def _warm_parent(build: _Build) -> None:
    """Import what comes next while the worker works."""
    with build.watch.stage("imports"):
        import importlib

        for module in ("ringcad.verify.check", "ringcad.export.report_html"):
            importlib.import_module(module)
        if build.wants_pictures:
            from ringcad.system_libraries import explain_import_error

            try:
                importlib.import_module("ringcad.render.pictures")
            except ImportError as error:
                raise explain_import_error(error) from error


def _write_stl(build: _Build, folder: OutputFolder) -> None:
    from ringcad.export.stl import stl_bytes

    assert build.mesh is not None
    with build.watch.stage("stl"):
        scale = build.resolved.foundry.casting_scale
        vertices = build.mesh.vertices if scale == 1.0 else build.mesh.vertices * scale
        header = f"ringcad, mm, {'finished size' if scale == 1.0 else f'scaled by {scale:.4f}'}"
        folder.write(build.stl_name, stl_bytes(vertices, build.mesh.triangles, header=header))


def _gate(build: _Build, folder: OutputFolder) -> None:
    """Judge the bytes on the disk."""
    from ringcad.verify.check import verify_stl

    assert build.mesh is not None
    with build.watch.stage("gate"):
        expected = build.mesh.measures.get("expected_genus", build.summary.get("expected_genus"))
        verdict = verify_stl(
            folder.staged(build.stl_name),
            build.resolved,
            expected_genus=None if expected is None else int(expected),
        )
    build.measurements.update(verdict.measurements)
    build.measurements["gate_timings_s"] = verdict.timings_s
    _take(build, verdict.findings)


def _draw(build: _Build, folder: OutputFolder) -> list[str]:
    from ringcad.render.develop import check_exposure
    from ringcad.render.pictures import render_views
    from ringcad.scene import make_scene

    assert build.mesh is not None
    with build.watch.stage("pictures"):
        target = folder.staged(f"{PICTURES}/x").parent
        scene = make_scene(build.resolved, build.template, build.mesh)
        try:
            pictures = render_views(scene, target, size_px=build.options.picture_size_px)
        except OSError as error:
            raise explain_os_error(error, folder.path / PICTURES) from error
        found = [check_exposure(picture) for picture in pictures]
    _take(build, [finding for finding in found if finding is not None])
    return [f"{PICTURES}/{picture.path.name}" for picture in pictures]


def _report(build: _Build) -> dict[str, Any]:
    """The report without files, digests and timings."""
    from ringcad import reporting
    from ringcad.export.report import make_report

    weights = None
    if build.mesh is not None:
        weights = reporting.weights_of(build.resolved, build.mesh, build.measurements.get("volume_mm3"))
    return make_report(
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


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return tuple(sorted(findings, key=lambda finding: order[finding.severity]))


def _refusal(build: _Build) -> BuildResult:
    result = _result(build, "refused", _report(build))
    result.report["timings_s"] = build.watch.timings()
    return result


def _result(build: _Build, status: Any, report: dict[str, Any]) -> BuildResult:
    mesh = build.mesh
    arrays: dict[str, Any] | None = None
    if mesh is not None:
        arrays = {
            "vertices": mesh.vertices,
            "triangles": mesh.triangles,
            "corner_normals": mesh.corner_normals,
            "face_index": mesh.face_index,
        }
    return BuildResult(
        status=status,
        name=build.source.name,
        findings=_sorted(build.findings),
        report=report,
        reused=tuple(build.reused),
        resolved=build.resolved,
        arrays=arrays,
        face_names=() if mesh is None else mesh.face_names,
    )


def _state(build: _Build) -> dict[str, Any]:
    """What of a finished build has to be kept beside its files."""
    return {name: getattr(build, name) for name in ("findings", "measurements", "summary", "mesh")}


def _reuse(build: _Build, folder: OutputFolder, key: str) -> _Content | None:
    """Stage the files of an identical earlier build, byte for byte; ``None`` when there is none."""
    with build.watch.stage("reuse"):
        found = load_result(build.cache, key, folder)
    if found is None:
        return None
    files, state = found
    for name, value in state.items():
        setattr(build, name, value)
    build.reused.extend(["plan", "solid", "mesh", "gate", *(kind for kind in files if kind != "resolved")])
    _write_resolved(build, folder)
    return _Content(files, _report(build), list(files["pictures"]))


# -- delivery -----------------------------------------------------------------------------------------------


def _publish(
    build: _Build, folder: OutputFolder, content: _Content, locks: LockTarget, text: str | None
) -> BuildResult:
    """Write the reports, then move everything to its final name at once."""
    from ringcad.export.report_html import write_report_html

    names: dict[str, str | list[str]] = {**content.files, "report": REPORT_NAME, "report_html": "report.html"}
    report = content.report
    with build.watch.stage("report"):
        listed = [name for kind, name in flat(names) if kind not in {"report", "report_html"}]
        report["files"] = names
        report["sha256"] = {name: sha256_file(folder.staged(name)) for name in listed}
        report["timings_s"] = build.watch.timings()
        report["reused"] = list(build.reused)
        try:
            write_report_html(report, [folder.staged(name) for name in content.pictures], folder.staged("report.html"))
        except OSError as error:
            raise explain_os_error(error, folder.path / "report.html") from error
        report["sha256"]["report.html"] = sha256_file(folder.staged("report.html"))
        folder.write(REPORT_NAME, (json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())
    with build.watch.stage("publish"):
        extra = locks.stage(folder, build.reliefs)
        if text is not None:
            extra |= _stage_spec(build.source, folder, text)
        folder.publish(extra)
        locks.clean(build.reliefs)
    result = _result(build, "ok", report)
    root = folder.path.resolve()
    result.files = {
        kind: str(root / name) if isinstance(name, str) else [str(root / item) for item in name]
        for kind, name in names.items()
    }
    if build.reliefs:
        stored = {str((locks.path.parent / item.row.file).resolve()) for item in build.reliefs.values()}
        result.files["lock"], result.files["reliefs"] = str(locks.path.resolve()), sorted(stored)
    result.sha256 = {path: sha256_file(Path(path)) for _, path in flat(result.files)}
    return result


def _stage_spec(source: Source, folder: OutputFolder, text: str) -> dict[Path, Path]:
    """The edited spec, to be published with the ring; refused when the file was changed meanwhile."""
    assert source.path is not None
    target = source.path.resolve()
    if hashlib.sha256(target.read_bytes()).hexdigest() != source.file_sha256:
        raise InputError(f"{source.path} was changed while its ring was built; nothing was written. Run it again.")
    staged = folder.write("spec-edited.yaml", text.encode())
    shutil.copymode(target, staged)
    return {staged: target}
