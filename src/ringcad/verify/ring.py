"""A ring of unknown make and pose: its finger hole, size in every system, box, weights, and what services take it.

The finger axis is found blind: from several guesses, rays square to the axis meet the hole all round, a circle gives
its centre, and the direction that the hole's faces are square to gives a better axis, until both stand still.
ISO 8653: a ring is read where it touches the stick; rounded inside that is mid-width, the least diameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.standards.materials import alloys
from ringcad.standards.ring_sizes import nearest_labels
from ringcad.standards.services import print_services
from ringcad.verify.bore import BoreMeasurement, measure_bore
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.walls import frames, sample_surface

Array = NDArray[Any]

_SAMPLES = 6000
_RAYS = 180
_ROUNDS = 8
_LEAST_COVERAGE = 0.5
"""Share of directions that must meet the hole: openwork has much air."""
_ROUND_SHARE = 0.03
"""A hole is a finger hole when its radii differ by less than this share of its diameter."""
_LEVELS = (-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
"""Shares of the width at which the diameter is read."""
_FLAT_MM = 0.04
"""Diameters that differ by less over the width are those of a flat inside."""
FIT_ERROR_MM = 0.002
"""Of the circle through the vertices, on calibration rings; the chord of the file comes on top."""


@dataclass(frozen=True)
class RingHole:
    """The finger hole of a ring in any pose.

    Attributes
    ----------
    axis, center : unit vector and mid-width point of the finger axis, in the file's coordinates (mm)
    bore : the circle at mid-width, in coordinates turned so that the axis is y
    width_mm : of the hole along its axis
    inside : ``flat``, ``rounded`` (comfort fit), ``tapered`` or ``hollowed`` (wider between two rims)
    size_diameter_mm : as ISO 8653 reads it: at mid-width, or the least diameter of a tapered or hollowed hole
    edge_rise_mm : diameter near the edges over that at mid-width
    chord_mm : how far the facets stand inside the circle through their vertices
    error_mm : of the diameter: chord and fit
    box_mm : extents across, along the axis, and across (turned coordinates)
    """

    axis: tuple[float, float, float]
    center: tuple[float, float, float]
    bore: BoreMeasurement
    width_mm: float
    inside: str
    size_diameter_mm: float
    edge_rise_mm: float
    chord_mm: float
    error_mm: float
    box_mm: tuple[float, float, float]


def find_ring(mesh: TriangleMesh, caster: RayCaster) -> RingHole | None:
    """The finger hole wherever it lies; ``None`` when no round hole is closed over most of its turn."""
    points, face = sample_surface(mesh, _SAMPLES)
    normals = mesh.normals[face]
    for guesses in (_guesses(points, normals), _all_round()):
        settled = (_settled(mesh, caster, points, normals, guess) for guess in guesses)
        found: list[tuple[float, Array, Array]] = []
        for score, axis, center in sorted((item for item in settled if item is not None), key=lambda item: -item[0]):
            if all(abs(float(axis @ other)) < 0.999 for _, other, _ in found):
                found.append((score, axis, center))
        for _, axis, center in found:
            hole = measure_hole(mesh, *_polished(mesh, axis, center))
            if hole is not None:
                return hole
        for _, axis, center in found:
            between = _between_rims(mesh, caster, axis, center)
            hole = None if between is None else measure_hole(mesh, axis, between)
            if hole is not None:
                return hole
    return None


def _between_rims(mesh: TriangleMesh, caster: RayCaster, axis: Array, center: Array) -> Array | None:
    """The middle of a hole that is hollowed between two rims: circles at levels, the least of them are the rims."""
    along = (mesh.vertices - center) @ axis
    found = []
    for share in np.linspace(0.04, 0.96, 24):
        level = float(along.min() + share * np.ptp(along))
        circle = _circle(mesh, caster, center + level * axis, axis)
        if circle is not None and circle[2] >= _LEAST_COVERAGE:
            found.append((circle[1], circle[0]))
    if not found:
        return None
    least = min(radius for radius, _ in found)
    rims = [middle for radius, middle in found if radius < 1.01 * least]
    return np.asarray(0.5 * (rims[0] + rims[-1]))


def _polished(mesh: TriangleMesh, axis: Array, center: Array) -> tuple[Array, Array]:
    """Axis and middle from all faces of the hole by area, its rounded edges included.

    A comfort fit is nearly a zone of a sphere, which has no axis of its own: its two edges tell where it runs.
    """
    for _ in range(6):
        arm = mesh.centers - center
        along = arm @ axis
        aside = arm - along[:, None] * axis
        away = np.sqrt((aside**2).sum(axis=1))
        rows = np.flatnonzero((np.einsum("ij,ij->i", mesh.normals, aside) < -0.7 * away) & (np.abs(along) < away))
        if len(rows) < 12:
            break
        radius = float(np.median(away[rows]))
        rows = rows[np.abs(away[rows] - radius) < 0.1 * radius]
        reach = (mesh.corners[rows] - center) @ axis
        center = center + 0.5 * float(reach.min() + reach.max()) * axis
        weighted = mesh.normals[rows] * mesh.areas[rows, None]
        turned = np.linalg.eigh(weighted.T @ mesh.normals[rows])[1][:, 0]
        turned = turned * np.sign(turned @ axis)
        if float(turned @ axis) < 0.9:
            break
        axis = turned
    return axis, center


def _guesses(points: Array, normals: Array) -> list[Array]:
    """Coordinate axes, then the principal directions of places and of normals."""
    centered = points - points.mean(axis=0)
    rows = list(np.eye(3)[[1, 2, 0]])
    rows += list(np.linalg.eigh(normals.T @ normals)[1].T)
    rows += list(np.linalg.eigh(centered.T @ centered)[1].T)
    kept: list[Array] = []
    for row in rows:
        if all(abs(float(row @ other)) < 0.996 for other in kept):
            kept.append(row)
    return kept


def _all_round() -> list[Array]:
    """Directions evenly over half a sphere (Fibonacci lattice)."""
    count = 120
    height = (np.arange(count) + 0.5) / count
    turn = np.pi * (3.0 - np.sqrt(5.0)) * np.arange(count)
    flat = np.sqrt(1.0 - height**2)
    return list(np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1))


def _settled(
    mesh: TriangleMesh, caster: RayCaster, points: Array, normals: Array, axis: Array
) -> tuple[float, Array, Array] | None:
    """Score, axis and centre of the hole that a guess leads to."""
    center = 0.5 * (mesh.bounds[0] + mesh.bounds[1])
    covered = 0.0
    for _ in range(_ROUNDS):
        circle = _circle(mesh, caster, center, axis)
        if circle is None:
            return None
        middle, radius, covered = circle
        arm = points - middle
        along = arm @ axis
        aside = arm - along[:, None] * axis
        away = np.sqrt((aside**2).sum(axis=1))
        facing = np.einsum("ij,ij->i", normals, aside) < -0.7 * away
        inside = facing & (np.abs(away - radius) < 0.1 * radius) & (np.abs(along) < radius)
        if inside.sum() < 30:
            return None
        center = middle + 0.5 * (along[inside].min() + along[inside].max()) * axis
        turned = np.linalg.eigh(normals[inside].T @ normals[inside])[1][:, 0]
        turned = turned * np.sign(turned @ axis)
        if float(turned @ axis) < 0.5:
            return None
        still = float(turned @ axis) > 1.0 - 1e-9
        axis = turned
        if still:
            break
    circle = _circle(mesh, caster, center, axis)
    if circle is None or circle[2] < _LEAST_COVERAGE:
        return None
    return (
        min(covered, circle[2]) + 1e-3 * circle[1] / max(float(np.ptp(mesh.bounds, axis=0).max()), 1e-9),
        axis,
        center,
    )


def _circle(mesh: TriangleMesh, caster: RayCaster, center: Array, axis: Array) -> tuple[Array, float, float] | None:
    """Centre, radius and coverage of the circle (Kasa 1976) through what rays square to the axis meet."""
    one, two = (row[0] for row in frames(axis[None]))
    angle = (np.arange(_RAYS) + 0.37) * (2.0 * np.pi / _RAYS)
    ways = np.cos(angle)[:, None] * one + np.sin(angle)[:, None] * two
    distance, face = caster.first_hit(np.broadcast_to(center, ways.shape), ways)
    met = face >= 0
    met[met] = np.einsum("ij,ij->i", mesh.normals[face[met]], ways[met]) < -0.3
    if met.mean() < 0.35:
        return None
    met &= np.abs(distance - np.median(distance[met])) < 0.35 * np.median(distance[met])
    flat = distance[met, None] * np.stack([np.cos(angle[met]), np.sin(angle[met])], axis=1)
    if len(flat) < 12:
        return None
    kept = np.ones(len(flat), dtype=bool)
    for _ in range(4):
        matrix = np.column_stack([flat[kept], np.ones(int(kept.sum()))])
        x, y, rest = np.linalg.lstsq(matrix, (flat[kept] ** 2).sum(axis=1), rcond=None)[0]
        middle = 0.5 * np.array([x, y])
        radius = float(np.sqrt(max(rest + middle @ middle, 1e-12)))
        off = np.abs(np.sqrt(((flat - middle) ** 2).sum(axis=1)) - radius)
        kept = off <= max(3.0 * float(np.median(off[kept])), 1e-3 * radius)
        if kept.sum() < 12:
            return None
    return center + middle[0] * one + middle[1] * two, radius, float(met.mean())


def measure_hole(
    mesh: TriangleMesh, axis: Array, center: Array, rims: Callable[[Array], Array | None] | None = None
) -> RingHole | None:
    """The hole round a known axis: circles at levels over its width; ``None`` when it is not round.

    ``rims`` are where a hollowed inside touches the finger, by the angle from +z to +x; such a ring stands as designed.
    """
    up = (mesh.areas[:, None] * (mesh.centers - center)).sum(axis=0) / mesh.areas.sum()
    up = up - (up @ axis) * axis
    # the heavier side is the head; a plain band has none
    up = up / np.linalg.norm(up) if np.linalg.norm(up) > 0.02 else frames(axis[None])[0][0]
    turn = np.stack([np.cross(axis, up), axis, up])
    turned = TriangleMesh(vertices=(mesh.vertices - center) @ turn.T, faces=mesh.faces)
    caster = RayCaster(turned)
    if rims is not None:
        turned, caster, turn = mesh, RayCaster(mesh), np.eye(3)
    bore = measure_bore(turned, caster, levels=rims)
    if bore is None or bore.coverage < _LEAST_COVERAGE or bore.roundness_mm > _ROUND_SHARE * bore.diameter_mm:
        return None
    width = _width(turned, bore)
    levels = [measure_bore(turned, caster, y_mm=share * width, center_mm=(bore.center_x_mm, bore.center_z_mm))
              for share in _LEVELS]  # fmt: skip
    # on the facets: the vertices of a plain band all lie on its edges
    diameters = np.array([np.nan if level is None else level.facet_diameter_mm for level in levels])
    middle = bore.facet_diameter_mm
    ends = np.array([_mean(diameters[:2]), _mean(diameters[-2:])]) if width > 0.0 else np.full(2, middle)
    rise = np.where(np.isfinite(ends), ends - middle, 0.0)
    inside, size = "flat", bore.diameter_mm
    if float(np.abs(rise).max()) > _FLAT_MM:
        inside = "rounded" if float(rise.min()) > 0.25 * float(rise.max()) else "tapered"
        if rims is not None or float(rise.max()) < -_FLAT_MM:
            inside = "hollowed"
        if rims is None and inside != "rounded":
            size += float(np.nanmin(diameters)) - middle
    chord = max(0.5 * (bore.diameter_mm - bore.smallest_diameter_mm), 0.0)
    x, y, z = (float(value) for value in np.ptp(turned.bounds, axis=0))
    a, b, c = (float(value) for value in axis)
    p, q, r = (float(value) for value in center)
    return RingHole((a, b, c), (p, q, r), bore, width, inside, size, _mean(rise), chord,
                    FIT_ERROR_MM + chord, (x, y, z))  # fmt: skip


def _mean(values: Array) -> float:
    """Of what is known, NaN when nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _width(mesh: TriangleMesh, bore: BoreMeasurement) -> float:
    """How far the faces that look at the axis near the circle reach along it (axis y)."""
    arm = mesh.centers - np.array([bore.center_x_mm, 0.0, bore.center_z_mm])
    away = np.hypot(arm[:, 0], arm[:, 2])
    looks = -(mesh.normals[:, 0] * arm[:, 0] + mesh.normals[:, 2] * arm[:, 2]) > 0.7 * away
    near = looks & (np.abs(away - 0.5 * bore.diameter_mm) < 0.1 * bore.diameter_mm)
    if not near.any():
        return 0.0
    height = mesh.corners[near][:, :, 1]
    area = mesh.areas[near]
    # the width that most of the turn has: a head's underside may reach further
    order = np.argsort(height.max(axis=1))
    share = np.cumsum(area[order]) / area.sum()
    top = float(height.max(axis=1)[order][np.searchsorted(share, 0.99)])
    order = np.argsort(-height.min(axis=1))
    share = np.cumsum(area[order]) / area.sum()
    return top - float(height.min(axis=1)[order][np.searchsorted(share, 0.99)])


