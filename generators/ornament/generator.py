"""The ``ornament`` generator: prompt to program to relief."""

from __future__ import annotations

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import FAMILIES, compose, render

from ringcad.generation import GeneratorRequest, Relief


class OrnamentGenerator:
    """Procedural ornament whose family and attributes are chosen by the prompt."""

    name = "ornament"

    def generate(self, request: GeneratorRequest) -> Relief:
        """Draw the relief. Raises ``InputError`` when the request cannot be met, with a proposal."""
        words = request.prompt.lower()
        family = next(
            (name for name in FAMILIES if name in words), "vine" if "lea" in words or "ivy" in words else "milgrain"
        )
        program, notes = compose(request, family, Attributes())
        return Relief(
            render(program, request.pixels_per_mm),
            request.length_mm,
            request.width_mm,
            notes,
            (f"retrieved family: {family}",),
            (),
            program.to_dict(),
        )


generator = OrnamentGenerator()
