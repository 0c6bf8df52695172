"""Declared simplified forms of figures that are too small for their own: one body of at most three strokes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ringcad.generators.ornament.elements import Drawable
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.plates import Groove, Plate
from ringcad.generators.ornament.shapes import arc_points, mirrored, on_band, simple_leaf, spline

Small = Callable[[float, Room], Sequence[Drawable]]
LEAST = 2.5
"""Height in strokes from which a simplified form is known from a ball."""


def _lobed(size: float, room: Room, lobes: int, cut: float) -> list[Drawable]:
    """A flower of round lobes (or points, with a deep cut) about a dimple."""
    degrees = np.linspace(0.0, 360.0, 24 * lobes, endpoint=False)
    wave = np.abs(np.cos(np.deg2rad(0.5 * lobes * (degrees - 90.0))))
    reach = 0.5 * size * (1.0 - cut * (1.0 - (np.sqrt(wave) if cut < 0.3 else wave)))
    outline = arc_points(1.0, degrees, (0.0, 0.0)) * reach[:, None]
    dimple = Groove(np.array([[0.0, 0.0], [0.001, 0.0]]), min(0.26 * size, 1.1 * room.gap), 0.34)
    return [Plate((outline * [1.0, -1.0],), min(0.2, 0.3 * size), 1.0, 0.2, 0.4 * size, (dimple,) if cut < 0.3 else ())]


def _leaf(size: float, room: Room, breadth: float, bend: float) -> list[Drawable]:
    """A leaf with a groove along its middle."""
    axis = on_band(spline([(0.0, -0.5), (bend, 0.0), (0.0, 0.5)], samples=10), size)
    return [simple_leaf(axis, max(breadth * size, 1.2 * room.stroke), room, 0.4)]


def _bud(size: float, room: Room) -> list[Drawable]:
    """A round cup below a tuft that widens upwards, a groove between them."""
    outline = mirrored([(0.0, 0.5), (0.34, 0.46), (0.2, 0.1), (0.34, -0.2), (0.2, -0.46), (0.0, -0.5)])
    waist = Groove(on_band([(-0.3, 0.08), (0.3, 0.08)], size), min(0.18 * size, room.gap), 0.3)
    return [Plate((on_band(outline, size),), min(0.2, 0.3 * size), 1.0, 0.2, 0.4 * size, (waist,))]


SMALL: dict[str, tuple[Small, float]] = {
    "rose": (partial(_lobed, lobes=5, cut=0.2), 1.0),
    "daisy": (partial(_lobed, lobes=6, cut=0.18), 1.0),
    "rosette": (partial(_lobed, lobes=6, cut=0.18), 1.0),
    "forget_me_not": (partial(_lobed, lobes=5, cut=0.22), 1.0),
    "lily": (partial(_lobed, lobes=3, cut=0.42), 0.92),
    "sunburst": (partial(_lobed, lobes=4, cut=0.5), 1.0),
    "tracery": (partial(_lobed, lobes=4, cut=0.26), 1.0),
    "triquetra": (partial(_lobed, lobes=3, cut=0.28), 0.92),
    "thistle": (_bud, 0.7),
    "acanthus": (partial(_leaf, breadth=0.62, bend=0.0), 0.62),
    "fern": (partial(_leaf, breadth=0.5, bend=0.04), 0.54),
    "feather": (partial(_leaf, breadth=0.44, bend=0.05), 0.48),
    "wheat": (partial(_leaf, breadth=0.5, bend=0.0), 0.5),
    "wing": (partial(_leaf, breadth=0.5, bend=0.16), 0.62),
}
"""Simplified form of a family of figures and its width over its height."""
