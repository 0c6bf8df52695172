"""What a build hands back."""

from __future__ import annotations

import contextlib
import shutil
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ringcad.core.findings import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringcad.resolved import ResolvedRing


@dataclass
class BuildResult:
    """A delivered or refused ring.

    Attributes
    ----------
    status
        ``ok``: the files lie under their final names; ``refused``: nothing was written, the findings say why.
    findings
        Of every stage, errors first.
    report
        The content of ``report.json`` (also of a refused ring, as far as it came).
    files
        Absolute paths by kind: ``stl``, ``step``, ``resolved``, ``report``, ``report_html``,
        ``certificate``, ``pictures`` (a list), ``lock``, ``reliefs`` (a list).
    sha256
        Digest by path, for every path in ``files``.
    timings_s
        Seconds by stage; stages overlap, ``total`` is what the caller waited.
    reused
        What was not computed again.
    """

    status: Literal["ok", "refused"]
    name: str
    findings: tuple[Finding, ...]
    report: dict[str, Any]
    files: dict[str, str | list[str]] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)
    reused: tuple[str, ...] = ()
    resolved: ResolvedRing | None = None
    arrays: Mapping[str, NDArray[Any]] | None = field(default=None, repr=False)
    face_names: tuple[str, ...] = field(default=(), repr=False)
    folder: Path | None = field(default=None, repr=False)
    """Private folder of this result (``out`` was not given); removed with it."""
    _cached: dict[str, Any] = field(default_factory=dict, repr=False)

    def own_folder(self, folder: Path) -> None:
        """Take over a private folder: it is removed with this result."""
        self.folder = folder
        weakref.finalize(self, shutil.rmtree, str(folder), True)

    @property
    def ok(self) -> bool:
        """True when the ring was delivered."""
        return self.status == "ok"

    @property
    def mesh(self) -> Any:
        """The metal as ``trimesh.Trimesh`` (mm, finished size), with ``face_attributes['origin']`` = the
        name of the B-rep face of each triangle. Raises ``ValueError`` when no mesh came to be."""
        if self.arrays is None:
            raise ValueError("this ring has no mesh: it was refused before it was meshed")
        if "mesh" not in self._cached:
            import numpy as np
            import trimesh

            names = np.asarray(self.face_names, dtype=object)
            mesh = trimesh.Trimesh(self.arrays["vertices"], self.arrays["triangles"], process=False)
            if len(names):
                mesh.face_attributes["origin"] = names[self.arrays["face_index"]]
            self._cached["mesh"] = mesh
        return self._cached["mesh"]

    @property
    def solid(self) -> Any:
        """The metal as a CadQuery ``Shape``, loaded on first use (imports the kernel, about 2 s).

        Raises ``ValueError`` when there is none.
        """
        if "solid" not in self._cached:
            path = None if self.folder is None else self.folder / "solid.brep"
            if path is not None and path.exists():
                from ringcad.kernel.handover import solid_from_brep

                self._cached["solid"] = solid_from_brep(path)
            elif "step" in self.files:
                from ringcad.kernel.handover import solid_from_step

                self._cached["solid"] = solid_from_step(Path(str(self.files["step"])))
            else:
                raise ValueError("this build kept no solid: it was refused, or built without a STEP file")
        return self._cached["solid"]

    def to_json(self) -> dict[str, Any]:
        """The contract of ``ringcad build --json``."""
        weight = self.report.get("weight") or {}
        return {
            "status": self.status,
            "name": self.name,
            "files": self.files,
            "sha256": self.sha256,
            "findings": [finding.to_dict() for finding in self.findings],
            "weight_g": {"as_cast": weight.get("as_cast_g"), "finished": weight.get("finished_g")} if weight else None,
            "stones": self.report.get("stones", []),
            "decoration": self.report.get("relief", []),
            "timings_s": self.timings_s,
            "reused": list(self.reused),
        }


def discard(result: BuildResult) -> None:
    """Remove a result's private folder now."""
    if result.folder is not None:
        with contextlib.suppress(OSError):
            shutil.rmtree(result.folder)
