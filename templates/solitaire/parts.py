"""The solitaire's head in the kernel: prongs, rails, seat cutters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import rail_section
from ringcad.kernel import beads
from ringcad.kernel.hoops import hoop
from ringcad.kernel.limb import halved
from ringcad.kernel.parts import polyhedron, revolve, round_limb
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import FancyStone, HeadedRing, Rail
from ringcad.stones.of_ring import cut_stone, rail_path
from ringcad.stones.placed import convex_body, grown
from ringcad.templates.solitaire import pads, shape

Array = NDArray[np.float64]
#: What a culet's pocket is wider than the stone with its clearance: its floor is a small plane and no edge.
_FLOOR_MM = 0.08
_SIDES = (("right", "left"), ("left", "right"))
_Z = np.array([0.0, 0.0, 1.0])
_ORIGIN = np.zeros(3)


def prongs(ring: HeadedRing) -> list[NamedShape]:
    """One body per prong: straight ones are stacks of cones, curved ones round B-spline limbs.

    Cones meet rails and cutters in closed form, so a basket fuses several times faster than with
    spline prongs.
    """
    return [*(prong(ring, k) for k in range(ring.head.prongs)), *pads.pads(ring)]


def prong(ring: HeadedRing, number: int) -> NamedShape:
    """The body of one prong, ``number`` from 0; of a V prong its post."""
    post = ring.head.stands[number].point_mm is not None
    line, radii = shape.prong_line(ring, post=post)
    points, name = shape.prong_points(ring, number, line), f"prong_{number + 1}"
    if ring.head.style == "stand" or (ring.head.claw is not None and not post):
        return round_limb(points, radii, name)
    axis = points[-1] - points[0]
    along = np.linalg.norm(points - points[0], axis=1)
    profile = [(0.0, 0.0), *zip(radii.tolist(), along.tolist(), strict=True), (0.0, float(along[-1]))]
    return revolve(profile, points[0], axis, name)


def quarter_prongs(ring: HeadedRing, axes: tuple[int, ...] = (0, 1)) -> list[NamedShape]:
    """What of the prongs stands at x >= 0, y >= 0, or at x >= 0 alone (``axes`` is ``(0,)``). A prong on one of these
    planes, or one whose thick foot reaches over it to its neighbour's, is cut there; what reaches in from beyond lies
    inside its mirror image.
    """
    line, radii = shape.prong_line(ring)
    found = []
    for number, azimuth in enumerate(shape.prong_azimuths(ring)):
        if min(math.cos(azimuth), math.sin(azimuth) if 1 in axes else 0.0) < -1e-9:
            continue
        nearest = np.min(shape.prong_points(ring, number, line)[:, :2] - radii[:, None], axis=0)
        body = prong(ring, number)
        for axis in axes:
            if nearest[axis] < 0.0:
                body = halved(body, axis)
        found.append(body)
    return [*found, *pads.part_pads(ring, axes)]


def mirror_names(ring: HeadedRing, axis: int) -> dict[str, str]:
    """What prongs and arches are called in the mirror square to ``axis`` (0: x, 1: y)."""
    reach, stands = ring.head.prong_axis_radius_girdle_mm, ring.head.stands
    # where each passes the girdle: two prongs of a pair lean the same way
    azimuths = np.array(
        [math.atan2(s.y_mm + reach * math.sin(t), s.x_mm + reach * math.cos(t))
         for s, t in zip(stands, shape.prong_azimuths(ring), strict=True)]
    )  # fmt: skip
    names = {f"{kind}_{a}": f"{kind}_{b}" for kind in ("arch", "split") for a, b in _SIDES} if axis == 0 else {}
    for k, azimuth in enumerate(azimuths):
        image = math.pi - azimuth if axis == 0 else -azimuth
        twin = int(np.argmax(np.cos(azimuths - image)))
        names[f"prong_{k + 1}"] = f"prong_{twin + 1}"
    return names | beads.mirror_names(ring, axis)


def rails(ring: HeadedRing, quarter: bool = False, out_mm: float = 0.0) -> list[NamedShape]:
    """The hoops, or their quarter; the seat rail's inner shoulder follows the pavilion at its clearance.

    ``out_mm`` widens those that follow an outline, which may touch the bridge's sides.
    """
    found = []
    for rail in ring.gallery.rails:
        profile = rail_section.rounded(rail_profile(ring, rail), rail.edge_radius_mm)
        if isinstance(ring.stone, FancyStone):
            middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
            section = [(r - middle + out_mm, z) for r, z in profile]
            found.append(hoop(section, rail_path(ring.stone, rail), rail.name, quarter))
        else:
            found.append(revolve(profile, _ORIGIN, _Z, rail.name, quarter))
    return found


def rail_profile(ring: HeadedRing, rail: Rail) -> list[tuple[float, float]]:
    """Section of a rail as (radius, z): a rectangle, less the pavilion's clearance cone."""
    return rail_section.profile(rail, ring.stone, ring.head.girdle_z_mm, ring.gallery.rail_clearance_mm)


def center_cutter(ring: HeadedRing) -> NamedShape:
    """The stone's own body with the girdle's clearance: it notches the prongs.

    Crown and pavilion cones are the stone's; they run on to the clearance radius, so that the
    bearing touches the stone along its own angles (standards 3.1, seat angle).
    """
    stone, head = ring.stone, ring.head
    if isinstance(stone, FancyStone):
        facets = grown(convex_body(cut_stone(stone)), girdle_mm=head.girdle_clearance_mm)
        return over_girdle(ring, facets, "seat_center")
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


def over_girdle(ring: HeadedRing, facets: tuple[Array, ...], name: str) -> NamedShape:
    """A body of facets in the stone's frame, where the stone sits."""
    up = np.array([0.0, 0.0, ring.head.girdle_z_mm])
    return polyhedron([facet + up for facet in facets], name)


def culet_pocket(ring: HeadedRing) -> list[NamedShape]:
    """Clearance cone for a pavilion that dips into the bridge; none where it hangs free."""
    head, stone = ring.head, ring.stone
    if head.culet_pocket_depth_mm <= 0.0:
        return []
    if isinstance(stone, FancyStone):
        clearance = ring.gallery.rail_clearance_mm
        top = shape.bore_radius(ring) + head.bridge_thickness_mm + 0.5 - head.girdle_z_mm
        level = ((0.0, 0.0, 1.0, top), (0.0, 0.0, -1.0, stone.pavilion_depth_mm + clearance))
        body = convex_body(cut_stone(stone))
        facets = grown(body, all_mm=clearance + _FLOOR_MM, cuts=level, crown=False)
        return [over_girdle(ring, facets, "culet_pocket")]
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
