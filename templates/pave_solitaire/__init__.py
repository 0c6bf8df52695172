"""The pave solitaire: a solitaire on a shank whose shoulders carry a bead-set row, with ornament beyond it or without.

Its head and its shank are the solitaire's, whose head's block carries the row too: beads are fused and seats cut in a
quarter of it, once for all decorations. What the row measures is decided in :mod:`ringcad.resolve.beads`, where its
stones stand in :mod:`ringcad.fit.bead_row`, its bodies and cutters are :mod:`ringcad.kernel.beads`.
"""

from __future__ import annotations

from ringcad.templates.solitaire import Solitaire


class PaveSolitaire(Solitaire):
    """The template object behind the entry point."""

    name = "pave_solitaire"

    def specs(self) -> dict[str, str]:
        """Ready-to-edit YAML specs by name."""
        from ringcad.registry import specs_of

        return specs_of(__package__)


template = PaveSolitaire()
