"""Typed reading of the data tables: a bad cell raises with file, row and column. No eval."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources

from ringcad.core.errors import InputError


class TableError(InputError):
    """A data table (shipped or a user's) holds something that cannot be read."""


@dataclass(frozen=True)
class Row:
    """One row of a table with its place; every accessor raises :class:`TableError` on a bad cell."""

    table: str
    line: int
    cells: dict[str, str]

    def _fail(self, column: str, message: str) -> TableError:
        return TableError(f"{self.table}, line {self.line}, column {column}: {message}")

    def text(self, column: str) -> str:
        """Non-empty text."""
        value = self.cells.get(column, "")
        if not value:
            raise self._fail(column, "is empty")
        return value

    def optional_text(self, column: str) -> str | None:
        """Text, or ``None`` for a blank cell."""
        return self.cells.get(column, "") or None

    def number(self, column: str, minimum: float = -math.inf, maximum: float = math.inf) -> float:
        """Finite number within ``[minimum, maximum]``."""
        raw = self.text(column)
        try:
            value = float(raw)
        except ValueError:
            raise self._fail(column, f"{raw!r} is not a number") from None
        if not math.isfinite(value) or not minimum <= value <= maximum:
            raise self._fail(column, f"{raw} is outside {minimum:g} to {maximum:g}")
        return value

    def flag(self, column: str) -> bool:
        """``yes`` or ``no``."""
        return self.choice(column, ("yes", "no")) == "yes"

    def choice(self, column: str, allowed: Iterable[str]) -> str:
        """One of the allowed words."""
        value = self.text(column)
        allowed = tuple(allowed)
        if value not in allowed:
            raise self._fail(column, f"{value!r} is none of {', '.join(allowed)}")
        return value

    def words(self, column: str) -> tuple[str, ...]:
        """Words separated by ``|``; blank for none."""
        return tuple(word.strip() for word in self.cells.get(column, "").split("|") if word.strip())


@dataclass(frozen=True)
class Provenance:
    """Where a row comes from. Reliability: A standard or big maker, B working house or press, C the rest."""

    source: str
    reliability: str
    edition: str


def provenance(row: Row) -> Provenance:
    """The three columns that every table carries."""
    return Provenance(row.text("source"), row.choice("reliability", "ABC"), row.text("edition"))


def data_text(name: str) -> str:
    """Text of a file shipped in ``ringcad.standards.data``."""
    return resources.files("ringcad.standards.data").joinpath(name).read_text(encoding="utf-8")


def data_names() -> list[str]:
    """Names of the files shipped in ``ringcad.standards.data``, sorted."""
    return sorted(entry.name for entry in resources.files("ringcad.standards.data").iterdir())


def parse_rows(text: str, table: str, columns: Iterable[str]) -> Iterator[Row]:
    """Rows of a CSV text with a header line; lines that start with ``#`` are comments.

    Raises
    ------
    TableError
        A missing or unknown column, or a row with too many or too few cells.
    """
    expected = tuple(columns)
    header: list[str] | None = None
    for line, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip() or raw.startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(raw)))]
        if header is None:
            header = cells
            missing = [c for c in expected if c not in header]
            unknown = [c for c in header if c not in expected]
            if missing or unknown or len(set(header)) != len(header):
                raise TableError(
                    f"{table}, line {line}: columns must be {', '.join(expected)}; found {', '.join(header)}"
                )
            continue
        if len(cells) != len(header):
            raise TableError(f"{table}, line {line}: {len(cells)} cells, the header has {len(header)}")
        yield Row(table, line, dict(zip(header, cells, strict=True)))
    if header is None:
        raise TableError(f"{table}: no header line")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to a misspelt one, or ``None``."""
    hits = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return hits[0] if hits else None


class UnknownNameError(InputError):
    """A name that a table does not hold; carries the nearest one."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        self.kind = kind
        self.name = name
        self.nearest = closest(name, names)
        self.suggestion = f"did you mean {self.nearest!r}?" if self.nearest else f"known: {', '.join(names)}"
        super().__init__(f"no {kind} {name!r}; {self.suggestion}")
