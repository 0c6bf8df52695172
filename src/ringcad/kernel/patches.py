"""Faces that are whole B-spline patches, meshed without the kernel's mesher.

Most tiles of a limb come out of the booleans untouched: a rectangle of parameters, four edges along its sides.
Their surfaces are sampled on lattices (:mod:`ringcad.kernel.lattice`); neighbours share the samples of
their common edge. Where a neighbour is left to the kernel's mesher, that edge's polygon is handed to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Curve2d
from OCP.Geom import Geom_BSplineSurface
from OCP.gp import gp_Pnt
from OCP.Poly import Poly_PolygonOnTriangulation, Poly_Triangle, Poly_Triangulation
from OCP.TColStd import TColStd_Array1OfInteger, TColStd_Array1OfReal
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS, TopoDS_Compound, TopoDS_Edge, TopoDS_Face
from OCP.TopTools import TopTools_IndexedMapOfShape

from ringcad.core.tolerances import TOLERANCES
from ringcad.kernel.bulk import spline_surface
from ringcad.kernel.lattice import SIDE, Lattice, triangulate

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Width of a lattice cell over the square root of the chord, mm^(1/2): 0.6 mm at 0.01 mm, so that the finest step
#: (0.6 / SIDE) follows the chord as the sagitta of an arc does: curvatures up to 57 / mm keep it.
_CELL_MM = 6.0

#: Parameters of an edge's ends may miss the corners of its patch by this share of the range.
_CORNER_SHARE = 1e-7


@dataclass(frozen=True)
class Limits:
    """What triangles of one face have to keep: chord (mm), bend of a triangle (degrees), chord of edges' polygons."""

    chord_mm: float
    bend_deg: float
    edge_chord_mm: float


@dataclass(frozen=True)
class Side:
    """An edge along a side of a patch.

    Attributes
    ----------
    edge : its number in the solid's map of edges
    ends : numbers of its first and last vertex in the solid's map of vertices
    along : 0 when u runs along it, 1 for v
    high : whether it lies at the end of the other parameter's range
    backward : whether the edge runs against the parameter
    """

    edge: int
    ends: tuple[int, int]
    along: int
    high: bool
    backward: bool


@dataclass(frozen=True)
class Patch:
    """A face that fills the rectangle of its B-spline surface.

    ``poles`` (n, m, 3) mm, ``knots`` and ``degrees`` in u and v, ``face`` the face's position in the solid.
    """

    face: int
    shape: TopoDS_Face
    poles: Array
    knots: tuple[Array, Array]
    degrees: tuple[int, int]
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class PatchMesh:
    """Triangles of all patches and what their surroundings need.

    Attributes
    ----------
    points : (n, 3), mm
    triangles : (m, 3) into ``points``, outward
    normals : (m, 3, 3) outward, of each face's own surface
    face_index : (m,) position of the face in the solid
    edges : numbers of points along an edge, by the edge's number, in its forward direction
    parameters : those points' parameters on the edge
    corners : number of the point at a vertex, by the vertex's number
    """

    points: Array
    triangles: Index
    normals: Array
    face_index: Index
    edges: dict[int, Index]
    parameters: dict[int, Array]
    corners: dict[int, int]


def edges_of(face: TopoDS_Face) -> list[TopoDS_Edge]:
    """All edges of a face, a seam twice."""
    found: list[TopoDS_Edge] = []
    explorer = TopExp_Explorer(face, TopAbs_ShapeEnum.TopAbs_EDGE)
    while explorer.More():
        found.append(TopoDS.Edge_s(explorer.Current()))
        explorer.Next()
    return found


def find_patches(
    faces: list[TopoDS_Face], edges: TopTools_IndexedMapOfShape, corners: TopTools_IndexedMapOfShape
) -> list[Patch]:
    """The faces of a solid that are whole patches. ``edges`` and ``corners`` are the solid's maps."""
    found = []
    for position, face in enumerate(faces):
        surface = BRep_Tool.Surface_s(face)
        if not isinstance(surface, Geom_BSplineSurface) or not face.Location().IsIdentity():
            continue
        rim = edges_of(face)
        if len(rim) != 4:
            continue
        sides = [_side(edge, face, surface.Bounds(), edges, corners) for edge in rim]
        whole = [side for side in sides if side is not None]
        if len({(side.along, side.high) for side in whole}) < 4 or len({side.edge for side in whole}) < 4:
            continue
        spline = spline_surface(surface)
        if not spline.plain:
            continue
        poles = spline.poles.reshape(surface.NbUPoles(), surface.NbVPoles(), 3)
        knots = (spline.knots[0], spline.knots[1])
        degrees = (surface.UDegree(), surface.VDegree())
        found.append(Patch(position, face, poles, knots, degrees, tuple(whole)))
    return found


