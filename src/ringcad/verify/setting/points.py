"""V prongs at the points of a stone: relief, metal outside and under the point, walls on both sides of it.

And the room in a heart's cleft, where no metal belongs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode
from ringcad.resolved import HeadedRing
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting import limits
from ringcad.verify.setting.fancy_body import FancyBody, StonePoint
from ringcad.verify.setting.frames import SeatFrame
from ringcad.verify.setting.ruled import SCAN, SEAT_UNCERTAINTY_MM, Place, SettingRule

Array = NDArray[Any]

_FAN_DEG, _FAN_RISE_DEG = 40.0, 30.0
"""Half the sector beside a point, and the slope up and down, in which room is looked for."""
_CLEFT_DEG = 30.0
"""Half the sector over a cleft: the open angle between the lobes is wider than twice that."""
_LEVELS, _FAR_MM = 5, 5.0


@dataclass(frozen=True)
class PointMeasure:
    """A V prong beside its point, mm.

    Attributes
    ----------
    place_mm : the stone's point, in the seat's frame
    azimuth_deg : of its middle
    room_mm : from the girdle's edge at the point to the nearest metal
    behind_mm : metal outside the point, along its middle
    under_mm : metal under the point, along the stone's axis
    covered_mm : how far the walls reach along either side, counter-clockwise first
    """

    place_mm: tuple[float, float]
    azimuth_deg: float
    room_mm: float
    behind_mm: float
    under_mm: float
    covered_mm: tuple[float, float]


def measure_point(
    caster: RayCaster, frame: SeatFrame, body: FancyBody, point: StonePoint, covered_mm: tuple[float, float]
) -> PointMeasure:
    """Rays from the point of a stone into the metal round it."""
    x, y = point.place_mm
    middle = point.azimuth_rad
    starts, room = _room(caster, frame, body, point, _FAN_DEG)
    out = (math.cos(middle) * frame.across + math.sin(middle) * frame.along)[None]
    centre = frame.origin + x * frame.across + y * frame.along + 0.5 * body.girdle_mm * frame.axis
    return PointMeasure(
        place_mm=point.place_mm,
        azimuth_deg=math.degrees(middle),
        room_mm=room,
        behind_mm=_metal(caster, centre[None], out),
        under_mm=_metal(caster, starts[:1], -frame.axis[None]),
        covered_mm=covered_mm,
    )


def _room(
    caster: RayCaster, frame: SeatFrame, body: FancyBody, point: StonePoint, half_deg: float
) -> tuple[Array, float]:
    """Places (n, 3) on the girdle's edge at a corner, and the way from there to the nearest metal; 0 inside metal."""
    x, y = point.place_mm
    heights = np.linspace(0.0, body.girdle_mm, _LEVELS)
    starts = frame.origin + x * frame.across + y * frame.along + heights[:, None] * frame.axis
    turns = point.azimuth_rad + np.radians(np.linspace(-half_deg, half_deg, 9))
    rises = np.radians(np.linspace(-_FAN_RISE_DEG, _FAN_RISE_DEG, 5))
    flat = np.cos(turns)[:, None] * frame.across + np.sin(turns)[:, None] * frame.along
    ways = (np.cos(rises)[:, None, None] * flat + np.sin(rises)[:, None, None] * frame.axis).reshape(-1, 3)
    along = np.tile(ways, (len(starts), 1))
    room, face = caster.first_hit(np.repeat(starts, len(ways), axis=0), along)
    hit = face >= 0
    inside = hit & (np.einsum("ij,ij->i", caster.mesh.normals[np.maximum(face, 0)], along) > 0.0)
    room = np.where(inside, 0.0, np.where(hit, room, np.inf))
    return starts, float(room.min(initial=math.inf))


def measure_cleft(caster: RayCaster, frame: SeatFrame, body: FancyBody, cleft: StonePoint) -> float:
    """Room from the girdle's edge at the bottom of a cleft to the nearest metal, mm; at most :data:`_FAR_MM`."""
    return min(_room(caster, frame, body, cleft, _CLEFT_DEG)[1], _FAR_MM)


