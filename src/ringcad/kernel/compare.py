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
    Geom_BSplineSurface,
    Geom_Circle,
    Geom_ConicalSurface,
    Geom_CylindricalSurface,
    Geom_ElementarySurface,
    Geom_Ellipse,
    Geom_Hyperbola,
    Geom_Line,
    Geom_Plane,
    Geom_SphericalSurface,
    Geom_ToroidalSurface,
)
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Edge, TopoDS_Face
from OCP.TopTools import TopTools_IndexedMapOfShape

from ringcad.kernel.bulk import spline_curve, spline_surface
from ringcad.kernel.surfaces import NamedShape, faces_of

Array = NDArray[np.float64]

#: Coordinates, sizes and directions may differ by this: a STEP file holds 13 digits, so 5e-12 for a length of 10 mm.
SAME_MM = 1e-9

#: Places on a curve may differ by this, or by four times the tolerance of the edge's ends: a file holds no
#: parameters, readers find the ends on the curve again, and they lie beside it by up to their tolerance.
SAME_PLACE_MM = 1e-6

#: From this size on, numbers may differ by a share of theirs: some hyperbolas of cones are large.
_LARGE_MM = 100.0

#: Where on an edge: enough to tell which part of a curve is meant, and in which direction.
_SHARES = (0.25, 0.5, 0.75)


_Row = tuple[float, float, float]
_ORIGIN: _Row = (0.0, 0.0, 0.0)


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
    """One edge in its own direction.

    ``places`` (5, 3): both ends and places between them; ``slack_mm``: how far the latter may be off; ``kind`` and
    ``numbers`` of its curve, ``knots`` if that is a spline.
    """

    places: Array
    slack_mm: float
    kind: tuple[Any, ...]
    numbers: Array
    knots: Array | None


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
    ends = [vertex(forward) for vertex in (TopExp.FirstVertex_s, TopExp.LastVertex_s)]
    first, last = map(BRep_Tool.Pnt_s, ends)
    inner = [adaptor.Value(start + share * (end - start)) for share in _SHARES]
    # a file keeps no parameters: the ends are looked up anew within their vertices' tolerance, and where a spline runs
    # faster than at its end the places between move by more (twice the tolerance and a little was seen)
    slack = max(SAME_PLACE_MM, *(4.0 * BRep_Tool.Tolerance_s(vertex) for vertex in ends))
    curve = BRep_Tool.Curve_s(forward, 0.0, 1.0)
    places = np.array([_row(place) for place in (first, *inner, last)])
    if isinstance(curve, Geom_BSplineCurve):
        if curve.IsPeriodic():  # a file's reader takes any smooth closed curve for one without beginning
            curve = curve.Copy()
            assert isinstance(curve, Geom_BSplineCurve)
            begin, finish = curve.FirstParameter(), curve.LastParameter()
            curve.SetNotPeriodic()
            curve.Segment(begin, finish)  # drops the knots of the next turn
        spline = spline_curve(curve)
        return _Edge(places, slack, spline.kind, spline.poles, spline.knots[0])
    return _Edge(places, slack, (type(curve).__name__,), _conic(curve), None)


def _row(vector: Any) -> _Row:
    """A point or direction of the kernel as numbers."""
    return vector.X(), vector.Y(), vector.Z()


def _line(origin: _Row, axis: _Row) -> list[float]:
    """A line whatever its direction and starting point: its point nearest to the world's origin, its projector."""
    x, y, z = axis
    along = _dot(origin, axis)
    foot = [place - along * part for place, part in zip(origin, axis, strict=True)]
    return [*foot, x * x, y * y, z * z, x * y, y * z, z * x]


def _dot(one: _Row, other: _Row) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _conic(curve: Any) -> Array:
    """What fixes a line or a conic whatever its direction; of other curves nothing but places is compared."""
    if isinstance(curve, Geom_Line):
        position = curve.Position()
        return np.array(_line(_row(position.Location()), _row(position.Direction())))
    if not isinstance(curve, Geom_Circle | Geom_Ellipse | Geom_Hyperbola):
        return np.zeros(0)
    position = curve.Position()
    numbers = [*_row(position.Location()), *_line(_ORIGIN, _row(position.Direction()))]
    if isinstance(curve, Geom_Circle):
        return np.array([*numbers, curve.Radius()])
    across = _line(_ORIGIN, _row(position.XDirection()))
    return np.array([*numbers, *across, curve.MajorRadius(), curve.MinorRadius()])


