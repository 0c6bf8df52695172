"""The gate: everything ringcad can say about a finished STL from its bytes and the resolved numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.tolerances import TOLERANCES
from ringcad.resolved import Decoration, FoundryLimits, ResolvedRing
from ringcad.verify.arm_relief import REGION as ARMS
from ringcad.verify.arm_relief import (
    SHOULDERS,
    bare_findings,
    measure_arm_detail,
    measure_arms,
    measure_rises,
    measure_shoulder_detail,
)
from ringcad.verify.bead_sites import bead_sites
from ringcad.verify.bore import BoreMeasurement, measure_bore
from ringcad.verify.bore_clear import bore_clear_findings
from ringcad.verify.bypass import end_findings
from ringcad.verify.cavities import cavity_findings, cavity_rows, find_cavities
from ringcad.verify.channel_sites import channel_sites
from ringcad.verify.detail import DetailZone, detail_findings, measure_detail, spec_index, zone_row
from ringcad.verify.edges import edge_findings, edge_row, mesh_edges, sharp_edges
from ringcad.verify.exact import exact_faces
from ringcad.verify.files import UNIT_MM, FileScene, read_file, select_metal
from ringcad.verify.gaps import gap_findings, gap_row, measure_gaps
from ringcad.verify.hollow import contact_levels
from ringcad.verify.intersections import improper_contacts
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.mesh_rules import (
    intersection_findings,
    size_findings,
    topology_findings,
    unit_findings,
    without_rebuild,
)
from ringcad.verify.rays import RayCaster
from ringcad.verify.report import VerifyReport, WallSamples
from ringcad.verify.ring import RingHole, find_ring, measure_hole, ring_row, service_findings, service_rows, weights_g
from ringcad.verify.sections import measure_sections, section_findings, section_row
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.shared_sites import shared_sites
from ringcad.verify.side_heads import side_sites, with_side_limits
from ringcad.verify.side_relief import REGION as SIDES
from ringcad.verify.side_relief import measure_side_detail, measure_sides
from ringcad.verify.sites import local_wall_limits, measure_sites
from ringcad.verify.split import web_findings
from ringcad.verify.stl import read_stl
from ringcad.verify.topology import analyse_topology
from ringcad.verify.wall_relief import REGIONS, measure_wall, measure_wall_detail
from ringcad.verify.wall_rules import METHODS, site_findings, site_row, unnamed, wall_map_findings, wall_summary
from ringcad.verify.walls import WallLimits, WallMap, measure_walls

DEFAULT_STL_MAX_BYTES = 50_000_000
"""Upload limit that print services share (64 MB at some); used when no profile is given."""

DEFAULT_LIMITS = WallLimits(wall_min_mm=0.8, detail_min_mm=0.35, relief_max_mm=0.5, free_wire_min_mm=0.8)
"""Of the recommended workshop profile for gold, for a foreign file without a profile."""

FINGER_AXIS = np.array([0.0, 1.0, 0.0])
"""Of rings that ringcad made."""

DEFAULT_GAP_MIN_MM = 0.25
"""Of the same profile."""

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings[name] = round(time.perf_counter() - start, 4)


def verify_stl(
    path_or_bytes: str | Path | bytes,
    resolved: ResolvedRing | None = None,
    *,
    expected_genus: int | None = None,
    labels: Mapping[str, Any] | None = None,
    limits: FoundryLimits | None = None,
) -> VerifyReport:
    """Judge STL bytes (best re-read from disk) against the resolved ring.

    Parameters
    ----------
    path_or_bytes : the file or its bytes
    resolved : numbers only; without it the ring's own rules are left out
    expected_genus : handles that the parts and their through holes declare
    labels : accepted for the report's sake and not used: what is measured must not depend on
        what the builder says about itself
    limits : foundry limits; default those of ``resolved``

    Raises
    ------
    InputError
        When the file cannot be read as STL.
    """
    del labels
    clock = Clock()
    with clock.stage("read"):
        mesh = read_stl(path_or_bytes)
    foundry = limits or (resolved.foundry if resolved is not None else None)
    return _judge(mesh, resolved, foundry, expected_genus, clock)


def check_file(
    path: str | Path,
    resolved: ResolvedRing | None = None,
    limits: FoundryLimits | None = None,
    *,
    unit: str | None = None,
    metal: Sequence[str] = (),
    stones: Sequence[str] = (),
) -> VerifyReport:
    """``ringcad check FILE``: any mesh file, with or without its resolved ring.

    Parameters
    ----------
    unit : what a number of the file means (key of :data:`ringcad.verify.files.UNIT_MM`), if not what the file states
    metal, stones : names of bodies, see :func:`ringcad.verify.files.select_metal`

    Raises
    ------
    InputError
        For an unknown format, unit or body, or a file that cannot be read.
    """
    clock = Clock()
    with clock.stage("read"):
        scene = read_file(path, unit)
    return check_scene(scene, resolved, limits, metal=metal, stones=stones, clock=clock)


def check_scene(
    scene: FileScene,
    resolved: ResolvedRing | None = None,
    limits: FoundryLimits | None = None,
    *,
    metal: Sequence[str] = (),
    stones: Sequence[str] = (),
    clock: Clock | None = None,
) -> VerifyReport:
    """Judge bodies that have been read; parameters and errors as for :func:`check_file`."""
    chosen = select_metal(scene, metal, stones)
    foundry = limits or (resolved.foundry if resolved is not None else None)
    report = _judge(chosen.metal, resolved, foundry, None, clock or Clock(), scene.unit)
    read = {
        "unit": scene.unit,
        "unit_source": scene.unit_source,
        "metal_bodies": list(chosen.metal_names),
        "stone_bodies": [stone.name for stone in chosen.stones],
        "metal_rule": chosen.rule,
    }
    return replace(report, measurements={**read, **report.measurements})


def expected_extent_mm(resolved: ResolvedRing) -> float:
    """Largest side of the ring's box by its numbers."""
    radius = 0.5 * resolved.ring.inner_diameter_mm
    across = 2.0 * (radius + resolved.shank.thickest)
    if resolved.bezel is not None:
        return max(across, resolved.bezel.top_z_mm + radius + resolved.shank.thickness_bottom_mm)
    if resolved.head is None:
        return across
    return max(across, resolved.head.prong_tip_z_mm + radius + resolved.shank.thickness_bottom_mm)


