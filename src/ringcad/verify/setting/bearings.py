"""Surfaces that touch a stone, found by where they lie and how they look, and the cones through their vertices."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.setting.fits import ConeFit, fit_cone
from ringcad.verify.setting.frames import SeatFrame, StoneProfile

Array = NDArray[Any]
Kind = Literal["pavilion", "girdle", "crown"]

NEAR_MM = 0.3
"""Metal farther than this from the stone's surface is no seat, however it looks."""
NOTCH_DEPTH = 0.14
"""How far below the girdle a notch's bearing reaches at most, as a share of the stone's radius: a quarter of a common
prong ends at 0.09, and the rails below, which must not bear, begin at 0.2 (catalogue heads: 0.48 mm under 4 mm)."""
TURN_DEG = 14.0
"""How far a bearing's flank may be turned against the stone's and still be taken for it: less than half the angle
between the crown's and the pavilion's neighbours in the seat, more than three times the tilt that is refused."""


def bearing_faces(
    mesh: TriangleMesh, frame: SeatFrame, stone: StoneProfile, kind: Kind, azimuths_rad: Array | None = None
) -> Array:
    """Indices of the triangles that face one zone of the stone from close by.

    ``azimuths_rad`` keeps those within a degree of one of these azimuths (where prongs stand).
    """
    reach = stone.radius_mm + NEAR_MM
    offset = mesh.centers - frame.origin
    height = offset @ frame.axis
    low, high = {
        "pavilion": (
            -(0.6 * stone.pavilion_depth_mm if azimuths_rad is None else NOTCH_DEPTH * stone.radius_mm),
            0.5 * NEAR_MM,
        ),
        "girdle": (-0.5 * NEAR_MM, stone.girdle_mm + 0.5 * NEAR_MM),
        "crown": (stone.girdle_mm - 0.5 * NEAR_MM, stone.table_mm),
    }[kind]
    near = np.flatnonzero((height > low) & (height < high) & (np.einsum("ij,ij->i", offset, offset) < 4.0 * reach**2))
    if not len(near):
        return near
    radius, azimuth, height = frame.to_local(mesh.centers[near])
    outward = frame.directions(azimuth)
    normal = mesh.normals[near]
    across = np.einsum("ij,ij->i", normal, outward)
    along = normal @ frame.axis
    flank = math.radians({"pavilion": stone.pavilion_angle_deg, "girdle": 90.0, "crown": -stone.crown_angle_deg}[kind])
    # Metal that bears a flank looks at it: towards the axis, and up under a pavilion, down over a crown.
    wanted = (-math.sin(abs(flank)), math.copysign(math.cos(flank), flank) if kind != "girdle" else 0.0)
    facing = across * wanted[0] + along * wanted[1] > math.cos(math.radians(TURN_DEG))
    if kind == "girdle":
        off = np.abs(radius - stone.radius_mm)
    elif kind == "pavilion":
        off = np.abs(radius - stone.radius_mm - height / math.tan(flank)) * math.sin(flank)
    else:
        slope = math.tan(abs(flank))
        off = np.abs(radius - stone.radius_mm + (height - stone.girdle_mm) / slope) * math.sin(abs(flank))
    kept = facing & (off < NEAR_MM)
    if azimuths_rad is not None:
        apart = np.full(len(near), -1.0)
        apart[kept] = np.cos(azimuth[kept, None] - azimuths_rad).max(axis=1, initial=-1.0)
        kept &= apart > math.cos(math.radians(1.0))
    return np.asarray(near[kept])


def fit_bearing(
    mesh: TriangleMesh, frame: SeatFrame, stone: StoneProfile, kind: Kind, azimuths_rad: Array | None = None
) -> ConeFit | None:
    """Cone (cylinder for the girdle) through the vertices of a bearing; ``None`` where there is too little of it."""
    faces = bearing_faces(mesh, frame, stone, kind, azimuths_rad)
    if not len(faces):
        return None
    points = mesh.vertices[np.unique(mesh.faces[faces])]
    return fit_cone(points, frame.origin, frame.axis, cylinder=kind == "girdle")
