"""The halo's bodies in the kernel: rim, beads, milgrain balls, seats; of a hidden halo beads and seats alone."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import rail_section
from ringcad.fit.closed_wall import PathLine
from ringcad.fit.halo_rim import rim_chart
from ringcad.kernel import beads
from ringcad.kernel.boolean import cut
from ringcad.kernel.closed_net import open_between
from ringcad.kernel.hoops import hoop
from ringcad.kernel.limb import halved
from ringcad.kernel.parts import revolve, revolve_curves
from ringcad.kernel.rings import station_body
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import Bead, BeadAccent, FancyStone, Halo, HeadedRing
from ringcad.stones.hoops import path_points, quarter_points
from ringcad.stones.of_ring import row_path

Array = NDArray[np.float64]

_Z, _ORIGIN = np.array([0.0, 0.0, 1.0]), np.zeros(3)
#: Nearer to a plane of symmetry than this a body stands on it, mm.
_ON_PLANE_MM = 1e-6
#: Steps in which places of milgrain balls are found along the rim, mm.
_STEP_MM = 0.01
#: Seats are cut so far beyond the rim's underside, under which the shank stands clear by 0.5 at least, mm.
_UNDER_RIM_MM = 0.3
#: What cuts the hole of a rim goes past it by this, mm.
_OVER_MM = 0.5


def halo_of(ring: HeadedRing) -> Halo:
    """The ring's visible halo."""
    assert ring.halo is not None, "a visible halo has a rim"
    return ring.halo


def row_of(ring: HeadedRing) -> BeadAccent:
    """The row of the ring's halo, visible or hidden."""
    assert ring.halo_row is not None, "resolve gives this template its halo"
    return ring.halo_row


def rims(ring: HeadedRing, quarter: bool = False) -> list[NamedShape]:
    """The plate of a visible halo; none for a hidden one, which the seat rail carries."""
    return [] if ring.halo is None else [rim(ring, quarter)]


def rim(ring: HeadedRing, quarter: bool = False) -> NamedShape:
    """The plate that carries the row, its edges rounded; its inner side lies inside the seat rail.

    A quarter makes way for a decorated outside.
    """
    halo = halo_of(ring)
    corners = [(-halo.inner_mm, halo.bottom_z_mm), (halo.outer_mm, halo.bottom_z_mm)]
    corners += [(halo.outer_mm, halo.top_z_mm), (-halo.inner_mm, halo.top_z_mm)]
    section = rail_section.rounded(corners, halo.edge_radius_mm)
    path = row_path(ring.stone, halo.row_radius_mm)
    if quarter and halo.band is not None:
        section = _with_border(section, halo.outer_mm, halo.band.high_z_mm)
        if isinstance(ring.stone, FancyStone):
            return open_between(_as_spline(ring, section), halo.band.low_z_mm, halo.band.high_z_mm, path_points(path))
    if isinstance(ring.stone, FancyStone):
        body = hoop(section, path, "halo_rim", quarter)
    else:
        body = revolve([(halo.row_radius_mm + out, z) for out, z in section], _ORIGIN, _Z, "halo_rim", quarter)
    if not quarter or halo.band is None:
        return body
    return open_between(body, halo.band.low_z_mm, halo.band.high_z_mm, path_points(path))


def _as_spline(ring: HeadedRing, section: list[tuple[float, float]]) -> NamedShape:
    """A quarter of the rim beside arcs and lines: its outside is the spline through them that its relief stands on."""
    halo, at = halo_of(ring), PathLine(row_path(ring.stone, halo_of(ring).row_radius_mm))
    stations = at.stations(halo.outer_mm, len(rim_chart(ring).azimuth_rad))
    ways = np.stack([np.cos(stations.normal_rad), np.sin(stations.normal_rad)], axis=1)
    # from the underside round the outside to the upper side
    outer = sorted((point for point in section if point[0] > 0.0), key=lambda point: point[1])
    strips = [_strip(low, high) for low, high in pairwise(outer)]
    plate = station_body(stations.base_mm, ways, strips, "halo_rim", quarter=True)
    inner, low, high = -halo.inner_mm, halo.bottom_z_mm + halo.edge_radius_mm, halo.top_z_mm + _OVER_MM
    eased = (inner + halo.edge_radius_mm + _OVER_MM, halo.bottom_z_mm - _OVER_MM)
    plug = [_strip(eased, (inner, low)), _strip((inner, low), (inner, high))]
    return cut(plate, [station_body(stations.base_mm, ways, plug, "halo_rim")])


def _strip(low: tuple[float, float], high: tuple[float, float]) -> Array:
    """A straight strip between two lines (out, z) beside the row, as its coefficients (4, 3)."""
    start, end = np.array([1.0, *low]), np.array([1.0, *high])
    return start + np.linspace(0.0, 1.0, 4)[:, None] * (end - start)


