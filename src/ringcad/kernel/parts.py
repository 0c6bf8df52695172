"""Solids from plain numbers: bodies of revolution, round limbs with caps, prisms, facets."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeFace,
    BRepBuilderAPI_MakePolygon,
    BRepBuilderAPI_MakeSolid,
    BRepBuilderAPI_MakeWire,
    BRepBuilderAPI_Sewing,
)
from OCP.BRepLib import BRepLib
from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism, BRepPrimAPI_MakeRevol
from OCP.GC import GC_MakeArcOfCircle
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Edge, TopoDS_Face, TopoDS_Solid, TopoDS_Wire

from ringcad.core.errors import KernelFault
from ringcad.core.tolerances import TOLERANCES
from ringcad.fit import spline
from ringcad.kernel.surfaces import CAP, NamedShape, faces_of, surface

Array = NDArray[np.float64]
Point = tuple[float, float, float]


def frame(axis: Array) -> tuple[Array, Array, Array]:
    """Right-handed frame (side, other, axis) of unit vectors; side is as horizontal as it can be."""
    axis = axis / np.linalg.norm(axis)
    helper = np.array([0.0, 1.0, 0.0]) if abs(axis[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    side = np.cross(helper, axis)
    side /= np.linalg.norm(side)
    return side, np.cross(axis, side), axis


def revolve(
    profile: list[tuple[float, float]], origin: Array, axis: Array, name: str, quarter: bool = False
) -> NamedShape:
    """Body of revolution of a closed polygon of (radius, height) about ``axis`` through ``origin``.

    ``quarter`` turns it from +x to +y only, about +z; the two plane ends are named :data:`CAP`.
    """
    side, direction = _sides(axis, quarter)
    points = [origin + r * side + h * direction for r, h in profile]
    polygon = BRepBuilderAPI_MakePolygon()
    for p in points:
        polygon.Add(gp_Pnt(*map(float, p)))
    polygon.Close()
    return _turned(polygon.Wire(), origin, direction, name, quarter)


def revolve_curves(
    curves: list[list[tuple[float, float]]], origin: Array, axis: Array, name: str, quarter: bool = False
) -> NamedShape:
    """As :func:`revolve`, of lines (two points) and arcs through three that follow each other and close."""
    side, direction = _sides(axis, quarter)
    wire = BRepBuilderAPI_MakeWire()
    for curve in curves:
        wire.Add(edge([gp_Pnt(*map(float, origin + r * side + h * direction)) for r, h in curve]))
    if not wire.IsDone():
        raise KernelFault(f"the section of {name} does not close")
    return _turned(wire.Wire(), origin, direction, name, quarter)


def _sides(axis: Array, quarter: bool) -> tuple[Array, Array]:
    side, _, direction = frame(axis)
    return (np.array([1.0, 0.0, 0.0]) if quarter else side), direction


def _turned(wire: TopoDS_Wire, origin: Array, direction: Array, name: str, quarter: bool) -> NamedShape:
    face = BRepBuilderAPI_MakeFace(wire, True).Face()
    about = gp_Ax1(gp_Pnt(*map(float, origin)), gp_Dir(*map(float, direction)))
    if not quarter:
        solid = _outward(_first_solid(BRepPrimAPI_MakeRevol(face, about).Shape()))
        return NamedShape(solid, (name,) * len(faces_of(solid)))
    revolution = BRepPrimAPI_MakeRevol(face, about, 0.5 * math.pi)
    solid = _outward(_first_solid(revolution.Shape()))
    ends = (revolution.FirstShape(), revolution.LastShape())
    return NamedShape(solid, tuple(CAP if any(f.IsSame(end) for end in ends) else name for f in faces_of(solid)))


def edge(points: list[gp_Pnt]) -> TopoDS_Edge:
    """A straight edge between two points, or an arc through three."""
    if len(points) == 2:
        return BRepBuilderAPI_MakeEdge(points[0], points[1]).Edge()
    return BRepBuilderAPI_MakeEdge(GC_MakeArcOfCircle(*points).Value()).Edge()


def _first_solid(shape: object) -> TopoDS_Solid:
    explorer = TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_SOLID)
    return TopoDS.Solid_s(explorer.Current())


def _outward(solid: TopoDS_Solid) -> TopoDS_Solid:
    BRepLib.OrientClosedSolid_s(solid)
    return solid


def round_limb(centres: Array, radii: Array, name: str, around: int = 12) -> NamedShape:
    """Open limb of circular section: a B-spline net round a spine, closed by plane caps.

    ``centres`` (n, 3) and ``radii`` (n,) are given at the Greville sites of the limb's knots; the
    section stands square to the spine. Caps lie in the end sections.
    """
    count = len(centres)
    knots = spline.clamped_knots(count)
    tangent = np.gradient(centres, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    # rotation-minimising enough for spines in one plane: the binormal of that plane is constant
    normal_of_plane = np.cross(tangent[0], tangent[-1])
    if np.linalg.norm(normal_of_plane) < 1e-9:
        normal_of_plane = frame(tangent[0])[0]
    binormal = normal_of_plane / np.linalg.norm(normal_of_plane)
    normal = np.cross(binormal, tangent)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    angle = 2.0 * math.pi * np.arange(around) / around
    ring = radii[:, None, None] * (
        np.cos(angle)[None, :, None] * normal[:, None, :] + np.sin(angle)[None, :, None] * binormal[None, None, :]
    )
    grid = centres[:, None, :] + ring
    net = spline.interpolate_periodic(np.swapaxes(grid, 0, 1))  # (around, n, 3)
    net = spline.interpolate_clamped(net, knots)
    # thirds, since sewing confuses two half circles that share both ends
    third = around // 3
    window, knots_around = spline.periodic_window(third)
    faces = []
    step = TOLERANCES.pole_grid_mm
    for start in (1, 1 + third, 1 + 2 * third):  # no edge in the plane of the spine, where a limb may be halved
        index = (np.arange(start - 1, start + third + 2)) % around
        poles = np.einsum("ab,bkc->akc", window, net[index])
        poles = np.round(poles / step) * step
        faces.append(BRepBuilderAPI_MakeFace(surface(poles, knots_around, knots), 1e-7).Face())
    sewing = BRepBuilderAPI_Sewing(TOLERANCES.sew_mm)
    for face in faces:
        sewing.Add(face)
    for wire in _cap_wires(faces, centres):
        sewing.Add(BRepBuilderAPI_MakeFace(wire, True).Face())
    sewing.Perform()
    if sewing.NbFreeEdges():
        raise KernelFault(f"the limb {name} does not close")
    shell = TopoDS.Shell_s(TopExp_Explorer(sewing.SewedShape(), TopAbs_ShapeEnum.TopAbs_SHELL).Current())
    solid = _outward(BRepBuilderAPI_MakeSolid(shell).Solid())
    return NamedShape(solid, (name,) * len(faces_of(solid)))


def _cap_wires(faces: list[TopoDS_Face], centres: Array) -> list[TopoDS_Wire]:
    """The two end loops of a round limb, made of the end edges of its faces."""
    ends = [BRepBuilderAPI_MakeWire(), BRepBuilderAPI_MakeWire()]
    for face in faces:
        explorer = TopExp_Explorer(face, TopAbs_ShapeEnum.TopAbs_EDGE)
        while explorer.More():
            edge = TopoDS.Edge_s(explorer.Current())
            explorer.Next()
            curve = BRepAdaptor_Curve(edge)
            first, last = curve.FirstParameter(), curve.LastParameter()
            points = np.array([[v.X(), v.Y(), v.Z()] for v in map(curve.Value, (first, 0.5 * (first + last), last))])
            for end, (centre, inward) in enumerate(((centres[0], centres[1]), (centres[-1], centres[-2]))):
                axis = (inward - centre) / np.linalg.norm(inward - centre)
                if np.all(np.abs((points - centre) @ axis) < 1e-4):
                    ends[end].Add(edge)
    if not all(end.IsDone() and end.Wire().Closed() for end in ends):
        raise KernelFault("the end of a limb has no closed loop")
    return [end.Wire() for end in ends]


def prism(curves: list[list[tuple[float, float]]], half_width: float, name: str) -> NamedShape:
    """Prism along y, from -``half_width`` to ``half_width``, over a closed outline in xz.

    Each curve is two points (a straight edge) or three (an arc through the middle one); they follow
    each other head to tail and close.
    """
    wire = BRepBuilderAPI_MakeWire()
    for curve in curves:
        wire.Add(edge([gp_Pnt(x, -half_width, z) for x, z in curve]))
    if not wire.IsDone():
        raise KernelFault(f"the outline of {name} does not close")
    face = BRepBuilderAPI_MakeFace(wire.Wire(), True).Face()
    solid = _outward(_first_solid(BRepPrimAPI_MakePrism(face, gp_Vec(0.0, 2.0 * half_width, 0.0)).Shape()))
    return NamedShape(solid, (name,) * len(faces_of(solid)))


def extruded(curves: list[list[Array]], way: Array, name: str) -> NamedShape:
    """Prism over a closed plane outline anywhere: curves of two points (straight) or three (an arc)."""
    wire = BRepBuilderAPI_MakeWire()
    for curve in curves:
        wire.Add(edge([gp_Pnt(*map(float, point)) for point in curve]))
    if not wire.IsDone():
        raise KernelFault(f"the outline of {name} does not close")
    face = BRepBuilderAPI_MakeFace(wire.Wire(), True).Face()
    solid = _outward(_first_solid(BRepPrimAPI_MakePrism(face, gp_Vec(*map(float, way))).Shape()))
    return NamedShape(solid, (name,) * len(faces_of(solid)))


def polyhedron(polygons: list[Array], name: str) -> NamedShape:
    """Solid from plane polygons, each (k, 3)."""
    sewing = BRepBuilderAPI_Sewing(1e-6)
    for points in polygons:
        maker = BRepBuilderAPI_MakePolygon()
        for p in points:
            maker.Add(gp_Pnt(*map(float, p)))
        maker.Close()
        sewing.Add(BRepBuilderAPI_MakeFace(maker.Wire(), True).Face())
    sewing.Perform()
    if sewing.NbFreeEdges():
        raise KernelFault(f"the facets of {name} do not close")
    shell = TopoDS.Shell_s(TopExp_Explorer(sewing.SewedShape(), TopAbs_ShapeEnum.TopAbs_SHELL).Current())
    solid = _outward(BRepBuilderAPI_MakeSolid(shell).Solid())
    return NamedShape(solid, (name,) * len(faces_of(solid)))
