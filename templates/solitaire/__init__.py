"""The solitaire: one round stone in a prong head on a shank whose shoulders are decorated.

Read in this order: :mod:`shape` (where the metal is, numbers), :mod:`arch` and :mod:`block` (the openings of a
cathedral, the calm piece of shank that carries the head), :mod:`plan` (reliefs onto the skin, numpy),
:mod:`parts` (bodies in the kernel), :mod:`build` (the head's block, the hoop, seats, mesh).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringcad.generation import Relief, ZoneSize
    from ringcad.resolved import HeadedRing, ResolvedRing
    from ringcad.seats.places import StoneInstance
    from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness


def _headed(resolved: ResolvedRing) -> HeadedRing:
    from ringcad.resolved import headed

    ring = headed(resolved)
    assert ring is not None, "resolve gives a solitaire its head"
    return ring


class Solitaire:
    """The template object behind the entry point; every import is lazy."""

    name = "solitaire"

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        from ringcad.registry import specs_of

        return specs_of(__package__)

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of each decorated zone, by the decoration's id."""
        from ringcad.templates.solitaire.plan import zones

        return zones(_headed(resolved))

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the reliefs onto the skin. May raise ``Refused``."""
        from ringcad.templates.solitaire.plan import plan

        return plan(_headed(resolved), reliefs)

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        from ringcad.templates.solitaire.shape import stones

        return stones(_headed(resolved))

    def core_numbers(self, resolved: ResolvedRing) -> dict[str, Any]:
        """All that the head's block follows from."""
        from ringcad.templates.solitaire.block import numbers

        return numbers(_headed(resolved))

    def core(self, resolved: ResolvedRing, emit: Emit) -> Core:
        """The head's block, in the kernel's process."""
        from ringcad.templates.solitaire.build import core

        return core(_headed(resolved), emit)

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        from ringcad.templates.solitaire.build import build

        return build(plan, core or self.core(plan.resolved, emit), emit)

    def soundness(self, plan: RingPlan, built: BuiltRing) -> Soundness:
        """The kernel's check of the solid, and the genus of its parts."""
        from ringcad.templates.solitaire.build import soundness

        return soundness(plan, built)


template = Solitaire()
