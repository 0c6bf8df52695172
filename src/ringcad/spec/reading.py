"""YAML text -> plain values with their lines. Refuses what YAML allows but a spec does not mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringcad.core.errors import SpecError, SpecProblem
from ringcad.spec.source import FieldPath, dotted

#: A spec is a page of text; anything far larger is another file by mistake.
MAX_BYTES = 1_000_000
_MAX_DEPTH = 12


@dataclass(frozen=True)
class FileKind:
    """What a YAML file is expected to be: its name in complaints, two hints, and how many values it may hold."""

    name: str = "spec"
    missing: str = "'ringcad new' writes a spec to start from"
    begin: str = "begin with 'ringcad: 1'"
    most_values: int = 5_000


SPEC_FILE = FileKind()
PROGRAM_FILE = FileKind(
    "program",
    "'ringcad program SPEC --out FILE' writes the program of a design",
    "begin with the program's 'format'",
    40_000,  # a stippled ground has a few thousand grains of two numbers
)


def read_text(path: Path, kind: FileKind = SPEC_FILE) -> str:
    """Text of a YAML file. Raises :class:`SpecError`."""
    file = str(path)
    try:
        if path.is_dir():
            raise SpecError([SpecProblem("(file)", "is a folder, a YAML file is wanted", file=file)])
        if path.stat().st_size > MAX_BYTES:
            limit = f"{MAX_BYTES // 1000} kB"
            raise SpecError([SpecProblem("(file)", f"is too large for a {kind.name}", limit=limit, file=file)])
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SpecError([SpecProblem("(file)", "does not exist", suggestion=kind.missing, file=file)]) from None
    except OSError as error:
        raise SpecError([SpecProblem("(file)", f"cannot be read: {error.strerror}", file=file)]) from None
    except UnicodeDecodeError:
        raise SpecError([SpecProblem("(file)", "is not UTF-8 text", file=file)]) from None


def read_yaml(text: str, file: str | None, kind: FileKind = SPEC_FILE) -> tuple[dict[str, Any], dict[FieldPath, int]]:
    """Plain mapping and the line of each field.

    Raises
    ------
    SpecError
        Not YAML, duplicate keys, several documents, an empty file, a list or a bare value at the top,
        tags, references that hold themselves, or far too many values.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="rt", pure=True).load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        key = _quoted(error.problem or "")
        message = "the same key stands twice in one mapping"
        raise SpecError([SpecProblem(key, message, suggestion="keep one of the two", file=file, line=line)]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"is not YAML: {error.problem or error.context}"
        hint = "check indentation, colons and quotes on this line and the one above"
        place = mark.line + 1 if mark else None
        raise SpecError([SpecProblem("(file)", message, suggestion=hint, file=file, line=place)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        text_of = (str(error).splitlines() or ["unreadable"])[0]
        raise SpecError([SpecProblem("(file)", f"is not YAML: {text_of}", file=file)]) from None
    if root is None:
        raise SpecError([SpecProblem("(file)", "is empty", suggestion=kind.missing, file=file, line=1)])
    if not isinstance(root, CommentedMap):
        found = "a list" if isinstance(root, list) else "a single value"
        message = f"holds {found}, a mapping is wanted"
        raise SpecError([SpecProblem("(file)", message, suggestion=kind.begin, file=file, line=1)])
    lines: dict[FieldPath, int] = {}
    plain = _Plain(file, lines, kind.most_values).convert(root, ())
    return plain, lines


def _quoted(problem: str) -> str:
    parts = problem.split('"')
    return parts[1] if len(parts) > 2 else "(file)"


class _Plain:
    """Turns ruamel's objects into plain ones, noting lines and counting values (aliases count each time)."""

    def __init__(self, file: str | None, lines: dict[FieldPath, int], most_values: int) -> None:
        self.file = file
        self.lines = lines
        self.count = 0
        self.most_values = most_values

    def _stop(self, path: FieldPath, message: str) -> SpecError:
        line = next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), None)
        return SpecError([SpecProblem(dotted(path) or "(file)", message, file=self.file, line=line)])

    def convert(self, value: Any, path: FieldPath) -> Any:
        from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar

        self.count += 1
        if self.count > self.most_values or len(path) > _MAX_DEPTH:
            raise self._stop(path[:1], "holds far too many values, or refers to itself")
        if isinstance(value, TaggedScalar) or getattr(getattr(value, "tag", None), "value", None) not in (None, ""):
            raise self._stop(path, f"YAML tags ({value.tag.value}) are not allowed here")
        if isinstance(value, CommentedMap):
            plain: dict[str, Any] = {}
            for key, item in value.items():
                if not isinstance(key, str):
                    raise self._stop(path, f"key {key!r} is not a name")
                below = (*path, str(key))
                if (place := (value.lc.data or {}).get(key)) is not None:
                    self.lines[below] = place[0] + 1
                plain[str(key)] = self.convert(item, below)
            return plain
        if isinstance(value, CommentedSeq):
            items = []
            for index, item in enumerate(value):
                below = (*path, index)
                if (place := (value.lc.data or {}).get(index)) is not None:
                    self.lines[below] = place[0] + 1
                items.append(self.convert(item, below))
            return items
        for kind in (bool, int, float, str):
            if isinstance(value, kind):
                return kind(value)
        if value is None or type(value).__name__ == "ScalarBoolean":
            return None if value is None else bool(value)
        raise self._stop(path, f"a value of kind {type(value).__name__} is not allowed here")
