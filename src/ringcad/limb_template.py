"""Templates whose ring is one closed limb: the folder's modules behind the protocol, imported when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringcad.generation import Relief, ZoneSize
    from ringcad.resolved import ResolvedRing
    from ringcad.seats.places import StoneInstance
    from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness


@dataclass(frozen=True)
class LimbTemplate:
    """A template whose ring is one closed limb and what is cut from it, without a core of its own.

    ``package`` holds :mod:`shape` (``zones``, ``plan``, ``crown_radius``) and :mod:`build` (``build``, ``soundness``);
    both are imported when they are needed.
    """

    name: str
    package: str

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        from ringcad.registry import specs_of

        return specs_of(self.package)

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of each decorated zone, by the decoration's id."""
        found: dict[str, ZoneSize] = self._module("shape").zones(resolved)
        return found

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the reliefs onto the skin. May raise ``Refused``."""
        made: RingPlan = self._module("shape").plan(resolved, reliefs)
        return made

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        from ringcad.fit.flush import flush_stones

        return flush_stones(resolved, self._module("shape").crown_radius(resolved))

    def core_numbers(self, resolved: ResolvedRing) -> dict[str, Any]:
        """Nothing is made before the decoration is known."""
        return {}

    def core(self, resolved: ResolvedRing, emit: Emit) -> Core | None:
        """There is no part that no decoration changes."""
        return None

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        built: BuiltRing = self._module("build").build(plan, emit)
        return built

    def soundness(self, plan: RingPlan, built: BuiltRing) -> Soundness:
        """The kernel's check of the solid, and the genus of its parts."""
        found: Soundness = self._module("build").soundness(plan, built)
        return found

    def _module(self, name: str) -> Any:
        return import_module(f"{self.package}.{name}")
