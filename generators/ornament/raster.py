"""Drawing of metal forms into a height field: exact distances, area-sampled profiles.

A :class:`Canvas` covers the flat band. Every form is given in mm and by its width at half height,
because that is the width a foundry's limits speak of. Profiles are functions of x = distance /
half-height radius; they are averaged over a pixel through their antiderivative, so that steep
walls come out free of stairs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Profile = Literal["dome", "bead", "flat", "roof"]

DOME_BASE = 2.0 / np.sqrt(3.0)
"""Base radius of a semi-elliptic dome over its radius at half height."""
BEAD_BASE = 3.0 / np.sqrt(8.0)
"""Base radius of a sphere sunk by a third of its diameter over its radius at half height."""
_TABLE_REACH = 2.5
_TABLE_SIZE = 5001
_BOX = 0.5
"""Half-width of the averaging box in pixels: one pixel."""


def profile_height(profile: Profile, x: Array) -> Array:
    """Height of a profile at ``x`` = distance from its axis over its half-height radius.

    Crest 1 at x = 0, 0.5 at x = 1 (bead: the sphere's equator lies a third up, so the wall is
    vertical below it), 0 beyond the base.
    """
    x = np.abs(np.asarray(x, dtype=np.float64))
    if profile == "dome":
        return np.asarray(np.sqrt(np.clip(1.0 - (x / DOME_BASE) ** 2, 0.0, None)))
    if profile == "bead":
        inside = 1.0 - (x / BEAD_BASE) ** 2
        cap = (np.sqrt(np.clip(inside, 0.0, None)) + 1.0 / 3.0) / (4.0 / 3.0)
        return np.where(inside >= 0.0, cap, 0.0)
    if profile == "flat":
        # Superellipse of power 4: flat crest, rounded shoulders, wall almost vertical at the foot.
        base = (1.0 - 0.5**4) ** -0.25
        return np.asarray(np.clip(1.0 - (x / base) ** 4, 0.0, None) ** 0.25)
    # roof: two flanks and a crest rounded over a fifth of the width, foot as steep as a dome's.
    base = 1.22
    flank = 1.0 - 0.28 * (np.sqrt(x * x + 0.04) - 0.2)
    edge = np.sqrt(np.clip(1.0 - np.clip((x - 0.55) / (base - 0.55), 0.0, None) ** 2, 0.0, None))
    return np.where(x < base, flank * edge, 0.0)


def base_ratio(profile: Profile) -> float:
    """Base radius over half-height radius of a profile."""
    ratios = {"dome": DOME_BASE, "bead": BEAD_BASE, "flat": (1.0 - 0.5**4) ** -0.25, "roof": 1.22}
    return float(ratios[profile])


@cache
def _antiderivative(profile: Profile) -> Array:
    x = np.linspace(-_TABLE_REACH, _TABLE_REACH, _TABLE_SIZE)
    h = profile_height(profile, x)
    return np.concatenate(([0.0], np.cumsum(0.5 * (h[1:] + h[:-1]) * np.diff(x))))


def sampled_profile(profile: Profile, x: Array, pixel_over_radius: Array | float) -> Array:
    """Profile averaged over one pixel. ``pixel_over_radius`` broadcasts against ``x``."""
    table = _antiderivative(profile)
    q = np.maximum(_BOX * np.asarray(pixel_over_radius, dtype=np.float64), 1e-3)
    scale = (_TABLE_SIZE - 1) / (2.0 * _TABLE_REACH)

    def lookup(t: Array) -> Array:
        # Uniform table: direct indexing is several times faster than np.interp.
        position = np.clip((t + _TABLE_REACH) * scale, 0.0, _TABLE_SIZE - 1.001)
        index = position.astype(np.int64)
        part = position - index
        return table[index] * (1.0 - part) + table[index + 1] * part

    return (lookup(x + q) - lookup(x - q)) / (2.0 * q)


@dataclass
class Canvas:
    """Height field over the band: (rows, columns), row 0 at v = 0, samples at pixel centres.

    ``periodic`` wraps forms round in u.
    """

    length_mm: float
    width_mm: float
    pixels_per_mm: float
    periodic: bool
    least_mm: float = 0.0
    """Narrowest width at half height: bodies of free outline round off what is slimmer."""
    outlined: bool = False
    """Whether only what stands above half height is looked at: bodies of free outline are drawn without their tops."""
    height: Array = field(init=False)

    def __post_init__(self) -> None:
        columns = max(2, round(self.length_mm * self.pixels_per_mm))
        rows = max(2, round(self.width_mm * self.pixels_per_mm))
        self.height = np.zeros((rows, columns))

    @property
    def pixel_mm(self) -> float:
        return 1.0 / self.pixels_per_mm

    @property
    def u(self) -> Array:
        """(columns,) pixel centres along the band."""
        n = self.height.shape[1]
        return np.asarray((np.arange(n) + 0.5) * (self.length_mm / n))

    @property
    def v(self) -> Array:
        """(rows,) pixel centres across the band, 0 on the band's axis, growing with the row."""
        n = self.height.shape[0]
        return np.asarray((np.arange(n) + 0.5) * (self.width_mm / n) - 0.5 * self.width_mm)

    def window(self, u0: float, u1: float, v0: float, v1: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column indices (columns not wrapped yet) of the pixels inside a box."""
        rows, columns = self.height.shape
        du, dv = self.length_mm / columns, self.width_mm / rows
        j0, j1 = int(np.floor(u0 / du - 0.5)), int(np.ceil(u1 / du - 0.5))
        i0 = max(0, int(np.floor((v0 + 0.5 * self.width_mm) / dv - 0.5)))
        i1 = min(rows - 1, int(np.ceil((v1 + 0.5 * self.width_mm) / dv - 0.5)))
        if not self.periodic:
            j0, j1 = max(0, j0), min(columns - 1, j1)
        elif j1 - j0 >= columns:
            j0, j1 = 0, columns - 1
        return np.arange(i0, i1 + 1), np.arange(j0, j1 + 1)

    def coordinates(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> tuple[Array, Array]:
        """(len(i), len(j)) u and v of pixel centres; u is not wrapped."""
        rows, columns = self.height.shape
        u = (j + 0.5) * (self.length_mm / columns)
        v = (i + 0.5) * (self.width_mm / rows) - 0.5 * self.width_mm
        return np.broadcast_to(u, (len(i), len(j))), np.broadcast_to(v[:, None], (len(i), len(j)))

    def blend_max(self, i: NDArray[np.int64], j: NDArray[np.int64], h: Array) -> None:
        """Raise the field to ``h`` in a window."""
        index = np.ix_(i, j % self.height.shape[1])
        self.height[index] = np.maximum(self.height[index], h)


def stamp(canvas: Canvas, points: Array, radii: Array, heights: Array | float, profile: Profile) -> None:
    """Raise the field to the union of round forms: points (n, 2) in mm, half-height radii, crests.

    A chain of stamps closer than half a pixel is a tube with exact width and round ends, also where
    its radius changes. Crossings keep the larger height. With one height for all, distances are
    merged first and the profile is taken once per pixel.
    """
    points = np.atleast_2d(points)
    radii = np.broadcast_to(np.asarray(radii, dtype=np.float64), (len(points),))
    rows, columns = canvas.height.shape
    du, dv = canvas.length_mm / columns, canvas.width_mm / rows
    flat = canvas.height.reshape(-1)
    same = np.ndim(heights) == 0 or bool(np.ptp(heights) == 0.0)
    crest = float(np.max(heights)) if same else 0.0
    each = np.broadcast_to(np.asarray(heights, dtype=np.float64), (len(points),))
    nearest = np.full(flat.shape if same else 0, np.inf)
    scale = np.zeros(flat.shape if same else 0)
    order = np.argsort(radii, kind="stable")
    ordered = radii[order]
    start = 0
    while start < len(order):
        # Buckets of similar radius share one patch size.
        limit = ordered[start] * 1.35 + 1e-9
        stop = int(np.searchsorted(ordered, limit, side="right"))
        limit = float(ordered[stop - 1])
        reach = limit * base_ratio(profile) + canvas.pixel_mm
        ki, kj = int(np.ceil(reach / dv)), int(np.ceil(reach / du))
        oi, oj = np.meshgrid(np.arange(-ki, ki + 1), np.arange(-kj, kj + 1), indexing="ij")
        near = np.hypot((np.abs(oi) - 1).clip(0) * dv, (np.abs(oj) - 1).clip(0) * du) < reach
        oi, oj = oi[near][None, :], oj[near][None, :]
        chunk = max(1, 300_000 // oi.size)
        for first in range(start, stop, chunk):
            pick = order[first : min(first + chunk, stop)]
            u, v = points[pick, 0], points[pick, 1] + 0.5 * canvas.width_mm
            i0, j0 = np.floor(v / dv).astype(np.int64), np.floor(u / du).astype(np.int64)
            x = (oj + 0.5) * du + (j0 * du - u)[:, None]
            y = (oi + 0.5) * dv + (i0 * dv - v)[:, None]
            i, j = i0[:, None] + oi, j0[:, None] + oj
            good = (i >= 0) & (i < rows)
            if canvas.periodic:
                j = j % columns
            else:
                good &= (j >= 0) & (j < columns)
            r = np.broadcast_to(radii[pick][:, None], x.shape)
            d2 = (x * x + y * y) / (r * r)
            good &= d2 < (reach / r) ** 2
            place = (i * columns + j)[good]
            if same:
                np.minimum.at(nearest, place, d2[good])
                scale[place] = r[good]
            else:
                h = np.broadcast_to(each[pick][:, None], x.shape)[good]
                value = sampled_profile(profile, np.sqrt(d2[good]), canvas.pixel_mm / r[good])
                np.maximum.at(flat, place, h * value)
        start = stop
    if same:
        hit = np.flatnonzero(scale)
        value = crest * sampled_profile(profile, np.sqrt(nearest[hit]), canvas.pixel_mm / scale[hit])
        flat[hit] = np.maximum(flat[hit], value)


def resample(points: Array, step_mm: float, *columns: Array | float) -> tuple[Array, ...]:
    """Polyline (n, 2) and per-point values resampled at about ``step_mm`` of arc length, corners kept."""
    points = np.asarray(points, dtype=np.float64)
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    count = max(2, int(np.ceil(arc[-1] / step_mm)) + 1)
    s = np.linspace(0.0, arc[-1], count)
    if 2 * len(points) < count:
        # Few long pieces: divide each by itself, so that every corner is kept.
        parts = np.maximum(1, np.ceil(np.diff(arc) / step_mm).astype(np.int64))
        piece = np.repeat(np.arange(len(parts)), parts)
        place = np.arange(len(piece)) - np.repeat(np.cumsum(parts) - parts, parts)
        s = np.append(place * (np.diff(arc) / parts)[piece] + arc[:-1][piece], arc[-1])
    out = [np.column_stack([np.interp(s, arc, points[:, 0]), np.interp(s, arc, points[:, 1])])]
    out.extend(np.interp(s, arc, np.broadcast_to(column, (len(points),))) for column in columns)
    return tuple(out)


def shoulder(s: Array, radius_mm: Array | float, pixel_mm: float) -> Array:
    """Rounded edge of a broad form: 0.5 at ``s`` = 0 (inside is positive), 1 from ``radius`` inwards."""
    r = np.asarray(radius_mm, dtype=np.float64)
    # A quarter of the dome profile; its half height lies at 0.134 of the base radius.
    x = (r - np.minimum(s, r)) / r
    return sampled_profile("dome", x, pixel_mm / r)


LEAST_TOP = 0.54
"""Lowest top of a body: just over half height, so that its furrows are no slits."""


def risen(edge: Array, top: Array) -> Array:
    """Height of a body whose wall is a :func:`shoulder` and whose top (1 at most) lies inside it.

    The wall keeps its place up to half height; above it the rise is scaled to the top, so that it runs into
    the top without a lip.
    """
    rise = 2.0 * np.maximum(top, LEAST_TOP) - 1.0
    return np.asarray(np.where(edge <= 0.5, edge, 0.5 + (edge - 0.5) * rise))
