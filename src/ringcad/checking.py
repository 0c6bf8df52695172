"""Pictures of a judged file: its findings in place, and its wall thickness as a heat map (PNG and coloured PLY)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.atomic import replacing

if TYPE_CHECKING:
    from ringcad.core.findings import Finding
    from ringcad.render.marks import Mark
    from ringcad.render.scene import RenderScene
    from ringcad.verify.mesh import TriangleMesh
    from ringcad.verify.report import VerifyReport, WallSamples

FINDINGS_NAME, WALL_PICTURE_NAME, WALL_MESH_NAME = "findings.png", "wall.png", "wall.ply"
DRAWN_SIZE_MM = 22.0
"""The cameras stand round a ring: a body of another size is drawn as large as one."""
_RING_SIZES_MM = (14.0, 45.0)
LARGEST_TRIANGLE_MM, MOST_TRIANGLES = 0.5, 600_000
"""For the heat map large triangles are split to this, so that a colour speaks for its neighbourhood only."""
SAMPLE_REACH_MM = 0.6
_TOP_SHARE = 0.97
_PLACES = re.compile(r"\((-?\d+\.\d+), (-?\d+\.\d+), (-?\d+\.\d+)\)")


@dataclass(frozen=True)
class Placing:
    """How a body is put before the cameras: x' = ``turn`` @ (x - ``middle``) * ``factor``."""

    turn: NDArray[np.float64]
    middle: NDArray[np.float64]
    factor: float

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 3) as they are drawn."""
        moved: NDArray[np.float64] = np.einsum("ij,nj->ni", self.turn, points - self.middle) * self.factor
        return moved


def placing(
    vertices: NDArray[np.float64], axis: Sequence[float] | None = None, center: Sequence[float] = (0.0, 0.0, 0.0)
) -> Placing:
    """As large as a ring and, where a finger hole was found, with its ``axis`` along y.

    What reaches farthest from the axis through ``center`` (mm) is then up.
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    middle, size = 0.5 * (low + high), float((high - low).max())
    factor = 1.0 if _RING_SIZES_MM[0] <= size <= _RING_SIZES_MM[1] else DRAWN_SIZE_MM / max(size, 1e-9)
    if axis is None:
        return Placing(np.eye(3), middle, factor)
    finger = np.asarray(axis, float) / float(np.linalg.norm(axis))
    away = vertices - np.asarray(center, float)
    away = away - (away * finger).sum(axis=1)[:, None] * finger
    far = np.sqrt((away**2).sum(axis=1))
    up = away[far > _TOP_SHARE * far.max()].mean(axis=0)
    if float(np.linalg.norm(up)) < 0.1 * far.max():  # a plain band has no top
        up = np.cross(finger, np.eye(3)[int(np.abs(finger).argmin())])
    up = up / float(np.linalg.norm(up))
    return Placing(np.stack([np.cross(finger, up), finger, up]), middle, factor)


def write_check_pictures(mesh: TriangleMesh, report: VerifyReport, limit_mm: float, folder: Path) -> list[Path]:
    """Write ``findings.png``, ``wall.png`` and ``wall.ply``; the last two where walls were measured.

    Parameters
    ----------
    mesh : as it was judged, in mm at finished size
    limit_mm : the least wall, which the colours are about

    Raises
    ------
    InputError, OSError
        The folder is missing or cannot be written.
    """
    from ringcad.render.marks import render_marks
    from ringcad.render.walls import render_walls

    ring = report.measurements.get("ring") or {}
    vertices, faces = np.asarray(mesh.vertices, float), np.asarray(mesh.faces)
    if "setting" in report.measurements:  # judged by its numbers: it stands as they say
        ring = {}
    put = placing(vertices, ring.get("axis"), ring.get("center_mm", (0.0, 0.0, 0.0)))
    written = [folder / FINDINGS_NAME]
    render_marks(_scene(put(vertices), faces), _marks(report.findings, put), written[0], millimetre=put.factor)
    if len(report.wall_samples.points):
        vertices, faces = split_large(vertices, faces, LARGEST_TRIANGLE_MM, MOST_TRIANGLES)
        thickness = thickness_at(vertices, report.wall_samples)
        written.append(folder / WALL_PICTURE_NAME)
        render_walls(_scene(put(vertices), faces), thickness, limit_mm, folder, millimetre=put.factor)
        written.append(folder / WALL_MESH_NAME)
        write_coloured_ply(vertices, faces, thickness, limit_mm, written[-1])
    return written


def _scene(shown: NDArray[np.float64], faces: NDArray[Any]) -> RenderScene:
    from ringcad.render.scene import RenderScene

    triangles = np.ascontiguousarray(faces, np.int32)
    corners = shown[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-30)[:, None]
    flat = np.repeat(normals[:, None], 3, axis=1).astype(np.float32)
    return RenderScene(shown, triangles, (0.8, 0.8, 0.8), flat)


