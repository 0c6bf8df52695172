"""STEP through XDE: one metal solid with named and coloured faces, stones as separate named solids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.BRepGProp import BRepGProp
from OCP.gp import gp_Ax3, gp_Dir, gp_Pnt, gp_Trsf
from OCP.GProp import GProp_GProps
from OCP.IFSelect import IFSelect_ReturnStatus
from OCP.Interface import Interface_Static
from OCP.Message import Message
from OCP.Quantity import Quantity_Color, Quantity_TypeOfColor
from OCP.STEPCAFControl import STEPCAFControl_Reader, STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_StepModelType
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_LabelSequence
from OCP.TDocStd import TDocStd_Document
from OCP.XCAFDoc import XCAFDoc_ColorType, XCAFDoc_DocumentTool

from ringcad.core.errors import KernelFault
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.kernel.parts import frame, polyhedron
from ringcad.kernel.surfaces import NamedShape, faces_of, solids_of

if TYPE_CHECKING:
    from ringcad.resolved import RoundStone
    from ringcad.template import BuiltRing, RingPlan, StoneInstance

#: Share by which the re-read solid may differ in volume.
VOLUME_SHARE = 1e-4

#: How far the tint of a face group moves the alloy's colour, so that origins can be told apart.
_TINTS = {
    "skin": (1.0, 1.0, 1.0),
    "bore": (0.92, 0.92, 0.96),
    "shank_side": (0.96, 0.96, 1.0),
    "seat": (0.75, 0.8, 1.0),
}


def write_step(built: BuiltRing, plan: RingPlan, path: Path) -> None:
    """Write metal and stones to ``path``; raises ``KernelFault`` when the writer gives up."""
    ring = plan.resolved
    document = TDocStd_Document(TCollection_ExtendedString("MDTV-XCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    colors = XCAFDoc_DocumentTool.ColorTool_s(document.Main())
    metal = shapes.AddShape(built.solid.shape, False)
    TDataStd_Name.Set_s(metal, TCollection_ExtendedString(f"metal {ring.metal.name}"))
    colors.SetColor(metal, _color(ring.metal.color_rgb), XCAFDoc_ColorType.XCAFDoc_ColorSurf)
    for face, name in zip(faces_of(built.solid.shape), built.solid.names, strict=True):
        label = shapes.AddSubShape(metal, face)
        TDataStd_Name.Set_s(label, TCollection_ExtendedString(name))
        tint = next((t for key, t in _TINTS.items() if name.startswith(key)), (0.98, 0.98, 0.98))
        rgb = tuple(c * t for c, t in zip(ring.metal.color_rgb, tint, strict=True))
        colors.SetColor(label, _color(rgb), XCAFDoc_ColorType.XCAFDoc_ColorSurf)
    models: dict[str, NamedShape] = {}
    for instance in built.stones:
        stone = ring.stone if instance.stone_key == "center" else ring.accents[int(instance.stone_key)].stone
        body = models.setdefault(instance.stone_key, _stone_solid(stone))
        placed = BRepBuilderAPI_Transform(body.shape, _placement(instance), True).Shape()
        label = shapes.AddShape(placed, False)
        TDataStd_Name.Set_s(label, TCollection_ExtendedString(f"stone {instance.id} {stone.gem}"))
        colors.SetColor(label, _color(stone.color_rgb), XCAFDoc_ColorType.XCAFDoc_ColorSurf)
    _silence()
    writer = STEPCAFControl_Writer()
    writer.SetNameMode(True)
    writer.SetColorMode(True)
    Interface_Static.SetIVal_s("write.stepcaf.subshapes.name", 1)
    Interface_Static.SetCVal_s("write.step.unit", "MM")
    if not writer.Transfer(document, STEPControl_StepModelType.STEPControl_AsIs):
        raise KernelFault("the STEP writer cannot translate the ring")
    if writer.Write(str(path)) != IFSelect_ReturnStatus.IFSelect_RetDone:
        raise KernelFault(f"the STEP file {path.name} cannot be written")


def _silence() -> None:
    """The translators print statistics on standard output, which belongs to the caller."""
    Message.DefaultMessenger_s().ChangePrinters().Clear()


def _stone_solid(stone: RoundStone) -> NamedShape:
    from ringcad.seats.brilliant import facet_polygons

    return polyhedron(facet_polygons(stone), "stone")


def _placement(instance: StoneInstance) -> gp_Trsf:
    side, _, axis = frame(np.array(instance.axis))
    place = gp_Trsf()
    place.SetTransformation(
        gp_Ax3(gp_Pnt(*instance.origin), gp_Dir(*map(float, axis)), gp_Dir(*map(float, side))),
        gp_Ax3(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 0.0, 1.0), gp_Dir(1.0, 0.0, 0.0)),
    )
    return place


def _color(rgb: tuple[float, ...]) -> Quantity_Color:
    r, g, b = (float(min(max(c, 0.0), 1.0)) for c in rgb)
    return Quantity_Color(r, g, b, Quantity_TypeOfColor.Quantity_TOC_RGB)


def read_step(path: Path) -> tuple[NamedShape, list[str]]:
    """The metal of a ringcad STEP file with its face names, and the names of all solids in it."""
    document = TDocStd_Document(TCollection_ExtendedString("MDTV-XCAF"))
    _silence()
    reader = STEPCAFControl_Reader()
    reader.SetNameMode(True)
    Interface_Static.SetIVal_s("read.stepcaf.subshapes.name", 1)
    if reader.ReadFile(str(path)) != IFSelect_ReturnStatus.IFSelect_RetDone or not reader.Transfer(document):
        raise KernelFault(f"the STEP file {path.name} cannot be read back")
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    free = TDF_LabelSequence()
    shapes.GetFreeShapes(free)
    solids, metal = [], None
    for i in range(1, free.Length() + 1):
        label = free.Value(i)
        name = _name(label)
        found = solids_of(shapes.GetShape_s(label))
        solids.extend([name] * len(found))
        if name.startswith("metal") and len(found) == 1:
            metal = (label, found[0])
    if metal is None:
        raise KernelFault(f"the STEP file {path.name} holds no metal solid")
    from ringcad.kernel.surfaces import ShapeIndex

    children = TDF_LabelSequence()
    shapes.GetSubShapes_s(metal[0], children)
    faces, names = [], []
    for i in range(1, children.Length() + 1):
        faces.append(shapes.GetShape_s(children.Value(i)))
        names.append(_name(children.Value(i)))
    index = ShapeIndex(faces)
    found_names = []
    for face in faces_of(metal[1]):
        position = index.find(face)
        found_names.append(names[position] if position >= 0 else "")
    return NamedShape(metal[1], tuple(found_names)), solids


def _name(label: object) -> str:
    attribute = TDataStd_Name()
    if label.FindAttribute(TDataStd_Name.GetID_s(), attribute):  # type: ignore[attr-defined]
        return str(attribute.Get().ToExtString())
    return ""


def integrated_volume(shape: NamedShape) -> float:
    """Volume by the kernel's own integration, mm3.

    On a relief it is off by up to 0.3 %, but equally so for equal surfaces: good for comparing two
    states of one solid, at half the price of meshing it again; never for weights.
    """
    properties = GProp_GProps()
    BRepGProp.VolumeProperties_s(shape.shape, properties)
    return float(properties.Mass())


def reread_step(path: Path, built: BuiltRing) -> tuple[dict[str, Any], list[Finding]]:
    """Read the file back and compare it with what was built: solids, face names, volume."""
    shape, solids = read_step(path)
    volume = integrated_volume(built.solid)
    share = abs(integrated_volume(shape) - volume) / volume
    lost = sum(1 for name in shape.names if not name)
    measures = {
        "solids": len(solids),
        "solid_names": solids,
        "faces": len(shape.names),
        "faces_without_name": lost,
        "volume_share": share,
        "bytes": path.stat().st_size,
    }
    expected = 1 + len(built.stones)
    findings = []
    for ok, message, measured, limit in (
        (len(solids) == expected, "solids in the STEP file", len(solids), expected),
        (lost == 0 and sorted(set(shape.names)) == sorted(set(built.solid.names)), "faces without their name", lost, 0),
        (share <= VOLUME_SHARE, "share by which its volume differs", share, VOLUME_SHARE),
    ):
        if not ok:
            findings.append(
                Finding(
                    FindingCode.STEP_MISMATCH,
                    Severity.ERROR,
                    f"re-reading the STEP file: {message}: {measured:.5g} instead of {limit:.5g}",
                    measured=float(measured),
                    limit=float(limit),
                    fix="build again; if it stays, deliver with --no-step and report the spec",
                )
            )
    return measures, findings
