"""The solitaire: one round stone in a prong head on a shank whose shoulders are decorated.

Read in this order: :mod:`shape` (where the metal is, numbers), :mod:`plan` (reliefs onto the skin,
numpy), :mod:`parts` (bodies in the kernel), :mod:`build` (one fuse, one cut, mesh).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringcad.generation import Relief
    from ringcad.resolved import ResolvedRing
    from ringcad.template import BuiltRing, Emit, RingPlan, StoneInstance, ZoneSize


class Solitaire:
    """The template object behind the entry point; every import is lazy."""

    name = "solitaire"

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        folder = resources.files(__package__) / "specs"
        return {
            entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
            for entry in sorted(folder.iterdir(), key=lambda e: e.name)
            if entry.name.endswith(".yaml") and not entry.name.endswith(".lock.yaml")
        }

    def zones(self, resolved: ResolvedRing) -> dict[str, ZoneSize]:
        """Size of each decorated zone, by the decoration's id."""
        from ringcad.templates.solitaire.plan import zones

        return zones(resolved)

    def plan(self, resolved: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
        """Fit the reliefs onto the skin. May raise ``Refused``."""
        from ringcad.templates.solitaire.plan import plan

        return plan(resolved, reliefs)

    def stones(self, resolved: ResolvedRing) -> list[StoneInstance]:
        """All stones in place."""
        from ringcad.templates.solitaire.shape import stones

        return stones(resolved)

    def build(self, plan: RingPlan, emit: Emit) -> BuiltRing:
        """Solid and mesh of a plan, in the kernel's process."""
        from ringcad.templates.solitaire.build import build

        return build(plan, emit)


template = Solitaire()
