"""Numbers with units as a jeweler writes them. Anything but mm in a ``_mm`` field is refused with its conversion."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from ringcad.standards import GRAM_PER_CARAT

#: mm per unit, for proposals.
_MM_PER = {
    "mm": 1.0,
    "cm": 10.0,
    "m": 1000.0,
    "in": 25.4,
    "inch": 25.4,
    "inches": 25.4,
    '"': 25.4,
    "um": 1e-3,
    "µm": 1e-3,
}
_DECIMAL = r"(\d+(?:[.,]\d+)?)"
_NUMBER_UNIT = re.compile(r"^\s*([-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?)\s*([^\d\s]*)\s*$")


def wrong(message: str, limit: str | None = None, suggestion: str | None = None) -> PydanticCustomError:
    """A validation error that carries the parts of a ``SpecProblem``. ``{}`` in texts is safe."""
    context = {"message": message, "limit": limit, "suggestion": suggestion}
    return PydanticCustomError("ringcad", "{message}", context)


def an(word: str) -> str:
    """The word with its article."""
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def split_number(text: str) -> tuple[float, str] | None:
    """``'6.5 mm'`` -> ``(6.5, 'mm')``; ``None`` when it is not a number with an optional unit."""
    match = _NUMBER_UNIT.match(text)
    if match is None:
        return None
    return float(match.group(1).replace(",", ".")), match.group(2).lower()


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise wrong("must be a finite number", suggestion="give a number, or leave the field out for its default")
    return float(value)


def read_mm(value: Any) -> Any:
    """A number, or a text in mm. Other units are refused with the converted value."""
    if isinstance(value, bool):
        raise wrong("a length in mm is wanted", suggestion="give a number such as 2.0")
    if isinstance(value, (int, float)):
        return _finite(value)
    if isinstance(value, str):
        parts = split_number(value)
        if parts is None:
            raise wrong("a length in mm is wanted", suggestion="give a number such as 2.0")
        number, unit = parts
        if unit in ("", "mm"):
            return _finite(number)
        if unit in _MM_PER:
            raise wrong(f"lengths are in mm, not in '{unit}'", suggestion=f"write {number * _MM_PER[unit]:.4g}")
        raise wrong(f"unknown unit {unit!r}, lengths are in mm", suggestion=f"write {number:g} if these are mm")
    raise wrong("a length in mm is wanted", suggestion="give a number such as 2.0")


def read_degrees(value: Any) -> Any:
    """A number, or a text in degrees."""
    if isinstance(value, str):
        parts = split_number(value)
        if parts is not None and parts[1] in ("", "deg", "°", "degrees"):
            return _finite(parts[0])
        if parts is not None and parts[1] == "rad":
            raise wrong("angles are in degrees, not rad", suggestion=f"write {math.degrees(parts[0]):.4g}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return _finite(value)
    raise wrong("an angle in degrees is wanted", suggestion="give a number such as 34.0")


def read_percent(value: Any) -> Any:
    """A number, or a text with ``%``."""
    if isinstance(value, str):
        parts = split_number(value)
        if parts is not None and parts[1] in ("", "%"):
            return _finite(parts[0])
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return _finite(value)
    raise wrong("a percentage is wanted", suggestion="give a number such as 57")


def read_number(value: Any) -> Any:
    """A plain finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong("a number is wanted")
    return _finite(value)


def read_stone_size(value: Any) -> Any:
    """``6.5 mm`` or ``1.00 ct`` -> normalised text. A bare number is ambiguous and refused."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _finite(value)
        raise wrong("the unit is missing", suggestion=f"write '{value:g} mm' or '{value:g} ct'")
    if not isinstance(value, str) or (parts := split_number(value)) is None:
        raise wrong("a diameter or a weight is wanted", suggestion="for example '6.5 mm' or '1.00 ct'")
    number, unit = parts
    _finite(number)
    if number <= 0:
        raise wrong("must be more than zero", limit="> 0")
    if unit in ("ct", "carat", "carats", "cts"):
        return f"{number:g} ct"
    if unit == "mm":
        return f"{number:g} mm"
    if unit in ("pt", "points", "point"):
        raise wrong("weights are in ct", suggestion=f"write '{number / 100:g} ct'")
    if unit in ("g", "gram"):
        raise wrong("weights are in ct", suggestion=f"write '{number / GRAM_PER_CARAT:g} ct'")
    if unit in _MM_PER:
        raise wrong(f"sizes are in mm or ct, not in '{unit}'", suggestion=f"write '{number * _MM_PER[unit]:.4g} mm'")
    raise wrong(
        "the unit is missing" if not unit else f"unknown unit {unit!r}",
        suggestion=f"write '{number:g} mm' or '{number:g} ct'",
    )


_LENGTH_WIDTH = re.compile(rf"^\s*{_DECIMAL}\s*(?:mm)?\s*[x×*/]\s*{_DECIMAL}\s*(mm|ct|carats?)?\s*$", re.IGNORECASE)


def split_length_width(text: str) -> tuple[float, float] | None:
    """``'8x6 mm'`` -> ``(8.0, 6.0)``; ``None`` when it is not two lengths."""
    match = _LENGTH_WIDTH.match(text)
    if match is None or (match.group(3) or "mm").lower() != "mm":
        return None
    return float(match.group(1).replace(",", ".")), float(match.group(2).replace(",", "."))


def read_center_size(value: Any) -> Any:
    """``8x6 mm`` -> normalised text, anything else as :func:`read_stone_size`.

    Whether length and width are exchanged is told by the cut's own ratio: hearts may be wider than long.
    """
    both = split_length_width(value) if isinstance(value, str) else None
    if both is None:
        return read_stone_size(value)
    if min(both) <= 0.0:
        raise wrong("must be more than zero", limit="> 0")
    return f"{both[0]:g}x{both[1]:g} mm"


Millimetres = Annotated[float, BeforeValidator(read_mm), Field(allow_inf_nan=False)]
Degrees = Annotated[float, BeforeValidator(read_degrees), Field(allow_inf_nan=False)]
Percent = Annotated[float, BeforeValidator(read_percent), Field(allow_inf_nan=False)]
Number = Annotated[float, BeforeValidator(read_number), Field(allow_inf_nan=False)]
StoneSize = Annotated[str, BeforeValidator(read_stone_size)]
CenterSize = Annotated[str, BeforeValidator(read_center_size)]
