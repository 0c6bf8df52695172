"""Leaves as figures: acanthus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.layout import (
    Room,
)
from ringcad.generators.ornament.plates import Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Share
from ringcad.generators.ornament.shapes import (
    on_band,
    plume,
    simple_leaf,
    spear,
    spline,
    tapered,
    volute,
)

Rng = np.random.Generator

# ---------------------------------------------------------------- acanthus


class AcanthusLayer(FigureLayer):
    """Acanthus leaves: deep lobes swept to the tip, pipes between them, volutes at the foot."""

    family: Literal["acanthus"] = "acanthus"
    lobes: Count = 3
    cut: Share = 0.4
    scrolls: bool = True


def _acanthus_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / room.stroke
    return {
        "lobes": 2 if d < 8.5 else 3 if d < 16.0 else 4,
        "cut": round(float(rng.uniform(0.4, 0.54)), 3),
        "scrolls": bool(d > 12.0 and rng.random() < 0.6),
    }


def _acanthus(layer: AcanthusLayer, size: float, room: Room, k: int) -> list[Drawable]:
    n, low = layer.lobes, -0.5
    wide = 0.43 if not layer.scrolls else 0.4
    least = 1.15 * room.stroke / size
    lobes: list[Drawable] = []
    for j in range(n):
        # From the top downwards: every pair lies over the one above it, its tips roll outwards.
        x = (j + 0.5) / n
        reach = wide * (0.78 + 0.22 * min(1.5 * x, 1.0))
        foot, top = -0.16 - 0.34 * x, 0.44 - 0.56 * x
        for s in (-1.0, 1.0):
            axis = [
                (0.0, foot),
                (s * 0.3 * reach, foot + 0.5 * (top - foot)),
                (s * 0.68 * reach, top),
                (s * reach, top - 0.04 - 0.16 * layer.cut),
            ]
            lobes.append(_tongue(axis, max(0.4 / n + 0.05, least), size, room, plume))
    # A slim leaf with a midrib runs over all of them from foot to tip.
    lobes.append(_tongue([(0.0, low), (0.0, 0.0), (0.0, 0.5)], max(0.26, 1.5 * least), size, room, spear))
    out: list[Drawable] = []
    if layer.scrolls:
        r = max(0.54 * room.stroke, 0.05 * size)
        for s in (-1.0, 1.0):
            curl = volute(0.12 * size, 0.035 * size, 0.85, -90.0, 1)
            path = np.vstack([[(-0.2 * size, -0.12 * size)], curl]) + np.array([0.24 * size, 0.0])
            path = path * [s, -1.0] + [0.0, (-low - 0.13) * size]
            out += [tapered(path, r, 0.52 * room.stroke), Bead(float(path[-1, 0]), float(path[-1, 1]), 1.25 * r)]
    return [*out, Stack(tuple(lobes), min(1.5 * room.gap, 0.14 * size), 0.44)]


def _tongue(
    points: list[tuple[float, float]], width: float, size: float, room: Room, shape: Callable[[Array], Array]
) -> Plate:
    """A lobe of a leaf through points in figure coordinates, in a given envelope."""
    return simple_leaf(on_band(spline(points, samples=10), size), width * size, room, 0.34, shape)


ACANTHUS = Figure(
    "acanthus",
    AcanthusLayer,
    _acanthus,
    _acanthus_own,
    lambda own: 0.86,
    least=4.2,
    best_mm=4.4,
    air=0.03,
    friezes=("repeat", "repeat", "glide"),
    lies=None,
    between=("none", "ball"),
    kin=("laurel",),
)

FAMILIES: tuple[Family[Any], ...] = (ACANTHUS.family(),)
