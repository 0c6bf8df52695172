"""Calibration of the verifier's wall thickness on bodies of known thickness, at several tessellations.

    python benchmarks/verify_calibration.py [--markdown docs/verifier.md]

Limits are wall 0.8, detail 0.3, relief 0.5 mm. Each row says what the body truly is, what the two methods measured
(rays: the least ball of a cone of inward rays; balls: the least ball by distances alone), how deep the deepest place
lies below the opening by the wall's ball, and how the thin part was classed; ``ok`` compares with what is known by
construction. Gaps, recesses and rings follow in tables of their own (``benchmarks/verify_gaps.py``).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np

from ringcad.core.findings import FindingCode
from ringcad.verify.mesh import TriangleMesh, mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.report import WallClass
from ringcad.verify.wall_rules import wall_map_findings
from ringcad.verify.walls import WallLimits, WallMap, measure_walls

LIMITS = WallLimits(wall_min_mm=0.8, detail_min_mm=0.3, relief_max_mm=0.5, free_wire_min_mm=0.8)
SAMPLES = 4000
Tessellations = tuple[tuple[int, float | None], ...]
TESSELLATIONS: Tessellations = ((64, None), (96, 1.0), (192, 0.3))
EMPTY = TriangleMesh(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64))
"""Lengths of feather edges are not wanted here."""
Solid = manifold3d.Manifold


@dataclass(frozen=True)
class Body:
    """A test body: its solid, the true thickness (``None`` where it has no one), the verdict by construction.

    ``verdict`` is ``clean``, ``thin``, ``wire``, ``feather``, ``narrow`` (supported detail that is too thin) or
    ``detail`` (clean, with the thin part seen as supported detail).
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
    rays_mm: float
    balls_mm: float
    depth_mm: float
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


def notched_prong(share: float, segments: int, diameter: float = 1.0) -> Any:
    """Prong with a flat notch that takes ``share`` of its diameter."""
    radius = 0.5 * diameter
    notch = box(2.0, 2.0, 0.6, (radius - share * diameter + 1.0, 0.0, 3.0))
    return Solid.cylinder(5.0, radius, radius, segments) - notch


