"""Bezels of a resolved ring as plain numbers; others import them from :mod:`ringcad.resolved`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WallBand(_Frozen):
    """The decorated stretch of a wall's outside, a closed chart round the stone.

    Of a bezel between the calm lip, which the setter moves, and the calm foot, which ends in the shank; of a halo's rim
    between its edges.
    """

    low_z_mm: float
    high_z_mm: float
    section_mm: tuple[tuple[float, float], ...]
    """Points (radius, z) of the plain outside from the upper end to the lower one."""

    @property
    def height_mm(self) -> float:
        """Between its ends, along the head's axis."""
        return self.high_z_mm - self.low_z_mm


class Bezel(_Frozen):
    """A wall of metal round a stone on the +z axis; its lip is laid over the girdle. Lengths in mm.

    Outside, from the top: a collar that narrows by ``taper_deg`` down to ``collar_bottom_z_mm``, then a cup down to its
    foot. Inside: the opening, the bearing ledge along the pavilion, a relief cone at ``relief_deg`` from level down to
    the floor, a hole for light through the floor to the finger.

    Radii round a stone that is not round are half widths where it is narrowest; lines beside its girdle are its own,
    a share of them moved out along their normals (:mod:`ringcad.stones.girdles`).
    """

    coverage: Literal["full", "half"]
    wall_thickness_mm: float
    """Beside the girdle's lower edge, outside of the opening."""
    lip_height_mm: float
    """Of the metal above the girdle's upper edge, as cast."""
    lip_thickness_mm: float
    """Half way up the lip, as cast."""
    taper_deg: float
    edge_radius_mm: float
    """Of the lip's outer top edge."""
    girdle_clearance_mm: float
    """Radial play between girdle and opening."""
    ledge_mm: float
    """Width of the bearing under the girdle, measured radially."""
    relief_deg: float
    collar_bottom_z_mm: float
    foot_radius_mm: float
    foot_z_mm: float
    floor_z_mm: float
    """Upper side of the floor."""
    light_radius_mm: float
    light_radius_bore_mm: float
    """The hole widens to this at the finger."""
    light_share: float = 0.0
    """Of the girdle's own form in the hole's and the foot's: 0 for circles, 1 for lines parallel to the girdle."""
    light_half_length_mm: float = 0.0
    """Of the hole along the finger, where ``light_radius_mm`` is across it; 0 for a round one."""
    seat_width_mm: float
    """Least width of the shank under the bezel."""
    open_deg: float
    """Azimuth that each open side of a half bezel takes, about +y and -y; 0 for a full one."""
    girdle_z_mm: float
    """Of the girdle's lower edge (where the pavilion starts)."""
    culet_z_mm: float
    table_z_mm: float
    top_z_mm: float
    height_above_finger_mm: float
    """Table above the top of the bore."""
    governed_by: Literal[
        "culet_clearance", "pavilion_over_floor", "collar_over_shank", "wall_relief", "height_above_finger_mm"
    ]
    governing_heights_mm: dict[str, float]
    """Table height that each of the candidates asks for."""
    culet_clearance_mm: float
    """Culet to bore."""
    band: WallBand | None = None
    """Where the wall is decorated."""
