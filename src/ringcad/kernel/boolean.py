"""One fuse, one cut: booleans whose face names follow the kernel's history, with their checks."""

from __future__ import annotations

from OCP.BRepAlgoAPI import BRepAlgoAPI_Check, BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse
from OCP.TopTools import TopTools_ListOfShape

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.kernel.surfaces import NamedShape, ShapeIndex, faces_of, solids_of


def fuse(parts: list[NamedShape]) -> NamedShape:
    """Unite all parts in one operation. Raises ``Refused`` when the result is not one sound solid."""
    return _run(BRepAlgoAPI_Fuse(), parts[:1], parts[1:], "fuse")


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
    """The kernel's own validity check without its self-interference pass (that takes minutes)."""
    checker = BRepAlgoAPI_Check(shape.shape, True, False)
    if checker.IsValid():
        return []
    return [_failure(FindingCode.BOOLEAN_FAILED, "the kernel's check finds faulty faces in the metal")]


def _failure(code: FindingCode, message: str) -> Finding:
    return Finding(
        code,
        Severity.ERROR,
        message,
        fix="change the seed or lower decoration.depth_mm by 0.05; if it stays, report the spec",
    )
