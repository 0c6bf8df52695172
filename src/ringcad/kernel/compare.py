"""Whether two solids are one and the same, face by face: what a file must bring back.

Compared are, for faces in the order of the solids: the name; the surface with all its numbers and its outward
side; the loops, edge by edge in their direction, with end points, curves with all their numbers and places on
them; and which faces share which edge. This is far sharper than a volume: it sees one pole
that moved by a micrometre, a face on the wrong side, and two faces that trade their names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.Geom import (
    Geom_BSplineCurve,
    Geom_ConicalSurface,
    Geom_CylindricalSurface,
    Geom_ElementarySurface,
    Geom_Plane,
)
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Edge, TopoDS_Face
from OCP.TopTools import TopTools_IndexedMapOfShape

from ringcad.kernel.bulk import Geometry, curve_numbers, surface_numbers
from ringcad.kernel.surfaces import NamedShape, faces_of

Array = NDArray[np.float64]

#: Coordinates, sizes and directions may differ by this: a STEP file holds 13 digits, so 5e-12 for a length of 10 mm.
SAME_MM = 1e-9

#: Places on a curve may differ by this: the file holds no parameters, readers find an edge's ends on
#: its curve again, within the precision of confusion.
SAME_PLACE_MM = 1e-6

#: Where on an edge: with both ends, five points fix a line or a conic, and which part of it is meant.
_SHARES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Comparison:
    """How two solids differ.

    Attributes
    ----------
    names_apart : faces whose name differs, or that only one of the solids has
    faces_apart : faces whose surface or boundary differs, or that only one has
    open_edges : edges of the second solid that are not the border of two faces, once in each direction
    largest_mm : largest difference of any two numbers that were taken for the same (mm, or of a unit vector)
    """

    names_apart: int
    faces_apart: int
    open_edges: int
    largest_mm: float

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.names_apart or self.faces_apart or self.open_edges)


@dataclass(frozen=True)
class _Edge:
    """One edge in its own direction: end points and places between them (5, 3), and its curve if that is a spline."""

    places: Array
    spline: Geometry | None


@dataclass(frozen=True)
class _Face:
    """A face: type and numbers of its surface, and its border.

    ``border`` lists ``(edge, forward, loop)``; ``forward`` is the edge's direction with the metal on the left.
    """

    kind: tuple[Any, ...]
    numbers: Array
    border: tuple[tuple[int, bool, int], ...]


class _Structure:
    """Faces and edges of a solid."""

    def __init__(self, shape: NamedShape) -> None:
        numbers = TopTools_IndexedMapOfShape()
        self.names = shape.names
        self.faces: list[_Face] = []
        self.edges: dict[int, _Edge] = {}
        for face in faces_of(shape.shape):
            border = []
            for loop, wire in enumerate(_parts(face, TopAbs_ShapeEnum.TopAbs_WIRE)):
                for part in _parts(wire, TopAbs_ShapeEnum.TopAbs_EDGE):
                    edge = TopoDS.Edge_s(part)
                    if BRep_Tool.Degenerated_s(edge):  # a point; files leave it out
                        continue
                    number = numbers.Add(edge)
                    if number not in self.edges:
                        self.edges[number] = _edge(edge)
                    border.append((number, edge.Orientation() == TopAbs_Orientation.TopAbs_FORWARD, loop))
            self.faces.append(_Face(*_surface(face), tuple(border)))


def _parts(shape: Any, kind: TopAbs_ShapeEnum) -> list[Any]:
    found = []
    explorer = TopExp_Explorer(shape, kind)
    while explorer.More():
        found.append(explorer.Current())
        explorer.Next()
    return found


def _edge(edge: TopoDS_Edge) -> _Edge:
    forward = TopoDS.Edge_s(edge.Oriented(TopAbs_Orientation.TopAbs_FORWARD))
    adaptor = BRepAdaptor_Curve(forward)
    start, end = adaptor.FirstParameter(), adaptor.LastParameter()
    first, last = (BRep_Tool.Pnt_s(vertex(forward)) for vertex in (TopExp.FirstVertex_s, TopExp.LastVertex_s))
    inner = [adaptor.Value(start + share * (end - start)) for share in _SHARES]
    places = np.array([(place.X(), place.Y(), place.Z()) for place in (first, *inner, last)])
    curve = BRep_Tool.Curve_s(forward, 0.0, 1.0)
    return _Edge(places, curve_numbers(curve) if isinstance(curve, Geom_BSplineCurve) else None)


def _surface(face: TopoDS_Face) -> tuple[tuple[Any, ...], Array]:
    """Type and numbers of a face's surface; they include its outward side and nothing that is a mere choice.

    A file knows right-handed frames alone, so that a mirrored plane, cylinder or cone comes back with another
    frame, and with its side turned to match: their numbers here do not depend on the frame.
    """
    surface = BRep_Tool.Surface_s(face)
    outward = 1.0 if face.Orientation() == TopAbs_Orientation.TopAbs_FORWARD else -1.0
    if not isinstance(surface, Geom_Plane | Geom_CylindricalSurface | Geom_ConicalSurface):
        numbers = surface_numbers(surface)
        return (*numbers.kind, outward, len(numbers.numbers)), np.concatenate([numbers.numbers, *numbers.knots])
    return (type(surface).__name__,), _elementary(surface, outward)


def _elementary(surface: Geom_ElementarySurface, outward: float) -> Array:
    position = surface.Position()
    outward *= 1.0 if position.Direct() else -1.0
    place, direction = position.Location(), position.Direction()
    origin = np.array([place.X(), place.Y(), place.Z()])
    axis = np.array([direction.X(), direction.Y(), direction.Z()])
    if isinstance(surface, Geom_Plane):
        return np.array([*(outward * axis), outward * float(axis @ origin)])
    if isinstance(surface, Geom_ConicalSurface):
        angle = surface.SemiAngle()
        apex = surface.Apex()
        return np.array([apex.X(), apex.Y(), apex.Z(), *(np.sign(angle) * axis), abs(angle), outward])
    assert isinstance(surface, Geom_CylindricalSurface)
    foot = origin - (axis @ origin) * axis
    upward = np.sign(axis[np.argmax(np.abs(axis).round(6))])
    return np.array([*foot, *(upward * axis), surface.Radius(), outward])


def compare_solids(wanted: NamedShape, found: NamedShape) -> Comparison:
    """Compare ``found`` (read from a file, say) with ``wanted``."""
    first, second = _Structure(wanted), _Structure(found)
    missing = abs(len(first.faces) - len(second.faces))
    names_apart = missing + sum(a != b for a, b in zip(first.names, second.names, strict=False))
    partner: dict[int, tuple[int, bool]] = {}
    taken: dict[int, int] = {}
    largest, faces_apart = 0.0, missing
    for one, other in zip(first.faces, second.faces, strict=False):
        off = _surfaces_off(one, other)
        pairs = _pairs(first, one, second, other) if off <= SAME_MM else None
        if pairs is None:
            faces_apart += 1
            continue
        largest = max(largest, off)
        same = True
        for (a, ahead_a, _), (b, ahead_b, _) in pairs:
            if a not in partner and b not in taken:
                turned = ahead_a != ahead_b
                spline_off = _splines_off(first.edges[a].spline, second.edges[b].spline, turned)
                same &= spline_off <= SAME_MM
                largest = max(largest, spline_off if same else 0.0)
                partner[a], taken[b] = (b, turned), a
            same &= partner.get(a) == (b, ahead_a != ahead_b)
        faces_apart += not same
    uses = Counter((number, ahead) for face in second.faces for number, ahead, _ in face.border)
    closed = sum(uses[(number, True)] == 1 == uses[(number, False)] for number in second.edges)
    return Comparison(names_apart, faces_apart, len(second.edges) - closed, largest)


def _surfaces_off(one: _Face, other: _Face) -> float:
    """Largest difference of two surfaces' numbers; infinite when they are of different kinds."""
    if one.kind != other.kind or one.numbers.shape != other.numbers.shape:
        return float("inf")
    return float(np.abs(one.numbers - other.numbers).max(initial=0.0))


