"""Limbs as faces: a stretch of the four walls in tiles, closed to a quarter by plane caps, joined again.

What stands on a limb symmetric about the planes x = 0 and y = 0 (a head, its bridge) is made for one
quarter only and mirrored: booleans cost a quarter, and the four quarters agree to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from OCP.BRep import BRep_Builder
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeFace,
    BRepBuilderAPI_MakeWire,
    BRepBuilderAPI_Sewing,
    BRepBuilderAPI_Transform,
)
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.gp import gp_Ax2, gp_Dir, gp_Pln, gp_Pnt, gp_Trsf, gp_Vec
from OCP.TopoDS import TopoDS_Compound, TopoDS_Edge, TopoDS_Face
from OCP.TopTools import TopTools_ListOfShape

from ringcad.core.errors import KernelFault
from ringcad.core.tolerances import TOLERANCES
from ringcad.fit import spline
from ringcad.fit.limb import LimbNets, even_cuts
from ringcad.kernel.boolean import cut
from ringcad.kernel.surfaces import CAP, NamedShape, faces_of, sew_solid, tile_coefficients, tile_faces

Array = NDArray[np.float64]

#: Half the size of the box that takes half of a body away, mm: larger than any ring.
_ALL_MM = 60.0


def wall_faces(
    nets: LimbNets, skin: Array, stations: Sequence[int], across: Sequence[float] | None = None
) -> dict[str, list[TopoDS_Face]]:
    """Faces of the walls between the stations of ``stations``, by name.

    ``across`` are the parameters over the skin's width where tiles meet; without it the half y >= 0 alone
    is made, as one tile.
    """
    side = spline.clamped_knots(nets.right.shape[1])
    inner = spline.clamped_knots(nets.inner.shape[1])
    whole = [0.0, float(side[-1])]
    top, low = float(nets.outer_knots[-1]), float(inner[-1])
    # the skin runs from -y to +y, the bore back
    over = [0.5 * top, top] if across is None else across
    under = [0.0, 0.5 * low] if across is None else [0.0, low]
    found = {
        "skin": tile_faces(skin, nets.outer_knots, stations, over),
        "shank_side": tile_faces(nets.right, side, stations, whole),
        "bore": tile_faces(nets.inner, inner, stations, under),
    }
    if across is not None:
        found["shank_side"] += tile_faces(nets.left, side, stations, whole)
    return found


def closed_limb(nets: LimbNets, skin: Array, step: int, across: int) -> NamedShape:
    """The whole limb as one solid, in tiles of about ``step`` stations, ``across`` of them over the skin's width."""
    over = np.linspace(0.0, float(nets.outer_knots[-1]), across + 1).tolist()
    return sew_solid(wall_faces(nets, skin, even_cuts(0, skin.shape[0], step), over))