def _with_border(section: list[tuple[float, float]], outer_mm: float, z_mm: float) -> list[tuple[float, float]]:
    """A closed section whose outer side is parted at a height, where no corner stands there already."""
    found = []
    for (out, z), (after, high) in zip(section, [*section[1:], section[0]], strict=True):
        found.append((out, z))
        if min(out, after) > outer_mm - _ON_PLANE_MM and z + _ON_PLANE_MM < z_mm < high - _ON_PLANE_MM:
            found.append((outer_mm, z_mm))
    return found


def bodies(ring: HeadedRing) -> list[NamedShape]:
    """All beads, and the balls of a milgrain edge."""
    return [*beads.bead_bodies(row_of(ring)), *(_ball(ring, k, at) for k, at in enumerate(ball_places(ring)))]


def quarter_bodies(ring: HeadedRing) -> list[NamedShape]:
    """What of beads and balls stands at x >= 0, y >= 0; those on a plane of symmetry are cut there."""
    row, found = row_of(ring), []
    radius = 0.5 * row.bead_diameter_mm
    for bead in row.beads:
        axes = _in_quarter(_reach(bead, radius))
        if axes is not None:
            whole = beads.bead_bodies(row.model_copy(update={"beads": (bead,)}))[0]
            found.append(_cut_at(whole, axes))
    for number, at in enumerate(ball_places(ring)):
        ball = 0.5 * halo_of(ring).ball_mm
        axes = _in_quarter([(float(value), float(value) - ball) for value in at])
        if axes is not None:
            found.append(_cut_at(_ball(ring, number, at), axes))
    return found


def _reach(bead: Bead, radius: float) -> list[tuple[float, float]]:
    """Of a bead along x and y: its ball's middle, and the least of its whole body."""
    found = []
    for foot, way in zip(bead.foot_mm[:2], bead.axis[:2], strict=True):
        middle = foot + (bead.height_mm - radius) * way
        found.append((middle, min(foot - radius * math.sqrt(max(1.0 - way * way, 0.0)), middle - radius)))
    return found


def _in_quarter(reach: list[tuple[float, float]]) -> list[int] | None:
    """Axes square to the planes at which a round body is cut, from its middle and least along x and y; ``None`` where
    nothing of it is the quarter's own.
    """
    if min(middle for middle, _ in reach) < -_ON_PLANE_MM:
        return None
    return [axis for axis, (_, least) in enumerate(reach) if least < 0.0]


def _cut_at(body: NamedShape, axes: list[int]) -> NamedShape:
    for axis in axes:
        body = halved(body, axis)
    return body


def cutters(ring: HeadedRing, quarter: bool = False) -> list[NamedShape]:
    """Seats of the row, open to the other side, and its U-cuts; ``quarter`` keeps those that reach x >= 0, y >= 0."""
    row = row_of(ring)
    reach = -0.5 * row.stone.diameter_mm
    kept = [seat for seat in row.seats if not quarter or min(seat.origin_mm[:2]) > reach]
    row = row.model_copy(update={"seats": tuple(kept)})
    return beads.bead_cutters(row) if ring.halo is None else beads.bead_cutters(row, _UNDER_RIM_MM)


def ball_places(ring: HeadedRing) -> Array:
    """(n, 2) places of the balls of a milgrain edge, evenly round the rim, mirrored at both axes; none without one."""
    halo = ring.halo
    if halo is None or not halo.balls:
        return np.zeros((0, 2))
    quarter = quarter_points(row_path(ring.stone, halo.row_radius_mm), _STEP_MM, halo.outer_mm - 0.5 * halo.ball_mm)
    at = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(quarter, axis=0), axis=1))])
    count = halo.balls // 4
    # half a pitch off the axes, so that none stands on a plane of symmetry
    places = (np.arange(count) + 0.5) * at[-1] / count
    first = np.stack([np.interp(places, at, quarter[:, k]) for k in range(2)], axis=1)
    half = np.concatenate([first, (first * [-1.0, 1.0])[::-1]])
    return np.concatenate([half, -half])


def _ball(ring: HeadedRing, number: int, at: Array) -> NamedShape:
    """A ball half sunk into the rim's upper edge."""
    halo = halo_of(ring)
    radius = 0.5 * halo.ball_mm
    diagonal = radius * math.sqrt(0.5)
    profile = [
        [(0.0, -radius), (diagonal, -diagonal), (radius, 0.0)],
        [(radius, 0.0), (diagonal, diagonal), (0.0, radius)],
        [(0.0, radius), (0.0, -radius)],
    ]
    return revolve_curves(profile, np.array([at[0], at[1], halo.top_z_mm]), _Z, f"milgrain_{number + 1}")
