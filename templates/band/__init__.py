"""The band: a ring without a head, decorated all round, with or without a row of flush stones on its top.

:mod:`shape` says where the metal is and fits the relief onto it (numpy), :mod:`build` makes the solid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringcad.generation import Relief, ZoneSize
    from ringcad.resolved import ResolvedRing
    from ringcad.seats.places import StoneInstance
    from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness


class Band:
    """The template object behind the entry point; every import is lazy."""

    name = "band"

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        from ringcad.registry import specs_of

        return specs_of(__package__)

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of the decorated outside, which closes on itself."""
        from ringcad.templates.band.shape import zones

        return zones(resolved)

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the relief onto the skin. May raise ``Refused``."""
        from ringcad.templates.band.shape import plan

        return plan(resolved, reliefs)

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        from ringcad.fit.flush import flush_stones
        from ringcad.templates.band.shape import crown_radius

        return flush_stones(resolved, crown_radius(resolved))

    def core_numbers(self, resolved: ResolvedRing) -> dict[str, Any]:
        """Nothing is made before the decoration is known."""
        return {}

    def core(self, resolved: ResolvedRing, emit: Emit) -> Core | None:
        """A band has no part that no decoration changes."""
        return None

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        from ringcad.templates.band.build import build

        return build(plan, emit)

    def soundness(self, plan: RingPlan, built: BuiltRing) -> Soundness:
        """The kernel's check of the solid, and the genus of its parts."""
        from ringcad.templates.band.build import soundness

        return soundness(plan, built)


template = Band()
