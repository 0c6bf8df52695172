"""Alloys, gems and reference proportions as typed rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from ringcad.standards.tables import Provenance, Row, UnknownNameError, data_text, parse_rows, provenance

#: Metric carat: 0.2 g (4th CGPM, 1907).
GRAM_PER_CARAT = 0.2

Family = Literal["gold", "silver", "platinum", "palladium", "bronze", "resin"]


@dataclass(frozen=True)
class Alloy:
    """A casting alloy. ``color_rgb``: linear reflectance at normal incidence; ``limits_group`` picks foundry limits."""

    id: str
    aliases: tuple[str, ...]
    name: str
    family: Family
    limits_group: str
    density_g_cm3: float
    color_rgb: tuple[float, float, float]
    provenance: Provenance


@dataclass(frozen=True)
class Gem:
    """A gem material. ``color_rgb`` is what is left of white light after one stone depth, linear."""

    id: str
    aliases: tuple[str, ...]
    name: str
    density_g_cm3: float
    refractive_index: float
    color_rgb: tuple[float, float, float]
    provenance: Provenance


@dataclass(frozen=True)
class RoundProportions:
    """A named set of round brilliant proportions, percentages of the girdle diameter."""

    id: str
    name: str
    table_percent: float
    crown_angle_deg: float
    pavilion_angle_deg: float
    girdle_percent: float
    culet_percent: float
    star_percent: float
    lower_half_percent: float
    provenance: Provenance


def _rgb(row: Row, prefix: str) -> tuple[float, float, float]:
    return (row.number(f"{prefix}_r", 0, 1), row.number(f"{prefix}_g", 0, 1), row.number(f"{prefix}_b", 0, 1))


@cache
def alloys() -> tuple[Alloy, ...]:
    """Every alloy, in the order of the table."""
    columns = "id aliases name family limits_group density_g_cm3 f0_r f0_g f0_b source reliability edition".split()
    return tuple(
        Alloy(
            id=row.text("id"),
            aliases=row.words("aliases"),
            name=row.text("name"),
            family=cast(Family, row.choice("family", get_args(Family))),
            limits_group=row.text("limits_group"),
            density_g_cm3=row.number("density_g_cm3", 0.5, 25),
            color_rgb=_rgb(row, "f0"),
            provenance=provenance(row),
        )
        for row in parse_rows(data_text("alloys.csv"), "alloys.csv", columns)
    )


@cache
def gems() -> tuple[Gem, ...]:
    """Every gem, in the order of the table."""
    columns = (
        "id aliases name density_g_cm3 refractive_index color_r color_g color_b source reliability edition".split()
    )
    return tuple(
        Gem(
            id=row.text("id"),
            aliases=row.words("aliases"),
            name=row.text("name"),
            density_g_cm3=row.number("density_g_cm3", 1, 10),
            refractive_index=row.number("refractive_index", 1, 4),
            color_rgb=_rgb(row, "color"),
            provenance=provenance(row),
        )
        for row in parse_rows(data_text("gems.csv"), "gems.csv", columns)
    )


@cache
def round_proportions(name: str = "gia_reference") -> RoundProportions:
    """A named set of proportions. Raises :class:`UnknownNameError`."""
    columns = (
        "id name table_percent crown_angle_deg pavilion_angle_deg girdle_percent culet_percent star_percent "
        "lower_half_percent source reliability edition"
    ).split()
    known: dict[str, RoundProportions] = {}
    for row in parse_rows(data_text("round_proportions.csv"), "round_proportions.csv", columns):
        known[row.text("id")] = RoundProportions(
            id=row.text("id"),
            name=row.text("name"),
            table_percent=row.number("table_percent", 40, 80),
            crown_angle_deg=row.number("crown_angle_deg", 15, 45),
            pavilion_angle_deg=row.number("pavilion_angle_deg", 30, 50),
            girdle_percent=row.number("girdle_percent", 0, 12),
            culet_percent=row.number("culet_percent", 0, 20),
            star_percent=row.number("star_percent", 20, 80),
            lower_half_percent=row.number("lower_half_percent", 50, 95),
            provenance=provenance(row),
        )
    if name not in known:
        raise UnknownNameError("set of proportions", name, known)
    return known[name]


def alloy(name: str) -> Alloy:
    """An alloy by id or alias. Raises :class:`UnknownNameError` with the nearest one."""
    known = {word: row for row in alloys() for word in (row.id, *row.aliases)}
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    if key not in known:
        raise UnknownNameError("metal", name, known)
    return known[key]


def gem(name: str) -> Gem:
    """A gem by id or alias. Raises :class:`UnknownNameError` with the nearest one."""
    known = {word: row for row in gems() for word in (row.id, *row.aliases)}
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    if key not in known:
        raise UnknownNameError("gem", name, known)
    return known[key]
