"""Bodies of V prongs: pads over the points of a stone, the opening between their walls, reliefs."""

from __future__ import annotations

import numpy as np

from ringcad.fit import v_prong
from ringcad.kernel.limb import halved
from ringcad.kernel.parts import polyhedron, revolve
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import HeadedRing, ProngStand

_UP = np.array([0.0, 0.0, 1.0])
#: A body that reaches over a plane of symmetry by less than this is taken to end there, mm.
_ROUNDING_MM = 1e-9


def _stands(ring: HeadedRing) -> list[tuple[int, ProngStand]]:
    """V prongs with their numbers, from 0."""
    return [(k, stand) for k, stand in enumerate(ring.head.stands) if stand.point_mm is not None]


def pads(ring: HeadedRing) -> list[NamedShape]:
    """The pads of all V prongs, named as their prongs."""
    return [
        polyhedron(v_prong.polygons(ring.head, stand, v_prong.pad_rows(ring.head, stand)), f"prong_{number + 1}")
        for number, stand in _stands(ring)
    ]


def part_pads(ring: HeadedRing, axes: tuple[int, ...]) -> list[NamedShape]:
    """What of the pads stands on the positive side of the planes square to ``axes`` (0: x, 1: y)."""
    found = []
    for number, stand in _stands(ring):
        polygons = v_prong.polygons(ring.head, stand, v_prong.pad_rows(ring.head, stand))
        points = np.concatenate(polygons)
        assert stand.point_mm is not None
        if any(stand.point_mm[axis] < -_ROUNDING_MM for axis in axes):
            continue
        body = polyhedron(polygons, f"prong_{number + 1}")
        for axis in axes:
            if float(points[:, axis].min()) < -_ROUNDING_MM:
                body = halved(body, axis)
        found.append(body)
    return found


def cutters(ring: HeadedRing) -> list[NamedShape]:
    """What V prongs give way to beside the stone itself: its way in between their walls, and room beside its points."""
    head, girdle = ring.head, ring.stone.girdle_mm
    found = []
    for _, stand in _stands(ring):
        rows = v_prong.opening_rows(head, stand, girdle)
        found.append(polyhedron(v_prong.polygons(head, stand, rows), "v_opening"))
    for _, stand in _stands(ring):
        radius, low, high = v_prong.relief(head, girdle)
        assert stand.point_mm is not None
        profile = [(0.0, 0.0), (radius, 0.0), (radius, high - low), (0.0, high - low)]
        found.append(revolve(profile, np.array([*stand.point_mm, low]), _UP, "v_relief"))
    return found
