"""The one function that turns a spec into a gated, published ring.

Order: spec -> resolved numbers -> reliefs -> plan (numbers) -> worker: solid and mesh -> STL bytes ->
gate here, STEP in the kernel's process and pictures in another, side by side -> report -> publish
(:mod:`ringcad.making` is the part from the plan to the report). Nothing lies under a final name
before everything has passed; a refusal leaves the folder as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.cache import Cache
from ringcad.certify import certificate_of_build, certificate_page
from ringcad.core.errors import InputError, Refused, RingcadError, SpecError, ZoneTooNarrow
from ringcad.core.findings import Finding, Severity
from ringcad.designs import Edit
from ringcad.making import make, make_report, order_core, result_key, write_resolved
from ringcad.options import BuildOptions
from ringcad.outputs import REPORT_NAME, OutputFolder, explain_os_error, sha256_file
from ringcad.progress import ProgressCallback, Stopwatch, silent
from ringcad.registry import load_template
from ringcad.result import BuildResult
from ringcad.reuse import flat, load_result, store_result
from ringcad.sources import Source, read_source
from ringcad.state import Build, Content
from ringcad.stored import LockTarget, changed_head, lock_target, own_head_row
from ringcad.worker import Worker

if TYPE_CHECKING:
    from ringcad.resolved import Decoration
    from ringcad.spec import Spec
    from ringcad.template import Template

TEMPORARY_PREFIX = "ringcad-"


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


def build_ring(
    source: Spec | Mapping[str, Any] | str | Path,
    options: BuildOptions | None = None,
    progress: ProgressCallback = silent,
    *,
    text: str | None = None,
    name: str | None = None,
    temporary: Path | None = None,
    write_spec: bool = False,
    files: Mapping[Path, str] | None = None,
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
    files
        Texts by path of files that the spec names and that are published with it.

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
            template = _template(read)
        with watch.stage("resolve"):
            from ringcad.resolve import advice, resolve

            resolved = resolve(read.spec, read.name)
        build = Build(read, options, watch, Cache(options.cache), resolved, template)
        build.findings.extend(advice(resolved))
        keep = None if options.out is not None else Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX))
        out = options.out if options.out is not None else keep
        assert out is not None
        _spare_the_head(build, out)
        try:
            with OutputFolder(out) as folder:
                edit = Edit(text, dict(files or {})) if write_spec and text is not None else None
                result = _run(build, folder, worker, private, edit, keep)
        except BaseException:
            if keep is not None:
                shutil.rmtree(keep, ignore_errors=True)
            raise
    if keep is not None:
        result.own_folder(keep)
    result.timings_s = watch.timings()
    return result


def _template(source: Source) -> Template:
    try:
        return load_template(source.spec.template)
    except InputError as error:
        raise SpecError([source.spec.source.problem("template", str(error))]) from error


def _located(build: Build, zone: Decoration, error: InputError) -> RingcadError:
    """The complaint with the place of its decoration in the spec, and the shank's width that would do."""
    source = build.source
    for number, given in enumerate(source.spec.decoration):
        if source.spec.region_of(given) == zone.region:
            text = str(error).removeprefix("decoration.image: ").removeprefix("decoration: ")
            place = f"decoration.{number}"
            if given.image is not None and given.image in text:
                place += ".image"
            elif given.program is not None and text.startswith("the prompt"):
                place += ".prompt"
            elif given.generator is not None and text.startswith("There is no generator"):
                place += ".generator"
            if isinstance(error, ZoneTooNarrow) and given.program is None:
                from ringcad.widening import width_that_fits

                edit = width_that_fits(source.spec, build.template, zone, error, source.folder)
                text += f". On this ring '{edit}' does" if edit else ""
            return SpecError([source.spec.source.problem(place, text)])
    return error


def _run(
    build: Build,
    folder: OutputFolder,
    worker: Worker,
    private: Path,
    edit: Edit | None,
    keep: Path | None,
) -> BuildResult:
    try:
        core = order_core(build, worker)
        locks = _gather_reliefs(build, folder, private, edit)
        build.findings.extend(changed_head(locks.lock, build.resolved))
        key = result_key(build)
        content = None if build.options.keep_solid or build.options.fresh_relief else _reuse(build, folder, key)
        if content is None:
            content = make(build, folder, worker, core, private, keep)
            store_result(build.cache, key, folder, content.files, _state(build))
    except Refused as refused:
        build.findings.extend(f for f in refused.findings if f not in build.findings)
        return _refusal(build)
    except SpecError as error:
        raise _with_lines(build.source, error) from error
    return _publish(build, folder, content, locks, edit)


def _spare_the_head(build: Build, out: Path) -> None:
    """Refuse to put the ring's own STEP file where the head's lies."""
    own = None if build.resolved.head is None else build.resolved.head.own
    if own is not None and (out / build.step_name).resolve() == Path(own.path).resolve():
        place = build.source.spec.source
        fix = f"rename the head's file, for example to head_{build.step_name}, or use another --out"
        text = "would be overwritten by the ring's own"
        raise SpecError([place.problem("head.file", text, value=own.file, suggestion=fix)])


