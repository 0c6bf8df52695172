"""A finished solid for the Python API: read from a file, as a CadQuery shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from OCP.BinTools import BinTools
from OCP.TopoDS import TopoDS_Shape

from ringcad.core.errors import KernelFault
from ringcad.kernel.step import read_step


def solid_from_brep(path: Path) -> Any:
    """The ``cadquery.Shape`` that :func:`ringcad.kernel.shapes.save_brep` wrote. Raises ``KernelFault``."""
    shape = TopoDS_Shape()
    if not BinTools.Read_s(shape, str(path)) or shape.IsNull():
        raise KernelFault(f"the solid in {path.name} cannot be read back")
    return _as_cadquery(shape)


def solid_from_step(path: Path) -> Any:
    """The metal of a ringcad STEP file as a ``cadquery.Shape``. Raises ``KernelFault``."""
    return _as_cadquery(read_step(path)[0].shape)


def _as_cadquery(shape: TopoDS_Shape) -> Any:
    from cadquery import Shape  # slow to import, and the worker never needs it

    return Shape.cast(shape)
