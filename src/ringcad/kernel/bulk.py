"""Whole arrays out of the kernel: its binary writer into memory, read by numpy (a call per number is 20 times dearer).

The format is that of ``BinTools``, version 4: a text line before each section, then plain numbers.
"""

from __future__ import annotations

import io
import math
import struct
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

_KNOT = np.dtype([("value", "<f8"), ("count", "<i4")])


@dataclass(frozen=True)
class Triangulated:
    """Triangles of one face in its own frame: points (n, 3) mm, triangles (m, 3) from zero, unit normals (n, 3)."""

    points: Array
    triangles: NDArray[np.int64]
    normals: Array


@dataclass(frozen=True)
class Spline:
    """A B-spline curve or surface as numbers.

    Attributes
    ----------
    kind : flags (rational, periodic), degrees, numbers of poles and of knots, per direction
    poles : (n, 3), or (n, 4) with weights, mm, row by row
    knots : one entry per direction, each knot as often as it counts
    """

    kind: tuple[int, ...]
    poles: Array
    knots: tuple[Array, ...]

    @property
    def plain(self) -> bool:
        """Neither rational nor periodic."""
        return not any(self.kind[: 2 * len(self.knots)])


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


def spline_surface(surface: Any) -> Spline:
    """The numbers of a ``Geom_BSplineSurface``."""
    bare = TopoDS_Face()
    BRep_Builder().MakeFace(bare, surface, 1e-7)
    return _spline(_section(bare, b"Surfaces 1\n"), 2)


def spline_curve(curve: Any) -> Spline:
    """The numbers of a ``Geom_BSplineCurve``."""
    bare = TopoDS_Edge()
    BRep_Builder().MakeEdge(bare, curve, 1e-7)
    return _spline(_section(bare, b"Curves 1\n"), 1)


def _spline(data: bytes, directions: int) -> Spline:
    """Type, flags (rational, periodic), degrees, numbers of poles and knots; then poles; then knots and counts."""
    kind = struct.unpack_from(f"<{2 * directions}?{directions}h{2 * directions}i", data, 1)
    poles, counts = math.prod(kind[-2 * directions : -directions]), kind[-directions:]
    at = 1 + 2 * directions + 2 * directions + 8 * directions
    width = 4 if any(kind[:directions]) else 3
    numbers = np.frombuffer(data, "<f8", width * poles, at).reshape(-1, width)
    at += 8 * width * poles
    knots = []
    for count in counts:
        rows = np.frombuffer(data, _KNOT, count, at)
        knots.append(np.repeat(rows["value"], rows["count"]))
        at += _KNOT.itemsize * count
    return Spline(tuple(map(int, kind)), numbers, tuple(knots))


def _section(shape: TopoDS_Shape, header: bytes, triangles: bool = False) -> bytes:
    """What the kernel's binary writer puts after ``header``."""
    stream = io.BytesIO()
    version = BinTools_FormatVersion.BinTools_FormatVersion_VERSION_4
    BinTools.Write_s(shape, stream, triangles, triangles, version)
    data = stream.getvalue()
    return data[data.index(header) + len(header) :]
