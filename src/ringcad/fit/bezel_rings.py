"""A bezel round a stone that is not round: its closed lines at every height, and its metal as numbers. Numpy only.

The section where the stone is narrowest is that of a round bezel (:mod:`ringcad.fit.bezel_section`). Every point of it
stands for a line round the head's axis (:mod:`ringcad.stones.girdles`): wall and lip are parallel to the girdle, the
ledge lies in the pavilion, hole and foot are rounder, and the cup between them changes from one to the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import bezel_section, spline
from ringcad.fit.bezel_section import Point
from ringcad.fit.obstacles import Cup
from ringcad.resolved import Bezel, CenterStone
from ringcad.stones.girdles import Girdle, pavilion_rise

Array = NDArray[np.float64]

#: Coefficients over the height of a bent strip, and of a straight one.
_BENT, _STRAIGHT = 9, 4
#: Share of the flank over which it leaves the foot's upright side.
_LEAVES = 0.3
#: How fast the relief's form comes away from that of its ends, as a power of the way.
_ENDS_IN = 4
#: Normals at which walls are sampled, a quarter of the way round.
_WALL_TURNS = 9
#: Normals that a cup is known by.
_CUP_NORMALS = 96


def ring_at(girdle: Girdle, half_width_mm: float, share: float, z_mm: float) -> Array:
    """(3,) share of the girdle, way out and height of a line so wide."""
    return np.array([share, half_width_mm - share * girdle.half_width_mm, z_mm])


@dataclass(frozen=True)
class Flank:
    """Heights between which the outside changes from the foot's line to one parallel to the girdle.

    ``low_mm`` is the end of the foot's rounding, ``bend_mm`` and ``high_mm`` are those of the bend into the collar.
    """

    low_mm: float
    bend_mm: float
    high_mm: float

    def share(self, z_mm: Array, foot_share: float) -> Array:
        """(n,) share of the girdle at heights; its slope is level at both ends and even between."""
        length = self.high_mm - self.low_mm
        first, last = _LEAVES, max((self.high_mm - self.bend_mm) / length, 0.05)
        s = np.clip((np.asarray(z_mm) - self.low_mm) / length, 0.0, 1.0)
        steep = 1.0 / (1.0 - 0.5 * first - 0.5 * last)
        rises = np.where(s < first, 0.5 * s**2 / first, s - 0.5 * first)
        rises = np.where(s > 1.0 - last, 1.0 / steep - 0.5 * (1.0 - s) ** 2 / last, rises)
        return np.asarray(foot_share + (1.0 - foot_share) * steep * rises)


def flank(bezel: Bezel, stone: CenterStone) -> Flank:
    """The flank of a bezel's plain outside."""
    curves = bezel_section.plain(bezel, stone)
    return Flank(curves[1][-1][1], curves[3][0][1], curves[3][-1][1])


def outside_ring(bezel: Bezel, stone: CenterStone, girdle: Girdle, points: Array) -> Array:
    """(n, 3) lines (share, out, z) of points (n, 2) of the section's outside."""
    share = flank(bezel, stone).share(points[:, 1], bezel.light_share)
    return np.stack([share, points[:, 0] - share * girdle.half_width_mm, points[:, 1]], axis=1)


def outside_strips(bezel: Bezel, stone: CenterStone, girdle: Girdle, lift_mm: float = 0.0) -> list[Array]:
    """Coefficients (k, 3) over the height of each strip of the outside, from foot to lip, as (share, out, z)."""
    strips = []
    plain = bezel.model_copy(update={"band": None})
    shares = flank(bezel, stone)
    for curve in bezel_section.outside(bezel, stone)[1:-2]:
        count = _STRAIGHT if len(curve) == 2 and curve[0][1] >= shares.high_mm - 1e-9 else _BENT
        knots = spline.clamped_knots(count)
        sites = spline.greville(knots)
        points = bezel_section.along(curve, sites / sites[-1])
        rings = outside_ring(plain, stone, girdle, points)
        strips.append(spline.interpolate_clamped(rings[None], knots)[0])
    for strip in strips:
        strip[:, 2] = lifted(bezel, strip[:, 2], lift_mm)
    return strips


