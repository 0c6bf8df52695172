"""Cuts of stones: proportions as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from ringcad.standards.tables import Provenance, Row, UnknownNameError, data_text, parse_rows, provenance

CutStyle = Literal["brilliant", "step", "princess", "radiant", "cabochon"]


@dataclass(frozen=True)
class Range:
    """A value that the trade takes when nothing is said, and the range that it still calls by the cut's name."""

    default: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range (an edge counts, rounding aside)."""
        return self.low - 1e-9 <= value <= self.high + 1e-9


@dataclass(frozen=True)
class Cut:
    """Proportions of a cut, as percentages of the width; ``fill_share`` is volume / (length x width x depth)
    of published tables, a check of ours and never a source of weights."""

    id: str
    aliases: tuple[str, ...]
    name: str
    style: CutStyle
    table_percent: Range
    crown_percent: Range
    pavilion_percent: Range
    girdle_percent: Range
    length_to_width: Range
    shape_percent: float
    fill_share: float
    provenance: Provenance


def _range(row: Row, name: str, prefix: str, least: float, most: float) -> Range:
    return Range(
        row.number(name, least, most),
        row.number(f"{prefix}_low", least, most),
        row.number(f"{prefix}_high", least, most),
    )


@cache
def cuts() -> tuple[Cut, ...]:
    """Every cut, in the order of the table."""
    columns = (
        "id aliases name style table_percent table_low table_high crown_percent crown_low crown_high pavilion_percent "
        "pavilion_low pavilion_high girdle_percent girdle_low girdle_high length_to_width ratio_low ratio_high "
        "shape_percent fill_share source reliability edition"
    ).split()
    return tuple(
        Cut(
            id=row.text("id"),
            aliases=row.words("aliases"),
            name=row.text("name"),
            style=cast(CutStyle, row.choice("style", get_args(CutStyle))),
            table_percent=_range(row, "table_percent", "table", 0, 90),
            crown_percent=_range(row, "crown_percent", "crown", 3, 80),
            pavilion_percent=_range(row, "pavilion_percent", "pavilion", 0, 80),
            girdle_percent=_range(row, "girdle_percent", "girdle", 0, 12),
            length_to_width=_range(row, "length_to_width", "ratio", 0.5, 5),
            shape_percent=row.number("shape_percent", 0, 100),
            fill_share=row.number("fill_share", 0.1, 1),
            provenance=provenance(row),
        )
        for row in parse_rows(data_text("cuts.csv"), "cuts.csv", columns)
    )


def cut(name: str) -> Cut:
    """A cut by id or alias. Raises :class:`UnknownNameError` with the nearest one."""
    known = {word: row for row in cuts() for word in (row.id, *row.aliases)}
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    if key not in known:
        raise UnknownNameError("cut", name, known)
    return known[key]
