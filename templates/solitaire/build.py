"""From plan to metal: limbs and parts, one fuse, one cut, checks, mesh."""

from __future__ import annotations

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import ResolvedRing
from ringcad.template import BuiltRing, Emit, RingPlan
from ringcad.templates.solitaire import parts, shape


def seat_cutters(ring: ResolvedRing) -> list[NamedShape]:
    """All seats: they depend on stones and setting alone, never on the decoration."""
    cutters = [parts.center_cutter(ring), *parts.culet_pocket(ring)]
    for accent in ring.accents:
        cutters.extend(parts.flush_cutter(ring, accent, seat, f"seat_{seat.id}") for seat in accent.seats)
    return cutters


def build(plan: RingPlan, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    emit("solids")
    body = parts.shank(plan.nets, plan.skin)
    openings = parts.windows(ring)
    if openings:
        # the arches are cut from the bare limb: after the fuse the same prism would cut the head
        body = cut(body, openings, "arch")
    head = [*parts.rails(ring), *parts.prongs(ring)]
    cutters = seat_cutters(ring)
    emit("fuse")
    metal = fuse([body, *head])
    emit("cut")
    metal = cut(metal, cutters)
    emit("mesh")
    mesh = tessellate(metal, ring.export.chord_mm, ring.export.angle_deg)
    emit("check")
    findings: list[Finding] = check(metal)
    wanted, found = expected_genus(plan.nets, openings, head, cutters), mesh_genus(mesh.triangles)
    if wanted != found:
        findings.append(_genus_finding(found, wanted))
    measures = {
        "faces": len(metal.names),
        "triangles": len(mesh.triangles),
        "chord_mm": ring.export.chord_mm,
        "angle_deg": ring.export.angle_deg,
        "genus": found,
        "expected_genus": wanted,
    }
    return BuiltRing(metal, mesh, tuple(shape.stones(ring)), tuple(findings), measures)


def _genus_finding(found: int, wanted: int) -> Finding:
    return Finding(
        FindingCode.GENUS,
        Severity.ERROR,
        f"the metal has {found} holes and handles where its parts without relief have {wanted}",
        measured=float(found),
        limit=float(wanted),
        fix="change decoration.seed or head.prong_diameter_mm by 0.05; two parts touch or miss each other",
    )
