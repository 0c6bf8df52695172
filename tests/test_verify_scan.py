"""Rays from a stone's axis: one that slips in between two faces does not put the axis into the metal."""

from __future__ import annotations

from typing import Any

import numpy as np
import trimesh

from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.frames import SeatFrame
from ringcad.verify.setting.scan import scan_round

INNER_MM, OUTER_MM, HEIGHT_MM, ANGLES = 2.0, 3.0, 4.0, 72
FRAME = SeatFrame(np.zeros(3), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))


def caster_of(mesh: trimesh.Trimesh) -> RayCaster:
    return RayCaster(mesh_from_arrays(np.asarray(mesh.vertices), np.asarray(mesh.faces)))


class Leaky(RayCaster):
    """Misses what a few rays would meet first, as a ray does that runs along the edge of two faces."""

    missed = 0

    def first_hit(self, origins: Any, directions: Any) -> tuple[Any, Any]:
        distance, face = super().first_hit(origins, directions)
        if len(origins) > 100:  # the scan itself, not what is asked again
            lost = np.arange(0, len(origins), 97)
            type(self).missed += len(lost)
            past = origins[lost] + (distance[lost, None] + 1e-3) * directions[lost]
            more, face[lost] = super().first_hit(past, directions[lost])
            distance[lost] += more + 1e-3
        return distance, face


def test_a_ray_that_slips_through_an_edge_is_asked_again() -> None:
    ring = trimesh.creation.annulus(INNER_MM, OUTER_MM, HEIGHT_MM, sections=256)
    whole = caster_of(ring)
    leaky = Leaky(whole.mesh)
    true = scan_round(whole, FRAME, -1.0, 1.0, 0.05, ANGLES)
    found = scan_round(leaky, FRAME, -1.0, 1.0, 0.05, ANGLES)
    assert leaky.missed > 20
    chord = INNER_MM * (1.0 - np.cos(np.pi / 256))
    assert np.all((true.inner_mm > INNER_MM - 2.0 * chord) & (true.inner_mm < INNER_MM + 1e-6))
    assert np.abs(found.inner_mm - true.inner_mm).max() < 2.0 * chord
    assert np.abs(found.outer_mm - true.outer_mm).max() < 4.0 * chord


def test_an_axis_in_metal_is_told() -> None:
    found = scan_round(caster_of(trimesh.creation.cylinder(1.0, 2.0, sections=128)), FRAME, -0.5, 0.5, 0.1, ANGLES)
    assert np.all(found.inner_mm == 0.0)
    assert np.abs(found.outer_mm - 1.0).max() < 1e-3
