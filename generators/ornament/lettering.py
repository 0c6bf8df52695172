"""Roman capitals and figures drawn by us for castings: stems and hairlines as a broad pen writes them, with serifs.

Glyphs are polylines one unit high; widths of strokes come from their direction, like those of a pen held at an angle
(stems broad, horizontals narrow), and never fall below the least stroke. Serifs stand where letters are large enough
for their counters to stay open; smaller ones keep plain ends.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringcad.generators.ornament.elements import Drawable, Stroke
from ringcad.generators.ornament.plates import Plate
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.shapes import spline

Line = tuple[tuple[float, float], ...]
PEN_DEG = 22.0
"""Angle of the pen to the base line: vertical stems come out broad, horizontals at their narrowest."""
STEM, HAIR = 0.165, 0.09
"""Widths of stems and hairlines over the height, where castings allow them."""
SERIF_FROM = 7.6
"""Height in least strokes from which letters have serifs."""
LEAST = 4.7
"""Height in least strokes of the smallest letters: three bars of an E and the gaps between them."""
DOT = "."
SPACE = 0.42
"""Width of a blank over the height."""


@dataclass(frozen=True)
class Glyph:
    """``curves`` are splines through their points, ``bars`` polylines with corners, both y up from 0 to 1.

    ``thin`` and ``thick`` number bars that are hairlines or stems whatever their direction (an N's uprights);
    ``serifs`` are the feet and heads of stems, as points.
    """

    width: float
    bars: tuple[Line, ...] = ()
    curves: tuple[Line, ...] = ()
    serifs: Line = ()
    thin: tuple[int, ...] = ()
    thick: tuple[int, ...] = ()


_ROUND: Line = (
    (0.42, 1.0), (0.17, 0.92), (0.02, 0.68), (0.02, 0.32), (0.17, 0.08), (0.42, 0.0), (0.67, 0.08), (0.82, 0.32),
    (0.82, 0.68), (0.67, 0.92), (0.42, 1.0),
)  # fmt: skip
_C: Line = ((0.74, 0.84), (0.6, 0.97), (0.42, 1.0), (0.17, 0.91), (0.02, 0.68), (0.02, 0.32), (0.17, 0.09), (0.42, 0.0),
            (0.6, 0.03), (0.75, 0.17))  # fmt: skip
GLYPHS: dict[str, Glyph] = {
    "A": Glyph(0.84, (((0.0, 0.0), (0.42, 1.0)), ((0.42, 1.0), (0.84, 0.0)), ((0.14, 0.31), (0.7, 0.31))), (),
               ((0.0, 0.0), (0.84, 0.0)), (0,), (1,)),
    "B": Glyph(0.58, (((0.06, 0.0), (0.06, 1.0)), ((0.06, 1.0), (0.28, 1.0)), ((0.06, 0.53), (0.28, 0.53)),
                      ((0.06, 0.0), (0.28, 0.0))),
               (((0.28, 1.0), (0.47, 0.93), (0.51, 0.765), (0.47, 0.6), (0.28, 0.53)),
                ((0.28, 0.53), (0.52, 0.45), (0.58, 0.265), (0.52, 0.08), (0.28, 0.0))), ((0.06, 0.0), (0.06, 1.0))),
    "C": Glyph(0.75, (), (_C,)),
    "D": Glyph(0.78, (((0.06, 0.0), (0.06, 1.0)), ((0.06, 1.0), (0.32, 1.0)), ((0.06, 0.0), (0.32, 0.0))),
               (((0.32, 1.0), (0.62, 0.91), (0.78, 0.66), (0.78, 0.34), (0.62, 0.09), (0.32, 0.0)),),
               ((0.06, 0.0), (0.06, 1.0))),
    "E": Glyph(0.56, (((0.06, 0.0), (0.06, 1.0)), ((0.06, 1.0), (0.54, 1.0)), ((0.06, 0.51), (0.46, 0.51)),
                      ((0.06, 0.0), (0.56, 0.0))), (), ((0.06, 0.0), (0.06, 1.0))),
    "F": Glyph(0.54, (((0.06, 0.0), (0.06, 1.0)), ((0.06, 1.0), (0.54, 1.0)), ((0.06, 0.5), (0.45, 0.5))), (),
               ((0.06, 0.0), (0.06, 1.0))),
    "G": Glyph(0.8, (((0.8, 0.1), (0.8, 0.44)), ((0.52, 0.44), (0.8, 0.44))),
               ((*_C[:-2], (0.6, 0.02), (0.8, 0.1)),)),
    "H": Glyph(0.76, (((0.06, 0.0), (0.06, 1.0)), ((0.7, 0.0), (0.7, 1.0)), ((0.06, 0.51), (0.7, 0.51))), (),
               ((0.06, 0.0), (0.06, 1.0), (0.7, 0.0), (0.7, 1.0))),
    "I": Glyph(0.12, (((0.06, 0.0), (0.06, 1.0)),), (), ((0.06, 0.0), (0.06, 1.0))),
    "J": Glyph(0.42, (((0.36, 1.0), (0.36, 0.3)),), (((0.36, 0.3), (0.32, 0.08), (0.17, 0.0), (0.02, 0.12)),),
               ((0.36, 1.0),)),
    "K": Glyph(0.7, (((0.06, 0.0), (0.06, 1.0)), ((0.6, 1.0), (0.06, 0.45)), ((0.22, 0.6), (0.68, 0.0))), (),
               ((0.06, 0.0), (0.06, 1.0), (0.66, 0.0), (0.58, 1.0)), (1,), (2,)),
    "L": Glyph(0.54, (((0.06, 0.0), (0.06, 1.0)), ((0.06, 0.0), (0.54, 0.0))), (), ((0.06, 0.0), (0.06, 1.0))),
    "M": Glyph(1.0, (((0.06, 0.0), (0.13, 1.0)), ((0.13, 1.0), (0.5, 0.12)), ((0.5, 0.12), (0.87, 1.0)),
                     ((0.87, 1.0), (0.94, 0.0))), (), ((0.06, 0.0), (0.94, 0.0)), (0, 2), (1, 3)),
    "N": Glyph(0.8, (((0.07, 0.0), (0.07, 1.0)), ((0.07, 1.0), (0.73, 0.0)), ((0.73, 0.0), (0.73, 1.0))), (),
               ((0.07, 0.0), (0.73, 1.0)), (0, 2), (1,)),
    "O": Glyph(0.84, (), (_ROUND,)),
    "P": Glyph(0.56, (((0.06, 0.0), (0.06, 1.0)), ((0.06, 1.0), (0.28, 1.0)), ((0.06, 0.45), (0.28, 0.45))),
               (((0.28, 1.0), (0.5, 0.92), (0.56, 0.725), (0.5, 0.53), (0.28, 0.45)),), ((0.06, 0.0), (0.06, 1.0))),
    "Q": Glyph(0.9, (((0.46, 0.22), (0.88, -0.06)),), (_ROUND,), (), (), (0,)),
    "R": Glyph(0.66, (((0.06, 0.0), (0.06, 1.0)), ((0.06, 1.0), (0.28, 1.0)), ((0.06, 0.47), (0.28, 0.47)),
                      ((0.28, 0.47), (0.64, 0.0))),
               (((0.28, 1.0), (0.5, 0.93), (0.55, 0.735), (0.5, 0.54), (0.28, 0.47)),),
               ((0.06, 0.0), (0.06, 1.0), (0.63, 0.0)), (), (3,)),
    "S": Glyph(0.54, (), (((0.49, 0.84), (0.4, 0.97), (0.26, 1.0), (0.1, 0.93), (0.05, 0.76), (0.14, 0.6), (0.28, 0.52),
                           (0.42, 0.43), (0.51, 0.26), (0.44, 0.07), (0.27, 0.0), (0.11, 0.04), (0.02, 0.18)),)),
    "T": Glyph(0.7, (((0.35, 0.0), (0.35, 1.0)), ((0.0, 1.0), (0.7, 1.0))), (), ((0.35, 0.0),)),
    "U": Glyph(0.74, (((0.06, 1.0), (0.06, 0.32)), ((0.68, 1.0), (0.68, 0.32))),
               (((0.06, 0.32), (0.14, 0.08), (0.37, 0.0), (0.6, 0.08), (0.68, 0.32)),), ((0.06, 1.0), (0.68, 1.0)),
               (1,)),
    "V": Glyph(0.8, (((0.0, 1.0), (0.4, 0.0)), ((0.4, 0.0), (0.8, 1.0))), (), ((0.0, 1.0), (0.8, 1.0)), (1,), (0,)),
    "W": Glyph(1.16, (((0.0, 1.0), (0.3, 0.0)), ((0.3, 0.0), (0.58, 0.92)), ((0.58, 0.92), (0.86, 0.0)),
                      ((0.86, 0.0), (1.16, 1.0))), (), ((0.0, 1.0), (1.16, 1.0)), (1, 3), (0, 2)),
    "X": Glyph(0.74, (((0.02, 1.0), (0.72, 0.0)), ((0.02, 0.0), (0.72, 1.0))), (),
               ((0.02, 0.0), (0.02, 1.0), (0.72, 0.0), (0.72, 1.0)), (1,), (0,)),
    "Y": Glyph(0.74, (((0.0, 1.0), (0.37, 0.46)), ((0.74, 1.0), (0.37, 0.46)), ((0.37, 0.46), (0.37, 0.0))), (),
               ((0.0, 1.0), (0.74, 1.0), (0.37, 0.0)), (1,), (0,)),
    "Z": Glyph(0.66, (((0.04, 1.0), (0.62, 1.0)), ((0.62, 1.0), (0.02, 0.0)), ((0.02, 0.0), (0.66, 0.0))), (), (),
               (0, 2), (1,)),
    "0": Glyph(0.62, (), (tuple((0.738 * x, y) for x, y in _ROUND),)),
    "1": Glyph(0.34, (((0.2, 0.0), (0.2, 1.0)), ((0.2, 1.0), (0.0, 0.82))), (), ((0.2, 0.0),), (1,)),
    "2": Glyph(0.56, (((0.02, 0.0), (0.56, 0.0)), ((0.4, 0.5), (0.02, 0.0))),
               (((0.03, 0.8), (0.12, 0.96), (0.28, 1.0), (0.45, 0.93), (0.51, 0.74), (0.4, 0.5)),)),
    "3": Glyph(0.52, (),
               (((0.03, 0.86), (0.12, 0.97), (0.25, 1.0), (0.42, 0.93), (0.47, 0.77), (0.4, 0.6), (0.2, 0.54)),
                          ((0.2, 0.54), (0.43, 0.47), (0.52, 0.27), (0.43, 0.07), (0.24, 0.0), (0.1, 0.03),
                           (0.0, 0.15)))),
    "4": Glyph(0.64, (((0.46, 0.0), (0.46, 1.0)), ((0.46, 1.0), (0.0, 0.28)), ((0.0, 0.28), (0.64, 0.28))), (),
               ((0.46, 0.0),), (1,)),
    "5": Glyph(0.54, (((0.08, 1.0), (0.5, 1.0)), ((0.1, 1.0), (0.07, 0.55))),
               (((0.07, 0.55), (0.24, 0.61), (0.43, 0.54), (0.53, 0.32), (0.44, 0.08), (0.24, 0.0), (0.09, 0.03),
                 (0.0, 0.14)),), (), (1,)),
    "6": Glyph(0.58, (), (((0.5, 0.93), (0.36, 1.0), (0.17, 0.88), (0.04, 0.6), (0.03, 0.3), (0.13, 0.06), (0.3, 0.0),
                           (0.49, 0.09), (0.56, 0.3), (0.48, 0.51), (0.31, 0.59), (0.13, 0.51), (0.03, 0.33)),)),
    "7": Glyph(0.56, (((0.0, 1.0), (0.54, 1.0)), ((0.54, 1.0), (0.2, 0.0))), (), (), (), (1,)),
    "8": Glyph(0.56, (),
               (((0.28, 1.0), (0.12, 0.93), (0.06, 0.77), (0.12, 0.61), (0.28, 0.54), (0.44, 0.61), (0.5, 0.77),
                           (0.44, 0.93), (0.28, 1.0)),
                          ((0.28, 0.54), (0.08, 0.46), (0.0, 0.27), (0.08, 0.08), (0.28, 0.0), (0.48, 0.08),
                           (0.56, 0.27), (0.48, 0.46), (0.28, 0.54)))),
    "&": Glyph(0.84, (((0.1, 0.72), (0.8, 0.0)),),
               (((0.1, 0.72), (0.12, 0.92), (0.28, 1.0), (0.43, 0.92), (0.42, 0.74), (0.24, 0.56), (0.06, 0.4),
                 (0.02, 0.2), (0.12, 0.04), (0.32, 0.0), (0.54, 0.1), (0.68, 0.3), (0.74, 0.52)),), (), (), (0,)),
    "-": Glyph(0.4, (((0.04, 0.5), (0.36, 0.5)),)),
    "/": Glyph(0.46, (((0.02, 0.0), (0.44, 1.0)),), (), (), (0,)),
    "+": Glyph(0.5, (((0.02, 0.5), (0.48, 0.5)), ((0.25, 0.26), (0.25, 0.74))), (), (), (1,)),
    DOT: Glyph(0.1, (((0.05, 0.5), (0.05, 0.5)),)),
    "♥": Glyph(0.8),
}  # fmt: skip
GLYPHS["9"] = Glyph(0.58, (), tuple(tuple((0.58 - x, 1.0 - y) for x, y in line) for line in GLYPHS["6"].curves))
_AS = {"ß": "SS", "Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "·": DOT, "•": DOT, ",": DOT, ":": DOT, "–": "-",
       "—": "-", "_": "-", "❤": "♥", "♡": "♥"}  # fmt: skip
_HEART: Line = ((0.4, 0.72), (0.52, 0.88), (0.7, 0.86), (0.8, 0.66), (0.72, 0.42), (0.56, 0.22), (0.4, 0.06))


def spelled(text: str) -> tuple[tuple[str, ...], str]:
    """The signs of a text in capitals, a blank between words, and what cannot be written (accents are left off)."""
    signs: list[str] = []
    strange = ""
    for letter in text.strip().upper():
        for sign in _AS.get(letter, letter):
            plain = next((s for s in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(s)), "")
            if plain in GLYPHS or plain == " ":
                signs.append(plain)
            elif sign.isalnum():
                strange += sign
    words = "".join(signs).split()
    # Initials are parted by dots, words by blanks.
    initials = len(words) > 1 and all(len(word) == 1 for word in words) and all(word.isalpha() for word in words)
    return tuple((DOT if initials else " ").join(words)), strange


def pens(size: float, stroke: float) -> tuple[float, float]:
    """Widths of stems and hairlines of letters ``size`` mm high."""
    return max(stroke, STEM * size), max(stroke, HAIR * size)


def advances(signs: Sequence[str], size: float, stroke: float, gap: float) -> Array:
    """(n + 1,) where each sign's left side lies, mm, and the end of the line."""
    at, out = 0.0, [0.0]
    stem, hair = pens(size, stroke)
    between = max(1.3 * gap, 0.13 * size)
    serif = 0.06 * size if size >= SERIF_FROM * stroke else 0.0
    for k, sign in enumerate(signs):
        if sign == " ":
            at += SPACE * size - between
        else:
            at += (size - hair) * GLYPHS[sign].width + stem + 2.0 * serif
            at += between if k + 1 < len(signs) else 0.0
        out.append(at)
    return np.array(out)


def drawn(sign: str, left: float, size: float, stroke: float, gap: float) -> list[Drawable]:
    """One sign, ``size`` mm high about the axis, its left side at ``left``."""
    if sign == " ":
        return []
    glyph = GLYPHS[sign]
    stem, hair = pens(size, stroke)
    tall = size - hair
    seriffed = size >= SERIF_FROM * stroke
    left += 0.5 * stem + (0.06 * size if seriffed else 0.0)

    def placed(points: Array) -> Array:
        return np.column_stack([left + tall * points[:, 0], tall * (0.5 - points[:, 1])])

    if sign == "♥":
        half = spline(np.array(_HEART), samples=8)
        return [
            Plate((placed(np.vstack([half, (half * [-1.0, 1.0] + [0.8, 0.0])[-2:0:-1]])),), 0.18, 1.0, 0.4, 0.3 * size)
        ]
    if sign == DOT:
        r = max(0.5 * stroke, 0.075 * size)
        middle = placed(np.array([(0.05, 0.5)]))
        return [Stroke(np.vstack([middle - 1e-3, middle + 1e-3]), r)]
    out: list[Drawable] = []
    for k, bar in enumerate(glyph.bars):
        points = np.array(bar)
        widths = np.full(2, hair if k in glyph.thin else stem if k in glyph.thick else _pen(points, stem, hair)[0])
        out.append(Stroke(placed(points), 0.5 * widths))
    for curve in glyph.curves:
        points = spline(np.array(curve), samples=10)
        out.append(Stroke(placed(points), 0.5 * _pen(points, stem, hair)))
    if seriffed:
        reach = 0.5 * stem + 0.055 * size
        for x, y in glyph.serifs:
            (u, v) = placed(np.array([(x, y)]))[0]
            out.append(Stroke(np.array([(u - reach, v), (u + reach, v)]), 0.5 * hair))
    return out


def _pen(points: Array, stem: float, hair: float) -> Array:
    """Width of a stroke at each of its points, by its direction."""
    along = np.gradient(points, axis=0) if len(points) > 2 else np.broadcast_to(np.diff(points, axis=0), points.shape)
    turned = np.arctan2(along[:, 1], along[:, 0]) + np.deg2rad(PEN_DEG)
    least = np.sin(np.deg2rad(PEN_DEG))
    share = np.clip((np.abs(np.sin(turned)) - least) / (np.cos(np.deg2rad(PEN_DEG)) - least), 0.0, 1.0)
    widths: Array = hair + (stem - hair) * share
    return widths
