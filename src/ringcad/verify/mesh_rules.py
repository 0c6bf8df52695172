"""Findings about the file as a mesh: what a print house's upload check refuses, and what it misses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.verify.files import UNIT_MM
from ringcad.verify.intersections import SelfIntersections
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.shells import lies_inside, t_junctions
from ringcad.verify.topology import Topology, clusters

Array = NDArray[Any]

REBUILD = "rebuild the ring; if it happens again, change decoration.0.seed and report the spec"


def without_rebuild(findings: list[Finding]) -> list[Finding]:
    """The same findings for a file that ringcad did not build: no advice about its spec."""
    return [
        replace(finding, fix=finding.fix.replace("; " + REBUILD, "").replace(REBUILD, "repair the file"))
        if finding.fix
        else finding
        for finding in findings
    ]


def _error(
    code: FindingCode, message: str, measured: float, limit: float, unit: str | None, place: Any, fix: str
) -> Finding:
    return Finding(
        code=code,
        severity=Severity.ERROR,
        message=message,
        measured=measured,
        limit=limit,
        unit=unit,
        place_mm=place,
        spec_field=None,
        fix=fix,
    )


def _at(points: Array) -> tuple[Any, str]:
    """Largest place and words for all of them."""
    places = clusters(points)
    if not places:
        return None, ""
    words = ", ".join(f"({x:.2f}, {y:.2f}, {z:.2f}) x{count}" for (x, y, z), count in places[:3])
    more = f" and {len(places) - 3} more places" if len(places) > 3 else ""
    return places[0][0], f" at {words}{more}"


def _middle(mesh: TriangleMesh, edges: Array) -> Array:
    return np.asarray(mesh.vertices[edges].mean(axis=1)) if len(edges) else np.zeros((0, 3))


def topology_findings(
    mesh: TriangleMesh, topology: Topology, *, expected_genus: int | None = None, expected_bodies: int | None = 1
) -> list[Finding]:
    """Open and non-manifold edges, vertices, winding, degenerate and duplicate faces, bodies, genus."""
    found: list[Finding] = []
    counted: list[tuple[FindingCode, str, Array, str]] = [
        (FindingCode.OPEN_EDGES, "edges have one face only (the surface has holes)", _middle(mesh, topology.open_edges),
         "close the holes; " + REBUILD),
        (FindingCode.NON_MANIFOLD_EDGES, "edges have more than two faces", _middle(mesh, topology.non_manifold_edges),
         "separate or unite the parts that touch along these edges; " + REBUILD),
        (FindingCode.NON_MANIFOLD_VERTICES, "vertices join parts that touch in one point only",
         mesh.vertices[topology.non_manifold_vertices], "separate or overlap the parts that touch there; " + REBUILD),
        (FindingCode.WINDING, "edges have faces of opposite winding (some faces look inward)",
         _middle(mesh, topology.turned_edges), "turn the faces to look outward; " + REBUILD),
        (FindingCode.DEGENERATE_FACES, "faces have exactly zero area", mesh.centers[topology.degenerate_faces],
         "remove the faces without area; " + REBUILD),
        (FindingCode.DUPLICATE_FACES, "faces repeat another face", mesh.centers[topology.duplicate_faces],
         "remove the repeated faces; " + REBUILD),
    ]  # fmt: skip
    for code, words, points, fix in counted:
        if len(points):
            place, where = _at(points)
            if code is FindingCode.OPEN_EDGES and len(joints := t_junctions(mesh, topology)):
                where += f"; {len(joints)} vertices lie on them (T-junctions)"
            found.append(_error(code, f"{len(points)} {words}{where}", float(len(points)), 0.0, None, place, fix))
    if not len(topology.turned_edges) and topology.closed:
        found += _orientation(mesh, topology)
    if expected_bodies is not None and topology.bodies != expected_bodies:
        sizes = np.bincount(topology.body_of_face)
        # By what they enclose; faces tell little (an open body encloses nothing).
        small = int(np.argmin(np.abs(topology.body_volume_mm3) if topology.closed else sizes))
        x, y, z = (float(value) for value in mesh.centers[topology.body_of_face == small].mean(axis=0))
        nested = topology.closed and topology.bodies > 1 and lies_inside(mesh, topology, small)
        found.append(
            _error(
                FindingCode.BODIES,
                f"the file holds {topology.bodies} separate bodies (limit: {expected_bodies}); "
                f"the smallest has {int(sizes[small])} faces and lies at ({x:.2f}, {y:.2f}, {z:.2f})"
                + (", inside another (a nested shell)" if nested else ""),
                float(topology.bodies),
                float(expected_bodies),
                None,
                (x, y, z),
                "join the bodies (they must overlap by at least 0.15 mm) or delete the stray ones",
            )
        )
    if expected_genus is not None and topology.genus is not None:
        found.extend(genus_findings(topology.genus, expected_genus))
    return found


def genus_findings(genus: int, expected: int) -> list[Finding]:
    """Whether a body with ``genus`` handles is the one whose parts declare ``expected``."""
    if genus == expected:
        return []
    why = (
        "a gap has opened or a seat broke through"
        if genus > expected
        else "an opening has closed or a hole does not go through"
    )
    return [
        _error(
            FindingCode.GENUS,
            f"the surface has {genus} handles (through holes), expected {expected}: {why}",
            float(genus),
            float(expected),
            None,
            None,
            REBUILD,
        )
    ]


def _orientation(mesh: TriangleMesh, topology: Topology) -> list[Finding]:
    """A closed body that looks inward is a void in another body, or turned inside out."""
    inward = np.flatnonzero(topology.body_volume_mm3 < 0.0)
    if not len(inward):
        return []
    x, y, z = (float(value) for value in mesh.centers[topology.body_of_face == int(inward[0])].mean(axis=0))
    void = lies_inside(mesh, topology, int(inward[0]))
    return [
        _error(
            FindingCode.WINDING,
            f"{len(inward)} closed bodies look inward; the first is "
            f"{'an enclosed void' if void else 'turned inside out'} and encloses "
            f"{-float(topology.body_volume_mm3[inward[0]]) / mesh.scale**3:.3f} mm^3 at ({x:.2f}, {y:.2f}, {z:.2f})",
            float(len(inward)),
            0.0,
            None,
            (x, y, z),
            "turn the faces to look outward, or fill the void",
        )
    ]


def intersection_findings(mesh: TriangleMesh, crossing: SelfIntersections) -> list[Finding]:
    """One finding for all pairs of faces that meet outside common edges and corners."""
    if crossing.crowded and not len(crossing.pairs):
        largest = mesh.centers[int(np.argmax(mesh.areas))]
        return [
            _error(
                FindingCode.SELF_INTERSECTION,
                "far more faces lie across each other's boxes than on any surface: whether they cross was not decided "
                "to the end",
                float(len(mesh.faces)),
                0.0,
                None,
                (float(largest[0]), float(largest[1]), float(largest[2])),
                "mesh the surface evenly, without long slivers; " + REBUILD,
            )
        ]
    if not len(crossing.pairs):
        return []
    smaller = np.where(
        mesh.areas[crossing.pairs[:, 0]] < mesh.areas[crossing.pairs[:, 1]], crossing.pairs[:, 0], crossing.pairs[:, 1]
    )
    place, where = _at(mesh.centers[smaller])
    count = f"{len(crossing.pairs)}" if crossing.complete else f"more than {len(crossing.pairs)}"
    return [
        _error(
            FindingCode.SELF_INTERSECTION,
            f"{count} pairs of faces pass through or touch each other{where}",
            float(len(crossing.pairs)),
            0.0,
            None,
            place,
            "unite the overlapping parts into one body; " + REBUILD,
        )
    ]


def size_findings(mesh: TriangleMesh, limit_bytes: int) -> list[Finding]:
    """File size against the profile's limit."""
    if mesh.byte_count <= limit_bytes:
        return []
    return [
        Finding(
            code=FindingCode.FILE_TOO_LARGE,
            severity=Severity.ERROR,
            message=f"the file has {mesh.byte_count / 1e6:.1f} MB (limit: {limit_bytes / 1e6:.1f} MB)",
            measured=mesh.byte_count / 1e6,
            limit=limit_bytes / 1e6,
            unit="MB",
            spec_field="export.stl",
            fix="set export.stl to a coarser value (normal instead of fine)",
        )
    ]


