"""What a stone's axis sees: distance to the metal and through it, round the axis and up it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.frames import SeatFrame

Array = NDArray[Any]
#: How far a ray in doubt is turned, in steps between neighbours.
_TURN_SHARE = 0.21


@dataclass(frozen=True)
class Scan:
    """Rays square to the axis.

    Attributes
    ----------
    azimuth_rad : (a,) float, evenly spaced over the whole circle
    height_mm : (h,) float, rising
    inner_mm : (a, h) float
        From the axis to the first metal, ``inf`` where there is none; 0 where the axis itself lies in metal.
    outer_mm : (a, h) float
        To where that metal ends.
    """

    azimuth_rad: Array
    height_mm: Array
    inner_mm: Array
    outer_mm: Array

    def row(self, height_mm: float) -> int:
        """Index of the height nearest to the given one."""
        return int(np.abs(self.height_mm - height_mm).argmin())


def scan_round(caster: RayCaster, frame: SeatFrame, low_mm: float, high_mm: float, step_mm: float, angles: int) -> Scan:
    """Cast ``angles`` rays from the axis at every ``step_mm`` between two heights."""
    rows = max(round((high_mm - low_mm) / step_mm), 1) + 1
    height = np.linspace(low_mm, high_mm, rows)
    azimuth = 2.0 * np.pi * (np.arange(angles) + 0.5) / angles
    ways = np.repeat(frame.directions(azimuth), rows, axis=0)
    starts = np.tile(frame.origin + height[:, None] * frame.axis, (angles, 1))
    distance, hit, leaving = _first(caster, starts, ways)
    # A ray may slip in between two faces, along the edge that they share, and meet the metal from inside. A start that
    # really lies in metal does so in every direction: the same start is asked again, a little to either side.
    doubtful = np.flatnonzero(leaving)
    turns = azimuth[doubtful // rows]
    for way in (-_TURN_SHARE, _TURN_SHARE):
        if not len(doubtful):
            break
        beside = frame.directions(turns + way * 2.0 * np.pi / angles)
        again, met, still = _first(caster, starts[doubtful], beside)
        slipped = doubtful[~still]
        distance[slipped], hit[slipped], leaving[slipped] = again[~still], met[~still], False
        ways[slipped] = beside[~still]
        doubtful, turns = doubtful[still], turns[still]
    inner = np.where(leaving, 0.0, distance)
    outer = np.where(leaving, distance, np.inf)
    met = np.flatnonzero(hit & ~leaving)
    through, _ = caster.thickness(starts[met] + distance[met, None] * ways[met], ways[met])
    outer[met] = distance[met] + through
    return Scan(azimuth, height, inner.reshape(angles, rows), outer.reshape(angles, rows))


def _first(caster: RayCaster, starts: Array, ways: Array) -> tuple[Array, Array, Array]:
    """(n,) distance of the first metal, whether there is any, whether it is left there instead of met."""
    distance, face = caster.first_hit(starts, ways)
    hit = face >= 0
    leaving = np.zeros(len(hit), dtype=bool)
    leaving[hit] = np.einsum("ij,ij->i", caster.mesh.normals[face[hit]], ways[hit]) > 0.0
    return distance, hit, leaving


def intervals(inside: Array) -> list[Array]:
    """Runs of true places on a circle, each as indices in order (a run may pass the end)."""
    inside = np.asarray(inside, dtype=bool)
    if inside.all():
        return [np.arange(len(inside))]
    start = int(np.flatnonzero(~inside)[0]) if not inside.all() else 0
    turned = np.roll(inside, -start)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], turned.astype(np.int8), [0]])))
    return [(np.arange(begin, end) + start) % len(inside) for begin, end in edges.reshape(-1, 2)]
