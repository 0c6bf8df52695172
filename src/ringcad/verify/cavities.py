"""Trapped volumes: hollows that wax, resin and investment cannot leave or enter through a drain of the least width.

On a grid, the distance of every cell from the surface. Cells at least half a drain's width away fall into pieces that
a ball of that width can travel in: the outside, the inside of metal, and hollows that no drain so wide joins to the
outside. Narrower balls tell how wide the widest drain is; the pieces of air that touch a hollow's rim count its drains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.rasters import components
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.points import spread_points
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]

DRAIN_MIN_MM = 1.0
"""Least drain for wax, resin and investment (standards 5.2, trapped volume)."""
DRAINS_MIN = 2
_LEAST_CELL_MM = 0.1
_MOST_CELLS = 1_000_000
_MOST_PIECES = 100
"""Pieces that are looked at, the largest first: metal is one of them, or as many as it has thick places."""


@dataclass(frozen=True)
class Cavity:
    """A hollow that does not drain as it should.

    Attributes
    ----------
    volume_mm3 : that a ball of the least drain's width can reach
    place_mm : its widest place
    drain_mm : width of its widest drain; 0 where none was found, ``inf`` where it is wide enough
    drains : how many drains were found
    error_mm : of the drain's width: one and a half cells
    """

    volume_mm3: float
    place_mm: tuple[float, float, float]
    drain_mm: float
    drains: int
    error_mm: float


def find_cavities(mesh: TriangleMesh, caster: RayCaster) -> list[Cavity]:
    """Hollows of a closed mesh without a drain of the least width, or with a single one, the largest first."""
    low, high = mesh.bounds
    cell = max(_LEAST_CELL_MM, float(np.cbrt(float((high - low + 4.0).prod()) / _MOST_CELLS)))
    reach = int(np.ceil(DRAIN_MIN_MM / cell)) + 1
    origin = low - (reach + 1.5) * cell
    shape = tuple(int(n) for n in np.ceil((high - origin) / cell).astype(np.int64) + reach + 2)
    place = np.floor((spread_points(mesh, 0.75 * cell).points - origin) / cell).astype(np.int64)
    solid = np.zeros(shape, dtype=bool)
    solid[place[:, 0], place[:, 1], place[:, 2]] = True
    square = square_distance(solid, reach)
    found: list[Cavity] = []
    taken = np.zeros(shape, dtype=bool)
    for ball in (DRAIN_MIN_MM, 2.0 * DRAIN_MIN_MM):
        radius = 0.5 * ball / cell
        label, count = pieces_of_space(square >= radius**2)
        size = np.bincount(label.ravel(), minlength=count + 1)
        size[[0, int(label[0, 0, 0])]] = 0
        for piece in np.argsort(-size, kind="stable")[:_MOST_PIECES]:
            if not size[piece]:
                break
            cells = np.argwhere(label == piece)
            deepest = cells[np.argmax(square[tuple(cells.T)])]
            x, y, z = (float(value) for value in origin + (deepest + 0.5) * cell)
            if taken[tuple(deepest)] or _in_metal(caster, np.array([x, y, z])):
                continue
            inner = _grown(label == piece, square, radius)
            narrow = ball == DRAIN_MIN_MM
            air = square >= (1 if narrow else (0.5 * DRAIN_MIN_MM / cell) ** 2)
            drains = _drains(air, inner, _grown(label == label[0, 0, 0], square, radius))
            taken |= inner
            if not narrow and drains != 1:  # with none the balls meet in the opening: it is as wide as they are
                continue
            width = _widest(square, deepest, cell) if narrow else float("inf")
            if drains >= DRAINS_MIN and DRAIN_MIN_MM - 1.5 * cell <= width < float("inf"):
                continue  # as wide as the least drain within the error of measuring it
            found.append(Cavity(float(inner.sum()) * cell**3, (x, y, z), width, drains, 1.5 * cell))
    return sorted(found, key=lambda cavity: -cavity.volume_mm3)


def _widest(square: Array, deepest: Array, cell: float) -> float:
    """Width of the widest way from a hollow to the outside, mm: half a cell of wall is on either side."""
    for level in np.arange(0.5 * DRAIN_MIN_MM / cell, 0.5, -0.5):
        label, _ = pieces_of_space(square >= level**2)
        if label[tuple(deepest)] == label[0, 0, 0]:
            return float((2.0 * level + 1.0) * cell)
    return 0.0


def _drains(air: Array, inner: Array, outer: Array) -> int:
    """Pieces of air that join a hollow to the outside."""
    label, count = pieces_of_space(air & ~inner & ~outer)
    beside = [np.unique(label[square_distance(room, 1) == 1]) for room in (inner, outer)]
    return len((set(beside[0].tolist()) & set(beside[1].tolist())) - {0}) if count else 0


def square_distance(solid: Array, reach: int) -> Array:
    """Squared distance in cells to the nearest solid cell, exact up to ``reach``, more beyond (int32)."""
    far = (reach + 1) ** 2
    square = np.where(solid, 0, far).astype(np.int32)
    for axis in range(3):
        best = square.copy()
        view, source = np.moveaxis(best, axis, 0), np.moveaxis(square, axis, 0)
        for step in range(1, min(reach, len(view) - 1) + 1):
            np.minimum(view[step:], source[:-step] + step * step, out=view[step:])
            np.minimum(view[:-step], source[step:] + step * step, out=view[:-step])
        square = best
    return square


def pieces_of_space(free: Array) -> tuple[Array, int]:
    """Connected pieces (six neighbours) of a mask (x, y, z): labels from 1 on, 0 off the mask, and how many.

    Runs along the last axis are joined where runs of neighbouring columns overlap.
    """
    start = free.copy()
    start[:, :, 1:] &= ~free[:, :, :-1]
    run = np.cumsum(start.ravel()).reshape(free.shape)
    run[~free] = 0
    pairs = []
    for one, two in ((run[1:], run[:-1]), (run[:, 1:], run[:, :-1])):
        both = (one > 0) & (two > 0)
        # once for each pair of runs: where the pair begins
        both[:, :, 1:] &= ~(both[:, :, :-1] & (one[:, :, 1:] == one[:, :, :-1]) & (two[:, :, 1:] == two[:, :, :-1]))
        pairs.append(np.stack([one[both], two[both]], axis=1))
    joined = np.concatenate(pairs)
    size = int(start.sum())
    count, label = components(size + 1, joined[:, 0], joined[:, 1])
    return label[run], count - 1


def _grown(piece: Array, square: Array, radius: float) -> Array:
    """Cells that a ball of ``radius`` cells with its centre in the piece covers, off the surface itself."""
    reach = int(np.ceil(radius))
    return np.asarray((square_distance(piece, reach) <= radius**2) & (square > 0))


def _in_metal(caster: RayCaster, center: Array) -> bool:
    """Most of six rays leave metal where they meet the surface first."""
    ways = np.concatenate([np.eye(3), -np.eye(3)]) + 0.013
    ways /= np.sqrt((ways**2).sum(axis=1))[:, None]
    _, face = caster.first_hit(np.broadcast_to(center, ways.shape), ways)
    leaving = (face >= 0) & (np.einsum("ij,ij->i", caster.mesh.normals[np.maximum(face, 0)], ways) > 0.0)
    return int(leaving.sum()) >= 4


def cavity_findings(cavities: list[Cavity]) -> list[Finding]:
    """One finding for each hollow: an error without any drain, else a warning."""
    found = []
    for cavity in cavities[:4]:
        x, y, z = cavity.place_mm
        none = cavity.drain_mm <= 0.0
        words = f"with {cavity.drains} drains, the widest {cavity.drain_mm:.1f} mm"
        if none:
            words = "without a drain that was found"
        elif cavity.drain_mm == float("inf"):
            words = "with a single drain"
        found.append(
            Finding(
                code=FindingCode.TRAPPED_VOLUME,
                severity=Severity.ERROR if none else Severity.WARNING,
                message=f"a hollow of {cavity.volume_mm3:.1f} mm^3 {words} (limit: {DRAINS_MIN} drains of "
                f"{DRAIN_MIN_MM:.1f} mm) at ({x:.2f}, {y:.2f}, {z:.2f})",
                measured=min(cavity.drain_mm, 2.0 * DRAIN_MIN_MM),
                limit=DRAIN_MIN_MM,
                unit="mm",
                place_mm=cavity.place_mm,
                spec_field=None,
                fix=f"open it with {DRAINS_MIN} holes of at least {DRAIN_MIN_MM:.1f} mm, or fill it",
            )
        )
    return found


def cavity_rows(cavities: list[Cavity]) -> list[dict[str, Any]]:
    """JSON-ready."""
    return [
        {
            "volume_mm3": round(cavity.volume_mm3, 2),
            "place_mm": [round(value, 3) for value in cavity.place_mm],
            "widest_drain_mm": round(cavity.drain_mm, 2) if cavity.drain_mm < float("inf") else None,
            "drains": cavity.drains,
            "error_mm": round(cavity.error_mm, 3),
        }
        for cavity in cavities
    ]
