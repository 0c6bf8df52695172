"""Tessellation with absolute deviation, stitched by topology, with a label and normals per triangle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.IMeshTools import IMeshTools_Parameters
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS, TopoDS_Compound, TopoDS_Edge, TopoDS_Face
from OCP.TopTools import TopTools_IndexedMapOfShape

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.tolerances import TOLERANCES
from ringcad.kernel.surfaces import NamedShape, faces_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RingMesh:
    """Triangles of a solid.

    Attributes
    ----------
    vertices : (n, 3) float64, mm, on the vertex grid
    triangles : (m, 3) int32, counter-clockwise from outside
    corner_normals : (m, 3, 3) float32, of the B-rep surfaces at each triangle's corners
    face_index : (m,) int32 into ``face_names``
    face_names : one label per B-rep face
    """

    vertices: Array
    triangles: NDArray[np.int32]
    corner_normals: NDArray[np.float32]
    face_index: NDArray[np.int32]
    face_names: tuple[str, ...]


def tessellate(shape: NamedShape, chord_mm: float, angle_deg: float) -> RingMesh:
    """Mesh a named solid. Raises ``Refused`` (MESH_FAILED) when a face stays without triangles."""
    # the mesher now and then gives up on a face whose outline it sampled too coarsely: sample finer
    for refinement in (1.0, 0.5, 0.3):
        _triangulate(shape, chord_mm, angle_deg, refinement)
        if all(_has_triangles(face) for face in faces_of(shape.shape)):
            break

    edges, corners = TopTools_IndexedMapOfShape(), TopTools_IndexedMapOfShape()
    TopExp.MapShapes_s(shape.shape, TopAbs_ShapeEnum.TopAbs_EDGE, edges)
    TopExp.MapShapes_s(shape.shape, TopAbs_ShapeEnum.TopAbs_VERTEX, corners)
    keys: dict[tuple[int, int], int] = {}
    points: list[Array] = []
    triangles, normals, face_index, names = [], [], [], []
    total = 0

    def shared(key: tuple[int, int], point: Array) -> int:
        nonlocal total
        found = keys.get(key)
        if found is None:
            keys[key] = found = total
            points.append(point[None, :])
            total += 1
        return found

    for position, face in enumerate(faces_of(shape.shape)):
        place = TopLoc_Location()
        triangulation = BRep_Tool.Triangulation_s(face, place)
        names.append(shape.names[position])
        if triangulation is None or triangulation.NbTriangles() == 0:
            raise Refused([_no_triangles(names[-1])])
        local_points, local_triangles = _arrays(triangulation)
        local_points = _moved(local_points, place)
        owner = np.full(len(local_points), -1, dtype=np.int64)
        for edge_shape in _edges(face):
            polygon = BRep_Tool.PolygonOnTriangulation_s(edge_shape, triangulation, place)
            if polygon is None:
                raise Refused([_no_triangles(names[-1])])
            count = polygon.NbNodes()
            nodes = [polygon.Node(i) - 1 for i in range(1, count + 1)]
            if BRep_Tool.Degenerated_s(edge_shape):
                key = (0, corners.FindIndex(TopExp.FirstVertex_s(edge_shape)))
                for node in nodes:
                    owner[node] = shared(key, local_points[node])
                continue
            number = edges.FindIndex(edge_shape)
            forward = TopoDS.Edge_s(edge_shape.Oriented(TopAbs_Orientation.TopAbs_FORWARD))
            first = corners.FindIndex(TopExp.FirstVertex_s(forward))
            last = corners.FindIndex(TopExp.LastVertex_s(forward))
            owner[nodes[0]] = shared((0, first), local_points[nodes[0]])
            owner[nodes[-1]] = shared((0, last), local_points[nodes[-1]])
            for i in range(1, count - 1):
                owner[nodes[i]] = shared((number, i), local_points[nodes[i]])
        inner = np.nonzero(owner < 0)[0]
        owner[inner] = total + np.arange(len(inner))
        points.append(local_points[inner])
        total += len(inner)
        flip = face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
        local_normals = _moved(_node_normals(face, triangulation, flip), place, direction=True)
        if flip:
            local_triangles = local_triangles[:, ::-1]
        triangles.append(owner[local_triangles])
        normals.append(local_normals[local_triangles])
        face_index.append(np.full(len(local_triangles), position))
    vertices = np.concatenate(points)
    grid = TOLERANCES.vertex_grid_mm
    vertices = np.round(vertices / grid) * grid + 0.0
    tris = np.concatenate(triangles)
    # a sliver whose corners snapped together vanishes with its edge
    keep = (tris[:, 0] != tris[:, 1]) & (tris[:, 1] != tris[:, 2]) & (tris[:, 2] != tris[:, 0])
    tris = tris[keep]
    labels = np.unique(np.array(names), return_inverse=True)[1][np.concatenate(face_index)[keep]]
    return RingMesh(
        vertices,
        tris.astype(np.int32),
        _smooth_within_labels(tris, labels, np.concatenate(normals)[keep]).astype(np.float32),
        np.concatenate(face_index)[keep].astype(np.int32),
        tuple(names),
    )


def _triangulate(shape: NamedShape, chord_mm: float, angle_deg: float, refinement: float) -> None:
    BRepTools.Clean_s(shape.shape)
    plain = BRep_Builder()
    compound = TopoDS_Compound()
    plain.MakeCompound(compound)
    for face, name in zip(faces_of(shape.shape), shape.names, strict=True):
        if name != "skin":
            plain.Add(compound, face)
    # round prongs, rails and the bore want the angle limit; inside the relief the chord alone governs,
    # or the steep flanks of a 0.3 mm bead would multiply the triangles by eight (measured)
    edge = angle_deg * refinement
    BRepMesh_IncrementalMesh(compound, _parameters(chord_mm, edge, 1.5 * edge))
    relief = _parameters(chord_mm, _RELIEF_EDGE_DEG * refinement, _RELIEF_DEG, _RELIEF_EDGE_SHARE)
    BRepMesh_IncrementalMesh(shape.shape, relief)


def _has_triangles(face: TopoDS_Face) -> bool:
    triangulation = BRep_Tool.Triangulation_s(face, TopLoc_Location())
    return triangulation is not None and triangulation.NbTriangles() > 0


#: Angle limits on the skin, for tile edges and inside.
_RELIEF_EDGE_DEG = 25.0
_RELIEF_DEG = 60.0


#: Tile edges on the skin follow their curves this much closer than the chord: where a steep flank
#: crosses a tile edge, triangles on both sides of a coarse edge could pass through each other.
_RELIEF_EDGE_SHARE = 0.4


def _parameters(chord_mm: float, edge_deg: float, inner_deg: float, edge_share: float = 1.0) -> IMeshTools_Parameters:
    parameters = IMeshTools_Parameters()
    parameters.Deflection = edge_share * chord_mm
    parameters.DeflectionInterior = chord_mm
    parameters.Angle = np.radians(edge_deg)
    parameters.AngleInterior = np.radians(inner_deg)
    parameters.Relative = False
    parameters.InParallel = True
    parameters.MinSize = 0.5 * chord_mm
    parameters.ControlSurfaceDeflection = True
    return parameters


#: Faces of one part that meet flatter than this are shown as one rounding (cones stand for arcs).
_SMOOTH_DEG = 34.0


def _smooth_within_labels(triangles: NDArray[np.int64], labels: NDArray[np.int64], normals: Array) -> Array:
    """Share normals between faces of one label that meet at a flat angle; (m, 3, 3) in and out."""
    keys = labels[:, None].repeat(3, axis=1) * (int(triangles.max()) + 1) + triangles
    flat = keys.ravel()
    corner = normals.reshape(-1, 3)
    unique, inverse = np.unique(flat, return_inverse=True)
    total: Array = np.stack(
        [np.bincount(inverse, weights=corner[:, k], minlength=len(unique)) for k in range(3)], axis=1
    )
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    mean = total[inverse]
    near = np.einsum("ij,ij->i", mean, corner) > np.cos(np.radians(_SMOOTH_DEG))
    worst = np.ones(len(unique), dtype=bool)
    np.logical_and.at(worst, inverse, near)
    return np.where(worst[inverse][:, None], mean, corner).reshape(normals.shape)


def _edges(face: object) -> list[TopoDS_Edge]:
    found: list[TopoDS_Edge] = []
    explorer = TopExp_Explorer(face, TopAbs_ShapeEnum.TopAbs_EDGE)
    while explorer.More():
        found.append(TopoDS.Edge_s(explorer.Current()))
        explorer.Next()
    return found


def _arrays(triangulation: object) -> tuple[Array, NDArray[np.int64]]:
    nodes = range(1, triangulation.NbNodes() + 1)  # type: ignore[attr-defined]
    node = triangulation.Node  # type: ignore[attr-defined]
    points = np.array([(p.X(), p.Y(), p.Z()) for p in map(node, nodes)])
    triangle = triangulation.Triangle  # type: ignore[attr-defined]
    tris = np.array([triangle(i).Get() for i in range(1, triangulation.NbTriangles() + 1)], dtype=np.int64)  # type: ignore[attr-defined]
    return points, tris - 1


def _moved(rows: Array, place: TopLoc_Location, direction: bool = False) -> Array:
    """Rows of a located face's own frame in the solid's frame (a prism's end face is such a copy)."""
    if place.IsIdentity():
        return rows
    transformation = place.Transformation()
    matrix = np.array([[transformation.Value(i, j) for j in range(1, 5)] for i in range(1, 4)])
    moved: Array = rows @ matrix[:, :3].T + (0.0 if direction else matrix[:, 3])
    return moved


def _node_normals(face: object, triangulation: object, flip: bool) -> Array:
    from OCP.BRepLib import BRepLib_ToolTriangulatedShape
    from OCP.gp import gp_Vec3f

    BRepLib_ToolTriangulatedShape.ComputeNormals_s(face, triangulation)
    vector = gp_Vec3f()
    count = triangulation.NbNodes()  # type: ignore[attr-defined]
    out = np.empty((count, 3))
    for i in range(1, count + 1):
        triangulation.Normal(i, vector)  # type: ignore[attr-defined]
        out[i - 1] = (vector.x(), vector.y(), vector.z())
    return -out if flip else out


def _no_triangles(name: str) -> Finding:
    return Finding(
        FindingCode.MESH_FAILED,
        Severity.ERROR,
        f"the mesher leaves a face of the {name} without triangles",
        fix="change the seed or lower decoration.depth_mm by 0.05; if it stays, report the spec",
    )
