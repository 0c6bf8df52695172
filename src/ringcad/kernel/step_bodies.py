"""Anybody's STEP file as named triangle bodies in mm, made in a process of its own.

OCCT may crash or hang on a damaged file; the caller sees a sentence instead.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError

CHORD_MM, ANGLE_RAD = 0.01, 0.2
"""Chord and angle of the triangles: half the 0.02 mm to which a seat is measured."""

TIME_LIMIT_S = 300.0

_NUMBERED = re.compile(r"(NAUO|=>\[)", re.IGNORECASE)
"""What exporters call the next assembly usage occurrence (ISO 10303-44) when nobody named it."""

Bodies = list[tuple[str, NDArray[np.float32]]]


def step_bodies(path: Path, time_limit_s: float = TIME_LIMIT_S) -> Bodies:
    """Name and corner coordinates ((m, 3, 3) float32, mm) of each solid, shell or loose face group of a STEP file.

    Raises
    ------
    InputError
        When the file is no STEP file, holds no surface, or reading it fails or takes too long.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    if b"ISO-10303-21" not in start:
        raise InputError(f"{path}: this is no STEP file (it does not begin with ISO-10303-21)")
    with tempfile.TemporaryDirectory(prefix="ringcad-step-") as folder:
        out = Path(folder) / "bodies.npz"
        command = [sys.executable, "-m", "ringcad.kernel.step_bodies", str(path.resolve()), str(out)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=time_limit_s, check=False)
        except subprocess.TimeoutExpired as error:
            raise InputError(f"{path}: reading it took more than {time_limit_s:.0f} s and was stopped") from error
        if done.returncode != 0 or not out.exists():
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            reason = said[-1][:160] if done.returncode == 2 and said else "the STEP reader failed on it"
            raise InputError(f"{path}: {reason}")
        with np.load(out) as stored:
            names = [str(name) for name in stored["names"]]
            return [(name, stored[f"body{k}"]) for k, name in enumerate(names)]


def _read(path: Path) -> Bodies:
    """The work of the process; ``ValueError`` with a sentence where the file is at fault."""
    from OCP.IFSelect import IFSelect_ReturnStatus
    from OCP.STEPCAFControl import STEPCAFControl_Reader
    from OCP.TCollection import TCollection_ExtendedString
    from OCP.TDF import TDF_LabelSequence
    from OCP.TDocStd import TDocStd_Document
    from OCP.XCAFDoc import XCAFDoc_DocumentTool

    from ringcad.kernel.step import silence

    silence()
    document = TDocStd_Document(TCollection_ExtendedString("MDTV-XCAF"))
    reader = STEPCAFControl_Reader()
    reader.SetNameMode(True)
    if reader.ReadFile(str(path)) != IFSelect_ReturnStatus.IFSelect_RetDone or not reader.Transfer(document):
        raise ValueError("the STEP file is damaged")
    tool = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    free = TDF_LabelSequence()
    tool.GetFreeShapes(free)
    found: Bodies = []
    for i in range(1, free.Length() + 1):
        _collect(tool, free.Value(i), "", None, found)
    if not found:
        raise ValueError("the STEP file holds no surface")
    return found


def _collect(tool: Any, label: Any, outer: str, placed: Any, found: Bodies) -> None:
    """Bodies under a label, assemblies opened and placed."""
    from OCP.TDF import TDF_Label, TDF_LabelSequence

    from ringcad.kernel.step import label_name

    name = label_name(label) or outer
    referred = TDF_Label()
    is_instance = tool.GetReferredShape_s(label, referred)
    definition = referred if is_instance else label
    location = tool.GetLocation_s(label)
    place = location if placed is None else placed.Multiplied(location)
    if tool.IsAssembly_s(definition):
        parts = TDF_LabelSequence()
        tool.GetComponents_s(definition, parts)
        for i in range(1, parts.Length() + 1):
            _collect(tool, parts.Value(i), name, place, found)
        return
    shape = tool.GetShape_s(definition)
    # The name of the occurrence tells two uses of one product apart, unless a program only numbered it.
    base = name if name and not _NUMBERED.match(name) else label_name(definition) or name or "body"
    bare = shape.Located(place) if is_instance or placed is not None else shape
    for part in _bodies_of(bare):
        corners = _triangles(part)
        if len(corners):
            found.append((base, corners))


def _bodies_of(shape: object) -> list[object]:
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer

    for kind, outside in (
        (TopAbs_ShapeEnum.TopAbs_SOLID, TopAbs_ShapeEnum.TopAbs_SHAPE),
        (TopAbs_ShapeEnum.TopAbs_SHELL, TopAbs_ShapeEnum.TopAbs_SOLID),
    ):
        parts, walk = [], TopExp_Explorer(shape, kind, outside)
        while walk.More():
            parts.append(walk.Current())
            walk.Next()
        if parts:
            return parts
    return [shape]


def _triangles(shape: object) -> NDArray[np.float32]:
    """(m, 3, 3) corners of a meshed shape, turned outward."""
    from OCP.BRep import BRep_Tool
    from OCP.BRepMesh import BRepMesh_IncrementalMesh
    from OCP.TopAbs import TopAbs_Orientation
    from OCP.TopLoc import TopLoc_Location

    from ringcad.kernel.surfaces import faces_of

    BRepMesh_IncrementalMesh(shape, CHORD_MM, False, ANGLE_RAD, True)
    parts = []
    for face in faces_of(shape):
        location = TopLoc_Location()
        mesh = BRep_Tool.Triangulation_s(face, location)
        if mesh is None:
            raise ValueError("a face of the STEP file could not be meshed")
        move = location.Transformation()
        points = np.array(
            [mesh.Node(k).Transformed(move).Coord() for k in range(1, mesh.NbNodes() + 1)], dtype=np.float64
        )
        index = np.array([mesh.Triangle(k).Get() for k in range(1, mesh.NbTriangles() + 1)], dtype=np.int64) - 1
        if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED:
            index = index[:, ::-1]
        if len(index):
            parts.append(points[index].astype(np.float32))
    return np.concatenate(parts) if parts else np.zeros((0, 3, 3), np.float32)


def main(arguments: list[str]) -> int:
    """``python -m ringcad.kernel.step_bodies IN.step OUT.npz``; exit 2 with a sentence for a bad file."""
    try:
        found = _read(Path(arguments[0]))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    arrays: dict[str, Any] = {f"body{k}": corners for k, (_, corners) in enumerate(found)}
    np.savez(arguments[1], names=np.array([name for name, _ in found], dtype=np.str_), **arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
