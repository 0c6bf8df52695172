"""A row of the setting table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warning", "error", "info"]


@dataclass(frozen=True)
class SettingRow:
    """One rule of one setting. Values are in ``unit``; ``None`` where a state has no such number.

    ``limit`` is the rule in words (``at most 25 %``), ``verdict`` what it comes to.
    """

    stone: str
    rule: str
    unit: str
    as_cast: float | None
    as_set: float | None
    limit: str
    verdict: Verdict
    source: str