def _judge(
    mesh: TriangleMesh,
    resolved: ResolvedRing | None,
    foundry: FoundryLimits | None,
    expected_genus: int | None,
    clock: Clock,
    unit: str = "mm",
) -> VerifyReport:
    findings: list[Finding] = []
    scale = foundry.casting_scale if foundry is not None else 1.0
    file_mesh, mesh = mesh, mesh.divided_by(scale / UNIT_MM[unit])
    findings += size_findings(file_mesh, foundry.stl_max_bytes if foundry is not None else DEFAULT_STL_MAX_BYTES)
    units = unit_findings(mesh, expected_extent_mm(resolved) if resolved is not None else None, unit)
    findings += units
    with clock.stage("topology"):
        exact = exact_faces(file_mesh.vertices, file_mesh.faces)
        topology = analyse_topology(file_mesh, exact)
        findings += topology_findings(mesh, topology, expected_genus=expected_genus)
    with clock.stage("self_intersection"):
        crossing = improper_contacts(exact, topology.regular_vertices)
        findings += intersection_findings(mesh, crossing)
    size = mesh.bounds[1] - mesh.bounds[0]
    measurements: dict[str, Any] = {
        "triangles": len(mesh.faces),
        "vertices": len(mesh.vertices),
        "file_bytes": mesh.byte_count,
        "notes": list(mesh.notes),
        "casting_scale": scale,
        "extent_mm": [float(value) for value in size],
        "topology": {
            "open_edges": len(topology.open_edges),
            "non_manifold_edges": len(topology.non_manifold_edges),
            "non_manifold_vertices": len(topology.non_manifold_vertices),
            "winding": len(topology.turned_edges),
            "degenerate_faces": len(topology.degenerate_faces),
            "duplicate_faces": len(topology.duplicate_faces),
        },
        "bodies": topology.bodies,
        "closed": topology.closed,
        "genus": topology.genus,
        "volume_mm3": mesh.volume() if topology.closed else None,
        "area_mm2": float(mesh.areas.sum()),
        "self_intersecting_pairs": len(crossing.pairs),
    }
    caster = RayCaster(mesh)
    if resolved is not None and not units:
        with clock.stage("bore"):
            bore = measure_bore(mesh, caster, levels=partial(contact_levels, resolved))
            measurements["bore"] = None if bore is None else {k: round(v, 6) for k, v in vars(bore).items()}
            findings += [*end_findings(mesh, resolved), *web_findings(caster, resolved)]
            standing = bore_findings(bore, resolved)
            findings += standing or (bore_clear_findings(mesh, bore, resolved) if bore is not None else [])
    if not units:
        with clock.stage("ring"):
            hole = find_ring(mesh, caster) if resolved is None else _known_hole(mesh, resolved)
            measurements["ring"] = None if hole is None else ring_row(hole)
            if resolved is None:
                measurements["bore"] = (
                    None
                    if hole is None
                    else {"axis": hole.axis, **{k: round(v, 6) for k, v in vars(hole.bore).items()}}
                )
    outward = topology.closed and not len(topology.turned_edges) and mesh.volume() > 0.0
    if outward and not units:
        measurements["weights_g"] = weights_g(mesh.volume())
    measurements["print_services"] = service_rows(len(mesh.faces), mesh.byte_count)
    findings += service_findings(len(mesh.faces), mesh.byte_count)
    wall_samples, map_findings = WallSamples.empty(), []
    room_findings: list[Finding] = []
    if outward and not units:  # else inside and outside are not told apart
        with clock.stage("walls"):
            walls = _measure_walls(mesh, caster, resolved, foundry)
            wall_samples = walls.samples()
            measurements["wall_classes"] = wall_summary(walls)
            measurements["wall_methods"] = METHODS
            measurements["wall_classes_from"] = "resolved.json" if resolved is not None else "inferred from the shape"
            limit = foundry.detail_min_mm if foundry is not None else DEFAULT_LIMITS.detail_min_mm
            map_findings = wall_map_findings(walls, named_sites=resolved is not None, mesh=mesh, detail_min_mm=limit)
        with clock.stage("gaps"):
            rows, room_findings = measure_room(mesh, caster, walls, foundry, declared=resolved is not None)
            measurements |= rows
    if resolved is not None and not units:
        with clock.stage("sites"):
            sites = [
                *measure_sites(mesh, caster, resolved),
                *channel_sites(caster, resolved),
                *shared_sites(caster, resolved),
                *bead_sites(caster, resolved),
            ]
            sites += [*measure_wall(mesh, caster, resolved), *measure_sides(caster, resolved)]
            sites += measure_arms(mesh, caster, resolved)
            sites += side_sites(mesh, caster, resolved)
            measurements["walls"] = {site.site: site_row(site) for site in sites}
            named = site_findings(sites, resolved)
            findings += named
            map_findings = unnamed(map_findings, named)
        with clock.stage("detail"):
            zones = [_detail_of(zone.region)(caster, resolved, zone) for zone in resolved.decoration]
            measurements["detail"] = {zone.id: zone_row(zone) for zone in zones if zone is not None}
            for zone in zones:
                if zone is not None:
                    findings += detail_findings(zone, spec_index(resolved, zone.id), resolved.foundry.detail_min_mm)
            if rises := measure_rises(caster, resolved):
                measurements["arms"] = {rise.zone.id: rise.row for rise in rises}
                findings += bare_findings(rises, resolved)
        with clock.stage("setting"):
            setting = judge_settings(caster, resolved)
            measurements["setting"] = setting.rows
            measurements["setting_rules"] = list(setting.rules)
            findings += setting.findings
    findings += [*map_findings, *room_findings]
    if resolved is None:
        findings = without_rebuild(findings)
    findings.sort(key=lambda finding: _WEIGHT[finding.severity])
    return VerifyReport(tuple(findings), measurements, wall_samples, clock.timings)


