"""Templates whose heads stand on a piece of shank that no decoration changes, behind the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ringcad.limb_template import LimbTemplate

if TYPE_CHECKING:
    from ringcad.generation import Relief, ZoneSize
    from ringcad.resolved import HeadedRing, ResolvedRing
    from ringcad.seats.places import StoneInstance
    from ringcad.template import BuiltRing, Core, Emit, RingPlan


def _headed(resolved: ResolvedRing) -> HeadedRing:
    from ringcad.resolved import headed

    ring = headed(resolved)
    assert ring is not None, "resolve gives such a template its head"
    return ring


@dataclass(frozen=True)
class HeadTemplate(LimbTemplate):
    """A template with a center stone in prongs and a core of its own.

    ``package`` holds :mod:`shape` (``zones``, ``plan``, ``stones``, ``numbers``) and :mod:`build` (``core``, ``build``,
    ``soundness``), which take a :class:`~ringcad.resolved.HeadedRing`; both are imported when they are needed.
    """

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of each decorated zone, by the decoration's id."""
        return super().zones(_headed(resolved))

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the reliefs onto the skin. May raise ``Refused``."""
        return super().plan(_headed(resolved), reliefs)

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        found: list[StoneInstance] = self._module("shape").stones(_headed(resolved))
        return found

    def core_numbers(self, resolved: ResolvedRing) -> dict[str, Any]:
        """All that the heads with their piece of shank follow from."""
        found: dict[str, Any] = self._module("shape").numbers(_headed(resolved))
        return found

    def core(self, resolved: ResolvedRing, emit: Emit) -> Core:
        """The heads with their piece of shank, in the kernel's process."""
        made: Core = self._module("build").core(_headed(resolved), emit)
        return made

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        built: BuiltRing = self._module("build").build(plan, core or self.core(plan.resolved, emit), emit)
        return built
