"""Beads of a hidden halo: a pair over and under each gap between neighbours, and one beside each prong.

The rail's outside turns away under the row, so a bead stands along the middle of its two stones' axes, its ball as high
over either girdle. Beside a prong a stone has two of its own, which lean on it or keep clear. Lengths in mm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.bead_row import BeadSizes
from ringcad.resolve.halo_beads import ANGLES_DEG
from ringcad.resolved import Bead

Array = NDArray[np.float64]
Place = tuple[Array, Array]
"""A stone's axis from above: where it meets the girdle's lower edge, and the unit way out (2,)."""
Levels = list[tuple[float, list[tuple[float, float, float]]]]

#: How much deeper than their root beads reach where the rail falls away under them.
_DEEPER_MM = 0.05
#: How deep a bead stands in the prong that it leans on, at least, mm.
_LEANS_MM = 0.05


def between(one: Place, two: Place, sizes: BeadSizes) -> tuple[Array, float, Array]:
    """(middle of the balls, its distance from either stone's axis, the beads' way out) between two neighbours."""
    (p, n), (q, m) = one, two
    level = sizes.rise - sizes.bead_radius
    a, b = np.array([-n[1], n[0]]), np.array([-m[1], m[0]])
    if float((q - p) @ a) < 0.0:
        a, b = -a, -b
    # equally far from both axes, and at least so high over both girdles
    found = []
    for way, start in ((n, p), (m, q)):
        rows = np.array([a + b, way])
        found.append(np.linalg.solve(rows, np.array([a @ p + b @ q, level + way @ start])))
    middle = max(found, key=lambda point: min(float((point - p) @ n), float((point - q) @ m)))
    out = (n + m) / float(np.hypot(*(n + m)))
    return middle, abs(float((middle - p) @ a)), out


def hidden_beads(
    places: Sequence[Place],
    row_z: float,
    widest_mm: float,
    sizes: BeadSizes,
    levels: Levels,
    slit_mm: float,
    height_mm: float,
) -> list[Bead] | None:
    """Beads of a closed row; ``None`` where one finds no place beside a prong.

    Neighbours no farther apart than ``widest_mm`` share a pair. ``levels`` are the prongs as circles at heights off the
    row's axes, ``slit_mm`` the least gap between two beads or bead and prong, ``height_mm`` is the rail's.
    """
    away = sizes.girdle_radius + sizes.bead_radius - sizes.overlap
    level = sizes.rise - sizes.bead_radius
    found: list[Bead] = []

    def add(middle: Array, out: Array, aside: float, held: tuple[int, ...]) -> None:
        down = level + sizes.proud + sizes.root + _DEEPER_MM
        foot = middle - down * out
        for sign in (1.0, -1.0):
            found.append(
                Bead(
                    id=f"halo_{len(found) + 1}",
                    foot_mm=(float(foot[0]), float(foot[1]), row_z + sign * aside),
                    axis=(float(out[0]), float(out[1]), 0.0),
                    height_mm=down + sizes.bead_radius,
                    holds=tuple(f"halo_{number + 1}" for number in held),
                )
            )

    for k, one in enumerate(places):
        after = (k + 1) % len(places)
        two = places[after]
        if math.dist(one[0], two[0]) <= widest_mm + 1e-6:
            middle, off, out = between(one, two, sizes)
            add(middle, out, math.sqrt(max(away**2 - off**2, 0.0)), (k, after))
            continue
        for number, (point, out), way in ((k, one, two[0] - one[0]), (after, two, one[0] - two[0])):
            along = np.array([-out[1], out[0]])
            along *= math.copysign(1.0, float(along @ way))
            angle = _angle(point + level * out, along, away, sizes.bead_radius, levels, slit_mm, height_mm)
            if angle is None:
                return None
            add(point + level * out + away * math.cos(angle) * along, out, away * math.sin(angle), (number,))
    return found


def _angle(
    ball: Array, along: Array, away: float, radius: float, levels: Levels, slit_mm: float, height_mm: float
) -> float | None:
    """Angle off the row (radians) at which two beads beside a prong stand sound; ``None`` without one."""
    for degrees in ANGLES_DEG:
        angle = math.radians(degrees)
        aside = away * math.sin(angle)
        if 2.0 * (aside - radius) < slit_mm or aside + radius > 0.5 * height_mm:
            continue
        at = ball + away * math.cos(angle) * along
        free = [
            min(math.hypot(at[0] - x, at[1] - y) - prong for x, y, prong in circles) - radius
            for z, circles in levels
            if abs(abs(z) - aside) <= 0.5 * height_mm
        ]
        if max(free) <= -_LEANS_MM or min(free) >= slit_mm:
            return angle
    return None