def bodies(segments: int) -> list[Body]:
    """All calibration bodies; round ones with ``segments`` facets."""
    ridge = box(8.0, 0.35, 0.70)
    taper = Solid.batch_hull([box(8.0, 0.4, 0.01), box(8.0, 1.6, 0.01, (0.0, 0.0, -8.0))])
    bead = Solid.sphere(0.2, segments // 4)
    pit = Solid.cylinder(2.0, 0.3, 0.3, segments)
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
        Body("wedge 60", wedge(60.0), None, "clean"),
        Body("wedge 50", wedge(50.0), None, "feather"),
        Body("wedge 30", wedge(30.0), None, "feather"),
        Body("sheet 0.05", box(8, 8, 0.05), 0.05, "thin"),
        Body("sliver 0.05 x 0.4 on a block", box(8, 8, 4) + box(1.0, 0.05, 0.8, (0, 0, 2.0)), 0.05, "narrow"),
        Body("sliver 0.05 x 1.2 on a block", box(8, 8, 4) + box(2.0, 0.05, 2.4, (0, 0, 2.0)), 0.05, "thin"),
        Body("floor of 0.3 under a pit of 0.6", box(8, 8, 1.0) - pit.translate([0, 0, -0.2]), 0.3, "thin"),
        Body("floor of 0.5 under a groove of 0.4", box(8, 8, 1.0) - box(10, 0.4, 1.0, (0, 0, 0.5)), 0.5, "thin"),
        Body("groove of 0.4 x 0.4 in a plate of 1.4", box(8, 8, 1.4) - box(10, 0.4, 0.8, (0, 0, 0.7)), 1.0, "clean"),
        Body("fin 0.3 x 2.5 on a block", box(8, 8, 4) + box(6, 0.3, 3.0, (0, 0, 3.0)), 0.3, "thin"),
        Body("tapered wall 0.4 to 1.6", taper, 0.4, "thin", 0.06),
        Body("two skins 0.05 apart", box(8, 8, 1.0) + box(8, 8, 1.0, (0, 0, 1.05)), 1.0, "clean"),
        Body("ridge 0.35 x 0.35 on a plate of 2", box(10, 10, 2.0) + ridge.translate([0, 0, 1.0]), 0.35, "detail"),
        Body("ridge 0.20 x 0.35 on a plate of 2", box(10, 10, 2.0) + box(8, 0.2, 0.7, (0, 0, 1.0)), 0.2, "narrow"),
        Body("ridge 0.35 x 0.35 free", box(8, 0.35, 0.35), 0.35, "wire"),
        Body("beads 0.4 on a plate of 2", _with_beads(box(10, 10, 2.0), bead), None, "detail"),
        Body("relief on a plate of 0.5", box(10, 10, 0.5) + ridge.translate([0, 0, 0.25]), None, "thin"),
        Body("prong 1.0, notch 25 %", notched_prong(0.25, segments), 0.75, "wire", 0.02),
        Body("prong 1.1, notch 25 %", notched_prong(0.25, segments, 1.1), 0.825, "clean", 0.05),
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


def verdict_of(walls: WallMap, limits: WallLimits = LIMITS) -> str:
    """What the findings about a foreign file, or else the classes of its samples, amount to."""
    found = wall_map_findings(walls, named_sites=False, mesh=EMPTY, detail_min_mm=limits.detail_min_mm)
    codes = {finding.code for finding in found}
    for code, word in (
        (FindingCode.WALL_STRUCTURAL, "thin"),
        (FindingCode.WALL_FREE_WIRE, "wire"),
        (FindingCode.DETAIL_WIDTH, "narrow"),
        (FindingCode.FEATHER_EDGE, "feather"),
    ):
        if code in codes:
            return word
    return "detail" if walls.of(WallClass.DETAIL).any() else "clean"


def calibrate(
    tessellations: Tessellations = TESSELLATIONS, *, samples: int = SAMPLES, use_embree: bool | None = None
) -> Iterator[Row]:
    """Measure every body at each tessellation: facets of round bodies, longest edge."""
    for segments, edge in tessellations:
        for body in bodies(segments):
            mesh = as_mesh(body.solid, edge)
            walls = measure_walls(mesh, RayCaster(mesh, use_embree=use_embree), LIMITS, samples=samples)
            sides = np.isfinite(walls.ball_mm) & (
                walls.of(WallClass.STRUCTURAL) | walls.of(WallClass.FREE_WIRE) | walls.of(WallClass.DETAIL)
            )
            rays, balls = (float(values[sides].min(initial=np.inf)) for values in (walls.cone_mm, walls.inscribed_mm))
            verdict = verdict_of(walls)
            # balls are looked for up to a little more than the limit
            off = [abs(rays - (body.thickness_mm or rays))] + (
                [abs(balls - body.thickness_mm)] if body.thickness_mm and body.thickness_mm <= 0.8 else []
            )
            yield Row(
                body.name, len(mesh.faces), body.thickness_mm, rays, balls, float(walls.depth_mm.max()), verdict,
                body.verdict, max(off) <= body.tolerance_mm and verdict == body.verdict,
            )  # fmt: skip


def table(rows: list[Row]) -> list[str]:
    """Lines of a Markdown table."""
    lines = [
        "| body | triangles | true mm | rays mm | balls mm | depth mm | verdict | |",
        "|---|---:|---:|---:|---:|---:|---|---|",
    ]
    for row in rows:
        true = "" if row.true_mm is None else f"{row.true_mm:.3f}"
        rays, balls = ("" if not np.isfinite(value) else f"{value:.3f}" for value in (row.rays_mm, row.balls_mm))
        depth = f"{row.depth_mm:.2f}" if np.isfinite(row.depth_mm) else "all"
        ok = "yes" if row.ok else f"**no**: {row.expected}"
        lines.append(f"| {row.name} | {row.triangles} | {true} | {rays} | {balls} | {depth} | {row.verdict} | {ok} |")
    return [*lines, "", f"{sum(row.ok for row in rows)} of {len(rows)} as known by construction."]


def renew(page: Path, start: str, end: str, lines: list[str]) -> None:
    """Put lines between two marks of a page."""
    text = page.read_text("utf-8")
    before, after = text.index(start) + len(start), text.index(end)
    page.write_text("\n".join([text[:before], "", *lines, "", text[after:]]), "utf-8")


def main() -> None:
    """Print the table, and renew it in a page if one is named."""
    parser = argparse.ArgumentParser(description="Calibration of walls")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="renew the table in a page")
    chosen = parser.parse_args()
    lines = table(list(calibrate()))
    print("\n".join(lines))
    if chosen.markdown:
        renew(chosen.markdown, "<!-- measured by benchmarks/verify_calibration.py -->", "<!-- end of walls -->", lines)


if __name__ == "__main__":
    main()
