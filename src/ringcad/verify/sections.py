"""Thickest section, and how much thicker neighbours are: heavy places shrink last and draw metal from thin ones.

The ball that touches a sample and holds no other sample measures a section (shrinking ball over all samples at once);
balls that touch each other are neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.report import WallClass
from ringcad.verify.shells import winding_number
from ringcad.verify.walls import WallMap, sample_surface

Array = NDArray[Any]

SECTION_MAX_MM = 4.0
"""Bodies heavier than this are best hollowed (standards 4, 10)."""
SECTION_JUMP_MAX = 3.0
"""Thickness of neighbours, one over the other (standards 5.2, aspect rules)."""
_PLACES, _AGAINST = 900, 3000
_CLIMBERS, _CLOSE = 3, 8_000
_FIRST_STEP_MM, _LAST_STEP_MM = 0.3, 0.01
_OPPOSITE = 0.94
"""Cosine of 20 degrees: the two sides of a section face each other."""
_INWARD = 0.5
"""Cosine of the greatest angle from the inward normal at which a ball is taken to touch: facets lie beyond."""


@dataclass(frozen=True)
class Sections:
    """Lengths in mm.

    Attributes
    ----------
    thickest_mm, thickest_place_mm : diameter and middle of the largest ball inside the metal
    jump, jump_place_mm : largest ratio of two sections that touch, and the middle of the thinner
    thin_mm, thick_mm : those two sections
    error_mm : of the thickest section, by the distance of samples
    """

    thickest_mm: float
    thickest_place_mm: tuple[float, float, float]
    jump: float
    jump_place_mm: tuple[float, float, float]
    thin_mm: float
    thick_mm: float
    error_mm: float


def measure_sections(mesh: TriangleMesh, walls: WallMap) -> Sections | None:
    """Sections of a closed mesh; ``None`` for one that has none.

    Parameters
    ----------
    walls : of the same mesh: what is detail or edge there is no thin section
    """
    against, against_face = sample_surface(mesh, _AGAINST)
    even = np.flatnonzero(walls.area_mm2 > 0.0)
    rows = even[:: max(len(even) // _PLACES, 1)]
    points, normals = walls.points[rows], walls.normals[rows]
    structural = walls.of(WallClass.STRUCTURAL)[rows]
    radius = np.full(len(points), np.inf)
    opposed = np.zeros(len(points), dtype=bool)
    for begin in range(0, len(points), 100):
        part = slice(begin, begin + 100)
        way = against[None] - points[part, None]
        square = (way**2).sum(axis=2)
        inward = -np.einsum("ijk,ik->ij", way, normals[part])
        slant = inward / np.sqrt(np.maximum(square, 1e-18))
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where((slant > _INWARD) & (square > 1e-12), 0.5 * square / inward, np.inf)
        best = np.argmin(size, axis=1)
        row = np.arange(len(best))
        facing = np.einsum("ij,ij->i", mesh.normals[against_face[best]], normals[part]) < -_OPPOSITE
        radius[part], opposed[part] = size[row, best], facing & (slant[row, best] > _OPPOSITE)
    good = np.isfinite(radius)
    if not good.any():
        return None
    points, normals, radius, opposed = points[good], normals[good], radius[good], (opposed & structural)[good]
    center = points - radius[:, None] * normals
    thin, jump, partner = _largest_jump(center, radius, opposed)
    everything = np.arange(len(mesh.faces))
    # Beside a plate or a hollow a ball's centre may lie in the air, where a climb has no end.
    order = [k for k in np.argsort(-radius)[: 3 * _CLIMBERS] if winding_number(mesh, everything, center[k]) > 0.5]
    middle, widest = _climbed(mesh, center[order[:_CLIMBERS]] if order else center[np.argsort(radius)[:1]])
    spacing = float(np.sqrt(mesh.areas.sum() / _CLOSE))
    return Sections(
        thickest_mm=2.0 * widest,
        thickest_place_mm=_place(middle),
        jump=jump,
        jump_place_mm=_place(center[thin]),
        thin_mm=2.0 * float(radius[thin]),
        thick_mm=2.0 * float(radius[partner]),
        error_mm=spacing**2 / (4.0 * widest) + 2.0 * _LAST_STEP_MM,
    )


def _climbed(mesh: TriangleMesh, centers: Array) -> tuple[Array, float]:
    """The best of some centres after each has climbed to where the surface is furthest, and that distance."""
    against, _ = sample_surface(mesh, _CLOSE)
    steps = np.concatenate([np.eye(3), -np.eye(3), np.ones((1, 3)), -np.ones((1, 3))])
    low, high = mesh.bounds
    best = (centers[0], 0.0)
    for center in centers:
        here, distance = center, _nearest(against, center[None])[0]
        step = _FIRST_STEP_MM
        while step >= _LAST_STEP_MM:
            trial = here + step * steps
            away = np.where(((trial >= low) & (trial <= high)).all(axis=1), _nearest(against, trial), 0.0)
            k = int(np.argmax(away))
            if away[k] > distance + 1e-6:
                here, distance = trial[k], away[k]
            else:
                step *= 0.5
        if distance > best[1]:
            best = (here, float(distance))
    return best


def _nearest(against: Array, points: Array) -> Array:
    return np.asarray(np.sqrt(((against[None] - points[:, None]) ** 2).sum(axis=2).min(axis=1)))


def _largest_jump(center: Array, radius: Array, opposed: Array) -> tuple[int, float, int]:
    """The wall whose touching neighbour is thickest by comparison: index, ratio, index of the neighbour."""
    best = (int(np.argmax(radius)), 1.0, int(np.argmax(radius)))
    rows = np.flatnonzero(opposed)
    for begin in range(0, len(rows), 200):
        part = rows[begin : begin + 200]
        away = np.sqrt(((center[part, None] - center[None]) ** 2).sum(axis=2))
        touching = away <= radius[part, None] + radius[None]
        ratio = np.where(touching, radius[None] / radius[part, None], 0.0)
        i, j = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
        if ratio[i, j] > best[1]:
            best = (int(part[i]), float(ratio[i, j]), int(j))
    return best


def _place(point: Array) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in point)
    return x, y, z


def section_row(sections: Sections) -> dict[str, Any]:
    """JSON-ready numbers."""
    return {
        "thickest_mm": round(sections.thickest_mm, 3),
        "thickest_place_mm": [round(value, 3) for value in sections.thickest_place_mm],
        "error_mm": round(sections.error_mm, 3),
        "thick_to_thin": round(sections.jump, 3),
        "thin_mm": round(sections.thin_mm, 3),
        "thick_mm": round(sections.thick_mm, 3),
        "thick_to_thin_place_mm": [round(value, 3) for value in sections.jump_place_mm],
    }


def section_findings(sections: Sections) -> list[Finding]:
    """Heavy sections and jumps of thickness; common practice, so that they warn and do not refuse."""
    found: list[Finding] = []
    if sections.thickest_mm > SECTION_MAX_MM + sections.error_mm:
        found.append(
            _finding(
                FindingCode.SECTION_THICK,
                f"a solid section of {sections.thickest_mm:.2f} mm (limit: {SECTION_MAX_MM:.1f} mm)",
                sections.thickest_mm, SECTION_MAX_MM, "mm", sections.thickest_place_mm,
                "hollow it, with two drains of at least 1 mm, or make it lighter",
            )
        )  # fmt: skip
    if sections.jump > SECTION_JUMP_MAX:
        found.append(
            _finding(
                FindingCode.SECTION_JUMP,
                f"a section of {sections.thin_mm:.2f} mm beside one of {sections.thick_mm:.2f} mm, "
                f"{sections.jump:.1f} to 1 (limit: {SECTION_JUMP_MAX:.0f} to 1)",
                sections.jump, SECTION_JUMP_MAX, None, sections.jump_place_mm,
                "thicken the thin part, or let one run into the other",
            )
        )  # fmt: skip
    return found


def _finding(
    code: FindingCode, words: str, measured: float, limit: float, unit: str | None,
    place: tuple[float, float, float], fix: str,
) -> Finding:  # fmt: skip
    return Finding(
        code=code,
        severity=Severity.WARNING,
        message=f"{words} at ({place[0]:.2f}, {place[1]:.2f}, {place[2]:.2f})",
        measured=measured,
        limit=limit,
        unit=unit,
        place_mm=place,
        spec_field=None,
        fix=fix,
    )
