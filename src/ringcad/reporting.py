"""Gathers what the stages found into the report and writes it beside the ring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ringcad.export.report import ReliefRow
from ringcad.export.report_weights import Weights, weigh

if TYPE_CHECKING:
    from ringcad.reliefs import ZoneRelief
    from ringcad.resolved import ResolvedRing
    from ringcad.worker import BuiltMesh


def areas_by_label(mesh: BuiltMesh) -> dict[str, float]:
    """Area in mm2 of the mesh by the name of the face it belongs to."""
    import numpy as np

    corners = mesh.vertices[mesh.triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = 0.5 * np.sqrt((cross * cross).sum(axis=1))
    by_face = np.bincount(mesh.face_index, weights=area, minlength=len(mesh.face_names))
    rows: dict[str, float] = {}
    for name, value in zip(mesh.face_names, by_face.tolist(), strict=False):
        rows[name] = rows.get(name, 0.0) + value
    return rows


def weights_of(resolved: ResolvedRing, mesh: BuiltMesh, volume_mm3: float | None) -> Weights | None:
    """Weights; ``volume_mm3`` is the gate's, of the finished size. ``None`` if the mesh is not closed."""
    if volume_mm3 is None or not volume_mm3 > 0:
        return None
    scale = resolved.foundry.casting_scale  # weigh() expects the file's own size and shrinks it back
    areas = {name: value * scale**2 for name, value in areas_by_label(mesh).items()}
    return weigh(resolved, volume_mm3 * scale**3, areas)


def relief_rows(resolved: ResolvedRing, found: Mapping[str, ZoneRelief]) -> list[ReliefRow]:
    """One row per decorated zone; the report adds what the plan's summary knows of it."""
    rows = []
    for decoration in resolved.decoration:
        item = found.get(decoration.id)
        rows.append(
            ReliefRow(
                zone=decoration.id,
                generator=decoration.generator,
                prompt=decoration.prompt,
                seed=decoration.seed,
                mode=decoration.mode,
                depth_mm=decoration.depth_mm,
                program=decoration.program,
                variation=decoration.variation if decoration.program is not None else None,
                understood=() if item is None else item.relief.understood,
                retrieved=() if item is None else item.relief.retrieved,
                not_understood=() if item is None else item.relief.not_understood,
                sha256=None if item is None else item.row.relief_sha256,
            )
        )
    return rows
