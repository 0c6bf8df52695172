"""The halo: a solitaire whose center stone stands in a rim with a closed row of small bead-set stones, or over a row
that looks sideways out of the seat rail (a hidden halo).

Head, shank and its decoration are the solitaire's (:mod:`ringcad.templates.solitaire`); :mod:`parts` has the rim, its
beads and seats in the kernel, :mod:`plan` the relief on the rim's outside, :mod:`build` adds all to a quarter of the
head. Where all that stands is numbers of the resolved ring (:mod:`ringcad.resolve.halo`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ringcad.templates.solitaire import Solitaire

if TYPE_CHECKING:
    from ringcad.generation import Relief, ZoneSize
    from ringcad.resolved import ResolvedRing
    from ringcad.seats.places import StoneInstance
    from ringcad.template import BuiltRing, Core, Emit, RingPlan, Soundness


class HaloSolitaire(Solitaire):
    """The template object behind the entry point; every import is lazy."""

    name = "halo"

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        from ringcad.registry import specs_of

        return specs_of(__package__)

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of each decorated zone, by the decoration's id."""
        from ringcad.templates.halo.plan import zones

        return zones(super().zones(resolved), resolved)

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the reliefs onto skin and rim. May raise ``Refused``."""
        from ringcad.templates.halo.plan import plan

        return plan(super().plan(resolved, reliefs), reliefs)

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        from ringcad.templates.halo.build import stones

        return stones(super().stones(resolved), resolved)

    def core_numbers(self, resolved: ResolvedRing) -> dict[str, Any]:
        """All that the head's block follows from."""
        halo = resolved.halo or resolved.hidden_halo
        assert halo is not None, "resolve gives this template its halo"
        return {**super().core_numbers(resolved), "halo": halo.model_dump(mode="json")}

    def core(self, resolved: ResolvedRing, emit: Emit) -> Core:
        """The head's block with the rim, in the kernel's process."""
        from ringcad.templates.halo.build import core
        from ringcad.templates.solitaire import _headed

        return core(_headed(resolved), emit)

    def build(self, plan: RingPlan, core: Core | None, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        from ringcad.templates.halo.build import build

        return build(plan, core or self.core(plan.resolved, emit), emit)

    def soundness(self, plan: RingPlan, built: BuiltRing) -> Soundness:
        """The kernel's check of the solid, and the genus of its parts."""
        from ringcad.templates.halo.build import soundness

        return soundness(plan, built)


template = HaloSolitaire()
