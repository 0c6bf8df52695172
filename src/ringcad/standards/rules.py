"""Setting and shank rules: one number with its state and source per row of ``setting_rules.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ringcad.standards.tables import Provenance, UnknownNameError, data_text, parse_rows, provenance


@dataclass(frozen=True)
class SettingRule:
    """``state`` says what the number is judged on: the file (``as_cast``), the set ring (``as_set``) or ``both``."""

    id: str
    value: float
    unit: str
    state: str
    meaning: str
    provenance: Provenance

    @property
    def because(self) -> str:
        """One phrase for the report."""
        return f"{self.meaning} ({self.provenance.source})"


@cache
def setting_rules() -> dict[str, SettingRule]:
    """All rules by id."""
    columns = "id value unit state meaning source reliability edition".split()
    rules: dict[str, SettingRule] = {}
    for row in parse_rows(data_text("setting_rules.csv"), "setting_rules.csv", columns):
        rule = SettingRule(
            id=row.text("id"),
            value=row.number("value", 0, 1000),
            unit=row.choice("unit", ("mm", "deg", "1")),
            state=row.choice("state", ("as_cast", "as_set", "both")),
            meaning=row.text("meaning"),
            provenance=provenance(row),
        )
        rules[rule.id] = rule
    return rules


def setting_rule(name: str) -> SettingRule:
    """One rule. Raises :class:`UnknownNameError`."""
    rules = setting_rules()
    if name not in rules:
        raise UnknownNameError("setting rule", name, rules)
    return rules[name]