def _marks(findings: Sequence[Finding], put: Placing) -> list[Mark]:
    """A mark for each finding, at its place and at the others that its message names."""
    from ringcad.render.marks import Mark

    marks = []
    for finding in findings:
        named = [tuple(float(part) for part in found) for found in _PLACES.findall(finding.message)]
        places = named or ([] if finding.place_mm is None else [finding.place_mm])
        shown = put(np.array(places)) if places else np.zeros((0, 3))
        at = tuple((float(x), float(y), float(z)) for x, y, z in shown)
        marks.append(Mark(at, finding.severity.value, f"{finding.code.value}: {finding.message}"))
    return marks


def thickness_at(vertices: NDArray[np.float64], samples: WallSamples) -> NDArray[np.float64]:
    """Thickness in mm at each vertex: that of the nearest sample of a wall, NaN where none is near."""
    from scipy.spatial import cKDTree

    from ringcad.verify.report import WALL_CLASSES, WallClass

    shown = (WallClass.STRUCTURAL, WallClass.FREE_WIRE, WallClass.FEATHER_EDGE)
    kept = np.isin(samples.wall_class, [WALL_CLASSES.index(kind) for kind in shown]) & np.isfinite(samples.thickness_mm)
    values = np.full(len(vertices), np.nan)
    if kept.any():
        tree = cKDTree(samples.points[kept])
        reach = max(SAMPLE_REACH_MM, 3.0 * float(np.median(tree.query(samples.points[kept], k=2)[0][:, 1])))
        distance, index = tree.query(vertices, distance_upper_bound=reach)
        near = np.isfinite(distance)
        values[near] = samples.thickness_mm[kept][index[near]]
    return values


def split_large(
    vertices: NDArray[np.float64], faces: NDArray[Any], longest_mm: float, most: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Every triangle cut into n x n alike so that no edge is longer than ``longest_mm``, or as far as ``most`` allows.

    Returns vertices and faces; edges are cut on each side by themselves, which is enough to draw.
    """
    corners = vertices[faces]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    parts = np.maximum(np.ceil(sides / longest_mm), 1).astype(np.int64)
    while (parts**2).sum() > most and (parts > 1).any():
        parts = np.maximum(parts // 2, 1)
    new_vertices, new_faces = [vertices], [np.asarray(faces, dtype=np.int64)[parts == 1]]
    count = len(vertices)
    for n in np.unique(parts[parts > 1]):
        chosen = corners[parts == n]
        i, j = (rows.ravel() for rows in np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"))
        inside = i + j <= n
        i, j = i[inside], j[inside]
        number = np.full((n + 2, n + 2), -1)
        number[i, j] = np.arange(len(i))
        weights = np.stack([n - i - j, i, j], axis=1) / n
        up = np.stack([number[i, j], number[i + 1, j], number[i, j + 1]], axis=1)[i + j < n]
        down = np.stack([number[i + 1, j], number[i + 1, j + 1], number[i, j + 1]], axis=1)[i + j < n - 1]
        points = np.einsum("wc,tcx->twx", weights, chosen)
        offset = count + len(i) * np.arange(len(chosen))
        new_faces.append((np.concatenate([up, down])[None] + offset[:, None, None]).reshape(-1, 3))
        new_vertices.append(points.reshape(-1, 3))
        count += len(i) * len(chosen)
    return np.concatenate(new_vertices), np.concatenate(new_faces)


def write_coloured_ply(
    vertices: NDArray[np.float64],
    faces: NDArray[Any],
    thickness_mm: NDArray[np.float64],
    limit_mm: float,
    path: Path,
) -> None:
    """Binary PLY with colours of the wall map and ``thickness_mm`` (NaN: not measured) at each vertex."""
    from ringcad.render.walls import scale_color

    rows = np.empty(len(vertices), dtype=[("place", "<f4", 3), ("color", "u1", 3), ("thickness", "<f4")])
    rows["place"] = vertices
    rows["color"] = np.rint(scale_color(thickness_mm, limit_mm) * 255.0)
    rows["thickness"] = thickness_mm
    lists = np.empty(len(faces), dtype=[("count", "u1"), ("corners", "<i4", 3)])
    lists["count"], lists["corners"] = 3, faces
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"comment wall thickness in mm, red below {limit_mm:.3f}\n"
        f"element vertex {len(vertices)}\nproperty float x\nproperty float y\nproperty float z\n"
        "property uchar red\nproperty uchar green\nproperty uchar blue\nproperty float thickness_mm\n"
        f"element face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    with replacing(path) as stream:
        stream.write(header.encode())
        stream.write(rows.tobytes())
        stream.write(lists.tobytes())
