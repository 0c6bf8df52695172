"""One rule of setting with what was measured: findings and the certificate's rows are both made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from ringcad.core.findings import Finding, FindingCode, Severity

State = Literal["file", "as_cast", "as_set"]
Place = tuple[float, float, float]

FIT = "least trimmed squares cone through the vertices that face the stone"
SCAN = "rays from the stone's axis, every half degree and 0.02 mm"
CLOSING = "computed closing of the measured metal: prongs bent over the crown and cut, a lip laid or burnished over it"
MOVING = "the stone's body moved among the measured metal in 24 directions (8 in a drilled seat)"
SEATS = "bodies of the stones on the axes and heights that their seats were found to have"
SEAT_UNCERTAINTY_MM, SEAT_UNCERTAINTY_DEG = 0.02, 0.2
"""On bodies of known seats at the chord of delivered files (tests of the setting metrology)."""
SHARE_UNCERTAINTY = 0.02
FIX = "rebuild the ring from its spec; a file that was changed by hand has to be mended there"


@dataclass(frozen=True)
class SettingRule:
    """A measured value against its limits.

    Attributes
    ----------
    code, subject, what
        Code of the finding; stone (and prong) with the quantity, unique together; the quantity in a jeweler's words.
    state
        ``as_cast``: the file; ``as_set``: after the computed closing.
    measured
        Lengths in mm, angles in degrees, shares as plain numbers; ``None`` where it could not be measured.
    low, high
        Refused outside; ``None`` where a side has no limit.
    advised_low, advised_high
        Warned of outside.
    before
        Of an ``as_set`` value, the same in the file.
    message
        One sentence, said where a limit is broken.
    """

    code: FindingCode
    subject: str
    what: str
    state: State
    measured: float | None
    unit: str | None
    place_mm: Place
    method: str
    uncertainty: float
    source: str
    message: str
    field: str
    low: float | None = None
    high: float | None = None
    advised_low: float | None = None
    advised_high: float | None = None
    before: float | None = None
    severity: Severity = Severity.ERROR

    def broken(self) -> tuple[Severity, float] | None:
        """How badly the rule is broken, and the limit that is; ``None`` where it is kept."""
        value = self.measured
        if value is None or math.isnan(value):
            return self.severity, self.low if self.low is not None else (self.high or 0.0)
        for low, high, severity in (
            (self.low, self.high, self.severity),
            (self.advised_low, self.advised_high, Severity.WARNING),
        ):
            if low is not None and value < low - 1e-9:
                return severity, low
            if high is not None and value > high + 1e-9:
                return severity, high
        return None

    def finding(self) -> Finding | None:
        """The finding, where the rule is broken."""
        broken = self.broken()
        if broken is None:
            return None
        share = 100.0 if self.unit == "%" else 1.0
        value = self.measured
        return Finding(
            code=self.code,
            severity=broken[0],
            message=self.message,
            measured=share * value if value is not None and math.isfinite(value) else None,
            limit=share * broken[1],
            unit=self.unit,
            place_mm=self.place_mm,
            spec_field=self.field,
            fix=FIX,
        )

    def row(self) -> dict[str, Any]:
        """For the certificate: shares in per cent; what has no end is ``None``."""
        broken = self.broken()
        scale = 100.0 if self.unit == "%" else 1.0
        value = None if self.measured is None or not math.isfinite(self.measured) else scale * float(self.measured)
        verdict = "pass" if broken is None else "warning" if broken[0] is Severity.WARNING else "fail"
        if broken is not None and (self.measured is None or math.isnan(self.measured)):
            verdict = "not_measured"
        return {
            "code": self.code.value,
            "subject": self.subject,
            "what": self.what,
            "state": self.state,
            "measured": value if value is None else round(value, 6),
            "before": _rounded(self.before, scale),
            "low": _rounded(self.low if self.low is not None else self.advised_low, scale),
            "high": _rounded(self.high if self.high is not None else self.advised_high, scale),
            "unit": self.unit,
            "place_mm": [round(float(part), 4) for part in self.place_mm],
            "method": self.method,
            "uncertainty": _rounded(self.uncertainty, scale),
            "source": self.source,
            "verdict": verdict,
        }


def _rounded(value: float | None, scale: float) -> float | None:
    return None if value is None else round(scale * float(value), 6)
