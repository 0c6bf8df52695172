"""Bore diameter at mid-width, as a ring stick reads it.

ISO 8653: the size of a ring is that of the finger hole; a comfort-fit (rounded) inside touches the
gauge at mid-width, so its size is the smallest inner diameter there. Two readings are taken: on
the mesh's vertices, which lie on the designed surface, and on its facets, whose chords lie inside
the hole and are what a gauge would meet in the printed wax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]

_DIRECTIONS = 720
_LEAST_COVERAGE = 0.5
"""Share of directions that must meet the bore; pilot holes and pockets take some."""
_LEAST_BARS, _SECTORS, _LEAST_IN_EACH = 0.25, 12, 0.15
"""Under a row of stones all round less of it may be left, where it is left on every twelfth of the circle: the bars
between the openings are what a gauge touches."""


@dataclass(frozen=True)
class BoreMeasurement:
    """Circle of the finger hole at one height ``y_mm``.

    Attributes
    ----------
    diameter_mm : least-squares circle through the vertices of the facets met (their height taken
        out by a parabola, which is what a comfort fit is to first order)
    facet_diameter_mm : least-squares circle through the points met on the facets
    smallest_diameter_mm : twice the smallest distance of a facet from the fitted axis
    center_x_mm, center_z_mm : of the vertex circle
    roundness_mm : largest minus smallest radius of the facets met
    coverage : share of directions that met the bore
    """

    diameter_mm: float
    facet_diameter_mm: float
    smallest_diameter_mm: float
    center_x_mm: float
    center_z_mm: float
    roundness_mm: float
    coverage: float
    y_mm: float


def measure_bore(
    mesh: TriangleMesh,
    caster: RayCaster,
    *,
    y_mm: float = 0.0,
    center_mm: tuple[float, float] = (0.0, 0.0),
    levels: Callable[[Array], Array | None] | None = None,
) -> BoreMeasurement | None:
    """Measure the finger hole (axis y) in the plane ``y_mm``; ``None`` when there is none.

    ``levels`` gives each direction, by its angle from +z to +x in radians, a plane of its own.

    Rays leave the axis evenly in all directions; what they meet far from the median radius (pilot
    holes, culet pocket) is left out.
    """
    angle = (np.arange(_DIRECTIONS) + 0.37) * (2.0 * np.pi / _DIRECTIONS)  # off the symmetric tessellation lines
    ways = np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=1)
    origin = np.array([center_mm[0], y_mm, center_mm[1]])
    origins = np.tile(origin, (len(ways), 1))
    planes = None if levels is None else levels(np.arctan2(ways[:, 0], ways[:, 2]))
    if planes is not None:
        origins[:, 1] = planes
    distance, face = caster.first_hit(origins, ways)
    met = face >= 0
    # The bore's faces look towards the axis.
    met[met] = np.einsum("ij,ij->i", mesh.cross[face[met]], ways[met]) < 0.0
    if not _all_round(met):
        return None
    median = float(np.median(distance[met]))
    met &= np.abs(distance - median) <= 0.05 * median
    if not _all_round(met):
        return None
    points = origins[met] + ways[met] * distance[met, None]
    facet, kept = _fit(points, origin, with_height=False)
    vertices = mesh.vertices[np.unique(mesh.faces[face[met][kept]])]
    vertex, _ = _fit(vertices, origin, with_height=planes is None)
    radius = np.hypot(points[kept, 0] - vertex[1], points[kept, 2] - vertex[2])
    return BoreMeasurement(
        diameter_mm=2.0 * vertex[0],
        facet_diameter_mm=2.0 * facet[0],
        smallest_diameter_mm=2.0 * float(radius.min()),
        center_x_mm=vertex[1],
        center_z_mm=vertex[2],
        roundness_mm=float(np.ptp(radius)),
        coverage=float(met.mean()),
        y_mm=y_mm,
    )


def _all_round(met: Array) -> bool:
    """Whether enough directions met the bore: half of them, or fewer that lie on all of the circle."""
    if met.mean() >= _LEAST_COVERAGE:
        return True
    least = float(met.reshape(_SECTORS, -1).mean(axis=1).min())
    return bool(met.mean() >= _LEAST_BARS and least >= _LEAST_IN_EACH)


def _fit(points: Array, origin: Array, *, with_height: bool) -> tuple[tuple[float, float, float], Array]:
    """Robust circle: radius and centre (x, z), and which points stayed.

    Linear in the small offset of the centre (radius = R + a cos + b sin + c y + d y^2), iterated;
    points beyond three robust standard deviations and 0.002 mm are dropped.
    """
    center = np.array([origin[0], origin[2]])
    kept = np.ones(len(points), dtype=bool)
    height = points[:, 1] - origin[1]
    radius_at_zero = 0.0
    for _ in range(6):
        x, z = points[:, 0] - center[0], points[:, 2] - center[1]
        radius = np.hypot(x, z)
        columns = [np.ones_like(radius), x / radius, z / radius]
        if with_height and np.ptp(height[kept]) > 1e-6:
            columns.append(height)
            if np.ptp(height[kept] ** 2) > 0.25 * float((height[kept] ** 2).max()):
                columns.append(height**2)
        matrix = np.stack(columns, axis=1)
        solution = np.linalg.lstsq(matrix[kept], radius[kept], rcond=None)[0]
        radius_at_zero = float(solution[0])
        center = center + solution[1:3]
        residual = np.abs(radius - matrix @ solution)
        limit = max(3.0 * 1.4826 * float(np.median(residual[kept])), 0.002)
        inside = residual <= limit
        if inside.sum() < 12 or (np.array_equal(inside, kept) and np.hypot(*solution[1:3]) < 1e-9):
            break
        kept = inside
    return (radius_at_zero, float(center[0]), float(center[1])), kept
