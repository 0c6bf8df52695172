"""The solitaire's plan, and the relief on the outside of the rim. Numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ringcad.fit.halo_rim import RIM_FACES, RIM_REGION, fit_rim, rim_chart
from ringcad.fit.limb import snap_poles
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import Decoration, ResolvedRing, headed
from ringcad.template import RingPlan


def _on_rim(resolved: ResolvedRing) -> Decoration | None:
    return next((entry for entry in resolved.decoration if entry.region == RIM_REGION), None)


def zones(shank: dict[str, ZoneSize], resolved: ResolvedRing) -> dict[str, ZoneSize]:
    """Sizes of the shank's zones, and of the rim's."""
    entry, ring = _on_rim(resolved), headed(resolved)
    return shank if entry is None or ring is None else {**shank, entry.id: rim_chart(ring).size}


def plan(found: RingPlan, reliefs: Mapping[str, Relief]) -> RingPlan:
    """The plan with the rim's relief. Raises ``Refused`` where the wall beside a seat would be too thin."""
    entry, ring = _on_rim(found.resolved), headed(found.resolved)
    if entry is None or ring is None:
        return found
    rim = fit_rim(ring, entry, reliefs[entry.id])
    summary = {
        **found.summary,
        "zones": {**found.summary["zones"], entry.id: rim.summary},
        "wall_bound_mm": {**found.summary["wall_bound_mm"], RIM_FACES: rim.bound},
    }
    findings = (*found.findings, *rim.findings)
    return replace(found, findings=findings, summary=summary, closed_nets={RIM_FACES: snap_poles(rim.net)})
