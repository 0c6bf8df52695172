"""Can the stone move: lifted, tilted, pushed aside and turned among the metal that was measured.

The stone is its convex body of revolution, the metal the points that look at it. A motion is free until a point lies
in the stone; past that, the metal there has to give way outward, away from the stone's axis, and how far it must do so
before the stone is out is what holds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TOUCH_MM = 0.005
"""Metal this deep in the stone stops it: the chord of a delivered file."""
_HALVINGS = 13
_AT_ONCE = 400_000
"""Points times positions handled together."""
_SMALL = (0.004, 0.008, 0.015, 0.03, 0.06, 0.12)
"""First steps of every motion, mm at the girdle."""
_SIDE_SHARE = 0.4
"""How far aside the stone is pushed, as a share of its radius: past its table's edge no tip is over it."""
_STEEPEST = 0.7
"""Largest tilt that is looked at, radians."""


@dataclass(frozen=True)
class Moves:
    """How far a stone can move, mm at its girdle, and how far metal must give way for it to leave.

    Attributes
    ----------
    lift_mm, drop_mm, tilt_mm, shift_mm
        Free way up, down, of the rising edge about the freest horizontal axis, and aside in the freest direction. Ends
        where the stone has left.
    turn_mm
        How far any gap closes while the stone is turned about its own axis; of a stone that is not round, the free
        way of its girdle until something stops it.
    lift_hold_mm, tilt_hold_mm, shift_hold_mm
        The least that the metal must give way outward before the stone has risen past it, tilted out from under it, or
        moved aside past it.
    """

    lift_mm: float
    drop_mm: float
    tilt_mm: float
    shift_mm: float
    turn_mm: float
    lift_hold_mm: float
    tilt_hold_mm: float
    shift_hold_mm: float

    @property
    def hold_mm(self) -> float:
        """What holds the stone in the motion in which least does."""
        return min(self.lift_hold_mm, self.tilt_hold_mm, self.shift_hold_mm)

    @property
    def loose_mm(self) -> float:
        """Largest free way."""
        return max(self.lift_mm, self.drop_mm, self.tilt_mm, self.shift_mm)


class MovingStone(Protocol):
    """What a stone must tell to be moved: its size at the girdle, its heights, and how deep a point lies in it.

    ``round`` stones turn about their axis without meeting anything.
    """

    @property
    def radius_mm(self) -> float: ...
    @property
    def girdle_mm(self) -> float: ...
    @property
    def table_mm(self) -> float: ...
    @property
    def round(self) -> bool: ...
    def depth_inside(self, x: Array, y: Array, z: Array) -> Array: ...


