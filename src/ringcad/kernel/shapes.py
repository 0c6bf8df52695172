"""Hand a finished solid on: as a BREP file for the Python API's lazy ``solid``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from OCP.BinTools import BinTools

from ringcad.core.errors import KernelFault

if TYPE_CHECKING:
    from ringcad.template import BuiltRing


def save_brep(built: BuiltRing, path: Path) -> None:
    """Write the metal solid in the kernel's binary format (for handing on, never for a warm build:
    a solid stored and read back meshes differently).
    """
    if not BinTools.Write_s(built.solid.shape, str(path)):
        raise KernelFault(f"the solid cannot be written to {path.name}")
