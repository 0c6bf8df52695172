"""The bezel solitaire: one round stone in a wall of metal, full or half, on a shank whose shoulders are decorated.

:mod:`shape` says where the metal is and fits the reliefs (numpy), :mod:`build` makes the solid. The section of the
bezel itself, collar, cup, seat and light, stands in :mod:`ringcad.fit.bezel_section`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringcad.generation import Relief, ZoneSize
    from ringcad.resolved import BezelRing, ResolvedRing
    from ringcad.seats.places import StoneInstance
    from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness


def _bezeled(resolved: ResolvedRing) -> BezelRing:
    from ringcad.resolved import bezeled

    ring = bezeled(resolved)
    assert ring is not None, "resolve gives a bezel solitaire its bezel"
    return ring


class BezelSolitaire:
    """The template object behind the entry point; every import is lazy."""

    name = "bezel_solitaire"

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        from ringcad.registry import specs_of

        return specs_of(__package__)

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of each decorated zone, by the decoration's id."""
        from ringcad.templates.bezel_solitaire.shape import zones

        return zones(_bezeled(resolved))

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the reliefs onto the skin. May raise ``Refused``."""
        from ringcad.templates.bezel_solitaire.shape import plan

        return plan(_bezeled(resolved), reliefs)

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        from ringcad.templates.bezel_solitaire.shape import stones

        return stones(_bezeled(resolved))

    def core_numbers(self, resolved: ResolvedRing) -> dict[str, Any]:
        """All that the bezel with its piece of shank follows from."""
        from ringcad.templates.bezel_solitaire.shape import numbers

        return numbers(_bezeled(resolved))

    def core(self, resolved: ResolvedRing, emit: Emit) -> Core:
        """The bezel with its piece of shank, in the kernel's process."""
        from ringcad.templates.bezel_solitaire.build import core

        return core(_bezeled(resolved), emit)

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        from ringcad.templates.bezel_solitaire.build import build

        return build(plan, core or self.core(plan.resolved, emit), emit)

    def soundness(self, plan: RingPlan, built: BuiltRing) -> Soundness:
        """The kernel's check of the solid, and the genus of its parts."""
        from ringcad.templates.bezel_solitaire.build import soundness

        return soundness(plan, built)


template = BezelSolitaire()
