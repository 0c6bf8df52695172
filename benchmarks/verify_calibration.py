"""Calibration of the verifier's wall thickness on bodies of known thickness, at two tessellations.

    python benchmarks/verify_calibration.py

Limits are wall 0.8, detail 0.3, relief 0.5 mm. Each row says what the body truly is, what the two
readings measured (thinnest ray along the normal, thinnest inscribed ball) and how the thin part was
classed; ``ok`` compares with what is known by construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import manifold3d
import numpy as np

from ringcad.verify.mesh import TriangleMesh, mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.report import WallClass
from ringcad.verify.walls import WallLimits, WallMap, measure_walls

LIMITS = WallLimits(wall_min_mm=0.8, detail_min_mm=0.3, relief_max_mm=0.5, free_wire_min_mm=0.8)
SAMPLES = 8000
Solid = manifold3d.Manifold


@dataclass(frozen=True)
class Body:
    """A test body: its solid, the true thickness (``None`` where it has no one), the verdict by construction.

    ``verdict`` is ``clean``, ``thin``, ``wire``, ``feather`` or ``detail`` (clean, with the thin part seen as detail).
    """

    name: str
    solid: Any
    thickness_mm: float | None
    verdict: str
    tolerance_mm: float = 0.005


@dataclass(frozen=True)
class Row:
    """What was measured on one body at one tessellation."""

    name: str
    triangles: int
    true_mm: float | None
    ray_mm: float
    ball_mm: float
    verdict: str
    expected: str
    ok: bool


def box(x: float, y: float, z: float, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Any:
    """Box centred at ``at``."""
    return Solid.cube([x, y, z], True).translate(list(at))


def tube(outer: float, wall: float, height: float, segments: int) -> Any:
    """Open tube whose facets' corners lie on the circles."""
    return Solid.cylinder(height, outer, outer, segments) - Solid.cylinder(
        height + 2.0, outer - wall, outer - wall, segments
    ).translate([0.0, 0.0, -1.0])


def wedge(angle_deg: float) -> Any:
    """Long wedge whose sharp edge has ``angle_deg``; its back is round, so no other edge is sharp."""
    angle = np.radians(angle_deg)
    reach = 6.0
    arc = np.linspace(-0.5 * angle, 0.5 * angle, 24)
    outline = [(0.0, 0.0), *((reach * np.cos(a), reach * np.sin(a)) for a in arc)]
    return Solid.extrude(manifold3d.CrossSection([outline]), 10.0)


def notched_prong(share: float, segments: int) -> Any:
    """Prong of 1.0 mm with a flat notch that takes ``share`` of its diameter."""
    return Solid.cylinder(5.0, 0.5, 0.5, segments) - box(2.0, 2.0, 0.6, (0.5 - share + 1.0, 0.0, 3.0))


