"""Where each field of a spec stands in its file, so that later stages can point at the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ringcad.core.errors import SpecProblem

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class SourceMap:
    """Lines (1-based) by field path. All maps compare equal: the place of a value is not part of a spec."""

    file: str | None = None
    lines: Mapping[FieldPath, int] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SourceMap)

    def __hash__(self) -> int:
        return 0

    def line(self, path: FieldPath) -> int | None:
        """Line of a field, or of the nearest field that contains it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    @property
    def folder(self) -> Path | None:
        """Folder of the spec, against which relative paths in it are read."""
        return Path(self.file).parent if self.file else None

    def problem(
        self,
        field_name: str,
        message: str,
        *,
        value: object = None,
        limit: str | None = None,
        suggestion: str | None = None,
    ) -> SpecProblem:
        """A problem with file and line filled in; ``field_name`` is dotted (``accents.0.stone.size``)."""
        path = parse_field(field_name)
        shown = None if value is None else (f"{value:g}" if isinstance(value, float) else str(value))
        return SpecProblem(field_name, message, shown, limit, suggestion, self.file, self.line(path))


def parse_field(dotted: str) -> FieldPath:
    """``accents.0.stone`` -> ``('accents', 0, 'stone')``."""
    return tuple(int(part) if part.isdigit() else part for part in dotted.split("."))


def dotted(path: FieldPath) -> str:
    """Inverse of :func:`parse_field`."""
    return ".".join(str(part) for part in path)
