"""The template protocol: from resolved numbers to a plan (numpy) and from the plan to metal (kernel)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding
from ringcad.fit.limb import LimbNets
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import ResolvedRing
from ringcad.seats.places import StoneInstance

if TYPE_CHECKING:
    from ringcad.kernel.mesh import RingMesh
    from ringcad.kernel.surfaces import NamedShape

Emit = Callable[[str], None]


@dataclass(frozen=True)
class RingPlan:
    """Everything the kernel needs, as numbers; picklable.

    ``summary`` is JSON-ready: net size, platforms' share, wall bounds by site, what the filter and
    the budget changed, genus expected.
    """

    resolved: ResolvedRing
    nets: LimbNets
    skin: NDArray[np.float64]
    """Coefficients of the decorated outer wall, (n, k, 3)."""
    tile_stations: tuple[int, ...]
    """Stations where tiles meet along the limb, ascending once round (beyond n they count on)."""
    findings: tuple[Finding, ...]
    summary: dict[str, Any]
    closed_nets: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Decorated surfaces beside the skin that close round an axis (a bezel's wall): coefficients (n, k, 3), periodic
    along the first axis, by the name of their faces."""


@dataclass(frozen=True)
class Core:
    """What of the metal no decoration changes, made while the decoration is still being drawn.

    ``parts`` are open shells that :meth:`Template.build` joins to the decorated limb.
    """

    parts: tuple[NamedShape, ...]


@dataclass(frozen=True)
class Soundness:
    """What the kernel says of a finished solid, and how many handles its parts say that it must have."""

    findings: tuple[Finding, ...]
    expected_genus: int | None


@dataclass(frozen=True)
class BuiltRing:
    """The metal as a named solid and its mesh."""

    solid: NamedShape
    mesh: RingMesh
    stones: tuple[StoneInstance, ...]
    findings: tuple[Finding, ...]
    measures: dict[str, Any] = field(default_factory=dict)


class Template(Protocol):
    """A template: found by name through the entry-point group ``ringcad.templates``."""

    name: str

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        ...

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of each decorated zone, by the decoration's id."""
        ...

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the reliefs onto the skin. Numpy only. May raise ``Refused``."""
        ...

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        ...

    def core_numbers(self, resolved: ResolvedRing) -> dict[str, Any]:
        """All that :meth:`core` follows from, JSON-ready: rings with equal numbers share their core."""
        ...

    def core(self, resolved: ResolvedRing, emit: Emit) -> Core | None:
        """The part of the metal that no decoration changes, ``None`` if there is none; runs in the kernel's process
        while the decoration is drawn and fitted. May raise ``Refused``.
        """
        ...

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh; runs in the kernel's process. ``emit`` names the stage that starts."""
        ...

    def soundness(self, plan: RingPlan, built: BuiltRing) -> Soundness:
        """The kernel's check of the solid; runs in the kernel's process while the gate reads the file."""
        ...
