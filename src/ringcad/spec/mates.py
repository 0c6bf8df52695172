"""How a head from a file meets the ring: what its maker declares, in millimetres of the file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ringcad.spec.base import SpecModel
from ringcad.spec.values import Degrees, Millimetres, Number

Place = tuple[Millimetres, Millimetres, Millimetres]
Way = tuple[Number, Number, Number]


class MatesSpec(SpecModel):
    """Where a head of a file stands and what holds its stone.

    ``origin_mm``, ``axis`` and ``along`` are in the file's own frame: the point that comes to lie on the crown of the
    shank, the way from there to the stone's table, and the way that comes to lie along the shank. Heights count from
    the origin along the axis; ``girdle_mm`` is that of the girdle's lower edge. ``prongs_deg`` are the prongs' azimuths
    about the axis from ``along``. ``thickness_mm`` is of a prong, or of a bezel's wall, beside the girdle, and
    ``over_girdle_mm`` how far it stands above ``girdle_mm``.
    """

    origin_mm: Place = (0.0, 0.0, 0.0)
    axis: Way = (0.0, 0.0, 1.0)
    along: Way = (1.0, 0.0, 0.0)
    base_diameter_mm: Annotated[Millimetres, Field(gt=0, le=20)]
    girdle_mm: Annotated[Millimetres, Field(gt=0, le=25)]
    held_by: Literal["prongs", "bezel", "bench"]
    prongs_deg: Annotated[tuple[Degrees, ...], Field(min_length=2, max_length=12)] | None = None
    thickness_mm: Annotated[Millimetres, Field(gt=0, le=5)] | None = None
    over_girdle_mm: Annotated[Millimetres, Field(gt=0, le=10)] | None = None
