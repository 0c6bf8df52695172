"""A claw over its stone, as cast: its width where it will bear on the crown, how far it reaches, how long it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.setting.closing import CONTACT_TARGET
from ringcad.verify.setting.frames import StoneProfile
from ringcad.verify.setting.scan import Scan

Array = NDArray[Any]

ROUND_MM = 0.01
"""A prong's back that lies this near one circle (root mean square; the chord of its facets) is round."""
LEAST_ROUND = 8
"""Points that a circle is laid through at least."""
FREE_MM = 0.02
"""Metal farther than this over the crown is the claw's own inside, which no seat has cut."""
MIDDLE_MM = 0.06
"""Half the height over which the width in the middle of the contact is averaged."""
MIDDLE_SHARE = 0.5 * CONTACT_TARGET
"""Where on the crown's slope the middle of a closed claw's contact lies, from the girdle's upper edge."""


@dataclass(frozen=True)
class ClawMeasure:
    """What a claw has over the stone, as cast, in mm.

    Attributes
    ----------
    width_mm
        Across the claw, square to its plane, where the middle of its contact will lie: its diameter there.
    section_mm2
        Metal there, square to the claw.
    reach_mm
        How far its inside reaches in over the girdle.
    length_mm
        Along its middle from the girdle's upper edge to where it is as thin as a finished tip may be.
    hook_deg
        Inward lean of its upper half, from the line through the middle of its metal.
    """

    width_mm: float
    section_mm2: float
    reach_mm: float
    length_mm: float
    hook_deg: float


def measure_claw(scan: Scan, part: Array, stone: StoneProfile, full_mm: float, end_mm: float) -> ClawMeasure:
    """The claw of some columns of a scan.

    ``full_mm`` is its level thickness at the girdle without the notch, ``end_mm`` the height at which its metal is as
    thin as a finished tip may be.
    """
    z = scan.height_mm
    centre = part[max(len(part) // 2 - 1, 0) : len(part) // 2 + 2]
    inner, outer = scan.inner_mm[centre].mean(axis=0), scan.outer_mm[centre].mean(axis=0)
    over = np.flatnonzero((z > stone.girdle_mm) & (z <= end_mm) & np.isfinite(inner) & np.isfinite(outer))
    if len(over) < 4:
        return ClawMeasure(0.0, 0.0, 0.0, 0.0, 0.0)
    free = over[inner[over] > stone.radius_at(z[over]) + FREE_MM]
    middle = 0.5 * (inner[free] + outer[free])
    heights = np.concatenate([[stone.girdle_mm], z[free]])
    line = np.concatenate([[outer[over[0]] - 0.5 * full_mm], middle])
    length = float(np.hypot(np.diff(heights), np.diff(line)).sum())
    upper = heights > 0.5 * (stone.girdle_mm + end_mm)
    hook = -math.degrees(math.atan(np.polyfit(heights[upper], line[upper], 1)[0])) if upper.sum() > 3 else 0.0
    slope = stone.crown_height_mm / math.sin(math.radians(stone.crown_angle_deg))
    back = np.polyfit(z[over[: max(len(over) // 2, 2)]], outer[over[: max(len(over) // 2, 2)]], 1)[0]
    at = stone.girdle_mm + MIDDLE_SHARE * slope * math.cos(math.atan(back))
    rows = np.flatnonzero(np.abs(z - at) <= MIDDLE_MM)
    step = 2.0 * math.pi / len(scan.azimuth_rad)
    sections = [_section(scan, part, int(row)) for row in rows]
    if not rows.size or any(not len(points) for points, _, _ in sections):
        return ClawMeasure(0.0, 0.0, 0.0, length, hook)
    # square to the way in which the claw bends, which beside a curved outline need not be the outline's normal
    ends = [_section(scan, part, int(row))[2] for row in (over[0], over[-1])]
    bend = ends[1] - ends[0]
    aside = np.array([-bend[1], bend[0]]) / max(float(np.hypot(*bend)), 1e-9)
    widths = [float(np.ptp(points @ aside)) + step * float(np.hypot(*centre_at)) for points, _, centre_at in sections]
    areas = [area for _, area, _ in sections]
    lean = math.atan(np.polyfit(z[rows], outer[rows], 1)[0])
    return ClawMeasure(
        width_mm=float(np.mean(widths)),
        section_mm2=float(np.mean(areas)) * math.cos(lean),
        reach_mm=stone.radius_mm - float(inner[over].min()),
        length_mm=length,
        hook_deg=hook,
    )


def _section(scan: Scan, part: Array, row: int) -> tuple[Array, float, Array]:
    """Border points (n, 2) of some columns' metal at one height, its area, and its middle; mm from the axis."""
    near, far, turn = scan.inner_mm[part, row], scan.outer_mm[part, row], scan.azimuth_rad[part]
    metal = np.isfinite(near) & np.isfinite(far) & (near > 0.0)
    near, far, turn = near[metal], far[metal], turn[metal]
    ways = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points = np.concatenate([near[:, None] * ways, far[:, None] * ways])
    weight = far**2 - near**2
    step = 2.0 * math.pi / len(scan.azimuth_rad)
    if not len(turn):
        return points, 0.0, np.zeros(2)
    return (
        points,
        0.5 * step * float(weight.sum()),
        np.average(0.5 * (near + far)[:, None] * ways, axis=0, weights=weight),
    )


def round_back(scan: Scan, part: Array, rows: Array, lean_rad: float) -> float | None:
    """Diameter, square to a prong of this lean, of the circle through its back at some heights; ``None`` if not round.

    The notch takes less than half of a prong, so that what looks away from the stone is whole.
    """
    outer = scan.outer_mm[part][:, rows]
    turn = scan.azimuth_rad[part] - np.angle(np.exp(1j * scan.azimuth_rad[part]).mean())
    x = (outer * np.cos(turn)[:, None] * math.cos(lean_rad)).T
    y = (outer * np.sin(turn)[:, None]).T
    found = []
    for across, aside in zip(x, y, strict=True):
        there = np.isfinite(across)
        if there.sum() < LEAST_ROUND:
            return None
        across, aside = across[there], aside[there]
        terms = np.stack([2.0 * across, 2.0 * aside, np.ones_like(across)], axis=1)
        (a, b, c), *_ = np.linalg.lstsq(terms, across**2 + aside**2, rcond=None)
        radius = math.sqrt(max(c + a * a + b * b, 0.0))
        away = np.hypot(across - a, aside - b) - radius
        if math.sqrt(float((away**2).mean())) > ROUND_MM or float(np.ptp(aside)) < 1.6 * radius:
            return None
        found.append(2.0 * radius)
    return float(np.mean(found)) if found else None
