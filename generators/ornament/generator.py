"""The ``ornament`` generator: prompt to scheme to program to relief.

What reads and draws is imported when something is drawn: a build from a stored relief does without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ringcad.generation import GeneratorRequest, Relief

if TYPE_CHECKING:
    from ringcad.generators.ornament.arrange import Part
    from ringcad.generators.ornament.attributes import Attributes
    from ringcad.generators.ornament.text import Scheme


def scheme_parts(scheme: Scheme, wish: Attributes) -> tuple[Part, ...]:
    """Parts of the band for what a prompt asked for; each motif with its own silhouette."""
    from ringcad.generators.ornament.arrange import Part
    from ringcad.generators.ornament.text import BORDERS

    main = replace(wish, form=scheme.motif) if scheme.motif else None
    parts = [Part(scheme.main, "middle", main, scheme.instead)]
    if scheme.companion:
        beside = replace(wish, form=scheme.companion_motif, rows=None, repeats=None, petals=None)
        if scheme.layout == "stacked":
            parts = [Part(scheme.main, "top", main), Part(scheme.companion, "bottom", beside)]
        elif scheme.layout == "flanked":
            side = Part(scheme.companion, "middle", beside)
            parts = [side, *parts, side]
        else:
            parts.append(Part(scheme.companion, "middle", beside))
    if scheme.edges and scheme.edges not in BORDERS:
        parts.append(Part(scheme.edges, "edges", replace(wish, form=None, rows=None, repeats=None, petals=None)))
    if scheme.ground:
        parts.append(Part(scheme.ground, "ground"))
    return tuple(parts)


class OrnamentGenerator:
    """Ornament programs whose families, places and attributes a trained model reads from the prompt."""

    name = "ornament"
    version = "6"
    """Enters the lock's hash: raised when the same prompt is drawn otherwise. 2: layers by the trained sampler,
    families redrawn. 4: things in their places, calmer grounds. 5: zigzag, tiles,
    lace and wire, grains that follow the figures, flowers on stems, rows of unlike height. 6: halves for two themes
    above each other, blossoms by themselves in turns and slim strips, turns by twos, fields dealt by design."""
    draws_programs = True

    def generate(self, request: GeneratorRequest) -> Relief:
        """Draw the prompt, or the program in its place.

        Raises ``InputError`` when the request cannot be met, with a proposal; ``SpecError`` for a wrong program.
        """
        if request.program is not None:
            from ringcad.generators.ornament.saved import draw_saved

            return draw_saved(request)
        from ringcad.core.errors import ZoneTooNarrow
        from ringcad.generators.ornament.compose import compose_parts, render
        from ringcad.generators.ornament.fullness import filled
        from ringcad.generators.ornament.part import by_turns
        from ringcad.generators.ornament.placing import Scene, read_scene
        from ringcad.generators.ornament.program import asked
        from ringcad.generators.ornament.readable import readable_parts
        from ringcad.generators.ornament.scenery import read_scenery
        from ringcad.generators.ornament.staging import is_staged
        from ringcad.generators.ornament.stems import on_stems
        from ringcad.generators.ornament.text import Understanding, understand

        prompt, seed = request.prompt, request.seed
        scene = read_scenery(prompt, seed)
        meaning = scene or read_scene(prompt, seed) or understand(prompt, seed)

        def parts_of(found: Scene | Understanding) -> tuple[Part, ...]:
            parts = found.parts if isinstance(found, Scene) else scheme_parts(found.scheme, found.attributes)
            return on_stems(by_turns(parts, prompt), found.attributes, prompt)

        parts, told = readable_parts(parts_of(meaning), request, meaning.attributes)
        try:
            program, notes = compose_parts(request, parts, meaning.attributes, learned=True)
        except ZoneTooNarrow as error:
            if scene is None or not is_staged(parts):
                raise
            meaning = read_scene(prompt, seed) or understand(prompt, seed)
            parts, told = readable_parts(parts_of(meaning), request, meaning.attributes)
            try:
                program, notes = compose_parts(request, parts, meaning.attributes, learned=True)
            except ZoneTooNarrow:
                raise error from None  # the places that were asked for tell the width
            told = (*told, f"drawn in turns: the places asked for need a zone {error.least_width_mm:.1f} mm wide")
        program, grounded = filled(program, meaning.attributes, request.prompt, request.seed, request.depth_mm)
        return Relief(
            height=render(program, request.pixels_per_mm),
            length_mm=request.length_mm,
            width_mm=request.width_mm,
            understood=tuple(dict.fromkeys((*notes, *grounded, *told, *meaning.understood))),
            retrieved=meaning.retrieved,
            not_understood=meaning.not_understood,
            program=program.model_copy(
                update={"asked": asked(request.prompt, request.seed, meaning.attributes)}
            ).to_dict(),
            upright=program.has_writing,
        )

    def program_text(self, program: Mapping[str, Any]) -> str:
        """A program as YAML that explains itself."""
        from ringcad.generators.ornament.program_text import program_text

        return program_text(program)

    def program_schema(self) -> dict[str, Any]:
        """JSON Schema of the programs, for editors."""
        from ringcad.generators.ornament.program_text import program_schema

        return program_schema()


generator = OrnamentGenerator()
