"""What the stages of one build know of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ringcad.cache import Cache
from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, Severity, has_errors
from ringcad.options import BuildOptions
from ringcad.progress import Stopwatch
from ringcad.sources import Source

if TYPE_CHECKING:
    from ringcad.reliefs import ZoneRelief
    from ringcad.render.scene import RenderScene
    from ringcad.resolved import ResolvedRing
    from ringcad.template import Template
    from ringcad.worker import BuiltMesh


@dataclass
class Build:
    """State of one build on its way through the stages."""

    source: Source
    options: BuildOptions
    watch: Stopwatch
    cache: Cache
    resolved: ResolvedRing
    template: Template
    reliefs: dict[str, ZoneRelief] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    measurements: dict[str, Any] = field(default_factory=dict)
    reused: list[str] = field(default_factory=list)
    mesh: BuiltMesh | None = None
    scene: RenderScene | None = None

    @property
    def stl_name(self) -> str:
        """The scale of a file that is not at finished size stands in its name (design, Standards are data)."""
        scale = self.resolved.foundry.casting_scale
        return f"{self.source.name}.stl" if scale == 1.0 else f"{self.source.name}.scale-{scale:.4f}.stl"

    @property
    def step_name(self) -> str:
        return f"{self.source.name}.step"

    @property
    def wants_step(self) -> bool:
        return self.options.step and self.resolved.export.step

    @property
    def wants_pictures(self) -> bool:
        return self.options.pictures and self.resolved.export.pictures

    def take(self, findings: Sequence[Finding]) -> None:
        """Add findings; the first stage that has an error ends the build."""
        self.findings.extend(f for f in findings if f not in self.findings)  # mirrored zones say the same twice
        if has_errors(tuple(findings)):
            raise Refused([f for f in findings if f.severity is Severity.ERROR])


@dataclass
class Content:
    """What is delivered besides the reports: staged names by kind, and the report as far as it is known."""

    files: dict[str, str | list[str]]
    report: dict[str, Any]
    pictures: list[str]