def _side(
    edge: TopoDS_Edge,
    face: TopoDS_Face,
    bounds: tuple[float, float, float, float],
    edges: TopTools_IndexedMapOfShape,
    corners: TopTools_IndexedMapOfShape,
) -> Side | None:
    """The edge as a side of the rectangle ``bounds`` (u, u, v, v), or ``None``."""
    if BRep_Tool.Degenerated_s(edge) or BRep_Tool.IsClosed_s(edge, face):
        return None
    curve = BRepAdaptor_Curve2d(edge, face)
    start, end = curve.FirstParameter(), curve.LastParameter()
    # its ends and a point off the middle: straight, at even pace, from corner to corner, or no side
    rows = []
    for share in (0.0, 0.25, 1.0):
        place = curve.Value(start + share * (end - start))
        u = (place.X() - bounds[0]) / (bounds[1] - bounds[0])
        v = (place.Y() - bounds[2]) / (bounds[3] - bounds[2])
        rows.append((u, v))
    along = int(abs(rows[2][1] - rows[0][1]) > 0.5)
    high = rows[0][1 - along] > 0.5
    backward = rows[0][along] > 0.5
    for row, share in zip(rows, (0.0, 0.25, 1.0), strict=True):
        wanted = 1.0 - share if backward else share
        if max(abs(row[1 - along] - high), abs(row[along] - wanted)) > _CORNER_SHARE:
            return None
    forward = TopoDS.Edge_s(edge.Oriented(TopAbs_Orientation.TopAbs_FORWARD))
    ends = (corners.FindIndex(TopExp.FirstVertex_s(forward)), corners.FindIndex(TopExp.LastVertex_s(forward)))
    return Side(edges.FindIndex(edge), ends, along, high, backward)


def mesh_patches(patches: list[Patch], limits: list[Limits], edges: TopTools_IndexedMapOfShape) -> PatchMesh:
    """Triangulate patches together; a patch whose samples do not meet its neighbours' is left out."""
    steps = _steps(patches, _CELL_MM * min((row.chord_mm for row in limits), default=1.0) ** 0.5)
    sampled = [_sample(patch, *(steps[_edge_along(patch, k)] for k in (0, 1))) for patch in patches]
    fitting = _fitting(patches, [points for points, _ in sampled], edges)
    patches = [patches[k] for k in fitting]
    sampled = [sampled[k] for k in fitting]
    limits = [limits[k] for k in fitting]
    if not patches:
        none = np.zeros((0, 3), dtype=np.int64)
        return PatchMesh(np.zeros((0, 3)), none, np.zeros((0, 3, 3)), none[:, 0], {}, {}, {})
    vertices = _Vertices()
    numbered = [vertices.number(row, patch, sampled[row][0].shape[:2]) for row, patch in enumerate(patches)]
    points = np.empty((vertices.total, 3))
    curve_chord = np.full(vertices.total, np.inf)
    cells, normals, chord, bend, owner = [], [], [], [], []
    for row, (ids, (surface, normal)) in enumerate(zip(numbered, sampled, strict=True)):
        points[ids] = surface
        position = _cell_positions(ids.shape)
        cells.append(ids.reshape(-1)[position])
        normals.append(normal.reshape(-1, 3)[position])
        chord.append(np.full(len(position), limits[row].chord_mm))
        bend.append(np.full(len(position), np.cos(np.radians(limits[row].bend_deg))))
        owner.append(np.full(len(position), row))
    for edge, rows in vertices.beside.items():
        # between two patches of a kind their triangles alone decide, as everywhere inside of them
        if len(rows) == 1 or limits[rows[0]] != limits[rows[1]]:
            curve_chord[vertices.edges[edge]] = min(limits[row].edge_chord_mm for row in rows)
    lattice = Lattice(
        np.concatenate(cells), np.concatenate(normals), points, np.concatenate(chord), np.concatenate(bend), curve_chord
    )
    triangles, cell, corner = triangulate(lattice)
    return _outward(patches, lattice, vertices, triangles, cell, corner, np.concatenate(owner))


