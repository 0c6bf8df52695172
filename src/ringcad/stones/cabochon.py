"""Cabochons: flat base at z = 0, an upright rim, a dome that is half an ellipsoid; and metal laid on the dome."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import RoundStone
from ringcad.stones.stone import CutStone

FloatArray = NDArray[np.float64]

#: Steps along the quarter of an ellipse from rim to summit.
_STEPS = 2000


def cabochon_body(stone: RoundStone) -> CutStone:
    """The plain lengths of a cabochon."""
    return CutStone(
        cut="cabochon",
        width_mm=stone.diameter_mm,
        length_mm=stone.diameter_mm,
        table_share=0.0,
        crown_mm=stone.crown_height_mm,
        girdle_mm=stone.girdle_mm,
        pavilion_mm=0.0,
        shape_percent=0.0,
    )


def dome_section(half_width_mm: float, half_length_mm: float, dome_mm: float, normal_rad: float) -> tuple[float, float]:
    """Half width and height of the dome's section square to its rim where the rim has a normal, mm.

    An upright plane cuts an ellipsoid in an ellipse: s mm inward from a place on the rim the height over it is
    c sqrt(2 s / h - q s^2), with c the dome's height, h the support of the rim there and q the ellipse's form of the
    normal. The section is highest at s = 1 / (h q).
    """
    x, y = math.cos(normal_rad), math.sin(normal_rad)
    support = math.hypot(half_width_mm * x, half_length_mm * y)
    form = (x / half_width_mm) ** 2 + (y / half_length_mm) ** 2
    return 1.0 / (support * form), dome_mm / (support * math.sqrt(form))


def on_dome(radius_mm: float, dome_mm: float, arc_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where one is on a dome after ``arc_mm`` (k,) from its rim up: (distance from the axis, height over the rim).

    The dome is half an ellipsoid of ``radius_mm`` and ``dome_mm``; arcs beyond the summit end there.
    """
    turn = np.linspace(0.0, 0.5 * math.pi, _STEPS + 1)
    aside, up = radius_mm * np.cos(turn), dome_mm * np.sin(turn)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(aside), np.diff(up)))])
    at = np.interp(arc_mm, length, turn)
    return radius_mm * np.cos(at), dome_mm * np.sin(at)


def arc_to_height_mm(radius_mm: float, dome_mm: float, height_mm: float) -> float:
    """Arc from the rim of a dome up to a height over it, mm."""
    turn = np.linspace(0.0, math.asin(min(max(height_mm / dome_mm, 0.0), 1.0)), _STEPS + 1)
    return float(np.hypot(np.diff(radius_mm * np.cos(turn)), np.diff(dome_mm * np.sin(turn))).sum())
