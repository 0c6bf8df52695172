"""From a request and an understood prompt to a program, and from a program to heights."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast, get_args

import numpy as np

from ringcad.core.errors import InputError, ZoneTooNarrow
from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.ornament.arrange import Part, arrange, describe
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.captions import CAPTIONS
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.obeying import compared
from ringcad.generators.ornament.program import Program, program_from_dict
from ringcad.generators.ornament.registry import FAMILIES as ALL_FAMILIES
from ringcad.generators.ornament.scene import clear_edges, render
from ringcad.generators.ornament.schema import Band, BorderStyle, EndShape, Frame, LayerBase, is_simple
from ringcad.generators.ornament.surrounding import in_full
from ringcad.generators.ornament.telling import drawn_evenly, fewer_than_asked, not_shown, unasked

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
    slim = max(1.06 * request.min_stroke_mm, 0.085 * width)
    fixed = {"plain": min(slim, 0.55), "double": min(slim, 0.5), "none": request.min_stroke_mm}
    rail = fixed.get(style, min(max(1.1 * request.min_stroke_mm, 0.1 * width), 0.6))
    if width < 3.0:
        rail = request.min_stroke_mm * 1.05
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
    """Program of one family for a request and what was decided, in words.

    Raises ``InputError`` when nothing fits.
    """
    return compose_parts(request, (Part(family_name),), wish)


def compose_parts(
    request: GeneratorRequest, parts: Sequence[Part], wish: Attributes, learned: bool = False
) -> tuple[Program, tuple[str, ...]]:
    """Program of several families, each in its position. Raises ``InputError`` when one does not fit.

    ``learned``: what the families propose is then drawn anew by the trained sampler for the prompt's own words.
    """
    if not parts:
        raise InputError("decoration: name at least one family")
    for part in parts:
        if part.family not in ALL_FAMILIES:
            raise InputError(f"decoration: '{part.family}' is not one of {', '.join(sorted(ALL_FAMILIES))}")
    if not min(request.length_mm, request.width_mm, request.pixels_per_mm, request.min_stroke_mm) > 0.0:
        raise InputError("decoration: length, width, resolution and stroke must be positive")
    parts, wish = framed(request, parts, wish)
    styles = border_styles(request, parts, wish)
    layers, shape, parts, changed = _fitted_or_near(request, parts, wish, styles)
    room, style = make_room(shape), shape.frame.style
    if room.length < 4.0 * room.stroke:
        least = request.length_mm - room.length + 4.0 * room.stroke
        raise InputError(
            f"decoration: a zone {request.length_mm:.2f} mm long leaves no room inside a {style} border. "
            f"Smallest length: {least:.1f} mm"
        )
    if isinstance(layers, Part):
        raise _too_narrow(request, layers, parts, wish, styles)
    program = Program(band=shape.band, frame=shape.frame, layers=layers)
    if learned:
        from ringcad.generators.ornament.resampling import resampled

        program, _ = resampled(program, parts, wish, request.prompt, request.seed)
    names = " and ".join(dict.fromkeys(part.family for part in parts))
    notes = [f"family {names}", f"border {style}", *changed, *describe(program.layers)]
    notes += _taken_instead(program.layers, parts)
    notes += [*drawn_evenly(program, wish), *fewer_than_asked(program, wish)]
    if compared(wish):
        # The same parts with the same dice, as they are drawn when nothing is said of them.
        usual = [replace(part, wish=unasked(part.wish)) if part.wish else part for part in parts]
        plain, own = _fitted(request, usual, unasked(wish), style)
        if not isinstance(plain, Part):
            notes += not_shown(program, Program(band=own.band, frame=own.frame, layers=plain), wish)
    if len(parts) == 1 and any(map(is_simple, program.layers)):
        notes.append(
            f"{parts[0].family} drawn in its simple form: the band leaves {2 * room.half:.2f} mm between the borders"
            + (f" for {wish.rows} rows" if (wish.rows or 1) > 1 else "")
        )
    return program, tuple(dict.fromkeys(notes))


USUAL_BORDER: BorderStyle = "milgrain"
"""Border of a spec that says nothing about it."""
SMALLER = -1.0
"""Size tried where nothing was said about it and the usual one does not fit."""


def _taken_instead(layers: Sequence[LayerBase], parts: Sequence[Part]) -> list[str]:
    """What is said of parts in whose place another family is drawn."""
    drawn, asked = ([item.family for item in items] for items in (layers, parts))
    new = [name for name in dict.fromkeys(drawn) if name not in asked]
    gone = [name for name in dict.fromkeys(asked) if name not in drawn]
    return [f"{b} instead of {a}, which needs more width".replace("_", " ") for a, b in zip(gone, new, strict=False)]


FRAMES: dict[str, BorderStyle] = {"rope": "rope", "milgrain": "milgrain", "bead_row": "milgrain"}
"""Families that a frame can be made of."""
RING_WIDTH_MM = 7.0
"""Bands from this width have room for a ring round a figure."""


def framed(request: GeneratorRequest, parts: Sequence[Part], wish: Attributes) -> tuple[Sequence[Part], Attributes]:
    """Rope or beads about a figure on a slim band are the frame about all of it; else all stays as it is."""
    about = [part for part in parts if part.position == "around" and part.family in FRAMES]
    if not about or wish.border or request.width_mm >= RING_WIDTH_MM:
        return parts, wish
    rest = [part for part in parts if part.position != "around"]
    return (rest, replace(wish, border=FRAMES[about[0].family])) if rest else (parts, wish)


def border_styles(request: GeneratorRequest, parts: Sequence[Part], wish: Attributes) -> tuple[BorderStyle, ...]:
    """Borders to be tried, in order.

    What the prompt or the spec asks for is kept. The usual one, for which nobody asked, gives way to a plain line and
    to none where a theme does not fit, and a theme along the edges is a border by itself.
    """
    style = border_style(request.border)
    if wish.border:
        return (wish.border,)
    if style != USUAL_BORDER:
        return (style,)
    if any(part.position == "edges" for part in parts):
        return ("none",)
    # Rings stand out beside a quiet line.
    return ("plain", "none") if any(part.position == "around" for part in parts) else (style, "plain", "none")


def _in_full(layers: tuple[LayerBase, ...] | Part) -> bool:
    """Whether everything fits, and nothing of it in a simplified form."""
    return not isinstance(layers, Part) and all(in_full(layer) for layer in layers)


def _fitted_or_near(
    request: GeneratorRequest, parts: Sequence[Part], wish: Attributes, styles: Sequence[BorderStyle]
) -> tuple[tuple[LayerBase, ...] | Part, FrameShape, Sequence[Part], list[str]]:
    """Layers and frame of the parts as asked; else in their simple forms, of smaller elements, or of another family
    that the words mean.

    The last two are the parts drawn and what was changed, in words.
    """
    tried = [_fitted(request, parts, wish, style) for style in styles[:1]]
    while not _in_full(tried[-1][0]) and len(tried) < len(styles):
        tried.append(_fitted(request, parts, wish, styles[len(tried)]))
    whole = next((found for found in tried if _in_full(found[0])), None)
    found = whole or next((found for found in tried if not isinstance(found[0], Part)), None)
    if found is not None:
        return *found, parts, _less_border(styles[0], found[1])
    layers, shape = tried[-1]
    room = make_room(shape)
    if room.half <= 0.0 or room.length < 4.0 * room.stroke:
        return layers, shape, parts, []
    assert isinstance(layers, Part)
    near: list[tuple[Sequence[Part], Attributes, str]] = []
    if wish.large == 0.0:
        modest = [replace(p, wish=replace(p.wish, large=SMALLER)) if p.wish else p for p in parts]
        near.append((modest, replace(wish, large=SMALLER), "drawn small, to fit the width"))
    for name in layers.instead:
        swapped = [replace(p, family=name) if p.family == layers.family else p for p in parts]
        text = f"{name.replace('_', ' ')} instead of {layers.family.replace('_', ' ')}, which needs more width"
        near.append((swapped, wish, text))
    for others, asked, text in near:
        for style in styles:
            other, frame = _fitted(request, others, asked, style)
            if not isinstance(other, Part):
                return other, frame, others, [text, *_less_border(styles[0], frame)]
    return layers, shape, parts, []


def _less_border(style: BorderStyle, shape: FrameShape) -> list[str]:
    """What is said where the usual border gave way."""
    drawn = shape.frame.style
    if drawn == style:
        return []
    instead = "no border" if drawn == "none" else f"a {drawn} line"
    return [f"{instead} instead of the usual {style} border, so that the theme fits the width"]


def _fitted(
    request: GeneratorRequest, parts: Sequence[Part], wish: Attributes, style: BorderStyle
) -> tuple[tuple[LayerBase, ...] | Part, FrameShape]:
    """Layers in the frame that suits them: rows and panels want square ends, as do broad bands."""
    family = ALL_FAMILIES[parts[0].family]
    start, finish = (wish.end or family.start), (wish.end or family.finish)
    if wish.end is None and (len(parts) > 1 or request.width_mm > 0.36 * request.length_mm):
        start = finish = "square"
    shape = make_frame(request, style, start, finish)
    layers = _arranged(request, shape, parts, wish)
    if (
        wish.end is None
        and not isinstance(layers, Part)
        and len(layers) > 1
        and (start, finish) != ("square", "square")
    ):
        shape = make_frame(request, style, "square", "square")
        layers = _arranged(request, shape, parts, wish)
    return layers, shape


def _arranged(
    request: GeneratorRequest, shape: FrameShape, parts: Sequence[Part], wish: Attributes
) -> tuple[LayerBase, ...] | Part:
    room = make_room(shape)
    if room.half <= 0.0 or room.length < 4.0 * room.stroke:
        return parts[0]
    return arrange(room, parts, wish, random_generator(request.seed, request.prompt))


def _too_narrow(
    request: GeneratorRequest, part: Part, parts: Sequence[Part], wish: Attributes, styles: Sequence[BorderStyle]
) -> InputError:
    """What does not fit, with the smallest width (to 0.1 mm), the border or the family that would."""
    family = ALL_FAMILIES[part.family]
    name, style = part.family.replace("_", " "), styles[-1]

    def fits(width_mm: float, border: BorderStyle, parts: Sequence[Part] = parts) -> bool:
        found, _ = _fitted(replace(request, width_mm=width_mm), parts, wish, border)
        return not isinstance(found, Part)

    widths = [0.1 * k for k in range(10, 121) if 0.1 * k > request.width_mm]
    least = next((width for width in widths if fits(width, style)), None)
    border = "without a border" if style == "none" else f"with a {style} border"
    text = (
        f"decoration: '{name}' {border} does not fit a band {request.width_mm:.2f} mm wide "
        f"(strokes {request.min_stroke_mm:.2f}, gaps {request.min_gap_mm:.2f} mm)"
    )
    if least is not None:
        text += f". Smallest width: {least:.1f} mm"
    if style != "none" and fits(request.width_mm, "none"):
        text += ", or write 'no border'"
    smaller = [
        kin for kin in (*family.kin, "milgrain") if kin in ALL_FAMILIES and fits(request.width_mm, style, [Part(kin)])
    ]
    if smaller:
        text += f", or ask for {smaller[0].replace('_', ' ')}"
    return InputError(text) if least is None else ZoneTooNarrow(text, least)


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
    return Relief(height, request.length_mm, request.width_mm, program=parsed.to_dict(), upright=parsed.has_writing)


__all__ = [
    "ALL_FAMILIES",
    "FAMILIES",
    "Part",
    "border_style",
    "clear_edges",
    "compose",
    "compose_parts",
    "make_frame",
    "random_generator",
    "render",
    "render_program",
]