def _detail_of(region: str) -> Callable[[RayCaster, ResolvedRing, Decoration], DetailZone | None]:
    """What measures the relief of a region."""
    if region == SIDES:
        return measure_side_detail
    if region == ARMS:
        return measure_arm_detail
    if region in SHOULDERS:
        return measure_shoulder_detail
    return measure_wall_detail if region in REGIONS else measure_detail


def measure_room(
    mesh: TriangleMesh, caster: RayCaster, walls: WallMap, foundry: FoundryLimits | None, *, declared: bool
) -> tuple[dict[str, Any], list[Finding]]:
    """Gaps, recesses, hollows, sharp edges and sections: measurements and findings."""
    gaps = measure_gaps(mesh, caster)
    cavities = find_cavities(mesh, caster)
    edges = sharp_edges(mesh, mesh_edges(mesh))
    sections = measure_sections(mesh, walls)
    gap_min_mm = foundry.gap_min_mm if foundry is not None else DEFAULT_GAP_MIN_MM
    rows = {
        "gaps": gap_row(gaps),
        "cavities": cavity_rows(cavities),
        "sharp_edges": edge_row(edges),
        "sections": None if sections is None else section_row(sections),
    }
    found = gap_findings(gaps, gap_min_mm, declared=declared)
    found += [*cavity_findings(cavities), *edge_findings(edges, declared=declared)]
    return rows, found + ([] if sections is None else section_findings(sections))