def lifted(bezel: Bezel, z_mm: Array, lift_mm: float) -> Array:
    """Heights once a body is moved by a lift (of no account on metal), which a decorated wall's borders do not join."""
    if bezel.band is None:
        return np.asarray(z_mm + lift_mm)
    deep = bezel.band.low_z_mm - bezel.foot_z_mm
    return np.asarray(z_mm + lift_mm * np.clip((bezel.band.low_z_mm - z_mm) / deep, 0.0, 1.0))


def cup(bezel: Bezel, stone: CenterStone, girdle: Girdle) -> Cup:
    """The outside as a body that the shank's skin rises to meet."""
    rings = outside_ring(bezel, stone, girdle, bezel_section.outline(bezel, stone))
    turn = np.linspace(0.0, math.tau, _CUP_NORMALS, endpoint=False)
    ways = tuple((float(x), float(y)) for x, y in zip(np.cos(turn), np.sin(turn), strict=True))
    levels = tuple((float(z), float(share), float(out)) for share, out, z in rings)
    return Cup(levels, ways, tuple(float(value) for value in girdle.support(turn)))


def _corners(bezel: Bezel, stone: CenterStone, girdle: Girdle, bore_radius_mm: float) -> tuple[Array, int]:
    """Lines (n, 3) where what is cut inside bends, from the finger up, and the number of that under the relief."""
    wide, corners = girdle.half_width_mm, bezel_section.inside(bezel, stone, bore_radius_mm)[1:-1]
    ledge = len(corners) - 3
    rings = []
    for number, (half_width, z) in enumerate(corners):
        if number < ledge:
            rings.append(ring_at(girdle, half_width, bezel.light_share, z))
        elif number == ledge:
            # the ledge lies in the cone of the pavilion, whose level lines are the girdle made smaller; under a
            # cabochon it is level and even all round
            rings.append(ring_at(girdle, half_width, 1.0 if stone.domed else half_width / wide, z))
            if not stone.domed:
                rings.append(np.array([1.0, 0.0, bezel.girdle_z_mm]))
        else:
            rings.append(ring_at(girdle, half_width, 1.0, z))
    return np.array(rings), ledge - 1


def _relief(bezel: Bezel, stone: CenterStone, girdle: Girdle, low: Array, high: Array, at: Array) -> Array:
    """(n, 3) lines of the relief at shares of the way up: their form follows the outside's to the ledge's."""
    z = low[2] + at * (high[2] - low[2])
    narrow, wide = (ring[1] + ring[0] * girdle.half_width_mm for ring in (low, high))
    half_width = narrow + at * (wide - narrow)
    if not girdle.even:  # at a cushion's corners a rounder line would come near the pavilion
        even = low[0] + at * (high[0] - low[0])
        return np.stack([even, half_width - even * girdle.half_width_mm, z], axis=1)
    share = _beside_outside(bezel, stone, girdle, np.stack([half_width, z], axis=1))
    share = share + at**_ENDS_IN * (high[0] - share[-1]) + (1.0 - at) ** _ENDS_IN * (low[0] - share[0])
    return np.stack([share, half_width - share * girdle.half_width_mm, z], axis=1)


def _beside_outside(bezel: Bezel, stone: CenterStone, girdle: Girdle, points: Array) -> Array:
    """(n,) share of the girdle's form in lines inside the cup, points (n, 2) of its section, that leave an even wall.

    Where the outside falls away at the stone's ends more than at its sides, its wall is wider there, seen from above,
    by as much more as it leans.
    """
    outer = bezel_section.outline(bezel, stone, 65)
    longer = girdle.half_length_mm - girdle.half_width_mm
    z, step = points[:, 1], 0.05
    here = flank(bezel, stone).share(z, bezel.light_share)
    if longer < 1e-3:
        return here
    above, below = (flank(bezel, stone).share(z + side * step, bezel.light_share) for side in (1.0, -1.0))
    radius, wider, narrower = (np.interp(z + side * step, outer[:, 1], outer[:, 0]) for side in (0.0, 1.0, -1.0))
    lean = (wider - narrower) / (2.0 * step)
    more = lean + (above - below) / (2.0 * step) * longer
    wall = np.maximum(radius - points[:, 0], 0.0) * (np.hypot(more, 1.0) / np.hypot(lean, 1.0) - 1.0)
    return np.asarray(np.maximum(here - wall / longer, 0.0))


