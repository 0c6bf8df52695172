"""Hoops along tangent arcs and lines: a section carried round a quarter, and the whole by mirrors."""

from __future__ import annotations

import math

from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakePolygon
from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism, BRepPrimAPI_MakeRevol
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Vec
from OCP.TopoDS import TopoDS_Face, TopoDS_Wire

from ringcad.kernel.limb import joined, mirrored, without_caps
from ringcad.kernel.surfaces import CAP, NamedShape, faces_of, sew_solid
from ringcad.stones.hoops import is_half
from ringcad.stones.outline import Arc, Segment

Profile = list[tuple[float, float]]


def hoop(profile: Profile, path: tuple[Segment, ...], name: str, quarter: bool = False) -> NamedShape:
    """Body of a section carried along a quarter path from +x to +y, and its mirror images about x = 0 and y = 0.

    A path may also be the half from -y to +y; then the mirror image about x = 0 alone is added.

    Parameters
    ----------
    profile : closed polygon of (distance outside the path, height), mm
    path : arcs about upright axes and lines, tangent to each other, that leave +x and reach +y square to it
    quarter : the path's own part alone, its plane ends named :data:`CAP`
    """
    groups: dict[str, list[TopoDS_Face]] = {name: [], CAP: []}
    for segment in path:
        wire = _section(profile, segment, 0.0)
        if isinstance(segment, Arc):
            about = gp_Ax1(gp_Pnt(segment.centre[0], segment.centre[1], 0.0), gp_Dir(0.0, 0.0, 1.0))
            groups[name] += faces_of(BRepPrimAPI_MakeRevol(wire, about, segment.sweep_rad).Shape())
        else:
            (x0, y0), (x1, y1) = segment.start, segment.end
            groups[name] += faces_of(BRepPrimAPI_MakePrism(wire, gp_Vec(x1 - x0, y1 - y0, 0.0)).Shape())
    for segment, share in ((path[0], 0.0), (path[-1], 1.0)):
        groups[CAP].append(BRepBuilderAPI_MakeFace(_section(profile, segment, share), True).Face())
    first = sew_solid(groups)
    if quarter:
        return first
    bare = without_caps(first)
    if is_half(path):
        return joined([bare, mirrored(bare, 0, {})], {})
    across = mirrored(bare, 1, {})
    return joined([bare, across, mirrored(bare, 0, {}), mirrored(across, 0, {})], {})


def _section(profile: Profile, segment: Segment, share: float) -> TopoDS_Wire:
    """The section square to a segment."""
    (x, y), (tx, ty) = segment.point(share), segment.tangent(share)
    length = math.hypot(tx, ty)
    polygon = BRepBuilderAPI_MakePolygon()
    for out, z in profile:
        polygon.Add(gp_Pnt(x + out * ty / length, y - out * tx / length, z))
    polygon.Close()
    return polygon.Wire()