def _measure_walls(
    mesh: TriangleMesh, caster: RayCaster, resolved: ResolvedRing | None, foundry: FoundryLimits | None
) -> WallMap:
    if foundry is None:
        return measure_walls(mesh, caster, DEFAULT_LIMITS)
    limits = WallLimits(foundry.wall_min_mm, foundry.detail_min_mm, foundry.relief_max_mm, foundry.free_wire_min_mm)
    if resolved is None:
        return measure_walls(mesh, caster, limits)
    ring = resolved
    margin = 2.0 * resolved.export.chord_mm
    return measure_walls(
        mesh,
        caster,
        limits,
        margin_mm=margin,
        local_limit=lambda points: with_side_limits(ring, points, local_wall_limits(ring, points)),
    )


def _known_hole(mesh: TriangleMesh, resolved: ResolvedRing) -> RingHole | None:
    """The hole round the y axis; that of a hollowed shank on its rims."""
    hollow = resolved.shank.hollow is not None
    levels = partial(contact_levels, resolved) if hollow else None
    return measure_hole(mesh, FINGER_AXIS, np.zeros(3), levels)


def bore_findings(bore: BoreMeasurement | None, resolved: ResolvedRing) -> list[Finding]:
    """The measured finger hole against the ordered one."""
    ordered = resolved.ring.inner_diameter_mm
    place = (0.0, 0.0, -0.5 * ordered)
    if bore is None:
        return [
            Finding(
                code=FindingCode.BORE_DIAMETER,
                severity=Severity.ERROR,
                message=f"no finger hole of {ordered:.2f} mm was found round the y axis",
                limit=ordered,
                unit="mm",
                place_mm=place,
                spec_field="ring_size",
                fix="put the ring's finger axis on y with the hole's centre at the origin",
            )
        ]
    tolerance = TOLERANCES.bore_mm
    chord = 2.0 * resolved.export.chord_mm
    off_center = (bore.center_x_mm**2 + bore.center_z_mm**2) ** 0.5
    good = (
        abs(bore.diameter_mm - ordered) <= tolerance
        and ordered - tolerance - chord <= bore.facet_diameter_mm <= ordered + tolerance
        and off_center <= tolerance
    )
    if good:
        return []
    return [
        Finding(
            code=FindingCode.BORE_DIAMETER,
            severity=Severity.ERROR,
            message=(
                f"the bore measures {bore.diameter_mm:.3f} mm at mid-width ({bore.facet_diameter_mm:.3f} mm on the "
                f"facets, {off_center:.3f} mm off centre), ordered {resolved.ring.label} = {ordered:.3f} mm "
                f"+- {tolerance:.2f}"
            ),
            measured=bore.diameter_mm,
            limit=ordered,
            unit="mm",
            place_mm=place,
            spec_field="ring_size",
            fix=f"scale the ring by {ordered / bore.diameter_mm:.5f}, or order {bore.diameter_mm:.2f} mm",
        )
    ]
