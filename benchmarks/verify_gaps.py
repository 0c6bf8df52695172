"""Calibration of the verifier's gaps, recesses, hollows, edges and sections on bodies of known dimensions.

    python benchmarks/verify_gaps.py [--markdown docs/verifier.md]

Each row names the body, what was measured, what is true by construction and the tolerance; ``ok`` compares.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np
from verify_calibration import as_mesh, box, renew

from ringcad.verify.cavities import find_cavities
from ringcad.verify.edges import mesh_edges, sharp_edges
from ringcad.verify.gaps import Gaps, gap_findings, measure_gaps
from ringcad.verify.rays import RayCaster
from ringcad.verify.sections import measure_sections
from ringcad.verify.walls import WallLimits, measure_walls

Solid = manifold3d.Manifold
GAP_MIN_MM = 0.25
LIMITS = WallLimits(wall_min_mm=0.8, detail_min_mm=0.3, relief_max_mm=0.5, free_wire_min_mm=0.8)


@dataclass(frozen=True)
class Row:
    """One measured number beside the true one; ``true`` and ``measured`` are NaN where nothing is or was found."""

    body: str
    what: str
    triangles: int
    true: float
    measured: float
    tolerance: float

    @property
    def ok(self) -> bool:
        if np.isnan(self.true) or np.isnan(self.measured):
            return bool(np.isnan(self.true) and np.isnan(self.measured))
        return abs(self.measured - self.true) <= self.tolerance


def slot(width: float, depth: float, length: float = 8.0) -> Any:
    """Block with a slot in its top; open at both ends when longer than the block."""
    return box(6, 6, 3) - box(length, width, 2.0 * depth, (0, 0, 1.5))


def hole(diameter: float, depth: float, segments: int, thickness: float = 3.0) -> Any:
    """Block with a round hole from its top; through it when deeper than the block."""
    drill = Solid.cylinder(depth + 1.0, 0.5 * diameter, 0.5 * diameter, segments)
    return box(6, 6, thickness) - drill.translate([0.0, 0.0, 0.5 * thickness - depth])


def groove(angle_deg: float, depth: float) -> Any:
    """Block with a V groove along y."""
    half = depth * np.tan(np.radians(0.5 * angle_deg))
    section = manifold3d.CrossSection([[(0.0, -depth), (half * 1.2, 0.2 * depth), (-half * 1.2, 0.2 * depth)]])
    return box(6, 6, 3) - Solid.extrude(section, 10.0).rotate([90.0, 0.0, 0.0]).translate([0.0, 5.0, 1.5])


def hollow(drains: tuple[float, ...], segments: int) -> Any:
    """Block of 8 mm round a hollow of 6 mm, with vertical drains of given diameters, up and down by turns."""
    solid = box(8, 8, 8) - Solid.sphere(3.0, segments)
    for k, diameter in enumerate(drains):
        solid = solid - Solid.cylinder(6.0, 0.5 * diameter, 0.5 * diameter, 48).translate(
            [0, 0, 0.0 if k % 2 else -6.0]
        )
    return solid


def rounded_block(radius: float, segments: int) -> Any:
    """Block of 4 x 3 x 2 mm whose edges have a radius."""
    ball = Solid.sphere(radius, segments)
    corners = [
        ball.translate([x * (2.0 - radius), y * (1.5 - radius), z * (1.0 - radius)])
        for x in (-1, 1)
        for y in (-1, 1)
        for z in (-1, 1)
    ]
    return Solid.batch_hull(corners)


def narrowest(gaps: Gaps) -> float:
    """Width of the narrowest gap."""
    return float(gaps.width_mm.min()) if len(gaps.width_mm) else float("nan")


def deepest(gaps: Gaps) -> float:
    """Depth over width of the deepest recess."""
    return float(gaps.ratio[gaps.blind].max()) if gaps.blind.any() else float("nan")


def passage(gaps: Gaps) -> float:
    """Length of the longest hole that is closed all round."""
    rows = gaps.round & ~gaps.blind
    return float(gaps.depth_mm[rows].max()) if rows.any() else float("nan")


def gap_rows(segments: int, edge: float | None) -> Iterator[Row]:
    """Gaps, recesses and holes."""
    nothing = float("nan")
    chord = 1.0 - np.cos(np.pi / segments)
    wanted: list[tuple[str, Any, list[tuple[str, Callable[[Gaps], float], float, float]]]] = [
        ("plain block", box(6, 6, 3), [("gap", narrowest, nothing, 0.0)]),
        ("two plates 0.05 apart", box(4, 4, 1) + box(4, 4, 1, (0, 0, 1.05)), [("gap", narrowest, 0.05, 0.002)]),
        ("slot 0.15 x 1.0", slot(0.15, 1.0), [("gap", narrowest, 0.15, 0.002), ("ratio", deepest, 1.0 / 0.15, 0.35)]),
        ("slot 0.3 x 0.3", slot(0.3, 0.3), [("gap", narrowest, 0.3, 0.002), ("ratio", deepest, 1.0, 0.05)]),
        ("slot 0.4 x 1.0", slot(0.4, 1.0), [("gap", narrowest, 0.4, 0.002), ("ratio", deepest, 2.5, 0.12)]),
        ("slot 0.5 x 0.9, closed ends", slot(0.5, 0.9, 4.0), [("ratio", deepest, 1.8, 0.09)]),
        ("blind hole 0.5 x 1.2", hole(0.5, 1.2, segments),
         [("gap", narrowest, 0.5, 0.01 + 0.5 * chord), ("ratio", deepest, 2.4, 0.15)]),
        ("hole 0.45 x 3", hole(0.45, 5.0, segments),
         [("gap", narrowest, 0.45, 0.01 + 0.45 * chord), ("length", passage, 3.0, 0.05)]),
        ("groove of 40 degrees", groove(40.0, 0.6), [("gap", narrowest, nothing, 0.0)]),
    ]  # fmt: skip
    for name, solid, numbers in wanted:
        mesh = as_mesh(solid, edge)
        gaps = measure_gaps(mesh, RayCaster(mesh))
        for what, measure, true, tolerance in numbers:
            yield Row(name, what, len(mesh.faces), true, measure(gaps), tolerance)
        fins = [f for f in gap_findings(gaps, GAP_MIN_MM, declared=False) if f.code.value == "gap_width"]
        true_fin = 1.0 if name.startswith(("two plates", "slot 0.15")) else 0.0
        yield Row(name, "fin found", len(mesh.faces), true_fin, float(bool(fins)), 0.0)


def hollow_rows(segments: int, edge: float | None) -> Iterator[Row]:
    """Hollows and their drains."""
    nothing, volume = float("nan"), 4.0 / 3.0 * np.pi * 27.0
    for name, drains, true_drain, count in (
        ("hollow, closed", (), 0.0, 0.0),
        ("hollow, drain 0.8", (0.8,), 0.8, 1.0),
        ("hollow, two drains 0.8", (0.8, 0.8), 0.8, 2.0),
        ("hollow, drain 1.4", (1.4,), float("inf"), 1.0),
        ("hollow, two drains 1.4", (1.4, 1.4), nothing, nothing),
    ):
        mesh = as_mesh(hollow(drains, segments), edge)
        found = find_cavities(mesh, RayCaster(mesh))
        width = found[0].drain_mm if found else nothing
        if width != float("inf"):
            yield Row(name, "drain", len(mesh.faces), true_drain, width, 0.25)
        yield Row(name, "drains", len(mesh.faces), count, float(found[0].drains) if found else nothing, 0.0)
        if found:
            yield Row(name, "volume", len(mesh.faces), volume, found[0].volume_mm3, 0.12 * volume)
    cup = as_mesh(box(6, 6, 6) - box(4, 4, 6, (0, 0, 1)), edge)
    yield Row("open cup", "hollows", len(cup.faces), 0.0, float(len(find_cavities(cup, RayCaster(cup)))), 0.0)


def solid_rows(segments: int, edge: float | None) -> Iterator[Row]:
    """Edges and sections."""
    for name, solid, length in (
        ("cube 3", box(3, 3, 3), 36.0),
        ("block, radius 0.2", rounded_block(0.2, segments // 2), 0.0),
        ("ball 5", Solid.sphere(2.5, segments), 0.0),
    ):
        mesh = as_mesh(solid, edge)
        found = sharp_edges(mesh, mesh_edges(mesh)).length_mm
        yield Row(name, "sharp edges", len(mesh.faces), length, found, 1e-3)
    for name, solid, thick, jump in (
        ("cube 3", box(3, 3, 3), 3.0, 1.0),
        ("ball 5", Solid.sphere(2.5, segments), 5.0, 1.0),
        ("block 5 with a plate of 1", box(5, 5, 5) + box(12, 5, 1, (6, 0, 0)), 5.0, 5.0),
        ("block 2 with a plate of 1", box(4, 4, 2) + box(12, 4, 1, (6, 0, 0)), 2.0, 2.0),
    ):
        mesh = as_mesh(solid, edge)
        sections = measure_sections(mesh, measure_walls(mesh, RayCaster(mesh), LIMITS, samples=4000))
        assert sections is not None
        chord = 5.0 * (1.0 - np.cos(1.5 * np.pi / segments)) if name.startswith("ball") else 0.0  # of its triangles
        yield Row(name, "thickest", len(mesh.faces), thick, sections.thickest_mm, sections.error_mm + chord)
        yield Row(name, "thick to thin", len(mesh.faces), jump, sections.jump, 0.08 * jump)


def calibrate(tessellations: tuple[tuple[int, float | None], ...] = ((64, None), (128, 0.4))) -> Iterator[Row]:
    """All rows at each tessellation: facets of round bodies, longest edge."""
    for segments, edge in tessellations:
        yield from gap_rows(segments, edge)
        yield from hollow_rows(segments, edge)
        yield from solid_rows(segments, edge)


def table(rows: list[Row]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| body | what | triangles | true | measured | tolerance | |", "|---|---|---:|---:|---:|---:|---|"]
    for row in rows:
        true, measured = ("none" if np.isnan(value) else f"{value:.3f}" for value in (row.true, row.measured))
        ok = "yes" if row.ok else "**no**"
        lines.append(
            f"| {row.body} | {row.what} | {row.triangles} | {true} | {measured} | {row.tolerance:.3f} | {ok} |"
        )
    return [*lines, "", f"{sum(row.ok for row in rows)} of {len(rows)} as known by construction."]


def main() -> None:
    """Print the table, and renew it in a page if one is named."""
    parser = argparse.ArgumentParser(description="Calibration of gaps, hollows, edges and sections")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="renew the table in a page")
    chosen = parser.parse_args()
    lines = table(list(calibrate()))
    print("\n".join(lines))
    if chosen.markdown:
        renew(chosen.markdown, "<!-- measured by benchmarks/verify_gaps.py -->", "<!-- end of gaps -->", lines)


if __name__ == "__main__":
    main()
