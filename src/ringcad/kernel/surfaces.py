"""Nets of coefficients to B-rep: every tile is its own exact B-spline surface, sewn to one solid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeSolid, BRepBuilderAPI_Sewing
from OCP.BRepLib import BRepLib
from OCP.Geom import Geom_BSplineSurface
from OCP.gp import gp_Pnt
from OCP.TColgp import TColgp_Array2OfPnt
from OCP.TColStd import TColStd_Array1OfInteger, TColStd_Array1OfReal
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Face, TopoDS_Shape, TopoDS_Solid

from ringcad.core.errors import KernelFault
from ringcad.core.tolerances import TOLERANCES
from ringcad.fit import spline

Array = NDArray[np.float64]

#: Name of the plane faces that close a part where it will be joined to another; they vanish in the join.
CAP = "cap"


@dataclass(frozen=True)
class NamedShape:
    """A shape and the names of its faces, in the order of :func:`faces_of`."""

    shape: TopoDS_Shape
    names: tuple[str, ...]


def faces_of(shape: TopoDS_Shape) -> list[TopoDS_Face]:
    """All faces in the kernel's own order."""
    found = []
    explorer = TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_FACE)
    while explorer.More():
        found.append(TopoDS.Face_s(explorer.Current()))
        explorer.Next()
    return found


def solids_of(shape: TopoDS_Shape) -> list[TopoDS_Solid]:
    """All solids in the kernel's own order."""
    found = []
    explorer = TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_SOLID)
    while explorer.More():
        found.append(TopoDS.Solid_s(explorer.Current()))
        explorer.Next()
    return found


def _knot_arrays(knots: Array) -> tuple[TColStd_Array1OfReal, TColStd_Array1OfInteger]:
    values, counts = np.unique(knots, return_counts=True)
    reals = TColStd_Array1OfReal(1, len(values))
    multiplicities = TColStd_Array1OfInteger(1, len(values))
    for i, (value, count) in enumerate(zip(values, counts, strict=True), start=1):
        reals.SetValue(i, float(value))
        multiplicities.SetValue(i, int(count))
    return reals, multiplicities


def surface(poles: Array, knots_u: Array, knots_v: Array) -> Geom_BSplineSurface:
    """A clamped bicubic surface from coefficients (n, m, 3)."""
    rows, columns = poles.shape[:2]
    array = TColgp_Array2OfPnt(1, rows, 1, columns)
    flat = poles.tolist()
    for i in range(rows):
        row = flat[i]
        for j in range(columns):
            x, y, z = row[j]
            array.SetValue(i + 1, j + 1, gp_Pnt(x, y, z))
    u, mu = _knot_arrays(knots_u)
    v, mv = _knot_arrays(knots_v)
    return Geom_BSplineSurface(array, u, v, mu, mv, 3, 3, False, False)


def tile_coefficients(
    net: Array, knots_v: Array, stations: Sequence[int], across: Sequence[float]
) -> list[list[tuple[Array, Array, Array]]]:
    """Split a net (periodic along axis 0, clamped along axis 1) into exact clamped tiles.

    ``stations`` are the knots along the limb where tiles meet, ascending (beyond the net's size they go
    round), ``across`` the parameters over the width. Returns ``tiles[i][j] = (poles, knots_u, knots_v)``.
    Neighbours share their boundary poles.
    """
    count = net.shape[0]
    pieces = [spline.segment_matrix(knots_v, a, b) for a, b in pairwise(across)]
    grid = TOLERANCES.pole_grid_mm
    tiles = []
    for first, last in pairwise(stations):
        window, knots_u = spline.periodic_window(last - first)
        strip = np.einsum("ab,bkc->akc", window, net[np.arange(first - 1, last + 2) % count])
        row = []
        for matrix, start, fresh in pieces:
            part = np.einsum("jk,akc->ajc", matrix, strip[:, start : start + matrix.shape[1]])
            row.append((np.round(part / grid) * grid, knots_u, fresh))
        tiles.append(row)
    return tiles


def tile_faces(net: Array, knots_v: Array, stations: Sequence[int], across: Sequence[float]) -> list[TopoDS_Face]:
    """Faces of the tiles of :func:`tile_coefficients`, row by row."""
    rows = tile_coefficients(net, knots_v, stations, across)
    return [
        BRepBuilderAPI_MakeFace(surface(poles, knots_u, knots), 1e-7).Face()
        for row in rows
        for poles, knots_u, knots in row
    ]


def sew_solid(groups: dict[str, list[TopoDS_Face]]) -> NamedShape:
    """Sew faces to one closed solid, outward; face names follow the groups."""
    sewing = BRepBuilderAPI_Sewing(TOLERANCES.sew_mm)
    for faces in groups.values():
        for face in faces:
            sewing.Add(face)
    sewing.Perform()
    if sewing.NbFreeEdges() or sewing.NbMultipleEdges():
        raise KernelFault(
            f"the limb's walls do not close: {sewing.NbFreeEdges()} open, {sewing.NbMultipleEdges()} multiple edges"
        )
    # feet that meet can enclose a void: its shell is left out, which fills it with metal
    explorer = TopExp_Explorer(sewing.SewedShape(), TopAbs_ShapeEnum.TopAbs_SHELL)
    shells = []
    while explorer.More():
        shells.append(TopoDS.Shell_s(explorer.Current()))
        explorer.Next()
    solid = BRepBuilderAPI_MakeSolid(max(shells, key=lambda shell: len(faces_of(shell)))).Solid()
    BRepLib.OrientClosedSolid_s(solid)
    sewn, origin = [], []
    for name, faces in groups.items():
        for face in faces:
            sewn.append(TopoDS.Face_s(sewing.ModifiedSubShape(face)))
            origin.append(name)
    index = ShapeIndex(sewn)
    return NamedShape(solid, tuple(origin[index.find(face)] for face in faces_of(solid)))


class ShapeIndex:
    """Find a shape among others by identity (same TShape and place), whatever its orientation."""

    def __init__(self, shapes: list[TopoDS_Face]) -> None:
        from OCP.TopTools import TopTools_IndexedMapOfShape

        self._map = TopTools_IndexedMapOfShape()
        self._first: dict[int, int] = {}
        for position, shape in enumerate(shapes):
            self._first.setdefault(self._map.Add(shape), position)

    def find(self, shape: TopoDS_Shape) -> int:
        """Position of ``shape`` or -1."""
        return self._first.get(self._map.FindIndex(shape), -1)
