"""The frame: a rail that closes round the zone, with beads or rope turns on it.

Coordinates: u along the band from 0 to its length, v across it, 0 on the axis. The frame is
symmetric about the axis. All distances are closed forms, so rails of any width are exact offsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ringcad.generators.ornament.raster import (
    DOME_BASE,
    Array,
    Canvas,
    Profile,
    sampled_profile,
    stamp,
)
from ringcad.generators.ornament.schema import Band, EndShape, Frame

LEDGE_HEIGHT = 0.6
"""Ledge under beads and rope turns: just over half height, so that a bead row is one strip of
metal with no slits between the beads that a casting would close."""
ROPE_LEDGE_HEIGHT = 0.7
"""Ledge under rope turns, which are slimmer than beads: also where the skin's spline lowers it, it stays above
half height, so that the strand counts as one stroke and not as slim turns."""
DOUBLE_GAP = 1.12
"""Distance between the rails of a double frame over the least gap."""
RIM_MM = 0.05
"""Ground left outside the frame's foot, so that the relief is 0 on its boundary."""


@dataclass(frozen=True)
class FrameShape:
    """Middle line of the rail: straight sides at v = +-``half``, ends by their shape.

    ``inset`` is the distance of the line from the band's edge. Without a frame the same shape is
    used with a zero rail to keep the layout inside the zone.
    """

    band: Band
    frame: Frame

    @property
    def rail_half(self) -> float:
        """Half of the frame's width at half height; 0 without a frame. A double one is two rails and a gap."""
        if self.frame.style == "double":
            return self.frame.rail_mm + 0.5 * self.between
        return 0.0 if self.frame.style == "none" else 0.5 * self.frame.rail_mm

    @property
    def between(self) -> float:
        """Gap between the two rails of a double frame."""
        return DOUBLE_GAP * self.band.gap_mm

    @property
    def profile(self) -> Profile:
        return "dome" if self.frame.style in ("plain", "double") else "flat"

    @property
    def inset(self) -> float:
        if self.frame.style == "none":
            return RIM_MM + 0.08  # room for the foot of a dome, which is wider than its half height
        rail = 0.5 * self.frame.rail_mm
        return float(
            self.rail_half + rail * (DOME_BASE - 1.0) + RIM_MM
            if self.frame.style == "double"
            else rail * DOME_BASE + RIM_MM
        )

    @property
    def half(self) -> float:
        return 0.5 * self.band.width_mm - self.inset

    def end_length(self, shape: EndShape) -> float:
        """How far an end's curve reaches along the axis from its apex on the middle line."""
        if self.band.periodic:
            return 0.0
        if shape == "square":
            return min(self.frame.corner_mm, self.half)
        return self.half if shape == "round" else self._ogive[0]

    def _end_inside(self, shape: EndShape, x: Array, y: Array) -> Array:
        """Distance inwards from the middle line; x from the apex along the axis, y >= 0."""
        b = self.half
        if shape in ("square", "round"):
            c = self.end_length(shape)
            qx, qy = c - x, y - (b - c)
            corner = (qx > 0) & (qy > 0)
            return np.where(corner, c - np.hypot(qx, qy), np.minimum(x, b - y))
        e, rho, r0, xc = self._ogive
        out = np.where(x < e, rho - np.hypot(x - e, y - (b - rho)), b - y)
        # Rounded apex: the cone between the two tangent directions belongs to the small circle.
        tx, ty = (xc - e) / (rho - r0), (rho - b) / (rho - r0)
        cone = (x < xc) & (y * -tx < (xc - x) * ty)
        return np.where(cone, r0 - np.hypot(x - xc, y), out)

    @cached_property
    def _ogive(self) -> tuple[float, float, float, float]:
        """(length, arc radius, apex radius, apex circle centre) of the pointed end."""
        b = self.half
        e = 1.35 * b
        rho = (e * e + b * b) / (2.0 * b)
        r0 = min(0.32, 0.5 * b)
        # The small circle touches the arc from inside; the apex then lies at xc - r0.
        xc = e - float(np.sqrt((rho - r0) ** 2 - (b - rho) ** 2))
        shift = xc - r0
        return e - shift, rho, r0, xc - shift

    def inside(self, u: Array, v: Array) -> Array:
        """Signed distance inwards from the middle line, mm."""
        y = np.abs(v)
        if self.band.periodic:
            return self.half - y + 0.0 * u
        length = self.band.length_mm
        left = self._end_inside(self.frame.start, u - self.inset, y)
        right = self._end_inside(self.frame.finish, length - self.inset - u, y)
        return np.where(u < 0.5 * length, left, right)

    def path(self, step_mm: float) -> Array:
        """(n, 2) middle line from the start apex along +v to the finish apex (or one side if periodic)."""
        length, b = self.band.length_mm, self.half
        if self.band.periodic:
            u = np.linspace(0.0, length, max(2, int(np.ceil(length / step_mm))) + 1)
            return np.column_stack([u, np.full_like(u, b)])
        left = self._end_path(self.frame.start, step_mm)
        right = self._end_path(self.frame.finish, step_mm)[::-1]
        left = left + np.array([self.inset, 0.0])
        right = np.column_stack([length - self.inset - right[:, 0], right[:, 1]])
        return np.vstack([left, right])

    def _end_path(self, shape: EndShape, step_mm: float) -> Array:
        b = self.half
        if shape in ("square", "round"):
            c = self.end_length(shape)
            t = np.linspace(0.0, 0.5 * np.pi, max(2, int(np.ceil(0.5 * np.pi * c / step_mm))) + 1)
            arc = np.column_stack([c - c * np.cos(t), (b - c) + c * np.sin(t)])
            return np.vstack([[0.0, 0.0], arc]) if b > c else arc
        e, rho, r0, xc = self._ogive
        start = float(np.arctan2(rho - b, e - xc))
        a = np.linspace(0.0, start, 40)
        small = np.column_stack([xc - r0 * np.cos(a), r0 * np.sin(a)])
        t = np.linspace(start, np.pi / 2, max(2, int(np.ceil(rho * (np.pi / 2 - start) / step_mm))) + 1)
        arc = np.column_stack([e - rho * np.cos(t), (b - rho) + rho * np.sin(t)])
        return np.vstack([small, arc[1:]])

    def half_width(self, x_from_end: float, finish: bool, offset: float) -> float:
        """Half-width at a distance from an end's apex line, ``offset`` inwards of the middle line; 0 outside."""
        ys = np.linspace(0.0, self.half, 201)
        shape = self.frame.finish if finish else self.frame.start
        ok = self._end_inside(shape, np.full_like(ys, x_from_end), ys) >= offset - 1e-9
        return float(ys[ok][-1]) if ok.any() else 0.0


