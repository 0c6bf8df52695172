"""The exception tree. Every error a user can cause is a :class:`RingcadError` with an exit code."""

from __future__ import annotations

from dataclasses import dataclass

from ringcad.core.findings import Finding

EXIT_OK = 0  #: delivered
EXIT_REFUSED = 1  #: refused by a rule or the gate
EXIT_BAD_INPUT = 2  #: bad input or usage
EXIT_FAULT = 3  #: a fault of ours


class RingcadError(Exception):
    """Base of everything ringcad raises on purpose."""

    exit_code = EXIT_FAULT


@dataclass(frozen=True)
class SpecProblem:
    """One thing wrong with a spec.

    ``field`` is a dotted path (``shank.width_mm.top``), ``line`` is 1-based or ``None``,
    ``limit`` is the violated limit in words, ``suggestion`` the smallest fix.
    """

    field: str
    message: str
    value: str | None = None
    limit: str | None = None
    suggestion: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file and self.line else (f"{self.file}: " if self.file else "")
        text = f"{where}{self.field}: {self.message}"
        if self.value is not None:
            text += f" (value: {self.value}"
            text += f"; limit: {self.limit})" if self.limit else ")"
        elif self.limit:
            text += f" (limit: {self.limit})"
        if self.suggestion:
            text += f". {self.suggestion}"
        return text


class SpecError(RingcadError):
    """The spec cannot be read or breaks a rule of its schema."""

    exit_code = EXIT_BAD_INPUT

    def __init__(self, problems: list[SpecProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(p) for p in problems))


class InputError(RingcadError):
    """Another input (image, mesh file, folder, option) cannot be used."""

    exit_code = EXIT_BAD_INPUT


class ZoneTooNarrow(InputError):
    """What is to be drawn needs a wider zone than it was given: at least ``least_width_mm`` with the same strokes."""

    def __init__(self, message: str, least_width_mm: float) -> None:
        self.least_width_mm = least_width_mm
        super().__init__(message)


class Refused(RingcadError):
    """A rule refuses the ring; carries the findings that say why."""

    exit_code = EXIT_REFUSED

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("\n".join(f.message for f in findings))


class KernelFault(RingcadError):
    """The geometry kernel failed in a way no rule foresees."""

    exit_code = EXIT_FAULT
