"""The shank as a closed limb: a spine round the finger, a varying section, four walls.

Walls (in the order of the section's loop): ``outer`` runs from the left side (-y) over the crown to
the right side, ``right`` down to the bore, ``inner`` back across the bore, ``left`` up again. All
four nets share the spine knots; neighbouring walls share their boundary coefficients exactly.
Station ``i`` of ``n`` starts at the bottom of the ring; ``phi`` runs from -180 through 0 (head) to 180.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.core.tolerances import TOLERANCES
from ringcad.fit import spline
from ringcad.fit.section import Crown, CrownOutline, EllipseOutline, ellipse_outline, outline

Array = NDArray[np.float64]

#: Share of the section's height that stays a straight side at least, so that no wall degenerates.
_SIDE_MIN_MM = 0.45
_SIDE_COUNT = 4
_INNER_COUNT = 32
#: Coefficients of an ellipse's side, which is no straight line.
_ROUND_SIDE_COUNT = 12
#: Coefficients across a bore with a trough in it.
_HOLLOW_INNER_COUNT = 72
#: A trough has its depth where at least so much lies between its flanks, on each side of mid-width, mm.
TROUGH_MIDDLE_MM = 0.3


@dataclass(frozen=True)
class Recess:
    """A trough along the bore between two rims, mm.

    Attributes
    ----------
    share : (n,) how much of its depth the trough has at each station, 0 to 1
    wall_mm : left under the crown line and beside it
    rim_mm : width of the bore's wall on each side that stays as it is
    flank_mm : width over which the trough deepens
    depth_mm : of the trough, at most
    """

    share: Array
    wall_mm: float
    rim_mm: float
    flank_mm: float
    depth_mm: float


@dataclass(frozen=True)
class Swing:
    """Where the sections of a limb stand that leaves the middle plane.

    Attributes
    ----------
    place_deg, side_mm : (n,) angle about the finger axis and place along it of each section's middle
    lean_rad : (n,) by which the limb's way leans from the turn towards +y; sections stand square to it
    radius_mm : from the finger axis, at which they do
    off_finger_mm : (n,) by which the bore's wall rises from the finger hole: ends are round from below, too
    """

    place_deg: Array
    side_mm: Array
    lean_rad: Array
    radius_mm: float
    off_finger_mm: Array


@dataclass(frozen=True)
class LimbStations:
    """What the section is at each station; arrays of shape (n,), lengths in mm."""

    phi_deg: Array
    height_mm: Array
    """Crown line over the bore."""
    width_mm: Array
    crown_rise_mm: Array
    outer_radius_mm: Array
    inner_radius_mm: Array
    comfort_rise_mm: Array
    bore_radius_mm: float
    knife: bool
    ellipse: bool = False
    """Round throughout: width and height are its axes, the outer radius is the width that counts as its edge."""
    recess: Recess | None = None
    """What is hollowed out of the bore's wall."""
    swing: Swing | None = None
    """Of a limb beside the middle plane; ``phi_deg`` counts along the limb then."""

    @property
    def place_deg(self) -> Array:
        """(n,) angle of each section's middle about the finger axis."""
        return self.phi_deg if self.swing is None else self.swing.place_deg

    @property
    def off_finger_mm(self) -> Array:
        """(n,) by which the bore's wall stands off the finger hole at mid-width, without a trough in it."""
        return np.zeros_like(self.phi_deg) if self.swing is None else self.swing.off_finger_mm


@dataclass(frozen=True)
class LimbNets:
    """Base nets of the walls: coefficients (n, k, 3), periodic along axis 0, clamped along axis 1."""

    stations: LimbStations
    outer: Array
    right: Array
    inner: Array
    left: Array
    outer_knots: Array
    normals: Array
    """Unit normals of the base outer wall at the Greville sites, (n, k, 3)."""
    points: Array
    """Base outer wall at the Greville sites, (n, k, 3)."""
    crest_arc_mm: Array
    """Arc length of the crown line from the head (phi = 0), signed like phi, (n,)."""
    across_mm: Array
    """Signed arc length across the outer wall from mid-width at the Greville sites, (n, k)."""
    tilt_deg: Array
    """Angle of the outer wall's normal from radial in the section at the Greville sites, (n, k)."""
    crown_half_mm: Array
    """Arc length from mid-width to where the outer edge rounding starts, (n,)."""
    inner_across_mm: Array
    """Signed arc length across the inner wall from mid-width at its sites, (n, m)."""
    inner_half_mm: Array
    """Arc length from mid-width to where the inner edge rounding starts, (n,)."""
    wall_mm: Array
    """Metal under the plain outer wall at its sites that decoration may count on, (n, k)."""
    line_curvature: Array
    """Of the crown line round the finger at each station, 1/mm, positive where it bulges, (n,)."""
    carved: bool = False
    """Whether the sides carry a relief."""


