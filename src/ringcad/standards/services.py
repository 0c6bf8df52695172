"""What print services take at upload: rows of ``print_services.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ringcad.standards.tables import Provenance, data_text, parse_rows, provenance


@dataclass(frozen=True)
class PrintService:
    """Limits of one service; ``None`` where its source states none."""

    id: str
    name: str
    max_triangles: int | None
    max_bytes: int | None
    provenance: Provenance

    def refuses(self, triangles: int, byte_count: int) -> bool:
        """Whether a file is over a limit."""
        over = self.max_triangles is not None and triangles > self.max_triangles
        return over or (self.max_bytes is not None and byte_count > self.max_bytes)


@cache
def print_services() -> tuple[PrintService, ...]:
    """All services, in the order of the table."""
    columns = "id name max_triangles max_megabytes source reliability edition".split()
    return tuple(
        PrintService(
            id=row.text("id"),
            name=row.text("name"),
            max_triangles=int(row.number("max_triangles", 1)) if row.optional_text("max_triangles") else None,
            max_bytes=int(1e6 * row.number("max_megabytes", 1)) if row.optional_text("max_megabytes") else None,
            provenance=provenance(row),
        )
        for row in parse_rows(data_text("print_services.csv"), "print_services.csv", columns)
    )
