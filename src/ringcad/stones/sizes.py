"""Sizes of stones as the trade writes them: ``8x6 mm``, ``6 mm`` (the width), ``1.2 ct``."""

from __future__ import annotations

import re

from ringcad.core.errors import InputError
from ringcad.standards import Cut, Gem
from ringcad.stones.stone import CutStone, reference_stone, stone_of_weight

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_LENGTH_WIDTH = re.compile(rf"^\s*{_NUMBER}\s*(?:mm)?\s*[x×*/]\s*{_NUMBER}\s*(?:mm)?\s*$", re.IGNORECASE)
_ONE = re.compile(rf"^\s*{_NUMBER}\s*(mm|ct|carat|carats)\s*$", re.IGNORECASE)


def stone_from_size(text: str, row: Cut, gem: Gem) -> CutStone:
    """A stone of a cut's default proportions; of two lengths the longer runs along the stone.

    Raises :class:`InputError` for a text that is no size and for lengths that the cut cannot have.
    """
    both = _LENGTH_WIDTH.match(text)
    if both:
        length, width = sorted((_number(both.group(1)), _number(both.group(2))), reverse=True)
        return reference_stone(row.id, width, length)
    one = _ONE.match(text)
    if one is None:
        raise InputError(f"{text!r} is no size of a stone; write '8x6 mm', '6 mm' (the width) or '1.2 ct'")
    value = _number(one.group(1))
    if one.group(2).lower() == "mm":
        return reference_stone(row.id, value)
    return stone_of_weight(reference_stone(row.id, 1.0), value, gem.density_g_cm3)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def ratio_note(stone: CutStone, row: Cut) -> str | None:
    """What to say of a length to width ratio that the trade would not call by the cut's name."""
    ratio = stone.length_mm / stone.width_mm
    if row.length_to_width.holds(ratio):
        return None
    limits = row.length_to_width
    return f"length / width {ratio:.2f} is unusual for a {row.name.lower()} ({limits.low:g} to {limits.high:g})"