RING_EXTENT_MM = (12.0, 60.0)
"""Largest side of a ring's box: a size 41 hole is 13.1 mm, a cocktail ring on size 76 under 60 mm
(pre-flight list of the foundries' checks: 10 to 60 mm)."""

_UNITS: tuple[tuple[str, float], ...] = (
    ("centimetres", 10.0),
    ("inches", 25.4),
    ("metres", 1000.0),
    ("millimetres multiplied by 25.4 (an inch conversion too many)", 1.0 / 25.4),
    ("micrometres", 0.001),
    ("millimetres multiplied by 10", 0.1),
)


def unit_findings(mesh: TriangleMesh, expected_extent_mm: float | None = None, file_unit: str = "mm") -> list[Finding]:
    """A ring whose size says that the numbers are not what they were read as.

    Parameters
    ----------
    expected_extent_mm : largest side of the ring's box as resolved, if known
    file_unit : what the numbers of the file were read as (key of :data:`ringcad.verify.files.UNIT_MM`)
    """
    extent = float(np.ptp(mesh.bounds, axis=0).max())
    low, high = RING_EXTENT_MM if expected_extent_mm is None else (0.5 * expected_extent_mm, 2.0 * expected_extent_mm)
    if low <= extent <= high or extent <= 0.0:
        return []
    target = 24.0 if expected_extent_mm is None else expected_extent_mm
    name, factor = min(_UNITS, key=lambda unit: abs(float(np.log(extent * unit[1] / target))))
    plausible = 0.5 * target <= extent * factor <= 2.0 * target
    likely = "no common unit explains it"
    fix = "export in millimetres"
    if plausible and file_unit == "mm":
        likely, fix = f"the file is probably in {name} (x {factor:.4g})", f"{fix} (scale by {factor:.4g})"
    elif plausible:
        likely = f"the file's numbers are probably not {file_unit} ({name}, x {factor:.4g})"
    known = next((key for key, mm in UNIT_MM.items() if np.isclose(mm, UNIT_MM[file_unit] * factor)), None)
    if plausible and known is not None:
        fix += f", or have it read with --unit {known}"
    return [
        Finding(
            code=FindingCode.UNITS,
            severity=Severity.ERROR,
            message=f"the ring is {extent:.4g} mm wide as read, expected {low:.0f} to {high:.0f} mm: {likely}",
            measured=extent,
            limit=low if extent < low else high,
            unit="mm",
            fix=fix,
        )
    ]
