"""A round cabochon in a bezel: its base on a flat ledge, the wall round its rim, the lip laid over its dome."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.closing import ClosedLip, close_lip, laid_over
from ringcad.verify.setting.fits import ConeFit
from ringcad.verify.setting.flush import (
    ANGLES,
    AROUND,
    RIM_AT_MM,
    STEP_MM,
    FlushSetting,
    blocked_above,
    drilled_wall,
    facing_metal,
    heights_round,
    nearby,
    opening_range,
    thick_round,
)
from ringcad.verify.setting.frames import DomeProfile, SeatFrame, seat_frame
from ringcad.verify.setting.prongs import interference
from ringcad.verify.setting.ruled import CLOSING, SHARE_UNCERTAINTY, Place, SettingRule
from ringcad.verify.setting.scan import scan_round

Array = NDArray[Any]

_LEVEL_DEG = 8.0
"""Metal that looks up within this is a ledge, or a floor below it."""
_SAME_LEDGE_MM = 0.08
"""What lies so far under the highest of it is the same ledge, tilted."""
_BEARS_MM = 0.03
_LEAST_POINTS = 12


@dataclass(frozen=True)
class FlatBearing(ConeFit):
    """A flat ledge: ``axis`` is its plane's normal, ``cone_deg`` by how much it slopes towards the stone's axis."""

    cone_deg: float = 0.0

    @property
    def flank_deg(self) -> float:
        """Slope from the plane square to the axis, positive where it falls inward."""
        return self.cone_deg


def measure_cabochon(
    caster: RayCaster,
    stone: DomeProfile,
    ledge_mm: float,
    wall_at: Callable[[Array], Array],
) -> FlushSetting | None:
    """The seat on the head's axis; ``ledge_mm`` is how wide the ledge was ordered. ``None`` without an opening."""
    rough = seat_frame(np.zeros(3), np.array([0.0, 0.0, 1.0]))
    mesh = nearby(caster.mesh, rough, 1.8 * stone.radius_mm)
    opening = drilled_wall(mesh, rough, stone.radius_mm, 0.9, 1.3)
    if opening is None:
        return None
    frame = seat_frame(opening.origin, opening.axis)
    bearing = flat_bearing(mesh, frame, 0.7 * stone.radius_mm, opening.radius_mm + 0.01)
    if bearing is not None:
        frame = seat_frame(bearing.origin, frame.axis)
    rims = heights_round(caster, frame, opening.radius_mm + RIM_AT_MM)
    around = 2.0 * np.pi * np.arange(AROUND) / AROUND
    there = wall_at(around)
    rims = np.where(there, rims, np.nan)
    # from just over the ledge: rays in its plane say nothing
    scan = scan_round(caster, frame, 2.0 * STEP_MM, stone.table_mm, STEP_MM, ANGLES)
    beside = wall_at(scan.azimuth_rad)
    cut_in = stone.radius_mm - opening.radius_mm
    depth, place = interference(scan, frame, stone)
    low, high = opening_range(scan, stone, rims, beside)
    standing = np.nan_to_num(rims - stone.girdle_mm, nan=0.0)
    thick = thick_round(scan, stone.girdle_mm + 0.5 * np.maximum(standing, 0.0))
    lips = [
        close_lip(float(height), float(wall), cut_in, stone, folded=True)
        for height, wall in zip(standing, thick, strict=True)
    ]
    ledge = heights_round(caster, frame, stone.radius_mm - 0.5 * ledge_mm, above_mm=0.5 * stone.girdle_mm)
    bears = np.abs(ledge) < _BEARS_MM
    resting = (stone.radius_mm - 0.5 * ledge_mm) * np.stack([np.cos(around), np.sin(around)], axis=1)
    under = np.concatenate([resting, np.where(bears, ledge, 0.0)[:, None]], axis=1)[bears]
    seen = facing_metal(scan, stone)
    cast = np.concatenate([seen, under])
    below = np.concatenate([seen[seen[:, 2] <= stone.girdle_mm], under])
    laid = laid_over(stone, around[::3], np.array([lip.contact for lip in lips])[::3] * there[::3])
    return FlushSetting(
        frame=frame,
        opening=opening,
        bearing=bearing,
        pilot=drilled_wall(mesh, frame, stone.radius_mm, 0.1, 0.78),
        cut_in_mm=cut_in,
        contact_share=float(bears.mean()),
        opening_low_mm=low,
        opening_high_mm=high,
        lips=tuple(lip for lip, kept in zip(lips, there, strict=True) if kept),
        standing_mm=standing[there],
        lip_walls_mm=thick[there],
        walls_mm=thick_round(scan, np.full(AROUND, 0.5 * stone.girdle_mm))[there],
        stone=stone,
        cast_metal=cast,
        closed_metal=np.concatenate([below, laid]),
        blocked_mm=blocked_above(caster, frame, stone),
        table_depth_mm=float(np.nanmedian(rims)) - stone.table_mm if np.isfinite(rims).any() else math.nan,
        interference_mm=depth,
        interference_place_mm=place,
    )


