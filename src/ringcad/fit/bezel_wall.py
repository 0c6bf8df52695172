"""Relief on the wall of a bezel: its closed chart (:mod:`ringcad.fit.closed_wall`), and what bounds the wall under it.

Numpy only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity, has_errors
from ringcad.fit import bezel_rings, bezel_section
from ringcad.fit.closed_wall import (
    AxisLine,
    FittedWall,
    GirdleLine,
    Slab,
    WallChart,
    chart_on,
    fit_heights,
    spline_net,
    wall_bounds,
)
from ringcad.generation import Relief
from ringcad.resolved import BezelRing, Decoration
from ringcad.stones.girdles import girdle_of

Array = NDArray[np.float64]
Slabs = list[tuple[bezel_section.Point, bezel_section.Point]]

#: Where such a decoration stands, the name of its faces and of their site.
WALL_REGION, WALL_FACES = "bezel.wall", "bezel_relief"


def wall_chart(ring: BezelRing) -> WallChart:
    """The chart of a decorated wall. Raises :class:`ValueError` for a wall without decoration."""
    girdle = girdle_of(ring.stone)
    outside = bezel_section.band_outline(ring.bezel, ring.stone, 257)[::-1]
    return chart_on(AxisLine() if girdle is None else GirdleLine(girdle), outside, ring.foundry.detail_min_mm)


def fit_wall(ring: BezelRing, entry: Decoration, relief: Relief) -> FittedWall:
    """Filter, budget, coefficients and bound. Raises ``Refused`` where the wall would be too thin."""
    chart = wall_chart(ring)
    slabs = bezel_section.inner_slabs(ring.bezel, ring.stone, ring.bore_radius_mm)
    # round an oval too: at its ends ledge and relief lie farther inside than at its sides
    wall = bezel_section.wall_at_mm(chart.section_mm, slabs)
    heights, summary, findings = fit_heights(ring, entry, relief, chart, wall, "the bezel's wall")
    sign = 1.0 if entry.mode == "emboss" else -1.0
    net = spline_net(chart, sign * heights)
    walls, at = wall_bounds(net, chart, inner_lines(ring, chart, slabs))
    least = walls - ring.export.chord_mm
    bound = {"bound_mm": least, "azimuth_deg": at}
    if least < ring.foundry.wall_min_mm:
        findings = (*findings, _thin_finding(ring, entry, least))
    if has_errors(list(findings)):
        raise Refused(list(findings))
    return FittedWall(net, summary, bound, findings)


def inner_lines(ring: BezelRing, chart: WallChart, slabs: Slabs) -> list[Slab]:
    """What is cut inside between two heights each: how far its lower and its upper line reach at each station (n,)."""
    middle = chart.middles_rad
    girdle = girdle_of(ring.stone)
    if girdle is None:
        ones = np.ones(len(middle))
        return [(low[0] * ones, low[1], high[0] * ones, high[1]) for low, high in slabs]
    rings = bezel_rings.inside_rings(ring.bezel, ring.stone, girdle, ring.bore_radius_mm)
    reach = rings[:, :1] * girdle.support(middle)[None] + rings[:, 1:2]
    return [
        (reach[k], float(rings[k, 2]), reach[k + 1], float(rings[k + 1, 2]))
        for k in range(len(rings) - 1)
        if rings[k + 1, 2] > rings[k, 2] + 1e-9
    ]


def _thin_finding(ring: BezelRing, entry: Decoration, bound_mm: float) -> Finding:
    limit = ring.foundry.wall_min_mm
    need = limit - bound_mm + 0.01
    return Finding(
        FindingCode.WALL_BOUND,
        Severity.ERROR,
        f"the bezel's decorated wall can be as thin as {bound_mm:.2f} mm; {ring.foundry.name} asks for {limit:.2f} mm",
        measured=bound_mm,
        limit=limit,
        unit="mm",
        spec_field="bezel.wall_thickness_mm",
        fix=f"raise bezel.wall_thickness_mm by {need:.2f} mm or lower decoration.depth_mm by as much"
        if entry.mode == "engrave"
        else f"raise bezel.wall_thickness_mm by {need:.2f} mm",
    )
