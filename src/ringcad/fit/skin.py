"""Fit reliefs onto the outer wall: where a zone lies, platforms, skirts, coefficients."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.limb import LimbNets, smooth_step
from ringcad.fit.obstacles import Obstacle, nearest_within
from ringcad.generation import ZoneSize

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Zone:
    """One decorated zone on the outer wall.

    ``columns`` are the stations inside, in the order of the relief's columns (from the head away);
    ``u_mm`` their distance from the zone's head end, ``v_mm`` the sites of ``rows`` across the band,
    from 0 to ``width_mm``. ``stretch_v`` (columns,) is mm on the ring per mm of ``v_mm``. A ``closed`` zone runs
    all round from the bottom: the relief repeats with ``length_mm``.
    """

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    u_mm: Array
    v_mm: Array
    length_mm: float
    width_mm: float
    stretch_v: Array
    closed: bool = False


#: Stations per tile along the limb; the net's size is a multiple of it.
TILE_STATIONS = 18

#: The relief stays where the normal is within this angle of radial (design 2).
ZONE_MAX_TILT_DEG = 60.0


def zone(nets: LimbNets, phi_start_deg: float, phi_end_deg: float, margin_mm: float) -> Zone:
    """The stations and rows between two angles (same sign, start nearer the head; or -180 and 180: all round)."""
    phi = nets.stations.phi_deg
    low, high = sorted((phi_start_deg, phi_end_deg))
    columns = np.nonzero((phi >= low) & (phi <= high))[0]
    arc = nets.crest_arc_mm
    start = float(np.interp(phi_start_deg, phi, arc))
    end = float(np.interp(phi_end_deg, phi, arc))
    closed = high - low >= 360.0
    length = abs(end - start)
    if closed:
        columns, start = np.arange(len(phi)), float(arc[0])
        # the crown line's last chord leads back to the first station
        radius = float(nets.stations.bore_radius_mm + nets.stations.height_mm[0])
        length = float(arc[-1] - arc[0]) + 2.0 * radius * np.sin(np.radians(0.5 * (phi[0] + 360.0 - phi[-1])))
    elif phi_start_deg < 0.0:
        columns = columns[::-1]
    u_mm = np.abs(arc[columns] - start)
    half = np.empty(len(columns))
    for k, column in enumerate(columns):
        # tilt grows monotonically from mid-width; the margin is arc length inside its limit
        half[k] = np.interp(ZONE_MAX_TILT_DEG, nets.tilt_deg[column], nets.across_mm[column]) - margin_mm
    total = nets.across_mm[columns, -1]
    share = float(np.min(half / total))
    fraction = nets.across_mm[columns[0]] / total[0]
    rows = np.nonzero(np.abs(fraction) <= share)[0]
    width = 2.0 * share * float(np.mean(total))
    v_mm = (fraction[rows] / share + 1.0) * 0.5 * width
    return Zone(columns, rows, u_mm, v_mm, length, width, total / float(np.mean(total)), closed)


def border(nets: LimbNets, inner_mm: float, margin_mm: float, side: int) -> Zone:
    """The stations all round and the rows of one border, from ``inner_mm`` off mid-width to the edge.

    ``side`` is 1 for the right border (+y) and -1 for the left one, whose rows run the other way: both run from the
    middle outward, so that one relief stands on them in mirror image.
    """
    whole = zone(nets, -180.0, 180.0, margin_mm)
    total = nets.across_mm[:, -1]
    inner = max(
        float(np.interp(inner_mm, nets.points[k, :, 1], nets.across_mm[k])) / float(total[k]) for k in range(len(total))
    )
    mean = float(np.mean(total))
    outer = 0.5 * whole.width_mm / mean
    share = side * nets.across_mm[0] / total[0]
    rows = np.nonzero((share >= inner) & (share <= outer))[0][::side]
    return replace(whole, rows=rows, v_mm=(share[rows] - inner) * mean, width_mm=(outer - inner) * mean)


def chart_stretch(nets: LimbNets, place: Zone) -> dict[str, list[float]]:
    """Distortion of the chart: least and greatest mm of metal per mm drawn, ``along`` the band and ``across`` it.

    Between neighbouring sites on the plain skin. Along, a crowned band is shorter towards its edges; across, what is
    drawn for the mean width follows the width at each station.
    """
    points = nets.points[np.ix_(place.columns, place.rows)]
    found = {}
    for axis, name, drawn in ((0, "along", place.u_mm), (1, "across", place.v_mm)):
        on_metal = np.linalg.norm(np.diff(points, axis=axis), axis=2)
        step = np.abs(np.diff(drawn))
        ratio = on_metal / (step[:, None] if axis == 0 else step[None, :])
        found[name] = [float(ratio.min()), float(ratio.max())] if ratio.size else [1.0, 1.0]
    return found


def zone_size(place: Zone) -> ZoneSize:
    """What a generator is asked to fill."""
    least = round(min(float(place.stretch_v.min()), 1.0), 3)
    return ZoneSize(round(place.length_mm, 3), round(place.width_mm, 3), least, place.closed)


def platform_mask(points: Array, obstacles: list[tuple[Obstacle, float]], blend_mm: float) -> Array:
    """Share of the relief (0 ... 1) at ``points`` (..., 3).

    Each obstacle comes with the width of its level rim; beyond it the relief returns over ``blend_mm``.
    """
    mask = np.ones(points.shape[:-1])
    for obstacle, rim in obstacles:
        gap = nearest_within(points, [obstacle], rim + blend_mm)
        near = gap < rim + blend_mm
        mask[near] = np.minimum(mask[near], smooth_step((gap[near] - rim) / blend_mm))
    return mask


def skirt_height(nets: LimbNets, obstacles: list[Obstacle], reach_mm: float, height_mm: float) -> Array:
    """Height of the smooth rise of the skin towards feet, (n, k): a parabola over ``reach_mm``.

    It fades out over the edge rounding, since the sides have no skirt and share the skin's edge.
    """
    gap = np.clip(nearest_within(nets.points, obstacles, reach_mm) / reach_mm, 0.0, 1.0)
    to_edge = nets.across_mm[:, -1:] - np.abs(nets.across_mm)
    return height_mm * (1.0 - gap) ** 2 * smooth_step((to_edge - 0.1) / 0.5)


def net_size(circumference_mm: float, across_mm: float, min_detail_mm: float) -> tuple[int, int]:
    """Coefficients along (a multiple of 72) and across: four per least detail, at most 1080 x 128."""
    pitch = min_detail_mm / 4.0
    along = int(np.clip(np.ceil(circumference_mm / pitch / 72.0) * 72, 360, 1080))
    across = int(np.clip(2 * np.ceil((across_mm / pitch + 3) / 2.0), 34, 128))
    return along, across