def flat_bearing(mesh: TriangleMesh, frame: SeatFrame, low_mm: float, high_mm: float) -> FlatBearing | None:
    """Plane and slope of the highest level metal between two radii about an axis; ``None`` where there is none."""
    radius, _, height = frame.to_local(mesh.centers)
    up = mesh.normals @ frame.axis > math.cos(math.radians(_LEVEL_DEG))
    chosen = up & (radius > low_mm) & (radius < high_mm) & (mesh.areas > 0.0)
    if not chosen.any():
        return None
    chosen &= height > float(height[chosen].max()) - _SAME_LEDGE_MM
    points = mesh.vertices[np.unique(mesh.faces[chosen])]
    radius, azimuth, height = frame.to_local(points)
    kept = (radius > low_mm - 0.1) & (radius < high_mm + 0.05)
    points, radius, azimuth, height = points[kept], radius[kept], azimuth[kept], height[kept]
    if len(points) < _LEAST_POINTS:
        return None
    middle = float(radius.mean())
    x, y = radius * np.cos(azimuth), radius * np.sin(azimuth)
    terms = np.stack([np.ones_like(x), x, y, radius - middle], axis=1)
    found = np.linalg.lstsq(terms, height, rcond=None)[0]
    off = height - terms @ found
    normal = frame.axis - found[1] * frame.across - found[2] * frame.along
    return FlatBearing(
        origin=frame.origin + found[0] * frame.axis,
        axis=normal / np.linalg.norm(normal),
        slope=math.inf,
        radius_mm=middle,
        residual_mm=float(np.sqrt(np.mean(off**2))),
        worst_mm=float(np.abs(off).max()),
        points=len(points),
        spread_deg=360.0,
        cone_deg=math.degrees(math.atan(float(found[3]))),
    )


class DomeLips(Protocol):
    """Lips that are laid on a dome, by place round it."""

    @property
    def lips(self) -> tuple[ClosedLip, ...]: ...
    @property
    def least_lip(self) -> ClosedLip: ...
    @property
    def standing_mm(self) -> Array: ...


def dome_lip_rules(found: DomeLips, place: Place, rim_mm: float, summit_mm: float) -> Iterator[SettingRule]:
    """The lip laid on the dome: how far up it ends where least, and that it leaves the dome to be seen."""
    least, highest = found.least_lip, max(found.lips, key=lambda lip: lip.contact)
    standing = (float(found.standing_mm.max()) + rim_mm) / summit_mm
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, "center: lip", "height on the dome that the lip reaches, where least", "as_set",
        least.contact, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.DOME_LIP_SOURCE,
        f"laid over, the lip ends at {100 * least.contact:.0f} % of the cabochon's height where it is least",
        "bezel.lip_height_mm", low=limits.DOME_LIP_MIN, before=0.0,
    )  # fmt: skip
    yield SettingRule(
        FindingCode.PRONG_HEIGHT, "center: lip's top", "finished lip, share of the cabochon's height", "as_set",
        highest.contact, "%", place, CLOSING, SHARE_UNCERTAINTY, limits.DOME_LIP_SOURCE,
        f"the lip ends at {100 * highest.contact:.0f} % of the cabochon's height: it hides the stone",
        "bezel.lip_height_mm", high=limits.DOME_LIP_MAX, before=standing,
    )  # fmt: skip
