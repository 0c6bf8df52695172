"""``report.json``: everything that a build decided and measured, as plain versioned data.

One mapping feeds the file for scripts and the page for people (:mod:`ringcad.export.report_html`).
Nothing here measures: the stages hand in what they found, and this module names, orders and rounds
nothing away. Lengths are mm, angles degrees, weights g and ct, shares 0..1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ringcad.core.findings import Finding, Severity
from ringcad.export.report_dimensions import dimension_rows
from ringcad.export.report_rows import ReliefRow, WallRow, completed, wall_map
from ringcad.export.report_setting import SettingRow, setting_rows
from ringcad.export.report_weights import Weights
from ringcad.resolved import ResolvedRing, size_text

__all__ = ["MINIMUM_SENTENCE", "ReliefRow", "WallRow", "make_report", "stone_rows", "write_report_json"]

REPORT_VERSION = 1
PLATFORM_SHARE_LIMIT = 0.35
"""Share of the decorated area that level platforms may take in a shipped spec (design, rule 8)."""
MINIMUM_SENTENCE = "Judged by the article's minimum, not recommended."
"""Said of every profile whose ``recommended`` is false."""


def make_report(
    resolved: ResolvedRing,
    *,
    status: str,
    findings: Sequence[Finding],
    walls: Sequence[WallRow],
    relief: Sequence[ReliefRow],
    weights: Weights | None,
    measurements: Mapping[str, Any],
    timings_s: Mapping[str, float],
    files: Mapping[str, str | Sequence[str]],
    sha256: Mapping[str, str],
    plan_summary: Mapping[str, Any] | None = None,
    platform_share: float | None = None,
    setting: Sequence[SettingRow] | None = None,
    spec_file: str | None = None,
    spec_sha256: str | None = None,
    versions: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The content of ``report.json``.

    Parameters
    ----------
    resolved
        The ring as planned; dimensions, stones, foundry profile and nominal setting come from it.
    status
        ``ok`` or ``refused``.
    findings
        Of every stage; errors come first in the report, the order is otherwise kept.
    walls, relief
        See :class:`WallRow`, :class:`ReliefRow`. Without walls, and for a zone whose changes are not
        given, they are read from ``plan_summary`` and ``measurements``.
    weights
        From :func:`ringcad.export.report_weights.weigh`; ``None`` when no closed mesh came to be.
    measurements
        What the gate measured on the file, any JSON-ready nesting (triangles, genus, bore, size).
    plan_summary
        What the planning stages want to be on record beside the dimensions.
    platform_share
        Platforms' share of the whole decorated area.
    setting
        Rows of the setting table; by default derived from ``resolved`` in closed form.
    files, sha256
        File names by kind (never paths) and digests by file name.
    versions
        Program and library versions by name.

    Raises
    ------
    ValueError
        If ``status`` is unknown, or if it contradicts the findings.
    """
    if status not in ("ok", "refused"):
        raise ValueError(f"status must be 'ok' or 'refused', not {status!r}")
    errors = [f for f in findings if f.severity is Severity.ERROR]
    if errors and status == "ok":
        raise ValueError(f"status 'ok' beside an error finding: {errors[0].message}")
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    rows = setting_rows(resolved) if setting is None else setting
    share = platform_share
    content = {
        "ringcad_report": REPORT_VERSION,
        "status": status,
        "name": resolved.name,
        "template": resolved.template,
        "finish": resolved.finish,
        "spec": {"file": spec_file, "sha256": spec_sha256},
        "versions": dict(versions or {}),
        "ring": resolved.ring,
        "metal": resolved.metal,
        "foundry": {
            **resolved.foundry.model_dump(),
            "sentence": None if resolved.foundry.recommended else MINIMUM_SENTENCE,
        },
        "head": _height(resolved),
        "dimensions": dimension_rows(resolved),
        "setting": [asdict(row) for row in rows],
        "walls": [asdict(row) for row in walls or wall_map(resolved, plan_summary or {}, measurements)],
        "weight": None if weights is None else asdict(weights),
        "stones": stone_rows(resolved),
        "findings": [f.to_dict() for f in sorted(findings, key=lambda f: order[f.severity])],
        "relief": [asdict(completed(row, plan_summary or {})) for row in relief],
        "platforms": None if share is None else {"share": share, "limit": PLATFORM_SHARE_LIMIT},
        "plan": dict(plan_summary or {}),
        "measurements": dict(measurements),
        "files": dict(files),
        "sha256": dict(sha256),
        "timings_s": dict(timings_s),
    }
    return {key: _plain(value) for key, value in content.items()}


def _height(resolved: ResolvedRing) -> dict[str, Any] | None:
    """What governs the height of head or bezel."""
    part = resolved.head or resolved.bezel
    if part is None:
        return None
    return {
        "governed_by": part.governed_by,
        "governing_heights_mm": part.governing_heights_mm,
        "height_above_finger_mm": part.height_above_finger_mm,
    }


def stone_rows(resolved: ResolvedRing) -> list[dict[str, Any]]:
    """The stone list: the center stone, then equal accents counted together (size in mm, weight in ct)."""
    rows = [] if resolved.stone is None else [("center", resolved.stone, 1)]
    if resolved.sides is not None:
        rows.append(("side", resolved.sides.stone, len(resolved.sides.frames)))
    if resolved.halo_row is not None:
        rows.append(("halo", resolved.halo_row.stone, len(resolved.halo_row.seats)))
    rows += [(accent.setting, accent.stone, len(accent.seats)) for accent in resolved.accents]
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for place, stone, count in rows:
        key = (place, stone.cut, stone.gem, size_text(stone), stone.depth_mm)
        row = merged.setdefault(
            key,
            {
                "place": place,
                "cut": stone.cut,
                "gem": stone.gem,
                "gem_name": stone.gem_name,
                "size": size_text(stone),
                "diameter_mm": stone.diameter_mm,
                "depth_mm": stone.depth_mm,
                "count": 0,
                "weight_ct_each": stone.weight_ct,
                "weight_ct": 0.0,
            },
        )
        row["count"] += count
        row["weight_ct"] = row["count"] * stone.weight_ct
    return list(merged.values())


def write_report_json(report: Mapping[str, Any], path: Path) -> None:
    """Write a report beside its ring (UTF-8, two spaces). Raises ``OSError`` when the folder cannot take it."""
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> Any:
    """JSON-ready copy: models, dataclasses, enums, numpy scalars and tuples become plain; NaN becomes ``None``."""
    if isinstance(value, BaseModel):
        return _plain(value.model_dump())
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Path):
        return value.name
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if hasattr(value, "tolist"):  # numpy scalars and arrays, without importing numpy here
        return _plain(value.tolist())
    raise TypeError(f"a report cannot hold {type(value).__name__}")