def inside_rings(bezel: Bezel, stone: CenterStone, girdle: Girdle, bore_radius_mm: float) -> Array:
    """(n, 3) lines (share, out, z) of what is cut inside, from the finger up; even strips lie between them."""
    rings, under = _corners(bezel, stone, girdle, bore_radius_mm)
    bent = _relief(bezel, stone, girdle, rings[under], rings[under + 1], np.linspace(0.0, 1.0, _BENT)[1:-1])
    return np.concatenate([rings[: under + 1], bent, rings[under + 1 :]])


def inside_strips(bezel: Bezel, stone: CenterStone, girdle: Girdle, bore_radius_mm: float) -> list[Array]:
    """Coefficients (k, 3) over the height of each strip of what is cut inside, from the finger up."""
    rings, under = _corners(bezel, stone, girdle, bore_radius_mm)
    knots, even = spline.clamped_knots(_BENT), np.linspace(0.0, 1.0, _STRAIGHT)[:, None]
    sites = spline.greville(knots)
    strips = []
    for number, (low, high) in enumerate(pairwise(rings)):
        if number == under:
            bent = _relief(bezel, stone, girdle, low, high, sites / sites[-1])
            strips.append(spline.interpolate_clamped(bent[None], knots)[0])
        else:
            strips.append(low + even * (high - low))
    return strips


def points_on(girdle: Girdle, rings: Array, normal_rad: Array) -> Array:
    """(n, t, 3) points of lines (n, 3) at normals (t,)."""
    turn = np.asarray(normal_rad)
    at, out = girdle.points(turn), np.stack([np.cos(turn), np.sin(turn)], axis=1)
    flat = rings[:, None, :1] * at[None] + rings[:, None, 1:2] * out[None]
    return np.concatenate([flat, np.broadcast_to(rings[:, None, 2:], (*flat.shape[:2], 1))], axis=2)


def wall_surfaces(bezel: Bezel, stone: CenterStone, girdle: Girdle, bore_radius_mm: float) -> tuple[Array, Array]:
    """Points (n, 3) of the outside and (m, 3) of what is cut inside, in one quarter, below the girdle."""
    turn = np.linspace(0.0, 0.5 * math.pi, _WALL_TURNS)
    outer = outside_ring(bezel, stone, girdle, bezel_section.outline(bezel, stone, 17))
    outer = outer[outer[:, 2] <= bezel.girdle_z_mm]
    rings = inside_rings(bezel, stone, girdle, bore_radius_mm)[:-1]
    share = np.linspace(0.0, 1.0, 17)[:, None]
    inner = np.concatenate([low + share * (high - low) for low, high in pairwise(rings)])
    inner = inner[inner[:, 2] >= bezel.foot_z_mm]
    return points_on(girdle, outer, turn).reshape(-1, 3), points_on(girdle, inner, turn).reshape(-1, 3)


def thinnest_mm(bezel: Bezel, stone: CenterStone, girdle: Girdle, bore_radius_mm: float) -> tuple[float, Point]:
    """As :func:`ringcad.fit.bezel_section.thinnest_mm`, all round; the place is (distance from the axis, height)."""
    outer, inner = wall_surfaces(bezel, stone, girdle, bore_radius_mm)
    least, place = math.inf, outer[0]
    for part in np.array_split(outer, max(len(outer) // 256, 1)):
        apart = np.linalg.norm(part[:, None] - inner[None], axis=2).min(axis=1)
        if apart.min() < least:
            least, place = float(apart.min()), part[int(apart.argmin())]
    return least, (math.hypot(float(place[0]), float(place[1])), float(place[2]))


def pavilion_over(stone: CenterStone, girdle: Girdle, half_width_mm: float, share: float) -> float:
    """How far under the girdle the pavilion can lie over a line so wide, mm: what stands there must be lower."""
    line = girdle.line(np.linspace(0.0, 0.5 * math.pi, 91), share, half_width_mm - share * girdle.half_width_mm)
    within, _ = girdle.gauge(line[:, 0], line[:, 1])
    return pavilion_rise(stone) * girdle.half_width_mm * (1.0 - float(within.min()))
