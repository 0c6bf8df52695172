"""Rows of the wall map and of the decoration, and how they are read from what the stages hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ringcad.resolved import ResolvedRing


@dataclass(frozen=True)
class WallRow:
    """One site of the wall map: what construction guarantees and what the file measures.

    ``site_class`` is ``structural``, ``detail`` or ``free_wire``; ``bound_mm`` is the proven lower
    bound (design, rule 7), ``measured_mm`` the least value found on the mesh, ``limit_mm`` the
    profile's. ``None`` where there is no such number.
    """

    site: str
    site_class: str
    limit_mm: float | None
    bound_mm: float | None = None
    measured_mm: float | None = None
    place_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class ReliefRow:
    """What became of one decorated zone between the prompt and the metal.

    ``filter_changes`` and ``budget_changes`` map a name with its unit (``opened_share``,
    ``clipped_max_mm``) to a number; the page prints them in this order.
    """

    zone: str
    generator: str
    prompt: str
    seed: int
    mode: str
    depth_mm: float
    understood: tuple[str, ...] = ()
    retrieved: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    filter_changes: Mapping[str, float] = field(default_factory=dict)
    budget_changes: Mapping[str, float] = field(default_factory=dict)
    platform_share: float | None = None
    sha256: str | None = None
    program: str | None = None
    """File of the saved design that was drawn in place of the prompt."""
    variation: float | None = None
    """How far from that design, 0 to 1."""
    stretch: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Least and greatest mm of metal per mm drawn, ``along`` and ``across`` the band."""


def wall_map(resolved: ResolvedRing, plan_summary: Mapping[str, Any], measurements: Mapping[str, Any]) -> list[WallRow]:
    """The wall map from the plan's bounds (``wall_bound_mm``) and the gate's measurements.

    ``measurements["walls"]`` holds the structural sites, ``measurements["detail"]`` the narrowest
    stroke of each decorated zone. A site that only one of the two knows has a row too.
    """
    bounds: Mapping[str, Any] = plan_summary.get("wall_bound_mm") or {}
    measured: Mapping[str, Any] = measurements.get("walls") or {}
    rows = []
    for site in [*bounds, *(name for name in measured if name not in bounds)]:
        bound, found = bounds.get(site, {}), measured.get(site, {})
        bound = bound if isinstance(bound, Mapping) else {"bound_mm": bound}
        place = found.get("place_mm")
        rows.append(
            WallRow(
                site=site,
                site_class="structural",
                limit_mm=found.get("limit_mm", bound.get("limit_mm", resolved.foundry.wall_min_mm)),
                bound_mm=bound.get("bound_mm"),
                measured_mm=found.get("min_mm"),
                place_mm=None if place is None else (place[0], place[1], place[2]),
            )
        )
    for zone, found in (measurements.get("detail") or {}).items():
        rows.append(
            WallRow(
                site=f"relief:{zone}",
                site_class="detail",
                limit_mm=resolved.foundry.detail_min_mm,
                measured_mm=found.get("narrowest_mm"),
            )
        )
    return rows


def zone_changes(zone: Mapping[str, Any], stage: str) -> dict[str, float]:
    """Numbers of one stage from a zone's flat summary: ``filter_max_removed_mm`` -> ``max_removed_mm``."""
    prefix = f"{stage}_"
    return {name.removeprefix(prefix): value for name, value in zone.items() if name.startswith(prefix)}


def completed(row: ReliefRow, plan_summary: Mapping[str, Any]) -> ReliefRow:
    """A relief row with what the plan's summary of its zone knows beyond it."""
    zone: Mapping[str, Any] = (plan_summary.get("zones") or {}).get(row.zone, {})
    share = row.platform_share if row.platform_share is not None else zone.get("platform_share")
    return replace(
        row,
        filter_changes=row.filter_changes or zone_changes(zone, "filter"),
        budget_changes=row.budget_changes or zone_changes(zone, "budget"),
        platform_share=share,
        stretch=row.stretch or zone.get("stretch", {}),
    )