def quarter(nets: LimbNets, skin: Array, last: int, step: int) -> NamedShape:
    """The limb's quarter x >= 0, y >= 0 from the head (station n / 2) to station ``last`` as a closed solid.

    Its section at ``last`` must be plane, so relief and skirts end before it. Raises ``KernelFault``
    when the walls do not close.
    """
    return stretch(nets, skin, skin.shape[0] // 2, last, step)


def half(nets: LimbNets, skin: Array, last: int, step: int) -> NamedShape:
    """The limb's half x >= 0 from the head to station ``last`` as a closed solid; as :func:`quarter`."""
    return stretch(nets, skin, skin.shape[0] // 2, last, step, whole=True)


def stretch(
    nets: LimbNets,
    skin: Array,
    first: int,
    last: int,
    step: int,
    *,
    whole: bool = False,
    end_names: Mapping[str, str] | None = None,
) -> NamedShape:
    """The limb's half y >= 0 between two stations as a closed solid; its plane ends are named :data:`CAP`.

    ``whole``: both halves, in two tiles over the width. ``end_names`` are other names of the ends ``begin`` and
    ``end``. The sections at both ends must be plane. Raises ``KernelFault``
    when the walls do not close.
    """
    stations = even_cuts(first, last, step)
    top = float(nets.outer_knots[-1])
    over = [0.0, 0.5 * top, top] if whole else None
    walls = {name: list(faces) for name, faces in wall_faces(nets, skin, stations, over).items()}
    ends_at = {"begin": first, "end": last}
    planes = {} if whole else {"y": gp_Dir(0.0, 1.0, 0.0)}
    for place, station in ends_at.items():
        phi = math.radians(float(nets.stations.place_deg[station % len(skin)]))
        planes[place] = gp_Dir(math.cos(phi), 0.0, -math.sin(phi))
    sewing = BRepBuilderAPI_Sewing(TOLERANCES.sew_mm)
    for faces in walls.values():
        for face in faces:
            sewing.Add(face)
    sewing.Perform()
    ends: dict[str, list[TopoDS_Edge]] = {name: [] for name in planes}
    for number in range(1, sewing.NbFreeEdges() + 1):
        edge = sewing.FreeEdge(number)
        place = next((name for name, normal in planes.items() if _lies_in(edge, normal)), "")
        if not place:
            raise KernelFault("an end of the limb's stretch is not plane")
        ends[place].append(edge)
    # from crest to bore in the middle plane, at both ends
    for place, station in () if whole else ends_at.items():
        line = BRepBuilderAPI_MakeEdge(_on_crest(nets, skin, station), _on_bore(nets, station)).Edge()
        ends[place].append(line)
        ends["y"].append(line)
    for name, edges in ends.items():
        walls.setdefault((end_names or {}).get(name, CAP), []).append(_cap(edges, planes[name]))
    return sew_solid(walls)


def _lies_in(edge: TopoDS_Edge, normal: gp_Dir) -> bool:
    curve = BRepAdaptor_Curve(edge)
    first, last = curve.FirstParameter(), curve.LastParameter()
    points = (curve.Value(first + share * (last - first)) for share in (0.0, 0.21, 0.5, 0.83, 1.0))
    return all(abs(p.X() * normal.X() + p.Y() * normal.Y() + p.Z() * normal.Z()) < 1e-6 for p in points)


def _on_crest(nets: LimbNets, skin: Array, station: int) -> gp_Pnt:
    knots = nets.outer_knots
    tile = tile_coefficients(skin, knots, [station, station + 1], [0.5 * float(knots[-1]), float(knots[-1])])
    return gp_Pnt(*map(float, tile[0][0][0][0, 0]))


def _on_bore(nets: LimbNets, station: int) -> gp_Pnt:
    knots = spline.clamped_knots(nets.inner.shape[1])
    tile = tile_coefficients(nets.inner, knots, [station, station + 1], [0.0, 0.5 * float(knots[-1])])
    return gp_Pnt(*map(float, tile[0][0][0][0, -1]))


def _cap(edges: list[TopoDS_Edge], normal: gp_Dir) -> TopoDS_Face:
    listed = TopTools_ListOfShape()
    for edge in edges:
        listed.Append(edge)
    wire = BRepBuilderAPI_MakeWire()
    wire.Add(listed)
    if not wire.IsDone():
        raise KernelFault("the end of a quarter limb has no closed loop")
    return BRepBuilderAPI_MakeFace(gp_Pln(gp_Pnt(0.0, 0.0, 0.0), normal), wire.Wire(), True).Face()


def halved(part: NamedShape, axis: int) -> NamedShape:
    """What of a body lies on the positive side of the plane through the origin square to ``axis`` (0: x, 1: y)."""
    low, high = [-_ALL_MM] * 3, [_ALL_MM] * 3
    high[axis] = 0.0
    box = BRepPrimAPI_MakeBox(gp_Pnt(*low), gp_Pnt(*high)).Solid()
    return cut(part, [NamedShape(box, (CAP,) * len(faces_of(box)))], "halving")


def without_caps(part: NamedShape) -> NamedShape:
    """The faces of a part less its caps, as a compound."""
    kept = [(face, name) for face, name in zip(faces_of(part.shape), part.names, strict=True) if name != CAP]
    return NamedShape(_compound([face for face, _ in kept]), tuple(name for _, name in kept))


def whole_of_quarter(part: NamedShape, names: Sequence[dict[str, str]]) -> NamedShape:
    """A closed stretch of limb on both sides of the planes x = 0 and y = 0 from its :func:`quarter`.

    ``names`` are what faces are called in the mirrors square to x and to y.
    """
    kept = [
        (face, name)
        for face, name in zip(faces_of(part.shape), part.names, strict=True)
        if name != CAP or not _is_mirror(face)
    ]
    first = NamedShape(_compound([face for face, _ in kept]), tuple(name for _, name in kept))
    across = mirrored(first, 1, names[1])
    return joined([first, across, mirrored(first, 0, names[0]), mirrored(across, 0, names[0])], {})


def _is_mirror(face: TopoDS_Face) -> bool:
    """Whether a plane face lies in x = 0 or in y = 0."""
    way = BRepAdaptor_Surface(face).Plane().Axis().Direction()
    return bool(max(abs(way.X()), abs(way.Y())) > 1.0 - 1e-9)


def mirrored(part: NamedShape, axis: int, names: dict[str, str]) -> NamedShape:
    """The mirror image about the plane through the origin square to ``axis``; ``names`` renames faces."""
    mirror = gp_Trsf()
    mirror.SetMirror(gp_Ax2(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(1.0, 0.0, 0.0) if axis == 0 else gp_Dir(0.0, 1.0, 0.0)))
    image = BRepBuilderAPI_Transform(part.shape, mirror, True).Shape()
    return NamedShape(image, tuple(names.get(name, name) for name in part.names))


def lifted(part: NamedShape, height_mm: float) -> NamedShape:
    """The part moved up the head's axis."""
    if height_mm == 0.0:
        return part
    move = gp_Trsf()
    move.SetTranslation(gp_Vec(0.0, 0.0, height_mm))
    return NamedShape(BRepBuilderAPI_Transform(part.shape, move, True).Shape(), part.names)


def joined(parts: list[NamedShape], walls: dict[str, list[TopoDS_Face]]) -> NamedShape:
    """One solid of open parts and wall faces that meet in shared edges. Raises ``KernelFault`` when it stays open."""
    groups: dict[str, list[TopoDS_Face]] = {name: list(faces) for name, faces in walls.items()}
    for part in parts:
        for face, name in zip(faces_of(part.shape), part.names, strict=True):
            groups.setdefault(name, []).append(face)
    return sew_solid(groups)


def _compound(faces: list[TopoDS_Face]) -> TopoDS_Compound:
    builder = BRep_Builder()
    compound = TopoDS_Compound()
    builder.MakeCompound(compound)
    for face in faces:
        builder.Add(compound, face)
    return compound
