"""The ``ornament`` generator: prompt to program to relief."""

from __future__ import annotations

from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.ornament.compose import compose, render
from ringcad.generators.ornament.text import understand


class OrnamentGenerator:
    """Procedural ornament whose family and attributes are chosen by the prompt."""

    name = "ornament"

    def generate(self, request: GeneratorRequest) -> Relief:
        """Draw the relief. Raises ``InputError`` when the request cannot be met, with a proposal."""
        meaning = understand(request.prompt)
        program, notes = compose(request, meaning.family, meaning.attributes)
        return Relief(
            height=render(program, request.pixels_per_mm),
            length_mm=request.length_mm,
            width_mm=request.width_mm,
            understood=(*notes, *meaning.understood),
            retrieved=meaning.retrieved,
            not_understood=meaning.not_understood,
            program=program.to_dict(),
        )


generator = OrnamentGenerator()