def _with_lines(source: Source, error: SpecError) -> SpecError:
    """Problems that were found far from the spec's text, with their places in it."""
    place = source.spec.source
    return SpecError(
        [
            row
            if row.file is not None
            else place.problem(row.field, row.message, value=row.value, limit=row.limit, suggestion=row.suggestion)
            for row in error.problems
        ]
    )


# -- reliefs and plan ---------------------------------------------------------------------------------------


def _gather_reliefs(build: Build, folder: OutputFolder, private: Path, edit: Edit | None) -> LockTarget:
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
            unwritten=None if edit is None else edit.files,
        )
        build.reliefs = source.gather(build.resolved, sizes, lambda zone, error: _located(build, zone, error))
        build.findings.extend(prompt_findings(build.resolved, build.reliefs))
        build.reused.extend(f"relief {zone}" for zone, item in build.reliefs.items() if item.origin != "generator")
    return locks


# -- results ----------------------------------------------------------------------------------------------------


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return tuple(sorted(findings, key=lambda finding: order[finding.severity]))


def _refusal(build: Build) -> BuildResult:
    result = _result(build, "refused", make_report(build))
    result.report["timings_s"] = build.watch.timings()
    return result


def _result(build: Build, status: Any, report: dict[str, Any]) -> BuildResult:
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


def _state(build: Build) -> dict[str, Any]:
    """What of a finished build has to be kept beside its files."""
    return {name: getattr(build, name) for name in ("findings", "measurements", "summary", "mesh")}


def _reuse(build: Build, folder: OutputFolder, key: str) -> Content | None:
    """Stage the files of an identical earlier build, byte for byte; ``None`` when there is none."""
    with build.watch.stage("reuse"):
        found = load_result(build.cache, key, folder)
    if found is None:
        return None
    files, state = found
    for name, value in state.items():
        setattr(build, name, value)
    build.reused.extend(["plan", "solid", "mesh", "gate", *(kind for kind in files if kind != "resolved")])
    write_resolved(build, folder)
    return Content(files, make_report(build), list(files["pictures"]))


# -- delivery -----------------------------------------------------------------------------------------------


def _publish(build: Build, folder: OutputFolder, content: Content, locks: LockTarget, edit: Edit | None) -> BuildResult:
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
        certificate = Path(build.stl_name).stem + ".cert.json"
        content_bytes = _certificate(build, folder, names)
        folder.write(certificate, content_bytes)
        page = Path(build.stl_name).stem + ".cert.html"
        try:
            pictures = [folder.staged(name) for name in content.pictures]
            certificate_page(content_bytes, build.resolved, pictures, folder.staged(page))
        except OSError as error:
            raise explain_os_error(error, folder.path / page) from error
        names["certificate"], names["certificate_html"] = certificate, page
    with build.watch.stage("publish"):
        extra = locks.stage(folder, build.reliefs, own_head_row(build.resolved))
        if edit is not None:
            extra |= _stage_spec(build.source, folder, edit.text)
            extra |= {folder.write(f"programs/{path.name}", text.encode()): path for path, text in edit.files.items()}
        folder.publish(extra)
        locks.clean(build.reliefs)
    result = _result(build, "ok", report)
    root = folder.path.resolve()
    result.files = {
        kind: str(root / name) if isinstance(name, str) else [str(root / item) for item in name]
        for kind, name in names.items()
    }
    if own_head_row(build.resolved) is not None:
        result.files["lock"] = str(locks.path.resolve())
    if build.reliefs:
        stored = {str((locks.path.parent / item.row.file).resolve()) for item in build.reliefs.values()}
        result.files["lock"], result.files["reliefs"] = str(locks.path.resolve()), sorted(stored)
    result.sha256 = {path: sha256_file(Path(path)) for _, path in flat(result.files)}
    return result


def _certificate(build: Build, folder: OutputFolder, names: Mapping[str, str | list[str]]) -> bytes:
    return certificate_of_build(
        build.resolved,
        build.measurements,
        tuple(build.findings),
        {name: (kind, folder.staged(name)) for kind, name in flat(names)},
        spec=build.source.path.name if build.source.path else None,
        spec_sha256=build.source.sha256,
        reliefs_sha256={zone: item.row.relief_sha256 for zone, item in build.reliefs.items()},
        sign_key=build.options.sign_key,
    )


def _stage_spec(source: Source, folder: OutputFolder, text: str) -> dict[Path, Path]:
    """The edited spec, to be published with the ring; refused when the file was changed meanwhile."""
    assert source.path is not None
    target = source.path.resolve()
    if hashlib.sha256(target.read_bytes()).hexdigest() != source.file_sha256:
        raise InputError(f"{source.path} was changed while its ring was built; nothing was written. Run it again.")
    staged = folder.write("spec-edited.yaml", text.encode())
    shutil.copymode(target, staged)
    return {staged: target}
