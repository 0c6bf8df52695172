"""The eternity band: a row of stones in a channel all round or over the top half, between plain or decorated walls.

The limb is the band's. :mod:`shape` says where the borders are and fits the relief onto them (numpy), :mod:`build`
makes the solid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringcad.generation import Relief, ZoneSize
    from ringcad.resolved import ResolvedRing
    from ringcad.seats.places import StoneInstance
    from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness


class Eternity:
    """The template object behind the entry point; every import is lazy."""

    name = "eternity"

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        from ringcad.registry import specs_of

        return specs_of(__package__)

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of the two decorated borders, which close on themselves."""
        from ringcad.templates.eternity.shape import zones

        return zones(resolved)

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the relief onto the skin. May raise ``Refused``."""
        from ringcad.templates.eternity.shape import plan

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
        """The channel is cut from the decorated limb: there is no part of its own."""
        return None

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        from ringcad.templates.eternity.build import build

        return build(plan, emit)

    def soundness(self, plan: RingPlan, built: BuiltRing) -> Soundness:
        """The kernel's check of the solid, and the genus of its parts."""
        from ringcad.templates.eternity.build import soundness

        return soundness(plan, built)


template = Eternity()
