"""Relief on the outside of a halo's rim: its chart round the row, and what bounds the wall beside the seats.

The rim's outside is upright and parallel to the row's line, so that the chart, arc length along it by height, is the
plain outside unrolled: nothing is stretched but what the relief itself stands out. Numpy only.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity, has_errors
from ringcad.fit import bezel_section
from ringcad.fit.closed_wall import (
    FittedWall,
    PathLine,
    Slab,
    WallChart,
    chart_on,
    fit_heights,
    spline_net,
    wall_bounds,
)
from ringcad.generation import Relief
from ringcad.resolved import Decoration, Halo, HeadedRing
from ringcad.standards import setting_rule
from ringcad.stones.of_ring import row_path

Array = NDArray[np.float64]

#: Where such a decoration stands, the name of its faces and of their site.
RIM_REGION, RIM_FACES = "halo.rim", "halo_relief"
#: Points that the straight section is given by.
_SAMPLES = 65


def rim_chart(ring: HeadedRing) -> WallChart:
    """The chart of a decorated rim; radii count from the row's line. Raises :class:`ValueError` for a plain one."""
    if ring.halo is None or ring.halo.band is None:
        raise ValueError("the halo's rim is not decorated")
    (outer, high), (_, low) = ring.halo.band.section_mm
    outside = np.stack([np.full(_SAMPLES, outer), np.linspace(high, low, _SAMPLES)], axis=1)
    return chart_on(PathLine(row_path(ring.stone, ring.halo.row_radius_mm)), outside, ring.foundry.detail_min_mm)


def seat_slabs(halo: Halo) -> list[tuple[bezel_section.Point, bezel_section.Point]]:
    """What is cut about a seat's axis as cones between two heights, each by its lower and its upper (radius, z).

    Up to where the metal outside it is no more wall than the bearing leaves it: the rounding of the rim's upper edge,
    the floor of a U-cut.
    """
    row = halo.row
    half, pilot, azure = (0.5 * d for d in (row.stone.diameter_mm, row.pilot_diameter_mm, row.azure_diameter_mm))
    opening, slope = 0.5 * row.opening_diameter_mm, math.tan(math.radians(row.stone.pavilion_angle_deg))
    low, top = (halo.girdle_z_mm - (half - radius) * slope for radius in (pilot, opening))
    end = halo.top_z_mm - halo.edge_radius_mm
    if row.scallop is not None:
        end = min(end, halo.girdle_z_mm - row.scallop.depth_mm - row.scallop.fall_mm)
    corners = [(azure, halo.bottom_z_mm), (pilot, low), (opening, top), (opening, max(end, top))]
    found = []
    for (r, z), (wide, high) in pairwise(corners):
        if z < end - 1e-9 and high > z + 1e-9:
            share = min((end - z) / (high - z), 1.0)
            found.append(((r, z), (r + share * (wide - r), z + share * (high - z))))
    return found


def inner_lines(halo: Halo, chart: WallChart) -> list[Slab]:
    """How far all seats reach together, along each station's normal: a hull that holds every one of them."""
    middle = chart.middles_rad
    axes = np.array([seat.origin_mm[:2] for seat in halo.row.seats])
    farthest = (axes @ np.stack([np.cos(middle), np.sin(middle)])).max(axis=0)
    return [(farthest + low[0], low[1], farthest + high[0], high[1]) for low, high in seat_slabs(halo)]


def fit_rim(ring: HeadedRing, entry: Decoration, relief: Relief) -> FittedWall:
    """Filter, budget, coefficients and bound. Raises ``Refused`` where the wall would be too thin."""
    assert ring.halo is not None
    chart = rim_chart(ring)
    wall = bezel_section.wall_at_mm(chart.section_mm, seat_slabs(ring.halo))
    heights, summary, findings = fit_heights(ring, entry, relief, chart, wall, "the halo's rim")
    net = spline_net(chart, heights if entry.mode == "emboss" else -heights)
    walls, at = wall_bounds(net, chart, inner_lines(ring.halo, chart))
    least = walls - ring.export.chord_mm
    limit = setting_rule("halo_wall_min").value
    if least < limit:
        findings = (*findings, _thin_finding(ring.halo, least, limit))
    if has_errors(list(findings)):
        raise Refused(list(findings))
    return FittedWall(net, summary, {"bound_mm": least, "azimuth_deg": at}, findings)


def _thin_finding(halo: Halo, bound_mm: float, limit_mm: float) -> Finding:
    return Finding(
        FindingCode.WALL_BOUND,
        Severity.ERROR,
        f"the halo's decorated rim can be as thin as {bound_mm:.2f} mm beside a seat; seats ask for {limit_mm:.2f} mm",
        measured=bound_mm,
        limit=limit_mm,
        unit="mm",
        spec_field="halo.side_wall_mm",
        fix=f"set halo.side_wall_mm to {halo.side_wall_mm + limit_mm - bound_mm + 0.01:.2f}",
    )
