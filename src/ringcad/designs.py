"""Programs as files: a design that was saved as YAML, is edited by hand, and is drawn or varied again.

A program is what a generator redraws a relief from. The file is read here, its numbers are judged by
the generator, and complaints get the file's name and lines here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.core.errors import InputError, SpecError
from ringcad.fingerprint import hash_of
from ringcad.lockfile import yaml_text
from ringcad.spec.reading import PROGRAM_FILE, read_text, read_yaml
from ringcad.spec.source import SourceMap, parse_field

if TYPE_CHECKING:
    from ringcad.generation import Generator
    from ringcad.reliefs import ZoneRelief
    from ringcad.resolved import ResolvedRing
    from ringcad.sources import Source


@dataclass(frozen=True)
class ProgramFile:
    """A program as its file says it, and where each field stands. ``name`` is the path as the spec gives it."""

    name: str
    data: dict[str, Any]
    source: SourceMap

    def located(self, error: SpecError) -> SpecError:
        """The generator's complaint with file and lines, in the file's order."""
        problems = [
            replace(problem, file=self.source.file, line=self.source.line(parse_field(problem.field)))
            for problem in error.problems
        ]
        return SpecError(sorted(problems, key=lambda problem: (problem.line or 0, problem.field)))


def read_program(name: str, folder: Path, unwritten: Mapping[Path, str] | None = None) -> ProgramFile:
    """Read a program file.

    Parameters
    ----------
    name
        Path as the spec gives it, relative to ``folder``.
    unwritten
        Texts that stand for files that are not written yet, by path.

    Raises
    ------
    SpecError
        The file is missing, is not YAML, or holds no mapping.
    """
    path = Path(name) if Path(name).is_absolute() else folder / name
    text = (unwritten or {}).get(path)
    text = read_text(path, PROGRAM_FILE) if text is None else text
    data, lines = read_yaml(text, str(path), PROGRAM_FILE)
    return ProgramFile(name, data, SourceMap(str(path), lines))


def check_draws_programs(name: str, generator: Generator) -> None:
    """Raises ``InputError`` for a generator that cannot redraw programs."""
    if not getattr(generator, "draws_programs", False):
        raise InputError(
            f"The generator {name!r} draws no programs. Leave 'generator' out to have the program drawn by the "
            "ornament generator, or leave 'program' out"
        )


def program_text(generator: Generator, program: Mapping[str, Any]) -> str:
    """A program as YAML: the generator's own commented text, else its plain values."""
    write = getattr(generator, "program_text", None)
    if write is not None:
        return str(write(program))
    return yaml_text(program)


def programs_folder(spec_path: Path) -> Path:
    """``ring.yaml`` -> ``ring.programs``."""
    return spec_path.with_name(spec_path.stem + ".programs")


@dataclass(frozen=True)
class Design:
    """What one decoration of a spec draws now. ``index`` counts the spec's decorations from 0."""

    index: int
    relief: ZoneRelief
    generator: Generator

    @property
    def program(self) -> dict[str, Any]:
        """Its program. Raises ``InputError`` when it has none that can be drawn again."""
        row = self.relief.row
        if row.program is None or not getattr(self.generator, "draws_programs", False):
            raise InputError(
                f"decoration {self.index + 1} is drawn by {row.generator!r}, which keeps no program to stay near or to "
                "edit; a prompt drawn by the ornament generator has one"
            )
        return row.program

    def text(self) -> str:
        """Its program as commented YAML."""
        return program_text(self.generator, self.program)


def present_designs(path: Path, out: Path, wanted: range | list[int] | None = None) -> list[Design]:
    """What the decorations of a spec file draw now: from its lock where it holds them, else drawn here.

    Parameters
    ----------
    out
        Output folder, where the lock lies if the spec's own folder cannot be written.
    wanted
        Numbers of decorations, from 0; all without it.

    Raises
    ------
    SpecError, InputError
        The spec or one of its designs cannot be used.
    """
    from ringcad.registry import load_generator, load_template
    from ringcad.resolve import resolve
    from ringcad.sources import read_source

    source = read_source(path)
    template = load_template(source.spec.template)
    resolved = resolve(source.spec, source.name)
    sizes = template.zones(resolved)
    found: list[Design] = []
    reliefs: dict[str, ZoneRelief] = {}
    for index, given in enumerate(source.spec.decoration):
        if wanted is not None and index not in wanted:
            continue
        region = source.spec.region_of(given)
        zone = next((z for z in resolved.decoration if z.region == region and z.id in sizes), None)
        if zone is None:
            raise InputError(f"decoration {index + 1} has no place on this ring")
        if not reliefs:
            reliefs = _reliefs(source, resolved, sizes, out)
        found.append(Design(index, reliefs[zone.id], load_generator(zone.generator)))
    return found


def _reliefs(source: Source, resolved: ResolvedRing, sizes: Mapping[str, Any], out: Path) -> dict[str, ZoneRelief]:
    import tempfile

    from ringcad.cache import Cache
    from ringcad.progress import Stopwatch, silent
    from ringcad.reliefs import ReliefSource
    from ringcad.stored import lock_target

    locks = lock_target(source, out)
    with tempfile.TemporaryDirectory(prefix="ringcad-") as private:
        reliefs = ReliefSource(
            lock=locks.lock,
            lock_folder=locks.read_from.parent,
            reliefs_name=locks.reliefs_name,
            folder=source.folder,
            private=Path(private),
            cache=Cache(None),
            watch=Stopwatch(silent),
        )
        return reliefs.gather(resolved, sizes)


def saved_as(spec_path: Path, program: Mapping[str, Any]) -> Path:
    """File for a program beside its spec, named by its content: never one that holds something else."""
    layers = program.get("layers") or [{}]
    words = [str(layer.get("family", "program")) for layer in layers if isinstance(layer, Mapping)]
    name = f"{words[-1] if words else 'program'}-{hash_of(dict(program))[:8]}"
    folder = programs_folder(spec_path)
    path, count = folder / f"{name}.yaml", 1
    while path.exists() and not _holds(path, program):  # it was edited since
        count += 1
        path = folder / f"{name}-{count}.yaml"
    return path


def _holds(path: Path, program: Mapping[str, Any]) -> bool:
    try:
        return hash_of(read_program(str(path), path.parent).data) == hash_of(dict(program))
    except SpecError:
        return False


@dataclass(frozen=True)
class Edit:
    """A change of a spec that is not written yet: its new text, and files that it names and that are new."""

    text: str
    files: Mapping[Path, str] = field(default_factory=dict)