def bodies(segments: int) -> list[Body]:
    """All calibration bodies; round ones with ``segments`` facets."""
    ridge = box(8.0, 0.35, 0.70)
    taper = Solid.batch_hull([box(8.0, 0.4, 0.01), box(8.0, 1.6, 0.01, (0.0, 0.0, -8.0))])
    bead = Solid.sphere(0.2, segments // 4)
    chord = 1.0 - np.cos(np.pi / segments)
    return [
        Body("plate 1.0", box(10, 10, 1.0), 1.0, "clean"),
        Body("plate 0.5", box(10, 10, 0.5), 0.5, "thin"),
        Body("plate at the limit 0.8", box(10, 10, 0.8), 0.8, "clean"),
        Body("plate 0.76 (95 % of the limit)", box(10, 10, 0.76), 0.76, "thin"),
        Body("tube, wall 1.0", tube(6.0, 1.0, 5.0, segments), 1.0, "clean", 0.002 + 6.0 * chord),
        Body("tube, wall 0.5", tube(6.0, 0.5, 5.0, segments), 0.5, "thin", 0.002 + 6.0 * chord),
        Body("hollow sphere, wall 1.0", Solid.sphere(6.0, segments) - Solid.sphere(5.0, segments), 1.0, "clean", 0.01),
        Body("wire 0.6", Solid.cylinder(6.0, 0.3, 0.3, segments), 0.6, "wire", 0.002 + chord),
        Body("wedge 90", wedge(90.0), None, "clean"),
        Body("wedge 75", wedge(75.0), None, "clean"),
        Body("wedge 50", wedge(50.0), None, "feather"),
        Body("wedge 30", wedge(30.0), None, "feather"),
        Body("fin 0.3 x 2.5 on a block", box(8, 8, 4) + box(6, 0.3, 3.0, (0, 0, 3.0)), 0.3, "thin"),
        Body("tapered wall 0.4 to 1.6", taper, 0.4, "thin", 0.03),
        Body("two skins 0.05 apart", box(8, 8, 1.0) + box(8, 8, 1.0, (0, 0, 1.05)), 1.0, "clean"),
        Body("ridge 0.35 x 0.35 on a plate of 2", box(10, 10, 2.0) + ridge.translate([0, 0, 1.0]), 0.35, "detail"),
        Body("the same ridge free", box(8, 0.35, 0.35), 0.35, "wire"),
        Body("beads 0.4 on a plate of 2", _with_beads(box(10, 10, 2.0), bead), None, "detail"),
        Body("relief on a plate of 0.5", box(10, 10, 0.5) + ridge.translate([0, 0, 0.25]), None, "thin"),
        Body("prong 1.0, notch 25 %", notched_prong(0.25, segments), 0.75, "wire", 0.02),
        Body("prong 1.0, notch 15 %", notched_prong(0.15, segments), None, "clean"),
    ]  # fmt: skip


def _with_beads(plate: Any, bead: Any) -> Any:
    """Two rows of beads, half sunk."""
    for x in np.arange(-4.0, 4.1, 0.5):
        for y in (-1.0, 1.0):
            plate = plate + bead.translate([float(x), y, 1.0])
    return plate


def as_mesh(solid: Any, longest_edge_mm: float | None) -> TriangleMesh:
    """The solid's triangles, split until no edge is longer than asked."""
    refined = solid if longest_edge_mm is None else solid.refine_to_length(longest_edge_mm)
    mesh = refined.to_mesh()
    return mesh_from_arrays(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts))


def verdict_of(walls: WallMap) -> str:
    """What the classes of the thin samples amount to."""
    thickness = walls.thickness_mm
    thin = thickness < walls.limit_mm - 0.02
    if (walls.of(WallClass.STRUCTURAL) & thin).any():
        return "thin"
    if (walls.of(WallClass.FREE_WIRE) & thin).any():
        return "wire"
    if walls.of(WallClass.FEATHER_EDGE).any():
        return "feather"
    return "detail" if walls.of(WallClass.DETAIL).any() else "clean"


def calibrate(*, use_embree: bool | None = None) -> Iterator[Row]:
    """Measure every body at a coarse and a fine tessellation."""
    for segments, edge in ((96, None), (192, 0.3)):
        for body in bodies(segments):
            mesh = as_mesh(body.solid, edge)
            walls = measure_walls(mesh, RayCaster(mesh, use_embree=use_embree), LIMITS, samples=SAMPLES)
            opposed = np.isfinite(walls.ball_mm) & (
                walls.of(WallClass.STRUCTURAL) | walls.of(WallClass.FREE_WIRE) | walls.of(WallClass.DETAIL)
            )
            ray = float(walls.ray_mm[opposed].min()) if opposed.any() else float("inf")
            ball = float(walls.ball_mm[opposed].min()) if opposed.any() else float("inf")
            verdict = verdict_of(walls)
            close = body.thickness_mm is None or abs(ball - body.thickness_mm) <= body.tolerance_mm
            yield Row(
                body.name, len(mesh.faces), body.thickness_mm, ray, ball, verdict, body.verdict,
                close and verdict == body.verdict,
            )  # fmt: skip


def main() -> None:
    """Print the table."""
    print(f"{'body':36s} {'triangles':>9s} {'true':>6s} {'ray':>7s} {'ball':>7s}  {'verdict':8s} {'expected':8s} ok")
    rows = list(calibrate())
    for row in rows:
        true = "" if row.true_mm is None else f"{row.true_mm:.3f}"
        print(
            f"{row.name:36s} {row.triangles:9d} {true:>6s} {row.ray_mm:7.3f} {row.ball_mm:7.3f}  "
            f"{row.verdict:8s} {row.expected:8s} {'yes' if row.ok else 'NO'}"
        )
    print(f"{sum(row.ok for row in rows)} of {len(rows)} as known by construction")


if __name__ == "__main__":
    main()
