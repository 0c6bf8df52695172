"""Writing: runes cut of straight strokes, and texts in Roman capitals and figures."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field as Bounds

from ringcad.core.errors import InputError
from ringcad.generators.ornament import lettering
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Plate
from ringcad.generators.ornament.schema import Finite, LayerBase, Positive
from ringcad.generators.ornament.shapes import tapered

Rng = np.random.Generator

_RUNES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "f": (((0, 0), (0, 4)), ((0, 2.2), (1.6, 3.4)), ((0, 1), (1.6, 2.2))),
    "u": (((0, 0), (0, 4), (1.7, 2.6), (1.7, 0)),),
    "th": (((0, 0), (0, 4)), ((0, 3.2), (1.6, 2), (0, 0.8))),
    "a": (((0, 0), (0, 4), (1.6, 2.8)), ((0, 2.6), (1.6, 1.4))),
    "r": (((0, 0), (0, 4), (1.6, 3), (0, 1.9), (1.7, 0)),),
    "k": (((1.5, 3.5), (0, 2), (1.5, 0.5)),),
    "g": (((0, 0), (2.2, 4)), ((0, 4), (2.2, 0))),
    "w": (((0, 0), (0, 4), (1.6, 2.9), (0, 1.8)),),
    "h": (((0, 0), (0, 4)), ((1.8, 0), (1.8, 4)), ((0, 2.6), (1.8, 1.4))),
    "n": (((0.9, 0), (0.9, 4)), ((0, 2.6), (1.8, 1.4))),
    "i": (((0, 0), (0, 4)),),
    "j": (((1.1, 4), (0, 2.7), (1.1, 1.6)), ((0.9, 2.4), (2, 1.3), (0.9, 0))),
    "p": (((1.7, 3.2), (0.9, 4), (0, 4), (0, 0), (0.9, 0), (1.7, 0.8)),),
    "z": (((1, 0), (1, 4)), ((0, 4), (1, 2.6), (2, 4))),
    "s": (((1.5, 4), (0, 2.6), (1.5, 1.6), (0, 0)),),
    "t": (((1, 0), (1, 4)), ((0, 2.8), (1, 4), (2, 2.8))),
    "b": (((0, 2), (0, 4), (1.5, 3), (0, 2), (1.5, 1), (0, 0), (0, 2)),),
    "e": (((0, 0), (0, 4), (1.1, 2.9), (2.2, 4), (2.2, 0)),),
    "m": (((0, 0), (0, 4), (2.2, 2.2)), ((2.2, 0), (2.2, 4), (0, 2.2))),
    "l": (((0, 0), (0, 4), (1.4, 2.8)),),
    "ng": (((1, 3.4), (0, 2), (1, 0.6), (2, 2), (1, 3.4)),),
    "d": (((0, 0), (0, 4), (2.2, 0), (2.2, 4), (0, 0)),),
    "o": (((0, 0), (2, 2.4), (1, 4), (0, 2.4), (2, 0)),),
}
"""Elder Futhark: strokes on a grid four units high, by the sound that each stands for."""
_SAME = {"c": "k", "q": "k", "v": "w", "x": "g", "y": "j"}
_FUTHARK = (
    "f",
    "u",
    "th",
    "a",
    "r",
    "k",
    "g",
    "w",
    "h",
    "n",
    "i",
    "j",
    "p",
    "z",
    "s",
    "t",
    "b",
    "e",
    "m",
    "l",
    "ng",
    "d",
    "o",
)


def transliterated(text: str) -> tuple[str, ...]:
    """Runes of a text: th and ng are one rune, letters that the row lacks take their neighbour."""
    plain = "".join(letter for letter in text.lower() if letter.isascii() and letter.isalpha())
    out: list[str] = []
    k = 0
    while k < len(plain):
        pair = plain[k : k + 2]
        name = pair if pair in _RUNES else _SAME.get(plain[k], plain[k])
        out.append(name)
        k += 2 if pair in _RUNES else 1
    return tuple(out)


class RunesLayer(LayerBase):
    """Runes cut of straight strokes, or a text in Roman capitals and figures."""

    family: Literal["runes"] = "runes"
    text: Annotated[tuple[str, ...], Bounds(min_length=1, max_length=200)]
    """Runes by their sounds; letters one by one."""
    script: Literal["runes", "roman"] = "runes"
    times: Annotated[int, Bounds(ge=1, le=60)] = 1
    """How often a text in letters stands on the band."""
    line_mm: Positive
    size_mm: Positive
    lean: Finite = 0.0
    dots: bool = False
    """A dot between two runes."""


def _rune_width(name: str) -> float:
    return max(x for line in _RUNES[name] for x, _ in line) if name in _RUNES else 0.0


def _propose_runes(room: Room, wish: Attributes, rng: Rng) -> RunesLayer | None:
    if wish.letters and wish.form != "runes":
        return _propose_letters(room, wish, rng)
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    size = min(space, 5.2 * (1.0 + 0.3 * wish.large))
    line = max(stroke, 0.13 * size * (1.0 + 0.2 * wish.bold))
    unit = (size - line) / 4.0
    if 1.2 * unit < 0.8 * (line + gap):
        line = stroke
        unit = (size - line) / 4.0
    if unit * 1.35 < line + 0.25 * gap:
        return None
    dots = bool(rng.random() < 0.4)
    space_between = line + gap + (gap + stroke if dots else 0.45 * gap)
    names = list(transliterated(wish.letters)) if wish.letters else []
    if not names:
        names = [str(x) for x in rng.permutation(list(_FUTHARK))]
    out: list[str] = []
    run = 0.0
    repeat = 0
    while True:
        name = names[repeat % len(names)]
        step = _rune_width(name) * unit * 0.9 + space_between
        if run + step > room.length + (0.0 if room.periodic else space_between) and out:
            break
        if wish.letters and repeat >= len(names):
            break
        out.append(name)
        run += step
        repeat += 1
    return RunesLayer(text=tuple(out), line_mm=round(line, 4), size_mm=round(size, 4), dots=dots)


def _propose_letters(room: Room, wish: Attributes, rng: Rng) -> RunesLayer | None:
    signs, strange = lettering.spelled(wish.letters or "")
    if strange or not signs:
        known = "A to Z, figures, & + - / . and hearts"
        raise InputError(f"letters: '{strange or wish.letters}' cannot be written; {known} can, and runes ('in runes')")
    least = lettering.LEAST * room.stroke
    most = min(1.9 * room.half, LETTERS_MM * (1.0 + 0.3 * wish.large))
    dots = bool(rng.random() < 0.5)
    if most < least:
        return None
    if wish.large >= 0.0:
        most *= float(rng.uniform(0.92, 1.0))
    for size in np.linspace(max(most, least), least, 9):
        run = _text_length(signs, float(size), room)
        pause = _pause(float(size), room)
        free = room.length - (run + pause if room.periodic else run)
        if free >= 0.0:
            times = int(room.length // (run + pause)) if room.periodic else 1
            if wish.repeats and wish.repeats * (run + pause) <= room.length + (0.0 if room.periodic else pause):
                times = wish.repeats
            line = lettering.pens(float(size), room.stroke)[0]
            return RunesLayer(
                text=signs,
                script="roman",
                times=times,
                line_mm=round(line, 4),
                size_mm=round(float(size), 4),
                dots=dots,
            )
    # The band is too short: what can be written is told, since half a text is none.
    if room.length >= TEXT_ROOM * least:
        fits = max(k for k in range(1, len(signs) + 1) if _text_length(signs[:k], least, room) <= room.length)
        raise InputError(
            f"letters: '{''.join(signs)}' needs {_text_length(signs, least, room):.1f} mm along the band, which leaves "
            f"{room.length:.1f} mm; about {fits} letters fit"
        )
    return None


LETTERS_MM = 4.2
"""Height of letters on broad bands."""
TEXT_ROOM = 6.0
"""Length over the height of the least letters from which a room is meant for text."""


def _text_length(signs: tuple[str, ...], size: float, room: Room) -> float:
    return float(lettering.advances(signs, size, room.stroke, room.gap)[-1])


def _pause(size: float, room: Room) -> float:
    """Between two texts, with room for a sign."""
    return max(0.9 * size, room.stroke + 3.0 * room.gap)


def _draw_letters(layer: RunesLayer, room: Room) -> list[Drawable]:
    """Texts one behind another, evenly; between and beside them a lozenge, or a dot and lines that taper off."""
    size, stroke, gap = layer.size_mm, room.stroke, room.gap
    at = lettering.advances(layer.text, size, stroke, gap)
    run, n = float(at[-1]), layer.times
    out: list[Drawable] = []
    if room.periodic:
        step = room.length / n
        starts = [room.u0 + (k + 0.5) * step - 0.5 * run for k in range(n)]
        middles = [start - 0.5 * (step - run) for start in starts]
        free = step - run
    else:
        inner = min((room.length - n * run) / (n + 1), 2.2 * size) if n > 1 else 0.0
        total = n * run + (n - 1) * inner
        first = 0.5 * (room.u0 + room.u1) - 0.5 * total
        starts = [first + k * (run + inner) for k in range(n)]
        middles = [start - 0.5 * inner for start in starts[1:]]
        free = inner
        out += _beside(layer, room, first - room.u0, (first, first + total))
    for start in starts:
        for sign, left in zip(layer.text, at[:-1], strict=True):
            out += lettering.drawn(sign, start + float(left), size, stroke, gap)
    r = max(0.5 * stroke, 0.085 * size)
    out += [_between(layer, middle, r, room) for middle in middles if free >= 2.0 * (r + gap)]
    return out


def _between(layer: RunesLayer, u: float, r: float, room: Room) -> Drawable:
    if layer.dots:
        return Bead(u, 0.0, r)
    wide = 1.35 * max(r, 0.75 * room.stroke)
    return Plate((np.array([(u - wide, 0.0), (u, wide), (u + wide, 0.0), (u, -wide)]),), 0.16, 1.0, 0.5, wide)


def _beside(layer: RunesLayer, room: Room, free: float, ends: tuple[float, float]) -> list[Drawable]:
    """What fills the room to the left and right of a text in the middle of an open band."""
    size, stroke, gap = layer.size_mm, room.stroke, room.gap
    r = max(0.5 * stroke, 0.085 * size)
    away = max(2.2 * gap, 0.4 * size)
    out: list[Drawable] = []
    if free < away + 2.0 * r + gap:
        return out
    for side, end in zip((-1.0, 1.0), ends, strict=True):
        sign = end + side * (away + r)
        out.append(_between(layer, sign, r, room))
        start, stop = sign + side * (1.5 * r + 1.6 * gap + 0.5 * stroke), end + side * (free - 0.6 * stroke)
        if side * (stop - start) > 3.0 * stroke:
            line = np.column_stack([np.linspace(start, stop, 24), np.zeros(24)])
            wide = max(0.5 * stroke, 0.06 * size)
            out.append(tapered(line, wide, 0.5 * stroke))
    return out


def _draw_runes(layer: RunesLayer, room: Room) -> list[Drawable]:
    if layer.script == "roman":
        return _draw_letters(layer, room)
    r = 0.5 * layer.line_mm
    unit = (layer.size_mm - layer.line_mm) / 4.0
    names = [name for name in layer.text if name in _RUNES]
    widths = [0.9 * unit * _rune_width(name) for name in names]
    total = sum(widths) + len(widths) * 2.0 * r
    n = len(names)
    spare = (room.length - total) / (n if room.periodic else n + 1)
    at = room.u0 + (0.5 if room.periodic else 1.0) * spare
    out: list[Drawable] = []
    for k, (name, width) in enumerate(zip(names, widths, strict=True)):
        left = at + r
        for line in _RUNES[name]:
            points = np.array(line, dtype=np.float64)
            x = left + 0.9 * unit * points[:, 0] + layer.lean * unit * (points[:, 1] - 2.0)
            out.append(Stroke(np.column_stack([x, (2.0 - points[:, 1]) * unit]), r, profile="roof"))
        at += width + 2.0 * r + spare
        if layer.dots and spare >= room.stroke + 2.0 * room.gap and (room.periodic or k < n - 1):
            out.append(Bead(at - 0.5 * spare, 0.0, 0.5 * room.stroke))
    return out


RUNES = Family("runes", RunesLayer, _propose_runes, _draw_runes, kin=("chevron", "milgrain"), rows_of_its_own=False)
