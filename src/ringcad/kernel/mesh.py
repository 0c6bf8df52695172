"""Tessellation with absolute deviation, stitched by topology, with a label and normals per triangle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.Geom import Geom_BSplineSurface
from OCP.IMeshTools import IMeshTools_Parameters
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS
from OCP.TopTools import TopTools_IndexedMapOfShape

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.tolerances import TOLERANCES
from ringcad.kernel.bulk import triangulated
from ringcad.kernel.patches import Limits, Patch, PatchMesh, edges_of, find_patches, hand_to_mesher, mesh_patches
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
    """Mesh a named solid. Raises ``Refused`` (MESH_FAILED) when a face stays without triangles.

    Whole patches are triangulated on lattices (:mod:`ringcad.kernel.patches`), all other faces by the
    kernel's mesher; both take the same points on a common edge. The solid keeps no triangulation.
    """
    solid = _Solid(shape)
    patches = find_patches(solid.faces, solid.edges, solid.corners)
    # the mesher now and then gives up on a face whose outline it sampled too coarsely: sample finer,
    # and at last leave it all edges
    for kept in (patches, []) if patches else ([],):
        for refinement in (1.0, 0.5, 0.3):
            BRepTools.Clean_s(shape.shape)
            limits = [_limits(shape.names[patch.face], chord_mm, refinement) for patch in kept]
            lattices = mesh_patches(kept, limits, solid.edges)
            meshed = set(lattices.face_index.tolist())
            fitting = [patch for patch in kept if patch.face in meshed]
            _triangulate(solid, lattices, fitting, chord_mm, angle_deg, refinement)
            stitched = _stitch(solid, lattices, meshed)
            BRepTools.Clean_s(shape.shape)
            if isinstance(stitched, _Stitched):
                return _finish(shape, stitched)
            last = stitched
    raise Refused([last])


def measured_mesh(part: NamedShape, chord_mm: float, angle_deg: float) -> tuple[RingMesh, dict[str, Any]]:
    """A finished metal's mesh, and what is told of it: faces, triangles, and the limits it was made by."""
    mesh = tessellate(part, chord_mm, angle_deg)
    told = {"faces": len(part.names), "triangles": len(mesh.triangles), "chord_mm": chord_mm, "angle_deg": angle_deg}
    return mesh, told


class _Solid:
    """A named solid, its faces, and the numbers of its edges and vertices."""

    def __init__(self, shape: NamedShape) -> None:
        self.shape, self.names = shape.shape, shape.names
        self.faces = faces_of(shape.shape)
        self.edges, self.corners = TopTools_IndexedMapOfShape(), TopTools_IndexedMapOfShape()
        TopExp.MapShapes_s(shape.shape, TopAbs_ShapeEnum.TopAbs_EDGE, self.edges)
        TopExp.MapShapes_s(shape.shape, TopAbs_ShapeEnum.TopAbs_VERTEX, self.corners)

    def kind(self, number: int) -> Literal["relief", "limb", "other"]:
        """What a face is a part of: limbs are splines, all else is turned, drilled or plane."""
        if self.names[number] == "skin":
            return "relief"
        return "limb" if isinstance(BRep_Tool.Surface_s(self.faces[number]), Geom_BSplineSurface) else "other"


def _limits(name: str, chord_mm: float, refinement: float) -> Limits:
    """Limits of a patch: the chord, on relief edges a share of it; and the bend that a limb may have."""
    share = _RELIEF_EDGE_SHARE if name == "skin" else 1.0
    return Limits(chord_mm, 0.5 * _LIMB_DEG, share * refinement * chord_mm)


def _triangulate(
    solid: _Solid, lattices: PatchMesh, patches: list[Patch], chord_mm: float, angle_deg: float, refinement: float
) -> None:
    """Let the kernel's mesher triangulate the faces that are not ``patches``, along the polygons of these."""
    meshed = {patch.face for patch in patches}
    rest = [number for number in range(len(solid.faces)) if number not in meshed]
    rims = {solid.edges.FindIndex(edge) for number in rest for edge in edges_of(solid.faces[number])}
    beside = [patch for patch in patches if any(side.edge in rims for side in patch.sides)]
    # round prongs, rails and seats want the angle limit; on the limb the chord alone governs, or the steep flanks
    # of a 0.3 mm bead and the rounded borders of the bore would multiply the triangles (eight times, measured).
    # The relief comes first: its finer edges serve the other faces too; coarser ones would be meshed twice
    limb = (_LIMB_EDGE_DEG * refinement, _LIMB_DEG)
    passes = (
        ("relief", _parameters(chord_mm, *limb, _RELIEF_EDGE_SHARE)),
        ("limb", _parameters(chord_mm, *limb)),
        ("other", _parameters(chord_mm, angle_deg * refinement, 1.5 * angle_deg * refinement)),
    )
    compound = hand_to_mesher(beside, lattices, solid.edges)
    for kind, parameters in passes:
        faces = [solid.faces[number] for number in rest if solid.kind(number) == kind]
        for face in faces:
            BRep_Builder().Add(compound, face)
        if faces:
            BRepMesh_IncrementalMesh(compound, parameters)


@dataclass(frozen=True)
class _Stitched:
    """Triangles of the whole solid before snapping: vertices, corners, normals of corners, face of each."""

    vertices: Array
    triangles: NDArray[np.int64]
    normals: Array
    face_index: NDArray[np.int64]


