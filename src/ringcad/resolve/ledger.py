"""Bookkeeping while a spec becomes numbers: why each value is what it is, and what cannot be."""

from __future__ import annotations

import math
from typing import Literal

from ringcad.core.errors import SpecError, SpecProblem
from ringcad.resolved import Reason
from ringcad.spec import Spec
from ringcad.standards import SettingRule, setting_rule

_ROUNDING = 1e-9


class Ledger:
    """Reasons by path of the resolved ring, and problems by field of the spec."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.reasons: dict[str, Reason] = {}
        self.problems: list[SpecProblem] = []

    def note(self, path: str, kind: Literal["given", "default", "derived"], because: str) -> None:
        """Record why ``path`` has its value."""
        self.reasons[path] = Reason(kind=kind, because=because)

    def given(self, path: str, field: str) -> None:
        """Record that ``path`` is what the user wrote in ``field``."""
        self.note(path, "given", f"given as {field}")

    def number(self, path: str, given: float | None, field: str, default: float, because: str) -> float:
        """The given number, or the default, with its reason."""
        if given is not None:
            self.given(path, field)
            return given
        self.note(path, "default", because)
        return default

    def rule_or(self, path: str, given: float | None, field: str, rule: str) -> float:
        """The given number, or the setting rule's."""
        row = setting_rule(rule)
        return self.number(path, given, field, row.value, row.because)

    def choice(self, path: str, field: str, was_given: bool, because: str = "the format's default") -> None:
        """Record a choice among words."""
        if was_given:
            self.given(path, field)
        else:
            self.note(path, "default", because)

    def refuse(
        self,
        field: str,
        message: str,
        *,
        value: object = None,
        limit: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        """Note a problem; :meth:`stop_on_problems` raises them together."""
        if any(known.field == field and known.message == message for known in self.problems):
            return  # both shoulders have the same complaint
        self.problems.append(self.spec.source.problem(field, message, value=value, limit=limit, suggestion=suggestion))

    def at_least(self, field: str, value: float, least: float, message: str, where: str = "") -> None:
        """Refuse a length in mm under ``least``; ``where`` says what the limit goes with."""
        if value < least - _ROUNDING:
            limit, suggestion = f"at least {mm(up(least))}{where}", f"use {up(least):g}"
            self.refuse(field, message, value=value, limit=limit, suggestion=suggestion)

    def at_most(self, field: str, value: float, most: float, message: str, where: str = "") -> None:
        """Refuse a length in mm over ``most``; as :meth:`at_least`."""
        if value > most + _ROUNDING:
            limit, suggestion = f"at most {mm(down(most))}{where}", f"use {down(most):g}"
            self.refuse(field, message, value=value, limit=limit, suggestion=suggestion)

    def stop_on_problems(self) -> None:
        """Raise :class:`SpecError` when anything was refused."""
        if self.problems:
            raise SpecError(self.problems)


def rule(name: str) -> float:
    """Value of a setting rule."""
    return setting_rule(name).value


def rule_of_metal(name: str, family: str) -> SettingRule:
    """A setting rule of which there is one for soft (silver), one for tough and one for all other metals."""
    return setting_rule(name + {"silver": "_soft", "platinum": "_tough", "palladium": "_tough"}.get(family, ""))


def mm(value: float) -> str:
    """A length for a message, rounded so that typing it in satisfies a lower limit."""
    return f"{value:.2f} mm"


def up(value: float, step: float = 0.01) -> float:
    """The next multiple of ``step`` at or above ``value``: proposals must pass when typed in."""
    return round(math.ceil(value / step - 1e-9) * step, 6)


def down(value: float, step: float = 0.01) -> float:
    """The next multiple of ``step`` at or below ``value``."""
    return round(math.floor(value / step + 1e-9) * step, 6)