def _surface(face: TopoDS_Face) -> tuple[tuple[Any, ...], Array]:
    """Type and numbers of a face's surface; they include its outward side and nothing that is a mere choice.

    A file knows right-handed frames alone, so that a mirrored plane, cylinder or cone comes back with another
    frame, and with its side turned to match: their numbers here do not depend on the frame. Of kinds that
    no template uses (swept surfaces, say) only the border is compared.
    """
    surface = BRep_Tool.Surface_s(face)
    outward = 1.0 if face.Orientation() == TopAbs_Orientation.TopAbs_FORWARD else -1.0
    if isinstance(surface, Geom_BSplineSurface):
        spline = spline_surface(surface)
        return (*spline.kind, outward), np.concatenate([spline.poles.ravel(), *spline.knots])
    if isinstance(surface, Geom_ElementarySurface):
        return (type(surface).__name__,), _elementary(surface, outward)
    return ("other",), np.zeros(0)


def _elementary(surface: Geom_ElementarySurface, outward: float) -> Array:
    position = surface.Position()
    outward *= 1.0 if position.Direct() else -1.0
    origin, axis = _row(position.Location()), _row(position.Direction())
    if isinstance(surface, Geom_Plane):
        return outward * np.array([*axis, _dot(axis, origin)])
    if isinstance(surface, Geom_SphericalSurface):
        return np.array([*origin, surface.Radius(), outward])
    if isinstance(surface, Geom_ToroidalSurface):
        turn = _line(_ORIGIN, axis)
        return np.array([*origin, *turn, surface.MajorRadius(), surface.MinorRadius(), outward])
    around = _line(origin, axis)
    if isinstance(surface, Geom_CylindricalSurface):
        return np.array([*around, surface.Radius(), outward])
    assert isinstance(surface, Geom_ConicalSurface)
    slope = float(np.tan(surface.SemiAngle()))
    # the radius where the axis is nearest to the origin: an apex would be far away on a slim cone
    opening = [slope * part for part in axis]
    return np.array([*around, *opening, surface.RefRadius() - slope * _dot(axis, origin), outward])


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
                curve_off = _curves_off(first.edges[a], second.edges[b], turned)
                same &= curve_off <= SAME_MM
                largest = max(largest, curve_off if same else 0.0)
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
    return _off(one.numbers, other.numbers)


def _off(one: Array, other: Array) -> float:
    """Largest difference of two rows of numbers."""
    size = np.maximum(1.0, np.abs(one) / _LARGE_MM)
    return float((np.abs(one - other) / size).max(initial=0.0))


def _curves_off(one: _Edge, other: _Edge, turned: bool) -> float:
    """Largest difference of two curves' numbers, one of which may run the other way (``turned``)."""
    if one.kind != other.kind or one.numbers.shape != other.numbers.shape:
        return float("inf")
    numbers, knots_off = other.numbers, 0.0
    if one.knots is not None and other.knots is not None:
        knots = other.knots
        if turned:
            numbers = numbers[::-1]
            knots = (knots[0] + knots[-1] - knots)[::-1]
        knots_off = _off(one.knots, knots)
    return max(knots_off, _off(one.numbers, numbers))


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
    slack = np.array([first.edges[number].slack_mm for number, _, _ in one.border])
    close = (apart[..., [0, -1]].max(axis=2) <= SAME_MM) & (apart.max(axis=2) <= slack[:, None])
    if np.any(close.sum(axis=0) != 1) or np.any(close.sum(axis=1) != 1):
        return None
    pairs = [(use, other.border[int(row)]) for use, row in zip(one.border, close.argmax(axis=1), strict=True)]
    loops = {(a[2], b[2]) for a, b in pairs}
    if len(loops) != len({a for a, _ in loops}) or len(loops) != len({b for _, b in loops}):
        return None
    return pairs
