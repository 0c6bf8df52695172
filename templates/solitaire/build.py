"""From plan to metal: limbs and parts, one fuse, one cut, checks, mesh."""

from __future__ import annotations

from typing import Any

from ringcad.core.findings import Finding
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import ResolvedRing
from ringcad.template import BuiltRing, Emit, RingPlan
from ringcad.templates.solitaire import parts


def seat_cutters(ring: ResolvedRing) -> list[NamedShape]:
    """All seats: they depend on stones and setting alone, never on the decoration."""
    cutters = [parts.center_cutter(ring), *parts.culet_pocket(ring)]
    for accent in ring.accents:
        cutters.extend(parts.flush_cutter(ring, accent, seat, f"seat_{seat.id}") for seat in accent.seats)
    return cutters


def expected_genus(ring: ResolvedRing) -> int:
    """Handles of the finished metal: the finger hole, the cages of the head, arches, pilot holes.

    A hoop carried by n posts over a base adds n - 1 ... handles; counted as the closed formula of
    the graph of bodies: each extra contact between two connected bodies adds one handle.
    """
    count = 1  # the shank
    for contacts in head_contacts(ring):
        count += contacts
    return count + sum(len(a.seats) for a in ring.accents)


def head_contacts(ring: ResolvedRing) -> list[int]:
    """Handles that each body of the head adds; see :func:`expected_genus`."""
    return [0 for _ in ring.gallery.rails]


def build(plan: RingPlan, emit: Emit) -> BuiltRing:
    """Solid and mesh of a plan; raises ``Refused`` where a check of the kernel fails."""
    ring = plan.resolved
    measures: dict[str, Any] = {}
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
    emit("check")
    findings: list[Finding] = check(metal)
    emit("mesh")
    mesh = tessellate(metal, ring.export.chord_mm, ring.export.angle_deg)
    measures["faces"] = len(metal.names)
    measures["triangles"] = len(mesh.triangles)
    return BuiltRing(metal, mesh, tuple(findings), measures)
