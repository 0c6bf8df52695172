"""Ring sizes: one inner diameter in mm behind every label. The formulas are rows of ``ring_sizes.csv``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ringcad.core.errors import InputError
from ringcad.standards.tables import Provenance, closest, data_text, parse_rows, provenance

#: Inner diameters a ring for a finger (or a small child's, or a thumb) can have, mm.
DIAMETER_MIN_MM = 10.0
DIAMETER_MAX_MM = 26.0

_COLUMNS = (
    "system aliases name quantity offset slope divisor step minimum maximum letters source reliability edition"
).split()
_HALVES = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4)}
_DIRECT = re.compile(r"^(?:(diameter|circumference)\s+)?(\d+(?:[.,]\d+)?)\s*mm(?:\s+(diameter|circumference))?$", re.I)
_NUMBER = re.compile(r"^(\d+(?:[.,]\d+)?)(?: (\d)\s*/\s*([248]))?$")
_LETTER = re.compile(r"^([A-Z])(?:\s*\+\s*(\d+))?\s*(?:(1)\s*/\s*(2)|(\.5))?$")


class RingSizeError(InputError):
    """A ring size that cannot be read or does not exist; ``suggestion`` proposes one that does."""

    def __init__(self, text: str, message: str, suggestion: str | None = None) -> None:
        self.text = text
        self.problem = message
        self.suggestion = suggestion
        super().__init__(f"ring size {text!r}: {message}" + (f"; {suggestion}" if suggestion else ""))


@dataclass(frozen=True)
class SizeSystem:
    """``quantity = (offset + slope * number) / divisor`` in mm, for ``number`` on the scale's steps."""

    system: str
    aliases: tuple[str, ...]
    name: str
    quantity: str
    offset: float
    slope: float
    divisor: float
    step: float
    minimum: float
    maximum: float
    letters: bool
    provenance: Provenance

    def diameter_mm(self, number: float) -> float:
        """Inner diameter of a number on this scale."""
        quantity = (self.offset + self.slope * number) / self.divisor
        return quantity if self.quantity == "diameter" else quantity / math.pi

    def number(self, diameter_mm: float) -> float:
        """Inverse of :meth:`diameter_mm`; not rounded to a step."""
        quantity = diameter_mm if self.quantity == "diameter" else diameter_mm * math.pi
        return (quantity * self.divisor - self.offset) / self.slope

    def nearest_step(self, number: float) -> float:
        """The nearest number that the scale has."""
        limited = min(max(number, self.minimum), self.maximum)
        return round(round(limited / self.step) * self.step, 6)

    def label(self, number: float) -> str:
        """How the scale writes a number, e.g. ``7``, ``7.5`` or ``N 1/2``."""
        if not self.letters:
            return f"{number:g}"
        whole = math.floor(number + 1e-9)
        letter = chr(ord("A") + whole) if whole <= 25 else f"Z+{whole - 25}"
        return letter if abs(number - whole) < 1e-9 else f"{letter} 1/2"


@dataclass(frozen=True)
class RingSize:
    """An ordered size: the inner diameter, and the label in its own system (``None`` for a bare measure)."""

    inner_diameter_mm: float
    label: str
    system: str | None

    @property
    def circumference_mm(self) -> float:
        return math.pi * self.inner_diameter_mm


@dataclass(frozen=True)
class NearestLabel:
    """The nearest size of one system; ``error_mm`` = its inner diameter less the asked one."""

    system: str
    name: str
    label: str
    inner_diameter_mm: float
    error_mm: float


@cache
def size_systems() -> tuple[SizeSystem, ...]:
    """All systems, in the order of the table."""
    return tuple(
        SizeSystem(
            system=row.text("system"),
            aliases=row.words("aliases"),
            name=row.text("name"),
            quantity=row.choice("quantity", ("diameter", "circumference")),
            offset=row.number("offset"),
            slope=row.number("slope", 1e-6),
            divisor=row.number("divisor", 1e-6),
            step=row.number("step", 1e-6),
            minimum=row.number("minimum"),
            maximum=row.number("maximum"),
            letters=row.flag("letters"),
            provenance=provenance(row),
        )
        for row in parse_rows(data_text("ring_sizes.csv"), "ring_sizes.csv", _COLUMNS)
    )


def _systems_by_name() -> dict[str, SizeSystem]:
    return {name: system for system in size_systems() for name in (system.system, *system.aliases)}


def _direct(text: str) -> RingSize | None:
    match = _DIRECT.match(text)
    if match is None:
        return None
    value = float(match.group(2).replace(",", "."))
    kind = (match.group(1) or match.group(3) or "diameter").lower()
    diameter = value if kind == "diameter" else value / math.pi
    if not DIAMETER_MIN_MM <= diameter <= DIAMETER_MAX_MM:
        hint = None
        if kind == "diameter" and DIAMETER_MIN_MM <= value / math.pi <= DIAMETER_MAX_MM:
            hint = f"if it is the inner circumference, write 'circumference {value:g} mm'"
        limit = f"an inner diameter lies between {DIAMETER_MIN_MM:g} and {DIAMETER_MAX_MM:g} mm"
        raise RingSizeError(text, f"{limit}, this is {diameter:.2f} mm", hint)
    return RingSize(diameter, f"{value:g} mm" if kind == "diameter" else f"circumference {value:g} mm", None)