def give_way(stone: MovingStone, points: Array, rotation: Array, shift: Array) -> Array:
    """(n,) how far the worst of the metal points must give way, for each position of the stone.

    Parameters
    ----------
    points : (p, 3) metal in the stone's frame of rest
    rotation, shift : (n, 3, 3), (n, 3) where the stone went
    """
    found = np.zeros(len(shift))
    if not len(points):
        return found
    outward = points * np.array([1.0, 1.0, 0.0])
    outward /= np.maximum(np.linalg.norm(outward, axis=1), 1e-12)[:, None]
    step = max(_AT_ONCE // len(points), 1)
    for begin in range(0, len(shift), step):
        part = slice(begin, begin + step)
        # Positions in the stone's own frame: turned back.
        turned, moved = rotation[part], shift[part]
        back = np.einsum("nj,njk->nk", moved, turned)
        there = [
            points[:, 0] * turned[:, 0, k, None]
            + points[:, 1] * turned[:, 1, k, None]
            + (points[:, 2] * turned[:, 2, k, None] - back[:, k, None])
            for k in range(3)
        ]
        row, column = np.nonzero(stone.depth_inside(there[0], there[1], there[2]) > TOUCH_MM)
        if not len(row):
            continue
        way = np.einsum("mj,mjk->km", outward[column], turned[row])
        start = [axis[row, column] for axis in there]
        low, high = np.zeros(len(row)), np.full(len(row), 3.0 * stone.radius_mm)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            x, y, z = (start[k] + middle * way[k] for k in range(3))
            inside = stone.depth_inside(x, y, z) > 0.0
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        np.maximum.at(found, begin + row, high)
    return found


def _turns(axis: Array, angle: Array) -> Array:
    """(n, 3, 3) rotations about unit axes (n, 3) (Rodrigues)."""
    x, y, z = axis.T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    return np.asarray(np.eye(3) + sine * cross + (1.0 - cosine) * (cross @ cross))


def _paths(stone: MovingStone, points: Array, rotation: Array, shift: Array, ways: Array) -> tuple[float, float]:
    """Largest free way and least hold over paths; positions are (paths * steps), ``ways`` (steps,) mm."""
    need = give_way(stone, points, rotation, shift).reshape(-1, len(ways))
    blocked = need > 0.0
    first = np.where(blocked.any(axis=1), blocked.argmax(axis=1), len(ways))
    before = np.concatenate([[0.0], ways])
    # Between two steps the need grows from nothing: carried back along the next step's growth.
    row, this = np.arange(len(need)), np.minimum(first, len(ways) - 1)
    after = np.minimum(this + 1, len(ways) - 1)
    growth = (need[row, after] - need[row, this]) / np.maximum(ways[after] - ways[this], 1e-12)
    back = ways[this] - need[row, this] / np.maximum(growth, 1e-12)
    free = np.where(first < len(ways), np.clip(back, before[this], ways[this]), ways[-1])
    return float(free.max()), float(need.max(axis=1).min())


def measure_moves(stone: MovingStone, points: Array, *, play_mm: float = 0.0, directions: int = 24) -> Moves:
    """Move the stone among metal points (p, 3) of its own frame (x, y across, z towards the table).

    Parameters
    ----------
    play_mm : how far it may slide aside while it rises or tilts
    directions : horizontal directions that are tried
    """
    turn = 2.0 * np.pi * np.arange(directions) / directions
    flat = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], axis=1)
    over = points[points[:, 2] > 0.5 * stone.girdle_mm] if len(points) else points
    # To rise past the metal the girdle has to come above it.
    end = float(over[:, 2].max(initial=stone.girdle_mm)) + 0.1 * stone.table_mm
    small = np.array([step for step in _SMALL if step < 0.5 * end])
    ways = np.unique(np.concatenate([small, np.linspace(end / 24.0, end, 24)]))
    sliding = min(max(play_mm, 0.0), stone.radius_mm)
    slides = sliding * flat[:: max(directions // 8, 1)]
    slides = np.concatenate([np.zeros((1, 3)), slides if play_mm > TOUCH_MM else slides[:0]])
    still = np.broadcast_to(np.eye(3), (len(slides) * len(ways), 3, 3))
    up = (slides[:, None] + ways[None, :, None] * np.array([0.0, 0.0, 1.0])).reshape(-1, 3)
    lift, lift_hold = _paths(stone, points, still, up, ways)
    tilt, tilt_hold = 0.0, math.inf
    coarse = np.unique(np.concatenate([small, np.linspace(end / 14.0, end, 14)]))
    # The axis lies this share of the radius from the middle, away from the rising edge; loose stones slide there first.
    places = [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), *([(0.5, sliding), (1.0, sliding)] if play_mm > TOUCH_MM else [])]
    for share, slid in places:
        lever = stone.radius_mm * (1.0 + share)
        angle = np.minimum(coarse / lever, _STEEPEST)
        # The edge towards ``flat`` rises when turned about the axis square to it.
        axis = np.repeat(np.stack([flat[:, 1], -flat[:, 0], flat[:, 2]], axis=1), len(angle), axis=0)
        rotation = _turns(axis, np.tile(angle, directions))
        pivot = np.repeat(-share * stone.radius_mm * flat, len(angle), axis=0)
        moved = pivot - np.einsum("nij,nj->ni", rotation, pivot) - slid * np.repeat(flat, len(angle), axis=0)
        free, hold = _paths(stone, points, rotation, moved, coarse)
        tilt, tilt_hold = max(tilt, free), min(tilt_hold, hold)
    aside = np.unique(np.concatenate([_SMALL, np.linspace(0.1, 1.0, 8) * _SIDE_SHARE * stone.radius_mm]))
    aside = aside[aside <= _SIDE_SHARE * stone.radius_mm + 1e-9]
    still = np.broadcast_to(np.eye(3), (directions * len(aside), 3, 3))
    shift, shift_hold = _paths(stone, points, still, (aside[None, :, None] * flat[:, None]).reshape(-1, 3), aside)
    spin = np.linspace(0.0, 0.5 * np.pi, 7)[1:]
    rotation = _turns(np.tile([0.0, 0.0, 1.0], (len(spin), 1)), spin)
    if stone.round:
        turned = float(give_way(stone, points, rotation, np.zeros((len(spin), 3))).max(initial=0.0))
    else:
        both, turned = np.concatenate([_SMALL, [0.2, 0.4]]), 0.0
        for sense in (1.0, -1.0):
            rotation = _turns(np.tile([0.0, 0.0, 1.0], (len(both), 1)), sense * both / stone.radius_mm)
            turned = max(turned, _paths(stone, points, rotation, np.zeros((len(both), 3)), both)[0])
    down = np.unique(np.concatenate([_SMALL, np.linspace(0.05, 1.0, 10) * _SIDE_SHARE * stone.radius_mm]))
    still = np.broadcast_to(np.eye(3), (len(down), 3, 3))
    drop, _ = _paths(stone, points, still, down[:, None] * np.array([0.0, 0.0, -1.0]), down)
    return Moves(
        lift_mm=lift,
        drop_mm=drop,
        tilt_mm=tilt,
        shift_mm=shift,
        turn_mm=turned,
        lift_hold_mm=lift_hold,
        tilt_hold_mm=tilt_hold,
        shift_hold_mm=shift_hold,
    )
