"""Small pieces of ``report.html``: escaped text, numbers as a jeweler writes them, tables, wall bars.

Functions whose arguments are called ``*_html`` or ``cell`` take finished markup; all others escape.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import Any

MINUS = "\u2212"
MISSING = "–"
_UNITS = (("_mm", "mm"), ("_deg", "°"), ("_ct", "ct"), ("_g", "g"), ("_s", "s"), ("_share", "%"))
_SHORT = {"as_cast": "as cast", "step": "STEP", "stl": "STL", "json": "JSON", "html": "HTML"}


def escape(text: object) -> str:
    """Any value as text that is safe inside an element and inside a quoted attribute."""
    return html.escape(str(text), quote=True)


def number(value: float | int | None, digits: int) -> str:
    """``-0.5`` -> ``−0.50`` (a true minus sign); nothing measured -> a dash; never ``-0.00``."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def value_text(value: Any, unit: str, digits: int | None = None) -> str:
    """A value with its unit as markup; words instead of identifiers, lists joined."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        if digits is None:
            digits = 0 if isinstance(value, int) or unit == "bytes" else 1 if unit in ("°", "%") else 3
            text = number(value, digits)
            if unit in ("mm", "") and digits == 3:
                text = _trim(text)
        else:
            text = number(value, digits)
        space = "" if unit == "°" else " "
        return f'{text}{space}<span class="quiet">{escape(unit)}</span>' if unit else text
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(item, "", digits) for item in value)
    return escape(words(str(value)) if str(value).isidentifier() else value)


def _trim(text: str) -> str:
    """``4.600`` -> ``4.60``: at least two decimals, a third only where it says something."""
    return text[:-1] if text.endswith("0") else text


def words(name: str) -> str:
    """``rails_and_gaps`` -> ``rails and gaps``; a unit suffix becomes nothing, dots become a comma."""
    for suffix in (*(suffix for suffix, _ in _UNITS), "_mm2", "_mm3", "_bytes"):
        if name.endswith(suffix) and len(name) > len(suffix) + 2:
            name = name.removesuffix(suffix)
            break
    return _SHORT.get(name, name.replace("_", " ").replace(".", ", "))


def unit_of(name: str) -> str:
    """The unit that a name ends in (``bore_diameter_mm`` -> ``mm``), or nothing."""
    ends = (*_UNITS[:-1], ("_mm2", "mm²"), ("_mm3", "mm³"), ("_bytes", "bytes"))
    return next((unit for suffix, unit in ends if name.endswith(suffix)), "")


def change(name: str, value: Any) -> str:
    """One change of the filter or the budget as plain text: ``clipped_max_mm, 0.04`` -> ``clipped max 0.040 mm``."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for suffix, unit in _UNITS:
            if name.endswith(suffix):
                shown = number(100 * value, 1) if unit == "%" else number(value, 3 if unit == "mm" else 2)
                return f"{words(name)} {shown} {unit}"
        return f"{words(name)} {number(value, 0 if float(value).is_integer() else 3)}"
    return f"{words(name)} {value}"


def badge(kind: str) -> str:
    """A small framed word."""
    return f'<span class="tag {escape(kind)}">{escape(kind)}</span>'


def paragraph(content_html: str, style: str = "") -> str:
    """A paragraph round finished markup."""
    return f'<p class="{style}">{content_html}</p>' if style else f"<p>{content_html}</p>"


def row(*cells: str) -> str:
    """A table row of finished markup; a leading ``#`` sets a cell to the right as a number."""
    return (
        "<tr>"
        + "".join(f'<td class="n">{cell[1:]}</td>' if cell.startswith("#") else f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def table(heads: Sequence[str], rows: Iterable[str], style: str = "") -> str:
    """A table; a head ``#X`` is right-aligned, ``%22`` is an empty column 22 % wide; no head row if all are empty."""
    cells = []
    for head in heads:
        if head.startswith("%"):
            cells.append(f'<th style="width: {int(head[1:])}%"></th>')
        elif head.startswith("#"):
            cells.append(f'<th class="n">{escape(head[1:])}</th>')
        else:
            cells.append(f"<th>{escape(head)}</th>")
    named = any(head.strip("#") for head in heads)
    top = f"<thead><tr>{''.join(cells)}</tr></thead>" if named else ""
    attribute = f' class="{style}"' if style else ""
    return f"<table{attribute}>{top}<tbody>{''.join(rows)}</tbody></table>"


def wall_bar(bound_mm: float | None, measured_mm: float | None, limit_mm: float | None, full_mm: float) -> str:
    """A bar of 100 units for one site of the wall map: bound filled, measured and limit as lines."""

    def at(value: float) -> str:
        return f"{max(0.0, min(100.0, 100.0 * value / full_mm)):.2f}"

    marks = ['<rect class="room" x="0" y="2" width="100" height="6"/>']
    if bound_mm is not None:
        marks.append(f'<rect class="bound" x="0" y="2" width="{at(bound_mm)}" height="6"/>')
    if limit_mm is not None:
        marks.append(f'<line class="limit" x1="{at(limit_mm)}" x2="{at(limit_mm)}" y1="0" y2="10"/>')
    if measured_mm is not None:
        marks.append(f'<line class="measured" x1="{at(measured_mm)}" x2="{at(measured_mm)}" y1="1" y2="9"/>')
    return f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{"".join(marks)}</svg>'
