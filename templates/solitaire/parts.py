"""The solitaire's bodies in the kernel: shank, prongs, rails, window, seat cutters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import spline
from ringcad.fit.limb import LimbNets
from ringcad.fit.skin import TILE_STATIONS
from ringcad.kernel.parts import prism, revolve, round_limb
from ringcad.kernel.surfaces import NamedShape, sew_solid, tile_faces
from ringcad.resolved import FlushAccent, FlushSeat, Rail, ResolvedRing
from ringcad.templates.solitaire import shape

Array = NDArray[np.float64]
_Z = np.array([0.0, 0.0, 1.0])
_ORIGIN = np.zeros(3)


def shank(nets: LimbNets, skin: Array) -> NamedShape:
    """The closed limb: decorated skin in tiles, two sides, the bore."""
    tiles = skin.shape[0] // TILE_STATIONS
    across = 2 if skin.shape[1] < 80 else 3
    walls = {
        "skin": tile_faces(skin, nets.outer_knots, tiles, across),
        "shank_side": tile_faces(nets.right, spline.clamped_knots(nets.right.shape[1]), tiles, 1)
        + tile_faces(nets.left, spline.clamped_knots(nets.left.shape[1]), tiles, 1),
        "bore": tile_faces(nets.inner, spline.clamped_knots(nets.inner.shape[1]), tiles, 1),
    }
    return sew_solid(walls)


def prongs(ring: ResolvedRing) -> list[NamedShape]:
    """One body per prong: straight ones are stacks of cones, curved ones round B-spline limbs.

    Cones meet rails and cutters in closed form, so a basket fuses several times faster than with
    spline prongs.
    """
    line, radii = shape.prong_line(ring)
    found = []
    for k, azimuth in enumerate(shape.prong_azimuths(ring)):
        points, name = shape.turned(line, azimuth), f"prong_{k + 1}"
        if ring.head.style == "stand":
            found.append(round_limb(points, radii, name))
            continue
        axis = points[-1] - points[0]
        along = np.linalg.norm(points - points[0], axis=1)
        profile = [(0.0, 0.0), *zip(radii.tolist(), along.tolist(), strict=True), (0.0, float(along[-1]))]
        found.append(revolve(profile, points[0], axis, name))
    return found


def rails(ring: ResolvedRing) -> list[NamedShape]:
    """The hoops; the seat rail's inner shoulder follows the pavilion at its clearance."""
    return [
        revolve(rounded(rail_profile(ring, rail), rail.edge_radius_mm), _ORIGIN, _Z, rail.name)
        for rail in ring.gallery.rails
    ]


def rounded(polygon: list[tuple[float, float]], radius: float, steps: int = 2) -> list[tuple[float, float]]:
    """Corners of a convex polygon replaced by ``steps`` chords of an arc; plane faces, cones and
    cylinders alone cross the other bodies in closed form, tori do not.
    """
    points = np.array(polygon)
    found: list[tuple[float, float]] = []
    for before, corner, after in zip(np.roll(points, 1, axis=0), points, np.roll(points, -1, axis=0), strict=True):
        a, b = before - corner, after - corner
        la, lb = float(np.linalg.norm(a)), float(np.linalg.norm(b))
        a, b = a / la, b / lb
        half = 0.5 * math.acos(float(np.clip(a @ b, -1.0, 1.0)))
        r = min(radius, 0.45 * min(la, lb) * math.tan(half))
        centre = corner + (a + b) / np.linalg.norm(a + b) * r / math.sin(half)
        start = corner + a * r / math.tan(half) - centre
        end = corner + b * r / math.tan(half) - centre
        turn = math.atan2(start[0] * end[1] - start[1] * end[0], float(start @ end))
        for k in range(steps + 1):
            c, s = math.cos(turn * k / steps), math.sin(turn * k / steps)
            point = centre + np.array([c * start[0] - s * start[1], s * start[0] + c * start[1]])
            found.append((float(point[0]), float(point[1])))
    return found


def rail_profile(ring: ResolvedRing, rail: Rail) -> list[tuple[float, float]]:
    """Section of a rail as (radius, z): a rectangle, less the pavilion's clearance cone."""
    slope = math.tan(math.radians(ring.stone.pavilion_angle_deg))
    clearance = ring.gallery.rail_clearance_mm / math.cos(math.radians(ring.stone.pavilion_angle_deg))

    def cone_z(radius: float) -> float:
        return ring.head.girdle_z_mm - (0.5 * ring.stone.diameter_mm - radius) * slope - clearance

    inner, outer, bottom, top = rail.inner_radius_mm, rail.outer_radius_mm, rail.bottom_z_mm, rail.top_z_mm
    if cone_z(inner) >= top:
        return [(inner, bottom), (outer, bottom), (outer, top), (inner, top)]
    # the cone meets the top at this radius and the inner wall at this height
    at_top = 0.5 * ring.stone.diameter_mm - (ring.head.girdle_z_mm - clearance - top) / slope
    at_inner = cone_z(inner)
    room = 2.2 * rail.edge_radius_mm
    at_top = min(at_top, outer - room)
    if at_inner < bottom + room:
        inner = inner + (bottom + room - at_inner) / slope
        at_inner = bottom + room
    return [(inner, bottom), (outer, bottom), (outer, top), (at_top, top), (inner, at_inner)]