def _metal(caster: RayCaster, start: Array, way: Array) -> float:
    """Length of the first metal on a ray; 0 where there is none."""
    distance, face = caster.first_hit(start, way)
    if face[0] < 0 or float(caster.mesh.normals[face[0]] @ way[0]) > 0.0:
        return 0.0
    metal, _ = caster.thickness(start + distance[0] * way, way)
    return float(metal[0]) if math.isfinite(float(metal[0])) else 0.0


def point_rules(found: PointMeasure, name: str, resolved: HeadedRing) -> Iterator[SettingRule]:
    """What a V prong must do beyond what each of its walls does as a prong."""
    pad = resolved.head.v_prong
    assert pad is not None, "a stone with points has V prongs"
    place: Place = (*found.place_mm, resolved.head.girdle_z_mm)
    least = resolved.foundry.prong_min_mm * (1.0 - limits.PRONG_UNDERSIZE_MAX)
    where = f"the V prong at {found.azimuth_deg % 360.0:.0f} degrees"

    def rule(
        code: FindingCode, what: str, value: float, message: str, source: str, field: str,
        low: float | None = None, high: float | None = None,
    ) -> SettingRule:  # fmt: skip
        return SettingRule(
            code, f"{name}: {what}", what, "as_cast", value, "mm", place, SCAN, SEAT_UNCERTAINTY_MM, source, message,
            field, low=low, high=high,
        )  # fmt: skip

    yield rule(
        FindingCode.GIRDLE_CLEARANCE, "room beside the point", found.room_mm,
        f"the stone's point has {found.room_mm:.2f} mm of room in {where}", limits.POINT_ROOM_SOURCE, "head",
        low=limits.POINT_ROOM_MIN_MM,
    )  # fmt: skip
    for what, value in (("metal outside the point", found.behind_mm), ("metal under the point", found.under_mm)):
        yield rule(
            FindingCode.PRONG_SECTION, what, value, f"{where} has {value:.2f} mm of {what}", limits.POINT_METAL_SOURCE,
            "head.v_wall_mm", low=least,
        )  # fmt: skip
    short = min(found.covered_mm)
    yield rule(
        FindingCode.PRONG_SECTION, "wall along the side", short,
        f"{where} covers {short:.2f} mm of a side from the point, ordered {pad.length_mm:.2f}", limits.V_COVER_SOURCE,
        "head.v_length_mm", low=limits.V_COVER_MIN * pad.length_mm,
    )  # fmt: skip
    apart = abs(found.covered_mm[0] - found.covered_mm[1])
    yield rule(
        FindingCode.SEAT_POSITION, "walls alike", apart,
        f"the walls of {where} differ by {apart:.2f} mm in length", limits.PRONG_PLACE_SOURCE, "head",
        high=limits.PRONG_PLACE_MAX_MM,
    )  # fmt: skip


def cleft_rule(room_mm: float, cleft: StonePoint, resolved: HeadedRing) -> SettingRule:
    """Nothing touches the stone in its cleft."""
    return SettingRule(
        FindingCode.GIRDLE_CLEARANCE, "center: cleft", "room in the cleft", "as_cast", room_mm, "mm",
        (*cleft.place_mm, resolved.head.girdle_z_mm), SCAN, SEAT_UNCERTAINTY_MM, limits.CLEFT_ROOM_SOURCE,
        f"the stone's cleft has {room_mm:.2f} mm of room", "head", low=limits.POINT_ROOM_MIN_MM,
    )  # fmt: skip


def point_row(found: PointMeasure) -> dict[str, Any]:
    """Plain numbers of a V prong beside its point."""
    return {
        "place_mm": [round(value, 4) for value in found.place_mm],
        "azimuth_deg": round(found.azimuth_deg, 3),
        "room_mm": round(found.room_mm, 4) if math.isfinite(found.room_mm) else None,
        "behind_mm": round(found.behind_mm, 4),
        "under_mm": round(found.under_mm, 4),
        "covered_mm": [round(value, 4) for value in found.covered_mm],
    }