def _stitch(solid: _Solid, lattices: PatchMesh, meshed: set[int]) -> _Stitched | Finding:
    """Join the mesher's triangles to those of the patches; a finding where a face has none or edges disagree."""
    along: dict[int, NDArray[np.int64]] = dict(lattices.edges)
    corners = dict(lattices.corners)
    points = [lattices.points]
    triangles, normals, face_index = [lattices.triangles], [lattices.normals], [lattices.face_index]
    total = len(lattices.points)

    for number, face in enumerate(solid.faces):
        if number in meshed:
            continue
        place = TopLoc_Location()
        triangulation = BRep_Tool.Triangulation_s(face, place)
        if triangulation is None or triangulation.NbTriangles() == 0:
            return _no_triangles(solid.names[number])
        local = triangulated(face, triangulation)
        local_points = _moved(local.points, place)
        owner = np.full(len(local_points), -1, dtype=np.int64)
        for edge_shape in edges_of(face):
            polygon = BRep_Tool.PolygonOnTriangulation_s(edge_shape, triangulation, place)
            if polygon is None:
                return _no_triangles(solid.names[number])
            nodes = np.array([polygon.Node(i) for i in range(1, polygon.NbNodes() + 1)]) - 1
            forward = TopoDS.Edge_s(edge_shape.Oriented(TopAbs_Orientation.TopAbs_FORWARD))
            ends = [solid.corners.FindIndex(end(forward)) for end in (TopExp.FirstVertex_s, TopExp.LastVertex_s)]
            for end, node in zip(ends, (nodes[0], nodes[-1]), strict=True):
                if end not in corners:
                    corners[end] = total
                    points.append(local_points[node][None, :])
                    total += 1
            if BRep_Tool.Degenerated_s(edge_shape):
                owner[nodes] = corners[ends[0]]
                continue
            edge = solid.edges.FindIndex(edge_shape)
            if edge not in along:
                inner = np.arange(total, total + len(nodes) - 2)
                along[edge] = np.concatenate([[corners[ends[0]]], inner, [corners[ends[1]]]])
                points.append(local_points[nodes[1:-1]])
                total += len(inner)
            elif len(along[edge]) != len(nodes):  # the mesher wanted more points than it was given
                return _no_triangles(solid.names[number])
            owner[nodes] = along[edge]
        inner = np.nonzero(owner < 0)[0]
        owner[inner] = total + np.arange(len(inner))
        points.append(local_points[inner])
        total += len(inner)
        local_triangles, local_normals = local.triangles, _moved(local.normals, place, direction=True)
        if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED:
            local_triangles, local_normals = local_triangles[:, ::-1], -local_normals
        triangles.append(owner[local_triangles])
        normals.append(local_normals[local_triangles])
        face_index.append(np.full(len(local_triangles), number))
    return _Stitched(
        np.concatenate(points), np.concatenate(triangles), np.concatenate(normals), np.concatenate(face_index)
    )


def _finish(shape: NamedShape, stitched: _Stitched) -> RingMesh:
    """Snap to the grid, drop what vanishes by that, share normals within labels; faces in the kernel's order."""
    grid = TOLERANCES.vertex_grid_mm
    vertices = np.round(stitched.vertices / grid) * grid + 0.0
    tris = stitched.triangles
    # a sliver whose corners snapped together vanishes with its edge
    keep = (tris[:, 0] != tris[:, 1]) & (tris[:, 1] != tris[:, 2]) & (tris[:, 2] != tris[:, 0])
    order = np.argsort(stitched.face_index, kind="stable")
    order = order[keep[order]]
    tris, face_index = tris[order], stitched.face_index[order]
    labels = np.unique(np.array(shape.names), return_inverse=True)[1][face_index]
    return RingMesh(
        vertices,
        tris.astype(np.int32),
        _smooth_within_labels(tris, labels, stitched.normals[order]).astype(np.float32),
        face_index.astype(np.int32),
        shape.names,
    )


#: Angle limits on limbs, for edges and inside.
_LIMB_EDGE_DEG = 25.0
_LIMB_DEG = 60.0


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
    corner = normals.reshape(-1, 3)
    flat = (labels[:, None] * (int(triangles.max()) + 1) + triangles).ravel()
    rows = int(flat.max()) + 1
    total: Array = np.stack([np.bincount(flat, weights=corner[:, k], minlength=rows) for k in range(3)], axis=1)
    total /= np.maximum(np.sqrt(np.einsum("ij,ij->i", total, total)), 1e-12)[:, None]
    mean = total[flat]
    near = np.einsum("ij,ij->i", mean, corner) > np.cos(np.radians(_SMOOTH_DEG))
    apart = np.bincount(flat[~near], minlength=rows) > 0
    return np.where(apart[flat][:, None], corner, mean).reshape(normals.shape)


def _moved(rows: Array, place: TopLoc_Location, direction: bool = False) -> Array:
    """Rows of a located face's own frame in the solid's frame (a prism's end face is such a copy)."""
    if place.IsIdentity():
        return rows
    transformation = place.Transformation()
    matrix = np.array([[transformation.Value(i, j) for j in range(1, 5)] for i in range(1, 4)])
    moved: Array = rows @ matrix[:, :3].T + (0.0 if direction else matrix[:, 3])
    return moved


def _no_triangles(name: str) -> Finding:
    return Finding(
        FindingCode.MESH_FAILED,
        Severity.ERROR,
        f"the mesher leaves a face of the {name} without triangles",
        fix="change the seed or lower decoration.depth_mm by 0.05; if it stays, report the spec",
    )
