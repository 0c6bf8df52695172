"""Whole arrays out of the kernel: its binary writer into memory, read by numpy (a call per number is 20 times dearer).

The format is that of ``BinTools``, version 4: a text line before each section, then plain numbers.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OCP.BinTools import BinTools, BinTools_FormatVersion
from OCP.BRep import BRep_Builder
from OCP.BRepLib import BRepLib_ToolTriangulatedShape
from OCP.TopoDS import TopoDS_Edge, TopoDS_Face, TopoDS_Shape

from ringcad.core.errors import KernelFault

Array = NDArray[np.float64]

_BSPLINE_SURFACE = 9
_BSPLINE_CURVE = 7
_KNOT = np.dtype([("value", "<f8"), ("count", "<i4")])


@dataclass(frozen=True)
class Triangulated:
    """Triangles of one face in its own frame: points (n, 3) mm, triangles (m, 3) from zero, unit normals (n, 3)."""

    points: Array
    triangles: NDArray[np.int64]
    normals: Array


@dataclass(frozen=True)
class Geometry:
    """A curve or surface as numbers.

    Attributes
    ----------
    kind : the kernel's own number of the type, with the flags, degrees and counts of a B-spline
    numbers : places, directions, sizes; or poles (with weights, if any), row by row
    knots : one entry per direction of a B-spline, each knot as often as it counts
    """

    kind: tuple[int, ...]
    numbers: Array
    knots: tuple[Array, ...] = ()


def triangulated(face: TopoDS_Face, triangulation: Any) -> Triangulated:
    """The arrays of a face's triangulation, with the normals of its surface."""
    BRepLib_ToolTriangulatedShape.ComputeNormals_s(face, triangulation)
    bare = TopoDS_Face()
    builder = BRep_Builder()
    builder.MakeFace(bare, triangulation)
    builder.NaturalRestriction(bare, True)  # or the writer leaves the normals out
    data = _section(bare, b"Triangulations 1\n", triangles=True)
    nodes, count = (int(n) for n in np.frombuffer(data, "<i4", 2))
    has_uv, has_normals = data[8], data[9]
    if not has_normals:
        raise KernelFault("the kernel has no normals for a face")
    at = 10 + 8
    points = np.frombuffer(data, "<f8", 3 * nodes, at).reshape(-1, 3)
    at += 24 * nodes + (16 * nodes if has_uv else 0)
    triangles = np.frombuffer(data, "<i4", 3 * count, at).reshape(-1, 3).astype(np.int64) - 1
    normals = np.frombuffer(data, "<f4", 3 * nodes, at + 12 * count).reshape(-1, 3).astype(np.float64)
    return Triangulated(points, triangles, normals)


def surface_numbers(surface: Any) -> Geometry:
    """A surface of the kernel as numbers."""
    bare = TopoDS_Face()
    BRep_Builder().MakeFace(bare, surface, 1e-7)
    data = _section(bare, b"Surfaces 1\n")
    data = data[: data.rindex(b"Triangulations 0\n")]
    return _spline(data, 2) if data[0] == _BSPLINE_SURFACE else _plain(data)


def curve_numbers(curve: Any) -> Geometry:
    """A space curve of the kernel as numbers."""
    bare = TopoDS_Edge()
    BRep_Builder().MakeEdge(bare, curve, 1e-7)
    data = _section(bare, b"Curves 1\n")
    data = data[: data.rindex(b"Polygon3D 0\n")]
    return _spline(data, 1) if data[0] == _BSPLINE_CURVE else _plain(data)


def _plain(data: bytes) -> Geometry:
    """Elementary curves and surfaces: a byte and their numbers; others byte by byte."""
    if len(data) % 8 == 1:
        return Geometry((data[0],), np.frombuffer(data, "<f8", offset=1))
    return Geometry(tuple(data), np.zeros(0))


def _spline(data: bytes, directions: int) -> Geometry:
    """A B-spline curve (one direction) or surface (two)."""
    flags = 2 * directions
    head = 1 + flags + 2 * directions
    sizes = np.frombuffer(data, "<i4", 2 * directions, head)
    poles, counts = int(np.prod(sizes[:directions])), sizes[directions:]
    at = head + 8 * directions
    width = 4 if any(data[1 : 1 + directions]) else 3
    numbers = np.frombuffer(data, "<f8", width * poles, at)
    at += 8 * width * poles
    knots = []
    for count in counts:
        rows = np.frombuffer(data, _KNOT, int(count), at)
        knots.append(np.repeat(rows["value"], rows["count"]))
        at += _KNOT.itemsize * int(count)
    return Geometry((*data[:head], *map(int, sizes)), numbers, tuple(knots))


def _section(shape: TopoDS_Shape, header: bytes, triangles: bool = False) -> bytes:
    """What the kernel's binary writer puts after ``header``."""
    stream = io.BytesIO()
    version = BinTools_FormatVersion.BinTools_FormatVersion_VERSION_4
    BinTools.Write_s(shape, stream, triangles, triangles, version)
    data = stream.getvalue()
    return data[data.index(header) + len(header) :]
