"""The solitaire's bodies in the kernel: prongs, rails, arches, seat cutters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.fit import rail_section
from ringcad.kernel.limb import halved
from ringcad.kernel.parts import prism, revolve, round_limb
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import HeadedRing, Rail
from ringcad.templates.solitaire import arch, shape

Array = NDArray[np.float64]
_Z = np.array([0.0, 0.0, 1.0])
_ORIGIN = np.zeros(3)


def prongs(ring: HeadedRing) -> list[NamedShape]:
    """One body per prong: straight ones are stacks of cones, curved ones round B-spline limbs.

    Cones meet rails and cutters in closed form, so a basket fuses several times faster than with
    spline prongs.
    """
    return [prong(ring, k, azimuth) for k, azimuth in enumerate(shape.prong_azimuths(ring))]


def prong(ring: HeadedRing, number: int, azimuth: float) -> NamedShape:
    """The body of one prong, ``number`` from 0."""
    line, radii = shape.prong_line(ring)
    points, name = shape.turned(line, azimuth), f"prong_{number + 1}"
    if ring.head.style == "stand":
        return round_limb(points, radii, name)
    axis = points[-1] - points[0]
    along = np.linalg.norm(points - points[0], axis=1)
    profile = [(0.0, 0.0), *zip(radii.tolist(), along.tolist(), strict=True), (0.0, float(along[-1]))]
    return revolve(profile, points[0], axis, name)


def quarter_prongs(ring: HeadedRing) -> list[NamedShape]:
    """What of the prongs stands at x >= 0, y >= 0; a prong on one of these planes is halved by it."""
    found = []
    for number, azimuth in enumerate(shape.prong_azimuths(ring)):
        x, y = math.cos(azimuth), math.sin(azimuth)
        if min(x, y) < -1e-9:
            continue
        body = prong(ring, number, azimuth)
        for axis, distance in enumerate((x, y)):
            if abs(distance) <= 1e-9:
                body = halved(body, axis)
        found.append(body)
    return found


def mirror_names(ring: HeadedRing, axis: int) -> dict[str, str]:
    """What prongs and arches are called in the mirror square to ``axis`` (0: x, 1: y)."""
    azimuths = np.array(shape.prong_azimuths(ring))
    names = {"arch_right": "arch_left", "arch_left": "arch_right"} if axis == 0 else {}
    for k, azimuth in enumerate(azimuths):
        image = math.pi - azimuth if axis == 0 else -azimuth
        twin = int(np.argmax(np.cos(azimuths - image)))
        names[f"prong_{k + 1}"] = f"prong_{twin + 1}"
    return names


def rails(ring: HeadedRing, quarter: bool = False) -> list[NamedShape]:
    """The hoops, or their quarter; the seat rail's inner shoulder follows the pavilion at its clearance."""
    return [
        revolve(rail_section.rounded(rail_profile(ring, rail), rail.edge_radius_mm), _ORIGIN, _Z, rail.name, quarter)
        for rail in ring.gallery.rails
    ]


def rail_profile(ring: HeadedRing, rail: Rail) -> list[tuple[float, float]]:
    """Section of a rail as (radius, z): a rectangle, less the pavilion's clearance cone."""
    return rail_section.profile(rail, ring.stone, ring.head.girdle_z_mm, ring.gallery.rail_clearance_mm)


def center_cutter(ring: HeadedRing) -> NamedShape:
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


def limb_cutters(ring: HeadedRing) -> list[NamedShape]:
    """What is taken from the bare limb: windows under cathedral arms, and the clearance of the arms."""
    openings = windows(ring)
    return [*openings, arm_clearance(ring)] if openings else []


def arm_clearance(ring: HeadedRing) -> NamedShape:
    """The stone with the rail's clearance round it: what cathedral arms must leave free, so that only prongs bear."""
    stone = ring.stone
    low, high = ring.head.girdle_z_mm, ring.head.girdle_z_mm + stone.girdle_mm + stone.crown_height_mm
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    clearance = ring.gallery.rail_clearance_mm
    r = 0.5 * stone.diameter_mm
    bottom = low - r * slope - clearance / math.cos(math.radians(stone.pavilion_angle_deg))
    wide = r + clearance
    profile = [(0.0, bottom), (wide, bottom + wide * slope), (wide, high), (0.0, high)]
    return revolve(profile, _ORIGIN, _Z, "arch_right")


def culet_pocket(ring: HeadedRing) -> list[NamedShape]:
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


def windows(ring: HeadedRing) -> list[NamedShape]:
    """Prisms that open the cathedral's arches on both sides, the right one first."""
    if not arch.opens(ring):
        return []
    half = 0.5 * ring.shank.width_top_mm + 0.6
    return [prism(arch.outline(ring, sign), half, name) for sign, name in ((1.0, "arch_right"), (-1.0, "arch_left"))]
