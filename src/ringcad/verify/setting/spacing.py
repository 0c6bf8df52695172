"""Distance between stones where they will sit."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.setting.fancy_body import FancyBody
from ringcad.verify.setting.frames import SeatFrame, StoneProfile

Array = NDArray[Any]

_AROUND = 180


def outline(stone: StoneProfile) -> Array:
    """(6, 2) radius and height of the stone's corners, from the culet up and back along the axis."""
    return np.array(
        [
            (0.0, -stone.pavilion_depth_mm),
            (stone.radius_mm, 0.0),
            (stone.radius_mm, stone.girdle_mm),
            (stone.table_radius_mm, stone.table_mm),
            (0.0, stone.table_mm),
        ]
    )


def distance_to_stone(frame: SeatFrame, stone: StoneProfile, points: Array) -> Array:
    """(k,) signed distance of points from a stone, mm; negative inside. Exact: the stone is a convex revolution."""
    radius, _, height = frame.to_local(points)
    at = np.stack([radius, height], axis=1)
    corners = outline(stone)
    nearest = np.full(len(at), np.inf)
    inside = np.full(len(at), True)
    for one, two in pairwise(corners):
        way = two - one
        length = float(np.hypot(*way))
        if length < 1e-12:
            continue
        offset = at - one
        along = np.clip(offset @ way / length**2, 0.0, 1.0)
        nearest = np.minimum(nearest, np.hypot(*(offset - along[:, None] * way).T))
        inside &= way[0] * offset[:, 1] - way[1] * offset[:, 0] >= 0.0  # corners run counter-clockwise
    return np.asarray(np.where(inside, -nearest, nearest))


def stone_distance(one: tuple[SeatFrame, StoneProfile], two: tuple[SeatFrame, StoneProfile]) -> float:
    """Least distance of two stones, mm; negative: how deep an edge of one lies in the other.

    Edges of each against the whole of the other; the faces are cones, on which no nearer point lies but beside them.
    """
    turn = 2.0 * np.pi * np.arange(_AROUND) / _AROUND
    least = np.inf
    for (frame, stone), other in ((one, two), (two, one)):
        corners = _dense(outline(stone))
        points = frame.origin + np.concatenate(
            [radius * frame.directions(turn) + height * frame.axis for radius, height in corners]
        )
        least = min(least, float(distance_to_stone(*other, points).min()))
    return least


def _dense(corners: Array) -> Array:
    """The outline with points between its corners."""
    share = np.linspace(0.0, 1.0, 5)[:-1, None]
    return np.concatenate([one + share * (two - one) for one, two in pairwise(corners)])


def nearest_stones(placed: dict[str, tuple[SeatFrame, StoneProfile]]) -> dict[str, tuple[str, float]]:
    """For each stone its nearest neighbour and the distance, mm; none where it is alone."""
    found: dict[str, tuple[str, float]] = {}
    pairs = []
    for name, other in combinations(placed, 2):
        reach = sum(placed[key][1].radius_mm + placed[key][1].table_mm for key in (name, other))
        pairs.append((float(np.linalg.norm(placed[name][0].origin - placed[other][0].origin)) - reach, name, other))
    for least, name, other in sorted(pairs):
        if all(key in found and found[key][1] < least for key in (name, other)):
            continue
        distance = stone_distance(placed[name], placed[other])
        for key, neighbour in ((name, other), (other, name)):
            if key not in found or distance < found[key][1]:
                found[key] = (neighbour, distance)
    return {name: found[name] for name in placed if name in found}


def nearest_to_fancy(
    body: FancyBody, frame: SeatFrame, placed: dict[str, tuple[SeatFrame, StoneProfile]]
) -> tuple[str, float]:
    """The stone nearest to one of another cut than round, and its distance, mm: never more than it truly is."""
    turn = 2.0 * np.pi * np.arange(_AROUND) / _AROUND
    found = []
    for name, (other, stone) in placed.items():
        points = np.concatenate(
            [
                other.origin + radius * other.directions(turn) + height * other.axis
                for radius, height in _dense(outline(stone))
            ]
        )
        offset = points - frame.origin
        local = np.stack([offset @ frame.across, offset @ frame.along, offset @ frame.axis], axis=1)
        local[:, 0] = body.own_side(local[:, 0])
        apart = (local @ body.solid.normals.T - body.solid.offsets).max(axis=1)
        found.append((float(apart.min()), name))
    least, name = min(found)
    return name, least