def draw_frame(canvas: Canvas, shape: FrameShape) -> None:
    """Draw rail, beads or rope of the frame. Crest 1."""
    frame, band = shape.frame, shape.band
    if frame.style == "none":
        return
    rows, columns = canvas.height.shape
    u, v = canvas.coordinates(np.arange(rows), np.arange(columns))
    d = np.abs(shape.inside(u, v))
    if frame.style == "double":
        rail = 0.5 * frame.rail_mm
        d = np.abs(d - rail - 0.5 * shape.between)
        canvas.height = np.maximum(canvas.height, sampled_profile("dome", d / rail, canvas.pixel_mm / rail))
        return
    ledge = {"plain": 1.0, "rope": ROPE_LEDGE_HEIGHT}.get(frame.style, LEDGE_HEIGHT)
    r = shape.rail_half
    if frame.style != "plain":
        # A little wider than the beads, because it is measured at half of its own lower crest.
        r = 1.13 * r
    profile = shape.profile
    canvas.height = np.maximum(canvas.height, ledge * sampled_profile(profile, d / r, canvas.pixel_mm / r))
    if frame.style == "plain":
        return
    path = shape.path(0.01)
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
    ends = 0.0 if band.periodic else 0.18 * frame.pitch_mm
    span = arc[-1] - 2.0 * ends
    count = max(2, round(span / frame.pitch_mm))
    s = ends + span * np.arange(count + 1) / count
    if band.periodic:
        s = s[:-1]
    else:
        s[0], s[-1] = 0.0, arc[-1]
    q = np.column_stack([np.interp(s, arc, path[:, 0]), np.interp(s, arc, path[:, 1])])
    mirrored = q * [1.0, -1.0]
    bead = shape.rail_half
    if frame.style == "milgrain":
        middle = slice(None) if band.periodic else slice(1, -1)
        beads = np.vstack([q[middle], mirrored[middle]])
        stamp(canvas, beads, np.full(len(beads), bead), np.ones(len(beads)), "bead")
        if not band.periodic:
            _end_balls(canvas, path, bead)
        return
    if not band.periodic:
        s = s[1:-1]
        q = q[1:-1]
    tangent = np.column_stack([np.interp(s, arc, np.gradient(path[:, k], arc)) for k in (0, 1)])
    tangent /= np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    step = span / count
    lay = 0.62 * tangent * bead + 0.62 * normal * bead
    t = np.linspace(-1.0, 1.0, 9)[None, :, None]
    turns = (q[:, None, :] + t * lay[:, None, :]).reshape(-1, 2)
    turns = np.vstack([turns, turns * [1.0, -1.0]])
    # At half of its height a turn is as wide as the rail's limit allows between two turns.
    stamp(canvas, turns, np.full(len(turns), min(0.55 * bead, 0.45 * step)), 1.0, "dome")
    if not band.periodic:
        _end_balls(canvas, path, bead)


def _end_balls(canvas: Canvas, path: Array, bead: float) -> None:
    """The strand dies into a larger ball at each end."""
    big = 1.3 * bead
    balls = path[[0, -1]] + np.array([[big - bead, 0.0], [bead - big, 0.0]])
    stamp(canvas, balls, np.full(2, big), 1.0, "bead")
