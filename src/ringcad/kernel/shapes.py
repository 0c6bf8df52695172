"""Hand shapes on as bytes: a finished solid for the Python API, a core for the cache."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from OCP.BinTools import BinTools
from OCP.BRep import BRep_Builder
from OCP.TopoDS import TopoDS_Compound, TopoDS_Iterator, TopoDS_Shape

from ringcad.core.errors import KernelFault
from ringcad.kernel.surfaces import NamedShape
from ringcad.template import Core

if TYPE_CHECKING:
    from ringcad.template import BuiltRing


def save_brep(built: BuiltRing, path: Path) -> None:
    """Write the metal solid in the kernel's binary format (for handing on, never for a warm build:
    a solid stored and read back meshes differently).
    """
    if not BinTools.Write_s(built.solid.shape, str(path)):
        raise KernelFault(f"the solid cannot be written to {path.name}")


def core_bytes(core: Core) -> bytes:
    """A core as bytes: a line of JSON with its names, then its shapes in the kernel's binary format."""
    builder = BRep_Builder()
    together = TopoDS_Compound()
    builder.MakeCompound(together)
    for part in core.parts:
        builder.Add(together, part.shape)
    stream = io.BytesIO()
    BinTools.Write_s(together, stream)
    head = {"names": [part.names for part in core.parts]}
    return json.dumps(head).encode() + b"\n" + stream.getvalue()


def core_from_bytes(payload: bytes) -> Core:
    """The core that :func:`core_bytes` wrote. A fresh core goes through here too, so that a stored one
    gives the same bytes of STL. Raises ``KernelFault`` when the bytes are damaged.
    """
    head, _, shapes = payload.partition(b"\n")
    try:
        names = [tuple(map(str, row)) for row in json.loads(head)["names"]]
    except (ValueError, KeyError, TypeError) as error:
        raise KernelFault("a stored core cannot be read") from error
    together = TopoDS_Shape()
    BinTools.Read_s(together, io.BytesIO(shapes))
    found = []
    if not together.IsNull():
        iterator = TopoDS_Iterator(together)
        while iterator.More():
            found.append(iterator.Value())
            iterator.Next()
    if len(found) != len(names):
        raise KernelFault("a stored core cannot be read")
    return Core(tuple(NamedShape(shape, row) for shape, row in zip(found, names, strict=True)))
