"""Sharp edges of a mesh: the angle between the faces at each edge, where metal stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.verify.mesh import TriangleMesh, sorted_with_index

Array = NDArray[Any]

SHARP_TURN_DEG = 45.0
"""A rounding of 0.125 mm within a chord of 0.01 mm has facets that turn by up to 46 degrees: what turns more between
two faces wider than such facets is an edge of the file, not a rounding."""
EDGE_RADIUS_MIN_MM = 0.125
"""Rounding of outer edges: Morris and Watson (standards 5.1); sharper ones wash out of the investment."""
_LEAST_HEIGHT_MM = 0.004
"""Normals of needles thinner than this say nothing."""


@dataclass(frozen=True)
class MeshEdges:
    """Edges with two faces; arrays (k,).

    Attributes
    ----------
    pair : (k, 2) int, vertices
    faces : (k, 2) int
    turn_deg : how far the surface turns there, positive where metal stands out (interior angle 180 less this)
    length_mm : of the edge
    width_mm : the narrower of its two faces, square to the edge
    """

    pair: Array
    faces: Array
    turn_deg: Array
    length_mm: Array
    width_mm: Array


def mesh_edges(mesh: TriangleMesh) -> MeshEdges:
    """All edges that two faces share in opposite directions."""
    start, end = mesh.faces.ravel(), mesh.faces[:, [1, 2, 0]].ravel()
    low, high = np.minimum(start, end), np.maximum(start, end)
    key, order = sorted_with_index(low * len(mesh.vertices) + high)
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else order
    uses = np.diff(np.append(first, len(key)))
    one, two = order[first[uses == 2]], order[first[uses == 2] + 1]
    opposite = start[one] != start[two]
    one, two = one[opposite], two[opposite]
    pair = np.stack([start[one], end[one]], axis=1)
    faces = np.stack([one // 3, two // 3], axis=1)
    along = mesh.vertices[pair[:, 1]] - mesh.vertices[pair[:, 0]]
    length = np.sqrt((along**2).sum(axis=1))
    normal_one, normal_two = mesh.normals[faces[:, 0]], mesh.normals[faces[:, 1]]
    sine = np.einsum("ij,ij->i", np.cross(normal_one, normal_two), along) / np.maximum(length, 1e-12)
    turn = np.degrees(np.arctan2(sine, np.einsum("ij,ij->i", normal_one, normal_two)))
    width = 2.0 * mesh.areas[faces].min(axis=1) / np.maximum(length, 1e-12)
    heights = (
        2.0
        * mesh.areas
        / np.sqrt(
            np.max([((mesh.corners[:, (k + 1) % 3] - mesh.corners[:, k]) ** 2).sum(axis=1) for k in range(3)], axis=0)
        ).clip(1e-12)
    )
    sound = (heights[faces] > _LEAST_HEIGHT_MM).all(axis=1)
    return MeshEdges(pair[sound], faces[sound], turn[sound], length[sound], width[sound])


@dataclass(frozen=True)
class SharpEdges:
    """Convex edges that no rounding softens.

    Attributes
    ----------
    length_mm : of all of them
    sharpest_deg : least interior angle
    place_mm : middle of the sharpest, ``None`` when there is none
    """

    length_mm: float
    sharpest_deg: float
    place_mm: tuple[float, float, float] | None


def sharp_edges(mesh: TriangleMesh, edges: MeshEdges) -> SharpEdges:
    """Convex edges that turn by more than 45 degrees between faces too wide to be facets of a rounding.

    A facet of a rounding of radius R that turns by t has the width 2 R tan(t / 2).
    """
    turn = np.radians(np.clip(edges.turn_deg, 0.0, 179.0))
    facet = 2.0 * EDGE_RADIUS_MIN_MM * np.tan(0.5 * turn)
    sharp = np.flatnonzero((edges.turn_deg > SHARP_TURN_DEG) & ((edges.width_mm > facet) | (edges.turn_deg > 80.0)))
    if not len(sharp):
        return SharpEdges(0.0, 180.0, None)
    worst = sharp[np.lexsort((-edges.length_mm[sharp], -np.round(edges.turn_deg[sharp])))[0]]
    x, y, z = (float(value) for value in mesh.vertices[edges.pair[worst]].mean(axis=0))
    length = float(edges.length_mm[sharp].sum())
    return SharpEdges(length, 180.0 - float(edges.turn_deg[worst]), (x, y, z))


def edge_row(edges: SharpEdges) -> dict[str, Any]:
    """JSON-ready numbers."""
    return {
        "length_mm": round(edges.length_mm, 3),
        "sharpest_deg": round(edges.sharpest_deg, 2),
        "radius_limit_mm": EDGE_RADIUS_MIN_MM,
        "place_mm": None if edges.place_mm is None else [round(value, 3) for value in edges.place_mm],
    }


def edge_findings(edges: SharpEdges, *, declared: bool) -> list[Finding]:
    """Edges without a rounding; those of seats and notches are cut so on purpose (``declared``)."""
    if edges.place_mm is None:
        return []
    x, y, z = edges.place_mm
    return [
        Finding(
            code=FindingCode.SHARP_EDGE,
            severity=Severity.INFO if declared else Severity.WARNING,
            message=f"{edges.length_mm:.1f} mm of outer edges without a rounding (limit: radius "
            f"{EDGE_RADIUS_MIN_MM:.3f} mm), the sharpest of {edges.sharpest_deg:.0f} degrees at "
            f"({x:.2f}, {y:.2f}, {z:.2f})",
            measured=0.0,
            limit=EDGE_RADIUS_MIN_MM,
            unit="mm",
            place_mm=edges.place_mm,
            spec_field=None,
            fix=f"round the edges to at least {EDGE_RADIUS_MIN_MM:.3f} mm; sharp ones wash out of the investment",
        )
    ]


def feather_length(mesh: TriangleMesh, edges: MeshEdges, beside: Array, reach_mm: float) -> float:
    """Length of edges with an interior angle under 60 degrees that lie within reach of points (k, 3)."""
    from ringcad.verify.points import PointGrid

    acute = np.flatnonzero(edges.turn_deg > 120.0)
    if not len(acute) or not len(beside):
        return 0.0
    middle = mesh.vertices[edges.pair[acute]].mean(axis=1)
    far = np.maximum(reach_mm, 0.5 * edges.length_mm[acute])
    nearest, _ = PointGrid(beside, reach_mm).least(middle, lambda query, point, square: square, float(far.max()))
    return float(edges.length_mm[acute][nearest <= far**2].sum())