def center_cutter(ring: ResolvedRing) -> NamedShape:
    """The stone's own body with the girdle's clearance: it notches the prongs.

    Crown and pavilion cones are the stone's; they run on to the clearance radius, so that the
    bearing touches the stone along its own angles (standards 3.1, seat angle).
    """
    stone, head = ring.stone, ring.head
    r, play = 0.5 * stone.diameter_mm, head.girdle_clearance_mm
    pavilion = math.tan(math.radians(stone.pavilion_angle_deg))
    crown = math.tan(math.radians(stone.crown_angle_deg))
    low, high = head.girdle_z_mm, head.girdle_z_mm + stone.girdle_mm
    table_r = 0.5 * stone.table_diameter_mm
    profile = [
        (0.0, low - r * pavilion),
        (r + play, low + play * pavilion),
        (r + play, max(high - play * crown, low + play * pavilion + 0.01)),
        (table_r, high + (r - table_r) * crown),
        (0.0, high + (r - table_r) * crown),
    ]
    return revolve(profile, _ORIGIN, _Z, "seat_center")


def culet_pocket(ring: ResolvedRing) -> list[NamedShape]:
    """Clearance cone for a pavilion that dips into the bridge; none where it hangs free."""
    head, stone = ring.head, ring.stone
    if head.culet_pocket_depth_mm <= 0.0:
        return []
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    tip = shape.bore_radius(ring) + head.bridge_thickness_mm - head.culet_pocket_depth_mm
    height = head.culet_pocket_depth_mm + 0.5
    flat = 0.15
    return [
        revolve(
            [(0.0, tip), (flat, tip), (flat + height / slope, tip + height), (0.0, tip + height)],
            _ORIGIN,
            _Z,
            "culet_pocket",
        )
    ]


def flush_cutter(ring: ResolvedRing, accent: FlushAccent, seat: FlushSeat, name: str) -> NamedShape:
    """Opening, bearing cone along the pavilion, pilot hole through to the bore."""
    stone = accent.stone
    point, axis = shape.seat_frame(ring, accent, seat)
    opening, pilot = 0.5 * accent.opening_diameter_mm, 0.5 * accent.pilot_diameter_mm
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    girdle = -(accent.table_depth_mm + stone.crown_height_mm + stone.girdle_mm)
    bearing_top = girdle - (0.5 * stone.diameter_mm - opening) * slope
    bearing_low = bearing_top - (opening - pilot) * slope
    through = -(float(np.hypot(point[0], point[2])) - shape.bore_radius(ring)) - 1.2
    profile = [
        (0.0, through),
        (pilot, through),
        (pilot, bearing_low),
        (opening, bearing_top),
        (opening, 1.5),
        (0.0, 1.5),
    ]
    return revolve(profile, point, axis, name)


#: Least height of an arch, and least length of it that shows beyond the base rail: openings below 0.4 mm fill
#: in when cast (standards 3.2); a little more, so that the prism does not graze the bridge.
_ARCH_MIN_MM = 0.45


def windows(ring: ResolvedRing) -> list[NamedShape]:
    """Prisms that open the cathedral's arches on both sides."""
    if ring.gallery.shoulders != "cathedral" or ring.head.style != "basket":
        return []
    half = 0.5 * ring.shank.width_top_mm + 0.6
    return [prism(window_outline(ring, sign), half, name) for sign, name in ((1.0, "arch_right"), (-1.0, "arch_left"))]


def window_outline(ring: ResolvedRing, sign: float) -> list[list[tuple[float, float]]]:
    """Closed outline of an arch in xz as a list of lines and arcs, from the cage along the bridge and back.

    The arm keeps at least its thickness square to the outer line; the bridge keeps following the finger.
    """
    radius = shape.bore_radius(ring)
    # a little over the bridge's crown, so that the prism crosses the arm's inner end steeply
    bridge = radius + ring.head.bridge_thickness_mm + 0.12
    lift, _, meet, _, drop_end = shape.cathedral_line(ring)
    phi = np.linspace(meet, lift + 8.0, 400)
    away = np.radians(phi)
    line = radius + shape.crown_line(ring, phi)
    x, z = line * np.sin(away), line * np.cos(away)
    tangent = np.stack([np.gradient(x), np.gradient(z)], axis=1)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    under = np.stack([x, z], axis=1) + ring.gallery.arm_thickness_mm * np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    height = np.hypot(under[:, 0], under[:, 1]) - bridge
    # the arch ends where it is a third of a millimetre high
    end = int(np.argmax(height < 0.3)) if bool(np.any(height < 0.3)) else len(phi) - 1
    # the roof stays clear of the seat rail, whose underside would else be split into slivers
    ceiling = shape.seat_rail(ring).bottom_z_mm - 0.22
    inner = int(np.argmax(under[:, 1] < ceiling))
    roof = under[[end, (end + inner) // 2, inner]]
    last = math.atan2(roof[0, 0], roof[0, 1])
    start_x = bridge * math.sin(math.radians(drop_end)) - 0.08
    first = math.asin(start_x / bridge)
    base = [(sign * bridge * math.sin(a), bridge * math.cos(a)) for a in (first, 0.5 * (first + last), last)]
    arm = [(sign * float(px), float(pz)) for px, pz in roof]
    inside = (sign * start_x, arm[-1][1])
    return [base, [base[-1], arm[0]], arm, [arm[-1], inside], [inside, base[0]]]
