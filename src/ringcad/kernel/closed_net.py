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

Array = NDArray[np.float64]


def open_between(body: NamedShape, low_z_mm: float, high_z_mm: float) -> NamedShape:
    """The body whose faces between two heights are named :data:`~ringcad.kernel.surfaces.CAP`: they make way."""
    names = [
        CAP if low_z_mm < _middle_z(face) < high_z_mm else name
        for face, name in zip(faces_of(body.shape), body.names, strict=True)
    ]
    return NamedShape(body.shape, tuple(names))


def _middle_z(face: TopoDS_Face) -> float:
    surface = BRepAdaptor_Surface(face)
    u = 0.5 * (surface.FirstUParameter() + surface.LastUParameter())
    v = 0.5 * (surface.FirstVParameter() + surface.LastVParameter())
    return float(surface.Value(u, v).Z())


def closed_faces(net: Array, quarters: int = 4) -> list[TopoDS_Face]:
    """Faces of a net (n, k, 3) that is periodic along its first axis, in tiles that meet at every quarter turn."""
    knots = spline.clamped_knots(net.shape[1])
    stations: list[int] = []
    quarter = len(net) // quarters
    for k in range(quarters):
        stations += even_cuts(k * quarter, (k + 1) * quarter, TILE_STATIONS)[:-1]
    return tile_faces(net, knots, [*stations, len(net)], [0.0, float(knots[-1])])
