"""Walls of the ring by site, found from the resolved numbers alone and measured on the mesh.

Sites: the relief's floor to the bore, side to side, rails, prongs at their thinnest section, what is left under and
between the seats. Every length is that of a straight line through metal, both ends on the mesh, so a site's minimum is
never below the true wall by more than the mesh's chord.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import (
    Accent,
    BeadAccent,
    FlushAccent,
    FlushSeat,
    HeadedRing,
    Rail,
    ResolvedRing,
    headed,
)
from ringcad.verify.bead_zone import in_bead_rows
from ringcad.verify.bezel_sites import bezel_half_angle_deg, bezel_lines, first_metal, lip_zone, near_bezel
from ringcad.verify.bypass import (
    arm_half_mm,
    end_lengths,
    joint_lengths,
    joint_limit_mm,
    on_arms,
    rounded_end,
    sections,
    whole_turn,
)
from ringcad.verify.halo_sites import halo_lines, limit_halo
from ringcad.verify.hidden_sites import beside_openings
from ringcad.verify.hollow import rim_lengths
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.own_head import limit_own_head, prong_sections
from ringcad.verify.pad_zone import UNDER_POINT_MM, pad_zone
from ringcad.verify.rail_line import off_rail, rail_line
from ringcad.verify.rays import RayCaster
from ringcad.verify.row_zone import in_row
from ringcad.verify.shank_line import plain_crown, plain_thickness
from ringcad.verify.split import leg_lengths

Array = NDArray[Any]

_SEAT_CLEAR_MM = 0.05
FLUSH_METAL_MIN_MM = 0.5
"""Metal beside a flush stone, as cast: 0.5 mm between stones is common bench practice (standards 3.6)."""
_BRIDGE_SHARE = 0.2
"""Half of the share of the shank's width that is crown under a head: bridges keep half the width or more."""
_BAR_EDGE_MM = 0.4
"""The bar between the arms of a bypass shank is rounded so far from its edges."""
_CHORDS = 16
"""Directions in which a section is measured, over half a turn."""


@dataclass(frozen=True)
class SiteWall:
    """Thinnest wall of one site.

    Attributes
    ----------
    site : ``shank_floor``, ``decorated_floor``, ``shank_side``, ``rail:<name>``, ``prong:<k>``, ``under_center``,
        ``seat_floor:<id>`` (bearing to bore), ``seat_side:<id>`` (opening to what is beside it),
        ``channel_wall:<id>``, ``seat_bar:<id>``, ``bead_wall:<id>``, ``halo_wall:<id>`` (opening to outside),
        ``halo_bar:<id>`` (to the next), ``halo_plate``, ``hidden_...`` alike
    min_mm : length through metal; 0.0 where metal that the numbers promise is missing
    place_mm : middle of that length
    limit_mm : of the foundry profile
    lines : how many lengths were measured
    """

    site: str
    min_mm: float
    place_mm: tuple[float, float, float]
    limit_mm: float
    lines: int


def radial(phi: Array) -> Array:
    """(k, 3) unit vectors away from the finger axis at angles ``phi`` (radians from +z to +x)."""
    return np.stack([np.sin(phi), np.zeros_like(phi), np.cos(phi)], axis=1)


def foot_half_angle_deg(resolved: ResolvedRing) -> float:
    """Angle from the top to which prong feet, rails and the bridge between them take the shank; 0 for a band."""
    radius = 0.5 * resolved.ring.inner_diameter_mm + resolved.shank.thickness_top_mm
    if resolved.bezel is not None:
        return bezel_half_angle_deg(resolved)
    ring = headed(resolved)
    if ring is None or resolved.shank.bypass is not None:  # no foot stands on an arm
        return 0.0
    head = ring.head
    reach = max(
        [head.prong_foot_radius_mm + head.prong_diameter_base_mm, *(r.outer_side_mm for r in ring.gallery.rails)]
    )
    angle = float(np.degrees(np.arcsin(min(0.95, (reach + 0.3) / radius))))
    return angle if ring.sides is None else max(angle, ring.sides.bridge_deg[1] + float(np.degrees(0.9 / radius)))