def _splines_off(one: Geometry | None, other: Geometry | None, turned: bool) -> float:
    """Largest difference of two spline curves' numbers, one of which may run the other way; 0 for two conics."""
    if one is None or other is None:
        return 0.0 if one is other else float("inf")
    if one.kind != other.kind:
        return float("inf")
    width = 4 if one.kind[1] else 3
    poles, knots = other.numbers.reshape(-1, width), other.knots[0]
    if turned:
        poles, knots = poles[::-1], (knots[0] + knots[-1] - knots)[::-1]
    return max(float(np.abs(one.numbers - poles.ravel()).max()), float(np.abs(one.knots[0] - knots).max()))


_Use = tuple[int, bool, int]


def _pairs(first: _Structure, one: _Face, second: _Structure, other: _Face) -> list[tuple[_Use, _Use]] | None:
    """The uses of edges around two faces, matched by where they run; ``None`` when they do not match one to one."""
    if len(one.border) != len(other.border):
        return None
    here, there = (
        np.array([structure.edges[number].places[:: 1 if ahead else -1] for number, ahead, _ in face.border])
        for structure, face in ((first, one), (second, other))
    )
    if not len(here):
        return []
    apart = np.abs(here[:, None] - there[None]).max(axis=3)
    close = (apart[..., [0, -1]].max(axis=2) <= SAME_MM) & (apart.max(axis=2) <= SAME_PLACE_MM)
    if np.any(close.sum(axis=0) != 1) or np.any(close.sum(axis=1) != 1):
        return None
    pairs = [(use, other.border[int(row)]) for use, row in zip(one.border, close.argmax(axis=1), strict=True)]
    loops = {(a[2], b[2]) for a, b in pairs}
    if len(loops) != len({a for a, _ in loops}) or len(loops) != len({b for _, b in loops}):
        return None
    return pairs
