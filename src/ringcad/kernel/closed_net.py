"""Decorated surfaces that close round an axis (a bezel's wall): the gap left for them, and their faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.TopoDS import TopoDS_Face

from ringcad.fit import spline
from ringcad.fit.limb import even_cuts
from ringcad.fit.skin import TILE_STATIONS
from ringcad.kernel.surfaces import CAP, NamedShape, faces_of, tile_faces
from ringcad.stones.hoops import distance_to_path

Array = NDArray[np.float64]


def open_between(body: NamedShape, low_z_mm: float, high_z_mm: float, outside: Array | None = None) -> NamedShape:
    """The body whose faces between two heights are named :data:`~ringcad.kernel.surfaces.CAP`: they make way.

    ``outside`` keeps all but those outside a closed polyline (n, 2).
    """

    def makes_way(face: TopoDS_Face) -> bool:
        x, y, z = _middle(face)
        if not low_z_mm < z < high_z_mm:
            return False
        return outside is None or float(distance_to_path(np.array([[x, y]]), outside)[0]) > 0.0

    names = [CAP if makes_way(face) else name for face, name in zip(faces_of(body.shape), body.names, strict=True)]
    return NamedShape(body.shape, tuple(names))


def _middle(face: TopoDS_Face) -> tuple[float, float, float]:
    surface = BRepAdaptor_Surface(face)
    u = 0.5 * (surface.FirstUParameter() + surface.LastUParameter())
    v = 0.5 * (surface.FirstVParameter() + surface.LastVParameter())
    point = surface.Value(u, v)
    return point.X(), point.Y(), point.Z()


def closed_faces(net: Array, quarters: int = 4) -> list[TopoDS_Face]:
    """Faces of a net (n, k, 3) that is periodic along its first axis, in tiles that meet at every quarter turn."""
    knots = spline.clamped_knots(net.shape[1])
    stations: list[int] = []
    quarter = len(net) // quarters
    for k in range(quarters):
        stations += even_cuts(k * quarter, (k + 1) * quarter, TILE_STATIONS)[:-1]
    return tile_faces(net, knots, [*stations, len(net)], [0.0, float(knots[-1])])