def ring_row(hole: RingHole) -> dict[str, Any]:
    """JSON-ready numbers, with the nearest size of every system and how far off it is."""
    return {
        "axis": [round(value, 6) for value in hole.axis],
        "center_mm": [round(value, 4) for value in hole.center],
        "inner_diameter_mm": round(hole.size_diameter_mm, 4),
        "error_mm": round(hole.error_mm, 4),
        "inner_circumference_mm": round(float(np.pi) * hole.size_diameter_mm, 3),
        "inside": hole.inside,
        "edge_rise_mm": round(hole.edge_rise_mm, 4),
        "roundness_mm": round(hole.bore.roundness_mm, 4),
        "chord_mm": round(hole.chord_mm, 4),
        "hole_width_mm": round(hole.width_mm, 3),
        "box_mm": [round(value, 3) for value in hole.box_mm],
        "sizes": {
            name: {"label": label.label, "off_mm": round(label.error_mm, 3)}
            for name, label in nearest_labels(hole.size_diameter_mm).items()
        },
    }


def weights_g(volume_mm3: float) -> dict[str, float]:
    """Grams of the metal in every alloy, as cast."""
    return {alloy.id: round(1e-3 * volume_mm3 * alloy.density_g_cm3, 3) for alloy in alloys()}


def service_rows(triangles: int, byte_count: int) -> dict[str, Any]:
    """Per print service: whether it takes the file, its limits and their source."""
    return {
        service.id: {
            "name": service.name,
            "takes": not service.refuses(triangles, byte_count),
            "max_triangles": service.max_triangles,
            "max_bytes": service.max_bytes,
            "source": service.provenance.source,
        }
        for service in print_services()
    }


def service_findings(triangles: int, byte_count: int) -> list[Finding]:
    """One note for all services that would refuse the file for its size."""
    refusing = [service for service in print_services() if service.refuses(triangles, byte_count)]
    if not refusing:
        return []
    words = ", ".join(
        service.name
        + " ("
        + " and ".join(
            text
            for text in (
                f"{service.max_triangles} triangles" if service.max_triangles else "",
                f"{service.max_bytes / 1e6:.0f} MB" if service.max_bytes else "",
            )
            if text
        )
        + ")"
        for service in refusing
    )
    return [
        Finding(
            code=FindingCode.PRINT_SERVICE,
            severity=Severity.WARNING
            if any(service.provenance.reliability == "A" for service in refusing)
            else Severity.INFO,
            message=f"{triangles} triangles in {byte_count / 1e6:.1f} MB: more than these services take: {words}",
            measured=byte_count / 1e6,
            limit=min(service.max_bytes / 1e6 for service in refusing if service.max_bytes),
            unit="MB",
            fix="export with a larger chord, or reduce the triangles",
        )
    ]