def head_half_angle_deg(resolved: ResolvedRing) -> float:
    """Angle from the top to which the head (prong feet, bridge and its blend, arms) takes the shank."""
    angle = foot_half_angle_deg(resolved)
    if resolved.gallery is not None and resolved.gallery.shoulders == "cathedral":
        angle = max(angle, resolved.gallery.lift_phi_deg)
    return angle if resolved.sides is None else max(angle, resolved.sides.lift_deg)


def measure_sites(mesh: TriangleMesh, caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """All sites of the ring. One whose metal is not where the numbers say comes with length 0."""
    found: list[SiteWall] = [
        # where a row between shared prongs runs all round no plain skin is left over the bore
        *(shank_floors(mesh, caster, resolved) if _has_plain_skin(resolved) else []),
        shank_side(caster, resolved),
    ]
    if resolved.shank.hollow is not None:
        found.append(thinnest("hollow_rim", *rim_lengths(caster, resolved), resolved.foundry.wall_min_mm))
    if resolved.shank.split is not None:
        found.append(thinnest("split_leg", *leg_lengths(caster, resolved), resolved.foundry.wall_min_mm))
    if resolved.shank.bypass is not None:
        found.append(thinnest("bypass_end", *end_lengths(caster, resolved), resolved.foundry.wall_min_mm))
        found.append(thinnest("bypass_joint", *joint_lengths(caster, resolved), joint_limit_mm()))
    ring = headed(resolved)
    if ring is not None:
        found.append(under_center(caster, ring))
        found += [rail_wall(caster, ring, rail) for rail in ring.gallery.rails]
        found += prong_walls(caster, ring)
    for site, (origin, way) in bezel_lines(resolved).items():
        found.append(thinnest(site, *first_metal(caster, origin, way), resolved.foundry.wall_min_mm))
    for site, (lines, least) in halo_lines(caster, resolved).items():
        found.append(thinnest(site, *lines, least))
    for accent in resolved.accents:
        if isinstance(accent, FlushAccent):  # walls of a channel have a module of their own
            for seat in accent.seats:
                found += seat_walls(caster, resolved, accent, seat)
    return found


def _has_plain_skin(resolved: ResolvedRing) -> bool:
    return resolved.shared_prongs is None or not resolved.shared_prongs.all_round


def thinnest(site: str, start: Array, way: Array, length: Array, limit: float) -> SiteWall:
    if not len(length):
        return SiteWall(site, 0.0, (0.0, 0.0, 0.0), limit, 0)
    best = int(np.argmin(length))
    x, y, z = (float(value) for value in start[best] + 0.5 * length[best] * way[best])
    return SiteWall(site, float(length[best]), (x, y, z), limit, len(length))


def _through(caster: RayCaster, middle: Array, way: Array) -> tuple[Array, Array]:
    """Length through metal along the line in direction ``way`` at ``middle``, and its start.

    A middle that is not in metal gives length 0.
    """
    ahead, _ = caster.thickness(middle, way, start_mm=0.0)
    back, _ = caster.thickness(middle, -way, start_mm=0.0)
    inside = np.isfinite(ahead) & np.isfinite(back)
    length = np.where(inside, ahead + back, 0.0)
    return length, np.where(inside[:, None], middle - np.where(inside, back, 0.0)[:, None] * way, middle)


def half_widths(caster: RayCaster, resolved: ResolvedRing, phi: Array) -> tuple[Array, Array, Array]:
    """Shank from side to side half way from bore to skin, with that middle's radius, (k,) each.

    Carved sides are met on the calm rim beside the bore. Distances from mid-width to the right (+y) and to the left;
    NaN where a hole is at mid-width.
    """
    place, side, way, _ = sections(resolved, phi)
    out = radial(place)
    aside = side[:, None] * np.array([0.0, 1.0, 0.0])
    bore, _ = caster.first_hit(aside, out)
    surface = np.where(np.isfinite(bore), bore, 0.0)
    floor, _ = caster.thickness(surface[:, None] * out + aside, out)
    # Under a head the metal goes on upward: the shank's own thickness is enough.
    height = 0.5 * np.minimum(floor, min(resolved.shank.thickness_top_mm, resolved.shank.thickness_bottom_mm))
    if (carved := resolved.side_decoration) is not None:
        rim = resolved.shank.comfort_rise_mm + resolved.shank.inner_edge_radius_mm + 0.25 * carved.margin_mm
        height = np.minimum(height, rim)
    start = out * (surface + height)[:, None] + aside
    right, left = caster.thickness(start, way, start_mm=0.0)[0], caster.thickness(start, -way, start_mm=0.0)[0]
    solid = np.isfinite(bore) & np.isfinite(floor) & np.isfinite(right) & np.isfinite(left)
    return np.where(solid, right, np.nan), np.where(solid, left, np.nan), surface + height


def shank_side(caster: RayCaster, resolved: ResolvedRing) -> SiteWall:
    """Side to side at half height, all round."""
    phi = whole_turn(resolved)
    right, left, radius = half_widths(caster, resolved, phi)
    solid = np.isfinite(right)
    phi, right, left, radius = phi[solid], right[solid], left[solid], radius[solid]
    place, side, way, _ = sections(resolved, phi)
    start = radial(place) * radius[:, None] + side[:, None] * np.array([0.0, 1.0, 0.0]) - left[:, None] * way
    return thinnest("shank_side", start, way, right + left, resolved.foundry.wall_min_mm)


def shank_floors(mesh: TriangleMesh, caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """Skin to bore along the plain skin's normal, from every vertex of the skin: all round, and in the decoration.

    A piecewise linear skin is lowest in its vertices, so no valley between samples is missed. Edge
    roundings are edges, not walls; what stands over the skin only makes a line longer.
    """
    bore = 0.5 * resolved.ring.inner_diameter_mm
    rows = _skin_vertices(mesh.vertices, resolved)
    points = mesh.vertices[rows]
    phi, across = on_arms(resolved, points)
    points, phi, across = points[np.isfinite(across)], phi[np.isfinite(across)], across[np.isfinite(across)]
    table = np.append(whole_turn(resolved), np.pi)
    right, left, _ = half_widths(caster, resolved, table)
    widest = 0.5 * resolved.shank.widest
    half = np.minimum(np.minimum(0.5 * (right + left), widest), arm_half_mm(resolved, table))
    solid = np.isfinite(half)
    half = _beside_feet(table, half, resolved)
    limit = resolved.foundry.wall_min_mm
    if not len(points) or not solid.any():
        return [thinnest("shank_floor", points[:0], points[:0], np.zeros(0), limit)]
    half_here = np.interp(phi, table[solid], half[solid])
    tilt, end_of_crown = plain_crown(resolved, across, half_here, 0.5 * plain_thickness(resolved.shank, phi))
    # rails and feet hide how wide the bridge between them is: its middle is certain (and ``under_center``'s)
    bridge = (np.abs(np.degrees(phi)) <= foot_half_angle_deg(resolved) + 3.0) & (resolved.stone is not None)
    bridge &= resolved.shank.bypass is None
    sure = np.minimum(
        half_here - resolved.shank.outer_edge_radius_mm,
        _BRIDGE_SHARE * min(resolved.shank.width_top_mm, resolved.shank.head_width),
    )
    end_of_crown = np.where(bridge, sure, end_of_crown)
    inside = np.abs(across) <= end_of_crown
    points, phi, tilt, half_here = points[inside], phi[inside], tilt[inside], half_here[inside]
    out = radial(np.arctan2(points[:, 0], points[:, 2]))
    way = -(out * np.cos(tilt)[:, None] + np.sin(tilt)[:, None] * sections(resolved, phi)[2])
    length, face = caster.thickness(points, way)
    # It must leave through the flat of the bore: towards the axis, not through a side, an edge or a seat.
    end = points + np.where(np.isfinite(length), length, 0.0)[:, None] * way
    away = radial(np.arctan2(end[:, 0], end[:, 2]))
    good = np.isfinite(length) & (np.einsum("ij,ij->i", mesh.normals[np.maximum(face, 0)], away) < -0.5)
    trough = 0.0 if resolved.shank.hollow is None else resolved.shank.hollow.depth_mm
    good &= np.hypot(end[:, 0], end[:, 2]) < bore + resolved.shank.comfort_rise_mm + trough + 0.05
    good &= np.abs(on_arms(resolved, end)[1]) <= half_here - resolved.shank.inner_edge_radius_mm
    found = [thinnest("shank_floor", points[good], way[good], length[good], limit)]
    decorated = np.zeros(len(points), dtype=bool)
    for zone in resolved.shank_decoration:
        low, high = sorted((zone.phi_start_deg, zone.phi_end_deg))
        decorated |= (np.degrees(phi) >= low) & (np.degrees(phi) <= high)
    chosen = good & decorated
    if chosen.any():
        found.append(thinnest("decorated_floor", points[chosen], way[chosen], length[chosen], limit))
    return found


def _beside_feet(phi: Array, half: Array, resolved: ResolvedRing) -> Array:
    """Half widths with what stands beside a narrow bridge taken off.

    Prong feet and the base rail hide the bridge's sides; all that is certain there is the least half width.
    """
    near = np.abs(np.degrees(phi)) <= foot_half_angle_deg(resolved) + 3.0
    if resolved.stone is None or not np.isfinite(half[near]).any():
        return half
    return np.where(near, np.minimum(half, float(np.nanmin(half[near]))), half)


def _skin_vertices(points: Array, resolved: ResolvedRing) -> Array:
    """Vertices that may lie on the shank's outside: off the bore, off the openings of seats."""
    bore = 0.5 * resolved.ring.inner_diameter_mm
    radius = np.hypot(points[:, 0], points[:, 2])
    shank = resolved.shank
    inside = shank.comfort_rise_mm + (0.0 if shank.profile == "ellipse" else shank.inner_edge_radius_mm)
    keep = radius > bore + inside + 0.05
    keep &= ~near_bezel(resolved, points)
    keep &= ~in_row(resolved, points, _SEAT_CLEAR_MM)
    keep &= ~in_bead_rows(resolved, points)
    for accent in resolved.accents:
        for seat in () if isinstance(accent, BeadAccent) else accent.seats:
            axis = radial(np.radians(np.array([seat.phi_deg])))[0]
            offset = points - np.array([0.0, seat.y_mm, 0.0])
            along = offset @ axis
            aside = np.sqrt(np.maximum((offset**2).sum(axis=1) - along**2, 0.0))
            keep &= (along < 0.0) | (aside > 0.5 * accent.opening_diameter_mm + _SEAT_CLEAR_MM)
    return np.flatnonzero(keep)


def under_center(caster: RayCaster, resolved: HeadedRing) -> SiteWall:
    """Metal between the bore and what lies over it under the head: bridge and culet pocket."""
    bore = 0.5 * resolved.ring.inner_diameter_mm
    reach = min(1.2, 0.3 * min(resolved.shank.width_top_mm, resolved.shank.head_width))
    across = np.linspace(-reach, reach, 25)
    arms = resolved.shank.bypass
    along = across if arms is None else across * min(1.0, (0.5 * arms.joint_width_mm - _BAR_EDGE_MM) / reach)
    phi, y = (value.ravel() for value in np.meshgrid(np.arcsin(along / bore), across, indexing="ij"))
    way = radial(phi)
    origin = way * (0.5 * bore) + np.stack([0.0 * y, y, 0.0 * y], axis=1)
    surface, face = caster.first_hit(origin, way)
    met = face >= 0
    origin, way, surface = origin[met], way[met], surface[met]
    start = origin + surface[:, None] * way
    length, _ = caster.thickness(start, way)
    length = np.where(np.isfinite(length), length, 0.0)
    return thinnest("under_center", start, way, length, resolved.foundry.wall_min_mm)


def rail_wall(caster: RayCaster, resolved: HeadedRing, rail: Rail) -> SiteWall:
    """Thinnest chord through the middle of the rail's section, all round."""
    up = np.array([0.0, 0.0, 1.0])
    line, out = (np.pad(flat, ((0, 0), (0, 1))) for flat in rail_line(rail))
    middle, out = beside_openings(resolved, rail, line + up * (0.5 * (rail.bottom_z_mm + rail.top_z_mm)), out)
    start, way, length = _section_chords(caster, middle, out, np.broadcast_to(up, out.shape))
    return thinnest(f"rail:{rail.name}", start, way, length, resolved.foundry.rail_min_mm)


def _section_chords(caster: RayCaster, middle: Array, one: Array, two: Array) -> tuple[Array, Array, Array]:
    """Chords through each middle in the plane of two unit vectors: starts, ways, lengths."""
    turn = np.pi * np.arange(_CHORDS) / _CHORDS
    ways = np.cos(turn)[:, None, None] * one + np.sin(turn)[:, None, None] * two
    way = ways.reshape(-1, 3)
    length, start = _through(caster, np.broadcast_to(middle, ways.shape).reshape(-1, 3), way)
    return start, way, length


def prong_walls(caster: RayCaster, resolved: HeadedRing) -> list[SiteWall]:
    """Thinnest section of each prong from above its foot to below its tip, the notch included.

    Sections are square to the prong's straight upper part; the thinnest chord through a section's
    centre (the mean of what rays from the axis meet) is its thickness.
    """
    head = resolved.head
    lean = np.radians(head.prong_lean_deg)
    base = max(head.prong_foot_z_mm, 0.5 * resolved.ring.inner_diameter_mm + head.bridge_thickness_mm) + 0.1
    low = base if head.style == "basket" else 0.5 * (base + head.girdle_z_mm)
    found: list[SiteWall] = []
    if head.own is not None:
        for k, stand in enumerate(head.stands):
            middle, one, two = prong_sections(caster, resolved, head.own, stand)
            middle = _recentered(caster, middle, one, two, 0.6 * head.own.thickness_mm)
            lengths = _section_chords(caster, middle, one, two)
            found.append(thinnest(f"prong:{k + 1}", *lengths, resolved.foundry.prong_min_mm))
        return found
    for k, stand in enumerate(head.stands):
        # beside the girdle a V prong is no post but two walls, which are measured there
        high = head.prong_tip_z_mm - _tip_length(resolved)
        if stand.point_mm is not None:
            high = head.girdle_z_mm - UNDER_POINT_MM
        height = np.linspace(low, high, 48)
        distance = head.prong_axis_radius_girdle_mm + (height - head.girdle_z_mm) * np.tan(lean)
        azimuth = np.radians(stand.azimuth_deg)
        out = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
        aside = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        along = np.cos(lean) * np.array([0.0, 0.0, 1.0]) + np.sin(lean) * out
        across = np.cross(aside, along)
        foot = np.array([stand.x_mm, stand.y_mm, 0.0])
        middle = foot + distance[:, None] * out + height[:, None] * np.array([0.0, 0.0, 1.0])
        one, two = np.broadcast_to(across, middle.shape), np.broadcast_to(aside, middle.shape)
        middle = _recentered(caster, middle, one, two, 0.6 * head.prong_diameter_base_mm)
        start, way, length = _section_chords(caster, middle, one, two)
        found.append(thinnest(f"prong:{k + 1}", start, way, length, resolved.foundry.prong_min_mm))
    return found


def _recentered(caster: RayCaster, middle: Array, one: Array, two: Array, reach: float) -> Array:
    """Centres moved to the mean of what rays in the section's plane meet within ``reach``."""
    turn = 2.0 * np.pi * np.arange(_CHORDS) / _CHORDS
    ways = np.cos(turn)[:, None, None] * one + np.sin(turn)[:, None, None] * two
    length, _ = caster.thickness(np.broadcast_to(middle, ways.shape).reshape(-1, 3), ways.reshape(-1, 3), start_mm=0.0)
    length = length.reshape(ways.shape[:2])
    # Where a rail or the shank joins, rays run on; they say nothing about the prong's centre.
    length = np.where(np.isfinite(length), np.minimum(length, reach), 0.0)
    shift = (length[:, :, None] * ways).mean(axis=0)
    return np.asarray(middle + shift)


def seat_walls(caster: RayCaster, resolved: ResolvedRing, accent: FlushAccent, seat: FlushSeat) -> list[SiteWall]:
    """Metal round a flush seat: under its bearing to the bore, and from its opening to what is beside it."""
    out, ring = seat_axes(seat)
    foot = np.array([0.0, seat.y_mm, 0.0])
    found = [floor_of_seat(caster, resolved, accent, seat)]
    # From the opening's axis outward in the tangent plane, at depths within its cylinder.
    top = _rim_height(caster, resolved, accent, seat)
    if top is not None:
        depth = accent.table_depth_mm + accent.stone.crown_height_mm + accent.stone.girdle_mm
        levels = [foot + out * (top - share * depth) for share in (0.35, 0.65, 0.95)]
        beside = np.concatenate([np.broadcast_to(level, ring.shape) for level in levels])
        start, way, length = enter_and_leave(caster, beside, np.concatenate([ring] * len(levels)), opposed=True)
        if len(length):  # none where the skin falls away all round above the bearing
            found.append(thinnest(f"seat_side:{seat.id}", start, way, length, FLUSH_METAL_MIN_MM))
    return found


def floor_of_seat(caster: RayCaster, resolved: ResolvedRing, accent: Accent, seat: FlushSeat) -> SiteWall:
    """Bore to bearing, round the hole that goes through."""
    out, ring = seat_axes(seat)
    opening, pilot = 0.5 * accent.opening_diameter_mm, 0.5 * accent.pilot_diameter_mm
    # From inside the finger hole outward, entering metal at the bore.
    inside = np.array([0.0, seat.y_mm, 0.0]) + out * (0.3 * resolved.ring.inner_diameter_mm)
    origin = np.concatenate([inside + ring * r for r in np.linspace(pilot + 0.03, opening - 0.03, 5)])
    start, way, length = enter_and_leave(caster, origin, np.broadcast_to(out, origin.shape))
    return thinnest(f"seat_floor:{seat.id}", start, way, length, resolved.foundry.wall_min_mm)


def seat_axes(seat: FlushSeat) -> tuple[Array, Array]:
    """Outward axis of a seat and (24, 3) unit vectors round it."""
    phi = np.radians(seat.phi_deg)
    along, across = np.array([np.cos(phi), 0.0, -np.sin(phi)]), np.array([0.0, 1.0, 0.0])
    turn = 2.0 * np.pi * np.arange(24) / 24
    ring = np.cos(turn)[:, None] * along + np.sin(turn)[:, None] * across
    return np.array([np.sin(phi), 0.0, np.cos(phi)]), ring


def enter_and_leave(
    caster: RayCaster, origin: Array, way: Array, *, opposed: bool = False
) -> tuple[Array, Array, Array]:
    """From the air into metal and out again: starts, ways and lengths of the first metal met.

    ``opposed`` leaves out lines that end on a face more than 60 degrees aslant: beside a sloping skin
    they cut off an edge and measure no wall.
    """
    first, face = caster.first_hit(origin, way)
    met = face >= 0
    origin, way, first = origin[met], np.asarray(way)[met], first[met]
    start = origin + first[:, None] * way
    length, end = caster.thickness(start, way)
    length = np.where(np.isfinite(length), length, 0.0)
    if opposed:
        facing = np.einsum("ij,ij->i", caster.mesh.normals[np.maximum(end, 0)], way) >= 0.5
        start, way, length = start[facing], way[facing], length[facing]
    return start, way, length


def _rim_height(caster: RayCaster, resolved: ResolvedRing, accent: FlushAccent, seat: FlushSeat) -> float | None:
    """Distance from the finger axis to the rim beside the seat (median of 24 rays from outside)."""
    out, ring = seat_axes(seat)
    high = 0.5 * resolved.ring.inner_diameter_mm + resolved.shank.thickness_top_mm + 3.0
    rim = 0.5 * accent.opening_diameter_mm + 0.5 * accent.rim_mm
    origin = rim * ring + np.array([0.0, seat.y_mm, 0.0]) + out * high
    distance, face = caster.first_hit(origin, np.broadcast_to(-out, origin.shape))
    met = (face >= 0) & (distance < 6.0)
    return float(high - np.median(distance[met])) if met.any() else None


def local_wall_limits(resolved: ResolvedRing, points: Array) -> Array:
    """(k,) wall limit at each point: the wall's, a rail's or a prong's; 0 where a rule of its own holds.

    Prong tips close by design, and the rims of flush seats are measured as sites.
    """
    limit = np.full(len(points), resolved.foundry.wall_min_mm)
    limit[rounded_end(resolved, points)] = 0.0
    ring = headed(resolved)
    if ring is not None:
        limit_head(limit, ring, points)
    limit_halo(limit, resolved, points)
    limit[lip_zone(resolved, points)] = 0.0
    limit[in_row(resolved, points, None)] = 0.0
    limit[in_bead_rows(resolved, points)] = 0.0
    for accent in resolved.accents:
        for seat in () if isinstance(accent, BeadAccent) else accent.seats:
            axis, _ = seat_axes(seat)
            offset = points - np.array([0.0, seat.y_mm, 0.0])
            along = offset @ axis
            aside = np.sqrt(np.maximum((offset**2).sum(axis=1) - along**2, 0.0))
            limit[(along > 0.0) & (aside < 0.5 * accent.opening_diameter_mm + accent.rim_mm)] = 0.0
    return limit


def limit_head(limit: Array, resolved: HeadedRing, points: Array) -> None:
    """Writes the limits of rails and prongs into ``limit`` (k,)."""
    head = resolved.head
    if head.own is not None:
        limit_own_head(limit, resolved, head.own, points)
        return
    for rail in resolved.gallery.rails:
        half = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm)
        near = off_rail(rail, points) < half + 0.1
        near &= (points[:, 2] > rail.bottom_z_mm - 0.1) & (points[:, 2] < rail.top_z_mm + 0.1)
        limit[near] = resolved.foundry.rail_min_mm
    distance = head.prong_axis_radius_girdle_mm + (points[:, 2] - head.girdle_z_mm) * np.tan(
        np.radians(head.prong_lean_deg)
    )
    for stand in head.stands:
        azimuth = np.radians(stand.azimuth_deg)
        x, y = stand.x_mm + distance * np.cos(azimuth), stand.y_mm + distance * np.sin(azimuth)
        aside = np.hypot(points[:, 0] - x, points[:, 1] - y)
        near = (aside < 0.5 * head.prong_diameter_base_mm + 0.1) & (points[:, 2] > head.prong_foot_z_mm)
        limit[near] = resolved.foundry.prong_min_mm
        limit[near & (points[:, 2] > head.prong_tip_z_mm - _tip_length(resolved))] = 0.0
        if stand.point_mm is not None:
            pad, seat = pad_zone(head, stand, points)
            limit[pad] = resolved.foundry.prong_min_mm
            limit[seat] = 0.0


def _tip_length(resolved: HeadedRing) -> float:
    """Over which a prong's tip narrows by design: a dome 0.31, an almond 0.63 of its diameter, a claw all of it."""
    if resolved.head.claw is not None:
        return resolved.head.prong_tip_z_mm - resolved.head.girdle_z_mm - resolved.stone.girdle_mm
    share = 0.35 if resolved.head.tip == "dome" else 0.68
    return share * resolved.head.prong_diameter_girdle_mm + 0.05
