"""Nothing stands in the finger hole: the metal nearest to the finger axis, over the whole mesh.

The fit of the bore (:mod:`ringcad.verify.bore`) leaves out what lies off its circle, as it must beside pilot holes. A
bead, a burr or a membrane in the hole is off the circle too, and no finger passes it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.tolerances import TOLERANCES
from ringcad.resolved import ResolvedRing
from ringcad.verify.bore import BoreMeasurement
from ringcad.verify.mesh import TriangleMesh

Array = NDArray[Any]


def nearest_metal(mesh: TriangleMesh) -> tuple[float, tuple[float, float, float]]:
    """Distance from the y axis to the mesh and the place there, mm; exact, a face that the axis runs through has 0."""
    corner = mesh.corners
    flat = corner[:, :, [0, 2]]
    start, way = flat, np.roll(flat, -1, axis=1) - flat
    square = np.einsum("ijk,ijk->ij", way, way)
    along = -np.einsum("ijk,ijk->ij", start, way) / np.maximum(square, 1e-300)
    along = np.clip(along, 0.0, 1.0)
    near = start + along[:, :, None] * way
    distance = np.hypot(near[:, :, 0], near[:, :, 1])
    side = start[:, :, 0] * way[:, :, 1] - start[:, :, 1] * way[:, :, 0]
    pierced = np.asarray((side > 0.0).all(axis=1) | (side < 0.0).all(axis=1))
    distance[pierced] = 0.0
    face, edge = np.unravel_index(int(np.argmin(distance)), distance.shape)
    place = corner[face, edge] + along[face, edge] * (corner[face, (edge + 1) % 3] - corner[face, edge])
    if pierced[face]:
        place = corner[face].mean(axis=0)
    return float(distance[face, edge]), (float(place[0]), float(place[1]), float(place[2]))


def bore_clear_findings(mesh: TriangleMesh, bore: BoreMeasurement, resolved: ResolvedRing) -> list[Finding]:
    """Metal nearer to the finger axis than the ordered bore allows, its tolerance, chord and offset taken off."""
    ordered = resolved.ring.inner_diameter_mm
    off_center = float(np.hypot(bore.center_x_mm, bore.center_z_mm))
    limit = 0.5 * (ordered - TOLERANCES.bore_mm) - resolved.export.chord_mm - off_center
    distance, place = nearest_metal(mesh)
    if distance >= limit:
        return []
    x, y, z = place
    return [
        Finding(
            code=FindingCode.BORE_DIAMETER,
            severity=Severity.ERROR,
            message=f"metal stands {0.5 * ordered - distance:.3f} mm into the finger hole "
            f"at ({x:.2f}, {y:.2f}, {z:.2f})",
            measured=2.0 * distance,
            limit=2.0 * limit,
            unit="mm",
            place_mm=place,
            spec_field="ring_size",
            fix="rebuild the ring from its spec; a file that was changed by hand has to be mended there",
        )
    ]