def _outward(
    patches: list[Patch],
    lattice: Lattice,
    vertices: _Vertices,
    triangles: Index,
    cell: Index,
    corner: Index,
    owner: Index,
) -> PatchMesh:
    """Turn the triangles outward and keep only the vertices that they use."""
    normals = lattice.normals[cell[:, None], corner]
    reversed_face = [patch.shape.Orientation() == TopAbs_Orientation.TopAbs_REVERSED for patch in patches]
    turned = np.array(reversed_face, dtype=bool)[owner[cell]]
    triangles[turned] = triangles[turned, ::-1]
    normals[turned] = -normals[turned, ::-1]
    used = np.zeros(len(lattice.points), dtype=bool)
    used[triangles] = True
    number = np.cumsum(used) - 1
    edges, parameters = {}, {}
    for edge, ids in vertices.edges.items():
        kept = used[ids]
        edges[edge] = number[ids[kept]]
        parameters[edge] = np.linspace(0.0, 1.0, len(ids))[kept]
    return PatchMesh(
        lattice.points[used],
        number[triangles],
        normals,
        np.array([patch.face for patch in patches], dtype=np.int64)[owner[cell]],
        edges,
        parameters,
        {vertex: int(number[id_]) for vertex, id_ in vertices.corners.items()},
    )


class _Vertices:
    """Numbers of lattice points; patches that share an edge or a corner share its numbers."""

    def __init__(self) -> None:
        self.total = 0
        self.corners: dict[int, int] = {}
        self.edges: dict[int, Index] = {}
        self.beside: dict[int, list[int]] = {}

    def _fresh(self, count: int) -> Index:
        self.total += count
        return np.arange(self.total - count, self.total)

    def number(self, row: int, patch: Patch, shape: tuple[int, ...]) -> Index:
        """Numbers (shape) of the points of the patch in ``row``."""
        ids = np.empty(shape, dtype=np.int64)
        ids[1:-1, 1:-1] = self._fresh((shape[0] - 2) * (shape[1] - 2)).reshape(shape[0] - 2, shape[1] - 2)
        for side in patch.sides:
            for end in side.ends:
                if end not in self.corners:
                    self.corners[end] = int(self._fresh(1)[0])
            if side.edge not in self.edges:
                first, last = (self.corners[end] for end in side.ends)
                inner = self._fresh(shape[side.along] - 2)
                self.edges[side.edge] = np.concatenate([[first], inner, [last]])
            self.beside.setdefault(side.edge, []).append(row)
            along = self.edges[side.edge]
            _rim(ids, side)[:] = along[::-1] if side.backward else along
        return ids


def _rim(grid: NDArray[np.generic], side: Side) -> NDArray[np.generic]:
    """The row or column of ``grid`` (u, v, ...) along a side, as a view."""
    position = -1 if side.high else 0
    return grid[:, position] if side.along == 0 else grid[position]


def _edge_along(patch: Patch, along: int) -> int:
    return next(side.edge for side in patch.sides if side.along == along)


def _steps(patches: list[Patch], cell_mm: float) -> dict[int, int]:
    """Cells along each edge: opposite edges of a patch, and so on around the ring, have the same number."""
    parent: dict[int, int] = {}

    def root(edge: int) -> int:
        while parent.setdefault(edge, edge) != edge:
            edge = parent[edge]
        return edge

    length: dict[int, float] = {}
    for patch in patches:
        for along in (0, 1):
            pair = [side for side in patch.sides if side.along == along]
            parent[root(pair[0].edge)] = root(pair[1].edge)
            for side in pair:
                legs = np.diff(_rim(patch.poles, side), axis=0)
                length[side.edge] = float(np.linalg.norm(legs, axis=1).sum())
    widest: dict[int, float] = {}
    for edge, value in length.items():
        widest[root(edge)] = max(widest.get(root(edge), 0.0), value)
    return {edge: max(1, round(widest[root(edge)] / cell_mm)) for edge in length}


def _fitting(patches: list[Patch], sampled: list[Array], edges: TopTools_IndexedMapOfShape) -> list[int]:
    """Positions of the patches whose samples lie on their edges' own curves, at the curves' own pace."""
    found = []
    for row, (patch, points) in enumerate(zip(patches, sampled, strict=True)):
        off = 0.0
        for side in patch.sides:
            rim = _rim(points, side)
            rim = rim[::-1] if side.backward else rim
            curve = BRepAdaptor_Curve(TopoDS.Edge_s(edges.FindKey(side.edge)))
            start, end = curve.FirstParameter(), curve.LastParameter()
            for share in (0.0, 0.25, 0.5, 0.75, 1.0):
                place = curve.Value(start + share * (end - start))
                here = rim[round(share * (len(rim) - 1))]
                off = max(off, abs(place.X() - here[0]), abs(place.Y() - here[1]), abs(place.Z() - here[2]))
        if off <= TOLERANCES.sew_mm:
            found.append(row)
    return found


