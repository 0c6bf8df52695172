"""Bodies of closed lines beside a smooth girdle, stacked by height: a bezel round an oval stone, and what is cut in it.

A line is (share, out, z): so much of the girdle, moved out along its normals, at a height. A strip between lines is one
spline surface to each piece of the girdle; strips share their border coefficients.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeFace,
    BRepBuilderAPI_MakeWire,
    BRepBuilderAPI_Sewing,
)
from OCP.gp import gp_Dir, gp_Pln, gp_Pnt
from OCP.TopoDS import TopoDS_Edge, TopoDS_Face
from OCP.TopTools import TopTools_ListOfShape

from ringcad.core.errors import KernelFault
from ringcad.core.tolerances import TOLERANCES
from ringcad.fit import spline
from ringcad.fit.limb import even_cuts
from ringcad.fit.skin import TILE_STATIONS
from ringcad.kernel.surfaces import CAP, NamedShape, sew_solid, surface, tile_faces
from ringcad.stones.girdles import Girdle

Array = NDArray[np.float64]

#: Coefficients to a radian of a piece's normals, and the least of them: lines are off by less than 1e-6 mm.
_PER_RADIAN, _LEAST = 20.0, 9
_QUARTER = 0.5 * math.pi
#: Edges whose points lie so near to a plane lie in it, mm.
_PLANE_MM = 1e-6


def _pieces(girdle: Girdle, quarter: bool) -> list[tuple[float, float]]:
    """Normals between which each piece runs, counter-clockwise; no whole body has a seam in the planes x, y = 0."""
    inner = [turn for turn in girdle.joints_rad if 1e-6 < turn < _QUARTER - 1e-6]
    if quarter:
        return list(pairwise([0.0, *(inner or [0.5 * _QUARTER]), _QUARTER]))
    cuts = inner or [0.5 * _QUARTER]
    around = sorted(k * math.pi + side * turn for k in (0, 1, 2) for side in (-1.0, 1.0) for turn in cuts)
    once = [turn for turn in around if around[0] - 1e-9 <= turn <= around[0] + math.tau + 1e-9]
    return list(pairwise(once))


def _poles(girdle: Girdle, first: float, last: float) -> tuple[Array, Array, Array]:
    """Coefficients (k, 2) of the girdle and (k, 2) of its normals over one piece, and their knots."""
    knots = spline.clamped_knots(max(math.ceil((last - first) * _PER_RADIAN) + 3, _LEAST))
    sites = spline.greville(knots)
    # within the piece, so that a joint's own arc is taken
    turn = first + (last - first) * sites / sites[-1]
    inside = np.clip(turn, first + 1e-7, last - 1e-7)
    at, out = girdle.points(inside), np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for end, row in ((first, 0), (last, -1)):
        quarters = round(end / _QUARTER)
        if abs(end - quarters * _QUARTER) < 1e-9:  # on an axis of symmetry to the last digit
            out[row] = np.round(out[row])
            at[row] = girdle.support(np.array([end]))[0] * out[row]
    both = spline.interpolate_clamped(np.concatenate([at, out], axis=1)[None], knots)[0]
    return both[:, :2], both[:, 2:], knots


def strip_faces(girdle: Girdle, strip: Array, quarter: bool) -> list[TopoDS_Face]:
    """Faces of one strip whose coefficients over the height are (k, 3) rows of (share, out, z)."""
    faces, grid = [], TOLERANCES.pole_grid_mm
    for first, last in _pieces(girdle, quarter):
        at, out, knots = _poles(girdle, first, last)
        flat = strip[None, :, :1] * at[:, None] + strip[None, :, 1:2] * out[:, None]
        poles = np.concatenate([flat, np.broadcast_to(strip[None, :, 2:], (*flat.shape[:2], 1))], axis=2)
        poles = np.round(poles / grid) * grid
        faces.append(BRepBuilderAPI_MakeFace(surface(poles, knots, spline.clamped_knots(len(strip))), 1e-7).Face())
    return faces


def ring_body(girdle: Girdle, strips: list[Array], name: str, quarter: bool = False) -> NamedShape:
    """Solid between the lowest and the highest line of strips that follow each other, closed there by planes.

    ``quarter``: its part x >= 0, y >= 0 alone; the two plane ends are named :data:`CAP`. Raises ``KernelFault`` where
    it does not close.
    """
    flanks = [face for strip in strips for face in strip_faces(girdle, strip, quarter)]
    ends = [
        [girdle.line(np.array([turn]), float(end[0]), float(end[1]))[0] for turn in (0.0, _QUARTER)]
        for end in (strips[0][0], strips[-1][-1])
    ]
    return _closed(flanks, ends, (float(strips[0][0, 2]), float(strips[-1][-1, 2])), name, quarter)


def station_body(line: Array, ways: Array, strips: list[Array], name: str, quarter: bool = False) -> NamedShape:
    """As :func:`ring_body` of lines that bend by steps or run straight: the periodic splines through stations.

    The net of a decorated wall with the same stations ends on the same splines.

    Parameters
    ----------
    line, ways : (n, 2) points and unit outward normals at even stations from +y over -x, a multiple of 4 of them,
        symmetric about both axes; a line beside them is so much of the points, moved out along the normals
    strips : rows (k, 3) of (share, out, z)
    """
    count = len(line) // 4
    at, out = spline.interpolate_periodic(line), spline.interpolate_periodic(ways)
    if quarter:
        stations = even_cuts(3 * count, 4 * count, TILE_STATIONS)
    else:  # seams off the planes of symmetry
        stations = [count // 2 + k * count for k in range(5)]
    flanks: list[TopoDS_Face] = []
    for strip in strips:
        flat = strip[None, :, :1] * at[:, None] + strip[None, :, 1:2] * out[:, None]
        net = np.concatenate([flat, np.broadcast_to(strip[None, :, 2:], (*flat.shape[:2], 1))], axis=2)
        knots = spline.clamped_knots(len(strip))
        flanks += tile_faces(net, knots, stations, [0.0, float(knots[-1])])
    first, last = strips[0][0], strips[-1][-1]
    ends = [[end[0] * line[k] + end[1] * ways[k] for k in (3 * count, 0)] for end in (first, last)]
    return _closed(flanks, ends, (float(first[2]), float(last[2])), name, quarter)


def _closed(
    flanks: list[TopoDS_Face], ends: list[list[Array]], heights: tuple[float, float], name: str, quarter: bool
) -> NamedShape:
    """Flanks closed by planes at two heights, and of a quarter by those through +x and +y, where ``ends`` (low, high)
    have the points of their border lines.
    """
    sewing = BRepBuilderAPI_Sewing(TOLERANCES.sew_mm)
    for face in flanks:
        sewing.Add(face)
    sewing.Perform()
    low, high = heights
    planes = {
        "low": gp_Pln(gp_Pnt(0.0, 0.0, low), gp_Dir(0, 0, 1)),
        "high": gp_Pln(gp_Pnt(0.0, 0.0, high), gp_Dir(0, 0, 1)),
    }
    if quarter:
        planes |= {name: gp_Pln(gp_Pnt(0, 0, 0), way) for name, way in (("x", gp_Dir(1, 0, 0)), ("y", gp_Dir(0, 1, 0)))}
    edges: dict[str, list[TopoDS_Edge]] = {place: [] for place in planes}
    for number in range(1, sewing.NbFreeEdges() + 1):
        edge = sewing.FreeEdge(number)
        place = next((place for place, plane in planes.items() if _lies_in(edge, plane)), "")
        if not place:
            raise KernelFault(f"the strips of {name} do not close")
        edges[place].append(edge)
    if quarter:
        for place, z, (on_x, on_y) in zip(("low", "high"), heights, ends, strict=True):
            for plane, (x, y) in (("y", on_x), ("x", on_y)):
                end = gp_Pnt(float(x), 0.0, z) if plane == "y" else gp_Pnt(0.0, float(y), z)
                line = BRepBuilderAPI_MakeEdge(gp_Pnt(0.0, 0.0, z), end).Edge()
                edges[place].append(line)
                edges[plane].append(line)
        axis = BRepBuilderAPI_MakeEdge(gp_Pnt(0.0, 0.0, low), gp_Pnt(0.0, 0.0, high)).Edge()
        edges["x"].append(axis)
        edges["y"].append(axis)
    groups: dict[str, list[TopoDS_Face]] = {name: flanks, CAP: []}
    for place, plane in planes.items():
        listed = TopTools_ListOfShape()
        for edge in edges[place]:
            listed.Append(edge)
        wire = BRepBuilderAPI_MakeWire()
        wire.Add(listed)
        if not wire.IsDone():
            raise KernelFault(f"an end of {name} has no closed loop")
        groups[name if place in ("low", "high") else CAP].append(
            BRepBuilderAPI_MakeFace(plane, wire.Wire(), True).Face()
        )
    return sew_solid({part: faces for part, faces in groups.items() if faces})


def _lies_in(edge: TopoDS_Edge, plane: gp_Pln) -> bool:
    curve = BRepAdaptor_Curve(edge)
    first, last = curve.FirstParameter(), curve.LastParameter()
    points = (curve.Value(first + share * (last - first)) for share in (0.0, 0.21, 0.5, 0.83, 1.0))
    return all(plane.Distance(point) < _PLANE_MM for point in points)