def _read_number(system: SizeSystem, rest: str, text: str) -> float:
    if system.letters:
        match = _LETTER.match(rest.upper())
        if match is None:
            raise RingSizeError(text, f"{system.name} sizes are letters", "for example 'UK N' or 'UK N 1/2'")
        letter, plus, numerator, denominator, point_five = match.groups()
        if plus and letter != "Z":
            raise RingSizeError(text, "only Z goes on with +1, +2 ...", "for example 'UK Z+1'")
        part = Fraction(int(numerator), int(denominator)) if numerator else Fraction(1 if point_five else 0, 2)
        return ord(letter) - ord("A") + int(plus or 0) + float(part)
    match = _NUMBER.match(rest)
    if match is None:
        raise RingSizeError(text, f"{rest!r} is not a number", f"for example '{system.system} {system.minimum + 6:g}'")
    whole, numerator, denominator = match.groups()
    part = Fraction(int(numerator), int(denominator)) if numerator else Fraction(0)
    return float(whole.replace(",", ".")) + float(part)


def ring_size(text: str) -> RingSize:
    """Inner diameter of an ordered size.

    Reads ``US 7``, ``CA 7 1/2``, ``UK N 1/2``, ``AU N½``, ``EU 54``, ``ISO 54``, ``JP 14``, ``CH 14.4``,
    ``17.32 mm`` (diameter) and ``circumference 54.4 mm``.

    Raises
    ------
    RingSizeError
        Unknown system, or a size that the system does not have. Nothing is guessed or rounded.
    """
    cleaned = " ".join(text.split())
    for mark, part in _HALVES.items():
        cleaned = cleaned.replace(mark, f" {part}")
    cleaned = " ".join(cleaned.split())
    direct = _direct(cleaned)
    if direct is not None:
        return direct
    match = re.match(r"^([A-Za-z]+)\s*(.*)$", cleaned)
    systems = _systems_by_name()
    if match is None or match.group(1).upper() not in systems:
        if re.fullmatch(r"\d+(?:\.\d+)?", cleaned):
            hints = [f"'US {cleaned}'" if float(cleaned) <= 16 else f"'EU {cleaned}'"]
            if DIAMETER_MIN_MM <= float(cleaned) <= DIAMETER_MAX_MM:
                hints.append(f"'{cleaned} mm'")
            raise RingSizeError(text, "the system is missing", f"write for example {' or '.join(hints)}")
        guess = closest(match.group(1), [name.lower() for name in systems]) if match else None
        known = "US, CA, UK, AU, EU, ISO, JP, CH, '17.32 mm' or 'circumference 54.4 mm'"
        raise RingSizeError(text, "unknown system", f"did you mean {guess.upper()}?" if guess else f"known: {known}")
    prefix = match.group(1).upper()
    system = systems[prefix]
    number = _read_number(system, match.group(2).strip(), text)
    nearest = system.nearest_step(number)
    if abs(nearest - number) > 1e-6:
        exact = min(max(system.diameter_mm(number), DIAMETER_MIN_MM), DIAMETER_MAX_MM)
        raise RingSizeError(
            text, f"{system.name} has no such size", f"nearest: '{prefix} {system.label(nearest)}', or '{exact:.2f} mm'"
        )
    return RingSize(system.diameter_mm(nearest), f"{prefix} {system.label(nearest)}", system.system)


def nearest_labels(diameter_mm: float) -> dict[str, NearestLabel]:
    """For an inner diameter, the nearest size of every system and how far off it is."""
    if not math.isfinite(diameter_mm) or diameter_mm <= 0:
        raise InputError(f"an inner diameter is a positive number of mm, not {diameter_mm}")
    labels = {}
    for system in size_systems():
        number = system.nearest_step(system.number(diameter_mm))
        inner = system.diameter_mm(number)
        text = f"{system.system} {system.label(number)}"
        labels[system.system] = NearestLabel(system.system, system.name, text, inner, inner - diameter_mm)
    return labels


@dataclass(frozen=True)
class SizeRow:
    """One line of the conversion table that ``ringcad sizes`` prints."""

    inner_diameter_mm: float
    circumference_mm: float
    labels: dict[str, NearestLabel]


def size_table(first_us: float = 3.0, last_us: float = 14.0, step: float = 0.5) -> tuple[SizeRow, ...]:
    """Conversion table on US sizes; the other systems by their nearest label and its error."""
    system = size_systems()[0]
    count = math.floor((last_us - first_us) / step + 1e-9) + 1
    diameters = [system.diameter_mm(first_us + i * step) for i in range(count)]
    return tuple(SizeRow(d, math.pi * d, nearest_labels(d)) for d in diameters)
