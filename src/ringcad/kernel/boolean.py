"""One fuse, one cut: booleans whose face names follow the kernel's history, with their checks."""

from __future__ import annotations

from collections import Counter

from OCP.BRep import BRep_Tool
from OCP.BRepAlgoAPI import BRepAlgoAPI_Check, BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse
from OCP.BRepClass3d import BRepClass3d_SolidClassifier
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum, TopAbs_State
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS
from OCP.TopTools import TopTools_IndexedMapOfShape, TopTools_ListOfShape

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.tolerances import TOLERANCES
from ringcad.kernel.surfaces import NamedShape, ShapeIndex, faces_of, solids_of


def fuse(parts: list[NamedShape]) -> NamedShape:
    """Unite all parts in one operation. Raises ``Refused`` when the result is not one sound solid of all of them.

    Where edges meet by chance the kernel can return the first part alone, sound and without an alarm.
    """
    operation = BRepAlgoAPI_Fuse()
    whole = _run(operation, parts[:1], parts[1:], "fuse")
    if len(parts) > 1:
        kept = ShapeIndex(faces_of(whole.shape))
        for part in parts:
            if not _has_left(operation, part, kept) and _reaches_out(part, whole):
                lost = f"the kernel lost {part.names[0]} in the fuse"
                raise Refused([_failure(FindingCode.BOOLEAN_FAILED, lost)])
    return whole


def _has_left(operation: BRepAlgoAPI_Fuse, part: NamedShape, kept: ShapeIndex) -> bool:
    """Whether any face of a part, or a piece of one, is a face of the result."""
    return any(kept.find(piece) >= 0 for face in faces_of(part.shape) for piece in [face, *operation.Modified(face)])


def _reaches_out(part: NamedShape, whole: NamedShape) -> bool:
    """Whether any corner of a part lies outside the metal, which it cannot where the others hold all of it."""
    inside = BRepClass3d_SolidClassifier(whole.shape)
    corners = TopTools_IndexedMapOfShape()
    TopExp.MapShapes_s(part.shape, TopAbs_ShapeEnum.TopAbs_VERTEX, corners)
    for number in range(1, corners.Extent() + 1):
        inside.Perform(BRep_Tool.Pnt_s(TopoDS.Vertex_s(corners.FindKey(number))), TOLERANCES.sew_mm)
        if inside.State() == TopAbs_State.TopAbs_OUT:
            return True
    return False


def cut(body: NamedShape, cutters: list[NamedShape], step: str = "cut") -> NamedShape:
    """Take all cutters from the body in one operation. Raises ``Refused`` as :func:`fuse`."""
    return _run(BRepAlgoAPI_Cut(), [body], cutters, step)


def _run(operation: object, arguments: list[NamedShape], tools: list[NamedShape], step: str) -> NamedShape:
    if not tools:
        return arguments[0]
    for shapes, setter in ((arguments, operation.SetArguments), (tools, operation.SetTools)):  # type: ignore[attr-defined]
        listed = TopTools_ListOfShape()
        for part in shapes:
            listed.Append(part.shape)
        setter(listed)
    operation.SetRunParallel(True)  # type: ignore[attr-defined]
    operation.SetToFillHistory(True)  # type: ignore[attr-defined]
    operation.Build()  # type: ignore[attr-defined]
    if not operation.IsDone():  # type: ignore[attr-defined]
        raise Refused([_failure(FindingCode.BOOLEAN_FAILED, f"the {step} of {len(tools)} parts failed in the kernel")])
    solids = solids_of(operation.Shape())  # type: ignore[attr-defined]
    if len(solids) != 1:
        finding = Finding(
            FindingCode.SOLID_COUNT,
            Severity.ERROR,
            f"after the {step} the metal is {len(solids)} solids instead of one",
            measured=float(len(solids)),
            limit=1.0,
            fix="make sure that prongs and rails overlap the shank: raise head.prong_diameter_mm or the shank's width",
        )
        raise Refused([finding])
    result = solids[0]
    faces = faces_of(result)
    index = ShapeIndex(faces)
    names: list[str | None] = [None] * len(faces)
    for part in [*arguments, *tools]:
        for face, name in zip(faces_of(part.shape), part.names, strict=True):
            for piece in [face, *operation.Modified(face)]:  # type: ignore[attr-defined]
                position = index.find(piece)
                if position >= 0:
                    names[position] = name
    known = tuple(name for name in names if name is not None)
    if len(known) != len(faces):
        lost = len(faces) - len(known)
        raise Refused([_failure(FindingCode.BOOLEAN_FAILED, f"{lost} faces lost their origin in the {step}")])
    return NamedShape(result, known)


def check(shape: NamedShape) -> list[Finding]:
    """The kernel's own validity check without its self-interference pass (that takes minutes), and loose edges."""
    found = []
    if not BRepAlgoAPI_Check(shape.shape, True, False).IsValid():
        found.append(_failure(FindingCode.BOOLEAN_FAILED, "the kernel's check finds faulty faces in the metal"))
    loose = loose_edges(shape)
    if loose:
        found.append(_failure(FindingCode.BOOLEAN_FAILED, f"{loose} edges of the metal do not join two faces"))
    return found


def loose_edges(shape: NamedShape) -> int:
    """How many edges are not the border of two faces, once in each direction.

    Where bodies meet in a point almost exactly, a boolean can leave the intersection of two faces as a crack in
    one of them, which neither the kernel's check nor a mesh shows.
    """
    numbers = TopTools_IndexedMapOfShape()
    uses: Counter[tuple[int, TopAbs_Orientation]] = Counter()
    for face in faces_of(shape.shape):
        explorer = TopExp_Explorer(face, TopAbs_ShapeEnum.TopAbs_EDGE)
        while explorer.More():
            edge = TopoDS.Edge_s(explorer.Current())
            explorer.Next()
            if not BRep_Tool.Degenerated_s(edge):
                uses[numbers.Add(edge), edge.Orientation()] += 1
    ways = (TopAbs_Orientation.TopAbs_FORWARD, TopAbs_Orientation.TopAbs_REVERSED)
    return sum(any(uses[number, way] != 1 for way in ways) for number in range(1, numbers.Extent() + 1))


def _failure(code: FindingCode, message: str) -> Finding:
    return Finding(
        code,
        Severity.ERROR,
        message,
        fix="change the seed or lower decoration.depth_mm by 0.05; if it stays, report the spec",
    )