def hand_to_mesher(patches: list[Patch], mesh: PatchMesh, edges: TopTools_IndexedMapOfShape) -> TopoDS_Compound:
    """Leave polygons on the patches' edges for the kernel's mesher; the patches themselves count as meshed.

    ``patches`` are those with an edge whose other face is the mesher's business. Returns them in a compound.
    """
    builder = BRep_Builder()
    compound = TopoDS_Compound()
    builder.MakeCompound(compound)
    for patch in patches:
        numbers = np.unique(np.concatenate([mesh.edges[side.edge] for side in patch.sides]))
        # one triangle is enough: only the polygons on it are ever read
        triangulation = Poly_Triangulation(len(numbers), 1, False)
        for node, (x, y, z) in enumerate(mesh.points[numbers].tolist(), start=1):
            triangulation.SetNode(node, gp_Pnt(x, y, z))
        triangulation.SetTriangle(1, Poly_Triangle(1, 2, 3))
        triangulation.Deflection(0.0)
        builder.UpdateFace(patch.shape, triangulation)
        for side in patch.sides:
            edge = TopoDS.Edge_s(edges.FindKey(side.edge))
            start, end = BRep_Tool.Range_s(edge)
            rows = np.searchsorted(numbers, mesh.edges[side.edge]) + 1
            nodes, places = TColStd_Array1OfInteger(1, len(rows)), TColStd_Array1OfReal(1, len(rows))
            pace = start + (end - start) * mesh.parameters[side.edge]
            for i, (row, place) in enumerate(zip(rows.tolist(), pace.tolist(), strict=True), start=1):
                nodes.SetValue(i, row)
                places.SetValue(i, place)
            polygon = Poly_PolygonOnTriangulation(nodes, places)
            polygon.Deflection(0.0)
            builder.UpdateEdge(edge, polygon, triangulation, TopLoc_Location())
        builder.Add(compound, patch.shape)
    return compound


@lru_cache(maxsize=64)
def lattice_basis(knots: tuple[float, ...], degree: int, count: int) -> tuple[Array, Array]:
    """Values and derivatives (count, coefficients) of a clamped B-spline basis at ``count`` even parameters.

    Recursion of C. de Boor, *A Practical Guide to Splines* (1978), ch. IX and X, for all functions at once.
    """
    knot = np.array(knots)
    sites = np.linspace(knot[0], knot[-1], count)[:, None]
    span = np.clip(np.searchsorted(knot, sites[:, 0], side="right") - 1, degree, len(knot) - degree - 2)
    value = np.zeros((count, len(knot) - 1))
    value[np.arange(count), span] = 1.0
    slope = value
    for order in range(1, degree + 1):
        width = knot[order:] - knot[:-order]
        share = value / np.where(width > 0.0, width, np.inf)
        slope = order * (share[:, :-1] - share[:, 1:])
        value = (sites - knot[: -order - 1]) * share[:, :-1] + (knot[order + 1 :] - sites) * share[:, 1:]
    return value, slope


def _sample(patch: Patch, cells_u: int, cells_v: int) -> tuple[Array, Array]:
    """Points and unit normals (u, v, 3) on the patch's lattice."""
    (value_u, slope_u), (value_v, slope_v) = (
        lattice_basis(tuple(knots.tolist()), degree, cells * SIDE + 1)
        for knots, degree, cells in zip(patch.knots, patch.degrees, (cells_u, cells_v), strict=True)
    )
    count = patch.poles.shape[0]
    rows = patch.poles.transpose(0, 2, 1).reshape(count, -1)
    bent, tilted = value_u @ rows, slope_u @ rows
    shape = (len(value_u), 3, -1)
    points = bent.reshape(shape) @ value_v.T
    along_u, along_v = tilted.reshape(shape) @ value_v.T, bent.reshape(shape) @ slope_v.T
    normals = np.cross(along_u, along_v, axis=1)
    normals /= np.maximum(np.sqrt((normals * normals).sum(axis=1, keepdims=True)), 1e-30)
    return points.transpose(0, 2, 1), normals.transpose(0, 2, 1)


def _cell_positions(shape: tuple[int, ...]) -> Index:
    """Flat positions (cells, (SIDE + 1)^2) of each cell's points in a lattice of ``shape`` points."""
    starts = [SIDE * np.arange((count - 1) // SIDE) for count in shape]
    corner = (starts[0][:, None] * shape[1] + starts[1]).reshape(-1, 1)
    inside = np.arange(SIDE + 1)
    positions: Index = corner + (inside[:, None] * shape[1] + inside).reshape(1, -1)
    return positions