def station_angles(count: int, density: Array) -> Array:
    """``count`` angles in degrees, symmetric about the head, denser where ``density`` is larger.

    ``density`` samples a positive even function on phi = 0 ... 180 at equal steps. ``count`` must be
    even: station 0 is the bottom (-180), station ``count / 2`` the head (0).
    """
    if count % 2:
        raise ValueError(f"count must be even, got {count}")
    grid = np.linspace(0.0, 180.0, len(density))
    steps = 0.5 * (density[1:] + density[:-1])
    cumulative = np.concatenate([[0.0], np.cumsum(steps)])
    cumulative /= cumulative[-1]
    half = np.interp(np.arange(count // 2 + 1) / (count // 2), cumulative, grid)
    # (0 ... 180) from the head to the bottom on the right; mirrored on the left
    return np.concatenate([-half[::-1], half[1:-1]])


def even_cuts(first: int, last: int, step: int) -> list[int]:
    """Stations that divide ``first`` ... ``last`` into equal tiles of about ``step`` stations."""
    count = max(1, round((last - first) / step))
    return [round(first + (last - first) * k / count) for k in range(count + 1)]


def smooth_step(x: Array | float) -> Array:
    """Quintic step from 0 to 1 on [0, 1], twice continuously differentiable."""
    t = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
    return t**3 * (10.0 + t * (6.0 * t - 15.0))


def fit_section(st: LimbStations) -> tuple[Array, Array, Array, Array]:
    """Crown rise, outer and inner radius and comfort rise: shrunk together where the limb is thin: a side remains.

    An ellipse has half of its height for a crown, and half for a comfort rise.
    """
    if st.ellipse:
        return 0.5 * st.height_mm, st.outer_radius_mm, st.inner_radius_mm, 0.5 * st.height_mm
    wanted = st.crown_rise_mm + st.outer_radius_mm + st.comfort_rise_mm + st.inner_radius_mm
    room = np.maximum(st.height_mm - _SIDE_MIN_MM, 0.3)
    scale = (1.0 + (wanted / room) ** 8) ** (-1.0 / 8.0)
    narrow = 0.46 * st.width_mm
    return (
        st.crown_rise_mm * scale,
        np.minimum(st.outer_radius_mm * scale, narrow),
        np.minimum(st.inner_radius_mm * scale, narrow),
        st.comfort_rise_mm * scale,
    )


def section_outlines(st: LimbStations) -> tuple[CrownOutline, CrownOutline] | tuple[EllipseOutline, EllipseOutline]:
    """Outer and inner half of the section at each station."""
    rise, r_out, r_in, comfort = fit_section(st)
    if st.ellipse:
        return ellipse_outline(st.width_mm, st.height_mm, r_out), ellipse_outline(st.width_mm, st.height_mm, r_in)
    return outline(Crown(st.width_mm, rise, r_out, st.knife)), outline(Crown(st.width_mm, comfort, r_in))


def _place(st: LimbStations, radius: Array, y: Array) -> Array:
    """Points (n, k, 3) of the stations' sections, ``radius`` from the finger axis and ``y`` (n, k) across."""
    phi = np.radians(st.place_deg)[:, None]
    if st.swing is not None:
        lean = st.swing.lean_rad[:, None]
        phi = phi - y * np.sin(lean) / st.swing.radius_mm
        y = st.swing.side_mm[:, None] + y * np.cos(lean)
    return np.stack([radius * np.sin(phi), y, radius * np.cos(phi)], axis=-1)


def build_nets(st: LimbStations, outer_count: int) -> LimbNets:
    """Interpolate the four walls. ``outer_count`` is the number of coefficients across the skin."""
    outer_shape, inner_shape = section_outlines(st)
    knots = spline.clamped_knots(outer_count)
    sites = spline.greville(knots)
    fraction = 2.0 * sites / sites[-1] - 1.0
    y, fall, tilt = outer_shape.points(fraction)
    outer = _place(st, st.bore_radius_mm + st.height_mm[:, None] - fall, y)

    inner_knots = spline.clamped_knots(_INNER_COUNT if st.recess is None else _HOLLOW_INNER_COUNT)
    inner_sites = spline.greville(inner_knots)
    inner_fraction = 1.0 - 2.0 * inner_sites / inner_sites[-1]
    iy, ifall, _ = inner_shape.points(inner_fraction)
    inner = _place(st, st.bore_radius_mm + st.off_finger_mm[:, None] + ifall + recess_depth(st, iy), iy)

    side_knots = spline.clamped_knots(_ROUND_SIDE_COUNT if st.ellipse else _SIDE_COUNT)
    share = spline.greville(side_knots)
    share = share / share[-1]
    if isinstance(outer_shape, EllipseOutline):
        side_y, side_fall = outer_shape.side(share)
        right = _place(st, st.bore_radius_mm + st.height_mm[:, None] - side_fall, side_y)
        left = right[:, ::-1] * np.array([1.0, -1.0, 1.0])
    else:
        along = share[None, :, None]
        right = outer[:, -1:, :] * (1.0 - along) + inner[:, :1, :] * along
        left = inner[:, -1:, :] * (1.0 - along) + outer[:, :1, :] * along

    nets = {}
    for name, values, wall_knots in (
        ("outer", outer, knots),
        ("right", right, side_knots),
        ("inner", inner, inner_knots),
        ("left", left, side_knots),
    ):
        net = spline.interpolate_periodic(spline.interpolate_clamped(values, wall_knots))
        nets[name] = snap_poles(net)
    nets["right"][:, 0], nets["right"][:, -1] = nets["outer"][:, -1], nets["inner"][:, 0]
    nets["left"][:, 0], nets["left"][:, -1] = nets["inner"][:, -1], nets["outer"][:, 0]

    crest = outer_line(st)
    return LimbNets(
        stations=st,
        outer=nets["outer"],
        right=nets["right"],
        inner=nets["inner"],
        left=nets["left"],
        outer_knots=knots,
        normals=_normals(outer),
        points=outer,
        crest_arc_mm=crest,
        across_mm=fraction[None, :] * outer_shape.length[:, None],
        tilt_deg=np.degrees(tilt),
        crown_half_mm=outer_shape.crown_length,
        inner_across_mm=inner_fraction[None, :] * inner_shape.length[:, None],
        inner_half_mm=inner_shape.crown_length,
        wall_mm=_plain_wall(st, y, fall, tilt),
        line_curvature=_line_curvature(st),
    )


def recess_depth(st: LimbStations, y: Array) -> Array:
    """How deep the bore's wall is hollowed at ``y`` (n, k), mm."""
    if st.recess is None:
        return np.zeros_like(y)
    cut = st.recess
    rise, radius, _, _ = fit_section(st)
    fall, _ = Crown(st.width_mm, rise, radius, st.knife).fall(y)
    room = (0.5 * st.width_mm - cut.rim_mm)[:, None]
    left = np.clip(st.height_mm[:, None] - fall - cut.wall_mm, 0.0, cut.depth_mm)
    # where the shank is too narrow for a trough between its flanks there is none
    share = cut.share[:, None] * smooth_step((room - cut.flank_mm) / TROUGH_MIDDLE_MM)
    return np.asarray(left * share * smooth_step((room - np.abs(y)) / cut.flank_mm))


def _plain_wall(st: LimbStations, y: Array, fall: Array, tilt: Array) -> Array:
    """Metal under the plain skin, (n, k): at the edge of the crown, or the ball that touches an ellipse there."""
    if st.ellipse:
        # the normal meets the long axis in the middle of the largest ball that touches the ellipse there
        return np.asarray(2.0 * (0.5 * st.height_mm[:, None] - fall) / np.cos(tilt))
    plain = np.broadcast_to((st.height_mm - st.off_finger_mm - st.crown_rise_mm)[:, None], fall.shape)
    if st.recess is None:
        return plain
    # the least wall as far around as the wall is thick: the trough's flanks and ends are nearest aslant
    reach = st.recess.wall_mm
    inward = np.maximum(np.abs(y) - reach, 0.0)
    rise, radius, _, _ = fit_section(st)
    height = st.height_mm[:, None] - Crown(st.width_mm, rise, radius, st.knife).fall(inward)[0]
    wall = height - recess_depth(st, inward)
    least, arc = wall.copy(), outer_line(st)
    for step in range(1, len(arc) // 2):
        near = np.abs(np.roll(arc, step) - arc) <= reach
        if not near.any():
            break
        least[near] = np.minimum(least[near], np.roll(wall, step, axis=0)[near])
        near = np.abs(np.roll(arc, -step) - arc) <= reach
        least[near] = np.minimum(least[near], np.roll(wall, -step, axis=0)[near])
    return np.minimum(plain, least)


def _line_curvature(st: LimbStations) -> Array:
    """Of the circle through each station of the crown line and its neighbours."""
    phi, radius = np.radians(st.place_deg), st.bore_radius_mm + st.height_mm
    here = np.stack([radius * np.sin(phi), radius * np.cos(phi)], axis=1)
    before, after = here - np.roll(here, 1, axis=0), np.roll(here, -1, axis=0) - here
    area = before[:, 1] * after[:, 0] - before[:, 0] * after[:, 1]
    sides = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1) * np.linalg.norm(before + after, axis=1)
    return np.asarray(2.0 * area / sides)


def snap_poles(net: Array) -> Array:
    """Round coefficients to the pole grid."""
    grid = TOLERANCES.pole_grid_mm
    return np.round(net / grid) * grid


def outer_line(st: LimbStations) -> Array:
    """Signed arc length of the crown line from the head, mm, per station."""
    phi = np.radians(st.place_deg)
    radius = st.bore_radius_mm + st.height_mm
    x, z = radius * np.sin(phi), radius * np.cos(phi)
    steps = np.hypot(np.diff(x), np.diff(z))
    if st.swing is not None:
        steps = np.hypot(steps, np.diff(st.swing.side_mm))
    arc: Array = np.concatenate([[0.0], np.cumsum(steps)])
    from_head: Array = arc - arc[len(phi) // 2]
    return from_head


def _normals(points: Array) -> Array:
    """Outward unit normals of a grid of points, periodic along axis 0."""
    along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    across = np.gradient(points, axis=1)
    normal = np.cross(across, along)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    radial = points * np.array([1.0, 0.0, 1.0])
    if float(np.mean(np.sum(normal * radial, axis=-1))) < 0.0:
        normal = -normal
    return normal
