"""Heads beside the center's, measured as any head is: the mesh is turned into each head's own frame.

What is found there is told in the ring: places are put back, names and fields are the side head's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.resolved import HeadedRing, ResolvedRing, SideHead, headed
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.frames import SeatFrame, StoneProfile, seat_frame, stone_profile
from ringcad.verify.setting.prong_rules import prong_rules
from ringcad.verify.setting.prongs import ProngSetting, measure_prongs
from ringcad.verify.setting.ruled import SettingRule
from ringcad.verify.sites import SiteWall, limit_head, prong_walls, radial, rail_wall, thinnest

Array = NDArray[Any]
Point = tuple[float, float, float]

_FIELD = re.compile(r"^(?:head|gallery)\b")
#: Half the size of the patch of bore that is looked at under a side stone, mm.
_UNDER_MM, _UNDER_SHARE = 1.0, 0.3


@dataclass(frozen=True)
class SideView:
    """One side head in its own frame.

    Attributes
    ----------
    frame : where it lies in the ring
    ring : the head as that of a ring of its own
    mesh : the whole ring's mesh, in the frame
    """

    frame: SideHead
    ring: HeadedRing
    mesh: TriangleMesh

    @property
    def name(self) -> str:
        """Of its stone."""
        return f"side_{self.frame.id}"

    @cached_property
    def caster(self) -> RayCaster:
        """Rays on the mesh in the frame."""
        return RayCaster(self.mesh)

    @cached_property
    def stone(self) -> StoneProfile:
        """Profile of its stone."""
        stone = self.ring.stone
        assert stone.cut == "round", "side stones are round"
        return stone_profile(stone)

    @cached_property
    def setting(self) -> ProngSetting:
        """The stone between its prongs."""
        upright = seat_frame(np.array([0.0, 0.0, self.ring.head.girdle_z_mm]), np.array([0.0, 0.0, 1.0]))
        return measure_prongs(self.caster, upright, self.stone)

    def to_ring(self, point: Array | Point) -> Array:
        """Points (..., 3) of the frame in the ring."""
        return np.asarray(np.asarray(point) @ _axes(self.frame) + np.array(self.frame.origin_mm))

    def place(self, point: Point) -> Point:
        """A place of the frame in the ring."""
        x, y, z = (float(value) for value in self.to_ring(point))
        return x, y, z

    def seat(self) -> SeatFrame | None:
        """Where the stone will rest by its bearing, in the ring; ``None`` where none was found."""
        cone = self.setting.pavilion
        if cone is None:
            return None
        rest = cone.origin + cone.height_of_radius(self.stone.radius_mm) * cone.axis
        return seat_frame(self.to_ring(rest), cone.axis @ _axes(self.frame))


def _axes(frame: SideHead) -> Array:
    """Rows: x, y and z of a side head's frame."""
    along, axis = np.array(frame.along), np.array(frame.axis)
    return np.stack([along, np.cross(axis, along), axis])


def side_views(mesh: TriangleMesh, resolved: ResolvedRing) -> list[SideView]:
    """Both side heads of a ring; none where it has none."""
    ring = headed(resolved)
    alone = None if ring is None else ring.side_ring
    if alone is None or resolved.sides is None:
        return []
    found = []
    for frame in resolved.sides.frames:
        local = (mesh.vertices - np.array(frame.origin_mm)) @ _axes(frame).T
        found.append(SideView(frame, alone, TriangleMesh(vertices=local, faces=mesh.faces)))
    return found


def side_rules(view: SideView) -> list[SettingRule]:
    """Every rule of a side stone in its prongs."""
    words = f"{view.frame.id} side"
    found = []
    for rule in prong_rules(view.setting, view.stone, view.ring):
        field = f"sides.{rule.field}" if rule.field.startswith("stone") else _FIELD.sub("sides", rule.field)
        message = rule.message.replace("center stone", f"{words} stone")
        if "stone" not in message:
            message = f"{words} stone: {message}"
        found.append(
            replace(
                rule,
                subject=rule.subject.replace("center", view.name, 1),
                message=message,
                field=field,
                place_mm=view.place(rule.place_mm),
            )
        )
    return found


def side_sites(mesh: TriangleMesh, caster: RayCaster, resolved: ResolvedRing) -> list[SiteWall]:
    """Rails and prongs of both side heads, and the metal under their stones."""
    found: list[SiteWall] = []
    for view in side_views(mesh, resolved):
        local = [rail_wall(view.caster, view.ring, rail) for rail in view.ring.gallery.rails]
        local += prong_walls(view.caster, view.ring)
        for site in local:
            kind, _, which = site.site.partition(":")
            found.append(replace(site, site=f"{kind}:{view.name}_{which}", place_mm=view.place(site.place_mm)))
        found.append(_under_side(caster, resolved, view))
    return found


def _under_side(caster: RayCaster, resolved: ResolvedRing, view: SideView) -> SiteWall:
    """Metal between the bore and what lies over it under a side stone."""
    bore, shank = resolved.bore_radius_mm, resolved.shank
    x, _, z = view.to_ring((0.0, 0.0, view.ring.head.culet_z_mm))
    across = np.linspace(-1.0, 1.0, 17) * min(_UNDER_MM, _UNDER_SHARE * min(shank.width_top_mm, shank.head_width))
    phi, y = (v.ravel() for v in np.meshgrid(np.arctan2(x, z) + across / bore, across, indexing="ij"))
    way = radial(phi)
    origin = way * (0.5 * bore) + np.stack([0.0 * y, y, 0.0 * y], axis=1)
    surface, face = caster.first_hit(origin, way)
    met = face >= 0
    start = origin[met] + surface[met, None] * way[met]
    length, _ = caster.thickness(start, way[met])
    length = np.where(np.isfinite(length), length, 0.0)
    return thinnest(f"under_side:{view.frame.id}", start, way[met], length, resolved.foundry.wall_min_mm)


def with_side_limits(resolved: ResolvedRing, points: Array, limit: Array) -> Array:
    """Wall limits (k,) at points (k, 3) of the ring, those of side rails and prongs written over others."""
    ring = headed(resolved)
    alone = None if ring is None else ring.side_ring
    if alone is None or resolved.sides is None:
        return limit
    for frame in resolved.sides.frames:
        limit_head(limit, alone, (points - np.array(frame.origin_mm)) @ _axes(frame).T)
    return limit
