"""From a request and an understood prompt to a program, and from a program to heights."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, cast, get_args

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.captions import CAPTIONS
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.program import Program, program_from_dict
from ringcad.generators.ornament.registry import FAMILIES as ALL_FAMILIES
from ringcad.generators.ornament.scene import clear_edges, render
from ringcad.generators.ornament.schema import Band, BorderStyle, EndShape, Frame

FAMILIES: dict[str, Family[Any]] = {name: ALL_FAMILIES[name] for name in CAPTIONS if name in ALL_FAMILIES}
"""Families that a prompt can name today: those of the grammar that have wordings."""


def random_generator(seed: int, prompt: str) -> np.random.Generator:
    """PCG64 keyed by the seed and the prompt's words, so that both change the drawing."""
    digest = hashlib.sha256(" ".join(prompt.lower().split()).encode()).digest()
    return np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, int.from_bytes(digest[:8], "big")]))


def border_style(name: str) -> BorderStyle:
    """A border's name as the frame knows it. Raises ``InputError`` for another."""
    styles = get_args(BorderStyle)
    if name not in styles:
        raise InputError(f"decoration.border: '{name}' is not one of {', '.join(styles)}")
    return cast(BorderStyle, name)


def make_frame(request: GeneratorRequest, style: BorderStyle, start: EndShape, finish: EndShape) -> FrameShape:
    """Frame sized for the band: rails as narrow as the strokes allow on slim bands."""
    width = request.width_mm
    slim = max(request.min_stroke_mm, 0.085 * width)
    rail = {"plain": min(slim, 0.55), "none": request.min_stroke_mm}.get(
        style, min(max(1.1 * request.min_stroke_mm, 0.1 * width), 0.6)
    )
    if width < 3.0:
        rail = request.min_stroke_mm * 1.04
    band = Band(
        length_mm=request.length_mm,
        width_mm=width,
        periodic=not request.both_ends_designed,
        stroke_mm=request.min_stroke_mm,
        gap_mm=request.min_gap_mm,
    )
    if start != "square" or finish != "square":
        # Curved ends need their length; a short zone is framed square.
        curved = 2.0 * 1.1 * 0.5 * width
        if band.length_mm < 1.15 * curved:
            start = finish = "square"
    corner = min(0.22 * width, 0.9, 0.2 * band.length_mm)
    pitch = rail * (0.98 if style == "milgrain" else 1.15)
    frame = Frame(
        style=style,
        rail_mm=round(rail, 5),
        start=start,
        finish=finish,
        corner_mm=round(corner, 5),
        pitch_mm=round(pitch, 5),
    )
    return FrameShape(band, frame)


def compose(request: GeneratorRequest, family_name: str, wish: Attributes) -> tuple[Program, tuple[str, ...]]:
    """Program for a request and what was decided, in words. Raises ``InputError`` when nothing fits."""
    family = ALL_FAMILIES[family_name]
    if not min(request.length_mm, request.width_mm, request.pixels_per_mm, request.min_stroke_mm) > 0.0:
        raise InputError("decoration: length, width, resolution and stroke must be positive")
    rng = random_generator(request.seed, request.prompt)
    style = wish.border or border_style(request.border)
    shape = make_frame(request, style, wish.end or family.start, wish.end or family.finish)
    room = make_room(shape)
    if room.length < 4.0 * room.stroke:
        least = request.length_mm - room.length + 4.0 * room.stroke
        raise InputError(
            f"decoration: a zone {request.length_mm:.2f} mm long leaves no room inside a {style} border. "
            f"Smallest length: {least:.1f} mm"
        )
    layer = family.propose(room, wish, rng)
    if layer is None:
        raise InputError(_too_narrow(request, family, wish, style))
    program = Program(band=shape.band, frame=shape.frame, layers=(layer,))
    notes = [f"family {family_name}", f"border {style}"]
    if getattr(layer, "form", "full") == "simple":
        notes.append(
            f"{family_name} drawn in its simple form: the band leaves {2 * room.half:.2f} mm between the borders"
        )
    return program, tuple(notes)


def _too_narrow(request: GeneratorRequest, family: Family[Any], wish: Attributes, style: BorderStyle) -> str:
    """What does not fit, with the smallest width (to 0.1 mm) and the border that would."""
    name = family.name.replace("_", " ")
    rng = random_generator(request.seed, request.prompt)

    def fits(width_mm: float, border: BorderStyle) -> bool:
        shape = make_frame(replace(request, width_mm=width_mm), border, family.start, family.finish)
        return family.propose(make_room(shape), wish, rng) is not None

    widths = [0.1 * k for k in range(10, 121) if 0.1 * k > request.width_mm]
    least = next((width for width in widths if fits(width, style)), None)
    text = (
        f"decoration: '{name}' with a {style} border does not fit a band {request.width_mm:.2f} mm wide "
        f"(strokes {request.min_stroke_mm:g}, gaps {request.min_gap_mm:g} mm)"
    )
    if least is not None:
        text += f". Smallest width: {least:.1f} mm"
    if style != "none" and fits(request.width_mm, "none"):
        text += ", or write 'no border'"
    return text


def render_program(program: dict[str, Any], request: GeneratorRequest) -> Relief:
    """Redraw a stored program; identical to the relief that it was stored with at the same resolution.

    Raises ``InputError`` when the program is not valid or was made for a band of another size.
    """
    parsed = program_from_dict(program)
    for name, mine, asked in (
        ("length", parsed.band.length_mm, request.length_mm),
        ("width", parsed.band.width_mm, request.width_mm),
    ):
        if abs(mine - asked) > 1e-6:
            raise InputError(
                f"ornament program: made for a band of {name} {mine:g} mm, asked for {asked:g} mm. Generate it again"
            )
    height = render(parsed, request.pixels_per_mm)
    return Relief(height, request.length_mm, request.width_mm, program=parsed.to_dict())


__all__ = [
    "FAMILIES",
    "border_style",
    "clear_edges",
    "compose",
    "make_frame",
    "random_generator",
    "render",
    "render_program",
]
